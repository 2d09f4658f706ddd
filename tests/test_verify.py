"""A clean week made by hand verifies empty; every rule broken on purpose is named for that person and day."""

from __future__ import annotations

import dataclasses
import datetime as dt
import doctest
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing import calendar, verify
from staffing.coverage import totals
from staffing.errors import DataError
from staffing.model import Break, Limit, Overtime, Rules, Screen, Shift, Team
from staffing.tables import REQUESTS, SEGMENTS, SKILLS, TIMEOFF
from staffing.verify import presence

MONDAY = dt.date(2026, 11, 30)
MON, TUE, WED, THU, FRI, SAT, SUN = (MONDAY + dt.timedelta(days=day) for day in range(7))
SEOUL = "Asia/Seoul"

LUNCH = Break("lunch", 60, False, (3, 5))
PAUSE = Break("break", 15, True, (6, 8))
SHIFTS = (
    Shift("early", "presales", dt.time(9), 9, (LUNCH, PAUSE)),
    Shift("late", "presales", dt.time(13), 9, (LUNCH, PAUSE)),
    Shift("early", "aftersales", dt.time(8), 9, (LUNCH,)),
    Shift("late", "aftersales", dt.time(14), 9, (LUNCH,)),
    Shift("night", "aftersales", dt.time(22), 8, (Break("break", 30, True, (3, 5)),)),
)
FULL = Rules(rotate=math.inf)
RULES = {
    "full": FULL,
    "part": dataclasses.replace(FULL, hours_week=Limit(min=16, max=24), same_shift_in_week=None),
}
PEOPLE = [
    ("007", "김민지", "presales", "full", 40.0),
    ("008", "አበበ በቀለ", "presales", "full", 40.0),
    ("009", "Amina Wanjiru", "presales", "part", 20.0),
    ("101", "ಅನಿತಾ ಕುಮಾರ್", "aftersales", "full", 40.0),
    ("102", "Juma Otieno", "aftersales", "full", 40.0),
    ("103", "=Ó'Brien", "aftersales", "full", 40.0),
]
PLAN = {
    "007": dict.fromkeys((MON, TUE, WED, THU, FRI), "early"),
    "008": dict.fromkeys((WED, THU, FRI, SAT, SUN), "late"),
    "009": dict.fromkeys((SAT, SUN), "early"),
    "101": dict.fromkeys((MON, TUE, WED, THU, FRI), "early"),
    "102": dict.fromkeys((MON, TUE, FRI), "late"),  # on leave on Wednesday and Thursday
    "103": dict.fromkeys((WED, THU, FRI, SAT, SUN), "night"),  # Sunday's ends in the next week
}
TEAM = {agent: team for agent, _, team, _, _ in PEOPLE}
LAST_WEEK = {
    "007": dict.fromkeys((day - dt.timedelta(days=7) for day in (MON, TUE, WED, THU, FRI)), "late"),
    "101": dict.fromkeys((day - dt.timedelta(days=7) for day in (MON, TUE, WED, THU, FRI)), "late"),
}


def day(date: dt.date) -> pd.Timestamp:
    return pd.Timestamp(date).as_unit("us")


def worked(plan: dict[str, dict[dt.date, str]], timezone: str = SEOUL) -> pd.DataFrame:
    """ASSIGNMENTS of a plan, at the templates' times."""
    templates = {(shift.team, shift.name): shift for shift in SHIFTS}
    rows = []
    for agent, days in plan.items():
        for date, name in days.items():
            shift = templates[TEAM[agent], name]
            begin = calendar.at(date, shift.start_minute, timezone)
            end = calendar.at(date, shift.end_minute, timezone)
            rows.append((agent, day(date), shift.team, name, begin, end, shift.paid_hours))
    names = ["agent", "date", "team", "shift", "start", "end", "paid_hours"]
    return pd.DataFrame(rows, columns=names).astype({"date": "datetime64[us]"})


def stretches(
    agent: str, shift: Shift, begin: pd.Timestamp, end: pd.Timestamp, queue: str, late: float = 0.0
) -> list[tuple[Any, ...]]:
    """One shift's segments, each break ``late`` hours after the earliest moment of its window."""
    rows, now = [], begin
    for pause in shift.breaks:
        out = begin + pd.Timedelta(hours=pause.after_hours[0] + late)
        back = out + pd.Timedelta(minutes=pause.minutes)
        rows += [(agent, now, out, "queue", queue, True), (agent, out, back, pause.activity, "", pause.paid)]
        now = back
    return [*rows, (agent, now, end, "queue", queue, True)]


def present(assignments: pd.DataFrame, late: float = 0.0) -> pd.DataFrame:
    """SEGMENTS of the assignments: presales takes orders, aftersales gives help."""
    templates = {(shift.team, shift.name): shift for shift in SHIFTS}
    queue = {"presales": "orders", "aftersales": "help"}
    rows = [
        stretch
        for row in assignments.itertuples()
        for stretch in stretches(
            row.agent, templates[row.team, row.shift], row.start, row.end, queue[row.team], late
        )
    ]
    return pd.DataFrame(rows, columns=["agent", "start", "end", "activity", "queue", "paid"])


