"""Pictures say what the tables say: read off the artists, in every script, and without colour."""

from __future__ import annotations

import dataclasses
import datetime as dt
import doctest
import hashlib
import importlib
import os
import re
import subprocess
import sys
import unicodedata

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from staffing import charts
from staffing.charts import album, fonts, sheet
from staffing.errors import DataError
from staffing.model import Roster, Shift, Week

AMHARIC, KOREAN, KANNADA, SWAHILI = "ሰላማዊት ተስፋዬ", "김민지", "ಲಕ್ಷ್ಮೀ ಗೌಡ", "Neema Mwakyusa"
HOSTILE = ("$\\frac{1}{0$", "<script>alert(1)</script>", "$5 and $6", "\u202eadmin\u0007\n\t", "_hidden")
MONDAY = dt.date(2026, 11, 30)
NEED = [3.0, 5.0, 6.0, 4.0, 3.0, 2.0]
EARLY = [4.0, 4.0, 3.0, 4.0, 0.0, 0.0]
LATE = [0.0, 0.0, 2.0, 2.0, 3.0, 1.0]


def intervals(
    date: dt.date = MONDAY, first: str = "09:00", count: int = 6, tz: str = "Asia/Seoul"
) -> pd.DatetimeIndex:
    """Starts of consecutive half hours."""
    return pd.date_range(f"{date} {first}", periods=count, freq="30min", tz=tz, unit="us")


def covered(queue: str = "calls", date: dt.date = MONDAY) -> pd.DataFrame:
    """One short day of COVERAGE: one head short in the second, third and last half hour, one over in four."""
    staffed = np.add(EARLY, LATE)
    table = pd.DataFrame({"queue": queue, "team": "care", "interval": intervals(date), "agents": NEED})
    return table.assign(
        scheduled=NEED,
        staffed=staffed,
        expected=staffed,
        gap=staffed - NEED,
        service_level=0.8,
        occupancy=0.8,
        why="",
    )


def present(queue: str = "calls", date: dt.date = MONDAY) -> pd.DataFrame:
    """The same people by shift."""
    parts = [
        pd.DataFrame({"queue": queue, "interval": intervals(date), "shift": shift, "staffed": heads})
        for shift, heads in (("late", LATE), ("early", EARLY))
    ]
    return pd.concat(parts, ignore_index=True)


def expected(queue: str = "calls", date: dt.date = MONDAY) -> pd.DataFrame:
    """A day's FORECAST with three quantiles."""
    volume = 10.0 * np.array(NEED)
    bands = {"volume_p10": 0.8 * volume, "volume_p2.5": 0.6 * volume, "volume_p97.5": 1.5 * volume}
    return pd.DataFrame({"queue": queue, "interval": intervals(date), "volume": volume, **bands})


def past(days: int = 60, queue: str = "calls", minutes: int = 30) -> pd.DataFrame:
    """HISTORY up to the day before: each half hour of a day holds the day's number before the forecast."""
    parts = []
    for back in range(1, days + 1):
        times = pd.date_range(
            f"{MONDAY - dt.timedelta(days=back)} 09:00", periods=180 // minutes, freq=f"{minutes}min",
            tz="Asia/Seoul", unit="us",
        )  # fmt: skip
        parts.append(pd.DataFrame({"queue": queue, "interval": times, "offered": float(back)}))
    return pd.concat(parts, ignore_index=True)


def people(names: list[str], team: str = "care") -> pd.DataFrame:
    """AGENTS with these names."""
    ids = [f"{number:03}" for number in range(len(names))]
    return pd.DataFrame({"agent": ids, "name": names, "team": team, "contract": "full", "hours_week": 40.0})


def worked(rows: list[tuple[str, int, str]], team: str = "care") -> pd.DataFrame:
    """ASSIGNMENTS from agent, number of the day, shift."""
    starts = {"early": 9, "late": 13}
    dates = [pd.Timestamp(MONDAY) + pd.Timedelta(days=day) for _, day, _ in rows]
    begin = [
        d.tz_localize("Asia/Seoul") + pd.Timedelta(hours=starts[s])
        for d, (_, _, s) in zip(dates, rows, strict=True)
    ]
    return pd.DataFrame(
        {
            "agent": [agent for agent, _, _ in rows],
            "date": pd.Series(dates, dtype="datetime64[us]"),
            "team": team,
            "shift": [shift for _, _, shift in rows],
            "start": pd.Series(begin, dtype="datetime64[us, Asia/Seoul]"),
            "end": pd.Series(begin, dtype="datetime64[us, Asia/Seoul]") + pd.Timedelta(hours=9),
            "paid_hours": 8.0,
        }
    )


