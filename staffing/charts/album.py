"""All pictures of a planned week, and the names of their files."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import matplotlib.style
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from staffing.charts import queues, sheet, teams
from staffing.model import Week

LONGEST_SLUG = 40


def pages(week: Week) -> Iterator[tuple[str, Figure]]:
    """Every picture of a week, one after the other, so that only one is in memory.

    Parameters
    ----------
    week : Week
        As `staffing.week.plan` gives it.

    Yields
    ------
    str
        File name: ``coverage_``, ``gap_``, ``forecast_`` and ``deferred_`` (of work with a deadline) with the
        queue, ``shifts_`` and ``roster_`` with the team.
    matplotlib.figure.Figure
        For `png`. Days on which a queue is closed have no panel.
    """
    from staffing import coverage  # only here: the pictures of tables need no Erlang

    presence = coverage.by_shift(week.requirement, week.roster.assignments, week.roster.segments)
    drawings: list[tuple[str, Callable[[], Figure]]] = []
    lines = set(week.coverage["queue"])
    for queue, slug in slugs([*lines, *week.forecast["queue"].unique()]).items():
        if queue in lines:
            drawings += [
                (f"coverage_{slug}", partial(_coverage_page, week, presence, queue)),
                (f"gap_{slug}", partial(_gap_page, week, queue)),
            ]
        drawings.append((f"forecast_{slug}", partial(_forecast_page, week, queue)))
    if week.deferred is not None and len(week.deferred):
        for queue, slug in slugs(week.deferred["queue"]).items():
            drawings.append((f"deferred_{slug}", partial(_deferred_page, week, queue)))
    for team, slug in slugs(week.requirement["team"]).items():
        drawings.append((f"shifts_{slug}", partial(_shifts_page, week, team)))
        if (week.agents["team"] == team).any():
            drawings.append((f"roster_{slug}", partial(_roster_page, week, team)))
    for name, draw in drawings:
        # Not around the yield: the reader's own style must stand while the reader has the figure.
        with matplotlib.style.context("default"):
            figure = draw()
        yield f"{name}.png", figure


def slugs(names: Iterable[str]) -> dict[str, str]:
    """Names as they may stand in the names of files, each one different.

    Letters of every script and digits stay; anything else becomes a hyphen. Two names that a file system
    could take for one, and names of which nothing is left, get a number.

    Parameters
    ----------
    names : iterable of str
        Of queues or teams; taken in sorted order, once each.

    Returns
    -------
    dict of str
        Name -> slug.

    Examples
    --------
    >>> slugs(["a/b", "../..", "A b", "상담"])
    {'../..': '1', 'A b': 'A-b', 'a/b': 'a-b-2', '상담': '상담'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(set(names)):
        plain = "".join(_filed(sign) for sign in unicodedata.normalize("NFC", name))
        plain = "-".join(part for part in plain.split("-") if part)[:LONGEST_SLUG].strip("-")
        slug, number = plain or "1", 1
        while unicodedata.normalize("NFKD", slug).casefold() in taken:
            number += 1
            slug = f"{plain}-{number}" if plain else str(number)
        taken.add(unicodedata.normalize("NFKD", slug).casefold())
        found[name] = slug
    return found


def _filed(sign: str) -> str:
    # Vowel signs (M) are half of what Kannada and Amharic write with; alone at the front they are harmless.
    kept = unicodedata.category(sign)[0] in "LM" or unicodedata.category(sign) == "Nd" or sign in "_-"
    return sign if kept else "-"


def _open_days(table: pd.DataFrame) -> list[dt.date]:
    days = sheet.local_days(table["interval"]).drop_duplicates().sort_values()
    return [day.date() for day in days]


def _panels(days: list[dt.date], heading: str) -> tuple[Figure, list[Axes]]:
    """A sheet with two columns of panels, one for each day."""
    rows = (len(days) + 1) // 2
    figure = sheet.Picture(figsize=(13.5, 2.75 * rows + 1.0), dpi=sheet.DPI, layout="constrained")
    grid = figure.subplots(rows, 2, squeeze=False).ravel().tolist()
    for spare in grid[len(days) :]:
        spare.remove()
    sheet.heading(figure, heading)
    return figure, grid[: len(days)]


def _align(figure: Figure, panels: list[Axes]) -> None:
    """The same scales in all panels, so that days can be compared; one legend for all."""
    top = max(panel.get_ylim()[1] for panel in panels)
    first = min(panel.get_xlim()[0] for panel in panels)
    last = max(panel.get_xlim()[1] for panel in panels)
    for panel in panels:
        panel.set_ylim(0, top)
        panel.set_xlim(first, last)
    sheet.legend(figure, *panels, loc="outside lower center")


def _coverage_page(week: Week, presence: pd.DataFrame, queue: str) -> Figure:
    rows = week.coverage[week.coverage["queue"] == queue]
    team = week.requirement.loc[week.requirement["queue"] == queue, "team"].iloc[0]
    pair = {shift.name: shift for shift in week.shifts if shift.team == team}
    overlap = None
    if "early" in pair and "late" in pair and pair["late"].start_minute < pair["early"].end_minute:
        overlap = (pair["late"].start, _time(pair["early"].end_minute))
    days = _open_days(rows)
    figure, panels = _panels(days, f"{queue} · need and people on the queue · {week.label}")
    for day, panel in zip(days, panels, strict=True):
        queues.draw_coverage(panel, rows, presence, day, queue, overlap)
    _align(figure, panels)
    return figure


def _time(minutes: int) -> dt.time:
    return dt.time(minutes // 60 % 24, minutes % 60)


def _forecast_page(week: Week, queue: str) -> Figure:
    rows = week.forecast[week.forecast["queue"] == queue]
    past = week.history[week.history["queue"] == queue]
    days = _open_days(rows)
    figure, panels = _panels(days, f"{queue} · forecast · {week.label}")
    for day, panel in zip(days, panels, strict=True):
        queues.draw_forecast(panel, rows, past, queue, day, week.review)
    _align(figure, panels)
    return figure


def _gap_page(week: Week, queue: str) -> Figure:
    return _figure(queues.heatmap(week.coverage, queue=queue))


def _deferred_page(week: Week, queue: str) -> Figure:
    assert week.deferred is not None  # without it no such page is drawn
    return _figure(queues.deferred(week.deferred, queue=queue))


def _shifts_page(week: Week, team: str) -> Figure:
    return _figure(teams.shifts(week.designs, week.peaks, week.requirement, team=team))


def _roster_page(week: Week, team: str) -> Figure:
    work = week.roster.assignments
    return _figure(teams.roster(work, week.agents, week.timeoff, team=team, start=week.start, days=week.days))


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None  # a function without ``ax`` has just made it
    return figure
