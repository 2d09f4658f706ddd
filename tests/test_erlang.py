"""Erlang B, C, A and their inverses against exact values, published numbers, and what must always hold."""

from __future__ import annotations

import inspect
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing import erlang, queueing
from staffing.errors import DataError

ROWS = {"B": 122, "C": 119, "A": 121, "req_C": 30, "req_A": 20}
# Published rows about other things than a queue with exponential handle times and patience.
ELSEWHERE = {"engset": 1, "chat_finite_source": 2, "deferred": 2, "shrinkage": 3, "load": 1}

agents_of = st.one_of(st.integers(1, 400).map(float), st.floats(0.05, 400))
ratio_of = st.floats(0.05, 2.0)
aht_of = st.floats(20, 2000)
within_of = st.one_of(st.just(0.0), st.floats(1, 300))
patience_of = st.one_of(st.just(math.inf), st.floats(5, 5000))


def exact(shared: Path, model: str) -> pd.DataFrame:
    table = pd.read_csv(shared / "reference" / "queueing_exact.csv")
    rows = table[table["model"] == model]
    assert len(rows) == ROWS[model], "rows of the reference are missing"
    return rows.assign(patience=rows["patience"].fillna(math.inf))


def relative_error(ours: np.ndarray, rows: pd.Series) -> np.ndarray:
    """Of values beyond float64's reach only that ours is nil is asked."""
    values = rows.to_numpy(dtype=float)
    assert np.isfinite(values).all()
    return np.where(
        np.abs(values) < 1e-300,
        np.where(np.abs(ours) < 1e-300, 0.0, np.inf),
        np.abs(ours - values) / np.maximum(np.abs(values), 1e-300),
    )


MEASURES = {
    "p_block": lambda r: erlang.erlang_b(r["n"], r["a"]),
    "p_wait": lambda r: erlang.probability_of_waiting(r["n"], r["a"], aht=r["aht"], patience=r["patience"]),
    "p_wait_gt_t": lambda r: erlang.probability_of_waiting(
        r["n"], r["a"], aht=r["aht"], within=r["t"], patience=r["patience"]
    ),
    "p_abandon": lambda r: erlang.abandonment(r["n"], r["a"], aht=r["aht"], patience=r["patience"]),
    "asa_answered": lambda r: erlang.asa(r["n"], r["a"], aht=r["aht"], patience=r["patience"]),
    "mean_wait_all": lambda r: erlang.mean_wait(r["n"], r["a"], aht=r["aht"], patience=r["patience"]),
    "mean_queue": lambda r: erlang.queue_length(r["n"], r["a"], aht=r["aht"], patience=r["patience"]),
    "occupancy": lambda r: erlang.occupancy(r["n"], r["a"], aht=r["aht"], patience=r["patience"]),
}
LEVELS = {
    "sl_offered": "offered",
    "sl_excl_short_ab": "excluding_short_abandons",
    "sl_answered": "answered",
    "sl_ab_ok": "counting_short_abandons",
}


@pytest.mark.parametrize(
    ("model", "column"),
    [("B", "p_block")]
    + [("C", column) for column in MEASURES if column != "p_abandon"]
    + [("A", column) for column in MEASURES],
)
def test_every_row_of_the_exact_grid(shared: Path, model: str, column: str) -> None:
    """Seventy-digit values come out to 1e-12 for whole agents, 1e-11 for fractional, tails included."""
    rows = exact(shared, model)
    error = relative_error(MEASURES[column](rows), rows[column])
    limit = np.where(rows["n"] % 1 == 0, 1e-12, 1e-11)
    assert error.size == ROWS[model]
    assert (error <= limit).all(), rows[error > limit][["id", "n", "a", column]]


