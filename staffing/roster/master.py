"""The week as one mixed-integer program: counts of people by week, post and break.

Nobody is named here. A *duty* is a shift of a team on a day, a *post* a duty on one queue, a *pool* the
people of a team who can answer the same queues. Breaks are counted, not handed to people (Aykin's implicit
form): the windows of a shift lie apart, so any hand-out of the counts to the holders of a post is lawful.
"""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse

from staffing import lp
from staffing.model import Break, Shift
from staffing.roster import breaks, carrying, together
from staffing.roster.case import WEEK, Case
from staffing.roster.prices import Steps
from staffing.roster.together import Together
from staffing.roster.weeks import Weeks

# What people of a duty cost who are at a break at once, in prices of a short one: one may always go, of the
# others each beyond a third counts; besides, each beyond half of the way from there to all of them; besides,
# beyond half of the rest. So lunches level out wherever there are people to spare and bend to a rush, but a
# shift is hardly ever away as a whole.
CROWDED = ((1.0, 0.05), (2.0, 0.25), (4.0, 1.00))
Block = scipy.sparse.csr_array | None


class Duty(NamedTuple):
    """A shift of a team on a day."""

    day: int
    team: str
    shift: int


class Post(NamedTuple):
    """A duty on one queue."""

    duty: Duty
    queue: int


class Pool(NamedTuple):
    """People of a team who can answer the same queues."""

    team: str
    queues: tuple[int, ...]


class Pause(NamedTuple):
    """One break of a post, at positions that look alike on the grid of the demand.

    ``number`` is its place among the shift's breaks, ``offsets`` are minutes after the start of the shift.
    """

    post: Post
    number: int
    offsets: tuple[int, ...]


@dataclass(frozen=True)
class Counts:
    """A solution without names.

    Parameters
    ----------
    weeks : list of numpy.ndarray
        For each group, how many of its people work each of its weeks.
    mixed : dict
        (Pool, Post) -> people, where a pool can choose among queues.
    posts, pauses : dict
        Post -> people; Pause -> people.
    """

    weeks: list[np.ndarray]
    mixed: dict[tuple[Pool, Post], int]
    posts: dict[Post, int]
    pauses: dict[Pause, int]


