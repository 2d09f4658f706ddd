"""The mathematics under Erlang B, C and A: the laws of the queue, two integrals, two searches, a hull.

Flat float arrays of one size in and out, nothing checked; `staffing.erlang` is the door. Sums are of positive
terms, and differences are taken before they are magnified: that keeps the digits at 20,000 agents.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gamma, gammaincc

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

# ln Gamma(n + 1) = (n + 1/2) ln n - n + ln(2 pi) / 2 + polynomial in n^-2 / n
STIRLING = [-691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12]
DROP = [(-1.0) ** k / math.factorial(k + 2) for k in range(12)]
GAUSS = {count: np.polynomial.legendre.leggauss(count) for count in (48, 64)}
# Rows of the quadrature at a time: 64 x 240 float64 stay in the cache and below malloc's mmap threshold.
FEW = 240
# exp(-NEGLIGIBLE) is below half an ulp of one.
NEGLIGIBLE = 37.5


class State(NamedTuple):
    """What happens to a call that arrives in the steady state."""

    answered: Floats  # P(answered) [0-1]
    abandoned: Floats  # P(hangs up) [0-1]
    wait: Floats  # E[wait] [s]
    wait_answered: Floats  # E[wait; answered] [s]
    late: Floats  # P(answered, after the limit) [0-1]
    queued: Floats  # P(wait > the limit) [0-1]


def steady_state(n: Floats, a: Floats, aht: Any, patience: Any, within: Any = 0.0) -> State:
    """Erlang C where patience is infinite, Erlang A elsewhere, row by row.

    Parameters
    ----------
    n, a : numpy.ndarray
        Agents; offered load. [Erl]
    aht, patience, within : numpy.ndarray or float
        Average handle time; mean time to abandonment; the limit. [s]

    Returns
    -------
    State
        Without load every call is answered at once; without agents, none in Erlang A, and after an
        endless wait in Erlang C.
    """
    with np.errstate(all="ignore"):
        endless = np.isinf(patience)
        if np.all(endless):
            return _erlang_c(n, a, aht, within)
        state = _erlang_a(n, a, aht, np.where(endless, aht, patience), within)
        if np.any(endless):
            pairs = zip(_erlang_c(n, a, aht, within), state, strict=True)
            state = State(*(np.where(endless, c, finite) for c, finite in pairs))
        return state


def _erlang_c(n: Floats, a: Floats, aht: Any, within: Any) -> State:
    """M/M/n: the wait of those who wait is exponential with rate (n - a) / aht; endless where a >= n."""
    spare = np.maximum(n - a, 0.0)
    waiting = 1.0 / (1.0 + _idle_odds(n, a, np.where(spare > 0, n / spare, math.inf)))
    wait = np.where(waiting > 0, waiting * aht / spare, 0.0)
    late = waiting * np.exp(-spare * within / aht)
    return State(np.ones_like(n), np.zeros_like(n), wait, wait, late, late)


def _erlang_a(n: Floats, a: Floats, aht: Any, patience: Any, within: Any) -> State:
    """M/M/n+M: each chance is a ratio of integrals of the offered wait's law, see `wait_integrals`."""
    n, a, aht, patience, within = np.broadcast_arrays(n, a, aht, patience, within)
    ratio = patience / aht
    x, y = n * ratio, a * ratio
    edge, kept, lost, held = wait_integrals(n, a, ratio)
    palm = edge + y * kept
    idle = _idle_odds(n, a, palm / edge)
    waiting = 1.0 / (1.0 + idle)
    abandoned = waiting * (kept + y * lost) / palm
    after = kept
    if np.any(within > 0):
        edge, after = wait_integrals(n, a, ratio, within / patience)
    return State(
        1.0 / (1.0 + 1.0 / idle) + waiting * x * kept / palm,
        abandoned,
        patience * abandoned,
        patience * waiting * x * held / palm,
        waiting * x * after / palm,
        waiting * np.exp(-within / patience) * (edge + y * after) / palm,
    )


