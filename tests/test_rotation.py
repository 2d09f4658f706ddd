"""Cycles of weeks and of days, and runs of days at both ends: both engines against every roster there is."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from roster_tables import MONDAY, OPEN, asked, day, days_of, leave, need, one_rule, people, worked
from test_pairs import EARLY, LATE, NAMES, SHIFTS, covered, heads, wishes
from test_site import LISTS, PLAN, lay

from staffing import roster, site, verify
from staffing.errors import DataError, PlanError
from staffing.model import Limit, Rotation, Rules

HARD = math.inf
Days = tuple[str | None, ...]


def against(rotation: Rotation, ahead: int, week: Days, off: set[int], shut: set[int]) -> int:
    """Days that are not as the words of the plan file say."""
    since = (MONDAY - rotation.start).days
    broken = 0
    for at, name in enumerate(week):
        cycle = rotation.weeks or rotation.days
        place = (since + at) // 7 if rotation.weeks else since + at
        word = cycle[(place + ahead) % len(cycle)]
        if at in off or (at in shut and name is None):
            continue
        fits = {"on": name is not None, "off": name is None}.get(word, name == word)
        if rotation.weeks and (name is None or word == "on"):
            fits = True
        broken += not fits
    return broken


CYCLES = [
    pytest.param(Rotation(MONDAY, weeks=("early", "late")), 0, id="an early week"),
    pytest.param(Rotation(MONDAY, weeks=("early", "late")), 1, id="ahead: a late week"),
    pytest.param(Rotation(MONDAY - dt.timedelta(days=4), weeks=("late", "off")), 0, id="off within the week"),
    pytest.param(Rotation(MONDAY, weeks=("on", "off"), price=6.0), 0, id="any shift at a price"),
    pytest.param(Rotation(MONDAY, days="2 on 1 off"), 0, id="two on, one off"),
    pytest.param(Rotation(MONDAY, days="2 on 1 off"), 2, id="two days ahead"),
    pytest.param(Rotation(MONDAY, days="1 late, 1 off, 1 early", price=7.0), 0, id="days at a price"),
    pytest.param(Rotation(MONDAY + dt.timedelta(days=1), days=("off", "late"), price=40.0), 0, id="later"),
]  # fmt: skip


@pytest.mark.parametrize(("rotation", "ahead"), CYCLES)
def test_a_week_in_a_cycle_costs_what_enumeration_says(rotation: Rotation, ahead: int) -> None:
    """One person, five days, the fifth closed, the fourth on leave: no week is cheaper than the one found."""
    hours = [dict.fromkeys(range(8, 16), 1.0)] * 4 + [{}]
    demand = need([*hours, {}, {}])
    crew = people(1).assign(rotation_offset=float(ahead))
    rules = one_rule(hours_week=Limit(max=36), rotation=rotation)
    wants, off = asked(("001", 1, 1, "want", "late", 9.0)), leave(("001", 3, 3, 0.0))
    given = {"requests": wants, "timeoff": off, "start": MONDAY, "days": 5}
    made = roster.assign(demand, SHIFTS, crew, rules, **given)

    def cost(week: Days) -> float:
        days = against(rotation, ahead, week, {3}, {4})
        beyond = rotation.price * days if days else 0.0
        return covered(hours, (week,), rules) + wishes((week,), wants) + beyond

    every = [week for week in itertools.product(NAMES, repeat=5) if week[3] is None and week[4] is None]
    assert made.cost == pytest.approx(min(map(cost, every))) and made.bound == pytest.approx(made.cost)
    assert made.objective["cost"].sum() == pytest.approx(made.cost)
    assert verify.roster(made.assignments, made.segments, demand, crew, rules, shifts=SHIFTS, **given).empty


@pytest.mark.parametrize(("rotation", "ahead"), CYCLES)
def test_days_in_a_cycle_cost_what_enumeration_says(rotation: Rotation, ahead: int) -> None:
    """The same by heads on shifts, nine days over two weeks of the cycle."""
    counts = [(1.0, 1.0), (0.0, 1.0), (1.0, 0.0)] * 3
    demand = heads(*counts)
    demand = demand[demand["date"] != day(4)]
    crew = people(1).assign(rotation_offset=float(ahead))
    rules = one_rule(hours_week=Limit(), rotation=rotation, price_short=10.0)
    given = {"timeoff": leave(("001", 3, 3, 0.0)), "start": MONDAY, "days": 9}
    made = roster.assign(demand, SHIFTS, crew, rules, **given)

    def cost(week: Days) -> float:
        days = against(rotation, ahead, week, {3}, {4})
        total = rotation.price * days if days else 0.0
        for at, needed in enumerate(counts):
            for name, count in zip(("early", "late"), needed, strict=True):
                more = (week[at] == name) - count
                total += (10.0 * max(-more, 0.0) + 3.0 * max(more, 0.0)) * (at != 4)
        return total

    every = [week for week in itertools.product(NAMES, repeat=9) if week[3] is None and week[4] is None]
    assert made.cost == pytest.approx(min(map(cost, every))) and made.bound == pytest.approx(made.cost)
    assert made.objective["cost"].sum() == pytest.approx(made.cost)
    assert verify.roster(made.assignments, made.segments, demand, crew, rules, shifts=SHIFTS, **given).empty


def broken(week: dict[int, str], rules: Rules, **more: object) -> list[tuple[str, int, str]]:
    """What `verify` says of one person's days made by hand: rule, day and words."""
    shifts = {"early": EARLY, "late": LATE}
    table = pd.concat([worked("001", shifts[name], [at]) for at, name in week.items()], ignore_index=True)
    pieces = table[["agent", "start", "end"]].assign(activity="queue", queue="calls", paid=True)
    given = {"shifts": SHIFTS, "start": MONDAY} | more
    told = verify.roster(table, pieces, need(OPEN), people(1), rules, **given)
    days = [(date.date() - MONDAY).days for date in told["date"]]
    return list(zip(told["rule"], days, told["what"], strict=True))


