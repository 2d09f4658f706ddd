"""Heads by shift near a kept roster, within seats, with seniors: against every roster there is."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math

import numpy as np
import pandas as pd
import pytest
from test_roster_horizon import FREE, MONDAY, SHIFTS, clean, day, people, plan

from staffing import roster, verify
from staffing.errors import DataError, PlanError
from staffing.model import Limit, Rules, Team

RULES = dataclasses.replace(
    FREE, hours_week=Limit(min=8, max=40), days_in_row=Limit(max=3), not_after={"late": ("early",)}
)


def rosters(rules: Rules, count: int, days: int) -> list[np.ndarray]:
    """Every roster of alike people that keeps the rules of single people, shape (people, days)."""
    lines = []
    for options in itertools.product(range(3), repeat=days):
        work = "".join("w" if one else "o" for one in options)
        tired = any(a == 2 and b == 1 for a, b in itertools.pairwise(options))
        if not tired and "wwww" not in work and 1 <= work.count("w") <= 5:
            lines.append(options)
    return [np.array(some) for some in itertools.product(lines, repeat=count)]


def cover_cost(taken: np.ndarray, heads: np.ndarray, short: float, over: float) -> float:
    """Of the people short and too many."""
    have = np.stack([(taken == shift).sum(axis=0) for shift in (1, 2)], axis=1)
    return float(short * np.maximum(heads - have, 0).sum() + over * np.maximum(have - heads, 0).sum())


def as_tables(taken: np.ndarray, agents: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A roster of options as ASSIGNMENTS and SEGMENTS, lunch an hour later than the middle of its window."""
    rows, parts = [], []
    for who, at in np.argwhere(taken > 0).tolist():
        shift, agent = SHIFTS[taken[who, at] - 1], agents["agent"].iloc[who]
        begin = day(at).tz_localize("UTC") + pd.Timedelta(minutes=shift.start_minute)
        end, noon = begin + pd.Timedelta(hours=9), begin + pd.Timedelta(hours=5)
        rows.append((agent, day(at), "shop", shift.name, begin, end, 8.0))
        for first, last, activity in (
            (begin, noon, "queue"),
            (noon, noon + pd.Timedelta(hours=1), "lunch"),
            (noon + pd.Timedelta(hours=1), end, "queue"),
        ):
            parts.append((agent, first, last, activity, "", activity == "queue"))
    names = ["agent", "date", "team", "shift", "start", "end", "paid_hours"]
    work = pd.DataFrame(rows, columns=names)
    return work, pd.DataFrame(parts, columns=["agent", "start", "end", "activity", "queue", "paid"])


def options_of(assignments: pd.DataFrame, agents: pd.DataFrame, days: int) -> np.ndarray:
    """ASSIGNMENTS as options, shape (people, days)."""
    taken = np.zeros((len(agents), days), dtype=int)
    for row in assignments.itertuples(index=False):
        who = agents["agent"].tolist().index(row.agent)
        taken[who, (row.date.date() - MONDAY).days] = ("early", "late").index(row.shift) + 1
    return taken


@pytest.mark.parametrize("seed", range(4))
def test_near_a_kept_roster_as_cheap_as_any(seed: int) -> None:
    """Two people, five days: price of each change, frozen days and a day of leave against all rosters."""
    draw = np.random.default_rng(seed)
    heads, frozen, price = draw.integers(0, 3, (5, 2)), int(draw.integers(0, 3)), float(draw.choice([2, 15]))
    agents = people("one", "one")
    every = rosters(RULES, 2, 5)
    old = every[int(draw.integers(len(every)))]
    away = int(draw.integers(frozen, 5))
    timeoff = pd.DataFrame({"agent": ["A"], "start": [day(away)], "end": [day(away)]})
    timeoff = timeoff.assign(kind="SICK", credit_hours=8.0)
    keep, segments = as_tables(old, agents)

    def cost(taken: np.ndarray) -> float:
        if taken[0, away] or (taken[:, :frozen] != old[:, :frozen]).any():
            return math.inf
        changed = taken != old
        changed[0, away] = False
        return cover_cost(taken, heads, 20.0, 3.0) + price * float(changed.sum())

    # Credit of eight hours leaves nobody bound to work that week.
    best = min(cost(taken) for taken in [*every, *(np.vstack([0 * one[:1], one[1:]]) for one in every)])
    made = roster.assign(
        plan(heads, price_short=20.0, price_over=3.0), SHIFTS, agents, RULES, timeoff=timeoff, days=5,
        start=MONDAY, keep=keep, kept=segments, price_change=price,
        frozen_until=MONDAY + dt.timedelta(days=frozen),
    )  # fmt: skip
    assert (made.status, made.cost) == ("optimal", pytest.approx(best))
    assert made.objective["cost"].sum() == pytest.approx(made.cost)
    taken = options_of(made.assignments, agents, 5)
    changed = taken != old
    changed[0, away] = False
    assert made.objective.set_index("part")["amount"]["changes"] == changed.sum()
    clean(made, plan(heads), agents, RULES, 5, timeoff=timeoff)
    # Lunch stays where it was on days that stay.
    lunch = made.segments[made.segments["activity"] == "lunch"]
    same = lunch.merge(segments[segments["activity"] == "lunch"], on=["agent", "start"])
    assert len(same) == ((taken == old) & (taken > 0)).sum() and len(lunch) == (taken > 0).sum()


