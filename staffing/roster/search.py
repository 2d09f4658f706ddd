"""From the program to whole numbers, in steps that stop as soon as the gap is small enough.

A linear bound and its rounding; whole weeks near it; whole weeks with breaks still in parts; at last the
whole program. Whenever weeks are whole, each day is solved by itself for queues and breaks. Each step begins
from what is there, so a limit or Ctrl-C always leaves the best roster so far.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.sparse

from staffing import lp
from staffing.errors import SolverError
from staffing.roster import generating, together
from staffing.roster.case import Case
from staffing.roster.master import Layout, Post

# Where the search stops, in agent-half-hours: a share of those on the queue beyond the first hundred, at most
# so many, and the loosest counts. The smallest rosters are proven best; in small ones no whole half hour that
# could be covered stays short. Without breaks the linear program is nearly whole, so little is left to allow.
SMALL = 100.0
ENDS = ((0.01, 0.75), (0.00125, 2.4), (2e-6, math.inf))
ENDS_WITHOUT_BREAKS = ((2e-5, 0.75), (2e-6, math.inf))
# A single day is solved to within a hundredth of an agent-half-hour.
DAY = 0.01
# Where a roster is kept, the gap is at most so much of the price of a change.
NEEDLESS = 0.75
# A week is cheap if it costs at most so much more than the linear program's own. [short agent-half-hours]
CHEAP = 0.01
# For weeks that keep seats, seniors and pairs at all, whatever is left of the limit. [s]
KEEPING = 20.0
Status = Literal["optimal", "stopped", "time limit"]


@dataclass(frozen=True)
class Found:
    """The best solution found.

    Parameters
    ----------
    values : numpy.ndarray
        Of all columns of the program; whole where they must be.
    cost, bound : float
        Of the values; no solution costs less than the bound.
    status : str
        ``"optimal"``: proven within the gap that `allowed` gives; ``"stopped"``: a limit in work or Ctrl-C
        ended it, or all steps were done; ``"time limit"``: the clock ended it.
    seconds : float
        In the solver. [s]
    duals : numpy.ndarray or None
        Of the rows, as the linear program has them.
    interrupted : bool
        Whether Ctrl-C came.
    """

    values: np.ndarray
    cost: float
    bound: float
    status: Status
    seconds: float
    duals: np.ndarray | None = None
    interrupted: bool = False


def best(case: Case, layout: Layout, program: lp.Program, budget: lp.Budget) -> Found:
    """Solve the program to within the gap that `allowed` gives.

    The limit is counted in work, so that equal input gives equal output on a busy machine; only where the
    clock had to stop it (`lp.BRAKE`) may another run come further, and the status says so.

    Raises
    ------
    SolverError
        Where no weeks that keep a rule of who must and may be at work at once were found in time.
    PlanError
        Where no weeks keep a rule of who must and may be at work at once.
    KeyboardInterrupt
        Where Ctrl-C came before the linear program was solved.
    """
    began = time.perf_counter()
    linear = generating.solved(case, layout, program, budget)
    if linear.status == "infeasible":
        _nearest(case, layout, np.zeros(layout.ends[0]), budget)
    shares, bound = _values(linear).copy(), linear.bound
    gap = allowed(case, layout, shares)
    near = lawful(layout, program, shares)
    if not layout.together.kept(near[: layout.ends[0]]):
        shares[: layout.ends[0]] = _nearest(case, layout, shares[: layout.ends[0]], budget)
        near = lawful(layout, program, shares)
    values = exact(case, layout, near)
    stages = () if linear.interrupted else _stages(case, layout, program, linear, values, gap, budget)
    interrupted = linear.interrupted
    try:
        for latest, known, ended in stages:
            values = min(values, latest, key=lambda some: float(program.cost @ some))
            bound, interrupted = max(bound, known), ended
    except KeyboardInterrupt:  # what the last stage left is kept
        interrupted = True
    cost = float(program.cost @ values)
    proven = cost - bound <= gap + 1e-6 * max(1.0, abs(cost))
    status: Status = "time limit" if budget.braked else "optimal" if proven else "stopped"
    seconds = time.perf_counter() - began
    return Found(values, cost, min(bound, cost), status, seconds, linear.duals, interrupted)


def _nearest(case: Case, layout: Layout, shares: np.ndarray, budget: lp.Budget) -> np.ndarray:
    """Weeks that keep seats, seniors and pairs, near some shares: without them there is nothing at all."""
    own = lp.Budget(max(budget.left, KEEPING))
    try:
        return together.nearest(case, layout.together, layout.sizes, shares, own)
    finally:
        budget.spend(own.seconds - own.left if math.isfinite(own.seconds) else 0.0)
        budget.braked |= own.braked


def _stages(
    case: Case,
    layout: Layout,
    program: lp.Program,
    linear: lp.Solution,
    values: np.ndarray,
    gap: float,
    budget: lp.Budget,
) -> Iterator[tuple[np.ndarray, float, bool]]:
    """One solution after the other until the gap is small enough; the bound by then; whether Ctrl-C came."""
    bound = linear.bound
    values, interrupted = days(case, layout, program, values, budget)
    yield values, bound, interrupted
    loose = values
    # What must be proven to the end is not helped by steps that end before.
    for step in (_cheap_weeks, _whole_weeks, _all_whole) if gap else (_all_whole,):
        if interrupted or program.cost @ values - bound <= gap or budget.over:
            break
        part = step(case, layout, program, linear, values)
        answer = _better(part.program, loose if part.loose else values, budget, part.share * gap)
        bound = bound if part.within else max(bound, answer.bound)
        loose = latest = _values(answer)
        latest = exact(case, layout, lawful(layout, program, latest) if part.loose else latest)
        interrupted = answer.interrupted
        if not interrupted:
            latest, interrupted = days(case, layout, program, latest, budget)
        values = min(values, latest, key=lambda some: float(program.cost @ some))
        yield values, bound, interrupted


def _values(solution: lp.Solution) -> np.ndarray:
    if solution.values is None:
        raise SolverError(
            "the program of the week has no solution, though short and over are always possible"
        )
    return solution.values


def _better(program: lp.Program, start: np.ndarray, budget: lp.Budget, gap: float) -> lp.Solution:
    """The solver's answer, or the start where it was stopped before it had one."""
    kept = lp.Solution("stopped", start, None, float(program.cost @ start), -math.inf, 0.0)
    if budget.over:
        return kept
    try:
        return lp.solve(program, budget=budget, gap=gap, start=start)
    except KeyboardInterrupt:
        return dataclasses.replace(kept, interrupted=True)
    except SolverError:
        return kept


