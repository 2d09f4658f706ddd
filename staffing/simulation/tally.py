"""What became of the contacts, counted by interval and by agent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from staffing.simulation.demand import Demand, Grid
from staffing.simulation.people import People, Windows

# How a contact ends; the last is no contact, but an empty place at the end of a replication.
IN_TIME, LATE, HUNG_UP_SOON, HUNG_UP, WAITING, EMPTY = range(6)
_BLOCK = 1 << 18  # contacts that are counted together, so that they stay in the cache


@dataclass(frozen=True, eq=False)
class Answers:
    """What an engine made of contacts of one queue, (contacts, replications) each.

    Parameters
    ----------
    queue : int
        Its number.
    arrived, service, deadline : numpy.ndarray of int
        As in `Contacts`. [µs]
    started : numpy.ndarray of int
        When an agent had time; after the deadline where nobody had. [µs]
    cell : numpy.ndarray of int
        agent * replications + replication.
    until : numpy.ndarray of int
        End of the agent's window in which he answered. [µs]
    home : numpy.ndarray of int or int
        Queue on which the agent was rostered.
    due : numpy.ndarray of int or None
        As in `Contacts`. [µs]
    effort : numpy.ndarray or None
        Share of the agent that each takes while it lasts; None: all of him. [0-1]
    """

    queue: int
    arrived: np.ndarray
    service: np.ndarray
    deadline: np.ndarray
    started: np.ndarray
    cell: np.ndarray
    until: np.ndarray
    home: np.ndarray | int
    due: np.ndarray | None = None
    effort: np.ndarray | None = None

    def part(self, places: slice) -> Answers:
        """Some of the contacts."""
        return self._map(lambda table: table[places])

    def first(self) -> Answers:
        """The first replication alone, copied: a view would keep the memory of all of them."""
        return self._map(lambda table: table[:, :1].copy())

    def _map(self, taken: Callable[[np.ndarray], np.ndarray]) -> Answers:
        tables: dict[str, Any] = {
            name: taken(table) for name, table in vars(self).items() if isinstance(table, np.ndarray)
        }
        return replace(self, **tables)


@dataclass(eq=False)
class Totals:
    """Sums over time, one for each replication.

    Parameters
    ----------
    shape : tuple of int
        Queues, intervals, agents, replications.

    Attributes
    ----------
    ends : numpy.ndarray
        (queues, ends, intervals, replications) contacts by the interval in which they came.
    waits : numpy.ndarray
        (queues, intervals, replications) of the answered, by the interval in which they came. [µs]
    busy, staffed : numpy.ndarray
        (queues, intervals, replications) time in contacts, and on the queue, of those rostered on it. [µs]
    line : numpy.ndarray
        (queues, intervals, replications) contacts in line at the end of the interval, less those before.
    answered, on_contacts, on_queue : numpy.ndarray
        (agents, replications) contacts; time in contacts and on the queue. [µs]
    """

    shape: tuple[int, int, int, int]
    ends: np.ndarray = field(init=False)
    waits: np.ndarray = field(init=False)
    busy: np.ndarray = field(init=False)
    staffed: np.ndarray = field(init=False)
    line: np.ndarray = field(init=False)
    answered: np.ndarray = field(init=False)
    on_contacts: np.ndarray = field(init=False)
    on_queue: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        queues, intervals, agents, replications = self.shape
        # One interval more than there is: for what lasts beyond the end.
        over_time = (queues, intervals + 1, replications)
        self.ends = np.zeros((queues, EMPTY + 1, intervals + 1, replications))
        self.waits, self.busy, self.staffed, self.line = (np.zeros(over_time) for _ in range(4))
        self.answered, self.on_contacts, self.on_queue = (np.zeros((agents, replications)) for _ in range(3))


def count_presence(totals: Totals, rows: slice, people: People, gone: np.ndarray, grid: Grid) -> None:
    """Add the time that each agent is on the queue by his segments.

    Parameters
    ----------
    totals : Totals
        To be added to.
    rows : slice
        The replications.
    people : People
        Everybody.
    gone : numpy.ndarray of bool
        (replications, windows) missed.
    grid : Grid
        Of the intervals.
    """
    edges = np.arange(grid.size + 1) * grid.span
    there = (~gone).T.astype(float)
    if not gone.any():
        there = there[:, :1]
    begin = np.maximum(people.start[:, None], edges[:-1])
    spans = np.maximum(np.minimum(people.end[:, None], edges[1:]) - begin, 0).astype(float)
    home = people.home[people.profile]
    for queue in range(len(totals.staffed)):
        totals.staffed[queue, :-1, rows] += spans[home == queue].T @ there[home == queue]
    counted = np.zeros((len(people.names), there.shape[1]))
    np.add.at(counted, people.agent, spans[:, grid.warm :].sum(axis=1)[:, None] * there)
    totals.on_queue[:, rows] += counted


def count(
    totals: Totals, rows: slice, answers: Answers, present: Windows, demand: Demand, within: int, grid: Grid
) -> None:
    """Add what became of contacts of one queue.

    Parameters
    ----------
    totals : Totals
        To be added to.
    rows : slice
        The replications.
    answers : Answers
        Of the engine.
    present : Windows
        The agents whom the engine knew.
    demand : Demand
        Whose contacts they are.
    within : int
        Acceptable wait. [µs]
    grid : Grid
        Of the intervals.
    """
    size, replications = answers.arrived.shape
    limit = np.zeros(grid.size + 1, dtype=np.int64)
    limit[demand.cells] = demand.limit
    step = max(_BLOCK // replications, 1)
    for k in range(0, size, step):
        block = _Block(answers.part(slice(k, k + step)), limit, within, grid)
        block.count_ends(totals, rows)
        if len(present.agents):
            block.count_work(totals, rows, present)


class _Block:
    """Contacts that are counted together, flattened; `left` is when each left the line."""

    def __init__(self, answers: Answers, limit: np.ndarray, within: int, grid: Grid) -> None:
        self.answers, self.grid = answers, grid
        self.size, self.replications = answers.arrived.shape
        self.column = np.broadcast_to(np.arange(self.replications), answers.arrived.shape).ravel()
        self.arrived, deadline = answers.arrived.ravel(), answers.deadline.ravel()
        self.left = np.minimum(answers.started, answers.deadline).ravel()
        self.served = (answers.started <= answers.deadline).ravel()
        self.lost = lost = (~self.served).nonzero()[0]
        none = lost[deadline[lost] < 0]
        self.left[none] = self.arrived[none]
        self.came = self.arrived // grid.span
        self.wait = self.left - self.arrived
        late = self.wait > within
        if answers.due is not None:
            late = self.left + answers.service.ravel() > answers.due.ravel()
        self.end = late.astype(np.int64)
        self.end[lost] = np.where(
            deadline[lost] >= limit[self.came[lost]], WAITING, HUNG_UP_SOON + self.end[lost]
        )
        self.end[none] = EMPTY
        self.wait[lost] = 0

    def count_ends(self, totals: Totals, rows: slice) -> None:
        """Ends, waits and the line, by the interval in which contacts came."""
        queue, span, width = self.answers.queue, self.grid.span, self.replications
        low = int(self.came.min())
        shape = (int(self.came.max()) + 1 - low, width)
        key = (self.came - low) * width + self.column
        waits = np.bincount(key, weights=self.wait, minlength=shape[0] * width)
        totals.waits[queue, low : low + shape[0], rows] += waits.reshape(shape)
        key += self.end * (shape[0] * width)
        ends = np.bincount(key, minlength=(EMPTY + 1) * shape[0] * width)
        totals.ends[queue, :, low : low + shape[0], rows] += ends.reshape(EMPTY + 1, *shape)
        stays = (self.left >= (self.came + 1) * span).nonzero()[0]
        if stays.size:
            went = np.minimum(self.left[stays] // span, self.grid.size)
            joined, gone = (
                np.bincount(cell * width + self.column[stays], minlength=(self.grid.size + 1) * width)
                for cell in (self.came[stays], went)
            )
            totals.line[queue, :, rows] += (joined - gone).reshape(-1, width)

    def count_work(self, totals: Totals, rows: slice, present: Windows) -> None:
        """Time in contacts, and the time for which they hold an agent beyond his window."""
        answers, grid, width = self.answers, self.grid, self.replications
        begin, cell = self.left, answers.cell.ravel()
        lasts = answers.service.flatten()
        lasts[self.lost] = 0
        end = begin + lasts
        home = answers.home if isinstance(answers.home, int) else answers.home.ravel()
        effort = None if answers.effort is None else answers.effort.ravel()
        _spread(totals.busy[:, :, rows], begin, end, home, self.column, effort, grid)
        uncounted = self.lost
        if int(begin.min()) < grid.begin or int(end.max()) > grid.end:
            lasts = np.maximum(np.minimum(end, grid.end) - np.maximum(begin, grid.begin), 0)
            uncounted = (~self.served | (begin < grid.begin)).nonzero()[0]
        cells = len(present.agents) * width
        answered = np.bincount(cell, minlength=cells) - np.bincount(cell[uncounted], minlength=cells)
        totals.answered[present.agents, rows] += answered.reshape(-1, width)
        worked = lasts if effort is None else lasts * effort
        on_contacts = np.bincount(cell, weights=worked, minlength=cells)
        totals.on_contacts[present.agents, rows] += on_contacts.reshape(-1, width)
        over = (end > answers.until.ravel()).nonzero()[0]
        over = over[self.served[over]]
        begin, end, cell = answers.until.ravel()[over], end[over], cell[over]
        home, effort = _of(home, over), _of(effort, over)
        while len(cell):
            agent, column = np.divmod(cell, width)
            opens, closes = present.opens[column, agent], present.closes[column, agent]
            turn = (closes <= begin[:, None]).sum(axis=1)
            back = np.minimum(end, opens[np.arange(len(cell)), turn])
            _spread(totals.staffed[:, :, rows], begin, back, home, column, effort, grid)
            beyond = np.maximum(np.minimum(back, grid.end) - np.maximum(begin, grid.begin), 0)
            beyond = beyond if effort is None else beyond * effort
            np.add.at(totals.on_queue[:, rows], (present.agents[agent], column), beyond)
            # A contact may outlast the break and the next window as well.
            begin = closes[np.arange(len(cell)), turn]
            more = (end > begin).nonzero()[0]
            begin, end, cell = begin[more], end[more], cell[more]
            home, effort = _of(home, more), _of(effort, more)


def _of(values: Any, places: np.ndarray) -> Any:
    """Some of the values, or what holds for all."""
    return values[places] if isinstance(values, np.ndarray) else values


def _spread(
    target: np.ndarray,
    begin: np.ndarray,
    end: np.ndarray,
    home: np.ndarray | int,
    column: np.ndarray,
    effort: np.ndarray | None,
    grid: Grid,
) -> None:
    """Add the time from begin to end to (home, interval, column), cut at the ends of the intervals."""
    span, width = grid.span, target.shape[2]
    if len(begin) and int(end.max()) > grid.end:
        # What lasts beyond the last interval ends in the one that is not reported.
        begin, end = np.minimum(begin, grid.end + span - 1), np.minimum(end, grid.end + span)
    while len(begin):
        place = begin // span
        edge = place + 1
        edge *= span
        piece = np.minimum(end, edge)
        piece -= begin
        if effort is not None:
            piece = piece * effort
        low = int(place.min())
        length = (int(place.max()) + 1 - low) * width
        # In place, for fresh memory costs more than what is done with it.
        place -= low
        place *= width
        place += column
        if isinstance(home, int):
            sums = np.bincount(place, weights=piece, minlength=length)
            target[home, low : low + length // width] += sums.reshape(-1, width)
        else:
            place += home * length
            sums = np.bincount(place, weights=piece, minlength=len(target) * length)
            target[:, low : low + length // width] += sums.reshape(len(target), -1, width)
        on = (end > edge).nonzero()[0]
        begin, end, column = edge[on], end[on], column[on]
        home, effort = _of(home, on), _of(effort, on)
