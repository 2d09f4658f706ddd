"""What a queue's day totals are made of, learned from its past, and its look ahead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from staffing.forecasting import daylevel, dayshape
from staffing.forecasting.daylevel import Days, Hyper
from staffing.forecasting.past import Past, day_numbers

Array = np.ndarray

_SD = {
    "mean": 10.0,
    "weekday": 0.10,
    "event": 0.15,
    "step": 0.30,
    "trend": 0.03,
}  # prior sds; every other group has _SD_ELSE
_SD_ELSE = 0.04
# With years of history the drifts' lengths stand: one of two years keeps the season apart from the trend.
_YEARS = Hyper({}, ((0.02, 4.0), (0.03, 40.0), (0.05, 600.0)), 0.02, learn_lengths=False)
_WEEKS = Hyper({}, ((0.03, 3.0), (0.06, 60.0)), 0.015)
# Days of a queue whose intervals scatter scatter too: their noise before it is learned, by that of intervals.
_RESTLESS = 0.6
_SECOND_FROM = 10  # weeks of history
_DESIGNS = (("dom",), ("bom", "eom", "mid"))  # groups left out of one description of the month
_WEEKS_BACK = 10  # forecast again inside the history


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
    coefficient : numpy.ndarray
        Of each feature.
    scale : float
        Logarithm of what came over what the logarithms promised.
    """

    mean: Array
    covariance: Array
    noise: float
    outlier: Array
    usual: float
    middle: float
    days: Days
    hyper: Hyper
    coefficient: Array
    scale: float


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
    prior = replace(prior, noise=max(prior.noise, _RESTLESS * dayshape.restlessness(past.counts)))
    hyper, outlier = daylevel.learn(days, prior, iterations=6 if "year" in past.groups else 30)
    days = replace(days, variance=days.variance + outlier)
    opinion = _average_designs(days, hyper, outlier, day_numbers(past.future), past.future_features)
    usual = float(np.mean(np.diag(opinion.covariance))) + hyper.noise**2
    scale = _scale(days, hyper, outlier, total, middle + past.known)
    mean = opinion.mean + past.future_known + middle + scale
    return Level(
        mean, opinion.covariance, hyper.noise, outlier, usual, middle, days, hyper, opinion.coefficient, scale
    )


def calendar_effect(past: Past, level: Level) -> tuple[Array, Array]:
    """Logarithm of what the calendar and known events make of each past and each future day."""
    own = np.array([group not in ("mean", "weekday") for group in past.groups], dtype=bool)
    return (
        past.features[:, own] @ level.coefficient[own] + past.known,
        past.future_features[:, own] @ level.coefficient[own] + past.future_known,
    )


class Fold(NamedTuple):
    """A past week as it would have been forecast.

    Parameters
    ----------
    known : int
        Days known before it.
    week : slice
        Its days among the past's.
    mean, variance : numpy.ndarray
        Of the logarithm of their totals, chance of the count left out.
    """

    known: int
    week: slice
    mean: Array
    variance: Array


def replay(past: Past, level: Level) -> Iterator[Fold]:
    """The last ten weeks forecast again at the real lead, with what was learned of the whole past.

    Parameters
    ----------
    past : Past
        The queue.
    level : Level
        As learned; how much each part moves stands, the parts themselves are those of the days before.

    Yields
    ------
    Fold
        Weeks with at least five weeks of history before them, oldest first.
    """
    days = level.days
    for back in range(_WEEKS_BACK, 0, -1):
        begin = days.day[-1] - 7 * back
        cut = begin + 1 - past.lead
        if cut - days.day[0] < 35:
            continue
        known = int(np.searchsorted(days.day, cut, side="right"))
        first, end = (int(np.searchsorted(days.day, day, side="right")) for day in (begin, begin + 7))
        if first == end:
            continue
        week = slice(first, end)
        before, seen = days.until(known), level.outlier[:known]
        opinion = _average(before, level.hyper, seen, days.day[week], days.features[week])
        mean = opinion.mean + past.known[week] + level.middle + level.scale
        yield Fold(known, week, mean, np.diag(opinion.covariance) + level.hyper.noise**2)


def _scale(days: Days, hyper: Hyper, outlier: Array, total: Array, offset: Array) -> float:
    """Logarithm of what came over what each day's neighbours promised: logarithms of small counts mislead."""
    residual, variance = daylevel.leave_one_out(days, hyper)
    promised = np.exp(np.minimum(days.level - residual + variance / 2.0 + offset, 700.0))
    weight = np.where(outlier > 0, 0.0, 2.0 ** ((days.day - days.day[-1]) / 70.0))
    usual = int((outlier == 0).sum())
    ratio = float(weight @ total) / max(float(weight @ promised), 1e-300)
    return float(np.log(np.clip(ratio, 0.5, 2.0))) * usual / (usual + 20.0)


def _average(days: Days, hyper: Hyper, outlier: Array, day: Array, features: Array) -> daylevel.Ahead:
    """The level model's opinion and, from ten weeks on, a plain one with the same effects: their mean.

    Not with years of history: there the model knows the season and the trend, which the plain one does not.
    """
    opinion = daylevel.ahead(days, hyper, day, features)
    if days.day[-1] - days.day[0] < 7.0 * _SECOND_FROM or "year" in days.groups:
        return opinion
    second = daylevel.steady(days, outlier, opinion.coefficient, day, features)
    return replace(opinion, mean=(opinion.mean + second) / 2.0)


def _average_designs(days: Days, hyper: Hyper, outlier: Array, day: Array, features: Array) -> daylevel.Ahead:
    """The mean of such opinions over three descriptions of the month: by rank, smooth, and both."""
    opinion = _average(days, hyper, outlier, day, features)
    if days.day[-1] - days.day[0] < 7.0 * _SECOND_FROM or "year" in days.groups:
        return opinion
    means = [opinion.mean]
    for without in _DESIGNS:
        kept = np.array([group not in without for group in days.groups], dtype=bool)
        groups = tuple(group for group in days.groups if group not in without)
        fewer = replace(days, features=days.features[:, kept], groups=groups)
        means.append(_average(fewer, hyper, outlier, day, features[:, kept]).mean)
    return replace(opinion, mean=np.mean(means, axis=0))


def day_weight(level: Level, dates: pd.DatetimeIndex) -> Array:
    """Of each day in the shape: old and outlying days count less."""
    age = (dates[-1] - dates).days.to_numpy(dtype=float)
    return dayshape.recency(age) / (1.0 + level.outlier / level.usual)
