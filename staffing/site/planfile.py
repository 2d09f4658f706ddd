"""The plan file: TOML in, nouns out, and every problem with the line on which its key stands."""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import math
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic.dataclasses import dataclass

from staffing import pauses
from staffing.errors import Problem
from staffing.model import (
    STRICT,
    Break,
    Chat,
    Deferred,
    Limit,
    Meeting,
    Outbound,
    Pair,
    Queue,
    Screen,
    Shift,
    Shrinkage,
    Target,
    Team,
    Voice,
)
from staffing.site import presets, words

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SECTIONS = ("site", "shrinkage", "queue", "team", "rules", "training")
PAIR = ("agents", "how", "price", "starts_within")
CHANNELS = {"voice": Voice, "chat": Chat, "deferred": Deferred, "outbound": Outbound}
QUEUE = (
    "team", "channel", "target", "aht", "talk", "hold", "after_call", "speed", "deflected", "ivr",
    "min_staff", "opening",
)  # fmt: skip
SENIOR = "senior_per_interval"
TEAM = ("hours", "rush", "meeting", "lunch", "breaks", "evening", SENIOR)
BREAK = ("minutes", "paid", "after_hours")
SCREEN = ("minutes", "paid", "every_hours")
MEETING = ("minutes", "before_opening")
EVENING = ("from", "min_staff")
CAUSE = ("rate", "rostered")
SHORTEST_AHT, LONGEST_AHT = 5.0, 4 * 3600.0
Noun = TypeVar("Noun")


@dataclass(frozen=True, config=STRICT)
class Keys:
    """What stands in ``[site]``.

    Parameters
    ----------
    name, timezone : str
        What the site is called, and the IANA name of its clock.
    history, agents : str
        Files, as seen from the plan file.
    skills, timeoff, requests, events, adjustments, previous : str or None
        Files that may be missing.
    country, region : str or None
        Whose public holidays to learn from.
    week_starts : str
        ``"mon"``, ``"sun"`` or ``"sat"``.
    interval : str
        Length of an interval, for example ``"30min"``.
    lead_days : int
        How long before its first day the roster is published. [days]
    seats : int or None
        Desks or licences: nobody beyond is in a shift at once.
    preset : str or None
        Of working-time rules (`staffing.site.presets`).
    closed : list
        Dates without open hours; ``"public"`` for every public holiday.
    seed : int
        Of everything that is drawn.
    assumptions : list of str
        What the reader of the plan must know, in sentences.
    """

    name: str
    timezone: str
    history: str
    agents: str
    skills: str | None = None
    timeoff: str | None = None
    requests: str | None = None
    events: str | None = None
    adjustments: str | None = None
    previous: str | None = None
    country: str | None = None
    region: str | None = None
    week_starts: Literal["mon", "sun", "sat"] = "mon"
    interval: str = Field(default="30min", pattern=r"^([1-9]\d*min|[1-4]h)$")
    lead_days: int = Field(default=14, ge=0, le=365)
    seats: int | None = Field(default=None, ge=1)
    preset: str | None = None
    closed: list[dt.date | str] | Literal["public"] = Field(default_factory=list)
    seed: int = Field(default=0, ge=0)
    assumptions: list[str] = Field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Plan:
    """The parsed text, where each key stands, and what is wrong so far.

    Parameters
    ----------
    file : str
        Its name.
    data : dict
        What the TOML says.
    lines : dict
        Path of a key -> line.
    problems : list of Problem
        Grows as the plan is read.
    broken : set
        Paths of what should be a table and is none: told once, and then left alone.
    """

    file: str
    data: dict[str, Any]
    lines: dict[tuple[str, ...], int]
    problems: list[Problem]
    broken: set[tuple[str, ...]] = dataclasses.field(default_factory=set)

    def wrong(self, path: tuple[str, ...], what: str, remedy: str) -> None:
        """Note a problem at the key, or at the nearest key around it that has a line of its own."""
        known = next((path[:end] for end in range(len(path), 0, -1) if path[:end] in self.lines), ())
        self.problems.append(Problem(what, remedy, self.file, self.lines.get(known), ".".join(path)))

    def table(self, path: tuple[str, ...], value: object) -> dict[str, Any]:
        """The value, where it is a table."""
        if isinstance(value, dict):
            return value
        self.broken.add(path)
        what = f"{'.'.join(path)} is {words.shown(value)}, not a table of keys"
        self.wrong(path, what, "write { key = value, ... }")
        return {}

    def known(self, path: tuple[str, ...], value: object, names: Iterable[str]) -> dict[str, Any]:
        """The keys of a table that are known; a problem for each other one."""
        names, kept = list(names), {}
        for key, content in self.table(path, value).items():
            if key in names:
                kept[key] = content
            else:
                self.wrong((*path, key), f"the key {key!r} is unknown", suggest(key, names))
        return kept

    def noun(self, path: tuple[str, ...], kind: type[Noun], values: Mapping[str, Any]) -> Noun | None:
        """The noun that the values make; a problem for each value that it refuses."""
        if path in self.broken:
            return None
        found = words.before(values)
        try:
            made = kind(**values)
        except ValidationError as error:
            made = None
            known = {complaint.key for complaint in found}
            refused = words.complaints(error, values)
            found += [complaint for complaint in refused if complaint.key not in known]
        for complaint in found:
            place = (*path, complaint.key) if complaint.key else path
            self.wrong(place, complaint.problem, complaint.remedy)
        return None if found else made


