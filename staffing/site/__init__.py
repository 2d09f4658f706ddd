"""The plan file of one site and the lists beside it: read once, checked whole, every problem at once."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import zoneinfo
from pathlib import Path

import pandas as pd

from staffing import history, tables
from staffing.calendar import Calendar
from staffing.errors import DataError, Problem
from staffing.model import Pair, Queue, Rules, Team, Training
from staffing.site import lists, notes, planfile, presets, rulebook
from staffing.site.template import begin, template
from staffing.site.training import trainings

__all__ = ["Site", "begin", "check", "load", "template"]

LISTS = {
    "agents": tables.AGENTS,
    "skills": tables.SKILLS,
    "timeoff": tables.TIMEOFF,
    "requests": tables.REQUESTS,
    "events": tables.EVENTS,
    "adjustments": tables.ADJUSTMENTS,
    "previous": tables.ASSIGNMENTS,
}


@dataclasses.dataclass(frozen=True)
class Site:
    """Everything that a plan file and its lists say, checked.

    Parameters
    ----------
    name : str
        What the site is called.
    timezone : str
        IANA name.
    interval : int
        Length of an interval. [min]
    lead_days : int
        How long before its first day the roster is published. [days]
    week_starts : str
        ``"mon"``, ``"sun"`` or ``"sat"``.
    seed : int
        Of everything that is drawn.
    calendar : staffing.calendar.Calendar
        Opening hours, closed days, holidays and events.
    history : pandas.DataFrame
        HISTORY of the plan's queues, summed to the interval.
    queues : tuple of Queue
        Sorted by name.
    teams : dict
        Name -> Team.
    rules : dict
        Contract -> Rules, for every contract of the agents.
    agents, skills, timeoff, requests, adjustments, previous : pandas.DataFrame
        AGENTS, SKILLS, TIMEOFF, REQUESTS, ADJUSTMENTS and last week's ASSIGNMENTS; without rows where the
        plan names no such list.
    assumptions : tuple of str
        What was given and not measured, in sentences.
    files : dict
        Name of each file read -> its SHA-256.
    seats : int or None
        Desks or licences.
    pairs : tuple of Pair
        Who works together, or apart.
    trainings : tuple of Training
        Planned training and one-to-ones, sorted by name.
    """

    name: str
    timezone: str
    interval: int
    lead_days: int
    week_starts: str
    seed: int
    calendar: Calendar
    history: pd.DataFrame
    queues: tuple[Queue, ...]
    teams: dict[str, Team]
    rules: dict[str, Rules]
    agents: pd.DataFrame
    skills: pd.DataFrame
    timeoff: pd.DataFrame
    requests: pd.DataFrame
    adjustments: pd.DataFrame
    previous: pd.DataFrame
    assumptions: tuple[str, ...]
    files: dict[str, str]
    seats: int | None = None
    pairs: tuple[Pair, ...] = ()
    trainings: tuple[Training, ...] = ()


def load(path: str | os.PathLike[str]) -> Site:
    """Read a plan file and every list that it names.

    Parameters
    ----------
    path : path
        The TOML file; the lists are found from its folder.

    Returns
    -------
    Site
        Checked.

    Raises
    ------
    DataError
        Every problem of every file, with line, column and remedy.

    Examples
    --------
    >>> load("nowhere/site.toml")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    staffing.errors.DataError: nowhere/site.toml: the file cannot be read (No such file or directory) -> ...
    """
    site, problems = _read(Path(path))
    if site is None:
        raise DataError(problems)
    return site


def check(path: str | os.PathLike[str]) -> list[Problem]:
    """List all that is wrong with a plan file and its lists.

    Parameters
    ----------
    path : path
        The TOML file.

    Returns
    -------
    list of Problem
        Empty where `load` would return a site.
    """
    return _read(Path(path))[1]


def _read(path: Path) -> tuple[Site | None, list[Problem]]:
    """The site, or all that stands in its way."""
    files: dict[str, str] = {}
    problems: list[Problem] = []
    content = _bytes(path, path.name, files, problems)
    if content is None:
        return None, problems
    try:
        plan = planfile.parse(str(path), content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return None, [Problem("the plan file is not UTF-8", "save it as UTF-8", str(path), line)]
    if not plan.data and plan.problems:
        return None, plan.problems
    said, (named, opening), of_team = planfile.keys(plan), planfile.queues(plan), planfile.teams(plan)
    timezone = _timezone(plan, said)
    listed = _lists(path.parent, plan, said, timezone, files)
    contracts = set(listed["agents"].frame["contract"]) if "agents" in listed else set()
    by_contract = rulebook.rules(plan, contracts, said.preset)
    two = planfile.pairs(plan)
    _cross_check(plan, listed, two)
    planned = trainings(plan, listed["agents"].frame if "agents" in listed else None)
    past = _history(path.parent, plan, said, timezone, files)
    if past is not None:
        _measured(plan, named, past, str(path.parent / said.history))
    calendar = _calendar(plan, said, opening, listed)
    if plan.problems or calendar is None or past is None:
        return None, plan.problems
    frames = {
        name: listed[name].frame if name in listed else contract.empty()
        for name, contract in LISTS.items()
        if name != "events"
    }
    site = Site(
        name=said.name,
        timezone=timezone,
        interval=_minutes(said),
        lead_days=said.lead_days,
        week_starts=said.week_starts,
        seed=said.seed,
        calendar=calendar,
        history=_of_the_plan(past, named),
        queues=named,
        teams=of_team,
        rules=by_contract,
        assumptions=(
            *said.assumptions,
            *notes.of_queues(named, plan.data["queue"], past),
            *notes.of_times(past, calendar, _minutes(said)),
            *notes.of_absence(named),
            *notes.of_teams(of_team.values()),
            *notes.of_rules(by_contract, _given_rules(plan, by_contract, said.preset)),
            *presets.notes(said.preset, by_contract, listed["agents"].frame, of_team.values()),
            *notes.of_rotations(by_contract, frames["agents"]),
            *notes.of_calendar(said.country),
            *notes.of_training(planned, named),
        ),
        files=files,
        seats=said.seats,
        pairs=tuple(two.values()),
        trainings=planned,
        **frames,
    )
    return site, []


def _given_rules(
    plan: planfile.Plan, contracts: dict[str, Rules], preset: str | None
) -> dict[str, dict[str, object]]:
    """What the plan says of each contract's rules, or its preset."""
    given = rulebook.given_rules(plan, contracts)
    return {contract: {**presets.starting(preset), **own} for contract, own in given.items()}


