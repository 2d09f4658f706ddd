"""Planned training in a week: whose it is, when it may begin, and which shifts have room for it.

Times are minutes really elapsed since the first midnight.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from staffing import calendar
from staffing.errors import DataError, Problem
from staffing.model import Break, Shift, Training
from staffing.roster import breaks

if TYPE_CHECKING:
    from staffing.roster.case import Menu

ENOUGH = 1e-6


@dataclass(frozen=True, eq=False)
class Session:
    """One person's part in a training.

    Parameters
    ----------
    training : Training
        Which.
    agent : str
        Whose.
    starts : numpy.ndarray
        When it may begin, sorted. [min]
    """

    training: Training
    agent: str
    starts: np.ndarray


@dataclass(frozen=True, eq=False)
class Held:
    """A session that has its place. [min]"""

    session: Session
    start: float

    @property
    def end(self) -> float:
        return self.start + self.session.training.minutes


def asked(
    trainings: Sequence[Training],
    agents: pd.DataFrame,
    first: dt.date,
    days: int,
    timezone: str,
    interval: int,
) -> tuple[Session, ...]:
    """Every session of the week, those with the fewest times first.

    A training whose days do not lie in the week asks for nothing.

    Raises
    ------
    DataError
        Where two have one name, somebody named is unknown, or a training is for nobody.
    """
    _check(trainings, agents)
    found: list[Session] = []
    dates = [first + dt.timedelta(days=day) for day in range(days)]
    for training in trainings:
        if not any(training.held_on(date) for date in dates):
            continue
        starts = np.array(sorted(_starts(training, dates, timezone, interval)))
        for row in agents.sort_values("agent").itertuples(index=False):
            if training.is_for(str(row.agent), str(row.team), str(row.contract)):
                found.append(Session(training, str(row.agent), starts))
    return tuple(sorted(found, key=lambda session: len(session.starts)))


def _check(trainings: Sequence[Training], agents: pd.DataFrame) -> None:
    names = [training.name for training in trainings]
    found = [
        Problem(f"two trainings are named {name!r}", "name them apart")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    people = [(str(row.agent), str(row.team), str(row.contract)) for row in agents.itertuples(index=False)]
    known = {agent for agent, _, _ in people}
    for training in trainings:
        strange = sorted(set(training.agents) - known)
        found += [
            Problem(
                f"training {training.name!r} names {agent!r}, who is not among the agents", "correct the id"
            )
            for agent in strange
        ]
        if not strange and not any(training.is_for(*person) for person in people):
            found.append(
                Problem(f"training {training.name!r} is for nobody", "name agents, a team or a contract")
            )
    if found:
        raise DataError(found)


def _starts(training: Training, dates: Iterable[dt.date], timezone: str, interval: int) -> Iterable[float]:
    """Times by half hours, or by quarters where the length, the window or the demand asks for it."""
    dates = list(dates)
    origin = calendar.at(dates[0], 0, timezone)
    begin, end = training.span
    step = 30 if training.minutes % 30 == 0 and begin % 30 == 0 and interval >= 30 else 15
    for date in dates:
        if training.held_on(date):
            opens, closes = (
                (calendar.at(date, minute, timezone) - origin) / pd.Timedelta(minutes=1)
                for minute in (begin, end)
            )
            yield from np.arange(opens, closes - training.minutes + ENOUGH, step).tolist()


def positions(pause: Break, length: float, interval: int) -> list[int]:
    """Where a break may begin in a shift of a length that a change of clock may have shortened. [min]"""
    latest = int(length) - pause.minutes
    return [offset for offset in breaks.offsets(pause, interval) if offset <= latest] or [latest]


def around(
    template: Shift, length: float, interval: int, busy: Sequence[tuple[float, float]]
) -> list[list[int]]:
    """For each break of a shift, the positions that are clear of what else is off the queue.

    Parameters
    ----------
    template : Shift
        With its breaks.
    length : float
        Of the shift. [min]
    interval : int
        Of the demand. [min]
    busy : sequence of tuple
        From and to, after the start of the shift. [min]
    """
    return [
        [
            offset
            for offset in positions(pause, length, interval)
            if all(offset + pause.minutes <= begin or offset >= end for begin, end in busy)
        ]
        for pause in template.breaks
    ]


def rooms(
    sessions: Iterable[Session],
    starts: np.ndarray,
    ends: np.ndarray,
    shifts: Sequence[Shift],
    days: int,
    interval: int,
) -> np.ndarray:
    """Options in which each of some sessions has room, shape (sessions, 7, options).

    Parameters
    ----------
    sessions : iterable of Session
        Of people of one team.
    starts, ends : numpy.ndarray
        Of the team's shifts on each day, shape (7, shifts). [min]
    shifts : sequence of Shift
        The templates.
    days : int
        That can be worked.
    interval : int
        Of the demand. [min]
    """
    found = []
    for session in sessions:
        room = np.zeros((starts.shape[0], len(shifts) + 1), dtype=bool)
        long = session.training.minutes
        for day in range(days):
            for at, template in enumerate(shifts):
                begin, length = starts[day, at], ends[day, at] - starts[day, at]
                offsets = session.starts - begin
                inside = offsets[(offsets >= 0) & (offsets + long <= length)]
                room[day, at + 1] = any(
                    all(around(template, length, interval, [(offset, offset + long)])) for offset in inside
                )
        found.append(room)
    return np.array(found, dtype=bool).reshape(len(found), starts.shape[0], len(shifts) + 1)


def by_agent(sessions: Iterable[Session]) -> dict[str, list[Session]]:
    """Agent -> sessions."""
    found: dict[str, list[Session]] = {}
    for session in sessions:
        found.setdefault(session.agent, []).append(session)
    return found


def of_people(
    sessions: Iterable[Session], agents: pd.DataFrame, menus: Mapping[str, Menu], days: int, interval: int
) -> dict[str, np.ndarray]:
    """Agent -> rooms of those sessions that the choice of shifts decides about."""
    known: dict[tuple[str, bytes, int], np.ndarray] = {}
    team = dict(zip(agents["agent"].astype(str), agents["team"], strict=True))
    found: dict[str, np.ndarray] = {}
    for agent, own in by_agent(sessions).items():
        menu = menus[team[agent]]
        each = []
        for session in own:
            key = team[agent], session.starts.tobytes(), session.training.minutes
            if key not in known:
                known[key] = rooms([session], menu.start, menu.end, menu.shifts, days, interval)[0]
            room = known[key]
            if room.any() and not room[:days, 1:].all():
                each.append(room)
        if each:
            found[agent] = np.stack(each)
    return found
