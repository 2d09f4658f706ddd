"""The exact Gaussian model of day totals against dense linear algebra, and the shape of a day."""

from __future__ import annotations

import numpy as np
import pytest

from staffing.forecasting import daylevel, dayshape
from staffing.forecasting.daylevel import Days, Hyper


@pytest.fixture
def days() -> Days:
    """Sixty days with gaps, weekdays and a few calendar columns."""
    rng = np.random.default_rng(3)
    day = np.sort(rng.choice(90, 60, replace=False)).astype(float)
    weekday = np.eye(7)[day.astype(int) % 7]
    events = rng.normal(size=(60, 5)) * (rng.random((60, 5)) < 0.3)
    level = 0.1 * weekday[:, 0] + np.cumsum(rng.normal(size=60)) * 0.01 + rng.normal(size=60) * 0.03
    features = np.column_stack([np.ones(60), weekday, events])
    groups = ("mean", *("weekday",) * 7, *("close",) * 5)
    return Days(day, level, features, groups, rng.uniform(1e-5, 1e-3, 60))


HYPER = Hyper(
    {"mean": 10.0, "weekday": 0.1, "close": 0.04}, ((0.03, 3.0), (0.06, 60.0), (0.05, 600.0)), 0.015
)


def dense(days: Days, hyper: Hyper, day: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Prior covariance between the days seen and some days, without noise."""
    apart = np.abs(days.day[:, None] - day)
    drift = sum(sd**2 * np.exp(-apart / length) for sd, length in hyper.drifts)
    prior = np.diag([hyper.sd[group] ** 2 for group in days.groups])
    return np.asarray(drift + days.features @ prior @ features.T)


def test_ahead_is_the_dense_posterior(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mean and joint covariance of days ahead equal those of the full covariance matrix."""
    monkeypatch.setattr(daylevel, "_T_STEPS", 0)
    day = np.array([91.0, 92.0, 120.0])
    features = days.features[[3, 10, 20]]
    found = daylevel.ahead(days, HYPER, day, features)
    noise = np.diag(HYPER.noise**2 + days.variance)
    seen = dense(days, HYPER, days.day, days.features) + noise
    cross = dense(days, HYPER, day, features)
    prior = np.diag([HYPER.sd[group] ** 2 for group in days.groups])
    apart = np.abs(day[:, None] - day)
    own = sum(sd**2 * np.exp(-apart / length) for sd, length in HYPER.drifts) + features @ prior @ features.T
    assert found.mean == pytest.approx(cross.T @ np.linalg.solve(seen, days.level), abs=1e-7)
    assert found.covariance == pytest.approx(own - cross.T @ np.linalg.solve(seen, cross), abs=1e-6)


def test_leave_one_out_is_the_dense_one(days: Days) -> None:
    """Each day's residual and variance are those of a model that never saw it."""
    residual, variance = daylevel.leave_one_out(days, HYPER)
    whole = dense(days, HYPER, days.day, days.features) + np.diag(HYPER.noise**2 + days.variance)
    for t in (0, 17, 59):
        others = np.delete(np.arange(60), t)
        gain = np.linalg.solve(whole[np.ix_(others, others)], whole[others, t])
        assert residual[t] == pytest.approx(days.level[t] - gain @ days.level[others], abs=1e-7)
        assert variance[t] == pytest.approx(whole[t, t] - gain @ whole[others, t], rel=1e-6)


@pytest.mark.parametrize("learn_lengths", [True, False])
def test_slopes_are_those_of_the_likelihood(
    days: Days, monkeypatch: pytest.MonkeyPatch, learn_lengths: bool
) -> None:
    """The analytic slope of every value equals the difference quotient of the dense likelihood."""
    caught = {}

    def keep(objective, start, *_):
        caught["objective"], caught["start"] = objective, start
        raise StopIteration

    monkeypatch.setattr(daylevel, "_descend", keep)
    hyper = Hyper(HYPER.sd, HYPER.drifts, HYPER.noise, learn_lengths)
    with pytest.raises(StopIteration):
        daylevel.fit(days, hyper)
    objective, start = caught["objective"], caught["start"] + 0.1
    slope = objective(start)[1]
    steps = 1e-4 * np.eye(len(start))
    quotient = [(objective(start + s)[0] - objective(start - s)[0]) / 2e-4 for s in steps]
    assert slope == pytest.approx(quotient, abs=2e-2, rel=1e-3)
    whole = dense(days, hyper, days.day, days.features) + np.diag(hyper.noise**2 + days.variance)
    at_prior = 0.5 * (np.linalg.slogdet(whole)[1] + days.level @ np.linalg.solve(whole, days.level))
    assert objective(caught["start"])[0] == pytest.approx(at_prior, abs=1e-5)


def test_an_outlying_day_is_found_and_nothing_else() -> None:
    """One failed day gets a noise of its own, the others none, and the noise of all stays small."""
    rng = np.random.default_rng(1)
    level = rng.normal(size=70) * 0.02
    level[40] -= 0.6
    days = Days(np.arange(70.0), level, np.ones((70, 1)), ("mean",), np.full(70, 1e-5))
    hyper, outlier = daylevel.learn(days, Hyper({"mean": 10.0}, HYPER.drifts, 0.015))
    assert np.flatnonzero(outlier).tolist() == [40]
    assert outlier[40] == pytest.approx(0.36, rel=0.2)
    assert hyper.noise < 0.03


def test_shares_add_up_over_open_slots() -> None:
    """Shares add up to one, closed slots have none, a weekday never seen gets the usual shape."""
    rng = np.random.default_rng(2)
    is_open = np.ones((7, 6), dtype=bool)
    is_open[4, 3:] = False
    weekday = np.arange(40) % 5
    counts = rng.poisson(50, (40, 6)) * is_open[weekday]
    found = dayshape.shape(counts.astype(float), weekday, is_open, np.ones(40))
    assert found.share.sum(axis=1) == pytest.approx(np.ones(7))
    assert (found.share[4, 3:] == 0).all()
    assert found.share[6] == pytest.approx(np.full(6, 1 / 6), abs=0.02)


def test_weekdays_alike_share_one_shape_and_unlike_keep_their_own() -> None:
    """Pooling goes by how much weekdays differ against how much days of one weekday do."""
    rng = np.random.default_rng(2)
    weekday, is_open = np.arange(60) % 5, np.ones((7, 4), dtype=bool)
    alike = rng.poisson(np.tile([40, 80, 60, 20], (60, 1))).astype(float)
    found = dayshape.shape(alike, weekday, is_open, np.ones(60)).share
    plain = np.array([alike[weekday == d].sum(axis=0) / alike[weekday == d].sum() for d in range(5)])
    assert np.ptp(found[:5], axis=0).max() < 0.5 * np.ptp(plain, axis=0).max()
    unlike = alike.copy()
    unlike[weekday == 2] = unlike[weekday == 2][:, ::-1]
    kept = dayshape.shape(unlike, weekday, is_open, np.ones(60)).share
    assert kept[2] == pytest.approx([0.1, 0.3, 0.4, 0.2], abs=0.02)


def test_missing_slots_are_filled_at_their_usual_share() -> None:
    """A day of which half was seen gets the total that its seen half promises."""
    counts = np.tile([10.0, 30.0, 40.0, 20.0], (10, 1))
    counts[9, 2:] = np.nan
    filled, total, known = dayshape.complete(counts, np.arange(10) % 7, np.ones((7, 4), dtype=bool))
    assert total[9] == pytest.approx(100.0)
    assert known[9] == pytest.approx(0.4)
    assert filled[9] == pytest.approx([10.0, 30.0, 40.0, 20.0])
