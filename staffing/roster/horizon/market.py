"""Prices of the people needed, found by walks: what the linear program gives where it would take too long.

Everybody takes the cheapest days at the prices; where too few come the price rises, where too many it falls.
The same for what each person may have over all days: paid time, weekends, days on one shift. Any prices give
a bound, the best of them that of a linear program; the mean of the days taken on the way is its shares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from staffing.roster.horizon import walking
from staffing.roster.horizon.alike import Alike
from staffing.roster.horizon.case import Horizon
from staffing.roster.horizon.cut import Arrays
from staffing.roster.horizon.guide import STRETCH, Guide, solve
from staffing.roster.horizon.model import Cover, Model
from staffing.roster.horizon.walks import Frame

LARGE = 20_000  # columns beyond which a linear program would take too long
ROUNDS = 600  # of prices, where there is time
FEWEST = 30  # that are worth it
WORK = (1e-4, 7e-9)  # of a round in seconds, of each day and of each step of a walk
STEP = 0.2  # of the mean price of a person short, by which prices move at first
FADE = 1.5  # power by which steps become smaller
KEPT = (0.9, 0.99)  # of the mean of the moves before, and of their squares
MEAN = 0.15  # of the rounds, the last ones, whose days are averaged


@dataclass(frozen=True)
class Stall:
    """People whose shifts follow and pay alike, what they may have over all days, and where they are needed.

    Parameters
    ----------
    alike : Alike
        Their walks.
    people : numpy.ndarray of int
        Their numbers.
    base : numpy.ndarray
        Own price of each option, shape (people, days, shifts + 1).
    row : numpy.ndarray of int
        Place among the rows of the cover of each shift, -1 where it is not worked, shape (days, shifts).
    least, most : numpy.ndarray
        Paid time in units, shape (people,).
    weekends : numpy.ndarray
        Most of them with work, inf where any number, shape (people,).
    caps : numpy.ndarray
        Most days on each shift, inf where any number, shape (people, shifts).
    """

    alike: Alike
    people: np.ndarray
    base: np.ndarray
    row: np.ndarray
    least: np.ndarray
    most: np.ndarray
    weekends: np.ndarray
    caps: np.ndarray

    @property
    def unit(self) -> float:
        """Mean paid time of a shift, in units."""
        units = self.alike.rules.units
        return float(units[units > 0].mean()) if (units > 0).any() else 1.0

    def none(self) -> list[np.ndarray]:
        """Own prices of nothing: a unit of paid time, a weekend, a day on each shift."""
        people, shifts = self.caps.shape
        return [np.zeros(people), np.zeros(people), np.zeros((people, shifts))]

    def walked(self, cover: np.ndarray, own: list[np.ndarray]) -> tuple[float, np.ndarray]:
        """What nobody of them can cost less than at some prices, and the days taken."""
        pay, weekend, shift = own
        price = self.base.copy()
        price[:, :, 1:] -= np.where(self.row >= 0, cover[self.row], 0.0)
        price[:, :, 1:] -= pay[:, None, None] * self.alike.rules.units
        price[:, :, 1:] += shift[:, None, :]
        plans, costs = self.alike.cheapest(price, weekend)
        earned = pay * np.where(pay > 0, self.least, self.most)
        return float((costs + earned).sum() - _paid(weekend, self.weekends) - _paid(shift, self.caps)), plans

    def moves(self, plans: np.ndarray, own: list[np.ndarray]) -> list[np.ndarray]:
        """By how much each own price is too low for what the days take."""
        pay = own[0]
        units = np.pad(self.alike.rules.units, ((0, 0), (1, 0)))
        time = units[np.arange(len(units)), plans].sum(axis=1)
        few, many = np.maximum(self.least - time, 0), np.maximum(time - self.most, 0)
        wrong = np.where(pay > 0, self.least - time, np.where(pay < 0, self.most - time, few - many))
        works, kinds = plans > 0, self.alike.rules.weekend
        ends = works[:, kinds == 1].sum(axis=1)
        ends = ends + (works[:, 1:] & ~works[:, :-1])[:, kinds[1:] == 2].sum(axis=1)
        counts = np.stack([(plans == at + 1).sum(axis=1) for at in range(self.caps.shape[1])], axis=1)
        both = ((ends, self.weekends), (counts, self.caps))
        over = [np.where(np.isfinite(most), some - _finite(most), 0.0) for some, most in both]
        return [wrong / self.unit, *over]

    def moved(self, own: list[np.ndarray], by: list[np.ndarray]) -> list[np.ndarray]:
        """Own prices after a step: none goes beyond nothing at a time."""
        pay = own[0] + by[0] / self.unit
        pay = np.where(own[0] * pay < 0, 0.0, pay)
        return [pay, np.maximum(own[1] + by[1], 0.0), np.maximum(own[2] + by[2], 0.0)]


def _paid(price: np.ndarray, most: np.ndarray) -> float:
    return float((price * _finite(most)).sum())


def _finite(most: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(most), most, 0.0)


def stalls(case: Horizon, model: Model, rules: Sequence[Frame]) -> list[Stall]:
    """Everybody, by what may follow what and how it pays."""
    cover, at = Cover.of(model), np.full(len(model.program.cost), -1)
    at[cover.columns] = cover.at
    same: dict[tuple[object, ...], list[int]] = {}
    for number, one in enumerate(rules):
        same.setdefault((case.people[number].team, *one.like), []).append(number)
    found = []
    for people in same.values():
        some = [rules[number] for number in people]
        row = np.max([np.where(model.x[number] >= 0, at[model.x[number]], -1) for number in people], axis=0)
        weekends = np.array([one.weekends for one in some], dtype=float)
        caps = np.array([one.caps for one in some])
        found.append(
            Stall(
                alike=Alike.of(some),
                people=np.array(people),
                base=np.array([walking.prices(case, model, one, model.program.cost) for one in people]),
                row=row,
                least=np.array([one.least for one in some]),
                most=np.array([one.most for one in some]),
                weekends=np.where((weekends > 0) & (weekends < case.days / 7.0), weekends, np.inf),
                caps=np.where((caps >= 1) & (caps < case.days), caps, np.inf),
            )
        )
    return found


def or_linear(case: Horizon, model: Model, arrays: Arrays, left: Callable[[], float]) -> Guide:
    """The guide of a roster: by walks where the linear program would take long and walks know all rules."""
    asked = len(Cover.of(model).rows) > 0
    if asked and (case.days > STRETCH or len(model.program.cost) > LARGE):
        rules = [one for one in walking.frames(case) if one is not None]
        found = guide(case, model, rules, left) if len(rules) == len(case.people) else None
        if found is not None:
            return found
    return solve(model, arrays, left)


def guide(
    case: Horizon, model: Model, rules: Sequence[Frame], left: Callable[[], float], *, rounds: int = ROUNDS
) -> Guide | None:
    """Shares of all shifts, prices of all people needed, and the bound; None without the time for it, and
    where somebody has no lawful days at all.

    Parameters
    ----------
    case, model
        The days to be rostered, and their program.
    rules : sequence of Frame
        Of everybody.
    left : callable
        Processor time that may be taken; how many rounds it suffices for is reckoned beforehand. [s]
    rounds : int
        Most of them.
    """
    groups, cover = stalls(case, model, rules), Cover.of(model)
    work = sum(WORK[0] * case.days + WORK[1] * group.alike.states for group in groups)
    if math.isfinite(left()):
        rounds = min(rounds, int(left() / work))
    if rounds < FEWEST:
        return None
    program, need = model.program, model.program.row_lower[cover.rows]
    short, over = program.cost[cover.short], program.cost[cover.over]
    first = STEP * float(short.mean()) if len(short) else 1.0
    prices = [np.zeros(len(need)), *(price for group in groups for price in group.none())]
    mean, square = ([np.zeros_like(price) for price in prices] for _ in range(2))
    values, averaged = np.zeros(len(program.cost)), 0
    best, kept = -math.inf, prices
    for done in range(rounds):
        if done and left() <= 0:
            break
        cost, plans = program.constant + float(prices[0] @ need), []
        own = [prices[1 + 3 * at : 4 + 3 * at] for at in range(len(groups))]
        for group, some in zip(groups, own, strict=True):
            more, taken = group.walked(prices[0], some)
            cost += more
            plans.append(taken)
        if not math.isfinite(cost):
            return None
        if cost > best:
            best, kept = cost, prices
        columns = _worked(model, groups, plans)
        if done >= (1.0 - MEAN) * rounds:
            values[columns] += 1.0
            averaged += 1
        there = np.bincount(cover.at, np.bincount(columns, minlength=len(values))[cover.columns], len(need))
        wrong = [need - there]
        for group, some, taken in zip(groups, own, plans, strict=True):
            wrong += group.moves(taken, some)
        by = _steps(wrong, mean, square, done, first * (1.0 - done / rounds) ** FADE)
        after = [np.clip(prices[0] + by[0], -over, short)]
        for at, group in enumerate(groups):
            after += group.moved(own[at], by[1 + 3 * at : 4 + 3 * at])
        prices = after
    values /= max(averaged, 1)
    held = np.clip(values, program.lower, program.upper)
    return Guide(held, _duals(model, cover, groups, kept), best, "stopped")


def _worked(model: Model, groups: list[Stall], plans: list[np.ndarray]) -> np.ndarray:
    """Columns of the shifts that everybody takes."""
    return np.concatenate(
        [
            walking.worked(model, number, plan)
            for group, some in zip(groups, plans, strict=True)
            for number, plan in zip(group.people.tolist(), some, strict=True)
        ]
    )


def _steps(
    wrong: list[np.ndarray], mean: list[np.ndarray], square: list[np.ndarray], done: int, size: float
) -> list[np.ndarray]:
    """The moves of all prices: each by its mean move so far, measured by how much that changes (Adam)."""
    steps = []
    for at, by in enumerate(wrong):
        mean[at] = KEPT[0] * mean[at] + (1.0 - KEPT[0]) * by
        square[at] = KEPT[1] * square[at] + (1.0 - KEPT[1]) * by**2
        even = np.sqrt(square[at] / (1.0 - KEPT[1] ** (done + 1)))
        steps.append(size * mean[at] / (1.0 - KEPT[0] ** (done + 1)) / (even + 1e-3))
    return steps


def _duals(model: Model, cover: Cover, groups: list[Stall], prices: list[np.ndarray]) -> np.ndarray:
    """Prices as duals of the program's rows."""
    duals = np.zeros(len(model.rule))
    duals[cover.rows] = prices[0]
    hours, caps = (model.rule == model.parts.get(name, -1) for name in ("hours_total", "shifts_total"))
    column = np.zeros(len(model.program.cost), dtype=int)
    for at, group in enumerate(groups):
        pay, _, shift = prices[1 + 3 * at : 4 + 3 * at]
        for place, number in enumerate(group.people.tolist()):
            own = model.owner == number
            duals[hours & own] = pay[place]
            for row in np.flatnonzero(caps & own):
                x = model.x[number]
                column[x[x >= 0]] = np.nonzero(x >= 0)[1]
                some = model.program.matrix[[row]].indices
                if len(some):  # none where nobody may work the shift
                    duals[row] = -shift[place, column[some[0]]]
    return duals
