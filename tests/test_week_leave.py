"""Leave that crosses the border of a week: its credit falls on days that the team can work."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from test_site import lay

from staffing import site
from staffing.week import known, working_hours

MONDAY = dt.date(2026, 11, 30)
HEAD = "agent,start,end,kind,credit_hours\n"


@pytest.mark.parametrize(
    ("row", "split"),
    [
        # Closed on Sundays: Friday, Saturday and Monday bear eight hours each.
        (
            "2026-12-04,2026-12-07,SICK,24",
            [("12-04", "12-05", 16.0), ("12-06", "12-06", 0.0), ("12-07", "12-07", 8.0)],
        ),
        ("2026-11-29,2026-12-01,SICK,16", [("11-29", "11-29", 0.0), ("11-30", "12-01", 16.0)]),
        ("2026-12-04,2026-12-06,AL,16", [("12-04", "12-06", 16.0)]),  # within the week
        ("2026-11-27,2026-11-28,AL,16", [("11-27", "11-28", 16.0)]),  # outside of it
        ("2026-12-06,2026-12-06,HOL,8", [("12-06", "12-06", 8.0)]),  # a holiday on which nobody works
    ],
)
def test_credit_falls_on_open_days(tmp_path: Path, row: str, split: list[tuple[str, str, float]]) -> None:
    """Hours are kept, days too; closed days bear nothing where a row reaches into another week."""
    given = site.load(lay(tmp_path, timeoff=f"{HEAD}007,{row}\n"))
    opening = working_hours(given.calendar, given.queues, given.history)
    told = known.leave(given, opening, MONDAY, 7)
    assert [(f"{r.start:%m-%d}", f"{r.end:%m-%d}", r.credit_hours) for r in told.itertuples()] == split
    pd.testing.assert_series_equal(told.dtypes, given.timeoff.dtypes)
