"""Who is on the queue when, worked out from SEGMENTS alone."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem
from staffing.model import Queue

NEVER, AFTER = 1e15, 4e15  # a window that opens after the end of time, so that every agent has a next one
_ANSWERING = ("queue", "deferrable")
_DUTY_GAP = 4 * 3600.0  # segments further apart belong to two duties: who is absent misses a whole duty
_ABSENCE = zlib.crc32(b"absence")


@dataclass(frozen=True)
class People:
    """Presence of every agent, as windows of time on a queue.

    Parameters
    ----------
    names : tuple of str
        Agents, sorted.
    agent, queue, profile : numpy.ndarray of int
        (windows,) whose window it is, the queue he is rostered on, and the row of ``levels`` that holds there.
    start, end : numpy.ndarray
        (windows,) from the origin of time, sorted by agent and start. [s]
    duty : numpy.ndarray of int
        (windows,) number of the duty within the agent's duties.
    absent : numpy.ndarray
        (windows,) probability that its duty is missed. [0-1]
    levels : numpy.ndarray
        (profiles, queues) rank of each queue among those answered, 0 first; infinite where not answered.
    """

    names: tuple[str, ...]
    agent: np.ndarray
    queue: np.ndarray
    profile: np.ndarray
    start: np.ndarray
    end: np.ndarray
    duty: np.ndarray
    absent: np.ndarray
    levels: np.ndarray


@dataclass(frozen=True)
class Windows:
    """Presence in some replications of one stretch of time; the last window of everybody is `NEVER`.

    Parameters
    ----------
    agents : numpy.ndarray of int
        (agents,) places in `People.names`.
    opens, closes : numpy.ndarray
        (replications, agents, windows) in order of time; a missed window repeats the next one. [s]
    profile : numpy.ndarray of int
        (replications, agents, windows) row of `People.levels`.
    """

    agents: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    profile: np.ndarray


def read(
    segments: pd.DataFrame, queues: Sequence[Queue], skills: pd.DataFrame | None, origin: pd.Timestamp
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

    Returns
    -------
    People
        Presence.

    Raises
    ------
    DataError
        Unknown queue, segments that end before they start or overlap.
    """
    names = tuple(sorted(set(segments["agent"])))
    number = {queue.name: place for place, queue in enumerate(queues)}
    table = pd.DataFrame(
        {
            "agent": segments["agent"].map({name: place for place, name in enumerate(names)}).to_numpy(int),
            "start": (segments["start"] - origin).dt.total_seconds().to_numpy(),
            "end": (segments["end"] - origin).dt.total_seconds().to_numpy(),
            "answers": segments["activity"].isin(_ANSWERING).to_numpy(),
            "queue": segments["queue"].to_numpy(),
        },
        index=segments.index,
    ).sort_values(["agent", "start"], kind="stable")
    _refuse(table, segments, number)
    same = (table["agent"] == table["agent"].shift()).to_numpy()
    apart = same & ((table["start"] - table["end"].shift()) >= _DUTY_GAP).to_numpy()
    table["duty"] = pd.Series(apart, index=table.index).groupby(table["agent"]).cumsum().astype(int)
    table = table[table["answers"]]
    table["queue"] = table["queue"].map(number).astype(int)
    before = table.shift()
    joined = (
        (table["agent"] == before["agent"])
        & (table["queue"] == before["queue"])
        & (table["start"] == before["end"])
    )
    run = (~joined).cumsum()
    table = table.groupby(run.to_numpy(), sort=True).agg(
        agent=("agent", "first"),
        queue=("queue", "first"),
        start=("start", "first"),
        end=("end", "last"),
        duty=("duty", "first"),
    )
    missed = np.array([1.0 - queue.present for queue in queues])
    first = table.groupby(["agent", "duty"])["queue"].transform("first").to_numpy(int)
    profile, levels = _levels(table, names, skills, number)
    return People(
        names,
        table["agent"].to_numpy(int),
        table["queue"].to_numpy(int),
        profile,
        table["start"].to_numpy(float),
        table["end"].to_numpy(float),
        table["duty"].to_numpy(int),
        missed[first] if len(first) else np.zeros(0),
        levels,
    )