def suggest(word: str, known: Iterable[str]) -> str:
    """A remedy for a name that nobody knows: the nearest known one, or all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"one of {', '.join(names)}" if names else "take it out"


def parse(file: str, text: str) -> Plan:
    """Read the TOML text.

    Parameters
    ----------
    file : str
        Its name, for the problems.
    text : str
        Its content.

    Returns
    -------
    Plan
        Without data, and with the problem, where the text is not TOML.

    Examples
    --------
    >>> parse("site.toml", "[site]\\nname = 'shop").problems[0].line
    2
    """
    try:
        plan = Plan(file, tomllib.loads(text), _lines(text), [])
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        what = re.sub(r"\s*\(at .*\)$", "", str(error))
        return Plan(file, {}, {}, [Problem(f"this is not TOML: {what}", "correct the line", file, line)])
    except RecursionError:
        return Plan(file, {}, {}, [Problem("the brackets go too deep", "write a plan", file)])
    for section in SECTIONS:
        if section in plan.data:
            plan.data[section] = plan.table((section,), plan.data[section])
    if not isinstance(plan.data.get("pairs", []), list):
        plan.wrong(("pairs",), "pairs is not a list of tables", "write [[pairs]] above each pair")
        plan.data["pairs"] = []
    return plan


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Line of each key that begins a line, and of each table header. tomllib keeps none."""
    part = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
    dotted = rf"({part}(?:\s*\.\s*{part})*)"
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    counted: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(rf"\s*\[\[?\s*{dotted}\s*\]", line)
        pair = re.match(rf"\s*{dotted}\s*=", line)
        found = header or pair
        if found is None:
            continue
        path = tuple(name.strip("\"'") for name in re.findall(part, found[1]))
        if header and line.lstrip().startswith("[["):
            counted[path] = counted.get(path, 0) + 1
            path = (*path, str(counted[path]))
        table = path if header else table
        path = path if header else (*table, *path)
        for end in range(1, len(path) + 1):
            lines.setdefault(path[:end], number)
    return lines


def keys(plan: Plan) -> Keys:
    """What ``[site]`` says.

    Parameters
    ----------
    plan : Plan
        Its problems grow.

    Returns
    -------
    Keys
        What is wrong or missing in it has a stand-in, so that the files behind the other keys can be checked.
    """
    plan.known((), plan.data, (*SECTIONS, "pairs"))
    names = [field.name for field in dataclasses.fields(Keys)]
    said = plan.known(("site",), plan.data.get("site", {}), names)
    if isinstance(said.get("preset"), str) and said["preset"] not in presets.PRESETS:
        unknown = said.pop("preset")
        what = f"there is no preset {unknown!r}"
        plan.wrong(("site", "preset"), what, suggest(unknown, presets.PRESETS))
    before = len(plan.problems)
    made = plan.noun(("site",), Keys, said)
    if made is not None:
        return made
    bad = {problem.column.split(".")[1] for problem in plan.problems[before:]}
    usable = {key: value for key, value in said.items() if key not in bad}
    return Keys(**{"name": "", "timezone": "UTC", "history": "", "agents": "", **usable})


