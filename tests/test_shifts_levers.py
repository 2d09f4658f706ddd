"""What a wider overlap costs, what other levers would save, and the cheapest way out of a day too long."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shift_tables import expected, needed

from staffing import requirement, shifts
from staffing.errors import DataError
from staffing.model import Break, Queue, Team, Voice

TWO_RUSHES = [4, 5, 6, 7, 12, 12, 12, 8, 6, 6, 6, 6, 9, 13, 14, 14, 13, 9, 7, 6, 5, 5, 4, 4]
HILL = [3] * 8 + [9] * 8 + [3] * 8


def designed(need, *teams, **options):
    """The ranking, and the levers beside it."""
    found = shifts.two_shift(need, teams, **options)
    return found, shifts.levers(need, teams, found, **options)


def lever(table, name):
    """One row of the levers."""
    return table[table["lever"] == name].iloc[0]


# --- the price of a wider overlap


def test_the_cheapest_pair_of_each_overlap():
    """Each overlap length that a lawful pair has stands once, at the least cost of all pairs that have it."""
    found = shifts.two_shift(needed(*[TWO_RUSHES] * 3), [Team("presales", hours=(6, 8))])
    curve = shifts.overlap_costs(found)

    def hours(row):
        edges = [int(row[name][:2]) + int(row[name][3:]) / 60 for name in ("late_start", "early_end")]
        return max(edges[1] - edges[0], 0.0)

    lengths = found.apply(hours, axis=1)
    assert curve["overlap"].tolist() == sorted(set(lengths))
    for row in curve.itertuples():
        assert row.cost == pytest.approx(found.loc[lengths == row.overlap, "cost"].min())
        assert row.dearer == pytest.approx(row.cost - found.loc[0, "cost"])
    assert curve["dearer"].min() == pytest.approx(0.0)


def test_an_overlap_past_midnight():
    """A night team's overlap is counted in hours of the clock, whichever date it lies on."""
    need = needed([3] * 28, start="2026-11-30 16:00")
    curve = shifts.overlap_costs(shifts.two_shift(need, [Team("presales", hours=(8, 9))]))
    best = curve[curve["overlap"] == 4.0].iloc[0]
    assert (best["late_start"], best["early_end"]) == ("21:00", "01:00")


def test_a_pair_that_fits_stands_for_its_overlap():
    """Of an overlap the cheapest pair that fits the contracts is shown, and says whether any does."""
    need = needed(*[[3] * 28] * 5)
    contracts = pd.DataFrame({"team": ["presales"], "hours_min": [40], "hours_max": [40], "days_max": [5]})
    found = shifts.two_shift(need, [Team("presales", hours=(7, 8))], contracts=contracts)
    curve = shifts.overlap_costs(found)
    assert curve["fits"].sum() == 1
    assert curve.loc[curve["fits"], "dearer"].item() == 0.0
    assert (curve["dearer"] < 0).any()  # a pair that no contract fits is cheaper than the best that one does


# --- levers


def test_a_third_start_costs_what_three_shifts_cost():
    """The lever's figures are those of a plan on the pair and the third shift, up to whole heads."""
    need = needed(*[HILL] * 5)
    found, table = designed(need, Team("presales", hours=(6, 7)))
    base, third = lever(table, "two shifts"), lever(table, "third start")
    assert third["saved"] == pytest.approx(base["cost"] - third["cost"])
    hours = third["detail"].split()[3]
    begin, end = (dt.time.fromisoformat(edge) for edge in hours.split("-"))
    both = shifts.pair(found.iloc[0], Team("presales"))
    extra = replace(both[0], name="third", start=begin, hours=float(end.hour - begin.hour))
    heads = shifts.plan(need, [*both, extra])
    paid = sum(
        heads.loc[heads["shift"] == shift.name, "agents"].sum() * shift.hours for shift in (*both, extra)
    )
    assert third["paid_hours"] == pytest.approx(paid)
    assert third["hours_saved"] == pytest.approx(base["paid_hours"] - paid)
    assert third["hours_saved"] > 0


def test_longer_shifts_are_the_best_of_a_wider_rule():
    """The lever is what the ranking of a team with an hour more gives, among pairs that use it."""
    need = needed(*[HILL] * 2)
    _, table = designed(need, Team("presales", hours=(6, 7)))
    wider = shifts.two_shift(need, [Team("presales", hours=(6, 8))])
    assert lever(table, "longer shifts")["cost"] == pytest.approx(wider["cost"].min())
    shorter = shifts.two_shift(need, [Team("presales", hours=(5, 7))])
    assert lever(table, "shorter shifts")["cost"] >= shorter["cost"].min() - 1e-6


def test_an_hour_less_open_says_what_falls_away():
    """The need of the last hour is no longer covered, and is told apart from what is saved."""
    day = [4] * 26 + [2, 1]
    found, table = designed(needed(*[day] * 3), Team("presales", hours=(7, 7)))
    row = lever(table, "close earlier")
    assert row["need_hours"] == pytest.approx(3 * 1.5)
    cut = shifts.two_shift(needed(*[day[:26]] * 3), [Team("presales", hours=(7, 7))])
    assert row["cost"] == pytest.approx(cut.loc[0, "cost"])
    assert row["detail"].startswith("22:00-23:00 closed, ")
    assert found.loc[0, "short"] == pytest.approx(0.0)


