"""Pictures of a design draw what the tables say."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import StepPatch
from shift_tables import needed

from staffing import charts, shifts
from staffing.charts import sheet
from staffing.errors import DataError
from staffing.model import Break, Shift, Team

LUNCH = Break("lunch", 60, False, (3, 4))
EARLY, LATE = (Shift(name, "care", dt.time(at), 8.0, (LUNCH,)) for name, at in (("early", 9), ("late", 15)))
NEED = needed(*[[3] * 12 + [8] * 4 + [4] * 12] * 3, team="care")
CONTRACTS = pd.DataFrame({"team": ["care"], "hours_min": [40], "hours_max": [40], "days_max": [5]})


def designs(**options):
    """A ranking with pairs that fit and pairs that do not."""
    return shifts.two_shift(NEED, [Team("care", hours=(7, 8))], **options)


def written(ax):
    """What stands on a picture, ticks aside."""
    return [text.get_text() for text in ax.texts]


def test_the_price_of_the_overlap_is_a_point_for_each_length():
    """Points stand at hours and cost; hollow ones fit no contract; each says its share of the rush."""
    costs = shifts.overlap_costs(designs(contracts=CONTRACTS))
    ax = charts.overlap(costs, team="care")
    drawn = {}
    for points in ax.collections:
        hollow = to_hex(points.get_facecolor()[0]) == "#ffffff"
        drawn[hollow] = points.get_offsets().tolist()
    for fits in (True, False):
        rows = costs[costs["fits"] == fits]
        assert drawn[not fits] == rows[["overlap", "dearer"]].to_numpy().tolist()
    assert written(ax)[:-1] == [
        f"{100 * share:.0f} %" + (" of the rush" if number == 0 else "")
        for number, share in enumerate(costs["rush_covered"])
    ]
    assert written(ax)[-1] == "09:00–17:00 + 15:00–23:00"


def test_the_first_pairs_are_bars_on_the_clock():
    """Early, late and overlap of each rank lie where the table says, with hours and what they cost more."""
    found = designs()
    ax = charts.ranking(found, team="care")
    spans = {
        colour: [
            (bar.get_x(), bar.get_x() + bar.get_width())
            for bar in ax.patches
            if to_hex(bar.get_facecolor()) == colour
        ]
        for colour in (sheet.EARLY, sheet.LATE, sheet.SHADE)
    }
    edges = ["early_start", "early_end", "late_start", "late_end"]
    hours = [
        [int(clock[:2]) + int(clock[3:]) / 60 for clock in row]
        for row in found.head(12)[edges].to_numpy().tolist()
    ]
    assert spans[sheet.EARLY] == [(row[0], row[1]) for row in hours]
    assert spans[sheet.LATE] == [(row[2], row[3]) for row in hours]
    assert spans[sheet.SHADE] == [(row[2], row[1]) for row in hours if row[2] < row[1]]
    second = found.iloc[1]
    more = f"+{100 * (second['cost'] / found.loc[0, 'cost'] - 1):.0f} %"
    assert written(ax)[1].endswith(more)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        f"{rank:.0f}" for rank in found["rank"][:12]
    ]


def test_a_pair_that_no_contract_fits_says_so():
    """The mark stands beside the bars of those pairs alone."""
    found = designs(contracts=CONTRACTS)
    said = written(charts.ranking(found, team="care"))
    assert [words.endswith("fits no contract") for words in said] == (~found["fits"]).head(12).tolist()


def test_a_plan_stacks_queue_and_breaks_over_the_need():
    """The steps are the presence of that day, one on the other, and the overlap lies between its edges."""
    pair = [EARLY, LATE]
    there = shifts.presence(shifts.plan(NEED, pair), NEED, pair)
    ax = charts.plan(there, pair, team="care", date=dt.date(2026, 12, 1))
    day = there[there["interval"].dt.day == 1]
    steps = {patch.get_label(): patch for patch in ax.patches if isinstance(patch, StepPatch)}
    assert steps["need"].get_data().values.tolist() == day["need"].tolist()
    assert steps["on the queue"].get_data().values.tolist() == pytest.approx(day["on_queue"].tolist())
    assert steps["on a break"].get_data().values.tolist() == pytest.approx(day["on_duty"].tolist())
    shade = next(patch for patch in ax.patches if patch.get_label() == "overlap")
    assert (shade.get_x(), shade.get_x() + shade.get_width()) == (15.0, 17.0)


def test_pictures_of_a_team_or_day_that_is_not_there():
    """The name of the team, or the day, is in the message."""
    there = shifts.presence(shifts.plan(NEED, [EARLY, LATE]), NEED, [EARLY, LATE])
    with pytest.raises(DataError, match="'shop' is not in the table"):
        charts.ranking(designs(), team="shop")
    with pytest.raises(DataError, match="no interval on Sat 2026-12-05"):
        charts.plan(there, [], team="care", date=dt.date(2026, 12, 5))


@pytest.mark.parametrize(
    "name", ["የደንበኛ አገልግሎት", "고객 상담", "ಗ್ರಾಹಕ ಸೇವೆ", "huduma", "$x^2$", "a\nb"], ids=ascii
)
def test_teams_in_every_script(name):
    """A team's name is text, whatever it is."""
    need = NEED.assign(team=name)
    found = shifts.two_shift(need, [Team(name, hours=(8, 8))])
    both = shifts.pair(found.iloc[0], Team(name))
    there = shifts.presence(shifts.plan(need, both), need, both)
    day = dt.date(2026, 11, 30)
    for ax in (
        charts.overlap(shifts.overlap_costs(found), team=name),
        charts.ranking(found, team=name),
        charts.plan(there, both, team=name, date=day),
        charts.shifts(found, shifts.peaks(need), need, team=name),
    ):
        assert charts.png(ax.get_figure(root=True))[1:4] == b"PNG"
        assert ax.get_title("left").startswith(sheet.fonts.drawable(name))


def test_the_rush_of_the_week_is_shaded_by_its_days():
    """Where all weekdays have the rush the shade is full, where one of three has it a third."""
    windows = pd.DataFrame(
        {
            "team": "care",
            "weekday": ["mon", "tue", "wed"],
            "start": ["15:00", "15:00", "15:00"],
            "end": ["17:00", "17:00", "18:00"],
        }
    )
    ax = charts.shifts(designs(), windows, NEED, team="care")
    shades = [patch for patch in ax.patches if patch.get_label() in ("rush", "_rush")]
    assert [(patch.get_x(), patch.get_width(), round(patch.get_alpha(), 3)) for patch in shades] == [
        (15.0, 2.0, 1.0),
        (17.0, 1.0, 0.333),
    ]
    assert written(ax)[0] == "15:00–17:00"
