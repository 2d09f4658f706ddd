"""Rotations: which option of a day is against the cycle that somebody works in."""

from __future__ import annotations

import datetime as dt

import numpy as np

from staffing.model import Rotation

WEEK = 7


def against(
    rotation: Rotation | None, ahead: int, first: dt.date, names: tuple[str, ...], is_open: np.ndarray
) -> np.ndarray:
    """Options that the cycle does not mean, shape (days, 1 + shifts).

    Parameters
    ----------
    rotation : Rotation or None
        The cycle; None: nothing is against it.
    ahead : int
        So many weeks, or days, the person is ahead in it.
    first : datetime.date
        The first of the days.
    names : tuple of str
        Of the shifts.
    is_open : numpy.ndarray of bool
        Shifts that can be worked, shape (days, shifts).

    Examples
    --------
    >>> weekly = Rotation(dt.date(2026, 11, 30), weeks=("early", "late"))
    >>> both = np.ones((1, 2), dtype=bool)
    >>> against(weekly, 0, dt.date(2026, 12, 7), ("early", "late"), both).astype(int).tolist()
    [[0, 1, 0]]
    """
    days = len(is_open)
    found = np.zeros((days, len(names) + 1), dtype=bool)
    if rotation is None:
        return found
    since = (first - rotation.start).days + np.arange(days)
    cycle, place = rotation.days, since + ahead
    if rotation.weeks:
        cycle, place = rotation.weeks, since // WEEK + ahead
    for day, at in enumerate((place % len(cycle)).tolist()):
        word = cycle[at]
        meant = np.array([word in ("on", name) for name in names], dtype=bool)
        found[day, 1:] = ~meant
        found[day, 0] = bool(rotation.days) and bool((meant & is_open[day]).any())
    return found


def ahead_of(person: object) -> int:
    """Weeks or days that a row of the agents' table says; 0 where it says none."""
    value = getattr(person, "rotation_offset", 0)
    return 0 if value is None or value != value else int(value)
