"""From a history to possible futures, one queue at a time."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from staffing.calendar import Calendar
from staffing.errors import DataError, Problem
from staffing.forecasting import handletime, pastdays
from staffing.forecasting.lending import lend
from staffing.forecasting.methods import METHODS
from staffing.forecasting.past import Choice, Draws, Method, Past
from staffing.tables import HISTORY, check, interval_minutes

Array = np.ndarray


class Drawn(NamedTuple):
    queue: str
    rows: pd.DataFrame
    times: pd.DatetimeIndex
    mean: Array
    paths: Array
    choice: Choice | None
    notes: tuple[str, ...]
    errors: pd.Series | None


def draw_all(
    history: pd.DataFrame,
    days: int,
    n: int,
    start: dt.date | None,
    method: str | Method,
    calendar: Calendar | None,
    like: Mapping[str, str] | None,
    seed: int,
) -> Iterator[Drawn]:
    """One queue's possible futures at a time, so that a thousand queues need no more memory than one."""
    problems = []
    if days < 1:
        problems.append(Problem(f"{days} days cannot be forecast", "ask for at least one day"))
    if isinstance(method, str) and method not in METHODS:
        problems.append(Problem(f"there is no method {method!r}", f"write one of {', '.join(METHODS)}"))
    if problems:
        raise DataError(problems)
    run = METHODS[method] if isinstance(method, str) else method
    for queue, rows, times, past in pasts(lend(history, like), days, start, calendar):
        if len(times) == 0:
            yield Drawn(queue, rows, times, np.zeros(0), np.zeros((0, n)), None, (), None)
            continue
        if not len(past.dates):
            remedy = "give more history, or mend the opening hours"
            raise DataError([Problem(f"{queue!r} has no day with data in its opening hours", remedy)])
        found = run(past, n, np.random.default_rng([seed, zlib.crc32(queue.encode())]))
        _check_draws(found, past, n)
        day, slot = pastdays.places(times, past)
        mean, possible = found.mean[day, slot], found.paths[day, slot]
        notes = [f"no past day teaches {name!r}; give it an effect" for name in past.unseen]
        said = tuple(f"{queue}: {note}" for note in [*notes, *found.notes])
        yield Drawn(queue, rows, times, mean, possible, found.choice, said, found.errors)


def _check_draws(found: object, past: Past, n: int) -> None:
    """A method of one's own may give anything."""
    size = past.future_open.shape
    if not isinstance(found, Draws) or np.shape(found.mean) != size or np.shape(found.paths) != (*size, n):
        wanted = f"return Draws with a mean {size} and paths {(*size, n)}"
        raise DataError([Problem(f"the method did not give {past.queue!r} its days and slots", wanted)])
    if not all(np.isfinite(values).all() and (values >= 0).all() for values in (found.mean, found.paths)):
        problem = f"the method gave {past.queue!r} a volume below zero or none at all"
        raise DataError([Problem(problem, "mend the method")])


def pasts(
    history: pd.DataFrame, days: int, start: dt.date | None, calendar: Calendar | None
) -> Iterator[tuple[str, pd.DataFrame, pd.DatetimeIndex, Past]]:
    """Each queue's rows, its open intervals ahead, and its past; in the order of names."""
    check(history, HISTORY)
    if history.empty:
        raise DataError([Problem("the history is empty", "give at least one day of contacts", "HISTORY")])
    minutes = min(interval_minutes(history), 1440)
    timezone = str(history["interval"].dt.tz)
    known = (calendar or Calendar()).learn_opening(history)
    last = last_day(history)
    first = pd.Timestamp(start) if start is not None else last + pd.Timedelta(days=1)
    if first <= last:
        raise DataError(
            [
                Problem(
                    f"the forecast starts on {first:%Y-%m-%d}, the history ends on {last:%Y-%m-%d}",
                    "cut the history before the first day to forecast",
                )
            ]
        )
    off = handletime.minute_of_day(pd.DatetimeIndex(history["interval"])) % minutes
    if minutes < 1440 and off.any():
        odd = history["interval"].iloc[int(np.flatnonzero(off)[0])]
        problem = f"intervals of {minutes} min do not start on their grid, for example {odd:%Y-%m-%d %H:%M}"
        raise DataError([Problem(problem, f"start them at whole multiples of {minutes} min", "HISTORY")])
    for name, part in history.groupby("queue", sort=True):
        queue, rows = str(name), part.sort_values("interval")
        times = known.slots(queue, first.date(), days, minutes, timezone)
        if minutes == 1440:
            # A day's row may stand at any hour: the forecast's stand at the same.
            times = times + pd.Timedelta(minutes=int(np.bincount(off).argmax()))
        yield queue, rows, times, pastdays.read(queue, rows, known, times, minutes, last)


def last_day(history: pd.DataFrame) -> pd.Timestamp:
    return history["interval"].max().tz_localize(None).normalize()


def days_of(table: pd.DataFrame) -> pd.Series:
    """The day of each interval on the wall clock, naive."""
    return table["interval"].dt.tz_localize(None).dt.normalize()


def column(q: float) -> str:
    """Name of the column of a quantile."""
    return f"volume_p{100 * q:g}"