@pytest.mark.parametrize(("model", "column"), [("C", "sl_offered")] + [("A", column) for column in LEVELS])
def test_every_service_level_of_the_exact_grid(shared: Path, model: str, column: str) -> None:
    """Each definition comes out to 1e-13."""
    rows = exact(shared, model)
    ours = erlang.service_level(
        rows["n"],
        rows["a"],
        aht=rows["aht"],
        within=rows["t"],
        patience=rows["patience"],
        definition=LEVELS[column],
    )
    assert ours.size == ROWS[model]
    assert np.abs(ours - rows[column]).max() <= 1e-13


@pytest.mark.parametrize("model", ["req_C", "req_A"])
def test_every_required_row_of_the_exact_grid(shared: Path, model: str) -> None:
    """The fewest agents are exact, all rows at once and one by one, with the service levels there."""
    rows = exact(shared, model)
    targets = {
        "aht": rows["aht"].to_numpy(),
        "answered": rows["sl_target"].to_numpy(),
        "within": rows["t"].to_numpy(),
        "patience": rows["patience"].to_numpy(),
        "max_occupancy": rows["max_occupancy"].fillna(1.0).to_numpy(),
    }
    load, wanted = rows["a"].to_numpy(), rows["n_required"].to_numpy()
    assert erlang.required_agents(load, **targets).tolist() == wanted.tolist()
    single = [
        int(erlang.required_agents(load[i], **{name: value[i] for name, value in targets.items()}))
        for i in range(load.size)
    ]
    assert single == wanted.tolist()
    model_of = {name: targets[name] for name in ("aht", "within", "patience")}
    assert np.abs(erlang.service_level(wanted, load, **model_of) - rows["sl_at_n_required"]).max() < 1e-13
    fewer = erlang.service_level(wanted - 1, load, **model_of)
    assert np.abs(fewer - rows["sl_at_n_minus_1"]).max() < 1e-13


def published_value(row: pd.Series) -> float:
    """What we say to the question of a published row."""
    a, n, t = row["a"], row["n"], row["t"]
    aht = 1.0 if math.isnan(row["aht"]) else row["aht"]
    model = {"aht": aht, "patience": math.inf if math.isnan(row["patience"]) else row["patience"]}
    if row["model"] == "HW":
        # Halfin and Whitt's limit: beta square roots of spare agents in a very large centre.
        beta, crowd = float(str(row["extra"]).removeprefix("beta=")), 1e10
        return float(erlang.erlang_c(crowd, crowd - beta * math.sqrt(crowd)))
    if row["model"] == "C_required":
        return float(erlang.required_agents(a, answered=row["target"], within=t, **model))
    if row["model"] == "B_required":
        return float(erlang.required_lines(a, blocking=row["target"]))
    if row["model"] == "occupancy_cap":
        return float(erlang.required_agents(a, aht=240, max_occupancy=row["target"]))
    return float(
        {
            "p_block": lambda: erlang.erlang_b(n, a),
            "p_wait": lambda: erlang.probability_of_waiting(n, a, **model),
            "p_immediate": lambda: 1.0 - erlang.erlang_c(n, a),
            "sl": lambda: erlang.service_level(n, a, within=t, **model),
            "sl_offered": lambda: erlang.service_level(n, a, within=t, **model),
            "asa": lambda: erlang.asa(n, a, **model),
            "mean_wait_all": lambda: erlang.mean_wait(n, a, **model),
            "mean_queue": lambda: erlang.queue_length(n, a, **model),
            "p_abandon": lambda: erlang.abandonment(n, a, **model),
            "occupancy": lambda: erlang.occupancy(n, a, **model),
        }[row["output"]]()
    )


def printed_interval(row: pd.Series) -> tuple[float, float]:
    """Where a value lies that is printed so: rounded, cut off or rounded up."""
    unit = 10.0 ** -row["decimals"]
    down, up = {"agree": (0.5, 0.5), "agree (truncated)": (0.0, 1.0), "agree (rounded up)": (1.0, 0.0)}[
        row["verdict"]
    ]
    noise = 1e-13 * abs(row["published"])
    return row["published"] - down * unit - noise, row["published"] + up * unit + noise


