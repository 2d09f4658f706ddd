"""Paths of several queues: days that go together, bands of sums that hold, queues that stay what they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing import forecast
from staffing.calendar import Calendar
from staffing.forecasting import together

SEOUL = "Asia/Seoul"


def centre(days: int, shared: float, own: float, *, queues: int = 4, seed: int = 0) -> pd.DataFrame:
    """Daily counts of some queues whose days have a level in common and one of their own (log sds)."""
    rng = np.random.default_rng(seed)
    times = pd.date_range("2026-01-05", periods=days, freq="1D", tz=SEOUL)
    common = shared * rng.standard_normal(days)
    parts = [
        pd.DataFrame(
            {
                "queue": f"q{k}",
                "interval": times,
                "offered": rng.poisson(800 * np.exp(common + own * rng.standard_normal(days))).astype(float),
            }
        )
        for k in range(queues)
    ]
    return pd.concat(parts, ignore_index=True)


def site_days(drawn: pd.DataFrame) -> np.ndarray:
    """(days, paths): contacts of all queues."""
    columns = [name for name in drawn if name.startswith("path_")]
    return drawn.groupby("interval")[columns].sum().to_numpy()


def cover(seeds: int, shared: float, own: float) -> float:
    """Share of the days after the history whose sum over all queues is within the 80 % band."""
    inside = []
    for seed in range(seeds):
        whole = centre(120, shared, own, seed=seed)
        known = whole[whole["interval"] < whole["interval"].max() - pd.Timedelta(days=6)]
        came = whole.drop(known.index).groupby("interval")["offered"].sum().to_numpy()
        low, high = np.quantile(site_days(forecast.paths(known, 7, n=200)), (0.1, 0.9), axis=1)
        inside += list((low <= came) & (came <= high))
    return float(np.mean(inside))


@pytest.mark.parametrize(("shared", "own"), [(0.12, 0.05), (0.0, 0.12)])
def test_the_band_of_the_sum_holds(shared: float, own: float) -> None:
    """Four queues with and without a level in common: the 80 % band of their sum covers 70-90 % of days."""
    assert 0.70 <= cover(6, shared, own) <= 0.90


def test_a_queue_is_the_same_in_any_company() -> None:
    """The numbers of each interval are the same to the last bit beside other queues as alone."""
    history = centre(100, 0.12, 0.05)
    both = forecast.paths(history, 7, n=100)
    drawn = [name for name in both if name.startswith("path_")]
    for queue in ("q0", "q3"):
        alone = forecast.paths(history[history["queue"] == queue], 7, n=100)
        mine = both.loc[both["queue"] == queue, drawn].to_numpy()
        assert np.array_equal(np.sort(mine, axis=1), np.sort(alone[drawn].to_numpy(), axis=1))
    told = forecast.predict(history, 7).query("queue == 'q3'").reset_index(drop=True)
    pd.testing.assert_frame_equal(
        told, forecast.predict(history[history["queue"] == "q3"], 7), check_exact=True
    )


def test_weeks_stay_weeks() -> None:
    """Beside correlated queues a queue's days still go together within a week as they did alone."""
    history = centre(100, 0.12, 0.05)
    # A level that drifts: the days of a possible week share it.
    wave = np.exp(0.15 * np.sin(np.arange(100) / 15.0))
    history["offered"] = np.round(history["offered"] * np.tile(wave, 4))
    both, alone = (forecast.paths(part, 7, n=300) for part in (history, history.query("queue == 'q2'")))
    drawn = [name for name in both if name.startswith("path_")]
    one, other = (np.corrcoef(t.query("queue == 'q2'")[drawn].to_numpy()) for t in (both, alone))
    assert np.abs(one - other).max() < 0.15


