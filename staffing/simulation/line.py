"""One queue with changing staff: the k-th contact of all replications at once.

The wait of a first-come-first-served line follows contact by contact from the times at which its agents are free
(the recursion of Kiefer and Wolfowitz, with impatience), so that no list of events is kept.
"""

from __future__ import annotations

import numpy as np

from staffing.simulation.demand import Contacts
from staffing.simulation.people import NEVER, Windows
from staffing.simulation.tally import Answers


def answer(contacts: Contacts, present: Windows, busy: np.ndarray) -> Answers:
    """When each contact is answered, and by whom; the agent free for longest takes the next one.

    Parameters
    ----------
    contacts : Contacts
        Of one queue.
    present : Windows
        Of its agents.
    busy : numpy.ndarray
        (replications, agents) until when each is still on a call from before. [s]

    Returns
    -------
    Answers
        Of the queue.
    """
    size, replications = contacts.arrived.shape
    agents = len(present.agents)
    started, ended = np.empty((size, replications)), np.empty((size, replications))
    cell = np.empty((size, replications), dtype=np.int64)
    answers = Answers(
        contacts.queue,
        contacts.arrived,
        contacts.service,
        contacts.deadline,
        started,
        cell,
        ended,
        contacts.queue,
    )
    if agents == 0:
        started.fill(NEVER)
        return answers
    opens, closes = present.opens, present.closes
    turn = (closes <= busy[:, :, None]).sum(axis=2)[:, :, None]
    free = np.maximum(np.take_along_axis(opens, turn, axis=2)[:, :, 0], busy)
    until = np.take_along_axis(closes, turn, axis=2)[:, :, 0]
    # Flat views of the same memory: indexing one number per replication is what this loop does all the time.
    every_free, every_until = free.reshape(-1), until.reshape(-1)
    leaver, comes, leaves, first = _departures(contacts.arrived, opens, closes)
    base = np.arange(replications) * agents
    late, served, ends = np.empty(replications, bool), np.empty(replications, bool), np.empty(replications)
    stop = first[0]
    for k in range(size):
        begin, stop = stop, first[k + 1]
        if begin < stop:
            who = leaver[begin:stop]
            every_free[who] = np.maximum(every_free[who], comes[begin:stop])
            every_until[who] = np.maximum(every_until[who], leaves[begin:stop])
        who = cell[k]
        free.argmin(1, out=who)
        np.add(who, base, out=who)
        start = np.maximum(every_free[who], contacts.arrived[k], out=started[k])
        window = every_until.take(who, out=ended[k], mode="clip")
        np.greater_equal(start, window, out=late)
        if late.any():
            for row in late.nonzero()[0].tolist():
                _send_away(row, contacts.arrived[k, row], free, until, opens, closes, start, who)
            every_until.take(who, out=window, mode="clip")
        np.less_equal(start, contacts.deadline[k], out=served)
        np.multiply(served, contacts.service[k], out=ends)
        np.add(ends, start, out=ends)
        every_free[who] = ends
    return answers


def _departures(
    arrived: np.ndarray, opens: np.ndarray, closes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[int]]:
    """Every end of a window, sorted by the first contact that comes after it.

    Returns the agent's cell, start and end of his next window, and where the departures of each contact begin.
    """
    size, replications = arrived.shape
    row, agent, turn = np.nonzero(closes < NEVER)
    ends = closes[row, agent, turn]
    contact = np.empty(len(row), dtype=np.int64)
    edges = np.searchsorted(row, np.arange(replications + 1))
    for r in range(replications):
        own = slice(edges[r], edges[r + 1])
        contact[own] = np.searchsorted(arrived[:, r], ends[own])
    order = np.lexsort((ends, contact))
    row, agent, turn = row[order], agent[order], turn[order] + 1
    first = np.searchsorted(contact[order], np.arange(size + 1)).tolist()
    return row * closes.shape[1] + agent, opens[row, agent, turn], closes[row, agent, turn], first


def _send_away(
    row: int,
    arrived: float,
    free: np.ndarray,
    until: np.ndarray,
    opens: np.ndarray,
    closes: np.ndarray,
    start: np.ndarray,
    who: np.ndarray,
) -> None:
    """Let agents whose call outlasted their window come back with the next one, till the first free is there."""
    agents = free.shape[1]
    while start[row] >= until[row, who[row] - row * agents]:
        agent = who[row] - row * agents
        turn = int((closes[row, agent] <= free[row, agent]).sum())
        free[row, agent] = max(free[row, agent], opens[row, agent, turn])
        until[row, agent] = closes[row, agent, turn]
        who[row] = row * agents + free[row].argmin()
        start[row] = max(free[row, who[row] - row * agents], arrived)
