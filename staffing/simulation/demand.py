"""Contacts: when they come, how long they take, how long they wait before they give up.

What is drawn for a contact hangs on the seed, its queue and its place in line alone, never on who is there to
answer it: two plans replayed with the same seed meet the same contacts (common random numbers).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem
from staffing.model import Queue
from staffing.tables import CALLS, FORECAST, PATHS, check, interval_minutes

_CLOSED = 2 * 3600.0  # two hours without an interval are a night
_VOLUME, _SERVICE, _PATIENCE, _REDIAL = range(4)


@dataclass(frozen=True, eq=False)
class Law:
    """The law of a duration: its shape, and its mean where it has one of its own.

    Parameters
    ----------
    draw : callable
        ``draw(rng, shape)`` gives numbers whose mean is one.
    mean : float or None
        Used where neither the forecast nor the queue knows the mean. [s]
    """

    draw: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
    mean: float | None = None


def exponential() -> Law:
    """The law without memory, as in the Erlang formulas."""
    return Law(lambda rng, shape: rng.standard_exponential(shape))


def lognormal(cv: float) -> Law:
    """The law that handle times mostly follow (Brown et al., JASA 100, 2005).

    Parameters
    ----------
    cv : float
        Standard deviation / mean.

    Returns
    -------
    Law
        Of mean one.

    Examples
    --------
    >>> float(lognormal(0.0).draw(np.random.default_rng(0), (1,))[0])
    1.0
    """
    if not 0.0 <= cv < np.inf:
        raise DataError(
            [Problem(f"a coefficient of variation of {cv} is none", "write 0 or more", column="cv")]
        )
    sigma2 = np.log1p(cv * cv)
    return Law(lambda rng, shape: np.exp(np.sqrt(sigma2) * rng.standard_normal(shape) - sigma2 / 2.0))


def observed(samples: Sequence[float] | np.ndarray | pd.Series) -> Law:
    """Durations as they were observed, drawn with replacement.

    They are scaled to the mean that the forecast or the queue asks for, and taken as they are where none does.

    Parameters
    ----------
    samples : array_like
        Durations. [s]

    Returns
    -------
    Law
        With the mean of the samples.

    Examples
    --------
    >>> observed([120, 180, 240]).mean
    180.0
    """
    values = np.asarray(samples, dtype=float)
    if values.size == 0 or not np.isfinite(values).all() or values.min() < 0 or values.sum() == 0:
        raise DataError(
            [Problem("the samples hold no usable durations", "give finite seconds, some of them above zero")]
        )
    mean = float(values.mean())
    return Law(lambda rng, shape: (values / mean)[rng.integers(0, values.size, shape)], mean)


@dataclass(frozen=True)
class Redial:
    """Callers who hung up and call again.

    Parameters
    ----------
    share : float
        Of those who hang up, each time anew. [0-1]
    delay : float
        Mean time until the next call; exponential. [s]
    """

    share: float
    delay: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.share < 1.0 or not 0.0 < self.delay < np.inf:
            raise DataError(
                [
                    Problem(
                        f"redials of {self.share} after {self.delay} s cannot be",
                        "write a share from 0 to below 1 and a positive mean delay in seconds",
                    )
                ]
            )


@dataclass(frozen=True)
class Grid:
    """Intervals that all queues share.

    Parameters
    ----------
    origin : pandas.Timestamp
        Start of the first interval, the warm start included.
    span : float
        Length of an interval. [s]
    size : int
        Number of intervals from the first to the last, nights included.
    warm : int
        Intervals before the first that counts.
    """

    origin: pd.Timestamp
    span: float
    size: int
    warm: int

    @property
    def begin(self) -> float:
        """Start of the first interval that counts. [s]"""
        return self.warm * self.span

    @property
    def end(self) -> float:
        """End of the last interval. [s]"""
        return self.size * self.span


class Log(NamedTuple):
    """Contacts that really came: service is NaN where unknown, patience where the caller did not hang up. [s]"""

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
    cells : numpy.ndarray of int
        (open intervals,) places on the grid.
    volumes : numpy.ndarray
        (variants, open intervals) contacts.
    as_counted : bool
        True where a volume is a number of contacts, False where it is the mean of one.
    aht : numpy.ndarray
        (open intervals,) mean handle time. [s]
    patience : float
        Mean; infinite where nobody hangs up. [s]
    laws : tuple of Law
        Of service and of patience.
    limit : numpy.ndarray
        (open intervals,) until when those who came then are kept in line. [s]
    waiting : int or None
        Contacts in line at the very beginning; None where nobody is kept over a night.
    redial : Redial or None
        Callers who try again.
    log : Log or None
        The contacts themselves, where they are known.
    """

    name: str
    queue: int
    cells: np.ndarray
    volumes: np.ndarray
    as_counted: bool
    aht: np.ndarray
    patience: float
    laws: tuple[Law, Law]
    limit: np.ndarray
    waiting: int | None = None
    redial: Redial | None = None
    log: Log | None = None

    def nights(self, grid: Grid) -> np.ndarray:
        """Middles of the nights without contacts. [s]"""
        return nights(self.cells[self.volumes.max(axis=0) > 0], grid)


