"""What a roster is planned without, to see what it costs: each rule, the hours of contracts, each list."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from staffing.model import Limit, Rules, Training
from staffing.tables import TIMEOFF

# What a plan is made for, or allowed besides: no rules that it could do without.
NO_RULES = ("price_short", "price_over", "price_rest", "starts_within", "hours_week", "overtime_week")
HOURS = "hours_week"


@dataclasses.dataclass(frozen=True)
class Without:
    """One thing left out of what a roster is made from.

    Parameters
    ----------
    rule : str
        Its name: a field of `Rules`, or ``"wishes"``, ``"time off"`` and the like.
    what : str
        The same in words.
    given : dict
        What `staffing.roster.assign` is given without it.
    own : tuple of str
        Parts of a roster's cost that are its own price.
    relaxes : bool
        Whether a roster that keeps it is lawful without it too; leave gives credit, so without it more hours
        are owed.
    """

    rule: str
    what: str
    given: dict[str, Any]
    own: tuple[str, ...]
    relaxes: bool = True


def each(given: Mapping[str, Any]) -> list[Without]:
    """What can be left out in turn; only what is in use.

    Parameters
    ----------
    given : dict
        What `staffing.roster.assign` was given, by the names of its parameters.

    Returns
    -------
    list of Without
        Hours of the contracts, rules, requests, wishes, seniors, seats, pairs, training, time off.

    Examples
    --------
    >>> import datetime as dt
    >>> from staffing.model import Shift
    >>> people = pd.DataFrame({"agent": ["007"], "contract": ["full"], "hours_week": [40.0]})
    >>> given = {"agents": people, "shifts": [Shift("early", "shop", dt.time(8), 8)], "seats": 3}
    >>> [one.what for one in each(given)][2:4]
    ['up to 8 h a week more than contracted', 'at most 5 days a week']
    """
    return [*_hours(given), *_rules(given), *_lists(given)]


def _hours(given: Mapping[str, Any]) -> Iterator[Without]:
    """The hours of the contracts: free, and one shift less or more."""
    # With a PLAN each shift is so many heads; there the hours are a rule over all planned days.
    if "interval" not in given.get("demand", {"interval": None}):
        return
    step = min((shift.paid_hours for shift in given["shifts"]), default=0.0)
    bands: tuple[tuple[str, Callable[[float, float], Limit]], ...] = (
        ("hours of the contracts, wholly free", lambda low, high: Limit(min=0)),
        (
            f"up to {step:g} h a week less than contracted",
            lambda low, high: Limit(min=max(low - step, 0.0), max=high),
        ),
        (f"up to {step:g} h a week more than contracted", lambda low, high: Limit(min=low, max=high + step)),
    )
    names = (HOURS, f"{HOURS} less", f"{HOURS} more")
    for rule, (what, band) in zip(names, bands, strict=True):
        agents, rules = _by_hours(given, band)
        relaxed = {**given, "agents": agents, "rules": rules, "trainings": _by_name(given)}
        yield Without(rule, what, relaxed, (HOURS, "overtime_week"))


def _by_name(given: Mapping[str, Any]) -> tuple[Training, ...]:
    """Planned training by the people's ids: their contracts get other names here."""
    agents = given["agents"]
    found = []
    for training in given.get("trainings", ()):
        own = agents[agents["contract"] == training.contract]["agent"]
        ids = tuple(agent for agent in own if not training.agents or agent in training.agents)
        named = dataclasses.replace(training, contract=None, agents=ids) if training.contract else training
        found.append(named)
    return tuple(found)


def _by_hours(
    given: Mapping[str, Any], band: Callable[[float, float], Limit]
) -> tuple[pd.DataFrame, dict[str, Rules]]:
    """Agents and rules with a contract for each number of hours, so that a band can lie around it."""
    agents, found = given["agents"], {}
    of = _of_contracts(given)
    prices = next(iter(of.values()), Rules())
    names = []
    for contract, hours in zip(agents["contract"], agents["hours_week"], strict=True):
        own = of.get(contract, prices)
        limit = own.hours_week or Limit(min=hours, max=hours)
        low, high = limit.min or 0.0, math.inf if limit.max is None else limit.max
        wide = band(low, high)
        most = None if wide.max is None or math.isinf(wide.max) else wide.max
        name = f"{contract} {hours:g} h"
        # The first rules of all give the prices of short and over.
        paid: dict[str, Any] = {"price_short": prices.price_short, "price_over": prices.price_over}
        free: Any = Limit(min=wide.min, max=most, price=limit.price)
        found[name] = dataclasses.replace(own, hours_week=free, **paid)
        names.append(name)
    return agents.assign(contract=pd.Series(names, index=agents.index, dtype="str")), found or {"": prices}


def _of_contracts(given: Mapping[str, Any]) -> dict[str, Rules]:
    """Contract -> Rules, also where all share the same."""
    rules: Rules | Mapping[str, Rules] = given.get("rules", Rules())
    if isinstance(rules, Rules):
        return dict.fromkeys(sorted(set(given["agents"]["contract"])) or [""], rules)
    return dict(rules)


def _rules(given: Mapping[str, Any]) -> Iterator[Without]:
    """Each rule of `Rules` that is in use."""
    rules: Rules | Mapping[str, Rules] = given.get("rules", Rules())
    own = _of_contracts(given)
    for field in dataclasses.fields(Rules):
        if field.name in NO_RULES:
            continue
        if field.name == "rotate" and all(some.rotation is not None for some in own.values()):
            continue  # the cycle stands in its place
        free = {name: _free(some, field.name) for name, some in own.items()}
        if free != own:
            relaxed = next(iter(free.values())) if isinstance(rules, Rules) else free
            what = in_words(field.name, own)
            yield Without(field.name, what, {**given, "rules": relaxed}, (field.name,))


