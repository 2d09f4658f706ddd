"""How everybody stands before the week: leave, last week's tail, wishes; and who is alike."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from staffing import calendar
from staffing.model import Rules
from staffing.roster import asking, cycles, shares
from staffing.roster.case import WEEK, Group, Menu, Need
from staffing.roster.keeping import Kept

NOTHING = shares.Had()


@dataclass(frozen=True)
class Tail:
    """What last week leaves to this one, for one person.

    Parameters
    ----------
    end : float
        End of the last shift, in minutes from the first midnight. [min]
    run : int
        Days worked in a row up to the day before the week; -1 where nothing is known.
    yesterday : str
        Shift of the day before the week; empty on a day off.
    shift : str
        On which more than half of last week's days were; empty where none.
    had : Had
        Late shifts and weekend days so far.
    """

    end: float = -math.inf
    run: int = -1
    yesterday: str = ""
    shift: str = ""
    had: shares.Had = NOTHING


@dataclass(frozen=True)
class Standing:
    """How everybody stands before the week, by agent."""

    first: dt.date
    days: int
    leave: Mapping[str, np.ndarray]
    credit: Mapping[str, float]
    unemployed: Mapping[str, np.ndarray]
    tails: Mapping[str, Tail]

    @property
    def had(self) -> dict[str, shares.Had]:
        return {agent: tail.had for agent, tail in self.tails.items()}


def minutes(time: pd.Timedelta) -> float:
    """A length of time in minutes. [min]"""
    return time / pd.Timedelta(minutes=1)


def standing(
    timeoff: pd.DataFrame,
    previous: pd.DataFrame,
    agents: pd.DataFrame,
    first: dt.date,
    days: int,
    timezone: str,
) -> Standing:
    """Leave and its credit, dates of employment and last week's tail of everybody."""
    everybody = sorted(agents["agent"])
    leave = {agent: np.zeros(WEEK, dtype=bool) for agent in everybody}
    credit = dict.fromkeys(everybody, 0.0)
    dates = np.array([pd.Timestamp(first) + pd.Timedelta(days=day) for day in range(WEEK)])
    row: Any
    for row in timeoff.itertuples(index=False):
        if row.agent in leave:
            on = (dates >= row.start) & (dates <= row.end)
            leave[row.agent] = leave[row.agent] | on
            length = (row.end - row.start).days + 1
            credit[row.agent] += 60.0 * row.credit_hours * int(on[:days].sum()) / length
    origin = calendar.at(first, 0, timezone)
    past = previous[previous["date"] < dates[0]]
    tails = dict.fromkeys(everybody, Tail())
    for agent, rows in past[past["agent"].isin(everybody)].groupby("agent", sort=True):
        tails[str(agent)] = _tail(rows, dates[0], origin)
    people: Iterable[Any] = agents.itertuples(index=False)
    unemployed = {str(person.agent): _not_employed(person, dates) for person in people}
    return Standing(first, days, leave, credit, unemployed, tails)


def _tail(rows: pd.DataFrame, first: pd.Timestamp, origin: pd.Timestamp) -> Tail:
    worked = set(rows["date"])
    run = 0
    while first - pd.Timedelta(days=run + 1) in worked:
        run += 1
    names = rows.loc[rows["date"] >= first - pd.Timedelta(days=WEEK), "shift"].value_counts()
    usual = str(names.index[0]) if len(names) and 2 * names.iloc[0] > names.sum() else ""
    on_last = rows.loc[rows["date"] == first - pd.Timedelta(days=1), "shift"]
    yesterday = str(on_last.iloc[0]) if len(on_last) else ""
    return Tail(minutes(rows["end"].max() - origin), run, yesterday, usual, shares.so_far(rows))


def _not_employed(person: Any, dates: np.ndarray) -> np.ndarray:
    outside = np.zeros(WEEK, dtype=bool)
    starts, leaves = getattr(person, "starts_on", None), getattr(person, "leaves_on", None)
    if not pd.isna(starts):
        outside |= dates < starts
    if not pd.isna(leaves):
        outside |= dates > leaves
    return outside


def groups(
    agents: pd.DataFrame,
    skills: pd.DataFrame,
    requests: pd.DataFrame,
    stands: Standing,
    menus: Mapping[str, Menu],
    need: Need,
    rules: Mapping[str, Rules],
    kept: Kept,
    seniors: Container[str] = (),
    paired: Container[str] = (),
    rooms: Mapping[str, np.ndarray] | None = None,
) -> tuple[Group, ...]:
    """Everybody, alike people together, in the order of their first agent."""
    queues = _queues(skills, agents, need)
    asked = dict(list(requests.groupby("agent", sort=True)))
    more = shares.beyond_mean(agents, stands.had)
    members: dict[Any, list[str]] = {}
    alike: dict[Any, Group] = {}
    person: Any
    for person in agents.sort_values("agent").itertuples(index=False):
        group = _alone(
            person,
            queues[person.agent],
            asked.get(person.agent),
            stands,
            menus[person.team],
            need,
            rules[person.contract],
            more[person.agent],
            kept,
        )
        group = dataclasses.replace(
            group,
            senior=person.team in seniors and is_senior(person),
            paired=str(person.agent) if person.agent in paired else "",
        )
        if rooms and person.agent in rooms:
            group = dataclasses.replace(group, training=rooms[person.agent])
        key = _key(group)
        alike.setdefault(key, group)
        members.setdefault(key, []).append(str(person.agent))
    return tuple(dataclasses.replace(alike[key], agents=tuple(members[key])) for key in alike)


