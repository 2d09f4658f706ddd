"""Why somebody works on a day, who could swap, and what each rule costs: on weeks small enough to know."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from roster_tables import BOTH, MONDAY, asked, day, leave, need, one_rule, people, worked

from staffing import coverage, roster, verify, whatif
from staffing.errors import DataError, PlanError
from staffing.model import Deferred, Limit, Queue, Rules, Shift, Team, Training
from staffing.whatif import without
from staffing.whatif.reason import _without_asking

SUNDAY = MONDAY + dt.timedelta(days=6)
IDS = ("001", "002", "003")
MORNING = dict.fromkeys(range(8, 16), 1.0)
PLAIN = (Shift("early", "shop", dt.time(8), 8), Shift("late", "shop", dt.time(14), 8))


def a_case(**changed: Any) -> dict[str, Any]:
    """Two people of eight hours a week for one morning on Sunday, no other rule."""
    rules = one_rule(hours_week=Limit(max=8))
    return {"demand": need([{}] * 6 + [MORNING]), "shifts": PLAIN, "agents": people(2), "rules": rules,
            "start": MONDAY} | changed  # fmt: skip


def test_somebody_else_can_work_on_sunday() -> None:
    """Who works costs nothing to replace: the other comes, two days change, and the swap is named."""
    case = a_case()
    made = roster.assign(**case)
    (who,) = made.assignments["agent"]
    other = {"001": "002", "002": "001"}[who]
    told = whatif.why(made.assignments, who, SUNDAY, case)
    assert told.works == "early 08:00-16:00" and told.barred == ()
    assert whatif.why(made.assignments, told.name, SUNDAY, case).agent == who
    assert told.ways["cost"].tolist() == [0.0, 0.0] and told.ways["days"].tolist() == [2, 2]
    assert dict(zip(told.changes["agent"], told.changes["after"], strict=True)) == {
        who: "OFF", other: "early 08:00-16:00",
    }  # fmt: skip
    assert told.swaps.to_dict("records") == [
        {"agent": other, "what": "takes Sun 2026-12-06 early", "days": 1, "cost": 0.0}
    ]
    lines = "\n".join(whatif.why_lines(told))
    assert "no dearer; 2 changed days" in lines and "need not cost anything" in lines


def test_nobody_else_can_so_half_hours_stay_short() -> None:
    """With one person the price is the morning itself: its half hours, less what was to spare."""
    case = a_case(agents=people(1))
    made = roster.assign(**case)
    told = whatif.why(made.assignments, "001", SUNDAY, case, price_change=1.0)
    few = told.ways.iloc[0]
    assert few["short"] == 16.0
    empty = roster.assign(**case | {"agents": people(0)})
    assert few["cost"] == pytest.approx((empty.cost - made.cost) / 100.0)
    assert few["least"] == pytest.approx(few["cost"])
    assert told.gaps["change"].sum() == pytest.approx(-8.0) and told.swaps.empty
    assert "newly short or worse: 8 intervals" in "\n".join(whatif.why_lines(told))


def test_the_price_is_never_below_the_bound_and_what_enumeration_says() -> None:
    """On a random week of three people the change of the optimum lies between least and cost."""
    rng = np.random.default_rng(3)
    hours = [{hour: float(rng.integers(0, 3)) for hour in range(8, 23)} for _ in range(7)]
    case = a_case(demand=need(hours), agents=people(3), rules=Rules(hours_week=Limit(min=24, max=40)))
    made = roster.assign(**case)
    row = made.assignments.iloc[0]
    told = whatif.why(made.assignments, row["agent"], row["date"].date(), case)
    forbidden = asked((row["agent"], (row["date"].date() - MONDAY).days, (row["date"].date() - MONDAY).days,
                       "forbid", "", 0.0))  # fmt: skip
    best = roster.assign(**case | {"requests": forbidden})
    true = (best.cost - made.cost) / 100.0
    anew = told.ways.iloc[1]
    assert anew["least"] - 1e-6 <= true <= anew["cost"] + 1e-6
    assert told.ways.iloc[0]["cost"] >= anew["least"] - 1e-6


def test_a_wish_that_is_lost_is_named() -> None:
    """Where the colleague had asked to be off, that wish stands among the reasons."""
    case = a_case(requests=asked(("002", 6, 6, "avoid", "", 7.0)))
    made = roster.assign(**case)
    assert made.assignments["agent"].tolist() == ["001"]
    told = whatif.why(made.assignments, "001", SUNDAY, case)
    assert told.wishes[["agent", "kind", "price"]].to_numpy().tolist() == [["002", "avoid", 7.0]]
    assert told.ways.iloc[0]["cost"] == pytest.approx(0.07) and told.ways.iloc[0]["wishes"] == 1.0
    assert "not granted: 002's avoid on Sun 2026-12-06" in "\n".join(whatif.why_lines(told))
    assert told.swaps["cost"].tolist() == [7.0]


def test_whoever_has_planned_training_is_offered_no_swap() -> None:
    """Its time would be lost: of three who could take the morning the one with a talk is left out."""
    talk = Training("talk", 30, agents=("002",), days=("sun",))
    case = a_case(demand=need([{}] * 6 + [dict.fromkeys(range(8, 16), 2.0)]), agents=people(4))
    with_talk = case | {"trainings": (talk,), "requests": asked(("002", 6, 6, "lock", "early", 0.0))}
    made = roster.assign(**with_talk)
    (other,) = set(made.assignments["agent"]) - {"002"}
    free = {"001", "003", "004"} - {other}
    told = whatif.why(made.assignments, other, SUNDAY, with_talk)
    assert set(told.swaps["agent"]) == free
    assert whatif.why(made.assignments, "002", SUNDAY, with_talk).swaps.empty
    assert "trainings" in whatif.rule_prices(with_talk, rules=["trainings"])["rule"].tolist()


def test_the_published_training_stands_not_what_would_be_placed_anew() -> None:
    """One of two has the talk on Saturday; whose it is in the published roster is offered no swap."""
    talk = Training("talk", 30, agents=("001", "002"), days=("sat", "sun"), at_once=1,
                    window=(dt.time(10), dt.time(10, 30)))  # fmt: skip
    locks = [(agent, at, at, "lock", "early", 0.0) for agent, at in zip(IDS, (5, 5, 6), strict=True)]
    days = [{}] * 5 + [dict.fromkeys(range(8, 16), heads) for heads in (2.0, 1.0)]
    case = a_case(demand=need(days), agents=people(3), trainings=(talk,), requests=asked(*locks))
    made = roster.assign(**case)
    (holds,) = made.segments.loc[made.segments["activity"] == "training", "agent"]
    other = {"001": "002", "002": "001"}[holds]
    swapped = made.segments.assign(agent=made.segments["agent"].replace({holds: other, other: holds}))
    case["requests"] = None
    for segments, free in ((made.segments, other), (swapped, holds)):
        told = whatif.why(made.assignments, "003", SUNDAY, case, segments=segments)
        assert told.swaps["agent"].tolist() == [free]


def test_rules_that_bar_it_are_told_without_the_question_itself() -> None:
    """Forty hours in the five days that are left: what to relax is told, not the request just made."""
    rigid = a_case(demand=need(), shifts=BOTH, agents=people(1), rules=Rules(days_off_together=Limit(min=2)),
                   requests=asked(("001", 5, 6, "forbid", "", 0.0)))  # fmt: skip
    made = roster.assign(**rigid)
    told = whatif.why(made.assignments, "001", MONDAY + dt.timedelta(days=2), rigid)
    assert len(told.barred) == 1 and told.ways.empty
    assert "drop the forbid on Wed" not in told.barred[0]
    assert "first: let 32 h do (hours_week, 40 h owed)" in told.barred[0]
    assert told.barred[0].startswith("To relax, cheapest first: ")
    assert "No week in which 001 is free on that day keeps the rules." in whatif.why_lines(told)


def test_a_free_day_is_asked_about_the_other_way_round() -> None:
    """Why is somebody not at work: the day is locked, and nobody swaps it."""
    case = a_case()
    made = roster.assign(**case)
    free = {"001": "002", "002": "001"}[made.assignments["agent"].iloc[0]]
    told = whatif.why(made.assignments, free, SUNDAY, case)
    assert told.works == "OFF" and told.swaps.empty
    assert told.ways.iloc[0]["days"] == 1 and told.ways.iloc[1]["cost"] == 0.0
    assert "works on that day" in "\n".join(whatif.why_lines(told))


def test_unknown_people_and_days_come_with_what_was_meant() -> None:
    """Both problems at once, the id found by its zeros or by the name."""
    case = a_case()
    made = roster.assign(**case)
    with pytest.raises(DataError, match="did you mean '001'") as told:
        whatif.why(made.assignments, "1", dt.date(2026, 12, 13), case)
    assert len(told.value.found) == 2 and "from 2026-11-30 to 2026-12-06" in str(told.value)
    with pytest.raises(DataError, match="did you mean '002'"):
        whatif.why(made.assignments, "አበበ በቀላ", SUNDAY, case)
    with pytest.raises(DataError, match="2 people have this name: give the id, 001 or 006"):
        whatif.why(made.assignments, "김민지", SUNDAY, a_case(agents=people(6)))
    with pytest.raises(DataError, match="no shift is named 'night' -> write early or late"):
        whatif.why(made.assignments, "001", SUNDAY, case, shift="night")
    with pytest.raises(DataError, match="works no shift of the team on 2026-12-01"):
        roster.swaps(made.assignments, "001", day(1).date(), **case)


def test_a_roster_that_breaks_a_rule_is_not_explained() -> None:
    """First the roster must be lawful: what it breaks is told instead."""
    with pytest.raises(PlanError, match="'001'"):
        whatif.why(worked("001", PLAIN[0], [5, 6]), "001", SUNDAY, a_case())


def test_swaps_keep_every_rule_and_the_same_cover() -> None:
    """Each swap carried out by hand passes the checker and leaves no half hour otherwise staffed."""
    demand, crew = need(dict.fromkeys(range(8, 23), 2.0)), people(7)
    case: dict[str, Any] = {"demand": demand, "shifts": BOTH, "agents": crew, "start": MONDAY}
    rules = Rules(days_off_together=Limit(min=1))
    made = roster.assign(**case, rules=rules)
    tried = 0
    for agent, date in made.assignments.groupby("agent")["date"].first().items():
        found = roster.swaps(made.assignments, str(agent), date.date(), **case, rules=rules)
        for swap in found.to_dict("records"):
            table = made.assignments.copy()
            names = {agent: swap["agent"], swap["agent"]: agent}
            days = pd.to_datetime([word for word in swap["what"].replace(",", "").replace(";", "").split()
                                   if word.startswith("2026")])  # fmt: skip
            here = table["date"].isin(days) & table["agent"].isin(list(names))
            table.loc[here, "agent"] = table.loc[here, "agent"].map(names)
            table = table.sort_values(["agent", "date"], ignore_index=True)
            segments = roster.segments(table, BOTH, queues={"shop": "calls"})
            broken = verify.roster(table, segments, demand, crew, rules, shifts=BOTH, start=MONDAY)
            assert broken.empty, broken
            counts = [some.groupby(["date", "shift"]).size() for some in (table, made.assignments)]
            pd.testing.assert_series_equal(*counts)
            tried += 1
    assert tried > 5


def test_the_price_of_a_rule_is_what_the_week_gains_without_it() -> None:
    """A rule that keeps somebody home costs the hours of that day; one that binds nobody costs nothing."""
    rules = one_rule(hours_week=Limit(max=16), days_week=Limit(max=1), rest_hours=1.0)
    case = a_case(demand=need([MORNING, MORNING, {}, {}, {}, {}, {}]), agents=people(1), rules=rules)
    said: list[str] = []
    asked_for = ["rest_hours", "days_week"]
    table = whatif.rule_prices(case, rules=asked_for, progress=said.append).set_index("rule")
    assert table.index.tolist() == ["", "days_week", "rest_hours"]
    assert said == ["with all rules", "without at most 1 day a week (1 of 2)", "without 1 h rest (2 of 2)"]
    dear = table.loc["days_week"]
    assert dear["short"] == 8.0 and dear["paid"] == 8.0 and dear["own_price"] == 0.0
    assert (
        dear["least"] <= dear["saved"] <= dear["most"] and dear["saved"] > 8.0 and dear["part"] == "shortage"
    )
    assert table.loc["rest_hours", ["saved", "short", "over", "paid"]].tolist() == [0.0] * 4


def test_lists_have_prices_too_and_priced_rules_their_own() -> None:
    """Leave, hard requests and wishes are left out in turn; a wish not granted is its own price."""
    requests = asked(("001", 0, 0, "forbid", "", 0.0), ("001", 1, 1, "avoid", "", 40.0))
    mornings = need([MORNING] * 3 + [{}] * 4)
    case = a_case(demand=mornings, agents=people(1), rules=one_rule(hours_week=Limit(max=24), fair_lates=2.0),
                  requests=requests, timeoff=leave(("001", 2, 2, 0.0)))  # fmt: skip
    table = whatif.rule_prices(case).set_index("rule")
    lists = {"fair_lates", "locks and forbids", "wishes", "time off"}
    assert set(table.index) == {"", "hours_week", "hours_week less", "hours_week more"} | lists
    assert table.loc["wishes", "what"] == "wishes of 1 person"
    assert table.loc["wishes", "own_price"] == pytest.approx(0.2)
    assert table.loc["wishes", "saved"] == pytest.approx(0.2)
    assert table.loc[["locks and forbids", "time off"], "short"].tolist() == [8.0, 8.0]


def test_the_hours_of_the_contracts_have_a_price() -> None:
    """Three mornings and 16 h owed: free hours or 8 h more cover the third, 8 h less saves a surplus."""
    rules = one_rule(price_over=10.0)
    case = a_case(demand=need([MORNING] * 3 + [{}] * 4), agents=people(1, hours=16.0), rules=rules)
    table = whatif.rule_prices(case).set_index("rule")
    assert table.loc["hours_week less", "what"] == "up to 8 h a week less than contracted"
    assert table.loc[["hours_week", "hours_week more"], "short"].tolist() == [8.0, 8.0]
    assert table.loc[["hours_week", "hours_week more"], "paid"].tolist() == [8.0, 8.0]
    assert table.loc["hours_week less", ["saved", "short", "paid"]].tolist() == [0.0, 0.0, 0.0]
    idle = a_case(demand=need([MORNING] * 2 + [{}] * 5), agents=people(2, hours=16.0), rules=rules)
    spare = whatif.rule_prices(idle, rules=["hours_week less", "hours_week more"]).set_index("rule")
    less = spare.loc["hours_week less"]
    assert less[["short", "over", "paid"]].tolist() == [0.0, 16.0, -16.0] and less["saved"] > 1.6 - 1e-9
    assert spare.loc["hours_week more", "saved"] == 0.0


def test_each_contract_keeps_its_own_hours_and_prices_when_they_are_freed() -> None:
    """Part time and full time of one contract get bands of their own; the first rules' prices stay."""
    team = pd.concat([people(1, hours=16.0), people(1, hours=8.0, first=2)], ignore_index=True)
    rules = {"other": one_rule(price_short=7.0), "full": one_rule()}
    cases = {one.rule: one.given for one in without.each(a_case(agents=team, rules=rules))}
    assert cases["hours_week more"]["agents"]["contract"].tolist() == ["full 16 h", "full 8 h"]
    bands = {name: some.hours_week for name, some in cases["hours_week more"]["rules"].items()}
    assert bands == {"full 16 h": Limit(min=16, max=24), "full 8 h": Limit(min=8, max=16)}
    assert {some.price_short for some in cases["hours_week"]["rules"].values()} == {7.0}


