"""Several weeks of half-hour cover: every rule over their borders and over all days, against brute force."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from roster_tables import (
    BOTH,
    EARLY,
    LATE,
    MONDAY,
    days_of,
    leave,
    need,
    one_rule,
    people,
    raw_bounds,
    worked,
)  # fmt: skip

from staffing import lp, roster, verify
from staffing.errors import DataError, PlanError
from staffing.model import Limit, Roster, Rules
from staffing.roster import several
from staffing.roster.prices import OVER, SHORT, by_share

PLAIN = tuple(dataclasses.replace(shift, breaks=(), hours=6) for shift in BOTH)
EARLIES, LATES = dict.fromkeys(range(8, 14), 1.0), dict.fromkeys(range(14, 20), 1.0)
ANY_HOURS = Limit(min=0, max=99)


def clean(
    made: Roster, demand: pd.DataFrame, agents: pd.DataFrame, rules: Rules, days: int, **tables: object
) -> None:
    """Nothing that the roster did not report, no cost below the bound."""
    asked = {"shifts": BOTH, **tables}
    found = verify.roster(
        made.assignments, made.segments, demand, agents, rules, start=MONDAY, days=days, **asked
    )
    assert found.empty, found.to_string()
    assert made.bound <= made.cost + 1e-6
    assert made.objective["cost"].sum() == pytest.approx(made.cost)


# Brute force: open from Friday to Tuesday, so that everybody's days can be listed.


def demand_of(heads: Mapping[int, tuple[float, float]]) -> pd.DataFrame:
    """Day -> people for the early six hours and for the late ones; all other days are closed."""
    hours = [
        {**dict.fromkeys(EARLIES, heads[at][0]), **dict.fromkeys(LATES, heads[at][1])} if at in heads else {}
        for at in range(14)
    ]
    return need(hours, days=14)


def least(heads: Mapping[int, tuple[float, float]], agents: pd.DataFrame, rules: Rules) -> float:
    """The least cost of all rosters in which verify finds nothing, everybody alike."""
    days = sorted(heads)
    every = list(itertools.product(range(3), repeat=len(days)))
    rows = [
        worked(f"{at:03d}", PLAIN[option - 1], [day])
        for at, options in enumerate(every)
        for day, option in zip(days, options, strict=True)
        if option
    ]
    table = pd.concat(rows, ignore_index=True)
    parts = table[["agent", "start", "end"]].assign(activity="queue", queue="calls", paid=True)
    crowd = people(len(every), first=0).assign(hours_week=agents["hours_week"].iloc[0])
    broken = verify.roster(table, parts, demand_of(heads), crowd, rules, shifts=PLAIN, start=MONDAY, days=14)
    bad = set(broken["agent"])
    lawful = [options for at, options in enumerate(every) if f"{at:03d}" not in bad]
    shapes = np.array([[[option == 1, option == 2] for option in own] for own in lawful], dtype=float)
    wanted = np.array([heads[at] for at in days])
    best = math.inf
    for chosen in itertools.combinations_with_replacement(range(len(lawful)), len(agents)):
        more = shapes[list(chosen)].sum(axis=0) - wanted
        short, over = np.maximum(-more, 0.0), np.maximum(more, 0.0)
        cost = (short + by_share(wanted, SHORT).dearer(short)) * rules.price_short
        cost += (over + by_share(wanted, OVER).dearer(over)) * rules.price_over
        best = min(best, 12.0 * float(cost.sum()))
    return best


BORDERS = {
    "weekends": {"weekends": Limit(max=0)},
    "weekends at least": {"weekends": Limit(min=1)},
    "hours_total": {"hours_total": Limit(max=18)},
    "hours_total at least": {"hours_total": Limit(min=18, max=24)},
    "shifts_total": {"shifts_total": {"late": Limit(min=1, max=2)}},
    "days_in_row": {"days_in_row": Limit(max=2)},
    "days_in_row at least": {"days_in_row": Limit(min=2, max=3)},
    "days_off_in_row": {"days_off_in_row": Limit(max=4)},
    "days_off_in_row at least": {"days_off_in_row": Limit(min=2)},
    "not_after": {"not_after": {"late": ("early",)}},
    "rest_hours": {"rest_hours": 13.0},
    "rotate": {"rotate": math.inf},
}


@pytest.mark.parametrize("name", BORDERS)
def test_each_rule_over_the_border_against_brute_force(name: str) -> None:
    """Two people over a border of weeks: lawful, the bound not above the best, the cost hardly."""
    days = (5, 6, 7, 8) if name != "days_off_in_row" else (4, 6, 7, 11)
    heads = {at: (1.0, 1.0) if at != 6 else (2.0, 0.0) for at in days}
    agents, rules = people(2), one_rule(hours_week=ANY_HOURS, **BORDERS[name])
    demand = demand_of(heads)
    with raw_bounds() as seen:
        made = roster.assign(demand, PLAIN, agents, rules, days=14, start=MONDAY)
    clean(made, demand, agents, rules, 14, shifts=PLAIN)
    best = least(heads, agents, rules)
    assert seen[0] <= best + 1e-6
    assert best - 1e-6 <= made.cost <= 1.06 * best + 1e-6


# Larger ones, held against verify.


@settings(max_examples=4, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_no_roster_breaks_a_rule_that_it_did_not_report(seed: int) -> None:
    """Two or three weeks under rules drawn at random, leave, a roster before: verify finds nothing."""
    rng = np.random.default_rng(seed)
    weeks, count = int(rng.integers(2, 4)), int(rng.integers(1, 3))

    def some(*limits: tuple[float | None, float | None]) -> Limit:
        low, high = limits[int(rng.integers(len(limits)))]
        return Limit(min=low, max=high, price=math.inf if rng.random() < 0.7 else 30.0)

    drawn = {
        "weekends": some((None, weeks - 1.0), (1.0, None), (None, 0.0)),
        "hours_total": some((None, 20.0 * weeks), (8.0 * weeks, 30.0 * weeks)),
        "shifts_total": {"late": some((None, 3.0), (1.0, 4.0))},
        "days_off_in_row": some((2.0, None), (None, 4.0)),
        "days_in_row": some((2.0, 5.0), (None, 4.0)),
        "not_after": {"late": ("early",)},
        "same_shift_in_week": None,
        "rotate": math.inf,
        "rest_hours": 16.0,
    }
    chosen = {name: value for name, value in drawn.items() if rng.random() < 0.5}
    rules = Rules(hours_week=Limit(min=8, max=40), days_off_together=Limit(), **chosen)
    hours = [
        dict.fromkeys(EARLIES, float(rng.integers(0, 2))) | dict.fromkeys(LATES, float(rng.integers(0, 2)))
        for _ in range(7 * weeks)
    ]
    demand, agents = need(hours, days=7 * weeks), people(count)
    off = leave(("001", 3, 8, 16.0)) if rng.random() < 0.5 else None
    before = pd.concat([worked("001", LATE, range(-3, 0)), worked("002", EARLY, [-4, -3])], ignore_index=True)
    tables = {"timeoff": off, "previous": before if rng.random() < 0.5 else None}
    try:
        made = roster.assign(demand, PLAIN, agents, rules, days=7 * weeks, start=MONDAY, **tables)
    except PlanError as error:
        assert "no lawful" in str(error)
        return
    clean(made, demand, agents, rules, 7 * weeks, shifts=PLAIN, **tables)


def test_free_weekends_are_taken_in_turns() -> None:
    """Four people, two of four weekends each, two needed on every day of them: nobody is missing on any."""
    hours = [dict.fromkeys(range(8, 14), 2.0) if at % 7 >= 5 else {} for at in range(28)]
    demand, agents = need(hours, days=28), people(4)
    rules = one_rule(hours_week=ANY_HOURS, weekends=Limit(max=2))
    made = roster.assign(demand, PLAIN, agents, rules, days=28)
    clean(made, demand, agents, rules, 28, shifts=PLAIN)
    assert made.shortages.empty


def test_hours_of_all_weeks_are_kept_for_the_weeks_that_need_them() -> None:
    """Thirty hours over two weeks, one early a day needed in the first and four in the second."""
    hours = [EARLIES if at in (0, 7, 8, 9, 10) else {} for at in range(14)]
    demand, agents = need(hours, days=14), people(1)
    made = roster.assign(
        demand, PLAIN, agents, one_rule(hours_week=ANY_HOURS, hours_total=Limit(max=30)), days=14
    )
    assert made.shortages.empty and made.status == "optimal"


def test_days_are_planned_anew_where_a_week_has_no_lawful_days_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any pace the first week takes all that the third must have: its person is planned anew."""
    monkeypatch.setattr("staffing.roster.several._paces", lambda used: {})
    hours = [EARLIES if at % 7 == 5 else {} for at in range(21)]
    demand, agents = need(hours, days=21), people(1)
    rules = one_rule(hours_week=ANY_HOURS, weekends=Limit(max=2), days_off_in_row=Limit(max=8))
    made = roster.assign(demand, PLAIN, agents, rules, days=21, start=MONDAY)
    clean(made, demand, agents, rules, 21, shifts=PLAIN)
    assert sorted(days_of(made)) in ([5, 12], [12, 19], [5, 19], [12])


