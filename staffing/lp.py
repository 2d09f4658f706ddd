"""The only door to PuLP and HiGHS: arrays in; values, duals, bound and seconds out.

PuLP states the program and hands it over, HiGHS solves it in this process with one thread and a fixed
seed. Variables and rows are called x0000000, r0000000 ...: no word of the data reaches a solver. The
status is read before any value; Ctrl-C keeps the best solution found.

Limits are counted in work - steps of the simplex method, and how often HiGHS looks whether to go on - so that
a busy machine gives what an idle one gives. The clock is an emergency brake, and who was stopped by it knows.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pulp
import scipy.sparse

from staffing.errors import SolverError

SEED = 7
ROUGH = 1e-3
ENDLESS = ("Unbounded", "Primal infeasible or unbounded")
INSTALL = "python3 -m pip install 'highspy>=1.15.1'"
Progress = Callable[[float, float, float], None]
# Work in seconds, of each unit and of each coefficient of the program: about twice what the programs of the
# own case of `benchmarks/work.py` took on one core of 2.5 GHz that nobody else used, so that work ends first.
STEP = (6e-5, 3e-9)  # of the simplex method, in a linear program
ROOT_LOOK = (1e-3, 5e-6)  # whether to go on with a mixed-integer program, before it branches
LOOK = (2e-4, 1e-7)  # the same afterwards
# The clock ends what takes so many times the seconds given in work, but no sooner than after so many.
BRAKE, SOONEST = 3.0, 30.0


@dataclass
class Budget:
    """Work that several programs may take together, and when the clock ends them all the same.

    Parameters
    ----------
    seconds : float
        In work: seconds of one core that nobody else uses, by rates on the safe side. [s]

    Attributes
    ----------
    left : float
        What is left of them. [s]
    braked : bool
        Whether the clock ended something: another run may come further.

    Examples
    --------
    >>> budget = Budget(60.0)
    >>> budget.spend(59.0)
    >>> budget.left, budget.over, budget.braked
    (1.0, False, False)
    """

    seconds: float = math.inf
    left: float = field(init=False)
    braked: bool = field(init=False, default=False)
    _until: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.left = self.seconds
        self._until = time.perf_counter() + max(BRAKE * self.seconds, SOONEST)

    def spend(self, work: float) -> None:
        """Take work off what is left. [s]"""
        self.left -= work

    def until_brake(self) -> float:
        """Seconds until the clock ends everything; at 0 that is noted. [s]"""
        left = max(self._until - time.perf_counter(), 0.0)
        self.braked |= left <= 0.0
        return left

    @property
    def over(self) -> bool:
        """Whether nothing is left, by work or by the clock."""
        return self.until_brake() <= 0.0 or self.left <= 0.0


@dataclass(frozen=True)
class Program:
    r"""A linear or mixed-integer program, to be minimised.

    .. math:: \min\; c x + k \quad \text{where}\quad r \le A x \le R,\; l \le x \le u

    Parameters
    ----------
    cost : numpy.ndarray
        Cost of each variable, shape (n,).
    matrix : scipy.sparse.csr_array
        Coefficients, shape (m, n).
    row_lower, row_upper : numpy.ndarray
        Bounds of the rows, shape (m,); -inf and inf where there is none.
    lower, upper : numpy.ndarray
        Bounds of the variables, shape (n,); -inf and inf where there is none.
    integer : numpy.ndarray of bool
        Which variables take whole numbers only, shape (n,).
    constant : float
        Added to the cost.

    Raises
    ------
    ValueError
        Where shapes differ or a coefficient is not a number.
    """

    cost: np.ndarray
    matrix: scipy.sparse.csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    integer: np.ndarray
    constant: float = 0.0

    def __post_init__(self) -> None:
        rows, columns = self.matrix.shape
        sizes = {
            "cost": columns,
            "lower": columns,
            "upper": columns,
            "integer": columns,
            "row_lower": rows,
            "row_upper": rows,
        }
        wrong = [name for name, size in sizes.items() if np.shape(getattr(self, name)) != (size,)]
        if wrong:
            raise ValueError(f"{', '.join(wrong)} do not fit a matrix of {rows} rows and {columns} columns")
        numbers = [self.cost, self.matrix.data, self.lower, self.upper, self.row_lower, self.row_upper]
        if any(np.isnan(part).any() for part in numbers) or not np.isfinite(self.constant):
            raise ValueError("a program holds something that is not a number")


@dataclass(frozen=True)
class Solution:
    """What the solver found, and what it proved.

    Parameters
    ----------
    status : str
        ``"optimal"``: proven within the gap asked for; ``"stopped"``: a limit or Ctrl-C ended it;
        ``"infeasible"``: no values keep all rows and bounds.
    values : numpy.ndarray or None
        Shape (n,), whole where they must be; None where infeasible.
    duals : numpy.ndarray or None
        Change of the least cost with each row's bound, shape (m,); of a linear program solved to the end.
    cost, bound : float
        Cost of the values, and what no values can cost less than, constant included; inf where infeasible.
    seconds : float
        From statement to answer. [s]
    interrupted : bool
        Whether Ctrl-C ended it.
    checks : int
        How often HiGHS looked whether to go on, in `direct`: a measure of its work.
    work : float
        What `solve` took of its budget: the same on every machine. [s]
    """

    status: Literal["optimal", "stopped", "infeasible"]
    values: np.ndarray | None
    duals: np.ndarray | None
    cost: float
    bound: float
    seconds: float
    interrupted: bool = False
    checks: int = 0
    work: float = 0.0

    @property
    def gap(self) -> float:
        """Cost less bound; 0 where infeasible."""
        return 0.0 if self.values is None else self.cost - self.bound


def relaxed(program: Program) -> Program:
    """The same program with every variable continuous.

    Parameters
    ----------
    program : Program
        Any.

    Returns
    -------
    Program
        Its least cost is a lower bound of the least cost of ``program``.
    """
    return replace(program, integer=np.zeros(len(program.cost), dtype=bool))


def solve(
    program: Program,
    *,
    budget: Budget | None = None,
    gap: float = 0.0,
    start: np.ndarray | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Minimise a program.

    Parameters
    ----------
    program : Program
        Linear, or mixed-integer where ``integer`` says so.
    budget : Budget, optional
        What it may take, and what it takes it off; default: as much as it needs.
    gap : float
        Difference between cost and bound at which to stop, in units of cost.
    start : numpy.ndarray, optional
        Values that keep all rows and bounds, shape (n,): the solver begins from them. Values that break a
        row are passed over in silence.
    progress : callable, optional
        Called now and then in a mixed-integer solve with seconds, cost and bound so far, constant included.

    Returns
    -------
    Solution
        With a status; infeasible is an answer.

    Raises
    ------
    SolverError
        Where the budget ended without a solution, the cost has no lower end, or HiGHS is not installed.
    KeyboardInterrupt
        Where Ctrl-C came before any solution was found, or came twice.

    Examples
    --------
    Two early and three late agents are needed, four in the middle; an early one costs 5, a late one 4:

    >>> covering = Program(
    ...     cost=np.array([5.0, 4.0]),
    ...     matrix=scipy.sparse.csr_array(np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])),
    ...     row_lower=np.array([2.0, 6.0, 3.0]),
    ...     row_upper=np.full(3, np.inf),
    ...     lower=np.zeros(2),
    ...     upper=np.full(2, np.inf),
    ...     integer=np.zeros(2, dtype=bool),
    ... )
    >>> best = solve(covering)
    >>> best.status, best.cost, best.values.tolist(), best.duals.tolist()
    ('optimal', 26.0, [2.0, 4.0], [1.0, 4.0, 0.0])
    """
    began = time.perf_counter()
    _need_highs()
    problem, meter = _stated(program), _Meter(program, Budget() if budget is None else budget)
    solver = _highs(program, meter, gap=gap, start=start, progress=progress)
    problem.solve(solver)
    work = meter.read(problem.solverModel)
    return replace(_answer(problem.solverModel, program, began, interrupted=solver.interrupted), work=work)