def is_senior(person: Any) -> bool:
    """What the column says; whoever has none is not."""
    return getattr(person, "senior", False) is True


def regrouped(people: Iterable[Group]) -> tuple[Group, ...]:
    """Alike people together again, in the order of their first agent; each of them comes alone."""
    members: dict[Any, list[str]] = {}
    alike: dict[Any, Group] = {}
    for person in sorted(people, key=lambda person: person.agents):
        key = _key(dataclasses.replace(person, agents=()))
        alike.setdefault(key, person)
        members.setdefault(key, []).extend(person.agents)
    return tuple(dataclasses.replace(alike[key], agents=tuple(members[key])) for key in alike)


def _key(group: Group) -> tuple[Any, ...]:
    values = (getattr(group, field.name) for field in dataclasses.fields(group) if field.name != "rules")
    return tuple(value.tobytes() if isinstance(value, np.ndarray) else value for value in values)


def _alone(
    person: Any,
    queues: tuple[int, ...],
    requests: pd.DataFrame | None,
    stands: Standing,
    menu: Menu,
    need: Need,
    rules: Rules,
    more: shares.More,
    kept: Kept,
) -> Group:
    """One person as a group, whose agents are still to be named."""
    away = stands.leave[person.agent] | stands.unemployed[person.agent]
    closed = _closed(menu, need, queues, stands.days)
    refused, wishes = asking.options(requests, stands.first, WEEK, menu.shifts, stands.leave[person.agent])
    tail, credit = stands.tails[person.agent], stands.credit[person.agent]
    changing = bool(np.ptp(menu.paid[: stands.days], axis=0).any())
    changes, frozen = kept.of(person.agent, away, closed.shape)
    names = [shift.name for shift in menu.shifts]
    rotates = rules.rotate is not None and rules.rotation is None and tail.shift in names
    turn = cycles.against(rules.rotation, cycles.ahead_of(person), stands.first, tuple(names), ~closed[:, 1:])
    turn[away | (np.arange(WEEK) >= stands.days)] = False
    if rules.rotation is not None and math.isinf(rules.rotation.price):
        turn[frozen.any(axis=1)] = False  # what has been is not up for a rule
    earliest = float(menu.start[: stands.days].min())
    return Group(
        agents=(),
        team=person.team,
        contract=person.contract,
        queues=queues,
        rules=rules,
        hours=_hours(60.0 * person.hours_week, credit, rules),
        excused=bool(credit or away.any() or closed[:, 1:].all(axis=1).any() or changing),
        away=away,
        closed=closed,
        refused=refused & ~frozen.any(axis=1, keepdims=True),  # what has been is not up for a request
        wishes=wishes,
        last_end=tail.end if earliest - tail.end < 60.0 * rules.rest_hours else -math.inf,
        run=tail.run if rules.days_in_row.min else max(tail.run, 0),
        yesterday=tail.yesterday if tail.yesterday in rules.not_after else "",
        last_shift=names.index(tail.shift) + 1 if rotates else -1,
        more_lates=more[0] if rules.fair_lates else 0.0,
        more_weekends=more[1] if rules.fair_weekends else 0.0,
        weekend=shares.weekend(stands.first, WEEK),
        changes=changes,
        frozen=frozen,
        off_cycle=turn,
        unfair=more.priced(rules.fair_shifts),
    )


def _queues(skills: pd.DataFrame, agents: pd.DataFrame, need: Need) -> dict[str, tuple[int, ...]]:
    """Queues that each person can answer: those named, or all of the team."""
    numbers = {name: at for at, name in enumerate(need.queues)}
    of_team = {
        team: tuple(at for at, other in enumerate(need.teams) if other == team)
        for team in set(agents["team"])
    }
    named = {
        str(agent): tuple(sorted({numbers[name] for name in rows["queue"] if name in numbers}))
        for agent, rows in skills.groupby("agent", sort=True)
    }
    return {
        agent: named.get(agent, of_team[team])
        for agent, team in zip(agents["agent"], agents["team"], strict=True)
    }


def _closed(menu: Menu, need: Need, queues: tuple[int, ...], days: int) -> np.ndarray:
    """Options that meet no interval in which one of the queues is open."""
    closed = np.ones((WEEK, len(menu.shifts) + 1), dtype=bool)
    closed[:, 0] = False
    for day in range(days):
        for shift in range(len(menu.shifts)):
            first = int(menu.start[day, shift] // need.minutes)
            last = math.ceil(menu.end[day, shift] / need.minutes)
            closed[day, shift + 1] = not need.known[list(queues), first:last].any()
    return closed


def _hours(contract: float, credit: float, rules: Rules) -> tuple[float, float]:
    """Least and most paid time, the credit of paid leave taken off both. [min]"""
    low = high = contract
    if rules.hours_week is not None:
        low = 0.0 if rules.hours_week.min is None else 60.0 * rules.hours_week.min
        high = math.inf if rules.hours_week.max is None else 60.0 * rules.hours_week.max
    return round(max(0.0, low - credit), 6), round(max(0.0, high - credit), 6)
