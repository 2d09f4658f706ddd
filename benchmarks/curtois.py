"""Instances of Curtois and Qu: `python benchmarks/curtois.py FILE ... --seconds 60 --out DIR`.

Each file becomes the library's own tables and `Rules`, for `roster.assign`; nothing is special-cased. A line
for each file: the penalty as a scorer of its own counts it from the written csv and the file, the bound, the
seconds of processor time, and the hard constraints broken. In DIR one csv for each file: a row for each
employee, a column for each day, the shift or nothing.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import itertools
import math
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import pandas as pd  # noqa: E402  (after the number of threads is set)

from staffing import roster  # noqa: E402
from staffing.model import Limit, Rules, Shift  # noqa: E402

MONDAY = pd.Timestamp("2026-11-30")
TEAM = "staff"


@dataclass
class Instance:
    """A file as it stands: sections of lines, comments left out."""

    days: int = 0
    shifts: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    staff: dict[str, dict[str, int]] = field(default_factory=dict)
    most: dict[str, dict[str, int]] = field(default_factory=dict)
    off: dict[str, set[int]] = field(default_factory=dict)
    on_wishes: list[tuple[str, int, str, int]] = field(default_factory=list)
    off_wishes: list[tuple[str, int, str, int]] = field(default_factory=list)
    cover: list[tuple[int, str, int, int, int]] = field(default_factory=list)


LIMITS = ("max_minutes", "min_minutes", "max_run", "min_run", "min_off", "max_weekends")


def read(path: Path) -> Instance:
    """A file of the format that `../shared/rostering/README.md` describes."""
    found, section = Instance(), ""
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split(",")]
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("SECTION_"):
            section = line.strip().removeprefix("SECTION_")
        elif section == "HORIZON":
            found.days = int(cells[0])
        elif section == "SHIFTS":
            found.shifts[cells[0]] = int(cells[1]), tuple(name for name in cells[2].split("|") if name)
        elif section == "STAFF":
            found.most[cells[0]] = {
                name: int(count) for name, _, count in (part.partition("=") for part in cells[1].split("|"))
            }
            found.staff[cells[0]] = dict(zip(LIMITS, map(int, cells[2:]), strict=True))
        elif section == "DAYS_OFF":
            found.off[cells[0]] = {int(day) for day in cells[1:]}
        elif section == "SHIFT_ON_REQUESTS":
            found.on_wishes.append((cells[0], int(cells[1]), cells[2], int(cells[3])))
        elif section == "SHIFT_OFF_REQUESTS":
            found.off_wishes.append((cells[0], int(cells[1]), cells[2], int(cells[3])))
        elif section == "COVER":
            day, name, *numbers = cells
            found.cover.append((int(day), name, *map(int, numbers)))
    return found


def tables(
    given: Instance,
) -> tuple[pd.DataFrame, list[Shift], pd.DataFrame, dict[str, Rules], dict[str, pd.DataFrame]]:
    """PLAN, shifts, AGENTS, rules, and the optional tables. Every employee has a contract of the own."""
    dates = [(MONDAY + pd.Timedelta(days=day)) for day in range(given.days)]
    demand = pd.DataFrame(
        given.cover, columns=["day", "shift", "agents", "price_short", "price_over"]
    ).assign(team=TEAM)
    demand["date"] = pd.DatetimeIndex([dates[day] for day in demand["day"]]).as_unit("us")
    demand = demand.drop(columns="day").astype(
        {"agents": float, "price_short": float, "price_over": float, "shift": "str", "team": "str"}
    )
    shifts = [Shift(name, TEAM, dt.time(8), minutes / 60) for name, (minutes, _) in given.shifts.items()]
    agents = pd.DataFrame({"agent": list(given.staff)}).astype("str")
    agents = agents.assign(name=agents["agent"], team=TEAM, contract=agents["agent"], hours_week=0.0)
    wishes = [
        (agent, dates[day], kind, name, float(price))
        for kind, some in (("want", given.on_wishes), ("avoid", given.off_wishes))
        for agent, day, name, price in some
    ]
    requests = pd.DataFrame(wishes, columns=["agent", "start", "kind", "shift", "price"])
    requests = requests.astype({"agent": "str", "kind": "str", "shift": "str", "price": float})
    requests["start"] = pd.to_datetime(requests["start"]).astype("datetime64[us]")
    requests["end"] = requests["start"]
    days_off = [(agent, dates[day]) for agent, days in given.off.items() for day in sorted(days)]
    timeoff = pd.DataFrame(days_off, columns=["agent", "start"]).astype({"agent": "str"})
    timeoff["start"] = pd.to_datetime(timeoff["start"]).astype("datetime64[us]")
    timeoff = timeoff.assign(end=timeoff["start"], kind="AL", credit_hours=0.0)
    rules = {agent: rules_of(given, agent) for agent in given.staff}
    return demand, shifts, agents, rules, {"requests": requests, "timeoff": timeoff}


def rules_of(given: Instance, agent: str) -> Rules:
    """One line of the staff section; what the file does not know is switched off."""
    limits = given.staff[agent]
    return Rules(
        hours_week=Limit(),
        days_week=Limit(),
        days_off_together=Limit(),
        rest_hours=0.0,
        same_shift_in_week=None,
        rotate=None,
        fair_lates=0.0,
        days_in_row=Limit(min=limits["min_run"], max=limits["max_run"]),
        days_off_in_row=Limit(min=limits["min_off"]),
        weekends=Limit(max=limits["max_weekends"]),
        hours_total=Limit(min=limits["min_minutes"] / 60, max=limits["max_minutes"] / 60),
        shifts_total={name: Limit(max=most) for name, most in given.most[agent].items() if most < given.days},
        not_after={name: after for name, (_, after) in given.shifts.items() if after},
    )


def written(given: Instance, assignments: pd.DataFrame, path: Path) -> None:
    """The roster as a csv: a row for each employee, a column for each day."""
    shift_of = {
        (row.agent, (row.date - MONDAY).days): row.shift for row in assignments.itertuples(index=False)
    }
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [shift_of.get((agent, day), "") for day in range(given.days)] for agent in given.staff
        )


def scored(given: Instance, path: Path) -> tuple[int, list[str]]:
    """Penalty and broken hard constraints of a written roster, from the csv and the file alone."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    plan = dict(zip(given.staff, rows, strict=True))
    broken = [what for agent, days in plan.items() for what in _broken(given, agent, days)]
    penalty = sum(price for agent, day, name, price in given.on_wishes if plan[agent][day] != name)
    penalty += sum(price for agent, day, name, price in given.off_wishes if plan[agent][day] == name)
    there = Counter((day, name) for days in plan.values() for day, name in enumerate(days) if name)
    for day, name, need, short, over in given.cover:
        have = there[day, name]
        penalty += max(need - have, 0) * short + max(have - need, 0) * over
    return penalty, broken


