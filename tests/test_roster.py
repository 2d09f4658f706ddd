"""Rosters against enumeration, against every rule by itself, and against a checker of their own."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from roster_tables import (
    BOTH,
    EARLY,
    EVENINGS,
    LATE,
    LUNCH,
    MONDAY,
    MORNINGS,
    OPEN,
    asked,
    day,
    days_of,
    leave,
    need,
    one_rule,
    people,
    worked,
)  # fmt: skip

from staffing import lp, roster
from staffing.errors import DataError, PlanError
from staffing.model import Break, Limit, Roster, Rules, Shift
from staffing.tables import ASSIGNMENTS, REQUESTS, SEGMENTS, TIMEOFF, check

# A checker from the words of `Rules`, on plain numbers: it shares nothing with the code under test.


def week_cost(
    week: Mapping[int, Shift],
    rules: Rules,
    *,
    hours: float,
    credit: float = 0.0,
    away: frozenset[int] = frozenset(),
    wishes: Iterable[tuple[int, str, str, float]] = (),
    last: Mapping[int, Shift] | None = None,
    spare: float = 0.0,
    days: int = 7,
) -> float | None:
    """Cost of one person's week, None where it breaks a hard rule; ``last`` has negative days."""
    cost = 0.0
    last = last or {}
    flags = [number in week for number in range(7)]
    runs, free, run = [], 0, sum(1 for _ in itertools.takewhile(lambda n: -n in last, range(1, 8)))
    longest_free = 0
    for flag in flags:
        run = run + 1 if flag else 0
        free = 0 if flag else free + 1
        runs.append(run)
        longest_free = max(longest_free, free)
    counts = {
        "days_week": [(rules.days_week, len(week))],
        "days_in_row": [(rules.days_in_row, length) for length in runs if length],
        "days_off_together": [(rules.days_off_together, longest_free)],
    }
    for limit, count in itertools.chain(*counts.values()):
        below = (limit.min or 0) - count if limit.min is not None else 0
        above = count - limit.max if limit.max is not None else 0
        beyond = float(above > 0) if limit is rules.days_in_row else max(below, above, 0)
        if beyond and math.isinf(limit.price):
            return None
        cost += beyond * limit.price if beyond else 0.0
    whole = {**last, **week}
    for before, after in itertools.pairwise(sorted(whole)):
        rest = 24 * 60 * (after - before) + whole[after].start_minute - whole[before].end_minute
        if after >= 0 and rest < 60 * rules.rest_hours:
            return None
    names = [shift.name for shift in week.values()]
    other = len(names) - max((names.count(name) for name in names), default=0)
    if rules.same_shift_in_week is not None and other:
        if math.isinf(rules.same_shift_in_week):
            return None
        cost += rules.same_shift_in_week * other
    past = [shift.name for shift in last.values()]
    for name in set(past):
        usual_before = 2 * past.count(name) > len(past)
        if rules.rotate is not None and usual_before and 2 * names.count(name) > len(names):
            cost += rules.rotate
    cost += rules.fair_lates * spare * names.count("late")
    for number, kind, shift, price in wishes:
        met = number in week and shift in ("", week[number].name)
        against = met if kind in ("avoid", "forbid") else not met
        if against and kind in ("lock", "forbid"):
            return None
        cost += price if against else 0.0
    if any(number in away or number >= days for number in week):
        return None
    paid = sum(shift.paid_hours for shift in week.values())
    limit = rules.hours_week or Limit(min=hours, max=hours)
    low, high = max(0.0, (limit.min or 0) - credit), max(0.0, (limit.max or math.inf) - credit)
    return cost if low - 1e-6 <= paid <= high + 1e-6 else None


# From these shares of the need on, what is short, or over, costs that much more than before.
DEARER = ((0.10, 0.05), (0.25, 0.05), (0.50, 0.10), (0.75, 0.20))
WORSE = ((0.10, 0.25), (0.25, 0.25), (0.50, 0.50), (1.00, 1.00))
# At lunch at once, whose window here has room for two turns: one may always go; of the others of a shift of a
# day, each beyond these shares costs that much of a short one.
TOGETHER = ((1 / 2, 0.05), (3 / 4, 0.25), (7 / 8, 1.00))
# What a plan of one person adds: heads by (queue, hour), then holders and people at lunch by (duty, hour).
AWAY = 2


