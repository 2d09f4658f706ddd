"""Plans over the day and week, their breaks, and the work that fills their quiet half hours."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from shift_tables import expected, needed, on_duty, paid_hours

from staffing import requirement, shifts, simulation
from staffing.errors import DataError
from staffing.model import Break, Meeting, Queue, Shift, Shrinkage, Target, Team, Voice

LUNCH = Break("lunch", 60, False, (3, 4))
PAUSE = Break("break", 15, True, (1, 2))
EARLY, LATE = Shift("early", "care", dt.time(9), 8.0), Shift("late", "care", dt.time(15), 8.0)
DAY = np.array([4, 5, 6, 7, 12, 12, 12, 8, 6, 6, 6, 6, 9, 13, 14, 14, 13, 9, 7, 6, 5, 5, 4, 4, 3, 3, 2, 2.0])
CALLS = Queue(
    "calls",
    team="care",
    aht=300,
    shrinkage=(),
    channel=Voice(patience=180),
    target=Target(over="day", floor=0.6, max_occupancy=1.0, max_abandonment=None),
)
EACH = replace(CALLS, target=replace(CALLS.target, over="interval", floor=None))


def menu(*lengths, first=9, last=23, breaks=()):
    """A shift at every hour for each length."""
    return [
        Shift(f"{start}-{length}", "care", dt.time(start), float(length), breaks)
        for length in lengths
        for start in range(first, last - length + 1)
    ]


# --- targets over the day and the week


@pytest.mark.parametrize("patience", [None, 180])
def test_the_target_of_the_day_holds_in_the_replay_and_costs_less(patience):
    """A thousand calls a day: the replayed day keeps 80 %, the floor holds, and hours are saved."""
    queue = replace(CALLS, channel=Voice(patience=patience))
    ahead = expected((DAY / DAY.sum() * 1000).tolist())
    need = requirement.compute(ahead, [replace(queue, target=EACH.target)])
    curve = requirement.curve(ahead, [queue])
    templates = menu(6, 8)
    each = shifts.plan(need, templates)
    day = shifts.plan(need, templates, target="day", curve=curve, queues=[queue])
    replay = simulation.run(on_duty(day, templates), [queue], forecast=ahead, replications=60, seed=1)
    achieved = replay.by_day.iloc[0]
    assert achieved["service_level"] >= 0.80 - 2 * achieved["service_level_error"]
    assert achieved["service_level"] < 0.85
    assert replay.by_interval["service_level"].min() > 0.50  # 0.60 but for the callers left from before
    assert paid_hours(day, templates) <= 0.92 * paid_hours(each, templates)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(5, 40), min_size=4, max_size=4), st.sampled_from([0.5, 0.7]))
def test_the_cheapest_heads_of_a_tiny_day(volumes, floor):
    """The plan reaches the target on the exact curve, and no heads within a shift of it do so for less."""
    ahead = expected(volumes, freq="60min")
    queue = replace(CALLS, target=replace(CALLS.target, floor=floor))
    need = requirement.compute(ahead, [EACH])
    curve = requirement.curve(ahead, [queue])
    pair = [Shift("early", "care", dt.time(9), 3.0), Shift("late", "care", dt.time(10), 3.0)]
    points = [part.set_index("agents") for _, part in curve.groupby("interval")]
    come = sum(part["answered_in_time"].iloc[-1] / part["service_level"].iloc[-1] for part in points)

    def good(early, late):
        got = 0.0
        for part, heads in zip(points, (early, early + late, early + late, late), strict=True):
            heads = min(heads, part.index[-1])
            if heads not in part.index or part.loc[heads, "service_level"] < floor - 1e-9:
                return False
            got += part.loc[heads, "answered_in_time"]
        return got >= 0.8 * come - 1e-6

    best = min(early + late for early, late in itertools.product(range(16), repeat=2) if good(early, late))
    found = shifts.plan(need, pair, target="day", curve=curve, queues=[queue])["agents"].tolist()
    assert good(*found)
    assert sum(found) <= best + 1


def test_longer_periods_never_cost_more():
    """Hours of a pair: a week's target needs at most a day's, a day's at most those of every half hour."""
    ahead = expected(*[(DAY * scale).tolist() for scale in (4, 3, 3, 3, 3.5, 1, 1)])
    need, curve = requirement.compute(ahead, [EACH]), requirement.curve(ahead, [CALLS])
    team = Team("care", hours=(8, 8))
    costed = {
        over: shifts.two_shift(need, [team], target=over, curve=curve, queues=[CALLS]).loc[0]
        for over in ("interval", "day", "week")
    }
    hours = [costed[over]["paid_hours"] for over in ("interval", "day", "week")]
    assert hours[0] > hours[1] >= hours[2] > 0.5 * hours[0]
    assert costed["week"]["short"] == pytest.approx(0.0, abs=1e-6)