def shrinkage(plan: Plan) -> tuple[Shrinkage, ...]:
    """The causes in ``[shrinkage]``, which must stand there, even without any.

    Parameters
    ----------
    plan : Plan
        Its problems grow.

    Returns
    -------
    tuple of Shrinkage
        In the order of the file.
    """
    if "shrinkage" not in plan.data:
        what = "nothing is said about shrinkage"
        plan.wrong(("shrinkage",), what, "add [shrinkage]; leave it empty if nobody is ever away")
        return ()
    causes = []
    for cause, value in plan.data["shrinkage"].items():
        path = ("shrinkage", cause)
        if _nameless(plan, path, "a cause"):
            continue
        values = plan.known(path, value, CAUSE)
        causes.append(plan.noun(path, Shrinkage, {"cause": cause, **values}))
    return tuple(cause for cause in causes if cause is not None)


def queues(plan: Plan) -> tuple[tuple[Queue, ...], dict[str, dict[str, list[tuple[str, str]]]]]:
    """The queues and the opening hours that the plan names.

    Parameters
    ----------
    plan : Plan
        Its problems grow.

    Returns
    -------
    tuple of Queue
        Sorted by name.
    dict
        ``{queue: {weekday: [(from, to), ...]}}``.
    """
    causes, found, opening = shrinkage(plan), [], {}
    named = plan.data.get("queue", {})
    if not named:
        plan.wrong(("queue",), "the plan names no queue", "add a table [queue.NAME] for each")
    for name in sorted(named):
        path = ("queue", name)
        if _nameless(plan, path, "a queue"):
            continue
        value = plan.known(path, named[name], QUEUE)
        if "opening" in value:
            opening[name] = _week(plan, (*path, "opening"), value.pop("opening"))
        channel = _channel(plan, (*path, "channel"), value.pop("channel", {"kind": "voice"}))
        fields = [field.name for field in dataclasses.fields(Target)]
        goal = plan.known((*path, "target"), value.pop("target", {}), fields)
        target = plan.noun((*path, "target"), Target, goal)
        aht = value.get("aht")
        if isinstance(aht, (int, float)) and math.isfinite(aht) and not SHORTEST_AHT <= aht <= LONGEST_AHT:
            plan.wrong((*path, "aht"), f"aht is {aht:g} s: under 5 s or over 4 h", "write it in seconds")
        parts = {"channel": channel or Voice(), "target": target or Target()}
        queue = plan.noun(path, Queue, {"name": name, "shrinkage": causes, **parts, **value})
        teams_named = plan.data.get("team", {})
        if queue is not None and queue.team not in teams_named:
            remedy = f"{suggest(queue.team, teams_named)}; or add [team.{queue.team}]"
            plan.wrong((*path, "team"), f"the team {queue.team!r} is unknown", remedy)
        if queue is not None:
            found.append(queue)
    return tuple(found), opening


def _nameless(plan: Plan, path: tuple[str, ...], noun: str) -> bool:
    """Whether the name in a table's header is blank."""
    if path[-1].strip():
        return False
    plan.wrong(path[:-1], f"{noun} has an empty name", f"write [{path[0]}.NAME]")
    return True


def _channel(plan: Plan, path: tuple[str, ...], value: object) -> Voice | Chat | Deferred | Outbound | None:
    table = plan.table(path, value)
    kind = table.get("kind", "voice")
    if path in plan.broken:
        return None
    if not isinstance(kind, str) or kind not in CHANNELS:
        remedy = suggest(str(kind), CHANNELS)
        if kind in ("email", "e-mail", "mail"):
            remedy = 'write kind = "deferred" with due = "8h", or another deadline'
        plan.wrong((*path, "kind"), f"the channel {words.shown(kind)} is unknown", remedy)
        return None
    noun = CHANNELS[kind]
    values = plan.known(path, table, [field.name for field in dataclasses.fields(noun)])
    if "windows" in values:
        pairs = _spans(plan, (*path, "windows"), values["windows"])
        # A call until midnight ends in the day's last minute.
        clocks = [(begin, "23:59" if end == "24:00" else end) for begin, end in pairs]
        values["windows"] = [(_clock(begin), _clock(end)) for begin, end in clocks]
    return plan.noun(path, noun, values)


def _clock(text: str) -> dt.time:
    hour, minute = text.split(":")
    return dt.time(int(hour), int(minute))


