"""Forecasts of volume and handle time, with honest uncertainty.

The history of each queue becomes a table of days by open intervals; a method turns it into possible futures
(`paths`), and everything else is read off these: the forecast and its quantiles (`predict`). The method
``"auto"`` is calendar-adjusted level x weekday profile: `staffing.daylevel` for the totals of days,
`staffing.dayshape` for their shape.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from staffing import daylevel, dayshape
from staffing.calendar import Calendar, day_features
from staffing.daylevel import Days, Hyper
from staffing.errors import DataError, Problem
from staffing.tables import ADJUSTMENTS, FORECAST, HISTORY, PATHS, check, interval_minutes

Array = np.ndarray

_PATHS = 500  # from which predict reads its quantiles
_WEEKS_BACK = 10  # re-forecast inside the history to calibrate the bands
_HALF_SEEN = 0.5  # a day of which less was seen is a gap
_TWO_YEARS = 731
_SD = {"mean": 10.0, "weekday": 0.10, "event": 0.15}  # prior sds; every other group has _SD_ELSE
_SD_ELSE = 0.04
_DRIFTS = ((0.03, 3.0), (0.06, 60.0))
_NOISE = 0.015
_ODDEST = 0.5  # variance of the logarithm of an outlying day to come, at most
_SMOOTH_FROM, _SECOND_FROM = 5, 10  # weeks of history


@dataclass(frozen=True)
class Past:
    """One queue as a method sees it: days by intervals, what is to be forecast, and what the calendar says.

    Parameters
    ----------
    queue : str
        Its name.
    minute : numpy.ndarray
        Start of each slot of the day. [min from midnight]
    dates : pandas.DatetimeIndex
        Days with data, naive.
    counts : numpy.ndarray
        (days, slots) contacts offered; NaN where missing or closed.
    is_open : numpy.ndarray of bool
        (7, slots): open slots by weekday, Monday first.
    future : pandas.DatetimeIndex
        Days to forecast, those without an open slot left out.
    future_open : numpy.ndarray of bool
        (future days, slots).
    features, future_features : numpy.ndarray
        Calendar features of both.
    names, groups : tuple of str
        Of the features.
    known, future_known : numpy.ndarray
        Effects of events whose effect is given, as logarithms of factors.
    """

    queue: str
    minute: Array
    dates: pd.DatetimeIndex
    counts: Array
    is_open: Array
    future: pd.DatetimeIndex
    future_open: Array
    features: Array
    future_features: Array
    names: tuple[str, ...]
    groups: tuple[str, ...]
    known: Array
    future_known: Array


class Draws(NamedTuple):
    """What a method gives: the expected counts, and possible ones.

    Parameters
    ----------
    mean : numpy.ndarray
        (future days, slots).
    paths : numpy.ndarray
        (future days, slots, n).
    """

    mean: Array
    paths: Array


Method = Callable[[Past, int, np.random.Generator], Draws]


# --- the public steps


def predict(
    history: pd.DataFrame,
    days: int,
    *,
    start: dt.date | None = None,
    method: str | Method = "auto",
    quantiles: Sequence[float] = (0.1, 0.5, 0.9),
    calendar: Calendar | None = None,
    adjustments: pd.DataFrame | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Volume and handle time of every open interval, with quantiles.

    Parameters
    ----------
    history : pandas.DataFrame
        Table of the contract HISTORY; the length of its intervals is read off it. Missing is not zero: an
        interval or a day that is not in the table is not known, a day absent from a weekday that is
        normally open was closed.
    days : int
        Calendar days from ``start``.
    start : datetime.date, optional
        First day; the day after the history's last without it. It may lie later: the bands widen.
    method : str or callable
        A name in `METHODS`, or a function of the same form.
    quantiles : sequence of float
        Which, between 0 and 1. [0-1]
    calendar : Calendar, optional
        Opening hours, closures, holidays and events; without it only what the history shows.
    adjustments : pandas.DataFrame, optional
        Table of the contract ADJUSTMENTS. ``factor`` multiplies the volume of the days from start to end,
        ``add`` adds contacts to each of these days; queue ``"all"`` means every queue. Factors come first.
    seed : int
        Of the paths; the same seed gives the same table.

    Returns
    -------
    pandas.DataFrame
        FORECAST: queue, interval, volume (the mean), aht [s] if the history has it, and for each quantile q
        ``volume_p{100q:g}``. With adjustments ``volume_statistical`` is the volume before them. Sorted
        by queue and interval; open intervals only.

    Raises
    ------
    DataError
        A history, calendar or adjustment that cannot be used, every problem at once.

    Examples
    --------
    >>> times = pd.date_range("2026-11-02 09:00", periods=21 * 24, freq="60min", tz="Asia/Seoul")
    >>> open_times = times[(times.hour >= 9) & (times.hour < 18)]
    >>> past = pd.DataFrame({"queue": "calls", "interval": open_times, "offered": 50.0 + open_times.hour})
    >>> table = predict(past, 1)
    >>> list(table.columns)
    ['queue', 'interval', 'volume', 'volume_p10', 'volume_p50', 'volume_p90']
    >>> len(table), bool(abs(table["volume"].iloc[0] - 59) < 1)
    (9, True)
    """
    bad = [q for q in quantiles if not 0 < q < 1]
    if bad:
        raise DataError([Problem(f"{q!r} is not a quantile", "write a number between 0 and 1") for q in bad])
    drawn = _draw_all(history, days, _PATHS, start, method, calendar, seed)
    tables = []
    for one in drawn:
        table = pd.DataFrame({"queue": one.queue, "interval": one.times, "volume": one.mean})
        if "aht" in history:
            table["aht"] = _handle_time(one.rows, one.times)
        if len(quantiles):
            found = np.quantile(one.paths, list(quantiles), axis=1) if len(table) else one.paths.T
            for q, values in zip(quantiles, found[: len(quantiles)], strict=False):
                table[_column(q)] = values
        tables.append(table)
    out = pd.concat(tables, ignore_index=True) if tables else FORECAST.empty()
    out = out.astype({"queue": "str"})
    if adjustments is None:
        return out
    return _adjust(out, adjustments, "volume", [_column(q) for q in quantiles])


