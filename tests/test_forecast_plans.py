"""What planners know and ask of a forecast: steps, events, new queues, levels that add up, which method."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from staffing import forecast
from staffing.calendar import Calendar
from staffing.errors import DataError
from staffing.forecasting import totals

SEOUL = "Asia/Seoul"
MONDAY = "2026-03-02"


def calls(days: int, mean: float = 20.0, *, queue: str = "전화", seed: int = 1) -> pd.DataFrame:
    """Poisson calls per half hour, 9 to 18, Monday to Friday, from 2 March 2026 on."""
    times = pd.date_range(MONDAY, periods=48 * days, freq="30min", tz=SEOUL)
    times = times[(times.hour >= 9) & (times.hour < 18) & (times.day_of_week < 5)]
    offered = np.random.default_rng(seed).poisson(mean, len(times)).astype(float)
    return pd.DataFrame({"queue": queue, "interval": times, "offered": offered})


def on(day: str) -> pd.Timestamp:
    return pd.Timestamp(day).as_unit("us")


def by_day(table: pd.DataFrame) -> pd.Series:
    return table.groupby(table["interval"].dt.day)["volume"].mean()


# --- events and steps


def test_a_given_effect_fades_as_it_is_told() -> None:
    """Two days of +20 %, then +10 % and +5 % as an after-effect of two days, then nothing."""
    events = pd.DataFrame({"name": ["세일"], "queue": ["all"], "start": [on("2026-05-04")]})
    events = events.assign(end=on("2026-05-05"), effect=0.2, after_effect=0.1, after_days=2)
    history = calls(63)
    plain = by_day(forecast.predict(history, 7))
    sale = by_day(forecast.predict(history, 7, calendar=Calendar(events=events)))
    assert (sale / plain).to_numpy() == pytest.approx([1.2, 1.2, 1.1, 1.05, 1.0], rel=1e-3)


def test_an_after_effect_is_learned_over_its_length() -> None:
    """Days after past sales that fell by a quarter and recovered over four days teach a fall ahead."""
    history = calls(24 * 7, 80.0)
    dates = history["interval"].dt.tz_localize(None).dt.normalize()
    days = [f"2026-{day}" for day in ("03-23", "04-13", "05-05", "05-26", "06-15", "07-06", "07-27")]
    for day in days:
        for k in range(1, 5):
            after = dates == on(day) + pd.Timedelta(days=k)
            history.loc[after, "offered"] *= 1 - 0.25 * (1 - (k - 1) / 4)
    events = pd.DataFrame(
        {"name": "sale", "queue": "all", "start": [on(day) for day in [*days, "2026-08-17"]]}
    )
    events = events.assign(end=events["start"], after_days=4)
    volume = by_day(forecast.predict(history, 7, calendar=Calendar(events=events)))
    assert volume[18] / volume[21] == pytest.approx(0.75 / 0.94, abs=0.09)
    assert volume[18] < volume[19] < volume[20]


def test_self_service_from_a_known_day_on() -> None:
    """A step of -15 % that begins ahead takes 15 % off every day from then on, and off none before."""
    events = pd.DataFrame({"name": ["chat bot"], "queue": ["전화"], "start": [on("2026-05-06")]})
    events = events.assign(end=on("2027-12-31"), effect=-0.15, kind="step")
    plain = by_day(forecast.predict(calls(63), 7))
    less = by_day(forecast.predict(calls(63), 7, calendar=Calendar(events=events)))
    assert (less / plain).to_numpy() == pytest.approx([1, 1, 0.85, 0.85, 0.85], rel=1e-3)


def test_a_step_in_the_past_is_learned_at_once() -> None:
    """Ten days after a new product brought half as many calls again, its step tells level and all."""
    history = calls(80, 50.0)
    since = history["interval"] >= pd.Timestamp("2026-05-11", tz=SEOUL)
    history.loc[since, "offered"] *= 1.5
    events = pd.DataFrame({"name": ["new product"], "queue": ["all"], "start": [on("2026-05-11")]})
    events = events.assign(end=on("2027-12-31"), kind="step")
    told = Calendar(events=events)
    table = forecast.predict(history, 7, calendar=told)
    assert table["volume"].mean() == pytest.approx(75.0, rel=0.04)
    step = forecast.explain(history, calendar=told).set_index("name").loc["new product"]
    assert step["value"] == pytest.approx(0.5, abs=0.06)
    blind = forecast.predict(history, 7)
    width = [(t["volume_p90"] - t["volume_p10"]).sum() / t["volume"].sum() for t in (table, blind)]
    assert width[0] < width[1]


def test_an_event_that_nothing_teaches_is_named() -> None:
    """A first promotion without a given effect changes nothing, and the forecast says so."""
    events = pd.DataFrame({"name": ["opening"], "queue": ["전화"], "start": [on("2026-05-06")]})
    table = forecast.predict(calls(63), 7, calendar=Calendar(events=events.assign(end=events["start"])))
    assert table.attrs["notes"] == ["전화: no past day teaches 'opening'; give it an effect"]
    assert "notes" not in forecast.predict(calls(63), 7).attrs


# --- new queues


def test_a_new_queue_borrows_a_profile() -> None:
    """Three days old and half the size: the other's Mondays and mornings, at its own level."""
    old = calls(70, 40.0)
    old.loc[old["interval"].dt.hour < 11, "offered"] *= 2
    old.loc[old["interval"].dt.day_of_week == 0, "offered"] *= 1.5
    last = old[old["interval"] >= pd.Timestamp("2026-05-06", tz=SEOUL)]
    new = last.assign(queue="새", offered=np.round(last["offered"] * 0.5))
    history = pd.concat([old, new], ignore_index=True)
    table = forecast.predict(history, 7, like={"새": "전화"})
    volume = table.groupby(["queue", table["interval"].dt.day_of_week])["volume"].sum().unstack(0)
    assert (volume["새"] / volume["전화"]).to_numpy() == pytest.approx(0.5, rel=0.05)
    alone = forecast.predict(history, 7)
    assert set(alone[alone["queue"] == "새"]["interval"].dt.day_of_week) == {2, 3, 4}
    other = table[table["queue"] == "전화"].reset_index(drop=True)
    pd.testing.assert_series_equal(
        other["volume"], alone[alone["queue"] == "전화"].reset_index(drop=True)["volume"]
    )


