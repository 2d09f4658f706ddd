"""Rosters whose cover is measured by the service curve, against enumeration with plain numbers."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from roster_tables import MONDAY, SEOUL, need, one_rule, people

from staffing import calendar, requirement, roster, verify
from staffing.errors import DataError
from staffing.model import Limit, Queue, Roster, Rules, Shift, Shrinkage, Target, Training, Voice

HOURS = range(8, 14)
SHIFTS = tuple(
    Shift(name, "shop", dt.time(start), 3) for name, start in (("early", 8), ("mid", 10), ("late", 11))
)
AT_WORK = np.array([[start <= hour < start + 3 for hour in HOURS] for start in (8, 10, 11)], dtype=float)
UP_TO_3H = one_rule(hours_week=Limit(min=0.0, max=3.0))
COME = 20.0
OVER = ((0.10, 1.00), (0.15, 1.25), (0.25, 1.50), (0.50, 2.00), (np.inf, 3.00))
SHORT = ((0.10, 1.00), (0.15, 1.05), (0.25, 1.10), (0.25, 1.20), (0.25, 1.40))


def queue(over: str = "interval", floor: float | None = None, answered: float = 0.8) -> Queue:
    """Calls of the shop, everybody there, occupancy no matter."""
    target = Target(answered=answered, over=over, floor=floor, max_occupancy=1.0, max_abandonment=None)
    return Queue("calls", team="shop", aht=60, shrinkage=(), channel=Voice(patience=None), target=target)


def curve_of(levels: np.ndarray, days: int = 1) -> pd.DataFrame:
    """CURVE from the share in time of each hour with 0, 1, 2, ... agents, shape (hours, agents)."""
    rows = [
        (calendar.at(MONDAY + dt.timedelta(days=day), 60 * hour, SEOUL), float(agents), level)
        for day in range(days)
        for hour, of_hour in zip(HOURS, levels, strict=True)
        for agents, level in enumerate(of_hour)
    ]
    table = pd.DataFrame(rows, columns=["interval", "agents", "service_level"])
    table["interval"] = pd.DatetimeIndex(table["interval"]).as_unit("us")
    return table.assign(queue="calls", abandonment=0.0, answered_in_time=COME * table["service_level"])


def needed(levels: np.ndarray, answered: float = 0.8) -> np.ndarray:
    """Fewest agents of each hour that keep the target."""
    return np.argmax(levels >= answered, axis=1).astype(float)


def demand(levels: np.ndarray, days: int = 1) -> pd.DataFrame:
    """Their REQUIREMENT, of hardly any load, so that occupancy asks for nobody."""
    table = need(dict(zip(HOURS, needed(levels).tolist(), strict=True)), days=days)
    return table.assign(load=0.01)


def in_steps(need: float, amount: float, steps: tuple[tuple[float, float], ...]) -> float:
    """What an amount costs, some share of the need at each rate."""
    cost, left = 0.0, amount
    for share, rate in steps:
        part = min(left, need * share) if np.isfinite(share) else left
        cost, left = cost + rate * part, left - part
    return cost


def by_interval(levels: np.ndarray, heads: np.ndarray) -> float:
    """Price of the cover of a day whose target holds in each hour."""
    wanted, answered = needed(levels), COME * levels
    last = np.array([row[int(n)] - row[int(n) - 1] for row, n in zip(answered, wanted, strict=True)])
    worth = (wanted * last).sum() / wanted.sum()
    cost = 0.0
    for row, n, own, there in zip(answered, wanted, last, heads, strict=True):
        rate = 0.0
        for agents in range(int(n), int(there), -1):
            rate = max(rate, (row[agents] - row[agents - 1]) / np.sqrt(worth * own))
            cost += 200.0 * rate
        cost += 2.0 * in_steps(n, max(there - n, 0.0), OVER)
    return float(cost)


def by_period(levels: np.ndarray, heads: np.ndarray, floor: float, days: int = 1) -> float:
    """Price of the cover of days whose contacts count together; heads shape (days, hours)."""
    wanted, answered = needed(levels), COME * levels
    last = np.array([row[int(n)] - row[int(n) - 1] for row, n in zip(answered, wanted, strict=True)])
    worth = (wanted * last).sum() / wanted.sum()
    least = np.argmax(levels >= floor, axis=1)
    cost, good = 0.0, 0.0
    for of_day in heads.reshape(days, -1):
        for row, foot, there in zip(answered, least, of_day, strict=True):
            first = (row[foot + 1] - row[foot]) if foot + 1 < len(row) else 0.0
            cost += 200.0 * in_steps(foot, max(foot - there, 0.0), SHORT) * max(1.0, 2.0 * first / worth)
            for agents in range(int(foot), int(there)):
                gain = row[agents + 1] - row[agents] if agents + 1 < len(row) else 0.0
                cost += 2.0 * (3.0 - 2.0 * min(1.0, gain / worth))
            good += row[min(max(int(there), foot), len(row) - 1)]
    return float(cost + 200.0 / worth * max(0.8 * COME * levels.shape[0] * days - good, 0.0))


def least(cost: Callable[[np.ndarray], float], count: int, days: int = 1) -> float:
    """The least cost of all ways to put so many people, one shift each, on some days."""
    each = [c for c in itertools.product(range(count + 1), repeat=3 * days) if sum(c) <= count]
    return min(cost(np.array(c).reshape(days, 3) @ AT_WORK) for c in each)


def made(levels: np.ndarray, count: int, rules: Rules = UP_TO_3H, days: int = 1, **asked: object) -> Roster:
    """The roster of some people who work at most one shift."""
    return roster.assign(
        demand(levels, days), SHIFTS, people(count, hours=3.0), rules, curve=curve_of(levels, days),
        days=days, time_limit=None, **asked,
    )  # type: ignore[arg-type]  # fmt: skip


@st.composite
def levels(draw: st.DrawFn, steep: bool = True) -> np.ndarray:
    """Shares in time of each hour with 0 to 5 agents, the last keeps any target; concave unless steep."""
    rows = []
    for _ in HOURS:
        gains = np.array(draw(st.lists(st.integers(1, 9), min_size=5, max_size=5)), dtype=float)
        gains = gains if steep else np.sort(gains)[::-1]
        rows.append(np.concatenate([[0.0], np.cumsum(gains) / gains.sum()]))
    return np.array(rows)


@given(levels=levels(), count=st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_a_lack_costs_what_it_loses(levels: np.ndarray, count: int) -> None:
    """No way to put people on shifts costs less, and the cost is that of plain numbers."""
    found = made(levels, count, queues=[queue()])
    assert found.cost == pytest.approx(least(lambda heads: by_interval(levels, heads[0]), count), abs=1e-4)
    assert found.bound <= found.cost + 1e-9
    assert found.objective["cost"].sum() == pytest.approx(found.cost)
    assert found.measured == {"calls": "interval"}


@given(levels=levels(steep=False), count=st.integers(2, 5), floor=st.sampled_from([0.2, 0.5, 0.7]))
@settings(max_examples=25, deadline=None)
def test_a_target_over_the_day(levels: np.ndarray, count: int, floor: float) -> None:
    """Contacts of the day count together above the floor; no roster costs less."""
    found = made(levels, count, queues=[queue("day", floor)])
    expected = least(lambda heads: by_period(levels, heads, floor), count)
    assert found.cost == pytest.approx(expected, abs=1e-4)
    assert found.bound <= found.cost + 1e-9
    assert found.objective["cost"].sum() == pytest.approx(found.cost)


@given(levels=levels(steep=False))
@settings(max_examples=8, deadline=None)
def test_a_target_over_the_week(levels: np.ndarray) -> None:
    """Contacts of two days count together, over the days that are otherwise solved apart."""
    found = made(levels, 4, queues=[queue("interval")], days=2, target=None)
    assert found.measured == {"calls": "interval"}
    found = made(levels, 4, queues=[queue("week", 0.2)], days=2)
    expected = least(lambda heads: by_period(levels, heads, 0.2, days=2), 4, days=2)
    assert found.cost == pytest.approx(expected, abs=1e-4)
    assert found.bound <= found.cost + 1e-9
    assert found.measured == {"calls": "week"}


def test_who_is_short_goes_where_it_loses_least() -> None:
    """With one person too few, the hours are short in which the last agent answers few."""
    flat, steep = np.array([0.0, 0.5, 0.79, 0.81, 0.9, 1.0]), np.array([0.0, 0.1, 0.3, 0.82, 0.9, 1.0])
    for first in (flat, steep):
        second = steep if first is flat else flat
        found = made(np.array([first] * 3 + [second] * 3), 5, queues=[queue()])
        there = verify.gaps(found.segments, demand(np.array([first] * 3 + [second] * 3)))["staffed"]
        assert there.tolist() == ([2.0] * 3 + [3.0] * 3 if first is flat else [3.0] * 3 + [2.0] * 3)


def test_the_day_keeps_its_target_with_fewer_hours() -> None:
    """A day's target is reached on the exact curve, no interval is below its floor, and hours are saved."""
    row = np.array([0.0, 0.35, 0.65, 0.79, 0.9, 0.95, 1.0])
    levels = np.array([row] * 6)
    each, whole = (made(levels, 12, queues=[q]) for q in (queue(), queue("day", 0.6)))
    reached = verify.service(whole.segments, demand(levels), curve_of(levels), [queue("day", 0.6)])
    assert reached["reached"].min() >= 0.8 - 1e-9 and reached["under_floor"].sum() == 0
    assert whole.objective.set_index("part").loc["missed_target", "amount"] == 0.0
    assert whole.assignments["paid_hours"].sum() < each.assignments["paid_hours"].sum()
    every = verify.service(each.segments, demand(levels), curve_of(levels), [queue()])
    assert every["under_floor"].sum() == 0
    # A roster made with target="interval" is judged by its intervals, whatever the queue's own period is.
    given = demand(levels), curve_of(levels), [queue("day", 0.6)]
    assert verify.service(each.segments, *given, target="interval")["under_floor"].sum() == 0
    assert verify.service(whole.segments, *given, target="interval")["under_floor"].sum() > 0


