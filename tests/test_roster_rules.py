"""Rules of a week beyond the first ones: each against brute force on a tiny case, and broken on purpose."""

from __future__ import annotations

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
    day,
    days_of,
    leave,
    need,
    one_rule,
    people,
)  # fmt: skip

from staffing import roster, verify
from staffing.errors import DataError, PlanError
from staffing.model import Limit, Roster, Rules

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
    with pytest.raises(PlanError, match=r"shifts_week\.early \(at most 1\)"):
        roster.assign(need(), BOTH, people(1), rules)
    with pytest.raises(DataError, match="shifts_week names the shift 'night', which nobody works"):
        roster.assign(need(), BOTH, people(1), Rules(shifts_week={"night": Limit(max=1)}))