def test_a_week_begins_on_monday():
    """From Saturday to Tuesday two weeks have a target each; the quiet days cannot pay for the busy ones."""
    ahead = expected(*[(DAY * scale).tolist() for scale in (1, 1, 4, 4)], start="2026-11-28 09:00")
    need, curve = requirement.compute(ahead, [EACH]), requirement.curve(ahead, [CALLS])
    found = shifts.plan(need, [EARLY, LATE], target="week", curve=curve, queues=[CALLS])
    there = shifts.presence(found, need, [EARLY, LATE])
    there["agents"] = there["on_queue"]
    got = requirement.evaluate(ahead, [CALLS], there.assign(queue="calls"))
    weekend = got["interval"].dt.day_of_week >= 5
    for part in (got[weekend], got[~weekend]):
        assert np.average(part["service_level"], weights=part["volume"]) >= 0.78  # loads carry over


def test_what_nobody_can_keep_is_short_not_refused():
    """With shifts that end at noon the afternoon's calls are missed, and the plan still stands."""
    ahead = expected((DAY * 4).tolist())
    need, curve = requirement.compute(ahead, [EACH]), requirement.curve(ahead, [CALLS])
    morning = [Shift("early", "care", dt.time(9), 3.0)]
    heads = shifts.plan(need, morning, target="day", curve=curve, queues=[CALLS])["agents"]
    assert heads.tolist()[0] > 0


def test_absent_people_are_planned_for():
    """With a tenth absent, the same target needs about a tenth more heads."""
    ahead = expected((DAY * 10).tolist())
    curve = requirement.curve(ahead, [CALLS])
    need = requirement.compute(ahead, [EACH])
    sick = replace(CALLS, shrinkage=(Shrinkage("sick", rate=0.10),))
    team = Team("care", hours=(8, 8))
    whole, thinned = (
        shifts.two_shift(need, [team], target="day", curve=curve, queues=[queue]).loc[0, "paid_hours"]
        for queue in (CALLS, sick)
    )
    assert thinned == pytest.approx(whole / 0.9, rel=0.01)


def test_two_queues_of_a_team_keep_their_own_targets():
    """Each queue's target is a row of its own, and both are kept by people whom they share."""
    busy = expected((DAY * 5).tolist())
    quiet = expected((DAY[::-1] * 2).tolist(), queue="returns")
    ahead = pd.concat([busy, quiet], ignore_index=True)
    queues = [CALLS, replace(CALLS, name="returns", target=replace(CALLS.target, answered=0.9))]
    need = requirement.compute(ahead, [replace(queue, target=EACH.target) for queue in queues])
    curve = requirement.curve(ahead, queues)
    team = Team("care", hours=(8, 8))
    both = shifts.two_shift(need, [team], target="day", curve=curve, queues=queues).loc[0]
    assert both["short"] == pytest.approx(0.0, abs=1e-6)
    alone = shifts.two_shift(
        need[need["queue"] == "calls"], [team], target="day", curve=curve, queues=queues
    ).loc[0]
    assert both["paid_hours"] > alone["paid_hours"]


def test_evening_people_are_there_over_the_target():
    """The rule of an evening holds though the service of the day would need fewer."""
    ahead = expected((DAY * 2).tolist())
    need, curve = requirement.compute(ahead, [EACH]), requirement.curve(ahead, [CALLS])
    team = Team("care", evening=dt.time(20), evening_staff=9)
    heads = shifts.plan(need, [EARLY, LATE], teams=[team], target="day", curve=curve, queues=[CALLS])
    assert heads.loc[heads["shift"] == "late", "agents"].item() >= 9