class _Meter:
    """Counts the work that HiGHS does at a program, and ends it where its budget does."""

    def __init__(self, program: Program, budget: Budget) -> None:
        self.mixed = bool(program.integer.any())
        self.budget = budget
        self.step, self.root_look, self.look = (
            unit + coefficient * program.matrix.nnz for unit, coefficient in (STEP, ROOT_LOOK, LOOK)
        )
        self.work = 0.0

    def options(self) -> dict[str, float]:
        """A linear program ends by an option of HiGHS, which asks nobody."""
        found: dict[str, float] = {}
        if not self.mixed and math.isfinite(self.budget.left):
            found["simplex_iteration_limit"] = max(int(self.budget.left / self.step), 0)
        return found

    def listen(self, event: Any) -> None:
        """To the question whether to go on with a mixed-integer program."""
        self.work += self.look if event.data_out.mip_node_count > 0 else self.root_look
        if self.work > self.budget.left:
            event.interrupt()

    def read(self, model: Any) -> float:
        """The work of a run that has ended, taken off the budget. [s]"""
        import highspy

        if not self.mixed:
            self.work = self.step * max(model.getInfo().simplex_iteration_count, 0)
        self.budget.spend(self.work)
        # Where the clock struck inside a run that work ended a moment later, the status is that of work.
        self.budget.until_brake()
        self.budget.braked |= model.getModelStatus() == highspy.HighsModelStatus.kTimeLimit
        return self.work


