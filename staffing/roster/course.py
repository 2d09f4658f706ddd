"""Everybody's days over several weeks: what is settled so far, and what that leaves to each week.

A rule over all planned days, or over the border of two weeks, becomes a rule of one week once the days
around it are settled: so much is left of each total, so long are the runs on both sides. Weeks to come that
are not settled yet add no less than their least and no more than their most.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from staffing.model import Limit, Rules
from staffing.roster import people, shares
from staffing.roster.case import OFF, WEEK, Around, Case, Group, Menu
from staffing.roster.shares import LATE, SATURDAY, Had
from staffing.roster.weeks import SHIFTS_TOTAL, TOLERANCE, Weeks, added

UNSETTLED = -1


@dataclass(frozen=True)
class Past:
    """How one person stands before the first day: days worked or off in a row; whether that is known."""

    known: bool = False
    run: int = 0
    off: int = 0
    yesterday: str = ""


@dataclass(frozen=True)
class Pace:
    """How a total of one person is to grow from week to week.

    Parameters
    ----------
    shares : numpy.ndarray
        Of the total that should be there after each week, shape (weeks,). [0-1]
    phase : float
        Where between two whole steps this person is rounded up: alike people take turns. [0-1]
    """

    shares: np.ndarray
    phase: float


@dataclass(frozen=True)
class Course:
    """Everybody's days over all planned weeks.

    Parameters
    ----------
    cases : tuple of Case
        The weeks, each by itself; the first goes on from the roster before.
    own : tuple of dict
        For each week, agent -> the person as a group of one.
    past : dict
        Agent -> Past.
    credit : dict
        Agent -> paid leave over all days. [min]
    plan : dict
        Agent -> option of each day, -1 where it is not settled, shape (days,).
    steps : tuple of dict
        For each week, agent -> rule -> what a week can add to that total, sorted.
    paces : dict
        (Agent, rule) -> Pace; empty where nothing is held back for later weeks.
    """

    cases: tuple[Case, ...]
    own: tuple[dict[str, Group], ...]
    past: Mapping[str, Past]
    credit: Mapping[str, float]
    plan: dict[str, np.ndarray]
    steps: tuple[dict[str, dict[str, np.ndarray]], ...]
    paces: Mapping[tuple[str, str], Pace]

    def span(self, week: int) -> slice:
        """Days of a week."""
        return slice(week * WEEK, week * WEEK + self.cases[week].days)

    def menu(self, agent: str, week: int) -> Menu:
        """Shifts of a person's team in a week."""
        return self.cases[week].menus[self.own[week][agent].team]

    def row(self, agent: str, week: int) -> np.ndarray:
        """Options of a person in a settled week, shape (7,)."""
        days = self.plan[agent][self.span(week)]
        return np.append(days, np.zeros(WEEK - len(days), dtype=int))

    def is_settled(self, agent: str, week: int) -> bool:
        """Whether somebody's week is."""
        return bool((self.plan[agent][self.span(week)] != UNSETTLED).all())

    def settle(self, week: int, taken: Mapping[str, np.ndarray]) -> None:
        """Take over everybody's days of a week."""
        for agent, options in taken.items():
            self.plan[agent][self.span(week)] = options[: self.cases[week].days]

    def shared(self, week: int) -> dict[str, Had]:
        """Late shifts, and days on Saturdays and Sundays, that everybody has had before a week."""
        had = {agent: self.cases[0].had.get(agent, Had()) for agent in self.plan}
        weekend = shares.weekend(self.cases[0].start, week * WEEK).astype(bool)
        for agent, days in self.plan.items():
            late = [at + 1 for at, shift in enumerate(self.menu(agent, 0).shifts) if shift.name == LATE]
            before = days[: week * WEEK]
            more = int(np.isin(before, late).sum()), int((before[weekend] > 0).sum())
            names = [shift.name for shift in self.menu(agent, 0).shifts]
            own = Had(had[agent].lates + more[0], had[agent].weekend_days + more[1], had[agent].shifts)
            had[agent] = own.and_on(names[option - 1] for option in before[before > 0].tolist())
        return had

    def beyond(self, week: int) -> dict[str, shares.More]:
        """The same beyond the team's mean."""
        people = pd.DataFrame({"agent": list(self.plan)})
        people["team"] = [self.own[0][agent].team for agent in self.plan]
        return shares.beyond_mean(people, self.shared(week))

    def case(self, week: int, *, ahead: bool = True, paced: bool = True) -> Case:
        """A week between its neighbours.

        Parameters
        ----------
        week : int
            Which one.
        ahead : bool
            Whether settled weeks after it count; else it stands as if it were the last, without totals.
        paced : bool
            Whether something of each total is left to later weeks.
        """
        more = self.beyond(week)
        whole = [self.placed(agent, week, more[agent], ahead=ahead, paced=paced) for agent in self.own[week]]
        return dataclasses.replace(self.cases[week], groups=people.regrouped(whole), had=self.shared(week))

    def placed(
        self,
        agent: str,
        week: int,
        more: shares.More,
        *,
        ahead: bool = True,
        paced: bool = True,
    ) -> Group:
        """One person in a week, as the days around it leave it."""
        group, menu, days, past = (
            self.own[week][agent],
            self.menu(agent, week),
            self.plan[agent],
            self.past[agent],
        )
        rules, span = group.rules, self.span(week)
        before = days[: span.start]
        after = days[span.stop :] if ahead else days[:0]
        run, run_open = _lead(before[::-1], worked=True)
        off, off_open = _lead(before[::-1], worked=False)
        whole = run == len(before), off == len(before)
        work_after, work_open = _lead(after, worked=True)
        off_after, rest_open = _lead(after, worked=False)
        unknown = not len(after) or after[0] == UNSETTLED
        rotates = rules.rotate is not None and rules.rotation is None
        follows, in_row, off_row = rules.not_after, rules.days_in_row, rules.days_off_in_row
        around = Around(
            off=_capped(off + past.off * whole[1], off_row),
            begun_work=not _asked(in_row) or not run_open or (whole[0] and past.known),
            begun_off=not _asked(off_row) or not off_open or (whole[1] and past.known),
            tomorrow=_if_in(
                self._shift(agent, span.stop, after), {name for own in follows.values() for name in own}
            ),
            work_after=_capped(work_after, in_row),
            off_after=_capped(off_after, off_row),
            work_open=unknown or work_open or not _asked(in_row),
            off_open=unknown or rest_open or not _asked(off_row),
            next_start=self._next_start(agent, week, after),
            usual_after=self._usual(agent, week + 1) if ahead and rotates else -1,
            weekend=self._weekend(agent, week) if _asked(rules.weekends) else OFF,
        )
        group = dataclasses.replace(
            group,
            run=_capped(run + past.run * whole[0], in_row),
            last_end=self._last_end(agent, week, before),
            yesterday=_if_in(self._shift(agent, span.start - 1, before), follows),
            last_shift=group.last_shift if week == 0 else self._usual(agent, week - 1) if rotates else -1,
            more_lates=more[0] if rules.fair_lates else 0.0,
            more_weekends=more[1] if rules.fair_weekends else 0.0,
            unfair=more.priced(rules.fair_shifts),
            around=around,
        )
        if not ahead:
            return group
        totals = tuple(
            self._left(agent, week, name, limit, group, menu, paced=paced)
            for name, limit in totals_of(group, menu)
        )
        return dataclasses.replace(group, around=dataclasses.replace(around, totals=totals))

    def alone(self, week: int) -> Case:
        """A week to which nothing is carried over, but the roster before to the first.

        Hours below those owed count as lawful wherever leave or closed days excuse them, since what other
        weeks leave may be why.
        """
        empty = dataclasses.replace(
            self, plan={agent: np.full_like(days, UNSETTLED) for agent, days in self.plan.items()}
        )
        more = empty.beyond(0) if week == 0 else dict.fromkeys(self.own[0], shares.More())
        free = [empty.placed(agent, week, more[agent], ahead=False) for agent in self.own[week]]
        free = [
            dataclasses.replace(group, hours=(0.0, group.hours[1])) if group.excused else group
            for group in free
        ]
        return dataclasses.replace(self.cases[week], groups=people.regrouped(free))

    def _shift(self, agent: str, day: int, near: np.ndarray) -> str:
        """Name of the shift on a day beside the week; the one before the first day is the past's."""
        if day < 0:
            return self.past[agent].yesterday
        option = int(self.plan[agent][day]) if len(near) and day < len(self.plan[agent]) else 0
        return self.menu(agent, 0).shifts[option - 1].name if option > 0 else ""

    def _offset(self, week: int) -> float:
        return people.minutes(self.cases[week].origin - self.cases[0].origin)

    def _last_end(self, agent: str, week: int, before: np.ndarray) -> float:
        group, menu = self.own[week][agent], self.menu(agent, week)
        worked = np.flatnonzero(before > 0)
        if len(worked):
            then, day = divmod(int(worked[-1]), WEEK)
            end = self._offset(then) + float(self.menu(agent, then).end[day, before[worked[-1]] - 1])
        else:
            end = self.own[0][agent].last_end
        end -= self._offset(week)
        earliest = float(menu.start[: self.cases[week].days].min())
        return end if earliest - end < 60.0 * group.rules.rest_hours else -math.inf

    def _next_start(self, agent: str, week: int, after: np.ndarray) -> float:
        group, menu = self.own[week][agent], self.menu(agent, week)
        worked = np.flatnonzero(after)
        if not len(worked) or after[worked[0]] == UNSETTLED:
            return math.inf
        then, day = divmod(self.span(week).stop + int(worked[0]), WEEK)
        start = self._offset(then) + float(self.menu(agent, then).start[day, after[worked[0]] - 1])
        start -= self._offset(week)
        return start if start - float(menu.end.max()) < 60.0 * group.rules.rest_hours else math.inf

    def _usual(self, agent: str, week: int) -> int:
        """Option on which more than half of the days of a settled week are."""
        if not 0 <= week < len(self.cases) or not self.is_settled(agent, week):
            return -1
        worked = [option for option in self.row(agent, week).tolist() if option]
        return next((option for option in worked if 2 * worked.count(option) > len(worked)), -1)

    def _weekend(self, agent: str, week: int) -> tuple[int, ...]:
        days = self.plan[agent]
        numbers = weekend_numbers(self.cases[0].start, len(days))
        span = self.span(week)
        others = (days > 0) & (numbers >= 0)
        others[span] = False
        mine = np.where(np.isin(numbers[span], numbers[others]), -1, numbers[span])
        first = mine[mine >= 0].min(initial=10**9)
        own = [int(number - first) if number >= 0 else -1 for number in mine.tolist()]
        return tuple(own + [-1] * (WEEK - len(own)))

    def _had(self, agent: str, rule: str, week: int) -> float:
        """What a settled week adds to a total; weekends are counted over all weeks at once."""
        group = dataclasses.replace(self.own[week][agent], around=Around())
        return float(added(rule, group, self.menu(agent, week), self.row(agent, week)[None, :])[0])

    def had(self, agent: str, rule: str, weeks: Sequence[int]) -> float:
        """What some settled weeks have in a total together."""
        if rule != "weekends":
            return sum(self._had(agent, rule, week) for week in weeks)
        days = self.plan[agent]
        numbers = weekend_numbers(self.cases[0].start, len(days))
        on = np.zeros(len(days), dtype=bool)
        for week in weeks:
            on[self.span(week)] = True
        return float(len(np.unique(numbers[on & (days > 0) & (numbers >= 0)])))

    def bounds(self, agent: str, rule: str, limit: Limit) -> tuple[float, float]:
        """Least and most of a total over all days; hours in minutes, the credit of leave taken off."""
        low = -math.inf if limit.min is None else limit.min
        high = math.inf if limit.max is None else limit.max
        if rule != "hours_total":
            return low, high
        credit = self.credit[agent]
        return max(0.0, 60.0 * low - credit), max(0.0, 60.0 * high - credit)

    def _left(
        self, agent: str, week: int, rule: str, limit: Limit, group: Group, menu: Menu, *, paced: bool
    ) -> tuple[str, float, float]:
        """What is left of a total to a week, in what it can add."""
        low, high = self.bounds(agent, rule, limit)
        others = [other for other in range(len(self.cases)) if other != week]
        settled = [other for other in others if self.is_settled(agent, other)]
        had = self.had(agent, rule, settled)
        coming = [self.steps[other][agent][rule] for other in others if other not in settled]
        split = rule == "weekends" and self.cases[0].start.weekday() != 0  # one weekend, two weeks
        left = (
            low - had - sum(float(steps[-1]) for steps in coming),
            high - had - (0.0 if split else sum(float(steps[0]) for steps in coming)),
        )
        steps = self.steps[week][agent][rule]
        pace = self.paces.get((agent, rule))
        if paced and pace is not None and math.isinf(limit.price) and all(other < week for other in settled):
            unit = float(menu.paid.max()) if rule == "hours_total" else 1.0
            share = float(pace.shares[week])
            held = (
                max(left[0], low * share - (1.0 - pace.phase) * unit - had),
                min(left[1], high * share + pace.phase * unit - had),
            )
            if _between(steps, held).any():
                left = held
        return rule, *_rounded(steps, left, priced=math.isfinite(limit.price))


