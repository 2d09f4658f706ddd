"""One week of several, settled: from a case to counts, and from counts to names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from staffing import lp
from staffing.roster import asbefore, clashes, master, names, reasons, search
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
    """

    case: Case
    lawful: list[Weeks]
    layout: Layout
    found: Found
    gap: float
    counts: Counts
    taken: dict[str, np.ndarray]
    done: list[Stint]

    @property
    def heads(self) -> np.ndarray:
        """People on the queue, shape (queues, intervals)."""
        return self.layout.heads(self.found.values).reshape(self.case.need.heads.shape)

    @property
    def objective(self) -> pd.DataFrame:
        """Part, cost, amount, unit."""
        values, layout = self.found.values, self.layout
        return reasons.objective(
            self.case,
            self.lawful,
            self.counts,
            self.heads,
            layout.crowd(values),
            layout.crowded,
            values[layout.missing],
            layout.together,
        )

    @property
    def shortages(self) -> pd.DataFrame:
        """Queue, interval, short, why."""
        return reasons.shortages(self.case, self.taken, self.done, self.heads, {})


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
    found = search.best(case, layout, program, budget)
    counts = layout.counts(found.values)
    taken = names.weeks_of_people(case, lawful, counts)
    done = names.stints(case, layout, counts, taken)
    if len(kept):
        found, done = asbefore.restored(case, layout, program, found, done, kept)
        counts = layout.counts(found.values)
    gap = search.allowed(case, layout, found.values)
    return Settled(case, lawful, layout, found, gap, counts, taken, done)
