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


def judge(past: Past, counts: Array, level: Level, folds: list[Fold], others: dict[str, Point]) -> Choice:
    """The recipe, unless the best habit beats it by more than chance on the last weeks, at the real lead.

    The winner of a few weeks is mostly luck, and following it costs accuracy: so the recipe stands unless its
    loss is larger than the standard error of that loss over at least six weeks.

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
    scores = []
    for known, week, mean, variance in folds:
        dates, seen = past.dates[week], np.isfinite(past.counts[week])
        came = np.where(seen, counts[week], 0.0)
        if came.sum() <= 0:
            continue
        weight = dayshape.recency(level.days.day[week.start] - 1.0 - level.days.day[:known])
        share = dayshape.shape(counts[:known], past.weekday[:known], past.is_open, weight).share
        said = np.exp(mean + variance / 2.0)[:, None] * share[past.weekday[week]]
        before = pd.DataFrame(counts[:known], index=past.dates[:known], columns=past.minute)
        usual = counts[:known].mean(axis=0)
        rivals = [np.asarray(point(before, dates), dtype=float) for point in others.values()]
        errors = [
            np.abs(np.where(np.isfinite(one), one, usual) - came)[seen].sum() for one in (said, *rivals)
        ]
        scores.append(np.array(errors) / came.sum())
    if len(scores) < _FEWEST:
        why = f"{RECIPE}: {len(scores)} weeks are too few to compare it with the habits, {_FEWEST} are needed"
        return Choice(RECIPE, np.nan, "", np.nan, len(scores), why)
    table = np.array(scores)
    best = 1 + int(np.argmin(table[:, 1:].mean(axis=0)))
    habit = list(others)[best - 1]
    loss = table[:, 0] - table[:, best]
    error = float(np.std(loss, ddof=1) / np.sqrt(len(loss)))
    own, other, lost = float(table[:, 0].mean()), float(table[:, best].mean()), float(loss.mean())
    told = f"{100 * own:.1f} % off over the last {len(loss)} weeks, {habit} {100 * other:.1f} %"
    if lost > error:
        why = f"{habit}: {RECIPE} was {told}, a loss beyond its standard error of {100 * error:.1f} points"
        return Choice(habit, own, habit, other, len(loss), why)
    if lost > 0:
        return Choice(RECIPE, own, habit, other, len(loss), f"{RECIPE}: {told}, a loss within chance")
    return Choice(RECIPE, own, habit, other, len(loss), f"{RECIPE}: {told}")
