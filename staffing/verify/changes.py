"""Two rosters side by side: whose days changed and why, and in which half hours."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from staffing.tables import AGENTS, ASSIGNMENTS, PLAN, check, interval_minutes
from staffing.verify import facts
from staffing.verify.presence import gaps

OFF = "OFF"
Day = tuple[str, pd.Timestamp]


def diff(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Whose day changed from one roster to another.

    Parameters
    ----------
    before, after : pandas.DataFrame
        Two tables of the contract ASSIGNMENTS.

    Returns
    -------
    pandas.DataFrame
        agent, date, before, after: the shift and its hours in words, ``OFF`` without one; the team too
        where it changed. Sorted by agent and date.

    Raises
    ------
    DataError
        Where a table has not the form of its contract.

    Examples
    --------
    >>> at = lambda hour: pd.to_datetime([f"2026-11-30 {hour}:00"]).tz_localize("Asia/Seoul").as_unit("us")
    >>> day = pd.DataFrame({"agent": ["007"], "date": pd.to_datetime(["2026-11-30"]).as_unit("us"),
    ...                     "team": ["sales"], "shift": ["early"], "start": at("09"), "end": at("18"),
    ...                     "paid_hours": [8.0]})
    >>> diff(day, day.iloc[:0])[["before", "after"]].to_numpy().tolist()
    [['early 09:00-18:00', 'OFF']]
    """
    was, now = _by_day(before), _by_day(after)
    rows = []
    for agent, date in sorted(was.keys() | now.keys()):
        old, new = was.get((agent, date)), now.get((agent, date))
        if old is None or new is None:
            rows.append((agent, date, in_words(old), in_words(new)))
        elif old.team != new.team:
            rows.append((agent, date, f"{old.team} {in_words(old)}", f"{new.team} {in_words(new)}"))
        elif (old.shift, old.start, old.end) != (new.shift, new.start, new.end):
            rows.append((agent, date, in_words(old), in_words(new)))
    table = pd.DataFrame(rows, columns=["agent", "date", "before", "after"])
    return table.astype({"agent": "str", "date": "datetime64[us]", "before": "str", "after": "str"})


def _by_day(table: pd.DataFrame) -> dict[Day, Any]:
    return {(row.agent, row.date): row for row in facts.rows(check(table, ASSIGNMENTS))}


def in_words(row: Any) -> str:
    """A day of work by its shift and hours, ``OFF`` where there is none."""
    if row is None:
        return OFF
    hours = facts.span(row.start, row.end)
    # Hours that are no shift of the team are their own name.
    return hours if row.shift == hours else f"{row.shift} {hours}"