def cover_cost(heads: np.ndarray, wanted: np.ndarray, rules: Rules, minutes: int) -> np.ndarray:
    """Short and over at their prices, dearer the deeper they go; summed over the last axis."""
    short, over = np.maximum(wanted - heads, 0), np.maximum(heads - wanted, 0)
    deep = sum(rate * np.maximum(short - share * wanted, 0) for share, rate in DEARER)
    wide = sum(rate * np.maximum(over - share * wanted, 0) for share, rate in WORSE)
    return (rules.price_short * (short + deep) + rules.price_over * (over + wide)).sum(axis=-1) * minutes / 30


def crowd_cost(held: np.ndarray, away: np.ndarray, rules: Rules, minutes: int) -> np.ndarray:
    """People of a duty at lunch at once beyond their shares; summed over the last axis."""
    costs = [price * np.maximum(away - 1 - share * (held - 1), 0) for share, price in TOGETHER]
    return rules.price_short * sum(costs).sum(axis=-1) * minutes / 30


def cheapest(
    wanted: np.ndarray, plans: list[list[tuple[float, np.ndarray]]], rules: Rules, minutes: int
) -> float:
    """Least cost over every combination of one plan for each person."""
    best = math.inf
    last_cost = np.array([cost for cost, _ in plans[-1]])
    last = np.stack([own for _, own in plans[-1]])
    for some in itertools.product(*plans[:-1]):
        fixed = sum(cost for cost, _ in some)
        if fixed >= best:
            continue
        whole = last + sum((own for _, own in some), np.zeros(last.shape[1]))
        heads, crowd = np.split(whole, [wanted.size], axis=1)
        held, away = np.split(crowd, 2, axis=1)
        cost = cover_cost(heads, wanted, rules, minutes) + crowd_cost(held, away, rules, minutes)
        best = min(best, float((cost + last_cost).min()) + fixed)
    return best


def plans_of(
    queues: list[int], wanted: np.ndarray, days: int, rules: Rules, **own: object
) -> list[tuple[float, np.ndarray]]:
    """Everything that one person may do: weeks x queue of each day x lunch of each day."""
    choices = [None, *itertools.product(BOTH, queues, (2.0, 2.5, 3.0))]
    found = {}
    for plan in itertools.product(choices, repeat=days):
        week = {number: choice[0] for number, choice in enumerate(plan) if choice}
        cost = week_cost(week, rules, days=days, **own)
        if cost is None:
            continue
        heads = np.zeros_like(wanted)
        held, away = np.zeros((2, days, len(BOTH), AWAY))
        for number, choice in enumerate(plan):
            if choice:
                shift, queue, lunch = choice
                begin = 24 * number + shift.start.hour
                heads[queue, begin : begin + 9] += 1
                held[number, BOTH.index(shift)] += 1
                for half in (0.0, 0.5):
                    heads[queue, begin + int(lunch + half)] -= 0.5
                    away[number, BOTH.index(shift), int(lunch + half) - 2] += 0.5
        adds = np.concatenate([heads.ravel(), held.ravel(), away.ravel()])
        if adds.tobytes() not in found or cost < found[adds.tobytes()][0]:
            found[adds.tobytes()] = (cost, adds)
    return list(found.values())


def random_need(rng: np.random.Generator, days: int, top: int) -> list[dict[int, float]]:
    return [{hour: float(rng.integers(0, top + 1)) for hour in range(8, 23)} for _ in range(days)]


def as_array(hours: list[dict[int, float]]) -> np.ndarray:
    wide = np.zeros(24 * len(hours))
    for number, by_hour in enumerate(hours):
        for hour, heads in by_hour.items():
            wide[24 * number + hour] = heads
    return wide


