"""What too few and too many people cost: convex steps, so that a lack and a surplus are spread.

Without them one plan in which a whole shift is at lunch at once, or in which one day has all the people to
spare, is as good as any other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Shares of a need, and what an agent-half-hour within them costs, in prices of the first one.
SHORT = ((0.10, 1.00), (0.15, 1.05), (0.25, 1.10), (0.25, 1.20), (0.25, 1.40))
OVER = ((0.10, 1.00), (0.15, 1.25), (0.25, 1.50), (0.50, 2.00), (math.inf, 3.00))


@dataclass(frozen=True)
class Steps:
    """A lack or a surplus, cut where it becomes dearer.

    Parameters
    ----------
    widths : numpy.ndarray
        Agents in each step, one row for each step; the other axes are the needs'.
    rates : numpy.ndarray
        What one agent costs within it, in prices of a short one (or one over); never falling.
    """

    widths: np.ndarray
    rates: np.ndarray

    def parts(self, amount: np.ndarray) -> np.ndarray:
        """How much of an amount lies in each step.

        Examples
        --------
        >>> by_share(np.array([20.0]), SHORT).parts(np.array([7.0])).ravel().tolist()
        [2.0, 3.0, 2.0, 0.0, 0.0]
        >>> by_share(np.array([20.0, 0.0]), OVER).parts(np.array([25.0, 1.0])).T.tolist()
        [[2.0, 3.0, 5.0, 10.0, 5.0], [0.0, 0.0, 0.0, 0.0, 1.0]]
        """
        tops = np.cumsum(self.widths, axis=0)
        lows = np.concatenate([np.zeros_like(tops[:1]), tops[:-1]])
        lows[np.isinf(lows)] = np.finfo(float).max
        return np.maximum(np.minimum(amount, tops) - lows, 0.0)

    def dearer(self, amount: np.ndarray) -> np.ndarray:
        """What the depth adds to the rate of the first step.

        Examples
        --------
        >>> by_share(np.array([20.0]), SHORT).dearer(np.array([7.0])).round(9).tolist()
        [0.35]
        """
        return np.asarray(((self.rates - self.rates[0]) * self.parts(amount)).sum(axis=0))

    def of(self, places: np.ndarray) -> Steps:
        """Those of some needs, flattened."""
        count = len(self.widths)
        return Steps(self.widths.reshape(count, -1)[:, places], self.rates.reshape(count, -1)[:, places])


def by_share(need: np.ndarray, shares: Sequence[tuple[float, float]]) -> Steps:
    """Steps that are shares of a need; what has no end has none for a need of 0 either."""
    widths = [need * width if math.isfinite(width) else np.full(need.shape, np.inf) for width, _ in shares]
    return Steps(np.stack(widths), np.stack([np.full(need.shape, rate) for _, rate in shares]))
