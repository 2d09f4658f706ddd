"""Chats and work with a deadline in the replay: against exact chains, the requirement and by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from staffing import requirement, simulation
from staffing.calendar import Calendar
from staffing.channels import chat as model
from staffing.errors import DataError
from staffing.model import Chat, Deferred, Queue, Shrinkage, Target, Voice
from staffing.simulation import deadlines, observed

NINE = pd.Timestamp("2026-11-30 09:00", tz="Asia/Seoul").as_unit("us")
MINUTE = pd.Timedelta("1min")


def queue(channel: Chat | Voice | Deferred, name: str = "chats", **more: object) -> Queue:
    return Queue(name, **{"team": "service", "shrinkage": (), "channel": channel, **more})


def volumes(per_half_hour: float, intervals: int, *, aht: float, name: str = "chats") -> pd.DataFrame:
    times = pd.date_range(NINE, periods=intervals, freq="30min", unit="us")
    return pd.DataFrame({"queue": name, "interval": times, "volume": float(per_half_hour), "aht": float(aht)})


def crew(size: int, *spans: tuple[float, float], name: str = "chats") -> pd.DataFrame:
    rows = [
        {"agent": f"{n:03d}", "start": NINE + a * MINUTE, "end": NINE + b * MINUTE, "activity": "queue",
         "queue": name, "paid": True}
        for n in range(size) for a, b in spans
    ]  # fmt: skip
    return pd.DataFrame(rows)


def replay(
    agents: int, load: float, channel: Chat | Voice, *, seed: int = 1, **more: object
) -> simulation.Replay:
    """A steady day of so many erlangs of single chats of 420 s."""
    return simulation.run(
        crew(agents, (0, 960)),
        [queue(channel, target=Target(within=30.0))],
        forecast=volumes(load * 1800 / 420.0, 32, aht=420.0),
        warm_start=8,
        replications=120,
        seed=seed,
        **more,
    )


def chats_at_once(work: list[tuple[float, float]], pace: list[float]) -> list[float]:
    """When each chat (came, work) of one agent who has room for all ends, one event at a time."""
    left, ends, now = {}, [math.nan] * len(work), 0.0
    comes = [*(came for came, _ in work), math.inf]
    for k, when in enumerate(comes):
        while left:
            speed = pace[len(left)] / len(left)
            first = min(left, key=lambda chat: left[chat])
            if now + left[first] / speed > when:
                break
            now, lasts = now + left[first] / speed, left[first]
            left = {chat: rest - lasts for chat, rest in left.items() if chat != first}
            ends[first] = now
        if when < math.inf:
            left = {chat: rest - (when - now) * pace[len(left)] / len(left) for chat, rest in left.items()}
            now, left[k] = when, work[k][1]
    return ends


# --- chats


@pytest.mark.parametrize("patience", [None, 300.0])
def test_a_single_agent_with_three_chats_is_the_exact_chain(patience: float | None) -> None:
    """Abandonment, wait, service level and occupancy of requirement's finite-source model, exact for one."""
    channel = Chat(concurrency=3, typing_ratio=0.75, patience=patience)
    load = 1.3
    told = replay(1, load, channel, seed=2)
    args = np.array([1.0]), np.array([load]), np.array([420.0]), channel
    in_time, lost, asa = model.parts(*args, within=30.0, definition="offered")
    day = told.by_day.iloc[0]
    for name, exact in (("service_level", in_time[0]), ("abandonment", lost[0]), ("asa", asa[0])):
        assert day[f"{name}_error"] <= 0.1 * max(exact, 0.1)
        assert abs(day[name] - exact) <= 4 * day[f"{name}_error"], (name, day[name], exact)
    carried = load * (1 - lost[0]) / model.throughput(3, typing_ratio=0.75)
    agent = told.by_agent.iloc[0]
    assert agent["occupancy"] == pytest.approx(carried, abs=4 * agent["occupancy_error"])