@pytest.mark.parametrize("date, hours", [("2026-10-25", 25), ("2026-03-29", 23)])
def test_the_target_on_days_of_25_and_23_hours(date, hours):
    """Round the clock, the hour that comes twice brings its own calls, and the one left out brings none."""
    times = pd.date_range(
        date, pd.Timestamp(date) + pd.Timedelta(days=1), freq="60min", tz="Europe/Madrid", inclusive="left"
    )
    assert len(times) == hours
    ahead = pd.DataFrame({"queue": "calls", "interval": times.as_unit("us"), "volume": 60.0, "aht": 300.0})
    need, curve = requirement.compute(ahead, [EACH]), requirement.curve(ahead, [CALLS])
    crew = [Shift("early", "care", dt.time(0), 12.0), Shift("late", "care", dt.time(12), 12.0)]
    found = shifts.plan(need, crew, target="day", curve=curve, queues=[CALLS])
    there = shifts.presence(found, need, crew, target="day", curve=curve, queues=[CALLS])
    assert len(there) == hours
    assert (there["on_queue"] > 0).all()
    twice = there["interval"].dt.tz_localize(None).duplicated(keep=False)
    assert twice.sum() == (2 if hours == 25 else 0)


def test_a_target_needs_a_curve_and_its_queues():
    """Without the curve, for a queue nobody describes, and over a year, a plan is refused."""
    ahead = expected(DAY.tolist())
    need, curve = requirement.compute(ahead, [EACH]), requirement.curve(ahead, [CALLS])
    pair = [EARLY, LATE]
    with pytest.raises(DataError, match="a target over the day needs the service curve"):
        shifts.plan(need, pair, target="day", queues=[CALLS])
    with pytest.raises(DataError, match="the queue 'calls' is not described"):
        shifts.plan(need, pair, target="day", curve=curve)
    with pytest.raises(DataError, match="14 intervals of the queue 'calls' have no service curve"):
        shifts.plan(need, pair, target="day", curve=curve[curve["interval"].dt.hour < 16], queues=[CALLS])
    with pytest.raises(DataError, match="cannot hold over 'year'"):
        shifts.plan(need, pair, target="year", curve=curve, queues=[CALLS])


# --- whole heads


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), min_size=28, max_size=28), min_size=2, max_size=2))
def test_plans_without_breaks_need_no_integers(days):
    """On a menu of shifts without breaks every date says that the linear program was enough."""
    days[0][0] = 1
    assert shifts.plan(needed(*days, team="care"), [*menu(6, 8)])["whole"].all()


def test_a_plan_says_which_dates_needed_integers():
    """A ten-minute break asks for one and a half heads on the busy date, and for none on the idle one."""
    crew = [replace(shift, breaks=(Break("break", 10, True, (3, 3)),)) for shift in (EARLY, LATE)]
    found = shifts.plan(needed([1] * 28, [0] * 28, team="care"), crew)
    assert found["whole"].tolist() == [False, False, True, True]


# --- breaks


def test_breaks_are_paid_or_not_and_never_take_everybody():
    """Lunch and a pause are taken by all, once each; somebody is always left, and only the pause is paid."""
    crew = [replace(shift, breaks=(PAUSE, LUNCH)) for shift in (EARLY, LATE)]
    need = needed(*[[3] * 12 + [5] * 4 + [3] * 12] * 2, team="care")
    found = shifts.plan(need, crew)
    there = shifts.presence(found, need, crew)
    assert (there["on_queue"] >= there["need"] - 1e-6).all()
    assert (there["on_break"] < there["on_duty"] - 1e-6).all()
    heads = found["agents"].sum()
    assert there["on_break"].sum() / 2 == pytest.approx(1.25 * heads)
    assert there["on_duty"].sum() / 2 == pytest.approx(8 * heads)
    assert paid_hours(found, crew) == 7 * heads


def test_presence_of_a_plan_edited_by_hand():
    """Heads are those of the plan, not of the program; a shift without a row has nobody."""
    need = needed([2] * 28, team="care")
    found = shifts.plan(need, [EARLY, LATE])
    edited = found[found["shift"] == "early"].assign(agents=5.0)
    there = shifts.presence(edited, need, [EARLY, LATE])
    assert there["on_queue"].tolist() == [5.0] * 16 + [0.0] * 12


# --- work with a deadline


def work(*rows, queue="orders", tz="Asia/Seoul"):
    """Released, due, hours."""
    table = pd.DataFrame(rows, columns=["released", "due", "hours"]).assign(queue=queue)
    for name in ("released", "due"):
        table[name] = pd.to_datetime(table[name]).astype("datetime64[us]").dt.tz_localize(tz)
    return table


