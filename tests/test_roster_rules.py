"""Rules of a week beyond the first ones: each against brute force on a tiny case, and broken on purpose."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd
import pytest
from roster_tables import (
    BOTH,
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

from staffing import lp, roster, verify
from staffing.errors import DataError, PlanError
from staffing.model import Limit, Overtime, Roster, Rules, Team
from staffing.roster import conflicts, generating, master, reading

SHIFTS = {shift.name: shift for shift in BOTH}
Week = Mapping[int, str]


def found(
    made: Roster, demand: pd.DataFrame, agents: pd.DataFrame, rules: Rules, **more: object
) -> list[str]:
    """Rules that `verify.roster` finds broken."""
    told = verify.roster(
        made.assignments, made.segments, demand, agents, rules, shifts=BOTH, start=MONDAY, **more
    )
    return told["rule"].tolist()


def part(made: Roster, name: str) -> tuple[float, float, str]:
    """Cost, amount and unit of one part of the objective."""
    row = made.objective.set_index("part").loc[name]
    return row["cost"], row["amount"], row["unit"]


def all_weeks(days: int) -> Iterable[Week]:
    """Every week of one person that uses the first days only."""
    for choice in itertools.product((None, "early", "late"), repeat=days):
        yield {number: name for number, name in enumerate(choice) if name}


def cheapest_week(lawful: Callable[[Week], float], worth: Callable[[Week], float], days: int) -> float:
    """Least cost of one person's week: what it costs by itself, and what it leaves uncovered."""
    return min(lawful(week) + worth(week) for week in all_weeks(days) if math.isfinite(lawful(week)))


# Shifts of a name in a week.


def uncovered(demand: pd.DataFrame, week: Week, rules: Rules) -> float:
    """Cost of cover for one person on the only queue, lunch at its cheapest; demand by the hour, 0 or 1."""
    wanted = np.zeros(24 * 7)
    hours = ((demand["interval"] - day(0).tz_localize("Asia/Seoul")) / pd.Timedelta(hours=1)).astype(int)
    wanted[hours] = demand["scheduled"]
    total = 0.0
    heads = np.zeros(24 * 7)
    choices = []
    for number, name in week.items():
        begin = 24 * number + SHIFTS[name].start.hour
        heads[begin : begin + 9] += 1
        choices.append([(begin + lunch, begin + lunch + 1.0) for lunch in (2.0, 2.5, 3.0)])
    best = math.inf
    for lunches in itertools.product(*choices):
        there = heads.copy()
        for start, end in lunches:
            for half in np.arange(start, end, 0.5):
                there[int(half)] -= 0.5
        short, over = np.maximum(wanted - there, 0), np.maximum(there - wanted, 0)
        deep = sum(
            rate * np.maximum(short - share * wanted, 0)
            for share, rate in ((0.1, 0.05), (0.25, 0.05), (0.5, 0.1), (0.75, 0.2))
        )
        wide = sum(
            rate * np.maximum(over - share * wanted, 0)
            for share, rate in ((0.1, 0.25), (0.25, 0.25), (0.5, 0.5), (1.0, 1.0))
        )
        best = min(best, float((rules.price_short * (short + deep) + rules.price_over * (over + wide)).sum()))
    total += 2.0 * best
    return total


@pytest.mark.parametrize(
    "limit", [Limit(max=1), Limit(min=2), Limit(max=0, price=30.0), Limit(min=3, price=2e3)]
)
def test_shifts_week_costs_what_enumeration_says(limit: Limit) -> None:
    """One person, three days, evenings needed: hard or priced, the week found is the cheapest lawful one."""
    demand = need([EVENINGS, OPEN, MORNINGS | {22: 0.0}])
    rules = one_rule(hours_week=Limit(max=24), rest_hours=0.0, shifts_week={"late": limit})
    made = roster.assign(demand, BOTH, people(1), rules, days=3)

    def lawful(week: Week) -> float:
        lates = list(week.values()).count("late")
        beyond = max((limit.min or 0) - lates, lates - (math.inf if limit.max is None else limit.max), 0)
        return (limit.price if beyond else 0.0) if math.isinf(limit.price) else limit.price * beyond

    assert made.cost == pytest.approx(cheapest_week(lawful, lambda week: uncovered(demand, week, rules), 3))
    assert made.bound == pytest.approx(made.cost)
    assert "shifts_week" not in found(made, demand, people(1), rules, days=3)