def paths(
    history: pd.DataFrame,
    days: int,
    n: int = 200,
    *,
    start: dt.date | None = None,
    method: str | Method = "auto",
    calendar: Calendar | None = None,
    adjustments: pd.DataFrame | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Possible futures: each path is one whole stretch of days, its intervals sharing their day's level.

    Parameters
    ----------
    history, days, start, method, calendar, adjustments, seed
        As in `predict`, whose quantiles come from such paths.
    n : int
        How many.

    Returns
    -------
    pandas.DataFrame
        PATHS: queue, interval, ``path_000`` and so on.

    Examples
    --------
    >>> times = pd.date_range("2026-11-02 09:00", periods=14, freq="1D", tz="Asia/Seoul")
    >>> past = pd.DataFrame({"queue": "calls", "interval": times, "offered": 100.0})
    >>> list(paths(past, 1, n=2).columns)
    ['queue', 'interval', 'path_000', 'path_001']
    """
    if n < 1:
        raise DataError([Problem(f"{n} paths are none", "ask for at least one path")])
    names = [f"path_{k:03d}" for k in range(n)]
    tables = []
    for one in _draw_all(history, days, n, start, method, calendar, seed):
        table = pd.DataFrame(one.paths, columns=names)
        table.insert(0, "interval", one.times)
        table.insert(0, "queue", one.queue)
        tables.append(table)
    out = pd.concat(tables, ignore_index=True) if tables else PATHS.empty()
    out = out.astype({"queue": "str"})
    return out if adjustments is None else _adjust(out, adjustments, None, names)


def _column(q: float) -> str:
    return f"volume_p{100 * q:g}"


# --- from tables to one queue's days, and back


class _Drawn(NamedTuple):
    queue: str
    rows: pd.DataFrame
    times: pd.DatetimeIndex
    mean: Array
    paths: Array


def _draw_all(
    history: pd.DataFrame,
    days: int,
    n: int,
    start: dt.date | None,
    method: str | Method,
    calendar: Calendar | None,
    seed: int,
) -> list[_Drawn]:
    check(history, HISTORY)
    problems = []
    if history.empty:
        problems.append(Problem("the history is empty", "give at least one day of contacts", "HISTORY"))
    if days < 1:
        problems.append(Problem(f"{days} days cannot be forecast", "ask for at least one day"))
    if isinstance(method, str) and method not in METHODS:
        problems.append(Problem(f"there is no method {method!r}", f"write one of {', '.join(METHODS)}"))
    if problems:
        raise DataError(problems)
    run = METHODS[method] if isinstance(method, str) else method
    minutes = min(interval_minutes(history), 1440)
    timezone = str(history["interval"].dt.tz)
    known = (calendar or Calendar()).learn_opening(history)
    last = history["interval"].max().tz_localize(None).normalize()
    first = pd.Timestamp(start) if start is not None else last + pd.Timedelta(days=1)
    if first <= last:
        raise DataError(
            [
                Problem(
                    f"the forecast starts on {first:%Y-%m-%d}, the history ends on {last:%Y-%m-%d}",
                    "cut the history before the first day to forecast",
                )
            ]
        )
    drawn = []
    for name, rows in history.groupby("queue", sort=True):
        queue = str(name)
        times = known.slots(queue, first.date(), days, minutes, timezone)
        rows = rows.sort_values("interval")
        past = _past(queue, rows, known, times, minutes, last)
        rng = np.random.default_rng([seed, zlib.crc32(queue.encode())])
        if len(times) == 0:
            drawn.append(_Drawn(queue, rows, times, np.zeros(0), np.zeros((0, n))))
            continue
        if not len(past.dates):
            remedy = "give more history, or mend the opening hours"
            raise DataError([Problem(f"{queue!r} has no day with data in its opening hours", remedy)])
        found = run(past, n, rng)
        day, slot = _places(times, past.future, past.minute, minutes)
        mean, possible = found.mean[day, slot], found.paths[day, slot]
        if not (np.isfinite(mean).all() and np.isfinite(possible).all() and (mean >= 0).all()):
            raise DataError(
                [Problem(f"the method gave {queue!r} a volume below zero or none at all", "mend the method")]
            )
        drawn.append(_Drawn(queue, rows, times, mean, possible))
    return drawn


def _places(
    times: pd.DatetimeIndex, dates: pd.DatetimeIndex, minute: Array, minutes: int
) -> tuple[Array, Array]:
    """Row of the day and column of the slot of each interval."""
    local = times.tz_localize(None)
    date = local.normalize()
    of_day = np.asarray((local - date) // pd.Timedelta(minutes=1)) // minutes * minutes
    return dates.get_indexer(date), np.searchsorted(minute, of_day)


def _past(
    queue: str,
    rows: pd.DataFrame,
    calendar: Calendar,
    times: pd.DatetimeIndex,
    minutes: int,
    last: pd.Timestamp,
) -> Past:
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
    keep = dates > (last - pd.Timedelta(days=_TWO_YEARS))
    dates, counts = dates[keep], counts[keep]
    future = times.tz_localize(None).normalize().unique()
    future_open = is_open[np.asarray(future.day_of_week)] if len(future) else np.zeros((0, len(minute)), bool)
    features, names, groups, known = _features(
        queue, calendar, dates, future, last, np.asarray(is_open.any(axis=1))
    )
    seen = len(dates)
    ever = (features[:seen] != 0).any(axis=0) if seen else np.zeros(len(names), dtype=bool)
    if not seen or (dates[-1] - dates[0]).days < 7 * _SMOOTH_FROM:
        ever &= np.array([group != "dom" for group in groups], dtype=bool)
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
    more, more_names, known = _event_columns(events[events["kind"] != "gap"], wanted)
    features = np.column_stack(
        [np.ones(len(wanted)), weekday[:, None] == np.arange(7), table[at], more]
    ).astype(float)
    all_names = ("mean", *(_WEEKDAY_NAMES), *names, *more_names)
    all_groups = ("mean", *("weekday",) * 7, *groups, *("event",) * len(more_names))
    return features, all_names, all_groups, known


_WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _event_columns(events: pd.DataFrame, dates: pd.DatetimeIndex) -> tuple[Array, list[str], Array]:
    """One column for each kind and each name of event to learn, two for the days after; known log factors."""
    known = np.zeros(len(dates))
    columns: dict[str, Array] = {}
    day = _day_numbers(dates)
    starts, ends = (_day_numbers(pd.DatetimeIndex(events[name])) for name in ("start", "end"))
    effects = events["effect"].to_numpy(dtype=float)
    for k, (label, kind) in enumerate(zip(events["name"], events["kind"], strict=True)):
        on = (day >= starts[k]) & (day <= ends[k])
        if np.isfinite(effects[k]):
            known += np.where(on, np.log1p(effects[k]), 0.0)
            continue
        after = np.select([day - ends[k] == 1, day - ends[k] == 2], [0.5, 0.35], 0.0)
        for name in dict.fromkeys([label, kind] if kind else [label]):
            for title, column in ((name, on.astype(float)), (f"after {name}", after)):
                columns[title] = np.maximum(columns.get(title, np.zeros(len(day))), column)
    table = np.column_stack(list(columns.values())) if columns else np.zeros((len(dates), 0))
    return table, list(columns), known


def _handle_time(rows: pd.DataFrame, times: pd.DatetimeIndex) -> Array:
    """Long trimmed mean by time of day, shrunk towards the queue's by 300 contacts. [s]"""
    rows = rows[rows["aht"].notna()]
    weight = rows["handled" if "handled" in rows else "offered"].fillna(0.0).to_numpy(dtype=float)
    value = rows["aht"].to_numpy(dtype=float)
    value, weight, rows = value[weight > 0], weight[weight > 0], rows[weight > 0]
    if not len(rows):
        return np.full(len(times), np.nan)
    order = np.argsort(value, kind="stable")
    heap = np.cumsum(weight[order])
    top = value[order][min(int(np.searchsorted(heap, 0.995 * heap[-1])), len(order) - 1)]
    value = np.minimum(value, top)
    overall = float(np.average(value, weights=weight))
    of_day = _minute_of_day(pd.DatetimeIndex(rows["interval"]))
    work = np.bincount(of_day, weights=weight * value, minlength=1440)
    calls = np.bincount(of_day, weights=weight, minlength=1440)
    slots = np.flatnonzero(calls)
    kernel = np.array([0.25, 0.5, 0.25])
    work, calls = np.convolve(work[slots], kernel)[1:-1], np.convolve(calls[slots], kernel)[1:-1]
    mean = (work + 300.0 * overall) / (calls + 300.0)
    wanted = _minute_of_day(times)
    place = np.minimum(np.searchsorted(slots, wanted), len(slots) - 1)
    return np.where(slots[place] == wanted, mean[place], overall)


def _minute_of_day(times: pd.DatetimeIndex) -> Array:
    return np.asarray(times.hour * 60 + times.minute, dtype=np.int64)


def _adjust(
    table: pd.DataFrame, adjustments: pd.DataFrame, volume: str | None, columns: Sequence[str]
) -> pd.DataFrame:
    """People's changes on top: factors first, then additions spread like the volume of the day."""
    check(adjustments, ADJUSTMENTS)
    changes = adjustments.assign(
        **{name: np.nan for name in ("add", "factor") if name not in adjustments.columns}
    )
    empty = changes["add"].isna() & changes["factor"].isna()
    if empty.any():
        raise DataError(
            [
                Problem("the adjustment changes nothing", "give it a factor or an add", "ADJUSTMENTS")
                for _ in range(int(empty.sum()))
            ]
        )
    date = table["interval"].dt.tz_localize(None).dt.normalize()
    before = table[volume] if volume else table[list(columns)].mean(axis=1)
    after = before.to_numpy(dtype=float, copy=True)
    for additive in (False, True):
        for row in changes[changes["add" if additive else "factor"].notna()].itertuples():
            meant = (date >= row.start) & (date <= row.end)
            on = (meant & (table["queue"].eq(row.queue) | (row.queue == "all"))).to_numpy()
            if not additive:
                after[on] *= row.factor
                continue
            daily = pd.Series(after[on]).groupby(date[on].to_numpy()).transform("sum").to_numpy()
            heads = pd.Series(1.0, index=range(int(on.sum()))).groupby(date[on].to_numpy()).transform("sum")
            share = np.divide(after[on], daily, out=1.0 / heads.to_numpy(), where=daily > 0)
            after[on] = np.maximum(after[on] + row.add * share, 0.0)
    out = table.copy()
    base = before.to_numpy(dtype=float)
    ratio = np.divide(after, base, out=np.ones(len(base)), where=base > 0)
    for name in columns:
        # Where nothing was expected there is no band to scale: the people's number stands in every quantile.
        out[name] = np.where(base > 0, out[name] * ratio, after)
    if volume:
        out[volume] = after
        out.insert(list(out.columns).index(volume) + 1, f"{volume}_statistical", base)
    return out


# --- the default method


def auto(past: Past, n: int, rng: np.random.Generator) -> Draws:
    """Calendar-adjusted level x weekday profile, with paths from the model's own joint uncertainty."""
    weekday = np.asarray(past.dates.day_of_week)
    counts, total, part = dayshape.complete(past.counts, weekday, past.is_open)
    if total.sum() <= 0:
        return Draws(np.zeros(past.future_open.shape), np.zeros((*past.future_open.shape, n)))
    level = _level(past, total, part)
    seen = np.isfinite(past.counts) & past.is_open[weekday]
    age = (past.dates[-1] - past.dates).days.to_numpy(dtype=float)
    weight = dayshape.recency(age) / (1.0 + level.outlier / level.usual)
    shape = dayshape.shape(counts, weekday, past.is_open, weight)
    field = dayshape.field(counts, seen, weekday, shape, weight)
    wider = _calibrate(past, counts, total, level, field)
    mean, paths = _sample(past, level, shape.share, field, wider, n, rng)
    return Draws(mean, paths)


class _Level(NamedTuple):
    """Day totals ahead: joint normal on the log scale, and what was learned on the way."""

    mean: Array
    covariance: Array
    noise: float
    outlier: Array
    usual: float  # mean predicted variance of a day
    days: Days
    hyper: Hyper


def _level(past: Past, total: Array, part: Array) -> _Level:
    size = np.maximum(total, 1.0)
    days = Days(
        _day_numbers(past.dates),
        np.log(size) - past.known,
        past.features,
        past.groups,
        1.0 / size + 0.01 * (1.0 - part) / part,
    )
    sd = {group: _SD.get(group, _SD_ELSE) for group in dict.fromkeys(past.groups)}
    middle = float(np.median(days.level))
    days = replace(days, level=days.level - middle)
    hyper, outlier = daylevel.learn(days, Hyper(sd, _DRIFTS, _NOISE))
    days = replace(days, variance=days.variance + outlier)
    mean, covariance = _average(days, hyper, outlier, _day_numbers(past.future), past.future_features)
    usual = float(np.mean(np.diag(covariance))) + hyper.noise**2
    mean = mean + past.future_known + middle + _scale(days, hyper, outlier, total, middle + past.known)
    return _Level(mean, covariance, hyper.noise, outlier, usual, days, hyper)


def _scale(days: Days, hyper: Hyper, outlier: Array, total: Array, offset: Array) -> float:
    """Logarithm of what came over what each day's neighbours promised: logarithms of small counts mislead."""
    residual, variance = daylevel.leave_one_out(days, hyper)
    promised = np.exp(np.minimum(days.level - residual + variance / 2.0 + offset, 700.0))
    weight = np.where(outlier > 0, 0.0, 2.0 ** ((days.day - days.day[-1]) / 70.0))
    usual = int((outlier == 0).sum())
    ratio = float(weight @ total) / max(float(weight @ promised), 1e-300)
    return float(np.log(np.clip(ratio, 0.5, 2.0))) * usual / (usual + 20.0)


def _average(days: Days, hyper: Hyper, outlier: Array, day: Array, features: Array) -> tuple[Array, Array]:
    """Mean of two opinions: the level model's, and from ten weeks on a plain one with the same effects."""
    opinion = daylevel.ahead(days, hyper, day, features)
    if days.day[-1] - days.day[0] < 7.0 * _SECOND_FROM:
        return opinion.mean, opinion.covariance
    second = daylevel.steady(days, outlier, opinion.coefficient, day, features)
    return (opinion.mean + second) / 2.0, opinion.covariance


def _day_numbers(dates: pd.DatetimeIndex) -> Array:
    return dates.to_numpy().astype("datetime64[D]").astype(float)


def _calibrate(
    past: Past, counts: Array, total: Array, level: _Level, field: dayshape.Field
) -> tuple[float, float]:
    """How much wider the bands of days and of their shape must be: the last ten weeks forecast again."""
    days = level.days
    if len(days.day) < 40:
        return 1.0, 1.0
    weekday = np.asarray(past.dates.day_of_week)
    errors, outside, inside = [], [], []
    for back in range(_WEEKS_BACK, 0, -1):
        cut = days.day[-1] - 7 * back
        if cut - days.day[0] < 35:
            continue
        known = int(np.searchsorted(days.day, cut, side="right"))
        week = slice(known, int(np.searchsorted(days.day, cut + 7, side="right")))
        if week.start == week.stop:
            continue
        ahead = daylevel.ahead(days.until(known), level.hyper, days.day[week], days.features[week])
        spread = np.sqrt(np.diag(ahead.covariance) + level.noise**2 + 1.0 / np.maximum(total[week], 1.0))
        errors.append(np.abs(days.level[week] - ahead.mean) / spread)
        weight = dayshape.recency(cut - days.day[:known]) / (1.0 + level.outlier[:known] / level.usual)
        before = dayshape.shape(counts[:known], weekday[:known], past.is_open, weight)
        left = dayshape.residuals(counts[week], total[week], weekday[week], before.share)
        outside.append(np.abs(left[field.seen[week]]))
        inside.append(np.abs(field.days[week][field.seen[week]]))
    if not errors:
        return 1.0, 1.0
    error = np.concatenate(errors)
    k = len(error) / 2.0
    trust = k / (k + 20.0)
    day_factor = float(np.clip((np.quantile(error, 0.8) / 1.2816) ** trust, 0.7, 1.5))
    own = float(np.quantile(np.concatenate(inside), 0.8))
    if own <= 0:
        return day_factor, 1.0
    field_factor = (float(np.quantile(np.concatenate(outside), 0.8)) / own) ** trust
    return day_factor, float(np.clip(field_factor, 0.8, 1.4))


def _sample(
    past: Past,
    level: _Level,
    share: Array,
    field: dayshape.Field,
    wider: tuple[float, float],
    n: int,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Whole paths; each slot's mean over the paths is its expected count."""
    ahead, seen = len(level.mean), len(level.days.day)
    own = level.noise**2 + np.exp(-np.minimum(level.mean, 700.0))
    variance = np.diag(level.covariance) + own
    root = np.linalg.cholesky(level.covariance + np.diag(own))
    freedom = 3.0 + seen / 4.0
    heavy = np.sqrt(freedom / rng.chisquare(freedom, size=n))
    away = (root @ rng.standard_normal((ahead, n))) * heavy * wider[0] * np.sqrt(1.0 + 6.0 / seen)
    # Capped, since a day a hundred times the usual says that days go wrong, not that they go wrong by that.
    odd = np.minimum(np.append(level.outlier[level.outlier > 0], 9.0 * level.usual), _ODDEST)
    struck = rng.random((ahead, n)) < (len(odd) - 0.5) / (seen + 10.0)
    away += struck * rng.standard_normal((ahead, n)) * np.sqrt(rng.choice(odd, size=(ahead, n)))
    shares = share[np.asarray(past.future.day_of_week)]
    point = np.exp(level.mean + variance / 2.0)[:, None] * shares
    paths = np.empty((*shares.shape, n))
    for day in range(ahead):
        stray = dayshape.draw(field, past.future_open[day], n, rng).T * wider[1]
        size = np.exp(level.mean[day] + away[day]) * shares[day][:, None]
        paths[day] = np.maximum(np.sqrt(size + 0.25) + stray, 0.0) ** 2 - 0.25
    paths = np.maximum(paths, 0.0) * past.future_open[:, :, None]
    mean = paths.mean(axis=2)
    paths *= np.divide(point, mean, out=np.zeros_like(point), where=mean > 0)[:, :, None]
    return point, paths


# --- simple methods


Point = Callable[[pd.DataFrame, pd.DatetimeIndex], Array]


def with_past_errors(point: Point) -> Method:
    """Make a method of a plain point forecast: its bands are the errors it made on the history itself.

    The point forecast is repeated for each of the last twelve weeks from what was known before it, at the
    same lead; the ratios of what came to what it said, whole days at a time, are the paths.

    Parameters
    ----------
    point : callable
        ``point(counts, dates)``: counts is a table of days (index) by minutes of the day (columns), NaN
        where closed or missing; returns expected counts, dates by minutes, NaN where it knows nothing.

    Returns
    -------
    callable
        Of the form of `METHODS`.

    Examples
    --------
    >>> import staffing.forecast as forecast
    >>> def yesterday(counts, dates):
    ...     return np.repeat(counts.to_numpy()[-1:], len(dates), axis=0)
    >>> times = pd.date_range("2026-11-02 09:00", periods=30, freq="1D", tz="Asia/Seoul")
    >>> past = pd.DataFrame({"queue": "calls", "interval": times, "offered": np.arange(30.0)})
    >>> forecast.predict(past, 1, method=with_past_errors(yesterday))["volume"].tolist()
    [29.0]
    """

    def method(past: Past, n: int, rng: np.random.Generator) -> Draws:
        counts = pd.DataFrame(past.counts, index=past.dates, columns=past.minute)
        mean = _filled(point(counts, past.future), past.counts, past.future_open)
        ratios = _past_ratios(point, past, counts)
        picked = rng.integers(0, len(ratios), size=(len(past.future), n))
        drawn = np.moveaxis(ratios[picked], 1, 2)
        paths = np.maximum(mean[:, :, None] * drawn, 0.0)
        return Draws(mean, paths)

    return method


def _filled(point: Array, counts: Array, is_open: Array) -> Array:
    """Where a method knows nothing it gets the mean of what there is; zero where closed."""
    overall = np.nanmean(counts) if np.isfinite(counts).any() else 0.0
    with np.errstate(invalid="ignore"):
        usual = np.where(np.isfinite(counts).any(axis=0), np.nansum(counts, axis=0), np.nan)
        usual = usual / np.maximum(np.isfinite(counts).sum(axis=0), 1)
    usual = np.where(np.isfinite(usual), usual, overall)
    return np.where(is_open, np.maximum(np.where(np.isfinite(point), point, usual), 0.0), 0.0)


def _past_ratios(point: Point, past: Past, counts: pd.DataFrame) -> Array:
    """(days, slots): what came over what the method had said, for the last twelve weeks."""
    lead = past.future[0] - past.dates[-1]
    found = []
    for back in range(12, 0, -1):
        first = past.dates[-1] - pd.Timedelta(days=7 * back - 1)
        week = past.dates[(past.dates >= first) & (past.dates < first + pd.Timedelta(days=7))]
        known = counts[counts.index <= first - lead]
        if not len(week) or not len(known):
            continue
        said = np.asarray(point(known, week), dtype=float)
        came = counts.loc[week].to_numpy()
        fine = np.isfinite(said) & np.isfinite(came) & (said > 0)
        found.append(np.where(fine, came / np.where(fine, said, 1.0), 1.0))
    size = np.maximum(np.nanmean(past.counts, axis=0), 1.0)
    if not found:
        # Nothing to learn errors from: the scatter of a count, and a day's level that may be off by a fifth.
        scatter = np.linspace(-1.6, 1.6, 9)[:, None]
        return np.maximum(1.0 + scatter * np.sqrt(1.0 / size + 0.04), 0.0)
    return np.concatenate(found)


def last_week(counts: pd.DataFrame, dates: pd.DatetimeIndex) -> Array:
    """The same weekday's last day."""
    return _same_weekday(counts, dates, 1, np.nanmean)


def mean_of_6_weeks(counts: pd.DataFrame, dates: pd.DatetimeIndex) -> Array:
    """Mean of the last six days of the same weekday: what most centres do by hand."""
    return _same_weekday(counts, dates, 6, np.nanmean)


def median_of_6_weeks(counts: pd.DataFrame, dates: pd.DatetimeIndex) -> Array:
    """Median of the last six days of the same weekday."""
    return _same_weekday(counts, dates, 6, np.nanmedian)


def _same_weekday(
    counts: pd.DataFrame, dates: pd.DatetimeIndex, weeks: int, combine: Callable[..., Array]
) -> Array:
    values, weekday = counts.to_numpy(), np.asarray(pd.DatetimeIndex(counts.index).day_of_week)
    out = np.full((len(dates), values.shape[1]), np.nan)
    for row, wanted in enumerate(np.asarray(dates.day_of_week)):
        like = values[weekday == wanted][-weeks:]
        seen = np.isfinite(like).any(axis=0)
        if seen.any():
            out[row, seen] = combine(like[:, seen], axis=0)
    return out


METHODS: dict[str, Method] = {
    "auto": auto,
    "last_week": with_past_errors(last_week),
    "mean_of_6_weeks": with_past_errors(mean_of_6_weeks),
    "median_of_6_weeks": with_past_errors(median_of_6_weeks),
}