def placed(table):
    """Hour of the day and hours, in short."""
    return [
        (None if pd.isna(row.interval) else f"{row.interval:%d %H:%M}", row.hours)
        for row in table.itertuples()
    ]


def test_work_goes_into_the_valley_before_its_deadline():
    """Surplus stands at 9 and at 12 o'clock; what is due at noon goes to 9, what comes at 10 to 12."""
    need = needed([2, 4, 4, 1, 3, 3], freq="60min", team="care")
    crew = [Shift("early", "care", dt.time(9), 3.0), Shift("late", "care", dt.time(12), 3.0)]
    orders = work(("2026-11-30 08:00", "2026-11-30 12:00", 2), ("2026-11-30 10:00", "2026-11-30 15:00", 2))
    found = shifts.plan(need, crew, workload=orders)
    assert found["agents"].tolist() == [4, 3]
    assert placed(shifts.place(orders, found, need, crew)) == [("30 09:00", 2.0), ("30 12:00", 2.0)]
    there = shifts.presence(found, need, crew, workload=orders)
    assert there["deferrable"].tolist() == [2, 0, 0, 2, 0, 0]
    assert there["on_queue"].tolist() == [2, 4, 4, 1, 3, 3]


def test_work_without_a_valley_needs_a_head():
    """Where nobody has time, one more person comes; with a weaker deadline two share the work of the days."""
    need = needed(*[[2] * 6] * 2, freq="60min", team="care")
    crew = [Shift("early", "care", dt.time(9), 6.0)]
    tight = work(("2026-11-30 09:00", "2026-11-30 15:00", 7))
    loose = work(("2026-11-30 09:00", "2026-12-01 15:00", 7))
    assert shifts.plan(need, crew, workload=tight)["agents"].tolist() == [4, 2]
    assert shifts.plan(need, crew, workload=loose)["agents"].sum() == 6
    done = shifts.place(loose, shifts.plan(need, crew, workload=loose), need, crew)
    assert done["hours"].sum() == pytest.approx(7)
    assert done["interval"].notna().all()


def test_work_that_does_not_get_done_is_told():
    """Half an hour of room, two hours of work, nobody to add: the rest has no interval."""
    need = needed([1, 1], [1, 1], team="care", freq="60min")
    crew = [Shift("early", "care", dt.time(9), 2.0)]
    days = pd.to_datetime(["2026-11-30", "2026-12-01"])
    plan = pd.DataFrame({"team": "care", "date": days, "shift": "early", "agents": [2.0, 1.0]})
    orders = work(("2026-11-30 10:00", "2026-11-30 11:00", 3))
    done = shifts.place(orders, plan, need, crew)
    # The hour on the queue is worth as much as the work: one hour is free, and the second is not taken.
    assert done["hours"].sum() == pytest.approx(3)
    assert done.loc[done["interval"].isna(), "hours"].sum() == pytest.approx(2)


def test_work_released_or_due_outside_the_days():
    """Work due after the last day takes what room there is and no further head; released later it waits."""
    need = needed([2, 2, 1, 2], freq="60min", team="care")
    crew = [Shift("early", "care", dt.time(9), 4.0)]
    orders = work(("2026-11-29 09:00", "2026-12-02 09:00", 5), ("2026-12-01 09:00", "2026-12-01 12:00", 1))
    found = shifts.plan(need, crew, workload=orders)
    assert found["agents"].tolist() == [2]
    assert placed(shifts.place(orders, found, need, crew)) == [("30 11:00", 1.0), (None, 4.0), (None, 1.0)]


def test_absent_people_do_no_work():
    """With a fifth absent, four hours of work take five scheduled ones, and are reported as four."""
    need = needed([1, 1, 1, 1, 1], freq="60min", team="care")
    crew = [Shift("early", "care", dt.time(9), 5.0)]
    queue = Queue("orders", team="care", aht=300, shrinkage=(Shrinkage("sick", rate=0.2),))
    orders = work(("2026-11-30 09:00", "2026-11-30 14:00", 4))
    found = shifts.plan(need, crew, workload=orders, queues=[queue])
    assert found["agents"].tolist() == [2]
    done = shifts.place(orders, found, need, crew, queues=[queue])
    assert done["hours"].tolist() == pytest.approx([0.8] * 5)


