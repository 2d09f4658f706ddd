"""Scores of a backtest, fold by fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from staffing.calendar import Calendar
from staffing.forecasting import accuracy, handletime
from staffing.forecasting.drawing import column, days_of


def told_closures(calendar: Calendar, dates: pd.Series) -> Calendar:
    """The calendar with the days on which no queue has data among its closed dates."""
    there = pd.DatetimeIndex(dates.unique())
    absent = pd.date_range(there.min(), there.max(), freq="D").difference(there)
    given = [calendar.closed] if isinstance(calendar.closed, str) else list(calendar.closed)
    return replace(calendar, closed=[*given, *(day.date() for day in absent)])


def habit_error(history: pd.DataFrame) -> dict[str, float]:
    day = days_of(history).to_numpy().astype("datetime64[D]").astype(np.int64)
    slot = handletime.minute_of_day(pd.DatetimeIndex(history["interval"]))
    offered, queue = history["offered"].to_numpy(dtype=float), history["queue"].to_numpy()
    return {
        name: accuracy.weekly_scale(day[queue == name], slot[queue == name], offered[queue == name])
        for name in sorted(set(queue))
    }


def wrong_hours(part: pd.DataFrame) -> float:
    """Workload wrongly staffed by the queues whose handle time is known; missing where none is. [h]"""
    if "aht" not in part:
        return float("nan")
    aht = part["aht"].to_numpy(dtype=float)
    known = part["own"].isin(part.loc[np.isfinite(aht), "own"]).to_numpy()
    off = (part["volume"] - part["offered"]).abs().to_numpy(dtype=float)
    return float((off * aht)[known].sum() / 3600.0) if known.any() else float("nan")


def without_handle_time(scored: pd.DataFrame) -> list[str]:
    """Queues whose handle time nobody knows, beside others whose is known."""
    queues = set(scored["own"])
    known = set(scored.loc[scored["aht"].notna(), "own"]) if "aht" in scored else set()
    return sorted(queues - known) if known else []


def scores(part: pd.DataFrame, quantiles: Sequence[float]) -> dict[str, float]:
    came, said = part["offered"].to_numpy(dtype=float), part["volume"].to_numpy(dtype=float)
    day = part.groupby(["own", days_of(part)])[["offered", "volume"]].sum()
    bands = [part[column(q)].to_numpy(dtype=float) for q in sorted(quantiles)]
    losses = [accuracy.pinball(came, band, q) for band, q in zip(bands, sorted(quantiles), strict=True)]

    return {
        "wape": accuracy.wape(came, said),
        "floor": accuracy.poisson_floor(said),
        "wape_day": accuracy.wape(day["offered"].to_numpy(), day["volume"].to_numpy()),
        "bias": accuracy.bias(came, said),
        "mase": accuracy.mase(came / part["scale"], said / part["scale"], 1.0),
        "pinball": float(np.mean(losses)) if losses else float("nan"),
        "coverage": accuracy.coverage(came, bands[0], bands[-1]) if bands else float("nan"),
        "width": accuracy.width(came, bands[0], bands[-1]) if bands else float("nan"),
        "agent_hours": wrong_hours(part),
        "seconds": float(part.groupby("origin")["seconds"].first().sum()),
    }
