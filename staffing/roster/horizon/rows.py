"""The rules of one person as rows, one function each; and the people of all on each shift.

A person's day is a column for each shift (``x``), a column for work at all (``w``), and one each for the
first day of a run of work (``up``) and of days off (``down``). Runs are counted by their first days, which
bounds the linear program far better than windows of days do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from staffing.model import Limit
from staffing.roster.horizon.case import WEEK, Horizon, Person, Staff, bounds, weeks
from staffing.roster.horizon.sheet import Sheet
from staffing.roster.shares import LATE

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Own:
    """The columns of one person.

    Parameters
    ----------
    number : int
        Of the person.
    person : Person
        What binds her or him.
    staff : Staff
        The team.
    x : numpy.ndarray
        Columns of the shifts, shape (days, shifts); -1 where one cannot be worked.
    w, up, down : numpy.ndarray
        Columns of work and of the first days of runs; the known days before the first stand before them.
    """

    number: int
    person: Person
    staff: Staff
    x: np.ndarray
    w: np.ndarray
    up: np.ndarray
    down: np.ndarray

    @property
    def days(self) -> int:
        """To be rostered."""
        return len(self.x)

    @property
    def back(self) -> int:
        """Known days before the first."""
        return len(self.w) - self.days

    def day(self, at: np.ndarray) -> np.ndarray:
        """Places among the columns of work as days; the past counts as the first day."""
        return np.maximum(at - self.back, 0)


def shape(person: Person, staff: Staff, *, requests: bool = True) -> np.ndarray:
    """Which shifts a person can work, shape (days, shifts), with or without what was asked for."""
    free = staff.known & ~(person.unemployed | person.away)[:, None]
    return free & ~person.refused[:, 1:] if requests else free


def own(sheet: Sheet, number: int, person: Person, staff: Staff) -> Own:
    """New columns for a person, with one shift a day."""
    days, shifts = staff.known.shape
    free = shape(person, staff)
    at = np.argwhere(free)
    x = np.full((days, shifts), -1)
    asked = person.wishes + person.changes + person.unfair
    price = asked[:, 1:] - asked[:, :1]
    sheet.constant += float(asked[:, 0].sum())
    late = np.array([name == LATE for name in staff.names])
    x[free] = sheet.columns(at[:, 0], person=number, cost=price[free], integer=True, part="wishes")
    if person.rules.fair_lates and person.more_lates and late.any():
        fair = sheet.columns(
            np.arange(days),
            person=number,
            cost=person.rules.fair_lates * person.more_lates,
            part="fair_lates",
        )
        columns = np.column_stack([x[:, late], fair])
        factors = np.column_stack([np.ones((days, int(late.sum()))), -np.ones(days)])
        sheet.rows(columns, factors, 0.0, 0.0, rule="fair_lates", person=number)
    worked = known_before(person)
    known = len(worked)
    low, high = np.concatenate([worked, person.refused[:, 0]]), np.concatenate([worked, np.ones(days)])
    day = np.concatenate([np.zeros(known, dtype=int), np.arange(days)])
    w = sheet.columns(day, person=number, lower=low, upper=high, integer=True)
    sheet.rows(
        np.column_stack([x, w[known:]]), np.append(np.ones(shifts), -1.0), 0.0, 0.0, rule="", person=number
    )
    up, down = (np.append(-1, sheet.columns(day[1:], person=number)) for _ in range(2))
    steps = np.column_stack([w[1:], w[:-1], up[1:], down[1:]])
    sheet.rows(steps, np.array([1.0, -1.0, -1.0, 1.0]), 0.0, 0.0, rule="", person=number)
    return Own(number, person, staff, x, w, up, down)


def known_before(person: Person) -> np.ndarray:
    """Of the known days before the first that a rule on runs looks back on: 1 where worked, else 0."""
    limits = (person.rules.days_in_row, person.rules.days_off_in_row)
    bounds = [bound for limit in limits for bound in (limit.min, limit.max) if bound is not None]
    known = min(len(person.past), int(max(bounds, default=0)) + 1)
    return np.array([float(bool(name)) for name in person.past[len(person.past) - known :]])


def _runs(sheet: Sheet, mine: Own, limit: Limit, rule: str, *, off: bool) -> None:
    """Runs of work, or of days off: not shorter, not longer.

    With ``base + sign * w`` being 1 on the days of the run. The row for a least run of one day keeps first
    days from standing where no run begins, so it is there in any case. Runs that ended before the last known
    day are past.
    """
    begin, sign, base = (mine.down, -1.0, 1.0) if off else (mine.up, 1.0, 0.0)
    hard = math.isinf(limit.price)
    if limit.min is None and limit.max is None:
        rule = ""  # no rule that anybody could relax
    least = max(1, math.ceil(limit.min)) if limit.min is not None and hard else 1
    lasting = np.where(np.arange(len(begin)) < mine.back - _last_run(mine, off=off), -1, begin)
    for places, first, length in (
        (np.arange(1, mine.back), begin, 1),
        (np.arange(max(mine.back, 1), len(mine.w)), lasting, least),
    ):
        windows = _windows(first, places, length)
        columns = np.column_stack([windows, mine.w[places]])
        factors = np.append(np.ones(length), -sign)
        sheet.rows(columns, factors, -math.inf, base, rule=rule, person=mine.number)
    if not hard:
        _dear_runs(sheet, mine, limit, rule, off=off)
    elif limit.max is not None:
        longest = math.floor(limit.max)
        places = np.arange(max(longest, mine.back, 1), len(mine.w))
        windows = _windows(begin, places, longest)
        columns = np.column_stack([mine.w[places], windows])
        factors = np.append(sign, -np.ones(windows.shape[1]))
        sheet.rows(columns, factors, -math.inf, -base, rule=rule, person=mine.number)


def _last_run(mine: Own, *, off: bool) -> int:
    """Known days worked, or off, up to the last one before the first."""
    known = mine.person.past[len(mine.person.past) - mine.back :] if mine.back else ()
    return next((ago for ago, name in enumerate(reversed(known)) if bool(name) == off), len(known))


def _windows(columns: np.ndarray, ends: np.ndarray, length: int) -> np.ndarray:
    """For each end the columns of that many places up to it; -1 before the first."""
    at = ends[:, None] - np.arange(length)[None, :]
    return np.where(at >= 0, columns[np.maximum(at, 0)], -1)


def _dear_runs(sheet: Sheet, mine: Own, limit: Limit, rule: str, *, off: bool) -> None:
    """Each day beyond the longest run, and each missing in runs that end within the days, at the price."""
    begin, sign, base = (mine.down, -1.0, 1.0) if off else (mine.up, 1.0, 0.0)
    ongoing = _last_run(mine, off=off)
    if limit.max is not None:
        longest = math.floor(limit.max)
        places = np.arange(max(longest, mine.back), len(mine.w))
        dear = sheet.columns(mine.day(places), person=mine.number, cost=limit.price, part=rule)
        columns = np.column_stack([_windows(mine.w, places, longest + 1), dear])
        factors = np.append(np.full(longest + 1, sign), -1.0)
        most = longest - base * (longest + 1)
        sheet.rows(columns, factors, -math.inf, most, rule=rule, person=mine.number)
    for missing in range(1, math.ceil(limit.min) if limit.min is not None else 1):
        places = np.arange(max(1, mine.back - missing, mine.back - ongoing), len(mine.w) - 1)
        dear = sheet.columns(mine.day(places), person=mine.number, cost=limit.price, part=rule)
        for later in range(1, missing + 1):
            known = places + later < len(mine.w)
            columns = np.column_stack([begin[places[known]], mine.w[places[known] + later], dear[known]])
            factors = np.array([1.0, -sign, -1.0])
            sheet.rows(columns, factors, -math.inf, base, rule=rule, person=mine.number)


def _days_in_row(sheet: Sheet, mine: Own) -> None:
    _runs(sheet, mine, mine.person.rules.days_in_row, "days_in_row", off=False)


def _days_off_in_row(sheet: Sheet, mine: Own) -> None:
    _runs(sheet, mine, mine.person.rules.days_off_in_row, "days_off_in_row", off=True)


def too_close(person: Person, staff: Staff, lag: int) -> np.ndarray:
    """Which shift some days later (1 or 2) is not to follow which, shape (days - lag, shifts, shifts)."""
    close = _close(staff, lag, 60.0 * person.rules.rest_hours)
    return close | _follows(person, staff) if lag == 1 else close


def too_soon(person: Person, staff: Staff) -> np.ndarray:
    """Which shifts the roster before forbids, shape (days, shifts)."""
    tired = staff.start - person.last_end < 60.0 * person.rules.rest_hours - TOLERANCE
    return tired | _follows_past(person, staff)


def _close(staff: Staff, lag: int, rest: float) -> np.ndarray:
    return staff.start[lag:, None, :] - staff.end[:-lag, :, None] < rest - TOLERANCE


def _follows(person: Person, staff: Staff) -> np.ndarray:
    banned, names = person.rules.not_after, staff.names
    return np.array([[later in banned.get(first, ()) for later in names] for first in names], dtype=bool)


def _follows_past(person: Person, staff: Staff) -> np.ndarray:
    soon = np.zeros(staff.known.shape, dtype=bool)
    if person.past and person.past[-1]:
        yesterday = person.rules.not_after.get(person.past[-1], ())
        soon[0] = [name in yesterday for name in staff.names]
    return soon


def _rest_hours(sheet: Sheet, mine: Own) -> None:
    """Pairs of shifts too close to each other exclude each other: a later one may be two days on."""
    rules, start = mine.person.rules, mine.staff.start
    sides = [(60.0 * rules.rest_hours, rules.price_rest)]
    if math.isfinite(rules.price_rest):
        sides.append((0.0, math.inf))  # at whatever price, nobody begins before the end
    for rest, price in sides:
        for lag in (1, 2):
            close = _close(mine.staff, lag, rest)
            _exclude(sheet, mine, close, lag, "rest_hours", price)
        _never(sheet, mine, start - mine.person.last_end < rest - TOLERANCE, "rest_hours", price)


def _not_after(sheet: Sheet, mine: Own) -> None:
    follows = _follows(mine.person, mine.staff)
    close = np.broadcast_to(follows, (mine.days - 1, *follows.shape))
    _exclude(sheet, mine, close, 1, "not_after", math.inf)
    _never(sheet, mine, _follows_past(mine.person, mine.staff), "not_after", math.inf)


def _exclude(sheet: Sheet, mine: Own, close: np.ndarray, lag: int, rule: str, price: float) -> None:
    """One row for each shift and day: it, with all that exclude at least as much, against what they exclude.

    At a price the rows of a day share what is paid, so that two days too close are paid once.

    ``close`` says which shift of the later day is too close to which of the earlier, shape (days - lag,
    shifts, shifts).
    """
    paid = np.full((mine.days, 1), -1)
    if math.isfinite(price):
        some_days = np.flatnonzero(close.any(axis=(1, 2)))
        paid[some_days, 0] = sheet.columns(some_days, person=mine.number, cost=price, part=rule)
    for shift in range(close.shape[1]):
        own_ban = close[:, shift, :]
        days = np.flatnonzero(own_ban.any(axis=1))
        if not len(days):
            continue
        wider = ~(own_ban[days, None, :] & ~close[days]).any(axis=2)
        first = np.where(wider, mine.x[days], -1)
        later = np.where(own_ban[days], mine.x[days + lag], -1)
        some = (first >= 0).any(axis=1) & (later >= 0).any(axis=1)
        columns = np.unique(np.column_stack([first, later, paid[days]])[some], axis=0)
        factors = np.append(np.ones(columns.shape[1] - 1), -1.0)
        sheet.rows(columns, factors, -math.inf, 1.0, rule=rule, person=mine.number)


def _never(sheet: Sheet, mine: Own, soon: np.ndarray, rule: str, price: float) -> None:
    """Shifts that the roster before forbids, or makes dearer on the first day that is worked."""
    soon = soon & (mine.x >= 0)
    columns, day = mine.x[soon], np.argwhere(soon)[:, 0]
    dear = np.full(len(columns), -1)
    if math.isfinite(price):
        dear = sheet.columns(day, person=mine.number, cost=price, part=rule)
    rows = np.column_stack([columns, dear])
    sheet.rows(rows, np.array([1.0, -1.0]), -math.inf, 0.0, rule=rule, person=mine.number)


def in_units(minutes: np.ndarray, low: float, high: float) -> tuple[np.ndarray, float, float]:
    """Minutes in their largest common unit, and the bounds rounded inwards to whole units."""
    whole = np.rint(minutes).astype(int)
    unit = float(np.gcd.reduce(whole[whole > 0])) if (whole > 0).any() else 1.0
    return whole / unit, math.ceil(low / unit - TOLERANCE), _floor(high / unit)


def _floor(value: float) -> float:
    return math.floor(value + TOLERANCE) if math.isfinite(value) else value


def _hours(
    sheet: Sheet, mine: Own, span: slice, limit: Limit, low: float, high: float, rule: str, more: int = -1
) -> None:
    """Paid minutes of some days between two bounds; the price is that of an hour.

    ``more`` is a column of hours that do not count, -1 where all do.
    """
    minutes = mine.staff.paid[span].ravel()
    if more >= 0:
        factors, low, high = np.append(minutes / 60.0, -1.0), low / 60.0, high / 60.0
    else:
        factors, low, high = _hard_times(minutes, low, high, limit.price)
        factors = np.append(factors, 0.0)
    columns = np.append(mine.x[span].ravel(), more)[None, :]
    sheet.limited(
        columns, factors, np.array([low]), np.array([high]), limit.price,
        rule=rule, person=mine.number, day=np.array([span.start]),
    )  # fmt: skip


def _hard_times(
    minutes: np.ndarray, low: float, high: float, price: float
) -> tuple[np.ndarray, float, float]:
    if math.isinf(price):
        return in_units(minutes, low, high)
    return minutes / 60.0, low / 60.0, high / 60.0


def _hours_week(sheet: Sheet, mine: Own) -> None:
    limit, extra = mine.person.rules.hours_week or Limit(), mine.person.rules.overtime_week
    for span, (low, high) in zip(weeks(mine.days), mine.person.hours, strict=True):
        more = -1
        if extra is not None and math.isfinite(high):
            day = np.array([span.start])
            more = sheet.columns(
                day, person=mine.number, cost=extra.price, upper=extra.max, part="overtime_week"
            )[0]
        _hours(sheet, mine, span, limit, low, high, "hours_week", more)


def _hours_total(sheet: Sheet, mine: Own) -> None:
    limit = mine.person.rules.hours_total
    if limit is not None:
        low, high = bounds(limit, float(mine.person.credit.sum()))
        _hours(sheet, mine, slice(0, mine.days), limit, low, high, "hours_total")


def _count(
    sheet: Sheet, mine: Own, columns: np.ndarray, limit: Limit, rule: str, day: int, excused: int = 0
) -> None:
    """How many of some columns are taken."""
    low = -math.inf if limit.min is None else limit.min - excused
    high = math.inf if limit.max is None else limit.max
    sheet.limited(
        columns.reshape(1, -1), 1.0, np.array([low]), np.array([high]), limit.price,
        rule=rule, person=mine.number, day=np.array([day]),
    )  # fmt: skip


def _days_week(sheet: Sheet, mine: Own) -> None:
    away = mine.person.away | mine.person.unemployed
    for span in weeks(mine.days):
        excused = int(away[span].sum()) + WEEK - (span.stop - span.start)
        work = mine.w[mine.back :][span]
        _count(sheet, mine, work, mine.person.rules.days_week, "days_week", span.start, excused)


def _shifts_total(sheet: Sheet, mine: Own) -> None:
    for name, limit in mine.person.rules.shifts_total.items():
        if name in mine.staff.names:
            columns = mine.x[:, mine.staff.names.index(name)]
            _count(sheet, mine, columns, limit, "shifts_total", 0)


def _shifts_week(sheet: Sheet, mine: Own) -> None:
    for name, limit in mine.person.rules.shifts_week.items():
        if name in mine.staff.names:
            for span in weeks(mine.days):
                columns = mine.x[span, mine.staff.names.index(name)]
                _count(sheet, mine, columns, limit, "shifts_week", span.start)


def _fair_weekends(sheet: Sheet, mine: Own, first: int) -> None:
    """Days on Saturdays and Sundays, the price of which grows with those had beyond the team's mean."""
    price = mine.person.rules.fair_weekends * mine.person.more_weekends
    days = np.flatnonzero((np.arange(mine.days) + first) % WEEK >= 5)
    if price and len(days):
        fair = sheet.columns(days, person=mine.number, cost=price, part="fair_weekends")
        columns = np.column_stack([mine.w[mine.back :][days], fair])
        sheet.rows(columns, np.array([1.0, -1.0]), 0.0, 0.0, rule="fair_weekends", person=mine.number)