def test_published_numbers_that_are_right(shared: Path) -> None:
    """Books, papers, patents and other people's programs, to the decimals that they print."""
    table = pd.read_csv(shared / "reference" / "queueing_published.csv")
    table["published"] = pd.to_numeric(table["published"], errors="coerce")
    right = table[table["verdict"].str.startswith("agree")]
    assert right[right["model"].isin(ELSEWHERE)].groupby("model").size().to_dict() == ELSEWHERE
    ours = right[~right["model"].isin(ELSEWHERE)]
    wrong = []
    for _, row in ours.iterrows():
        low, high = printed_interval(row)
        if row["model"] == "B_load":
            met = erlang.erlang_b(row["n"], low) <= row["target"] <= erlang.erlang_b(row["n"], high)
        elif row["output"] == "p90_wait":
            model = {"aht": row["aht"], "patience": row["patience"] if row["model"] == "A" else math.inf}
            tail = erlang.probability_of_waiting(row["n"], row["a"], within=[low, high], **model)
            met = tail[0] >= 0.1 >= tail[1]
        else:
            met = low <= published_value(row) <= high
        if not met:
            wrong.append(row["id"])
    assert wrong == []
    assert len(ours) == 113 - sum(ELSEWHERE.values())


def test_published_numbers_that_are_wrong(shared: Path) -> None:
    """Where a source is known to be wrong we say the exact value, not the source's."""
    table = pd.read_csv(shared / "reference" / "queueing_published.csv")
    wrong = table[(table["verdict"] == "disagree") & table["model"].isin(["B", "C", "B_required"])]
    assert len(wrong) == 25
    for _, row in wrong[wrong["id"] != "P048"].iterrows():
        assert published_value(row) == pytest.approx(float(row["exact"]), rel=1e-11)


def test_a_planners_first_question() -> None:
    """100 calls of 180 s in half an hour, 80 % in 20 s: 14 agents and 88.835 %."""
    assert erlang.required_agents(100 * 180 / 1800, aht=180, answered=0.80, within=20) == 14
    assert erlang.service_level(14, 10.0, aht=180, within=20) == pytest.approx(0.888350019179467, abs=1e-15)


def test_traps_of_other_packages() -> None:
    """Searches that begin above the answer, or round the load, find one agent too many."""
    assert erlang.required_agents(0.6, aht=60, answered=0.80, within=600) == 1
    assert erlang.service_level(1, 0.6, aht=60, within=600) == pytest.approx(0.989, abs=5e-4)
    assert erlang.required_agents(10.5, aht=180, answered=0.80, within=600) == 11
    assert erlang.required_agents(1.6, aht=180, answered=0.95, within=4 * 3600) == 2
    below = erlang.required_agents(135.9, aht=240, patience=120)
    assert below == 130 < 135.9


@pytest.mark.parametrize("cap", [0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 1 / 3])
def test_occupancy_caps_have_no_float_noise(cap: float) -> None:
    """n agents carry n x cap erlangs at the cap, though the product is off by an ulp: 21 / 0.7 is 30."""
    agents = np.arange(1, 600)
    easy = {"aht": 60.0, "answered": 0.01, "within": 600.0, "max_occupancy": cap}
    assert erlang.required_agents(agents * cap, **easy).tolist() == agents.tolist()
    assert erlang.required_agents(21.0, **(easy | {"max_occupancy": 0.7})) == 30
    assert erlang.max_load(agents, **easy) == pytest.approx(agents * cap, rel=1e-11)


def test_a_target_met_exactly_is_met() -> None:
    """The service level, abandonment and wait of 20 agents, asked as targets, need 20 agents and no more."""
    for patience in (math.inf, 120.0):
        model = {"aht": 240.0, "patience": patience}
        for load in np.linspace(5.0, 19.0, 57):
            level = float(erlang.service_level(20, load, within=20, **model))
            if 1e-9 < level < 1 - 1e-9:
                assert erlang.required_agents(load, answered=level, **model) == 20
            wait = float(erlang.asa(20, load, **model))
            assert erlang.required_agents(load, answered=1e-9, max_asa=wait, **model) == 20
        assert erlang.required_agents(15.0, aht=240, answered=1e-9, max_asa=1e9) == 16


