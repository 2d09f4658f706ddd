"""Heads by shift at the edges: shifts that nobody works, days without need, nobody at all, the last days."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from test_roster_horizon import FREE, MONDAY, SHIFTS, day, people, plan

from staffing import lp, roster, verify
from staffing.errors import DataError
from staffing.model import Limit
from staffing.roster.horizon import search

LONG = 70  # days, beyond which prices are found by walks


@pytest.mark.parametrize("rows", ["early", "none"])
def test_shifts_that_nobody_is_asked_for(rows: str) -> None:
    """A limit on a shift without a row of the PLAN, and a PLAN without rows, stop no long roster."""
    demand = plan(np.ones((LONG, 2)))
    demand = demand[demand["shift"] == rows]
    rules = dataclasses.replace(FREE, shifts_total={"late": Limit(max=10)}, days_in_row=Limit(max=5))
    made = roster.assign(demand, SHIFTS, people("a", "a"), rules, start=MONDAY, days=LONG, time_limit=10.0)
    assert len(made.shortages) == 0
    assert len(made.assignments) == (LONG if rows == "early" else 0)


def test_nobody_at_all() -> None:
    """A PLAN without agents is wrong input, and says so."""
    with pytest.raises(DataError, match="nobody to roster"):
        roster.assign(plan(np.ones((7, 2))), SHIFTS, people(), FREE, start=MONDAY, days=7)


def test_a_short_run_before_the_last_day_misses_all_of_its_days() -> None:
    """One day of work that should be three misses two, though the last day is one of them."""
    heads = np.zeros((3, 2))
    heads[1, 0] = 1.0
    demand = plan(heads, price_short=1000.0, price_over=1000.0)
    rules = dataclasses.replace(FREE, days_in_row=Limit(min=3, price=10.0))
    made = roster.assign(demand, SHIFTS, people("a"), rules, start=MONDAY, days=3)
    assert made.assignments["date"].tolist() == [day(1)]
    assert made.cost == pytest.approx(20.0)
    told = verify.priced(made.assignments, demand, people("a"), rules, shifts=SHIFTS, start=MONDAY, days=3)
    assert told["cost"].sum() == pytest.approx(20.0)


@pytest.mark.parametrize(("most", "step"), [(2.5, 0.0), (3.0, 2.0)])
def test_costs_are_in_steps_only_where_all_bounds_are_whole(most: float, step: float) -> None:
    """Up to two and a half dear hours, the best cost may lie between two steps."""
    program = lp.Program(
        cost=np.array([2.0]),
        matrix=scipy.sparse.csr_array(np.array([[1.0]])),
        row_lower=np.array([0.0]),
        row_upper=np.array([4.0]),
        lower=np.array([0.0]),
        upper=np.array([most]),
        integer=np.array([False]),
    )
    assert search.grain(program) == step


def test_a_lock_on_a_frozen_day_is_not_broken() -> None:
    """What was published before the frozen days end stays, whatever was asked; later it counts."""
    demand = plan(np.zeros((7, 2)))
    asked = pd.DataFrame(
        {
            "agent": ["A", "A"],
            "start": [day(0), day(5)],
            "end": [day(0), day(5)],
            "kind": "lock",
            "price": 9.0,
        }
    ).assign(shift="early")
    none = roster.assign(demand, SHIFTS, people("a"), FREE, start=MONDAY, days=7)
    found = verify.roster(
        none.assignments, none.segments, demand, people("a"), FREE, shifts=SHIFTS, requests=asked,
        start=MONDAY, days=7, frozen_until=MONDAY + dt.timedelta(days=2),
    )  # fmt: skip
    assert found[["date", "rule"]].to_numpy().tolist() == [[day(5), "lock"]]
