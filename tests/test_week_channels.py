"""One plan file with calls, chats, work with deadlines and calls out: checked, planned, written, verified."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from staffing import calendar, cli, export, site, tables, week
from staffing.errors import DataError
from staffing.model import Deferred, Queue, Week

PLAN = """
[site]
name = "mixed shop"
timezone = "Asia/Seoul"
history = "history.csv"
agents = "agents.csv"
lead_days = 7

[shrinkage]
sick = { rate = 0.05, rostered = false }

[queue.chat]
team = "sales"
channel = { kind = "chat", concurrency = 3, patience = 150, last_chat_minutes = 15 }
target = { answered = 0.80, within = 30, over = "day", floor = 0.5 }
aht = 420
opening = { daily = "09:00-19:00" }

[queue.orders]
team = "sales"
channel = { kind = "deferred", due = "daily 12:00", opening_backlog = 60 }
aht = 120

[queue.calls]
team = "care"
channel = { kind = "voice", patience = 120 }
aht = 200
opening = { daily = "09:00-19:00" }

[queue.mail]
team = "care"
channel = { kind = "deferred", due = "4h" }
aht = 300

[queue.offers]
team = "care"
channel = { kind = "outbound", windows = "14:00-17:00", reserve = 1 }
aht = 180

[team.sales]
hours = [6, 7]

[team.care]
hours = [6, 7]

[rules]
hours_week = { min = 24, max = 35 }
rotate = false
"""
# Contacts in each half hour, and the hours in which they come.
COME = {
    "chat": (9, 9, 19),
    "orders": (4, 0, 24),
    "calls": (12, 9, 19),
    "mail": (1.2, 0, 24),
    "offers": (4, 14, 17),
}


def lay(folder: Path, plan: str = PLAN) -> Path:
    """The plan and its lists, five weeks of history up to the end of the planned week."""
    draw = np.random.default_rng(5)
    times = pd.date_range("2026-11-02", "2026-12-06 23:30", freq="30min")
    parts = []
    for queue, (mean, opens, closes) in COME.items():
        here = times[(times.hour >= opens) & (times.hour < closes)]
        parts.append(pd.DataFrame({"start": here, "queue": queue, "offered": draw.poisson(mean, len(here))}))
    pd.concat(parts).to_csv(folder / "history.csv", index=False)
    people = [(f"{number:03d}", team) for team in ("care", "sales") for number in range(9)]
    rows = [f"{team[0]}{agent},김민지,{team},full,35" for agent, team in people]
    (folder / "agents.csv").write_text(
        "agent,name,team,contract,hours_week\n" + "\n".join(rows), encoding="utf-8"
    )
    (folder / "site.toml").write_text(plan, encoding="utf-8")
    return folder / "site.toml"


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Week, Path]:
    """The week, and the folder that the command line has written."""
    folder = tmp_path_factory.mktemp("mixed")
    plan = lay(folder)
    run = CliRunner()
    checked = run.invoke(cli.main, ["check", str(plan)])
    assert checked.exit_code == 0, checked.stderr
    done = run.invoke(
        cli.main, ["week", str(plan), "2026-W49", "-o", str(folder / "out"), "--time-limit", "300"]
    )
    assert done.exit_code in (0, 1), done.stderr
    (folder / "told.txt").write_text(done.stderr, encoding="utf-8")
    return week.plan(site.load(plan), "2026-W49", time_limit=300.0), folder


def test_the_folder_holds_every_channel(planned: tuple[Week, Path]) -> None:
    """Tables and pictures of all five queues, read back, and nothing broken by the check without a solver."""
    made, folder = planned
    out = folder / "out"
    saved = export.load(out)
    assert saved.deferred is not None
    assert set(saved.deferred["queue"]) == {"orders", "mail", "offers"}
    assert set(saved.requirement["queue"]) == set(saved.coverage["queue"]) == {"chat", "calls"}
    assert set(saved.forecast["queue"]) == set(COME)
    names = {path.name for path in out.glob("*.png")}
    assert {f"coverage_{queue}.png" for queue in ("chat", "calls")} <= names
    assert {f"forecast_{queue}.png" for queue in COME} <= names
    assert {f"deferred_{queue}.png" for queue in ("orders", "mail", "offers")} <= names
    verified = CliRunner().invoke(cli.main, ["verify", str(out)])
    assert verified.exit_code in (0, 1), verified.stderr
    assert "broken rules: none" in verified.stderr
    assert made.violations.empty
    channels = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["channels"]
    assert channels["chat"]["concurrency"] == 3


def test_work_comes_at_night_and_is_done_by_day(planned: tuple[Week, Path]) -> None:
    """Orders are forecast for all hours; nobody is needed for them but while the team answers."""
    made, _ = planned
    assert made.forecast.loc[made.forecast["queue"] == "orders", "interval"].dt.hour.nunique() == 24
    chat = made.requirement[made.requirement["queue"] == "chat"]
    assert chat["interval"].dt.hour.between(9, 18).all()
    orders = made.deferred[made.deferred["queue"] == "orders"]
    due = orders[orders["due"] < pd.Timestamp("2026-12-07", tz="Asia/Seoul")]
    assert due["due"].dt.strftime("%H:%M").unique().tolist() == ["12:00"] and len(due) == 7
    # From noon to noon 48 half hours of four orders, 2 min each: 6.4 h; on Monday from midnight on, and 60.
    assert due["hours"].iloc[1:].between(5, 8).all()
    assert due["done"].sum() > 0.9 * due["hours"].sum()
    mail = made.deferred[made.deferred["queue"] == "mail"]
    assert mail["due"].dt.hour.between(9, 19).all()


def test_the_report_says_it_both_ways(planned: tuple[Week, Path]) -> None:
    """Target and intervals, model and definition, presence, deadlines and what came, in words and figures."""
    made, folder = planned
    told = (folder / "told.txt").read_text(encoding="utf-8")
    for part in (
        "of all chats offered predicted in time",
        "80% within 30 s (of all offered) is kept on",
        "are within 10 points of it",
        "a finite-source line with 3 chats at once",
        "Erlang A",
        "never fewer than",
        "orders: ",
        "h done by the deadline",
        "h of calls wanted",
        "came       chat",
        "4 open hours after it comes",
    ):
        assert part in told, part
    figures = made.summary.set_index(["queue", "measure", "date"])["value"]
    served = made.coverage[made.coverage["queue"] == "chat"]
    day = served["interval"].dt.tz_localize(None).dt.normalize()
    for date, rows in served.groupby(day):
        level = (rows["service_level"] * rows["volume"]).sum() / rows["volume"].sum()
        assert figures["chat", "service_level", date] == pytest.approx(level)
        assert figures["chat", "kept", date] == float(level >= 0.8)
        near = (rows["service_level"] - 0.8).abs() <= 0.1
        assert figures["chat", "inside", date] == pytest.approx(near[rows["volume"] > 0].mean())
    late = made.deferred.groupby("queue")["late"].sum()
    assert figures["orders", "late", pd.NaT] == pytest.approx(late["orders"])
    assert figures["chat", "min_staffed", pd.NaT] == served["staffed"].min()


def test_calls_and_chats_are_replayed_beside_the_model(planned: tuple[Week, Path]) -> None:
    """Contacts replayed one by one agree with Erlang A and the chats' model as far as these are right."""
    made, _ = planned
    figures = made.summary.set_index(["queue", "measure", "date"])["value"]
    for queue in ("calls", "chat"):
        level, error = (
            figures[queue, name, pd.NaT] for name in ("service_level_simulated", "service_level_error")
        )
        assert 0 < error < 0.02
        # In balance interval by interval, absences spread evenly: the model is no closer than a few points.
        assert level == pytest.approx(figures[queue, "service_level", pd.NaT], abs=0.06)
    assert ("orders", "service_level_simulated", pd.NaT) not in figures.index
    assert week.replayed(made.requirement.iloc[:0], made.roster.segments, made.queues, seed=1) is None


