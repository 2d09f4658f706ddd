"""What a roster costs, counted from its tables alone: cover, wishes, and the rules that have a price."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from staffing.model import Pair, Rules, Shift, Team
from staffing.tables import ASSIGNMENTS, REQUESTS, SEGMENTS, check, interval_minutes
from staffing.verify import at_once, facts
from staffing.verify import pairs as pairing
from staffing.verify import people as persons
from staffing.verify.presence import gaps
from staffing.verify.reading import Read, read

DEFAULT_WISH = 5.0
LATE, SATURDAY = "late", 5
# Rules that may have a price, and what their amounts are counted in.
UNITS = {
    "overtime_week": "h",
    "hours_week": "h",
    "hours_total": "h",
    "days_week": "days",
    "days_in_row": "days",
    "days_off_in_row": "days",
    "days_off_together": "days",
    "rest_hours": "times",
    "shifts_week": "shifts",
    "shifts_total": "shifts",
    "weekends": "weekends",
    "same_shift_in_week": "days",
    "rotate": "weeks",
    "rotation": "days",
    "fair_lates": "late shifts",
    "fair_weekends": "days",
    "fair_shifts": "shifts",
    "senior_per_interval": "half hours",
    "pairs": "days",
}
# Parts of a planned roster's objective that `costs` does not count; the first prices hold for the others.
LEFT_OUT = ("deep_shortage", "deep_surplus", "missed_target", "above_floor", "crowded_breaks", "changes")


def missed(
    known: Read, agents: pd.DataFrame, requirement: pd.DataFrame, teams: Iterable[Team], pairs: Iterable[Pair]
) -> Iterator[facts.Missed]:
    """Every rule that the days of a roster miss, whatever its price."""
    for person in known.people:
        for rule in persons.RULES:
            yield from (facts.Missed(person.agent, *told) for told in rule(person))
        for about in (persons.rotation, persons.hours_week):
            yield from (
                facts.Missed(person.agent, *told) for told in about(person, known.opened[person.agent])
            )
    yield from at_once.seniors(known.people, agents, requirement, teams)
    yield from pairing.pairs(known.people, pairs)


def priced(
    assignments: pd.DataFrame,
    requirement: pd.DataFrame,
    agents: pd.DataFrame,
    rules: Rules | Mapping[str, Rules] = Rules(),  # noqa: B008 (frozen)
    *,
    shifts: tuple[Shift, ...],
    skills: pd.DataFrame | None = None,
    timeoff: pd.DataFrame | None = None,
    requests: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    start: dt.date,
    days: int = 7,
    teams: Iterable[Team] = (),
    pairs: Iterable[Pair] = (),
) -> pd.DataFrame:
    """Every rule with a price that a roster does not keep, by person and day, and what that costs.

    Parameters
    ----------
    assignments, requirement, agents, rules, shifts, skills, timeoff, requests, previous
        As for `roster`.
    start : datetime.date
        First day of the roster.
    days : int
        Days of the roster. [days]
    teams : iterable of Team, optional
        Whose seniors count.
    pairs : iterable of Pair, optional
        Who works together, or apart.

    Returns
    -------
    pandas.DataFrame
        agent, name, date (NaT: the week), rule, what (in words), amount (in the rule's units: days, hours,
        half hours), cost; sorted by agent, date and rule. A fair share is counted against what everybody had
        before the first day.

    Raises
    ------
    DataError
        Where a table has not the form of its contract, a contract has no rules, or a pair names a stranger.

    Examples
    --------
    >>> early = Shift("early", "care", dt.time(9), 1)
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul", unit="us")
    >>> need = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "load": 0.5, "agents": 1.0,
    ...                      "scheduled": 1.0})
    >>> people = pd.DataFrame({"agent": ["007"], "name": ["김민지"], "team": "care", "contract": "full",
    ...                        "hours_week": [1.0], "senior": [True]})
    >>> from staffing.model import Limit
    >>> team = Team("care", senior_per_interval=Limit(min=1, price=50))
    >>> given = {"shifts": (early,), "teams": [team], "start": dt.date(2026, 11, 30)}
    >>> told = priced(ASSIGNMENTS.empty(), need, people, **given)
    >>> told[["rule", "amount", "cost"]].to_numpy().tolist()
    [['senior_per_interval', 2.0, 100.0]]
    """
    known = read(
        assignments, requirement, agents, rules, shifts=shifts, skills=skills, timeoff=timeoff,
        requests=requests, previous=previous, start=start, days=days,
    )  # fmt: skip
    names = dict(zip(agents["agent"], agents["name"], strict=True))
    found = [each for each in missed(known, agents, requirement, teams, pairs) if math.isfinite(each.price)]
    found += _unfair(known.people, agents, previous)
    found.sort(key=lambda each: (each.agent, each.day or 0, each.rule, each.what))
    rows = [
        (
            each.agent,
            names.get(each.agent, ""),
            pd.NaT if each.day is None else pd.Timestamp(dt.date.fromordinal(each.day)),
            each.rule,
            each.what,
            each.amount,
            each.amount * each.price,
        )
        for each in found
    ]
    table = pd.DataFrame(rows, columns=["agent", "name", "date", "rule", "what", "amount", "cost"])
    text = dict.fromkeys(("agent", "name", "rule", "what"), "str")
    return table.astype({**text, "date": "datetime64[us]", "amount": "float64", "cost": "float64"})


def _unfair(
    people: list[facts.Person], agents: pd.DataFrame, previous: pd.DataFrame | None
) -> Iterator[facts.Missed]:
    """Late shifts, weekend days and named shifts of whoever has had more of them than the team's mean."""
    table = ASSIGNMENTS.empty() if previous is None else previous
    first = min((person.first for person in people), default=0)
    before = table[table["date"].map(pd.Timestamp.toordinal) < first] if len(table) else table
    named = sorted({name for person in people for name in person.rules.fair_shifts})
    shared = [("fair_lates", "", "late shifts"), ("fair_weekends", "", "days of weekends")]
    shared += [("fair_shifts", name, f"{name} shifts") for name in named]
    for rule, shift, noun in shared:
        had = so_far(before, rule, shift).reindex(agents["agent"], fill_value=0.0)
        mean = had.groupby(agents["team"].to_numpy()).transform("mean")
        more = dict(zip(agents["agent"], (had - mean).clip(lower=0.0).round(9), strict=True))
        for person in people:
            own = sum(_counts(rule, shift, day, work) for day, work in person.worked.items())
            each = getattr(person.rules, rule)
            each = each.get(shift, 0.0) if shift else each
            if own and more[person.agent] > 0 and each:
                what = f"{own} {noun}, and has had {more[person.agent]:g} more than the mean of the team"
                price = each * more[person.agent]
                yield facts.Missed(person.agent, None, rule, what, float(own), price)


