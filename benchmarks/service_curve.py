"""What the service curve changes in a rostered week: `python benchmarks/service_curve.py`.

Named people on two nine-hour shifts with breaks, contracts of 40 and 24 hours, seven days of 1,000 and of
10,000 calls (AHT 300 s, 80/20, no occupancy cap). Cover is measured by the agents needed, by the service
curve in each half hour, and by 80 % of each day with a floor of 60 % in each half hour; every roster is
checked by `verify` and replayed call by call. Hours are those of the contracts (few people, and too few), or
any up to them. Seconds are processor time of one thread.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from dataclasses import replace

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import numpy as np  # noqa: E402  (after the number of threads is set)
import pandas as pd  # noqa: E402

from staffing import requirement, roster, simulation, verify  # noqa: E402
from staffing.model import Break, Limit, Queue, Roster, Rules, Shift, Target, Voice  # noqa: E402

SHAPE = [4, 5, 6, 7, 12, 12, 12, 8, 6, 6, 6, 6, 9, 13, 14, 14, 13, 9, 7, 6, 5, 5, 4, 4, 3, 3, 2, 2]
DAYS = [1.15, 1.05, 1.0, 0.97, 1.0, 0.75, 0.65]
MONDAY = dt.date(2026, 11, 30)
PAUSES = (Break("break", 15, True, (1.0, 2.5)), Break("lunch", 60, False, (3.0, 5.0)))
SHIFTS = tuple(
    Shift(name, "care", dt.time(start), 9.0, PAUSES) for name, start in (("early", 9), ("late", 14))
)
HOURS = {"full": 40.0, "part": 24.0}
FLOOR = 0.60
REPLICATIONS = 100


def main() -> None:
    """Print the section of RESULTS.md that names this file."""
    print("calls, model | hours | cover by | paid | service (error) | worst day | under 60 % | gap | CPU s")
    for volume in (1000.0, 10000.0):
        for patience in (None, 180.0):
            for words, paid_over_need, least in (
                ("contract, few", 1 / 0.85, 1.0),
                ("contract, too few", 1.0, 1.0),
                ("up to it", 2.0, 0.0),
            ):
                compared(volume, patience, words, paid_over_need, least)


def compared(volume: float, patience: float | None, words: str, paid_over_need: float, least: float) -> None:
    """The three ways with the same people."""
    calls, each = week_of(volume), served(patience)
    whole = replace(each, target=replace(each.target, over="day", floor=FLOOR))
    curve = requirement.curve(calls, [each])
    by_half_hour, by_day = (requirement.compute(calls, [queue]) for queue in (each, whole))
    crew = people(paid_over_need * by_half_hour["scheduled"].sum() / 2.0)
    model = "C" if patience is None else "A"
    for name, need, queue, known in (
        ("need", by_half_hour, each, None),
        ("curve, each half hour", by_half_hour, each, curve),
        ("curve, day", by_day, whole, curve),
    ):
        began = time.process_time()
        made = roster.assign(need, SHIFTS, crew, contracts(least), curve=known, queues=[queue])
        seconds = time.process_time() - began
        checked(made, need, crew, least)
        level, error, worst, under = replayed(made, queue, calls)
        print(
            f"{volume:,.0f} {model} | {words} | {name} | {made.assignments['paid_hours'].sum():,.0f} | "
            f"{level:.3f} ({error:.3f}) | {worst:.2f} | {under:.1%} | {made.gap:.1f} | {seconds:.1f}",
            flush=True,
        )


def week_of(volume: float) -> pd.DataFrame:
    """Seven days with a noon and an afternoon rush, open 09:00 to 23:00."""
    first = pd.Timestamp(MONDAY, tz="Asia/Seoul") + pd.Timedelta(hours=9)
    days = [
        pd.DataFrame(
            {
                "interval": pd.date_range(
                    first + pd.Timedelta(days=day), periods=len(SHAPE), freq="30min", unit="us"
                ),
                "volume": np.array(SHAPE) / sum(SHAPE) * volume * factor,
            }
        )
        for day, factor in enumerate(DAYS)
    ]
    return pd.concat(days, ignore_index=True).assign(queue="calls", aht=300.0)


def served(patience: float | None) -> Queue:
    """The queue with its target in each half hour."""
    target = Target(max_occupancy=1.0, max_abandonment=None)
    return Queue("calls", team="care", aht=300, shrinkage=(), channel=Voice(patience=patience), target=target)


def people(hours: float) -> pd.DataFrame:
    """So many people that their contracts come to about these hours, three of four full time."""
    count = round(hours / (0.75 * HOURS["full"] + 0.25 * HOURS["part"]) * 8.0 / 7.75)
    contract = ["part" if number % 4 == 0 else "full" for number in range(count)]
    ids = [f"{number:04d}" for number in range(count)]
    return pd.DataFrame(
        {
            "agent": ids,
            "name": ids,
            "team": "care",
            "contract": contract,
            "hours_week": [HOURS[kind] for kind in contract],
        }
    )


def contracts(least: float) -> dict[str, Rules]:
    """At least a share of the contract's hours, and at most all of them."""
    return {
        kind: Rules(hours_week=Limit(min=least * hours, max=hours), days_week=Limit(max=5), rest_hours=11)
        for kind, hours in HOURS.items()
    }


def checked(made: Roster, need: pd.DataFrame, crew: pd.DataFrame, least: float) -> None:
    """No rule is broken."""
    broken = verify.roster(
        made.assignments, made.segments, need, crew, contracts(least), shifts=SHIFTS, start=MONDAY
    )
    if len(broken):
        raise SystemExit(broken.to_string())


def replayed(made: Roster, queue: Queue, calls: pd.DataFrame) -> tuple[float, float, float, float]:
    """Service over the week with its error, of the worst day, and half hours under the floor."""
    run = simulation.run(
        made.segments[made.segments["activity"] == "queue"],
        [queue],
        forecast=calls,
        replications=REPLICATIONS,
        seed=1,
    )
    days = run.by_day
    weight = (days["offered"] / days["offered"].sum()).to_numpy()
    error = float(np.sqrt(((days["service_level_error"] * weight) ** 2).sum()))
    under = float((run.by_interval["service_level"] < FLOOR).mean())
    return float(days["service_level"] @ weight), error, float(days["service_level"].min()), under


if __name__ == "__main__":
    main()
