"""Who could take a day of somebody else's, and for which day in exchange."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem
from staffing.model import Pair, Rules, Shift, Team, Training
from staffing.roster import pairs as pairing
from staffing.roster import reading
from staffing.roster.case import WEEK, WEEKDAYS, Case, Group
from staffing.roster.keeping import UNKNOWN, kept
from staffing.roster.weeks import Weeks, lawful


def swaps(
    assignments: pd.DataFrame,
    agent: str,
    date: dt.date,
    shifts: Sequence[Shift],
    agents: pd.DataFrame,
    rules: Rules | Mapping[str, Rules] = Rules(),  # noqa: B008 - frozen
    *,
    demand: pd.DataFrame,
    skills: pd.DataFrame | None = None,
    timeoff: pd.DataFrame | None = None,
    requests: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    teams: Iterable[Team] = (),
    seats: int | None = None,
    pairs: Iterable[Pair] = (),
    trainings: Iterable[Training] = (),
    start: dt.date | None = None,
    days: int = 7,
    frozen_until: dt.date | None = None,
) -> pd.DataFrame:
    """Colleagues who could take somebody's day, so that both weeks stay lawful and cover is the same.

    Those of the same team, skills and rank who are free on the day: the two exchange the fewest days, that
    one among them, with which both weeks are lawful; of equally many the cheapest.

    Parameters
    ----------
    assignments : pandas.DataFrame
        ASSIGNMENTS of the week.
    agent : str
        Whose day it is.
    date : datetime.date
        A day on which the agent works.
    shifts, agents, rules, demand, skills, timeoff, requests, previous, teams, seats, pairs, start, days
        As for `assign`.
    trainings : iterable of Training, optional
        As for `assign`: both weeks keep room for what has room in any.
    frozen_until : datetime.date, optional
        Days before it are neither taken nor given.

    Returns
    -------
    pandas.DataFrame
        agent (who takes the day), what (the days taken and given, in words), days (on which the two change),
        cost (wishes, rotation and the like, of both together, more than before); fewest days first.

    Raises
    ------
    DataError
        Where the tables are wrong, or the agent does not work a shift of the team on that day.

    Examples
    --------
    >>> hours = pd.date_range("2026-11-30 08:00", periods=24, freq="30min", tz="Asia/Seoul", unit="us")
    >>> demand = pd.DataFrame({"queue": "chat", "team": "shop", "interval": hours, "load": 0.5, "agents": 1.0,
    ...                        "scheduled": 1.0})
    >>> early = Shift("early", "shop", dt.time(8), 6)
    >>> people = pd.DataFrame({"agent": ["006", "007"], "name": ["김민지", "Amina"], "team": "shop",
    ...                        "contract": "full", "hours_week": 6.0})
    >>> from staffing.model import Limit
    >>> one = pd.DataFrame({"agent": ["006"], "date": pd.to_datetime(["2026-11-30"]).as_unit("us"),
    ...                     "team": "shop", "shift": "early", "start": hours[:1], "end": hours[12:13],
    ...                     "paid_hours": 6.0})
    >>> swaps(one, "006", dt.date(2026, 11, 30), [early], people, Rules(hours_week=Limit(max=6)),
    ...       demand=demand)["agent"].tolist()
    ['007']
    """
    given = {
        "demand": demand, "agents": agents, "skills": skills, "timeoff": timeoff, "requests": requests,
        "previous": previous, "keep": assignments, "kept": None, "carried": None,
    }  # fmt: skip
    tables = reading.checked(given, shifts, rules, days=days)
    case = reading.read(
        dataclasses.replace(tables, keep=assignments.iloc[:0]), shifts, rules, start=start, days=days,
        teams=teams, seats=seats, together=pairs, trainings=tuple(trainings),
    )  # fmt: skip
    stands = kept(
        assignments, agents, case.menus, case.start, days, case.timezone, frozen_until=frozen_until, price=0.0
    )
    options = stands.options
    owner = {name: group for group in case.groups for name in group.agents}
    day = (date - case.start).days
    if agent not in owner or not 0 <= day < days or options.get(agent, np.zeros(7))[day] <= 0:
        what = f"{agent!r} works no shift of the team on {date}"
        raise DataError([Problem(what, "name an agent and a day that the roster has", "ASSIGNMENTS")])
    rows = [] if day < stands.frozen else list(_exchanges(case, owner, options, agent, day, stands.frozen))
    table = pd.DataFrame(rows, columns=["agent", "what", "days", "cost"]).astype(
        {"agent": "str", "what": "str", "days": "int64", "cost": "float64"}
    )
    return table.sort_values(["days", "cost", "agent"], ignore_index=True)


def _exchanges(
    case: Case,
    owner: Mapping[str, Group],
    options: Mapping[str, np.ndarray],
    agent: str,
    day: int,
    frozen: int,
) -> Iterator[tuple[str, str, int, float]]:
    """Who takes the day, what for, on how many days, and what it costs more."""
    known: dict[int, dict[bytes, float]] = {}
    mine, own = owner[agent], options[agent]
    for other, group in sorted(owner.items()):
        theirs = options[other]
        alike = (group.team, group.queues, group.senior) == (mine.team, mine.queues, mine.senior)
        if other == agent or not alike or theirs[day] or UNKNOWN in (*own, *theirs):
            continue
        before = [_cost_of(case, *some, known) for some in ((mine, own), (group, theirs))]
        before.append(_of_pairs(case, options, (agent, other)))
        differ = [at for at in np.flatnonzero(own != theirs).tolist() if at != day and at >= frozen]
        for more in range(len(differ) + 1):
            found = []
            for some in itertools.combinations(differ, more):
                here = np.isin(np.arange(WEEK), [day, *some])
                rid, taken = np.where(here, theirs, own), np.where(here, own, theirs)
                now = [_cost_of(case, *pair, known) for pair in ((mine, rid), (group, taken))]
                now.append(_of_pairs(case, {**options, agent: rid, other: taken}, (agent, other)))
                if None not in now:
                    cost = sum(cost or 0.0 for cost in now) - sum(cost or 0.0 for cost in before)
                    found.append((round(cost, 9), some))
            if found:
                cost, some = min(found)
                yield other, _in_words(case, mine.team, own, theirs, sorted([day, *some])), more + 1, cost
                break


def _of_pairs(case: Case, options: Mapping[str, np.ndarray], two: tuple[str, str]) -> float | None:
    """What the pairs of two people cost, None where a hard one is not kept."""
    # Hours that are no shift of the team cannot be held against a pair: they count as a day off, twice.
    known = {name: np.maximum(week, 0) for name, week in options.items()}
    cost = pairing.cost(case, known, two)
    return None if np.isinf(cost) else cost


def _in_words(case: Case, team: str, own: np.ndarray, theirs: np.ndarray, days: list[int]) -> str:
    """Which days a colleague takes and gives."""
    shifts = case.menus[team].shifts
    dates = [case.start + dt.timedelta(days=day) for day in days]
    named = [f"{WEEKDAYS[date.weekday()]} {date.isoformat()}" for date in dates]
    parts = []
    for verb, week in (("takes", own), ("gives", theirs)):
        worked = [
            f"{name} {shifts[week[day] - 1].name}" for day, name in zip(days, named, strict=True) if week[day]
        ]
        if worked:
            parts.append(f"{verb} {', '.join(worked)}")
    return "; ".join(parts)


def _cost_of(
    case: Case, group: Group, week: np.ndarray, known: dict[int, dict[bytes, float]]
) -> float | None:
    """Wishes and priced rules of a week of a person, None where it is not lawful."""
    if id(group) not in known:
        weeks: Weeks = lawful(group, case.menus[group.team])
        known[id(group)] = {
            option.tobytes(): float(cost) for option, cost in zip(weeks.options, weeks.cost, strict=True)
        }
    return known[id(group)].get(week.astype(np.int64).tobytes())
