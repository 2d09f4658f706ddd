"""What each agent is worth on the service curve: convex steps in place of shares, and sums over a longer time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from staffing import queueing
from staffing.designing import service
from staffing.errors import DataError, Problem
from staffing.model import Queue
from staffing.roster.case import Need, Sums
from staffing.roster.prices import SHORT, Steps, by_share
from staffing.tables import CURVE, check

Over = Literal["interval", "day", "week"]
PERIODS = ("interval", "day", "week")
PIECES = 5  # of a curve on each side; fewer lose hours, more gain none
# A surplus agent costs once the price where it still gains a needed one's contacts, thrice where none.
USELESS = 3.0
# A floor comes before everything that its people could gain elsewhere.
FLOOR = 2.0


@dataclass(frozen=True)
class Aim:
    """What cover is measured by.

    Parameters
    ----------
    curve : pandas.DataFrame or None
        CURVE; a queue without rows is measured by its need.
    queues : tuple of Queue
        With their targets and the share of people who are there.
    target : str or None
        Over what the targets hold; None: each queue's own.
    """

    curve: pd.DataFrame | None = None
    queues: tuple[Queue, ...] = ()
    target: Over | None = None

    def over(self, name: str) -> str | None:
        """Over what a queue's target holds, None where its cover is measured by its need."""
        if self.curve is None or not (self.curve["queue"] == name).any():
            return None
        return self.target or next(queue.target.over for queue in self.queues if queue.name == name)


def aimed(
    curve: pd.DataFrame | None, queues: Iterable[Queue], target: Over | None, demand: pd.DataFrame
) -> Aim:
    """An aim that the demand can be measured by.

    Raises
    ------
    DataError
        With everything that is wrong with the curve.
    """
    if target is not None and target not in PERIODS:
        raise DataError([Problem(f"target={target!r} is none", f"write {', '.join(PERIODS)}")])
    aim = Aim(curve, tuple(queues), target)
    if curve is None:
        if target is not None and target != "interval":
            what = f"target={target!r} needs the service curve"
            raise DataError([Problem(what, "give curve=requirement.curve(forecast, queues) and queues=")])
        return aim
    check(curve, CURVE)
    own = demand[demand["queue"].isin(curve["queue"])]
    service.need_curves(own, curve, {queue.name: queue for queue in aim.queues})
    return aim


def measured(need: Need, rows: pd.DataFrame, where: tuple[np.ndarray, np.ndarray], aim: Aim) -> Need:
    """The need with the steps and sums of the service curve, for the queues that have one.

    Parameters
    ----------
    need : Need
        By shares.
    rows : pandas.DataFrame
        REQUIREMENT of these days.
    where : tuple of numpy.ndarray
        Queue and interval of each row in the need.
    aim : Aim
        What it is measured by.

    Returns
    -------
    Need
        Where a target holds in each interval, a lack and a surplus follow the contacts that they lose and
        gain; where it holds over a longer time, only the floor is needed, and contacts are summed.
    """
    if not any(aim.over(name) for name in need.queues):
        return need
    found = _Found.of(need)
    named = {queue.name: queue for queue in aim.queues}
    for name in need.queues:
        over = aim.over(name)
        if over is None:
            continue
        of_queue = (rows["queue"] == name).to_numpy()
        own = _points(rows[of_queue], [part[of_queue] for part in where], named[name], aim.curve, over)
        worth = _of_one(own)
        if over == "interval":
            if worth > 0:
                _priced(found, own, worth)
            continue
        share = need.minutes / 30.0
        typical = float(np.median(need.short[need.known])) * share
        _summed(found, own, over, named[name], typical / worth if worth > 0 else 0.0)
    return found.need(need)


