"""Several queues and skills: the next events of all replications at once.

In each step every replication lives through its next two events at most: an agent comes, goes or ends a call,
then a contact arrives. No step of this is shared with `staffing.simulation.line`, whose answers are the
same where both apply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from staffing.simulation.people import AFTER, NEVER, Windows
from staffing.simulation.stream import Contacts
from staffing.simulation.tally import Answers

# Times and what they belong to are packed into one number, so that the least of a column names both at once:
# time << _BITS | number. Ranks stand above the time.
_BITS = 14
_MASK = (1 << _BITS) - 1
_RANK = NEVER << _BITS
_NONE = 1 << 61


class Floor:
    """Agents, lines and contacts of several queues, in several replications at once.

    Every table has a column for each replication; the *cell* of an agent, a queue or a contact is its row
    times the number of replications, plus the replication: its place in the flat view of the table,
    ``_due`` and so on. Contacts stand queue after queue: first attempts in order of arrival, a place that
    never arrives, further attempts.

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

    Attributes
    ----------
    due : numpy.ndarray of int
        (agents, replications) when each decides next: his call ends, his window opens or closes.
    idle : numpy.ndarray of int
        (queues, agents, replications) rank of each idle agent: level first, then who is idle for longest.
    coming, head : numpy.ndarray of int
        (queues, replications) next first attempt; who is first in line, by his arrival, or when it is due.
    redials : numpy.ndarray of int
        (places, replications) when those in line call again, should they hang up.
    """

    def __init__(
        self, contacts: Sequence[Contacts], present: Windows, levels: np.ndarray, busy: np.ndarray, span: int
    ) -> None:
        self.contacts, self.span = contacts, span
        some = np.isfinite(levels)
        self.levels = np.where(some, np.where(some, levels, 0).astype(np.int64) * _RANK, _NONE).T.copy()
        self.width = contacts[0].arrived.shape[1]
        self.rows = np.arange(self.width)
        self._lay_out(contacts)
        if len(present.agents) == 0:
            shape = (self.width, 1, 1)
            nobody = np.zeros(shape, dtype=np.int64)
            present = Windows(present.agents, np.full(shape, NEVER), np.full(shape, AFTER), nobody)
            busy = np.full((self.width, 1), -NEVER)
        self.present = present
        self.turn = (present.closes <= busy[:, :, None]).sum(axis=2)
        opens = np.take_along_axis(present.opens, self.turn[:, :, None], axis=2)[:, :, 0]
        agents, queues = opens.shape[1], len(contacts)
        self.due = np.ascontiguousarray(np.maximum(opens, busy).T << _BITS) | np.arange(agents)[:, None]
        self.turn = self.turn.T.ravel()
        self.until = np.full(agents * self.width, -NEVER)
        self.follows = np.zeros(agents * self.width, dtype=np.int64)
        self.idle = np.full((queues, agents, self.width), _NONE)
        self.next = np.repeat(self.begins[:-1], self.width)
        self.first, self.last = self.next.copy(), self.next.copy()
        self.coming = (self.arrived[self.begins[:-1]] << _BITS) | np.arange(queues)[:, None]
        self.head = np.full((queues, self.width), _NONE)
        self.redials = np.full((1, self.width), _NONE)
        self.redialler = np.zeros((1, self.width), dtype=np.int64)
        self._idle = self.idle.reshape(queues, -1)
        self._due, self._coming, self._head = (
            table.reshape(-1) for table in (self.due, self.coming, self.head)
        )
        self._arrived, self._order, self._service, self._deadline, self._line = (
            table.reshape(-1) for table in (self.arrived, self.order, self.service, self.deadline, self.line)
        )
        self._started, self._cell, self._window = (
            table.reshape(-1) for table in (self.started, self.cell, self.window)
        )

    def _lay_out(self, contacts: Sequence[Contacts]) -> None:
        self.calls_again = any(one.again is not None for one in contacts)
        extra = [0 if one.again is None else len(one.again.delay) for one in contacts]
        sizes = np.array([len(one.arrived) for one in contacts])
        self.begins = np.cumsum([0, *(sizes + 1 + extra)])
        self.stop = self.begins[:-1] + sizes
        shape = (int(self.begins[-1]), self.width)
        self.arrived, self.started = np.full(shape, NEVER), np.full(shape, NEVER)
        self.service, self.deadline = np.zeros(shape, dtype=np.int64), np.full(shape, -1)
        self.cell, self.window = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self.line = np.zeros(shape, dtype=np.int64)
        self.following = np.full(shape if self.calls_again else (0, self.width), -1)
        self.delay, self.patience = np.zeros_like(self.following), np.zeros_like(self.following)
        # Who has waited longest comes first, and work with a deadline as if it had come at the deadline.
        self.order = self.arrived if all(one.due is None for one in contacts) else np.full(shape, NEVER)
        for one, begin, stop, end in zip(contacts, self.begins[:-1], self.stop, self.begins[1:], strict=True):
            self.deadline[begin:stop] = one.deadline
            self.arrived[begin:stop] = np.where(one.deadline < 0, NEVER, one.arrived)
            self.order[begin:stop] = self.arrived[begin:stop] if one.due is None else one.due
            self.service[begin:stop] = one.service
            if one.again is not None:
                following = one.again.following
                place = np.where(following < 0, -1, following + begin + (following >= stop - begin))
                self.following[begin:stop] = place[: stop - begin]
                self.following[stop + 1 : end] = place[stop - begin :]
                self.delay[stop + 1 : end], self.patience[stop + 1 : end] = (
                    one.again.delay,
                    one.again.patience,
                )

    def answer(self) -> None:
        """Let all contacts come and end."""
        when, comes = np.empty(self.width, dtype=np.int64), np.empty(self.width, dtype=np.int64)
        while True:
            np.minimum.reduce(self.due, axis=0, out=when)
            np.minimum.reduce(self.coming, axis=0, out=comes)
            queue = comes & _MASK
            comes >>= _BITS
            if self.calls_again:
                np.minimum(comes, self.redials.min(axis=0) >> _BITS, out=comes)
            agent = when & _MASK
            when >>= _BITS
            rows = ((when <= comes) & (when < NEVER)).nonzero()[0]
            if rows.size:
                self._decide(rows, agent[rows], when[rows])
                np.minimum.reduce(self.due, axis=0, out=when)
                when >>= _BITS
            more = ((comes < when) & (comes < NEVER)).nonzero()[0]
            if more.size:
                self._receive(more, queue[more], comes[more])
            elif not rows.size:
                return

    def _decide(self, rows: np.ndarray, agent: np.ndarray, now: np.ndarray) -> None:
        """An agent in each of some replications is free: he leaves, takes a contact, or waits for one."""
        cell = agent * self.width + rows
        over = (now >= self.until[cell]).nonzero()[0]
        if over.size:
            stay = self._change(rows, agent, cell, now, over)
            if not stay.size:
                return
            rows, agent, cell, now = rows[stay], agent[stay], cell[stay], now[stay]
        level = self.levels[:, self.follows[cell]]
        best = np.minimum.reduce(self.head[:, rows] + level, axis=0)
        waits = best < _NONE
        free, takes = (~waits).nonzero()[0], waits.nonzero()[0]
        at, name = cell[free], agent[free]
        self._idle[:, at] = level[:, free] + ((now[free] << _BITS) | name)
        self._due[at] = (self.until[at] << _BITS) | name
        if takes.size:
            self._take(rows[takes], agent[takes], cell[takes], now[takes], best[takes] & _MASK)

    def _change(
        self, rows: np.ndarray, agent: np.ndarray, cell: np.ndarray, now: np.ndarray, over: np.ndarray
    ) -> np.ndarray:
        """A window ends or opens. Returns which of the agents are there; the others decide when they come."""
        row, who, at, time = rows[over], agent[over], cell[over], now[over]
        self._idle[:, at] = _NONE
        turn = (self.present.closes[row, who] <= time[:, None]).sum(axis=1)
        opens = self.present.opens[row, who, turn]
        self._due[at] = (opens << _BITS) | who
        here = (opens <= time).nonzero()[0]
        row, who, at, turn = row[here], who[here], at[here], turn[here]
        self.turn[at] = turn
        self.until[at] = self.present.closes[row, who, turn]
        self.follows[at] = self.present.profile[row, who, turn]
        stay = np.ones(len(rows), dtype=bool)
        stay[over] = opens <= time
        return stay.nonzero()[0]

    def _take(
        self, rows: np.ndarray, agent: np.ndarray, cell: np.ndarray, now: np.ndarray, queue: np.ndarray
    ) -> None:
        """The first in line is answered; if he has given up, the agent decides again in the next step."""
        width, line = self.width, self._line
        at = queue * width + rows
        place = self.first[at]
        contact = line[place * width + rows] * width + rows
        place += 1
        self.first[at] = place
        after = self._order[line[place * width + rows] * width + rows]
        waits = place < self.last[at]
        self._head[at] = np.where(waits, (after << _BITS) | queue, _NONE)
        there = self._deadline[contact] >= now
        self._started[contact] = np.where(there, now, NEVER)
        self._serve(contact, agent, cell, now + there * self._service[contact])

    def _serve(self, contact: np.ndarray, agent: np.ndarray, cell: np.ndarray, ends: np.ndarray) -> None:
        self._cell[contact] = cell
        self._window[contact] = self.turn[cell]
        self._due[cell] = (ends << _BITS) | agent

    def _receive(self, rows: np.ndarray, queue: np.ndarray, now: np.ndarray) -> None:
        """A contact arrives in each of some replications: the best idle agent takes it, or it waits."""
        width, at = self.width, queue * self.width + rows
        contact = self.next[at]
        if self.calls_again:
            again = now < self._coming[at] >> _BITS
            rows, queue, contact, now = self._call_again(rows, queue, contact, now, again)
            first = (contact < self.stop[queue]).nonzero()[0]
            at = queue * width + rows
            self._advance(at[first], rows[first], queue[first], contact[first])
        else:
            self._advance(at, rows, queue, contact)
        best = self._idlest(rows, queue)
        free = best < _NONE
        takes, waits = free.nonzero()[0], (~free).nonzero()[0]
        if takes.size:
            agent = best[takes] & _MASK
            cell, place = agent * width + rows[takes], contact[takes] * width + rows[takes]
            self._idle[:, cell] = _NONE
            self._started[place] = now[takes]
            self._serve(place, agent, cell, now[takes] + self._service[place])
        if waits.size:
            self._join(rows[waits], queue[waits], contact[waits], at[waits])

    def _advance(self, at: np.ndarray, rows: np.ndarray, queue: np.ndarray, contact: np.ndarray) -> None:
        """The next first attempt of a queue is the one after this."""
        contact = contact + 1
        self.next[at] = contact
        self._coming[at] = (self._arrived[contact * self.width + rows] << _BITS) | queue

    def _idlest(self, rows: np.ndarray, queue: np.ndarray) -> np.ndarray:
        """Rank and name of the agent who comes first for each contact; `_NONE` where nobody is idle."""
        best = np.empty(len(rows), dtype=np.int64)
        for number, idle in enumerate(self.idle):
            own = (queue == number).nonzero()[0]
            # Reading whole rows of the table is so much faster that it pays even for unasked ones.
            few = len(own) * 8 < self.width
            best[own] = idle[:, rows[own]].min(axis=0) if few else idle.min(axis=0)[rows[own]]
        return best

    def _join(self, rows: np.ndarray, queue: np.ndarray, contact: np.ndarray, at: np.ndarray) -> None:
        """Nobody is idle: the contact waits at the end of the line."""
        place = self.last[at]
        self._line[place * self.width + rows] = contact
        self.last[at] = place + 1
        head = self._head
        order = self._order[contact * self.width + rows]
        head[at] = np.minimum(head[at], (order << _BITS) | queue)
        if self.calls_again:
            own = (self.following[contact, rows] >= 0).nonzero()[0]
            self._keep(rows[own], contact[own])

    def _keep(self, rows: np.ndarray, contact: np.ndarray) -> None:
        """Note when some who joined the line would call again."""
        spot = self.redials[:, rows].argmax(axis=0)
        if (self.redials[spot, rows] < _NONE).any():
            self.redials = np.concatenate([self.redials, np.full_like(self.redials, _NONE)])
            self.redialler = np.concatenate([self.redialler, np.zeros_like(self.redialler)])
            spot = self.redials[:, rows].argmax(axis=0)
        time = self.deadline[contact, rows] + self.delay[self.following[contact, rows], rows]
        self.redials[spot, rows] = time << _BITS
        self.redialler[spot, rows] = contact

    def _call_again(
        self, rows: np.ndarray, queue: np.ndarray, contact: np.ndarray, now: np.ndarray, again: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Put in those who hung up and call again now; forget those who were answered or find us closed."""
        at = again.nonzero()[0]
        row, time = rows[at], now[at]
        spot = self.redials[:, row].argmin(axis=0)
        before = self.redialler[spot, row]
        self.redials[spot, row] = _NONE
        number = np.searchsorted(self.begins, before, side="right") - 1
        until = np.full(len(row), -1)
        for one in np.unique(number).tolist():
            attempts = self.contacts[one].again
            assert attempts is not None
            own = number == one
            until[own] = attempts.until[np.minimum(time[own] // self.span, len(attempts.until) - 1)]
        comes = (self.started[before, row] >= NEVER) & (until >= time)
        stay = ~again
        stay[at[comes]] = True
        row, time, until, before = row[comes], time[comes], until[comes], before[comes]
        child = self.following[before, row]
        self.arrived[child, row] = self.order[child, row] = time
        self.deadline[child, row] = np.minimum(time + self.patience[child, row], until)
        self.service[child, row] = self.service[before, row]
        queue[at[comes]], contact[at[comes]] = number[comes], child
        return rows[stay], queue[stay], contact[stay], now[stay]

    def answers(self, home: np.ndarray, never: int) -> list[Answers]:
        """What became of the contacts of each queue.

        Parameters
        ----------
        home : numpy.ndarray of int
            (profiles,) queue of the segment.
        never : int
            Time that stands for a contact which did not arrive. [µs]

        Returns
        -------
        list of Answers
            Further attempts come after the first ones.
        """
        agent = self.cell // self.width
        until = self.present.closes[self.rows, agent, self.window]
        owner = home[self.present.profile[self.rows, agent, self.window]]
        whole = Answers(
            -1, np.minimum(self.arrived, never), self.service, self.deadline, self.started, self.cell, until,
            owner, self.order,
        )  # fmt: skip
        found = []
        for one, (begin, end) in zip(self.contacts, pairwise(self.begins.tolist()), strict=True):
            own = whole.part(slice(begin, end))
            found.append(replace(own, queue=one.queue, due=None if one.due is None else own.due))
        return found
