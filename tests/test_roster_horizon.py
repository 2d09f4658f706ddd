"""Rosters over many days: against every roster there is, every rule broken on purpose, and the same again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing import lp, roster, verify
from staffing.errors import DataError, PlanError
from staffing.model import Break, Limit, Roster, Rules, Shift

MONDAY = dt.date(2026, 11, 30)
LUNCH = Break("lunch", 60, False, (3.0, 5.0))
SHIFTS = (Shift("early", "shop", dt.time(8), 9, (LUNCH,)), Shift("late", "shop", dt.time(14), 9, (LUNCH,)))
FREE = Rules(
    hours_week=Limit(),
    days_week=Limit(),
    days_in_row=Limit(),
    days_off_together=Limit(),
    rest_hours=0.0,
    same_shift_in_week=None,
    rotate=None,
    fair_lates=0.0,
)
NAMES = ("", "early", "late")


def people(*contracts: str) -> pd.DataFrame:
    """Alice, Bola ... of the shop, one of each contract."""
    names = ["Alice", "Bola", "Chen", "Divya"][: len(contracts)]
    table = pd.DataFrame({"agent": [name[0] for name in names], "name": names, "team": "shop"})
    return table.assign(contract=list(contracts), hours_week=40.0)


def plan(heads: np.ndarray, **prices: float) -> pd.DataFrame:
    """So many people on each shift of each day, shape (days, 2)."""
    rows = [
        ("shop", pd.Timestamp(MONDAY) + pd.Timedelta(days=day), name, float(heads[day, at]))
        for day in range(len(heads))
        for at, name in enumerate(NAMES[1:])
    ]
    table = pd.DataFrame(rows, columns=["team", "date", "shift", "agents"]).assign(**prices)
    return table.astype({"date": "datetime64[us]", "team": "str", "shift": "str"})


def day(number: int) -> pd.Timestamp:
    """A day of the horizon."""
    return (pd.Timestamp(MONDAY) + pd.Timedelta(days=number)).as_unit("us")


def runs(days: str, sign: str) -> list[tuple[int, int]]:
    """First and last place of each run of a sign."""
    marks = "".join(sign if one == sign else " " for one in days)
    ends = [0, *(at for at in range(1, len(marks)) if marks[at] != marks[at - 1]), len(marks)]
    return [(a, b - 1) for a, b in itertools.pairwise(ends) if b > a and marks[a] == sign]


def beyond(limit: Limit, count: float) -> float:
    """How far a count lies outside a limit."""
    low = -math.inf if limit.min is None else limit.min
    high = math.inf if limit.max is None else limit.max
    return max(low - count, count - high, 0.0)


def broken(rules: Rules, options: tuple[int, ...]) -> dict[str, float]:
    """Units beyond each rule in one person's days, written without a look at the library."""
    days = "".join("w" if option else "o" for option in options)
    last = len(days) - 1
    found: dict[str, float] = {}
    for name, sign, limit in (
        ("days_in_row", "w", rules.days_in_row),
        ("days_off_in_row", "o", rules.days_off_in_row),
    ):
        units = 0.0
        for first, end in runs(days, sign):
            length = end - first + 1
            units += max(length - (math.inf if limit.max is None else limit.max), 0)
            if first > 0 and end < last:
                units += max((limit.min or 0) - length, 0)
        found[name] = units
    hours = 8.0 * days.count("w")
    found["hours_total"] = beyond(rules.hours_total or Limit(), hours)
    weekends = {at // 7 for at, one in enumerate(days) if one == "w" and at % 7 > 4}
    found["weekends"] = beyond(rules.weekends, len(weekends))
    found["shifts_total"] = sum(
        beyond(limit, options.count(NAMES.index(name))) for name, limit in rules.shifts_total.items()
    )
    found["not_after"] = sum(
        NAMES[later] in rules.not_after.get(NAMES[first], ()) for first, later in itertools.pairwise(options)
    )
    weeks = [options[at : at + 7] for at in range(0, len(options), 7)]
    found["days_week"] = sum(beyond(rules.days_week, sum(map(bool, week))) for week in weeks)
    hours_of = [8.0 * sum(map(bool, week)) for week in weeks]
    found["hours_week"] = sum(beyond(rules.hours_week or Limit(), hours) for hours in hours_of)
    found["days_off_together"] = sum(
        max((rules.days_off_together.min or 0) - longest_off((*week, *[0] * (7 - len(week)))), 0)
        for week in weeks
    )
    found["rest_hours"] = sum(
        first == 2 and later == 1 and rules.rest_hours > 9 for first, later in itertools.pairwise(options)
    )
    found["same_shift_in_week"] = sum(
        sum(map(bool, week)) - max(week.count(1), week.count(2)) for week in weeks
    ) * float(rules.same_shift_in_week is not None)
    main = [next((one for one in (1, 2) if 2 * week.count(one) > sum(map(bool, week))), 0) for week in weeks]
    found["rotate"] = sum(a == b > 0 for a, b in itertools.pairwise(main)) * float(rules.rotate is not None)
    return found


def longest_off(week: tuple[int, ...]) -> int:
    """Longest run of days off in a week."""
    off = runs("".join("w" if one else "o" for one in week), "o")
    return max((end - first + 1 for first, end in off), default=0)


def price_of(rules: Rules, name: str) -> float:
    if name in ("not_after", "rest_hours"):
        return math.inf
    if name == "shifts_total":
        return next(iter(rules.shifts_total.values()), Limit()).price
    value = getattr(rules, name)
    if isinstance(value, Limit) or value is None:
        return math.inf if value is None else value.price
    return value


def every_line(rules: Rules, days: int, open_days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All lawful days of one person, and what they cost; shapes (lines, days) and (lines,)."""
    lines, costs = [], []
    choices = [NAMES if open_days[at] else NAMES[:1] for at in range(days)]
    for options in itertools.product(*(range(len(some)) for some in choices)):
        cost = 0.0
        for name, units in broken(rules, options).items():
            if units:
                cost += units * price_of(rules, name)
        if math.isfinite(cost):
            lines.append(options)
            costs.append(cost)
    return np.array(lines).reshape(-1, days), np.array(costs)


def cheapest(
    heads: np.ndarray, lines: list[tuple[np.ndarray, np.ndarray]], short: float, over: float
) -> float:
    """Least cost over all pairs of lines."""
    (first, first_cost), (second, second_cost) = lines
    total = first_cost[:, None] + second_cost[None, :]
    for at in range(len(heads)):
        for shift in (1, 2):
            have = (first[:, at] == shift)[:, None].astype(float) + (second[:, at] == shift)[None, :]
            total = total + short * np.maximum(heads[at, shift - 1] - have, 0)
            total += over * np.maximum(have - heads[at, shift - 1], 0)
    return float(total.min())


def clean(
    made: Roster,
    demand: pd.DataFrame,
    agents: pd.DataFrame,
    rules: Rules | dict[str, Rules],
    days: int,
    timeoff: pd.DataFrame | None = None,
) -> None:
    """No rule is broken, as the library's own check sees it."""
    parts = {"shifts": SHIFTS, "start": MONDAY, "days": days, "timeoff": timeoff}
    found = verify.roster(made.assignments, made.segments, demand, agents, rules, **parts)
    assert found.empty, found[["agent", "date", "rule", "what"]].to_string()


limits = st.one_of(
    st.just(Limit()),
    st.builds(
        lambda low, more, price: Limit(min=low, max=low + more, price=price),
        st.integers(0, 2), st.integers(0, 3), st.sampled_from([math.inf, 3.0, 40.0]),
    ),
)  # fmt: skip
runs_of = st.one_of(
    st.just(Limit()),
    st.builds(
        lambda low, more, price: Limit(min=low, max=low + more, price=price),
        st.integers(1, 3), st.integers(0, 2), st.sampled_from([math.inf, 2.0, 30.0]),
    ),
)  # fmt: skip
some_rules = st.builds(
    lambda in_row, off, weekends, total, hours, ban, together, rest, same, price: dataclasses.replace(
        FREE,
        days_in_row=in_row,
        days_off_in_row=off,
        weekends=weekends,
        shifts_total={"late": total},
        hours_total=hours,
        not_after={"late": ("early",)} if ban else {},
        days_off_together=together,
        rest_hours=rest,
        same_shift_in_week=same,
        rotate=price,
    ),
    runs_of,
    runs_of,
    st.sampled_from([Limit(), Limit(max=1), Limit(max=0), Limit(min=1, max=1, price=5.0)]),
    limits,
    st.sampled_from([None, Limit(min=16, max=40), Limit(min=24, max=32, price=1.5)]),
    st.booleans(),
    st.sampled_from([Limit(), Limit(min=2), Limit(min=2, price=4.0)]),
    st.sampled_from([0.0, 11.0]),
    st.sampled_from([None, 3.0, math.inf]),
    st.sampled_from([None, 6.0, math.inf]),
)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    first=some_rules,
    second=some_rules,
    heads=st.lists(st.integers(0, 2), min_size=16, max_size=16),
    away=st.integers(0, 7),
)
def test_equal_to_the_best_of_all_rosters(first: Rules, second: Rules, heads: list[int], away: int) -> None:
    """Two people over eight days, any rules: proven best, the bound not above it, no rule broken."""
    need = np.array(heads).reshape(8, 2)
    need[2:5] = 0
    demand, agents = plan(need, price_short=20.0, price_over=3.0), people("one", "two")
    demand = demand[~demand["date"].isin([day(2), day(3)])].reset_index(drop=True)
    open_days = np.ones(8, dtype=bool)
    open_days[[2, 3]] = False
    first_days = open_days.copy()
    first_days[away] = False
    off = pd.DataFrame({"agent": ["A"], "start": [day(away)], "end": [day(away)]})
    off = off.assign(kind="AL", credit_hours=0.0)
    rules = {"one": first, "two": second}
    lines = [every_line(first, 8, first_days), every_line(second, 8, open_days)]
    if not all(len(some) for some, _ in lines):
        with pytest.raises(PlanError, match="no lawful days for"):
            roster.assign(demand, SHIFTS, agents, rules, timeoff=off, days=8, start=MONDAY)
        return
    made = roster.assign(demand, SHIFTS, agents, rules, timeoff=off, days=8, start=MONDAY)
    best = cheapest(need, lines, 20.0, 3.0)
    assert made.status == "optimal"
    assert made.cost == pytest.approx(best, abs=1e-6)
    assert made.bound <= best + 1e-6
    assert made.objective["cost"].sum() == pytest.approx(made.cost, abs=1e-6)
    clean(made, demand, agents, rules, 8, timeoff=off)