@dataclass(frozen=True, eq=False)
class Contacts:
    """Contacts of one queue in a block of replications, in order of arrival.

    Parameters
    ----------
    queue : int
        Its number.
    arrived, service, deadline : numpy.ndarray
        (contacts, replications) when each came, how long it takes, until when it waits; fewer contacts than
        rows end in rows whose deadline is -1. [s]
    again : Again or None
        Further attempts of callers who hang up.
    """

    queue: int
    arrived: np.ndarray
    service: np.ndarray
    deadline: np.ndarray
    again: Again | None = None


@dataclass(frozen=True, eq=False)
class Again:
    """Further attempts, drawn beforehand and used where the caller does hang up.

    Parameters
    ----------
    following : numpy.ndarray of int
        (replications, contacts + attempts) place of the next attempt, -1 where there is none.
    delay, patience : numpy.ndarray
        (replications, attempts) from hanging up to calling again; and in line then. [s]
    until : numpy.ndarray
        (intervals + 1,) until when those who call in each interval are kept in line; -1 where closed. [s]
    """

    following: np.ndarray
    delay: np.ndarray
    patience: np.ndarray
    until: np.ndarray


def read(
    queues: Sequence[Queue],
    *,
    forecast: pd.DataFrame | None,
    paths: pd.DataFrame | None,
    calls: pd.DataFrame | None,
    service: Mapping[str, Law],
    patience: Mapping[str, Law],
    redials: Mapping[str, Redial],
    backlog: Mapping[str, int],
    warm: int,
    every: str,
) -> tuple[Grid, list[Demand]]:
    """The demand of each queue from the one source that is given; see `staffing.simulation.run`."""
    sources = {"forecast": forecast, "paths": paths, "calls": calls}
    given = {name: table for name, table in sources.items() if table is not None}
    if len(given) != 1:
        told = ", ".join(given) or "none"
        raise DataError(
            [
                Problem(
                    f"arrivals need one source; given: {told}", "give forecast, paths or calls, and only one"
                )
            ]
        )
    ((source, table),) = given.items()
    contract = {"forecast": FORECAST, "paths": PATHS, "calls": CALLS}[source]
    check(table, contract)
    known = {queue.name for queue in queues}
    problems = [
        Problem(f"the queue {name!r} is not among the queues", "describe it with a Queue", contract.name)
        for name in sorted(set(table["queue"]) - known)
    ]
    for what, names in [
        ("service", service),
        ("patience", patience),
        ("redials", redials),
        ("backlog", backlog),
    ]:
        problems += [
            Problem(
                f"{what} names {name!r}, which has no arrivals", "write a queue of the arrivals", column=what
            )
            for name in sorted(set(names) - set(table["queue"]))
        ]
    if warm < 0:
        problems.append(Problem(f"a warm start of {warm} intervals is none", "write 0 or more"))
    if calls is not None and warm:
        problems.append(
            Problem(
                "a log cannot be lengthened to warm up", "leave warm_start out, or give the calls before too"
            )
        )
    if table.empty:
        problems.append(Problem("there is not one row of arrivals", "give some intervals", contract.name))
    if problems:
        raise DataError(problems)
    logs: dict[str, Log] = {}
    if calls is None:
        slots, volumes, grid = _from_volumes(table, warm, source)
    else:
        slots, volumes, grid, logs = _from_calls(table, every)
    demands = []
    for number, queue in enumerate(queues):
        own = np.flatnonzero((slots["queue"] == queue.name).to_numpy())
        if own.size:
            laws = (
                service.get(queue.name, _law_of(logs.get(queue.name))),
                patience.get(queue.name, exponential()),
            )
            demands.append(
                _demand(queue, number, slots.iloc[own], volumes[:, own], source == "paths", grid, laws, logs.get(queue.name),
                        redials.get(queue.name), backlog.get(queue.name))
            )  # fmt: skip
    return grid, demands


