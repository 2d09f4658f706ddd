"""Who plays with whom: queues that share agents, night by night, each group in the engine that fits it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from staffing.errors import DataError, Problem
from staffing.model import Chat
from staffing.simulation.chats import Desks
from staffing.simulation.demand import Demand, Grid, nights
from staffing.simulation.floor import Floor
from staffing.simulation.line import Line
from staffing.simulation.people import NEVER, People, Windows, windows
from staffing.simulation.stream import Contacts, Stream, stream
from staffing.simulation.tally import Answers

_AT_ONCE = 1024  # replications that are drawn together
_CONTACTS = 12_000_000  # and contacts, for the sake of memory
_CELLS = 1 << 17  # agents x replications that an engine takes together, so that they stay in the cache
_NARROW, _WIDE = 64, 256  # replications below which steps are dear, and above which no cheaper


@dataclass(frozen=True, eq=False)
class Group:
    """Queues that share agents, and these agents.

    Parameters
    ----------
    demands : tuple of Demand
        Of the queues that have arrivals.
    queues : numpy.ndarray of int
        All of them.
    agents : numpy.ndarray of bool
        (agents,) who belongs to it.
    ranks : numpy.ndarray
        Different levels at which they answer.
    """

    demands: tuple[Demand, ...]
    queues: np.ndarray
    agents: np.ndarray
    ranks: np.ndarray

    @property
    def is_one_line(self) -> bool:
        """Whether its agents answer one queue only, one contact at a time, none
        before another, and nobody calls again."""
        return len(self.queues) == 1 and len(self.ranks) <= 1 and not self.demands[0].redial

    @property
    def is_chats(self) -> bool:
        """Whether its agents have several contacts at once."""
        return any(isinstance(one.channel, Chat) and one.channel.concurrency > 1 for one in self.demands)


def blocks(demands: Sequence[Demand], grid: Grid, replications: int) -> list[np.ndarray]:
    """Replications that are taken together; how many hangs on the demand alone: all plans meet the same.

    Parameters
    ----------
    demands : sequence of Demand
        Of all queues.
    grid : Grid
        Of the intervals.
    replications : int
        In all.

    Returns
    -------
    list of numpy.ndarray of int
        Their numbers.
    """
    most = max(one.largest_day(grid) for one in demands)
    size = int(np.clip(_CONTACTS / max(most, 1.0), 16, _AT_ONCE))
    return [np.arange(low, min(low + size, replications)) for low in range(0, replications, size)]


def groups(crew: People, demands: Sequence[Demand], queues: int) -> list[Group]:
    """Queues with arrivals, those together between which somebody goes to and fro.

    Parameters
    ----------
    crew : People
        Everybody.
    demands : sequence of Demand
        Of the queues that have arrivals.
    queues : int
        Number of queues.

    Returns
    -------
    list of Group
        No agent is in two of them.

    Raises
    ------
    DataError
        Agents who have several chats at once and answer another queue too.
    """
    answered = np.isfinite(crew.levels)
    answered[np.arange(len(crew.home)), crew.home] = True
    serves = np.zeros((len(crew.names), queues), dtype=bool)
    np.logical_or.at(serves, crew.agent, answered[crew.profile])
    reach = np.eye(queues, dtype=int) + serves.T.astype(int) @ serves
    for _ in range(queues):
        reach = np.minimum(reach @ reach, 1)
    found = []
    for members in np.unique(reach, axis=0).astype(bool):
        own = tuple(one for one in demands if members[one.queue])
        if own:
            agents = np.asarray(serves[:, members].any(axis=1))
            levels = crew.levels[np.unique(crew.profile[agents[crew.agent]])]
            group = Group(own, np.flatnonzero(members), agents, np.unique(levels[np.isfinite(levels)]))
            _refuse_mixed_chats(group)
            found.append(group)
    return found


def _refuse_mixed_chats(group: Group) -> None:
    if group.is_chats and len(group.queues) > 1:
        names = ", ".join(repr(one.name) for one in group.demands)
        what = f"agents with several chats at once answer other queues too: {names}"
        raise DataError([Problem(what, "give the chats agents of their own, or a concurrency of 1")])


def play(
    group: Group, crew: People, gone: np.ndarray, grid: Grid, rows: np.ndarray, seed: int
) -> Iterator[tuple[Answers, Windows, slice]]:
    """What becomes of the contacts of a group in a block of replications.

    Parameters
    ----------
    group : Group
        Its queues and agents.
    crew : People
        Everybody.
    gone : numpy.ndarray of bool
        (replications, windows) missed.
    grid : Grid
        Of the intervals.
    rows : numpy.ndarray of int
        Numbers of the replications.
    seed : int
        Of the contacts.

    Yields
    ------
    Answers
        Part by part.
    Windows
        The agents whom the engine knew.
    slice
        Which replications of the block.
    """
    dark = nights(np.concatenate([one.busy for one in group.demands]), grid)
    if any(one.due is not None for one in group.demands):
        dark = dark[:0]
    # A call that lasts into the next morning keeps its agent.
    busy = np.full((len(rows), len(crew.names)), -NEVER)
    for stretch in pairwise([-NEVER, *dark.tolist(), NEVER]):
        streams = [stream(one, grid, stretch, rows, seed) for one in group.demands]
        present = windows(crew, gone, stretch, group.agents)
        engine = _in_chats if group.is_chats else _on_one_line if group.is_one_line else _on_a_floor
        for answers, there, part in engine(streams, present, busy, crew):
            if stretch[1] < NEVER:
                ends = answers.started + answers.service
                late = ((answers.started <= answers.deadline) & (ends > stretch[1])).nonzero()
                agent, row = np.divmod(answers.cell[late], answers.arrived.shape[1])
                np.maximum.at(busy, (row + part.start, there.agents[agent]), ends[late])
            yield answers, there, part


def _slices(rows: int, agents: int, most: int) -> list[slice]:
    agents = max(agents, 1)
    # At most 2**19 cells, so that time and cell fit the 64 bits of a key.
    width = min(max(_CELLS // agents, min(_NARROW, (1 << 19) // agents), 1), most)
    return [slice(low, min(low + width, rows)) for low in range(0, rows, width)]


def _on_one_line(
    streams: list[Stream], present: Windows, busy: np.ndarray, crew: People
) -> Iterator[tuple[Answers, Windows, slice]]:
    (own,) = streams
    parts = []
    for part in _slices(len(busy), len(present.agents), len(busy)):
        there = present.rows(part)
        parts.append((Line(own.arrived[:, part], there, busy[part][:, present.agents]), there, part))
    for contacts in own.blocks():
        for line, there, part in parts:
            yield line.answer(contacts.rows(part)), there, part


def _in_chats(
    streams: list[Stream], present: Windows, busy: np.ndarray, crew: People
) -> Iterator[tuple[Answers, Windows, slice]]:
    (own,) = streams
    contacts = own.whole()
    assert isinstance(own.demand.channel, Chat)
    for part in _slices(len(busy), len(present.agents), _WIDE):
        there = present.rows(part)
        desks = Desks(contacts.rows(part), there, own.demand.channel, busy[part][:, there.agents])
        yield desks.answer(), there, part


def _on_a_floor(
    streams: list[Stream], present: Windows, busy: np.ndarray, crew: People
) -> Iterator[tuple[Answers, Windows, slice]]:
    contacts: list[Contacts] = [one.whole() for one in streams]
    levels = crew.levels[:, [one.queue for one in contacts]]
    grid = streams[0].grid
    for part in _slices(len(busy), len(present.agents), _WIDE):
        there = present.rows(part)
        floor = Floor(
            [one.rows(part) for one in contacts], there, levels, busy[part][:, there.agents], grid.span
        )
        floor.answer()
        for answers in floor.answers(crew.home, grid.end):
            yield answers, there, part
