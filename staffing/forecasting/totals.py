"""Other people's time series models for the totals of days, on calendar-adjusted counts.

Each is a plain function of a level series; the calendar, the shape of the day and the paths around it are
those of the house. statsmodels is imported when one of them is first used.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from staffing.forecasting import dayshape
from staffing.forecasting.level import Level, calendar_effect, day_weight, learn_level, replay
from staffing.forecasting.past import Choice, Draws, Method, Past
from staffing.forecasting.sampling import calibrate, day_errors, sample

Array = np.ndarray
Model = Callable[[Array, int, int], tuple[Array, Array]]

_YEAR = 365.25
_FAR = 2.0  # a logarithm so far beyond all that was seen is a model gone astray


def of_totals(name: str, model: Model) -> Method:
    """Make a method of a model of day totals.

    Parameters
    ----------
    name : str
        Of the method.
    model : callable
        ``model(level, period, ahead)``: the logarithm of calendar-adjusted totals of the normally open days,
        one after the other without gaps, how many make a week, and how many days are wanted; returns mean and
        standard deviation of each.

    Returns
    -------
    callable
        Of the form of `staffing.forecast.METHODS`. With too little history for the model, or where it fails
        or strays beyond all that was ever seen, the level is the one of the house, and the choice says so.
    """

    def method(past: Past, n: int, rng: np.random.Generator) -> Draws:
        counts, total, part = dayshape.complete(past.counts, past.weekday, past.is_open)
        if total.sum() <= 0:
            none = np.zeros((*past.future_open.shape, n))
            return Draws(none[:, :, 0], none)
        own = learn_level(past, total, part)
        level, fault = _modelled(past, own, model)
        weight = day_weight(own, past.dates)
        shape = dayshape.shape(counts, past.weekday, past.is_open, weight)
        seen = np.isfinite(past.counts) & past.is_open[past.weekday]
        field = dayshape.field(counts, seen, past.weekday, shape, weight)
        folds = list(replay(past, own))
        wider = calibrate(past, counts, total, own, field, folds)
        if not fault:
            wider = 1.0, wider[1]
        mean, paths = sample(past, level, shape.share, field, wider, n, rng)
        why = f"level_x_profile: {name} {fault}" if fault else name
        choice = Choice("level_x_profile" if fault else name, np.nan, "", np.nan, 0, why)
        return Draws(mean, paths, choice, day_errors(past, total, own, folds))

    return method


def _modelled(past: Past, own: Level, model: Model) -> tuple[Level, str]:
    """The level with the model's word on the days ahead, or as it is and what was wrong."""
    live: Array = np.asarray(past.is_open.any(axis=1))
    period = int(live.sum())
    span = pd.date_range(past.dates[0], past.future[-1], freq="D", unit="us")
    normal = span[live[np.asarray(span.day_of_week)]]
    before, after = calendar_effect(past, own)
    adjusted = pd.Series(own.days.level + own.middle - (before - past.known), index=past.dates)
    adjusted = adjusted[own.outlier == 0].reindex(normal[normal <= past.dates[-1]])
    if len(adjusted) < 3 * period + 4 or adjusted.notna().sum() < 2 * period:
        return own, f"needs {3 * period + 4} days of history"
    usual = adjusted.groupby(adjusted.index.day_of_week).transform("mean").fillna(adjusted.mean())
    series = (adjusted - usual).interpolate(limit_direction="both").to_numpy() + usual.to_numpy()
    place = normal.get_indexer(past.future) - len(adjusted)
    try:
        with warnings.catch_warnings():
            # statsmodels asks for its own warnings when it is imported: that must come first.
            importlib.import_module("statsmodels.tools.sm_exceptions")
            warnings.simplefilter("ignore")
            mean, spread = model(series, period, int(place[-1]) + 1)
    except (ValueError, IndexError, np.linalg.LinAlgError) as error:
        return own, f"failed: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
    mean, spread = np.asarray(mean, dtype=float)[place], np.asarray(spread, dtype=float)[place]
    astray = (mean > series.max() + _FAR) | (mean < series.min() - _FAR)
    if not (np.isfinite(mean).all() and np.isfinite(spread).all()) or astray.any():
        return own, "strayed beyond all that was seen"
    variance = np.maximum.accumulate(np.minimum(spread, 1.0) ** 2)
    drift = np.minimum.outer(variance, variance) - variance[0]
    noise = float(np.sqrt(variance[0]))
    return replace(
        own, mean=mean + after, covariance=drift + np.diag(np.full(len(mean), 1e-10)), noise=noise
    ), ""


def ets(level: Array, period: int, ahead: int) -> tuple[Array, Array]:
    """Exponential smoothing with additive errors and weekdays, ETS(A,N,A), by statsmodels.

    Parameters
    ----------
    level : numpy.ndarray
        Of the open days, one after the other.
    period : int
        Days of a week.
    ahead : int
        Days wanted.

    Returns
    -------
    mean, spread : numpy.ndarray
        Expected level and its standard deviation.
    """
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    season = {"seasonal": "add", "seasonal_periods": period} if period > 1 else {}
    fitted = ETSModel(pd.Series(level), error="add", trend=None, **season).fit(disp=False)
    said = fitted.get_prediction(start=len(level), end=len(level) + ahead - 1)
    return np.asarray(said.predicted_mean), np.sqrt(np.asarray(said.forecast_variance))


def mstl(level: Array, period: int, ahead: int) -> tuple[Array, Array]:
    """Seasons of the week, and of the year from two years on, taken off by MSTL; the rest by ETS(A,N,N).

    Parameters
    ----------
    level, period, ahead
        As in `ets`.

    Returns
    -------
    mean, spread : numpy.ndarray
        Expected level and its standard deviation.
    """
    from statsmodels.tsa.seasonal import MSTL

    year = round(_YEAR * period / 7.0)
    periods = [p for p in (period, year) if p > 1 and len(level) >= 2 * p]
    if not periods:
        return ets(level, 1, ahead)
    seasons = np.atleast_2d(np.asarray(MSTL(level, periods=periods).fit().seasonal).T)
    mean, spread = ets(level - seasons.sum(axis=0), 1, ahead)
    for season, length in zip(seasons, periods, strict=True):
        mean = mean + season[len(level) - length + np.arange(ahead) % length]
    return mean, spread


def harmonic(level: Array, period: int, ahead: int) -> tuple[Array, Array]:
    """Dynamic harmonic regression: waves of the week and of the year, errors ARMA(1,1), by statsmodels.

    Parameters
    ----------
    level, period, ahead
        As in `ets`.

    Returns
    -------
    mean, spread : numpy.ndarray
        Expected level and its standard deviation.
    """
    from statsmodels.tsa.arima.model import ARIMA

    at = np.arange(len(level) + ahead)
    year = _YEAR * period / 7.0
    waves: list[Array] = [2.0 * np.pi * k * at / period for k in range(1, period // 2 + 1)]
    waves += [2.0 * np.pi * k * at / year for k in range(1, 4) if len(level) > year]
    columns = [wave for angle in waves for wave in (np.cos(angle), np.sin(angle)) if np.ptp(wave) > 1e-6]
    table = np.column_stack(columns) if columns else None
    known = table if table is None else table[: len(level)]
    fitted = ARIMA(level, exog=known, order=(1, 0, 1)).fit(method_kwargs={"maxiter": 50})
    said = fitted.get_forecast(ahead, exog=table if table is None else table[len(level) :])
    return np.asarray(said.predicted_mean), np.asarray(said.se_mean)
