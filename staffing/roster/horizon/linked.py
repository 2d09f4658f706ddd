"""Rows that tie two people to each other: who works together, or apart."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from staffing.roster import pairs as pairing
from staffing.roster.horizon.case import Horizon
from staffing.roster.horizon.rows import Own
from staffing.roster.horizon.sheet import Sheet


def pairs(sheet: Sheet, case: Horizon, own: Mapping[int, Own]) -> None:
    """The pairs among some people, by number: what the first works is at most what it allows the second.

    Exactly one row of a day that is not as agreed is broken, by one; hard ones are said from both sides,
    which bounds the linear program better.
    """
    number = {case.people[at].agent: at for at in own}
    for pair in case.pairs:
        if not number.keys() >= set(pair.agents):
            continue
        first, second = (own[number[agent]] for agent in pair.agents)
        hard = math.isinf(pair.price)
        for day in np.flatnonzero(_asks(first) & _asks(second)).tolist():
            fits = pairing.allowed(pair, first.staff.start[day], second.staff.start[day])
            _day(sheet, first, second, fits, day, pair.price)
            if hard:
                _day(sheet, second, first, fits.T, day, pair.price)


def _asks(mine: Own) -> np.ndarray:
    """Days on which somebody is there to be paired."""
    return ~(mine.person.away | mine.person.unemployed)


def _day(sheet: Sheet, mine: Own, theirs: Own, fits: np.ndarray, day: int, price: float) -> None:
    """A row for each option of one person that does not go with all of another's.

    Being free is 1 - w. What an option excludes adds to at most 1 with it; what is short of that is paid.
    """
    for option in np.flatnonzero(~fits.all(axis=1)).tolist():
        bars = np.flatnonzero(~fits[option]).tolist()
        columns, factors, most = [], [], 1.0
        for person, some in ((mine, [option]), (theirs, bars)):
            for one in some:
                columns.append(person.x[day, one - 1] if one else person.w[person.back + day])
                factors.append(1.0 if one else -1.0)
                most -= 0.0 if one else 1.0
        if math.isfinite(price):
            columns.append(sheet.columns(np.array([day]), cost=price, part="pairs")[0])
            factors.append(-1.0)
        sheet.rows(np.array([columns]), np.array([factors]), -math.inf, most, rule="pairs")
