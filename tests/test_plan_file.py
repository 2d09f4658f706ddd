"""docs/plan-file.md and `staffing init` are held by the reader: every key and column, no other, all working."""

# ruff: noqa: E501

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path

import pytest
from test_site import LISTS, lay

from staffing import history, site, tables
from staffing.errors import DataError
from staffing.model import Limit, Queue, Rules, Target, Team
from staffing.site import planfile

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "plan-file.md").read_text(encoding="utf-8")
KEYS = {
    row[0]: (row[1], row[2])
    for row in re.findall(r"^\| `([a-z]+\.[\w.()]+)` \|.*\| ([^|]*) \| `([^`]+)` \|$", PAGE, flags=re.M)
}
# Where an unknown key makes the reader name all that it knows there.
PROBES = {
    "site": "[site]\nqqqqqqqq = 1\n",
    "shrinkage.CAUSE": "[shrinkage]\nsick = { rate = 0.05, qqqqqqqq = 1 }\n",
    "queue.NAME": "[queue.calls]\nqqqqqqqq = 1\n",
    **{
        f"queue.NAME.channel({kind})": f'[queue.calls]\nchannel = {{ kind = "{kind}", qqqqqqqq = 1 }}\n'
        for kind in planfile.CHANNELS
    },
    "queue.NAME.target": "[queue.calls]\ntarget = { qqqqqqqq = 1 }\n",
    "team.NAME": "[team.care]\nqqqqqqqq = 1\n",
    "team.NAME.lunch": "[team.care]\nlunch = { qqqqqqqq = 1 }\n",
    "team.NAME.meeting": "[team.care]\nmeeting = { qqqqqqqq = 1 }\n",
    "team.NAME.evening": "[team.care]\nevening = { qqqqqqqq = 1 }\n",
    "rules": "[rules]\nqqqqqqqq = 1\n",
    "training.NAME": "[training.talks]\nqqqqqqqq = 1\n",
    "rules.LIMIT": "[rules]\ndays_week = { qqqqqqqq = 1 }\n",
    "rules.rotation": "[rules]\nrotation = { qqqqqqqq = 1 }\n",
    "pairs": "[[pairs]]\nqqqqqqqq = 1\n",
}


@pytest.mark.parametrize("table", PROBES)
def test_the_page_has_every_key_and_no_other(tmp_path: Path, table: str) -> None:
    """docs/plan-file.md lists exactly the keys that the reader names when it meets a key it does not know."""
    remedy = next(p.remedy for p in site.check(lay(tmp_path, PROBES[table])) if "'qqqqqqqq'" in p.problem)
    accepted = set(remedy.removeprefix("one of ").split(", "))
    inside = {key.removeprefix(f"{table}.") for key in KEYS if key.startswith(f"{table}.")}
    assert {key for key in inside if "." not in key} == accepted


def laid_out(lines: dict[str, list[str]]) -> str:
    return "".join(f"[{table}]\n" + "".join(f"{line}\n" for line in rows) for table, rows in lines.items())


@pytest.mark.parametrize("key", KEYS)
def test_every_example_of_the_page_is_accepted(tmp_path: Path, key: str) -> None:
    """The page's example of a key, put where the key belongs, leaves nothing to mend."""
    example = KEYS[key][1]
    inside = {
        "shrinkage.CAUSE": ("shrinkage", "sick", "rate = 0.05"),
        **{
            f"queue.NAME.channel({kind})": ("queue.calls", "channel", f'kind = "{kind}"')
            for kind in planfile.CHANNELS
        },
        "queue.NAME.target": ("queue.calls", "target", ""),
        "queue.NAME.opening": ("queue.calls", "opening", ""),
        "team.NAME.lunch": ("team.care", "lunch", "minutes = 60, paid = false, after_hours = [3, 5]"),
        "team.NAME.meeting": ("team.care", "meeting", "minutes = 15"),
        "team.NAME.evening": ("team.care", "evening", 'from = "19:00"'),
        "rules.LIMIT": ("rules", "days_week", ""),
        "rules.rotation": ("rules", "rotation", "start = 2026-11-30"),
    }
    base = {
        "site": ['name = "a"', 'timezone = "Asia/Seoul"', 'history = "history.csv"', 'agents = "agents.csv"'],
        "shrinkage": [],
        "queue.calls": ['team = "care"', "aht = 240"],
        "team.care": [],
        "rules": [],
        "rules.fulltime": [],
        "rules.parttime": [],
        "training.talks": ["minutes = 30", 'team = "care"'],
        "[pairs]": ['agents = ["007", "08"]', 'how = "together"'],
    }
    parent = key.rpartition(".")[0]
    if parent in inside:
        table, name, rest = inside[parent]
        own = re.findall(r"(\w+) = ", example)
        kept = [part for part in re.split(r", (?=\w+ =)", rest) if part and part.split()[0] not in own]
        line = f"{name} = {{ {', '.join([*kept, example])} }}"
    else:
        named = parent.replace("queue.NAME", "queue.calls").replace("team.NAME", "team.care")
        named = named.replace("training.NAME", "training.talks")
        table, line = named.replace("pairs", "[pairs]"), example
    name = line.partition(" = ")[0]
    base[table] = [row for row in base[table] if not row.startswith(f"{name} =")] + [line]
    if "{" not in line:
        base[table][-1] = re.sub(r", (?=\w+ = )", "\n", line)
    if "talk = " in line:
        base[table].remove("aht = 240")
    if key == "site.region":
        base["site"].append('country = "US"')
    assert site.check(lay(tmp_path, laid_out(base))) == []