def test_erlang_a_against_the_raw_chain() -> None:
    """P(wait), abandonment, queue and occupancy equal those of the birth-death chain, state by state."""
    for n, load, ratio in [(1, 0.3, 0.5), (3, 4.0, 0.1), (10, 9.0, 2.0), (25, 40.0, 1.0), (40, 30.0, 10.0)]:
        states = np.arange(1, 3000)
        leaving = np.minimum(states, n) + np.maximum(states - n, 0) / ratio
        log_weight = np.concatenate([[0.0], np.cumsum(np.log(load) - np.log(leaving))])
        weight = np.exp(log_weight - log_weight.max())
        chance = weight / weight.sum()
        waiting = np.maximum(np.arange(3000) - n, 0)
        model = {"aht": 100.0, "patience": 100.0 * ratio}
        queue = float(chance @ waiting)
        assert erlang.probability_of_waiting(n, load, **model) == pytest.approx(chance[n:].sum(), rel=1e-12)
        assert erlang.queue_length(n, load, **model) == pytest.approx(queue, rel=1e-12)
        assert erlang.abandonment(n, load, **model) == pytest.approx(queue / ratio / load, rel=1e-12)
        busy = float(chance @ np.minimum(np.arange(3000), n)) / n
        assert erlang.occupancy(n, load, **model) == pytest.approx(busy, rel=1e-12)


@given(agents=st.integers(1, 300), ratio=ratio_of)
@settings(deadline=None)
def test_erlang_b_recursion(agents: int, ratio: float) -> None:
    """The textbook recursion from zero lines gives what the continuous form gives."""
    load, inverse = agents * ratio, 1.0
    for k in range(1, agents + 1):
        inverse = 1.0 + inverse * k / load
    assert erlang.erlang_b(agents, load) == pytest.approx(1.0 / inverse, rel=1e-12)


@given(agents=st.floats(0.0, 500.0), ratio=st.floats(0.01, 20.0))
@settings(deadline=None)
def test_erlang_b_step_for_real_lines(agents: float, ratio: float) -> None:
    """1/B(n + 1) = 1 + (n + 1)/a x 1/B(n) for any real n, across the ranges of the methods."""
    load = (agents + 1.0) * ratio
    below, above = erlang.erlang_b([agents, agents + 1.0], load)
    if below > 1e-290:
        assert 1.0 / above == pytest.approx(1.0 + (agents + 1.0) / load / below, rel=1e-11)


@given(agents=agents_of, ratio=ratio_of, aht=aht_of, within=within_of, patience=patience_of)
@settings(max_examples=200, deadline=None)
def test_more_load_is_worse_and_more_agents_better(
    agents: float, ratio: float, aht: float, within: float, patience: float
) -> None:
    """Every measure is monotone in load and in agents, in both definitions that may be targets."""
    load, model = agents * ratio, {"aht": aht, "patience": patience}
    steps = [load, load * 1.01, load * 1.5]
    crews = [agents, agents * 1.01, agents * 1.01 + 1.0]
    for definition in erlang.TARGET_DEFINITIONS:
        question = {"within": within, "definition": definition, **model}
        assert (np.diff(erlang.service_level(agents, steps, **question)) <= 1e-13).all()
        assert (np.diff(erlang.service_level(crews, load, **question)) >= -1e-13).all()
    for measure in (erlang.asa, erlang.mean_wait, erlang.abandonment, erlang.occupancy):
        worse, better = measure(agents, steps, **model), measure(crews, load, **model)
        assert (worse[1:] >= worse[:-1] * (1 - 1e-12)).all()
        assert (better[1:] <= better[:-1] * (1 + 1e-12)).all()


