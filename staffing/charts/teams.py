"""Pictures of a team: how its two shifts lie over its need, and who works when."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from staffing.charts import fonts, sheet
from staffing.errors import DataError, Problem
from staffing.tables import absence_code, interval_minutes

NAMED_PEOPLE = 60  # more rows than that are too thin to read a name in
LONGEST_NAME = 26
OFF_COLOUR, AWAY_COLOUR = "#f1f3f5", "#d0d5da"


def shifts(
    designs: pd.DataFrame,
    peaks: pd.DataFrame,
    requirement: pd.DataFrame,
    *,
    team: str,
    ax: Axes | None = None,
) -> Axes:
    """How the best pair of shifts lies over a team's need, its rush shaded, above the pairs that come next.

    Parameters
    ----------
    designs : pandas.DataFrame
        SHIFTS.
    peaks : pandas.DataFrame
        The rush windows, as `staffing.shifts.peaks` gives them.
    requirement : pandas.DataFrame
        REQUIREMENT; the need is added up over the team's queues and averaged over its open days.
    team : str
        Which team.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        Agents over time of day; below zero the two shifts as bars.

    Raises
    ------
    DataError
        Where the team has no design or no requirement.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=20, freq="30min", tz="Asia/Seoul")
    >>> need = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "scheduled": 4.0})
    >>> pair = pd.DataFrame({"team": ["care"], "rank": [1], "early_start": ["09:00"], "early_end": ["15:00"],
    ...     "late_start": ["13:00"], "late_end": ["19:00"], "paid_hours": [84.0], "cost": [84.0],
    ...     "rush_covered": [1.0], "short": [0.0], "over": [8.0]})
    >>> rush = pd.DataFrame({"team": ["care"], "start": ["13:00"], "end": ["15:00"]})
    >>> [text.get_text() for text in shifts(pair, rush, need, team="care").texts[:3]]
    ['13:00–15:00', 'early 09:00–15:00', 'late 13:00–19:00']
    """
    ranked = designs[designs["team"] == team].sort_values("rank")
    here = requirement[requirement["team"] == team]
    if ranked.empty or here.empty:
        lacks = "no design" if ranked.empty else "no requirement"
        raise DataError(
            [Problem(f"team {team!r} has {lacks}", "name a team of both tables", "", None, "team")]
        )
    ax = sheet.axes(ax, 10, 5.8)
    sheet.plain(ax)
    pair = _hours(ranked.iloc[0])
    first, last = _draw_need(ax, here, pair)
    _shade_rush(ax, peaks[peaks["team"] == team], first)
    _draw_pair(ax, pair)
    first, last = min(first, pair["early"][0]), max(last, pair["late"][1])
    step = 1 if last - first <= 16 else 2
    marks = np.arange(np.ceil(first), last + 1e-9, step)
    ax.set_xticks(marks, [sheet.clock(60 * mark) for mark in marks])
    ax.set_xlim(first, last)
    timezone = str(here["interval"].dt.tz)
    ax.set_xlabel(f"time of day [hh:mm, {timezone}]", fontsize=9, color=sheet.INK)
    ax.set_ylabel("scheduled [agents]", fontsize=9, color=sheet.INK)
    sheet.title(ax, f"{team} · the two shifts")
    _write_ranking(ax, ranked)
    sheet.legend_below(ax)
    return ax


def _hours(design: pd.Series) -> dict[str, tuple[float, float]]:
    """Start and end of both shifts, since midnight; an end past midnight counts on. [h]"""
    pair = {}
    for shift in ("early", "late"):
        start, end = (_hour(design[f"{shift}_{edge}"]) for edge in ("start", "end"))
        pair[shift] = (start, end if end > start else end + 24.0)
    return pair


def _hour(time: str) -> float:
    hours, minutes = str(time).split(":")[:2]
    return int(hours) + int(minutes) / 60.0


def _draw_need(ax: Axes, here: pd.DataFrame, pair: dict[str, tuple[float, float]]) -> tuple[float, float]:
    """The mean need of a day and its range over the days; where it begins and ends. [h]"""
    width = interval_minutes(here) / 60.0
    total = here.groupby("interval")["scheduled"].sum().reset_index()
    hour = sheet.minutes_of_day(total["interval"]) / 60.0
    if pair["late"][1] > 24.0:  # what the late shift does after midnight is drawn behind the day
        hour = np.where(hour < pair["early"][0], hour + 24.0, hour)
    profile = total["scheduled"].groupby(hour).agg(["mean", "min", "max"])
    starts = profile.index.to_numpy(dtype=float)
    edges, (mean, low, high) = sheet.steps(starts, width, *(profile[c].to_numpy() for c in profile))
    band: dict[str, Any] = {
        "color": sheet.GREY,
        "alpha": 0.3,
        "linewidth": 0,
        "label": "lowest to highest day",
        "zorder": 1.5,
    }
    ax.stairs(high, edges, baseline=np.nan_to_num(low), fill=True, **band)
    ax.stairs(mean, edges, baseline=None, color=sheet.INK, linewidth=1.8, label="mean need", zorder=3)
    ax.set_ylim(-0.34 * max(1.0, np.nanmax(high)), 1.08 * max(1.0, np.nanmax(high)))
    ax.set_yticks([mark for mark in ax.get_yticks() if 0 <= mark <= ax.get_ylim()[1]])
    return float(edges[0]), float(edges[-1])


def _shade_rush(ax: Axes, windows: pd.DataFrame, first: float) -> None:
    """The rush, the deeper the more weekdays have it; above it the window that most of them have."""
    if windows.empty:
        return
    begins = np.array([_hour(start) + (24.0 if _hour(start) < first else 0.0) for start in windows["start"]])
    ends = np.array(
        [
            begin + (_hour(end) - _hour(start)) % 24.0
            for begin, start, end in zip(begins, windows["start"], windows["end"], strict=True)
        ]
    )
    days = windows["weekday"].nunique() if "weekday" in windows else 1
    edges = itertools.pairwise(np.unique(np.concatenate([begins, ends])))
    depth = {(left, right): int(((begins <= left) & (right <= ends)).sum()) for left, right in edges}
    # The legend shows the deepest: a window of one weekday is too pale to be recognized there.
    named = max(depth, key=lambda span: depth[span])
    for span, deep in depth.items():
        if deep:
            shade: dict[str, Any] = {"alpha": min(deep / days, 1.0), "linewidth": 0, "zorder": 1}
            label = "rush" if span == named else "_rush"
            ax.axvspan(*span, label=label, facecolor=sheet.RUSH, **shade)
    for begin, stop in _usual(begins, ends):
        top: dict[str, Any] = {
            "transform": ax.get_xaxis_transform(),
            "ha": "center",
            "va": "top",
            "fontsize": 8,
        }
        words = f"{sheet.clock(60 * begin)}–{sheet.clock(60 * stop)}"
        ax.text((begin + stop) / 2, 0.985, words, color=sheet.SLATE, **top)


def _usual(begins: np.ndarray, ends: np.ndarray) -> list[tuple[float, float]]:
    """Of windows that meet, the one that occurs most."""
    spans = sorted(zip(begins.tolist(), ends.tolist(), strict=True))
    groups: list[list[tuple[float, float]]] = []
    for span in spans:
        if groups and span[0] < max(end for _, end in groups[-1]):
            groups[-1].append(span)
        else:
            groups.append([span])
    return [max(group, key=group.count) for group in groups]


def _draw_pair(ax: Axes, pair: dict[str, tuple[float, float]]) -> None:
    """The shifts as bars under the axis, and the time in which both are there."""
    foot = ax.get_ylim()[0]
    for place, (shift, (start, end)) in zip((0.30, 0.72), pair.items(), strict=True):
        bar: dict[str, Any] = {
            "height": -0.34 * foot,
            "color": sheet.SHIFT_COLOURS[shift],
            "label": shift,
            "zorder": 3,
        }
        ax.barh(place * foot, end - start, left=start, **bar)
        words = f"{shift} {sheet.clock(60 * start)}–{sheet.clock(60 * end)}"
        ax.text(start + 0.12, place * foot, words, ha="left", va="center_baseline", fontsize=9, zorder=4)
    ax.axhline(0, color=sheet.GREY, linewidth=0.8, zorder=2)
    both = (pair["late"][0], pair["early"][1])
    if both[0] < both[1]:
        span: dict[str, Any] = {
            "transform": ax.get_xaxis_transform(),
            "linestyles": "dashed",
            "linewidth": 0.9,
            "zorder": 3.5,
        }
        ax.vlines(both, 0, 1, sheet.INK, label="overlap", **span)


def _write_ranking(ax: Axes, ranked: pd.DataFrame) -> None:
    """The best pairs as a small table under the legend; all days of the requirement together."""
    lines = [
        f"{'short':>60}{'over':>10}",
        "rank  early        late             cost  paid [h]  [agent-half-hours]  rush [0-1]",
    ]
    names = ["early_start", "early_end", "late_start", "late_end", "cost", "paid_hours", "short", "over"]
    best = ranked.head(6)
    for rank, covered, *row in zip(*(best[n] for n in ("rank", "rush_covered", *names)), strict=True):
        early_start, early_end, late_start, late_end, *sums = row
        figures = "  ".join(f"{value:>8,.0f}" for value in sums)
        lines.append(
            f"{rank:>4.0f}  {early_start}–{early_end}  {late_start}–{late_end}  {figures}  {covered:>10.2f}"
        )
    below: dict[str, Any] = {
        "xycoords": "axes fraction",
        "textcoords": "offset points",
        "va": "top",
        "ha": "left",
    }
    type_of_one_width: dict[str, Any] = {"family": "DejaVu Sans Mono", "linespacing": 1.5}
    ax.annotate(
        "\n".join(lines), (0, 0), (0, -66), fontsize=8.5, color=sheet.SLATE, **below, **type_of_one_width
    )


def roster(
    assignments: pd.DataFrame,
    agents: pd.DataFrame,
    timeoff: pd.DataFrame,
    *,
    team: str,
    start: dt.date,
    days: int,
    ax: Axes | None = None,
) -> Axes:
    """Who of a team works when: a row for each person, a column for each day.

    Sorted like ``roster.csv``, by shift and name. Teams of more than 60 people are drawn without names. Why
    somebody is away is never said but by its code.

    Parameters
    ----------
    assignments : pandas.DataFrame
        ASSIGNMENTS.
    agents : pandas.DataFrame
        AGENTS.
    timeoff : pandas.DataFrame
        TIMEOFF; its last day is a day off too.
    team : str
        Which team.
    start : datetime.date
        First day.
    days : int
        How many days.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        People over days.

    Raises
    ------
    DataError
        Where the team has nobody.

    Examples
    --------
    >>> people = pd.DataFrame({"agent": ["007"], "name": ["김민지"], "team": ["care"]})
    >>> day = pd.Timestamp("2026-11-30", tz="Asia/Seoul")
    >>> work = pd.DataFrame({"agent": ["007"], "date": [pd.Timestamp("2026-11-30")], "team": ["care"],
    ...     "shift": ["early"], "start": [day + pd.Timedelta("9h")], "end": [day + pd.Timedelta("18h")]})
    >>> away = pd.DataFrame(columns=["agent", "start", "end", "kind"])
    >>> ax = roster(work, people, away, team="care", start=dt.date(2026, 11, 30), days=2)
    >>> [label.get_text().split("\\n")[0] for label in ax.get_xticklabels()]
    ['Mon 2026-11-30', 'Tue 2026-12-01']
    """
    dates = [sheet.as_date(start) + dt.timedelta(days=number) for number in range(days)]
    people = _people(agents, assignments, team, dates)
    named = len(people) <= NAMED_PEOPLE
    height = 1.6 + (0.24 * len(people) if named else min(0.05 * len(people), 10.0))
    ax = sheet.axes(ax, 2.2 * named + 1.2 + 1.25 * days, height)
    row = {agent: number for number, agent in enumerate(people["agent"])}
    column = {pd.Timestamp(date): number for number, date in enumerate(dates)}
    work = assignments[assignments["agent"].isin(row) & assignments["date"].isin(column)]
    work = work.assign(row=work["agent"].map(row), column=work["date"].map(column))
    away = _away(timeoff, row, column)
    _paint(ax, work, away, len(people), days, named)
    if named:
        _write(ax, work, away)
    _name_rows(ax, people, named)
    _head_columns(ax, work, dates)
    _finish(ax, people, team, named)
    return ax


def _people(agents: pd.DataFrame, assignments: pd.DataFrame, team: str, dates: list[dt.date]) -> pd.DataFrame:
    """A team's people in the order of roster.csv: by shift, then name; who does not work comes last."""
    people = agents[agents["team"] == team]
    here = assignments[assignments["date"].isin([pd.Timestamp(date) for date in dates])]
    for column, late in (("starts_on", True), ("leaves_on", False)):
        if column in people:
            limit = pd.Timestamp(dates[-1] if late else dates[0])
            gone = people[column] > limit if late else people[column] < limit
            people = people[~gone | people["agent"].isin(here["agent"])]
    if people.empty:
        problem = Problem(
            f"team {team!r} has nobody", "name a team of the agents' table", "AGENTS", None, "team"
        )
        raise DataError([problem])
    counts = here.groupby(["agent", "shift"]).size().rename("days").reset_index()
    counts["rank"] = counts["shift"].map({s: n for n, s in enumerate(sheet.shift_order(counts["shift"]))})
    main = counts.sort_values(["days", "rank"], ascending=[False, True]).drop_duplicates("agent")
    rank = people["agent"].map(main.set_index("agent")["rank"]).fillna(99.0)
    return people.assign(rank=rank).sort_values(["rank", "name", "agent"])


