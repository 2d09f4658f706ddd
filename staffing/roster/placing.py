"""Planned training is given its times: where it takes least from cover, never over a break, few at once.

The weeks are settled. Training by training, those with the fewest times first, one program chooses a time
for each session, with the breaks of the person moved out of its way; then the breaks of all others of each
day are placed anew around what is away.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse

from staffing import lp
from staffing.errors import SolverError
from staffing.roster import bounding, master, names, search, sessions
from staffing.roster.asbefore import with_day
from staffing.roster.case import WEEK, Case
from staffing.roster.master import Counts, Layout, Pool, template
from staffing.roster.names import Stint
from staffing.roster.search import DAY, Found, Status
from staffing.roster.sessions import Held, Session
from staffing.roster.timetable import Key
from staffing.roster.weeks import DAYS, Weeks

BATCH = 100  # people whose sessions one program places
SHARE = 0.2  # of the time limit that is kept for the sessions
ROUNDS = 2  # sessions and breaks are placed in turns
WORTH = 1000.0  # of a session that is held, in short agent-half-hours: more than any lack of people
AS_BEFORE = 0.02  # what the time of the kept roster is worth, in short agent-half-hours
SMALL = 1e-6


@dataclass(frozen=True)
class Placed:
    """A roster with its planned training.

    Parameters
    ----------
    found : Found
        The solution, with cost and bound of the rosters that hold the same sessions.
    layout : Layout
        Which knows who is away.
    done : list of Stint
        With the breaks as they are now.
    held : dict
        (agent, day of the shift) -> sessions, by their start.
    """

    found: Found
    layout: Layout
    done: list[Stint]
    held: dict[Key, list[Held]]


class Choice(NamedTuple):
    """A time for a session: on which shift, when, and where the person's breaks are then."""

    session: Session
    key: Key
    start: float
    offsets: tuple[int, ...]


def placed(
    case: Case,
    layout: Layout,
    program: lp.Program,
    found: Found,
    done: Sequence[Stint],
    sure: Sequence[Held],
    *,
    kept: pd.DataFrame,
    same: frozenset[int],
    budget: lp.Budget,
) -> Placed:
    """Every session at a time, as far as the weeks have room, and the breaks placed anew around them.

    Parameters
    ----------
    case, layout, program
        Of the week, without anybody in training.
    found : Found
        The solution for the weeks, found with the sure sessions away.
    done : sequence of Stint
        Of that solution.
    sure : sequence of Held
        As `certain` gives them.
    kept : pandas.DataFrame
        SEGMENTS of the roster that is kept: its times are preferred.
    same : frozenset of int
        Days that stand as in it: their sessions stay, and so do the breaks of all who have none.
    budget : lp.Budget
        What the search left of it, and taken off it.
    """
    began = time.perf_counter()
    before = _as_before(case, kept)
    best: Placed | None = None
    values, stints = found.values, {(stint.agent, stint.post.duty.day): stint for stint in done}
    interrupted = False
    for _ in range(ROUNDS):
        made = _Making(case, layout, program, values, dict(stints), same)
        for batch in _batches(case.sessions):
            interrupted |= made.place(batch, before, budget)
        values, around, interrupted = made.breaks_anew(budget, interrupted)
        stints = made.stints
        tried = Placed(_costed(found, around, values), around[0], sorted_stints(stints), made.held)
        if best is None or _better(tried, best):
            best = tried
        if interrupted or budget.over:
            break
    assert best is not None
    every = [one for key in sorted(best.held) for one in best.held[key]]
    least = bounding.bound(case, layout, program, found, every, sure, budget)
    proven = best.found.cost - least <= search.allowed(case, best.layout, best.found.values) + SMALL
    ended = not interrupted and found.status == "optimal"
    status: Status = "time limit" if budget.braked else "optimal" if proven and ended else "stopped"
    seconds = found.seconds + time.perf_counter() - began
    return dataclasses.replace(
        best,
        found=dataclasses.replace(
            best.found,
            bound=min(least, best.found.cost),
            status=status,
            seconds=seconds,
            interrupted=interrupted or found.interrupted,
        ),
    )


