"""Re-planning and what-if questions from the command line: folders in, words and CSV out, exit codes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from staffing import charts
from staffing.cli import main


def staffing(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The plan of `staffing init` with hostile names, planned once; no pictures."""
    folder = tmp_path_factory.mktemp("site")
    assert staffing("init", folder / "plan").exit_code == 0
    agents = folder / "plan" / "agents.csv"
    text = agents.read_text(encoding="utf-8")
    agents.write_text(text.replace("Amani Mwangi", '"=HYPERLINK(""x"")"'), encoding="utf-8")
    plan = folder / "plan" / "site.toml"
    text = plan.read_text(encoding="utf-8")
    text = re.sub(r"^breaks = \[.*?^\]\n", "", text, flags=re.S | re.M)  # lunch is enough here
    text = re.sub(r'^rotate = "weekly"', "rotate = false", text, flags=re.M)
    plan.write_text(re.sub(r"^fair_lates = 0.5", "fair_lates = 0.0", text, flags=re.M), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "pages", lambda week: iter(()))
        done = staffing("week", folder / "plan" / "site.toml", "2026-W49", "-o", folder / "out", "-q")
        assert done.exit_code in (0, 1), done.stderr
        yield folder


@pytest.fixture(scope="module")
def sick(site: Path) -> tuple[Path, Result]:
    """Two people fall ill on Wednesday; the week is planned again from then on."""
    plan = Path(shutil.copytree(site / "plan", site / "sick"))
    with (plan / "timeoff.csv").open("a", encoding="utf-8") as file:
        file.write("002,2026-12-02,2026-12-04,SICK,21\n001,2026-12-02,2026-12-04,SICK,21\n")
    done = staffing("week", plan / "site.toml", "2026-W49", "-o", site / "again", "--keep", site / "out",
                    "--frozen-until", "Wed")  # fmt: skip
    return site / "again", done


def test_a_sick_call_changes_few_days_and_names_them(site: Path, sick: tuple[Path, Result]) -> None:
    """changes.csv holds what differs and why, safe for a spreadsheet; frozen days and shifts stay."""
    folder, done = sick
    assert done.exit_code in (0, 1), done.stderr
    assert "changed    " in done.stderr and "by leave or the end of a contract: changes.csv" in done.stderr
    assert "the two shifts are those of the plan that is kept" in done.stderr
    text = (folder / "changes.csv").read_bytes().decode("utf-8-sig")
    assert text.splitlines()[0] == "agent,name,date,before,after,why"
    assert "'=HYPERLINK" in text and ",=" not in text and "김민지" in text
    table = pd.read_csv(folder / "changes.csv", dtype=str)
    off = table[table["why"] == "on leave"]
    assert set(off["agent"]) == {"001", "002"} and set(off["after"]) == {"OFF"}
    assert table["date"].min() >= "2026-12-02"
    assert len(table) <= 14
    was, now = (pd.read_csv(place / "shifts.csv") for place in (site / "out", folder))
    pd.testing.assert_frame_equal(was, now)
    # Nobody's lunch of a frozen day moves.
    past = [pd.read_csv(place / "segments.csv", dtype=str) for place in (site / "out", folder)]
    past = [some[some["start"] < "2026-12-02"].reset_index(drop=True) for some in past]
    assert len(past[0]) > 20
    pd.testing.assert_frame_equal(*past)


def test_planning_again_gives_the_same_bytes(site: Path, sick: tuple[Path, Result]) -> None:
    """keep= is deterministic, and a folder re-planned may be kept in turn: then nobody changes."""
    folder, _ = sick
    done = staffing("week", site / "sick" / "site.toml", "2026-W49", "-o", site / "third", "--keep", folder,
                    "--frozen-until", "2026-12-02", "-q")  # fmt: skip
    assert done.exit_code in (0, 1), done.stderr
    assert len((site / "third" / "changes.csv").read_text(encoding="utf-8").splitlines()) == 1
    first, third = ((place / "assignments.csv").read_bytes() for place in (folder, site / "third"))
    assert first == third


def test_diff_of_two_folders_and_of_an_edited_roster(site: Path, sick: tuple[Path, Result]) -> None:
    """Who, which half hours, what it costs; an edited roster.csv is read like a folder."""
    folder, _ = sick
    done = staffing("diff", site / "out", folder, "-o", site / "changed.csv")
    assert done.exit_code == 1, done.stderr  # the second plan leaves half hours short
    for word in (
        "changed days: ",
        "on leave",
        "newly short or worse: ",
        "shortage: ",
        "first prices: +",
    ):
        assert word in done.stderr, word
    written = (site / "changed.csv").read_text(encoding="utf-8-sig")
    assert written == (folder / "changes.csv").read_text(encoding="utf-8-sig")
    same = staffing("diff", site / "out", site / "out")
    assert "changed days: none" in same.stderr and "cost as before" in same.stderr
    edited = site / "edited.csv"
    lines = (site / "out" / "roster.csv").read_text(encoding="utf-8-sig").splitlines()
    row = next(number for number, line in enumerate(lines) if line.startswith("care,005"))
    shift = next(cell for cell in lines[row].split(",") if "-" in cell and ":" in cell)
    lines[row] = lines[row].replace(shift, "OFF", 1)
    edited.write_text("\n".join(lines), encoding="utf-8")
    done = staffing("diff", site / "out", edited)
    assert "changed days: 1" in done.stderr and "José Núñez" in done.stderr


