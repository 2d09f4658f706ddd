"""Several queues and skills: the next event of all replications at once.

In each step every replication lives through its own next event: an agent comes, goes or ends a call, or a
contact arrives. No step of this is shared with `staffing.simulation.line`, whose answers are the same where
both apply.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from staffing.simulation.people import AFTER, NEVER, Windows
from staffing.simulation.stream import Contacts
from staffing.simulation.tally import Answers

NONE = np.inf
_LEVEL = float(AFTER)  # a rank outweighs every time


def answer(
    contacts: Sequence[Contacts], present: Windows, levels: np.ndarray, busy: np.ndarray, span: int
) -> Floor:
    """Let all contacts come and end.

    Parameters
    ----------
    contacts : sequence of Contacts
        Of each queue of the floor.
    present : Windows
        Of its agents.
    levels : numpy.ndarray
        (profiles, queues of the floor) rank of each queue, 0 first; infinite where not answered.
    busy : numpy.ndarray of int
        (replications, agents) until when each is still on a call from before. [µs]
    span : int
        Length of an interval. [µs]

    Returns
    -------
    Floor
        Its `Floor.answers` tell what became of each contact.
    """
    floor = Floor(contacts, present, levels, busy, span)
    while True:
        agent = floor.due.argmin(1)
        decides = floor.due.reshape(-1)[floor.base + agent]
        comes = floor.coming.min(1)
        if floor.calls_again:
            np.minimum(comes, floor.redials.min(1), out=comes)
        now = np.minimum(decides, comes)
        first = ((decides <= comes) & (now < NEVER)).nonzero()[0]
        rest = (comes < decides).nonzero()[0]
        if first.size:
            floor.decide(first, agent[first], now[first])
        if rest.size:
            floor.receive(rest, now[rest])
        if not first.size and not rest.size:
            return floor


class Floor:
    """Agents, lines and contacts of several queues, in several replications at once.

    Contacts stand in one row for each replication, queue after queue: first attempts in order of arrival, a
    place that never arrives, further attempts. Times are whole microseconds in floating point, exact up to
    2**53, since that has an infinity. Parameters as in `answer`.

    Attributes
    ----------
    arrived, service, deadline, started : numpy.ndarray
        (replications, contacts); `NEVER` where a contact did not arrive or was not answered. [µs]
    agent, profile, ended : numpy.ndarray
        (replications, contacts) who answered, the row of ``levels`` that he followed, the end of his window.
    begins : numpy.ndarray of int
        (queues + 1,) first place of each queue.
    due : numpy.ndarray
        (replications, agents) when each decides next: his call ends, his window opens or closes. [µs]
    idle : numpy.ndarray
        (queues, replications, agents) rank of each idle agent: level first, then who is idle for longest.
    coming : numpy.ndarray
        (replications, queues) next first attempt. [µs]
    head : numpy.ndarray
        (replications, queues) when the first in line came; infinite where nobody waits. [µs]
    redials : numpy.ndarray
        (replications, places) when those in line call again, should they hang up. [µs]
    """

    def __init__(
        self, contacts: Sequence[Contacts], present: Windows, levels: np.ndarray, busy: np.ndarray, span: int
    ) -> None:
        self.levels, self.span = levels * _LEVEL, span
        self._lay_out(contacts)
        rows, queues = len(self.arrived), len(contacts)
        if len(present.agents) == 0:
            shape = (rows, 1, 1)
            nobody = np.zeros(shape, dtype=np.int64)
            present = Windows(present.agents, np.full(shape, NEVER), np.full(shape, AFTER), nobody)
            busy = np.full((rows, 1), -NEVER)
        self.present = present
        turn = (present.closes <= busy[:, :, None]).sum(axis=2)[:, :, None]
        opens = np.take_along_axis(present.opens, turn, axis=2)[:, :, 0]
        # In C order, as its flat views need it.
        self.due = np.maximum(opens, busy).astype(float, order="C")
        agents = self.due.shape[1]
        self.base = np.arange(rows) * agents
        self.until = np.full(rows * agents, -NONE)
        self.follows = np.zeros(rows * agents, dtype=np.int64)
        self.idle = np.full((queues, rows, agents), NONE)
        self.next = np.tile(self.begins[:-1], (rows, 1))
        self.coming = np.take_along_axis(self.arrived, self.next, axis=1)
        self.line = np.zeros(self.arrived.shape, dtype=np.int64)
        self.first, self.last = self.next.copy(), self.next.copy()
        self.head = np.full((rows, queues), NONE)
        self.redials = np.full((rows, 1), NONE)
        self.redialler = np.zeros((rows, 1), dtype=np.int64)

    def _lay_out(self, contacts: Sequence[Contacts]) -> None:
        rows = contacts[0].arrived.shape[1]
        self.again = [one.again for one in contacts]
        self.calls_again = any(again is not None for again in self.again)
        extra = [0 if again is None else again.delay.shape[1] for again in self.again]
        places = [len(one.arrived) + 1 + more for one, more in zip(contacts, extra, strict=True)]
        self.begins = np.cumsum([0, *places])
        self.stop = self.begins[:-1] + [len(one.arrived) for one in contacts]
        shape = (rows, int(self.begins[-1]))
        self.arrived, self.started = np.full(shape, float(NEVER)), np.full(shape, float(NEVER))
        self.service, self.deadline, self.ended = np.zeros(shape), np.full(shape, -1.0), np.zeros(shape)
        self.agent, self.profile = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self.following = np.full(shape if self.calls_again else (rows, 0), -1, dtype=np.int64)
        self.delay, self.patience = np.zeros(self.following.shape), np.zeros(self.following.shape)
        for one, (begin, end) in zip(contacts, pairwise(self.begins.tolist()), strict=True):
            size = len(one.arrived)
            own = slice(begin, begin + size)
            self.deadline[:, own] = one.deadline.T
            self.arrived[:, own] = np.where(one.deadline < 0, NEVER, one.arrived).T
            self.service[:, own] = one.service.T
            if one.again is not None:
                later = slice(begin + size + 1, end)
                following = one.again.following
                place = np.where(following < 0, -1, following + begin + (following >= size))
                self.following[:, own], self.following[:, later] = place[:, :size], place[:, size:]
                self.delay[:, later], self.patience[:, later] = one.again.delay, one.again.patience

    def decide(self, rows: np.ndarray, agents: np.ndarray, now: np.ndarray) -> None:
        """An agent in each row is not on a call: he leaves, takes a contact, or waits for one."""
        cell = self.base[rows] + agents
        idle = self.idle.reshape(len(self.idle), -1)
        idle[:, cell] = NONE
        over = (now >= self.until[cell]).nonzero()[0]
        if over.size:
            stay = self._turn(rows, agents, cell, now, over)
            rows, agents, cell, now = rows[stay], agents[stay], cell[stay], now[stay]
        level = self.levels[self.follows[cell]]
        rank = self.head[rows] + level
        queue = rank.argmin(1)
        waits = rank.min(1) < NONE
        free = (~waits).nonzero()[0]
        at = cell[free]
        idle[:, at] = now[free] + level[free].T
        self.due.reshape(-1)[at] = self.until[at]
        takes = waits.nonzero()[0]
        if takes.size:
            self._take(rows[takes], agents[takes], now[takes], queue[takes])

    def _turn(
        self, rows: np.ndarray, agents: np.ndarray, cell: np.ndarray, now: np.ndarray, over: np.ndarray
    ) -> np.ndarray:
        """A window ends or opens; returns which of the agents are there, the others decide when they come."""
        row, agent, at, time = rows[over], agents[over], cell[over], now[over]
        turn = (self.present.closes[row, agent] <= time[:, None]).sum(1)
        opens = self.present.opens[row, agent, turn]
        self.due.reshape(-1)[at] = opens
        here = opens <= time
        row, agent, at, turn = row[here], agent[here], at[here], turn[here]
        self.until[at] = self.present.closes[row, agent, turn]
        self.follows[at] = self.present.profile[row, agent, turn]
        stay = np.ones(len(rows), dtype=bool)
        stay[over[~here]] = False
        return stay

    def _take(self, rows: np.ndarray, agents: np.ndarray, now: np.ndarray, queue: np.ndarray) -> None:
        """The first in line is answered; if he has given up, the agent decides again in the next step."""
        place = self.first[rows, queue]
        contact = self.line[rows, place]
        place += 1
        self.first[rows, queue] = place
        after = self.arrived[rows, self.line[rows, place]]
        self.head[rows, queue] = np.where(place < self.last[rows, queue], after, NONE)
        self.due[rows, agents] = now
        there = (self.deadline[rows, contact] >= now).nonzero()[0]
        self._serve(rows[there], agents[there], contact[there], now[there])

    def _serve(self, rows: np.ndarray, agents: np.ndarray, contact: np.ndarray, now: np.ndarray) -> None:
        cell = self.base[rows] + agents
        place = rows * self.arrived.shape[1] + contact
        self.started.reshape(-1)[place] = now
        self.agent.reshape(-1)[place] = agents
        self.profile.reshape(-1)[place] = self.follows[cell]
        self.ended.reshape(-1)[place] = self.until[cell]
        self.due.reshape(-1)[cell] = now + self.service.reshape(-1)[place]

    def receive(self, rows: np.ndarray, now: np.ndarray) -> None:
        """A contact arrives in each row: the best idle agent takes it, or it joins the line."""
        coming = self.coming[rows]
        queue = coming.argmin(1)
        contact = self.next[rows, queue]
        if self.calls_again:
            rows, queue, contact, now = self._call_again(rows, queue, contact, now, coming.min(1) > now)
        first = (contact < self.stop[queue]).nonzero()[0]
        row, line, place = rows[first], queue[first], contact[first] + 1
        self.next[row, line] = place
        self.coming[row, line] = self.arrived[row, place]
        rank = self.idle[queue, rows]
        agent = rank.argmin(1)
        free = rank.min(1) < NONE
        takes, waits = free.nonzero()[0], (~free).nonzero()[0]
        row = rows[takes]
        self.idle.reshape(len(self.idle), -1)[:, self.base[row] + agent[takes]] = NONE
        self._serve(row, agent[takes], contact[takes], now[takes])
        if waits.size:
            self._join(rows[waits], queue[waits], contact[waits], now[waits])

    def _join(self, rows: np.ndarray, queue: np.ndarray, contact: np.ndarray, now: np.ndarray) -> None:
        """Nobody is idle: the contact waits at the end of the line."""
        self.line[rows, self.last[rows, queue]] = contact
        self.last[rows, queue] += 1
        self.head[rows, queue] = np.minimum(self.head[rows, queue], now)
        if not self.calls_again:
            return
        some = (self.following[rows, contact] >= 0).nonzero()[0]
        rows, contact = rows[some], contact[some]
        spot = self.redials[rows].argmax(1)
        if (self.redials[rows, spot] < NONE).any():
            self.redials = np.concatenate([self.redials, np.full(self.redials.shape, NONE)], axis=1)
            self.redialler = np.concatenate([self.redialler, np.zeros_like(self.redialler)], axis=1)
            spot = self.redials[rows].argmax(1)
        delay = self.delay[rows, self.following[rows, contact]]
        self.redials[rows, spot] = self.deadline[rows, contact] + delay
        self.redialler[rows, spot] = contact

    def _call_again(
        self, rows: np.ndarray, queue: np.ndarray, contact: np.ndarray, now: np.ndarray, again: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Put in those who hung up and call again now; forget those who were answered or find us closed."""
        at = again.nonzero()[0]
        row, time = rows[at], now[at]
        spot = self.redials[row].argmin(1)
        before = self.redialler[row, spot]
        self.redials[row, spot] = NONE
        number = np.searchsorted(self.begins, before, side="right") - 1
        until = np.full(len(row), -1.0)
        for one in np.unique(number).tolist():
            attempts = self.again[one]
            assert attempts is not None
            own = number == one
            cell = np.minimum(time[own] // self.span, len(attempts.until) - 1).astype(np.int64)
            until[own] = attempts.until[cell]
        comes = (self.started[row, before] >= NEVER) & (until >= time)
        child, old = self.following[row, before][comes], before[comes]
        stay = ~again
        stay[at[comes]] = True
        row, time, until = row[comes], time[comes], until[comes]
        self.arrived[row, child] = time
        self.deadline[row, child] = np.minimum(time + self.patience[row, child], until)
        self.service[row, child] = self.service[row, old]
        queue[at[comes]], contact[at[comes]] = number[comes], child
        return rows[stay], queue[stay], contact[stay], now[stay]

    def answers(self, numbers: Sequence[int], home: np.ndarray, never: int) -> list[Answers]:
        """What became of the contacts of each queue.

        Parameters
        ----------
        numbers : sequence of int
            Of the queues.
        home : numpy.ndarray of int
            (profiles,) queue of the segment.
        never : int
            Time that stands for a contact which did not arrive. [µs]

        Returns
        -------
        list of Answers
            Further attempts come after the first ones.
        """
        rows = len(self.due)
        cell, owner = self.agent * rows + np.arange(rows)[:, None], home[self.profile]
        arrived = np.minimum(self.arrived, never)
        tables = arrived, self.service, self.deadline, self.started, cell, self.ended, owner
        parts = [
            [np.ascontiguousarray(table[:, begin:end].T, dtype=np.int64) for table in tables]
            for begin, end in pairwise(self.begins.tolist())
        ]
        return [Answers(number, *part) for number, part in zip(numbers, parts, strict=True)]
