"""Pictures of forecasts say what the tables say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from staffing import charts
from staffing.errors import DataError

HOSTILE = "$\\frac{1}{0$ 전화"


def days(queue: str = "calls") -> pd.DataFrame:
    """Two days of four half hours: 10 forecast in each, the band 8 to 12, the outer one 6 to 14."""
    first = pd.date_range("2026-11-30 09:00", periods=4, freq="30min", tz="Asia/Seoul", unit="us")
    times = first.append(first + pd.Timedelta(days=1))
    table = pd.DataFrame({"queue": queue, "interval": times, "volume": 10.0})
    return table.assign(**{"volume_p2.5": 6.0, "volume_p10": 8.0, "volume_p90": 12.0, "volume_p97.5": 14.0})


def came(values: list[float], queue: str = "calls") -> pd.DataFrame:
    return days(queue)[["queue", "interval"]].assign(offered=values)


def test_fan_breaks_at_night_and_rings_what_is_out() -> None:
    """No line runs through the night, the one count beyond both bands is ringed, the title counts."""
    ax = charts.fan(days(), actual=came([10, 11, 9, 10, 13, 10, 20, 10]))
    line = next(line for line in ax.lines if line.get_label() == "forecast")
    assert np.isnan(line.get_ydata()[4])
    labels = ax.get_legend_handles_labels()[1]
    assert labels[:2] == ["band p2.5–p97.5", "band p10–p90"]
    ring = next(c for c in ax.collections if c.get_label() == "outside the band")
    assert ring.get_offsets().tolist() == [[6.5, 20.0]]
    assert ax.get_title("right") == "forecast 80, came 93 contacts; 88 % within the 95 % band"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["Mon 2026-11-30", "Tue 2026-12-01"]


def test_fan_of_nights_breaks_by_day_and_not_at_midnight() -> None:
    """A centre open 22:00-02:00: one line for each night, and a night that is closed leaves one break."""
    first = pd.date_range("2026-11-30 22:00", periods=8, freq="30min", tz="Asia/Seoul", unit="us")
    times = first.append([first + pd.Timedelta(days=day) for day in (1, 3)])
    ax = charts.fan(pd.DataFrame({"queue": "calls", "interval": times, "volume": 10.0}))
    assert np.flatnonzero(np.isnan(ax.lines[0].get_ydata())).tolist() == [8, 17]


def test_fan_of_whole_days_is_a_line() -> None:
    """A daily forecast is drawn from day to day, with a hole only where a day is closed."""
    times = pd.date_range("2026-11-02", periods=14, freq="1D", tz="Asia/Seoul")
    table = pd.DataFrame({"queue": "calls", "interval": times, "volume": np.arange(14.0)})
    ax = charts.fan(table[times.day_of_week < 5].reset_index(drop=True))
    line = ax.lines[0].get_ydata()
    assert np.flatnonzero(np.isnan(line)).tolist() == [5]
    assert ax.get_ylabel() == "volume [contacts a day]"


def test_fan_without_bands_and_with_hostile_names() -> None:
    """A forecast without quantiles is a line, and a name is only text."""
    plain = days(HOSTILE)[["queue", "interval", "volume"]]
    ax = charts.fan(plain)
    assert not ax.collections
    assert charts.png(ax.figure).startswith(b"\x89PNG")


def test_residuals_by_day_and_time() -> None:
    """Each cell is came over forecast less one, the last column the whole day; a gap is left grey."""
    actual = came([10, 11, 9, 10, 13, 10, 20, 10]).drop(index=2)
    values = charts.residuals(days(), actual).images[0].get_array()
    assert values.shape == (2, 5)
    assert values[0].filled(np.nan)[[0, 1, 3, 4]] == pytest.approx([0, 0.1, 0, 1 / 30])
    assert np.ma.getmaskarray(values)[0, 2]
    assert values[1].filled(np.nan) == pytest.approx([0.3, 0, 1.0, 0, 53 / 40 - 1])
    with pytest.raises(DataError, match="nothing came"):
        charts.residuals(days(), actual.iloc[:0])


def test_effects_keep_the_weekdays_first_and_the_largest() -> None:
    """Weekdays in their order, then the largest effects; each bar bears its words; most limits them."""
    table = pd.DataFrame(
        {
            "queue": "calls",
            "part": ["level", "weekday", "weekday", "calendar", "calendar", "profile"],
            "name": ["mean open day", "Monday", "Tuesday", "eve", "sale", "Mon 09:00"],
            "value": [900.0, 0.1, -0.1, -0.05, 0.25, 0.1],
            "low": [880.0, 0.08, -0.12, -0.1, 0.2, np.nan],
            "high": [920.0, 0.12, -0.08, 0.0, 0.3, np.nan],
        }
    )
    table["words"] = table["name"]
    ax = charts.effects(table)
    assert [text.get_text() for text in ax.texts] == ["Monday", "Tuesday", "sale", "eve"]
    assert [patch.get_width() for patch in ax.patches] == [0.1, -0.1, 0.25, -0.05]
    assert ax.get_title("right") == "mean open day"
    assert [text.get_text() for text in charts.effects(table, most=3).texts] == ["Monday", "Tuesday", "sale"]
    with pytest.raises(DataError, match="no effect"):
        charts.effects(table[table["part"] == "level"])


def test_backtest_by_fold() -> None:
    """One line for each method, the best first with its WAPE, and what chance alone makes."""
    origins = [pd.NaT, pd.Timestamp("2026-11-23"), pd.Timestamp("2026-11-30")]
    parts = [
        pd.DataFrame({"method": name, "queue": "calls", "origin": origins, "wape": wape, "floor": 0.02})
        for name, wape in (("last_week", [0.09, 0.10, 0.08]), ("auto", [0.05, 0.06, 0.04]))
    ]
    ax = charts.backtest(pd.concat(parts))
    assert [line.get_label() for line in ax.lines] == ["auto 5.0 %", "last_week 9.0 %", "chance alone"]
    assert ax.lines[0].get_ydata().tolist() == [0.06, 0.04]
    with pytest.raises(DataError, match="no queue"):
        charts.backtest(pd.concat(parts), queue="chat")
