"""Rules that cannot hold together: the smallest sets to relax, cheapest first, against enumeration."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pandas as pd
import pytest
from roster_tables import BOTH, EARLY, LATE, MONDAY, asked, day, leave, need, people, worked

from staffing import roster
from staffing.errors import PlanError
from staffing.model import Limit, Rules

RIGID = Rules(rotate=None)


def refusal(rules: Rules, **tables: Any) -> str:
    """What is said where nobody can be rostered."""
    with pytest.raises(PlanError) as told:
        roster.assign(need(), BOTH, people(1), rules, **tables)
    (reason,) = told.value.reasons
    return reason


CASES = [
    pytest.param(
        Rules(days_in_row=Limit(max=4)),
        {"previous": worked("001", EARLY, range(-3, 0)), "requests": asked(("001", 0, 4, "lock", "", 0.0))},
        "allow 8 days in a row, 3 of them before the week (days_in_row, at most 4)",
        {"rules": Rules(days_in_row=Limit(max=8))},
        id="the longest run, last week's days counted",
    ),
    pytest.param(
        Rules(same_shift_in_week=None, rest_hours=16.0),
        {"requests": asked(*((("001", n, n, "lock", "late" if n < 2 else "early", 0.0)) for n in range(5)))},
        "let 9 h between two shifts do (rest_hours, 16 h)",
        {"rules": Rules(same_shift_in_week=None, rest_hours=9.0)},
        id="rest",
    ),
    pytest.param(
        RIGID,
        {"requests": asked(("001", 0, 1, "lock", "early", 0.0), ("001", 2, 4, "lock", "late", 0.0))},
        "let the shifts mix in the week (same_shift_in_week)",
        {"rules": Rules(rotate=None, same_shift_in_week=None)},
        id="mixed shifts",
    ),
    pytest.param(
        Rules(rotate=float("inf")),
        {
            "previous": worked("001", LATE, range(-7, -2)),
            "requests": asked(("001", 0, 4, "lock", "late", 0.0)),
        },
        "let the week be on the same shift as last week (rotate)",
        {"rules": Rules(rotate=20.0)},
        id="rotation",
    ),
    pytest.param(
        Rules(days_week=Limit(max=3)),
        {},
        "allow 5 days a week (days_week, at most 3)",
        {"rules": Rules(days_week=Limit(max=5))},
        id="days a week",
    ),
    pytest.param(
        Rules(),
        {"timeoff": leave(("001", 2, 2, 8.0)), "requests": asked(("001", 2, 2, "lock", "late", 0.0))},
        "drop the lock (late) on Wed 2026-12-02 (requests)",
        {"requests": asked()},
        id="a lock on a day of leave",
    ),
    pytest.param(
        Rules(hours_week=Limit(min=30, max=30)),
        {},
        "let 32 h do (hours_week, 30 h owed)",
        {"rules": Rules(hours_week=Limit(min=30, max=32))},
        id="hours that whole shifts cannot make",
    ),
]


def test_hours_are_told_to_the_hundredth() -> None:
    """A third of a leave day's credit is no six digits of hours."""
    told = refusal(
        Rules(), timeoff=leave(("001", -1, 1, 20.0)), requests=asked(("001", 2, 6, "lock", "", 0.0))
    )
    assert "26.67 h owed" in told and "26.6667" not in told


@pytest.mark.parametrize(("rules", "tables", "told", "mended"), CASES)
def test_what_is_told_is_enough(rules: Rules, tables: dict, told: str, mended: dict) -> None:
    """The concrete change stands among the ways, and with it alone there is a roster."""
    assert told in refusal(rules, **tables)
    made = roster.assign(need(), BOTH, people(1), **({"rules": rules} | tables | mended))
    assert len(made.assignments)


def test_a_lock_on_a_closed_day_says_that_nothing_is_open() -> None:
    """Nobody can be asked to work where no queue of theirs is open: that is the reason, not a rule."""
    weekdays = need([dict.fromkeys(range(8, 23), 1.0)] * 5 + [{}] * 2)
    with pytest.raises(PlanError) as told:
        roster.assign(weekdays, BOTH, people(1), requests=asked(("001", 5, 5, "lock", "", 0.0)), start=MONDAY)
    (reason,) = told.value.reasons
    assert reason.endswith("drop the lock on Sat 2026-12-05 (requests; nothing is open for them)")