def begun(cases: Sequence[Case], previous: pd.DataFrame, timeoff: pd.DataFrame, days: int) -> Course:
    """A course of which nothing is settled."""
    own = tuple(
        {
            agent: dataclasses.replace(group, agents=(agent,))
            for group in case.groups
            for agent in group.agents
        }
        for case in cases
    )
    start = pd.Timestamp(cases[0].start)
    pasts = {agent: Past() for agent in own[0]}
    before = previous[(previous["date"] < start) & previous["agent"].isin(list(pasts))]
    for agent, rows in before.groupby("agent", sort=True):
        pasts[str(agent)] = _past(rows, start)
    dates = start + pd.to_timedelta(np.arange(days), unit="D")
    credit = dict.fromkeys(own[0], 0.0)
    row: Any
    for row in timeoff.itertuples(index=False):
        if row.agent in credit:
            inside = int(((dates >= row.start) & (dates <= row.end)).sum())
            credit[row.agent] += 60.0 * row.credit_hours * inside / ((row.end - row.start).days + 1)
    plan = {agent: np.full(days, UNSETTLED) for agent in own[0]}
    return Course(tuple(cases), own, pasts, credit, plan, (), {})


def _past(rows: pd.DataFrame, start: pd.Timestamp) -> Past:
    worked = dict(zip(rows["date"], rows["shift"], strict=True))
    run = 0
    while start - pd.Timedelta(days=run + 1) in worked:
        run += 1
    off = (start - max(worked)).days - 1
    return Past(True, run, off, str(worked.get(start - pd.Timedelta(days=1), "")))