def needed(timezone: str = SEOUL, start: dt.date = MONDAY) -> pd.DataFrame:
    """Two queues open round the clock, one agent each."""
    times = calendar.grid(start, 7, 30, timezone)
    one = {"interval": times, "load": 0.4, "agents": 1.0, "scheduled": 1.0}
    queues = (("help", "aftersales"), ("orders", "presales"))
    return pd.concat([pd.DataFrame({"queue": q, "team": t, **one}) for q, t in queues], ignore_index=True)


def time_off(*rows: tuple[str, dt.date, dt.date, str, float]) -> pd.DataFrame:
    made = [(agent, day(start), day(end), kind, hours) for agent, start, end, kind, hours in rows]
    table = pd.DataFrame(made, columns=list(TIMEOFF.columns))
    return table.astype({"start": "datetime64[us]", "end": "datetime64[us]"})


def asked(*rows: tuple[str, dt.date, dt.date, str, str]) -> pd.DataFrame:
    made = [(agent, day(start), day(end), kind, shift) for agent, start, end, kind, shift in rows]
    table = pd.DataFrame(made, columns=list(REQUESTS.columns))
    return table.astype({"start": "datetime64[us]", "end": "datetime64[us]"})


LEAVE = ("102", WED, THU, "AL", 16.0)
WISHES = (
    ("007", TUE, TUE, "lock", "early"),
    ("008", MON, MON, "forbid", ""),
    ("008", WED, WED, "avoid", "late"),
    ("101", SAT, SUN, "want", "early"),
    ("102", WED, WED, "want", "late"),
)


def small(plan: dict[str, dict[dt.date, str]] = PLAN) -> dict[str, Any]:
    """Everything that `verify.roster` takes, of the clean week or of another plan."""
    agents = pd.DataFrame(PEOPLE, columns=["agent", "name", "team", "contract", "hours_week"])
    agents["starts_on"] = pd.to_datetime([None, None, "2026-12-05", None, None, None]).as_unit("us")
    agents["leaves_on"] = pd.to_datetime([None, None, None, "2026-12-04", None, None]).as_unit("us")
    assignments = worked(plan)
    return {
        "assignments": assignments,
        "segments": present(assignments),
        "requirement": needed(),
        "agents": agents,
        "rules": dict(RULES),
        "shifts": SHIFTS,
        "skills": pd.DataFrame({"agent": ["007", "007"], "queue": ["help", "orders"]}),
        "timeoff": time_off(LEAVE),
        "requests": asked(*WISHES),
        "previous": worked(LAST_WEEK),
        "start": MONDAY,
    }


def found(world: dict[str, Any]) -> list[tuple[str, dt.date | None, str]]:
    """agent, date and rule of every violation."""
    table = verify.roster(**world)
    dates = [None if pd.isna(date) else date.date() for date in table["date"]]
    return list(zip(table["agent"], dates, table["rule"], strict=True))


def with_plan(**changes: dict[dt.date, str]) -> dict[str, Any]:
    return small(PLAN | {agent.removeprefix("a"): days for agent, days in changes.items()})


def with_rules(agent: str, **changes: Any) -> dict[str, Any]:
    """One person alone under a contract of other rules."""
    world = small()
    mine = world["agents"]["agent"] == agent
    old = world["agents"].loc[mine, "contract"].item()
    world["agents"].loc[mine, "contract"] = "other"
    world["rules"]["other"] = dataclasses.replace(RULES[old], **changes)
    return world


def changed(table: str, agent: str, date: dt.date, **values: Any) -> dict[str, Any]:
    """One cell of the person's row of a day (of its first segment) changed."""
    world = small()
    rows = world[table]
    on = rows["date"] if table == "assignments" else rows["start"].dt.tz_localize(None).dt.normalize()
    first = rows.index[(rows["agent"] == agent) & (on == pd.Timestamp(date))][0]
    for name, value in values.items():
        rows.loc[first, name] = value
    return world


def added(table: str, *rows: tuple[Any, ...]) -> dict[str, Any]:
    world = small()
    more = pd.DataFrame(list(rows), columns=list(world[table].columns)[: len(rows[0])])
    more = more.astype(world[table].dtypes[more.columns])
    world[table] = pd.concat([world[table], more], ignore_index=True)
    return world


def at(date: dt.date, hour: float) -> pd.Timestamp:
    return calendar.at(date, round(hour * 60), SEOUL)


def moved_by_half_an_hour() -> dict[str, Any]:
    """Saturday's shift of 009 begins and ends late, segments and all."""
    world = small()
    for table in ("assignments", "segments"):
        rows = world[table]
        mine = (rows["agent"] == "009") & (rows["start"] < at(SUN, 0))
        rows.loc[mine, ["start", "end"]] += pd.Timedelta("30min")
    return world


