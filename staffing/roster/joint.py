"""The linear programs of all weeks as one, tied by the totals over all planned days: a bound, and a pace.

Each week stands as if it were the first; people for whom all weeks are alike are one class, and what the
weeks of a class add to a total together is within its limit; no more of its people than there are have two
weeks, or two days over the border, that may not follow each other. Whom the last nights of a week have on the
queue in the next counts there, in the row of that half hour. All else over borders of weeks is left out, so
nothing costs less than this.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse

from staffing import lp
from staffing.roster import generating, master
from staffing.roster.case import Case, Group
from staffing.roster.course import Course, totals_of
from staffing.roster.master import Layout
from staffing.roster.people import minutes
from staffing.roster.weeks import TOLERANCE, Weeks, added

# What a unit beyond a hard limit costs here, in short agent-half-hours: so some columns always do.
DEAR = 1000.0


@dataclass(frozen=True)
class Apart:
    r"""The weeks by themselves, what ties them to each other in prices.

    For any prices :math:`y` of the rows :math:`A x = b` that meet several weeks,

    .. math:: \min_x c x \;\ge\; b y + \sum_w \min_{x_w} (c - A^T y)_w x_w

    with all other rows kept: with the duals of the linear program as prices this is its bound, and more where
    each week is solved in whole numbers.

    Parameters
    ----------
    cases, layouts, programs
        Of each week.
    costs : list of float
        What each program costs in the linear solution.
    constant : float
        Of all together.
    """

    cases: tuple[Case, ...]
    layouts: tuple[Layout, ...]
    programs: tuple[lp.Program, ...]
    costs: list[float]
    constant: float


@dataclass(frozen=True)
class Ahead:
    """What the linear programs say of the weeks.

    Parameters
    ----------
    bound : float
        No roster of all weeks costs less.
    costs : list of float
        What each week costs there.
    used : dict
        (Agent, rule) -> what each week adds to the total, shape (weeks,).
    interrupted : bool
        Whether Ctrl-C came.
    apart : Apart or None
        The weeks by themselves; None where the linear program was not solved.
    """

    bound: float
    costs: list[float]
    used: dict[tuple[str, str], np.ndarray]
    interrupted: bool
    apart: Apart | None = None


def ahead(course: Course, cases: Sequence[Case], lawful: Sequence[list[Weeks]], budget: lp.Budget) -> Ahead:
    """Solve the linear programs of all weeks together.

    Parameters
    ----------
    course : Course
        Of everybody.
    cases, lawful
        The weeks by themselves, and the lawful weeks of each of their groups.
    budget : lp.Budget
        Of all rounds together.
    """
    classes = _classes(course, cases)
    split = [_split(case, some, classes) for case, some in zip(cases, lawful, strict=True)]
    cases, lawful = [case for case, _ in split], [some for _, some in split]
    layouts = [master.layout(case, some) for case, some in split]
    programs = [master.program(case, some, at) for (case, some), at in zip(split, layouts, strict=True)]
    counts = [int(at.ends[0]) for at in layouts]
    ties = _ties(course, cases, lawful, counts)
    nights = _nights(cases, layouts, programs)
    whole = _joined(programs, counts, ties, nights)
    groups = [group for case in cases for group in case.groups]
    answer = generating.by_columns(
        whole,
        tuple(size for at in layouts for size in at.sizes),
        np.array([len(group.agents) for group in groups], dtype=float),
        np.concatenate([generating.tied(at) for at in layouts]),
        generating.NEARLY * len(cases) * cases[0].price_short,
        budget,
    )
    if answer.values is None or answer.duals is None:
        return Ahead(answer.bound, [-math.inf] * len(cases), {}, answer.interrupted)
    told = _of_weeks(answer.values, cases, lawful, programs, counts)
    price = _prices(whole, nights, ties, answer.duals)
    apart = _apart(whole, price, nights, cases, layouts, programs, answer.values)
    return Ahead(answer.bound, *told, answer.interrupted, apart)


def _classes(course: Course, cases: Sequence[Case]) -> dict[str, tuple[float, ...]]:
    """Agent -> the credit of leave, which is taken off totals, and the groups of that person in all weeks."""
    found: dict[str, tuple[float, ...]] = {agent: (credit,) for agent, credit in course.credit.items()}
    for case in cases:
        for at, group in enumerate(case.groups):
            for agent in group.agents:
                found[agent] = (*found[agent], at)
    return found


def _split(case: Case, some: list[Weeks], classes: dict[str, tuple[float, ...]]) -> tuple[Case, list[Weeks]]:
    """The case with a group for each class, and their lawful weeks."""
    groups: list[Group] = []
    weeks: list[Weeks] = []
    for group, own in zip(case.groups, some, strict=True):
        for kind in sorted({classes[agent] for agent in group.agents}):
            agents = tuple(agent for agent in group.agents if classes[agent] == kind)
            groups.append(dataclasses.replace(group, agents=agents))
            weeks.append(own)
    return dataclasses.replace(case, groups=tuple(groups)), weeks


@dataclass(frozen=True)
class _Ties:
    """Rows over the columns of all weeks, a slack below and one above each, and what they cost."""

    rows: scipy.sparse.csr_array
    lower: np.ndarray
    upper: np.ndarray
    price: np.ndarray


def _ties(course: Course, cases: Sequence[Case], lawful: Sequence[list[Weeks]], counts: list[int]) -> _Ties:
    number: dict[tuple[str, str], int] = {}
    lower, upper, price = [], [], []
    entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    column, split = 0, cases[0].start.weekday() != 0  # a weekend in two weeks would count twice
    for case, some in zip(cases, lawful, strict=True):
        for group, weeks in zip(case.groups, some, strict=True):
            menu, first = case.menus[group.team], group.agents[0]
            for name, limit in totals_of(group, menu):
                if name == "weekends" and split:
                    continue
                if (first, name) not in number:
                    number[first, name] = len(number)
                    members, per = len(group.agents), 60.0 if name == "hours_total" else 1.0
                    hard = math.isinf(limit.price)
                    low, high = course.bounds(first, name, limit)
                    if hard:
                        low, high = _reached(course, first, name, low, high)
                    lower.append(low * members / per)
                    upper.append(high * members / per)
                    price.append(DEAR * case.price_short if hard else limit.price)
                values = added(name, group, menu, weeks.options)
                values = values / 60.0 if name == "hours_total" else values
                taken = np.flatnonzero(values)
                entries.append((np.full(len(taken), number[first, name]), column + taken, values[taken]))
            column += len(weeks.options)
    for tie in _borders(cases, lawful):
        entries.append((np.full(len(tie.columns), len(price)), tie.columns, np.ones(len(tie.columns))))
        lower.append(-math.inf)
        upper.append(float(tie.people))
        price.append(tie.price if math.isfinite(tie.price) else DEAR * cases[0].price_short)
    rows, columns, values = (
        (np.concatenate(parts) for parts in zip(*entries, strict=True))
        if entries
        else (np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    )
    matrix = scipy.sparse.coo_array((values, (rows, columns)), shape=(len(price), sum(counts)))
    return _Ties(scipy.sparse.csr_array(matrix), np.array(lower), np.array(upper), np.array(price))


class _Tie(NamedTuple):
    """Weeks of the same people, of which each may work one at most, or pays the price."""

    people: int
    columns: np.ndarray
    price: float


def _borders(cases: Sequence[Case], lawful: Sequence[list[Weeks]]) -> Iterator[_Tie]:
    """Two weeks in a row on the same shift; a last and a first day that may not follow each other."""
    column, places = 0, []
    for case, some in zip(cases, lawful, strict=True):
        here = {}
        for group, weeks in zip(case.groups, some, strict=True):
            here[group.agents[0]] = column, weeks.options
            column += len(weeks.options)
        places.append(here)
    for week, (case, after) in enumerate(itertools.pairwise(cases)):
        for group in case.groups:
            column, before = places[week][group.agents[0]]
            later, then = places[week + 1][group.agents[0]]
            for price, one, two in _against(group, case, after, before, then):
                if one.any() and two.any():
                    columns = np.concatenate([column + np.flatnonzero(one), later + np.flatnonzero(two)])
                    yield _Tie(len(group.agents), columns, price)


def _against(
    group: Group, case: Case, after: Case, before: np.ndarray, then: np.ndarray
) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """What two weeks in a row may not be, or at a price: which of the first, and which of the second."""
    rules, menu = group.rules, case.menus[group.team]
    starts = after.menus[group.team].start[0] + minutes(after.origin - case.origin)
    last = before[:, case.days - 1]
    for option, shift in enumerate(menu.shifts, 1):
        if rules.rotate is not None and rules.rotation is None:
            yield rules.rotate, _usual(before, option), _usual(then, option)
        soon = starts[option - 1] - menu.end[case.days - 1] < 60.0 * rules.rest_hours - TOLERANCE
        yield rules.price_rest, np.isin(last, np.flatnonzero(soon) + 1), then[:, 0] == option
        barred = [
            at for at, one in enumerate(menu.shifts, 1) if shift.name in rules.not_after.get(one.name, ())
        ]
        yield math.inf, np.isin(last, barred), then[:, 0] == option


def _usual(options: np.ndarray, option: int) -> np.ndarray:
    """Weeks on more than half of whose days an option is."""
    return np.asarray(2 * (options == option).sum(axis=1) > (options > 0).sum(axis=1))


def _reached(course: Course, agent: str, rule: str, low: float, high: float) -> tuple[float, float]:
    """The bounds of a total, drawn in to what whole weeks can add up to."""
    sums = np.zeros(1)
    for steps in course.steps:
        sums = np.unique(np.round(np.add.outer(sums, steps[agent][rule]).ravel(), 6))
    inside = sums[(sums >= low - TOLERANCE) & (sums <= high + TOLERANCE)]
    return (float(inside[0]), float(inside[-1])) if len(inside) else (low, high)


def _nights(
    cases: Sequence[Case], layouts: Sequence[Layout], programs: Sequence[lp.Program]
) -> scipy.sparse.csr_array:
    """People whom the last nights of a week have on the queue in the next; rows, and columns beside weeks."""
    rows, columns, shares = [np.zeros(0, int)], [np.zeros(0, int)], [np.zeros(0)]
    size = [program.matrix.shape for program in programs]
    beyond = [wide - int(at.ends[0]) for (_, wide), at in zip(size, layouts, strict=True)]
    for week, (case, after) in enumerate(itertools.pairwise(cases)):
        layout, need, later = layouts[week], case.need, after.need
        for queue, name in enumerate(need.queues):
            if name not in later.queues:
                continue
            wide = need.heads.shape[1]
            ahead = np.arange(need.intervals, wide)[: later.heads.shape[1]]
            met = scipy.sparse.coo_array(layout.presence[queue * wide + ahead])
            first = later.queues.index(name) * later.heads.shape[1]
            cover = layouts[week + 1].cover[first + np.arange(len(ahead))]
            there = cover[met.row] >= 0
            rows.append(sum(tall for tall, _ in size[: week + 1]) + cover[met.row][there])
            mixed = int(layout.ends[1] - layout.ends[0])
            columns.append(sum(beyond[:week]) + mixed + met.col[there])
            shares.append(met.data[there])
    entries = np.concatenate(shares), (np.concatenate(rows), np.concatenate(columns))
    shape = sum(tall for tall, _ in size), sum(beyond)
    return scipy.sparse.csr_array(scipy.sparse.coo_array(entries, shape=shape))


def _joined(
    programs: Sequence[lp.Program], counts: list[int], ties: _Ties, nights: scipy.sparse.csr_array
) -> lp.Program:
    """All weeks side by side, the columns of people's weeks first."""
    first = [program.matrix[:, :count] for program, count in zip(programs, counts, strict=True)]
    rest = [program.matrix[:, count:] for program, count in zip(programs, counts, strict=True)]
    many = ties.rows.shape[0]
    slack = scipy.sparse.hstack([scipy.sparse.eye_array(many), -scipy.sparse.eye_array(many)])
    blocks = [
        [scipy.sparse.block_diag(first), scipy.sparse.block_diag(rest) + nights, None],
        [ties.rows, None, slack],
    ]

    def along(name: str, own: np.ndarray) -> np.ndarray:
        each = [
            np.split(getattr(program, name), [count]) for program, count in zip(programs, counts, strict=True)
        ]
        return np.concatenate([*(weeks for weeks, _ in each), *(others for _, others in each), own])

    return lp.Program(
        cost=along("cost", np.tile(ties.price, 2)),
        matrix=scipy.sparse.csr_array(
            scipy.sparse.block_array(blocks) if many else scipy.sparse.hstack(blocks[0][:2])
        ),
        row_lower=np.concatenate([*(program.row_lower for program in programs), ties.lower]),
        row_upper=np.concatenate([*(program.row_upper for program in programs), ties.upper]),
        lower=along("lower", np.zeros(2 * many)),
        upper=along("upper", np.full(2 * many, np.inf)),
        integer=along("integer", np.zeros(2 * many, dtype=bool)),
    )


