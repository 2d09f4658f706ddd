"""What the cells of a request say about parts of the day and days of the week."""

from __future__ import annotations

import re
from functools import lru_cache

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK = r"([01]?\d|2[0-3]):([0-5]\d)"
DAY = 1440
EXAMPLES = {
    "hours": "write for example 08:00-12:00, or several with commas between",
    "weekdays": "write for example mon-fri, or tue sat",
}


@lru_cache(maxsize=1024)
def hours(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of a day, in minutes from its midnight; one that ends before it begins goes on past the next.

    Parameters
    ----------
    text : str
        Such as ``"00:00-08:00, 18:00-24:00"``; empty: none.

    Returns
    -------
    tuple of (int, int)
        Begin and end of each. [min]

    Raises
    ------
    ValueError
        Where it says something else.

    Examples
    --------
    >>> hours("15:00-24:00, 22:00-06:00")
    ((900, 1440), (1320, 1800))
    """
    found = []
    for item in text.split(",") if text.strip() else ():
        span = re.fullmatch(rf"\s*{CLOCK}\s*[-–]\s*(?:{CLOCK}|24:00)\s*", item)
        if span is None:
            raise ValueError(f"{item.strip()!r} is no span of hours")
        begin = 60 * int(span[1]) + int(span[2])
        end = DAY if span[3] is None else 60 * int(span[3]) + int(span[4])
        found.append((begin, end if end > begin else end + DAY))
    return tuple(found)


@lru_cache(maxsize=1024)
def weekdays(text: str) -> frozenset[int]:
    """Days of the week, Monday is 0.

    Parameters
    ----------
    text : str
        Such as ``"mon-fri"`` or ``"tue sat"``; empty: all.

    Returns
    -------
    frozenset of int
        Which.

    Raises
    ------
    ValueError
        Where it says something else.

    Examples
    --------
    >>> sorted(weekdays("fri-mon wed"))
    [0, 2, 4, 5, 6]
    """
    found: set[int] = set()
    for item in re.split(r"[,\s]+", text.strip().lower()) if text.strip() else ():
        first, _, last = item.partition("-")
        if first not in WEEKDAYS or (last and last not in WEEKDAYS):
            raise ValueError(f"{item!r} is no weekday")
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        found |= {(begin + step) % 7 for step in range((end - begin) % 7 + 1)}
    return frozenset(found or range(7))


def cell(row: object, name: str) -> str:
    """An optional text of a row; empty where there is none.

    Parameters
    ----------
    row : object
        Of a table, as a named tuple.
    name : str
        Of the column.

    Returns
    -------
    str
        What stands there.
    """
    value = getattr(row, name, "")
    return value if isinstance(value, str) else ""
