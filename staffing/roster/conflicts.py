"""Who has no lawful week, and the smallest sets of rules and requests to relax, cheapest first.

An elastic model without a solver: every week of a person is written down with all that it breaks, so the
least set of things to relax is exact.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from staffing.errors import PlanError
from staffing.model import Limit, Rules
from staffing.roster.case import WEEK, WEEKDAYS, Case, Group, Menu
from staffing.roster.weeks import (
    DAYS,
    SHIFTS_WEEK,
    TOLERANCE,
    Weeks,
    beyond_of,
    in_time,
    lawful,
    paid,
    price_of,
    rules_of,
    value_of,
)

WAYS = 5
# What relaxing costs, in the order in which a planner would try: what was asked for, what was agreed within
# the team, days and hours, rest, what has been published, leave. Per day, hour or time broken.
PRICES = {
    "requests": 1.0, "rotate": 1.5, "rotation": 1.5, "same_shift_in_week": 1.5, "hours_week": 0.5,
    "days_off_together": 3.0, "days_week": 3.0, "days_in_row": 3.0, "rest_hours": 4.0, "frozen days": 6.0,
    "training": 2.0, "time off": 8.0,
}  # fmt: skip
OTHER = 2.0


class Way(NamedTuple):
    """What must be relaxed for one week to be lawful: how many things, at what price, the week itself."""

    things: int
    price: float
    week: np.ndarray


def lawful_of_all(case: Case) -> list[Weeks]:
    """Lawful weeks of every group.

    Raises
    ------
    PlanError
        Naming the people who have none, and the smallest sets of rules and requests to relax.
    """
    found = [lawful(group, case.menus[group.team]) for group in case.groups]
    reasons = [
        why_none(group, case.menus[group.team], case.start)
        for group, weeks in zip(case.groups, found, strict=True)
        if not len(weeks.options)
    ]
    if reasons:
        raise PlanError(reasons)
    return found


def why_none(group: Group, menu: Menu, start: dt.date) -> str:
    """Who has no lawful week, and the least that would give one, in words; training bars no week."""
    group = dataclasses.replace(group, training=group.training[:0])
    who = ", ".join(repr(agent) for agent in group.agents[:5])
    if len(group.agents) > 5:
        who += f" and {len(group.agents) - 5} more"
    head = f"no lawful week for {who} ({group.team}, contract {group.contract!r})"
    return in_words(head, (list(to_relax(way.week, group, menu, start)) for way in smallest(group, menu)))


def in_words(head: str, ways: Iterable[list[tuple[str, str]]]) -> str:
    """Who has no lawful week, and the ways out, each of the same things once."""
    told: dict[tuple[str, ...], str] = {}
    for things in ways:
        told.setdefault(tuple(thing for thing, _ in things), " and ".join(words for _, words in things))
    found = list(told.values())
    others = len(found) - WAYS
    more = f"; or {others} other way{'s' * (others > 1)}" if others > 0 else ""
    return f"{head}. To relax, cheapest first: {'; or '.join(found[:WAYS])}{more}"


def smallest(group: Group, menu: Menu) -> list[Way]:
    """Weeks for which the fewest things must be relaxed, cheapest first.

    A thing is a rule, however far, a day's request, a frozen day or a day of leave.
    """
    weeks, things, price = judged(group, menu)
    fewest = np.flatnonzero(things == things.min(initial=math.inf))
    order = fewest[np.argsort(price[fewest], kind="stable")]
    return [Way(int(things[at]), float(price[at]), weeks[at]) for at in order]


def judged(group: Group, menu: Menu) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every open week, how many things must be relaxed for it, and at what price."""
    kinds = len(menu.shifts) + 1
    weeks = np.stack(np.unravel_index(np.arange(kinds**WEEK), (kinds,) * WEEK), axis=1)
    weeks = weeks[~group.closed[DAYS, weeks].any(axis=1)]
    weeks = weeks[in_time(group, menu, weeks)]
    things, price = np.zeros(len(weeks)), np.zeros(len(weeks))
    for name, count, beyond in _broken(group, menu, weeks):
        things += count
        price += PRICES.get(name, OTHER) * beyond
    return weeks, things, price