def direct(
    program: Program,
    *,
    start: np.ndarray | None = None,
    checks: int | None = None,
    time_limit: float | None = None,
    gap: float = 0.0,
    rough: bool = False,
) -> Solution:
    """Minimise a program, one of hundreds in a row: its arrays go straight to HiGHS.

    PuLP would take longer to state such a program than HiGHS to solve it.

    Parameters
    ----------
    program, start, gap
        As in `solve`.
    checks : int, optional
        How often HiGHS may look whether to go on in a mixed-integer program: a limit in work, the same on a
        busy machine.
    time_limit : float, optional
        Longest processor time of this process. [s]
    rough : bool
        Of a linear program: by interior points, not driven to a corner. Faster where it is large; values and
        duals keep rows and signs only nearly, so use `safe_bound`.

    Returns
    -------
    Solution
        Its values are None where it is infeasible, and where a limit came before any.

    Raises
    ------
    SolverError
        Where the cost has no lower end, or HiGHS is not installed.
    KeyboardInterrupt
        Where Ctrl-C came before any solution was found, or came twice.

    Examples
    --------
    Three people at 5, 4 and 6 a shift, of whom two are needed:

    >>> two = Program(
    ...     cost=np.array([5.0, 4.0, 6.0]),
    ...     matrix=scipy.sparse.csr_array(np.ones((1, 3))),
    ...     row_lower=np.array([2.0]), row_upper=np.array([np.inf]),
    ...     lower=np.zeros(3), upper=np.ones(3), integer=np.ones(3, dtype=bool),
    ... )
    >>> direct(two).values.tolist()
    [1.0, 1.0, 0.0]
    """
    began = time.perf_counter()
    _need_highs()
    model = _passed(program)
    mixed = bool(program.integer.any())
    options: dict[str, Any] = {
        "threads": 1, "random_seed": SEED, "mip_rel_gap": 0.0, "mip_abs_gap": max(gap, 1e-6),
    }  # fmt: skip
    if rough and not mixed:
        options |= {"solver": "ipm", "run_crossover": "off", "ipm_optimality_tolerance": ROUGH}
    for name, value in options.items():
        model.setOptionValue(name, value)
    if start is not None:
        model.setSolution(len(start), np.arange(len(start), dtype=np.int32), np.asarray(start, dtype=float))
    asked, spent_before = [0], time.process_time()

    def count(event: Any) -> None:
        asked[0] += 1
        over = mixed and checks is not None and asked[0] > checks
        if over or (time_limit is not None and time.process_time() - spent_before > time_limit):
            event.interrupt()

    events = (model.cbMipInterrupt,) if mixed else (model.cbSimplexInterrupt, model.cbIpmInterrupt)
    for asking in events:
        asking.subscribe(count)
    interrupted = _run(model)
    for asking in events:
        asking.unsubscribe(count)
    infeasible = model.modelStatusToString(model.getModelStatus()) == "Infeasible"
    if rough and not mixed and not infeasible:
        return replace(_rough_answer(model, program, began), checks=asked[0], interrupted=interrupted)
    return replace(_any_answer(model, program, began, interrupted=interrupted), checks=asked[0])


def _any_answer(model: Any, program: Program, began: float, *, interrupted: bool) -> Solution:
    """As `_answer`, but to have found nothing is an answer too."""
    try:
        return _answer(model, program, began, interrupted=interrupted)
    except SolverError:
        if model.modelStatusToString(model.getModelStatus()) in ENDLESS:
            raise
        bound = model.getInfo().mip_dual_bound + program.constant if program.integer.any() else -np.inf
        return Solution("stopped", None, None, np.inf, bound, time.perf_counter() - began)


def _rough_answer(model: Any, program: Program, began: float) -> Solution:
    """Values and duals of interior points as they are, and the bound that they are good for."""
    solution, seconds = model.getSolution(), time.perf_counter() - began
    values, duals = (np.array(part, dtype=float) for part in (solution.col_value, solution.row_dual))
    if len(values) != len(program.cost) or not len(duals):
        return Solution("stopped", None, None, np.inf, -np.inf, seconds)
    cost = float(program.cost @ values) + program.constant
    return Solution("stopped", values, duals, cost, min(safe_bound(program, duals), cost), seconds)


