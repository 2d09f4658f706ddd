"""A week goes to its folder and back: whole or not at all, safe in a spreadsheet, the same bytes twice."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import hashlib
import json
import math
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from staffing import calendar, charts, export, verify
from staffing.errors import DataError
from staffing.export import cells
from staffing.model import Break, Limit, Queue, Roster, Rules, Shift, Team, Week
from staffing.tables import ASSIGNMENTS, CURVE, REQUESTS, TIMEOFF, check

MONDAY = dt.date(2026, 11, 30)
DAYS = [MONDAY + dt.timedelta(days=number) for number in range(7)]
HEADER = [
    f"{name} {day}" for name, day in zip(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), DAYS, strict=True)
]
SEOUL = "Asia/Seoul"

LUNCH = Break("lunch", 60, False, (3, 5))
SHIFTS = (
    Shift("late", "presales", dt.time(13), 9, (LUNCH,)),
    Shift("early", "presales", dt.time(9), 9, (LUNCH,)),
    Shift("early", "after/sales", dt.time(9, 30), 9, (LUNCH,)),
    Shift("late", "after/sales", dt.time(22), 9, (LUNCH,)),
)
FORMULA = '=HYPERLINK("http://example.org/?"&A1;"click")'
PEOPLE = [  # agent, name, team, shift, days worked
    ("007", "김민지", "presales", "late", "MTWtF"),
    ("008", "አበበ በቀለ", "presales", "early", "MTWtF"),
    ("-9", FORMULA, "presales", "early", "WtFsS"),
    ("010", "@SUM(A1:A9)", "presales", "early", "WtFsS"),
    ("a11", "<script>alert(1)</script>", "after/sales", "early", "MTWtF"),
    ("a12", "../../x", "after/sales", "early", "MTWtF"),
    ("a13", r"$\frac{1}{0$", "after/sales", "late", "WtFsS"),
    ("a14", "ಅನಿತಾ, ಕುಮಾರ್", "after/sales", "late", "MTW"),  # on leave on Thursday and Friday
    ("a15", 'Mwalimu "Juma"\tOtieno', "after/sales", "", ""),  # not here before January
]
LETTERS = "MTWtFsS"
FULL = Rules(days_in_row=Limit(max=5, price=math.inf), rotate=math.inf)


def day(date: dt.date) -> pd.Timestamp:
    return pd.Timestamp(date).as_unit("us")


def worked(plan: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    """ASSIGNMENTS of agent, team, shift and letters of the days."""
    templates = {(shift.team, shift.name): shift for shift in SHIFTS}
    rows = []
    for agent, team, name, letters in plan:
        for date in (DAYS[LETTERS.index(letter)] for letter in letters):
            shift = templates[team, name]
            hours = (calendar.at(date, minute, SEOUL) for minute in (shift.start_minute, shift.end_minute))
            rows.append((agent, day(date), team, name, *hours, shift.paid_hours))
    table = pd.DataFrame(rows, columns=list(ASSIGNMENTS.columns)).sort_values(["agent", "date"])
    return check(table.reset_index(drop=True).astype({"date": "datetime64[us]"}), ASSIGNMENTS)


def present(assignments: pd.DataFrame) -> pd.DataFrame:
    """SEGMENTS: lunch four hours into the shift, the team's queue else."""
    rows = []
    for row in assignments.itertuples():
        out, back = (row.start + pd.Timedelta(hours=hours) for hours in (4, 5))
        queue = f"{row.team} calls"
        rows.append((row.agent, row.start, out, "queue", queue, True))
        rows.append((row.agent, out, back, "lunch", "", False))
        rows.append((row.agent, back, row.end, "queue", queue, True))
    return pd.DataFrame(rows, columns=["agent", "start", "end", "activity", "queue", "paid"])


