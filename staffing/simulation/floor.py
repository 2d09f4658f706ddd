"""Several queues and skills: the next event of all replications at once.

In each step every replication lives through its own next event: an agent comes, goes or ends a call, or a contact
arrives. No step of this is shared with `staffing.simulation.line`, whose answers are the same where both apply.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from staffing.simulation.demand import Contacts
from staffing.simulation.people import AFTER, NEVER, Windows
from staffing.simulation.tally import Answers

NONE = np.inf
_LEVEL = 1e8  # more seconds than any plan has: a rank outweighs every time


def answer(
    contacts: Sequence[Contacts], present: Windows, levels: np.ndarray, busy: np.ndarray, span: float
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
    busy : numpy.ndarray
        (replications, agents) until when each is still on a call from before. [s]
    span : float
        Length of an interval. [s]

    Returns
    -------
    Floor
        Its `Floor.answers` tell what became of each contact.
    """
    floor = Floor(contacts, present, levels, busy, span)
    rows = np.arange(len(floor.due))
    while True:
        agent = floor.due.argmin(1)
        decides = floor.due[rows, agent]
        queue = floor.coming.argmin(1)
        comes = np.minimum(floor.coming[rows, queue], floor.redials.min(1))
        now = np.minimum(decides, comes)
        if now.min() >= NEVER:
            return floor
        first = ((decides <= comes) & (now < NEVER)).nonzero()[0]
        if first.size:
            floor.decide(first, agent[first], now[first])
        rest = (comes < decides).nonzero()[0]
        if rest.size:
            floor.receive(rest, queue[rest], now[rest])


