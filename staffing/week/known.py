"""What is known when a week is planned: history up to its lead, and last week's shifts."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Hashable, Iterator
from typing import Any

import pandas as pd

from staffing import calendar
from staffing.errors import DataError, Problem
from staffing.site import Site

WEEKS_AHEAD = 8


def split(site: Site, start: dt.date, days: int) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """What is known when the roster is published, and what came in the week itself."""
    known_until = calendar.at(_published(start, site.lead_days), 0, site.timezone)
    begin = calendar.at(start, 0, site.timezone)
    end = calendar.at(start + dt.timedelta(days=days), 0, site.timezone)
    when = site.history["interval"]
    past = site.history[when < known_until]
    if past.empty:
        raise DataError(
            [
                Problem(
                    f"the history begins on {when.min():%Y-%m-%d}, after {known_until:%Y-%m-%d}, "
                    f"{site.lead_days} days before the week",
                    "give earlier history, a later week, or fewer lead_days",
                )
            ]
        )
    actual = site.history[(when >= begin) & (when < end)]
    return past, None if actual.empty else actual


def last_week(previous: pd.DataFrame, start: dt.date) -> tuple[pd.DataFrame, list[str]]:
    """The shifts before a week that count for it, and what must be said of the others.

    They count where the last of them lies in the seven days before the week: then they are the week before.

    Parameters
    ----------
    previous : pandas.DataFrame
        ASSIGNMENTS.
    start : datetime.date
        First day of the planned week.

    Returns
    -------
    pandas.DataFrame
        Those before the week; without rows where they end more than a week before it.
    list of str
        Sentences for the planner.

    Examples
    --------
    >>> days = pd.DataFrame({"date": pd.to_datetime(["2026-11-20", "2026-11-30"])})
    >>> kept, said = last_week(days, dt.date(2026, 11, 30))
    >>> len(kept), said[0]
    (0, "1 shift of last week's lies in the planned week or after it: it does not count.")
    """
    alone = "Rest, days in a row and alternating weeks are counted from this week alone."
    if previous.empty:
        return previous, [f"No shifts of last week are given. {alone}"]
    before = previous[previous["date"] < pd.Timestamp(start)]
    later, said = len(previous) - len(before), []
    if later:
        what = "1 shift of last week's lies" if later == 1 else f"{later} shifts of last week's lie"
        it = "it does" if later == 1 else "they do"
        said.append(f"{what} in the planned week or after it: {it} not count.")
    if before.empty:
        return before, [*said, alone]
    ends = before["date"].max().date()
    if ends < start - dt.timedelta(days=7):
        apart = f"{(start - ends).days} days before this week"
        said.append(f"Last week's shifts end on {ends}, {apart}: they do not count. {alone}")
        return before.iloc[:0], said
    return before, said


def ahead(past: pd.DataFrame, start: dt.date, lead_days: int) -> list[str]:
    """How far ahead of what is known a week is planned.

    Parameters
    ----------
    past : pandas.DataFrame
        HISTORY up to the lead time.
    start : datetime.date
        First day of the planned week.
    lead_days : int
        How long before its first day the roster is published. [days]

    Returns
    -------
    list of str
        The lead, queues whose history ends more than a week before it, and a warning beyond 8 weeks.

    Examples
    --------
    >>> known = pd.DataFrame({"queue": "calls", "interval": pd.to_datetime(["2026-09-01 09:00"], utc=True)})
    >>> ahead(known, dt.date(2026, 11, 30), 14)[1]
    'The history of calls ends on 2026-09-01, 75 days before the lead of 14 days begins.'
    """
    said = [f"Planned with {lead_days} days' lead: nothing from {_published(start, lead_days)} on was known."]
    ends = past.groupby("queue", sort=True)["interval"].max().dt.date
    for queue, last in ends.items():
        missing = (_published(start, lead_days) - last).days - 1
        if missing > 7:
            lead = f"{missing} days before the lead of {lead_days} days begins"
            said.append(f"The history of {queue} ends on {last}, {lead}.")
        if (start - last).days > 7 * WEEKS_AHEAD:
            weeks = (start - last).days // 7
            said.append(
                f"The week lies {weeks} weeks beyond the history of {queue}: take its forecast with care."
            )
    return said


def leave(site: Site, opening: calendar.Calendar, start: dt.date, days: int) -> pd.DataFrame:
    """TIMEOFF whose credit falls into each week as its days can be worked.

    A sick note over a weekend on which the team is closed credits Friday and Monday. Where a row crosses the
    border of a planned week and has days on which the agent's team is closed, it becomes a row for each
    stretch of open and of closed days: the credit is spread evenly over the open ones.

    Parameters
    ----------
    site : Site
        With its list of time off.
    opening : Calendar
        When each queue is worked on.
    start : datetime.date
        First day of the planned weeks.
    days : int
        Days planned.

    Returns
    -------
    pandas.DataFrame
        TIMEOFF.
    """
    borders = [pd.Timestamp(start) + pd.Timedelta(days=number) for number in range(0, days + 1, 7)]
    team = dict(zip(site.agents["agent"], site.agents["team"], strict=True))
    rows: list[dict[Hashable, Any]] = []
    for row in site.timeoff.to_dict("records"):
        if any(row["start"] < border <= row["end"] for border in borders):
            rows += _by_stretch(row, _open_dates(site, opening, team.get(row["agent"]), row))
        else:
            rows.append(row)
    table = pd.DataFrame(rows, columns=site.timeoff.columns)
    return table.astype(site.timeoff.dtypes.to_dict())


def _open_dates(
    site: Site, opening: calendar.Calendar, team: str | None, row: dict[Hashable, Any]
) -> set[pd.Timestamp]:
    """Dates of a row of time off on which a queue of the team is open."""
    length = (row["end"] - row["start"]).days + 1
    found: set[pd.Timestamp] = set()
    for queue in site.queues:
        if queue.team == team:
            times = opening.slots(queue.name, row["start"].date(), length, site.interval, site.timezone)
            found |= set(times.tz_localize(None).normalize())
    return found


def _by_stretch(row: dict[Hashable, Any], opened: set[pd.Timestamp]) -> Iterator[dict[Hashable, Any]]:
    """A row for each stretch of open and of closed days; a row of closed days alone stays as it is."""
    dates = pd.date_range(row["start"], row["end"])
    count = sum(date in opened for date in dates)
    if count in (0, len(dates)):
        yield row
        return
    for is_open, run in itertools.groupby(dates, key=opened.__contains__):
        stretch = list(run)
        credit = row["credit_hours"] * len(stretch) / count if is_open else 0.0
        yield {**row, "start": stretch[0], "end": stretch[-1], "credit_hours": credit}


def _published(start: dt.date, lead_days: int) -> dt.date:
    return start - dt.timedelta(days=lead_days)
