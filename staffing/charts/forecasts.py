"""Pictures of a forecast: its fan beside what came, where it missed, what it is made of, how good it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.ticker import FuncFormatter, PercentFormatter

from staffing.charts import sheet
from staffing.charts.queues import CLOSED, SHORT_TO_OVER, only_queue
from staffing.errors import DataError, Problem
from staffing.tables import interval_minutes

# Line, marker and grey value each tell the methods apart, so that colour is not needed.
STYLES: tuple[dict[str, Any], ...] = (
    {"color": sheet.EARLY_DARK, "marker": "o", "linewidth": 2.2},
    {"color": sheet.LATE_DARK, "marker": "s", "linewidth": 1.2},
    {"color": sheet.GREY, "marker": "^", "linewidth": 1.2},
    {"color": sheet.OTHER, "marker": "D", "linewidth": 1.2},
    {"color": sheet.INK, "marker": "v", "linewidth": 1.2},
    {"color": sheet.LATE, "marker": "P", "linewidth": 1.2},
    {"color": sheet.EARLY, "marker": "X", "linewidth": 1.2},
)


def fan(
    forecast: pd.DataFrame,
    *,
    queue: str | None = None,
    actual: pd.DataFrame | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The forecast of all its days with its bands, and what came; closed hours are left out.

    Parameters
    ----------
    forecast : pandas.DataFrame
        FORECAST; each pair of columns ``volume_p...`` around the middle is a band.
    queue : str, optional
        Which; may be left out where the table holds only one.
    actual : pandas.DataFrame, optional
        queue, interval, offered: what really came. What fell outside every band is ringed.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        Contacts over the open intervals; its title says the sums and how many fell within the bands.

    Raises
    ------
    DataError
        Where the table holds no such queue, or several and none is named.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> table = pd.DataFrame({"queue": "calls", "interval": times, "volume": [80.0, 90.0]})
    >>> fan(table).get_title()
    ''
    """
    name = only_queue(forecast, queue)
    here = forecast[forecast["queue"] == name].sort_values("interval").reset_index(drop=True)
    days, width = sheet.local_days(here["interval"]), interval_minutes(here)
    ax = sheet.axes(ax, max(8.5, min(16.0, 1.5 + 0.045 * len(here))), 4.4)
    sheet.plain(ax)
    x = np.arange(len(here)) + 0.5
    starts = np.flatnonzero(days.ne(days.shift()))
    runs = np.flatnonzero(here["interval"].diff().ne(pd.Timedelta(minutes=width)))
    if len(starts) == len(here):
        # Whole days follow by the calendar: one of them has 23 hours, another 25.
        runs = np.append(0, np.flatnonzero(days.diff().dt.days.gt(1)))
    wide = sheet.broken(x, runs, reach=0.5)
    bands = sorted((c for c in here.columns if c.startswith("volume_p")), key=lambda c: float(c[8:]))
    pairs = list(zip(bands[: len(bands) // 2], bands[::-1], strict=False))
    for number, (low, high) in enumerate(pairs, 1):
        label = f"band p{low[8:]}–p{high[8:]}"
        bottom, top = (sheet.broken(here[column].to_numpy(dtype=float), runs) for column in (low, high))
        style: dict[str, Any] = {"color": sheet.EARLY, "alpha": 0.5 * number / len(pairs), "linewidth": 0}
        ax.fill_between(wide, bottom, top, label=label, zorder=1, **style)
    volume = here["volume"].to_numpy(dtype=float)
    line = sheet.broken(volume, runs)
    ax.plot(wide, line, color=sheet.EARLY_DARK, linewidth=1.8, label="forecast", zorder=3)
    aside = f"forecast {volume.sum():,.0f} contacts"
    if actual is not None:
        aside = _draw_actual(ax, here, actual[actual["queue"] == name], x, runs, pairs)
    _mark_days(ax, days, starts)
    ax.set_ylim(0, max(1.0, ax.get_ylim()[1]))
    each = "a day" if width >= 1440 else f"per {width} min"
    ax.set_ylabel(f"volume [contacts {each}]", fontsize=9, color=sheet.INK)
    ax.set_xlabel(f"open intervals [{here['interval'].dt.tz}]", fontsize=9, color=sheet.INK)
    sheet.title(ax, name, aside)
    ax.legend(frameon=False, fontsize=9, ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.14))
    return ax


def _draw_actual(
    ax: Axes,
    here: pd.DataFrame,
    actual: pd.DataFrame,
    x: np.ndarray,
    runs: np.ndarray,
    pairs: list[tuple[str, str]],
) -> str:
    """What came, ringed where no band holds it; the sums in words."""
    came = actual.set_index("interval")["offered"].reindex(here["interval"]).to_numpy(dtype=float)
    style: dict[str, Any] = {"color": sheet.LATE_DARK, "linewidth": 0.9, "marker": "o", "markersize": 2.4}
    ax.plot(sheet.broken(x, runs), sheet.broken(came, runs), label="what came", zorder=4, **style)
    seen = np.isfinite(came)
    words = f"forecast {here['volume'][seen].sum():,.0f}, came {came[seen].sum():,.0f} contacts"
    if not pairs or not seen.any():
        return words
    low, high = (here[column].to_numpy(dtype=float) for column in pairs[0])
    out = seen & ((came < low) | (came > high))
    ring: dict[str, Any] = {"facecolors": "none", "edgecolors": sheet.SHORT, "s": 30, "linewidths": 1.0}
    if out.any():
        ax.scatter(x[out], came[out], label="outside the band", zorder=5, **ring)
    share = 1.0 - out[seen].mean()
    asked = float(pairs[0][1][8:]) - float(pairs[0][0][8:])
    return f"{words}; {100 * share:.0f} % within the {asked:g} % band"


def _mark_days(ax: Axes, days: pd.Series, starts: np.ndarray) -> None:
    ends = np.append(starts[1:], len(days))
    mondays = days.iloc[starts].dt.day_of_week.to_numpy() == 0
    for start in starts[mondays] if len(starts) == len(days) else starts[1:]:
        ax.axvline(start, color=sheet.GREY, linewidth=0.7)
    names = [sheet.day_name(days.iloc[k].date()) for k in starts]
    every = max(1, int(np.ceil(len(names) * 1.1 / max(sheet.inches(ax), 1.0))))
    kept = [k for k in range(len(names)) if k % every == 0]
    ax.set_xticks([(starts[k] + ends[k]) / 2 for k in kept], [names[k] for k in kept])
    ax.tick_params(axis="x", length=0, labelsize=8)
    ax.set_xlim(0, len(days))


def residuals(
    forecast: pd.DataFrame, actual: pd.DataFrame, *, queue: str | None = None, ax: Axes | None = None
) -> Axes:
    """Where the forecast missed: what came over what was forecast, less one, by day and time of day.

    Red came more than was forecast, blue fewer, grey is closed or not known. A red row is a busy day, a red
    column an hour that the shape of the day does not know.

    Parameters
    ----------
    forecast : pandas.DataFrame
        FORECAST.
    actual : pandas.DataFrame
        queue, interval, offered: what really came.
    queue : str, optional
        Which; may be left out where the table holds only one.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        One row for each day, the day's sum as its last column; with a colour bar.

    Raises
    ------
    DataError
        Where no interval stands in both tables.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> table = pd.DataFrame({"queue": "calls", "interval": times, "volume": [80.0, 90.0]})
    >>> drawn = residuals(table, table.assign(offered=[80.0, 99.0]))
    >>> drawn.images[0].get_array()[0, :2].round(3).tolist()
    [0.0, 0.1]
    """
    name = only_queue(forecast, queue)
    both = forecast[forecast["queue"] == name].merge(
        actual.loc[actual["queue"] == name, ["queue", "interval", "offered"]], on=["queue", "interval"]
    )
    if both.empty:
        raise DataError([Problem(f"nothing came of what was forecast for {name!r}", "give the same days")])
    width = interval_minutes(forecast[forecast["queue"] == name])
    both = both.assign(date=sheet.local_days(both["interval"]), minute=sheet.minutes_of_day(both["interval"]))
    came, said = (
        both.pivot_table(index="date", columns="minute", values=column, aggfunc="sum").astype(float)
        for column in ("offered", "volume")
    )
    columns = range(int(both["minute"].min()), int(both["minute"].max()) + 1, width)
    missed = (came / said.where(said > 0) - 1.0).reindex(columns=columns)
    daily = came.sum(axis=1) / said.sum(axis=1) - 1.0
    values = np.ma.masked_invalid(np.column_stack([missed.to_numpy(), daily.to_numpy()]))
    ax = sheet.axes(ax, 12, 1.6 + 0.32 * len(missed))
    edge = max(float(np.quantile(np.abs(values.compressed()), 0.98)), 0.05)
    norm = TwoSlopeNorm(0.0, -edge, edge)
    shades = SHORT_TO_OVER.reversed()
    image = ax.imshow(values, cmap=shades, norm=norm, aspect="auto", interpolation="nearest")
    ax.set_facecolor(CLOSED)
    ax.axvline(values.shape[1] - 1.5, color=sheet.INK, linewidth=1.2)
    _write_days(ax, daily.to_numpy(), values.shape[1] - 1, norm)
    marks = [(k - 0.5, m) for k, m in enumerate(columns) if m % 60 == 0]
    marks = marks[:: max(1, int(np.ceil(len(marks) / 18)))]
    ticks = [place for place, _ in marks] + [values.shape[1] - 1]
    ax.set_xticks(ticks, [*(sheet.clock(minute) for _, minute in marks), "day"])
    ax.set_yticks(range(len(missed)), [sheet.day_name(date.date()) for date in missed.index])
    ax.tick_params(labelsize=8, length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel(f"start of the interval [hh:mm, {both['interval'].dt.tz}]", fontsize=9, color=sheet.INK)
    figure = ax.get_figure(root=True)
    if figure is not None:
        bar = figure.colorbar(image, ax=ax, pad=0.01, fraction=0.03, aspect=14, extend="both")
        bar.set_label("came over forecast, less one\nfewer − | + more", fontsize=9, color=sheet.INK)
        bar.ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        bar.ax.tick_params(labelsize=8)
    off = float((both["offered"] - both["volume"]).abs().sum() / both["offered"].sum())
    sheet.title(ax, f"{name} · what came beside the forecast", f"{100 * off:.1f} % off by interval")
    return ax


def _write_days(ax: Axes, daily: np.ndarray, column: int, norm: TwoSlopeNorm) -> None:
    for row, value in enumerate(daily):
        dark = abs(float(norm(value)) - 0.5) > 0.36
        colour = "white" if dark else sheet.INK
        ax.text(column, row, _signed(100 * value), ha="center", va="center", fontsize=7, color=colour)


def _signed(share: float) -> str:
    return f"{share:+.0f}" if round(share) else "0"


def effects(
    explained: pd.DataFrame, *, queue: str | None = None, most: int = 24, ax: Axes | None = None
) -> Axes:
    """What the calendar does to a day, largest first: a bar for each effect, its band, and the words.

    Parameters
    ----------
    explained : pandas.DataFrame
        From `staffing.forecast.explain`.
    queue : str, optional
        Which; may be left out where the table holds only one.
    most : int
        Bars at most; weekdays always stand first, in their order.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        Factor less one of each effect, with its 80 % band.

    Raises
    ------
    DataError
        Where the table holds no such queue, or no effect.

    Examples
    --------
    >>> table = pd.DataFrame({"queue": "calls", "part": "calendar", "name": ["sale"], "value": [0.25],
    ...                      "low": [0.2], "high": [0.3], "words": ["sale: +25 %"]})
    >>> [text.get_text() for text in effects(table).texts]
    ['sale: +25 %']
    """
    name = only_queue(explained, queue)
    here = explained[explained["queue"] == name]
    days, other = here[here["part"] == "weekday"], here[here["part"] == "calendar"]
    # A weekday that never came in the history has no effect worth a bar.
    days = days[days["value"].abs() > 1e-9]
    other = other.iloc[np.argsort(-other["value"].abs().to_numpy(), kind="stable")][
        : max(most - len(days), 0)
    ]
    shown = pd.concat([days, other])
    if shown.empty:
        raise DataError([Problem(f"no effect is known for {name!r}", "give more history, or a calendar")])
    ax = sheet.axes(ax, 9, 1.2 + 0.26 * len(shown))
    sheet.plain(ax)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color=sheet.PALE, linewidth=0.8)
    value = shown["value"].to_numpy(dtype=float)
    low, high = (shown[column].to_numpy(dtype=float) for column in ("low", "high"))
    y = np.arange(len(shown))
    colours = np.where(value >= 0, sheet.LATE, sheet.EARLY)
    ax.barh(y, value, color=colours, height=0.72, zorder=2)
    ax.hlines(y, low, high, color=sheet.INK, linewidth=1.0, zorder=3)
    reach = max(float(np.abs([low, high, value]).max()), 0.02)
    for place, words in zip(range(len(shown)), shown["words"], strict=True):
        end = max(high[place], value[place], 0.0) if value[place] >= 0 else min(low[place], value[place], 0.0)
        side = "left" if value[place] >= 0 else "right"
        gap = 0.015 * reach * (1 if value[place] >= 0 else -1)
        ax.text(
            end + gap, place, words, ha=side, va="center", fontsize=8, color=sheet.INK, **sheet.text(words)
        )
    if len(days) and len(other):
        ax.axhline(len(days) - 0.5, color=sheet.GREY, linewidth=0.7)
    ax.axvline(0.0, color=sheet.INK, linewidth=0.9)
    ax.set_xlim(-1.9 * reach, 1.9 * reach)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:+.0f} %" if share else "0"))
    ax.set_xlabel("change of a day's contacts, with its 80 % band", fontsize=9, color=sheet.INK)
    size = here.loc[here["part"] == "level", "words"]
    sheet.title(ax, f"{name} · what makes a day", str(size.iloc[0]) if len(size) else "")
    return ax


def backtest(scores: pd.DataFrame, *, queue: str | None = None, ax: Axes | None = None) -> Axes:
    """How far off each method was, fold by fold, over what chance alone makes.

    Parameters
    ----------
    scores : pandas.DataFrame
        From `staffing.forecast.backtest`.
    queue : str, optional
        Which; without it the only one, or all together.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        WAPE of each fold, one line for each method, best first in the legend with its WAPE of all folds.

    Raises
    ------
    DataError
        Where the table holds no such queue.

    Examples
    --------
    >>> origins = [pd.NaT, pd.Timestamp("2026-11-30")]
    >>> table = pd.DataFrame({"method": "auto", "queue": "calls", "origin": origins, "wape": 0.05})
    >>> table = table.assign(floor=0.02)
    >>> len(backtest(table).lines)
    2
    """
    name = only_queue(scores, "all" if queue is None and "all" in set(scores["queue"]) else queue)
    here = scores[scores["queue"] == name]
    overall = here[here["origin"].isna()].set_index("method")["wape"].sort_values(kind="stable")
    folds = here[here["origin"].notna()]
    ax = sheet.axes(ax, 9, 4.2)
    sheet.plain(ax)
    starts = sorted(folds["origin"].unique())
    x = np.arange(len(starts))
    for number, (method, wape) in enumerate(overall.items()):
        line = folds[folds["method"] == method].set_index("origin")["wape"].reindex(starts)
        label = f"{method} {100 * wape:.1f} %"
        ax.plot(x, line.to_numpy(dtype=float), label=label, markersize=5, zorder=9 - number, **_style(number))
    if len(overall):
        chance = folds[folds["method"] == overall.index[0]].set_index("origin")["floor"].reindex(starts)
        ax.plot(
            x,
            chance.to_numpy(dtype=float),
            color=sheet.INK,
            linestyle=":",
            linewidth=1.2,
            label="chance alone",
        )
    names = [f"{pd.Timestamp(start):%Y-%m-%d}" for start in starts]
    every = max(1, int(np.ceil(len(names) * 0.95 / max(sheet.inches(ax), 1.0))))
    ax.set_xticks(x[::every], names[::every])
    ax.set_ylim(0, None)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_ylabel("WAPE by interval", fontsize=9, color=sheet.INK)
    ax.set_xlabel("first day of the fold [date]", fontsize=9, color=sheet.INK)
    sheet.title(ax, f"{name} · forecast again", f"{len(starts)} folds, less is better")
    ax.legend(frameon=False, fontsize=9, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.16))
    return ax


def _style(number: int) -> dict[str, Any]:
    return STYLES[number % len(STYLES)]
