"""Pictures of a design: the price of its overlap, the pairs that come next, a plan over its need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from staffing.charts import sheet
from staffing.errors import DataError, Problem
from staffing.model import Shift
from staffing.tables import interval_minutes

SHOWN = 12  # pairs of a ranking; below them differences are read from the table


def overlap(costs: pd.DataFrame, *, team: str, ax: Axes | None = None) -> Axes:
    """What the best pair of each overlap costs more than the one chosen, and how much of the rush it covers.

    Parameters
    ----------
    costs : pandas.DataFrame
        As `staffing.shifts.overlap_costs` gives it.
    team : str
        Which team.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        Cost over hours of overlap; hollow where no contract of the team fits the pair.

    Raises
    ------
    DataError
        Where the team has no row.

    Examples
    --------
    >>> table = pd.DataFrame({"team": "care", "overlap": [2.0, 3.0], "dearer": [0.0, 40.0],
    ...     "rush_covered": [0.5, 1.0], "fits": True, "early_start": "09:00", "early_end": "17:00",
    ...     "late_start": ["15:00", "14:00"], "late_end": "23:00"})
    >>> [text.get_text() for text in overlap(table, team="care").texts]
    ['50 % of the rush', '100 %', '09:00–17:00 + 15:00–23:00']
    """
    rows = _of_team(costs, team).sort_values("overlap")
    ax = sheet.axes(ax, 8, 4.4)
    sheet.plain(ax)
    hours, dearer = rows["overlap"].to_numpy(), rows["dearer"].to_numpy()
    ax.plot(hours, dearer, color=sheet.GREY, linewidth=1.2, zorder=2)
    ax.axhline(0, color=sheet.GREY, linewidth=0.8, zorder=1)
    fits = rows["fits"].to_numpy(dtype=bool)
    for kept, face, label in ((fits, sheet.INK, "fits the contracts"), (~fits, "white", "fits no contract")):
        if kept.any():
            style: dict[str, Any] = {"facecolor": face, "edgecolor": sheet.INK, "s": 42, "zorder": 3}
            ax.scatter(hours[kept], dearer[kept], label=label, **style)
    above: dict[str, Any] = {"xycoords": "data", "textcoords": "offset points", "fontsize": 8}
    for number, (x, y, share) in enumerate(zip(hours, dearer, rows["rush_covered"], strict=True)):
        words = f"{100 * share:.0f} %" + (" of the rush" if number == 0 else "")
        clear: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.8}
        ax.annotate(words, (x, y), (0, 8), ha="center", va="bottom", color=sheet.SLATE, bbox=clear, **above)
    best = rows.iloc[int(np.argmin(np.abs(dearer) + 1e9 * ~fits))]
    place = (best["overlap"], best["dearer"])
    ax.annotate(_pair(best), place, (0, -9), ha="center", va="top", color=sheet.INK, **above)
    ax.margins(0.09, 0.2)
    ax.set_xlabel("overlap of the two shifts [h]", fontsize=9, color=sheet.INK)
    ax.set_ylabel("dearer than the chosen pair [cost]", fontsize=9, color=sheet.INK)
    sheet.title(ax, f"{team} · the price of the overlap")
    sheet.legend_below(ax)
    return ax


def ranking(designs: pd.DataFrame, *, team: str, ax: Axes | None = None) -> Axes:
    """The first pairs of a ranking as bars on the clock, each with its hours and what it costs more.

    Parameters
    ----------
    designs : pandas.DataFrame
        SHIFTS.
    team : str
        Which team.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        Ranks over time of day, the first on top.

    Raises
    ------
    DataError
        Where the team has no design.

    Examples
    --------
    >>> pairs = pd.DataFrame({"team": "care", "rank": [1, 2], "early_start": "09:00", "early_end": "15:00",
    ...     "late_start": ["13:00", "12:00"], "late_end": "19:00", "paid_hours": [84.0, 90.0],
    ...     "cost": [80.0, 100.0], "rush_covered": [1.0, 0.5], "short": 0.0, "over": 8.0})
    >>> [text.get_text() for text in ranking(pairs, team="care").texts]
    ['84 h, rush 100 %', '90 h, rush 50 %, +25 %']
    """
    rows = _of_team(designs, team).sort_values("rank").head(SHOWN)
    ax = sheet.axes(ax, 9, 1.4 + 0.34 * len(rows))
    sheet.plain(ax)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color=sheet.PALE, linewidth=0.8)
    first = rows.iloc[0]
    for line, (_, row) in enumerate(rows.iterrows()):
        spans = {name: _span(row, name) for name in ("early", "late")}
        for part, (name, (start, end)) in enumerate(spans.items()):
            place = line - 0.19 + 0.38 * part
            bar: dict[str, Any] = {"height": 0.36, "color": sheet.SHIFT_COLOURS[name], "zorder": 3}
            ax.barh(place, end - start, left=start, label=name if line == 0 else f"_{name}", **bar)
        both = (spans["late"][0], spans["early"][1])
        if both[0] < both[1]:
            shade: dict[str, Any] = {"color": sheet.SHADE, "height": 0.94, "zorder": 2}
            ax.barh(line, both[1] - both[0], left=both[0], label="overlap" if line == 0 else "_", **shade)
        words = f"{row['paid_hours']:,.0f} h, rush {100 * row['rush_covered']:.0f} %"
        if line and first["cost"] > 0:
            words += f", {100 * (row['cost'] / first['cost'] - 1):+.0f} %"
        if not row.get("fits", True):
            words += ", fits no contract"
        end = max(end for _, end in spans.values())
        ax.text(end + 0.15, line, words, va="center_baseline", fontsize=8, color=sheet.SLATE, zorder=4)
    begin = min(_span(row, "early")[0] for _, row in rows.iterrows())
    end = max(_span(row, "late")[1] for _, row in rows.iterrows())
    marks = np.arange(np.floor(begin), np.ceil(end) + 1e-9, 2)
    ax.set_xticks(marks, [sheet.clock(60 * mark) for mark in marks])
    ax.set_xlim(begin, end + 0.34 * (end - begin))
    ax.set_yticks(range(len(rows)), [f"{rank:.0f}" for rank in rows["rank"]])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlabel("time of day [hh:mm]", fontsize=9, color=sheet.INK)
    ax.set_ylabel("rank", fontsize=9, color=sheet.INK)
    sheet.title(ax, f"{team} · the first pairs", "paid hours, share of the rush in the overlap, cost more")
    sheet.legend_below(ax)
    return ax


def plan(
    presence: pd.DataFrame,
    shifts: Iterable[Shift],
    *,
    team: str,
    date: dt.date,
    ax: Axes | None = None,
) -> Axes:
    """How a plan lies over its need on one day: on the queue, at deferrable work, on a break; overlap shaded.

    Parameters
    ----------
    presence : pandas.DataFrame
        As `staffing.shifts.presence` gives it.
    shifts : iterable of Shift
        The shifts of the plan; the time in which two of the team's are there is shaded.
    team : str
        Which team.
    date : datetime.date
        Which day.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        Agents over time of day.

    Raises
    ------
    DataError
        Where the team has no interval on that day.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="h", tz="Asia/Seoul")
    >>> there = pd.DataFrame({"team": "care", "interval": times, "need": [2.0, 3.0, 3.0, 2.0],
    ...     "on_duty": [2.0, 4.0, 4.0, 2.0], "on_break": 0.0, "deferrable": [0.0, 1.0, 1.0, 0.0],
    ...     "on_queue": [2.0, 3.0, 3.0, 2.0]})
    >>> ax = plan(there, [], team="care", date=dt.date(2026, 11, 30))
    >>> ax.get_legend_handles_labels()[1]
    ['on the queue', 'deferrable work', 'need']
    """
    mine = _of_team(presence, team)
    here = mine[mine["interval"].dt.date == sheet.as_date(date)]
    if here.empty:
        what = f"team {team!r} has no interval on {sheet.day_name(sheet.as_date(date))}"
        raise DataError([Problem(what, "name a day of the plan", "", None, "date")])
    ax = sheet.axes(ax, 10, 4.6)
    sheet.plain(ax)
    hours = sheet.minutes_of_day(here["interval"]) / 60.0
    width = interval_minutes(mine.assign(queue=team)) / 60.0
    parts = [here[name].to_numpy() for name in ("on_queue", "deferrable", "on_break", "need")]
    edges, (queue, work, away, need) = sheet.steps(hours, width, *parts)
    levels = np.cumsum(np.nan_to_num([queue, work, away]), axis=0)
    styles = ((sheet.EARLY, "on the queue"), (sheet.OTHER, "deferrable work"), (sheet.SHADE, "on a break"))
    for number, (colour, label) in enumerate(styles):
        below = levels[number - 1] if number else 0.0
        if number == 0 or (levels[number] - below).any():
            ax.stairs(levels[number], edges, baseline=below, fill=True, color=colour, label=label, zorder=2)
    ax.stairs(need, edges, baseline=None, color=sheet.INK, linewidth=1.8, label="need", zorder=4)
    _shade_overlap(ax, [shift for shift in shifts if shift.team == team])
    ax.set_ylim(0, 1.15 * max(1.0, float(levels[-1].max()), float(np.nanmax(need))))
    marks = np.arange(np.ceil(edges[0]), edges[-1] + 1e-9)
    ax.set_xticks(marks, [sheet.clock(60 * mark) for mark in marks])
    ax.set_xlim(edges[0], edges[-1])
    zone = str(here["interval"].dt.tz)
    ax.set_xlabel(f"time of day [hh:mm, {zone}]", fontsize=9, color=sheet.INK)
    ax.set_ylabel("people [agents]", fontsize=9, color=sheet.INK)
    sheet.title(ax, f"{team} · the plan", sheet.day_name(sheet.as_date(date)))
    sheet.legend_below(ax)
    return ax


def _shade_overlap(ax: Axes, own: list[Shift]) -> None:
    """The time in which all shifts of a team are there, where there are several."""
    if len(own) < 2:
        return
    start, end = max(shift.start_minute for shift in own), min(shift.end_minute for shift in own)
    if start < end:
        edge: dict[str, Any] = {
            "transform": ax.get_xaxis_transform(),
            "linestyles": "dashed",
            "linewidth": 0.9,
        }
        ax.axvspan(start / 60, end / 60, facecolor=sheet.RUSH, linewidth=0, label="overlap", zorder=1)
        ax.vlines((start / 60, end / 60), 0, 1, sheet.INK, zorder=3.5, **edge)


def _of_team(table: pd.DataFrame, team: str) -> pd.DataFrame:
    rows = table[table["team"] == team]
    if rows.empty:
        problem = Problem(f"team {team!r} is not in the table", "name a team of it", "", None, "team")
        raise DataError([problem])
    return rows


def _pair(row: pd.Series) -> str:
    return f"{row['early_start']}–{row['early_end']} + {row['late_start']}–{row['late_end']}"


def _span(row: pd.Series, name: str) -> tuple[float, float]:
    """Start and end since midnight; an end past midnight counts on. [h]"""
    start, end = (
        int(clock[:2]) + int(clock[3:]) / 60.0 for clock in (row[f"{name}_start"], row[f"{name}_end"])
    )
    return start, end if end > start else end + 24.0
