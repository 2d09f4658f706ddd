"""What most centres do by hand, and how a point forecast becomes a method: its past errors are its bands."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from staffing.forecasting.past import Draws, Method, Past

Array = np.ndarray

Point = Callable[[pd.DataFrame, pd.DatetimeIndex], Array]


def with_past_errors(point: Point) -> Method:
    """Make a method of a plain point forecast: its bands are the errors it made on the history itself.

    The point forecast is repeated for each of the last twelve weeks from what was known before it, at the
    same lead; the ratios of what came to what it said, whole days at a time, are the paths. Where these
    errors are smaller than the chance of counts, as of a queue that never changes, the missing is added.

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
        ratios, errors, chance = _past_ratios(point, past, counts)
        picked = rng.integers(0, len(ratios), size=(len(past.future), n))
        drawn = np.moveaxis(ratios[picked], 1, 2)
        paths = np.maximum(mean[:, :, None] * drawn, 0.0)
        if chance > 0:
            variance = chance / np.maximum(mean, 1e-9)[:, :, None]
            paths *= rng.gamma(1.0 / variance, variance, size=paths.shape)
        return Draws(mean, paths, errors=errors)

    return method


def _filled(point: Array, counts: Array, is_open: Array) -> Array:
    """Where a method knows nothing it gets the mean of what there is; zero where closed."""
    overall = np.nanmean(counts) if np.isfinite(counts).any() else 0.0
    with np.errstate(invalid="ignore"):
        usual = np.where(np.isfinite(counts).any(axis=0), np.nansum(counts, axis=0), np.nan)
        usual = usual / np.maximum(np.isfinite(counts).sum(axis=0), 1)
    usual = np.where(np.isfinite(usual), usual, overall)
    return np.where(is_open, np.maximum(np.where(np.isfinite(point), point, usual), 0.0), 0.0)


def _past_ratios(point: Point, past: Past, counts: pd.DataFrame) -> tuple[Array, pd.Series, float]:
    """(days, slots): what came over what the method had said, for the last twelve weeks; errors of days.

    And the share of the chance of counts, a variance of one over the mean, that these ratios lack. [0-1]
    """
    lead = past.future[0] - past.dates[-1]
    found, missed = [], [pd.Series(dtype=float, index=past.dates[:0])]
    pearson, cells = 0.0, 0
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
        pearson += float(((came - said)[fine] ** 2 / said[fine]).sum())
        cells += int(fine.sum())
        whole = np.where(fine, came, 0.0).sum(axis=1), np.where(fine, said, 0.0).sum(axis=1)
        missed.append(pd.Series(np.log((whole[0] + 0.5) / (whole[1] + 0.5)), index=week))
    errors = pd.concat(missed)
    errors /= max(float(np.sqrt((errors**2).mean())), 1e-9) if len(errors) else 1.0
    size = np.maximum(np.nanmean(past.counts, axis=0), 1.0)
    if not found:
        # Nothing to learn errors from: the scatter of a count, and a day's level that may be off by a fifth.
        scatter = np.linspace(-1.6, 1.6, 9)[:, None]
        return np.maximum(1.0 + scatter * np.sqrt(1.0 / size + 0.04), 0.0), errors, 0.0
    return np.concatenate(found), errors, max(1.0 - pearson / cells, 0.0) if cells else 0.0


def last_week(counts: pd.DataFrame, dates: pd.DatetimeIndex) -> Array:
    """The same weekday's last day."""
    return _same_weekday(counts, dates, 1, np.mean, np.nanmean)


def mean_of_6_weeks(counts: pd.DataFrame, dates: pd.DatetimeIndex) -> Array:
    """Mean of the last six days of the same weekday: what most centres do by hand."""
    return _same_weekday(counts, dates, 6, np.mean, np.nanmean)


def median_of_6_weeks(counts: pd.DataFrame, dates: pd.DatetimeIndex) -> Array:
    """Median of the last six days of the same weekday."""
    return _same_weekday(counts, dates, 6, np.median, np.nanmedian)


def _same_weekday(
    counts: pd.DataFrame,
    dates: pd.DatetimeIndex,
    weeks: int,
    combine: Callable[..., Array],
    combine_seen: Callable[..., Array],
) -> Array:
    values, weekday = counts.to_numpy(), _weekday(pd.DatetimeIndex(counts.index))
    out = np.full((len(dates), values.shape[1]), np.nan)
    for row, wanted in enumerate(_weekday(dates)):
        like = values[weekday == wanted][-weeks:]
        seen = np.isfinite(like)
        if len(like) and seen.all():
            out[row] = combine(like, axis=0)
        elif seen.any():
            known = seen.any(axis=0)
            out[row, known] = combine_seen(like[:, known], axis=0)
    return out


def _weekday(dates: pd.DatetimeIndex) -> Array:
    """Monday is 0; pandas' own takes ten times as long for a handful of days."""
    days: Array = (dates.to_numpy().astype("datetime64[D]").astype(np.int64) + 3) % 7
    return days