class Floor:
    """Agents, lines and contacts of several queues, in several replications at once.

    Contacts stand in one row for each replication, queue after queue: first attempts in order of arrival, a place
    that never arrives, further attempts. Parameters as in `answer`.

    Attributes
    ----------
    arrived, service, deadline, started : numpy.ndarray
        (replications, contacts); `NEVER` where a contact did not arrive or was not answered. [s]
    agent, profile, ended : numpy.ndarray
        (replications, contacts) who answered, the row of ``levels`` that he followed, the end of his window.
    begins : numpy.ndarray of int
        (queues + 1,) first place of each queue.
    due : numpy.ndarray
        (replications, agents) when each decides next: his call ends, his window opens or closes. [s]
    idle : numpy.ndarray
        (replications, queues, agents) rank of each idle agent: level first, then who has been idle for longest.
    coming : numpy.ndarray
        (replications, queues) next first attempt. [s]
    head : numpy.ndarray
        (replications, queues) when the first in line came; infinite where nobody waits. [s]
    redials : numpy.ndarray
        (replications, places) when those in line call again, should they hang up. [s]
    """

    def __init__(
        self,
        contacts: Sequence[Contacts],
        present: Windows,
        levels: np.ndarray,
        busy: np.ndarray,
        span: float,
    ) -> None:
        self.levels, self.span = levels * _LEVEL, span
        self._lay_out(contacts)
        rows, queues = len(self.arrived), len(contacts)
        if len(present.agents) == 0:
            shape = (rows, 1, 1)
            nobody = np.zeros(shape, dtype=np.int64)
            present = Windows(present.agents, np.full(shape, NEVER), np.full(shape, AFTER), nobody)
            busy = np.zeros((rows, 1))
        self.present = present
        turn = (present.closes <= busy[:, :, None]).sum(axis=2)[:, :, None]
        self.due = np.maximum(np.take_along_axis(present.opens, turn, axis=2)[:, :, 0], busy)
        self.until = np.full(self.due.shape, -NONE)
        self.follows = np.zeros(self.due.shape, dtype=np.int64)
        self.idle = np.full((rows, queues, self.due.shape[1]), NONE)
        self.next = np.tile(self.begins[:-1], (rows, 1))
        self.coming = self.arrived[np.arange(rows)[:, None], self.next]
        self.line = np.zeros(self.arrived.shape, dtype=np.int64)
        self.first, self.last = self.next.copy(), self.next.copy()
        self.head = np.full((rows, queues), NONE)
        self.redials = np.full((rows, 1), NONE)
        self.redialler = np.zeros((rows, 1), dtype=np.int64)

    def _lay_out(self, contacts: Sequence[Contacts]) -> None:
        rows = contacts[0].arrived.shape[1]
        extra = [0 if one.again is None else one.again.delay.shape[1] for one in contacts]
        self.begins = np.cumsum(
            [0, *(len(one.arrived) + 1 + more for one, more in zip(contacts, extra, strict=True))]
        )
        shape = (rows, int(self.begins[-1]))
        self.arrived, self.started = np.full(shape, NEVER), np.full(shape, NEVER)
        self.service, self.deadline = np.zeros(shape), np.full(shape, -1.0)
        self.agent, self.profile = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self.ended = np.zeros(shape)
        self.following = np.full(shape, -1, dtype=np.int64)
        self.delay, self.patience = np.zeros(shape), np.zeros(shape)
        self.again = [one.again for one in contacts]
        for one, begin, end in zip(
            contacts, self.begins[:-1].tolist(), self.begins[1:].tolist(), strict=True
        ):
            size = len(one.arrived)
            own = slice(begin, begin + size)
            self.deadline[:, own] = one.deadline.T
            self.arrived[:, own] = np.where(one.deadline < 0, NEVER, one.arrived).T
            self.service[:, own] = one.service.T
            if one.again is not None:
                later = slice(begin + size + 1, end)
                place = np.where(one.again.following < 0, -1, one.again.following + begin)
                place[one.again.following >= size] += 1
                self.following[:, own], self.following[:, later] = place[:, :size], place[:, size:]
                self.delay[:, later], self.patience[:, later] = one.again.delay, one.again.patience

    def decide(self, rows: np.ndarray, agents: np.ndarray, now: np.ndarray) -> None:
        """An agent in each row is not on a call: he leaves, takes a contact, or waits for one."""
        self.idle[rows, :, agents] = NONE
        rows, agents, now = self._present(rows, agents, now)
        level = self.levels[self.follows[rows, agents]]
        rank = self.head[rows] + level
        queue = rank.argmin(1)
        waits = rank[np.arange(len(rows)), queue] < NONE
        free = ~waits
        self.idle[rows[free], :, agents[free]] = now[free, None] + level[free]
        self.due[rows[free], agents[free]] = self.until[rows[free], agents[free]]
        rows, agents, now, queue = rows[waits], agents[waits], now[waits], queue[waits]
        place = self.first[rows, queue]
        contact = self.line[rows, place]
        place += 1
        self.first[rows, queue] = place
        after = self.arrived[rows, self.line[rows, place]]
        self.head[rows, queue] = np.where(place < self.last[rows, queue], after, NONE)
        there = self.deadline[rows, contact] >= now
        # Who gave up is passed over: the agent decides again in the next step.
        self.due[rows, agents] = now
        self._serve(rows[there], agents[there], contact[there], now[there])

    def _present(
        self, rows: np.ndarray, agents: np.ndarray, now: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Those whose window is open; the others come back when their next one opens."""
        over = (now >= self.until[rows, agents]).nonzero()[0]
        if not over.size:
            return rows, agents, now
        row, agent = rows[over], agents[over]
        turn = (self.present.closes[row, agent] <= now[over, None]).sum(1)
        opens = self.present.opens[row, agent, turn]
        self.due[row, agent] = opens
        here = opens <= now[over]
        row, agent, turn = row[here], agent[here], turn[here]
        self.until[row, agent] = self.present.closes[row, agent, turn]
        self.follows[row, agent] = self.present.profile[row, agent, turn]
        stay = np.ones(len(rows), dtype=bool)
        stay[over[~here]] = False
        return rows[stay], agents[stay], now[stay]

    def _serve(self, rows: np.ndarray, agents: np.ndarray, contact: np.ndarray, now: np.ndarray) -> None:
        self.started[rows, contact] = now
        self.agent[rows, contact] = agents
        self.profile[rows, contact] = self.follows[rows, agents]
        self.ended[rows, contact] = self.until[rows, agents]
        self.due[rows, agents] = now + self.service[rows, contact]

    def receive(self, rows: np.ndarray, queue: np.ndarray, now: np.ndarray) -> None:
        """A contact arrives in each row: the best idle agent takes it, or it joins the line."""
        contact = self.next[rows, queue]
        new = now >= self.coming[rows, queue]
        self.next[rows[new], queue[new]] += 1
        self.coming[rows[new], queue[new]] = self.arrived[rows[new], contact[new] + 1]
        if not new.all():
            rows, queue, contact, now = self._call_again(rows, queue, contact, now, ~new)
        rank = self.idle[rows, queue]
        agent = rank.argmin(1)
        free = rank[np.arange(len(rows)), agent] < NONE
        self.idle[rows[free], :, agent[free]] = NONE
        self._serve(rows[free], agent[free], contact[free], now[free])
        row, place, contact, now = rows[~free], queue[~free], contact[~free], now[~free]
        self.line[row, self.last[row, place]] = contact
        self.last[row, place] += 1
        self.head[row, place] = np.minimum(self.head[row, place], now)
        again = self.following[row, contact]
        if (again >= 0).any():
            self._keep(row[again >= 0], contact[again >= 0], again[again >= 0])

    def _keep(self, rows: np.ndarray, contact: np.ndarray, again: np.ndarray) -> None:
        """Note when those who joined the line would call again."""
        spot = self.redials[rows].argmax(1)
        if (self.redials[rows, spot] < NONE).any():
            wider = self.redials.shape
            self.redials = np.concatenate([self.redials, np.full(wider, NONE)], axis=1)
            self.redialler = np.concatenate([self.redialler, np.zeros(wider, dtype=np.int64)], axis=1)
            spot = self.redials[rows].argmax(1)
        self.redials[rows, spot] = self.deadline[rows, contact] + self.delay[rows, again]
        self.redialler[rows, spot] = contact

    def _call_again(
        self, rows: np.ndarray, queue: np.ndarray, contact: np.ndarray, now: np.ndarray, later: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Put in the callers who hung up and call again now; forget those who were answered or find us closed."""
        row, time = rows[later], now[later]
        spot = self.redials[row].argmin(1)
        before = self.redialler[row, spot]
        self.redials[row, spot] = NONE
        place = np.searchsorted(self.begins, before, side="right") - 1
        until = np.empty(len(row))
        for number in np.unique(place).tolist():
            again, own = self.again[number], place == number
            assert again is not None
            cell = np.minimum((time[own] / self.span).astype(np.int64), len(again.until) - 1)
            until[own] = again.until[cell]
        comes = (self.started[row, before] >= NEVER) & (until >= time)
        child = self.following[row, before]
        row, child, time, until, before = row[comes], child[comes], time[comes], until[comes], before[comes]
        self.arrived[row, child] = time
        self.deadline[row, child] = np.minimum(time + self.patience[row, child], until)
        self.service[row, child] = self.service[row, before]
        queue, contact = queue.copy(), contact.copy()
        places = later.nonzero()[0]
        queue[places[comes]], contact[places[comes]] = place[comes], child
        stay = ~later
        stay[places[comes]] = True
        return rows[stay], queue[stay], contact[stay], now[stay]

    def answers(self, numbers: Sequence[int], home: np.ndarray, never: float) -> list[Answers]:
        """What became of the contacts of each queue.

        Parameters
        ----------
        numbers : sequence of int
            Of the queues.
        home : numpy.ndarray of int
            (profiles,) queue of the segment.
        never : float
            Time that stands for a contact which did not arrive. [s]

        Returns
        -------
        list of Answers
            Further attempts come after the first ones.
        """
        base = np.arange(len(self.due))[:, None] * self.due.shape[1]
        cell, owner = self.agent + base, home[self.profile]
        arrived = np.minimum(self.arrived, never)
        return [
            Answers(number, *(np.ascontiguousarray(table[:, begin:end].T) for table in (
                arrived, self.service, self.deadline, self.started, cell, self.ended, owner)))
            for number, begin, end in zip(numbers, self.begins[:-1], self.begins[1:], strict=True)
        ]  # fmt: skip
