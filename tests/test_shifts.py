"""The two shifts: rush windows, every lawful pair at its exact cost, whole heads, and what drives them."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shift_tables import needed

from staffing import lp, shifts
from staffing.designing import covering
from staffing.designing.need import demand
from staffing.errors import DataError
from staffing.model import Break, Shift, Team
from staffing.tables import PLAN, SHIFTS, check

LUNCH = Break("lunch", 60, False, (2, 3))
TWO_RUSHES = [4, 5, 6, 7, 12, 12, 12, 8, 6, 6, 6, 6, 9, 13, 14, 14, 13, 9, 7, 6, 5, 5, 4, 4]


def windows(table):
    """Start and end of each rush, in short."""
    return [f"{row.start}-{row.end}" for row in shifts.peaks(table).itertuples()]


# --- rush windows


def test_one_rush():
    """A single hill is one window, its need the mean within it."""
    table = shifts.peaks(needed([4, 5, 6, 9, 12, 12, 9, 6, 5, 4]))
    assert table[["team", "start", "end"]].to_numpy().tolist() == [["presales", "11:00", "12:00"]]
    assert (table.loc[0, "agents"], table.loc[0, "share"]) == (12.0, 1.0)


def test_two_rushes_a_day_are_two_windows():
    """A noon and an afternoon rush with a valley between are found one by one, in the order of the day."""
    assert windows(needed(TWO_RUSHES)) == ["11:30-12:30", "16:00-17:00"]


def test_a_level_day_has_no_rush():
    """Equal need all day, nearly equal need, one interval, and no need at all: no window, right columns."""
    for day in ([7] * 20, [7, 7, 7.5, 7, 7, 7.4, 7, 7], [0] * 20):
        table = shifts.peaks(needed(day))
        assert table.empty
        assert list(table.columns) == ["team", "weekday", "start", "end", "agents", "share"]


def test_a_small_dip_does_not_split_a_rush_and_a_valley_does():
    """A dip below an eighth of the top is noise, a deeper one a valley."""
    hill = [4, 6, 9, 12, 12, 12, 12, 12, 9, 6, 4]
    dip, valley = list(hill), [4, 6, 9, 12, 12, 9, 8, 8, 9, 12, 12, 9, 6, 4]
    dip[5] = 11
    assert len(windows(needed(dip))) == 1
    assert len(windows(needed(valley))) == 2


def test_a_rush_at_opening_and_one_at_closing():
    """A day may begin or end at its busiest."""
    assert windows(needed([12, 12, 9, 6, 5, 5, 5, 5])) == ["09:00-10:00"]
    assert windows(needed([5, 5, 5, 5, 6, 9, 12, 12])) == ["12:00-13:00"]


def test_a_hill_below_half_of_the_top_is_no_rush():
    """A quiet evening hill beside a great noon is left out."""
    assert windows(needed([4, 8, 20, 20, 8, 2, 2, 6, 6, 2, 2])) == ["10:00-11:00"]


def test_rushes_of_a_noisy_week():
    """Two rushes are found in each of forty noisy weeks, each within half an hour of where it truly is."""
    for seed in range(40):
        draws = np.random.default_rng(seed).poisson(np.array(TWO_RUSHES) * 3, (7, 24))
        found = shifts.peaks(needed(*draws.tolist()))
        assert len(found) == 14
        hours = found[["start", "end"]].map(lambda clock: int(clock[:2]) + int(clock[3:]) / 60).to_numpy()
        assert np.abs(hours - [[11.0, 12.5], [15.5, 17.5]] * 7).max() <= 0.5


def test_calls_at_random_move_no_window_far():
    """Where calls are Poisson, nine of ten weekdays have each window within half an hour of its own."""
    calls = np.array(TWO_RUSHES) * 7.5  # of 240 s in half hours: as many erlangs as TWO_RUSHES
    still = shifts.peaks(needed(*[TWO_RUSHES] * 7))
    edges = still[["start", "end"]].map(lambda clock: int(clock[:2]) * 60 + int(clock[3:]))
    near = []
    for seed in range(30):
        drawn = np.random.default_rng(seed).poisson(calls, (7, 24)) / 7.5
        found = shifts.peaks(needed(*drawn.tolist()))
        for day in still["weekday"].unique():
            mine = found.loc[found["weekday"] == day, ["start", "end"]]
            mine = mine.map(lambda clock: int(clock[:2]) * 60 + int(clock[3:])).to_numpy()
            true = edges[still["weekday"] == day].to_numpy()
            near.append(len(mine) == len(true) and np.abs(mine - true).max() <= 30)
    assert np.mean(near) >= 0.9


def test_the_rush_of_real_calls_stays_where_it_is_from_week_to_week(shared):
    """A real bank's morning: one window a day, which starts where last week's did on 19 days of 20."""
    calls = pd.read_csv(shared / "data/bank_calls_2003/calls_30min.csv")
    times = pd.to_datetime(calls["start"]).dt.tz_localize("America/New_York").dt.as_unit("us")
    table = pd.DataFrame({"queue": "calls", "team": "bank", "interval": times, "load": 0.0})
    table["agents"] = table["scheduled"] = calls["offered"].astype(float)
    week = times.dt.tz_localize(None).dt.to_period("W")
    weeks = [shifts.peaks(part).set_index("weekday") for _, part in table.groupby(week)]
    moved, shared_time = [], []
    for one, other in itertools.pairwise(weeks):
        for day in one.index.intersection(other.index).unique():
            edges = [np.atleast_1d(part.loc[day, ["start", "end"]].map(minutes)) for part in (one, other)]
            assert edges[0].shape == edges[1].shape == (2,)
            moved.append(abs(edges[0][0] - edges[1][0]))
            both = min(edges[0][1], edges[1][1]) - max(edges[0][0], edges[1][0])
            shared_time.append(both / (max(edges[0][1], edges[1][1]) - min(edges[0][0], edges[1][0])))
    assert len(moved) > 100
    assert np.mean(np.array(moved) <= 30) >= 0.95
    assert np.mean(shared_time) >= 0.75


def minutes(clock):
    """Minutes from midnight."""
    return int(clock[:2]) * 60 + int(clock[3:])


def test_several_weeks_give_one_set_of_windows():
    """Two weeks that differ by chance have the windows of their average; each weekday stands once."""
    weeks = np.random.default_rng(3).poisson(np.array(TWO_RUSHES) * 5, (14, 24)).astype(float)
    both = shifts.peaks(needed(*weeks.tolist()))
    mean = shifts.peaks(needed(*((weeks[:7] + weeks[7:]) / 2).tolist()))
    pd.testing.assert_frame_equal(both, mean)
    assert (both.groupby("weekday").size() == 2).all()


def test_a_weekday_may_have_a_rush_of_its_own():
    """Saturday's customers come in the evening: its window is there, the noon of the others is not."""
    noon, evening = [4] * 6 + [12] * 5 + [4] * 13, [4] * 16 + [12] * 5 + [4] * 3
    found = shifts.peaks(needed(*[noon] * 5, evening)).set_index("weekday")
    assert sorted(found.index) == ["fri", "mon", "sat", "thu", "tue", "wed"]
    assert found.loc["sat", "start"] >= "16:30"
    assert (found.drop("sat")["start"] == "12:30").all()