def test_several_agents_come_near_the_requirements_model() -> None:
    """Service level and abandonment; the model spreads chats evenly at every moment, which nobody can."""
    channel = Chat(concurrency=3, typing_ratio=0.75, patience=200.0)
    day = replay(4, 5.2, channel).by_day.iloc[0]
    args = np.array([4.0]), np.array([5.2]), np.array([420.0]), channel
    in_time, lost, _ = model.parts(*args, within=30.0, definition="offered")
    assert day["service_level"] == pytest.approx(in_time[0], abs=0.02)
    assert day["abandonment"] == pytest.approx(lost[0], abs=0.01)
    # Three at once are not three agents: as many slots of full speed would serve nearly everybody.
    assert day["service_level"] < 0.97


@pytest.mark.parametrize("ratio", [0.4, 1.0, 3.0])
def test_the_pace_of_chats_is_the_models(ratio: float) -> None:
    """Chat by chat, on an agent who has room for all: when each ends, to the microsecond."""
    rng = np.random.default_rng(7)
    came = np.sort(rng.uniform(0, 1700, 12)).round(3)
    work = rng.exponential(200.0, 12).round(3)
    calls = pd.DataFrame(
        {"queue": "chats", "arrived": [NINE + pd.Timedelta(c, "s") for c in came], "wait": 0.0,
         "service": work, "outcome": "answered"}
    ).astype({"arrived": "datetime64[us, Asia/Seoul]"})  # fmt: skip
    channel = Chat(concurrency=12, typing_ratio=ratio)
    told = simulation.run(crew(1, (0, 30)), [queue(channel)], calls=calls, replications=2).contacts
    pace = model.throughput(np.arange(13), typing_ratio=ratio).tolist()
    expected = np.array(chats_at_once(list(zip(came, work, strict=True)), pace)) - came
    assert (told["wait"] == 0.0).all()
    assert np.allclose(told["service"], expected, atol=1e-4)
    assert told["service"].sum() > 1.05 * work.sum()


def test_the_handle_time_is_that_of_the_level_it_was_measured_at() -> None:
    """A chat of 420 s measured with three at once is one of 237 s by itself."""
    alone = 420.0 * 1.691 / 3
    one = replay(6, 1.0, Chat(concurrency=3, measured_at=3)).by_interval
    other = replay(6, 1.0, Chat(concurrency=3), service={"chats": observed([1.0])}).by_interval
    assert one["occupancy"].mean() / other["occupancy"].mean() == pytest.approx(alone / 420.0, rel=0.03)


def test_one_chat_at_a_time_is_a_call() -> None:
    """With a concurrency of one, the replay is that of calls."""
    one, call = replay(6, 5.0, Chat(concurrency=1, patience=90)), replay(6, 5.0, Voice(patience=90))
    pd.testing.assert_frame_equal(one.by_interval, call.by_interval)


def test_chats_keep_to_presence_and_order() -> None:
    """No chat begins in an absence, none is one too many, all end once, and the line is served in order."""
    segments = crew(2, (0, 55), (70, 200))
    told = simulation.run(
        segments,
        [queue(Chat(concurrency=2, patience=400.0))],
        forecast=volumes(30.0, 8, aht=300.0),
        replications=5,
        seed=4,
    )
    all_of, got = told.by_interval, told.contacts
    assert np.allclose(all_of["offered"], all_of[["answered", "abandoned", "waiting"]].sum(axis=1))
    done = got[got["outcome"] == "answered"]
    assert len(done) > 50 and set(done["agent"]) == {"000", "001"} and (got["outcome"] == "abandoned").any()
    begins = (done["arrived"] - NINE).dt.total_seconds() + done["wait"]
    ends = begins + done["service"]
    assert begins.between(0, 55 * 60).sum() + begins.between(70 * 60, 200 * 60).sum() == len(done)
    assert begins.is_monotonic_increasing
    most = 0
    for agent in ("000", "001"):
        own = (done["agent"] == agent).to_numpy()
        for moment in begins[own]:
            most = max(most, int(((begins[own] <= moment) & (moment < ends[own] - 1e-5)).sum()))
    assert most == 2
    assert (told.by_agent["occupancy"] <= 1 + 1e-9).all()


