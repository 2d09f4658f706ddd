"""The command line as a planner uses it: from an empty folder, with exit codes that say how it went."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from test_nomenclature import words

from staffing import calendar, export, site, week
from staffing.cli import main
from staffing.errors import PlanError, SolverError


def staffing(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's demo, made once."""
    folder = tmp_path_factory.mktemp("demo")
    done = staffing("demo", "--case", "shop", "-o", folder)
    assert done.exit_code == 0, done.stderr
    (folder / "said.txt").write_text(done.stderr, encoding="utf-8")
    return folder


@pytest.fixture
def plan(shop: Path, tmp_path: Path) -> Path:
    """A copy of the shop's plan folder, to be changed."""
    shutil.copytree(shop / "inputs" / "shop", tmp_path / "plan")
    return tmp_path / "plan"


def replaced(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_demo_leaves_every_table_and_picture(shop: Path) -> None:
    """What the main job promises to leave is there, and nothing temporary beside it."""
    left = {path.name for path in (shop / "shop").iterdir()}
    tables = ("forecast", "requirement", "shifts", "roster", "assignments", "segments", "coverage", "summary")
    assert left >= {f"{name}.csv" for name in tables} | {"manifest.json", "timings.json", "review.csv"}
    for queue, team in (("presales_calls", "presales"), ("aftersales_calls", "aftersales")):
        assert left >= {f"{kind}_{queue}.png" for kind in ("coverage", "gap", "forecast")}
        assert left >= {f"roster_{team}.png", f"shifts_{team}.png"}
    assert {path.name for path in shop.iterdir()} == {"shop", "inputs", "said.txt"}


def test_every_written_column_is_a_word_of_the_page(shop: Path) -> None:
    """No file bears a column that docs/nomenclature.md does not explain; days and quantiles are values."""
    known, strange = words(), set()
    for file in sorted((shop / "shop").glob("*.csv")):
        header = file.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
        values = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{4}-\d\d-\d\d|volume_p[\d.]+")
        strange |= {
            f"{file.name}: {name}" for name in header if name not in known and not values.fullmatch(name)
        }
    assert sorted(strange) == []


def test_demo_says_what_a_planner_needs(shop: Path) -> None:
    """Shifts, overlap, rush, hours, efficiency and its limit, service, gap, worst half hours, files."""
    said = (shop / "said.txt").read_text(encoding="utf-8")
    for word in ("shifts ", "both there", "rush ", "hours ", "efficiency", "service ", "came ", "short ",
                 "proof ", "no rule broken", "simulated", "roster.csv"):  # fmt: skip
        assert word in said.replace("invented", "simulated"), word


def test_the_roster_is_near_the_best_and_clean(shop: Path) -> None:
    """No violation, and at most 1 % of the rostered agent-half-hours from the best possible."""
    manifest = json.loads((shop / "shop" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["violations"] == 0
    assert manifest["gap_share"] <= 0.01
    assert manifest["cost"] >= manifest["bound"] > 0


def test_the_planned_week_was_held_back(shop: Path) -> None:
    """The roster knows nothing younger than its lead time."""
    manifest = json.loads((shop / "shop" / "manifest.json").read_text(encoding="utf-8"))
    known = pd.Timestamp(manifest["history_until"])
    assert pd.Timestamp(manifest["start"], tz=manifest["timezone"]) - known > pd.Timedelta(days=14)


def test_same_input_gives_the_same_bytes(shop: Path, tmp_path: Path) -> None:
    """Another process, another hash seed, another time zone of the machine: every file but the timings."""
    command = [sys.executable, "-m", "staffing.cli", "week", str(shop / "inputs" / "shop" / "site.toml"),
               "2026-W49", "-o", str(tmp_path / "again"), "--quiet"]  # fmt: skip
    subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/Lima"}, check=False)
    first, again = shop / "shop", tmp_path / "again"
    names = sorted(str(path.relative_to(first)) for path in first.rglob("*") if path.is_file())
    assert names == sorted(str(path.relative_to(again)) for path in again.rglob("*") if path.is_file())
    different = [
        name
        for name in names
        if name != "timings.json" and (first / name).read_bytes() != (again / name).read_bytes()
    ]
    assert different == []


def test_the_folder_passes_its_own_check(shop: Path) -> None:
    """`staffing verify` reads everything back and finds the short half hours that the week reported."""
    done = staffing("verify", shop / "shop")
    coverage = pd.read_csv(shop / "shop" / "coverage.csv")
    short = int((coverage["gap"] < 0).sum())
    assert done.exit_code == (1 if short else 0)
    assert "broken rules: none" in done.stderr
    assert f"{short} intervals short in all" in done.stderr


def test_an_edited_roster_is_checked(shop: Path, tmp_path: Path) -> None:
    """A person moved to the late shift for one day: the broken rest is told by person and day."""
    text = (shop / "shop" / "roster.csv").read_text(encoding="utf-8-sig")
    line = next(row for row in text.splitlines() if row.count("09:00-18:00") == 5)
    days = line.split(",")
    first = days.index("09:00-18:00")
    days[first] = "14:00-23:00"
    edited = tmp_path / "edited.csv"
    edited.write_text(text.replace(line, ",".join(days)), encoding="utf-8")
    done = staffing("verify", shop / "shop", "--roster", edited)
    assert done.exit_code == 3
    assert "changed days: 1" in done.stderr
    assert "rest_hours" in done.stderr and days[2] in done.stderr
    assert "half hours whose gap has changed" in done.stderr


def test_an_unreadable_cell_is_wrong_input(shop: Path, tmp_path: Path) -> None:
    """A word that is neither hours nor a code: exit 2, with line and column."""
    text = (shop / "shop" / "roster.csv").read_text(encoding="utf-8-sig")
    edited = tmp_path / "edited.csv"
    edited.write_text(text.replace("14:00-23:00", "whenever", 1), encoding="utf-8")
    done = staffing("verify", shop / "shop", "--roster", edited)
    assert done.exit_code == 2
    assert "edited.csv" in done.stderr and "whenever" in done.stderr


def test_wrong_plan_lists_everything_and_writes_nothing(plan: Path, tmp_path: Path) -> None:
    """Two mistakes, both told with their lines; exit 2; no folder."""
    replaced(plan / "site.toml", "lead_days = 14", "lead_dais = 14")
    replaced(plan / "site.toml", "min_staff = 2\nopening", "min_staff = -2\nopening")
    done = staffing("week", plan / "site.toml", "2026-W49", "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert "did you mean" in done.stderr and "min_staff" in done.stderr
    assert not (tmp_path / "out").exists()
    assert staffing("check", plan / "site.toml").exit_code == 2


def test_a_missing_plan_file(tmp_path: Path) -> None:
    """Said as a wrong input, not as a traceback."""
    done = staffing("week", tmp_path / "none.toml", "2026-W49")
    assert done.exit_code == 2
    assert "none.toml" in done.stderr


def test_a_week_that_is_none(shop: Path) -> None:
    """Week 60 does not exist."""
    done = staffing("week", shop / "inputs" / "shop" / "site.toml", "2026-W60")
    assert done.exit_code == 2
    assert "2026-W49" in done.stderr


def test_rules_that_cannot_hold_together(plan: Path, tmp_path: Path) -> None:
    """Forty hours of two days a week: exit 3 with the rules to relax, and no roster."""
    replaced(plan / "site.toml", "hours_week = { min = 35, max = 40 }\ndays_week = { max = 5 }",
             "hours_week = { min = 35, max = 40 }\ndays_week = { max = 2 }")  # fmt: skip
    done = staffing("week", plan / "site.toml", "2026-W49", "-o", tmp_path / "out", "--quiet")
    assert done.exit_code == 3
    assert "days_week" in done.stderr and "relax" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_fifth_of_the_agents_gone(plan: Path, tmp_path: Path) -> None:
    """Too few people is no failure: a roster, exit 1, and each short half hour with its reason."""
    agents = pd.read_csv(plan / "agents.csv", dtype=str, keep_default_na=False)
    left = set(agents["agent"].iloc[[row for row in range(len(agents)) if row % 5]])
    for name in ("agents", "skills", "timeoff", "requests", "previous"):
        table = pd.read_csv(plan / f"{name}.csv", dtype=str, keep_default_na=False)
        table[table["agent"].isin(left)].to_csv(plan / f"{name}.csv", index=False)
    done = staffing("week", plan / "site.toml", "2026-W49", "-o", tmp_path / "out", "--quiet")
    assert done.exit_code == 1, done.stderr
    coverage = pd.read_csv(tmp_path / "out" / "coverage.csv", keep_default_na=False)
    short = coverage[coverage["gap"].astype(float) < 0]
    assert len(short) > 50
    assert (short["why"].str.len() > 10).all()


def test_output_that_cannot_be_written(shop: Path, tmp_path: Path) -> None:
    """A file stands where the folder should go: exit 5, and the file is unharmed."""
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    site = shop / "inputs" / "shop" / "site.toml"
    done = staffing("week", site, "2026-W49", "-o", tmp_path / "taken" / "out", "--quiet")
    assert done.exit_code == 5
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"


def test_summary_as_json(plan: Path, tmp_path: Path) -> None:
    """Tables go to stdout, people's text to stderr."""
    done = staffing("week", plan / "site.toml", "2026-W49", "-o", tmp_path / "out", "--quiet", "--json")
    measures = {row["measure"] for row in json.loads(done.stdout)}
    assert measures >= {"needed", "on_queue", "short", "over", "efficiency", "service_level", "gap", "bound"}
    assert done.stderr == ""


def test_the_textbook_half_hour() -> None:
    """100 calls of 180 s in half an hour, 80/20: fourteen agents, 88.8 %."""
    done = staffing("erlang", "--volume", 100, "--aht", 180, "--target", "80/20")
    assert done.exit_code == 0
    assert "agents         14" in done.stdout
    assert "88.8 % answered within 20 s" in done.stdout


def test_an_unreadable_target() -> None:
    """Said with the form that is wanted."""
    done = staffing("erlang", "--volume", 100, "--aht", 180, "--target", "80 in 20")
    assert done.exit_code == 2
    assert "80/20" in done.stderr


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (SolverError("no roster in 60 s"), 4, "no roster in 60 s"),
        (PlanError(["'007' has no lawful week"]), 3, "'007' has no lawful week"),
        (KeyboardInterrupt(), 130, "nothing was written"),
        (ZeroDivisionError("oops"), 70, "fault of staffing"),
    ],
    ids=["solver", "plan", "interrupt", "fault"],
)
def test_how_it_went_is_the_exit_code(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int, said: str
) -> None:
    """Whatever ends a week, the code and the words say so, and a fault never looks like a short roster."""

    def fails(*args: object, **kwargs: object) -> None:
        raise raised

    monkeypatch.setattr("staffing.week.plan", fails)
    done = staffing("week", shop / "inputs" / "shop" / "site.toml", "2026-W49", "-o", tmp_path / "out")
    assert done.exit_code == code
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_violation_is_a_failure_of_the_run(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A roster that its own check refuses is written for inspection, told, and ends with exit 3."""
    broken = pd.DataFrame(
        {"agent": ["007"], "name": ["x"], "date": [pd.NaT], "rule": ["rest_hours"], "what": ["8 h"]}
    )
    monkeypatch.setattr("staffing.verify.roster", lambda *args, **kwargs: broken)
    done = staffing("week", shop / "inputs" / "shop" / "site.toml", "2026-W49", "-o", tmp_path / "out")
    assert done.exit_code == 3
    assert "1 RULES BROKEN" in done.stderr


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `staffing init` lays out in an empty folder, and the week planned from it."""
    folder = tmp_path_factory.mktemp("own")
    done = staffing("init", folder / "mine")
    assert done.exit_code == 0, done.stderr
    planned = staffing("week", folder / "mine" / "site.toml", "2026-W49", "-o", folder / "out")
    assert planned.exit_code in (0, 1), planned.stderr
    (folder / "said.txt").write_text(planned.stderr, encoding="utf-8")
    return folder


@pytest.fixture
def mine(begun: Path, tmp_path: Path) -> Path:
    """A copy of the plan that init wrote, to be changed."""
    shutil.copytree(begun / "mine", tmp_path / "mine")
    return tmp_path / "mine"


def test_init_then_week(begun: Path) -> None:
    """A plan to begin with passes its check and is planned at once, clean and nearly covered."""
    assert staffing("check", begun / "mine" / "site.toml").exit_code == 0
    manifest = json.loads((begun / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["violations"] == 0
    coverage = pd.read_csv(begun / "out" / "coverage.csv")
    assert (coverage["gap"] < 0).mean() < 0.1
    said = (begun / "said.txt").read_text(encoding="utf-8")
    assert "`staffing init` made them" in said
    assert "Planned with 14 days' lead: nothing from 2026-11-16 on was known." in said
    assert "No shifts of last week are given." in said


def test_init_writes_over_nothing(begun: Path) -> None:
    """A second init in the same folder changes no byte and says which files are in the way."""
    before = {path.name: path.read_bytes() for path in (begun / "mine").iterdir()}
    done = staffing("init", begun / "mine")
    assert done.exit_code == 2
    assert "agents.csv: the file stands there already" in done.stderr
    assert {path.name: path.read_bytes() for path in (begun / "mine").iterdir()} == before


def test_init_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A file where the folder should be made: exit 5, said without a code of the machine."""
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    done = staffing("init", tmp_path / "taken" / "plan")
    assert done.exit_code == 5
    assert "Errno" not in done.stderr and "taken" in done.stderr


@pytest.mark.parametrize("name", ["skills", "timeoff", "requests", "events", "adjustments", "previous"])
def test_a_header_alone_is_planned_like_no_list(begun: Path, mine: Path, name: str) -> None:
    """Each list without a row: the same roster as without the list."""
    headers = {
        "skills": "agent,queue", "timeoff": "agent,start,end,kind,credit_hours",
        "requests": "agent,start,end,kind,shift,price", "events": "name,queue,start,end,effect,kind",
        "adjustments": "queue,start,end,add,factor,who,why",
        "previous": "agent,date,team,shift,start,end,paid_hours",
    }  # fmt: skip
    (mine / f"{name}.csv").write_text(headers[name] + "\n", encoding="utf-8")
    text = (mine / "site.toml").read_text(encoding="utf-8")
    if f'# {name} = "' in text:
        (mine / "site.toml").write_text(text.replace(f'# {name} = "', f'{name} = "'), encoding="utf-8")
    assert staffing("check", mine / "site.toml").exit_code == 0
    if name not in ("timeoff", "requests"):
        planned = week.plan(site.load(mine / "site.toml"), "2026-W49")
        first = export.load(begun / "out").assignments
        pd.testing.assert_frame_equal(planned.roster.assignments[list(first)], first, check_dtype=False)


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("2026-11-29", None),
        ("2026-11-23", None),
        ("2026-11-22", "Last week's shifts end on 2026-11-22, 8 days before this week: they do not count."),
        ("2026-12-01", "2 shifts of last week's lie in the planned week or after it: they do not count."),
    ],
    ids=["yesterday", "a week ago", "longer ago", "this week"],
)
def test_last_week_counts_where_it_is_the_week_before(last: str, said: str | None) -> None:
    """Shifts that end in the seven days before the week count; older ones and this week's own do not."""
    days = pd.Timestamp(last) - pd.to_timedelta([1, 0], unit="D")
    kept, notes = week.last_week(pd.DataFrame({"date": days}), dt.date(2026, 11, 30))
    assert (len(kept) == 2) == (said is None)
    assert notes[:1] == ([] if said is None else [said])


def test_an_old_week_before_changes_nothing(begun: Path, mine: Path) -> None:
    """Last week's folder of months ago: told, not counted, and the roster is that without it."""
    plan = site.load(mine / "site.toml")
    old = pd.DataFrame(
        {
            "agent": ["001"], "date": pd.to_datetime(["2026-08-30"]), "team": "care", "shift": "late",
            "start": pd.to_datetime(["2026-08-30 13:00"]).tz_localize("Asia/Seoul").as_unit("us"),
            "end": pd.to_datetime(["2026-08-30 21:00"]).tz_localize("Asia/Seoul").as_unit("us"),
            "paid_hours": 7.0,
        }
    )  # fmt: skip
    planned = week.plan(plan, "2026-W49", previous=old)
    assert any(
        "end on 2026-08-30, 92 days before this week: they do not count" in note for note in planned.notes
    )
    assert planned.previous.empty
    assert len(planned.violations) == 0


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("2026-W49", ()),
        ("2026-W53", ("ends on 2026-11-27, 16 days before the lead of 14 days begins",)),
        ("2027-W10", ("86 days before the lead", "14 weeks beyond the history of calls")),
    ],
    ids=["next", "weeks ahead", "far ahead"],
)
def test_how_far_ahead_is_said(mine: Path, label: str, words: tuple[str, ...]) -> None:
    """A history that ends before its lead, and a week far beyond it, are told; the usual lead is a fact."""
    plan = site.load(mine / "site.toml")
    start = calendar.week_start(label, plan.week_starts)
    known = plan.history[
        plan.history["interval"] < pd.Timestamp(start, tz=plan.timezone) - pd.Timedelta(days=14)
    ]
    lead, *more = week.ahead(known, start, plan.lead_days)
    assert lead.startswith("Planned with 14 days' lead: nothing from ")
    assert len(more) == len(words)
    assert all(word in line for word, line in zip(words, more, strict=True))


def test_odd_ids_go_all_the_way(mine: Path) -> None:
    """Ids that a spreadsheet would spoil are rostered, written and checked as they are."""
    for name in ("agents", "timeoff", "requests"):
        text = (mine / f"{name}.csv").read_text(encoding="utf-8")
        for plain, odd in (("001,", "=2+3,"), ("002,", "NA,"), ("003,", "1E3,")):
            text = text.replace(f"\n{plain}", f"\n{odd}")
        (mine / f"{name}.csv").write_text(text, encoding="utf-8")
    done = staffing("week", mine / "site.toml", "2026-W49", "-o", mine / "out", "-q")
    assert done.exit_code in (0, 1), done.stderr
    saved = export.load(mine / "out")
    assert {"=2+3", "NA", "1E3", "007"} <= set(saved.assignments["agent"])
    checked = staffing("verify", mine / "out")
    assert "broken rules: none" in checked.stderr


def test_an_agent_taken_out_is_one_line_for_a_file(plan: Path) -> None:
    """Whoever deletes people from agents.csv is told once for each list that still names them."""
    text = (plan / "agents.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (plan / "agents.csv").write_text(
        "".join(row for row in text if row[:3] not in ("003", "005")), encoding="utf-8"
    )
    done = staffing("check", plan / "site.toml")
    assert done.exit_code == 2
    assert done.stderr.startswith("2 things to mend:")
    assert "skills.csv:2 [agent]: the agent '005' is not in the agents' list" in done.stderr
    assert "take the 2 rows out" in done.stderr
    assert "did you mean" not in done.stderr


def test_check_repeats_no_reason_for_leave(plan: Path) -> None:
    """A reason in the place of a code is refused by line, and not printed."""
    with (plan / "timeoff.csv").open("a", encoding="utf-8") as file:
        file.write("007,2026-12-03,2026-12-03,depression,8\n")
    done = staffing("check", plan / "site.toml")
    assert done.exit_code == 2
    assert "the kind in line 8 is none of AL, HOL, SICK, TRN" in done.stderr
    assert "depression" not in done.stderr
