"""One queue as a forecasting method sees it, and what a method gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

Array = np.ndarray


@dataclass(frozen=True)
class Past:
    """One queue as a method sees it: days by intervals, what is to be forecast, and what the calendar says.

    Parameters
    ----------
    queue : str
        Its name.
    minute : numpy.ndarray
        Start of each slot of the day. [min from midnight]
    dates : pandas.DatetimeIndex
        Days with data, naive.
    counts : numpy.ndarray
        (days, slots) contacts offered; NaN where missing or closed.
    is_open : numpy.ndarray of bool
        (7, slots): open slots by weekday, Monday first.
    future : pandas.DatetimeIndex
        Days to forecast, those without an open slot left out.
    future_open : numpy.ndarray of bool
        (future days, slots).
    features, future_features : numpy.ndarray
        Calendar features of both.
    names, groups : tuple of str
        Of the features.
    known, future_known : numpy.ndarray
        Effects of events whose effect is given, as logarithms of factors.
    """

    queue: str
    minute: Array
    dates: pd.DatetimeIndex
    counts: Array
    is_open: Array
    future: pd.DatetimeIndex
    future_open: Array
    features: Array
    future_features: Array
    names: tuple[str, ...]
    groups: tuple[str, ...]
    known: Array
    future_known: Array


class Draws(NamedTuple):
    """What a method gives: the expected counts, and possible ones.

    Parameters
    ----------
    mean : numpy.ndarray
        (future days, slots).
    paths : numpy.ndarray
        (future days, slots, n).
    """

    mean: Array
    paths: Array


Method = Callable[[Past, int, np.random.Generator], Draws]


def day_numbers(dates: pd.DatetimeIndex) -> Array:
    """Days since 1970 of naive dates. [d]"""
    return dates.to_numpy().astype("datetime64[D]").astype(float)
