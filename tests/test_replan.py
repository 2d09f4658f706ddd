"""Re-planning with few changes, and two rosters side by side, against enumeration and words expected."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from roster_tables import (
    BOTH,
    EARLY,
    LATE,
    MONDAY,
    OPEN,
    asked,
    day,
    days_of,
    leave,
    need,
    one_rule,
    people,
    worked,
)  # fmt: skip

from staffing import roster, verify
from staffing.errors import DataError, PlanError
from staffing.model import Limit, Roster, Rules, Shift

SHORT_DAY = Shift("early", "shop", dt.time(8), 6)
SHORT_EVE = Shift("late", "shop", dt.time(17), 6)
TWO = (SHORT_DAY, SHORT_EVE)


def fewest(kept: np.ndarray, wanted: np.ndarray, away: set[tuple[int, int]], price: float) -> float:
    """Least cost over every roster of people x days x (off, early, late), 12 half hours a shift."""
    count, days = kept.shape
    best = np.inf
    for options in itertools.product(range(3), repeat=count * days):
        made = np.array(options).reshape(count, days)
        if any(made[who, number] for who, number in away):
            continue
        heads = np.stack([(made == shift).sum(axis=0) for shift in (1, 2)])
        short, over = np.maximum(wanted - heads, 0), np.maximum(heads - wanted, 0)
        changed = sum(made[at] != kept[at] for at in np.ndindex(made.shape) if at not in away)
        deep = sum(rate * np.maximum(short - share * wanted, 0) for share, rate in
                   ((0.10, 0.05), (0.25, 0.05), (0.50, 0.10), (0.75, 0.20)))  # fmt: skip
        wide = sum(rate * np.maximum(over - share * wanted, 0) for share, rate in
                   ((0.10, 0.25), (0.25, 0.25), (0.50, 0.50), (1.00, 1.00)))  # fmt: skip
        cost = 12 * (100 * (short + deep) + over + wide).sum() + price * changed
        best = min(best, float(cost))
    return best


def as_assignments(kept: np.ndarray) -> pd.DataFrame:
    parts = [
        worked(f"{who + 1:03d}", TWO[kept[who, number] - 1], [number])
        for who, number in np.ndindex(kept.shape)
        if kept[who, number]
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(("seed", "price"), [(0, 200.0), (1, 700.0), (2, 1900.0), (3, 50.0), (4, 2600.0)])
def test_changes_are_the_fewest_that_their_price_asks_for(seed: int, price: float) -> None:
    """No roster of the sick call costs less, changes counted, and the objective counts them too."""
    rng = np.random.default_rng(seed)
    kept, wanted = rng.integers(0, 3, (3, 3)), rng.integers(0, 3, (2, 3)).astype(float)
    kept[0, 0] = 1
    hours = [
        {**dict.fromkeys(range(8, 14), early), **dict.fromkeys(range(17, 23), late)}
        for early, late in wanted.T
    ]
    before = as_assignments(kept)
    made = roster.assign(
        need(hours), TWO, people(3), one_rule(hours_week=Limit(max=99)), days=3, keep=before,
        timeoff=leave(("001", 0, 0, 8.0)), price_change=price,
    )  # fmt: skip
    assert made.cost == pytest.approx(fewest(kept, wanted, {(0, 0)}, price))
    assert made.bound <= made.cost + 1e-6
    changed = verify.diff(before, made.assignments)
    counted = made.objective.set_index("part").loc["changes"]
    assert counted["amount"] == len(changed) - 1  # the leave itself costs nothing
    assert counted["cost"] == pytest.approx(price * counted["amount"])


def planned(**given: object) -> Roster:
    """A plain week of six people in the shop."""
    return roster.assign(need(dict.fromkeys(range(8, 23), 2.0)), BOTH, people(6), **given)


def test_nothing_new_changes_nobody() -> None:
    """Whatever the order of names, a roster that is kept for the same case stays as it is, twice alike."""
    before = planned().assignments
    again, twice = planned(keep=before), planned(keep=before)
    assert verify.diff(before, again.assignments).empty
    pd.testing.assert_frame_equal(again.segments, twice.segments)
    shuffled = planned(keep=before.sample(frac=1.0, random_state=1))
    pd.testing.assert_frame_equal(shuffled.assignments, again.assignments)
    assert again.objective.set_index("part").loc["changes", "cost"] == 0.0


def test_frozen_days_stay_also_against_requests_and_cover() -> None:
    """Before the day, only leave changes anything; a forbid that came too late is history."""
    before = pd.concat([worked("001", EARLY, range(5)), worked("002", LATE, range(5))])
    made = roster.assign(
        need(OPEN), BOTH, people(2), keep=before, frozen_until=MONDAY + dt.timedelta(days=3),
        requests=asked(("001", 1, 1, "forbid", "", 0.0), ("001", 4, 4, "forbid", "", 0.0)),
        timeoff=leave(("002", 0, 0, 8.0)), price_change=1.0,
    )  # fmt: skip
    assert {number: days_of(made)[number] for number in range(3)} == dict.fromkeys(range(3), "early")
    assert 4 not in days_of(made)
    assert [days_of(made, "002").get(number) for number in range(3)] == [None, "late", "late"]


def test_the_published_shift_counts_by_its_hours() -> None:
    """Hours that are no shift cost a change whatever comes; on a frozen day they are refused by name."""
    odd = Shift("early", "shop", dt.time(10), 5)
    before = pd.concat([worked("001", odd, [0]), worked("001", EARLY, range(1, 5))])
    made = roster.assign(need(OPEN), BOTH, people(1), keep=before)
    assert made.objective.set_index("part").loc["changes", "amount"] == 1.0
    with pytest.raises(DataError, match=r"'001' works 10:00-15:00 on the frozen 2026-11-30"):
        roster.assign(need(OPEN), BOTH, people(1), keep=before, frozen_until=MONDAY + dt.timedelta(days=1))


def test_frozen_days_without_a_lawful_rest_are_named() -> None:
    """Seven frozen days of work leave no week of two days off: who, and what to relax."""
    before = worked("001", EARLY, range(7))
    with pytest.raises(PlanError, match=r"'001'.*frozen days"):
        roster.assign(need(OPEN), BOTH, people(1), keep=before, frozen_until=MONDAY + dt.timedelta(days=7))


def test_changes_are_told_by_name_with_their_reason() -> None:
    """Leave, the end of a contract, a request, cover, exchange: each in words, hostile names unharmed."""
    crew = people(4, hours=8.0)
    crew["name"] = ["김민지", "=HYPERLINK(1)", "አበበ በቀለ", "ಅನಿತಾ, ರಾವ್"]
    crew["leaves_on"] = [pd.NaT, pd.NaT, day(0), pd.NaT]
    before = pd.concat([worked(f"00{who}", EARLY, [who]) for who in range(5)])  # 000 is not known any more
    after = pd.concat([worked("002", EARLY, [1]), worked("004", EARLY, [5])])
    work = after[["agent", "start", "end"]].assign(activity="queue", queue="calls", paid=True)
    told = verify.changes(
        before, after, work, need({8: 1.0, 9: 2.0}), crew,
        timeoff=leave(("001", 1, 1, 8.0)), requests=asked(("002", 2, 2, "forbid", "", 0.0)),
    )  # fmt: skip
    assert [tuple(row) for row in told[["agent", "name", "after", "why"]].to_numpy()] == [
        ("000", "", "OFF", "not employed"),
        ("001", "김민지", "OFF", "on leave"),
        ("002", "=HYPERLINK(1)", "early 08:00-17:00", "covers 4 short agent-half-hours"),
        ("002", "=HYPERLINK(1)", "OFF", "asked for: forbid"),
        ("003", "አበበ በቀለ", "OFF", "not employed"),
        ("004", "ಅನಿತಾ, ರಾವ್", "OFF", "in exchange for Sat 2026-12-05"),
        ("004", "ಅನಿತಾ, ರಾವ್", "early 08:00-17:00", "covers 4 short agent-half-hours"),
    ]


def test_a_day_that_is_free_now_is_told_by_what_it_leaves_short() -> None:
    """Never "can be spared" where half hours are short for it; a wish that is granted is told beside it."""
    before = pd.concat([worked("001", EARLY, [0, 1]), worked("002", EARLY, [0]), worked("003", EARLY, [0])])
    after = pd.concat([worked("002", EARLY, [0]), worked("004", EARLY, [2])], ignore_index=True)
    was, now = (
        some[["agent", "start", "end"]].assign(activity="queue", queue="calls", paid=True)
        for some in (before.reset_index(drop=True), after)
    )
    told = verify.changes(
        before, after, now, need([{8: 2.0, 9: 0.0}, {8: 0.0, 9: 1.0}, {8: 0.0, 9: 0.0}]), people(4), kept=was,
        requests=asked(("001", 0, 0, "avoid", "early", 3.0)),
    )  # fmt: skip
    assert told[["agent", "after", "why"]].to_numpy().tolist() == [
        ["001", "OFF", "wish granted: avoid early; leaves 2 short agent-half-hours"],
        ["001", "OFF", "leaves 2 short agent-half-hours"],
        ["003", "OFF", "leaves 2 short agent-half-hours"],
        ["004", "early 08:00-17:00", "covers nothing that was short"],
    ]
    plain = verify.changes(
        before, after, now, need([{8: 1.0, 9: 0.0}] + [{8: 0.0, 9: 0.0}] * 2), people(4), kept=was
    )
    assert plain["why"].tolist() == ["can be spared"] * 3 + ["covers nothing that was short"]


def test_gaps_and_costs_of_two_rosters_side_by_side() -> None:
    """What leaves one morning shows there and nowhere else, and the totals differ by it."""
    need_of = need({8: 1.0, 9: 2.0}, days=2)
    both = pd.concat([worked("001", EARLY, [0, 1]), worked("002", EARLY, [0])], ignore_index=True)
    one = both.iloc[[0, 1]]
    work = both[["agent", "start", "end"]].assign(activity="queue", queue="calls", paid=True)
    less = work.iloc[[0, 1]]
    changed = verify.diff_gaps(work, less, need_of)
    assert changed[["before", "after", "change"]].to_numpy().tolist() == [[1.0, 0.0, -1.0], [0.0, -1.0, -1.0]]
    wishes = asked(("002", 0, 0, "want", "early", 7.0), ("001", 1, 3, "avoid", "late", 3.0))
    before = verify.costs(both, work, need_of, requests=wishes).set_index("part")
    cheap = Rules(price_short=10.0, price_over=4.0)
    after = verify.costs(one, less, need_of, cheap, requests=wishes).set_index("part")
    counted = ["shortage", "surplus", "wishes"]
    assert before.loc[counted, "cost"].tolist() == [200.0, 2.0, 0.0]
    assert after.loc[counted, "cost"].tolist() == [40.0, 0.0, 7.0]
    assert before.loc["paid_hours", "amount"] - after.loc["paid_hours", "amount"] == 8.0


def test_costs_are_those_of_the_planner_where_nothing_is_deep() -> None:
    """Counted from the tables alone, shortage, surplus and wishes agree with the objective."""
    wishes = asked(("001", 0, 2, "avoid", "", 4.0), ("002", 5, 6, "want", "late", np.nan))
    made = planned(requests=wishes)
    own = made.objective.set_index("part")["cost"]
    counted = verify.costs(
        made.assignments, made.segments, need(dict.fromkeys(range(8, 23), 2.0)), requests=wishes
    )
    for part in ("shortage", "surplus", "wishes"):
        assert counted.set_index("part").loc[part, "cost"] == pytest.approx(own[part])


def test_unchanged_days_keep_their_queues_and_breaks() -> None:
    """With the kept roster's segments only days that change have other breaks; cost and bound hold."""
    demand, crew = need({hour: 3.0 + 2.0 * (hour in (11, 15)) for hour in range(8, 23)}), people(12)
    before = roster.assign(demand, BOTH, crew)
    # The same breaks handed out to others, so that keeping them is no accident.
    turned = before.segments.copy()
    for _, own in before.assignments.groupby(["date", "shift"]):
        here = turned["start"].between(own["start"].iloc[0], own["end"].iloc[0], inclusive="left")
        agents = own["agent"].tolist()
        passed_on = dict(zip(agents, [*agents[1:], agents[0]], strict=True))
        here &= before.segments["agent"].isin(agents)
        turned.loc[here, "agent"] = before.segments.loc[here, "agent"].map(passed_on)
    turned = turned.sort_values(["agent", "start"], ignore_index=True)
    assert not turned.equals(before.segments)
    given: dict[str, Any] = {"keep": before.assignments, "kept": turned, "timeoff": leave(("001", 3, 3, 8.0))}
    after = roster.assign(demand, BOTH, crew, **given)
    changed = set(verify.diff(before.assignments, after.assignments)["date"])
    assert changed and len(changed) < 7
    for number in set(range(7)) - {date.day_of_week for date in changed}:
        own = [
            some[some["start"].dt.day_of_week == number].reset_index(drop=True)
            for some in (turned, after.segments)
        ]
        pd.testing.assert_frame_equal(*own)
    assert after.bound <= after.cost + 1e-6
    broken = verify.roster(
        after.assignments, after.segments, demand, crew, shifts=BOTH, timeoff=given["timeoff"], start=MONDAY
    )
    assert broken.empty
    gaps = verify.gaps(after.segments, demand)
    short = after.objective.set_index("part").loc["shortage", "amount"]
    assert -2.0 * gaps["gap"].clip(upper=0).sum() == pytest.approx(short)


