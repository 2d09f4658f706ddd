r"""The level of whole days: what a queue's day totals are made of, and what comes next.

The logarithm of a day's total is a weekday and calendar part, slow and short drifts, and noise,

.. math:: z_t = x_t^T b + \sum_k s_{k,t} + e_t, \qquad b_j \sim N(0, \sigma_{g(j)}^2),

with Ornstein-Uhlenbeck drifts :math:`s_k` on calendar days, so that gaps need no filling. Everything is
Gaussian and exact: the drifts' precisions, interleaved, are one banded matrix, and each evaluation costs time
linear in the number of days. Arrays in, arrays out; tables and calendars stand elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import lapack

Array = np.ndarray
Chain = tuple[Array, Array, float]

# Prior of every standard deviation and length: log-normal around the starting value.
_SPREAD_SD, _SPREAD_LENGTH = 0.7, 0.6
_LOG_BOUNDS = (math.log(1e-4), math.log(3.0))
_OUTLIER = 3.0
_T_STEPS = 8
_UNTHREADED = 200_000  # multiplications in one product that OpenBLAS does without starting threads
# Of the plain second opinion: ridge penalties, and the half-life of a day's weight. [d]
_PENALTY = {"mean": 1e-9, "weekday": 1e-3}
_DISCOUNT = 100.0


@dataclass(frozen=True)
class Days:
    """Observed days.

    Parameters
    ----------
    day : numpy.ndarray
        Calendar day numbers, rising. [d]
    level : numpy.ndarray
        Logarithm of the day's total.
    features : numpy.ndarray
        One row per day, one column per feature.
    groups : tuple of str
        Group of each column; the columns of a group share one prior standard deviation.
    variance : numpy.ndarray
        Known noise variance of each day, for example 1 / total of a Poisson count.
    """

    day: Array
    level: Array
    features: Array
    groups: tuple[str, ...]
    variance: Array

    def until(self, count: int) -> Days:
        """The first days alone."""
        return Days(
            self.day[:count], self.level[:count], self.features[:count], self.groups, self.variance[:count]
        )


@dataclass(frozen=True)
class Hyper:
    """How much each part of the level moves.

    Parameters
    ----------
    sd : dict
        Group of columns -> prior standard deviation of its coefficients.
    drifts : tuple of (float, float)
        Standard deviation and length [d] of each drift.
    noise : float
        Standard deviation of a day's own noise beyond its known variance.
    learn_lengths : bool
        Whether the drifts' lengths are learned too.
    """

    sd: dict[str, float]
    drifts: tuple[tuple[float, float], ...]
    noise: float
    learn_lengths: bool = True


@dataclass(frozen=True)
class _Solved:
    """One factorisation: the solved right-hand sides and what the likelihood and its slope need."""

    drift: Array  # (days, drifts, columns + 1): each drift's share of every right-hand side
    weighted: Array  # covariance of the days without the coefficients, inverse, times features
    inverse: Array  # posterior covariance of the coefficients
    coefficient: Array
    residual: Array  # that inverse covariance times (level - features b)
    chains: list[Chain]
    logdet_days: float  # log|covariance of the days| without the coefficients
    band: Array
    quadratic: float
    logdet: float


def _chain(day: Array, sd: float, length: float) -> Chain:
    """Diagonal, off-diagonal and log-determinant of the precision of one drift."""
    step = np.diff(day)
    decay = np.exp(-step / length)
    innovation = -np.expm1(-2.0 * step / length) * sd**2
    diagonal = np.empty(len(day))
    diagonal[0] = 1.0 / sd**2
    diagonal[1:] = 1.0 / innovation
    diagonal[:-1] += decay**2 / innovation
    return diagonal, -decay / innovation, -2.0 * math.log(sd) - float(np.log(innovation).sum())


def _chains(day: Array, drifts: tuple[tuple[float, float], ...]) -> list[Chain]:
    return [_chain(day, sd, length) for sd, length in drifts]


def _band(chains: list[Chain], weight: Array) -> tuple[Array, float]:
    """Lower band of the posterior precision of all drifts, interleaved by day, and log|prior precision|."""
    count = len(chains)
    band = np.zeros((count + 1, len(weight) * count))
    logdet = 0.0
    for k, (diagonal, beside, part) in enumerate(chains):
        band[0, k::count] = diagonal + weight
        band[count, k : (len(weight) - 1) * count : count] = beside
        for lower in range(1, count - k):
            band[lower, k::count] = weight
        logdet += part
    return band, logdet


def _factor(band: Array) -> Array:
    factor, info = lapack.dpbtrf(band, lower=1)
    if info:
        raise np.linalg.LinAlgError("the precision of the drifts is not positive definite")
    return factor


def _logdet_days(chains: list[Chain], noise: Array) -> float:
    """log|covariance of the days| without the coefficients."""
    band, prior = _band(chains, 1.0 / noise)
    return 2.0 * float(np.log(_factor(band)[0]).sum()) - prior + float(np.log(noise).sum())


def _rows_times(rows: Array, matrix: Array) -> Array:
    """rows @ matrix in pieces too small for the BLAS to start threads, which cost more than they save."""
    step = max(1, _UNTHREADED // max(matrix.size, 1))
    if len(rows) <= step:
        return rows @ matrix
    return np.concatenate([rows[k : k + step] @ matrix for k in range(0, len(rows), step)])


def _gram(left: Array, right: Array) -> Array:
    """left.T @ right, in such pieces."""
    step = max(1, _UNTHREADED // max(left.shape[1] * right.shape[1], 1))
    total = left[:step].T @ right[:step]
    for k in range(step, len(left), step):
        total += left[k : k + step].T @ right[k : k + step]
    return total


def _together(parts: Array) -> Array:
    """Sum over the drifts; numpy's own sum over a short middle axis is many times slower."""
    total = parts[:, 0].copy()
    for k in range(1, parts.shape[1]):
        total += parts[:, k]
    return total


