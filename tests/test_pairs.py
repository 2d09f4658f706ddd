"""People who work together or apart: against every roster there is, broken on purpose, and in words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from roster_tables import (
    EVENINGS,
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
)  # fmt: skip
from test_site import PLAN, lay

from staffing import roster, site, verify, whatif
from staffing.errors import DataError, PlanError
from staffing.model import Limit, Pair, Rules, Shift, Training

EARLY = Shift("early", "shop", dt.time(8), 6)
LATE = Shift("late", "shop", dt.time(10), 6)
SHIFTS = (EARLY, LATE)
NAMES = (None, "early", "late")
STARTS = {"early": 480, "late": 600}
HARD = math.inf
HOWS = ("together", "follows", "apart")


def agreed(pair: Pair, one: str | None, other: str | None) -> bool:
    """What the words of the plan file say of two days."""
    both = one is not None and other is not None
    same = both and abs(STARTS[str(one)] - STARTS[str(other)]) <= pair.starts_within
    return {
        "together": same or (one is None and other is None),
        "follows": one is None or same,
        "apart": not same,
    }[pair.how]


def two_weeks(days: int) -> Iterator[tuple[tuple[str | None, ...], tuple[str | None, ...]]]:
    """Every two weeks of two people."""
    each = list(itertools.product(NAMES, repeat=days))
    return itertools.product(each, each)


def not_as_agreed(pair: Pair, weeks: tuple[tuple[str | None, ...], ...], off: set[int]) -> float:
    """What the days that are not as agreed cost; those in ``off`` ask nothing."""
    broken = sum(not agreed(pair, *both) for at, both in enumerate(zip(*weeks, strict=True)) if at not in off)
    return pair.price * broken if broken else 0.0


def half_hours(needed: np.ndarray, heads: np.ndarray, rules: Rules) -> float:
    """Cost of people in half hours: short, over, and what is deep of both."""
    short, over = np.maximum(needed - heads, 0), np.maximum(heads - needed, 0)
    deep = [(0.1, 0.05), (0.25, 0.05), (0.5, 0.1), (0.75, 0.2)]
    wide = [(0.1, 0.25), (0.25, 0.25), (0.5, 0.5), (1.0, 1.0)]
    short = short + sum(rate * np.maximum(short - share * needed, 0) for share, rate in deep)
    over = over + sum(rate * np.maximum(over - share * needed, 0) for share, rate in wide)
    return float((rules.price_short * short + rules.price_over * over).sum())


def covered(hours: list[dict[int, float]], weeks: tuple[tuple[str | None, ...], ...], rules: Rules) -> float:
    """Cost of cover of everybody's days, shifts without breaks."""
    total = 0.0
    for at, wanted in enumerate(hours):
        needed, heads = np.zeros(24), np.zeros(24)
        needed[list(wanted)] = list(wanted.values())
        for week in weeks:
            if week[at]:
                begin = STARTS[week[at]] // 60
                heads[begin : begin + 6] += 1
        total += 2.0 * half_hours(needed, heads, rules)
    return total


def wishes(weeks: tuple[tuple[str | None, ...], ...], table: pd.DataFrame) -> float:
    """What wishes to have a day cost."""
    return sum(
        row.price
        for row in table.itertuples()
        if weeks[int(row.agent) - 1][(row.start - day(0)).days] != (row.shift or None)
    )


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("price", "within"), [(HARD, 0), (HARD, 120), (4.0, 0), (60.0, 1440)])
def test_a_week_with_a_pair_costs_what_enumeration_says(how: str, price: float, within: int) -> None:
    """Two people, three days, one of them on leave for one: no two weeks are cheaper than those found."""
    hours = [MORNINGS | EVENINGS, {8: 2.0, 9: 2.0, 14: 1.0}, dict.fromkeys(range(8, 16), 1.0)]
    demand = need([*hours, {}, {}, {}, {}])
    wants = asked(
        ("001", 0, 0, "want", "early", 9.0), ("002", 0, 0, "want", "late", 7.0),
        ("001", 1, 1, "want", "late", 3.0),
    )  # fmt: skip
    pair = Pair(("001", "002"), how, price, within)
    rules = one_rule(hours_week=Limit(max=18))
    off = leave(("002", 2, 2, 0.0))
    made = roster.assign(demand, SHIFTS, people(2), rules, requests=wants, timeoff=off, pairs=[pair], days=3)
    best = min(
        covered(hours, weeks, rules) + wishes(weeks, wants) + not_as_agreed(pair, weeks, {2})
        for weeks in two_weeks(3)
        if weeks[1][2] is None
    )
    assert made.cost == pytest.approx(best) and made.bound == pytest.approx(best)
    told = made.objective.set_index("part")
    assert told["cost"].sum() == pytest.approx(made.cost)
    weeks = tuple(tuple(days_of(made, agent).get(at) for at in range(3)) for agent in ("001", "002"))
    assert told.loc["pairs", "cost"] == pytest.approx(not_as_agreed(pair, weeks, {2}))
    given = {"shifts": SHIFTS, "requests": wants, "timeoff": off, "start": MONDAY, "days": 3}
    assert verify.roster(
        made.assignments, made.segments, demand, people(2), rules, pairs=[pair], **given
    ).empty