def test_the_rush_of_each_weekday_counts_in_the_ranking():
    """Two of three days have the rush at noon: an overlap then covers two thirds of it."""
    noon, evening = [4] * 6 + [12] * 6 + [4] * 16, [4] * 20 + [12] * 6 + [4] * 2
    windows = pd.DataFrame(
        {
            "team": "presales",
            "weekday": ["mon", "tue", "wed"],
            "start": ["13:00", "13:00", "20:00"],
            "end": ["15:00", "15:00", "22:00"],
        }
    )
    table = needed(noon, noon, evening)
    found = shifts.two_shift(table, [Team("presales", hours=(8, 8))], windows=windows)
    at_noon = found[(found["late_start"] == "15:00") & (found["early_end"] == "17:00")].iloc[0]
    assert at_noon["rush_covered"] == 0.0
    wide = shifts.two_shift(table, [Team("presales", hours=(10, 10))], windows=windows).iloc[0]
    assert (wide["late_start"], wide["early_end"]) == ("13:00", "19:00")
    assert wide["rush_covered"] == pytest.approx(2 / 3)


def test_quarter_hours_find_the_same_rush():
    """The rule is in minutes and shares, so the length of an interval hardly matters."""
    assert windows(needed(np.repeat(TWO_RUSHES, 2).tolist(), freq="15min")) == ["11:15-12:15", "15:45-17:15"]


