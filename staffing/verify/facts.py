"""What the tables say about each person, read once: the days, what binds them, and the words for both.

Days are ordinals (`datetime.date.toordinal`); times are on the site's wall clock.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from staffing import calendar
from staffing.errors import DataError, Problem
from staffing.model import Rules, Shift, parts
from staffing.tables import ASSIGNMENTS, REQUESTS, SKILLS, TIMEOFF, Contract, absence_code, check

WEEK = 7
NO_QUEUE = ""
SMALL = 1e-6
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# agent, day (None: no single day), rule, what
Broken = tuple[str, int | None, str, str]


class Missed(NamedTuple):
    """A rule that a roster misses: by how many of its units, at what price of one; infinite is broken."""

    agent: str
    day: int | None
    rule: str
    what: str
    amount: float
    price: float


def hard(missed: Iterable[Missed]) -> Iterator[Broken]:
    """What is broken of all that is missed: a finite price may be paid."""
    return (each[:4] for each in missed if math.isinf(each.price))


class Work(NamedTuple):
    """One day of one person as the tables state it, or as another week would have it."""

    team: str
    shift: str
    start: pd.Timestamp
    end: pd.Timestamp
    paid: float


class Ask(NamedTuple):
    """A request about a shift (empty: any) from one day to another; on some weekdays, about some hours.

    ``spans`` are minutes from midnight, none where it is about whole days; 0 of ``weekdays`` is Monday.
    """

    kind: str
    shift: str
    first: int
    last: int
    weekdays: frozenset[int]
    spans: tuple[tuple[int, int], ...]
    words: str

    def on(self, day: int) -> bool:
        """Whether a day is asked about."""
        return self.first <= day <= self.last and (day - 1) % WEEK in self.weekdays

    def meant(self, day: int, work: Work | None, timezone: str) -> bool:
        """Whether the work of a day is what is asked for, or against.

        What is wanted lies whole within the hours; what is unwanted meets them, also from the day before.
        """
        if work is None or self.shift not in ("", work.shift):
            return False
        if not self.spans:
            return self.on(day)
        if self.kind in ("lock", "want"):
            hours = self._hours(day, timezone)
            return self.on(day) and any(begin <= work.start and work.end <= end for begin, end in hours)
        near = [span for at in (day - 1, day, day + 1) if self.on(at) for span in self._hours(at, timezone)]
        return any(work.start < end and begin < work.end for begin, end in near)

    def _hours(self, day: int, timezone: str) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
        date = dt.date.fromordinal(day)
        return [
            (calendar.at(date, begin, timezone), calendar.at(date, end, timezone))
            for begin, end in self.spans
        ]


@dataclasses.dataclass(frozen=True)
class Person:
    """Everything that binds one person, and the days worked."""

    agent: str
    team: str
    hours_week: float
    employed: tuple[float, float]
    rules: Rules
    templates: Mapping[str, Shift]
    queues: frozenset[str]
    away: Mapping[int, str]
    credit: Mapping[int, float]
    asks: tuple[Ask, ...]
    worked: Mapping[int, Work]
    before: Mapping[int, Work]
    first: int
    last: int
    timezone: str
    ahead: int = 0

    @property
    def weeks(self) -> Iterator[range]:
        """Weeks of seven days; where the roster ends within one, its last days are free."""
        for first in range(self.first, self.last + 1, WEEK):
            yield range(first, first + WEEK)

    @property
    def known(self) -> dict[int, Work]:
        """Last week's days and these, in their order."""
        return dict(sorted({**self.before, **self.worked}.items()))

    def unavailable(self, day: int) -> bool:
        """Whether time off, the dates of employment or the end of the roster keep the person away."""
        return day in self.away or day > self.last or not self.employed[0] <= day <= self.employed[1]


