"""Who is on the queue when, worked out from SEGMENTS alone."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem
from staffing.model import Queue
from staffing.simulation.demand import NEVER, SECOND, since

AFTER = 2 * NEVER  # everybody's last window lasts from NEVER till then: nobody is without a next one
_ANSWERING = ("queue", "deferrable")
DUTY_GAP = 4 * 3600 * SECOND  # segments further apart are two duties: the absent miss a whole one
_ABSENCE = zlib.crc32(b"absence")


@dataclass(frozen=True)
class People:
    """Presence of every agent, as windows of time on a queue.

    Parameters
    ----------
    names : tuple of str
        Agents, sorted.
    agent, profile : numpy.ndarray of int
        (windows,) whose window it is, and which of the profiles below holds in it.
    start, end : numpy.ndarray
        (windows,) from the origin of time, sorted by agent and start. [µs]
    duty : numpy.ndarray of int
        (windows,) number of the duty within the agent's duties.
    absent : numpy.ndarray
        (windows,) probability that its duty is missed. [0-1]
    home : numpy.ndarray of int
        (profiles,) queue of the segment.
    levels : numpy.ndarray
        (profiles, queues) rank of each queue among those answered, 0 first; infinite where not answered.
    """

    names: tuple[str, ...]
    agent: np.ndarray
    profile: np.ndarray
    start: np.ndarray
    end: np.ndarray
    duty: np.ndarray
    absent: np.ndarray
    home: np.ndarray
    levels: np.ndarray


@dataclass(frozen=True)
class Windows:
    """Presence in some replications of one stretch of time; the last window of everybody is `NEVER`.

    Parameters
    ----------
    agents : numpy.ndarray of int
        (agents,) places in `People.names`.
    opens, closes : numpy.ndarray
        (replications, agents, windows) in order of time; a missed window repeats the next one. [µs]
    profile : numpy.ndarray of int
        (replications, agents, windows) row of `People.levels`.
    """

    agents: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    profile: np.ndarray

    def rows(self, part: slice) -> Windows:
        """Some of the replications."""
        return Windows(self.agents, self.opens[part], self.closes[part], self.profile[part])


def read(
    segments: pd.DataFrame,
    queues: Sequence[Queue],
    skills: pd.DataFrame | None,
    origin: pd.Timestamp,
    begin: int,
) -> People:
    """Windows of presence from SEGMENTS; neighbouring ones on the same queue become one.

    Parameters
    ----------
    segments : pandas.DataFrame
        SEGMENTS.
    queues : sequence of Queue
        Every queue that a segment names.
    skills : pandas.DataFrame or None
        SKILLS: what an agent answers beside the queue of the segment.
    origin : pandas.Timestamp
        Where time begins.
    begin : int
        Who is there then has been there from the origin on. [µs]

    Returns
    -------
    People
        Presence.

    Raises
    ------
    DataError
        Unknown queue, segments that end before they start or overlap.
    """
    number = {queue.name: place for place, queue in enumerate(queues)}
    agent, names = pd.factorize(segments["agent"], sort=True)
    start, end = (since(origin, segments[name]) for name in ("start", "end"))
    order = np.lexsort((start, agent))
    agent, start, end = agent[order], start[order], end[order]
    rows = segments.iloc[order]
    answers = rows["activity"].isin(_ANSWERING).to_numpy()
    after = np.append(False, agent[1:] == agent[:-1])
    last = np.append(0, end[:-1])
    _refuse(rows, number, answers, turned=end <= start, doubled=after & (start < last))
    duty = np.cumsum(after & (start - last >= DUTY_GAP))
    agent, start, end, duty = agent[answers], start[answers], end[answers], duty[answers]
    queue = rows["queue"][answers].map(number).to_numpy(int)
    joined = (agent[1:] == agent[:-1]) & (queue[1:] == queue[:-1]) & (start[1:] == end[:-1])
    first, final = np.append(True, ~joined)[: len(agent)], np.append(~joined, True)[: len(agent)]
    agent, start, end, duty, queue = agent[first], start[first], end[final], duty[first], queue[first]
    start = np.where((start <= begin) & (end > begin), np.minimum(start, 0), start)
    # A duty is one stretch of presence: the queue it begins on says how likely it is missed.
    begins = np.append(True, (agent[1:] != agent[:-1]) | (duty[1:] != duty[:-1]))[: len(agent)]
    duty = np.cumsum(begins) - 1
    absent = np.array([1.0 - one.present for one in queues])[queue[begins]][duty]
    duty -= duty[np.searchsorted(agent, agent)]
    profile, home, levels = _levels(agent, queue, tuple(names), skills, number)
    return People(tuple(names), agent, profile, start, end, duty, absent, home, levels)


def _refuse(
    rows: pd.DataFrame,
    number: dict[str, int],
    answers: np.ndarray,
    *,
    turned: np.ndarray,
    doubled: np.ndarray,
) -> None:
    """Raise where a segment names a queue that nobody described, is turned round or meets the one before."""
    problems = [
        Problem(
            f"the queue {name!r} is not among the queues", "describe it, or leave its rows out", "SEGMENTS"
        )
        for name in sorted(set(rows["queue"][answers]) - set(number))
    ]
    for bad, what, remedy in (
        (turned, "ends before it starts", "swap start and end"),
        (doubled, "is in two segments at once", "let one end before the next begins"),
    ):
        found = rows["agent"][bad]
        problems += [Problem(f"{name!r} {what}", remedy, "SEGMENTS") for name in found.iloc[:5]]
        if len(found) > 5:
            problems.append(Problem(f"and {len(found) - 5} more such rows", "mend them alike", "SEGMENTS"))
    if problems:
        raise DataError(problems)


def _levels(
    agent: np.ndarray,
    queue: np.ndarray,
    names: tuple[str, ...],
    skills: pd.DataFrame | None,
    number: dict[str, int],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Profile of each window; home queue and levels of each profile."""
    own = np.arange(len(number)) == queue[:, None]
    rank = np.where(own, 0.0, np.inf)
    if skills is not None:
        known = skills[skills["agent"].isin(names) & skills["queue"].isin(list(number))]
        listed = np.full((len(names), len(number)), np.inf)
        level = known["level"].fillna(1.0) if "level" in known else pd.Series(1.0, index=known.index)
        place = (
            pd.Index(names).get_indexer(pd.Index(known["agent"])),
            known["queue"].map(number).to_numpy(int),
        )
        listed[place] = level.to_numpy(float)
        # The queue of the segment comes first, unless a level says where it stands.
        before = listed[np.isfinite(listed)].min(initial=1.0) - 1.0
        says = own & np.isfinite(listed[agent]) if "level" in known else np.zeros_like(own)
        rank = np.where(own & ~says, before, listed[agent])
    some = np.isfinite(rank)
    rank[some] = np.unique(rank[some], return_inverse=True)[1]
    # Time on the queue is counted for the queue of the segment: profiles that differ in it alone differ.
    kinds, profile = np.unique(np.column_stack([queue, rank]), axis=0, return_inverse=True)
    return profile.reshape(-1), kinds[:, 0].astype(int), kinds[:, 1:]