def test_two_weeks_at_once_are_planned_checked_and_kept(site: Path) -> None:
    """Columns for all days, nothing broken; kept as two weeks, and as nothing else."""
    plan = Path(shutil.copytree(site / "plan", site / "both"))
    text = (plan / "site.toml").read_text(encoding="utf-8")
    free = text.replace("days_off_together", "weekends = { max = 1 }\ndays_off_together", 1)
    (plan / "site.toml").write_text(free, encoding="utf-8")
    ask = ("week", plan / "site.toml", "2026-W49", "--time-limit", 10)
    done = staffing(*ask, "--weeks", 2, "-o", site / "two")
    assert done.exit_code in (0, 1), done.stderr
    assert "Mon 30 Nov - Sun 13 Dec 2026" in done.stderr and "no rule broken" in done.stderr
    header = (site / "two" / "roster.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert "Mon 2026-11-30" in header and "Sun 2026-12-13" in header
    assert "broken rules: none" in staffing("verify", site / "two").stderr
    held = pd.read_csv(site / "two" / "training.csv", keep_default_na=False)
    assert len(held) == 20 and not held["why"].any()  # ten people, once a week
    with (plan / "timeoff.csv").open("a", encoding="utf-8") as file:
        file.write("002,2026-12-09,2026-12-10,SICK,14\n")
    again = staffing(*ask, "-o", site / "two_again", "--keep", site / "two", "--frozen-until", "2026-12-09")
    assert again.exit_code in (0, 1), again.stderr
    changes = pd.read_csv(site / "two_again" / "changes.csv")
    assert changes["date"].min() >= "2026-12-09" and len(changes) < 8
    beside = staffing("diff", site / "out", site / "two")
    assert beside.exit_code in (0, 1), beside.stderr
    assert "those of both are compared, 2026-11-30 to 2026-12-06" in beside.stderr
    assert "2026-12-07" not in beside.stderr
    other = staffing(*ask, "--weeks", 1, "-o", site / "one", "--keep", site / "two")
    assert other.exit_code == 2 and "keep the plan of the same weeks" in other.stderr


def test_why_answers_in_words(site: Path) -> None:
    """A day worked, with what it would cost otherwise; the weekday will do for the date."""
    done = staffing("why", site / "out", "005", "mon")
    assert done.exit_code == 0, done.stderr
    assert "005 José Núñez, Mon 2026-11-30: late" in done.stderr and "this week: " in done.stderr
    assert "planning with few changes" in done.stderr
    assert "agent-half-hours" in done.stderr or "keeps the rules" in done.stderr


def test_what_was_held_is_still_held_or_told(site: Path, sick: tuple[Path, Result]) -> None:
    """Frozen days stay for why, which knows a first name; prices says that it goes without them."""
    folder, _ = sick
    done = staffing("why", folder, "José", "Mon", "-q")
    assert done.exit_code == 0, done.stderr
    assert "005 José Núñez, Mon 2026-11-30: late" in done.stderr and "The day is frozen" in done.stderr
    told = "Priced as planned anew: without what --keep and --frozen-until held in this plan."
    for place, there in ((folder, True), (site / "out", False)):
        done = staffing("prices", place, "--rule", "rest_hours", "--time-limit", 5, "-q")
        assert done.exit_code == 0 and (told in done.stderr) is there, done.stderr


def test_prices_of_a_folder(site: Path) -> None:
    """A line for each rule, gaps and service said first, the table as CSV and PNG; the folder has queues."""
    done = staffing("prices", site / "out", "-o", site / "prices.csv")
    assert done.exit_code == 0, done.stderr
    assert "agent-hours a week at the price of a short one" in done.stderr
    assert "without at least 2 days off together" in done.stderr
    assert "of all contacts in time (intervals by themselves" in done.stderr
    assert (site / "prices.png").read_bytes()[1:4] == b"PNG"
    table = pd.read_csv(site / "prices.csv", keep_default_na=False).set_index("rule")
    told = pd.read_csv(site / "out" / "summary.csv")
    of_week = told[(told["measure"] == "service_level") & told["date"].isna()]
    assert table.loc["", "service_level"] == pytest.approx(of_week["value"].item(), abs=2e-6)
    assert {"", "rest_hours", "days_off_together", "wishes", "time off"} <= set(table.index)
    assert (table["least"] <= table["saved"] + 1e-6).all() and (table["saved"] <= table["most"] + 1e-6).all()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("why", "nowhere", "001", "Sun"), "no plan stands here"),
        (("why", "out", "1", "Sun"), "did you mean '001'?"),
        (("why", "out", "José Nuñez", "Sun"), "did you mean '005'?"),
        (("why", "out", "001", "32.12."), "write a date such as 2026-11-30, or Mon"),
        (("why", "out", "001", "2026-12-24"), "give a day from 2026-11-30 to 2026-12-06"),
        (("diff", "out", "nowhere"), "no plan stands here"),
        (("prices", "nowhere"), "no plan stands here"),
        (("prices", "plan/site.toml"), "add it, for example 2026-W49"),
        (("week", "plan/site.toml", "2026-W49", "--frozen-until", "Wed"), "--frozen-until needs --keep"),
        (("week", "plan/site.toml", "2026-W50", "--keep", "out"), "keep the plan of the same week"),
        (("week", "plan/site.toml", "2026-W49", "--keep", "plan"), "no plan stands here"),
    ],
)
def test_wrong_input_is_told_with_a_remedy(site: Path, words: tuple[str, ...], told: str, tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """Exit code 2, one thing to mend, and what to do; nothing is written."""
    monkeypatch.chdir(site)
    extra = ("-o", tmp_path / "new") if words[0] == "week" else ()
    done = staffing(*words, *extra)
    assert done.exit_code == 2, done.stderr
    assert told in done.stderr and not (tmp_path / "new").exists()
