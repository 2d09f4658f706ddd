"""Planned training: at its time or where it takes least, clear of breaks, and never left out in silence."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from roster_tables import FREE, MONDAY, SEOUL, leave, need, one_rule, people

from staffing import calendar, roster, verify
from staffing.errors import DataError
from staffing.model import Break, Limit, Roster, Rules, Shift, Training
from staffing.roster import reading, several

LUNCH = Break("lunch", 60, False, (2.0, 4.0))
EARLY = Shift("early", "shop", dt.time(8), 7, (LUNCH,))
LATE = Shift("late", "shop", dt.time(12), 7, (LUNCH,))
BOTH = (EARLY, LATE)
OPEN = dict.fromkeys(range(8, 19), 1.0)
FOUR_DAYS = one_rule(days_week=Limit(max=4))
TEN = (dt.time(10), dt.time(11, 30))
NEWS = Training("news", 90, agents=("001", "002"), days=("tue",), window=TEN)
TALKS = Training("talks", 30, team="shop", at_once=1, activity="one_to_one")


def planned(*trainings: Training, count: int = 4, **more: Any) -> tuple[Roster, dict[str, Any]]:
    """A roster of a small shop with training, and what `verify` needs to check it."""
    given = {"rules": FOUR_DAYS, "trainings": trainings, "start": MONDAY, "days": 7} | more
    demand = given.pop("demand", need(OPEN))
    shifts, agents = given.pop("shifts", BOTH), given.pop("agents", people(count, hours=24.0))
    made = roster.assign(demand, shifts, agents, **given)
    known = {
        name: given[name] for name in ("rules", "trainings", "start", "days", "timeoff") if name in given
    }
    return made, {"requirement": demand, "agents": agents, "shifts": tuple(shifts), **known}


def broken(
    made: Roster, known: dict[str, Any], segments: pd.DataFrame | None = None
) -> list[tuple[str, str]]:
    """Agent and words of each broken rule."""
    parts = made.segments if segments is None else segments
    told = verify.roster(made.assignments, parts, **known)
    assert set(told["rule"]) <= {"training"}
    return list(zip(told["agent"], told["what"], strict=True))


def at(number: int, hour: float, timezone: str = SEOUL) -> pd.Timestamp:
    return calendar.at(MONDAY + dt.timedelta(days=number), round(60 * hour), timezone)


def test_a_fixed_time_is_kept_and_its_people_are_there() -> None:
    """Tuesday 10:00 to 11:30: both work early then, on no queue, with lunch at another time."""
    made, known = planned(NEWS)
    assert made.training is not None
    assert made.training["start"].tolist() == [at(1, 10)] * 2
    assert made.training["why"].tolist() == ["", ""]
    for agent in NEWS.agents:
        own = made.segments[(made.segments["agent"] == agent) & (made.segments["start"] >= at(1, 0))]
        tuesday = own[own["end"] <= at(2, 0)]
        session = tuesday[tuesday["training"] == "news"].iloc[0]
        assert (session["activity"], session["queue"], session["paid"]) == ("training", "", True)
        assert tuesday["activity"].tolist().count("lunch") == 1
    assert broken(made, known) == []


def test_whoever_could_be_off_works_when_the_training_is() -> None:
    """Without it the person is best on the late shift; with it the week has room for the morning."""
    evenings = need(dict.fromkeys(range(13, 19), 1.0))
    one = {"count": 1, "demand": evenings}
    assert set(planned(**one)[0].assignments["shift"]) == {"late"}
    made, known = planned(Training("news", 90, agents=("001",), days=("tue",), window=TEN), **one)
    assert made.training is not None and made.training["why"].tolist() == [""]
    assert broken(made, known) == []


def test_one_to_ones_go_where_people_are_spare() -> None:
    """Three are needed all day, two from two to four: there the talks are, one after the other."""
    day = need(dict.fromkeys(range(9, 17), 3.0) | {14: 2.0, 15: 2.0}, days=1)
    only = Shift("early", "shop", dt.time(9), 8)
    made, known = planned(TALKS, demand=day, shifts=(only,), agents=people(3, hours=8.0), rules=FREE, days=1)
    assert made.training is not None
    assert {moment.hour for moment in made.training["start"]} == {14, 15}
    assert made.training["start"].is_unique
    told = made.objective.set_index("part")["amount"]
    assert (told["short_by_training"], told["training_not_held"]) == (0, 0)
    assert broken(made, known) == []


def test_whoever_finds_no_time_is_told_why() -> None:
    """Two talks fit into the coach's hour, three people need one, and a fourth is on leave."""
    hour = Training("talks", 30, team="shop", days=("tue",), window=(dt.time(13), dt.time(14)), at_once=1)
    rules = one_rule(days_week=Limit(max=5))
    made, known = planned(hour, timeoff=leave(("004", 1, 1, 6.0)), rules=rules, agents=people(4, hours=30.0))
    assert made.training is not None
    why = dict(zip(made.training["agent"], made.training["why"], strict=True))
    assert why["004"] == "no shift holds it: Tue 2026-12-01 on leave"
    others = sorted(why[agent] for agent in ("001", "002", "003"))
    assert others == ["", "", "at most 1 at once: all its times are taken"]
    assert made.training["start"].isna().sum() == 2
    assert broken(made, known) == []
    assert made.objective.set_index("part")["amount"]["training_not_held"] == 2