@dataclass(frozen=True)
class Layout:
    """What the columns of the program count: weeks of each group, mixed, posts, pauses; then slack.

    Parameters
    ----------
    sizes : tuple of int
        Number of weeks of each group.
    choices : dict
        (Pool, Duty) -> posts among which the pool's people on that duty are shared.
    mixed : tuple
        (Pool, Post) for the choices that have more than one post.
    posts, pauses : tuple
        Sorted.
    asked : scipy.sparse.csr_array
        People on each choice from each week, shape (choices, weeks).
    presence : scipy.sparse.csr_array
        People on the queue, for each (queue, interval) flattened, from each post and pause;
        shape (queues * intervals, posts + pauses).
    short, over : numpy.ndarray of bool
        Which (queue, interval) can be short, and over.
    lacks, spares : Steps
        Of these.
    gains : scipy.sparse.csr_array
        What each spare agent adds to each of the need's sums, shape (sums, steps * over).
    wanted, price_missing : numpy.ndarray
        What each sum wants, and the price of each contact that it lacks.
    crowds : scipy.sparse.csr_array
        People of a duty at a break beyond the share that `CROWDED` allows, for each duty, interval and share,
        from each post and pause.
    alone : numpy.ndarray
        What of them is no crowd, as one person may always go. [0-1]
    crowded : numpy.ndarray
        Price of one person in each of them, in prices of a short one.
    together : Together
        Who must and may be at work at once: its priced rows have the last columns.
    away : numpy.ndarray
        People in planned training, shape (queues * intervals,): they hold a post and are not on its queue.
        Those whom last week's shifts still have there are taken off.
    """

    sizes: tuple[int, ...]
    choices: dict[tuple[Pool, Duty], tuple[Post, ...]]
    mixed: tuple[tuple[Pool, Post], ...]
    posts: tuple[Post, ...]
    pauses: tuple[Pause, ...]
    asked: scipy.sparse.csr_array
    presence: scipy.sparse.csr_array
    short: np.ndarray
    over: np.ndarray
    lacks: Steps
    spares: Steps
    gains: scipy.sparse.csr_array
    wanted: np.ndarray
    price_missing: np.ndarray
    crowds: scipy.sparse.csr_array
    alone: np.ndarray
    crowded: np.ndarray
    together: Together
    away: np.ndarray

    @property
    def ends(self) -> np.ndarray:
        """Where the blocks weeks, mixed, posts and pauses end; then short, over, crowds and missing."""
        return np.cumsum([sum(self.sizes), len(self.mixed), len(self.posts), len(self.pauses)])

    @property
    def missing(self) -> slice:
        """Columns of what the sums lack."""
        before = self.lacks.widths.size + self.spares.widths.size + len(self.crowded)
        first = int(self.ends[-1]) + before
        return slice(first, first + len(self.wanted))

    def counts(self, values: np.ndarray) -> Counts:
        """A solution by what it counts."""
        weeks, mixed, posts, pauses, _ = np.split(np.rint(values).astype(int), self.ends)
        return Counts(
            np.split(weeks, np.cumsum(self.sizes)[:-1]) if self.sizes else [],
            dict(zip(self.mixed, mixed.tolist(), strict=True)),
            dict(zip(self.posts, posts.tolist(), strict=True)),
            dict(zip(self.pauses, pauses.tolist(), strict=True)),
        )

    def heads(self, values: np.ndarray) -> np.ndarray:
        """People on the queue, shape (queues * intervals,)."""
        return np.round(self.presence @ values[self.ends[1] : self.ends[3]] - self.away, 9)

    @property
    def cover(self) -> np.ndarray:
        """Row of the program that covers each (queue, interval), flattened; -1 for none."""
        several = sum(len(some) > 1 for some in self.choices.values())
        taking = len({(pause.post, pause.number) for pause in self.pauses})
        first = len(self.sizes) + several + len(self.posts) + taking + len(self.crowded)
        seen = self.short | self.over
        return np.where(seen, first + np.cumsum(seen) - 1, -1)

    def crowd(self, values: np.ndarray) -> np.ndarray:
        """People too many at a break at once, shape (crowds,)."""
        away = self.crowds @ values[self.ends[1] : self.ends[3]]
        return np.round(np.maximum(away - self.alone, 0.0), 9)

    def lacking(self, spare: np.ndarray) -> np.ndarray:
        """Contacts that each sum lacks, of spare agents by step; shape (sums,)."""
        return np.round(np.maximum(self.wanted - self.gains @ spare.ravel(), 0.0), 9)


def layout(case: Case, weeks: list[Weeks]) -> Layout:
    """What the lawful weeks of a case's groups can be made into."""
    pools = [Pool(group.team, group.queues) for group in case.groups]
    choices = {
        (pool, duty): posts
        for pool in sorted(set(pools))
        for duty in _duties(case, pool.team)
        if (posts := _open_posts(case, pool, duty))
    }
    posts = tuple(sorted({post for some in choices.values() for post in some}))
    pauses = tuple(pause for post in posts for pause in _pauses(case, post))
    presence = _presence(case, posts, pauses)
    crowds, alone, crowded = _crowds(case, posts, pauses)
    before = np.arange(case.need.heads.shape[1]) * case.need.minutes < case.reached
    short = case.need.heads.ravel() > 0
    over = (np.diff(presence.indptr) > 0) | np.tile(before, len(case.need.queues))
    return Layout(
        sizes=tuple(len(some.options) for some in weeks),
        choices=choices,
        mixed=tuple((pool, post) for (pool, _), some in choices.items() if len(some) > 1 for post in some),
        posts=posts,
        pauses=pauses,
        asked=_asked(list(choices), pools, weeks),
        presence=presence,
        short=short,
        over=over,
        lacks=case.need.lacks.of(short),
        spares=case.need.spares.of(over),
        gains=case.need.sums.of(over),
        wanted=case.need.sums.wanted,
        price_missing=case.need.sums.price,
        crowds=crowds,
        alone=alone,
        crowded=crowded,
        together=together.rules(case, weeks),
        away=-carrying.heads(case, over),
    )


def _duties(case: Case, team: str) -> list[Duty]:
    return [
        Duty(day, team, shift) for day in range(case.days) for shift in range(len(case.menus[team].shifts))
    ]


