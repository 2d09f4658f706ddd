"""Breaks and surplus spread; Ctrl-C; nights, clocks, weeks and queues; rosters edited by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from roster_tables import (
    BOTH,
    EARLY,
    MORNINGS,
    OPEN,
    SEOUL,
    asked,
    days_of,
    need,
    one_rule,
    people,
    worked,
)  # fmt: skip

from staffing import coverage, lp, roster
from staffing.errors import DataError
from staffing.model import Break, Limit, Roster, Rules, Shift

LONG_LUNCH = Break("lunch", 60, False, (3.0, 5.0))
NINE = Shift("early", "shop", dt.time(9), 9, (LONG_LUNCH,))
NOON = Shift("late", "shop", dt.time(12), 9, (LONG_LUNCH,))


# Surplus and breaks.


def most_away(made: Roster) -> pd.Series:
    """Of each team's shift of each day, the largest share of its people at a break at one moment."""
    pauses = made.segments.query("activity != 'queue'").merge(
        made.assignments, on="agent", suffixes=("", "_of")
    )
    pauses = pauses[(pauses["start"] >= pauses["start_of"]) & (pauses["end"] <= pauses["end_of"])]
    shares = {}
    for key, own in pauses.groupby(["team", "start_of"]):
        held = own["agent"].nunique()
        away = [((own["start"] <= at) & (own["end"] > at)).sum() for at in own["start"]]
        shares[key] = max(away) / held
    return pd.Series(shares)


def test_ten_agents_with_a_last_week_leave_nobody_short_and_lunch_in_turns() -> None:
    """What ten people cover without a last week they cover with one, and no more than half are at lunch."""
    hours = {hour: 4.0 if hour < 13 else 6.0 if hour < 18 else 3.0 for hour in range(9, 21)}
    demand = need([hours] * 5 + [{}, {}])
    past = [worked(f"{at:03d}", (NINE, NOON)[at % 2], range(-7, -2)) for at in range(1, 11)]
    made = roster.assign(demand, [NINE, NOON], people(10), previous=pd.concat(past, ignore_index=True))
    assert made.shortages.empty
    assert most_away(made).max() <= 0.5


def test_surplus_is_spread_over_days_that_are_alike() -> None:
    """Forty alike people and the same need on five days: no day has a tenth more than another."""
    hours = dict.fromkeys(range(9, 21), 12.0)
    made = roster.assign(need([hours] * 5 + [{}, {}]), [NINE, NOON], people(40))
    on_day = made.assignments.groupby("date").size()
    assert len(on_day) == 5 and on_day.max() <= 1.1 * on_day.min()
    told = made.objective.set_index("part").loc["deep_surplus"]
    assert told["cost"] > 0 and told["unit"] == "agent-half-hours"


def half_hours(heads: float) -> pd.DataFrame:
    """The same need in every half hour of one day, 9:00 to 18:00."""
    times = pd.date_range("2026-11-30 09:00", periods=18, freq="30min", tz=SEOUL, unit="us")
    table = pd.DataFrame({"queue": "calls", "team": "shop", "interval": times})
    return table.assign(load=heads, agents=heads, scheduled=heads)


def test_breaks_lie_apart_where_nobody_is_missing() -> None:
    """People to spare all day: of twelve on a shift four, one third, are at lunch at a time."""
    rules = Rules(hours_week=Limit(min=8, max=8))
    made = roster.assign(half_hours(2.0), [NINE], people(12), rules, days=1)
    assert most_away(made).max() == pytest.approx(1 / 3)
    assert made.objective.set_index("part").loc["crowded_breaks", "cost"] == 0.0


def test_need_goes_before_lunch_in_turns_but_a_shift_is_never_away_as_a_whole() -> None:
    """All are needed in two of the three hours of the window: most lunch in the third, and one does not."""
    hours = dict.fromkeys(range(9, 18), 8.0) | {14: 0.0}
    demand = need(hours, days=1)
    rules = Rules(hours_week=Limit(min=8, max=8))
    made = roster.assign(demand, [NINE], people(8), rules, days=1)
    assert 0.5 < most_away(made).max() < 1.0
    told = made.objective.set_index("part").loc["crowded_breaks"]
    assert told["cost"] > 0 and told["amount"] > 0


def test_the_reasons_count_whole_and_part_breaks_apart() -> None:
    """On the queue, and half of those at a break for half of it: together what the table says."""
    shift = dataclasses.replace(NINE, breaks=(Break("break", 15, True, (1.0, 2.5)), LONG_LUNCH))
    rules = Rules(hours_week=Limit(min=8, max=8))
    made = roster.assign(half_hours(6.0), [shift], people(6), rules, days=1)
    there = made.shortages["why"].str.extract(r"(\d+) on the queue")[0].astype(float).fillna(0.0)
    half = made.shortages["why"].str.extract(r"(\d+) at a break for part of it")[0].astype(float).fillna(0.0)
    assert half.sum() > 0
    assert (there + half / 2).tolist() == (6.0 - made.shortages["short"]).tolist()


