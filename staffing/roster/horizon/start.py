"""A first roster: people one after the other, those still to come at their shares of the linear program."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import numpy as np

from staffing import lp
from staffing.errors import PlanError, SolverError
from staffing.roster.horizon import model as models
from staffing.roster.horizon.case import Horizon
from staffing.roster.horizon.cut import Arrays, cut, without
from staffing.roster.horizon.guide import WIDE, days_of, stretches
from staffing.roster.horizon.model import Model

CHECKS = 400  # of one person's days
AHEAD = 14  # days that a stretch looks beyond its own


def first(
    case: Horizon,
    model: Model,
    arrays: Arrays,
    guide: np.ndarray,
    left: Callable[[], float],
    rng: np.random.Generator,
) -> np.ndarray:
    """Whole days for everybody, hard rules kept.

    Raises
    ------
    PlanError
        Naming those who have no lawful days, and what to relax.
    SolverError
        Where the time did not suffice.
    """
    values = guide.copy()
    everybody = np.flatnonzero(model.person < 0)
    impossible = []
    for number in rng.permutation(len(case.people)).tolist():
        if left() <= 0:
            raise SolverError("the time did not suffice for any roster: allow more")
        own = np.flatnonzero(model.person == number)
        if not _placed(model, arrays, values, own, everybody):
            impossible.append(number)
    if impossible:
        raise PlanError([why_none(case, number) for number in sorted(impossible)])
    return values


def _placed(model: Model, arrays: Arrays, values: np.ndarray, own: np.ndarray, everybody: np.ndarray) -> bool:
    """One person's days, stretch by stretch; all at once where that leads to none. Changes the values."""
    days = days_of(model)
    parts = stretches(days)
    kept = values.copy()
    for begin, end in parts:
        until = days if end >= days else end + AHEAD
        inside = (model.last >= begin) & (model.first < until)
        if not _solved(model, arrays, values, own[inside[own]], everybody[inside[everybody]], until, days):
            break
        done = own[model.last[own] < end] if end < days else own
        later = own[model.last[own] >= end] if end < days else own[:0]
        values[done] = values[done]
        values[later] = kept[later]
    else:
        return True
    values[own] = kept[own]
    return len(parts) > 1 and _solved(model, arrays, values, own, everybody, days, days)


def _solved(
    model: Model,
    arrays: Arrays,
    values: np.ndarray,
    own: np.ndarray,
    everybody: np.ndarray,
    until: int,
    days: int,
) -> bool:
    """The best of one person's days up to one of them, against all others as they stand."""
    number = int(model.person[own[0]])
    still = values
    if until < days:
        still = values.copy()
        still[(model.person == number) & (model.first >= until)] = 0.0
    free = np.sort(np.concatenate([own, everybody]))
    program = cut(arrays, free, still)
    if until < days:
        rows = np.unique(arrays.columns[:, free].indices)
        program = _so_far(model, program, rows, until)
    found = lp.direct(program, checks=CHECKS, gap=_coarse(model))
    if found.values is None:
        return False
    values[free] = found.values
    return True


def _coarse(model: Model) -> float:
    """A first roster need not be best: some share of the dearest column's price."""
    return 0.005 * float(np.abs(model.program.cost).max(initial=0.0))


def _so_far(model: Model, program: lp.Program, rows: np.ndarray, until: int) -> lp.Program:
    """Rows that go on beyond a day: short ones wait, long ones get their share so far, give or take a day."""
    from staffing.roster.horizon.guide import shared

    beyond = model.row_last[rows] >= until
    wide = model.row_last[rows] - model.row_first[rows] > WIDE
    share = shared(model, 0, until)[rows]
    one_more = np.abs(program.matrix).max(axis=1).toarray().ravel()
    low, high = model.program.row_lower[rows], model.program.row_upper[rows]
    taken_low, taken_high = low - program.row_lower, high - program.row_upper
    finite_low, finite_high = np.isfinite(low), np.isfinite(high)
    use = beyond & wide
    row_lower = np.where(
        use & finite_low,
        np.where(finite_low, low, 0) * share - one_more - np.where(finite_low, taken_low, 0),
        program.row_lower,
    )
    row_upper = np.where(
        use & finite_high,
        np.where(finite_high, high, 0) * share + one_more - np.where(finite_high, taken_high, 0),
        program.row_upper,
    )
    capped = dataclasses.replace(
        program,
        row_lower=row_lower,
        row_upper=np.minimum(row_upper, np.where(finite_high, program.row_upper, np.inf)),
    )
    return without(capped, beyond & ~wide)


def why_none(case: Horizon, number: int) -> str:
    """Who has no lawful days, and the fewest rules to relax that would give some."""
    who = case.people[number]
    head = f"no lawful days for {who.agent!r} ({who.team}, contract {who.contract!r})"
    model = models.alone(case, number)
    names = [name for name, at in model.parts.items() if name and bool((model.rule == at).any())]
    for size in range(1, len(names) + 1):
        ways = [way for way in itertools.combinations(names, size) if _possible(model, way)]
        if ways:
            return f"{head}: relax {'; or '.join(' and '.join(way) for way in ways)}"
    return f"{head}: the leave and requests exclude each other, or no shift is open"


def _possible(model: Model, dropped: tuple[str, ...]) -> bool:
    rows = np.isin(model.rule, [model.parts[name] for name in dropped])
    program = without(model.program, rows)
    free = dataclasses.replace(program, cost=np.zeros(len(program.cost)))
    return lp.direct(free, checks=CHECKS).values is not None
