"""Everybody's whole days as columns of one program, made by walks at its own prices.

Of each person one column is taken; the rows are the people needed on each shift, and those limits on the
shifts of one name that a walk does not count. The linear program over all columns there could be bounds the
roster closely, and its shares of columns say whose days are all but settled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse

from staffing import lp
from staffing.roster.horizon import walking
from staffing.roster.horizon.case import Horizon
from staffing.roster.horizon.model import Cover, Model
from staffing.roster.horizon.walks import Frame, cheapest, mended, narrow

STEADY = 0.8  # weight of the best prices so far in those that people walk at next
NEAR = 1e-4  # of the cost: nearer to each other bound and cost need not come
ROUNDS = 120  # of walks of everybody


@dataclass(frozen=True)
class Shares:
    """The linear program over the columns so far.

    Parameters
    ----------
    cost : float
        Of the shares.
    values : numpy.ndarray
        Share of each column, shape (columns,).
    duals : numpy.ndarray
        Of the people needed, then of the limits on shifts of one name.
    """

    cost: float
    values: np.ndarray
    duals: np.ndarray


@dataclass
class Pool:
    """Whole days of people, as columns.

    Parameters
    ----------
    case : Horizon
        Whose days.
    model : Model
        The program that costs and people needed are taken from.
    rules : sequence of Frame
        Of everybody.

    Attributes
    ----------
    person, cost, lawful, plans : list
        Of each column: whose it is, what it costs, whether it keeps the limits on the shifts of one name, and
        the option of each day.
    """

    case: Horizon
    model: Model
    rules: Sequence[Frame]
    person: list[int] = field(init=False, default_factory=list)
    cost: list[float] = field(init=False, default_factory=list)
    lawful: list[bool] = field(init=False, default_factory=list)
    plans: list[np.ndarray] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        program, self._cover = self.model.program, Cover.of(self.model)
        self._need = program.row_lower[self._cover.rows]
        self._row_of = np.full(len(program.cost), -1)
        self._row_of[self._cover.columns] = self._cover.at
        first = len(self._need) + len(self.rules)
        self._caps: dict[tuple[int, int], int] = {}  # (person, shift) -> row
        for number, rules in enumerate(self.rules):
            counted = {shift for shift, _ in rules.counted}
            for shift in np.flatnonzero((rules.caps > 0) & (rules.caps < len(rules.units))).tolist():
                if shift not in counted:
                    self._caps[number, shift] = first + len(self._caps)
        self._most = np.array([self.rules[number].caps[shift] for number, shift in self._caps])
        self._entries: list[tuple[np.ndarray, np.ndarray]] = []
        self._known: dict[tuple[int, bytes], int] = {}

    def begin(self, duals: np.ndarray) -> np.ndarray:
        """Duals of the whole program's rows as those of the columns' program."""
        tolls = [
            walking.tolls(self.model, number, len(rules.caps), duals)
            for number, rules in enumerate(self.rules)
        ]
        return np.append(duals[self._cover.rows], [-tolls[number][shift] for number, shift in self._caps])

    def add(self, person: int, plan: np.ndarray) -> int:
        """The column of a person's days, a new one where there is none."""
        key = person, plan.astype(np.int16).tobytes()
        if key in self._known:
            return self._known[key]
        self._known[key] = len(self.person)
        columns, rules = walking.worked(self.model, person, plan), self.rules[person]
        counts = np.bincount(plan, minlength=len(rules.caps) + 1)[1:]
        held = [shift for shift in np.flatnonzero(counts).tolist() if (person, shift) in self._caps]
        rows = [self._row_of[columns], [len(self._need) + person], [self._caps[person, one] for one in held]]
        factors = np.concatenate([np.ones(len(columns) + 1), counts[held]])
        self._entries.append((np.concatenate(rows).astype(int), factors))
        self.person.append(person)
        self.cost.append(float(self.model.program.cost[columns].sum()))
        self.lawful.append(bool((counts <= rules.caps).all()))
        self.plans.append(plan.copy())
        return self._known[key]

    def total(self, taken: Mapping[int, int]) -> float:
        """What a roster of one column for each person costs."""
        columns, needs, program = list(taken.values()), len(self._need), self.model.program
        rows = np.concatenate([self._entries[column][0] for column in columns])
        lacking = self._need - np.bincount(rows[rows < needs], minlength=needs)
        short, over = program.cost[self._cover.short], program.cost[self._cover.over]
        uncovered = short @ np.maximum(lacking, 0.0) + over @ np.maximum(-lacking, 0.0)
        return float(uncovered) + sum(self.cost[column] for column in columns) + program.constant

    def guide(self, shares: Shares) -> np.ndarray:
        """Shares of columns as values of the whole program's columns of shifts."""
        values = np.zeros(len(self.model.program.cost))
        for column in np.flatnonzero(shares.values > 1e-6).tolist():
            worked = walking.worked(self.model, self.person[column], self.plans[column])
            values[worked] += shares.values[column]
        return values

    def solve(self, taken: Mapping[int, int], left: Callable[[], float]) -> Shares | None:
        """The linear program where some people's columns are settled; None where no time is left."""
        closed = np.isin(self.person, list(taken))
        closed[list(taken.values())] = False
        some = np.flatnonzero(~closed)
        cover, whole, needs = self._cover, self.model.program, len(self._need)
        height, width = len(self._need) + len(self.rules) + len(self._caps), len(some) + 2 * needs
        parts = [self._entries[at] for at in some.tolist()]
        rows = np.concatenate([*(rows for rows, _ in parts), np.arange(needs), np.arange(needs)])
        sizes = [*(len(rows) for rows, _ in parts), *(1,) * (2 * needs)]
        factors = np.concatenate([*(factors for _, factors in parts), np.ones(needs), -np.ones(needs)])
        entries = factors, (rows, np.repeat(np.arange(width), sizes))
        shared = np.concatenate([cover.short, cover.over])
        equal = np.concatenate([self._need, np.ones(len(self.rules))])
        most = np.concatenate([np.ones(len(some)), whole.upper[cover.short], np.full(needs, np.inf)])
        program = lp.Program(
            cost=np.concatenate([np.array(self.cost)[some], whole.cost[shared]]),
            matrix=scipy.sparse.csr_array(entries, shape=(height, width)),
            row_lower=np.append(equal, np.full(len(self._caps), -np.inf)),
            row_upper=np.append(equal, self._most),
            lower=np.zeros(width),
            upper=most,
            integer=np.zeros(width, dtype=bool),
            constant=whole.constant,
        )
        found = lp.direct(program, rough=True, time_limit=left())
        if found.interrupted:
            raise KeyboardInterrupt
        if found.values is None or found.duals is None or left() <= 0:
            return None
        values = np.zeros(len(self.person))
        values[some] = found.values[: len(some)]
        return Shares(found.cost, values, np.delete(found.duals, slice(needs, needs + len(self.rules))))

    def walk(
        self, duals: np.ndarray, people: Collection[int], left: Callable[[], float]
    ) -> tuple[int, float]:
        """Everybody's best days at some duals, as columns; how many are new, and the bound if all walked.

        A walk that breaks a limit on the shifts of one name serves the linear program; another one that keeps
        it goes with it.
        """
        program, cover, needs = self.model.program, self._cover, len(self._need)
        at = np.clip(duals[:needs], -program.cost[cover.over], program.cost[cover.short])
        tolls = np.maximum(-duals[needs:], 0.0)
        cost = program.cost.copy()
        cost[cover.columns] -= at[cover.at]
        bound = float(at @ self._need) - float(tolls @ self._most) + program.constant
        new = 0
        for group in self._together(people):
            if left() <= 0:
                return new, -math.inf
            rules = self.rules[group[0]]
            price = np.array([walking.prices(self.case, self.model, number, cost) for number in group])
            caps = np.array([self.rules[number].caps for number in group])
            toll = np.zeros(caps.shape)
            for place, number in enumerate(group):
                for shift in range(caps.shape[1]):
                    if (number, shift) in self._caps:
                        row = self._caps[number, shift] - needs - len(self.rules)
                        toll[place, shift] = tolls[row]
            tolled = price.copy()
            tolled[:, :, 1:] += toll[:, None, :]
            plans, costs = cheapest(rules, tolled)
            bound += float(costs.sum()) if not narrow(rules) else -math.inf
            new += self._added(group, plans, costs)
            above = np.array([_breaks(plan, most) for plan, most in zip(plans, caps, strict=True)])
            if above.any():
                plans, costs = mended(rules, price[above], caps[above], toll[above])
                new += self._added(np.array(group)[above].tolist(), plans, costs)
        return new, bound

    def _added(self, people: Sequence[int], plans: np.ndarray, costs: np.ndarray) -> int:
        before = len(self.person)
        for number, plan, cost in zip(people, plans, costs, strict=True):
            if math.isfinite(cost):
                self.add(number, plan)
        return len(self.person) - before

    def _together(self, people: Collection[int]) -> list[list[int]]:
        same: dict[tuple[object, ...], list[int]] = {}
        for number in sorted(people):
            same.setdefault(self.rules[number].key, []).append(number)
        size = walking.TOGETHER
        return [some[at : at + size] for some in same.values() for at in range(0, len(some), size)]


def _breaks(plan: np.ndarray, caps: np.ndarray) -> bool:
    return bool((np.bincount(plan, minlength=len(caps) + 1)[1:] > caps).any())


def converged(
    pool: Pool, duals: np.ndarray, left: Callable[[], float], step: float
) -> tuple[Shares | None, float]:
    """Columns until no better ones are found: the shares, and what no roster can cost less than.

    People walk at prices between those of the shares and those that gave the best bound so far.
    """
    everybody = range(len(pool.rules))
    best, centre, weight, shares = -math.inf, duals, STEADY, None
    for _ in range(ROUNDS):
        new, bound = pool.walk(duals, everybody, left)
        if bound > best:
            best, centre = bound, duals
        found = pool.solve({}, left)
        if found is None:
            break
        shares = found
        near = max(0.5 * step, NEAR * abs(shares.cost))
        if shares.cost - best < near or (not new and weight < 0.05):
            break
        weight = STEADY if new else weight / 2.0
        duals = weight * centre + (1.0 - weight) * shares.duals
    return shares, best