def with_day(agent: str, date: dt.date, day_of: str) -> dict[str, Any]:
    """The segments of one day replaced: hours and what is between, ``-`` for nothing, ``!`` for wrong pay."""
    world, words, mine = small(), day_of.split(), []
    for since, activity, until in zip(words[::2], words[1::2], words[2::2], strict=False):
        name = activity.rstrip("!")
        paid = (name != "lunch") ^ activity.endswith("!")
        if name != "-":
            queue = "orders" if name == "queue" else ""
            mine.append((agent, at(date, float(since)), at(date, float(until)), name, queue, paid))
    rows = world["segments"]
    other = rows[(rows["agent"] != agent) | (rows["start"].dt.tz_localize(None).dt.date != date)]
    world["segments"] = pd.concat(
        [other, pd.DataFrame(mine, columns=rows.columns).astype(rows.dtypes)], ignore_index=True
    )
    return world


def without_a_senior() -> dict[str, Any]:
    """All of presales are seniors, and nobody of them is there on Tuesday evening; Monday's is closed."""
    world = small()
    world["agents"]["senior"] = world["agents"]["team"] == "presales"
    need = world["requirement"]
    shut = (need["queue"] == "orders") & need["interval"].between(at(MON, 18), at(MON, 21.5))
    world["requirement"] = need[~shut].reset_index(drop=True)
    return world | {"teams": [Team("presales", senior_per_interval=Limit(min=1))]}


def last_sunday(rules: Rules) -> dict[str, Any]:
    """007 worked late on the Sunday before."""
    world = with_rules("007", **dataclasses.asdict(rules) | vars(rules))
    sunday = MON - dt.timedelta(days=1)
    world["previous"] = pd.concat([world["previous"], worked({"007": {sunday: "late"}})], ignore_index=True)
    return world


def with_coverage(**cells: float) -> dict[str, Any]:
    world = small()
    table = verify.gaps(world["segments"], world["requirement"])
    table[["agents", "expected", "service_level", "occupancy"]] = 1.0
    for name, value in cells.items():
        table.loc[20, name] = value
    world["coverage"] = table.assign(why="")
    return world


def without_a_row_of_coverage() -> dict[str, Any]:
    world = with_coverage()
    world["coverage"] = world["coverage"].drop(index=20)
    return world


