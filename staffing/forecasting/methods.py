"""Forecasting methods: plain functions from a queue's past to possible futures.

``"auto"`` is calendar-adjusted level x weekday profile: `staffing.forecasting.daylevel` for the totals of days,
`staffing.forecasting.dayshape` for their shape, and paths drawn from the uncertainty of both. The simple methods are what
most centres do by hand; their bands are the errors that they made on the history itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from staffing.forecasting import daylevel, dayshape
from staffing.forecasting.daylevel import Days, Hyper
from staffing.forecasting.past import Draws, Method, Past, day_numbers

Array = np.ndarray

_WEEKS_BACK = 10  # re-forecast inside the history to calibrate the bands
_SD = {"mean": 10.0, "weekday": 0.10, "event": 0.15}  # prior sds; every other group has _SD_ELSE
_SD_ELSE = 0.04
# With years of history the drifts' lengths stand: one of two years keeps the season apart from the trend.
_YEARS = Hyper({}, ((0.02, 4.0), (0.03, 40.0), (0.05, 600.0)), 0.02, learn_lengths=False)
_WEEKS = Hyper({}, ((0.03, 3.0), (0.06, 60.0)), 0.015)
_ODDEST = 0.5  # variance of the logarithm of an outlying day to come, at most
_FADING, _BURST = 0.8, 3.0  # of the rest of a day: see `condition`
_SECOND_FROM = 10  # weeks of history


def auto(past: Past, n: int, rng: np.random.Generator) -> Draws:
    """Calendar-adjusted level x weekday profile, with paths from the model's own joint uncertainty."""
    counts, total, part = dayshape.complete(past.counts, _weekday(past.dates), past.is_open)
    if total.sum() <= 0:
        return Draws(np.zeros(past.future_open.shape), np.zeros((*past.future_open.shape, n)))
    level = learn_level(past, total, part)
    seen = np.isfinite(past.counts) & past.is_open[_weekday(past.dates)]
    weight = _weight(level, past.dates)
    shape = dayshape.shape(counts, _weekday(past.dates), past.is_open, weight)
    field = dayshape.field(counts, seen, _weekday(past.dates), shape, weight)
    wider = _calibrate(past, counts, total, level, field)
    mean, paths = _sample(past, level, shape.share, field, wider, n, rng)
    return Draws(mean, paths)


def _weekday(dates: pd.DatetimeIndex) -> Array:
    return np.asarray(dates.day_of_week)


def _weight(level: Level, dates: pd.DatetimeIndex) -> Array:
    """Of each day in the shape: old and outlying days count less."""
    age = (dates[-1] - dates).days.to_numpy(dtype=float)
    return dayshape.recency(age) / (1.0 + level.outlier / level.usual)


@dataclass(frozen=True)
class Level:
    """Day totals, past and ahead, and what was learned of them.

    Parameters
    ----------
    mean, covariance : numpy.ndarray
        Of the logarithm of the totals ahead, jointly, without the days' own noise.
    noise : float
        Standard deviation of that noise.
    outlier : numpy.ndarray
        Extra variance of each past day; zero for all but outlying ones.
    usual : float
        Mean predicted variance of a day.
    middle : float
        Logarithm that was taken off all levels.
    days : Days
        The past, outlying days marked by their variance.
    hyper : Hyper
        How much each part moves.
    """

    mean: Array
    covariance: Array
    noise: float
    outlier: Array
    usual: float
    middle: float
    days: Days
    hyper: Hyper


def learn_level(past: Past, total: Array, part: Array) -> Level:
    """Learn what a queue's day totals are made of, and look ahead.

    Parameters
    ----------
    past : Past
        The queue.
    total, part : numpy.ndarray
        Total of each past day and the share of it that was seen, of `staffing.forecasting.dayshape.complete`.

    Returns
    -------
    Level
        For the days of ``past.future``.
    """
    size = np.maximum(total, 1.0)
    days = Days(
        day_numbers(past.dates),
        np.log(size) - past.known,
        past.features,
        past.groups,
        1.0 / size + 0.01 * (1.0 - part) / part,
    )
    sd = {group: _SD.get(group, _SD_ELSE) for group in dict.fromkeys(past.groups)}
    middle = float(np.median(days.level))
    days = replace(days, level=days.level - middle)
    prior = replace(_YEARS if "year" in past.groups else _WEEKS, sd=sd)
    hyper, outlier = daylevel.learn(days, prior, iterations=6 if "year" in past.groups else 30)
    days = replace(days, variance=days.variance + outlier)
    mean, covariance = _average(days, hyper, outlier, day_numbers(past.future), past.future_features)
    usual = float(np.mean(np.diag(covariance))) + hyper.noise**2
    mean = mean + past.future_known + middle + _scale(days, hyper, outlier, total, middle + past.known)
    return Level(mean, covariance, hyper.noise, outlier, usual, middle, days, hyper)


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


