"""Several weeks of half-hour cover: `python benchmarks/weeks.py 4x100 6x200`.

The generated week of `benchmarks/roster.py` (utilisation .93), repeated with other wishes and days off in
each week and a need that grows and falls by 6 %, under rules over all planned days: at most every other
weekend with work, at most 37.5 h a week on average for full time, at most six late shifts in four weeks, at
most five days in a row, no early on the day after a late one. Every roster is verified; seconds are processor
time. The bound is that of one linear program of all weeks.
"""

from __future__ import annotations

import math
import platform
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pandas as pd
import roster as one_week

from staffing import roster, verify
from staffing.model import Limit, Rules, Shift

SWING = 0.06
UTILISATION = 0.93
SECONDS = 150.0  # in the solver for each week, counted in work


def main() -> None:
    """One process for each size."""
    if sys.argv[1:2] == ["--one"]:
        print(line(*map(int, sys.argv[2].split("x"))), flush=True)
        return
    print("weeks x agents | CPU s, MiB | cost, bound | gap [agent-half-hours], % | status, violations")
    for size in sys.argv[1:] or ["2x20", "4x100"]:
        subprocess.run([sys.executable, __file__, "--one", size], check=True)
    print(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}")


def line(weeks: int, count: int) -> str:
    """One roster, measured and verified."""
    demand, shifts, agents, rules, tables = case(weeks, count)
    asked: dict[str, Any] = {"start": one_week.MONDAY.date(), "days": 7 * weeks, **tables}
    began = time.process_time()
    made = roster.assign(demand, shifts, agents, rules, time_limit=SECONDS * weeks, **asked)
    seconds = time.process_time() - began
    broken = verify.roster(
        made.assignments, made.segments, demand, agents, rules, shifts=tuple(shifts), **asked
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    proof = f"{made.gap:7.2f} {100 * made.gap_share:7.4f} | {made.status} {len(broken)}"
    spent, costs = f"{seconds:7.1f} {memory:6.0f}", f"{made.cost:12.1f} {made.bound:12.1f}"
    return f"{weeks:2}x{count:<5} | {spent} | {costs} | {proof}"


def case(
    weeks: int, count: int
) -> tuple[pd.DataFrame, list[Shift], pd.DataFrame, dict[str, Rules], dict[str, pd.DataFrame]]:
    """Demand, shifts, agents, rules, and the optional tables."""
    demand, shifts, agents, rules, tables = one_week.week(count, UTILISATION)
    rng = np.random.default_rng(count + weeks)
    needs, wishes, leave = [], [], []
    for week in range(weeks):
        by = pd.Timedelta(days=7 * week)
        grown = 1.0 + SWING * math.sin(2.0 * math.pi * week / weeks)
        later = demand.assign(interval=demand["interval"] + by)
        needs.append(
            later.assign(**{name: (grown * later[name]).round() for name in ("scheduled", "agents")})
        )
        for tables_of, drawn in (
            (wishes, one_week.asked(agents, rng)),
            (leave, one_week.days_off(agents, shifts[0].paid_hours, rng)),
        ):
            tables_of.append(drawn.assign(start=drawn["start"] + by, end=drawn["end"] + by))
    half = math.ceil(weeks / 2)
    over_all = {
        "weekends": Limit(max=half),
        "shifts_total": {"late": Limit(max=round(1.5 * weeks))},
        "not_after": {"late": ("early",)},
    }
    full = {"hours_week": Limit(min=32, max=40), "hours_total": Limit(max=37.5 * weeks)}
    rules = {
        "full": Rules(**{**_said(rules["full"]), **full, **over_all}),
        "part": Rules(**{**_said(rules["part"]), **over_all}),
    }
    given = {
        "skills": tables["skills"],
        "requests": pd.concat(wishes, ignore_index=True),
        "timeoff": pd.concat(leave, ignore_index=True),
    }
    return pd.concat(needs, ignore_index=True), shifts, agents, rules, given


def _said(rules: Rules) -> dict[str, Any]:
    return {name: getattr(rules, name) for name in rules.__dataclass_fields__}


if __name__ == "__main__":
    main()