def _week(plan: Plan, path: tuple[str, ...], value: object) -> dict[str, list[tuple[str, str]]]:
    """Open spans by weekday; a weekday outdoes a range such as mon-fri, a range outdoes daily."""
    spans: dict[str, list[tuple[str, str]]] = {}
    table = plan.table(path, value)
    ranks = {key: 0 if key == "daily" else 1 if "-" in key else 2 for key in table}
    for key in sorted(table, key=lambda name: ranks[name]):
        first, _, last = key.partition("-")
        if key == "daily":
            days: Iterable[str] = WEEKDAYS
        elif first in WEEKDAYS and (last in WEEKDAYS or not last):
            begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
            days = [WEEKDAYS[(begin + step) % 7] for step in range((end - begin) % 7 + 1)]
        else:
            plan.wrong((*path, key), f"{key!r} is no weekday", suggest(key, (*WEEKDAYS, "daily", "mon-fri")))
            continue
        pairs = _spans(plan, (*path, key), table[key])
        for day in days:
            spans[day] = pairs
    return {day: spans[day] for day in WEEKDAYS if spans.get(day)}


def _spans(plan: Plan, path: tuple[str, ...], value: object) -> list[tuple[str, str]]:
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    pairs = []
    for item in items:
        text = item.strip() if isinstance(item, str) else ""
        clock = r"(?:[01]?\d|2[0-3]):[0-5]\d"
        span = re.fullmatch(rf"({clock})\s*[-–]\s*({clock}|24:00)", text)
        if span is not None and span[1] != span[2]:
            pairs.append((span[1], span[2]))
        elif text != "closed":
            plan.wrong(path, f"{words.shown(item)} is no span of hours", 'write "09:00-18:00" or "closed"')
    return pairs


def teams(plan: Plan) -> dict[str, Team]:
    """The teams and the rules of their shifts.

    Parameters
    ----------
    plan : Plan
        Its problems grow.

    Returns
    -------
    dict
        Name -> Team, sorted.
    """
    found = {}
    named, general = plan.data.get("team", {}), plan.data.get("rules", {})
    queue_tables = plan.data.get("queue", {}).values()
    served = {queue.get("team") if isinstance(queue, dict) else None for queue in queue_tables}
    for name in sorted(named):
        path = ("team", name)
        if _nameless(plan, path, "a team"):
            continue
        value = plan.known(path, named[name], TEAM)
        # Where a queue's team is missing or misspelt that is told at the queue, and no team is idle for sure.
        if name not in served and all(isinstance(team, str) and team in named for team in served):
            remedy = f'give a queue team = "{name}", or take the team out'
            plan.wrong(path, f"the team {name!r} answers no queue", remedy)
        values: dict[str, Any] = {key: value[key] for key in ("hours", "rush") if key in value}
        rush = values.get("rush")
        if isinstance(rush, (int, float)) and not isinstance(rush, bool) and rush < 0:
            plan.wrong((*path, "rush"), f"rush is {rush!r}; a price is 0 or more", words.WHOLE["rush"][1])
        values["breaks"], values["screen"] = _breaks(plan, path, value)
        if "meeting" in value:
            place = (*path, "meeting")
            known = plan.known(place, value["meeting"], MEETING)
            values["meeting"] = plan.noun(place, Meeting, known)
        if SENIOR in value:
            values[SENIOR] = _at_least(plan, (*path, SENIOR), value[SENIOR])
        elif SENIOR in general:
            values[SENIOR] = _at_least(plan, ("rules", SENIOR), general[SENIOR])
        if "evening" in value:
            values |= _evening(plan, (*path, "evening"), value["evening"])
        team = plan.noun(path, Team, {"name": name, **values})
        if team is not None and _lasting(plan, path, team):
            found[name] = team
    return found


def _breaks(
    plan: Plan, path: tuple[str, ...], value: dict[str, Any]
) -> tuple[tuple[Break, ...], Screen | None]:
    """Lunch and breaks in the order in which they come, and the pause from the screen among them."""
    rest = value.get("breaks", [])
    if not isinstance(rest, list):
        plan.wrong((*path, "breaks"), "breaks is not a list", "write breaks = [{ minutes = 15, ... }, ...]")
        rest = []
    lunch = [("lunch", value["lunch"])] if "lunch" in value else []
    found: list[Break | None] = []
    screens: list[Screen | None] = []
    for kind, item in [*lunch, *(("break", item) for item in rest)]:
        place = (*path, "lunch" if kind == "lunch" else "breaks")
        if kind == "break" and isinstance(item, dict) and "every_hours" in item:
            screens.append(plan.noun(place, Screen, plan.known(place, item, SCREEN)))
            continue
        known = plan.known(place, item, BREAK if kind == "lunch" else (*BREAK, "every_hours"))
        if isinstance(item, dict):
            found.append(plan.noun(place, Break, {"activity": kind, **known}))
    if len(screens) > 1:
        what = "two breaks have every_hours"
        plan.wrong((*path, "breaks"), what, "keep the one that comes more often")
    breaks = sorted((pause for pause in found if pause), key=lambda pause: pause.after_hours)
    return tuple(breaks), screens[0] if screens else None