def _calibrate(
    past: Past, counts: Array, total: Array, level: Level, field: dayshape.Field
) -> tuple[float, float]:
    """How much wider the bands of days and of their shape must be: the last ten weeks forecast again."""
    days = level.days
    if len(days.day) < 40:
        return 1.0, 1.0
    weekday = _weekday(past.dates)
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
    level: Level,
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
    shares = share[_weekday(past.future)]
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
    values, weekday = counts.to_numpy(), _weekday(pd.DatetimeIndex(counts.index))
    out = np.full((len(dates), values.shape[1]), np.nan)
    for row, wanted in enumerate(_weekday(dates)):
        like = values[weekday == wanted][-weeks:]
        seen = np.isfinite(like).any(axis=0)
        if seen.any():
            out[row, seen] = combine(like[:, seen], axis=0)
    return out


def outlying(past: Past) -> list[dict[str, object]]:
    """Outlying days of a past: date, offered, expected, departure, words."""
    _, total, part = dayshape.complete(past.counts, _weekday(past.dates), past.is_open)
    level = learn_level(past, total, part)
    residual = daylevel.leave_one_out(level.days, level.hyper)[0]
    rows: list[dict[str, object]] = []
    for t in np.flatnonzero(level.outlier > 0):
        departure = float(np.expm1(residual[t]))
        expected, date = float(total[t]) / (1.0 + departure), past.dates[int(t)]
        words = f"{date:%A %Y-%m-%d}: {total[t]:.0f} came where {expected:.0f} were to be expected"
        rows.append(
            {
                "date": date,
                "offered": float(total[t]),
                "expected": expected,
                "departure": departure,
                "words": f"{words} ({100 * departure:+.0f} %)",
            }
        )
    return rows


def parts(past: Past) -> list[dict[str, object]]:
    """What a queue's forecast is made of: part, name, value, low, high, words."""
    counts, total, part = dayshape.complete(past.counts, _weekday(past.dates), past.is_open)
    level = learn_level(past, total, part)
    days = level.days
    names, groups = np.array(past.names), np.array(past.groups)
    open_days = past.is_open.any(axis=1)
    typical = np.zeros((1, len(names)))
    typical[0, names == "mean"] = 1.0
    weekdays = np.flatnonzero(groups == "weekday")
    typical[0, weekdays] = 1.0 / len(weekdays)
    after = daylevel.ahead(days, level.hyper, np.array([days.day[-1] + 1.0]), typical)
    spread = 1.2816 * float(np.sqrt(after.covariance[0, 0]))
    size = np.exp(after.mean[0] + level.middle)
    rows: list[dict[str, object]] = [
        {
            "part": "level",
            "name": "mean open day",
            "value": float(size),
            "low": float(size * np.exp(-spread)),
            "high": float(size * np.exp(spread)),
            "words": f"{size:.0f} contacts on a mean open day",
        }
    ]
    asked: list[tuple[str, str, Array]] = []
    for k in weekdays:
        # Against the mean of all weekdays, since only differences between weekdays are known.
        asked.append(("weekday", str(names[k]), np.eye(len(names))[k] - typical[0] * (groups == "weekday")))
    for k in np.flatnonzero(~np.isin(groups, ["mean", "weekday", "dom", "year"])):
        asked.append(("calendar", str(names[k]), np.eye(len(names))[k] * np.abs(days.features[:, k]).max()))
    smooth = np.isin(groups, ["dom"])
    for number in sorted(set(past.dates.day)) if smooth.any() else []:
        like = days.features[np.asarray(past.dates.day == number)][0]
        asked.append(("calendar", f"day {number} of the month", np.where(smooth, like, 0.0)))
    season = groups == "year"
    for number in sorted(set(past.dates.month)) if season.any() else []:
        like = days.features[np.asarray(past.dates.month == number)].mean(axis=0)
        asked.append(
            ("calendar", pd.Timestamp(2026, int(number), 1).month_name(), np.where(season, like, 0.0))
        )
    for kind, name, column in asked:
        middle = float(column @ after.coefficient)
        off = 1.2816 * float(np.sqrt(max(column @ after.uncertainty @ column, 0.0)))
        value, low, high = (float(np.expm1(x)) for x in (middle, middle - off, middle + off))
        words = f"{name}: {100 * value:+.0f} %"
        rows.append({"part": kind, "name": name, "value": value, "low": low, "high": high, "words": words})
    share = dayshape.shape(counts, _weekday(past.dates), past.is_open, _weight(level, past.dates)).share
    for weekday in np.flatnonzero(open_days):
        for slot in np.flatnonzero(past.is_open[weekday]):
            name = f"{_SHORT[weekday]} {past.minute[slot] // 60:02d}:{past.minute[slot] % 60:02d}"
            value = float(share[weekday, slot])
            words = f"{name}: {100 * value:.1f} % of the day"
            rows.append(
                {
                    "part": "profile",
                    "name": name,
                    "value": value,
                    "low": np.nan,
                    "high": np.nan,
                    "words": words,
                }
            )
    return rows