def with_steps(course: Course, cases: Sequence[Case], lawful: Sequence[list[Weeks]]) -> Course:
    """The course with what each week can add to the totals of everybody, of its lawful ones."""
    found: list[dict[str, dict[str, np.ndarray]]] = []
    for case, some in zip(cases, lawful, strict=True):
        here: dict[str, dict[str, np.ndarray]] = {}
        for group, weeks in zip(case.groups, some, strict=True):
            menu = case.menus[group.team]
            own = {
                name: np.unique(added(name, group, menu, weeks.options)) for name, _ in totals_of(group, menu)
            }
            here |= dict.fromkeys(group.agents, own)
        found.append(here)
    return dataclasses.replace(course, steps=tuple(found))


def totals_of(group: Group, menu: Menu) -> Iterator[tuple[str, Limit]]:
    """The rules over all planned days that bind a person."""
    rules: Rules = group.rules
    limits = {"hours_total": rules.hours_total, "weekends": rules.weekends}
    names = {shift.name for shift in menu.shifts}
    limits |= {
        f"{SHIFTS_TOTAL}{name}": rules.shifts_total[name] for name in sorted(names & set(rules.shifts_total))
    }
    return ((name, limit) for name, limit in limits.items() if limit is not None and _asked(limit))


def weekend_numbers(start: dt.date, days: int) -> np.ndarray:
    """Number of the weekend that each day belongs to, -1 on others, shape (days,).

    Examples
    --------
    >>> weekend_numbers(dt.date(2026, 12, 3), 5).tolist()
    [-1, -1, 105707, 105707, -1]
    """
    numbers = start.toordinal() + np.arange(days) - 1  # day 1 was a Monday
    return np.where(numbers % WEEK >= SATURDAY, numbers // WEEK, -1)


def _asked(limit: Limit) -> bool:
    return limit.min is not None or limit.max is not None


def _capped(length: int, limit: Limit) -> int:
    """The length of a run, as far as its limit can tell lengths apart."""
    longest = [math.ceil(bound) for bound in (limit.min, limit.max) if bound is not None]
    return min(length, max(longest) + 1) if longest else 0


def _if_in(name: str, names: Any) -> str:
    return name if name in names else ""


def _lead(days: np.ndarray, *, worked: bool) -> tuple[int, bool]:
    """Days at the beginning that are all worked, or all free; and whether no other settled day ends them."""
    length = 0
    for option in days.tolist():
        if option == UNSETTLED:
            return length, True
        if (option > 0) != worked:
            return length, False
        length += 1
    return length, True


def _between(steps: np.ndarray, left: tuple[float, float]) -> np.ndarray:
    return (steps >= left[0] - TOLERANCE) & (steps <= left[1] + TOLERANCE)


def _rounded(steps: np.ndarray, left: tuple[float, float], *, priced: bool) -> tuple[float, float]:
    """The same bounds for all to whom they leave the same, but where a price counts what lies beyond."""
    inside = steps[_between(steps, left)]
    if not len(inside):
        return left
    low = -math.inf if inside[0] == steps[0] else left[0] if priced else float(inside[0])
    return low, math.inf if inside[-1] == steps[-1] else left[1] if priced else float(inside[-1])
