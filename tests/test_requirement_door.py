"""What planners feed in: quiet, closed, tiny, huge and broken intervals get the right value or a remedy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from staffing import requirement
from staffing.errors import DataError
from staffing.model import Chat, Queue, Target, Voice

CHANNELS = {
    "erlang c": Voice(), "erlang a": Voice(patience=120.0), "chat": Chat(concurrency=3),
    "patient chat": Chat(concurrency=3, patience=120.0),
}  # fmt: skip


def line(channel: Voice | Chat, **fields: object) -> Queue:
    return Queue(
        **{"name": "line", "team": "care", "aht": 180.0, "shrinkage": (), "channel": channel} | fields
    )


def come(volume: list[float], **extra: object) -> pd.DataFrame:
    times = pd.date_range("2026-11-30 09:00", periods=len(volume), freq="30min", tz="Asia/Seoul", unit="us")
    return pd.DataFrame({"queue": "line", "interval": times, "volume": volume, **extra})


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)
def test_nothing_comes(channel: Voice | Chat) -> None:
    """Without a contact nobody is needed but the minimum, and all are served."""
    for least in (0, 2):
        table = requirement.compute(come([0.0] * 4), [line(channel, min_staff=least)])
        assert table["agents"].tolist() == [float(least)] * 4
        assert table["service_level"].tolist() == [1.0] * 4
        assert table["occupancy"].tolist() == [0.0] * 4


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)
def test_hardly_anything_comes(channel: Voice | Chat) -> None:
    """One contact in a hundred half hours still needs one person, no matter how short."""
    table = requirement.compute(come([0.01] * 4), [line(channel, min_staff=0)])
    assert table["agents"].tolist() == [1.0] * 4
    assert table["service_level"].between(0.99, 1.0).all()
    assert np.isfinite(table[["asa", "load", "occupancy"]].to_numpy()).all()


@pytest.mark.parametrize("name", ["erlang c", "erlang a"])
def test_a_very_large_centre(name: str) -> None:
    """A hundred thousand erlangs: as many agents as the occupancy cap asks, to the last one."""
    come_in = come([1_000_000.0] * 6)
    table = requirement.compute(come_in, [line(CHANNELS[name], target=Target(max_occupancy=0.9))])
    last = table.iloc[-1]
    assert last["load"] == pytest.approx(100_000.0, rel=1e-3)
    assert last["agents"] == pytest.approx(last["load"] / 0.9, abs=1.5)
    assert last["bound_by"] == "occupancy"


def test_closed_intervals_and_nights_are_simply_not_there() -> None:
    """A closed lunch hour leaves its load behind: the afternoon begins as the morning did."""
    table = come([60.0] * 8)
    open_hours = table.drop(index=[3, 4]).reset_index(drop=True)
    found = requirement.compute(open_hours, [line(Voice(patience=120.0))])
    assert found["interval"].tolist() == open_hours["interval"].tolist()
    assert found["load"].iloc[3] == pytest.approx(found["load"].iloc[0], rel=1e-3)


@pytest.mark.parametrize("value", [np.nan, -1.0, np.inf])
@pytest.mark.parametrize("column", ["volume", "aht"])
def test_what_is_no_number_is_named_with_its_row(column: str, value: float) -> None:
    """Broken cells are problems with column and row; only a missing handle time has a stand-in."""
    table = come([10.0, 10.0], aht=180.0)
    table.loc[1, column] = value
    if column == "aht" and np.isnan(value):
        assert requirement.compute(table, [line(Voice())])["aht"].tolist() == [180.0, 180.0]
        return
    with pytest.raises(DataError) as caught:
        requirement.compute(table, [line(Voice())])
    (problem,) = caught.value.found
    assert (problem.column, problem.line) == (column, 1)
    assert "a finite number, zero or more" in problem.remedy
    assert problem.problem.startswith(f"{value} is not")


@pytest.mark.parametrize(("aht", "word"), [(3.5, "3.5 s"), (240_000.0, "2.4e\\+05 s")])
@pytest.mark.parametrize("place", ["forecast", "queue"])
def test_handle_times_in_another_unit(aht: float, word: str, place: str) -> None:
    """Minutes and milliseconds in the place of seconds are refused with the figure and what to write."""
    own, table = (aht, come([10.0, 20.0])) if place == "queue" else (180.0, come([10.0, 20.0], aht=aht))
    with pytest.raises(DataError, match=f"mean handle time of 'line' is {word}.*-> give it in seconds"):
        requirement.compute(table, [line(Voice(), aht=own)])


def test_a_target_of_everybody_at_once_cannot_be() -> None:
    """No number of agents answers everybody in time: 1.0, 0 and per cent are refused at the noun."""
    for answered in (1.0, 0.0, 80.0, float("nan")):
        with pytest.raises(ValidationError, match="answered"):
            Target(answered=answered)
    for wrong in ({"within": -1.0}, {"max_occupancy": 0.0}, {"max_occupancy": 1.2}, {"max_abandonment": 0.0}):
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            Target(**wrong)


def test_a_day_of_one_interval_says_what_is_missing() -> None:
    """The length of an interval is read off two of them."""
    with pytest.raises(DataError, match="give at least two neighbouring intervals"):
        requirement.compute(come([10.0]), [line(Voice())])