def sorted_stints(stints: Mapping[Key, Stint]) -> list[Stint]:
    """By agent and day."""
    return [stints[key] for key in sorted(stints)]


def _better(one: Placed, other: Placed) -> bool:
    count = [sum(len(own) for own in each.held.values()) for each in (one, other)]
    return (-count[0], one.found.cost + SMALL) < (-count[1], other.found.cost)


def _costed(found: Found, around: tuple[Layout, lp.Program], values: np.ndarray) -> Found:
    return dataclasses.replace(found, values=values, cost=float(around[1].cost @ values))


def _as_before(case: Case, kept: pd.DataFrame) -> set[tuple[str, str, float]]:
    """Training, agent and start of what stands in the kept roster. [min]"""
    if "training" not in kept:
        return set()
    own = kept[kept["training"].fillna("") != ""]
    starts = ((own["start"] - case.origin) / pd.Timedelta(minutes=1)).round(6)
    return set(zip(own["training"], own["agent"], starts, strict=True))


def _batches(asked: Sequence[Session]) -> Iterable[list[Session]]:
    """Sessions of one training together, as long as they are not too many."""
    by_name: dict[str, list[Session]] = {}
    for session in asked:
        by_name.setdefault(session.training.name, []).append(session)
    for own in by_name.values():
        # Where only so many may be at once, whoever comes first could take what others need.
        size = BATCH if own[0].training.at_once is None else 3 * BATCH
        for first in range(0, len(own), size):
            yield own[first : first + size]


