"""Where the rush of a team lies, weekday by weekday."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from staffing.calendar import WEEKDAYS
from staffing.designing.need import DAY, Demand, clock, minute
from staffing.model import Shift, Team
from staffing.tables import Contract

SMOOTH = 60.0  # minutes: need this far away no longer counts in the smoothed day
APART = 180.0  # minutes: the same for what sets a weekday apart from the average day, which fewer days tell
NOISY = 3.0  # times what noise leaves on average: a difference must exceed it to be smoothed less
PROMINENCE = 0.125  # need rises to a rush, and falls from it, by at least this share of the day's top
HIGH = 0.5  # a rush is at least this share of the day's top
LEVEL = 0.90  # a rush lasts while the smoothed need is above this share of its own top

PEAKS = Contract(
    "PEAKS",
    (),
    {"team": "text", "start": "text", "end": "text"},
    {"weekday": "text", "agents": "count", "share": "fraction"},
)


def windows(demand: Demand) -> pd.DataFrame:
    """The rush windows of one team: weekday, start, end, agents, share; in the order of the week and day.

    Parameters
    ----------
    demand : Demand
        Its need.

    Returns
    -------
    pandas.DataFrame
        PEAKS.
    """
    rows = []
    profiles = _profiles(demand)
    for weekday in sorted(profiles):
        begins, mean, smooth = profiles[weekday]
        for first, last in _tops(smooth):
            agents = float(mean[first:last].mean())
            rows.append(
                {
                    "team": demand.team,
                    "weekday": WEEKDAYS[weekday],
                    "start": clock(begins + first * demand.minutes),
                    "end": clock(begins + last * demand.minutes),
                    "agents": agents,
                    "share": min(agents / float(mean.max()), 1.0),
                }
            )
    return pd.DataFrame(rows) if rows else empty()


def empty() -> pd.DataFrame:
    """No rush at all."""
    columns = PEAKS.empty().assign(weekday="", agents=0.0, share=0.0).astype({"weekday": "str"})
    return columns[["team", "weekday", "start", "end", "agents", "share"]]


def of_days(table: pd.DataFrame, demand: Demand, cell: int) -> np.ndarray:
    """Which cells of the clock are rush on which open date.

    Parameters
    ----------
    table : pandas.DataFrame
        PEAKS of the team; without a weekday a window holds on every day.
    demand : Demand
        Its need.
    cell : int
        Length of a cell. [min]

    Returns
    -------
    numpy.ndarray
        0 and 1, shape (open dates, cells of a day); every date where nothing is needed at all.
    """
    opened = np.flatnonzero((demand.agents > 0).any(axis=1))
    dates = demand.dates[opened] if len(opened) else demand.dates
    cells = np.arange(0, DAY, cell)
    rush = np.zeros((len(dates), len(cells)))
    days = [WEEKDAYS[date.weekday()] for date in dates]
    for window in table.to_dict("records"):
        begin, end = minute(window["start"]), minute(window["end"])
        inside = (cells - begin) % DAY < ((end - begin) % DAY or DAY)
        meant = window.get("weekday")
        every = meant is None or pd.isna(meant)
        rush[np.ix_(np.array([every or day == meant for day in days]), inside)] = 1.0
    return rush


def shared(table: pd.DataFrame, demand: Demand, team: Team, shifts: Sequence[Shift]) -> float:
    """Share of the rush in which at least two of some shifts are on the queue.

    Parameters
    ----------
    table : pandas.DataFrame
        PEAKS of the team.
    demand : Demand
        Its need.
    team : Team
        With its meeting before duty, which is not on the queue.
    shifts : sequence of Shift
        Of the team.

    Returns
    -------
    float
        1 where there is no rush. [0-1]

    Examples
    --------
    >>> import datetime as dt
    >>> monday = pd.date_range("2026-11-30", periods=1, unit="us")
    >>> need = Demand("care", monday, 30, np.ones((1, 48)), 0, DAY)
    >>> noon = pd.DataFrame({"team": ["care"], "start": ["12:00"], "end": ["14:00"]})
    >>> both = [Shift("early", "care", dt.time(9), 4.0), Shift("late", "care", dt.time(12), 4.0)]
    >>> shared(noon, need, Team("care"), both)
    0.5
    """
    met = team.meeting.minutes if team.meeting is not None else 0
    edges = [edge for shift in shifts for edge in (shift.start_minute + met, shift.end_minute)]
    cell = math.gcd(demand.minutes, *edges)
    total = of_days(table, demand, cell).sum(axis=0)
    cells = np.arange(0, DAY, cell)
    there = sum(
        ((cells - shift.start_minute - met) % DAY < shift.end_minute - shift.start_minute - met).astype(int)
        for shift in shifts
    )
    return float(total[np.asarray(there) >= 2].sum() / total.sum()) if total.any() else 1.0


def _profiles(demand: Demand) -> dict[int, tuple[int, np.ndarray, np.ndarray]]:
    """For each open weekday: where it opens [min], its mean need till it closes, and the same smoothed.

    One day is a noisy witness: what it shares with the team's average day, scaled to its own total, is
    smoothed little; what sets it apart the more, the less it stands out of its own roughness.
    """
    turn = demand.opens // demand.minutes
    length = (demand.closes - demand.opens) // demand.minutes
    # The hours after midnight belong to the day before, as the shifts do.
    stretch = np.concatenate([demand.agents.ravel(), np.zeros(demand.agents.shape[1])])
    if demand.repeats:
        stretch[demand.agents.size :] = demand.agents[0]
    starts = np.arange(len(demand.dates)) * demand.agents.shape[1] + turn
    padded = np.concatenate([stretch, np.zeros(length)])
    days = np.stack([padded[start : start + length] for start in starts])
    opened = (days > 0).any(axis=1)
    if not opened.any():
        return {}
    average = days[opened].mean(axis=0)
    weekdays = np.array([date.weekday() for date in demand.dates])
    found = {}
    for weekday in sorted(set(weekdays[opened].tolist())):
        own = days[opened & (weekdays == weekday)].mean(axis=0)
        used = np.flatnonzero(own)
        there = slice(used[0], used[-1] + 1)
        own, usual = own[there], average[there] * own.sum() / average[there].sum()
        smooth = _smoothed(usual, SMOOTH, demand.minutes) + _apart(own - usual, demand.minutes)
        found[weekday] = (demand.opens + int(used[0]) * demand.minutes, own, np.maximum(smooth, 0.0))
    return found


def _apart(difference: np.ndarray, minutes: int) -> np.ndarray:
    """What sets a weekday apart, smoothed as wide as its noise asks for.

    Noise is read off what a narrow triangle takes away. Where the rest is no larger than such noise leaves,
    the wide triangle holds; the larger it is, the nearer the narrow one.
    """
    narrow, wide = (_smoothed(difference, width, minutes) for width in (SMOOTH, APART))
    weights = _triangle(SMOOTH, minutes)
    weights /= weights.sum()
    squares, middle = float(weights @ weights), float(weights.max())
    noise = float(np.mean((difference - narrow) ** 2)) / max(1.0 - 2.0 * middle + squares, 1e-9)
    signal = float(np.mean(narrow**2))
    sure = max(1.0 - NOISY * noise * squares / signal, 0.0) if signal > 0 else 0.0
    together: np.ndarray = wide + sure * (narrow - wide)
    return together


def _triangle(width: float, minutes: int) -> np.ndarray:
    reach = max(math.ceil(width / minutes) - 1, 0)
    weights: np.ndarray = 1 - np.abs(np.arange(-reach, reach + 1)) * minutes / width
    return weights


def _smoothed(profile: np.ndarray, width: float, minutes: int) -> np.ndarray:
    """Weighted by a triangle that ends after ``width`` minutes to either side."""
    weights = _triangle(width, minutes)
    near = slice(len(weights) // 2, len(weights) // 2 + len(profile))
    total: np.ndarray = (
        np.convolve(profile, weights)[near] / np.convolve(np.ones(len(profile)), weights)[near]
    )
    return total


def _tops(smooth: np.ndarray) -> list[tuple[int, int]]:
    """First and behind-last interval of each rush of a day."""
    found = []
    for top, height in enumerate(smooth):
        if height >= HIGH * smooth.max() and _prominence(smooth, top) >= PROMINENCE * smooth.max() > 0:
            low = np.flatnonzero(smooth <= LEVEL * height)
            first = int(low[low < top].max(initial=-1)) + 1
            last = int(low[low > top].min(initial=len(smooth)))
            found.append((first, last))
    return found


def _prominence(smooth: np.ndarray, top: int) -> float:
    """How far need falls on both sides of a top before it rises above it or the day ends."""
    height = smooth[top]
    # Of equal tops the first stands for all, so that a level stretch has one.
    before = np.flatnonzero(smooth[:top] >= height)
    after = np.flatnonzero(smooth[top + 1 :] > height)
    left = smooth[before[-1] if len(before) else 0 : top]
    right = smooth[top + 1 : top + 2 + after[0] if len(after) else None]
    return min((float(height - side.min()) for side in (left, right) if len(side)), default=0.0)
