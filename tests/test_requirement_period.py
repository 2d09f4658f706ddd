"""Targets over a day: the fewest agents by brute force, the floor, both figures, the curve behind them."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pandas as pd
import pytest

from staffing import erlang, requirement
from staffing.errors import DataError
from staffing.model import Queue, Target, Voice


def table(volume: list[float] | np.ndarray, start: str = "2026-11-30 09:00") -> pd.DataFrame:
    times = pd.date_range(start, periods=len(volume), freq="30min", tz="Asia/Seoul", unit="us")
    return pd.DataFrame({"queue": "calls", "interval": times, "volume": volume})


def calls(patience: float | None = None, **target: object) -> Queue:
    goal = Target(**{"over": "day", "max_occupancy": 1.0, "max_abandonment": None} | target)
    return Queue("calls", team="care", shrinkage=(), aht=200, target=goal, channel=Voice(patience=patience))


@pytest.mark.parametrize("patience", [None, 150.0])
@pytest.mark.parametrize("floor", [None, 0.5])
@pytest.mark.parametrize("seed", range(6))
def test_fewest_agents_of_a_day_by_brute_force(
    patience: float | None, floor: float | None, seed: int
) -> None:
    """No combination of agents over four intervals keeps the day's target and the floor with fewer people."""
    rng = np.random.default_rng(seed)
    forecast = table(rng.uniform(2, 60, 4))
    queue = calls(patience, floor=floor)
    got = requirement.compute(forecast, [queue])
    volume, load = got["volume"].to_numpy(), got["load"].to_numpy()
    ranges = [range(1, int(a) + 5) for a in load]
    model = {"aht": 200, "within": 20, "patience": patience or np.inf}
    levels = [erlang.service_level(np.array(r), a, **model) for r, a in zip(ranges, load, strict=True)]
    fewest = min(
        sum(r[k] for r, k in zip(ranges, choice, strict=True))
        for choice in itertools.product(*(range(len(r)) for r in ranges))
        if (reached := np.array([s[k] for s, k in zip(levels, choice, strict=True)])) @ volume
        >= 0.8 * volume.sum() - 1e-9
        and reached.min() >= (floor or 0) - 1e-9
        # Where nobody hangs up an overloaded interval, worth nothing by itself, would cost those after it.
        and (patience is not None or reached.min() > 0)
    )
    assert fewest <= got["agents"].sum() <= fewest + 1
    assert got["service_level"] @ volume >= 0.8 * volume.sum() - 1e-6
    assert got["service_level"].min() >= (floor or 0) - 1e-9


def day(contacts: float) -> np.ndarray:
    shape = np.sin(np.linspace(0.1, np.pi - 0.1, 28)) ** 2
    return contacts * shape / shape.sum()


def test_a_day_costs_less_than_all_its_intervals() -> None:
    """The price of the target in every interval, and what the floor takes back; the floor holds."""
    forecast = table(day(1000.0))
    alone, floored, given_up = (
        requirement.compute(forecast, [calls(**target)])
        for target in ({"over": "interval"}, {"floor": 0.6}, {})
    )
    assert alone["agents"].sum() > floored["agents"].sum() >= given_up["agents"].sum()
    assert alone["agents"].sum() > 1.04 * floored["agents"].sum()
    assert floored["service_level"].min() >= 0.6
    assert set(floored["bound_by"]) <= {"answered", "floor", "min_staff"}
    assert given_up["service_level"].min() < 0.6


@pytest.mark.parametrize("spread", [0.0, 0.25])
def test_patient_callers_are_never_given_up_to_overload(spread: float) -> None:
    """A rush that the day could do without is still staffed above its load, and the day keeps its word."""
    forecast = table([40.0] * 6 + [400.0, 400.0] + [60.0] * 40)
    if spread:
        forecast["volume_p10"] = forecast["volume"] * (1 - spread)
        forecast["volume_p90"] = forecast["volume"] * (1 + spread)
    queue = calls(answered=0.5)
    needed = requirement.compute(forecast, [queue])
    assert (needed["agents"] > needed["load"]).all()
    promised, given = (
        requirement.attainment(made, [queue]).iloc[0]["service_level"]
        for made in (needed, requirement.evaluate(forecast, [queue], needed))
    )
    assert promised >= 0.5
    if not spread:
        assert given == pytest.approx(promised, abs=0.01)
    impatient = requirement.compute(forecast, [calls(150.0, answered=0.5)])
    assert (impatient["agents"] < impatient["load"]).any()


