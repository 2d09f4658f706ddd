"""How many intervals a second get their agents, beside pyworkforce's ErlangC in the same run.

    python benchmarks/erlang.py [--peer-python PATH]

PATH is the python of an environment of its own with ``pip install pyworkforce``; without it the peer is
skipped. Every comparison is between two figures of one run on one machine: one thread, its processor time
(other people's load is not ours), the best of several repetitions. The loads are lognormal with median 50
erlangs and sigma 0.5, handle time 240 s, target 80 % in 20 s, patience 120 s for Erlang A.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import numpy as np  # noqa: E402  (after the number of threads is set)

from staffing import erlang  # noqa: E402

INTERVALS, WEEK, ALONE, PEER, ROUNDS = 1_000_000, 672, 100_000, 20_000, 8
TARGETS = {"answered": 0.80, "within": 20.0}
AHT, PATIENCE = 240.0, 120.0

PEER_CODE = """
import json, sys, time
from importlib.metadata import version
from pyworkforce.queuing import ErlangC
loads, week = json.load(sys.stdin)
def agents(load):
    queue = ErlangC(transactions=load, aht=4.0, asa=20 / 60, interval=4)
    return queue.required_positions(service_level=0.80)["raw_positions"]
def seconds(rows, times):
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        answers = [agents(load) for load in rows]
        best = min(best, time.process_time() - start)
    return best, answers
all_seconds, answers = seconds(loads, 3)
week_seconds, _ = seconds(week, 10)
print(json.dumps([version("pyworkforce"), all_seconds, week_seconds, answers]))
"""


def seconds(job: Callable[[], object], *, warm: bool) -> float:
    """One run, with the tables kept or forgotten before it. [s]"""
    if not warm:
        erlang._table.cache_clear()
    start = time.process_time()
    job()
    return time.process_time() - start


def ours(load: np.ndarray, aht: np.ndarray) -> dict[str, float]:
    """Intervals per second of every case, the best of several rounds through all of them. [1/s]"""

    def shared(count: int, patience: float) -> Callable[[], object]:
        return lambda: erlang.required_agents(load[:count], aht=AHT, patience=patience, **TARGETS)

    def alone(count: int, patience: float) -> Callable[[], object]:
        return lambda: erlang.required_agents(load[:count], aht=aht[:count], patience=patience, **TARGETS)

    cases = {}
    for model, patience in {"C": math.inf, "A": PATIENCE}.items():
        many, week = shared(INTERVALS, patience), shared(WEEK, patience)
        cases[f"{model}, shared targets, table made"] = (many, INTERVALS, False)
        cases[f"{model}, shared targets, table kept"] = (many, INTERVALS, True)
        cases[f"{model}, every interval its own aht"] = (alone(ALONE, patience), ALONE, True)
        cases[f"{model}, a week, cold"] = (week, WEEK, False)
        cases[f"{model}, a week, warm"] = (week, WEEK, True)
    shortest = dict.fromkeys(cases, math.inf)
    for _ in range(ROUNDS):
        for name, (job, _, warm) in cases.items():
            shortest[name] = min(shortest[name], seconds(job, warm=warm))
    return {name: count / shortest[name] for name, (_, count, _) in cases.items()}


def peer(python: Path, load: np.ndarray) -> tuple[float, float]:
    """Intervals per second of pyworkforce over many and over a week; its answers are checked. [1/s]"""
    question = json.dumps([load[:PEER].tolist(), load[:WEEK].tolist()])
    done = subprocess.run(
        [str(python), "-c", PEER_CODE], input=question, capture_output=True, text=True, check=True
    )
    version, taken, taken_by_week, answers = json.loads(done.stdout)
    differ = int((np.array(answers) != erlang.required_agents(load[:PEER], aht=AHT, **TARGETS)).sum())
    print(f"pyworkforce {version}: {differ} of {PEER:,} answers differ from ours")
    return PEER / taken, WEEK / taken_by_week


def main() -> None:
    """Print the table, and each figure beside what it should reach."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peer-python", type=Path, help="python of an environment that has pyworkforce")
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    load = 50.0 * rng.lognormal(0.0, 0.5, INTERVALS)
    aht = AHT * rng.lognormal(0.0, 0.3, INTERVALS)
    print(f"python {sys.version.split()[0]}, numpy {np.__version__}, load average {os.getloadavg()[0]:.1f}")
    rates = ours(load, aht)
    goals = {"A, shared targets, table made": ("C, shared targets, table made", 0.5)}
    if asked.peer_python is None:
        print("pyworkforce: skipped, give --peer-python PATH to measure it")
    else:
        rates["pyworkforce"], rates["pyworkforce, a week"] = peer(asked.peer_python, load)
        goals |= {
            "C, shared targets, table made": ("pyworkforce", 300.0),
            "C, every interval its own aht": ("pyworkforce", 10.0),
            "C, a week, cold": ("pyworkforce, a week", 5.0),
            "C, a week, warm": ("pyworkforce, a week", 50.0),
        }
    for name, rate in rates.items():
        line = f"{name:32s} {rate:14,.0f} intervals/s"
        if name in goals:
            other, times = goals[name]
            reached = rate / rates[other]
            word = "reached" if reached >= times else "MISSED"
            line += f"   {reached:8,.2f} x {other}, goal {times:g}: {word}"
        print(line)


if __name__ == "__main__":
    main()
