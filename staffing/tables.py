"""The column contracts that join the steps, and the one check of a table against its contract.

One row is one fact; extra columns pass through; durations are seconds, fractions 0-1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem

Kind = Literal["text", "time", "date", "number", "count", "fraction", "flag"]

WHAT = {
    "text": "text",
    "time": "a time with its time zone",
    "date": "a date",
    "number": "a finite number",
    "count": "a finite number, zero or more",
    "fraction": "a number from 0 to 1",
    "flag": "true or false",
}
# How a column of pandas becomes one, where "make it so" is not enough.
DATED = {"date": ", as pandas.to_datetime does"}


@dataclass(frozen=True)
class Contract:
    """The form of one table: its key, its columns, and the columns that may be missing.

    Parameters
    ----------
    name : str
        As the documentation calls it.
    key : tuple of str
        Columns that together name a row; no two rows share them.
    columns : dict
        Column -> kind; all must be there.
    optional : dict
        Column -> kind; checked where they are there, and may hold missing values.
    also : tuple of str
        Optional columns that belong to the key where they are there.
    counts, optional_counts : str
        Pattern of columns that come in any number, each of counts; the latter may hold missing values.
    """

    name: str
    key: tuple[str, ...]
    columns: dict[str, Kind]
    optional: dict[str, Kind] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    counts: str = ""
    optional_counts: str = ""

    def empty(self) -> pd.DataFrame:
        """A table of this form without rows."""
        return pd.DataFrame({name: pd.Series(dtype=_DTYPES[kind]) for name, kind in self.columns.items()})


# The kinds of TIMEOFF, and the one code that stands for all of them where the kind is nobody's business.
ABSENCES, ABSENT = ("AL", "SICK", "TRN", "HOL"), "ABS"


def absence_code(kind: str) -> str:
    """The only word that is ever printed for a kind of absence.

    Parameters
    ----------
    kind : str
        As the time off list has it.

    Returns
    -------
    str
        One of `ABSENCES`, or ``ABS``.

    Examples
    --------
    >>> absence_code("sick"), absence_code("AL: back operation")
    ('SICK', 'ABS')
    """
    return kind.upper() if kind.upper() in ABSENCES else ABSENT


_DTYPES: dict[str, str] = {
    "text": "str",
    "time": "datetime64[us, UTC]",
    "date": "datetime64[us]",
    "number": "float64",
    "count": "float64",
    "fraction": "float64",
    "flag": "bool",
}

HISTORY = Contract(
    "HISTORY",
    ("queue", "interval"),
    {"queue": "text", "interval": "time", "offered": "count"},
    {"aht": "count", "handled": "count", "abandoned": "count", "answered_within": "count", "asa": "count"},
)
CALLS = Contract(
    "CALLS",
    (),
    {"queue": "text", "arrived": "time", "wait": "count", "outcome": "text"},
    {"service": "count", "agent": "text"},
)
EVENTS = Contract(
    "EVENTS",
    ("name", "queue", "start"),
    {"name": "text", "queue": "text", "start": "date", "end": "date"},
    {"effect": "number", "kind": "text", "after_effect": "number", "after_days": "count"},
)
ADJUSTMENTS = Contract(
    "ADJUSTMENTS",
    (),
    {"queue": "text", "start": "date", "end": "date", "who": "text", "why": "text"},
    {"add": "number", "factor": "count"},
)
FORECAST = Contract(
    "FORECAST",
    ("queue", "interval"),
    {"queue": "text", "interval": "time", "volume": "count"},
    {"aht": "count"},
    optional_counts=r"volume_p\d+(\.\d+)?",
)
PATHS = Contract(
    "PATHS",
    ("queue", "interval"),
    {"queue": "text", "interval": "time", "path_000": "count"},
    counts=r"path_\d+",
)
REQUIREMENT = Contract(
    "REQUIREMENT",
    ("queue", "interval"),
    {
        "queue": "text",
        "team": "text",
        "interval": "time",
        "load": "count",
        "agents": "count",
        "scheduled": "count",
    },
    {
        "service_level": "fraction",
        "asa": "number",
        "abandonment": "fraction",
        "occupancy": "fraction",
        "target_met": "fraction",
        "agents_for_mean": "count",
        "agents_deferred": "count",
        "bound_by": "text",
    },
)
CURVE = Contract(
    "CURVE",
    ("queue", "interval", "agents"),
    {
        "queue": "text",
        "interval": "time",
        "agents": "count",
        "service_level": "fraction",
        "abandonment": "fraction",
        "answered_in_time": "count",
    },
)
WORKLOAD = Contract(
    "WORKLOAD",
    ("queue", "released", "due"),
    {"queue": "text", "released": "time", "due": "time", "hours": "count"},
)
DEFERRED = Contract(
    "DEFERRED",
    ("queue", "due"),
    {
        "queue": "text",
        "team": "text",
        "due": "time",
        "contacts": "count",
        "hours": "count",
        "done": "count",
        "late": "count",
        "left": "count",
    },
)
SHIFTS = Contract(
    "SHIFTS",
    ("team", "rank"),
    {
        "team": "text",
        "rank": "count",
        "early_start": "text",
        "early_end": "text",
        "late_start": "text",
        "late_end": "text",
        "paid_hours": "count",
        "cost": "count",
        "rush_covered": "fraction",
        "short": "count",
        "over": "count",
    },
)
PLAN = Contract(
    "PLAN",
    ("team", "date", "shift"),
    {"team": "text", "date": "date", "shift": "text", "agents": "count"},
    {"price_short": "count", "price_over": "count"},
)
AGENTS = Contract(
    "AGENTS",
    ("agent",),
    {"agent": "text", "name": "text", "team": "text", "contract": "text", "hours_week": "count"},
    {"senior": "flag", "starts_on": "date", "leaves_on": "date", "rotation_offset": "count"},
)
SKILLS = Contract("SKILLS", ("agent", "queue"), {"agent": "text", "queue": "text"}, {"level": "number"})
TIMEOFF = Contract(
    "TIMEOFF",
    ("agent", "start"),
    {"agent": "text", "start": "date", "end": "date", "kind": "text", "credit_hours": "count"},
)
REQUESTS = Contract(
    "REQUESTS",
    ("agent", "start", "kind", "shift"),
    {"agent": "text", "start": "date", "end": "date", "kind": "text", "shift": "text"},
    {"price": "count", "weekdays": "text", "hours": "text"},
    also=("weekdays", "hours"),
)
ASSIGNMENTS = Contract(
    "ASSIGNMENTS",
    ("agent", "date"),
    {
        "agent": "text",
        "date": "date",
        "team": "text",
        "shift": "text",
        "start": "time",
        "end": "time",
        "paid_hours": "count",
    },
)
SEGMENTS = Contract(
    "SEGMENTS",
    ("agent", "start"),
    {"agent": "text", "start": "time", "end": "time", "activity": "text", "queue": "text", "paid": "flag"},
    {"training": "text"},
)
COVERAGE = Contract(
    "COVERAGE",
    ("queue", "interval"),
    {
        "queue": "text",
        "interval": "time",
        "agents": "count",
        "scheduled": "count",
        "staffed": "count",
        "expected": "count",
        "gap": "number",
        "service_level": "fraction",
        "occupancy": "fraction",
        "why": "text",
    },
)

CONTRACTS = {
    contract.name: contract
    for contract in (
        HISTORY, CALLS, EVENTS, ADJUSTMENTS, FORECAST, PATHS, REQUIREMENT, CURVE, WORKLOAD, DEFERRED,
        SHIFTS, PLAN, AGENTS, SKILLS, TIMEOFF, REQUESTS, ASSIGNMENTS, SEGMENTS, COVERAGE,
    )
}  # fmt: skip


def check(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Hold a table against its contract.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table with at least the contract's columns.
    contract : Contract
        One of this module.

    Returns
    -------
    pandas.DataFrame
        The same table.

    Raises
    ------
    DataError
        With every problem at once; the line is the row's label in the table.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"agent": ["1", "1"], "queue": ["calls", "calls"]})
    >>> check(people, SKILLS)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    staffing.errors.DataError: SKILLS:1 [agent, queue]: '1', 'calls' stands here again -> keep one row ...
    """
    missing = [name for name in contract.columns if name not in table.columns]
    problems = [
        Problem(
            f"the column {name!r} is missing",
            f"add it; it holds {WHAT[contract.columns[name]]}",
            contract.name,
            None,
            name,
        )
        for name in missing
    ]
    for name, kind in (contract.columns | contract.optional).items():
        if name in table.columns:
            problems += _bad_values(table[name], kind, contract, optional=name in contract.optional)
    for pattern, optional in ((contract.counts, False), (contract.optional_counts, True)):
        for name in _matching(table, pattern, contract):
            problems += _bad_values(table[name], "count", contract, optional=optional)
    if contract.key and not missing:
        problems += _repeats(table, contract)
    if problems:
        raise DataError(problems)
    return table