_SHORT = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def condition(paths: Array, seen: Array, came: Array) -> Array:
    """Possible rests of a day, given its beginning: each path moved by what its seen part missed.

    Gaussian conditioning on the square-root scale. The covariance is that of the paths, its part beyond the
    shared level of the day blended with one that only fades with the distance in time.

    Parameters
    ----------
    paths : numpy.ndarray
        (slots, n): possible days.
    seen : numpy.ndarray of bool
        (slots,): which slots are over.
    came : numpy.ndarray
        Counts of those.

    Returns
    -------
    numpy.ndarray
        (slots not seen, n).

    Examples
    --------
    >>> level = np.random.default_rng(1).normal(20.0, 2.0, 400)
    >>> days = np.tile(level**2, (4, 1))
    >>> rest = condition(days, np.array([True, True, False, False]), np.array([529.0, 529.0]))
    >>> bool(rest.mean() > 500)
    True
    """
    root = np.sqrt(paths + 0.25)
    mean = root.mean(axis=1)
    away = root - mean[:, None]
    size = away.shape[1]
    length = float(mean @ mean)
    level = float(np.var(mean @ away / length)) if length > 0 else 0.0
    shared = level * np.outer(mean, mean)
    own = away @ away.T / size - shared
    scale = np.sqrt(np.maximum(np.diag(own), 0.05))
    beside = float(np.mean(np.diag(own, 1) / (scale[1:] * scale[:-1]))) if len(scale) > 1 else 0.0
    lag = np.abs(np.arange(len(scale))[:, None] - np.arange(len(scale)))
    fading = np.clip(beside, 0.0, 0.95) ** lag * np.outer(scale, scale)
    blend = shared + (1.0 - _FADING) * own + _FADING * fading
    blend[np.diag_indices_from(blend)] += 0.01
    gain = np.linalg.solve(blend[np.ix_(seen, seen)], blend[np.ix_(seen, ~seen)]).T
    reach = _BURST * np.sqrt(np.diag(blend)[seen])
    # What is out of reach is a burst of its own: the rest of the day follows it only so far.
    heard = np.clip(np.sqrt(came + 0.25), mean[seen] - reach, mean[seen] + reach)
    missed = heard[:, None] - root[seen]
    return np.maximum(np.maximum(root[~seen] + gain @ missed, 0.0) ** 2 - 0.25, 0.0)


METHODS: dict[str, Method] = {
    "auto": auto,
    "last_week": with_past_errors(last_week),
    "mean_of_6_weeks": with_past_errors(mean_of_6_weeks),
    "median_of_6_weeks": with_past_errors(median_of_6_weeks),
}
