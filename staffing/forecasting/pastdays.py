"""From tables to days: a queue's history as days by intervals, with what the calendar says of each day."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from staffing.calendar import Calendar, day_features
from staffing.forecasting import dayshape
from staffing.forecasting.past import Past, day_numbers

Array = np.ndarray

_HALF_SEEN = 0.5  # a day of which less was seen is a gap
_THREE_YEARS = 1096
_SMOOTH_FROM = 35  # days of history for the smooth day of month
_YEARLY_FROM = 400  # days of history for the season of the year and for each holiday by its name
_HARMONICS = 8
_AFTER = 0.5  # how much of an event its first day after is thought to have


def places(times: pd.DatetimeIndex, past: Past) -> tuple[Array, Array]:
    """Row of the future day and column of the slot of each interval."""
    local = times.tz_localize(None)
    date = local.normalize()
    of_day = np.asarray((local - date) // pd.Timedelta(minutes=1))
    return past.future.get_indexer(date), np.searchsorted(past.minute, of_day, side="right") - 1


def read(
    queue: str,
    rows: pd.DataFrame,
    calendar: Calendar,
    times: pd.DatetimeIndex,
    minutes: int,
    last: pd.Timestamp,
) -> Past:
    """A queue's history as a method sees it.

    Parameters
    ----------
    queue : str
        Its name.
    rows : pandas.DataFrame
        Its part of a HISTORY.
    calendar : Calendar
        With the hours of the queue.
    times : pandas.DatetimeIndex
        Open intervals to forecast.
    minutes : int
        Length of an interval. [min]
    last : pandas.Timestamp
        Last day of the history of all queues, naive: what is missing until then was closed or is a gap.

    Returns
    -------
    Past
        The last three years at most; features that no past day has are left out: nothing is known of them.
    """
    hours = calendar.hours(queue) or {}
    every = np.arange(0, 1440, minutes)
    is_open = np.zeros((7, len(every)), dtype=bool)
    for weekday, spans in hours.items():
        for begin, end in spans:
            is_open[weekday] |= (every < end) & (every + minutes > begin)
    used = is_open.any(axis=0)
    minute, is_open = every[used], is_open[:, used]
    local = pd.DatetimeIndex(rows["interval"].dt.tz_localize(None))
    offered = rows["offered"].to_numpy(dtype=float)
    dates, counts = _matrix(local, offered, minute, minutes, is_open)
    keep = dates > (last - pd.Timedelta(days=_THREE_YEARS))
    dates, counts = dates[keep], counts[keep]
    future = times.tz_localize(None).normalize().unique()
    future_open = is_open[np.asarray(future.day_of_week)] if len(future) else np.zeros((0, len(minute)), bool)
    features, names, groups, known = _features(
        queue, calendar, dates, future, last, np.asarray(is_open.any(axis=1))
    )
    seen = len(dates)
    ever = (features[:seen] != 0).any(axis=0) if seen else np.zeros(len(names), dtype=bool)
    if not seen or (dates[-1] - dates[0]).days < _SMOOTH_FROM:
        ever &= np.array([group != "dom" for group in groups], dtype=bool)
    planned = np.array([group in ("event", "step") for group in groups], dtype=bool)
    new = planned & ~ever & (features[seen:] != 0).any(axis=0)
    unseen = tuple(
        name for name, is_new in zip(names, new, strict=True) if is_new and not name.startswith("after ")
    )
    return Past(
        queue,
        minute,
        dates,
        counts,
        is_open,
        future,
        future_open,
        features[:seen, ever],
        features[seen:, ever],
        tuple(name for name, there in zip(names, ever, strict=True) if there),
        tuple(group for group, there in zip(groups, ever, strict=True) if there),
        known[:seen],
        known[seen:],
        unseen,
    )


def _matrix(
    local: pd.DatetimeIndex, offered: Array, minute: Array, minutes: int, is_open: Array
) -> tuple[pd.DatetimeIndex, Array]:
    """Days by slots; days that were closed or hardly seen are left out."""
    date = local.normalize()
    dates = date.unique()
    if not len(minute):
        return dates[:0], np.zeros((0, 0))
    of_day = np.asarray((local - date) // pd.Timedelta(minutes=1)) // minutes * minutes
    slot = np.minimum(np.searchsorted(minute, of_day), len(minute) - 1)
    inside = minute[slot] == of_day
    row = dates.get_indexer(date)
    sums, times = np.zeros((len(dates), len(minute))), np.zeros((len(dates), len(minute)))
    np.add.at(sums, (row[inside], slot[inside]), offered[inside])
    np.add.at(times, (row[inside], slot[inside]), 1.0)
    # The hour that the clock shows twice counts once, at its mean.
    counts = np.where(times > 0, sums / np.maximum(times, 1.0), np.nan)
    weekday = np.asarray(dates.day_of_week)
    counts = np.where(is_open[weekday], counts, np.nan)
    day_sum = np.nansum(counts, axis=1)
    live = np.asarray(is_open.any(axis=1))[weekday] & np.isfinite(counts).any(axis=1)
    busy = day_sum[live & (day_sum > 0)]
    # A day of zeros is a closed day where the queue is busy, and a quiet day where it is not.
    live &= (day_sum > 0) | (np.median(busy) < 20 if len(busy) else True)
    dates, counts, weekday = dates[live], counts[live], weekday[live]
    if len(dates):
        known = dayshape.complete(counts, weekday, is_open)[2]
        seen = known >= min(_HALF_SEEN, 0.8 * float(np.median(known)))
        dates, counts = dates[seen], counts[seen]
    return dates, counts


def _features(
    queue: str,
    calendar: Calendar,
    dates: pd.DatetimeIndex,
    future: pd.DatetimeIndex,
    last: pd.Timestamp,
    open_weekday: Array,
) -> tuple[Array, tuple[str, ...], tuple[str, ...], Array]:
    """Columns of past and future days: mean, weekdays, calendar, events; and known log factors."""
    wanted = pd.DatetimeIndex(dates.append(future))
    if not len(wanted):
        return np.zeros((0, 0)), (), (), np.zeros(0)
    first = min(wanted[0], last).replace(day=1)
    span = pd.date_range(first, wanted[-1] + pd.offsets.MonthEnd(0), freq="D", unit="us")
    normally = open_weekday[np.asarray(span.day_of_week)]
    shut = span.isin(pd.DatetimeIndex(sorted(calendar.closures(span[0].date(), span[-1].date()))))
    told = (span >= dates[0]) & (span <= last) if len(dates) else np.zeros(len(span), dtype=bool)
    is_open = np.where(told, span.isin(dates), normally & ~shut)
    events = calendar.events_of(queue)
    lost = events[events["kind"] == "gap"]
    gaps = [
        day.date()
        for begin, end in zip(lost["start"], lost["end"], strict=True)
        for day in pd.date_range(begin, end, freq="D")
    ]
    public = calendar.public_holidays(span[0].date(), span[-1].date(), optional=True)
    table, names, groups = day_features(span, is_open, normally, holidays=public, gaps=gaps)
    at = span.get_indexer(wanted)
    weekday = np.asarray(wanted.day_of_week)
    more, known = _event_columns(events[events["kind"] != "gap"], wanted)
    if len(dates) and (dates[-1] - dates[0]).days >= _YEARLY_FROM:
        more |= _yearly_columns(wanted, public)
    features = np.column_stack(
        [
            np.ones(len(wanted)),
            weekday[:, None] == np.arange(7),
            table[at],
            *(column for _, column in more.values()),
        ]
    ).astype(float)
    all_names = ("mean", *(_WEEKDAY_NAMES), *names, *more)
    all_groups = (
        "mean",
        *("weekday",) * 7,
        *groups,
        *(group for group, _ in more.values()),
    )
    return features, all_names, all_groups, known


_WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _yearly_columns(dates: pd.DatetimeIndex, public: dict[dt.date, str]) -> dict[str, tuple[str, Array]]:
    """Trend, season of the year, the turn of the year day by day, and each public holiday by its name."""
    phase = 2.0 * np.pi * (np.asarray(dates.day_of_year) - 0.5) / np.where(dates.is_leap_year, 366.0, 365.0)
    years = day_numbers(dates) / 365.25
    columns: dict[str, tuple[str, Array]] = {"a year's trend": ("trend", years - years.mean())}
    for k in range(1, _HARMONICS + 1):
        columns[f"season sin {k}"] = ("year", np.sin(k * phase) / k)
        columns[f"season cos {k}"] = ("year", np.cos(k * phase) / k)
    month, day = np.asarray(dates.month), np.asarray(dates.day)
    for m, d in [(12, d) for d in range(22, 32)] + [(1, d) for d in range(1, 5)]:
        columns[f"{d} {'January' if m == 1 else 'December'}"] = ("turn", (month == m) & (day == d))
    for name in sorted(set(public.values())):
        named = pd.DatetimeIndex([date for date, other in public.items() if other == name])
        columns[name] = ("named", np.asarray(dates.isin(named)))
    return columns


def _event_columns(
    events: pd.DataFrame, dates: pd.DatetimeIndex
) -> tuple[dict[str, tuple[str, Array]], Array]:
    """One column for each kind and each name of event to learn, and for the days after; known log factors."""
    known, day = np.zeros(len(dates)), day_numbers(dates)
    columns: dict[str, tuple[str, Array]] = {}
    # A kind teaches its names what they have in common; of a single name there is nothing to share.
    names = events.groupby("kind")["name"].nunique()
    several = set(names.index[names > 1]) - {""}
    starts, ends = (day_numbers(pd.DatetimeIndex(events[name])) for name in ("start", "end"))
    given = (events[name].to_numpy(dtype=float) for name in ("effect", "after_effect", "after_days"))
    for label, kind, start, end, effect, after_effect, after_days in zip(
        events["name"], events["kind"], starts, ends, *given, strict=True
    ):
        on, since = (day >= start) & (day <= end), day - end
        learned: dict[str, Array] = {}
        if np.isfinite(effect):
            known += np.where(on, np.log1p(effect), 0.0)
        else:
            learned[""] = on.astype(float)
        length = after_days if np.isfinite(after_days) else 2.0
        fading = np.where((since >= 1) & (since <= length), 1.0 - (since - 1.0) / max(length, 1.0), 0.0)
        if np.isfinite(after_effect):
            known += np.log1p(after_effect * fading)
        elif not np.isfinite(effect) and kind != "step" and length >= 1:
            learned["after "] = _AFTER * fading
        shared = [label, kind] if kind in several and kind != "step" else [label]
        for name in dict.fromkeys(shared):
            for title, column in learned.items():
                before = columns.get(title + name, ("", np.zeros(len(day))))[1]
                columns[title + name] = ("step" if kind == "step" else "event", np.maximum(before, column))
    return columns, known