def test_who_has_no_lawful_days_over_all_weeks_is_named() -> None:
    """Locked to three weekends where two are allowed: the rule, and the name."""
    ask = pd.DataFrame({"agent": "001", "start": [5, 12, 19], "kind": "lock", "shift": "early"})
    ask["start"] = pd.Timestamp(MONDAY).as_unit("us") + pd.to_timedelta(ask["start"], unit="D")
    demand = need([EARLIES] * 21, days=21)
    rules = one_rule(hours_week=ANY_HOURS, weekends=Limit(max=2))
    with pytest.raises(PlanError, match=r"'001'.*relax weekends"):
        roster.assign(demand, PLAIN, people(2), rules, requests=ask.assign(end=ask["start"]), days=21)


def test_a_rule_that_names_no_shift_is_refused() -> None:
    """A total of nights where nobody works nights."""
    rules = one_rule(shifts_total={"night": Limit(max=2)})
    with pytest.raises(DataError, match="the shift 'night', which no team has"):
        roster.assign(need(days=14), BOTH, people(1), rules, days=14)


def test_weekends_are_shared_fairly_over_weeks_and_after_those_before() -> None:
    """One of three is needed on each of four Sundays, and the first has worked the last two."""
    hours = [EARLIES if at % 7 == 6 else {} for at in range(28)]
    demand, agents = need(hours, days=28), people(3)
    rules = one_rule(hours_week=ANY_HOURS, fair_weekends=3.0)
    before = worked("001", PLAIN[0], [-8, -1])
    made = roster.assign(demand, PLAIN, agents, rules, days=28, previous=before)
    assert made.shortages.empty
    assert made.assignments.groupby("agent").size().to_dict() == {"002": 2, "003": 2}
    week = roster.assign(demand, PLAIN, agents, rules, start=MONDAY, previous=before)
    assert len(week.assignments) == 1 and week.assignments["agent"].iloc[0] != "001"