def _bytes(path: Path, name: str, files: dict[str, str], problems: list[Problem]) -> bytes | None:
    """The content of a file, read once and entered with its hash."""
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        problems.append(Problem(f"the file cannot be read ({reason})", "check its name and place", str(path)))
        return None
    files[name] = hashlib.sha256(content).hexdigest()
    return content


def _minutes(said: planfile.Keys) -> int:
    return int(pd.Timedelta(said.interval) / pd.Timedelta(minutes=1))


def _timezone(plan: planfile.Plan, said: planfile.Keys) -> str:
    try:
        zoneinfo.ZoneInfo(said.timezone)
        return said.timezone
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        # Abbreviations are left out: the nearest one to KST is MST, half the world away.
        cities = [name for name in zoneinfo.available_timezones() if "/" in name]
        near = planfile.suggest(said.timezone, cities)
        remedy = near if near.startswith("did") else "write an IANA name, for example Asia/Seoul"
        plan.wrong(("site", "timezone"), f"the time zone {said.timezone!r} is unknown", remedy)
        return "UTC"


def _file(folder: Path, plan: planfile.Plan, key: str, name: str, files: dict[str, str]) -> bytes | None:
    """The content of a file that the plan names; the problem points at the plan's line."""
    found: list[Problem] = []
    content = _bytes(folder / name, name, files, found)
    for problem in found:
        plan.wrong(("site", key), f"{name}: {problem.problem}", problem.remedy)
    return content


def _lists(
    folder: Path, plan: planfile.Plan, said: planfile.Keys, timezone: str, files: dict[str, str]
) -> dict[str, lists.Listed]:
    found = {}
    for key, contract in LISTS.items():
        name = getattr(said, key)
        content = _file(folder, plan, key, name, files) if name else None
        if content is not None:
            listed = lists.read(str(folder / name), content, contract, timezone, plan.problems)
            if listed is not None:
                found[key] = listed
    return found