def test_a_queue_without_a_past_is_as_large_as_the_one_it_is_like() -> None:
    """With nothing of its own it gets the other's volume, to be scaled by an adjustment."""
    table = forecast.predict(calls(63, 40.0), 7, like={"새": "전화"})
    total = table.groupby("queue")["volume"].sum()
    assert total["새"] == pytest.approx(total["전화"], rel=0.01)
    with pytest.raises(DataError, match="cannot borrow"):
        forecast.predict(calls(14), 7, like={"새": "없음"})


# --- levels


LEVELS = pd.DataFrame(
    {
        "queue": ["전화", "채팅", "반품"],
        "channel": ["voice", "chat", "voice"],
        "team": ["presales", "presales", "aftersales"],
        "site": "서울",
    }
)


def three_queues() -> pd.DataFrame:
    sizes = {"전화": 20, "채팅": 8, "반품": 4}
    parts = [calls(42, mean, queue=name, seed=mean) for name, mean in sizes.items()]
    return pd.concat(parts, ignore_index=True).assign(
        aht=lambda t: np.where(t["queue"] == "채팅", 400.0, 200.0)
    )


def test_every_level_adds_up_to_the_same() -> None:
    """Queues, channels, teams and the site have one total; handle time is weighted by volume."""
    table = forecast.predict(three_queues(), 7)
    sums = forecast.add_up(table, LEVELS)
    totals_of = sums.groupby("level")["volume"].sum()
    assert list(sums["level"].unique()) == ["queue", "channel", "team", "site"]
    assert totals_of.to_numpy() == pytest.approx(table["volume"].sum())
    voice = table[table["queue"] != "채팅"].groupby("interval")["volume"].sum()
    assert sums[sums["name"] == "voice"]["volume"].to_numpy() == pytest.approx(voice.to_numpy())
    work = (table["volume"] * table["aht"]).sum()
    site = sums[sums["level"] == "site"]
    assert (site["volume"] * site["aht"]).sum() == pytest.approx(work)
    with pytest.raises(DataError, match="where '반품' belongs"):
        forecast.add_up(table, LEVELS.head(2))


