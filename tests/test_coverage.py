"""Who is on the queue: counted minute by minute, and what it gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import coverage, requirement
from staffing.model import Queue, Shrinkage

DAY = pd.Timestamp("2026-11-30", tz="Asia/Seoul").as_unit("us")
QUEUE = Queue("calls", team="care", aht=180.0, shrinkage=(Shrinkage("sick", rate=0.1),))


def minute(number: int) -> pd.Timestamp:
    return DAY + pd.Timedelta(minutes=number)


def segments(rows: list[tuple[str, int, int, str]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "agent": [row[0] for row in rows],
            "start": [minute(row[1]) for row in rows],
            "end": [minute(row[2]) for row in rows],
            "activity": [row[3] for row in rows],
            "queue": ["calls" if row[3] == "queue" else "" for row in rows],
            "paid": True,
        }
    )


def need(volume: list[float]) -> pd.DataFrame:
    times = pd.date_range(minute(540), periods=len(volume), freq="30min", unit="us")
    return requirement.compute(pd.DataFrame({"queue": "calls", "interval": times, "volume": volume}), [QUEUE])


@given(st.lists(st.tuples(st.integers(480, 700), st.integers(1, 200)), min_size=1, max_size=12))
def test_staffed_is_the_mean_over_the_minutes(spans: list[tuple[int, int]]) -> None:
    """Whatever the segments, each interval holds the mean of its thirty minutes."""
    rows = [(f"a{number}", start, start + length, "queue") for number, (start, length) in enumerate(spans)]
    table = need([10.0] * 6)
    counted = [
        np.mean(
            [sum(start <= clock < end for _, start, end, _ in rows) for clock in range(begin, begin + 30)]
        )
        for begin in range(540, 720, 30)
    ]
    assert coverage.staffed(segments(rows), table) == pytest.approx(counted, abs=1e-9)


def test_lunch_is_not_on_the_queue() -> None:
    """Only the activity queue counts."""
    rows = [("007", 540, 600, "queue"), ("007", 600, 660, "lunch"), ("007", 660, 720, "queue")]
    assert coverage.staffed(segments(rows), need([1.0] * 6)).tolist() == [1, 1, 0, 0, 1, 1]


def test_expected_people_give_the_service() -> None:
    """Gap is against the scheduled number, service comes from those who turn up."""
    table = need([100.0] * 4)
    people = int(table["scheduled"].max())
    rows = [(f"a{number:02}", 540, 660, "queue") for number in range(people)]
    told = pd.DataFrame({"queue": ["calls"], "interval": [minute(540)], "why": ["never shown"]})
    measured = coverage.measure(table, segments(rows), [QUEUE], shortages=told)
    assert (measured["staffed"] == people).all()
    assert measured["expected"].tolist() == pytest.approx([people * 0.9] * 4)
    assert (measured["gap"] == people - measured["scheduled"]).all()
    assert measured["service_level"].between(0.8, 1.0).all()
    assert measured["why"].tolist() == [""] * 4


def test_nobody_at_all_is_a_value() -> None:
    """An empty roster serves nobody and says so, it does not raise."""
    none = segments([]).astype({"start": "datetime64[us, Asia/Seoul]", "end": "datetime64[us, Asia/Seoul]"})
    measured = coverage.measure(need([100.0, 0.0]), none, [QUEUE])
    assert measured["service_level"].iloc[0] == 0.0
    week = coverage.totals(measured).iloc[-1]
    assert week["on_queue"] == 0 and week["efficiency"] == 1.0 and week["intervals_short"] == 2


def test_totals_add_up() -> None:
    """Need = on the queue - over + short, on each day and over the week."""
    table = need([100.0, 300.0, 20.0, 50.0])
    rows = [(f"a{number:02}", 540, 660, "queue") for number in range(20)]
    totals = coverage.totals(coverage.measure(table, segments(rows), [QUEUE]))
    assert len(totals) == 2
    assert (totals["on_queue"] - totals["over"] + totals["short"]).tolist() == pytest.approx(
        totals["needed"].tolist()
    )
    assert totals["worst"].iloc[0] == minute(570)


def test_early_and_late_people_add_up_to_all() -> None:
    """Each segment belongs to the shift that its person works that day."""
    rows = [("a", 540, 660, "queue"), ("b", 600, 720, "queue")]
    shifts = pd.DataFrame(
        {"agent": ["a", "b"], "shift": ["early", "late"], "start": [minute(540), minute(600)]}
    )
    table = need([1.0] * 6)
    split = coverage.by_shift(table, shifts, segments(rows))
    total = split.groupby("interval")["staffed"].sum()
    assert total.tolist() == coverage.staffed(segments(rows), table).tolist()
    assert split[split["shift"] == "late"]["staffed"].tolist() == [0, 0, 1, 1, 1, 1]
