"""Two rosters side by side, as a planner reads them: what they cost, and what service they give."""

from __future__ import annotations

import pandas as pd

from staffing import verify
from staffing.whatif.words import PARTS

SMALL = 1e-6
NOUNS = {
    "senior_per_interval": "seniors lacking",
    "rest_hours": "short rests",
    "pairs": "pairs not as agreed",
}


def cost_lines(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """What one roster costs more than another, part by part.

    Parameters
    ----------
    before, after : pandas.DataFrame
        As `staffing.verify.costs` gives them.

    Returns
    -------
    list of str
        A line for each part whose amount differs, one for the cost of all, and one for what it leaves out.

    Examples
    --------
    >>> row = {"part": ["shortage"], "amount": [2.0], "unit": ["agent-half-hours"], "cost": [200.0]}
    >>> one = pd.DataFrame(row)
    >>> for line in cost_lines(one, one.assign(amount=3.5, cost=350.0)):
    ...     print(line)
    shortage: 3.5 agent-half-hours, was 2 (+1.5)
    cost at the first prices: +150, as of 1.5 short agent-half-hours
    not in this cost: half hours deeply short, many people to spare at once, contacts late beyond the \
target, people above the floor, breaks at the same time, days that change
    """
    both = after.merge(before, on=["part", "unit"], suffixes=("", "_before"))
    lines = []
    for row in both.to_dict("records"):
        change = row["amount"] - row["amount_before"]
        if abs(change) > SMALL:
            unit = f" {row['unit']}" if row["unit"] else ""
            what = f"{row['amount']:,.6g}{unit}, was {row['amount_before']:,.6g} ({change:+,.6g})"
            lines.append(f"{NOUNS.get(row['part'], row['part'].replace('_', ' '))}: {what}")
    apart = f"not in this cost: {', '.join(PARTS[part] for part in verify.LEFT_OUT)}"
    change = float(both["cost"].sum() - both["cost_before"].sum())
    if abs(change) <= SMALL:
        return [*lines, "cost as before", apart]
    return [*lines, f"cost at the first prices: {change:+,.6g}{_as_short(both, change)}", apart]


def _as_short(both: pd.DataFrame, change: float) -> str:
    """A cost as so many short agent-half-hours, where their price can be read off."""
    short = both[both["part"] == "shortage"]
    for amount, cost in (("amount", "cost"), ("amount_before", "cost_before")):
        heads = float(short[amount].sum())
        if heads > SMALL and short[cost].sum() > 0:
            return f", as of {change * heads / float(short[cost].sum()):,.1f} short agent-half-hours"
    return ""


def service_lines(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """What two rosters give in service over the week, queue by queue.

    Parameters
    ----------
    before, after : pandas.DataFrame
        As `staffing.coverage.totals` gives them.

    Returns
    -------
    list of str
        A line for each queue whose service over the week differs.

    Examples
    --------
    >>> one = pd.DataFrame({"queue": "calls", "date": [pd.NaT], "service_level": 0.94})
    >>> service_lines(one, one.assign(service_level=0.925))
    ['service of calls: 92.5% in time over the week, was 94.0% (-1.5 points)']
    """
    weeks = -(-before["date"].nunique() // 7)
    over = f"{weeks} weeks" if weeks > 1 else "the week"
    was, now = (
        table[table["date"].isna()].set_index("queue")["service_level"].to_dict() for table in (before, after)
    )
    return [
        f"service of {queue}: {level:.1%} in time over {over}, was {was[queue]:.1%} "
        f"({100 * (level - was[queue]):+.1f} points)"
        for queue, level in now.items()
        if abs(level - was[queue]) >= 0.0005
    ]
