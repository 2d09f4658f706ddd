"""Forecasts of volume and handle time, with honest uncertainty.

The history of each queue becomes a table of days by open intervals; a method turns it into possible futures
(`paths`), and everything else is read off these: the forecast and its quantiles (`predict`). The method
``"auto"`` is calendar-adjusted level x weekday profile; `staffing.forecasting.methods` has it and the others.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from staffing.calendar import Calendar
from staffing.errors import DataError, Problem
from staffing.forecasting import accuracy, explaining, handletime, intraday, together
from staffing.forecasting.adjusting import add_up, adjust, from_paths, idle
from staffing.forecasting.drawing import column, days_of, draw_all, last_day, pasts
from staffing.forecasting.habits import with_past_errors
from staffing.forecasting.methods import HABITS, METHODS, with_calendar
from staffing.forecasting.past import Method
from staffing.forecasting.scoring import habit_error, scores, told_closures, without_handle_time
from staffing.tables import FORECAST, HISTORY, PATHS, check, interval_minutes

__all__ = [
    "METHODS", "add_up", "adjust", "alarms", "backtest", "choose", "explain", "from_paths", "outliers",
    "paths", "predict", "reforecast", "with_calendar", "with_past_errors",
]  # fmt: skip

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
    like: Mapping[str, str] | None = None,
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
        `adjust` takes those of teams, channels and sites.
    like : dict, optional
        New queue -> queue of the history whose past it borrows for the days before its own first one, scaled
        to what it has itself; with nothing of its own it is as large as the other.
    seed : int
        Of the paths; the same seed gives the same table.

    Returns
    -------
    pandas.DataFrame
        FORECAST: queue, interval, volume (the mean), aht [s] if the history has it, and for each quantile q
        ``volume_p{100q:g}``. With adjustments ``volume_statistical`` is the volume before them. Sorted
        by queue and interval; open intervals only. ``attrs["method"]`` says of each queue in words which
        method ``"auto"`` took, and why; ``attrs["notes"]`` names events that the history cannot teach
        and odd days that count little (`outliers` has them).

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
    tables, why = [], {}
    notes: list[str] = []
    for one in draw_all(history, days, _PATHS, start, method, calendar, like, seed):
        table = pd.DataFrame({"queue": one.queue, "interval": one.times, "volume": one.mean})
        if one.choice is not None:
            why[one.queue] = one.choice.why
        notes += one.notes
        if "aht" in history:
            table["aht"] = handletime.expected(one.rows, one.times)
        if len(quantiles):
            found = np.quantile(one.paths, list(quantiles), axis=1) if len(table) else one.paths.T
            for q, values in zip(quantiles, found[: len(quantiles)], strict=False):
                table[column(q)] = values
        tables.append(table)
    out = pd.concat(tables, ignore_index=True) if tables else FORECAST.empty()
    out = out.astype({"queue": "str"})
    if adjustments is not None:
        notes += idle(out, adjustments)
        out = adjust(out, adjustments)
    if why:
        out.attrs["method"] = why
    if notes:
        out.attrs["notes"] = notes
    return out


def paths(
    history: pd.DataFrame,
    days: int,
    n: int = 200,
    *,
    start: dt.date | None = None,
    method: str | Method = "auto",
    calendar: Calendar | None = None,
    adjustments: pd.DataFrame | None = None,
    like: Mapping[str, str] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Possible futures: each path is one whole stretch of days, its intervals sharing their day's level.

    Days of queues that erred together in the past go up and down together here, so that sums over queues
    (`add_up`, then `from_paths`) have honest bands; each queue alone has the same numbers as without the
    others.

    Parameters
    ----------
    history, days, start, method, calendar, adjustments, like, seed
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
    drawn = list(draw_all(history, days, n, start, method, calendar, like, seed))
    dates = [one.times.tz_localize(None).normalize() for one in drawn]
    possible = together.align(
        dates, [one.paths for one in drawn], together.correlation([one.errors for one in drawn])
    )
    tables = []
    for one, courses in zip(drawn, possible, strict=True):
        table = pd.DataFrame(courses, columns=names)
        table.insert(0, "interval", one.times)
        table.insert(0, "queue", one.queue)
        tables.append(table)
    out = pd.concat(tables, ignore_index=True) if tables else PATHS.empty()
    out = out.astype({"queue": "str"})
    return out if adjustments is None else adjust(out, adjustments)


# --- how good, and why


def choose(
    history: pd.DataFrame,
    days: int = 7,
    *,
    start: dt.date | None = None,
    calendar: Calendar | None = None,
) -> pd.DataFrame:
    """Which method ``"auto"`` takes for each queue, and why.

    It is the calendar-adjusted level x profile. Where a habit (last week, mean or median of six weeks) was
    better over the last ten weeks by more than the standard error of the difference, over six weeks at least
    and at the real lead, it is that habit: the winner of a few weeks is mostly luck, a clear loser is not.
    How much each part moves was learned once from the whole history, the parts
    themselves from the days before each week.

    Parameters
    ----------
    history, days, start, calendar
        As in `predict`.

    Returns
    -------
    pandas.DataFrame
        queue, method, wape (of level x profile), habit (the best of them), wape_habit, folds (weeks
        compared), why. [0-1]

    Examples
    --------
    >>> times = pd.date_range("2026-11-02", periods=21, freq="1D", tz="Asia/Seoul")
    >>> past = pd.DataFrame({"queue": "calls", "interval": times, "offered": 100.0})
    >>> choose(past)["why"].tolist()
    ['level_x_profile: 0 past weeks with enough history before are too few to compare habits, 6 are needed']
    """
    rows = [
        {"queue": one.queue, **one.choice._asdict()}
        for one in draw_all(history, days, 1, start, "auto", calendar, None, 0)
        if one.choice is not None
    ]
    columns = ["queue", "method", "wape", "habit", "wape_habit", "folds", "why"]
    return pd.DataFrame(rows, columns=columns).astype(
        {
            "queue": "str",
            "method": "str",
            "habit": "str",
            "why": "str",
            "wape": "float",
            "wape_habit": "float",
        }
    )


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
        abs(volume - offered) x aht; missing without aht; of all queues those that have it, and
        ``attrs["notes"]`` names the others) [h], seconds [CPU s, for all queues of the fold].

    Raises
    ------
    DataError
        A history too short for the folds, no folds, a lead below zero, an unknown method or queue.

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
    problems = [
        Problem(f"no queue is called {name!r}", "name one of the history")
        for name in queues or ()
        if name not in set(history["queue"])
    ]
    if folds < 1:
        problems.append(Problem(f"{folds} folds are none", "ask for at least one fold"))
    if lead < 0:
        problems.append(Problem(f"a lead of {lead} days lies in the fold", "give 0 or more days"))
    if problems:
        raise DataError(problems)
    if queues is not None:
        history = history[history["queue"].isin(list(queues))]
    names = list(dict.fromkeys([*methods, "last_week", "mean_of_6_weeks", "median_of_6_weeks"]))
    dates = days_of(history)
    first = last_day(history) + pd.Timedelta(days=1 - days * folds) if len(history) else None
    if first is None or (first - dates.min()).days <= lead:
        remedy = "ask for fewer folds or days, a shorter lead, or give more history"
        raise DataError([Problem("no history is left before the first fold", remedy, "HISTORY")])
    known = told_closures(calendar or Calendar(), dates)
    parts = []
    for fold in range(folds):
        origin = first + pd.Timedelta(days=days * fold)
        before = history[dates < origin - pd.Timedelta(days=lead)]
        came = history[(dates >= origin) & (dates < origin + pd.Timedelta(days=days))]
        scale = habit_error(before)
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
        rows.append(named | {"origin": pd.NaT} | scores(part, quantiles))
        for first_day, fold_part in part.groupby("origin"):
            rows.append(named | {"origin": first_day} | scores(fold_part, quantiles))
    table = pd.DataFrame(rows).astype({"method": "str", "queue": "str", "origin": "datetime64[us]"})
    unknown = without_handle_time(scored)
    if unknown:
        table.attrs["notes"] = [
            f"agent_hours of all leaves out {', '.join(unknown)}: no handle time is known"
        ]
    return table


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
        queue, part, name, value, low, high (80 % band; missing for shares), words. Part ``method``: what
        ``"auto"`` takes, its WAPE over the last weeks, and in words why; ``level``: contacts
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
    for queue, _, _, past in pasts(history, 7, None, calendar):
        if len(past.dates) and np.nansum(past.counts) > 0:
            tables.append(pd.DataFrame(explaining.parts(past, HABITS)).assign(queue=queue))
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
    for queue, _, _, past in pasts(history, 7, None, calendar):
        if len(past.dates) and np.nansum(past.counts) > 0:
            tables.append(pd.DataFrame(explaining.outlying(past)).assign(queue=queue))
    columns = ["queue", "date", "offered", "expected", "departure", "words"]
    found = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    if found.empty or "date" not in found:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    return found[columns].astype({"queue": "str", "words": "str"})


# --- during the day and the week


def reforecast(
    history: pd.DataFrame,
    today: pd.DataFrame,
    *,
    now: pd.Timestamp,
    method: str | Method = "auto",
    calendar: Calendar | None = None,
    like: Mapping[str, str] | None = None,
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
    method, calendar, like, quantiles, seed
        As in `predict`; a queue that begins today borrows another's past with ``like``.

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
    check(history, HISTORY)
    check(today, HISTORY)
    if now.tzinfo is None:
        raise DataError([Problem(f"the moment {now} has no time zone", "give it the site's time zone")])
    moment = now.tz_convert(history["interval"].dt.tz)
    date = moment.tz_localize(None).normalize()
    past = history[days_of(history) < date]
    if past.empty:
        problem = f"the history holds nothing before {date:%Y-%m-%d}"
        raise DataError([Problem(problem, "give at least one day of contacts before today", "HISTORY")])
    length = pd.Timedelta(minutes=min(interval_minutes(past), 1440))
    tables = []
    for one in draw_all(past, 1, 4 * _PATHS, date.date(), method, calendar, like, seed):
        own = today[today["queue"] == one.queue].set_index("interval")["offered"]
        came = own.reindex(one.times).to_numpy(dtype=float)
        over = np.asarray(one.times + length <= moment)
        seen = over & np.isfinite(came)
        rest = one.paths[~over]
        if seen.any() and not over.all():
            # Intervals that are over and of which nothing is known say nothing and are not forecast.
            use = seen | ~over
            rest = intraday.condition(one.paths[use], seen[use], came[seen])
        table = pd.DataFrame({"queue": one.queue, "interval": one.times[~over], "volume": rest.mean(axis=1)})
        table["volume_before"] = one.mean[~over]
        if "aht" in history:
            table["aht"] = handletime.expected(one.rows, one.times[~over])
        for q in quantiles:
            table[column(q)] = np.quantile(rest, q, axis=1) if len(table) else np.zeros(0)
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
    like: Mapping[str, str] | None = None,
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
    method, calendar, like, seed
        As in `predict`. A queue that the history does not know is judged only with ``like``.

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
    check(history, HISTORY)
    check(actual, HISTORY)
    if not 0 < rate < 1:
        raise DataError([Problem(f"{rate!r} is no rate of false alarms", "write a number between 0 and 1")])
    if actual.empty:
        raise DataError([Problem("there is nothing to judge", "give the days that came", "HISTORY")])
    day = days_of(actual)
    start, end = day.min(), day.max()
    before = history[days_of(history) < start]
    n = max(_PATHS, int(np.ceil(8.0 / rate)))
    rows = []
    for one in draw_all(before, (end - start).days + 1, n, start.date(), method, calendar, like, seed):
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
            rows.append(found | explaining.departed("volume", expected, came, chance, one.queue, what))
        if "aht" in history and "aht" in actual:
            judged = handletime.surprise(one.rows, own)
            if judged is not None and judged[2] <= rate:
                what = f"s a contact from {start:%Y-%m-%d} to {end:%Y-%m-%d}"
                rows.append(found | explaining.departed("aht", *judged, one.queue, what))
    columns = ["queue", "measure", "start", "end", "expected", "actual", "departure", "chance", "words"]
    if not rows:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    return pd.DataFrame(rows)[columns]
