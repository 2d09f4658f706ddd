"""One part of what a roster costs."""

from __future__ import annotations

from staffing.model import Roster


def part_of(made: Roster, part: str, column: str = "cost") -> float:
    """Cost (or amount) of a part of a roster's objective; 0 where it has no such part."""
    return float(made.objective.loc[made.objective["part"] == part, column].sum())
