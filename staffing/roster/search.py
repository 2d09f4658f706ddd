"""From the program to whole numbers, in steps that stop as soon as the gap is small enough.

A linear bound and its rounding; whole weeks with breaks still in parts; whole breaks for these weeks; at last
the whole program. Each step begins from what is there, so a limit in time always leaves a roster.
"""

from __future__ import annotations

import dataclasses
import math
import time
from dataclasses import dataclass
from typing import Literal

import numpy as np

from staffing import lp
from staffing.errors import SolverError
from staffing.roster.case import Case
from staffing.roster.master import Layout, Post, in_depths

# Where the search stops, in agent-half-hours: small rosters are proven best, middling ones to within two,
# large ones to within half a thousandth of what they have.
SMALL = 100.0
MIDDLING, MOST = 0.01, 2.0
LARGE = 0.0005


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
        ``"optimal"``: proven within the gap that `allowed` gives; ``"stopped"``: a limit or Ctrl-C ended it.
    seconds : float
        In the solver. [s]
    """

    values: np.ndarray
    cost: float
    bound: float
    status: Literal["optimal", "stopped"]
    seconds: float


def best(case: Case, layout: Layout, program: lp.Program, *, time_limit: float | None) -> Found:
    """Solve the program to within the gap that `allowed` gives.

    The only limit counted in seconds is the caller's: unless it strikes, equal input gives equal output.

    Raises
    ------
    SolverError
        Where not even the linear program was solved in time.
    """
    if not case.groups:
        values = exact(case, layout, np.zeros(len(program.cost)))
        cost = float(program.cost @ values)
        return Found(values, cost, cost, "optimal", 0.0)
    began = time.perf_counter()
    linear = lp.solve(lp.relaxed(program), time_limit=time_limit)
    values, bound = _values(linear), linear.bound
    gap = allowed(case, layout, values)
    values = latest = exact(case, layout, rounded(layout, program, values))
    for step in (_whole_weeks, _whole_breaks, _all_whole):
        left = math.inf if time_limit is None else time_limit - (time.perf_counter() - began)
        if program.cost @ values - bound <= gap or left <= 0:
            break
        part = step(layout, program, latest)
        start = latest if part.within else values
        limit = None if math.isinf(left) else left
        answer = lp.solve(part.program, time_limit=limit, gap=part.share * gap, start=start)
        latest = exact(case, layout, rounded(layout, program, _values(answer)))
        values = min(values, latest, key=lambda some: float(program.cost @ some))
        bound = bound if part.within else max(bound, answer.bound)
        if answer.interrupted:
            break
    cost = float(program.cost @ values)
    proven = cost - bound <= gap + 1e-6 * max(1.0, abs(cost))
    seconds = time.perf_counter() - began
    return Found(values, cost, min(bound, cost), "optimal" if proven else "stopped", seconds)


def _values(solution: lp.Solution) -> np.ndarray:
    if solution.values is None:
        raise SolverError(
            "the program of the week has no solution, though short and over are always possible"
        )
    return solution.values


@dataclass(frozen=True)
class _Step:
    """A program beside the whole one; its bound is one of the whole's unless it lies within it."""

    program: lp.Program
    share: float
    within: bool = False


def _whole_weeks(layout: Layout, program: lp.Program, latest: np.ndarray) -> _Step:
    """Breaks may be taken in parts: they are nearly whole by themselves, and there are many of them."""
    integer = program.integer.copy()
    integer[layout.ends[2] :] = False
    return _Step(dataclasses.replace(program, integer=integer), share=0.5)


def _whole_breaks(layout: Layout, program: lp.Program, latest: np.ndarray) -> _Step:
    """The weeks are held, so that every day stands alone."""
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[: layout.ends[0]] = upper[: layout.ends[0]] = latest[: layout.ends[0]]
    return _Step(dataclasses.replace(program, lower=lower, upper=upper), share=0.25, within=True)


def _all_whole(layout: Layout, program: lp.Program, latest: np.ndarray) -> _Step:
    return _Step(program, share=1.0)


def allowed(case: Case, layout: Layout, values: np.ndarray) -> float:
    """Gap at which the search ends, in units of cost."""
    heads = layout.presence @ values[layout.ends[1] : layout.ends[3]]
    half_hours = float(heads.sum()) * case.need.minutes / 30.0
    middling = min(MIDDLING * max(0.0, half_hours - SMALL), MOST)
    return case.price_short * max(LARGE * (half_hours - SMALL), middling)


def rounded(layout: Layout, program: lp.Program, values: np.ndarray) -> np.ndarray:
    """Whole numbers near a solution of the linear program that keep every row but cover.

    Everybody gets a week, each pool's people on a duty a queue, each holder of a post each break: each time
    the shares of the linear program, rounded by largest remainder.
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
    breaks: dict[tuple[Post, int], list[int]] = {}
    for at, pause in enumerate(layout.pauses, int(ends[2])):
        breaks.setdefault((pause.post, pause.number), []).append(at)
    for (post, _), own in breaks.items():
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
    """The same counts with short and over as they follow from them, free of the solver's tolerances."""
    exact = np.zeros(len(values))
    exact[: layout.ends[3]] = np.rint(values[: layout.ends[3]])
    more = layout.heads(exact) - case.need.heads.ravel()
    over = np.maximum(more, 0.0)[layout.over]
    depths = in_depths(case.need.heads.ravel()[layout.short], np.maximum(-more, 0.0)[layout.short])
    exact[layout.ends[3] :] = np.concatenate([*depths, over])
    return exact
