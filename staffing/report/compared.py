"""Two plans, or a plan and what became of it, told apart in words; and tables as lines of text."""

from __future__ import annotations

from typing import Any

import pandas as pd

from staffing.tables import interval_minutes

SMALL = 1e-6  # the files hold six decimals


def changed_gaps(coverage: pd.DataFrame, gaps: pd.DataFrame, most: int = 40) -> list[str]:
    """What an edited roster does to the gaps: intervals newly short or worse, then how many are less short.

    Parameters
    ----------
    coverage : pandas.DataFrame
        COVERAGE of the plan.
    gaps : pandas.DataFrame
        queue, interval, scheduled, gap, as `staffing.verify.gaps` counts them now.
    most : int
        Intervals shown; a line counts the others.

    Returns
    -------
    list of str
        A heading with the count, a line for each interval, the shortest first, and a line for the rest.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> planned = pd.DataFrame({"queue": "calls", "interval": times, "scheduled": 8.0, "gap": -1.0})
    >>> for line in changed_gaps(planned, planned.assign(gap=[0.0, -1.5])):
    ...     print(line)
    newly short or worse: 1 interval
      Mon 2026-11-30 09:30  calls: -1.5 of 8, was -1
    less short: 1 interval
    """
    planned = coverage[["queue", "interval", "gap"]]
    both = gaps.merge(planned, on=["queue", "interval"], suffixes=("", "_planned"))
    change = both["gap"] - both["gap_planned"]
    worse = both[(change < -SMALL) & (both["gap"] < -SMALL)].sort_values(["gap", "queue", "interval"])
    less_short = int(((change > SMALL) & (both["gap_planned"] < -SMALL)).sum())
    lines = [f"newly short or worse: {counted(len(worse), 'interval')}"]
    row: Any
    for row in worse.head(most).itertuples():
        what = f"{signed(row.gap)} of {row.scheduled:g}, was {signed(row.gap_planned)}"
        lines.append(f"  {row.interval:%a %Y-%m-%d %H:%M}  {row.queue}: {what}")
    if len(worse) > most:
        lines.append(f"  ... and {len(worse) - most} more")
    return lines + ([f"less short: {counted(less_short, 'interval')}"] if less_short else [])


def short_in_all(gaps: pd.DataFrame) -> str:
    """How many intervals are short and by how much, in words, in the unit of the summary.

    Parameters
    ----------
    gaps : pandas.DataFrame
        queue, interval, gap.

    Returns
    -------
    str
        One sentence without a full stop.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> short_in_all(pd.DataFrame({"queue": "calls", "interval": times, "gap": [-1.5, 2.0]}))
    '1 interval short in all, by 0.75 agent-hours'
    """
    short = gaps.loc[gaps["gap"] < -SMALL, "gap"]
    if short.empty:
        return "no interval is short"
    hours = -float(short.sum()) * interval_minutes(gaps) / 60.0
    return f"{counted(len(short), 'interval')} short in all, by {round(hours, 2):,g} agent-hours"


def signed(number: float) -> str:
    """A gap with its sign; none where it is nothing."""
    return f"{number:+g}" if abs(number) > SMALL else "0"


def counted(number: int, noun: str) -> str:
    """A number with its noun in the singular or the plural."""
    return f"{f'{number:,}' if number else 'no'} {noun}{'s' * (number != 1)}"


def listed(table: pd.DataFrame, most: int = 40) -> list[str]:
    """The rows of a table as lines of text, a moment or a date as people write them.

    Parameters
    ----------
    table : pandas.DataFrame
        Any.
    most : int
        Rows shown; a last line counts the others.

    Returns
    -------
    list of str
        One line for each row.

    Examples
    --------
    >>> day = pd.Timestamp("2026-12-06")
    >>> listed(pd.DataFrame({"agent": ["007"], "date": [day], "what": ["works on leave"]}))
    ['007  Sun 2026-12-06  works on leave']
    """
    rows = table.head(most).itertuples(index=False)
    lines = ["  ".join(filter(None, map(_word, row))) for row in rows]
    return lines + ([f"... and {len(table) - most} more"] if len(table) > most else [])


def _word(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return (
            f"{value:%a %Y-%m-%d}"
            if value == value.normalize() and value.tz is None
            else f"{value:%a %Y-%m-%d %H:%M}"
        )
    if value is pd.NaT:
        return "whole week"
    return f"{value:g}" if isinstance(value, float) else str(value)