def _matching(table: pd.DataFrame, pattern: str, contract: Contract) -> list[str]:
    """Columns of a pattern beside those that the contract names one by one."""
    if not pattern:
        return []
    return [
        name
        for name in map(str, table.columns)
        if re.fullmatch(pattern, name) and name not in contract.columns
    ]


def _bad_values(values: pd.Series, kind: Kind, contract: Contract, *, optional: bool) -> list[Problem]:
    """One problem for each value that is not of its kind (the first five, then a count)."""
    if values.empty:
        return []
    good = _good(values, kind)
    if good is None:
        return [
            Problem(
                f"the column holds {values.dtype}, not {WHAT[kind]}",
                f"make it {WHAT[kind]}" + DATED.get(kind, ""),
                contract.name,
                None,
                str(values.name),
            )
        ]
    if optional:
        good = good | values.isna().to_numpy()
    bad = np.flatnonzero(~good)
    problems = [
        Problem(
            f"{_plain(values.iloc[row])!r} is not {WHAT[kind]}",
            f"write {WHAT[kind]}",
            contract.name,
            _label(values.index[row]),
            str(values.name),
        )
        for row in bad[:5]
    ]
    if len(bad) > 5:
        problems.append(
            Problem(
                f"and {len(bad) - 5} more such values",
                "mend them alike",
                contract.name,
                None,
                str(values.name),
            )
        )
    return problems


