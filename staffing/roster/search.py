"""From the program to whole numbers: a linear bound, a rounded start, and the whole program from there."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np

from staffing import lp
from staffing.errors import SolverError
from staffing.roster.case import Case
from staffing.roster.master import Layout, Post, in_depths

# Where the solver stops: a share of the agent-half-hours on the posts, and never less than half of one.
SHARE = 0.001
LEAST = 0.5


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
        ``"optimal"``: proven within the gap asked for; ``"stopped"``: a limit or Ctrl-C ended it.
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

    The only limit counted in seconds is the caller's; while it does not strike, equal input gives equal
    output.

    Raises
    ------
    SolverError
        Where not even the linear program was solved in time.
    """
    if not case.groups:
        values = _exact(case, layout, np.zeros(len(program.cost)))
        cost = float(program.cost @ values)
        return Found(values, cost, cost, "optimal", 0.0)
    began = time.perf_counter()
    linear = lp.solve(lp.relaxed(program), time_limit=time_limit)
    if linear.values is None:
        raise SolverError("the linear program of the week has no solution, which should not be possible")
    start = _exact(case, layout, rounded(layout, program, linear.values))
    bound = linear.bound
    status: Literal["optimal", "stopped"] = "optimal"
    values, gap = start, allowed(case, layout, linear.values)
    if program.cost @ start - bound > gap:
        left = None if time_limit is None else max(time_limit - (time.perf_counter() - began), 0.1)
        whole = lp.solve(program, time_limit=left, gap=gap, start=start)
        if whole.values is None:
            raise SolverError("the program of the week has no solution, which should not be possible")
        status = "optimal" if whole.status == "optimal" else "stopped"
        values, bound = _exact(case, layout, whole.values), max(bound, whole.bound)
    cost = float(program.cost @ values)
    return Found(values, cost, min(bound, cost), status, time.perf_counter() - began)


def allowed(case: Case, layout: Layout, values: np.ndarray) -> float:
    """Gap at which the search ends, in units of cost."""
    half_hours = (layout.presence @ values[layout.ends[1] : layout.ends[3]]).sum() * case.need.minutes / 30.0
    return case.price_short * max(LEAST, SHARE * float(half_hours))


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


def _exact(case: Case, layout: Layout, values: np.ndarray) -> np.ndarray:
    """The same counts with short and over as they follow from them, free of the solver's tolerances."""
    exact = np.zeros(len(values))
    exact[: layout.ends[3]] = np.rint(values[: layout.ends[3]])
    more = layout.heads(exact) - case.need.heads.ravel()
    over = np.maximum(more, 0.0)[layout.over]
    depths = in_depths(case.need.heads.ravel()[layout.short], np.maximum(-more, 0.0)[layout.short])
    exact[layout.ends[3] :] = np.concatenate([*depths, over])
    return exact