@pytest.mark.parametrize("seed", range(4))
def test_three_people_cost_what_enumeration_says(seed: int) -> None:
    """No roster is cheaper than the one found, and the bound is never above the cheapest."""
    rng = np.random.default_rng(seed)
    hours = random_need(rng, 2, 3)
    rules = Rules(
        hours_week=Limit(min=8, max=16),
        same_shift_in_week=float(rng.integers(1, 9)),
        rest_hours=float(rng.choice([9, 11])),
    )
    someone = str(rng.choice(["001", "002"]))
    wishes = [(someone, 0, 1, "avoid", "late", 7.0), ("003", 1, 1, "want", "early", 30.0)]
    made = roster.assign(need(hours), BOTH, people(3), rules, requests=asked(*wishes), days=2)
    wanted = as_array(hours)[None, :]
    plans = [
        plans_of(
            [0], wanted, 2, rules, hours=40.0,
            wishes=[(n, kind, shift, price) for who, first, last, kind, shift, price in wishes if who == agent
                    for n in range(first, last + 1)],
        )
        for agent in ("001", "002", "003")
    ]  # fmt: skip
    best = cheapest(wanted.ravel(), plans, rules, 60)
    assert made.cost == pytest.approx(best)
    assert made.bound == pytest.approx(best) and made.bound <= made.cost
    assert made.status == "optimal" and made.gap < 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_cross_trained_people_cost_what_enumeration_says(seed: int) -> None:
    """Which queue a cross-trained person serves on which day is part of the optimum."""
    rng = np.random.default_rng(100 + seed)
    calls, chat = random_need(rng, 2, 2), random_need(rng, 2, 1)
    demand = pd.concat([need(calls), need(chat, queue="chat", team="help")], ignore_index=True)
    skills = pd.DataFrame({"agent": ["001", "001", "002", "002"], "queue": ["calls", "chat"] * 2})
    rules = Rules(hours_week=Limit(max=16), price_over=3.0, same_shift_in_week=None)
    made = roster.assign(demand, BOTH, people(2), rules, skills=skills, days=2)
    wanted = np.stack([as_array(calls), as_array(chat)])
    plans = plans_of([0, 1], wanted, 2, rules, hours=40.0)
    assert made.cost == pytest.approx(cheapest(wanted.ravel(), [plans, plans], rules, 60))
    assert made.bound <= made.cost + 1e-6


def heads_of(made: Roster, demand: pd.DataFrame) -> np.ndarray:
    """People on the queue in each interval of a demand, one segment at a time."""
    span = pd.Timedelta(hours=1)
    heads = np.zeros(len(demand))
    for row in made.segments[made.segments["activity"] == "queue"].itertuples():
        here = demand["queue"] == row.queue
        begin = demand["interval"].clip(lower=row.start)
        end = (demand["interval"] + span).clip(upper=row.end)
        heads += here * ((end - begin) / span).clip(lower=0)
    return heads


def crowds_of(made: Roster, rules: Rules) -> float:
    """Cost of lunches taken together, from the segments."""
    lunches = made.segments.query("activity == 'lunch'").merge(
        made.assignments, on="agent", suffixes=("", "_of")
    )
    lunches = lunches[(lunches["start"] >= lunches["start_of"]) & (lunches["end"] <= lunches["end_of"])]
    hour = pd.Timedelta(hours=1)
    cost = 0.0
    for (_, begin), own in lunches.groupby(["team", "start_of"]):
        hours = [begin + number * hour for number in (2, 3)]
        away = [
            ((own["end"].clip(upper=at + hour) - own["start"].clip(lower=at)) / hour).clip(lower=0).sum()
            for at in hours
        ]
        cost += float(crowd_cost(np.full(2, len(own)), np.array(away, dtype=float), rules, 60))
    return cost


