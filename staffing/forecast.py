"""Forecasts of volume and handle time, with honest uncertainty.

The history of each queue becomes a table of days by open intervals; a method turns it into possible futures
(`paths`), and everything else is read off these: the forecast and its quantiles (`predict`). The method
``"auto"`` is calendar-adjusted level x weekday profile; `staffing.forecasting.methods` holds it and the simple ones.
"""

from __future__ import annotations

import datetime as dt
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from staffing.forecasting import accuracy, handletime, pastdays
from staffing.forecasting import methods as methods_room
from staffing.calendar import Calendar
from staffing.errors import DataError, Problem
from staffing.forecasting.methods import METHODS, with_past_errors
from staffing.forecasting.past import Method, Past
from staffing.tables import ADJUSTMENTS, FORECAST, HISTORY, PATHS, check, interval_minutes

__all__ = [
    "METHODS", "alarms", "backtest", "explain", "outliers", "paths", "predict", "reforecast",
    "with_past_errors",
]  # fmt: skip

Array = np.ndarray

_PATHS = 500  # from which predict reads its quantiles


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
    tables = []
    for one in _draw_all(history, days, _PATHS, start, method, calendar, seed):
        table = pd.DataFrame({"queue": one.queue, "interval": one.times, "volume": one.mean})
        if "aht" in history:
            table["aht"] = handletime.expected(one.rows, one.times)
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
) -> Iterator[_Drawn]:
    """One queue's possible futures at a time, so that a thousand queues need no more memory than one."""
    problems = []
    if days < 1:
        problems.append(Problem(f"{days} days cannot be forecast", "ask for at least one day"))
    if isinstance(method, str) and method not in METHODS:
        problems.append(Problem(f"there is no method {method!r}", f"write one of {', '.join(METHODS)}"))
    if problems:
        raise DataError(problems)
    run = METHODS[method] if isinstance(method, str) else method
    for queue, rows, times, past in _pasts(history, days, start, calendar):
        if len(times) == 0:
            yield _Drawn(queue, rows, times, np.zeros(0), np.zeros((0, n)))
            continue
        if not len(past.dates):
            remedy = "give more history, or mend the opening hours"
            raise DataError([Problem(f"{queue!r} has no day with data in its opening hours", remedy)])
        found = run(past, n, np.random.default_rng([seed, zlib.crc32(queue.encode())]))
        day, slot = pastdays.places(times, past)
        mean, possible = found.mean[day, slot], found.paths[day, slot]
        if not (np.isfinite(mean).all() and np.isfinite(possible).all() and (mean >= 0).all()):
            raise DataError(
                [Problem(f"the method gave {queue!r} a volume below zero or none at all", "mend the method")]
            )
        yield _Drawn(queue, rows, times, mean, possible)


def _pasts(
    history: pd.DataFrame, days: int, start: dt.date | None, calendar: Calendar | None
) -> Iterator[tuple[str, pd.DataFrame, pd.DatetimeIndex, Past]]:
    """Each queue's rows, its open intervals ahead, and its past; in the order of names."""
    check(history, HISTORY)
    if history.empty:
        raise DataError([Problem("the history is empty", "give at least one day of contacts", "HISTORY")])
    minutes = min(interval_minutes(history), 1440)
    timezone = str(history["interval"].dt.tz)
    known = (calendar or Calendar()).learn_opening(history)
    last = _last_day(history)
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
    off = handletime.minute_of_day(pd.DatetimeIndex(history["interval"])) % minutes
    if minutes < 1440 and off.any():
        odd = history["interval"].iloc[int(np.flatnonzero(off)[0])]
        problem = f"intervals of {minutes} min do not start on their grid, for example {odd:%Y-%m-%d %H:%M}"
        raise DataError([Problem(problem, f"start them at whole multiples of {minutes} min", "HISTORY")])
    for name, part in history.groupby("queue", sort=True):
        queue, rows = str(name), part.sort_values("interval")
        times = known.slots(queue, first.date(), days, minutes, timezone)
        if minutes == 1440:
            # A day's row may stand at any hour: the forecast's stand at the same.
            times = times + pd.Timedelta(minutes=int(np.bincount(off).argmax()))
        yield queue, rows, times, pastdays.read(queue, rows, known, times, minutes, last)


def _last_day(history: pd.DataFrame) -> pd.Timestamp:
    return history["interval"].max().tz_localize(None).normalize()