def test_a_break_that_must_lie_there_leaves_no_room() -> None:
    """Lunch begins from 10:00 to 12:00 whatever happens; four hours from nine on are told to have no room."""
    long = Training("news", 240, agents=("001",), days=("tue",), window=(dt.time(9), dt.time(13)))
    made, known = planned(long, shifts=(EARLY,), count=1)
    assert made.training is not None
    assert made.training["why"].tolist() == ["no shift of the team has room for it beside its breaks"]
    assert broken(made, known) == []


CLASH = Training("clash", 60, agents=("001",), days=("tue",), window=(dt.time(11), dt.time(12)))


def test_two_at_one_time_cannot_both_be() -> None:
    """The second of two trainings that overlap is listed, with what stands in its way."""
    made, known = planned(NEWS, CLASH)
    assert made.training is not None
    told = {(row.training, row.agent): row.why for row in made.training.itertuples()}
    assert sorted([told["clash", "001"], told["news", "001"]])[0] == ""
    assert "leave no room" in told["clash", "001"] + told["news", "001"]
    assert broken(made, known) == []


def cost_of(heads: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Prices of `roster.assign`, written down again: hours as two half hours, over the last axis."""
    total = np.zeros(heads.shape[:-1])
    for width_low, width_high, rate in (
        (0.0, 0.1, 1.0), (0.1, 0.25, 1.05), (0.25, 0.5, 1.1), (0.5, 0.75, 1.2), (0.75, 1.0, 1.4),
    ):  # fmt: skip
        part = np.clip(wanted - heads, width_low * wanted, width_high * wanted) - width_low * wanted
        total += 200.0 * rate * part.sum(axis=-1)
    for width_low, width_high, rate in (
        (0.0, 0.1, 1.0), (0.1, 0.25, 1.25), (0.25, 0.5, 1.5), (0.5, 1.0, 2.0), (1.0, np.inf, 3.0),
    ):  # fmt: skip
        top = wanted * width_high if np.isfinite(width_high) else np.full(wanted.shape, np.inf)
        part = np.clip(heads - wanted, width_low * wanted, top) - width_low * wanted
        total += 2.0 * rate * part.sum(axis=-1)
    return total


def everything(
    shifts: tuple[Shift, ...], minutes: int, opens: int, closes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Hours on the queue (8 to 20) of each shift x lunch x session of one person, and when the session is."""
    rows, starts = [], []
    for shift in shifts:
        begin, end = shift.start_minute, shift.end_minute
        lunches = range(begin + 120, begin + 151, 30) if shift.breaks else [0]
        for lunch, start in itertools.product(lunches, range(opens, closes - minutes + 1, 30)):
            if (
                start < begin
                or start + minutes > end
                or (lunch and lunch < start + minutes and start < lunch + 60)
            ):
                continue
            moments = np.arange(8 * 60, 20 * 60, 30)
            there = (moments >= begin) & (moments < end)
            if lunch:
                there &= (moments < lunch) | (moments >= lunch + 60)
            there &= (moments < start) | (moments >= start + minutes)
            rows.append(there.reshape(-1, 2).mean(axis=1))
            starts.append(start)
    return np.array(rows), np.array(starts)


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_is_below_the_best_of_all(seed: int) -> None:
    """Three people, two shifts, lunch in two places, one at a time in training: everything written down."""
    rng = np.random.default_rng(seed)
    wanted = rng.integers(0, 4, size=12).astype(float)
    lunch = Break("lunch", 60, False, (2.0, 2.5))  # one turn: no crowd is priced
    shifts = (
        Shift("early", "shop", dt.time(8), 7, (lunch,)),
        Shift("late", "shop", dt.time(12), 7, (lunch,)),
    )
    talk = Training("talk", 60, team="shop", window=(dt.time(9), dt.time(18)), at_once=1)
    heads, starts = everything(shifts, 60, 9 * 60, 18 * 60)
    apart = np.abs(starts[:, None] - starts[None, :]) >= 60
    best = np.inf
    for one in range(len(starts)):
        two, three = np.nonzero(apart & apart[one][:, None] & apart[one][None, :])
        best = min(best, float(cost_of(heads[one] + heads[two] + heads[three], wanted).min()))
    demand = need({8 + hour: heads for hour, heads in enumerate(wanted)}, days=1)
    made, known = planned(talk, demand=demand, shifts=shifts, agents=people(3, hours=6.0), rules=FREE, days=1)
    assert made.training is not None and (made.training["why"] == "").all()
    assert made.bound <= best + 1e-6 <= made.cost + 2e-6
    assert made.cost - best <= 0.5 * made.price_short
    assert broken(made, known) == []


@pytest.mark.parametrize("seed", range(3))
def test_times_are_the_best_of_all_for_the_shifts_there_are(seed: int) -> None:
    """One shift, no breaks: nothing but the times is free, and they are the cheapest."""
    wanted = np.random.default_rng(seed).integers(0, 4, size=12).astype(float)
    shift = Shift("early", "shop", dt.time(9), 8)
    talk = Training("talk", 60, team="shop", at_once=2)
    heads, starts = everything((shift,), 60, 9 * 60, 17 * 60)
    best = np.inf
    for each in itertools.product(range(len(starts)), repeat=3):
        own = starts[list(each)]
        if max(int(((own <= moment) & (moment < own + 60)).sum()) for moment in own) <= 2:
            best = min(best, float(cost_of(heads[list(each)].sum(axis=0), wanted)))
    demand = need({8 + hour: heads for hour, heads in enumerate(wanted)}, days=1)
    made, _ = planned(talk, demand=demand, shifts=(shift,), agents=people(3, hours=8.0), rules=FREE, days=1)
    assert made.cost == pytest.approx(best, abs=1.0 + 1e-6)
    assert made.bound <= best + 1e-6


def test_the_parts_are_the_cost_and_twice_is_the_same() -> None:
    """Cost by part sums to the cost, what is short is what the segments leave, and twice is the same."""
    made, known = planned(NEWS, TALKS, demand=need(dict.fromkeys(range(8, 19), 2.0)))
    assert made.objective["cost"].sum() == pytest.approx(made.cost)
    gaps = verify.gaps(made.segments, known["requirement"])["gap"]
    short = made.objective.set_index("part")["amount"]["shortage"]
    assert -gaps.clip(upper=0).sum() * 2.0 == pytest.approx(short)
    assert made.bound <= made.cost
    again, _ = planned(NEWS, TALKS, demand=need(dict.fromkeys(range(8, 19), 2.0)))
    pd.testing.assert_frame_equal(made.segments, again.segments)
    assert made.training is not None and again.training is not None
    pd.testing.assert_frame_equal(made.training, again.training)


@settings(max_examples=3, deadline=None)
@given(
    count=st.integers(2, 4),
    minutes=st.sampled_from([15, 30, 45, 90]),
    window=st.sampled_from([None, (dt.time(9), dt.time(12)), (dt.time(13, 15), dt.time(17))]),
    at_once=st.sampled_from([None, 1, 2]),
    level=st.integers(1, 4),
)
def test_no_roster_breaks_a_rule_of_training(
    count: int, minutes: int, window: Any, at_once: int | None, level: int
) -> None:
    """Whatever is asked for, what is held is held lawfully, and what is not has a reason."""
    talk = Training("talk", minutes, team="shop", window=window, at_once=at_once, days=("mon", "thu", "fri"))
    made, known = planned(talk, count=count, demand=need(dict.fromkeys(range(8, 19), float(level))))
    assert broken(made, known) == []
    assert made.training is not None
    assert (made.training["why"] == "").equals(made.training["start"].notna())
    assert made.bound <= made.cost + 1e-6


def moved(parts: pd.DataFrame, agent: str, minutes: int) -> pd.DataFrame:
    """The session of one person later, in exchange with the queue after it."""
    own = parts[(parts["agent"] == agent) & (parts["training"] != "")].index[0]
    changed = parts.copy()
    changed.loc[own, ["start", "end"]] += pd.Timedelta(minutes=minutes)
    before, after = parts.index.get_loc(own) - 1, parts.index.get_loc(own) + 1
    changed.iloc[before, changed.columns.get_loc("end")] += pd.Timedelta(minutes=minutes)
    changed.iloc[after, changed.columns.get_loc("start")] += pd.Timedelta(minutes=minutes)
    return changed


def with_sessions(parts: pd.DataFrame, agent: str, **values: Any) -> pd.DataFrame:
    """The session of one person with other values."""
    changed = parts.copy()
    mine = (changed["agent"] == agent) & (changed["training"] != "")
    for name, value in values.items():
        changed.loc[mine, name] = value
    return changed


BREACHES: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "outside its window": (lambda parts: moved(parts, "001", 15), "lies outside its days and window"),
    "as another activity": (
        lambda parts: with_sessions(parts, "001", activity="one_to_one"),
        "stands as one_to_one, due as training",
    ),
    "unknown": (lambda parts: with_sessions(parts, "001", training="=cmd()"), "is no planned training"),
    "left out": (
        lambda parts: with_sessions(parts, "001", training="", activity="queue", queue="calls"),
        "is not held, though 10:00-11:30 has room",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "words"), BREACHES.values(), ids=BREACHES)