def _open_posts(case: Case, pool: Pool, duty: Duty) -> tuple[Post, ...]:
    """The queues of a pool that are open at some time of a duty."""
    at, _ = _on_duty(case, duty)
    return tuple(Post(duty, queue) for queue in pool.queues if case.need.known[queue, at].any())


def _on_duty(case: Case, duty: Duty) -> tuple[np.ndarray, np.ndarray]:
    menu = case.menus[duty.team]
    return case.presence(menu.start[duty.day, duty.shift], menu.end[duty.day, duty.shift])


def template(case: Case, duty: Duty) -> Shift:
    """The shift that a duty is an instance of."""
    return case.menus[duty.team].shifts[duty.shift]


def _off_queue(case: Case, duty: Duty, pause: Break, offset: int) -> tuple[np.ndarray, np.ndarray]:
    begin = case.menus[duty.team].start[duty.day, duty.shift] + offset
    return case.presence(begin, begin + pause.minutes)


def _pauses(case: Case, post: Post) -> list[Pause]:
    """The breaks of a post; positions that take the same from the same intervals are one."""
    found = []
    for number, pause in enumerate(template(case, post.duty).breaks):
        alike: dict[tuple[object, ...], list[int]] = {}
        for offset in _that_fit(case, post.duty, pause):
            at, share = _off_queue(case, post.duty, pause, offset)
            alike.setdefault((*at.tolist(), *share.tolist()), []).append(offset)
        found += [Pause(post, number, tuple(some)) for some in alike.values()]
    return found


def _that_fit(case: Case, duty: Duty, pause: Break) -> list[int]:
    """Offsets of a break that ends within the shift, which a change of clock may have shortened."""
    menu = case.menus[duty.team]
    latest = int(menu.end[duty.day, duty.shift] - menu.start[duty.day, duty.shift]) - pause.minutes
    every = breaks.offsets(pause, case.need.minutes)
    return [offset for offset in every if offset <= latest] or [latest]


def _presence(case: Case, posts: tuple[Post, ...], pauses: tuple[Pause, ...]) -> scipy.sparse.csr_array:
    """What one person on each post, and one on each pause, adds to each (queue, interval)."""
    wide = case.need.heads.shape[1]
    rows, columns, shares = [np.zeros(0, dtype=int)], [np.zeros(0, dtype=int)], [np.zeros(0)]
    for column, post in enumerate(posts):
        at, share = _on_duty(case, post.duty)
        rows.append(post.queue * wide + at)
        columns.append(np.full(len(at), column))
        shares.append(share)
    for column, pause in enumerate(pauses, len(posts)):
        shape = template(case, pause.post.duty).breaks[pause.number]
        at, share = _off_queue(case, pause.post.duty, shape, pause.offsets[0])
        rows.append(pause.post.queue * wide + at)
        columns.append(np.full(len(at), column))
        shares.append(-share)
    entries = np.concatenate(shares), (np.concatenate(rows), np.concatenate(columns))
    return scipy.sparse.csr_array(
        scipy.sparse.coo_array(entries, shape=(case.need.heads.size, len(posts) + len(pauses)))
    )


def _crowds(
    case: Case, posts: tuple[Post, ...], pauses: tuple[Pause, ...]
) -> tuple[scipy.sparse.csr_array, np.ndarray, np.ndarray]:
    """Crowds, alone and crowded of a `Layout`; none for a break whose window has room for one turn only."""
    away: dict[tuple[Duty, int], dict[int, float]] = {}
    turns: dict[tuple[Duty, int], int] = {}
    rooms: dict[tuple[Duty, int], int] = {}
    for column, pause in enumerate(pauses, len(posts)):
        duty, shape = pause.post.duty, template(case, pause.post.duty).breaks[pause.number]
        if (duty, pause.number) not in rooms:
            rooms[duty, pause.number] = len(breaks.turns(_that_fit(case, duty, shape), shape.minutes))
        for at, share in zip(*_off_queue(case, duty, shape, pause.offsets[0]), strict=True):
            away.setdefault((duty, int(at)), {})[column] = float(share)
            least = turns.get((duty, int(at)), breaks.TURNS)
            turns[duty, int(at)] = min(least, rooms[duty, pause.number])
    holders: dict[Duty, list[int]] = {}
    for column, post in enumerate(posts):
        holders.setdefault(post.duty, []).append(column)
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    alone: list[float] = []
    prices: list[float] = []
    for (duty, at), gone in sorted(away.items()):
        room = turns[duty, at]
        for part, price in CROWDED if room > 1 else ():
            free = 1.0 - (1.0 - 1.0 / room) / part
            if max(gone.values()) <= free:
                continue
            rows += [len(prices)] * (len(gone) + len(holders[duty]))
            columns += [*gone, *holders[duty]]
            values += [*gone.values(), *[-free] * len(holders[duty])]
            alone.append(1.0 - free)
            prices.append(price)
    entries = np.array(values), (np.array(rows, dtype=int), np.array(columns, dtype=int))
    size = len(prices), len(posts) + len(pauses)
    crowds = scipy.sparse.csr_array(scipy.sparse.coo_array(entries, shape=size))
    return crowds, np.array(alone), np.array(prices)


