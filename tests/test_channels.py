"""What agents achieve, by channel: in coverage and beside what came, chats at the end of shifts included."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from staffing import channels, coverage, erlang, requirement, review
from staffing.errors import DataError
from staffing.model import Chat, Deferred, Queue, Shrinkage, Target, Voice

NINE = pd.Timestamp("2026-11-30 09:00", tz="Asia/Seoul").as_unit("us")
CHATS = Queue(
    "chats", team="care", aht=420.0, shrinkage=(Shrinkage("sick", rate=0.1),),
    channel=Chat(concurrency=3, patience=120), target=Target(within=30),
)  # fmt: skip


def come(volume: list[float], queue: str = "chats", **extra: object) -> pd.DataFrame:
    times = pd.date_range(NINE, periods=len(volume), freq="30min", unit="us")
    return pd.DataFrame({"queue": queue, "interval": times, "volume": volume, **extra})


def on_queue(people: int, minutes: int, queue: str = "chats") -> pd.DataFrame:
    names = [f"{number:03d}" for number in range(people)]
    end = NINE + pd.Timedelta(minutes=minutes)
    values = {"start": NINE, "end": end, "activity": "queue", "queue": queue, "paid": True}
    return pd.DataFrame({"agent": names, **values})


def test_calls_are_erlangs() -> None:
    """Erlang C without patience, Erlang A with it, the occupancy of carried load, redials as more load."""
    agents, load = np.array([10.0, 12.5, 30.0]), np.array([9.0, 14.0, 20.0])
    plain = Queue("calls", team="care", shrinkage=())
    found = channels.serve(agents, load, aht=180.0, queue=plain)
    assert found.service_level == pytest.approx(erlang.service_level(agents, load, aht=180, within=20))
    assert found.occupancy == pytest.approx(np.minimum(load / agents, 1.0))
    leaving = replace(plain, channel=Voice(patience=90.0))
    found = channels.serve(agents, load, aht=180.0, queue=leaving)
    model = {"aht": 180.0, "patience": 90.0}
    assert found.service_level == pytest.approx(erlang.service_level(agents, load, within=20, **model))
    assert found.occupancy == pytest.approx(erlang.occupancy(agents, load, **model))
    again = channels.serve(
        agents, load, aht=180.0, queue=replace(plain, channel=Voice(patience=90, redial=0.5))
    )
    total = channels.total_load(load, agents, redial=0.5, **model)
    assert again.service_level == pytest.approx(erlang.service_level(agents, total, within=20, **model))
    assert (again.service_level < found.service_level).all()


def test_nobody_there_and_nobody_comes_are_values() -> None:
    """Without load everybody is answered; without agents nobody, and they are as busy as can be."""
    for channel in (Voice(), Voice(patience=100), Chat(concurrency=3), Chat(concurrency=3, patience=100)):
        queue = Queue("line", team="care", shrinkage=(), channel=channel)
        found = channels.serve([5.0, 0.0, 0.0], [0.0, 3.0, 0.0], aht=200.0, queue=queue)
        assert found.service_level.tolist() == [1.0, 0.0, 1.0]
        assert found.occupancy.tolist() == [0.0, 1.0, 0.0]
    few = Queue("line", team="care", shrinkage=(), channel=Chat(concurrency=3))
    found = channels.serve([40.5, 1.5], [1e-300, 1e-9], aht=200.0, queue=few)
    assert found.service_level == pytest.approx([1.0, 1.0])
    with pytest.raises(DataError, match="nobody waits in 'mail'"):
        channels.serve(1.0, 1.0, aht=60.0, queue=Queue("mail", "care", (), channel=Deferred(due="8h")))


def test_coverage_of_chats_is_what_the_requirement_promised() -> None:
    """Exactly the agents needed, nobody absent: the requirement's service level, interval by interval."""
    queue = replace(CHATS, shrinkage=())
    need = requirement.compute(come([90.0] * 4), [queue])
    people = int(need["agents"].iloc[-1])
    measured = coverage.measure(need, on_queue(people, 120), [queue])
    same = need["agents"].to_numpy() == people
    assert same.sum() >= 2
    assert measured["service_level"][same].tolist() == pytest.approx(need["service_level"][same].tolist())
    assert measured["occupancy"][same].tolist() == pytest.approx(need["occupancy"][same].tolist())
    as_calls = erlang.service_level(float(people), need["load"].iloc[-1], aht=420, within=30, patience=120)
    assert as_calls < 0.5 < measured["service_level"].iloc[-1]