def _cross_check(plan: planfile.Plan, listed: dict[str, lists.Listed], pairs: dict[int, Pair]) -> None:
    """Names in one list that another, or the plan, does not know."""
    queues, teams = (list(plan.data.get(key, {})) for key in ("queue", "team"))
    contracts = rulebook.contract_tables(plan)
    found = []
    if "agents" in listed:
        people = set(listed["agents"].frame["agent"])
        planfile.strangers(plan, pairs, people)
        found += lists.agents(listed["agents"], teams, contracts)
        found += lists.skills(listed["skills"], people, queues) if "skills" in listed else []
        found += lists.timeoff(listed["timeoff"], people) if "timeoff" in listed else []
        found += lists.requests(listed["requests"], people) if "requests" in listed else []
    found += lists.events(listed["events"], queues) if "events" in listed else []
    found += lists.adjustments(listed["adjustments"], queues) if "adjustments" in listed else []
    found += lists.previous(listed["previous"], teams) if "previous" in listed else []
    plan.problems.extend(found)


def _history(
    folder: Path, plan: planfile.Plan, said: planfile.Keys, timezone: str, files: dict[str, str]
) -> pd.DataFrame | None:
    """The history at the plan's interval."""
    content = _file(folder, plan, "history", said.history, files) if said.history else None
    if content is None:
        return None
    file, names = str(folder / said.history), list(plan.data.get("queue", {}))
    # A report of one queue need not name it; then the plan does.
    only = names[0] if len(names) == 1 else "calls"
    try:
        past = history.read(lists.named(content, file), tz=timezone, queue=only)
        return history.resample(past, said.interval)
    except DataError as error:
        plan.problems.extend(problem._replace(file=problem.file or file) for problem in error.found)
        return None


def _measured(plan: planfile.Plan, named: tuple[Queue, ...], past: pd.DataFrame, file: str) -> None:
    """Whether the history knows the plan's queues, and somebody their handle times."""
    there = sorted(set(past["queue"]))
    for queue in named:
        path = ("queue", queue.name)
        if queue.name not in there:
            plan.wrong(path, f"the history has no queue {queue.name!r}", planfile.suggest(queue.name, there))
            continue
        rows = past[past["queue"] == queue.name]
        if not (rows["offered"] > 0).any():
            remedy = "give its contacts (column offered), or take its table out of the plan"
            plan.wrong(path, f"the history has no contact of {queue.name!r}", remedy)
            continue
        known = rows[rows["aht"].notna() & (rows["offered"] > 0)] if "aht" in rows else rows.iloc[:0]
        if known.empty and queue.aht is None:
            unused = [text for text in past.attrs.get("report", ()) if text.startswith("Columns not used")]
            remedy = "; ".join(["add aht = ... [s], or a column aht to the history, in seconds", *unused])
            plan.wrong(path, f"nobody knows the handle time of {queue.name!r}", remedy)
        elif not known.empty:
            mean = (known["aht"] * known["offered"]).sum() / known["offered"].sum()
            if not planfile.SHORTEST_AHT <= mean <= planfile.LONGEST_AHT:
                what = f"the mean handle time of {queue.name!r} is {mean:.3g} s: under 5 s or over 4 h"
                plan.problems.append(Problem(what, "give it in seconds", file, None, "aht"))


def _of_the_plan(past: pd.DataFrame, named: tuple[Queue, ...]) -> pd.DataFrame:
    """The history of the queues that the plan names; the report says which it left out."""
    names = {queue.name for queue in named}
    others = sorted(set(past["queue"]) - names)
    kept = past[past["queue"].isin(names)].reset_index(drop=True)
    if others:
        said = f"Queues of the history that the plan does not name: {', '.join(others)}."
        kept.attrs["report"] = [*past.attrs["report"], said]
    return kept


def _calendar(
    plan: planfile.Plan,
    said: planfile.Keys,
    opening: dict[str, dict[str, list[tuple[str, str]]]],
    listed: dict[str, lists.Listed],
) -> Calendar | None:
    events = listed["events"].frame if "events" in listed and not plan.problems else None
    try:
        return Calendar(
            said.country,
            region=said.region,
            opening=opening or None,
            closed=said.closed,
            events=events,
            week_starts=said.week_starts,
        )
    except DataError as error:
        for problem in error.found:
            text = problem.problem
            key = "region" if "region" in text else "country" if text.startswith("the country") else "closed"
            plan.wrong(("site", key), text, problem.remedy)
        return None
