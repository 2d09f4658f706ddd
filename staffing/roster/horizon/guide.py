"""The linear program: a bound, and the shares of each shift that guide the search.

Many days are taken in stretches, each with its share of what is counted over all of them; their duals
together still give a valid bound, since any duals do.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from staffing import lp
from staffing.roster.horizon.cut import Arrays, cut, rows_of
from staffing.roster.horizon.model import Model

STRETCH = 63  # days up to which the linear program is solved whole
PART = 28  # days of a stretch where it is not
WIDE = 28  # days beyond which a row counts over the horizon, and is shared out
LARGE = 4000  # columns from which interior points are faster


@dataclass(frozen=True)
class Guide:
    """Values of all columns and duals of all rows in the linear program, as near as they were found, and the
    bound."""

    values: np.ndarray
    duals: np.ndarray
    bound: float
    status: str


def days_of(model: Model) -> int:
    """Days of the horizon."""
    return int(model.last.max()) + 1


def stretches(days: int) -> list[tuple[int, int]]:
    """First day and day after the last of each part that is solved by itself."""
    if days <= STRETCH:
        return [(0, days)]
    return [(first, min(first + PART, days)) for first in range(0, days, PART)]


def solve(model: Model, arrays: Arrays, left: Callable[[], float]) -> Guide:
    """Solve the linear program, as far as the time allows; what is not reached keeps its lower bounds."""
    program = model.program
    values, duals = program.lower.copy(), np.zeros(len(program.row_lower))
    if len(stretches(days_of(model))) == 1:
        rough = len(program.cost) > LARGE
        found = lp.direct(lp.relaxed(program), time_limit=left(), rough=rough)
        if found.status == "infeasible":
            return Guide(values, duals, -np.inf, "infeasible")
        values, duals = _usable(found, values, duals)
        held, nothing = np.clip(values, program.lower, program.upper), np.zeros(len(duals))
        # Where the solver was broken off its duals may be worse than none.
        duals = max(duals, nothing, key=lambda some: lp.safe_bound(program, some))
        return Guide(held, duals, lp.safe_bound(program, duals), found.status)
    began = left()
    held = _by_stretches(model, arrays, values, np.zeros(len(duals)), left)
    duals = held.duals
    if left() > began - left():
        # Prices of what is counted over all days must be the same in each stretch for its duals to fit them.
        wide = np.where(_wide(model), duals, 0.0)
        duals = _by_stretches(model, arrays, values.copy(), wide, left).duals
    bound = max(lp.safe_bound(program, duals), lp.safe_bound(program, np.zeros(len(duals))))
    return Guide(np.clip(held.values, program.lower, program.upper), duals, bound, "stopped")


@dataclass(frozen=True)
class _Linear:
    values: np.ndarray
    duals: np.ndarray


def _by_stretches(
    model: Model, arrays: Arrays, values: np.ndarray, wide: np.ndarray, left: Callable[[], float]
) -> _Linear:
    """The linear program stretch by stretch: at given duals of the rows over many days, where there are any,
    else each with its share of them."""
    duals, weight = wide.copy(), np.zeros(len(wide))
    if wide.any():
        program = arrays.program
        cost = program.cost - program.matrix.T @ wide
        arrays = Arrays(dataclasses.replace(program, cost=cost), arrays.columns)
    for begin, end in stretches(days_of(model)):
        free = np.flatnonzero((model.last >= begin) & (model.first < end))
        share = shares(model, begin, end)
        if wide.any():
            share = np.where(_wide(model), 0.0, share)
        some = shared_out(arrays, share)
        rows, part = rows_of(some, free), cut(some, free, np.zeros(len(values)))
        found = lp.direct(lp.relaxed(part), time_limit=left(), rough=len(free) > LARGE)
        if found.values is None or found.duals is None:
            continue
        inside = (model.first[free] >= begin) & (model.last[free] < end)
        values[free] = np.where(inside, found.values, np.maximum(values[free], found.values))
        duals[rows] += found.duals * share[rows]
        weight[rows] += share[rows]
    return _Linear(values, np.where(weight > 0, duals / np.where(weight > 0, weight, 1.0), wide))


def _wide(model: Model) -> np.ndarray:
    """Rows over so many days that each stretch has its share of them."""
    return model.row_last - model.row_first > WIDE


def _usable(found: lp.Solution, values: np.ndarray, duals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if found.values is None or found.duals is None or len(found.duals) != len(duals):
        return values, duals
    return found.values, found.duals


def shares(model: Model, begin: int, end: int) -> np.ndarray:
    """Share of each row that some days have: 1 where it lies within them, 0 for a short row that leaves them.

    A row over many days has the share of its factors that belong to columns of these days.
    """
    rows, columns, factors = model.entries
    inside = (model.row_first >= begin) & (model.row_last < end)
    here = (model.first[columns] < end) & (model.last[columns] >= begin)
    size, many = np.abs(factors), len(inside)
    all_of = np.bincount(rows, size, minlength=many)
    some_of = np.bincount(rows[here], size[here], minlength=many)
    return np.where(inside, 1.0, np.where(_wide(model), some_of / np.maximum(all_of, 1e-12), 0.0))


def shared_out(arrays: Arrays, share: np.ndarray, slack: float = 0.0) -> Arrays:
    """The program of some days: long rows with their share, short ones that leave the days without bounds.

    ``slack`` widens what is shared out, in units of the largest factor of each row.
    """
    program = arrays.program
    largest = np.zeros(len(share))
    if slack:
        largest = slack * abs(program.matrix).max(axis=1).toarray().ravel() * (share < 1)
    finite = [np.where(np.isfinite(some), some, 0.0) for some in (program.row_lower, program.row_upper)]
    low = np.where(np.isfinite(program.row_lower) & (share > 0), finite[0] * share - largest, -np.inf)
    high = np.where(np.isfinite(program.row_upper) & (share > 0), finite[1] * share + largest, np.inf)
    return Arrays(dataclasses.replace(program, row_lower=low, row_upper=high), arrays.columns)
