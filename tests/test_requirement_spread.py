"""Volumes that are not known for sure: the target in expectation, its price, and how fast that is."""

from __future__ import annotations

import math
import time

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

from staffing import erlang, requirement
from staffing.errors import DataError
from staffing.model import Queue, Target, Voice

FREE = Target(max_occupancy=1.0, max_abandonment=None)
# Forecast CV -> agents at 50 erlangs, AHT 240 s, 80/20: Erlang C, Erlang A with 120 s of patience.
KNOWN = {0.0: (56, 51), 0.05: (57, 51), 0.10: (59, 52), 0.15: (62, 53), 0.20: (65, 55)}


def queue(patience: float | None = None, target: Target = FREE, **fields: object) -> Queue:
    return Queue(
        **{"name": "calls", "team": "care", "shrinkage": (), "target": target, "aht": 240.0}
        | {"channel": Voice(patience=patience)}
        | fields
    )


def forecast(volume: np.ndarray | list[float], **extra: object) -> pd.DataFrame:
    times = pd.date_range("2026-11-30", periods=len(volume), freq="30min", tz="Asia/Seoul", unit="us")
    return pd.DataFrame({"queue": "calls", "interval": times, "volume": volume, **extra})


def paths_of(table: pd.DataFrame, factors: np.ndarray) -> pd.DataFrame:
    """Possible weeks, each a factor on the mean: shape (intervals, paths) or (paths,)."""
    volumes = table["volume"].to_numpy()[:, None] * factors
    columns = {f"path_{k:03d}": volumes[:, k] for k in range(volumes.shape[1])}
    return pd.concat([table[["queue", "interval"]], pd.DataFrame(columns)], axis=1)


def normal(cv: float, n: int = 200) -> np.ndarray:
    return np.maximum(1.0 + cv * ndtri((np.arange(n) + 0.5) / n), 0.0)


@pytest.mark.parametrize("cv", KNOWN)
@pytest.mark.parametrize("patience", [None, 120.0])
def test_price_of_a_forecast_error(cv: float, patience: float | None) -> None:
    """The table of the note, row by row: what not knowing the volume costs in agents."""
    table = forecast([375.0] * 8)
    row = requirement.compute(table, [queue(patience)], paths=paths_of(table, normal(cv))).iloc[-1]
    assert row["agents"] == KNOWN[cv][patience is not None]
    assert row["agents_for_mean"] == KNOWN[0.0][patience is not None]
    assert row["agents_erlang_c"] == KNOWN[cv][0]
    assert row["service_level"] >= 0.8


@pytest.mark.parametrize("patience", [None, 90.0])
def test_fewest_agents_by_brute_force(patience: float | None) -> None:
    """Contact-weighted over every single path, the target holds with the agents and fails with one less."""
    rng = np.random.default_rng(5)
    table = forecast(rng.uniform(2, 900, 60), aht=rng.uniform(60, 900, 60))
    level = rng.lognormal(0, 0.15, 150) * rng.lognormal(0, 0.1, (60, 150))
    paths = paths_of(table, level)
    got = requirement.compute(table, [queue(patience)], paths=paths)
    volumes = paths.filter(like="path_").to_numpy()
    aht = table["aht"].to_numpy()
    loads = requirement.modified_load(table["interval"], volumes, aht, minutes=30)

    def achieved(agents: np.ndarray, loads: np.ndarray = loads) -> np.ndarray:
        level = erlang.service_level(
            agents[:, None], loads, aht=aht[:, None], within=20, patience=patience or math.inf
        )
        return (volumes * level).sum(axis=1) / volumes.sum(axis=1)

    agents = got["agents"].to_numpy()
    # Erlang C takes every path as it is; Erlang A's smooth curves take them in groups.
    near = 1e-12 if patience is None else 1e-3
    # The column knows, beyond the target, that who leaves finishes the contact in hand.
    left = requirement.modified_load(table["interval"], volumes, aht, minutes=30, agents=agents, patience=aht)
    assert np.abs(achieved(agents, left) - got["service_level"]).max() <= near
    assert (got["service_level"] >= 0.8 - near).all()
    assert (achieved(agents) >= 0.8 - near).all()
    assert (achieved(agents - 1) < 0.8 + near).all()
    met = erlang.service_level(
        agents[:, None], loads, aht=aht[:, None], within=20, patience=patience or math.inf
    )
    assert np.abs((met >= 0.8).mean(axis=1) - got["target_met"]).max() <= 0.01