# Ctrl-C.


def interrupted_at(number: int) -> Callable[..., lp.Solution]:
    """`lp.solve` with Ctrl-C during the call of that number."""
    solve, calls = lp.solve, iter(range(1000))

    def solved(program: lp.Program, **limits: object) -> lp.Solution:
        answer = solve(program, **limits)
        return dataclasses.replace(answer, interrupted=next(calls) == number)

    return solved


def test_ctrl_c_ends_the_search_at_once_with_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """During the linear program there is nothing to keep; later the roster there is comes back as stopped."""
    demand = need({hour: 3.0 + (hour in (11, 16)) for hour in range(8, 23)})
    monkeypatch.setattr(lp, "solve", interrupted_at(0))
    with pytest.raises(KeyboardInterrupt):
        roster.assign(demand, BOTH, people(9))
    monkeypatch.undo()
    calls = interrupted_at(1)
    monkeypatch.setattr(lp, "solve", calls)
    made = roster.assign(demand, BOTH, people(9))
    assert made.status == "stopped" and len(made.assignments) == 45


# Days that are not like others.


def test_a_night_shift_belongs_to_the_day_it_starts() -> None:
    """22:00 to 6:00: dated by its start, cover after midnight counted, rest kept on both sides."""
    night = Shift("late", "shop", dt.time(22), 8, (Break("lunch", 30, False, (3.0, 5.0)),))
    morning = Shift("early", "shop", dt.time(6), 8, (Break("lunch", 30, False, (3.0, 5.0)),))
    hours = dict.fromkeys([*range(14), 22, 23], 1.0)
    agents, rules = people(3, hours=37.5), Rules(same_shift_in_week=None)
    previous = worked("001", night, [-1])
    made = roster.assign(need(hours), [morning, night], agents, rules, previous=previous)
    late = made.assignments.query("shift == 'late'")
    assert len(late) > 0
    assert (late["start"].dt.tz_localize(None).dt.normalize() == late["date"]).all()
    assert (late["end"].dt.hour == 6).all() and (late["end"].dt.day != late["start"].dt.day).all()
    assert 0 not in days_of(made, "001") or days_of(made, "001")[0] == "late"
    staffed = coverage.staffed(made.segments, need(hours))
    short = np.maximum(need(hours)["scheduled"] - staffed, 0)
    assert short.sum() == pytest.approx(made.shortages["short"].sum())
    for _, own in made.assignments.groupby("agent"):
        rest = own["start"].iloc[1:].to_numpy() - own["end"].iloc[:-1].to_numpy()
        assert (rest >= np.timedelta64(11, "h")).all()


def test_a_first_night_without_last_weeks_roster_says_who_could_serve_it() -> None:
    """Monday before six is Sunday's night shift's: the reason points to last week's roster."""
    night, morning = Shift("late", "shop", dt.time(22), 8), Shift("early", "shop", dt.time(6), 8)
    demand = need(dict.fromkeys([*range(14), 22, 23], 1.0))
    alone = roster.assign(demand, [morning, night], people(9), Rules(same_shift_in_week=None))
    first = alone.shortages[alone.shortages["interval"].dt.date == dt.date(2026, 11, 30)]
    assert len(first) == 6 * len(demand) / (7 * 16)
    why = "last week's night shift alone reaches it: --previous FOLDER says who is there"
    assert set(first["why"]) == {why}


def test_clock_changes_make_nights_longer_and_shorter() -> None:
    """On the night when the clock goes back a shift over it lasts an hour more, and is paid for it."""
    sunday = dt.date(2026, 10, 25)
    saturday = sunday - dt.timedelta(days=1)
    night = Shift("late", "shop", dt.time(22), 8)
    demand = need(
        [{22: 1.0, 23: 1.0}, dict.fromkeys([0, 1, 4, 5], 1.0)], start=saturday, timezone="Europe/Madrid"
    )
    rules = one_rule(hours_week=Limit(max=9))
    made = roster.assign(demand, [night], people(1), rules, start=saturday, days=2)
    first = made.assignments.iloc[0]
    assert (first["start"].hour, first["end"].hour, first["paid_hours"]) == (22, 6, 9.0)