def test_added_paths_have_honest_quantiles() -> None:
    """The band of the sum is narrower than the sum of the bands, and its mean is the sum of the means."""
    history = three_queues()
    drawn = forecast.add_up(forecast.paths(history, 7, n=300), LEVELS)
    read = forecast.from_paths(drawn, quantiles=(0.1, 0.9))
    site, queues = read[read["level"] == "site"], read[read["level"] == "queue"]
    assert site["volume"].sum() == pytest.approx(queues["volume"].sum())
    width = [(t["volume_p90"] - t["volume_p10"]).sum() for t in (site, queues)]
    assert 0.4 * width[1] < width[0] < 0.9 * width[1]


def test_a_change_at_any_level_adds_up() -> None:
    """70 more contacts for a team are 70 more for the site, spread like the volume of its queues."""
    table = forecast.predict(three_queues(), 7)
    change = pd.DataFrame({"queue": ["presales"], "start": [on("2026-04-13")], "end": [on("2026-04-13")]})
    change = change.assign(add=70.0, who="정", why="catalogue")
    changed = forecast.adjust(table, change, levels=LEVELS)
    sums = forecast.add_up(changed, LEVELS)
    for level, name in (("team", "presales"), ("site", "서울")):
        row = sums[(sums["level"] == level) & (sums["name"] == name)]
        assert row["volume"].sum() - row["volume_statistical"].sum() == pytest.approx(70.0)
    monday = changed[(changed["interval"].dt.day == 13) & (changed["queue"] != "반품")]
    ratio = monday["volume"] / monday["volume_statistical"]
    assert ratio.to_numpy() == pytest.approx(ratio.iloc[0])
    assert changed[changed["queue"] == "반품"]["volume"].equals(
        changed[changed["queue"] == "반품"]["volume_statistical"]
    )
    with pytest.raises(DataError, match="no level is called 'presale'"):
        forecast.adjust(table, change.assign(queue="presale"), levels=LEVELS)


# --- which method, and why


def test_auto_keeps_the_recipe_where_it_is_no_clear_loser() -> None:
    """On steady queues the recipe stands, and says how it and the best habit did."""
    history = pd.concat([calls(120, 30.0, queue=f"q{k}", seed=k) for k in range(8)], ignore_index=True)
    chosen = forecast.choose(history)
    assert (chosen["method"] == "level_x_profile").all()
    assert (chosen["folds"] == 10).all()
    assert (chosen["wape"] < chosen["wape_habit"]).all()
    why = forecast.predict(history, 7).attrs["method"]
    assert why == dict(zip(chosen["queue"], chosen["why"], strict=True))
    assert "off over the last 10 weeks" in why["q0"]