def test_the_review_beside_what_came(planned: tuple[Week, Path]) -> None:
    """Chats and calls beside what came, by their own models; the people for deadlines are needed as well."""
    made, _ = planned
    assert made.review is not None and set(made.review["queue"]) == {"chat", "calls"}
    chat = made.review[made.review["queue"] == "chat"]
    assert chat["service_level"].between(0, 1).all() and chat["service_level"].nunique() > 20
    # Chats as calls of seven minutes would need about twice as many.
    assert chat["scheduled_for_actual"].mean() < 1.25 * chat["scheduled"].mean()


def test_the_week_is_the_same_every_time(planned: tuple[Week, Path]) -> None:
    """Same files, same tables: the plan made twice."""
    made, folder = planned
    saved = export.load(folder / "out")
    assert saved.assignments["agent"].tolist() == made.roster.assignments["agent"].tolist()
    assert saved.deferred is not None and made.deferred is not None
    assert saved.deferred["done"].tolist() == pytest.approx(made.deferred["done"].tolist(), abs=1e-6)


def test_calls_out_alone_and_skills_without_a_line_are_refused(tmp_path: Path) -> None:
    """Who fills the quiet moments of nobody, and who knows only the orders."""
    alone = PLAN.replace('[queue.offers]\nteam = "care"', '[queue.offers]\nteam = "out"') + "\n[team.out]\n"
    with pytest.raises(DataError, match="'offers' is for the quiet moments"):
        week.plan(site.load(lay(tmp_path, alone)), "2026-W49")
    skills = pd.DataFrame({"agent": ["s001", "s002", "s002"], "queue": ["orders", "orders", "chat"]})
    with pytest.raises(DataError, match="'s001' knows only work that has no line"):
        week.on_lines(skills, pd.DataFrame({"queue": ["chat"]}))


def test_working_hours_of_a_deadline() -> None:
    """The union of the team's calls and chats; its own hours where it names some."""
    given = {
        "chat": {"mon": [("09:00", "13:00"), ("15:00", "18:00")]},
        "calls": {"mon": [("12:00", "16:00")]},
    }
    team = tuple(Queue(name, "care", ()) for name in ("chat", "calls"))
    work = Queue("orders", "care", (), channel=Deferred(due="8h"))
    past = tables.HISTORY.empty()
    open_for = calendar.Calendar(opening=given)
    assert week.working_hours(open_for, (*team, work), past).hours("orders") == {0: ((540, 1080),)}
    own = calendar.Calendar(opening={**given, "orders": {"tue": [("07:00", "08:00")]}})
    assert week.working_hours(own, (*team, work), past).hours("orders") == {1: ((420, 480),)}
    assert dt.date(2026, 11, 30).weekday() == 0
