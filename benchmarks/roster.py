"""Seconds, memory and gap of rosters by size: `python benchmarks/roster.py 20 50 200 1000 5000`.

A generated week, seeded: 7 days x 48 half hours, open 08:00-24:00, two teams with a queue each (pre-sales
with two rushes, after-sales with an evening shoulder), 75 % full time (40 h), 25 % part time (16 to 24 h),
15 % cross-trained, a quarter with one or two days of paid leave, wishes, 11 h rest, at most three late shifts
a week, lunch and two breaks; from 1,000 people on 30 % are individual: two shifts of the week, drawn for
each, that they cannot work. The need is 93 % of the hours that the contracts put on the queue, which leaves
unavoidable shortage, and 85 %. With `--without-breaks`, all nine hours of a shift are paid and on the queue,
and the contracts are of as many shifts: 45 h, 18 to 27 h.
Every roster is verified, and every size runs in a process of its own. Seconds are processor time.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import platform
import resource
import subprocess
import sys
import time

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import numpy as np  # noqa: E402  (after the number of threads is set)
import pandas as pd  # noqa: E402

from staffing import roster, verify  # noqa: E402
from staffing.model import Break, Limit, Rules, Shift  # noqa: E402

MONDAY = pd.Timestamp("2026-11-30")
ZONE = "Asia/Seoul"
TEAMS = {"presales": "sales_calls", "aftersales": "help_calls"}
LUNCH = Break("lunch", 60, False, (3.0, 5.0))
PAUSES = (Break("break", 15, True, (1.0, 2.5)), LUNCH, Break("break", 15, True, (6.5, 8.0)))
DAYS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.72, 0.62)
UTILISATIONS = (0.93, 0.85)
INDIVIDUAL_FROM, INDIVIDUAL = 1000, 0.3
WITHOUT = "--without-breaks"
ON_QUEUE = 7.5 / 8.0  # of the paid hours, beside two breaks of a quarter hour


def main() -> None:
    """One process for each size and utilisation."""
    given = sys.argv[1:]
    without = [word for word in given if word == WITHOUT]
    if given[:1] == ["--one"]:
        print(line(int(given[1]), float(given[2]), () if without else PAUSES), flush=True)
        return
    print("agents utilisation | CPU s, MiB | cost, bound | gap [agent-half-hours], % | status, violations")
    for count in [word for word in given if word != WITHOUT] or ["20", "50", "200"]:
        for utilisation in UTILISATIONS:
            command = [sys.executable, __file__, "--one", count, str(utilisation), *without]
            subprocess.run(command, check=True)
    print(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}")


def line(count: int, utilisation: float, pauses: tuple[Break, ...]) -> str:
    """One roster, measured and verified."""
    case = week(count, utilisation, pauses)
    began = time.process_time()
    made = roster.assign(*case[:4], **case[4], time_limit=None)
    seconds = time.process_time() - began
    demand, shifts, agents, rules, tables = case
    broken = verify.roster(
        made.assignments, made.segments, demand, agents, rules, shifts=shifts, start=MONDAY.date(), **tables
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    proof = f"{made.gap:7.2f} {100 * made.gap_share:7.4f} | {made.status} {len(broken)}"
    return (
        f"{count:6} {utilisation:.2f} | {seconds:7.1f} {memory:6.0f} | "
        f"{made.cost:12.1f} {made.bound:12.1f} | {proof}"
    )


def week(
    count: int, utilisation: float, pauses: tuple[Break, ...] = PAUSES
) -> tuple[pd.DataFrame, list[Shift], pd.DataFrame, dict[str, Rules], dict[str, pd.DataFrame]]:
    """Demand, shifts, agents, rules, and the optional tables, for so many agents."""
    rng = np.random.default_rng(count)
    hours = Shift("early", "presales", dt.time(8), 9, pauses).paid_hours
    agents = people(count, hours, rng)
    skills = cross_trained(agents, rng)
    shifts = [
        Shift(name, team, dt.time(start), 9, pauses)
        for team in TEAMS
        for name, start in (("early", 8), ("late", 15))
    ]
    shared = {
        "shifts_week": {"late": Limit(max=3)},
        "same_shift_in_week": None,
        "days_off_together": Limit(min=2, price=4.0),
        "rotate": None,
    }
    rules = {
        "full": Rules(hours_week=Limit(min=5 * hours, max=5 * hours), **shared),
        "part": Rules(hours_week=Limit(min=2 * hours, max=3 * hours), days_week=Limit(max=4), **shared),
    }
    requests = [asked(agents, rng)]
    if count >= INDIVIDUAL_FROM:
        requests.append(forbidden(agents, rng))
    tables = {
        "skills": skills,
        "requests": pd.concat(requests, ignore_index=True),
        "timeoff": days_off(agents, hours, rng),
    }
    share = utilisation if pauses else utilisation / ON_QUEUE
    return need(agents, share, rng), shifts, agents, rules, tables


def people(count: int, hours: float, rng: np.random.Generator) -> pd.DataFrame:
    """Three quarters full time, five shifts of so many hours; the teams as large as each other."""
    part = rng.permutation(count) < count // 4
    return pd.DataFrame(
        {
            "agent": [f"a{number:05d}" for number in range(count)],
            "name": [f"Agent {number}" for number in range(count)],
            "team": [list(TEAMS)[number % 2] for number in range(count)],
            "contract": np.where(part, "part", "full"),
            "hours_week": np.where(part, 3 * hours, 5 * hours),
        }
    )


def cross_trained(agents: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The own queue for everybody, the other one as well for 15 %."""
    own = pd.DataFrame({"agent": agents["agent"], "queue": agents["team"].map(TEAMS)})
    both = own[rng.permutation(len(agents)) < round(0.15 * len(agents))]
    swapped = dict(zip(TEAMS.values(), reversed(TEAMS.values()), strict=True))
    return pd.concat([own, both.assign(queue=both["queue"].map(swapped))], ignore_index=True)