def test_what_keeps_all_rules_is_never_found_dearer_without_one() -> None:
    """A search that ends sooner without a rule does not make the rule a saving."""
    case = a_case(
        demand=need([MORNING] * 5 + [{}] * 2), agents=people(2), rules=Rules(hours_week=Limit(max=16))
    )
    best = roster.assign(**case)
    poor = dataclasses.replace(best, cost=best.cost - 30.0, bound=best.bound - 30.0)
    table = whatif.rule_prices(case, made=poor, rules=["rest_hours"]).set_index("rule")
    assert table.loc["rest_hours", ["saved", "least", "most", "short"]].tolist() == [0.0] * 4


def test_service_is_measured_where_the_queues_are_known() -> None:
    """With the queue's target the points of service of each rule stand beside its hours, and the model."""
    queue = Queue("calls", team="shop", shrinkage=(), aht=180.0)
    mail = Queue("mail", team="shop", shrinkage=(), aht=180.0, channel=Deferred(due="8h"))
    demand = need([MORNING, MORNING, {}, {}, {}, {}, {}]).assign(volume=8.0, aht=180.0, load=0.4)
    rules = one_rule(hours_week=Limit(max=16), days_week=Limit(max=1))
    case = a_case(demand=demand, agents=people(1), rules=rules)
    made = roster.assign(**case)
    table = whatif.rule_prices(case, [queue, mail], made=made).set_index("rule")
    whole = coverage.totals(coverage.measure(demand, made.segments, [queue]))
    week = whole.loc[whole["date"].isna(), "service_level"].item()
    assert table.loc["", "service_level"] == pytest.approx(week, abs=1e-6)
    assert table.loc["", "service_gain"] == 0.0 and 0.1 < table.loc["days_week", "service_gain"] < 1.0
    assert table.attrs["model"] == "calls by Erlang C"
    lines = whatif.price_lines(table.reset_index())
    assert "points of service" in lines[2] and "calls by Erlang C" in lines[1]


