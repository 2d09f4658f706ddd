"""The nouns of a roster over many days: what is needed on each shift, and what binds each person.

Times are minutes really elapsed since the first midnight; a day's option 0 is free, s + 1 the team's shift s.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from staffing import calendar
from staffing.model import Limit, Pair, Rules, Shift
from staffing.roster.shares import Had

WEEK = 7


def weeks(days: int) -> list[slice]:
    """Weeks of seven days from the first day on, the last one maybe shorter."""
    return [slice(first, min(first + WEEK, days)) for first in range(0, days, WEEK)]


def bounds(limit: Limit, credit: float) -> tuple[float, float]:
    """Least and most paid time of a limit in hours, the credit of leave taken off both. [min]"""
    low = 0.0 if limit.min is None else max(0.0, 60.0 * limit.min - credit)
    return low, math.inf if limit.max is None else max(0.0, 60.0 * limit.max - credit)


@dataclass(frozen=True)
class Staff:
    """One team: its shifts on each day, and how many people each of them needs.

    Parameters
    ----------
    team : str
        Name.
    shifts : tuple of Shift
        The templates.
    start, end, paid : numpy.ndarray
        Of each shift on each day, shape (days, shifts). [min]
    heads : numpy.ndarray
        People needed, shape (days, shifts); 0 where the demand has no row.
    known : numpy.ndarray of bool
        Where the demand has a row, shape (days, shifts); other shifts are not worked.
    short, over : numpy.ndarray
        Price of one person too few, and too many, shape (days, shifts).
    """

    team: str
    shifts: tuple[Shift, ...]
    start: np.ndarray
    end: np.ndarray
    paid: np.ndarray
    heads: np.ndarray
    known: np.ndarray
    short: np.ndarray
    over: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """Of the shifts."""
        return tuple(shift.name for shift in self.shifts)


@dataclass(frozen=True)
class Person:
    """What binds one person.

    Parameters
    ----------
    agent, team, contract : str
        As in the tables.
    rules : Rules
        Of the contract.
    hours : numpy.ndarray
        Least and most paid time of each week, the credit of leave taken off, shape (weeks, 2). [min]
    owed : numpy.ndarray
        Least paid time of each week where nothing stands in the way, shape (weeks,). [min]
    away : numpy.ndarray of bool
        Days on leave, shape (days,).
    unemployed : numpy.ndarray of bool
        Days before the first or after the last of the contract, shape (days,).
    refused : numpy.ndarray of bool
        Options that hard requests (lock, forbid) rule out, shape (days, options).
    wishes : numpy.ndarray
        Price of each option, shape (days, options).
    credit : numpy.ndarray
        Paid leave, shape (days,). [min]
    past : tuple of str
        Shift of each day before the first, the latest last, empty on a day off; none where nothing is known.
    last_end : float
        End of the last shift before the first day; -inf where there was none. [min]
    past_main : str
        Shift of more than half of the days of the week before; empty where there is none.
    had : Had
        Late shifts and weekend days so far.
    more_lates, more_weekends : float
        Of these beyond the team's mean.
    off_cycle : numpy.ndarray of bool
        Options that the person's rotation does not mean, shape (days, options).
    unfair : numpy.ndarray
        What each option costs where shifts are to be shared fairly, shape (days, options).
    changes : numpy.ndarray
        What each option costs as a change of the roster that is kept, shape (days, options).
    frozen : numpy.ndarray of bool
        Days of that roster that must stay, shape (days,); ``refused`` has all but the kept option there.
    senior : bool
        Whether she or he counts as one.
    """

    agent: str
    team: str
    contract: str
    rules: Rules
    hours: np.ndarray
    owed: np.ndarray
    away: np.ndarray
    unemployed: np.ndarray
    refused: np.ndarray
    wishes: np.ndarray
    credit: np.ndarray
    past: tuple[str, ...]
    last_end: float
    past_main: str
    had: Had
    more_lates: float
    more_weekends: float
    off_cycle: np.ndarray
    unfair: np.ndarray
    changes: np.ndarray
    frozen: np.ndarray
    senior: bool


@dataclass(frozen=True)
class Horizon:
    """The days to be rostered.

    Parameters
    ----------
    start : datetime.date
        First day.
    days : int
        How many.
    timezone : str
        Of the site.
    staff : dict
        Team -> Staff.
    people : tuple of Person
        Everybody, by agent.
    price_short : float
        Of an agent-half-hour.
    pairs : tuple of Pair
        Who works together, or apart.
    seats : int or None
        How many may be at work at once, all teams together.
    seniors : dict
        Team -> how many seniors must be at work while its plan asks for anybody.
    """

    start: dt.date
    days: int
    timezone: str
    staff: Mapping[str, Staff]
    people: tuple[Person, ...]
    price_short: float
    pairs: tuple[Pair, ...] = ()
    seats: int | None = None
    seniors: Mapping[str, Limit] = field(default_factory=dict)

    @property
    def crowded(self) -> bool:
        """Whether anybody's days hang on who else is at work at the same time."""
        return self.seats is not None or bool(self.seniors)

    @property
    def blocks(self) -> np.ndarray:
        """Number of the block of each person: those whom pairs tie to each other share one."""
        number = {person.agent: at for at, person in enumerate(self.people)}
        block = np.arange(len(self.people))
        for pair in self.pairs:
            first, second = (block[number[agent]] for agent in pair.agents)
            block[block == max(first, second)] = min(first, second)
        return block

    @property
    def origin(self) -> pd.Timestamp:
        """The first midnight."""
        return calendar.at(self.start, 0, self.timezone)
