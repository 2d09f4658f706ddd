"""Deferrable work: in which intervals each piece of it may be done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from staffing.designing.need import Demand, moments
from staffing.errors import DataError, Problem
from staffing.model import Queue
from staffing.tables import WORKLOAD, check


@dataclass(frozen=True)
class Work:
    """A team's deferrable work, and where it may go.

    Parameters
    ----------
    items : pandas.DataFrame
        WORKLOAD of the team, one row a piece.
    item, at : numpy.ndarray
        Piece and position in the flattened days of each place where work may be done.
    hours : numpy.ndarray
        Of each piece, for scheduled people: some of them are not there. [h]
    present : numpy.ndarray
        Share of the scheduled who are. [0-1]
    binding : numpy.ndarray
        1 where the deadline lies within the days, 0 where it lies behind them.
    """

    items: pd.DataFrame
    item: np.ndarray
    at: np.ndarray
    hours: np.ndarray
    present: np.ndarray
    binding: np.ndarray

    def within(self, there: np.ndarray) -> Work:
        """The same work where somebody can be on duty.

        Parameters
        ----------
        there : numpy.ndarray of bool
            Of each interval of the flattened days.

        Returns
        -------
        Work
            With fewer places.
        """
        kept = there[self.at]
        return replace(self, item=self.item[kept], at=self.at[kept])

    def on_average(self, days: int, per_day: int) -> Work:
        """A day's share of the work as one piece, to be done whenever any of it can be.

        Parameters
        ----------
        days : int
            Open ones, which share the work. [days]
        per_day : int
            Intervals of a day.

        Returns
        -------
        Work
            For a quick look at a single day: deadlines within it do not count.
        """
        at = np.unique(self.at % per_day)
        return Work(
            items=self.items.iloc[:1],
            item=np.zeros(len(at), dtype=int),
            at=at,
            hours=np.array([self.hours @ self.binding / days]),
            present=np.ones(1),
            binding=np.ones(1),
        )


def by_team(workload: pd.DataFrame, queues: Iterable[Queue], teams: set[str]) -> dict[str, pd.DataFrame]:
    """The work of each team: by its queues, or all of one team where there is only one.

    Parameters
    ----------
    workload : pandas.DataFrame
        WORKLOAD.
    queues : iterable of Queue
        They say which team a queue belongs to.
    teams : set of str
        Teams with shifts.

    Returns
    -------
    dict
        Team -> its rows.

    Raises
    ------
    DataError
        Where nobody says whose work a queue is, or its team has no shifts.
    """
    check(workload, WORKLOAD)
    whose = {queue.name: queue.team for queue in queues}
    names = sorted(set(workload["queue"]))
    if len(teams) == 1:
        whose = dict.fromkeys(names, next(iter(teams))) | {n: t for n, t in whose.items() if n in names}
    problems = [
        Problem(
            f"nobody is known to do the work of {name!r}", "describe its queue, with its team", WORKLOAD.name
        )
        for name in names
        if name not in whose
    ]
    problems += [
        Problem(f"{name!r} is work of the team {whose[name]!r}, which has no shifts", "give its shifts")
        for name in names
        if name in whose and whose[name] not in teams
    ]
    if problems:
        raise DataError(problems)
    team = workload["queue"].map(whose)
    return {name: workload[team == name].reset_index(drop=True) for name in sorted(set(team))}


def work(items: pd.DataFrame, queues: Iterable[Queue], demand: Demand, timezone: str) -> Work:
    """Where a team's work may be done: in whole intervals between release and deadline.

    Parameters
    ----------
    items : pandas.DataFrame
        Its WORKLOAD.
    queues : iterable of Queue
        With the share of people who are there; all are where a queue is not described.
    demand : Demand
        Its days.
    timezone : str
        Of the site's clock.

    Returns
    -------
    Work
        Work that is released after the last day, or was due before the first, has no place.
    """
    share = {queue.name: queue.present for queue in queues}
    first = demand.dates[0]
    since = [
        (
            (items[name].dt.tz_convert(timezone).dt.tz_localize(None) - first) / pd.Timedelta(minutes=1)
        ).to_numpy()
        for name in ("released", "due")
    ]
    begin = np.ceil(since[0] / demand.minutes - 1e-9).astype(int)
    end = np.floor(since[1] / demand.minutes + 1e-9).astype(int)
    size = demand.agents.size
    places = [np.arange(max(a, 0), max(min(b, size), 0)) for a, b in zip(begin, end, strict=True)]
    present = items["queue"].map(share).fillna(1.0).to_numpy(dtype=float)
    return Work(
        items=items,
        item=np.repeat(np.arange(len(items)), [len(place) for place in places]),
        at=np.concatenate([*places, np.zeros(0)]).astype(int),
        hours=items["hours"].to_numpy(dtype=float) / present,
        present=present,
        binding=(end <= size).astype(float),
    )


def done(work: Work, flows: np.ndarray, demand: Demand, timezone: str) -> pd.DataFrame:
    """Where each piece of work is done, and what is left of it.

    Parameters
    ----------
    work : Work
        With its places.
    flows : numpy.ndarray
        Hours of scheduled people in each place. [h]
    demand : Demand
        Its days.
    timezone : str
        Of the site's clock.

    Returns
    -------
    pandas.DataFrame
        team, queue, released, due, interval, hours [h]; no interval for what is left.
    """
    hours = flows * work.present[work.item]
    used = np.flatnonzero(hours > 1e-6)
    left = work.items["hours"].to_numpy(dtype=float) - np.bincount(
        work.item, weights=hours, minlength=len(work.items)
    )
    rest = np.flatnonzero(left > 1e-6)
    when = pd.concat(
        [
            moments(work.at[used], demand, timezone),
            pd.Series(pd.NaT, index=range(len(rest)), dtype=f"datetime64[us, {timezone}]"),
        ],
        ignore_index=True,
    )
    rows = work.items.iloc[np.concatenate([work.item[used], rest]).astype(int)].reset_index(drop=True)
    table = rows[["queue", "released", "due"]].assign(
        team=demand.team, interval=when, hours=np.concatenate([hours[used], left[rest]]).round(6)
    )
    columns = ["team", "queue", "released", "due", "interval", "hours"]
    return table[columns].sort_values(["queue", "released", "due", "interval"], ignore_index=True)


def nothing(workload: pd.DataFrame) -> pd.DataFrame:
    """The table of `done` without a row."""
    none = workload.iloc[:0].assign(team="", interval=workload["due"].iloc[:0])
    return none[["team", "queue", "released", "due", "interval", "hours"]]
