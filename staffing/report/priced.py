"""Rules with a price that a roster does not keep, in words: what was given up, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from staffing.model import Week
from staffing.verify import priced, wishes

# What is said of one, and of more.
SAID = {
    "overtime_week": ("h of overtime", "h of overtime"),
    "hours_week": ("h beside the hours of a week", "h beside the hours of a week"),
    "hours_total": ("h beside the hours in all", "h beside the hours in all"),
    "days_week": ("day beside those of a week", "days beside those of a week"),
    "days_in_row": ("day beside those in a row", "days beside those in a row"),
    "days_off_in_row": ("day beside those off in a row", "days beside those off in a row"),
    "days_off_together": ("day off too few together", "days off too few together"),
    "rest_hours": ("short rest", "short rests"),
    "shifts_week": ("shift beside those of a week", "shifts beside those of a week"),
    "shifts_total": ("shift beside those in all", "shifts beside those in all"),
    "weekends": ("weekend beside those in all", "weekends beside those in all"),
    "same_shift_in_week": ("day on another shift than the week's", "days on another shift than the week's"),
    "rotate": ("week on the shift of the week before", "weeks on the shift of the week before"),
    "rotation": ("day outside the cycle", "days outside the cycle"),
    "fair_lates": ("late shift of who had more than others", "late shifts of who had more than others"),
    "fair_weekends": ("weekend day of who had more than others", "weekend days of who had more than others"),
    "fair_shifts": ("shift of who had more of it than others", "shifts of who had more of them than others"),
    "senior_per_interval": ("half hour that lacks a senior", "half hours that lack a senior"),
    "pairs": ("day of a pair that is not as agreed", "days of pairs that are not as agreed"),
    "wishes": ("wish that is not granted", "wishes that are not granted"),
}
ARGUMENTS = (
    "agents",
    "rules",
    "shifts",
    "skills",
    "timeoff",
    "requests",
    "previous",
    "start",
    "days",
    "pairs",
)


def given_up(assignments: pd.DataFrame, requirement: pd.DataFrame, **given: Any) -> pd.DataFrame:
    """Rules with a price that a roster does not keep, and wishes that it does not grant.

    Parameters
    ----------
    assignments, requirement : pandas.DataFrame
        ASSIGNMENTS and REQUIREMENT.
    **given
        What `staffing.verify.priced` takes beside them.

    Returns
    -------
    pandas.DataFrame
        As `staffing.verify.priced` gives it; of a wish the rule is ``wishes``.
    """
    table = priced(assignments, requirement, **given)
    requests = given.get("requests")
    if requests is None:
        return table
    lost = wishes(
        assignments, requests, timeoff=given.get("timeoff"), start=given["start"], days=given.get("days", 7)
    )
    names = given["agents"].set_index("agent")["name"]
    what = [_wish(row.kind, row.shift) for row in lost.itertuples()]
    name = lost["agent"].map(names).fillna("").astype("str")
    asked = lost.assign(name=name, rule="wishes", what=what, amount=1.0, cost=lost["price"])
    return pd.concat([table, asked[table.columns]], ignore_index=True) if len(asked) else table


def _wish(kind: Any, shift: Any) -> str:
    """What somebody wished for who did not get it."""
    if kind == "avoid":
        return f"asked not to be on {shift}" if shift else "asked to be free"
    return f"asked for {shift}" if shift else "asked to work"


def week_line(week: Week) -> list[str]:
    """What a planned week gave up, in one line; none where nothing was."""
    given = {name: getattr(week, name) for name in ARGUMENTS}
    table = given_up(week.roster.assignments, week.requirement, **given, teams=tuple(week.teams.values()))
    said = ", ".join(words for words, _ in _by_rule(table))
    return [f"priced     {said}: `staffing verify` names them"] if said else []


def priced_lines(table: pd.DataFrame, most: int = 4) -> list[str]:
    """What a roster gives up, rule by rule, the dearest first, with the dearest cases of each.

    Parameters
    ----------
    table : pandas.DataFrame
        As `given_up` gives it.
    most : int
        Cases named of each rule; a line counts the others.

    Returns
    -------
    list of str
        Lines of plain text.

    Examples
    --------
    >>> row = {"agent": "", "name": "", "date": [pd.Timestamp("2026-12-01")], "rule": "senior_per_interval",
    ...        "what": "14:00-15:30 no seniors of 'care' at work, 1 needed", "amount": 3.0, "cost": 150.0}
    >>> for line in priced_lines(pd.DataFrame(row)):
    ...     print(line)
    3 half hours that lack a senior (cost 150)
      Tue 2026-12-01: 14:00-15:30 no seniors of 'care' at work, 1 needed
    """
    lines = []
    for words, rows in _by_rule(table):
        lines.append(words)
        row: Any
        for row in rows.head(most).itertuples():
            who = " ".join(filter(None, (row.agent, row.name)))
            when = "" if pd.isna(row.date) else f"{row.date:%a %Y-%m-%d}"
            lines.append(f"  {', '.join(filter(None, (who, when)))}: {row.what}")
        if len(rows) > most:
            lines.append(f"  ... and {len(rows) - most} more")
    return lines


def _by_rule(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each rule in words with its cost, the dearest first, and its rows."""
    sums = table.groupby("rule")[["amount", "cost"]].sum().sort_values("cost", ascending=False, kind="stable")
    for rule, row in sums.iterrows():
        rows = table[table["rule"] == rule].sort_values("cost", ascending=False, kind="stable")
        amount = round(float(row["amount"]), 2)
        yield f"{amount:,g} {SAID[str(rule)][amount != 1]} (cost {round(row['cost'], 2):,g})", rows
