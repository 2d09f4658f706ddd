"""Two plans of one site cut to the days that both have."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd

from staffing import calendar
from staffing.errors import DataError, Problem
from staffing.export.folder import SavedWeek


def common(before: SavedWeek, after: SavedWeek) -> tuple[SavedWeek, SavedWeek]:
    """Two plans of one site, each cut to the days that both have.

    Parameters
    ----------
    before, after : SavedWeek
        Of one site; one may be of more weeks, or begin earlier.

    Returns
    -------
    tuple of (SavedWeek, SavedWeek)
        Their assignments, segments, requirement and coverage of these days; what was worked before them is
        among ``previous``.

    Raises
    ------
    DataError
        Where they are of two sites, or have no day in common.
    """
    start = max(before.start, after.start)
    end = min(plan.start + dt.timedelta(days=plan.days) for plan in (before, after))
    sites = [plan.manifest["site"] for plan in (before, after)]
    if sites[0] != sites[1]:
        raise DataError(
            [Problem(f"one is a plan of {sites[0]}, the other of {sites[1]}", "compare plans of one site")]
        )
    if start >= end:
        what = " and ".join(f"{plan.start} of {plan.days} days" for plan in (before, after))
        raise DataError(
            [Problem(f"the plans from {what} have no day in common", "compare plans of one week")]
        )
    return _cut(before, start, end), _cut(after, start, end)


def _cut(plan: SavedWeek, start: dt.date, end: dt.date) -> SavedWeek:
    """A plan from one date up to another, that one left out."""
    if (plan.start, plan.start + dt.timedelta(days=plan.days)) == (start, end):
        return plan
    date = plan.assignments["date"]
    begin, until = (calendar.at(day, 0, plan.timezone) for day in (start, end))

    def inside(table: pd.DataFrame, column: str) -> pd.DataFrame:
        return table[(table[column] >= begin) & (table[column] < until)].reset_index(drop=True)

    before = plan.assignments[date < pd.Timestamp(start)]
    here = plan.assignments[(date >= pd.Timestamp(start)) & (date < pd.Timestamp(end))]
    return dataclasses.replace(
        plan,
        start=start,
        days=(end - start).days,
        assignments=here.reset_index(drop=True),
        segments=inside(plan.segments, "start"),
        requirement=inside(plan.requirement, "interval"),
        coverage=inside(plan.coverage, "interval"),
        previous=pd.concat([plan.previous, before], ignore_index=True) if len(before) else plan.previous,
    )