def test_work_of_the_night_belongs_to_the_late_shift():
    """A shift past midnight does the work that is released after it, on the date of the clock."""
    need = needed([2] * 8, start="2026-11-30 22:00", freq="60min", team="care")
    crew = [Shift("late", "care", dt.time(22), 8.0)]
    orders = work(("2026-12-01 00:00", "2026-12-01 03:00", 3))
    found = shifts.plan(need, crew, workload=orders)
    assert found["agents"].tolist() == [3, 0]
    assert placed(shifts.place(orders, found, need, crew)) == [
        ("01 00:00", 1),
        ("01 01:00", 1),
        ("01 02:00", 1),
    ]


def test_each_team_does_its_own_work():
    """With two teams the queues say whose work it is, and one that nobody describes is refused."""
    need = pd.concat([needed([2] * 28, team="care"), needed([2] * 28, team="shop", queue="chats")])
    crew = [EARLY, LATE, replace(EARLY, team="shop"), replace(LATE, team="shop")]
    orders = work(("2026-11-30 09:00", "2026-11-30 17:00", 8))
    with pytest.raises(DataError, match="nobody is known to do the work of 'orders'"):
        shifts.plan(need, crew, workload=orders)
    whose = [Queue("orders", team="shop", aht=300, shrinkage=())]
    found = shifts.plan(need, crew, workload=orders, queues=whose)
    assert found.groupby("team", sort=False)["agents"].sum().tolist() == [4.0, 5.0]
    assert set(shifts.place(orders, found, need, crew, queues=whose)["team"]) == {"shop"}
    lost = [replace(whose[0], team="nobody")]
    with pytest.raises(DataError, match="work of the team 'nobody', which has no shifts"):
        shifts.plan(need, crew, workload=orders, queues=lost)


def test_work_beside_a_target_over_the_day():
    """Deferrable work and the target share the people: more heads than either alone, fewer than both."""
    ahead = expected((DAY * 5).tolist())
    need, curve = requirement.compute(ahead, [EACH]), requirement.curve(ahead, [CALLS])
    aim = {"target": "day", "curve": curve, "queues": [CALLS]}
    orders = work(("2026-11-30 09:00", "2026-11-30 23:00", 30))
    pair = [EARLY, LATE]
    plain = shifts.plan(need, pair, **aim)["agents"].sum()
    found = shifts.plan(need, pair, workload=orders, **aim)
    assert plain <= found["agents"].sum() <= plain + 4
    done = shifts.place(orders, found, need, pair, **aim)
    assert done["interval"].notna().all()


