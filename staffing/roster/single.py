"""One week, settled: from a case to counts, from counts to names, and from names to tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from staffing import lp
from staffing.model import Roster
from staffing.roster import (
    asbefore,
    bounding,
    clashes,
    master,
    names,
    placing,
    reasons,
    search,
    sessions,
    timetable,
)
from staffing.roster.case import Case
from staffing.roster.master import Counts, Layout
from staffing.roster.names import Stint
from staffing.roster.search import Found
from staffing.roster.weeks import Weeks


@dataclass(frozen=True)
class Settled:
    """A week with everybody's days, queues and breaks.

    Parameters
    ----------
    case, lawful, layout
        What could be planned.
    found : Found
        What was.
    gap : float
        Of cost and bound at which the search could end. [cost]
    counts : Counts
        The same by what it counts.
    taken : dict
        Agent -> option of each day, shape (7,).
    done : list of Stint
        Everybody's posts and breaks.
    held : dict
        Sessions of planned training that have a time.
    there : numpy.ndarray
        People away from each row of cover before these sessions; below zero where last week's are there.
    """

    case: Case
    lawful: list[Weeks]
    layout: Layout
    found: Found
    gap: float
    counts: Counts
    taken: dict[str, np.ndarray]
    done: list[Stint]
    held: Mapping[timetable.Key, list[sessions.Held]]
    there: np.ndarray

    @property
    def heads(self) -> np.ndarray:
        """People on the queue, shape (queues, intervals)."""
        return self.layout.heads(self.found.values).reshape(self.case.need.heads.shape)

    @property
    def objective(self) -> pd.DataFrame:
        """Part, cost, amount, unit."""
        values, layout = self.found.values, self.layout
        parts = reasons.objective(
            self.case,
            self.lawful,
            self.counts,
            self.heads,
            layout.crowd(values),
            layout.crowded,
            values[layout.missing],
            layout.together,
        )
        if not self.case.sessions:
            return parts
        return timetable.with_training(parts, self.case, self.heads, layout.away - self.there, self.held)

    @property
    def assignments(self) -> pd.DataFrame:
        """ASSIGNMENTS."""
        return names.assignments(self.case, self.done)

    @property
    def segments(self) -> pd.DataFrame:
        """SEGMENTS."""
        if self.case.sessions:
            return timetable.segments(self.case, self.done, self.held)
        return names.segments_of(self.case, self.done)

    @property
    def training(self) -> pd.DataFrame | None:
        """Each planned session with its time, or why it has none; None where none is planned."""
        return timetable.table(self.case, self.done, self.held) if self.case.sessions else None

    @property
    def shortages(self) -> pd.DataFrame:
        """Queue, interval, short, why."""
        return reasons.shortages(self.case, self.taken, self.done, self.heads, self.held)


def settled(case: Case, lawful: list[Weeks], kept: pd.DataFrame, budget: lp.Budget) -> Settled:
    """Of all lawful weeks of everybody those of least cost.

    Parameters
    ----------
    case, lawful
        The week, and the lawful weeks of each of its groups.
    kept : pandas.DataFrame
        SEGMENTS to go by on days on which the same people do the same.
    budget : lp.Budget
        Of the solver.

    Raises
    ------
    SolverError
        Where the time did not suffice for any roster.
    PlanError
        Where no weeks keep a rule of who must and may be at work at once.
    """
    clashes.of_pairs(case, lawful)
    layout = master.layout(case, lawful)
    program = master.program(case, lawful, layout)
    sure = placing.certain(case, lawful)
    around = master.without(layout, program, bounding.away(case, bounding.known_queue(case, sure)))
    # Sessions have a share of the budget for themselves.
    share = placing.SHARE * budget.left if case.sessions and math.isfinite(budget.left) else 0.0
    budget.spend(share)
    found = search.best(case, *around, budget)
    budget.spend(-share)
    taken = names.weeks_of_people(case, lawful, layout.counts(found.values))
    done = names.stints(case, layout, layout.counts(found.values), taken)
    there, held, same = layout.away, {}, frozenset[int]()
    if len(kept):
        found, done, same = asbefore.restored(case, *around, found, done, kept)
    if case.sessions:
        made = placing.placed(case, layout, program, found, done, sure, kept=kept, same=same, budget=budget)
        found, layout, done, held = made.found, made.layout, made.done, made.held
    gap, counts = search.allowed(case, layout, found.values), layout.counts(found.values)
    return Settled(case, lawful, layout, found, gap, counts, taken, done, held, there)


def as_roster(week: Settled, measured: Mapping[str, str]) -> Roster:
    """A settled week as tables.

    Parameters
    ----------
    week : Settled
        Any.
    measured : dict
        Queue -> what its cover was measured by.
    """
    return Roster(
        assignments=week.assignments,
        segments=week.segments,
        shortages=week.shortages,
        objective=week.objective,
        status=week.found.status,
        cost=week.found.cost,
        bound=week.found.bound,
        price_short=week.case.price_short,
        seconds=week.found.seconds,
        measured=dict(measured),
        training=week.training,
    )
