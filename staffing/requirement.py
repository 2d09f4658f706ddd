"""Forecast -> agents per interval: the load, the model that turns it into people, shrinkage counted once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from staffing import erlang
from staffing.errors import DataError, Problem
from staffing.model import Queue
from staffing.tables import FORECAST, REQUIREMENT, check, interval_minutes

# Float noise must not cost a person: 21 / 0.7 is 30, not 30.000000000000004.
ROUNDING = 1e-9


def compute(forecast: pd.DataFrame, queues: Iterable[Queue]) -> pd.DataFrame:
    r"""Agents that each interval needs, and how many to schedule.

    Where a queue's patience is known the answer is Erlang A's, with Erlang C's beside it; otherwise
    Erlang C's. People are grossed up once, by the causes that do not stand in the roster [1]_:

    .. math:: \text{scheduled} = \lceil \text{agents} / \prod_i (1 - s_i) \rceil

    Parameters
    ----------
    forecast : pandas.DataFrame
        FORECAST; open intervals only. Without ``aht`` the queue's own is used.
    queues : iterable of Queue
        Every queue of the forecast.

    Returns
    -------
    pandas.DataFrame
        REQUIREMENT with, beside its columns, volume, aht [s], offered_load [Erl] (volume x aht / interval;
        ``load`` is the modified one, see `modified_load`) and agents_erlang_c. ``bound_by`` names what set
        the number: ``answered``, ``occupancy``, ``abandonment``, ``asa``, ``min_staff`` or ``none``.

    Raises
    ------
    DataError
        A queue that is not described, or without any handle time.

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
    """
    check(forecast, FORECAST)
    named = {queue.name: queue for queue in queues}
    _every_queue_known(forecast, named)
    minutes = interval_minutes(forecast)
    parts = [
        _of_queue(rows.sort_values("interval"), named[str(name)], minutes)
        for name, rows in forecast.groupby("queue", sort=True)
    ]
    table = pd.concat(parts, ignore_index=True) if parts else REQUIREMENT.empty()
    return check(table, REQUIREMENT)


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
    return "aht" in rows.columns and bool(rows["aht"].notna().any())


def _of_queue(rows: pd.DataFrame, queue: Queue, minutes: int) -> pd.DataFrame:
    """REQUIREMENT of one queue, its rows in time order."""
    target = queue.target
    volume = rows["volume"].to_numpy(dtype=float)
    aht = _handle_time(rows, queue)
    load = modified_load(rows["interval"], volume, aht, minutes=minutes)
    patience = math.inf if queue.channel.patience is None else queue.channel.patience
    targets: dict[str, Any] = {
        "answered": target.answered,
        "within": target.within,
        "max_occupancy": target.max_occupancy,
        "max_asa": target.max_asa,
        "definition": target.definition,
    }
    abandoning: dict[str, Any] = {
        "patience": patience,
        "max_abandonment": target.max_abandonment if patience < math.inf else None,
    }
    needed = erlang.required_agents(load, aht=aht, **targets, **abandoning)
    agents = np.maximum(needed, queue.min_staff)
    bound_by = erlang.bound_by(load, aht=aht, **targets, **abandoning)
    model: dict[str, Any] = {"aht": aht, "patience": patience}
    return pd.DataFrame(
        {
            "queue": queue.name,
            "team": queue.team,
            "interval": rows["interval"].to_numpy(copy=True) if rows.empty else rows["interval"].array,
            "volume": volume,
            "aht": aht,
            "offered_load": volume * aht / (minutes * 60.0),
            "load": load,
            "agents": agents.astype(float),
            "agents_erlang_c": np.maximum(
                erlang.required_agents(load, aht=aht, **targets), queue.min_staff
            ).astype(float),
            "scheduled": gross_up(agents, queue.present),
            "service_level": erlang.service_level(
                agents, load, within=target.within, definition=target.definition, **model
            ),
            "asa": erlang.asa(agents, load, **model),
            "abandonment": erlang.abandonment(agents, load, **model),
            "occupancy": erlang.occupancy(agents, load, **model),
            "bound_by": np.where(agents > needed, "min_staff", bound_by),
        }
    )


def _handle_time(rows: pd.DataFrame, queue: Queue) -> np.ndarray:
    """The forecast's handle time, the queue's own where the forecast has none. [s]"""
    own = np.nan if queue.aht is None else queue.aht
    if "aht" not in rows.columns:
        return np.full(len(rows), own)
    aht = rows["aht"].to_numpy(dtype=float, copy=True)
    fallback = own if np.isfinite(own) else np.nanmean(aht)
    aht[~(aht > 0)] = fallback
    return aht


def gross_up(agents: np.ndarray, present: float) -> np.ndarray:
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
    return np.maximum(np.ceil(np.asarray(agents, dtype=float) / present - ROUNDING), 0.0)


def modified_load(interval: pd.Series, volume: np.ndarray, aht: np.ndarray, *, minutes: int) -> np.ndarray:
    r"""Mean number of busy agents in each interval if nobody ever waited.

    The modified offered load [1]_: with arrivals at rate :math:`\lambda` within an interval,

    .. math:: m'(t) = \lambda - m(t) / \mathrm{AHT}

    is solved exactly from interval to interval, and its mean over each interval is the load. A contact that
    begins late in one interval is still work in the next; raw ``volume x aht / interval`` is blind to that.
    After a closed gap the load starts from what has not ended yet, in a night nothing.

    Parameters
    ----------
    interval : pandas.Series
        Interval starts of one queue, ascending.
    volume, aht : numpy.ndarray
        Contacts, and their handle time [s], per interval.
    minutes : int
        Interval length. [min]

    Returns
    -------
    numpy.ndarray
        Load. [Erl]

    References
    ----------
    .. [1] O. Jennings, A. Mandelbaum, W. Massey, W. Whitt, "Server staffing to meet time-varying demand",
       Management Science 42(10), 1996.

    Examples
    --------
    >>> times = pd.Series(pd.date_range("2026-11-30 09:00", periods=3, freq="30min", tz="Asia/Seoul"))
    >>> modified_load(times, np.array([100.0, 100.0, 0.0]), np.full(3, 180.0), minutes=30).round(2).tolist()
    [9.0, 10.0, 1.0]
    """
    span = minutes * 60.0
    gap = interval.diff().dt.total_seconds().fillna(0.0).to_numpy()
    load = np.empty(len(volume))
    busy = 0.0
    for row, (contacts, time) in enumerate(zip(volume, aht, strict=True)):
        if gap[row] > span + 1e-6:
            busy *= math.exp(-(gap[row] - span) / time)
        level = contacts * time / span
        kept = -math.expm1(-span / time) * time / span
        load[row] = level + (busy - level) * kept
        busy = level + (busy - level) * math.exp(-span / time)
    return np.maximum(load, 0.0)