@given(agents=agents_of, ratio=st.floats(0.05, 0.98), aht=aht_of, within=within_of)
@settings(deadline=None)
def test_endless_patience_is_erlang_c(agents: float, ratio: float, aht: float, within: float) -> None:
    """As patience grows Erlang A approaches Erlang C, and the waits do from below."""
    load = agents * ratio
    patience = aht * np.array([1.0, 1e2, 1e4, 1e6, 1e9])
    level = erlang.service_level(agents, load, aht=aht, within=within, patience=patience)
    limit = erlang.service_level(agents, load, aht=aht, within=within)
    assert level[-1] == pytest.approx(limit, abs=1e-5)
    wait = erlang.asa(agents, load, aht=aht, patience=patience)
    assert (wait[1:] >= wait[:-1] * (1 - 1e-12)).all()
    assert wait[-1] == pytest.approx(float(erlang.asa(agents, load, aht=aht)), rel=1e-4, abs=1e-9)


@given(
    load=st.floats(0.001, 300.0),
    aht=aht_of,
    within=within_of,
    patience=patience_of,
    answered=st.floats(0.05, 0.99),
    cap=st.sampled_from([1.0, 0.95, 0.85, 0.6]),
    abandoned=st.sampled_from([None, 0.1, 0.02]),
    max_asa=st.sampled_from([None, 5.0, 60.0]),
    definition=st.sampled_from(erlang.TARGET_DEFINITIONS),
)
@settings(max_examples=200, deadline=None)
def test_required_agents_are_fewest(
    load: float,
    aht: float,
    within: float,
    patience: float,
    answered: float,
    cap: float,
    abandoned: float | None,
    max_asa: float | None,
    definition: str,
) -> None:
    """Every target is met with the answer, and the one that binds is missed with an agent fewer."""
    # Past that hardly a caller is left in the queue, and the second definition has nothing to divide.
    within = min(within, 10.0 * patience)
    model = {"aht": aht, "patience": patience}
    targets = {
        "answered": answered,
        "within": within,
        "max_occupancy": cap,
        "max_abandonment": abandoned,
        "max_asa": max_asa,
        "definition": definition,
    }

    def missed(n: float) -> list[str]:
        level = erlang.service_level(n, load, within=within, definition=definition, **model)
        return [
            name
            for name, miss in {
                "answered": level < answered - 1.1e-12,
                "occupancy": cap < 1 and erlang.occupancy(n, load, **model) > cap * (1 + 1.1e-12),
                "abandonment": erlang.abandonment(n, load, **model) > (abandoned or 1.0) * (1 + 1.1e-12),
                "asa": erlang.asa(n, load, **model) > (max_asa or math.inf) * (1 + 1.1e-12),
            }.items()
            if miss
        ]

    agents = int(erlang.required_agents(load, **model, **targets))
    assert missed(agents) == []
    assert erlang.bound_by(load, **model, **targets) == missed(agents - 1)[0]
    real = float(erlang.required_agents(load, fractional=True, **model, **targets))
    assert agents - 1 < real <= agents
    assert missed(real) == []
    assert erlang.max_load(agents, **model, **targets) >= load * (1 - 1e-10)
    assert erlang.max_load(agents - 1, **model, **targets) < load
    assert erlang.max_load(real, **model, **targets) == pytest.approx(load, rel=1e-8)


@pytest.mark.parametrize("patience", [math.inf, 90.0])
def test_table_and_direct_search_agree(patience: float) -> None:
    """Thousands of loads looked up in a table get the agents that each would get alone."""
    load = np.random.default_rng(7).lognormal(3.0, 1.0, 4000)
    targets = {"answered": 0.85, "within": 15.0, "max_occupancy": 0.9, "patience": patience, "max_asa": 30.0}
    shared = erlang.required_agents(load, aht=200.0, **targets)
    # Slightly different handle times forbid the table and change no answer but next to a threshold.
    aht = 200.0 * (1.0 + 1e-13 * np.arange(load.size))
    assert np.unique(aht).size == load.size
    alone = erlang.required_agents(load, aht=aht, **targets)
    assert (shared == alone).all()
    level = erlang.service_level(shared, load, aht=200.0, within=15.0, patience=patience)
    assert level.min() >= 0.85 - 1e-12


