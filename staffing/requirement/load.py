"""Contacts -> work: what reaches the agents, how long it takes, and how many are busy with it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from staffing.model import Queue

Floats = np.ndarray


def contacts(volume: Floats, queue: Queue) -> Floats:
    """Contacts that reach the agents: the forecast less what self-service and the IVR take. [contacts]"""
    return volume * (1.0 - queue.deflected) * (1.0 - queue.ivr)


def handle_time(rows: pd.DataFrame, queue: Queue) -> Floats:
    """The forecast's handle time, the queue's own where it has none, at the speed of the people. [s]"""
    own = np.nan if queue.aht is None else queue.aht
    if "aht" not in rows.columns:
        return np.full(len(rows), own / queue.speed)
    aht = rows["aht"].to_numpy(dtype=float, copy=True)
    known = aht > 0
    fallback = own if np.isfinite(own) else aht[known].mean()
    aht[~known] = fallback
    return aht / queue.speed


def modified_load(
    interval: pd.Series,
    volume: Floats,
    aht: Floats,
    *,
    minutes: int,
    agents: Floats | None = None,
) -> Floats:
    r"""Mean number of contacts with an agent in each interval if nobody ever waited.

    The modified offered load [1]_: with arrivals at rate :math:`\lambda` within an interval and n agents,

    .. math:: m'(t) = \lambda - \min(m(t), n) / \mathrm{AHT}

    is solved exactly from interval to interval, and its mean over each interval is the load. A contact that
    begins late in one interval is still work in the next; raw ``volume x aht / interval`` is blind to that.
    Without ``agents`` nobody ever waits; with them, what they cannot carry waits into the next interval, so
    that an overloaded interval, for which Erlang C has no answer, weighs on those after it. After a closed
    gap the load starts from what has not ended yet, in a night nothing; who waited at closing has gone.

    Parameters
    ----------
    interval : pandas.Series
        Interval starts of one queue, ascending.
    volume : numpy.ndarray
        Contacts per interval, of shape (intervals,) or (intervals, paths). [contacts]
    aht : numpy.ndarray
        Their handle time, of shape (intervals,). [s]
    minutes : int
        Interval length. [min]
    agents : numpy.ndarray, optional
        People on the queue, of shape (intervals,).

    Returns
    -------
    numpy.ndarray
        Load, of the shape of the volume. [Erl]

    References
    ----------
    .. [1] O. Jennings, A. Mandelbaum, W. Massey, W. Whitt, "Server staffing to meet time-varying demand",
       Management Science 42(10), 1996.

    Examples
    --------
    >>> times = pd.Series(pd.date_range("2026-11-30 09:00", periods=3, freq="30min", tz="Asia/Seoul"))
    >>> modified_load(times, np.array([100.0, 100.0, 0.0]), np.full(3, 180.0), minutes=30).round(2).tolist()
    [9.0, 10.0, 1.0]

    Nine agents fall behind, and the third interval pays:

    >>> aht, nine = np.full(3, 180.0), np.full(3, 9.0)
    >>> modified_load(times, np.array([100.0, 100.0, 0.0]), aht, minutes=30, agents=nine).round(2).tolist()
    [9.09, 13.85, 8.78]
    """
    span = minutes * 60.0
    gap = interval.diff().dt.total_seconds().fillna(0.0).to_numpy() - span
    on_queue = np.full(len(volume), np.inf) if agents is None else np.asarray(agents, dtype=float)
    load = np.empty(np.shape(volume))
    busy = np.zeros(np.shape(volume)[1:])
    for row, (contacts, time, most) in enumerate(zip(volume, aht, on_queue, strict=True)):
        if gap[row] > 1e-6:
            busy = np.minimum(busy, on_queue[row - 1]) * np.exp(-gap[row] / time)
        load[row], busy = _through(busy, contacts * time / span, time, most, span)
    return np.maximum(load, 0.0)


def _through(busy: Floats, level: Floats, aht: float, agents: float, span: float) -> tuple[Floats, Floats]:
    """Mean over an interval, and its end, of the contacts there: the solution is monotone, in two pieces."""
    with np.errstate(all="ignore"):
        over = busy > agents
        slope = (level - agents) / aht
        down = np.where(slope < 0, np.minimum((busy - agents) / -slope, span), span)
        up = np.where(level > agents, np.minimum(aht * np.log((level - busy) / (level - agents)), span), span)
    if np.isinf(agents):
        return _relax(busy, level, aht, span, span)
    line = np.where(over, down, span - up)
    free = span - line
    # Whoever starts above the agents falls on a line first, then relaxes; else the other way round.
    middle = np.where(over, busy + slope * line, 0.0)
    mean, end = _relax(np.where(over, middle, busy), level, aht, free, span)
    begin = np.where(over, busy, end)
    mean = mean + (begin + 0.5 * slope * line) * line / span
    return mean, np.where(over, end, end + slope * line)


def _relax(
    busy: Floats, level: Floats, aht: float, time: Floats | float, span: float
) -> tuple[Floats, Floats]:
    """Share of an interval's mean, and the end, while everybody is served at once."""
    kept = -np.expm1(-time / aht)
    return (level * time + (busy - level) * aht * kept) / span, busy + (level - busy) * kept