def leave(rows: list[tuple[str, int, int, str]]) -> pd.DataFrame:
    """TIMEOFF from agent, first and last day's number, kind."""
    day = lambda number: pd.Timestamp(MONDAY) + pd.Timedelta(days=number)  # noqa: E731
    return pd.DataFrame(
        [(agent, day(first), day(last), kind, 8.0) for agent, first, last, kind in rows],
        columns=["agent", "start", "end", "kind", "credit_hours"],
    )


def designed(team: str = "care") -> pd.DataFrame:
    """SHIFTS with two pairs, the better one last."""
    return pd.DataFrame(
        {
            "team": team, "rank": [2, 1],
            "early_start": ["09:00", "09:00"], "early_end": ["10:30", "11:00"],
            "late_start": ["10:30", "10:00"], "late_end": ["12:00", "12:00"],
            "paid_hours": [60.0, 70.0], "cost": [900.0, 100.0], "rush_covered": [0.0, 0.5],
            "short": [8.0, 0.0], "over": [1.0, 3.0],
        }
    )  # fmt: skip


def rushes(team: str = "care") -> pd.DataFrame:
    """Two rush windows."""
    return pd.DataFrame({"team": team, "start": ["09:30", "11:00"], "end": ["10:30", "11:30"]})


def steps(ax: Axes, label: str) -> list[StepPatch]:
    """The step curves of that name."""
    return [patch for patch in ax.patches if isinstance(patch, StepPatch) and patch.get_label() == label]


def words(ax: Axes) -> str:
    """Everything that is written on a picture."""
    ticks = [*ax.get_xticklabels(), *ax.get_yticklabels()]
    return "\n".join(text.get_text() for text in [*ax.texts, ax.title, *ticks])


# --- coverage


def test_steps_are_as_high_as_the_table_says() -> None:
    """Need is a line, early stands on zero, late on early."""
    ax = charts.coverage(covered(), present(), date=MONDAY)
    need, early, late = (steps(ax, name)[0].get_data() for name in ("need", "early", "late"))
    assert need.values.tolist() == NEED
    assert need.edges.tolist() == [9.0, 9.5, 10.0, 10.5, 11.0, 11.5, 12.0]
    assert (early.values - early.baseline).tolist() == EARLY
    assert (late.values - late.baseline).tolist() == LATE
    assert late.baseline.tolist() == EARLY


def test_red_lies_between_staffed_and_need_exactly_where_heads_are_short() -> None:
    """No red on a covered interval; hatch and outline say it without colour."""
    table = covered()
    (red,) = steps(charts.coverage(table, present(), date=MONDAY), "short")
    short = (table["gap"] < 0).to_numpy()
    assert short.tolist() == [False, True, True, False, False, True]
    assert (~np.isnan(red.get_data().values)).tolist() == short.tolist()
    assert red.get_data().values[short].tolist() == table["scheduled"][short].tolist()
    assert red.get_data().baseline[short].tolist() == table["staffed"][short].tolist()
    assert red.get_hatch() and red.get_linewidth() > 0


def test_a_covered_day_shows_no_red() -> None:
    """Nothing short, nothing red; the title says so."""
    table = covered().assign(gap=0.0, scheduled=np.add(EARLY, LATE))
    ax = charts.coverage(table, present(), date=MONDAY)
    assert steps(ax, "short") == []
    assert ax.get_title("right") == "short 0.0, over 0.0 agent-hours"


def test_the_title_counts_agent_hours() -> None:
    """Half an agent-hour for each head and half hour."""
    gap = covered()["gap"]
    assert (-gap[gap < 0].sum(), gap[gap > 0].sum()) == (3.0, 3.0)
    ax = charts.coverage(covered(), present(), date=MONDAY)
    assert ax.get_title("right") == "short 1.5, over 1.5 agent-hours"


@pytest.mark.parametrize(
    ("overlap", "span"),
    [(None, (10.0, 11.0)), ((dt.time(9, 30), dt.time(11, 30)), (9.5, 11.5))],
    ids=["as seen", "as given"],
)
def test_the_overlap_is_shaded(overlap: tuple[dt.time, dt.time] | None, span: tuple[float, float]) -> None:
    """Between the given times, or where people of both shifts are on the queue."""
    ax = charts.coverage(covered(), present(), date=MONDAY, overlap=overlap)
    (shade,) = [patch for patch in ax.patches if patch.get_label() == "overlap"]
    assert (shade.get_x(), shade.get_x() + shade.get_width()) == pytest.approx(span)