# A roster that is kept.


def changed(before: Roster, after: Roster) -> pd.DataFrame:
    """Days of people that are not as they were."""
    return verify.diff(before.assignments, after.assignments)


def test_a_sick_call_in_the_second_week_changes_few_days_of_two() -> None:
    """Sick on two days: these are free, few others change, and nothing before the frozen date does."""
    hours = [
        dict.fromkeys(EARLIES, 2.0) | dict.fromkeys(LATES, 1.0) if at % 7 < 5 else {} for at in range(14)
    ]
    demand, agents = need(hours, days=14), people(4, hours=30.0)
    rules = one_rule(hours_week=Limit(min=18, max=30), weekends=Limit(max=1), days_in_row=Limit(max=5))
    made = roster.assign(demand, PLAIN, agents, rules, days=14)
    mine = days_of(made, "001")
    sick = sorted(at for at in mine if at >= 9)[:2]
    off = leave(("001", sick[0], sick[-1], 6.0 * len(sick)))
    again = roster.assign(
        demand, PLAIN, agents, rules, days=14, timeoff=off, keep=made.assignments, kept=made.segments,
        frozen_until=(pd.Timestamp(MONDAY) + pd.Timedelta(days=9)).date(),
    )  # fmt: skip
    clean(again, demand, agents, rules, 14, shifts=PLAIN, timeoff=off)
    found = changed(made, again)
    dates = (found["date"] - pd.Timestamp(MONDAY)).dt.days
    assert set(sick) <= set(dates[found["agent"] == "001"])
    assert dates.min() >= 9 and len(found) <= 6
    same = roster.assign(demand, PLAIN, agents, rules, days=14, keep=made.assignments, kept=made.segments)
    assert changed(made, same).empty


