"""By when work with a deadline must be done."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from staffing.calendar import WEEKDAYS, Calendar, at
from staffing.errors import DataError, Problem

_AHEAD = 60  # days in which a deadline must come
_HOUR = 3_600_000_000  # µs
_LATE = 1 << 62
Spans = list[tuple[dt.date, int, int]]  # date, from and to in minutes


def due(name: str, rule: str, released: pd.DatetimeIndex, calendar: Calendar) -> pd.DatetimeIndex:
    """Deadline of work that is there from some moments on.

    Parameters
    ----------
    name : str
        Of the queue, whose opening hours count; all hours where the calendar does not know them.
    rule : str
        As in `staffing.model.Deferred`.
    released : pandas.DatetimeIndex
        The moments, in order.
    calendar : Calendar
        Opening hours and closed days.

    Returns
    -------
    pandas.DatetimeIndex
        After each moment the next time of the rule on an open day, or as many open hours later.

    Raises
    ------
    DataError
        Where the queue does not open in time.

    Examples
    --------
    >>> friday = pd.DatetimeIndex(["2026-12-04 16:00"], tz="Europe/Madrid")
    >>> daily = Calendar(opening={"mail": {"daily": [("09:00", "18:00")]}}, closed=["2026-12-05"])
    >>> [str(due("mail", rule, friday, daily)[0].tz_localize(None)) for rule in ("8h", "daily 12:00")]
    ['2026-12-06 15:00:00', '2026-12-06 12:00:00']
    """
    zone, first = str(released.tz), released[0].date()
    dates = [first + dt.timedelta(days=k) for k in range((released[-1].date() - first).days + _AHEAD)]
    shut = calendar.closures(dates[0], dates[-1])
    hours = calendar.hours(name) or dict.fromkeys(range(7), ((0, 1440),))
    spans = [(date, *span) for date in dates if date not in shut for span in hours.get(date.weekday(), ())]
    since = released.as_unit("us").asi8
    moments = (
        _hours_later(rule, since, spans, zone) if rule.endswith("h") else _clock(rule, since, spans, zone)
    )
    if (moments < since).any():
        what = f"{name!r} is due {rule!r}, but is not open so within {_AHEAD} days"
        raise DataError([Problem(what, "change the rule or the opening hours", column="due")])
    return pd.DatetimeIndex(pd.to_datetime(moments, unit="us", utc=True)).tz_convert(zone).as_unit("us")


def _clock(rule: str, since: np.ndarray, spans: Spans, zone: str) -> np.ndarray:
    """The next time of day on an open day that the rule means; zero where there is none. [µs]"""
    days, clock = rule.split()
    begin, _, end = ("mon-sun" if days == "daily" else days).partition("-")
    low, high = WEEKDAYS.index(begin), WEEKDAYS.index(end or begin)
    meant = {(low + k) % 7 for k in range((high - low) % 7 + 1)}
    hour, minute = clock.split(":")
    chosen = sorted({date for date, *_ in spans if date.weekday() in meant})
    times = _moments([(date, 60 * int(hour) + int(minute)) for date in chosen], zone)
    return np.append(times, 0)[np.searchsorted(times, since, side="right")]


def _hours_later(rule: str, since: np.ndarray, spans: Spans, zone: str) -> np.ndarray:
    """The moment at which so many open hours have passed; zero where there is none. [µs]"""
    opens = _moments([(date, begin) for date, begin, _ in spans], zone)
    closes = _moments([(date, end) for date, _, end in spans], zone)
    before = np.append(0, np.cumsum(closes - opens))
    now = np.searchsorted(closes, since)
    passed = before[now] + np.maximum(since - np.append(opens, _LATE)[now], 0)
    wanted = passed + round(float(rule[:-1]) * _HOUR)
    place = np.searchsorted(before[1:], wanted)
    return np.where(place < len(spans), np.append(closes - before[1:], 0)[place] + wanted, 0)


def _moments(times: list[tuple[dt.date, int]], zone: str) -> np.ndarray:
    return pd.to_datetime([at(date, minute, zone) for date, minute in times], utc=True).as_unit("us").asi8
