"""Which people and days to free next: five kinds of neighbourhoods, chosen by what they have gained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from staffing.roster.horizon.model import Model

WIDTHS = (7, 10, 14, 21, 28)
SMALLEST = 0.25  # of people x four weeks: where the size of a neighbourhood begins
FEWEST = 3000  # columns that it does not begin beyond
FORGET = 0.9
CURIOUS = 0.15
GROW, SHRINK = 1.15, 0.93


@dataclass
class State:
    """What the search knows when it chooses.

    Parameters
    ----------
    model : Model
        The program.
    values, guide : numpy.ndarray
        Of all columns: the roster as it stands, and the linear program.
    people, days : int
        How many.
    block : numpy.ndarray
        Of each person: whom pairs tie to each other are in one, and freed together.
    rng : numpy.random.Generator
        Of all that is drawn.
    """

    model: Model
    values: np.ndarray
    guide: np.ndarray
    people: int
    days: int
    block: np.ndarray
    rng: np.random.Generator


def blocks(state: State, size: float) -> np.ndarray:
    """Some people over some weeks."""
    begin, width = _window(state, int(state.rng.choice(WIDTHS)))
    return _mask(state, state.rng.permutation(state.people)[: _many(state, size / width)], begin, width)


def everybody(state: State, size: float) -> np.ndarray:
    """All people over some days."""
    begin, width = _window(state, max(2, round(size / state.people)))
    return _mask(state, np.arange(state.people), begin, width)


def unlike_guide(state: State, size: float) -> np.ndarray:
    """People whose days differ most from the linear program."""
    begin, width = _window(state, 28)
    model = state.model
    own = np.concatenate([columns[begin : begin + width].ravel() for columns in model.x])
    own = own[own >= 0]
    apart = np.zeros(state.people)
    np.add.at(apart, model.person[own], np.abs(state.values[own] - state.guide[own]))
    weight = apart + 0.5 * state.rng.random(state.people) + 1e-9
    chosen = state.rng.choice(
        state.people, _many(state, size / width), replace=False, p=weight / weight.sum()
    )
    return _mask(state, chosen, begin, width)


def around_cost(state: State, size: float) -> np.ndarray:
    """Some people around a day on which people are short or too many."""
    width = min(int(state.rng.choice(WIDTHS[:3])), state.days)
    begin = _around(state, width)
    return _mask(state, state.rng.permutation(state.people)[: _many(state, size / width)], begin, width)


def everybody_around_cost(state: State, size: float) -> np.ndarray:
    """All people around such a day."""
    width = min(max(2, round(size / state.people)), state.days)
    return _mask(state, np.arange(state.people), _around(state, width), width)


def _around(state: State, width: int) -> int:
    """First day of a window about a day drawn by what it costs that people are short or too many."""
    model = state.model
    shared = np.flatnonzero((model.person < 0) & (model.program.cost > 0) & (state.values > 1e-6))
    if not len(shared):
        return _window(state, width)[0]
    price = model.program.cost[shared] * state.values[shared]
    day = int(model.first[state.rng.choice(shared, p=price / price.sum())])
    return int(np.clip(day - state.rng.integers(0, width), 0, state.days - width))


def _window(state: State, width: int) -> tuple[int, int]:
    width = min(width, state.days)
    return int(state.rng.integers(0, state.days - width + 1)), width


def _many(state: State, people: float) -> int:
    return int(np.clip(round(people), min(2, state.people), state.people))


def _mask(state: State, chosen: np.ndarray, begin: int, width: int) -> np.ndarray:
    mask = np.zeros((state.people, state.days), dtype=bool)
    mask[np.isin(state.block, state.block[chosen]), begin : begin + width] = True
    return mask


KINDS: tuple[Callable[[State, float], np.ndarray], ...] = (
    everybody_around_cost,
    blocks,
    everybody,
    unlike_guide,
    around_cost,
)


def freed(model: Model, mask: np.ndarray) -> np.ndarray:
    """The columns that hang on any of some people's days; sorted."""
    people, days = mask.shape
    somebody = mask.any(axis=0)
    until = np.zeros((people + 1, days + 1), dtype=int)
    until[:people, 1:] = mask.cumsum(axis=1)
    until[people, 1:] = somebody.cumsum()
    whose = np.where(model.person < 0, people, model.person)
    return np.flatnonzero(until[whose, model.last + 1] > until[whose, model.first])


@dataclass
class Choice:
    """Kinds of neighbourhoods, with their sizes in person-days and what they have gained for their work."""

    size: np.ndarray
    most: float
    gain: np.ndarray = field(default_factory=lambda: np.ones(len(KINDS)))
    work: np.ndarray = field(default_factory=lambda: np.ones(len(KINDS)))
    tried: int = 0

    @classmethod
    def of(cls, people: int, days: int, columns: int) -> Choice:
        """All of the same size to begin with."""
        many = min(SMALLEST * people * min(days, 28), FEWEST * people * days / columns)
        return cls(np.full(len(KINDS), many), float(people * days))

    def next(self, rng: np.random.Generator) -> int:
        """Each in turn at first, then by gain for work, none ever forgotten."""
        self.tried += 1
        if self.tried <= 2 * len(KINDS):
            return (self.tried - 1) % len(KINDS)
        rate = self.gain / self.work
        weight = rate + CURIOUS * rate.max() + 1e-9
        return int(rng.choice(len(KINDS), p=weight / weight.sum()))

    def learn(self, kind: int, gain: float, work: float, *, solved: bool) -> None:
        """What came of it: those solved without a gain grow, those not solved shrink.

        Small ones take a hundredth of a large one's time, so a kind that gains keeps its size.
        """
        self.gain[kind] = FORGET * self.gain[kind] + gain
        self.work[kind] = FORGET * self.work[kind] + work
        if not solved:
            self.size[kind] *= SHRINK
        elif gain <= 0:
            self.size[kind] *= GROW
        self.size[kind] = float(np.clip(self.size[kind], 4.0, self.most))
