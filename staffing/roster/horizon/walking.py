"""What walks are good for: a first roster in little time, and a bound over any horizon."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from staffing.model import Limit
from staffing.roster.horizon import rows
from staffing.roster.horizon.case import WEEK, Horizon
from staffing.roster.horizon.model import Cover, Model
from staffing.roster.horizon.walks import Frame, frame, narrow, within_caps

TRIES = 4  # tolls for each person
TOGETHER = 10  # people who walk at a time
ROUNDS = 6  # prices of the paid time that are tried


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


@dataclass(frozen=True)
class Alike:
    """People who walk together, with what is laid on their shifts to keep what a walk does not count.

    Parameters
    ----------
    rules : Frame
        Common to all but for their limits on the shifts of one name.
    people : tuple of int
        Their numbers.
    caps, toll : numpy.ndarray
        Most days on each shift, and the toll that keeps them, shape (people, shifts).
    worth : numpy.ndarray
        Price of a unit of paid time where the walk could not hold all of it, shape (people,).
    """

    rules: Frame
    people: tuple[int, ...]
    caps: np.ndarray
    toll: np.ndarray
    worth: np.ndarray


def bound(
    case: Horizon, model: Model, rules: Sequence[Frame], duals: np.ndarray, left: Callable[[], float]
) -> float:
    """What no roster can cost less than: at duals of the cover, each person at the best of the own days.

    Any duals do. Limits on the shifts of a name are kept by tolls, and so is the paid time where the walk
    could not hold all of it; both begin at what the duals say. Without the time for everybody it is -inf.
    """
    program, cover = model.program, Cover.of(model)
    at = np.clip(duals[cover.rows], -program.cost[cover.over], program.cost[cover.short])
    cost = program.cost.copy()
    cost[cover.columns] -= at[cover.at]
    total = float(at @ program.row_lower[cover.rows]) + program.constant
    for group in _together(model, rules, duals):
        price = np.array([prices(case, model, number, cost) for number in group.people])
        least = np.full(len(price), -math.inf)
        for _ in range(ROUNDS if narrow(group.rules) else 1):
            if left() <= 0:
                break
            least = np.maximum(least, _least(group, price))
        total += float(least.sum())
    return total


def _together(model: Model, rules: Sequence[Frame], duals: np.ndarray) -> list[Alike]:
    same: dict[tuple[object, ...], list[int]] = {}
    for number, one in enumerate(rules):
        same.setdefault(one.key, []).append(number)
    groups = []
    some = [people[at : at + TOGETHER] for people in same.values() for at in range(0, len(people), TOGETHER)]
    for people in some:
        caps = np.array([rules[number].caps for number in people])
        toll = np.array([tolls(model, number, caps.shape[1], duals) for number in people])
        worth = np.array([_worth(model, number, duals) for number in people])
        groups.append(Alike(rules[people[0]], tuple(people), caps, toll, worth))
    return groups


def _least(group: Alike, price: np.ndarray) -> np.ndarray:
    """What no days of each cost less than; the tolls and the worth of paid time move to better ones."""
    rules = group.rules
    if not narrow(rules):
        walked = within_caps(rules, price, group.caps, group.toll, tries=TRIES)
        group.toll[:] = walked.toll
        return walked.least
    free = dataclasses.replace(rules, units=np.zeros_like(rules.units), least=0, most=0)
    paid = price.copy()
    paid[:, :, 1:] -= group.worth[:, None, None] * rules.units[None]
    walked = within_caps(free, paid, group.caps, group.toll, tries=TRIES)
    group.toll[:] = walked.toll
    units = np.pad(rules.units, ((0, 0), (1, 0)))
    time = units[np.arange(len(units)), walked.plans].sum(axis=1)
    least = walked.least + group.worth * np.where(group.worth > 0, rules.least, rules.most)
    # A unit too few or too many moves its price by as much as the mean shift is priced for it.
    step = 0.5 * np.abs(price[np.isfinite(price)]).mean() / max(1.0, float(rules.units.mean()))
    missing = np.maximum(rules.least - time, 0) - np.maximum(time - rules.most, 0)
    back = np.where(missing == 0, -np.sign(group.worth), np.sign(missing))
    share = np.minimum(np.abs(missing) / max(1.0, 0.1 * rules.most), 1.0) + 0.02 * (missing == 0)
    group.worth[:] += step * back * share
    return least


def tolls(model: Model, number: int, shifts: int, duals: np.ndarray) -> np.ndarray:
    """What the duals of the limits on shifts of one name say."""
    toll = np.zeros(shifts)
    own = (model.owner == number) & (model.rule == model.parts.get("shifts_total", -1)) & (duals < 0)
    for row in np.flatnonzero(own):
        columns = model.program.matrix[[row]].indices
        shift = np.flatnonzero(np.isin(model.x[number], columns).any(axis=0))
        toll[shift] = -duals[row]
    return toll


def _worth(model: Model, number: int, duals: np.ndarray) -> float:
    """What the duals say that a unit of paid time is worth."""
    own = (model.owner == number) & (model.rule == model.parts.get("hours_total", -1))
    return float(duals[own].sum())


def plans(model: Model, values: np.ndarray) -> list[np.ndarray]:
    """Everybody's option on each day in a roster: what `worked` makes columns of."""
    found = []
    for x in model.x:
        there = (x >= 0) & (values[np.maximum(x, 0)] > 0.5)
        found.append(np.where(there.any(axis=1), there.argmax(axis=1) + 1, 0))
    return found
