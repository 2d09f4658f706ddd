"""The tables of a roster read once: everybody with their days, and the rows that no rule can judge."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

import pandas as pd

from staffing.model import Rules, Shift
from staffing.tables import AGENTS, ASSIGNMENTS, PLAN, REQUIREMENT, check
from staffing.verify import facts
from staffing.verify.changes import in_words
from staffing.verify.presence import in_plan, opened

Hours = tuple[pd.Timestamp, pd.Timestamp]


@dataclasses.dataclass(frozen=True)
class Read:
    """A roster as the rules judge it.

    Parameters
    ----------
    people : list of Person
        Everybody of the agents' table.
    opened : dict
        Agent -> the days and shifts in which there is anything to answer.
    assignments : pandas.DataFrame
        All of them, on the clock of the site.
    passed_over : dict
        Agent -> hours of the rows that no rule can judge.
    found : list of Broken
        What is wrong with those.
    of_plan : bool
        Whether the roster is made from a PLAN, which names shifts and no queues.
    timezone : str
        IANA name.
    """

    people: list[facts.Person]
    opened: Mapping[str, frozenset[tuple[int, str]]]
    assignments: pd.DataFrame
    passed_over: dict[str, list[Hours]]
    found: list[facts.Broken]
    of_plan: bool
    timezone: str


def read(
    assignments: pd.DataFrame,
    requirement: pd.DataFrame,
    agents: pd.DataFrame,
    rules: Rules | Mapping[str, Rules],
    *,
    shifts: tuple[Shift, ...],
    skills: pd.DataFrame | None,
    timeoff: pd.DataFrame | None,
    requests: pd.DataFrame | None,
    previous: pd.DataFrame | None,
    start: dt.date,
    days: int,
) -> Read:
    """Hold the tables against their contracts and sort them by person and day.

    Raises
    ------
    DataError
        Where a table has not the form of its contract, or a contract has no rules.
    """
    of_plan = "shift" in requirement.columns and "interval" not in requirement.columns
    check(requirement, PLAN if of_plan else REQUIREMENT)
    check(agents, AGENTS)
    timezone = str((assignments["start"] if of_plan else requirement["interval"]).dt.tz)
    first, last = start.toordinal(), start.toordinal() + days - 1
    given = facts.local(facts.loose(assignments, ASSIGNMENTS), timezone)
    worked, passed_over, found = _sorted_out(given, set(agents["agent"]), first, last)
    people = list(
        facts.people(
            agents,
            worked,
            rules,
            shifts,
            facts.on_no_queue(agents) if of_plan else facts.served(agents, requirement, skills),
            timeoff=timeoff,
            requests=requests,
            previous=previous,
            first=first,
            last=last,
            timezone=timezone,
        )
    )
    open_for = in_plan(people, requirement) if of_plan else opened(people, requirement)
    return Read(people, open_for, given, passed_over, found, of_plan, timezone)


def _sorted_out(
    assignments: pd.DataFrame, known: set[str], first: int, last: int
) -> tuple[
    dict[str, dict[int, facts.Work]],
    dict[str, list[tuple[pd.Timestamp, pd.Timestamp]]],
    list[facts.Broken],
]:
    """Rows that the rules judge, by agent and day; the hours of the rest; and what is wrong with those."""
    kept: list[int] = []
    passed_over: dict[str, list[tuple[pd.Timestamp, pd.Timestamp]]] = {}
    found: list[facts.Broken] = []
    seen: set[tuple[str, int]] = set()
    for number, row in enumerate(facts.rows(assignments)):
        day = row.date.toordinal()
        if row.agent not in known:
            found.append((row.agent, day, "agent", f"{row.agent!r} is not among the agents"))
        elif not first <= day <= last:
            found.append((row.agent, day, "date", f"not within {facts.iso(first)} to {facts.iso(last)}"))
        elif (row.agent, day) in seen:
            found.append((row.agent, day, "one_shift_a_day", f"works also {in_words(row)}"))
        else:
            seen.add((row.agent, day))
            kept.append(number)
            continue
        passed_over.setdefault(row.agent, []).append((row.start, row.end))
    return facts.by_agent(assignments.iloc[kept]), passed_over, found
