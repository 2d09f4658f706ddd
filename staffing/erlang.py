"""Erlang B, C and A and their inverses: numbers in, numbers out, broadcasting over arrays.

Calls arrive at random, handle times and patience are exponential, callers wait in one line, and each
interval is in its steady state. Limits are values: no calls, no agents, overload.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erfcx

from staffing.errors import DataError, Problem
from staffing.queueing import Floats, Rows, State, blocked, least, root, steady_state

TARGET_DEFINITIONS = ("offered", "excluding_short_abandons")
# The other two get better as a centre collapses, so no target may use them.
DEFINITIONS = (*TARGET_DEFINITIONS, "answered", "counting_short_abandons")
# A target missed by less is met: what ties in exact arithmetic may fall on either side in float64.
SLACK = 1e-12
# Fewer rows are solved sooner by themselves than by a table.
FEW = 100
# No centre has this load. [Erl]
ENDLESS = 1e12


def erlang_b(agents: ArrayLike, load: ArrayLike) -> Any:
    r"""Fraction of calls blocked where nobody can wait (M/M/n/n).

    .. math:: 1 / B(n, a) = a \int_0^\infty e^{-a u} (1 + u)^n \, du

    for real n too (D. L. Jagerman, "Some properties of the Erlang loss function", BSTJ 53(3), 1974).

    Parameters
    ----------
    agents, load : array_like
        Agents or lines, whole or fractional; offered load. [Erl]

    Returns
    -------
    numpy.ndarray or float
        Blocking. [0-1]  One without agents, zero without load.

    Raises
    ------
    DataError
        NaN, infinite or negative values.

    Examples
    --------
    >>> round(float(erlang_b(14, 10.0)), 4)
    0.0568
    """
    (n, a), shape = _numbers(agents=agents, load=load)
    return blocked(n, a).reshape(shape)[()]


def erlang_c(agents: ArrayLike, load: ArrayLike) -> Any:
    """Probability that a call waits where nobody hangs up: C = n / (a + (n - a) / B) (A. K. Erlang, 1917).

    Parameters
    ----------
    agents, load : array_like
        Agents on the queue, whole or fractional; offered load. [Erl]

    Returns
    -------
    numpy.ndarray or float
        P(wait > 0). [0-1]  One where ``load >= agents``, zero without load.

    Raises
    ------
    DataError
        NaN, infinite or negative values.

    Examples
    --------
    >>> round(float(erlang_c(14, 10.0)), 4)
    0.1741
    """
    return probability_of_waiting(agents, load)


def service_level(
    agents: ArrayLike,
    load: ArrayLike,
    *,
    aht: ArrayLike,
    within: ArrayLike,
    patience: ArrayLike = math.inf,
    definition: str = "offered",
) -> Any:
    r"""Fraction of calls answered in time.

    Erlang C with infinite patience, :math:`SL = 1 - C e^{-(n - a) t / AHT}`, else Erlang A (M/M/n+M: A.
    Mandelbaum, S. Zeltyn, "The Palm/Erlang-A queue, with applications to call centers", 2005).

    Parameters
    ----------
    agents, load : array_like
        Agents on the queue, shrinkage taken off, whole or fractional; offered load. [Erl]
    aht, within, patience : array_like
        Average handle time; acceptable wait; mean time to abandonment. [s]
    definition : str
        ``"offered"``: answered in time / offered; ``"excluding_short_abandons"``: answered in time /
        (offered - abandoned in time); ``"answered"``: answered in time / answered;
        ``"counting_short_abandons"``: (answered in time + abandoned in time) / offered.

    Returns
    -------
    numpy.ndarray or float
        Service level. [0-1]  One without load, zero where ``load >= agents`` and patience is infinite.

    Raises
    ------
    DataError
        NaN, infinite or negative values, or an unknown definition.

    Examples
    --------
    100 calls of 180 s in half an hour are 10 erlangs; fourteen agents answer 89 % within 20 s:

    >>> round(float(service_level(14, 10.0, aht=180, within=20)), 5)
    0.88835
    """
    _refuse(_definition_problems(definition, DEFINITIONS))
    (n, a, h, t, p), shape = _numbers(agents=agents, load=load, aht=aht, within=within, patience=patience)
    return _service_level(steady_state(n, a, h, p, t), definition).reshape(shape)[()]


def asa(agents: ArrayLike, load: ArrayLike, *, aht: ArrayLike, patience: ArrayLike = math.inf) -> Any:
    """Average speed of answer: mean wait of the answered calls, those answered at once included.

    Parameters
    ----------
    agents, load, aht, patience : array_like
        As in `service_level`.

    Returns
    -------
    numpy.ndarray or float
        [s]  Zero without load; infinite without agents, and in overload with infinite patience.

    Raises
    ------
    DataError
        NaN, infinite or negative values.

    Examples
    --------
    >>> round(float(asa(14, 10.0, aht=180)), 3)
    7.836
    """
    (n, a, h, p), shape = _numbers(agents=agents, load=load, aht=aht, patience=patience)
    return _asa(steady_state(n, a, h, p)).reshape(shape)[()]


def mean_wait(agents: ArrayLike, load: ArrayLike, *, aht: ArrayLike, patience: ArrayLike = math.inf) -> Any:
    """Mean time in queue of all calls, answered and abandoned: patience x `abandonment` where finite.

    Parameters
    ----------
    agents, load, aht, patience : array_like
        As in `service_level`.

    Returns
    -------
    numpy.ndarray or float
        [s]  Zero without load; infinite in overload with infinite patience.

    Raises
    ------
    DataError
        NaN, infinite or negative values.

    Examples
    --------
    >>> round(float(mean_wait(50, 48.0, aht=60, patience=120)), 1)
    3.7
    """
    (n, a, h, p), shape = _numbers(agents=agents, load=load, aht=aht, patience=patience)
    return steady_state(n, a, h, p).wait.reshape(shape)[()]


def abandonment(agents: ArrayLike, load: ArrayLike, *, aht: ArrayLike, patience: ArrayLike = math.inf) -> Any:
    """Fraction of all calls that hang up while they wait.

    Parameters
    ----------
    agents, load, aht, patience : array_like
        As in `service_level`.

    Returns
    -------
    numpy.ndarray or float
        [0-1]  Zero without load and with infinite patience; one where patient callers meet no agents.

    Raises
    ------
    DataError
        NaN, infinite or negative values.

    Examples
    --------
    >>> round(float(abandonment(50, 48.0, aht=60, patience=120)), 4)
    0.0309
    """
    (n, a, h, p), shape = _numbers(agents=agents, load=load, aht=aht, patience=patience)
    return steady_state(n, a, h, p).abandoned.reshape(shape)[()]


def occupancy(
    agents: ArrayLike, load: ArrayLike, *, aht: ArrayLike | None = None, patience: ArrayLike = math.inf
) -> Any:
    """Share of their time that agents spend in contacts: carried load / agents.

    Parameters
    ----------
    agents, load, aht, patience : array_like
        As in `service_level`; the handle time counts with finite patience only.

    Returns
    -------
    numpy.ndarray or float
        [0-1]  Zero without load; one where ``load >= agents`` and patience is infinite.

    Raises
    ------
    DataError
        NaN, infinite or negative values; finite patience without a handle time.

    Examples
    --------
    >>> round(float(occupancy(14, 10.0)), 4)
    0.7143
    """
    (n, a, h, p), shape = _numbers(agents=agents, load=load, aht=_any_aht(aht, patience), patience=patience)
    return _occupancy(steady_state(n, a, h, p), n, a).reshape(shape)[()]


def queue_length(
    agents: ArrayLike, load: ArrayLike, *, aht: ArrayLike | None = None, patience: ArrayLike = math.inf
) -> Any:
    """Mean number of callers in the queue: calls per second x `mean_wait` (J. Little, 1961).

    Parameters
    ----------
    agents, load, aht, patience : array_like
        As in `service_level`; the handle time counts with finite patience only.

    Returns
    -------
    numpy.ndarray or float
        Callers. Zero without load; infinite in overload with infinite patience.

    Raises
    ------
    DataError
        NaN, infinite or negative values; finite patience without a handle time.

    Examples
    --------
    >>> round(float(queue_length(50, 48.0)), 2)
    16.67
    """
    (n, a, h, p), shape = _numbers(agents=agents, load=load, aht=_any_aht(aht, patience), patience=patience)
    return (steady_state(n, a, h, p).wait * (a / h)).reshape(shape)[()]


def probability_of_waiting(
    agents: ArrayLike,
    load: ArrayLike,
    *,
    aht: ArrayLike | None = None,
    within: ArrayLike = 0.0,
    patience: ArrayLike = math.inf,
) -> Any:
    """Probability that a call is in the queue for longer than a time, whatever ends its wait.

    Parameters
    ----------
    agents, load, aht, within, patience : array_like
        As in `service_level`; the handle time counts with finite patience or a time above zero only.

    Returns
    -------
    numpy.ndarray or float
        P(wait > within). [0-1]  Zero without load; one in overload with infinite patience.

    Raises
    ------
    DataError
        NaN, infinite or negative values; a handle time that counts and is missing.

    Examples
    --------
    >>> round(float(probability_of_waiting(14, 10.0, aht=180, within=20)), 5)
    0.11165
    """
    h = _any_aht(aht, patience, within)
    (n, a, h, t, p), shape = _numbers(agents=agents, load=load, aht=h, within=within, patience=patience)
    return steady_state(n, a, h, p, t).queued.reshape(shape)[()]


def required_agents(
    load: ArrayLike,
    *,
    aht: ArrayLike,
    answered: ArrayLike = 0.80,
    within: ArrayLike = 20.0,
    patience: ArrayLike = math.inf,
    max_occupancy: ArrayLike = 1.0,
    max_abandonment: ArrayLike | None = None,
    max_asa: ArrayLike | None = None,
    fractional: bool = False,
    definition: str = "offered",
) -> Any:
    """Fewest agents that meet every target; below the load where abandonment allows it.

    A target missed by less than 1e-12 is met. Rows that share their targets are looked up in a table of
    the largest load that each number of agents carries, made once and kept.

    Parameters
    ----------
    load : array_like
        Offered load. [Erl]
    aht, within, patience : array_like
        Average handle time; acceptable wait; mean time to abandonment. [s]
    answered, max_occupancy, max_abandonment : array_like
        Least fraction answered in time; highest occupancy; highest share of callers who hang up. [0-1]
    max_asa : array_like, optional
        Highest mean wait of the answered. [s]
    fractional : bool
        The real number of agents at which the tightest target is just met, not rounded up.
    definition : str
        ``"offered"`` or ``"excluding_short_abandons"``, see `service_level`.

    Returns
    -------
    numpy.ndarray or number
        Agents on the queue, before shrinkage: int64, or float64 where fractional. Zero without load.

    Raises
    ------
    DataError
        NaN, infinite or negative values, a target of 100 %, a definition that rewards collapse.

    Examples
    --------
    >>> required_agents([0.0, 10.0, 50.0], aht=180).tolist()
    [0, 14, 56]
    >>> int(required_agents(50.0, aht=180, patience=120, max_abandonment=0.05))
    52
    """
    a, t, shape = _targets(
        load, aht, answered, within, patience, max_occupancy, max_abandonment, max_asa, definition
    )
    agents = _required(a, t)
    if not fractional:
        return agents.reshape(shape)[()]
    real, rows = agents.astype(np.float64), np.flatnonzero(agents)
    some, loads = t.at(rows), a[rows]
    real[rows] = root(lambda n, i: _tightest(n, loads[i], some.at(i)), real[rows], real[rows] - 1.0)
    return real.reshape(shape)[()]


def bound_by(load: ArrayLike, *, aht: ArrayLike, **targets: Any) -> Any:
    """Which target sets the number of `required_agents`: the first that one agent fewer would miss.

    Parameters
    ----------
    load, aht, **targets
        As in `required_agents`, ``fractional`` apart.

    Returns
    -------
    numpy.ndarray or str
        In this order ``"answered"``, ``"occupancy"``, ``"abandonment"``, ``"asa"``; ``"none"`` without load.

    Raises
    ------
    DataError
        As `required_agents`.

    Examples
    --------
    >>> bound_by([0.0, 10.0, 200.0], aht=180, max_occupancy=0.85).tolist()
    ['none', 'answered', 'occupancy']
    """
    a, t, shape = _targets(load, aht, **targets)
    bound = np.full(a.size, "none", dtype="<U11")
    rows = np.flatnonzero(a > 0)
    fewer = (_required(a, t)[rows] - 1).astype(np.float64)
    missed = _margins(fewer, a[rows], t.at(rows)) < 0
    bound[rows] = np.array(t.names)[missed.argmax(axis=0)]
    return bound.reshape(shape)[()]


def max_load(agents: ArrayLike, *, aht: ArrayLike, **targets: Any) -> Any:
    """Largest load that agents carry with every target met: the inverse of `required_agents`.

    Parameters
    ----------
    agents : array_like
        Agents on the queue, whole or fractional.
    aht, **targets
        As in `required_agents`, ``fractional`` apart.

    Returns
    -------
    numpy.ndarray or float
        Offered load. [Erl]  Zero without agents; infinite where no load misses a target.

    Raises
    ------
    DataError
        As `required_agents`.

    Examples
    --------
    >>> round(float(max_load(14, aht=180)), 3)
    10.868
    """
    n, t, shape = _targets(agents, aht, **targets, name="agents")
    most, rows = np.zeros(n.size), np.flatnonzero(n)
    most[rows] = _most_load(n[rows], t.at(rows))
    return most.reshape(shape)[()]


def required_lines(load: ArrayLike, *, blocking: ArrayLike = 0.01) -> Any:
    """Fewest lines or trunks that block at most a share of the calls (Erlang B).

    Parameters
    ----------
    load, blocking : array_like
        Offered load, time in queue included where callers wait on a line [Erl]; highest share of calls
        that find every line busy. [0-1]

    Returns
    -------
    numpy.ndarray or int
        Lines. Zero without load.

    Raises
    ------
    DataError
        NaN, infinite or negative loads; blocking that is not between 0 and 1.

    Examples
    --------
    >>> int(required_lines(10.0, blocking=0.02))
    17
    """
    (a, most), shape = _numbers(load=load, blocking=blocking)
    lines, rows = np.zeros(a.size, dtype=np.int64), np.flatnonzero(a)
    a, most = a[rows], most[rows] * (1.0 + SLACK)
    lines[rows] = least(lambda n, some: blocked(n, a[some]) <= most[some], a * (1.0 - most))
    return lines.reshape(shape)[()]


def _service_level(state: State, definition: str) -> Floats:
    in_time = state.answered - state.late
    if definition == "excluding_short_abandons":
        return np.asarray(in_time / (in_time + state.queued))
    if definition == "answered":
        return np.divide(in_time, state.answered, out=np.zeros_like(in_time), where=state.answered > 0)
    return np.asarray(1.0 - state.queued if definition == "counting_short_abandons" else in_time)


def _asa(state: State) -> Floats:
    endless = np.full_like(state.answered, math.inf)
    return np.divide(state.wait_answered, state.answered, out=endless, where=state.answered > 0)


def _occupancy(state: State, n: Floats, a: Floats) -> Floats:
    busy = np.divide(a * state.answered, n, out=np.sign(a), where=n > 0)
    return np.minimum(busy, 1.0)


class _Targets(NamedTuple):
    """What must hold: for each field a float that all rows share, or an array with one for each row."""

    aht: Any
    answered: Any
    within: Any
    patience: Any
    max_occupancy: Any
    max_abandonment: Any
    max_asa: Any
    definition: str
    names: tuple[str, ...]  # those that can bind

    def at(self, rows: Any) -> _Targets:
        return _Targets._make(field[rows] if isinstance(field, np.ndarray) else field for field in self)


def _margins(n: Floats, a: Floats, t: _Targets) -> Floats:
    """How far each target is met (>= 0) or missed, a row for each: falls with load, rises with agents."""
    state = steady_state(n, a, t.aht, t.patience, t.within)
    margin = {
        "answered": lambda: _service_level(state, t.definition) - t.answered,
        "occupancy": lambda: 1.0 - _occupancy(state, n, a) / t.max_occupancy,
        "abandonment": lambda: 1.0 - state.abandoned / t.max_abandonment,
        "asa": lambda: np.minimum(t.max_asa / _asa(state), 2.0) - 1.0,
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.stack([margin[name]() for name in t.names]) + SLACK


def _tightest(n: Floats, a: Floats, t: _Targets) -> Floats:
    return np.asarray(_margins(n, a, t).min(axis=0))


def _most_load(n: Floats, t: _Targets) -> Floats:
    """Largest load that n > 0 agents carry with every target met; at most n with endless patience. [Erl]"""
    low, above = np.maximum(n - 2.0 * np.sqrt(n), 0.0), np.isfinite(t.patience) * (3.0 * np.sqrt(n) + 3.0)
    at_low, at_high = _tightest(n, low, t), _tightest(n, n + above, t)
    # A limit many times the patience leaves nobody in the queue to count: no load need be too much.
    while np.any(met := (above > 0) & (above < ENDLESS) & (at_high >= 0)):
        above = np.where(met, 4.0 * above, above)
        at_high = _tightest(n, n + above, t)
    less = at_low < 0
    ends = np.where(less, 0.0, low), np.where(less, low, n + above)
    margins = np.where(less, 1.0 - t.answered, at_low), np.where(less, at_low, at_high)
    most = root(lambda a, rows: _tightest(n[rows], a, t.at(rows)), *ends, margins)
    return np.where(above < ENDLESS, most, math.inf)


def _square_root_guess(a: Floats, t: _Targets) -> Floats:
    """Agents by square-root staffing with Erlang C, a + beta sqrt(a) (S. Halfin, W. Whitt, 1981)."""
    beta, slope = np.ones_like(a), np.sqrt(a) * t.within / t.aht
    for _ in range(4):
        mills = math.sqrt(math.pi / 2.0) * erfcx(-beta / math.sqrt(2.0))
        excess = -np.log1p(beta * mills) - slope * beta - np.log1p(-t.answered)
        beta += excess / ((mills * (1.0 + beta**2) + beta) / (1.0 + beta * mills) + slope)
        beta = np.clip(beta, 0.0, 9.0)
    return np.asarray(np.maximum(a + beta * np.sqrt(a), a / t.max_occupancy))


@lru_cache(maxsize=64)
def _table(t: _Targets, size: int) -> tuple[Floats, Rows]:
    """Largest loads that 0, 1, ... size agents carry [Erl], and the agents for each eighth of an erlang."""
    loads = np.append(0.0, _most_load(np.arange(1.0, size + 1.0), t))
    return loads, loads.searchsorted(np.arange(0.0, min(loads[-1], 2.0 * size) + 0.25, 0.125))


def _looked_up(a: Floats, t: _Targets) -> Rows:
    """Agents from the table of shared targets, made larger until it holds the largest load."""
    size, most = 16, a.max(keepdims=True)
    enough = _square_root_guess(most, t)
    while size < enough or _table(t, size)[0][-1] < most:
        size += max(16, size // 8)
    loads, agents_of_eighth = _table(t, size)
    agents = agents_of_eighth[np.minimum(a * 8.0, agents_of_eighth.size - 1.0).astype(np.intp)]
    short = np.flatnonzero(loads[agents] < a)
    agents[short] = loads.searchsorted(a[short])
    return agents


def _required(a: Floats, t: _Targets) -> NDArray[np.int64]:
    """Fewest agents: by a table where enough rows share their targets, else row by row."""
    agents = np.zeros(a.size, dtype=np.int64)
    alone = np.zeros(a.size, dtype=bool)
    for rows, shared in _groups(a.size, t):
        if shared is not None and np.size(a[rows]) > max(a[rows].max(), FEW):
            agents[rows] = _looked_up(a[rows], shared)
        else:
            alone[rows] = a[rows] > 0
    rows = np.flatnonzero(alone)
    loads, each = a[rows], t.at(rows)
    guess = _square_root_guess(loads, each)
    agents[rows] = least(lambda n, i: _tightest(n, loads[i], each.at(i)) >= 0, guess)
    return agents


def _groups(size: int, t: _Targets) -> list[tuple[Any, _Targets | None]]:
    """Rows that share every target, with those targets as floats; all rows and None where few share."""
    varying = [field for field in t if isinstance(field, np.ndarray)]
    if not varying or not size:
        return [(slice(None), t)] if size else []
    member = np.zeros(size, dtype=np.intp)
    for field in varying:
        values, code = np.unique(field, return_inverse=True)
        member = np.unique(member * values.size + code, return_inverse=True)[1]
    if member.max() * 8 > size:
        return [(slice(None), None)]
    groups = np.split(np.argsort(member, kind="stable"), np.cumsum(np.bincount(member))[:-1])
    return [
        (rows, _Targets._make(float(f[rows[0]]) if isinstance(f, np.ndarray) else f for f in t))
        for rows in groups
    ]


_LIMITS: dict[str, tuple[Callable[[Floats], Any], str]] = {
    "agents": (lambda v: (v >= 0) & (v < math.inf), "give the people on the queue; 0 where there are none"),
    "load": (
        lambda v: (v >= 0) & (v < math.inf),
        "give calls per second x handle time; 0 where no calls come",
    ),
    "aht": (lambda v: (v > 0) & (v < math.inf), "give the average handle time in seconds, above 0"),
    "within": (lambda v: (v >= 0) & (v < math.inf), "give the acceptable wait in seconds, 0 or more"),
    "patience": (lambda v: v > 0, "give seconds above 0; math.inf where nobody hangs up"),
    "answered": (lambda v: (v > 0) & (v < 1), "write 80 % as 0.80; 100 % cannot be promised, 0.99 can"),
    "max_occupancy": (lambda v: (v > 0) & (v <= 1), "write 85 % as 0.85; 1.0 is no limit"),
    "max_abandonment": (lambda v: (v > 0) & (v <= 1), "write 5 % as 0.05; None is no limit"),
    "max_asa": (lambda v: v > 0, "give seconds above 0; None is no limit"),
    "blocking": (lambda v: (v > 0) & (v < 1), "write 1 % as 0.01; no number of lines blocks nobody for sure"),
}


def _arrays(values: dict[str, Any], problems: list[Problem]) -> tuple[list[Floats], tuple[int, ...]]:
    """The values as arrays within their limits, and the shape to which they broadcast."""
    arrays = []
    for name, value in values.items():
        allowed, remedy = _LIMITS[name]
        try:
            arrays.append(np.asarray(value, dtype=np.float64))
        except (TypeError, ValueError):
            problems.append(Problem(f"{name} is not a number", remedy, column=name))
            continue
        ends = arrays[-1].min(initial=math.inf), arrays[-1].max(initial=-math.inf)
        if arrays[-1].size and not np.all(allowed(np.array(ends))):
            wrong = arrays[-1][~allowed(arrays[-1])]
            times = f" ({wrong.size} times)" if wrong.size > 1 else ""
            problems.append(Problem(f"{name} must not be {wrong[0]:g}{times}", remedy, column=name))
    shape: tuple[int, ...] = ()
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        sizes = ", ".join(f"{name} {np.shape(value)}" for name, value in values.items())
        problems.append(
            Problem(f"these shapes do not fit together: {sizes}", "give one value, or one for each row")
        )
    _refuse(problems)
    return arrays, shape


def _numbers(**values: Any) -> tuple[list[Floats], tuple[int, ...]]:
    """Checked values, flat and of one size, with the shape to give back."""
    arrays, shape = _arrays(values, [])
    return [np.broadcast_to(array, shape).ravel() for array in arrays], shape


def _targets(
    first: ArrayLike,
    aht: ArrayLike,
    answered: ArrayLike = 0.80,
    within: ArrayLike = 20.0,
    patience: ArrayLike = math.inf,
    max_occupancy: ArrayLike = 1.0,
    max_abandonment: ArrayLike | None = None,
    max_asa: ArrayLike | None = None,
    definition: str = "offered",
    name: str = "load",
) -> tuple[Floats, _Targets, tuple[int, ...]]:
    """Checked loads or agents, flat, with their targets; a target given once stays a float."""
    values: dict[str, Any] = {name: first, "aht": aht, "answered": answered, "within": within}
    values |= {"patience": patience, "max_occupancy": max_occupancy}
    values["max_abandonment"] = 1.0 if max_abandonment is None else max_abandonment
    values["max_asa"] = math.inf if max_asa is None else max_asa
    (flat, *rest), shape = _arrays(values, _definition_problems(definition, TARGET_DEFINITIONS))
    fields = [float(v.flat[0]) if v.size == 1 else np.broadcast_to(v, shape).ravel() for v in rest]
    capped = {
        "occupancy": np.any(rest[4] < 1),
        "abandonment": np.any(rest[5] < 1),
        "asa": np.any(rest[6] < math.inf),
    }
    names = ("answered", *(key for key, cap in capped.items() if cap))
    return np.broadcast_to(flat, shape).ravel(), _Targets._make([*fields, definition, names]), shape


def _definition_problems(definition: str, allowed: tuple[str, ...]) -> list[Problem]:
    if definition in allowed:
        return []
    why = "improves as the centre collapses: no target may use it"
    problem = f"the definition {definition!r} {why if definition in DEFINITIONS else 'is not known'}"
    return [Problem(problem, f"use {' or '.join(allowed)}", column="definition")]


def _any_aht(aht: ArrayLike | None, patience: ArrayLike, within: ArrayLike = 0.0) -> ArrayLike:
    """The handle time, or any where the answer does not depend on it."""
    if aht is None and (np.any(np.isfinite(patience)) or np.any(np.asarray(within) != 0)):
        _refuse([Problem("the average handle time is missing", _LIMITS["aht"][1], column="aht")])
    return 1.0 if aht is None else aht


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DataError(problems)
