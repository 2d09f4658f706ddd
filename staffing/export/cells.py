"""One table as CSV text and back: fixed formats, the same bytes for the same table, and no formulas.

A spreadsheet runs text that begins with ``=`` or the like as a formula. Such text gets a leading apostrophe,
which reading takes off again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem

# The signs of OWASP's "CSV injection", their full-width forms included.
RISKY = r"[=+\-@\t\r\n＝＋－＠]"
DECIMALS = 6


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> guarded("=1+1"), guarded("'=1+1"), guarded("O'Brien")
    ("'=1+1", "''=1+1", "O'Brien")
    """
    return f"'{text}" if re.match(f"'*{RISKY}", text) else text


def plain(text: str) -> str:
    """What `guarded` was given.

    Examples
    --------
    >>> plain("'=1+1"), plain("''=1+1"), plain("'tis")
    ('=1+1', "'=1+1", "'tis")
    """
    return text[1:] if re.match(f"'+{RISKY}", text) else text


def kind_of(column: pd.Series) -> str:
    """What a column holds: text, time, date, number, whole (number) or flag."""
    types = pd.api.types
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return "time"
    if types.is_datetime64_dtype(column.dtype):
        return "date"
    if types.is_bool_dtype(column.dtype):
        return "flag"
    if types.is_integer_dtype(column.dtype):
        return "whole"
    return "number" if types.is_float_dtype(column.dtype) else "text"


def to_csv(table: pd.DataFrame, timezone: str, *, mark: str = "") -> bytes:
    """A table as CSV: UTF-8, ``\\n``, ISO times with their offset, numbers with at most six decimals.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table; its index is left out.
    timezone : str
        IANA name; times are written on its clock.
    mark : str
        Put before the header: the byte order mark, for spreadsheets that need one to see UTF-8.

    Returns
    -------
    bytes
        The file.

    Examples
    --------
    >>> to_csv(pd.DataFrame({"agent": ["007", "@x"], "hours": [0.1 + 0.2, -0.0]}), "UTC")
    b"agent,hours\\n007,0.3\\n'@x,0\\n"
    """
    names = [guarded(str(name)) for name in table.columns]
    columns = [_written(table[name], timezone) for name in table.columns]
    lines = [",".join(map(_quoted, row)) for row in [names, *zip(*columns, strict=True)]]
    return (mark + "".join(f"{line}\n" for line in lines)).encode("utf-8")


def _quoted(cell: str) -> str:
    # Not the csv module: before Python 3.13 it leaves a lone carriage return bare.
    return '"' + cell.replace('"', '""') + '"' if re.search(r'[",\r\n]', cell) else cell


def _written(column: pd.Series, timezone: str) -> list[str]:
    kind = kind_of(column)
    missing = column.isna().to_numpy()
    if kind == "time":
        column = column.dt.tz_convert(timezone)
    writers: dict[str, Callable[[Any], str]] = {
        "text": lambda value: guarded(str(value)),
        "time": lambda value: value.isoformat(),
        "date": lambda value: value.isoformat().removesuffix("T00:00:00"),
        "number": _number,
        "whole": str,
        "flag": lambda value: "true" if value else "false",
    }
    write = writers[kind]
    return ["" if gone else write(value) for gone, value in zip(missing, column, strict=True)]


def _number(value: float) -> str:
    if not np.isfinite(value):
        return "inf" if value > 0 else "-inf"
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def from_csv(content: bytes, kinds: Mapping[str, str], timezone: str, file: str) -> pd.DataFrame:
    """What `to_csv` wrote, with its kinds of columns; columns without a kind are text.

    Parameters
    ----------
    content : bytes
        The file.
    kinds : dict
        Column -> what `kind_of` said of it.
    timezone : str
        IANA name; times come on its clock.
    file : str
        For the problems.

    Returns
    -------
    pandas.DataFrame
        Missing text comes back empty.

    Raises
    ------
    DataError
        With line and column of every cell that is not of its kind.
    """
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        rows, lines, before = [], [], 0
        for row in reader:
            rows.append(row or [""])  # a blank line is one empty cell
            lines.append(before + 1)
            before = reader.line_num
    except (UnicodeDecodeError, csv.Error) as error:
        remedy = "write the plan again; edit only a copy of roster.csv"
        raise DataError([Problem(f"not a table as it was written ({error})", remedy, file)]) from None
    header = [plain(name) for name in rows[0]] if rows else []
    problems = [
        Problem(f"the row has {len(row)} cells, the header {len(header)}", "restore the row", file, line)
        for row, line in zip(rows[1:], lines[1:], strict=True)
        if len(row) != len(header)
    ]
    if problems:
        raise DataError(problems)
    columns = {}
    for number, name in enumerate(header):
        texts = [row[number] for row in rows[1:]]
        columns[name], bad = _read(texts, kinds.get(name, "text"), timezone)
        kind = {"whole": "a whole number", "flag": "true or false"}.get(kinds.get(name, ""), "")
        what = kind or f"a {kinds.get(name)}"
        problems += [
            Problem(f"{texts[row]!r} is not {what}", f"write {what}", file, lines[row + 1], name)
            for row in bad
        ]
    if problems:
        raise DataError(problems)
    return pd.DataFrame(columns)


def _read(texts: list[str], kind: str, timezone: str) -> tuple[pd.Series, list[int]]:
    """The column, and the rows that are not of its kind."""
    cells = pd.Series(texts, dtype="str")
    empty = cells == ""
    if kind == "text":
        return pd.Series([plain(text) for text in texts], dtype="str"), []
    if kind == "flag":
        values = cells.map({"true": True, "false": False})
        flags = values.astype("boolean" if empty.any() else "bool") if not _bad(values, empty) else cells
        return flags, _bad(values, empty)
    if kind == "time":
        moments = pd.to_datetime(cells.mask(empty), format="ISO8601", utc=True, errors="coerce")
        return moments.dt.tz_convert(timezone).dt.as_unit("us"), _bad(moments, empty)
    if kind == "date":
        dates = pd.to_datetime(cells.mask(empty), format="ISO8601", errors="coerce")
        return dates.astype("datetime64[us]"), _bad(dates, empty)
    numbers = pd.to_numeric(cells.mask(empty), errors="coerce").astype("float64")
    bad = _bad(numbers, empty)
    if kind == "whole" and not bad and not empty.any():
        return numbers.astype("int64"), [int(row) for row in np.flatnonzero(numbers % 1 != 0)]
    return numbers, bad


def _bad(values: pd.Series, empty: pd.Series) -> list[int]:
    return [int(row) for row in np.flatnonzero((values.isna() & ~empty).to_numpy())]