def _away(
    timeoff: pd.DataFrame, row: dict[str, int], column: dict[pd.Timestamp, int]
) -> dict[tuple[int, int], str]:
    """Cell -> code of the absence; kinds that the roster has no code for are only absences."""
    cells: dict[tuple[int, int], str] = {}
    columns = [timeoff[name] for name in ("agent", "start", "end", "kind")]
    for agent, first, last, kind in zip(*columns, strict=True):
        if agent in row:
            cells |= {
                (row[agent], n): absence_code(str(kind))
                for date, n in column.items()
                if first <= date <= last
            }
    return cells


def _paint(
    ax: Axes, work: pd.DataFrame, away: dict[tuple[int, int], str], people: int, days: int, named: bool
) -> None:
    """One collection of rectangles for each kind of cell: a thousand people are four artists."""
    edge: dict[str, Any] = {"edgecolor": "white", "linewidth": 1.2} if named else {"linewidth": 0}
    for shift in sheet.shift_order(work["shift"]):
        cells = work[work["shift"] == shift]
        squares = _squares(zip(cells["row"], cells["column"], strict=True))
        colour = sheet.SHIFT_COLOURS.get(shift, sheet.OTHER)
        ax.add_collection(PolyCollection(squares, facecolor=colour, label=shift, **edge))
    if away:
        hatch: dict[str, Any] = {
            "facecolor": AWAY_COLOUR,
            "hatch": "////",
            "edgecolor": "white",
            "linewidth": edge["linewidth"],
        }
        ax.add_collection(PolyCollection(_squares(sorted(away)), label="absent", **hatch))
    taken = set(zip(work["row"], work["column"], strict=True)) | set(away)
    free = [(r, c) for r in range(people) for c in range(days) if (r, c) not in taken]
    ax.add_collection(PolyCollection(_squares(free), facecolor=OFF_COLOUR, label="OFF", **edge))
    ax.set_xlim(-0.5, days - 0.5)
    ax.set_ylim(people - 0.5, -0.5)


