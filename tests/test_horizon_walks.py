"""Walks over a person's days against every line of days there is."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing.roster.horizon import alike, walks

DAYS, SHIFTS = 7, 2


@st.composite
def frames(draw: st.DrawFn) -> walks.Frame:
    """Rules over seven days with two shifts, the first a Thursday."""
    ban = draw(st.sampled_from([[[0, 0], [0, 0]], [[0, 0], [1, 0]], [[0, 1], [1, 0]]]))
    banned = np.zeros((DAYS, SHIFTS, SHIFTS), dtype=bool)
    banned[1:] = np.array(ban, dtype=bool)
    least = draw(st.integers(0, 6))
    back = draw(st.integers(0, 3))
    length = draw(st.integers(1, back)) if back else 0
    return walks.Frame(
        banned=banned,
        units=np.tile(np.array([2, draw(st.integers(2, 3))]), (DAYS, 1)),
        least=least,
        most=least + draw(st.integers(0, 6)),
        on=draw(st.sampled_from([(1, 0), (1, 3), (2, 4), (3, 3)])),
        off=draw(st.sampled_from([(1, 0), (2, 0), (1, 2), (2, 3)])),
        weekend=np.array([0, 0, 1, 2, 0, 0, 0]),
        weekends=draw(st.sampled_from([-1, 0, 1])),
        caps=np.array([math.inf, draw(st.sampled_from([math.inf, 1.0, 2.0]))]),
        counted=draw(st.sampled_from([(), ((0, 2),), ((1, 1),), ((0, 2), (1, 1))])),
        back=back,
        run=length * draw(st.sampled_from([1, -1])),
    )


def lawful(rules: walks.Frame, line: tuple[int, ...]) -> bool:
    """Written without a look at the walk; the days before are one run, or one after the other kind."""
    length = abs(rules.run)
    past = [rules.run > 0] * length
    past = [rules.run < 0] * (rules.back - length) + past
    marks = past + [option > 0 for option in line]
    begin = 0
    for at in range(1, len(marks) + 1):
        if at < len(marks) and marks[at] == marks[begin]:
            continue
        low, high = rules.on if marks[begin] else rules.off
        if at > rules.back:  # a run that ended before is past
            if begin > 0 and at < len(marks) and at - begin < low and at >= rules.back:
                return False
            if high and at - begin > high and at > max(begin + high, rules.back):
                return False
        elif at == rules.back and begin > 0 and at - begin < low:
            return False
        begin = at
    if any(
        a and b and rules.banned[d + 1, a - 1, b - 1] for d, (a, b) in enumerate(itertools.pairwise(line))
    ):
        return False
    if any(line.count(shift + 1) > most for shift, most in rules.counted):
        return False
    paid = sum(int(rules.units[day, option - 1]) for day, option in enumerate(line) if option)
    weekend = int(line[2] > 0 or line[3] > 0)
    return rules.least <= paid <= rules.most and (rules.weekends < 0 or weekend <= rules.weekends)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rules=frames(), seed=st.integers(0, 999))
def test_the_cheapest_of_all_lines(rules: walks.Frame, seed: int) -> None:
    """The walk costs what the cheapest lawful line does; with limits on a shift the bound is not above it."""
    price = np.random.default_rng(seed).integers(-9, 6, (1, DAYS, SHIFTS + 1)).astype(float)
    price[0, seed % DAYS, 1] = math.inf
    costs = {
        line: float(price[0, np.arange(DAYS), line].sum())
        for line in itertools.product(range(SHIFTS + 1), repeat=DAYS)
        if lawful(rules, line)
    }
    plans, found = walks.cheapest(rules, price)
    assert found[0] == pytest.approx(min(costs.values(), default=math.inf))
    if math.isfinite(found[0]):
        assert costs[tuple(plans[0].tolist())] == pytest.approx(found[0])
    within = {line: cost for line, cost in costs.items() if (np.array(line) == 2).sum() <= rules.caps[1]}
    best = min(within.values(), default=math.inf)
    walked = walks.within_caps(rules, price, rules.caps[None], np.zeros((1, SHIFTS)))
    assert walked.least[0] <= best + 1e-9 <= walked.costs[0] + 2e-9
    if math.isfinite(walked.costs[0]):
        line = tuple(walked.plans[0].tolist())
        assert within[line] == pytest.approx(walked.costs[0])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rules=frames(), others=frames(), seed=st.integers(0, 999))
def test_people_alike_cost_what_the_cheapest_lines_do(
    rules: walks.Frame, others: walks.Frame, seed: int
) -> None:
    """Two people of unlike runs walk at once, a weekend at its price: each as cheap as any lawful line."""
    free = {"units": np.zeros_like(rules.units), "least": 0, "most": 0, "weekends": -1, "counted": ()}
    both = [dataclasses.replace(one, banned=rules.banned, **free) for one in (rules, others)]
    rng = np.random.default_rng(seed)
    price, weekend = rng.integers(-9, 6, (2, DAYS, SHIFTS + 1)).astype(float), rng.integers(0, 5, 2)
    price[0, seed % DAYS, 1] = math.inf
    plans, found = alike.Alike.of(both).cheapest(price, weekend.astype(float))
    for at, one in enumerate(both):
        costs = {
            line: float(price[at, np.arange(DAYS), line].sum()) + weekend[at] * (line[2] > 0 or line[3] > 0)
            for line in itertools.product(range(SHIFTS + 1), repeat=DAYS)
            if lawful(one, line)
        }
        assert found[at] == pytest.approx(min(costs.values(), default=math.inf))
        if math.isfinite(found[at]):
            assert costs[tuple(plans[at].tolist())] == pytest.approx(found[at])


def test_many_days_near_an_even_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only paid time near an even pace is kept, what is found keeps the hours and the weekends."""
    days = 84
    rules = walks.Frame(
        banned=np.zeros((days, 1, 1), dtype=bool),
        units=np.full((days, 1), 4),
        least=170,
        most=180,
        on=(2, 5),
        off=(2, 0),
        weekend=np.array([0, 0, 0, 0, 0, 1, 2] * 12),
        weekends=10,
        caps=np.full(1, math.inf),
        counted=(),
        back=0,
        run=0,
    )
    price = np.random.default_rng(4).integers(-9, 6, (3, days, 2)).astype(float)
    _, exact = walks.cheapest(rules, price)
    monkeypatch.setattr(walks, "FEW", 10)
    monkeypatch.setattr(walks, "NEAR", 8)
    near = walks.Frame(**{name: getattr(rules, name) for name in walks.Frame.__dataclass_fields__})
    plans, costs = walks.cheapest(near, price)
    assert np.all(np.isfinite(costs)) and np.all(costs >= exact)
    assert np.all((plans.sum(axis=1) * 4 >= 170) & (plans.sum(axis=1) * 4 <= 180))
    assert np.all(plans.reshape(3, 12, 7)[:, :, 5:].any(axis=2).sum(axis=1) <= 10)
    assert costs == pytest.approx([price[at, np.arange(days), plan].sum() for at, plan in enumerate(plans)])
