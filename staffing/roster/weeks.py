"""The lawful weeks of a group of people: each rule by itself, and what it costs.

Every rule inside one person's week is judged on whole weeks, written down one by one (at most 3 ** 7 with two
shifts). So a rule costs the solver no row, and a group without a lawful week is known before any solver.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from staffing.model import Limit
from staffing.roster.case import WEEK, Group, Menu
from staffing.roster.shares import LATE

TOLERANCE = 1e-6
SHIFTS_WEEK, SHIFTS_TOTAL, FAIR_SHIFTS = "shifts_week.", "shifts_total.", "fair_shifts."
DAYS = np.arange(WEEK)


@dataclass(frozen=True)
class Weeks:
    """Some weeks of one group, one a row.

    Parameters
    ----------
    options : numpy.ndarray
        Option of each day, shape (weeks, 7): 0 is free, s + 1 is the team's shift s.
    parts : dict
        Rule or ``"wishes"`` -> cost of each week, shape (weeks,).
    """

    options: np.ndarray
    parts: dict[str, np.ndarray]

    @property
    def cost(self) -> np.ndarray:
        """Of each week, all parts together."""
        return sum(self.parts.values(), np.zeros(len(self.options)))

    def __getitem__(self, kept: np.ndarray) -> Weeks:
        return Weeks(self.options[kept], {name: cost[kept] for name, cost in self.parts.items()})


def lawful(group: Group, menu: Menu, dropped: frozenset[str] = frozenset()) -> Weeks:
    """Weeks that keep every hard rule but the dropped ones, with the price of each priced rule."""
    return judged(_possible(group, menu, dropped), group, menu, dropped)


def judged(options: np.ndarray, group: Group, menu: Menu, dropped: frozenset[str] = frozenset()) -> Weeks:
    """Those of some weeks that keep every hard rule but the dropped ones, with the price of each other."""
    asked = {"wishes": group.wishes, "changes": group.changes}
    weeks = Weeks(options, {name: prices[DAYS, options].sum(axis=1) for name, prices in asked.items()})
    weeks = weeks[in_time(group, menu, options)]
    for name in rules_of(group):
        price = price_of(group, name)
        if name in dropped or price is None:
            continue
        beyond = beyond_of(name, group, menu, weeks.options)
        if math.isinf(price):
            weeks = weeks[beyond <= TOLERANCE]
        else:
            weeks.parts[name] = price * beyond
    return _with_training(weeks if "hours_week" in dropped else _with_hours(weeks, group, menu), group)


def _with_training(weeks: Weeks, group: Group) -> Weeks:
    """Weeks with room for each planned session that any of them has room for."""
    for room in group.training:
        held = room[DAYS, weeks.options].any(axis=1)
        weeks = weeks[held] if held.any() else weeks
    return weeks


def _possible(group: Group, menu: Menu, dropped: frozenset[str]) -> np.ndarray:
    """Every week of options that are open, not on leave, and not refused by a hard request."""
    allowed = ~group.closed
    if "time off" not in dropped:
        allowed[group.away, 1:] = False
    if "requests" not in dropped:
        allowed &= ~group.refused
    if "frozen days" not in dropped:
        allowed &= ~group.frozen
    kinds = len(menu.shifts) + 1
    week = np.stack(np.unravel_index(np.arange(kinds**WEEK), (kinds,) * WEEK), axis=1)
    return week[allowed[DAYS, week].all(axis=1)]


def rules_of(group: Group) -> list[str]:
    """Names of all rules but the hours; of the shifts in a week one for each shift, ``shifts_week.late``."""
    own = [f"{SHIFTS_WEEK}{shift}" for shift in sorted(group.rules.shifts_week)]
    fair = [f"{FAIR_SHIFTS}{shift}" for shift, _ in group.unfair]
    return [*RULES, *own, *fair, *(name for name, _, _ in group.around.totals)]


def beyond_of(rule: str, group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    """How far each week lies beyond a rule."""
    if rule.startswith(SHIFTS_WEEK):
        return _shifts_week(group, menu, options, rule.removeprefix(SHIFTS_WEEK))
    if rule.startswith(FAIR_SHIFTS):
        return _days_on(rule.removeprefix(FAIR_SHIFTS), menu, options)
    for name, low, high in group.around.totals:
        if rule == name:
            return over_all_days(rule, group, menu, options, low, high)
    return RULES[rule](group, menu, options)


def value_of(group: Group, rule: str) -> Any:
    """What a rule says: a limit, a price, hours."""
    if rule.startswith(SHIFTS_WEEK):
        return group.rules.shifts_week[rule.removeprefix(SHIFTS_WEEK)]
    if rule.startswith(SHIFTS_TOTAL):
        return group.rules.shifts_total[rule.removeprefix(SHIFTS_TOTAL)]
    return getattr(group.rules, rule)


def price_of(group: Group, rule: str) -> float | None:
    """Price of a unit beyond a rule; infinite is hard, None is no such rule."""
    if rule == "rest_hours":
        return group.rules.price_rest
    if rule == "not_after":
        return math.inf if group.rules.not_after else None
    if rule == "hours_week":
        return math.inf if group.rules.hours_week is None else group.rules.hours_week.price
    if rule == "overtime_week":
        return None if group.rules.overtime_week is None else group.rules.overtime_week.price
    if rule == "fair_lates":
        return group.rules.fair_lates * group.more_lates or None
    if rule == "fair_weekends":
        return group.rules.fair_weekends * group.more_weekends or None
    if rule.startswith(FAIR_SHIFTS):
        return dict(group.unfair).get(rule.removeprefix(FAIR_SHIFTS))
    if rule == "rotation":
        return None if group.rules.rotation is None else group.rules.rotation.price
    value = value_of(group, rule)
    if isinstance(value, Limit):
        return None if value.min is None and value.max is None else value.price
    return None if value is None else float(value)


def _beyond(limit: Limit, count: np.ndarray, *, excused: int = 0) -> np.ndarray:
    """How far a count lies outside its limit."""
    low = -math.inf if limit.min is None else limit.min - excused
    high = math.inf if limit.max is None else limit.max
    return np.maximum(np.maximum(low - count, count - high), 0.0)


def _runs(marked: np.ndarray, before: int = 0) -> np.ndarray:
    """Length of the run of marked days that ends on each day, 0 where it is not marked."""
    runs = np.zeros(marked.shape, dtype=int)
    length = np.full(len(marked), before)
    for day in range(marked.shape[1]):
        length = (length + 1) * marked[:, day]
        runs[:, day] = length
    return runs


def _days_week(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    return _beyond(group.rules.days_week, (options > 0).sum(axis=1), excused=int(group.away.sum()))


def _shifts_week(group: Group, menu: Menu, options: np.ndarray, shift: str) -> np.ndarray:
    """Days on one shift; days away count towards the least."""
    on = [at + 1 for at, own in enumerate(menu.shifts) if own.name == shift]
    excused = int(group.away.sum())
    return _beyond(group.rules.shifts_week[shift], np.isin(options, on).sum(axis=1), excused=excused)


def _days_in_row(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    """Days beyond the longest run, and days missing in runs that end within the days.

    A run of last week's last day ends in this one; a run on the last day may go on, and one on the first day
    may have begun before, where nothing is known.
    """
    around, known = group.around, group.around.begun_work and group.run >= 0
    limit, before = group.rules.days_in_row, max(group.run, 0)
    return _runs_beyond(limit, options > 0, menu, before, known, (around.work_after, around.work_open))


def _days_off_in_row(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    around = group.around
    after = around.off_after, around.off_open
    return _runs_beyond(group.rules.days_off_in_row, options == 0, menu, around.off, around.begun_off, after)


def _runs_beyond(
    limit: Limit, marked: np.ndarray, menu: Menu, before: int, begun: bool, after: tuple[int, bool]
) -> np.ndarray:
    """Marked days beyond the longest run, and those missing in runs that have ended.

    Parameters
    ----------
    limit : Limit
        Of a run.
    marked : numpy.ndarray of bool
        Shape (weeks, 7).
    menu : Menu
        Whose planned days count.
    before : int
        Marked days in a row up to the day before.
    begun : bool
        Whether the beginning is known of a run that the first day goes on with.
    after : tuple of (int, bool)
        Marked days in a row from the day after on, and whether they may go on.

    Returns
    -------
    numpy.ndarray
        Days, shape (weeks,).
    """
    days = max(int((menu.end > 0).any(axis=1).sum()), 1)
    marked, (later, goes_on) = marked[:, :days], after
    low, high = limit.min or 0, math.inf if limit.max is None else limit.max
    runs = _runs(marked, before)
    beyond = (marked & (runs > high)).sum(axis=1) + np.clip(runs[:, -1] + later - high, 0, later)
    known = begun | (runs <= np.arange(days))
    ended = marked[:, :-1] & ~marked[:, 1:] & known[:, :-1]
    missing = (np.maximum(low - runs[:, :-1], 0) * ended).sum(axis=1)
    if begun and before:
        missing = missing + max(low - before, 0) * ~marked[:, 0]
    if not goes_on:
        last = runs[:, -1] + later
        missing = missing + np.maximum(low - last, 0) * ((last > 0) & known[:, -1])
    return beyond + missing


def _days_off_together(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    return _beyond(group.rules.days_off_together, _runs(options == 0).max(axis=1))


def _rest_hours(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    return _too_soon(group, menu, options, 60.0 * group.rules.rest_hours)


def in_time(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    """Whether no shift of a week begins before the one before has ended, whatever a short rest may cost."""
    if math.isinf(group.rules.price_rest):
        return np.ones(len(options), dtype=bool)
    return _too_soon(group, menu, options, 0.0) == 0


def _too_soon(group: Group, menu: Menu, options: np.ndarray, rest: float) -> np.ndarray:
    """Times that a shift begins too soon after the one before, last week's last one counted."""
    ended = np.full(len(options), group.last_end)
    broken = np.zeros(len(options))
    for day in range(WEEK):
        worked, shift = options[:, day] > 0, np.maximum(options[:, day] - 1, 0)
        broken += worked & (menu.start[day, shift] - ended < rest - TOLERANCE)
        ended = np.where(worked, menu.end[day, shift], ended)
    return broken + (group.around.next_start - ended < rest - TOLERANCE)


