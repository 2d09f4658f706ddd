"""What a noun refuses, in a planner's words: which key, what it holds, what it must hold instead."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

NUMBER = "write a number, without quotes and unit"
# Keys that hold more than one number or word: what they must be, and how to write it.
WHOLE = {
    "hours": ("two numbers of hours", "write it in brackets: hours = [shortest, longest]"),
    "after_hours": ("two numbers of hours", "write it in brackets: after_hours = [earliest, latest]"),
    "closed": ('"public" or a list of dates', 'write closed = "public" or closed = [2026-12-25]'),
    "assumptions": ("a list of sentences", 'write it in brackets: assumptions = ["..."]'),
    "rush": ('"hard" or a price', 'write rush = "hard" or rush = 8, or take the line out'),
    "due": ("a deadline", 'write due = "daily 12:00", "mon-fri 17:00" or open hours such as "8h"'),
    "windows": ("spans of hours", 'write windows = "10:00-12:00, 17:00-20:00"'),
    "weeks": ("a list of shifts", 'write weeks = ["early", "late"]'),
    "days": ("days as text", 'write days = "4 on 2 off" or days = "2 early 2 late 3 off"'),
    "start": ("a date", "write start = 2026-11-30"),
    "interval": ("a length of whole minutes or hours", 'write interval = "30min"'),
}
WANTED = {"int": "a whole number", "float": "a number", "bool": "true or false", "string": "text"}
BOUNDS = {"gt": "more than {:g}", "ge": "{:g} or more", "lt": "less than {:g}", "le": "at most {:g}"}
# What nouns say of keys that do not go together, and the way out.
REMEDIES = {
    "min is greater than max": "swap min and max",
    "after_hours must be": "write the earlier hour first",
    "needs its rate": "add rate = 0.05, or rostered = true if it stands in the roster",
    "begins before the one before": "let each window begin where the one before and its minutes have ended",
    "may end after the shift": "let it end earlier, or lengthen the team's hours",
    "the floor is above": "lower the floor, or raise answered",
    "need talk beside them": "add talk",
    "contact window must end": "write the earlier hour first",
}
FLAGS = ("paid", "rostered", "before_opening")
UNBOUNDED = ("price", "price_rest", "same_shift_in_week", "rotate")


@dataclasses.dataclass(frozen=True)
class Complaint:
    """One thing wrong with a value: the key it stands under (empty: the table itself), what, and the way out.

    Parameters
    ----------
    key : str
        Inside the table.
    problem, remedy : str
        In words.
    """

    key: str
    problem: str
    remedy: str


def before(values: Mapping[str, Any]) -> list[Complaint]:
    """What a noun would take and a planner cannot have meant.

    Parameters
    ----------
    values : dict
        Key -> value, as the plan file says.

    Returns
    -------
    list of Complaint
        Empty text, true or false for a number, numbers without an end.

    Examples
    --------
    >>> before({"name": " "})[0].problem
    'name is empty'
    """
    found = []
    for key, value in values.items():
        if isinstance(value, str) and not value.strip():
            found.append(
                Complaint(key, f"{key} is empty", "fill it in, or take the line out if it need not be there")
            )
        elif isinstance(value, bool) and key not in FLAGS:
            must, remedy = WHOLE.get(key, ("a number or text", "correct it"))
            found.append(Complaint(key, f"{key} is {shown(value)}; it must be {must}", remedy))
        elif isinstance(value, float) and not math.isfinite(value) and key not in UNBOUNDED:
            what = f"{key} is {value}; it must be a plain number"
            found.append(Complaint(key, what, "write a number, or take the line out"))
    return found


def complaints(error: ValidationError, values: Mapping[str, Any]) -> Iterator[Complaint]:
    """What a noun refused, one for each key.

    Parameters
    ----------
    error : pydantic.ValidationError
        Of the noun.
    values : dict
        Its keys.

    Yields
    ------
    Complaint
        In the order of the error.
    """
    told = set()
    for item in error.errors(include_url=False):
        name = next((str(part) for part in item["loc"][:1]), "")
        if name in told:
            continue
        told.add(name)
        if not name:
            text, _, way = str(item["msg"]).removeprefix("Value error, ").partition(": ")
            remedy = next((known for part, known in REMEDIES.items() if part in text), way or "correct it")
            yield Complaint("", text, remedy)
        elif name not in values:
            yield Complaint(name, f"{name} is missing", "add it")
        else:
            must, remedy = WHOLE.get(name) or _wanted(item, values[name])
            yield Complaint(name, f"{name} is {shown(values[name])}; it must be {must}", remedy)


def _wanted(item: Mapping[str, Any], value: object) -> tuple[str, str]:
    """What a single value must be, and how to write it."""
    context, kind = item.get("ctx", {}), str(item["type"])
    for bound, text in BOUNDS.items():
        if bound in context:
            must = text.format(context[bound])
            number = isinstance(value, (int, float))
            if number and context[bound] == 1 and bound in ("lt", "le") and 1 < float(str(value)) <= 100:
                return must, f"write the fraction {float(str(value)) / 100:g}"
            return must, f"write a number, {must}"
    if "expected" in context:
        return str(context["expected"]), f"write {context['expected']}"
    must = next((what for start, what in WANTED.items() if kind.startswith(start)), "something else")
    ways = {"true or false": "write true or false", "text": "write text in quotes"}
    return must, ways.get(must, NUMBER if "number" in must else "correct it")


def shown(value: object) -> str:
    """A value as the plan file writes it.

    Parameters
    ----------
    value : object
        Of a key.

    Returns
    -------
    str
        Shortened where it is long.

    Examples
    --------
    >>> shown([1, True, "x"]), shown({"a": 1})
    ("[1, true, 'x']", 'a table of keys')
    """
    if isinstance(value, Mapping):
        return "a table of keys"
    if isinstance(value, (list, tuple)):
        text = f"[{', '.join(shown(item) for item in value)}]"
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, (dt.date, dt.time)):
        text = value.isoformat()
    elif isinstance(value, (int, float, str)):
        text = repr(value)
    else:
        text = "something else"
    return text if len(text) <= 60 else f"{text[:57]}..."