@pytest.mark.parametrize("sick", [0.0, 0.3])
def test_no_new_chat_at_the_end_of_a_shift(sick: float) -> None:
    """None begins in the last minutes of a shift, but before a break they do; those in hand are finished."""
    causes = (Shrinkage("sick", sick),) if sick else ()
    quiet = queue(Chat(concurrency=2, last_chat_minutes=20), shrinkage=causes)
    spans = (0, 55), (70, 200), (1440, 1500)
    forecast = pd.concat([volumes(30.0, 8, aht=300.0)] * 2, ignore_index=True)
    forecast.loc[8:, "interval"] += pd.Timedelta("1D")
    for seed in range(4):
        told = simulation.run(crew(2, *spans), [quiet], forecast=forecast, replications=3, seed=seed)
        done = told.contacts[told.contacts["outcome"] == "answered"]
        begins = ((done["arrived"] - NINE).dt.total_seconds() + done["wait"]) / 60
        assert not (begins.between(180, 1400) | (begins > 1480)).any()
        # Who is on the queue to the end has his whole segment counted, once.
        assert (told.by_agent["on_queue"] <= (55 + 130 + 60 + 30) / 60).all()
        assert sick or (begins.between(45, 55).any() and begins.between(170, 180).any())


def test_agents_of_chats_who_answer_calls_too_are_refused() -> None:
    """What is not simulated is said, not guessed."""
    skills = pd.DataFrame({"agent": ["000"], "queue": ["calls"]})
    forecast = pd.concat([volumes(5, 4, aht=60.0), volumes(5, 4, aht=60.0, name="calls")])
    queues = [queue(Chat(concurrency=2)), queue(Voice(), "calls")]
    with pytest.raises(DataError, match="several chats at once answer other queues too: 'chats', 'calls'"):
        simulation.run(crew(1, (0, 60)), queues, forecast=forecast, skills=skills)


# --- work with a deadline


@pytest.mark.parametrize("rule", ["daily 12:00", "mon-fri 17:00", "sat-mon 9:30", "fri 00:00", "3h", "20.5h"])
def test_deadlines_are_those_of_the_requirement(rule: str) -> None:
    """Two codes, one answer: over nights, closed days, half days and the change of the clock."""
    week = {
        "mon": [("09:00", "18:00")],
        "tue": [("09:00", "12:00"), ("14:00", "18:00")],
        "thu": [("09:00", "18:00")],
        "fri": [("09:00", "24:00")],
        "sat": [("00:00", "06:00")],
    }
    calendar = Calendar(opening={"mail": week}, closed=["2026-10-22"])
    times = pd.date_range("2026-10-19", "2026-10-28", freq="30min", tz="Europe/Madrid", unit="us")
    forecast = pd.DataFrame({"queue": "mail", "interval": times, "volume": 1.0, "aht": 60.0})
    work = requirement.workload(forecast, [queue(Deferred(due=rule), "mail")], calendar=calendar)
    found = deadlines.due("mail", rule, pd.DatetimeIndex(work["released"]), calendar)
    assert (found == pd.DatetimeIndex(work["due"])).all()
    with pytest.raises(DataError, match="is not open so within 60 days"):
        deadlines.due("mail", "sun 12:00", times, calendar)


def two_queues(*, orders_due: str, letters_due: str) -> simulation.Replay:
    """Ten orders and ten letters of ten minutes wait for one agent who may take either."""
    queues = [
        queue(Deferred(due=orders_due, opening_backlog=10), "orders"),
        queue(Deferred(due=letters_due, opening_backlog=10), "letters"),
    ]
    forecast = pd.concat([volumes(0, 8, aht=600.0, name=name) for name in ("orders", "letters")])
    skills = pd.DataFrame({"agent": "000", "queue": ["orders", "letters"], "level": 1})
    segments = crew(1, (5, 105), (110, 240), name="orders").assign(activity="deferrable")
    service = {name: observed([600.0]) for name in ("orders", "letters")}
    return simulation.run(segments, queues, forecast=forecast, skills=skills, service=service, replications=3)


