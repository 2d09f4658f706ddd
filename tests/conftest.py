"""Shared fixtures: where the real data stands, and nothing else that a test could read on its own page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real data and reference values beside the checkout; absent outside the founders' desks."""
    folder = Path(os.environ.get("STAFFING_SHARED", ROOT.parent / "shared"))
    if not (folder / "reference").is_dir():
        pytest.skip("real data and reference values are not here: set STAFFING_SHARED to their folder")
    return folder
