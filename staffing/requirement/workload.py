"""Work with a deadline: what is released when, and by when it must be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd

from staffing.calendar import WEEKDAYS, Calendar, at
from staffing.errors import DataError, Problem
from staffing.model import Deferred, Queue
from staffing.requirement import load
from staffing.tables import FORECAST, WORKLOAD, check, interval_minutes

# Nobody's deadline lies further ahead; it ends the search of a queue that never opens. [days]
HORIZON = 60
Spans = list[tuple[pd.Timestamp, pd.Timestamp]]


def workload(
    forecast: pd.DataFrame,
    queues: Iterable[Queue],
    *,
    calendar: Calendar,
    backlog: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Deferrable work as hours between release and deadline.

    Contacts of an interval are there at its end. A deadline such as ``"daily 12:00"`` is the next noon of an
    open day after that; one such as ``"8h"`` is as many open hours later, nights and closed days left out.

    Parameters
    ----------
    forecast : pandas.DataFrame
        FORECAST; of its queues only the Deferred ones count.
    queues : iterable of Queue
        Described, with a handle time of their own or the forecast's.
    calendar : Calendar
        Opening hours and closed days; a queue whose hours it does not know works at all hours.
    backlog : pandas.DataFrame, optional
        What was left before: queue and contacts (due at the first deadline), or WORKLOAD itself. Without it,
        the opening backlog of each queue.

    Returns
    -------
    pandas.DataFrame
        WORKLOAD: queue, released, due, hours [h], and contacts.

    Raises
    ------
    DataError
        A Deferred queue without a handle time, or one that never opens.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 10:30", periods=3, freq="30min", tz="Asia/Seoul")
    >>> orders = pd.DataFrame({"queue": "orders", "interval": times, "volume": [40.0, 40.0, 40.0]})
    >>> queue = Queue("orders", team="presales", aht=90, shrinkage=(),
    ...               channel=Deferred(due="daily 12:00", opening_backlog=140))
    >>> work = workload(orders, [queue], calendar=Calendar(closed=["2026-12-01"]))
    >>> work["due"].dt.strftime("%d %H:%M").tolist(), work["hours"].tolist()
    (['30 12:00', '30 12:00', '30 12:00', '02 12:00'], [3.5, 1.0, 1.0, 1.0])
    """
    check(forecast, FORECAST)
    deferred = sorted(
        (queue for queue in queues if isinstance(queue.channel, Deferred)), key=lambda queue: queue.name
    )
    there = set(forecast["queue"])
    parts = [_of_queue(forecast, queue, calendar, backlog) for queue in deferred if queue.name in there]
    table = pd.concat(parts, ignore_index=True) if parts else WORKLOAD.empty().assign(contacts=0.0)
    return check(table, WORKLOAD)


def _of_queue(
    forecast: pd.DataFrame, queue: Queue, calendar: Calendar, backlog: pd.DataFrame | None
) -> pd.DataFrame:
    rows = forecast[forecast["queue"] == queue.name].sort_values("interval")
    if queue.aht is None and ("aht" not in rows or not (rows["aht"] > 0).any()):
        what = f"the queue {queue.name!r} has no handle time"
        raise DataError([Problem(what, "give its aht in seconds", column="aht")])
    aht = load.handle_time(rows, queue)
    come = load.contacts(rows["volume"].to_numpy(dtype=float), queue)
    begin = rows["interval"].iloc[0]
    released = rows["interval"] + pd.Timedelta(minutes=interval_minutes(forecast))
    some = come > 0
    frames = [_frame(queue, released[some], come[some], (come * aht / 3600.0)[some])]
    left, whole = _left(queue, backlog, float(np.average(aht, weights=come) if come.any() else aht.mean()))
    if left > 0:
        first = _frame(queue, pd.Series([begin]), np.array([left]), np.array([left * whole / 3600.0]))
        frames.insert(0, first)
    table = pd.concat(frames, ignore_index=True)
    table.insert(2, "due", _deadlines(queue, table["released"], calendar))
    if backlog is not None and "due" in backlog:
        given = backlog[backlog["queue"] == queue.name]
        given = given.assign(contacts=given["hours"] * 3600.0 / whole) if "contacts" not in given else given
        table = pd.concat([given[list(table.columns)], table], ignore_index=True)
    grouped = table.groupby(["queue", "released", "due"], as_index=False, sort=False)
    return grouped[["hours", "contacts"]].sum()


