"""Requests about parts of the day and days of the week: who can come when, in both engines."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from roster_tables import MONDAY, OPEN, asked, day, days_of, need, one_rule, people, worked
from test_roster_terms import SHIFTS, STARTS, by_heads, by_hours, cheapest
from test_site import lay

from staffing import roster, site, verify
from staffing.errors import DataError, PlanError
from staffing.model import Limit, Shift

WANTED = ("late", "early", "late", "early")
Days = tuple[str | None, ...]


def cells(requests: pd.DataFrame, **columns: list[str]) -> pd.DataFrame:
    """Requests with further columns."""
    return requests.assign(**columns)


def touches(name: str | None, begin: int, end: int) -> bool:
    """Whether a shift of six hours meets some hours of its day."""
    return name is not None and STARTS[name] < end and begin < STARTS[name] + 6


@pytest.mark.parametrize(
    ("kind", "hours", "weekdays", "against"),
    [
        pytest.param("forbid", "15:00-24:00", "",
                     lambda at, name: touches(name, 15, 24), id="not after 15:00"),
        pytest.param("forbid", "00:00-09:00, 21:00-23:00", "tue-wed",
                     lambda at, name: at in (1, 2) and (touches(name, 0, 9) or touches(name, 21, 23)),
                     id="two spans on two weekdays"),
        pytest.param("avoid", "08:30-12:00", "mon thu",
                     lambda at, name: at in (0, 3) and touches(name, 8.5, 12), id="not in the morning"),
        pytest.param("lock", "06:00-16:00", "wed",
                     lambda at, name: at == 2 and name not in ("early", "mid"), id="Wednesdays by day"),
        pytest.param("want", "15:00-22:00", "",
                     lambda at, name: name != "late", id="evenings wished for"),
        pytest.param("want", "", "fri", lambda at, name: False, id="no such weekday"),
    ],
)  # fmt: skip
def test_parts_of_the_day_cost_what_enumeration_says(kind, hours, weekdays, against) -> None:
    """Both engines find the cheapest days, and nothing is found broken."""
    table = asked(("001", 0, 3, kind, "", 35.0)).assign(hours=hours, weekdays=weekdays)
    hard = kind in ("forbid", "lock")

    def beyond(week: Days) -> float:
        days = sum(against(at, name) for at, name in enumerate(week))
        return (float("inf") if days else 0.0) if hard else 35.0 * days

    cheapest(WANTED, one_rule(hours_week=Limit()), beyond, requests=table)
    made = roster.assign(by_heads(WANTED, one_rule())[0], SHIFTS, people(1), one_rule(hours_week=Limit()),
                         requests=table, start=MONDAY, days=4)  # fmt: skip
    week = tuple(days_of(made).get(at) for at in range(4))
    lost = verify.wishes(made.assignments, table, start=MONDAY, days=4)
    expected = 0 if hard else sum(against(at, name) for at, name in enumerate(week))
    assert len(lost) == expected


def test_a_night_before_counts_for_the_morning_after() -> None:
    """Not before 8:00 on Tuesday: Monday's night until 6:00 is forbidden, Tuesday's own is not."""
    night = Shift("late", "shop", dt.time(22), 8)
    table = asked(("001", 1, 1, "forbid", "", 0.0)).assign(hours="00:00-08:00")
    hours = need([{22: 1.0, 23: 1.0}, {0: 1.0, 22: 1.0, 23: 1.0}, {0: 1.0}, *[{}] * 4])
    plan = pd.DataFrame({"team": "shop", "date": [day(0), day(1)], "shift": "late", "agents": 1.0})
    rules = one_rule(hours_week=Limit())
    for demand in (hours, plan):
        made = roster.assign(
            demand, [night], people(1), rules, requests=table, start=MONDAY, days=2, timezone="Asia/Seoul"
        )
        assert days_of(made) == {1: "late"}
        both = pd.concat([worked("001", night, [0]), made.assignments])
        told = verify.roster(
            both, made.segments, demand, people(1), rules, shifts=(night,), requests=table,
            start=MONDAY, days=2,
        )  # fmt: skip
        assert [(row.rule, row.date) for row in told.itertuples() if row.rule == "forbid"] == [
            ("forbid", day(0))
        ]


def test_hours_that_are_broken_are_found_and_told() -> None:
    """Work in forbidden hours; a lock to the morning on an evening; no week left is told as a request."""
    rules = one_rule(hours_week=Limit())
    demand, _ = by_hours(("late", None), rules)
    made = roster.assign(demand, SHIFTS, people(1), rules, days=2)
    table = asked(("001", 0, 1, "forbid", "", 0.0), ("001", 0, 0, "lock", "", 0.0))
    table = table.assign(hours=["18:00-24:00", "06:00-15:00"])
    told = verify.roster(
        made.assignments, made.segments, demand, people(1), rules, shifts=SHIFTS, requests=table,
        start=MONDAY, days=2,
    )  # fmt: skip
    assert told["what"].tolist() == [
        "works late, which a request forbids (18:00-24:00)", "locked to work (06:00-15:00), is late",
    ]  # fmt: skip
    strict = one_rule(hours_week=Limit(min=30, max=30))
    evenings = asked(("001", 0, 6, "forbid", "", 0.0)).assign(hours="07:30-24:00", weekdays="mon-wed")
    with pytest.raises(PlanError, match=r"drop the forbid .*\(requests\)"):
        roster.assign(need(OPEN), SHIFTS, people(1), strict, requests=evenings)


def test_wrong_cells_are_refused(tmp_path: Path) -> None:
    """No span, no weekday: by the library and with the line of the list; the same twice is told."""
    table = asked(("001", 0, 1, "forbid", "", 0.0), ("001", 0, 1, "avoid", "", 1.0))
    for columns, said in (
        ({"hours": ["9 to 5", ""]}, "'9 to 5' is no span of hours"),
        ({"weekdays": ["", "someday"]}, "'someday' is no weekday"),
    ):
        with pytest.raises(DataError, match=said):
            roster.assign(need(OPEN), SHIFTS, people(1), requests=cells(table, **columns))
    twice = pd.concat([table.iloc[:1], table.iloc[:1]], ignore_index=True)
    apart = cells(twice, hours=["00:00-09:00", "20:00-24:00"])
    crew = people(1, hours=30.0)
    assert roster.assign(need(OPEN), SHIFTS, crew, requests=apart).status == "optimal"
    with pytest.raises(DataError, match="stands here again"):
        roster.assign(need(OPEN), SHIFTS, people(1), requests=cells(twice, hours=["", ""]))
    text = (
        "agent,start,end,kind,shift,price,weekdays,hours\n"
        '08,2026-12-05,2026-12-06,forbid,,,,"00:00-09:00, 20:00-24:00"\n'
        "08,2026-12-05,2026-12-06,forbid,,,mon-fri,15:00-18:00\n"
    )
    read = site.load(lay(tmp_path, requests=text))
    assert read.requests["weekdays"].tolist() == ["", "mon-fri"]
    for wrong, said in (("15-18", "is no span of hours"), ("mo-fr", "is no weekday")):
        bad = text.replace("15:00-18:00" if "span" in said else "mon-fri", wrong)
        (problem,) = site.check(lay(tmp_path, requests=bad))
        assert said in problem.problem and problem.line == 3