def people(
    agents: pd.DataFrame,
    worked: Mapping[str, Mapping[int, Work]],
    rules: Rules | Mapping[str, Rules],
    shifts: tuple[Shift, ...],
    queues: Mapping[str, frozenset[str]],
    *,
    timeoff: pd.DataFrame | None,
    requests: pd.DataFrame | None,
    previous: pd.DataFrame | None,
    first: int,
    last: int,
    timezone: str,
) -> Iterator[Person]:
    """Everybody of the agents' table, with what the other tables say."""
    away, credit = time_off(timeoff)
    asks = _asks(requests)
    before = _previous(previous, timezone, first)
    for row in rows(agents):
        yield Person(
            agent=row.agent,
            team=row.team,
            hours_week=float(row.hours_week),
            employed=employed(row),
            rules=_rules_of(row.contract, rules),
            templates={shift.name: shift for shift in shifts if shift.team == row.team},
            queues=queues[row.agent],
            away=away.get(row.agent, {}),
            credit=credit.get(row.agent, {}),
            asks=tuple(asks.get(row.agent, ())),
            worked=worked.get(row.agent, {}),
            before=before.get(row.agent, {}),
            first=first,
            last=last,
            timezone=timezone,
            ahead=_ahead(row),
        )


def _ahead(row: Any) -> int:
    """Weeks or days that a person is ahead in a cycle."""
    told = getattr(row, "rotation_offset", None)
    return 0 if told is None or pd.isna(told) else int(told)


def employed(row: Any) -> tuple[float, float]:
    """First and last day of employment of a row of the agents' table."""
    first = _ordinal(getattr(row, "starts_on", None), -math.inf)
    return first, _ordinal(getattr(row, "leaves_on", None), math.inf)


def rows(table: pd.DataFrame) -> Iterator[Any]:
    """Rows as named tuples, whose fields the contract has typed already."""
    yield from table.itertuples(index=False)


