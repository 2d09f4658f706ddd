"""Numbers as people write them: decimal and thousands marks decided over a whole column."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from staffing.errors import Problem
from staffing.history.cells import Sheet

DURATIONS = ("aht", "asa")


def read_numbers(
    raw: Sheet, column: str, name: str, *, required: bool, report: list[str], problems: list[Problem]
) -> pd.Series:
    """Finite numbers, zero or more; missing where a cell is empty and may be."""
    cells = raw.frame[column]
    text = cells.astype("str").fillna("").str.strip()
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        values, empty = cells.astype("float64"), cells.isna().to_numpy()
    else:
        values, empty = _decimal(raw, text, column, name, report, problems), (text == "").to_numpy()
        if name in DURATIONS:
            values = values.fillna(_clock_seconds(text, column, report))
    bad = np.flatnonzero(~np.isfinite(values.to_numpy()) & ~empty)
    remedy = "write a plain number, for example 1234.5"
    problems += raw.problems(bad, column, lambda row: f"{text.iloc[row]!r} is not a number", remedy)
    low = np.flatnonzero((values < 0).to_numpy())
    problems += raw.problems(low, column, lambda row: f"{text.iloc[row]} is less than zero", "correct it")
    if required:
        remedy = "write 0 where nothing came; leave the row out where nothing was measured"
        gone = np.flatnonzero(empty)
        problems += raw.problems(gone, column, lambda row: "the number is missing", remedy)
    return values


def _clock_seconds(text: pd.Series, column: str, report: list[str]) -> pd.Series:
    """Seconds of durations written as m:ss or h:mm:ss. [s]"""
    parts = text.str.extract(r"^(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)$", flags=re.ASCII).astype("float64")
    if parts[1].notna().any():
        report.append(f"{column} was read as minutes:seconds.")
    return parts[0].fillna(0) * 3600 + parts[1] * 60 + parts[2]


def _decimal(
    raw: Sheet, text: pd.Series, column: str, name: str, report: list[str], problems: list[Problem]
) -> pd.Series:
    """Text -> numbers, NaN where a cell is none."""
    text = text.str.replace(r"(?<=[0-9])[   '’](?=[0-9]{3}(?:[^0-9]|$))", "", regex=True)
    text = text.str.replace("−", "-")
    shaped = text.where(text.str.fullmatch(r"[-+]?(?:[0-9][0-9.,]*|[.,][0-9]+)"), "")
    body = shaped.str.lstrip("+-")
    marked = body[body.str.contains(r"[.,]")]
    mark = "."
    if len(marked):
        mark = _decimal_mark(raw, body, marked, column, name, problems)
        report.append(f"Decimal mark of {column}: {'comma' if mark == ',' else 'dot'}.")
    other = "," if mark == "." else "."
    point, group = re.escape(mark), re.escape(other)
    grouped = body.str.fullmatch(rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+(?:{point}[0-9]*)?")
    plain = body.str.fullmatch(rf"[0-9]*(?:{point}[0-9]*)?") & (body != "")
    usable = shaped.where(grouped | plain, "").str.replace(other, "", regex=False)
    return pd.to_numeric(usable.str.replace(mark, ".", regex=False), errors="coerce").astype("float64")


def _decimal_mark(
    raw: Sheet, body: pd.Series, marked: pd.Series, column: str, name: str, problems: list[Problem]
) -> str:
    """Which of comma and dot is the decimal one; a problem where the column does not tell, or tells both."""
    proof = {mark: _proofs(marked, mark, other) for mark, other in ((",", "."), (".", ","))}
    if proof[","].any() and proof["."].any():
        comma, dot = (int(raw.lines[marked.index[proof[mark]][0]]) for mark in ",.")
        what = f"the decimal mark is a comma in line {comma} and a dot in line {dot}"
        problems.append(Problem(what, "write all numbers alike", raw.file, max(comma, dot), column))
    elif not proof[","].any() and not proof["."].any():
        mark = "," if marked.str.contains(",").any() else "."
        # A bare 1250 says that there are no thousands marks. Beside a bare 980, counts like 1,250 are
        # thousands: a program that writes three decimals writes them everywhere.
        if body.str.fullmatch(r"[0-9]{4,}").any():
            return mark
        if name not in DURATIONS and body.str.fullmatch(r"[0-9]{1,3}").any():
            return "," if mark == "." else "."
        line = int(raw.lines[marked.index[0]])
        what = f"{marked.iloc[0]!r} may be thousands or a fraction, and no other number tells"
        remedy = "write numbers without thousands marks, and fractions with one or two digits"
        problems.append(Problem(what, remedy, raw.file, line, column))
    return "," if proof[","].any() else "."


def _proofs(marked: pd.Series, mark: str, other: str) -> np.ndarray:
    """Numbers in which this mark must be the decimal one."""
    counts = {sign: marked.str.count(re.escape(sign)) for sign in (mark, other)}
    last = marked.str.rfind(mark) > marked.str.rfind(other)
    whole, _, part = (marked.str.rpartition(mark)[at] for at in range(3))
    alone = (counts[mark] == 1) & (counts[other] == 0)
    cannot_group = (part.str.len() != 3) | (whole.str.len() > 3) | whole.isin(["", "0"])
    other_groups = counts[other] > 1
    both = (counts[mark] == 1) & (counts[other] >= 1) & last
    return ((alone & cannot_group) | other_groups | both).to_numpy()
