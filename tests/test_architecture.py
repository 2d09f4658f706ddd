"""The house stands as drawn: imports only go down, none within a row, and the forbidden doors stay shut."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "staffing"

ROWS = {
    "errors": 0,
    "model": 1, "tables": 1, "queueing": 1,
    "erlang": 2, "pauses": 2, "calendar": 2, "lp": 2,
    "channels": 3, "designing": 3, "forecasting": 3,
    "coverage": 4, "history": 4, "forecast": 4, "requirement": 4,
    "shifts": 4, "roster": 4, "simulation": 4, "verify": 4,
    "site": 5, "charts": 5, "review": 5, "demo": 5, "whatif": 5,
    "export": 6, "report": 6,
    "week": 7,
    "cli": 8,
    "__main__": 9,
}  # fmt: skip

FORBIDDEN = {
    room: {"channels", "coverage", "designing", "erlang", "queueing", "lp"}
    for room in ("verify", "simulation")
}
DOORS = {"pulp": {"lp"}, "highspy": {"lp"}, "matplotlib": {"charts"}, "holidays": {"calendar"}}


def rooms() -> list[Path]:
    return sorted(
        path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE
    )


def room_of(path: Path) -> str:
    """A folder of the package is one room with one public face."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Dotted names that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path.name}: write imports whole"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", rooms(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_go_down(path: Path) -> None:
    """Each room knows only rooms on lower rows, and no sibling."""
    here = room_of(path)
    assert here in ROWS, f"{here} has no row: give it one"
    for name in imported(path):
        if name.startswith("staffing."):
            other = name.split(".")[1]
            if other == here or other == "__version__":
                continue
            assert ROWS[other] < ROWS[here], f"{here} (row {ROWS[here]}) imports {other} (row {ROWS[other]})"
            assert other not in FORBIDDEN.get(here, set()), f"{here} must not share code with {other}"


@pytest.mark.parametrize("path", rooms(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_one_door_per_foreign_thing(path: Path) -> None:
    """The solver, the drawing library and the holidays each have one room that knows them."""
    for name in imported(path):
        allowed = DOORS.get(name.split(".")[0])
        assert allowed is None or room_of(path) in allowed, f"{room_of(path)} opens {name} by the back door"


def test_every_row_has_its_room() -> None:
    """The picture lists no room that does not stand."""
    assert {room_of(path) for path in rooms()} == set(ROWS)


def test_rooms_are_one_sitting_long() -> None:
    """A file of more than 700 lines has more than one subject."""
    long = {room_of(path): n for path in rooms() if (n := len(path.read_text("utf-8").splitlines())) > 700}
    assert long == {}


def test_import_and_help_load_nothing_heavy() -> None:
    """`import staffing` and `staffing --help` touch neither pandas nor the solver nor the charts."""
    code = (
        "import sys, staffing, staffing.cli\n"
        "from click.testing import CliRunner\n"
        "result = CliRunner().invoke(staffing.cli.main, ['--help'])\n"
        "assert result.exit_code == 0 and 'week' in result.output, result.output\n"
        "heavy = {'pandas', 'numpy', 'scipy', 'matplotlib', 'pulp', 'highspy', 'pydantic', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_stand_as_drawn() -> None:
    """Every function that docs/design.md promises is there."""
    page = (PACKAGE.parent / "docs" / "design.md").read_text(encoding="utf-8")
    table = page.split("## 4. Public names")[1].split("## 5.")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", table, flags=re.M)
    assert len(rows) > 10
    for module, names in rows:
        room = importlib.import_module(f"staffing.{module}")
        for name in re.findall(r"`(\w+)`", names):
            assert callable(getattr(room, name)), f"{module}.{name}"
