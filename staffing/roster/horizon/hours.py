"""What hours a person can give in weeks where leave, closed days or a change of clock stand in the way."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from staffing import lp
from staffing.roster.horizon import model as models
from staffing.roster.horizon import rows
from staffing.roster.horizon.case import WEEK, Horizon, Person, Staff, weeks


def settled(case: Horizon) -> Horizon:
    """The same days, with the least hours of excused weeks lowered to what lawful days can give.

    Whole shifts seldom make up for a day of leave exactly. Of all lawful days those count that leave the
    fewest hours owed over all weeks together.
    """
    people = [
        dataclasses.replace(who, hours=_possible(case, number)) if _bound(who, case) else who
        for number, who in enumerate(case.people)
    ]
    return dataclasses.replace(case, people=tuple(people))


def _bound(who: Person, case: Horizon) -> bool:
    limit = who.rules.hours_week
    hard = limit is None or math.isinf(limit.price)
    return hard and bool((excused(who, case.staff[who.team]) & (who.hours[:, 0] > 0)).any())


def excused(who: Person, staff: Staff) -> np.ndarray:
    """Weeks in which something stands in the way of the hours owed, shape (weeks,)."""
    free = np.any(rows.shape(who, staff, requests=False), axis=1)
    template = [60.0 * shift.paid_hours for shift in staff.shifts]
    changed = np.any(np.abs(staff.paid - template) > rows.TOLERANCE, axis=1)
    return np.array(
        [
            bool(who.credit[span].any() or not free[span].all() or changed[span].any())
            or span.stop - span.start < WEEK
            for span in weeks(len(free))
        ]
    )


def _possible(case: Horizon, number: int) -> np.ndarray:
    """Least and most paid time of each week, as far as the person can give it."""
    who = case.people[number]
    owed = who.hours.copy()
    some = excused(who, case.staff[who.team])
    loose = owed.copy()
    loose[some, 0] = 0.0
    one = dataclasses.replace(case, people=(dataclasses.replace(who, hours=loose),))
    model = models.alone(one, 0)
    paid = case.staff[who.team].paid
    cost = np.zeros(len(model.program.cost))
    x = model.x[0]
    for week, span in enumerate(weeks(case.days)):
        if some[week]:
            # Beyond what is owed no hour counts, and the rule's own row keeps the week below its most.
            cost[x[span][x[span] >= 0]] = -paid[span][x[span] >= 0]
    # Hours of overtime are none of those owed.
    cost[model.part == model.parts.get("overtime_week", -1)] = 60.0
    found = lp.direct(dataclasses.replace(model.program, cost=cost), gap=1.0)
    if found.values is None:
        return owed
    given = np.array(
        [
            float((paid[span] * np.where(x[span] >= 0, found.values[np.maximum(x[span], 0)], 0.0)).sum())
            for span in weeks(case.days)
        ]
    )
    owed[:, 0] = np.where(some, np.minimum(owed[:, 0], given), owed[:, 0])
    return owed
