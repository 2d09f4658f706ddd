"""Rules with a price that a roster does not keep, in words: what was given up, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from staffing.model import Week
from staffing.verify import priced, wishes

SAID = {
    "overtime_week": "{} h of overtime",
    "hours_week": "{} h beside the hours of a week",
    "hours_total": "{} h beside the hours in all",
    "days_week": "{} days beside those of a week",
    "days_in_row": "{} days beside those in a row",
    "days_off_in_row": "{} days beside those off in a row",
    "days_off_together": "{} days off together that are missing",
    "rest_hours": "a short rest {} times",
    "shifts_week": "{} shifts beside those of a week",
    "shifts_total": "{} shifts beside those in all",
    "weekends": "{} weekends beside those in all",
    "same_shift_in_week": "{} days on another shift than the week's",
    "rotate": "{} weeks on the shift of the week before",
    "rotation": "{} days outside the cycle",
    "fair_lates": "{} late shifts of people who had more than others",
    "fair_weekends": "{} weekend days of people who had more than others",
    "senior_per_interval": "{} half hours that lack a senior",
    "pairs": "{} days of pairs that are not as agreed",
    "wishes": "{} wishes that are not granted",
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
    what = (lost["kind"] + " " + lost["shift"]).str.rstrip() + " is not granted"
    name = lost["agent"].map(names).fillna("").astype("str")
    asked = lost.assign(name=name, rule="wishes", what=what, amount=1.0, cost=lost["price"])
    return pd.concat([table, asked[table.columns]], ignore_index=True) if len(asked) else table


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
        words = SAID[str(rule)].format(f"{round(row['amount'], 2):,g}")
        yield f"{words} (cost {round(row['cost'], 2):,g})", rows