BROKEN: dict[str, tuple[Callable[[], dict[str, Any]], tuple[str, dt.date | None, str]]] = {
    "unknown agent": (
        lambda: added("assignments", ("999", day(MON), "presales", "early", at(MON, 9), at(MON, 18), 8.0)),
        ("999", MON, "agent"),
    ),
    "a day outside the week": (
        lambda: added(
            "assignments",
            ("007", day(MON + dt.timedelta(days=7)), "presales", "early", at(SUN, 33), at(SUN, 42), 8.0),
        ),
        ("007", MON + dt.timedelta(days=7), "date"),
    ),
    "two shifts on one day": (
        lambda: added("assignments", ("007", day(TUE), "presales", "late", at(TUE, 13), at(TUE, 22), 8.0)),
        ("007", TUE, "one_shift_a_day"),
    ),
    "wrong team": (
        lambda: changed("assignments", "007", WED, team="aftersales"), ("007", WED, "team"),
    ),
    "not a shift of the team": (
        lambda: changed("assignments", "009", SAT, shift="night"), ("009", SAT, "shift"),
    ),
    "not the template's times": (moved_by_half_an_hour, ("009", SAT, "times")),
    "wrong paid hours": (
        lambda: changed("assignments", "101", TUE, paid_hours=9.0), ("101", TUE, "paid_hours"),
    ),
    "leave that stands in the grid alone": (
        lambda: small()
        | {"absences": pd.DataFrame({"agent": ["007", "102"], "date": [day(SAT), day(WED)], "kind": "AL"})},
        ("007", SAT, "absence"),
    ),
    "before the first day of the contract": (
        lambda: with_plan(a009=dict.fromkeys((FRI, SAT), "early")), ("009", FRI, "starts_on"),
    ),
    "after the last day of the contract": (
        lambda: small() | {"agents": small()["agents"].replace({"leaves_on": {day(FRI): day(THU)}})},
        ("101", FRI, "leaves_on"),
    ),
    "work on leave": (
        lambda: added("timeoff", ("008", day(MON), day(WED), "SICK", 0.0)), ("008", WED, "timeoff"),
    ),
    "a forbidden day": (
        lambda: added("requests", ("103", day(FRI), day(FRI), "forbid", "")), ("103", FRI, "forbid"),
    ),
    "a forbidden shift": (
        lambda: added("requests", ("103", day(FRI), day(FRI), "forbid", "night")), ("103", FRI, "forbid"),
    ),
    "a lock on a free day": (
        lambda: added("requests", ("007", day(SAT), day(SAT), "lock", "")), ("007", SAT, "lock"),
    ),
    "a lock on a day of leave": (
        lambda: added("requests", ("102", day(THU), day(THU), "lock", "late")),
        ("102", THU, "lock"),
    ),
    "a lock on the other shift": (
        lambda: added("requests", ("007", day(MON), day(MON), "lock", "late")), ("007", MON, "lock"),
    ),
    "too many hours": (
        lambda: with_rules("007", hours_week=Limit(max=39)), ("007", None, "hours_week"),
    ),
    "too few hours": (
        lambda: with_rules("007", hours_week=Limit(min=41)), ("007", None, "hours_week"),
    ),
    "fewer hours than the contract's": (
        lambda: with_plan(a007=dict.fromkeys((MON, TUE, WED, THU), "early")), ("007", None, "hours_week"),
    ),
    "more hours than leave has left": (
        lambda: with_plan(a102=dict.fromkeys((MON, TUE, FRI, SAT), "late")), ("102", None, "hours_week"),
    ),
    "fewer hours than leave has left": (
        lambda: with_plan(a102=dict.fromkeys((MON, TUE), "late")), ("102", None, "hours_week"),
    ),
    "too many days": (lambda: with_rules("007", days_week=Limit(max=4)), ("007", None, "days_week")),
    "too few days": (lambda: with_rules("007", days_week=Limit(min=6)), ("007", None, "days_week")),
    "too many days in a row": (
        lambda: with_rules("007", days_in_row=Limit(max=4)), ("007", FRI, "days_in_row"),
    ),
    "too few days in a row": (
        lambda: with_rules("102", days_in_row=Limit(min=2), hours_week=Limit()), ("102", FRI, "days_in_row"),
    ),
    "too many days in a row with last week's": (
        lambda: last_sunday(FULL), ("007", FRI, "days_in_row"),
    ),
    "more overtime than allowed": (
        lambda: with_rules("007", hours_week=Limit(max=30), overtime_week=Overtime(8)),
        ("007", None, "overtime_week"),
    ),
    "too long on the screen": (
        lambda: (
            with_day("007", MON, "9 queue 14 lunch 15 queue 16 break 16.25 queue 18")
            | {"teams": [Team("presales", screen=Screen(15, True, 4.0))]}
        ),
        ("007", MON, "screen"),
    ),
    "more people than seats": (lambda: small() | {"seats": 3}, ("", FRI, "seats")),
    "no senior in an evening": (without_a_senior, ("", TUE, "senior_per_interval")),
    "too many of a shift": (
        lambda: with_rules("007", shifts_week={"early": Limit(max=4)}), ("007", None, "shifts_week"),
    ),
    "too few of a shift": (
        lambda: with_rules("102", shifts_week={"late": Limit(min=6)}), ("102", None, "shifts_week"),
    ),
    "too few days off together": (
        lambda: with_rules("007", days_off_together=Limit(min=3)), ("007", None, "days_off_together"),
    ),
    "too short a rest": (
        lambda: with_plan(a009={SAT: "late", SUN: "early"})
        | {"rules": RULES | {"part": dataclasses.replace(RULES["part"], rest_hours=11.5)}},
        ("009", SUN, "rest_hours"),
    ),
    "too short a rest after last week": (
        lambda: last_sunday(dataclasses.replace(FULL, rest_hours=12, days_in_row=Limit(max=6))),
        ("007", MON, "rest_hours"),
    ),
    "two shifts in a week": (
        lambda: with_plan(a009={SAT: "early", SUN: "late"})
        | {"rules": RULES | {"part": dataclasses.replace(RULES["part"], same_shift_in_week=math.inf)}},
        ("009", SUN, "same_shift_in_week"),
    ),
    "the shift of last week": (
        lambda: with_plan(a007=dict.fromkeys((WED, THU, FRI, SAT, SUN), "late")) | {"requests": asked()},
        ("007", None, "rotate"),
    ),
    "a segment beyond the shift": (
        lambda: with_day("007", MON, "9 queue 12 lunch 13 queue 15 break 15.25 queue 19"),
        ("007", MON, "segment_outside"),
    ),
    "a segment on a free day": (
        lambda: added("segments", ("007", at(SUN, 9), at(SUN, 10), "queue", "orders", True)),
        ("007", SUN, "segment_outside"),
    ),
    "a segment of nobody": (
        lambda: added("segments", ("998", at(SUN, 9), at(SUN, 10), "queue", "orders", True)),
        ("998", SUN, "segment_outside"),
    ),
    "a hole in the shift": (
        lambda: with_day("007", MON, "9 queue 12 lunch 13 - 13.5 queue 15 break 15.25 queue 18"),
        ("007", MON, "segment_hole"),
    ),
    "a shift that ends early": (
        lambda: with_day("007", MON, "9 queue 12 lunch 13 queue 15 break 15.25"),
        ("007", MON, "segment_hole"),
    ),
    "a shift without segments": (lambda: with_day("007", FRI, ""), ("007", FRI, "segment_hole")),
    "two places": (
        lambda: added("segments", ("007", at(MON, 10), at(MON, 11), "queue", "help", True)),
        ("007", MON, "two_places"),
    ),
    "two places after midnight": (
        lambda: added("segments", ("103", at(SUN, 26), at(SUN, 26.5), "meeting", "", True)),
        ("103", SUN, "two_places"),
    ),
    "an unknown activity": (
        lambda: changed("segments", "007", MON, activity="nap"), ("007", MON, "activity"),
    ),
    "an unknown queue": (lambda: changed("segments", "007", MON, queue="chats"), ("007", MON, "queue")),
    "a queue without the skill": (
        lambda: changed("segments", "008", WED, queue="help"), ("008", WED, "skill"),
    ),
    "work that is not paid": (lambda: changed("segments", "007", MON, paid=False), ("007", MON, "paid")),
    "no lunch": (
        lambda: with_day("007", MON, "9 queue 15 break 15.25 queue 18"), ("007", MON, "break"),
    ),
    "two breaks": (
        lambda: with_day("007", MON, "9 queue 12 lunch 13 queue 15 break 15.25 queue 17 break 18"),
        ("007", MON, "break"),
    ),
    "a short lunch": (
        lambda: with_day("007", MON, "9 queue 12 lunch 12.5 queue 15 break 15.25 queue 18"),
        ("007", MON, "break"),
    ),
    "lunch before its window": (
        lambda: with_day("007", MON, "9 queue 11 lunch 12 queue 15 break 15.25 queue 18"),
        ("007", MON, "break"),
    ),
    "a break after its window": (
        lambda: with_day("007", MON, "9 queue 12 lunch 13 queue 17.5 break 17.75 queue 18"),
        ("007", MON, "break"),
    ),
    "a paid lunch": (
        lambda: with_day("007", MON, "9 queue 12 lunch! 13 queue 15 break 15.25 queue 18"),
        ("007", MON, "break"),
    ),
    "people counted who are not there": (lambda: with_coverage(staffed=9.0), ("", MON, "coverage")),
    "need that was never asked": (lambda: with_coverage(scheduled=2.0), ("", MON, "coverage")),
    "a gap that is none": (lambda: with_coverage(gap=5.0), ("", MON, "coverage")),
    "an interval not counted": (without_a_row_of_coverage, ("", MON, "coverage")),
}  # fmt: skip