class _Making:
    """What has its place so far."""

    def __init__(
        self,
        case: Case,
        layout: Layout,
        program: lp.Program,
        values: np.ndarray,
        stints: dict[Key, Stint],
        same: frozenset[int],
    ) -> None:
        self.case, self.layout, self.program = case, layout, program
        self.values, self.stints, self.same, self.frozen = values, stints, same, case.frozen_days
        self.held: dict[Key, list[Held]] = {}
        self.days_of: dict[str, list[Key]] = {}
        for key in sorted(stints):
            self.days_of.setdefault(key[0], []).append(key)
        self.pools = {
            agent: Pool(group.team, group.queues) for group in case.groups for agent in group.agents
        }

    def around(self) -> tuple[Layout, lp.Program]:
        """Layout and program with those away who have their place."""
        every = [(self.stints[key].post.queue, one) for key, own in self.held.items() for one in own]
        return master.without(self.layout, self.program, bounding.away(self.case, every))

    def place(self, batch: Sequence[Session], before: set[tuple[str, str, float]], budget: lp.Budget) -> bool:
        """Give times to some sessions of one training; whether Ctrl-C came."""
        layout, program = self.around()
        values = search.exact(self.case, layout, self.values)
        price = self._price_of_one_less(layout, values)
        choices = [choice for session in batch for choice in self._open(session, before, price)]
        if not choices:
            return False
        ties, most = self._ties(batch, choices)
        taken, interrupted = np.zeros(len(choices)), False
        if not budget.over:
            whole = self._program(layout, program, values, choices, (ties, most), before)
            gap = DAY * self.case.price_short * max(1.0, len(batch) / 10.0)
            try:
                answer = lp.solve(whole, budget=budget, gap=gap)
                interrupted = answer.interrupted
                if answer.values is not None:
                    taken = np.rint(answer.values[: len(choices)])
            except KeyboardInterrupt:
                interrupted = True
            except SolverError:
                pass
        self._fill(choices, ties, most, taken, price)
        for at in np.flatnonzero(taken).tolist():
            self._hold(choices[at])
        return interrupted

    def _fill(
        self,
        choices: Sequence[Choice],
        ties: scipy.sparse.csr_array,
        most: np.ndarray,
        taken: np.ndarray,
        price: np.ndarray,
    ) -> None:
        """Whoever was left without a time takes the cheapest that is free: a limit leaves nobody out."""
        left = np.floor(most - ties @ taken + SMALL)
        by_choice = ties.tocsc()

        def cost(at: int) -> tuple[float, int]:
            choice = choices[at]
            where, share = self.case.presence(choice.start, choice.start + choice.session.training.minutes)
            return float(share @ price[self.stints[choice.key].post.queue, where]), at

        for at in sorted(range(len(choices)), key=cost) if (left > 0).any() else []:
            rows = by_choice.indices[by_choice.indptr[at] : by_choice.indptr[at + 1]]
            if not taken[at] and (left[rows] > 0).all():
                taken[at] = 1.0
                left[rows] -= 1.0

    def _price_of_one_less(self, layout: Layout, values: np.ndarray) -> np.ndarray:
        """Roughly what one person fewer costs in each (queue, interval): a hint where to move a break."""
        need = self.case.need
        spare = layout.heads(values).reshape(need.heads.shape) - need.heads
        lack = np.clip(1.0 - spare, 0.0, 1.0) * need.short
        return np.where(need.heads > 0, lack, 0.0) - need.over * 0.01 * np.clip(spare, 0.0, 50.0)

    def _open(self, session: Session, before: set[tuple[str, str, float]], price: np.ndarray) -> list[Choice]:
        """Times that a session may take: its own where the day stands as before, none new on a frozen one."""
        every = list(self._choices(session, price))
        own = [choice for choice in every if choice.key[1] in self.same and _is_known(choice, before)]
        return own or [choice for choice in every if choice.key[1] not in self.frozen]

    def _choices(self, session: Session, price: np.ndarray) -> Iterable[Choice]:
        """Times at which a session has room in a shift of its person's."""
        case = self.case
        long = session.training.minutes
        for key in self.days_of.get(session.agent, []):
            stint = self.stints[key]
            duty = stint.post.duty
            menu, shape = case.menus[duty.team], template(case, duty)
            begin = float(menu.start[duty.day, duty.shift])
            length = float(menu.end[duty.day, duty.shift]) - begin
            taken = [(one.start - begin, one.end - begin) for one in self.held.get(key, [])]
            offsets = session.starts - begin
            for offset in offsets[(offsets >= 0) & (offsets + long <= length)].tolist():
                if any(offset < end and offset + long > start for start, end in taken):
                    continue
                room = sessions.around(shape, length, case.need.minutes, [*taken, (offset, offset + long)])
                if not all(room):
                    continue
                cost = price[stint.post.queue]
                moved = tuple(
                    now if now in free else self._cheapest(free, begin, pause.minutes, cost)
                    for now, free, pause in zip(stint.offsets, room, shape.breaks, strict=True)
                )
                yield Choice(session, key, begin + offset, moved)

    def _cheapest(self, free: Sequence[int], begin: float, minutes: int, price: np.ndarray) -> int:
        """Where a break of a shift takes least."""

        def given(offset: int) -> float:
            at, share = self.case.presence(begin + offset, begin + offset + minutes)
            return float(share @ price[at])

        return min(free, key=lambda offset: (given(offset), offset))

    def _program(
        self,
        layout: Layout,
        program: lp.Program,
        values: np.ndarray,
        choices: Sequence[Choice],
        tied: tuple[scipy.sparse.csr_array, np.ndarray],
        before: set[tuple[str, str, float]],
    ) -> lp.Program:
        """A time for each session, at what the people who are then short or over cost; breaks are held."""
        fixed = int(layout.ends[3])
        tail = scipy.sparse.csr_array(program.matrix[:, fixed:])
        own = np.flatnonzero(np.diff(tail.indptr) > 0)
        place = np.full(program.matrix.shape[0], -1)
        place[own] = np.arange(len(own))
        there = program.matrix[:, :fixed] @ values[:fixed]
        takes = self._takes(choices, place[layout.cover], len(own))
        ties, most = tied
        blocks: list[list[scipy.sparse.csr_array | None]] = [[takes, tail[own]], [ties, None]]
        matrix = scipy.sparse.csr_array(scipy.sparse.block_array(blocks))
        worth = np.array([self._worth(choice, before) for choice in choices]) * self.case.price_short
        count = len(choices)
        return lp.Program(
            cost=np.concatenate([-worth, program.cost[fixed:]]),
            matrix=matrix,
            row_lower=np.concatenate([(program.row_lower - there)[own], np.full(len(most), -np.inf)]),
            row_upper=np.concatenate([(program.row_upper - there)[own], most]),
            lower=np.concatenate([np.zeros(count), program.lower[fixed:]]),
            upper=np.concatenate([np.ones(count), program.upper[fixed:]]),
            integer=np.arange(matrix.shape[1]) < count,
        )

    @staticmethod
    def _worth(choice: Choice, before: set[tuple[str, str, float]]) -> float:
        return WORTH + AS_BEFORE * _is_known(choice, before)

    def _takes(self, choices: Sequence[Choice], row: np.ndarray, rows: int) -> scipy.sparse.csr_array:
        """What each choice takes from the rows of cover: the session, and breaks that move."""
        wide = self.case.need.heads.shape[1]
        entries: dict[tuple[int, int], float] = {}
        for column, choice in enumerate(choices):
            stint = self.stints[choice.key]
            duty, first = stint.post.duty, stint.post.queue * wide
            begin = float(self.case.menus[duty.team].start[duty.day, duty.shift])
            pieces = [(choice.start, choice.session.training.minutes, -1.0)]
            for pause, old, new in zip(
                template(self.case, duty).breaks, stint.offsets, choice.offsets, strict=True
            ):
                if old != new:
                    pieces += [(begin + old, pause.minutes, 1.0), (begin + new, pause.minutes, -1.0)]
            for start, minutes, sign in pieces:
                for at, share in zip(*self.case.presence(start, start + minutes), strict=True):
                    key = int(row[first + at]), column
                    entries[key] = entries.get(key, 0.0) + sign * float(share)
        there = np.array(list(entries), dtype=int).reshape(-1, 2)
        values = np.array(list(entries.values()))
        return scipy.sparse.csr_array(
            scipy.sparse.coo_array((values, (there[:, 0], there[:, 1])), shape=(rows, len(choices)))
        )

    def _ties(
        self, batch: Sequence[Session], choices: Sequence[Choice]
    ) -> tuple[scipy.sparse.csr_array, np.ndarray]:
        """Each session once; at no time more people than may be at once, those of earlier batches counted."""
        number = {id(session): row for row, session in enumerate(batch)}
        rows = [(number[id(choice.session)], column) for column, choice in enumerate(choices)]
        most = [1.0] * len(batch)
        kind = batch[0].training
        if kind.at_once is not None:
            already = [
                one for own in self.held.values() for one in own if one.session.training.name == kind.name
            ]
            starts = np.array([choice.start for choice in choices])
            # Where most are at once, somebody has just begun.
            for moment in sorted({*starts.tolist(), *(one.start for one in already)}):
                here = np.flatnonzero((starts <= moment) & (starts + kind.minutes > moment))
                rows += [(len(most), int(column)) for column in here]
                used = sum(one.start <= moment < one.end for one in already)
                most.append(float(max(kind.at_once - used, 0)))
        at = np.array(rows, dtype=int).reshape(-1, 2)
        ones = scipy.sparse.coo_array(
            (np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(len(most), len(choices))
        )
        return scipy.sparse.csr_array(ones), np.array(most)

    def _hold(self, choice: Choice) -> None:
        own = self.held.setdefault(choice.key, [])
        own.append(Held(choice.session, choice.start))
        own.sort(key=lambda one: one.start)
        if self.stints[choice.key].offsets != choice.offsets:
            self.stints[choice.key] = dataclasses.replace(self.stints[choice.key], offsets=choice.offsets)
            self._count(choice.key[1])

    def _count(self, day: int) -> None:
        same = [stint for (_, other), stint in self.stints.items() if other == day]
        self.values = with_day(self.layout, self.values, day, same, self.pools)

    def breaks_anew(
        self, budget: lp.Budget, interrupted: bool
    ) -> tuple[np.ndarray, tuple[Layout, lp.Program], bool]:
        """Queues and breaks of all who have no session that day, placed around those who have.

        Days that stand as before are left alone.

        Breaks are counted for each post, and the windows of a shift lie apart: with the breaks of those who
        have a session held as least counts, any hand-out of the rest to the others is lawful.
        """
        layout, program = self.around()
        values = search.exact(self.case, layout, self.values)
        if interrupted or not self.held:
            return values, (layout, program), interrupted
        stay = {key for key in self.stints if key in self.held or key[1] in self.same}
        fixed = _counted(layout, [self.stints[key] for key in sorted(stay)], self.pools)
        lower = program.lower.copy()
        lower[layout.ends[0] : layout.ends[3]] = fixed
        least = dataclasses.replace(program, lower=lower)
        better, interrupted = search.days(self.case, layout, least, values, budget)
        if program.cost @ better < program.cost @ values - SMALL:
            values = better
            self.values = better
            self.stints = self._handed_out(layout, better, fixed, stay)
        return values, (layout, program), interrupted

    def _handed_out(
        self, layout: Layout, values: np.ndarray, fixed: np.ndarray, stay: Set[Key]
    ) -> dict[Key, Stint]:
        """Posts and breaks to all but those that stay."""
        free = values.copy()
        free[layout.ends[0] : layout.ends[3]] -= fixed
        counts: Counts = layout.counts(free)
        taken = {agent: np.zeros(WEEK, dtype=int) for agent in self.pools}
        for (agent, day), stint in self.stints.items():
            if (agent, day) not in stay:
                taken[agent][day] = stint.post.duty.shift + 1
        others = names.stints(self.case, layout, counts, taken)
        return {
            **{key: self.stints[key] for key in sorted(stay)},
            **{(stint.agent, stint.post.duty.day): stint for stint in others},
        }


def _is_known(choice: Choice, before: set[tuple[str, str, float]]) -> bool:
    return (choice.session.training.name, choice.session.agent, round(choice.start, 6)) in before


def _counted(layout: Layout, stints: Sequence[Stint], pools: Mapping[str, Pool]) -> np.ndarray:
    """What some stints count for in the columns of mixed, posts and pauses."""
    fixed = np.zeros(int(layout.ends[3] - layout.ends[0]))
    mixed = {key: at for at, key in enumerate(layout.mixed)}
    posts = {post: at for at, post in enumerate(layout.posts, len(mixed))}
    pauses = {
        (pause.post, pause.number, offset): at
        for at, pause in enumerate(layout.pauses, len(mixed) + len(posts))
        for offset in pause.offsets
    }
    for stint in stints:
        chosen = mixed.get((pools[stint.agent], stint.post))
        if chosen is not None:
            fixed[chosen] += 1.0
        fixed[posts[stint.post]] += 1.0
        for number, offset in enumerate(stint.offsets):
            fixed[pauses[stint.post, number, offset]] += 1.0
    return fixed


def certain(case: Case, lawful: Sequence[Weeks]) -> list[Held]:
    """Sessions of one time only for which every lawful week has room, of people who answer one queue.

    The search may take them as given: whatever it settles on, they are held.
    """
    groups = {
        agent: (group, weeks.options)
        for group, weeks in zip(case.groups, lawful, strict=True)
        for agent in group.agents
    }
    found: list[Held] = []
    busy: dict[str, list[Held]] = {}
    count: dict[str, int] = {}
    room_of: dict[tuple[str, bytes, int], np.ndarray] = {}
    for session in case.sessions:
        group, options = groups[session.agent]
        if len(session.starts) != 1 or len(group.queues) != 1:
            continue
        kind, menu = session.training, case.menus[group.team]
        key = group.team, session.starts.tobytes(), kind.minutes
        if key not in room_of:
            room_of[key] = sessions.rooms(
                [session], menu.start, menu.end, menu.shifts, case.days, case.need.minutes
            )[0]
        one = Held(session, float(session.starts[0]))
        apart = all(one.end <= other.start or one.start >= other.end for other in busy.get(session.agent, []))
        free = kind.at_once is None or count.get(kind.name, 0) < kind.at_once
        if len(options) and apart and free and room_of[key][DAYS, options].any(axis=1).all():
            found.append(one)
            busy.setdefault(session.agent, []).append(one)
            count[kind.name] = count.get(kind.name, 0) + 1
    return found
