"""From counts to names: who works which week, on which queue, with breaks when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from staffing.model import Break
from staffing.roster.case import Case
from staffing.roster.master import Counts, Duty, Layout, Pool, Post, template
from staffing.roster.shares import carried_on, named
from staffing.roster.weeks import Weeks
from staffing.tables import ASSIGNMENTS, check

# agent, start and end in minutes from an origin, activity, queue, paid
Piece = tuple[str, float, float, str, str, bool]


@dataclass(frozen=True)
class Stint:
    """One person on one post, with the starts of the breaks in minutes after the start of the shift."""

    agent: str
    post: Post
    offsets: tuple[int, ...]


def weeks_of_people(case: Case, weeks: list[Weeks], counts: Counts) -> dict[str, np.ndarray]:
    """Agent -> option of each day, shape (7,).

    Within a group any hand-out is exact, so people take the weeks in the order of their names.
    """
    taken = {}
    for group, some, people in zip(case.groups, weeks, counts.weeks, strict=True):
        for agent, week in zip(group.agents, np.repeat(some.options, people, axis=0), strict=True):
            taken[agent] = week
    return dict(sorted(taken.items()))


def stints(case: Case, layout: Layout, counts: Counts, taken: Mapping[str, np.ndarray]) -> list[Stint]:
    """Everybody's post and breaks on every day worked, by agent and day."""
    on_duty: dict[tuple[Pool, Duty], list[str]] = {key: [] for key in layout.choices}
    for group in case.groups:
        for agent in group.agents:
            for day in np.flatnonzero(taken[agent]).tolist():
                duty = Duty(day, group.team, int(taken[agent][day]) - 1)
                on_duty[Pool(group.team, group.queues), duty].append(agent)
    holders: dict[Post, list[str]] = {post: [] for post in layout.posts}
    for (pool, duty), posts in layout.choices.items():
        waiting = sorted(on_duty[pool, duty])
        for post in posts:
            many = counts.mixed[pool, post] if len(posts) > 1 else len(waiting)
            holders[post] += waiting[:many]
            waiting = waiting[many:]
    starts = _starts_of_breaks(counts)
    found = [stint for post, people in holders.items() for stint in _with_breaks(case, post, people, starts)]
    return sorted(found, key=lambda stint: (stint.agent, stint.post.duty.day))


def _starts_of_breaks(counts: Counts) -> dict[tuple[Post, int], list[int]]:
    """For each break of each post, a start for every holder, in order.

    Positions that look alike are used in turn by all people of a duty, whatever their queue.
    """
    starts: dict[tuple[Post, int], list[int]] = {}
    before: dict[tuple[Duty, int, tuple[int, ...]], int] = {}
    for pause, people in counts.pauses.items():
        alike = pause.post.duty, pause.number, pause.offsets
        begun = before.get(alike, 0)
        before[alike] = begun + people
        chosen = [pause.offsets[at % len(pause.offsets)] for at in range(begun, begun + people)]
        starts.setdefault((pause.post, pause.number), []).extend(chosen)
    return {key: sorted(some) for key, some in starts.items()}


def _with_breaks(
    case: Case, post: Post, people: list[str], starts: Mapping[tuple[Post, int], list[int]]
) -> list[Stint]:
    """Hand out the breaks: who has one early has all of them early, and from day to day it is others."""
    numbers = range(len(template(case, post.duty).breaks))
    turn = post.duty.day * max(1, len(people) // case.days) % max(1, len(people))
    people = sorted(people)
    return [
        Stint(agent, post, tuple(starts[post, number][at] for number in numbers))
        for at, agent in enumerate(people[turn:] + people[:turn])
    ]


def assignments(case: Case, done: Sequence[Stint]) -> pd.DataFrame:
    """ASSIGNMENTS, with `lates_so_far` and `weekend_days_so_far` of each person, this week's counted."""
    menus = [case.menus[stint.post.duty.team] for stint in done]
    duties = [stint.post.duty for stint in done]
    names = [menu.shifts[duty.shift].name for menu, duty in zip(menus, duties, strict=True)]
    times = {
        column: [
            float(getattr(menu, column)[duty.day, duty.shift])
            for menu, duty in zip(menus, duties, strict=True)
        ]
        for column in ("start", "end", "paid")
    }
    first = pd.Timestamp(case.start).as_unit("us")
    table = pd.DataFrame(
        {
            "agent": pd.Series([stint.agent for stint in done], dtype="str"),
            "date": first + pd.to_timedelta([duty.day for duty in duties], unit="D"),
            "team": pd.Series([duty.team for duty in duties], dtype="str"),
            "shift": pd.Series(names, dtype="str"),
            "start": moments(case.origin, times["start"]),
            "end": moments(case.origin, times["end"]),
            "paid_hours": np.array(times["paid"]) / 60.0,
        }
    )
    return check(carried_on(table, case.had, named(group.rules for group in case.groups)), ASSIGNMENTS)


def moments(origin: pd.Timestamp, minutes: Iterable[float]) -> pd.DatetimeIndex:
    """Minutes from an origin as times in its zone."""
    elapsed = pd.to_timedelta(np.round(np.array(list(minutes), dtype=float) * 60.0), unit="s")
    return pd.DatetimeIndex(origin + elapsed).as_unit("us")


def segments_of(case: Case, done: Sequence[Stint]) -> pd.DataFrame:
    """SEGMENTS of a solution."""
    rows: list[Piece] = [piece for stint in done for piece in pieces_of(case, stint)]
    return as_segments(case.origin, [*case.carried, *rows])


def pieces_of(case: Case, stint: Stint) -> list[Piece]:
    """What one person does on one day."""
    duty, menu = stint.post.duty, case.menus[stint.post.duty.team]
    begin, end = float(menu.start[duty.day, duty.shift]), float(menu.end[duty.day, duty.shift])
    queue, breaks = case.need.queues[stint.post.queue], template(case, duty).breaks
    return pieces(stint.agent, begin, end, breaks, stint.offsets, queue)


def pieces(
    agent: str, begin: float, end: float, breaks: Sequence[Break], offsets: Sequence[int], queue: str
) -> list[Piece]:
    """One stretch of presence, cut at its breaks; a break that would end after it is left out."""
    rows: list[Piece] = []
    now = begin
    for pause, offset in zip(breaks, offsets, strict=True):
        start = begin + offset
        if start + pause.minutes > end:
            continue
        if start > now:
            rows.append((agent, now, start, "queue", queue, True))
        now = start + pause.minutes
        rows.append((agent, start, now, pause.activity, "", pause.paid))
    if end > now:
        rows.append((agent, now, end, "queue", queue, True))
    return rows


def as_segments(origin: pd.Timestamp, rows: list[Piece]) -> pd.DataFrame:
    """Pieces as a table of the contract SEGMENTS, sorted by agent and start."""
    agent, start, end, activity, queue, paid = zip(*rows, strict=True) if rows else ((),) * 6
    table = pd.DataFrame(
        {
            "agent": pd.Series(agent, dtype="str"),
            "start": moments(origin, start),
            "end": moments(origin, end),
            "activity": pd.Series(activity, dtype="str"),
            "queue": pd.Series(queue, dtype="str"),
            "paid": pd.Series(paid, dtype="bool"),
        }
    )
    return table.sort_values(["agent", "start"], ignore_index=True)
