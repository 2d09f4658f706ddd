"""Forecasting methods: plain functions from a queue's past to possible futures.

``"level_x_profile"`` is calendar-adjusted level x weekday profile: `staffing.forecasting.level` for the
totals of days, `staffing.forecasting.dayshape` for their shape, and paths drawn from the uncertainty of both.
``"auto"`` is that, unless a habit of the trade clearly beats it on the queue's own last weeks. Then there are
those habits, and statsmodels' ETS, MSTL and dynamic harmonic regression on calendar-adjusted totals of days.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from staffing.forecasting import choice, dayshape, explaining, habits, totals
from staffing.forecasting.level import calendar_effect, day_weight, learn_level, replay
from staffing.forecasting.past import Choice, Draws, Method, Past
from staffing.forecasting.sampling import calibrate, day_errors, sample

Array = np.ndarray


def auto(past: Past, n: int, rng: np.random.Generator) -> Draws:
    """Level x profile, or the habit that clearly beats it on the last weeks; says which, and why."""
    return _recipe(past, n, rng, HABITS)


def level_x_profile(past: Past, n: int, rng: np.random.Generator) -> Draws:
    """Calendar-adjusted level x weekday profile, with paths from the model's own joint uncertainty."""
    return _recipe(past, n, rng, {})


def _recipe(past: Past, n: int, rng: np.random.Generator, others: dict[str, habits.Point]) -> Draws:
    counts, total, part = dayshape.complete(past.counts, past.weekday, past.is_open)
    if total.sum() <= 0:
        none = np.zeros((*past.future_open.shape, n))
        return Draws(none[:, :, 0], none, Choice("none", 0.0, "", 0.0, 0, "no contacts in the history"))
    level = learn_level(past, total, part)
    folds = list(replay(past, level))
    why = choice.judge(past, counts, level, folds, others) if others else None
    if why is not None and why.method in others:
        return habits.with_past_errors(others[why.method])(past, n, rng)._replace(choice=why)
    seen = np.isfinite(past.counts) & past.is_open[past.weekday]
    weight = day_weight(level, past.dates)
    shape = dayshape.shape(counts, past.weekday, past.is_open, weight)
    field = dayshape.field(counts, seen, past.weekday, shape, weight)
    wider = calibrate(past, counts, total, level, field, folds)
    mean, paths = sample(past, level, shape.share, field, wider, n, rng)
    errors = day_errors(past, total, level, folds)
    return Draws(mean, paths, why, errors, explaining.doubted(past, total, level))


def with_calendar(point: habits.Point) -> Method:
    """Make a method of a plain point forecast of calendar-adjusted counts.

    Holidays, closures, turns of the month and events are divided out of the history as the level model finds
    them, and multiplied back into the days ahead; the bands are the past errors, as in `with_past_errors`.

    Parameters
    ----------
    point : callable
        As in `with_past_errors`.

    Returns
    -------
    callable
        Of the form of `METHODS`.

    Examples
    --------
    >>> import pandas as pd
    >>> import staffing.forecast as forecast
    >>> def usual(counts, dates):
    ...     return np.repeat(counts.mean().to_numpy()[None], len(dates), axis=0)
    >>> times = pd.date_range("2026-11-02 09:00", periods=30, freq="1D", tz="Asia/Seoul")
    >>> past = pd.DataFrame({"queue": "calls", "interval": times, "offered": 29.0})
    >>> forecast.predict(past, 1, method=with_calendar(usual))["volume"].round().tolist()
    [29.0]
    """
    plain = habits.with_past_errors(point)

    def method(past: Past, n: int, rng: np.random.Generator) -> Draws:
        _, total, part = dayshape.complete(past.counts, past.weekday, past.is_open)
        if total.sum() <= 0:
            return plain(past, n, rng)
        before, after = calendar_effect(past, learn_level(past, total, part))
        adjusted = replace(past, counts=past.counts / np.exp(before)[:, None])
        found = plain(adjusted, n, rng)
        factor = np.exp(after)
        return found._replace(mean=found.mean * factor[:, None], paths=found.paths * factor[:, None, None])

    return method


HABITS: dict[str, habits.Point] = {
    "last_week": habits.last_week,
    "mean_of_6_weeks": habits.mean_of_6_weeks,
    "median_of_6_weeks": habits.median_of_6_weeks,
}

METHODS: dict[str, Method] = {
    "auto": auto,
    "level_x_profile": level_x_profile,
    **{name: habits.with_past_errors(point) for name, point in HABITS.items()},
    "ets": totals.of_totals("ets", totals.ets),
    "mstl": totals.of_totals("mstl", totals.mstl),
    "harmonic": totals.of_totals("harmonic", totals.harmonic),
}
