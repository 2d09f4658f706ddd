"""The command line as a planner uses it: from an empty folder, with exit codes that say how it went."""

from __future__ import annotations

import csv
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

from staffing.cli import main
from staffing.errors import PlanError, SolverError
from staffing.site import begin


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
    tables = ("forecast", "requirement", "shifts", "roster", "assignments", "segments", "coverage", "summary",
              "levers", "shadow_prices")  # fmt: skip
    assert left >= {f"{name}.csv" for name in tables} | {"manifest.json", "timings.json", "review.csv"}
    for queue, team in (("presales_chat", "presales"), ("aftersales_calls", "aftersales")):
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


def test_what_could_change_and_what_drives_the_headcount_is_said(shop: Path) -> None:
    """Pre-sales has two rushes and one overlap: told, with a way out; levers and driving hours as tables."""
    said = (shop / "said.txt").read_text(encoding="utf-8")
    assert "presales: two shifts cannot both be there in all of the rush: 09:00-18:00 + 14:00-23:00" in said
    assert "presales: the cheapest way out: a third shift" in said
    assert "aftersales: the cheapest way out" not in said  # its rule asks for the evening, not for the rush
    levers = pd.read_csv(shop / "shop" / "levers.csv").set_index(["team", "lever"])
    best = levers.loc[("presales", "cover the rush")]
    assert best["rush_covered"] > levers.loc[("presales", "two shifts"), "rush_covered"]
    assert f"the cheapest way out: {best['detail']}:" in said
    prices = pd.read_csv(shop / "shop" / "shadow_prices.csv")
    for team, line in zip(("aftersales", "presales"), re.findall("driven by  (.+)", said), strict=True):
        own = prices[prices["team"] == team]
        assert f"in {(own['price'] <= 1e-6).sum()} of {len(own)} intervals somebody is to spare" in line
        clock = own["interval"].str.slice(11, 16)
        dearest = own.groupby(clock)["price"].agg(lambda price: price.clip(lower=0).sum()).idxmax()
        assert dearest in line


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
    command = [sys.executable, "-m", "staffing", "week", str(shop / "inputs" / "shop" / "site.toml"),
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
    hours = -coverage.loc[coverage["gap"] < 0, "gap"].sum() / 2
    assert f"{short} intervals short in all, by {round(float(hours), 2):,g} agent-hours" in done.stderr
    assert "since planning" not in done.stderr and "figures" not in done.stderr


def test_an_edited_roster_is_checked(shop: Path, tmp_path: Path) -> None:
    """A person moved to the late shift for one day: the broken rest is told by person and day."""
    text = (shop / "shop" / "roster.csv").read_text(encoding="utf-8-sig")
    line = next(row for row in text.splitlines() if row.count("09:00-18:00") == 5)
    days = line.split(",")
    # The day after must be an early one too, or the rest would not be broken.
    first = next(k for k, cell in enumerate(days) if cell == days[k + 1] == "09:00-18:00")
    days[first] = "14:00-23:00"
    edited = tmp_path / "edited.csv"
    edited.write_text(text.replace(line, ",".join(days)), encoding="utf-8")
    done = staffing("verify", shop / "shop", "--roster", edited)
    assert done.exit_code == 3
    assert "changed days: 1" in done.stderr
    assert "rest_hours" in done.stderr and days[2] in done.stderr
    assert "newly short or worse: " in done.stderr
    assert "(as planned: " in done.stderr
    assert "breaks no rule" not in done.stderr


@pytest.fixture
def saved(shop: Path, tmp_path: Path) -> Path:
    """A copy of the shop's planned week, to be changed."""
    return Path(shutil.copytree(shop / "shop", tmp_path / "saved"))


def rostered(folder: Path) -> list[list[str]]:
    """The cells of roster.csv."""
    with (folder / "roster.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def save(rows: list[list[str]], file: Path) -> None:
    """As a spreadsheet saves them."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(rows)


def test_a_roster_edited_in_place_is_what_is_checked(saved: Path) -> None:
    """Without --roster the folder's own roster counts as it stands: leave that is in no list is asked for."""
    rows = rostered(saved)
    row = next(row for row in rows[1:] if row.count("09:00-18:00") == 5)
    row[row.index("09:00-18:00")] = "HOL"
    rows.append(["TOTAL", *[""] * (len(row) - 1)])
    save(rows, saved / "roster.csv")
    done = staffing("verify", saved)
    assert done.exit_code == 3
    assert "roster.csv was edited since planning" in done.stderr
    assert f"line {len(rows)} names no agent and was not read" in done.stderr
    assert "changed days: 1\n" in done.stderr
    assert row[1] in done.stderr and "HOL is not in the time off list" in done.stderr


def test_a_clean_edit_says_how_to_go_on(saved: Path, tmp_path: Path) -> None:
    """Saved by a spreadsheet with the same people: no rule is broken, and the next step is named."""
    rows = rostered(saved)
    edited = tmp_path / "edited.csv"
    save(rows, edited)
    done = staffing("verify", saved, "--roster", edited)
    assert "changed days: none" in done.stderr and "newly short or worse: no intervals" in done.stderr
    assert f"copy it over {saved / 'roster.csv'}" in done.stderr and f"--previous {saved}" in done.stderr
    assert done.exit_code == 1
    save(rows, saved / "roster.csv")  # other bytes, the same people
    done = staffing("verify", saved)
    assert "breaks no rule" in done.stderr and "copy it over" not in done.stderr


def test_falsified_figures_are_found(saved: Path) -> None:
    """A gap that was smoothed, a sum, a requirement made smaller: named with what was counted; exit 3."""
    for name, change in {
        "coverage": lambda table: table.assign(gap=table["gap"].clip(lower=0)),
        "requirement": lambda table: table.drop(index=range(5)),
        "summary": lambda table: table.assign(
            value=table["value"].where(table["measure"] != "paid_hours", table["value"] - 8)
        ),
    }.items():
        file = saved / f"{name}.csv"
        change(pd.read_csv(file, keep_default_na=False)).to_csv(file, index=False)
    done = staffing("verify", saved)
    assert done.exit_code == 3
    for name in ("coverage", "requirement", "summary"):
        assert f"{name}.csv was changed since planning" in done.stderr
    for told in ("gap is 0, counted -", "is missing in the requirement", "paid_hours of presales is "):
        assert told in done.stderr
    heading = re.search(r"do not bear out: (\d+)", done.stderr)
    assert heading is not None and int(heading[1]) > 40  # all are counted, not only those shown
    assert "broken rules: none" in done.stderr


def test_verify_has_no_word_for_a_kind_of_leave_but_its_code(saved: Path) -> None:
    """What somebody wrote into the folder's list is not printed."""
    file = saved / "inputs" / "timeoff.csv"
    leave = pd.read_csv(file, dtype=str).assign(kind="AL: back operation")
    working = next(row[1] for row in rostered(saved)[1:] if row.count("09:00-18:00") == 5)
    leave = leave.assign(agent=[working, *leave["agent"].iloc[1:]], start="2026-11-30", end="2026-12-06")
    leave.drop_duplicates("agent").to_csv(file, index=False)
    done = staffing("verify", saved)
    assert done.exit_code == 3
    assert "on a day off (ABS)" in done.stderr and "operation" not in done.stderr


@pytest.mark.parametrize(
    ("target", "code", "told"),
    [
        ("theses", 2, "the folder holds files and is not that of a plan"),
        ("saved", 2, "choose another folder"),
        ("theses/thesis.txt", 5, "a file stands where a folder should be"),
        ("theses/thesis.txt/out", 5, "a file stands where a folder should be"),
    ],
)
def test_a_folder_that_will_not_do_is_refused_before_planning(
    shop: Path, saved: Path, monkeypatch: pytest.MonkeyPatch, target: str, code: int, told: str
) -> None:
    """Nobody waits for a solver whose result has no place to go; what stands there is unharmed."""
    (saved.parent / "theses").mkdir()
    (saved.parent / "theses" / "thesis.txt").write_text("mine", encoding="utf-8")
    monkeypatch.setattr("staffing.week.plan", lambda *args, **kwargs: pytest.fail("it was planned"))
    site = shop / "inputs" / "shop" / "site.toml"
    done = staffing("week", site, "2026-W50", "-o", saved.parent / target)
    assert done.exit_code == code, done.stderr
    assert told in done.stderr
    assert (saved.parent / "theses" / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_planning_again_keeps_and_names_what_a_person_edited(
    plan: Path, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line tells where the edited roster has gone."""
    monkeypatch.setattr("staffing.charts.pages", lambda week: iter([]))  # seconds, and beside the point
    (saved / "roster.csv").write_text("my roster", encoding="utf-8")
    done = staffing("week", plan / "site.toml", "2026-W49", "-o", saved)
    assert done.exit_code == 1
    assert "kept       your roster.csv is kept as roster.edited.csv" in done.stderr
    assert (saved / "roster.edited.csv").read_text(encoding="utf-8") == "my roster"


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
    assert "To relax, cheapest first: allow 5 days a week (days_week, at most 2)" in done.stderr
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


def test_summary_as_json(tmp_path: Path) -> None:
    """Tables go to stdout, people's text to stderr."""
    done = staffing("week", begin(tmp_path / "mine"), "2026-W49", "-o", tmp_path / "out", "--quiet", "--json")
    measures = {row["measure"] for row in json.loads(done.stdout)}
    assert measures >= {"needed", "on_queue", "short", "over", "efficiency", "service_level", "gap", "bound"}
    assert done.stderr == ""


def test_the_textbook_half_hour() -> None:
    """100 calls of 180 s in half an hour, 80/20: fourteen agents, 88.8 %."""
    done = staffing("erlang", "--volume", 100, "--aht", 180, "--target", "80/20")
    assert done.exit_code == 0
    assert "agents         14" in done.stdout
    assert "88.8 % answered within 20 s" in done.stdout


@pytest.mark.parametrize("aht", ["3:00", "180s", "3 min", "0:03:00", "0.05h"])
def test_a_handle_time_as_people_write_it(aht: str) -> None:
    """Minutes and seconds, or with a unit: the same half hour."""
    done = staffing("erlang", "--volume", 100, "--aht", aht, "--target", "80%/20s", "--patience", "2:30")
    assert done.exit_code == 0, done.stderr
    assert "load           10.00 Erl" in done.stdout
    assert done.stdout == staffing("erlang", "--volume", 100, "--aht", 180, "--patience", 150).stdout


@pytest.mark.parametrize("aht", ["3:75", "0", "three", "180x", "-3", ""])
def test_a_handle_time_that_is_none(aht: str) -> None:
    """Refused with the forms that are known."""
    done = staffing("erlang", "--volume", 100, "--aht", aht)
    assert done.exit_code == 2
    assert "minutes and seconds (3:00)" in done.stderr


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


def test_a_violation_is_a_failure_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A roster that its own check refuses is written for inspection, told, and ends with exit 3."""
    broken = pd.DataFrame(
        {"agent": ["007"], "name": ["x"], "date": [pd.NaT], "rule": ["rest_hours"], "what": ["8 h"]}
    )
    monkeypatch.setattr("staffing.verify.roster", lambda *args, **kwargs: broken)
    done = staffing("week", begin(tmp_path / "mine"), "2026-W49", "-o", tmp_path / "out")
    assert done.exit_code == 3
    assert "1 RULES BROKEN" in done.stderr


def test_check_says_how_it_read_what_it_was_given(tmp_path: Path) -> None:
    """A plan without a mistake may still be misread: minutes for seconds, months for days."""
    assert staffing("init", str(tmp_path / "mine")).exit_code == 0
    history = tmp_path / "mine" / "history.csv"
    table = pd.read_csv(history)
    table.assign(aht_s=6).to_csv(history, index=False)
    told = staffing("check", str(tmp_path / "mine" / "site.toml"))
    assert told.exit_code == 0 and "nothing to mend" in told.stderr
    assert "handle time of calls is 6 s: if these are minutes, give seconds" in told.stderr
    assert "Times were read as the wall clock of Asia/Seoul" in told.stderr


def test_a_mistyped_week_is_told_before_the_folder(tmp_path: Path) -> None:
    """The default folder holds another plan; what is wrong is the week."""
    for name in ("mine", "yours"):
        assert staffing("init", str(tmp_path / name)).exit_code == 0
    plan = tmp_path / "yours" / "site.toml"
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text('{"site": "elsewhere", "week": "2026-W49"}')
    told = staffing("week", str(plan), "W49", "-o", str(tmp_path / "out"))
    assert told.exit_code == 2 and "'W49' is not a week" in told.stderr and "folder" not in told.stderr


def test_an_abbreviated_time_zone_is_not_guessed(tmp_path: Path) -> None:
    """KST is no IANA name, and MST is not what was meant."""
    assert staffing("init", str(tmp_path / "mine")).exit_code == 0
    plan = tmp_path / "mine" / "site.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("Asia/Seoul", "KST"), encoding="utf-8")
    told = staffing("check", str(plan))
    assert told.exit_code == 2 and "MST" not in told.stderr and "Asia/Seoul" in told.stderr