def _free(rules: Rules, name: str) -> Rules:
    """The rules with one of them that asks for nothing."""
    value = getattr(rules, name)
    nothing: Any = None
    if isinstance(value, Limit):
        nothing = Limit()
    elif isinstance(value, Mapping):
        nothing = {}
    elif isinstance(value, tuple):
        nothing = ()
    elif name in ("rest_hours", "fair_lates", "fair_weekends"):
        nothing = 0.0
    changed: dict[str, Any] = {name: nothing}
    return dataclasses.replace(rules, **changed)


def _lists(given: Mapping[str, Any]) -> Iterator[Without]:
    """Requests, seniors, seats, pairs, training and leave."""
    requests = given.get("requests")
    if requests is not None:
        hard = requests["kind"].isin(["lock", "forbid"])
        for rule, own in (("locks and forbids", hard), ("wishes", ~hard)):
            if own.any():
                what = f"{rule} of {_people(requests[own])}"
                yield Without(rule, what, {**given, "requests": requests[~own]}, (rule,))
    teams = tuple(given.get("teams", ()))
    if any(team.senior_per_interval is not None for team in teams):
        free = tuple(dataclasses.replace(team, senior_per_interval=None) for team in teams)
        rule = "senior_per_interval"
        yield Without(rule, "a senior on duty", {**given, "teams": free}, (rule,))
    if given.get("seats") is not None:
        yield Without("seats", f"{given['seats']} seats", {**given, "seats": None}, ())
    if tuple(given.get("pairs", ())):
        yield Without("pairs", "who works together or apart", {**given, "pairs": ()}, ("pairs",))
    if tuple(given.get("trainings", ())):
        yield Without("trainings", "planned training", {**given, "trainings": ()}, ())
    away = given.get("timeoff")
    if away is not None and len(away):
        what = f"time off of {_people(away)}"
        yield Without("time off", what, {**given, "timeoff": TIMEOFF.empty()}, (), relaxes=False)


def _people(table: pd.DataFrame) -> str:
    count = table["agent"].nunique()
    return f"{count} {'person' if count == 1 else 'people'}"


def in_words(rule: str, of: Mapping[str, Rules]) -> str:
    """A rule as people say it; by contract where they differ.

    Parameters
    ----------
    rule : str
        A field of `Rules`.
    of : dict
        Contract -> Rules.

    Returns
    -------
    str
        A phrase.

    Examples
    --------
    >>> in_words("rest_hours", {"full": Rules(), "part": Rules()})
    '11 h rest'
    >>> in_words("days_week", {"full": Rules(), "part": Rules(days_week=Limit(max=3, price=20))})
    'at most 5 days a week (full), at most 3 days a week where possible (part)'
    """
    said: dict[str, list[str]] = {}
    for contract, rules in of.items():
        phrase = _phrase(rule, getattr(rules, rule))
        if phrase and rule == "rest_hours" and math.isfinite(rules.price_rest):
            phrase += " where possible"
        if phrase:
            said.setdefault(phrase, []).append(contract)
    if len(said) == 1 and len(next(iter(said.values()))) == len(of):
        return next(iter(said))
    return ", ".join(f"{phrase} ({', '.join(contracts)})" for phrase, contracts in said.items())


def _phrase(rule: str, value: Any) -> str:
    """A rule's value in words; empty where it asks for nothing."""
    if value is None or value == 0.0 or value == Limit() or value in ({}, ()):
        return ""
    if isinstance(value, Limit):
        return _limited(rule, value)
    if isinstance(value, Mapping):
        return _by_shift(rule, value)
    plain = {
        "rest_hours": f"{value:g} h rest" if isinstance(value, float) else "",
        "same_shift_in_week": "the same shift all week",
        "rotate": "early and late weeks alternate",
        "rotation": "the cycle of weeks or days",
        "fair_lates": "late shifts shared fairly",
        "fair_weekends": "weekends shared fairly",
    }.get(rule, rule.replace("_", " "))
    priced = rule in ("same_shift_in_week", "rotate") and value != math.inf
    return f"{plain} where possible" if priced else plain


def _limited(rule: str, limit: Limit) -> str:
    nouns = {
        "days_week": "days a week",
        "days_in_row": "days in a row",
        "days_off_together": "days off together",
        "days_off_in_row": "days off in a row",
        "hours_total": "h in all",
    }
    noun = nouns.get(rule, rule.replace("_", " "))
    if 1.0 in (limit.min, limit.max) and None in (limit.min, limit.max):
        noun = noun.replace("days", "day", 1).removesuffix("s")
    return f"{_bounds(limit)} {noun}{_wished(limit)}"


def _bounds(limit: Limit) -> str:
    sides = (("at least", limit.min), ("at most", limit.max))
    return " and ".join(f"{word} {bound:g}" for word, bound in sides if bound is not None)


def _wished(limit: Limit) -> str:
    return "" if limit.price == math.inf else " where possible"


def _by_shift(rule: str, value: Mapping[str, Any]) -> str:
    parts = []
    for shift, said in value.items():
        if isinstance(said, Limit) and said != Limit():
            noun = "a week" if rule == "shifts_week" else "in all"
            parts.append(f"{_bounds(said)} {shift} shifts {noun}{_wished(said)}")
        elif isinstance(said, tuple) and said:
            parts.append(f"no {' or '.join(said)} on the day after {shift}")
        elif rule == "fair_shifts" and said:
            parts.append(f"{shift} shifts shared fairly")
    return ", ".join(parts) or rule.replace("_", " ")
