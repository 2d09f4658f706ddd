"""Each team with its need, shifts, target and work, and the program that covers them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from staffing.designing import covering, need, pairs
from staffing.designing import service as curves
from staffing.designing import work as deferrable
from staffing.designing.covering import Cover, Prices, Task
from staffing.designing.need import Demand
from staffing.designing.service import Over, Service
from staffing.errors import DataError, Problem
from staffing.model import Queue, Shift, Team
from staffing.tables import REQUIREMENT, check


class Aim(NamedTuple):
    """Over what the targets must hold, and what tells whether they do."""

    over: Over = "interval"
    curve: pd.DataFrame | None = None
    queues: tuple[Queue, ...] = ()
    floor: float | None = None


class Case(NamedTuple):
    """One team with its shifts, and the program that covers its need."""

    demand: Demand
    shifts: list[Shift]
    times: pd.Series
    cover: Cover
    service: Service | None


def cases(
    requirement: pd.DataFrame,
    shifts: Iterable[Shift],
    teams: Iterable[Team],
    aim: Aim,
    workload: pd.DataFrame | None,
    prices: Prices,
) -> list[Case]:
    """The teams in the order in which the shifts name them."""
    check(requirement, REQUIREMENT)
    own: dict[str, list[Shift]] = {}
    for shift in shifts:
        own.setdefault(shift.team, []).append(shift)
    need_rules(requirement, own)
    rules = {team.name: team for team in teams}
    present = set(requirement["team"])
    duties = duties_of(workload, aim, set(own) & present)
    found = []
    for name, mine in own.items():
        if name not in present:
            continue
        asked = task(requirement, name, rules.get(name), aim, duties.get(name))
        rows = requirement.loc[requirement["team"] == name, "interval"]
        times = rows.drop_duplicates().sort_values()
        cover = covering.cover(asked.demand, mine, prices, service=asked.service, work=asked.work)
        found.append(Case(asked.demand, mine, times, cover, asked.service))
    return found


def duties_of(workload: pd.DataFrame | None, aim: Aim, teams: set[str]) -> dict[str, pd.DataFrame]:
    """The work of each team, none where there is no workload."""
    return {} if workload is None else deferrable.by_team(workload, aim.queues, teams)


def task(
    requirement: pd.DataFrame, name: str, team: Team | None, aim: Aim, items: pd.DataFrame | None
) -> Task:
    """What a team is to cover, with its own rule for the evening and the work that is its own."""
    demand = need.demand(requirement, name, team)
    timezone = str(requirement["interval"].dt.tz)
    work = None if items is None else deferrable.work(items, aim.queues, demand, timezone)
    return Task(demand, service_of(requirement, demand, team, aim), work)


def typical(whole: Task, requirement: pd.DataFrame, team: Team, aim: Aim) -> Task:
    """A single day that stands for all: what many designs are first compared on.

    It has the mean need of the open days; with a target over longer periods it is the open day whose need is
    nearest to that mean, since service curves have none.
    """
    demand = whole.demand
    opened = np.flatnonzero((demand.agents > 0).any(axis=1))
    work = None
    if whole.work is not None:
        work = whole.work.on_average(max(len(opened), 1), demand.agents.shape[1])
    if whole.service is None or not len(opened):
        return Task(demand.average, None, work)
    sums = demand.agents[opened].sum(axis=1)
    number = int(opened[np.argmin(np.abs(sums - sums.mean()))])
    date = demand.dates[number]
    day = replace(demand, dates=pd.DatetimeIndex([date]), agents=demand.agents[[number]], alike=True)
    rows = requirement[requirement["interval"].dt.tz_localize(None).dt.normalize() == date]
    return Task(day, service_of(rows, day, team, aim), work)


def service_of(requirement: pd.DataFrame, demand: Demand, team: Team | None, aim: Aim) -> Service | None:
    """The curves of a team whose targets hold over longer periods; None where each interval counts."""
    if aim.over == "interval":
        return None
    if aim.over not in ("day", "week"):
        remedy = 'one of "interval", "day", "week"'
        raise DataError([Problem(f"a plan's target cannot hold over {aim.over!r}", remedy, column="target")])
    if aim.curve is None:
        remedy = "give staffing.requirement.curve of the same forecast"
        raise DataError(
            [Problem(f"a target over the {aim.over} needs the service curve", remedy, column="curve")]
        )
    asked = need.evening(requirement, demand, team)
    return curves.service(requirement, aim.curve, aim.queues, demand, asked, over=aim.over, floor=aim.floor)


def heads_of(plan: pd.DataFrame, case: Case) -> np.ndarray:
    """Heads of a plan by shift and date; 0 where it has no row."""
    rows = plan[plan["team"] == case.demand.team]
    table = rows.pivot_table(index="shift", columns="date", values="agents", aggfunc="sum", fill_value=0.0)
    names = [shift.name for shift in case.shifts]
    return table.reindex(index=names, columns=case.demand.dates, fill_value=0.0).to_numpy(dtype=float)


def terms(contracts: pd.DataFrame | None, team: str) -> list[dict[Any, Any]]:
    """Hours and days of a team's contracts."""
    if contracts is None:
        return []
    check(contracts, pairs.TERMS)
    return contracts[contracts["team"] == team].to_dict("records")


def need_rules(requirement: pd.DataFrame, known: Mapping[str, object]) -> None:
    problems = [
        Problem(
            f"the team {name!r} has a need but no rules or shifts",
            "give them for every team of the requirement",
            REQUIREMENT.name,
            None,
            "team",
        )
        for name in sorted(set(requirement["team"]) - set(known))
    ]
    if problems:
        raise DataError(problems)
