"""What requests mean for each option of a day, in both engines."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from staffing.model import Shift, parts

DEFAULT_WISH = 5.0
AGAINST = ("avoid", "forbid")


def options(
    requests: pd.DataFrame | None, first: dt.date, days: int, shifts: Sequence[Shift], away: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Options that hard requests rule out, and what wishes make each cost; shape (days, 1 + shifts).

    Parameters
    ----------
    requests : pandas.DataFrame or None
        REQUESTS of one person.
    first : datetime.date
        The first day.
    days : int
        How many.
    shifts : sequence of Shift
        Of the person's team.
    away : numpy.ndarray of bool
        Days of leave, shape (days,): a wish asks nothing there.
    """
    refused = np.zeros((days, len(shifts) + 1), dtype=bool)
    prices = np.zeros((days, len(shifts) + 1))
    row: Any
    for row in () if requests is None else requests.itertuples(index=False):
        named = np.array([row.shift in ("", shift.name) for shift in shifts], dtype=bool)
        spans = parts.hours(parts.cell(row, "hours"))
        asked = _asked(row, first, days)
        against = np.zeros_like(refused)
        if row.kind in AGAINST and spans:
            against[:, 1:] = named & _touched(spans, asked, days, shifts)
        elif row.kind in AGAINST:
            against[:, 1:] = named & asked[1 : days + 1, None]
        else:
            meant = named & _within(spans, shifts) if spans else named
            against = asked[1 : days + 1, None] & ~np.append(False, meant)
        if row.kind in ("lock", "forbid"):
            refused |= against
        else:
            price = getattr(row, "price", math.nan)
            prices += against * (DEFAULT_WISH if pd.isna(price) else price)
    prices[away] = 0.0
    return refused, prices


def _asked(row: Any, first: dt.date, days: int) -> np.ndarray:
    """Days that a request is about, from the day before the first to the day after the last."""
    on = parts.weekdays(parts.cell(row, "weekdays"))
    dates = [first + dt.timedelta(days=day) for day in range(-1, days + 1)]
    return np.array([row.start.date() <= date <= row.end.date() and date.weekday() in on for date in dates])


def _touched(
    spans: Sequence[tuple[int, int]], asked: np.ndarray, days: int, shifts: Sequence[Shift]
) -> np.ndarray:
    """Shifts that meet any of the spans of a day asked about, or of its neighbours; shape (days, shifts)."""
    found = np.zeros((days, len(shifts)), dtype=bool)
    for step in (-1, 0, 1):
        meets = [
            any(
                s.start_minute < end + 1440 * step and begin + 1440 * step < s.end_minute
                for begin, end in spans
            )
            for s in shifts
        ]
        found |= asked[1 + step : 1 + step + days, None] & np.array(meets, dtype=bool)
    return found


def _within(spans: Sequence[tuple[int, int]], shifts: Sequence[Shift]) -> np.ndarray:
    """Shifts that lie whole in one of the spans."""
    return np.array(
        [any(begin <= s.start_minute and s.end_minute <= end for begin, end in spans) for s in shifts],
        dtype=bool,
    )
