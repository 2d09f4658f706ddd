"""Forecasts: exact values where there are such, sane ones at the edges, and the scores on real calls."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from staffing import forecast
from staffing.calendar import Calendar
from staffing.errors import DataError
from staffing.forecasting.past import Draws

SEOUL = "Asia/Seoul"
MONDAY = "2026-03-02"


def calls(
    days: int, mean: float = 20.0, *, queue: str = "전화", seed: int = 1, hours: tuple[int, int] = (9, 18)
):
    """Poisson calls per half hour, Monday to Friday, from 2 March 2026 on."""
    times = pd.date_range(MONDAY, periods=48 * days, freq="30min", tz=SEOUL)
    times = times[(times.hour >= hours[0]) & (times.hour < hours[1]) & (times.day_of_week < 5)]
    offered = np.random.default_rng(seed).poisson(mean, len(times)).astype(float)
    return pd.DataFrame({"queue": queue, "interval": times, "offered": offered})


def sane(table: pd.DataFrame) -> bool:
    """No number is missing, negative or infinite."""
    numbers = table.select_dtypes("number").to_numpy()
    return bool(np.isfinite(numbers).all() and (numbers >= 0).all())


def on(day: str) -> pd.Timestamp:
    return pd.Timestamp(day).as_unit("us")


# --- form


def test_columns_and_open_intervals() -> None:
    """Both queues, sorted, with their own open intervals, the history's time zone and the quantiles asked."""
    history = pd.concat([calls(28), calls(28, queue="채팅", hours=(13, 16))], ignore_index=True)
    table = forecast.predict(history, 7, quantiles=(0.025, 0.5))
    assert list(table.columns) == ["queue", "interval", "volume", "volume_p2.5", "volume_p50"]
    assert table.groupby("queue").size().to_dict() == {"전화": 5 * 18, "채팅": 5 * 6}
    assert str(table["interval"].dtype) == f"datetime64[us, {SEOUL}]"
    assert table["interval"].min() == pd.Timestamp("2026-03-30 09:00", tz=SEOUL)
    assert table.equals(table.sort_values(["queue", "interval"]))


def test_same_seed_same_table() -> None:
    """The same seed gives the same numbers to the last bit, another seed others, and queues do not mix."""
    history = calls(40)
    one, again = forecast.predict(history, 7), forecast.predict(history, 7)
    pd.testing.assert_frame_equal(one, again, check_exact=True)
    assert not one["volume_p10"].equals(forecast.predict(history, 7, seed=1)["volume_p10"])
    both = forecast.predict(pd.concat([history, calls(40, queue="b", seed=5)], ignore_index=True), 7)
    alone = both[both["queue"] == "전화"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, one, check_exact=True)


def test_order_of_rows_does_not_matter() -> None:
    """A shuffled history gives the same forecast."""
    history = calls(40)
    shuffled = history.sample(frac=1.0, random_state=3)
    pd.testing.assert_frame_equal(forecast.predict(shuffled, 7), forecast.predict(history, 7))


@pytest.mark.parametrize("method", list(forecast.METHODS))
def test_quantiles_are_those_of_the_paths(method: str) -> None:
    """predict's quantiles are read off 500 paths of the same seed, in order."""
    history = calls(60)
    table = forecast.predict(history, 7, method=method)
    drawn = forecast.paths(history, 7, n=500, method=method).drop(columns=["queue", "interval"]).to_numpy()
    assert table["volume_p90"].to_numpy() == pytest.approx(np.quantile(drawn, 0.9, axis=1))
    assert (table["volume_p10"] <= table["volume_p50"]).all()
    assert (table["volume_p50"] <= table["volume_p90"]).all()


def test_paths_keep_the_mean_and_share_the_day() -> None:
    """Paths average to the volume, and the intervals of a day move together beyond their own scatter."""
    rng = np.random.default_rng(4)
    history = calls(120, 200.0)
    date = history["interval"].dt.normalize()
    swing = pd.Series(np.exp(0.1 * rng.normal(size=date.nunique())), index=date.unique())
    history["offered"] = np.round(history["offered"] * date.map(swing))
    drawn = forecast.paths(history, 7, n=500)
    table = forecast.predict(history, 7)
    values = drawn.drop(columns=["queue", "interval"]).to_numpy()
    assert values.mean(axis=1) == pytest.approx(table["volume"].to_numpy(), rel=1e-9)
    morning, evening, next_day = values[2], values[15], values[18 + 2]
    assert np.corrcoef(morning, evening)[0, 1] > 0.4
    assert np.corrcoef(morning, evening)[0, 1] > np.corrcoef(morning, next_day)[0, 1] + 0.2


