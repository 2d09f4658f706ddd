"""A plan of one's own: begun with `staffing init`, with little or odd things in its lists, near and far."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from test_cli import staffing

from staffing import calendar, demo, export, site, tables, week
from staffing.model import Rules


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
def plan(tmp_path: Path) -> Path:
    """The shop's plan folder, to be changed."""
    return demo.prepare("shop", tmp_path / "plan")[0].parent


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
        columns = list(tables.ASSIGNMENTS.columns)
        pd.testing.assert_frame_equal(planned.roster.assignments[columns], first[columns], check_dtype=False)


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("2026-11-29", None),
        ("2026-11-23", None),
        ("2026-11-22", "Last week's shifts end on 2026-11-22, 8 days before this week"),
        ("2026-12-01", "2 shifts of last week's lie in the planned week or after it"),
    ],
    ids=["yesterday", "a week ago", "longer ago", "this week"],
)
def test_last_week_counts_where_it_is_the_week_before(last: str, said: str | None) -> None:
    """Shifts that end in the seven days before the week count; older ones and this week's own do not."""
    days = pd.Timestamp(last) - pd.to_timedelta([1, 0], unit="D")
    kept, notes = week.last_week(pd.DataFrame({"date": days}), dt.date(2026, 11, 30))
    assert (len(kept) == 2) == (said is None)
    assert [note.partition(": they")[0] for note in notes[:1]] == ([] if said is None else [said])


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
    assert "the kind in line 8 is none of AL, SICK, TRN, HOL" in done.stderr
    assert "depression" not in done.stderr


def test_a_closed_day_leaves_fewer_days_for_the_hours(mine: Path) -> None:
    """Two days off together beside a closed Wednesday: four days of six, which the design must know."""
    plan = site.load(mine / "site.toml")
    monday = dt.date(2026, 11, 30)
    days = [calendar.at(monday + dt.timedelta(days=n), 600, plan.timezone) for n in (0, 1, 3, 4, 5)]
    plan = dataclasses.replace(plan, rules=dict.fromkeys(plan.rules, Rules()))
    for some, most in ((days, 4.0), (days[:4], 4.0), (days[:1], 1.0)):
        need = pd.concat([pd.DataFrame({"team": team, "interval": some}) for team in plan.teams])
        assert set(week.contracts(plan, need, monday)["days_max"]) == {most}
