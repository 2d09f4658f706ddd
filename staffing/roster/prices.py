"""What too few and too many people cost: convex prices, so that a lack and a surplus are spread.

Without them one plan in which a whole shift is at lunch at once, or in which one day has all the people to
spare, is as good as any other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

# Shares of a need, and what an agent-half-hour within them costs, in prices of the first one.
SHORT = ((0.10, 1.00), (0.15, 1.05), (0.25, 1.10), (0.25, 1.20), (0.25, 1.40))
OVER = ((0.10, 1.00), (0.15, 1.25), (0.25, 1.50), (0.50, 2.00), (math.inf, 3.00))

Steps = Sequence[tuple[float, float]]


def in_steps(need: np.ndarray, amount: np.ndarray, steps: Steps) -> list[np.ndarray]:
    """What is short or over, cut where it becomes dearer.

    Examples
    --------
    >>> [part.tolist() for part in in_steps(np.array([20.0]), np.array([7.0]), SHORT)]
    [[2.0], [3.0], [2.0], [0.0], [0.0]]
    >>> [part.tolist() for part in in_steps(np.array([20.0, 0.0]), np.array([25.0, 1.0]), OVER)]
    [[2.0, 0.0], [3.0, 0.0], [5.0, 0.0], [10.0, 0.0], [5.0, 1.0]]
    """
    edges = np.cumsum([0.0, *(width for width, _ in steps)])
    tops = [need * edge if math.isfinite(edge) else np.full(need.shape, np.inf) for edge in edges]
    return [np.clip(amount, low, high) - low for low, high in itertools.pairwise(tops)]


def dearer(need: np.ndarray, amount: np.ndarray, steps: Steps) -> np.ndarray:
    """What the depth adds, in agents at the first price.

    Examples
    --------
    >>> dearer(np.array([20.0]), np.array([7.0]), SHORT).round(9).tolist()
    [0.35]
    """
    parts = in_steps(need, amount, steps)
    return sum(
        ((rate - 1.0) * part for (_, rate), part in zip(steps, parts, strict=True)), np.zeros(need.shape)
    )
