"""Pictures of a queue: who covers its need, where heads are missing or idle, what is forecast."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from staffing import calendar
from staffing.charts import sheet
from staffing.errors import DataError, Problem
from staffing.tables import interval_minutes

# Red and blue, not red and green; an odd number of shades, so that zero is white and not nearly white.
SHORT_TO_OVER = LinearSegmentedColormap.from_list(
    "short_to_over", ["#b2182b", "#f4a582", "#ffffff", "#92c5de", "#2166ac"], N=257
)
CLOSED = "#d7dadd"


def coverage(
    coverage: pd.DataFrame,
    presence: pd.DataFrame,
    *,
    date: dt.date,
    queue: str | None = None,
    overlap: tuple[dt.time, dt.time] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """One day of a queue: its need as a line over the people on it, early and late shift stacked.

    Parameters
    ----------
    coverage : pandas.DataFrame
        COVERAGE.
    presence : pandas.DataFrame
        queue, interval, shift, staffed: people on the queue by shift, from `staffing.coverage.by_shift`.
    date : datetime.date
        The day on the wall clock.
    queue : str, optional
        Which queue; may be left out where the table holds only one.
    overlap : tuple of datetime.time, optional
        Start of the late and end of the early shift, of the night before too where it ends past midnight;
        None: while people of both are on the queue.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet, ``ax.figure``.

    Returns
    -------
    matplotlib.axes.Axes
        Heads [agents] over time of day; its title says the agent-hours short and over.

    Raises
    ------
    DataError
        Where the table holds no such queue, or several and none is named.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> need = pd.DataFrame({"queue": "calls", "interval": times, "scheduled": 4.0, "staffed": [4.0, 3.0],
    ...                      "gap": [0.0, -1.0]})
    >>> there = need.assign(shift="early")[["queue", "interval", "shift", "staffed"]]
    >>> coverage(need, there, date=dt.date(2026, 11, 30)).get_title("right")
    'short 0.5, over 0.0 agent-hours'
    """
    ax = sheet.axes(ax, 10, 4.4)
    name = only_queue(coverage, queue)
    draw_coverage(ax, coverage, presence, sheet.as_date(date), name, overlap)
    sheet.title(ax, f"{name} · {sheet.day_name(sheet.as_date(date))}", ax.get_title("right"))
    sheet.legend_below(ax)
    return ax


def only_queue(table: pd.DataFrame, queue: str | None) -> str:
    """The queue that is named, or the only one there is."""
    names = sorted(set(table["queue"]))
    if queue is None and len(names) == 1:
        return str(names[0])
    if queue in names:
        return str(queue)
    problem = "several queues and none is named" if queue is None else f"no queue {queue!r} in the table"
    raise DataError([Problem(problem, f"name one of {', '.join(map(repr, names))}", "", None, "queue")])


def draw_coverage(
    ax: Axes,
    coverage: pd.DataFrame,
    presence: pd.DataFrame,
    date: dt.date,
    queue: str,
    overlap: tuple[dt.time, dt.time] | None,
) -> None:
    """The picture of `coverage` without its legend, for a sheet of several days."""
    sheet.plain(ax)
    ax.set_ylabel("agents on the queue [agents]", fontsize=9, color=sheet.INK)
    sheet.title(ax, sheet.day_name(date))
    here = coverage[coverage["queue"] == queue].sort_values("interval")
    timezone, width = str(here["interval"].dt.tz), interval_minutes(here) / 60.0
    day = here[sheet.local_days(here["interval"]) == pd.Timestamp(date)]
    if day.empty:
        sheet.clock_axis(ax, date, timezone, 0.0, 24.0)
        sheet.closed(ax, "closed")
        return
    hours = sheet.hours_since_midnight(day["interval"], date)
    columns = [day[name].to_numpy(dtype=float) for name in ("scheduled", "staffed", "gap")]
    edges, (need, staffed, gap) = sheet.steps(hours, width, *columns)
    heads = _by_shift(day, presence, queue)
    shown = {shift: sheet.steps(hours, width, values)[1][0] for shift, values in heads.items()}
    tops = _stack(ax, edges, shown)
    short = np.where(gap < 0, need, np.nan)
    if (gap < 0).any():
        style: dict[str, Any] = {
            "facecolor": sheet.SHORT_PALE,
            "edgecolor": sheet.SHORT,
            "hatch": "////",
            "linewidth": 0.8,
        }
        baseline = np.where(gap < 0, staffed, 0.0)
        ax.stairs(short, edges, baseline=baseline, fill=True, label="short", zorder=3, **style)
    spans = (
        _seen(edges, shown) if overlap is None else _given(edges, ~np.isnan(need), date, timezone, overlap)
    )
    _shade_overlap(ax, spans)
    ax.stairs(need, edges, baseline=None, color=sheet.INK, linewidth=1.8, label="need", zorder=4)
    ax.set_ylim(0, max(1.0, np.nanmax(need), np.nanmax(tops)) * 1.08)
    sheet.clock_axis(ax, date, timezone, edges[0], edges[-1])
    sheet.title(ax, sheet.day_name(date), sheet.lacking_and_idle(gap, width))


def _by_shift(day: pd.DataFrame, presence: pd.DataFrame, queue: str) -> dict[str, np.ndarray]:
    """People on the queue in the intervals of a day, for each shift."""
    there = presence[(presence["queue"] == queue) & presence["interval"].isin(day["interval"])]
    heads = {}
    for shift in sheet.shift_order(there["shift"]):
        rows = there[there["shift"] == shift].set_index("interval")["staffed"]
        heads[shift] = rows.reindex(day["interval"]).fillna(0.0).to_numpy(dtype=float)
    return heads


def _stack(ax: Axes, edges: np.ndarray, shown: dict[str, np.ndarray]) -> np.ndarray:
    base = np.zeros(len(edges) - 1)
    for shift, values in shown.items():
        colour = sheet.SHIFT_COLOURS.get(shift, sheet.OTHER)
        under = np.nan_to_num(base)
        ax.stairs(base + values, edges, baseline=under, fill=True, color=colour, label=shift, zorder=2)
        base = base + values
    return base


def _given(
    edges: np.ndarray, opened: np.ndarray, date: dt.date, timezone: str, overlap: tuple[dt.time, dt.time]
) -> list[tuple[float, float]]:
    """The overlap of the night before and of the day, as far as they meet open intervals. [h]"""
    minutes = [time.hour * 60 + time.minute for time in overlap]
    if minutes[1] < minutes[0]:
        minutes[1] += 24 * 60
    begins = calendar.at(date, 0, timezone)
    spans = []
    for day in (date - dt.timedelta(days=1), date):
        first, last = ((calendar.at(day, m, timezone) - begins) / pd.Timedelta(hours=1) for m in minutes)
        if (opened & (edges[:-1] < last) & (edges[1:] > first)).any():
            spans.append((first, last))
    return spans


def _seen(edges: np.ndarray, shown: dict[str, np.ndarray]) -> list[tuple[float, float]]:
    """While people of both shifts are on the queue. [h]"""
    both = [values > 0 for shift, values in shown.items() if shift in ("early", "late")]
    inside = np.logical_and.reduce(both) if len(both) == 2 else np.zeros(len(edges) - 1, dtype=bool)
    turns = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(int)))
    return [(edges[first], edges[last]) for first, last in zip(turns[::2], turns[1::2], strict=True)]


def _shade_overlap(ax: Axes, spans: list[tuple[float, float]]) -> None:
    """Shade the time in which both shifts are there."""
    for number, (first, last) in enumerate(spans):
        label = "overlap" if number == 0 else "_overlap"
        # Behind the stack, so that its colours stay true; the dashes carry it through to the foot.
        ax.axvspan(first, last, facecolor=sheet.SHADE, linewidth=0, label=label, zorder=0)
        ax.vlines(
            [first, last],
            0,
            1,
            sheet.INK,
            linewidth=0.9,
            linestyles="dashed",
            transform=ax.get_xaxis_transform(),
            zorder=3.5,
        )


def heatmap(coverage: pd.DataFrame, *, queue: str, ax: Axes | None = None) -> Axes:
    """Where heads are missing and where they are idle: the gap of every interval of every day.

    Short is red and outlined, over is blue, white has exactly as many as needed, grey is closed. The two
    sides of the scale are apart, so that a few missing heads show beside many idle ones. Where the clock is
    put back and shows a time twice, the cell holds the worse of the two.

    Parameters
    ----------
    coverage : pandas.DataFrame
        COVERAGE.
    queue : str
        Which queue.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        One row for each day, one column for each interval of the day, with a colour bar [agents].

    Raises
    ------
    DataError
        Where the table holds no such queue.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> table = pd.DataFrame({"queue": "calls", "interval": times, "gap": [-1.0, 2.0]})
    >>> heatmap(table, queue="calls").images[0].get_array().tolist()
    [[-1.0, 2.0]]
    """
    only_queue(coverage, queue)
    here = coverage[coverage["queue"] == queue]
    grid = pd.DataFrame(
        {
            "date": sheet.local_days(here["interval"]),
            "minute": sheet.minutes_of_day(here["interval"]),
            "gap": here["gap"],
        }
    ).pivot_table(index="date", columns="minute", values="gap", aggfunc="min")
    width = interval_minutes(here)
    grid = grid.reindex(columns=range(int(grid.columns.min()), int(grid.columns.max()) + 1, width))
    ax = sheet.axes(ax, 12, 1.5 + 0.42 * len(grid))
    values = np.ma.masked_invalid(grid.to_numpy(dtype=float))
    edge = max(abs(float(values.min())), abs(float(values.max())), 1.0) / 4.0
    norm = TwoSlopeNorm(0.0, min(float(values.min()), -edge), max(float(values.max()), edge))
    image = ax.imshow(values, cmap=SHORT_TO_OVER, norm=norm, aspect="auto", interpolation="nearest")
    ax.set_facecolor(CLOSED)
    _outline_short(ax, values)
    _write_cells(ax, values, norm)
    _label_cells(ax, grid, width, str(here["interval"].dt.tz))
    bar = ax.figure.colorbar(image, ax=ax, pad=0.01, fraction=0.03, aspect=12)
    bar.set_label("gap [agents]\nshort − | + over", fontsize=9, color=sheet.INK)
    bar.ax.tick_params(labelsize=8)
    bar.ax.yaxis.set_major_locator(MaxNLocator(7, integer=True))
    bar.outline.set_visible(False)
    sheet.title(
        ax, f"{queue} · staffed less scheduled", sheet.lacking_and_idle(values.filled(0.0), width / 60.0)
    )
    return ax


def _outline_short(ax: Axes, values: np.ma.MaskedArray) -> None:
    """A frame around each short cell, for readers who do not see the red."""
    cells = [
        Rectangle((column - 0.5, row - 0.5), 1, 1) for row, column in np.argwhere(values.filled(0.0) < 0)
    ]
    if cells:
        ax.add_collection(PatchCollection(cells, facecolor="none", edgecolor=sheet.SHORT, linewidth=1.1))


def _write_cells(ax: Axes, values: np.ma.MaskedArray, norm: TwoSlopeNorm) -> None:
    """The heads in each cell, where its width leaves room for legible figures."""
    points = sheet.inches(ax) * 72 / values.shape[1]
    words = {at: _signed(float(values[at])) for at in map(tuple, np.argwhere(~np.ma.getmaskarray(values)))}
    size = min(8.5, 0.8 * points / 0.62 / max(map(len, words.values()), default=1))
    if size < 5.0:
        return
    for (row, column), word in words.items():
        dark = abs(float(norm(values[row, column])) - 0.5) > 0.36
        colour = "white" if dark else sheet.GREY if word == "0" else sheet.INK
        ax.text(column, row, word, ha="center", va="center", fontsize=size, color=colour)


def _signed(heads: float) -> str:
    if heads == 0:
        return "0"
    number = f"{abs(heads):.0f}" if float(heads).is_integer() else f"{abs(heads):.1f}"
    return ("−" if heads < 0 else "+") + number


def _label_cells(ax: Axes, grid: pd.DataFrame, width: int, timezone: str) -> None:
    minutes = [int(minute) for minute in grid.columns]
    every = 60 * next((h for h in (1, 2, 3) if (minutes[-1] - minutes[0]) <= 16 * 60 * h), 4)
    marks = [(place - 0.5, minute) for place, minute in enumerate(minutes) if minute % every == 0]
    ax.set_xticks([place for place, _ in marks], [sheet.clock(minute) for _, minute in marks])
    ax.set_yticks(range(len(grid)), [sheet.day_name(date.date()) for date in grid.index])
    ax.tick_params(labelsize=9, length=3, color=sheet.GREY)
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel(f"start of the interval of {width} min [hh:mm, {timezone}]", fontsize=9, color=sheet.INK)
    ax.set_ylabel("day [date]", fontsize=9, color=sheet.INK)


def deferred(deferred: pd.DataFrame, *, queue: str, ax: Axes | None = None) -> Axes:
    """Work with a deadline, day by day: what is due, what of it is done by then, and what is late.

    Parameters
    ----------
    deferred : pandas.DataFrame
        DEFERRED.
    queue : str
        Which queue.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        Hours of work [h] over the days on which they are due. What is due after the table ends and not done
        by then is pale.

    Raises
    ------
    DataError
        Where the table holds no such queue.

    Examples
    --------
    >>> noon = pd.to_datetime(["2026-11-30 12:00"]).tz_localize("Asia/Seoul")
    >>> work = pd.DataFrame({"queue": "orders", "due": noon, "hours": 8.0, "done": 7.0, "late": 1.0,
    ...                      "left": 0.0})
    >>> deferred(work, queue="orders").get_title("right")
    '7.0 of 8.0 h done in time'
    """
    only_queue(deferred, queue)
    here = deferred[deferred["queue"] == queue]
    days = here.groupby(sheet.local_days(here["due"]))[["hours", "done", "late"]].sum()
    ax = sheet.axes(ax, 10, 4.0)
    sheet.plain(ax)
    places = np.arange(len(days))
    done, late = days["done"].to_numpy(), days["late"].to_numpy()
    open_still = np.maximum(days["hours"].to_numpy() - done - late, 0.0)
    missed = np.flatnonzero(late > 0.05)
    ax.bar(places, done, width=0.6, color=sheet.EARLY, label="done in time", zorder=2)
    style: dict[str, Any] = {"color": sheet.SHORT_PALE, "edgecolor": sheet.SHORT, "hatch": "////"}
    if len(missed):
        ax.bar(places[missed], late[missed], 0.6, done[missed], label="late", zorder=3, **style)
    if (open_still > 0.05).any():
        ax.bar(places, open_still, 0.6, done + late, color=CLOSED, label="due after the end", zorder=2)
    ax.set_ylim(0, max(1.0, float(days["hours"].max())) * 1.08)
    ax.set_xticks(places, [sheet.day_name(date.date()) for date in days.index])
    ax.set_ylabel("work by the day it is due [h]", fontsize=9, color=sheet.INK)
    # As in the summary: work that is due after the end is no part of it, even where some is done already.
    over = open_still <= 0.05
    due, kept = float((done + late)[over].sum()), float(done[over].sum())
    sheet.title(ax, f"{queue} · work with a deadline", f"{kept:,.1f} of {due:,.1f} h done in time")
    sheet.legend_below(ax)
    return ax


def forecast(
    forecast: pd.DataFrame,
    history: pd.DataFrame,
    *,
    queue: str,
    date: dt.date,
    actual: pd.DataFrame | None = None,
    ax: Axes | None = None,
) -> Axes:
    """One day's forecast with its band, over the last six same weekdays and beside what came.

    Parameters
    ----------
    forecast : pandas.DataFrame
        FORECAST; the band lies between its outermost columns ``volume_p...``, where there are two.
    history : pandas.DataFrame
        HISTORY; finer intervals are added up to those of the forecast.
    queue : str
        Which queue.
    date : datetime.date
        The day on the wall clock.
    actual : pandas.DataFrame, optional
        queue, interval, offered: what really came.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        Contacts in each interval over time of day.

    Raises
    ------
    DataError
        Where the forecast holds no such queue, or the history's intervals are no whole parts of its own.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> table = pd.DataFrame({"queue": "calls", "interval": times, "volume": [80.0, 90.0]})
    >>> past = table.assign(interval=times - pd.Timedelta(days=7), offered=[75.0, 93.0])
    >>> len(forecast(table, past, queue="calls", date=dt.date(2026, 11, 30)).lines)
    2
    """
    only_queue(forecast, queue)
    ax = sheet.axes(ax, 10, 4.4)
    draw_forecast(ax, forecast, history, queue, sheet.as_date(date), actual)
    sheet.title(ax, f"{queue} · {sheet.day_name(sheet.as_date(date))}", ax.get_title("right"))
    sheet.legend_below(ax)
    return ax


def draw_forecast(
    ax: Axes,
    forecast: pd.DataFrame,
    history: pd.DataFrame,
    queue: str,
    date: dt.date,
    actual: pd.DataFrame | None,
) -> None:
    """The picture of `forecast` without its legend, for a sheet of several days."""
    sheet.plain(ax)
    here = forecast[forecast["queue"] == queue].sort_values("interval")
    timezone, width = str(here["interval"].dt.tz), interval_minutes(here)
    ax.set_ylabel(f"volume [contacts per {width} min]", fontsize=9, color=sheet.INK)
    day = here[sheet.local_days(here["interval"]) == pd.Timestamp(date)]
    sheet.title(ax, sheet.day_name(date))
    if day.empty:
        sheet.clock_axis(ax, date, timezone, 0.0, 24.0)
        sheet.closed(ax, "closed")
        return
    x = sheet.hours_since_midnight(day["interval"], date) + width / 120.0
    runs = np.flatnonzero(day["interval"].diff().ne(pd.Timedelta(minutes=width)))
    wide = sheet.broken(x, runs, reach=width / 120.0)
    _draw_past(ax, wide, runs, _same_weekdays(history, queue, date, width, timezone), day["interval"])
    bands = sorted((name for name in day.columns if name.startswith("volume_p")), key=_quantile)
    if len(bands) > 1:
        low, high = (sheet.broken(day[name].to_numpy(dtype=float), runs) for name in (bands[0], bands[-1]))
        label = f"band p{_quantile(bands[0]):g}–p{_quantile(bands[-1]):g}"
        ax.fill_between(wide, low, high, color=sheet.EARLY, alpha=0.35, linewidth=0, label=label, zorder=1)
    volume = day["volume"].to_numpy(dtype=float)
    line: dict[str, Any] = {"color": sheet.EARLY_DARK, "linewidth": 2.0, "label": "forecast", "zorder": 3}
    ax.plot(wide, sheet.broken(volume, runs), **line)
    came = {} if actual is None else dict(_days(actual, queue, width, timezone))
    if date in came:
        slots = ((x * 60.0 - width / 2.0) // width).astype(int)
        seen = came[date].set_index("slot")["offered"].reindex(slots).to_numpy(dtype=float)
        style: dict[str, Any] = {"marker": "o", "markersize": 3.5, "linewidth": 0.9, "color": sheet.LATE_DARK}
        ax.plot(sheet.broken(x, runs), sheet.broken(seen, runs), label="what came", zorder=4, **style)
        told = f"forecast {volume[~np.isnan(seen)].sum():,.0f}, came {np.nansum(seen):,.0f} contacts"
        sheet.title(ax, sheet.day_name(date), told)
    ax.set_ylim(0, max(1.0, ax.get_ylim()[1]))
    sheet.clock_axis(ax, date, timezone, x[0] - width / 120.0, x[-1] + width / 120.0)


def _draw_past(
    ax: Axes,
    wide: np.ndarray,
    runs: np.ndarray,
    past: list[tuple[dt.date, pd.DataFrame]],
    intervals: pd.Series,
) -> None:
    minutes = sheet.minutes_of_day(intervals)
    for number, (_, day) in enumerate(past):
        label = f"last {len(past)} same weekdays" if number == 0 else "_past"
        # By the wall clock, since that is what customers live by; of a time shown twice, the first.
        seen = day.drop_duplicates("minute").set_index("minute")["offered"].reindex(minutes)
        style: dict[str, Any] = {"color": sheet.GREY, "linewidth": 0.8, "alpha": 0.8, "zorder": 2}
        ax.plot(wide, sheet.broken(seen.to_numpy(dtype=float), runs), label=label, **style)


def _quantile(column: str) -> float:
    return float(column.removeprefix("volume_p"))


def _same_weekdays(
    history: pd.DataFrame, queue: str, date: dt.date, width: int, timezone: str
) -> list[tuple[dt.date, pd.DataFrame]]:
    """The last six days of that weekday before the date, the oldest first."""
    local = sheet.local_days(history["interval"].dt.tz_convert(timezone))
    alike = history[(local < pd.Timestamp(date)) & (local.dt.day_of_week == date.weekday())]
    return _days(alike, queue, width, timezone)[-6:]


def _days(history: pd.DataFrame, queue: str, width: int, timezone: str) -> list[tuple[dt.date, pd.DataFrame]]:
    """Each day's contacts in intervals of that width [min]: slot since midnight, minute, offered."""
    here = history[history["queue"] == queue].sort_values("interval")
    if here.empty:
        return []
    fine = interval_minutes(here)
    if width % fine:
        problem = f"the history's intervals of {fine} min are no whole parts of the forecast's {width} min"
        remedy = "forecast on intervals at least as long as those of the history"
        raise DataError([Problem(problem, remedy, "HISTORY", None, "interval")])
    local = here["interval"].dt.tz_convert(timezone)
    days = sheet.local_days(local)
    slot = (local - local.dt.normalize()) // pd.Timedelta(minutes=width)
    parts = pd.DataFrame({"slot": slot, "minute": sheet.minutes_of_day(local), "offered": here["offered"]})
    summed = parts.groupby([days.rename("date"), "slot"]).agg({"minute": "first", "offered": "sum"})
    dates = summed.index.get_level_values("date").unique()
    return [(date.date(), summed.loc[date].reset_index()) for date in dates]
