"""Interval reports: which column is which, what is repeated or off the grid, and the finished HISTORY."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from typing import IO

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem
from staffing.history.cells import Sheet, refused, sheet
from staffing.history.numbers import read_numbers
from staffing.history.times import localised, read_times
from staffing.tables import HISTORY, check, interval_minutes

ALIASES: dict[str, tuple[str, ...]] = {
    "interval": (
        "interval", "start", "interval start", "start time", "timestamp", "datetime", "date time", "ds",
        "시작", "시작시간", "시작 시간", "일시", "구간", "inicio", "intervalo", "fecha y hora", "fecha hora",
    ),
    "date": ("date", "day", "날짜", "일자", "fecha", "día", "dia"),
    "time": ("time", "hour", "time of day", "시간", "시각", "시간대", "hora"),
    "queue": ("queue", "queue name", "skill", "split", "큐", "대기열", "상담그룹", "cola", "campaña"),
    "offered": (
        "offered", "calls", "volume", "contacts", "calls offered", "offered calls", "contacts offered",
        "인입", "인입호", "인입콜", "인입건수", "콜수", "llamadas", "llamadas ofrecidas",
        "llamadas recibidas", "ofrecidas", "recibidas", "contactos",
    ),
    "aht": (
        "aht", "aht s", "average handle time", "avg handle time", "평균처리시간", "평균 처리시간",
        "tmo", "tmo s", "tiempo medio de operación", "tiempo medio operativo",
    ),
    "handled": (
        "handled", "answered", "calls handled", "calls answered", "응대", "응답", "응답호",
        "atendidas", "contestadas", "llamadas atendidas",
    ),
    "abandoned": (
        "abandoned", "abandons", "calls abandoned", "포기", "포기호", "abandonadas", "llamadas abandonadas",
    ),
    "answered_within": ("answered within", "answered in time", "within threshold"),
    "asa": ("asa", "asa s", "average speed of answer", "avg speed ans", "평균응답속도"),
}  # fmt: skip


def read(
    source: str | os.PathLike[str] | IO[str] | IO[bytes] | pd.DataFrame,
    *,
    tz: str | None = None,
    columns: Mapping[str, str] | None = None,
    queue: str = "calls",
    encoding: str | None = None,
) -> pd.DataFrame:
    """Read an interval report.

    Column names are known in English, Korean and Spanish (`ALIASES`), case and underscores aside. Year-first
    dates have one meaning; day/month order, decimal and thousands marks are decided over the whole column and
    refused where it does not tell. ``24:00`` is the next midnight. An interval that is not in the file stays
    missing: missing is not zero.

    Parameters
    ----------
    source : path, open file or pandas.DataFrame
        The report; one row for each queue and interval, labelled by the interval's start.
    tz : str, optional
        IANA name of the zone of the wall clock; times without an offset need it.
    columns : dict, optional
        Column of HISTORY -> the name it has here, where no alias fits.
    queue : str
        Name of the queue, where the report has no such column.
    encoding : str, optional
        Where it is not UTF-8.

    Returns
    -------
    pandas.DataFrame
        HISTORY, sorted: queue, interval, offered and what else of aht [s], handled, abandoned,
        answered_within, asa [s] the report had. ``.attrs["report"]`` says in sentences what was inferred and
        mended.

    Raises
    ------
    DataError
        Every problem at once, with file, line and column.

    Examples
    --------
    >>> import io
    >>> lines = "date;time;calls", "30/11/2026;09:00;1.250", "30/11/2026;09:30;980,5"
    >>> calls = read(io.StringIO("\\n".join(lines)), tz="Asia/Seoul")
    >>> calls["offered"].tolist(), str(calls["interval"].iloc[0])
    ([1250.0, 980.5], '2026-11-30 09:00:00+09:00')
    """
    raw = _sheet_of(source, encoding)
    names = _columns(raw, columns or {})
    report: list[str] = list(raw.report)
    problems: list[Problem] = []
    table = pd.DataFrame(index=raw.frame.index)
    table["queue"] = _queues(raw, names, queue, problems)
    naive, offset = read_times(raw, names, report, problems)
    if problems and naive.isna().all():
        raise DataError(problems)
    table["interval"] = localised(raw, naive, offset, table["queue"], tz, report, problems)
    for name in (*HISTORY.columns, *HISTORY.optional):
        if name in names and name not in table:
            table[name] = read_numbers(
                raw, names[name], name, required=name in HISTORY.columns, report=report, problems=problems
            )
    problems += _repeated(raw, table, names) + _off_grid(raw, table)
    if problems:
        raise DataError(problems)
    return _finished(raw, table, names, report)


def _sheet_of(
    source: str | os.PathLike[str] | IO[str] | IO[bytes] | pd.DataFrame, encoding: str | None
) -> Sheet:
    if not isinstance(source, pd.DataFrame):
        raw = sheet(source, encoding=encoding)
    else:
        frame = source.reset_index(drop=not any(source.index.names))
        frame.columns = [str(name) for name in frame.columns]
        raw = Sheet("", frame, np.arange(len(frame)))
    if raw.frame.empty:
        raise refused("there are no rows", "give at least a few weeks of intervals", raw.file)
    return raw


def _columns(raw: Sheet, given: Mapping[str, str]) -> dict[str, str]:
    """Canonical name -> name in the sheet."""
    known = {alias: name for name, aliases in ALIASES.items() for alias in (name.replace("_", " "), *aliases)}
    header = list(raw.frame.columns)
    problems: list[Problem] = []
    found: dict[str, str] = {}
    for name, here in given.items():
        if name not in ALIASES:
            problems.append(
                Problem(f"{name!r} is no column of a history", f"one of {', '.join(ALIASES)}", raw.file)
            )
        elif here not in header:
            problems.append(
                Problem(f"there is no column {here!r}", f"one of {', '.join(header)}", raw.file, 1)
            )
        else:
            found[name] = here
    for here in header:
        name = known.get(_plain(here), "")
        if not name or name in given or here in found.values():
            continue
        if name in found and _plain(found[name]) != name and _plain(here) != name:
            remedy = f"rename the wrong one (in Python: columns={{{name!r}: ...}})"
            problems.append(
                Problem(f"both {found[name]!r} and {here!r} could be {name}", remedy, raw.file, 1, here)
            )
        elif name not in found or _plain(here) == name:
            found[name] = here
    if {"interval", "date"} <= found.keys() and "time" not in found:
        # "Date, Start time": the start is a time of day, unless it says the date itself.
        if raw.frame[found["interval"]].astype("str").str.fullmatch(r"\d{1,2}:\d{2}.{0,20}").any():
            found["time"] = found.pop("interval")
        else:
            found.pop("date")
    if "interval" not in found and ("date" in found) != ("time" in found):
        # One column called "date" or "time" may hold both.
        found["interval"] = found.pop("date", "") or found.pop("time", "")
        cells = raw.frame[found["interval"]].astype("str")
        if cells.str.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?").all():
            remedy = (
                f"name its column date (in Python: columns={{'date': ...}}); here are {', '.join(header)}"
            )
            what = f"{found['interval']!r} holds times of day, and no column is known to hold their date"
            problems.append(Problem(what, remedy, raw.file, 1))
    for name, there in (
        ("interval", "interval" in found or "date" in found),
        ("offered", "offered" in found),
    ):
        if not there:
            remedy = f"name it {name} (in Python: columns={{{name!r}: ...}}); here are {', '.join(header)}"
            problems.append(Problem(f"no column is known to hold {name}", remedy, raw.file, 1))
    if problems:
        raise DataError(problems)
    return found


def _plain(header: str) -> str:
    """Case, underscores and a unit of seconds in brackets aside."""
    header = unicodedata.normalize("NFKC", header).casefold()
    header = re.sub(r"[\[(](s|sec|secs|seconds|seg|segundos|초)[\])]", "", header)
    return re.sub(r"[\s_.\-]+", " ", header).strip()


def _queues(raw: Sheet, names: dict[str, str], queue: str, problems: list[Problem]) -> pd.Series:
    if "queue" not in names:
        return pd.Series(queue, index=raw.frame.index, dtype="str")
    values = raw.frame[names["queue"]].astype("str").str.strip()
    empty = np.flatnonzero((values.isna() | (values == "")).to_numpy())
    problems += raw.problems(
        empty, names["queue"], lambda row: "the queue is not named", "name it in every row"
    )
    return values.fillna("")


def _repeated(raw: Sheet, table: pd.DataFrame, names: Mapping[str, str]) -> list[Problem]:
    """Rows whose queue and interval stand further up already."""
    keys = table[["queue", "interval"]].reset_index(drop=True)
    again = keys.duplicated() & keys["interval"].notna()
    if not again.any():
        return []
    row = pd.Series(raw.lines, index=keys.index)
    first = row.groupby([keys["queue"], keys["interval"]]).transform("min")

    def what(at: int) -> str:
        when = f"{keys['interval'].iloc[at]:%Y-%m-%d %H:%M}"
        return f"{keys['queue'].iloc[at]!r} at {when} stands in line {int(first.iloc[at])} already"

    remedy = "keep one row for each queue and interval"
    unused = [str(name) for name in raw.frame.columns if name not in names.values()]
    if "queue" not in names and unused:
        remedy += f", or call the queue's column queue (not used are {', '.join(unused)})"
    return raw.problems(np.flatnonzero(again.to_numpy()), "interval", what, remedy)


def _off_grid(raw: Sheet, table: pd.DataFrame) -> list[Problem]:
    """Rows that lie between the intervals of their queue."""
    known = table.dropna(subset="interval")
    try:
        minutes = interval_minutes(known)
    except DataError as error:
        return [problem._replace(file=raw.file) for problem in error.found]
    if minutes > 240 or 1440 % minutes:
        what, remedy = f"the intervals seem to be {minutes} min long", "give 1 to 240 min that divide the day"
        return [Problem(what, remedy, raw.file, None, "interval")]
    local = known["interval"].dt.tz_localize(None)
    phase = ((local - local.dt.normalize()) % pd.Timedelta(minutes=minutes)).dt.total_seconds()
    usual = phase.groupby(known["queue"]).transform(lambda values: values.mode().min())
    rows = table.index.get_indexer(phase.index[phase != usual])

    def what_of(at: int) -> str:
        return f"{table['interval'].iloc[at]:%Y-%m-%d %H:%M:%S} lies between the {minutes}-minute intervals"

    return raw.problems(rows, "interval", what_of, "give each row the start of its interval")


def _finished(raw: Sheet, table: pd.DataFrame, names: dict[str, str], report: list[str]) -> pd.DataFrame:
    """Sorted, checked, with the report in its attrs."""
    if not table.groupby("queue")["interval"].is_monotonic_increasing.all():
        report.append("The rows were sorted by time.")
    ordered = table.sort_values(["queue", "interval"], kind="stable").reset_index(drop=True)
    if "aht" in ordered and (ordered["aht"] == 0).any():
        nothing = ordered["aht"] == 0
        rows = "1 row" if nothing.sum() == 1 else f"{int(nothing.sum())} rows"
        ordered["aht"] = ordered["aht"].mask(nothing)
        report.append(f"A handle time of 0 s was read as not measured ({rows}).")
    report.append("Each time was read as the start of its interval.")
    unused = [str(name) for name in raw.frame.columns if name not in names.values()]
    if unused:
        report.append(f"Columns not used: {', '.join(unused)}.")
    span = f"{ordered['interval'].min():%Y-%m-%d} to {ordered['interval'].max():%Y-%m-%d}"
    queues = ", ".join(sorted(set(ordered["queue"])))
    minutes = interval_minutes(ordered)
    report.insert(0, f"{len(ordered)} rows, {span}, {minutes}-minute intervals; queues: {queues}.")
    check(ordered, HISTORY)
    ordered.attrs["report"] = report
    return ordered
