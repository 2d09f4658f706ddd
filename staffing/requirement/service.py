"""What agents achieve against a spread of loads, and how few of them are enough."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from staffing import erlang
from staffing.channels.answering import at_once, parts
from staffing.model import Chat, Queue, Voice
from staffing.requirement import search, spread

Floats = np.ndarray

# Groups of neighbouring loads that stand for all: where callers hang up the curves are smooth, and 24 groups
# move no service level by more than 1e-3; a search may begin with six.
GROUPS, FEW_GROUPS = 24, 6


@dataclass(frozen=True)
class Demand:
    """The load of some intervals, as a spread of possible loads.

    Parameters
    ----------
    load : numpy.ndarray
        Of shape (intervals, possibilities). [Erl]
    weight : numpy.ndarray
        Share of the contacts that meets each; a row adds up to one. [0-1]
    mean : numpy.ndarray
        Expected load of each interval. [Erl]
    aht : numpy.ndarray
        Handle time of each interval. [s]
    """

    load: Floats
    weight: Floats
    mean: Floats
    aht: Floats

    def at(self, rows: Floats) -> Demand:
        """The same of some intervals."""
        return Demand(self.load[rows], self.weight[rows], self.mean[rows], self.aht[rows])

    def condensed(self, groups: int) -> Demand:
        """The same in fewer points."""
        return Demand(*spread.condensed(self.load, self.weight, groups), self.mean, self.aht)


@dataclass(frozen=True)
class Service:
    """What agents achieve in each interval, over all that may come.

    Parameters
    ----------
    service_level, abandonment, occupancy : numpy.ndarray
        Contact-weighted expectations; carried load / agents. [0-1]
    asa : numpy.ndarray
        Mean wait of the answered. [s]
    """

    service_level: Floats
    abandonment: Floats
    asa: Floats
    occupancy: Floats


def expected(agents: Floats, demand: Demand, queue: Queue) -> Service:
    r"""What agents achieve, each possible load weighted by its contacts.

    .. math:: SL = E[L \, SL(n, L)] / E[L]

    since a bad week has more callers than a good one (S. Steckley, S. Henderson, V. Mehrotra, "Forecast
    errors in service systems", PEIS 23, 2009).

    Parameters
    ----------
    agents : numpy.ndarray
        Of shape (intervals,).
    demand : Demand
        Of the same intervals.
    queue : Queue
        Whose channel and limit hold.

    Returns
    -------
    Service
        Of shape (intervals,).
    """
    if _patience(queue) < math.inf:
        demand = demand.condensed(GROUPS)
    people, aht = agents[:, None], demand.aht[:, None]
    in_time, lost, wait, redialled = parts(people, demand.load, aht, queue)
    kept = demand.weight * (1.0 - lost)
    answered = kept.sum(axis=1)
    with np.errstate(all="ignore"):
        asa = np.where(kept > 0, kept * wait, 0.0).sum(axis=1) / answered
        carried = demand.mean * (kept * redialled).sum(axis=1) / (agents * at_once(queue))
    asa = np.where(answered > 0, asa, np.inf)
    occupancy = np.where(agents > 0, np.minimum(carried, 1.0), np.sign(demand.mean))
    # Sums of weights end a few ulp beside one, which must not cost an agent nor leave 0-1.
    service_level, abandonment = (
        np.clip((demand.weight * part).sum(axis=1), 0, 1) for part in (in_time, lost)
    )
    return Service(service_level, abandonment, asa, occupancy)


def needed(
    demand: Demand, queue: Queue, names: tuple[str, ...] = ("answered", "occupancy", "abandonment", "asa")
) -> tuple[Floats, Floats]:
    """Fewest agents that meet every target over all that may come, and which target sets each number.

    Parameters
    ----------
    demand : Demand
        Of some intervals.
    queue : Queue
        Whose targets hold.
    names : tuple of str
        Which of them.

    Returns
    -------
    numpy.ndarray
        Whole agents; zero without load.
    numpy.ndarray of str
        ``answered``, ``occupancy``, ``abandonment``, ``asa``, or ``none`` where nothing binds.
    """
    agents = np.zeros(len(demand.mean))
    bound = np.full(len(agents), "none", dtype="<U11")
    binding = [name for name in names if name in _kinds(queue)]
    rows = np.flatnonzero(demand.load.max(axis=1, initial=0.0) > 0)
    if not (binding and len(rows)):
        return agents, bound
    demand = demand.at(rows)
    found = _at_mean(demand, queue)
    for some in (demand.condensed(FEW_GROUPS), demand):
        found = search.least(partial(_met, some, queue, binding), found)
    agents[rows] = found
    missed = _margins(found - 1.0, demand, queue, binding)
    bound[rows] = np.array(binding)[(missed < 0).argmax(axis=0)]
    return agents, bound


def needed_exactly(demand: Demand, queue: Queue) -> Floats:
    """The need not rounded up: the point below the whole number at which the tightest target is met."""
    whole = needed(demand, queue)[0]
    names = _kinds(queue)
    fewer = np.maximum(whole - 1.0, 0.0)
    met, missed = (_margins(agents, demand, queue, names) for agents in (whole, fewer))
    with np.errstate(all="ignore"):
        part = np.nan_to_num(-missed / (met - missed), nan=0.0).clip(0.0, 1.0).max(axis=0)
    return np.where(whole > 0, fewer + part, 0.0)


def _at_mean(demand: Demand, queue: Queue) -> Floats:
    """Where a search begins: what the mean loads alone need."""
    if not isinstance(queue.channel, Voice):
        return np.maximum(demand.mean / at_once(queue), 1.0)
    target, patience = queue.target, _patience(queue)
    found = erlang.required_agents(
        demand.mean,
        aht=demand.aht,
        answered=target.answered,
        within=target.within,
        patience=patience,
        max_occupancy=target.max_occupancy,
        max_abandonment=target.max_abandonment if patience < math.inf else None,
        definition=target.definition,
    )
    return np.maximum(found.astype(float), 1.0)


def _met(demand: Demand, queue: Queue, names: list[str], agents: Floats, rows: Floats) -> Floats:
    return np.all(_margins(agents, demand.at(rows), queue, names) >= 0, axis=0)


def _kinds(queue: Queue) -> list[str]:
    """Which targets can bind."""
    target = queue.target
    caps = {
        "answered": True,
        "occupancy": target.max_occupancy < 1,
        "abandonment": target.max_abandonment is not None and _patience(queue) < math.inf,
        "asa": target.max_asa is not None,
    }
    return [name for name, there in caps.items() if there]


def _margins(agents: Floats, demand: Demand, queue: Queue, names: list[str]) -> Floats:
    """How far each of the named targets is met (>= 0) or missed, a row for each."""
    found, target = expected(agents, demand, queue), queue.target
    margin = {
        "answered": found.service_level - target.answered,
        "occupancy": 1.0 - found.occupancy / target.max_occupancy,
        "abandonment": 1.0 - found.abandonment / (target.max_abandonment or 1.0),
        "asa": 1.0 - np.minimum(found.asa, np.finfo(float).max) / (target.max_asa or math.inf),
    }
    return np.stack([margin[name] for name in names]) + erlang.SLACK


def stable(demand: Demand, queue: Queue) -> Floats:
    """Fewest agents with whom no line grows for ever; nobody where callers hang up, which ends any line.

    Parameters
    ----------
    demand : Demand
        Of some intervals.
    queue : Queue
        Whose channel counts.

    Returns
    -------
    numpy.ndarray
        Whole agents, above the mean load; zero without load.
    """
    if _patience(queue) < math.inf:
        return np.zeros(len(demand.mean))
    return np.where(demand.mean > 0, np.floor(demand.mean / at_once(queue)) + 1.0, 0.0)


def patient(queue: Queue) -> Queue:
    """The same queue as Erlang C sees it: nobody hangs up."""
    if isinstance(queue.channel, (Voice, Chat)):
        return replace(queue, channel=replace(queue.channel, patience=None))
    return queue


def with_asa(queue: Queue) -> Queue:
    """The same queue, its mean wait measured though nothing limits it."""
    return replace(queue, target=replace(queue.target, max_asa=math.inf))


def _patience(queue: Queue) -> float:
    """Mean time to abandonment; infinite where it is not known. [s]"""
    return math.inf if queue.channel.patience is None else queue.channel.patience


def most_load(agents: Floats, aht: Floats, queue: Queue) -> Floats:
    """Largest load at which the agents answer the target's share in time, whatever else may bind. [Erl]"""
    target, patience = queue.target, _patience(queue)
    if isinstance(queue.channel, Chat):
        return _most_chats(agents, aht, queue)
    most = erlang.max_load(
        agents,
        aht=aht,
        answered=target.answered,
        within=target.within,
        definition=target.definition,
        patience=patience,
    )
    redial = getattr(queue.channel, "redial", 0.0)
    if redial > 0 and patience < math.inf:
        most = most * (1.0 - redial * erlang.abandonment(agents, most, aht=aht, patience=patience))
    return np.asarray(most)


def _most_chats(agents: Floats, aht: Floats, queue: Queue) -> Floats:
    """By halving: the service level falls with the load."""
    one = np.ones((len(agents), 1))
    low, high = np.zeros(len(agents)), (agents + 4.0 * np.sqrt(agents) + 4.0) * at_once(queue)
    for _ in range(40):
        middle = (low + high) / 2.0
        met = _margins(agents, Demand(middle[:, None], one, middle, aht), queue, ["answered"])[0] >= 0
        low, high = np.where(met, middle, low), np.where(met, high, middle)
    return low
