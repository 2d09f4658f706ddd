"""From counts to measures, each with the error that the number of replications leaves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from staffing.model import Queue
from staffing.simulation.demand import SECOND, Demand, Grid
from staffing.simulation.people import Windows
from staffing.simulation.tally import HUNG_UP, HUNG_UP_SOON, IN_TIME, LATE, WAITING, Answers, Totals


def ratio(above: np.ndarray, below: np.ndarray, *, empty: float) -> tuple[np.ndarray, np.ndarray]:
    """Sum over sum along the replications, and its standard error.

    The error is that of a ratio estimator, ``sd(above - value * below) / (sqrt(n) mean(below))``
    (Cochran, Sampling Techniques, 3rd ed., 1977, section 2.11).

    Parameters
    ----------
    above, below : numpy.ndarray
        (..., replications).
    empty : float
        Value where nothing stands below.

    Returns
    -------
    value, error : numpy.ndarray
        Error NaN with a single replication, zero where nothing stands below.

    Examples
    --------
    >>> value, error = ratio(np.array([8.0, 9.0, 10.0]), np.array([10.0, 10.0, 10.0]), empty=1.0)
    >>> round(float(value), 3), round(float(error), 3)
    (0.9, 0.058)
    """
    n = above.shape[-1]
    total = below.sum(axis=-1)
    some = total > 0
    value = np.where(some, above.sum(axis=-1) / np.where(some, total, 1.0), empty)
    if n == 1:
        return value, np.where(some, np.nan, 0.0)
    off = above - value[..., None] * below
    error = np.sqrt((off**2).sum(axis=-1) * n / (n - 1)) / np.where(some, total, 1.0)
    return value, np.where(some, error, 0.0)


def _measured(sums: dict[str, np.ndarray], target: str, line: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of counts and ratios, each ratio followed by its error; `line` is the backlog at the end."""
    pairs = {
        "service_level": _PARTS[target](sums),
        **{f"service_level_{name}": part(sums) for name, part in _PARTS.items()},
        "asa": (sums["waits"], sums["answered"]),
        "abandonment": (sums["abandoned"], sums["offered"]),
        "occupancy": (sums["busy"], sums["staffed"]),
        "backlog": (line, np.ones_like(line)),
    }
    out = {name: sums[name].mean(axis=-1) for name in _COUNTS}
    for name, (above, below) in pairs.items():
        empty = 1.0 if name.startswith("service_level") else 0.0
        out[name], out[f"{name}_error"] = ratio(above, below, empty=empty)
    return out


_COUNTS = ("offered", "answered", "answered_within", "abandoned", "waiting")
_PARTS = {
    "offered": lambda sums: (sums["answered_within"], sums["offered"]),
    "excluding_short_abandons": lambda sums: (sums["answered_within"], sums["offered"] - sums["soon"]),
    "answered": lambda sums: (sums["answered_within"], sums["answered"]),
    "counting_short_abandons": lambda sums: (sums["answered_within"] + sums["soon"], sums["offered"]),
}


def _sums(totals: Totals, queue: int, cells: np.ndarray) -> dict[str, np.ndarray]:
    """Counts of one queue in its intervals, (intervals, replications) each."""
    ends = totals.ends[queue][:, cells]
    answered = ends[IN_TIME] + ends[LATE]
    abandoned = ends[HUNG_UP_SOON] + ends[HUNG_UP]
    return {
        "offered": answered + abandoned + ends[WAITING],
        "answered": answered,
        "answered_within": ends[IN_TIME],
        "abandoned": abandoned,
        "soon": ends[HUNG_UP_SOON],
        "waiting": ends[WAITING],
        "waits": totals.waits[queue, cells] / SECOND,
        "busy": totals.busy[queue, cells],
        "staffed": totals.staffed[queue, cells],
    }


def by_interval(
    totals: Totals, queues: Sequence[Queue], demands: Sequence[Demand], grid: Grid
) -> pd.DataFrame:
    """Measures of each queue and interval; see `staffing.simulation.Replay`."""
    parts = []
    for demand in demands:
        cells = demand.cells[demand.cells >= grid.warm]
        line = np.cumsum(totals.line[demand.queue], axis=0)[cells]
        target = queues[demand.queue].target.definition
        measured = _measured(_sums(totals, demand.queue, cells), target, line)
        parts.append(pd.DataFrame({"queue": demand.name, "interval": _times(grid, cells), **measured}))
    return pd.concat(parts, ignore_index=True).sort_values(["queue", "interval"], ignore_index=True)


