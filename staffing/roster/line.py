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
from staffing.roster.reading import Given


def lawful_days(
    course: Course,
    agent: str,
    given: Given,
    shifts: Sequence[Shift],
    rules: Mapping[str, Rules] | Rules,
) -> np.ndarray:
    """Lawful days of one person, whatever others do.

    Parameters
    ----------
    course : Course
        Of everybody.
    agent : str
        Whose.
    given, shifts, rules
        As they came.

    Returns
    -------
    numpy.ndarray
        Option of each day, shape (days,).

    Raises
    ------
    PlanError
        Where there are none, with the rules to relax.
    """
    days = len(course.plan[agent])
    team, first = course.own[0][agent].team, course.cases[0].start
    dates = pd.Timestamp(first).as_unit("us") + pd.to_timedelta(np.arange(days), unit="D")
    every = pd.MultiIndex.from_product(
        [[team], dates, [shift.name for shift in shifts if shift.team == team]],
        names=["team", "date", "shift"],
    )
    asked = every.to_frame(index=False).assign(agents=0.0)
    alone = dataclasses.replace(
        given, demand=asked, agents=given.agents[given.agents["agent"] == agent], previous=given.previous
    )
    zone = course.cases[0].timezone
    case = reading.read(alone, shifts, rules, start=first, days=days, timezone=zone)
    who = case.people[0]
    refused, most = who.refused.copy(), who.hours.copy()
    for week, groups in enumerate(course.own):
        group, span = groups[agent], course.span(week)
        there = span.stop - span.start
        refused[span] |= group.closed[:there] | group.frozen[:there]
        refused[span] &= ~group.frozen[:there].any(axis=1, keepdims=True) | group.frozen[:there]
        if group.rules.overtime_week is not None:
            most[week, 1] += 60.0 * group.rules.overtime_week.max
    people = (dataclasses.replace(who, refused=refused, hours=most),)
    case = hours.settled(dataclasses.replace(case, people=people))
    whole = model.alone(case, 0)
    found = lp.direct(dataclasses.replace(whole.program, cost=np.zeros(len(whole.program.cost))))
    if found.values is None:
        raise PlanError([start.why_none(case, 0)])
    return result.taken(whole, found.values)[0]