def _squares(cells: Iterable[tuple[int, int]]) -> list[np.ndarray]:
    centres = np.array(list(cells), dtype=float).reshape(-1, 1, 2)[:, :, ::-1]
    return list(centres + np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]))


def _write(ax: Axes, work: pd.DataFrame, away: dict[tuple[int, int], str]) -> None:
    """Hours in the cells of shifts, codes in those of absences."""
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": 8, "color": sheet.INK}
    starts, ends = sheet.minutes_of_day(work["start"]), sheet.minutes_of_day(work["end"])
    for row, column, begin, end in zip(work["row"], work["column"], starts, ends, strict=True):
        ax.text(column, row, f"{sheet.clock(begin)}–{sheet.clock(end)}", **style)
    at_work = set(zip(work["row"], work["column"], strict=True))
    backed: dict[str, Any] = {
        "facecolor": AWAY_COLOUR,
        "edgecolor": "none",
        "pad": 1.0,
    }  # letters stand clear of the hatch
    for (row, column), code in away.items():
        if (row, column) not in at_work:
            ax.text(column, row, code, bbox=backed, **style)


def _name_rows(ax: Axes, people: pd.DataFrame, named: bool) -> None:
    ax.tick_params(labelsize=9, length=0, colors=sheet.INK)
    ax.spines[:].set_visible(False)
    if not named:
        ax.set_ylabel("people [agents], by shift and name", fontsize=9, color=sheet.INK)
        return
    labels = [fonts.drawable(name) for name in people["name"]]
    twice = {label for label in labels if labels.count(label) > 1}
    labels = [
        _cut(f"{label} ({fonts.drawable(agent)})" if label in twice or fonts.BOX in label else label)
        for label, agent in zip(labels, people["agent"], strict=True)
    ]
    ax.set_yticks(range(len(labels)), labels, **sheet.text(*labels))
    ax.set_ylabel("person [name]", fontsize=9, color=sheet.INK)


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST_NAME else label[: LONGEST_NAME - 1] + "…"