def test_an_overlap_past_midnight_is_shaded_on_both_days() -> None:
    """Last night reaches into the morning, this night begins in the evening; a closed evening has none."""
    times = intervals(first="00:00", count=48)
    table = pd.DataFrame({"queue": "calls", "interval": times, "scheduled": 2.0, "staffed": 2.0, "gap": 0.0})
    night = table[(times.hour < 6) | (times.hour >= 18)]
    there = night.assign(shift="late")
    for opened, shown in (
        (night, [(-2.0, 2.0), (22.0, 26.0)]),
        (night[night["interval"].dt.hour < 6], [(-2.0, 2.0)]),
    ):
        ax = charts.coverage(opened, there, date=MONDAY, overlap=(dt.time(22), dt.time(2)))
        shades = [patch for patch in ax.patches if patch.get_label() in ("overlap", "_overlap")]
        assert [(shade.get_x(), shade.get_x() + shade.get_width()) for shade in shades] == shown
        assert ax.get_xlim()[0] == 0.0 and shades[0].get_label() == "overlap"


def test_a_pause_in_opening_hours_stays_empty() -> None:
    """The need line breaks where the queue is closed; it is not drawn through."""
    table, there = covered(), present()
    open_again = table["interval"] != table["interval"].iloc[2]
    ax = charts.coverage(table[open_again], there, date=MONDAY)
    values = steps(ax, "need")[0].get_data().values
    assert np.isnan(values).tolist() == [False, False, True, False, False, False]


def test_a_closed_day_says_closed() -> None:
    """A day without intervals is an empty, labelled picture."""
    ax = charts.coverage(covered(), present(), date=MONDAY + dt.timedelta(days=1))
    assert [text.get_text() for text in ax.texts] == ["closed"]


def test_with_nobody_on_the_roster_all_need_is_red() -> None:
    """No agents is a value, not an error."""
    table = covered().assign(staffed=0.0, gap=-np.array(NEED))
    nobody = pd.DataFrame(columns=["queue", "interval", "shift", "staffed"])
    (red,) = steps(charts.coverage(table, nobody, date=MONDAY), "short")
    assert red.get_data().values.tolist() == NEED and red.get_data().baseline.tolist() == [0.0] * 6


@pytest.mark.parametrize(("queue", "message"), [(None, "several queues"), ("chat", "no queue 'chat'")])
def test_an_unclear_queue_is_an_error_with_its_remedy(queue: str | None, message: str) -> None:
    """Nothing is added up over queues in silence."""
    both = pd.concat([covered("calls"), covered("mail")])
    with pytest.raises(DataError, match=f"{message}.*name one of 'calls', 'mail'"):
        charts.coverage(both, present(), date=MONDAY, queue=queue)


def test_the_day_on_which_the_clock_is_put_back_has_25_hours() -> None:
    """Steps go by elapsed time, labels by the wall clock."""
    date = dt.date(2026, 10, 25)
    times = pd.date_range(
        "2026-10-25", "2026-10-26", freq="30min", tz="Europe/Madrid", unit="us", inclusive="left"
    )
    table = pd.DataFrame({"queue": "calls", "interval": times, "scheduled": 2.0, "staffed": 2.0, "gap": 0.0})
    there = table.assign(shift="early")
    ax = charts.coverage(table, there, date=date)
    assert steps(ax, "need")[0].get_data().edges[-1] == 25.0
    marks = dict(zip(ax.get_xticks(), (label.get_text() for label in ax.get_xticklabels()), strict=True))
    assert marks[13.0] == "12:00" and marks[25.0] == "24:00"


# --- heat map


def two_days() -> pd.DataFrame:
    """Two days; the second opens an hour later."""
    return pd.concat([covered(), covered(date=MONDAY + dt.timedelta(days=1)).iloc[2:]], ignore_index=True)