def _solve(days: Days, hyper: Hyper, precision: Array) -> _Solved:
    count, drifts = len(days.day), len(hyper.drifts)
    noise = hyper.noise**2 + days.variance
    chains = _chains(days.day, hyper.drifts)
    band, prior = _band(chains, 1.0 / noise)
    factor = _factor(band)
    sides = np.column_stack([days.features, days.level])
    pulled = np.repeat(sides / noise[:, None], drifts, axis=0)
    drift = lapack.dpbtrs(factor, pulled, lower=1)[0].reshape(count, drifts, -1)
    whitened = (sides - _together(drift)) / noise[:, None]
    weighted = whitened[:, :-1]
    inner = _gram(days.features, weighted)
    inner[np.diag_indices_from(inner)] += precision
    root = np.linalg.cholesky(inner)
    inverse = np.linalg.inv(inner)
    coefficient = inverse @ (weighted.T @ days.level)
    residual = whitened[:, -1] - weighted @ coefficient
    quadratic = float(days.level @ residual)
    plain = 2.0 * float(np.log(factor[0]).sum()) - prior + float(np.log(noise).sum())
    logdet = plain + 2.0 * float(np.log(np.diag(root)).sum()) - float(np.log(precision).sum())
    return _Solved(drift, weighted, inverse, coefficient, residual, chains, plain, factor, quadratic, logdet)


def _precision(hyper: Hyper, groups: tuple[str, ...]) -> Array:
    return np.array([hyper.sd[group] ** -2 for group in groups])


def _pack(hyper: Hyper, names: list[str]) -> Array:
    lengths = [length for _, length in hyper.drifts] if hyper.learn_lengths else []
    values = [*(hyper.sd[name] for name in names), *(sd for sd, _ in hyper.drifts), *lengths, hyper.noise]
    return np.log(np.array(values))


def _unpack(theta: Array, names: list[str], like: Hyper) -> Hyper:
    values = [float(value) for value in np.exp(theta)]
    count, drifts = len(names), len(like.drifts)
    lengths = (
        values[count + drifts : count + 2 * drifts]
        if like.learn_lengths
        else [length for _, length in like.drifts]
    )
    sds = values[count : count + drifts]
    return replace(
        like,
        sd=like.sd | dict(zip(names, values[:count], strict=True)),
        drifts=tuple(zip(sds, lengths, strict=True)),
        noise=values[-1],
    )


