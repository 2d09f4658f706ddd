"""The replay against exact queueing formulas, against a slow oracle, and against what must always hold."""

from __future__ import annotations

import csv
import doctest
import heapq
import importlib
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing import simulation
from staffing.calendar import Calendar
from staffing.errors import DataError
from staffing.model import Deferred, Outbound, Queue, Shrinkage, Target, Voice
from staffing.simulation import Law, demand, laws, lognormal, observed, people
from staffing.simulation.floor import Floor
from staffing.simulation.line import Line
from staffing.simulation.stream import stream
from staffing.simulation.tally import Answers
from staffing.tables import CALLS, SEGMENTS, check

ZONE = "Asia/Seoul"
NINE = pd.Timestamp("2026-11-30 09:00", tz=ZONE).as_unit("us")
MINUTE = pd.Timedelta("1min")


def queue(name: str = "calls", *, patience: float | None = None, **more: object) -> Queue:
    """A queue of the service team without shrinkage."""
    return Queue(name, **{"team": "service", "shrinkage": (), "channel": Voice(patience), **more})


def volumes(per_half_hour: float, intervals: int, *, aht: float, name: str = "calls") -> pd.DataFrame:
    """A flat forecast from nine o'clock on."""
    times = pd.date_range(NINE, periods=intervals, freq="30min", unit="us")
    return pd.DataFrame({"queue": name, "interval": times, "volume": float(per_half_hour), "aht": float(aht)})


def shift(agent: str, *parts: tuple[float, float], name: str = "calls") -> list[dict[str, object]]:
    """Segments on a queue, from and to in minutes after nine."""
    return [
        {"agent": agent, "start": NINE + a * MINUTE, "end": NINE + b * MINUTE, "activity": "queue",
         "queue": name, "paid": True}
        for a, b in parts
    ]  # fmt: skip


def crew(size: int, minutes: float, *, name: str = "calls") -> pd.DataFrame:
    """People who stay all the time."""
    return pd.DataFrame([row for n in range(size) for row in shift(f"{n:03d}", (0, minutes), name=name)])


def log(*calls: tuple[float, float], name: str = "calls") -> pd.DataFrame:
    """Calls that came in minutes after nine and last so many minutes."""
    return pd.DataFrame(
        {
            "queue": name,
            "arrived": pd.DatetimeIndex([NINE + a * MINUTE for a, _ in calls]).as_unit("us"),
            "wait": 0.0,
            "outcome": "answered",
            "service": [60.0 * b for _, b in calls],
        }
    )


# --- exact values


def erlang_c(agents: int, load: float, aht: float, within: float) -> dict[str, float]:
    """Waiting probability, service level and mean wait of M/M/n, from the recursion for Erlang B."""
    blocked = 1.0
    for k in range(1, agents + 1):
        blocked = load * blocked / (k + load * blocked)
    waits = agents * blocked / (agents - load * (1 - blocked))
    return {
        "service_level": 1 - waits * math.exp(-(agents - load) * within / aht),
        "asa": waits * aht / (agents - load),
        "occupancy": load / agents,
    }


def erlang_a(agents: int, load: float, aht: float, patience: float) -> dict[str, float]:
    """Abandonment and occupancy of M/M/n+M, from its birth-and-death chain."""
    chain = [1.0]
    while len(chain) < 40 * agents + 400:
        k = len(chain)
        leaves = min(k, agents) / aht + max(k - agents, 0) / patience
        chain.append(chain[-1] * (load / aht) / leaves)
    states = np.array(chain) / sum(chain)
    line = float(states @ np.maximum(np.arange(len(chain)) - agents, 0))
    lost = line / patience / (load / aht)
    return {"abandonment": lost, "occupancy": load * (1 - lost) / agents}


def within_four_errors(row: pd.Series, exact: dict[str, float]) -> None:
    """A measure differs from its exact value by at most four of its standard errors."""
    for name, value in exact.items():
        error = row[f"{name}_error"]
        assert error < 0.1 * max(abs(value), 0.1), f"{name}: an error of {error} proves nothing"
        assert abs(row[name] - value) <= 4 * error, f"{name}: {row[name]} +- {error}, exact {value}"


@pytest.mark.parametrize("share", [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95])
def test_erlang_c_is_met(share: float) -> None:
    """Endless patience: service level, mean wait and occupancy of M/M/n."""
    agents, aht = 8, 60.0
    load = share * agents
    replay = simulation.run(
        crew(agents, 16 * 30),
        [queue(target=Target(within=15.0))],
        forecast=volumes(load * 1800 / aht, 16, aht=aht),
        warm_start=16,
        replications=150,
        seed=1,
    )
    within_four_errors(replay.by_day.iloc[0], erlang_c(agents, load, aht, 15.0))