def _weekends(sheet: Sheet, mine: Own, first: int) -> None:
    """A column for each weekend: 1 where its Saturday or Sunday is worked; ``first`` is the first weekday."""
    limit = mine.person.rules.weekends
    if limit.min is None and limit.max is None:
        return
    work = mine.w[mine.back :]
    day = np.arange(mine.days)
    days = [day[(day + first) // WEEK == week] for week in range((mine.days + first) // WEEK + 1)]
    ends = [some[(some + first) % WEEK >= 5] for some in days]
    ends = [some for some in ends if len(some)]
    taken = sheet.columns(np.array([some[0] for some in ends]), person=mine.number, integer=True)
    for column, some in zip(taken, ends, strict=True):
        both = np.array([[work[at], column] for at in some])
        sheet.rows(both, np.array([1.0, -1.0]), -math.inf, 0.0, rule="weekends", person=mine.number)
        at_most = np.append(work[some], column)[None, :]
        if limit.min is not None:
            factors = np.append(np.ones(len(some)), -1.0)
            sheet.rows(at_most, factors, 0.0, math.inf, rule="weekends", person=mine.number)
    _count(sheet, mine, taken, limit, "weekends", 0)


def _days_off_together(sheet: Sheet, mine: Own) -> None:
    """Of each length up to the least a run of days off, or its price; days after the last are free."""
    limit = mine.person.rules.days_off_together
    least = math.ceil(limit.min) if limit.min is not None else 0
    hard = math.isinf(limit.price)
    for span in weeks(mine.days):
        work = np.append(mine.w[mine.back :][span], np.full(WEEK - (span.stop - span.start), -1))
        for length in range(least if hard else 1, least + 1):
            if not length:
                continue
            starts = np.arange(WEEK - length + 1)
            day = np.full(len(starts), span.start)
            run = sheet.columns(np.minimum(day + starts, mine.days - 1), person=mine.number, integer=True)
            for later in range(length):
                pairs = np.column_stack([run, work[starts + later]])
                sheet.rows(pairs, 1.0, -math.inf, 1.0, rule="days_off_together", person=mine.number)
            some = Limit(min=1, price=limit.price)
            _count(sheet, mine, run, some, "days_off_together", span.start)


def _same_shift_in_week(sheet: Sheet, mine: Own) -> None:
    """One shift is the week's; days on another one are forbidden, or have their price."""
    price = mine.person.rules.same_shift_in_week
    if price is None:
        return
    starts = np.array([shift.start_minute for shift in mine.staff.shifts])
    near = np.abs(starts[:, None] - starts[None, :]) <= mine.person.rules.starts_within
    near |= np.eye(len(starts), dtype=bool)
    for span in weeks(mine.days):
        at = np.arange(span.start, span.stop)
        usual = sheet.columns(np.full(len(starts), span.start), person=mine.number, integer=True)
        sheet.rows(usual[None, :], 1.0, 1.0, 1.0, rule="same_shift_in_week", person=mine.number)
        for shift, same in enumerate(near):
            x = mine.x[span, shift]
            kept, others = x[x >= 0], np.tile(usual[same], (int((x >= 0).sum()), 1))
            dear = np.full(len(kept), -1)
            if math.isfinite(price):
                dear = sheet.columns(at[x >= 0], person=mine.number, cost=price, part="same_shift_in_week")
            columns = np.column_stack([kept, others, dear])
            factors = np.append(1.0, -np.ones(columns.shape[1] - 1))
            sheet.rows(columns, factors, -math.inf, 0.0, rule="same_shift_in_week", person=mine.number)


def _rotate(sheet: Sheet, mine: Own) -> None:
    """A week mostly on the shift that the week before was mostly on is forbidden, or has its price."""
    price, names = mine.person.rules.rotate, mine.staff.names
    if price is None or mine.person.rules.rotation is not None:
        return
    spans = weeks(mine.days)
    before = np.full(len(names), -1)
    if mine.person.past_main in names:
        day = np.zeros(1, dtype=int)
        before[names.index(mine.person.past_main)] = sheet.columns(day, person=mine.number, lower=1.0)[0]
    for span in spans:
        day = np.full(len(names), span.start)
        mostly = sheet.columns(day, person=mine.number, integer=True)
        work = mine.w[mine.back :][span]
        for shift in range(len(names)):
            # Twice the days on the shift less all days is at least 1 where they are more than half.
            columns = np.concatenate([mine.x[span, shift], work, mostly[[shift]]])[None, :]
            factors = np.concatenate([np.full(len(work), 2.0), -np.ones(len(work)), [-float(WEEK)]])
            sheet.rows(columns, factors, -math.inf, 0.0, rule="rotate", person=mine.number)
        again = np.full(len(names), -1)
        if math.isfinite(price):
            again = sheet.columns(day, person=mine.number, cost=price, part="rotate")
        columns = np.column_stack([before, mostly, again])[before >= 0]
        sheet.rows(columns, np.array([1.0, 1.0, -1.0]), -math.inf, 1.0, rule="rotate", person=mine.number)
        before = mostly


def _rotation(sheet: Sheet, mine: Own) -> None:
    """Days that are not as the person's cycle means them are forbidden, or have their price."""
    rotation = mine.person.rules.rotation
    if rotation is None:
        return
    off = mine.person.off_cycle
    days = np.flatnonzero(off.any(axis=1))
    shifts, free = np.where(off[days, 1:], mine.x[days], -1), off[days, 0]
    work = np.where(free, mine.w[mine.back :][days], -1)
    dear = np.full(len(days), -1)
    if math.isfinite(rotation.price):
        dear = sheet.columns(days, person=mine.number, cost=rotation.price, part="rotation")
    # One of the options against it is taken: being free is 1 - w.
    factors = np.concatenate([np.ones(shifts.shape[1]), [-1.0, -1.0]])
    columns = np.column_stack([shifts, work, dear])
    sheet.rows(columns, factors, -math.inf, -free.astype(float), rule="rotation", person=mine.number)


RULES: tuple[Callable[[Sheet, Own], None], ...] = (
    _days_in_row,
    _days_off_in_row,
    _rest_hours,
    _not_after,
    _hours_total,
    _days_week,
    _shifts_total,
    _shifts_week,
    _days_off_together,
    _same_shift_in_week,
    _rotate,
    _rotation,
    _hours_week,
)


def person(sheet: Sheet, case: Horizon, number: int) -> Own:
    """Columns and rows of one person, every rule in."""
    who = case.people[number]
    mine = own(sheet, number, who, case.staff[who.team])
    for rule in RULES:
        rule(sheet, mine)
    _weekends(sheet, mine, case.start.weekday())
    _fair_weekends(sheet, mine, case.start.weekday())
    return mine


def cover(sheet: Sheet, staff: Staff, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """People on each shift + short - over = need; the columns of short and over, shape (days, shifts).

    ``x`` are the columns of the team's people, shape (people, days, shifts).
    """
    at = np.argwhere(staff.known)
    short, over = (np.full(staff.known.shape, -1) for _ in range(2))
    most = np.full(staff.heads.shape, float(len(x)))
    for held, price, part, upper in (
        (short, staff.short, "shortage", staff.heads),
        (over, staff.over, "surplus", most),
    ):
        held[staff.known] = sheet.columns(
            at[:, 0], cost=price[staff.known], upper=upper[staff.known], part=part
        )
    columns = np.column_stack([x[:, staff.known].T, short[staff.known], over[staff.known]])
    factors = np.append(np.ones(len(x) + 1), -1.0)
    need = staff.heads[staff.known]
    sheet.rows(columns, factors, need, need, rule="cover")
    return short, over