def _slope_drifts(days: Days, hyper: Hyper, solved: _Solved) -> list[float]:
    """Slope of the negative log likelihood along the logs of drift sds, lengths and noise."""
    shares = solved.drift[:, :, :-1]
    own = solved.drift[:, :, -1] - np.stack(
        [shares[:, k] @ solved.coefficient for k in range(shares.shape[1])], axis=1
    )
    pulled = _rows_times(solved.weighted, solved.inverse)
    noise = hyper.noise**2 + days.variance
    nudge = 1e-5

    def logdet_slope(chains: list[Chain], variance: Array) -> float:
        return (_logdet_days(chains, variance) - solved.logdet_days) / nudge

    def changed(k: int, chain: Chain) -> list[Chain]:
        return [*solved.chains[:k], chain, *solved.chains[k + 1 :]]

    by_sd, by_length = [], []
    for k, (sd, length) in enumerate(hyper.drifts):
        spread = float(np.sum(pulled * shares[:, k]))
        fit = float(solved.residual @ own[:, k])
        wider = _chain(days.day, sd * math.exp(nudge), length)
        by_sd.append(0.5 * logdet_slope(changed(k, wider), noise) - fit - spread)
        if not hyper.learn_lengths:
            continue
        here, there = solved.chains[k], _chain(days.day, sd, length * math.exp(nudge))
        diagonal, beside = (there[0] - here[0]) / nudge, (there[1] - here[1]) / nudge
        change = own[:, k] ** 2 @ diagonal + 2.0 * (own[1:, k] * own[:-1, k]) @ beside
        share = shares[:, k]
        turned = diagonal[:, None] * share
        turned[1:] += beside[:, None] * share[:-1]
        turned[:-1] += beside[:, None] * share[1:]
        change += np.sum(_rows_times(share, solved.inverse) * turned)
        by_length.append(0.5 * (float(change) + logdet_slope(changed(k, there), noise)))
    louder = (hyper.noise * math.exp(nudge)) ** 2 + days.variance
    quiet = solved.residual @ solved.residual + np.sum(pulled * solved.weighted)
    by_noise = 0.5 * logdet_slope(solved.chains, louder) - hyper.noise**2 * float(quiet)
    return [*by_sd, *by_length, by_noise]


def fit(days: Days, prior: Hyper, *, start: Hyper | None = None, iterations: int = 30) -> Hyper:
    """Learn how much each part moves: the posterior mode, by BFGS with analytic slopes.

    Parameters
    ----------
    days : Days
        What was seen.
    prior : Hyper
        Centre of the prior of every value.
    start : Hyper, optional
        Where to begin; the prior without it.
    iterations : int
        At most so many.

    Returns
    -------
    Hyper
        The groups' sds, the drifts and the noise.

    Examples
    --------
    >>> day = np.arange(40.0)
    >>> flat = Days(day, np.full(40, 5.0), np.ones((40, 1)), ("mean",), np.full(40, 1e-4))
    >>> begin = Hyper({"mean": 10.0}, ((0.03, 3.0), (0.06, 60.0)), 0.015)
    >>> fit(flat, begin).noise < 0.015
    True
    """
    names = [name for name in dict.fromkeys(days.groups) if name != "mean"]
    columns = [np.array([group == name for group in days.groups]) for name in names]
    centre = _pack(prior, names)
    width = np.full(len(centre), _SPREAD_SD)
    if prior.learn_lengths:
        drifts = len(prior.drifts)
        width[len(names) + drifts : len(names) + 2 * drifts] = _SPREAD_LENGTH

    def objective(theta: Array) -> tuple[float, Array]:
        hyper = _unpack(theta, names, prior)
        precision = _precision(hyper, days.groups)
        solved = _solve(days, hyper, precision)
        away = (theta - centre) / width
        moved = 1.0 - (solved.coefficient**2 + np.diag(solved.inverse)) * precision
        slope = [float(moved[column].sum()) for column in columns] + _slope_drifts(days, hyper, solved)
        value = 0.5 * (solved.quadratic + solved.logdet + float(away @ away))
        return value, np.array(slope) + away / width

    low = np.maximum(_LOG_BOUNDS[0], centre - 6.0)
    high = np.where(centre < _LOG_BOUNDS[1], np.minimum(_LOG_BOUNDS[1], centre + 4.0), centre + 3.0)
    begin = np.clip(_pack(start or prior, names), low, high)
    return _unpack(_descend(objective, begin, low, high, width, iterations), names, prior)


