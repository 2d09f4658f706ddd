"""Answers to what-if questions as a planner reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from staffing.whatif.reason import Why
from staffing.whatif.rules import NO_ROSTER, NOT_IN_TIME

MOST, WIDEST = 8, 44
PARTS = {
    "shortage": "short half hours",
    "deep_shortage": "half hours deeply short",
    "missed_target": "contacts late beyond the target",
    "above_floor": "people above the floor",
    "surplus": "people to spare",
    "deep_surplus": "many people to spare at once",
    "crowded_breaks": "breaks at the same time",
    "wishes": "wishes",
    "rotate": "two weeks running on the same shift",
    "fair_lates": "late shifts unfairly shared",
    "fair_weekends": "weekends unfairly shared",
    "fair_shifts": "shifts unfairly shared",
    "pairs": "pairs not as agreed",
    "senior_per_interval": "half hours that lack a senior",
    "changes": "days that change",
    "hours_not_rostered": "hours owed and not rostered",
}


def why_lines(told: Why) -> list[str]:
    """Why somebody works on a day, in sentences.

    Parameters
    ----------
    told : Why
        As `staffing.whatif.why` gives it.

    Returns
    -------
    list of str
        Lines of plain text: the day and what stands about it, what it would cost otherwise and with which
        changes, who could swap.
    """
    return list(_why(told))


def _why(told: Why) -> Iterator[str]:
    other = f"is on {told.shift}" if told.shift else "works" if told.works == "OFF" else "is free"
    yield f"{told.agent} {told.name}, {told.date:%a} {told.date}: {told.works}"
    yield from (f"  {fact}" for fact in told.facts)
    if told.barred:
        yield f"No week in which {told.agent} {other} on that day keeps the rules."
        yield from (f"  {reason}" for reason in told.barred)
        yield from _swap_lines(told.swaps)
        return
    few, anew = (told.ways[told.ways["way"] == way].iloc[0] for way in ("few changes", "planned anew"))
    yield f"If {told.agent} {other} on that day, and few others change:"
    yield f"  {_cost(few['cost'])}; {_counted(int(few['days']), 'changed day')}"
    row: Any
    seen = told.parts[told.parts["change"].abs() >= 0.05]
    for row in seen.reindex(seen["change"].abs().sort_values(ascending=False).index).itertuples():
        yield f"    {row.change:+.1f} for {PARTS.get(str(row.part), str(row.part))}"
    for row in told.changes.head(MOST).itertuples():
        yield f"  {row.agent} {row.name}, {row.date:%a %Y-%m-%d}: {row.before} -> {row.after} ({row.why})"
    if len(told.changes) > MOST:
        yield f"  ... and {len(told.changes) - MOST} more days"
    for row in told.wishes.head(MOST).itertuples():
        wish = f"{row.kind} {row.shift}".rstrip()
        yield f"  not granted: {row.agent}'s {wish} on {row.date:%a %Y-%m-%d}"
    worse = told.gaps[(told.gaps["change"] < 0) & (told.gaps["after"] < 0)]
    if len(worse):
        yield f"  newly short or worse: {_counted(len(worse), 'interval')}, the worst:"
    for row in worse.sort_values("after", kind="stable").head(3).itertuples():
        was = f"{row.before:+g}" if row.before else "0"
        what = f"{row.after:+g} of {row.scheduled:g}, was {was}"
        yield f"    {row.interval:%a %H:%M} {row.queue}: {what}"
    found = f"{_cost(anew['cost'])}, {_counted(int(anew['days']), 'changed day')}"
    least = min(max(anew["least"], 0.0), max(anew["cost"], 0.0))
    free = "need not cost anything" if least < 0.05 else f"costs at least {least:.1f} agent-half-hours"
    yield f"With the whole week planned anew it {free} (found: {found})."
    if anew["least"] <= 0.0 < told.gap and abs(anew["cost"]) <= told.gap:
        known = f"this roster is known to {told.gap:.1f} agent-half-hours, no better"
        yield f"So the day is as it is by chance as much as by need: {known}."
    yield from _swap_lines(told.swaps)


def _counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _cost(cost: float) -> str:
    """A price in agent-half-hours, in words."""
    if abs(cost) < 0.05:
        return "no dearer"
    what = "dearer" if cost > 0 else "cheaper"
    return f"{abs(cost):.1f} agent-half-hours {what}, at the price of a short one"


def _swap_lines(swaps: pd.DataFrame) -> Iterator[str]:
    if swaps.empty:
        return
    count = _counted(len(swaps), "person", "people")
    yield f"Who could swap, with the same cover and every rule kept: {count}"
    row: Any
    for row in swaps.head(MOST).itertuples():
        dearer = "" if abs(row.cost) < 0.005 else f" ({row.cost:+.2f} in wishes and fairness)"
        yield f"  {row.agent} {row.what}{dearer}"


def price_lines(table: pd.DataFrame) -> list[str]:
    """What each rule costs, in a line each; what the gaps cannot tell from nothing is said to be so.

    Parameters
    ----------
    table : pandas.DataFrame
        As `staffing.whatif.rule_prices` gives it.

    Returns
    -------
    list of str
        Lines of plain text: how well the rosters are known, the service with all rules and by which model,
        then the rules.

    Examples
    --------
    >>> row = {"own_price": 0.0, "short": 8.0, "over": 0.0, "paid": 0.0, "part": "shortage", "gap": 1.0,
    ...        "status": "optimal", "why": ""}
    >>> rules = [{"what": "", "saved": 0.0, "least": -0.5, "most": 0.5}, {"what": "11 h rest", "saved": 9.0,
    ...          "least": 8.5, "most": 9.4}, {"what": "5 seats", "saved": 0.4, "least": 0.0, "most": 0.9}]
    >>> for line in price_lines(pd.DataFrame([rule | row for rule in rules])):
    ...     print(line)
    What each rule costs, in agent-hours a week at the price of a short one. Each roster is known to 1.0 \
