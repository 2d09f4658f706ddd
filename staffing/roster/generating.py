"""The linear program of many weeks by column generation: a few of each group first, then those that pay."""

from __future__ import annotations

import dataclasses
import math
import time

import numpy as np

from staffing import lp
from staffing.roster.case import Case
from staffing.roster.master import Layout

# From so many weeks on the linear program is not stated whole.
MANY = 20_000
FEW, MORE = 8, 40  # weeks of each group to begin with, and to add at most in each round
# The rounds end where no more than this can be gained. [short agent-half-hours]
NEARLY = 0.25


def solved(case: Case, layout: Layout, program: lp.Program, time_limit: float | None) -> lp.Solution:
    r"""The linear program of the week, by columns where it has many.

    Whatever the rows' duals are, weeks that are left out can save no more than

    .. math:: \sum_g members_g \cdot (\overline{reduced}_g - \min_w reduced_w)

    where the first is the mean over the people of the group: so the rounds give a bound of the whole as they
    go, and end where it is near.

    Parameters
    ----------
    case, layout, program
        Of the week.
    time_limit : float or None
        Of all rounds together. [s]

    Returns
    -------
    lp.Solution
        Its bound holds for the whole program.
    """
    several = tied(layout)
    if layout.ends[0] <= MANY or several.sum() > MANY:
        return lp.solve(lp.relaxed(program), time_limit=time_limit)
    members = np.array([len(group.agents) for group in case.groups], dtype=float)
    nearly = NEARLY * case.price_short
    return by_columns(program, layout.sizes, members, several, nearly, time_limit)


def by_columns(
    program: lp.Program,
    sizes: tuple[int, ...],
    members: np.ndarray,
    chosen: np.ndarray,
    nearly: float,
    time_limit: float | None,
) -> lp.Solution:
    """The linear program of many weeks; its first columns are those of each group, one after the other.

    Parameters
    ----------
    program : lp.Program
        To be relaxed.
    sizes, members
        How many weeks each group has, and how many people.
    chosen : numpy.ndarray of bool
        Weeks to begin with, beside a few of each group.
    nearly : float
        The rounds end where no more can be gained. [cost]
    time_limit : float or None
        Of all rounds together. [s]
    """
    count, chosen = len(chosen), chosen.copy()
    until = math.inf if time_limit is None else time.perf_counter() + time_limit
    began = time.perf_counter()
    first = np.cumsum([0, *sizes[:-1]])
    for start, size in zip(first.tolist(), sizes, strict=True):
        chosen[start + np.unique(np.linspace(0, size - 1, FEW).astype(int))] = True
    weeks = program.matrix[:, :count].T.tocsr()
    bound = -math.inf
    while True:
        kept = np.concatenate([np.flatnonzero(chosen), np.arange(count, len(program.cost))])
        left = until - time.perf_counter()
        limit = None if math.isinf(left) else max(left, 0.1)
        answer = lp.direct(lp.relaxed(_of(program, kept)), time_limit=limit)
        if answer.values is None or answer.duals is None:
            return dataclasses.replace(answer, bound=bound)
        reduced = program.cost[:count] - weeks @ answer.duals
        best = np.minimum.reduceat(reduced, first)
        worked = float(reduced[chosen] @ answer.values[: chosen.sum()])
        bound = max(bound, answer.cost - worked + float(members @ best))
        pays = _that_pay(reduced, sizes, np.where(chosen, reduced, np.inf), first)
        if answer.interrupted or answer.cost - bound <= nearly or not pays.any():
            break
        chosen |= pays
    values = np.zeros(len(program.cost))
    values[kept] = answer.values
    seconds = time.perf_counter() - began
    return dataclasses.replace(answer, values=values, bound=min(bound, answer.cost), seconds=seconds)


def tied(layout: Layout) -> np.ndarray:
    """The weeks of all groups that a hard rule ties to others: some of them might not keep it."""
    some = layout.together.at_work[np.flatnonzero(~layout.together.priced)]
    group = np.repeat(np.arange(len(layout.sizes)), layout.sizes)
    return np.isin(group, group[np.unique(some.nonzero()[1])])


def _of(program: lp.Program, kept: np.ndarray) -> lp.Program:
    """The program with some of its columns; the others are 0."""
    columns = {name: getattr(program, name)[kept] for name in ("cost", "lower", "upper", "integer")}
    return dataclasses.replace(program, matrix=program.matrix[:, kept], **columns)


def _that_pay(
    reduced: np.ndarray, sizes: tuple[int, ...], known: np.ndarray, first: np.ndarray
) -> np.ndarray:
    """Of each group the weeks of least reduced cost, if that is below all that are known."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((reduced, group))
    rank = np.empty(len(reduced), dtype=int)
    rank[order] = np.arange(len(reduced)) - np.repeat(np.cumsum([0, *sizes[:-1]]), sizes)
    return (reduced < np.minimum.reduceat(known, first)[group] - 1e-9) & (rank < MORE)