@dataclass(frozen=True)
class _Step:
    """A program beside the whole one, to be solved to a share of the gap.

    A loose one has parts of breaks; the bound of one within the whole is none of the whole's.
    """

    program: lp.Program
    share: float
    loose: bool = False
    within: bool = False


def _cheap_weeks(
    case: Case, layout: Layout, program: lp.Program, linear: lp.Solution, best: np.ndarray
) -> _Step:
    """Near the linear program: its weeks rounded down are kept, and only weeks as cheap join them."""
    weeks = np.arange(len(program.cost)) < layout.ends[0]
    dual = np.zeros(len(program.row_lower)) if linear.duals is None else linear.duals
    dear = program.cost - program.matrix.T @ dual > CHEAP * case.price_short
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[weeks] = np.minimum(np.floor(_values(linear)[weeks] + 1e-6), best[weeks])
    upper[weeks & dear & (_values(linear) < 1e-6) & (best < 0.5)] = 0.0
    parts = dataclasses.replace(
        _whole_weeks(case, layout, program, linear, best).program, lower=lower, upper=upper
    )
    return _Step(parts, share=0.5, loose=True, within=True)


def _whole_weeks(
    case: Case, layout: Layout, program: lp.Program, linear: lp.Solution, best: np.ndarray
) -> _Step:
    """Breaks may be taken in parts: they are nearly whole by themselves, and there are many of them."""
    integer = program.integer.copy()
    integer[layout.ends[2] :] = False
    return _Step(dataclasses.replace(program, integer=integer), share=0.5, loose=True)


def _all_whole(
    case: Case, layout: Layout, program: lp.Program, linear: lp.Solution, best: np.ndarray
) -> _Step:
    return _Step(program, share=1.0)


