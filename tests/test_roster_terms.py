"""Rest at a price, starts near each other, what may not follow, overtime: both engines, every roster."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from roster_tables import MONDAY, OPEN, asked, day, days_of, need, one_rule, people, worked
from test_pairs import half_hours

from staffing import roster, verify
from staffing.errors import DataError, PlanError
from staffing.model import Limit, Overtime, Roster, Rules, Shift

HARD = math.inf
SHIFTS = tuple(
    Shift(name, "shop", dt.time(hour), 6) for name, hour in (("early", 7), ("mid", 9), ("late", 16))
)
STARTS = {shift.name: shift.start.hour for shift in SHIFTS}
NAMES = (None, *STARTS)
Days = tuple[str | None, ...]
# What is wanted of one person, a shift or none for each day.
WANTED: tuple[Days, ...] = (
    ("late", "early", "late", "early"), ("early", "mid", "late", "late"), ("mid", None, "late", "mid"),
)  # fmt: skip


def by_hours(wanted: Days, rules: Rules) -> tuple[pd.DataFrame, Callable[[Days], float]]:
    """REQUIREMENT of the wanted shifts, every hour of the day open; and what some days leave of it."""
    hours = [
        {hour: float(name is not None and 0 <= hour - STARTS[name] < 6) for hour in range(7, 22)}
        for name in wanted
    ]

    def cost(week: Days) -> float:
        total = 0.0
        for at, name in enumerate(week):
            there, needed = np.zeros(24), np.zeros(24)
            needed[list(hours[at])] = list(hours[at].values())
            if name is not None:
                there[STARTS[name] : STARTS[name] + 6] = 1.0
            total += 2.0 * half_hours(needed, there, rules)
        return total

    return need([*hours, *[{}] * (7 - len(wanted))]), cost


def by_heads(wanted: Days, rules: Rules) -> tuple[pd.DataFrame, Callable[[Days], float]]:
    """The same as PLAN: a head for each wanted shift."""
    rows = [
        ("shop", day(at), shift, float(shift == name)) for at, name in enumerate(wanted) for shift in STARTS
    ]
    table = pd.DataFrame(rows, columns=["team", "date", "shift", "agents"])

    def cost(week: Days) -> float:
        missed = sum(name is not None and name != got for name, got in zip(wanted, week, strict=True))
        many = sum(got is not None and name != got for name, got in zip(wanted, week, strict=True))
        return 1000.0 * missed + 30.0 * many

    return table.assign(price_short=1000.0, price_over=30.0), cost


def found(made: Roster, demand: pd.DataFrame, rules: Rules, **more: object) -> list[str]:
    """Rules that `verify` finds broken."""
    told = verify.roster(
        made.assignments, made.segments, demand, people(1), rules, shifts=SHIFTS, start=MONDAY, **more
    )
    return told["rule"].tolist()


def cheapest(wanted: Days, rules: Rules, beyond: Callable[[Days], float], **more: object) -> None:
    """Both engines find what enumeration says, tell its parts, and `verify` finds nothing."""
    every = list(itertools.product(NAMES, repeat=len(wanted)))
    own = [beyond(week) for week in every]
    for laid in (by_hours, by_heads):
        demand, cost = laid(wanted, rules)
        made = roster.assign(demand, SHIFTS, people(1), rules, start=MONDAY, days=len(wanted), **more)
        best = min(cost(week) + dear for week, dear in zip(every, own, strict=True))
        assert made.cost == pytest.approx(best), laid.__name__
        assert made.bound == pytest.approx(best)
        assert made.objective["cost"].sum() == pytest.approx(made.cost)
        assert found(made, demand, rules, days=len(wanted), **more) == []


def priced(price: float, units: float) -> float:
    return price * units if units else 0.0


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("price", [HARD, 40.0, 5000.0])
def test_a_short_rest_has_its_price(wanted: Days, price: float) -> None:
    """From late at 22:00 to early at 7:00 are 9 h, to mid 11 h; last Sunday's late shift counts."""
    rules = one_rule(hours_week=Limit(), rest_hours=11.0, price_rest=price)
    before = worked("001", SHIFTS[2], [-1])

    def beyond(week: Days) -> float:
        short = [pair == ("late", "early") for pair in itertools.pairwise(("late", *week))]
        return priced(price, sum(short))

    cheapest(wanted, rules, beyond, previous=before)


