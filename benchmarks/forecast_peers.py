"""Other libraries' forecasts of the same weeks, in an environment of their own, for `benchmarks/forecast.py`.

    python benchmarks/forecast_peers.py FOLDER

FOLDER holds history.csv (interval, offered; wall-clock times of open intervals), days.csv (interval, offered,
queue) and task.json (origins, closed days). Written beside them: one CSV for each contender with origin,
interval, volume and, where it has them, volume_p10 and volume_p90; and seconds.json, CPU seconds an origin.

prophet: as it comes, on the open intervals; for the daily series with the country's holidays. statsforecast:
MSTL with seasons of a day and a week on the grid of normally open intervals, AutoARIMA or AutoETS for the
trend; a missing day is filled with the week before's, since it takes no gaps.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NIXTLA_NUMBA_CACHE"):
    os.environ[threads] = "1"

import numpy as np  # noqa: E402  (after the number of threads is set)
import pandas as pd  # noqa: E402

warnings.simplefilter("ignore")
logging.getLogger("cmdstanpy").disabled = True
logging.getLogger("prophet").disabled = True

Said = tuple[np.ndarray, np.ndarray, np.ndarray]


def cpu() -> float:
    """Processor time of this process and its children. [s]"""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def prophet(before: pd.DataFrame, wanted: pd.DatetimeIndex, country: str | None = None) -> Said:
    from prophet import Prophet

    model = Prophet(interval_width=0.8)
    if country:
        model.add_country_holidays(country)
    model.fit(before.rename(columns={"interval": "ds", "offered": "y"}))
    said = model.predict(pd.DataFrame({"ds": wanted}))
    return tuple(np.maximum(said[name].to_numpy(), 0) for name in ("yhat", "yhat_lower", "yhat_upper"))


def mstl(before: pd.DataFrame, wanted: pd.DatetimeIndex, trend: str) -> Said:
    from statsforecast import StatsForecast
    from statsforecast.models import MSTL, AutoARIMA, AutoETS

    minutes = before["interval"].dt.hour * 60 + before["interval"].dt.minute
    slots, weekdays = np.sort(minutes.unique()), sorted(before["interval"].dt.dayofweek.unique())
    first, last = before["interval"].iloc[0].normalize(), before["interval"].iloc[-1].normalize()

    def grid(begin: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
        days = [day for day in pd.date_range(begin, end) if day.dayofweek in weekdays]
        return pd.DatetimeIndex([day + pd.Timedelta(minutes=int(slot)) for day in days for slot in slots])

    past = before.set_index("interval")["offered"].reindex(grid(first, last))
    while past.isna().any():
        past = past.fillna(past.shift(len(slots) * len(weekdays))).bfill()
    ahead = grid(last + pd.Timedelta(days=1), wanted[-1].normalize())
    season = [len(slots), len(slots) * len(weekdays)]
    forecaster = AutoARIMA() if trend == "arima" else AutoETS(model="ZZN")
    series = pd.DataFrame({"unique_id": "q", "ds": np.arange(len(past)), "y": past.to_numpy()})
    model = StatsForecast(models=[MSTL(season_length=season, trend_forecaster=forecaster)], freq=1, n_jobs=1)
    said = model.forecast(df=series, h=len(ahead), level=[80]).set_index(ahead).reindex(wanted)
    return tuple(np.maximum(said[name].to_numpy(), 0) for name in ("MSTL", "MSTL-lo-80", "MSTL-hi-80"))


def run(
    name: str,
    table: pd.DataFrame,
    origins: list[dict],
    method: Callable[[pd.DataFrame, pd.DatetimeIndex], Said],
    folder: Path,
) -> float:
    """Forecast every origin, write it, and say the CPU seconds of one."""
    parts, clock = [], 0.0
    for at in origins:
        origin, end = pd.Timestamp(at["origin"]), pd.Timestamp(at["origin"]) + pd.Timedelta(days=at["days"])
        before = table[table["interval"] < pd.Timestamp(at["known_until"])].reset_index(drop=True)
        wanted = pd.DatetimeIndex(
            table["interval"][(table["interval"] >= origin) & (table["interval"] < end)]
        )
        begin = cpu()
        volume, low, high = method(before, wanted)
        clock += cpu() - begin
        parts.append(
            pd.DataFrame(
                {
                    "origin": origin,
                    "interval": wanted,
                    "volume": volume,
                    "volume_p10": low,
                    "volume_p90": high,
                }
            )
        )
    pd.concat(parts).to_csv(folder / f"{name}.csv", index=False)
    return clock / len(origins)


def main(folder: Path) -> None:
    task = json.loads((folder / "task.json").read_text())
    table = pd.read_csv(folder / "history.csv", parse_dates=["interval"])
    seconds = {
        "prophet": run("prophet", table, task["weeks"], prophet, folder),
        "statsforecast MSTL, AutoARIMA": run(
            "statsforecast MSTL, AutoARIMA", table, task["weeks"], lambda b, w: mstl(b, w, "arima"), folder
        ),
        "statsforecast MSTL, AutoETS": run(
            "statsforecast MSTL, AutoETS", table, task["weeks"], lambda b, w: mstl(b, w, "ets"), folder
        ),
    }
    if (folder / "days.csv").exists():
        days = pd.read_csv(folder / "days.csv", parse_dates=["interval"])
        for queue, part in days.groupby("queue"):
            own = part[["interval", "offered"]].reset_index(drop=True)
            name = f"prophet {queue}"
            seconds[name] = run(name, own, task["days"], lambda b, w: prophet(b, w, "GB"), folder)
    versions = {name: version(name) for name in ("prophet", "statsforecast")}
    (folder / "seconds.json").write_text(json.dumps({"seconds": seconds, "versions": versions}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
