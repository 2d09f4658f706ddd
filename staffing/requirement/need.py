"""Forecast -> agents per interval: the sentence's step, one queue after the other."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from staffing import erlang
from staffing.errors import DataError, Problem
from staffing.model import Queue, Voice
from staffing.requirement import load, service, spread
from staffing.requirement.service import Demand
from staffing.tables import FORECAST, PATHS, REQUIREMENT, check, interval_minutes

# Float noise must not cost a person: 21 / 0.7 is 30, not 30.000000000000004.
ROUNDING = 1e-9

Floats = np.ndarray


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


def compute(
    forecast: pd.DataFrame, queues: Iterable[Queue], *, paths: pd.DataFrame | None = None
) -> pd.DataFrame:
    r"""Agents that each interval needs, and how many to schedule.

    Where a queue's patience is known the answer is Erlang A's, with Erlang C's beside it; otherwise
    Erlang C's. Where the forecast carries quantiles, or paths are given, the target is met in expectation
    over them, weighted by contacts (`service.expected`); ``agents_for_mean`` is what the plain mean would
    need, so that the price of not knowing stands beside. People are grossed up once, by the causes that do
    not stand in the roster [1]_:

    .. math:: \text{scheduled} = \lceil \text{agents} / \prod_i (1 - s_i) \rceil

    Parameters
    ----------
    forecast : pandas.DataFrame
        FORECAST; open intervals only. Without ``aht`` the queue's own is used.
    queues : iterable of Queue
        Every queue of the forecast.
    paths : pandas.DataFrame, optional
        PATHS with the forecast's intervals; its spread comes before that of the quantiles. `expected_volumes`
        takes out of both the chance that Erlang's formulas add themselves.

    Returns
    -------
    pandas.DataFrame
        REQUIREMENT with, beside its columns, volume (contacts that reach the agents), aht [s], offered_load
        [Erl] (volume x aht / interval; ``load`` is the modified one, see `modified_load`), agents_erlang_c,
        agents_for_mean, and target_met: the probability that the interval's load is one at which the
        agents answer enough in time [0-1], missing where the forecast carries no spread. ``asa`` is missing
        where something that may come would let patient callers wait for ever. ``bound_by`` names what set
        the number: ``answered``, ``occupancy``, ``abandonment``, ``asa``, ``min_staff`` or ``none``.

    Raises
    ------
    DataError
        A queue that is not described, or without any handle time; paths of other days.

    References
    ----------
    .. [1] G. Koole, "Call Center Optimization", 2013, chapter 4.

    Examples
    --------
    >>> import pandas as pd
    >>> from staffing.model import Queue, Shrinkage
    >>> times = pd.date_range("2026-11-30 09:00", periods=3, freq="30min", tz="Asia/Seoul")
    >>> calls = pd.DataFrame({"queue": "calls", "interval": times, "volume": [100.0, 100.0, 0.0]})
    >>> queue = Queue("calls", team="care", aht=180, shrinkage=(Shrinkage("sick", rate=0.3),))
    >>> compute(calls, [queue])[["agents", "scheduled", "bound_by"]].values.tolist()
    [[13.0, 19.0, 'answered'], [14.0, 20.0, 'answered'], [5.0, 8.0, 'answered']]

    A day that may bring a third more or less needs more than its mean:

    >>> unsure = calls.assign(volume_p10=calls["volume"] * 0.66, volume_p90=calls["volume"] * 1.34)
    >>> compute(unsure, [queue])[["agents", "agents_for_mean"]].values.tolist()
    [[16.0, 13.0], [18.0, 14.0], [5.0, 5.0]]
    """
    parts = [of_case(case) for case in cases(forecast, queues, paths)]
    table = pd.concat(parts, ignore_index=True) if parts else REQUIREMENT.empty()
    return check(table, REQUIREMENT)


def cases(forecast: pd.DataFrame, queues: Iterable[Queue], paths: pd.DataFrame | None) -> list[Case]:
    """Every queue of the forecast with its loads, sorted by name.

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
    ]


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
    if problems:
        raise DataError(problems)


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
    """The loads of a case, and the share of its contacts that meets each."""
    patience = math.inf if case.queue.channel.patience is None else case.queue.channel.patience
    loads = load.modified_load(
        case.rows["interval"], case.volumes, case.aht, minutes=case.minutes, agents=agents, patience=patience
    )
    weight = case.volumes * case.probability
    total = weight.sum(axis=1, keepdims=True)
    even = np.broadcast_to(case.probability, weight.shape).copy()
    weight = np.divide(weight, total, out=even, where=total > 0)
    return Demand(loads, weight, loads @ case.probability, case.aht)