def test_a_breach_on_purpose_is_named(change: Callable[[pd.DataFrame], pd.DataFrame], words: str) -> None:
    """One session is changed by hand: `verify` says which and how."""
    late_lunch = Shift("early", "shop", dt.time(8), 7, (Break("lunch", 60, False, (4.0, 5.0)),))
    made, known = planned(NEWS, shifts=(late_lunch, LATE))
    assert broken(made, known) == []
    told = broken(made, known, change(made.segments))
    assert "001" in {agent for agent, _ in told}
    assert any(words in what for _, what in told)


def test_too_many_at_once_twice_and_strangers_are_named() -> None:
    """The same segments under a stricter plan: at most one, for others, shorter."""
    made, known = planned(NEWS)
    strict = Training("news", 60, agents=("003",), days=("tue",), window=TEN, at_once=1)
    told = broken(made, known | {"trainings": (strict,)})
    whats = [what for _, what in told]
    assert "2 people in 'news' 10:00-11:30, at most 1 at once" in whats
    assert whats.count("'news' 10:00-11:30 is not for this person") == 2
    assert whats.count("'news' 10:00-11:30 is of 90 min, due 60 min") == 2
    parts = made.segments.copy()
    queue = parts[(parts["agent"] == "001") & (parts["activity"] == "queue")].index[-1]
    parts.loc[queue, ["activity", "queue", "training"]] = ["training", "", "news"]
    anywhere = Training("news", 90, agents=("001", "002"))
    assert any(
        "is held 2 times" in what for _, what in broken(made, known | {"trainings": (anywhere,)}, parts)
    )


