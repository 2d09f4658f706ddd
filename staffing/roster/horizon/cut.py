"""Part of a program: some columns free, the others held at their values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse

from staffing import lp


@dataclass(frozen=True)
class Arrays:
    """A program ready to be cut.

    Parameters
    ----------
    program : lp.Program
        The whole.
    columns : scipy.sparse.csc_array
        Its matrix by columns.
    """

    program: lp.Program
    columns: scipy.sparse.csc_array

    @classmethod
    def of(cls, program: lp.Program) -> Arrays:
        """With the matrix in the other order too."""
        return cls(program, scipy.sparse.csc_array(program.matrix))


def rows_of(arrays: Arrays, free: np.ndarray) -> np.ndarray:
    """The rows that some columns stand in, without those that have no bounds; sorted."""
    rows = np.unique(arrays.columns[:, free].indices)
    whole = arrays.program
    return rows[np.isfinite(whole.row_lower[rows]) | np.isfinite(whole.row_upper[rows])]


def cut(arrays: Arrays, free: np.ndarray, values: np.ndarray) -> lp.Program:
    """The program of some columns (sorted), where all others keep their values; rows without bounds go."""
    whole = arrays.program
    rows = rows_of(arrays, free)
    part = scipy.sparse.csr_array(scipy.sparse.csr_array(arrays.columns[:, free])[rows])
    taken = whole.matrix[rows] @ values - part @ values[free]
    return lp.Program(
        cost=whole.cost[free],
        matrix=part,
        row_lower=whole.row_lower[rows] - taken,
        row_upper=whole.row_upper[rows] - taken,
        lower=whole.lower[free],
        upper=whole.upper[free],
        integer=whole.integer[free],
    )


def without(program: lp.Program, rows: np.ndarray) -> lp.Program:
    """The same without what some rows ask, by mask."""
    return replace(
        program,
        row_lower=np.where(rows, -np.inf, program.row_lower),
        row_upper=np.where(rows, np.inf, program.row_upper),
    )