def program(case: Case, weeks: list[Weeks], layout: Layout) -> lp.Program:
    """The costs and rows of a layout.

    The rows: everybody works one week; what the weeks of a pool ask of a duty is shared among its queues;
    posts are made of what the pools give; every holder of a post takes each break once; people at a break
    beyond their share - crowd <= alone; people on the queue + short - over = need; what those over gain of
    each sum + missing >= wanted. Under them those of who must and may be at work at once.
    """
    members = np.array([len(group.agents) for group in case.groups], dtype=float)
    counted = len(layout.mixed) + len(layout.posts) + len(layout.pauses)
    need = case.need.heads.ravel()
    weekly = np.concatenate([np.zeros(0), *(some.cost for some in weeks)])
    blocks = [_one_week_each(weeks), *_sharing(layout), _taking(layout), _crowding(layout), _covering(layout)]
    blocks.append(_summing(layout))
    matrix = scipy.sparse.csr_array(scipy.sparse.block_array(blocks))
    seen, crowds, sums = layout.short | layout.over, len(layout.crowded), len(layout.wanted)
    last = matrix.shape[0] - sums
    first = last - int(seen.sum())
    upper = np.zeros(matrix.shape[0])
    upper[: len(members)], upper[first:last] = members, need[seen]
    lower = upper.copy()
    lower[first - crowds : first], upper[first - crowds : first] = -np.inf, layout.alone
    lower[last:], upper[last:] = layout.wanted, np.inf
    prices = [
        (layout.lacks.rates * case.need.short.ravel()[layout.short]).ravel(),
        (layout.spares.rates * case.need.over.ravel()[layout.over]).ravel(),
        layout.crowded * case.price_short * case.need.minutes / 30.0,
        layout.price_missing,
    ]
    whole = lp.Program(
        cost=np.concatenate([weekly, np.zeros(counted), *prices]),
        matrix=matrix,
        row_lower=lower,
        row_upper=upper,
        lower=np.zeros(matrix.shape[1]),
        upper=np.concatenate(
            [
                np.repeat(members, layout.sizes),
                np.full(counted, members.sum()),
                layout.lacks.widths.ravel(),
                layout.spares.widths.ravel(),
                np.full(crowds + sums, np.inf),
            ]
        ),
        integer=np.arange(matrix.shape[1]) < len(weekly) + counted,
    )
    return together.joined(_without(layout, whole, layout.away), layout.together)


def without(layout: Layout, program: lp.Program, away: np.ndarray) -> tuple[Layout, lp.Program]:
    """Layout and program with some more people in training, shape (queues * intervals,)."""
    return dataclasses.replace(layout, away=layout.away + away), _without(layout, program, away)


def _without(layout: Layout, program: lp.Program, away: np.ndarray) -> lp.Program:
    seen = layout.cover >= 0
    more = np.zeros(len(program.row_lower))
    more[layout.cover[seen]] = away[seen]
    return dataclasses.replace(
        program, row_lower=program.row_lower + more, row_upper=program.row_upper + more
    )


def _one_week_each(weeks: list[Weeks]) -> list[Block]:
    sizes = [len(some.options) for some in weeks]
    owner = np.repeat(np.arange(len(weeks)), sizes)
    return [_ones(np.stack([owner, np.arange(sum(sizes))], axis=1), len(weeks), sum(sizes)), *[None] * 7]


