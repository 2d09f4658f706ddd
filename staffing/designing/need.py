"""What a team needs, on the wall clock of consecutive days.

A shift that passes midnight belongs to the day it starts; where the requirement spans whole weeks, they
follow themselves: the night before the first day is the last day's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem
from staffing.model import Team
from staffing.tables import REQUIREMENT, interval_minutes

DAY = 1440  # minutes


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
    alike : bool
        Whether a single day stands for all.
    """

    team: str
    dates: pd.DatetimeIndex
    minutes: int
    agents: np.ndarray
    opens: int
    closes: int
    alike: bool = False

    @property
    def repeats(self) -> bool:
        """Whether the dates are whole weeks, or a day like all others, which then follow themselves."""
        return self.alike or len(self.dates) % 7 == 0

    @property
    def unit(self) -> float:
        """Half hours in an interval."""
        return self.minutes / 30.0

    @property
    def average(self) -> Demand:
        """One day of the mean need of the open ones, which follows itself."""
        opened = max(int((self.agents > 0).any(axis=1).sum()), 1)
        mean = self.agents.sum(axis=0, keepdims=True) / opened
        return replace(self, dates=self.dates[:1], agents=mean, alike=True)


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
        late = _evening(opened, team.evening, minutes)
        need = np.where(late, np.maximum(need, team.evening_staff), need)
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


def evening(requirement: pd.DataFrame, demand: Demand, team: Team | None) -> np.ndarray:
    """Heads that the evening rule of a team asks for in each interval of the flattened days."""
    if team is None or team.evening is None:
        return np.zeros(demand.agents.size)
    times = requirement.loc[requirement["team"] == demand.team, "interval"].drop_duplicates()
    opened = np.zeros(demand.agents.size, dtype=bool)
    opened[slots(times, demand.dates[0], demand.minutes)] = True
    days = opened.reshape(demand.agents.shape)
    return np.where(_evening(days, team.evening, demand.minutes), team.evening_staff, 0.0).ravel()


def _evening(opened: np.ndarray, since: dt.time, minutes: int) -> np.ndarray:
    """The open intervals from an hour on, until the team closes."""
    opens, _ = _hours(opened, minutes)
    gone = (np.arange(opened.shape[1]) * minutes - opens) % DAY
    late: np.ndarray = opened & (gone >= (since.hour * 60 + since.minute - opens) % DAY)
    return late


def moments(places: np.ndarray, demand: Demand, timezone: str) -> pd.Series:
    """The times of positions in the flattened days; of an hour that comes twice, the first.

    Examples
    --------
    >>> monday = pd.date_range("2026-11-30", periods=1, unit="us")
    >>> moments(np.array([18]), Demand("care", monday, 30, np.zeros((1, 48)), 0, DAY), "Asia/Seoul")[0]
    Timestamp('2026-11-30 09:00:00+0900', tz='Asia/Seoul')
    """
    wall = pd.Series(demand.dates[0] + pd.to_timedelta(places * demand.minutes, unit="min")).astype(
        "datetime64[us]"
    )
    return wall.dt.tz_localize(
        timezone, ambiguous=np.ones(len(wall), dtype=bool), nonexistent="shift_forward"
    )


def clock(minute: int) -> str:
    """Minutes from midnight as text; what passes midnight is the next day's.

    Examples
    --------
    >>> clock(25 * 60 + 30)
    '01:30'
    """
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def minute(text: str) -> int:
    """Text such as "09:30" as minutes from midnight.

    Examples
    --------
    >>> minute("09:30")
    570
    """
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
