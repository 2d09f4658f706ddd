"""What a shift of some length has off the queue: the meeting, lunch, breaks, and pauses from the screen.

A pause that is due every so many hours becomes breaks with windows so narrow that, wherever in them the
roster puts the breaks, nobody is on screen for longer.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from staffing.model import Break, Screen, Team

GRIDS = (15, 5)  # minutes on which windows begin and end: the finer one where the first finds none
MOST = 32  # pauses between two others


class Off(NamedTuple):
    """Time off the screen: earliest and latest start, and how long. [min]"""

    first: int
    last: int
    minutes: int


@functools.lru_cache(maxsize=512)
def of_shift(team: Team, hours: float) -> tuple[Break, ...]:
    """All breaks of a team's shifts of one length, in their order, the meeting first.

    Lunch keeps within its window, which narrows where that saves breaks. Of all ways the one in which two
    people can go one after the other in most windows, then with the fewest breaks, then the widest windows.

    Parameters
    ----------
    team : Team
        With its meeting, breaks and pauses from the screen.
    hours : float
        Presence. [h]

    Returns
    -------
    tuple of Break
        For `staffing.model.Shift`.

    Raises
    ------
    ValueError
        Where they do not fit into the shift.

    Examples
    --------
    >>> lunch = Break("lunch", 60, False, (3.0, 5.0))
    >>> care = Team("care", breaks=(lunch,), screen=Screen(15, True, 2.0))
    >>> for pause in of_shift(care, 9.0):
    ...     print(pause.activity, pause.minutes, pause.after_hours)
    break 15 (1.75, 2.0)
    lunch 60 (3.0, 4.0)
    break 15 (5.25, 6.0)
    break 15 (6.75, 7.5)
    """
    meeting = () if team.meeting is None else (Break("meeting", team.meeting.minutes, True, (0.0, 0.0)),)
    given = tuple(sorted((*meeting, *team.breaks), key=lambda pause: pause.after_hours))
    length = round(60 * hours)
    if team.screen is None:
        _need_room(given, length, team)
        return given
    for grid in GRIDS:
        ways = [way for some in _narrowed(given, grid) if (way := _filled(some, team.screen, length, grid))]
        if ways:
            return max(ways, key=_worth)
    raise ValueError(
        f"no pauses of {team.screen.minutes} min every {team.screen.every_hours:g} h fit beside the other "
        f"breaks of team {team.name!r} into a shift of {hours:g} h"
    )


def _need_room(given: tuple[Break, ...], length: int, team: Team) -> None:
    ends = max((round(60 * pause.after_hours[1]) + pause.minutes for pause in given), default=0)
    if ends > length:
        raise ValueError(
            f"the breaks of team {team.name!r} may end {ends / 60:g} h after its start, "
            f"a shift of {length / 60:g} h is over then"
        )


def _worth(way: tuple[Break, ...]) -> tuple[int, int, float]:
    """The more the better: windows with room for two turns, few breaks, wide windows."""
    widths = [60 * (pause.after_hours[1] - pause.after_hours[0]) for pause in way]
    own = [(width, pause) for width, pause in zip(widths, way, strict=True) if pause.activity != "meeting"]
    narrow = sum(width < pause.minutes - 1e-6 for width, pause in own)
    return -narrow, -len(own), sum(width for width, _ in own)


def _narrowed(given: tuple[Break, ...], grid: int) -> Iterator[tuple[Break, ...]]:
    """The given breaks, lunch in every part of its window."""
    choices = []
    for pause in given:
        first, last = (round(60 * hour) for hour in pause.after_hours)
        edges = [*range(first, last, grid), last] if pause.activity == "lunch" else [first, last]
        parts = [(low, high) for low in edges for high in edges if low <= high]
        if pause.activity != "lunch":
            parts = [(first, last)]
        choices.append(
            [Break(pause.activity, pause.minutes, pause.paid, (low / 60, high / 60)) for low, high in parts]
        )
    return itertools.product(*choices)


def _filled(given: Sequence[Break], screen: Screen, length: int, grid: int) -> tuple[Break, ...] | None:
    """The given breaks with the fewest pauses between them that keep everybody from the screen in time."""
    offs = [
        Off(round(60 * pause.after_hours[0]), round(60 * pause.after_hours[1]), pause.minutes)
        for pause in given
    ]
    found: list[Break] = []
    edges = [Off(0, 0, 0), *offs, Off(length, length, 0)]
    for number, (before, after) in enumerate(itertools.pairwise(edges)):
        between = _between(before, after, screen, grid)
        if between is None:
            return None
        found += [
            Break("break", screen.minutes, screen.paid, (off.first / 60, off.last / 60)) for off in between
        ]
        found += given[number : number + 1]
    return tuple(found)


def _between(before: Off, after: Off, screen: Screen, grid: int) -> list[Off] | None:
    """The fewest pauses, with the widest windows, between two others; None where none will do."""
    most = round(60 * screen.every_hours)
    if before.last + before.minutes > after.first:
        return None
    span = after.last - before.first - before.minutes
    if span <= most:
        return []
    for count in range(1, MOST + 1):
        room = ((count + 1) * most + count * screen.minutes - span) / count
        if room < 0:
            continue
        for width in range(math.floor(room / grid) * grid, -1, -grid):
            found = _windows(before, after, screen, count, width, grid)
            if found:
                return found
    return None


def _windows(before: Off, after: Off, screen: Screen, count: int, width: int, grid: int) -> list[Off] | None:
    """So many windows of one width, evenly between the earliest and the latest that the rule allows."""
    most, minutes = round(60 * screen.every_hours), screen.minutes
    ready, leave = before.first + before.minutes, after.last
    found: list[Off] = []
    earliest = before.last + before.minutes
    for number in range(1, count + 1):
        # One may be over at its earliest and the next come at its latest: no stretch may be longer then.
        latest = (found[-1].first + minutes if found else ready) + most
        left = count - number
        # What the windows to come need, counted back from the next break.
        must = leave - (left + 1) * (most + minutes) + left * width
        evenly = ready + (leave - ready - count * minutes) * number / (count + 1) + (number - 1) * minutes
        first = max(earliest, must, min(evenly - width / 2, latest - width))
        first = math.ceil(first / grid - 1e-9) * grid
        last = min(first + width, latest, after.first - minutes - left * minutes)
        last = math.floor(last / grid + 1e-9) * grid
        if last < first:
            return None
        found.append(Off(first, last, minutes))
        earliest = last + minutes
    return found if leave - found[-1].first - minutes <= most else None
