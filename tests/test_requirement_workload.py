"""Work with deadlines: calendar-aware, oldest first, in quiet moments before new people; outbound last."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import LinearConstraint, milp

from staffing import requirement
from staffing.calendar import Calendar
from staffing.errors import DataError
from staffing.model import Deferred, Outbound, Queue, Target, Voice

HOURS = {"orders": {day: [("09:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}}


def orders(due: str = "daily 12:00", backlog: float = 0.0, **fields: object) -> Queue:
    channel = Deferred(due=due, opening_backlog=backlog)
    return Queue(
        **{"name": "orders", "team": "presales", "aht": 90, "shrinkage": (), "channel": channel} | fields
    )


def calls(**fields: object) -> Queue:
    values = {"team": "presales", "aht": 180, "shrinkage": (), "channel": Voice(patience=120)}
    return Queue("calls", **(values | fields))


def come(
    queue: str, volume: list[float], start: str = "2026-11-30 09:00", tz: str = "Asia/Seoul"
) -> pd.DataFrame:
    times = pd.date_range(start, periods=len(volume), freq="30min", tz=tz, unit="us")
    return pd.DataFrame({"queue": queue, "interval": times, "volume": volume})


def test_due_by_the_clock_of_the_next_open_day() -> None:
    """Friday's work of the afternoon is due on Monday, and on Tuesday where Monday is closed."""
    friday = come("orders", [10.0, 10.0], "2026-12-04 11:30")
    due = requirement.workload(friday, [orders()], calendar=Calendar(opening=HOURS))["due"]
    # Released at 12:00 is too late for that noon.
    assert due.dt.strftime("%a %H:%M").tolist() == ["Mon 12:00", "Mon 12:00"]
    shut = Calendar(opening=HOURS, closed=["2026-12-07"])
    due = requirement.workload(friday, [orders()], calendar=shut)["due"]
    assert due.dt.strftime("%a").tolist() == ["Tue", "Tue"]
    weekly = requirement.workload(friday, [orders("wed 17:00")], calendar=Calendar(opening=HOURS))["due"]
    assert weekly.dt.strftime("%a %d %H:%M").tolist() == ["Wed 09 17:00"] * 2


def test_due_after_open_hours() -> None:
    """Eight open hours from Friday 16:00 end on Monday 15:00; nights and the weekend do not count."""
    friday = come("orders", [10.0], "2026-12-04 15:30")
    two = pd.concat([friday, come("orders", [0.0], "2026-12-04 16:00")], ignore_index=True)
    due = requirement.workload(two, [orders("8h")], calendar=Calendar(opening=HOURS))["due"]
    assert due.dt.strftime("%a %H:%M").tolist() == ["Mon 15:00"]


def test_due_across_a_change_of_clock() -> None:
    """Noon is noon on the wall before and after the clocks change."""
    evening = come("orders", [10.0, 10.0], "2026-03-28 18:00", "Europe/Madrid")
    due = requirement.workload(evening, [orders()], calendar=Calendar())["due"]
    assert [str(moment) for moment in due] == ["2026-03-29 12:00:00+02:00"] * 2


def test_hours_contacts_and_what_was_left() -> None:
    """Hours are contacts x handle time; a backlog given outdoes the one described."""
    table = come("orders", [40.0, 20.0])
    work = requirement.workload(table, [orders(backlog=100)], calendar=Calendar())
    assert work["hours"].tolist() == pytest.approx([2.5, 1.0, 0.5])
    left = pd.DataFrame({"queue": ["orders"], "contacts": [8.0]})
    work = requirement.workload(table, [orders(backlog=100)], calendar=Calendar(), backlog=left)
    assert work["contacts"].tolist() == [8.0, 40.0, 20.0]
    again = requirement.workload(table, [orders(backlog=100)], calendar=Calendar(), backlog=work.iloc[:1])
    pd.testing.assert_frame_equal(again, work)
    assert requirement.workload(table, [calls()], calendar=Calendar()).empty


def test_work_that_can_never_be_due_is_refused() -> None:
    """A noon on Sundays of a queue that is closed on Sundays, and work without a handle time."""
    table = come("orders", [10.0, 10.0])
    with pytest.raises(DataError, match="not open on such a day"):
        requirement.workload(table, [orders("sun 12:00")], calendar=Calendar(opening=HOURS))
    with pytest.raises(DataError, match="no handle time"):
        requirement.workload(table, [orders(aht=None)], calendar=Calendar())
    with pytest.raises(ValueError, match="pattern"):
        Deferred(due="noonish")