def test_a_later_start_widens_the_band() -> None:
    """Three weeks between history and forecast are less certain than none."""
    rng = np.random.default_rng(8)
    history = calls(120, 300.0)
    day = (history["interval"] - history["interval"].iloc[0]).dt.days.to_numpy()
    level = np.cumsum(rng.normal(size=200)) * 0.02
    history["offered"] = np.round(history["offered"] * np.exp(level[day]))
    near = forecast.predict(history, 7)
    far = forecast.predict(history, 7, start=dt.date(2026, 7, 20))
    assert far["interval"].min() == pd.Timestamp("2026-07-20 09:00", tz=SEOUL)
    width = [(t["volume_p90"] - t["volume_p10"]).sum() / t["volume"].sum() for t in (near, far)]
    assert width[1] > 1.15 * width[0]


# --- exact values


def test_simple_methods_are_what_they_say() -> None:
    """Last week, mean and median of six weeks are exactly those of the same weekday and time."""
    history = calls(8 * 7)
    local = history.set_index("interval")["offered"]
    nine = local[(local.index.day_of_week == 2) & (local.index.hour == 10) & (local.index.minute == 30)]
    wednesday = pd.Timestamp("2026-04-29 10:30", tz=SEOUL)
    expected = {
        "last_week": nine.iloc[-1],
        "mean_of_6_weeks": nine.iloc[-6:].mean(),
        "median_of_6_weeks": nine.iloc[-6:].median(),
    }
    for method, value in expected.items():
        table = forecast.predict(history, 7, method=method).set_index("interval")
        assert table.loc[wednesday, "volume"] == pytest.approx(value)


def test_a_method_of_ones_own() -> None:
    """Any plain function of days and minutes becomes a method with its own past errors as bands."""

    def flat(counts: pd.DataFrame, dates: pd.DatetimeIndex) -> np.ndarray:
        return np.full((len(dates), counts.shape[1]), 7.0)

    table = forecast.predict(calls(60), 7, method=forecast.with_past_errors(flat))
    assert (table["volume"] == 7.0).all()
    assert table["volume_p50"].mean() == pytest.approx(20.0, rel=0.1)


def test_steady_calls_are_forecast_as_they_are() -> None:
    """A queue of 50 calls in every half hour is forecast to have 50, with a band that is not a line."""
    history = calls(60).assign(offered=50.0)
    table = forecast.predict(history, 7)
    assert table["volume"].to_numpy() == pytest.approx(50.0, rel=0.01)
    assert (table["volume_p90"] > table["volume_p10"]).all()