def _from_volumes(table: pd.DataFrame, warm: int, source: str) -> tuple[pd.DataFrame, np.ndarray, Grid]:
    """Slots (queue, cell, aht), volumes (variants, slots) and the grid of FORECAST or PATHS."""
    table = table.sort_values(["queue", "interval"], kind="stable").reset_index(drop=True)
    span = interval_minutes(table) * 60.0
    first = table["interval"].min()
    place = (table["interval"] - first).dt.total_seconds().to_numpy() / span
    if (place != np.rint(place)).any():
        raise DataError(
            [
                Problem(
                    f"the intervals do not lie on one grid of {span / 60:g} minutes",
                    "give every queue intervals of the same length that start together",
                    source.upper(),
                    None,
                    "interval",
                )
            ]
        )
    columns = (
        ["volume"] if source == "forecast" else [name for name in table if str(name).startswith("path_")]
    )
    slots = pd.DataFrame({"queue": table["queue"], "cell": np.rint(place).astype(int) + warm})
    slots["aht"] = table["aht"] if "aht" in table else np.nan
    volumes = table[columns].to_numpy(float).T
    if warm:
        # The first interval of the week, again and again: queues that are not open then need no warm start.
        early = np.flatnonzero(slots["cell"].to_numpy() == warm)
        slots = pd.concat(
            [*(slots.iloc[early].assign(cell=k) for k in range(warm)), slots], ignore_index=True
        )
        volumes = np.concatenate([volumes[:, early]] * warm + [volumes], axis=1)
    size = int(slots["cell"].max()) + 1
    return slots, volumes, Grid(first - pd.Timedelta(seconds=warm * span), span, size, warm)


