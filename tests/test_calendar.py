"""The grid of time, opening hours, closures, holidays, events."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing.calendar import Calendar, at, day_features, grid, infer_opening, week_start
from staffing.errors import DataError

SEOUL = "Asia/Seoul"


def history(opening: dict[int, tuple[int, int]], days: int = 28, start: str = "2026-11-02") -> pd.DataFrame:
    """Ten calls in every half hour of the opening hours."""
    times = pd.date_range(start, periods=48 * days, freq="30min", tz=SEOUL)
    minute, weekday = times.hour * 60 + times.minute, times.day_of_week
    is_open = np.zeros(len(times), dtype=bool)
    for day, (begin, end) in opening.items():
        is_open |= (weekday == day) & (minute >= begin) & (minute < end)
    return pd.DataFrame({"queue": "전화", "interval": times[is_open], "offered": 10.0})


@pytest.mark.parametrize(
    ("label", "starts", "expected"),
    [
        ("2003-W43", "mon", dt.date(2003, 10, 20)),
        ("2026-W53", "mon", dt.date(2026, 12, 28)),
        ("2027-W01", "sun", dt.date(2027, 1, 3)),
        ("2027-W01", "sat", dt.date(2027, 1, 2)),
    ],
)
def test_week_start(label: str, starts: str, expected: dt.date) -> None:
    """A week label gives its first day, also over New Year."""
    assert week_start(label, starts) == expected


@pytest.mark.parametrize("label", ["2026-W54", "next week", "2026W", "2026-49"])
def test_week_start_refuses(label: str) -> None:
    """What is not a week is said so, with the form to write."""
    with pytest.raises(DataError, match="2026-W49"):
        week_start(label)


@pytest.mark.parametrize(
    ("date", "starts", "week"),
    [("2026-12-06", "mon", "2026-W49"), ("2026-12-06", "sun", "2026-W50"), ("2027-01-02", "mon", "2026-W53")],
)
def test_a_date_is_told_its_week(date: str, starts: str, week: str) -> None:
    """Who writes a day of the week is told the week in which it lies, by the site's first day."""
    with pytest.raises(DataError, match=f"is a date, not a week -> it lies in {week}: write that"):
        week_start(date, starts)
    assert 0 <= (dt.date.fromisoformat(date) - week_start(week, starts)).days < 7


def test_every_wrong_span_is_told_once() -> None:
    """All wrong hours of all queues at once; one that holds on every day is one mistake."""
    wrong = {
        "calls": {"mon": [("9", "18:00"), ("18:00", "x")], "moon": [("09:00", "10:00")]},
        "chat": {"daily": [("25:00", "26:00")]},
    }
    with pytest.raises(DataError) as error:
        Calendar(opening=wrong)
    assert [problem.column for problem in error.value.found] == ["calls", "calls", "calls", "chat"]


def test_clock_change_days() -> None:
    """Madrid's days of 23 and 25 hours have that many; skipped times move on, repeated ones are the first."""
    assert len(grid(dt.date(2026, 3, 29), 1, 30, "Europe/Madrid")) == 46
    assert len(grid(dt.date(2026, 10, 25), 1, 30, "Europe/Madrid")) == 50
    assert at(dt.date(2026, 3, 29), 150, "Europe/Madrid").hour == 3
    assert at(dt.date(2026, 10, 25), 150, "Europe/Madrid").utcoffset() == dt.timedelta(hours=2)


def test_daily_grid_keeps_midnight() -> None:
    """Daily intervals start at midnight on both sides of a change of clock."""
    days = grid(dt.date(2026, 10, 24), 3, 1440, "Europe/Madrid")
    assert list(days.hour) == [0, 0, 0]
    assert list(days.day) == [24, 25, 26]


def test_slots_follow_opening_and_closures() -> None:
    """Only open intervals, none on a closed date, and a night span reaches into the next day."""
    calendar = Calendar(
        opening={"calls": {"mon": [("09:00", "12:00"), ("13:00", "14:00")], "fri": [("22:00", "02:00")]}},
        closed=["2026-12-07"],
    )
    week = calendar.slots("calls", dt.date(2026, 11, 30), 7, 30, SEOUL)
    assert len(week) == 6 + 2 + 4 + 4
    assert week[-1] == pd.Timestamp("2026-12-05 01:30", tz=SEOUL)
    assert len(calendar.slots("calls", dt.date(2026, 12, 7), 1, 30, SEOUL)) == 0


