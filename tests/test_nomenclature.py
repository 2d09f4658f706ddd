"""One word for one thing: every public parameter, field and column stands in docs/nomenclature.md."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

import staffing
from staffing.tables import CONTRACTS

ROOT = Path(__file__).resolve().parents[1]
# cli speaks in options of its own words; each is documented by --help.
MODULES = [importlib.import_module(f"staffing.{name}") for name in staffing.MODULES]


def words() -> dict[str, str]:
    """Name -> unit, from the tables of the page."""
    page = (ROOT / "docs" / "nomenclature.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \| ([^|]+) \|([^|]*)\|$", page, flags=re.M)
    return {name: unit.strip() for names, _, unit in rows for name in re.findall(r"`([^`]+)`", names)}


def public(module: ModuleType) -> list[tuple[str, object]]:
    """What a module offers: its ``__all__``, or what it defines itself and does not hide."""
    offered = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
    return [
        (name, thing)
        for name in offered
        if str(getattr(thing := getattr(module, name), "__module__", "")).startswith(module.__name__)
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_parameters_and_fields_are_words_of_the_page(module: ModuleType) -> None:
    """No signature and no dataclass uses a word that the page does not explain."""
    known, strange = words(), set()
    for name, thing in public(module):
        names: list[str] = []
        if inspect.isfunction(thing):
            names = list(inspect.signature(thing).parameters)
        elif inspect.isclass(thing) and dataclasses.is_dataclass(thing):
            names = [field.name for field in dataclasses.fields(thing) if not field.name.startswith("_")]
        elif inspect.isclass(thing) and "__init__" in vars(thing):
            names = list(inspect.signature(thing).parameters)
        strange |= {f"{name}({word})" for word in names if word not in known}
    assert sorted(strange) == []


def test_columns_are_words_of_the_page() -> None:
    """Every column of every contract is explained, and each contract is named."""
    known = words()
    columns = {column for contract in CONTRACTS.values() for column in contract.columns | contract.optional}
    assert sorted(columns - set(known)) == []


def test_units_are_those_of_the_house() -> None:
    """Seconds, hours, minutes, erlangs, fractions, people, money per hour: nothing else, no per cent."""
    allowed = {
        "",
        "s",
        "h",
        "min",
        "Erl",
        "0-1",
        "agents",
        "contacts",
        "days",
        "agent-half-hours",
        "per hour",
    }
    assert set(words().values()) <= allowed
    assert len(words()) > 100


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_public_things_are_documented(module: ModuleType) -> None:
    """Every public function and class has a docstring; every function with parameters lists them."""
    for name, thing in public(module):
        if inspect.isfunction(thing) or inspect.isclass(thing):
            text = inspect.getdoc(thing) or ""
            assert text, f"{module.__name__}.{name} says nothing"
        if inspect.isfunction(thing) and inspect.signature(thing).parameters:
            assert "Parameters\n" in text, f"{module.__name__}.{name} does not list its parameters"
            for word in inspect.signature(thing).parameters:
                assert re.search(rf"\b{word}\b", text), f"{module.__name__}.{name} does not explain {word}"