def test_few_days_teach_little() -> None:
    """Two weeks of history, and methods that tell no errors, leave the queues apart; nothing fails."""
    short = centre(14, 0.2, 0.01)
    drawn = forecast.paths(short, 7, n=50)
    alone = forecast.paths(short[short["queue"] == "q1"], 7, n=50)
    assert drawn.query("queue == 'q1'").reset_index(drop=True).equals(alone)
    assert np.isfinite(site_days(drawn)).all()


def test_queues_with_their_own_days() -> None:
    """A queue open on weekdays only and one on all days share what they can, each on its own days."""
    history = centre(120, 0.15, 0.03, queues=2)
    weekend = history["interval"].dt.day_of_week >= 5
    history = history[(history["queue"] == "q0") | ~weekend]
    drawn = forecast.paths(history, 7, n=300)
    assert drawn.groupby("queue").size().to_dict() == {"q0": 7, "q1": 5}
    columns = [name for name in drawn if name.startswith("path_")]
    days = drawn.set_index(["queue", "interval"])[columns]
    monday = drawn["interval"].iloc[int(np.argmax(drawn["interval"].dt.day_of_week == 0))]
    assert np.corrcoef(days.loc[("q0", monday)], days.loc[("q1", monday)])[0, 1] > 0.5


@settings(max_examples=30, deadline=None)
@given(
    st.integers(2, 5),
    st.integers(1, 60),
    st.floats(-0.99, 0.99),
    st.integers(0, 2**16),
)
def test_correlations_are_ones(queues: int, days: int, alike: float, seed: int) -> None:
    """Whatever the errors, gaps included: ones on the diagonal, nothing beyond, and positive definite."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal(days)
    index = pd.date_range("2026-01-05", periods=days)
    errors = [
        pd.Series(alike * common + rng.standard_normal(days), index=index).sample(
            frac=rng.uniform(0.2, 1.0), random_state=seed
        )
        for _ in range(queues)
    ]
    found = together.correlation(errors)
    assert np.allclose(np.diag(found), 1.0)
    assert np.abs(found).max() <= 1.0 + 1e-9
    assert np.linalg.eigvalsh(found).min() > 0


def test_counties_of_an_ambulance_service(shared) -> None:
    """Seven counties' paths add up to bands that hold for the whole service; drawn apart they would not."""
    file = shared / "data" / "ambulance_daily_2014_2019" / "responses_daily.csv"
    if not file.is_file():
        pytest.skip("no ambulance data beside the repository")
    raw = pd.read_csv(file)
    raw = raw[raw["queue"] != "trust"]
    times = pd.to_datetime(raw["start"]).dt.tz_localize("Europe/London").dt.as_unit("us")
    history = raw.assign(interval=times, offered=raw["offered"].astype(float))[
        ["queue", "interval", "offered"]
    ]
    day = history["interval"].dt.tz_localize(None)
    inside, apart = [], []
    for origin in pd.date_range("2018-07-02", periods=12, freq="28D"):
        known = history[(day < origin) & (day >= origin - pd.Timedelta(days=200))]
        drawn = forecast.paths(known, 7, n=150, start=origin.date(), calendar=Calendar("GB", region="ENG"))
        wholes = site_days(drawn)
        came = history[history["interval"].isin(drawn["interval"])].groupby("interval")["offered"].sum()
        low, high = np.quantile(wholes, (0.1, 0.9), axis=1)
        inside += list((low <= came) & (came <= high))
        columns = [name for name in drawn if name.startswith("path_")]
        rng = np.random.default_rng(1)
        mixed = drawn[columns].to_numpy().copy()
        for queue in drawn["queue"].unique():
            own = (drawn["queue"] == queue).to_numpy()
            mixed[own] = mixed[own][:, rng.permutation(len(columns))]
        wide = pd.DataFrame(mixed).groupby(drawn["interval"]).sum().to_numpy()
        low, high = np.quantile(wide, (0.1, 0.9), axis=1)
        apart += list((low <= came) & (came <= high))
    assert 0.7 <= np.mean(inside) <= 0.9
    assert np.mean(apart) < np.mean(inside) - 0.1