agent-half-hours; in brackets what that leaves open.
    11 h rest: +9.0 h a week (8.5 to 9.4), 8.0 h less short
    5 seats:   no difference that the gaps allow to see (0.0 to 0.9)
    """
    whole, rules = table.iloc[0], [dict(row) for _, row in table.iloc[1:].iterrows()]
    week = "h a week" if table.attrs.get("days", 7) == 7 else f"h in {table.attrs['days']} days"
    width = max((len(row["what"]) + 1 for row in rules if len(row["what"]) <= WIDEST), default=0)
    return [
        *_head(table, whole, week),
        *(f"{row['what'] + ':':<{width}} {_price(row, whole, week)}" for row in rules),
    ]


def _head(table: pd.DataFrame, whole: pd.Series, week: str) -> Iterator[str]:
    if whole["why"]:
        yield f"With all rules there is no roster: {whole['why']}"
        yield "So no rule has a price; what there is without each of them:"
        return
    gaps = table["gap"].dropna()
    known = " to ".join(dict.fromkeys(f"{gap:.1f}" for gap in (gaps.min(), gaps.max())))
    hours = week.replace("h ", "agent-hours ", 1)
    yield (
        f"What each rule costs, in {hours} at the price of a short one. Each roster is known to {known} "
        "agent-half-hours; in brackets what that leaves open."
    )
    if "service_level" in whole:
        level, model = f"{100 * whole['service_level']:.1f} %", table.attrs.get("model", "")
        counted = "intervals by themselves, at the forecast's mean" + (f"; {model}" if model else "")
        yield f"Service with all rules: {level} of all contacts in time ({counted})."


def _price(row: Mapping[Any, Any], whole: pd.Series, week: str) -> str:
    """What a rule costs."""
    if row["status"] in (NO_ROSTER, NOT_IN_TIME):
        nothing = "still no roster" if whole["why"] else f"{row['status']} without it"
        return f"{nothing}: {row['why']}" if row["why"] and not whole["why"] else nothing
    if whole["why"]:
        level = f", {100 * row['service_level']:.1f} % in time" if "service_level" in row else ""
        return f"a roster, {row['short']:.1f} h short{level}"
    between = f"({row['least']:.1f} to {row['most']:.1f})"
    if row["most"] < 0.0:
        return f"{row['saved']:+.1f} {week} {between}: the week is dearer without it"
    if row["most"] < 0.05:
        return "no difference"
    if row["least"] <= 0.0:
        return f"no difference that the gaps allow to see {between}"
    words = [f"{row['saved']:+.1f} {week} {between}"]
    gain = 100 * row.get("service_gain", 0.0)
    words += [f"{gain:+.1f} points of service"] if abs(gain) >= 0.05 else []
    for name, more, less in (("short", "less short", "more short"), ("paid", "more paid", "less paid")):
        if abs(row[name]) >= 0.05:
            words.append(f"{abs(row[name]):.1f} h {more if row[name] > 0 else less}")
    if row["own_price"] >= 0.05:
        words.append(f"{row['own_price']:.1f} h of it its own price today")
    elif row["part"] not in ("", "shortage", "deep_shortage"):
        words.append(f"mostly for {PARTS.get(row['part'], row['part'])}")
    if row["status"] != "optimal":
        words.append("a limit ended the search")
    return ", ".join(words)