def recount(
    made: Roster, demand: pd.DataFrame, agents: pd.DataFrame, rules: Rules, **tables: pd.DataFrame
) -> None:
    """Every rule and every total again, from the tables alone; demand without nights and closed hours."""
    check(made.assignments, ASSIGNMENTS)
    check(made.segments, SEGMENTS)
    shifts = {shift.name: shift for shift in BOTH}
    previous = tables.get("previous")
    had = {} if previous is None else previous[previous["shift"] == "late"].groupby("agent").size().to_dict()
    mean = sum(had.get(agent, 0) for agent in agents["agent"]) / max(len(agents), 1)
    total = 0.0
    for person in agents.itertuples():
        week = {number: shifts[name] for number, name in days_of(made, person.agent).items()}
        off, credit, wishes = set(), 0.0, []
        if "timeoff" in tables:
            for row in tables["timeoff"].query("agent == @person.agent").itertuples():
                span = range((row.start - day(0)).days, (row.end - day(0)).days + 1)
                off |= set(span)
                credit += row.credit_hours * sum(0 <= n < 7 for n in span) / len(span)
        if "requests" in tables:
            for row in tables["requests"].query("agent == @person.agent").itertuples():
                for number in range((row.start - day(0)).days, (row.end - day(0)).days + 1):
                    wishes.append((number, row.kind, row.shift, row.price))
        past = {}
        if previous is not None:
            for row in previous.query("agent == @person.agent").itertuples():
                past[(row.date - day(0)).days] = shifts[row.shift]
        cost = week_cost(
            week, rules, hours=person.hours_week, credit=credit, away=frozenset(off), wishes=wishes,
            last=past, spare=max(0.0, had.get(person.agent, 0) - mean),
        )  # fmt: skip
        assert cost is not None, f"{person.agent} breaks a rule: {week}"
        total += cost
        own = made.segments[made.segments["agent"] == person.agent]
        assert (own["start"].iloc[1:].to_numpy() >= own["end"].iloc[:-1].to_numpy()).all()
    heads = np.asarray(heads_of(made, demand))
    wanted = demand["scheduled"].to_numpy()
    total += cover_cost(heads, wanted, rules, 60) + crowds_of(made, rules)
    assert made.cost == pytest.approx(total)
    assert made.objective["cost"].sum() == pytest.approx(made.cost)
    assert made.bound <= made.cost + 1e-6
    short = demand.assign(short=wanted - heads).query("short > 1e-6").sort_values(["queue", "interval"])
    assert made.shortages["interval"].tolist() == short["interval"].tolist()
    assert made.shortages["short"].tolist() == pytest.approx(short["short"].tolist())
    assert (made.shortages["why"].str.len() > 0).all()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_roster_breaks_a_rule(data: st.DataObject) -> None:
    """Whatever is asked: every rule holds, and cost, cover and shortages follow from the segments."""
    draw = data.draw
    count = draw(st.integers(1, 3))
    levels = draw(st.lists(st.integers(0, 3), min_size=15, max_size=15))
    demand = need({hour: float(level) for hour, level in zip(range(8, 23), levels, strict=True)})
    rules = Rules(
        hours_week=Limit(max=draw(st.sampled_from([24, 40]))),
        days_in_row=Limit(max=draw(st.integers(3, 6)), price=draw(st.sampled_from([math.inf, 6.0]))),
        days_off_together=Limit(min=draw(st.integers(1, 3)), price=draw(st.sampled_from([math.inf, 4.0]))),
        rest_hours=draw(st.sampled_from([8.0, 11.0, 16.0])),
        same_shift_in_week=draw(st.sampled_from([math.inf, 3.0, None])),
        rotate=draw(st.sampled_from([20.0, None])),
    )
    agents = people(count)
    kinds = st.tuples(
        st.sampled_from(agents["agent"].tolist()), st.integers(0, 6), st.sampled_from(["want", "avoid",
        "forbid"]), st.sampled_from(["", "early", "late"]),
    )  # fmt: skip
    chosen = {row[0:3]: row for row in draw(st.lists(kinds, max_size=3))}
    requests = asked(*((who, at, at, kind, shift, 5.0) for who, at, kind, shift in chosen.values()))
    requests = requests if len(requests) else REQUESTS.empty()
    off = leave(("001", 2, 3, 16.0)) if draw(st.booleans()) else TIMEOFF.empty()
    past = [worked(agent, draw(st.sampled_from(BOTH)), range(-4, 0)) for agent in agents["agent"]]
    previous = pd.concat(past, ignore_index=True)
    made = roster.assign(demand, BOTH, agents, rules, timeoff=off, requests=requests, previous=previous)
    recount(made, demand, agents, rules, timeoff=off, requests=requests, previous=previous)


# Each rule by itself.


def alone(rules: Rules, demand: pd.DataFrame | None = None, **tables: pd.DataFrame) -> dict[int, str]:
    """The week of one person, whose demand is one person in all open hours."""
    made = roster.assign(need() if demand is None else demand, BOTH, people(1), rules, **tables)
    return days_of(made)


def test_days_week_limits_the_days() -> None:
    """Without the limit seven days are worked, with it four."""
    rules = {"hours_week": Limit(max=56), "same_shift_in_week": math.inf}
    assert len(alone(one_rule(**rules))) == 7
    assert len(alone(one_rule(**rules, days_week=Limit(max=4)))) == 4