def _at_least(plan: Plan, path: tuple[str, ...], value: object) -> Limit | None:
    """A number: so many at least; or { min = 1, price = 50 }: a wish. 0 is no such rule."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Limit(min=value) if value else None
    if isinstance(value, dict):
        return plan.noun(path, Limit, plan.known(path, value, ("min", "price")))
    plan.wrong(path, f"{path[-1]} is {words.shown(value)}", "write 1 or { min = 1, price = 50 }")
    return None


def _evening(plan: Plan, path: tuple[str, ...], value: object) -> dict[str, Any]:
    known = plan.known(path, value, EVENING)
    if path in plan.broken:
        return {}
    clock, people = known.get("from"), known.get("min_staff", 1)
    if not isinstance(people, int) or isinstance(people, bool) or people < 0:
        what = f"min_staff is {words.shown(people)}; it must be a whole number, 0 or more"
        plan.wrong((*path, "min_staff"), what, "write min_staff = 2")
        people = 1
    try:
        start = clock if isinstance(clock, dt.time) else dt.time.fromisoformat(str(clock))
    except ValueError:
        what = (
            "from is missing" if clock is None else f"from is {words.shown(clock)}; it must be a time of day"
        )
        plan.wrong((*path, "from"), what, 'write from = "19:00"')
        return {}
    return {"evening": start, "evening_staff": people}


def _lasting(plan: Plan, path: tuple[str, ...], team: Team) -> bool:
    """Whether the hours are in order and hold every break."""
    shortest, longest = team.hours
    if not 0 < shortest <= longest <= 16:
        plan.wrong(
            (*path, "hours"), f"hours are {list(team.hours)}", "write [shortest, longest] of up to 16 h"
        )
        return False
    try:
        breaks = pauses.of_shift(team, longest if team.screen else shortest)
    except ValueError as error:
        if team.screen or not team.breaks:
            plan.wrong((*path, "breaks"), str(error), "widen windows, or take a longer every_hours or shift")
            return False
        breaks = team.breaks
    shift = {
        "name": "early",
        "team": team.name,
        "start": dt.time(0),
        "hours": longest if team.screen else shortest,
        "breaks": breaks,
    }
    kinds = [pause.activity for pause in team.breaks]
    return plan.noun((*path, "lunch" if kinds == ["lunch"] else "breaks"), Shift, shift) is not None


def pairs(plan: Plan) -> dict[int, Pair]:
    """The tables ``[[pairs]]``: who works together, or apart.

    Parameters
    ----------
    plan : Plan
        Its problems grow.

    Returns
    -------
    dict
        Number of the table, from 1 -> Pair, in the order of the file.
    """
    found: dict[int, Pair] = {}
    for number, value in enumerate(plan.data.get("pairs", []), start=1):
        path = ("pairs", str(number))
        said = plan.known(path, value, PAIR)
        two = said.get("agents", ("", " "))
        if not isinstance(two, (list, tuple)) or [type(one) for one in two] != [str, str]:
            what = f"agents is {words.shown(two)}; it must be two ids in quotes"
            plan.wrong((*path, "agents"), what, 'write agents = ["007", "012"]')
        elif (pair := plan.noun(path, Pair, said)) is not None:
            found[number] = pair
    return found


def strangers(plan: Plan, pairs: Mapping[int, Pair], agents: Collection[str]) -> None:
    """Pairs of people who are not in the agents' list, or stand twice.

    Parameters
    ----------
    plan : Plan
        Its problems grow.
    pairs : dict
        As `pairs` reads them.
    agents : collection of str
        Who there is.
    """
    seen: set[tuple[frozenset[str], str]] = set()
    for number, pair in pairs.items():
        place = ("pairs", str(number), "agents")
        for agent in pair.agents:
            if agent not in agents:
                what = f"the agent {agent!r} is not in the agents' list"
                plan.wrong(place, what, "correct the id, or take the pair out")
        key = frozenset(pair.agents), pair.how
        if key in seen:
            plan.wrong(place, f"{' and '.join(map(repr, pair.agents))} stand here again", "keep one pair")
        seen.add(key)