def _head_columns(ax: Axes, work: pd.DataFrame, dates: list[dt.date]) -> None:
    """The days, and below each how many work its shifts."""
    counts = work.groupby(["column", "shift"]).size()
    labels = []
    for number, date in enumerate(dates):
        told = [
            f"{counts.get((number, shift), 0)} {fonts.drawable(shift)}"
            for shift in sheet.shift_order(work["shift"])
        ]
        labels.append(
            "\n".join([sheet.day_name(date), " · ".join(told) if number in set(work["column"]) else "nobody"])
        )
    ax.xaxis.tick_top()
    ax.set_xticks(range(len(dates)), labels, **sheet.text(*labels))
    ax.set_xlabel("day [date], and people at work [agents]", fontsize=9, color=sheet.INK)
    ax.xaxis.set_label_position("bottom")


def _finish(ax: Axes, people: pd.DataFrame, team: str, named: bool) -> None:
    aside = f"{len(people)} people" if named else f"{len(people)} people; their names stand in roster.csv"
    sheet.title(ax, f"{team} · roster", aside)
    sheet.legend(ax, ax, loc="upper left", bbox_to_anchor=(0.0, 0.0), borderaxespad=0.6)
    missing = fonts.missing_scripts(people["name"]) if named else []
    if missing:
        note = "\n".join(sentence.split(":")[0] for sentence in missing)
        ax.annotate(
            note, (1.0, 0.0), (0, -24), "axes fraction", "offset points", ha="right", va="top", fontsize=8
        )