def test_part_open_interval_is_open() -> None:
    """An interval that the opening hours cut is open."""
    calendar = Calendar(opening={"calls": {"daily": [("09:10", "10:20")]}})
    times = calendar.slots("calls", dt.date(2026, 11, 30), 1, 30, SEOUL)
    assert [f"{time:%H:%M}" for time in times] == ["09:00", "09:30", "10:00"]


def test_unknown_hours_say_what_to_do() -> None:
    """A queue without hours is refused with the remedy."""
    with pytest.raises(DataError, match="learn_opening"):
        Calendar().slots("calls", dt.date(2026, 11, 30), 1, 30, SEOUL)


def test_every_problem_at_once() -> None:
    """Country, weekday, hours, date and week start are all reported together."""
    with pytest.raises(DataError) as caught:
        Calendar(
            "XX",
            opening={"q": {"monday": [], "tue": [("9", "18:00")]}},
            closed=["2026-13-01"],
            week_starts="w",
        )
    assert len(caught.value.problems) == 5


def test_unknown_region() -> None:
    """A region that the country does not have is answered with those it has."""
    with pytest.raises(DataError, match="MD"):
        Calendar("ES", region="Madrid!")


def test_events_are_checked() -> None:
    """An event that ends before it starts, or leaves no contacts, is refused."""
    day = pd.Timestamp("2026-11-27").as_unit("us")
    events = pd.DataFrame(
        {"name": ["sale"], "queue": "all", "start": [day], "end": [day - pd.Timedelta(days=1)]}
    )
    with pytest.raises(DataError, match="ends before"):
        Calendar(events=events)
    with pytest.raises(DataError, match="leaves no contacts"):
        Calendar(events=events.assign(end=day, effect=-1.0))


def test_public_holidays_and_closures() -> None:
    """Public holidays are open unless closed says public or names them."""
    july = dt.date(2003, 7, 1), dt.date(2003, 7, 31)
    assert Calendar("US").closures(*july) == set()
    assert Calendar("US", closed="public").closures(*july) == {dt.date(2003, 7, 4)}
    year = dt.date(2003, 1, 1), dt.date(2003, 12, 31)
    named = Calendar("US", closed=["Christmas Day", dt.date(2003, 8, 1)]).closures(*year)
    assert named == {dt.date(2003, 12, 25), dt.date(2003, 8, 1)}
    with pytest.raises(DataError, match="no country"):
        Calendar(closed="public")


def test_infer_opening_by_weekday() -> None:
    """Each weekday's own hours are found; a weekday without contacts is closed."""
    table = history({0: (540, 1080), 4: (540, 780)})
    assert infer_opening(table) == {"전화": {"mon": [("09:00", "18:00")], "fri": [("09:00", "13:00")]}}