def a_week() -> Week:
    """Two teams, eight people at work, names that would hurt a careless program; every rule kept."""
    people = pd.DataFrame(PEOPLE, columns=["agent", "name", "team", "shift", "days"])
    agents = people[["agent", "name", "team"]].assign(contract="full", hours_week=40.0, phone="+82 10 55501")
    agents["senior"] = agents["agent"] == "007"
    agents["starts_on"] = pd.to_datetime([None] * 8 + ["2027-01-11"]).as_unit("us")
    assignments = worked([(a, team, shift, days) for a, _, team, shift, days in PEOPLE if days])
    times = pd.concat(
        [
            pd.Series(calendar.grid(MONDAY, 7, 30, SEOUL))
            .to_frame("interval")
            .assign(queue=f"{t} calls", team=t)
            for t in ("after/sales", "presales")
        ],
        ignore_index=True,
    )
    need = times.assign(load=1 / 3, agents=1.0, scheduled=1.0, service_level=0.9, bound_by="=target")
    segments = present(assignments)
    coverage = verify.gaps(segments, need).assign(
        agents=1.0, expected=0.94, service_level=0.8 + 1e-17, occupancy=1 / 3, why=""
    )
    design = {"early_start": "09:00", "early_end": "18:00", "late_start": "13:00", "late_end": "22:00"}
    sums = {"paid_hours": 8.0, "cost": 1.5, "rush_covered": 1.0, "short": 0.0, "over": 2.25}
    nobody = worked([("a14", "after/sales", "early", "M")])
    roster = Roster(
        assignments=assignments.assign(lates_so_far=(assignments["shift"] == "late").astype(int)),
        segments=segments,
        shortages=pd.DataFrame(columns=["queue", "interval", "short", "why"]),
        objective=pd.DataFrame({"part": ["surplus"], "cost": [1.0]}),
        status="optimal", cost=1.0, bound=1.0, price_short=100.0, seconds=0.123,
    )  # fmt: skip
    leave = [("a14", DAYS[3], DAYS[4], "AL: back operation", 16.0)]
    return Week(
        site="서울 shop", label="2026-W49", start=MONDAY, days=7, timezone=SEOUL,
        history=times.assign(offered=9.0),
        forecast=times.assign(volume=10 / 3, aht=180.0, **{"volume_p2.5": 1.25}),
        requirement=need,
        peaks=pd.DataFrame({"team": ["presales"], "start": ["11:00"], "end": ["13:00"], "height": [2]}),
        designs=pd.DataFrame([{"team": t, "rank": 1, **design, **sums} for t in sorted(set(need["team"]))]),
        teams={name: Team(name) for name in sorted(set(need["team"]))},
        shifts=SHIFTS,
        agents=agents,
        timeoff=pd.DataFrame(
            [(a, day(s), day(e), kind, h) for a, s, e, kind, h in leave], columns=list(TIMEOFF.columns)
        ),
        skills=pd.DataFrame({"agent": ["007"], "queue": ["presales calls"], "level": [1.0]}),
        requests=pd.DataFrame(
            [("008", day(DAYS[6]), day(DAYS[6]), "forbid", "", np.nan)], columns=[*REQUESTS.columns, "price"]
        ),
        previous=nobody.assign(**{c: nobody[c] - pd.Timedelta(days=7) for c in ("date", "start", "end")}),
        rules={"full": FULL},
        roster=roster,
        coverage=coverage,
        violations=pd.DataFrame(columns=["agent", "name", "date", "rule", "what"]),
        summary=pd.DataFrame({"team": ["presales"], "date": [pd.NaT], "measure": ["short"], "value": [-0.0],
            "unit": ["h"]}).astype({"date": "datetime64[us]"}),
        review=times.assign(offered=9, inside=True),
        notes=("=assumed",),
        manifest={"seed": 0, "status": "optimal", "gap": np.float64(0.0), "packages": {"staffing": "0.1.0"}},
        timings={"forecast": 0.5, "roster": 0.123},
    )  # fmt: skip


def one_picture(week: Week) -> Iterator[tuple[str, Figure]]:
    figure = Figure(figsize=(2, 1))
    figure.text(0.1, 0.5, week.agents["name"].iloc[6], parse_math=False)
    yield "roster_presales.png", figure


@pytest.fixture(autouse=True)
def _quick_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "pages", one_picture, raising=False)


@pytest.fixture(scope="module")
def week() -> Week:
    return a_week()


@pytest.fixture(scope="module")
def written(week: Week, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan's folder to copy, not to touch."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "pages", one_picture, raising=False)
        return export.write(week, tmp_path_factory.mktemp("plan") / "out")


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "out"))


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_the_week_of_the_tests_is_clean(week: Week) -> None:
    """What follows edits a roster without violations."""
    broken = verify.roster(
        week.roster.assignments, week.roster.segments, week.requirement, week.agents, week.rules,
        shifts=SHIFTS, skills=week.skills, timeoff=week.timeoff, requests=week.requests,
        previous=week.previous, start=MONDAY,
    )  # fmt: skip
    assert broken.to_dict("records") == []


def test_a_curve_comes_back_with_its_queues(week: Week, tmp_path: Path) -> None:
    """What the cover was measured by is asked for again when a saved week is planned anew."""
    times = week.requirement.loc[week.requirement["queue"] == "presales calls", "interval"].head(2)
    curve = pd.DataFrame(
        [
            ("presales calls", time, agents, 0.2 * agents, 0.0, 1.5 * agents)
            for time in times
            for agents in (1.0, 4.0)
        ],
        columns=list(CURVE.columns),
    )
    queues = (Queue("presales calls", team="presales", aht=60, shrinkage=()),)
    again = export.load(
        export.write(dataclasses.replace(week, curve=curve, queues=queues), tmp_path / "w")
    ).to_assign()
    pd.testing.assert_frame_equal(again["curve"], curve, check_dtype=False)
    assert again["queues"] == queues
    assert export.load(export.write(week, tmp_path / "none")).to_assign()["curve"] is None


def test_every_file_is_there_and_listed(folder: Path) -> None:
    """The manifest lists each file with the hash of what stands in it."""
    files = content(folder)
    assert set(files) == {
        "forecast.csv", "requirement.csv", "shifts.csv", "peaks.csv", "roster.csv", "assignments.csv",
        "segments.csv", "coverage.csv", "summary.csv", "review.csv", "roster_presales.png", "manifest.json",
        "timings.json", "inputs/plan.json", "inputs/agents.csv", "inputs/timeoff.csv", "inputs/skills.csv",
        "inputs/requests.csv", "inputs/previous.csv", "roster_public.csv", "hours.csv",
    }  # fmt: skip
    manifest = json.loads(files["manifest.json"])
    hashes = {name: hashlib.sha256(bytes_).hexdigest() for name, bytes_ in files.items()}
    del hashes["manifest.json"]
    assert manifest["files"] == hashes | {"timings.json": None}
    assert manifest["site"] == "서울 shop"
    assert manifest["packages"] == {"staffing": "0.1.0"}
    assert json.loads(files["timings.json"]) == {"forecast": 0.5, "roster": 0.123}


