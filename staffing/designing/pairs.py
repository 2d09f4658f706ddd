"""Pairs of an early and a late shift: which are lawful, what each costs, which is best."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from staffing import lp, pauses
from staffing.designing import covering, rush
from staffing.designing.covering import Prices, Task
from staffing.designing.need import DAY, Demand, clock
from staffing.errors import DataError, Problem
from staffing.model import Shift, Team
from staffing.tables import SHIFTS, Contract

MOST = 50  # pairs costed where none reaches every interval with need

TERMS = Contract(
    "contracts", (), {"team": "text", "hours_min": "count", "hours_max": "count", "days_max": "count"}
)


class Pairs(NamedTuple):
    """Lawful pairs, the share of the rush in the overlap of each, and the minutes of it outside on a day."""

    shifts: list[tuple[Shift, Shift]]
    covered: np.ndarray
    left: np.ndarray


def lawful(demand: Demand, team: Team, step: str, windows: pd.DataFrame) -> Pairs:
    """Every pair worth a look.

    Parameters
    ----------
    demand : Demand
        Of the team.
    team : Team
        With the lengths of its shifts and their breaks.
    step : str
        Grid on which shifts begin and end.
    windows : pandas.DataFrame
        PEAKS of the team.

    Returns
    -------
    Pairs
        Those that reach every interval with need; where none does, the 50 that reach most of it.

    Raises
    ------
    DataError
        Where no length has room for the breaks.
    """
    grid = _grid(step)
    cell = math.gcd(grid, demand.minutes, team.meeting.minutes if team.meeting is not None else 0)
    starts, lengths = _candidates(demand, team, _lengths(team, grid), grid)
    cells = np.arange(0, DAY, cell)
    met = team.meeting.minutes if team.meeting is not None else 0
    on_queue = lengths[:, None] - met
    present = ((cells - starts[:, None] - met) % DAY < on_queue).astype(float)
    early, late = np.nonzero((starts[:, None] <= starts) & ((starts + lengths)[:, None] <= starts + lengths))
    need = np.repeat(demand.agents.sum(axis=0), demand.minutes // cell)
    if not need.any():
        need = ((cells - demand.opens) % DAY < demand.closes - demand.opens).astype(float)
    alone = present @ need
    reached = alone[early] + alone[late] - ((present * need) @ present.T)[early, late]
    kept = np.flatnonzero(reached >= need.sum() * (1 - 1e-9))
    if not len(kept):
        kept = np.sort(np.argsort(-reached, kind="stable")[:MOST])
    early, late = early[kept], late[kept]
    busy = rush.of_days(windows, demand, cell)
    total = busy.sum(axis=0)
    both = ((present * total) @ present.T)[early, late]
    pairs = [
        (
            template("early", team, starts[one], starts[one] + lengths[one]),
            template("late", team, starts[other], starts[other] + lengths[other]),
        )
        for one, other in zip(early, late, strict=True)
    ]
    covered = both / total.sum() if total.any() else np.ones(len(kept))
    return Pairs(pairs, covered, (total.sum() - both) * cell / len(busy))


def singles(demand: Demand, team: Team, step: str) -> list[Shift]:
    """Every shift that a team could have beside its two."""
    grid = _grid(step)
    starts, lengths = _candidates(demand, team, _lengths(team, grid), grid)
    return [
        template("third", team, start, start + length) for start, length in zip(starts, lengths, strict=True)
    ]


def _grid(step: str) -> int:
    return round(pd.Timedelta(step) / pd.Timedelta(minutes=1))


def _lengths(team: Team, grid: int) -> np.ndarray:
    """Lawful lengths on the grid that have room for the team's breaks. [min]"""
    shortest, longest = (round(hours * 60) for hours in team.hours)
    every = range(math.ceil(shortest / grid) * grid, longest + 1, grid)
    lengths = np.array([length for length in every if _has_room(team, length)], dtype=int)
    if not len(lengths):
        room = max((round(pause.after_hours[1] * 60) + pause.minutes for pause in team.breaks), default=0)
        raise DataError(
            [
                Problem(
                    f"no shift of {team.hours[0]:g} to {team.hours[1]:g} h on a grid of {grid} min has room "
                    f"for the breaks of team {team.name!r}, which may end {room / 60:g} h after its start",
                    "widen hours, shorten the windows of the breaks, or take a finer step",
                    column="hours",
                )
            ]
        )
    return lengths


