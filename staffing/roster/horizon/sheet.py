"""A program written down part by part: columns and rows with what they belong to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse

from staffing import lp

EVERYBODY = -1
ALWAYS = -1


@dataclass
class Sheet:
    """Columns and rows of a program in the making.

    Each column belongs to a person (or everybody), a day (or always) and a part of the objective; each row to
    a rule. An index of -1 among the columns of a row stands for nothing.
    """

    count: int = 0
    height: int = 0
    constant: float = 0.0
    cost: list[np.ndarray] = field(default_factory=list)
    lower: list[np.ndarray] = field(default_factory=list)
    upper: list[np.ndarray] = field(default_factory=list)
    integer: list[np.ndarray] = field(default_factory=list)
    person: list[np.ndarray] = field(default_factory=list)
    day: list[np.ndarray] = field(default_factory=list)
    part: list[np.ndarray] = field(default_factory=list)
    row_lower: list[np.ndarray] = field(default_factory=list)
    row_upper: list[np.ndarray] = field(default_factory=list)
    rule: list[np.ndarray] = field(default_factory=list)
    owner: list[np.ndarray] = field(default_factory=list)
    entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """Of a part or rule."""
        return self.names.setdefault(name, len(self.names))

    def columns(
        self,
        day: np.ndarray,
        *,
        person: int = EVERYBODY,
        cost: np.ndarray | float = 0.0,
        lower: np.ndarray | float = 0.0,
        upper: np.ndarray | float = 1.0,
        integer: bool = False,
        part: str = "",
    ) -> np.ndarray:
        """New columns, one for each day; their indices."""
        many = len(day)
        self.day.append(np.asarray(day))
        self.person.append(np.full(many, person))
        self.part.append(np.full(many, self.number(part)))
        self.integer.append(np.full(many, integer))
        for held, value in ((self.cost, cost), (self.lower, lower), (self.upper, upper)):
            held.append(np.broadcast_to(np.asarray(value, dtype=float), (many,)))
        self.count += many
        return np.arange(self.count - many, self.count)

    def rows(
        self,
        columns: np.ndarray,
        factors: np.ndarray | float,
        low: np.ndarray | float,
        high: np.ndarray | float,
        *,
        rule: str,
        person: int = EVERYBODY,
    ) -> None:
        """New rows: the columns of each, shape (rows, terms), with their factors and bounds."""
        many = len(columns)
        numbers = np.arange(self.height, self.height + many, dtype=np.int32)
        numbers = np.broadcast_to(numbers[:, None], columns.shape)
        factors = np.broadcast_to(np.asarray(factors, dtype=float), columns.shape)
        meant = columns >= 0
        self.entries.append((numbers[meant], columns[meant].astype(np.int32), factors[meant]))
        self.row_lower.append(np.broadcast_to(np.asarray(low, dtype=float), (many,)))
        self.row_upper.append(np.broadcast_to(np.asarray(high, dtype=float), (many,)))
        self.rule.append(np.full(many, self.number(rule)))
        self.owner.append(np.full(many, person))
        self.height += many

    def limited(
        self,
        columns: np.ndarray,
        factors: np.ndarray | float,
        low: np.ndarray,
        high: np.ndarray,
        price: float,
        *,
        rule: str,
        person: int,
        day: np.ndarray,
    ) -> None:
        """Rows that keep their bounds, or pay the price of each unit beyond where it is finite."""
        if len(columns) == 0 or not (np.isfinite(low).any() or np.isfinite(high).any()):
            return
        factors = np.broadcast_to(np.asarray(factors, dtype=float), columns.shape)
        if math.isfinite(price):
            # Never more than all of the row: finite bounds keep every dual good for a bound.
            most = np.abs(factors).sum(axis=1) * self._largest(columns) + np.maximum(
                _finite(low), _finite(high)
            )
            for sign in (1.0, -1.0):
                more = self.columns(day, person=person, cost=price, upper=most, part=rule)
                columns = np.column_stack([columns, more])
                factors = np.column_stack([factors, np.full(len(more), sign)])
        self.rows(columns, factors, low, high, rule=rule, person=person)

    def _largest(self, columns: np.ndarray) -> float:
        """The largest upper bound among some columns."""
        upper = np.concatenate(self.upper)
        return float(upper[columns[columns >= 0]].max(initial=0.0))

    def program(self) -> lp.Program:
        """All of it as arrays; what stood on the sheet is handed over, since a large one stands only once."""
        rows, columns, values = (np.concatenate(parts) for parts in zip(*self.entries, strict=True))
        self.entries.clear()
        shape = (self.height, self.count)
        return lp.Program(
            cost=np.concatenate(self.cost),
            matrix=scipy.sparse.csr_array((values, (rows, columns)), shape=shape),
            row_lower=np.concatenate(self.row_lower),
            row_upper=np.concatenate(self.row_upper),
            lower=np.concatenate(self.lower),
            upper=np.concatenate(self.upper),
            integer=np.concatenate(self.integer),
            constant=self.constant,
        )


def _finite(bounds: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(bounds), np.abs(bounds), 0.0)
