"""Tables that the tests of rosters are made from: plain people, two shifts, a week in Seoul."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pandas as pd
import pytest

from staffing import calendar
from staffing.model import Break, Limit, Roster, Rules, Shift
from staffing.roster import several

SEOUL = "Asia/Seoul"
MONDAY = dt.date(2026, 11, 30)
LUNCH = Break("lunch", 60, False, (2.0, 3.0))
EARLY = Shift("early", "shop", dt.time(8), 9, (LUNCH,))
LATE = Shift("late", "shop", dt.time(14), 9, (LUNCH,))
BOTH = (EARLY, LATE)
OPEN = dict.fromkeys(range(8, 23), 1.0)


def day(number: int) -> pd.Timestamp:
    """The date of a day of the week, Monday is 0."""
    return pd.Timestamp(MONDAY + dt.timedelta(days=number)).as_unit("us")


def need(
    by_hour: Mapping[int, float] | Iterable[Mapping[int, float]] = OPEN,
    *,
    queue: str = "calls",
    team: str = "shop",
    days: int = 7,
    start: dt.date = MONDAY,
    timezone: str = SEOUL,
) -> pd.DataFrame:
    """REQUIREMENT by the hour, alike on every day, or with its own hours for each."""
    each = [by_hour] * days if isinstance(by_hour, Mapping) else list(by_hour)
    rows = [
        (calendar.at(start + dt.timedelta(days=number), 60 * hour, timezone), float(heads))
        for number, hours in enumerate(each)
        for hour, heads in hours.items()
    ]
    interval = pd.DatetimeIndex([moment for moment, _ in rows]).as_unit("us")
    heads = [heads for _, heads in rows]
    return pd.DataFrame(
        {
            "queue": queue,
            "team": team,
            "interval": interval,
            "load": heads,
            "agents": heads,
            "scheduled": heads,
        }
    )


def people(count: int, *, team: str = "shop", hours: float = 40.0, first: int = 1) -> pd.DataFrame:
    """AGENTS with names in several scripts."""
    names = itertools.cycle(["김민지", "አበበ በቀለ", "ಅನಿತಾ ರಾವ್", "Amina Juma", "Ana Núñez"])
    ids = [f"{number:03d}" for number in range(first, first + count)]
    return pd.DataFrame(
        {
            "agent": pd.Series(ids, dtype="str"),
            "name": pd.Series([next(names) for _ in ids], dtype="str"),
            "team": team,
            "contract": "full",
            "hours_week": hours,
        }
    )


def asked(*rows: tuple[str, int, int, str, str, float]) -> pd.DataFrame:
    """REQUESTS from (agent, first day, last day, kind, shift, price)."""
    table = pd.DataFrame(rows, columns=["agent", "start", "end", "kind", "shift", "price"])
    return table.assign(start=[day(row[1]) for row in rows], end=[day(row[2]) for row in rows])


def leave(*rows: tuple[str, int, int, float]) -> pd.DataFrame:
    """TIMEOFF from (agent, first day, last day, credit)."""
    table = pd.DataFrame(rows, columns=["agent", "start", "end", "credit_hours"])
    return table.assign(kind="AL", start=[day(row[1]) for row in rows], end=[day(row[2]) for row in rows])


def worked(agent: str, shift: Shift, days: Iterable[int]) -> pd.DataFrame:
    """ASSIGNMENTS of one person; -1 is last Sunday."""
    dates = [MONDAY + dt.timedelta(days=number) for number in days]
    times = {
        name: pd.DatetimeIndex([calendar.at(date, minute, SEOUL) for date in dates]).as_unit("us")
        for name, minute in (("start", shift.start_minute), ("end", shift.end_minute))
    }
    return pd.DataFrame(
        {
            "agent": agent,
            "date": pd.DatetimeIndex(dates).as_unit("us"),
            "team": shift.team,
            "shift": shift.name,
            **times,
            "paid_hours": shift.paid_hours,
        }
    )


def days_of(made: Roster, agent: str = "001") -> dict[int, str]:
    """Day -> shift of one person."""
    own = made.assignments[made.assignments["agent"] == agent]
    return {(date.date() - MONDAY).days: shift for date, shift in zip(own["date"], own["shift"], strict=True)}


FREE = Rules(
    days_week=Limit(),
    days_in_row=Limit(),
    days_off_together=Limit(),
    rest_hours=0.0,
    same_shift_in_week=None,
    rotate=None,
    fair_lates=0.0,
)
MORNINGS = dict.fromkeys(range(8, 14), 1.0)
EVENINGS = dict.fromkeys(range(17, 23), 1.0)


def one_rule(**changed: object) -> Rules:
    """No rule but these."""
    return Rules(**{field: getattr(FREE, field) for field in FREE.__dataclass_fields__} | changed)


@contextmanager
def raw_bounds() -> Iterator[list[float]]:
    """The bounds of all rosters made, before the cost limits them."""
    seen: list[float] = []
    joined = several._Weeks.roster

    def told(weeks: several._Weeks, seconds: float) -> Roster:
        seen.append(weeks.bound)
        return joined(weeks, seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(several._Weeks, "roster", told)
        yield seen
