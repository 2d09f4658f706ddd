"""Contacts -> work: what reaches the agents, how long it takes, and how many are busy with it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from staffing.channels import throughput
from staffing.model import Chat, Queue

Floats = np.ndarray


def contacts(volume: Floats, queue: Queue) -> Floats:
    """Contacts that reach the agents: the forecast less what self-service and the IVR take. [contacts]"""
    return volume * (1.0 - queue.deflected) * (1.0 - queue.ivr)


def handle_time(rows: pd.DataFrame, queue: Queue) -> Floats:
    """The forecast's handle time, the queue's own where it has none, at the speed of the people. [s]

    Of chats, the time that one takes by itself.
    """
    own = np.nan if queue.aht is None else queue.aht
    aht = np.full(len(rows), own)
    if "aht" in rows.columns:
        given = rows["aht"].to_numpy(dtype=float)
        known = given > 0
        aht = np.where(known, given, own if np.isfinite(own) else given[known].mean())
    if isinstance(queue.channel, Chat):
        few = queue.channel.measured_at
        aht = aht * throughput(few, typing_ratio=queue.channel.typing_ratio) / few
    return aht / queue.speed


def modified_load(
    interval: pd.Series,
    volume: Floats,
    aht: Floats,
    *,
    minutes: int,
    agents: Floats | None = None,
    patience: float | Floats = math.inf,
) -> Floats:
    r"""Mean number of contacts with an agent in each interval if nobody ever waited.

    The modified offered load [1]_: with arrivals at rate :math:`\lambda` within an interval,

    .. math:: m'(t) = \lambda - m(t) / \mathrm{AHT}

    is solved exactly from interval to interval, and its mean over each interval is the load. A contact that
    begins late in one interval is still work in the next; raw ``volume x aht / interval`` is blind to that.
    After a closed gap the load starts from what has not ended yet, in a night nothing.

    With ``agents``, n of them, what they cannot carry waits, or hangs up,

    .. math:: m'(t) = \lambda - \min(m, n) / \mathrm{AHT} - (m - n)^+ / \mathrm{patience}

    so that an overloaded interval, for which Erlang C has no answer, weighs on those after it; and who leaves
    finishes the contact in hand, which is no work any more for those who stay. Where callers hang up, the
    load is the offered one that would keep m contacts there, :math:`n + (m - n)\,\mathrm{AHT} /
    \mathrm{patience}` above n. Who waits at closing has gone.

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
    patience : float or numpy.ndarray
        Mean time to abandonment, of each interval where it is an array; counts with agents only. [s]

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
    >>> volume, aht = np.array([100.0, 100.0, 0.0]), np.full(3, 180.0)
    >>> modified_load(times, volume, aht, minutes=30).round(2).tolist()
    [9.0, 10.0, 1.0]

    Eight agents fall behind, and the third interval pays:

    >>> modified_load(times, volume, aht, minutes=30, agents=np.full(3, 8.0)).round(2).tolist()
    [14.56, 34.78, 12.93]
    """
    span = minutes * 60.0
    gap = interval.diff().dt.total_seconds().fillna(0.0).to_numpy() - span
    on_queue = np.full(len(volume), np.inf) if agents is None else np.asarray(agents, dtype=float)
    load = np.empty(np.shape(volume))
    busy = np.zeros(np.shape(volume)[1:])
    stays = np.broadcast_to(np.asarray(patience, dtype=float), len(volume))
    for row, (come, time, most, wait) in enumerate(zip(volume, aht, on_queue, stays, strict=True)):
        before = on_queue[max(row - 1, 0)]
        if gap[row] > 1e-6:
            busy = np.minimum(busy, before) * np.exp(-gap[row] / time)
        elif most < before:
            busy = busy - (before - most) * np.minimum(busy / before, 1.0)
        load[row], busy = _through(busy, come / span, time, most, float(wait), span)
    return np.maximum(load, 0.0)


def _through(
    busy: Floats, rate: Floats, aht: float, agents: float, patience: float, span: float
) -> tuple[Floats, Floats]:
    """Mean load over an interval, and the contacts there at its end: monotone, so in at most two pieces."""
    level = rate * aht
    if np.isinf(agents):
        area, end = _relax(busy, level, aht, span)
        return area / span, end
    # Endless patience as a very long one: its line is a piece of an exponential like the others.
    waits = min(patience, 1e10)
    crowd = agents + (rate - agents / aht) * waits
    above = busy > agents
    with np.errstate(all="ignore"):
        sink = np.where(crowd < agents, waits * np.log((busy - crowd) / (agents - crowd)), span)
        rise = np.where(level > agents, aht * np.log((level - busy) / (level - agents)), span)
    first = np.where(above, np.minimum(sink, span), np.minimum(rise, span))
    high, low = np.where(above, first, span - first), np.where(above, span - first, first)
    over, after_high = _relax(np.where(above, busy, agents), crowd, waits, high)
    under, after_low = _relax(np.where(above, agents, busy), level, aht, low)
    weight = 1.0 if np.isinf(patience) else aht / patience
    mean = (under + agents * high + (over - agents * high) * weight) / span
    return mean, np.where(above == (first < span), after_low, after_high)


def _relax(start: Floats, level: Floats, time: float, length: Floats | float) -> tuple[Floats, Floats]:
    """Integral and end of an exponential from ``start`` towards ``level``."""
    kept = -np.expm1(-length / time)
    return level * length + (start - level) * time * kept, start + (level - start) * kept
