"""Contacts one by one: when they come, how long they take, how long they wait before they give up.

What is drawn for a contact hangs on the seed, its queue and its place in line alone, never on who is there to
answer it: two plans replayed with the same seed meet the same contacts (common random numbers).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from staffing.simulation.demand import SECOND, Demand, Grid, Log

_LONGEST = 1 << 40  # twelve days: nothing lasts longer, so that times can be added
_BLOCK = 1 << 18  # contacts that are drawn at once: their columns stay in the cache
_ROWS = 32  # and replications whose arrivals are sorted at once
_VOLUME, _SERVICE, _PATIENCE, _REDIAL = range(4)


@dataclass(frozen=True, eq=False)
class Again:
    """Further attempts, drawn beforehand and used where the caller does hang up.

    Parameters
    ----------
    following : numpy.ndarray of int
        (contacts + attempts, replications) place of the next attempt, -1 where there is none.
    delay, patience : numpy.ndarray of int
        (attempts, replications) from hanging up to calling again; and in line then. [µs]
    until : numpy.ndarray of int
        (intervals + 1,) until when those who call in each interval are kept in line; -1 where closed. [µs]
    """

    following: np.ndarray
    delay: np.ndarray
    patience: np.ndarray
    until: np.ndarray

    def rows(self, part: slice) -> Again:
        """Some of the replications."""
        return Again(self.following[:, part], self.delay[:, part], self.patience[:, part], self.until)


@dataclass(frozen=True, eq=False)
class Contacts:
    """Contacts of one queue in a block of replications, in order of arrival.

    Parameters
    ----------
    queue : int
        Its number.
    arrived, service, deadline : numpy.ndarray of int
        (contacts, replications) when each came, how long it takes, until when it waits. A replication with
        fewer contacts ends in places whose deadline is -1. [µs]
    due : numpy.ndarray of int or None
        (contacts, replications) by when each must be done; None where there is no such time. [µs]
    again : Again or None
        Further attempts of callers who hang up.
    """

    queue: int
    arrived: np.ndarray
    service: np.ndarray
    deadline: np.ndarray
    due: np.ndarray | None = None
    again: Again | None = None

    def rows(self, part: slice) -> Contacts:
        """Some of the replications."""
        tables: dict[str, Any] = {
            name: table[:, part] for name, table in vars(self).items() if isinstance(table, np.ndarray)
        }
        return replace(self, **tables, again=None if self.again is None else self.again.rows(part))


@dataclass(frozen=True, eq=False)
class Stream:
    """Contacts of one queue that come in a stretch of time, in a block of replications.

    Parameters
    ----------
    demand : Demand
        Of the queue.
    grid : Grid
        Of the intervals.
    arrived : numpy.ndarray of int
        (contacts, replications) sorted; the end of the grid where a replication has no more. [µs]
    end : int
        Nobody is kept in line beyond it. [µs]
    log : Log or None
        The contacts as they are known.
    rng : tuple of numpy.random.Generator
        Of volumes, service, patience and redials.
    """

    demand: Demand
    grid: Grid
    arrived: np.ndarray
    end: int
    log: Log | None
    rng: tuple[np.random.Generator, ...]

    def blocks(self) -> Iterator[Contacts]:
        """All contacts in order, so many at a time that they stay in the cache."""
        step = max(_BLOCK // self.arrived.shape[1], 1)
        for k in range(0, len(self.arrived), step):
            yield self._draw(slice(k, k + step))

    def whole(self) -> Contacts:
        """All contacts at once, with further attempts of those who hang up."""
        return replace(self._draw(slice(0, len(self.arrived))), again=self._again())

    def _draw(self, places: slice) -> Contacts:
        demand, arrived = self.demand, self.arrived[places]
        known = None if self.log is None else Log(*(column[places, None] for column in self.log))
        lasts = demand.laws[0].draw(self.rng[_SERVICE], arrived.shape)
        lasts = lasts * (self._at(demand.aht, arrived) * SECOND)
        if known is not None:
            lasts = np.where(np.isnan(known.service), lasts, np.rint(known.service * SECOND))
        service = np.minimum(lasts, _LONGEST).astype(np.int64)
        limit = np.minimum(self._at(demand.limit, arrived), self.end)
        due = None
        if demand.due is not None:
            due = self._at(demand.due[1:], arrived) + np.zeros_like(arrived)
            due[arrived <= demand.cells[0] * self.grid.span] = demand.due[0]
        deadline = np.minimum(arrived + self._patience(known, arrived.shape), limit)
        if len(arrived) and arrived[-1].max() >= self.grid.end:
            deadline[arrived >= self.grid.end] = -1
        return Contacts(demand.queue, arrived, service, deadline, due)

    def _at(self, values: np.ndarray, arrived: np.ndarray) -> np.ndarray:
        """What holds in the interval of each contact; one number where it is the same in all."""
        if (values == values[0]).all():
            return values[:1]
        table = np.full(self.grid.size + 1, values[-1])
        table[self.demand.cells] = values
        return table[arrived // self.grid.span]

    def _patience(self, known: Log | None, shape: tuple[int, ...]) -> np.ndarray:
        """Time each contact waits before it gives up. [µs]

        Whoever hung up in a log showed his patience; the others had more than they waited.
        """
        patience = self._draw_patience(shape)
        if known is None:
            return patience
        borne = np.rint(known.wait * SECOND).astype(np.int64)
        for _ in range(50):
            short = patience < borne
            if not short.any():
                break
            patience[short] = self._draw_patience(shape)[short]
        shown = np.rint(np.nan_to_num(known.patience * SECOND)).astype(np.int64)
        return np.where(np.isnan(known.patience), np.maximum(patience, borne), shown)

    def _draw_patience(self, shape: tuple[int, ...]) -> np.ndarray:
        if np.isinf(self.demand.patience):
            return np.full(shape, _LONGEST)
        lasts = self.demand.laws[1].draw(self.rng[_PATIENCE], shape) * (self.demand.patience * SECOND)
        return np.minimum(lasts, _LONGEST).astype(np.int64)

    def _again(self) -> Again | None:
        """How often each caller would call again if he were never answered, and when."""
        if not self.demand.redial:
            return None
        size, replications = self.arrived.shape
        rng = self.rng[_REDIAL]
        tries = rng.geometric(1.0 - self.demand.redial, self.arrived.shape) - 1
        tries[self.grid.end <= self.arrived] = 0
        total = tries.sum(axis=0)
        following = np.full((size + int(total.max(initial=0)), replications), -1)
        for row in range(replications):
            last, calls = np.cumsum(tries[:, row]), tries[:, row] > 0
            following[size : size + total[row], row] = size + np.arange(total[row]) + 1
            following[size + last[calls] - 1, row] = -1
            following[:size, row][calls] = size + (last - tries[:, row])[calls]
        shape = (len(following) - size, replications)
        delay = (self.demand.redial_delay * SECOND * rng.standard_exponential(shape)).astype(np.int64)
        until = np.full(self.grid.size + 1, -1)
        until[self.demand.cells] = np.minimum(self.demand.limit, self.end)
        return Again(following, delay, self._draw_patience(shape), until)


def stream(demand: Demand, grid: Grid, stretch: tuple[int, int], rows: np.ndarray, seed: int) -> Stream:
    """Let the contacts of one queue come in a stretch of time.

    Parameters
    ----------
    demand : Demand
        Of the queue.
    grid : Grid
        Of the intervals.
    stretch : tuple of int
        From and to. [µs]
    rows : numpy.ndarray of int
        Numbers of the replications.
    seed : int
        The same seed draws the same contacts.

    Returns
    -------
    Stream
        Its arrivals are drawn; the rest is drawn on the way.
    """
    starts = demand.cells * grid.span
    own = np.flatnonzero((starts >= stretch[0]) & (starts < stretch[1]))
    first = int(demand.cells[own[0]]) if own.size else 0
    key = [seed, zlib.crc32(demand.name.encode()), first, int(rows[0])]
    rng = tuple(np.random.default_rng([*key, number]) for number in range(4))
    log = None
    if demand.log is None:
        arrived = _arrivals(_counts(demand, own, rows, rng[_VOLUME]), starts[own], grid, rng[_VOLUME])
    else:
        came = (demand.log.arrived >= stretch[0]) & (demand.log.arrived < stretch[1])
        log = Log(*(column[came] for column in demand.log))
        arrived = np.repeat(log.arrived[:, None], len(rows), axis=1)
    if demand.waiting and first == demand.cells[0]:
        arrived = np.concatenate([np.full((demand.waiting, len(rows)), starts[0]), arrived])
    return Stream(demand, grid, arrived, stretch[1], log, rng)


def _counts(demand: Demand, own: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Contacts of each interval in each replication, shape (replications, intervals)."""
    volumes = demand.volumes[:, own]
    if demand.source == "forecast":
        return rng.poisson(np.broadcast_to(volumes[0], (len(rows), own.size)))
    # A path already scatters as counts do: its last fraction of a contact comes or does not.
    wanted = volumes[rows % len(volumes)]
    return np.floor(wanted + rng.random(wanted.shape)).astype(np.int64)


def _arrivals(counts: np.ndarray, starts: np.ndarray, grid: Grid, rng: np.random.Generator) -> np.ndarray:
    """Times spread evenly over each interval and sorted, shape (contacts, replications)."""
    totals = counts.sum(axis=1).tolist()
    out = np.empty((max(totals, default=0), len(counts)), dtype=np.int64)
    for low in range(0, len(counts), _ROWS):
        rows = np.full((min(_ROWS, len(counts) - low), len(out)), grid.end)
        for row, total in zip(rows, totals[low:], strict=False):
            row[:total] = np.repeat(starts, counts[low])
            row[:total] += rng.integers(0, grid.span, total)
            low += 1
        rows.sort(axis=1)
        out[:, low - len(rows) : low] = rows.T
    return out