def test_what_cannot_be_reached_has_a_price() -> None:
    """With too few people the contacts that the day lacks are told, as verify counts them."""
    levels = np.array([[0.0, 0.4, 0.7, 0.85, 0.95, 1.0]] * 6)
    found = made(levels, 2, queues=[queue("day", 0.1)])
    told = found.objective.set_index("part").loc["missed_target"]
    counted = verify.service(found.segments, demand(levels), curve_of(levels), [queue("day", 0.1)])
    floor = 0.4 * COME * (counted["under_floor"].sum())  # below the floor the program counts nobody
    assert told["amount"] == pytest.approx(counted["missing"].sum() - floor)
    assert told["amount"] > 0 and told["cost"] > 0 and told["unit"] == "contacts"


def test_lost_callers_count_over_the_day_too() -> None:
    """A cap on those who hang up asks for more people than the target alone."""
    levels = np.array([[0.0, 0.6, 0.8, 0.9, 0.95, 0.98]] * 6)
    lost = curve_of(levels)
    lost["abandonment"] = np.tile([1.0, 0.4, 0.2, 0.1, 0.04, 0.0], 6)
    patient = Target(over="day", floor=0.5, max_occupancy=1.0, max_abandonment=None)
    hours = []
    for cap in (None, 0.05):
        target = dataclasses.replace(patient, max_abandonment=cap)
        calls = Queue("calls", team="shop", aht=60, shrinkage=(), channel=Voice(patience=60), target=target)
        found = roster.assign(
            demand(levels), SHIFTS, people(12, hours=3.0), UP_TO_3H, curve=lost, queues=[calls], days=1
        )
        hours.append(found.assignments["paid_hours"].sum())
    assert hours == [12.0, 24.0]


