"""The solver's door: exact answers, statuses before values, true bounds, and Ctrl-C."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing import lp
from staffing.errors import SolverError


def program(cost, matrix, row_lower, row_upper=None, *, upper=np.inf, whole=False, constant=0.0):
    """A program over variables from zero, written in short."""
    matrix = np.asarray(matrix, dtype=float)
    rows, columns = matrix.shape
    return lp.Program(
        cost=np.asarray(cost, dtype=float),
        matrix=scipy.sparse.csr_array(matrix),
        row_lower=np.asarray(row_lower, dtype=float),
        row_upper=np.full(rows, np.inf) if row_upper is None else np.asarray(row_upper, dtype=float),
        lower=np.zeros(columns),
        upper=np.full(columns, float(upper)),
        integer=np.full(columns, whole),
        constant=constant,
    )


def hard(items=60, rows=40, constant=1000.0):
    """A cover that HiGHS does not finish in minutes, and for which it finds a solution at once."""
    weights = np.random.default_rng(1).integers(0, 100, (rows, items))
    cost = np.random.default_rng(2).integers(50, 100, items)
    return program(cost, weights, weights.sum(axis=1) // 2, upper=1, whole=True, constant=constant)


def split(items=40, rows=5):
    """A market split: to find any solution at all takes hours."""
    weights = np.random.default_rng(3).integers(0, 100, (rows, items))
    half = weights.sum(axis=1) // 2
    return program(np.zeros(items), weights, half, half, upper=1, whole=True)


def test_published_case(shared):
    """Miller's bank: covering the published need costs 6,336 at the published wages, whole or not."""
    with (shared / "data/published_cases/textbook_shifts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    covers = [[float(row[f"shift_{number}"]) for number in range(1, 9)] for row in rows]
    need = [float(row["agents_needed"]) for row in rows]
    wages = [252, 288, 180, 180, 180, 288, 288, 288]
    for whole in (True, False):
        best = lp.solve(program(wages, covers, need, whole=whole))
        assert best.status == "optimal"
        assert best.cost == pytest.approx(6336)
        assert best.bound == pytest.approx(6336)
        assert (np.array(covers) @ best.values >= np.array(need) - 1e-6).all()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_small_whole_programs_against_enumeration(data):
    """Every tiny whole program has the cost that trying all values finds, or is infeasible as they are."""
    entries = st.integers(-3, 3)
    columns = data.draw(st.integers(1, 3))
    rows = data.draw(st.integers(1, 3))
    matrix = np.array([[data.draw(entries) for _ in range(columns)] for _ in range(rows)])
    low = np.array([data.draw(st.integers(-6, 6)) for _ in range(rows)])
    high = low + np.array([data.draw(st.integers(0, 4)) for _ in range(rows)])
    cost = np.array([data.draw(entries) for _ in range(columns)])
    costs = [
        float(cost @ np.array(values)) + 7.5
        for values in itertools.product(range(4), repeat=columns)
        if (matrix @ np.array(values) >= low).all() and (matrix @ np.array(values) <= high).all()
    ]
    found = lp.solve(program(cost, matrix, low, high, upper=3, whole=True, constant=7.5))
    if not costs:
        assert found.status == "infeasible"
        assert found.values is None
        return
    assert found.status == "optimal"
    assert found.cost == pytest.approx(min(costs))
    assert found.bound == pytest.approx(min(costs))
    assert found.duals is None


def test_duals_are_what_a_row_costs():
    """Raising a bound by one raises the cost by its dual: on rows of one side, of both, of none."""
    matrix = [[1, 0, 1], [0, 1, 1], [1, 1, 0], [1, 1, 1]]
    base = program([3, 4, 6], matrix, [5, 7, 3, -np.inf], [np.inf, np.inf, 10, np.inf])
    best = lp.solve(base)
    for row in range(3):
        up = base.row_lower.copy()
        up[row] += 0.25
        dearer = lp.solve(dataclasses.replace(base, row_lower=up))
        assert dearer.cost - best.cost == pytest.approx(0.25 * best.duals[row])
    assert best.duals[3] == 0.0
    # A maximum that binds has a dual that is not positive.
    capped = lp.solve(program([-1.0], [[2.0]], [1.0], [8.0]))
    assert (capped.values.tolist(), capped.duals.tolist()) == ([4.0], [-0.5])


def test_many_variables_keep_their_order():
    """Values come back where the costs stood, beyond the tenth and hundredth variable."""
    need = np.arange(1.0, 251.0)
    best = lp.solve(program(np.ones(250), np.eye(250), need))
    assert best.values.tolist() == need.tolist()
    assert best.duals.tolist() == [1.0] * 250


def test_variables_that_cost_nothing_and_stand_in_no_row():
    """A variable that nothing speaks of is still answered for."""
    best = lp.solve(program([0, 1], [[0, 1]], [2]))
    assert best.values.tolist() == [0.0, 2.0]


def test_nothing_to_decide():
    """No variable and no row cost the constant."""
    empty = program([], np.zeros((0, 0)), [], constant=2.0)
    assert lp.solve(empty).cost == 2.0


def test_no_variables_but_a_need_is_infeasible():
    """A row that no variable can meet has no answer."""
    assert lp.solve(program([1.0], [[0.0]], [3.0])).status == "infeasible"


def test_infeasible_is_a_status():
    """Rows that contradict each other give a status, no values and infinite cost."""
    found = lp.solve(program([1, 1], [[1, 1], [1, 1]], [5, -np.inf], [np.inf, 4]))
    assert (found.status, found.values, found.duals) == ("infeasible", None, None)
    assert (found.cost, found.bound, found.gap) == (np.inf, np.inf, 0.0)


def test_cost_without_lower_end():
    """A variable that pays for growing is an error that says so."""
    with pytest.raises(SolverError, match="no lower end"):
        lp.solve(program([-1.0], [[1.0]], [0.0]))


def test_time_limit_with_a_solution_in_hand():
    """What a limit in work leaves is the best found, called stopped; its bound counts the constant."""
    found = lp.solve(hard(), budget=lp.Budget(0.5))
    least = lp.solve(lp.relaxed(hard())).cost
    assert found.status == "stopped"
    assert not found.interrupted
    case = hard()
    assert (case.matrix @ found.values >= case.row_lower).all()
    assert set(found.values.tolist()) == {0.0, 1.0}
    assert found.cost == case.cost @ found.values + 1000.0
    assert least - 1e-6 <= found.bound < found.cost
    assert found.gap == found.cost - found.bound


def test_time_limit_without_a_solution():
    """Nothing found is an error, never a roster of zeros."""
    with pytest.raises(SolverError, match=r"no solution after .* allow more time"):
        lp.solve(split(), budget=lp.Budget(0.3))


def test_a_gap_ends_the_search():
    """A wide gap is enough for the status optimal, within it."""
    found = lp.solve(hard(), gap=100.0, budget=lp.Budget(20))
    assert found.status == "optimal"
    assert 0 < found.gap <= 100.0


def test_a_start_is_kept():
    """With no time to search, the start comes back; one that breaks a row is passed over."""
    first = lp.solve(hard(), budget=lp.Budget(0.3))
    again = lp.solve(hard(), budget=lp.Budget(0.0), start=first.values)
    assert again.cost == first.cost
    with pytest.raises(SolverError, match="no solution"):
        lp.solve(hard(), budget=lp.Budget(0.0), start=np.zeros(60))


def test_progress_tells_cost_and_bound():
    """Progress comes with seconds, cost and bound, the bound never above the cost."""
    told = []
    found = lp.solve(hard(), budget=lp.Budget(0.6), progress=lambda *now: told.append(now))
    assert told
    assert all(bound <= cost for _, cost, bound in told)
    assert told[-1][1] >= found.cost
    assert told[-1][2] > 1000


def test_same_program_twice_is_the_same_answer():
    """One thread and a fixed seed: equal values to the last digit."""
    case = hard(items=20, rows=12)
    first, again = lp.solve(case), lp.solve(case)
    assert first.status == "optimal"
    assert first.values.tobytes() == again.values.tobytes()


def test_solver_missing_says_what_to_install(monkeypatch):
    """Without highspy the error carries the pip line."""
    monkeypatch.setattr("pulp.HiGHS.available", lambda self: False)
    with pytest.raises(SolverError, match="pip install 'highspy>="):
        lp.solve(program([1.0], [[1.0]], [1.0]))


def test_quiet_and_without_files(capfd, tmp_path, monkeypatch):
    """Nothing is printed and no file is left."""
    monkeypatch.chdir(tmp_path)
    lp.solve(hard(items=20, rows=12))
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_shapes_that_do_not_fit():
    """A bound too many and a missing number are caught before any solver sees them."""
    with pytest.raises(ValueError, match="row_lower do not fit a matrix of 1 rows and 2 columns"):
        program([1, 1], [[1, 1]], [1, 2], [3])
    with pytest.raises(ValueError, match="not a number"):
        program([np.nan, 1], [[1, 1]], [1])


INTERRUPTED = """
    import sys
    sys.path.insert(0, {tests!r})
    from test_lp import hard, split
    from staffing import lp

    print("ready", flush=True)
    try:
        found = lp.solve({case}(), budget=lp.Budget(60))
        print(found.status, found.interrupted, found.cost > found.bound > 1000, found.seconds < 20)
    except KeyboardInterrupt:
        print("nothing in hand")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT reaches a child only on POSIX")
@pytest.mark.parametrize(("case", "said"), [("hard", "stopped True True True"), ("split", "nothing in hand")])
def test_ctrl_c(case, said, request):
    """Ctrl-C keeps the best solution found; with none found it is what it always is."""
    script = textwrap.dedent(INTERRUPTED).format(tests=str(request.path.parent), case=case)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout.readline() == "ready\n"
        time.sleep(1.0)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert out.strip() == said
    assert err == ""
