"""Whole days of people as columns: bound and roster against the whole program solved to the end."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from staffing import lp, roster
from staffing.model import Limit, Rules, Shift
from staffing.roster.horizon import dive, guide, master, search, start, walking, walks
from staffing.roster.horizon.case import Horizon
from staffing.roster.horizon.cut import Arrays
from staffing.roster.horizon.model import Model

MONDAY = pd.Timestamp("2026-11-30")
SHIFTS = [Shift(name, "shop", dt.time(hour), 8) for name, hour in (("early", 6), ("day", 9), ("late", 14))]
RULES = Rules(
    hours_week=Limit(),
    days_week=Limit(),
    days_off_together=Limit(),
    rest_hours=0.0,
    same_shift_in_week=None,
    rotate=None,
    fair_lates=0.0,
    days_in_row=Limit(min=2, max=4),
    days_off_in_row=Limit(min=2),
    weekends=Limit(max=1),
    hours_total=Limit(min=48, max=64),
    not_after={"late": ("early", "day")},
)


def small(seed: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Horizon, Model]:
    """Four people over two weeks, heads and limits on late shifts drawn."""
    rng, days = np.random.default_rng(seed), 14
    rows = [("shop", MONDAY + pd.Timedelta(days=day), one.name, 1.0) for day in range(days) for one in SHIFTS]
    demand = pd.DataFrame(rows, columns=["team", "date", "shift", "agents"])
    demand = demand.astype({"team": "str", "date": "datetime64[us]", "shift": "str"})
    demand["agents"] = rng.integers(0, 3, len(demand)).astype(float)
    demand = demand.assign(price_short=100.0, price_over=1.0)
    names = ["Ana", "Bola", "Chen", "Divya"]
    agents = pd.DataFrame({"agent": names, "name": names}).astype("str")
    agents = agents.assign(team="shop", contract=agents["agent"], hours_week=40.0)
    most = dict(zip(names, ({}, {"late": 2}, {"late": 3, "early": 4}, {"late": 0}), strict=True))
    rules = {
        name: dataclasses.replace(RULES, shifts_total={one: Limit(max=n) for one, n in most[name].items()})
        for name in names
    }
    held: list[tuple[Horizon, Model]] = []
    whole = search.best

    def best(case: Horizon, model: Model, **given: Any) -> search.Found:
        held.append((case, model))
        return whole(case, model, **given)

    monkeypatch.setattr(search, "best", best)
    roster.assign(demand, SHIFTS, agents, rules, start=MONDAY.date(), days=days, seed=seed)
    return held[0]


def pool_of(case: Horizon, model: Model) -> tuple[master.Pool, guide.Guide]:
    """With everybody's first days, and the linear program."""
    arrays, rng = Arrays.of(model.program), np.random.default_rng(0)
    linear = guide.solve(model, arrays, lambda: math.inf)
    first = start.first(case, model, arrays, linear, lambda: math.inf, rng)
    pool = master.Pool(case, model, [one for one in walking.frames(case) if one is not None])
    for number, plan in enumerate(walking.plans(model, first)):
        pool.add(number, plan)
    return pool, linear


@pytest.mark.parametrize(("seed", "counting"), [(0, 50_000), (1, 50_000), (2, 0), (3, 0)])
def test_bound_and_roster_enclose_the_best(seed: int, counting: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether walks count the limits on shifts or the master does: no better bound, no cheaper roster."""
    monkeypatch.setattr(walks, "COUNTING", counting)
    case, model = small(seed, monkeypatch)
    exact = lp.direct(model.program)
    pool, linear = pool_of(case, model)
    found = dive.settled(pool, linear.duals, lambda: math.inf, np.random.default_rng(seed), 1.0)
    values = start.rostered(model, Arrays.of(model.program), found.plans)
    assert linear.bound - 0.1 <= found.bound <= exact.cost + 1e-6
    assert exact.cost - 1e-6 <= found.cost <= 1.1 * exact.cost
    assert search.cost_of(model, values) == pytest.approx(found.cost)
    amount, program = model.program.matrix @ values, model.program
    assert np.all((amount >= program.row_lower - 1e-6) & (amount <= program.row_upper + 1e-6))