def test_queues_of_a_team_add_up_and_teams_stay_apart():
    """A team's rush is where its queues together are busy."""
    calls = needed([2, 2, 8, 8, 2, 2, 2, 2, 2, 2])
    chats = needed([2, 2, 2, 2, 2, 2, 2, 8, 8, 2], queue="chats")
    other = needed([2, 2, 2, 2, 9, 9, 2, 2, 2, 2], queue="returns", team="aftersales")
    table = shifts.peaks(pd.concat([calls, chats, other], ignore_index=True))
    assert table["team"].tolist() == ["aftersales", "presales", "presales"]
    assert table["start"].tolist() == ["11:00", "10:00", "12:30"]


def test_a_rush_past_midnight():
    """A night team's rush may pass midnight."""
    assert windows(needed([3, 3, 4, 9, 9, 4, 3, 3], start="2026-11-30 22:00")) == ["23:30-00:30"]


# --- the pairs


def brute_cost(days, early, late, price_short, price_over):
    """Least cost of whole heads without breaks, by trying every number; shifts are (first, behind last)."""
    total = 0.0
    for day in days:
        best = np.inf
        for heads in itertools.product(range(max(day) + 1), repeat=2):
            gaps = [
                heads[0] * (early[0] <= at < early[1]) + heads[1] * (late[0] <= at < late[1]) - need
                for at, need in enumerate(day)
            ]
            cost = sum(-price_short * gap if gap < 0 else price_over * gap for gap in gaps)
            best = min(best, cost)
        total += best
    return total


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), min_size=6, max_size=6), min_size=1, max_size=2))
def test_every_pair_and_its_cost_against_enumeration(days):
    """All lawful pairs of tiny weeks are there, each at the cost that trying all whole heads gives."""
    days[0][0] = days[0][-1] = 1
    table = needed(*days, freq="60min")
    found = shifts.two_shift(
        table, [Team("presales", hours=(3, 5))], step="60min", price_short=7.0, price_over=2.0, price_hour=0.0
    )
    lawful = [
        (early, late)
        for early in itertools.combinations(range(7), 2)
        for late in itertools.combinations(range(7), 2)
        if 3 <= early[1] - early[0] <= 5
        and 3 <= late[1] - late[0] <= 5
        and early[0] <= late[0]
        and early[1] <= late[1]
        and all(
            early[0] <= at < early[1] or late[0] <= at < late[1]
            for day in days
            for at, need in enumerate(day)
            if need
        )
    ]
    costs = {
        tuple(f"{9 + edge:02d}:00" for edge in (*early, *late)): 2 * brute_cost(days, early, late, 7.0, 2.0)
        for early, late in lawful
    }
    edges = ["early_start", "early_end", "late_start", "late_end"]
    assert {tuple(row) for row in found[edges].to_numpy()} == set(costs)
    for row in found.itertuples():
        assert row.cost == pytest.approx(
            costs[row.early_start, row.early_end, row.late_start, row.late_end], abs=1e-6
        )
        assert row.cost == pytest.approx(7.0 * row.short + 2.0 * row.over, abs=1e-6)
    assert found["cost"].round(6).is_monotonic_increasing
    assert found["rank"].tolist() == list(range(1, len(found) + 1))


