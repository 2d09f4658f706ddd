"""Planned training: ``[training.NAME]`` of the plan file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from staffing.model.training import WEEKDAYS, Training
from staffing.site import words
from staffing.site.planfile import Plan, suggest

KEYS = ("minutes", "agents", "team", "contract", "days", "window", "at_once", "activity")
CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d"


def trainings(plan: Plan, agents: pd.DataFrame | None) -> tuple[Training, ...]:
    """The planned training and one-to-ones.

    Parameters
    ----------
    plan : Plan
        Its problems grow.
    agents : pandas.DataFrame or None
        AGENTS, to know the people, teams and contracts; None where the list could not be read.

    Returns
    -------
    tuple of Training
        Sorted by name.
    """
    found = []
    for name, value in sorted(plan.data.get("training", {}).items()):
        path = ("training", name)
        if not name.strip():
            plan.wrong(path[:-1], "a training has an empty name", "write [training.NAME]")
            continue
        values: dict[str, Any] = plan.known(path, value, KEYS)
        if "days" in values:
            values["days"] = tuple(_days(plan, (*path, "days"), values["days"]))
        if "window" in values:
            values["window"] = _window(plan, (*path, "window"), values["window"])
        before = len(plan.problems)
        made = plan.noun(path, Training, {"name": name, **values})
        if made is not None and before == len(plan.problems) and agents is not None:
            _known(plan, path, made, agents)
        if made is not None:
            found.append(made)
    return tuple(found)


def _days(plan: Plan, path: tuple[str, ...], value: object) -> Iterator[str | dt.date]:
    """Weekdays, ranges of them, and dates; one of them may stand without brackets."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dt.date) and not isinstance(item, dt.datetime):
            yield item
            continue
        first, _, last = item.partition("-") if isinstance(item, str) else ("", "", "")
        if first in WEEKDAYS and (last in WEEKDAYS or not last):
            begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
            yield from (WEEKDAYS[(begin + step) % 7] for step in range((end - begin) % 7 + 1))
        else:
            remedy = 'write days = ["tue", "mon-fri", 2026-12-01]'
            plan.wrong(path, f"{words.shown(item)} is no weekday and no date", remedy)


def _window(plan: Plan, path: tuple[str, ...], value: object) -> tuple[dt.time, dt.time] | None:
    span = (
        re.fullmatch(rf"({CLOCK})\s*[-–]\s*({CLOCK}|24:00)", value.strip())
        if isinstance(value, str)
        else None
    )
    if span is None or span[1] == span[2]:
        plan.wrong(path, f"{words.shown(value)} is no span of hours", 'write "10:00-11:30"')
        return None
    begin, end = (clock.replace("24:00", "0:00").split(":") for clock in span.groups())
    return dt.time(int(begin[0]), int(begin[1])), dt.time(int(end[0]), int(end[1]))


def _known(plan: Plan, path: tuple[str, ...], training: Training, agents: pd.DataFrame) -> None:
    """Ids, a team or a contract that nobody has; a training for nobody."""
    before = len(plan.problems)
    for agent in training.agents:
        if agent not in set(agents["agent"]):
            plan.wrong((*path, "agents"), f"the agent {agent!r} is unknown", suggest(agent, agents["agent"]))
    for key in ("team", "contract"):
        named = getattr(training, key)
        if named is not None and named not in set(agents[key]):
            remedy = suggest(named, set(agents[key]))
            plan.wrong((*path, key), f"no agent has the {key} {named!r}", remedy)
    people: Iterable[Any] = agents.itertuples(index=False)
    if before == len(plan.problems) and not any(
        training.is_for(row.agent, row.team, row.contract) for row in people
    ):
        plan.wrong(path, "nobody is all that agents, team and contract say", "take one of them out")