def _has_room(team: Team, length: int) -> bool:
    try:
        pauses.of_shift(team, length / 60)
    except ValueError:
        return False
    return True


def _candidates(demand: Demand, team: Team, lengths: np.ndarray, grid: int) -> tuple[np.ndarray, np.ndarray]:
    """Start and length of every shift worth a look: time before opening or after closing meets no need.

    Where the day is shorter than the shortest shift they may stick out; round the clock they start anywhere.
    The shift that is there at opening may have its meeting before.
    """
    opens = demand.opens // grid * grid
    closes = -(-demand.closes // grid) * grid
    if closes - opens >= DAY:
        starts = np.arange(0, DAY, grid)
        return np.repeat(starts, len(lengths)), np.tile(lengths, len(starts))
    first, last = min(opens, closes - lengths[0]), max(closes, opens + lengths[0])
    found = [(start, length) for length in lengths for start in range(first, int(last - length) + 1, grid)]
    if team.meeting is not None and team.meeting.before_opening:
        found += [(demand.opens - team.meeting.minutes, length) for length in lengths]
    starts, long = np.array(found).T
    return starts, long


def costed(task: Task, shifts: Sequence[Shift], prices: Prices) -> dict[str, float]:
    """Least cost of some shifts: cost, paid_hours, short and over, heads as fractions."""
    stated = covering.cover(task.demand, shifts, prices, service=task.service, work=task.work)
    solution = covering.solved(lp.relaxed(stated.program))
    assert solution.values is not None  # any need may stay short at its price
    return {"cost": max(solution.cost, 0.0), **stated.figures(solution.values, task.demand, task.service)}


def table(task: Task, team: Team, pairs: Pairs, prices: Prices, terms: list[dict[Any, Any]]) -> pd.DataFrame:
    """Every pair costed and ranked.

    Parameters
    ----------
    task : Task
        Of the team.
    team : Team
        With its rule for the rush.
    pairs : Pairs
        As `lawful` gives them.
    prices : Prices
        Of shortage, surplus and paid hours.
    terms : list of dict
        Hours and days of the team's contracts.

    Returns
    -------
    pandas.DataFrame
        SHIFTS with ``fits``.
    """
    rows = [{**names(early, late), **costed(task, (early, late), prices)} for early, late in pairs.shifts]
    found = pd.DataFrame(rows).assign(team=team.name, rush_covered=pairs.covered)
    if isinstance(team.rush, (int, float)):
        found["cost"] += team.rush * pairs.left / 30.0
    found["fits"] = [fits(both, terms) for both in pairs.shifts]
    return _ranked(found, hard=team.rush == "hard")


def names(early: Shift, late: Shift) -> dict[str, str]:
    """Wall-clock times of a pair as SHIFTS writes them."""
    return {
        "early_start": clock(early.start_minute),
        "early_end": clock(early.end_minute),
        "late_start": clock(late.start_minute),
        "late_end": clock(late.end_minute),
    }


def _ranked(table: pd.DataFrame, *, hard: bool) -> pd.DataFrame:
    """Best first; costs that differ by less than a millionth are ties, which the wider overlap wins."""
    order = pd.DataFrame(
        {
            "misfit": ~table["fits"],
            "uncovered": -table["rush_covered"].round(9) if hard else 0.0,
            "cost": table["cost"].round(6),
            "left": -table["rush_covered"].round(9),
            "paid": table["paid_hours"].round(6),
        }
    )
    ranked = table.loc[order.sort_values(list(order.columns), kind="stable").index].reset_index(drop=True)
    ranked["rank"] = np.arange(1, len(ranked) + 1)
    return ranked[[*SHIFTS.columns, "fits"]]


def fits(shifts: Sequence[Shift], terms: list[dict[Any, Any]]) -> bool:
    """Whether each contract reaches its weekly hours with whole days of either shift."""
    return all(
        any(
            term["hours_min"] - 1e-9 <= days * shift.paid_hours <= term["hours_max"] + 1e-9
            for days in range(int(term["days_max"]) + 1)
        )
        for term in terms
        for shift in shifts
    )


def template(name: str, team: Team, begin: int, end: int) -> Shift:
    """A shift of a team between two times; an end before the beginning is the next day's. [min]"""
    start = int(begin) % DAY
    hours = ((int(end) - int(begin)) % DAY or DAY) / 60
    return Shift(name, team.name, dt.time(start // 60, start % 60), hours, pauses.of_shift(team, hours))
