"""A first roster: people one after the other, those still to come at their shares of the linear program.

Whom pairs tie to each other come at once. Who can walk does so again until nobody gains (`sweeps`).
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from staffing import lp
from staffing.errors import PlanError, SolverError
from staffing.roster.horizon import model as models
from staffing.roster.horizon import sweeps, walking
from staffing.roster.horizon.case import Horizon
from staffing.roster.horizon.crowded import Crowd
from staffing.roster.horizon.cut import Arrays, cut, without
from staffing.roster.horizon.guide import Guide, shared_out, shares, stretches
from staffing.roster.horizon.model import Model

CHECKS = 400  # of one person's days
TRIES = 6  # walks of one person, where there is time
MOST_GAP = 1e9  # where any lawful days will do
LONG = 200  # days up to which a person's are solved at once
SWEEPS = 0.6  # of the time left is kept for what comes after people have walked again
AHEAD = 14  # days that a stretch looks beyond its own


def first(
    case: Horizon,
    model: Model,
    arrays: Arrays,
    linear: Guide,
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
    values, days = linear.values.copy(), case.days
    cover, crowd = models.Cover.of(model), Crowd.of(model)
    nobody = Arrays(without(model.program, crowd.or_cover(model)), arrays.columns)
    rules, walked = walking.frames(case), []
    ways = functools.cache(lambda: _ways_of(model, nobody, days))
    own, block = _columns(model, arrays, case.blocks), case.blocks
    walkers = sweeps.Walkers.of(case, model, rules, linear.duals)
    lacking, price = cover.left(model.program, values), model.program.cost.copy()
    impossible, began = [], left()

    def placed(number: int, *, hurried: bool) -> bool:
        gap = math.inf if hurried else coarse(model, case)
        checks = CHECKS * int((block == number).sum()) ** 2
        cost = _opened(model, cover, crowd, values, own[number])
        return any(_placed(model, values, own[number], cost, steps, gap, checks) for steps in ways())

    for done, number in enumerate(one for one in rng.permutation(len(block)).tolist() if block[one] == one):
        if left() <= 0 and rules[number] is None:
            raise SolverError("the time did not suffice for any roster: allow more")
        hurried = done > 0 and (began - left()) / done * (len(own) - done) > 0.8 * left()
        own_rules, plan = rules[number], None
        if own_rules is not None:
            mine = model.x[number][model.x[number] >= 0]
            lacking += walkers.heads(mine, values)
            values[mine] = 0.0
            walkers.reprice(price, number, lacking)
            plan = walking.lawful(case, model, own_rules, number, price, 1 if hurried else TRIES)
        if plan is not None:
            mine = walking.worked(model, number, plan)
            values[mine] = 1.0
            lacking -= walkers.heads(mine)
            walked.append(number)
            continue
        if not placed(number, hurried=hurried):
            impossible.append(number)
        lacking = cover.left(model.program, values)
    if not impossible and walked:
        until = SWEEPS * began
        spare = (lambda: left() - until) if math.isfinite(began) else left
        values = sweeps.swept(walkers, values, sorted(walked), spare, rng)
    values, wrong = completed(model, nobody, values, walked)
    impossible += [number for number in wrong if not placed(number, hurried=True)]
    if impossible:
        blocks = [np.flatnonzero(block == number).tolist() for number in sorted(impossible)]
        raise PlanError([reason for some in blocks for reason in why_none(case, some)])
    return covered(model, values)


def covered(model: Model, values: np.ndarray) -> np.ndarray:
    """With the people short and too many that the shifts leave."""
    values, cover = values.copy(), models.Cover.of(model)
    lacking = cover.left(model.program, values)
    values[cover.short], values[cover.over] = np.maximum(lacking, 0.0), np.maximum(-lacking, 0.0)
    return Crowd.of(model).settled(model.program, values)


def _opened(
    model: Model, cover: models.Cover, crowd: Crowd, values: np.ndarray, own: np.ndarray
) -> np.ndarray:
    """Cost of all columns at what the others leave; takes some columns' own shifts out of the values."""
    values[own] = np.where(np.isin(own, cover.columns), 0.0, values[own])
    cost = model.program.cost + crowd.price(model.program, values)
    cost[cover.columns] += cover.price(model.program, cover.left(model.program, values))[cover.at]
    return cost


def rostered(model: Model, arrays: Arrays, plans: Sequence[np.ndarray]) -> np.ndarray | None:
    """All columns of a roster of whole days, everybody's option on each day; None where a rule is broken."""
    values = np.zeros(len(model.program.cost))
    for number, plan in enumerate(plans):
        values[walking.worked(model, number, plan)] = 1.0
    nobody = Arrays(without(model.program, Crowd.of(model).or_cover(model)), arrays.columns)
    values, wrong = completed(model, nobody, values, list(range(len(plans))))
    return None if wrong else covered(model, values)


