"""One queue with changing staff: the k-th contact of all replications at once.

The wait of a first-come-first-served line follows contact by contact from the times at which its agents are
free (the recursion of Kiefer and Wolfowitz, with impatience), so that no list of events is kept.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from staffing.simulation.people import NEVER, Windows
from staffing.simulation.stream import Contacts
from staffing.simulation.tally import Answers


class Line:
    """Agents of one queue in several replications, and when each is free.

    Times stand above the *cell* ``agent * replications + replication``: the least key ``free << bits | cell``
    of a replication names the agent who is free first, longest idle first, in one pass without a branch.

    Parameters
    ----------
    arrived : numpy.ndarray of int
        (contacts, replications) every arrival to come. [µs]
    present : Windows
        Of the agents.
    busy : numpy.ndarray of int
        (replications, agents) until when each is still on a call from before. [µs]
    """

    def __init__(self, arrived: np.ndarray, present: Windows, busy: np.ndarray) -> None:
        replications, agents = arrived.shape[1], len(present.agents)
        self.present = present
        self.bits = max(agents * replications - 1, 0).bit_length()
        # Windows as keys of cell zero; `AFTER`, which would not fit, becomes the last time that does.
        self.opens = present.opens << self.bits
        self.closes = np.minimum(present.closes, (1 << 63 - self.bits) - 1) << self.bits
        turn = (present.closes <= busy[:, :, None]).sum(axis=2)[:, :, None]
        free = np.maximum(np.take_along_axis(present.opens, turn, axis=2)[:, :, 0], busy)
        cell = np.arange(agents)[:, None] * replications + np.arange(replications)
        self.keys = np.ascontiguousarray((free.T << self.bits) | cell)
        self.until = np.take_along_axis(self.closes, turn, axis=2)[:, :, 0].T.ravel()
        self._depart(arrived)
        self.done = 0

    def _depart(self, arrived: np.ndarray) -> None:
        """Sort every end of a window by the first contact that comes after it."""
        size, replications = arrived.shape
        row, agent, turn = np.nonzero(self.present.closes < NEVER)
        ends = self.present.closes[row, agent, turn]
        moments = np.unique(ends)
        after = np.stack([np.searchsorted(arrived[:, r], moments) for r in range(replications)])
        contact = after[row, np.searchsorted(moments, ends)].astype(np.min_scalar_type(size))
        # Stable: the windows of an agent stay in order where several end before the same contact.
        order = contact.argsort(kind="stable")
        row, agent, turn = row[order], agent[order], turn[order] + 1
        self.first = np.searchsorted(contact[order], np.arange(size + 1)).tolist()
        self.leaver = agent * replications + row
        self.comes = self.opens[row, agent, turn] | self.leaver
        self.leaves = self.closes[row, agent, turn]

    def answer(self, contacts: Contacts) -> Answers:
        """When each of the next contacts is answered, and by whom.

        Parameters
        ----------
        contacts : Contacts
            Of one queue, after those of the call before.

        Returns
        -------
        Answers
            ``started`` is after the deadline where nobody had time.
        """
        size, replications = contacts.arrived.shape
        started, until, cell = (np.empty((size, replications), dtype=np.int64) for _ in range(3))
        if self.keys.size:
            self._answer(contacts, started, until, cell)
            started >>= self.bits
            until >>= self.bits
        else:
            started.fill(NEVER)
        self.done += size
        given = contacts.arrived, contacts.service, contacts.deadline
        return Answers(contacts.queue, *given, started, cell, until, home=contacts.queue, due=contacts.due)

    def _answer(self, contacts: Contacts, started: np.ndarray, until: np.ndarray, cell: np.ndarray) -> None:
        """Write down start, end of the window (both as keys) and cell, contact by contact."""
        keys, every_key, every_until = self.keys, self.keys.reshape(-1), self.until
        given = contacts.arrived, contacts.service, contacts.deadline
        arrived, service, deadline = (table << self.bits for table in given)
        # Kept from step to step: with few replications, a step costs what its calls cost.
        mask = np.full(keys.shape[1], (1 << self.bits) - 1)
        late, served = np.empty(len(mask), dtype=bool), np.empty(len(mask), dtype=bool)
        free, ends = np.empty(len(mask), dtype=np.int64), np.empty(len(mask), dtype=np.int64)
        first = self.first[self.done : self.done + len(arrived) + 1]
        rows = zip(pairwise(first), arrived, service, deadline, started, until, cell, strict=True)
        for (begin, end), comes, lasts, gives_up, start, window, who in rows:
            if begin < end:
                # Windows have ended since: who is not on a call comes back with his next one.
                gone = self.leaver[begin:end]
                every_key[gone] = np.maximum(every_key[gone], self.comes[begin:end])
                every_until[gone] = np.maximum(every_until[gone], self.leaves[begin:end])
            np.minimum.reduce(keys, axis=0, out=free)
            np.bitwise_and(free, mask, out=who)
            np.bitwise_xor(free, who, out=free)
            np.maximum(free, comes, out=start)
            every_until.take(who, out=window, mode="clip")
            np.greater_equal(start, window, out=late)
            if np.count_nonzero(late):
                self._send_away(late, comes, start, who)
                every_until.take(who, out=window, mode="clip")
            np.less_equal(start, gives_up, out=served)
            np.multiply(served, lasts, out=ends)
            np.add(ends, start, out=ends)
            np.bitwise_or(ends, who, out=ends)
            every_key[who] = ends

    def _send_away(self, late: np.ndarray, comes: np.ndarray, start: np.ndarray, who: np.ndarray) -> None:
        """Whose call outlasts his window comes back with the next one, till the first free is there."""
        mask, every_key = (1 << self.bits) - 1, self.keys.reshape(-1)
        rows = late.nonzero()[0]
        while rows.size:
            cell = who[rows]
            free, agent = every_key[cell] & ~mask, cell // len(late)
            turn = (self.closes[rows, agent] <= free[:, None]).sum(1)
            every_key[cell] = np.maximum(free, self.opens[rows, agent, turn]) | cell
            self.until[cell] = self.closes[rows, agent, turn]
            least = self.keys[:, rows].min(0)
            who[rows], start[rows] = least & mask, np.maximum(least & ~mask, comes[rows])
            rows = rows[start[rows] >= self.until[who[rows]]]