def _idle_odds(n: Floats, a: Floats, palm: Floats) -> Floats:
    """P(no wait) / P(wait) = (1/B - 1) / A, with A, Palm's sum over the queue: n / (n - a) in Erlang C."""
    return np.where(a > 0, (_inverse_blocking(n, a) - 1.0) / palm, math.inf)


def blocked(n: Floats, a: Floats) -> Floats:
    """Erlang B.

    Parameters
    ----------
    n, a : numpy.ndarray
        Lines or agents; offered load. [Erl]

    Returns
    -------
    numpy.ndarray
        [0-1]  One without lines, zero without load.
    """
    with np.errstate(all="ignore"):
        return np.where(a > 0, 1.0 / _inverse_blocking(n, a), n == 0)


def _inverse_blocking(n: Floats, a: Floats) -> Floats:
    r"""1 / B(n, a) for real n >= 0 and a > 0, infinite beyond float64.

    .. math:: 1 / B = a \int_0^\infty e^{-a u} (1 + u)^n \, du = \Gamma(n + 1, a) \, e^a a^{-n}

    From n = 10 on as Q(n + 1, a) / pmf(n; a) with the saddle-point form of the Poisson pmf [1]_; where a
    is so far above n that this would be 0 / 0, by Legendre's continued fraction [2]_.

    Parameters
    ----------
    n, a : numpy.ndarray
        Agents; offered load. [Erl]

    Returns
    -------
    numpy.ndarray
        Relative error below 1e-13, and 3e-13 where B is near the end of float64.

    References
    ----------
    .. [1] C. Loader, "Fast and accurate computation of binomial probabilities", 2000.
    .. [2] NIST Digital Library of Mathematical Functions, 8.9.2.
    """
    inverse = np.empty_like(n)
    flooded = a > n + 10.0 * np.sqrt(n) + 20.0
    large = (n >= 10.0) & ~flooded
    m, b = n[large], a[large]
    fall = m * _drop(-np.log1p((b - m) / m)) + np.polyval(STIRLING, m**-2) / m
    inverse[large] = gammaincc(m + 1.0, b) * np.sqrt(2.0 * np.pi * m) * np.exp(fall)
    small = ~large & ~flooded
    m, b = n[small], a[small]
    inverse[small] = gammaincc(m + 1.0, b) * gamma(m + 1.0) * np.exp(b) * b**-m
    if flooded.any():
        m, b = n[flooded], a[flooded]
        tail = b - m + 80.0
        for k in range(40, 0, -1):
            tail = b - m + 2.0 * (k - 1) + k * (m - k + 1.0) / tail
        inverse[flooded] = b / tail
    inverse[n == 0] = 1.0
    return inverse


