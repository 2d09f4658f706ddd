"""Handle time: the long trimmed mean by time of day, and when it departs from that."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtr

Array = np.ndarray


_TOP = 0.995  # share of contacts whose handle time is taken as it is
_NEAR = 2.0  # how far handle times of a day resemble each other [h]
_USUAL_SCATTER = 10.0  # intervals that the exponential's scatter of single contacts counts for


def expected(rows: pd.DataFrame, times: pd.DatetimeIndex) -> Array:
    r"""Long trimmed mean by time of day, as far as its contacts can tell it from the queue's own.

    Empirical Bayes: the mean :math:`m_s` of the :math:`n_s` contacts of a time of day is the queue's
    mean, a smooth deviation with covariance :math:`\tau^2 e^{-|s-r|/2h}`, and the chance
    :math:`\sigma^2/n_s` of single contacts, which the scatter of the intervals gives; :math:`\tau` is the
    most likely one. Recency, weekday and a log-normal mean were all tried on real calls and did not help.

    Parameters
    ----------
    rows : pandas.DataFrame
        One queue of a HISTORY that has aht; values above the 99.5 % of contacts count as that.
    times : pandas.DatetimeIndex
        Starts of the intervals asked for.

    Returns
    -------
    numpy.ndarray
        Handle time of each; NaN where the rows know none. [s]

    Examples
    --------
    >>> times = pd.date_range("2026-11-02 09:00", periods=3, freq="1h", tz="Asia/Seoul")
    >>> rows = pd.DataFrame({"interval": times, "offered": 10.0, "aht": 200.0})
    >>> expected(rows, times[:1]).tolist()
    [200.0]
    """
    rows = rows[rows["aht"].notna()]
    weight = rows["handled" if "handled" in rows else "offered"].fillna(0.0).to_numpy(dtype=float)
    value = rows["aht"].to_numpy(dtype=float)
    value, weight, rows = value[weight > 0], weight[weight > 0], rows[weight > 0]
    if not len(rows):
        return np.full(len(times), np.nan)
    order = np.argsort(value, kind="stable")
    heap = np.cumsum(weight[order])
    top = value[order][min(int(np.searchsorted(heap, _TOP * heap[-1])), len(order) - 1)]
    value = np.minimum(value, top)
    of_day = minute_of_day(pd.DatetimeIndex(rows["interval"]))
    slots, place = np.unique(of_day, return_inverse=True)
    heads = np.bincount(place, weights=weight)
    mean = np.bincount(place, weights=weight * value) / heads
    overall = float(np.average(value, weights=weight))
    scatter = float(weight @ (value - mean[place]) ** 2) + _USUAL_SCATTER * overall**2
    scatter /= len(rows) - len(slots) + _USUAL_SCATTER
    smooth = overall + _smoothed(slots / 60.0, mean - overall, scatter / heads, overall)
    wanted = minute_of_day(times)
    near = np.minimum(np.searchsorted(slots, wanted), len(slots) - 1)
    return np.where(slots[near] == wanted, np.maximum(smooth[near], 0.0), overall)


def _smoothed(hour: Array, away: Array, noise: Array, usual: float) -> Array:
    """What is left of deviations after their noise, the size of the true ones being the most likely."""
    if usual <= 0:
        return away
    alike = np.exp(-np.abs(hour[:, None] - hour) / _NEAR)
    clear = 1.0 / np.sqrt(noise)
    strength, direction = np.linalg.eigh(clear[:, None] * alike * clear)
    seen = direction.T @ (clear * away)
    possible = (usual * np.geomspace(0.003, 1.0, 30)[:, None]) ** 2 * np.maximum(strength, 0.0)
    score = (np.log1p(possible) + seen**2 / (1.0 + possible)).sum(axis=1)
    best = possible[int(np.argmin(score))]
    return direction @ (best / (1.0 + best) * seen) / clear


def minute_of_day(times: pd.DatetimeIndex) -> Array:
    """Minutes from midnight on the wall clock. [min]"""
    return np.asarray(times.hour * 60 + times.minute, dtype=np.int64)


def surprise(rows: pd.DataFrame, own: pd.DataFrame) -> tuple[float, float, float] | None:
    """How unlikely a stretch's handle time is by the swings of past weeks (Student t).

    Parameters
    ----------
    rows : pandas.DataFrame
        One queue's past, in order of time.
    own : pandas.DataFrame
        What came, by interval as its index.

    Returns
    -------
    tuple of float or None
        Handle time said [s], that came [s], and the two-sided probability [0-1]; None under four weeks.
    """

    times = pd.DatetimeIndex(rows["interval"])
    said = expected(rows, pd.DatetimeIndex(times.append(pd.DatetimeIndex(own.index))))

    def work(table: pd.DataFrame, usual: Array) -> tuple[float, float]:
        weight = np.where(table["aht"].notna(), table["offered"], 0.0).astype(float)
        return float(weight @ table["aht"].fillna(0.0).to_numpy(dtype=float)), float(weight @ usual)

    weeks = (times[-1] - times).days // 7
    past = []
    for week in range(26):
        came, usual = work(rows[weeks == week], said[: len(rows)][weeks == week])
        if usual > 0 and came > 0:
            past.append(np.log(came / usual))
    came, usual = work(own, said[len(rows) :])
    if len(past) < 4 or usual <= 0 or came <= 0:
        return None
    spread = float(np.std(past, ddof=1)) * np.sqrt(1.0 + 1.0 / len(past))
    score = (np.log(came / usual) - float(np.mean(past))) / max(spread, 1e-9)
    contacts = float(np.where(own["aht"].notna(), own["offered"], 0.0).sum())
    return usual / contacts, came / contacts, float(2.0 * stdtr(len(past) - 1, -abs(score)))