def brute_with_lunch(day, early, late, lunches, price_short, price_over):
    """Least cost of whole heads and whole lunches of one interval, by trying every number."""

    def placed(heads, places):
        for counts in itertools.product(range(heads + 1), repeat=len(places)):
            if sum(counts) == heads:
                yield counts

    best = np.inf
    for heads in itertools.product(range(max(day) + 2), repeat=2):
        base = np.array([heads[0] * (early[0] <= at < early[1]) + heads[1] * (late[0] <= at < late[1]) - need
                         for at, need in enumerate(day)])  # fmt: skip
        for first in placed(heads[0], lunches):
            for second in placed(heads[1], lunches):
                gaps = base.copy()
                for place, one, other in zip(lunches, first, second, strict=True):
                    gaps[early[0] + place] -= one
                    gaps[late[0] + place] -= other
                best = min(best, float(np.where(gaps < 0, -price_short * gaps, price_over * gaps).sum()))
    return best


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_heads_with_lunch_against_enumeration(day):
    """With lunches, the plan's whole heads reach the least cost there is, and the pair's cost is below it."""
    day[0] = day[-1] = 1
    table = needed(day, freq="60min")
    team = Team("presales", hours=(4, 4), breaks=(replace(LUNCH, after_hours=(1, 2)),))
    found = shifts.two_shift(table, [team], step="60min", price_short=9.0, price_hour=0.0)
    assert found["early_end"].tolist() == ["13:00"]
    pair = shifts.pair(found.iloc[0], team)
    heads = shifts.plan(table, pair, price_short=9.0, price_hour=0.0)["agents"].to_numpy()
    best = 2 * brute_with_lunch(day, (0, 4), (2, 6), (1, 2), 9.0, 1.0)
    assert found.loc[0, "cost"] <= best + 1e-6
    # The cost of exactly these heads: the covering program with heads held there.
    cover = covering.cover(demand(table, "presales"), pair, covering.Prices(9.0, 1.0, 0.0))
    lower, upper = cover.program.lower.copy(), cover.program.upper.copy()
    lower[cover.heads[:, 0]] = upper[cover.heads[:, 0]] = heads
    held = replace(cover.program, lower=lower, upper=upper, integer=np.ones(len(lower), dtype=bool))
    assert lp.solve(held).cost == pytest.approx(best)


def test_unequal_lengths_are_among_the_pairs():
    """A short early shift beside a long late one wins where the evening is long and the morning thin."""
    best = shifts.two_shift(needed([2] * 12 + [6] * 16), [Team("presales", hours=(6, 9))])
    assert len(best) == 39  # 49 lengths, of which 10 leave a hole between the shifts
    first = best.iloc[0]
    assert first[["early_start", "early_end", "late_start", "late_end"]].tolist() == [
        "09:00", "15:00", "15:00", "23:00",
    ]  # fmt: skip
    assert (first["short"], first["over"], first["paid_hours"]) == (0.0, 0.0, 2 * 6 + 6 * 8)
    check(best, SHIFTS)


def test_a_quarter_hour_break_takes_half_a_half_hour():
    """Two heads on a break of 15 minutes leave one presence in that half hour."""
    team = Team("presales", hours=(4, 4), breaks=(Break("break", 15, True, (2, 2)),))
    table = needed([2] * 8, freq="30min")
    row = shifts.two_shift(table, [team], price_short=0.5, price_over=1.0, price_hour=0.0).iloc[0]
    assert row["short"] == pytest.approx(1.0)
    assert row["paid_hours"] == pytest.approx(8.0)


def test_unpaid_breaks_are_not_paid():
    """Paid hours leave the lunch out, so a price of hours sees it."""
    team = Team("presales", hours=(6, 6), breaks=(LUNCH,))
    row = shifts.two_shift(needed([1] * 12), [team], price_over=0.0, price_hour=3.0).iloc[0]
    assert row["short"] == pytest.approx(0.0)
    assert row["paid_hours"] == pytest.approx(10.0)
    assert row["cost"] == pytest.approx(30.0)


