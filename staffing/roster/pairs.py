"""People who work together or apart: what a day of one allows the other, as rows over the weeks of both.

Of a pair each person is a group of one, so a week of the program is a week of the person.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse

from staffing.errors import Problem
from staffing.model import Pair
from staffing.roster.case import WEEK, WEEKDAYS, Case, Group
from staffing.roster.weeks import Weeks


class Link(NamedTuple):
    """One day of a pair, to which some rows belong."""

    pair: Pair
    day: int


@dataclasses.dataclass(frozen=True)
class Links:
    """Rows over the weeks of pairs: what the first works that day, against what it allows the second.

    Parameters
    ----------
    links : tuple of Link
        Of each row.
    weeks : scipy.sparse.csr_array
        Of each row, from each week of each group; 0 or more where the day is as agreed.
    price : numpy.ndarray
        Of a row that is not kept; infinite is hard.
    """

    links: tuple[Link, ...]
    weeks: scipy.sparse.csr_array
    price: np.ndarray


def odd(pairs: Iterable[Pair], agents: pd.DataFrame) -> list[Problem]:
    """Pairs of people whom nobody knows, and two that ask the same people for the same day twice."""
    known = set(agents["agent"])
    found = [
        Problem(f"a pair names {agent!r}, who is not among the agents", "name an agent", "pairs")
        for agent in sorted({agent for pair in pairs for agent in pair.agents} - known)
    ]
    named = [(tuple(sorted(pair.agents)), pair.how) for pair in pairs]
    return found + [
        Problem(f"{_both(two)} stand twice as a pair ({how})", "keep one", "pairs")
        for two, how in sorted({name for name in named if named.count(name) > 1})
    ]


def _both(agents: tuple[str, ...]) -> str:
    return " and ".join(repr(agent) for agent in agents)


def allowed(pair: Pair, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Which options of one day go together, shape (1 + shifts of the first, 1 + shifts of the second).

    Examples
    --------
    >>> starts = np.array([480.0, 840.0])
    >>> allowed(Pair(("1", "2"), "together"), starts, starts).astype(int).tolist()
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    >>> allowed(Pair(("1", "2"), "apart"), starts, starts).astype(int).tolist()
    [[1, 1, 1], [1, 0, 1], [1, 1, 0]]
    """
    same = np.abs(first[:, None] - second[None, :]) <= pair.starts_within
    fits = np.ones((len(first) + 1, len(second) + 1), dtype=bool)
    fits[1:, 1:] = ~same if pair.how == "apart" else same
    if pair.how != "apart":
        fits[1:, 0] = False
    if pair.how == "together":
        fits[0, 1:] = False
    return fits


def days_of(case: Case, pair: Pair) -> np.ndarray:
    """Days on which a pair asks anything of weeks; a hard one nothing of days that are frozen."""
    asks = np.arange(WEEK) < case.days
    for agent in pair.agents:
        asks &= ~(case.leave[agent] | case.unemployed[agent])
    if np.isinf(pair.price):
        first, second = (group.frozen.any(axis=1) for group in groups_of(case, pair))
        asks &= ~(first & second)
    return asks


def groups_of(case: Case, pair: Pair) -> tuple[Group, Group]:
    """The two, each a group of one."""
    first, second = (next(g for g in case.groups if g.agents == (agent,)) for agent in pair.agents)
    return first, second


def fits_of(case: Case, pair: Pair) -> np.ndarray:
    """Which options go together on each day, shape (7, options of the first, options of the second)."""
    menus = [case.menus[group.team] for group in groups_of(case, pair)]
    fits = np.array([allowed(pair, *(menu.start[day] for menu in menus)) for day in range(WEEK)])
    fits[~days_of(case, pair)] = True
    return fits


def parted(fits: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Days on which each week of the first and each of the second differ; shape (weeks, weeks)."""
    differ = np.zeros((len(first), len(second)), dtype=np.int16)
    for day in range(WEEK):
        differ += ~fits[day][np.ix_(first[:, day], second[:, day])]
    return differ


def rows(case: Case, weeks: list[Weeks]) -> Links:
    """The rows of all pairs of a case.

    What the first works is at most what it allows the second: exactly one row of a day that is not as agreed
    is broken, by one. Hard ones are said from the other side too, which bounds the linear program better.
    """
    starts = np.cumsum([0, *(len(some.options) for some in weeks)])
    place = {group.agents: at for at, group in enumerate(case.groups)}
    links: list[Link] = []
    at: list[tuple[np.ndarray, np.ndarray, float]] = []
    for pair in case.pairs:
        one, other = (place[(agent,)] for agent in pair.agents)
        fits = fits_of(case, pair)
        sides = [(one, other, fits)]
        if np.isinf(pair.price):
            sides.append((other, one, fits.transpose(0, 2, 1)))
        for mine, theirs, goes in sides:
            for day, option in np.argwhere(~goes.all(axis=2)).tolist():
                works = np.flatnonzero(weeks[mine].options[:, day] == option)
                if not works.size:
                    continue
                lets = np.flatnonzero(goes[day, option][weeks[theirs].options[:, day]])
                at.append((starts[mine] + works, np.full(works.size, len(links)), -1.0))
                at.append((starts[theirs] + lets, np.full(lets.size, len(links)), 1.0))
                links.append(Link(pair, day))
    none = np.zeros(0, dtype=int)
    columns = np.concatenate([none, *(some for some, _, _ in at)])
    numbers = np.concatenate([none, *(row for _, row, _ in at)])
    factors = np.concatenate([np.zeros(0), *(np.full(len(some), sign) for some, _, sign in at)])
    matrix = scipy.sparse.coo_array((factors, (numbers, columns)), shape=(len(links), int(starts[-1])))
    return Links(
        tuple(links),
        scipy.sparse.csr_array(matrix),
        np.array([link.pair.price for link in links], dtype=float),
    )


def cost(case: Case, options: Mapping[str, np.ndarray], among: Iterable[str]) -> float:
    """What the days not as agreed cost, of the pairs in which some people are; hard ones infinite."""
    named = set(among)
    total = 0.0
    for pair in case.pairs:
        if named & set(pair.agents):
            first, second = (options[agent][None, :] for agent in pair.agents)
            days = int(parted(fits_of(case, pair), first, second)[0, 0])
            total += pair.price * days if days else 0.0
    return total


def when(case: Case, days: Iterable[int]) -> str:
    """Days of the week in words."""
    dates = [case.start + dt.timedelta(days=day) for day in days]
    return ", ".join(f"{WEEKDAYS[date.weekday()]} {date:%Y-%m-%d}" for date in dates)


def reasons(case: Case, links: Iterable[Link]) -> Iterator[str]:
    """For each pair that no roster keeps, on which days, and what would help."""
    broken: dict[tuple[tuple[str, str], str], set[int]] = {}
    for link in links:
        broken.setdefault((link.pair.agents, link.pair.how), set()).add(link.day)
    for (agents, how), days in broken.items():
        yield (
            f"no roster keeps the pair {_both(agents)} ({how}) beside the other pairs and rules of who is at "
            f"work at once: it is broken on {when(case, sorted(days))}; give the pair a price"
        )
