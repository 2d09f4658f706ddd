"""Several weeks of interval demand: one after the other, then each again between its neighbours.

Each week is settled as one program, given the weeks around it (`course`). Totals over all days are paced by
what the linear programs of the weeks would use when; where a person has no lawful week left all the same,
the days of that person alone are planned anew over all weeks (`line`), so nobody ends without a roster.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from staffing import lp
from staffing.errors import DataError, PlanError, Problem, SolverError
from staffing.model import Pair, Roster, Rules, Shift, Team, Training
from staffing.roster import (
    bounding,
    clashes,
    conflicts,
    course,
    joint,
    line,
    nights,
    reading,
    reasons,
    search,
    single,
)
from staffing.roster.case import WEEK, Case, Group
from staffing.roster.course import Course, Pace
from staffing.roster.reading import Given
from staffing.roster.single import Settled
from staffing.roster.weeks import TOLERANCE, Weeks, judged, lawful, price_of, rules_of
from staffing.roster.worth import Aim

PASSES = 2  # over all weeks, each again between its neighbours
LEAST = 2.0  # for each week that must be settled, whatever is left: so there is a whole roster. [s]
FAR = 0.02  # of the cost
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0  # turns that spread evenly, however many take them


def plan(
    given: Given,
    shifts: Sequence[Shift],
    rules: Mapping[str, Rules] | Rules,
    *,
    start: dt.date | None,
    days: int,
    frozen_until: dt.date | None,
    price_change: float | None,
    teams: Iterable[Team],
    seats: int | None,
    together: Iterable[Pair],
    trainings: Sequence[Training],
    aim: Aim,
    time_limit: float | None,
) -> Roster:
    """Roster several weeks, or one with rules over all planned days; the arguments are those of `assign`."""
    began = time.perf_counter()
    seconds = math.inf if time_limit is None else time_limit
    if start is None:
        if given.demand.empty:
            raise DataError([Problem("the demand is empty, so the days have no first one", "give start=")])
        start = given.demand["interval"].min().date()
    first = dt.date(start.year, start.month, start.day)
    cases = []
    for at in range(0, days, WEEK):
        date, length = first + dt.timedelta(days=at), min(WEEK, days - at)
        cases.append(
            reading.read(
                _of_week(given, date, length, first_week=at == 0),
                shifts,
                rules,
                start=date,
                days=length,
                frozen_until=frozen_until,
                price_change=price_change,
                teams=teams,
                seats=seats,
                together=together,
                trainings=trainings,
                aim=aim,
                follows=at + length < days,
            )
        )
    over = course.begun(nights.bordered(cases), given.previous, given.timeoff, days)
    weeks = _Weeks(given, tuple(shifts), rules, over, seconds, lp.Budget(seconds), aim)
    weeks.look_ahead()
    weeks.go_by_kept()
    for week in range(len(cases)):
        weeks.without_fail(functools.partial(weeks.settle, week))
    if not trainings:  # which sessions are held is known at the end only
        weeks.prove()
    weeks.improve()
    if trainings:
        weeks.prove()
    return weeks.roster(time.perf_counter() - began)


def _of_week(given: Given, first: dt.date, days: int, *, first_week: bool) -> Given:
    """What concerns one week: the roster before goes on into the first one only."""
    begin, end = pd.Timestamp(first), pd.Timestamp(first) + pd.Timedelta(days=days)
    keep = given.keep[(given.keep["date"] >= begin) & (given.keep["date"] < end)]
    if first_week:
        return dataclasses.replace(given, keep=keep)
    return dataclasses.replace(
        given, keep=keep, previous=given.previous.iloc[:0], carried=given.carried.iloc[:0]
    )


@dataclass
class _Weeks:
    """Weeks in the making.

    Parameters
    ----------
    given, shifts, rules
        As they came.
    course : Course
        Everybody's days.
    seconds : float
        What the solver may take in all, in work. [s]
    budget : lp.Budget
        Of all weeks.
    aim : Aim
        What cover is measured by.
    settled : dict
        Week -> Settled.
    bound : float
        What all weeks cost at least.
    hoped : list of float
        What each week should cost, the bound shared out.
    apart : joint.Apart or None
        The weeks by themselves, for a closer bound.
    unfit : set of int
        Settled weeks in which somebody's days have changed since.
    braked : bool
        Whether the clock ended something.
    hurried : bool
        Whether Ctrl-C came: what a whole roster still needs is done with as little work as may be.
    """

    given: Given
    shifts: tuple[Shift, ...]
    rules: Mapping[str, Rules] | Rules
    course: Course
    seconds: float
    budget: lp.Budget
    aim: Aim
    settled: dict[int, Settled] = field(default_factory=dict)
    bound: float = -math.inf
    hoped: list[float] = field(default_factory=list)
    apart: joint.Apart | None = None
    unfit: set[int] = field(default_factory=set)
    braked: bool = False
    hurried: bool = False

    @property
    def numbers(self) -> range:
        """Of the weeks."""
        return range(len(self.course.cases))

    @contextmanager
    def share(self, parts: int) -> Iterator[lp.Budget]:
        """Work for one of so many parts that are left."""
        own = lp.Budget(LEAST if self.hurried else max(self.budget.left / parts, LEAST))
        yield own
        self.budget.spend(own.seconds - own.left if math.isfinite(own.seconds) else 0.0)
        self.braked |= own.braked

    def look_ahead(self) -> None:
        """The bound, what each week can add to the totals, and what the linear programs would.

        Planned training is left out there: of the bound it takes what it may save of surplus.
        """
        alone = [_without_training(self.course.alone(week)) for week in self.numbers]
        found = [conflicts.lawful_of_all(case) for case in alone]
        for case, some in zip(alone, found, strict=True):
            clashes.of_pairs(case, some)
        self.course = course.with_steps(self.course, alone, found)
        with self.share(2) as budget:
            said = joint.ahead(self.course, alone, found, budget)
        saved = sum(bounding.most_saved(case, case.sessions) for case in self.course.cases)
        self.bound, self.hoped = said.bound - saved, said.costs
        self.apart, self.hurried = said.apart, said.interrupted
        self.course = dataclasses.replace(self.course, paces=_paces(said.used))

    def go_by_kept(self) -> None:
        """Begin from the roster that is kept, as far as it is still lawful."""
        kept = {
            (agent, week): _kept(group)
            for week in self.numbers
            for agent, group in self.course.own[week].items()
        }
        for (agent, week), options in kept.items():
            if options is not None:
                self.course.settle(week, {agent: options})
        for week in self.numbers:
            between = self.course.case(week)
            for group in between.groups:
                for agent in group.agents:
                    if self.course.is_settled(agent, week) and not _keeps(
                        self.course.row(agent, week), group, between
                    ):
                        self.course.settle(week, {agent: np.full(WEEK, course.UNSETTLED)})

    def settle(self, week: int) -> None:
        """One week after those before it."""
        left = len(self.numbers) - week + len(self.numbers) // 2  # some is kept for going over them again
        try:
            done = self.solved(week, *self.lawful(week, paced=True), left)
        except PlanError:
            done = self.solved(week, *self.lawful(week, paced=False), left)
        self.take(week, done)

    def solved(self, week: int, case: Case, some: list[Weeks], parts: int) -> Settled:
        """One week, with whoever its settled neighbours have in it."""
        case = nights.between(case, self.beside(week - 1), self.beside(week + 1))
        with self.share(parts) as budget:
            return single.settled(case, some, self.given.kept, budget)

    def beside(self, week: int) -> Settled | None:
        """A week as it is settled, None where there is none or its days are open."""
        done = self.settled.get(week)
        days = (self.course.is_settled(agent, week) for agent in done.taken) if done is not None else ()
        return done if all(days) else None

    def counted(self, week: int) -> Settled:
        """A settled week as it counts now: nights of the week before may have changed since."""
        done, case = self.settled[week], self.course.cases[week]
        if not case.shared:
            return done
        return nights.counted(done, self.settled.get(week - 1), case)

    def take(self, week: int, done: Settled) -> None:
        """Settle a week so."""
        self.settled[week] = done
        self.hurried |= done.found.interrupted
        self.unfit.discard(week)
        self.course.settle(week, done.taken)

    def lawful(self, week: int, *, paced: bool) -> tuple[Case, list[Weeks]]:
        """The lawful weeks of everybody between what is settled; nobody is without one."""
        case = self.course.case(week, paced=paced)
        found = [lawful(group, case.menus[group.team]) for group in case.groups]
        stuck = [group for group, some in zip(case.groups, found, strict=True) if not len(some.options)]
        if not stuck:
            return case, found
        if paced:
            return self.lawful(week, paced=False)
        for group in stuck:
            for agent in group.agents:
                self.plan_anew(agent)
        case = self.course.case(week, paced=False)
        found = [lawful(group, case.menus[group.team]) for group in case.groups]
        for at, group in enumerate(case.groups):
            if not len(found[at].options):
                found[at] = _as_it_is(self.course.row(group.agents[0], week), group, case)
        return case, found

    def plan_anew(self, agent: str) -> None:
        """All days of somebody who has no lawful week left, and of those whom hard pairs tie to that person.

        Settled weeks in which something changes are to be settled again.
        """
        block, pairs = {agent}, [pair for pair in self.course.cases[0].pairs if math.isinf(pair.price)]
        while more := [pair for pair in pairs if block & set(pair.agents) and not block >= set(pair.agents)]:
            block.update(*(pair.agents for pair in more))
        anew = line.lawful_days(self.course, sorted(block), self.given, self.shifts, self.rules)
        for one, options in anew.items():
            changed = options != self.course.plan[one]
            self.unfit |= {week for week in self.settled if changed[self.course.span(week)].any()}
            self.course.plan[one][:] = options

    def prove(self) -> None:
        """A closer bound, where the linear programs leave much: of each week in whole numbers by itself."""
        apart = self.apart
        near = self.cost() - self.bound - sum(self.counted(week).gap for week in self.numbers)
        if apart is None or near <= 0.0 or self.budget.over or self.hurried:
            return
        bounds = []
        for week in self.numbers:
            case, layout, program = apart.cases[week], apart.layouts[week], apart.programs[week]
            try:
                with self.share(2 * (len(self.numbers) - week)) as budget:
                    found = search.best(case, layout, program, budget)
                    held = [one for own in self.settled[week].held.values() for one in own]
                    bounds.append(bounding.bound(case, layout, program, found, held, (), budget))
            except KeyboardInterrupt:
                self.hurried = True
                return
            self.hurried |= found.interrupted
            if self.hurried:
                return
        self.bound = max(self.bound, apart.constant + sum(bounds))
        for week in self.numbers:
            self.hoped[week] += max(bounds[week] - apart.costs[week], 0.0)

    def improve(self) -> None:
        """Weeks again, each between its neighbours: those that must, then those that may be bettered."""
        for _ in self.numbers:
            for week in sorted(self.unfit):
                self.without_fail(functools.partial(self.again, week))
        if self.unfit:
            raise SolverError("the weeks bind each other too closely: plan them one after the other")
        try:
            for _ in range(PASSES):
                gained = sum(self.better(week) for week in self.numbers)
                gained += sum(self.turned(week) for week in self.numbers[-2::-1])
                gained += sum(self.again_both(week) for week in self.numbers[:-1])
                if not gained:
                    break
        except KeyboardInterrupt:
            self.hurried = True  # what was tried last is undone
        self.without_fail(self.give_hours_owed)

    def without_fail(self, step: Callable[[], None]) -> None:
        """Do what a whole roster needs; where Ctrl-C ends it, once more in a hurry."""
        try:
            step()
        except KeyboardInterrupt:
            if self.hurried:
                raise
            self.hurried = True
            step()

    def again(self, week: int) -> None:
        """Settle a week between its neighbours."""
        self.take(week, self.solved(week, *self.lawful(week, paced=False), 2))

    def better(self, week: int) -> bool:
        """Settle a week between its neighbours if all weeks together then cost less."""
        return self.tried((week,))

    def turned(self, week: int) -> bool:
        """Settle a week and the next one anew, the later one first, if all weeks together then cost less."""
        return self.tried((week + 1, week))

    def again_both(self, week: int) -> bool:
        """The same, the earlier one first, where the bound is far off: few people under tight totals."""
        cost = sum(self.counted(one).found.cost for one in (week, week + 1))
        return cost - self.hoped[week] - self.hoped[week + 1] > FAR * cost and self.tried((week, week + 1))

    def tried(self, order: tuple[int, ...]) -> bool:
        """Settle some weeks again, unless they are good enough, the time is over or nothing is gained."""
        near = sum(self.counted(one).found.cost - self.hoped[one] - self.settled[one].gap for one in order)
        if near <= 0.0 or self.budget.over or self.hurried:
            return False
        held = {one: self.settled[one] for one in order}
        cost, plan = self.cost(), {agent: days.copy() for agent, days in self.course.plan.items()}
        for one in order if len(order) > 1 else ():
            self.course.settle(one, {agent: np.full(WEEK, course.UNSETTLED) for agent in plan})
        try:
            for one in order:
                self.again(one)
                if self.hurried and one != order[-1]:
                    raise KeyboardInterrupt
            if not self.unfit and self.cost() < cost - TOLERANCE * max(1.0, abs(cost)):
                return True
        except (PlanError, SolverError):
            pass
        except KeyboardInterrupt:
            self.go_back(held, plan)
            raise
        self.go_back(held, plan)
        return False

    def go_back(self, held: Mapping[int, Settled], plan: Mapping[str, np.ndarray]) -> None:
        """Weeks as they were before something was tried."""
        self.unfit.clear()
        self.settled.update(held)
        self.course.plan.update(plan)

    def give_hours_owed(self) -> None:
        """Where leave excused somebody from hours, weeks around may have made room for more of them since."""
        for _ in range(2 * len(self.numbers)):
            late = next((week for week in self.numbers if self.owes(week)), None)
            if late is None:
                return
            case = self.course.case(late, paced=False)
            groups, found = [], []
            for group, some in zip(case.groups, self.lawful(late, paced=False)[1], strict=True):
                for agent in group.agents:
                    row = self.course.row(agent, late)
                    same = (some.options == row).all(axis=1)
                    groups.append(dataclasses.replace(group, agents=(agent,)))
                    found.append(some[same] if same.any() else some)
            case = dataclasses.replace(case, groups=tuple(groups))
            self.take(late, self.solved(late, case, found, 2))

    def owes(self, week: int) -> bool:
        """Whether somebody's week is no longer among the lawful ones."""
        case, found = self.lawful(week, paced=False)
        return any(
            not (some.options == self.course.row(agent, week)).all(axis=1).any()
            for group, some in zip(case.groups, found, strict=True)
            if group.excused
            for agent in group.agents
        )

    def people(self, week: int) -> tuple[Case, list[Weeks], list[np.ndarray]]:
        """Everybody's week as it is, with what it adds to the cost of those before."""
        case = self.course.case(week, ahead=False)
        some, people = [], []
        for group in case.groups:
            rows = np.array([self.course.row(agent, week) for agent in group.agents])
            rows, counts = np.unique(rows, axis=0, return_counts=True)
            some.append(_priced(rows, group, case))
            people.append(counts)
        return case, some, people

    def totals(self) -> pd.DataFrame:
        """What the priced rules over all days cost."""
        rows = {"hours_total": (0.0, 0.0), "shifts_total": (0.0, 0.0), "weekends": (0.0, 0.0)}
        units = {"hours_total": "h", "shifts_total": "shifts", "weekends": "weekends"}
        for agent, group in self.course.own[0].items():
            for name, limit in course.totals_of(group, self.course.menu(agent, 0)):
                if math.isinf(limit.price):
                    continue
                low, high = self.course.bounds(agent, name, limit)
                had = self.course.had(agent, name, list(self.numbers))
                beyond = max(low - had, had - high, 0.0) / (60.0 if name == "hours_total" else 1.0)
                part = name.partition(".")[0]
                cost, amount = rows[part]
                rows[part] = cost + limit.price * beyond, amount + beyond
        return reasons.as_objective([(part, *told, units[part]) for part, told in rows.items()])

    def cost(self) -> float:
        """Of all weeks together."""
        return float(self.objective()["cost"].sum())

    def objective(self) -> pd.DataFrame:
        """Cost by part, over all weeks."""
        tables = []
        for week in self.numbers:
            own = reasons.as_objective(reasons.of_people(*self.people(week)))
            cover = self.counted(week).objective
            tables.append(cover[~cover["part"].isin(own["part"])])
            tables.append(own)
        tables.append(self.totals())
        table = pd.concat(tables, ignore_index=True)
        table = table.groupby(["part", "unit"], sort=False, as_index=False)[["cost", "amount"]].sum()
        return table[["part", "cost", "amount", "unit"]]

    def roster(self, seconds: float) -> Roster:
        """All weeks as one."""
        weeks = [self.counted(week) for week in self.numbers]
        objective = self.objective()
        cost = float(objective["cost"].sum())
        bound = min(self.bound, cost)
        proven = cost - bound <= sum(week.gap for week in weeks) + 1e-6 * max(1.0, abs(cost))
        segments, assignments, shortages = (
            pd.concat(tables, ignore_index=True)
            for tables in zip(
                *((week.segments, week.assignments, week.shortages) for week in weeks), strict=True
            )
        )
        sessions = [week.training for week in weeks if week.training is not None]
        return Roster(
            assignments=assignments.sort_values(["agent", "date"], ignore_index=True),
            segments=segments.sort_values(["agent", "start"], ignore_index=True),
            shortages=shortages.sort_values(["queue", "interval"], ignore_index=True),
            objective=objective,
            status="time limit" if self.braked else "optimal" if proven else "stopped",
            cost=cost,
            bound=bound,
            price_short=weeks[0].case.price_short,
            seconds=seconds,
            measured=self.aim.measured(weeks[0].case.need.queues),
            training=pd.concat(sessions, ignore_index=True) if sessions else None,
        )