def test_round_trip(week: Week, folder: Path) -> None:
    """What comes back equals what went in, types and all; leave comes back as its code."""
    saved = export.load(folder)
    assert (saved.start, saved.days, saved.timezone) == (MONDAY, 7, SEOUL)
    assert (saved.shifts, saved.rules) == (SHIFTS, {"full": FULL})
    expected = {
        "forecast": week.forecast, "requirement": week.requirement, "peaks": week.peaks,
        "designs": week.designs, "assignments": week.roster.assignments, "segments": week.roster.segments,
        "coverage": week.coverage, "summary": week.summary.assign(value=0.0), "review": week.review,
        "agents": week.agents.drop(columns="phone"), "timeoff": week.timeoff.assign(kind="ABS"),
        "skills": week.skills, "requests": week.requests, "previous": week.previous,
    }  # fmt: skip
    for name, table in expected.items():
        pd.testing.assert_frame_equal(getattr(saved, name), table, rtol=0, atol=5e-7, obj=name)
    assert verify.roster(
        saved.assignments, saved.segments, **saved.to_verify(), coverage=saved.coverage
    ).empty


def test_a_week_of_empty_tables_comes_back(week: Week, tmp_path: Path) -> None:
    """Nobody rostered, nothing asked, nothing known of last week."""
    empty = {
        name: getattr(week, name).iloc[:0] for name in ("skills", "requests", "timeoff", "previous", "peaks")
    }
    roster = dataclasses.replace(
        week.roster, assignments=week.roster.assignments.iloc[:0], segments=week.roster.segments.iloc[:0]
    )
    bare = dataclasses.replace(week, **empty, roster=roster, review=None)
    saved = export.load(export.write(bare, tmp_path / "out"))
    assert saved.review is None
    assert saved.assignments.empty and saved.assignments["start"].dtype == f"datetime64[us, {SEOUL}]"
    assert set(verify.gaps(saved.segments, saved.requirement)["gap"]) == {-1.0}


def test_the_same_week_twice_gives_the_same_bytes(week: Week, folder: Path, tmp_path: Path) -> None:
    """Nothing of the clock or the place is in the files; only the timings may differ."""
    slower = dataclasses.replace(week, timings={"forecast": 9.9})
    again, once = content(export.write(slower, tmp_path / "elsewhere")), content(folder)
    assert again.pop("timings.json") != once.pop("timings.json")
    assert again == once
    assert b"Software" not in once["roster_presales.png"]


def test_the_grid_is_the_one_of_the_design(week: Week, folder: Path) -> None:
    """One line a person, sorted by team, shift and name; codes, hours past midnight, credits, a mark."""
    text = (folder / "roster.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf") and b"\r" not in text
    rows = list(csv.reader(text.decode("utf-8-sig").splitlines()))
    assert rows[0] == [
        "team", "agent", "name", "role", *HEADER, "paid_h", "credit_h", "contract_h", "lates_week",
        "weekend_days",
    ]  # fmt: skip
    assert [row[1] for row in rows[1:]] == ["a12", "a11", "a13", "a14", "'-9", "010", "008", "007"]
    early, night, free = "09:30-18:30", "22:00-07:00", "OFF"
    assert rows[1][4:] == [early] * 5 + [free] * 2 + ["40", "0", "40", "0", "0"]
    assert rows[4][:4] == ["after/sales", "a14", "ಅನಿತಾ, ಕುಮಾರ್", "agent"]
    assert rows[4][4:] == [night] * 3 + ["ABS"] * 2 + [free] * 2 + ["24", "16", "40", "3", "0"]
    assert rows[5][:3] == ["presales", "'-9", f"'{FORMULA}"]
    assert rows[6][2] == "'@SUM(A1:A9)"
    assert rows[6][-5:] == ["40", "0", "40", "0", "2"]
    assert rows[8][3] == "senior"


@pytest.mark.parametrize(
    ("kind", "code"), [("AL", "AL"), ("sick", "SICK"), ("TRN", "TRN"), ("HOL", "HOL"), ("migraine", "ABS")]
)
def test_reasons_of_absence_are_printed_nowhere(week: Week, tmp_path: Path, kind: str, code: str) -> None:
    """A kind is a code for planners and one word for agents; what people wrote beside it is in no file."""
    away = dataclasses.replace(week, timeoff=week.timeoff.assign(kind=kind, reason="divorce"))
    assert export.roster_table(away).loc[3, HEADER[3]] == code
    published = export.published_table(away)
    assert published.loc[3, HEADER[3]] == "ABS"
    assert not {"credit_h", "contract_h"} & set(published.columns)
    everything = b"".join(content(export.write(away, tmp_path / "out")).values())
    assert b"divorce" not in everything and b"migraine" not in everything
    assert b"55501" not in everything


