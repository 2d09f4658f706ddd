"""Shifts that nobody likes are shared across weeks: in both engines, over several weeks, in verify."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from roster_tables import MONDAY, asked, day, need, one_rule, people, worked

from staffing import roster, verify
from staffing.errors import DataError
from staffing.model import Limit, Shift
from staffing.roster import shares

SHIFTS = tuple(Shift(name, "shop", dt.time(hour), 6) for name, hour in (("early", 5), ("late", 16)))
RULES = one_rule(hours_week=Limit(), fair_shifts={"early": 3.0})


def mornings(wanted: list[int], days: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One person is wanted at five in the morning on some days: by half hours, and by heads."""
    hours = [dict.fromkeys(range(5, 11), 1.0) if at in wanted else {} for at in range(days)]
    rows = [("shop", day(at), "early", 1.0) for at in wanted]
    table = pd.DataFrame(rows, columns=["team", "date", "shift", "agents"])
    return need(hours, days=days), table.assign(price_short=1000.0, price_over=30.0)


def test_early_shifts_go_to_whoever_had_fewer() -> None:
    """Four early days in the past against one: the next go to the other, and cost where they cannot."""
    past = pd.concat([worked("001", SHIFTS[0], [-9, -8, -2, -1]), worked("002", SHIFTS[0], [-4])])
    for demand in mornings([1, 3]):
        given = {"start": MONDAY, "days": 7, "previous": past}
        made = roster.assign(demand, SHIFTS, people(2), RULES, **given)
        assert set(made.assignments["agent"]) == {"002"} and made.cost == 0.0
        assert made.assignments["early_so_far"].tolist() == [3, 3]
        other = asked(("002", 0, 6, "forbid", "", 0.0))
        alone = roster.assign(demand, SHIFTS, people(2), RULES, requests=other, **given)
        # One and a half days more than the mean of two, three for each of them on each of two days.
        row = alone.objective.set_index("part").loc["fair_shifts", ["cost", "amount"]].tolist()
        assert row == [pytest.approx(9.0), pytest.approx(2.0)]
        assert alone.cost == pytest.approx(9.0) and alone.bound == pytest.approx(9.0)
        assert alone.assignments["early_so_far"].tolist() == [6, 6]
        told = verify.priced(alone.assignments, demand, people(2), RULES, shifts=SHIFTS, **given)
        assert told[["agent", "rule", "amount", "cost"]].to_numpy().tolist() == [
            ["001", "fair_shifts", 2.0, pytest.approx(9.0)]
        ]
        # What the roster says itself comes before what its days say.
        again = roster.assign(demand, SHIFTS, people(2), RULES, start=MONDAY, days=7, previous=pd.concat(
            [alone.assignments, worked("002", SHIFTS[0], [-1]).assign(early_so_far=9)]
        ).assign(date=lambda some: some["date"] - pd.Timedelta("7D"),
                 start=lambda some: some["start"] - pd.Timedelta("7D"),
                 end=lambda some: some["end"] - pd.Timedelta("7D")))  # fmt: skip
        assert set(again.assignments["agent"]) == {"001"}


def test_the_count_goes_on_from_week_to_week() -> None:
    """Of three people one is wanted each Tuesday at five, four weeks long; the first has had two: each
    of the others takes as many as is fair."""
    demand, _ = mornings([1, 8, 15, 22], days=28)
    before = worked("001", SHIFTS[0], [-8, -1])
    made = roster.assign(demand, SHIFTS, people(3), RULES, days=28, previous=before)
    assert made.assignments.groupby("agent").size().to_dict() == {"002": 2, "003": 2}
    assert made.assignments.groupby("agent")["early_so_far"].max().to_dict() == {"002": 2, "003": 2}


def test_what_was_had_beyond_the_mean() -> None:
    """Counted by name, teams apart, nothing for who had fewer; a strange name is refused."""
    agents = pd.DataFrame({"agent": ["a", "b", "c"], "team": ["x", "x", "y"]})
    had = {"a": shares.Had(shifts=(("night", 4),)), "c": shares.Had(shifts=(("night", 2),))}
    more = shares.beyond_mean(agents, had)
    nothing = (("night", 0.0),)
    assert [more[agent].shifts for agent in "abc"] == [(("night", 2.0),), nothing, nothing]
    assert more["a"].priced({"night": 0.5, "early": 9.0}) == (("night", 1.0),)
    odd = one_rule(fair_shifts={"night": 1.0})
    with pytest.raises(DataError, match="fair_shifts names the shift 'night', which nobody works"):
        roster.assign(need([{9: 1.0}]), SHIFTS, people(1), odd)