def test_auto_leaves_a_clear_loser() -> None:
    """Where the shape of the day turns over every five weeks, last week beats long shares and is used."""
    history = calls(140, 200.0)
    local = history["interval"].dt.tz_localize(None)
    turned = np.where((local - on(MONDAY)).dt.days // 35 % 2 == 0, 1.0, -1.0)
    history["offered"] = np.round(history["offered"] * np.exp(turned * (local.dt.hour - 13) / 5))
    chosen = forecast.choose(history).iloc[0]
    assert chosen["method"] == chosen["habit"] == "last_week"
    assert chosen["wape"] > chosen["wape_habit"]
    assert "a loss beyond its standard error" in chosen["why"]
    auto, habit = (forecast.predict(history, 7, method=name) for name in ("auto", "last_week"))
    assert auto["volume"].to_numpy() == pytest.approx(habit["volume"].to_numpy())


def test_too_few_weeks_are_not_judged() -> None:
    """With a month of history nothing is compared, and that is said."""
    assert "too few" in forecast.choose(calls(28))["why"].iloc[0]
    assert forecast.choose(calls(40).assign(offered=0.0))["why"].tolist() == ["no contacts in the history"]


@pytest.mark.parametrize("method", ["ets", "mstl", "harmonic"])
def test_statsmodels_methods_know_the_calendar(method: str) -> None:
    """Weekdays and a given promotion are there, and so is the fallback with its reason."""
    history = calls(84, 60.0)
    history.loc[history["interval"].dt.day_of_week == 0, "offered"] *= 1.5
    events = pd.DataFrame({"name": ["sale"], "queue": ["all"], "start": [on("2026-05-27")]})
    told = Calendar(events=events.assign(end=events["start"], effect=0.3))
    volume = by_day(forecast.predict(history, 7, method=method, calendar=told))
    assert volume.to_numpy() == pytest.approx([90, 60, 78, 60, 60], rel=0.05)
    short = forecast.predict(calls(14), 7, method=method)
    assert short.attrs["method"]["전화"] == f"level_x_profile: {method} needs 19 days of history"


def test_a_model_gone_astray_is_not_followed() -> None:
    """A plugged-in model of totals that explodes, fails or says nothing leaves the house's own level."""

    def explodes(level: np.ndarray, period: int, ahead: int) -> tuple[np.ndarray, np.ndarray]:
        return np.full(ahead, 1e6), np.ones(ahead)

    def fails(level: np.ndarray, period: int, ahead: int) -> tuple[np.ndarray, np.ndarray]:
        raise np.linalg.LinAlgError("singular")

    def silent(level: np.ndarray, period: int, ahead: int) -> tuple[np.ndarray, np.ndarray]:
        return np.full(ahead, np.nan), np.ones(ahead)

    history = calls(84)
    own = forecast.predict(history, 7, method="level_x_profile")
    for model, word in ((explodes, "strayed"), (fails, "singular"), (silent, "strayed")):
        table = forecast.predict(history, 7, method=totals.of_totals("mine", model))
        assert word in table.attrs["method"]["전화"]
        assert table["volume"].to_numpy() == pytest.approx(own["volume"].to_numpy())


def test_a_plain_model_gets_calendar_adjusted_counts() -> None:
    """The mean of all days, plugged in on adjusted counts, still knows the promotion."""

    def usual(counts: pd.DataFrame, dates: pd.DatetimeIndex) -> np.ndarray:
        return np.repeat(counts.mean().to_numpy()[None], len(dates), axis=0)

    history = calls(84, 60.0)
    dates = history["interval"].dt.tz_localize(None).dt.normalize()
    history.loc[dates == on("2026-05-20"), "offered"] *= 1.4
    events = pd.DataFrame({"name": "sale", "queue": "all", "start": [on("2026-05-20"), on("2026-05-27")]})
    told = Calendar(events=events.assign(end=events["start"], effect=0.4))
    table = forecast.predict(history, 7, method=forecast.with_calendar(usual), calendar=told)
    assert by_day(table).to_numpy() == pytest.approx([60, 60, 84, 60, 60], rel=0.03)


# --- weeks of other countries, short histories


def test_a_week_from_sunday_to_thursday() -> None:
    """Where Friday and Saturday are free they have no rows, and Sunday has a level of its own."""
    times = pd.date_range("2026-01-04", periods=24 * 7 * 26, freq="60min", tz="Asia/Jerusalem")
    times = times[(times.hour >= 8) & (times.hour < 17) & times.day_of_week.isin([6, 0, 1, 2, 3])]
    offered = np.random.default_rng(3).poisson(np.where(times.day_of_week == 6, 60.0, 40.0)) * 1.0
    history = pd.DataFrame({"queue": "קו", "interval": times, "offered": offered})
    known = Calendar("IL", week_starts="sun", closed="public")
    first = history["interval"].max().date() + pd.Timedelta(days=3)
    table = forecast.predict(history, 7, start=first, calendar=known)
    days = table.groupby(table["interval"].dt.day_of_week)["volume"].mean()
    assert list(days.index) == [0, 1, 2, 3, 6]
    assert days[6] == pytest.approx(60.0, rel=0.05)
    assert days[2] == pytest.approx(40.0, rel=0.05)
    passover = forecast.predict(
        history[history["interval"] < pd.Timestamp("2026-03-29", tz="Asia/Jerusalem")], 7, calendar=known
    )
    # The first day of Passover, 2 April 2026, is a Thursday.
    assert passover["interval"].dt.day.unique().tolist() == [29, 30, 31, 1]


@pytest.mark.parametrize("weeks", [1, 2])
def test_bands_of_short_histories(shared, weeks: int) -> None:
    """One and two weeks of a centre's history: the 80 % band covers 70-88 % of the next week."""
    table = pd.read_csv(shared / "data/bank_calls_2003/calls_30min.csv")
    times = pd.to_datetime(table["start"]).dt.tz_localize("UTC").dt.as_unit("us")
    bank = pd.DataFrame({"queue": "retail", "interval": times, "offered": table["offered"].astype(float)})
    raw = pd.read_csv(shared / "data/anonymous_bank_1999/arrivals_6min_1999-01_09.csv.gz")
    times = pd.to_datetime(raw["start"]).dt.as_unit("us").dt.floor("30min").dt.tz_localize("UTC")
    second = pd.DataFrame({"queue": "all", "interval": times, "offered": raw["offered"].astype(float)})
    second = second.groupby(["queue", "interval"], as_index=False)["offered"].sum()
    second = second[(second["interval"].dt.hour >= 7) & ~second["interval"].dt.day_of_week.isin([4, 5])]
    second = second[second.groupby(second["interval"].dt.date)["offered"].transform("sum") >= 500]
    for history, origins in (
        (bank, pd.date_range("2003-05-05", "2003-07-21", freq="7D")),
        (second, pd.date_range("1999-03-29", "1999-09-20", freq="7D")),
    ):
        dates, inside = history["interval"].dt.tz_localize(None).dt.normalize(), []
        for origin in origins:
            before = history[(dates < origin) & (dates >= origin - pd.Timedelta(weeks=weeks))]
            both = forecast.predict(before, 7, start=origin.date()).merge(history, on=["queue", "interval"])
            inside += both["offered"].between(both["volume_p10"], both["volume_p90"]).tolist()
        assert 0.70 <= np.mean(inside) <= 0.88


def test_a_queue_that_begins_today() -> None:
    """On its first day a new queue's rest of the day is the other's, moved by what it had so far."""
    history = calls(42, 30.0, queue="전화")
    first = pd.date_range("2026-04-13 09:00", periods=18, freq="30min", tz=SEOUL)
    today = pd.DataFrame({"queue": "채팅", "interval": first, "offered": 40.0})
    now = pd.Timestamp("2026-04-13 13:00", tz=SEOUL)
    rest = forecast.reforecast(history, today, now=now, like={"채팅": "전화"}).query("queue == '채팅'")
    assert len(rest) == 10
    assert (rest["volume"] > rest["volume_before"]).all()
    assert rest["volume_before"].mean() == pytest.approx(30.0, rel=0.1)


def test_a_new_queue_is_judged_by_the_one_it_is_like() -> None:
    """A first week twice the size of the queue it was thought to be like is called out; one alike is not."""
    history = calls(70, 30.0, queue="전화")
    times = calls(7, 30.0)["interval"] + pd.Timedelta(days=70)
    for size, called in ((60.0, ["채팅"]), (30.0, [])):
        came = pd.DataFrame({"queue": "채팅", "interval": times, "offered": size})
        assert forecast.alarms(history, came, like={"채팅": "전화"})["queue"].tolist() == called


def test_why_and_what_is_doubted_stand_in_the_forecast() -> None:
    """The choice stands in attrs and among the parts, and a failed day is named in the notes."""
    history = calls(84)
    failed = history["interval"].dt.strftime("%Y-%m-%d") == "2026-04-21"
    history.loc[failed, "offered"] = np.floor(history.loc[failed, "offered"] / 4)
    table = forecast.predict(history, 7)
    why = table.attrs["method"]["전화"]
    assert "level_x_profile: " in why and "% off over the last" in why
    assert [note for note in table.attrs["notes"] if "Tue 2026-04-21 (-7" in note]
    parts = forecast.explain(history).query("part == 'method'")
    assert parts["words"].tolist() == [why] and parts["value"].between(0.05, 0.5).all()


def test_a_queue_of_one_contact_in_three_days() -> None:
    """Every weekday of a daily table of mostly zeros is open, at its mean: zero is not closed."""
    times = pd.date_range("2026-01-05", periods=90, freq="1D", tz=SEOUL)
    offered = np.random.default_rng(0).poisson(0.3, 90).astype(float)
    table = forecast.predict(pd.DataFrame({"queue": "반품", "interval": times, "offered": offered}), 7)
    assert len(table) == 7
    assert table["volume"].sum() == pytest.approx(7 * offered.mean(), rel=0.6)
    assert (table["volume_p10"] == 0).all() and (table["volume_p90"] >= table["volume"]).all()