def changes(
    before: pd.DataFrame,
    after: pd.DataFrame,
    segments: pd.DataFrame,
    requirement: pd.DataFrame,
    agents: pd.DataFrame,
    *,
    kept: pd.DataFrame | None = None,
    timeoff: pd.DataFrame | None = None,
    requests: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Whose day changed, by name, and what for.

    Parameters
    ----------
    before, after : pandas.DataFrame
        ASSIGNMENTS.
    segments : pandas.DataFrame
        SEGMENTS of ``after``.
    requirement : pandas.DataFrame
        REQUIREMENT, or PLAN.
    agents : pandas.DataFrame
        AGENTS.
    kept : pandas.DataFrame, optional
        SEGMENTS of ``before``, to see what a day that is free now leaves short.
    timeoff, requests : pandas.DataFrame, optional
        TIMEOFF and REQUESTS as they are now.

    Returns
    -------
    pandas.DataFrame
        agent, name, date, before, after (as in `diff`), why: leave, the dates of employment, a hard request;
        else a wish granted, the short agent-half-hours that the day's work covers or its absence leaves, or
        the day for which it is exchanged.

    Raises
    ------
    DataError
        Where a table has not the form of its contract.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul", unit="us")
    >>> need = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "load": 0.5, "agents": 1.0,
    ...                      "scheduled": 1.0})
    >>> people = pd.DataFrame({"agent": ["006", "007"], "name": ["Amina", "김민지"], "team": "care",
    ...                        "contract": "full", "hours_week": 1.0})
    >>> day = pd.to_datetime(["2026-11-30"]).as_unit("us")
    >>> one = pd.DataFrame({"agent": ["006"], "date": day, "team": "care", "shift": "early",
    ...                     "start": times[:1], "end": times[:1] + pd.Timedelta("1h"), "paid_hours": 1.0})
    >>> other = one.assign(agent="007")
    >>> work = other[["agent", "start", "end"]].assign(activity="queue", queue="calls", paid=True)
    >>> sick = pd.DataFrame({"agent": ["006"], "start": day, "end": day, "kind": "SICK", "credit_hours": 1.0})
    >>> told = changes(one, other, work, need, people, timeoff=sick)
    >>> told[["name", "before", "after", "why"]].to_numpy().tolist()
    ... # doctest: +NORMALIZE_WHITESPACE
    [['Amina', 'early 09:00-10:00', 'OFF', 'on leave'],
     ['김민지', 'OFF', 'early 09:00-10:00', 'covers 2 short agent-half-hours']]
    """
    table = diff(before, after)
    people = {row.agent: row for row in facts.rows(check(agents, AGENTS))}
    away, _ = facts.time_off(timeoff)
    was, now = _by_day(before), _by_day(after)
    covered: _Cover | _Heads
    left: _Cover | _Heads
    if "shift" in requirement.columns and "interval" not in requirement.columns:
        covered = left = _Heads(after, requirement)
    else:
        covered = _Cover(segments, requirement)
        left = _Cover(segments if kept is None else kept, requirement, gaps_of=segments)
    others: dict[str, list[pd.Timestamp]] = {}
    for row in facts.rows(table):
        others.setdefault(row.agent, []).append(row.date)
    why = []
    for row in facts.rows(table):
        day, old, new = row.date.toordinal(), was.get((row.agent, row.date)), now.get((row.agent, row.date))
        first, last = facts.employed(people[row.agent]) if row.agent in people else (math.inf, -math.inf)
        swapped = [date for date in others[row.agent] if ((row.agent, date) in now) == (new is None)]
        if new is None and day in away.get(row.agent, {}):
            why.append("on leave")
        elif new is None and not first <= day <= last:
            why.append("not employed")
        elif asked := _asked_for(requests, row.agent, row.date, old, new, hard=True):
            why.append(asked)
        else:
            told = [_asked_for(requests, row.agent, row.date, old, new, hard=False)]
            saved = 0.0 if new is None else covered.by(row.agent, new)
            lost = 0.0 if new is not None or kept is None else left.without(row.agent, old)
            told.append(f"covers {saved:.4g} short agent-half-hours" if saved > facts.SMALL else "")
            one_day = swapped and (old is None or new is None) and saved <= facts.SMALL
            told.append(f"in exchange for {facts.named(swapped[0].toordinal())}" if one_day else "")
            told.append(f"leaves {lost:.4g} short agent-half-hours" if lost > facts.SMALL else "")
            why.append("; ".join(filter(None, told)) or _without_cause(old, new))
    names = [people[agent].name if agent in people else "" for agent in table["agent"]]
    table.insert(1, "name", pd.Series(names, dtype="str"))
    return table.assign(why=pd.Series(why, dtype="str"))


def _without_cause(old: Any, new: Any) -> str:
    """A change that nothing in the tables asks for."""
    if new is None:
        return "can be spared"
    return "covers nothing that was short" if old is None else "goes with the week's other days"


def _asked_for(
    requests: pd.DataFrame | None, agent: str, date: pd.Timestamp, old: Any, new: Any, *, hard: bool
) -> str:
    """The request that the day before broke and the one after keeps."""
    if requests is None or requests.empty:
        return ""
    kinds = ("lock", "forbid") if hard else ("want", "avoid")
    for row in facts.rows(requests[requests["agent"] == agent]):
        if row.kind in kinds:
            ask, day = facts.ask_of(row), date.toordinal()
            zones = [str(work.start.tz) for work in (old, new) if work is not None]
            was, now = (work is not None and ask.meant(day, work, zones[0]) for work in (old, new))
            if was != now and now == (row.kind == kinds[0]):
                return f"{'asked for' if hard else 'wish granted'}: {row.kind} {row.shift}".rstrip()
    return ""


class _Cover:
    """What the work of one person adds to half hours that would be short without it, or are."""

    def __init__(
        self, segments: pd.DataFrame, requirement: pd.DataFrame, *, gaps_of: pd.DataFrame | None = None
    ) -> None:
        self.gaps = gaps(segments if gaps_of is None else gaps_of, requirement)
        self.hours = interval_minutes(requirement) / 60.0
        serving = segments[segments["activity"] == "queue"]
        self.of = {str(agent): rows for agent, rows in serving.groupby("agent", sort=False)}

    def by(self, agent: str, work: Any) -> float:
        """Short agent-half-hours that a day's work covers."""
        return self._sum(agent, work, lambda given, gap: np.maximum(given - gap, 0.0) - np.maximum(-gap, 0.0))

    def without(self, agent: str, work: Any) -> float:
        """Short agent-half-hours where a day's work is missing."""
        return self._sum(agent, work, lambda given, gap: np.minimum(given, np.maximum(-gap, 0.0)))

    def _sum(self, agent: str, work: Any, short: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> float:
        own = self.of.get(agent)
        if own is None:
            return 0.0
        length = pd.Timedelta(hours=self.hours)
        saved = 0.0
        for part in facts.rows(own[(own["start"] >= work.start) & (own["end"] <= work.end)]):
            here = self.gaps[self.gaps["queue"] == part.queue]
            begin = here["interval"]
            share = (
                np.minimum(begin + length, part.end) - np.maximum(begin, part.start)
            ) / length  # negative where they do not meet
            given = np.clip(share.to_numpy(dtype=float), 0.0, None)
            gap = here["gap"].to_numpy(dtype=float)
            saved += float(short(given, gap).sum())
        return saved * self.hours * 2.0


class _Heads:
    """What one person adds to shifts that would be short without her or him, or are."""

    def __init__(self, assignments: pd.DataFrame, plan: pd.DataFrame) -> None:
        key = ["team", "date", "shift"]
        self.need = check(plan, PLAN).set_index(key)["agents"].to_dict()
        self.there = assignments.groupby(key).size().to_dict()

    def by(self, agent: str, work: Any) -> float:
        """Short agent-half-hours that a day's work covers, for as long as it is paid."""
        return self._share(work, 1.0) * 2.0 * float(work.paid_hours)

    def without(self, agent: str, work: Any) -> float:
        """Short agent-half-hours where a day's work is missing."""
        return self._share(work, 0.0) * 2.0 * float(work.paid_hours)

    def _share(self, work: Any, own: float) -> float:
        """Of one person, what the shift lacks without her or him."""
        key = work.team, work.date, work.shift
        return min(max(self.need.get(key, 0.0) - (self.there.get(key, 0) - own), 0.0), 1.0)


def diff_gaps(before: pd.DataFrame, after: pd.DataFrame, requirement: pd.DataFrame) -> pd.DataFrame:
    """Half hours in which another number of people is on the queue.

    Parameters
    ----------
    before, after : pandas.DataFrame
        SEGMENTS of two rosters.
    requirement : pandas.DataFrame
        REQUIREMENT of both.

    Returns
    -------
    pandas.DataFrame
        queue, interval, scheduled, before, after (the gap of each), change; in the order of the requirement.

    Raises
    ------
    DataError
        Where a table has not the form of its contract.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul", unit="us")
    >>> need = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "load": 0.5, "agents": 1.0,
    ...                      "scheduled": 1.0})
    >>> work = pd.DataFrame({"agent": ["007"], "start": times[:1], "end": times[1:], "activity": "queue",
    ...                      "queue": "calls", "paid": True})
    >>> diff_gaps(work.iloc[:0], work, need)[["before", "after", "change"]].to_numpy().tolist()
    [[-1.0, 0.0, 1.0]]
    """
    table = gaps(before, requirement)[["queue", "interval", "scheduled", "gap"]]
    table = table.rename(columns={"gap": "before"}).assign(after=gaps(after, requirement)["gap"])
    table["change"] = (table["after"] - table["before"]).round(9)
    return table[table["change"].abs() > facts.SMALL].reset_index(drop=True)