def test_at_most_so_many_lates_in_a_week() -> None:
    """Five evenings are needed: three are worked late, under a price two more at that price."""
    demand = need([EVENINGS] * 5 + [{}, {}])
    hours = Limit(max=40)
    rules = one_rule(hours_week=hours, shifts_week={"late": Limit(max=3)})
    made = roster.assign(demand, BOTH, people(1), rules)
    assert list(days_of(made).values()).count("late") == 3
    priced = one_rule(hours_week=hours, shifts_week={"late": Limit(max=3, price=7.0)})
    made = roster.assign(demand, BOTH, people(1), priced)
    assert list(days_of(made).values()).count("late") == 5
    assert part(made, "shifts_week") == (14.0, 2.0, "shifts")
    assert found(made, demand, people(1), priced) == []
    assert found(made, demand, people(1), rules) == ["shifts_week"]


def test_too_few_of_a_shift_is_found() -> None:
    """Two early shifts are asked for and none is worked; a day of leave counts towards them."""
    demand = need([EVENINGS] * 5 + [{}, {}])
    made = roster.assign(demand, BOTH, people(1), one_rule(hours_week=Limit(max=40)))
    asks = one_rule(hours_week=Limit(max=40), shifts_week={"early": Limit(min=2)})
    assert found(made, demand, people(1), asks) == ["shifts_week"]
    off = leave(("001", 5, 6, 0.0))
    assert found(made, demand, people(1), asks, timeoff=off) == []


def test_shifts_week_is_named_where_nobody_can_keep_it() -> None:
    """Five early days and at most one early: the reason names the rule; an unknown shift is told."""
    rules = Rules(shifts_week={"early": Limit(max=1), "late": Limit(max=1)})
    with pytest.raises(PlanError, match=r"\(shifts_week\.early, at most 1\)"):
        roster.assign(need(), BOTH, people(1), rules)
    with pytest.raises(DataError, match="shifts_week names the shift 'night', which nobody works"):
        roster.assign(need(), BOTH, people(1), Rules(shifts_week={"night": Limit(max=1)}))


# A senior in every open interval, and seats.


def marked(count: int, seniors: Iterable[str], **more: object) -> pd.DataFrame:
    """People of whom some are seniors."""
    agents = people(count, **more)
    return agents.assign(senior=agents["agent"].isin(list(seniors)))


def at_work(made: Roster, moment: pd.Timestamp, agents: Iterable[str] | None = None) -> int:
    """People in a shift at a moment."""
    on = (made.assignments["start"] <= moment) & (made.assignments["end"] > moment)
    return int((on & (True if agents is None else made.assignments["agent"].isin(list(agents)))).sum())


def without(made: Roster, demand: pd.DataFrame, seniors: Iterable[str]) -> float:
    """Open half hours without a senior in a shift."""
    halves = [moment + pd.Timedelta(minutes=more) for moment in demand["interval"] for more in (0, 30)]
    return sum(at_work(made, moment, seniors) == 0 for moment in halves)


def test_a_senior_is_there_in_every_open_half_hour() -> None:
    """All are needed in the morning, and yet a senior comes late each day; broken, it is found."""
    demand = need([dict.fromkeys(range(8, 14), 4.0) | dict.fromkeys(range(14, 23), 1.0)] * 5 + [{}, {}])
    agents, plain = marked(6, ["002", "005"]), Team("shop")
    team = Team("shop", senior_per_interval=Limit(min=1))
    free = roster.assign(demand, BOTH, agents.assign(senior=agents["agent"] == "002"), Rules(), teams=[plain])
    assert free.cost > 0
    made = roster.assign(demand, BOTH, agents, Rules(rotate=None), teams=[team])
    assert without(made, demand, ["002", "005"]) == 0
    assert found(made, demand, agents, Rules(rotate=None), teams=[team]) == []
    assert part(made, "senior_per_interval") == (0.0, 0.0, "half hours")
    late = made.assignments.query("agent in ['002', '005'] and shift == 'late'")
    less = dataclasses.replace(made, assignments=made.assignments.drop(index=late.index[:1]))
    assert "senior_per_interval" in found(less, demand, agents, Rules(rotate=None), teams=[team])


