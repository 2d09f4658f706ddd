"""What can go wrong, said so that the planner knows what to do next.

Limits (a night without calls, an overloaded half hour) are values and never come here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


class Problem(NamedTuple):
    """One thing that is wrong with an input: where it stands, what it is, what to do."""

    problem: str
    remedy: str
    file: str = ""
    line: int | None = None
    column: str = ""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part not in ("", None))
        column = f" [{self.column}]" if self.column else ""
        head = f"{place}{column}: " if place or column else ""
        return f"{head}{self.problem} -> {self.remedy}"


class StaffingError(Exception):
    """Anything that this library raises on purpose."""


class DataError(StaffingError):
    """The input is wrong; every problem found is listed at once.

    Parameters
    ----------
    problems : list of Problem
        At least one.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.found = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.found))

    @property
    def problems(self) -> pd.DataFrame:
        """All problems as a table: file, line, column, problem, remedy."""
        import pandas as pd

        return pd.DataFrame(self.found, columns=list(Problem._fields))[
            ["file", "line", "column", "problem", "remedy"]
        ]


class PlanError(StaffingError):
    """The rules cannot hold together: infeasible is an answer, and these are its reasons.

    Parameters
    ----------
    reasons : list of str
        Each names who or what has no lawful way out, and what would give one.
    """

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


class SolverError(StaffingError):
    """No solution in the time given, or no solver to look for one."""