def blended(
    volume: list[float], queues: list[Queue], extra: list[pd.DataFrame], calendar: Calendar | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    forecast = pd.concat([come("calls", volume), *extra], ignore_index=True)
    work = requirement.workload(forecast, queues, calendar=calendar or Calendar())
    needed = requirement.compute(forecast, queues)
    return requirement.blend(needed, forecast, queues, workload=work), work


def test_quiet_moments_come_first() -> None:
    """What fits into the free time of those who answer needs nobody; the rest is due and gets people."""
    table, _ = blended([30.0] * 10, [calls(), orders("daily 14:00", 20)], [come("orders", [0.0] * 10)])
    mine = table[table["queue"] == "orders"]
    assert mine["agents"].sum() == 0
    assert mine["volume"].sum() == pytest.approx(20)
    table, _ = blended([30.0] * 10, [calls(), orders("daily 14:00", 900)], [come("orders", [0.0] * 10)])
    mine = table[table["queue"] == "orders"]
    assert mine["agents"].sum() > 0
    assert mine["volume"].sum() == pytest.approx(900)
    assert (mine["service_level"] == 1).all()
    assert set(mine["bound_by"]) <= {"due", "none"}
    inbound = table[table["queue"] == "calls"]
    room = (0.88 * inbound["agents"] - inbound["occupancy"] * inbound["agents"]).clip(lower=0).to_numpy()
    assert (mine["load"].to_numpy() <= room + 0.88 * mine["agents"].to_numpy() + 1e-9).all()


def test_people_go_where_the_team_is_smallest() -> None:
    """Deferred work fills the valley, so that the day gets flatter and not its rush higher."""
    rush = [20.0, 20, 200, 200, 200, 200, 20, 20, 20, 20]
    table, _ = blended(rush, [calls(), orders("daily 14:00", 600)], [come("orders", [0.0] * 10)])
    people = table.pivot_table(index="interval", columns="queue", values="agents")
    assert people["orders"].iloc[2:6].sum() == 0
    assert (people["calls"] + people["orders"]).max() == people["calls"].max()


@pytest.mark.parametrize("seed", range(8))
def test_few_people_by_integer_program(seed: int) -> None:
    """Against the exact program over all windows: no deadline missed, hardly anybody too many."""
    rng = np.random.default_rng(seed)
    count = 12
    fresh = rng.integers(0, 60, count).astype(float)
    queues = [calls(), orders("3h", rng.integers(0, 200))]
    hours = Calendar(opening={"orders": {"mon": [("09:00", "15:00")], "tue": [("09:00", "15:00")]}})
    table, work = blended(list(rng.uniform(20, 120, count)), queues, [come("orders", list(fresh))], hours)
    mine, inbound = (table[table["queue"] == name] for name in ("orders", "calls"))
    spare = ((0.88 - inbound["occupancy"]) * inbound["agents"]).clip(lower=0).to_numpy() / 2
    starts, last = mine["interval"], mine["interval"].max() + pd.Timedelta(minutes=30)
    rows, need = [], []
    for begin in sorted(set(work["released"])):
        for due in sorted(set(work["due"])):
            inside = work[(work["released"] >= begin) & (work["due"] <= due)]["hours"].sum()
            if due <= last and inside > 0:
                window = ((starts >= begin) & (starts < due)).to_numpy()
                rows.append(0.44 * window)
                need.append(inside - spare[window].sum())
    best = milp(
        np.ones(count),
        constraints=LinearConstraint(np.array(rows), lb=np.array(need) - 1e-9),
        integrality=np.ones(count),
    )
    assert best.success
    assert best.fun - 1e-6 <= mine["agents"].sum() <= best.fun + 2
    assert (np.array(rows) @ mine["agents"].to_numpy() >= np.array(need) - 1e-6).all()


def test_outbound_keeps_a_reserve_and_its_windows() -> None:
    """Calls out are made in their windows, never with the reserved agents, and add nobody."""
    channel = Outbound(windows=((dt.time(10), dt.time(12)),), reserve=2.0)
    offers = Queue("offers", team="presales", aht=240, shrinkage=(), channel=channel)
    volume = [60.0, 60, 60, 160, 60, 60, 60, 60]
    table, _ = blended(volume, [calls(), offers], [come("offers", [30.0] * 8)])
    made, inbound = (table[table["queue"] == name].reset_index(drop=True) for name in ("offers", "calls"))
    assert made["agents"].sum() == 0
    assert 0 < made["volume"].sum() <= 240
    hour = made["interval"].dt.hour
    assert made["volume"][(hour < 10) | (hour >= 12)].sum() == 0
    free = inbound["agents"] * (1 - inbound["occupancy"]) - made["load"]
    assert (free[made["load"] > 0] >= 2.0 - 1e-9).all()
    assert (
        (inbound["agents"] * inbound["occupancy"] + made["load"]) <= 0.88 * inbound["agents"] + 1e-9
    ).all()
    with pytest.raises(ValueError, match="end after it begins"):
        Outbound(windows=((dt.time(12), dt.time(10)),))


def test_a_team_without_a_line() -> None:
    """A back office alone: people by deadlines, and a deadline beyond the horizon presses nobody."""
    office = Queue(
        "mail", team="office", aht=600, shrinkage=(), channel=Deferred(due="daily 17:00"), target=Target()
    )
    forecast = come("mail", [12.0] * 16)
    work = requirement.workload(forecast, [office], calendar=Calendar())
    table = requirement.blend(requirement.compute(forecast, [office]), forecast, [office], workload=work)
    due_today = work[work["due"] <= table["interval"].max() + pd.Timedelta(minutes=30)]["contacts"].sum()
    assert table["volume"].sum() >= due_today - 1e-6
    # Of 16 half hours x 12 x 10 min, 15 are released by 17:00: 30 h at 0.88 are 69 agent-half-hours.
    assert 66 <= table["agents"].sum() <= 76
    assert table["agents"].iloc[1:].max() - table["agents"].iloc[1:].min() <= 2


def test_strangers_are_refused() -> None:
    """Work of a queue that nobody described."""
    forecast = come("calls", [10.0, 10.0])
    needed = requirement.compute(forecast, [calls()])
    work = requirement.workload(come("orders", [5.0, 5.0]), [orders()], calendar=Calendar())
    with pytest.raises(DataError, match="'orders' is not described"):
        requirement.blend(needed, forecast, [calls()], workload=work)


def late_at_least(spare: np.ndarray, releases: list[int], dues: list[int], hours: list[float]) -> float:
    """Least hours of work not done by their deadlines, by a linear program over intervals."""
    jobs, slots = len(hours), len(spare)
    cells = [(job, slot) for job in range(jobs) for slot in range(releases[job], dues[job])]
    each = np.array([[float(cell[0] == job) for cell in cells] for job in range(jobs)])
    used = np.array([[float(cell[1] == slot) for cell in cells] for slot in range(slots)])
    rows = [LinearConstraint(each, ub=hours), LinearConstraint(used, ub=spare)]
    found = milp(-np.ones(len(cells)), constraints=rows)
    return sum(hours) + found.fun


@pytest.mark.parametrize("seed", range(6))
def test_what_would_be_overdue_is_the_least_that_must_be(seed: int) -> None:
    """Work put aside at its deadline is as little as any order of the work can leave."""
    draw = np.random.default_rng(seed)
    forecast = come("calls", draw.uniform(10, 60, 12).tolist())
    team = [calls(), orders()]
    times = pd.DatetimeIndex(forecast["interval"])
    ends = times + pd.Timedelta("30min")
    releases = draw.integers(0, 8, 5)
    dues = releases + draw.integers(1, 5, 5)
    hours = draw.uniform(1.0, 6.0, 5)
    work = pd.DataFrame(
        {"queue": "orders", "released": times[releases], "due": ends[dues - 1], "hours": hours}
    ).drop_duplicates(["released", "due"])
    needed = requirement.compute(forecast, team)
    left = requirement.overdue(needed, forecast, team, workload=work)
    cap = team[1].target.max_occupancy
    spare = 0.5 * np.maximum(needed["agents"] * (cap - needed["occupancy"]), 0.0).to_numpy()
    kept = work.index.to_numpy()
    least = late_at_least(spare, releases[kept].tolist(), dues[kept].tolist(), hours[kept].tolist())
    assert left["hours"].sum() * cap == pytest.approx(least, abs=1e-6)
    assert least > 0


def test_deadlines_go_where_the_shifts_leave_people() -> None:
    """People for deadlines are asked for where planned shifts have some to spare, and nothing is late."""
    forecast = come("calls", [20.0, 20.0, 60.0, 60.0, 20.0, 20.0])
    team = [calls(), orders()]
    times = pd.DatetimeIndex(forecast["interval"])
    work = pd.DataFrame({"queue": "orders", "released": times[:1], "due": times[5:], "hours": 5.0})
    work["contacts"] = 200.0
    needed = requirement.compute(forecast, team)
    there = pd.DataFrame({"team": "presales", "interval": times, "staffed": needed["agents"] + 1.0})
    there.loc[2:3, "staffed"] += 6.0
    plain, placed = (
        requirement.blend(needed, forecast, team, workload=work, staffed=staffed) for staffed in (None, there)
    )
    asked = [table.loc[table["queue"] == "orders", "agents"].tolist() for table in (plain, placed)]
    assert sum(asked[0][2:4]) == 0 and sum(asked[1][2:4]) == sum(asked[1])
    assert sum(asked[0]) == sum(asked[1]) > 0
    assert (placed.loc[placed["queue"] == "orders", "service_level"] == 1.0).all()