def test_a_hard_rush_comes_before_cost():
    """The overlap covers as much of the rush as any pair can; the table keeps the others behind."""
    table = needed(*[[10] * 11 + [12] * 6 + [10] * 11] * 2)
    assert windows(table) == ["14:30-17:30"] * 2
    hard = shifts.two_shift(table, [Team("presales", rush="hard")])
    free = shifts.two_shift(table, [Team("presales")])
    assert hard["rush_covered"].iloc[0] == hard["rush_covered"].max() > free["rush_covered"].iloc[0]
    assert hard["rush_covered"].round(9).is_monotonic_decreasing
    assert hard["cost"].iloc[0] > free["cost"].iloc[0]
    assert sorted(hard["cost"].round(6)) == sorted(free["cost"].round(6))
    assert free["cost"].round(6).is_monotonic_increasing


def test_a_priced_rush_pays_for_each_uncovered_half_hour():
    """The price is added once for each rush half hour of the day outside the overlap."""
    table = needed(*[TWO_RUSHES + [4] * 4] * 2)
    edges = ["early_start", "early_end", "late_start", "late_end"]
    free = shifts.two_shift(table, [Team("presales")]).set_index(edges)
    priced = shifts.two_shift(table, [Team("presales", rush=50.0)]).set_index(edges).loc[free.index]
    half_hours = 2 + 2  # 11:30-12:30 and 16:00-17:00
    added = 50.0 * half_hours * (1 - free["rush_covered"])
    assert (priced["cost"] - free["cost"]).to_numpy() == pytest.approx(added.to_numpy(), abs=1e-6)


def test_rush_windows_may_be_given():
    """A planner's own window takes the place of the one found."""
    own = pd.DataFrame({"team": ["presales"], "start": ["14:00"], "end": ["15:00"]})
    row = shifts.two_shift(needed([5] * 24), [Team("presales", hours=(7, 7), rush="hard")], windows=own).iloc[
        0
    ]
    assert (row["late_start"], row["early_end"], row["rush_covered"]) == ("14:00", "16:00", 1.0)


def test_pairs_that_fit_the_contracts_come_first():
    """Five days of 8 paid hours make 40; a cheaper pair of seven hours cannot, and stands behind."""
    table = needed(*[[3] * 28] * 5)
    contracts = pd.DataFrame({"team": ["presales"], "hours_min": [40], "hours_max": [40], "days_max": [5]})
    found = shifts.two_shift(table, [Team("presales", hours=(7, 8))], contracts=contracts)
    assert found["fits"].tolist() == [True] + [False] * 8
    best = found.iloc[0]
    assert (best["early_end"], best["late_start"]) == ("17:00", "15:00")
    assert found["cost"].min() < best["cost"]
    assert shifts.two_shift(table, [Team("presales", hours=(7, 8))])["fits"].all()


def test_an_evening_rule_raises_the_need():
    """From 19:00 three people must be there, though the queue needs one."""
    table = needed(*[[4] * 20 + [1] * 8] * 3)
    evening = Team("presales", evening=dt.time(19), evening_staff=3)
    found = shifts.two_shift(table, [evening])
    pair = shifts.pair(found.iloc[0], evening)
    heads = shifts.plan(table, pair, teams=[evening])
    late = heads[heads["shift"] == "late"]["agents"]
    assert (late >= 3).all()
    raised = shifts.shadow_prices(table, pair, teams=[evening])
    assert raised.loc[raised["interval"].dt.hour >= 19, "need"].unique().tolist() == [3.0]


def test_closed_days_and_days_without_need():
    """A closed day, and a day on which nobody is needed, ask for nobody; the others are not disturbed."""
    day = [3] * 28
    table = needed(day, None, [0] * 28, day)
    team = Team("presales", hours=(7, 7))
    found = shifts.two_shift(table, [team])
    alone = shifts.two_shift(needed(day), [team])
    assert found["cost"].to_numpy() == pytest.approx(2 * alone["cost"].to_numpy())
    heads = check(shifts.plan(table, shifts.pair(found.iloc[0], team)), PLAN)
    assert heads["date"].dt.day.tolist() == [30, 30, 1, 1, 2, 2, 3, 3]
    assert heads["agents"].tolist() == [3, 3, 0, 0, 0, 0, 3, 3]