def heads(*days: tuple[float, float]) -> pd.DataFrame:
    """PLAN of early and late from Monday on."""
    rows = [
        ("shop", day(at), name, count)
        for at, both in enumerate(days)
        for name, count in zip(("early", "late"), both, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["team", "date", "shift", "agents"])
    return table.assign(price_short=10.0, price_over=3.0)


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("price", "within"), [(HARD, 0), (4.0, 1440)])
def test_days_with_a_pair_cost_what_enumeration_says(how: str, price: float, within: int) -> None:
    """The same by heads on shifts: two people, four days, every roster tried."""
    counts = [(1, 1), (2, 0), (0, 1), (1, 2)]
    pair = Pair(("001", "002"), how, price, within)
    rules = dataclasses.replace(one_rule(hours_week=Limit(max=18)), not_after={"late": ("early",)})
    off = leave(("001", 1, 1, 0.0))
    made = roster.assign(
        heads(*counts), SHIFTS, people(2), rules, timeoff=off, pairs=[pair], days=4, start=MONDAY
    )

    def lawful(week: tuple[str | None, ...]) -> bool:
        follows = any(pairs == ("late", "early") for pairs in itertools.pairwise(week))
        return sum(name is not None for name in week) <= 3 and not follows

    def cost(weeks: tuple[tuple[str | None, ...], ...]) -> float:
        total = not_as_agreed(pair, weeks, {1})
        for at, needed in enumerate(counts):
            for name, count in zip(("early", "late"), needed, strict=True):
                more = sum(week[at] == name for week in weeks) - count
                total += 10.0 * max(-more, 0) + 3.0 * max(more, 0)
        return total

    best = min(cost(weeks) for weeks in two_weeks(4) if weeks[0][1] is None and all(map(lawful, weeks)))
    assert made.cost == pytest.approx(best) and made.bound == pytest.approx(best)
    assert made.objective["cost"].sum() == pytest.approx(made.cost)
    found = verify.roster(
        made.assignments, made.segments, heads(*counts), people(2), rules,
        shifts=SHIFTS, timeoff=off, pairs=[pair], start=MONDAY, days=4,
    )  # fmt: skip
    assert found.empty, found.to_string()


def broken(week: dict[str, dict[int, str]], pair: Pair, **more: object) -> list[tuple[str, int, str]]:
    """What `verify` says of a pair in a roster made by hand: agent, day and words."""
    from roster_tables import worked

    shifts = {"early": EARLY, "late": LATE}
    rows = [worked(who, shifts[name], [at]) for who, days in week.items() for at, name in days.items()]
    table = pd.concat(rows, ignore_index=True)
    pieces = table[["agent", "start", "end"]].assign(activity="queue", queue="calls", paid=True)
    free = one_rule(hours_week=Limit())
    told = verify.roster(
        table, pieces, need(OPEN), people(3), free, shifts=SHIFTS, pairs=[pair], start=MONDAY, **more
    )
    assert set(told["rule"]) <= {"pairs"}
    days = [(date.date() - MONDAY).days for date in told["date"]]
    return list(zip(told["agent"], days, told["what"], strict=True))