def test_kept_breaks_that_would_cost_more_or_are_no_breaks_any_more_are_not_kept() -> None:
    """Lunches all at once, or outside their window, give way; the roster stays lawful and near its bound."""
    demand, crew = need(dict.fromkeys(range(8, 17), 4.0), days=1), people(5)
    rules = one_rule(hours_week=Limit(min=8, max=8))
    before = roster.assign(demand, [EARLY], crew, rules, days=1)
    for begin in (10, 9):
        rows = []
        for row in before.assignments.itertuples():
            lunch = row.start.normalize() + pd.Timedelta(hours=begin)
            rows += [(row.agent, row.start, lunch, "queue", "calls", True),
                     (row.agent, lunch, lunch + pd.Timedelta(hours=1), "lunch", "", False),
                     (row.agent, lunch + pd.Timedelta(hours=1), row.end, "queue", "calls", True)]  # fmt: skip
        together = pd.DataFrame(rows, columns=list(before.segments.columns))
        after = roster.assign(demand, [EARLY], crew, rules, days=1, keep=before.assignments, kept=together)
        assert after.cost == pytest.approx(before.cost) and after.gap < 1e-6
        assert verify.diff(before.assignments, after.assignments).empty
        assert set(after.segments.query("activity == 'lunch'")["start"].dt.hour) >= {10, 11}