NUMBERS = ("saved", "least", "most")
ROW = {"own_price": 0.0, "short": 0.0, "over": 0.0, "paid": 0.0, "part": "", "gap": 2.5, "why": ""}


def test_what_is_within_the_gap_is_not_sold() -> None:
    """A saving whose least is not above zero is told as nothing; the gaps stand in the head."""
    rows = [("", 0.0, -1.0, 1.0), ("rotation", 0.9, 0.0, 1.9), ("11 h rest", 3.0, 1.0, 4.0)]
    table = pd.DataFrame(rows, columns=["what", *NUMBERS]).assign(status="stopped", **ROW)
    head, rotate, rest = whatif.price_lines(table)
    assert "known to 2.5 agent-half-hours" in head
    assert rotate.endswith("no difference that the gaps allow to see (0.0 to 1.9)")
    assert "+3.0 h a week (1.0 to 4.0)" in rest and "a limit ended the search" in rest


def test_a_rule_without_which_the_week_is_dearer_is_told_so() -> None:
    """A range that lies below zero is a finding, not the gap: leave gives credit, for example."""
    rows = [("", 0.0, -0.5, 0.5), ("time off", -6.0, -7.6, -5.2)]
    table = pd.DataFrame(rows, columns=["what", *NUMBERS]).assign(status="optimal", **ROW)
    (line,) = whatif.price_lines(table)[1:]
    assert line.endswith("-6.0 h a week (-7.6 to -5.2): the week is dearer without it")