def _descend(
    objective: Callable[[Array], tuple[float, Array]],
    start: Array,
    low: Array,
    high: Array,
    width: Array,
    iterations: int,
) -> Array:
    """Minimum within a box, by BFGS from the prior's own curvature.

    Not scipy's: for a dozen values its BLAS threads cost ten times the work, and its import most of ours.
    """
    here = start
    value, slope = objective(here)
    inverse = np.diag(width**2)
    for _ in range(iterations):
        move = -inverse @ slope
        move *= min(1.0, 1.5 / max(float(np.abs(move).max()), 1e-300))
        size = 1.0
        while True:
            there = np.clip(here + size * move, low, high)
            step = there - here
            fall = float(slope @ step)
            found, turned = objective(there)
            if found <= value + 1e-4 * min(fall, 0.0) or size < 1e-3:
                break
            size *= 0.4
        if found > value:
            break
        change = turned - slope
        along = float(step @ change)
        if along > 1e-10:
            left = np.eye(len(step)) - np.outer(step, change) / along
            inverse = left @ inverse @ left.T + np.outer(step, step) / along
        gained, here, value, slope = value - found, there, found, turned
        if gained <= 1e-6 * max(abs(value), 1.0):
            break
    return here


def _own_variance(factor: Array, drifts: int) -> Array:
    """Posterior variance of each day's drifts together, by Takahashi's recursion along the band."""
    size = factor.shape[1]
    out = np.empty(size // drifts)
    window = np.zeros((drifts + 1, drifts + 1))
    for j in range(size - 1, -1, -1):
        pivot = factor[0, j]
        below = factor[1:, j] / pivot
        below[max(size - 1 - j, 0) :] = 0.0
        window[1:, 1:] = window[:-1, :-1]
        column = -window[1:, 1:] @ below
        window[1:, 0] = window[0, 1:] = column
        window[0, 0] = 1.0 / pivot**2 - below @ column
        if j % drifts == 0:
            out[j // drifts] = window[:drifts, :drifts].sum()
    return out


def leave_one_out(days: Days, hyper: Hyper) -> tuple[Array, Array]:
    """Each day against what all the others say of it.

    Returns
    -------
    residual, variance : numpy.ndarray
        Of the level, and its variance with the day's own noise.
    """
    solved = _solve(days, hyper, _precision(hyper, days.groups))
    noise = hyper.noise**2 + days.variance
    explained = _own_variance(solved.band, len(hyper.drifts))
    spread = np.sum(_rows_times(solved.weighted, solved.inverse) * solved.weighted, axis=1)
    inverse = (1.0 - explained / noise) / noise - spread
    inverse = np.maximum(inverse, 1e-12)
    return solved.residual / inverse, 1.0 / inverse


def learn(days: Days, prior: Hyper, *, iterations: int = 30) -> tuple[Hyper, Array]:
    """Fit, and take outlying days out of the level and of every variance.

    A day further than three robust sds from what the others say of it gets a noise of its own size; the fit
    is then done again, at most twice. Nothing is deleted.

    Returns
    -------
    hyper : Hyper
        What was learned.
    outlier : numpy.ndarray
        Extra noise variance of each day; zero for all but outlying days.
    """
    extra = np.zeros(len(days.day))
    hyper = fit(days, prior, iterations=iterations)
    if len(days.day) < 25:
        return hyper, extra
    for _ in range(2):
        residual, variance = leave_one_out(replace(days, variance=days.variance + extra), hyper)
        variance = variance - extra
        scaled = residual / np.sqrt(variance)
        robust = float(np.clip(1.4826 * np.median(np.abs(scaled)), 0.3, 1.0))
        out = np.abs(scaled) > _OUTLIER * robust
        # Judged afresh: beside a wild day its neighbours look odd until it is out of the way.
        found = np.where(out, np.maximum(residual**2 - robust**2 * variance, 0.0), 0.0)
        if np.array_equal(found > 0, extra > 0):
            break
        extra = found
        # From the prior again: values bent by an outlying day are a long way back.
        hyper = fit(replace(days, variance=days.variance + extra), prior, iterations=iterations)
    return hyper, extra


@dataclass(frozen=True)
class Ahead:
    """What the level will be on some days.

    Parameters
    ----------
    mean : numpy.ndarray
        Of the logarithm.
    covariance : numpy.ndarray
        Joint, without the days' own noise.
    coefficient, uncertainty : numpy.ndarray
        Posterior mean of every column's coefficient, and their covariance.
    """

    mean: Array
    covariance: Array
    coefficient: Array
    uncertainty: Array


def ahead(days: Days, hyper: Hyper, day: Array, features: Array) -> Ahead:
    """The joint posterior of the level on other days.

    Coefficients get a Student-t prior tied to their group's sd (EM): a few large effects may stand out.

    Parameters
    ----------
    days : Days
        What was seen.
    hyper : Hyper
        As learned.
    day : numpy.ndarray
        Days to speak of, rising, each after the last one seen. [d]
    features : numpy.ndarray
        Their features.

    Returns
    -------
    Ahead
        Mean, joint covariance and the coefficients behind them.
    """
    seen, drifts, columns = len(days.day), len(hyper.drifts), days.features.shape[1]
    every = np.concatenate([days.day, day])
    weight = np.concatenate([1.0 / (hyper.noise**2 + days.variance), np.zeros(len(day))])
    factor = _factor(_band(_chains(every, hyper.drifts), weight)[0])
    known = np.column_stack([days.features, days.level])
    sides = np.zeros((len(every), drifts, columns + 1 + len(day)))
    sides[:seen, :, : columns + 1] = (known * weight[:seen, None])[:, None]
    for k in range(len(day)):
        sides[seen + k, :, columns + 1 + k] = 1.0
    solved = lapack.dpbtrs(factor, sides.reshape(len(every) * drifts, -1), lower=1)[0]
    solved = _together(solved.reshape(sides.shape))
    whitened = (days.features - solved[:seen, :columns]) * weight[:seen, None]
    gram, pull = _gram(days.features, whitened), whitened.T @ days.level
    precision = _precision(hyper, days.groups)
    free = np.array([group != "mean" for group in days.groups])
    inverse = np.linalg.inv(gram + np.diag(precision))
    coefficient = inverse @ pull
    for _ in range(_T_STEPS):
        tied = np.where(free, 2.0 / (1.0 / precision + coefficient**2 + np.diag(inverse)), precision)
        inverse = np.linalg.inv(gram + np.diag(tied))
        coefficient = inverse @ pull
    carried, level, own = np.split(solved[seen:], [columns, columns + 1], axis=1)
    left = features - carried
    return Ahead(
        level[:, 0] + left @ coefficient,
        own + left @ inverse @ left.T,
        coefficient,
        inverse,
    )


def steady(days: Days, outlier: Array, coefficient: Array, day: Array, features: Array) -> Array:
    """A plain second opinion: weekday means of calendar-adjusted days, and the last residual, fading.

    It knows no drift, only a discount of old days, and so errs elsewhere than `ahead`: their mean beats both.

    Parameters
    ----------
    days : Days
        What was seen.
    outlier : numpy.ndarray
        Extra variance of each day; days that have any are left out.
    coefficient : numpy.ndarray
        Of every column, as `ahead` found them; those of the calendar are kept.
    day : numpy.ndarray
        Days to speak of, rising. [d]
    features : numpy.ndarray
        Their features.

    Returns
    -------
    numpy.ndarray
        Mean of the level.
    """
    plain = np.array([group in _PENALTY for group in days.groups])
    effect = coefficient[~plain]
    adjusted = days.level - days.features[:, ~plain] @ effect
    own = days.features[:, plain]
    penalty = np.array([_PENALTY[group] for group in days.groups if group in _PENALTY])
    weight = np.where(outlier > 0, 0.0, 2.0 ** ((days.day - days.day[-1]) / _DISCOUNT))
    pulled = own * weight[:, None]
    mean = np.linalg.solve(pulled.T @ own + np.diag(penalty), pulled.T @ adjusted)
    left = np.where(outlier > 0, 0.0, adjusted - own @ mean)
    together = float((weight[1:] * left[1:]) @ left[:-1])
    alike = float(np.clip(together / max(float((weight * left) @ left), 1e-12), 0.0, 0.95))
    return features[:, ~plain] @ effect + features[:, plain] @ mean + alike ** (day - days.day[-1]) * left[-1]