def mean_of(case: Case) -> Case:
    """The same case as if the forecast's mean came for sure."""
    return replace(case, volumes=case.volume[:, None], probability=np.ones(1))


def of_case(case: Case) -> pd.DataFrame:
    """REQUIREMENT of one queue."""
    queue, demand, mean = case.queue, demand_of(case), demand_of(mean_of(case))
    for_mean = np.maximum(needed_for_mean(mean, queue), queue.min_staff)
    needed, bound = service.needed(demand, queue, for_mean)
    agents = np.maximum(needed, queue.min_staff)
    patient = service.patient(queue)
    erlang_c = agents
    if queue.channel.patience is not None:
        start = np.maximum(needed_for_mean(mean, patient), agents)
        erlang_c = np.maximum(service.needed(demand, patient, start)[0], queue.min_staff)
    asked = replace(queue, target=replace(queue.target, max_asa=math.inf))
    found = service.expected(agents, demand, asked)
    return pd.DataFrame(
        {
            "queue": queue.name,
            "team": queue.team,
            "interval": case.rows["interval"].array,
            "volume": case.volume,
            "aht": case.aht,
            "offered_load": case.volume * case.aht / (case.minutes * 60.0),
            "load": demand.mean,
            "agents": agents,
            "agents_erlang_c": erlang_c,
            "agents_for_mean": for_mean,
            "scheduled": gross_up(agents, queue.present),
            "service_level": found.service_level,
            "asa": np.where(np.isfinite(found.asa), found.asa, np.nan),
            "abandonment": found.abandonment,
            "occupancy": found.occupancy,
            "target_met": target_met(case, demand, agents),
            "bound_by": np.where(agents > needed, "min_staff", bound),
        }
    )


def needed_for_mean(mean: Demand, queue: Queue) -> Floats:
    """Fewest agents at the mean loads alone, before the minimum of an open queue."""
    plain = isinstance(queue.channel, Voice) and queue.channel.redial == 0.0
    guess = np.zeros(len(mean.mean))
    if isinstance(queue.channel, Voice):
        guess = erlang.required_agents(mean.mean, aht=mean.aht, **_targets(queue)).astype(float)
    return guess if plain else service.needed(mean, queue, guess)[0]


def _targets(queue: Queue) -> dict[str, Any]:
    target, patience = queue.target, queue.channel.patience
    return {
        "answered": target.answered,
        "within": target.within,
        "max_occupancy": target.max_occupancy,
        "max_asa": target.max_asa,
        "definition": target.definition,
        "patience": math.inf if patience is None else patience,
        "max_abandonment": None if patience is None else target.max_abandonment,
    }


def target_met(case: Case, demand: Demand, agents: Floats) -> Floats:
    """Probability that the load is one at which the agents answer enough in time. [0-1]"""
    if len(case.probability) == 1:
        return np.full(len(agents), np.nan)
    return spread.share_below(demand.load, case.probability, service.most_load(agents, case.aht, case.queue))


def gross_up(agents: Floats, present: float) -> Floats:
    """People to schedule so that on average the agents needed are there; rounded up once.

    Parameters
    ----------
    agents : array_like
        Agents needed on the queue.
    present : float
        Share of the scheduled who are there: `Queue.present`. [0-1]

    Returns
    -------
    numpy.ndarray
        Whole people.

    Examples
    --------
    >>> gross_up(np.array([21, 14, 0]), 0.7).tolist()
    [30.0, 20.0, 0.0]
    """
    return np.ceil(np.asarray(agents, dtype=float) / present - ROUNDING)