@dataclass(frozen=True)
class _Points:
    """The curve of one interval, in heads to be scheduled.

    Parameters
    ----------
    at : tuple of int
        Queue and interval.
    day : pandas.Timestamp
        First day of its period.
    heads : float
        Asked for.
    foot : float
        Fewest that its floor, its occupancy and its minimum presence allow.
    by_service : bool
        Whether it is the target's fraction that asks for the last of them.
    come : float
        Contacts.
    x, in_time, lost : numpy.ndarray
        Heads from 0 on, and the contacts answered in time and lost with each.
    """

    at: tuple[int, int]
    day: pd.Timestamp
    heads: float
    foot: float
    by_service: bool
    come: float
    x: np.ndarray
    in_time: np.ndarray
    lost: np.ndarray

    def below(self) -> tuple[np.ndarray, np.ndarray]:
        """From the heads that are asked for down to none: agents of each step, contacts lost by each agent."""
        knots = np.concatenate([self.x[self.x < self.heads - 1e-9], [self.heads]])[::-1]
        return -np.diff(knots), np.diff(np.interp(knots, self.x, self.in_time)) / np.diff(knots)

    def above(self, first: float) -> np.ndarray:
        """Corners of the smallest concave curve from so many heads on."""
        knots = np.concatenate([[first], self.x[self.x > first + 1e-9]])
        return knots[queueing.concave(knots, np.interp(knots, self.x, self.in_time))]


def _points(
    rows: pd.DataFrame, where: list[np.ndarray], queue: Queue, curve: pd.DataFrame | None, over: str
) -> list[_Points]:
    assert curve is not None
    tables = dict(list(curve[curve["queue"] == queue.name].groupby("interval", sort=False)))
    loads = rows["load"].to_numpy(dtype=float) / service.at_once(rows, {queue.name: queue})
    period = "week" if over == "month" else over
    found = []
    for row, load, place, slot in zip(rows.itertuples(index=False), loads, *where, strict=True):
        points = tables[row.interval].sort_values("agents")
        agents = points["agents"].to_numpy(dtype=float)
        level = np.concatenate([[0.0], points["service_level"].to_numpy(dtype=float)])
        come = service.contacts(points)
        in_time = np.maximum.accumulate(points["answered_in_time"].to_numpy(dtype=float))
        lost = np.concatenate([[1.0], points["abandonment"].to_numpy(dtype=float)]) * come
        x = np.concatenate([[0.0], agents / queue.present])
        keep = np.concatenate([[agents[0] > 0], np.ones(len(agents), dtype=bool)])
        heads = float(row.scheduled)
        last = np.interp(heads - 1.0 / queue.present, x[keep], level[keep])
        # Evening cover, work with deadlines or another limit may ask for more than the curve knows of.
        raised = heads > np.ceil(float(row.agents) / queue.present - 1e-9) + 1e-9
        foot = heads if raised else min(heads, service.from_foot(points, queue, float(load), None)[0][0])
        found.append(
            _Points(
                at=(int(place), int(slot)),
                day=service.first_day(row.interval, "day" if period == "interval" else period),
                heads=heads,
                foot=float(foot),
                by_service=not raised and bool(last < queue.target.answered),
                come=come,
                x=x[keep],
                in_time=np.concatenate([[0.0], in_time])[keep],
                lost=lost[keep],
            )
        )
    return found


def _of_one(points: list[_Points]) -> float:
    """Contacts that the last agent asked for answers in time, on the average of the agents asked for."""
    asked = [one for one in points if one.by_service and one.heads > 0] or [one for one in points if one.heads > 0]
    weight = sum(one.heads for one in asked)
    return sum(one.heads * float(one.below()[1][0]) for one in asked) / weight if weight else 0.0


