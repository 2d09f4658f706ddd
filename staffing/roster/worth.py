"""What each agent is worth on the service curve: steps in place of shares, sums over a longer time."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

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
OVER = ("interval", "day", "week")
# Of a curve below the need, and above the floor: fewer lose hours, more gain none.
PIECES = 5
# Where a target holds over a longer time, an agent above the floor costs once the price of a surplus where it
# gains what a needed one does, so often where it gains nothing.
USELESS = 3.0
# The floor comes before anything that its people could gain elsewhere.
FLOOR = 2.0
SMALL = 1e-9


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
        return self.target or self.queue(name).target.over

    def measured(self, queues: Iterable[str]) -> dict[str, str]:
        """Queue -> what its cover is measured by."""
        return {name: self.over(name) or "need" for name in queues}

    def queue(self, name: str) -> Queue:
        """A queue by its name."""
        return next(queue for queue in self.queues if queue.name == name)


def aimed(
    curve: pd.DataFrame | None, queues: Iterable[Queue], target: Over | None, demand: pd.DataFrame
) -> Aim:
    """An aim that the demand can be measured by.

    Raises
    ------
    DataError
        With everything that is wrong with the curve.
    """
    aim = Aim(curve, tuple(queues), target)
    if target is not None and target not in OVER:
        raise DataError([Problem(f"target={target!r} is no span of time", f"write {', '.join(OVER)}")])
    if curve is None:
        if target is not None:
            remedy = "give curve=requirement.curve(forecast, queues) and queues=queues"
            raise DataError([Problem(f"target={target!r} needs the service curve", remedy)])
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
        Where a target holds in each interval, a lack costs what it loses; where it holds over a longer time,
        only the floor is needed, and contacts are summed.
    """
    filled = _Filled.of(need)
    for name in need.queues:
        over = aim.over(name)
        if over is None or aim.curve is None:
            continue
        here = (rows["queue"] == name).to_numpy()
        curve = aim.curve[aim.curve["queue"] == name]
        own = _points(rows[here], (where[0][here], where[1][here]), aim.queue(name), curve, over)
        worth = _of_the_last(own)
        if over == "interval":
            _priced(filled, own, worth)
        else:
            price = float(np.median(need.short[need.known])) if need.known.any() else 0.0
            _summed(filled, own, worth, price, aim.queue(name), over)
    return filled.need(need)


@dataclass(frozen=True)
class _Point:
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
    last : float
        Contacts answered in time by each head of the last agent whom this fraction asks for.
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
    last: float
    come: float
    x: np.ndarray
    in_time: np.ndarray
    lost: np.ndarray

    def answered(self, heads: np.ndarray | float) -> np.ndarray:
        """Contacts answered in time."""
        return np.asarray(np.interp(heads, self.x, self.in_time))

    def given_up(self, heads: np.ndarray | float) -> np.ndarray:
        """Contacts lost."""
        return np.asarray(np.interp(heads, self.x, self.lost))

    def below(self) -> tuple[np.ndarray, np.ndarray]:
        """From the heads asked for down to none: agents of each step, and what each of them answers."""
        knots = np.append(self.x[self.x < self.heads - SMALL], self.heads)[::-1]
        return -np.diff(knots), np.diff(self.answered(knots)) / np.diff(knots)

    def above(self) -> tuple[np.ndarray, np.ndarray]:
        """From the foot up: agents of each piece of the smallest concave curve, and what each answers."""
        knots = np.append(self.foot, self.x[self.x > self.foot + SMALL])
        corners = knots[queueing.concave(knots, self.answered(knots))]
        return np.diff(corners), np.diff(self.answered(corners)) / np.diff(corners)


def _points(
    rows: pd.DataFrame,
    where: tuple[np.ndarray, np.ndarray],
    queue: Queue,
    curve: pd.DataFrame,
    over: str,
) -> list[_Point]:
    tables = dict(list(curve.sort_values("agents").groupby("interval", sort=False)))
    loads = rows["load"].to_numpy(dtype=float) / service.at_once(rows, {queue.name: queue})
    found = []
    row: Any
    for row, load, place, slot in zip(rows.itertuples(index=False), loads, *where, strict=True):
        table = tables[row.interval]
        agents = table["agents"].to_numpy(dtype=float)
        come = service.contacts(table)
        x = agents / queue.present
        heads = float(row.scheduled)
        enough = table["service_level"].to_numpy(dtype=float) >= queue.target.answered
        # Evening cover or work with a deadline may ask for people of whom the curve does not know.
        asked = heads <= math.ceil(float(row.agents) / queue.present - SMALL) + SMALL
        asked = asked and not getattr(row, "agents_deferred", 0.0) > 0
        foot = min(heads, float(service.from_foot(table, queue, float(load), None)[0][0])) if asked else heads
        # Behind the end of its table a curve begins where nobody answers.
        begin = [0.0] if x[0] > 0 else []
        in_time = np.append(begin, np.maximum.accumulate(table["answered_in_time"].to_numpy(dtype=float)))
        lost = np.append([come] * len(begin), table["abandonment"].to_numpy(dtype=float) * come)
        level = min(heads, float(x[enough][0])) if enough.any() else heads
        x, one = np.append(begin, x), 1.0 / queue.present
        found.append(
            _Point(
                at=(int(place), int(slot)),
                day=service.first_day(row.interval, "day" if over in ("interval", "day") else "week"),
                heads=heads,
                foot=foot,
                by_service=asked and level > heads - one - SMALL,
                last=float(np.interp(level, x, in_time) - np.interp(level - one, x, in_time)) / one,
                come=come,
                x=x,
                in_time=in_time,
                lost=lost,
            )
        )
    return found


