"""Answers to what-if questions as a planner reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from staffing.whatif.reason import Why

MOST = 8
PARTS = {
    "shortage": "short half hours",
    "deep_shortage": "half hours deeply short",
    "surplus": "people to spare",
    "deep_surplus": "many people to spare at once",
    "crowded_breaks": "breaks at the same time",
    "wishes": "wishes",
    "rotate": "two weeks running on the same shift",
    "fair_lates": "late shifts unfairly shared",
    "fair_weekends": "weekends unfairly shared",
    "pairs": "pairs not as agreed",
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
        Lines of plain text: the day, what it would cost otherwise and with which changes, who could swap.
    """
    return list(_why(told))


def _why(told: Why) -> Iterator[str]:
    other = "works" if told.works == "OFF" else "is free"
    yield f"{told.agent}, {told.date:%a} {told.date}: {told.works}"
    if told.barred:
        yield f"No week in which {told.agent} {other} on that day keeps the rules:"
        yield from (f"  {reason}" for reason in told.barred)
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
        what = f"{row.after:+g} of {row.scheduled:g}, was {row.before:+g}"
        yield f"    {row.interval:%a %H:%M} {row.queue}: {what}"
    found = f"{_cost(anew['cost'])}, {_counted(int(anew['days']), 'changed day')}"
    least = min(max(anew["least"], 0.0), max(anew["cost"], 0.0))
    free = "need not cost anything" if least < 0.05 else f"costs at least {least:.1f} agent-half-hours"
    yield f"With the whole week planned anew it {free} (found: {found})."
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
    """What each rule costs, in a line each; what the gap cannot tell from nothing is said to be so.

    Parameters
    ----------
    table : pandas.DataFrame
        As `staffing.whatif.rule_prices` gives it.

    Returns
    -------
    list of str
        Lines of plain text.

    Examples
    --------
    >>> row = {"own_price": 0.0, "short": 8.0, "over": 0.0, "gap": 1.0, "status": "optimal", "seconds": 1.0}
    >>> rules = [{"rule": "", "saved": 0.0, "least": -0.5, "most": 0.5}, {"rule": "rest_hours", "saved": 9.0,
    ...          "least": 8.5, "most": 9.4}, {"rule": "rotate", "saved": 0.4, "least": -0.1, "most": 0.9}]
    >>> for line in price_lines(pd.DataFrame([rule | row for rule in rules])):
    ...     print(line)
    agent-hours a week at the price of a short one; each roster is known to 1.0 agent-half-hours or so
    rest_hours            +9.0 h  (8.5 to 9.4), 8.0 h less short
    rotate                nothing that the gap could tell (-0.1 to 0.9)
    """
    worst = table["gap"].max()
    lines = [
        "agent-hours a week at the price of a short one; each roster is known to "
        f"{worst:.1f} agent-half-hours or so"
    ]
    for row in table[table["rule"] != ""].to_dict("records"):
        between = f"({row['least']:.1f} to {row['most']:.1f})"
        if row["most"] < 0.0:
            lines.append(
                f"{row['rule']:<20}  {row['saved']:+.1f} h  {between}: without it the week is dearer"
            )
            continue
        if row["least"] <= 0.0:
            lines.append(f"{row['rule']:<20}  nothing that the gap could tell {between}")
            continue
        words = [f"{row['rule']:<20}  {row['saved']:+.1f} h  {between}"]
        if abs(row["short"]) >= 0.05:
            words.append(f"{abs(row['short']):.1f} h {'less' if row['short'] > 0 else 'more'} short")
        if abs(row.get("service_level", 0.0)) >= 0.0005:
            words.append(f"{100 * row['service_level']:+.1f} points of service")
        if row["own_price"] >= 0.05:
            words.append(f"{row['own_price']:.1f} h of it its own price")
        if row["status"] != "optimal":
            words.append("a limit ended the search")
        lines.append(", ".join(words))
    return lines