@pytest.mark.parametrize("share", [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2])
def test_erlang_a_is_met(share: float) -> None:
    """Customers who hang up: abandonment and occupancy of M/M/n+M, below and above the load."""
    agents, aht, patience = 20, 180.0, 120.0
    load = share * agents
    replay = simulation.run(
        crew(agents, 24 * 30),
        [queue(patience=patience)],
        forecast=volumes(load * 1800 / aht, 24, aht=aht),
        warm_start=4,
        replications=400,
        seed=2,
    )
    within_four_errors(replay.by_day.iloc[0], erlang_a(agents, load, aht, patience))


def test_the_exact_grid_is_met(shared: Path) -> None:
    """Every definition of the service level and both waits, on rows of the reference values."""
    with (shared / "reference" / "queueing_exact.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "A" and row["note"] == "grid"]
    chosen = [row for row in rows if row["n"] in ("5", "14", "30") and 100 <= float(row["aht"]) <= 300]
    chosen = [row for row in chosen if 0.5 <= float(row["a"]) / float(row["n"]) <= 1.2]
    assert len(chosen) >= 8
    for row in chosen:
        agents, load, aht = int(row["n"]), float(row["a"]), float(row["aht"])
        replay = simulation.run(
            crew(agents, 16 * 30),
            [queue(patience=float(row["patience"]), target=Target(within=float(row["t"])))],
            forecast=volumes(load * 1800 / aht, 16, aht=aht),
            warm_start=4,
            replications=200,
            seed=3,
        )
        exact = {
            "service_level_offered": float(row["sl_offered"]),
            "service_level_excluding_short_abandons": float(row["sl_excl_short_ab"]),
            "service_level_answered": float(row["sl_answered"]),
            "service_level_counting_short_abandons": float(row["sl_ab_ok"]),
            "asa": float(row["asa_answered"]),
            "abandonment": float(row["p_abandon"]),
            "occupancy": float(row["occupancy"]),
        }
        within_four_errors(replay.by_day.iloc[0], exact)
        line = replay.by_interval["backlog"]
        error = replay.by_interval["backlog_error"].mean() / math.sqrt(len(line) / 4)
        assert abs(line.mean() - float(row["mean_queue"])) <= 4 * error


@pytest.mark.parametrize(("law", "cv"), [(lognormal(1.5), 1.5), (observed([60.0]), 0.0)])
def test_a_single_agent_follows_pollaczek_and_khinchine(law: Law, cv: float) -> None:
    """Mean wait of M/G/1 with lognormal and with constant handle times."""
    load, aht = 0.6, 60.0
    replay = simulation.run(
        crew(1, 48 * 30),
        [queue()],
        forecast=volumes(load * 1800 / aht, 48, aht=aht),
        service={"calls": law},
        warm_start=8,
        replications=400,
        seed=4,
    )
    wait = load / (1 - load) * aht * (1 + cv**2) / 2
    within_four_errors(replay.by_day.iloc[0], {"asa": wait})


def test_priorities_follow_cobham() -> None:
    """Two classes of callers, one before the other, finished once begun: Cobham's waits (1954)."""
    agents, aht, loads = 4, 120.0, {"gold": 1.2, "plain": 2.0}
    names = [f"{n:03d}" for n in range(agents)]
    forecast = pd.concat([volumes(a * 1800 / aht, 30, aht=aht, name=name) for name, a in loads.items()])
    replay = simulation.run(
        crew(agents, 30 * 30, name="plain"),
        [queue("gold"), queue("plain")],
        forecast=forecast,
        skills=pd.DataFrame(
            [{"agent": n, "queue": q, "level": k} for n in names for k, q in enumerate(loads, start=1)]
        ),
        warm_start=8,
        replications=400,
        seed=5,
    )
    ahead = loads["gold"] / agents
    wait = erlang_c(agents, sum(loads.values()), aht, 0.0)["asa"] * (1 - sum(loads.values()) / agents)
    rows = replay.by_day.set_index("queue")
    within_four_errors(rows.loc["gold"], {"asa": wait / (1 - ahead)})
    within_four_errors(rows.loc["plain"], {"asa": wait / (1 - ahead) / (1 - sum(loads.values()) / agents)})


def test_full_pooling_is_one_queue() -> None:
    """Two queues that everybody answers alike lose as many as one queue with both loads."""
    agents, aht, patience = 12, 180.0, 90.0
    names = [f"{n:03d}" for n in range(agents)]
    skills = pd.DataFrame([{"agent": n, "queue": q, "level": 1} for n in names for q in ("a", "b")])
    replay = simulation.run(
        pd.concat([crew(agents, 480, name="a").iloc[:6], crew(agents, 480, name="b").iloc[6:]]),
        [queue("a", patience=patience), queue("b", patience=patience)],
        forecast=pd.concat([volumes(40, 16, aht=aht, name="a"), volumes(80, 16, aht=aht, name="b")]),
        skills=skills,
        warm_start=4,
        replications=250,
        seed=6,
    )
    exact = erlang_a(agents, 12.0, aht, patience)["abandonment"]
    within_four_errors(replay.by_day.iloc[0], {"abandonment": exact})
    within_four_errors(replay.by_day.iloc[1], {"abandonment": exact})


# --- two engines, and a slow third


def both_engines(
    segments: pd.DataFrame, one: Queue, forecast: pd.DataFrame, law: Law, replications: int, seed: int
) -> tuple[Answers, Answers]:
    """The same contacts and people in the engine of one line and in that of several queues."""
    sources = {"forecast": forecast, "paths": None, "calls": None}
    manner = demand.Manner({"calls": law}, {}, 300.0, Calendar())
    grid, (coming,) = demand.read([one], sources, manner, warm=0, every="30min")
    everybody = people.read(segments, [one], None, grid.origin, grid.begin)
    rows = np.arange(replications)
    always = (-people.NEVER, people.NEVER)
    contacts = stream(coming, grid, always, rows, seed).whole()
    gone = people.missed(everybody, rows, seed)
    present = people.windows(everybody, gone, always, np.ones(len(everybody.names), dtype=bool))
    busy = np.full((replications, len(present.agents)), -people.NEVER)
    fast = Line(contacts.arrived, present, busy).answer(contacts)
    slow = Floor([contacts], present, everybody.levels, busy, grid.span)
    slow.answer()
    return fast, slow.answers(everybody.home, grid.end)[0]


@settings(max_examples=15, deadline=None)
@given(
    size=st.integers(1, 9),
    rush=st.floats(0.3, 3.0),
    patience=st.sampled_from([None, 40.0, 400.0]),
    aht=st.sampled_from([60.0, 300.0, 3000.0]),
    sick=st.sampled_from([0.0, 0.3]),
    seed=st.integers(0, 999),
)
def test_both_engines_agree_to_the_microsecond(
    size: int, rush: float, patience: float | None, aht: float, sick: float, seed: int
) -> None:
    """Same start, same agent, same window for every contact, in light traffic and in collapse."""
    rng = np.random.default_rng(seed)
    rows = []
    for n in range(size):
        start = 15 * rng.integers(0, 8)
        rows += shift(f"{n:03d}", (start, start + 60), (start + 70, start + 150), (start + 180, start + 300))
    causes = (Shrinkage("sick", sick),) if sick else ()
    fast, slow = both_engines(
        pd.DataFrame(rows),
        queue(patience=patience, shrinkage=causes),
        volumes(max(rush * size * 1800 / aht, 1.0), 14, aht=aht),
        lognormal(1.3),
        8,
        seed,
    )
    size = len(fast.arrived)
    served = fast.started <= fast.deadline
    assert (served == (slow.started <= slow.deadline)[:size]).all()
    for name in ("started", "cell", "until"):
        assert (getattr(fast, name)[served] == getattr(slow, name)[:size][served]).all(), name


def oracle(
    calls: list[tuple[float, int, float, float]], staff: list[tuple[list[float], list[tuple[float, float]]]]
) -> list[tuple[float, int] | None]:
    """One event at a time: when each call (arrived, queue, service, deadline) is answered, and by whom.

    An agent is his levels by queue (infinite: not answered) and the windows in which he is there.
    """
    answered: list[tuple[float, int] | None] = [None] * len(calls)
    waiting: list[int] = []
    free_since: dict[int, float] = {}
    on_call: set[int] = set()
    # At the same moment: agents first, by number, then calls in order.
    events = [(arrived, 1, k) for k, (arrived, *_) in enumerate(calls)]
    events += [(time, 0, a) for a, (_, spans) in enumerate(staff) for span in spans for time in span]
    heapq.heapify(events)

    def give(call: int, agent: int, now: float) -> None:
        answered[call] = (now, agent)
        on_call.add(agent)
        free_since.pop(agent, None)
        heapq.heappush(events, (now + calls[call][2], -1, agent))

    while events:
        now, kind, which = heapq.heappop(events)
        if kind == 1:
            levels = {a: staff[a][0][calls[which][1]] for a in free_since}
            able = [(level, free_since[a], a) for a, level in levels.items() if level < math.inf]
            if able:
                give(which, min(able)[2], now)
            else:
                waiting.append(which)
            continue
        if kind == -1:
            on_call.discard(which)
        there = any(a <= now < b for a, b in staff[which][1])
        if which in on_call or (there and which in free_since):
            continue
        free_since.pop(which, None)
        if there:
            waiting[:] = [k for k in waiting if calls[k][3] >= now]
            mine = [(staff[which][0][calls[k][1]], calls[k][0], k) for k in waiting]
            mine = [choice for choice in mine if choice[0] < math.inf]
            if mine:
                waiting.remove(min(mine)[2])
                give(min(mine)[2], which, now)
            else:
                free_since[which] = now
    return answered


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), queues=st.integers(1, 3), size=st.integers(0, 5))
def test_several_skills_agree_with_the_oracle(seed: int, queues: int, size: int) -> None:
    """Random skills, levels, breaks and calls: the same answer for every call as one event at a time."""
    rng = np.random.default_rng(seed)
    names = [f"q{n}" for n in range(queues)]
    rows, skills = [], []
    for n in range(size):
        a = int(rng.integers(0, 60))
        home = names[int(rng.integers(queues))]
        rows += shift(f"{n:03d}", (a, a + 40), (a + 55, a + 100), name=home)
        levels = rng.integers(1, 3, queues)
        some = rng.random(queues) < 0.6
        skills += [
            {"agent": f"{n:03d}", "queue": name, "level": int(level)}
            for name, level, has in zip(names, levels, some, strict=True)
            if has or name == home
        ]
    counts = 5 + rng.integers(0, 40, queues)
    came = [np.sort(rng.uniform(0, 150, count)) for count in counts]
    logs = [log(*zip(times, rng.exponential(6.0, len(times)), strict=True), name=name)
            for times, name in zip(came, names, strict=True)]  # fmt: skip
    calls = pd.concat(logs, ignore_index=True)
    hung_up = rng.random(len(calls)) < 0.5
    calls.loc[hung_up, "outcome"] = "abandoned"
    calls.loc[hung_up, "wait"] = rng.exponential(240.0, int(hung_up.sum())).round(3)
    calls["arrived"] = calls["arrived"].dt.round("ms")
    calls["service"] = calls["service"].round(3)
    staffed = pd.DataFrame(rows) if rows else SEGMENTS.empty()
    replay = simulation.run(
        staffed,
        [queue(name) for name in names],
        calls=calls,
        skills=pd.DataFrame(skills) if skills else None,
        service={name: observed([200.0]) for name in names},
        replications=2,
        seed=seed,
    )
    lasts = np.where(hung_up, 200.0, calls["service"])
    arrived = (calls["arrived"] - NINE).dt.total_seconds().to_numpy()
    deadline = np.where(hung_up, arrived + calls["wait"], math.inf)
    order = np.lexsort((calls["queue"], arrived))
    given_calls = [
        (round(1e6 * arrived[k]), names.index(calls["queue"][k]), round(1e6 * lasts[k]),
         round(1e6 * deadline[k]) if hung_up[k] else math.inf)
        for k in order
    ]  # fmt: skip
    staff = []
    for n in range(size):
        own = {row["queue"]: float(row["level"]) for row in skills if row["agent"] == f"{n:03d}"}
        spans = [((row["start"] - NINE) // pd.Timedelta("1us"), (row["end"] - NINE) // pd.Timedelta("1us"))
                 for row in rows if row["agent"] == f"{n:03d}"]  # fmt: skip
        staff.append(([own.get(name, math.inf) for name in names], spans))
    expected = oracle(given_calls, staff)
    got = replay.contacts
    assert [who[1] if who else -1 for who in expected] == [int(name) if name else -1 for name in got["agent"]]
    started = (got["arrived"] - NINE).dt.total_seconds() + got["wait"]
    for who, time in zip(expected, started, strict=True):
        assert who is None or abs(who[0] - 1e6 * time) < 2


# --- what must always hold


def busy_day(*, patience: float | None = 90.0, seed: int = 7, replications: int = 1) -> tuple:
    """Two queues, people with two skills, breaks, and too few of them at times."""
    rows = []
    for n in range(8):
        start = 30 * (n % 4)
        home = "sales" if n < 5 else "care"
        rows += shift(f"{n:03d}", (start, start + 115), (start + 130, start + 260), name=home)
    segments = pd.DataFrame(rows)
    queues = [queue("sales", patience=patience), queue("care", patience=patience, target=Target(within=40.0))]
    forecast = pd.concat(
        [volumes(25, 12, aht=240, name="sales"), volumes(18, 12, aht=300, name="care")], ignore_index=True
    )
    skills = pd.DataFrame({"agent": ["000", "001", "006"], "queue": ["care", "care", "sales"]})
    replay = simulation.run(
        segments, queues, forecast=forecast, skills=skills, replications=replications, seed=seed
    )
    return segments, queues, forecast, skills, replay


@pytest.mark.parametrize("patience", [None, 90.0])
def test_every_contact_ends_exactly_once(patience: float | None) -> None:
    """Answered, abandoned or still waiting at close: together all that came, and none without an end."""
    *_, replay = busy_day(patience=patience)
    table = replay.by_interval
    ended = table["answered"] + table["abandoned"] + table["waiting"]
    assert (table["offered"] == ended).all()
    check(replay.contacts, CALLS)
    counts = replay.contacts.groupby(["queue", "outcome"]).size()
    for name, rows in table.groupby("queue"):
        for outcome in ("answered", "abandoned", "waiting"):
            assert counts.get((name, outcome), 0) == rows[outcome].sum()
    assert (table["waiting"].sum() > 0) == (patience is None)
    days = replay.by_day.set_index("queue")
    assert (days["offered"] == table.groupby("queue")["offered"].sum()).all()


def test_nobody_works_in_his_absence_or_twice_at_once() -> None:
    """Each answered contact begins inside a segment of its agent, and after his last one has ended."""
    segments, _, _, skills, replay = busy_day()
    done = replay.contacts[replay.contacts["outcome"] == "answered"]
    assert len(done) > 100
    begins = done["arrived"] + pd.to_timedelta(done["wait"], unit="s")
    ends = begins + pd.to_timedelta(done["service"], unit="s")
    second = {(row.agent, row.queue) for row in skills.itertuples()}
    for agent, rows in done.groupby("agent"):
        own = segments[segments["agent"] == agent]
        for name, start in zip(rows["queue"], begins[rows.index], strict=True):
            there = own[(own["start"] <= start) & (start < own["end"])]
            assert len(there) == 1
            assert there["queue"].iloc[0] == name or (agent, name) in second
        order = begins[rows.index].sort_values().index
        gaps = begins[order].iloc[1:].reset_index(drop=True) - ends[order].iloc[:-1].reset_index(drop=True)
        assert (gaps >= -pd.Timedelta("2us")).all()


def test_lines_are_first_come_first_served() -> None:
    """Within a queue nobody who came later is answered sooner."""
    *_, replay = busy_day()
    done = replay.contacts[replay.contacts["outcome"] == "answered"].sort_values("arrived")
    for _, rows in done.groupby("queue"):
        begins = rows["arrived"] + pd.to_timedelta(rows["wait"], unit="s")
        assert begins.is_monotonic_increasing


def test_same_seed_same_numbers() -> None:
    """Byte for byte; another seed gives other contacts."""
    one, two, other = busy_day(seed=1)[-1], busy_day(seed=1)[-1], busy_day(seed=2)[-1]
    for name in ("by_interval", "by_day", "by_agent", "contacts"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)
    assert not one.contacts["arrived"].equals(other.contacts["arrived"])


@pytest.mark.parametrize("sick", [0.0, 0.2])
def test_two_plans_meet_the_same_contacts(sick: float) -> None:
    """Arrivals, handle times and absences do not change with the roster (common random numbers)."""
    causes = (Shrinkage("sick", sick),) if sick else ()
    one = [queue(patience=60.0, shrinkage=causes)]
    forecast = volumes(60, 8, aht=240)
    few, many = (
        simulation.run(crew(size, 240), one, forecast=forecast, replications=40, seed=9) for size in (6, 9)
    )
    assert few.contacts["arrived"].equals(many.contacts["arrived"])
    both = (few.contacts["outcome"] == "answered") & (many.contacts["outcome"] == "answered")
    assert both.sum() > 100
    assert few.contacts["service"][both].equals(many.contacts["service"][both])
    lost = (few.contacts["outcome"] == "abandoned") & (many.contacts["outcome"] == "abandoned")
    assert few.contacts["wait"][lost].equals(many.contacts["wait"][lost])
    assert few.by_interval["offered"].equals(many.by_interval["offered"])
    same = many.by_agent.iloc[:6]["on_queue"] - few.by_agent["on_queue"]
    assert same.abs().max() < 0.1


def test_occupancy_is_work_over_presence() -> None:
    """Never above one, equal to the contacts' hours over the segments and what ended after them."""
    segments, *_, replay = busy_day()
    people_of = replay.by_agent
    assert (people_of["occupancy"] <= 1 + 1e-12).all()
    done = replay.contacts[replay.contacts["outcome"] == "answered"]
    begins = done["arrived"] + pd.to_timedelta(done["wait"], unit="s")
    close = NINE + 360 * MINUTE
    ends = (begins + pd.to_timedelta(done["service"], unit="s")).clip(upper=close)
    hours = ((ends - begins).dt.total_seconds() / 3600).groupby(done["agent"]).sum()
    assert np.allclose(people_of.set_index("agent")["on_contacts"], hours, atol=1e-6)
    rostered = (segments["end"] - segments["start"]).dt.total_seconds().groupby(
        segments["agent"]
    ).sum() / 3600
    beyond = people_of.set_index("agent")["on_queue"] - rostered
    assert (beyond >= -1e-9).all() and beyond.sum() > 0
    table = replay.by_interval
    assert table["occupancy"].between(0, 1 + 1e-12).all()


def test_a_log_replayed_with_the_same_people_gives_the_same_log() -> None:
    """What the replay wrote down, it reads back: every wait and every outcome again."""
    rows = [row for n in range(7) for row in shift(f"{n:03d}", (0, 100), (115, 240))]
    segments, one = pd.DataFrame(rows), [queue(patience=120.0)]
    first = simulation.run(segments, one, forecast=volumes(50, 8, aht=250), replications=1, seed=3).contacts
    assert set(first["outcome"]) == {"answered", "abandoned"}
    again = simulation.run(segments, one, calls=first, replications=3, seed=99)
    same = ["queue", "arrived", "outcome", "agent"]
    pd.testing.assert_frame_equal(first[same], again.contacts[same])
    assert np.allclose(first["wait"], again.contacts["wait"], atol=2e-6)
    assert again.by_day["service_level_error"].iloc[0] == 0.0


# --- people come and go


def test_a_break_and_a_shift_end_in_mid_call() -> None:
    """The call is finished, the break ends when it was to end, and nobody starts anything in it."""
    segments = pd.DataFrame(shift("ዓለም", (0, 10), (20, 30)))
    calls = log((8, 5), (9, 1), (29, 6), (29.5, 1))
    replay = simulation.run(segments, [queue()], calls=calls, replications=1)
    told = replay.contacts
    assert told["wait"].tolist() == [0.0, 11 * 60.0, 0.0, told["wait"].iloc[3]]
    assert told["outcome"].tolist() == ["answered", "answered", "answered", "waiting"]
    agent = replay.by_agent.iloc[0]
    # Ten minutes, three beyond; ten minutes, and none beyond the half hour that is replayed.
    assert agent["on_queue"] * 60 == pytest.approx(23.0)
    assert agent["on_contacts"] * 60 == pytest.approx(5 + 1 + 1)
    assert agent["answered"] == 3


def test_a_call_longer_than_the_break() -> None:
    """He comes back when it ends, not when the break ends, and is not in two calls at once."""
    segments = pd.DataFrame(shift("007", (0, 10), (20, 60)))
    calls = log((9, 20), (12, 1), (58, 3))
    told = simulation.run(segments, [queue()], calls=calls, replications=1).contacts
    assert told["wait"].tolist() == [0.0, 17 * 60.0, 0.0]


def test_no_fresh_crew_appears_where_a_shift_changes() -> None:
    """Everybody's roster cut into quarter hours gives the very same replay."""
    one, forecast = [queue(patience=120.0)], volumes(60, 8, aht=240)
    cut = pd.DataFrame(
        [row for n in range(9) for row in shift(f"{n:03d}", *((q, q + 15) for q in range(0, 240, 15)))]
    )
    whole_day, pieces = (
        simulation.run(part, one, forecast=forecast, replications=20, seed=1) for part in (crew(9, 240), cut)
    )
    pd.testing.assert_frame_equal(whole_day.by_interval, pieces.by_interval)
    # And hands over at noon: those who leave finish, those who come are as many as they were.
    handed = pd.DataFrame(
        [row for n in range(9) for row in shift(f"{n:03d}", (0, 120)) + shift(f"1{n:02d}", (120, 240))]
    )
    change = simulation.run(handed, one, forecast=forecast, replications=300, seed=1)
    never = simulation.run(crew(9, 240), one, forecast=forecast, replications=300, seed=1)
    noon = change.by_interval.iloc[4], never.by_interval.iloc[4]
    assert noon[0]["abandonment"] < noon[1]["abandonment"] + 4 * noon[1]["abandonment_error"]
    assert change.by_agent["on_queue"].sum() <= 9 * 4 + 9 * 240 / 3600 * 1.5


def test_absence_takes_whole_duties() -> None:
    """A fifth are missing on average, each for the whole duty, and the others bear their calls."""
    causes = (Shrinkage("sick", 0.2), Shrinkage("leave", rostered=True))
    rows = [row for n in range(10) for row in shift(f"{n:03d}", (0, 100), (110, 240))]
    replay = simulation.run(
        pd.DataFrame(rows),
        [queue(shrinkage=causes)],
        forecast=volumes(30, 8, aht=60),
        replications=400,
        seed=5,
    )
    hours = replay.by_agent["on_queue"].sum()
    assert hours == pytest.approx(0.8 * 10 * 230 / 60, abs=4 * math.sqrt(0.16 * 10 / 400) * 230 / 60 + 0.05)
    one = simulation.run(
        pd.DataFrame(rows), [queue(shrinkage=causes)], forecast=volumes(30, 8, aht=60), replications=1, seed=6
    )
    there = one.by_agent["on_queue"]
    assert ((there == 0) | (there > 230 / 60 - 1e-9)).all() and 0 < (there == 0).sum() < 10


def test_one_agent_no_agent_no_call() -> None:
    """The limits are values: nothing answered, nothing to answer."""
    forecast = volumes(20, 4, aht=120)
    nobody = simulation.run(SEGMENTS.empty(), [queue(patience=60.0)], forecast=forecast, replications=20)
    assert nobody.by_day["answered"].iloc[0] == 0 and nobody.by_day["service_level"].iloc[0] == 0
    assert nobody.by_day["abandonment"].iloc[0] == 1 and nobody.by_agent.empty
    endless = simulation.run(SEGMENTS.empty(), [queue()], forecast=forecast, replications=20)
    assert endless.by_day["waiting"].iloc[0] == endless.by_day["offered"].iloc[0] > 0
    assert endless.by_interval["backlog"].is_monotonic_increasing
    quiet = simulation.run(crew(1, 120), [queue()], forecast=volumes(0, 4, aht=120), replications=5)
    assert quiet.by_day[["offered", "service_level", "asa"]].iloc[0].tolist() == [0.0, 1.0, 0.0]
    assert quiet.by_agent["occupancy"].tolist() == [0.0]
    assert quiet.contacts.empty
    alone = simulation.run(crew(1, 120), [queue(patience=60.0)], forecast=forecast, replications=20)
    assert 0 < alone.by_day["answered"].iloc[0] < alone.by_day["offered"].iloc[0]


# --- days, nights and other sources


def test_callers_at_close_do_not_wait_for_the_morning() -> None:
    """Those in line when the last agent goes are said to be waiting; the morning begins afresh."""
    two_days = pd.concat([volumes(60, 4, aht=300), volumes(60, 4, aht=300)], ignore_index=True)
    two_days.loc[4:, "interval"] += pd.Timedelta("1D")
    segments = pd.DataFrame(shift("007", (0, 120), (1440, 1560)))
    replay = simulation.run(segments, [queue()], forecast=two_days, replications=30, seed=2)
    assert (replay.by_day["waiting"] > 100).all()
    first = replay.by_interval["asa"].to_numpy()[[0, 4]]
    assert first[1] == pytest.approx(first[0], rel=0.5)
    assert replay.by_day["date"].tolist() == [pd.Timestamp("2026-11-30"), pd.Timestamp("2026-12-01")]


def test_a_backlog_is_kept_over_the_night() -> None:
    """E-mails that nobody had time for are answered on the next day, the oldest first."""
    two_days = pd.concat([volumes(0, 4, aht=600, name="mail")] * 2, ignore_index=True)
    two_days.loc[4:, "interval"] += pd.Timedelta("1D")
    segments = pd.DataFrame(shift("김민지", (0, 120), (1440, 1560), name="mail"))
    replay = simulation.run(
        segments,
        [queue("mail", channel=Deferred(due="daily 10:15", opening_backlog=20))],
        forecast=two_days,
        service={"mail": observed([600.0])},
        replications=3,
    )
    assert replay.by_day["offered"].tolist() == [20.0, 0.0]
    assert replay.by_day["answered"].tolist() == [20.0, 0.0]
    assert replay.by_day["backlog"].tolist() == [8.0, 0.0]
    # Two hundred minutes of work: all of the first day's 120, and 80 of the second's.
    assert replay.by_day["occupancy"].tolist() == [1.0, 80 * 60 / 7200]
    assert replay.by_interval["backlog"].tolist() == [17.0, 14.0, 11.0, 8.0, 5.0, 2.0, 0.0, 0.0]
    assert replay.contacts["wait"].max() == pytest.approx(86400 + 7 * 600)
    assert replay.by_agent["answered"].iloc[0] == 20


def test_redials_are_contacts_too() -> None:
    """Attempts are first calls and those who call again: a fixed share of those who hung up."""
    forecast, team = volumes(60, 32, aht=240), crew(6, 960)
    plain, again = (
        simulation.run(
            team, [queue(channel=Voice(60.0, redial=share))], forecast=forecast, replications=60, seed=3
        )
        for share in (0.0, 0.6)
    )
    late = again.by_interval.iloc[8:-4]
    attempts, hung_up = late["offered"].sum(), late["abandoned"].sum()
    assert attempts - 0.6 * hung_up == pytest.approx(60 * len(late), rel=0.01)
    assert again.by_day["offered"].iloc[0] > 1.2 * plain.by_day["offered"].iloc[0]
    ended = again.by_interval[["answered", "abandoned", "waiting"]].sum(axis=1)
    assert np.allclose(again.by_interval["offered"], ended)


def test_paths_are_taken_as_counted() -> None:
    """Replication k meets path k; a fraction of a contact comes or does not."""
    paths = (
        volumes(0, 4, aht=60)
        .drop(columns=["volume"])
        .assign(path_000=[3.0, 0, 5, 2], path_001=[40.0, 0, 0, 0.5])
    )
    replay = simulation.run(crew(4, 120), [queue(aht=60.0)], paths=paths, replications=200)
    first = replay.contacts["arrived"].dt.floor("30min").value_counts().sort_index()
    assert first.tolist() == [3, 5, 2]
    assert replay.by_interval["offered"].tolist()[:3] == [21.5, 0.0, 2.5]
    assert 1.0 < replay.by_interval["offered"].tolist()[3] < 1.5
    assert replay.by_day[["service_level_p10", "service_level_p90"]].notna().all(axis=None)


def test_the_spread_of_days_is_told() -> None:
    """Quantiles of the day's service level straddle it, and the share of good days has its error."""
    replay = simulation.run(
        crew(8, 240),
        [queue()],
        forecast=volumes(50, 8, aht=240),
        replications=300,
        quantiles=(0.05, 0.95),
        seed=8,
    )
    day = replay.by_day.iloc[0]
    assert day["service_level_p5"] < day["service_level"] < day["service_level_p95"]
    assert 0 < day["target_met"] < 1
    expected = math.sqrt(day["target_met"] * (1 - day["target_met"]) / 299)
    assert day["target_met_error"] == pytest.approx(expected)
    seeds = [
        simulation.run(
            crew(8, 240), [queue()], forecast=volumes(50, 8, aht=240), replications=30, seed=s
        ).by_day
        for s in range(20)
    ]
    told = np.mean([one["service_level_error"].iloc[0] for one in seeds])
    seen = np.std([one["service_level"].iloc[0] for one in seeds], ddof=1)
    assert 0.5 < told / seen < 2.0


def test_a_warm_start_counts_nothing_before_the_first_interval() -> None:
    """A centre that never closes does not begin with an empty line, and the hours before are not reported."""
    one, forecast = [queue()], volumes(100, 4, aht=180)
    cold, warm = (
        simulation.run(crew(11, 120), one, forecast=forecast, warm_start=n, replications=200, seed=4)
        for n in (0, 8)
    )
    assert cold.by_interval["interval"].equals(warm.by_interval["interval"])
    assert cold.by_interval["asa"].iloc[0] < 0.6 * warm.by_interval["asa"].iloc[0]
    assert (warm.by_agent["on_queue"] < 2.5).all()
    assert warm.contacts["arrived"].min() >= NINE


def test_the_night_on_which_the_clock_changes() -> None:
    """A shift over the hour that comes twice is as long as it is, and both hours are reported."""
    zone = "Europe/Madrid"
    start = pd.Timestamp("2026-10-25 00:00", tz=zone).as_unit("us")
    times = pd.date_range(start, periods=10, freq="30min", unit="us")
    forecast = pd.DataFrame({"queue": "calls", "interval": times, "volume": 12.0, "aht": 60.0})
    segments = pd.DataFrame(
        {"agent": ["007"], "start": [start], "end": [start + pd.Timedelta("5h")], "activity": "queue",
         "queue": "calls", "paid": True}
    )  # fmt: skip
    replay = simulation.run(segments, [queue()], forecast=forecast, replications=5)
    assert pd.DatetimeIndex(replay.by_interval["interval"]).equals(times)
    assert replay.by_interval["interval"].dtype == forecast["interval"].dtype
    assert replay.by_agent["on_queue"].iloc[0] == pytest.approx(5.0, abs=0.1)


# --- wrong input


def test_wrong_input_is_refused() -> None:
    """Each problem is said with its remedy, all of one kind of table at once."""
    team, one, forecast = crew(2, 60), [queue()], volumes(10, 2, aht=60)
    with pytest.raises(DataError, match="arrivals have one source; given: none"):
        simulation.run(team, one)
    with pytest.raises(DataError, match="given: forecast, calls"):
        simulation.run(team, one, forecast=forecast, calls=log((0, 1)))
    with pytest.raises(DataError, match="queue 'sales' is not among the queues"):
        simulation.run(crew(2, 60, name="sales"), one, forecast=forecast)
    with pytest.raises(DataError, match="patience names 'chat', which has no arrivals"):
        simulation.run(team, one, forecast=forecast, patience={"chat": lognormal(1.0)})
    with pytest.raises(DataError, match="handle time of 'calls' is not known"):
        simulation.run(team, one, forecast=forecast.drop(columns="aht"))
    with pytest.raises(DataError, match="is in two segments at once"):
        simulation.run(pd.DataFrame(shift("007", (0, 30), (20, 50))), one, forecast=forecast)
    with pytest.raises(DataError, match="ends before it starts"):
        simulation.run(pd.DataFrame(shift("007", (30, 10))), one, forecast=forecast)
    with pytest.raises(DataError, match="0 replications are none"):
        simulation.run(team, one, forecast=forecast, replications=0)
    with pytest.raises(DataError, match="do not lie on one grid of 30 minutes"):
        odd = forecast.assign(queue="b", interval=forecast["interval"] + 5 * MINUTE)
        simulation.run(team, [*one, queue("b")], forecast=pd.concat([forecast, odd]))
    with pytest.raises(DataError, match="a log has its own beginning"):
        simulation.run(team, one, calls=log((0, 1)), warm_start=1)
    with pytest.raises(DataError, match="'calls' is outbound, which is not replayed"):
        simulation.run(team, [queue(channel=Outbound())], forecast=forecast)
    with pytest.raises(DataError, match="no usable durations"):
        observed([])
    with pytest.raises(DataError, match="a coefficient of variation of -1"):
        lognormal(-1)
    with pytest.raises(DataError, match="calling again after 0 s"):
        simulation.run(team, one, forecast=forecast, redial_delay=0)


@pytest.mark.parametrize("name", ["simulation", "simulation.laws", "simulation.measures"])
def test_docstring_examples(name: str) -> None:
    """The rooms behind the public face are executed as well."""
    module = importlib.import_module(f"staffing.{name}")
    assert doctest.testmod(module).failed == 0


def test_laws_have_mean_one() -> None:
    """Each law in its standard form, so that the mean is the forecast's."""
    rng = np.random.default_rng(1)
    for law in (laws.exponential(), lognormal(1.2), observed([10.0, 20.0, 90.0])):
        assert law.draw(rng, (200_000,)).mean() == pytest.approx(1.0, abs=0.015)
