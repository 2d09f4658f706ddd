"""Forecast -> agents: the load, the two models side by side, shrinkage once, limits as values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import requirement
from staffing.errors import DataError
from staffing.model import Queue, Shrinkage, Target, Voice

SICK = Shrinkage("sick", rate=0.06)
LATE = Shrinkage("late", rate=0.02)
LUNCH = Shrinkage("lunch", rostered=True)


def forecast(volume: list[float], queue: str = "calls", **extra: object) -> pd.DataFrame:
    times = pd.date_range("2026-11-30 09:00", periods=len(volume), freq="30min", tz="Asia/Seoul", unit="us")
    return pd.DataFrame({"queue": queue, "interval": times, "volume": volume, **extra})


def calls(**fields: object) -> Queue:
    return Queue(**{"name": "calls", "team": "care", "aht": 180.0, "shrinkage": ()} | fields)


def test_the_textbook_half_hour() -> None:
    """100 calls of 180 s, 80/20: fourteen agents answer 88.8 % once the half hour before was alike."""
    table = requirement.compute(forecast([100.0, 100.0]), [calls(target=Target(max_occupancy=1.0))])
    row = table.iloc[1]
    assert row["offered_load"] == 10.0
    assert row["load"] == pytest.approx(10.0, abs=1e-3)
    assert row["agents"] == 14
    assert row["service_level"] == pytest.approx(0.88835, abs=2e-4)
    assert row["bound_by"] == "answered"


def test_need_does_not_rise_for_what_stands_in_the_roster() -> None:
    """Lunch is rostered: naming it as shrinkage as well changes nothing; sickness and lateness multiply."""
    plain = requirement.compute(forecast([200.0] * 4), [calls(shrinkage=(SICK, LATE))])
    named_too = requirement.compute(forecast([200.0] * 4), [calls(shrinkage=(SICK, LATE, LUNCH))])
    pd.testing.assert_frame_equal(plain, named_too)
    expected = np.ceil(plain["agents"] / (0.94 * 0.98))
    assert plain["scheduled"].tolist() == expected.tolist()


def test_a_night_without_calls_needs_the_minimum_only() -> None:
    """No volume is a value: nobody, or the minimum that an open queue must have."""
    nobody = requirement.compute(forecast([0.0, 0.0]), [calls(min_staff=0, shrinkage=(SICK,))])
    assert nobody["scheduled"].tolist() == [0, 0]
    assert nobody["service_level"].tolist() == [1.0, 1.0]
    two = requirement.compute(forecast([0.0, 0.0]), [calls(min_staff=2)])
    assert two["agents"].tolist() == [2, 2]
    assert two["bound_by"].tolist() == ["min_staff", "min_staff"]


def test_patience_lowers_the_need_and_erlang_c_stands_beside_it() -> None:
    """Callers who hang up take load away; the abandonment cap keeps that honest."""
    free = Target(max_occupancy=1.0)
    queue = calls(aht=300.0, channel=Voice(patience=120.0), target=free)
    table = requirement.compute(forecast([2000.0] * 3), [queue]).iloc[2]
    assert table["agents"] < table["agents_erlang_c"]
    assert table["abandonment"] <= 0.05
    alone = requirement.compute(forecast([2000.0] * 3), [calls(aht=300.0, target=free)]).iloc[2]
    assert alone["agents"] == alone["agents_erlang_c"] == table["agents_erlang_c"]


def test_occupancy_cap_is_named_when_it_binds() -> None:
    """A large queue meets 80/20 at an occupancy that nobody sustains: the cap sets the number."""
    table = requirement.compute(forecast([2000.0] * 3), [calls(target=Target(max_occupancy=0.85))])
    assert table["bound_by"].iloc[2] == "occupancy"
    assert table["occupancy"].max() <= 0.85 + 1e-9


def test_handle_time_of_the_history_comes_first() -> None:
    """The queue's own handle time serves only where the forecast has none."""
    table = requirement.compute(forecast([100.0, 100.0], aht=[360.0, np.nan]), [calls(aht=180.0)])
    assert table["aht"].tolist() == [360.0, 180.0]


def test_every_missing_thing_is_told_at_once() -> None:
    """An unknown queue and a queue without handle time are two problems of one error."""
    table = pd.concat([forecast([1.0, 1.0]), forecast([1.0, 1.0], queue="chat")])
    with pytest.raises(DataError, match="not described") as caught:
        requirement.compute(table, [calls(aht=None)])
    assert len(caught.value.found) == 2
    assert "no handle time" in str(caught.value)


def test_rounding_up_does_not_suffer_from_float_noise() -> None:
    """Every exact quotient stays itself: 21 / 0.7 is 30."""
    for people in range(1, 400):
        for percent in range(1, 100):
            got = requirement.gross_up(np.array([people * percent]), percent / 100)[0]
            assert got == people * 100


@given(
    volume=st.lists(st.floats(0, 500), min_size=1, max_size=30),
    aht=st.floats(20, 3600),
)
def test_no_work_is_lost_or_made(volume: list[float], aht: float) -> None:
    """Once the centre has run dry, the mean load has carried exactly the work that came."""
    padded = np.array([*volume, *[0.0] * 60])
    times = forecast(list(padded))["interval"]
    load = requirement.modified_load(times, padded, np.full(len(padded), aht), minutes=30)
    work = padded.sum() * aht
    assert load.sum() * 1800 == pytest.approx(work, rel=1e-6, abs=1e-6)
    assert (load >= 0).all()