def test_both_figures_stand_beside_each_other() -> None:
    """The contract's figure is kept by a day of which not every interval is inside the band."""
    queue = calls(floor=0.5)
    forecast = pd.concat([table(day(600.0)), table(day(900.0), "2026-12-01 09:00")], ignore_index=True)
    needed = requirement.compute(forecast, [queue])
    both = requirement.attainment(needed, [queue])
    assert both["start"].dt.day.tolist() == [30, 1]
    assert both["kept"].all()
    assert (both["service_level"] < 0.83).all()
    assert (both["inside"] < 1).all()
    assert both[["below", "inside", "above"]].sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert both["worst"].min() >= 0.5
    week = requirement.compute(forecast, [calls(over="week", floor=0.5)])
    assert week["agents"].sum() <= needed["agents"].sum()
    assert len(requirement.attainment(week, [calls(over="week", floor=0.5)])) == 1
    month = requirement.attainment(needed, [calls(over="month")])
    assert month["start"].dt.month.tolist() == [11, 12]
    with pytest.raises(DataError, match="not described"):
        requirement.attainment(needed, [])


def test_abandonment_of_the_day_is_capped_too() -> None:
    """Where the day's callers hang up too often, further agents go where they keep most of them."""
    queue = calls(90.0, answered=0.5, within=60, max_abandonment=0.03)
    needed = requirement.compute(table(day(1500.0)), [queue])
    volume = needed["volume"].to_numpy()
    assert needed["abandonment"] @ volume <= 0.03 * volume.sum() + 1e-9
    assert needed["abandonment"].max() > 0.03
    assert "abandonment" in set(needed["bound_by"])


def test_caps_of_an_interval_stay_with_a_target_over_the_day() -> None:
    """Occupancy and the mean wait hold in each interval whatever the day's figure."""
    queue = calls(max_occupancy=0.8, max_asa=30.0)
    needed = requirement.compute(table(day(2000.0)), [queue])
    assert (needed["occupancy"] <= 0.8 + 1e-9).all()
    assert (needed["asa"] <= 30 + 1e-9).all()
    assert {"occupancy", "asa"} & set(needed["bound_by"])


def test_each_agent_of_the_curve_buys_what_it_says() -> None:
    """The curve is the formula at each number of agents, rises, and covers the requirement."""
    forecast = table([30.0, 0.0, 80.0])
    queue = Queue("calls", team="care", shrinkage=(), aht=200, channel=Voice(patience=100))
    needed = requirement.compute(forecast, [queue]).set_index("interval")
    steps = requirement.curve(forecast, [queue])
    for interval, part in steps.groupby("interval"):
        row = needed.loc[interval]
        assert part["agents"].is_monotonic_increasing
        assert part["answered_in_time"].is_monotonic_increasing
        assert row["agents"] in set(part["agents"])
        exact = erlang.service_level(part["agents"], row["load"], aht=200, within=20, patience=100)
        assert part["service_level"].to_numpy() == pytest.approx(exact)
        assert part["answered_in_time"].to_numpy() == pytest.approx(exact * row["volume"])


def test_a_day_over_paths() -> None:
    """Unsure volumes: the day's target holds for the contacts of all paths together, and costs more."""
    rng = np.random.default_rng(2)
    forecast = table(np.tile(day(2000.0), 7))
    level = rng.lognormal(0, 0.15, 200)
    columns = {f"path_{k:03d}": forecast["volume"] * level[k] for k in range(200)}
    paths = pd.concat([forecast[["queue", "interval"]], pd.DataFrame(columns)], axis=1)
    queue = calls(120.0, floor=0.5)
    began = time.process_time()
    needed = requirement.compute(forecast, [queue], paths=paths)
    assert time.process_time() - began < 10.0
    assert needed["agents"].sum() > needed["agents_for_mean"].sum()
    assert requirement.attainment(needed, [queue])["kept"].all()


def test_targets_that_contradict_themselves() -> None:
    """A floor needs a period, and lies below the target."""
    with pytest.raises(ValueError, match="longer period"):
        Target(floor=0.5)
    with pytest.raises(ValueError, match="above the target"):
        Target(over="day", floor=0.9)
