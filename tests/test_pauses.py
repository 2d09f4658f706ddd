"""Meeting, lunch, breaks and pauses from the screen: in any hand-out nobody is on screen for too long."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from roster_tables import BOTH, MONDAY, need, people

from staffing import pauses, roster, shifts, verify
from staffing.model import Break, Limit, Meeting, Rules, Screen, Shift, Team

LUNCH = Break("lunch", 60, False, (3.0, 5.0))


def longest(breaks: tuple[Break, ...], hours: float) -> float:
    """The longest time between two breaks, over every way to take them within their windows. [h]"""
    edges = [
        (0.0, 0.0, 0.0),
        *((*pause.after_hours, pause.minutes / 60) for pause in breaks),
        (hours, hours, 0.0),
    ]
    return max(after[1] - before[0] - before[2] for before, after in itertools.pairwise(edges))


@settings(max_examples=60, deadline=None)
@given(
    hours=st.sampled_from([4.0, 6.0, 7.5, 8.0, 9.0, 12.0]),
    every=st.sampled_from([1.0, 1.5, 2.0, 2.5, 3.0]),
    minutes=st.sampled_from([5, 10, 15, 20]),
    lunch=st.sampled_from([None, (2.0, 3.0), (3.0, 5.0), (1.5, 1.5)]),
    meeting=st.sampled_from([None, 10, 15, 30]),
)
def test_nobody_is_on_the_screen_for_longer_however_breaks_are_taken(
    hours: float, every: float, minutes: int, lunch: tuple[float, float] | None, meeting: int | None
) -> None:
    """Windows lie apart, lunch keeps in its own, and no pair of neighbours leaves a longer stretch."""
    given_breaks = () if lunch is None or hours < 6 else (Break("lunch", 60, False, lunch),)
    team = Team(
        "care", breaks=given_breaks, screen=Screen(minutes, True, every),
        meeting=None if meeting is None else Meeting(meeting),
    )  # fmt: skip
    found = pauses.of_shift(team, hours)
    Shift("early", "care", dt.time(9), hours, found)  # refuses windows that meet
    assert longest(found, hours) <= every + 1e-9
    for own in (pause for pause in found if pause.activity == "lunch"):
        assert lunch is not None and lunch[0] <= own.after_hours[0] <= own.after_hours[1] <= lunch[1]
    # No pauses at all where none are due.
    if longest(tuple(p for p in found if p.activity != "break"), hours) <= every:
        assert all(pause.activity != "break" for pause in found)


def test_pauses_that_do_not_fit_are_refused() -> None:
    """An hour's pause has no room before lunch, and given breaks may end too late."""
    lunch = Break("lunch", 60, True, (0.7, 0.7))
    with pytest.raises(
        ValueError, match=r"every 0\.5 h fit beside the other breaks of team 'care' into a shift"
    ):
        pauses.of_shift(Team("care", breaks=(lunch,), screen=Screen(60, True, 0.5)), 4.0)
    with pytest.raises(ValueError, match="may end 6 h after its start, a shift of 5 h is over"):
        pauses.of_shift(Team("care", breaks=(LUNCH,)), 5.0)


def test_a_roster_keeps_the_pauses_and_a_missed_one_is_found() -> None:
    """Nine hours with a meeting and a pause every two hours are rostered clean; then a pause is missed."""
    team = Team("shop", breaks=(LUNCH,), screen=Screen(15, True, 2.0), meeting=Meeting(15))
    both = [dataclasses.replace(shift, breaks=pauses.of_shift(team, 9.0)) for shift in BOTH]
    demand, agents = need(dict.fromkeys(range(8, 23), 3.0)), people(8)
    made = roster.assign(demand, both, agents, Rules(rotate=None), teams=[team])
    clean = {"rules": Rules(rotate=None), "shifts": tuple(both), "start": MONDAY, "teams": [team]}
    assert verify.roster(made.assignments, made.segments, demand, agents, **clean).empty
    first = made.segments.groupby(["agent", made.segments["start"].dt.date]).first()
    assert set(first["activity"]) == {"meeting"} and first["paid"].all()
    assert made.shortages["why"].str.contains("in the meeting before duty").any()
    worked = made.segments.copy()
    at = worked.index[worked["activity"] == "break"][0]
    worked.loc[at, ["activity", "queue"]] = ["queue", "calls"]
    told = verify.roster(made.assignments, worked, demand, agents, **clean)
    assert set(told["rule"]) == {"break", "screen"}
    assert told.loc[told["rule"] == "screen", "what"].str.contains("at most 2 h").all()


def test_the_meeting_of_the_first_shift_lies_before_opening_where_it_may() -> None:
    """Open from 9 to 22: the early shift comes at 8:45 and answers from 9:00; else it comes at 9:00."""
    demand = need(dict.fromkeys(range(9, 22), 4.0))
    team = Team("shop", hours=(8, 9), breaks=(LUNCH,), meeting=Meeting(15, before_opening=True))
    early, late = shifts.pair(shifts.two_shift(demand, [team]).iloc[0], team)
    assert early.start == dt.time(8, 45) and early.breaks[0] == Break("meeting", 15, True, (0.0, 0.0))
    inside = dataclasses.replace(team, meeting=Meeting(15))
    other, _ = shifts.pair(shifts.two_shift(demand, [inside]).iloc[0], inside)
    assert other.start >= dt.time(9)
    rules = Rules(hours_week=Limit(max=40), rotate=None)
    made = roster.assign(demand, [early, late], people(12), rules)
    nine = made.segments[made.segments["start"].dt.strftime("%H:%M") == "09:00"]
    assert (nine["activity"] == "queue").all() and len(nine)
    before = made.segments[made.segments["end"].dt.strftime("%H:%M") == "09:00"]
    assert (before["activity"] == "meeting").all() and (before["paid"]).all()
    assert not (pd.to_datetime(made.shortages["interval"]).dt.hour == 9).any()