def test_what_is_not_as_agreed_is_found() -> None:
    """Each way of breaking a pair, by day, with both people's days in the words."""
    week = {"001": {0: "early", 1: "early", 3: "late"}, "002": {0: "early", 1: "late", 2: "late"}}
    together = broken(week, Pair(("001", "002"), "together"))
    assert together == [
        ("001", 1, "001 works early from 08:00, 002 works late from 10:00 (together)"),
        ("001", 2, "001 is OFF, 002 works late from 10:00 (together)"),
        ("001", 3, "001 works late from 10:00, 002 is OFF (together)"),
    ]
    follows = broken(week, Pair(("002", "001"), "follows"))
    assert [(who, at) for who, at, _ in follows] == [("002", 1), ("002", 2)]
    apart = broken(week, Pair(("001", "002"), "apart"))
    assert [(who, at) for who, at, _ in apart] == [("001", 0)]
    wide = broken(week, Pair(("001", "002"), "apart", starts_within=120))
    assert [at for _, at, _ in wide] == [0, 1]
    assert broken(week, Pair(("001", "002"), "together", 5.0)) == []
    off = leave(("001", 2, 3, 0.0))
    week["001"].pop(3)
    assert [at for _, at, _ in broken(week, Pair(("001", "002"), "together"), timeoff=off)] == [1]


def test_a_clash_with_requests_is_told_in_words() -> None:
    """Each has a lawful week, both together have none: what to drop, for whom, or on which day to part."""
    locks = asked(("001", 1, 1, "lock", "early", 0.0), ("002", 1, 1, "lock", "late", 0.0))
    crew, rules = people(3, hours=30.0), Rules(same_shift_in_week=None)
    with pytest.raises(PlanError) as told:
        roster.assign(
            need(OPEN), SHIFTS, crew, rules, requests=locks, pairs=[Pair(("001", "002"), "together")]
        )
    (reason,) = told.value.reasons
    assert reason.startswith("no lawful weeks of '001' and '002' go together (pair, together). To relax")
    ways = reason.split("cheapest first: ")[1].split("; or ")
    assert "for '001' drop the lock (early) on Tue 2026-12-01 (requests)" in ways
    assert "for '002' drop the lock (late) on Tue 2026-12-01 (requests)" in ways
    assert "let them differ on Tue 2026-12-01 (pairs, together)" in ways
    apart = Pair(("001", "002"), "apart")
    made = roster.assign(need(OPEN), SHIFTS, crew, rules, requests=locks, pairs=[apart])
    assert days_of(made, "001")[1] != days_of(made, "002")[1]


def test_hours_that_differ_cannot_be_worked_together() -> None:
    """Thirty hours beside eighteen: other hours for one of them, or two days on which they differ."""
    crew = people(2, hours=30.0)
    crew.loc[1, "hours_week"] = 18.0
    pair = Pair(("001", "002"), "together")
    with pytest.raises(PlanError) as told:
        roster.assign(need(OPEN), SHIFTS, crew, pairs=[pair])
    (reason,) = told.value.reasons
    assert "for '001' let 18 h do (hours_week, 30 h owed)" in reason
    beside = roster.assign(need(OPEN), SHIFTS, crew, pairs=[Pair(("002", "001"), "follows")])
    assert days_of(beside, "002").items() <= days_of(beside, "001").items()
    assert len(days_of(beside, "002")) == 3


def test_closed_days_leave_no_clash_without_a_way_out() -> None:
    """Closed at the weekend, a week of fewer hours is no way out by itself; what is, is told and enough."""
    crew = people(2, hours=30.0)
    crew.loc[1, "hours_week"] = 18.0
    pair = Pair(("001", "002"), "together")
    shut = need([OPEN] * 5 + [{}] * 2)
    with pytest.raises(PlanError) as told:
        roster.assign(shut, SHIFTS, crew, pairs=[pair])
    (reason,) = told.value.reasons
    assert "for '001' let 18 h do (hours_week, 30 h owed)" in reason.split("cheapest first: ")[1]
    crew.loc[0, "hours_week"] = 18.0
    assert len(roster.assign(shut, SHIFTS, crew, pairs=[pair]).assignments) == 6