def _counts(rule: str, shift: str, day: int, work: facts.Work) -> bool:
    if shift:
        return work.shift == shift
    return work.shift == LATE if rule == "fair_lates" else dt.date.fromordinal(day).weekday() >= SATURDAY


def so_far(before: pd.DataFrame, rule: str, shift: str = "") -> pd.Series:
    """Agent -> late shifts, weekend days or a named shift's of the roster before: as it says, or counted."""
    names: tuple[str, ...] = ("weekend_days_so_far",)
    count = before["date"].dt.day_of_week >= SATURDAY
    if rule == "fair_shifts":
        names, count = (f"{shift}_so_far",), before["shift"] == shift
    elif rule == "fair_lates":
        names, count = ("lates_so_far", "lates"), before["shift"] == LATE
    had = count.groupby(before["agent"]).sum().astype(float)
    for name in names:
        if name in before and before[name].notna().any():
            return before.groupby("agent")[name].max().astype(float).fillna(had)
    return had


def costs(
    assignments: pd.DataFrame,
    segments: pd.DataFrame,
    requirement: pd.DataFrame,
    rules: Rules | Mapping[str, Rules] = Rules(),  # noqa: B008 (frozen)
    *,
    requests: pd.DataFrame | None = None,
    timeoff: pd.DataFrame | None = None,
    missing: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What a roster costs, counted from its tables alone.

    Shortage and surplus at their first price, the wishes not granted, and each rule with a price. The prices
    are those of the first rules, or of the requirement's columns ``price_short`` and ``price_over``. A
    planned roster's own objective has more: deep shortage and surplus are dearer, targets over a day or week
    and breaks at the same time have a price, and so do changes of a roster that is kept.

    Parameters
    ----------
    assignments, segments : pandas.DataFrame
        ASSIGNMENTS and SEGMENTS.
    requirement : pandas.DataFrame
        REQUIREMENT.
    rules : Rules or dict
        The same for all, or contract -> `Rules`.
    requests, timeoff : pandas.DataFrame, optional
        REQUESTS (5 where a wish has no price) and TIMEOFF, on whose days a wish asks nothing.
    missing : pandas.DataFrame, optional
        As `priced` gives it: rules with a price that the roster does not keep.

    Returns
    -------
    pandas.DataFrame
        part, amount, unit, cost: paid_hours, late_shifts and weekend_days (which cost nothing here),
        shortage, surplus, wishes, and the rules of ``missing``.

    Raises
    ------
    DataError
        Where a table has not the form of its contract.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul", unit="us")
    >>> need = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "load": 0.5, "agents": 1.0,
    ...                      "scheduled": 1.0})
    >>> table = costs(ASSIGNMENTS.empty(), SEGMENTS.empty(), need)
    >>> table[table["cost"] > 0].to_numpy().tolist()
    [['shortage', 2.0, 'agent-half-hours', 200.0]]
    """
    prices = rules if isinstance(rules, Rules) else next(iter(rules.values()))
    check(assignments, ASSIGNMENTS)
    gap = gaps(check(segments, SEGMENTS), requirement)["gap"].to_numpy(dtype=float)
    half_hours = interval_minutes(requirement) / 30.0
    rows = [
        ("paid_hours", float(assignments["paid_hours"].sum()), "h", 0.0),
        ("late_shifts", float((assignments["shift"] == LATE).sum()), "days", 0.0),
        ("weekend_days", float((assignments["date"].dt.day_of_week >= SATURDAY).sum()), "days", 0.0),
    ]
    for part, amount, name, price in (
        ("shortage", np.maximum(-gap, 0.0), "price_short", prices.price_short),
        ("surplus", np.maximum(gap, 0.0), "price_over", prices.price_over),
    ):
        each = np.full(len(gap), price)
        if name in requirement:
            own = requirement[name].to_numpy(dtype=float)
            each = np.where(np.isnan(own), each, own)
        rows.append((part, amount.sum() * half_hours, "agent-half-hours", (amount * each).sum() * half_hours))
    broken = np.zeros(0)
    if requests is not None and len(requirement):
        dates = requirement["interval"].dt.tz_localize(None).dt.normalize()
        days = (dates.max() - dates.min()).days + 1
        lost = wishes(assignments, requests, timeoff=timeoff, start=dates.min().date(), days=days)
        broken = lost["price"].to_numpy()
    rows.append(("wishes", float(len(broken)), "days", float(broken.sum())))
    if missing is not None:
        sums = missing.groupby("rule")[["amount", "cost"]].sum().reindex(list(UNITS), fill_value=0.0)
        rows += [(str(rule), row["amount"], UNITS[str(rule)], row["cost"]) for rule, row in sums.iterrows()]
    table = pd.DataFrame(rows, columns=["part", "amount", "unit", "cost"])
    return table.astype({"part": "str", "amount": float, "unit": "str", "cost": float})


def wishes(
    assignments: pd.DataFrame,
    requests: pd.DataFrame,
    *,
    timeoff: pd.DataFrame | None = None,
    start: dt.date,
    days: int = 7,
) -> pd.DataFrame:
    """Wishes that a roster does not grant, day by day; on a day of leave a wish asks nothing.

    Parameters
    ----------
    assignments, requests : pandas.DataFrame
        ASSIGNMENTS and REQUESTS; of these ``want`` and ``avoid``.
    timeoff : pandas.DataFrame, optional
        TIMEOFF.
    start : datetime.date
        First day of the roster.
    days : int
        Days of the roster. [days]

    Returns
    -------
    pandas.DataFrame
        agent, date, kind, shift, price (5 where none is given); sorted by agent and date.

    Raises
    ------
    DataError
        Where a table has not the form of its contract.

    Examples
    --------
    >>> sunday = pd.to_datetime(["2026-12-06"]).as_unit("us")
    >>> asked = pd.DataFrame({"agent": ["007"], "start": sunday, "end": sunday, "kind": "want",
    ...                       "shift": "late"})
    >>> lost = wishes(ASSIGNMENTS.empty(), asked, start=dt.date(2026, 11, 30))
    >>> lost[["agent", "kind", "price"]].to_numpy().tolist()
    [['007', 'want', 5.0]]
    """
    timezone = str(check(assignments, ASSIGNMENTS)["start"].dt.tz)
    worked = facts.by_agent(assignments)
    away, _ = facts.time_off(timeoff)
    rows = []
    for row in facts.rows(check(requests, REQUESTS)):
        price, ask = getattr(row, "price", math.nan), facts.ask_of(row)
        for day in range(start.toordinal(), start.toordinal() + days if row.kind in ("want", "avoid") else 0):
            if day in away.get(row.agent, {}):
                continue
            met = ask.meant(day, worked.get(row.agent, {}).get(day), timezone)
            if met if row.kind == "avoid" else ask.on(day) and not met:
                date = pd.Timestamp(dt.date.fromordinal(day))
                rows.append((row.agent, date, row.kind, row.shift, DEFAULT_WISH if pd.isna(price) else price))
    table = pd.DataFrame(sorted(rows), columns=["agent", "date", "kind", "shift", "price"])
    text = dict.fromkeys(("agent", "kind", "shift"), "str")
    return table.astype({**text, "date": "datetime64[us]", "price": "float64"})