def test_days_outside_the_cycle_are_found() -> None:
    """A shift of the other week, work on a day off, a day off where work is due; not at a price."""
    free = {"hours_week": Limit()}
    early = one_rule(**free, rotation=Rotation(MONDAY, weeks=("early", "late")))
    assert broken({0: "early", 3: "late"}, early) == [("rotation", 3, "works late, the cycle says early")]
    days = Rotation(MONDAY, days="2 on 2 off")
    assert broken({0: "early", 1: "late", 3: "late", 4: "late"}, one_rule(**free, rotation=days)) == [
        ("rotation", 3, "works late, the cycle says off"),
        ("rotation", 5, "is OFF, the cycle says on"),
    ]
    priced = Rotation(MONDAY, days="2 on 2 off", price=3.0)
    assert broken({3: "late"}, one_rule(**free, rotation=priced)) == []


def test_a_cycle_that_leave_or_hours_contradict_is_told_in_words() -> None:
    """A lock against the cycle, and hours that it cannot give: which days would have to be outside it."""
    rules = Rules(rotation=Rotation(MONDAY, weeks=("early", "late")))
    locks = asked(("001", 2, 2, "lock", "late", 0.0))
    with pytest.raises(PlanError) as told:
        roster.assign(need(OPEN), SHIFTS, people(1, hours=30.0), rules, requests=locks)
    ways = told.value.reasons[0].split("cheapest first: ")[1].split("; or ")
    assert "drop the lock (late) on Wed 2026-12-02 (requests)" in ways
    days = Rules(rotation=Rotation(MONDAY, days="4 on 2 off"), days_off_together=Limit(min=2))
    with pytest.raises(PlanError) as told:
        roster.assign(need(OPEN), SHIFTS, people(1, hours=18.0), days)
    assert "let 30 h do (hours_week, 18 h owed)" in told.value.reasons[0]
    assert "be outside the cycle (rotation)" in told.value.reasons[0]
    with pytest.raises(PlanError, match=r"no lawful days for '001'.*relax .*rotation"):
        roster.assign(heads(*[(1, 1)] * 7), SHIFTS, people(1, hours=18.0), days, start=MONDAY)