def nights(monday: dt.date, timezone: str) -> pd.DataFrame:
    """Somebody needed from ten in the evening until six; an hour that the clock skips is no row."""
    hours = dict.fromkeys((*range(6), 22, 23), 1.0)
    return need(hours, start=monday, timezone=timezone).drop_duplicates("interval", ignore_index=True)


NIGHT = Shift("night", "shop", dt.time(22), 8, (Break("lunch", 30, True, (3.0, 5.0)),))


@pytest.mark.parametrize(
    ("timezone", "monday", "night"),
    [
        ("Asia/Seoul", dt.date(2026, 11, 30), 6),
        ("Europe/Madrid", dt.date(2026, 3, 23), 5),  # the night to Sunday has 02:00 to 03:00 left out
        ("Europe/Madrid", dt.date(2026, 10, 19), 5),  # and here twice
    ],
)
def test_a_night_over_midnight_and_changes_of_clock(timezone: str, monday: dt.date, night: int) -> None:
    """A training at one in the morning belongs to that date, though the shift began the day before."""
    demand = nights(monday, timezone)
    dates = (monday + dt.timedelta(days=night),)
    talk = Training("talk", 60, agents=("001", "002"), days=dates, window=(dt.time(0), dt.time(4)), at_once=1)
    made, known = planned(
        talk, demand=demand, shifts=(NIGHT,), agents=people(2, hours=40.0),
        rules=one_rule(hours_week=Limit(min=30, max=41)), start=monday,
    )  # fmt: skip
    assert made.training is not None and made.training["why"].tolist() == ["", ""]
    starts = made.training["start"]
    assert {moment.date() for moment in starts} == set(dates)
    assert {
        (end - start) / pd.Timedelta(hours=1) for start, end in zip(starts, made.training["end"], strict=True)
    } == {1}
    assert broken(made, known) == []


