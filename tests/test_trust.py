"""Which model to trust: checked on centres whose roster and whose callers are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from staffing import review, simulation
from staffing.errors import DataError
from staffing.model import Chat, Queue, Target, Voice

CALLS = Queue("calls", team="care", shrinkage=())
DAYS, AHT = 6, 240.0


def centre(people: int, peak: float, patience: float | None, seed: int = 1) -> tuple[pd.DataFrame, ...]:
    """A log of some days, and the SEGMENTS of those who answered: two shifts, lunch and a break."""
    volumes, duty = [], []
    for day in pd.date_range("2026-11-02", periods=DAYS, tz="Asia/Seoul", unit="us"):
        times = pd.date_range(day + pd.Timedelta("8h"), periods=24, freq="30min")
        load = peak * (0.4 + 0.6 * np.sin(np.linspace(0, np.pi, 24)))
        volumes.append(pd.DataFrame({"queue": "calls", "interval": times, "volume": load * 1800 / AHT}))
        for number in range(people):
            first = 8.0 if number % 2 else 12.0
            lunch, pause = first + 2 + 0.25 * (number // 2 % 6), first + 5 + 0.25 * (number // 2 % 6)
            for start, end in ((first, lunch), (lunch + 0.5, pause), (pause + 0.25, first + 8)):
                hours = day + pd.Timedelta(hours=start), day + pd.Timedelta(hours=end)
                duty.append((f"에이전트 {number:02}", *hours))
    forecast = pd.concat(volumes, ignore_index=True).assign(aht=AHT)
    segments = pd.DataFrame(duty, columns=["agent", "start", "end"])
    segments = segments.assign(activity="queue", queue="calls", paid=True)
    line = Queue("calls", team="care", shrinkage=(), channel=Voice(patience=patience))
    law = {"calls": simulation.lognormal(1.0)}
    lived = simulation.run(segments, [line], forecast=forecast, service=law, replications=1, seed=seed)
    log = lived.contacts
    return log[log["outcome"] != "waiting"].reset_index(drop=True), segments


def hours(table: pd.DataFrame) -> float:
    return float((table["end"] - table["start"]).dt.total_seconds().sum()) / 3600.0


@pytest.mark.parametrize(("people", "peak"), [(20, 6.0), (20, 11.0), (20, 14.0), (50, 30.0)])
def test_agents_are_read_off_a_log(people: int, peak: float) -> None:
    """From quiet to overloaded, the hours that a known roster was there come back within 4 %."""
    log, segments = centre(people, peak, 180.0)
    assert hours(review.presence(log)) == pytest.approx(hours(segments), rel=0.04)


def test_impatient_callers_are_erlang_a() -> None:
    """Where callers hang up, Erlang A and the simulation are right on the whole and Erlang C is far off."""
    log, _ = centre(20, 11.0, 180.0)
    found = review.trust(log, [CALLS])
    table = found.by_model.set_index("model")
    off = table["service_level_bias"]
    assert off["erlang_c"] < -0.10
    assert off[["erlang_a", "modified_load", "simulation", "replay"]].abs().max() < 0.03
    assert table["abandonment_bias"][["erlang_a", "modified_load", "simulation"]].abs().max() < 0.02
    # Who knows when each call came is left with little; chance is what the others cannot know.
    assert table["service_level_error"]["replay"] < 0.3 * table["service_level_error"]["erlang_a"]
    assert table["service_level_error"]["erlang_a"] < 1.2 * table["service_level_chance"]["erlang_a"]
    assert table["trusted"].sum() == 1 and not table["trusted"][["erlang_c", "replay"]].any()
    assert "trust" in found.report[-1] and "Erlang C -" in found.report[-1]


def test_patient_callers_are_erlang_c() -> None:
    """Where nobody hangs up Erlang C is right, Erlang A says the same, and the simplest is trusted."""
    log, _ = centre(20, 8.0, None)
    found = review.trust(log, [CALLS])
    table = found.by_model.set_index("model")
    assert abs(table["service_level_bias"]["erlang_c"]) < 0.04
    assert "erlang_a" not in table.index
    assert "nobody hung up" in str(found)
    assert table["abandonment"]["erlang_c"] == 0.0


def test_what_is_observed_is_counted() -> None:
    """Offered, service level and abandonment of an interval are those of the log, call by call."""
    log, _ = centre(20, 11.0, 180.0)
    row = review.trust(log, [CALLS], replications=2).by_interval.iloc[40]
    end = row["interval"] + pd.Timedelta("30min")
    came = log[(log["arrived"] >= row["interval"]) & (log["arrived"] < end)]
    came = came[(came["outcome"] == "abandoned") | (came["service"] >= 10)]
    in_time = (came["outcome"] == "answered") & (came["wait"] <= 20)
    assert row["offered"] == len(came)
    assert row["service_level"] == pytest.approx(in_time.mean())
    assert row["abandonment"] == pytest.approx((came["outcome"] == "abandoned").mean())
    assert row["aht"] == pytest.approx(came.loc[came["outcome"] == "answered", "service"].mean())


def test_artefacts_are_left_out_openly() -> None:
    """Calls too short or too long, of no known outcome or of nobody known are counted in the report."""
    log, _ = centre(20, 11.0, 180.0)
    answered = log.index[log["outcome"] == "answered"]
    log.loc[answered[:3], "service"] = 0.0
    log.loc[answered[3:5], "service"] = 40_000.0
    log.loc[answered[5], "outcome"] = "left_ivr"
    log.loc[answered[6:8], "agent"] = None
    short = int(((log["outcome"] == "answered") & (log["service"] < 10)).sum())
    found = review.trust(log, [CALLS], replications=2)
    assert f"{3 + short - 3 + 3:,} of {len(log):,} calls left out" in found.report[0]
    assert f"{short} answered for less than 10 s; 2 answered for more than 7200 s" in found.report[0]
    assert "1 neither answered nor abandoned" in found.report[0]
    assert "2 calls were answered by nobody known" in str(found)
    kept = review.trust(log, [CALLS], shortest=0.0, replications=2)
    assert "less than" not in kept.report[0]


def past(offered: list[float], staffed: list[float], **columns: object) -> pd.DataFrame:
    times = pd.date_range("2026-11-30 00:00", periods=len(offered), freq="30min", tz="Asia/Seoul", unit="us")
    told = {"answered_within": np.array(offered) * 0.8, "abandoned": 0.0, "aht": 180.0, **columns}
    return pd.DataFrame({"queue": "calls", "interval": times, "offered": offered, "staffed": staffed, **told})


def test_interval_reports_are_enough() -> None:
    """Overload and empty intervals have values, closed ones are left out, half an agent counts as half."""
    table = past([80.0] * 24 + [0.0, 200.0, 80.0, 80.0, 5.0], [10.0] * 26 + [10.5, 9.5, 0.0])
    queue = Queue("calls", team="care", shrinkage=(), channel=Voice(patience=120), target=Target(within=20))
    found = review.trust(table, [queue], replications=20)
    rows = found.by_interval
    assert len(rows) == 28 and "1 intervals with 5 calls left out" in str(found)
    assert np.isnan(rows["service_level"][24]) and rows["service_level_erlang_c"][24] == 1.0
    assert rows["service_level_erlang_c"][25] == 0.0 < rows["service_level_erlang_a"][25]
    assert rows["abandonment_erlang_a"][25] > 0.4
    assert rows["service_level_erlang_a"][26] > rows["service_level_erlang_a"][27]
    assert found.by_model["intervals"].tolist() == [27] * 4
    assert "replay" not in set(found.by_model["model"])
    weighted = (rows["service_level_erlang_a"] - rows["service_level"]).fillna(0) * rows["offered"]
    bias = found.by_model.set_index("model")["service_level_bias"]["erlang_a"]
    assert bias == pytest.approx(weighted.sum() / rows["offered"].sum())


def test_without_patience_there_is_no_erlang_a() -> None:
    """An interval report does not tell for how long callers wait; it is said, not guessed."""
    found = review.trust(past([80.0] * 24, [10.0] * 24), [CALLS], replications=2)
    assert "patience is not given" in str(found)
    assert set(found.by_model["model"]) == {"erlang_c", "modified_load", "simulation"}


def test_no_model_is_trusted_where_the_facts_cannot_be() -> None:
    """Three people who answer four fifths of twenty erlangs in time were not three people."""
    queue = Queue("calls", team="care", shrinkage=(), channel=Voice(patience=120))
    found = review.trust(past([200.0] * 24, [3.0] * 24), [queue], replications=2)
    assert not found.by_model["trusted"].any()
    assert "calls: trust none of them" in found.report[-1] and "<- trust" not in str(found)


def test_too_little_is_refused_with_the_least() -> None:
    """A morning says nothing; the message says how much does."""
    with pytest.raises(DataError, match="at least 20 intervals with 200 calls"):
        review.trust(past([80.0] * 4, [10.0] * 4), [CALLS])
    with pytest.raises(DataError, match="at least 20 intervals with 200 calls"):
        review.trust(past([5.0] * 30, [2.0] * 30), [CALLS])
    one = pd.DataFrame({"queue": "calls", "wait": [5.0], "service": [60.0], "outcome": "answered"})
    one["arrived"] = pd.to_datetime(["2026-11-30 09:00"]).tz_localize("Asia/Seoul").as_unit("us")
    with pytest.raises(DataError, match="too little to compare"):
        review.trust(one.assign(agent="A01"), [CALLS])
    with pytest.raises(DataError, match="no call is left"):
        review.trust(one.assign(agent="A01", service=5.0), [CALLS])


def test_a_small_queue_does_not_stop_the_others() -> None:
    """A queue with too little beside one with enough is left out, and said so."""
    table = past([80.0] * 24, [10.0] * 24)
    both = pd.concat([table, table.iloc[:6].assign(queue="vip")], ignore_index=True)
    found = review.trust(both, [CALLS, Queue("vip", team="care", shrinkage=())], replications=2)
    assert set(found.by_model["queue"]) == {"calls"}
    assert "vip: left out: 6 intervals" in str(found)
    nobody = table.assign(queue="vip", staffed=0.0)
    both = pd.concat([table, nobody], ignore_index=True)
    found = review.trust(both, [CALLS, Queue("vip", team="care", shrinkage=())], replications=2)
    assert set(found.by_model["queue"]) == {"calls"}
    assert "vip: 24 intervals with 1,920 calls left out" in str(found)


def test_wrong_input_says_what_to_do() -> None:
    """All problems of the tables and queues come with a remedy."""
    table = past([80.0] * 24, [10.0] * 24)
    with pytest.raises(DataError, match="no staffed"):
        review.trust(table.drop(columns="staffed"), [CALLS])
    with pytest.raises(DataError, match="not described"):
        review.trust(table.assign(queue="other"), [CALLS])
    with pytest.raises(DataError, match="not one of calls"):
        review.trust(table, [Queue("calls", team="care", shrinkage=(), channel=Chat(concurrency=2))])
    with pytest.raises(DataError, match="limits of the check"):
        review.trust(table, [CALLS], pick_up=0.0)
    log, _ = centre(4, 2.0, 180.0)
    with pytest.raises(DataError, match="no agent"):
        review.trust(log.drop(columns="agent"), [CALLS])


def test_queues_that_share_agents_are_named() -> None:
    """Agents who answer two queues are given to one at a time, and the report says what to do."""
    log, segments = centre(20, 11.0, 180.0)
    log["queue"] = np.where(np.arange(len(log)) % 3 == 0, "sales", "care")
    queues = [Queue(name, team="all", shrinkage=()) for name in ("sales", "care")]
    found = review.trust(log, queues, replications=2)
    assert "agents answered several queues" in str(found)
    assert hours(review.presence(log)) < hours(segments) * 1.2


def test_same_seed_same_figures() -> None:
    """Printed twice, it is the same."""
    log, _ = centre(20, 9.0, 180.0)
    first, second = (review.trust(log, [CALLS], replications=3, seed=5) for _ in range(2))
    pd.testing.assert_frame_equal(first.by_interval, second.by_interval)
    assert str(first) == str(second)


def test_on_a_real_bank(shared) -> None:
    """Erlang A explains the bank's January; Erlang C promises a fifth fewer answered in time than were."""
    path = shared / "data" / "anonymous_bank_1999" / "calls_1999-01.csv"
    if not path.exists():
        pytest.skip("the bank's log is not among the shared data")
    raw = pd.read_csv(path, parse_dates=["arrived"])
    log = raw[raw["outcome"].isin(["answered", "abandoned"])]
    entered = log["arrived"] + pd.to_timedelta(log["ivr_s"].clip(lower=0), unit="s")
    calls = pd.DataFrame(
        {
            "queue": "calls",
            "arrived": entered.dt.as_unit("us").dt.tz_localize("Asia/Jerusalem"),
            "wait": log["wait_s"].astype(float),
            "service": log["service_s"].astype(float),
            "outcome": log["outcome"],
            "agent": log["agent"],
        }
    )
    table = review.trust(calls, [CALLS], replications=5).by_model.set_index("model")
    assert table["service_level_bias"]["erlang_c"] < -0.15
    assert table["service_level_bias"][["erlang_a", "modified_load", "simulation"]].abs().max() < 0.06
    errors = table["service_level_error"]
    assert errors["replay"] < errors["modified_load"] < errors["erlang_a"] < 0.6 * errors["erlang_c"]
