"""Limits in work and Ctrl-C: the same on a busy machine, and the best roster so far wherever they strike."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from roster_tables import LUNCH, MONDAY, need, people

from staffing import lp, report, roster, verify
from staffing.errors import SolverError
from staffing.model import Break, Roster, Rules, Shift
from staffing.roster import generating, search

PAUSES = (Break("break", 15, True, (1.0, 1.5)), LUNCH)
SHIFTS = (Shift("early", "shop", dt.time(8), 9, PAUSES), Shift("late", "shop", dt.time(14), 9, PAUSES))
RUSH = {hour: 2.0 + 3.0 * (hour in (11, 12, 16, 17)) - (hour == 21) for hour in range(8, 23)}
DEMAND, AGENTS = need([RUSH, *[{hour: heads + 1.0 for hour, heads in RUSH.items()}] * 6]), people(14)

THOROUGH = ((1e-6, 100.0),)


def made(time_limit: float | None = None) -> Roster:
    """A week that takes the linear program, some whole weeks and many days."""
    return roster.assign(DEMAND, SHIFTS, AGENTS, time_limit=time_limit)


def assert_lawful(plan: Roster) -> None:
    """Nothing that `verify` finds, and a true bound."""
    broken = verify.roster(
        plan.assignments, plan.segments, DEMAND, AGENTS, Rules(), shifts=SHIFTS, start=MONDAY
    )
    assert broken.empty
    assert plan.bound <= plan.cost


def assert_same(first: Roster, again: Roster) -> None:
    """Byte-equal, seconds apart."""
    for name in ("assignments", "segments", "shortages", "objective"):
        one, other = (getattr(plan, name).to_csv(float_format="%r") for plan in (first, again))
        assert one == other
    assert (first.cost, first.bound, first.status) == (again.cost, again.bound, again.status)


@pytest.fixture(autouse=True)
def thorough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a proof ends the search, so that every step has its turn."""
    monkeypatch.setattr(search, "ENDS", THOROUGH)


@pytest.fixture(scope="module")
def best() -> Roster:
    """The roster without limits."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search, "ENDS", THOROUGH)
        return made()


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """A machine with more processes that spin than it has cores."""
    spinning = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range((os.cpu_count() or 1) + 1)
    ]
    try:
        yield
    finally:
        for one in spinning:
            one.kill()
            one.wait()


def clock(monkeypatch: pytest.MonkeyPatch, *, times: float = 1.0, jump: float = 0.0) -> None:
    """A clock that runs so many times as fast, and jumps ahead at its twentieth reading."""
    began, real = time.perf_counter(), time.perf_counter
    readings = itertools.count()
    monkeypatch.setattr(
        lp.time, "perf_counter", lambda: began + times * (real() - began) + jump * (next(readings) > 19)
    )


# The same in the same work.


@pytest.mark.parametrize("seconds", [0.1, 0.2, 1.0])
def test_a_limit_gives_the_same_roster_on_a_busy_machine(seconds: float) -> None:
    """Stopped by work in each of the steps: byte-equal with other processes on every core."""
    first = made(seconds)
    with busy():
        again = made(seconds)
    assert first.status == "stopped"
    assert_same(first, again)


def test_a_limit_gives_the_same_roster_by_another_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds that pass three times as fast change nothing."""
    first = made(1.0)
    clock(monkeypatch, times=3.0)
    assert_same(first, made(1.0))


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.1, 0.3, 1.0, 1.6])
def test_every_limit_leaves_a_lawful_roster(seconds: float, best: Roster) -> None:
    """From no work at all on: a roster that breaks no rule, with a bound that holds."""
    plan = made(seconds)
    assert_lawful(plan)
    assert plan.bound <= best.cost + 1e-6
    assert plan.cost >= best.bound - 1e-6
    assert plan.status in ("stopped", "optimal")


def test_more_work_gives_more(best: Roster) -> None:
    """Without any, people are shared out blindly; soon the roster is good, at last it is proven."""
    blind, soon = made(0.0), made(0.4)
    assert blind.cost > 1.2 * best.cost
    assert soon.cost < 1.01 * best.cost and soon.bound > 0.98 * best.cost
    assert best.status == "optimal"


def test_the_clock_is_a_brake_that_the_roster_confesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the clock runs away the best so far comes back, under a status of its own."""
    clock(monkeypatch, jump=1e6)
    plan = made(60.0)
    assert plan.status == "time limit"
    assert_lawful(plan)


def test_the_report_says_that_the_clock_ended_it() -> None:
    """A planner who reads the summary knows that another run may differ."""
    assert "another run may" in report.ENDED["time limit"]
    assert set(report.ENDED) == {"optimal", "stopped", "time limit"}


def test_column_generation_keeps_its_last_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped between rounds: the shares of the last one done, over all columns, and a bound that holds."""
    for name, value in {"MANY": 0, "FEW": 1, "MORE": 1}.items():
        monkeypatch.setattr(generating, name, value)
    rounds = itertools.count()
    solve = lp.solve

    def solved(program: lp.Program, *, budget: lp.Budget, **options: Any) -> lp.Solution:
        if next(rounds) == 6:
            budget.spend(60.0)
        return solve(program, budget=budget, **options)

    with monkeypatch.context() as patched:
        patched.setattr(lp, "solve", solved)
        plan = made(60.0)
    assert_lawful(plan)
    assert plan.status == "stopped"
    assert 5000.0 < plan.bound <= plan.cost < 9500.0