def test_groups_that_share_their_targets() -> None:
    """Queues one under the other, each with its own handle time and patience, are answered each by itself."""
    rng = np.random.default_rng(1)
    load = rng.lognormal(2.0, 0.7, 900)
    kind = rng.integers(0, 3, 900)
    aht, patience = np.array([120.0, 300.0, 600.0])[kind], np.array([math.inf, 60.0, math.inf])[kind]
    together = erlang.required_agents(load, aht=aht, patience=patience, max_abandonment=0.04)
    for k in range(3):
        rows = kind == k
        own = {"aht": aht[rows][0], "patience": patience[rows][0], "max_abandonment": 0.04}
        assert (together[rows] == erlang.required_agents(load[rows], **own)).all()
        single = [int(erlang.required_agents(value, **own)) for value in load[rows][:20]]
        assert together[rows][:20].tolist() == single


def test_the_day_grows_and_the_answer_stays() -> None:
    """A table made for quiet hours serves a rush thirty times as large, and tiny loads beside it."""
    quiet = erlang.required_agents(np.linspace(0, 5, 300), aht=333)
    rush = erlang.required_agents(np.append(np.linspace(0, 5, 300), np.full(600, 150.0)), aht=333)
    assert (rush[:300] == quiet).all()
    assert rush[-1] == erlang.required_agents(150.0, aht=333)
    huge = int(erlang.required_agents(1e6, aht=333))
    assert erlang.service_level([huge - 1, huge], 1e6, aht=333, within=20)[0] < 0.8


def test_arrays_broadcast() -> None:
    """Weeks x intervals against one handle time for each interval, and scalars stay scalars."""
    load, aht = np.linspace(0, 40, 21).reshape(3, 7), np.linspace(100, 400, 7)
    agents = erlang.required_agents(load, aht=aht, patience=[[60.0], [math.inf], [240.0]])
    assert agents.shape == (3, 7) and agents.dtype == np.int64
    assert agents[2, 3] == erlang.required_agents(load[2, 3], aht=aht[3], patience=240.0)
    assert erlang.bound_by(load, aht=aht).shape == erlang.max_load(agents, aht=aht).shape == (3, 7)
    assert erlang.service_level(agents, load, aht=aht, within=20).shape == (3, 7)
    assert np.ndim(erlang.required_agents(10.0, aht=180)) == 0
    assert erlang.required_agents([], aht=180).shape == erlang.asa([], 1.0, aht=180).shape == (0,)
    column = pd.Series([10.0, 20.0], index=[5, 6])
    assert erlang.required_agents(column, aht=180).tolist() == [14, 24]


def test_no_calls_need_nobody() -> None:
    """A night without calls: no agents, all answered, nobody waits, with and without agents there."""
    for patience in (math.inf, 60.0):
        model = {"aht": 180.0, "patience": patience}
        assert erlang.required_agents(0.0, **model) == 0
        assert erlang.required_agents(0.0, fractional=True, **model) == 0.0
        assert erlang.bound_by([0.0], **model).tolist() == ["none"]
        for agents in (0, 0.5, 12):
            assert erlang.service_level(agents, 0.0, within=20, **model) == 1.0
            assert erlang.asa(agents, 0.0, **model) == erlang.mean_wait(agents, 0.0, **model) == 0.0
            assert erlang.occupancy(agents, 0.0, **model) == erlang.abandonment(agents, 0.0, **model) == 0.0
            assert erlang.queue_length(agents, 0.0, **model) == 0.0
            assert erlang.probability_of_waiting(agents, 0.0, **model) == 0.0
    assert erlang.required_lines(0.0) == 0
    assert erlang.erlang_b([0, 0, 3], [0.0, 2.0, 0.0]).tolist() == [1.0, 1.0, 0.0]
    assert erlang.required_agents(np.zeros(5), aht=180).tolist() == [0] * 5