def test_training_that_keeps_two_apart_is_named() -> None:
    """One's talk is in the evening, the other's in the morning: a training falls out, or they part."""
    talks = [
        Training("up", 30, agents=("001",), days=("mon",), window=(dt.time(8), dt.time(8, 30))),
        Training("down", 30, agents=("002",), days=("mon",), window=(dt.time(15), dt.time(15, 30))),
    ]
    with pytest.raises(PlanError) as told:
        roster.assign(need(OPEN), SHIFTS, people(2, hours=30.0), trainings=talks,
                      pairs=[Pair(("001", "002"), "together")])  # fmt: skip
    ways = told.value.reasons[0].split("cheapest first: ")[1].split("; or ")
    assert all("(training)" in way or "(pairs, together)" in way for way in ways) and len(ways) == 3


def test_pairs_that_exclude_each_other_are_told() -> None:
    """Three people, each two of them apart, all to work on a day with two shifts: the pairs are named."""
    locks = asked(*((who, 0, 0, "lock", "", 0.0) for who in ("001", "002", "003")))
    three = [Pair(two, "apart") for two in itertools.combinations(("001", "002", "003"), 2)]
    with pytest.raises(PlanError) as told:
        rules = Rules(same_shift_in_week=None)
        roster.assign(need(OPEN), SHIFTS, people(3, hours=30.0), rules, requests=locks, pairs=three)
    (reason,) = told.value.reasons
    assert "no roster keeps the pair" in reason and "on Mon 2026-11-30; give the pair a price" in reason


def test_nobody_has_days_beside_another_over_weeks() -> None:
    """By heads on shifts: the two are named together, with the rules to relax; alone each could work."""
    locks = asked(("001", 1, 1, "lock", "early", 0.0), ("002", 1, 1, "lock", "late", 0.0))
    given = {"requests": locks, "start": MONDAY, "days": 7}
    rules = one_rule(hours_week=Limit())
    with pytest.raises(PlanError, match=r"no lawful days for '001' and '002' .*relax pairs"):
        roster.assign(
            heads(*[(1, 1)] * 7), SHIFTS, people(2), rules, pairs=[Pair(("001", "002"), "together")], **given
        )
    assert len(roster.assign(heads(*[(1, 1)] * 7), SHIFTS, people(2), rules, **given).assignments)


def test_many_people_over_weeks_keep_their_pairs() -> None:
    """Twelve people, four weeks, four pairs: the search moves pairs as one, and nothing is broken."""
    two = [
        Pair(("001", "002"), "together"), Pair(("003", "004"), "apart"), Pair(("005", "006"), "follows"),
        Pair(("006", "007"), "together", 8.0),
    ]  # fmt: skip
    rules = Rules(hours_week=Limit(min=24, max=36), rotate=None)
    demand, crew = heads(*[(4, 4)] * 28), people(12)
    made = roster.assign(demand, SHIFTS, crew, rules, pairs=two, start=MONDAY, days=28, time_limit=1.0)
    found = verify.roster(
        made.assignments, made.segments, demand, crew, rules, shifts=SHIFTS, pairs=two, start=MONDAY, days=28
    )
    assert found.empty, found.to_string()
    assert days_of(made, "001") == days_of(made, "002")
    assert 0 <= made.bound <= made.cost


def test_a_published_day_that_breaks_a_pair_stays() -> None:
    """What is frozen is frozen: a pair asks nothing of it, and holds on the days after."""
    made = roster.assign(need(OPEN), SHIFTS, people(3, hours=30.0))
    pair = Pair(("001", "002"), "together")
    own = (made.assignments["agent"] == "001") & (made.assignments["date"] == day(0))
    edited = made.assignments[~own]
    kept = dataclasses.replace(made, assignments=edited)
    monday = {who: days_of(kept, who).get(0) for who in ("001", "002")}
    free = Rules(hours_week=Limit(min=18, max=30))
    again = roster.assign(
        need(OPEN), SHIFTS, people(3, hours=30.0), free, keep=edited, frozen_until=day(1).date(), pairs=[pair]
    )
    one, other = (days_of(again, who) for who in ("001", "002"))
    assert (one.pop(0, None), other.pop(0, None)) == (monday["001"], monday["002"])
    assert one == other