# The door to the solver.


def cover(items: int = 60, rows: int = 40) -> lp.Program:
    """A cover that HiGHS does not finish in minutes."""
    weights = np.random.default_rng(1).integers(0, 100, (rows, items)).astype(float)
    cost = np.random.default_rng(2).integers(50, 100, items).astype(float)
    return lp.Program(
        cost, lp.scipy.sparse.csr_array(weights), weights.sum(axis=1) // 2, np.full(rows, np.inf),
        np.zeros(items), np.ones(items), np.ones(items, dtype=bool),
    )  # fmt: skip


def test_work_is_counted_and_taken_off() -> None:
    """A solve says what it took, the same on a busy machine, and takes it off its budget."""
    budget = lp.Budget(0.5)
    first = lp.solve(cover(), budget=budget)
    assert 0.5 < first.work < 0.6 and budget.over and not budget.braked
    with busy():
        again = lp.solve(cover(), budget=lp.Budget(0.5))
    assert (first.work, first.cost, first.bound) == (again.work, again.cost, again.bound)
    assert first.values is not None and again.values is not None
    assert first.values.tobytes() == again.values.tobytes()
    linear = lp.relaxed(cover())
    whole = lp.solve(linear, budget=lp.Budget(60.0))
    assert whole.status == "optimal" and 0.0 < whole.work < 1.0
    with pytest.raises(SolverError, match="Iteration limit reached"):
        lp.solve(linear, budget=lp.Budget(whole.work / 2))


def test_the_clock_stops_a_solve_that_work_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """HiGHS ends where the emergency brake stands, and the budget knows."""
    monkeypatch.setattr(lp, "SOONEST", 0.2)
    monkeypatch.setattr(lp, "LOOK", (0.0, 0.0))
    budget = lp.Budget(0.1)
    monkeypatch.setattr(budget, "left", np.inf)
    found = lp.solve(cover(), budget=budget)
    assert found.status == "stopped" and budget.braked and budget.over


# Ctrl-C.


def striking(number: int) -> Callable[..., lp.Solution]:
    """`lp.solve` during whose call of that number Ctrl-C comes, before it has anything."""
    solve, calls = lp.solve, itertools.count()

    def solved(program: lp.Program, **options: Any) -> lp.Solution:
        if next(calls) == number:
            raise KeyboardInterrupt
        return solve(program, **options)

    return solved


@pytest.mark.parametrize("number", [1, 4, 8, 9, 13, 16, 17, 24])
def test_ctrl_c_in_any_solve_keeps_the_best(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In days, whole weeks, and the whole program: what was there by then comes back, lawful."""
    monkeypatch.setattr(lp, "solve", striking(number))
    plan = made()
    assert_lawful(plan)
    assert plan.status == "stopped"


@pytest.mark.parametrize("where", ["days", "_cheap_weeks", "_better", "lawful"])
def test_ctrl_c_between_solves_keeps_the_best(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only HiGHS can be interrupted: so can the arrays between two of its runs."""
    step, calls = getattr(search, where), itertools.count()

    def struck(*given: Any, **options: Any) -> Any:
        if next(calls) == (1 if where == "lawful" else 0):
            raise KeyboardInterrupt
        return step(*given, **options)

    monkeypatch.setattr(search, where, struck)
    plan = made()
    assert_lawful(plan)
    assert plan.status == "stopped"


def test_ctrl_c_before_there_is_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the first linear program there is nothing to keep."""
    monkeypatch.setattr(lp, "solve", striking(0))
    with pytest.raises(KeyboardInterrupt):
        made()


def test_ctrl_c_in_column_generation_keeps_its_last_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a round there are shares to make a roster from."""
    for name, value in {"MANY": 0, "FEW": 1, "MORE": 1}.items():
        monkeypatch.setattr(generating, name, value)
    monkeypatch.setattr(lp, "solve", striking(6))
    plan = made()
    assert_lawful(plan)
    assert plan.status == "stopped"


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT reaches the process only on POSIX")
@pytest.mark.parametrize("look", [1, 20, 60])
def test_a_true_signal_keeps_the_best(look: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGINT while HiGHS works at a mixed-integer program."""
    listen, looks = lp._Meter.listen, itertools.count(1)

    def heard(meter: lp._Meter, event: Any) -> None:
        if next(looks) == look:
            os.kill(os.getpid(), signal.SIGINT)
        listen(meter, event)

    monkeypatch.setattr(lp._Meter, "listen", heard)
    plan = made()
    assert_lawful(plan)
    assert plan.status == "stopped"


def test_seconds_shared_by_weeks_are_work_too() -> None:
    """Two weeks under a limit are the same twice, and lawful."""
    demand = pd.concat([DEMAND, need(RUSH, start=MONDAY + dt.timedelta(days=7))], ignore_index=True)
    first, again = (roster.assign(demand, SHIFTS, AGENTS, days=14, time_limit=2.0) for _ in range(2))
    assert_same(first, again)
    assert first.status == "stopped"