def test_interval_length_is_read_off() -> None:
    """Hourly, quarter-hourly and daily tables all work; nothing assumes half hours."""
    for minutes in (15, 60, 1440):
        times = pd.date_range(MONDAY, periods=30 * 1440 // minutes, freq=f"{minutes}min", tz=SEOUL)
        history = pd.DataFrame({"queue": "q", "interval": times, "offered": float(minutes)})
        table = forecast.predict(history, 2)
        assert len(table) == 2 * 1440 // minutes
        assert table["volume"].to_numpy() == pytest.approx(minutes, rel=0.02)


@pytest.mark.parametrize(("day", "intervals"), [("2026-03-29", 46), ("2026-10-25", 50)])
def test_days_of_23_and_25_hours(day: str, intervals: int) -> None:
    """On the days of the clock change every existing interval is forecast once, and read well later."""
    change = pd.Timestamp(day)
    times = pd.date_range(change - pd.Timedelta(days=42), periods=48 * 42, freq="30min", tz="Europe/Madrid")
    history = pd.DataFrame({"queue": "q", "interval": times[times < change.tz_localize("Europe/Madrid")]})
    history["offered"] = 30.0
    table = forecast.predict(history, 1)
    assert len(table) == intervals
    assert table["volume"].to_numpy() == pytest.approx(30.0, rel=0.02)
    longer = pd.date_range(
        change - pd.Timedelta(days=42), change + pd.Timedelta(days=2), freq="30min", tz="Europe/Madrid"
    )
    after = pd.DataFrame({"queue": "q", "interval": longer[:-1], "offered": 30.0})
    assert forecast.predict(after, 2)["volume"].to_numpy() == pytest.approx(30.0, rel=0.02)


def test_handle_time_by_time_of_day() -> None:
    """Handle time is the long trimmed mean of its time of day, not carried off by one wild value."""
    history = calls(120, 40.0)
    hour = history["interval"].dt.hour
    history["aht"] = np.where(hour < 13, 200.0, 300.0)
    history.loc[5, "aht"] = 36_000.0
    history.loc[6, "aht"] = np.nan
    table = forecast.predict(history, 7)
    by_hour = table.groupby(table["interval"].dt.hour)["aht"].mean()
    assert by_hour[10] == pytest.approx(200.0, rel=0.05)
    assert by_hour[16] == pytest.approx(300.0, rel=0.05)
    assert table["aht"].notna().all()
    assert "aht" not in forecast.predict(calls(60), 7)


# --- what people know


def test_a_given_effect_is_taken_as_it_is() -> None:
    """A promotion of +25 % that history has never seen raises its day by exactly that."""
    events = pd.DataFrame(
        {
            "name": ["sale"],
            "queue": ["전화"],
            "start": [on("2026-05-06")],
            "end": [on("2026-05-06")],
            "effect": [0.25],
        }
    )
    history = calls(63)
    plain = forecast.predict(history, 7, calendar=Calendar())
    sale = forecast.predict(history, 7, calendar=Calendar(events=events))
    ratio = (sale["volume"] / plain["volume"]).groupby(sale["interval"].dt.day).mean()
    assert ratio[6] == pytest.approx(1.25, rel=1e-3)
    assert ratio[5] == pytest.approx(1.0)


def test_an_effect_is_learned_from_past_promotions() -> None:
    """Five past promotions of +60 % teach most of that, and other days do not move."""
    history = calls(17 * 7, 60.0)
    days = ["2026-03-11", "2026-04-02", "2026-04-24", "2026-05-12", "2026-06-04", "2026-07-01"]
    dates = history["interval"].dt.tz_localize(None).dt.normalize()
    history.loc[dates.isin([on(day) for day in days]), "offered"] *= 1.6
    events = pd.DataFrame({"name": "행사", "queue": "all", "start": [on(day) for day in days]})
    events = events.assign(end=events["start"], effect=np.nan, kind="promotion")
    table = forecast.predict(history, 7, calendar=Calendar(events=events))
    volume = table.groupby(table["interval"].dt.day)["volume"].mean()
    assert 1.45 < volume[1] / volume[[29, 30]].mean() < 1.7
    without = forecast.predict(history, 7)
    assert without.groupby(without["interval"].dt.day)["volume"].mean()[1] < 70


def test_closed_dates_have_no_rows() -> None:
    """A closed date is not zero: it is not there."""
    table = forecast.predict(calls(28), 7, calendar=Calendar(closed=["2026-03-31"]))
    assert sorted(table["interval"].dt.day.unique()) == [1, 2, 3, 30]


def test_adjustments_keep_the_statistical_volume() -> None:
    """A factor and an addition both apply, the volume before them stays beside, and the band moves along."""
    changes = pd.DataFrame(
        {
            "queue": ["전화", "all"],
            "start": [on("2026-03-30"), on("2026-03-31")],
            "end": [on("2026-03-30"), on("2026-03-31")],
            "factor": [1.5, np.nan],
            "add": [np.nan, 90.0],
            "who": "정 팀장",
            "why": ["televised", "mailing"],
        }
    )
    table = forecast.predict(calls(28), 7, adjustments=changes)
    assert list(table.columns[:4]) == ["queue", "interval", "volume", "volume_statistical"]
    day = table["interval"].dt.day
    first, second = table[day == 30], table[day == 31]
    assert first["volume"].to_numpy() == pytest.approx(1.5 * first["volume_statistical"].to_numpy())
    assert second["volume"].sum() - second["volume_statistical"].sum() == pytest.approx(90.0)
    assert table[day == 1]["volume"].equals(table[day == 1]["volume_statistical"])
    plain = forecast.predict(calls(28), 7)
    assert first["volume_p90"].to_numpy() == pytest.approx(1.5 * plain[day == 30]["volume_p90"].to_numpy())
    drawn = forecast.paths(calls(28), 7, n=500, adjustments=changes)
    assert drawn.iloc[:, 2:].mean(axis=1).to_numpy() == pytest.approx(table["volume"].to_numpy(), rel=1e-6)


def test_an_adjustment_without_a_day_is_told() -> None:
    """One after the forecast's days and one on a closed day: both are named, those with an effect are not."""
    days = [on("2026-03-30"), on("2026-04-20"), on("2026-04-04")]
    changes = pd.DataFrame({"queue": ["all", "전화", "전화"], "start": days, "end": days, "factor": 1.2})
    changes = changes.assign(who="정 팀장", why=["televised", "fair", "closed on Saturday"])
    (said,) = forecast.predict(calls(28), 7, adjustments=changes).attrs["notes"]
    assert said.startswith("2 adjustments lie on no open day of the forecast and have no effect: ")
    assert said.endswith("전화 2026-04-20 (fair), 전화 2026-04-04 (closed on Saturday)")
    assert "notes" not in forecast.predict(calls(28), 7, adjustments=changes.head(1)).attrs


def test_an_empty_adjustment_is_refused() -> None:
    """A change without factor and addition says nothing, and is said so."""
    changes = pd.DataFrame(
        {"queue": ["전화"], "start": [on("2026-03-30")], "end": [on("2026-03-30")], "who": "a", "why": "b"}
    )
    with pytest.raises(DataError, match="changes nothing"):
        forecast.predict(calls(28), 7, adjustments=changes)


# --- edges


EDGES = {
    "one day": (1, lambda rng, n: rng.poisson(20, n)),
    "two days": (2, lambda rng, n: rng.poisson(20, n)),
    "eight days": (8, lambda rng, n: rng.poisson(20, n)),
    "all zero": (40, lambda rng, n: np.zeros(n)),
    "one day of zeros": (1, lambda rng, n: np.zeros(n)),
    "constant": (60, lambda rng, n: np.full(n, 50)),
    "huge": (60, lambda rng, n: 1e12 * rng.uniform(0.9, 1.1, n)),
    "twelve decades": (60, lambda rng, n: 10.0 ** rng.uniform(0, 12, n)),
    "a call a day": (60, lambda rng, n: rng.poisson(0.05, n)),
    "falling": (120, lambda rng, n: rng.poisson(50 * np.exp(-3 * np.arange(n) / n))),
    "a burst": (60, lambda rng, n: np.where(np.arange(n) // 18 == 20, 2000, rng.poisson(20, n))),
    "a failed day": (60, lambda rng, n: np.where(np.arange(n) // 18 == 20, 0, rng.poisson(20, n))),
}


@pytest.mark.parametrize("edge", list(EDGES))
@pytest.mark.parametrize("method", list(forecast.METHODS))
def test_edges_give_sane_numbers(edge: str, method: str) -> None:
    """Never a missing, negative or infinite number, and a level within reach of the last weeks'."""
    days, make = EDGES[edge]
    history = calls(days)
    history["offered"] = np.asarray(make(np.random.default_rng(2), len(history)), dtype=float)
    table = forecast.predict(history, 7, method=method)
    assert len(table)
    assert sane(table)
    recent = history["offered"].iloc[-18 * 20 :]
    if edge == "all zero":
        assert (table["volume"] == 0).all()
    elif edge not in ("a burst", "twelve decades"):
        assert 0.4 * recent.min() <= table["volume"].mean() <= 1.3 * recent.max() + 1.0


@pytest.mark.parametrize("share", [0.7, 0.2])
def test_gaps_do_not_bend_the_level(share: float) -> None:
    """Rows missing at random leave the level where it was: missing is not zero."""
    history = calls(60).sample(frac=share, random_state=1)
    table = forecast.predict(history, 7)
    assert table["volume"].mean() == pytest.approx(20.0, rel=0.06)


def test_one_wild_day_does_not_move_the_week() -> None:
    """A burst of a hundred times the usual leaves the forecast within a few per cent."""
    history = calls(60)
    wild = history["interval"].dt.strftime("%m-%d") == "04-08"
    history.loc[wild, "offered"] = 2000.0
    assert forecast.predict(history, 7)["volume"].mean() == pytest.approx(20.0, rel=0.05)


def test_wrong_input_is_refused_with_a_remedy() -> None:
    """Missing numbers, an empty table, an unknown method, a start in the past: each says what to do."""
    history = calls(14)
    with pytest.raises(DataError, match="finite number"):
        forecast.predict(history.assign(offered=np.nan), 7)
    with pytest.raises(DataError, match="at least one day of contacts"):
        forecast.predict(history.iloc[:0], 7)
    with pytest.raises(DataError, match="mean_of_6_weeks"):
        forecast.predict(history, 7, method="prophet")
    with pytest.raises(DataError, match="between 0 and 1"):
        forecast.predict(history, 7, quantiles=(10,))
    with pytest.raises(DataError, match="cut the history"):
        forecast.predict(history, 7, start=dt.date(2026, 3, 10))
    with pytest.raises(DataError, match="at least one"):
        forecast.paths(history, 7, n=0)
    with pytest.raises(DataError, match="at least one day"):
        forecast.predict(history, 0)


# --- how good, why, and during the day


def test_backtest_scores_are_those_by_hand() -> None:
    """Last week's WAPE, bias and day WAPE of a fold are the sums a planner would make; the habits run too."""
    history = calls(56)
    table = forecast.backtest(history, folds=2, methods=("auto",)).set_index(["method", "origin"])
    habits = {"last_week", "mean_of_6_weeks", "median_of_6_weeks"}
    assert set(table.index.get_level_values("method")) == {"auto"} | habits
    week = history["interval"] >= pd.Timestamp("2026-04-20", tz=SEOUL)
    before = history[history["interval"] >= pd.Timestamp("2026-04-13", tz=SEOUL)]["offered"].to_numpy()[:90]
    came = history.loc[week, "offered"].to_numpy()
    row = table.loc[("last_week", on("2026-04-18"))]
    assert row["wape"] == pytest.approx(np.abs(before - came).sum() / came.sum())
    assert row["bias"] == pytest.approx((before - came).sum() / came.sum())
    days = before.reshape(5, 18).sum(axis=1) - came.reshape(5, 18).sum(axis=1)
    assert row["wape_day"] == pytest.approx(np.abs(days).sum() / came.sum())
    auto = table.loc[("auto", pd.NaT)]
    assert auto["wape"] < row["wape"]
    assert auto["floor"] == pytest.approx(auto["wape"], rel=0.1)
    assert np.isnan(auto["agent_hours"])


def test_backtest_keeps_the_lead_secret() -> None:
    """With a lead of two weeks nothing of these two weeks is used."""
    history = calls(70)
    spoiled = history.copy()
    inside = history["interval"].between(
        pd.Timestamp("2026-04-20", tz=SEOUL), pd.Timestamp("2026-05-04", tz=SEOUL), inclusive="left"
    )
    spoiled.loc[inside, "offered"] *= 5
    one, other = (forecast.backtest(h, folds=1, lead=14, methods=("auto",)) for h in (history, spoiled))
    pd.testing.assert_frame_equal(one.drop(columns="seconds"), other.drop(columns="seconds"))


def test_backtest_by_queue_and_together() -> None:
    """Every queue is scored alone and all together, with the hours wrongly staffed where aht is known."""
    history = pd.concat([calls(42), calls(42, 5.0, queue="채팅")], ignore_index=True).assign(aht=180.0)
    table = forecast.backtest(history, folds=1, methods=("auto",))
    auto = table[(table["method"] == "auto") & table["origin"].isna()].set_index("queue")
    assert list(auto.index) == ["all", "전화", "채팅"]
    assert auto.loc["all", "agent_hours"] == pytest.approx(auto["agent_hours"].iloc[1:].sum())
    assert auto.loc["전화", "floor"] < auto.loc["채팅", "floor"]
    only = forecast.backtest(history, folds=1, queues=["채팅"])
    assert set(only["queue"]) == {"채팅"}
    assert "notes" not in table.attrs


def test_hours_of_the_queues_whose_handle_time_is_known() -> None:
    """One queue without a handle time does not hide the hours of the other: it is left out, and named."""
    history = pd.concat([calls(42).assign(aht=180.0), calls(42, 5.0, queue="채팅")], ignore_index=True)
    table = forecast.backtest(history, folds=1, methods=("auto",))
    auto = table[(table["method"] == "auto") & table["origin"].isna()].set_index("queue")
    assert auto.loc["all", "agent_hours"] == pytest.approx(auto.loc["전화", "agent_hours"])
    assert np.isnan(auto.loc["채팅", "agent_hours"])
    assert table.attrs["notes"] == ["agent_hours of all leaves out 채팅: no handle time is known"]


def test_backtest_needs_history() -> None:
    """More folds than history is refused with what to change."""
    with pytest.raises(DataError, match="fewer folds"):
        forecast.backtest(calls(28), folds=8)


def test_explain_finds_what_was_put_in() -> None:
    """Mondays half as busy again, calls after a closed day up by 30 %: both stand in the table, in words."""
    history = calls(26 * 7, 100.0)
    dates = history["interval"].dt.tz_localize(None).dt.normalize()
    closed = [
        on(day)
        for day in ("2026-03-19", "2026-04-15", "2026-05-12", "2026-06-10", "2026-07-08", "2026-08-05")
    ]
    history.loc[dates.dt.day_of_week == 0, "offered"] *= 1.5
    history.loc[dates.isin([day + pd.Timedelta(days=1) for day in closed]), "offered"] *= 1.3
    history = history[~dates.isin(closed)]
    table = forecast.explain(history).set_index("name")
    assert table.loc["mean open day", "value"] == pytest.approx(18 * 110, rel=0.05)
    monday = (1 + table.loc["Monday", "value"]) / (1 + table.loc["Thursday", "value"])
    assert monday == pytest.approx(1.5, rel=0.05)
    after = table.loc["1st day after a closure"]
    assert 0.2 < after["value"] < 0.35
    assert after["low"] < 0.3 < after["high"] + 0.03
    assert after["words"] == f"1st day after a closure: {100 * after['value']:+.0f} %"
    shares = table[table["part"] == "profile"]["value"]
    assert shares.groupby(shares.index.str[:3]).sum().to_numpy() == pytest.approx(1.0)


def test_outliers_are_named() -> None:
    """The failed day and the burst are listed with what was expected; of plain chance hardly a day is."""
    history = calls(80, 50.0)
    dates = history["interval"].dt.strftime("%m-%d")
    history.loc[dates == "04-08", "offered"] *= 0.2
    history.loc[dates == "05-12", "offered"] *= 3
    found = forecast.outliers(history)
    found = found[found["departure"].abs() > 0.15]
    assert found["date"].tolist() == [on("2026-04-08"), on("2026-05-12")]
    assert found["expected"].to_numpy() == pytest.approx(18 * 50, rel=0.08)
    assert found["words"].str.startswith("Wednesday 2026-04-08").iloc[0]
    assert len(forecast.outliers(calls(80, 50.0))) <= 1
    none = forecast.outliers(calls(20, 50.0))
    assert none.empty and list(none.columns) == list(found.columns)


def busy_day(level: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A history whose days swing by a tenth, and a Monday at a level of its own."""
    history = calls(100, 100.0)
    date = history["interval"].dt.normalize()
    swing = pd.Series(np.exp(0.1 * np.random.default_rng(6).normal(size=date.nunique())), index=date.unique())
    history["offered"] = np.round(history["offered"] * date.map(swing))
    today = calls(7, 100.0 * level, seed=9).head(18)
    return history, today.assign(interval=today["interval"] + pd.Timedelta(days=105))


def test_reforecast_follows_a_busy_morning_part_of_the_way() -> None:
    """At noon of a day 20 % up the rest is raised, by no more than that, and the band is narrower."""
    history, today = busy_day(1.2)
    now = pd.Timestamp("2026-06-15 12:00", tz=SEOUL)
    rest = forecast.reforecast(history, today, now=now)
    assert rest["interval"].min() == now
    assert len(rest) == 12
    raised = rest["volume"].sum() / rest["volume_before"].sum()
    assert 1.08 < raised < 1.22
    assert rest["gain"].mean() > 0.1
    plain = forecast.reforecast(history, today.iloc[:0], now=pd.Timestamp("2026-06-15 00:00", tz=SEOUL))
    assert plain["volume"].to_numpy() == pytest.approx(plain["volume_before"].to_numpy())


def test_reforecast_does_not_peek() -> None:
    """What the table of today holds after now changes nothing."""
    history, today = busy_day(1.2)
    now = pd.Timestamp("2026-06-15 12:00", tz=SEOUL)
    later = today["interval"] >= now
    spoiled = today.assign(offered=today["offered"].where(~later, 5000.0))
    one, other = (forecast.reforecast(history, table, now=now) for table in (today, spoiled))
    pd.testing.assert_frame_equal(one, other)
    with pytest.raises(DataError, match="time zone"):
        forecast.reforecast(history, today, now=pd.Timestamp("2026-06-15 12:00"))


def swinging(queue: str, seed: int, days: int = 70) -> pd.DataFrame:
    """One row a day, its level swinging by eight per cent."""
    rng = np.random.default_rng(seed)
    times = pd.date_range(MONDAY, periods=days, freq="1D", tz=SEOUL)
    level = 200.0 * np.exp(0.08 * rng.normal(size=days)) * np.where(times.day_of_week < 5, 1.0, 0.6)
    aht = 200.0 * np.exp(0.05 * rng.normal(size=days))
    return pd.DataFrame({"queue": queue, "interval": times, "offered": rng.poisson(level) * 1.0, "aht": aht})


def test_alarms_keep_their_rate() -> None:
    """Of 60 queues that follow their forecast about one in ten is called out per measure at that rate."""
    table = pd.concat([swinging(f"q{k:03d}", k) for k in range(60)], ignore_index=True)
    last = table["interval"] >= pd.Timestamp("2026-05-04", tz=SEOUL)
    found = forecast.alarms(table[~last], table[last], rate=0.1)
    for measure in ("volume", "aht"):
        assert 1 <= (found["measure"] == measure).sum() <= 14


def test_alarms_find_a_departure_and_say_it() -> None:
    """A queue up by half and one whose calls take a quarter longer are called out, the third is not."""
    table = pd.concat([swinging(name, k) for k, name in enumerate("abc")], ignore_index=True)
    last = table["interval"] >= pd.Timestamp("2026-05-04", tz=SEOUL)
    table.loc[last & (table["queue"] == "a"), "offered"] *= 1.5
    table.loc[last & (table["queue"] == "b"), "aht"] *= 1.25
    found = forecast.alarms(table[~last], table[last], rate=0.01)
    assert found[["queue", "measure"]].to_numpy().tolist() == [["a", "volume"], ["b", "aht"]]
    assert found["departure"].to_numpy() == pytest.approx([0.5, 0.25], abs=0.12)
    assert found["words"].iloc[0].startswith("a: ")


# --- real calls


def bank_calls(shared) -> pd.DataFrame:
    """Half-hourly calls to a bank, March to August 2003."""
    table = pd.read_csv(shared / "data/bank_calls_2003/calls_30min.csv")
    times = pd.to_datetime(table["start"]).dt.tz_localize("UTC").dt.as_unit("us")
    return pd.DataFrame({"queue": "retail", "interval": times, "offered": table["offered"].astype(float)})


def score(
    history: pd.DataFrame, origins: pd.DatetimeIndex, lead: int = 0, **options: object
) -> dict[str, float]:
    """WAPE by interval and by day, and cover of the bands, over week-ahead forecasts."""
    dates = history["interval"].dt.tz_localize(None).dt.normalize()
    there = pd.DatetimeIndex(dates.unique())
    absent = pd.date_range(there[0], there[-1]).difference(there)
    closed = [day.date() for day in absent if day.day_of_week in set(there.day_of_week)]
    parts = []
    for origin in origins:
        table = forecast.predict(
            history[dates < origin - pd.Timedelta(days=lead)],
            7,
            start=origin.date(),
            calendar=Calendar(closed=closed),
            quantiles=(0.025, 0.1, 0.9, 0.975),
            **options,
        )
        parts.append(table.merge(history, on=["queue", "interval"]))
    both = pd.concat(parts)
    days = both.groupby(both["interval"].dt.date)[["volume", "offered"]].sum()
    total = both["offered"].sum()
    return {
        "wape": 100 * (both["volume"] - both["offered"]).abs().sum() / total,
        "day": 100 * (days["volume"] - days["offered"]).abs().sum() / total,
        "cover80": 100 * both["offered"].between(both["volume_p10"], both["volume_p90"]).mean(),
        "cover95": 100 * both["offered"].between(both["volume_p2.5"], both["volume_p97.5"]).mean(),
    }


def test_bank_calls_development_weeks(shared) -> None:
    """Twelve weeks of a bank's calls, week ahead: within the promise, well ahead of the mean of six weeks."""
    history, origins = bank_calls(shared), pd.date_range("2003-05-05", "2003-07-21", freq="7D")
    found, habit = score(history, origins), score(history, origins, method="mean_of_6_weeks")
    assert found["wape"] <= 5.8
    assert found["day"] <= 4.3
    assert 77 <= found["cover80"] <= 86
    assert 92 <= found["cover95"] <= 98
    assert found["wape"] < habit["wape"] - 0.4


def test_bank_calls_two_weeks_ahead(shared) -> None:
    """The same weeks seen two weeks earlier, as a roster needs them."""
    found = score(bank_calls(shared), pd.date_range("2003-05-05", "2003-07-21", freq="7D"), lead=14)
    assert found["wape"] <= 6.3
    assert 77 <= found["cover80"] <= 86


def test_second_centre(shared) -> None:
    """Thirteen weeks of a centre a twentieth the size, with bursts and half-closed days in its history."""
    raw = pd.read_csv(shared / "data/anonymous_bank_1999/arrivals_6min_1999-01_09.csv.gz")
    times = pd.to_datetime(raw["start"]).dt.as_unit("us").dt.floor("30min").dt.tz_localize("UTC")
    table = pd.DataFrame({"queue": "all", "interval": times, "offered": raw["offered"].astype(float)})
    table = table.groupby(["queue", "interval"], as_index=False)["offered"].sum()
    table = table[(table["interval"].dt.hour >= 7) & ~table["interval"].dt.day_of_week.isin([4, 5])]
    table = table[table.groupby(table["interval"].dt.date)["offered"].transform("sum") >= 500]
    found = score(table, pd.date_range("1999-05-31", "1999-08-23", freq="7D"))
    assert found["wape"] <= 20.8
    assert found["day"] <= 11.5
    assert 77 <= found["cover80"] <= 86
    assert 92 <= found["cover95"] <= 98


def test_rest_of_the_day_of_bank_calls(shared) -> None:
    """At noon the rest of the day is seen better than in the evening before, within the promise."""
    history = bank_calls(shared)
    dates = history["interval"].dt.tz_localize(None).dt.normalize()
    parts = []
    for date in pd.bdate_range("2003-05-05", "2003-07-25", freq="3B"):
        now = (date + pd.Timedelta(hours=12)).tz_localize("UTC")
        rest = forecast.reforecast(history[dates < date], history[dates == date], now=now)
        parts.append(rest.merge(history, on=["queue", "interval"]))
    both = pd.concat(parts)
    wape = {name: (both[name] - both["offered"]).abs().sum() for name in ("volume", "volume_before")}
    assert wape["volume"] / both["offered"].sum() <= 0.046
    assert wape["volume"] < 0.93 * wape["volume_before"]


def test_a_season_of_the_year_is_learned(shared) -> None:
    """Three years of ambulance days, twelve weeks ahead: clearly better than the mean of six weeks."""
    table = pd.read_csv(shared / "data/ambulance_daily_2014_2019/responses_daily.csv")
    table = table[table["queue"] == "trust"]
    times = pd.to_datetime(table["start"]).dt.tz_localize("Europe/London").dt.as_unit("us")
    history = pd.DataFrame({"queue": "trust", "interval": times, "offered": table["offered"].astype(float)})
    calendar, errors = Calendar("GB", region="ENG"), {}
    for method in ("auto", "mean_of_6_weeks"):
        errors[method] = 0.0
        for origin in pd.to_datetime(["2018-07-01", "2018-11-01", "2019-03-01"]):
            before = history[history["interval"].dt.tz_localize(None) < origin]
            said = forecast.predict(before, 84, start=origin.date(), method=method, calendar=calendar)
            both = said.merge(history, on=["queue", "interval"])
            assert len(both) == 84
            errors[method] += (both["volume"] - both["offered"]).abs().sum() / both["offered"].sum() / 3
    assert errors["auto"] < 0.03
    assert errors["auto"] < 0.85 * errors["mean_of_6_weeks"]


# --- what a method may give, and what is asked


@pytest.mark.parametrize("method", ["auto", "last_week", "mean_of_6_weeks"])
def test_a_queue_that_never_changed_may_change(method: str) -> None:
    """After ninety days of 50 calls in every half hour the band is still that of the chance of counts."""
    table = forecast.predict(calls(90).assign(offered=50.0), 7, method=method)
    chance = 1.2816 * np.sqrt(50.0)
    assert (table["volume_p90"] - 50.0).mean() == pytest.approx(chance, rel=0.15)
    assert (50.0 - table["volume_p10"]).mean() == pytest.approx(chance, rel=0.15)


def test_errors_beyond_chance_are_not_widened() -> None:
    """Past errors of more than the chance of counts are the band as they are: nothing is added to them."""

    def flat(counts: pd.DataFrame, dates: pd.DatetimeIndex) -> np.ndarray:
        return np.full((len(dates), counts.shape[1]), 100.0)

    history = calls(90)
    history["offered"] = np.where(np.arange(len(history)) % 2, 50.0, 150.0)
    table = forecast.predict(history, 7, method=forecast.with_past_errors(flat))
    assert set(np.unique(table[["volume_p10", "volume_p90"]])) == {50.0, 150.0}


@pytest.mark.parametrize("fault", ["nothing", "wrong size", "paths below zero"])
def test_a_method_that_gives_nonsense_is_refused(fault: str) -> None:
    """A method of one's own that gives no draws, too few slots or paths below zero is named."""

    def method(past, n, rng):
        shape = past.future_open.shape
        if fault == "nothing":
            return None
        size = (shape[0], shape[1] - 1) if fault == "wrong size" else shape
        sign = -1.0 if fault == "paths below zero" else 1.0
        return Draws(np.ones(size), sign * np.ones((*size, n)))

    with pytest.raises(DataError, match=r"the method (gave|did not give) '전화'"):
        forecast.predict(calls(30), 7, method=method)


def test_impossible_questions_are_refused() -> None:
    """No folds, a lead below zero, an unknown queue, a rate of nothing, no history: each is said."""
    history = calls(60)
    with pytest.raises(DataError, match=r"(?s)'Post'.*0 folds.*lead of -1"):
        forecast.backtest(history, folds=0, lead=-1, queues=["Post"])
    for rate in (0.0, -0.1, 1.0):
        with pytest.raises(DataError, match="no rate of false alarms"):
            forecast.alarms(history.iloc[:-18], history.iloc[-18:], rate=rate)
    with pytest.raises(DataError, match="nothing before 2026-01-05"):
        forecast.reforecast(history, history.iloc[:18], now=pd.Timestamp("2026-01-05 12:00", tz=SEOUL))


def test_one_burst_does_not_turn_the_choice() -> None:
    """A slot of a thousand times the usual does not make the recipe look worse on the weeks after it."""
    history = calls(110)
    history.loc[30 * 18 + 4, "offered"] *= 1000.0
    chosen = forecast.choose(history).iloc[0]
    assert chosen["method"] == "level_x_profile"
    assert chosen["wape"] < 0.3


def test_methods_of_statsmodels_are_quiet() -> None:
    """A queue that never changed makes statsmodels warn; a process of its own shows none of that."""
    script = """
import pandas as pd
from staffing import forecast
times = pd.date_range("2026-03-02", periods=60, freq="D", tz="Asia/Seoul")
past = pd.DataFrame({"queue": "calls", "interval": times, "offered": 50.0})
forecast.predict(past, 1, method="ets")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Warning" not in done.stderr


def test_a_bad_number_is_shown_as_people_write_it() -> None:
    """A count below zero is quoted as -3.0, not as the type that holds it."""
    history = calls(30)
    history.loc[7, "offered"] = -3.0
    with pytest.raises(DataError, match=r"^HISTORY:7 \[offered\]: -3\.0 is not"):
        forecast.predict(history, 7)