FALSE = {  # column -> what is said instead
    ("coverage", "staffed"): 9.0,
    ("coverage", "gap"): 5.0,
    ("coverage", "scheduled"): 2.0,
    ("summary", "needed"): 1.0,
    ("summary", "on_queue"): 1.0,
    ("summary", "over"): 1.0,
    ("summary", "short"): 1.0,
    ("summary", "intervals_short"): 3.0,
    ("summary", "paid_hours"): 1.0,
}


def a_plan() -> dict[str, pd.DataFrame]:
    """What `verify.figures` takes: the clean week, its coverage, and its summary as the report makes it."""
    world = with_coverage()
    coverage = world["coverage"].assign(team=world["requirement"]["team"], volume=1.0)
    sums = totals(coverage)
    measures = [measure for table, measure in FALSE if table == "summary" and measure in sums]
    summary = sums.melt(["team", "queue", "date"], measures, var_name="measure")
    paid = world["assignments"].groupby("team", as_index=False)["paid_hours"].sum()
    paid = paid.rename(columns={"paid_hours": "value"}).assign(queue="", date=pd.NaT, measure="paid_hours")
    summary = pd.concat([summary, paid.astype({"date": "datetime64[us]"})], ignore_index=True)
    summary["value"] = summary["value"].astype(float)
    names = ("assignments", "segments", "requirement")
    return {"coverage": coverage, "summary": summary, **{name: world[name] for name in names}}


def test_true_figures_are_borne_out() -> None:
    """The coverage and the summary that the report makes of a plan agree with counting again."""
    plan = a_plan()
    assert len(plan["summary"]) == 2 * 8 * 5 + 2
    assert verify.figures(**plan).empty


@pytest.mark.parametrize(("place", "value"), FALSE.items(), ids=map("-".join, FALSE))
def test_every_falsified_figure_is_found(place: tuple[str, str], value: float) -> None:
    """Each figure of a day and of the week, changed by hand, is told with what was counted."""
    table, name = place
    plan = a_plan()
    if table == "coverage":
        plan["coverage"].loc[20, name] = value
        expected = [("coverage", day(MON))]
    else:
        rows = plan["summary"].index[plan["summary"]["measure"] == name][[0, -1]]
        plan["summary"].loc[rows, "value"] -= value
        expected = [("summary", date) for date in plan["summary"].loc[rows, "date"]]
    told = verify.figures(**plan)
    found = list(zip(told["rule"], told["date"], strict=True))
    assert sorted(map(str, found)) == sorted(map(str, expected))
    assert told["what"].str.contains(name).all() and told["what"].str.contains("counted").all()


