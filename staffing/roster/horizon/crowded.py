"""Seats and seniors in a roster as it grows, and at its end: what one more person costs, what is broken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse

from staffing import lp
from staffing.errors import PlanError, SolverError
from staffing.roster.horizon.case import Horizon
from staffing.roster.horizon.crowds import HARD, RULES, Span, spans
from staffing.roster.horizon.model import Model

CHECKS = 2000  # of the program in which every hard rule must hold
ENOUGH = 1e-6


@dataclass(frozen=True)
class Crowd:
    """The rows of a model that count people at work at once.

    Parameters
    ----------
    rows, beyond : numpy.ndarray
        The rows, and the column of each that counts who is too many, or missing.
    matrix : scipy.sparse.csr_array
        People in each row, shape (rows, columns).
    """

    rows: np.ndarray
    beyond: np.ndarray
    matrix: scipy.sparse.csr_array

    @classmethod
    def of(cls, model: Model) -> Crowd:
        """Rows and columns were written down in the same order."""
        rows = np.flatnonzero(_is(model, model.rule, RULES))
        beyond = np.flatnonzero(_is(model, model.part, [*RULES, *(name + HARD for name in RULES)]))
        return cls(rows, beyond, _people(model, rows))

    def or_cover(self, model: Model) -> np.ndarray:
        """Which rows of a model count people: these, and those of people needed on shifts."""
        return _is(model, model.rule, ["cover", *RULES])

    def hard(self, model: Model) -> np.ndarray:
        """Which columns of a model must be 0 in the end."""
        return _is(model, model.part, [name + HARD for name in RULES])

    def price(self, program: lp.Program, values: np.ndarray) -> np.ndarray:
        """What one more person in each column of a shift costs, or saves, the others as they are."""
        there = self.matrix @ values
        more = self._cost(program, there + 1.0) - self._cost(program, there)
        return np.asarray(self.matrix.T @ more)

    def settled(self, program: lp.Program, values: np.ndarray) -> np.ndarray:
        """The values with those of who is too many, or missing."""
        values = values.copy()
        values[self.beyond] = self._beyond(program, self.matrix @ values)
        return values

    def _cost(self, program: lp.Program, there: np.ndarray) -> np.ndarray:
        return program.cost[self.beyond] * self._beyond(program, there)

    def _beyond(self, program: lp.Program, there: np.ndarray) -> np.ndarray:
        low, high = program.row_lower[self.rows], program.row_upper[self.rows]
        return np.maximum(np.maximum(low - there, there - high), 0.0)


def _is(model: Model, numbers: np.ndarray, names: Iterable[str]) -> np.ndarray:
    return np.isin(numbers, [model.parts[name] for name in names if name in model.parts])


def _people(model: Model, rows: np.ndarray) -> scipy.sparse.csr_array:
    matrix = scipy.sparse.csr_array(model.program.matrix[rows])
    return scipy.sparse.csr_array(matrix @ scipy.sparse.diags_array((model.person >= 0).astype(float)))


def missing(case: Horizon, model: Model, values: np.ndarray) -> float:
    """How long seniors are missing where that has its price. [half hours]"""
    beyond = values[Crowd.of(model).beyond]
    return sum(
        float(people) * (span.end - span.start) / 30.0
        for span, people in zip(spans(case), beyond, strict=True)
        if span.team
    )


def kept(case: Horizon, model: Model, values: np.ndarray, seconds: float | None) -> lp.Solution | None:
    """A roster in which every hard rule holds, where the one found breaks some; None where it breaks none.

    Raises
    ------
    PlanError
        Where there is none: when, and what would help.
    SolverError
        Where none was found, nor was it proven that there is none.
    """
    program, hard = model.program, Crowd.of(model).hard(model)
    if not (values[hard] > ENOUGH).any():
        return None
    strict = replace(program, upper=np.where(hard, 0.0, program.upper))
    found = lp.direct(strict, checks=CHECKS, time_limit=seconds)
    if found.status == "infeasible":
        raise PlanError(reasons(case, model, values))
    if found.values is None:
        raise SolverError(
            "no roster that keeps seats and seniors was found in time: allow more, or relax them"
        )
    return found


def reasons(case: Horizon, model: Model, values: np.ndarray) -> list[str]:
    """For each hard rule that a roster does not keep, by how much, an example, and what would help."""
    lacking = values[Crowd.of(model).beyond]
    told = []
    there = [
        (span, float(beyond)) for span, beyond in zip(spans(case), lacking, strict=True) if beyond > ENOUGH
    ]
    for team in sorted({span.team for span, _ in there}):
        mine = [(span, beyond) for span, beyond in there if span.team == team]
        worst, most = max(mine, key=lambda one: one[1])
        when = _when(case, worst)
        if team:
            limit, hours = case.seniors[team], sum(one * (span.end - span.start) / 30.0 for span, one in mine)
            count = sum(who.senior and who.team == team for who in case.people)
            seniors = f"{limit.min:g} senior" + ("" if limit.min == 1 else "s")
            told.append(
                f"no roster keeps {seniors} of {team!r} at work whenever its plan asks for somebody: the "
                f"{count} there are leave {hours:g} half hours without, {when} for one; mark more people as "
                "senior, or give senior_per_interval a price"
            )
        else:
            told.append(
                f"no roster keeps within {case.seats} seats: the rules put {(case.seats or 0) + most:g} "
                f"people at work {when}; give {most:g} more seats, or let the hours owed be fewer"
            )
    return told


def _when(case: Horizon, span: Span) -> str:
    start, end = (case.origin + pd.Timedelta(minutes=minute) for minute in (span.start, span.end))
    return f"on {start:%Y-%m-%d} from {start:%H:%M} to {end:%H:%M}"