def test_days_in_row_counts_last_week() -> None:
    """Three days worked up to Sunday leave one before a day off, where four in a row are the most."""
    rules = one_rule(hours_week=Limit(min=40, max=40), days_in_row=Limit(max=4))
    previous = worked("001", EARLY, range(-3, 0))
    week = alone(rules, previous=previous)
    assert len(week) == 5 and not {0, 1} <= set(week)
    busy = need([MORNINGS] * 5 + [{}, {}])
    assert set(alone(rules, busy)) < {0, 1, 2, 3, 4}
    assert set(alone(one_rule(hours_week=Limit(min=40, max=40)), busy, previous=previous)) == {0, 1, 2, 3, 4}


def test_days_off_together_makes_free_days_meet() -> None:
    """Need on every day but Tuesday and Friday tempts to free these two; the rule joins them."""
    demand = need([OPEN if number not in (1, 4) else dict.fromkeys(OPEN, 0.0) for number in range(7)])
    hours = Limit(min=40, max=40)
    assert set(alone(one_rule(hours_week=hours), demand)) == {0, 2, 3, 5, 6}
    free = sorted(
        set(range(7)) - set(alone(one_rule(hours_week=hours, days_off_together=Limit(min=2)), demand))
    )
    assert free[1] == free[0] + 1


def test_rest_hours_hold_within_the_week_and_after_last_sunday() -> None:
    """A late Sunday that ends at 23:00 forbids Monday 8:00 under 11 h, and allows it under 9 h."""
    demand = need([MORNINGS, EVENINGS, MORNINGS, EVENINGS, MORNINGS, EVENINGS, MORNINGS])
    previous = worked("001", LATE, [-1])
    hours = Limit(max=56)
    free = alone(one_rule(hours_week=hours, rest_hours=9.0), demand, previous=previous)
    assert list(free.values()) == ["early", "late"] * 3 + ["early"]
    rested = alone(one_rule(hours_week=hours, rest_hours=11.0), demand, previous=previous)
    assert rested == {1: "late", 3: "late", 5: "late"}


def test_same_shift_in_week_is_hard_priced_or_absent() -> None:
    """One evening among four mornings is worked late unless the other shift costs more than it saves."""
    demand = need([MORNINGS, MORNINGS, MORNINGS, MORNINGS, EVENINGS, {}, {}])
    hours = Limit(max=40)
    assert set(alone(one_rule(hours_week=hours), demand).values()) == {"early", "late"}
    assert set(alone(one_rule(hours_week=hours, same_shift_in_week=5.0), demand).values()) == {
        "early",
        "late",
    }
    assert set(alone(one_rule(hours_week=hours, same_shift_in_week=9000.0), demand).values()) == {"early"}
    assert set(alone(one_rule(hours_week=hours, same_shift_in_week=math.inf), demand).values()) == {"early"}


def test_rotate_alternates_with_last_week() -> None:
    """Where both shifts are needed alike, who was late last week comes early, and the other way round."""
    previous = pd.concat([worked("001", LATE, range(-5, 0)), worked("002", EARLY, range(-5, 0))])
    made = roster.assign(need(), BOTH, people(2), previous=previous)
    assert set(days_of(made, "001").values()) == {"early"}
    assert set(days_of(made, "002").values()) == {"late"}
    assert made.objective.set_index("part").loc["rotate", "cost"] == 0.0


def test_fair_lates_give_the_late_week_to_whoever_had_fewer() -> None:
    """Six late shifts in the past against two: the next ones go to the person with two."""
    previous = pd.concat([worked("001", LATE, range(-12, -6)), worked("002", LATE, range(-9, -7))])
    rules = Rules(rotate=None, fair_lates=2.0)
    made = roster.assign(need(), BOTH, people(2), rules, previous=previous)
    assert set(days_of(made, "001").values()) == {"early"}
    late = made.assignments.query("agent == '002'")
    assert (late["lates_so_far"] == 2 + 5).all()
    times = {name: made.assignments[name] - pd.Timedelta(days=7) for name in ("date", "start", "end")}
    handed_on = made.assignments.assign(**times)
    again = roster.assign(need(), BOTH, people(2), Rules(rotate=None), previous=handed_on)
    assert (again.assignments.groupby("agent")["lates_so_far"].max() >= [6, 7]).all()


