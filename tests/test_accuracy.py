"""Scores against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from staffing.forecasting import accuracy


@pytest.mark.parametrize("mean", [0.3, 1.0, 7.5, 46.0, 1157.0])
def test_poisson_floor_is_the_mean_deviation(mean: float) -> None:
    """The closed form equals the sum over the Poisson law."""
    k = np.arange(0, int(mean + 20 * np.sqrt(mean) + 30))
    logs = -mean + k * np.log(mean) - np.concatenate([[0.0], np.cumsum(np.log(k[1:]))])
    expected = float((np.abs(k - mean) * np.exp(logs)).sum()) / mean
    assert accuracy.poisson_floor(np.full(5, mean)) == pytest.approx(expected, rel=1e-9)


def test_nothing_came() -> None:
    """Where nothing came nor was forecast a score is undefined; a forecast of something is infinitely off."""
    nothing, something = np.zeros(3), np.ones(3)
    assert np.isnan(accuracy.wape(nothing, nothing))
    assert accuracy.wape(nothing, something) == np.inf
    assert np.isnan(accuracy.poisson_floor(nothing))
    assert np.isnan(accuracy.weekly_scale(np.arange(3), np.zeros(3, dtype=int), something))


def test_weekly_scale_matches_pairs_a_week_apart() -> None:
    """Only the same slot a week later counts, whatever the order and the gaps."""
    day = np.array([8, 1, 2, 9, 3, 1])
    slot = np.array([0, 0, 0, 30, 0, 30])
    offered = np.array([14.0, 10.0, 7.0, 5.0, 9.0, 1.0])
    assert accuracy.weekly_scale(day, slot, offered) == 4.0


def test_surprise_is_even_when_the_forecast_holds() -> None:
    """Over many values of the same law one in ten is at least as surprising as 0.1."""
    rng = np.random.default_rng(1)
    possible = rng.normal(size=(2000, 400))
    found = np.array([accuracy.surprise(row[0], row[1:]) for row in possible])
    assert np.mean(found <= 0.1) == pytest.approx(0.1, abs=0.02)
    assert found.min() >= 2 / 400
    assert found.max() <= 1.0


def test_pinball_at_the_middle_is_the_wape() -> None:
    """At q = 0.5 twice the pinball loss is the absolute error."""
    rng = np.random.default_rng(2)
    came, said = rng.poisson(20, 50), rng.uniform(10, 30, 50)
    assert accuracy.pinball(came, said, 0.5) == pytest.approx(accuracy.wape(came, said))
