"""The sheet of paper: figures without pyplot, colours, the axis of the clock, text that is only text."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from typing import Any

import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from staffing import calendar
from staffing.charts import fonts

DPI = 110
# Blue and orange stay apart for every kind of colour blindness; shortage is hatched and outlined besides.
EARLY, LATE, OTHER = "#6baed6", "#fdae61", "#b8a9c9"
EARLY_DARK, LATE_DARK = "#08519c", "#a04000"
SHORT, SHORT_PALE = "#b2182b", "#f8c4bd"
INK, SLATE, GREY, PALE, SHADE = "#1f2328", "#57606a", "#8c959f", "#eef0f2", "#e2e5e9"
RUSH = "#fff0b3"
SHIFT_COLOURS = {"early": EARLY, "late": LATE}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Picture(Figure):
    """A Matplotlib figure that Jupyter shows by itself, without pyplot."""

    def _repr_png_(self) -> bytes:
        return png(self)


def png(figure: Figure) -> bytes:
    """A figure as a PNG file: the same bytes for the same tables, whatever the reader's own Matplotlib style.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        From `pages`, or the ``figure`` of any Axes of this module.

    Returns
    -------
    bytes
        What to write to a file.

    Examples
    --------
    >>> png(Picture(figsize=(1, 1)))[1:4]
    b'PNG'
    """
    buffer = io.BytesIO()
    with matplotlib.style.context("default"):
        figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The caller's Axes, or new ones on a sheet of this size. [inch]"""
    if ax is not None:
        return ax
    figure = Picture(figsize=(width, height), dpi=DPI, layout="constrained")
    return figure.subplots()


def inches(ax: Axes) -> float:
    """Width of the Axes as they stand before the layout. [inch]"""
    figure = ax.get_figure(root=True)
    return ax.get_window_extent().width / figure.dpi if figure else 0.0


def text(*parts: str) -> dict[str, Any]:
    """Arguments for text that holds data: fonts for its script, and no mathematics in dollar signs."""
    return {"fontfamily": fonts.families(parts), "parse_math": False}


def title(ax: Axes, words: str, aside: str = "") -> None:
    """A title on the left, and beside it what a reader looks for first."""
    words = fonts.drawable(words)
    ax.set_title(words, loc="left", fontsize=11, color=INK, **text(words))
    if aside:
        ax.set_title(aside, loc="right", fontsize=9, color=SLATE)


def heading(figure: Figure, words: str) -> None:
    """A title over all panels of a sheet."""
    words = fonts.drawable(words)
    figure.suptitle(words, x=0.01, ha="left", fontsize=14, color=INK, **text(words))


def plain(ax: Axes) -> None:
    """Take away what carries no information, and put a quiet grid behind the rest."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(GREY)
    ax.tick_params(colors=INK, labelsize=9, length=3, color=GREY)
    ax.grid(axis="y", color=PALE, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))


def day_name(date: dt.date) -> str:
    """A date as the roster's header writes it; never in the machine's own language.

    Examples
    --------
    >>> day_name(dt.date(2026, 11, 30))
    'Mon 2026-11-30'
    """
    return f"{WEEKDAYS[date.weekday()]} {date.year:04}-{date.month:02}-{date.day:02}"


def clock(minutes: float) -> str:
    """Minutes from midnight as a wall clock shows them.

    Examples
    --------
    >>> clock(25 * 60 + 30), clock(24 * 60)
    ('01:30', '24:00')
    """
    if minutes == 24 * 60:
        return "24:00"
    return f"{int(minutes) // 60 % 24:02}:{int(minutes) % 60:02}"


def local_days(times: pd.Series) -> pd.Series:
    """The date on the wall clock of each time."""
    return times.dt.tz_localize(None).dt.normalize()


def minutes_of_day(times: pd.Series) -> np.ndarray:
    """What the wall clock shows, from midnight. [min]"""
    return (times.dt.hour * 60 + times.dt.minute).to_numpy()


def hours_since_midnight(times: pd.Series, date: dt.date) -> np.ndarray:
    """Time gone by since the day began, which is not what the clock shows where it is changed. [h]"""
    return ((times - calendar.at(date, 0, str(times.dt.tz))) / pd.Timedelta(hours=1)).to_numpy(dtype=float)


def clock_axis(ax: Axes, date: dt.date, timezone: str, first: float, last: float) -> None:
    """Label an axis of hours since midnight with what the wall clock shows.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Whose horizontal axis it is.
    date : datetime.date
        The day.
    timezone : str
        IANA name.
    first, last : float
        Ends of the axis, since midnight. [h]
    """
    room = inches(ax) / 0.55  # labels that fit side by side
    step = next((hours for hours in (1, 2, 3, 4) if (last - first) / hours <= room), 6)
    marks = [m * 60 for m in range(0, 49, step)]
    begins = calendar.at(date, 0, timezone)
    places = [(calendar.at(date, mark, timezone) - begins) / pd.Timedelta(hours=1) for mark in marks]
    shown = {p: clock(m) for p, m in zip(places, marks, strict=True) if first - 1e-6 <= p <= last + 1e-6}
    ax.set_xticks(list(shown), list(shown.values()))
    ax.set_xlim(first, last)
    ax.set_xlabel(f"time of day [hh:mm, {timezone}]", fontsize=9, color=INK)


def steps(hours: np.ndarray, width: float, *columns: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Edges of a day's intervals, and columns on them with NaN where the queue is closed.

    Parameters
    ----------
    hours : numpy.ndarray
        Starts since midnight, ascending. [h]
    width : float
        Length of an interval. [h]
    *columns : numpy.ndarray
        One value for each start.

    Returns
    -------
    edges : numpy.ndarray
        One more than there are intervals from the first to the last. [h]
    columns : list of numpy.ndarray
        As many values as intervals.

    Examples
    --------
    >>> edges, (heads,) = steps(np.array([9.0, 10.0]), 0.5, np.array([3.0, 4.0]))
    >>> edges.tolist(), heads.tolist()
    ([9.0, 9.5, 10.0, 10.5], [3.0, nan, 4.0])
    """
    slot = np.round((hours - hours[0]) / width).astype(int)
    edges = hours[0] + width * np.arange(slot[-1] + 2)
    spread = []
    for column in columns:
        values = np.full(slot[-1] + 1, np.nan)
        values[slot] = column
        spread.append(values)
    return edges, spread