def test_overload_is_a_value() -> None:
    """With endless patience nobody is answered and the wait is endless; with patience the rest hang up."""
    for agents, load in [(10, 10.0), (10, 30.0), (0, 3.0)]:
        assert erlang.service_level(agents, load, aht=180, within=20) == 0.0
        assert erlang.asa(agents, load, aht=180) == erlang.mean_wait(agents, load, aht=180) == math.inf
        assert erlang.queue_length(agents, load) == math.inf
        assert erlang.erlang_c(agents, load) == erlang.occupancy(agents, load) == 1.0
        assert erlang.abandonment(agents, load, aht=180) == 0.0
    model = {"aht": 180.0, "patience": 60.0}
    assert erlang.abandonment(10, 1e6, **model) == pytest.approx(1 - 10 / 1e6, rel=1e-12)
    assert erlang.occupancy(10, 1e6, **model) == pytest.approx(1.0, rel=1e-12)
    assert erlang.abandonment(0, 5.0, **model) == pytest.approx(1.0, rel=1e-12)
    assert erlang.service_level(0, 5.0, within=20, **model) == 0.0
    assert erlang.asa(0, 5.0, **model) == math.inf
    assert erlang.mean_wait(0, 5.0, **model) == pytest.approx(60.0, rel=1e-12)
    assert erlang.max_load(0, aht=180) == 0.0


def test_definitions_that_reward_collapse_are_no_targets() -> None:
    """One agent against 16.7 erlangs shines in them: they can be computed, and are refused as targets."""
    model = {"aht": 300.0, "within": 90.0, "patience": 5.0}
    honest = erlang.service_level(1, 16.7, definition="offered", **model)
    for definition in ("answered", "counting_short_abandons"):
        assert erlang.service_level(1, 16.7, definition=definition, **model) > 0.9 > 10 * honest
        with pytest.raises(DataError, match=r"improves as the centre collapses.*use offered or excluding"):
            erlang.required_agents(16.7, aht=300, definition=definition)
    with pytest.raises(DataError, match="'gut_feeling' is not known -> use offered or"):
        erlang.service_level(1, 1.0, aht=1, within=1, definition="gut_feeling")


def test_each_target_can_bind() -> None:
    """The answer says which target set the number, and stays the same without the others."""
    base = {"aht": 240.0, "patience": 180.0, "answered": 0.5, "within": 120.0}
    alone = int(erlang.required_agents(60.0, **base))
    for name, limit in {"occupancy": 0.8, "abandonment": 0.01, "asa": 2.0}.items():
        targets = base | {f"max_{name}": limit}
        assert erlang.bound_by(60.0, **targets) == name
        assert erlang.required_agents(60.0, **targets) > alone
    assert erlang.bound_by(60.0, **base) == "answered"
    assert erlang.required_agents(60.0, **base, max_abandonment=1.0, max_asa=math.inf) == alone
    assert alone < 60.0


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({"load": math.nan}, "load must not be nan.* -> give calls per second"),
        ({"load": [1.0, -2.0, -3.0]}, r"load must not be -2 \(2 times\)"),
        ({"load": math.inf}, "load must not be inf"),
        ({"load": "many"}, "load is not a number"),
        ({"aht": 0.0}, "aht must not be 0 .* handle time in seconds"),
        ({"answered": 1.0}, "answered must not be 1 .* 100 % cannot be promised, 0.99 can"),
        ({"answered": 80}, "answered must not be 80 .* write 80 % as 0.80"),
        ({"within": -1.0}, "within must not be -1"),
        ({"patience": 0.0}, "patience must not be 0 .* math.inf where nobody hangs up"),
        ({"max_occupancy": 85.0}, "max_occupancy must not be 85 .* write 85 % as 0.85"),
        ({"max_abandonment": 0.0}, "max_abandonment must not be 0"),
        ({"max_asa": math.nan}, "max_asa must not be nan"),
        ({"load": [1.0, 2.0], "aht": [1.0, 2.0, 3.0]}, "shapes do not fit together: load .2,., aht .3,."),
    ],
)
def test_wrong_input_says_what_to_do(question: dict, says: str) -> None:
    """What cannot be meant is refused with a remedy, not computed."""
    with pytest.raises(DataError, match=says):
        erlang.required_agents(**({"load": 10.0, "aht": 180.0} | question))


