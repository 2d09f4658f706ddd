"""From columns to tables: who works which shift, minute by minute, what it costs, and what stays short."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from staffing.roster.horizon.case import Horizon, Person, weeks
from staffing.roster.horizon.crowded import missing
from staffing.roster.horizon.model import Model
from staffing.roster.names import Piece, as_segments, moments, pieces
from staffing.roster.shares import carried_on, named
from staffing.tables import ASSIGNMENTS, check

ON_IT, ON_ANOTHER, DAY_OFF = "on this shift", "on another shift", "on a day off"
ABSENT = ("on leave", "not employed", "held by frozen days", "not allowed by requests")
UNITS = {
    "shortage": "agent-half-hours",
    "surplus": "agent-half-hours",
    "wishes": "days",
    "changes": "days",
    "hours_week": "h",
    "overtime_week": "h",
    "hours_total": "h",
    "days_week": "days",
    "days_in_row": "days",
    "days_off_in_row": "days",
    "days_off_together": "days",
    "rest_hours": "times",
    "shifts_total": "shifts",
    "shifts_week": "days",
    "weekends": "weekends",
    "same_shift_in_week": "days",
    "rotate": "weeks",
    "rotation": "days",
    "fair_lates": "late shifts",
    "fair_weekends": "days",
    "fair_shifts": "shifts",
    "pairs": "days",
    "senior_per_interval": "half hours",
}


def taken(model: Model, values: np.ndarray) -> np.ndarray:
    """Option of each person on each day, shape (people, days): 0 is free, s + 1 the team's shift s."""
    plan = []
    for columns in model.x:
        worked = np.where(columns >= 0, values[np.maximum(columns, 0)] > 0.5, False)
        plan.append(np.where(worked.any(axis=1), worked.argmax(axis=1) + 1, 0))
    return np.array(plan)


def assignments(case: Horizon, plan: np.ndarray) -> pd.DataFrame:
    """ASSIGNMENTS, with `lates_so_far` and `weekend_days_so_far` of each person, these days' counted."""
    who, day = np.nonzero(plan)
    people = [case.people[number] for number in who]
    shift = plan[who, day] - 1
    staff = [case.staff[person.team] for person in people]
    at = list(zip(staff, day.tolist(), shift.tolist(), strict=True))
    table = pd.DataFrame(
        {
            "agent": pd.Series([person.agent for person in people], dtype="str"),
            "date": pd.Timestamp(case.start).as_unit("us") + pd.to_timedelta(day, unit="D"),
            "team": pd.Series([person.team for person in people], dtype="str"),
            "shift": pd.Series([some.names[number] for some, _, number in at], dtype="str"),
            "start": moments(case.origin, [some.start[on, number] for some, on, number in at]),
            "end": moments(case.origin, [some.end[on, number] for some, on, number in at]),
            "paid_hours": np.array([some.paid[on, number] for some, on, number in at], dtype=float) / 60.0,
        }
    )
    had = {person.agent: person.had for person in case.people}
    return check(carried_on(table, had, named(person.rules for person in case.people)), ASSIGNMENTS)


def segments(case: Horizon, plan: np.ndarray) -> pd.DataFrame:
    """SEGMENTS: a plan names no queue, and breaks lie in the middle of their windows, to the quarter hour."""
    rows: list[Piece] = []
    for number, day in np.argwhere(plan > 0).tolist():
        person, at = case.people[number], int(plan[number, day]) - 1
        staff = case.staff[person.team]
        breaks = staff.shifts[at].breaks
        middles = [_middle(pause.after_hours) for pause in breaks]
        begin, end = float(staff.start[day, at]), float(staff.end[day, at])
        rows += pieces(person.agent, begin, end, breaks, middles, "")
    return as_segments(case.origin, rows)


def _middle(window: tuple[float, float]) -> int:
    first, last = (round(60 * hours) for hours in window)
    return first + (last - first) // 2 // 15 * 15


def heads(case: Horizon, plan: np.ndarray, team: str) -> np.ndarray:
    """People of a team on each shift, shape (days, shifts)."""
    own = [number for number, person in enumerate(case.people) if person.team == team]
    shifts = len(case.staff[team].shifts)
    return np.array([(plan[own] == at + 1).sum(axis=0) for at in range(shifts)]).T.reshape(-1, shifts)


