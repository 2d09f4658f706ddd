"""Rosters over many days: against every roster there is, every rule broken on purpose, and the same again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing import lp, roster, verify
from staffing.errors import DataError, PlanError
from staffing.model import Break, Limit, Roster, Rules, Shift
from staffing.roster.horizon import dive, market, master, search, start

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


@settings(max_examples=6, deadline=None, derandomize=True)
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


FIXED = dataclasses.replace(
    FREE,
    days_in_row=Limit(min=2, max=5),
    days_off_in_row=Limit(min=2),
    weekends=Limit(max=1),
    hours_total=Limit(min=64, max=80),
    shifts_total={"late": Limit(max=4)},
    not_after={"late": ("early",)},
)


def lawful_fortnight() -> list[str]:
    """Ten days of two weeks that keep every rule of `FIXED`."""
    return list("EEEEE--" + "-LLLL--")


def tables_of(days: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Alice's days as ASSIGNMENTS and SEGMENTS."""
    shift = {"E": SHIFTS[0], "L": SHIFTS[1]}
    rows, parts = [], []
    for at, one in enumerate(days):
        if one == "-":
            continue
        begin = day(at).tz_localize("UTC") + pd.Timedelta(minutes=shift[one].start_minute)
        end, noon = begin + pd.Timedelta(hours=9), begin + pd.Timedelta(hours=4)
        rows.append(("A", day(at), "shop", shift[one].name, begin, end, 8.0))
        parts += [
            ("A", begin, noon, "queue", "", True),
            ("A", noon, noon + pd.Timedelta(hours=1), "lunch", "", False),
            ("A", noon + pd.Timedelta(hours=1), end, "queue", "", True),
        ]
    names = ["agent", "date", "team", "shift", "start", "end", "paid_hours"]
    work = pd.DataFrame(rows, columns=names)
    return work, pd.DataFrame(parts, columns=["agent", "start", "end", "activity", "queue", "paid"])


BROKEN = {
    "days_in_row": "EEEEEE--LLLL--",
    "days_off_in_row": "EE-EE--LLLLE--",
    "weekends": "EEEEE-E" + "-EEEE-L",
    "hours_total": "EEEEE--" + "-LL----",
    "shifts_total": "EE--LLL" + "--LLLL-",
    "not_after": "EEEEE--" + "-LLLE--",
}


@pytest.mark.parametrize("rule", [None, *BROKEN])
def test_a_rule_broken_on_purpose_is_found(rule: str | None) -> None:
    """A fortnight that keeps every rule is clean; each rule broken is named, for the right person."""
    work, parts = tables_of(lawful_fortnight() if rule is None else list(BROKEN[rule]))
    demand = plan(np.ones((14, 2)))
    found = verify.roster(work, parts, demand, people("one"), FIXED, shifts=SHIFTS, start=MONDAY, days=14)
    if rule is None:
        assert found.empty, found.to_string()
    else:
        assert rule in set(found["rule"])
        assert set(found["agent"]) == {"A"}


