"""The lists beside the plan file: agents, skills, leave, wishes, events, adjustments, last week."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Collection

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem
from staffing.history.cells import Sheet, sheet
from staffing.model import parts
from staffing.site.planfile import suggest
from staffing.tables import ABSENCES, WHAT, Contract

KINDS = ("avoid", "forbid", "lock", "want")
SHIFTS = ("early", "late")
FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}
NAMED = 10
# Cells that no message repeats: a reason for leave in the place of a code is nobody's business.
PRIVATE = {"TIMEOFF": {"start", "end", "kind", "credit_hours"}, "REQUESTS": {"kind"}}
MAY_BE_EMPTY = {"REQUESTS": {"shift"}, "ADJUSTMENTS": {"who", "why"}}


@dataclasses.dataclass(frozen=True)
class Listed:
    """One list as read: its table, and where each row stands.

    Parameters
    ----------
    frame : pandas.DataFrame
        Of the contract.
    cells : Sheet
        The cells behind it.
    private : set of str
        Columns whose cells are not to be repeated.
    """

    frame: pd.DataFrame
    cells: Sheet
    private: Collection[str] = ()

    def wrong(self, bad: pd.Series | np.ndarray, column: str, what: str, remedy: str) -> list[Problem]:
        """A problem for each row that is bad; ``{}`` in the text is the cell, or where it stands."""
        written, lines = self.cells.frame[column], self.cells.lines

        def said(row: int) -> str:
            place = f"the {column} in line {int(lines[row])}"
            return what.replace("{}", place if column in self.private else repr(written.iloc[row]))

        return self.cells.problems(np.flatnonzero(np.asarray(bad)), column, said, remedy)

    def none_of(self, column: str, codes: Collection[str]) -> list[Problem]:
        """A problem for each code that there is not, which is not repeated."""
        strange = ~self.frame[column].isin([*codes, ""])
        what = f"{{}} is none of {', '.join(codes)}"
        return self.wrong(strange, column, what, "write one of them")

    def strangers(self, known: Collection[str]) -> list[Problem]:
        """One problem for all people of the list who are not among the agents."""
        strange = np.flatnonzero(~self.frame["agent"].isin([*known, ""]))
        if not len(strange):
            return []
        counts = self.frame["agent"].iloc[strange].value_counts().sort_index()
        # Ids are too alike for a nearest one: only what a spreadsheet or a hurried hand changes is guessed.
        alike = {_bare(name): name for name in sorted(known, reverse=True)}
        near = {name: alike.get(_bare(name)) for name in counts.index[:NAMED]}
        named = ", ".join(
            repr(name) + (f" (did you mean {guess!r}?)" if guess else "") for name, guess in near.items()
        )
        more = f" and {len(counts) - NAMED} more" if len(counts) > NAMED else ""
        who = "the agent" if len(counts) == 1 else f"{len(counts)} agents:"
        what = f"{who} {named}{more} {'is' if len(counts) == 1 else 'are'} not in the agents' list"
        rows = "the row" if len(strange) == 1 else f"the {len(strange)} rows"
        remedy = f"correct the id, or add the agent there, or take {rows} out here"
        return [Problem(what, remedy, self.cells.file, int(self.cells.lines[strange[0]]), "agent")]

    def unknown(self, column: str, known: Collection[str], noun: str) -> list[Problem]:
        """A problem for each name that is not known, with the nearest that is."""
        strange = ~self.frame[column].isin([*known, ""])
        found = []
        for name, rows in self.frame[strange].groupby(column, sort=True):
            first = np.zeros(len(self.frame), dtype=bool)
            first[self.frame.index.get_indexer(rows.index[:1])] = True
            more = f" ({len(rows)} rows)" if len(rows) > 1 else ""
            remedy = suggest(str(name), [word for word in known if word])
            found += self.wrong(first, column, f"the {noun} {{}} is unknown{more}", remedy)
        return found


def _bare(ident: str) -> str:
    """An id without what gets lost on the way: leading zeros, case, blanks and marks."""
    return re.sub(r"[\W_]", "", ident.casefold()).lstrip("0")


def named(content: bytes, file: str) -> io.BytesIO:
    """Bytes that have been read, as an open file of that name.

    Parameters
    ----------
    content : bytes
        What stands in it.
    file : str
        Its name, for the problems.

    Returns
    -------
    io.BytesIO
        At its beginning.
    """
    buffer = io.BytesIO(content)
    buffer.name = file
    return buffer


def read(
    file: str, content: bytes, contract: Contract, timezone: str, problems: list[Problem]
) -> Listed | None:
    """Read one list and hold every cell against its column.

    Parameters
    ----------
    file : str
        Its name, for the problems.
    content : bytes
        What stands in it.
    contract : Contract
        Which list it is.
    timezone : str
        Of times without an offset.
    problems : list of Problem
        Grows.

    Returns
    -------
    Listed or None
        None where the list cannot be used at all. Unusable cells are missing values.
    """
    try:
        cells = sheet(named(content, file))
    except DataError as error:
        problems += error.found
        return None
    header = [str(name) for name in cells.frame.columns]
    every = contract.columns | contract.optional
    for name in contract.columns:
        if name not in header:
            near = suggest(name, header)
            remedy = f"add it; it holds {WHAT[contract.columns[name]]}" + (
                f". {near}" if "did" in near else ""
            )
            problems.append(Problem(f"the column {name!r} is missing", remedy, file, 1, name))
    for name in header:
        near = suggest(name, set(every) - set(header))
        if name not in every and near.startswith("did you mean") and contract.columns.keys() <= set(header):
            problems.append(Problem(f"the column {name!r} is unknown", near, file, 1, name))
    private = PRIVATE.get(contract.name, set())
    # Of leave nothing but the contract's columns is taken: others may hold reasons.
    taken = [name for name in header if name in every] if contract.name == "TIMEOFF" else header
    frame = cells.frame[taken].copy()
    listed = Listed(frame, cells, private)
    for name, kind in every.items():
        if name in header:
            frame[name], bad = _converted(cells.frame[name], kind, timezone)
            empty = cells.frame[name] == ""
            may_be = name in contract.optional or name in MAY_BE_EMPTY.get(contract.name, ())
            if not may_be:
                problems += listed.wrong(empty, name, f"{name} is empty", _example(kind))
            problems += listed.wrong(bad & ~empty, name, f"{{}} is not {WHAT[kind]}", _example(kind))
    if not contract.columns.keys() <= set(header):
        return None
    known = frame[list(contract.key)].notna().all(axis=1)
    also = [name for name in contract.also if name in frame]
    again = frame[[*contract.key, *also]].duplicated() & known
    if contract.key:
        remedy = f"keep one row for each {', '.join(contract.key)}"
        problems += listed.wrong(again, contract.key[0], "{} stands here again", remedy)
    return listed


def _example(kind: str) -> str:
    examples = {
        "date": "2026-11-30",
        "time": "2026-11-30 09:00",
        "flag": "true or false",
        "text": "it",
    }
    return f"write {examples.get(kind, 'a plain number, for example 37.5')}"


def _converted(text: pd.Series, kind: str, timezone: str) -> tuple[pd.Series, pd.Series]:
    """Values of their kind, and which cells are not."""
    if kind == "text":
        return text, pd.Series(False, index=text.index)
    if kind == "flag":
        lower = text.str.lower()
        return lower.map(FLAGS).fillna(False).astype(bool), ~lower.isin(list(FLAGS))
    if kind == "date":
        shaped = text.where(text.str.fullmatch(r"\d{4}-\d{2}-\d{2}"))
        dates = pd.to_datetime(shaped, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
        return dates, dates.isna()
    if kind == "time":
        # utc=True: of no cells, or of unusable ones alone, pandas would make times without a zone.
        known = {cell: _moment(cell, timezone) for cell in sorted(set(text))}
        times = pd.to_datetime(text.map(known), utc=True)
        return times.dt.tz_convert(timezone).dt.as_unit("us"), times.isna()
    numbers = pd.to_numeric(text.where(text.str.fullmatch(r"[-+]?\d+(\.\d+)?")), errors="coerce")
    numbers = numbers.astype("float64")
    low = numbers < 0 if kind in ("count", "fraction") else pd.Series(False, index=text.index)
    return numbers.mask(low), numbers.isna() | low


def _moment(cell: str, timezone: str) -> pd.Timestamp | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:?\d{2})?", cell):
        return None
    try:
        moment = pd.Timestamp(cell)
        if moment.tzinfo is None:
            moment = moment.tz_localize(timezone, ambiguous=True, nonexistent="raise")
        return moment.tz_convert("UTC")
    except ValueError:
        return None


def agents(listed: Listed, teams: Collection[str], contracts: Collection[str]) -> list[Problem]:
    """What is wrong with the agents beyond their cells.

    Parameters
    ----------
    listed : Listed
        AGENTS.
    teams, contracts : collection of str
        Those that the plan names; without contracts everybody is under the same rules.

    Returns
    -------
    list of Problem
        Unknown teams and contracts, impossible hours and dates.
    """
    frame = listed.frame
    found = listed.unknown("team", teams, "team")
    if contracts:
        strange = listed.unknown("contract", contracts, "contract")
        found += [
            problem._replace(
                remedy=f"{problem.remedy}; or add [rules.CONTRACT] to the plan, even without keys"
            )
            for problem in strange
        ]
    odd = frame["hours_week"].notna() & ~frame["hours_week"].between(1, 60)
    found += listed.wrong(odd, "hours_week", "{} hours a week are outside 1-60", "write paid hours a week")
    if {"starts_on", "leaves_on"} <= set(frame):
        found += listed.wrong(
            frame["leaves_on"] < frame["starts_on"],
            "leaves_on",
            "the agent leaves before starting",
            "swap them",
        )
    return found


def spans(listed: Listed) -> list[Problem]:
    """Rows that end before they start.

    Parameters
    ----------
    listed : Listed
        Any list with start and end.

    Returns
    -------
    list of Problem
        One for each.
    """
    backwards = listed.frame["end"] < listed.frame["start"]
    return listed.wrong(backwards, "end", "{} is before the start", "swap start and end")


def skills(listed: Listed, known: Collection[str], queues: Collection[str]) -> list[Problem]:
    """What is wrong with skills.

    Parameters
    ----------
    listed : Listed
        SKILLS.
    known, queues : collection of str
        Agents, and queues that the plan names.

    Returns
    -------
    list of Problem
        All of them.
    """
    return listed.strangers(known) + listed.unknown("queue", queues, "queue")


def timeoff(listed: Listed, known: Collection[str]) -> list[Problem]:
    """What is wrong with leave: who, when, how much, twice.

    Parameters
    ----------
    listed : Listed
        TIMEOFF.
    known : collection of str
        Agents.

    Returns
    -------
    list of Problem
        All of them.
    """
    frame = listed.frame
    found = listed.strangers(known) + spans(listed) + listed.none_of("kind", ABSENCES)
    days = (frame["end"] - frame["start"]).dt.days + 1
    much = (frame["credit_hours"] > 24 * days) & (days > 0)
    found += listed.wrong(
        much, "credit_hours", "{} is more hours than the days have", "write hours of the whole row"
    )
    ordered = frame.sort_values(["agent", "start", "end"])
    before = ordered.groupby("agent")["end"].cummax().groupby(ordered["agent"]).shift()
    meets = (ordered["start"] <= before) & ~ordered.duplicated(["agent", "start"])
    remedy = "join the rows, or correct the dates"
    again = meets.reindex(frame.index)
    return found + listed.wrong(again, "start", "{} lies in leave that stands here already", remedy)


def requests(listed: Listed, known: Collection[str]) -> list[Problem]:
    """What is wrong with wishes.

    Parameters
    ----------
    listed : Listed
        REQUESTS.
    known : collection of str
        Agents.

    Returns
    -------
    list of Problem
        All of them.
    """
    found = listed.strangers(known) + spans(listed) + listed.none_of("kind", KINDS)
    for name, read in (("hours", parts.hours), ("weekdays", parts.weekdays)):
        if name in listed.frame:
            bad = [not _read(read, cell) for cell in listed.frame[name]]
            noun = "span of hours" if name == "hours" else "weekday"
            found += listed.wrong(np.array(bad, dtype=bool), name, f"{{}} is no {noun}", parts.EXAMPLES[name])
    # An empty shift means any: `forbid` of any is a day off.
    return found + listed.unknown("shift", (*SHIFTS, ""), "shift")


def _read(read: Callable[[str], object], cell: str) -> bool:
    """Whether a cell can be read."""
    try:
        read(cell)
    except ValueError:
        return False
    return True


def events(listed: Listed, queues: Collection[str]) -> list[Problem]:
    """What is wrong with events.

    Parameters
    ----------
    listed : Listed
        EVENTS.
    queues : collection of str
        Those that the plan names.

    Returns
    -------
    list of Problem
        All of them.
    """
    found = listed.unknown("queue", (*queues, "all"), "queue") + spans(listed)
    if "effect" in listed.frame:
        none_left = listed.frame["effect"] <= -1
        remedy = "write the factor less one, for example 0.25 for +25 %"
        found += listed.wrong(none_left, "effect", "an effect of {} leaves no contacts", remedy)
    return found


def adjustments(listed: Listed, queues: Collection[str]) -> list[Problem]:
    """What is wrong with adjustments by hand.

    Parameters
    ----------
    listed : Listed
        ADJUSTMENTS.
    queues : collection of str
        Those that the plan names.

    Returns
    -------
    list of Problem
        All of them.
    """
    found = listed.unknown("queue", (*queues, "all"), "queue") + spans(listed)
    given = listed.frame.reindex(columns=["add", "factor"]).notna().sum(axis=1)
    what = "the row for {} must have add or factor, one of them"
    return found + listed.wrong(given != 1, "queue", what, "fill in one")


def previous(listed: Listed, teams: Collection[str]) -> list[Problem]:
    """What is wrong with last week's assignments. Who has left since may stand in them.

    Parameters
    ----------
    listed : Listed
        ASSIGNMENTS.
    teams : collection of str
        Those that the plan names.

    Returns
    -------
    list of Problem
        All of them.
    """
    frame = listed.frame
    length = (frame["end"] - frame["start"]).dt.total_seconds() / 3600
    odd = (length <= 0) | (length > 24)
    return (
        listed.unknown("team", teams, "team")
        + listed.unknown("shift", SHIFTS, "shift")
        + listed.wrong(
            odd, "end", "the shift ends at {}, not within a day of its start", "correct start or end"
        )
    )