def _broken(given: Instance, agent: str, days: list[str]) -> list[str]:
    limits, found = given.staff[agent], []
    if len(days) != given.days:
        return [f"{agent}: {len(days)} days"]
    minutes = sum(given.shifts[name][0] for name in days if name)
    if not limits["min_minutes"] <= minutes <= limits["max_minutes"]:
        found.append(f"{agent}: {minutes} min")
    counts = Counter(name for name in days if name)
    found += [
        f"{agent}: {n} of {name}" for name, n in counts.items() if n > given.most[agent].get(name, math.inf)
    ]
    found += [f"{agent}: works on day off {day}" for day in given.off.get(agent, ()) if days[day]]
    found += [
        f"{agent}: {later} after {first} on day {day + 1}"
        for day, (first, later) in enumerate(itertools.pairwise(days))
        if first and later and later in given.shifts[first][1]
    ]
    weekends = sum(any(days[day : day + 2]) for day in range(5, given.days, 7))
    if weekends > limits["max_weekends"]:
        found.append(f"{agent}: {weekends} weekends")
    begin = 0
    for day in range(1, given.days + 1):
        if day < given.days and bool(days[day]) == bool(days[begin]):
            continue
        length, inside = day - begin, begin > 0 and day < given.days
        if days[begin] and length > limits["max_run"]:
            found.append(f"{agent}: {length} days in a row to day {day - 1}")
        if inside and length < (limits["min_run"] if days[begin] else limits["min_off"]):
            found.append(f"{agent}: a run of {length} to day {day - 1}")
        begin = day
    return found


def line(path: Path, seconds: float, out: Path, seed: int) -> str:
    """One instance, solved, written and scored."""
    given = read(path)
    demand, shifts, agents, rules, optional = tables(given)
    began = time.process_time()
    made = roster.assign(
        demand,
        shifts,
        agents,
        rules,
        start=MONDAY.date(),
        days=given.days,
        time_limit=seconds,
        seed=seed,
        **optional,
    )
    spent = time.process_time() - began
    target = out / f"{path.stem}.csv"
    written(given, made.assignments, target)
    penalty, broken = scored(given, target)
    agrees = "" if abs(penalty - made.cost) < 1e-6 else f", library says {made.cost:g}"
    return (
        f"{path.stem}: penalty {penalty}{agrees}, bound {made.bound:.1f}, {spent:.1f} s, {made.status}, "
        f"{len(broken)} broken{': ' + '; '.join(broken[:3]) if broken else ''}"
    )


def main() -> None:
    """Read the command line and print a line for each file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0, help="processor seconds for each file")
    parser.add_argument("--out", type=Path, required=True, help="folder for the rosters")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for path in given.files:
        print(line(path, given.seconds, given.out, given.seed), flush=True)


if __name__ == "__main__":
    main()