DEFAULTS = {
    "site": planfile.Keys(name="", timezone="", history="", agents=""),
    "queue.NAME": Queue("calls", "care", ()),
    "queue.NAME.target": Target(),
    "team.NAME": Team("care"),
    "rules": Rules(),
}


def test_the_pages_defaults_are_the_readers() -> None:
    """Each default that the page states as a value is what a plan without the key has."""
    checked = 0
    for key, (stated, _) in KEYS.items():
        parent, _, name = key.rpartition(".")
        if parent not in DEFAULTS or not re.fullmatch(r"`.*`", stated):
            continue
        value: object = tomllib.loads(f"x = {stated.strip('`')}")["x"]
        meant = {"same_shift_in_week": math.inf, "rotate": Rules().rotate}.get(name, value)
        if isinstance(meant, dict):
            meant = Limit(**meant)
        actual = getattr(DEFAULTS[parent], name)
        assert (list(actual) if isinstance(actual, tuple) else actual) == meant, key
        checked += 1
    assert checked >= 20


def test_the_page_has_every_column_and_no_other() -> None:
    """Each list's columns stand on the page, and those that must be there are marked so."""
    columns = PAGE[PAGE.index("## Columns") :]
    parts = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", columns, flags=re.M | re.S))
    contracts = {**site.LISTS, "history": tables.HISTORY}
    assert parts.keys() == contracts.keys()
    for name, contract in contracts.items():
        rows = dict(re.findall(r"^\| `(\w+)` \|.*\| ([^|]*)\|$", parts[name], flags=re.M))
        if name == "history":
            assert rows.keys() == history.ALIASES.keys()
        else:
            assert rows.keys() == (contract.columns | contract.optional).keys(), name
            assert {column for column, must in rows.items() if must.strip()} == contract.columns.keys(), name


def test_the_pages_smallest_plan_works(tmp_path: Path) -> None:
    """The plan at the top of the page is read as it stands there."""
    block = re.search(r"```toml\n(.*?)```", PAGE, flags=re.S)
    assert block is not None
    small = site.load(lay(tmp_path, block[1]))
    assert (small.name, small.timezone) == ("my site", "Asia/Seoul")


def test_the_template_shows_every_key(tmp_path: Path) -> None:
    """What `staffing init` writes has each key of the page, as it counts or as a remark, and no mistake."""
    text = site.template()["site.toml"]
    later = ("chat", "deferred", "outbound")
    shown = {
        key.rpartition(".")[2]
        for key in KEYS
        if not key.endswith("DAYS") and not any(f"({kind})" in key for kind in later)
    }
    assert {key for key in shown if not re.search(rf"\b{key}\b", text)} == set()
    assert site.check(site.begin(tmp_path / "new")) == []


@pytest.mark.parametrize(
    "line", [line for line in site.template()["site.toml"].splitlines() if re.match(r"# \w+ = ", line)]
)
def test_the_remarks_of_the_template_are_keys(tmp_path: Path, line: str) -> None:
    """Each remark that looks like a key counts when its # is taken away."""
    plan = site.begin(tmp_path)
    name = line.removeprefix("# ").partition(" = ")[0]
    text = plan.read_text(encoding="utf-8").replace(line, line.removeprefix("# "))
    plan.write_text(text.replace('"KR"', '"US"') if name == "region" else text, encoding="utf-8")
    if f"{name}.csv" in LISTS:
        (tmp_path / f"{name}.csv").write_text(LISTS[f"{name}.csv"].splitlines()[0] + "\n", encoding="utf-8")
    assert site.check(plan) == []


def test_the_template_writes_over_nothing(tmp_path: Path) -> None:
    """One file of its names in the folder, and nothing is written."""
    (tmp_path / "agents.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match=r"agents\.csv: the file stands there already"):
        site.begin(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["agents.csv"]
    assert (tmp_path / "agents.csv").read_text(encoding="utf-8") == "mine"


def test_the_template_is_the_same_every_time() -> None:
    """Same seed, same bytes."""
    assert site.template() == site.template()
