"""People who are to work together or apart, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from staffing.errors import DataError, Problem
from staffing.model import Pair
from staffing.verify.facts import Missed, Person, Work, clock


def pairs(people: Iterable[Person], agreed: Iterable[Pair]) -> Iterator[Missed]:
    """Each day on which a pair is not as agreed; nothing is asked of days on which either is away.

    Raises
    ------
    DataError
        Where a pair names somebody whom nobody knows.
    """
    known = {person.agent: person for person in people}
    for pair in agreed:
        strangers = [agent for agent in pair.agents if agent not in known]
        if strangers:
            told = f"a pair names {strangers[0]!r}, who is not among the agents"
            raise DataError([Problem(told, "name an agent", "pairs")])
        first, second = (known[agent] for agent in pair.agents)
        yield from _missed(pair, first, second)


def _missed(pair: Pair, first: Person, second: Person) -> Iterator[Missed]:
    for day in range(first.first, first.last + 1):
        if first.unavailable(day) or second.unavailable(day):
            continue
        one, other = first.worked.get(day), second.worked.get(day)
        if not _agreed(pair, one, other):
            named = f"{first.agent} {_said(one)}, {second.agent} {_said(other)}"
            yield Missed(first.agent, day, "pairs", f"{named} ({pair.how})", 1.0, pair.price)


def _agreed(pair: Pair, one: Work | None, other: Work | None) -> bool:
    """Whether two days go together."""
    at_once = False
    if one is not None and other is not None:
        apart = abs((one.start - other.start) / pd.Timedelta(minutes=1))
        at_once = apart <= pair.starts_within
    if pair.how == "apart":
        return not at_once
    if one is None:
        return pair.how == "follows" or other is None
    return at_once


def _said(work: Work | None) -> str:
    return "is OFF" if work is None else f"works {work.shift} from {clock(work.start)}"