def test_rows_taken_out_of_the_requirement_are_found() -> None:
    """One interval less to fill: the coverage has it still, and the sums are others; a whole day likewise."""
    plan = a_plan()
    plan["requirement"] = plan["requirement"].drop(index=20)
    told = verify.figures(**plan)
    assert "help at 10:00 is missing in the requirement" in set(told["what"])
    assert set(told["rule"]) == {"coverage", "summary"}
    plan = a_plan()
    tuesday = plan["requirement"]["interval"].dt.tz_localize(None).dt.date == TUE
    plan["requirement"], plan["coverage"] = plan["requirement"][~tuesday], plan["coverage"][~tuesday]
    told = verify.figures(**plan)
    assert set(told["rule"]) == {"summary"}
    assert told["what"].str.contains("which neither requirement nor roster has").any()


def test_hours_are_those_of_the_tables() -> None:
    """Paid and credited beside the contract's; who is exact is not named, nor who is not employed."""
    world = with_plan(a007=dict.fromkeys((MON, TUE, WED, THU), "early"))
    world["timeoff"] = time_off(("102", WED, WED + dt.timedelta(days=7), "AL", 40.0))
    world["agents"].loc[world["agents"]["agent"] == "103", "starts_on"] = day(MON + dt.timedelta(days=9))
    world["assignments"] = world["assignments"][world["assignments"]["agent"] != "103"]
    names = ("assignments", "agents", "timeoff", "start")
    table = verify.hours(**{name: world[name] for name in names})
    assert table.drop(columns="name").to_numpy().tolist() == [
        ["007", 40, 32, 0, -8],
        ["009", 20, 16, 0, -4],
        ["102", 40, 24, 25, 9],  # five of the eight days of leave
    ]
    fortnight = verify.hours(**{name: world[name] for name in names}, days=14).set_index("agent")
    assert fortnight.loc["102", ["contract_h", "credit_h"]].tolist() == [80, 40]


def test_a_kind_of_leave_is_only_told_as_its_code() -> None:
    """What people write beside a kind is in no violation."""
    world = added("timeoff", ("008", day(WED), day(WED), "SICK: back operation", 0.0))
    told = verify.roster(**world)["what"].tolist()
    assert told == ["works 13:00-22:00 on a day off (ABS)"]


def test_a_clean_week_has_no_violation() -> None:
    """Two teams, six people, five shifts, one week: nothing is broken, with the columns all the same."""
    table = verify.roster(**small())
    assert table.to_dict("records") == []
    assert list(table.columns) == ["agent", "name", "date", "rule", "what"]
    assert table.dtypes.astype(str).tolist() == ["str", "str", "datetime64[us]", "str", "str"]
    assert found(with_coverage()) == []


@pytest.mark.parametrize(("broken", "named"), BROKEN.values(), ids=BROKEN.keys())
def test_a_rule_broken_on_purpose_is_named(
    broken: Callable[[], dict[str, Any]], named: tuple[str, dt.date | None, str]
) -> None:
    """One thing is wrong: exactly that rule is named, for that person and that day."""
    assert found(broken()) == [named]


def test_every_rule_is_broken_once() -> None:
    """No rule that `verify` can name goes untried."""
    room = Path(str(verify.__file__)).parent
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(room.glob("*.py")))
    rules = set(re.findall(r'"([a-z_]+)", (?:f"|what\b|head\b|short\b)', source))
    # "summary" by FALSE, the others in the test files of the horizon, of pairs, rotation and training
    elsewhere = {
        "summary", "days_off_in_row", "hours_total", "not_after", "pairs", "rotation", "shifts_total",
        "training", "weekends",
    }  # fmt: skip
    assert rules == {rule for _, (_, _, rule) in BROKEN.values()} | elsewhere


def test_the_words_carry_the_numbers() -> None:
    """A planner reads what was counted beside what was allowed, and who it is."""
    table = verify.roster(**with_plan(a102=dict.fromkeys((MON, TUE), "late")))
    assert table[["name", "what"]].to_numpy().tolist() == [
        ["Juma Otieno", "works 16 h in the week of 2026-11-30, owes 24 h (40 h less 16 h credit)"]
    ]
    table = verify.roster(**last_sunday(FULL))
    assert table["what"].tolist() == ["works 6 days in a row from Sun 2026-11-29, at most 5"]