def test_no_roster_with_all_rules_is_told_and_which_rule_would_free_one() -> None:
    """Forty hours in one day cannot be; without the rule there is a roster, without others still none."""
    rules = one_rule(days_week=Limit(max=1), rest_hours=11.0)
    case = a_case(demand=need([MORNING] * 7), agents=people(1, hours=16.0), rules=rules)
    table = whatif.rule_prices(case, rules=["days_week", "rest_hours"]).set_index("rule")
    assert table.loc["", "status"] == "no roster" and "allow 2 days a week" in table.loc["", "why"]
    assert table.loc[["days_week", "rest_hours"], "status"].tolist() == ["optimal", "no roster"]
    head, _, *lines = whatif.price_lines(table.reset_index())
    assert head.startswith("With all rules there is no roster: no lawful week for '001'")
    assert [line.split(": ")[1].strip() for line in lines] == ["a roster, 40.0 h short", "still no roster"]


def test_leave_without_which_there_is_no_roster_is_told() -> None:
    """Leave gives credit: without it the hours owed do not fit the days that are left."""
    rules = one_rule(days_week=Limit(max=1))
    case = a_case(demand=need([MORNING] * 7), agents=people(1, hours=16.0), rules=rules,
                  timeoff=leave(("001", 0, 0, 8.0)))  # fmt: skip
    table = whatif.rule_prices(case, rules=["time off"])
    assert table["status"].tolist() == ["optimal", "no roster"] and np.isnan(table.loc[1, "saved"])
    assert "no roster without it: no lawful week for '001'" in whatif.price_lines(table)[1]


