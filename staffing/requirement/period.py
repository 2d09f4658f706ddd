"""Targets over a day, a week or a month: where the agents of a period buy most, and whether it was kept."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from staffing import queueing
from staffing.model import Queue
from staffing.requirement import curve, service
from staffing.requirement.case import described
from staffing.requirement.service import Demand

Floats = np.ndarray


def periods(interval: pd.Series, over: str) -> pd.Series:
    """First day of the day, week (Monday) or month of each interval, on the site's clock."""
    day = interval.dt.tz_localize(None).dt.normalize()
    if over == "week":
        return day - pd.to_timedelta(day.dt.day_of_week, unit="D")
    if over == "month":
        return day.dt.to_period("M").dt.start_time.dt.as_unit("us")
    return day


def allocate(queue: Queue, interval: pd.Series, come: Floats, demand: Demand) -> tuple[Floats, Floats]:
    """Fewest agents with which each period keeps its target, every interval its floor and its other caps.

    Agents go where they buy most contacts answered in time: along the upper hull of each interval's curve,
    the steepest piece of the period first, which is the Lagrangian solution; then whoever can be spared is
    taken off again. Where abandonment is still above its cap, further agents go where they keep most callers,
    which may be one more than the fewest. Where nobody hangs up, no interval is given up to overload: its
    callers would wait in those after it.

    Parameters
    ----------
    queue : Queue
        With a target over more than an interval.
    interval : pandas.Series
        Its interval starts.
    come : numpy.ndarray
        Expected contacts of each. [contacts]
    demand : Demand
        Their loads.

    Returns
    -------
    numpy.ndarray
        Agents of each interval.
    numpy.ndarray of str
        What set them: ``answered`` or ``abandonment`` above the least that the interval needs by itself,
        which ``floor``, ``occupancy``, ``asa`` or ``min_staff`` set.
    """
    least, bound = _least(queue, demand)
    row, agents, achieved = curve.points(queue, demand)
    count = len(come)
    steps = [
        slice(*edge) for edge in zip(*np.searchsorted(row, [range(count), range(1, count + 1)]), strict=True)
    ]
    got = np.array(least)
    names = np.array(bound)
    label = periods(interval, queue.target.over).to_numpy()
    for period in np.unique(label):
        places = np.flatnonzero(label == period)
        curves = [_Curve(agents[steps[i]], achieved, steps[i], come[i], least[i]) for i in places]
        chosen = _spend([c.good for c in curves], queue.target.answered * come[places].sum())
        if queue.target.max_abandonment is not None and queue.channel.patience is not None:
            allowed = queue.target.max_abandonment * come[places].sum()
            before = list(chosen)
            chosen = _keep([c.lost for c in curves], chosen, allowed)
            more = np.array([a > b for a, b in zip(chosen, before, strict=True)])
        else:
            more = np.zeros(len(places), dtype=bool)
        got[places] = [c.agents[k] for c, k in zip(curves, chosen, strict=True)]
        above = got[places] > least[places]
        names[places] = np.where(more, "abandonment", np.where(above, "answered", bound[places]))
    return got, names


class _Curve:
    """From the least number of agents on: agents, contacts answered in time, contacts lost."""

    def __init__(
        self, agents: Floats, achieved: service.Service, part: slice, come: float, least: float
    ) -> None:
        there = agents >= least
        self.agents = agents[there]
        self.good = np.maximum.accumulate(achieved.service_level[part][there] * come)
        self.lost = np.minimum.accumulate(achieved.abandonment[part][there] * come)


def _least(queue: Queue, demand: Demand) -> tuple[Floats, Floats]:
    """Agents that every interval needs by itself: its floor, occupancy, mean wait, minimum presence.

    Below stability patient callers pile up, which no curve of one interval by itself can count.
    """
    target = queue.target
    names: tuple[str, ...] = ("occupancy", "asa")
    if target.floor:
        target, names = (
            replace(target, over="interval", floor=None, answered=target.floor),
            ("answered", *names),
        )
    found, bound = service.needed(demand, replace(queue, target=target), names)
    bound = np.where(bound == "answered", "floor", bound)
    stable = service.stable(demand, queue)
    found, bound = np.maximum(found, stable), np.where(stable > found, "occupancy", bound)
    least = np.maximum(found, queue.min_staff)
    return least, np.where(least > found, "min_staff", bound)


