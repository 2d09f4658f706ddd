"""What everybody has had of lates, weekends and other shifts so far, to be shared fairly across weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from staffing.model import Rules

LATE = "late"
SATURDAY = 5
# Columns in which a roster carries the counts on; the first of the old names too.
COLUMNS = {"lates": ("lates_so_far", "lates"), "weekend_days": ("weekend_days_so_far",)}


SO_FAR = "_so_far"  # of a shift's name: the column of its count


class Had(NamedTuple):
    """Late shifts, days worked on Saturdays and Sundays, and days on each shift by name."""

    lates: int = 0
    weekend_days: int = 0
    shifts: tuple[tuple[str, int], ...] = ()

    def and_on(self, names: Iterable[str]) -> Had:
        """With further days on shifts."""
        counts = dict(self.shifts)
        for name in names:
            counts[name] = counts.get(name, 0) + 1
        return self._replace(shifts=tuple(sorted(counts.items())))


class More(NamedTuple):
    """The same beyond the team's mean; 0 for who had fewer."""

    lates: float = 0.0
    weekend_days: float = 0.0
    shifts: tuple[tuple[str, float], ...] = ()

    def priced(self, prices: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
        """What another day on each of some shifts costs, where it costs anything."""
        each = [(name, prices.get(name, 0.0) * more) for name, more in self.shifts]
        return tuple((name, price) for name, price in each if price > 0)


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
    shifts = {str(name): int(count) for name, count in rows["shift"].value_counts().items()}
    own = {name for names in COLUMNS.values() for name in names}
    for column in rows.columns:
        if column.endswith(SO_FAR) and column not in own and rows[column].notna().any():
            shifts[column.removesuffix(SO_FAR)] = int(rows[column].max())
    return Had(**{what: int(count) for what, count in counted.items()}, shifts=tuple(sorted(shifts.items())))


def beyond_mean(agents: pd.DataFrame, had: Mapping[str, Had]) -> dict[str, More]:
    """Agent -> what each had beyond the mean of the own team."""
    own = [had.get(agent, Had()) for agent in agents["agent"]]
    names = sorted({name for one in own for name, _ in one.shifts})
    table = pd.DataFrame(
        [(one.lates, one.weekend_days, *(dict(one.shifts).get(name, 0) for name in names)) for one in own],
        dtype="float64",
    )
    if table.empty:
        return {}
    more = (table - table.groupby(agents["team"].to_numpy()).transform("mean")).clip(lower=0.0).round(9)
    return {
        agent: More(lates, days, tuple(zip(names, others, strict=True)))
        for agent, (lates, days, *others) in zip(agents["agent"], more.to_numpy().tolist(), strict=True)
    }


def named(rules: Iterable[Rules]) -> list[str]:
    """The shifts whose days are counted on from week to week, because some rules share them."""
    return sorted({name for some in rules for name in some.fair_shifts})


def carried_on(table: pd.DataFrame, had: Mapping[str, Had], names: Iterable[str] = ()) -> pd.DataFrame:
    """Assignments with ``lates_so_far``, ``weekend_days_so_far`` and ``NAME_so_far`` of named shifts, these
    days counted."""
    before = {agent: had.get(agent, Had()) for agent in table["agent"].unique()}
    marks = {"lates": table["shift"] == LATE, "weekend_days": table["date"].dt.day_of_week >= SATURDAY}
    for what, mark in marks.items():
        now = mark.groupby(table["agent"]).sum()
        earlier = table["agent"].map({agent: getattr(counts, what) for agent, counts in before.items()})
        table[COLUMNS[what][0]] = table["agent"].map(now).astype(int) + earlier.astype(int)
    for name in names:
        now = (table["shift"] == name).groupby(table["agent"]).sum()
        past = {agent: dict(counts.shifts).get(name, 0) for agent, counts in before.items()}
        table[f"{name}{SO_FAR}"] = table["agent"].map(now).astype(int) + table["agent"].map(past).astype(int)
    return table


def weekend(first: dt.date, days: int) -> np.ndarray:
    """Which of some days are Saturdays or Sundays, shape (days,)."""
    return np.array([(first + dt.timedelta(days=day)).weekday() >= SATURDAY for day in range(days)])
