"""What is agreed about single people beyond numbers: who works with whom, and cycles of weeks or days."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import ConfigDict, Field, model_validator
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
