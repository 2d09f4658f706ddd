"""Possible futures of a queue: whole paths drawn from the uncertainty of its level and of its shape."""

from __future__ import annotations

import numpy as np
import pandas as pd

from staffing.forecasting import dayshape
from staffing.forecasting.level import Fold, Level
from staffing.forecasting.past import Past

Array = np.ndarray

_ODDEST = 0.5  # variance of the logarithm of an outlying day to come, at most
_FEW = 4.0  # days of history at which the bands of days are wider by the square root of two


def calibrate(
    past: Past, counts: Array, total: Array, level: Level, field: dayshape.Field, folds: list[Fold]
) -> tuple[float, float]:
    """How much wider the bands of days and of their shape must be, by past weeks forecast again.

    Parameters
    ----------
    past : Past
        The queue.
    counts, total : numpy.ndarray
        Its days, whole, of `staffing.forecasting.dayshape.complete`.
    level : Level
        As learned.
    field : Field
        As learned.
    folds : list of Fold
        Of `staffing.forecasting.level.replay`.

    Returns
    -------
    tuple of float
        Factors of the standard deviations; 1 where there is too little history to tell.
    """
    if len(past.dates) < 40 or not folds:
        return 1.0, 1.0
    weekday, day = past.weekday, level.days.day
    outside, inside = [], []
    for known, week, _, _ in folds:
        weight = dayshape.recency(day[week.start] - 1.0 - day[:known])
        weight /= 1.0 + level.outlier[:known] / level.usual
        before = dayshape.shape(counts[:known], weekday[:known], past.is_open, weight)
        left = dayshape.residuals(counts[week], total[week], weekday[week], before.share)
        outside.append(np.abs(left[field.seen[week]]))
        inside.append(np.abs(field.days[week][field.seen[week]]))
    error = day_errors(past, total, level, folds).abs().to_numpy()
    k = len(error) / 2.0
    trust = k / (k + 20.0)
    day_factor = float(np.clip((np.quantile(error, 0.8) / 1.2816) ** trust, 0.7, 1.5))
    own = float(np.quantile(np.concatenate(inside), 0.8))
    if own <= 0:
        return day_factor, 1.0
    field_factor = (float(np.quantile(np.concatenate(outside), 0.8)) / own) ** trust
    return day_factor, float(np.clip(field_factor, 0.8, 1.4))


def day_errors(past: Past, total: Array, level: Level, folds: list[Fold]) -> pd.Series:
    """Errors of past weeks forecast again: of the logarithm of each day over its standard deviation, by date.

    Parameters
    ----------
    past, total, level, folds
        As in `calibrate`.
    """
    parts = [pd.Series(dtype=float, index=past.dates[:0])]
    for _, week, mean, variance in folds:
        spread = np.sqrt(variance + 1.0 / np.maximum(total[week], 1.0))
        error = (level.days.level[week] + level.middle + past.known[week] - mean) / spread
        parts.append(pd.Series(error, index=past.dates[week]))
    return pd.concat(parts)


def sample(
    past: Past,
    level: Level,
    share: Array,
    field: dayshape.Field,
    wider: tuple[float, float],
    n: int,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Whole paths; each slot's mean over the paths is its expected count.

    Parameters
    ----------
    past : Past
        The queue.
    level : Level
        Of its days, past and ahead.
    share : numpy.ndarray
        (7, slots): the shape of its weekdays. [0-1]
    field : Field
        How its days stray from that.
    wider : tuple of float
        Factors of the standard deviations of days and of their shape.
    n : int
        How many.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    mean, paths : numpy.ndarray
        (future days, slots) and (future days, slots, n).
    """
    ahead, seen = len(level.mean), len(level.days.day)
    own = level.noise**2 + np.exp(-np.minimum(level.mean, 700.0))
    variance = np.diag(level.covariance) + own
    root = np.linalg.cholesky(level.covariance + np.diag(own))
    freedom = 3.0 + seen / 4.0
    heavy = np.sqrt(freedom / rng.chisquare(freedom, size=n))
    away = (root @ rng.standard_normal((ahead, n))) * heavy * wider[0] * np.sqrt(1.0 + _FEW / seen)
    # Capped, since a day a hundred times the usual says that days go wrong, not that they go wrong by that.
    odd = np.minimum(np.append(level.outlier[level.outlier > 0], 9.0 * level.usual), _ODDEST)
    struck = rng.random((ahead, n)) < (len(odd) - 0.5) / (seen + 10.0)
    away += struck * rng.standard_normal((ahead, n)) * np.sqrt(rng.choice(odd, size=(ahead, n)))
    shares = share[past.future_weekday]
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
