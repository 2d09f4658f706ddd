"""A published roster that is kept: the option of each day in it, and what a change costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from staffing import calendar
from staffing.errors import DataError, Problem
from staffing.model import Shift

# What a changed day of a person costs, in short agent-half-hours, where nobody says otherwise.
CHANGE = 2.0
UNKNOWN = -1


class Hours(Protocol):
    """The shifts of one team, and when each begins and ends on each day, shape (days, shifts). [min]"""

    @property
    def shifts(self) -> tuple[Shift, ...]: ...
    @property
    def start(self) -> np.ndarray: ...
    @property
    def end(self) -> np.ndarray: ...


@dataclass(frozen=True)
class Kept:
    """What everybody did in the roster that is kept.

    Parameters
    ----------
    options : dict
        Agent -> option of each day, shape (days,); -1 for hours that are no shift of the team. Without
        anybody where nothing is kept.
    frozen : int
        First days that nothing may change any more.
    price : float
        Of a changed day of a person.
    """

    options: Mapping[str, np.ndarray]
    frozen: int
    price: float

    def of(self, agent: str, away: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Price of each option of a person, and the options that frozen days rule out; shape (days, options).

        Leave, also of a past day, comes before what was planned: it costs nothing, and the day is not frozen.
        """
        prices, ruled_out = np.zeros(shape), np.zeros(shape, dtype=bool)
        if not self.options:
            return prices, ruled_out
        other = np.arange(shape[1]) != self.options[agent][:, None]
        free = ~away[:, None]
        frozen = (np.arange(shape[0]) < self.frozen)[:, None]
        return self.price * (other & free), other & free & frozen


def kept(
    keep: pd.DataFrame,
    agents: pd.DataFrame,
    menus: Mapping[str, Hours],
    first: dt.date,
    days: int,
    timezone: str,
    *,
    frozen_until: dt.date | None,
    price: float,
) -> Kept:
    """Read a kept roster; whoever has no row in it was off.

    Raises
    ------
    DataError
        Where a frozen day holds hours that are no shift of the team.
    """
    if keep.empty:
        return Kept({}, 0, price)
    frozen = 0 if frozen_until is None else min(max((frozen_until - first).days, 0), days)
    team = dict(zip(agents["agent"], agents["team"], strict=True))
    options = {
        str(agent): np.zeros(len(menus[team].start), dtype=int)
        for agent, team in zip(agents["agent"], agents["team"], strict=True)
    }
    origin = calendar.at(first, 0, timezone)
    found: list[Problem] = []
    row: Any
    for row in keep.itertuples(index=False):
        day = (row.date.date() - first).days
        if row.agent not in options or not 0 <= day < days:
            continue
        start, end = ((moment - origin) / pd.Timedelta(minutes=1) for moment in (row.start, row.end))
        menu = menus[team[row.agent]]
        same = np.flatnonzero((menu.start[day] == start) & (menu.end[day] == end))
        if row.team != team[row.agent] or not same.size:
            options[row.agent][day] = UNKNOWN
        else:
            # Of two shifts of the same hours the one of the same name.
            named = [at for at in same.tolist() if menu.shifts[at].name == row.shift]
            options[row.agent][day] = [*named, *same.tolist()][0] + 1
        if options[row.agent][day] == UNKNOWN and day < frozen:
            hours = f"{row.start.tz_convert(timezone):%H:%M}-{row.end.tz_convert(timezone):%H:%M}"
            what = f"{row.agent!r} works {hours} on the frozen {row.date:%Y-%m-%d}, no shift of the team"
            found.append(Problem(what, "give that day the hours of a shift, or freeze fewer days", "keep"))
    if found:
        raise DataError(found)
    return Kept(options, frozen, price)