def test_cells_hold_the_gap_and_closed_ones_nothing() -> None:
    """One row for each day, one column for each half hour."""
    ax = charts.heatmap(two_days(), queue="calls")
    cells = ax.images[0].get_array()
    gap = covered()["gap"].tolist()
    assert cells[0].tolist() == gap
    assert cells[1].tolist() == [None, None, *gap[2:]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Mon 2026-11-30", "Tue 2026-12-01"]


def test_short_cells_are_outlined_and_no_others() -> None:
    """Whoever does not see red sees the frame, and the minus sign."""
    ax = charts.heatmap(two_days(), queue="calls")
    frames = {tuple(path.get_extents().get_points().mean(axis=0)) for path in ax.collections[0].get_paths()}
    assert frames == {(1.0, 0.0), (2.0, 0.0), (5.0, 0.0), (2.0, 1.0), (5.0, 1.0)}
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert {at for at, word in written.items() if word.startswith("−")} == frames
    assert written[(0, 0)] == "+1" and written[(4, 0)] == "0" and (0, 1) not in written


def test_white_is_exactly_as_many_as_needed() -> None:
    """Red below, blue above, and one missing head shows beside ninety idle ones."""
    table = covered().assign(gap=[-1.0, 0.0, 90.0, 90.0, 90.0, 90.0])
    image = charts.heatmap(table, queue="calls").images[0]
    short, exact, over = (image.cmap(float(image.norm(value)))[:3] for value in (-1.0, 0.0, 90.0))
    assert exact == pytest.approx((1.0, 1.0, 1.0))
    assert over[2] > over[0] + 0.3
    assert short[2] < short[0] - 0.01


def test_numbers_are_left_out_where_they_do_not_fit() -> None:
    """Figures too small to read are no figures."""
    ax = Figure(figsize=(1.2, 1)).subplots()
    assert charts.heatmap(covered().assign(gap=-1234.0), queue="calls", ax=ax) is ax
    assert list(ax.texts) == []


# --- forecast


def test_six_grey_lines_are_the_last_six_same_weekdays() -> None:
    """Eight Mondays are in the history; the two oldest and all other days stay out."""
    ax = charts.forecast(expected(), past(), queue="calls", date=MONDAY)
    grey = [line for line in ax.lines if line.get_color() == sheet.GREY]
    assert [set(line.get_ydata()) for line in grey] == [{42.0}, {35.0}, {28.0}, {21.0}, {14.0}, {7.0}]


def test_the_band_lies_between_the_outermost_quantiles() -> None:
    """By their number, not by the order of the columns."""
    table = expected()
    ax = charts.forecast(table, past(), queue="calls", date=MONDAY)
    (band,) = ax.collections
    corners = band.get_paths()[0].vertices
    assert band.get_label() == "band p2.5–p97.5"
    for x, low, high in zip(
        np.arange(9.25, 12, 0.5), table["volume_p2.5"], table["volume_p97.5"], strict=True
    ):
        assert {round(y, 9) for y in corners[corners[:, 0] == x][:, 1]} >= {round(low, 9), round(high, 9)}


def test_a_forecast_is_not_drawn_through_closed_hours() -> None:
    """Line, band, past days and what came all break; an interval that stands alone is as wide as it is."""
    table = expected().iloc[[0, 1, 5]]
    ax = charts.forecast(table, past(), queue="calls", date=MONDAY, actual=table.assign(offered=1.0))
    lines = {line.get_label(): line for line in ax.lines}
    assert len(ax.lines) == 8
    for line in ax.lines:
        assert np.isnan(line.get_xdata()).tolist() == [False, False, True, False, False]
        assert np.isnan(line.get_ydata()).tolist() == [False, False, True, False, False]
    assert lines["forecast"].get_xdata()[3:].tolist() == [11.5, 12.0]
    assert lines["forecast"].get_ydata()[3:].tolist() == [20.0, 20.0]
    assert lines["what came"].get_xdata()[3:].tolist() == [11.75, 11.75]
    spans = [path.get_extents().intervalx.tolist() for path in ax.collections[0].get_paths()]
    assert spans == [[9.25, 9.75], [11.5, 12.0]]


def test_one_quantile_is_no_band() -> None:
    """Nothing is drawn that the forecast does not say."""
    table = expected()[["queue", "interval", "volume", "volume_p10"]]
    assert not charts.forecast(table, past(), queue="calls", date=MONDAY).collections


def test_what_came_stands_beside_the_forecast() -> None:
    """Its points are the table's, missing intervals stay missing, the sums count the same intervals."""
    came = expected().assign(offered=[31.0, 52.0, 60.0, 41.0, 28.0, 20.0]).iloc[:5]
    ax = charts.forecast(expected(), past(), queue="calls", date=MONDAY, actual=came)
    (line,) = [line for line in ax.lines if line.get_label() == "what came"]
    assert line.get_ydata()[:5].tolist() == [31.0, 52.0, 60.0, 41.0, 28.0] and np.isnan(line.get_ydata()[5])
    assert ax.get_title("right") == "forecast 210, came 212 contacts"


def test_a_finer_history_is_added_up() -> None:
    """Six counts of five minutes are one of thirty."""
    ax = charts.forecast(expected(), past(minutes=5), queue="calls", date=MONDAY)
    assert set(ax.lines[-2].get_ydata()) == {6 * 7.0}


def test_a_coarser_history_is_refused() -> None:
    """Hours cannot be cut into half hours without making up figures."""
    with pytest.raises(DataError, match="60 min are no whole parts of the forecast's 30 min"):
        charts.forecast(expected(), past(minutes=60), queue="calls", date=MONDAY)


def test_no_history_is_a_forecast_alone() -> None:
    """A new queue has no grey lines."""
    ax = charts.forecast(expected(), past(queue="mail"), queue="calls", date=MONDAY)
    assert [line.get_label() for line in ax.lines] == ["forecast"]


# --- shifts


def test_the_best_pair_lies_over_the_mean_need() -> None:
    """Rank 1 wherever it stands, queues of the team added up, days averaged, rush windows where they are."""
    other = covered("mail").assign(team="shop", scheduled=99.0)
    need = pd.concat([covered(), covered("mail"), covered(date=MONDAY + dt.timedelta(days=1)), other])
    ax = charts.shifts(designed(), rushes(), need, team="care")
    assert steps(ax, "mean need")[0].get_data().values.tolist() == [1.5 * heads for heads in NEED]
    bars = {bar.get_label(): bar[0] for bar in ax.containers}
    spans = {name: (bar.get_x(), bar.get_x() + bar.get_width()) for name, bar in bars.items()}
    assert spans == {"early": (9.0, 11.0), "late": (10.0, 12.0)}
    shades = [patch for patch in ax.patches if patch.get_label() in ("rush", "_rush")]
    assert [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in shades] == [
        (9.5, 10.5),
        (11.0, 11.5),
    ]
    table = ax.texts[-1].get_text().splitlines()
    assert table[0].split() == ["short", "over"]
    assert "cost  paid [h]  [agent-half-hours]" in table[1]
    assert table[2].split() == ["1", "09:00–11:00", "10:00–12:00", "100", "70", "0", "3", "0.50"]
    assert table[3].split() == ["2", "09:00–10:30", "10:30–12:00", "900", "60", "8", "1", "0.00"]


def test_a_late_shift_past_midnight_is_drawn_through() -> None:
    """What it does after midnight stands behind the evening, not before the morning."""
    times = pd.date_range(MONDAY, periods=96, freq="30min", tz="Asia/Seoul", unit="us")
    need = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "scheduled": 2.0})
    need = need[(need["interval"].dt.hour < 2) | (need["interval"].dt.hour >= 10)]
    pair = (
        designed()
        .iloc[[1]]
        .assign(early_start="10:00", early_end="19:00", late_start="17:00", late_end="02:00")
    )
    ax = charts.shifts(pair, rushes().iloc[:0], need, team="care")
    assert steps(ax, "mean need")[0].get_data().edges[[0, -1]].tolist() == [10.0, 26.0]
    assert ax.containers[1][0].get_x() + ax.containers[1][0].get_width() == 26.0
    assert [label.get_text() for label in ax.get_xticklabels()][-1] == "02:00"


