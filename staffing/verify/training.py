"""Planned training in a roster: held once, in its window, by no more at once than may be."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from staffing import calendar
from staffing.model.training import WEEKDAYS, Training
from staffing.verify.at_once import counted
from staffing.verify.facts import WEEK, Broken, Person, clock, named, rows, span

Hours = tuple[pd.Timestamp, pd.Timestamp]


class Piece(NamedTuple):
    """A stretch of one person's time; ``training`` names what is held, empty where nothing is."""

    agent: str
    start: pd.Timestamp
    end: pd.Timestamp
    activity: str
    training: str


def held(
    trainings: Iterable[Training],
    people: list[Person],
    contracts: Mapping[str, str],
    segments: pd.DataFrame,
    minutes: int,
) -> Iterator[Broken]:
    """Each training as the segments have it.

    Parameters
    ----------
    trainings : iterable of Training
        What is planned.
    people : list of Person
        Everybody.
    contracts : dict
        Agent -> contract.
    segments : pandas.DataFrame
        SEGMENTS on the site's clock.
    minutes : int
        Length of an interval: the grid on which room is looked for. [min]
    """
    planned = {training.name: training for training in trainings}
    pieces = [
        Piece(row.agent, row.start, row.end, row.activity, _text(getattr(row, "training", "")))
        for row in rows(segments)
    ]
    known = {person.agent: person for person in people}
    of_agent: dict[str, list[Piece]] = {}
    for piece in pieces:
        of_agent.setdefault(piece.agent, []).append(piece)
        if piece.training and piece.training not in planned:
            yield _told(piece, f"{piece.training!r} {_when(piece)} is no planned training")
    for training in planned.values():
        sessions = [piece for piece in pieces if piece.training == training.name]
        for piece in sessions:
            person = known.get(piece.agent)
            if person is None or not _is_for(training, person, contracts[piece.agent]):
                yield _told(piece, f"{training.name!r} {_when(piece)} is not for this person")
            for what in _wrong(training, piece):
                yield _told(piece, what)
        yield from _too_many(training, sessions)
        for person in people:
            if _is_for(training, person, contracts[person.agent]):
                own = of_agent.get(person.agent, [])
                yield from _once_a_week(training, person, own, sessions, minutes)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _told(piece: Piece, what: str) -> Broken:
    return piece.agent, piece.start.toordinal(), "training", what


def _when(piece: Piece) -> str:
    return span(piece.start, piece.end)


def _is_for(training: Training, person: Person, contract: str) -> bool:
    meant = not training.agents or person.agent in training.agents
    return meant and training.team in (None, person.team) and training.contract in (None, contract)


def _wrong(training: Training, piece: Piece) -> Iterator[str]:
    long = (piece.end - piece.start) / pd.Timedelta(minutes=1)
    if piece.activity != training.activity:
        yield f"{training.name!r} {_when(piece)} stands as {piece.activity}, due as {training.activity}"
    if not math.isclose(long, training.minutes):
        yield f"{training.name!r} {_when(piece)} is of {long:g} min, due {training.minutes} min"
    around = [piece.start.date() - dt.timedelta(days=1), piece.start.date()]
    if not any(
        start <= piece.start and piece.end <= end for start, end in _windows(training, around, piece.start)
    ):
        yield f"{training.name!r} {_when(piece)} lies outside its days and window"


def _windows(training: Training, dates: Iterable[dt.date], zone: pd.Timestamp) -> Iterator[Hours]:
    """The training's windows that begin on some dates, on the clock of a moment."""
    timezone = str(zone.tz)
    for date in dates:
        if training.days and date not in training.days and WEEKDAYS[date.weekday()] not in training.days:
            continue
        begin, end = 0, 1440
        if training.window is not None:
            begin, end = (60 * time.hour + time.minute for time in training.window)
            end += 1440 if end <= begin else 0
        yield calendar.at(date, begin, timezone), calendar.at(date, end, timezone)


def _too_many(training: Training, sessions: list[Piece]) -> Iterator[Broken]:
    if training.at_once is None:
        return
    for stretch in counted([(piece.start, piece.end) for piece in sessions], ()):
        if stretch.people > training.at_once:
            what = f"{stretch.people} people in {training.name!r} {span(stretch.start, stretch.end)}"
            yield "", stretch.start.toordinal(), "training", f"{what}, at most {training.at_once} at once"


def _once_a_week(
    training: Training, person: Person, own: list[Piece], sessions: list[Piece], minutes: int
) -> Iterator[Broken]:
    """Held once in each week in which it may be; never left out where the roster as it stands has room."""
    for first in range(person.first, person.last + 1, WEEK):
        week = [dt.date.fromordinal(day) for day in range(first, min(first + WEEK - 1, person.last) + 1)]
        moments = [piece.start for piece in own[:1]] or [work.start for work in person.worked.values()][:1]
        if not moments:
            continue
        windows = list(_windows(training, week, moments[0]))
        mine = [
            piece
            for piece in own
            if piece.training == training.name
            and any(opens <= piece.start < closes for opens, closes in windows)
        ]
        if len(mine) > 1:
            yield _told(mine[1], f"{training.name!r} is held {len(mine)} times in the week")
        if mine or not windows:
            continue
        room = _room(training, person, own, windows, sessions, minutes)
        if room is not None:
            what = f"{training.name!r} is not held, though {span(*room)} has room"
            yield person.agent, room[0].toordinal(), "training", what


def _room(
    training: Training,
    person: Person,
    own: list[Piece],
    windows: list[Hours],
    sessions: list[Piece],
    minutes: int,
) -> Hours | None:
    """A time in a shift, on the queue all along, at which one more may be in the training."""
    long, step = pd.Timedelta(minutes=training.minutes), pd.Timedelta(minutes=minutes)
    for opens, closes in windows:
        start = opens
        while start + long <= closes:
            end = start + long
            in_shift = any(work.start <= start and end <= work.end for work in person.worked.values())
            met = [piece for piece in own if piece.start < end and piece.end > start]
            if in_shift and met and all(piece.activity == "queue" for piece in met):
                others = [piece for piece in sessions if piece.start < end and piece.end > start]
                edges = [start, *(piece.start for piece in others if piece.start > start)]
                most = max(sum(piece.start <= edge < piece.end for piece in others) for edge in edges)
                if training.at_once is None or most < training.at_once:
                    return start, end
            start += step
    return None


def no_longer_held(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """Planned training that one roster holds and another does not.

    Parameters
    ----------
    before, after : pandas.DataFrame
        SEGMENTS of the two.

    Returns
    -------
    list of str
        Agent, training and when it was, sorted.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> talk = pd.DataFrame({"agent": ["007"], "start": times[:1], "end": times[1:], "activity": "one_to_one",
    ...                      "queue": "", "paid": True, "training": "talks"})
    >>> no_longer_held(talk, talk.iloc[:0])
    ['007  talks, was Mon 2026-11-30 09:00']
    """
    if "training" not in before:
        return []
    held = before[before["training"].map(_text) != ""].sort_values(["agent", "training"])
    left = after[after["training"].map(_text) != ""] if "training" in after else after.iloc[:0]
    still = set(zip(left["agent"], left["training"], strict=True)) if len(left) else set()
    return [
        f"{row.agent}  {row.training}, was {named(row.start.toordinal())} {clock(row.start)}"
        for row in rows(held)
        if (row.agent, row.training) not in still
    ]
