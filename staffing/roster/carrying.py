"""What night shifts of the week before still do in a week: people who are there on its first morning."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from staffing.tables import ASSIGNMENTS, SEGMENTS, check

if TYPE_CHECKING:
    from staffing.roster.case import Case


class Carried(NamedTuple):
    """A stretch of somebody's time in a shift that began before the week. [min]"""

    agent: str
    start: float
    end: float
    activity: str
    queue: str
    paid: bool


def carried(assignments: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Segments that belong to none of a week's shifts: what was carried into it from the week before.

    Parameters
    ----------
    assignments, segments : pandas.DataFrame
        ASSIGNMENTS and SEGMENTS of one roster.

    Returns
    -------
    pandas.DataFrame
        SEGMENTS.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30", periods=2, freq="22h", tz="Asia/Seoul", unit="us")
    >>> work = pd.DataFrame({"agent": "007", "start": times, "end": times + pd.Timedelta("6h"),
    ...                      "activity": "queue", "queue": "calls", "paid": True})
    >>> day = work[["agent", "start", "end"]].assign(date=pd.to_datetime("2026-11-30"), team="care",
    ...                                              shift="night", paid_hours=6.0)
    >>> carried(day[1:], work)["end"].astype(str).tolist()
    ['2026-11-30 06:00:00+09:00']
    """
    check(assignments, ASSIGNMENTS)
    rows = check(segments, SEGMENTS).reset_index(drop=True)
    if rows.empty or assignments.empty:
        return rows
    shifts = assignments[["agent", "start", "end"]].rename(columns={"start": "from", "end": "until"})
    owner = pd.merge_asof(
        rows[["agent", "start"]].reset_index().sort_values("start", kind="stable"),
        shifts.sort_values("from"),
        left_on="start",
        right_on="from",
        by="agent",
    ).set_index("index")
    strays = owner["until"].isna() | (owner["start"] >= owner["until"])
    return rows[strays.reindex(rows.index).to_numpy()].reset_index(drop=True)


def read(table: pd.DataFrame, origin: pd.Timestamp) -> tuple[Carried, ...]:
    """What of last week's segments goes on after the first midnight without a hole, cut there."""
    found: list[Carried] = []
    until: dict[str, float] = {}
    row: Any
    for row in table[table["end"] > origin].sort_values(["agent", "start"]).itertuples(index=False):
        start, end = ((side - origin) / pd.Timedelta(minutes=1) for side in (row.start, row.end))
        if start <= until.get(row.agent, 0.0):
            until[row.agent] = end
            queue, paid = str(row.queue), bool(row.paid)
            found.append(Carried(str(row.agent), max(start, 0.0), end, str(row.activity), queue, paid))
    return tuple(found)


def heads(case: Case, over: np.ndarray) -> np.ndarray:
    """People of weeks around on each (queue, interval), flattened.

    Those of the week before beyond the need are no surplus here; those of planned weeks are. Where nobody of
    this week can be ``over``, what counts as over from the start is left out of the former too.
    """
    most = np.where(over.reshape(case.need.heads.shape), case.need.asked, case.need.heads)
    return np.asarray(np.minimum(_there(case, case.carried), most) + _there(case, case.beside)).ravel()


def _there(case: Case, pieces: Sequence[Carried]) -> np.ndarray:
    """People on each (queue, interval)."""
    there = np.zeros(case.need.heads.shape)
    number = {name: at for at, name in enumerate(case.need.queues)}
    for piece in pieces:
        if piece.activity == "queue" and piece.queue in number:
            at, share = case.presence(piece.start, piece.end)
            inside = at < case.need.heads.shape[1]
            there[number[piece.queue], at[inside]] += share[inside]
    return there


def at_work(pieces: Sequence[Carried], among: Container[str], start: float, end: float) -> int:
    """How many of some people are in a shift at some time between two moments."""
    return len({one.agent for one in pieces if one.agent in among and one.start < end and one.end > start})


class Tail(NamedTuple):
    """One person's stretch of work in this week: on which queue, from when until when, with which pauses."""

    agent: str
    queue: str
    start: float
    end: float
    pauses: tuple[tuple[float, float], ...]


def tails(pieces: Sequence[Carried]) -> Iterator[Tail]:
    """Everybody's pieces together, in the order of the agents."""
    for agent in sorted({piece.agent for piece in pieces}):
        own = [piece for piece in pieces if piece.agent == agent]
        queues = [piece.queue for piece in own if piece.activity == "queue"]
        pauses = tuple((piece.start, piece.end) for piece in own if piece.activity != "queue")
        start, end = min(piece.start for piece in own), max(piece.end for piece in own)
        yield Tail(agent, queues[0] if queues else "", start, end, pauses)
