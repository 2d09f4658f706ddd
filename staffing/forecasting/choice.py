"""Whether the habits of the trade beat the calendar-adjusted recipe on a queue's own last weeks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from staffing.forecasting import dayshape
from staffing.forecasting.habits import Point
from staffing.forecasting.level import Fold, Level
from staffing.forecasting.past import Choice, Past

Array = np.ndarray

RECIPE = "level_x_profile"
_FEWEST = 6  # weeks to judge by
_SLANT = 0.05  # bias beyond which a habit is no rival, whatever its absolute errors


def judge(past: Past, counts: Array, level: Level, folds: list[Fold], others: dict[str, Point]) -> Choice:
    """The recipe, unless the best habit beats it by more than chance on the last weeks, at the real lead.

    The winner of a few weeks is mostly luck, and following it costs accuracy: so the recipe stands unless its
    loss is larger than the standard error of that loss over at least six weeks, to a habit that is not off to
    one side.

    Parameters
    ----------
    past : Past
        The queue.
    counts : numpy.ndarray
        Its days, whole.
    level : Level
        As learned.
    folds : list of Fold
        Past weeks as the recipe would have forecast them.
    others : dict
        Name -> point forecast of each habit.

    Returns
    -------
    Choice
        With the weeks compared and the reason in words.
    """
    scores, drifts = [], []
    for known, week, mean, variance in folds:
        dates, seen = past.dates[week], np.isfinite(past.counts[week])
        came = np.where(seen, counts[week], 0.0)
        if came.sum() <= 0:
            continue
        weight = dayshape.recency(level.days.day[week.start] - 1.0 - level.days.day[:known])
        weight /= 1.0 + level.outlier[:known] / level.usual
        share = dayshape.shape(counts[:known], past.weekday[:known], past.is_open, weight).share
        said = np.exp(mean + variance / 2.0)[:, None] * share[past.weekday[week]]
        before = pd.DataFrame(counts[:known], index=past.dates[:known], columns=past.minute)
        usual = counts[:known].mean(axis=0)
        rivals = [np.asarray(point(before, dates), dtype=float) for point in others.values()]
        misses = [np.where(np.isfinite(one), one, usual) - came for one in (said, *rivals)]
        drifts.append(np.array([miss[seen].sum() for miss in misses] + [came.sum()]))
        scores.append(np.array([np.abs(miss[seen]).sum() for miss in misses]) / came.sum())
    if len(scores) < _FEWEST:
        why = (
            f"{RECIPE}: {len(scores)} past weeks with enough history before are too few to compare "
            f"habits, {_FEWEST} are needed"
        )
        return Choice(RECIPE, np.nan, "", np.nan, len(scores), why)
    table = np.array(scores)
    total = np.sum(drifts, axis=0)
    bias = np.abs(total[:-1]) / total[-1]
    # The median of small counts has small absolute errors because it forecasts too few of them.
    slanted = bias[1:] > max(bias[0], _SLANT)
    best = 1 + int(np.argmin(table[:, 1:].mean(axis=0) + slanted))
    habit = list(others)[best - 1]
    loss = table[:, 0] - table[:, best]
    error = float(np.std(loss, ddof=1) / np.sqrt(len(loss)))
    own, other, lost = float(table[:, 0].mean()), float(table[:, best].mean()), float(loss.mean())
    told = f"{100 * own:.1f} % off over the last {len(loss)} weeks, {habit} {100 * other:.1f} %"
    if lost > error and not slanted[best - 1]:
        why = f"{habit}: {RECIPE} was {told}, a loss beyond its standard error of {100 * error:.1f} points"
        return Choice(habit, own, habit, other, len(loss), why)
    if lost > 0:
        but = "a habit that is off to one side" if slanted[best - 1] else "a loss within chance"
        return Choice(RECIPE, own, habit, other, len(loss), f"{RECIPE}: {told}, {but}")
    return Choice(RECIPE, own, habit, other, len(loss), f"{RECIPE}: {told}")