def test_no_cell_begins_a_formula(folder: Path) -> None:
    """In no table does a spreadsheet find text that it would run; names are otherwise as they were."""
    for name, text in content(folder).items():
        if name.endswith(".csv"):
            for row in csv.reader(text.decode("utf-8-sig").splitlines()):
                risky = [cell for cell in row if cell[:1] in tuple("=+-@\t\r") and cell[:1]]
                assert [cell for cell in risky if not _is_number(cell)] == [], name


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=8) | st.text("='@+-\t\r\n,;\"", max_size=5)))
def test_any_text_comes_back_as_it_was(texts: list[str]) -> None:
    """Guarding and quoting lose nothing, whatever people are called."""
    table = pd.DataFrame({"name": pd.Series(texts, dtype="str"), "n": range(len(texts))})
    back = cells.from_csv(cells.to_csv(table, "UTC"), {"n": "whole"}, "UTC", "x.csv")
    assert back["name"].tolist() == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1 + 0.2, "0.3"), (1e-17, "0"), (-1e-17, "0"), (1 / 3, "0.333333"), (1e6, "1000000"),
     (math.inf, "inf"), (-2.5, "-2.5"), (math.nan, ""), (123456789.125, "123456789.125")],
)  # fmt: skip
def test_numbers_have_one_form(value: float, text: str) -> None:
    """At most six decimals, no exponent, no noise, no minus before nothing."""
    csv_text = cells.to_csv(pd.DataFrame({"a": ["x"], "b": [value]}), "UTC")
    assert csv_text.decode() == f"a,b\nx,{text}\n"


def test_times_carry_the_offset_of_the_site() -> None:
    """A table in UTC is written on the site's clock, both hours of an autumn night apart."""
    times = pd.to_datetime(["2026-10-25 00:30", "2026-10-25 01:30", None], utc=True).as_unit("us")
    text = cells.to_csv(pd.DataFrame({"interval": times}), "Europe/Madrid")
    assert text.decode().splitlines()[1:3] == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]
    back = cells.from_csv(text, {"interval": "time"}, "Europe/Madrid", "x.csv")
    assert (back["interval"].dropna() == times[:2]).all() and back["interval"].isna().sum() == 1


# Whole or not at all


def failing_at(call: int) -> Callable[..., None]:
    """`os.replace` that fails the n-th time it is called."""
    real, calls = os.replace, iter(range(1, 100))

    def replace(source: Any, target: Any) -> None:
        if next(calls) == call:
            raise OSError(28, "No space left on device")
        real(source, target)

    return replace


def no_picture(week: Week) -> Iterator[tuple[str, Figure]]:
    yield from one_picture(week)
    raise ValueError("no picture")


def full_disk(descriptor: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("where", "name", "failure", "error"),
    [
        (os, "replace", failing_at(1), OSError),
        (os, "replace", failing_at(2), OSError),
        (os, "fsync", full_disk, OSError),
        (charts, "pages", no_picture, ValueError),
        (charts, "pages", lambda week: iter([("../x.png", Figure())]), ValueError),
    ],
    ids=["first rename", "second rename", "full disk", "a chart", "a name that leaves the folder"],
)
def test_a_failure_leaves_everything_as_it_was(
    week: Week, folder: Path, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, failure: Any, error: Any
) -> None:
    """The old plan stands byte for byte, the person's file too, and nothing lies about."""
    (folder / "edited.csv").write_text("mine")
    before = content(folder.parent)
    monkeypatch.setattr(where, name, failure)
    with pytest.raises(error):
        export.write(dataclasses.replace(week, notes=("another",)), folder)
    assert content(folder.parent) == before
    assert [path.name for path in folder.parent.iterdir()] == ["out"]


