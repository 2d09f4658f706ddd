"""Two people of a pair who have lawful weeks each and none together: the least to relax, cheapest first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from staffing.errors import PlanError
from staffing.model import Pair
from staffing.roster import pairs
from staffing.roster.case import Case, Group, Menu
from staffing.roster.conflicts import in_words, judged, to_relax
from staffing.roster.weeks import DAYS, Weeks, paid

MOST = 2000  # weeks of each that are set against each other, those that break least first
TOLD = 200  # ways that are put into words
DAY = 2.0  # what a day of a pair not as agreed counts among the ways, a request is 1


def of_pairs(case: Case, lawful: list[Weeks]) -> None:
    """Refuse hard pairs of which no two lawful weeks go together.

    Raises
    ------
    PlanError
        Naming the two, and the smallest sets of rules and requests to relax.
    """
    weeks = dict(zip((group.agents for group in case.groups), lawful, strict=True))
    found = []
    for pair in case.pairs:
        first, second = (weeks[(agent,)].options for agent in pair.agents)
        if np.isinf(pair.price) and not _some_go(pairs.fits_of(case, pair), first, second):
            groups = [
                _as_lawful(group, case.menus[group.team], weeks[group.agents])
                for group in pairs.groups_of(case, pair)
            ]
            found.append(_why(case, pair, groups))
    if found:
        raise PlanError(found)


def _some_go(fits: np.ndarray, first: np.ndarray, second: np.ndarray) -> bool:
    """Whether some weeks of two people go together."""
    return any(
        bool((pairs.parted(fits, some, second) == 0).any())
        for some in np.array_split(first, -(-len(first) * len(second) // MOST**2))
    )


def _as_lawful(group: Group, menu: Menu, weeks: Weeks) -> Group:
    """One of the two, asked for what every lawful week has: the hours that closed days allow, training."""
    least = min(group.hours[0], float(paid(menu, weeks.options).min()))
    held = [bool(room[DAYS, weeks.options].any(axis=1).all()) for room in group.training]
    training = group.training[np.array(held, dtype=bool)]
    return dataclasses.replace(group, hours=(least, group.hours[1]), excused=False, training=training)


def _why(case: Case, pair: Pair, groups: Sequence[Group]) -> str:
    """The two, and the least that would give both a lawful week, in words."""
    one, other = (repr(agent) for agent in pair.agents)
    head = f"no lawful weeks of {one} and {other} go together (pair, {pair.how})"
    return in_words(head, _ways(case, pair, groups))


def _ways(case: Case, pair: Pair, groups: Sequence[Group]) -> Iterator[list[tuple[str, str]]]:
    menus = [case.menus[group.team] for group in groups]
    sides = []
    for group, menu in zip(groups, menus, strict=True):
        weeks, things, price = judged(group, menu)
        least = np.lexsort((price, things))[:MOST]
        sides.append((weeks[least], things[least], price[least]))
    (first, things, price), (second, more, dearer) = sides
    fits = pairs.fits_of(case, pair)
    days = pairs.parted(fits, first, second)
    count = things[:, None] + more[None, :] + (days > 0)
    cost = price[:, None] + dearer[None, :] + DAY * days
    mine, theirs = np.nonzero(count == count.min())
    order = np.argsort(cost[mine, theirs], kind="stable")[:TOLD]
    for at in order.tolist():
        week, beside = first[mine[at]], second[theirs[at]]
        said = []
        for own, group, menu in zip((week, beside), groups, menus, strict=True):
            who = group.agents[0]
            for thing, words in to_relax(own, group, menu, case.start):
                said.append((f"{who} {thing}", f"for {who!r} {words}"))
        apart = [day for day in range(len(fits)) if not fits[day, week[day], beside[day]]]
        if apart:
            said.append(("pairs", f"let them differ on {pairs.when(case, apart)} (pairs, {pair.how})"))
        yield said
