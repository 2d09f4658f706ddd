"""What everybody has had of late shifts and weekends so far, to be shared fairly across weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

LATE = "late"
SATURDAY = 5
# Columns in which a roster carries the counts on; the first of the old names too.
COLUMNS = {"lates": ("lates_so_far", "lates"), "weekend_days": ("weekend_days_so_far",)}


class Had(NamedTuple):
    """Late shifts, and days worked on Saturdays and Sundays."""

    lates: int = 0
    weekend_days: int = 0


def so_far(rows: pd.DataFrame) -> Had:
    """Of one person, from the roster before: as it says itself, or else counted."""
    counted = {
        "lates": (rows["shift"] == LATE).sum(),
        "weekend_days": (rows["date"].dt.day_of_week >= SATURDAY).sum(),
    }
    for what, names in COLUMNS.items():
        told = next((name for name in names if name in rows and rows[name].notna().any()), None)
        if told is not None:
            counted[what] = rows[told].max()
    return Had(**{what: int(count) for what, count in counted.items()})


def beyond_mean(agents: pd.DataFrame, had: Mapping[str, Had]) -> dict[str, tuple[float, float]]:
    """Agent -> late shifts and weekend days beyond the team's mean; 0 for who had fewer."""
    table = pd.DataFrame(
        [had.get(agent, Had()) for agent in agents["agent"]], columns=list(Had._fields), dtype="float64"
    )
    more = (table - table.groupby(agents["team"].to_numpy()).transform("mean")).clip(lower=0.0).round(9)
    return {
        agent: (lates, days)
        for agent, lates, days in zip(agents["agent"], more.iloc[:, 0], more.iloc[:, 1], strict=True)
    }


def carried_on(table: pd.DataFrame, had: Mapping[str, Had]) -> pd.DataFrame:
    """Assignments with ``lates_so_far`` and ``weekend_days_so_far``, these days counted."""
    before = {agent: had.get(agent, Had()) for agent in table["agent"].unique()}
    marks = {"lates": table["shift"] == LATE, "weekend_days": table["date"].dt.day_of_week >= SATURDAY}
    for what, mark in marks.items():
        now = mark.groupby(table["agent"]).sum()
        earlier = table["agent"].map({agent: getattr(counts, what) for agent, counts in before.items()})
        table[COLUMNS[what][0]] = table["agent"].map(now).astype(int) + earlier.astype(int)
    return table


def weekend(first: dt.date, days: int) -> np.ndarray:
    """Which of some days are Saturdays or Sundays, shape (days,)."""
    return np.array([(first + dt.timedelta(days=day)).weekday() >= SATURDAY for day in range(days)])
