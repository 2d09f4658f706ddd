"""Forecast -> agents per interval: the sentence's step, one queue after the other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from staffing.model import Queue
from staffing.requirement import period, service, spread
from staffing.requirement.case import Case, cases, demand_after_leaving, demand_of, mean_of
from staffing.requirement.service import Demand
from staffing.tables import REQUIREMENT, check

# Float noise must not cost a person: 21 / 0.7 is 30, not 30.000000000000004.
ROUNDING = 1e-9

Floats = np.ndarray


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
        Every queue of the forecast. Of Deferred and Outbound ones nothing stands in the answer: `workload`
        and `blend` are for them.
    paths : pandas.DataFrame, optional
        PATHS with the forecast's intervals; its spread comes before that of the quantiles. `expected_volumes`
        takes out of both the chance that Erlang's formulas add themselves.

    Returns
    -------
    pandas.DataFrame
        REQUIREMENT with, beside its columns, volume (contacts that reach the agents), aht [s], offered_load
        [Erl] (volume x aht / interval; ``load`` is the modified one, see `modified_load`), agents_erlang_c,
        agents_for_mean, and target_met: the probability that the interval's load is one at which the
        agents answer enough in time [0-1], missing where the forecast carries no spread.
        The service level, abandonment, occupancy and ``asa`` are what these agents give: who leaves at the
        end of an interval finishes the contact in hand, so they are never worse than the target asks; what an
        overloaded interval hands on to those after it stands in `evaluate`. ``asa`` is missing where
        something that may come would let patient callers wait for ever. ``bound_by`` names what set the
        number: ``answered``, ``occupancy``, ``abandonment``, ``asa``, ``min_staff`` or ``none``.

    Raises
    ------
    DataError
        A queue that is not described, or without any handle time, or with a mean of under 5 s or over 4 h
        (minutes or milliseconds in the place of seconds); paths of other days.

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
    [[12.0, 18.0, 'answered'], [14.0, 20.0, 'answered'], [3.0, 5.0, 'answered']]

    A day that may bring a third more or less needs more than its mean:

    >>> unsure = calls.assign(volume_p10=calls["volume"] * 0.66, volume_p90=calls["volume"] * 1.34)
    >>> compute(unsure, [queue])[["agents", "agents_for_mean"]].values.tolist()
    [[14.0, 12.0], [16.0, 14.0], [3.0, 3.0]]
    """
    parts = [of_case(case) for case in cases(forecast, queues, paths)]
    table = pd.concat(parts, ignore_index=True) if parts else REQUIREMENT.empty()
    return check(table, REQUIREMENT)


def of_case(case: Case) -> pd.DataFrame:
    """REQUIREMENT of one queue."""
    queue, demand = case.queue, demand_of(case)
    agents, bound = _agents(case, demand, queue)
    for_mean = agents
    if len(case.probability) > 1:
        for_mean = _agents(case, demand_of(mean_of(case)), queue)[0]
    erlang_c = agents
    if queue.channel.patience is not None:
        erlang_c = _agents(case, demand, service.patient(queue))[0]
    found = service.expected(agents, demand_after_leaving(case, agents), service.with_asa(queue))
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
            "bound_by": bound,
        }
    )


def _agents(case: Case, demand: Demand, queue: Queue) -> tuple[Floats, Floats]:
    """Agents of each interval and what set them, over the period of the queue's target."""
    if queue.target.over != "interval":
        come = case.volumes @ case.probability if len(demand.load.T) > 1 else case.volume
        return period.allocate(queue, case.rows["interval"], come, demand)
    needed, bound = service.needed(demand, queue)
    agents = np.maximum(needed, queue.min_staff)
    return agents, np.where(agents > needed, "min_staff", bound)


def target_met(case: Case, demand: Demand, agents: Floats) -> Floats:
    """Probability that the load is one at which the agents answer enough in time. [0-1]"""
    if len(case.probability) == 1:
        return np.full(len(agents), np.nan)
    return spread.share_below(demand.load, case.probability, service.most_load(agents, case.aht, case.queue))


def gross_up(agents: Floats, present: float | Floats) -> Floats:
    """People to schedule so that on average the agents needed are there; rounded up once.

    Parameters
    ----------
    agents : array_like
        Agents needed on the queue.
    present : float or numpy.ndarray
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
    return np.maximum(np.ceil(np.asarray(agents, dtype=float) / present - ROUNDING), 0.0)
