"""Chats: an agent has several at once, and each goes the slower the more there are.

The next events of all replications at once. An agent's clock runs at the pace of one of his chats, so that
each ends at a reading known when it begins: no chat is touched when another comes or goes.
"""

from __future__ import annotations

import numpy as np

from staffing.model import Chat
from staffing.simulation.demand import NEVER, SECOND
from staffing.simulation.laws import throughput
from staffing.simulation.people import DUTY_GAP, Windows
from staffing.simulation.stream import Contacts
from staffing.simulation.tally import Answers

_NONE = 1 << 62
_TIME = 45  # bits of a rank that hold a time


class Desks:
    """Agents of one queue of chats, in several replications at once.

    Tables have a row for each agent and a column for each replication, or are flat: the *cell* of an agent is
    ``agent * replications + replication``.

    Parameters
    ----------
    contacts : Contacts
        Chats; ``service`` is the time of one by itself.
    present : Windows
        Of the agents.
    channel : Chat
        How many at once, and how they share the agent.
    busy : numpy.ndarray of int
        (replications, agents) until when each is still busy from before. [µs]

    Attributes
    ----------
    count : numpy.ndarray of int
        (cells,) chats that the agent has.
    reading, since : numpy.ndarray
        (cells,) of his clock, and the moment at which it was read. [µs]
    ends, chat : numpy.ndarray
        (slots, cells) reading at which each chat ends, infinite where the slot is free; and which it is.
    next_end, change : numpy.ndarray of int
        (cells,) when the first of his chats ends; when he stops to take chats or begins again. [µs]
    due, rank : numpy.ndarray of int
        (agents, replications) the earlier of both; whose turn it is: fewest chats, then longest unchanged.
    coming, head : numpy.ndarray of int
        (replications,) next chat to come, first in line.
    """

    def __init__(self, contacts: Contacts, present: Windows, channel: Chat, busy: np.ndarray) -> None:
        self.contacts, self.present = contacts, present
        self.most, self.width = channel.concurrency, contacts.arrived.shape[1]
        self.stops = _last_new(present, round(channel.last_chat_minutes * 60 * SECOND))
        self.worth = np.array([throughput(channel, k) for k in range(self.most + 1)])
        self.pace = self.worth / np.maximum(np.arange(self.most + 1), 1)
        self.rows = np.arange(self.width)
        came = np.where(contacts.deadline < 0, NEVER, contacts.arrived)
        self.arrived = np.concatenate([came, np.full((1, self.width), NEVER)])
        self.started = np.full(contacts.arrived.shape, NEVER)
        self.ended, self.cell, self.until = (np.zeros_like(self.started) for _ in range(3))
        cells = len(present.agents) * self.width
        self.leaves = np.zeros(cells, dtype=np.int64)
        turn = (self.stops <= busy[:, :, None]).sum(axis=2)[:, :, None]
        opens = np.maximum(np.take_along_axis(present.opens, turn, axis=2)[:, :, 0], busy)
        self.count, self.here = np.zeros(cells, dtype=np.int64), np.zeros(cells, dtype=bool)
        self.reading, self.since = np.zeros(cells), np.zeros(cells, dtype=np.int64)
        self.ends, self.chat = (
            np.full((self.most, cells), np.inf),
            np.zeros((self.most, cells), dtype=np.int64),
        )
        self.next_end, self.change = np.full(cells, NEVER), opens.T.ravel()
        self.due = self.change.reshape(len(present.agents), self.width).copy()
        self.rank = np.full_like(self.due, _NONE)
        self.coming, self.head = np.zeros(self.width, dtype=np.int64), np.zeros(self.width, dtype=np.int64)

    def answer(self) -> Answers:
        """Let all chats come and end."""
        while self.due.size:
            agent = self.due.argmin(axis=0)
            when = self.due[agent, self.rows]
            comes = self.arrived[self.coming, self.rows]
            decides = ((when <= comes) & (when < NEVER)).nonzero()[0]
            receives = ((comes < when) & (comes < NEVER)).nonzero()[0]
            if decides.size:
                self._decide(decides, agent[decides], when[decides])
            if receives.size:
                self._receive(receives, comes[receives])
            elif not decides.size:
                break
        served = self.started < NEVER
        lasts = np.where(served, np.maximum(self.ended - self.started, 1), 0)
        effort = np.where(served, self.contacts.service / (self.worth[-1] * np.maximum(lasts, 1)), 0.0)
        own = self.contacts
        return Answers(
            own.queue, own.arrived, lasts, own.deadline, self.started, self.cell, self.until, own.queue,
            effort=effort,
        )  # fmt: skip

    def _decide(self, rows: np.ndarray, agent: np.ndarray, now: np.ndarray) -> None:
        """A chat ends, or a window opens or closes; whoever is there and has room takes the first in line."""
        cell = agent * self.width + rows
        self._read(cell, now)
        ends = self.next_end[cell] <= now
        self._end(rows[ends], cell[ends], now[ends])
        over = ((self.change[cell] <= now) & ~ends).nonzero()[0]
        if over.size:
            row, who, at = rows[over], agent[over], cell[over]
            turn = (self.stops[row, who] <= now[over, None]).sum(axis=1)
            opens = self.present.opens[row, who, turn]
            self.here[at] = opens <= now[over]
            self.change[at] = np.where(self.here[at], self.stops[row, who, turn], opens)
            self.leaves[at] = self.present.closes[row, who, turn]
        room = self.here[cell] & (self.change[cell] > now) & (self.count[cell] < self.most)
        takes = (room & (self.head[rows] < self.coming[rows])).nonzero()[0]
        row, at = rows[takes], cell[takes]
        first = self.head[row]
        self.head[row] += 1
        there = self.contacts.deadline[first, row] >= now[takes]
        self._begin(row[there], at[there], first[there], now[takes][there])
        self._plan(cell, now)
        # There may be room for the next in line as well.
        self.due.reshape(-1)[at] = now[takes]

    def _receive(self, rows: np.ndarray, now: np.ndarray) -> None:
        """A chat comes in each of some replications: to the agent with the fewest, or into the line."""
        contact = self.coming[rows]
        self.coming[rows] += 1
        agent = self.rank.argmin(axis=0)[rows]
        takes = (self.rank[agent, rows] < _NONE).nonzero()[0]
        rows, now = rows[takes], now[takes]
        cell = agent[takes] * self.width + rows
        self.head[rows] = self.coming[rows]
        self._read(cell, now)
        self._begin(rows, cell, contact[takes], now)
        self._plan(cell, now)

    def _read(self, cell: np.ndarray, now: np.ndarray) -> None:
        """Let the clocks of some agents run on till now."""
        self.reading[cell] += (now - self.since[cell]) * self.pace[self.count[cell]]
        self.since[cell] = now

    def _begin(self, rows: np.ndarray, cell: np.ndarray, contact: np.ndarray, now: np.ndarray) -> None:
        slot = self.ends[:, cell].argmax(axis=0)
        self.ends[slot, cell] = self.reading[cell] + self.contacts.service[contact, rows]
        self.chat[slot, cell] = contact
        self.count[cell] += 1
        self.started[contact, rows] = now
        self.cell[contact, rows] = cell
        self.until[contact, rows] = self.leaves[cell]

    def _end(self, rows: np.ndarray, cell: np.ndarray, now: np.ndarray) -> None:
        slot = self.ends[:, cell].argmin(axis=0)
        self.ended[self.chat[slot, cell], rows] = now
        self.ends[slot, cell] = np.inf
        self.count[cell] -= 1

    def _plan(self, cell: np.ndarray, now: np.ndarray) -> None:
        """When each of some agents decides next, and whose turn it is."""
        count = self.count[cell]
        busy = count > 0
        left = np.where(busy, self.ends[:, cell].min(axis=0) - self.reading[cell], 0.0)
        lasts = np.ceil(np.maximum(left, 0.0) / np.where(busy, self.pace[count], 1.0)).astype(np.int64)
        self.next_end[cell] = np.where(busy, now + lasts, NEVER)
        self.due.reshape(-1)[cell] = np.minimum(self.next_end[cell], self.change[cell])
        room = self.here[cell] & (count < self.most)
        self.rank.reshape(-1)[cell] = np.where(room, (count << _TIME) + now, _NONE)


def _last_new(present: Windows, earlier: int) -> np.ndarray:
    """When each window closes for new chats: sooner where it is the last of a shift, as `Windows`. [µs]"""
    opens, stops = present.opens, present.closes.copy()
    for k in range(stops.shape[2] - 2, -1, -1):
        ends_shift = opens[:, :, k + 1] - present.closes[:, :, k] >= DUTY_GAP
        sooner = np.maximum(present.closes[:, :, k] - earlier * ends_shift, opens[:, :, k])
        # A missed window repeats the next one.
        stops[:, :, k] = np.where(opens[:, :, k] == opens[:, :, k + 1], stops[:, :, k + 1], sooner)
    return stops
