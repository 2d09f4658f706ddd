"""Who was there, read off a log that only knows who answered which call when."""

from __future__ import annotations

import numpy as np
import pandas as pd

Floats = np.ndarray


def presence(calls: pd.DataFrame, *, pick_up: float = 10.0, longest_idle: float = 1800.0) -> pd.DataFrame:
    """Times at which each agent was there to answer, as far as a log of calls can tell.

    Between two calls an agent is taken to be there unless, ``pick_up`` seconds after the first one or later,
    a caller had been in line for longer than that: an agent who was there would have taken him. Pauses over
    ``longest_idle`` are absence whatever the line. What lies before somebody's first call of a day and after
    the last is not known, nor is absence while nobody waits; both are small where the centre is busy. So
    while callers wait those there are those in a call, by this very definition.

    Parameters
    ----------
    calls : pandas.DataFrame
        CALLS of all queues, with service and agent.
    pick_up : float
        An agent who is free takes a caller from the line within this time. [s]
    longest_idle : float
        Longest pause between two calls that counts as presence. [s]

    Returns
    -------
    pandas.DataFrame
        queue (of the call before, where an agent answers several), agent, start, end, closes (after that no
        further call was taken), calls [s] (time in calls), pauses [s] (between calls, up to
        ``longest_idle``, presence or not).

    Examples
    --------
    Ten minutes without a call are presence, until a caller waits through them:

    >>> log = pd.DataFrame({"queue": "calls", "agent": "A01", "wait": 0.0, "service": 300.0,
    ...     "outcome": "answered",
    ...     "arrived": pd.date_range("2026-11-30 09:00", periods=2, freq="15min", tz="UTC")})
    >>> len(presence(log))
    1
    >>> lost = log.iloc[[0]].assign(outcome="abandoned", wait=120.0, agent=None)
    >>> lost["arrived"] += pd.Timedelta("8min")
    >>> len(presence(pd.concat([log, lost])))
    2
    """
    origin = calls["arrived"].min()
    came = _seconds(calls["arrived"], origin)
    taken = came + calls["wait"].to_numpy(dtype=float)
    lines = {
        str(name): _Line(came[rows] + pick_up, taken[rows])
        for name, rows in calls.reset_index(drop=True).groupby("queue", sort=True).indices.items()
    }
    known = (calls["outcome"] == "answered") & calls["agent"].notna() & (calls["agent"] != "")
    rows = pd.DataFrame(
        {
            "queue": calls["queue"].astype("str"),
            "agent": calls["agent"],
            "begin": taken,
            "finish": taken + calls["service"].fillna(0.0).to_numpy(dtype=float),
        }
    )[known.to_numpy()]
    rows = rows.sort_values(["agent", "begin", "finish"], ignore_index=True)
    # Two calls at once happen in logs: whoever is in either is in a call.
    rows["finish"] = rows.groupby("agent", sort=False)["finish"].cummax()
    after = rows.groupby("agent", sort=False)["begin"].shift(-1).to_numpy()
    finish = rows["finish"].to_numpy()
    pause = after - finish
    stood = np.zeros(len(rows))
    for name, line in lines.items():
        own = (rows["queue"] == name).to_numpy() & (pause > pick_up)
        stood[own] = line.until(after[own]) - line.until(finish[own] + pick_up)
    stays = (pause <= pick_up) | ((pause <= longest_idle) & (stood <= 1e-6))
    return _windows(rows, stays, np.where(pause <= longest_idle, np.maximum(pause, 0.0), 0.0), origin)


class _Line:
    """The times at which at least one caller of a queue stands in line for longer than the pick-up time."""

    def __init__(self, begin: Floats, end: Floats) -> None:
        order = np.argsort(begin, kind="stable")
        order = order[end[order] > begin[order]]
        begin, latest = begin[order], np.maximum.accumulate(end[order])
        first = np.flatnonzero(np.append(True, begin[1:] > latest[:-1])[: len(begin)])
        self.begin = begin[first]
        self.end = latest[np.append(first[1:], len(begin))[: len(first)] - 1]
        self.before = np.append(0.0, np.cumsum(self.end - self.begin))

    def until(self, moment: Floats) -> Floats:
        """How long it has stood until a moment. [s]"""
        if not len(self.begin):
            return np.zeros(len(moment))
        stretch = np.maximum(np.searchsorted(self.begin, moment, side="right") - 1, 0)
        within = np.clip(moment - self.begin[stretch], 0.0, (self.end - self.begin)[stretch])
        return self.before[stretch] + within


def _windows(rows: pd.DataFrame, stays: Floats, pauses: Floats, origin: pd.Timestamp) -> pd.DataFrame:
    """Calls joined over the pauses in which their agent stayed; a change of queue begins a new window."""
    agent, queue = rows["agent"].to_numpy(), rows["queue"].to_numpy()
    after = np.append(rows["begin"].to_numpy()[1:], np.nan)
    end = np.where(stays, after, rows["finish"])
    fresh = np.append(True, ~stays[:-1] | (agent[1:] != agent[:-1]) | (queue[1:] != queue[:-1]))[: len(rows)]
    busy = rows["finish"] - np.maximum(
        rows["begin"], rows.groupby("agent", sort=False)["finish"].shift().fillna(-np.inf)
    )
    each = rows.assign(end=end, busy=np.maximum(busy, 0.0), pauses=pauses, window=np.cumsum(fresh))
    # Who goes has made up his mind during his last call, on average halfway through it.
    each["closes"] = np.where(stays, each["end"], (each["begin"] + each["finish"]) / 2.0)
    table = each.groupby("window", sort=True).agg(
        queue=("queue", "first"),
        agent=("agent", "first"),
        start=("begin", "first"),
        end=("end", "max"),
        closes=("closes", "last"),
        calls=("busy", "sum"),
        pauses=("pauses", "sum"),
    )
    # A call that began before the last one had ended is already counted with that one.
    before = table.groupby("agent", sort=False)["end"].shift().fillna(-np.inf)
    table["start"] = np.maximum(table["start"], before)
    table = table[table["end"] > table["start"]].reset_index(drop=True)
    table["closes"] = table[["closes", "end"]].min(axis=1).clip(lower=table["start"])
    for name in ("start", "end", "closes"):
        table[name] = origin + pd.to_timedelta((table[name] * 1e6).round().astype("int64"), unit="us")
    return table


def agents_there(windows: pd.DataFrame, intervals: pd.Series, minutes: int) -> Floats:
    """Mean number of people there in each interval, whole or not. [agents]

    Parameters
    ----------
    windows : pandas.DataFrame
        start, end.
    intervals : pandas.Series
        Interval starts, ascending.
    minutes : int
        Interval length. [min]

    Returns
    -------
    numpy.ndarray
        One for each interval.
    """
    origin = intervals.iloc[0]
    start, end = (np.sort(_seconds(windows[name], origin)) for name in ("start", "end"))
    edge = _seconds(intervals, origin)
    return (_spent(start, end, edge + minutes * 60.0) - _spent(start, end, edge)) / (minutes * 60.0)


def _spent(start: Floats, end: Floats, moment: Floats) -> Floats:
    """Time that all have been there until a moment."""

    def since(times: Floats) -> Floats:
        count = np.searchsorted(times, moment, side="right")
        return count * moment - np.append(0.0, np.cumsum(times))[count]

    return np.asarray(since(start) - since(end))


def _seconds(moments: pd.Series, origin: pd.Timestamp) -> Floats:
    return (moments - origin).dt.total_seconds().to_numpy()