def _broken(group: Group, menu: Menu, weeks: np.ndarray) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Each thing that can be relaxed: its name, how many of it each week breaks, and how far."""
    away = np.zeros(group.closed.shape, dtype=bool)
    away[group.away, 1:] = True
    for name, ruled_out in (("requests", group.refused), ("frozen days", group.frozen), ("time off", away)):
        days = ruled_out[DAYS, weeks].sum(axis=1)
        yield name, days, days
    for room in group.training:
        missed = ~room[DAYS, weeks].any(axis=1)
        yield "training", missed, missed
    for name in rules_of(group):
        if price_of(group, name) == math.inf:
            beyond = beyond_of(name, group, menu, weeks)
            yield name, beyond > TOLERANCE, beyond
    if math.isinf(price_of(group, "hours_week") or math.inf):
        beyond = _hours_beyond(group, paid(menu, weeks)) / 60.0
        yield "hours_week", beyond > TOLERANCE, beyond


def _hours_beyond(group: Group, time: np.ndarray) -> np.ndarray:
    """How far the hours of weeks lie outside those owed; fewer do where leave stands in the way. [min]"""
    low, high = (0.0 if group.excused else group.hours[0]), group.hours[1]
    if group.rules.overtime_week is not None:
        high += 60.0 * group.rules.overtime_week.max
    return np.maximum(np.maximum(low - time, time - high), 0.0)


def to_relax(week: np.ndarray, group: Group, menu: Menu, start: dt.date) -> Iterator[tuple[str, str]]:
    """What to relax so that a week is lawful: a name for each thing, however far, and what to do in words."""
    names = ["off", *(shift.name for shift in menu.shifts)]
    for day, option in enumerate(week.tolist()):
        date = start + dt.timedelta(days=day)
        when = f"{WEEKDAYS[date.weekday()]} {date.isoformat()}"
        if group.refused[day, option]:
            shut = "; nothing is open for them" if group.closed[day, 1:].all() else ""
            yield (
                f"requests {day}",
                f"drop the {_asked(group.refused[day], names)} on {when} (requests{shut})",
            )
        if group.frozen[day, option]:
            yield f"frozen days {day}", f"change the published {when} too (frozen days)"
        if group.away[day] and option:
            yield f"time off {day}", f"move the time off of {when}"
    for number, room in enumerate(group.training):
        if not room[DAYS, week].any():
            yield f"training {number}", "drop planned training that has room in no such week (training)"
    one = week[None, :]
    for name in rules_of(group):
        if price_of(group, name) == math.inf and beyond_of(name, group, menu, one)[0] > TOLERANCE:
            yield name, _relaxed(name, group, menu, one, start)
    if math.isinf(price_of(group, "hours_week") or math.inf):
        time = paid(menu, one)
        if _hours_beyond(group, time)[0] > TOLERANCE:
            low, high = (hours(bound) for bound in group.hours)
            owed = low if low == high else f"{low} to {high}"
            side = "more" if time[0] > group.hours[1] else "fewer"
            yield f"{side} hours_week", f"let {hours(time[0])} h do (hours_week, {owed} h owed)"


def hours(minutes: float) -> str:
    """A length of time in hours, to the hundredth."""
    return f"{round(minutes / 60.0, 2):g}"


def _asked(refused: np.ndarray, names: list[str]) -> str:
    """The hard requests of a day as they may stand in the list."""
    left = [name for name, out in zip(names, refused.tolist(), strict=True) if not out]
    if not left:
        return "lock or the forbid"
    if refused[0]:
        return f"lock ({left[0]})" if len(left) == 1 and len(names) > 2 else "lock"
    barred = [name for name, out in zip(names, refused.tolist(), strict=True) if out]
    return "forbid" if len(left) == 1 else f"forbid ({', '.join(barred)})"


def _relaxed(name: str, group: Group, menu: Menu, week: np.ndarray, start: dt.date) -> str:
    """The change of a rule with which it allows a week."""
    value = value_of(group, name)
    if isinstance(value, Limit):
        limit = _just_wide_enough(name, value, group, menu, week)
        counted = f", {group.run} of them before the week" if name == "days_in_row" and group.run > 0 else ""
        return f"{_allowing(name, value, limit)}{counted} ({name}, {_bounds(value)})"
    if name == "rest_hours":
        rests = _rests(group, menu, week[0])
        return f"let {hours(min(rests))} h between two shifts do ({name}, {value:g} h)"
    if name == "same_shift_in_week":
        return f"let the shifts mix in the week ({name})"
    if name == "rotate":
        return f"let the week be on the same shift as last week ({name})"
    if name == "not_after":
        shifts = ", ".join(f"{first} before {' or '.join(then)}" for first, then in value.items() if then)
        return f"let shifts follow one another that may not ({name}: {shifts})"
    if name == "rotation":
        days = np.flatnonzero(group.off_cycle[DAYS, week[0]]).tolist()
        return f"let {named_days(start, days)} be outside the cycle (rotation)"
    return f"drop the rule ({name})"


def named_days(start: dt.date, days: Iterable[int]) -> str:
    """Days from the first one on, in words."""
    dates = [start + dt.timedelta(days=day) for day in days]
    return ", ".join(f"{WEEKDAYS[date.weekday()]} {date.isoformat()}" for date in dates)


def _just_wide_enough(name: str, limit: Limit, group: Group, menu: Menu, week: np.ndarray) -> Limit:
    """The limit widened by whole steps, upwards before downwards, until a week keeps it."""
    for more in range(1, 2 * WEEK + 1):
        least = None if limit.min is None else max(limit.min - more, 0.0)
        most = None if limit.max is None else limit.max + more
        for wider in (
            Limit(min=limit.min, max=most),
            Limit(min=least, max=limit.max),
            Limit(min=least, max=most),
        ):
            allowing = dataclasses.replace(group, rules=_with(group.rules, name, wider))
            if beyond_of(name, allowing, menu, week)[0] <= TOLERANCE:
                return wider
    return Limit()


def _with(rules: Rules, name: str, limit: Limit) -> Rules:
    """The rules with another limit in the place of one."""
    rule, _, shift = name.partition(".")
    changed: dict[str, Any] = {rule: {**getattr(rules, rule), shift: limit} if shift else limit}
    return dataclasses.replace(rules, **changed)


def _allowing(name: str, value: Limit, limit: Limit) -> str:
    nouns = {
        "days_week": "a week", "days_in_row": "in a row", "days_off_in_row": "off in a row",
        "days_off_together": "off together",
    }  # fmt: skip
    noun = nouns.get(name, f"a week on {name.removeprefix(SHIFTS_WEEK)}")
    parts = []
    if limit.max != value.max:
        parts.append("allow any number" if limit.max is None else f"allow {_days(limit.max)} {noun}")
    if limit.min != value.min:
        parts.append("ask for none" if limit.min is None else f"let {_days(limit.min)} {noun} do")
    return " and ".join(parts)


def _days(count: float) -> str:
    return f"{count:g} day{'s' * (count != 1)}"


def _bounds(limit: Limit) -> str:
    sides = (("at least", limit.min), ("at most", limit.max))
    return ", ".join(f"{word} {bound:g}" for word, bound in sides if bound is not None)


def _rests(group: Group, menu: Menu, week: np.ndarray) -> list[float]:
    """Time between each two shifts of a week, last week's last one counted. [min]"""
    ended, rests = group.last_end, []
    for day in np.flatnonzero(week).tolist():
        rests.append(float(menu.start[day, week[day] - 1] - ended))
        ended = float(menu.end[day, week[day] - 1])
    return rests
