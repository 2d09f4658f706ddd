"""The covering program: how many people on given shifts cover a team's need at least cost.

Need stands on the wall clock. A shift that passes midnight belongs to the day it starts; where the
requirement spans whole weeks, they follow themselves: the night before the first day is the last day's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse

from staffing import lp
from staffing.errors import DataError, Problem
from staffing.model import Shift, Team
from staffing.tables import REQUIREMENT, interval_minutes

DAY = 1440  # minutes


class Prices(NamedTuple):
    """Of an agent-half-hour short, one in surplus, and a paid hour."""

    short: float
    over: float
    hour: float


@dataclass(frozen=True)
class Demand:
    """What one team needs, on the wall clock of consecutive days.

    Parameters
    ----------
    team : str
        Its name.
    dates : pandas.DatetimeIndex
        Every date from the first to the last of the table, naive.
    minutes : int
        Length of an interval. [min]
    agents : numpy.ndarray
        To be scheduled, shape (days, intervals of a day); 0 where closed.
    opens, closes : int
        Around the longest stretch of the day without need; closes may pass midnight. [min]
    """

    team: str
    dates: pd.DatetimeIndex
    minutes: int
    agents: np.ndarray
    opens: int
    closes: int

    @property
    def repeats(self) -> bool:
        """Whether the dates are whole weeks, which then follow themselves."""
        return len(self.dates) % 7 == 0

    @property
    def unit(self) -> float:
        """Half hours in an interval."""
        return self.minutes / 30.0


@dataclass(frozen=True)
class Cover:
    """The covering program of some shifts, and what its variables stand for.

    Parameters
    ----------
    program : lp.Program
        The first rows are the intervals with need, the last variables their shortages.
    slots : numpy.ndarray
        Position of those intervals in the flattened need.
    heads : numpy.ndarray
        Variable of the heads of each shift and date, shape (shifts, days).
    held, paid : numpy.ndarray
        Presence of each variable in intervals, and its paid hours, shape (n,).
    """

    program: lp.Program
    slots: np.ndarray
    heads: np.ndarray
    held: np.ndarray
    paid: np.ndarray


def demand(requirement: pd.DataFrame, name: str, team: Team | None = None) -> Demand:
    """A team's need on its wall clock.

    An hour that the clock shows twice counts with its higher need.

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT with rows of the team; the need is the sum of ``scheduled`` over its queues.
    name : str
        The team.
    team : Team, optional
        Its evening rule raises the need of the open intervals from that hour on.

    Returns
    -------
    Demand
        Where nothing is needed at all, opening hours are those of the rows.

    Raises
    ------
    DataError
        Where intervals do not begin on their own grid from midnight.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 18:00", periods=18, freq="30min", tz="Asia/Seoul", unit="us")
    >>> nights = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "scheduled": 4})
    >>> night = demand(nights, "care")
    >>> night.agents.shape, night.opens / 60, night.closes / 60
    ((2, 48), 18.0, 27.0)
    """
    minutes = interval_minutes(requirement)
    total = requirement[requirement["team"] == name].groupby("interval", as_index=False)["scheduled"].sum()
    wall = total["interval"].dt.tz_localize(None).dt.normalize()
    dates = pd.date_range(wall.min(), wall.max(), freq="D", unit="us")
    at = slots(total["interval"], dates[0], minutes)
    shape = (len(dates), DAY // minutes)
    flat, rows = np.zeros(shape[0] * shape[1]), np.zeros(shape[0] * shape[1], dtype=bool)
    np.maximum.at(flat, at, total["scheduled"].to_numpy(dtype=float))
    rows[at] = True
    need, opened = flat.reshape(shape), rows.reshape(shape)
    if team is not None and team.evening is not None:
        opens, _ = _hours(opened, minutes)
        since = (np.arange(shape[1]) * minutes - opens) % DAY
        evening = since >= (team.evening.hour * 60 + team.evening.minute - opens) % DAY
        need = np.where(opened & evening, np.maximum(need, team.evening_staff), need)
    used = need > 0 if need.any() else opened
    opens, closes = _hours(used, minutes)
    return Demand(name, dates, minutes, need, opens, closes)


def slots(times: pd.Series, first: pd.Timestamp, minutes: int) -> np.ndarray:
    """Position of intervals on the wall clock of consecutive days.

    Parameters
    ----------
    times : pandas.Series
        Starts, with their time zone.
    first : pandas.Timestamp
        The first day, naive.
    minutes : int
        Length of an interval. [min]

    Returns
    -------
    numpy.ndarray
        0 for the interval that begins with the first day.

    Raises
    ------
    DataError
        Where intervals do not begin on their own grid from midnight.

    Examples
    --------
    >>> times = pd.Series(pd.to_datetime(["2026-11-30 00:30+09:00", "2026-12-01 00:00+09:00"]))
    >>> slots(times.dt.tz_convert("Asia/Seoul"), pd.Timestamp("2026-11-30"), 30)
    array([ 1, 48])
    """
    since = (times.dt.tz_localize(None) - first) / pd.Timedelta(minutes=1)
    places, rest = np.divmod(since.to_numpy(dtype=float), minutes)
    if DAY % minutes or rest.any():
        raise DataError(
            [
                Problem(
                    f"intervals of {minutes} min do not begin on a grid of {minutes} min from midnight",
                    "give intervals that divide the day, on the wall clock of the site",
                    REQUIREMENT.name,
                    None,
                    "interval",
                )
            ]
        )
    return places.astype(int)


def _hours(days: np.ndarray, minutes: int) -> tuple[int, int]:
    """Opening and closing time around the longest stretch that no day uses; from 0 to 24 h without one."""
    used = np.asarray(days.any(axis=0))
    if used.all():
        return 0, DAY
    size = len(used)
    closing = np.flatnonzero(~used & np.roll(used, 1))
    closed = np.array([int(np.argmax(np.roll(used, -start))) for start in closing])
    longest = int(np.argmax(closed))
    opens = int(closing[longest] + closed[longest]) % size
    return opens * minutes, (opens + size - int(closed[longest])) * minutes


def cover(need: Demand, shifts: Sequence[Shift], prices: Prices) -> Cover:
    """State the covering program of some shifts.

    Variables are heads and break counts per shift and date, then a shortage per interval with need. The
    surplus needs no variable: it is presence less need plus shortage, so its price goes to those.

    Parameters
    ----------
    need : Demand
        Of one team.
    shifts : sequence of Shift
        Of that team.
    prices : Prices
        Of shortage, surplus and paid hours.

    Returns
    -------
    Cover
        With heads as whole numbers, which `staffing.lp.relaxed` sets aside.

    Examples
    --------
    >>> import datetime as dt
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="h", tz="Asia/Seoul", unit="us")
    >>> calls = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "scheduled": [2, 5, 5, 3]})
    >>> day = cover(demand(calls, "care"), [Shift("early", "care", dt.time(9), 3.0),
    ...                                     Shift("late", "care", dt.time(10), 3.0)], Prices(100, 1, 0))
    >>> day.program.matrix.shape, lp.solve(day.program).cost
    ((4, 6), 0.0)
    """
    flat = need.agents.ravel()
    wanted = np.flatnonzero(flat > 0)
    blocks = [_block(shift, need) for shift in shifts]
    presence = scipy.sparse.csr_array(scipy.sparse.hstack([block.presence for block in blocks]))[wanted]
    breaks = scipy.sparse.block_diag([block.breaks for block in blocks])
    matrix = scipy.sparse.block_array([[presence, scipy.sparse.eye_array(len(wanted))], [breaks, None]])
    no_one = np.zeros(len(wanted))
    held = np.concatenate([block.held for block in blocks] + [no_one])
    paid = np.concatenate([block.paid for block in blocks] + [no_one])
    cost = prices.over * need.unit * held + prices.hour * paid
    cost[len(cost) - len(wanted) :] = (prices.short + prices.over) * need.unit
    offsets = np.cumsum([0] + [len(block.held) for block in blocks[:-1]])
    heads = np.array([offset + block.heads for offset, block in zip(offsets, blocks, strict=True)])
    once = np.zeros(breaks.shape[0])
    program = lp.Program(
        cost=cost,
        matrix=scipy.sparse.csr_array(matrix),
        row_lower=np.concatenate([flat[wanted], once]),
        row_upper=np.concatenate([np.full(len(wanted), np.inf), once]),
        lower=np.zeros(len(cost)),
        upper=np.full(len(cost), np.inf),
        integer=np.isin(np.arange(len(cost)), heads),
        constant=-prices.over * need.unit * float(flat.sum()),
    )
    return Cover(program, wanted, heads, held, paid)


class _Block(NamedTuple):
    """One shift's part of the program: a column for heads and for each break position, day after day."""

    presence: scipy.sparse.coo_array
    breaks: scipy.sparse.coo_array
    heads: np.ndarray
    held: np.ndarray
    paid: np.ndarray


