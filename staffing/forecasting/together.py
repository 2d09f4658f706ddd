r"""Queues whose days go up and down together: possible futures of several queues, told as one.

Each queue's paths are drawn alone, so that its bands do not hang on which others stand beside it. Here they
are put in an order in which the days of queues that erred together in the past err together: no number
changes, only which of a queue's possible days share a path with which of another's.

On normal scores :math:`S_q` of a queue's day totals, with correlation :math:`R_q = L_q L_q^T` between its
days, and the correlation of the queues' past errors :math:`C = B B^T`,

.. math:: S'_q = L_q \sum_r B_{qr} L_r^{-1} S_r ,

and each day's possible courses are sorted like :math:`S'_q`, as Iman and Conover (1982) do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

Array = np.ndarray

_CLIP = 3.0  # an error further out in standard deviations says no more about other queues
_TRUST_PAIR, _TRUST_ALL = 40.0, 10.0  # days in common at which a pair's, all pairs' mean is half believed
_FEWEST = 5  # days in common before a pair is looked at
_RIDGE = 0.02  # of the days' own correlation, which few paths know badly


def correlation(errors: Sequence[pd.Series | None]) -> Array:
    """How the queues' days erred together.

    Parameters
    ----------
    errors : sequence of pandas.Series or None
        One a queue: errors of past forecasts of its days over their standard deviation, by date.

    Returns
    -------
    numpy.ndarray
        Correlation about zero. What all pairs have in common is believed sooner than what is a pair's own:
        each is shrunk towards their mean, and that towards none, or to none where it is negative.

    Examples
    --------
    >>> days = pd.date_range("2026-11-02", periods=40)
    >>> wave = pd.Series(np.tile([1.0, -1.0], 20), index=days)
    >>> correlation([wave, wave, None]).round(2).tolist()
    [[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    known = {k: one for k, one in enumerate(errors) if one is not None and len(one)}
    out = np.eye(len(errors))
    if len(known) < 2:
        return out
    table = pd.DataFrame(known).clip(-_CLIP, _CLIP)
    there = table.notna().to_numpy(dtype=float)
    error = table.fillna(0.0).to_numpy()
    both = there.T @ there
    size = np.sqrt((error**2).T @ there)
    alike = np.divide(error.T @ error, size * size.T, out=np.zeros_like(both), where=size * size.T > 0)
    pair = (both >= _FEWEST) & ~np.eye(len(both), dtype=bool)
    if not pair.any():
        return out
    days = float(both[pair].mean())
    common = max(float(alike[pair].mean()), 0.0) * days / (days + _TRUST_ALL)
    trust = both / (both + _TRUST_PAIR)
    alike = np.where(pair, trust * alike + (1.0 - trust) * common, 0.0)
    np.fill_diagonal(alike, 1.0)
    if both.min() < both.max():
        # Of pairs seen on different days the whole may contradict itself.
        values, vectors = np.linalg.eigh(alike)
        alike = (vectors * np.maximum(values, 1e-6)) @ vectors.T
        alike /= np.sqrt(np.outer(np.diag(alike), np.diag(alike)))
    places = np.array(list(known))
    out[np.ix_(places, places)] = alike
    return out


def align(dates: Sequence[pd.DatetimeIndex], paths: Sequence[Array], alike: Array) -> list[Array]:
    """The same paths, each day's courses in an order in which the queues' days go together.

    Parameters
    ----------
    dates : sequence of pandas.DatetimeIndex
        One a queue: the day of each interval.
    paths : sequence of numpy.ndarray
        (intervals, n) of each queue.
    alike : numpy.ndarray
        Correlation of the queues' days, as `correlation` gives it.

    Returns
    -------
    list of numpy.ndarray
        Of each interval the same numbers as before. A queue correlated with none stays as it is.
    """
    apart = (alike == np.eye(len(alike))).all(axis=1)
    if apart.all() or paths[0].shape[1] < 2:
        return list(paths)
    scores: dict[int, Array] = {}
    roots: dict[int, Array] = {}
    own: dict[int, pd.DatetimeIndex] = {}
    fresh: dict[int, Array] = {}
    for q in np.flatnonzero(~apart).tolist():
        own[q], row = _days(dates[q])
        totals = np.zeros((len(own[q]), paths[q].shape[1]))
        np.add.at(totals, row, paths[q])
        scores[q] = _normal(totals)
        between = scores[q] @ scores[q].T / np.maximum((scores[q][:1] ** 2).sum(), 1e-300)
        between = (1.0 - _RIDGE) * between + _RIDGE * np.eye(len(between))
        roots[q] = np.linalg.cholesky(between)
        fresh[q] = np.linalg.solve(roots[q], scores[q])
    moved = {q: one.copy() for q, one in fresh.items()}
    for date in pd.DatetimeIndex(np.unique(np.concatenate([days.to_numpy() for days in own.values()]))):
        open_then = [q for q in own if date in own[q]]
        place = {q: own[q].get_loc(date) for q in open_then}
        mix = np.linalg.cholesky(alike[np.ix_(open_then, open_then)])
        mixed = mix @ np.array([fresh[q][place[q]] for q in open_then])
        for q, values in zip(open_then, mixed, strict=True):
            moved[q][place[q]] = values
    out = list(paths)
    for q, values in moved.items():
        wanted = roots[q] @ values
        out[q] = _reordered(paths[q], _days(dates[q])[1], scores[q], wanted)
    return out


def _days(dates: pd.DatetimeIndex) -> tuple[pd.DatetimeIndex, Array]:
    every = dates.unique()
    return every, every.get_indexer(dates)


def _ranks(table: Array) -> Array:
    order = np.argsort(table, axis=1, kind="stable")
    out = np.empty_like(order)
    np.put_along_axis(out, order, np.arange(table.shape[1])[None], axis=1)
    return out


def _normal(table: Array) -> Array:
    """Normal scores of the ranks of each row."""
    scores: Array = ndtri((_ranks(table) + 0.5) / table.shape[1])
    return scores


def _reordered(paths: Array, row: Array, scores: Array, wanted: Array) -> Array:
    """Each day's courses, ranked as the wanted scores are."""
    held = np.argsort(scores, axis=1, kind="stable")
    picked = np.take_along_axis(held, _ranks(wanted), axis=1)
    return np.take_along_axis(paths, picked[row], axis=1)