def test_the_kept_roster_of_fewer_weeks_leaves_the_others_free() -> None:
    """One week is kept, two are planned: the second is rostered, and the first is as it was."""
    demand, agents = need([EARLIES] * 14, days=14), people(2, hours=30.0)
    first = roster.assign(demand, PLAIN, agents, one_rule(hours_week=Limit(min=0, max=30)), start=MONDAY)
    rules = one_rule(hours_week=Limit(min=0, max=30), weekends=Limit(max=2))
    made = roster.assign(demand, PLAIN, agents, rules, days=14, keep=first.assignments)
    assert made.shortages.empty
    week = made.assignments[made.assignments["date"] < pd.Timestamp(MONDAY) + pd.Timedelta(days=7)]
    assert verify.diff(first.assignments, week).empty


def test_the_bound_of_classmates_with_unlike_credit_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paid leave takes hours off a total and unpaid leave none, so the two are bounded apart."""
    seen: list[float] = []
    joined = several._Weeks.roster

    def told(weeks: several._Weeks, seconds: float) -> Roster:
        seen.append(weeks.bound - float(weeks.objective()["cost"].sum()))
        return joined(weeks, seconds)

    monkeypatch.setattr(several._Weeks, "roster", told)
    rules = one_rule(hours_week=Limit(), hours_total=Limit(min=48, max=48))
    demand = need(dict.fromkeys(range(8, 16), 1.0), days=14).assign(price_over=5.0)
    shifts = tuple(dataclasses.replace(shift, hours=8) for shift in PLAIN)
    for paid in ("001", "002"):
        away = leave(*((agent, 0, 1, 16.0 * (agent == paid)) for agent in ("001", "002")))
        roster.assign(demand, shifts, people(2), rules, timeoff=away, start=MONDAY, days=14)
    assert len(seen) == 2 and max(seen) <= 1e-6


def test_a_week_without_demand_between_others() -> None:
    """The centre is shut for a week: nobody works in it, and the weeks around are planned."""
    each = [dict.fromkeys(range(8, 14), 1.0) if at // 7 != 1 else {} for at in range(21)]
    made = roster.assign(
        need(each, days=21), PLAIN, people(2), one_rule(hours_week=ANY_HOURS), start=MONDAY, days=21
    )
    weeks = (made.assignments["date"] - pd.Timestamp(MONDAY)).dt.days // 7
    assert set(weeks) == {0, 2} and made.shortages.empty


# Limits and Ctrl-C.


def two_weeks() -> tuple[pd.DataFrame, pd.DataFrame, Rules]:
    """Seven people with lunch for a need that no week meets, under rules over all days."""
    each = [
        {hour: 2.0 + (hour in (11, 16)) + at // 7 for hour in range(8, 23)} if at % 7 < 6 else {}
        for at in range(14)
    ]
    rules = one_rule(hours_week=Limit(min=24, max=40), hours_total=Limit(max=72), days_in_row=Limit(max=5))
    return need(each, days=14), people(7), rules


def test_ctrl_c_keeps_a_whole_roster_of_all_weeks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it comes after the bound, with a solution in hand or none: all weeks, and soon."""
    demand, agents, rules = two_weeks()
    solve, seen, ctrl_c = lp.solve, [], {"at": -1, "in_hand": True}

    def interrupted(program: lp.Program, **limits: Any) -> lp.Solution:
        seen.append(program)
        if len(seen) == ctrl_c["at"] and not ctrl_c["in_hand"]:
            raise KeyboardInterrupt
        return dataclasses.replace(solve(program, **limits), interrupted=len(seen) == ctrl_c["at"])

    monkeypatch.setattr(lp, "solve", interrupted)
    whole = roster.assign(demand, BOTH, agents, rules, start=MONDAY, days=14, time_limit=2.0)
    every = len(seen)
    assert whole.status == "stopped"
    for number, in_hand in ((2, True), (every // 3, False), (every - 1, True)):
        seen.clear()
        ctrl_c.update(at=number, in_hand=in_hand)
        made = roster.assign(demand, BOTH, agents, rules, start=MONDAY, days=14, time_limit=2.0)
        clean(made, demand, agents, rules, 14)
        assert made.assignments["date"].nunique() == 12 and made.status == "stopped"
        assert len(seen) <= every and made.cost <= 1.2 * whole.cost


def test_a_limit_keeps_a_whole_roster_of_all_weeks() -> None:
    """Hardly any work is allowed: every week is rostered all the same, and nothing is bettered."""
    demand, agents, rules = two_weeks()
    made = roster.assign(demand, BOTH, agents, rules, start=MONDAY, days=14, time_limit=0.001)
    clean(made, demand, agents, rules, 14)
    assert made.assignments["date"].nunique() == 12 and made.status == "stopped"