def test_a_team_without_design_is_an_error() -> None:
    """It says what is missing."""
    with pytest.raises(DataError, match="team 'chat' has no design"):
        charts.shifts(designed(), rushes(), covered(), team="chat")


# --- roster


def small_roster(names: list[str]) -> Axes:
    """Four people: early, late, one away and one who does not work."""
    work = worked(
        [("000", 0, "late"), ("000", 1, "late"), ("001", 0, "early"), ("002", 1, "early"), ("002", 2, "late")]
    )
    away = leave([("003", 1, 2, "sick"), ("002", 0, 0, "her secret illness"), ("999", 0, 2, "AL")])
    return charts.roster(work, people(names), away, team="care", start=MONDAY, days=3)


def test_people_stand_by_shift_and_name() -> None:
    """As in roster.csv: early before late, names in order, who does not work last."""
    ax = small_roster([SWAHILI, "Zoë", KOREAN, "Abel"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Zoë", KOREAN, SWAHILI, "Abel"]


def test_every_cell_is_painted_once() -> None:
    """Shifts with their hours, absences hatched with their code, the rest OFF."""
    ax = small_roster([SWAHILI, "Zoë", KOREAN, "Abel"])
    cells = {
        c.get_label(): sorted(tuple(p.vertices[:4].mean(axis=0).tolist()) for p in c.get_paths())
        for c in ax.collections
    }
    assert cells["early"] == [(0, 0), (1, 1)]
    assert cells["late"] == [(0, 2), (1, 2), (2, 1)]
    assert cells["absent"] == [(0, 1), (1, 3), (2, 3)]
    assert cells["OFF"] == [(0, 3), (1, 0), (2, 0), (2, 2)]
    assert {c.get_label() for c in ax.collections if c.get_hatch()} == {"absent"}
    told = {text.get_position(): text.get_text() for text in ax.texts}
    assert told[(0, 0)] == "09:00–18:00" and told[(2, 1)] == "13:00–22:00"
    assert told[(1, 3)] == told[(2, 3)] == "SICK" and told[(0, 1)] == "ABS"


def test_reasons_of_leave_are_never_told() -> None:
    """Only the codes of the roster are printed."""
    assert "secret" not in words(small_roster([SWAHILI, "Zoë", KOREAN, "Abel"]))


def test_days_count_who_works() -> None:
    """Under each date its early and late people."""
    ax = small_roster([SWAHILI, "Zoë", KOREAN, "Abel"])
    labels = [label.get_text().split("\n") for label in ax.get_xticklabels()]
    assert labels[0] == ["Mon 2026-11-30", "1 early · 1 late"]
    assert labels[2] == ["Wed 2026-12-02", "0 early · 1 late"]


def test_namesakes_get_their_ids() -> None:
    """Two people of one name can be told apart."""
    labels = [label.get_text() for label in small_roster([KOREAN, KOREAN, "Abel", "Zoë"]).get_yticklabels()]
    assert f"{KOREAN} (000)" in labels and f"{KOREAN} (001)" in labels and "Abel" in labels


def test_large_teams_have_no_names_and_few_artists() -> None:
    """Of 61 people no name is readable; the picture says where they stand."""
    crowd = people([f"name {number}" for number in range(61)])
    work = worked([(agent, day, "early") for agent in crowd["agent"] for day in range(5)])
    ax = charts.roster(work, crowd, leave([]), team="care", start=MONDAY, days=7)
    assert "roster.csv" in ax.get_title("right")
    assert "name 1" not in words(ax) and len(ax.texts) == 0
    assert sum(len(collection.get_paths()) for collection in ax.collections) == 61 * 7


def test_who_has_left_or_not_begun_is_not_in_the_roster() -> None:
    """Dates of employment count; an empty date is no limit."""
    dates = pd.to_datetime(["2026-11-29", None, None]).as_unit("us")
    crowd = people(["Gone", "Here", "Here too"]).assign(leaves_on=dates, starts_on=pd.NaT)
    ax = charts.roster(worked([]), crowd, leave([]), team="care", start=MONDAY, days=7)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Here", "Here too"]


def test_a_team_of_nobody_is_an_error() -> None:
    """It names the team."""
    with pytest.raises(DataError, match="team 'chat' has nobody"):
        charts.roster(worked([]), people(["Abel"]), leave([]), team="chat", start=MONDAY, days=7)


# --- names and fonts


def every_picture(queue: str, team: str, names: list[str]) -> list[Axes]:
    """One picture of each sort, with these names."""
    need = covered(queue).assign(team=team)
    work = worked([(f"{number:03}", 0, "early") for number in range(len(names))], team)
    return [
        charts.coverage(need, present(queue), date=MONDAY),
        charts.heatmap(need, queue=queue),
        charts.forecast(expected(queue), past(queue=queue), queue=queue, date=MONDAY),
        charts.shifts(designed(team), rushes(team), need, team=team),
        charts.roster(work, people(names, team), leave([]), team=team, start=MONDAY, days=2),
    ]


@pytest.mark.parametrize("name", [AMHARIC, KOREAN, KANNADA, SWAHILI, *HOSTILE], ids=ascii)
def test_names_in_every_script_are_drawn_as_text(name: str) -> None:
    """No mathematics, no warning (they are errors here), whatever the fonts of the machine."""
    pictures = every_picture(name, name, [name, "Abel"])
    for ax in pictures:
        assert fonts.drawable(name) in ax.get_title("left")
    assert fonts.drawable(name) in words(pictures[-1])
    for ax in (pictures[0], pictures[-1]):
        assert charts.png(ax.figure).startswith(b"\x89PNG")


def test_every_axis_is_labelled_with_its_unit() -> None:
    """In brackets, on both axes of every picture."""
    for ax in every_picture("calls", "care", ["Abel"]):
        for label in (ax.get_xlabel(), ax.get_ylabel()):
            assert re.search(r"\[[^]]+\]", label), label


def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with no font but the one that Matplotlib brings."""
    only = [entry for entry in font_manager.fontManager.ttflist if entry.name == fonts.BASE]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", only)
    fonts._face.cache_clear()
    fonts._draws.cache_clear()


@pytest.fixture
def forget():
    """Fonts are looked for anew, before and after."""
    yield
    fonts._face.cache_clear()
    fonts._draws.cache_clear()


def test_a_script_without_font_is_said_once_and_drawn_as_boxes(
    monkeypatch: pytest.MonkeyPatch, forget: None
) -> None:
    """One sentence for each package, boxes and the id in the picture, and no warning."""
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    bare(monkeypatch)
    names = [AMHARIC, KOREAN, KANNADA, SWAHILI]
    cjk, core = charts.missing_scripts(names)
    assert "Korean" in cjk and "fonts-noto-cjk" in cjk
    assert "Amharic and Kannada" in core and "fonts-noto-core" in core
    assert charts.missing_scripts([SWAHILI, *HOSTILE]) == []
    ax = charts.roster(
        worked([("001", 0, "early")]), people(names), leave([]), team="care", start=MONDAY, days=1
    )
    assert ax.get_yticklabels()[0].get_text() == "□□□ (001)"
    assert "draws Korean" in words(ax)
    assert charts.png(ax.figure).startswith(b"\x89PNG")


def test_fonts_installed_after_matplotlib_made_its_list_are_found(
    monkeypatch: pytest.MonkeyPatch, forget: None
) -> None:
    """Only the wanted family is read, not every font of the system."""
    if not any("NotoSansEthiopic-Regular" in path for path in font_manager.findSystemFonts()):
        pytest.skip("no Ethiopic font on this machine")
    bare(monkeypatch)
    before = len(font_manager.fontManager.ttflist)
    assert fonts.families([AMHARIC]) == ["DejaVu Sans", "Noto Sans Ethiopic"]
    assert charts.missing_scripts([AMHARIC]) == []
    assert {entry.name for entry in font_manager.fontManager.ttflist[before:]} == {"Noto Sans Ethiopic"}


def test_control_and_direction_signs_are_not_drawn() -> None:
    """A name cannot turn a line round or break it; joiners that shape letters stay."""
    assert fonts.drawable("\u202eadmin\u0007\n\tx\u2028y") == "admin x y"
    assert "\u200d" in fonts.drawable("ಕ್\u200dಷ")


def test_early_late_and_short_differ_without_red_and_green() -> None:
    """As seen without green cones (Machado, Oliveira, Fernandes 2009, severity 1) and without red ones."""
    deuteranope = [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ]
    protanope = [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
    for eye in (deuteranope, protanope):
        early, late, short = (np.array(eye) @ to_rgb(c) for c in (sheet.EARLY, sheet.LATE, sheet.SHORT))
        for one, two in ((early, late), (late, short), (early, short)):
            assert np.linalg.norm(one - two) > 0.3


# --- the sheet


def test_the_callers_axes_are_drawn_on_and_settings_stay() -> None:
    """No function makes its own figure where one is given, nor touches the reader's settings."""
    before = dict(matplotlib.rcParams)
    ax = Figure().subplots()
    assert charts.coverage(covered(), present(), date=MONDAY, ax=ax) is ax
    assert charts.forecast(expected(), past(), queue="calls", date=MONDAY, ax=Figure().subplots()).lines
    assert dict(matplotlib.rcParams) == before


def test_a_new_sheet_shows_itself_in_jupyter() -> None:
    """Without pyplot: the figure knows its picture."""
    assert charts.heatmap(covered(), queue="calls").figure._repr_png_().startswith(b"\x89PNG")


DRAW = """
import hashlib, sys
sys.path.insert(0, {tests!r})
import test_charts as here
names = [here.AMHARIC, here.KOREAN, here.KANNADA, here.SWAHILI, here.HOSTILE[0]]
ax = here.every_picture("calls", "care", names)[-1]
print(hashlib.sha256(here.charts.png(ax.figure)).hexdigest(), "matplotlib.pyplot" in sys.modules)
"""


def test_the_same_tables_give_the_same_bytes_without_pyplot() -> None:
    """In another process, with other hashes, under another style of the reader."""
    names = [AMHARIC, KOREAN, KANNADA, SWAHILI, HOSTILE[0]]
    mine = hashlib.sha256(charts.png(every_picture("calls", "care", names)[-1].figure)).hexdigest()
    code = DRAW.format(tests=os.path.dirname(__file__))
    env = {**os.environ, "PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "America/Lima"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.split() == [mine, "False"]


# --- the pages of a week


def week(queues: tuple[tuple[str, str], ...] = (("calls", "care"),)) -> Week:
    """Two open days, each queue with its own team of two."""
    days = (MONDAY, MONDAY + dt.timedelta(days=1))
    need = pd.concat([covered(queue, date).assign(team=team) for queue, team in queues for date in days])
    ahead = pd.concat([expected(queue, date) for queue, _ in queues for date in days])
    crowd, work, shifts = [], [], []
    for number, (_, team) in enumerate(queues):
        rows = people([AMHARIC, KANNADA], team)
        crowd.append(rows.assign(agent=f"{number}-" + rows["agent"]))
        work.append(worked([(f"{number}-000", 0, "early"), (f"{number}-001", 1, "late")], team))
        shifts += [Shift("early", team, dt.time(9), 9), Shift("late", team, dt.time(13), 9)]
    done = pd.concat(work, ignore_index=True)
    parts = done[["agent", "start", "end"]].assign(activity="queue", queue=queues[0][0], paid=True)
    empty = pd.DataFrame()
    roster = Roster(done, parts, empty, empty, "optimal", 1.0, 1.0, 100.0, 1.0)
    tables = {
        "site": "shop", "label": "2026-W49", "start": MONDAY, "days": 7, "timezone": "Asia/Seoul",
        "history": pd.concat([past(queue=queue) for queue, _ in queues]), "forecast": ahead,
        "peaks": pd.concat([rushes(team) for _, team in queues]),
        "designs": pd.concat([designed(team) for _, team in queues]), "shifts": tuple(shifts),
        "agents": pd.concat(crowd), "timeoff": leave([]), "roster": roster,
        "requirement": need, "coverage": need, "rules": {},
        "review": ahead.assign(offered=ahead["volume"]), "notes": (), "manifest": {}, "timings": {},
    }  # fmt: skip
    return Week(**{field.name: tables.get(field.name, empty) for field in dataclasses.fields(Week)})


def test_a_week_has_its_five_pictures_for_each_queue_and_team() -> None:
    """Every panel of an open day, the same twice, and the reader's settings stand while a page is out."""
    before = dict(matplotlib.rcParams)
    drawn = {}
    for name, figure in charts.pages(week()):
        assert dict(matplotlib.rcParams) == before
        drawn[name] = figure
    assert list(drawn) == [
        "coverage_calls.png", "gap_calls.png", "forecast_calls.png", "shifts_care.png", "roster_care.png",
    ]  # fmt: skip
    assert [ax.get_title("left") for ax in drawn["coverage_calls.png"].axes] == [
        "Mon 2026-11-30",
        "Tue 2026-12-01",
    ]
    assert [ax.get_title("left") for ax in drawn["forecast_calls.png"].axes] == [
        "Mon 2026-11-30",
        "Tue 2026-12-01",
    ]
    once = {name: charts.png(figure) for name, figure in drawn.items()}
    assert once == {name: charts.png(figure) for name, figure in charts.pages(week())}


def test_days_of_a_page_share_their_scales() -> None:
    """A taller day is a busier day."""
    planned = week()
    quiet = planned.coverage["interval"].dt.day == 1
    calm = planned.coverage.assign(scheduled=planned.coverage["scheduled"].where(~quiet, 1.0))
    pages = dict(charts.pages(dataclasses.replace(planned, coverage=calm)))
    assert len({ax.get_ylim() for ax in pages["coverage_calls.png"].axes}) == 1
    assert len({ax.get_xlim() for ax in pages["coverage_calls.png"].axes}) == 1


def test_names_of_queues_cannot_leave_the_folder() -> None:
    """Paths come from data: letters of every script and digits only, each file once."""
    names = [name for name, _ in charts.pages(week((("../../etc", "a/b"), ("ክፍል 1", "A:B"))))]
    assert names == [
        "coverage_etc.png", "gap_etc.png", "forecast_etc.png",
        "coverage_ክፍል-1.png", "gap_ክፍል-1.png", "forecast_ክፍል-1.png",
        "shifts_A-B.png", "roster_A-B.png", "shifts_a-b-2.png", "roster_a-b-2.png",
    ]  # fmt: skip


@given(st.lists(st.text(max_size=60), max_size=12))
def test_slugs_are_safe_and_different_on_every_file_system(names: list[str]) -> None:
    """No separators, never empty, short, and none equal to another without case or composed letters."""
    found = album.slugs(names)
    assert set(found) == set(names)
    folded = {unicodedata.normalize("NFKD", slug).casefold() for slug in found.values()}
    assert len(folded) == len(found)
    for slug in found.values():
        assert 0 < len(slug) <= album.LONGEST_SLUG + 3
        assert all(sign in "_-" or unicodedata.category(sign)[0] in "LMN" for sign in slug), ascii(slug)


@pytest.mark.parametrize("name", ["album", "fonts", "queues", "sheet", "teams"])
def test_examples_in_docstrings(name: str) -> None:
    """What a docstring shows is what the code does; the package's own page re-exports them."""
    module = importlib.import_module(f"staffing.charts.{name}")
    assert doctest.testmod(module).failed == 0