def test_a_week_without_any_need():
    """Pairs cover the hours of the table at no cost, and nobody is planned."""
    table = needed([0] * 24)
    team = Team("presales")
    found = shifts.two_shift(table, [team])
    assert found["cost"].tolist() == [0.0] * 49
    assert (found["early_start"] == "09:00").all()
    assert (found["late_end"] == "21:00").all()
    pair = shifts.pair(found.iloc[0], team)
    assert shifts.plan(table, pair)["agents"].tolist() == [0.0, 0.0]
    assert shifts.shadow_prices(table, pair).empty


def test_what_no_pair_can_reach_is_short():
    """Twenty open hours and shifts of eight: the best pairs leave four hours, and say so."""
    table = needed([2] * 40, start="2026-11-30 03:00")
    found = shifts.two_shift(table, [Team("presales", hours=(6, 8))])
    assert len(found) == 50
    assert found.loc[0, "short"] == pytest.approx(2 * 8)
    assert found.loc[0, "over"] == pytest.approx(0)


def test_a_day_shorter_than_the_shortest_shift():
    """Four open hours and shifts of six: they stick out, and the rest is surplus."""
    found = shifts.two_shift(needed([2] * 8), [Team("presales", hours=(6, 9))])
    best = found.iloc[0]
    assert best["short"] == pytest.approx(0)
    assert best["over"] == pytest.approx(2 * 4)


def test_a_shift_past_midnight_belongs_to_its_start_day():
    """A night team's late shift ends on the next date and is planned on the date it starts."""
    table = needed([3] * 24, [3] * 24, start="2026-11-30 16:00")
    team = Team("presales", hours=(6, 6))
    found = shifts.two_shift(table, [team])
    row = found.iloc[0]
    assert row[["early_start", "early_end", "late_start", "late_end"]].tolist() == [
        "16:00", "22:00", "22:00", "04:00",
    ]  # fmt: skip
    assert (row["short"], row["over"]) == (pytest.approx(0), pytest.approx(0))
    early, late = shifts.pair(row, team)
    assert (late.start, late.hours, late.end_minute) == (dt.time(22), 6.0, 28 * 60)
    heads = shifts.plan(table, (early, late))
    assert heads["date"].dt.day.tolist() == [30, 30, 1, 1, 2, 2]
    assert heads["agents"].tolist() == [3, 3, 3, 3, 0, 0]


def test_round_the_clock_with_two_twelve_hour_shifts():
    """A whole week round the clock follows itself: Sunday's night shift covers the hours before Monday's."""
    day = [6 if 8 <= hour < 20 else 2 for hour in range(24)]
    table = needed(*[day] * 7, start="2026-11-30 00:00", freq="60min")
    found = shifts.two_shift(table, [Team("presales", hours=(12, 12))], step="60min")
    best = found.iloc[0]
    assert best[["early_start", "early_end", "late_start", "late_end"]].tolist() == [
        "08:00", "20:00", "20:00", "08:00",
    ]  # fmt: skip
    assert (best["short"], best["over"]) == (pytest.approx(0), pytest.approx(0))
    heads = shifts.plan(table, shifts.pair(best, Team("presales")))
    assert heads["agents"].tolist() == [6, 2] * 7


@pytest.mark.parametrize("start", ["2026-10-19", "2026-03-23"])
def test_a_change_of_clock_leaves_the_wall_clock_alone(start):
    """In the weeks of 23 and 25 hours the shifts and heads are those of any other week."""
    day = [3] * 8 + [5] * 8 + [3] * 8
    team = Team("presales", hours=(6, 7))
    usual = shifts.two_shift(needed(*[day] * 7, tz="Europe/Madrid"), [team])
    found = shifts.two_shift(needed(*[day] * 7, start=f"{start} 09:00", tz="Europe/Madrid"), [team])
    pd.testing.assert_frame_equal(usual, found)


