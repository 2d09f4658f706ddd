"""Rows of who is at work at the same time: seats for everybody, seniors in each stretch of time of a team.

Between two moments at which a shift begins or ends nothing changes, so each such stretch is a row over the
people whose shifts meet it. All such rows may be broken at a price, the hard ones at one beyond all others:
so days can be settled one person after the other; `staffing.roster.horizon.crowded` asks at the end.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from staffing.roster.horizon.case import Horizon, Staff
from staffing.roster.horizon.rows import Own
from staffing.roster.horizon.sheet import Sheet

SEATS, SENIORS = "seats", "senior_per_interval"
RULES = (SEATS, SENIORS)
HARD = "!"  # marks the part of the objective of a rule that must hold
DEAR = 20.0  # one person too many or too few, over the dearest person missing on a shift

Duty = tuple[str, int, int]  # team, day, shift


@dataclass(frozen=True)
class Span:
    """A stretch of time with the duties that are on in it; ``team`` is empty where all teams count. [min]"""

    team: str
    start: float
    end: float
    duties: frozenset[Duty]


def spans(case: Horizon) -> list[Span]:
    """Stretches in which seats may not suffice, then those in which seniors are asked for, team by team."""
    found: list[Span] = []
    if case.seats is not None:
        every = [Span("", *piece, _on(case.staff.values(), *piece)) for piece in _pieces(case.staff.values())]
        sets = {span.duties for span in every}
        # Where more duties are on, the same people and others are at work: that row is enough.
        few = [span for span in every if span.duties and not any(span.duties < other for other in sets)]
        found += {span.duties: span for span in reversed(few)}.values()
    for team in sorted(case.seniors):
        staff = case.staff[team]
        for piece in _pieces([staff]):
            duties = _on([staff], *piece)
            if any(staff.heads[day, shift] > 0 for _, day, shift in duties):
                found.append(Span(team, *piece, duties))
    return sorted(found, key=lambda span: (span.team, span.start))


def _pieces(some: Iterable[Staff]) -> list[tuple[float, float]]:
    """The days, cut wherever a shift of some teams begins or ends."""
    edges = {float(edge) for staff in some for side in (staff.start, staff.end) for edge in side[staff.known]}
    return list(itertools.pairwise(sorted(edges)))


def _on(some: Iterable[Staff], start: float, end: float) -> frozenset[Duty]:
    """Duties that are on in a stretch of time."""
    return frozenset(
        (staff.team, int(day), int(shift))
        for staff in some
        for day, shift in np.argwhere(staff.known & (staff.start < end) & (staff.end > start))
    )


def crowds(sheet: Sheet, case: Horizon, own: Mapping[int, Own]) -> None:
    """A row for each stretch: people in it - too many <= seats, or seniors + missing >= least."""
    dearest = max((float(staff.short.max(initial=0.0)) for staff in case.staff.values()), default=0.0)
    for span in spans(case):
        columns = [
            mine.x[day, shift]
            for mine in own.values()
            for team, day, shift in sorted(span.duties)
            if mine.person.team == team and (mine.person.senior or not span.team)
        ]
        columns = [column for column in columns if column >= 0]
        limit = case.seniors.get(span.team)
        day = np.array([min(day for _, day, _ in span.duties)])
        price = math.inf if limit is None else limit.price * (span.end - span.start) / 30.0
        rule = SENIORS if limit is not None else SEATS
        hard = math.isinf(price)
        beyond = sheet.columns(
            day,
            cost=DEAR * max(dearest, 1.0) if hard else price,
            upper=float(len(own)) if limit is None else float(limit.min or 0.0),
            part=rule + HARD if hard else rule,
        )
        low, high = (-math.inf, float(case.seats or 0)) if limit is None else (limit.min or 0.0, math.inf)
        factors = np.append(np.ones(len(columns)), -1.0 if limit is None else 1.0)
        sheet.rows(np.array([[*columns, *beyond]]), factors, low, high, rule=rule)
