"""The week as one mixed-integer program: counts of people by week, post and break.

Nobody is named here. A *duty* is a shift of a team on a day, a *post* a duty on one queue, a *pool* the
people of a team who can answer the same queues. Breaks are counted, not handed to people (Aykin's implicit
form): the windows of a shift lie apart, so any hand-out of the counts to the holders of a post is lawful.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse

from staffing import lp
from staffing.model import Break, Shift
from staffing.roster.case import WEEK, Case
from staffing.roster.weeks import Weeks

# What is short of the first tenth of a need costs its price, of the next shares of it a little more. A lack
# of people is then spread: without it, one plan in which a shift is at lunch all at once is as good as any
# other.
DEPTHS = ((0.10, 1.00), (0.15, 1.05), (0.25, 1.10), (0.25, 1.20), (0.25, 1.40))
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
    """What the columns of the program count: weeks of each group, mixed, posts, pauses; then short, over.

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

    @property
    def ends(self) -> np.ndarray:
        """Where the blocks weeks, mixed, posts and pauses end; short and over follow."""
        return np.cumsum([sum(self.sizes), len(self.mixed), len(self.posts), len(self.pauses)])

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
        return np.round(self.presence @ values[self.ends[1] : self.ends[3]], 9)


def offsets(pause: Break, interval: int) -> list[int]:
    """Minutes after the start of a shift at which a break may begin: each half hour of its window.

    Each quarter of an hour where its length or window asks for it, or the demand is known by quarters.

    Examples
    --------
    >>> offsets(Break("lunch", 60, False, (3.0, 4.0)), 30)
    [180, 210, 240]
    >>> offsets(Break("break", 15, True, (1.0, 1.5)), 30)
    [60, 75, 90]
    """
    first, last = (round(60 * hours) for hours in pause.after_hours)
    step = 30 if pause.minutes % 30 == 0 and first % 30 == 0 and interval >= 30 else 15
    return list(range(first, last + 1, step))


def in_depths(need: np.ndarray, short: np.ndarray) -> list[np.ndarray]:
    """What is short, cut at the depths at which it becomes dearer.

    Examples
    --------
    >>> [part.tolist() for part in in_depths(np.array([20.0]), np.array([7.0]))]
    [[2.0], [3.0], [2.0], [0.0], [0.0]]
    """
    edges = np.cumsum([0.0, *(width for width, _ in DEPTHS)])
    return [np.clip(short, low * need, high * need) - low * need for low, high in itertools.pairwise(edges)]


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
    return Layout(
        sizes=tuple(len(some.options) for some in weeks),
        choices=choices,
        mixed=tuple((pool, post) for (pool, _), some in choices.items() if len(some) > 1 for post in some),
        posts=posts,
        pauses=pauses,
        asked=_asked(list(choices), pools, weeks),
        presence=presence,
        short=case.need.heads.ravel() > 0,
        over=np.diff(presence.indptr) > 0,
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
    every = offsets(pause, case.need.minutes)
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


def program(case: Case, weeks: list[Weeks], layout: Layout) -> lp.Program:
    """The costs and rows of a layout.

    The rows, all of them equalities: everybody works one week; what the weeks of a pool ask of a duty is
    shared among its queues; posts are made of what the pools give; every holder of a post takes each break
    once; people on the queue + short - over = need.
    """
    members = np.array([len(group.agents) for group in case.groups], dtype=float)
    counted = len(layout.mixed) + len(layout.posts) + len(layout.pauses)
    need = case.need.heads.ravel()[layout.short]
    weekly = np.concatenate([np.zeros(0), *(some.cost for some in weeks)])
    matrix = scipy.sparse.block_array(
        [_one_week_each(weeks), *_sharing(layout), _taking(layout), _covering(layout)]
    )
    seen = layout.short | layout.over
    sides = np.zeros(matrix.shape[0])
    sides[: len(members)] = members
    sides[matrix.shape[0] - int(seen.sum()) :] = case.need.heads.ravel()[seen]
    prices = [rate * case.need.short.ravel()[layout.short] for _, rate in DEPTHS]
    prices.append(case.need.over.ravel()[layout.over])
    return lp.Program(
        cost=np.concatenate([weekly, np.zeros(counted), *prices]),
        matrix=scipy.sparse.csr_array(matrix),
        row_lower=sides,
        row_upper=sides,
        lower=np.zeros(matrix.shape[1]),
        upper=np.concatenate(
            [
                np.repeat(members, layout.sizes),
                np.full(counted, members.sum()),
                *in_depths(need, need),
                np.full(int(layout.over.sum()), np.inf),
            ]
        ),
        integer=np.arange(matrix.shape[1]) < len(weekly) + counted,
    )


def _one_week_each(weeks: list[Weeks]) -> list[Block]:
    sizes = [len(some.options) for some in weeks]
    owner = np.repeat(np.arange(len(weeks)), sizes)
    return [_ones(np.stack([owner, np.arange(sum(sizes))], axis=1), len(weeks), sum(sizes)), *[None] * 5]


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
    none: list[Block] = [None] * 3
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
    return [None, None, -owed, _ones(taken, len(row_of), len(layout.pauses)), None, None]


def _covering(layout: Layout) -> list[Block]:
    seen, many = layout.short | layout.over, len(layout.posts)
    presence = layout.presence[seen]
    slack = scipy.sparse.eye_array(len(seen), format="csc")
    short = slack[:, layout.short][seen]
    steps = scipy.sparse.hstack([short] * len(DEPTHS))
    return [None, None, presence[:, :many], presence[:, many:], steps, -slack[:, layout.over][seen]]


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