def test_no_new_chats_before_going_home() -> None:
    """The last minutes of a shift count as the chats still in hand: against a count of exponential chats."""
    queue = replace(CHATS, channel=Chat(concurrency=3, last_chat_minutes=20))
    need = requirement.compute(come([90.0] * 4), [queue])
    measured = coverage.measure(need, on_queue(8, 105), [queue])
    plain = coverage.measure(need, on_queue(8, 105), [CHATS])
    length = float(channels.chat_time(420.0, concurrency=3, typing_ratio=0.75))
    left = np.random.default_rng(4).exponential(length, 200_000)
    worth = np.minimum(left, 1200.0).mean() / 1200.0
    # 20 minutes before 10:45 begin at 10:25: five lie before half past ten, fifteen after.
    lost = (1.0 - worth) * 8 * 0.9
    assert (plain["expected"] - measured["expected"]).tolist() == pytest.approx(
        [0.0, 0.0, lost * 5 / 30, lost * 15 / 30], rel=0.01
    )
    assert measured["staffed"].equals(plain["staffed"]) and measured["gap"].equals(plain["gap"])
    assert measured["service_level"].iloc[3] < plain["service_level"].iloc[3]


def test_a_break_is_not_the_end_of_a_shift() -> None:
    """Before lunch an agent hands nothing on: new chats come until the last minutes of the day."""
    queue = replace(CHATS, channel=Chat(concurrency=3, last_chat_minutes=15))
    need = requirement.compute(come([30.0] * 4), [queue])
    hour, lunch = (
        on_queue(1, 60),
        on_queue(1, 90).assign(start=NINE + pd.Timedelta("60min"), activity="lunch", queue=""),
    )
    after = on_queue(1, 120).assign(start=NINE + pd.Timedelta("90min"))
    lost = coverage.winding_down(pd.concat([hour, lunch, after], ignore_index=True), need, [queue])
    assert lost[:3].tolist() == [0.0, 0.0, 0.0] and lost[3] > 0
    assert coverage.winding_down(hour, need, [queue])[1] > 0


@pytest.mark.parametrize(
    "queue",
    [
        replace(CHATS, speed=0.8, deflected=0.25, ivr=0.1),
        replace(CHATS, channel=Chat(concurrency=3, measured_at=3)),
        Queue(
            "chats", team="care", aht=180, shrinkage=(), speed=0.9, deflected=0.2, channel=Voice(patience=120)
        ),
    ],
    ids=["chats", "measured at three", "calls"],
)
def test_what_reached_the_agents_counts_once(queue: Queue) -> None:
    """If exactly the plan's contacts come, the review has the plan's people and service."""
    need = requirement.compute(come([200.0] * 4, aht=420.0), [queue])
    plan = coverage.measure(need, on_queue(int(need["scheduled"].max()), 120), [queue])
    actual = plan[["queue", "interval"]].assign(offered=plan["volume"])
    beside = review.compare(plan, actual, [queue])
    assert beside["scheduled_for_actual"].tolist() == need["scheduled"].tolist()
    assert beside["service_level"].tolist() == pytest.approx(beside["service_level_planned"].tolist())


def test_people_for_deadlines_are_needed_whatever_came() -> None:
    """Half of the chats came: the need falls by what these take, not by the orders due at noon."""
    need = requirement.compute(come([90.0] * 4), [CHATS])
    more = need.assign(agents_deferred=2.0, agents=need["agents"] + 2, scheduled=need["scheduled"] + 3)
    actual = need[["queue", "interval"]].assign(offered=45.0)
    people = on_queue(12, 120)
    both = [
        review.compare(coverage.measure(table, people, [CHATS]), actual, [CHATS]) for table in (need, more)
    ]
    gained = both[1]["scheduled_for_actual"] - both[0]["scheduled_for_actual"]
    assert gained.between(2, 3).all()