def _spend(curves: list[Floats], wanted: float) -> list[int]:
    """Number of steps along each curve so that the sum reaches what is wanted with as few as possible."""
    taken = [0] * len(curves)
    total = sum(float(curve[0]) for curve in curves)
    slack = 1e-9 * max(wanted, 1.0)
    pieces = [(-slope, i, end) for i, values in enumerate(curves) for slope, end in _hull(values)]
    for _, i, end in sorted(pieces):
        if total >= wanted - slack:
            break
        total += float(curves[i][end] - curves[i][taken[i]])
        taken[i] = end
    losses = [(float(c[k] - c[k - 1]), i) for i, (c, k) in enumerate(zip(curves, taken, strict=True)) if k]
    heapq.heapify(losses)
    while losses:
        loss, i = heapq.heappop(losses)
        if total - loss < wanted - slack:
            continue
        taken[i] -= 1
        total -= loss
        if taken[i]:
            heapq.heappush(losses, (float(curves[i][taken[i]] - curves[i][taken[i] - 1]), i))
    return taken


def _hull(values: Floats) -> list[tuple[float, int]]:
    """Slope and end of each piece of the smallest concave curve above the values."""
    corners = queueing.concave(np.arange(len(values), dtype=float), values)
    return [((values[b] - values[a]) / (b - a), b) for a, b in itertools.pairwise(corners)]


def _keep(lost: list[Floats], taken: list[int], allowed: float) -> list[int]:
    """Further steps, each where it keeps most callers, until no more are lost than allowed."""
    taken = list(taken)
    total = sum(float(curve[k]) for curve, k in zip(lost, taken, strict=True))
    gains = [
        (-float(c[k] - c[k + 1]), i)
        for i, (c, k) in enumerate(zip(lost, taken, strict=True))
        if k + 1 < len(c)
    ]
    heapq.heapify(gains)
    while total > allowed * (1 + 1e-12) and gains:
        gain, i = heapq.heappop(gains)
        taken[i] += 1
        total += gain
        if taken[i] + 1 < len(lost[i]):
            heapq.heappush(gains, (-float(lost[i][taken[i]] - lost[i][taken[i] + 1]), i))
    return taken


def attainment(table: pd.DataFrame, queues: Iterable[Queue], *, band: float = 0.10) -> pd.DataFrame:
    """Whether targets are kept, both ways: the contract's figure, and the intervals one by one.

    A day can keep its target while its rush does not; so both figures stand beside each other always.

    Parameters
    ----------
    table : pandas.DataFrame
        queue, interval, volume, service_level: a REQUIREMENT, a COVERAGE, or what `evaluate` gives.
    queues : iterable of Queue
        Whose targets hold.
    band : float
        An interval is inside while its service level is no further from the target. [0-1]

    Returns
    -------
    pandas.DataFrame
        queue, over (the target's period, ``day`` where it is an interval), start (its first day), volume,
        service_level (contact-weighted) and answered (the target) [0-1], kept (whether the figure reaches
        it), intervals, below, inside and above (shares of the intervals that have contacts) [0-1], worst (the
        lowest service level of an interval that has contacts) [0-1].

    Raises
    ------
    DataError
        A queue that is not described.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=3, freq="30min", tz="Asia/Seoul")
    >>> day = pd.DataFrame({"queue": "calls", "interval": times, "volume": [10.0, 80.0, 10.0]})
    >>> day["service_level"] = [0.55, 0.85, 0.60]
    >>> calls = Queue("calls", team="care", shrinkage=())
    >>> attainment(day, [calls])[["service_level", "kept", "below", "inside"]].round(3).values.tolist()
    [[0.795, False, 0.667, 0.333]]
    """
    named = described(table["queue"], queues)
    rows = []
    for name, part in table.groupby("queue", sort=True):
        target = named[str(name)].target
        over = "day" if target.over == "interval" else target.over
        for start, chunk in part.groupby(periods(part["interval"], over), sort=True):
            rows.append(
                {"queue": name, "over": over, "start": start, **_both_ways(chunk, target.answered, band)}
            )
    columns = ["queue", "over", "start", *_both_ways(table.iloc[:0], 0.5, band)]
    return pd.DataFrame(rows, columns=columns)


def _both_ways(chunk: pd.DataFrame, answered: float, band: float) -> dict[str, object]:
    volume = chunk["volume"].to_numpy(dtype=float)
    busy = volume > 0
    level = chunk["service_level"].to_numpy(dtype=float)
    figure = float(level @ volume / volume.sum()) if busy.any() else 1.0
    below, above = level[busy] < answered - band - 1e-9, level[busy] > answered + band + 1e-9
    share = [float(part.mean()) if busy.any() else 0.0 for part in (below, ~below & ~above, above)]
    return {
        "volume": float(volume.sum()),
        "service_level": figure,
        "answered": answered,
        "kept": figure >= answered - 1e-9,
        "intervals": int(busy.sum()),
        "below": share[0],
        "inside": share[1] if busy.any() else 1.0,
        "above": share[2],
        "worst": float(level[busy].min()) if busy.any() else 1.0,
    }
