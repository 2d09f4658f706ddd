"""Handle time: the long trimmed mean by time of day, and when it departs from that."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtr

Array = np.ndarray


def expected(rows: pd.DataFrame, times: pd.DatetimeIndex) -> Array:
    """Long trimmed mean by time of day, shrunk towards the queue's by 300 contacts.

    Recency, weekday and a log-normal mean were all tried on real calls and did not help.

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
    top = value[order][min(int(np.searchsorted(heap, 0.995 * heap[-1])), len(order) - 1)]
    value = np.minimum(value, top)
    overall = float(np.average(value, weights=weight))
    of_day = minute_of_day(pd.DatetimeIndex(rows["interval"]))
    work = np.bincount(of_day, weights=weight * value, minlength=1440)
    calls = np.bincount(of_day, weights=weight, minlength=1440)
    slots = np.flatnonzero(calls)
    kernel = np.array([0.25, 0.5, 0.25])
    work, calls = np.convolve(work[slots], kernel)[1:-1], np.convolve(calls[slots], kernel)[1:-1]
    mean = (work + 300.0 * overall) / (calls + 300.0)
    wanted = minute_of_day(times)
    place = np.minimum(np.searchsorted(slots, wanted), len(slots) - 1)
    return np.where(slots[place] == wanted, mean[place], overall)


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

    def ratio(table: pd.DataFrame, times: pd.DatetimeIndex) -> tuple[float, float]:
        weight = np.where(table["aht"].notna(), table["offered"], 0.0).astype(float)
        said, came = expected(rows, times), table["aht"].fillna(0.0).to_numpy(dtype=float)
        return float(weight @ came), float(weight @ said)

    weeks = (pd.DatetimeIndex(rows["interval"])[-1] - pd.DatetimeIndex(rows["interval"])).days // 7
    past = []
    for week in range(26):
        part = rows[weeks == week]
        came, said = ratio(part, pd.DatetimeIndex(part["interval"])) if len(part) else (0.0, 0.0)
        if said > 0 and came > 0:
            past.append(np.log(came / said))
    came, said = ratio(own, pd.DatetimeIndex(own.index))
    if len(past) < 4 or said <= 0 or came <= 0:
        return None
    spread = float(np.std(past, ddof=1)) * np.sqrt(1.0 + 1.0 / len(past))
    score = (np.log(came / said) - float(np.mean(past))) / max(spread, 1e-9)
    contacts = float(np.where(own["aht"].notna(), own["offered"], 0.0).sum())
    return said / contacts, came / contacts, float(2.0 * stdtr(len(past) - 1, -abs(score)))
