"""Night shifts from one planned week into the next: who is there, whose business that is, and what it costs.

A morning that both weeks' people can reach counts once, in the later week. The earlier one looks ahead at it
(`Case.onward`), so that its last night is staffed for both sides of midnight; what it costs there is a guide
only. Afterwards each week is seen as it counts (`counted`), with whoever came out of the week before.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from staffing.roster import master, search, timetable
from staffing.roster.carrying import Carried
from staffing.roster.case import Case, Need
from staffing.roster.people import minutes
from staffing.roster.prices import Steps
from staffing.roster.single import Settled

Stretch = tuple[float, float]


def bordered(cases: Sequence[Case]) -> tuple[Case, ...]:
    """The weeks, each knowing when people of its neighbours may be at work in it while nothing is settled."""
    found = []
    for at, case in enumerate(cases):
        nights = _nights(cases[at - 1], case) if at else {}
        mornings = _mornings(case, cases[at + 1]) if at + 1 < len(cases) else {}
        shared = {team: (*nights.get(team, ()), *mornings.get(team, ())) for team in case.menus}
        last = max((end for own in nights.values() for _, end in own), default=0.0)
        found.append(
            dataclasses.replace(
                case, reached=last, shared={team: own for team, own in sorted(shared.items()) if own}
            )
        )
    return tuple(found)


def _nights(before: Case, case: Case) -> dict[str, tuple[Stretch, ...]]:
    """Team -> what its last nights of the week before take of a week. [min]"""
    by = minutes(case.origin - before.origin)
    found = {}
    for team, menu in before.menus.items():
        ends = menu.end[before.days - 1] - by
        found[team] = tuple((0.0, float(end)) for end in ends if end > 0)
    return found


def _mornings(case: Case, after: Case) -> dict[str, tuple[Stretch, ...]]:
    """Team -> its shifts of the next week that begin before a night of this one has ended. [min]"""
    by = minutes(after.origin - case.origin)
    found = {}
    for team, menu in after.menus.items():
        last = float(case.menus[team].end[case.days - 1].max(initial=0.0))
        own = zip(menu.start[0] + by, menu.end[0] + by, strict=True)
        found[team] = tuple((float(start), float(end)) for start, end in own if start < last)
    return found


def between(case: Case, before: Settled | None, after: Settled | None) -> Case:
    """A week to be settled, as its settled neighbours leave it.

    Parameters
    ----------
    case : Case
        One of those that `bordered` gives.
    before, after : Settled or None
        The weeks around it, None where they are not settled, or there are none.
    """
    end = case.need.intervals * case.need.minutes
    shared = {
        team: tuple(
            some for some in own if (before is None and some[0] < end) or (after is None and some[1] > end)
        )
        for team, own in case.shared.items()
    }
    beside = [*_nights_of(before, case), *_mornings_of(case, after)]
    # Of a morning that people of a week to come can reach, nothing is known yet.
    theirs = [some for own in shared.values() for some in own if some[1] > end]
    return dataclasses.replace(case, need=_looking_on(case, theirs), beside=tuple(beside), shared=shared)


def counted(week: Settled, before: Settled | None, case: Case) -> Settled:
    """A settled week with what counts in it: its own days, and whoever came out of the week before.

    Parameters
    ----------
    week : Settled
        As it was settled.
    before : Settled or None
        The week before it, as it is now.
    case : Case
        The week as `bordered` gives it.
    """
    end = case.need.intervals * case.need.minutes
    shared = {team: tuple(some for some in own if some[1] > end) for team, own in case.shared.items()}
    seen = dataclasses.replace(
        week.case, need=case.need, beside=tuple(_nights_of(before, case)), shared=shared
    )
    layout = master.layout(seen, week.lawful)
    trained = week.layout.away - week.there
    there, layout = layout.away, dataclasses.replace(layout, away=layout.away + trained)
    values = np.zeros(layout.missing.stop + int(layout.together.priced.sum()))
    values[: layout.ends[3]] = week.found.values[: layout.ends[3]]
    values = search.exact(seen, layout, values)
    found = dataclasses.replace(week.found, values=values)
    made = dataclasses.replace(week, case=seen, layout=layout, found=found, there=there)
    cost = float(made.objective["cost"].sum())
    return dataclasses.replace(made, found=dataclasses.replace(found, cost=cost))


def _looking_on(case: Case, theirs: Sequence[Stretch]) -> Need:
    """The need with that of the next week's first morning, but for the stretches that are theirs."""
    need, onward = case.need, case.onward
    if onward is None:
        return need
    starts = np.arange(need.heads.shape[1]) * need.minutes
    ahead = np.arange(need.heads.shape[1]) >= need.intervals
    for start, end in theirs:
        ahead &= (starts + need.minutes <= start) | (starts >= end)
    more = len(need.spares.widths) - len(onward.spares.widths)
    blank = np.zeros((more, *need.heads.shape))
    spares = Steps(
        np.concatenate([onward.spares.widths, blank]),
        np.concatenate([onward.spares.rates, blank + onward.spares.rates[-1]]),
    )
    return dataclasses.replace(
        need,
        asked=np.where(ahead, onward.asked, need.asked),
        heads=np.where(ahead, onward.heads, need.heads),
        short=np.where(ahead, onward.short, need.short),
        over=np.where(ahead, onward.over, need.over),
        lacks=Steps(
            np.where(ahead, onward.lacks.widths, need.lacks.widths),
            np.where(ahead, onward.lacks.rates, need.lacks.rates),
        ),
        spares=Steps(
            np.where(ahead, spares.widths, need.spares.widths),
            np.where(ahead, spares.rates, need.spares.rates),
        ),
    )


def _nights_of(before: Settled | None, case: Case) -> Iterator[Carried]:
    """What people of the week before still do in a week."""
    if before is not None:
        by = minutes(case.origin - before.case.origin)
        for piece in _pieces(before):
            if piece.end > by:
                yield piece._replace(start=max(piece.start - by, 0.0), end=piece.end - by)


def _mornings_of(case: Case, after: Settled | None) -> Iterator[Carried]:
    """What people of the next week do before the last night of a week has ended."""
    if after is not None:
        by = minutes(after.case.origin - case.origin)
        last = max(float(menu.end[case.days - 1].max(initial=0.0)) for menu in case.menus.values())
        for piece in _pieces(after):
            if piece.start + by < last:
                yield piece._replace(start=piece.start + by, end=min(piece.end + by, last))


def _pieces(week: Settled) -> Iterator[Carried]:
    return (Carried(*piece) for piece in timetable.pieces(week.case, week.done, week.held))
