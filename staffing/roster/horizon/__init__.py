"""Rosters over many days and rules of each person's own: a neighbourhood search over people and days.

Where weeks cannot be listed, every person's days are columns of one program (`rows`, `model`). Its linear
part gives a bound and guides the rest (`guide`, `market`); people get whole days one after the other
(`start`). Where walks know everybody's rules, whole days become columns of a second program (`master`), from
whose shares people are settled one by one (`dive`). Then some people's days at a time are solved anew, all
others held (`moves`, `search`).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence

import pandas as pd

from staffing.errors import DataError, Problem
from staffing.model import Pair, Roster, Rules, Shift, Team
from staffing.roster.horizon import hours, model, reading, result, search, unchanged
from staffing.roster.reading import Given

__all__ = ["OVER_ALL_DAYS", "is_plan", "odd_names", "over_all_days", "plan"]

OVER_ALL_DAYS = ("hours_total", "shifts_total", "weekends", "days_off_in_row")


def is_plan(demand: pd.DataFrame) -> bool:
    """Whether the demand is heads on shifts (PLAN) rather than people in intervals (REQUIREMENT)."""
    return "shift" in demand.columns and "interval" not in demand.columns


def over_all_days(rules: Rules | Mapping[str, Rules]) -> list[str]:
    """The rules in force that count over all planned days, or day after day."""
    plain = Rules()
    some = [rules] if isinstance(rules, Rules) else list(rules.values())
    return [name for name in OVER_ALL_DAYS if any(getattr(one, name) != getattr(plain, name) for one in some)]


def plan(
    given: Given,
    shifts: Sequence[Shift],
    rules: Rules | Mapping[str, Rules],
    *,
    pairs: tuple[Pair, ...] = (),
    frozen_until: dt.date | None = None,
    price_change: float | None = None,
    teams: tuple[Team, ...] = (),
    seats: int | None = None,
    start: dt.date | None,
    days: int,
    timezone: str | None,
    time_limit: float | None,
    seed: int,
) -> Roster:
    """Roster people on the shifts of a PLAN; the arguments are those of `staffing.roster.assign`."""
    began = time.process_time()
    if given.agents.empty:
        raise DataError([Problem("there is nobody to roster", "name the agents", "AGENTS")])
    if start is None:
        if given.demand.empty:
            raise DataError([Problem("the demand is empty, so the days have no first one", "give start=")])
        start = given.demand["date"].min().date()
    if timezone is None:
        timezone = "UTC" if given.previous.empty else str(given.previous["start"].dt.tz)
    _understood(given.demand, shifts, rules)
    first = dt.date(start.year, start.month, start.day)
    case = reading.read(
        given, shifts, rules, start=first, days=days, timezone=timezone, pairs=pairs,
        frozen_until=frozen_until, price_change=price_change, teams=teams, seats=seats,
    )  # fmt: skip
    case = hours.settled(case)
    whole = model.build(case)
    spare = None if time_limit is None else max(time_limit - (time.process_time() - began), 0.0)
    found = search.best(case, whole, time_limit=spare, seed=seed)
    found = search.strict(case, whole, found, time_limit=time_limit)
    taken = result.taken(whole, found.values)
    assignments = result.assignments(case, taken)
    return Roster(
        assignments=assignments,
        segments=unchanged.kept(assignments, result.segments(case, taken), given.kept),
        shortages=result.shortages(case, taken),
        objective=result.objective(case, whole, found.values, taken),
        status=found.status,
        cost=found.cost,
        bound=found.bound,
        price_short=case.price_short,
        seconds=found.seconds,
    )


def _understood(demand: pd.DataFrame, shifts: Sequence[Shift], rules: Rules | Mapping[str, Rules]) -> None:
    """Refuse what the search would otherwise pass over in silence."""
    known = {(shift.team, shift.name) for shift in shifts}
    asked = demand[["team", "shift"]].drop_duplicates().sort_values(["team", "shift"])
    found = [
        Problem(f"team {team!r} has no shift {name!r}", "name one of its shifts", "PLAN", None, "shift")
        for team, name in zip(asked["team"], asked["shift"], strict=True)
        if (team, name) not in known
    ]
    for contract, own in [("", rules)] if isinstance(rules, Rules) else rules.items():
        if own.days_off_together.max is not None:
            where = f"rules.{contract}".rstrip(".")
            found.append(
                Problem(f"{where}: days_off_together has no most over several weeks", "take its max away")
            )
    found += odd_names(shifts, rules)
    if found:
        raise DataError(found)


def odd_names(shifts: Sequence[Shift], rules: Rules | Mapping[str, Rules]) -> list[Problem]:
    """Shifts that rules over all planned days name, and that no team has."""
    names, found = {shift.name for shift in shifts}, []
    for contract, own in [("", rules)] if isinstance(rules, Rules) else rules.items():
        where = f"rules.{contract}".rstrip(".")
        told = {
            *own.shifts_total,
            *own.not_after,
            *(name for some in own.not_after.values() for name in some),
        }
        found += [
            Problem(f"{where} name the shift {name!r}, which no team has", "name one of the shifts")
            for name in sorted(told - names)
        ]
    return found