def test_levers_do_not_count_the_price_of_the_rush():
    """A priced rush raises the ranking's cost, not that of the levers, which are hours."""
    need = needed(*[TWO_RUSHES + [4] * 4] * 2)
    free = designed(need, Team("presales", hours=(7, 7)))[1]
    priced = designed(need, Team("presales", hours=(7, 7), rush=50.0))[1]
    priced = priced[priced["lever"] != "cover the rush"].reset_index(drop=True)
    pd.testing.assert_frame_equal(free, priced)


def test_levers_that_no_contract_fits_say_so():
    """Only whole weeks of 40 h fit; a lever with another length is shown and marked."""
    contracts = pd.DataFrame({"team": ["presales"], "hours_min": [40], "hours_max": [40], "days_max": [5]})
    need = needed(*[HILL + [3] * 4] * 5)
    _, table = designed(need, Team("presales", hours=(8, 8)), contracts=contracts)
    assert lever(table, "two shifts")["fits"]
    assert lever(table, "third start")["fits"]
    assert not lever(table, "longer shifts")["fits"]


def test_breaks_limit_shorter_shifts():
    """A lunch that may end after six hours leaves no room for shifts shorter than that."""
    lunch = Break("lunch", 60, False, (3, 5))
    _, table = designed(needed(HILL), Team("presales", hours=(6, 7), breaks=(lunch,)))
    assert "shorter shifts" not in set(table["lever"])


def test_every_team_has_its_levers_and_sentences():
    """Teams stand apart, in the order given; each sentence begins with its team."""
    need = pd.concat([needed(HILL), needed(HILL[::-1], team="care", queue="returns")], ignore_index=True)
    _, table = designed(need, Team("care", hours=(6, 7)), Team("presales", hours=(6, 7)))
    assert table["team"].drop_duplicates().tolist() == ["care", "presales"]
    said = shifts.advice(table)
    assert said
    assert {sentence.split(":")[0] for sentence in said} == {"care", "presales"}
    assert any("would save" in sentence for sentence in said)


def test_a_night_team_and_a_change_of_clock():
    """Levers of a team that works past midnight, in a usual week and in that of the 25-hour day."""
    day = [3] * 6 + [6] * 4 + [3] * 6
    rules = Team("presales", hours=(4, 4))
    usual = designed(needed(*[day] * 7, start="2026-11-02 18:00", tz="Europe/Madrid"), rules)[1]
    changed = designed(needed(*[day] * 7, start="2026-10-19 18:00", tz="Europe/Madrid"), rules)[1]
    assert lever(usual, "close earlier")["detail"].startswith("01:00-02:00 closed, ")
    assert lever(usual, "third start")["hours_saved"] > 0
    # Duty ends as the doubled hour begins; the wall clock of the week is that of any other.
    pd.testing.assert_frame_equal(usual, changed)


# --- levers under a target over the day, and beside work with deadlines


def test_levers_under_a_target_over_the_day():
    """Each lever is what the ranking gives under the same target; the closed hour takes its calls along."""
    ahead = expected(*[[20] * 8 + [60] * 8 + [20] * 12] * 2)
    queue = Queue("calls", team="care", aht=300, shrinkage=(), channel=Voice(patience=180))
    aim = {"target": "day", "curve": requirement.curve(ahead, [queue]), "queues": [queue], "floor": 0.5}
    need = requirement.compute(ahead, [queue])
    rules = Team("care", hours=(7, 8))
    found, table = designed(need, rules, **aim)
    assert lever(table, "two shifts")["cost"] == pytest.approx(found.loc[0, "cost"])
    wider = shifts.two_shift(need, [Team("care", hours=(7, 9))], **aim)
    assert lever(table, "longer shifts")["cost"] >= wider["cost"].min() - 1e-6
    assert lever(table, "longer shifts")["cost"] == pytest.approx(wider["cost"].min(), rel=0.01)
    cut = shifts.two_shift(need[need["interval"].dt.hour < 22], [rules], **aim)
    assert lever(table, "close earlier")["cost"] == pytest.approx(cut.loc[0, "cost"])
    each = designed(need, rules)[1]
    assert (table["paid_hours"].to_numpy() < each["paid_hours"].to_numpy()).all()


def test_levers_beside_work_with_a_deadline():
    """Each lever is costed with the work in its quiet half hours: a plan on it needs no more hours."""
    need = needed(*[HILL] * 2)
    mail = pd.DataFrame({"queue": ["mail"], "released": need["interval"].iloc[:1], "hours": [30.0]})
    mail["due"] = need["interval"].iloc[-1]
    found, table = designed(need, Team("presales", hours=(6, 7)), workload=mail)
    assert lever(table, "two shifts")["cost"] == pytest.approx(found.loc[0, "cost"])
    wider = shifts.two_shift(need, [Team("presales", hours=(6, 8))], workload=mail)
    assert lever(table, "longer shifts")["cost"] == pytest.approx(wider["cost"].min())
    plain = designed(need, Team("presales", hours=(6, 7)))[1]
    gained = lever(plain, "third start")["hours_saved"] - lever(table, "third start")["hours_saved"]
    assert gained > 0  # who has time for the mail is no waste that a third start could save


