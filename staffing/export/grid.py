"""The roster as a planner pastes it into a spreadsheet: one line for each person, one column for each day."""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from staffing import calendar
from staffing.errors import DataError, Problem
from staffing.export.cells import plain
from staffing.history.cells import sheet
from staffing.model import Shift, Week
from staffing.tables import ABSENCES, ABSENT, ASSIGNMENTS, absence_code, check

if TYPE_CHECKING:
    from staffing.export.folder import SavedWeek

OFF = "OFF"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LATE = "late"
EXAMPLE = f"write for example 09:30-18:30, or {OFF}, {', '.join(ABSENCES)}"


@dataclasses.dataclass(frozen=True)
class EditedRoster:
    """What the grid says after a person has edited it.

    Parameters
    ----------
    assignments : pandas.DataFrame
        ASSIGNMENTS, sorted by agent and date.
    absences : pandas.DataFrame
        agent, date, kind: the days that bear the code of an absence, and those that bear ``OFF`` where the
        plan knows of leave, for `staffing.verify.roster`.
    notes : tuple of str
        What was passed over.
    """

    assignments: pd.DataFrame
    absences: pd.DataFrame
    notes: tuple[str, ...] = ()


def roster_table(week: Week) -> pd.DataFrame:
    """The roster as a grid, for planners: absences stand in it as codes.

    Parameters
    ----------
    week : Week
        A planned one.

    Returns
    -------
    pandas.DataFrame
        team, agent, name, role (senior or agent), a column for each day (``Mon 2026-11-30``: hours such as
        ``09:30-18:30``, ``OFF``, or the absence ``AL``, ``SICK``, ``TRN``, ``HOL``, ``ABS``), paid_h [h],
        credit_h [h], contract_h [h] (of all planned weeks), lates_week (over several weeks lates_week_1 and
        so on), weekend_days. Sorted by team, shift and name; people who are not employed in the week are
        left out.
    """
    weeks = -(-week.days // 7)
    lates = ["lates_week"] if weeks == 1 else [f"lates_week_{number}" for number in range(1, weeks + 1)]
    days = _days(week.start, week.days)
    worked = _worked(week.roster.assignments, week.timezone)
    away, credit = _away(week.timeoff, days)
    order = _order(week.shifts)
    rows = []
    for person in week.agents.to_dict("records"):
        own = worked.get(person["agent"], {})
        if not own and not _employed(person, days):
            continue
        codes = away.get(person["agent"], {})
        usual = _usual([work.shift for work in own.values()], person["team"], order)
        cells = {named(day): _cell(own.get(day), codes.get(day, OFF)) for day in days}
        rows.append(
            {
                "team": person["team"],
                "agent": person["agent"],
                "name": person["name"],
                "role": "senior" if person.get("senior") is True else "agent",
                **cells,
                "paid_h": float(sum(work.paid_hours for work in own.values())),
                "credit_h": credit.get(person["agent"], 0.0),
                "contract_h": float(person["hours_week"]) * weeks,
                **{
                    name: sum(own[day].shift == LATE for day in days[7 * at : 7 * at + 7] if day in own)
                    for at, name in enumerate(lates)
                },
                "weekend_days": sum(day.weekday() >= 5 for day in own),
                "usual": usual,
            }
        )
    rows.sort(key=lambda row: (row["team"], row["usual"], row["name"], row["agent"]))
    columns = ["team", "agent", "name", "role", *map(named, days), "paid_h", "credit_h", "contract_h"]
    return pd.DataFrame(rows, columns=[*columns, *lates, "weekend_days"])


def published_table(week: Week) -> pd.DataFrame:
    """The copy of the grid for agents: every absence is ``ABS``, and nothing else tells why.

    Credited and contract hours are left out too: beside the hours paid they tell sick leave from holidays.

    Parameters
    ----------
    week : Week
        A planned one.

    Returns
    -------
    pandas.DataFrame
        team, agent, name, role, a column for each day, paid_h [h], lates_week, weekend_days.
    """
    table = roster_table(week).drop(columns=["credit_h", "contract_h"])
    for day in map(named, _days(week.start, week.days)):
        table[day] = [ABSENT if cell in ABSENCES else cell for cell in table[day]]
    return table


def read_roster(path: str | os.PathLike[str], plan: Week | SavedWeek) -> EditedRoster:
    """Read the grid back after a person has edited it.

    Comma, semicolon or tab, with or without byte order mark; hours with blanks, long dashes, single digits or
    seconds, and the names of the team's shifts, are understood; so is an agent's id that a spreadsheet has
    robbed of its leading zeros. Hours that are no shift of the team are read as they stand, for
    `staffing.verify` to name. People without a row work on no day; totals at the end of a row are not read,
    nor are rows without an agent.

    Parameters
    ----------
    path : path
        A CSV file in the form of ``roster.csv``.
    plan : Week or SavedWeek
        The week to which it belongs: its shifts, agents, days and time zone.

    Returns
    -------
    EditedRoster
        Who works when, who is absent, and which lines were passed over.

    Raises
    ------
    DataError
        Every cell that cannot be read, every agent that is unknown or stands there twice, every day without
        a column: with line, column and remedy.
    """
    given = sheet(path)
    days = {named(day): day for day in _days(plan.start, plan.days)}
    columns, problems = _columns([str(name) for name in given.frame.columns], days, given.file)
    if problems:
        raise DataError(problems)
    people = {person["agent"]: person["team"] for person in plan.agents.to_dict("records")}
    away, _ = _away(plan.timeoff, list(days.values()))
    first_line: dict[str, int] = {}
    rows: list[tuple[Any, ...]] = []
    absences: list[tuple[str, dt.date, str]] = []
    notes: list[str] = []
    for line, cells in zip(given.lines.tolist(), given.frame.to_dict("records"), strict=True):
        if not plain(cells[columns["agent"]]):
            notes.append(f"line {line} names no agent and was not read")
            continue
        agent, wrong = _agent(cells, columns, people, first_line)
        if wrong is not None:
            problems.append(wrong._replace(file=given.file, line=line))
            continue
        first_line[agent] = line
        menu = [shift for shift in plan.shifts if shift.team == people[agent]]
        meanings, unread = _meanings(cells, columns, menu)
        problems += [problem._replace(file=given.file, line=line) for problem in unread]
        for day, meant in meanings.items():
            if isinstance(meant, tuple):
                rows.append((agent, day, people[agent], *_assigned(meant, day, menu, plan.timezone)))
            elif meant != OFF or day in away.get(agent, {}):
                absences.append((agent, day, meant))
    if problems:
        raise DataError(problems)
    there = [who["agent"] for who in plan.agents.to_dict("records") if _employed(who, list(days.values()))]
    if absent := [agent for agent in there if agent not in first_line]:
        notes.append(f"no line for {_named_some(absent)}: read as off on every day")
    return EditedRoster(_assignments(rows, plan.timezone), _absences(absences), tuple(notes))


def _named_some(agents: list[str], most: int = 5) -> str:
    more = len(agents) - most
    return ", ".join(agents[:most]) + (f" and {more} more" if more > 0 else "")


def named(day: dt.date) -> str:
    """A day as the header names it, whatever the machine's language."""
    return f"{WEEKDAYS[day.weekday()]} {day.isoformat()}"


def _days(start: dt.date, days: int) -> list[dt.date]:
    return [start + dt.timedelta(days=number) for number in range(days)]


def _worked(assignments: pd.DataFrame, timezone: str) -> dict[str, dict[dt.date, Any]]:
    local = {name: assignments[name].dt.tz_convert(timezone) for name in ("start", "end")}
    found: dict[str, dict[dt.date, Any]] = {}
    for row in assignments.assign(**local).sort_values(["agent", "date"]).itertuples(index=False):
        work: Any = row
        found.setdefault(work.agent, {})[work.date.date()] = work
    return found


def _away(
    timeoff: pd.DataFrame, days: list[dt.date]
) -> tuple[dict[str, dict[dt.date, str]], dict[str, float]]:
    """Agent -> day -> code, and agent -> hours credited in these days: a row's hours spread over its days."""
    codes: dict[str, dict[dt.date, str]] = {}
    credit: dict[str, float] = {}
    for record in timeoff.sort_values(["agent", "start"]).itertuples(index=False):
        row: Any = record
        inside = [day for day in days if row.start.date() <= day <= row.end.date()]
        for day in inside:
            codes.setdefault(row.agent, {}).setdefault(day, absence_code(row.kind))
        share = len(inside) / ((row.end - row.start).days + 1)
        credit[row.agent] = credit.get(row.agent, 0.0) + row.credit_hours * share
    return codes, credit


def _employed(person: Mapping[Any, Any], days: list[dt.date]) -> bool:
    starts, leaves = person.get("starts_on"), person.get("leaves_on")
    return not (
        (starts is not None and not pd.isna(starts) and starts.date() > days[-1])
        or (leaves is not None and not pd.isna(leaves) and leaves.date() < days[0])
    )


def _order(shifts: tuple[Shift, ...]) -> dict[tuple[str, str], int]:
    """Rank of each shift in its team: early before late."""
    ordered = sorted(shifts, key=lambda shift: (shift.team, shift.start_minute, shift.name))
    return {(shift.team, shift.name): number for number, shift in enumerate(ordered)}


def _usual(names: list[str], team: str, order: Mapping[tuple[str, str], int]) -> int:
    """Rank of the shift of most days, of equals the earlier one; after all of them for none."""
    counts = Counter(order.get((team, name), len(order)) for name in names)
    return min(counts, key=lambda rank: (-counts[rank], rank), default=len(order) + 1)


def _cell(work: Any, otherwise: str) -> str:
    return otherwise if work is None else f"{work.start:%H:%M}-{work.end:%H:%M}"


def _columns(
    header: list[str], days: Mapping[str, dt.date], file: str
) -> tuple[dict[Any, str], list[Problem]]:
    """Day (or ``agent``, ``team``) -> name of its column; and what is missing or too much."""
    found: dict[Any, str] = {}
    problems = []
    for name in header:
        date = re.search(r"\d{4}-\d{2}-\d{2}", name)
        day = next((day for day in days.values() if date and day.isoformat() == date[0]), None)
        if date and day is None:
            what = f"{date[0]} is not a day of the week that begins on {min(days.values())}"
            problems.append(Problem(what, "edit the roster of this week", file, 1, name))
        elif day in found:
            problems.append(Problem(f"{day} has two columns", "keep one of them", file, 1, name))
        elif day is not None:
            found[day] = name
        elif name.lower() in ("agent", "team"):
            found[name.lower()] = name
    absent = [name for name, day in days.items() if day not in found]
    absent += [] if "agent" in found else ["agent"]
    problems += [
        Problem(f"the column {name!r} is missing", "add it as in roster.csv", file, 1, name)
        for name in absent
    ]
    return found, problems


def _agent(
    cells: Mapping[Any, str], columns: Mapping[Any, str], people: Mapping[str, str], seen: Mapping[str, int]
) -> tuple[str, Problem | None]:
    """Whose row it is, or what is wrong with it."""
    column = columns["agent"]
    agent = plain(cells[column])
    if agent not in people:
        # A spreadsheet turns 007 into 7.
        alike = [known for known in people if known.lstrip("0") == agent.lstrip("0") and known.isdigit()]
        if len(alike) != 1:
            return agent, Problem(f"the agent {agent!r} is unknown", _whom(agent, people), column=column)
        agent = alike[0]
    if agent in seen:
        what = f"the agent {agent!r} stands in line {seen[agent]} too"
        return agent, Problem(what, "keep one row for each agent", column=column)
    team = plain(cells[columns["team"]]) if "team" in columns else ""
    if team and team != people[agent]:
        what = f"the agent {agent!r} is of team {people[agent]!r}, not {team!r}"
        return agent, Problem(what, "restore the team; teams change in the plan", column=columns["team"])
    return agent, None


def _whom(agent: str, people: Mapping[str, str]) -> str:
    """What to do about an id that nobody has: spreadsheets make numbers and dates of ids."""
    number = _number(agent)
    meant = [known for known in people if number is not None and _number(known) == number]
    meant = meant or difflib.get_close_matches(agent, people, 1)
    near = f"did you mean {meant[0]!r}?" if meant else "use an agent of the plan, or add this one to it"
    months = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
    date = rf"\d{{1,4}}([-/.])\d{{1,2}}\1\d{{1,4}}|\d{{1,2}}-({months})|({months})-\d{{2,4}}"
    if re.fullmatch(r"[\d.,]+e[+-]?\d+", agent, re.I) or re.fullmatch(date, agent, re.I):
        return f"did your spreadsheet change it? Make the column text and write the id again; {near}"
    return near


def _number(text: str) -> float | None:
    # In a spreadsheet 1E3 is a number; float() knows more words, such as "nan".
    return float(text) if re.fullmatch(r"\d+(\.\d+)?(e[+-]?\d+)?", text, re.I) else None


def _meanings(
    cells: Mapping[Any, str], columns: Mapping[Any, str], menu: list[Shift]
) -> tuple[dict[dt.date, tuple[int, int] | str], list[Problem]]:
    """Day -> hours or code, and the cells that are neither."""
    found: dict[dt.date, tuple[int, int] | str] = {}
    problems = []
    for day, name in columns.items():
        if isinstance(day, dt.date):
            try:
                found[day] = _meaning(cells[name], menu)
            except ValueError as error:
                problems.append(Problem(str(error), _remedy(cells[name], menu), column=name))
    return found, problems


def _meaning(cell: str, menu: list[Shift]) -> tuple[int, int] | str:
    """Minutes from midnight to start and end, or the code of a free day."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", plain(cell)))
    text = re.sub(r"[‐‑‒–—―−~～〜]", "-", text)
    if text.upper() in (OFF, ABSENT, *ABSENCES):
        return text.upper()
    for shift in menu:
        if text.lower() == shift.name.lower():
            return shift.start_minute, shift.end_minute
    if not text:
        raise ValueError("the cell is empty")
    clock = r"(\d{1,2})[:.](\d{2})(?::00)?"
    match = re.fullmatch(f"{clock}-{clock}", text)
    if match is None:
        raise ValueError(f"{cell!r} is neither hours nor a code")
    hours = [int(part) for part in match.groups()]
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if max(hours[1], hours[3]) > 59 or start >= 1440 or end > 1440 or start == end:
        raise ValueError(f"{cell!r} is no time from and to")
    return start, end if end > start else end + 1440


def _remedy(cell: str, menu: list[Shift]) -> str:
    words = {word.lower(): word for word in (*(shift.name for shift in menu), OFF, ABSENT, *ABSENCES)}
    near = difflib.get_close_matches(cell.strip().lower(), words, 1)
    return f"did you mean {words[near[0]]!r}?" if near else EXAMPLE


def _assigned(
    hours: tuple[int, int], day: dt.date, menu: list[Shift], timezone: str
) -> tuple[str, pd.Timestamp, pd.Timestamp, float]:
    """Shift, start, end and paid hours.

    Hours that are no shift of the team are their own name, and pay like the shift nearest in length.
    """
    start, end = (calendar.at(day, minute, timezone) for minute in hours)
    same = [shift for shift in menu if (shift.start_minute, shift.end_minute) == hours]
    nearest = min(menu, key=lambda shift: abs(shift.end_minute - shift.start_minute - hours[1] + hours[0]))
    like = same[0] if same else nearest
    present = (end - start) / pd.Timedelta(hours=1)
    unpaid = sum(pause.minutes for pause in like.breaks if not pause.paid) / 60
    name = like.name if same else f"{start:%H:%M}-{end:%H:%M}"
    return name, start, end, max(present - unpaid, 0.0)


def _assignments(rows: list[tuple[Any, ...]], timezone: str) -> pd.DataFrame:
    table = pd.DataFrame(sorted(rows), columns=list(ASSIGNMENTS.columns))
    moment = f"datetime64[us, {timezone}]"
    kinds = dict.fromkeys(("agent", "team", "shift"), "str")
    kinds |= {"date": "datetime64[us]", "start": moment, "end": moment, "paid_hours": "float64"}
    return check(table.astype(kinds), ASSIGNMENTS)


def _absences(rows: list[tuple[str, dt.date, str]]) -> pd.DataFrame:
    table = pd.DataFrame(sorted(rows), columns=["agent", "date", "kind"])
    return table.astype({"agent": "str", "date": "datetime64[us]", "kind": "str"})