def test_no_smaller_set_would_do() -> None:
    """Where two things are told together, neither of them is enough by itself."""
    rules = Rules(days_week=Limit(max=4), days_in_row=Limit(max=3), hours_week=Limit(min=40, max=40))
    tables = {"requests": asked(("001", 0, 4, "lock", "early", 0.0))}
    reason = refusal(rules, **tables)
    assert (
        "allow 5 days a week (days_week, at most 4) and allow 5 days in a row (days_in_row, at most 3)"
        in reason
    )
    for name, limit in (("days_week", Limit(max=5)), ("days_in_row", Limit(max=5))):
        refusal(dataclasses.replace(rules, **{name: limit}), **tables)
    wide = dataclasses.replace(rules, days_week=Limit(max=5), days_in_row=Limit(max=5))
    assert len(roster.assign(need(), BOTH, people(1), wide, **tables).assignments) == 5


def test_requests_come_before_leave_and_each_way_once() -> None:
    """Cheapest first: a request, then hours; a rule is told once, with its nearest value."""
    reason = refusal(Rules(), requests=asked(("001", 1, 3, "forbid", "", 0.0)))
    ways = reason.split("cheapest first: ")[1].split("; or ")
    assert [way.split(" (")[0] for way in ways] == [
        "drop the forbid on Thu 2026-12-03", "drop the forbid on Tue 2026-12-01", "let 32 h do",
    ]  # fmt: skip


def test_people_in_the_same_position_are_told_together() -> None:
    """One reason for the alike, by their ids; who can be rostered is not named."""
    crew = people(8)
    crew.loc[7, "hours_week"] = 32.0
    with pytest.raises(PlanError) as told:
        roster.assign(need(), BOTH, crew, Rules(days_week=Limit(max=4)))
    assert len(told.value.reasons) == 1
    assert "'001', '002', '003', '004', '005' and 2 more" in told.value.reasons[0]
    assert "'008'" not in told.value.reasons[0]


def test_frozen_days_that_leave_no_week_are_named() -> None:
    """A published week of seven days cannot be frozen whole; which days to open is said."""
    before = worked("001", EARLY, range(7))
    reason = refusal(Rules(), keep=before, frozen_until=day(7).date())
    assert (
        "first: change the published Mon 2026-11-30 too (frozen days) and change the published Tue" in reason
    )


def test_smallest_sets_are_those_of_enumeration() -> None:
    """Over every subset of four rules, the first told is one of the smallest that give a week."""
    rules = Rules(
        days_week=Limit(max=4),
        days_in_row=Limit(max=2),
        days_off_together=Limit(min=3),
        hours_week=Limit(min=40),
    )
    free = {"days_week": Limit(), "days_in_row": Limit(), "days_off_together": Limit(), "hours_week": Limit()}
    least = []
    for size in range(1, 5):
        for some in itertools.combinations(free, size):
            try:
                roster.assign(
                    need(), BOTH, people(1), dataclasses.replace(rules, **{n: free[n] for n in some})
                )
            except PlanError:
                continue
            least.append(set(some))
        if least:
            break
    ways = refusal(rules).split("cheapest first: ")[1].split("; or ")
    told = [{name for name in free if f"({name}," in way} for way in ways]
    assert sorted(map(sorted, told)) == sorted(map(sorted, least))


def test_hostile_ids_are_quoted() -> None:
    """An id is text in the message, whatever it holds."""
    crew = people(1).assign(agent=pd.Series(["=1+1;{0}%s"], dtype="str"))
    with pytest.raises(PlanError, match=r"'=1\+1;\{0\}%s'"):
        roster.assign(need(), BOTH, crew, Rules(days_week=Limit(max=1)))


def test_who_lacks_the_skill_is_counted_among_the_reasons() -> None:
    """A queue that one of three can answer: the half hours after her shift say so, and who is missing."""
    both = pd.concat([need(), need(queue="chat")], ignore_index=True)
    skills = pd.DataFrame({"agent": ["001", "002", "003"], "queue": ["chat", "calls", "calls"]})
    made = roster.assign(both, BOTH, people(3), skills=skills)
    why = made.shortages.groupby("queue")["why"].first()
    assert why["chat"].startswith("of 1 who can answer it: ") and why["chat"].endswith(
        "; 2 of the team lack the skill"
    )
    assert why["calls"].endswith("; 1 of the team lacks the skill")