def _frame(queue: Queue, released: pd.Series, contacts: np.ndarray, hours: np.ndarray) -> pd.DataFrame:
    columns = {"queue": queue.name, "released": released.array, "hours": hours, "contacts": contacts}
    return pd.DataFrame(columns).astype({"queue": "str"})


def _left(queue: Queue, backlog: pd.DataFrame | None, aht: float) -> tuple[float, float]:
    """Contacts that lie there at the beginning, and how long one takes. [s]"""
    assert isinstance(queue.channel, Deferred)
    if backlog is None:
        return queue.channel.opening_backlog, aht
    if "due" in backlog:
        return 0.0, aht
    return float(backlog.loc[backlog["queue"] == queue.name, "contacts"].sum()), aht


def _deadlines(queue: Queue, released: pd.Series, calendar: Calendar) -> pd.Series:
    """The deadline of each release, by the queue's rule and the days on which it is open."""
    assert isinstance(queue.channel, Deferred)
    if released.empty:
        return released
    first = released.min().tz_localize(None).normalize().date()
    days = (released.max().tz_localize(None).date() - first).days + HORIZON
    spans = open_spans(queue.name, first, days, calendar, str(released.dt.tz))
    rule = queue.channel.due
    if not spans:
        raise DataError([Problem(f"the queue {queue.name!r} never opens", "give it opening hours")])
    if rule.endswith("h"):
        found = _after_open_hours(released, float(rule[:-1]), spans)
    else:
        moments = _clock_times(rule, spans, str(released.dt.tz))
        place = np.searchsorted(moments.asi8, pd.DatetimeIndex(released).as_unit("us").asi8, side="right")
        if (place >= len(moments)).any():
            what = f"{queue.name!r} is due {rule!r}, but is not open on such a day within {HORIZON} days"
            raise DataError([Problem(what, "change the rule or the opening hours", column="due")])
        found = moments[place]
    return pd.Series(found, index=released.index)


def open_spans(name: str, first: dt.date, days: int, calendar: Calendar, timezone: str) -> Spans:
    """When a queue is open over some days, in order; all day where its hours are not known."""
    hours = calendar.hours(name) or dict.fromkeys(range(7), ((0, 1440),))
    shut = calendar.closures(first, first + dt.timedelta(days=days))
    spans = []
    for step in range(days):
        date = first + dt.timedelta(days=step)
        if date in shut:
            continue
        for begin, end in hours.get(date.weekday(), ()):
            spans.append((at(date, begin, timezone), at(date, end, timezone)))
    return spans


def _clock_times(rule: str, spans: Spans, timezone: str) -> pd.DatetimeIndex:
    """Every moment at which a rule such as ``daily 12:00`` is due: on open days only."""
    days, clock = rule.split()
    first, _, last = days.partition("-")
    begin = 0 if days == "daily" else WEEKDAYS.index(first)
    count = 7 if days == "daily" else (WEEKDAYS.index(last or first) - begin) % 7 + 1
    meant = {(begin + step) % 7 for step in range(count)}
    minute = int(clock.split(":")[0]) * 60 + int(clock.split(":")[1])
    dates = sorted({span[0].date() for span in spans})
    return pd.DatetimeIndex(
        [at(date, minute, timezone) for date in dates if date.weekday() in meant]
    ).as_unit("us")


def _after_open_hours(released: pd.Series, hours: float, spans: Spans) -> pd.DatetimeIndex:
    """The moment at which as many open hours have passed since each release."""
    begins = np.array([span[0].value for span in spans])
    lengths = np.array([span[1].value for span in spans]) - begins
    before = np.concatenate([[0], np.cumsum(lengths)])
    moments = released.dt.as_unit("ns").astype("int64").to_numpy()
    place = np.maximum(np.searchsorted(begins, moments, side="right") - 1, 0)
    passed = before[place] + np.clip(moments - begins[place], 0, lengths[place])
    wanted = passed + round(hours * 3600 * 10**9)
    span = np.minimum(np.searchsorted(before, wanted, side="left") - 1, len(spans) - 1)
    span = np.maximum(span, 0)
    ends = begins[span] + (wanted - before[span])
    return pd.DatetimeIndex(pd.to_datetime(ends, utc=True)).tz_convert(released.dt.tz).as_unit("us")
