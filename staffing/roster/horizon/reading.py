"""Tables in, a `Horizon` out."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from staffing import calendar
from staffing.model import Limit, Pair, Rules, Shift, Team
from staffing.roster import asking, cycles, keeping, shares
from staffing.roster.horizon.case import Horizon, Person, Staff, bounds, weeks
from staffing.roster.people import is_senior, minutes
from staffing.roster.reading import Given, seniors_of

REMEMBERED = 42  # days of the roster before that any rule looks back on


def read(
    given: Given,
    shifts: Sequence[Shift],
    rules: Rules | Mapping[str, Rules],
    *,
    start: dt.date,
    days: int,
    timezone: str,
    pairs: tuple[Pair, ...] = (),
    frozen_until: dt.date | None = None,
    price_change: float | None = None,
    teams: Iterable[Team] = (),
    seats: int | None = None,
) -> Horizon:
    """Turn checked tables into arrays; people whom the agents' table does not know are passed over."""
    if isinstance(rules, Rules):
        rules = dict.fromkeys(sorted({*given.agents["contract"], ""}), rules)
    prices = next(iter(rules.values()))
    dates = pd.Timestamp(start).as_unit("us") + pd.to_timedelta(np.arange(days), unit="D")
    staff = {
        team: _staff(given.demand, shifts, team, dates, timezone, prices)
        for team in sorted(set(given.agents["team"]))
    }
    kept = keeping.kept(
        given.keep, given.agents, staff, start, days, timezone, frozen_until=frozen_until,
        price=keeping.CHANGE * prices.price_short if price_change is None else price_change,
    )  # fmt: skip
    return Horizon(
        start=start,
        days=days,
        timezone=timezone,
        staff=staff,
        people=_people(given, staff, rules, dates, calendar.at(start, 0, timezone), kept),
        price_short=prices.price_short,
        pairs=pairs,
        seats=seats,
        seniors=seniors_of(teams, given.agents),
    )


def _staff(
    demand: pd.DataFrame,
    shifts: Sequence[Shift],
    team: str,
    dates: pd.DatetimeIndex,
    timezone: str,
    prices: Rules,
) -> Staff:
    own = tuple(
        sorted((some for some in shifts if some.team == team), key=lambda some: (some.start, some.name))
    )
    start, end, paid = (np.zeros((len(dates), len(own))) for _ in range(3))
    origin = calendar.at(dates[0].date(), 0, timezone)
    for day, date in enumerate(dates):
        midnight = date.date()
        for at, shift in enumerate(own):
            start[day, at] = minutes(calendar.at(midnight, shift.start_minute, timezone) - origin)
            end[day, at] = minutes(calendar.at(midnight, shift.end_minute, timezone) - origin)
            unpaid = sum(pause.minutes for pause in shift.breaks if not pause.paid)
            paid[day, at] = end[day, at] - start[day, at] - unpaid
    names = [shift.name for shift in own]
    rows = demand[
        (demand["team"] == team) & demand["shift"].isin(names) & demand["date"].between(dates[0], dates[-1])
    ]
    where = (
        (rows["date"] - dates[0]).dt.days.to_numpy(),
        np.array([names.index(name) for name in rows["shift"]], int),
    )
    heads, known = np.zeros(start.shape), np.zeros(start.shape, dtype=bool)
    heads[where], known[where] = rows["agents"].to_numpy(dtype=float), True
    # A person too few or too many is so for as many half hours as the shift pays.
    price = {"price_short": prices.price_short * paid / 30.0, "price_over": prices.price_over * paid / 30.0}
    for name in price.keys() & set(rows.columns):
        said = rows[name].to_numpy(dtype=float)
        price[name][where] = np.where(np.isnan(said), price[name][where], said)
    return Staff(team, own, start, end, paid, heads, known, price["price_short"], price["price_over"])


