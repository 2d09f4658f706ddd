"""Person after person walks anew, at what the others leave and at the prices of the market.

At what the others leave alone nobody moves who could make room for a better whole. At the prices of the
market alone all would go where few are needed. A share of each, the market's falling sweep by sweep to
nothing, brings people to where they can be spared least.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from staffing.roster.horizon import walking
from staffing.roster.horizon.case import Horizon
from staffing.roster.horizon.model import Cover, Model
from staffing.roster.horizon.walks import Frame

MARKET = (0.5, 0.4, 0.3, 0.2, 0.1, 0.05)  # share of the market's prices in the sweeps of a round; then none
LAST = 3  # most sweeps of a round without the market
TRIES = 2  # walks of one person


@dataclass
class Settled:
    """Whole days of everybody, and what they leave.

    Parameters
    ----------
    values : numpy.ndarray
        Of all columns; of those who walk, the shifts alone.
    worked : dict
        Of each person who walks, the columns of the shifts.
    lacking : numpy.ndarray
        People needed beyond those there, by row of the cover.
    """

    values: np.ndarray
    worked: dict[int, np.ndarray]
    lacking: np.ndarray


@dataclass(frozen=True)
class Walkers:
    """Those who walk anew, and what they are paid by.

    Parameters
    ----------
    case, model, cover
        The days, their program, and the people needed.
    rules : sequence of Frame
        Of everybody, None of those who do not walk.
    at : numpy.ndarray of int
        Of each column the place among the rows of the cover; -1 where it is in none.
    market : numpy.ndarray
        Price of one more person, by row of the cover: what the duals say is saved, as a cost.
    """

    case: Horizon
    model: Model
    cover: Cover
    rules: Sequence[Frame | None]
    at: np.ndarray
    market: np.ndarray

    @classmethod
    def of(cls, case: Horizon, model: Model, rules: Sequence[Frame | None], duals: np.ndarray) -> Walkers:
        """At the duals of the program's rows."""
        cover, at = Cover.of(model), np.full(len(model.program.cost), -1)
        at[cover.columns] = cover.at
        return cls(case, model, cover, rules, at, -duals[cover.rows])

    def cost(self, now: Settled) -> float:
        """Of the shifts of those who walk, and of people short and too many."""
        cost = self.model.program.cost
        short, over = np.maximum(now.lacking, 0.0), np.maximum(-now.lacking, 0.0)
        cover = cost[self.cover.short] @ short + cost[self.cover.over] @ over
        return float(cover + sum(float(cost[some].sum()) for some in now.worked.values()))

    def sweep(self, now: Settled, order: Sequence[int], share: float, left: Callable[[], float]) -> bool:
        """Everybody walks anew at such a share of the market's prices; whether anybody's days changed."""
        price, changed = self.model.program.cost.copy(), False
        for number in order:
            rules = self.rules[number]
            if rules is None or left() <= 0:
                continue
            was = now.worked[number]
            rest = now.lacking + self.heads(was)
            self.reprice(price, number, rest, share)
            plan = walking.lawful(self.case, self.model, rules, number, price, TRIES)
            if plan is None:
                continue
            walked = walking.worked(self.model, number, plan)
            if price[walked].sum() < price[was].sum() - 1e-6:
                now.values[was], now.values[walked] = 0.0, 1.0
                now.worked[number], now.lacking = walked, rest - self.heads(walked)
                changed = True
        return changed

    def reprice(self, price: np.ndarray, number: int, rest: np.ndarray, share: float = 0.0) -> None:
        """Write down what a person's shifts cost at what the others leave, and at a share of the market's."""
        own = self.model.x[number]
        own = own[(own >= 0) & (self.at[own] >= 0)]
        cover = (1.0 - share) * self.cover.price(self.model.program, rest) + share * self.market
        price[own] = self.model.program.cost[own] + cover[self.at[own]]

    def heads(self, columns: np.ndarray, values: np.ndarray | None = None) -> np.ndarray:
        """People whom some columns bring, by row of the cover; each column one, or its value."""
        at = self.at[columns]
        weights = None if values is None else values[columns][at >= 0]
        return np.bincount(at[at >= 0], weights, minlength=len(self.cover.rows)).astype(float)


def swept(
    walkers: Walkers,
    values: np.ndarray,
    people: Sequence[int],
    left: Callable[[], float],
    rng: np.random.Generator,
) -> np.ndarray:
    """Better days of some people, whose shifts are whole; their other columns are not kept up.

    Rounds follow each other until one has not gained, or the time is over.
    """
    worked = {}
    for number in people:
        own = walkers.model.x[number]
        own = own[own >= 0]
        worked[number] = own[values[own] > 0.5]
    now = Settled(values.copy(), worked, walkers.cover.left(walkers.model.program, values))
    best, least, gained = now.values.copy(), walkers.cost(now), True
    while gained and left() > 0:
        gained = False
        for share in (*MARKET, *[0.0] * LAST):
            changed = walkers.sweep(now, rng.permutation(list(people)).tolist(), share, left)
            cost = walkers.cost(now)
            if cost < least - 1e-6:
                best, least, gained = now.values.copy(), cost, True
            if not changed and share == 0.0:
                break
    return best