def test_a_rule_that_is_not_in_use_has_no_price() -> None:
    """A name that is mistyped is refused, with those that are meant."""
    with pytest.raises(DataError, match=r"no rule 'rest' is in use here.*hours_week less"):
        whatif.rule_prices(a_case(), rules=["rest"])


@pytest.mark.parametrize(
    ("rule", "rules", "told"),
    [
        ("rest_hours", {"a": Rules(rest_hours=12.0), "b": Rules(rest_hours=0.0)}, "12 h rest (a)"),
        ("rest_hours", {"a": Rules(price_rest=50.0)}, "11 h rest where possible"),
        ("rotate", {"a": Rules(rotate=math.inf)}, "early and late weeks alternate"),
        ("rotate", {"a": Rules()}, "early and late weeks alternate where possible"),
        ("shifts_week", {"a": Rules(shifts_week={"late": Limit(max=3)})}, "at most 3 late shifts a week"),
        ("days_in_row", {"a": Rules(days_in_row=Limit(min=2, max=5))},
         "at least 2 and at most 5 days in a row"),
        ("not_after", {"a": Rules(not_after={"late": ("early",)})}, "no early on the day after late"),
    ],
)  # fmt: skip
def test_rules_are_told_in_words(rule: str, rules: dict[str, Rules], told: str) -> None:
    """As a planner says them, by contract where they differ."""
    assert without.in_words(rule, rules) == told


