"""Where a break may lie in a shift, and how many turns its window has room for."""

from __future__ import annotations

from collections.abc import Sequence

from staffing.model import Break

# At most one of so many people of a duty is away at once, where the window has room for as many turns.
TURNS = 3


def offsets(pause: Break, interval: int) -> list[int]:
    """Minutes after the start of a shift at which a break may begin: each half hour of its window.

    Each quarter of an hour where its length or window asks for it, or the demand is known by quarters.

    Examples
    --------
    >>> offsets(Break("lunch", 60, False, (3.0, 4.0)), 30)
    [180, 210, 240]
    >>> offsets(Break("break", 15, True, (1.0, 1.5)), 30)
    [60, 75, 90]
    """
    first, last = (round(60 * hours) for hours in pause.after_hours)
    step = 30 if pause.minutes % 30 == 0 and first % 30 == 0 and interval >= 30 else 15
    return list(range(first, last + 1, step))


def turns(positions: Sequence[int], minutes: int) -> list[int]:
    """Positions at which one break after the other can be taken, up to `TURNS`.

    Examples
    --------
    >>> turns([180, 210, 240], 60), turns(range(60, 151, 15), 15), turns([180, 210], 60)
    ([180, 240], [60, 75, 90], [180])
    """
    found: list[int] = []
    for start in sorted(positions):
        if len(found) < TURNS and (not found or start >= found[-1] + minutes):
            found.append(start)
    return found
