"""The same week by CP-SAT and by pyworkforce: `python benchmarks/roster_peers.py PYTHON 20 50 200`.

PYTHON is the interpreter of another environment, with pyworkforce and ortools; `--seconds 60` before it
limits the processor time of each solver. The weeks are those of `benchmarks/roster.py`, and every roster is
counted by one scorer, from its own tables: short at 100, over at 1 an agent-half-hour, wishes at 2, days
off that are not together at 4; `staffing.verify` counts the broken rules. Ours also pays for deep shortage
and for breaks that crowd; these are not counted here, so its own bound is of a dearer objective and stands
in brackets.

CP-SAT: a binary for each person, day, shift and queue; all the rules of the week; breaks as counts by their
start, on the same grid as ours (their windows do not meet, so any counts can be handed out to people).
pyworkforce, for each team: `MinAbsDifference` on quarter hours over shifts with 27 layouts of the breaks,
then `MinHoursRoster` with leave as bans, wishes as preferences and late -> early as the rule of rest. It
has no most hours or days and one least for all, no lates a week, and no second queue. Where it answers that
there is no roster, the need is lowered by 5 % at a time until it finds one, and the line says so.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
import sys
import threading
import time

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

DAYS, SLOTS = range(7), range(96)  # quarter hours of a day
STARTS = {"early": 32, "late": 60}
LENGTH = 36
# Of the first break, lunch and the second break: where it may begin and how long it is. [quarter hours]
BREAKS = ((range(4, 11), 1), (range(12, 21, 2), 4), (range(26, 33), 1))
LAYOUTS = tuple(itertools.product((4, 7, 10), (12, 16, 20), (26, 29, 32)))
SHORT, OVER, WISH, APART = 100, 1, 2, 4


def main(arguments: list[str]) -> None:
    """One line for each contender, size and utilisation."""
    limit = 60.0
    if arguments[:1] == ["--seconds"]:
        limit, arguments = float(arguments[1]), arguments[2:]
    if arguments[0] == "--solve":
        contender = {"cpsat": cpsat, "pyworkforce": pyworkforce}[arguments[1]]
        print(json.dumps(contender(json.load(sys.stdin), limit)))
        return
    import roster as weeks  # benchmarks/roster.py

    print("agents utilisation contender | CPU s | cost | short, over | bound | broken rules | status")
    for count in arguments[1:]:
        for utilisation in weeks.UTILISATIONS:
            for contender in ("staffing", "cpsat", "pyworkforce"):
                case = weeks.week(int(count), utilisation)
                head = f"{int(count):6} {utilisation:.2f} {contender:11}"
                print(f"{head} | {line(contender, case, limit, arguments[0])}", flush=True)


def line(contender: str, case: tuple, limit: float, python: str) -> str:
    """One contender's week, measured, scored and verified."""
    import roster as weeks

    from staffing import roster, verify

    demand, shifts, agents, rules, tables = case
    if contender == "staffing":
        began = time.process_time()
        made = roster.assign(demand, shifts, agents, rules, **tables, time_limit=None)
        seconds, status, bound = time.process_time() - began, made.status, f"({made.bound:.1f})"
        assignments, segments = made.assignments, made.segments
    else:
        said = subprocess.run(
            [python, __file__, "--seconds", str(limit), "--solve", contender],
            input=json.dumps(told(case)), capture_output=True, text=True, check=True,
        )  # fmt: skip
        answer = json.loads(said.stdout.splitlines()[-1])
        seconds, status = answer["seconds"], answer["status"]
        bound = "-" if answer["bound"] is None else f"{answer['bound']:.1f}"
        assignments, segments = as_tables(answer["work"], agents)
    head = f"{seconds:6.1f}"
    if not len(assignments):
        return f"{head} | no roster | bound {bound} | {status}"
    costs = verify.costs(assignments, segments, demand, rules, requests=tables["requests"])
    amount, cost = (costs.set_index("part")[name] for name in ("amount", "cost"))
    whole = cost.sum() + APART * days_apart(assignments, agents)
    broken = verify.roster(
        assignments, segments, demand, agents, rules, shifts=shifts, start=weeks.MONDAY.date(), **tables
    )
    rules_broken = ", ".join(f"{n} x {rule}" for rule, n in broken["rule"].value_counts().items())
    return (
        f"{head} | {whole:9.1f} | {amount['shortage']:7.1f} {amount['surplus']:7.1f} | {bound:>10} | "
        f"{len(broken)} {rules_broken} | {status}"
    )


def days_apart(assignments, agents) -> int:
    """Of the two days off together, how many each person lacks."""
    lacking = 0
    for agent in agents["agent"]:
        worked = set(assignments.loc[assignments["agent"] == agent, "date"].dt.day_of_week)
        runs = "".join("x" if day in worked else "-" for day in DAYS).split("x")
        lacking += max(0, 2 - max(map(len, runs)))
    return lacking