def test_the_hour_that_comes_twice():
    """Round the clock, the doubled hour is one hour of the wall clock, with the higher of its needs."""
    times = pd.date_range(
        "2026-10-25", "2026-10-26", freq="60min", tz="Europe/Madrid", inclusive="left", unit="us"
    )
    need = [1.0, 1.0, 2.0, 4.0] + [1.0] * 21
    table = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times, "scheduled": need})
    assert demand(table, "presales").agents.tolist() == [[1.0, 1.0, 4.0, *[1.0] * 21]]


def test_a_ranking_for_each_team():
    """Teams are ranked apart, each with its own rules, in the order given."""
    both = pd.concat(
        [needed([3] * 24), needed([2] * 24, team="aftersales", queue="returns")], ignore_index=True
    )
    found = shifts.two_shift(both, [Team("presales", hours=(6, 7)), Team("aftersales", hours=(6, 6))])
    assert found["team"].tolist() == ["presales"] * 9 + ["aftersales"]
    assert found.groupby("team", sort=False)["rank"].max().tolist() == [9, 1]
    alone = shifts.two_shift(needed([3] * 24), [Team("presales", hours=(6, 7))])
    pd.testing.assert_frame_equal(alone, found.head(9))


def test_the_same_twice():
    """Same input, equal table to the last digit."""
    table = needed(*[TWO_RUSHES] * 3)
    team = Team("presales", breaks=(LUNCH,))
    pd.testing.assert_frame_equal(shifts.two_shift(table, [team]), shifts.two_shift(table, [team]))


# --- heads and shadow prices


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), min_size=28, max_size=28), min_size=2, max_size=2))
def test_without_breaks_heads_are_whole_by_themselves(days):
    """An interval matrix needs no integer variables: the linear program's heads are whole."""
    days[0][0] = 1
    cover = covering.cover(
        demand(needed(*days), "presales"),
        [Shift("early", "presales", dt.time(9), 8.0), Shift("late", "presales", dt.time(14), 9.0)],
        covering.Prices(100.0, 1.0, 1.0),
    )
    free, whole = lp.solve(lp.relaxed(cover.program)), lp.solve(cover.program)
    heads = free.values[cover.heads]
    assert heads == pytest.approx(np.rint(heads), abs=1e-6)
    assert free.cost == pytest.approx(whole.cost)


def test_no_integer_program_where_none_is_needed(monkeypatch):
    """The plan asks for whole heads only where the linear program leaves fractions."""
    asked = []
    real = lp.solve

    def noted(program, **options):
        asked.append(bool(program.integer.any()))
        return real(program, **options)

    monkeypatch.setattr("staffing.lp.solve", noted)
    plain = Team("presales", hours=(7, 7))
    table = needed([5, 6, 7, 8] * 6)
    row = {"early_start": "09:00", "early_end": "16:00", "late_start": "14:00", "late_end": "21:00"}
    shifts.plan(table, shifts.pair(row, plain))
    assert asked == [False]
    short = replace(plain, breaks=(Break("break", 10, True, (3, 3)),))
    heads = shifts.plan(needed([1] * 24), shifts.pair(row, short))["agents"]
    assert asked == [False, False, True]  # one and a half heads leave one on the queue
    assert heads.tolist() == [2.0, 2.0]