def missed(people: People, rows: np.ndarray, seed: int) -> np.ndarray:
    """Whether each window is missed in each replication of a block, shape (replications, windows).

    An agent's luck hangs on his name alone, so that two plans for the same people lose the same duties.
    """
    out = np.zeros((len(rows), len(people.agent)), dtype=bool)
    for agent in np.unique(people.agent[people.absent > 0]):
        own = np.flatnonzero(people.agent == agent)
        key = [seed, _ABSENCE, zlib.crc32(people.names[agent].encode()), int(rows[0])]
        luck = np.random.default_rng(key).random((people.duty[own].max() + 1, len(rows)))
        out[:, own] = (luck[people.duty[own]] < people.absent[own, None]).T
    return out


def windows(people: People, gone: np.ndarray, span: tuple[int, int], chosen: np.ndarray) -> Windows:
    """Presence in a block of replications.

    Parameters
    ----------
    people : People
        Everybody.
    gone : numpy.ndarray of bool
        (replications, windows) as `missed` gives it.
    span : tuple of int
        Windows are cut to this stretch. [µs]
    chosen : numpy.ndarray of bool
        (agents,) whose windows are wanted.

    Returns
    -------
    Windows
        Of the chosen agents that have a window in the stretch.
    """
    here = chosen[people.agent] & (people.end > span[0]) & (people.start < span[1])
    picked = np.flatnonzero(here)
    agents, place = np.unique(people.agent[picked], return_inverse=True)
    turn = np.arange(len(picked)) - np.searchsorted(place, place)
    missing = gone[:, picked]
    if not missing.any():
        missing = missing[:1]
    shape = (len(missing), len(agents), int(turn.max(initial=-1)) + 2)
    opens, closes = np.full(shape, NEVER), np.full(shape, AFTER)
    profile, away = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
    opens[:, place, turn] = np.maximum(people.start[picked], span[0])
    closes[:, place, turn] = np.minimum(people.end[picked], span[1])
    profile[:, place, turn] = people.profile[picked]
    away[:, place, turn] = missing
    for k in range(shape[2] - 2, -1, -1):
        for table in (opens, closes, profile):
            table[:, :, k] = np.where(away[:, :, k], table[:, :, k + 1], table[:, :, k])
    # Where nobody is absent, all replications share one copy.
    shape = (len(gone), *shape[1:])
    return Windows(agents, *(np.broadcast_to(table, shape) for table in (opens, closes, profile)))
