"""What each further agent buys in each interval: the table on which a target over a day is built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from staffing.model import Queue
from staffing.requirement import service
from staffing.requirement.case import cases, demand_of
from staffing.requirement.service import Demand
from staffing.tables import CURVE, check

Floats = np.ndarray

# A curve begins where hardly anybody and ends where nearly everybody is answered in time.
HARDLY, NEARLY = 0.01, 0.99


def curve(
    forecast: pd.DataFrame, queues: Iterable[Queue], *, paths: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What each number of agents achieves in each interval.

    Parameters
    ----------
    forecast, queues, paths
        As in `compute`.

    Returns
    -------
    pandas.DataFrame
        CURVE: queue, interval, agents, service_level and abandonment [0-1], answered_in_time (expected
        contacts). The agents begin at the queue's minimum, go on where one caller in a hundred is answered in
        time, and end where 99 in a hundred are and every target holds.

    Raises
    ------
    DataError
        As `compute`.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> calls = pd.DataFrame({"queue": "calls", "interval": times, "volume": [10.0, 12.0]})
    >>> steps = curve(calls, [Queue("calls", team="care", aht=180, shrinkage=())])
    >>> steps[steps["interval"] == times[1]][["agents", "answered_in_time"]].round(1).values.tolist()
    [[1.0, 0.0], [2.0, 7.2], [3.0, 10.7], [4.0, 11.7], [5.0, 11.9]]
    """
    parts = []
    for case in cases(forecast, queues, paths):
        row, agents, achieved = points(case.queue, demand_of(case))
        come = (case.volumes @ case.probability)[row]
        parts.append(
            pd.DataFrame(
                {
                    "queue": case.queue.name,
                    "interval": case.rows["interval"].array[row],
                    "agents": agents,
                    "service_level": achieved.service_level,
                    "abandonment": achieved.abandonment,
                    "answered_in_time": achieved.service_level * come,
                }
            )
        )
    table = pd.concat(parts, ignore_index=True) if parts else CURVE.empty()
    return check(table, CURVE)


def points(queue: Queue, demand: Demand) -> tuple[Floats, Floats, service.Service]:
    """The curve of one queue: number of the interval, agents, what they achieve."""
    target = queue.target
    hardly = replace(queue, target=replace(target, over="interval", floor=None, answered=HARDLY))
    high = max(NEARLY, (1.0 + target.answered) / 2.0)
    nearly = replace(queue, target=replace(target, over="interval", floor=None, answered=high))
    first = service.needed(demand, hardly, ("answered",))[0]
    last = np.maximum(service.needed(demand, nearly)[0], service.stable(demand, queue))
    last = np.maximum(last, queue.min_staff)
    rows, agents = [], []
    for row, (low, top) in enumerate(zip(np.maximum(first, queue.min_staff), last, strict=True)):
        steps = np.unique(np.append(np.arange(low, top + 1.0), float(queue.min_staff)))
        agents.append(steps)
        rows.append(np.full(len(steps), row))
    place, flat = np.concatenate(rows), np.concatenate(agents)
    return place, flat, service.expected(flat, demand.at(place), queue)
