"""Last week's Sunday night is there on Monday morning: counted, shown, verified, and kept over edits."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

import pandas as pd
import pytest
from roster_tables import MONDAY, SEOUL, need, one_rule, people

from staffing import calendar, coverage, roster, verify
from staffing.model import Break, Limit, Queue, Roster, Shift

NIGHT = Shift("night", "shop", dt.time(22), 8, (Break("lunch", 30, True, (3.0, 5.0)),))
HOURS = dict.fromkeys((*range(6), 22, 23), 1.0)


def nights(start: dt.date, timezone: str = SEOUL) -> pd.DataFrame:
    """One needed from ten in the evening until six, every day."""
    return need(HOURS, start=start, timezone=timezone).drop_duplicates("interval", ignore_index=True)


@functools.cache
def two_weeks(timezone: str = SEOUL, monday: dt.date = MONDAY) -> tuple[Roster, Roster, dict[str, Any]]:
    """A week of nights, the one after it, and what `verify` needs for the second."""
    before = monday - dt.timedelta(days=7)
    given: dict[str, Any] = {"shifts": (NIGHT,), "agents": people(2, hours=32.0)}
    given["rules"] = one_rule(rest_hours=11.0, hours_week=Limit(min=20, max=41))
    first = roster.assign(nights(before, timezone), start=before, **given)
    known = given | {"start": monday, "previous": first.assignments}
    second = roster.assign(nights(monday, timezone), carried=first.segments, **known)
    return first, second, known | {"requirement": nights(monday, timezone)}


@pytest.mark.parametrize(
    ("timezone", "monday"),
    [
        (SEOUL, MONDAY),
        ("Europe/Madrid", dt.date(2026, 3, 30)),  # after the night of 23 hours
        ("Europe/Madrid", dt.date(2026, 10, 26)),  # after that of 25
    ],
)
def test_the_first_morning_is_covered(timezone: str, monday: dt.date) -> None:
    """Whoever began on Sunday at ten is on the queue until six on Monday, but for the break."""
    first, second, known = two_weeks(timezone, monday)
    midnight = calendar.at(monday, 0, timezone)
    sunday = first.assignments[first.assignments["end"] > midnight]
    assert len(sunday) == 1
    late = roster.carried(second.assignments, second.segments)
    assert set(late["agent"]) == set(sunday["agent"])
    assert (late["start"].min(), late["end"].max()) == (midnight, calendar.at(monday, 6 * 60, timezone))
    gaps = verify.gaps(second.segments, known["requirement"])
    morning = gaps[gaps["interval"] < calendar.at(monday, 6 * 60, timezone)]
    away = (late["activity"] == "lunch").sum() * 0.5
    assert -morning["gap"].clip(upper=0).sum() == pytest.approx(away)
    assert verify.roster(second.assignments, second.segments, **known).empty
    told = second.objective.set_index("part")
    assert told["amount"]["shortage"] == pytest.approx(-gaps["gap"].clip(upper=0).sum() * 2)
    assert told["cost"].sum() == pytest.approx(second.cost)


def test_without_the_segments_the_morning_is_short() -> None:
    """The list of shifts alone says nothing of queues: rest is kept, the morning is short, with a reason."""
    _, second, known = two_weeks()
    given = {name: value for name, value in known.items() if name != "requirement"}
    alone = roster.assign(known["requirement"], **given)
    assert len(roster.carried(alone.assignments, alone.segments)) == 0
    six = calendar.at(MONDAY, 6 * 60, SEOUL)
    short = [(made.shortages["interval"] < six).sum() for made in (second, alone)]
    assert short == [1, 6]
    assert second.cost < alone.cost
    at_lunch = second.shortages[second.shortages["interval"] < six]
    assert at_lunch["why"].str.contains("at a break").any()


def test_whoever_left_still_ends_the_night() -> None:
    """The agents' list of the new week has somebody else: the one who has left counts until six."""
    first, _, known = two_weeks()
    given = {name: value for name, value in known.items() if name != "requirement"}
    given["agents"] = people(2, hours=32.0, first=7)
    made = roster.assign(known["requirement"], carried=first.segments, **given)
    late = roster.carried(made.assignments, made.segments)
    assert set(late["agent"]) <= {"001", "002"} and len(late) == 3
    given["requirement"] = known["requirement"]
    assert verify.roster(made.assignments, made.segments, **given).empty


def test_a_segment_that_no_shift_of_last_week_has_is_named() -> None:
    """Without last week's shifts, or beyond their end, the same segments are strays."""
    _, second, known = two_weeks()
    nobody = {name: value for name, value in known.items() if name != "previous"}
    told = verify.roster(second.assignments, second.segments, **nobody)
    assert set(told["rule"]) == {"segment_outside"} and set(told["date"].dt.date) == {MONDAY}


def test_people_beyond_the_need_are_no_surplus_of_this_week() -> None:
    """Nobody is needed on Monday morning: what last week's shift does there costs this week nothing."""
    first, _, known = two_weeks()
    demand = need(dict.fromkeys((22, 23), 1.0) | dict.fromkeys(range(6), 0.0))
    given = {name: value for name, value in known.items() if name != "requirement"}
    with_them = roster.assign(demand, carried=first.segments, **given)
    without = roster.assign(demand, **given)
    assert with_them.cost == pytest.approx(without.cost)


def test_an_edited_week_keeps_the_first_morning() -> None:
    """One night is taken out by hand: the segments of last week's night stay where they are."""
    _, second, _ = two_weeks()
    late = roster.carried(second.assignments, second.segments)
    edited = second.assignments.iloc[1:]
    parts = roster.segments(edited, [NIGHT], kept=second.segments, carried=late)
    assert roster.carried(edited, parts)["start"].tolist() == late["start"].tolist()
    assert set(parts["agent"]) == set(edited["agent"]) | set(late["agent"])


def test_the_next_weeks_own_segments_are_not_carried() -> None:
    """A table that holds the planned week itself, or a later one, adds nobody to it."""
    _, second, known = two_weeks()
    given = {name: value for name, value in known.items() if name != "requirement"}
    again = roster.assign(known["requirement"], carried=second.segments, **given)
    late = roster.carried(second.assignments, second.segments)
    assert roster.carried(again.assignments, again.segments)["start"].tolist() == late["start"].tolist()


def test_the_coverage_has_them_on_the_queue() -> None:
    """What the reports show counts whoever is still there."""
    _, second, known = two_weeks()
    table = known["requirement"].assign(volume=1.0, aht=60.0)
    shown = coverage.measure(table, second.segments, [Queue("calls", "shop", ())])
    assert shown["staffed"].iloc[0] == 1.0
