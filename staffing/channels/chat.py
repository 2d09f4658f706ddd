"""Chats, several at once: how much faster an agent gets, and the line of those who find every slot taken."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from staffing import erlang
from staffing.errors import DataError, Problem
from staffing.model import Chat

Floats = np.ndarray


def throughput(chats: ArrayLike, *, typing_ratio: float) -> Floats:
    r"""Chats' worth of work that an agent does at once who has some: the gain of concurrency.

    Each chat goes to and fro between the agent and its customer, who types r times as long. An agent with k
    chats is the one server of k customers (a finite-source queue), busy for all but the time in which all of
    them type, so that against one chat at a time

    .. math:: c(k) = (1 + r) \left(1 - 1 \Big/ \sum_{j=0}^k \frac{k!}{(k-j)!} r^{-j}\right)

    and never k: it saturates at 1 + r (US patent 8,064,589 B2).

    Parameters
    ----------
    chats : array_like of int
        Chats that an agent has at once.
    typing_ratio : float
        As in `staffing.model.Chat`.

    Returns
    -------
    numpy.ndarray
        Zero without chats, one with one.

    Raises
    ------
    DataError
        A number of chats that is negative or broken, or a ratio that is not above zero.

    Examples
    --------
    >>> throughput([1, 2, 3, 10], typing_ratio=0.75).round(3).tolist()
    [1.0, 1.508, 1.691, 1.75]
    """
    k = np.asarray(chats, dtype=float)
    if not ((k >= 0) & (k == np.floor(k))).all() or not typing_ratio > 0:
        remedy = "give whole chats, zero or more, and a ratio above zero"
        raise DataError([Problem("this concurrency cannot be", remedy, column="typing_ratio")])
    # 1 / P(all customers type): the inverse recursion of Erlang B for this queue, free of factorials.
    total = np.ones_like(k)
    for j in range(1, int(k.max(initial=0.0)) + 1):
        total = np.where(j <= k, 1.0 + total * j / typing_ratio, total)
    return np.where(k > 0, (1.0 + typing_ratio) * (1.0 - 1.0 / total), 0.0)


def chat_time(aht: ArrayLike, *, concurrency: int, typing_ratio: float, measured_at: int = 1) -> Floats:
    """Length of a chat when every slot of the agent is taken.

    Parameters
    ----------
    aht : array_like
        Handle time as measured. [s]
    concurrency, measured_at : int
        Chats that the agent has at once; had when it was measured.
    typing_ratio : float
        As in `staffing.model.Chat`.

    Returns
    -------
    numpy.ndarray
        [s]

    Examples
    --------
    >>> round(float(chat_time(500.0, concurrency=3, typing_ratio=0.75)), 1)
    886.8
    """
    before, now = throughput([measured_at, concurrency], typing_ratio=typing_ratio)
    return np.asarray(aht, dtype=float) * (before / measured_at) * (concurrency / now)


def waiting(agents: Floats, load: Floats, aht: Floats, channel: Chat) -> tuple[Floats, Floats]:
    """Share of chats that find every slot taken, and of those in the line of slots with one speed.

    The birth-death chain of chats spread evenly over the agents: with j of them, the agents work at the
    throughput of the j // n or j // n + 1 chats that each has. From the last slot on both lines are alike, so
    what happens to a chat that waits is Erlang A's answer for agents x concurrency servers.

    Parameters
    ----------
    agents : numpy.ndarray
        On the queue; between whole numbers the answers are joined by a straight line.
    load : numpy.ndarray
        Chats per second x time of a chat by itself. [Erl]
    aht : numpy.ndarray
        Time of a chat by itself. [s]
    channel : Chat
        Its concurrency, typing ratio and patience.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        P(wait) with throughput by the number of chats, and with the slots' one speed. [0-1]
    """
    k = channel.concurrency
    rates = throughput(np.arange(k + 1), typing_ratio=channel.typing_ratio)
    slots, work = agents * k, load * k / rates[k]
    patience = math.inf if channel.patience is None else channel.patience
    alike = erlang.probability_of_waiting(slots, work, aht=aht * k / rates[k], patience=patience)
    low = np.floor(agents)
    inverse = _inverse_blocking(low, load, rates)
    # Where hardly anything comes the inverse is infinite, and what follows from it is caught below.
    with np.errstate(all="ignore"):
        if (agents > low).any():
            inverse = inverse + (agents - low) * (_inverse_blocking(low + 1.0, load, rates) - inverse)
        idle = (inverse - 1.0) / (1.0 / erlang.erlang_b(slots, work) - 1.0) * (1.0 / alike - 1.0)
    idle = np.where(alike > 1.0 - 1e-12, 0.0, idle)
    found = np.where(np.isfinite(idle), 1.0 / (1.0 + idle), 0.0)
    return np.where((load > 0) & (agents > 0), found, np.where(load > 0, 1.0, 0.0)), np.asarray(alike)


def _inverse_blocking(agents: Floats, load: Floats, rates: Floats) -> Floats:
    """1 / P(every slot taken), of a centre where nobody can wait: 1 + inverse x rate(j) / arrivals."""
    top = len(rates) - 1
    inverse = np.ones_like(load)
    with np.errstate(all="ignore"):
        for j in range(1, int(agents.max(initial=0.0)) * top + 1):
            each = np.minimum(j // np.maximum(agents, 1.0), top).astype(int)
            more = j - each * agents
            speed = more * rates[np.minimum(each + 1, top)] + (agents - more) * rates[each]
            inverse = np.where(j <= agents * top, 1.0 + inverse * speed / load, inverse)
    return inverse


def parts(
    agents: Floats, load: Floats, aht: Floats, channel: Chat, *, within: float, definition: str
) -> tuple[Floats, Floats, Floats]:
    """Answered in time and hung up [0-1], and the mean wait of the answered [s], element by element."""
    agents, load, aht = np.broadcast_arrays(agents, load, aht)
    k = channel.concurrency
    rate = float(throughput(k, typing_ratio=channel.typing_ratio))
    slots, work, length = agents * k, load * k / rate, aht * k / rate
    patience = math.inf if channel.patience is None else channel.patience
    wait, alike = waiting(agents, load, aht, channel)
    share = np.divide(wait, alike, out=np.zeros_like(wait), where=alike > 0)
    late = 1.0 - erlang.service_level(slots, work, aht=length, within=within, patience=patience)
    lost = share * erlang.abandonment(slots, work, aht=length, patience=patience)
    in_time = 1.0 - share * late
    if definition == "excluding_short_abandons":
        long = share * erlang.probability_of_waiting(
            slots, work, aht=length, within=within, patience=patience
        )
        in_time = np.divide(in_time, in_time + long, out=np.ones_like(in_time), where=in_time + long > 0)
    asa = erlang.asa(slots, work, aht=length, patience=patience)
    kept = 1.0 - erlang.abandonment(slots, work, aht=length, patience=patience)
    with np.errstate(all="ignore"):
        asa = np.where(share > 0, share * asa * kept / (1.0 - lost), 0.0)
    return in_time, lost, np.where(np.isnan(asa), np.inf, asa)
