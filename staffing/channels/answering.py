"""One answer for every channel in which contacts wait for an agent: what agents achieve on a load."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from staffing import erlang
from staffing.channels import chat
from staffing.channels.redial import total_load
from staffing.errors import DataError, Problem
from staffing.model import Chat, Queue, Voice

Floats = np.ndarray
# (answered in time, hangs up, mean wait of the answered, contacts for each first attempt) of each load.
Parts = tuple[Floats, Floats, Floats, Floats]


class Served(NamedTuple):
    """What agents achieve: service_level, abandonment and occupancy [0-1]."""

    service_level: Floats
    abandonment: Floats
    occupancy: Floats


def serve(agents: ArrayLike, load: ArrayLike, *, aht: ArrayLike, queue: Queue) -> Served:
    """What agents achieve on a load, by the model of the queue's channel.

    Calls: Erlang A where patience is known, with redials, Erlang C otherwise; chats: the finite-source model
    of `staffing.channels.chat`. In balance, each load by itself.

    Parameters
    ----------
    agents, load : array_like
        On the queue, whole or fractional; offered load of first attempts. [Erl]
    aht : array_like
        Handle time; of a chat, the time that it takes by itself. [s]
    queue : Queue
        Whose channel, time limit and definition hold: Voice or Chat.

    Returns
    -------
    Served
        Of the broadcast shape. Without load everybody is answered; occupancy is carried load / what the
        agents can carry with every slot taken.

    Raises
    ------
    DataError
        A queue in which nobody waits.

    Examples
    --------
    >>> calls = Queue("calls", team="care", shrinkage=())
    >>> chats = Queue("chats", team="care", shrinkage=(), channel=Chat(concurrency=3))
    >>> [round(float(serve(14.0, 10.0, aht=180.0, queue=one).service_level), 3) for one in (calls, chats)]
    [0.888, 1.0]
    """
    if not isinstance(queue.channel, (Voice, Chat)):
        remedy = "ask for a queue of calls or chats"
        raise DataError([Problem(f"nobody waits in {queue.name!r} for an agent", remedy, column="channel")])
    n, a, h = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (agents, load, aht)))
    in_time, lost, _, attempts = parts(n, a, h, queue)
    carried = a * attempts * (1.0 - lost)
    with np.errstate(all="ignore"):
        busy = np.where(n > 0, np.minimum(carried / (n * at_once(queue)), 1.0), np.sign(a))
    return Served(np.clip(in_time, 0.0, 1.0), np.clip(lost, 0.0, 1.0), busy)


def parts(agents: Floats, load: Floats, aht: Floats, queue: Queue) -> Parts:
    """Answered in time, hangs up [0-1], mean wait of the answered [s], attempts for each first one."""
    if isinstance(queue.channel, Chat):
        limit, definition = queue.target.within, queue.target.definition
        found = chat.parts(agents, load, aht, queue.channel, within=limit, definition=definition)
        return (*found, np.ones(np.broadcast_shapes(np.shape(agents), np.shape(load))))
    return _voice(agents, load, aht, queue)


def _voice(agents: Floats, load: Floats, aht: Floats, queue: Queue) -> Parts:
    patience = math.inf if queue.channel.patience is None else queue.channel.patience
    agents, load, aht = np.broadcast_arrays(agents, load, aht)
    total = load
    if isinstance(queue.channel, Voice) and queue.channel.redial > 0 and patience < math.inf:
        total = total_load(load, agents, aht=aht, patience=patience, redial=queue.channel.redial)
    waits: dict[str, Any] = {"aht": aht, "patience": patience}
    target = queue.target
    in_time = erlang.service_level(agents, total, within=target.within, definition=target.definition, **waits)
    lost = erlang.abandonment(agents, total, **waits) if patience < math.inf else np.zeros(load.shape)
    wait = erlang.asa(agents, total, **waits) if target.max_asa is not None else np.zeros(load.shape)
    return in_time, lost, wait, np.divide(total, load, out=np.ones(load.shape), where=load > 0)


def at_once(queue: Queue) -> float:
    """Contacts' worth of work that an agent does with every slot taken; one on the phone."""
    if isinstance(queue.channel, Chat):
        return float(chat.throughput(queue.channel.concurrency, typing_ratio=queue.channel.typing_ratio))
    return 1.0


def model(queue: Queue) -> str:
    """The name of the model that answers for a queue, for people.

    Parameters
    ----------
    queue : Queue
        Any.

    Returns
    -------
    str
        Empty for a queue in which nobody waits.

    Examples
    --------
    >>> model(Queue("calls", team="care", shrinkage=(), channel=Voice(patience=120)))
    'Erlang A'
    """
    channel = queue.channel
    if isinstance(channel, Chat):
        return f"{channel.concurrency} chats at once"
    if isinstance(channel, Voice):
        return "Erlang C" if channel.patience is None else "Erlang A"
    return ""