def _good(values: pd.Series, kind: Kind) -> np.ndarray | None:
    """Which values are of their kind; None where the whole column cannot be."""
    types = pd.api.types
    if kind == "text":
        if isinstance(values.dtype, pd.StringDtype):
            return values.notna().to_numpy()
        return np.array([isinstance(value, str) for value in values], dtype=bool)
    if kind == "time":
        if not isinstance(values.dtype, pd.DatetimeTZDtype):
            return None
        return values.notna().to_numpy()
    if kind == "date":
        if not types.is_datetime64_dtype(values.dtype):
            return None
        return (values.notna() & (values == values.dt.normalize())).to_numpy()
    if kind == "flag":
        return values.isin([True, False]).to_numpy()
    if not types.is_numeric_dtype(values.dtype) or types.is_bool_dtype(values.dtype):
        return None
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    good = np.isfinite(numbers)
    if kind in ("count", "fraction"):
        good &= numbers >= 0
    if kind == "fraction":
        good &= numbers <= 1 + 1e-9
    return good


def _repeats(table: pd.DataFrame, contract: Contract) -> list[Problem]:
    keys = table[[*contract.key, *(name for name in contract.also if name in table)]]
    again = np.flatnonzero(keys.duplicated().to_numpy())
    keys, name = keys[list(contract.key)], ", ".join(contract.key)
    return [
        Problem(
            f"{', '.join(repr(_plain(value)) for value in keys.iloc[row])} stands here again",
            f"keep one row for each {name}",
            contract.name,
            _label(table.index[row]),
            name,
        )
        for row in again[:5]
    ]


def _plain(value: object) -> object:
    """As a person writes it, without the names that pandas and NumPy put around it."""
    if isinstance(value, np.generic):
        return value.item()
    return str(value) if isinstance(value, pd.Timestamp) else value


def _label(label: object) -> int | None:
    return int(label) if isinstance(label, (int, np.integer)) else None


def interval_minutes(table: pd.DataFrame) -> int:
    """Length of the intervals of a table, read off its own ``interval`` column. [min]

    The most frequent positive step between neighbouring starts of a queue, so nights and gaps do not count.

    Parameters
    ----------
    table : pandas.DataFrame
        With queue and interval.

    Returns
    -------
    int
        Whole minutes. [min]

    Raises
    ------
    DataError
        Where no queue has two intervals.

    Examples
    --------
    >>> import pandas as pd
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="30min", tz="Asia/Seoul")
    >>> interval_minutes(pd.DataFrame({"queue": "calls", "interval": times}))
    30
    """
    ordered = table[["queue", "interval"]].sort_values(["queue", "interval"])
    steps = ordered.groupby("queue", sort=False)["interval"].diff().dropna()
    steps = steps[steps > pd.Timedelta(0)]
    if steps.empty:
        raise DataError(
            [
                Problem(
                    "the interval length cannot be read off a single interval",
                    "give at least two neighbouring intervals of a queue",
                )
            ]
        )
    # The shortest of equally frequent steps: a table of two intervals a day has as many nights as intervals.
    return int(steps.mode().min() / pd.Timedelta(minutes=1))
