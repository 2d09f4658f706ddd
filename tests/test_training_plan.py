"""Planned training from the plan file to the folder and back: read, planned, told, verified."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from roster_tables import need, one_rule, people
from test_site import lay

from staffing import export, report, roster, site, verify, week, whatif
from staffing.cli import main
from staffing.model import Limit, Shift, Training

PLAN = """
[site]
name = "a"
timezone = "Asia/Seoul"
history = "history.csv"
agents = "agents.csv"

[shrinkage]
coaching = { rate = 0.02 }

[queue.calls]
team = "care"
aht = 240

[team.care]
"""


def test_the_plan_file_says_who_when_and_how_many(tmp_path: Path) -> None:
    """Weekdays, ranges and dates, hours to midnight, one person at a time; sorted by name."""
    text = """
[training."1:1 — 면담"]
minutes = 30
team = "care"
at_once = 1
activity = "one_to_one"

["training"."0 news"]
minutes = 90
agents = ["007"]
days = ["tue", "sat-sun", 2026-12-02]
window = "22:30-24:00"
"""
    plan = site.load(lay(tmp_path, PLAN + text))
    days = ("tue", "sat", "sun", dt.date(2026, 12, 2))
    late = (dt.time(22, 30), dt.time(0))
    assert plan.trainings == (
        Training("0 news", 90, agents=("007",), days=days, window=late),
        Training("1:1 — 면담", 30, team="care", at_once=1, activity="one_to_one"),
    )
    assert plan.trainings[0].fixed and not plan.trainings[1].fixed
    said = "what is in it must not be in the shrinkage coaching too."
    assert any(sentence.endswith(said) for sentence in plan.assumptions)


WRONG = {
    'minute = 30\nteam = "care"': "the key 'minute' is unknown",
    'minutes = 30\nteam = "cares"': "no agent has the team 'cares'",
    'minutes = 30\nagents = ["7"]': "the agent '7' is unknown",
    'minutes = 30\nteam = "care"\ndays = ["tuesday"]': "'tuesday' is no weekday and no date",
    'minutes = 30\nteam = "care"\ndays = 5': "5 is no weekday and no date",
    'minutes = 30\nteam = "care"\nwindow = "10 to 12"': "'10 to 12' is no span of hours",
    'minutes = 30\nteam = "care"\nwindow = "10:00-10:15"': "window is shorter than the training",
    'minutes = 30\nteam = "care"\nat_once = 0': "at_once",
    'minutes = "long"\nteam = "care"': "minutes",
    "minutes = 30": "agents, team or contract must say whose it is",
    'minutes = 30\nteam = "care"\nactivity = "party"': "activity",
}


@pytest.mark.parametrize(("text", "words"), WRONG.items(), ids=WRONG.values())
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    """One problem each, at a line of the training's table."""
    found = site.check(lay(tmp_path, f"{PLAN}\n[training.talks]\n{text}\n"))
    assert any(words in problem.problem for problem in found)
    first = PLAN.count("\n") + 2
    assert all(problem.line is not None and problem.line >= first for problem in found)


def test_a_week_with_one_to_ones_from_plan_to_folder(tmp_path: Path) -> None:
    """The plan of `staffing init`: ten talks, one at a time for the coach, told, written, read, checked."""
    known = site.load(site.begin(tmp_path / "mine"))
    planned = week.plan(known, "2026-W49")
    table = planned.roster.training
    assert table is not None and len(table) == 10 and (table["why"] == "").all() and table["start"].is_unique
    assert planned.violations.empty
    told = report.brief(planned)
    assert any(line.startswith("training   one-to-one: 10 of 10 held, ") for line in told)
    sums = planned.summary.set_index("measure")["value"]
    assert (sums["training_hours"], sums["training_not_held"]) == (5.0, 0.0)
    folder = export.write(planned, tmp_path / "out")
    saved = export.load(folder)
    assert saved.trainings == known.trainings
    assert saved.training is not None and saved.training["agent"].tolist() == table["agent"].tolist()
    assert verify.roster(saved.assignments, saved.segments, **saved.to_verify()).empty
    grid = pd.read_csv(folder / "roster.csv", dtype=str, encoding="utf-8-sig")
    day = table.loc[table["agent"] == "001", "start"].iloc[0]
    column = next(name for name in grid.columns if name.endswith(f"{day:%Y-%m-%d}"))
    grid.loc[grid["agent"] == "001", column] = "OFF"
    edited = tmp_path / "edited.csv"
    grid.to_csv(edited, index=False)
    said = CliRunner().invoke(main, ["verify", str(folder), "--roster", str(edited)])
    assert f"training no longer held: 1\n  001  one-to-one, was {day:%a %Y-%m-%d %H:%M}" in said.output


def test_what_if_knows_of_training() -> None:
    """Without it less is short; with other hours of the contracts the training finds its people by name."""
    demand = need(dict.fromkeys(range(9, 13), 2.0), days=1)
    given = {
        "demand": demand, "shifts": [Shift("early", "shop", dt.time(9), 4)], "agents": people(2, hours=4.0),
        "rules": one_rule(days_week=Limit(max=1)), "days": 1,
        "trainings": (Training("news", 60, contract="full"),),
    }  # fmt: skip
    table = whatif.rule_prices(given)
    priced = table.set_index("rule")
    assert priced.loc["trainings", "short"] == pytest.approx(2.0)
    assert {"hours_week", "trainings"} <= set(table["rule"])
    made = roster.assign(**given)
    monday = dt.date(2026, 11, 30)
    told = whatif.why(made.assignments, "001", monday, {**given, "carried": made.segments.iloc[:0]})
    assert told.works == "early 09:00-13:00"