def completed(
    model: Model, arrays: Arrays, values: np.ndarray, people: list[int]
) -> tuple[np.ndarray, list[int]]:
    """The other columns of some people, whose shifts are known; and those whose shifts break their rules."""
    shifts = np.zeros(len(values), dtype=bool)
    for columns in model.x:
        shifts[columns[columns >= 0]] = True
    if not people:
        return values, []
    free = np.flatnonzero(np.isin(model.person, people) & ~shifts)
    found = lp.direct(cut(arrays, free, values))
    if found.values is None:
        if len(people) == 1:
            return values, people
        # Somebody's shifts break a rule that walks do not know: whose, each alone tells.
        wrong = []
        for number in people:
            values, some = completed(model, arrays, values, [number])
            wrong += some
        return values, wrong
    values = values.copy()
    values[free] = found.values
    amount, program = arrays.program.matrix @ values, arrays.program
    kept = (amount >= program.row_lower - 1e-6) & (amount <= program.row_upper + 1e-6)
    return values, sorted({*model.owner[~kept].tolist()} & {*people})


def _columns(model: Model, arrays: Arrays, block: np.ndarray) -> dict[int, np.ndarray]:
    """The columns of each block, those of the days on which its pairs differ among them."""
    whose = np.append(block, -1)[model.person]
    for column in np.flatnonzero(model.part == model.parts.get("pairs", -1)).tolist():
        row = arrays.columns.indices[arrays.columns.indptr[column]]
        matrix = model.program.matrix
        whose[column] = whose[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]].max()
    return {number: np.flatnonzero(whose == number) for number in np.unique(block).tolist()}


@dataclass(frozen=True)
class Step:
    """Days to settle, up to which day to look ahead, and the rows as they hold until then."""

    begin: int
    end: int
    until: int
    arrays: Arrays


def _ways_of(model: Model, arrays: Arrays, days: int) -> list[list[Step]]:
    """How one person's days are solved, in order: stretch by stretch where they are many, and at once."""
    whole = Step(0, days, days, arrays)
    return [[whole]] if days <= LONG else [_steps(model, arrays, days), [whole]]


def _steps(model: Model, arrays: Arrays, days: int) -> list[Step]:
    ends = [(begin, end, min(end + AHEAD, days)) for begin, end in stretches(days)]
    return [Step(begin, end, until, so_far(model, arrays, until)) for begin, end, until in ends]


def so_far(model: Model, arrays: Arrays, until: int) -> Arrays:
    """The program of the days up to one, where what counts over all days may be half a day off its share."""
    return shared_out(arrays, shares(model, 0, until), slack=0.5)


def _placed(
    model: Model,
    values: np.ndarray,
    own: np.ndarray,
    cost: np.ndarray,
    steps: list[Step],
    gap: float,
    checks: int,
) -> bool:
    """One block's days, step by step, at the price that the others leave; changes the values."""
    for step in steps:
        free = own[(model.last[own] >= step.begin) & (model.first[own] < step.until)]
        still = values.copy()
        still[own[model.first[own] >= step.until]] = 0.0
        program = dataclasses.replace(cut(step.arrays, free, still), cost=cost[free])
        found = lp.direct(program, checks=checks, gap=min(gap, MOST_GAP))
        if found.values is None:
            return False
        kept = np.full(len(free), True) if step is steps[-1] else model.last[free] < step.end
        values[free[kept]] = found.values[kept]
    return True


def coarse(model: Model, case: Horizon) -> float:
    """A first roster need not be best, a large one least of all: some share of the dearest column's price."""
    size = max(1.0, len(case.people) * case.days / 1000.0)
    costs = np.abs(model.program.cost)[~Crowd.of(model).hard(model)]
    return 0.005 * size * float(costs.max(initial=0.0))


def why_none(case: Horizon, block: list[int]) -> list[str]:
    """Who has no lawful days, each alone, or else all of a block together; and the fewest rules to relax."""
    if len(block) == 1:
        return [_ways(case, block)]
    alone = [number for number in block if not _possible(models.alone(case, number), ())]
    return [_ways(case, [number]) for number in alone] or [_ways(case, block)]


def _ways(case: Horizon, block: list[int]) -> str:
    who = [case.people[number] for number in block]
    called = " and ".join(repr(one.agent) for one in who)
    terms = f"{who[0].team}, contract {who[0].contract!r}" if len(who) == 1 else "each other's pairs"
    head = f"no lawful days for {called} ({terms})"
    model = models.alone(case, *block)
    names = [name for name, at in model.parts.items() if name and bool((model.rule == at).any())]
    for size in range(1, len(names) + 1):
        ways = [way for way in itertools.combinations(names, size) if _possible(model, way)]
        if ways:
            return f"{head}: relax {'; or '.join(' and '.join(way) for way in ways)}"
    held = ", requests and frozen days" if any(one.frozen.any() for one in who) else " and requests"
    return f"{head}: the leave{held} exclude each other, or no shift is open"


def _possible(model: Model, dropped: tuple[str, ...]) -> bool:
    rows = np.isin(model.rule, [model.parts[name] for name in dropped])
    program = without(model.program, rows)
    free = dataclasses.replace(program, cost=np.zeros(len(program.cost)))
    return lp.direct(free, checks=CHECKS).values is not None
