"""Planned training and one-to-ones: who is off the queue for how long, when it may be, how many at once."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from staffing.model.agreed import STRICT

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@dataclass(frozen=True, config=STRICT)
class Training:
    """Something that each of some people does once in a week: paid, off the queue, inside a shift.

    Of whom it is, all that is said must hold: named, of the team, of the contract. A window as long as the
    training fixes its time; a longer one, or none, leaves it to the roster.

    Parameters
    ----------
    name : str
        What it is called.
    minutes : int
        How long. [min]
    agents : tuple of str
        Ids; empty: everybody of the team or contract.
    team, contract : str or None
        Whose people.
    days : tuple
        Weekdays (``"tue"``) or dates on which it may be; empty: any. Dates alone: only in their weeks.
    window : tuple of datetime.time or None
        Wall-clock times between which it lies; one that ends before it begins goes on past midnight. None:
        at any time of a shift.
    at_once : int or None
        Most people in it at the same time: 1 where a coach has one person at a time.
    activity : str
        ``"training"`` or ``"one_to_one"``, as it stands in the schedule.

    Examples
    --------
    >>> talk = Training("talk", 30, team="care", days=("tue",), window=(dt.time(10), dt.time(10, 30)))
    >>> talk.fixed
    True
    """

    name: Annotated[str, Field(min_length=1)]
    minutes: Annotated[int, Field(gt=0, le=480)]
    agents: tuple[str, ...] = ()
    team: str | None = None
    contract: str | None = None
    days: tuple[Weekday | dt.date, ...] = ()
    window: tuple[dt.time, dt.time] | None = None
    at_once: int | None = Field(default=None, ge=1)
    activity: Literal["training", "one_to_one"] = "training"

    @model_validator(mode="after")
    def _of_somebody(self) -> Training:
        if not self.agents and self.team is None and self.contract is None:
            raise ValueError("agents, team or contract must say whose it is")
        if self.minutes % 5:
            raise ValueError("minutes must be whole fives")
        if self.window is not None and self._long() < self.minutes:
            raise ValueError("window is shorter than the training")
        return self

    def _long(self) -> int:
        """Length of the window. [min]"""
        begin, end = self.span
        return end - begin

    @property
    def span(self) -> tuple[int, int]:
        """Begin and end of the window in minutes from midnight; the whole day where there is none. [min]"""
        if self.window is None:
            return 0, 1440
        begin, end = (time.hour * 60 + time.minute for time in self.window)
        return begin, end if end > begin else end + 1440

    @property
    def fixed(self) -> bool:
        """Whether the window leaves one time of the day only."""
        return self.window is not None and self._long() == self.minutes

    def held_on(self, date: dt.date) -> bool:
        """Whether it may be on a date."""
        return not self.days or date in self.days or WEEKDAYS[date.weekday()] in self.days

    def is_for(self, agent: str, team: str, contract: str) -> bool:
        """Whether a person is to take part."""
        return (
            (not self.agents or agent in self.agents)
            and self.team in (None, team)
            and self.contract in (None, contract)
        )
