"""The fewest agents for which something holds, many intervals at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Floats = np.ndarray


def least(met: Callable[[Floats, Floats], Any], guess: Floats) -> Floats:
    """Fewest agents > 0 for which ``met(agents, rows)``: growing steps from the guess, then halving."""
    probe = np.maximum(np.ceil(guess), 1.0)
    low, high = np.zeros_like(probe), np.full_like(probe, math.inf)
    rows, stride = np.arange(len(probe)), 1.0
    while len(rows):
        enough = met(probe[rows], rows)
        high[rows[enough]] = probe[rows[enough]]
        low[rows[~enough]] = probe[rows[~enough]]
        rows = rows[high[rows] - low[rows] > 1.0]
        bottom, top = low[rows], high[rows]
        inside = np.floor(bottom + (top - bottom) / 2.0)
        with np.errstate(invalid="ignore"):
            down = np.where((bottom == 0) & (stride < top), top - stride, inside)
        probe[rows] = np.where(np.isinf(top), bottom + stride, down)
        stride *= 2.0
    return high
