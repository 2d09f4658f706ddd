"""Walks over the days of a case: whose rules they know, at which prices, and what they are in the program."""

from __future__ import annotations

import math

import numpy as np

from staffing.model import Limit
from staffing.roster.horizon import rows
from staffing.roster.horizon.case import WEEK, Horizon
from staffing.roster.horizon.model import Model
from staffing.roster.horizon.walks import Frame, frame, within_caps

TOGETHER = 10  # people who walk at a time


def frames(case: Horizon) -> list[Frame | None]:
    """Of everybody; None where somebody has rules that a walk does not count, or is one of a pair.

    Nobody walks where seats or seniors count who else is at work: their rows are no need of a single shift.
    """
    if case.crowded:
        return [None] * len(case.people)
    paired = {agent for pair in case.pairs for agent in pair.agents}
    return [None if who.agent in paired else frame(case, number) for number, who in enumerate(case.people)]


def prices(case: Horizon, model: Model, number: int, cost: np.ndarray) -> np.ndarray:
    """A person's price of each option, inf where closed, at a cost of all columns; (days, shifts + 1).

    What no day may be worked on is closed too: shifts and weekends of which none is allowed.
    """
    who, x = case.people[number], model.x[number]
    price = np.full((x.shape[0], x.shape[1] + 1), math.inf)
    price[:, 0] = np.where(who.refused[:, 0], math.inf, 0.0)
    may = (x >= 0) & ~rows.too_soon(who, case.staff[who.team])
    most = [who.rules.shifts_total.get(name, Limit()).max for name in case.staff[who.team].names]
    may[:, [one is not None and one < 1 for one in most]] = False
    if who.rules.weekends.max is not None and who.rules.weekends.max < 1:
        may[(np.arange(case.days) + case.start.weekday()) % WEEK >= WEEK - 2] = False
    price[:, 1:][may] = cost[x[may]]
    return price


def lawful(
    case: Horizon, model: Model, rules: Frame, number: int, cost: np.ndarray, tries: int
) -> np.ndarray | None:
    """A person's cheap days at a cost of all columns, as options, shape (days,); None: none was found."""
    price, caps = prices(case, model, number, cost)[None], rules.caps[None]
    found = within_caps(rules, price, caps, np.zeros(caps.shape), tries=tries)
    return found.plans[0] if math.isfinite(found.costs[0]) else None


def worked(model: Model, number: int, plan: np.ndarray) -> np.ndarray:
    """The columns of the shifts that a person works."""
    return np.array([model.x[number][day, plan[day] - 1] for day in np.flatnonzero(plan)], dtype=int)


def tolls(model: Model, number: int, shifts: int, duals: np.ndarray) -> np.ndarray:
    """What the duals of the limits on shifts of one name say."""
    toll = np.zeros(shifts)
    own = (model.owner == number) & (model.rule == model.parts.get("shifts_total", -1)) & (duals < 0)
    for row in np.flatnonzero(own):
        columns = model.program.matrix[[row]].indices
        shift = np.flatnonzero(np.isin(model.x[number], columns).any(axis=0))
        toll[shift] = -duals[row]
    return toll


def plans(model: Model, values: np.ndarray) -> list[np.ndarray]:
    """Everybody's option on each day in a roster: what `worked` makes columns of."""
    found = []
    for x in model.x:
        there = (x >= 0) & (values[np.maximum(x, 0)] > 0.5)
        found.append(np.where(there.any(axis=1), there.argmax(axis=1) + 1, 0))
    return found
