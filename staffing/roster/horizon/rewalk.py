"""One person's days after the other's anew, all others held, at what one more person on each shift costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from staffing.roster.horizon import walking
from staffing.roster.horizon.case import Horizon
from staffing.roster.horizon.model import Cover, Model
from staffing.roster.horizon.walks import Frame

TRIES = 2  # walks of one person
LEAST = 1e-6  # that a change is to save


def descended(
    case: Horizon,
    model: Model,
    rules: Sequence[Frame],
    plans: Sequence[np.ndarray],
    left: Callable[[], float],
    rng: np.random.Generator,
) -> list[np.ndarray]:
    """Rosters never dearer than the one begun with, until nobody's other days would save anything.

    Parameters
    ----------
    case, model
        The days to be rostered, and their program.
    rules : sequence of Frame
        Of everybody.
    plans : sequence of numpy.ndarray of int
        Everybody's option on each day, shape (days,).
    left : callable
        Processor time that is left. [s]
    rng : numpy.random.Generator
        Draws the order of people.
    """
    plans, program, cover = list(plans), model.program, Cover.of(model)
    row = np.full(len(program.cost), -1)
    row[cover.columns] = cover.at
    worked = [walking.worked(model, number, plan) for number, plan in enumerate(plans)]
    there = np.bincount(row[np.concatenate(worked)], minlength=len(cover.rows)).astype(float)
    unchanged = 0
    while unchanged < len(plans):
        for number in rng.permutation(len(plans)).tolist():
            if unchanged == len(plans) or left() <= 0:
                return plans
            there[row[worked[number]]] -= 1.0
            cost = program.cost.copy()
            cost[cover.columns] += cover.price(program, program.row_lower[cover.rows] - there)[cover.at]
            plan = walking.lawful(case, model, rules[number], number, cost, TRIES)
            columns = worked[number] if plan is None else walking.worked(model, number, plan)
            unchanged += 1
            if plan is not None and cost[columns].sum() < cost[worked[number]].sum() - LEAST:
                plans[number], worked[number], unchanged = plan, columns, 0
            there[row[worked[number]]] += 1.0
    return plans
