"""Rules of who is at work at the same time: a senior in every open half hour, seats, pairs of people.

Seniors and seats count people in their shifts, breaks included, so they are rows over the weeks alone:
between two moments at which somebody may come or go, or a queue opens or closes, nothing changes. Pairs go by
days.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse

from staffing import lp
from staffing.errors import PlanError, SolverError
from staffing.roster import carrying, pairs
from staffing.roster.case import WEEK, Case
from staffing.roster.weeks import Weeks

Block = scipy.sparse.csr_array | None
ENOUGH = 1e-6


class Span(NamedTuple):
    """A stretch of time in which the same duties are on; ``team`` is empty where all teams count. [min]"""

    team: str
    start: float
    end: float


@dataclass(frozen=True)
class Together:
    """People at work at once, a row for each different set of duties, and how many there may be; then pairs.

    Parameters
    ----------
    spans : tuple of tuple of Span
        When the duties of each row are on.
    links : tuple of Link
        Days of pairs, of the rows after those.
    at_work : scipy.sparse.csr_array
        People who count, from each week of each group; shape (rows, weeks).
    lower, upper : numpy.ndarray
        How many there must and may be.
    price : numpy.ndarray
        Of one too few in a row; infinite is hard.
    half_hours : numpy.ndarray
        How long the spans of each row are together; 1 for a day of a pair.
    """

    spans: tuple[tuple[Span, ...], ...]
    links: tuple[pairs.Link, ...]
    at_work: scipy.sparse.csr_array
    lower: np.ndarray
    upper: np.ndarray
    price: np.ndarray
    half_hours: np.ndarray

    @property
    def of_pairs(self) -> np.ndarray:
        """Which rows are days of pairs."""
        return np.arange(len(self.price)) >= len(self.spans)

    @property
    def priced(self) -> np.ndarray:
        """Which rows are wishes: one column each counts who is missing."""
        return np.isfinite(self.price)

    def missing(self, people: np.ndarray) -> np.ndarray:
        """People missing in each priced row, for the people of each week."""
        rows = self.priced
        return np.round(np.maximum(self.lower[rows] - self.at_work[rows] @ people, 0.0), 9)

    def kept(self, people: np.ndarray) -> bool:
        """Whether every hard rule holds."""
        counts, hard = self.at_work @ people, ~self.priced
        fits = (counts >= self.lower - ENOUGH) & (counts <= self.upper + ENOUGH)
        return bool(fits[hard].all())


class _Kind(NamedTuple):
    """What makes stretches of time alike: whose people count, and who may be there.

    ``team`` is that of the seniors, empty for all; ``duties`` are (team, day, shift), ``beside`` people of
    weeks around.
    """

    team: str
    duties: frozenset[tuple[str, int, int]]
    beside: int

    def within(self, other: _Kind) -> bool:
        """Whether everybody who may be at work here is among those of the other, and others with them."""
        less = self.duties <= other.duties and self.beside <= other.beside
        return less and (self.duties < other.duties or self.beside < other.beside)


def rules(case: Case, weeks: list[Weeks]) -> Together:
    """The rows of a case's seats, of its teams' seniors and of its pairs."""
    kinds: dict[_Kind, list[Span]] = {}
    for team in sorted(case.seniors):
        seniors = {
            agent for group in case.groups if group.senior and group.team == team for agent in group.agents
        }
        for span, duties in _senior_spans(case, team):
            there = carrying.at_work(case.beside, seniors, span.start, span.end)
            kinds.setdefault(_Kind(team, duties, there), []).append(span)
    if case.seats is not None:
        everybody = {piece.agent for piece in case.beside}
        every = []
        for start, end in _pieces(case, case.menus):
            there = carrying.at_work(case.beside, everybody, start, end)
            every.append((Span("", start, end), _Kind("", _on(case, list(case.menus), start, end), there)))
        sets = {kind for _, kind in every}
        for span, kind in every:
            # Where more duties are on, the same people and others are at work: that row is enough.
            if kind.duties and not any(kind.within(other) for other in sets):
                kinds.setdefault(kind, []).append(span)
    length = [sum(span.end - span.start for span in spans) / 30.0 for spans in kinds.values()]
    least = [
        max((case.seniors[kind.team].min or 0.0) - kind.beside, 0.0) if kind.team else 0.0 for kind in kinds
    ]
    price = [case.seniors[kind.team].price if kind.team else math.inf for kind in kinds]
    two = pairs.rows(case, weeks)
    upper = [math.inf if kind.team else max(float(case.seats or 0) - kind.beside, 0.0) for kind in kinds]
    at_work = scipy.sparse.vstack([_at_work(case, weeks, list(kinds)), two.weeks])
    return Together(
        spans=tuple(tuple(spans) for spans in kinds.values()),
        links=two.links,
        at_work=scipy.sparse.csr_array(at_work),
        lower=np.array([*least, *[0.0] * len(two.links)]),
        upper=np.array([*upper, *[math.inf] * len(two.links)]),
        price=np.concatenate([np.array(price, dtype=float) * np.array(length, dtype=float), two.price]),
        half_hours=np.array([*length, *[1.0] * len(two.links)], dtype=float),
    )


def _pieces(case: Case, teams: Iterable[str], more: Iterable[float] = ()) -> list[tuple[float, float]]:
    """The week, cut wherever a shift of the teams begins or ends, and at some more moments."""
    menus = [case.menus[team] for team in teams]
    moments = [side[: case.days].ravel() for menu in menus for side in (menu.start, menu.end)]
    beside = [side for piece in case.beside for side in (piece.start, piece.end)]
    edges = sorted({*np.concatenate([np.zeros(0), *moments]).tolist(), *more, *beside})
    return list(itertools.pairwise(edges))


def _on(case: Case, teams: list[str], start: float, end: float) -> frozenset[tuple[str, int, int]]:
    """Duties (team, day, shift) that are on in a piece of the week."""
    found = []
    for team in teams:
        menu = case.menus[team]
        at = (menu.start[: case.days] < end) & (menu.end[: case.days] > start)
        found += [(team, int(day), int(shift)) for day, shift in np.argwhere(at)]
    return frozenset(found)


def _senior_spans(case: Case, team: str) -> list[tuple[Span, frozenset[tuple[str, int, int]]]]:
    """When a queue of the team is open and a shift of it is on."""
    need, length = case.need, case.need.minutes
    own = [at for at, other in enumerate(need.teams) if other == team]
    is_open = np.asarray(need.known[own].any(axis=0))
    edges = length * np.flatnonzero(np.diff(np.concatenate([[False], is_open, [False]])))
    found = []
    shared = case.shared.get(team, ())
    for start, end in _pieces(case, [team], [*edges.tolist(), *itertools.chain.from_iterable(shared)]):
        at = int(start // length)
        duties = _on(case, [team], start, end)
        others = any(begin < end and until > start for begin, until in shared)
        if at < len(is_open) and is_open[at] and duties and not others:
            found.append((Span(team, start, end), duties))
    return found


def _at_work(case: Case, weeks: list[Weeks], kinds: list[_Kind]) -> scipy.sparse.csr_array:
    rows: list[np.ndarray] = [np.zeros(0, dtype=int)]
    columns: list[np.ndarray] = [np.zeros(0, dtype=int)]
    first = 0
    for group, some in zip(case.groups, weeks, strict=True):
        size = len(some.options)
        for row, (team, duties, _) in enumerate(kinds):
            if team and not (group.senior and group.team == team):
                continue
            on = np.zeros((WEEK, len(case.menus[group.team].shifts) + 1), dtype=bool)
            for own, day, shift in duties:
                on[day, shift + 1] |= own == group.team
            there = np.flatnonzero(on[np.arange(WEEK), some.options].any(axis=1))
            rows.append(np.full(there.size, row))
            columns.append(first + there)
        first += size
    entries = np.concatenate(rows), np.concatenate(columns)
    ones = np.ones(entries[0].size)
    return scipy.sparse.csr_array(scipy.sparse.coo_array((ones, entries), shape=(len(kinds), first)))


def joined(program: lp.Program, together: Together) -> lp.Program:
    """A program of the week with these rows under its own, and a column for each that is priced."""
    rows, priced = len(together.price), together.priced
    if not rows:
        return program
    before = scipy.sparse.csr_array((rows, program.matrix.shape[1] - together.at_work.shape[1]))
    slack = scipy.sparse.csr_array(scipy.sparse.eye_array(rows, format="csc")[:, priced])
    blocks: list[list[Block]] = [
        [program.matrix, None],
        [scipy.sparse.csr_array(scipy.sparse.hstack([together.at_work, before])), slack],
    ]
    matrix = scipy.sparse.block_array(blocks)
    more = np.zeros(int(priced.sum()))
    return lp.Program(
        cost=np.concatenate([program.cost, together.price[priced]]),
        matrix=scipy.sparse.csr_array(matrix),
        row_lower=np.concatenate([program.row_lower, together.lower]),
        row_upper=np.concatenate([program.row_upper, together.upper]),
        lower=np.concatenate([program.lower, more]),
        upper=np.concatenate([program.upper, more + np.inf]),
        integer=np.concatenate([program.integer, more > 0]),
        constant=program.constant,
    )


def nearest(
    case: Case, together: Together, sizes: tuple[int, ...], shares: np.ndarray, budget: lp.Budget
) -> np.ndarray:
    """Whole people on each week that keep every hard rule, as near as may be to some shares.

    Raises
    ------
    PlanError
        Where no weeks keep them: which rule, when, and what would help.
    SolverError
        Where neither was found in time.
    """
    every = np.ones(len(shares), dtype=bool)
    for among in (shares > ENOUGH, every) if shares.any() else (every,):
        people, beyond = _moved(case, together, sizes, shares, among, budget)
        if not beyond.any():
            return people
    raise PlanError(_why(case, together, beyond))


def _moved(
    case: Case,
    together: Together,
    sizes: tuple[int, ...],
    shares: np.ndarray,
    among: np.ndarray,
    budget: lp.Budget,
) -> tuple[np.ndarray, np.ndarray]:
    """People of the weeks among which to choose, and who is too few or too many in each hard row."""
    members = np.array([len(group.agents) for group in case.groups], dtype=float)
    used, near = np.flatnonzero(among), np.flatnonzero(among & (shares > ENOUGH))
    owner = np.repeat(np.arange(len(sizes)), sizes)[used]
    once = _ones(owner, np.arange(len(used)), (len(sizes), len(used)))
    hard = ~together.priced
    counted = together.at_work[hard][:, used]
    rows = counted.shape[0]
    place = np.searchsorted(used, near)
    own = _ones(np.arange(len(near)), place, (len(near), len(used)))
    slack = scipy.sparse.csr_array(scipy.sparse.eye_array(rows))
    # Missing seats count once, however long they are missing.
    seats = scipy.sparse.csr_array(np.isfinite(together.upper[hard])[:, None].astype(float))
    blocks: list[list[Block]] = [
        [once, None, None, None],
        [counted, None, slack, -seats],
        [own, -scipy.sparse.csr_array(scipy.sparse.eye_array(len(near))), None, None],
    ]
    matrix = scipy.sparse.block_array(blocks)
    many = len(used) + len(near) + rows + 1
    away = np.where(np.isin(used, near), 0.0, 1.0)
    # One person too few costs more than to move everybody's week.
    weight = 10.0 * (members.sum() + 1.0) * np.append(np.maximum(together.half_hours[hard], 1.0), 1.0)
    program = lp.Program(
        cost=np.concatenate([away, np.ones(len(near)), weight]),
        matrix=scipy.sparse.csr_array(matrix),
        row_lower=np.concatenate([members, together.lower[hard], np.full(len(near), -np.inf)]),
        row_upper=np.concatenate([members, together.upper[hard], shares[near]]),
        lower=np.zeros(many),
        upper=np.concatenate([members[owner], np.full(many - len(used), np.inf)]),
        # Missing people are whole ones: that proves the fewest at once.
        integer=(np.arange(many) < len(used)) | (np.arange(many) >= len(used) + len(near)),
    )
    answer = lp.solve(program, budget=budget, gap=max(0.5, 0.02 * members.sum()))
    assert answer.values is not None  # whoever is missing only costs
    people = np.zeros(len(shares))
    people[used] = np.rint(answer.values[: len(used)])
    counts = together.at_work @ people
    beyond = np.maximum(together.lower - counts, 0.0) - np.maximum(counts - together.upper, 0.0)
    beyond = np.where(hard & (np.abs(beyond) > ENOUGH), beyond, 0.0)
    if beyond.any() and among.all() and answer.bound <= members.sum():
        raise SolverError(
            "no weeks that keep seats, seniors and pairs were found in time, nor was it proven that none do"
        )
    return people, beyond


def _ones(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> scipy.sparse.csr_array:
    return scipy.sparse.csr_array(scipy.sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=shape))


def _why(case: Case, together: Together, beyond: np.ndarray) -> list[str]:
    """For each rule that cannot be kept, by how much, an example, and what would help."""
    reasons = []
    teams = [spans[0].team for spans in together.spans]
    for team in sorted(set(teams)):
        mine = [at for at, other in enumerate(teams) if other == team and beyond[at]]
        if not mine:
            continue
        worst = max(mine, key=lambda at: abs(beyond[at]))
        when = _when(case, together.spans[worst][0])
        amount, most = abs(float(beyond[mine] @ together.half_hours[mine])), abs(float(beyond[worst]))
        if team:
            least = together.lower[worst]
            count = sum(len(group.agents) for group in case.groups if group.senior and group.team == team)
            seniors = f"{least:g} senior" + ("" if least == 1 else "s")
            reasons.append(
                f"no roster keeps {seniors} of {team!r} at work in every open half hour: its {count} "
                f"senior{'s' * (count != 1)} can be there in all but {amount:g} half hours, for example not "
                f"{when}; mark more people as senior, or give senior_per_interval a price"
            )
        else:
            there = together.upper[worst] + most
            desks = f"{case.seats} seat{'s' * (case.seats != 1)}"
            reasons.append(
                f"no roster keeps within {desks}: the hours owed put {there:g} people at work "
                f"{when}; give {most:g} more seat{'s' * (most != 1)}, or let hours_week have a lower min"
            )
    parted = np.flatnonzero(beyond[len(teams) :])
    return reasons + list(pairs.reasons(case, (together.links[at] for at in parted)))


def _when(case: Case, span: Span) -> str:
    start, end = (case.origin + pd.Timedelta(minutes=minute) for minute in (span.start, span.end))
    return f"on {start:%Y-%m-%d} from {start:%H:%M} to {end:%H:%M}"