def test_a_cycle_outdoes_the_alternation_of_weeks() -> None:
    """Two early weeks running, as the cycle says, cost nothing; without it the second is dearer."""
    before = worked("001", EARLY, range(-7, -2))
    cycle = Rotation(MONDAY - dt.timedelta(days=7), weeks=("early", "early", "late", "late"))
    morning = need([dict.fromkeys(range(8, 14), 1.0)] * 5 + [{}, {}])
    kept = roster.assign(morning, SHIFTS, people(1, hours=30.0), Rules(rotation=cycle), previous=before)
    assert kept.cost == 0.0 and set(days_of(kept).values()) == {"early"}
    assert roster.assign(morning, SHIFTS, people(1, hours=30.0), previous=before).cost == 20.0
    late = Rules(rotation=cycle, rotate=HARD)
    counts = heads(*[(1, 0)] * 5, (0, 0), (0, 0))
    made = roster.assign(counts, SHIFTS, people(1, hours=30.0), late, previous=before, start=MONDAY)
    assert made.cost == 0.0
    told = verify.roster(
        made.assignments, made.segments, counts, people(1, hours=30.0), late,
        shifts=SHIFTS, previous=before, start=MONDAY,
    )  # fmt: skip
    assert told.empty


def test_weeks_in_a_chain_go_through_the_cycle() -> None:
    """Three weeks of half hours: two groups, one a week ahead, each on the shift of its week."""
    crew = people(4, hours=30.0).assign(rotation_offset=[0.0, 0.0, 1.0, 1.0])
    rules = Rules(rotation=Rotation(MONDAY, weeks=("early", "late")))
    made = roster.assign(need(OPEN, days=21), SHIFTS, crew, rules, days=21)
    turns = {
        (row.agent in ("003", "004"), (row.date - day(0)).days // 7): row.shift
        for row in made.assignments.itertuples()
    }
    assert turns == {
        (False, 0): "early", (False, 1): "late", (False, 2): "early",
        (True, 0): "late", (True, 1): "early", (True, 2): "late",
    }  # fmt: skip


def test_cycles_come_from_the_plan(tmp_path: Path) -> None:
    """By contract; false takes it away; wrong ones are told with their line."""
    alone = "All 2 of care (fulltime) are at one place of the cycle 1 early 1 late: all are on the same shift"
    line = 'rotation = { weeks = ["early", "late"], start = 2026-11-30 }'
    plan = PLAN.replace("[rules]", f"[rules]\n{line}", 1)
    plan = plan.replace("[rules.parttime]", "[rules.parttime]\nrotation = false", 1)
    people_there = LISTS["agents.csv"].replace("starts_on\n", "rotation_offset\n")
    people_there = people_there.replace("2026-01-01", "1")
    read = site.load(lay(tmp_path, plan, agents=people_there))
    assert read.rules["fulltime"].rotation == Rotation(MONDAY, weeks=("early", "late"))
    assert read.rules["parttime"].rotation is None
    assert read.agents["rotation_offset"].fillna(0).tolist() == [0.0, 1.0, 0.0]
    assert any(said.startswith(alone) for said in read.assumptions)
    spread = people_there.replace("김민지,care,fulltime,40,no,", "김민지,care,fulltime,40,no,3")
    assert not any(
        "at one place" in said for said in site.load(lay(tmp_path, plan, agents=spread)).assumptions
    )
    lay(tmp_path, plan, agents=people_there)
    assert not any("alternate" in note and "fulltime" in note for note in read.assumptions)
    days = plan.replace('weeks = ["early", "late"]', 'days = "4 on, 2 off"')
    assert site.load(lay(tmp_path, days)).rules["fulltime"].rotation == Rotation(MONDAY, days="4 on 2 off")
    for text, said in (
        ('rotation = { weeks = ["early"] }', "start is missing"),
        ("rotation = { start = 2026-11-30 }", "a cycle of weeks or of days"),
        ('rotation = { days = "four on", start = 2026-11-30 }', "must be days as text"),
        ('rotation = { weeks = "early", start = 2026-11-30 }', "must be a list of shifts"),
    ):
        found = site.check(lay(tmp_path, plan.replace(line, text)))
        assert said in found[0].problem and found[0].line == plan.splitlines().index(line) + 1
    night = Rules(rotation=Rotation(MONDAY, weeks=("night",)))
    with pytest.raises(DataError, match="rotation names 'night', a shift that nobody works"):
        roster.assign(need(OPEN), SHIFTS, people(1), night)


# Runs of days at both ends.


def short_runs(week: Days, past: list[int], least: int) -> int:
    """Days that runs lack which end before the last day; one whose beginning is not known lacks none."""
    days = [at in past for at in range(-7, 0)] + [name is not None for name in week]
    lacking, begun = 0, None
    for at, works in enumerate(days):
        if works and begun is None:
            begun = at
        if not works and begun is not None:
            known = begun > 0 if past else begun > 7
            if at >= 7 and known:
                lacking += max(least - (at - begun), 0)
            begun = None
    return lacking


def by_heads(wanted: np.ndarray, week: Days) -> float:
    """Cost of one person's early shifts beside what is wanted."""
    more = np.array([name is not None for name in week]) - wanted
    return float((10.0 * np.maximum(-more, 0) + 3.0 * np.maximum(more, 0)).sum())


@pytest.mark.parametrize("past", [[], [-2, -1], [-3], [-6, -4, -1]], ids=str)
@pytest.mark.parametrize(("price", "planned"), [(HARD, 4), (HARD, 7), (5.0, 7)])
def test_least_runs_count_last_week_and_may_go_on(past: list[int], price: float, planned: int) -> None:
    """Both engines and `verify` judge every week of one person alike, at both ends."""
    rules = one_rule(hours_week=Limit(), days_in_row=Limit(min=3, price=price))
    given = {"previous": worked("001", EARLY, past) if past else None, "start": MONDAY, "days": planned}
    rng = np.random.default_rng(len(past) + planned)
    every = list(itertools.product((None, "early"), repeat=planned))
    lacking = np.array([short_runs(week, past, 3) for week in every])
    beyond = np.where(lacking > 0, price * np.maximum(lacking, 1), 0.0)
    wanted = rng.integers(0, 2, planned).astype(float)
    hours = [dict.fromkeys(range(8, 14), some) for some in wanted]
    demand, counts = need([*hours, *[{}] * (7 - planned)]), heads(*[(some, 0.0) for some in wanted])
    for table, costs in (
        (demand, [covered(hours, (week,), rules) for week in every]),
        (counts[counts["shift"] == "early"], [by_heads(wanted, week) for week in every]),
    ):
        made = roster.assign(table, [EARLY], people(1), rules, **given)
        assert made.cost == pytest.approx((costs + beyond).min())
        told = verify.roster(
            made.assignments, made.segments, table, people(1), rules, shifts=(EARLY,), **given
        )
        assert told.empty, told.to_string()


def test_a_run_of_last_week_that_is_too_short_is_found() -> None:
    """One day worked on Sunday and Monday off: the run ended with this week's roster, and is told."""
    rules = one_rule(hours_week=Limit(), days_in_row=Limit(min=2))
    previous = pd.concat([worked("001", EARLY, [-4]), worked("001", EARLY, [-1])], ignore_index=True)
    week = {2: "early", 3: "early"}
    assert broken(week, rules, previous=previous) == [
        ("days_in_row", 0, "works 1 days in a row from Sun 2026-11-29, at least 2")
    ]
    assert broken({0: "early"} | week, rules, previous=previous) == []
