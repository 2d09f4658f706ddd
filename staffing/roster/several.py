"""Several weeks of interval demand: week by week, each beginning where the one before ends."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from staffing import lp
from staffing.model import Limit, Roster, Rules
from staffing.roster import conflicts, master
from staffing.roster.case import WEEK, Case

Made = Callable[[dt.date, int, pd.DataFrame | None, float | None], Roster]
Read = Callable[[dt.date, int, Mapping[str, Rules] | Rules], Case]


def chained(
    one_week: Made,
    read_alone: Read,
    rules: Rules | Mapping[str, Rules],
    *,
    previous: pd.DataFrame | None,
    start: dt.date,
    days: int,
    time_limit: float | None,
) -> Roster:
    """Roster each week after the other.

    What a week costs depends on the ones before only through what they forbid and price in it: rest and days
    in a row over the border, rotation, lates had. So no chain of weeks costs less than all weeks together,
    each at the best that its rules allow with nothing carried over; the first one's bound is its own.
    """
    began = time.perf_counter()
    weeks: list[Roster] = []
    bound = 0.0
    for number, first in enumerate(range(0, days, WEEK)):
        date, length = start + dt.timedelta(days=first), min(WEEK, days - first)
        limit = None if time_limit is None else time_limit / -(-days // WEEK)
        made = one_week(date, length, previous, limit)
        bound += made.bound if number == 0 else min(made.cost, alone(read_alone(date, length, _free(rules))))
        tables = [made.assignments] if previous is None else [previous, made.assignments]
        previous = pd.concat(tables, ignore_index=True)
        weeks.append(made)
    return _joined(weeks, bound, time.perf_counter() - began)


def _free(rules: Rules | Mapping[str, Rules]) -> Rules | dict[str, Rules]:
    """The rules of a week by itself: a run of work on its first day may have begun before."""
    if isinstance(rules, Rules):
        limit = rules.days_in_row
        return dataclasses.replace(rules, days_in_row=Limit(max=limit.max, price=limit.price))
    return {contract: _one(own) for contract, own in rules.items()}


def _one(rules: Rules) -> Rules:
    freed = _free(rules)
    assert isinstance(freed, Rules)
    return freed


def alone(case: Case) -> float:
    """The linear program's cost of a week to which nothing is carried over.

    Hours below those owed count as lawful wherever leave or closed days excuse them, since what the week
    before leaves may be why.
    """
    groups = tuple(
        dataclasses.replace(group, hours=(0.0, group.hours[1])) if group.excused else group
        for group in case.groups
    )
    case = dataclasses.replace(case, groups=groups)
    lawful = conflicts.lawful_of_all(case)
    layout = master.layout(case, lawful)
    return lp.solve(lp.relaxed(master.program(case, lawful, layout))).bound


def _joined(weeks: list[Roster], bound: float, seconds: float) -> Roster:
    cost = float(np.sum([week.cost for week in weeks]))
    objective = pd.concat([week.objective for week in weeks], ignore_index=True)
    objective = objective.groupby(["part", "unit"], sort=False, as_index=False)[["cost", "amount"]].sum()
    proven = cost - bound <= 1e-6 * max(1.0, abs(cost))
    braked = any(week.status == "time limit" for week in weeks)
    segments = pd.concat([week.segments for week in weeks], ignore_index=True)
    assignments = pd.concat([week.assignments for week in weeks], ignore_index=True)
    shortages = pd.concat([week.shortages for week in weeks], ignore_index=True)
    return Roster(
        assignments=assignments.sort_values(["agent", "date"], ignore_index=True),
        segments=segments.sort_values(["agent", "start"], ignore_index=True),
        shortages=shortages.sort_values(["queue", "interval"], ignore_index=True),
        objective=objective[["part", "cost", "amount", "unit"]],
        status="time limit" if braked else "optimal" if proven else "stopped",
        cost=cost,
        bound=min(bound, cost),
        price_short=weeks[0].price_short,
        seconds=seconds,
    )
