"""What the tables say of a person and a day: the week, last week, leave, wishes, and the half hours there."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from staffing import verify
from staffing.model import parts
from staffing.tables import ASSIGNMENTS, absence_code, interval_minutes
from staffing.verify.pricing import DEFAULT_WISH, so_far

OFF, WEEK = "OFF", 7


def facts(
    assignments: pd.DataFrame, segments: pd.DataFrame, agent: str, date: dt.date, given: Mapping[str, Any]
) -> list[str]:
    """What stands about a person and a day, in words, before anything is planned again.

    Parameters
    ----------
    assignments, segments : pandas.DataFrame
        ASSIGNMENTS and SEGMENTS of the roster that stands.
    agent : str
        Of whom.
    date : datetime.date
        Which day.
    given : dict
        What `staffing.roster.assign` was given.

    Returns
    -------
    list of str
        The week; last week; leave; what was asked for and whether it is granted; the half hours of that day.
    """
    first = pd.Timestamp(given.get("start") or given["demand"]["interval"].min().date())
    week = [first + pd.Timedelta(days=number) for number in range(int(given.get("days", WEEK)))]
    own = assignments[assignments["agent"] == agent].set_index("date")["shift"]
    day = pd.Timestamp(date)
    return [
        *(f"{name}: {_days(run, own, _away(agent, given))}" for name, run in _weeks(week)),
        *_last_week(agent, first, given),
        *_leave(agent, day, given),
        *_wishes(assignments, agent, day, given),
        *_half_hours(assignments, segments, agent, day, given),
    ]


def _away(agent: str, given: Mapping[str, Any]) -> dict[pd.Timestamp, str]:
    """Days of leave with their code."""
    table = given.get("timeoff")
    rows: list[Any] = [] if table is None else list(table[table["agent"] == agent].itertuples())
    return {day: absence_code(row.kind) for row in rows for day in pd.date_range(row.start, row.end)}


def _weeks(days: list[pd.Timestamp]) -> Iterator[tuple[str, list[pd.Timestamp]]]:
    """The planned days by the week, each with its name."""
    for at in range(0, len(days), WEEK):
        run = days[at : at + WEEK]
        yield "this week" if len(days) <= WEEK else f"week of {run[0]:%Y-%m-%d}", run


def _days(week: list[pd.Timestamp], own: pd.Series, away: Mapping[pd.Timestamp, str]) -> str:
    """Runs of days: Mon-Wed early, Thu OFF, Fri AL."""
    said = []
    for shift, run in itertools.groupby(week, key=lambda day: own.get(day, away.get(day, OFF))):
        days = list(run)
        span = f"{days[0]:%a}" if len(days) == 1 else f"{days[0]:%a}-{days[-1]:%a}"
        said.append(f"{span} {shift}")
    return ", ".join(said)


def _last_week(agent: str, first: pd.Timestamp, given: Mapping[str, Any]) -> Iterator[str]:
    """What the week before leaves: its shifts, the days in a row, the late shifts so far."""
    table = given.get("previous")
    before = (ASSIGNMENTS.empty() if table is None else table).query("date < @first")
    own = before[before["agent"] == agent]
    if own.empty:
        return
    counts = own.loc[own["date"] >= first - pd.Timedelta(days=WEEK), "shift"].value_counts().sort_index()
    worked, run = set(own["date"]), 0
    while first - pd.Timedelta(days=run + 1) in worked:
        run += 1
    row = f"; {run} day{'s' * (run != 1)} in a row up to its end" if run else ""
    shifts = ", ".join(f"{count} {shift}" for shift, count in counts.items())
    yield f"last week: {shifts or 'no shift'}{row}"
    agents = given["agents"]
    team = agents.loc[agents["agent"] == agent, "team"].item()
    mates = agents.loc[agents["team"] == team, "agent"]
    lates = so_far(before, "fair_lates").reindex(mates, fill_value=0.0)
    if lates.any():
        yield f"late shifts before this week: {lates[agent]:g}, the mean of {team}: {lates.mean():.1f}"


def _leave(agent: str, day: pd.Timestamp, given: Mapping[str, Any]) -> Iterator[str]:
    """The stretch of leave around a day, whatever rows it is made of."""
    away, one = _away(agent, given), pd.Timedelta(days=1)
    if day not in away:
        return
    start = end = day
    while away.get(start - one) == away[day]:
        start -= one
    while away.get(end + one) == away[day]:
        end += one
    yield f"on leave from {start:%a %Y-%m-%d} to {end:%a %Y-%m-%d} ({away[day]})"


def _wishes(
    assignments: pd.DataFrame, agent: str, day: pd.Timestamp, given: Mapping[str, Any]
) -> Iterator[str]:
    """Requests for that day, and whether they are granted; on a day of leave a wish asks nothing."""
    requests = given.get("requests")
    if requests is None:
        return
    own = assignments[assignments["agent"] == agent]
    on_leave = day in _away(agent, given)
    row: Any
    for at, row in zip(requests.index, requests.itertuples(), strict=True):
        asks = row.start <= day <= row.end and day.weekday() in parts.weekdays(parts.cell(row, "weekdays"))
        if row.agent != agent or not asks:
            continue
        hours = parts.cell(row, "hours")
        what = " ".join(filter(None, (row.kind, row.shift, f"({hours})" if hours else "")))
        if row.kind in ("lock", "forbid"):
            yield f"asked for: {what} (hard)"
        elif on_leave:
            yield f"asked for: {what}: nothing, on a day of leave"
        else:
            price = getattr(row, "price", DEFAULT_WISH)
            worth = f"at a price of {DEFAULT_WISH if pd.isna(price) else price:g}"
            lost = len(verify.wishes(own, requests.loc[[at]], start=day.date(), days=1))
            yield f"asked for: {what}, {worth}: {'not granted' if lost else 'granted'}"


def _half_hours(
    assignments: pd.DataFrame, segments: pd.DataFrame, agent: str, day: pd.Timestamp, given: Mapping[str, Any]
) -> Iterator[str]:
    """How the queues of the person's team stand that day, and while the person is on the queue."""
    demand = given["demand"]
    agents = given["agents"]
    team = agents.loc[agents["agent"] == agent, "team"].item()
    here = demand[(demand["team"] == team) & (demand["interval"].dt.tz_localize(None).dt.normalize() == day)]
    if here.empty:
        yield f"{team} is closed on that day"
        return
    gaps = verify.gaps(segments, demand).loc[here.index]
    share = interval_minutes(demand) / 30.0
    at_work = assignments[(assignments["team"] == team) & (assignments["date"] == day)]
    mine = segments[(segments["agent"] == agent) & (segments["activity"] == "queue")]
    length = pd.Timedelta(minutes=interval_minutes(demand))
    for queue, rows in gaps.groupby("queue", sort=True):
        own = mine[mine["queue"] == queue]
        serves = np.array(
            [((own["start"] < begin + length) & (own["end"] > begin)).any() for begin in rows["interval"]]
        )
        said = f"{queue} that day: {_short_and_over(rows['gap'].to_numpy(), share)}"
        if serves.any():
            said += f"; while {agent} is on it: {_short_and_over(rows['gap'].to_numpy()[serves], share)}"
        yield said
    yield f"{len(at_work)} of {int((agents['team'] == team).sum())} of {team} work that day"


def _short_and_over(gap: np.ndarray, share: float) -> str:
    short, over = np.maximum(-gap, 0.0).sum() * share, np.maximum(gap, 0.0).sum() * share
    return f"{short:g} agent-half-hours short, {over:g} to spare"
