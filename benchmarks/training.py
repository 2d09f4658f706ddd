"""What planned training does to the rosters of `roster.py`, each solved without and with it.

Everybody has half an hour one to one in the week, in each team one at once for each forty people of the case,
and four people of each team meet on Tuesday from 10:00 to 11:30. Every roster is verified.

    python benchmarks/training.py 20 50 200 1000
"""

from __future__ import annotations

import datetime as dt
import math
import sys
import time

import roster as cases  # the generator beside this file; it also holds the threads to one

from staffing import roster, verify
from staffing.model import Training


def main() -> None:
    """A pair of lines for each size and utilisation."""
    print(
        "agents utilisation training | CPU s | gap [agent-half-hours], % | held, short | status, violations"
    )
    for count in map(int, sys.argv[1:] or ["20", "50", "200"]):
        for utilisation in cases.UTILISATIONS:
            for trainings in ((), planned(count)):
                print(line(count, utilisation, trainings), flush=True)


def planned(count: int) -> tuple[Training, ...]:
    """A talk for everybody, and a meeting of four people of each team."""
    agents = cases.week(count, cases.UTILISATIONS[0])[2]
    morning = (dt.time(10), dt.time(11, 30))
    talks = tuple(
        Training(f"{team} talks", 30, team=team, at_once=math.ceil(count / 40), activity="one_to_one")
        for team in cases.TEAMS
    )
    meetings = tuple(
        Training(f"{team} news", 90, agents=tuple(own["agent"].head(4)), days=("tue",), window=morning)
        for team, own in agents.groupby("team", sort=True)
    )
    return (*talks, *meetings)


def line(count: int, utilisation: float, trainings: tuple[Training, ...]) -> str:
    """One roster, measured and verified."""
    demand, shifts, agents, rules, tables = cases.week(count, utilisation)
    given = {**tables, "trainings": trainings}
    began = time.process_time()
    made = roster.assign(demand, shifts, agents, rules, **given, time_limit=None)
    seconds = time.process_time() - began
    broken = verify.roster(
        made.assignments, made.segments, demand, agents, rules, shifts=tuple(shifts),
        start=cases.MONDAY.date(), **given,
    )  # fmt: skip
    told = ""
    if made.training is not None:
        short = made.objective.set_index("part")["amount"]["short_by_training"]
        told = f"{(made.training['why'] == '').sum()} of {len(made.training)}, {short:.1f}"
    proof = f"{made.gap:7.2f} {100 * made.gap_share:7.4f}"
    case = f"{count:6} {utilisation:.2f} {'with' if trainings else 'without':7}"
    return f"{case} | {seconds:7.1f} | {proof} | {told} | {made.status} {len(broken)}"


if __name__ == "__main__":
    main()