def test_a_sick_call_changes_little_and_is_told() -> None:
    """One more works where somebody is sick, named with the reason; nobody else's days change."""
    agents = people("one", "one", "one")
    heads = np.ones((5, 2))
    demand = plan(heads, price_short=20.0, price_over=3.0)
    free = dataclasses.replace(RULES, hours_week=Limit(max=40), days_in_row=Limit(max=4))
    first = roster.assign(demand, SHIFTS, agents, free, days=5, start=MONDAY)
    who = first.assignments[first.assignments["date"] == day(3)]["agent"].iloc[0]
    sick = pd.DataFrame({"agent": [who], "start": [day(3)], "end": [day(3)], "kind": "SICK"})
    sick["credit_hours"] = 8.0
    parts = {"timeoff": sick, "days": 5, "start": MONDAY, "price_change": 7.0}
    again = roster.assign(demand, SHIFTS, agents, free, keep=first.assignments, kept=first.segments, **parts)
    told = verify.changes(
        first.assignments, again.assignments, again.segments, demand, agents,
        kept=first.segments, timeoff=sick,
    ).set_index("agent")["why"]  # fmt: skip
    assert told[who] == "on leave"
    others = told.drop(who)
    assert others.tolist() == ["covers 16 short agent-half-hours"] or others.empty
    assert len(others) == again.objective.set_index("part")["amount"]["changes"]
    frozen = MONDAY + dt.timedelta(days=5)
    fixed = roster.assign(demand, SHIFTS, agents, free, keep=first.assignments, frozen_until=frozen, **parts)
    lost = verify.diff(first.assignments, fixed.assignments)
    assert lost["agent"].tolist() == [who]
    assert "held by frozen days" in fixed.shortages["why"].iloc[0]
    odd = first.assignments.assign(start=first.assignments["start"] + pd.Timedelta("1h"))
    with pytest.raises(DataError, match="no shift of the team"):
        roster.assign(demand, SHIFTS, agents, free, keep=odd, frozen_until=frozen, **parts)
    strict = dataclasses.replace(free, days_week=Limit(max=1))
    with pytest.raises(PlanError, match="relax days_week"):
        roster.assign(demand, SHIFTS, agents, strict, keep=first.assignments, frozen_until=frozen, **parts)


def at_once(taken: np.ndarray) -> np.ndarray:
    """Most people at work at once on each day: all but where nobody of one shift is there any more."""
    return (taken > 0).sum(axis=0)


def without_senior(taken: np.ndarray, heads: np.ndarray) -> np.ndarray:
    """Half hours of each day without the first person, where the plan asks for anybody."""
    early, late = taken[0] == 1, taken[0] == 2
    asked = heads > 0
    return (
        12.0 * (asked[:, 0] & ~early)
        + 6.0 * (asked.any(axis=1) & ~(early | late))
        + 12.0 * (asked[:, 1] & ~late)
    )


