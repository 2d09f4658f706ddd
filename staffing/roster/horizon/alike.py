"""The cheapest days of many people at once, where what counts over all days has a price, not a limit.

Only runs of work and of days off and what may follow what are walked: the paid time, the weekends and the
days on one shift are in the prices. So few states are left that everybody walks in the time that one person's
exact walk (`walks`) takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from staffing.roster.horizon.walks import Frame


@dataclass(frozen=True)
class Days:
    """Days with the same successions.

    Parameters
    ----------
    at : numpy.ndarray of int
        Which.
    shifts : list of numpy.ndarray
        Shifts of one kind that may follow the same, one array for each.
    kinds : numpy.ndarray of int
        Kind of each of these.
    shut : numpy.ndarray
        Kind of the day before x these: inf where they exclude each other, else 0.
    """

    at: np.ndarray
    shifts: list[np.ndarray]
    kinds: np.ndarray
    shut: np.ndarray

    @classmethod
    def of(cls, rules: Frame) -> list[Days]:
        """All days of a frame."""
        layout = rules.layout
        days: dict[int, list[int]] = {}
        for day, steps in enumerate(layout.steps):
            days.setdefault(id(steps), []).append(day)
        found = []
        for some in days.values():
            ways: dict[tuple[int, int], list[int]] = {}
            for (before, kind, *_), shifts in layout.steps[some[0]].items():
                ways.setdefault((before, kind), []).extend(shifts.tolist())
            shut = np.full((len(layout.kinds), len(ways)), np.inf)
            for way, (before, _) in enumerate(ways):
                shut[list(layout.befores[before]), way] = 0.0
            kinds = np.array([kind for _, kind in ways], dtype=int)
            found.append(cls(np.array(some), [np.array(one) for one in ways.values()], kinds, shut))
        return found

    def best(self, price: np.ndarray) -> np.ndarray:
        """Price of the cheapest of each of these shifts, shape (people, days, ways)."""
        own = price[:, self.at]
        return np.stack([own[:, :, some + 1].min(axis=2) for some in self.shifts], axis=2)


@dataclass(frozen=True)
class Alike:
    """People whose shifts follow and pay alike; their limits on runs may differ.

    Parameters
    ----------
    rules : Frame
        Of the first: successions, units and weekends are those of all.
    days : list of Days
        By what may follow what.
    kind : numpy.ndarray of int
        Of each shift.
    back, run : numpy.ndarray of int
        As in `Frame`, of each person.
    on, off : Runs
        Of work and of days off.
    """

    rules: Frame
    days: list[Days]
    kind: np.ndarray
    back: np.ndarray
    run: np.ndarray
    on: Runs
    off: Runs

    @classmethod
    def of(cls, frames: Sequence[Frame]) -> Alike:
        """Of people whose frames have the same `like`."""
        rules = frames[0]
        kind = np.zeros(rules.units.shape[1], dtype=int)
        for number, some in enumerate(rules.layout.kinds):
            kind[some] = number
        back, run = (np.array([getattr(one, name) for one in frames]) for name in ("back", "run"))
        on, off = (Runs.of(np.array([getattr(one, name) for one in frames])) for name in ("on", "off"))
        return cls(rules, Days.of(rules), kind, back, run, on, off)

    @property
    def states(self) -> int:
        """Steps from state to state of all people and days: a measure of the work of a walk."""
        kinds = len(self.rules.layout.kinds)
        ways = max(len(some.shifts) for some in self.days)
        return len(self.back) * len(self.rules.units) * kinds * ways * self.on.lengths

    def cheapest(self, price: np.ndarray, weekend: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The cheapest days of each person.

        Parameters
        ----------
        price : numpy.ndarray
            Of each option, inf where one cannot be worked, shape (people, days, shifts + 1).
        weekend : numpy.ndarray
            Of each weekend with work, shape (people,).

        Returns
        -------
        plans : numpy.ndarray of int
            Option on each day, shape (people, days).
        costs : numpy.ndarray
            Shape (people,); inf where there are no lawful days.
        """
        on, off = self._to_go(price, weekend)
        people, days = price.shape[:2]
        plans, everybody = np.zeros((people, days), dtype=int), np.arange(people)
        working, kind = self.run > 0, np.full(people, len(self.rules.layout.kinds))
        worked = np.where(working, np.minimum(self.run, self.on.lengths), 1) - 1
        rested = np.where(self.run < 0, np.minimum(-self.run, self.off.lengths), 1) - 1
        shut = np.where(self.rules.banned, np.inf, 0.0)
        first = np.array([some[0] for some in self.rules.layout.kinds])
        costs = np.zeros(people)
        for day in range(days):
            run = np.where(working, self.on.longer[worked], 0)
            ways = price[:, day, 1:] + on[day + 1][everybody[:, None], self.kind[None, :], run[:, None]]
            ways += np.vstack([shut[day, first], np.zeros(len(self.kind))])[kind]
            shift = ways.argmin(axis=1)
            counts = self.rules.weekend[day]
            duty = ways[everybody, shift] + np.where(counts == 1, weekend, 0.0)
            duty += np.where((counts == 2) & ~working, weekend, 0.0)
            rest = np.where(working, 0, self.off.longer[rested])
            free = price[:, day, 0] + off[day + 1][everybody, rest]
            may_end, may_begin = self.on.ends(day + self.back), self.off.ends(day + self.back)
            begins = np.where(working, self.on.more[everybody, worked], may_begin[everybody, rested])
            stops = np.where(working, may_end[everybody, worked], self.off.more[everybody, rested])
            if day == 0:
                # Before an unknown past anything may begin.
                unknown = self.back == 0
                begins, stops = np.where(unknown, 0.0, begins), np.where(unknown, 0.0, stops)
                rest = np.where(unknown, 0, rest)
                free = price[:, day, 0] + off[day + 1][everybody, rest]
                costs = np.minimum(duty + begins, free + stops)
            working = duty + begins < free + stops
            plans[:, day] = np.where(working, shift + 1, 0)
            kind = np.where(working, self.kind[shift], len(first))
            worked, rested = np.where(working, run, 0), np.where(working, 0, rest)
        return plans, costs

    def _to_go(self, price: np.ndarray, weekend: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Least cost of the days after each, in a run of work, shape (days + 1, people, kinds, run), and of
        days off, shape (days + 1, people, run)."""
        people, days = price.shape[:2]
        on = np.zeros((days + 1, people, len(self.rules.layout.kinds), self.on.lengths))
        off = np.zeros((days + 1, people, self.off.lengths))
        alike = {int(day): (some, place) for some in self.days for place, day in enumerate(some.at)}
        best = {id(some): some.best(price) for some in self.days}
        for day in range(days - 1, -1, -1):
            some, place = alike[day]
            duty = best[id(some)][:, place, :, None] + on[day + 1][:, some.kinds]
            counts = self.rules.weekend[day]
            if counts == 1:
                duty += weekend[:, None, None]
            begins = duty[:, :, 0].min(axis=1, initial=np.inf)
            if counts == 2:
                begins = begins + weekend
            rest = price[:, day, :1] + off[day + 1][:, self.off.longer] + self.off.more
            free = price[:, day, 0] + off[day + 1][:, 0]
            off[day] = np.minimum(rest, begins[:, None] + self.off.ends(day + self.back))
            goes_on = duty[:, :, self.on.longer]
            further = (some.shut[None, :, :, None] + goes_on[:, None]).min(axis=2, initial=np.inf)
            further += self.on.more[:, None]
            on[day] = np.minimum(further, (free[:, None] + self.on.ends(day + self.back))[:, None])
        return on, off


@dataclass(frozen=True)
class Runs:
    """Lengths of runs of one sort that are told apart, for each person.

    Parameters
    ----------
    least : numpy.ndarray of int
        Days that a run has at least, shape (people,).
    longer : numpy.ndarray of int
        Place of the run a day longer, by place; the last stands for all beyond.
    more : numpy.ndarray
        0 where a run may be a day longer, else inf, shape (people, lengths).
    """

    least: np.ndarray
    longer: np.ndarray
    more: np.ndarray

    @property
    def lengths(self) -> int:
        """How many."""
        return len(self.longer)

    @classmethod
    def of(cls, limits: np.ndarray) -> Runs:
        """Of the least and most days of each person's runs; a most of 0 is none."""
        least, most = limits[:, 0], limits[:, 1]
        lengths = int(np.where(most > 0, most, least).max())
        place = np.arange(lengths)
        goes_on = (most[:, None] == 0) | (place + 2 <= most[:, None])
        return cls(least, np.minimum(place + 1, lengths - 1), np.where(goes_on, 0.0, np.inf))

    def ends(self, known: np.ndarray) -> np.ndarray:
        """0 where a run may end, else inf: long enough, or as long as the days known; (people, lengths)."""
        length = np.arange(self.lengths) + 1
        return np.where((length >= self.least[:, None]) | (length == known[:, None]), 0.0, np.inf)