def test_no_price_lets_a_shift_begin_before_the_last_has_ended() -> None:
    """A night until 10:00 and an early shift at 7:00: one or the other, however cheap a short rest is."""
    night = Shift("late", "shop", dt.time(22), 12)
    shifts = (SHIFTS[0], night)
    rules = one_rule(hours_week=Limit(), price_rest=0.5, rest_hours=11.0)
    table = pd.DataFrame(
        {"team": "shop", "date": [day(0), day(1)], "shift": ["late", "early"], "agents": 1.0}
    )
    hours = need([{22: 1.0, 23: 1.0}, dict.fromkeys(range(13), 1.0), *[{}] * 5])
    for demand in (hours, table):
        made = roster.assign(demand, shifts, people(1), rules, start=MONDAY, days=2, timezone="Asia/Seoul")
        assert len(made.assignments) == 1


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize(("price", "within"), [(HARD, 0), (HARD, 120), (70.0, 120), (70.0, 0), (70.0, 540)])
def test_shifts_that_begin_near_each_other_count_as_the_same(wanted: Days, price: float, within: int) -> None:
    """Early and mid lie two hours apart: one week's shifts within 120 minutes, all within 540."""
    rules = one_rule(hours_week=Limit(), same_shift_in_week=price, starts_within=within)

    def beyond(week: Days) -> float:
        worked_on = [STARTS[name] for name in week if name is not None]
        near = [sum(60 * abs(start - other) <= within for other in worked_on) for start in STARTS.values()]
        return priced(price, len(worked_on) - max(near))

    cheapest(wanted, rules, beyond)


def test_a_shift_too_far_from_the_weeks_is_found() -> None:
    """Mid in an early week is told where nothing is near, and not within two hours."""
    rules = one_rule(hours_week=Limit())
    demand, _ = by_hours(("early", "early", "mid"), rules)
    made = roster.assign(demand, SHIFTS, people(1), rules, days=3)
    assert set(days_of(made).values()) == {"early", "mid"}
    for within, told in ((0, ["same_shift_in_week"]), (120, [])):
        same = one_rule(hours_week=Limit(), same_shift_in_week=HARD, starts_within=within)
        assert found(made, demand, same, days=3) == told


@pytest.mark.parametrize("wanted", WANTED)
def test_what_may_not_follow_is_kept_in_both_engines(wanted: Days) -> None:
    """No early nor mid after late, no late after early; last Sunday's shift counts."""
    after = {"late": ("early", "mid"), "early": ("late",)}
    rules = one_rule(hours_week=Limit(), not_after=after)

    def beyond(week: Days) -> float:
        days = itertools.pairwise(("late", *week))
        return HARD if any(later in after.get(str(first), ()) for first, later in days) else 0.0

    cheapest(wanted, rules, beyond, previous=worked("001", SHIFTS[2], [-1]))


def test_what_may_not_follow_is_told_in_words() -> None:
    """Locked to late and then early: the lock to drop, or the rule; a shift that nobody has is refused."""
    rules = one_rule(hours_week=Limit(), not_after={"late": ("early",)})
    locks = asked(("001", 0, 0, "lock", "late", 0.0), ("001", 1, 1, "lock", "early", 0.0))
    told = r"let shifts follow one another that may not \(not_after: late before early\)"
    with pytest.raises(PlanError, match=told):
        roster.assign(need(OPEN), SHIFTS, people(1), rules, requests=locks)
    night = one_rule(not_after={"night": ("early",)})
    with pytest.raises(DataError, match="not_after names the shift 'night'"):
        roster.assign(need(OPEN), SHIFTS, people(1), night)


