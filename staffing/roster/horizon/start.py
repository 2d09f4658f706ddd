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
from staffing.roster.horizon.guide import shared_out, stretches
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
    values, days = guide.copy(), case.days
    steps = [
        (end, days, arrays) if end == days else (end, end + AHEAD, so_far(model, arrays, min(end + AHEAD, days)))
        for _, end in stretches(days)
    ]
    impossible = []
    for number in rng.permutation(len(case.people)).tolist():
        if left() <= 0:
            raise SolverError("the time did not suffice for any roster: allow more")
        if not _placed(model, values, number, steps):
            impossible.append(number)
    if impossible:
        raise PlanError([why_none(case, number) for number in sorted(impossible)])
    return values


def so_far(model: Model, arrays: Arrays, until: int) -> Arrays:
    """The program of the days up to one, where what counts over all days may be a day off its share."""
    return shared_out(model, arrays, 0, until, slack=1.0)


def _placed(model: Model, values: np.ndarray, number: int, steps: list[tuple[int, int, Arrays]]) -> bool:
    """One person's days, stretch by stretch; all at once where that leads to none. Changes the values."""
    own = model.person == number
    before = values[own].copy()
    for at, (end, until, arrays) in enumerate(steps):
        begin = steps[at - 1][0] if at else 0
        free = np.flatnonzero((own | (model.person < 0)) & (model.last >= begin) & (model.first < until))
        still = values.copy()
        still[own & (model.first >= until)] = 0.0
        found = lp.direct(cut(arrays, free, still), checks=CHECKS, gap=_coarse(model))
        if found.values is None:
            values[own] = before
            whole = (0, steps[-1][1], steps[-1][2])
            return at + len(steps) > 1 and _placed(model, values, number, [whole])
        kept = free if until == end else free[model.last[free] < end]
        values[kept] = found.values[np.isin(free, kept)]
    return True


def _coarse(model: Model) -> float:
    """A first roster need not be best: some share of the dearest column's price."""
    return 0.005 * float(np.abs(model.program.cost).max(initial=0.0))


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
