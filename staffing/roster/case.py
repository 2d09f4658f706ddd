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

from staffing import calendar
from staffing.model import Limit, Pair, Rules, Shift

WEEK = 7
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


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
    heads : numpy.ndarray
        Agents needed on the queue, shape (queues, intervals); 0 where closed.
    known : numpy.ndarray of bool
        Where the demand has a row.
    short, over : numpy.ndarray
        Price of one agent too few, and too many, for one interval.
    """

    queues: tuple[str, ...]
    teams: tuple[str, ...]
    minutes: int
    intervals: int
    heads: np.ndarray
    known: np.ndarray
    short: np.ndarray
    over: np.ndarray


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
    """What is settled around a week of one person, as far as a rule asks for it.

    Parameters
    ----------
    days : int
        Days of the week that are planned at all.
    off : int
        Days off in a row up to the day before.
    begun_work, begun_off : bool
        Whether it is known when a run of work, or of days off, began that the week's first day goes on with.
    planned_before : bool
        Whether the day before is planned too, so that a run that ended there is judged.
    yesterday, tomorrow : str
        Shifts of the day before and the day after; empty where free or not settled.
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

    days: int = WEEK
    off: int = 0
    begun_work: bool = True
    begun_off: bool = True
    planned_before: bool = False
    yesterday: str = ""
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
        Days worked in a row up to the day before the week.
    last_shift : int
        Option on which more than half of last week's days were; -1 where none, or where nobody asks.
    more_lates, more_weekends : float
        Late shifts, and weekends with work, had beyond the team's mean.
    changes : numpy.ndarray
        What each option costs as a change of the roster that is kept, shape (7, options).
    frozen : numpy.ndarray of bool
        Options that would change a day which nothing may change any more, shape (7, options).
    senior : bool
        Whether they are seniors, of a team that has a rule about them.
    around : Around
        What other planned weeks leave to this one.
    paired : str
        Who it is, where a pair names one of them: nobody else's week is then as good.
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
    last_shift: int
    more_lates: float
    changes: np.ndarray
    frozen: np.ndarray
    senior: bool = False
    around: Around = Around()
    more_weekends: float = 0.0
    paired: str = ""


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
    lates, weekends : dict
        Agent -> late shifts had before this week, and weekends with work.
    price_short : float
        Of an agent-half-hour.
    seniors : dict
        Team -> how many of its seniors must be at work whenever it is open.
    seats : int or None
        How many people may be at work at once.
    pairs : tuple of Pair
        Who works together, or apart.
    """

    start: dt.date
    days: int
    timezone: str
    need: Need
    menus: Mapping[str, Menu]
    groups: tuple[Group, ...]
    leave: Mapping[str, np.ndarray]
    unemployed: Mapping[str, np.ndarray]
    lates: Mapping[str, int]
    price_short: float
    seniors: Mapping[str, Limit] = dataclasses.field(default_factory=dict)
    seats: int | None = None
    pairs: tuple[Pair, ...] = ()
    weekends: Mapping[str, int] = dataclasses.field(default_factory=dict)

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