def test_other_limits_stay_dear() -> None:
    """Evening cover and occupancy ask for people whom the curve calls idle: these cost like any short one."""
    levels = np.array([[0.0, 0.9, 0.99, 1.0, 1.0, 1.0]] * 6)
    more = demand(levels).assign(scheduled=3.0)
    found = roster.assign(
        more, SHIFTS, people(2, hours=3.0), UP_TO_3H, curve=curve_of(levels), queues=[queue()], days=1
    )
    told = found.objective.set_index("part")["cost"]
    assert told["shortage"] + told["deep_shortage"] >= 100.0 * 2 * 12


def test_whoever_is_sick_counts_on_the_curve() -> None:
    """With a fifth away, five are scheduled where four answer, and reach what four reach."""
    levels = np.array([[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]] * 6)
    away = Queue(
        "calls", team="shop", aht=60, shrinkage=(Shrinkage("sick", rate=0.2),), channel=Voice(patience=None),
        target=Target(max_occupancy=1.0),
    )  # fmt: skip
    wanted = demand(levels).assign(scheduled=5.0)
    found = roster.assign(
        wanted, SHIFTS, people(10, hours=3.0), UP_TO_3H, curve=curve_of(levels), queues=[away], days=1
    )
    assert found.shortages.empty
    assert verify.service(found.segments, wanted, curve_of(levels), [away])["reached"].tolist() == [0.8]


def test_several_weeks_keep_their_curve() -> None:
    """Week by week the same target holds, with a bound for all of them."""
    levels = np.array([[0.0, 0.35, 0.65, 0.79, 0.9, 1.0]] * 6)
    calls = [queue("day", 0.6)]
    found = made(levels, 60, days=8, queues=calls)
    reached = verify.service(found.segments, demand(levels, 8), curve_of(levels, 8), calls)["reached"]
    assert len(reached) == 8 and reached.min() >= 0.8
    assert found.bound <= found.cost and found.measured == {"calls": "day"}


