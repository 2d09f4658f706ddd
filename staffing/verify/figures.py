"""The figures of a week counted again: coverage and summary from the segments, everybody's hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from staffing.model import Queue
from staffing.tables import AGENTS, ASSIGNMENTS, check, interval_minutes
from staffing.verify import facts
from staffing.verify.presence import gaps, recount
from staffing.verify.service import service

# The files hold six decimals; a sum over a week's intervals may be off by more than one of them.
SUM_SMALL = 1e-3
OF_QUEUES = ("needed", "on_queue", "over", "short", "intervals_short")
ON_CURVE = ("reached", "under_floor")


def figures(
    coverage: pd.DataFrame,
    summary: pd.DataFrame,
    assignments: pd.DataFrame,
    segments: pd.DataFrame,
    requirement: pd.DataFrame,
    *,
    curve: pd.DataFrame | None = None,
    queues: Iterable[Queue] = (),
) -> pd.DataFrame:
    """Totals of a plan that its own people and segments do not bear out.

    Counted again are the coverage's scheduled, staffed and gap, and the summary's needed, on_queue, over,
    short, intervals_short and paid_hours; with the curve also what is reached over each period of a target,
    and the intervals under its floor. Other service levels are a model's, and not counted.

    Parameters
    ----------
    coverage : pandas.DataFrame
        COVERAGE.
    summary : pandas.DataFrame
        team, queue, date (NaT: the whole week), measure, value.
    assignments, segments, requirement : pandas.DataFrame
        ASSIGNMENTS, SEGMENTS and REQUIREMENT of the same plan.
    curve : pandas.DataFrame, optional
        CURVE of the same plan.
    queues : iterable of Queue
        Those of the curve.

    Returns
    -------
    pandas.DataFrame
        agent and name (both empty), date (NaT: the week), rule (coverage or summary), what; sorted.

    Raises
    ------
    DataError
        Where a table has not the form of its contract.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul", unit="us")
    >>> need = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "load": 0.5, "agents": 1.0,
    ...                      "scheduled": 1.0})
    >>> day = pd.to_datetime(["2026-11-30"]).as_unit("us")
    >>> work = pd.DataFrame({"agent": ["007"], "date": day, "team": "care", "shift": "early",
    ...                      "start": times[:1], "end": times[:1] + pd.Timedelta("1h"), "paid_hours": 1.0})
    >>> parts = work[["agent", "start", "end"]].assign(activity="queue", queue="calls", paid=True)
    >>> told = need.assign(staffed=1.0, expected=1.0, gap=0.0, service_level=1.0, occupancy=0.5, why="")
    >>> sums = pd.DataFrame({"team": "care", "queue": "calls", "date": day, "measure": ["on_queue"],
    ...                      "value": [8.0]})
    >>> figures(told, sums, work, parts, need)["what"].tolist()
    ['on_queue of calls is 8, counted 1']
    """
    counted = gaps(segments, requirement)
    sums = _sums(counted, requirement)
    if curve is not None:
        sums |= _reached(service(segments, requirement, curve, queues))
    found = [*recount(coverage, counted), *_recounted(summary, sums, assignments)]
    return facts.told(found, {})


Sums = dict[tuple[str, str, int | None, str], float]


def _reached(periods: pd.DataFrame) -> Sums:
    """Team, queue, first day, measure -> value, read off the service curve."""
    return {
        (row.team, row.queue, row.start.toordinal(), measure): float(getattr(row, measure))
        for row in facts.rows(periods)
        for measure in ON_CURVE
    }


def _recounted(summary: pd.DataFrame, sums: Sums, assignments: pd.DataFrame) -> Iterator[facts.Broken]:
    """Rows of the summary that say another sum than is counted."""
    on_curve = ON_CURVE if any(measure in ON_CURVE for *_, measure in sums) else ()
    paid = check(assignments, ASSIGNMENTS).groupby("team")["paid_hours"].sum()
    sums = sums | {(str(team), "", None, "paid_hours"): float(hours) for team, hours in paid.items()}
    for row in facts.rows(summary):
        day = None if pd.isna(row.date) else row.date.toordinal()
        if row.measure not in ((*OF_QUEUES, *on_curve) if row.queue else ("paid_hours",)):
            continue
        head = f"{row.measure} of {row.queue or row.team} is {row.value:.10g}"
        due = sums.get((row.team, row.queue, day, row.measure))
        if due is None:
            yield "", day, "summary", f"{head}, which neither requirement nor roster has"
        elif not abs(row.value - due) <= SUM_SMALL:
            yield "", day, "summary", f"{head}, counted {round(due, 6):.10g}"


def _sums(counted: pd.DataFrame, requirement: pd.DataFrame) -> Sums:
    """Team, queue, day (None: the week), measure -> value."""
    hours = interval_minutes(requirement) / 60.0
    gap = counted["gap"].round(6)
    parts = pd.DataFrame(
        {
            "needed": counted["scheduled"] * hours,
            "on_queue": counted["staffed"] * hours,
            "over": gap.clip(lower=0) * hours,
            "short": (-gap).clip(lower=0) * hours,
            "intervals_short": (gap < 0).astype(float),
        }
    )
    team = requirement["team"].reset_index(drop=True)
    day = counted["interval"].map(pd.Timestamp.toordinal)
    found: Sums = {}
    for by in ([team, counted["queue"]], [team, counted["queue"], day]):
        for key, row in parts.groupby(by).sum().iterrows():
            place: Any = key
            date = int(place[2]) if len(place) > 2 else None
            found |= {(place[0], place[1], date, str(name)): float(value) for name, value in row.items()}
    return found


def hours(
    assignments: pd.DataFrame,
    agents: pd.DataFrame,
    timeoff: pd.DataFrame | None = None,
    *,
    start: dt.date,
    days: int = 7,
) -> pd.DataFrame:
    """Everybody whose hours, paid and credited together, are not those of the contract.

    The contract's hours are those of whole weeks, also for whoever starts or leaves within one.

    Parameters
    ----------
    assignments, agents : pandas.DataFrame
        ASSIGNMENTS and AGENTS.
    timeoff : pandas.DataFrame, optional
        TIMEOFF; the hours of a row are spread evenly over its days.
    start : datetime.date
        First day of the roster.
    days : int
        Days of the roster. [days]

    Returns
    -------
    pandas.DataFrame
        agent, name, contract_h [h], paid_h [h], credit_h [h], difference [h] (above zero: more than the
        contract's), in the order of the agents; who is not employed in these days is left out.

    Raises
    ------
    DataError
        Where a table has not the form of its contract.

    Examples
    --------
    >>> people = pd.DataFrame({"agent": ["007"], "name": ["김민지"], "team": ["sales"],
    ...                        "contract": ["full"], "hours_week": [40.0]})
    >>> hours(ASSIGNMENTS.empty(), people, start=dt.date(2026, 11, 30))[["agent", "difference"]].to_numpy()
    array([['007', -40.0]], dtype=object)
    """
    first, last = start.toordinal(), start.toordinal() + days - 1
    begin = pd.Timestamp(start)
    inside = facts.loose(assignments, ASSIGNMENTS)["date"].between(begin, begin + pd.Timedelta(days=days - 1))
    paid = assignments[inside].groupby("agent")["paid_hours"].sum().to_dict()
    _, credit = facts.time_off(timeoff)
    made = []
    for row in facts.rows(check(agents, AGENTS)):
        begins, ends = facts.employed(row)
        if (begins > last or ends < first) and row.agent not in paid:
            continue
        mine = {date: hours for date, hours in credit.get(row.agent, {}).items() if first <= date <= last}
        own = (row.hours_week * days / facts.WEEK, paid.get(row.agent, 0.0), sum(mine.values()))
        made.append((row.agent, row.name, *map(float, own), own[1] + own[2] - own[0]))
    columns = ["agent", "name", "contract_h", "paid_h", "credit_h", "difference"]
    table = pd.DataFrame(made, columns=columns).astype(
        {name: "str" if name in ("agent", "name") else "float64" for name in columns}
    )
    return table[table["difference"].abs() > facts.SMALL].reset_index(drop=True)
