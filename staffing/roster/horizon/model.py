"""The whole roster as one program, and what its columns mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from staffing import lp
from staffing.roster.horizon import crowds, linked, rows
from staffing.roster.horizon.case import Horizon
from staffing.roster.horizon.sheet import Sheet


@dataclass(frozen=True)
class Model:
    """A program over people and days.

    Parameters
    ----------
    program : lp.Program
        To be minimised.
    x : tuple of numpy.ndarray
        Of each person the columns of the shifts, shape (days, shifts); -1 where one cannot be worked.
    person : numpy.ndarray
        Whose each column is; -1: everybody's.
    first, last : numpy.ndarray
        The days that a column hangs on: of a shift its own, of others those of the shifts in their rows.
    part : numpy.ndarray
        Which part of the objective each column's cost belongs to, by number.
    parts : dict
        Name of a part or rule -> number.
    rule, owner : numpy.ndarray
        Of each row: the rule that it states, by number, and whose it is.
    row_first, row_last : numpy.ndarray
        Of each row: the first and last day of its columns.
    """

    program: lp.Program
    x: tuple[np.ndarray, ...]
    person: np.ndarray
    first: np.ndarray
    last: np.ndarray
    part: np.ndarray
    parts: dict[str, int]
    rule: np.ndarray
    owner: np.ndarray
    row_first: np.ndarray
    row_last: np.ndarray

    @property
    def entries(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Row, column and factor of everything in the matrix."""
        matrix = self.program.matrix
        return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)), matrix.indices, matrix.data


@dataclass(frozen=True)
class Cover:
    """The rows of people needed on each shift, and what one more person there costs.

    Parameters
    ----------
    rows, short, over : numpy.ndarray
        The rows, and their columns of people too few and too many.
    columns, at : numpy.ndarray
        Columns of shifts, and the place among the rows of each.
    """

    rows: np.ndarray
    short: np.ndarray
    over: np.ndarray
    columns: np.ndarray
    at: np.ndarray

    @classmethod
    def of(cls, model: Model) -> Cover:
        """Short, over and rows were written down in the same order."""
        rows = np.flatnonzero(model.rule == model.parts["cover"])
        entries = scipy.sparse.coo_array(model.program.matrix[rows])
        shifts = model.person[entries.col] >= 0
        short, over = (np.flatnonzero(model.part == model.parts[name]) for name in ("shortage", "surplus"))
        return cls(rows, short, over, entries.col[shifts], entries.row[shifts])

    def left(self, program: lp.Program, values: np.ndarray) -> np.ndarray:
        """People needed beyond those there, by row; below zero where there are too many."""
        there = np.bincount(self.at, values[self.columns], minlength=len(self.rows))
        return program.row_lower[self.rows] - there

    def price(self, program: lp.Program, left: np.ndarray) -> np.ndarray:
        """What one more person on each shift costs, or saves."""
        short, over = program.cost[self.short], program.cost[self.over]
        now = short * np.maximum(left, 0.0) + over * np.maximum(-left, 0.0)
        return short * np.maximum(left - 1.0, 0.0) + over * np.maximum(1.0 - left, 0.0) - now


def build(case: Horizon) -> Model:
    """Everybody's rules, and the people needed on each shift."""
    sheet = Sheet()
    own = {number: rows.person(sheet, case, number) for number in range(len(case.people))}
    x = [mine.x for mine in own.values()]
    linked.pairs(sheet, case, own)
    crowds.crowds(sheet, case, own)
    for team, staff in case.staff.items():
        members = [columns for columns, who in zip(x, case.people, strict=True) if who.team == team]
        rows.cover(sheet, staff, np.array(members))
    return finished(sheet, x)


def alone(case: Horizon, *numbers: int) -> Model:
    """The rules of one person, or of some and of the pairs among them; nobody needed."""
    sheet = Sheet()
    own = {number: rows.person(sheet, case, number) for number in numbers}
    linked.pairs(sheet, case, own)
    return finished(sheet, [mine.x for mine in own.values()])


def finished(sheet: Sheet, x: list[np.ndarray]) -> Model:
    """A sheet as a model."""
    program, day = sheet.program(), np.concatenate(sheet.day)
    person = np.concatenate(sheet.person)
    first, last = _spans(program, day, x)
    matrix = program.matrix
    row_first = _by_row(matrix, first, np.minimum, len(day))
    row_last = _by_row(matrix, last, np.maximum, -1)
    return Model(
        program=program,
        x=tuple(x),
        person=person,
        first=first,
        last=last,
        part=np.concatenate(sheet.part),
        parts=dict(sheet.names),
        rule=np.concatenate(sheet.rule),
        owner=np.concatenate(sheet.owner),
        row_first=row_first,
        row_last=row_last,
    )


def _spans(program: lp.Program, day: np.ndarray, x: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """First and last day of each column: the own one of shifts, else of all in the same rows.

    Rows of shifts first; columns that meet no shift then take their days from those that do.
    """
    matrix, own = program.matrix, np.concatenate([some.ravel() for some in x])
    known = np.zeros(len(day), dtype=bool)
    known[own[own >= 0]] = True
    first, last = day.astype(np.float32), day.astype(np.float32)
    while not known.all():
        low = _by_row(matrix, np.where(known, first, np.inf).astype(np.float32), np.minimum, np.inf)
        high = _by_row(matrix, np.where(known, last, -np.inf).astype(np.float32), np.maximum, -np.inf)
        open_at = np.flatnonzero(~known[matrix.indices])
        rows = np.searchsorted(matrix.indptr, open_at, side="right") - 1
        new = np.isfinite(low[rows])
        if not new.any():
            break
        columns, rows = matrix.indices[open_at[new]], rows[new]
        first[columns], last[columns] = np.inf, -np.inf
        np.minimum.at(first, columns, low[rows])
        np.maximum.at(last, columns, high[rows])
        known[columns] = True
    return first.astype(int), last.astype(int)


def _by_row(matrix: scipy.sparse.csr_array, values: np.ndarray, least: np.ufunc, empty: float) -> np.ndarray:
    """Least or greatest of some values of the columns in each row, and of rows without any."""
    found = np.full(matrix.shape[0], empty, dtype=values.dtype)
    filled = np.flatnonzero(np.diff(matrix.indptr))
    if len(filled):
        found[filled] = least.reduceat(values[matrix.indices], matrix.indptr[filled])
    return found