def test_a_window_that_the_clock_swallows_is_told() -> None:
    """From two to three on the night in which there is no such hour nobody can learn anything."""
    monday = dt.date(2026, 3, 23)
    demand = nights(monday, "Europe/Madrid")
    gone = Training("talk", 60, agents=("001",), days=("sun",), window=(dt.time(2), dt.time(3)))
    made, known = planned(
        gone, demand=demand, shifts=(NIGHT,), agents=people(2), start=monday,
        rules=one_rule(hours_week=Limit(min=30, max=41)),
    )  # fmt: skip
    assert made.training is not None
    assert made.training["why"].tolist() == ["the change of clock leaves its window too short"]
    assert broken(made, known) == []


def test_a_kept_roster_keeps_its_times() -> None:
    """Planned again with somebody newly on leave: everybody else's talk is when it was."""
    demand = need(dict.fromkeys(range(8, 19), 1.0))
    made, _ = planned(TALKS, demand=demand, count=5)
    assert made.training is not None
    ill = made.assignments["agent"].iloc[0]
    off = leave((ill, 0, 6, 24.0))
    again, known = planned(
        TALKS, demand=demand, count=5, timeoff=off, keep=made.assignments, kept=made.segments
    )
    assert again.training is not None
    both = made.training.merge(again.training, on=["training", "agent"], suffixes=("", "_again"))
    others = both[both["agent"] != ill]
    assert (others["start"] == others["start_again"]).mean() >= 0.75
    assert both.loc[both["agent"] == ill, "why_again"].iloc[0].startswith("no shift holds it: Mon")
    assert broken(again, known) == []


def test_names_in_any_script_and_hostile_ones_pass_unharmed() -> None:
    """A formula for a name and an id in Amharic stand in the tables as they were given."""
    agents = people(2, hours=24.0)
    agents["agent"] = ["አበበ", "=1+1"]
    name = '=HYPERLINK("x")\n오늘'
    made, known = planned(Training(name, 30, agents=("=1+1",)), agents=agents)
    assert made.training is not None
    assert made.training[["training", "agent", "why"]].to_numpy().tolist() == [[name, "=1+1", ""]]
    assert set(made.segments["training"]) == {"", name}
    assert broken(made, known) == []


def test_each_of_several_weeks_has_its_own_session() -> None:
    """Once a week for everybody, one at a time; nothing broken, and the bound holds without the sessions."""
    made, known = planned(TALKS, days=14, demand=need(OPEN, days=14))
    assert made.training is not None
    by_week = made.training["start"].dt.isocalendar().week
    assert made.training.groupby(by_week)["agent"].nunique().tolist() == [4, 4]
    assert len(made.training) == 8 and not made.training["why"].any()
    assert broken(made, known) == []
    assert made.bound <= made.cost == pytest.approx(made.objective["cost"].sum())
    plain, _ = planned(days=14, demand=need(OPEN, days=14))
    assert made.bound <= plain.cost


