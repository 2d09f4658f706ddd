"""What a plan of shifts gains, and how sure that is: `python benchmarks/overlap.py`.

Breaks: the weeks of the demo and one day on a menu of starts, with every break at the middle of its window,
and with breaks placed by the covering program. Targets: a day of 1,000 and one of 10,000 calls (AHT 300 s),
80/20 in each half hour against 80 % of the day with a floor of 60 %, replayed call by call. Seconds are
processor time of one thread.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import time
from dataclasses import replace

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import numpy as np  # noqa: E402  (after the number of threads is set)
import pandas as pd  # noqa: E402

from staffing import calendar, demo, forecast, requirement, shifts, simulation, site, week  # noqa: E402
from staffing.model import Break, Queue, Shift, Target, Voice  # noqa: E402

SHAPE = [4, 5, 6, 7, 12, 12, 12, 8, 6, 6, 6, 6, 9, 13, 14, 14, 13, 9, 7, 6, 5, 5, 4, 4, 3, 3, 2, 2]
PAUSES = (Break("break", 15, True, (1.0, 2.5)), Break("lunch", 60, False, (3.0, 5.0)))
FLOOR = 0.60


def main() -> None:
    """Print every section of RESULTS.md that names this file."""
    cases = {name: planned(name) for name in ("bank", "shop")}
    print("ranking and levers | pairs | CPU s ranking | CPU s levers")
    for name, case in cases.items():
        ranked(name, *case)
    print(
        "breaks | paid hours, fixed at the middle | placed by the program | saved | dates whole by themselves"
    )
    for name, (plan, _, need) in cases.items():
        designs = shifts.two_shift(need, plan.teams.values(), contracts=week.contracts(plan))
        breaks(f"{name}, its two shifts", need, week.chosen(plan, designs))
    day = calls(3000)
    queue = served(None, 0.88)
    need = requirement.compute(day, [each(queue)])
    breaks("one day of 3,000 calls, starts every half hour", need, menu((6, 9), PAUSES))
    print("target | hours: each half hour (replayed, worst) | day (replayed, worst) | saved | CPU s")
    for volume in (1000, 10000):
        for patience in (None, 180.0):
            for words, templates in (("every half hour a start", menu((6, 8))), ("two shifts", pair())):
                targets(volume, patience, words, templates)


def planned(name: str) -> tuple[site.Site, pd.DataFrame, pd.DataFrame]:
    """A demo's site, forecast and requirement."""
    path, label = demo.prepare(name, tempfile.mkdtemp())
    plan = site.load(path)
    start = calendar.week_start(label, plan.week_starts)
    begins = calendar.at(start - dt.timedelta(days=plan.lead_days), 0, plan.timezone)
    past = plan.history[plan.history["interval"] < begins]
    ahead = forecast.predict(
        past, 7, start=start, calendar=plan.calendar, adjustments=plan.adjustments, seed=plan.seed
    )
    ahead = requirement.expected_volumes(ahead)
    need = shifts.evening_cover(requirement.compute(ahead, plan.queues), plan.teams.values())
    return plan, ahead, need


def ranked(name: str, plan: site.Site, ahead: pd.DataFrame, need: pd.DataFrame) -> None:
    """Seconds of the ranking and of the levers, and what they say."""
    began = time.process_time()
    designs = shifts.two_shift(need, plan.teams.values(), contracts=week.contracts(plan))
    ranking = time.process_time() - began
    began = time.process_time()
    levers = shifts.levers(need, plan.teams.values(), designs, contracts=week.contracts(plan))
    seconds = time.process_time() - began
    print(f"{name} | {len(designs)} | {ranking:.2f} | {seconds:.2f}")
    print(*(f"    {sentence}" for sentence in shifts.advice(levers)), sep="\n")


def breaks(words: str, need: pd.DataFrame, templates: tuple[Shift, ...]) -> None:
    """Breaks at the middle of their windows against breaks that the program places."""
    found = []
    for crew in (tuple(fixed(shift) for shift in templates), templates):
        plan = shifts.plan(need, crew)
        paid = hours(plan, crew)
        found.append((paid, plan))
    (before, _), (after, plan) = found
    whole = plan.drop_duplicates(["team", "date"])["whole"].mean()
    print(f"{words} | {before:,.1f} | {after:,.1f} | {1 - after / before:.1%} | {whole:.0%}")