def test_priced_rules_may_be_broken() -> None:
    """A finite price makes a rule a wish: no violation, at its price."""
    wishes: dict[str, Any] = {
        "days_week": Limit(max=4, price=3),
        "days_in_row": Limit(max=2, price=3),
        "days_off_together": Limit(min=4, price=3),
        "hours_week": Limit(max=20, price=3),
        "same_shift_in_week": 4.0,
        "rotate": 20.0,
    }
    world = with_rules("008", **wishes)
    late = worked({"008": dict.fromkeys((TUE - dt.timedelta(days=7), WED - dt.timedelta(days=7)), "late")})
    world["previous"] = pd.concat([world["previous"], late], ignore_index=True)
    assert found(world) == []


@pytest.mark.parametrize(("days", "clean"), [((THU, FRI, SAT, SUN), True), ((THU, FRI, SAT), False)])
def test_whoever_starts_in_the_week_owes_what_can_still_be_worked(
    days: tuple[dt.date, ...], clean: bool
) -> None:
    """Forty hours from a Thursday on: four days are all there is, three are too few."""
    world = with_plan(a103=dict.fromkeys(days, "night"))
    world["agents"].loc[5, "starts_on"] = day(THU)
    assert found(world) == ([] if clean else [("103", None, "hours_week")])


@pytest.mark.parametrize(("days", "clean"), [((MON, TUE), True), ((MON,), False), ((MON, TUE, WED), False)])
def test_the_credit_of_leave_is_spread_over_its_days(days: tuple[dt.date, ...], clean: bool) -> None:
    """40 h over the seven days from Thursday: four are this week's, 17.1 h are owed, two days of 8 h fit."""
    world = with_plan(a102=dict.fromkeys(days, "late"))
    world["timeoff"] = time_off(("102", THU, THU + dt.timedelta(days=6), "AL", 40.0))
    world["requests"] = asked()
    assert found(world) == ([] if clean else [("102", None, "hours_week")])


def test_days_without_anything_to_answer_excuse() -> None:
    """Nothing is open from Wednesday on: two days are all that can be worked, and one is too few."""
    for days, clean in (((MON, TUE), True), ((TUE,), False)):
        world = with_plan(a101=dict.fromkeys(days, "early"), a102={}, a103={})
        world["agents"] = world["agents"].iloc[[0, 1, 2, 3]]
        need = world["requirement"]
        world["requirement"] = need[(need["queue"] == "orders") | (need["interval"] < at(WED, 0))]
        world["agents"]["leaves_on"] = world["agents"]["leaves_on"].where(world["agents"]["agent"] != "101")
        assert found(world) == ([] if clean else [("101", None, "hours_week")])


def test_two_weeks_are_judged_week_by_week() -> None:
    """Fourteen days: each week has its own hours, and the row of days runs on across both."""
    second = {date + dt.timedelta(days=7): "late" for date in (MON, TUE, WED, THU, FRI)}
    world = small({"007": PLAN["007"] | second})
    world["agents"] = world["agents"].iloc[:1]
    world["timeoff"], world["requests"] = time_off(), asked()
    world["requirement"] = pd.concat([world["requirement"], needed(start=MON + dt.timedelta(days=7))])
    assert found(world | {"days": 14}) == []
    first = dict.fromkeys((WED, THU, FRI, SAT, SUN), "early")
    again = small({"007": first | second})
    assert found(world | {"days": 14} | {name: again[name] for name in ("assignments", "segments")}) == [
        ("007", MON + dt.timedelta(days=7), "days_in_row")
    ]


@pytest.mark.parametrize(
    ("date", "hours"), [(dt.date(2026, 10, 24), 9.0), (dt.date(2026, 3, 28), 7.0), (dt.date(2026, 5, 2), 8.0)]
)
def test_a_night_with_a_change_of_clock_pays_what_passes(date: dt.date, hours: float) -> None:
    """22:00 to 06:00 in Madrid is nine hours in autumn and seven in spring: paid so, by the wall clock."""
    start = date - dt.timedelta(days=5)
    night = worked({"103": {date: "night"}}, "Europe/Madrid")
    world = small() | {
        "segments": present(night),
        "agents": small()["agents"].iloc[5:],
        "rules": dataclasses.replace(FULL, hours_week=Limit()),
        "requirement": needed("Europe/Madrid", start),
        "timeoff": None,
        "requests": None,
        "previous": None,
        "skills": None,
        "start": start,
    }
    assert found(world | {"assignments": night.assign(paid_hours=hours)}) == []
    assert found(world | {"assignments": night.assign(paid_hours=hours + 1)}) == [("103", date, "paid_hours")]


def test_tables_in_another_time_zone_say_the_same() -> None:
    """Moments are moments: the roster in UTC is as clean as on the site's clock."""
    world = small()
    for name in ("assignments", "segments"):
        for column in ("start", "end"):
            world[name][column] = world[name][column].dt.tz_convert("UTC")
    assert found(world) == []


PATTERN = st.text(alphabet="ELO", min_size=7, max_size=7)