def test_what_a_pair_costs_and_swaps_beside_it() -> None:
    """Left out in turn with the other rules; and nobody is offered a swap that parts a hard pair."""
    hours = dict.fromkeys(range(8, 16), 1.0)
    demand, crew = need([hours] * 5 + [{}, {}]), people(3, hours=30.0)
    pair = Pair(("001", "002"), "together")
    given = {"demand": demand, "shifts": SHIFTS, "agents": crew, "pairs": [pair], "rules": Rules(rotate=None)}
    table = whatif.rule_prices(given | {"agents": people(2, hours=30.0)}).set_index("rule")
    assert table.loc["pairs", "saved"] > 0
    made = roster.assign(**given)
    first = days_of(made, "001")
    some = next(at for at in first)
    offers = roster.swaps(
        made.assignments, "001", day(some).date(), SHIFTS, crew, given["rules"], demand=demand, pairs=[pair]
    )
    free = roster.swaps(
        made.assignments, "001", day(some).date(), SHIFTS, crew, given["rules"], demand=demand
    )
    assert len(offers) < len(free) or free.empty


def test_wrong_pairs_are_refused() -> None:
    """One person twice, a stranger, the same pair twice."""
    with pytest.raises(ValueError, match="names one person twice"):
        Pair(("001", "001"), "apart")
    two = [Pair(("001", "009"), "apart"), Pair(("001", "002"), "apart"), Pair(("002", "001"), "apart")]
    with pytest.raises(DataError) as told:
        roster.assign(need(OPEN), SHIFTS, people(2), pairs=two)
    assert [problem.problem for problem in told.value.found] == [
        "a pair names '009', who is not among the agents",
        "'001' and '002' stand twice as a pair (apart)",
    ]
    with pytest.raises(DataError, match="a pair names '009'"):
        broken({"001": {0: "early"}}, two[0])


def test_pairs_come_from_the_plan_and_stay_in_the_folder(tmp_path: Path) -> None:
    """Each table is a pair; what is wrong is told with its line; the folder gives them back."""
    two = '[[pairs]]\nagents = ["007", "08"]\nhow = "together"\n\n[[pairs]]\nagents = ["08", "1E3"]\n'
    plan = f'{PLAN}\n{two}how = "apart"\nprice = 8\nstarts_within = 30\n'
    read = site.load(lay(tmp_path, plan)).pairs
    assert read == (Pair(("007", "08"), "together"), Pair(("08", "1E3"), "apart", 8.0, 30))
    lines = plan.splitlines()
    wrong = plan.replace('"1E3"]', '"1E4"]').replace('how = "apart"', 'how = "alone"')
    (problem,) = site.check(lay(tmp_path, wrong))
    assert (problem.line, problem.column) == (lines.index('how = "apart"') + 1, "pairs.2.how")
    (problem,) = site.check(lay(tmp_path, plan.replace('"1E3"]', '"08"]')))
    assert str(problem).split("[pairs.2]: ")[1].startswith("agents names one person twice")
    wrong = plan.replace('"1E3"]', '"1E4"]').replace(
        "together", "alone"
    )  # the first is none, the second is told
    assert [problem.column for problem in site.check(lay(tmp_path, wrong))] == [
        "pairs.1.how",
        "pairs.2.agents",
    ]
    wrong = plan.replace('"1E3"]', '"1E4"]')
    (problem,) = site.check(lay(tmp_path, wrong))
    assert problem.problem == "the agent '1E4' is not in the agents' list"
    assert problem.line == lines.index('agents = ["08", "1E3"]') + 1
    for text, said in (
        ('agents = "007"', "agents is '007'; it must be two ids in quotes"),
        ('agents = ["007", "007"]', "names one person twice"),
        ("agents = [7, 8]", "two ids in quotes"),
    ):
        (problem,) = site.check(lay(tmp_path, plan.replace('agents = ["007", "08"]', text)))
        assert said in problem.problem
    assert "write [[pairs]]" in site.check(lay(tmp_path, f"{PLAN}\n[pairs]\nhow = 1\n"))[0].remedy