def test_work_is_done_by_its_due_date() -> None:
    """What is due first is done first, whichever queue it lies in; on time is done by then."""
    told = two_queues(orders_due="daily 10:05", letters_due="daily 12:00")
    done = told.contacts.assign(begins=lambda rows: rows["wait"]).sort_values("begins")
    assert done["queue"].tolist() == ["orders"] * 10 + ["letters"] * 10
    days = told.by_day.set_index("queue")
    # From minute 5, six orders end by 65; letters begin at 110, and seven end by noon (180).
    assert days["answered_within"].to_dict() == {"orders": 6.0, "letters": 7.0}
    assert days["service_level"].to_dict() == {"orders": 0.6, "letters": 0.7}
    turned = two_queues(orders_due="daily 12:00", letters_due="daily 10:05").contacts
    assert turned.sort_values("wait")["queue"].tolist() == ["letters"] * 10 + ["orders"] * 10


def test_calls_go_before_work_that_can_wait() -> None:
    """At one level, a call comes before e-mail that is due later; that is done in between, oldest first."""
    queues = [queue(Voice(), "calls"), queue(Deferred(due="daily 18:00", opening_backlog=30), "mail")]
    forecast = pd.concat([volumes(4, 6, aht=120.0, name="calls"), volumes(6, 6, aht=120.0, name="mail")])
    skills = pd.DataFrame({"agent": ["000", "000"], "queue": ["calls", "mail"], "level": [1, 1]})
    told = simulation.run(
        crew(1, (0, 180), name="calls"), queues, forecast=forecast, skills=skills, replications=100, seed=3
    )
    waits = told.contacts.groupby("queue")["wait"].mean()
    assert waits["calls"] < 300 < waits["mail"]
    mail = told.contacts[(told.contacts["queue"] == "mail") & (told.contacts["outcome"] == "answered")]
    begins = mail["arrived"] + pd.to_timedelta(mail["wait"], unit="s")
    assert len(mail) > 20 and begins.is_monotonic_increasing


# --- the nouns


def test_deflection_voice_menu_and_speed_count() -> None:
    """Contacts that never reach an agent do not come, and slower people take longer."""
    plain = queue(Voice(), "chats")
    told = queue(Voice(), "chats", deflected=0.2, ivr=0.5, speed=0.5)
    one, other = (
        simulation.run(crew(20, (0, 480)), [q], forecast=volumes(60, 16, aht=120.0), replications=60, seed=6)
        for q in (plain, told)
    )
    assert other.by_day["offered"].iloc[0] / one.by_day["offered"].iloc[0] == pytest.approx(0.4, rel=0.02)
    assert other.contacts["service"].mean() / one.contacts["service"].mean() == pytest.approx(2.0, rel=0.3)
    load = other.by_interval["occupancy"].mean() / one.by_interval["occupancy"].mean()
    assert load == pytest.approx(0.8, rel=0.03)
    calls = one.contacts
    as_it_was = simulation.run(crew(20, (0, 480)), [told], calls=calls, replications=2)
    assert as_it_was.by_day["offered"].iloc[0] == len(calls)
    assert np.allclose(as_it_was.contacts["service"], calls["service"], atol=1e-5)


def test_redials_stand_in_a_log() -> None:
    """A log holds every attempt: none is added to it."""
    again = queue(Voice(30.0, redial=0.9), "chats")
    first = simulation.run(
        crew(1, (0, 120)), [again], forecast=volumes(40, 4, aht=240.0), replications=1, seed=2
    )
    lost = first.contacts["outcome"] == "abandoned"
    assert lost.sum() > 20
    told = simulation.run(crew(1, (0, 120)), [again], calls=first.contacts, replications=3)
    assert told.by_day["offered"].iloc[0] == len(first.contacts)


def test_impatience_may_be_lognormal_or_observed() -> None:
    """Nobody is there: the wait of those who hang up is their patience, with its own law and mean."""
    nobody = crew(1, (0, 60)).iloc[:0]
    for law, cv in (
        (simulation.lognormal(0.5), 0.5),
        (observed([30.0, 90.0]), 0.5),
        (simulation.exponential(), 1),
    ):
        told = simulation.run(
            nobody,
            [queue(Voice(60.0))],
            forecast=volumes(2000, 4, aht=60.0),
            patience={"chats": law},
            replications=1,
        ).contacts
        waits = told.loc[told["outcome"] == "abandoned", "wait"]
        assert waits.mean() == pytest.approx(60.0, rel=0.06)
        assert waits.std() / waits.mean() == pytest.approx(cv, rel=0.1)
