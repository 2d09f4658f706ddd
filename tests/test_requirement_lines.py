"""Blended teams: one line for the roster, and what of the work with deadlines its people get done."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing import requirement
from staffing.calendar import Calendar
from staffing.model import Chat, Deferred, Outbound, Queue, Shrinkage, Target, Voice

NINE = pd.Timestamp("2026-11-30 09:00", tz="Asia/Seoul").as_unit("us")
SICK = (Shrinkage("sick", rate=0.1),)
CALLS = Queue("calls", "care", SICK, channel=Voice(patience=120), aht=180, target=Target(max_occupancy=0.9))
CHATS = Queue("chats", "care", SICK, channel=Chat(concurrency=2), aht=300)
ORDERS = Queue("orders", "care", SICK, channel=Deferred(due="daily 12:00", opening_backlog=900), aht=90)
MAIL = Queue("mail", "care", SICK, channel=Deferred(due="2h"), aht=300)
OFFERS = Queue(
    "offers", "care", SICK, channel=Outbound(windows=((dt.time(10), dt.time(11)),), reserve=1), aht=240
)


def come(queue: str, volume: list[float], start: pd.Timestamp = NINE) -> pd.DataFrame:
    times = pd.date_range(start, periods=len(volume), freq="30min", unit="us")
    return pd.DataFrame({"queue": queue, "interval": times, "volume": volume})


def planned(queues: list[Queue], *tables: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    forecast = pd.concat(tables, ignore_index=True)
    work = requirement.workload(forecast, queues, calendar=Calendar())
    blended = requirement.blend(requirement.compute(forecast, queues), forecast, queues, workload=work)
    return blended, requirement.lines(blended, queues), work


def there(line: pd.DataFrame, people: np.ndarray | float, occupancy: np.ndarray | float) -> pd.DataFrame:
    """COVERAGE of these people."""
    values = {"scheduled": people, "staffed": people, "expected": people, "occupancy": occupancy}
    return line[["queue", "team", "interval"]].assign(
        agents=people, gap=0.0, service_level=1.0, why="", **values
    )


def test_people_for_deadlines_sit_on_the_busiest_line() -> None:
    """Calls and chats keep their agents; the busier of them asks for the people of both deadlines as well."""
    team = [CALLS, CHATS, ORDERS, MAIL]
    blended, lines, _ = planned(
        team,
        come("calls", [60.0] * 8),
        come("chats", [10.0] * 8),
        come("orders", [0.0] * 8),
        come("mail", [9.0] * 8),
    )
    assert set(lines["queue"]) == {"calls", "chats"}
    own = blended.set_index(["queue", "interval"])["agents"]
    line = lines[lines["queue"] == "calls"].set_index("interval")
    extra = own["orders"] + own["mail"]
    assert extra.sum() > 0
    assert line["agents_deferred"].tolist() == extra.tolist()
    assert line["agents"].tolist() == (own["calls"] + extra).tolist()
    # Grossed up once, of whole teams: not the calls' rounding and the orders' rounding added.
    assert line["scheduled"].tolist() == np.ceil(line["agents"] / 0.9 - 1e-9).tolist()
    assert (line["bound_by"] == "due").tolist() == (extra > 0).tolist()
    chats = lines[lines["queue"] == "chats"]
    assert chats["agents"].tolist() == own["chats"].tolist() and chats["agents_deferred"].sum() == 0


def test_work_before_the_phones_open_is_a_row_without_contacts() -> None:
    """Orders that are due before anybody calls need people on the line then, and only these."""
    early = Queue("orders", "care", SICK, channel=Deferred(due="daily 09:00", opening_backlog=60), aht=90)
    start = NINE - pd.Timedelta(hours=1)
    _, lines, _ = planned([CALLS, early], come("calls", [60.0] * 4), come("orders", [0.0] * 6, start))
    before = lines[lines["interval"] < NINE]
    assert before["interval"].tolist() == [start, start + pd.Timedelta(minutes=30)]
    assert (before["agents"] == before["agents_deferred"]).all() and before["agents"].sum() == 4
    assert before["volume"].tolist() == before["load"].tolist() == [0.0, 0.0]
    assert (lines["queue"] == "calls").all()


def test_a_back_office_is_one_line_of_its_largest_queue() -> None:
    """Without calls and chats the queue with most work names the line; its agents are for deadlines."""
    team = [ORDERS, MAIL]
    blended, lines, _ = planned(team, come("orders", [5.0] * 12), come("mail", [6.0] * 12))
    assert set(lines["queue"]) == {"orders"}
    sums = blended.groupby("interval")[["agents", "load"]].sum()
    assert lines["agents"].tolist() == lines["agents_deferred"].tolist() == sums["agents"].tolist()
    assert lines["load"].tolist() == pytest.approx(sums["load"].tolist())


def test_a_team_without_deadlines_is_as_it_was() -> None:
    """Calls and outbound alone: the requirement of the calls, nothing raised, no row for the campaign."""
    blended, lines, work = planned([CALLS, OFFERS], come("calls", [60.0] * 6), come("offers", [9.0] * 6))
    own = blended[blended["queue"] == "calls"].reset_index(drop=True)
    pd.testing.assert_frame_equal(lines[own.columns], own)
    assert work.empty


def test_the_planned_people_meet_the_planned_deadlines() -> None:
    """Whom the requirement asks for get it all done: the plan and the replay after the roster agree."""
    team = [CALLS, ORDERS, MAIL]
    tables = (come("calls", [60.0] * 10), come("orders", [0.0] * 10), come("mail", [8.0] * 10))
    blended, lines, work = planned(team, *tables)
    own = blended[blended["queue"] == "calls"]
    busy = (own["agents"] * own["occupancy"]).to_numpy()
    people = lines["agents"].to_numpy()
    done = requirement.worked_off(there(lines, people, busy / people), pd.concat(tables), team, workload=work)
    end = NINE + pd.Timedelta(hours=5)
    assert done.loc[done["due"] <= end, "late"].max() < 1e-6
    assert done.loc[done["queue"] == "orders", "hours"].sum() == pytest.approx(22.5)
    fewer = requirement.worked_off(there(lines, people - 1, 0.9), pd.concat(tables), team, workload=work)
    assert fewer["late"].sum() > 1


@settings(max_examples=60, deadline=None)
@given(
    people=st.lists(st.floats(0, 6), min_size=8, max_size=8),
    busy=st.lists(st.floats(0, 1), min_size=8, max_size=8),
    backlog=st.floats(0, 600),
    mail=st.lists(st.floats(0, 30), min_size=8, max_size=8),
)
def test_no_hour_is_lost_or_worked_twice(
    people: list[float], busy: list[float], backlog: float, mail: list[float]
) -> None:
    """In time, late and open are all the work, and nobody works beyond the cap."""
    orders = Queue("orders", "care", (), channel=Deferred(due="daily 12:00", opening_backlog=backlog), aht=90)
    team = [CALLS, orders, MAIL]
    forecast = pd.concat([come("calls", [0.0] * 8), come("orders", [0.0] * 8), come("mail", mail)])
    work = requirement.workload(forecast, team, calendar=Calendar())
    line = come("calls", [0.0] * 8).assign(team="care")
    done = requirement.worked_off(
        there(line, np.array(people), np.array(busy)), forecast, team, workload=work
    )
    end = NINE + pd.Timedelta(hours=4)
    over = (done["due"] <= end).to_numpy()
    assert np.allclose(done["hours"][over], (done["done"] + done["late"])[over], atol=1e-5)
    assert np.allclose(done["hours"][~over], (done["done"] + done["left"])[~over], atol=1e-5)
    assert (done["late"][~over] == 0).all()
    assert done["hours"].sum() == pytest.approx(work["hours"].sum(), abs=1e-5)
    free = np.maximum(0.9 - np.array(busy), 0.0) * np.array(people) * 0.5
    worked = done["hours"].sum() - done["left"].sum()
    assert worked <= free.sum() + 1e-5
    # All free time before a deadline is all that anything due by then can have had.
    by_noon = free[:6].sum()
    due = done[done["due"] <= NINE + pd.Timedelta(hours=3)]
    assert due["done"].sum() <= by_noon + 1e-5


def test_outbound_calls_of_each_day() -> None:
    """Made in their window with the reserve kept; what is not made is called the next day."""
    days = [come("offers", [10.0] * 6), come("offers", [10.0] * 6, NINE + pd.Timedelta(days=1))]
    forecast = pd.concat(
        [come("calls", [0.0] * 6), come("calls", [0.0] * 6, NINE + pd.Timedelta(days=1)), *days]
    )
    line = forecast[forecast["queue"] == "calls"].assign(team="care")
    empty = requirement.workload(forecast, [CALLS, OFFERS], calendar=Calendar())
    done = requirement.worked_off(there(line, 4.0, 0.0), forecast, [CALLS, OFFERS], workload=empty)
    assert done["due"].dt.strftime("%a %H:%M").tolist() == ["Mon 12:00", "Tue 12:00"]
    assert done["hours"].tolist() == [4.0, 4.0]
    # Two half hours a day with four people less one in reserve: 3 h of 4.
    assert done["done"].tolist() == pytest.approx([3.0, 2.0])
    assert done["late"].tolist() == pytest.approx([1.0, 2.0])
    assert done["left"].tolist() == pytest.approx([0.0, 2.0])
