"""One line for each team's contacts: how the roster sees work with a deadline beside calls and chats."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from staffing.model import Queue
from staffing.requirement.need import gross_up
from staffing.tables import REQUIREMENT, check

Floats = np.ndarray


def lines(requirement: pd.DataFrame, queues: Iterable[Queue]) -> pd.DataFrame:
    """Fold the people for deferred work into the line of their team's contacts.

    Who does work with a deadline sits on the line of the team and puts it down when somebody calls or writes:
    so each team's queue of calls or chats with the highest load asks for its own agents and for those that
    the deadlines need beside them. A team without calls and chats has one line, named for the deferred queue
    with most work.

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT as `blend` gives it.
    queues : iterable of Queue
        All of them.

    Returns
    -------
    pandas.DataFrame
        REQUIREMENT without the rows of folded queues, with ``agents_deferred``: of the agents, those added
        for deadlines; ``bound_by`` is ``due`` where there are any. Where they work while the line's own
        queue is closed, it has rows without contacts.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> parts = [pd.DataFrame({"queue": name, "team": "care", "interval": times, "load": load, "aht": 90.0,
    ...                        "volume": 0.0, "agents": agents, "scheduled": agents, "bound_by": "none"})
    ...          for name, load, agents in (("calls", 3.0, 5.0), ("orders", 1.0, [2.0, 0.0]))]
    >>> from staffing.model import Deferred
    >>> team = [Queue("calls", "care", ()), Queue("orders", "care", (), channel=Deferred(due="8h"))]
    >>> lines(pd.concat(parts), team)[["queue", "agents", "agents_deferred", "bound_by"]].values.tolist()
    [['calls', 7.0, 2.0, 'due'], ['calls', 5.0, 0.0, 'none']]
    """
    named = {queue.name: queue for queue in queues}
    kind = requirement["queue"].map({name: queue.channel.kind for name, queue in named.items()})
    table = requirement[kind.isin(["voice", "chat"])].assign(agents_deferred=0.0)
    for team, rows in requirement[kind == "deferred"].groupby("team", sort=True):
        own = table[table["team"] == team]
        main = _heaviest(rows if own.empty else own)
        if own.empty:
            line = _of_team(rows, named[main])
        else:
            extra = rows.groupby("interval")["agents"].sum()
            line = _beside(own[own["queue"] == main], named[main], extra)
        table = pd.concat([table[table["queue"] != main], line], ignore_index=True)
    return check(table.sort_values(["queue", "interval"], ignore_index=True), REQUIREMENT)


def _heaviest(rows: pd.DataFrame) -> str:
    """The queue with most load in all, the first of equals by name."""
    return str(rows.groupby("queue", sort=True)["load"].sum().idxmax())


def _of_team(rows: pd.DataFrame, queue: Queue) -> pd.DataFrame:
    """All deferred work of a team as one of its queues."""
    line = rows.drop_duplicates("interval").sort_values("interval").assign(queue=queue.name)
    sums = rows.groupby("interval")[["load", "agents"]].sum()
    agents = line["interval"].map(sums["agents"]).to_numpy(dtype=float)
    line["load"] = line["interval"].map(sums["load"]).to_numpy(dtype=float)
    return _with(line, queue, agents, agents)


def _beside(line: pd.DataFrame, queue: Queue, extra: pd.Series) -> pd.DataFrame:
    """The line of a queue of contacts with the people for deadlines, also where it is closed itself."""
    closed = extra.index[(extra > 0) & ~extra.index.isin(line["interval"])]
    if len(closed):
        nobody = line.iloc[[0] * len(closed)].assign(interval=closed, agents=0.0, aht=line["aht"].mean())
        empty = ["volume", "load", "offered_load", "asa", "abandonment", "occupancy"]
        nobody[[name for name in empty if name in nobody]] = 0.0
        line = pd.concat([line, nobody.assign(service_level=1.0, target_met=np.nan)], ignore_index=True)
    added = line["interval"].map(extra).fillna(0.0).to_numpy(dtype=float)
    return _with(line, queue, line["agents"].to_numpy(dtype=float) + added, added)


def _with(line: pd.DataFrame, queue: Queue, agents: Floats, added: Floats) -> pd.DataFrame:
    """The line with these agents, those added for deadlines said, grossed up once."""
    bound = np.where(added > 0, "due", line["bound_by"].to_numpy())
    scheduled = np.where(added > 0, gross_up(agents, queue.present), line["scheduled"].to_numpy(dtype=float))
    return line.assign(agents=agents, agents_deferred=added, scheduled=scheduled, bound_by=bound)
