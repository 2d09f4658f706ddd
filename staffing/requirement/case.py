"""One queue with its contacts and loads: what every question about its agents begins with."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from staffing.channels.answering import at_once
from staffing.errors import DataError, Problem
from staffing.model import Chat, Queue, Voice
from staffing.requirement import load, spread
from staffing.requirement.service import Demand
from staffing.tables import FORECAST, PATHS, check, interval_minutes

Floats = np.ndarray
SHORTEST_AHT, LONGEST_AHT = 5.0, 4 * 3600.0


@dataclass(frozen=True)
class Case:
    """One queue with its contacts and loads: what every question about its agents needs.

    Parameters
    ----------
    queue : Queue
        As described.
    rows : pandas.DataFrame
        Its FORECAST, in time order.
    volume, aht : numpy.ndarray
        Contacts that reach the agents, and their handle time [s].
    volumes : numpy.ndarray
        Contacts that may reach them, of shape (intervals, possibilities).
    probability : numpy.ndarray
        How likely each possibility is; one alone where the forecast carries no spread. [0-1]
    minutes : int
        Length of an interval. [min]
    """

    queue: Queue
    rows: pd.DataFrame
    volume: Floats
    aht: Floats
    volumes: Floats
    probability: Floats
    minutes: int


def cases(forecast: pd.DataFrame, queues: Iterable[Queue], paths: pd.DataFrame | None) -> list[Case]:
    """Every queue of the forecast in which contacts wait for an agent, with its volumes, sorted by name.

    Raises
    ------
    DataError
        As `compute`.
    """
    check(forecast, FORECAST)
    if paths is not None:
        check(paths, PATHS)
    named = {queue.name: queue for queue in queues}
    _every_queue_known(forecast, named)
    minutes = interval_minutes(forecast)
    return [
        _case(rows.sort_values("interval"), named[str(name)], minutes, paths)
        for name, rows in forecast.groupby("queue", sort=True)
        if isinstance(named[str(name)].channel, (Voice, Chat))
    ]


def described(names: Iterable[str], queues: Iterable[Queue]) -> dict[str, Queue]:
    """The queues by name, refused where some that a table names are not among them.

    Raises
    ------
    DataError
        A queue that is not described.
    """
    named = {queue.name: queue for queue in queues}
    strange = sorted(set(names) - set(named))
    if strange:
        raise DataError([Problem(f"the queue {name!r} is not described", "describe it") for name in strange])
    return named


def _every_queue_known(forecast: pd.DataFrame, named: dict[str, Queue]) -> None:
    problems = []
    for name in sorted(set(forecast["queue"])):
        if name not in named:
            problems.append(
                Problem(f"the queue {name!r} is in the forecast but not described", "describe it as a Queue")
            )
        elif named[name].aht is None and not _has_aht(forecast[forecast["queue"] == name]):
            problems.append(
                Problem(
                    f"the queue {name!r} has no handle time",
                    "put an aht column into its history, or aht (seconds) into its description",
                )
            )
        else:
            problems += _implausible(forecast[forecast["queue"] == name], named[name])
    if problems:
        raise DataError(problems)


def _implausible(rows: pd.DataFrame, queue: Queue) -> list[Problem]:
    """A mean handle time that nobody has: minutes, hours or milliseconds in the place of seconds."""
    if not isinstance(queue.channel, (Voice, Chat)):
        return []
    aht, volume = load.handle_time(rows, queue) * queue.speed, rows["volume"].to_numpy(dtype=float)
    mean = float(np.average(aht, weights=volume) if volume.sum() > 0 else aht.mean())
    if SHORTEST_AHT <= mean <= LONGEST_AHT:
        return []
    what = f"the mean handle time of {queue.name!r} is {mean:.3g} s: under 5 s or over 4 h"
    return [Problem(what, "give it in seconds", column="aht")]


def _has_aht(rows: pd.DataFrame) -> bool:
    return "aht" in rows.columns and bool((rows["aht"] > 0).any())


def _case(rows: pd.DataFrame, queue: Queue, minutes: int, paths: pd.DataFrame | None) -> Case:
    volume = load.contacts(rows["volume"].to_numpy(dtype=float), queue)
    volumes, probability = spread.possible(rows, paths) or (
        rows[["volume"]].to_numpy(dtype=float),
        np.ones(1),
    )
    aht = load.handle_time(rows, queue)
    certain = Case(queue, rows, volume, aht, volume[:, None], np.ones(1), minutes)
    return replace(certain, volumes=load.contacts(volumes, queue), probability=probability)


def demand_of(case: Case, agents: Floats | None = None) -> Demand:
    """The loads of a case, and the share of its contacts that meets each; `modified_load` says of what."""
    patience = math.inf if case.queue.channel.patience is None else case.queue.channel.patience
    return _demand(case, agents, np.full(len(case.aht), patience))


def demand_after_leaving(case: Case, agents: Floats) -> Demand:
    """The loads of those who stay: who leaves finishes the contact in hand, but no overload is carried on.

    Callers who would wait for as long as a contact lasts leave no more behind than if nobody ever waited.
    """
    return _demand(case, agents, case.aht * _longer(case.queue))


def _slots(queue: Queue) -> float:
    """Contacts that an agent has at most at once."""
    return 1.0 if not isinstance(queue.channel, Chat) else queue.channel.concurrency


def _longer(queue: Queue) -> float:
    """How much longer a chat stays with every slot taken: slots are filled like the lines of a phone."""
    return _slots(queue) / at_once(queue)


def _demand(case: Case, agents: Floats | None, patience: Floats) -> Demand:
    gain = _longer(case.queue)
    loads = load.modified_load(
        case.rows["interval"],
        case.volumes,
        case.aht * gain,
        minutes=case.minutes,
        agents=None if agents is None else agents * _slots(case.queue),
        patience=patience,
    )
    loads = loads / gain
    weight = case.volumes * case.probability
    total = weight.sum(axis=1, keepdims=True)
    even = np.broadcast_to(case.probability, weight.shape).copy()
    weight = np.divide(weight, total, out=even, where=total > 0)
    return Demand(loads, weight, loads @ case.probability, case.aht)


def mean_of(case: Case) -> Case:
    """The same case as if the forecast's mean came for sure."""
    return replace(case, volumes=case.volume[:, None], probability=np.ones(1))
