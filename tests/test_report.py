"""What a planner reads first: whose hours differ from the contract, and which day a rule starves."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from staffing import report

DAYS = pd.date_range("2026-11-30", periods=7, unit="us")


def paid(*hours: float) -> SimpleNamespace:
    """A week of one person for each of these hours, all with a contract of 40."""
    people = [f"{number:03}" for number in range(len(hours))]
    start = DAYS[0].tz_localize("Asia/Seoul")
    worked = {"agent": people, "date": DAYS[0], "paid_hours": hours, "team": "care", "shift": "early",
              "start": start, "end": start + pd.Timedelta(hours=9)}  # fmt: skip
    agents = pd.DataFrame(
        {"agent": people, "name": "김민지", "team": "care", "contract": "full", "hours_week": 40.0}
    )
    leave = pd.DataFrame(columns=["agent", "start", "end", "kind", "credit_hours"])
    objective = pd.DataFrame({"part": ["hours_not_rostered"], "amount": [0.0]})
    roster = SimpleNamespace(assignments=pd.DataFrame(worked), objective=objective)
    return SimpleNamespace(roster=roster, agents=agents, timeoff=leave, start=DAYS[0].date(), days=7)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ((40, 40), "everybody gets the hours of the contract"),
        ((44, 40), "1 person works 4.0 h more than by contract, as hours_week allows"),
        ((32, 36, 40), "2 people work 12.0 h less in all than by contract"),
        ((44, 32, 36), "1 person works 4.0 h more and 2 people work 12.0 h less in all than by contract"),
    ],
)
def test_hours_beside_the_contract_in_words(hours: tuple[float, ...], words: str) -> None:
    """How many people, how many hours, and in which direction."""
    (line,) = report._contract_lines(paid(*hours))
    assert words in line


def short(by_day: list[float]) -> SimpleNamespace:
    """A week in which eight people are needed in one hour of each day, and so many of them are missing."""
    times = (DAYS + pd.Timedelta(hours=9)).tz_localize("Asia/Seoul")
    table = pd.DataFrame(
        {"queue": "calls", "team": "care", "interval": times, "agents": 8.0, "scheduled": 8.0}
    )
    table["staffed"] = 8.0 - pd.Series(by_day)
    table["gap"] = -pd.Series(by_day)
    table = table.assign(expected=table["staffed"], service_level=0.5, occupancy=0.8, why="")
    target = {"answered": 0.8, "over": "interval"}
    return SimpleNamespace(coverage=table.assign(volume=9.0), manifest={"targets": {"calls": target}})


def test_a_day_that_is_starved_points_to_the_rules() -> None:
    """Saturday lacks most of what is short: named, with the command that prices the rules."""
    line = report._short_lines(short([0, 1, 0, 0, 0, 6, 0]), "care")[-1]
    assert "Sat lacks 144.0 of its 192.0 h, most of what is short" in line
    assert "`staffing prices` on this folder says what each rule costs" in line


@pytest.mark.parametrize("by_day", [[2, 2, 2, 2, 2, 2, 2], [0, 0, 0, 0, 0, 0.5, 0]])
def test_a_lack_of_every_day_or_a_small_one_points_nowhere(by_day: list[float]) -> None:
    """People are too few on all days, or one day lacks next to nothing: no rule is to be suspected."""
    assert not any("staffing prices" in line for line in report._short_lines(short(by_day), "care"))