@pytest.mark.parametrize(
    ("reason", "away", "told"),
    [
        (
            "no lawful week for '001' (shop). To relax, cheapest first: drop the lock on Sun 2026-12-06",
            False,
            "Nothing is left to relax: the team may have no shift on that day",
        ),
        (
            "no lawful week for '001' (shop). To relax, cheapest first: drop the lock on Sun 2026-12-06",
            True,
            "It is a day of leave, whose hours count as worked: move or shorten the leave",
        ),
        ("no roster keeps within 5 seats", False, "no roster keeps within 5 seats"),
    ],
)
def test_a_reason_is_never_cut_off(reason: str, away: bool, told: str) -> None:
    """Where only the question itself could give way, the sentence says so; others stay as they are."""
    assert _without_asking(reason, "lock", dt.date(2026, 12, 6), "001", shift="", away=away) == told


def test_what_stands_about_a_day_is_told_before_anything_is_planned() -> None:
    """The week, last week and its lates beside the mean of the team, leave, wishes and the half hours."""
    before = pd.concat([worked("001", PLAIN[1], [-2, -1]), worked("002", PLAIN[0], [-3])], ignore_index=True)
    requests = asked(("001", 6, 6, "avoid", "", 7.0), ("001", 5, 6, "forbid", "late", 0.0),
                     ("001", 6, 6, "want", "early", math.nan))  # fmt: skip
    case = a_case(previous=before, requests=requests, timeoff=leave(("002", 4, 6, 0.0)))
    made = roster.assign(**case)
    told = whatif.why(made.assignments, "001", SUNDAY, case)
    assert list(told.facts) == [
        "this week: Mon-Sat OFF, Sun early",
        "last week: 2 late; 2 days in a row up to its end",
        "late shifts before this week: 2, the mean of shop: 1.0",
        "asked for: avoid, at a price of 7: not granted",
        "asked for: forbid late (hard)",
        "asked for: want early, at a price of 5: granted",
        "calls that day: 0 agent-half-hours short, 0 to spare; while 001 is on it: 0 agent-half-hours short, "
        "0 to spare",
        "1 of 2 of shop work that day",
    ]
    away = whatif.why(made.assignments, "002", SUNDAY, case)
    assert away.facts[0] == "this week: Mon-Thu OFF, Fri-Sun AL" and away.facts[1].startswith(
        "last week: 1 early"
    )
    assert "on leave from Fri 2026-12-04 to Sun 2026-12-06 (AL)" in away.facts


def test_why_late_again_is_asked_about_the_other_shift() -> None:
    """One for the morning and one for the evening: to be early the one on late changes with the other."""
    case = a_case(demand=need([{}] * 6 + [dict.fromkeys(range(8, 22), 1.0)]))
    made = roster.assign(**case)
    late = made.assignments.loc[made.assignments["shift"] == "late", "agent"].item()
    told = whatif.why(made.assignments, late, SUNDAY, case, shift="early")
    assert told.works == "late 14:00-22:00" and told.shift == "early"
    assert dict(zip(told.changes["agent"], told.changes["after"], strict=True))[late] == "early 08:00-16:00"
    assert told.ways["cost"].tolist() == [0.0, 0.0]
    assert f"If {late} is on early on that day, and few others change:" in whatif.why_lines(told)
    tired = a_case(demand=need([dict.fromkeys(range(8, 22), 1.0)] + [{}] * 6), agents=people(1, hours=8.0),
                   previous=worked("001", PLAIN[1], [-1]), rules=one_rule(rest_hours=11.0))  # fmt: skip
    barred = whatif.why(worked("001", PLAIN[1], [0]), "001", MONDAY, tired, shift="early").barred
    assert barred == ("To relax, cheapest first: let 10 h between two shifts do (rest_hours, 11 h)",)
    with pytest.raises(DataError, match="is on late on 2026-12-06 -> ask about another shift"):
        whatif.why(made.assignments, late, SUNDAY, case, shift="late")


