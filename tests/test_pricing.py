"""Rules with a price that a roster does not keep: counted from the tables as the objective has them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from roster_tables import MONDAY, OPEN, asked, leave, need, one_rule, people, worked

from staffing import coverage, report, roster, verify, whatif
from staffing.model import Limit, Overtime, Pair, Queue, Rotation, Rules, Shift, Team
from staffing.verify.pricing import UNITS

EARLY, LATE = Shift("early", "shop", dt.time(8), 8), Shift("late", "shop", dt.time(14), 8)
SHIFTS = (EARLY, LATE)
PRICED = Rules(
    hours_week=Limit(min=24, max=24, price=3),
    overtime_week=Overtime(8, price=2),
    days_week=Limit(max=3, price=5),
    days_in_row=Limit(min=2, max=2, price=4),
    days_off_in_row=Limit(min=2, max=2, price=3),
    days_off_together=Limit(min=4, price=2),
    shifts_week={"late": Limit(max=1, price=6)},
    rest_hours=12.0,
    price_rest=7.0,
    same_shift_in_week=9.0,
    rotate=0.5,
    fair_lates=1.5,
    fair_weekends=0.5,
    hours_total=Limit(max=26, price=1),
    shifts_total={"early": Limit(min=1, max=2, price=2)},
    weekends=Limit(max=0, price=3),
)
CYCLE = dataclasses.replace(PRICED, rotation=Rotation(MONDAY, days=("early", "late", "off"), price=6))


def a_week(seed: int, rules: Rules) -> dict[str, Any]:
    """Four people, one of them a senior, of whom far too much is asked; a week before; one on leave."""
    rng = np.random.default_rng(seed)
    hours = [{hour: float(rng.integers(0, 5)) for hour in range(8, 22)} for _ in range(7)]
    crew = people(4, hours=24.0).assign(senior=[True, False, False, False], rotation_offset=[0, 1, 2, 0])
    last = (("001", LATE, range(-5, 0)), ("002", EARLY, (-4, -3)), ("003", LATE, (-2, -1)))
    wants = (
        ("001", 0, 0, "want", "early", 4.0), ("002", 3, 3, "avoid", "", 4.0),
        ("003", 1, 1, "want", "late", 4.0), ("004", 5, 5, "avoid", "late", 4.0),
    )  # fmt: skip
    seniors = Team("shop", senior_per_interval=Limit(min=1, price=11))
    return {
        "requirement": need(hours), "shifts": SHIFTS, "agents": crew, "rules": rules, "start": MONDAY,
        "previous": pd.concat([worked(*some) for some in last], ignore_index=True), "requests": asked(*wants),
        "timeoff": leave(("003", 0, 1, 8.0)), "teams": (seniors,),
        "pairs": (Pair(("001", "004"), "together", 3.0), Pair(("002", "003"), "apart", 2.0)),
    }  # fmt: skip


@pytest.mark.parametrize("rules", [PRICED, CYCLE], ids=["weeks", "cycle"])
@pytest.mark.parametrize("seed", range(3))
def test_priced_rules_cost_what_the_objective_says(seed: int, rules: Rules) -> None:
    """Part by part the same cost and amount, worked out from the tables alone."""
    given = a_week(seed, rules)
    demand = given.pop("requirement")
    made = roster.assign(demand, **given)
    missing = verify.priced(made.assignments, demand, **given)
    told = verify.costs(made.assignments, made.segments, demand, given["rules"], requests=given["requests"],
                        timeoff=given["timeoff"], missing=missing).set_index("part")  # fmt: skip
    objective = made.objective.set_index("part")
    left_out = {*verify.LEFT_OUT, "hours_not_rostered"}  # which costs nothing
    assert set(objective.index) <= {*told.index, *left_out}
    parts = sorted(set(UNITS) & set(objective.index))
    assert {"rest_hours", "senior_per_interval", "pairs", "fair_lates", "overtime_week"} <= set(parts)
    assert (objective.loc[parts, "cost"] > 0).sum() > 5
    for part in ("wishes", *parts):
        assert told.loc[part, "cost"] == pytest.approx(objective.loc[part, "cost"]), part
        assert told.loc[part, "amount"] == pytest.approx(objective.loc[part, "amount"]), part
        assert told.loc[part, "unit"] == objective.loc[part, "unit"]


def test_what_was_given_up_stands_in_the_summary() -> None:
    """Half hours without a senior and what they cost: in the figures, and by person and day in words."""
    given = a_week(0, PRICED)
    demand = given.pop("requirement")
    made = roster.assign(demand, **given)
    part = made.objective.set_index("part").loc["senior_per_interval"]
    calls = Queue("calls", team="shop", aht=60, shrinkage=())
    covered = coverage.measure(demand.assign(volume=1.0, aht=60.0), made.segments, [calls])
    told = report.summary(covered, made).set_index("measure")["value"]
    assert told["senior_per_interval"] == part["amount"] and told["cost_senior_per_interval"] == part["cost"]
    assert part["cost"] > 0
    lines = report.priced_lines(report.given_up(made.assignments, demand, **given))
    assert f"{part['amount']:g} half hours that lack a senior (cost {part['cost']:g})" in lines
    assert any(line.endswith("no seniors of 'shop' at work, 1 needed") for line in lines)


def test_a_wish_on_a_day_of_leave_asks_nothing() -> None:
    """Who is sick on the day of an early shift wished for has lost nothing; the day before it counts."""
    want = asked(("001", 0, 1, "want", "early", 4.0))
    given = {"demand": need([OPEN] * 2 + [{}] * 5), "shifts": SHIFTS, "agents": people(2, hours=8.0)}
    given |= {"rules": one_rule(hours_week=Limit(max=16)), "requests": want, "start": MONDAY}
    sick = leave(("001", 1, 1, 8.0), ("001", 0, 0, 8.0))
    made = roster.assign(**given, timeoff=sick)
    assert made.objective.set_index("part").loc["wishes", ["cost", "amount"]].tolist() == [0.0, 0.0]
    assert verify.wishes(made.assignments, want, timeoff=sick, start=MONDAY).empty
    assert len(verify.wishes(made.assignments, want, timeoff=sick.iloc[:1], start=MONDAY)) == 1
    told = whatif.why(made.assignments, "001", MONDAY, {**given, "timeoff": sick})
    assert told.facts[0] == "this week: Mon-Tue AL, Wed-Sun OFF"
    assert "on leave from Mon 2026-11-30 to Tue 2026-12-01 (AL)" in told.facts
    assert "asked for: want early: nothing, on a day of leave" in told.facts