def fixed(shift: Shift) -> Shift:
    """The same shift with every break at the middle of its window, on the half hour."""
    middles = [round(sum(pause.after_hours)) / 2 for pause in shift.breaks]
    return replace(
        shift,
        breaks=tuple(
            replace(pause, after_hours=(middle, middle))
            for pause, middle in zip(shift.breaks, middles, strict=True)
        ),
    )


def hours(plan: pd.DataFrame, templates: tuple[Shift, ...]) -> float:
    """Paid hours of a plan."""
    each = {(shift.team, shift.name): shift.paid_hours for shift in templates}
    return float(sum(row.agents * each[row.team, row.shift] for row in plan.itertuples()))


def served(patience: float | None, occupancy: float) -> Queue:
    """The queue with its target over the day."""
    target = Target(over="day", floor=FLOOR, max_occupancy=occupancy, max_abandonment=None)
    return Queue("calls", team="care", aht=300, shrinkage=(), channel=Voice(patience=patience), target=target)


def each(queue: Queue) -> Queue:
    """The same with its target in each half hour."""
    return replace(queue, target=replace(queue.target, over="interval", floor=None))


def calls(volume: float) -> pd.DataFrame:
    """One day with a noon and an afternoon rush, open 09:00 to 23:00."""
    times = pd.date_range("2026-11-30 09:00", periods=len(SHAPE), freq="30min", tz="Asia/Seoul", unit="us")
    share = np.array(SHAPE) / sum(SHAPE)
    return pd.DataFrame({"queue": "calls", "interval": times, "volume": share * volume, "aht": 300.0})


def menu(lengths: tuple[int, ...], pauses: tuple[Break, ...] = ()) -> tuple[Shift, ...]:
    """A shift at every half hour for each length."""
    return tuple(
        Shift(f"{start / 2:g}-{length}", "care", dt.time(start // 2, start % 2 * 30), length, pauses)
        for length in lengths
        for start in range(18, 2 * (23 - length) + 1)
    )


def pair() -> tuple[Shift, ...]:
    """Two shifts of eight hours."""
    return Shift("early", "care", dt.time(9), 8.0), Shift("late", "care", dt.time(15), 8.0)


def targets(volume: float, patience: float | None, words: str, templates: tuple[Shift, ...]) -> None:
    """The target in each half hour against the target over the day, both replayed."""
    ahead, queue = calls(volume), served(patience, 1.0)
    need = requirement.compute(ahead, [each(queue)])
    curve = requirement.curve(ahead, [queue])
    told, paid = [], []
    for over in ("interval", "day"):
        began = time.process_time()
        plan = shifts.plan(need, templates, target=over, curve=curve, queues=[queue])
        seconds = time.process_time() - began
        replay = simulation.run(on_duty(plan, templates), [queue], forecast=ahead, replications=200)
        achieved = replay.by_day.iloc[0]
        worst = replay.by_interval["service_level"].min()
        paid.append(hours(plan, templates))
        level = f"{achieved['service_level']:.3f} +- {achieved['service_level_error']:.3f}"
        told.append(f"{paid[-1]:,.0f} ({level}, {worst:.2f})")
    model = "Erlang C" if patience is None else "Erlang A"
    print(f"{volume:,} {model}, {words} | {' | '.join(told)} | {1 - paid[1] / paid[0]:.1%} | {seconds:.1f}")


def on_duty(plan: pd.DataFrame, templates: tuple[Shift, ...]) -> pd.DataFrame:
    """Segments of as many nameless people as the plan has; the shifts have no breaks."""
    named = {shift.name: shift for shift in templates}
    rows = []
    for row in plan.itertuples():
        shift = named[row.shift]
        edges = [row.date + pd.Timedelta(minutes=edge) for edge in (shift.start_minute, shift.end_minute)]
        start, end = (edge.tz_localize("Asia/Seoul") for edge in edges)
        people = [f"{row.shift}-{number}" for number in range(int(row.agents))]
        rows += [(agent, start, end, "queue", "calls", True) for agent in people]
    return pd.DataFrame(rows, columns=["agent", "start", "end", "activity", "queue", "paid"])


if __name__ == "__main__":
    main()