def test_shadow_prices_are_what_a_further_need_costs():
    """Raising the need of an interval changes the cost by its price; out of reach it is a shortage."""
    day = [3, 5, 4, 6, 9, 8, 7, 5, 6, 2]
    table = needed(day, freq="60min")
    pair = [Shift("early", "presales", dt.time(10), 5.0), Shift("late", "presales", dt.time(13), 5.0)]
    prices = shifts.shadow_prices(table, pair, price_hour=0.0)
    assert prices["need"].tolist() == day

    def cost(changed):
        cover = covering.cover(demand(changed, "presales"), pair, covering.Prices(100, 1, 0))
        return lp.solve(lp.relaxed(cover.program)).cost

    for at in range(len(day)):
        more, less = table.copy(), table.copy()
        more.loc[at, "scheduled"] += 0.01
        less.loc[at, "scheduled"] -= 0.01
        up, down = (cost(more) - cost(table)) / 0.01, (cost(table) - cost(less)) / 0.01
        assert down - 1e-6 <= prices.loc[at, "price"] <= up + 1e-6
    assert prices["price"].iloc[[0, 9]].tolist() == [200.0, 200.0]
    # 12:00 drives the early shift and 15:00 the late one; at 13:00, with both there, people are to spare.
    assert prices["price"].iloc[[3, 4, 6]].tolist() == [8.0, -2.0, 8.0]


# --- what is refused


def test_a_team_without_rules_is_named():
    """A need that nobody has rules or shifts for is an error, for the design and for the plan."""
    table = needed([3] * 24)
    with pytest.raises(DataError, match="the team 'presales' has a need but no rules or shifts"):
        shifts.two_shift(table, [Team("aftersales")])
    with pytest.raises(DataError, match="'presales' has a need"):
        shifts.plan(table, [])


def test_breaks_that_no_shift_has_room_for():
    """A lunch that may end after the longest shift is an error that says what to change."""
    late_lunch = Team("presales", hours=(4, 5), breaks=(Break("lunch", 60, False, (4, 5)),))
    with pytest.raises(DataError, match=r"no shift of 4 to 5 h .* has room") as caught:
        shifts.two_shift(needed([3] * 24), [late_lunch])
    assert "widen hours" in caught.value.problems.loc[0, "remedy"]


def test_lengths_without_room_for_the_breaks_are_left_out():
    """Shifts too short for the lunch window are no candidates, the longer ones are."""
    team = Team("presales", hours=(5, 7), breaks=(Break("lunch", 60, False, (3, 5)),))
    found = shifts.two_shift(needed([3] * 24), [team])
    assert set(found["early_end"]) == {"15:00", "15:30", "16:00"}


def test_intervals_off_the_grid():
    """Half hours that begin at a quarter past are refused."""
    with pytest.raises(DataError, match="grid of 30 min from midnight"):
        shifts.two_shift(needed([3] * 24, start="2026-11-30 09:15"), [Team("presales")])


def test_tables_are_held_against_their_form():
    """A requirement without need, and contracts without days, are refused by name of the column."""
    with pytest.raises(DataError, match="'scheduled' is missing"):
        shifts.peaks(needed([3] * 24).drop(columns="scheduled"))
    with pytest.raises(DataError, match="'days_max' is missing"):
        shifts.two_shift(
            needed([3] * 24),
            [Team("presales")],
            contracts=pd.DataFrame({"team": ["presales"], "hours_min": [40], "hours_max": [40]}),
        )


def test_evening_cover_raises_the_busiest_queue_only():
    """Two queues of a team share its evening rule; the busier one gets what is missing."""
    times = pd.date_range("2026-11-30 18:00", periods=14, freq="30min", tz="Asia/Seoul", unit="us")
    busy = pd.DataFrame({"queue": "calls", "interval": times, "load": 2.0, "agents": 2.0, "scheduled": 2.0})
    quiet = busy.assign(queue="mail", load=0.5, agents=1.0, scheduled=1.0)
    table = pd.concat([busy, quiet], ignore_index=True).assign(team="aftersales", bound_by="answered")
    team = Team("aftersales", evening=dt.time(23), evening_staff=5)
    raised = shifts.evening_cover(table, [team])
    calls = raised[raised["queue"] == "calls"]
    assert calls["scheduled"].tolist() == [2.0] * 10 + [4.0] * 4
    assert calls["bound_by"].tolist() == ["answered"] * 10 + ["evening"] * 4
    assert raised[raised["queue"] == "mail"]["scheduled"].tolist() == [1.0] * 14
    assert shifts.evening_cover(table, [Team("aftersales")]).equals(table)