def _block(shift: Shift, need: Demand) -> _Block:
    shares, pauses = _shares(shift, need.minutes)
    days, per_day = need.agents.shape
    width, size = len(pauses), need.agents.size
    day = np.arange(days)[:, None]
    slot, column = np.nonzero(shares)
    rows = (slot + day * per_day).ravel()
    columns = (column + day * width).ravel()
    values = np.tile(shares[slot, column], days)
    # What passes the last midnight falls on the first day where weeks follow themselves, else outside.
    inside = rows < (np.inf if need.repeats else size)
    presence = scipy.sparse.coo_array(
        (values[inside], (rows[inside] % size, columns[inside])), shape=(size, days * width)
    )
    # Everybody on the shift takes each break once: its counts by position less the heads are zero.
    once = (pauses == np.arange(len(shift.breaks))[:, None]).astype(float)
    once[:, 0] = -1.0
    breaks = scipy.sparse.kron(scipy.sparse.eye_array(days), scipy.sparse.coo_array(once), format="coo")
    paid = np.where(pauses < 0, shift.paid_hours, 0.0)
    return _Block(
        presence, breaks, np.arange(days) * width, np.tile(shares.sum(axis=0), days), np.tile(paid, days)
    )


def _shares(shift: Shift, minutes: int) -> tuple[np.ndarray, np.ndarray]:
    """Share of each interval that a head is there, then what each position of each break takes off.

    Returns them, shape (intervals of two days, 1 + positions), and the break of each column, -1 for the head.
    """
    columns, pauses = [_share(shift.start_minute, shift.end_minute, minutes)], [-1]
    for number, pause in enumerate(shift.breaks):
        first, last = (shift.start_minute + round(hours * 60) for hours in pause.after_hours)
        taken = [-_share(begin, begin + pause.minutes, minutes) for begin in range(first, last + 1, minutes)]
        columns += taken
        pauses += [number] * len(taken)
    return np.stack(columns, axis=1), np.array(pauses)


def _share(begin: int, end: int, minutes: int) -> np.ndarray:
    """Share of each interval of two days that lies between two times. [0-1]"""
    starts = np.arange(0, 2 * DAY, minutes)
    return np.clip(np.minimum(end, starts + minutes) - np.maximum(begin, starts), 0, None) / minutes
