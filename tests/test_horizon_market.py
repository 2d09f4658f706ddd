"""Prices and first rosters by walks: bounds below, rules kept, and another way where a walk fails."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from staffing import roster, verify
from staffing.model import Limit, Roster, Rules, Shift
from staffing.roster.horizon import market, search, start, walking
from staffing.roster.horizon.guide import Guide

MONDAY = dt.date(2026, 11, 30)
SHIFTS = (Shift("early", "shop", dt.time(8), 8), Shift("late", "shop", dt.time(14), 6))
RULES = Rules(
    hours_week=Limit(),
    days_week=Limit(),
    days_in_row=Limit(min=2, max=4),
    days_off_in_row=Limit(min=2),
    days_off_together=Limit(),
    weekends=Limit(max=1),
    hours_total=Limit(min=40, max=64),
    shifts_total={"late": Limit(max=4)},
    not_after={"late": ("early",)},
    rest_hours=0.0,
    same_shift_in_week=None,
    rotate=None,
    fair_lates=0.0,
)


def tables(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Demand of a fortnight in a shop that needs one early and one late, and its three people."""
    days = pd.to_datetime([MONDAY + dt.timedelta(days=number) for number in range(14)])
    rows = [("shop", day, name, heads) for day in days for name, heads in (("early", 1.0), ("late", 1.0))]
    demand = pd.DataFrame(rows, columns=["team", "date", "shift", "agents"])
    demand = demand.astype({"date": "datetime64[us]", "team": "str", "shift": "str"})
    demand["price_short"] = np.random.default_rng(seed).integers(5, 60, len(demand)).astype(float)
    demand["price_over"] = 3.0
    names = ["Alice", "Bola", "Chen"]
    agents = pd.DataFrame({"agent": names, "name": names, "team": "shop", "contract": "full"})
    return demand, agents.assign(hours_week=28.0)


def made(seed: int) -> Roster:
    """The fortnight's roster."""
    demand, agents = tables(seed)
    return roster.assign(demand, SHIFTS, agents, RULES, start=MONDAY, days=14, seed=seed)


@pytest.mark.parametrize("seed", [0, 1])
def test_prices_by_walks_bound_the_best_roster(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound of the market is below the proven cost, not far, and the roster is as good as without."""
    monkeypatch.setattr(search, "STALE", 0)
    plain, guides = made(seed), []
    find = market.guide

    def noted(*args: Any, **asked: Any) -> Guide | None:
        guides.append(find(*args, **asked))
        return guides[-1]

    monkeypatch.setattr(market, "LARGE", 0)
    monkeypatch.setattr(market, "guide", noted)
    found = made(seed)
    assert plain.status == found.status == "optimal"
    assert found.cost == pytest.approx(plain.cost)
    bound = guides[0].bound
    assert math.isfinite(bound) and 0.6 * plain.cost <= bound <= plain.cost + 1e-6
    assert guides[0].values.min() >= 0.0 and guides[0].values.max() <= 1.0


def test_a_walk_that_breaks_a_rule_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose walk works every day is given lawful days by the solver instead."""
    walk = walking.lawful

    def wrong(case: Any, model: Any, rules: Any, number: int, cost: np.ndarray, tries: int) -> Any:
        return np.ones(case.days, dtype=int) if number == 2 else walk(case, model, rules, number, cost, tries)

    broken = []
    completed = start.completed

    def noted(*args: Any) -> Any:
        broken.append(completed(*args))
        return broken[-1]

    monkeypatch.setattr(search, "STALE", 0)
    monkeypatch.setattr(walking, "lawful", wrong)
    monkeypatch.setattr(start, "completed", noted)
    found = made(0)
    assert broken[0][1] == [2]  # of the first roster; dives complete theirs later
    demand, agents = tables(0)
    assert verify.roster(
        found.assignments, found.segments, demand, agents, RULES, shifts=SHIFTS, start=MONDAY, days=14
    ).empty
    assert found.status == "optimal"