def _of_the_last(points: list[_Point]) -> float:
    """Contacts that the last agent whom the target asks for answers in time, on the average of the agents."""
    heads = sum(point.heads for point in points)
    return sum(point.heads * point.last for point in points) / heads if heads else 0.0


def _merged(widths: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most `PIECES` steps: neighbours become one where that changes the sum least.

    Examples
    --------
    >>> _merged(np.array([1.0, 1.0, 2.0, 1.0, 1.0, 1.0]), np.array([1.0, 1.5, 4.0, 5.0, 6.0, 8.0]))
    (array([2., 2., 1., 1., 1.]), array([1.25, 4.  , 5.  , 6.  , 8.  ]))
    """
    widths, values = widths.copy(), values.copy()
    while len(widths) > PIECES:
        k = int(np.argmin(np.abs(np.diff(values)) * widths[:-1] * widths[1:]))
        both = widths[k] + widths[k + 1]
        values[k] = (values[k] * widths[k] + values[k + 1] * widths[k + 1]) / both
        widths[k] = both
        widths, values = np.delete(widths, k + 1), np.delete(values, k + 1)
    return widths, values


@dataclass(frozen=True)
class _Filled:
    """What a need becomes, queue by queue; a further step of a surplus is for whoever gains nothing."""

    heads: np.ndarray
    lacks: Steps
    spares: Steps
    gains: np.ndarray
    member: np.ndarray
    wanted: list[float]
    price: list[float]

    @classmethod
    def of(cls, need: Need) -> _Filled:
        shape = need.heads.shape
        more = np.zeros((PIECES + 1 - len(need.spares.widths), *shape))
        return cls(
            heads=need.heads.copy(),
            lacks=Steps(need.lacks.widths.copy(), need.lacks.rates.copy()),
            spares=Steps(
                np.concatenate([need.spares.widths, more]),
                np.concatenate([need.spares.rates, more + need.spares.rates[-1]]),
            ),
            gains=np.zeros((2, PIECES + 1, *shape)),
            member=np.full((2, *shape), -1),
            wanted=[],
            price=[],
        )

    def need(self, before: Need) -> Need:
        if not self.wanted:
            return dataclasses.replace(before, lacks=self.lacks)
        sums = Sums(np.array(self.wanted), np.array(self.price), self.member, self.gains)
        return dataclasses.replace(before, heads=self.heads, lacks=self.lacks, spares=self.spares, sums=sums)


def _put(steps: Steps, at: tuple[int, int], widths: np.ndarray, rates: np.ndarray) -> None:
    """The steps of one interval; the last is repeated without width."""
    blank = len(steps.widths) - len(widths)
    steps.widths[:, *at] = np.append(widths, np.zeros(blank))
    steps.rates[:, *at] = np.append(rates, np.full(blank, rates[-1]))


def _priced(filled: _Filled, points: list[_Point], worth: float) -> None:
    """A lack costs what it loses: half of it as contacts, half as the half hour's own (a geometric mean).

    If contacts alone counted, quiet half hours were given up for busy ones; if all half hours counted alike,
    contacts were lost. Where another limit asks for the last agents, these cost as much as any short one.
    """
    for point in points:
        if point.heads <= 0:
            continue
        widths, answers = point.below()
        unit = math.sqrt(worth * point.last)
        if unit <= 0:
            continue
        rates = np.maximum(answers / unit, 0.0 if point.by_service else 1.0)
        _put(filled.lacks, point.at, *_merged(widths, np.maximum.accumulate(rates)))


def _summed(
    filled: _Filled, points: list[_Point], worth: float, price: float, queue: Queue, over: str
) -> None:
    """Only the floor is needed; what is answered and kept above it counts for the period."""
    days = list(dict.fromkeys(point.day for point in points))
    first = {day: len(filled.wanted) + 2 * number for number, day in enumerate(days)}
    filled.wanted.extend([0.0] * (2 * len(days)))
    filled.price.extend([price / worth if worth > 0 else 0.0] * (2 * len(days)))
    for point in points:
        widths, answers = _merged(*point.above()) if point.x[-1] > point.foot + SMALL else (np.zeros(0),) * 2
        knots = point.foot + np.append(0.0, np.cumsum(widths))
        keeps = np.maximum(-np.diff(point.given_up(knots)) / widths, 0.0)
        share = np.minimum(answers / worth, 1.0) if worth > 0 else np.ones(len(answers))
        rates = np.append(USELESS - (USELESS - 1.0) * share, USELESS)
        _put(filled.spares, point.at, np.append(widths, np.inf), rates)
        filled.gains[0, : len(answers), *point.at] = answers
        filled.gains[1, : len(keeps), *point.at] = keeps
        filled.member[:, *point.at] = first[point.day], first[point.day] + 1
        filled.heads[point.at] = point.foot
        floor = by_share(np.array(point.foot), SHORT)
        dearest = FLOOR * answers[0] / worth if len(answers) and worth > 0 else 1.0
        _put(filled.lacks, point.at, floor.widths, floor.rates * max(1.0, dearest))
        due, gone = queue.target.answered * point.come, service.allowed(queue) * point.come
        if over == "month":  # which asks nothing of one week but what its requirement gives it
            due, gone = float(point.answered(point.heads)), float(point.given_up(point.heads))
        filled.wanted[first[point.day]] += due - float(point.answered(point.foot))
        filled.wanted[first[point.day] + 1] += float(point.given_up(point.foot)) - gone