def loose(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Hold a table against its contract but for repeated keys, which are broken rules here."""
    return check(table, dataclasses.replace(contract, key=()))


def local(table: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """The table with its times on the site's wall clock, whatever zone they came in."""
    # A table without rows may come without kinds; a cast gives it one where a conversion would stop.
    return table.astype(dict.fromkeys(("start", "end"), pd.DatetimeTZDtype("us", timezone)))


def told(found: Iterable[Broken], names: Mapping[str, str]) -> pd.DataFrame:
    """What is broken as a table: agent, name, date (NaT: the week), rule, what; sorted, each once."""
    made = [
        (agent, names.get(agent, ""), pd.NaT if day is None else dt.date.fromordinal(day), rule, what)
        for agent, day, rule, what in sorted(set(found), key=lambda row: (row[0], row[1] or 0, *row[2:]))
    ]
    table = pd.DataFrame(made, columns=["agent", "name", "date", "rule", "what"])
    text = dict.fromkeys(("agent", "name", "rule", "what"), "str")
    return table.assign(date=pd.to_datetime(table["date"]).astype("datetime64[us]")).astype(text)


def by_agent(table: pd.DataFrame) -> dict[str, dict[int, Work]]:
    """Agent -> day -> work, of a table with one row for each."""
    found: dict[str, dict[int, Work]] = {}
    for row in rows(table.sort_values(["agent", "date"])):
        work = Work(row.team, row.shift, row.start, row.end, float(row.paid_hours))
        found.setdefault(row.agent, {})[row.date.toordinal()] = work
    return found


def served(
    agents: pd.DataFrame, requirement: pd.DataFrame, skills: pd.DataFrame | None
) -> dict[str, frozenset[str]]:
    """Agent -> the queues that the skills name, or all of the team where they name none."""
    named: dict[str, set[str]] = {}
    if skills is not None:
        for row in rows(check(skills, SKILLS)):
            named.setdefault(row.agent, set()).add(row.queue)
    of_team: dict[str, set[str]] = {}
    for row in rows(requirement[["queue", "team"]].drop_duplicates()):
        of_team.setdefault(row.team, set()).add(row.queue)
    return {row.agent: frozenset(named.get(row.agent, of_team.get(row.team, ()))) for row in rows(agents)}


def on_no_queue(agents: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Agent -> what a roster made from a PLAN serves: shifts are named, queues are not."""
    return {row.agent: frozenset({NO_QUEUE}) for row in rows(agents)}


def _ordinal(date: Any, otherwise: float) -> float:
    return otherwise if pd.isna(date) else date.toordinal()


def _rules_of(contract: str, rules: Rules | Mapping[str, Rules]) -> Rules:
    if isinstance(rules, Rules):
        return rules
    if contract not in rules:
        told = f"the contract {contract!r} has no rules"
        raise DataError([Problem(told, f"use one of {', '.join(rules)}", "AGENTS", None, "contract")])
    return rules[contract]


def _previous(previous: pd.DataFrame | None, timezone: str, first: int) -> dict[str, dict[int, Work]]:
    if previous is None or previous.empty:
        return {}
    table = local(check(previous, ASSIGNMENTS), timezone)
    return by_agent(table[table["date"].map(pd.Timestamp.toordinal) < first])


def reaching(
    previous: pd.DataFrame | None, timezone: str, start: dt.date
) -> dict[str, list[tuple[pd.Timestamp, pd.Timestamp]]]:
    """Agent -> hours of the shifts of last week that go on after the first midnight."""
    found: dict[str, list[tuple[pd.Timestamp, pd.Timestamp]]] = {}
    if previous is not None and len(previous):
        midnight = calendar.at(start, 0, timezone)
        for row in rows(local(check(previous, ASSIGNMENTS), timezone)):
            if row.date.date() < start and row.end > midnight:
                found.setdefault(row.agent, []).append((row.start, row.end))
    return found


def time_off(timeoff: pd.DataFrame | None) -> tuple[dict[str, dict[int, str]], dict[str, dict[int, float]]]:
    """Agent -> day -> code, and agent -> day -> hours credited: a row's hours spread over its days."""
    away: dict[str, dict[int, str]] = {}
    credit: dict[str, dict[int, float]] = {}
    if timeoff is not None:
        for row in rows(check(timeoff, TIMEOFF)):
            span = range(row.start.toordinal(), row.end.toordinal() + 1)
            for day in span:
                away.setdefault(row.agent, {}).setdefault(day, absence_code(row.kind))
                hours = credit.setdefault(row.agent, {})
                hours[day] = hours.get(day, 0.0) + row.credit_hours / len(span)
    return away, credit


def _asks(requests: pd.DataFrame | None) -> dict[str, list[Ask]]:
    asks: dict[str, list[Ask]] = {}
    if requests is not None:
        for row in rows(check(requests, REQUESTS)):
            if row.kind in ("lock", "forbid"):
                asks.setdefault(row.agent, []).append(ask_of(row))
    return asks


def ask_of(row: Any) -> Ask:
    """A row of the requests."""
    hours = parts.cell(row, "hours")
    return Ask(
        row.kind,
        row.shift,
        row.start.toordinal(),
        row.end.toordinal(),
        parts.weekdays(parts.cell(row, "weekdays")),
        parts.hours(hours),
        f" ({hours})" if hours else "",
    )


@functools.lru_cache(maxsize=4096)
def hours_of(shift: Shift, day: int, timezone: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """When a shift that starts on a day begins and ends by the wall clock."""
    date = dt.date.fromordinal(day)
    return calendar.at(date, shift.start_minute, timezone), calendar.at(date, shift.end_minute, timezone)


def paid_hours(shift: Shift, day: int, timezone: str) -> float:
    """Hours that a shift pays: its own, but for a night in which the clock changes. [h]"""
    start, end = hours_of(shift, day, timezone)
    unpaid = sum(pause.minutes for pause in shift.breaks if not pause.paid)
    return (end - start) / pd.Timedelta(hours=1) - unpaid / 60


def iso(day: int) -> str:
    """A day as ISO 8601 writes it."""
    return dt.date.fromordinal(day).isoformat()


def named(day: int) -> str:
    """A day with its weekday, whatever the machine's language."""
    return f"{WEEKDAYS[dt.date.fromordinal(day).weekday()]} {iso(day)}"


def clock(moment: pd.Timestamp) -> str:
    """Wall-clock time."""
    return f"{moment:%H:%M}"


def span(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """Wall-clock times from and to."""
    return f"{clock(start)}-{clock(end)}"