def _without_training(case: Case) -> Case:
    return dataclasses.replace(case, groups=tuple(map(_unplanned, case.groups)), sessions=())


def _unplanned(group: Group) -> Group:
    """Without planned training, which rules out no week that stands."""
    return dataclasses.replace(group, training=group.training[:0])


def _paces(used: Mapping[tuple[str, str], np.ndarray]) -> dict[tuple[str, str], Pace]:
    """Totals grow as in the linear programs of the weeks; people take turns at being rounded up."""
    found = {}
    for at, (key, amounts) in enumerate(sorted(used.items(), key=lambda item: item[0][::-1])):
        even = np.arange(1, len(amounts) + 1) / len(amounts)
        shares = np.cumsum(amounts) / amounts.sum() if amounts.sum() > TOLERANCE else even
        found[key] = Pace(shares, (at * GOLDEN) % 1.0)
    return found


def _kept(group: Group) -> np.ndarray | None:
    """What somebody did in the week that is kept; None where there is none or it was no shift."""
    if not group.changes.any() or (group.changes > 0).all(axis=1).any():
        return None
    options = np.argmin(group.changes, axis=1)
    options[group.away] = 0
    return options


def _keeps(row: np.ndarray, group: Group, case: Case) -> bool:
    menu = case.menus[group.team]
    options = row[None, :]
    possible = not (group.closed | group.refused | group.frozen)[np.arange(WEEK), row].any()
    return possible and bool(len(judged(options, _unplanned(group), menu).options))


def _as_it_is(row: np.ndarray, group: Group, case: Case) -> Weeks:
    """A week that has been planned over all weeks, whatever the rules of the week by itself say of it."""
    return _priced(row[None, :], group, case)


def _priced(rows: np.ndarray, group: Group, case: Case) -> Weeks:
    """Weeks as they are, with what they cost."""
    hard = frozenset(name for name in rules_of(group) if price_of(group, name) == math.inf)
    if price_of(group, "hours_week") in (None, math.inf):
        hard |= {"hours_week"}
    weeks = judged(rows, _unplanned(group), case.menus[group.team], hard)
    if "hours_week" in hard and group.rules.overtime_week is not None:
        extra = np.maximum(reasons.paid(case.menus[group.team], rows) - group.hours[1], 0.0) / 60.0
        weeks.parts["overtime_week"] = group.rules.overtime_week.price * extra
    return weeks
