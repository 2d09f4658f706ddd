"""What people do within their shifts, and what that makes on the queues: segments alone are believed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from staffing.model import Shift
from staffing.tables import COVERAGE, REQUIREMENT, SEGMENTS, check, interval_minutes
from staffing.verify.facts import SMALL, Broken, Person, Work, clock, hours_of, loose, rows, span

ACTIVITIES = ("queue", "break", "lunch", "meeting", "training", "one_to_one", "deferrable")
EPOCH = pd.Timestamp(0, tz="UTC")


class Segment(NamedTuple):
    """One stretch of one person's time."""

    start: pd.Timestamp
    end: pd.Timestamp
    activity: str
    queue: str
    paid: bool


def gaps(segments: pd.DataFrame, requirement: pd.DataFrame) -> pd.DataFrame:
    """People on the queue less people scheduled, counted from the segments themselves.

    Parameters
    ----------
    segments : pandas.DataFrame
        SEGMENTS.
    requirement : pandas.DataFrame
        REQUIREMENT.

    Returns
    -------
    pandas.DataFrame
        queue, interval, scheduled, staffed (half an interval counts half), gap, in the order of the
        requirement.

    Raises
    ------
    DataError
        Where a table has not the form of its contract.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> need = pd.DataFrame({"queue": "calls", "team": "sales", "interval": times, "load": 0.5,
    ...                      "agents": 1.0, "scheduled": 1.0})
    >>> work = pd.DataFrame({"agent": ["007"], "start": times[:1], "activity": ["queue"],
    ...                      "end": times[1:] + pd.Timedelta("15min"), "queue": ["calls"], "paid": [True]})
    >>> gaps(work, need)["gap"].tolist()
    [0.0, -0.5]
    """
    loose(segments, SEGMENTS)
    table = check(requirement, REQUIREMENT)[["queue", "interval", "scheduled"]].reset_index(drop=True)
    staffed = np.zeros(len(table))
    serving = segments[segments["activity"] == "queue"]
    if len(serving) and len(table):
        length = interval_minutes(requirement) * 60_000_000
        for queue in sorted(set(table["queue"])):
            here = np.flatnonzero((table["queue"] == queue).to_numpy())
            begins = _microseconds(table["interval"].iloc[here])
            given = _given_until(serving[serving["queue"] == queue], begins.min())
            begins = begins - begins.min()
            staffed[here] = (given(begins + length) - given(begins)) / length
    table["staffed"] = staffed
    table["gap"] = staffed - table["scheduled"].to_numpy(dtype=float)
    return table


def _given_until(segments: pd.DataFrame, origin: np.int64) -> Callable[[np.ndarray], np.ndarray]:
    """A function of time: all the time that the segments have given before it. [us]"""
    begins = np.sort(_microseconds(segments["start"]) - origin)
    ends = np.sort(_microseconds(segments["end"]) - origin)

    def since(moments: np.ndarray, times: np.ndarray) -> np.ndarray:
        count = np.searchsorted(moments, times)
        return count * times - np.concatenate([[0], np.cumsum(moments)])[count]

    return lambda times: since(begins, times) - since(ends, times)


def _microseconds(times: pd.Series) -> np.ndarray:
    return times.dt.tz_convert("UTC").dt.as_unit("us").astype("int64").to_numpy()


def opened(people: list[Person], requirement: pd.DataFrame) -> dict[str, frozenset[tuple[int, str]]]:
    """Agent -> the days and shifts in which one of the agent's queues has a row in the requirement."""
    if requirement.empty:
        return {person.agent: frozenset() for person in people}
    length = interval_minutes(requirement) * 60_000_000
    begins = {
        queue: np.sort(_microseconds(requirement.loc[requirement["queue"] == queue, "interval"]))
        for queue in sorted(set(requirement["queue"]))
    }
    found: dict[tuple[str, frozenset[str]], frozenset[tuple[int, str]]] = {}
    for person in people:
        key = (person.team, person.queues)
        if key not in found:
            found[key] = frozenset(
                (day, shift.name)
                for day in range(person.first, person.last + 1)
                for shift in person.templates.values()
                if _meets(hours_of(shift, day, person.timezone), begins, person.queues, length)
            )
    return {person.agent: found[person.team, person.queues] for person in people}


