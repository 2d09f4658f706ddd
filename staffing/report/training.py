"""Planned training in a week's figures and words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from staffing.model import Roster, Week


def rows(roster: Roster) -> list[tuple[Any, ...]]:
    """Rows of the summary: hours, what they leave short, sessions that have no time."""
    if roster.training is None:
        return []
    told = roster.objective.set_index("part")["amount"]
    return [
        ("", "", pd.NaT, "training_hours", _hours(roster.training), "h"),
        ("", "", pd.NaT, "short_by_training", float(told["short_by_training"]), "agent-half-hours"),
        ("", "", pd.NaT, "training_not_held", float(told["training_not_held"]), ""),
    ]


def _hours(table: pd.DataFrame) -> float:
    return float((table["end"] - table["start"]).dt.total_seconds().sum() / 3600.0)


def lines(week: Week, most: int = 5) -> list[str]:
    """Planned training: how much of it has a time, when, what it leaves short, and who has none and why."""
    table = week.roster.training
    if table is None:
        return []
    told, at = [], "%a %H:%M" if week.days <= 7 else "%a %d %b %H:%M"
    for name, part in table.groupby("training", sort=True):
        held = part[part["why"] == ""]
        times = held["start"].drop_duplicates().sort_values()
        when = ""
        if len(times):
            when = f", {times.iloc[0]:{at}}"
            when += "" if len(times) == 1 else f" to {times.iloc[-1]:{at}} at {len(times)} times"
        told.append(f"training   {name}: {len(held)} of {len(part)} held{when}")
        missing = part[part["why"] != ""]
        told += [f"           not {row.agent}: {row.why}" for row in missing.head(most).itertuples()]
        if len(missing) > most:
            told.append(f"           nor {len(missing) - most} more: training.csv")
    parts = week.roster.objective.set_index("part")["amount"]
    hours = _hours(table)
    short = parts.get("short_by_training", 0.0)
    return [*told, f"           {hours:,.1f} h in all, which leave {short:,.1f} agent-half-hours short"]
