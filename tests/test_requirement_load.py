"""The load of an interval: what came before weighs on it, and simulation says the prediction is right."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from staffing import erlang, requirement
from staffing.errors import DataError
from staffing.model import Queue, Target, Voice

ROOT = Path(__file__).resolve().parents[1]


def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("load_benchmark", ROOT / "benchmarks" / "load.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def half_hours(volume: list[float]) -> pd.DataFrame:
    times = pd.date_range("2026-11-30 09:00", periods=len(volume), freq="30min", tz="UTC", unit="us")
    return pd.DataFrame({"queue": "calls", "interval": times, "volume": volume})


@pytest.mark.parametrize(("aht", "days"), [(240.0, 120), (1800.0, 1000)])
def test_predicted_service_level_is_the_simulated(aht: float, days: int) -> None:
    """Within 0.02 on average over the intervals of a day, for short calls and for long ones."""
    table = benchmark().compare(aht, days, seed=7)
    for column in ("evaluated", "computed"):
        assert (table[column] - table["simulated"]).abs().mean() < 0.02
    assert (table["raw"] - table["simulated"]).abs().mean() > (0.08 if aht > 900 else 0.01)


@pytest.mark.parametrize("patience", [math.inf, 120.0, 900.0])
def test_overload_is_carried_as_the_differential_equation_says(patience: float) -> None:
    """The closed form agrees with small steps through rises, falls, people leaving and quiet times."""
    volume = np.array([100.0, 140, 90, 60, 20, 0, 130, 0])
    aht = np.array([180.0, 400, 180, 180, 180, 180, 100, 180])
    agents = np.array([9.0, 12, 11, 5, 9, 9, 3, 9])
    busy, steps = 0.0, 20000
    exact = []
    for row, people in enumerate(agents):
        gone = max(agents[max(row - 1, 0)] - people, 0.0)
        busy -= gone * min(busy / agents[max(row - 1, 0)], 1.0)
        area = 0.0
        for _ in range(steps):
            waiting = max(busy - people, 0.0)
            area += min(busy, people) + waiting * (1.0 if math.isinf(patience) else aht[row] / patience)
            busy += (volume[row] / 1800 - min(busy, people) / aht[row] - waiting / patience) * 1800 / steps
        exact.append(area / steps)
    times = half_hours(list(volume))["interval"]
    got = requirement.modified_load(times, volume, aht, minutes=30, agents=agents, patience=patience)
    assert got == pytest.approx(exact, rel=2e-3, abs=2e-3)
    both = requirement.modified_load(
        times, np.stack([volume, volume / 2], axis=1), aht, minutes=30, agents=agents, patience=patience
    )
    assert both[:, 0] == pytest.approx(got)


def test_enough_agents_change_nothing() -> None:
    """Where nobody waits and nobody leaves, the agents do not matter."""
    volume = np.array([30.0, 90, 10, 50])
    times, aht = half_hours(list(volume))["interval"], np.full(4, 600.0)
    free = requirement.modified_load(times, volume, aht, minutes=30)
    many = requirement.modified_load(times, volume, aht, minutes=30, agents=np.full(4, 99.0), patience=60)
    assert many == pytest.approx(free)


def test_what_patient_callers_do_to_the_next_interval() -> None:
    """Erlang C has no answer for an overloaded interval; its backlog shows in the two after it."""
    table = half_hours([100.0, 200, 100, 100, 100])
    queue = Queue("calls", team="care", shrinkage=(), aht=180, target=Target(max_occupancy=1.0))
    got = requirement.evaluate(table, [queue], table.assign(agents=14.0))
    assert got["service_level"].tolist()[1:3] == [0.0, 0.0]
    assert got["load"][2] > 14 > got["load"][4]
    assert got["service_level"][4] > 0.8
    calm = requirement.evaluate(table.assign(volume=100.0), [queue], table.assign(agents=14.0))
    assert got["load"][4] == pytest.approx(calm["load"][4], abs=0.02)


def test_evaluate_needs_agents_everywhere() -> None:
    """An interval without agents given is a mistake, not a closed interval."""
    table = half_hours([10.0, 10.0])
    queue = Queue("calls", team="care", shrinkage=(), aht=180)
    with pytest.raises(DataError, match="no agents are given for 1 intervals"):
        requirement.evaluate(table, [queue], table.assign(agents=5.0).iloc[:1])


def test_handle_time_is_the_sum_of_its_parts() -> None:
    """Talk, hold and after-call work add up; new hires, self-service and the menu change the load."""
    plain = Queue("calls", team="care", shrinkage=(), aht=300)
    parts = Queue("calls", team="care", shrinkage=(), talk=200, hold=40, after_call=60)
    assert parts.aht == 300
    with pytest.raises(ValueError, match="leave one of them out"):
        Queue("calls", team="care", shrinkage=(), aht=200, talk=200, hold=40)
    with pytest.raises(ValueError, match="need talk"):
        Queue("calls", team="care", shrinkage=(), hold=40)
    table = half_hours([100.0] * 6)
    load = requirement.compute(table, [plain])["load"].iloc[-1]
    fewer = Queue("calls", team="care", shrinkage=(), aht=300, deflected=0.2, ivr=0.1)
    assert requirement.compute(table, [fewer])["load"].iloc[-1] == pytest.approx(load * 0.8 * 0.9, rel=1e-6)
    slower = Queue("calls", team="care", shrinkage=(), aht=300, speed=0.8)
    assert requirement.compute(table, [slower])["load"].iloc[-1] == pytest.approx(load / 0.8, rel=1e-3)


def test_redials_are_a_fixed_point() -> None:
    """All attempts are the load at which first attempts and redials add up; the fewest agents hold it."""
    total = requirement.total_load(50.0, [44, 46, 60], aht=240, patience=120, redial=0.6)
    lost = erlang.abandonment([44, 46, 60], total, aht=240, patience=120)
    assert total == pytest.approx(50.0 + 0.6 * lost * total, rel=1e-9)
    table = half_hours([375.0] * 6)
    for target in (Target(max_occupancy=1.0), Target(answered=0.3, max_abandonment=0.15, max_occupancy=1.0)):
        some = Queue("calls", team="care", shrinkage=(), aht=240, target=target, channel=Voice(patience=120))
        again = Queue(
            "calls",
            team="care",
            shrinkage=(),
            aht=240,
            target=target,
            channel=Voice(patience=120, redial=0.6),
        )
        without = requirement.compute(table, [some]).iloc[-1]
        row = requirement.compute(table, [again]).iloc[-1]
        assert row["agents"] >= without["agents"]

        def fits(agents: float, load: float = row["load"], target: Target = target) -> bool:
            attempts = requirement.total_load(load, agents, aht=240, patience=120, redial=0.6)
            level = erlang.service_level(agents, attempts, aht=240, within=20, patience=120)
            gone = erlang.abandonment(agents, attempts, aht=240, patience=120)
            return bool(level >= target.answered and gone <= target.max_abandonment)

        assert fits(row["agents"]) and not fits(row["agents"] - 1)
    assert requirement.first_attempts([120.0], [20.0], redial=0.5).tolist() == [110.0]
    with pytest.raises(DataError, match="redial"):
        requirement.total_load(50.0, 44, aht=240, patience=120, redial=1.0)
