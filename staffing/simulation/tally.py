"""What became of the contacts, counted by interval and by agent."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from staffing.simulation.demand import Demand, Grid
from staffing.simulation.people import People, Windows

# How a contact ends; the last is no contact, but an empty place at the end of a replication.
IN_TIME, LATE, HUNG_UP_SOON, HUNG_UP, WAITING, EMPTY = range(6)
_BLOCK = 1 << 15  # contacts that are counted together, so that they stay in the cache


@dataclass(frozen=True, eq=False)
class Answers:
    """What the engine made of one queue's contacts, (contacts, replications) each.

    Parameters
    ----------
    queue : int
        Its number.
    arrived, service, deadline : numpy.ndarray
        As in `Contacts`. [s]
    started : numpy.ndarray
        When an agent had time; after the deadline where nobody had. [s]
    cell : numpy.ndarray of int
        replication * agents + agent.
    until : numpy.ndarray
        End of the agent's window in which he answered. [s]
    home : numpy.ndarray of int or int
        Queue on which the agent was rostered.
    """

    queue: int
    arrived: np.ndarray
    service: np.ndarray
    deadline: np.ndarray
    started: np.ndarray
    cell: np.ndarray
    until: np.ndarray
    home: np.ndarray | int

    def part(self, columns: tuple[slice, slice]) -> Answers:
        """Some of the contacts in some of the replications."""
        return Answers(
            self.queue, *(table[columns] for table in (
                self.arrived, self.service, self.deadline, self.started, self.cell, self.until)),
            self.home if isinstance(self.home, int) else self.home[columns],
        )  # fmt: skip


@dataclass(eq=False)
class Totals:
    """Sums over time, one for each replication.

    Parameters
    ----------
    shape : tuple of int
        Queues, intervals, replications, agents.

    Attributes
    ----------
    ends : numpy.ndarray
        (queues, ends, intervals, replications) contacts by the interval in which they came.
    waits : numpy.ndarray
        (queues, intervals, replications) of the answered, by the interval in which they came. [s]
    busy, staffed : numpy.ndarray
        (queues, intervals, replications) time in contacts, and on the queue, of those rostered on it. [s]
    backlog : numpy.ndarray
        (queues, intervals, replications) contacts in line at the end of the interval.
    answered, on_contacts, on_queue : numpy.ndarray
        (replications, agents) contacts; time in contacts and on the queue. [s]
    """

    shape: tuple[int, int, int, int]
    ends: np.ndarray = field(init=False)
    waits: np.ndarray = field(init=False)
    busy: np.ndarray = field(init=False)
    staffed: np.ndarray = field(init=False)
    backlog: np.ndarray = field(init=False)
    answered: np.ndarray = field(init=False)
    on_contacts: np.ndarray = field(init=False)
    on_queue: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        queues, intervals, replications, agents = self.shape
        # One interval more than there is: for what lasts beyond the end.
        over_time = (queues, intervals + 1, replications)
        self.ends = np.zeros((queues, EMPTY + 1, intervals + 1, replications))
        self.waits, self.busy, self.staffed, self.backlog = (np.zeros(over_time) for _ in range(4))
        self.answered, self.on_contacts, self.on_queue = (np.zeros((replications, agents)) for _ in range(3))


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
    edges = np.arange(grid.size + 2) * grid.span
    edges[-1] = np.inf
    there = (~gone).T.astype(float)
    if not gone.any():
        there = there[:, :1]
    for queue in range(totals.shape[0]):
        own = np.flatnonzero(people.home[people.profile] == queue)
        begin = np.maximum(people.start[own, None], edges[:-1])
        spans = np.maximum(np.minimum(people.end[own, None], edges[1:]) - begin, 0.0)
        totals.staffed[queue, :, rows] += spans.T @ there[own]
    counted = np.maximum(people.end - np.maximum(people.start, grid.begin), 0.0)
    hours = np.zeros((len(people.names), there.shape[1]))
    np.add.at(hours, people.agent, counted[:, None] * there)
    totals.on_queue[rows] += hours.T


def count(
    totals: Totals, rows: slice, answers: Answers, present: Windows, demand: Demand, within: float, grid: Grid
) -> None:
    """Add what became of the contacts of one queue.

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
    within : float
        Acceptable wait. [s]
    grid : Grid
        Of the intervals.
    """
    size, replications = answers.arrived.shape
    limit = np.zeros(grid.size + 1)
    limit[demand.cells] = demand.limit
    step = max(_BLOCK // replications, 1)
    for k in range(0, size, step):
        block = answers.part((slice(k, k + step), slice(None)))
        served = block.started <= block.deadline
        left = np.minimum(block.started, block.deadline)
        np.maximum(left, block.arrived, out=left)
        _count_ends(totals, rows, block, served, left, limit, within, grid)
        _count_work(totals, rows, block, served, left, present, grid)


def _count_ends(
    totals: Totals,
    rows: slice,
    block: Answers,
    served: np.ndarray,
    left: np.ndarray,
    limit: np.ndarray,
    within: float,
    grid: Grid,
) -> None:
    """Ends, waits and the line, by the interval in which contacts came; ``left`` is when each left the line."""
    replications = served.shape[1]
    wait = left - block.arrived
    came = (block.arrived / grid.span).astype(np.int64)
    code = (wait > within).astype(np.int64)
    lost = np.flatnonzero(~served)
    if lost.size:
        flat_came, deadline = came.ravel()[lost], block.deadline.ravel()[lost]
        kind = np.where(deadline >= limit[flat_came], WAITING, HUNG_UP_SOON + code.ravel()[lost])
        code.ravel()[lost] = np.where(deadline < 0, EMPTY, kind)
    low, high = int(came.min()), int(came.max()) + 1
    column = np.arange(replications)
    key = (came - low) * replications + column
    length = (high - low) * replications
    shape = (high - low, replications)
    ends = np.bincount((code * length + key).ravel(), minlength=(EMPTY + 1) * length)
    totals.ends[block.queue, :, low:high, rows] += ends.reshape(EMPTY + 1, *shape)
    wait *= served
    waits = np.bincount(key.ravel(), weights=wait.ravel(), minlength=length)
    totals.waits[block.queue, low:high, rows] += waits.reshape(shape)
    # The line at the end of an interval: who came before less who left before; summed up in the end.
    went = (np.minimum(left, grid.end) / grid.span).astype(np.int64)
    stays = np.nonzero(went > came)
    if stays[0].size:
        line = totals.backlog[block.queue, :, rows]
        np.add.at(line, (came[stays], stays[1]), 1.0)
        np.add.at(line, (went[stays], stays[1]), -1.0)


def _count_work(
    totals: Totals,
    rows: slice,
    block: Answers,
    served: np.ndarray,
    left: np.ndarray,
    present: Windows,
    grid: Grid,
) -> None:
    """Time in contacts and time that a contact holds an agent on the queue beyond his window."""
    replications = served.shape[1]
    agents = len(present.agents)
    if agents == 0:
        return
    column = np.broadcast_to(np.arange(replications), served.shape).ravel()
    ends = left + block.service * served
    begin, end, cell, done = left.ravel(), ends.ravel(), block.cell.ravel(), served.ravel()
    home = block.home if isinstance(block.home, int) else block.home.ravel()
    _spread(totals.busy[:, :, rows], begin, end, home, column, grid)
    counted = np.maximum(end - np.maximum(begin, grid.begin), 0.0) if grid.warm else end - begin
    shape = (replications, agents)
    weight = done & (begin >= grid.begin) if grid.warm else done
    totals.answered[rows, present.agents] += np.bincount(
        cell, weights=weight, minlength=replications * agents
    ).reshape(shape)
    totals.on_contacts[rows, present.agents] += np.bincount(
        cell, weights=counted, minlength=replications * agents
    ).reshape(shape)
    over = np.flatnonzero(done & (end > block.until.ravel()))
    begin, end, cell, column = block.until.ravel()[over], end[over], cell[over], column[over]
    home = home if isinstance(home, int) else home[over]
    while len(begin):
        windows = present.closes[cell // agents, cell % agents], present.opens[cell // agents, cell % agents]
        turn = (windows[0] <= begin[:, None]).sum(axis=1)
        stop = np.minimum(end, windows[1][np.arange(len(cell)), turn])
        _spread(totals.staffed[:, :, rows], begin, stop, home, column, grid)
        beyond = np.maximum(stop - np.maximum(begin, grid.begin), 0.0)
        np.add.at(totals.on_queue[rows], (cell // agents, present.agents[cell % agents]), beyond)
        # A contact that outlasts the break and the next window too.
        begin = windows[0][np.arange(len(cell)), turn]
        more = end > begin
        begin, end, cell, column = begin[more], end[more], cell[more], column[more]
        home = home if isinstance(home, int) else home[more]


def _spread(
    target: np.ndarray,
    begin: np.ndarray,
    end: np.ndarray,
    home: np.ndarray | int,
    column: np.ndarray,
    grid: Grid,
) -> None:
    """Add the time from begin to end to (home, interval, column), cut at the ends of the intervals."""
    # What lasts beyond the last interval ends in the one that is not reported.
    begin, end = (np.minimum(time, (grid.size + 1) * grid.span) for time in (begin, end))
    while len(begin):
        place = (begin / grid.span).astype(np.int64)
        edge = (place + 1) * grid.span
        piece = np.minimum(end, edge)
        piece -= begin
        replications = target.shape[2]
        low, high = int(place.min()), min(int(place.max()), grid.size) + 1
        np.minimum(place, grid.size, out=place)
        key = (place - low) * replications + column
        length = (high - low) * replications
        if isinstance(home, int):
            target[home, low:high] += np.bincount(key, weights=piece, minlength=length).reshape(
                -1, replications
            )
        else:
            sums = np.bincount(home * length + key, weights=piece, minlength=len(target) * length)
            target[:, low:high] += sums.reshape(len(target), -1, replications)
        on = np.flatnonzero(end > edge)
        begin, end, column = edge[on], end[on], column[on]
        home = home if isinstance(home, int) else home[on]
