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
    unseen : tuple of str
        Events ahead of which no past day teaches the effect.
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
    unseen: tuple[str, ...] = ()

    @property
    def weekday(self) -> Array:
        """Of each day with data; 0 is Monday."""
        return np.asarray(self.dates.day_of_week)

    @property
    def future_weekday(self) -> Array:
        """Of each day to forecast."""
        return np.asarray(self.future.day_of_week)

    @property
    def lead(self) -> float:
        """Days from the last one with data to the first one to forecast. [d]"""
        return float((self.future[0] - self.dates[-1]).days)


class Choice(NamedTuple):
    """Which method was used for a queue, and why.

    Parameters
    ----------
    method : str
        Its name.
    wape : float
        Of the calendar-adjusted level and profile over the weeks compared. [0-1]
    habit : str
        The best of the habits on the same weeks.
    wape_habit : float
        Its own. [0-1]
    folds : int
        Weeks compared.
    why : str
        In words.
    """

    method: str
    wape: float
    habit: str
    wape_habit: float
    folds: int
    why: str


class Draws(NamedTuple):
    """What a method gives: the expected counts, and possible ones.

    Parameters
    ----------
    mean : numpy.ndarray
        (future days, slots).
    paths : numpy.ndarray
        (future days, slots, n).
    choice : Choice, optional
        Of a method that chose among others, or had to fall back.
    errors : pandas.Series, optional
        Errors of past forecasts of whole days over their standard deviation, by date: what days of several
        queues have in common is learned from these.
    notes : tuple of str
        What the planner should know, such as days that count little.
    """

    mean: Array
    paths: Array
    choice: Choice | None = None
    errors: pd.Series | None = None
    notes: tuple[str, ...] = ()


Method = Callable[[Past, int, np.random.Generator], Draws]


def day_numbers(dates: pd.DatetimeIndex) -> Array:
    """Days since 1970 of naive dates. [d]"""
    return dates.to_numpy().astype("datetime64[D]").astype(float)
