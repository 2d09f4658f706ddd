"""How long things last: laws of service and patience, and the pace of chats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem
from staffing.model import Chat


@dataclass(frozen=True, eq=False)
class Law:
    """The law of a duration: its shape, and its mean where it has one of its own.

    Parameters
    ----------
    draw : callable
        ``draw(rng, shape)`` gives numbers whose mean is one.
    mean : float or None
        Used where neither the forecast nor the queue knows the mean. [s]
    """

    draw: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
    mean: float | None = None


def exponential() -> Law:
    """The law without memory, as in the Erlang formulas."""
    return Law(lambda rng, shape: rng.standard_exponential(shape))


def lognormal(cv: float) -> Law:
    """The law that handle times mostly follow (Brown et al., JASA 100, 2005).

    Parameters
    ----------
    cv : float
        Standard deviation / mean.

    Returns
    -------
    Law
        Of mean one.

    Raises
    ------
    DataError
        Where ``cv`` is negative or not finite.

    Examples
    --------
    >>> float(lognormal(0.0).draw(np.random.default_rng(0), (1,))[0])
    1.0
    """
    if not 0.0 <= cv < np.inf:
        raise DataError([Problem(f"a coefficient of variation of {cv} is none", "write 0 or more")])
    variance = np.log1p(cv * cv)
    return Law(lambda rng, shape: np.exp(np.sqrt(variance) * rng.standard_normal(shape) - variance / 2.0))


def observed(samples: Sequence[float] | np.ndarray | pd.Series) -> Law:
    """Durations as they were observed, drawn with replacement.

    They are scaled to the mean that the forecast or the queue asks for; as they are where neither does.

    Parameters
    ----------
    samples : array_like
        Durations. [s]

    Returns
    -------
    Law
        With the mean of the samples.

    Raises
    ------
    DataError
        Where there is no sample, or one that is no duration.

    Examples
    --------
    >>> observed([120, 180, 240]).mean
    180.0
    """
    values = np.asarray(samples, dtype=float)
    if values.size == 0 or not np.isfinite(values).all() or values.min() < 0 or values.sum() == 0:
        raise DataError(
            [Problem("the samples hold no usable durations", "give finite seconds, some of them above zero")]
        )
    mean = float(values.mean())
    shares = values / mean
    return Law(lambda rng, shape: shares[rng.integers(0, shares.size, shape)], mean)


def throughput(channel: Chat, chats: int) -> float:
    """Chats' worth of work that an agent does at once: none without chats, one with one.

    With k of them he is idle while all k customers type, r times as long as he does; the finite-source queue
    gives that share (US patent 8,064,589 B2).

    Examples
    --------
    >>> round(throughput(Chat(concurrency=3, typing_ratio=0.75), 3), 3)
    1.691
    """
    r = channel.typing_ratio
    # Weights of 0, 1, ... customers who wait for the agent.
    weights = np.cumprod([1.0, *(np.arange(chats, 0, -1) / r)])
    return float((1.0 + r) * (1.0 - 1.0 / weights.sum()))