def asked(agents: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Half of the people would rather not work one of the shifts this week."""
    some = agents[rng.random(len(agents)) < 0.5]
    return pd.DataFrame(
        {
            "agent": some["agent"],
            "start": MONDAY.as_unit("us"),
            "end": (MONDAY + pd.Timedelta(days=6)).as_unit("us"),
            "kind": "avoid",
            "shift": np.where(rng.random(len(some)) < 0.6, "late", "early"),
            "price": 2.0,
        }
    ).reset_index(drop=True)


def forbidden(agents: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Two shifts of the week, on different days, that some of the people cannot work: drawn for each."""
    some = agents.loc[rng.random(len(agents)) < INDIVIDUAL, "agent"].repeat(2)
    days = np.concatenate([rng.choice(7, 2, replace=False) for _ in range(len(some) // 2)])
    on = pd.DatetimeIndex(MONDAY + pd.to_timedelta(days, unit="D")).as_unit("us")
    return pd.DataFrame(
        {
            "agent": some.to_numpy(),
            "start": on,
            "end": on,
            "kind": "forbid",
            "shift": np.where(rng.random(len(some)) < 0.5, "late", "early"),
            "price": np.nan,
        }
    )


def days_off(agents: pd.DataFrame, hours: float, rng: np.random.Generator) -> pd.DataFrame:
    """A quarter of the people has one or two days off, paid."""
    some = agents[rng.random(len(agents)) < 0.25]
    first, length = rng.integers(0, 6, len(some)), rng.integers(1, 3, len(some))
    start = MONDAY + pd.to_timedelta(first, unit="D")
    return pd.DataFrame(
        {
            "agent": some["agent"].to_numpy(),
            "start": pd.DatetimeIndex(start).as_unit("us"),
            "end": pd.DatetimeIndex(start + pd.to_timedelta(length - 1, unit="D")).as_unit("us"),
            "kind": "AL",
            "credit_hours": hours * length,
        }
    )


def need(agents: pd.DataFrame, utilisation: float, rng: np.random.Generator) -> pd.DataFrame:
    """So much need that it takes that share of the agent-half-hours that the contracts put on the queue."""
    tables = []
    for team, queue in TEAMS.items():
        hours = 0.92 * float(agents.loc[agents["team"] == team, "hours_week"].sum())
        shape = np.array([[profile(team, at / 2) * day for at in range(16, 48)] for day in DAYS])
        shape *= rng.uniform(0.93, 1.07, shape.shape)
        heads = np.rint(shape * (2.0 * hours * utilisation / shape.sum()))
        at = [
            (MONDAY + pd.Timedelta(days=day, minutes=30 * half)).tz_localize(ZONE)
            for day in range(len(DAYS))
            for half in range(16, 48)
        ]
        flat = heads.ravel()
        table = pd.DataFrame({"queue": queue, "team": team, "interval": pd.DatetimeIndex(at).as_unit("us")})
        tables.append(table.assign(load=flat, agents=flat, scheduled=flat))
    return pd.concat(tables, ignore_index=True)


def profile(team: str, hour: float) -> float:
    """Need at an hour of the day, beside the others."""
    if team == "presales":
        return 0.4 + math.exp(-(((hour - 12.0) / 1.5) ** 2)) + 0.9 * math.exp(-(((hour - 16.5) / 1.7) ** 2))
    return 0.5 + 0.6 * math.exp(-(((hour - 14.0) / 3.0) ** 2)) + 0.6 * math.exp(-(((hour - 19.5) / 2.0) ** 2))


if __name__ == "__main__":
    main()
