"""What comes to each queue: read from a forecast, from paths or from a log of contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from staffing.calendar import Calendar
from staffing.errors import DataError, Problem
from staffing.model import Chat, Deferred, Outbound, Queue, Voice
from staffing.simulation.deadlines import due
from staffing.simulation.laws import Law, exponential, observed, throughput
from staffing.tables import CALLS, FORECAST, PATHS, Contract, check, interval_minutes

# All times of the engines are whole microseconds, as in the tables, so that both reckon exactly.
SECOND = 1_000_000
DAY = 86_400 * SECOND
# The end of time, 100 days hence. [µs]
NEVER = 1 << 43
_MOST_DAYS = 80
_NIGHT = 2 * 3600 * SECOND  # so long without an interval
Channel = Voice | Chat | Deferred | Outbound
_CONTRACTS: dict[str, Contract] = {"forecast": FORECAST, "paths": PATHS, "calls": CALLS}


@dataclass(frozen=True)
class Grid:
    """Intervals that all queues share.

    Parameters
    ----------
    origin : pandas.Timestamp
        Start of the first interval, the warm start included.
    span : int
        Length of an interval. [µs]
    size : int
        Number of intervals from the first to the last, nights included.
    warm : int
        Intervals before the first that counts.
    """

    origin: pd.Timestamp
    span: int
    size: int
    warm: int

    @property
    def begin(self) -> int:
        """Start of the first interval that counts. [µs]"""
        return self.warm * self.span

    @property
    def end(self) -> int:
        """End of the last interval. [µs]"""
        return self.size * self.span


class Log(NamedTuple):
    """Contacts that really came.

    ``arrived`` [µs]; ``service`` [s] is NaN where unknown, ``patience`` [s] where the caller did not hang up,
    who then had more than he waited: ``wait`` [s].
    """

    arrived: np.ndarray
    service: np.ndarray
    patience: np.ndarray
    wait: np.ndarray


@dataclass(frozen=True, eq=False)
class Demand:
    """What comes to one queue.

    Parameters
    ----------
    name : str
        Of the queue.
    queue : int
        Its number.
    source : str
        ``"forecast"``: a volume is a mean; ``"paths"``, ``"calls"``: a number of contacts.
    cells : numpy.ndarray of int
        (open intervals,) places on the grid.
    volumes : numpy.ndarray
        (variants, open intervals) contacts.
    aht : numpy.ndarray
        (open intervals,) mean handle time. [s]
    patience : float
        Mean; infinite where nobody hangs up. [s]
    laws : tuple of Law
        Of service and of patience.
    limit : numpy.ndarray of int
        (open intervals,) until when those who come then are kept in line. [µs]
    channel : Voice, Chat, Deferred or Outbound
        How contacts come and wait.
    due : numpy.ndarray of int or None
        (1 + open intervals,) by when work must be done that was there before, and that comes in each
        interval; None where it has no deadline. [µs]
    redial_delay : float
        Mean time until those who hang up call again, where they do. [s]
    log : Log or None
        The contacts themselves, where they are known.
    """

    name: str
    queue: int
    source: str
    cells: np.ndarray
    volumes: np.ndarray
    aht: np.ndarray
    patience: float
    laws: tuple[Law, Law]
    limit: np.ndarray
    channel: Channel
    due: np.ndarray | None
    redial_delay: float
    log: Log | None

    @property
    def waiting(self) -> int:
        """Contacts that wait at the very beginning."""
        return round(self.channel.opening_backlog) if isinstance(self.channel, Deferred) else 0

    @property
    def redial(self) -> float:
        """Share of those who hang up that call again; those of a log stand in it. [0-1]"""
        return self.channel.redial if isinstance(self.channel, Voice) and self.log is None else 0.0

    @property
    def busy(self) -> np.ndarray:
        """Open intervals in which contacts may come."""
        return self.cells[self.volumes.max(axis=0) > 0]

    def largest_day(self, grid: Grid) -> float:
        """Contacts between two nights, at most."""
        day = np.searchsorted(nights(self.busy, grid), self.cells * grid.span)
        return float(np.bincount(day, weights=self.volumes.max(axis=0)).max())


def nights(cells: np.ndarray, grid: Grid) -> np.ndarray:
    """Middles of the nights between some intervals, in order. [µs]"""
    starts = np.unique(cells) * grid.span
    dark = np.flatnonzero(np.diff(starts) - grid.span >= _NIGHT)
    return (starts[dark] + grid.span + starts[dark + 1]) // 2


def since(origin: pd.Timestamp, times: pd.Series) -> np.ndarray:
    """Time from the origin. [µs]"""
    return (times - origin).to_numpy().astype("timedelta64[us]").astype(np.int64)


@dataclass(frozen=True)
class Manner:
    """What else is known of the contacts, laws by the name of the queue; see `staffing.simulation.run`."""

    service: Mapping[str, Law]
    patience: Mapping[str, Law]
    redial_delay: float
    calendar: Calendar


def read(
    queues: Sequence[Queue],
    sources: Mapping[str, pd.DataFrame | None],
    manner: Manner,
    *,
    warm: int,
    every: str,
) -> tuple[Grid, list[Demand]]:
    """The demand of each queue from the one source that is given.

    Parameters
    ----------
    queues : sequence of Queue
        Every queue that the source names.
    sources : mapping
        FORECAST, PATHS and CALLS, all but one of them None.
    manner : Manner
        What else is known of the contacts.
    warm : int
        Intervals to repeat before the first.
    every : str
        Length of the intervals of a log.

    Returns
    -------
    Grid
        Of all queues.
    list of Demand
        Of the queues that have arrivals.

    Raises
    ------
    DataError
        With every problem of the input.
    """
    given = [name for name, table in sources.items() if table is not None]
    if len(given) != 1:
        told = ", ".join(given) or "none"
        raise DataError(
            [Problem(f"arrivals have one source; given: {told}", "give one: forecast, paths or calls")]
        )
    table = sources[given[0]]
    assert table is not None
    check(table, _CONTRACTS[given[0]])
    _refuse(table, given[0], queues, manner, warm)
    logs: dict[str, Log] = {}
    if given[0] == "calls":
        slots, volumes, grid, logs = _from_calls(table, every)
    else:
        slots, volumes, grid = _from_volumes(table, warm, given[0])
    if grid.end > _MOST_DAYS * DAY:
        raise DataError(
            [Problem(f"arrivals span {grid.end // DAY} days", f"replay {_MOST_DAYS} days at most at once")]
        )
    demands = []
    for number, queue in enumerate(queues):
        own = np.flatnonzero((slots["queue"] == queue.name).to_numpy())
        if own.size:
            cells, aht = slots["cell"].to_numpy(np.int64)[own], slots["aht"].to_numpy(float)[own]
            log, columns = logs.get(queue.name), (cells, aht, volumes[:, own])
            demands.append(_demand(queue, number, given[0], columns, grid, manner, log))
    return grid, demands


def _refuse(table: pd.DataFrame, source: str, queues: Sequence[Queue], manner: Manner, warm: int) -> None:
    known, coming, contract = {queue.name for queue in queues}, set(table["queue"]), _CONTRACTS[source].name
    problems = [
        Problem(f"the queue {name!r} is not among the queues", "describe it with a Queue", contract)
        for name in sorted(coming - known)
    ]
    for what in ("service", "patience"):
        problems += [
            Problem(f"{what} names {name!r}, which has no arrivals", "name a queue that has some")
            for name in sorted(set(getattr(manner, what)) - coming)
        ]
    problems += [
        Problem(f"{one.name!r} is outbound, which is not replayed", "leave it out", contract)
        for one in queues
        if isinstance(one.channel, Outbound) and one.name in coming
    ]
    if table.empty:
        problems.append(Problem("there is not one row of arrivals", "give some intervals", contract))
    if warm < 0:
        problems.append(Problem(f"a warm start of {warm} intervals is none", "write 0 or more"))
    if not 0.0 < manner.redial_delay < np.inf:
        problems.append(
            Problem(f"calling again after {manner.redial_delay} s cannot be", "give a mean in seconds")
        )
    left = any(isinstance(one.channel, Deferred) and one.channel.opening_backlog for one in queues)
    if source == "calls" and (warm or left):
        problems.append(
            Problem("a log has its own beginning", "put the contacts of the time before into it instead")
        )
    if problems:
        raise DataError(problems)


def _from_volumes(table: pd.DataFrame, warm: int, source: str) -> tuple[pd.DataFrame, np.ndarray, Grid]:
    """Slots (queue, cell, aht), volumes (variants, slots) and the grid of FORECAST or PATHS."""
    table = table.sort_values(["queue", "interval"], kind="stable").reset_index(drop=True)
    span = interval_minutes(table) * 60 * SECOND
    first = table["interval"].min()
    cell, rest = np.divmod(since(first, table["interval"]), span)
    if rest.any():
        raise DataError(
            [
                Problem(
                    f"the intervals do not lie on one grid of {span // SECOND // 60} minutes",
                    "give every queue intervals of the same length that start together",
                    _CONTRACTS[source].name,
                    None,
                    "interval",
                )
            ]
        )
    columns = [name for name in table if str(name).startswith("path_")] if source == "paths" else ["volume"]
    slots = pd.DataFrame({"queue": table["queue"], "cell": cell + warm})
    slots["aht"] = table.get("aht", np.nan)
    volumes = table[columns].to_numpy(float).T
    if warm:
        # The first interval again and again; a queue that is not open then starts empty, as it does in truth.
        early = np.flatnonzero(cell == 0)
        before = [slots.iloc[early].assign(cell=k) for k in range(warm)]
        slots = pd.concat([*before, slots], ignore_index=True)
        volumes = np.concatenate([volumes[:, early]] * warm + [volumes], axis=1)
    grid = Grid(first - pd.Timedelta(warm * span, "us"), span, int(slots["cell"].max()) + 1, warm)
    return slots, volumes, grid


def _from_calls(table: pd.DataFrame, every: str) -> tuple[pd.DataFrame, np.ndarray, Grid, dict[str, Log]]:
    """The same of a log, and the contacts themselves; a queue is open from call to call but for nights."""
    span = pd.Timedelta(every) // pd.Timedelta(1, "us")
    origin = table["arrived"].min().normalize()
    logs, parts = {}, []
    for name, rows in table.sort_values("arrived", kind="stable").groupby("queue", sort=True):
        arrived = since(origin, rows["arrived"])
        wait, hung_up = rows["wait"].to_numpy(float), (rows["outcome"] == "abandoned").to_numpy()
        lasts = rows["service"].to_numpy(float) if "service" in rows else np.full(len(rows), np.nan)
        shown = np.where(hung_up, np.nan, lasts), np.where(hung_up, wait, np.nan)
        logs[str(name)] = Log(arrived, *shown, np.where(hung_up, 0.0, wait))
        counts = np.bincount(arrived // span)
        busy = np.flatnonzero(counts)
        dark = np.flatnonzero(np.diff(busy) * span > _NIGHT) + 1
        for run in np.split(busy, dark):
            cells = np.arange(run[0], run[-1] + 1)
            parts.append(pd.DataFrame({"queue": name, "cell": cells, "volume": counts[cells], "aht": np.nan}))
    slots = pd.concat(parts, ignore_index=True)
    first = int(slots["cell"].min())
    slots["cell"] -= first
    logs = {name: log._replace(arrived=log.arrived - first * span) for name, log in logs.items()}
    grid = Grid(origin + pd.Timedelta(first * span, "us"), span, int(slots["cell"].max()) + 1, 0)
    return slots, slots[["volume"]].to_numpy(float).T, grid, logs


def _demand(
    queue: Queue,
    number: int,
    source: str,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    grid: Grid,
    manner: Manner,
    log: Log | None,
) -> Demand:
    """Put together what is known of one queue; the nearest knowledge of a mean wins."""
    cells, aht, volumes = columns
    aht = np.where(aht > 0, aht, np.nan)
    shape = exponential()
    if log is not None and np.nansum(log.service) > 0:
        shape = observed(log.service[np.isfinite(log.service)])
    laws = manner.service.get(queue.name, shape), manner.patience.get(queue.name, exponential())
    for mean in (laws[0].mean, queue.aht) if log is not None else (queue.aht, laws[0].mean):
        if mean is not None:
            aht = np.where(np.isnan(aht), mean, aht)
    if np.isnan(aht).any():
        what = f"the handle time of {queue.name!r} is not known"
        raise DataError([Problem(what, "give the arrivals or the Queue an aht")])
    alone = 1.0
    if isinstance(queue.channel, Chat):
        # Measured with several at once, a chat took longer than it does by itself.
        alone = throughput(queue.channel, queue.channel.measured_at) / queue.channel.measured_at
    if log is None:
        alone /= queue.speed
        volumes = volumes * (1.0 - queue.deflected) * (1.0 - queue.ivr)
    else:
        log = log._replace(service=log.service * alone)
    deferred = isinstance(queue.channel, Deferred)
    # Work with a deadline is kept over the nights: its queue closes only a day after everything.
    middles = np.zeros(0, dtype=np.int64) if deferred else nights(cells[volumes.max(axis=0) > 0], grid)
    middles = np.append(middles, grid.end + DAY)
    limit = middles[np.searchsorted(middles, cells * grid.span)]
    patience = queue.channel.patience or laws[1].mean or np.inf
    return Demand(
        queue.name, number, source, cells, volumes, aht * alone, patience, laws, limit, queue.channel,
        _due(queue, cells, grid, manner.calendar), manner.redial_delay, log,
    )  # fmt: skip


def _due(queue: Queue, cells: np.ndarray, grid: Grid, calendar: Calendar) -> np.ndarray | None:
    if not isinstance(queue.channel, Deferred):
        return None
    # What comes in an interval is there at its end, what was left at the beginning of the first.
    released = grid.origin + pd.to_timedelta(np.append(cells[0], cells + 1) * grid.span, unit="us")
    moments = due(queue.name, queue.channel.due, pd.DatetimeIndex(released), calendar)
    return np.minimum(since(grid.origin, pd.Series(moments)), NEVER - 1)