def _prices(whole: lp.Program, nights: scipy.sparse.csr_array, ties: _Ties, duals: np.ndarray) -> np.ndarray:
    """Prices of the rows that meet several weeks, 0 of all others; none where a row has no such side."""
    price, meeting = np.zeros(len(duals)), np.unique(nights.nonzero()[0])
    price[meeting] = duals[meeting]
    price[nights.shape[0] :] = np.clip(duals[nights.shape[0] :], -ties.price, ties.price)
    price[(price > 0) & np.isinf(whole.row_lower)] = 0.0
    price[(price < 0) & np.isinf(whole.row_upper)] = 0.0
    return price


def _apart(
    whole: lp.Program,
    price: np.ndarray,
    nights: scipy.sparse.csr_array,
    cases: Sequence[Case],
    layouts: Sequence[Layout],
    programs: Sequence[lp.Program],
    values: np.ndarray,
) -> Apart:
    """The weeks by themselves at these prices; the mornings that a night reaches are rows of none."""
    cost = whole.cost - whole.matrix.T @ price
    lower, upper = whole.row_lower.copy(), whole.row_upper.copy()
    meeting = np.unique(nights.nonzero()[0])
    sides = np.where(price > 0, lower, np.where(price < 0, upper, 0.0))
    lower[meeting], upper[meeting] = -np.inf, np.inf
    found, costs = [], []
    row, week, beyond = 0, 0, sum(int(at.ends[0]) for at in layouts)
    for case, layout, program in zip(cases, layouts, programs, strict=True):
        tall, wide = program.matrix.shape
        many = int(layout.ends[0])
        own = np.r_[week : week + many, beyond : beyond + wide - many]
        row, week, beyond = row + tall, week + many, beyond + wide - many
        everybody = float(sum(len(group.agents) for group in case.groups))
        found.append(
            dataclasses.replace(
                program,
                cost=cost[own],
                row_lower=lower[row - tall : row],
                row_upper=upper[row - tall : row],
                # Nobody is over but people there are.
                upper=np.where((cost[own] < 0) & np.isinf(program.upper), everybody, program.upper),
            )
        )
        costs.append(float(cost[own] @ values[own]))
    return Apart(tuple(cases), tuple(layouts), tuple(found), costs, float(price @ sides))


def _of_weeks(
    values: np.ndarray,
    cases: Sequence[Case],
    lawful: Sequence[list[Weeks]],
    programs: Sequence[lp.Program],
    counts: list[int],
) -> tuple[list[float], dict[tuple[str, str], np.ndarray]]:
    """What each week costs, and what its people's weeks add to the totals."""
    used: dict[tuple[str, str], np.ndarray] = {}
    costs: list[float] = []
    at, beyond = 0, sum(counts)
    for week, (case, some, program, count) in enumerate(zip(cases, lawful, programs, counts, strict=True)):
        others = len(program.cost) - count
        costs.append(
            float(program.cost[:count] @ values[at : at + count])
            + float(program.cost[count:] @ values[beyond : beyond + others])
        )
        beyond += others
        for group, own in zip(case.groups, some, strict=True):
            people = values[at : at + len(own.options)]
            at += len(own.options)
            for name, _ in totals_of(group, case.menus[group.team]):
                mean = float(added(name, group, case.menus[group.team], own.options) @ people)
                for agent in group.agents:
                    used.setdefault((agent, name), np.zeros(len(cases)))[week] = mean / len(group.agents)
    return costs, used