def test_a_failure_without_an_old_plan_leaves_nothing(
    week: Week, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No half plan, not even an empty folder."""
    monkeypatch.setattr(charts, "pages", no_picture)
    with pytest.raises(ValueError, match="no picture"):
        export.write(week, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_what_a_person_put_there_stays(week: Week, folder: Path) -> None:
    """Files that are not ours survive a new plan, in folders and as links too; ours of yesterday go."""
    (folder / "edited.csv").write_text("mine")
    (folder / "notes").mkdir()
    (folder / "notes" / "할 일.txt").write_text("call 007")
    (folder / "link").symlink_to("notes")
    without = dataclasses.replace(week, review=None)
    export.write(without, folder)
    assert (folder / "edited.csv").read_text() == "mine"
    assert (folder / "link" / "할 일.txt").read_text() == "call 007"
    assert not (folder / "review.csv").exists()
    (folder / "review.csv").write_text("my review")
    export.write(week, folder)
    assert (folder / "review-2.csv").read_text() == "my review"
    assert export.load(folder).review is not None


def test_a_roster_edited_in_place_is_not_lost(week: Week, folder: Path) -> None:
    """Hours of work in roster.csv itself are kept beside the new one, each time."""
    for number, name in enumerate(("roster.edited.csv", "roster.edited-2.csv")):
        (folder / "roster.csv").write_text(f"work {number}")
        export.write(week, folder)
        assert (folder / name).read_text() == f"work {number}"
    assert (folder / "roster.edited.csv").read_text() == "work 0"
    assert (folder / "roster.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_same_edit_is_kept_once_and_told(week: Week, folder: Path) -> None:
    """Planning again and again over one edited roster leaves one copy, and names it every time."""
    told: list[str] = []
    for _ in range(3):
        (folder / "roster.csv").write_text("my roster")
        export.write(week, folder, progress=told.append)
    (folder / "inputs" / "agents.csv").write_text("my agents")
    export.write(week, folder, progress=told.append)
    assert told == ["your roster.csv is kept as roster.edited.csv"] * 3 + [
        "your inputs/agents.csv is kept as inputs/agents.edited.csv"
    ]
    assert sorted(path.name for path in folder.glob("*.edited*")) == ["roster.edited.csv"]
    assert (folder / "roster.edited.csv").read_text() == "my roster"
    export.write(week, folder, progress=told.append)
    assert len(told) == 4


def test_what_changed_since_planning_is_listed(folder: Path) -> None:
    """Each file whose bytes are others, each that is gone; what a person has added is nobody's business."""
    assert export.changes(folder) == {}
    (folder / "roster.csv").write_text("x")
    (folder / "summary.csv").write_text("x")
    (folder / "timings.json").write_text("{}")
    (folder / "notes.txt").write_text("x")
    (folder / "roster_presales.png").unlink()
    assert export.changes(folder) == {
        "roster.csv": "was edited since planning",
        "roster_presales.png": "is missing",
        "summary.csv": "was changed since planning",
    }
    with pytest.raises(DataError, match="name the folder of a plan"):
        export.changes(folder / "none")


@pytest.mark.parametrize(
    ("site", "label", "told"),
    [
        (
            "서울 shop",
            "2026-W50",
            "holds the plan of 서울 shop, 2026-W49 -> choose another folder for 서울 shop",
        ),
        ("Busan", "2026-W49", "choose another folder for Busan, 2026-W49"),
    ],
)
def test_the_plan_of_another_week_or_site_is_not_replaced(
    week: Week, folder: Path, site: str, label: str, told: str
) -> None:
    """Refused beforehand and when writing; the same week is welcome, however its name is written."""
    before = content(folder)
    with pytest.raises(DataError, match=told):
        export.check_target(folder, site=site, label=label)
    with pytest.raises(DataError, match=told):
        export.write(dataclasses.replace(week, site=site, label=label), folder)
    assert content(folder) == before
    export.check_target(folder, site="서울 shop", label=" 2026W49")


def test_a_folder_that_cannot_be_written_is_known_beforehand(
    week: Week, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the nearest folder that stands allows is asked; nothing is made by asking."""
    asked: list[Path] = []
    monkeypatch.setattr(os, "access", lambda path, mode: bool(asked.append(path)))
    with pytest.raises(PermissionError, match="nothing can be written in this folder"):
        export.check_target(tmp_path / "a" / "b", site=week.site, label=week.label)
    assert asked == [tmp_path]
    assert list(tmp_path.iterdir()) == []


def test_last_week_is_what_its_roster_says_now(week: Week, folder: Path) -> None:
    """Untouched, the plan's assignments; edited in place, the edited ones, with lates counted on."""
    table = export.previous(folder)
    pd.testing.assert_frame_equal(table, export.load(folder).assignments)
    assert table.groupby("agent")["lates_so_far"].max()["a13"] == 1  # as the fixture has it

    def swap(rows: list[list[str]]) -> None:
        put(8, HEADER[0], "late")(rows)  # 008 is late on Monday
        put(9, HEADER[0], "OFF")(rows)  # instead of 007

    edited(folder, swap).replace(folder / "roster.csv")
    after = export.previous(folder)
    changes = verify.diff(table, after)
    assert changes[["agent", "after"]].to_numpy().tolist() == [["007", "OFF"], ["008", "late 13:00-22:00"]]
    before, so_far = (frame.groupby("agent")["lates_so_far"].max() for frame in (table, after))
    assert (so_far - before)[lambda change: change != 0].to_dict() == {"007": -1, "008": 1}
    (folder / "roster.csv").unlink()
    pd.testing.assert_frame_equal(export.previous(folder), table)


def test_an_older_folder_has_the_older_column(week: Week, tmp_path: Path) -> None:
    """`lates` of assignments comes back under its name of today."""
    old = week.roster.assignments.rename(columns={"lates_so_far": "lates"})
    roster = dataclasses.replace(week.roster, assignments=old)
    folder = export.write(dataclasses.replace(week, roster=roster), tmp_path / "out")
    assert "lates," not in (folder / "roster.csv").read_text(encoding="utf-8")
    pd.testing.assert_frame_equal(export.load(folder).assignments, week.roster.assignments)


def test_the_copy_for_agents_says_no_reason(week: Week, tmp_path: Path) -> None:
    """roster_public.csv is roster.csv with one word for every absence and without what tells them apart."""
    away = dataclasses.replace(week, timeoff=week.timeoff.assign(kind="SICK"))
    folder = export.write(away, tmp_path / "out")
    planners, agents = (
        list(csv.reader((folder / name).read_text(encoding="utf-8-sig").splitlines()))
        for name in ("roster.csv", "roster_public.csv")
    )
    assert planners[4][7:9] == ["SICK", "SICK"] and agents[4][7:9] == ["ABS", "ABS"]
    assert agents[0] == [name for name in planners[0] if name not in ("credit_h", "contract_h")]
    assert [row[:2] for row in agents] == [row[:2] for row in planners]
    assert export.read_roster(folder / "roster_public.csv", away).assignments.equals(
        export.read_roster(folder / "roster.csv", away).assignments
    )


def test_hours_beside_the_contract_are_a_file(week: Week, tmp_path: Path) -> None:
    """Whoever has other hours than the contract's stands in hours.csv, as the grid counts them."""
    agents = week.agents.assign(hours_week=[40.0, 32.0, *[40.0] * 5, 48.0, 40.0])
    other = dataclasses.replace(week, agents=agents)
    table = pd.read_csv(export.write(other, tmp_path / "out") / "hours.csv", dtype={"agent": str})
    assert table.drop(columns="name").to_numpy().tolist() == [
        ["008", 32, 40, 0, 8], ["a14", 48, 24, 16, -8],
    ]  # fmt: skip
    grid = export.roster_table(other).set_index("agent")
    off = grid["paid_h"] + grid["credit_h"] - grid["contract_h"]
    assert off[off != 0].to_dict() == dict(zip(table["agent"], table["difference"], strict=True))


def test_the_manifest_says_an_assumption_once(week: Week, tmp_path: Path) -> None:
    """What stands among the assumptions is not repeated among the notes."""
    manifest = week.manifest | {"assumptions": ["=assumed"]}
    said = dataclasses.replace(week, manifest=manifest, notes=("=assumed", "mended"))
    written = json.loads((export.write(said, tmp_path / "out") / "manifest.json").read_text(encoding="utf-8"))
    assert (written["assumptions"], written["notes"]) == (["=assumed"], ["mended"])


def test_an_empty_folder_will_do(week: Week, tmp_path: Path) -> None:
    """Made beforehand, with parents that are not, or not at all."""
    (tmp_path / "out").mkdir()
    export.write(week, tmp_path / "out")
    export.write(week, tmp_path / "a" / "b")
    assert content(tmp_path / "out").keys() == content(tmp_path / "a" / "b").keys()


@pytest.mark.parametrize("manifest", [None, "{", "[]", '{"files": {}}', '{"made_by": "staffing"}'])
def test_somebody_elses_folder_is_refused(week: Week, tmp_path: Path, manifest: str | None) -> None:
    """A folder with files and without our manifest is not touched."""
    (tmp_path / "thesis.txt").write_text("years of work")
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    before = content(tmp_path)
    with pytest.raises(DataError, match="choose an empty folder"):
        export.write(week, tmp_path)
    assert content(tmp_path) == before


def test_a_file_is_no_folder(week: Week, tmp_path: Path) -> None:
    """The name of a file is refused."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(NotADirectoryError, match="a file stands where a folder should be"):
        export.write(week, tmp_path / "out")
    with pytest.raises(NotADirectoryError, match="a file stands where a folder should be"):
        export.check_target(tmp_path / "out" / "below", site=week.site, label=week.label)


@pytest.mark.parametrize(
    ("file", "damage", "told"),
    [
        ("manifest.json", lambda text: "", "name the folder of a plan"),
        ("manifest.json", lambda text: text.replace('"start"', '"begin"'), "start"),
        (
            "inputs/plan.json",
            lambda text: text.replace('"hours": 9.0', '"hours": 99.0'),
            "not as it was written",
        ),
        ("segments.csv", lambda text: text.replace("a14,", "a14,,", 1), "the row has 7 cells, the header 6"),
        ("segments.csv", lambda text: text.replace("T22:00:00", "T25:00:00", 1), "is not a time"),
        ("segments.csv", lambda text: text.replace("true", "yes", 1), "'yes' is not true or false"),
        ("assignments.csv", lambda text: text.replace("paid_hours", "pay"), "'paid_hours' is missing"),
        ("coverage.csv", lambda text: None, "cannot be read"),
    ],
)
def test_a_damaged_plan_is_told(
    folder: Path, file: str, damage: Callable[[str], str | None], told: str
) -> None:
    """The file is named, and what is wrong with it."""
    path = folder / file
    text = damage(path.read_text(encoding="utf-8"))
    if text is None:
        path.unlink()
    else:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=told) as caught:
        export.load(folder)
    assert all(problem.file.startswith(str(folder)) for problem in caught.value.found)


# The edited roster


def edited(folder: Path, change: Callable[[list[list[str]]], Any], *, delimiter: str = ",") -> Path:
    """roster.csv as a person saves it after a change."""
    with (folder / "roster.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    change(rows)
    path = folder / "edited.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def put(line: int, column: int | str, cell: str) -> Callable[[list[list[str]]], None]:
    def change(rows: list[list[str]]) -> None:
        rows[line - 1][rows[0].index(column) if isinstance(column, str) else column] = cell

    return change


def test_the_grid_reads_back_unchanged(week: Week, folder: Path) -> None:
    """Our own file gives the assignments that made it: past midnight, guarded ids and all."""
    expected = week.roster.assignments.drop(columns="lates_so_far")
    pd.testing.assert_frame_equal(export.read_roster(folder / "roster.csv", week).assignments, expected)
    saved = export.load(folder)
    for delimiter in ";\t":
        path = edited(folder, lambda rows: None, delimiter=delimiter)
        pd.testing.assert_frame_equal(export.read_roster(path, saved).assignments, expected)


def test_an_edited_roster_is_verified(week: Week, folder: Path) -> None:
    """A planner swaps a day: the difference, the broken rules and the new gaps are named."""
    saved = export.load(folder)

    def swap(rows: list[list[str]]) -> None:
        put(8, HEADER[0], "OFF")(rows)  # 008 gives Monday's early shift
        put(9, HEADER[0], "09:00 – 18:00")(rows)  # to 007, who is on late all week

    assignments = export.read_roster(edited(folder, swap), saved).assignments
    changes = verify.diff(saved.assignments, assignments)
    assert changes[["agent", "before", "after"]].to_numpy().tolist() == [
        ["007", "late 13:00-22:00", "early 09:00-18:00"],
        ["008", "early 09:00-18:00", "OFF"],
    ]
    segments = present(assignments)
    broken = verify.roster(assignments, segments, **saved.to_verify())
    assert broken[["agent", "rule"]].to_numpy().tolist() == [
        ["007", "same_shift_in_week"], ["008", "hours_week"],
    ]  # fmt: skip
    gaps = verify.gaps(segments, saved.requirement)
    evening = gaps[
        (gaps["queue"] == "presales calls") & (gaps["interval"] == calendar.at(MONDAY, 19 * 60, SEOUL))
    ]
    assert evening["gap"].tolist() == [-1.0]


@pytest.mark.parametrize(
    "cell",
    ["9:00-18:00", "09:00 - 18:00", " 09:00–18:00 ", "09:00—18:00", "09.00-18.00", "09:00:00-18:00:00",
     "09:00~18:00", "０９：００－１８：００", "early", "EARLY", "09:00\u00a0-\u00a018:00"],
)  # fmt: skip
def test_hours_as_people_write_them(week: Week, folder: Path, cell: str) -> None:
    """Blanks, long dashes, single digits, seconds and full-width digits are understood."""
    table = export.read_roster(edited(folder, put(8, HEADER[5], cell)), week).assignments
    row = table[(table["agent"] == "008") & (table["date"] == day(DAYS[5]))]
    assert row[["shift", "paid_hours"]].to_numpy().tolist() == [["early", 8.0]]
    assert row["start"].item() == calendar.at(DAYS[5], 9 * 60, SEOUL)


@pytest.mark.parametrize("code", ["OFF", "off", " AL", "SICK", "TRN", "HOL", "ABS"])
def test_codes_are_free_days(week: Week, folder: Path, code: str) -> None:
    """Every code of the form means that nobody is there."""
    table = export.read_roster(edited(folder, put(8, HEADER[0], code)), week).assignments
    assert DAYS[0] not in set(table.loc[table["agent"] == "008", "date"].dt.date)


def test_leave_typed_over_is_named(week: Week, folder: Path) -> None:
    """AL made OFF, or another code, changes no list: both are told, also where nobody's hours change."""
    saved = export.load(folder)

    def typed(code: str) -> list[str]:
        def over(rows: list[list[str]]) -> None:
            row = next(row for row in rows if "ABS" in row)
            row[row.index("ABS")] = code

        grid = export.read_roster(edited(folder, over), saved)
        broken = verify.roster(
            grid.assignments, present(grid.assignments), **saved.to_verify(), absences=grid.absences
        )
        return broken.loc[broken["rule"] == "absence", "what"].tolist()

    counts = "ABS in the time off list, which counts; change it there"
    assert typed("OFF") == [f"OFF in the roster, {counts}"]
    assert typed("sick") == [f"SICK in the roster, {counts}"]
    assert typed("abs") == []


def test_absences_typed_into_the_grid_are_read(week: Week, folder: Path) -> None:
    """A code is told with its person and day, so that `verify` can ask for its row of time off."""

    def leave(rows: list[list[str]]) -> None:
        put(8, HEADER[0], "al")(rows)
        put(9, HEADER[1], "HOL")(rows)

    grid = export.read_roster(edited(folder, leave), week)
    assert grid.absences.to_numpy().tolist() == [
        ["007", day(DAYS[1]), "HOL"], ["008", day(DAYS[0]), "AL"],
        ["a14", day(DAYS[3]), "ABS"], ["a14", day(DAYS[4]), "ABS"],
    ]  # fmt: skip
    broken = verify.roster(
        grid.assignments, present(grid.assignments), **export.load(folder).to_verify(), absences=grid.absences
    )
    told = broken[broken["rule"] == "absence"]
    assert told[["agent", "date", "what"]].to_numpy().tolist() == [
        ["007", day(DAYS[1]), "HOL is not in the time off list; add it there with its credit hours"],
        ["008", day(DAYS[0]), "AL is not in the time off list; add it there with its credit hours"],
    ]


def test_who_has_no_line_is_told(week: Week, folder: Path) -> None:
    """A line that was taken away leaves its agent off, and that is said."""

    def without(rows: list[list[str]]) -> None:
        rows[:] = [row for row in rows if row[1] != "007"]

    grid = export.read_roster(edited(folder, without), week)
    assert "007" not in set(grid.assignments["agent"])
    assert grid.notes == ("no line for 007: read as off on every day",)


def test_rows_without_an_agent_are_passed_over(week: Week, folder: Path) -> None:
    """A total under the grid is no person; it is said that it was not read."""

    def total(rows: list[list[str]]) -> None:
        rows.append(["TOTAL", *[""] * 3, *["6"] * 7, *["300"] * 5])

    grid = export.read_roster(edited(folder, total), week)
    assert grid.notes == ("line 10 names no agent and was not read",)
    pd.testing.assert_frame_equal(
        grid.assignments, export.read_roster(folder / "roster.csv", week).assignments
    )


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("1.00E+03", "Make the column text and write the id again; did you mean '1E3'"),
        ("01-Mar", "did your spreadsheet change it?"),
        ("Mar-01", "did your spreadsheet change it?"),
        ("2026-03-01", "did your spreadsheet change it?"),
        ("1/3/2026", "did your spreadsheet change it?"),
        ("1000.0", "did you mean '1E3'"),
        ("Total", "use an agent of the plan"),
    ],
)  # fmt: skip
def test_ids_that_a_spreadsheet_has_changed_are_hinted_at(
    week: Week, folder: Path, cell: str, told: str
) -> None:
    """Numbers and dates that were ids: the planner learns where they come from."""
    named = dataclasses.replace(week, agents=week.agents.replace({"agent": {"a12": "1E3"}}))
    with pytest.raises(DataError) as caught:
        export.read_roster(edited(folder, put(2, "agent", cell)), named)
    assert told in caught.value.found[0].remedy