@pytest.mark.parametrize("price", [0.5, 60.0, math.inf])
def test_seniors_cost_what_enumeration_says(price: float) -> None:
    """Two people, one a senior: the cheapest of all rosters, by its cover and its half hours without."""
    demand = need([dict.fromkeys(range(8, 14), 2.0) | dict.fromkeys(range(14, 17), 1.0), EVENINGS])
    agents, rules = marked(2, ["002"]), one_rule(hours_week=Limit(min=8, max=8))
    team = Team("shop", senior_per_interval=Limit(min=1, price=price))
    if math.isinf(price):
        with pytest.raises(
            PlanError, match="no roster keeps 1 senior of 'shop' at work in every open half hour"
        ):
            roster.assign(demand, BOTH, agents, rules, days=2, teams=[team])
        return
    made = roster.assign(demand, BOTH, agents, rules, days=2, teams=[team])
    best = math.inf
    for one, other in itertools.product(all_weeks(2), repeat=2):
        if len(one) != 1 or len(other) != 1 or "early" in (one.get(1), other.get(1)):
            continue  # the second day opens when the early shift has gone
        fixed = asked(*(
            (agent, number, number, "lock" if number in week else "forbid", week.get(number, ""), 0.0)
            for agent, week in (("001", one), ("002", other)) for number in (0, 1)
        ))  # fmt: skip
        this = roster.assign(demand, BOTH, agents, rules, days=2, requests=fixed)
        best = min(best, this.cost + price * without(this, demand, ["002"]))
    assert made.cost == pytest.approx(best)
    assert part(made, "senior_per_interval")[0] == pytest.approx(price * without(made, demand, ["002"]))
    assert found(made, demand, agents, rules, days=2, teams=[team]) == []


def test_nobody_marked_as_senior_is_told() -> None:
    """A rule about seniors without any is a mistake in the list of agents."""
    team = Team("shop", senior_per_interval=Limit(min=1))
    with pytest.raises(DataError, match="none of its agents is one"):
        roster.assign(need(), BOTH, people(2), teams=[team])


def test_nobody_works_beyond_the_seats_and_the_reasons_say_so() -> None:
    """Six are needed at noon, four seats: never five in a shift; the short hours name the seats."""
    hours = dict.fromkeys(range(8, 23), 2.0) | dict.fromkeys(range(14, 17), 6.0)
    demand, agents = need([hours] * 5 + [{}, {}]), people(7)
    rules = Rules(hours_week=Limit(min=16, max=40), rotate=None)
    free = roster.assign(demand, BOTH, agents, rules)
    made = roster.assign(demand, BOTH, agents, rules, seats=4)
    noon = [day(number).tz_localize("Asia/Seoul") + pd.Timedelta(hours=14.5) for number in range(5)]
    assert max(at_work(free, moment) for moment in noon) > 4
    assert max(at_work(made, moment) for moment in made.assignments["start"]) == 4
    assert made.shortages["why"].str.contains("; all 4 seats taken").any()
    assert not free.shortages["why"].str.contains("seats").any()
    assert found(made, demand, agents, rules, seats=4) == []
    assert set(found(free, demand, agents, rules, seats=4)) == {"seats"}


@pytest.mark.parametrize("seats", [1, 2])
def test_seats_cost_what_enumeration_says(seats: int) -> None:
    """Three people, two days: no roster within the seats is cheaper than the one found."""
    demand = need([dict.fromkeys(range(8, 23), 2.0), dict.fromkeys(range(10, 18), 3.0)])
    rules = one_rule(hours_week=Limit(min=8, max=16))
    best = math.inf
    for weeks in itertools.combinations_with_replacement([week for week in all_weeks(2) if week], 3):
        if any(  # both shifts are there from 14 to 17
            sum(number in week for week in weeks) > seats for number in range(2)
        ):
            continue
        fixed = asked(*(
            (f"00{who}", number, number, "lock" if number in week else "forbid", week.get(number, ""), 0.0)
            for who, week in enumerate(weeks, 1) for number in (0, 1)
        ))  # fmt: skip
        best = min(best, roster.assign(demand, BOTH, people(3), rules, days=2, requests=fixed).cost)
    if math.isinf(best):
        with pytest.raises(PlanError, match="no roster keeps within 1 seat"):
            roster.assign(demand, BOTH, people(3), rules, days=2, seats=seats)
        return
    made = roster.assign(demand, BOTH, people(3), rules, days=2, seats=seats)
    assert made.cost == pytest.approx(best)
    assert found(made, demand, people(3), rules, days=2, seats=seats) == []