def test_classmates_of_one_credit_over_several_weeks() -> None:
    """All are alike but for paid leave, which two have on the same days and one on others."""
    away = leave(("001", 0, 1, 16.0), ("002", 0, 1, 16.0), ("003", 8, 9, 16.0))
    rules = one_rule(hours_week=Limit(min=16, max=40), hours_total=Limit(max=72), days_in_row=Limit(max=5))
    other = Training("news", 30, team="shop", days=(MONDAY + dt.timedelta(days=9),))
    made, known = planned(TALKS, other, days=14, demand=need(OPEN, days=14), rules=rules, timeoff=away)
    assert made.training is not None
    assert broken(made, known) == []
    assert made.training.groupby("training")["agent"].count().to_dict() == {"news": 4, "talks": 8}


def test_weeks_of_classmates_stay_whether_or_not_they_hold_a_session() -> None:
    """One of two alike works the morning of the training, the other one later: both weeks are priced."""
    given = reading.checked({"demand": need(OPEN), "agents": people(2, hours=24.0)}, BOTH, FOUR_DAYS, days=7)
    case = reading.read(given, BOTH, FOUR_DAYS, start=MONDAY, days=7, trainings=(NEWS,))
    (group,) = case.groups
    rows = np.array([[1, 1, 1, 1, 0, 0, 0], [2, 2, 2, 2, 0, 0, 0]])
    assert group.agents == NEWS.agents and group.training[0, 1].tolist() == [False, True, False]
    assert several._priced(rows, group, case).options.tolist() == rows.tolist()


def test_what_cannot_be_planned_is_refused() -> None:
    """Unknown people, nobody at all, one name twice; heads by shift know no training."""
    with pytest.raises(DataError, match="training 'news' names '009', who is not among the agents"):
        planned(Training("news", 30, agents=("009",)))
    with pytest.raises(DataError, match="training 'news' is for nobody"):
        planned(Training("news", 30, team="nowhere"))
    with pytest.raises(DataError, match="two trainings are named 'talks'"):
        planned(TALKS, TALKS)
    plan = pd.DataFrame(
        {"team": "shop", "date": [pd.Timestamp(MONDAY).as_unit("us")], "shift": "early", "agents": 1.0}
    )
    with pytest.raises(DataError, match="trainings needs demand by intervals"):
        planned(TALKS, demand=plan)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "agents, team or contract must say whose it is"),
        ({"team": "shop", "window": (dt.time(9), dt.time(9, 15))}, "window is shorter than the training"),
        ({"team": "shop", "minutes": 7}, "whole fives"),
    ],
)
def test_a_training_that_makes_no_sense_is_refused(values: dict[str, Any], words: str) -> None:
    """The noun says what is missing."""
    with pytest.raises(ValueError, match=words):
        Training(**({"name": "news", "minutes": 30} | values))


def test_a_training_of_another_week_asks_for_nothing() -> None:
    """A date in January leaves this week as it is."""
    later = Training("news", 30, team="shop", days=(dt.date(2027, 1, 5),))
    made, known = planned(later)
    without, _ = planned()
    assert made.training is None
    pd.testing.assert_frame_equal(made.segments, without.segments)
    assert broken(made, known) == []


def test_a_cross_trained_person_leaves_the_queue_of_the_day() -> None:
    """Two queues, one person for both: the session is cut out of the queue that is served."""
    both = pd.concat([need(OPEN), need(OPEN, queue="mail")], ignore_index=True)
    skills = pd.DataFrame({"agent": ["001", "001", "002"], "queue": ["calls", "mail", "calls"]})
    made, known = planned(
        TALKS, NEWS, demand=both, skills=skills, count=2, rules=Rules(days_week=Limit(max=4))
    )
    assert made.training is not None and (made.training["why"] == "").all()
    assert broken(made, known | {"skills": skills}) == []
