"""From shares of whole days to a roster: people are settled one after the other, the surest first.

After each the others walk again at the new prices. Where settling somebody costs much, others are tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np

from staffing.roster.horizon.master import NEAR, Pool, Shares, converged

AGAIN = 8  # walks of the others after somebody is settled
DEAR = 0.003  # of the cost: settling somebody who costs more is undone if another costs less
OTHERS = 3  # that are tried then
HURRY = 3  # times as many as that at once come to nothing
STEPS = 40  # in which everybody is to be settled
SURE = 0.99  # share of a column that is taken with the surest
FREED = 8.0  # people whose days are taken up anew, to begin with
STALE = 20  # times that nothing came of it, after which it ends
GROW = 1.05
LINEAR, FIRST = 0.5, 0.9  # of the time until the shares are found, and until the first roster of them


@dataclass(frozen=True)
class Settled:
    """A roster of whole days.

    Parameters
    ----------
    plans : list of numpy.ndarray
        Everybody's option on each day.
    cost, bound : float
        Of the plans; no roster costs less than the bound.
    guide : numpy.ndarray or None
        The shares, as values of the whole program's columns of shifts; None where none were found.
    interrupted : bool
        Whether Ctrl-C ended it.
    """

    plans: list[np.ndarray]
    cost: float
    bound: float
    guide: np.ndarray | None
    interrupted: bool = False


def settled(
    pool: Pool,
    duals: np.ndarray,
    left: Callable[[], float],
    rng: np.random.Generator,
    step: float,
) -> Settled:
    """The best roster of whole days that is found, never a worse one than the first columns of all are.

    Parameters
    ----------
    pool : Pool
        With one lawful column for each person, in order.
    duals : numpy.ndarray
        Of the whole program's rows, to begin with.
    left : callable
        Processor time that is left. [s]
    rng : numpy.random.Generator
        Draws whose days are taken up anew.
    step : float
        What all costs are whole multiples of, or 0.
    """
    taken = {person: person for person in range(len(pool.rules))}
    cost, bound, whole = pool.total(taken), -math.inf, left()
    guide: np.ndarray | None = None
    until = [whole * (1.0 - share) if math.isfinite(whole) else 0.0 for share in (LINEAR, FIRST)]
    try:
        shares, bound = converged(pool, pool.begin(duals), lambda: left() - until[0], step)
        if shares is None:
            return Settled(_plans(pool, taken), cost, bound, None)
        guide = pool.guide(shares)
        found = dive(pool, shares, {}, lambda: left() - until[1])
        if found is not None and pool.total(found) < cost:
            taken, cost = found, pool.total(found)
        size, stale = min(FREED, len(pool.rules)), 0
        while stale < STALE and left() > 0 and cost - bound >= max(step, NEAR * abs(cost)):
            freed = _unlike(pool, shares, taken, round(size), rng)
            found = again(pool, taken, freed, left, cost - max(0.5 * step, NEAR * abs(cost)))
            if found is not None and pool.total(found) < cost - 1e-6:
                taken, cost, stale = found, pool.total(found), 0
                continue
            if len(freed) == len(pool.rules):
                break
            size, stale = min(size * GROW, len(pool.rules)), stale + 1
    except KeyboardInterrupt:
        return Settled(_plans(pool, taken), cost, bound, guide, interrupted=True)
    return Settled(_plans(pool, taken), cost, bound, guide)


def _plans(pool: Pool, taken: Mapping[int, int]) -> list[np.ndarray]:
    return [pool.plans[taken[person]] for person in range(len(pool.rules))]


def _unlike(
    pool: Pool, shares: Shares, taken: Mapping[int, int], many: int, rng: np.random.Generator
) -> set[int]:
    """Some people, those more often whose column has a small share."""
    share = np.zeros(len(pool.person))
    share[: len(shares.values)] = shares.values
    weight = 1.2 - np.clip(share[[taken[person] for person in range(len(pool.rules))]], 0.0, 1.0)
    return set(rng.choice(len(weight), many, replace=False, p=weight / weight.sum()).tolist())


def dive(
    pool: Pool, shares: Shares, settled: Mapping[int, int], left: Callable[[], float], below: float = math.inf
) -> dict[int, int] | None:
    """The column of each person, those of some being settled from the start.

    None where none cost less than a limit, and where so many would have to be settled at once in the time
    that it would come to nothing.
    """
    taken, began, walked = dict(settled), left(), 0
    base = math.ceil(len(pool.rules) / STEPS)
    while len(taken) < len(pool.rules) and shares.cost < below:
        tried: list[tuple[Shares, dict[int, int]]] = []
        barred: set[int] = set()
        missing, many = len(pool.rules) - len(taken), base
        if walked and math.isfinite(began):
            # Fewer and fewer walk again: half of those missing in the mean of the steps to come.
            many = max(many, math.ceil((began - left()) / walked * missing**2 / 2.0 / max(left(), 1e-9)))
        if many > HURRY * base and missing > len(pool.rules) / 2.0:
            return None
        walked += missing
        for _ in range(OTHERS if many == base else 1):
            more = _surest(pool, shares, taken, barred, many)
            found = _followed(pool, shares.cost, taken | more, left) if more and left() > 0 else None
            if found is None:
                break
            tried.append((found, more))
            barred |= set(more.values())
            if found.cost - shares.cost <= DEAR * abs(shares.cost):
                break
        if not tried:
            return taken | _surest(pool, shares, taken, set(), len(pool.rules))
        shares, more = min(tried, key=lambda one: one[0].cost)
        taken |= more
    return taken if shares.cost < below else None


def again(
    pool: Pool, taken: Mapping[int, int], freed: Collection[int], left: Callable[[], float], below: float
) -> dict[int, int] | None:
    """Some people's days anew, all others held, where that costs less than a limit."""
    settled = {person: column for person, column in taken.items() if person not in freed}
    shares = _followed(pool, -math.inf, settled, left)
    return None if shares is None else dive(pool, shares, settled, left, below)


def _surest(
    pool: Pool, shares: Shares, taken: Mapping[int, int], barred: set[int], many: int
) -> dict[int, int]:
    """The lawful columns of the largest shares: so many, and all that are as good as settled."""
    share = np.zeros(len(pool.person))
    share[: len(shares.values)] = shares.values
    found: dict[int, int] = {}
    for column in np.argsort(-share, kind="stable").tolist():
        person = pool.person[column]
        if person in taken or person in found or column in barred or not pool.lawful[column]:
            continue
        if len(found) >= many and share[column] < SURE:
            break
        found[person] = column
    return found


def _followed(
    pool: Pool, before: float, taken: Mapping[int, int], left: Callable[[], float]
) -> Shares | None:
    """The shares when some are settled, and the others have walked again as long as it helps."""
    free = [number for number in range(len(pool.rules)) if number not in taken]
    found = pool.solve(taken, left)
    for _ in range(AGAIN if free else 0):
        if found is None or found.cost <= before + NEAR * abs(found.cost):
            break
        new, _ = pool.walk(found.duals, free, left)
        if not new:
            break
        found = pool.solve(taken, left)
    return found
