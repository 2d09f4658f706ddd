"""How good a forecast was: the scores of the field, each a plain function of arrays.

All are fractions of the contacts that came, so that queues of any size compare; they are infinite or NaN
where nothing came, and never raise.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

Array = np.ndarray


def wape(offered: Array, volume: Array) -> float:
    """Weighted absolute percentage error: sum of absolute errors over the sum of what came.

    Parameters
    ----------
    offered, volume : array_like
        What came, and what was forecast.

    Returns
    -------
    float
        As a fraction: 0.05 is 5 %.

    Examples
    --------
    >>> wape(np.array([10.0, 30.0]), np.array([12.0, 28.0]))
    0.1
    """
    return _share(np.abs(np.subtract(volume, offered)).sum(), np.sum(offered))


def bias(offered: Array, volume: Array) -> float:
    """Sum of errors over the sum of what came; positive is too much forecast.

    Examples
    --------
    >>> bias(np.array([10.0, 30.0]), np.array([12.0, 32.0]))
    0.1
    """
    return _share(np.subtract(volume, offered).sum(), np.sum(offered))


def poisson_floor(volume: Array) -> float:
    r"""WAPE that the best of all forecasts still has, if contacts come at random at known rates.

    The mean absolute deviation of a Poisson count of mean m is
    :math:`2 e^{-m} m^{\lfloor m \rfloor + 1} / \lfloor m \rfloor!` (de Moivre).

    Parameters
    ----------
    volume : array_like
        Expected counts.

    Returns
    -------
    float
        As a fraction.

    Examples
    --------
    >>> round(poisson_floor(np.array([100.0])), 4)
    0.0797
    """
    mean = np.asarray(volume, dtype=float)
    whole = np.floor(mean)
    with np.errstate(divide="ignore"):
        logs = np.log(2.0) - mean + (whole + 1.0) * np.log(mean) - gammaln(whole + 1.0)
    deviation = np.where(mean > 0, np.exp(logs), 0.0)
    return _share(float(deviation.sum()), float(mean.sum()))


def mase(offered: Array, volume: Array, scale: float) -> float:
    """Mean absolute error over that of "the same as a week before" inside the history.

    Parameters
    ----------
    offered, volume : array_like
        What came, and what was forecast.
    scale : float
        Mean absolute error of the habit; see `weekly_scale`.

    Examples
    --------
    >>> mase(np.array([10.0, 30.0]), np.array([12.0, 28.0]), 4.0)
    0.5
    """
    return _share(float(np.abs(np.subtract(volume, offered)).mean()), scale)


def weekly_scale(day: Array, slot: Array, offered: Array) -> float:
    """Mean absolute change from each interval to the same one a week later.

    Parameters
    ----------
    day, slot : array_like of int
        Day number and slot of the day of each count.
    offered : array_like
        The counts.

    Examples
    --------
    >>> weekly_scale(np.arange(14), np.zeros(14, dtype=int), np.repeat([10.0, 13.0], 7))
    3.0
    """
    key = np.asarray(day, dtype=np.int64) * 10_000 + slot
    order = np.argsort(key, kind="stable")
    sorted_key, count = key[order], np.asarray(offered, dtype=float)[order]
    place = np.searchsorted(sorted_key, sorted_key + 70_000)
    inside = np.minimum(place, len(sorted_key) - 1)
    found = sorted_key[inside] == sorted_key + 70_000
    return float(np.abs(count[inside][found] - count[found]).mean()) if found.any() else float("nan")


def pinball(offered: Array, quantile: Array, q: float) -> float:
    """Twice the pinball loss of one quantile over the sum of what came; at q = 0.5 it is the WAPE.

    Parameters
    ----------
    offered, quantile : array_like
        What came, and the quantile that was forecast.
    q : float
        Which. [0-1]

    Examples
    --------
    >>> pinball(np.array([10.0, 30.0]), np.array([12.0, 28.0]), 0.5)
    0.1
    """
    below = np.subtract(offered, quantile)
    return _share(2.0 * float(np.maximum(q * below, (q - 1.0) * below).sum()), np.sum(offered))


def coverage(offered: Array, low: Array, high: Array) -> float:
    """Share of counts within their band, both ends included. [0-1]

    Examples
    --------
    >>> coverage(np.array([10.0, 30.0]), np.array([9.0, 31.0]), np.array([11.0, 40.0]))
    0.5
    """
    return float(np.mean((np.asarray(offered) >= low) & (np.asarray(offered) <= high)))


def width(offered: Array, low: Array, high: Array) -> float:
    """Sum of the bands' widths over the sum of what came.

    Examples
    --------
    >>> width(np.array([10.0, 30.0]), np.array([8.0, 26.0]), np.array([12.0, 34.0]))
    0.3
    """
    return _share(np.subtract(high, low).sum(), np.sum(offered))


def surprise(came: float, possible: Array) -> float:
    """Two-sided probability of a value as far out as this, by its rank among possible ones. [0-1]

    Never zero: with n possible values the least is 2 / (n + 1).

    Examples
    --------
    >>> surprise(0.0, np.arange(1.0, 100.0))
    0.02
    """
    values = np.asarray(possible, dtype=float)
    least = 1.0 / (len(values) + 1.0)
    below = (np.sum(values < came) + 0.5 * np.sum(values == came) + 0.5) * least
    return float(2.0 * max(min(below, 1.0 - below), least)) if len(values) else 1.0


def _share(part: float, whole: float) -> float:
    if whole > 0:
        return float(part) / float(whole)
    return float("nan") if part == 0 else float("inf")