def broken(values: np.ndarray, starts: np.ndarray, reach: float = 0.0) -> np.ndarray:
    """Values with NaN between their runs, so that no line is drawn through closed hours.

    Parameters
    ----------
    values : numpy.ndarray
        One for each interval.
    starts : numpy.ndarray
        Places at which a run of consecutive intervals starts; the first is 0.
    reach : float
        For places along the axis: how far a run of one interval goes to either side, since a line of one
        point would not be seen.

    Returns
    -------
    numpy.ndarray
        As many more as there are breaks and runs of one interval.

    Examples
    --------
    >>> broken(np.array([9.5, 10.5, 13.5]), np.array([0, 2]), reach=0.5).tolist()
    [9.5, 10.5, nan, 13.0, 14.0]
    """
    parts: list[np.ndarray] = []
    for run in np.split(values.astype(float), starts[1:]):
        parts += [np.array([np.nan]), run if len(run) > 1 else run + np.array([-reach, reach])]
    return np.concatenate(parts[1:])


# The order in which a reader wants the colours explained; anything else follows as it was drawn.
KEY = (
    "need",
    "mean need",
    "lowest",
    "forecast",
    "band",
    "what came",
    "last",
    "early",
    "late",
    "overlap",
    "rush",
)


def legend(place: Axes | Figure, *panels: Axes, **where: Any) -> None:
    """What the colours mean, once for all panels, in one row."""
    found: dict[str, Any] = {}
    for panel in panels:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    rank = {label: next((n for n, word in enumerate(KEY) if label.startswith(word)), 99) for label in found}
    labels = sorted(found, key=lambda label: rank[label])
    if labels:
        style = {"frameon": False, "fontsize": 9, "handlelength": 1.8, "columnspacing": 1.6}
        drawn = place.legend([found[label] for label in labels], labels, ncols=len(labels), **style, **where)
        for words in drawn.get_texts():  # a shift's name is data
            words.set_parse_math(False)


def legend_below(ax: Axes) -> None:
    """The legend of a single picture, under its axis."""
    legend(ax, ax, loc="upper center", bbox_to_anchor=(0.5, -0.13))


def closed(ax: Axes, words: str) -> None:
    """Say in the middle of an empty picture why it is empty."""
    ax.set_xlim(0, 24)
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color=GREY, fontsize=10)


def as_date(date: object) -> dt.date:
    """A day given as a date, a timestamp or text."""
    stamp = pd.Timestamp(str(date))
    return dt.date(stamp.year, stamp.month, stamp.day)


def lacking_and_idle(gap: np.ndarray, width: float) -> str:
    """The sum of what is short and of what is over, in words.

    Parameters
    ----------
    gap : numpy.ndarray
        Of each interval. [agents]
    width : float
        Length of an interval. [h]

    Returns
    -------
    str
        Both in agent-hours.

    Examples
    --------
    >>> lacking_and_idle(np.array([-1.0, 3.0, np.nan]), 0.5)
    'short 0.5, over 1.5 agent-hours'
    """
    short, over = np.nansum(np.maximum(-gap, 0.0)) * width, np.nansum(np.maximum(gap, 0.0)) * width
    return f"short {short:,.1f}, over {over:,.1f} agent-hours"


def shift_order(names: Iterable[str]) -> list[str]:
    """Early, late, then any other shift by name."""
    rank = {"early": 0, "late": 1}
    return sorted(set(names), key=lambda name: (rank.get(name, 2), name))
