"""Workforce planning for contact centres: history -> forecast -> requirement -> shifts -> roster -> report.

Importing this package imports nothing heavy; each module is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

MODULES = (
    "calendar", "channels", "charts", "coverage", "erlang", "errors", "export", "forecast", "history", "lp",
    "model", "report", "requirement", "review", "roster", "shifts", "simulation", "site", "tables", "verify",
    "week", "whatif",
)  # fmt: skip
NOUNS = (
    "Break",
    "Chat",
    "Deferred",
    "Limit",
    "Outbound",
    "Pair",
    "Queue",
    "Roster",
    "Rotation",
    "Rules",
    "Shift",
    "Shrinkage",
    "Target",
    "Team",
    "Voice",
    "Week",
)

__all__ = [*MODULES, *NOUNS]


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return importlib.import_module(f"staffing.{name}")
    if name in NOUNS:
        return getattr(importlib.import_module("staffing.model"), name)
    raise AttributeError(f"module 'staffing' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
