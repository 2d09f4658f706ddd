"""Given agents -> what service they give, interval by interval, and whether that keeps the contract."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem
from staffing.model import Queue
from staffing.requirement import need, service
from staffing.requirement.case import Case, cases, demand_of

Floats = np.ndarray


def evaluate(
    forecast: pd.DataFrame,
    queues: Iterable[Queue],
    agents: pd.DataFrame,
    *,
    paths: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What given agents achieve: `compute` turned round.

    The load is `modified_load` with the agents: who leaves at the end of an interval finishes the contact in
    hand, and where nobody hangs up an overloaded interval weighs on those after it.

    Parameters
    ----------
    forecast, queues, paths
        As in `compute`.
    agents : pandas.DataFrame
        queue, interval, agents (may be fractional) for every interval of the forecast: a REQUIREMENT, or a
        COVERAGE with its ``expected`` people as agents.

    Returns
    -------
    pandas.DataFrame
        queue, team, interval, volume, aht [s], load [Erl], agents, service_level, abandonment, occupancy and
        target_met [0-1], asa [s]: as in `compute`.

    Raises
    ------
    DataError
        As `compute`; an interval for which no agents are given.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=3, freq="30min", tz="Asia/Seoul")
    >>> calls = pd.DataFrame({"queue": "calls", "interval": times, "volume": [100.0, 100.0, 60.0]})
    >>> queue = Queue("calls", team="care", aht=180, shrinkage=())
    >>> there = calls.assign(agents=[14.0, 9.0, 9.0])
    >>> evaluate(calls, [queue], there)[["load", "service_level"]].round(2).values.tolist()
    [[9.0, 0.95], [12.68, 0.0], [8.44, 0.25]]
    """
    given = agents[["queue", "interval", "agents"]]
    parts = []
    for case in cases(forecast, queues, paths):
        rows = case.rows[["queue", "interval"]].merge(given, on=["queue", "interval"], how="left")
        if rows["agents"].isna().any():
            what = (
                f"no agents are given for {int(rows['agents'].isna().sum())} intervals of {case.queue.name!r}"
            )
            raise DataError(
                [Problem(what, "give agents for every interval of the forecast", column="agents")]
            )
        parts.append(_of_case(case, rows["agents"].to_numpy(dtype=float)))
    columns = ["queue", "interval", "agents", "service_level"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _of_case(case: Case, agents: Floats) -> pd.DataFrame:
    queue = case.queue
    demand = demand_of(case, agents)
    found = service.expected(agents, demand, service.with_asa(queue))
    return pd.DataFrame(
        {
            "queue": queue.name,
            "team": queue.team,
            "interval": case.rows["interval"].array,
            "volume": case.volume,
            "aht": case.aht,
            "load": demand.mean,
            "agents": agents,
            "service_level": found.service_level,
            "asa": np.where(np.isfinite(found.asa), found.asa, np.nan),
            "abandonment": found.abandonment,
            "occupancy": found.occupancy,
            "target_met": need.target_met(case, demand, agents),
        }
    )
