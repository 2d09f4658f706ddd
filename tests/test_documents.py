"""The documentation is executed: every docstring example, the README's, and every notebook."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import staffing

ROOT = Path(__file__).resolve().parents[1]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


ROOMS = [info.name for info in pkgutil.walk_packages(staffing.__path__, "staffing.")]


@pytest.mark.parametrize("name", ROOMS)
def test_docstring_examples(name: str) -> None:
    """What a docstring shows is what the code does."""
    assert doctest.testmod(importlib.import_module(name), optionflags=FLAGS).failed == 0


@pytest.mark.parametrize("page", ["README.md"])
def test_pages_run(page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every python block of a page runs, in order, from an empty folder."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), flags=re.S)
    assert blocks
    world: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), world)


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_run_top_to_bottom(path: Path, tmp_path: Path) -> None:
    """Each notebook is stored without output and runs from an empty folder."""
    book = nbformat.read(path, as_version=4)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code), "store it without output"
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()


def test_links_lead_somewhere() -> None:
    """Every relative link and picture of the README and the docs exists."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
