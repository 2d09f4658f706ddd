"""What heads answer in time: the service curve of each interval as pieces that a linear program can fill."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import scipy.sparse

from staffing import queueing
from staffing.designing.need import Demand, slots
from staffing.errors import DataError, Problem
from staffing.model import Chat, Queue
from staffing.tables import CURVE, check

Over = Literal["interval", "day", "week"]
PIECES = 6  # of a curve; five lose at most 0.2 % of the hours, three up to 0.4 %


@dataclass(frozen=True)
class Curve:
    """One queue in one interval: the exact curve from its foot on, in heads to be scheduled.

    Parameters
    ----------
    heads, in_time, lost : numpy.ndarray
        Heads from the foot on, and the contacts answered in time and lost with each.
    period : int
        Its queue's period.
    pieces : slice
        Where its pieces stand.
    """

    heads: np.ndarray
    in_time: np.ndarray
    lost: np.ndarray
    period: int
    pieces: slice


@dataclass(frozen=True)
class Service:
    """The service curves of a team's intervals, and what each period wants of them.

    Parameters
    ----------
    slots : numpy.ndarray
        Position of each interval in the flattened days; an hour that comes twice stands here twice.
    least : numpy.ndarray
        Heads at the foot of each interval: floor, occupancy and minimum presence of all its queues.
    asked : numpy.ndarray
        Heads that the team's own rule asks for in each interval of the flattened days.
    row, width : numpy.ndarray
        Interval and heads of each piece.
    gains : scipy.sparse.csr_array
        Contacts answered in time (or kept on the line) by each head of a piece, shape (sums, pieces).
    wanted : numpy.ndarray
        Contacts that each sum wants beyond the foot.
    half_hours : numpy.ndarray
        Agent-half-hours that a contact of the sum takes.
    curves : tuple of Curve
        The exact curves behind the pieces.
    """

    slots: np.ndarray
    least: np.ndarray
    asked: np.ndarray
    row: np.ndarray
    width: np.ndarray
    gains: scipy.sparse.csr_array
    wanted: np.ndarray
    half_hours: np.ndarray
    curves: tuple[Curve, ...]

    def missing(self, pieces: np.ndarray) -> np.ndarray:
        """Contacts by which each sum stays below what it wants on the exact curves, 0 where it does not.

        Parameters
        ----------
        pieces : numpy.ndarray
            Heads on each piece.

        Returns
        -------
        numpy.ndarray
            Shape (sums,).
        """
        got = np.zeros(len(self.wanted))
        for curve in self.curves:
            heads = curve.heads[0] + pieces[curve.pieces].sum()
            got[2 * curve.period] += np.interp(heads, curve.heads, curve.in_time) - curve.in_time[0]
            got[2 * curve.period + 1] += curve.lost[0] - np.interp(heads, curve.heads, curve.lost)
        return np.maximum(self.wanted - got, 0.0)


def service(
    requirement: pd.DataFrame,
    curve: pd.DataFrame,
    queues: Iterable[Queue],
    demand: Demand,
    asked: np.ndarray,
    *,
    over: Over,
    floor: float | None,
) -> Service:
    """The curves of one team's queues as pieces.

    A piece ends on the curve, and pieces get flatter from the foot on, so that the program fills them in
    order; between its ends a piece lies below the curve, or above it where the curve is not concave, which
    happens only under about half of the contacts.

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT; ``load`` (of chats with ``agents`` and ``occupancy``) says where occupancy is too high.
    curve : pandas.DataFrame
        CURVE of the same queues and intervals.
    queues : iterable of Queue
        With the target's fraction, floor, limits, and the share of people who are there.
    demand : Demand
        Of the team.
    asked : numpy.ndarray
        Heads that its own rule asks for, shape (intervals of the flattened days,).
    over : {"day", "week"}
        Period whose contacts count together; weeks begin on Monday.
    floor : float or None
        Least fraction answered in time in any interval; None: the queue's own. [0-1]

    Returns
    -------
    Service
        For `staffing.designing.covering.cover`.

    Raises
    ------
    DataError
        Where a queue of the team is not described or an interval has no curve.
    """
    check(curve, CURVE)
    rows = requirement[requirement["team"] == demand.team].sort_values(["interval", "queue"])
    named = {queue.name: queue for queue in queues}
    need_curves(rows, curve, named)
    times = rows["interval"].drop_duplicates()
    row_of = {time: number for number, time in enumerate(times)}
    own = dict(list(curve.groupby(["queue", "interval"], sort=False)))
    keys: dict[tuple[str, pd.Timestamp], int] = {}
    least = np.zeros(len(times))
    curves: list[tuple[Curve, list[int]]] = []
    sizes: list[tuple[int, int]] = []
    interval_of: list[int] = []
    come: list[float] = []
    load: list[float] = []
    foot: list[float] = []
    kept: list[float] = []
    loads = rows["load"] / at_once(rows, named)
    for name, time, erlangs in zip(rows["queue"], rows["interval"], loads, strict=True):
        queue = named[name]
        points = own[name, time].sort_values("agents")
        period = keys.setdefault((name, first_day(time, over)), len(keys))
        if period == len(come):
            for sums in (come, load, foot, kept):
                sums.append(0.0)
        whole = Curve(*from_foot(points, queue, float(erlangs), floor), period, slice(0))
        corners = _thinned(queueing.concave(whole.heads, whole.in_time), whole)
        begin = sizes[-1][1] if sizes else 0
        sizes.append((begin, begin + len(corners) - 1))
        curves.append((whole, corners))
        interval_of.append(row_of[time])
        least[row_of[time]] += whole.heads[0]
        volume = contacts(points)
        come[period] += volume
        load[period] += float(erlangs)
        foot[period] += whole.in_time[0]
        kept[period] += allowed(queue) * volume - whole.lost[0]
    answered = np.array([named[name].target.answered for name, _ in keys])
    wanted = np.stack([answered * come - np.array(foot), -np.array(kept)], axis=1)
    placed = tuple(
        Curve(whole.heads, whole.in_time, whole.lost, whole.period, slice(*size))
        for (whole, _), size in zip(curves, sizes, strict=True)
    )
    row, width, gains = _stated(curves, interval_of, len(keys))
    per_contact = demand.unit * np.array(load) / np.maximum(np.array(come), 1e-9)
    return Service(
        slots=slots(times, demand.dates[0], demand.minutes),
        least=least,
        asked=asked,
        row=row,
        width=width,
        gains=gains,
        wanted=np.maximum(wanted, 0.0).ravel(),
        half_hours=np.repeat(per_contact, 2),
        curves=placed,
    )


def need_curves(rows: pd.DataFrame, curve: pd.DataFrame, named: dict[str, Queue]) -> None:
    problems = [
        Problem(f"the queue {name!r} is not described", "give it among the queues")
        for name in sorted(set(rows["queue"]) - set(named))
    ]
    there = pd.MultiIndex.from_frame(curve[["queue", "interval"]])
    missing = ~pd.MultiIndex.from_frame(rows[["queue", "interval"]]).isin(there)
    for name, count in rows.loc[missing, "queue"].value_counts(sort=False).sort_index().items():
        what = f"{count} intervals of the queue {name!r} have no service curve"
        remedy = "take requirement.curve of the same forecast, or target='interval'"
        problems.append(Problem(what, remedy, CURVE.name, None, "interval"))
    if problems:
        raise DataError(problems)


def at_once(rows: pd.DataFrame, named: dict[str, Queue]) -> np.ndarray:
    """Contacts of a load that one busy agent serves: one on the phone, several in chats.

    Of chats it is read off the requirement's own agents and occupancy.
    """
    chats = np.array([isinstance(named[name].channel, Chat) for name in rows["queue"]], dtype=bool)
    if not chats.any() or "occupancy" not in rows:
        return np.ones(len(rows))
    lost = rows["abandonment"].fillna(0.0) if "abandonment" in rows else 0.0
    served = (rows["load"] * (1.0 - lost)).to_numpy(dtype=float)
    busy = (rows["agents"] * rows["occupancy"]).to_numpy(dtype=float)
    several = np.divide(served, busy, out=np.ones(len(rows)), where=busy > 0)
    return np.where(chats, np.maximum(several, 1.0), 1.0)


def first_day(time: pd.Timestamp, over: Over) -> pd.Timestamp:
    day = time.tz_localize(None).normalize()
    return day if over == "day" else day - pd.Timedelta(days=day.weekday())


def contacts(points: pd.DataFrame) -> float:
    """Contacts of the interval: those answered in time over their share, at the end of the curve."""
    last = points.iloc[-1]
    return float(last["answered_in_time"] / last["service_level"]) if last["service_level"] > 0 else 0.0


def allowed(queue: Queue) -> float:
    """Share of the contacts that may be lost: all where no target says otherwise. [0-1]"""
    cap = queue.target.max_abandonment
    return 1.0 if cap is None or queue.channel.patience is None else cap


def from_foot(
    points: pd.DataFrame, queue: Queue, load: float, floor: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Heads, contacts in time and contacts lost from the first number of agents that may be there."""
    agents, level, lost = (
        points[name].to_numpy(dtype=float) for name in ("agents", "service_level", "abandonment")
    )
    least = (queue.target.floor or 0.0) if floor is None else floor
    busy = load * (1.0 - lost) / np.maximum(agents, 1e-9)
    allowed = (
        (level >= least - 1e-9) & (busy <= queue.target.max_occupancy + 1e-9) & (agents >= queue.min_staff)
    )
    first = int(np.argmax(allowed)) if allowed.any() else len(agents) - 1
    good = np.maximum.accumulate(points["answered_in_time"].to_numpy(dtype=float))[first:]
    return agents[first:] / queue.present, good, (lost * contacts(points))[first:]


