"""What a forecast is made of and which days it does not trust, as rows for a table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from staffing.forecasting import choice, daylevel, dayshape
from staffing.forecasting.habits import Point
from staffing.forecasting.level import Level, day_weight, learn_level, replay
from staffing.forecasting.past import Past

Array = np.ndarray

_NAMED = 4  # outlying days, the latest, that a sentence names


def outlying(past: Past) -> list[dict[str, object]]:
    """Outlying days of a past: date, offered, expected, departure, words."""
    _, total, part = dayshape.complete(past.counts, past.weekday, past.is_open)
    rows: list[dict[str, object]] = []
    for date, came, departure in _odd(past, total, learn_level(past, total, part)):
        expected = came / (1.0 + departure)
        words = f"{date:%A %Y-%m-%d}: {came:.0f} came where {expected:.0f} were to be expected"
        rows.append(
            {
                "date": date,
                "offered": came,
                "expected": expected,
                "departure": departure,
                "words": f"{words} ({100 * departure:+.0f} %)",
            }
        )
    return rows


def _odd(past: Past, total: Array, level: Level) -> list[tuple[pd.Timestamp, float, float]]:
    """Date, total and departure (factor less one) of each outlying day."""
    far = np.flatnonzero(level.outlier > 0)
    if not len(far):
        return []
    residual = daylevel.leave_one_out(level.days, level.hyper)[0]
    return [(past.dates[int(t)], float(total[t]), float(np.expm1(residual[t]))) for t in far]


def doubted(past: Past, total: Array, level: Level) -> tuple[str, ...]:
    """One sentence about the outlying days that level, bands and shape count little; none without any.

    Parameters
    ----------
    past : Past
        The queue.
    total : numpy.ndarray
        Of each of its days.
    level : Level
        As learned.
    """
    odd = _odd(past, total, level)
    if not odd:
        return ()
    named = [f"{date:%a %Y-%m-%d} ({100 * departure:+.0f} %)" for date, _, departure in odd[-_NAMED:]]
    before = f"{len(odd) - _NAMED} earlier, " if len(odd) > _NAMED else ""
    days = "1 odd day counts" if len(odd) == 1 else f"{len(odd)} odd days count"
    return (f"{days} little in the forecast: {before}{', '.join(named)}",)


def parts(past: Past, others: dict[str, Point]) -> list[dict[str, object]]:
    """What a queue's forecast is made of: part, name, value, low, high, words.

    Parameters
    ----------
    past : Past
        The queue.
    others : dict
        Name -> point forecast of the habits it was compared with.
    """
    counts, total, part = dayshape.complete(past.counts, past.weekday, past.is_open)
    level = learn_level(past, total, part)
    days = level.days
    names, groups = np.array(past.names), np.array(past.groups)
    open_days = past.is_open.any(axis=1)
    typical = np.zeros((1, len(names)))
    typical[0, names == "mean"] = 1.0
    weekdays = np.flatnonzero(groups == "weekday")
    typical[0, weekdays] = 1.0 / len(weekdays)
    after = daylevel.ahead(days, level.hyper, np.array([days.day[-1] + 1.0]), typical)
    spread = 1.2816 * float(np.sqrt(after.covariance[0, 0]))
    size = np.exp(after.mean[0] + level.middle)
    chosen = choice.judge(past, counts, level, list(replay(past, level)), others)
    rows: list[dict[str, object]] = [
        {
            "part": "method",
            "name": chosen.method,
            "value": chosen.wape_habit if chosen.method in others else chosen.wape,
            "low": np.nan,
            "high": np.nan,
            "words": chosen.why,
        },
        {
            "part": "level",
            "name": "mean open day",
            "value": float(size),
            "low": float(size * np.exp(-spread)),
            "high": float(size * np.exp(spread)),
            "words": f"{size:.0f} contacts on a mean open day",
        },
    ]
    asked: list[tuple[str, str, Array]] = []
    for k in weekdays:
        # Against the mean of all weekdays, since only differences between weekdays are known.
        asked.append(("weekday", str(names[k]), np.eye(len(names))[k] - typical[0] * (groups == "weekday")))
    for k in np.flatnonzero(~np.isin(groups, ["mean", "weekday", "dom", "year"])):
        full = 1.0 if groups[k] == "trend" else np.abs(days.features[:, k]).max()
        asked.append(("calendar", str(names[k]), np.eye(len(names))[k] * full))
    smooth = np.isin(groups, ["dom"])
    for number in sorted(set(past.dates.day)) if smooth.any() else []:
        like = days.features[np.asarray(past.dates.day == number)][0]
        asked.append(("calendar", f"day {number} of the month", np.where(smooth, like, 0.0)))
    season = groups == "year"
    for number in sorted(set(past.dates.month)) if season.any() else []:
        like = days.features[np.asarray(past.dates.month == number)].mean(axis=0)
        asked.append(
            ("calendar", pd.Timestamp(2026, int(number), 1).month_name(), np.where(season, like, 0.0))
        )
    for kind, name, column in asked:
        middle = float(column @ after.coefficient)
        off = 1.2816 * float(np.sqrt(max(column @ after.uncertainty @ column, 0.0)))
        value, low, high = (float(np.expm1(x)) for x in (middle, middle - off, middle + off))
        words = f"{name}: {round(100 * value):+d} %"
        rows.append({"part": kind, "name": name, "value": value, "low": low, "high": high, "words": words})
    share = dayshape.shape(counts, past.weekday, past.is_open, day_weight(level, past.dates)).share
    for weekday in np.flatnonzero(open_days):
        for slot in np.flatnonzero(past.is_open[weekday]):
            name = f"{_SHORT[weekday]} {past.minute[slot] // 60:02d}:{past.minute[slot] % 60:02d}"
            value = float(share[weekday, slot])
            words = f"{name}: {100 * value:.1f} % of the day"
            rows.append(
                {
                    "part": "profile",
                    "name": name,
                    "value": value,
                    "low": np.nan,
                    "high": np.nan,
                    "words": words,
                }
            )
    return rows


_SHORT = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def departed(
    measure: str, expected: float, came: float, chance: float, queue: str, what: str
) -> dict[str, object]:
    """One alarm, in words.

    Parameters
    ----------
    measure : str
        volume or aht.
    expected, came : float
        What was forecast and what came.
    chance : float
        That chance alone makes as much. [0-1]
    queue, what : str
        Whose, and of what in which days.
    """
    departure = came / expected - 1.0 if expected > 0 else float("inf")
    words = f"{queue}: {came:.0f} {what}, {departure:+.0%} against the {expected:.0f} forecast"
    return {
        "measure": measure,
        "expected": expected,
        "actual": came,
        "departure": departure,
        "chance": chance,
        "words": words.replace("%", " %"),
    }