@pytest.mark.parametrize("price", [1.0, 90.0, 400.0])
@pytest.mark.parametrize("most", [0.0, 6.0, 9.0, 18.0])
def test_overtime_by_heads_costs_what_enumeration_says(price: float, most: float) -> None:
    """One person who owes two shifts and may work more at a price, by heads as by half hours."""
    rules = one_rule(hours_week=Limit(min=12, max=12), overtime_week=Overtime(most, price))

    def beyond(week: Days) -> float:
        hours = 6.0 * sum(name is not None for name in week)
        return HARD if not 12.0 <= hours <= 12.0 + most else price * (hours - 12.0)

    cheapest(WANTED[0], rules, beyond)


def test_overtime_over_weeks_counts_each_week_by_itself() -> None:
    """Two weeks of five wanted shifts for somebody who owes three: two more in each, and they are told."""
    rules = one_rule(hours_week=Limit(min=18, max=18), overtime_week=Overtime(12, 1.0))
    demand = pd.concat([by_heads(("early",) * 5, rules)[0], by_heads(("mid",) * 5, rules)[0]])
    dates = [day(at) for at in (*range(5), *range(7, 12)) for _ in STARTS]
    demand = demand.assign(date=dates)
    made = roster.assign(demand, SHIFTS, people(1), rules, start=MONDAY, days=14)
    row = made.objective.set_index("part").loc["overtime_week"]
    assert (row["cost"], row["amount"], len(made.assignments)) == (24.0, 24.0, 10)
    assert found(made, demand, rules, days=14) == []
    less = one_rule(hours_week=Limit(min=18, max=18), overtime_week=Overtime(6, 1.0))
    assert found(made, demand, less, days=14) == ["overtime_week", "overtime_week"]


def weekends(wanted: list[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mid is wanted on some days of two weeks: by half hours, and by heads."""
    hours = [dict.fromkeys(range(9, 15), 1.0) if at in wanted else {} for at in range(14)]
    rows = [("shop", day(at), "mid", 1.0) for at in wanted]
    table = pd.DataFrame(rows, columns=["team", "date", "shift", "agents"])
    return need(hours), table.assign(price_short=1000.0, price_over=30.0)


def test_weekends_go_to_whoever_had_fewer() -> None:
    """Four weekend days in the past against none: the next go to the other, in both engines."""
    past = pd.concat([worked("001", SHIFTS[1], [-9, -8, -2, -1]), worked("002", SHIFTS[1], [-4])])
    rules = one_rule(hours_week=Limit(), fair_weekends=3.0)
    for demand in weekends([5, 6]):
        given = {"start": MONDAY, "days": 7, "previous": past}
        made = roster.assign(demand, SHIFTS, people(2), rules, **given)
        assert set(made.assignments["agent"]) == {"002"} and made.cost == 0.0
        assert made.assignments["weekend_days_so_far"].tolist() == [2, 2]
        alone = roster.assign(demand, SHIFTS, people(2), rules, requests=asked(
            ("002", 5, 6, "forbid", "", 0.0)), **given)  # fmt: skip
        # Two days more than the mean of two: each day at the price for each of them.
        assert alone.objective.set_index("part").loc["fair_weekends", ["cost", "amount"]].tolist() == [
            12.0,
            2.0,
        ]
        assert alone.cost == pytest.approx(12.0) and alone.bound == pytest.approx(12.0)
        assert alone.assignments["weekend_days_so_far"].tolist() == [6, 6]


def test_the_count_of_weekends_is_carried_from_week_to_week() -> None:
    """Two weeks in a chain: whoever had the first weekend is spared the second."""
    rules = one_rule(hours_week=Limit(), fair_weekends=3.0)
    demand, _ = weekends([5, 6, 12, 13])
    made = roster.assign(demand, SHIFTS, people(2), rules, days=14)
    days = made.assignments.groupby("agent")["date"].nunique()
    assert days.sum() == 4 and made.cost <= 6.0
    last = made.assignments[made.assignments["date"] >= day(7)]
    first = made.assignments[made.assignments["date"] < day(7)]
    if first["agent"].nunique() == 1:
        assert set(last["agent"]).isdisjoint(first["agent"])
