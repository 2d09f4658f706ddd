"""What may come in place of the mean: whole possible weeks, or the quantiles of each interval."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from scipy.special import ndtri

from staffing.errors import DataError, Problem
from staffing.tables import FORECAST

Floats = np.ndarray

QUANTILE = FORECAST.optional_counts
# Gauss-Hermite nodes between and beyond the quantiles of a forecast.
NODES = 24


def possible(rows: pd.DataFrame, paths: pd.DataFrame | None) -> tuple[Floats, Floats] | None:
    """Possible volumes of each row and how likely each is; None where the forecast carries no spread.

    Parameters
    ----------
    rows : pandas.DataFrame
        FORECAST of one queue, in time order.
    paths : pandas.DataFrame, optional
        PATHS with these intervals; they come before the quantiles of the forecast.

    Returns
    -------
    numpy.ndarray
        Volumes, of shape (intervals, possibilities). [contacts]
    numpy.ndarray
        Their probabilities, of shape (possibilities,). [0-1]

    Raises
    ------
    DataError
        An interval that the paths do not hold, or for which a quantile is missing.
    """
    if paths is not None:
        return _from_paths(rows, paths)
    columns = {float(name[8:]) / 100.0: name for name in rows.columns if re.fullmatch(QUANTILE, name)}
    # Beside other queues that have quantiles, a queue without any has empty ones.
    levels = sorted(q for q, name in columns.items() if 0 < q < 1 and rows[name].notna().any())
    if len(levels) < 2:
        return None
    _complete(rows, [columns[q] for q in levels])
    known = np.sort(rows[[columns[q] for q in levels]].to_numpy(dtype=float), axis=1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return _through_quantiles(known, ndtri(levels), nodes), weights / weights.sum()


def _complete(rows: pd.DataFrame, names: list[str]) -> None:
    problems = []
    for name in names:
        gaps = rows.loc[rows[name].isna(), "interval"]
        if len(gaps):
            what = (
                f"{rows['queue'].iloc[0]!r} has no {name} in {len(gaps)} intervals, the first {gaps.iloc[0]}"
            )
            remedy = "give it in every interval of the queue, or in none"
            problems.append(Problem(what, remedy, "FORECAST", None, name))
    if problems:
        raise DataError(problems)


def _from_paths(rows: pd.DataFrame, paths: pd.DataFrame) -> tuple[Floats, Floats]:
    names = [name for name in paths.columns if name.startswith("path_")]
    of_queue = paths[paths["queue"] == rows["queue"].iloc[0]]
    place = pd.Index(of_queue["interval"]).get_indexer(pd.Index(rows["interval"]))
    if (place < 0).any():
        name, missing, first = (
            rows["queue"].iloc[0],
            int((place < 0).sum()),
            rows["interval"][place < 0].min(),
        )
        what = f"the paths of {name!r} lack {missing} intervals, the first {first}"
        raise DataError([Problem(what, "draw the paths for the same days as the forecast", "PATHS")])
    volumes = of_queue[names].to_numpy(dtype=float)[place]
    return volumes, np.full(len(names), 1.0 / len(names))


def _through_quantiles(known: Floats, scores: Floats, nodes: Floats) -> Floats:
    """Volumes at normal scores: straight between the quantiles, and on beyond the outermost."""
    piece = np.clip(np.searchsorted(scores, nodes) - 1, 0, len(scores) - 2)
    share = (nodes - scores[piece]) / np.diff(scores)[piece]
    return np.maximum(known[:, piece] + share * (known[:, piece + 1] - known[:, piece]), 0.0)


def condensed(load: Floats, weight: Floats, groups: int) -> tuple[Floats, Floats]:
    """The same spread of loads in fewer points: groups of neighbours, each as its mean -+ its deviation.

    Parameters
    ----------
    load : numpy.ndarray
        Of shape (intervals, possibilities). [Erl]
    weight : numpy.ndarray
        Share of the contacts that meets each load, of the same shape; a row adds up to one. [0-1]
    groups : int
        How many.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        Loads and weights, 2 x ``groups`` in a row; as given where there are no more.
    """
    if load.shape[1] <= 2 * groups:
        return load, weight
    order = np.argsort(load, axis=1, kind="stable")
    ordered, parts = np.take_along_axis(load, order, axis=1), np.take_along_axis(weight, order, axis=1)
    cuts = np.linspace(0, load.shape[1], groups + 1).astype(int)[:-1]
    mass = np.add.reduceat(parts, cuts, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nan_to_num(np.add.reduceat(parts * ordered, cuts, axis=1) / mass)
        square = np.nan_to_num(np.add.reduceat(parts * ordered**2, cuts, axis=1) / mass)
    away = np.sqrt(np.maximum(square - mean**2, 0.0))
    both = np.concatenate([mean - away, mean + away], axis=1)
    return np.maximum(both, 0.0), np.concatenate([mass, mass], axis=1) / 2.0


def share_below(load: Floats, probability: Floats, most: Floats) -> Floats:
    """Probability that the load of each row stays within what is given. [0-1]

    Parameters
    ----------
    load : numpy.ndarray
        Of shape (intervals, possibilities). [Erl]
    probability : numpy.ndarray
        Of shape (possibilities,). [0-1]
    most : numpy.ndarray
        Highest load allowed in each row. [Erl]
    """
    found = np.empty(len(load))
    for row, (loads, limit) in enumerate(zip(load, most, strict=True)):
        order = np.argsort(loads, kind="stable")
        weights = probability[order]
        middle = np.cumsum(weights) - weights / 2.0
        found[row] = np.interp(limit * (1.0 + 1e-12), loads[order], middle, left=0.0, right=1.0)
    return found


def expected_volumes(table: pd.DataFrame) -> pd.DataFrame:
    r"""Possible volumes without the chance that Erlang's formulas add themselves.

    A path holds contacts as they may really come, chance included; Erlang's formulas take an expected volume
    and add the chance of its calls. Where both are at work a quiet interval gets an agent too many: of a
    spread with variance v around a mean m, only v - m is a spread of the expected volume (the count is mixed
    Poisson [1]_):

    .. math:: V' = m + (V - m) \sqrt{\max(0, 1 - m / v)}

    Parameters
    ----------
    table : pandas.DataFrame
        PATHS, or a FORECAST with quantile columns (``volume_p10`` and so on).

    Returns
    -------
    pandas.DataFrame
        The same table, its paths or quantiles drawn in towards the mean (the middle, of quantiles).

    References
    ----------
    .. [1] G. Jongbloed, G. Koole, "Managing uncertainty in call centres using Poisson mixtures", Applied
       Stochastic Models in Business and Industry 17, 2001.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=1, freq="30min", tz="Asia/Seoul")
    >>> paths = pd.DataFrame({"queue": "calls", "interval": times, "path_000": [80.0], "path_001": [120.0]})
    >>> expected_volumes(paths)[["path_000", "path_001"]].round(1).values.tolist()
    [[82.7, 117.3]]
    """
    names = [name for name in table.columns if re.fullmatch(r"path_\d+", name)]
    out = table.copy()
    if names:
        values = table[names].to_numpy(dtype=float)
        mean, variance = values.mean(axis=1), values.var(axis=1)
    else:
        names = sorted(name for name in table.columns if re.fullmatch(QUANTILE, name))
        found = possible(table, None)
        if found is None:
            return out
        values = table[names].to_numpy(dtype=float)
        mean = found[0] @ found[1]
        variance = (found[0] - mean[:, None]) ** 2 @ found[1]
    kept = np.sqrt(np.maximum(1.0 - np.divide(mean, variance, out=np.ones_like(mean), where=variance > 0), 0))
    out[names] = mean[:, None] + (values - mean[:, None]) * kept[:, None]
    return out