def _from_calls(table: pd.DataFrame, every: str) -> tuple[pd.DataFrame, np.ndarray, Grid, dict[str, Log]]:
    """The same of a log, and the contacts themselves; a queue is open from call to call but for nights."""
    span = pd.Timedelta(every).total_seconds()
    origin = table["arrived"].min().normalize()
    logs, parts = {}, []
    for name, rows in table.sort_values("arrived", kind="stable").groupby("queue", sort=True):
        arrived = (rows["arrived"] - origin).dt.total_seconds().to_numpy()
        wait = rows["wait"].to_numpy(float)
        hung_up = (rows["outcome"] == "abandoned").to_numpy()
        lasts = rows["service"].to_numpy(float) if "service" in rows else np.full(len(rows), np.nan)
        logs[str(name)] = Log(
            arrived,
            np.where(hung_up, np.nan, lasts),
            np.where(hung_up, wait, np.nan),
            np.where(hung_up, 0, wait),
        )
        counts = np.bincount((arrived // span).astype(int))
        busy = np.flatnonzero(counts)
        gaps = np.diff(busy, prepend=busy[0]) * span >= _CLOSED
        for run in np.split(busy, np.flatnonzero(gaps)):
            cells = np.arange(run[0], run[-1] + 1)
            parts.append(
                pd.DataFrame({"queue": str(name), "cell": cells, "volume": counts[cells], "aht": np.nan})
            )
    slots = pd.concat(parts, ignore_index=True)
    first = int(slots["cell"].min())
    slots["cell"] -= first
    origin = origin + pd.Timedelta(seconds=first * span)
    logs = {name: log._replace(arrived=log.arrived - first * span) for name, log in logs.items()}
    return (
        slots,
        slots[["volume"]].to_numpy(float).T,
        Grid(origin, span, int(slots["cell"].max()) + 1, 0),
        logs,
    )


def _law_of(log: Log | None) -> Law:
    """Handle times as the log has them; the exponential law where there is none."""
    if log is None:
        return exponential()
    known = log.service[np.isfinite(log.service)]
    return observed(known) if known.sum() > 0 else exponential()


def _demand(
    queue: Queue,
    number: int,
    slots: pd.DataFrame,
    volumes: np.ndarray,
    as_counted: bool,
    grid: Grid,
    laws: tuple[Law, Law],
    log: Log | None,
    redial: Redial | None,
    waiting: int | None,
) -> Demand:
    means = [slots["aht"].to_numpy(float), queue.aht, laws[0].mean]
    if log is not None:
        means = [laws[0].mean, queue.aht]
    aht = np.full(len(slots), np.nan)
    for mean in means:
        if mean is not None:
            aht = np.where(np.isnan(aht), mean, aht)
    if np.isnan(aht).any():
        raise DataError(
            [
                Problem(
                    f"the handle time of {queue.name!r} is not known",
                    "give aht with the arrivals or the Queue",
                )
            ]
        )
    tolerated = queue.channel.patience or laws[1].mean or np.inf
    cells = slots["cell"].to_numpy(int)
    limit = np.full(len(cells), grid.end + 86400.0)
    if waiting is None:
        limit = closing(cells, volumes.max(axis=0) > 0, grid)
    return Demand(
        queue.name, number, cells, volumes, as_counted, aht, float(tolerated), laws, limit,
        waiting, redial, log,
    )  # fmt: skip


def nights(cells: np.ndarray, grid: Grid) -> np.ndarray:
    """Middles of the nights between open intervals, in order. [s]"""
    starts = np.unique(cells) * grid.span
    dark = np.flatnonzero(np.diff(starts) - grid.span >= _CLOSED)
    return (starts[dark] + grid.span + starts[dark + 1]) / 2.0


def closing(cells: np.ndarray, busy: np.ndarray, grid: Grid) -> np.ndarray:
    """Until when those who come in each interval are kept in line: the middle of the night after. [s]"""
    middles = np.append(nights(cells[busy], grid), grid.end + 86400.0)
    return middles[np.searchsorted(middles, cells * grid.span)]


def draw(demand: Demand, grid: Grid, stretch: tuple[float, float], rows: np.ndarray, seed: int) -> Contacts:
    """Contacts of one queue that come in a stretch of time, in a block of replications.

    Parameters
    ----------
    demand : Demand
        Of the queue.
    grid : Grid
        Of the intervals.
    stretch : tuple of float
        From and to; nobody is kept in line beyond it. [s]
    rows : numpy.ndarray of int
        Numbers of the replications.
    seed : int
        The same seed draws the same contacts.

    Returns
    -------
    Contacts
        In order of arrival.
    """
    starts = demand.cells * grid.span
    own = np.flatnonzero((starts >= stretch[0]) & (starts < stretch[1]))
    first = int(demand.cells[own[0]]) if own.size else 0
    key = [seed, zlib.crc32(demand.name.encode()), first, int(rows[0])]
    rng = [np.random.default_rng([*key, stream]) for stream in range(4)]
    log = None
    if demand.log is None:
        arrived = _arrivals(_counts(demand, own, rows, rng[_VOLUME]), starts[own], grid, rng[_VOLUME])
    else:
        came = (demand.log.arrived >= stretch[0]) & (demand.log.arrived < stretch[1])
        log = Log(*(column[came, None] for column in demand.log))
        arrived = np.repeat(log.arrived, len(rows), axis=1)
    if demand.waiting and first == demand.cells[0]:
        arrived = np.concatenate([np.full((demand.waiting, len(rows)), starts[0]), arrived])
    service = demand.laws[0].draw(rng[_SERVICE], arrived.shape)
    service *= _at(demand.aht, demand, grid, arrived)
    limit = np.minimum(_at(demand.limit, demand, grid, arrived), stretch[1])
    if log is not None:
        service[-len(log.service) :] = np.where(
            np.isnan(log.service), service[-len(log.service) :], log.service
        )
    deadline = arrived + _patience(demand, log, arrived.shape, rng[_PATIENCE])
    np.minimum(deadline, limit, out=deadline)
    deadline[arrived >= grid.end] = -1.0
    again = None
    if demand.redial is not None and demand.redial.share:
        until = np.full(grid.size + 1, -1.0)
        until[demand.cells] = np.minimum(demand.limit, stretch[1])
        again = _attempts(demand, arrived, grid, until, rng[_REDIAL])
    return Contacts(demand.queue, arrived, service, deadline, again)


def _counts(demand: Demand, own: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Contacts of each interval in each replication, shape (replications, intervals)."""
    volumes = demand.volumes[:, own]
    if not demand.as_counted:
        return rng.poisson(np.broadcast_to(volumes[0], (len(rows), own.size)))
    # A path already scatters as counts do: its fraction of a contact comes or does not.
    wanted = volumes[rows % len(volumes)]
    return np.floor(wanted + rng.random(wanted.shape)).astype(np.int64)


def _arrivals(counts: np.ndarray, starts: np.ndarray, grid: Grid, rng: np.random.Generator) -> np.ndarray:
    """Times spread evenly over each interval and sorted, shape (contacts, replications)."""
    totals = counts.sum(axis=1)
    out = np.full((len(counts), int(totals.max(initial=0))), grid.end)
    times = np.repeat(np.tile(starts, len(counts)), counts.ravel())
    times += grid.span * rng.random(len(times))
    out[np.arange(out.shape[1]) < totals[:, None]] = times
    out.sort(axis=1)
    return np.ascontiguousarray(out.T)


def _at(values: np.ndarray, demand: Demand, grid: Grid, arrived: np.ndarray) -> np.ndarray | float:
    """What holds in the interval of each contact; one number where it is the same in all."""
    if values.size == 0 or values.min() == values.max():
        return float(values[0]) if values.size else 0.0
    table = np.full(grid.size + 1, values[-1])
    table[demand.cells] = values
    return table[(arrived / grid.span).astype(np.int32)]


def _patience(
    demand: Demand, log: Log | None, shape: tuple[int, ...], rng: np.random.Generator
) -> np.ndarray | float:
    """Time each contact waits before it gives up. [s]

    Whoever hung up in a log showed his patience; the others had more than they waited.
    """
    if np.isinf(demand.patience):
        out = np.inf
    else:
        out = demand.laws[1].draw(rng, shape)
        out *= demand.patience
    if log is None:
        return out
    if np.isfinite(demand.patience):
        for _ in range(50):
            short = out < log.wait
            if not short.any():
                break
            out[short] = (demand.laws[1].draw(rng, shape) * demand.patience)[short]
        out = np.maximum(out, log.wait)
    return np.where(np.isnan(log.patience), out, log.patience)


def _attempts(
    demand: Demand, arrived: np.ndarray, grid: Grid, until: np.ndarray, rng: np.random.Generator
) -> Again:
    """How often each caller would call again if he were never answered, and when."""
    redial = demand.redial
    assert redial is not None
    size, replications = arrived.shape
    tries = (rng.geometric(1.0 - redial.share, arrived.shape) - 1).T
    tries[arrived.T >= grid.end] = 0
    total = tries.sum(axis=1)
    following = np.full((replications, size + int(total.max(initial=0))), -1, dtype=np.int64)
    for row in range(replications):
        chain = size + np.arange(total[row])
        following[row, size : size + total[row]] = chain + 1
        last = np.cumsum(tries[row])
        redials = tries[row] > 0
        following[row, last[redials] - 1 + size] = -1
        following[row, :size][redials] = size + last[redials] - tries[row][redials]
    shape = (replications, following.shape[1] - size)
    delay = redial.delay * rng.standard_exponential(shape)
    waits = demand.laws[1].draw(rng, shape) * demand.patience if np.isfinite(demand.patience) else np.inf
    return Again(following, delay, np.broadcast_to(waits, shape), until)