def _people(
    given: Given,
    staff: Mapping[str, Staff],
    rules: Mapping[str, Rules],
    dates: pd.DatetimeIndex,
    origin: pd.Timestamp,
    kept: keeping.Kept,
) -> tuple[Person, ...]:
    past = given.previous[given.previous["date"] < dates[0]]
    tables = [
        dict(list(table.groupby("agent", sort=True))) for table in (given.timeoff, given.requests, past)
    ]
    timeoff, requests, before = tables
    agents = given.agents.sort_values("agent")
    had = {str(agent): shares.so_far(rows) for agent, rows in before.items()}
    more = shares.beyond_mean(agents, had)
    found = []
    person: Any
    for person in agents.itertuples(index=False):
        own = rules[person.contract]
        away, credit = _leave(timeoff.get(person.agent), dates)
        hours = _hours(own, float(person.hours_week), credit)
        refused, wishes = asking.options(
            requests.get(person.agent), dates[0].date(), len(dates), staff[person.team].shifts, away
        )
        rows = before.get(person.agent)
        crew, outside = staff[person.team], _not_employed(person, dates)
        turn = cycles.against(own.rotation, cycles.ahead_of(person), dates[0].date(), crew.names, crew.known)
        changes, ruled_out = kept.of(str(person.agent), away | outside, refused.shape)
        frozen = np.any(ruled_out, axis=1)
        # What has been is not up for a request or a rule about single days.
        refused = np.where(frozen[:, None], ruled_out, refused)
        turn[away | outside | frozen] = False
        shifts_before = () if rows is None else _past(rows, dates[0])
        found.append(
            Person(
                agent=str(person.agent),
                team=person.team,
                contract=person.contract,
                rules=own,
                hours=hours,
                owed=hours[:, 0],
                away=away,
                unemployed=outside,
                refused=refused,
                wishes=wishes,
                credit=credit,
                past=shifts_before,
                last_end=-math.inf if rows is None else minutes(rows["end"].max() - origin),
                past_main=_main(shifts_before[-7:]),
                had=had.get(person.agent, shares.Had()),
                more_lates=more[person.agent][0] if own.fair_lates else 0.0,
                more_weekends=more[person.agent][1] if own.fair_weekends else 0.0,
                off_cycle=turn,
                unfair=_unfair(more[person.agent].priced(own.fair_shifts), crew.names, refused.shape),
                changes=changes,
                frozen=frozen,
                senior=is_senior(person),
            )
        )
    return tuple(found)


def _unfair(
    priced: tuple[tuple[str, float], ...], names: tuple[str, ...], shape: tuple[int, int]
) -> np.ndarray:
    """What each option of each day costs where its shift is to be shared fairly."""
    prices = dict(priced)
    return np.broadcast_to([0.0, *(prices.get(name, 0.0) for name in names)], shape)


def _hours(rules: Rules, contract: float, credit: np.ndarray) -> np.ndarray:
    limit = rules.hours_week or Limit(min=contract, max=contract)
    return np.array([bounds(limit, float(credit[span].sum())) for span in weeks(len(credit))])


def _past(rows: pd.DataFrame, first: pd.Timestamp) -> tuple[str, ...]:
    """Shifts up to the day before the first; the day before the earliest known is off."""
    back = min((first - rows["date"].min()).days, REMEMBERED)
    worked = {(first - date).days: str(name) for date, name in zip(rows["date"], rows["shift"], strict=True)}
    return ("", *(worked.get(ago, "") for ago in range(back, 0, -1)))


def _main(names: Sequence[str]) -> str:
    """The shift of more than half of the days worked; empty where there is none."""
    worked = [name for name in names if name]
    return next((name for name in worked if 2 * worked.count(name) > len(worked)), "")


def _leave(rows: pd.DataFrame | None, dates: pd.DatetimeIndex) -> tuple[np.ndarray, np.ndarray]:
    """Days away, and what is credited on each. [min]"""
    away, credit = np.zeros(len(dates), dtype=bool), np.zeros(len(dates))
    row: Any
    for row in () if rows is None else rows.itertuples(index=False):
        on = np.asarray((dates >= row.start) & (dates <= row.end))
        away |= on
        credit += on * 60.0 * row.credit_hours / ((row.end - row.start).days + 1)
    return away, credit


def _not_employed(person: Any, dates: pd.DatetimeIndex) -> np.ndarray:
    outside = np.zeros(len(dates), dtype=bool)
    starts, leaves = getattr(person, "starts_on", None), getattr(person, "leaves_on", None)
    if not pd.isna(starts):
        outside |= np.asarray(dates < starts)
    if not pd.isna(leaves):
        outside |= np.asarray(dates > leaves)
    return outside
