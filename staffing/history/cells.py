"""Files of delimited text as they really are: encodings, delimiters, and the line of every row."""

from __future__ import annotations

import csv
import dataclasses
import io
import os
import re
from collections.abc import Callable
from typing import IO

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem

SHOWN = 5


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A table as text, before anything is understood of it.

    Parameters
    ----------
    file : str
        Where it came from; empty for a table that never was a file.
    frame : pandas.DataFrame
        Cells as text, under the header's names; typed where the source was a DataFrame.
    lines : numpy.ndarray
        Line of the file on which each row begins; the row's number in the table where there was no file.
    report : tuple of str
        What was inferred.
    """

    file: str
    frame: pd.DataFrame
    lines: np.ndarray
    report: tuple[str, ...] = ()

    def problems(
        self, rows: np.ndarray, column: str, what: Callable[[int], str], remedy: str
    ) -> list[Problem]:
        """One problem for each of the first rows named, and one that counts the rest."""
        found = [Problem(what(row), remedy, self.file, int(self.lines[row]), column) for row in rows[:SHOWN]]
        if len(rows) > SHOWN:
            more = f"and {len(rows) - SHOWN} more such rows, up to line {int(self.lines[rows[-1]])}"
            found.append(Problem(more, "mend them alike", self.file, None, column))
        return found


def sheet(source: str | os.PathLike[str] | IO[str] | IO[bytes], *, encoding: str | None = None) -> Sheet:
    """Split a delimited text file into cells, keeping the line of every row.

    Comma, semicolon, tab and bar are known as delimiters (and a first line ``sep=;``), UTF-8 and UTF-16 by
    their marks; CP949 and CP1252 are taken where the bytes leave no doubt, else only when asked for.

    Parameters
    ----------
    source : path, or open text or binary file
        Local files only.
    encoding : str, optional
        As Python names it, for example ``"cp949"``.

    Returns
    -------
    Sheet
        All cells as text, stripped of blanks.

    Raises
    ------
    DataError
        Where there is no such file, no text in it, or rows with more or fewer cells than the header.

    Examples
    --------
    >>> read_in = sheet(io.StringIO("agent;name\\n007;김민지\\n"))
    >>> read_in.frame.to_dict("list"), read_in.lines.tolist()
    ({'agent': ['007'], 'name': ['김민지']}, [2])
    """
    text, file, notes = _text(source, encoding)
    first, _, rest = text.partition("\n")
    begin, delimiter = 0, ""
    if match := re.fullmatch(r"sep=([,;\t|])\r?", first):
        begin, delimiter, text = 1, match[1], rest
    delimiter = delimiter or _delimiter(text)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    rows, lines, before = [], [], 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append([cell.strip() for cell in cells])
                lines.append(begin + before + 1)
            before = reader.line_num
    except csv.Error as error:
        what = f"the cells of this line cannot be told apart ({error})"
        raise refused(what, "look for a stray quote", file, begin + before + 1) from None
    if not rows:
        raise refused("the file holds nothing", "give it a header and rows", file)
    return _rectangle(rows, lines, file, notes)


def _rectangle(rows: list[list[str]], lines: list[int], file: str, notes: list[str]) -> Sheet:
    """Rows of the header's width, or every row that is not."""
    header = rows[0]
    while header and not header[-1]:
        header = header[:-1]
    width = len(header)
    problems = [
        Problem("two columns have one name", "rename one of them", file, lines[0], name)
        for name in sorted({name for name in header if header.count(name) > 1})
    ]
    ragged = [index for index, row in enumerate(rows) if index and (len(row) < width or any(row[width:]))]
    for index in ragged[:SHOWN]:
        what = f"the row has {len(rows[index])} cells, the header {width}"
        remedy = "quote cells that hold the delimiter; let the file begin with its header"
        problems.append(Problem(what, remedy, file, lines[index]))
    if len(ragged) > SHOWN:
        problems.append(Problem(f"and {len(ragged) - SHOWN} more such rows", "mend them alike", file))
    if problems:
        raise DataError(problems)
    frame = pd.DataFrame([row[:width] for row in rows[1:]], columns=header, dtype="str")
    return Sheet(file, frame, np.array(lines[1:], dtype=int), tuple(notes))


def refused(what: str, remedy: str, file: str = "", line: int | None = None, column: str = "") -> DataError:
    """An error with one problem."""
    return DataError([Problem(what, remedy, file, line, column)])


def _text(
    source: str | os.PathLike[str] | IO[str] | IO[bytes], encoding: str | None
) -> tuple[str, str, list[str]]:
    """The text of a source, its name, and how it was decoded."""
    if isinstance(source, (str, os.PathLike)):
        file = os.fspath(source)
        if "://" in file:
            raise refused("this is an address, not a file", "save it to disk first", file)
        try:
            with open(file, "rb") as handle:
                content: str | bytes = handle.read()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise refused(f"the file cannot be read ({reason})", "check its name and place", file) from None
    else:
        content, file = source.read(), str(getattr(source, "name", "") or "")
    if isinstance(content, str):
        text, notes = content.removeprefix("\ufeff"), list[str]()
    else:
        text, notes = _decode(content, encoding, file)
    if "\x00" in text or text.startswith("PK\x03\x04"):
        raise refused("this is not a text file", "save the sheet as CSV UTF-8", file)
    return text, file, notes


def _decode(content: bytes, encoding: str | None, file: str) -> tuple[str, list[str]]:
    asked = encoding
    notes: list[str] = []
    if encoding is None:
        encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except LookupError:
        raise refused(f"{encoding!r} is no encoding", "write for example cp949", file) from None
    except UnicodeError as error:
        line = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        legacy = None if asked else _legacy(content)
        if legacy is None:
            remedy = "save the file as UTF-8, or name its encoding (cp949, cp1252)"
            raise refused(f"the bytes are not {encoding.removesuffix('-sig')}", remedy, file, line) from None
        text, encoding = content.decode(legacy), legacy
    if encoding != "utf-8-sig":
        notes.append(f"The text was read as {encoding}.")
    return text, notes


def _legacy(content: bytes) -> str | None:
    """CP949 where high bytes come in pairs that are Hangul, CP1252 where they stand alone as letters."""
    runs = re.findall(rb"[\x80-\xff]+", content)
    try:
        if all(len(run) % 2 == 0 for run in runs):
            hangul = b"".join(runs).decode("cp949")
            return "cp949" if all("가" <= letter <= "힣" for letter in hangul) else None
        if all(len(run) == 1 for run in runs):
            return "cp1252" if b"".join(runs).decode("cp1252").isalpha() else None
    except UnicodeDecodeError:
        pass
    return None


def _delimiter(text: str) -> str:
    """The one that splits the header into most cells."""
    header = re.sub(r'"[^"]*"', "", next((line for line in text.splitlines() if line.strip()), ""))
    return max(",;\t|", key=header.count)