def objective(case: Horizon, model: Model, values: np.ndarray, plan: np.ndarray) -> pd.DataFrame:
    """Cost by part, each with the amount that it is the price of; hours_not_rostered costs nothing."""
    cost = dict.fromkeys(UNITS, 0.0)
    amount = dict(cost)
    spent = model.program.cost * values
    for name, number in model.parts.items():
        if name in cost:
            own = model.part == number
            cost[name] = float(spent[own].sum())
            amount[name] = float(values[own & (model.program.cost != 0)].sum())
    amount |= _beside_need(case, plan)
    amount["senior_per_interval"] = missing(case, model, values)
    for part, prices in (
        ("wishes", [person.wishes for person in case.people]),
        ("changes", [person.changes for person in case.people]),
        ("fair_shifts", [person.unfair for person in case.people]),
    ):
        cost[part], amount[part] = _by_day(prices, plan)
    rows = [
        *((name, cost[name], amount[name], unit) for name, unit in UNITS.items()),
        ("hours_not_rostered", 0.0, _missing(case, plan), "h"),
    ]
    table = pd.DataFrame(rows, columns=["part", "cost", "amount", "unit"])
    return table.astype({"part": "str", "cost": float, "amount": float, "unit": "str"}).round(
        {"cost": 6, "amount": 6}
    )


def _beside_need(case: Horizon, plan: np.ndarray) -> dict[str, float]:
    """People short and too many, each for as long as the shift pays. [agent-half-hours]"""
    found = {"shortage": 0.0, "surplus": 0.0}
    for staff in case.staff.values():
        more = np.where(staff.known, heads(case, plan, staff.team) - staff.heads, 0.0) * staff.paid / 30.0
        found["shortage"] += float(np.maximum(-more, 0.0).sum())
        found["surplus"] += float(np.maximum(more, 0.0).sum())
    return found


def _by_day(prices: list[np.ndarray], plan: np.ndarray) -> tuple[float, float]:
    """What the options of all cost, and on how many days any does."""
    days = np.arange(plan.shape[1])
    paid = [price[days, options] for price, options in zip(prices, plan, strict=True)]
    return float(np.sum(paid)), float(np.sum([(some > 0).sum() for some in paid]))


def _missing(case: Horizon, plan: np.ndarray) -> float:
    """Hours owed in a week beyond those rostered. [h]"""
    missing = 0.0
    for person, options in zip(case.people, plan, strict=True):
        missing += sum(max(0.0, owed) for owed in _left(case, person, options))
    return missing / 60.0


def _left(case: Horizon, person: Person, options: np.ndarray) -> list[float]:
    staff = case.staff[person.team]
    paid = np.where(options > 0, staff.paid[np.arange(case.days), np.maximum(options - 1, 0)], 0.0)
    return [float(person.owed[week]) - float(paid[span].sum()) for week, span in enumerate(weeks(case.days))]


def shortages(case: Horizon, plan: np.ndarray) -> pd.DataFrame:
    """Every shift below its need: queue (none: a plan names shifts), interval (its start), short, why."""
    found = []
    for staff in case.staff.values():
        lacking = np.where(staff.known, staff.heads - heads(case, plan, staff.team), 0.0)
        for day, at in np.argwhere(lacking > 1e-6).tolist():
            why = _why(case, plan, staff.team, day, at)
            found.append(
                (float(staff.start[day, at]), f"{staff.team} {staff.names[at]}", lacking[day, at], why)
            )
    found.sort()
    return pd.DataFrame(
        {
            "queue": pd.Series([row[1] for row in found], dtype="str"),
            "interval": moments(case.origin, [row[0] for row in found]),
            "short": np.array([row[2] for row in found], dtype=float),
            "why": pd.Series([row[3] for row in found], dtype="str"),
        }
    )


def _why(case: Horizon, plan: np.ndarray, team: str, day: int, shift: int) -> str:
    """Where the people of a team are on a day."""
    names = (ON_IT, ON_ANOTHER, *ABSENT, DAY_OFF)
    places = dict.fromkeys(names, 0)
    for person, options in zip(case.people, plan, strict=True):
        if person.team == team:
            places[_place(person, int(options[day]), day, shift)] += 1
    told = ", ".join(f"{count} {name}" for name, count in places.items() if count)
    return f"of {sum(places.values())} of {team}: {told}"


def _place(person: Person, option: int, day: int, shift: int) -> str:
    if option:
        return ON_IT if option == shift + 1 else ON_ANOTHER
    refused = person.refused[day, shift + 1]
    reasons = (person.away[day], person.unemployed[day], person.frozen[day] and refused, refused)
    return next(itertools.compress(ABSENT, reasons), DAY_OFF)