def _not_after(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    """Shifts on the day after one that they may not follow, that of the day before the week counted."""
    names = ["", *(shift.name for shift in menu.shifts)]
    barred = {first: [later in group.rules.not_after.get(first, ()) for later in names] for first in names}
    follows = np.array([barred[first] for first in names], dtype=bool)
    found = follows[options[:, :-1], options[:, 1:]].sum(axis=1)
    if group.yesterday:
        again = np.array([later in group.rules.not_after[group.yesterday] for later in names])
        found = found + again[options[:, 0]]
    if group.around.tomorrow:
        found = found + np.array([group.around.tomorrow in barred[first] for first in names])[options[:, -1]]
    return found


def _same_shift_in_week(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    """Days on another shift than most of the week's."""
    starts = np.array([shift.start_minute for shift in menu.shifts])
    near = np.abs(starts[:, None] - starts[None, :]) <= group.rules.starts_within
    near |= np.eye(len(starts), dtype=bool)
    counts = [np.isin(options, np.flatnonzero(some) + 1).sum(axis=1) for some in near]
    return (options > 0).sum(axis=1) - np.max(counts, axis=0)


def _rotate(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    """Of the weeks before and after, those mostly on the same shift: on more than half of the days worked."""
    beside = (group.last_shift, group.around.usual_after)
    again = [2 * (options == shift).sum(axis=1) > (options > 0).sum(axis=1) for shift in beside]
    return np.sum(again, axis=0).astype(float)


def _rotation(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    """Days that are not as the person's cycle means them."""
    return group.off_cycle[DAYS, options].sum(axis=1)


def _fair_lates(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    """Late shifts, the price of which grows with those had beyond the team's mean."""
    return _days_on(LATE, menu, options)


def _days_on(name: str, menu: Menu, options: np.ndarray) -> np.ndarray:
    """Days of each week on the shift of a name."""
    on = [at + 1 for at, shift in enumerate(menu.shifts) if shift.name == name]
    return np.isin(options, on).sum(axis=1)


def _fair_weekends(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    """Days on Saturdays and Sundays, likewise."""
    return (options[:, group.weekend] > 0).sum(axis=1)


def weekends_worked(group: Group, options: np.ndarray) -> np.ndarray:
    """Weekends with work on Saturday, Sunday or both, but for those that count already."""
    numbers, worked = np.array(group.around.weekend), options > 0
    ends = [worked[:, numbers == number].any(axis=1) for number in np.unique(numbers[numbers >= 0])]
    return np.sum(ends, axis=0, dtype=float) if ends else np.zeros(len(options))


def added(rule: str, group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    """What each week adds to a total over all planned days: shifts, weekends, or paid time. [min]"""
    if rule.startswith(SHIFTS_TOTAL):
        return _days_on(rule.removeprefix(SHIFTS_TOTAL), menu, options).astype(float)
    return weekends_worked(group, options) if rule == "weekends" else paid(menu, options)


def over_all_days(
    rule: str, group: Group, menu: Menu, options: np.ndarray, low: float, high: float
) -> np.ndarray:
    """How far each week lies beyond what is left to it of a total; hours in hours."""
    more = added(rule, group, menu, options)
    beyond = np.maximum(np.maximum(low - more, more - high), 0.0)
    return beyond / 60.0 if rule == "hours_total" else beyond


RULES: dict[str, Callable[[Group, Menu, np.ndarray], np.ndarray]] = {
    "days_week": _days_week,
    "days_in_row": _days_in_row,
    "days_off_in_row": _days_off_in_row,
    "days_off_together": _days_off_together,
    "rest_hours": _rest_hours,
    "not_after": _not_after,
    "same_shift_in_week": _same_shift_in_week,
    "rotate": _rotate,
    "rotation": _rotation,
    "fair_lates": _fair_lates,
    "fair_weekends": _fair_weekends,
}


def paid(menu: Menu, options: np.ndarray) -> np.ndarray:
    """Paid time of each week. [min]"""
    choices = np.concatenate([np.zeros((WEEK, 1)), menu.paid], axis=1)
    return choices[DAYS, options].sum(axis=1)


def _with_hours(weeks: Weeks, group: Group, menu: Menu) -> Weeks:
    """Weeks with the hours owed, or overtime; where leave or closed days forbid them, the most below."""
    time = paid(menu, weeks.options)
    low, high = group.hours
    extra = group.rules.overtime_week
    more = np.zeros(len(time)) if extra is None else np.clip(time - high, 0.0, 60.0 * extra.max)
    if extra is not None:
        weeks.parts["overtime_week"] = extra.price * more / 60.0
    beyond = np.maximum(np.maximum(low - time, time - more - high), 0.0)
    price = price_of(group, "hours_week") or math.inf
    if math.isfinite(price):
        weeks.parts["hours_week"] = price * beyond / 60.0
        return weeks
    lawful = beyond <= TOLERANCE
    if (lawful & (more <= TOLERANCE)).any() or not group.excused:
        return weeks[lawful]
    below = np.where(time <= high + TOLERANCE, time, -1.0)
    return weeks[lawful | ((below >= 0) & (below == below.max(initial=-1.0)))]