def _passed(program: Program) -> Any:
    """HiGHS, silent, with the arrays of a program but for its constant."""
    import highspy

    matrix = scipy.sparse.csr_array(program.matrix)
    model, arrays = highspy.Highs(), highspy.HighsLp()
    model.silent()
    arrays.num_row_, arrays.num_col_ = matrix.shape
    arrays.col_cost_, arrays.col_lower_, arrays.col_upper_ = program.cost, program.lower, program.upper
    arrays.row_lower_, arrays.row_upper_ = program.row_lower, program.row_upper
    arrays.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    arrays.a_matrix_.start_, arrays.a_matrix_.index_ = matrix.indptr, matrix.indices
    arrays.a_matrix_.value_ = matrix.data
    if program.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        arrays.integrality_ = [kinds[whole] for whole in program.integer.tolist()]
    model.passModel(arrays)
    return model


def safe_bound(program: Program, duals: np.ndarray) -> float:
    r"""What no values of a program can cost less than, by any duals of its rows, good or bad.

    .. math:: k + \sum_i \min_{r_i \le z \le R_i} y_i z + \sum_j \min_{l_j \le x \le u_j} (c - A^T y)_j x

    Parameters
    ----------
    program : Program
        Variables without bounds must have a reduced cost of the right sign, or the bound is -inf.
    duals : numpy.ndarray
        One for each row, shape (m,).

    Returns
    -------
    float
        At most the least cost; equal to it at the best duals of a linear program.

    Examples
    --------
    >>> one = Program(
    ...     cost=np.array([3.0]), matrix=scipy.sparse.csr_array(np.array([[2.0]])),
    ...     row_lower=np.array([4.0]), row_upper=np.array([np.inf]),
    ...     lower=np.zeros(1), upper=np.full(1, 9.0), integer=np.zeros(1, dtype=bool),
    ... )
    >>> safe_bound(one, np.array([1.5])), safe_bound(one, np.array([1.0]))
    (6.0, 4.0)
    """
    reduced = program.cost - program.matrix.T @ duals
    return (
        program.constant
        + _least(duals, program.row_lower, program.row_upper)
        + _least(reduced, program.lower, program.upper)
    )