def _dates(table: pd.DataFrame) -> pd.Series:
    """The day of each interval on the wall clock, naive."""
    return table["interval"].dt.tz_localize(None).dt.normalize()


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
    date = _dates(table)
    before = table[volume] if volume else table[list(columns)].mean(axis=1)
    after = before.to_numpy(dtype=float, copy=True)
    for additive in (False, True):
        column = "add" if additive else "factor"
        for row in changes[changes[column].notna()].to_dict("records"):
            meant = (date >= row["start"]) & (date <= row["end"])
            if row["queue"] != "all":
                meant &= table["queue"] == row["queue"]
            on = meant.to_numpy()
            if not additive:
                after[on] *= row["factor"]
                continue
            daily = pd.Series(after[on]).groupby(date[on].to_numpy()).transform("sum").to_numpy()
            heads = pd.Series(1.0, index=range(int(on.sum()))).groupby(date[on].to_numpy()).transform("sum")
            share = np.divide(after[on], daily, out=1.0 / heads.to_numpy(), where=daily > 0)
            after[on] = np.maximum(after[on] + row["add"] * share, 0.0)
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


# --- how good, and why


def backtest(
    history: pd.DataFrame,
    days: int = 7,
    *,
    folds: int = 8,
    lead: int = 0,
    methods: Sequence[str] = ("auto", "mean_of_6_weeks"),
    calendar: Calendar | None = None,
    quantiles: Sequence[float] = (0.1, 0.9),
    queues: Sequence[str] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """What each method would have said of the last weeks, scored against what came.

    The origin rolls: each fold is forecast from the history that ends ``lead`` days before it. Days of the
    history on which no queue has data are told to every method as closed, as the planner knew them.

    Parameters
    ----------
    history : pandas.DataFrame
        Table of the contract HISTORY.
    days : int
        Length of a fold. [d]
    folds : int
        How many, one after the other, the last one ending with the history.
    lead : int
        Days between the end of the known history and the fold: rosters go out weeks ahead. [d]
    methods : sequence of str
        Names in `METHODS`. The three habits (last week, mean and median of six weeks) always run along.
    calendar : Calendar, optional
        As in `predict`.
    quantiles : sequence of float
        Which are scored; the lowest and the highest make the band. [0-1]
    queues : sequence of str, optional
        Only these.
    seed : int
        Of the paths.

    Returns
    -------
    pandas.DataFrame
        method, queue (``"all"``: together, where there are several), origin (first day of the fold,
        missing: all folds), wape, floor (the WAPE that chance alone makes), wape_day, bias, mase, pinball,
        coverage, width [all as fractions], agent_hours (workload wrongly staffed, the sum of
        abs(volume - offered) x aht; missing without aht) [h], seconds [CPU s, for all queues of the fold].

    Raises
    ------
    DataError
        A history too short for the folds, an unknown method or queue.

    Examples
    --------
    >>> times = pd.date_range("2026-09-07 09:00", periods=70, freq="1D", tz="Asia/Seoul")
    >>> past = pd.DataFrame({"queue": "calls", "interval": times})
    >>> past["offered"] = [300.0, 200, 200, 200, 200, 90, 80] * 10
    >>> table = backtest(past, folds=2)
    >>> bool(table.loc[(table["method"] == "last_week") & table["origin"].isna(), "wape"].max() == 0)
    True
    """
    check(history, HISTORY)
    if queues is not None:
        history = history[history["queue"].isin(list(queues))]
    names = list(dict.fromkeys([*methods, "last_week", "mean_of_6_weeks", "median_of_6_weeks"]))
    dates = _dates(history)
    first = _last_day(history) + pd.Timedelta(days=1 - days * folds) if len(history) else None
    if first is None or (first - dates.min()).days <= lead:
        remedy = "ask for fewer folds or days, a shorter lead, or give more history"
        raise DataError([Problem("no history is left before the first fold", remedy, "HISTORY")])
    known = _told_closures(calendar or Calendar(), dates)
    parts = []
    for fold in range(folds):
        origin = first + pd.Timedelta(days=days * fold)
        before = history[dates < origin - pd.Timedelta(days=lead)]
        came = history[(dates >= origin) & (dates < origin + pd.Timedelta(days=days))]
        scale = _habit_error(before)
        for method in names:
            clock = time.process_time()
            said = predict(
                before,
                days,
                start=origin.date(),
                method=method,
                quantiles=quantiles,
                calendar=known,
                seed=seed,
            )
            both = said.merge(came[["queue", "interval", "offered"]], on=["queue", "interval"])
            parts.append(
                both.assign(
                    method=method,
                    origin=origin,
                    own=both["queue"],
                    scale=both["queue"].map(scale).astype(float),
                    seconds=time.process_time() - clock,
                )
            )
    scored = pd.concat(parts, ignore_index=True)
    if scored.empty:
        raise DataError([Problem("no interval of the folds is open", "mend the opening hours", "HISTORY")])
    wholes = scored.assign(queue="all") if scored["queue"].nunique() > 1 else scored.iloc[:0]
    scored = pd.concat([wholes, scored], ignore_index=True)
    rows: list[dict[str, object]] = []
    for pair, part in scored.groupby(["method", "queue"], sort=False):
        named: dict[str, object] = dict(zip(("method", "queue"), pair, strict=True))
        rows.append(named | {"origin": pd.NaT} | _scores(part, quantiles))
        for first_day, fold_part in part.groupby("origin"):
            rows.append(named | {"origin": first_day} | _scores(fold_part, quantiles))
    return pd.DataFrame(rows).astype({"method": "str", "queue": "str", "origin": "datetime64[us]"})


def _told_closures(calendar: Calendar, dates: pd.Series) -> Calendar:
    """The calendar with the days on which no queue has data among its closed dates."""
    there = pd.DatetimeIndex(dates.unique())
    absent = pd.date_range(there.min(), there.max(), freq="D").difference(there)
    given = [calendar.closed] if isinstance(calendar.closed, str) else list(calendar.closed)
    return replace(calendar, closed=[*given, *(day.date() for day in absent)])


def _habit_error(history: pd.DataFrame) -> dict[str, float]:
    day = _dates(history).to_numpy().astype("datetime64[D]").astype(np.int64)
    slot = handletime.minute_of_day(pd.DatetimeIndex(history["interval"]))
    offered, queue = history["offered"].to_numpy(dtype=float), history["queue"].to_numpy()
    return {
        name: accuracy.weekly_scale(day[queue == name], slot[queue == name], offered[queue == name])
        for name in sorted(set(queue))
    }


def _scores(part: pd.DataFrame, quantiles: Sequence[float]) -> dict[str, float]:
    came, said = part["offered"].to_numpy(dtype=float), part["volume"].to_numpy(dtype=float)
    day = part.groupby(["own", _dates(part)])[["offered", "volume"]].sum()
    bands = [part[_column(q)].to_numpy(dtype=float) for q in sorted(quantiles)]
    losses = [accuracy.pinball(came, band, q) for band, q in zip(bands, sorted(quantiles), strict=True)]
    hours = float("nan")
    if "aht" in part:
        hours = float((np.abs(said - came) * part["aht"].to_numpy(dtype=float)).sum() / 3600.0)
    return {
        "wape": accuracy.wape(came, said),
        "floor": accuracy.poisson_floor(said),
        "wape_day": accuracy.wape(day["offered"].to_numpy(), day["volume"].to_numpy()),
        "bias": accuracy.bias(came, said),
        "mase": accuracy.mase(came / part["scale"], said / part["scale"], 1.0),
        "pinball": float(np.mean(losses)) if losses else float("nan"),
        "coverage": accuracy.coverage(came, bands[0], bands[-1]) if bands else float("nan"),
        "width": accuracy.width(came, bands[0], bands[-1]) if bands else float("nan"),
        "agent_hours": hours,
        "seconds": float(part.groupby("origin")["seconds"].first().sum()),
    }


def explain(history: pd.DataFrame, *, calendar: Calendar | None = None) -> pd.DataFrame:
    """What the forecast is made of: level, weekdays, calendar effects and the shape of the day.

    Parameters
    ----------
    history : pandas.DataFrame
        Table of the contract HISTORY.
    calendar : Calendar, optional
        As in `predict`.

    Returns
    -------
    pandas.DataFrame
        queue, part, name, value, low, high (80 % band; missing for shares), words. Part ``level``: contacts
        on a mean open day; ``weekday``: factor less one against that; ``calendar``: factor less one of each
        closure, month, holiday and event effect; ``profile``: share of the day's contacts, the name being
        weekday and time. [0-1]

    Examples
    --------
    >>> times = pd.date_range("2026-09-07 09:00", periods=70, freq="1D", tz="Asia/Seoul")
    >>> past = pd.DataFrame({"queue": "calls", "interval": times})
    >>> past["offered"] = [300.0, 200, 200, 200, 200, 90, 80] * 10
    >>> table = explain(past)
    >>> bool(table.set_index("name").loc["Monday", "value"] > 0.6)
    True
    """
    tables = []
    for queue, _, _, past in _pasts(history, 7, None, calendar):
        if len(past.dates) and np.nansum(past.counts) > 0:
            tables.append(pd.DataFrame(methods_room.parts(past)).assign(queue=queue))
    columns = ["queue", "part", "name", "value", "low", "high", "words"]
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    return pd.concat(tables, ignore_index=True)[columns].astype({"queue": "str"})


def outliers(history: pd.DataFrame, *, calendar: Calendar | None = None) -> pd.DataFrame:
    """Days that the forecast does not trust: far from what all the other days say of them.

    They stay in the history; level, bands and shape count them as little as they are far out. An event in the
    calendar for such a day explains it, and teaches the effect.

    Parameters
    ----------
    history : pandas.DataFrame
        Table of the contract HISTORY.
    calendar : Calendar, optional
        As in `predict`.

    Returns
    -------
    pandas.DataFrame
        queue, date, offered, expected, departure (factor less one), words; sorted by queue and date. Needs 25
        days of history; before that nothing is judged.

    Examples
    --------
    >>> times = pd.date_range("2026-09-07 09:00", periods=70, freq="1D", tz="Asia/Seoul")
    >>> past = pd.DataFrame({"queue": "calls", "interval": times, "offered": 400.0 + np.arange(70) % 3})
    >>> past.loc[50, "offered"] = 90.0
    >>> outliers(past)["words"].tolist()
    ['Tuesday 2026-10-27: 90 came where 401 were to be expected (-78 %)']
    """
    tables = []
    for queue, _, _, past in _pasts(history, 7, None, calendar):
        if len(past.dates) and np.nansum(past.counts) > 0:
            tables.append(pd.DataFrame(methods_room.outlying(past)).assign(queue=queue))
    columns = ["queue", "date", "offered", "expected", "departure", "words"]
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    return pd.concat(tables, ignore_index=True)[columns].astype({"queue": "str", "words": "str"})


# --- during the day and the week


def reforecast(
    history: pd.DataFrame,
    today: pd.DataFrame,
    *,
    now: pd.Timestamp,
    method: str | Method = "auto",
    calendar: Calendar | None = None,
    quantiles: Sequence[float] = (0.1, 0.5, 0.9),
    seed: int = 0,
) -> pd.DataFrame:
    """The rest of the day, given its beginning, by the same model: no ratio of actual to plan.

    Parameters
    ----------
    history : pandas.DataFrame
        Table of the contract HISTORY, up to yesterday; rows of today and later are left out.
    today : pandas.DataFrame
        The same for today; intervals that are not over at ``now`` are left out.
    now : pandas.Timestamp
        The moment, with its time zone.
    method, calendar, quantiles, seed
        As in `predict`.

    Returns
    -------
    pandas.DataFrame
        FORECAST of the intervals that are not over: queue, interval, volume, volume_before (the forecast
        without today), aht if the history has it, quantiles, and gain: by how much the standard deviation
        fell. [0-1]

    Examples
    --------
    >>> times = pd.date_range("2026-11-02 00:00", periods=28 * 24, freq="1h", tz="Asia/Seoul")
    >>> past = pd.DataFrame({"queue": "calls", "interval": times, "offered": 100.0 + times.day_of_week})
    >>> today = past.tail(24).assign(interval=times[-24:] + pd.Timedelta(days=1), offered=130.0)
    >>> rest = reforecast(past, today, now=pd.Timestamp("2026-11-30 12:00", tz="Asia/Seoul"))
    >>> len(rest), bool((rest["volume"] > rest["volume_before"]).all())
    (12, True)
    """
    check(today, HISTORY)
    if now.tzinfo is None:
        raise DataError([Problem(f"the moment {now} has no time zone", "give it the site's time zone")])
    moment = now.tz_convert(history["interval"].dt.tz)
    date = moment.tz_localize(None).normalize()
    past = history[_dates(history) < date]
    length = pd.Timedelta(minutes=min(interval_minutes(past), 1440))
    tables = []
    for one in _draw_all(past, 1, 4 * _PATHS, date.date(), method, calendar, seed):
        own = today[today["queue"] == one.queue].set_index("interval")["offered"]
        came = own.reindex(one.times).to_numpy(dtype=float)
        over = np.asarray(one.times + length <= moment)
        seen = over & np.isfinite(came)
        rest = one.paths[~over]
        if seen.any() and not over.all():
            # Intervals that are over and of which nothing is known say nothing and are not forecast.
            use = seen | ~over
            rest = methods_room.condition(one.paths[use], seen[use], came[seen])
        table = pd.DataFrame({"queue": one.queue, "interval": one.times[~over], "volume": rest.mean(axis=1)})
        table["volume_before"] = one.mean[~over]
        if "aht" in history:
            table["aht"] = handletime.expected(one.rows, one.times[~over])
        for q in quantiles:
            table[_column(q)] = np.quantile(rest, q, axis=1) if len(table) else np.zeros(0)
        before = one.paths[~over].std(axis=1)
        after = rest.std(axis=1)
        table["gain"] = np.clip(
            1.0 - np.divide(after, before, out=np.ones(len(table)), where=before > 0), 0, 1
        )
        tables.append(table)
    return pd.concat(tables, ignore_index=True).astype({"queue": "str"})


def alarms(
    history: pd.DataFrame,
    actual: pd.DataFrame,
    *,
    rate: float = 0.01,
    method: str | Method = "auto",
    calendar: Calendar | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Queues whose volume or handle time departs from its forecast by more than chance.

    Parameters
    ----------
    history : pandas.DataFrame
        Table of the contract HISTORY, before the days to judge. A segment of a queue is a queue here.
    actual : pandas.DataFrame
        The same for the days to judge, best whole weeks.
    rate : float
        How often a queue that follows its forecast is called out all the same, per measure. [0-1]
    method, calendar, seed
        As in `predict`.

    Returns
    -------
    pandas.DataFrame
        queue, measure (volume, aht), start, end, expected, actual, departure (factor less one), chance (that
        a forecast that holds is missed by so much) [0-1], words. Only what is called out. Volume is judged
        against whole paths; handle time, from four weeks on, against its own weekly swings.

    Examples
    --------
    >>> times = pd.date_range("2026-09-07 00:00", periods=63, freq="1D", tz="Asia/Seoul")
    >>> rows = pd.DataFrame({"queue": "returns", "interval": times, "offered": 100.0 + np.arange(63) % 5})
    >>> rows.loc[56:, "offered"] *= 1.5
    >>> alarms(rows[:56], rows[56:])["words"].tolist()
    ['returns: 1070 contacts from 2026-11-02 to 2026-11-08, +50 % against the 714 forecast']
    """
    check(actual, HISTORY)
    if actual.empty:
        raise DataError([Problem("there is nothing to judge", "give the days that came", "HISTORY")])
    day = _dates(actual)
    start, end = day.min(), day.max()
    before = history[_dates(history) < start]
    n = max(_PATHS, int(np.ceil(8.0 / rate)))
    rows = []
    for one in _draw_all(before, (end - start).days + 1, n, start.date(), method, calendar, seed):
        own = actual[actual["queue"] == one.queue].set_index("interval")
        there = one.times.isin(own.index)
        if not there.any():
            continue
        came = float(own.loc[one.times[there], "offered"].sum())
        found = {"queue": one.queue, "start": start, "end": end}
        expected = float(one.mean[there].sum())
        chance = accuracy.surprise(came, one.paths[there].sum(axis=0))
        what = f"contacts from {start:%Y-%m-%d} to {end:%Y-%m-%d}"
        if chance <= rate:
            rows.append(found | _alarm("volume", expected, came, chance, one.queue, what))
        if "aht" in history and "aht" in actual:
            judged = handletime.surprise(one.rows, own)
            if judged is not None and judged[2] <= rate:
                what = f"s a contact from {start:%Y-%m-%d} to {end:%Y-%m-%d}"
                rows.append(found | _alarm("aht", *judged, one.queue, what))
    columns = ["queue", "measure", "start", "end", "expected", "actual", "departure", "chance", "words"]
    if not rows:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    return pd.DataFrame(rows)[columns]


def _alarm(
    measure: str, expected: float, came: float, chance: float, queue: str, what: str
) -> dict[str, object]:
    departure = came / expected - 1.0 if expected > 0 else float("inf")
    words = f"{queue}: {came:.0f} {what}, {departure:+.0%} against the {expected:.0f} forecast"
    return {
        "measure": measure,
        "expected": expected,
        "actual": came,
        "departure": departure,
        "chance": chance,
        "words": words.replace("%", " %"),
    }
