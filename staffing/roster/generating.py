"""The linear program of many weeks by column generation: a few of each group first, then those that pay."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from staffing import lp
from staffing.errors import SolverError
from staffing.roster.case import Case
from staffing.roster.master import Layout

# From so many weeks on the linear program is not stated whole.
MANY = 20_000
FEW, MORE = 8, 40  # weeks of each group to begin with, and to add at most in each round
# The rounds end where no more than this can be gained. [short agent-half-hours]
NEARLY = 0.25


def solved(case: Case, layout: Layout, program: lp.Program, budget: lp.Budget) -> lp.Solution:
    r"""The linear program of the week, by columns where it has many.

    Whatever the rows' duals are, weeks that are left out can save no more than

    .. math:: \sum_g members_g \cdot (\overline{reduced}_g - \min_w reduced_w)

    where the first is the mean over the people of the group: so the rounds give a bound of the whole as they
    go, and end where it is near.

    Parameters
    ----------
    case, layout, program
        Of the week.
    budget : lp.Budget
        Of all rounds together, and taken off it.

    Returns
    -------
    lp.Solution
        Its bound holds for the whole program. Where the budget or Ctrl-C ends the rounds, that of the last
        one done; where the budget ends before, zeros, from which everybody's weeks can be shared out.

    Raises
    ------
    KeyboardInterrupt
        Where Ctrl-C came before the first round was done.
    """
    count = int(layout.ends[0])
    tied = _tied(layout)
    if count <= MANY or tied.sum() > MANY:
        return _answered(lp.relaxed(program), budget) or _nothing(program)
    first = np.cumsum([0, *layout.sizes[:-1]])
    members = np.array([len(group.agents) for group in case.groups], dtype=float)
    chosen = tied
    for start, size in zip(first.tolist(), layout.sizes, strict=True):
        chosen[start + np.unique(np.linspace(0, size - 1, FEW).astype(int))] = True
    weeks = program.matrix[:, :count].T.tocsr()
    found = _nothing(program)
    while True:
        kept = np.concatenate([np.flatnonzero(chosen), np.arange(count, len(program.cost))])
        try:
            answer = _answered(lp.relaxed(_of(program, kept)), budget)
        except KeyboardInterrupt:
            if found.duals is None:
                raise
            return dataclasses.replace(found, interrupted=True)
        if answer is None or answer.values is None or answer.duals is None:
            return found
        reduced = program.cost[:count] - weeks @ answer.duals
        best = np.minimum.reduceat(reduced, first)
        worked = float(reduced[chosen] @ answer.values[: chosen.sum()])
        bound = max(found.bound, answer.cost - worked + float(members @ best))
        values = np.zeros(len(program.cost))
        values[kept] = answer.values
        found = dataclasses.replace(answer, values=values, bound=min(bound, answer.cost))
        pays = _that_pay(reduced, layout.sizes, np.where(chosen, reduced, np.inf), first)
        if answer.cost - bound <= NEARLY * case.price_short or not pays.any():
            return found
        chosen |= pays


def _answered(program: lp.Program, budget: lp.Budget) -> lp.Solution | None:
    """The linear program's answer, None where the budget ended before it."""
    if budget.over:
        return None
    try:
        answer = lp.solve(program, budget=budget)
    except SolverError:
        if budget.over:
            return None
        raise
    if answer.interrupted:
        raise KeyboardInterrupt
    return None if answer.status == "stopped" else answer


def _nothing(program: lp.Program) -> lp.Solution:
    """What is known before the linear program is solved: no values cost less than nothing bought."""
    bound = lp.safe_bound(program, np.zeros(len(program.row_lower)))
    return lp.Solution("stopped", np.zeros(len(program.cost)), None, math.inf, bound, 0.0)


def _tied(layout: Layout) -> np.ndarray:
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