def test_all_problems_at_once() -> None:
    """Three mistakes give one error with three rows."""
    with pytest.raises(DataError, match="load must not be") as caught:
        erlang.bound_by(-1.0, aht=-1.0, answered=2.0)
    assert caught.value.problems["column"].tolist() == ["load", "aht", "answered"]
    for measure in (erlang.occupancy, erlang.queue_length, erlang.probability_of_waiting):
        with pytest.raises(DataError, match="average handle time is missing"):
            measure(10, 8.0, patience=60)
    with pytest.raises(DataError, match=r"agents must not be -1 .* people on the queue"):
        erlang.max_load(-1, aht=180)
    with pytest.raises(DataError, match="blocking must not be 0"):
        erlang.required_lines(1.0, blocking=0.0)


@given(load=st.floats(0.0, 2000.0), blocking=st.floats(0.001, 0.9))
@settings(deadline=None)
def test_lines_are_fewest(load: float, blocking: float) -> None:
    """The lines block no more than asked, and one line fewer does."""
    lines = int(erlang.required_lines(load, blocking=blocking))
    if load == 0:
        assert lines == 0
    else:
        assert erlang.erlang_b(lines, load) <= blocking * (1 + 1e-11)
        assert erlang.erlang_b(lines - 1, load) > blocking


def test_same_questions_have_same_defaults() -> None:
    """`bound_by` and `max_load` take the defaults of `required_agents`."""
    asked = inspect.signature(erlang.required_agents).parameters
    taken = inspect.signature(erlang._targets).parameters
    common = [name for name in asked if name in taken]
    assert len(common) == 8
    assert all(asked[name].default == taken[name].default for name in common)
    with pytest.raises(TypeError, match="fractional"):
        erlang.bound_by(1.0, aht=1.0, fractional=True)


def test_root_finds_the_last_point_that_is_met() -> None:
    """Flat, steep and kinked margins are solved to a few ulp on the side that is met."""
    wanted = np.array([0.1, 1.0, 7.5, 1e-6])
    margins = [
        lambda x, r: wanted[r] - x,
        lambda x, r: np.sign(wanted[r] - x) * np.abs(wanted[r] - x) ** 5,
        lambda x, r: np.minimum(wanted[r] - x, 100.0 * (wanted[r] - x)),
        lambda x, r: np.where(x <= wanted[r], 1.0, -1.0),
    ]
    for margin in margins:
        found = queueing.root(margin, np.zeros(4), np.full(4, 20.0))
        assert found == pytest.approx(wanted, rel=1e-14)
        assert (margin(found, np.arange(4)) >= 0).all()


@given(st.lists(st.tuples(st.integers(1, 10_000), st.floats(-100, 12_000)), max_size=20))
@settings(deadline=None)
def test_least_finds_the_smallest_that_suffices(rows: list[tuple[int, float]]) -> None:
    """From any guess, near or far, below or above."""
    wanted = np.array([answer for answer, _ in rows], dtype=float)
    guess = np.array([start for _, start in rows], dtype=float)
    assert queueing.least(lambda n, i: n >= wanted[i], guess).tolist() == wanted.tolist()