def _sharing(layout: Layout) -> list[list[Block]]:
    """Weeks -> mixed where a pool can choose, weeks and mixed -> posts."""
    several = [at for at, some in enumerate(layout.choices.values()) if len(some) > 1]
    row_of = {
        key: row for row, key in enumerate(key for key, some in layout.choices.items() if len(some) > 1)
    }
    place = {post: at for at, post in enumerate(layout.posts)}
    wide, tall = len(layout.mixed), len(layout.posts)
    shared = [(row_of[pool, post.duty], at) for at, (pool, post) in enumerate(layout.mixed)]
    given = [(place[post], at) for at, (_, post) in enumerate(layout.mixed)]
    only = [(place[some[0]], at) for at, some in enumerate(layout.choices.values()) if len(some) == 1]
    direct = _ones(only, tall, len(layout.choices)) @ layout.asked
    none: list[Block] = [None] * 5
    return [
        [-layout.asked[several], _ones(shared, len(several), wide), None, *none],
        [-direct, -_ones(given, tall, wide), scipy.sparse.eye_array(tall), *none],
    ]


def _taking(layout: Layout) -> list[Block]:
    """Posts -> pauses, once for each break."""
    row_of = {
        key: row for row, key in enumerate(sorted({(pause.post, pause.number) for pause in layout.pauses}))
    }
    place = {post: at for at, post in enumerate(layout.posts)}
    owed = _ones([(row, place[post]) for (post, _), row in row_of.items()], len(row_of), len(layout.posts))
    taken = [(row_of[pause.post, pause.number], at) for at, pause in enumerate(layout.pauses)]
    return [None, None, -owed, _ones(taken, len(row_of), len(layout.pauses)), *[None] * 4]


def _crowding(layout: Layout) -> list[Block]:
    """People at a break beyond the share that costs nothing."""
    many = len(layout.posts)
    return [
        None,
        None,
        layout.crowds[:, :many],
        layout.crowds[:, many:],
        None,
        None,
        -scipy.sparse.csr_array(scipy.sparse.eye_array(len(layout.crowded))),
        None,
    ]


def _covering(layout: Layout) -> list[Block]:
    seen, many = layout.short | layout.over, len(layout.posts)
    presence = layout.presence[seen]
    slack = scipy.sparse.eye_array(len(seen), format="csc")
    short = scipy.sparse.hstack([slack[:, layout.short][seen]] * len(layout.lacks.widths))
    over = scipy.sparse.hstack([slack[:, layout.over][seen]] * len(layout.spares.widths))
    return [None, None, presence[:, :many], presence[:, many:], short, -over, None, None]


def _summing(layout: Layout) -> list[Block]:
    """Contacts that the agents over the need add to each sum, and those that it lacks."""
    missing = scipy.sparse.csr_array(scipy.sparse.eye_array(len(layout.wanted)))
    return [None, None, None, None, None, layout.gains, None, missing]


def _asked(keys: list[tuple[Pool, Duty]], pools: list[Pool], weeks: list[Weeks]) -> scipy.sparse.csr_array:
    """People of each pool on each duty, from each week of each group; shape (keys, weeks)."""
    row_of = {key: at for at, key in enumerate(keys)}
    rows, places = [np.zeros(0, dtype=int)], [np.zeros(0, dtype=int)]
    first = 0
    for pool, some in zip(pools, weeks, strict=True):
        for day, option in itertools.product(range(WEEK), range(1, some.options.max(initial=0) + 1)):
            columns = first + np.flatnonzero(some.options[:, day] == option)
            if columns.size:
                rows.append(np.full(columns.size, row_of[pool, Duty(day, pool.team, option - 1)]))
                places.append(columns)
        first += len(some.options)
    at = np.stack([np.concatenate(rows), np.concatenate(places)], axis=1)
    return _ones(at, len(keys), first)


def _ones(places: list[tuple[int, int]] | np.ndarray, rows: int, columns: int) -> scipy.sparse.csr_array:
    """A matrix with a one at each place."""
    at = np.array(places, dtype=int).reshape(-1, 2)
    entries = np.ones(len(at)), (at[:, 0], at[:, 1])
    return scipy.sparse.csr_array(scipy.sparse.coo_array(entries, shape=(rows, columns)))
