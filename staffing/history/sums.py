"""From single calls or short intervals to longer intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from staffing.history.cells import SHOWN, refused
from staffing.tables import CALLS, HISTORY, check, interval_minutes

COUNTS = ("offered", "handled", "abandoned", "answered_within")


def resample(history: pd.DataFrame, every: str) -> pd.DataFrame:
    """Sum a history to longer intervals.

    An interval that the history does not wholly cover is left out, and the report says so: half of its calls
    are not its calls.

    Parameters
    ----------
    history : pandas.DataFrame
        HISTORY.
    every : str
        The longer interval, for example ``"30min"``.

    Returns
    -------
    pandas.DataFrame
        HISTORY: counts summed; aht and asa [s] weighted by handled, or by offered where that is not known.

    Raises
    ------
    DataError
        Where the new interval is no multiple of the old one, or does not divide the day.

    Examples
    --------
    >>> five = pd.DataFrame({"queue": "calls", "offered": 1.0, "interval": pd.date_range(
    ...     "2026-11-30 20:30", periods=7, freq="5min", tz="Asia/Seoul")})
    >>> half_hours = resample(five, "30min")
    >>> half_hours["offered"].tolist(), half_hours.attrs["report"]
    ([6.0], ['1 interval of 30 min was not wholly covered and left out (21:00).'])
    """
    old, new = interval_minutes(history), _minutes(every)
    if new % old or 1440 % new:
        raise refused(
            f"intervals of {old} min cannot be summed to {new} min", "choose a multiple that divides the day"
        )
    if new == old:
        return history
    keys = [history["queue"], _starts(history["interval"], new)]
    rows = history.groupby(keys)
    counts = [name for name in COUNTS if name in history]
    size = rows.size()
    # A sum over a missing count would be a smaller count that nobody could tell from a true one.
    total = rows[counts].sum().where(rows[counts].count().eq(size, axis=0))
    for mean in ("aht", "asa"):
        if mean in history:
            weight = (history["handled"] if "handled" in history else history["offered"]).where(
                history[mean].notna()
            )
            spent = (history[mean] * weight).groupby(keys).sum(min_count=1)
            total[mean] = spent / weight.groupby(keys).sum().replace(0.0, np.nan)
    whole = (size == new // old).to_numpy()
    total = total.reset_index()
    result = total[whole].reset_index(drop=True)
    report = list(history.attrs.get("report", []))
    if not whole.all():
        hours = sorted(set(total.loc[~whole, "interval"].dt.strftime("%H:%M")))
        named = ", ".join(hours[:SHOWN]) + (" ..." if len(hours) > SHOWN else "")
        count = int((~whole).sum())
        what = "interval of {} min was" if count == 1 else "intervals of {} min were"
        report.append(f"{count} {what.format(new)} not wholly covered and left out ({named}).")
    result.attrs["report"] = report
    return check(result, HISTORY)


def _starts(times: pd.Series, minutes: int) -> pd.Series:
    """Starts of the intervals, as the wall clock divides the day, in which some times lie."""
    local = times.dt.tz_localize(None)
    return (times - (local - local.dt.normalize()) % pd.Timedelta(minutes=minutes)).dt.as_unit("us")


def _minutes(every: str) -> int:
    try:
        length = pd.Timedelta(every) / pd.Timedelta(minutes=1)
    except ValueError:
        length = 0.5
    if length < 1 or length % 1:
        raise refused(f"{every!r} is no length of an interval", "write whole minutes, for example 30min")
    return int(length)


def from_calls(calls: pd.DataFrame, *, every: str = "30min", within: float = 20) -> pd.DataFrame:
    """Count a log of single calls into intervals.

    An interval without calls between the first and the last of a day is a true zero; outside them nothing is
    known, and there are no rows.

    Parameters
    ----------
    calls : pandas.DataFrame
        CALLS: queue, arrived, wait [s], service [s], outcome (answered, abandoned).
    every : str
        Length of an interval.
    within : float
        Acceptable waiting time. [s]

    Returns
    -------
    pandas.DataFrame
        HISTORY: queue, interval, offered, handled, abandoned, answered_within, aht [s], asa [s].

    Raises
    ------
    DataError
        Where the log is not of the form CALLS.

    Examples
    --------
    >>> log = pd.DataFrame({"queue": "calls", "wait": [5.0, 40.0], "service": [200.0, None],
    ...     "arrived": pd.to_datetime(["2026-11-30 09:01", "2026-11-30 10:10"]).tz_localize("Asia/Seoul"),
    ...     "outcome": ["answered", "abandoned"]})
    >>> from_calls(log)[["offered", "handled", "abandoned", "answered_within"]].values.tolist()
    [[1.0, 1.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]]
    """
    check(calls, CALLS)
    strange = sorted(set(calls["outcome"]) - {"answered", "abandoned"})
    if strange:
        raise refused(f"outcome {strange[0]!r} is unknown", "write answered or abandoned", column="outcome")
    minutes = _minutes(every)
    answered = calls["outcome"] == "answered"
    wait, service = calls["wait"], calls.get("service", np.nan)
    each = pd.DataFrame(
        {
            "offered": 1.0,
            "handled": answered * 1.0,
            "abandoned": ~answered * 1.0,
            "answered_within": (answered & (wait <= within)) * 1.0,
            "aht": pd.Series(service, index=calls.index, dtype="float64").where(answered),
            "asa": wait.where(answered),
        },
        index=calls.index,
    )
    start = _starts(calls["arrived"], minutes).rename("interval")
    rows = each.groupby([calls["queue"], start])
    table = rows[list(COUNTS)].sum().join(rows[["aht", "asa"]].mean())
    days = start.groupby([calls["queue"], start.dt.date])
    slots = [
        (queue, slot)
        for (queue, _), day in days
        for slot in pd.date_range(day.min(), day.max(), freq=f"{minutes}min", unit="us")
    ]
    if slots:
        table = table.reindex(pd.MultiIndex.from_tuples(slots, names=["queue", "interval"]))
    table[list(COUNTS)] = table[list(COUNTS)].fillna(0.0)
    result = table.reset_index()
    said = f"{len(calls)} calls were counted into {len(result)} intervals of {minutes} min."
    result.attrs["report"] = [said]
    return check(result, HISTORY)