def test_wishes_are_granted_at_their_price_and_locks_always() -> None:
    """A cheap wish yields to need, a dear one does not; lock and forbid hold whatever they cost."""
    demand = need([OPEN] * 5 + [{}, {}])
    rules = one_rule(hours_week=Limit(max=40))
    cheap, dear = asked(("001", 2, 2, "avoid", "", 1.0)), asked(("001", 2, 2, "avoid", "", 9000.0))
    assert 2 in alone(rules, demand, requests=cheap)
    assert 2 not in alone(rules, demand, requests=dear)
    assert 2 not in alone(rules, demand, requests=asked(("001", 2, 2, "forbid", "", 0.0)))
    assert alone(rules, demand, requests=asked(("001", 2, 2, "want", "late", 9000.0)))[2] == "late"
    quiet = need(dict.fromkeys(range(8, 15), 1.0))
    assert alone(rules, quiet, requests=asked(("001", 2, 2, "lock", "late", 0.0)))[2] == "late"


def test_paid_leave_is_taken_off_the_hours_owed() -> None:
    """Forty hours with two paid leave days leave 24, also where the row begins before the week."""
    hours = {}
    for name, row in {"inside": ("001", 1, 2, 16.0), "from last week": ("001", -2, 1, 32.0)}.items():
        made = roster.assign(need(), BOTH, people(1), timeoff=leave(row))
        hours[name] = made.assignments["paid_hours"].sum()
        assert not set(range(row[1], row[2] + 1)) & set(days_of(made))
    assert hours == {"inside": 24.0, "from last week": 24.0}


def test_hours_that_leave_makes_impossible_are_told_and_never_exceeded() -> None:
    """A day of leave with 7 h of credit leaves 33 h owed: four days of 8 h, and an hour not rostered."""
    made = roster.assign(need(), BOTH, people(1), timeoff=leave(("001", 0, 0, 7.0)))
    assert made.assignments["paid_hours"].sum() == 32.0
    told = made.objective.set_index("part").loc["hours_not_rostered"]
    assert (told["amount"], told["unit"], told["cost"]) == (1.0, "h", 0.0)


def test_dates_of_employment_hold() -> None:
    """Nobody works before the first day or after the last one."""
    agents = people(2).assign(starts_on=[day(3), pd.NaT], leaves_on=[pd.NaT, day(1)])
    made = roster.assign(need(), BOTH, agents)
    assert min(days_of(made, "001")) >= 3 and max(days_of(made, "002")) <= 1


def test_rules_are_those_of_the_contract() -> None:
    """Part-timers work three days where full-timers work five."""
    agents = people(2).assign(contract=["full", "part"], hours_week=[40.0, 24.0])
    rules = {"full": Rules(), "part": Rules(days_week=Limit(max=3))}
    made = roster.assign(need(), BOTH, agents, rules)
    assert [len(days_of(made, agent)) for agent in ("001", "002")] == [5, 3]
    with pytest.raises(DataError, match="the contract 'part' has no rules"):
        roster.assign(need(), BOTH, agents, {"full": Rules()})


# Reasons and limits.


@pytest.mark.parametrize(
    ("rules", "tables", "reason"),
    [
        (Rules(), {"requests": asked(("001", 1, 3, "forbid", "", 0.0))}, "'001'.*drop the forbid on Thu"),
        (Rules(days_off_together=Limit(min=3)), {}, "let 2 days off together do"),
        (Rules(hours_week=Limit(min=39, max=39)), {}, r"let 40 h do \(.*; or let 32 h do \("),
        (
            Rules(days_in_row=Limit(max=2), days_off_together=Limit(min=2)),
            {},
            "let 1 day off together do .*or allow 3 days in a row",
        ),
        (
            Rules(),
            {"requests": asked(("001", 1, 1, "lock", "", 0.0)), "timeoff": leave(("001", 1, 1, 8.0))},
            "drop the lock on Tue .*; or move the time off of Tue",
        ),
    ],
)  # fmt: skip
def test_rules_that_cannot_hold_together_are_named(rules: Rules, tables: dict, reason: str) -> None:
    """Who has no lawful week, by which rules, and what to relax, before any solver."""
    with pytest.raises(PlanError, match=reason):
        roster.assign(need(), BOTH, people(1), rules, **tables)


