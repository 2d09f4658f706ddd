"""What each rule costs: the week planned again without it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from staffing import coverage, roster
from staffing.model import Limit, Queue, Roster, Rules
from staffing.tables import TIMEOFF
from staffing.whatif.parts import part_of

# Prices and hours are what a plan is made for, no rules that it could do without.
NO_RULES = ("price_short", "price_over", "hours_week", "overtime_week")


def rule_prices(
    given: Mapping[str, Any],
    queues: Iterable[Queue] = (),
    *,
    made: Roster | None = None,
    time_limit: float | None = 60.0,
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """What each rule costs: the roster planned again without it.

    Left out in turn, for everybody: each rule of `Rules` that is in use (the hours of the contracts stay),
    the hard requests, the wishes, the time off with its credit, the seniors on duty, the seats, the
    pairs. A roster is known only to within its gap, so the saving lies between ``least`` and ``most``; where
    ``least`` is not above zero it may be nothing.

    Parameters
    ----------
    given : dict
        What `staffing.roster.assign` was given, by the names of its parameters.
    queues : iterable of Queue
        To measure the service; without them there are no service levels.
    made : Roster, optional
        What `staffing.roster.assign` made of it; without it, it is planned once more.
    time_limit : float, optional
        Longest time in the solver, for each plan. [s]
    progress : callable, optional
        Told one line before each plan.

    Returns
    -------
    pandas.DataFrame
        rule (empty: with all of them), saved [h], least [h], most [h] (agent-hours at the price of a short
        one, its own price counted), own_price [h] (what its wishes cost today; 0 where it is hard), short [h]
        and over [h] (less than with all rules), service_level [0-1] (more than with all rules, over the week
        by contacts; only with ``queues``), gap [agent-half-hours], status, seconds [s]; dearest first.

    Raises
    ------
    DataError
        Where the tables are wrong.
    PlanError
        Where there is no roster with all rules.
    SolverError
        No roster in time.

    Examples
    --------
    >>> import datetime as dt
    >>> from staffing.model import Shift
    >>> hours = pd.date_range("2026-11-30 08:00", periods=12, freq="30min", tz="Asia/Seoul", unit="us")
    >>> demand = pd.DataFrame({"queue": "chat", "team": "shop", "interval": hours, "load": 0.5, "agents": 1.0,
    ...                        "scheduled": 1.0})
    >>> people = pd.DataFrame({"agent": ["007"], "name": ["김민지"], "team": "shop", "contract": "full",
    ...                        "hours_week": 6.0})
    >>> monday = pd.to_datetime(["2026-11-30"]).as_unit("us")
    >>> off = pd.DataFrame({"agent": ["007"], "start": monday, "end": monday, "kind": "AL",
    ...                     "credit_hours": 6.0})
    >>> given = {"demand": demand, "shifts": [Shift("early", "shop", dt.time(8), 6)], "agents": people,
    ...          "timeoff": off}
    >>> table = rule_prices(given)
    >>> table[table["saved"] > 0][["rule", "saved", "short"]].to_numpy().tolist()
    [['time off', 7.095, 6.0]]
    """
    say = progress or (lambda text: None)
    given = {**given, "time_limit": time_limit}
    queues = tuple(queues)
    if made is None:
        say("with all rules")
        made = roster.assign(**given)
    cases = _without(given)
    rows = [_priced("", made, made, given, queues)]
    for number, (name, relaxed) in enumerate(cases.items(), 1):
        say(f"without {name} ({number} of {len(cases)})")
        rows.append(_priced(name, made, roster.assign(**relaxed), given, queues))
    whole, *others = rows
    return pd.DataFrame([whole, *sorted(others, key=lambda row: -row["saved"])])


def _without(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Rule -> what is given, without it; only what is in use."""
    rules: Rules | Mapping[str, Rules] = given.get("rules", Rules())
    each = {"": rules} if isinstance(rules, Rules) else dict(rules)
    found: dict[str, dict[str, Any]] = {}
    for field in dataclasses.fields(Rules):
        if field.name in NO_RULES:
            continue
        free = {name: _free(own, field.name) for name, own in each.items()}
        if free != each:
            found[field.name] = {**given, "rules": free[""] if isinstance(rules, Rules) else free}
    requests = given.get("requests")
    if requests is not None:
        hard = requests["kind"].isin(["lock", "forbid"])
        for name, own in (("locks and forbids", hard), ("wishes", ~hard)):
            if own.any():
                found[name] = {**given, "requests": requests[~own]}
    teams = tuple(given.get("teams", ()))
    if any(team.senior_per_interval is not None for team in teams):
        free_teams = tuple(dataclasses.replace(team, senior_per_interval=None) for team in teams)
        found["senior_per_interval"] = {**given, "teams": free_teams}
    if given.get("seats") is not None:
        found["seats"] = {**given, "seats": None}
    if tuple(given.get("pairs", ())):
        found["pairs"] = {**given, "pairs": ()}
    if given.get("timeoff") is not None and len(given["timeoff"]):
        found["time off"] = {**given, "timeoff": TIMEOFF.empty()}
    teams = tuple(given.get("teams", ()))
    if any(team.senior_per_interval is not None for team in teams):
        freed = [dataclasses.replace(team, senior_per_interval=None) for team in teams]
        found["senior_per_interval"] = {**given, "teams": freed}
    if given.get("seats") is not None:
        found["seats"] = {**given, "seats": None}
    return found


def _free(rules: Rules, name: str) -> Rules:
    """The rules with one of them that asks for nothing."""
    value = getattr(rules, name)
    nothing: Any = None
    if isinstance(value, Limit):
        nothing = Limit()
    elif isinstance(value, Mapping):
        nothing = {}
    elif name in ("rest_hours", "fair_lates", "fair_weekends"):
        nothing = 0.0
    changed: dict[str, Any] = {name: nothing}
    return dataclasses.replace(rules, **changed)


def _priced(
    rule: str, made: Roster, free: Roster, given: Mapping[str, Any], queues: tuple[Queue, ...]
) -> dict[str, Any]:
    """A row of the table: a roster without a rule beside the one with all of them."""
    hour = 2.0 * made.price_short
    row = {
        "saved": (made.cost - free.cost) / hour,
        "least": (made.bound - free.cost) / hour,
        "most": (made.cost - free.bound) / hour,
        "own_price": part_of(made, rule) / hour,
        "short": (part_of(made, "shortage", "amount") - part_of(free, "shortage", "amount")) / 2.0,
        "over": (part_of(made, "surplus", "amount") - part_of(free, "surplus", "amount")) / 2.0,
    }
    if queues:
        row["service_level"] = _service(free, given, queues) - _service(made, given, queues)
    figures = {name: round(value, 6) + 0.0 for name, value in row.items()}
    told = {"gap": round(free.gap, 6), "status": free.status, "seconds": round(free.seconds, 3)}
    return {"rule": rule, **figures, **told}


def _service(made: Roster, given: Mapping[str, Any], queues: tuple[Queue, ...]) -> float:
    """Share of all contacts answered in time over the week. [0-1]"""
    covered = coverage.measure(given["demand"], made.segments, queues)
    return float((covered["service_level"] * covered["volume"]).sum() / covered["volume"].sum())
