"""From shares of whole days to a roster: people are settled one after the other, the surest first.

After each the others walk again at the new prices. Where settling somebody costs much, others are tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping

import numpy as np

from staffing.roster.horizon.master import NEAR, Pool, Shares

AGAIN = 8  # walks of the others after somebody is settled
DEAR = 0.003  # of the cost: settling somebody who costs more is undone if another costs less
OTHERS = 3  # that are tried then
STEPS = 40  # in which everybody is to be settled
SURE = 0.99  # share of a column that is taken with the surest


def dive(
    pool: Pool, shares: Shares, settled: Mapping[int, int], left: Callable[[], float], below: float = math.inf
) -> dict[int, int] | None:
    """The column of each person, those of some being settled from the start; None: none that cost less than
    a limit. Where the time ends, the rest are settled at once."""
    taken = dict(settled)
    many = math.ceil(len(pool.rules) / STEPS)
    while len(taken) < len(pool.rules) and shares.cost < below:
        tried: list[tuple[Shares, dict[int, int]]] = []
        barred: set[int] = set()
        for _ in range(OTHERS):
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