def told(case: tuple) -> dict:
    """What the peers are given: people, and the need by queue and day in quarter hours."""
    demand, _, agents, _, tables = case
    import roster as weeks

    leave: dict[str, list[int]] = {agent: [] for agent in agents["agent"]}
    for row in tables["timeoff"].itertuples():
        leave[row.agent] += range((row.start - weeks.MONDAY).days, (row.end - weeks.MONDAY).days + 1)
    avoids = dict(zip(tables["requests"]["agent"], tables["requests"]["shift"], strict=True))
    serves = tables["skills"].groupby("agent")["queue"].agg(list)
    people = []
    for row in agents.itertuples():
        hours = (40, 40) if row.contract == "full" else (16, 24)
        off = sorted(set(leave[row.agent]))
        people.append(
            {
                "agent": row.agent, "team": row.team, "queues": serves[row.agent], "leave": off,
                "least": max(0, math.ceil(hours[0] / 8) - len(off)),
                "most": max(0, hours[1] // 8 - len(off)), "avoids": avoids.get(row.agent),
            }
        )  # fmt: skip
    need = {queue: [[0] * len(SLOTS) for _ in DAYS] for queue in weeks.TEAMS.values()}
    for row in demand.itertuples():
        slot, day = row.interval.hour * 4 + row.interval.minute // 15, row.interval.day_of_week
        need[row.queue][day][slot : slot + 2] = [int(row.scheduled)] * 2
    return {"people": people, "need": need, "teams": weeks.TEAMS}


def as_tables(work: list, agents) -> tuple:
    """ASSIGNMENTS and SEGMENTS of agent, day, shift, queue and the starts of the three breaks."""
    import pandas as pd
    import roster as weeks

    from staffing.tables import ASSIGNMENTS, SEGMENTS

    team = dict(zip(agents["agent"], agents["team"], strict=True))
    days, parts = [], []
    for agent, day, shift, queue, begins in sorted(work):
        date = weeks.MONDAY + pd.Timedelta(days=day)

        def at(quarter: int, midnight=date, first=STARTS[shift]) -> pd.Timestamp:
            return (midnight + pd.Timedelta(minutes=15 * (first + quarter))).tz_localize(weeks.ZONE)

        days.append((agent, date, team[agent], shift, at(0), at(LENGTH), 8.0))
        free = 0
        for begin, (_, length), name in zip(begins, BREAKS, ("break", "lunch", "break"), strict=True):
            parts.append((agent, at(free), at(begin), "queue", queue, True))
            free = begin + length
            parts.append((agent, at(begin), at(free), name, "", name == "break"))
        parts.append((agent, at(free), at(LENGTH), "queue", queue, True))
    if not days:
        return ASSIGNMENTS.empty(), SEGMENTS.empty()
    names = ["agent", "date", "team", "shift", "start", "end", "paid_hours"]
    assignments = pd.DataFrame(days, columns=names)
    segments = pd.DataFrame(parts, columns=["agent", "start", "end", "activity", "queue", "paid"])
    zoned = f"datetime64[us, {weeks.ZONE}]"
    whole = {"start": zoned, "end": zoned}
    return assignments.astype({**whole, "date": "datetime64[us]"}), segments.astype(whole)


def cpsat(case: dict, limit: float) -> dict:
    """The plain model: who works which shift on which day for which queue, one worker."""
    from ortools.sat.python import cp_model

    began = time.process_time()
    model, cost, posts = cp_model.CpModel(), [], {}
    for person in case["people"]:
        works = []
        for day in DAYS:
            ways = {
                (shift, queue): model.new_bool_var("")
                for shift in STARTS
                for queue in person["queues"]
                if day not in person["leave"]
            }
            model.add_at_most_one(ways.values())
            for (shift, queue), way in ways.items():
                posts.setdefault((day, person["team"], shift, queue), []).append((person["agent"], way))
                if shift == person["avoids"]:
                    cost.append(2 * WISH * way)
            works.append(
                {shift: sum(way for (on, _), way in ways.items() if on == shift) for shift in STARTS}
            )
        whole = [sum(work.values()) for work in works]
        model.add_linear_constraint(sum(whole), person["least"], person["most"])
        model.add(sum(work["late"] for work in works) <= 3)
        for one, other in itertools.pairwise(works):
            model.add(one["late"] + other["early"] <= 1)
        pairs = [model.new_bool_var("") for _ in DAYS[1:]]
        for day, pair in enumerate(pairs):
            model.add(whole[day] + pair <= 1)
            model.add(whole[day + 1] + pair <= 1)
        apart = model.new_bool_var("")
        model.add(sum(pairs) + apart >= 1)
        cost.append(2 * APART * apart)
    breaks, there = {}, {}
    for (day, team, shift, queue), ways in posts.items():
        heads = sum(way for _, way in ways)
        for slot in range(STARTS[shift], STARTS[shift] + LENGTH):
            there.setdefault((queue, day, slot // 2), []).append(heads)
        for number, (begins, length) in enumerate(BREAKS):
            counts = {begin: model.new_int_var(0, len(ways), "") for begin in begins}
            model.add(sum(counts.values()) == heads)
            breaks[day, team, shift, queue, number] = counts
            for begin, count in counts.items():
                for slot in range(STARTS[shift] + begin, STARTS[shift] + begin + length):
                    there[queue, day, slot // 2].append(-count)
    for (queue, day, half), terms in there.items():
        need = 2 * case["need"][queue][day][2 * half]
        short = model.new_int_var(0, need, "")
        over = model.new_int_var(0, 2 * len(case["people"]), "")
        model.add(sum(terms) + short - over == need)
        cost += [SHORT * short, OVER * over]
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            if time.process_time() - began > limit:
                solver.stop_search()

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = solver.solve(model)
    done.set()
    watcher.join()
    work = []
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        for post, ways in posts.items():
            taken = [agent for agent, way in ways if solver.value(way)]
            begins = [
                [begin for begin, n in breaks[*post, number].items() for _ in range(solver.value(n))]
                for number in range(len(BREAKS))
            ]
            day, _, shift, queue = post
            for agent, *own in zip(taken, *begins, strict=True):
                work.append((agent, day, shift, queue, own))
    return {
        "status": solver.status_name(status), "bound": solver.best_objective_bound / 2,
        "seconds": time.process_time() - began, "work": work,
    }  # fmt: skip


def pyworkforce(case: dict, limit: float) -> dict:
    """Counts of shifts, then people to them, team by team."""
    began = time.process_time()
    work, status = [], []
    for team, queue in case["teams"].items():
        people = [person for person in case["people"] if person["team"] == team]
        for lowered in range(0, 100, 5):
            counts = shift_counts(case["need"][queue], 1 - lowered / 100, len(people), limit)
            needed = {s: [sum(n for _, n in counts[d, s]) for d in DAYS] for s in STARTS}
            answer = team_roster(people, needed, limit)
            if not lowered:
                status.append(f"{team}: {answer['status']} cost {answer['cost']:g}")
            if answer["status"] in ("OPTIMAL", "FEASIBLE") or time.process_time() - began > limit:
                break
        if lowered:
            status[-1] += f"; need less {lowered} %: {answer['status']}"
        if answer["status"] in ("OPTIMAL", "FEASIBLE"):
            layouts = {post: [own for own, n in each for _ in range(n)] for post, each in counts.items()}
            for one in answer["resource_shifts"]:
                left = layouts[one["day"], one["shift"]]
                own = left.pop() if left else LAYOUTS[13]
                work.append((one["resource"], one["day"], one["shift"], queue, own))
    seconds = time.process_time() - began
    return {"status": "; ".join(status), "bound": None, "seconds": seconds, "work": work}


def shift_counts(need: list, share: float, most: int, limit: float) -> dict:
    """How many people each shift and layout of breaks has on each day."""
    from pyworkforce.scheduling import MinAbsDifference

    covers = {}
    for shift, layout in itertools.product(STARTS, range(len(LAYOUTS))):
        at = [int(0 <= slot - STARTS[shift] < LENGTH) for slot in SLOTS]
        for begin, (_, length) in zip(LAYOUTS[layout], BREAKS, strict=True):
            for slot in range(begin, begin + length):
                at[STARTS[shift] + slot] = 0
        covers[f"{shift} {layout}"] = at
    answer = MinAbsDifference(
        num_days=len(DAYS), periods=len(SLOTS), shifts_coverage=covers,
        required_resources=[[round(share * heads) for heads in day] for day in need],
        max_period_concurrency=most, max_shift_concurrency=most, max_search_time=limit / 4,
    ).solve()  # fmt: skip
    counts: dict = {(day, shift): [] for day in DAYS for shift in STARTS}
    for row in answer["resources_shifts"]:
        if row["day"] >= 0 and row["resources"]:
            shift, layout = row["shift"].split()
            counts[row["day"], shift].append((LAYOUTS[int(layout)], row["resources"]))
    return counts


def team_roster(people: list, needed: dict, limit: float) -> dict:
    """Its roster of one team; least hours are those that everybody of the team owes."""
    from pyworkforce.rostering.binary_programming import MinHoursRoster

    likes = {"early": "late", "late": "early"}
    return MinHoursRoster(
        num_days=len(DAYS), resources=[person["agent"] for person in people], shifts=list(STARTS),
        shifts_hours=[8, 8], min_working_hours=8 * min(person["least"] for person in people),
        banned_shifts=[
            {"resource": person["agent"], "shift": shift, "day": day}
            for person in people for day in person["leave"] for shift in STARTS
        ],
        max_resting=len(DAYS), required_resources=needed,
        non_sequential_shifts=[{"origin": "late", "destination": "early"}],
        resources_preferences=[
            {"resource": person["agent"], "shift": likes[person["avoids"]]}
            for person in people if person["avoids"]
        ],
        max_search_time=limit / 4,
    ).solve()  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