# --- where two shifts cannot cover


def test_two_rushes_too_far_apart():
    """Mid-morning and seven o'clock with shifts of eight hours: told, with what has two shifts there."""
    need = needed(*[[3] * 2 + [9] * 3 + [3] * 14 + [9] * 3 + [3] * 2] * 5)
    rules = Team("presales", hours=(7, 8), rush="hard")
    assert set(shifts.peaks(need)["start"]) == {"10:30", "19:00"}
    found, table = designed(need, rules)
    row, said = lever(table, "cover the rush"), shifts.advice(table)
    assert found["rush_covered"].max() < 1
    assert said[0].startswith("presales: two shifts cannot both be there in all of the rush: ")
    assert said[0].endswith("are in 0% of it, early or late people alone carry the rest")
    assert said[1].startswith(f"presales: the cheapest way out: {row['detail']}: two are there in all of it")
    assert row["rush_covered"] == 1.0
    # Nothing cheaper among third starts and pairs of up to twelve hours has two shifts there throughout.
    wider = shifts.two_shift(need, [replace(rules, hours=(7, 12))])
    wider = wider[wider["rush_covered"] == 1.0]
    assert row["cost"] <= wider["cost"].min() + 1e-6


def test_a_rush_that_no_rule_asks_for_is_no_way_out():
    """A team without a rule for its rush is told nothing of it; one whose overlap covers it neither."""
    need = needed(*[[3] * 2 + [9] * 3 + [3] * 14 + [9] * 3 + [3] * 2] * 5)
    absent = designed(need, Team("presales", hours=(7, 8)))[1]
    assert "cover the rush" not in set(absent["lever"])
    assert lever(absent, "two shifts")["rush_covered"] < 1
    one = designed(needed(*[HILL] * 5), Team("presales", hours=(8, 8), rush="hard"))[1]
    assert "cover the rush" not in set(one["lever"])
    assert lever(one, "two shifts")["rush_covered"] == 1.0


def test_no_way_out_of_rushes_at_both_ends_of_a_long_day():
    """At opening only the early shift is there, whatever is longer or added: two at six and at midnight."""
    need = needed(*[[9] * 2 + [3] * 15 + [9] * 2] * 3, start="2026-11-30 06:00", freq="60min")
    windows = pd.DataFrame({"team": "presales", "start": ["06:00", "23:00"], "end": ["07:00", "01:00"]})
    rules = Team("presales", hours=(9, 10), rush=40.0)
    found = shifts.two_shift(need, [rules], step="60min", windows=windows)
    table = shifts.levers(need, [rules], found, step="60min", windows=windows)
    best = lever(table, "cover the rush")
    assert 0.6 < best["rush_covered"] < 1
    assert "two are there in 67% of it" in shifts.advice(table)[1]


def test_the_cheapest_way_out_of_a_day_too_long():
    """Twenty hours and shifts of eight: a third start covers all, and comes before what turns people away."""
    need = needed([2] * 20, start="2026-11-30 03:00", freq="60min")
    _, table = designed(need, Team("presales", hours=(7, 8)), step="60min")
    said = shifts.advice(table)
    assert "two shifts cannot cover the day" in said[0]
    assert "leave 8.0 agent-hours short" in said[0]
    assert said[1].startswith("presales: the cheapest way out: third start")
    assert lever(table, "third start")["short"] == pytest.approx(0.0, abs=1e-6)


def test_no_lever_may_be_enough():
    """Twenty-four hours and shifts of six: even three leave hours, and the sentence says how many."""
    need = needed([2] * 24, freq="60min", start="2026-11-30 00:00")
    _, table = designed(need, Team("presales", hours=(6, 6)), step="60min")
    said = shifts.advice(table)
    assert "leave 24.0 agent-hours short" in said[0]
    assert "still short" in said[1]


def test_nothing_to_say_where_nothing_saves():
    """Two shifts that fit the need exactly leave no lever worth a sentence."""
    _, table = designed(needed([3] * 28), Team("presales", hours=(7, 7)))
    worth = table[(table["hours_saved"] > 0) & (table["need_hours"] == 0)]
    assert worth.empty
    assert all("fall away" in sentence for sentence in shifts.advice(table))


def test_levers_want_tables_of_their_form():
    """A ranking without its times is refused by the name of the column."""
    need = needed(HILL)
    with pytest.raises(DataError, match="'early_start' is missing"):
        shifts.levers(need, [Team("presales")], pd.DataFrame({"team": ["presales"], "rank": [1]}))
    assert shifts.levers(need, [Team("care")], shifts.two_shift(need, [Team("presales")])).empty
    assert np.isfinite(shifts.overlap_costs(shifts.two_shift(need, [Team("presales")]))["cost"]).all()