def days(
    case: Case, layout: Layout, program: lp.Program, values: np.ndarray, budget: lp.Budget
) -> tuple[np.ndarray, bool]:
    """The best queues and breaks for the weeks of a solution, and whether Ctrl-C came.

    With the weeks held the program falls apart into days, and those into teams that share no queue; what the
    rest of a week adds to a sum over it is held too.
    """
    values = exact(case, layout, values)
    first = int(layout.ends[0])
    rest: Any = scipy.sparse.csr_array(program.matrix[:, first:])
    size = abs(rest)
    of_week = program.matrix[:, :first] @ values[:first]
    missing = np.arange(layout.missing.start, layout.missing.stop) - first
    summed = np.diff(scipy.sparse.csr_array(rest[:, missing]).indptr) > 0
    apart = scipy.sparse.csr_array(scipy.sparse.diags_array((~summed).astype(float)) @ rest)
    apart.eliminate_zeros()
    links: Any = scipy.sparse.block_array([[None, apart], [apart.transpose().tocsr(), None]])
    _, part = scipy.sparse.csgraph.connected_components(links, directed=False)
    of_row, of_column = np.split(part, [rest.shape[0]])
    for own in sorted(set(of_column[: layout.ends[3] - first].tolist())):
        here = of_column == own
        met = summed & (size @ here > 0)
        here[missing] = size[:, missing].T @ met > 0
        rows, columns = np.flatnonzero((of_row == own) | met), np.flatnonzero(here)
        taken = of_week + rest @ np.where(here, 0.0, values[first:])
        day = lp.Program(
            cost=program.cost[first + columns],
            matrix=scipy.sparse.csr_array(rest[rows][:, columns]),
            row_lower=program.row_lower[rows] - taken[rows],
            row_upper=program.row_upper[rows] - taken[rows],
            lower=program.lower[first + columns],
            upper=program.upper[first + columns],
            integer=program.integer[first + columns],
        )
        answer = _better(day, values[first + columns], budget, DAY * case.price_short)
        if answer.cost < day.cost @ values[first + columns]:
            values[first + columns] = _values(answer)
        if answer.interrupted:
            return exact(case, layout, values), True
    return exact(case, layout, values), False


def allowed(case: Case, layout: Layout, values: np.ndarray) -> float:
    """Gap at which the search ends, in units of cost."""
    heads = layout.presence @ values[layout.ends[1] : layout.ends[3]]
    half_hours = float(heads.sum()) * case.need.minutes / 30.0
    beyond = max(0.0, half_hours - SMALL)
    ends = ENDS if layout.pauses else ENDS_WITHOUT_BREAKS
    gap = case.price_short * max(min(share * beyond, most) for share, most in ends)
    changes = [group.changes[group.changes > 0].min(initial=math.inf) for group in case.groups]
    # A gap of one change and more may be a change too many.
    return min(gap, NEEDLESS * min(changes, default=math.inf))


def lawful(layout: Layout, program: lp.Program, values: np.ndarray) -> np.ndarray:
    """Whole numbers near a solution of the linear program that keep every row but cover.

    Everybody gets a week, each pool's people on a duty a queue: the shares of the linear program, rounded by
    largest remainder. So does each holder of a post each break.
    """
    ends = layout.ends
    whole = np.zeros(len(values))
    first = 0
    for size in layout.sizes:
        block = slice(first, first + size)
        whole[block] = apportioned(values[block], int(program.upper[first]))
        first += size
    on_post = dict.fromkeys(layout.posts, 0)
    asked = np.rint(layout.asked @ whole[: ends[0]]).astype(int)
    columns = {key: ends[0] + at for at, key in enumerate(layout.mixed)}
    for ((pool, _), posts), people in zip(layout.choices.items(), asked.tolist(), strict=True):
        counts = np.array([people])
        if len(posts) > 1:
            chosen = [columns[pool, post] for post in posts]
            counts = whole[chosen] = apportioned(values[chosen], people)
        for post, count in zip(posts, counts, strict=True):
            on_post[post] += int(count)
    whole[ends[1] : ends[2]] = list(on_post.values())
    of_break: dict[tuple[Post, int], list[int]] = {}
    for at, pause in enumerate(layout.pauses, int(ends[2])):
        of_break.setdefault((pause.post, pause.number), []).append(at)
    for (post, _), own in of_break.items():
        whole[own] = apportioned(values[own], on_post[post])
    return whole


def apportioned(shares: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers with a given sum, near some shares: by largest remainder, the first of equals before.

    Examples
    --------
    >>> apportioned(np.array([1.5, 0.5, 1.0]), 4).tolist()
    [2.0, 1.0, 1.0]
    """
    shares = np.maximum(shares, 0.0)
    quota = shares * (total / shares.sum()) if shares.sum() > 0 else np.full(len(shares), total / len(shares))
    whole = np.floor(quota + 1e-9)
    order = np.argsort(whole - quota, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1.0
    return whole


def exact(case: Case, layout: Layout, values: np.ndarray) -> np.ndarray:
    """The same counts with short, over and crowds as they follow, free of the solver's tolerances."""
    exact = np.zeros(len(values))
    exact[: layout.ends[3]] = np.rint(values[: layout.ends[3]])
    need = case.need.heads.ravel()
    more = layout.heads(exact) - need
    short = layout.lacks.parts(np.maximum(-more, 0.0)[layout.short])
    over = layout.spares.parts(np.maximum(more, 0.0)[layout.over])
    seniors = layout.together.missing(exact[: layout.ends[0]])
    exact[layout.ends[3] :] = np.concatenate(
        [short.ravel(), over.ravel(), layout.crowd(exact), layout.lacking(over), seniors]
    )
    return exact
