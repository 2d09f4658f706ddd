"""The nouns of a roster in the making: what is needed, which duties there are, who is alike.

Times are minutes really elapsed since the first midnight; a day's option 0 is free, s + 1 the team's shift s.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse

from staffing import calendar
from staffing.model import Limit, Pair, Rules, Shift
from staffing.roster.carrying import Carried
from staffing.roster.prices import Steps
from staffing.roster.sessions import Session
from staffing.roster.shares import Had

WEEK = 7
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Sums:
    """Contacts that a period wants beyond those of the agents who count as needed.

    Parameters
    ----------
    wanted : numpy.ndarray
        Shape (sums,). [contacts]
    price : numpy.ndarray
        Of each contact that is missing.
    member : numpy.ndarray
        Number of the sum to which a (queue, interval) adds, -1 for none; shape (kinds, queues, intervals).
    gains : numpy.ndarray
        Contacts that one agent in each step over the need adds; shape (kinds, steps, queues, intervals).
    """

    wanted: np.ndarray
    price: np.ndarray
    member: np.ndarray
    gains: np.ndarray

    @classmethod
    def none(cls, shape: tuple[int, ...], steps: int) -> Sums:
        """No sums at all."""
        return cls(np.zeros(0), np.zeros(0), np.full((1, *shape), -1), np.zeros((1, steps, *shape)))

    def of(self, places: np.ndarray) -> scipy.sparse.csr_array:
        """Gains of some (queue, interval), flattened; shape (sums, steps * places)."""
        kinds, steps = self.gains.shape[:2]
        gains = self.gains.reshape(kinds, steps, places.size)[:, :, places]
        member = self.member.reshape(kinds, 1, places.size)[:, :, places]
        wide = steps * int(places.sum())
        column = np.broadcast_to(np.arange(wide).reshape(steps, -1), gains.shape)
        there = (member >= 0) & (gains > 0)
        entries = gains[there], (np.broadcast_to(member, gains.shape)[there], column[there])
        return scipy.sparse.csr_array(scipy.sparse.coo_array(entries, shape=(len(self.wanted), wide)))


@dataclass(frozen=True)
class Need:
    """Agents needed, queue by interval, on a grid without gaps.

    Parameters
    ----------
    queues, teams : tuple of str
        Names, and the team that answers each.
    minutes : int
        Length of an interval. [min]
    intervals : int
        Of the week itself; later ones are reached by its last night shifts only.
    asked : numpy.ndarray
        Agents needed on the queue, shape (queues, intervals); 0 where closed.
    heads : numpy.ndarray
        From which on they count as over: the same, or the fewest where a sum over a longer time is wanted.
    known : numpy.ndarray of bool
        Where the demand has a row.
    short, over : numpy.ndarray
        Price of one agent too few, and too many, for one interval.
    lacks, spares : Steps
        What is dearer within them.
    sums : Sums
        Contacts wanted over a day or week.
    """

    queues: tuple[str, ...]
    teams: tuple[str, ...]
    minutes: int
    intervals: int
    asked: np.ndarray
    heads: np.ndarray
    known: np.ndarray
    short: np.ndarray
    over: np.ndarray
    lacks: Steps
    spares: Steps
    sums: Sums


@dataclass(frozen=True)
class Menu:
    """The shifts of one team on each day.

    Parameters
    ----------
    shifts : tuple of Shift
        The templates.
    start, end, paid : numpy.ndarray
        Shape (7, shifts); a night with a change of clock is longer or shorter than its template. [min]
    """

    shifts: tuple[Shift, ...]
    start: np.ndarray
    end: np.ndarray
    paid: np.ndarray


OFF = (-1,) * WEEK


@dataclass(frozen=True)
class Around:
    """What other planned weeks leave to a week of one person, as far as a rule asks for it.

    Parameters
    ----------
    off : int
        Days off in a row up to the day before.
    begun_work, begun_off : bool
        Whether it is known when a run of work, or of days off, began that the week's first day goes on with.
    tomorrow : str
        Shift of the day after; empty where free or not settled.
    work_after, off_after : int
        Days worked, and days off, in a row from the day after on.
    work_open, off_open : bool
        Whether that run may go on longer than is settled.
    next_start : float
        Start of the next shift after the week; inf where none is near. [min]
    usual_after : int
        Option on which more than half of next week's days are; -1 where none.
    weekend : tuple of int
        Number of the weekend that each day belongs to; -1 on other days, and where it counts already.
    totals : tuple of (str, float, float)
        Rule over all planned days -> least and most that the week may add to it. [days, weekends or min]
    """

    off: int = 0
    begun_work: bool = True
    begun_off: bool = True
    tomorrow: str = ""
    work_after: int = 0
    off_after: int = 0
    work_open: bool = True
    off_open: bool = True
    next_start: float = math.inf
    usual_after: int = -1
    weekend: tuple[int, ...] = OFF
    totals: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True)
class Group:
    """People for whom the same weeks are lawful and cost the same.

    Parameters
    ----------
    agents : tuple of str
        Sorted.
    team, contract : str
        Of all of them.
    queues : tuple of int
        Which queues of the need they can answer.
    rules : Rules
        Of the contract.
    hours : tuple of float
        Least and most paid time, the credit of leave taken off. [min]
    excused : bool
        Whether leave, dates of employment, closed days or a change of clock stand in the way of these hours.
    away : numpy.ndarray of bool
        Days on leave or not employed, shape (7,).
    closed : numpy.ndarray of bool
        Options with nothing to answer, shape (7, options).
    refused : numpy.ndarray of bool
        Options that hard requests (lock, forbid) rule out, shape (7, options).
    wishes : numpy.ndarray
        Price of each option, shape (7, options).
    last_end : float
        End of the last shift before the week; -inf where it is too long ago to matter. [min]
    run : int
        Days worked in a row up to the day before the week; -1 where nothing is known and a least run asks.
    yesterday : str
        Shift of the day before the week; empty on a day off, or where no rule asks.
    last_shift : int
        Option on which more than half of last week's days were; -1 where none, or where nobody asks.
    more_lates, more_weekends : float
        Late shifts, and days on Saturdays and Sundays, had beyond the team's mean.
    unfair : tuple
        Shifts that are to be shared fairly and what another day on each costs, where it costs anything.
    weekend : numpy.ndarray of bool
        Which days are Saturdays and Sundays, shape (7,).
    changes : numpy.ndarray
        What each option costs as a change of the roster that is kept, shape (7, options).
    frozen : numpy.ndarray of bool
        Options that would change a day which nothing may change any more, shape (7, options).
    off_cycle : numpy.ndarray of bool
        Options that their rotation does not mean, shape (7, options).
    senior : bool
        Whether they are seniors, of a team that has a rule about them.
    around : Around
        What other planned weeks leave to this one.
    paired : str
        Who it is, where a pair names one of them: nobody else's week is then as good.
    training : numpy.ndarray of bool
        Options in which each of their planned sessions has room, shape (sessions, 7, options).
    """

    agents: tuple[str, ...]
    team: str
    contract: str
    queues: tuple[int, ...]
    rules: Rules
    hours: tuple[float, float]
    excused: bool
    away: np.ndarray
    closed: np.ndarray
    refused: np.ndarray
    wishes: np.ndarray
    last_end: float
    run: int
    yesterday: str
    last_shift: int
    more_lates: float
    more_weekends: float
    weekend: np.ndarray
    changes: np.ndarray
    frozen: np.ndarray
    off_cycle: np.ndarray
    senior: bool = False
    around: Around = Around()
    paired: str = ""
    unfair: tuple[tuple[str, float], ...] = ()
    training: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros((0, WEEK, 1), dtype=bool))


@dataclass(frozen=True)
class Case:
    """One week to be rostered.

    Parameters
    ----------
    start : datetime.date
        First day.
    days : int
        Days that can be worked.
    timezone : str
        Of the demand.
    need : Need
        By queue and interval.
    menus : dict
        Team -> Menu.
    groups : tuple of Group
        Everybody, once.
    leave, unemployed : dict
        Agent -> days on leave; days before the first or after the last of the contract; shape (7,).
    had : dict
        Agent -> late shifts had before this week.
    price_short : float
        Of an agent-half-hour.
    seniors : dict
        Team -> how many of its seniors must be at work whenever it is open.
    seats : int or None
        How many people may be at work at once.
    pairs : tuple of Pair
        Who works together, or apart.
    sessions : tuple of Session
        Everybody's part in planned training.
    carried : tuple of Carried
        What last week's shifts still do in this week.
    onward : Need or None
        The need with what its last nights meet of the next planned week; None where they meet nothing of one.
    beside : tuple of Carried
        What people of planned weeks around it do in this one, as far as those are settled.
    shared : dict
        Team -> stretches in which people of a planned week around, not settled yet or answering for them, may
        be at work: no rule about seniors speaks there. [min]
    reached : float
        Until when nights of a planned week before may last. [min]
    """

    start: dt.date
    days: int
    timezone: str
    need: Need
    menus: Mapping[str, Menu]
    groups: tuple[Group, ...]
    leave: Mapping[str, np.ndarray]
    unemployed: Mapping[str, np.ndarray]
    had: Mapping[str, Had]
    price_short: float
    seniors: Mapping[str, Limit] = dataclasses.field(default_factory=dict)
    seats: int | None = None
    pairs: tuple[Pair, ...] = ()
    sessions: tuple[Session, ...] = ()
    carried: tuple[Carried, ...] = ()
    onward: Need | None = None
    beside: tuple[Carried, ...] = ()
    shared: Mapping[str, tuple[tuple[float, float], ...]] = dataclasses.field(default_factory=dict)
    reached: float = 0.0

    @property
    def frozen_days(self) -> frozenset[int]:
        """Days on which nobody's shift may change any more."""
        return frozenset(
            day for group in self.groups for day in np.flatnonzero(group.frozen.any(axis=1)).tolist()
        )

    @property
    def origin(self) -> pd.Timestamp:
        """The first midnight."""
        return calendar.at(self.start, 0, self.timezone)

    def presence(self, start: float, end: float) -> tuple[np.ndarray, np.ndarray]:
        """Intervals that a stretch of time meets, and the share of each that it fills. [0-1]"""
        length = self.need.minutes
        first, last = int(start // length), int(np.ceil(end / length))
        edges = np.arange(first, last) * length
        share = (np.minimum(edges + length, end) - np.maximum(edges, start)) / length
        return np.arange(first, last), share