def wait_integrals(n: Floats, a: Floats, ratio: Floats, start: Floats | None = None) -> tuple[Floats, ...]:
    r"""Integrals of the offered wait's law in M/M/n+M, from a wait on.

    In units of patience, with x = n ratio, y = a ratio and :math:`E(v) = y (1 - e^{-v}) - x v`, the wait v
    of an endlessly patient caller who must wait has a density proportional to :math:`e^{E(v)}` [1]_.

    Parameters
    ----------
    n, a : numpy.ndarray
        Agents; offered load. [Erl]
    ratio : numpy.ndarray
        Patience / average handle time.
    start : numpy.ndarray, optional
        The wait s / patience from which the integrals run; without it from zero, and all four.

    Returns
    -------
    edge, kept, lost, held : numpy.ndarray
        :math:`e^{E(s)}` and the integrals over v >= s of :math:`e^{-v} e^E` (answered), and from zero those
        of :math:`(1 - e^{-v}) e^{-v} e^E` and :math:`v e^{-v} e^E`; all in a unit that (n, a, ratio) alone
        set. By parts, :math:`x \int e^E` = edge + y kept and :math:`x \int (1 - e^{-v}) e^E` = kept + y lost.

    Notes
    -----
    The integrands are log-concave. With a level of at least 8 in the place of x, 64 Gauss-Legendre nodes
    (from 30 on 48) over the part that counts give 1e-13; by parts from there down to x.

    References
    ----------
    .. [1] A. Mandelbaum, S. Zeltyn, "The Palm/Erlang-A queue, with applications to call centers", 2005.
    """
    if n.size > FEW:
        columns = (n, a, ratio) if start is None else (n, a, ratio, start)
        few = zip(*(np.split(column, range(FEW, n.size, FEW)) for column in columns), strict=True)
        parts = [wait_integrals(*some) for some in few]
        return tuple(np.concatenate(pieces) for pieces in zip(*parts, strict=True))
    x, y, since = n * ratio, a * ratio, 0.0 if start is None else start
    shift = np.maximum(np.ceil(7.0 - x), 0.0)
    level, over = x + 1.0 + shift, (a - n) * ratio - 1.0 - shift
    peak = np.log1p(np.maximum(over, 0.0) / level)
    # q beyond the peak, or beyond zero if it falls from there on, E is slope q + curve (q - 1 + e^-q) lower.
    curve, slope = np.minimum(y, level), np.maximum(-over, 0.0)
    fall = slope * (since - peak) + curve * _drop(since - peak)
    nodes, weights = GAUSS[48 if level.min(initial=math.inf) > 30.0 else 64]
    q, height, half = _integrand(nodes[:, None], curve, slope, since - peak)
    kept = half * np.exp(-np.where(since > peak, fall, 0.0)) * (weights @ height)
    steps = range(int(shift.max(initial=0.0)), 0, -1)
    if start is not None:
        for k in steps:
            edge = np.exp((shift - k + 1.0) * start - fall)
            kept = np.where(shift >= k, (edge + y * kept) / (x + k), kept)
        return np.exp((shift + 1.0) * start - fall), kept
    q += peak
    edge, held = np.exp(-fall), half * (weights @ (height * q))
    lost = -half * (weights @ (height * np.expm1(-q)))
    for k in steps:
        down, above = shift >= k, kept
        kept = np.where(down, (edge + y * kept) / (x + k), kept)
        lost = np.where(down, (above + y * lost) / (x + k), lost)
        held = np.where(down, (kept + y * held) / (x + k), held)
    return edge, kept, lost, held


def _integrand(nodes: Floats, curve: Floats, slope: Floats, start: Floats) -> tuple[Floats, Floats, Floats]:
    """Nodes q and the integrand from ``start`` (< 0: left of the peak) to where it ends; half that width."""
    first = np.maximum(start, 0.0)
    tilt, bend = slope - curve * np.expm1(-first), curve * np.exp(-first)
    # The fall is at least tilt q + bend q^2 / (2 + q) to the right, and at least bend q^2 / 2 to the left.
    lead = 2.0 * tilt - NEGLIGIBLE
    swing = np.sqrt(lead * lead + 8.0 * NEGLIGIBLE * (tilt + bend))
    right = np.where(lead > 0, 4.0 * NEGLIGIBLE / (lead + swing), (swing - lead) / (2.0 * (tilt + bend)))
    left = np.minimum(np.maximum(-start, 0.0), np.sqrt(2.0 * NEGLIGIBLE / bend))
    half = (right + left) / 2.0
    q = nodes * half + (right - left) / 2.0
    # Cancellation costs bend x q ulp: the series is worth its time only for the largest.
    drop = np.expm1(-q) + q if np.all(bend < 3e3) else _drop(q)
    return q, np.exp(-tilt * q - bend * drop), half


def _drop(q: Floats) -> Floats:
    """q - 1 + exp(-q), by its series near zero, where the terms cancel."""
    series = np.full_like(q, DROP[-1])
    for factor in DROP[-2::-1]:
        series *= q
        series += factor
    return np.where(np.abs(q) < 0.25, q * q * series, np.expm1(-q) + q)


