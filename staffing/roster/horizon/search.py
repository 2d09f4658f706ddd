"""From the linear program to a roster: a first one, dives, neighbourhoods solved anew, the whole at the end.

Dives are for people whose rules a walk knows (`dive`); they give the bound and the guide too. A neighbourhood
frees some people's days and holds all others; HiGHS begins from what is there, so nothing is ever lost.
Sub-problems are limited by how often the solver looks whether to go on, not by the clock.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from staffing import lp
from staffing.roster.horizon import crowded, dive, market, master, moves, start, walking
from staffing.roster.horizon.case import Horizon
from staffing.roster.horizon.cut import Arrays, cut
from staffing.roster.horizon.model import Model

CHECKS = 40  # of a neighbourhood
MOST_CHECKS = 200
STUCK = 25  # neighbourhoods without gain, after which each may take half as long again
STALE = 120  # neighbourhoods without gain, after which the search ends
WALKING = 0.85  # of the time, at most, for dives from shares of whole days
SMALL = 2500  # columns up to which the whole program is proven rather than searched
WHOLE_CHECKS = 20_000  # of the whole program
LARGE = 20_000  # columns from which the whole program is left alone


@dataclass(frozen=True)
class Found:
    """The best roster found.

    Parameters
    ----------
    values : numpy.ndarray
        Of all columns.
    cost, bound : float
        Of the values; no roster costs less than the bound.
    status : str
        ``"optimal"``: proven; ``"stopped"``: a limit or Ctrl-C ended the search.
    seconds : float
        Really passed. [s]
    """

    values: np.ndarray
    cost: float
    bound: float
    status: Literal["optimal", "stopped"]
    seconds: float


def best(case: Horizon, model: Model, *, time_limit: float | None, seed: int) -> Found:
    """Search for a roster of least cost.

    Raises
    ------
    PlanError
        Naming those who have no lawful days, and what to relax.
    SolverError
        Where the time did not suffice for any roster.
    KeyboardInterrupt
        Where Ctrl-C came before there was one.
    """
    began, limit = time.perf_counter(), math.inf if time_limit is None else time_limit
    left = clock(limit)
    rng = np.random.default_rng(seed)
    arrays = Arrays.of(model.program)
    linear = market.or_linear(
        case, model, arrays, lambda: left() - 0.75 * limit if math.isfinite(limit) else limit
    )
    values = start.first(case, model, arrays, linear, left, rng)
    step = grain(model.program)
    known = _Known(values, linear.values, linear.bound, False)
    rules = [one for one in walking.frames(case) if one is not None]
    walked = len(rules) == len(case.people)
    if walked:
        stop = left() * (1.0 - WALKING) if math.isfinite(limit) else 0.0
        pool = master.Pool(case, model, rules)
        known = _walked(pool, arrays, known, linear.duals, lambda: left() - stop, rng, step)
    values, bound, small = known.values, known.bound, len(values) <= SMALL
    # What walks have bounded, the whole program's cuts bound no better, and only small ones are proven.
    whole = small or (not walked and len(values) <= LARGE)
    stop = left() * (0.7 if small else 0.1 * whole) if math.isfinite(limit) else 0.0
    interrupted = known.interrupted
    if not interrupted and _open(model, values, bound, step):
        values, interrupted = improved(
            case, model, arrays, values, known.guide, lambda: left() - stop, rng,
            stale=STALE // 4 if small else STALE, step=step,
        )  # fmt: skip
    open_gap = _open(model, values, bound, step)
    if whole and open_gap and left() > 0 and not interrupted:
        values, proven = _whole(model, values, left(), step)
        bound = max(bound, proven)
    values = np.round(values, 6)
    cost = cost_of(model, values)
    bound = rounded_up(bound, model.program, step)
    return Found(values, cost, min(bound, cost), status_of(cost, bound), time.perf_counter() - began)


def strict(case: Horizon, model: Model, found: Found, *, time_limit: float | None) -> Found:
    """The same where every hard rule holds; else the best of the program in which each must.

    Raises
    ------
    PlanError, SolverError
        As `staffing.roster.horizon.crowded.kept`.
    """
    began = time.perf_counter()
    other = crowded.kept(case, model, found.values, time_limit)
    if other is None or other.values is None:
        return found
    values = np.round(other.values, 6)
    cost, seconds = cost_of(model, values), found.seconds + time.perf_counter() - began
    bound = min(max(found.bound, other.bound), cost)
    return Found(values, cost, bound, status_of(cost, bound), seconds)


def status_of(cost: float, bound: float) -> Literal["optimal", "stopped"]:
    """Proven where no roster costs less."""
    return "optimal" if cost - bound <= 1e-6 * max(1.0, abs(cost)) else "stopped"


@dataclass(frozen=True)
class _Known:
    """A roster, what guides the search for better ones, the bound, and whether Ctrl-C came."""

    values: np.ndarray
    guide: np.ndarray
    bound: float
    interrupted: bool


def _walked(
    pool: master.Pool,
    arrays: Arrays,
    known: _Known,
    duals: np.ndarray,
    left: Callable[[], float],
    rng: np.random.Generator,
    step: float,
) -> _Known:
    """The same after dives from the shares of whole days, where everybody's rules are such as walks count."""
    model, before = pool.model, cost_of(pool.model, known.values)
    for number, plan in enumerate(walking.plans(model, known.values)):
        pool.add(number, plan)
    try:
        found = dive.settled(pool, duals, left, rng, step)
        better = start.rostered(model, arrays, found.plans) if found.cost < before - 1e-6 else None
    except KeyboardInterrupt:
        return replace(known, interrupted=True)
    values = known.values if better is None else better
    guide = known.guide if found.guide is None else found.guide
    return _Known(values, guide, max(known.bound, found.bound), found.interrupted)