def test_quantiles_do_what_paths_do() -> None:
    """Three quantiles of a normal spread give the agents that two hundred paths of it give."""
    table = forecast([375.0] * 8)
    z = ndtri([0.1, 0.5, 0.9])
    bands = {f"volume_p{100 * q:g}": 375 * (1 + 0.1 * s) for q, s in zip((0.1, 0.5, 0.9), z, strict=True)}
    by_bands = requirement.compute(table.assign(**bands), [queue()])
    by_paths = requirement.compute(table, [queue()], paths=paths_of(table, normal(0.1, 999)))
    assert by_bands["agents"].tolist() == by_paths["agents"].tolist()
    assert np.abs(by_bands["target_met"] - by_paths["target_met"]).max() < 0.02


def test_all_targets_hold_in_expectation() -> None:
    """Occupancy and abandonment are caps over all that may come, and one of them can set the number."""
    target = Target(answered=0.5, within=60, max_occupancy=0.85, max_abandonment=0.02, max_asa=15)
    table = forecast([40.0, 400.0, 4000.0, 4000.0])
    got = requirement.compute(table, [queue(200.0, target)], paths=paths_of(table, normal(0.15)))
    assert (got["occupancy"] <= 0.85 + 1e-9).all()
    assert (got["abandonment"] <= 0.02 + 1e-9).all()
    assert (got["asa"] <= 15 + 1e-9).all()
    assert set(got["bound_by"]) <= {"occupancy", "abandonment", "asa"}


def test_what_is_known_for_sure_has_no_probability() -> None:
    """Without spread the mean's agents are the agents, and nothing is said of a probability."""
    got = requirement.compute(forecast([100.0, 100.0]), [queue()])
    assert got["target_met"].isna().all()
    assert got["agents"].tolist() == got["agents_for_mean"].tolist()


def test_paths_of_other_days_are_refused() -> None:
    """Every interval of the forecast must stand in the paths."""
    table = forecast([10.0, 10.0])
    with pytest.raises(DataError, match="lack 1 intervals"):
        requirement.compute(table, [queue()], paths=paths_of(table, normal(0.1)).iloc[1:])


@pytest.mark.parametrize("value", [np.nan, -5.0, np.inf])
def test_broken_paths_and_quantiles_are_named(value: float) -> None:
    """Not the first path alone is looked at, and a gap is no volume; a queue without quantiles has none."""
    table = forecast([10.0, 10.0, 10.0])
    paths = paths_of(table, normal(0.1))
    last = paths.columns[-1]
    paths.loc[1, last] = value
    with pytest.raises(DataError, match=rf"PATHS:1 \[{last}\]: {value} is not a finite number"):
        requirement.compute(table, [queue()], paths=paths)
    unsure = table.assign(volume_p10=5.0, volume_p90=15.0)
    unsure.loc[1, "volume_p90"] = value
    with pytest.raises(DataError, match=r"\[volume_p90\]"):
        requirement.compute(unsure, [queue()])
    empty = table.assign(volume_p10=np.nan, volume_p90=np.nan)
    assert requirement.compute(empty, [queue()])["target_met"].isna().all()


def test_a_night_without_calls_in_any_path() -> None:
    """Nothing to come is a value: the minimum of an open queue, every caller well served."""
    table = forecast([0.0, 0.0, 3.0])
    got = requirement.compute(table, [queue(60.0)], paths=paths_of(table, normal(0.3)))
    assert got["agents"].tolist()[:2] == [1.0, 1.0]
    assert got["service_level"].tolist()[:2] == [1.0, 1.0]
    assert got["target_met"].tolist()[:2] == [1.0, 1.0]


def test_pure_chance_is_not_staffed_twice() -> None:
    """Weeks that differ by chance alone need no more than their mean once the chance is taken out."""
    rng = np.random.default_rng(3)
    table = forecast([60.0] * 40)
    counts = paths_of(table, rng.poisson(60.0, (40, 400)) / 60.0)
    raw = requirement.compute(table, [queue()], paths=counts)
    drawn_in = requirement.compute(table, [queue()], paths=requirement.expected_volumes(counts))
    assert raw["agents"].sum() > raw["agents_for_mean"].sum() + 20
    assert abs(drawn_in["agents"].sum() - drawn_in["agents_for_mean"].sum()) <= 8
    bands = table.assign(volume_p10=23.0, volume_p50=30.0, volume_p90=37.0)
    assert np.ptp(requirement.expected_volumes(bands).filter(like="_p").iloc[0]) < 2


def test_a_week_with_two_hundred_paths_is_quick() -> None:
    """336 half hours, each with 200 possible volumes, well under a second."""
    rng = np.random.default_rng(1)
    table = forecast(rng.uniform(20, 600, 336), aht=rng.uniform(200, 300, 336))
    paths = paths_of(table, rng.lognormal(0, 0.1, 200) * rng.lognormal(0, 0.1, (336, 200)))
    for patience in (None, 180.0):
        began = time.process_time()
        requirement.compute(table, [queue(patience, Target())], paths=paths)
        assert time.process_time() - began < 3.0  # 0.4 s on a quiet machine
