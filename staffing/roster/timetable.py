"""A roster with planned training: its segments, each session with its time, and why one has none."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from staffing.roster import names, sessions
from staffing.roster.case import WEEK, WEEKDAYS, Case
from staffing.roster.master import template
from staffing.roster.names import Piece, Stint
from staffing.roster.sessions import Held, Session

Key = tuple[str, int]  # agent, day of the shift


def segments(case: Case, done: Sequence[Stint], held: Mapping[Key, Sequence[Held]]) -> pd.DataFrame:
    """SEGMENTS of a roster with its training, whose name stands in the column ``training``."""
    rows: list[Piece] = [*case.carried, *pieces(case, done, held)]
    named = {(agent, one.start): one.session.training.name for (agent, _), own in held.items() for one in own}
    table = names.as_segments(case.origin, rows)
    starts = ((table["start"] - case.origin) / pd.Timedelta(minutes=1)).round(6)
    told = [named.get(key, "") for key in zip(table["agent"], starts, strict=True)]
    return table.assign(training=pd.Series(told, dtype="str", index=table.index))


def pieces(case: Case, done: Sequence[Stint], held: Mapping[Key, Sequence[Held]]) -> Iterator[Piece]:
    """What everybody does, day by day, the sessions that have a time cut out of it."""
    for stint in done:
        yield from _cut(names.pieces_of(case, stint), held.get((stint.agent, stint.post.duty.day), []))


def _cut(pieces: Sequence[Piece], own: Sequence[Held]) -> list[Piece]:
    """Time on the queue, cut where a session lies in it."""
    rows: list[Piece] = []
    for agent, start, end, activity, queue, paid in pieces:
        now = start
        for one in own:
            if activity == "queue" and start <= one.start and one.end <= end:
                if one.start > now:
                    rows.append((agent, now, one.start, activity, queue, paid))
                rows.append((agent, one.start, one.end, one.session.training.activity, "", True))
                now = one.end
        if end > now:
            rows.append((agent, now, end, activity, queue, paid))
    return rows


def table(case: Case, done: Sequence[Stint], held: Mapping[Key, Sequence[Held]]) -> pd.DataFrame:
    """Every session asked for, with its time, or why it has none.

    Returns
    -------
    pandas.DataFrame
        training, agent, activity, start, end (NaT: not held), why; sorted by training, agent.
    """
    found = {(one.session.training.name, one.session.agent): one for own in held.values() for one in own}
    rows: list[tuple[str, str, str, float, float, str]] = []
    for session in case.sessions:
        kind, one = session.training, found.get((session.training.name, session.agent))
        start, end = (math.nan, math.nan) if one is None else (one.start, one.end)
        why = _why_not(case, session, done, held) if one is None else ""
        rows.append((kind.name, session.agent, kind.activity, start, end, why))
    columns = ["training", "agent", "activity", "start", "end", "why"]
    made = pd.DataFrame(sorted(rows), columns=columns)
    for side in ("start", "end"):
        elapsed = pd.to_timedelta(np.round(made[side].to_numpy(dtype=float) * 60.0), unit="s")
        made[side] = pd.DatetimeIndex(case.origin + elapsed).as_unit("us")
    return made.astype(dict.fromkeys(("training", "agent", "activity", "why"), "str"))


def with_training(
    objective: pd.DataFrame,
    case: Case,
    heads: np.ndarray,
    away: np.ndarray,
    held: Mapping[Key, Sequence[Held]],
) -> pd.DataFrame:
    """The parts of the cost with two that cost nothing by themselves: what training leaves short, and undone.

    Parameters
    ----------
    objective : pandas.DataFrame
        part, cost, amount, unit.
    case : Case
        With everybody's sessions.
    heads : numpy.ndarray
        People on the queue, shape (queues, intervals).
    away : numpy.ndarray
        People in training, flattened.
    held : dict
        Sessions that have a time.
    """
    back = heads + away.reshape(heads.shape)
    short = np.maximum(case.need.asked - heads, 0.0) - np.maximum(case.need.asked - back, 0.0)
    missing = len(case.sessions) - sum(len(own) for own in held.values())
    rows = [
        ("short_by_training", 0.0, float(short.sum()) * case.need.minutes / 30.0, "agent-half-hours"),
        ("training_not_held", 0.0, float(missing), "sessions"),
    ]
    more = pd.DataFrame(rows, columns=["part", "cost", "amount", "unit"])
    return pd.concat([objective, more.astype(objective.dtypes.to_dict())], ignore_index=True)


def _why_not(case: Case, session: Session, done: Sequence[Stint], held: Mapping[Key, Sequence[Held]]) -> str:
    """Why a session has no place, in words."""
    if not len(session.starts):
        return "the change of clock leaves its window too short"
    if not _room(case, session):
        return "no shift of the team has room for it beside its breaks"
    long = session.training.minutes
    days = sorted({_day(case, start) for start in session.starts.tolist()})
    own = [stint for stint in done if stint.agent == session.agent]
    inside = [stint for stint in own if _starts_in(case, stint, session.starts, long)]
    if not inside:
        leave, gone = case.leave[session.agent], case.unemployed[session.agent]
        told = [
            f"{_date(case, day)} "
            + ("on leave" if leave[day] else "not employed" if gone[day] else _hours(case, own, day))
            for day in days
        ]
        return f"no shift holds it: {', '.join(told)}"
    open_days = [stint for stint in inside if stint.post.duty.day not in case.frozen_days]
    if not open_days:
        return "only frozen days have room for it"
    for stint in open_days:
        key = stint.agent, stint.post.duty.day
        begin, length = _begin(case, stint)
        busy = [(one.start - begin, one.end - begin) for one in held.get(key, [])]
        for start in _starts_in(case, stint, session.starts, long):
            offset = start - begin
            clear = all(offset + long <= first or offset >= last for first, last in busy)
            times = [*busy, (offset, offset + long)]
            if clear and all(
                sessions.around(template(case, stint.post.duty), length, case.need.minutes, times)
            ):
                most = session.training.at_once
                return (
                    "the time did not suffice"
                    if most is None
                    else f"at most {most} at once: all its times are taken"
                )
    return "breaks and other training leave no room in the shift"


def _room(case: Case, session: Session) -> bool:
    """Whether any shift of the person's team has room."""
    team = next(group.team for group in case.groups if session.agent in group.agents)
    menu = case.menus[team]
    room = sessions.rooms([session], menu.start, menu.end, menu.shifts, case.days, case.need.minutes)
    return bool(room.any())


def _begin(case: Case, stint: Stint) -> tuple[float, float]:
    """Start and length of a stint. [min]"""
    duty, menu = stint.post.duty, case.menus[stint.post.duty.team]
    begin = float(menu.start[duty.day, duty.shift])
    return begin, float(menu.end[duty.day, duty.shift]) - begin


def _starts_in(case: Case, stint: Stint, starts: np.ndarray, long: int) -> list[float]:
    begin, length = _begin(case, stint)
    return [float(some) for some in starts[(starts >= begin) & (starts + long <= begin + length)]]


def _day(case: Case, minute: float) -> int:
    return min(((case.origin + pd.Timedelta(minutes=minute)).date() - case.start).days, WEEK - 1)


def _date(case: Case, day: int) -> str:
    date = case.start + dt.timedelta(days=day)
    return f"{WEEKDAYS[date.weekday()]} {date.isoformat()}"


def _hours(case: Case, own: Sequence[Stint], day: int) -> str:
    """What somebody works on a day, in words."""
    here = [stint for stint in own if stint.post.duty.day == day]
    return template(case, here[0].post.duty).name if here else "off"