@pytest.mark.parametrize("seed", range(5))
def test_seats_and_seniors_as_cheap_as_any(seed: int) -> None:
    """Two people, five days, one seat on some cases, a senior at a price: against all rosters."""
    draw = np.random.default_rng(20 + seed)
    heads, price, seats = draw.integers(0, 3, (5, 2)), float(draw.choice([0.4, 6.0])), (None, 1)[seed % 2]
    agents = people("one", "one").assign(senior=[True, False])

    def cost(taken: np.ndarray) -> float:
        if seats is not None and (at_once(taken) > seats).any():
            return math.inf
        return cover_cost(taken, heads, 20.0, 3.0) + price * float(without_senior(taken, heads).sum())

    best = min(cost(taken) for taken in rosters(RULES, 2, 5))
    team = Team("shop", senior_per_interval=Limit(min=1, price=price))
    demand = plan(heads, price_short=20.0, price_over=3.0)
    made = roster.assign(demand, SHIFTS, agents, RULES, days=5, start=MONDAY, teams=[team], seats=seats)
    assert (made.status, made.cost) == ("optimal", pytest.approx(best))
    assert made.objective["cost"].sum() == pytest.approx(made.cost)
    taken = options_of(made.assignments, agents, 5)
    amount = made.objective.set_index("part")["amount"]["senior_per_interval"]
    assert amount == pytest.approx(without_senior(taken, heads).sum())
    found = verify.roster(
        made.assignments, made.segments, demand, agents, RULES,
        shifts=SHIFTS, start=MONDAY, days=5, teams=[team], seats=seats,
    )  # fmt: skip
    assert found.empty
    priced = verify.priced(
        made.assignments, demand, agents, RULES, shifts=SHIFTS, start=MONDAY, days=5, teams=[team]
    )
    assert priced["amount"].sum() == pytest.approx(amount) and set(priced["rule"]) <= {"senior_per_interval"}


def test_hard_seniors_and_seats_hold_or_are_told() -> None:
    """A senior in every stretch as a hard rule, found by the check where broken; what cannot be is said."""
    agents = people("one", "one", "one").assign(senior=[True, True, False])
    heads = np.ones((4, 2))
    demand = plan(heads, price_short=20.0, price_over=3.0)
    team = Team("shop", senior_per_interval=Limit(min=1))
    given = {"days": 4, "start": MONDAY}
    free = dataclasses.replace(FREE, hours_week=Limit(max=40), not_after={"late": ("early",)})
    made = roster.assign(demand, SHIFTS, agents, free, teams=[team], seats=2, **given)
    taken = options_of(made.assignments, agents, 4)
    assert (np.sort(taken[:2], axis=0) == np.array([[1], [2]])).all() and made.cost == 0.0
    checked = {"shifts": SHIFTS, "teams": [team], "seats": 2, **given}
    assert verify.roster(made.assignments, made.segments, demand, agents, free, **checked).empty
    work, parts = as_tables(np.array([[1] * 4, [0] * 4, [2] * 4]), agents)
    found = verify.roster(work, parts, demand, agents, free, **checked)
    assert set(found["rule"]) == {"senior_per_interval"} and len(found) == 4
    assert "no seniors of 'shop' at work" in found["what"].iloc[0]
    work, parts = as_tables(np.array([[1] * 4, [2] * 4, [1] * 4]), agents)
    found = verify.roster(work, parts, demand, agents, free, **checked)
    assert set(found["rule"]) == {"seats"}
    # One senior of two may work two days only: the other cannot be there from eight to eleven at night.
    few = {"one": free, "two": dataclasses.replace(free, days_week=Limit(max=2))}
    short = agents.assign(contract=["two", "one", "one"])
    with pytest.raises(PlanError, match="no roster keeps 1 senior of 'shop' at work whenever its plan asks"):
        roster.assign(demand, SHIFTS, short, few, teams=[team], **given)
    owed = dataclasses.replace(free, hours_week=Limit(min=32))
    with pytest.raises(PlanError, match="no roster keeps within 2 seats: the rules put 3 people at work"):
        roster.assign(demand, SHIFTS, agents, owed, seats=2, **given)
    with pytest.raises(DataError, match="none of its agents is one"):
        roster.assign(demand, SHIFTS, agents.assign(senior=False), free, teams=[team], **given)


def test_many_people_within_seats_with_a_senior() -> None:
    """Twelve people over two weeks: hard rules of who is there at once hold in a roster that is searched."""
    agents = pd.DataFrame({"agent": [f"{number:02d}" for number in range(12)], "team": "shop"})
    agents = agents.assign(name=agents["agent"], contract="one", hours_week=40.0, senior=agents.index < 6)
    rules = dataclasses.replace(
        FREE, hours_week=Limit(min=24, max=40), days_in_row=Limit(max=5), days_off_in_row=Limit(min=2),
        not_after={"late": ("early",)},
    )  # fmt: skip
    heads = np.tile([4, 3], (14, 1))
    demand = plan(heads, price_short=100.0, price_over=1.0)
    team = Team("shop", senior_per_interval=Limit(min=1))
    given = {"days": 14, "start": MONDAY, "teams": [team], "seats": 6}
    made = roster.assign(demand, SHIFTS, agents, rules, time_limit=4.0, **given)
    assert made.bound <= made.cost
    found = verify.roster(made.assignments, made.segments, demand, agents, rules, shifts=SHIFTS, **given)
    assert found.empty, found.to_string()
    assert made.shortages["short"].sum() >= 14.0
