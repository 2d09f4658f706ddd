"""The rules of each contract: ``[rules]`` and ``[rules.CONTRACT]`` of the plan file."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from typing import Any

from staffing.model import Limit, Overtime, Rotation, Rules
from staffing.site import presets, words
from staffing.site.planfile import SENIOR, Plan

LIMITS = (
    "hours_week", "days_week", "days_in_row", "days_off_together", "hours_total", "weekends",
    "days_off_in_row",
)  # fmt: skip
BY_SHIFT = ("shifts_week", "shifts_total")
PRICED = ("same_shift_in_week", "rotate")
LIMIT = ("min", "max", "price")
SHIFTS = ("early", "late")


def rules(plan: Plan, contracts: Iterable[str], preset: str | None = None) -> dict[str, Rules]:
    """The working-time rules of each contract.

    Parameters
    ----------
    plan : Plan
        Its problems grow.
    contracts : iterable of str
        Those that agents have.
    preset : str, optional
        What stands where the plan says nothing, if it is stricter than the default.

    Returns
    -------
    dict
        Contract -> Rules, sorted. Contracts without a table of their own are under ``[rules]``.
    """
    fields = [field.name for field in dataclasses.fields(Rules)]
    named = contract_tables(plan)
    table = plan.data.get("rules", {})
    general = {key: value for key, value in table.items() if key not in named}
    said = plan.known(("rules",), general, [*fields, SENIOR])
    said.pop(SENIOR, None)  # a rule of teams, which `teams` reads
    shared = {**presets.starting(preset), **_rules(plan, ("rules",), said)}
    own = {
        name: _rules(plan, ("rules", name), plan.known(("rules", name), value, fields))
        for name, value in named.items()
    }
    first = plan.noun(("rules",), Rules, shared)
    found = {}
    for name in sorted({*contracts, *own}):
        values = own.get(name)
        found[name] = plan.noun(("rules", name), Rules, {**shared, **values}) if values and first else first
    return {name: noun for name, noun in found.items() if noun is not None}


def given_rules(plan: Plan, contracts: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the plan says of each contract's rules: ``[rules]``, and the contract's own table.

    Parameters
    ----------
    plan : Plan
        As parsed.
    contracts : iterable of str
        Their names.

    Returns
    -------
    dict
        Contract -> key -> value; a key that is not there has its default.
    """
    own = contract_tables(plan)
    shared = {key: value for key, value in plan.data.get("rules", {}).items() if key not in own}
    return {name: {**shared, **own.get(name, {})} for name in contracts}


def contract_tables(plan: Plan) -> dict[str, dict[str, Any]]:
    """The tables ``[rules.CONTRACT]``: those under ``[rules]`` that are neither a rule nor look like a limit.

    Parameters
    ----------
    plan : Plan
        As parsed.

    Returns
    -------
    dict
        Contract -> its table.
    """
    rule_names = {field.name for field in dataclasses.fields(Rules)} | {SENIOR}
    return {
        key: value
        for key, value in plan.data.get("rules", {}).items()
        if isinstance(value, dict) and key not in rule_names and not (value and set(value) <= set(LIMIT))
    }


def _rules(plan: Plan, path: tuple[str, ...], table: dict[str, Any]) -> dict[str, Any]:
    """Limits and prices as the plan file writes them -> values of `Rules`."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key in LIMITS:
            limit = plan.noun((*path, key), Limit, plan.known((*path, key), value, LIMIT))
            if limit is not None:
                values[key] = limit
        elif key in BY_SHIFT:
            values[key] = _by_shift(plan, (*path, key), value)
        elif key in ("fair_shifts", "not_after"):
            values[key] = plan.known((*path, key), value, SHIFTS)
        elif key == "overtime_week":
            known = plan.known((*path, key), value, ("max", "price"))
            values[key] = plan.noun((*path, key), Overtime, known)
        elif key == "rotation":
            values[key] = None
            if value is not False:
                known = plan.known((*path, key), value, ("weeks", "days", "start", "price"))
                values[key] = plan.noun((*path, key), Rotation, known)
        elif key in PRICED:
            values |= _priced(plan, (*path, key), value)
        else:
            values[key] = value
    return values


def _by_shift(plan: Plan, path: tuple[str, ...], value: object) -> dict[str, Limit]:
    """A limit for each shift that is named."""
    limits = {
        shift: plan.noun((*path, shift), Limit, plan.known((*path, shift), limit, LIMIT))
        for shift, limit in plan.known(path, value, SHIFTS).items()
    }
    return {shift: limit for shift, limit in limits.items() if limit is not None}


def _priced(plan: Plan, path: tuple[str, ...], value: object) -> dict[str, Any]:
    """false: no such rule; { price = 4 }: a wish; true: hard; "weekly": the usual price of a rotation."""
    key = path[-1]
    if value is False:
        return {key: None}
    if value is True and key == "same_shift_in_week":
        return {key: math.inf}
    if (value is True or value == "weekly") and key == "rotate":
        return {key: Rules().rotate}
    if isinstance(value, dict):
        price = plan.known(path, value, ("price",)).get("price")
        if isinstance(price, (int, float)) and not isinstance(price, bool) and price > 0:
            return {key: float(price)}
    usual = '"weekly"' if key == "rotate" else "true"
    plan.wrong(path, f"{key} is {words.shown(value)}", f"write {usual}, false or {{ price = 4 }}")
    return {}