def test_hours_that_are_no_shift_are_read_for_verify_to_name(week: Week, folder: Path) -> None:
    """A planner invents a shift: read as it stands, paid like its nearest, named as none of the team's."""
    table = export.read_roster(edited(folder, put(8, HEADER[0], "10:00-19:00")), week).assignments
    row = table[(table["agent"] == "008") & (table["date"] == day(MONDAY))]
    assert row[["shift", "paid_hours"]].to_numpy().tolist() == [["10:00-19:00", 8.0]]
    broken = verify.roster(table, present(table), **export.load(folder).to_verify())
    assert ("008", "shift") in set(zip(broken["agent"], broken["rule"], strict=True))


def test_a_spreadsheet_that_eats_zeros_is_understood(week: Week, folder: Path) -> None:
    """007 has become 7: there is only one whom that can mean."""
    table = export.read_roster(edited(folder, put(9, "agent", "7")), week).assignments
    assert (table["agent"] == "007").sum() == 5


@pytest.mark.parametrize(
    ("line", "column", "cell", "told"),
    [
        (
            5,
            HEADER[2],
            "9-18h",
            "'9-18h' is neither hours nor a code -> write for example 09:30-18:30, or OFF",
        ),
        (5, HEADER[2], "", "the cell is empty"),
        (5, HEADER[2], "09:00-09:00", "is no time from and to"),
        (5, HEADER[2], "25:00-26:00", "is no time from and to"),
        (5, HEADER[2], "09:75-18:00", "is no time from and to"),
        (5, HEADER[2], "VAC", "'VAC' is neither"),
        (5, HEADER[2], "lte", "'lte' is neither hours nor a code -> did you mean 'late'?"),
        (5, HEADER[2], "Sik", "did you mean 'SICK'?"),
        (5, "agent", "a144", "the agent 'a144' is unknown -> did you mean 'a14'"),
        (5, "agent", "a13", "the agent 'a13' stands in line 4 too -> keep one row"),
        (5, "team", "presales", "the agent 'a14' is of team 'after/sales', not 'presales'"),
        (1, HEADER[2], "Wed", "the column 'Wed 2026-12-02' is missing"),
        (1, HEADER[2], "Wed 2026-12-09", "2026-12-09 is not a day of the week that begins on 2026-11-30"),
        (1, HEADER[2], "2026-12-03", "2026-12-03 has two columns"),
        (1, "agent", "who", "the column 'agent' is missing"),
    ],
)
def test_a_cell_that_cannot_be_read_is_told(
    week: Week, folder: Path, line: int, column: str, cell: str, told: str
) -> None:
    """File, line, column and remedy."""
    path = edited(folder, put(line, column, cell))
    with pytest.raises(DataError) as caught:
        export.read_roster(path, week)
    problem = next(problem for problem in caught.value.found if told in str(problem))
    assert (problem.file, problem.line) == (str(path), line)
    assert problem.column


