"""The grid of time: wall-clock times that survive a change of clock, weeks, and interval grids."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

from staffing.errors import DataError, Problem


def week_start(label: str, week_starts: str = "mon") -> dt.date:
    """First day of a week written as in ISO 8601, ``2026-W49``.

    Parameters
    ----------
    label : str
        Year and week number.
    week_starts : str
        ``"mon"``; ``"sun"`` or ``"sat"`` begin the week on that day before the ISO Monday.

    Returns
    -------
    datetime.date
        The day on which the week begins.

    Examples
    --------
    >>> week_start("2003-W43")
    datetime.date(2003, 10, 20)
    """
    match = re.fullmatch(r"(\d{4})-?W(\d{2})", label.strip())
    try:
        if match is None:
            raise ValueError
        monday = dt.date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise DataError(
            [Problem(f"{label!r} is not a week", "write year and week number, for example 2026-W49")]
        ) from None
    return monday - dt.timedelta(days={"mon": 0, "sun": 1, "sat": 2}[week_starts])


def at(date: dt.date, minute: int, timezone: str) -> pd.Timestamp:
    """The moment at which the wall clock shows a time of day.

    A time that the change of clock skips becomes the first moment after it; one that comes twice, the first.

    Parameters
    ----------
    date : datetime.date
        The day.
    minute : int
        Minutes from midnight; over 1440 is the next day. [min]
    timezone : str
        IANA name.

    Returns
    -------
    pandas.Timestamp
        With its time zone.

    Examples
    --------
    >>> at(dt.date(2026, 11, 30), 22 * 60 + 30, "Asia/Seoul")
    Timestamp('2026-11-30 22:30:00+0900', tz='Asia/Seoul')
    """
    day = pd.Timestamp(date.year, date.month, date.day).as_unit("us")
    naive = day + pd.Timedelta(minutes=minute)
    return naive.tz_localize(timezone, nonexistent="shift_forward", ambiguous=True)


def grid(start: dt.date, days: int, minutes: int, timezone: str) -> pd.DatetimeIndex:
    """Every interval start of some days; a day has 23 or 25 hours where the clock changes.

    Parameters
    ----------
    start : datetime.date
        First day.
    days : int
        Calendar days.
    minutes : int
        Length of an interval. [min]
    timezone : str
        IANA name.

    Returns
    -------
    pandas.DatetimeIndex
        With its time zone.

    Examples
    --------
    >>> len(grid(dt.date(2026, 3, 29), 1, 15, "Europe/Madrid"))
    92
    """
    end = at(start + dt.timedelta(days=days), 0, timezone)
    return pd.date_range(at(start, 0, timezone), end, freq=f"{minutes}min", inclusive="left", unit="us")
