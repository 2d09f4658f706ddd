"""Who is at work at the same time: seats for everybody, and a senior in every open interval."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from staffing.model import Shift, Team
from staffing.tables import interval_minutes
from staffing.verify.facts import Broken, Missed, Person, hours_of, rows, span

Hours = tuple[pd.Timestamp, pd.Timestamp]


class Stretch(NamedTuple):
    """A stretch of time in which as many people are at work all along."""

    start: pd.Timestamp
    end: pd.Timestamp
    people: int


def seats(assignments: pd.DataFrame, most: int | None) -> Iterator[Broken]:
    """Nobody beyond the seats is in a shift at once; a seat is kept over breaks."""
    if most is None:
        return
    for stretch in counted([(row.start, row.end) for row in rows(assignments)], ()):
        if stretch.people > most:
            what = f"{stretch.people} people at work {span(stretch.start, stretch.end)}, seats: {most}"
            yield "", stretch.start.toordinal(), "seats", what


def seniors(
    people: Iterable[Person], agents: pd.DataFrame, requirement: pd.DataFrame, teams: Iterable[Team]
) -> Iterator[Missed]:
    """Times without enough seniors: a queue of the team is open and a shift of it is on.

    With a PLAN: a shift is on that asks for anybody. An amount is counted in half hours, for each senior that
    is missing.
    """
    marked = {row.agent for row in rows(agents) if getattr(row, "senior", False) is True}
    everybody = list(people)
    for team in teams:
        limit = team.senior_per_interval
        mine = [person for person in everybody if person.team == team.name]
        if limit is None or not limit.min or not mine:
            continue
        there = [
            (work.start, work.end)
            for person in mine
            if person.agent in marked
            for work in person.worked.values()
        ]
        could = _merged(_templates(mine[0].templates, mine[0]))
        if "interval" in requirement.columns:
            is_open = _merged(_opened(requirement, team.name))
        else:
            is_open = _merged(_asked(requirement, mine[0]))
        for stretch in counted(there, [moment for hours in (*is_open, *could) for moment in hours]):
            if stretch.people < limit.min and _within(stretch, is_open) and _within(stretch, could):
                there_are = f"{stretch.people or 'no'} senior{'s' * (stretch.people != 1)} of {team.name!r}"
                what = f"{span(stretch.start, stretch.end)} {there_are} at work, {limit.min:g} needed"
                half_hours = (stretch.end - stretch.start) / pd.Timedelta(minutes=30)
                missing = (limit.min - stretch.people) * half_hours
                day = stretch.start.toordinal()
                yield Missed("", day, "senior_per_interval", what, missing, limit.price)


def _opened(requirement: pd.DataFrame, team: str) -> Iterator[Hours]:
    if len(requirement):
        length = pd.Timedelta(minutes=interval_minutes(requirement))
        for start in requirement.loc[requirement["team"] == team, "interval"]:
            yield start, start + length


def _asked(plan: pd.DataFrame, person: Person) -> Iterator[Hours]:
    """The shifts of the person's team for which a PLAN asks for anybody."""
    for row in rows(plan[(plan["team"] == person.team) & (plan["agents"] > 0)]):
        yield hours_of(person.templates[row.shift], row.date.toordinal(), person.timezone)


def _templates(shifts: Mapping[str, Shift], person: Person) -> Iterator[Hours]:
    """Each shift of the person's team on each day of the roster."""
    for day in range(person.first, person.last + 1):
        for shift in shifts.values():
            yield hours_of(shift, day, person.timezone)


def _merged(hours: Iterable[Hours]) -> list[Hours]:
    found: list[Hours] = []
    for start, end in sorted(hours):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def _within(stretch: Stretch, hours: list[Hours]) -> bool:
    return any(start <= stretch.start and stretch.end <= end for start, end in hours)


def counted(hours: list[Hours], more: Iterable[pd.Timestamp]) -> Iterator[Stretch]:
    """People between any two neighbouring moments of those at which somebody comes or goes, and more."""
    change: dict[pd.Timestamp, int] = dict.fromkeys(more, 0)
    for start, end in hours:
        change[start] = change.get(start, 0) + 1
        change[end] = change.get(end, 0) - 1
    people = 0
    for start, end in itertools.pairwise(sorted(change)):
        people += change[start]
        yield Stretch(start, end, people)
