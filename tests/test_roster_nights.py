"""Nights from one planned week into the next: cover, seats, seniors and rest, against brute force."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from roster_tables import MONDAY, SEOUL, days_of, need, one_rule, people, raw_bounds, worked

from staffing import calendar, roster, verify
from staffing.model import Break, Limit, Roster, Rules, Shift, Team
from staffing.roster.prices import OVER, SHORT, by_share

NIGHT = Shift("night", "shop", dt.time(22), 8)
DAWN = Shift("dawn", "shop", dt.time(4), 6)
ANY = Limit(min=0, max=99)
DARK = {22: 1.0, 23: 1.0, **dict.fromkeys(range(6), 1.0)}
DAYS = (5, 6, 7, 8)  # Saturday to Tuesday


def of_hours(heads: Mapping[int, float], weeks: int = 2) -> pd.DataFrame:
    """REQUIREMENT from hour after the first midnight -> people."""
    days: list[dict[int, float]] = [{} for _ in range(7 * weeks)]
    for hour, many in heads.items():
        days[hour // 24][hour % 24] = many
    return need(days, days=7 * weeks)


def lawful(count: int, rules: Rules, demand: pd.DataFrame, shifts: Sequence[Shift]) -> Iterator[np.ndarray]:
    """People on each hour of two weeks, for all days of one person in which verify finds nothing."""
    every = list(itertools.product(range(len(shifts) + 1), repeat=len(DAYS)))
    rows = [
        worked(f"{at:03d}", shifts[option - 1], [day])
        for at, options in enumerate(every)
        for day, option in zip(DAYS, options, strict=True)
        if option
    ]
    table = pd.concat(rows, ignore_index=True)
    parts = table[["agent", "start", "end"]].assign(activity="queue", queue="calls", paid=True)
    crowd = people(len(every), first=0)
    broken = verify.roster(table, parts, demand, crowd, rules, shifts=shifts, start=MONDAY, days=14)
    bad = set(broken["agent"])
    for at, options in enumerate(every):
        if f"{at:03d}" not in bad:
            there = np.zeros(14 * 24)
            for day, option in zip(DAYS, options, strict=True):
                if option:
                    first = 24 * day + shifts[option - 1].start_minute // 60
                    there[first : first + round(shifts[option - 1].paid_hours)] += 1.0
            yield there


def least(
    heads: Mapping[int, float], count: int, rules: Rules, shifts: Sequence[Shift], seats: int | None = None
) -> float:
    """The least cost of all rosters of so many people who are alike."""
    each = list(lawful(count, rules, of_hours(heads), shifts))
    wanted = np.zeros(14 * 24)
    wanted[list(heads)] = list(heads.values())
    best = math.inf
    for chosen in itertools.combinations_with_replacement(each, count):
        there = np.sum(chosen, axis=0)
        if seats is not None and there.max() > seats:
            continue
        short, over = np.maximum(wanted - there, 0.0), np.maximum(there - wanted, 0.0)
        cost = (short + by_share(wanted, SHORT).dearer(short)) * rules.price_short
        cost += (over + by_share(wanted, OVER).dearer(over)) * rules.price_over
        best = min(best, 2.0 * float(cost.sum()))
    return best


def clean(made: Roster, demand: pd.DataFrame, agents: pd.DataFrame, rules: Rules, **known: Any) -> None:
    """Nothing that the roster did not report; what is short is what its segments say."""
    known = {"days": 14, "start": MONDAY} | known
    found = verify.roster(made.assignments, made.segments, demand, agents, rules, **known)
    assert found.empty, found.to_string()
    gaps = verify.gaps(made.segments, demand)
    told = made.objective.set_index("part")
    assert told["amount"]["shortage"] == pytest.approx(-gaps["gap"].clip(upper=0).sum() * 2.0)
    assert told["cost"].sum() == pytest.approx(made.cost)
    assert made.shortages["short"].sum() == pytest.approx(-gaps["gap"].clip(upper=0).sum())


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_no_roster_over_midnight_costs_less_than_the_bound(seed: int) -> None:
    """Two people, nights and early mornings over a border of weeks, needs drawn at random."""
    rng = np.random.default_rng(seed)
    hours = [24 * day + hour for day in DAYS for hour in (22, 23, *range(24, 32 if day < 8 else 24))]
    heads = {hour: float(rng.integers(0, 3)) for hour in hours if rng.random() < 0.9}
    total = Limit(min=float(rng.choice([0.0, 14.0])), max=float(rng.choice([22.0, 99.0])))
    rules = one_rule(hours_week=ANY, rest_hours=float(rng.choice([0.0, 11.0])), hours_total=total)
    seats = int(rng.integers(1, 3))
    demand, agents, shifts = of_hours(heads), people(2), (NIGHT, DAWN)
    with raw_bounds() as seen:
        made = roster.assign(demand, shifts, agents, rules, seats=seats, start=MONDAY, days=14)
    clean(made, demand, agents, rules, shifts=shifts, seats=seats)
    best = least(heads, 2, rules, shifts, seats)
    assert seen[0] <= best + 1e-6
    assert best - 1e-6 <= made.cost <= 1.02 * best + 1e-6


LUNCHED = dataclasses.replace(NIGHT, breaks=(Break("lunch", 60, True, (3.0, 5.0)),))


@pytest.mark.parametrize(
    ("timezone", "monday"),
    [
        (SEOUL, MONDAY),
        ("Europe/Madrid", dt.date(2026, 3, 23)),  # the night between the weeks has 7 hours
        ("Europe/Madrid", dt.date(2026, 10, 19)),  # and here 9
    ],
)
def test_three_weeks_of_nights_with_seats_and_seniors(timezone: str, monday: dt.date) -> None:
    """Open from ten in the evening until ten, one senior and at most three people at once, breaks, rest."""
    open_at = dict.fromkeys((*range(10), 22, 23), 1.0)
    demand = need(open_at, days=21, start=monday, timezone=timezone).drop_duplicates("interval")
    agents = people(6).assign(senior=[True, True, True, False, False, False])
    rules = one_rule(hours_week=Limit(min=6, max=41), rest_hours=11.0, days_in_row=Limit(max=6))
    known: dict[str, Any] = {
        "seats": 3, "teams": [Team("shop", senior_per_interval=Limit(min=1))], "start": monday,
        "days": 21,
    }  # fmt: skip
    shifts = (LUNCHED, DAWN)
    made = roster.assign(demand, shifts, agents, rules, time_limit=3.0, **known)
    clean(made, demand, agents, rules, shifts=shifts, **known)
    assert made.bound <= made.cost
    first = made.shortages["interval"] < calendar.at(monday, 4 * 60, timezone)
    assert made.shortages["why"].str.contains("--previous FOLDER").equals(first)
    assert made.shortages["why"][~first].str.contains("at a break").all(), made.shortages.to_string()
    for week in (7, 14):
        midnight = calendar.at(monday + dt.timedelta(days=week), 0, timezone)
        over = made.assignments[(made.assignments["start"] < midnight) & (made.assignments["end"] > midnight)]
        assert len(over) >= 1


def test_the_weeks_after_go_on_from_the_nights_of_these() -> None:
    """Two weeks at once and then two more: the first morning of these is counted as it was handed over."""
    demand = need(DARK, days=28).drop_duplicates("interval")
    rules, agents = one_rule(hours_week=Limit(min=20, max=41), rest_hours=11.0), people(2)
    first = roster.assign(demand, (LUNCHED,), agents, rules, start=MONDAY, days=14, time_limit=3.0)
    later = MONDAY + dt.timedelta(days=14)
    then = roster.assign(
        demand, (LUNCHED,), agents, rules, start=later, days=14, previous=first.assignments,
        carried=first.segments, time_limit=3.0,
    )  # fmt: skip
    own = demand[demand["interval"] >= calendar.at(later, 0, SEOUL)]
    clean(then, own, agents, rules, shifts=(LUNCHED,), start=later, previous=first.assignments)
    assert len(roster.carried(then.assignments, then.segments)) == 3
    assert len(roster.carried(first.assignments, first.segments)) == 0


def test_hours_of_a_night_are_of_the_week_in_which_it_begins() -> None:
    """One night a week is owed and only Sunday's is needed: both are worked, whatever lies over midnight."""
    heads = {24 * day + hour: 1.0 for day in (6, 13) for hour in range(22, 30) if 24 * day + hour < 14 * 24}
    rules = one_rule(hours_week=Limit(min=8, max=8))
    made = roster.assign(of_hours(heads), (NIGHT,), people(1), rules, start=MONDAY, days=14)
    assert days_of(made) == {6: "night", 13: "night"}
    assert made.shortages.empty