def root(
    margin: Callable[[Floats, Rows], Floats],
    met: Floats,
    missed: Floats,
    margins: tuple[Floats, Floats] | None = None,
) -> Floats:
    """The last point from ``met`` towards ``missed`` with a margin >= 0, to a few ulp [1]_.

    Parameters
    ----------
    margin : callable
        ``margin(points, rows)``; rows that have been found are not asked again.
    met, missed : numpy.ndarray
        For each row a point with margin >= 0, and one with margin < 0.
    margins : tuple of numpy.ndarray, optional
        The margins there, where they are known.

    Returns
    -------
    numpy.ndarray
        Points with margin >= 0.

    References
    ----------
    .. [1] T. R. Chandrupatla, "A new hybrid quadratic/bisection algorithm", Adv. Eng. Software 28(3), 1997.
    """
    found, rows = np.empty_like(met), np.arange(met.size)
    fb, fa = margins or (margin(met, rows), margin(missed, rows))
    a, b, step = missed, met, np.full_like(met, 0.5)
    while rows.size:
        x = a + step * (b - a)
        fx = margin(x, rows)
        same = (fx >= 0) == (fa >= 0)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        found[rows] = np.where(fa >= 0, a, b)
        least = 4.0 * np.finfo(float).eps * np.maximum(np.abs(a), np.abs(b))
        going = np.abs(b - a) > least
        if not going.all():
            rows = rows[going]
            a, b, c, fa, fb, fc, least = (column[going] for column in (a, b, c, fa, fb, fc, least))
        with np.errstate(all="ignore"):
            xi, phi, guard = (a - b) / (c - b), (fa - fb) / (fc - fb), 0.5 * least / np.abs(b - a)
            step = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
            step = np.where((phi**2 < xi) & ((1.0 - phi) ** 2 < 1.0 - xi), step, 0.5)
        step = np.clip(step, guard, 1.0 - guard)
    return found


def least(met: Callable[[Floats, Rows], Any], guess: Floats) -> Floats:
    """Smallest whole number above zero that suffices: doubling steps from a guess, then halving.

    Parameters
    ----------
    met : callable
        ``met(numbers, rows)`` -> bool for each; once true, true for all larger numbers.
    guess : numpy.ndarray
        Where to begin; one short of the answer or the answer itself takes two questions.

    Returns
    -------
    numpy.ndarray
        Whole numbers.
    """
    probe = np.maximum(np.ceil(guess), 1.0)
    low, high = np.zeros_like(probe), np.full_like(probe, math.inf)
    rows, stride = np.arange(probe.size), 1.0
    while rows.size:
        enough = met(probe[rows], rows)
        high[rows[enough]] = probe[rows[enough]]
        low[rows[~enough]] = probe[rows[~enough]]
        rows = rows[high[rows] - low[rows] > 1.0]
        bottom, top = low[rows], high[rows]
        down = np.where((bottom == 0) & (stride < top), top - stride, np.floor((bottom + top) / 2.0))
        probe[rows] = np.where(np.isinf(top), bottom + stride, down)
        stride *= 2.0
    return high


def concave(agents: Floats, gained: Floats) -> list[int]:
    """Places of the corners of the smallest concave curve above what each number of agents gains.

    Examples
    --------
    >>> concave(np.array([0.0, 1.0, 2.0, 4.0]), np.array([0.0, 1.0, 5.0, 6.0]))
    [0, 2, 3]
    """
    corners = [0]
    for k in range(1, len(agents)):
        while len(corners) > 1:
            a, b = corners[-2], corners[-1]
            if (gained[b] - gained[a]) * (agents[k] - agents[b]) > (gained[k] - gained[b]) * (
                agents[b] - agents[a]
            ):
                break
            corners.pop()
        corners.append(k)
    return corners