def brute_with_work(day, early, late, released, due, hours):
    """Least cost of whole heads with one piece of work done in what they leave over, by trying all heads."""
    best = np.inf
    for heads in itertools.product(range(max(day) + hours + 1), repeat=2):
        there = np.array([heads[0] * (early[0] <= at < early[1]) + heads[1] * (late[0] <= at < late[1])
                          for at in range(len(day))])  # fmt: skip
        over, short = np.maximum(there - day, 0), np.maximum(day - there, 0)
        done = min(over[released:due].sum(), hours)
        paid = heads[0] * (early[1] - early[0]) + heads[1] * (late[1] - late[0])
        best = min(best, 2 * 7.0 * (short.sum() + hours - done) + 2 * 2.0 * (over.sum() - done) + paid)
    return best


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=5, max_size=5),
    st.integers(0, 2),
    st.integers(3, 5),
    st.integers(1, 4),
)
def test_every_pair_with_its_work_against_enumeration(day, released, due, hours):
    """A pair costs no more than the best whole heads with the work placed, and `plan` finds these."""
    day[0] = day[-1] = 1
    need = needed(day, freq="60min", team="care")
    times = pd.Timestamp("2026-11-30 09:00") + pd.to_timedelta([released, due], unit="h")
    orders = work((times[0], times[1], hours))
    prices = {"price_short": 7.0, "price_over": 2.0, "price_hour": 1.0}
    team = Team("care", hours=(3, 4))
    found = shifts.two_shift(need, [team], step="60min", workload=orders, **prices)
    for row in found.to_dict("records"):
        both = shifts.pair(row, team)
        early, late = ((shift.start_minute // 60 - 9, shift.end_minute // 60 - 9) for shift in both)
        best = brute_with_work(np.array(day), early, late, released, due, hours)
        assert row["cost"] <= best + 1e-6
        assert row["cost"] == pytest.approx(plainly(day, early, late, released, due, hours), abs=1e-6)
        assert row["cost"] == pytest.approx(7 * row["short"] + 2 * row["over"] + row["paid_hours"], abs=1e-6)
        heads = shifts.plan(need, both, workload=orders, **prices)["agents"]
        stated = dict(zip(("early", "late"), heads, strict=True))
        assert best == pytest.approx(held_cost(day, early, late, released, due, hours, stated), abs=1e-6)


def held_cost(day, early, late, released, due, hours, heads):
    """Cost of given heads, counted by hand."""
    there = np.array([heads["early"] * (early[0] <= at < early[1]) + heads["late"] * (late[0] <= at < late[1])
                      for at in range(len(day))])  # fmt: skip
    over, short = np.maximum(there - np.array(day), 0), np.maximum(np.array(day) - there, 0)
    done = min(over[released:due].sum(), hours)
    paid = heads["early"] * (early[1] - early[0]) + heads["late"] * (late[1] - late[0])
    return 2 * 7.0 * (short.sum() + hours - done) + 2 * 2.0 * (over.sum() - done) + paid


def plainly(day, early, late, released, due, hours):
    """The same with heads as fractions: the program written out without anything of ours."""
    size = len(day)
    there = np.array([[float(first <= at < last) for first, last in (early, late)] for at in range(size)])
    may = np.array([float(released <= at < due) for at in range(size)])
    # Heads, then by interval short, over and hours of work, then hours that are late.
    cover = np.hstack([there, np.eye(size), -np.eye(size), -np.eye(size), np.zeros((size, 1))])
    whole = np.concatenate([np.zeros(2 + 2 * size), may, [1.0]])
    paid = [early[1] - early[0], late[1] - late[0]]
    cost = np.concatenate([paid, np.full(size, 14.0), np.full(size, 4.0), np.zeros(size), [14.0]])
    most = [(0, None)] * (2 + 2 * size) + [(0, None if free else 0) for free in may] + [(0, None)]
    solved = scipy.optimize.linprog(
        cost, A_eq=np.vstack([cover, whole]), b_eq=np.array([*day, hours], dtype=float), bounds=most
    )
    return solved.fun


def test_work_decides_which_pair_is_best():
    """The early people whom orders due at noon ask for carry the rush too: the late ones may come later."""
    need = needed([4] * 10 + [9] * 8 + [4] * 10, team="care")
    team = Team("care", hours=(7, 9))
    mail = work(("2026-11-30 09:00", "2026-11-30 12:00", 20))
    plain, busy = shifts.two_shift(need, [team]), shifts.two_shift(need, [team], workload=mail)
    edges = ["early_start", "early_end", "late_start", "late_end"]
    assert plain.loc[0, edges].tolist() == ["09:00", "18:00", "14:00", "23:00"]
    assert busy.loc[0, edges].tolist() == ["09:00", "18:00", "16:00", "23:00"]
    both = plain.merge(busy, on=edges, suffixes=("", "_busy"))
    chosen = both[(both[edges] == busy.loc[0, edges]).all(axis=1)].iloc[0]
    before = both[both["rank"] == 1].iloc[0]
    assert chosen["cost"] > before["cost"]
    assert chosen["cost_busy"] < before["cost_busy"]
    with pytest.raises(DataError, match="nobody is known to do the work of 'orders'"):
        two = pd.concat([need, needed([2] * 28, team="shop", queue="chats")])
        shifts.two_shift(two, [team, Team("shop")], workload=mail)


def test_the_meeting_before_duty_is_paid_and_off_the_queue():
    """The early shift meets before opening; the late one inside, where the other shift covers it."""
    need = needed([3] * 30, team="care")
    team = Team("care", hours=(8, 8), breaks=(LUNCH,), meeting=Meeting(30, before_opening=True))
    pair = shifts.pair(shifts.two_shift(need, [team]).iloc[0], team)
    assert [shift.start for shift in pair] == [dt.time(8, 30), dt.time(16)]
    heads = shifts.plan(need, pair, teams=[team])
    there = shifts.presence(heads, need, pair, teams=[team]).set_index("interval")
    late = heads.loc[heads["shift"] == "late", "agents"].item()
    assert there["on_break"].iloc[0] == 0
    assert there.loc[pd.Timestamp("2026-11-30 16:00", tz="Asia/Seoul"), "on_break"] == late
    assert (there["on_queue"] >= there["need"] - 1e-6).all()
    assert paid_hours(heads, pair) == 7 * heads["agents"].sum()