def test_infer_opening_ignores_zeros_and_an_odd_night() -> None:
    """A table of day and night with zeros is closed at night, even if calls came there once."""
    times = pd.date_range("2026-11-02", periods=48 * 28, freq="30min", tz=SEOUL)
    calls = np.where((times.hour >= 9) & (times.hour < 18), 5.0, 0.0)
    calls[4] = 3.0
    table = pd.DataFrame({"queue": "calls", "interval": times, "offered": calls})
    found = infer_opening(table)["calls"]
    assert set(found) == {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
    assert all(spans == [("09:00", "18:00")] for spans in found.values())


def test_infer_opening_keeps_a_quiet_queue_open() -> None:
    """A queue with hardly any contacts is open where its table has intervals."""
    table = history({0: (540, 1080)}).assign(offered=0.0)
    assert infer_opening(table) == {"전화": {"mon": [("09:00", "18:00")]}}


@settings(max_examples=15, deadline=None, database=None)
@given(
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    begin=st.integers(0, 40),
    length=st.integers(2, 8),
)
def test_learned_hours_give_back_the_intervals(weekdays: set[int], begin: int, length: int) -> None:
    """Hours learned from a history, asked for the same days, are its intervals again."""
    table = history(dict.fromkeys(weekdays, (30 * begin, 30 * (begin + length))), days=14)
    again = Calendar().learn_opening(table).slots("전화", dt.date(2026, 11, 2), 14, 30, SEOUL)
    assert list(again) == list(table["interval"])


def test_given_hours_are_not_overruled() -> None:
    """Hours that the planner gave stay when the other queues' are learned."""
    table = history({0: (540, 1080)})
    calendar = Calendar(opening={"전화": {"mon": [("10:00", "11:00")]}}).learn_opening(table)
    assert calendar.hours("전화") == {0: ((600, 660),)}


def test_day_features_around_a_closure() -> None:
    """Days after and before a closure, the month's ends and its middle are marked by open days."""
    dates = pd.date_range("2026-11-01", "2026-11-30")
    normally = np.asarray(dates.day_of_week < 5)
    is_open = normally & ~np.asarray(dates.day == 11)
    features, names, groups = day_features(dates, is_open, normally)
    table = pd.DataFrame(features, index=dates.day, columns=names)
    assert table["1st day after a closure"].to_dict()[12] == 1.0
    assert table["1st day after a closure"].sum() == 1.0
    assert table.loc[13, "2nd day after a closure"] == 0.7
    assert table.loc[10, "1st day before a closure"] == 0.5
    assert table.loc[2, "1st open day of the month"] == 1.0
    assert table.loc[30, "last open day of the month"] == 1.0
    assert table.loc[16, "mid month +0"] == 1.0
    assert set(groups) == {"close", "bom", "eom", "mid", "dom"}


def test_a_gap_is_no_closure() -> None:
    """A missing day that is marked as a gap has no day after a closure."""
    dates = pd.date_range("2026-11-01", "2026-11-30")
    normally = np.asarray(dates.day_of_week < 5)
    is_open = normally & ~np.asarray(dates.day == 11)
    features, names, _ = day_features(dates, is_open, normally, gaps=[dt.date(2026, 11, 11)])
    assert features[:, names.index("1st day after a closure")].sum() == 0.0


def test_holiday_features() -> None:
    """A holiday, its eve, the day after and the bridge to the weekend are marked."""
    dates = pd.date_range("2026-11-01", "2026-11-30")
    normally = np.asarray(dates.day_of_week < 5)
    features, names, _ = day_features(
        dates, normally, normally, holidays={dt.date(2026, 11, 26): "Thanksgiving"}
    )
    table = pd.DataFrame(features, index=dates.day, columns=names)
    assert table.index[table["public holiday"] == 1].tolist() == [26]
    assert table.index[table["eve of a public holiday"] == 1].tolist() == [25]
    assert table.index[table["day after a public holiday"] == 1].tolist() == [27]
    assert table.index[table["bridge day"] == 1].tolist() == [27]


def test_after_effects_are_checked() -> None:
    """An after-effect that leaves no contacts is refused like an effect."""
    day = pd.Timestamp("2026-11-27").as_unit("us")
    events = pd.DataFrame({"name": ["sale"], "queue": ["all"], "start": [day], "end": [day]})
    with pytest.raises(DataError, match="leaves no contacts"):
        Calendar(events=events.assign(effect=0.2, after_effect=-1.0))
    kept = Calendar(events=events.assign(effect=0.2, after_effect=-0.1, after_days=3)).events_of("전화")
    assert kept[["effect", "after_effect", "after_days"]].to_numpy().tolist() == [[0.2, -0.1, 3.0]]


def test_hours_of_a_week_from_sunday_to_thursday() -> None:
    """Where Friday and Saturday are free, no hours are learned for them and no slot is open."""
    table = history({6: (480, 1020), **dict.fromkeys(range(4), (480, 1020))})
    known = Calendar("IL", week_starts="sun").learn_opening(table)
    assert sorted(known.hours("전화") or {}) == [0, 1, 2, 3, 6]
    week = known.slots("전화", week_start("2026-W50", "sun"), 7, 30, SEOUL)
    assert sorted(set(week.day_of_week)) == [0, 1, 2, 3, 6]
    assert week[0].day_of_week == 6