def test_last_week_carries_on() -> None:
    """Two weeks in a row: rest, days in a row and rotation hold over the Sunday between them."""
    demand = need(dict.fromkeys(range(8, 23), 2.0))
    rules = Rules(rotate=math.inf)
    first = roster.assign(demand, BOTH, people(6), rules)
    later = demand.assign(interval=demand["interval"] + pd.Timedelta(days=7))
    second = roster.assign(later, BOTH, people(6), rules, previous=first.assignments)
    both = pd.concat([first.assignments, second.assignments]).sort_values(["agent", "date"])
    for _, own in both.groupby("agent"):
        rest = own["start"].iloc[1:].to_numpy() - own["end"].iloc[:-1].to_numpy()
        assert (rest >= np.timedelta64(11, "h")).all()
        steps = (own["date"].diff() != pd.Timedelta(days=1)).cumsum()
        assert steps.value_counts().max() <= 5
    usual = [table.groupby("agent")["shift"].first() for table in (first.assignments, second.assignments)]
    assert (usual[0] != usual[1]).all()


def test_two_teams_share_cross_trained_people_without_counting_them_twice() -> None:
    """Whoever can answer both queues answers one on a day; both queues are short by what that leaves."""
    calls, chat = (
        need(dict.fromkeys(OPEN, 1.0)),
        need(dict.fromkeys(OPEN, 1.0), queue="chat", team="help"),
    )
    skills = pd.DataFrame({"agent": ["001", "001", "002"], "queue": ["calls", "chat", "calls"]})
    demand = pd.concat([calls, chat], ignore_index=True)
    made = roster.assign(demand, BOTH, people(2), skills=skills)
    serving = made.segments.query("activity == 'queue'")
    on_day = serving.assign(date=serving["start"].dt.date).groupby(["agent", "date"])["queue"].nunique()
    assert (on_day == 1).all()
    assert set(serving.query("agent == '002'")["queue"]) == {"calls"}
    assert "chat" in set(serving.query("agent == '001'")["queue"])


def test_prices_of_single_rows_count() -> None:
    """A queue whose short half hours cost more is served first."""
    calls, chat = need(MORNINGS), need(MORNINGS, queue="chat")
    both = [calls.assign(price_short=10.0), chat.assign(price_short=50.0)]
    made = roster.assign(pd.concat(both, ignore_index=True), BOTH, people(1))
    assert set(made.shortages["queue"]) == {"calls", "chat"}
    assert set(made.segments.query("activity == 'queue'")["queue"]) == {"chat"}


def test_wrong_tables_are_told_all_at_once() -> None:
    """A request of no known kind, one for no known shift that ends too early, a team without shifts."""
    requests = asked(("001", 0, 0, "beg", "", 1.0), ("001", 3, 1, "want", "noon", 1.0))
    agents = pd.concat([people(1), people(1, team="night", first=2)], ignore_index=True)
    with pytest.raises(DataError) as told:
        roster.assign(need(), BOTH, agents, requests=requests)
    assert [problem.problem for problem in told.value.found] == [
        "team 'night' has 1 agents and no shift",
        "'beg' is no kind of request",
        "no shift is named 'noon'",
        "the end lies before the start",
    ]


# A roster that a person has edited.


def test_unchanged_days_keep_their_segments_and_changed_ones_get_breaks_in_the_middle() -> None:
    """One day is moved from early to late: all other segments stay as they were."""
    made = roster.assign(need(dict.fromkeys(range(8, 23), 2.0)), BOTH, people(4))
    pd.testing.assert_frame_equal(roster.segments(made.assignments, BOTH, kept=made.segments), made.segments)
    edited = made.assignments.copy()
    at = int(np.flatnonzero(edited["shift"] == "early")[0])
    edited.loc[at, "shift"] = "late"
    for name in ("start", "end"):
        edited.loc[at, name] += pd.Timedelta(hours=6)
    again = roster.segments(edited, BOTH, kept=made.segments)
    who, start, end = edited.loc[at, ["agent", "start", "end"]]
    mine = again[(again["agent"] == who) & (again["start"] >= start) & (again["start"] < end)]
    assert mine["activity"].tolist() == ["queue", "lunch", "queue"]
    assert mine["start"].dt.strftime("%H:%M").tolist() == ["14:00", "16:30", "17:30"]
    assert mine["queue"].tolist() == ["calls", "", "calls"]
    kept = made.segments.merge(again, how="inner")
    assert len(kept) == len(made.segments) - 3


def test_edited_hours_of_their_own_and_newcomers_are_understood() -> None:
    """Hours that no template has take the breaks that fit; an unknown queue is told."""
    short = worked("009", EARLY, [0]).assign(end=lambda table: table["start"] + pd.Timedelta(hours=3))
    pieces = roster.segments(short, BOTH, queues={"shop": "calls"})
    assert pieces["activity"].tolist() == ["queue"] and pieces["queue"].tolist() == ["calls"]
    with pytest.raises(DataError, match="which queue '009' of 'shop' answers"):
        roster.segments(short, BOTH)
    with pytest.raises(DataError, match="team 'night' has no shift"):
        roster.segments(short.assign(team="night"), BOTH, queues={"night": "calls"})
