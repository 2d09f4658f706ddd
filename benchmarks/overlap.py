"""What a plan of shifts gains, and how sure that is: `python benchmarks/overlap.py`.

Lengths: the bank's pairs of every length from six to nine hours, with its breaks and without any, and how
long ranking them takes. Work: the shop's pairs with mail and orders placed in their quiet half hours. Rush:
the bank's windows week by week, and with the noise of calls. Breaks: the weeks of the demo and one day on a
menu of starts, with every break at the middle of its window, and with breaks placed by the covering program.
Targets: a day of 1,000 and one of 10,000 calls (AHT 300 s), 80/20 in each half hour against 80 % of the day
with a floor of 60 %, replayed call by call. Seconds are processor time of one thread.
"""

from __future__ import annotations

import datetime as dt
import itertools
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
    print("lengths | best pair | paid hours | cost | against 8 + 8")
    for words, pauses in (("the bank's breaks", True), ("no breaks", False)):
        lengths(words, *cases["bank"][::2], pauses=pauses)
    print("work | pairs | CPU s | paid hours of the best pair, without its work | with | short hours")
    working(*cases["shop"])
    print("rush | days with as many windows | mean distance of starts, of ends [min] | time shared")
    stability(*cases["bank"][::2])
    print(
        "breaks | paid hours, fixed at the middle | placed by the program | saved | dates whole by themselves"
    )
    for name, (plan, _, need) in cases.items():
        designs = shifts.two_shift(need, plan.teams.values(), contracts=terms(plan, need))
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


def terms(plan: site.Site, need: pd.DataFrame) -> pd.DataFrame:
    """The contracts that a week's shifts must make possible."""
    return week.contracts(plan, need, need["interval"].min().date())


def lengths(words: str, plan: site.Site, need: pd.DataFrame, *, pauses: bool) -> None:
    """The best pair of each two lengths, and the time that ranking them all takes."""
    team = replace(next(iter(plan.teams.values())), hours=(6, 9), rush=None)
    if not pauses:
        team = replace(team, breaks=(), meeting=None, screen=None)
    began = time.process_time()
    found = shifts.two_shift(need, [team])
    seconds = time.process_time() - began
    both = [shifts.pair(row, team) for row in found.to_dict("records")]
    found["lengths"] = [" + ".join(f"{hours:g}" for hours in sorted(s.hours for s in pair)) for pair in both]
    best = found.drop_duplicates("lengths").set_index("lengths")
    for kind in ("8 + 8", "6 + 8", "9 + 9", "6 + 9", best.index[0]):
        if kind in best.index:
            row = best.loc[kind]
            hours = f"{row['early_start']}-{row['early_end']} + {row['late_start']}-{row['late_end']}"
            less = f"{row['paid_hours'] / best.loc['8 + 8', 'paid_hours'] - 1:+.1%} paid hours, "
            less += f"{row['cost'] / best.loc['8 + 8', 'cost'] - 1:+.1%} cost"
            print(f"{words}, {kind} | {hours} | {row['paid_hours']:,.0f} | {row['cost']:,.0f} | {less}")
    print(f"{words}: {len(found)} pairs in {seconds:.2f} CPU s")
    wide = replace(team, hours=(6, 10))
    began = time.process_time()
    found = shifts.two_shift(need, [wide], step="15min")
    print(f"{words}, quarter hours, 6 to 10 h: {len(found)} pairs in {time.process_time() - began:.2f} CPU s")


def working(plan: site.Site, ahead: pd.DataFrame, need: pd.DataFrame) -> None:
    """Pairs of the shop with the work that is due placed in them, against the same pairs without."""
    at_work = week.working_hours(plan.calendar, plan.queues, plan.history)
    work = requirement.workload(ahead, plan.queues, calendar=at_work)
    options = {"contracts": terms(plan, need)}
    alone = shifts.two_shift(need, plan.teams.values(), **options)
    began = time.process_time()
    both = shifts.two_shift(need, plan.teams.values(), workload=work, queues=plan.queues, **options)
    seconds = time.process_time() - began
    for team in plan.teams:
        first, busy = (
            table[(table["team"] == team) & (table["rank"] == 1)].iloc[0] for table in (alone, both)
        )
        own = [queue.name for queue in plan.queues if queue.team == team]
        hours = work.loc[work["queue"].isin(own), "hours"].sum()
        pairs = f"{(both['team'] == team).sum()} | {seconds:.2f} in all"
        paid = f"{first['paid_hours']:,.0f} | {busy['paid_hours']:,.0f} | {busy['short'] / 2:,.1f}"
        print(f"{team}, {hours:,.0f} h of work | {pairs} | {paid}")


def stability(plan: site.Site, need: pd.DataFrame) -> None:
    """How far the rush windows of a weekday move from week to week, and under the noise of calls alone."""
    past = plan.history[plan.history["offered"] > 0]
    team = next(iter(plan.teams))
    real = past.assign(team=team, load=0.0, agents=past["offered"], scheduled=past["offered"])
    number = real["interval"].dt.tz_localize(None).dt.to_period("W")
    weeks = [shifts.peaks(table) for _, table in real.groupby(number)]
    distances("bank, one real week against the next", list(itertools.pairwise(weeks)))
    firsts = sorted(set(number))
    four = [shifts.peaks(real[(number > last - 4) & (number <= last)]) for last in firsts[3:]]
    distances("bank, the last four real weeks, a week later", list(itertools.pairwise(four)))
    generator = np.random.default_rng(1)
    still, calls = shifts.peaks(need), need["volume"].to_numpy()
    drawn = [
        shifts.peaks(need.assign(scheduled=need["scheduled"] * generator.poisson(calls) / calls))
        for _ in range(20)
    ]
    distances("bank's forecast week, calls drawn at random", [(still, one) for one in drawn])


def distances(words: str, couples: list[tuple[pd.DataFrame, pd.DataFrame]]) -> None:
    """Distance of the edges of a weekday's windows where both have as many, and the time that they share."""
    far, shared, days = [], [], 0
    for one, other in couples:
        for day in sorted(set(one["weekday"]) & set(other["weekday"])):
            edges = [
                table.loc[table["weekday"] == day, ["start", "end"]].map(minutes).to_numpy()
                for table in (one, other)
            ]
            days += 1
            inside = [rush(table) for table in edges]
            shared.append(len(inside[0] & inside[1]) / len(inside[0] | inside[1]))
            if len(edges[0]) == len(edges[1]):
                far.append(np.abs(edges[0] - edges[1]).mean(axis=0))
    start, end = np.mean(far, axis=0)
    print(f"{words} | {len(far)} of {days} | {start:.0f}, {end:.0f} | {np.mean(shared):.0%}")


def rush(edges: np.ndarray) -> set[int]:
    """Minutes within windows."""
    return {minute for start, end in edges for minute in range(start, end)}


def minutes(clock: str) -> int:
    """Minutes from midnight."""
    return int(clock[:2]) * 60 + int(clock[3:])


def ranked(name: str, plan: site.Site, ahead: pd.DataFrame, need: pd.DataFrame) -> None:
    """Seconds of the ranking and of the levers, and what they say."""
    began = time.process_time()
    designs = shifts.two_shift(need, plan.teams.values(), contracts=terms(plan, need))
    ranking = time.process_time() - began
    began = time.process_time()
    levers = shifts.levers(need, plan.teams.values(), designs, contracts=terms(plan, need))
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