def test_all_problems_are_told_at_once(week: Week, folder: Path) -> None:
    """Three bad cells in three rows are three problems."""

    def spoil(rows: list[list[str]]) -> None:
        for line in (2, 4, 6):
            put(line, HEADER[1], "?")(rows)

    with pytest.raises(DataError) as caught:
        export.read_roster(edited(folder, spoil), week)
    assert [problem.line for problem in caught.value.found] == [2, 4, 6]


def test_a_missing_row_is_a_week_off(week: Week, folder: Path) -> None:
    """Who has no line works on no day, and owes the hours."""
    table = export.read_roster(edited(folder, lambda rows: rows.pop(7)), week).assignments
    assert "008" not in set(table["agent"])
    broken = verify.roster(table, present(table), **export.load(folder).to_verify())
    assert broken[["agent", "rule"]].to_numpy().tolist() == [["008", "hours_week"]]


def test_a_night_with_a_change_of_clock_reads_back(week: Week, tmp_path: Path) -> None:
    """22:00 to 07:00 over the end of summer time is ten hours, one of them lunch."""
    saturday = dt.date(2026, 10, 24)
    there = dataclasses.replace(
        week, start=saturday - dt.timedelta(days=5), timezone="Europe/Madrid", agents=week.agents.iloc[6:7]
    )
    names = [f"{name[:3]} {day - dt.timedelta(days=42)}" for name, day in zip(HEADER, DAYS, strict=True)]
    path = tmp_path / "night.csv"
    path.write_text(
        f"agent,{','.join(names)}\na13,{','.join(['OFF'] * 5)},22:00-07:00,OFF\n", encoding="utf-8"
    )
    assert export.read_roster(path, there).assignments["paid_hours"].tolist() == [9.0]