def in_plan(people: list[Person], plan: pd.DataFrame) -> dict[str, frozenset[tuple[int, str]]]:
    """Agent -> the days and shifts of the own team that a PLAN has."""
    of_team: dict[str, set[tuple[int, str]]] = {}
    for row in rows(plan):
        of_team.setdefault(row.team, set()).add((row.date.toordinal(), row.shift))
    return {person.agent: frozenset(of_team.get(person.team, ())) for person in people}


def _meets(
    hours: tuple[pd.Timestamp, pd.Timestamp],
    begins: Mapping[str, np.ndarray],
    queues: frozenset[str],
    length: int,
) -> bool:
    start, end = (int((time - EPOCH) // pd.Timedelta(microseconds=1)) for time in hours)
    return any(
        np.searchsorted(begins[queue], start - length, side="right") < np.searchsorted(begins[queue], end)
        for queue in queues & begins.keys()
    )


def recount(coverage: pd.DataFrame, counted: pd.DataFrame) -> Iterator[Broken]:
    """Totals of a coverage table that the segments do not bear out."""
    zone = str(counted["interval"].dt.tz)
    told = check(coverage, COVERAGE)[["queue", "interval", "scheduled", "staffed", "gap"]]
    told = told.assign(interval=told["interval"].dt.tz_convert(zone))
    both = counted.merge(told, on=["queue", "interval"], how="outer", suffixes=("", "_told"), indicator=True)
    for row in rows(both.rename(columns={"_merge": "side"})):
        day, where = row.interval.toordinal(), f"{row.queue} at {clock(row.interval)}"
        if row.side != "both":
            missing = "coverage" if row.side == "left_only" else "requirement"
            yield "", day, "coverage", f"{where} is missing in the {missing}"
            continue
        for name in ("scheduled", "staffed", "gap"):
            said, found = getattr(row, f"{name}_told"), getattr(row, name)
            if abs(said - found) > SMALL:
                yield "", day, "coverage", f"{where}: {name} is {said:g}, counted {found:g}"


def in_shifts(
    people: list[Person],
    segments: pd.DataFrame,
    queues: frozenset[str],
    passed_over: Mapping[str, list[tuple[pd.Timestamp, pd.Timestamp]]],
    screens: Mapping[str, float],
) -> Iterator[Broken]:
    """Every segment in its shift, every shift full, breaks as due, queues as skilled, nobody in two places.

    ``screens`` holds each team's longest time on the screen [h]; ``passed_over`` shifts that another rule
    has named already: their segments are no strays.
    """
    parts: dict[str, list[Segment]] = {}
    for row in rows(segments.sort_values(["agent", "start", "end"])):
        part = Segment(row.start, row.end, row.activity, row.queue, bool(row.paid))
        parts.setdefault(row.agent, []).append(part)
    shared = {person.agent: _shared_out(person.worked, parts.get(person.agent, [])) for person in people}
    for agent, own in parts.items():
        for part in shared[agent][1] if agent in shared else own:
            if not any(part.start < end and part.end > start for start, end in passed_over.get(agent, ())):
                what = f"{part.activity} {span(part.start, part.end)} is in no shift"
                yield agent, part.start.toordinal(), "segment_outside", what
    for person in people:
        agent, mine = person.agent, shared[person.agent][0]
        for day, (work, inside) in mine.items():
            for rule, what in itertools.chain(
                _tiling(work, inside),
                _screen(inside, screens.get(person.team)),
                _activities(inside, queues, person.queues),
                _breaks(work, inside, person.templates.get(work.shift)),
            ):
                yield agent, day, rule, what
        day_of = {part: day for day, (_, inside) in mine.items() for part in inside}
        for part, what in _double(parts.get(agent, [])):
            yield agent, day_of.get(part, part.start.toordinal()), "two_places", what


def _shared_out(
    worked: Mapping[int, Work], parts: list[Segment]
) -> tuple[dict[int, tuple[Work, list[Segment]]], list[Segment]]:
    """Each segment goes to the shift with which it shares most time; the rest are strays."""
    mine: dict[int, tuple[Work, list[Segment]]] = {day: (work, []) for day, work in worked.items()}
    strays = []
    for part in parts:
        shared = {day: min(part.end, work.end) - max(part.start, work.start) for day, work in worked.items()}
        day = max(shared, key=shared.__getitem__, default=None)
        if day is None or shared[day] <= pd.Timedelta(0):
            strays.append(part)
        else:
            mine[day][1].append(part)
    return mine, strays


def _tiling(work: Work, parts: list[Segment]) -> Iterator[tuple[str, str]]:
    """Segments fill the shift from its start to its end, and nothing beyond."""
    filled = work.start
    for part in parts:
        if part.start < work.start or part.end > work.end:
            shift = span(work.start, work.end)
            yield "segment_outside", f"{part.activity} {span(part.start, part.end)} leaves the shift {shift}"
        if part.start > filled:
            yield "segment_hole", f"nothing from {span(filled, part.start)}"
        filled = max(filled, part.end)
    if filled < work.end:
        yield "segment_hole", f"nothing from {span(filled, work.end)}"


def _screen(parts: list[Segment], most: float | None) -> Iterator[tuple[str, str]]:
    """Nobody is on the screen for longer than the team's rule says: anything but work on it is a pause."""
    since: pd.Timestamp | None = None
    for part, then in itertools.zip_longest(parts, parts[1:]):
        if part.activity not in ("queue", "deferrable"):
            since = None
            continue
        since = part.start if since is None else since
        goes_on = then is not None and then.start <= part.end and then.activity in ("queue", "deferrable")
        hours = (part.end - since) / pd.Timedelta(hours=1)
        if most is not None and not goes_on and hours > most + SMALL:
            yield "screen", f"on the screen {span(since, part.end)}, at most {most:g} h"
        since = since if goes_on else None


def _activities(
    parts: list[Segment], queues: frozenset[str], skilled: frozenset[str]
) -> Iterator[tuple[str, str]]:
    for part in parts:
        when = span(part.start, part.end)
        if part.activity not in ACTIVITIES:
            yield "activity", f"{part.activity!r} {when} is not one of {', '.join(ACTIVITIES)}"
        elif part.activity == "queue" and part.queue not in queues:
            yield "queue", f"serves {part.queue!r} {when}, which is not a queue of the requirement"
        elif part.activity == "queue" and part.queue not in skilled:
            has = ", ".join(sorted(skilled)) or "none"
            yield "skill", f"serves {part.queue!r} {when}, has the skills: {has}"
        if part.activity not in ("break", "lunch") and not part.paid:
            yield "paid", f"{part.activity} {when} is not paid"


def _breaks(work: Work, parts: list[Segment], shift: Shift | None) -> Iterator[tuple[str, str]]:
    """Each break of the template once, with its length, in its window, paid as it says."""
    if shift is None or not parts:
        return  # named already: no such shift, or nothing at all in it
    for activity in ("meeting", "lunch", "break"):
        due = [pause for pause in shift.breaks if pause.activity == activity]
        taken = [part for part in parts if part.activity == activity]
        if activity == "meeting":
            taken = taken[: len(due)]  # others may be called at any time
        if len(due) != len(taken):
            yield "break", f"{len(taken)} x {activity}, the shift has {len(due)}"
            continue
        for pause, part in zip(due, taken, strict=True):
            minutes = (part.end - part.start) / pd.Timedelta(minutes=1)
            after = (part.start - work.start) / pd.Timedelta(hours=1)
            earliest, latest = pause.after_hours
            head = f"{activity} at {clock(part.start)}"
            if abs(minutes - pause.minutes) > SMALL:
                yield "break", f"{head} of {minutes:g} min, due {pause.minutes} min"
            if not earliest - SMALL <= after <= latest + SMALL:
                yield "break", f"{head} is {after:g} h into the shift, due after {earliest:g} to {latest:g} h"
            if part.paid != pause.paid:
                yield "break", f"{head} is {'paid' if part.paid else 'unpaid'}, due the other way"


def _double(parts: list[Segment]) -> Iterator[tuple[Segment, str]]:
    """Segments that begin before an earlier one has ended: nobody is in two places."""
    latest: Segment | None = None
    for part in parts:
        if latest is not None and part.start < latest.end:
            while_on = f"{latest.activity} {span(latest.start, latest.end)}"
            yield part, f"{part.activity} {span(part.start, part.end)} while on {while_on}"
        if latest is None or part.end >= latest.end:
            latest = part
