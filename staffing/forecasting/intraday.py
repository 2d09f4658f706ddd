"""The rest of a day, given its beginning."""

from __future__ import annotations

import numpy as np

Array = np.ndarray

_FADING, _BURST = 0.8, 3.0  # of the rest of a day: see `condition`


def condition(paths: Array, seen: Array, came: Array) -> Array:
    """Possible rests of a day, given its beginning: each path moved by what its seen part missed.

    Gaussian conditioning on the square-root scale. The covariance is that of the paths, its part beyond the
    shared level of the day blended with one that only fades with the distance in time.

    Parameters
    ----------
    paths : numpy.ndarray
        (slots, n): possible days.
    seen : numpy.ndarray of bool
        (slots,): which slots are over.
    came : numpy.ndarray
        Counts of those.

    Returns
    -------
    numpy.ndarray
        (slots not seen, n).

    Examples
    --------
    >>> level = np.random.default_rng(1).normal(20.0, 2.0, 400)
    >>> days = np.tile(level**2, (4, 1))
    >>> rest = condition(days, np.array([True, True, False, False]), np.array([529.0, 529.0]))
    >>> bool(rest.mean() > 500)
    True
    """
    root = np.sqrt(paths + 0.25)
    mean = root.mean(axis=1)
    away = root - mean[:, None]
    size = away.shape[1]
    length = float(mean @ mean)
    level = float(np.var(mean @ away / length)) if length > 0 else 0.0
    shared = level * np.outer(mean, mean)
    own = away @ away.T / size - shared
    scale = np.sqrt(np.maximum(np.diag(own), 0.05))
    beside = float(np.mean(np.diag(own, 1) / (scale[1:] * scale[:-1]))) if len(scale) > 1 else 0.0
    lag = np.abs(np.arange(len(scale))[:, None] - np.arange(len(scale)))
    fading = np.clip(beside, 0.0, 0.95) ** lag * np.outer(scale, scale)
    blend = shared + (1.0 - _FADING) * own + _FADING * fading
    blend[np.diag_indices_from(blend)] += 0.01
    gain = np.linalg.solve(blend[np.ix_(seen, seen)], blend[np.ix_(seen, ~seen)]).T
    reach = _BURST * np.sqrt(np.diag(blend)[seen])
    # What is out of reach is a burst of its own: the rest of the day follows it only so far.
    heard = np.clip(np.sqrt(came + 0.25), mean[seen] - reach, mean[seen] + reach)
    missed = heard[:, None] - root[seen]
    return np.maximum(np.maximum(root[~seen] + gain @ missed, 0.0) ** 2 - 0.25, 0.0)
