"""Callers who hang up and call again: the load as a fixed point."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from staffing import erlang
from staffing.errors import DataError, Problem


def total_load(
    load: ArrayLike, agents: ArrayLike, *, aht: ArrayLike, patience: ArrayLike, redial: ArrayLike
) -> np.ndarray:
    r"""Load with the repeated calls of those who hung up.

    .. math:: L = f / (1 - r \, P_{ab}(n, L))

    with f the load of first attempts and r the share of those who hang up that call again [1]_. Iterated on
    the load, which converges; iterated on the number of agents it may flip between two for ever.

    Parameters
    ----------
    load : array_like
        Of first attempts. [Erl]
    agents : array_like
        On the queue.
    aht, patience : array_like
        Handle time; mean time to abandonment. [s]
    redial : array_like
        Share of those who hang up that call again. [0-1]

    Returns
    -------
    numpy.ndarray
        Load of all attempts. [Erl]

    Raises
    ------
    DataError
        A share of redials that is not in [0, 1).

    References
    ----------
    .. [1] M. S. Aguir, F. Karaesmen, O. Z. Akşin, F. Chauvet, "The impact of retrials on call center
       performance", OR Spectrum 26, 2004.

    Examples
    --------
    >>> round(float(total_load(50.0, 46, aht=240, patience=120, redial=0.5)), 2)
    54.76
    """
    again = np.asarray(redial, dtype=float)
    if not ((again >= 0) & (again < 1)).all():
        remedy = "give the share that calls again, below 1"
        raise DataError([Problem(f"redial must not be {again.flat[0]:g}", remedy, column="redial")])
    first, n, h, p, r = np.broadcast_arrays(load, agents, aht, patience, again)
    total = np.array(first, dtype=float)
    low, high = total.copy(), total / (1.0 - r)
    rows = np.flatnonzero(total.ravel() > 0)
    flat = [np.ravel(part) for part in (first, n, h, p, r, total, low, high)]
    first, n, h, p, r, total, low, high = flat
    while len(rows):
        lost = erlang.abandonment(n[rows], total[rows], aht=h[rows], patience=p[rows])
        found = first[rows] / (1.0 - r[rows] * lost)
        # The map rises with the load, so the fixed point lies on the side to which it moves.
        up = found >= total[rows]
        low[rows[up]], high[rows[~up]] = found[up], found[~up]
        step = np.clip(found, low[rows], high[rows])
        moved = np.abs(step - total[rows]) > 1e-12 * step
        total[rows] = step
        rows = rows[moved]
    return total.reshape(np.broadcast_shapes(np.shape(load), np.shape(agents), again.shape))


def first_attempts(offered: ArrayLike, abandoned: ArrayLike, *, redial: ArrayLike) -> np.ndarray:
    """Contacts without the repeated calls: a history counts every attempt, a forecast of it would twice.

    Parameters
    ----------
    offered, abandoned : array_like
        Attempts, and those of them that hung up. [contacts]
    redial : array_like
        Share of those who hang up that call again. [0-1]

    Returns
    -------
    numpy.ndarray
        First attempts, those of the interval's own callers. [contacts]

    Examples
    --------
    >>> float(first_attempts(120.0, 20.0, redial=0.5))
    110.0
    """
    return np.asarray(offered, dtype=float) - np.asarray(redial) * np.asarray(abandoned, dtype=float)