def test_too_few_seats_for_the_hours_owed_are_told() -> None:
    """Five people owe 40 h each on five open days: four seats are one too few."""
    demand = need([OPEN] * 5 + [{}, {}])
    with pytest.raises(PlanError, match=r"no roster keeps within 4 seats.*put 5 people at work.*give 1 more"):
        roster.assign(demand, [BOTH[0]], people(5), seats=4)
    assert roster.assign(demand, [BOTH[0]], people(5), seats=5).status == "optimal"


# Overtime.


@pytest.mark.parametrize("price", [3.0, 150.0, 400.0])
@pytest.mark.parametrize("most", [0.0, 8.0, 16.0])
def test_overtime_costs_what_enumeration_says(price: float, most: float) -> None:
    """One person who owes a day and may work one or two more at a price: the cheapest of all weeks."""
    demand = need([MORNINGS, EVENINGS, OPEN])
    rules = one_rule(hours_week=Limit(max=8), overtime_week=Overtime(most, price))
    made = roster.assign(demand, BOTH, people(1), rules, days=3)

    def lawful(week: Week) -> float:
        beyond = max(8.0 * len(week) - 8.0, 0.0)
        return price * beyond if beyond <= most else math.inf

    open_on = {(0, "early"), (1, "late"), (2, "early"), (2, "late")}
    best = cheapest_week(
        lambda week: lawful(week) if set(week.items()) <= open_on else math.inf,
        lambda week: uncovered(demand, week, rules),
        3,
    )
    assert made.cost == pytest.approx(best)
    hours = max(8.0 * len(days_of(made)) - 8.0, 0.0)
    assert part(made, "overtime_week") == (price * hours, hours, "h")
    assert found(made, demand, people(1), rules, days=3) == []


def test_overtime_is_not_forced_by_a_credit_that_whole_shifts_cannot_give() -> None:
    """With 7 h credit 33 h are owed: 32 h, or 40 h where the overtime is worth it; never more."""
    off = leave(("001", 0, 0, 7.0))
    owed, quiet = Rules(overtime_week=Overtime(8, 500.0)), Rules(overtime_week=Overtime(8, 1.0))
    for rules, hours in ((owed, 32.0), (quiet, 40.0)):
        made = roster.assign(need(), BOTH, people(1), rules, timeoff=off)
        assert made.assignments["paid_hours"].sum() == hours
        assert found(made, need(), people(1), rules, timeoff=off) == []


# Many weeks.


def test_column_generation_ends_at_the_whole_linear_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """One week of each group to begin with, one more a round: its bound is the whole program's, or below."""
    agents = people(7).assign(contract=["full", "part"] * 3 + ["full"])
    rules = {
        "full": Rules(same_shift_in_week=2.0, rotate=None),
        "part": Rules(same_shift_in_week=None, hours_week=Limit(min=16, max=24), rotate=None),
    }
    wishes = asked(("001", 0, 6, "avoid", "late", 3.0), ("004", 1, 2, "forbid", "early", 0.0))
    demand = need({hour: 2.0 + (hour in (11, 12, 17)) for hour in range(8, 23)})
    given = {"demand": demand, "agents": agents, "requests": wishes, "skills": None, "timeoff": None}
    given |= dict.fromkeys(("previous", "keep", "kept"))
    checked = reading.checked(given, BOTH, rules, days=7)
    case = reading.read(checked, BOTH, rules, start=None, days=7)
    weeks = conflicts.lawful_of_all(case)
    layout = master.layout(case, weeks)
    program = master.program(case, weeks, layout)
    whole = lp.solve(lp.relaxed(program))
    for name, value in {"MANY": 0, "FEW": 1, "MORE": 1, "NEARLY": 1e-6}.items():
        monkeypatch.setattr(generating, name, value)
    by_columns = generating.solved(case, layout, program, lp.Budget())
    assert by_columns.cost == pytest.approx(whole.cost) and by_columns.bound == pytest.approx(whole.cost)
    assert by_columns.values is not None and program.cost @ by_columns.values == pytest.approx(whole.cost)
    monkeypatch.setattr(generating, "NEARLY", 2.0)
    early = generating.solved(case, layout, program, lp.Budget())
    assert early.bound <= whole.cost + 1e-6 and early.cost - early.bound <= 2.0 * case.price_short