def _least(price: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Least cost of amounts between bounds; without a bound, prices within rounding of zero count as zero."""
    side = np.where(price > 0, low, high)
    counts = np.isfinite(side) | (np.abs(price) > 1e-9)
    return float((price[counts] * side[counts]).sum())


def _need_highs() -> None:
    if not pulp.HiGHS().available():
        raise SolverError(f"the solver HiGHS is not there: install it with {INSTALL}")


def _stated(program: Program) -> Any:
    """The program as a PuLP problem, without its constant, which PuLP would lose on the way to HiGHS."""
    problem = pulp.LpProblem("program", pulp.LpMinimize)
    # PuLP sorts variables by name: equal lengths keep x0000010 behind x0000002.
    variables = [
        problem.add_variable(f"x{number:07d}", low, high, "Integer" if whole else "Continuous")
        for number, (low, high, whole) in enumerate(
            zip(_or_none(program.lower), _or_none(program.upper), program.integer.tolist(), strict=True)
        )
    ]
    problem += pulp.LpAffineExpression(list(zip(variables, program.cost.tolist(), strict=True)))
    matrix = scipy.sparse.csr_array(program.matrix)
    ends, places, numbers = matrix.indptr.tolist(), matrix.indices.tolist(), matrix.data.tolist()
    for row, (low, high) in enumerate(
        zip(_or_none(program.row_lower), _or_none(program.row_upper), strict=True)
    ):
        terms = pulp.LpAffineExpression(
            [(variables[places[at]], numbers[at]) for at in range(ends[row], ends[row + 1])]
        )
        sense, side = _sense(low, high)
        problem += pulp.LpConstraint(terms, sense, f"r{row:07d}", side)
    return problem


def _or_none(bounds: np.ndarray) -> list[float | None]:
    return [float(bound) if np.isfinite(bound) else None for bound in bounds]


def _sense(low: float | None, high: float | None) -> tuple[int, float]:
    """One side of a row, all that a PuLP row can hold; `_two_sided` sets the rest."""
    if low is not None:
        return (pulp.LpConstraintEQ if low == high else pulp.LpConstraintGE), low
    return pulp.LpConstraintLE, high if high is not None else 0.0


def _two_sided(program: Program) -> np.ndarray:
    """Rows with two different finite bounds, or none."""
    low, high = np.isfinite(program.row_lower), np.isfinite(program.row_upper)
    return np.flatnonzero((low == high) & (program.row_lower != program.row_upper))


def _highs(
    program: Program,
    meter: _Meter,
    *,
    gap: float = 0.0,
    start: np.ndarray | None = None,
    progress: Progress | None = None,
) -> Any:
    """PuLP's HiGHS with what PuLP leaves out: second sides of rows, a start, limits in work, and Ctrl-C."""
    brake = meter.budget.until_brake()

    class Highs(pulp.HiGHS):
        interrupted = False

        def buildSolverModel(self, lp: Any) -> None:
            super().buildSolverModel(lp)
            for row in _two_sided(program).tolist():
                lp.solverModel.changeRowBounds(row, program.row_lower[row], program.row_upper[row])
            if start is not None:
                lp.solverModel.setSolution(
                    len(start), np.arange(len(start), dtype=np.int32), np.asarray(start, dtype=float)
                )

        def callSolver(self, lp: Any) -> None:
            if meter.mixed:
                lp.solverModel.cbMipInterrupt.subscribe(meter.listen)
            self.interrupted = _run(lp.solverModel, progress, program.constant)
            if meter.mixed:
                lp.solverModel.cbMipInterrupt.unsubscribe(meter.listen)

    return Highs(
        msg=False,
        threads=1,
        timeLimit=brake if math.isfinite(brake) else None,
        gapRel=0.0,
        gapAbs=max(gap, 1e-6),
        random_seed=SEED,
        mip=meter.mixed,
        **meter.options(),
    )


def _run(model: Any, progress: Progress | None = None, constant: float = 0.0) -> bool:
    """Run HiGHS beside the main thread, which thereby hears Ctrl-C; True where it came.

    highspy's own `solve` does the same but prints, and where Ctrl-C comes in the moment in which a solve is
    done, its lock stays shut and the next solve never starts; `Thread.join` of Python 3.11 takes a thread for
    ended that is not. Progress is read where HiGHS asks whether to go on: its logging event stays
    silent with the log.
    """
    latest: list[tuple[float, float, float]] = []

    def note(event: Any) -> None:
        out = event.data_out
        latest[:] = [(out.running_time, out.mip_primal_bound + constant, out.mip_dual_bound + constant)]

    model.HandleUserInterrupt = True
    if progress is not None:
        model.cbMipInterrupt += note
    interrupted = False
    done = threading.Event()

    def work() -> None:
        try:
            model.run()
            model.resetGlobalScheduler(False)  # as highspy does, against a deadlock on Windows
        finally:
            done.set()

    threading.Thread(target=work, daemon=True).start()
    ended = False
    while not ended:
        try:
            ended = done.wait(0.1)
            if progress is not None and latest:
                progress(*latest.pop())
        except KeyboardInterrupt:
            if interrupted:
                raise
            interrupted = True
            model.cancelSolve()
    if progress is not None:
        model.cbMipInterrupt -= note
    model.HandleUserInterrupt = False
    return interrupted


def _answer(model: Any, program: Program, began: float, *, interrupted: bool) -> Solution:
    """Read the status, then whether there are values at all, then the values.

    PuLP's own reading calls a run that was interrupted with nothing in hand feasible, so HiGHS is asked.
    """
    import highspy

    ended = highspy.HighsModelStatus
    status, info = model.getModelStatus(), model.getInfo()
    if status == ended.kInfeasible:
        return Solution("infeasible", None, None, np.inf, np.inf, time.perf_counter() - began)
    if status in (ended.kUnbounded, ended.kUnboundedOrInfeasible):
        raise SolverError("the cost has no lower end: a variable without a bound pays for growing")
    if info.primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
        if interrupted:
            raise KeyboardInterrupt
        seconds = time.perf_counter() - began
        raise SolverError(
            f"no solution after {seconds:.1f} s ({model.modelStatusToString(status)}): allow more time"
        )
    solution = model.getSolution()
    values = np.clip(np.array(solution.col_value, dtype=float), program.lower, program.upper)
    values = np.where(program.integer, np.rint(values), values) + 0.0  # -0.0 becomes 0.0
    cost = float(program.cost @ values) + program.constant
    optimal = status == ended.kOptimal
    mixed = bool(program.integer.any())
    proven = info.mip_dual_bound + program.constant if mixed else cost if optimal else -np.inf
    return Solution(
        status="optimal" if optimal else "stopped",
        values=values,
        duals=np.array(solution.row_dual, dtype=float) + 0.0 if optimal and not mixed else None,
        cost=cost,
        bound=min(float(proven), cost),
        seconds=time.perf_counter() - began,
        interrupted=interrupted,
    )
