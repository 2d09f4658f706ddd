"""A planned week as files, and back: tables as CSV, charts as PNG, the roster as a grid for a spreadsheet.

`write` puts a whole folder in place or leaves everything as it was; `load` reads it back; `read_roster` reads
the grid after a person has edited it. `check_target` says beforehand whether a folder will do.
"""

from __future__ import annotations

from staffing.export.common import common
from staffing.export.folder import (
    SavedWeek,
    changes,
    check_target,
    load,
    previous,
    published,
    write,
    write_table,
)
from staffing.export.grid import EditedRoster, published_table, read_roster, roster_table

__all__ = [
    "EditedRoster",
    "SavedWeek",
    "changes",
    "check_target",
    "common",
    "load",
    "previous",
    "published",
    "published_table",
    "read_roster",
    "roster_table",
    "write",
    "write_table",
]