def _thinned(corners: list[int], curve: Curve) -> list[int]:
    """At most `PIECES` pieces: the corner whose loss is least goes first; none rises above the hull."""
    corners = list(corners)
    x, y = curve.heads, curve.in_time

    def loss(a: int, b: int, c: int) -> float:
        return float(abs((x[b] - x[a]) * (y[c] - y[a]) - (x[c] - x[a]) * (y[b] - y[a])))

    while len(corners) > PIECES + 1:
        losses = [loss(*around) for around in zip(corners, corners[1:], corners[2:], strict=False)]
        del corners[1 + int(np.argmin(losses))]
    return corners


def _stated(
    curves: list[tuple[Curve, list[int]]], interval_of: list[int], periods: int
) -> tuple[np.ndarray, np.ndarray, scipy.sparse.csr_array]:
    """Interval and width of each piece, and its gains in the sums of its period."""
    row, width, good, kept, period = [], [], [], [], []
    for (curve, corners), interval in zip(curves, interval_of, strict=True):
        for a, b in itertools.pairwise(corners):
            wide = curve.heads[b] - curve.heads[a]
            row.append(interval)
            width.append(wide)
            good.append((curve.in_time[b] - curve.in_time[a]) / wide)
            kept.append(max(curve.lost[a] - curve.lost[b], 0.0) / wide)
            period.append(curve.period)
    columns, at = np.arange(len(row)), 2 * np.array(period, dtype=int)
    gains = scipy.sparse.coo_array(
        (np.concatenate([good, kept]), (np.concatenate([at, at + 1]), np.concatenate([columns, columns]))),
        shape=(2 * periods, len(row)),
    )
    return np.array(row, dtype=int), np.array(width), scipy.sparse.csr_array(gains)