def test_training_takes_from_the_curve_what_it_takes_least() -> None:
    """A session is held where the curve loses least, and the cost stays the sum of its parts."""
    flat, steep = [0.0, 0.5, 0.79, 0.81, 0.9, 1.0], [0.0, 0.1, 0.3, 0.82, 0.9, 1.0]
    levels = np.array([steep, flat, steep, steep, steep, steep])
    talk = Training("talk", 60, team="shop", agents=("001",), window=(dt.time(8), dt.time(11)))
    for calls in (queue(), queue("day", 0.5)):
        found = made(levels, 6, rules=one_rule(hours_week=Limit(min=3.0, max=3.0)), queues=[calls],
                     trainings=[talk])  # fmt: skip
        assert found.objective["cost"].sum() == pytest.approx(found.cost)
        assert found.bound <= found.cost + 1e-9
        assert found.training is not None and (found.training["why"] == "").all()
    first = made(levels, 6, queues=[queue()], trainings=[talk],
                 rules=one_rule(hours_week=Limit(min=3.0, max=3.0)))  # fmt: skip
    assert first.training is not None
    assert first.training["start"].dt.hour.tolist() == [9]


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"target": "day"}, "needs the service curve"),
        ({"target": "year", "curve": curve_of(np.eye(6))}, "no span of time"),
        ({"curve": curve_of(np.eye(6))}, "is not described"),
        ({"curve": curve_of(np.eye(6)).iloc[6:], "queues": [queue()]}, "have no service curve"),
    ],
)
def test_what_is_missing_is_told(asked: dict[str, object], match: str) -> None:
    """A curve that does not fit its demand is refused in words."""
    table = demand(np.array([[0.0, 0.5, 0.9, 1.0, 1.0, 1.0]] * 6))
    with pytest.raises(DataError, match=match):
        roster.assign(table, SHIFTS, people(2), UP_TO_3H, days=1, **asked)  # type: ignore[arg-type]


def test_heads_by_shift_have_no_curve() -> None:
    """A PLAN has no half hours that a curve could be about."""
    plan = pd.DataFrame({"team": "shop", "date": pd.to_datetime([MONDAY]).as_unit("us"), "shift": "early"})
    with pytest.raises(DataError, match="curve needs demand by intervals"):
        roster.assign(plan.assign(agents=1.0), SHIFTS, people(1), curve=curve_of(np.eye(6)), days=1)


def test_figures_find_what_is_not_reached() -> None:
    """A summary that promises more than the curve gives is found by verify alone."""
    levels = np.array([[0.0, 0.4, 0.7, 0.85, 0.95, 1.0]] * 6)
    found, table, calls = made(levels, 6, queues=[queue("day", 0.1)]), demand(levels), [queue("day", 0.1)]
    told = verify.service(found.segments, table, curve_of(levels), calls).iloc[0]
    covered = verify.gaps(found.segments, table).assign(
        team="shop", agents=table["agents"], expected=0.0, service_level=1.0, occupancy=0.0, why=""
    )
    row = {"team": "shop", "queue": "calls", "date": told["start"], "measure": "reached"}
    for value, words in (
        (told["reached"], []),
        (0.99, [f"reached of calls is 0.99, counted {told['reached']:.10g}"]),
    ):
        checked = verify.figures(
            covered, pd.DataFrame([{**row, "value": value}]), found.assignments, found.segments, table,
            curve=curve_of(levels), queues=calls,
        )  # fmt: skip
        assert checked["what"].tolist() == words


def test_a_real_curve_has_at_most_five_steps() -> None:
    """Of thousands of calls the steps stay few and never get cheaper, and no step is lost."""
    from staffing.roster import reading, worth

    times = pd.date_range("2026-11-30 08:00", periods=6, freq="h", tz=SEOUL, unit="us")
    calls = pd.DataFrame({"queue": "calls", "interval": times, "volume": [3e2, 9e2, 2e3, 2e3, 5e2, 50.0]})
    for over, floor in (("interval", None), ("day", 0.6)):
        own = dataclasses.replace(queue(over, floor), aht=300.0)
        table = requirement.compute(calls, [own])
        aim = worth.aimed(requirement.curve(calls, [own]), [own], None, table)
        given = {"demand": table, "agents": people(2)}
        empty = dict.fromkeys(("skills", "timeoff", "requests", "previous", "keep", "kept"))
        tables = reading.checked({**given, **empty}, SHIFTS, UP_TO_3H, days=1)
        one = reading.read(tables, SHIFTS, UP_TO_3H, start=MONDAY, days=1, aim=aim).need
        known = one.heads > 0
        assert one.lacks.widths.shape[0] == 5 and one.spares.widths.shape[0] <= 6
        assert one.lacks.widths.sum(axis=0)[known] == pytest.approx(one.heads[known])
        assert (np.diff(one.lacks.rates, axis=0) >= -1e-9).all()
        assert (np.diff(one.spares.rates, axis=0) >= -1e-9).all()
        assert (np.diff(one.sums.gains[0], axis=0) <= 1e-9).all()
        assert (one.asked[known] >= one.heads[known]).all()
