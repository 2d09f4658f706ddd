"""How well each load predicts the service level of an interval, against a seeded simulation.

    python benchmarks/load.py

A day of 64 quarter hours whose load swings between 8 and 74 erlangs, callers with 120 s of patience, 80 % in
20 s, staffed by Erlang A. Short calls (240 s) forgive a load that looks at one interval alone, long ones
(1,800 s) do not.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from staffing import erlang, requirement
from staffing.model import Queue, Target, Voice

INTERVALS, SPAN, PATIENCE = 64, 900.0, 120.0
CASES = {240.0: 300, 1800.0: 2500}  # handle time [s] -> days to simulate


def day(aht: float) -> pd.DataFrame:
    """FORECAST of the sine day."""
    times = pd.date_range("2026-11-30 06:00", periods=INTERVALS, freq="15min", tz="UTC", unit="us")
    load = 41.0 - 33.0 * np.cos(2 * np.pi * (np.arange(INTERVALS) + 0.5) / INTERVALS)
    return pd.DataFrame({"queue": "calls", "interval": times, "volume": load * SPAN / aht, "aht": aht})


def calls() -> Queue:
    """The queue of the note: 80 % in 20 s, no other cap."""
    free = Target(max_occupancy=1.0, max_abandonment=None)
    return Queue("calls", team="care", shrinkage=(), channel=Voice(patience=PATIENCE), target=free)


def simulate(
    volume: np.ndarray, agents: np.ndarray, *, aht: float, patience: float, span: float, days: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Offered calls, and those answered within 20 s, by interval of arrival, summed over the days.

    First come, first served; who leaves at the end of an interval finishes the call in hand. One step is one
    call of every day at once.
    """
    rng = np.random.default_rng(seed)
    counts = rng.poisson(volume, (days, len(volume)))
    most = int(counts.sum(axis=1).max())
    arrived = np.full((days, most), np.inf)
    for row, count in enumerate(counts):
        within = np.repeat(np.arange(len(volume)), count) + rng.random(count.sum())
        arrived[row, : count.sum()] = np.sort(within) * span
    work = rng.exponential(aht, (days, most))
    leaves = (
        rng.exponential(patience, (days, most)) if np.isfinite(patience) else np.full((days, most), np.inf)
    )
    duty = _duty(agents.astype(int), span)
    desks = np.arange(duty.shape[0])
    free = np.zeros((days, len(desks)))
    everyday = np.arange(days)
    offered, in_time = np.zeros(len(volume)), np.zeros(len(volume))
    for call in range(most):
        now = arrived[:, call]
        real = np.isfinite(now)
        now = np.where(real, now, 0.0)
        begin = np.maximum(free, now[:, None])
        begin = np.maximum(begin, duty[desks, np.minimum(begin / span, len(volume)).astype(int)])
        desk = begin.argmin(axis=1)
        start = begin[everyday, desk]
        answered = real & (start - now <= leaves[:, call])
        free[everyday[answered], desk[answered]] = (start + work[:, call])[answered]
        interval = (now / span).astype(int)
        np.add.at(offered, interval[real], 1)
        np.add.at(in_time, interval[answered & (start - now <= 20.0)], 1)
    return offered, in_time


def _duty(agents: np.ndarray, span: float) -> np.ndarray:
    """For each desk and interval, when it is staffed from then on: at once, later or (inf) never again."""
    duty = np.full((agents.max(), len(agents) + 1), np.inf)
    for interval in range(len(agents) - 1, -1, -1):
        on = np.arange(len(duty)) < agents[interval]
        duty[:, interval] = np.where(on, 0.0, duty[:, interval + 1])
        late = ~on & (duty[:, interval + 1] == 0.0)
        duty[late, interval] = (interval + 1) * span
    return duty


def compare(aht: float, days: int, seed: int = 1) -> pd.DataFrame:
    """One row for each interval: agents, simulated and predicted service level by each load. [0-1]"""
    forecast, queue = day(aht), calls()
    needed = requirement.compute(forecast, [queue])
    agents, volume = needed["agents"].to_numpy(), forecast["volume"].to_numpy()
    offered, in_time = simulate(volume, agents, aht=aht, patience=PATIENCE, span=SPAN, days=days, seed=seed)
    raw, modified = (
        erlang.service_level(agents, needed[load], aht=aht, within=20, patience=PATIENCE)
        for load in ("offered_load", "load")
    )
    return pd.DataFrame(
        {
            "agents": agents,
            "simulated": in_time / offered,
            "evaluated": requirement.evaluate(forecast, [queue], needed)["service_level"],
            "computed": needed["service_level"],
            "modified": modified,
            "raw": raw,
        }
    )


def main() -> None:
    """Print the mean absolute error of the predicted service level for both handle times."""
    for aht, days in CASES.items():
        began = time.perf_counter()
        table = compare(aht, days)
        error = (
            table[["evaluated", "computed", "modified", "raw"]].sub(table["simulated"], axis=0).abs().mean()
        )
        print(
            f"AHT {aht:6.0f} s: mean absolute error of the service level: requirement.evaluate "
            f"{error['evaluated']:.4f}, requirement.compute {error['computed']:.4f}, modified load alone "
            f"{error['modified']:.4f}, raw load {error['raw']:.4f}; "
            f"worst interval {table['simulated'].min():.3f}; {table['agents'].sum():.0f} agent-intervals; "
            f"{days} days in {time.perf_counter() - began:.1f} s"
        )


if __name__ == "__main__":
    main()