def shop(days: int) -> tuple[pd.DataFrame, pd.DataFrame, Rules]:
    """Four people of whom two, on weekends one, are needed on each shift; nothing fits exactly."""
    heads = np.array([[1.0, 1.0] if at % 7 > 4 else [2.0, 1.0] for at in range(days)])
    rules = dataclasses.replace(
        FIXED,
        hours_total=Limit(min=4.0 * days, max=6.0 * days),
        shifts_total={"late": Limit(max=days // 2)},
        weekends=Limit(max=days // 14),
    )
    return plan(heads, price_short=100.0, price_over=1.0), people("a", "a", "a", "a"), rules


def test_same_seed_same_roster_and_no_rule_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search draws, but from the seed alone; the bound is not above the cost, and the cost adds up."""
    monkeypatch.setattr(search, "STALE", 24)
    monkeypatch.setattr(dive, "STALE", 0)
    monkeypatch.setattr(dive, "AGAIN", 2)
    monkeypatch.setattr(master, "ROUNDS", 30)
    monkeypatch.setattr(search, "WHOLE_CHECKS", 20)
    demand, agents, rules = shop(28)
    first, again = (
        roster.assign(demand, SHIFTS, agents, rules, days=28, start=MONDAY, seed=3) for _ in range(2)
    )
    pd.testing.assert_frame_equal(first.assignments, again.assignments)
    assert (first.cost, first.bound, first.status) == (again.cost, again.bound, again.status)
    assert first.bound <= first.cost
    assert first.objective["cost"].sum() == pytest.approx(first.cost)
    clean(first, demand, agents, rules, 28)
    counts = first.assignments.groupby(["date", "shift"]).size()
    need = demand.set_index(["date", "shift"])["agents"]
    more = counts.reindex(need.index, fill_value=0) - need
    assert 100 * (-more).clip(lower=0).sum() + more.clip(lower=0).sum() == pytest.approx(first.cost)
    assert first.shortages["short"].sum() == (-more).clip(lower=0).sum()


def test_many_weeks_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond nine weeks the linear program and the first roster are made stretch by stretch."""
    monkeypatch.setattr(search, "STALE", 2)
    monkeypatch.setattr(dive, "AGAIN", 1)
    monkeypatch.setattr(dive, "STALE", 1)
    monkeypatch.setattr(master, "ROUNDS", 5)
    monkeypatch.setattr(market, "guide", functools.partial(market.guide, rounds=60))
    monkeypatch.setattr(search, "WHOLE_CHECKS", 1)
    monkeypatch.setattr(start, "LONG", 60)
    demand, agents, rules = shop(84)
    made = roster.assign(demand, SHIFTS, agents, rules, days=84, start=MONDAY)
    clean(made, demand, agents, rules, 84)
    assert 0 <= made.bound <= made.cost


def test_ctrl_c_keeps_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted search gives what it has; before there is anything, it gives up."""
    demand, agents, rules = shop(28)
    calls, after = [0], [0]
    direct = lp.direct

    def stopped(program: lp.Program, **options: Any) -> lp.Solution:
        calls[0] += 1
        if calls[0] > after[0]:
            raise KeyboardInterrupt
        return direct(program, **options)

    monkeypatch.setattr(lp, "direct", stopped)
    with pytest.raises(KeyboardInterrupt):
        roster.assign(demand, SHIFTS, agents, rules, days=28, start=MONDAY)
    calls[0], after[0] = 0, 7
    made = roster.assign(demand, SHIFTS, agents, rules, days=28, start=MONDAY)
    assert made.status == "stopped"
    clean(made, demand, agents, rules, 28)


def test_who_has_no_lawful_days_is_named_with_what_to_relax() -> None:
    """Hours that five days in a row and one weekend cannot give: the person, and each single way out."""
    rules = dataclasses.replace(FIXED, hours_total=Limit(min=96), days_in_row=Limit(max=5))
    with pytest.raises(PlanError) as told:
        roster.assign(plan(np.ones((14, 2))), SHIFTS, people("one"), rules, days=14, start=MONDAY)
    (reason,) = told.value.reasons
    assert "no lawful days for 'A' (shop, contract 'one')" in reason
    assert "hours_total" in reason.split("relax ")[1].split("; or ")


def test_days_before_count_on() -> None:
    """Five days in a row and a late shift on Sunday before: Monday is off, and no early one follows late."""
    times = [day(-at).tz_localize("UTC") + pd.Timedelta(hours=14) for at in range(5, 0, -1)]
    before = pd.DataFrame({"agent": "A", "date": [day(-at) for at in range(5, 0, -1)], "team": "shop"})
    before = before.assign(shift="late", start=times, end=[at + pd.Timedelta(hours=9) for at in times])
    before = before.assign(paid_hours=8.0)
    rules = dataclasses.replace(FREE, days_in_row=Limit(max=5), days_off_in_row=Limit(min=2))
    demand, agents = plan(np.array([[1.0, 0.0]] * 7), price_short=10.0, price_over=1.0), people("one")
    made = roster.assign(demand, SHIFTS, agents, rules, days=7, start=MONDAY, previous=before)
    assert made.assignments["date"].min() == day(2)
    assert made.cost == made.bound == 20.0
    free = roster.assign(demand, SHIFTS, agents, FREE, days=7, start=MONDAY, previous=before.iloc[4:])
    assert free.cost == 0.0
    tired = dataclasses.replace(FREE, not_after={"late": ("early",)})
    late = roster.assign(demand, SHIFTS, agents, tired, days=7, start=MONDAY, previous=before.iloc[4:])
    assert late.assignments["date"].min() == day(1)


def test_leave_with_credit_lowers_the_hours_owed() -> None:
    """40 h less 10 h credit are 30 h, which shifts of 8 h cannot make: 24 h are worked, 6 h are told."""
    off = pd.DataFrame({"agent": ["A"], "start": [day(1)], "end": [day(1)]}).assign(kind="AL")
    off = off.assign(credit_hours=10.0)
    rules = dataclasses.replace(FREE, hours_week=None)
    demand, agents = plan(np.ones((14, 2)), price_short=10.0, price_over=1.0), people("one")
    made = roster.assign(demand, SHIFTS, agents, rules, days=14, start=MONDAY, timeoff=off)
    worked = made.assignments.groupby(made.assignments["date"] < day(7))["paid_hours"].sum()
    assert worked.to_dict() == {True: 24.0, False: 40.0}
    assert made.objective.set_index("part")["amount"]["hours_not_rostered"] == 6.0
    clean(made, demand, agents, rules, 14, timeoff=off)


def test_what_cannot_be_kept_is_refused() -> None:
    """What counts half hours, shifts that nobody has."""
    demand = plan(np.ones((7, 2)))
    with pytest.raises(DataError, match="target needs demand by intervals"):
        roster.assign(demand, SHIFTS, people("one"), FREE, target="day")
    nights = dataclasses.replace(FREE, shifts_total={"night": Limit(max=2)})
    with pytest.raises(DataError, match="the shift 'night', which no team has"):
        roster.assign(demand, SHIFTS, people("one"), nights)


def test_weeks_by_intervals_are_chained() -> None:
    """Two weeks: each begins where the one before ends, nothing is broken, the bound holds for all."""
    hours = [
        day(at).tz_localize("UTC") + pd.Timedelta(hours=hour) for at in range(14) for hour in range(8, 23)
    ]
    need = pd.DataFrame({"queue": "chat", "team": "shop", "interval": pd.DatetimeIndex(hours).as_unit("us")})
    need = need.assign(load=1.0, agents=1.0, scheduled=1.0)
    agents = people("one")
    rules = Rules(days_week=Limit(max=5), hours_week=Limit(min=32, max=40))
    made = roster.assign(need, SHIFTS, agents, rules, days=14)
    found = verify.roster(
        made.assignments, made.segments, need, agents, rules, shifts=SHIFTS, start=MONDAY, days=14
    )
    assert found.empty, found.to_string()
    assert set((made.assignments["date"] - day(0)).dt.days // 7) == {0, 1}
    assert made.bound <= made.cost
    assert made.objective["cost"].sum() == pytest.approx(made.cost)
    first = roster.assign(need, SHIFTS, agents, rules)
    pd.testing.assert_frame_equal(
        made.assignments[made.assignments["date"] < day(7)].reset_index(drop=True), first.assignments
    )


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_any_duals_give_a_bound(seed: int) -> None:
    """Whatever the duals, the safe bound is not above the least cost; the best ones reach it."""
    rng = np.random.default_rng(seed)
    matrix = scipy.sparse.csr_array(rng.integers(-2, 4, (4, 6)).astype(float))
    inside = rng.uniform(0, 1, 6)
    program = lp.Program(
        cost=rng.integers(-5, 9, 6).astype(float),
        matrix=matrix,
        row_lower=matrix @ inside - rng.uniform(0, 1, 4),
        row_upper=matrix @ inside + rng.uniform(0, 1, 4),
        lower=np.zeros(6),
        upper=np.ones(6),
        integer=np.zeros(6, dtype=bool),
    )
    best = lp.direct(program)
    assert best.duals is not None
    assert lp.safe_bound(program, rng.normal(0, 3, 4)) <= best.cost + 1e-7
    assert lp.safe_bound(program, best.duals) == pytest.approx(best.cost, abs=1e-6)
    assert lp.direct(program, rough=True).bound <= best.cost + 1e-7


def test_the_benchmark_counts_by_itself(shared: Path, tmp_path: Path) -> None:
    """Instance 1 is solved to its known optimum, and its scorer finds what is broken in another roster."""
    name = shared / "rostering" / "Instance1.txt"
    if not name.exists():
        pytest.skip("the instances are not there")
    curtois = runpy.run_path(str(Path(__file__).resolve().parents[1] / "benchmarks" / "curtois.py"))
    line = curtois["line"](name, 30.0, tmp_path, 0)
    assert line.startswith("Instance1: penalty 607, bound 607.0") and line.endswith(", 0 broken")
    given = curtois["read"](name)
    target = tmp_path / "all.csv"
    target.write_text("".join(",".join(["D"] * given.days) + "\n" for _ in given.staff), encoding="utf-8")
    _, told = curtois["scored"](given, target)
    assert any("days in a row" in one for one in told) and any("weekends" in one for one in told)
