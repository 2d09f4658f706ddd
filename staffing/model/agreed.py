"""What is agreed about single people beyond numbers: who works with whom, and cycles of weeks or days."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Literal

from pydantic import ConfigDict, Field, field_validator, model_validator
from pydantic.dataclasses import dataclass

STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=STRICT)
class Pair:
    """Two people who work together, or apart; counted day by day.

    A day on which either is on leave or not employed asks nothing.

    Parameters
    ----------
    agents : tuple of str
        The two, as in the agents' table.
    how : str
        ``"together"``: on each day both work shifts that begin at the same time, or both are free.
        ``"follows"``: on each day on which the first works, the second works a shift that begins at the same
        time; the second may also work alone. ``"apart"``: never on shifts that begin at the same time.
    price : float
        Of each day on which it is not so, in shares of the price list in `Rules`; infinite is hard.
    starts_within : int
        Shifts that begin at most so far apart count as beginning at the same time; with 1440 any two of a day
        do. [min]

    Examples
    --------
    >>> Pair(("007", "012"), "together").price
    inf
    """

    agents: tuple[str, str]
    how: Literal["together", "apart", "follows"]
    price: float = Field(default=math.inf, gt=0)
    starts_within: int = Field(default=0, ge=0, le=1440)

    @model_validator(mode="after")
    def _of_two(self) -> Pair:
        if self.agents[0] == self.agents[1]:
            raise ValueError("agents names one person twice: a pair is two people")
        return self


@dataclass(frozen=True, config=STRICT)
class Rotation:
    """A cycle of weeks, or of days, in which somebody works; counted by the calendar, whatever was worked.

    Parameters
    ----------
    start : datetime.date
        First day of a cycle: weeks of the cycle begin on its weekday.
    weeks : tuple of str
        The shift of each week in turn: each day worked in it is on that one. ``"on"``: on any; ``"off"``:
        none is worked.
    days : tuple of str
        In place of weeks the shift worked on each day in turn; ``"on"``: any; ``"off"``: a day off. As text
        too: ``"4 on 2 off"``. Leave and days without an open shift ask nothing.
    price : float
        Of each day that is otherwise, in shares of the price list in `Rules`; infinite is hard.

    Examples
    --------
    >>> Rotation(dt.date(2026, 11, 30), days="2 early 2 late 3 off").days
    ('early', 'early', 'late', 'late', 'off', 'off', 'off')
    """

    start: dt.date
    weeks: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    price: float = Field(default=math.inf, gt=0)

    @field_validator("days", mode="before")
    @classmethod
    def _spelt_out(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = re.findall(r"(\d{1,2})\s+(\S+?),?(?:\s+|$)", value)
        if " ".join(f"{count} {word}" for count, word in parts) != " ".join(value.replace(",", " ").split()):
            raise ValueError("days are not counted")
        return tuple(word for count, word in parts for _ in range(int(count)))

    @model_validator(mode="after")
    def _one_cycle(self) -> Rotation:
        if bool(self.weeks) == bool(self.days):
            raise ValueError("a rotation is a cycle of weeks or of days: give one of them")
        return self

    @property
    def words(self) -> frozenset[str]:
        """Names of shifts in it."""
        return frozenset({*self.weeks, *self.days} - {"on", "off"})