def _open(model: Model, values: np.ndarray, bound: float, step: float) -> bool:
    """Whether a better roster may be left to find."""
    return cost_of(model, values) - bound > max(step - 1e-6, 1e-6)


def clock(limit: float) -> Callable[[], float]:
    """Processor time that is left of a limit: a busy machine takes none of it. [s]"""
    began = time.process_time()
    return lambda: limit - (time.process_time() - began)


def grain(program: lp.Program) -> float:
    """What all costs are whole multiples of; 0 where there is no such price.

    Columns that cost anything take whole numbers in the best of solutions where rows and bounds are whole.
    """
    priced = program.cost != 0
    whole = np.rint(program.cost[priced])
    touched = program.matrix[:, np.flatnonzero(priced)]
    rows = np.unique(touched.nonzero()[0])
    bounds = np.concatenate(
        [
            program.row_lower[rows], program.row_upper[rows], program.matrix[rows].data,
            program.lower[priced], program.upper[priced],
        ]
    )  # fmt: skip
    bounds = bounds[np.isfinite(bounds)]
    if not priced.any() or np.abs(program.cost[priced] - whole).max() > 1e-9:
        return 0.0
    if np.abs(bounds - np.rint(bounds)).max(initial=0.0) > 1e-9:
        return 0.0
    return float(np.gcd.reduce(whole.astype(int)))


def rounded_up(bound: float, program: lp.Program, step: float) -> float:
    """The next cost that a whole solution can have."""
    if not step or not math.isfinite(bound):
        return bound
    return math.ceil((bound - program.constant) / step - 1e-6) * step + program.constant


def cost_of(model: Model, values: np.ndarray) -> float:
    """Of the values, constant included."""
    return float(model.program.cost @ values) + model.program.constant


def improved(
    case: Horizon,
    model: Model,
    arrays: Arrays,
    values: np.ndarray,
    shares: np.ndarray,
    left: Callable[[], float],
    rng: np.random.Generator,
    *,
    stale: int,
    step: float,
) -> tuple[np.ndarray, bool]:
    """Neighbourhood after neighbourhood until none has gained for long; and whether Ctrl-C came."""
    state = moves.State(model, values.copy(), shares, len(case.people), case.days, case.blocks, rng)
    choice = moves.Choice.of(state.people, state.days, len(values))
    since, checks = 0, float(CHECKS)
    while since < stale and left() > 0:
        kind = choice.next(rng)
        free = moves.freed(model, moves.KINDS[kind](state, float(choice.size[kind])))
        part = cut(arrays, free, state.values)
        begun = state.values[free]
        try:
            found = lp.direct(part, start=begun, checks=int(checks), time_limit=left(), gap=0.999 * step)
        except KeyboardInterrupt:
            return state.values, True
        gain = 0.0 if found.values is None else float(part.cost @ (begun - found.values))
        if found.values is not None and gain > 1e-6:
            state.values[free] = found.values
        choice.learn(kind, max(gain, 0.0), float(found.checks), solved=found.status == "optimal")
        since = 0 if gain > 1e-6 else since + 1
        if since and since % STUCK == 0:
            checks = min(checks * 1.5, MOST_CHECKS)
        if found.interrupted:
            return state.values, True
    return state.values, False


def _whole(model: Model, values: np.ndarray, seconds: float, step: float) -> tuple[np.ndarray, float]:
    """The whole program from what is there: a proof, or the bound of its cuts."""
    limit = seconds if math.isfinite(seconds) else None
    try:
        found = lp.direct(
            model.program, start=values, checks=WHOLE_CHECKS, time_limit=limit, gap=0.999 * step
        )
    except KeyboardInterrupt:
        return values, -math.inf
    better = found.values is not None and found.cost < cost_of(model, values)
    return found.values if better and found.values is not None else values, found.bound