def _merged(widths: np.ndarray, values: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """At most so many steps: neighbours become one where that changes the sum least.

    Examples
    --------
    >>> _merged(np.array([1.0, 1.0, 2.0]), np.array([1.0, 1.1, 4.0]), 2)
    (array([2., 2.]), array([1.05, 4.  ]))
    """
    while len(widths) > most:
        loss = np.abs(np.diff(values)) * widths[:-1] * widths[1:]
        k = int(np.argmin(loss))
        wide = widths[k] + widths[k + 1]
        values[k] = (values[k] * widths[k] + values[k + 1] * widths[k + 1]) / wide
        widths[k] = wide
        widths, values = np.delete(widths, k + 1), np.delete(values, k + 1)
    return widths, values


@dataclass(frozen=True)
class _Found:
    """What a need becomes, filled queue by queue."""

    heads: np.ndarray
    lacks: Steps
    spares: Steps
    gains: np.ndarray
    member: np.ndarray
    wanted: list[float]
    price: list[float]

    @classmethod
    def of(cls, need: Need) -> _Found:
        shape = need.heads.shape
        more = np.zeros((PIECES + 1 - len(need.spares.widths), *shape))
        spares = Steps(
            np.concatenate([need.spares.widths, more]),
            np.concatenate([need.spares.rates, more + need.spares.rates[-1]]),
        )
        lacks = Steps(need.lacks.widths.copy(), need.lacks.rates.copy())
        gains, member = np.zeros((2, PIECES + 1, *shape)), np.full((2, *shape), -1)
        return cls(need.heads.copy(), lacks, spares, gains, member, [], [])

    def need(self, before: Need) -> Need:
        sums = Sums(np.array(self.wanted), np.array(self.price), self.member, self.gains)
        return dataclasses.replace(
            before, heads=self.heads, lacks=self.lacks, spares=self.spares, sums=sums
        )


def _put(steps: Steps, at: tuple[int, int], widths: np.ndarray, rates: np.ndarray) -> None:
    """The steps of one interval, the dearest of them repeated without width."""
    blank = len(steps.widths) - len(widths)
    steps.widths[:, *at] = np.concatenate([widths, np.zeros(blank)])
    steps.rates[:, *at] = np.concatenate([rates, np.full(blank, rates[-1])])


def _priced(found: _Found, points: list[_Points], worth: float) -> None:
    """Below the need a lack costs the contacts that it loses; above it a surplus is the dearer the less it gains."""
    for one in points:
        if one.heads <= 0:
            continue
        widths, lost = one.below()
        # What another limit asks for is not cheaper because the service would be good without it.
        rates = np.maximum.accumulate(np.maximum(lost / worth, 0.0 if one.by_service else 1.0))
        _put(found.lacks, one.at, *_merged(widths, rates, PIECES))
        _spare(found, one, one.above(one.heads), worth)


def _spare(found: _Found, one: _Points, corners: np.ndarray, worth: float) -> np.ndarray:
    """The steps of a surplus from the first corner on, and what an agent gains in each; none behind the last."""
    gained = np.diff(np.interp(corners, one.x, one.in_time)) / np.diff(corners)
    widths, gained = _merged(np.diff(corners), gained, PIECES)
    rates = USELESS - (USELESS - 1.0) * np.minimum(gained / worth, 1.0) if worth > 0 else np.ones(len(widths))
    _put(found.spares, one.at, np.append(widths, np.inf), np.append(rates, USELESS))
    return np.append(gained, 0.0)


def _summed(found: _Found, points: list[_Points], over: str, queue: Queue, price: float) -> None:
    """Only the floor is needed; what is answered and kept beyond it counts for the period."""
    typical = _of_one(points)
    first = dict.fromkeys(one.day for one in points)
    number = {day: len(found.wanted) + 2 * at for at, day in enumerate(first)}
    found.wanted.extend([0.0] * (2 * len(first)))
    found.price.extend([price] * (2 * len(first)))
    answered, allowed = queue.target.answered, service.allowed(queue)
    for one in points:
        sums = number[one.day]
        corners = one.above(one.foot)
        steps = _spare(found, one, corners, typical)
        ends = one.foot + np.cumsum(found.spares.widths[:-1, *one.at])
        left = np.interp(np.append(one.foot, ends), one.x, one.lost)
        wide = np.maximum(np.diff(left, prepend=left[:1])[1:], -np.inf)
        with np.errstate(invalid="ignore", divide="ignore"):
            kept = np.where(found.spares.widths[:-1, *one.at] > 0, -wide / found.spares.widths[:-1, *one.at], 0.0)
        found.gains[0, : len(steps), *one.at] = steps
        found.gains[1, :-1, *one.at] = np.maximum(kept, 0.0)
        found.member[:, *one.at] = sums, sums + 1
        met, gone = (float(np.interp(one.foot, one.x, of)) for of in (one.in_time, one.lost))
        if over == "month":
            due = float(np.interp(one.heads, one.x, one.in_time)), float(np.interp(one.heads, one.x, one.lost))
        else:
            due = answered * one.come, allowed * one.come
        found.wanted[sums] += due[0] - met
        found.wanted[sums + 1] += gone - due[1]
        steepest = steps[0] / typical if typical > 0 else 1.0
        floor = by_share(np.array([one.foot]), SHORT)
        found.heads[one.at] = one.foot
        _put(found.lacks, one.at, floor.widths[:, 0], floor.rates[:, 0] * max(1.0, FLOOR * steepest))