def test_a_fifth_of_the_agents_removed_still_gives_a_roster_with_its_shortages() -> None:
    """Ten people cover the week; eight cannot, and every half hour below need says where they are."""
    demand = need({hour: 3.0 * (9 <= hour < 22) for hour in range(8, 23)})
    agents = people(10)
    whole = roster.assign(demand, BOTH, agents, timeoff=leave(("003", 0, 4, 40.0)))
    fewer = roster.assign(demand, BOTH, agents.iloc[:8], timeoff=leave(("003", 0, 4, 40.0)))
    assert fewer.shortages["short"].sum() > whole.shortages["short"].sum()
    recount(fewer, demand, agents.iloc[:8], Rules(), timeoff=leave(("003", 0, 4, 40.0)))
    counted = (
        fewer.shortages["why"].str.extractall(r"(\d+) (?:on|at|not)")[0].astype(int).groupby(level=0).sum()
    )
    assert (counted == 8).all()
    assert fewer.shortages["why"].str.contains("1 on leave").any()


def test_nobody_is_an_empty_roster_with_all_need_listed() -> None:
    """No agents: tables of the right form, everything short, and a cost that is its own bound."""
    made = roster.assign(need(), BOTH, people(0))
    check(made.assignments, ASSIGNMENTS)
    check(made.segments, SEGMENTS)
    assert made.assignments.empty and made.segments.empty
    assert made.shortages["short"].sum() == 7 * 15
    assert set(made.shortages["why"]) == {"nobody can answer this queue"}
    assert made.cost == made.bound > 0 and made.gap_share == 0.0


def test_no_need_is_a_week_off() -> None:
    """Where nothing is open nobody is sent to work, and the hours are told."""
    made = roster.assign(need([{}] * 6 + [{9: 0.0, 10: 0.0}]), BOTH, people(1), start=MONDAY)
    assert len(made.assignments) <= 1
    assert made.objective.set_index("part").loc["hours_not_rostered", "amount"] >= 32.0


def test_the_same_input_gives_the_same_roster_whatever_the_order_of_its_rows() -> None:
    """Frames are equal to the last bit, also when the tables come shuffled."""
    demand, agents = need({hour: 2.0 + (hour in (11, 12, 17)) for hour in range(8, 23)}), people(6)
    first = roster.assign(demand, BOTH, agents)
    second = roster.assign(demand.iloc[::-1], BOTH[::-1], agents.sample(frac=1, random_state=1))
    for name in ("assignments", "segments", "shortages", "objective"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    assert (first.cost, first.bound) == (second.cost, second.bound)


def test_a_limit_in_time_leaves_a_lawful_roster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the solver has only the linear program done, its rounding is the roster, marked as stopped."""
    solve = lp.solve

    def out_of_time(program: lp.Program, **limits: object) -> lp.Solution:
        if not program.integer.any():
            return solve(program, **limits)
        start = limits["start"]
        return lp.Solution("stopped", start, None, float(program.cost @ start), -math.inf, 0.0)

    monkeypatch.setattr(lp, "solve", out_of_time)
    demand, off = need({hour: 3.0 + (hour in (11, 16)) for hour in range(8, 23)}), leave(("004", 2, 3, 16.0))
    made = roster.assign(demand, BOTH, people(9), timeoff=off)
    recount(made, demand, people(9), Rules(), timeoff=off)
    assert made.status == "stopped" and made.gap > 0


def test_a_team_that_is_too_small_never_goes_to_lunch_together() -> None:
    """Eight where sixteen are needed: the lack is spread over the lunch window instead of one empty hour."""
    demand = need(dict.fromkeys(range(8, 17), 16.0), days=1)
    made = roster.assign(demand, [EARLY], people(8), one_rule(hours_week=Limit(min=8, max=8)), days=1)
    assert heads_of(made, demand).min() >= 4


def test_a_week_of_twelve_is_within_a_per_cent_of_its_bound() -> None:
    """A roster of twelve with breaks at any quarter hour: the gap is stated, and small."""
    pauses = (Break("break", 15, True, (1.0, 1.5)), LUNCH)
    shifts = [Shift("early", "shop", dt.time(8), 9, pauses), Shift("late", "shop", dt.time(14), 9, pauses)]
    hours = {hour: 2.0 + 2.0 * (hour in (11, 12, 16, 17)) for hour in range(8, 23)}
    made = roster.assign(need(hours), shifts, people(12))
    assert made.status == "optimal" and 0 <= made.gap_share <= 0.01
    starts = made.segments.query("activity == 'break'")["start"]
    assert set(starts.dt.minute) <= {0, 15, 30, 45}