def test_a_day_that_might_as_well_be_otherwise_is_told_so() -> None:
    """Where the roster is known to a gap and the other week lies within it, it is by chance that it is so."""
    case = a_case()
    made = roster.assign(**case)
    told = whatif.why(made.assignments, made.assignments["agent"].item(), SUNDAY, case)
    loose = dataclasses.replace(told, gap=1.5)
    assert "by chance as much as by need" in whatif.why_lines(loose)[-3]
    assert not any("by chance" in line for line in whatif.why_lines(dataclasses.replace(told, gap=0.0)))


def test_seniors_and_seats_have_prices_and_seniors_swap_with_seniors() -> None:
    """A senior on duty and the seats of a site are left out in turn; nobody's senior is swapped away."""
    crew = people(3).assign(senior=[True, False, True])
    team = Team("shop", senior_per_interval=Limit(min=1))
    two = dict.fromkeys(range(8, 16), 2.0)
    case = a_case(demand=need([{}] * 6 + [two]), agents=crew, teams=(team,), seats=1)
    table = whatif.rule_prices(case).set_index("rule")
    hours = {"hours_week", "hours_week less", "hours_week more"}
    assert set(table.index) == {"", "senior_per_interval", "seats"} | hours
    assert table.loc["seats", "short"] == 8.0 and table.loc["senior_per_interval", "short"] == 0.0
    made = roster.assign(**case)
    (who,) = made.assignments["agent"]
    assert who in ("001", "003")
    told = whatif.why(made.assignments, who, SUNDAY, case)
    assert told.swaps["agent"].tolist() == [{"001": "003", "003": "001"}[who]]


def test_frozen_days_stay_and_are_not_swapped() -> None:
    """Who worked on Monday can only give back a frozen day: nothing offers it, and the line says so."""
    two = {"demand": need([MORNING] + [{}] * 5 + [MORNING]), "agents": people(2)}
    case = a_case(**two)
    made = worked("001", PLAIN[0], [0]), worked("002", PLAIN[0], [6])
    table = pd.concat(made, ignore_index=True)
    wednesday = MONDAY + dt.timedelta(days=2)
    free = whatif.why(table, "002", SUNDAY, case)
    assert set(free.changes["date"].dt.date) == {MONDAY, SUNDAY} and len(free.swaps) == 1
    held = whatif.why(table, "002", SUNDAY, case, frozen_until=wednesday)
    assert set(held.changes["date"].dt.date) == {SUNDAY} and held.swaps.empty
    assert (held.ways["short"] == 16.0).all()  # planned anew too: nobody else has the hours
    assert "days before Wed 2026-12-02 are frozen: nothing below changes or swaps them" in held.facts
    past = whatif.why(table, "001", MONDAY, case, frozen_until=wednesday)
    assert past.barred == ("The day is frozen: the plan could no longer change it",)
    assert past.swaps.empty and past.ways.empty
    assert roster.swaps(table, "001", MONDAY, **case, frozen_until=wednesday).empty


def test_a_part_of_a_name_will_do_where_it_is_one_persons() -> None:
    """One person is found by it; of several the message has the full names, each with its id."""
    case = a_case(agents=people(2).assign(name=["Baraka Otieno", "Amina Otieno"]))
    made = roster.assign(**case)
    assert whatif.why(made.assignments, "baraka", SUNDAY, case).name == "Baraka Otieno"
    told = "2 people are called so: give the id, 001 Baraka Otieno or 002 Amina Otieno"
    with pytest.raises(DataError, match=told):
        whatif.why(made.assignments, "Otieno", SUNDAY, case)
