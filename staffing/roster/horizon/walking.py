"""What walks over a person's days are good for: a first roster in little time, and a bound over any horizon."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from staffing.roster.horizon import rows
from staffing.roster.horizon.case import Horizon
from staffing.roster.horizon.model import Cover, Model
from staffing.roster.horizon.walks import Frame, frame, narrow, within_caps

TRIES = 6  # tolls for each person, of the bound


def frames(case: Horizon) -> list[Frame | None]:
    """Of everybody; None where somebody has rules that a walk does not count."""
    return [frame(case, number) for number in range(len(case.people))]


def prices(case: Horizon, model: Model, number: int, cost: np.ndarray) -> np.ndarray:
    """Price of each option of a person at a cost of all columns, inf where it is closed, (days, shifts + 1)."""
    who, x = case.people[number], model.x[number]
    price = np.full((x.shape[0], x.shape[1] + 1), math.inf)
    price[:, 0] = np.where(who.refused[:, 0], math.inf, 0.0)
    may = (x >= 0) & ~rows.too_soon(who, case.staff[who.team])
    price[:, 1:][may] = cost[x[may]]
    return price


def lawful(case: Horizon, model: Model, rules: Frame, number: int, cost: np.ndarray) -> np.ndarray | None:
    """A person's cheap days at a cost of all columns, as options, shape (days,); None where none was found."""
    price, caps = prices(case, model, number, cost)[None], rules.caps[None]
    found = within_caps(rules, price, caps, np.zeros(caps.shape), tries=1)
    return found.plans[0] if math.isfinite(found.costs[0]) else None


def worked(model: Model, number: int, plan: np.ndarray) -> np.ndarray:
    """The columns of the shifts that a person works."""
    return np.array([model.x[number][day, plan[day] - 1] for day in np.flatnonzero(plan)], dtype=int)


def bound(case: Horizon, model: Model, rules: Sequence[Frame], duals: np.ndarray) -> float:
    """What no roster can cost less than: people at given duals of the cover, each at the best of the own days.

    Any duals do. Limits on the shifts of a name are kept by tolls, and so is the paid time where the walk
    could not hold all of it; both begin at what the duals say.
    """
    program, cover = model.program, Cover.of(model)
    at = np.clip(duals[cover.rows], -program.cost[cover.over], program.cost[cover.short])
    cost = program.cost.copy()
    cost[cover.columns] -= at[cover.at]
    total = float(at @ program.row_lower[cover.rows]) + program.constant
    together: dict[tuple[object, ...], list[int]] = {}
    for number, one in enumerate(rules):
        together.setdefault(one.key, []).append(number)
    for people in together.values():
        price = np.array([prices(case, model, number, cost) for number in people])
        total += float(_least(model, rules, people, price, duals).sum())
    return total


def _least(
    model: Model, rules: Sequence[Frame], people: list[int], price: np.ndarray, duals: np.ndarray
) -> np.ndarray:
    """Of each of some alike people, what no days cost less than."""
    common = rules[people[0]]
    caps = np.array([rules[number].caps for number in people])
    toll = np.array([_tolls(model, number, caps.shape[1], duals) for number in people])
    if not narrow(common):
        return within_caps(common, price, caps, toll, tries=TRIES).least
    free = dataclasses.replace(common, units=np.zeros_like(common.units), least=0, most=0)
    worth = np.array([_worth(model, number, duals) for number in people])
    best, low, high = (np.full(len(people), side) for side in (-math.inf, -math.inf, math.inf))
    for _ in range(TRIES):
        paid = price.copy()
        paid[:, :, 1:] -= worth[:, None, None] * common.units[None]
        walked = within_caps(free, paid, caps, toll, tries=1)
        toll = walked.toll
        given = np.where(worth > 0, common.least, common.most)
        best = np.maximum(best, walked.least + worth * given)
        units = np.take_along_axis(
            np.pad(common.units, ((0, 0), (1, 0)))[None], walked.plans[:, :, None], axis=2
        )
        time = units[:, :, 0].sum(axis=1)
        low = np.where(time < common.least, worth, low)
        high = np.where(time > common.most, worth, high)
        step = 0.05 * np.maximum(np.abs(worth), 0.1)
        middle = np.where(np.isfinite(low) & np.isfinite(high), (low + high) / 2.0, 0.0)
        once = np.where(np.isfinite(low), low + step, np.where(np.isfinite(high), high - step, worth))
        worth = np.where(np.isfinite(low) & np.isfinite(high), middle, once)
    return best


def _tolls(model: Model, number: int, shifts: int, duals: np.ndarray) -> np.ndarray:
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
