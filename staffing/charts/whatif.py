"""Picture of what the rules cost."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from staffing.charts import sheet

WIDE = 46
TOLD, UNTOLD = "#6baed6", "#d0d5da"


def rule_prices(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """What each rule costs, with the range that the gaps of both plans leave, and the points of service.

    A bar is what was found; the line over it reaches from the least to the most that it can be. Where the
    least is not above zero the bar is grey: the gap cannot tell it from nothing.

    Parameters
    ----------
    table : pandas.DataFrame
        As `staffing.whatif.rule_prices` gives it.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new sheet.

    Returns
    -------
    matplotlib.axes.Axes
        Rules down the side, agent-hours a week along, the dearest on top.

    Examples
    --------
    >>> table = pd.DataFrame({"what": ["", "11 h rest", "5 seats"], "saved": [0.0, 9.0, 0.4],
    ...                       "least": [0.0, 8.5, -0.1], "most": [0.0, 9.4, 0.9], "short": [0.0, 8.0, 0.0]})
    >>> [label.get_text() for label in rule_prices(table).get_yticklabels()]
    ['11 h rest', '5 seats']
    """
    rules = table.iloc[1:].dropna(subset="saved")
    ax = sheet.axes(ax, 9, 1.4 + 0.42 * max(len(rules), 3))
    sheet.plain(ax)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color=sheet.PALE, linewidth=0.8)
    if rules.empty:
        sheet.closed(ax, "no rule has a price" if len(table) > 1 else "no rule is in use")
        return ax
    place = np.arange(float(len(rules)))
    told = (rules["least"] > 0).to_numpy()
    for chosen, colour, label in (
        (told, TOLD, "saved without the rule"),
        (~told, UNTOLD, "not to be told from nothing"),
    ):
        if chosen.any():
            ax.barh(place[chosen], rules["saved"].to_numpy()[chosen], 0.6, color=colour, label=label)
    ax.hlines(place, rules["least"], rules["most"], color=sheet.INK, linewidth=1.4, label="least to most")
    whole, points = table.iloc[0], "service_level" in table
    days = table.attrs.get("days", 7)
    period = "a week" if days == 7 else f"in {days} days"
    reach = max(float(rules["most"].max()), float(rules["saved"].max()), 1e-9)
    for at, row, seen in zip(place.tolist(), rules.to_dict("records"), told, strict=True):
        words = f"{row['saved']:+.1f} h" if seen else "within the gaps"
        gain = 100.0 * row.get("service_gain", 0.0)
        words += f", {gain:+.1f} points of service" if seen and abs(gain) >= 0.05 else ""
        ax.text(max(row["most"], row["saved"], 0.0) + 0.01 * reach, at, words, va="center", fontsize=8.5,
                color=sheet.INK if seen else sheet.SLATE, **sheet.text(words))  # fmt: skip
    said = [textwrap.fill(str(what), WIDE) for what in rules["what"]]
    ax.set_yticks(place, said, **sheet.text(*said))
    ax.set_ylim(len(rules) + 0.2, -0.7)  # the dearest on top, and room for the legend below
    ax.axvline(0.0, color=sheet.GREY, linewidth=0.8)
    ax.set_xlim(min(float(rules["least"].min()), 0.0) * 1.05, 1.45 * reach)
    ax.set_xlabel(f"agent-hours {period}, at the price of a short one [h]", fontsize=9, color=sheet.INK)
    level = f"{100.0 * whole['service_level']:.1f} % in time with all rules" if points else ""
    sheet.title(ax, "What each rule costs", level)
    sheet.legend(ax, ax, loc="lower right")
    return ax