def _refuse(table: pd.DataFrame, segments: pd.DataFrame, number: dict[str, int]) -> None:
    """Raise where a segment names a queue that nobody described, is turned round or meets the one before."""

    def mark(rows: np.ndarray, what: str, remedy: str, column: str) -> list[Problem]:
        found = [
            Problem(f"{segments.loc[label, 'agent']!r} {what}", remedy, "SEGMENTS", None, column)
            for label in table.index[rows][:5]
        ]
        more = int(rows.sum()) - len(found)
        return found + ([Problem(f"and {more} more such rows", "mend them alike", "SEGMENTS")] if more else [])

    follows = (table["agent"] == table["agent"].shift()) & (table["start"] < table["end"].shift() - 1e-6)
    strange = sorted(set(table.loc[table["answers"], "queue"]) - set(number))
    problems = mark(
        (table["end"] <= table["start"]).to_numpy(), "ends before it starts", "swap start and end", "end"
    )
    problems += mark(follows.to_numpy(), "is in two segments at once", "let one end before the next", "start")
    problems += [
        Problem(
            f"the queue {name!r} is not among the queues",
            "describe it with a Queue, or leave its rows out",
            "SEGMENTS",
            None,
            "queue",
        )
        for name in strange
    ]
    if problems:
        raise DataError(problems)


def _levels(
    table: pd.DataFrame, names: tuple[str, ...], skills: pd.DataFrame | None, number: dict[str, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Which queues each window answers, and in which order: (windows,) rows of (profiles, queues)."""
    rank = np.full((len(table), len(number)), np.inf)
    rank[np.arange(len(table)), table["queue"].to_numpy(int)] = 0.0
    if skills is not None:
        known = skills[skills["agent"].isin(names) & skills["queue"].isin(list(number))]
        own = known.get("level", pd.Series(1.0, index=known.index)).fillna(1.0)
        listed = np.full((len(names), len(number)), np.inf)
        listed[
            known["agent"].map({name: place for place, name in enumerate(names)}).to_numpy(int),
            known["queue"].map(number).to_numpy(int),
        ] = own.to_numpy(float)
        extra = listed[table["agent"].to_numpy(int)]
        if "level" in skills:
            # A level that is written down holds on the queue of the segment too.
            rank = np.where(np.isfinite(extra), extra, np.where(np.isfinite(rank), extra.min(initial=0.0), np.inf))
        else:
            rank = np.minimum(rank, extra)
    order = np.unique(rank[np.isfinite(rank)])
    rank = np.where(np.isfinite(rank), np.searchsorted(order, np.where(np.isfinite(rank), rank, 0.0)), np.inf)
    # The queue of the segment tells windows apart too: time on the queue is counted there.
    rows = np.column_stack([table["queue"].to_numpy(float), rank])
    kinds, profile = np.unique(rows, axis=0, return_inverse=True)
    return profile.reshape(-1), kinds[:, 1:]


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


def windows(people: People, gone: np.ndarray, span: tuple[float, float], chosen: np.ndarray) -> Windows:
    """Presence in a block of replications.

    Parameters
    ----------
    people : People
        Everybody.
    gone : numpy.ndarray of bool
        (replications, windows) as `missed` gives it.
    span : tuple of float
        Windows are cut to this stretch. [s]
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
    shape = (len(gone), len(agents), int(turn.max(initial=-1)) + 2)
    opens, closes = np.full(shape, NEVER), np.full(shape, AFTER)
    profile = np.zeros(shape, dtype=np.int64)
    opens[:, place, turn] = np.maximum(people.start[picked], span[0])
    closes[:, place, turn] = np.minimum(people.end[picked], span[1])
    profile[:, place, turn] = people.profile[picked]
    if gone[:, picked].any():
        missing = np.zeros(shape, dtype=bool)
        missing[:, place, turn] = gone[:, picked]
        for k in range(shape[2] - 2, -1, -1):
            for table in (opens, closes, profile):
                table[:, :, k] = np.where(missing[:, :, k], table[:, :, k + 1], table[:, :, k])
    return Windows(agents, opens, closes, profile)
