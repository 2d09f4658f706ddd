"""One person's days over all weeks at once, by the program that states every rule day by day."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from staffing import lp
from staffing.errors import PlanError
from staffing.model import Rules, Shift
from staffing.roster.course import Course
from staffing.roster.horizon import hours, model, reading, result, start
from staffing.roster.horizon.case import Person
from staffing.roster.reading import Given


def lawful_days(
    course: Course,
    agents: Sequence[str],
    given: Given,
    shifts: Sequence[Shift],
    rules: Mapping[str, Rules] | Rules,
) -> dict[str, np.ndarray]:
    """Lawful days of one person, or of some whom pairs tie to each other, whatever others do.

    Parameters
    ----------
    course : Course
        Of everybody.
    agents : sequence of str
        Whose.
    given, shifts, rules
        As they came.

    Returns
    -------
    dict
        Agent -> option of each day, shape (days,).

    Raises
    ------
    PlanError
        Where there are none, with the rules to relax.
    """
    days, first = len(course.plan[agents[0]]), course.cases[0].start
    dates = pd.Timestamp(first).as_unit("us") + pd.to_timedelta(np.arange(days), unit="D")
    teams = {course.own[0][agent].team for agent in agents}
    asked = pd.DataFrame(
        [(shift.team, date, shift.name, 0.0) for shift in shifts if shift.team in teams for date in dates],
        columns=["team", "date", "shift", "agents"],
    )
    alone = dataclasses.replace(given, demand=asked, agents=given.agents[given.agents["agent"].isin(agents)])
    case = reading.read(
        alone, shifts, rules, start=first, days=days, timezone=course.cases[0].timezone,
        pairs=tuple(pair for pair in course.cases[0].pairs if set(pair.agents) <= set(agents)),
    )  # fmt: skip
    people = tuple(_as_in_weeks(who, course) for who in case.people)
    case = hours.settled(dataclasses.replace(case, people=people))
    everybody = list(range(len(people)))
    whole = model.alone(case, *everybody)
    found = lp.direct(dataclasses.replace(whole.program, cost=np.zeros(len(whole.program.cost))))
    if found.values is None:
        raise PlanError(start.why_none(case, everybody))
    taken = result.taken(whole, found.values)
    return {who.agent: options for who, options in zip(people, taken, strict=True)}


def _as_in_weeks(who: Person, course: Course) -> Person:
    """The person with what else binds in the weeks: closed and frozen days."""
    refused = who.refused.copy()
    for week, groups in enumerate(course.own):
        group, span = groups[who.agent], course.span(week)
        closed, frozen = group.closed[: span.stop - span.start], group.frozen[: span.stop - span.start]
        # What has been is not up for a request.
        refused[span] = closed | np.where(frozen.any(axis=1, keepdims=True), frozen, refused[span])
    return dataclasses.replace(who, refused=refused)
