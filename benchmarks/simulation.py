"""How many calls a second are replayed, beside simpy and ciw on the same day in the same run.

    python benchmarks/simulation.py [--peer-python PATH]

PATH is the python of an environment of its own with ``pip install simpy ciw``; without it the peers are skipped,
and with it every comparison is between two figures of one run on one machine. One thread; processor time, the
best of a few repetitions on each side.

The day has 64 quarter hours, about 10,000 calls of 240 s with a patience of 120 s, and named agents who come at
different times and take three breaks. Ours is `staffing.simulation.run` from the tables that go in to the tables
that come out. simpy has the same agents as processes that come and go, and, as the textbooks do it, a resource
whose surplus units are blocked; both count what we count by interval. ciw has its schedule with
``preemption="resume"``, since its default brings in a fresh crew at each change.

Several skills: the same calls in two queues, and a fifth of the agents answer both, their own first.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import numpy as np  # noqa: E402  (after the number of threads is set)
import pandas as pd  # noqa: E402
from scipy.optimize import linprog  # noqa: E402

from staffing import simulation  # noqa: E402
from staffing.model import Queue, Voice  # noqa: E402

CALLS, AHT, PATIENCE, WITHIN = 10_000, 240.0, 120.0, 20.0
INTERVALS, SPAN = 64, 900.0
SHARES = {"sales": 0.6, "care": 0.4}

PEER_CODE = '''
import collections, json, random, sys, time
from importlib.metadata import version
import ciw, simpy

case = json.load(sys.stdin)
SPAN, AHT, PATIENCE, WITHIN = case["span"], case["aht"], case["patience"], case["within"]
AGENTS, STAFFED, SIZE = case["agents"], case["staffed"], len(case["volumes"])


class Counts:
    def __init__(self, names):
        self.offered = {name: [0] * SIZE for name in names}
        self.in_time = {name: [0] * SIZE for name in names}
        self.abandoned = {name: [0] * SIZE for name in names}
        self.waits = {name: [0.0] * SIZE for name in names}
        self.busy = [0.0] * len(AGENTS)

    def told(self):
        return [sum(map(sum, part.values())) for part in (self.offered, self.in_time, self.abandoned)]


def arrivals(env, rng, volumes, counts, name, caller):
    for place, volume in enumerate(volumes):
        clock = place * SPAN
        while True:
            clock += rng.expovariate(volume / SPAN)
            if clock >= (place + 1) * SPAN:
                break
            yield env.timeout(clock - env.now)
            counts[place] += 1
            env.process(caller(name, place))


def simpy_agents(seed, queues, skills):
    """Agents as processes that come and go; lines and idle agents by queue."""
    rng, env, count = random.Random(seed), simpy.Environment(), Counts(queues)
    lines = {name: collections.deque() for name in queues}
    idle = {name: collections.deque() for name in queues}

    def agent(number, windows):
        own = skills[number]
        for opens, closes in windows:
            if env.now < opens:
                yield env.timeout(opens - env.now)
            while env.now < closes:
                call = None
                for name in own:
                    line = lines[name]
                    while line:
                        call = line.popleft()
                        if not call.triggered:
                            break
                        call = None
                    if call is not None:
                        call.succeed()
                        break
                else:
                    call = env.event()
                    for name in own:
                        idle[name].append(call)
                    yield call | env.timeout(closes - env.now)
                    if not call.triggered:
                        call.succeed()
                        break
                lasts = rng.expovariate(1 / AHT)
                count.busy[number] += lasts
                yield env.timeout(lasts)

    def caller(name, place):
        came, free = env.now, idle[name]
        while free:
            call = free.popleft()
            if not call.triggered:
                call.succeed()
                count.in_time[name][place] += 1
                return
        answer = env.event()
        lines[name].append(answer)
        yield answer | env.timeout(rng.expovariate(1 / PATIENCE))
        if answer.triggered:
            count.waits[name][place] += env.now - came
            count.in_time[name][place] += env.now - came <= WITHIN
        else:
            answer.succeed()
            count.abandoned[name][place] += 1

    for number, windows in enumerate(AGENTS):
        env.process(agent(number, windows))
    for name, share in queues.items():
        volumes = [share * volume for volume in case["volumes"]]
        env.process(arrivals(env, rng, volumes, count.offered[name], name, caller))
    env.run()
    return count.told()


def simpy_resource(seed):
    """One resource as large as the largest crew; whoever is not rostered is blocked."""
    rng, env, count = random.Random(seed), simpy.Environment(), Counts(["calls"])
    pool = simpy.PriorityResource(env, capacity=max(STAFFED))
    in_time, abandoned, waits = count.in_time["calls"], count.abandoned["calls"], count.waits["calls"]

    def caller(name, place):
        came = env.now
        with pool.request(priority=1) as turn:
            yield turn | env.timeout(rng.expovariate(1 / PATIENCE))
            if turn.triggered:
                waits[place] += env.now - came
                in_time[place] += env.now - came <= WITHIN
                yield env.timeout(rng.expovariate(1 / AHT))
            else:
                abandoned[place] += 1

    def away(since, until):
        yield env.timeout(since)
        with pool.request(priority=0) as turn:
            yield turn
            if env.now < until:
                yield env.timeout(until - env.now)

    for level in range(max(STAFFED)):
        gone = [staffed <= level for staffed in STAFFED]
        place = 0
        while place < SIZE:
            stop = place
            while stop < SIZE and gone[stop]:
                stop += 1
            if stop > place:
                env.process(away(place * SPAN, stop * SPAN))
            place = stop + 1
    env.process(arrivals(env, rng, case["volumes"], count.offered["calls"], "calls", caller))
    env.run()
    return count.told()


def ciw_schedule(seed):
    """The same crew sizes as a schedule that lets calls go on with whoever is there."""
    ciw.seed(seed)
    ends = [(place + 1) * SPAN for place in range(SIZE)]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.PoissonIntervals(
            rates=[volume / SPAN for volume in case["volumes"]], endpoints=ends, max_sample_date=ends[-1])],
        service_distributions=[ciw.dists.Exponential(1 / AHT)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / PATIENCE)],
        number_of_servers=[ciw.Schedule(
            numbers_of_servers=STAFFED, shift_end_dates=ends, preemption="resume")],
    )
    day = ciw.Simulation(network)
    day.simulate_until_max_time(ends[-1] + 3600)
    records = day.get_all_records()
    # A call that was broken off and resumed has several records; the first tells its wait.
    waits, lost = {}, set()
    for record in records:
        if record.record_type == "renege":
            lost.add(record.id_number)
            waits.setdefault(record.id_number, record.exit_date - record.arrival_date)
        else:
            wait = record.service_start_date - record.arrival_date
            waits[record.id_number] = min(wait, waits.get(record.id_number, wait))
    in_time = sum(wait <= WITHIN for number, wait in waits.items() if number not in lost)
    return [len(waits), in_time, len(lost)]


def timed(day, *more):
    best, sums = 0.0, [0, 0, 0]
    for seed in range(case["days"]):
        start = time.process_time()
        told = day(seed, *more)
        best = max(best, told[0] / (time.process_time() - start))
        sums = [a + b for a, b in zip(sums, told)]
    return best, sums[1] / sums[0], sums[2] / sums[0]


print(json.dumps({
    f"simpy {version('simpy')}, agents as processes": timed(simpy_agents, {"calls": 1.0}, [["calls"]] * len(AGENTS)),
    f"simpy {version('simpy')}, a resource with blocked units": timed(simpy_resource),
    f"ciw {version('ciw')}, a schedule": timed(ciw_schedule),
    f"simpy {version('simpy')}, several skills": timed(simpy_agents, case["shares"], case["skills"]),
}))
'''


def roster() -> tuple[np.ndarray, list[list[tuple[int, int]]], np.ndarray]:
    """Contacts by interval, windows of each agent in intervals, and agents on the queue by interval."""
    place = (np.arange(INTERVALS) + 0.5) / INTERVALS
    shape = np.exp(-(((place - 0.30) / 0.13) ** 2)) + 0.8 * np.exp(-(((place - 0.62) / 0.16) ** 2)) + 0.15
    volumes = CALLS * shape / shape.sum()
    load = volumes * AHT / SPAN
    need = np.ceil(load - 0.6 * np.sqrt(load))
    patterns = [
        [(s, s + 7), (s + 8, s + lunch), (s + lunch + 2, s + 26), (s + 27, s + 32)]
        for s in range(INTERVALS - 31)
        for lunch in (14, 16, 18)
    ]
    there = np.zeros((INTERVALS, len(patterns)))
    for column, windows in enumerate(patterns):
        for begin, end in windows:
            there[begin:end, column] = 1.0
    solved = linprog(np.ones(len(patterns)), A_ub=-there, b_ub=-need, method="highs")
    people = np.rint(solved.x).astype(int)
    agents = [windows for windows, count in zip(patterns, people, strict=True) for _ in range(count)]
    return volumes, agents, (there @ people).astype(int)


def skill_of(number: int) -> list[str]:
    """Queues of an agent, his own first: two fifths each have one, a fifth has both."""
    own = ["sales", "sales", "care", "care", "sales" if number % 2 else "care"][number % 5]
    return [own] if number % 5 < 4 else [own, "care" if own == "sales" else "sales"]


def tables(
    volumes: np.ndarray, agents: list[list[tuple[int, int]]], shares: dict[str, float]
) -> tuple[pd.DataFrame, list[Queue], pd.DataFrame, pd.DataFrame]:
    """SEGMENTS, queues, FORECAST and SKILLS of the day."""
    nine = pd.Timestamp("2026-11-30 06:00", tz="Asia/Seoul").as_unit("us")
    quarter = pd.Timedelta(SPAN, "s")
    times = pd.date_range(nine, periods=INTERVALS, freq=quarter, unit="us")
    forecast = pd.concat(
        pd.DataFrame({"queue": name, "interval": times, "volume": share * volumes, "aht": AHT})
        for name, share in shares.items()
    )
    own = [skill_of(n) if len(shares) > 1 else list(shares) for n in range(len(agents))]
    segments = pd.DataFrame(
        [(f"{n:03d}", nine + a * quarter, nine + b * quarter, "queue", own[n][0], True)
         for n, windows in enumerate(agents) for a, b in windows],
        columns=["agent", "start", "end", "activity", "queue", "paid"],
    )  # fmt: skip
    skills = pd.DataFrame([(f"{n:03d}", name) for n, names in enumerate(own) for name in names],
                          columns=["agent", "queue"])  # fmt: skip
    queues = [Queue(name, team="service", shrinkage=(), channel=Voice(PATIENCE)) for name in shares]
    return segments, queues, forecast, skills


def ours(shares: dict[str, float], replications: int, times: int) -> tuple[float, float, float, float]:
    """Calls per second, service level, abandonment, and standard error of the service level."""
    volumes, agents, _ = roster()
    segments, queues, forecast, skills = tables(volumes, agents, shares)
    fastest = float("inf")
    for _ in range(times):
        start = time.process_time()
        replay = simulation.run(
            segments, queues, forecast=forecast, skills=skills if len(shares) > 1 else None,
            replications=replications, seed=1,
        )  # fmt: skip
        fastest = min(fastest, time.process_time() - start)
    day = replay.by_day
    offered = day["offered"].sum()
    weight = day["offered"] / offered
    error = float(np.sqrt((weight**2 * day["service_level_error"] ** 2).sum()))
    level, lost = float(day["service_level"] @ weight), float(day["abandonment"] @ weight)
    return offered * replications / fastest, level, lost, error


def peers(python: Path, days: int) -> dict[str, tuple[float, float, float]]:
    """Calls per second, service level and abandonment of each peer."""
    volumes, agents, staffed = roster()
    case = {
        "span": SPAN, "aht": AHT, "patience": PATIENCE, "within": WITHIN, "days": days, "shares": SHARES,
        "volumes": volumes.tolist(), "staffed": staffed.tolist(),
        "agents": [[(a * SPAN, b * SPAN) for a, b in windows] for windows in agents],
        "skills": [skill_of(n) for n in range(len(agents))],
    }  # fmt: skip
    done = subprocess.run(
        [python, "-c", PEER_CODE], input=json.dumps(case), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def main() -> None:
    """Print every figure with its ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer-python", type=Path, help="python of an environment with simpy and ciw")
    parser.add_argument("--days", type=int, default=8, help="days that the peers simulate")
    arguments = parser.parse_args()
    print(f"{CALLS} calls a day, {len(roster()[1])} agents\ncalls/s, service level, abandonment", flush=True)
    figures: dict[str, tuple[float, ...]] = {}
    for title, shares in {"one queue": {"calls": 1.0}, "several skills": SHARES}.items():
        for replications in (100, 1000):
            found = ours(shares, replications, 5 if replications == 100 else 3)
            figures[f"{title}, {replications} replications"] = found
            told = f"{found[0]:12,.0f}  {found[1]:.4f} +- {found[3]:.4f}  {found[2]:.4f}"
            print(f"{told}  {title}, {replications} replications", flush=True)
    if arguments.peer_python is None:
        print("simpy and ciw are skipped: give --peer-python, the python of an environment that has them")
        return
    found_peers = peers(arguments.peer_python, arguments.days)
    for name, (speed, level, lost) in found_peers.items():
        print(f"{speed:12,.0f}  {level:.4f}            {lost:.4f}  {name}")
    for name, (speed, *_) in found_peers.items():
        alike = "several skills" if "skills" in name else "one queue"
        ratios = [figures[f"{alike}, {n} replications"][0] / speed for n in (100, 1000)]
        print(f"x {ratios[0]:6.1f} at 100 replications, x {ratios[1]:6.1f} at 1000: {alike} / {name}")


if __name__ == "__main__":
    main()