@settings(max_examples=100, deadline=None)
@given(before=PATTERN, now=PATTERN)
def test_rules_of_a_week_agree_with_regular_expressions(before: str, now: str) -> None:
    """Days, rows, rest and shifts of any two weeks, counted a second way on letters."""
    names = {"E": "early", "L": "late"}
    monday = MONDAY - dt.timedelta(days=7)
    plan = {monday + dt.timedelta(days=n): names[x] for n, x in enumerate(before + now) if x != "O"}
    current = worked({"007": {date: shift for date, shift in plan.items() if date >= MONDAY}})
    past = worked({"007": {date: shift for date, shift in plan.items() if date < MONDAY}})
    rules = dataclasses.replace(FULL, hours_week=Limit(), rest_hours=12)
    table = verify.roster(
        current, present(current), needed(), small()["agents"].iloc[:1], rules,
        shifts=SHIFTS, previous=past, start=MONDAY,
    )  # fmt: skip
    expected = set()
    if len(now.replace("O", "")) > 5:
        expected.add("days_week")
    if any(len(run[0]) > 5 and run.end() > 7 for run in re.finditer("[EL]+", before + now)):
        expected.add("days_in_row")
    if "OO" not in now:
        expected.add("days_off_together")
    if "LE" in before[-1] + now:  # 22:00 to 09:00 is 11 h
        expected.add("rest_hours")
    if "E" in now and "L" in now:
        expected.add("same_shift_in_week")
    if any(all(2 * week.count(x) > 7 - week.count("O") for week in (before, now)) for x in "EL"):
        expected.add("rotate")
    assert set(table["rule"]) == expected


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 300), st.sampled_from("ab")), max_size=12))
def test_gaps_agree_with_counting_minute_by_minute(parts: list[tuple[int, int, str]]) -> None:
    """Presence by sums equals presence minute by minute."""
    zero = at(MON, 6)
    times = pd.date_range(zero, periods=16, freq="15min", unit="us")
    one = {"interval": times, "team": "t", "load": 1.0, "agents": 1.0, "scheduled": 2.0}
    need = pd.concat([pd.DataFrame({"queue": name, **one}) for name in "ba"], ignore_index=True)
    minute = pd.Timedelta(minutes=1)
    segments = pd.DataFrame(
        [
            (str(n), zero + since * minute, zero + (since + length) * minute, "queue", name, True)
            for n, (since, length, name) in enumerate(parts)
        ],
        columns=list(SEGMENTS.columns),
    ).astype(SEGMENTS.empty().dtypes)
    table = verify.gaps(segments, need)
    heads = {name: np.zeros(1000) for name in "ab"}
    for since, length, name in parts:
        heads[name][since : since + length] += 1
    counted = [heads[name][15 * n : 15 * n + 15].mean() for name in "ba" for n in range(16)]
    assert table["staffed"].to_numpy() == pytest.approx(counted)
    assert (table["gap"] == table["staffed"] - 2.0).all()


def test_gaps_of_nobody_are_the_whole_need() -> None:
    """No segments: every interval lacks what it needs."""
    assert verify.gaps(SEGMENTS.empty(), needed())["gap"].unique().tolist() == [-1.0]


def test_diff_names_whose_day_changed() -> None:
    """A shift swapped, one dropped, one added, one moved to another team; the rest is not mentioned."""
    before = worked(PLAN)
    after = worked(
        PLAN | {"007": PLAN["007"] | {MON: "late"}, "009": {SUN: "early"}, "101": PLAN["101"] | {SAT: "late"}}
    )
    after.loc[(after["agent"] == "103") & (after["date"] == day(SUN)), "team"] = "presales"
    assert verify.diff(before, before).empty
    assert [tuple(row) for row in verify.diff(before, after).to_numpy()] == [
        ("007", day(MON), "early 09:00-18:00", "late 13:00-22:00"),
        ("009", day(SAT), "early 09:00-18:00", "OFF"),
        ("101", day(SAT), "OFF", "late 14:00-23:00"),
        ("103", day(SUN), "aftersales night 22:00-06:00", "presales night 22:00-06:00"),
    ]


def test_a_contract_without_rules_is_wrong_input() -> None:
    """A person whose contract nobody defined cannot be judged."""
    world = small()
    with pytest.raises(DataError, match="the contract 'part' has no rules"):
        verify.roster(**world | {"rules": {"full": FULL}})


def test_a_table_without_its_columns_is_wrong_input() -> None:
    """Every table is held against its contract first."""
    world = small()
    with pytest.raises(DataError, match="the column 'shift' is missing"):
        verify.roster(**world | {"assignments": world["assignments"].drop(columns="shift")})


def test_examples_in_every_file() -> None:
    """Docstrings of the parts of the room, too."""
    assert doctest.testmod(presence).failed == 0


def test_no_skills_table_means_the_own_team() -> None:
    """Without skills everybody serves the queues of the own team, and only those."""
    world = small() | {"skills": SKILLS.empty()}
    assert found(world) == []
    world["segments"].loc[0, "queue"] = "help"
    assert found(world) == [("007", MON, "skill")]