def by_day(
    totals: Totals, queues: Sequence[Queue], demands: Sequence[Demand], grid: Grid, quantiles: Sequence[float]
) -> pd.DataFrame:
    """Measures of each queue and day, and how they spread over the replications."""
    parts = []
    for demand in demands:
        cells = demand.cells[demand.cells >= grid.warm]
        dates = _times(grid, cells).tz_localize(None).normalize()
        days, first = np.unique(dates.to_numpy(), return_index=True)
        sums = {
            name: np.add.reduceat(values, first, axis=0)
            for name, values in _sums(totals, demand.queue, cells).items()
        }
        line = np.cumsum(totals.line[demand.queue], axis=0)[cells[np.append(first[1:], len(cells)) - 1]]
        target = queues[demand.queue].target
        above, below = _PARTS[target.definition](sums)
        reached = np.where(below > 0, above / np.where(below > 0, below, 1.0), 1.0)
        columns = {"queue": demand.name, "date": days, **_measured(sums, target.definition, line)}
        for q in quantiles:
            columns[f"service_level_p{100 * q:g}"] = np.quantile(reached, q, axis=1)
        columns["target_met"], columns["target_met_error"] = ratio(
            (reached >= target.answered - 1e-12).astype(float), np.ones_like(reached), empty=1.0
        )
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True).sort_values(["queue", "date"], ignore_index=True)


def by_agent(totals: Totals, names: Sequence[str]) -> pd.DataFrame:
    """Contacts and occupancy of each agent."""
    occupancy, error = ratio(totals.on_contacts, totals.on_queue, empty=0.0)
    return pd.DataFrame(
        {
            "agent": pd.Series(list(names), dtype="str"),
            "answered": totals.answered.mean(axis=1),
            "on_contacts": totals.on_contacts.mean(axis=1) / (3600.0 * SECOND),
            "on_queue": totals.on_queue.mean(axis=1) / (3600.0 * SECOND),
            "occupancy": occupancy,
            "occupancy_error": error,
        }
    )


def contacts(
    first: Sequence[tuple[Answers, Windows]], demands: Sequence[Demand], names: Sequence[str], grid: Grid
) -> pd.DataFrame:
    """Every contact of one replication, of the contract CALLS.

    Parameters
    ----------
    first : sequence of tuple
        Answers of that replication alone, and the agents of the engine.
    demands : sequence of Demand
        Of all queues.
    names : sequence of str
        Of all agents.
    grid : Grid
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        queue, arrived, wait, service, outcome, agent; sorted by arrival.
    """
    limits = {one.queue: np.zeros(grid.size + 1, dtype=np.int64) for one in demands}
    for one in demands:
        limits[one.queue][one.cells] = one.limit
    columns: list[list[np.ndarray]] = [[np.zeros(0, dtype=np.int64)] for _ in range(7)]
    for answers, present in first:
        came = (answers.deadline[:, 0] >= 0) & (answers.arrived[:, 0] >= grid.begin)
        arrived, deadline, started, service, cell = (
            table[came, 0]
            for table in (answers.arrived, answers.deadline, answers.started, answers.service, answers.cell)
        )
        agents = np.append(present.agents, len(names))
        served = started <= deadline
        agent = agents[np.where(served, cell // len(present.opens), -1)]
        kept = limits[answers.queue][arrived // grid.span]
        queue = np.full(len(arrived), answers.queue)
        for column, values in zip(
            columns, (queue, arrived, deadline, started, service, agent, kept), strict=True
        ):
            column.append(values)
    queue, arrived, deadline, started, service, agent, kept = (np.concatenate(column) for column in columns)
    served = started <= deadline
    title = {one.queue: one.name for one in demands}
    table = pd.DataFrame(
        {
            "queue": pd.Series(queue).map(title).astype("str"),
            "arrived": _moments(grid, arrived),
            "wait": (np.minimum(started, deadline) - arrived) / SECOND,
            "service": np.where(served, service / SECOND, np.nan),
            "outcome": pd.Series(np.where(deadline < kept, "abandoned", "waiting")).mask(served, "answered"),
            "agent": pd.Series(np.array([*names, ""], dtype=object)[agent], dtype="str"),
        }
    )
    return table.sort_values(["arrived", "queue"], kind="stable", ignore_index=True)


def _times(grid: Grid, cells: np.ndarray) -> pd.DatetimeIndex:
    return _moments(grid, cells * grid.span)


def _moments(grid: Grid, times: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(grid.origin + pd.to_timedelta(times, unit="us"))
