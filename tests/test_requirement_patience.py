"""Patience from call logs: a real bank's published figures, simulated truth, and too little data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from staffing import requirement
from staffing.errors import DataError


def log(wait: np.ndarray, lost: np.ndarray, queue: object = "calls") -> pd.DataFrame:
    times = pd.date_range("2026-11-30", periods=len(wait), freq="1s", tz="UTC", unit="us")
    outcome = np.where(lost, "abandoned", "answered")
    return pd.DataFrame({"queue": queue, "arrived": times, "wait": wait, "outcome": outcome})


# The README of the data: total wait / abandonments, Kaplan-Meier median, share patient past 60 and 300 s.
BANK = {
    "calls_1999-01.csv": (366, 311, 0.83, 0.52),
    "calls_1999-02.csv": (345, 280, 0.82, 0.49),
    "calls_1999-08.csv.gz": (406, 363, 0.81, 0.55),
}


@pytest.mark.parametrize("name", BANK)
def test_bank_of_1999(shared: Path, name: str) -> None:
    """The three months give the figures that its documentation prints."""
    raw = pd.read_csv(shared / "data" / "anonymous_bank_1999" / name)
    raw["arrived"] = pd.to_datetime(raw["arrived"]).dt.tz_localize("Asia/Jerusalem").dt.as_unit("us")
    calls = raw.rename(columns={"wait_s": "wait"}).astype({"wait": float})
    mean, median, at_60, at_300 = BANK[name]
    whole = calls.assign(queue="all")
    row = requirement.patience(whole).iloc[0]
    assert round(row["patience"]) == mean
    assert row["patience_low"] < mean < row["patience_high"] < 1.05 * row["patience_low"] * 1.05
    assert row["patience_median"] == median
    assert row["basis"] == "own"
    curve = requirement.patience_curve(whole)
    assert curve[curve["wait"] <= 60]["patient"].iloc[-1] == pytest.approx(at_60, abs=0.005)
    assert curve[curve["wait"] <= 300]["patient"].iloc[-1] == pytest.approx(at_300, abs=0.005)
    each = requirement.patience(calls).set_index("queue")["patience"]
    assert each["NW"] < each["PS"]


def test_simulated_patience_is_found_again() -> None:
    """Exponential patience of 120 s behind waits that answers cut off: mean, interval and median."""
    rng = np.random.default_rng(4)
    offered_wait, patient = rng.exponential(40.0, 60000), rng.exponential(120.0, 60000)
    calls = log(np.minimum(offered_wait, patient), patient < offered_wait)
    row = requirement.patience(calls).iloc[0]
    assert row["patience"] == pytest.approx(120, rel=0.03)
    assert row["patience_low"] < 120 < row["patience_high"]
    assert row["patience_median"] == pytest.approx(120 * np.log(2), rel=0.06)
    assert row["patience_after_short"] == pytest.approx(120, rel=0.04)


def test_interval_covers_the_truth() -> None:
    """In 300 small logs the 90 % interval holds the truth about nine times in ten."""
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(300):
        offered_wait, patient = rng.exponential(60.0, 60), rng.exponential(120.0, 60)
        calls = log(np.minimum(offered_wait, patient), patient < offered_wait)
        row = requirement.patience(calls, confidence=0.9).iloc[0]
        covered += row["patience_low"] <= 120 <= row["patience_high"]
    assert 255 <= covered <= 290


def test_mistaken_calls_stand_apart() -> None:
    """Wrong numbers who hang up at once lower the mean, but not the patience of who stays."""
    rng = np.random.default_rng(6)
    offered_wait, patient = rng.exponential(40.0, 30000), rng.exponential(200.0, 30000)
    patient[:3000] = rng.uniform(0, 4, 3000)
    calls = log(np.minimum(offered_wait, patient), patient < offered_wait)
    row = requirement.patience(calls, short_wait=5).iloc[0]
    assert row["patience"] < 130
    assert row["patience_after_short"] == pytest.approx(200, rel=0.05)
    assert row["short_abandons"] > 2500


def test_few_abandonments_lean_on_all_queues() -> None:
    """Three abandonments do not speak for a queue; the answer moves to the account's own mean."""
    many = log(np.full(1000, 20.0), np.arange(1000) < 200)
    few = log(np.full(40, 20.0), np.arange(40) < 3, queue="vip")
    table = requirement.patience(pd.concat([many, few], ignore_index=True)).set_index("queue")
    assert table.loc["calls", "basis"] == "own"
    assert table.loc["vip", "basis"] == "shrunk"
    assert table.loc["calls", "patience"] < table.loc["vip", "patience"] < 40 * 20 / 3
    assert table.loc["vip", "patience_low"] < 40 * 20 / 3 < table.loc["vip", "patience_high"]


def test_nobody_hangs_up() -> None:
    """Without any abandonment the mean is unknown, though not below what was waited."""
    row = requirement.patience(log(np.full(50, 10.0), np.zeros(50, dtype=bool))).iloc[0]
    assert np.isnan(row["patience"]) and row["basis"] == "unknown"
    assert row["patience_high"] == np.inf
    assert row["patience_low"] == pytest.approx(500 / 3.689, rel=1e-3)
    assert np.isnan(row["patience_median"])
    assert requirement.patience_curve(log(np.full(5, 10.0), np.zeros(5, dtype=bool))).empty


def test_a_log_without_offered_calls_is_refused() -> None:
    """Calls that ended in the menu say nothing of patience."""
    with pytest.raises(DataError, match="answered or abandoned"):
        requirement.patience(log(np.ones(3), np.ones(3, dtype=bool)).assign(outcome="left_ivr"))
