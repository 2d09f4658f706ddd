"""The rules of a person's week, one function each: a person in, the broken days out.

Only hard rules speak: a `Limit` or wish with a finite price may be broken, at its price.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping

import pandas as pd

from staffing.model import Limit, Shift
from staffing.verify.facts import (
    SMALL,
    WEEK,
    Person,
    Work,
    clock,
    hours_of,
    iso,
    named,
    paid_hours,
    span,
)

Told = tuple[int | None, str, str]  # day, rule, what


def template(person: Person) -> Iterator[Told]:
    """The shift is one of the team's, at its times, with its pay."""
    for day, work in person.worked.items():
        if work.team != person.team:
            yield day, "team", f"rostered for team {work.team!r}, is of team {person.team!r}"
        shift = person.templates.get(work.shift)
        if shift is None:
            names = ", ".join(person.templates) or "none"
            yield day, "shift", f"{work.shift!r} is not a shift of team {person.team!r} (it has: {names})"
            continue
        start, end = hours_of(shift, day, person.timezone)
        if (work.start, work.end) != (start, end):
            yield day, "times", f"works {span(work.start, work.end)}, the shift is {span(start, end)}"
        due = paid_hours(shift, day, person.timezone)
        if abs(work.paid - due) > SMALL:
            yield day, "paid_hours", f"paid {work.paid:g} h, the shift pays {due:g} h"


def employment(person: Person) -> Iterator[Told]:
    """Nobody works before the first or after the last day of the contract."""
    starts, leaves = person.employed
    for day in person.worked:
        if day < starts:
            yield day, "starts_on", f"works before the first day of the contract, {iso(int(starts))}"
        if day > leaves:
            yield day, "leaves_on", f"works after the last day of the contract, {iso(int(leaves))}"


def time_off(person: Person) -> Iterator[Told]:
    """Nobody works on a day off."""
    for day, work in person.worked.items():
        if day in person.away:
            yield day, "timeoff", f"works {span(work.start, work.end)} on a day off ({person.away[day]})"


def requests(person: Person) -> Iterator[Told]:
    """Locked days are kept, forbidden ones, or hours, are free."""
    for ask in person.asks:
        for day in range(person.first, person.last + 1):
            work = person.worked.get(day)
            meant = ask.meant(day, work, person.timezone)
            if ask.kind == "lock" and ask.on(day) and not meant:
                to, now = ask.shift or "work", work.shift if work else "OFF"
                yield day, "lock", f"locked to {to}{ask.words}, is {now}"
            if ask.kind == "forbid" and work is not None and meant:
                yield day, "forbid", f"works {work.shift}, which a request forbids{ask.words}"


def days_week(person: Person) -> Iterator[Told]:
    """Days worked in a week; days away count towards the least."""
    limit = person.rules.days_week
    for week in _hard_weeks(limit, person):
        count = sum(day in person.worked for day in week)
        away = sum(person.unavailable(day) for day in week)
        head = f"works {count} days in the week of {iso(week[0])}"
        if limit.max is not None and count > limit.max:
            yield None, "days_week", f"{head}, at most {limit.max:g}"
        if limit.min is not None and count < limit.min - away:
            yield None, "days_week", f"{head}, at least {limit.min - away:g}"


def shifts_week(person: Person) -> Iterator[Told]:
    """Days of a week on a shift; days away count towards the least."""
    for name, limit in sorted(person.rules.shifts_week.items()):
        for week in _hard_weeks(limit, person):
            count = sum(day in person.worked and person.worked[day].shift == name for day in week)
            away = sum(person.unavailable(day) for day in week)
            head = f"works {count} times {name} in the week of {iso(week[0])}"
            if limit.max is not None and count > limit.max:
                yield None, "shifts_week", f"{head}, at most {limit.max:g}"
            if limit.min is not None and count < limit.min - away:
                yield None, "shifts_week", f"{head}, at least {limit.min - away:g}"


def days_in_row(person: Person) -> Iterator[Told]:
    """Days worked one after the other, last week's counted; a run that lasts to the end may go on.

    One of the last day before ends in these days.
    """
    limit = person.rules.days_in_row
    if math.isfinite(limit.price):
        return
    for run in _runs(list(person.known)):
        head = f"works {len(run)} days in a row from {named(run[0])}"
        if limit.max is not None and len(run) > limit.max and run[-1] >= person.first:
            day = max(run[0] + math.floor(limit.max), person.first)
            yield day, "days_in_row", f"{head}, at most {limit.max:g}"
        begun_before = run[0] == person.first and not person.before
        whole = person.first - 1 <= run[-1] < person.last and not begun_before
        if limit.min is not None and len(run) < limit.min and whole:
            yield max(run[0], person.first), "days_in_row", f"{head}, at least {limit.min:g}"


def days_off_in_row(person: Person) -> Iterator[Told]:
    """Days off one after the other, known days before counted; a run at either end may go on."""
    limit = person.rules.days_off_in_row
    if math.isfinite(limit.price):
        return
    earliest = min(person.before, default=person.first)
    for run in _runs([day for day in range(earliest, person.last + 1) if day not in person.known]):
        if run[-1] < person.first - 1:
            continue
        head = f"{len(run)} days off in a row from {named(run[0])}"
        whole = run[0] > earliest and run[-1] < person.last
        if limit.max is not None and len(run) > limit.max and run[-1] >= person.first:
            day = max(run[0] + math.floor(limit.max), person.first)
            yield day, "days_off_in_row", f"{head}, at most {limit.max:g}"
        if limit.min is not None and len(run) < limit.min and whole:
            yield max(run[0], person.first), "days_off_in_row", f"{head}, at least {limit.min:g}"


def not_after(person: Person) -> Iterator[Told]:
    """Shifts that may not follow one another from one day to the next."""
    for (before, first), (day, later) in itertools.pairwise(person.known.items()):
        follows = day == before + 1 and day >= person.first
        if follows and later.shift in person.rules.not_after.get(first.shift, ()):
            yield day, "not_after", f"works {later.shift} on the day after {first.shift}"


def hours_total(person: Person) -> Iterator[Told]:
    """Paid hours of all days of the roster, less the credit of time off."""
    limit = person.rules.hours_total
    if limit is None or math.isfinite(limit.price):
        return
    paid = sum(_paid(person, day) for day in person.worked)
    credit = sum(hours for day, hours in person.credit.items() if person.first <= day <= person.last)
    if limit.max is not None and paid > max(limit.max - credit, 0.0) + SMALL:
        yield None, "hours_total", f"works {paid:g} h, {_owed(limit, limit.max, credit, 'at most')}"
    if limit.min is not None and paid < limit.min - credit - SMALL:
        yield None, "hours_total", f"works {paid:g} h, {_owed(limit, limit.min, credit, 'at least')}"


def shifts_total(person: Person) -> Iterator[Told]:
    """Shifts of a name over all days of the roster."""
    counts = Counter(work.shift for work in person.worked.values())
    for name, limit in sorted(person.rules.shifts_total.items()):
        if name in person.templates:
            yield from _counted(counts[name], limit, "shifts_total", f"works {name} {counts[name]} times")


def weekends(person: Person) -> Iterator[Told]:
    """Weekends with work on Saturday or Sunday."""
    # Day 1 is a Monday, so a Saturday and its Sunday share their week's number.
    count = len({(day - 1) // WEEK for day in person.worked if dt.date.fromordinal(day).weekday() >= 5})
    yield from _counted(count, person.rules.weekends, "weekends", f"works on {count} weekends")


def _counted(count: int, limit: Limit, rule: str, head: str) -> Iterator[Told]:
    if math.isfinite(limit.price):
        return
    if limit.max is not None and count > limit.max:
        yield None, rule, f"{head}, at most {limit.max:g}"
    if limit.min is not None and count < limit.min:
        yield None, rule, f"{head}, at least {limit.min:g}"


def days_off_together(person: Person) -> Iterator[Told]:
    """At least one run of that many days without work in the week."""
    limit = person.rules.days_off_together
    for week in _hard_weeks(limit, person):
        longest = max(map(len, _runs([day for day in week if day not in person.worked])), default=0)
        if limit.min is not None and longest < limit.min:
            what = f"days off together in the week of {iso(week[0])}: {longest}, at least {limit.min:g}"
            yield None, "days_off_together", what


def rest_hours(person: Person) -> Iterator[Told]:
    """Time really passed between two shifts, last week's last one counted."""
    least = 0.0 if math.isfinite(person.rules.price_rest) else person.rules.rest_hours
    for (_, last), (day, work) in itertools.pairwise(person.known.items()):
        rest = (work.start - last.end) / pd.Timedelta(hours=1)
        if day >= person.first and rest < least - SMALL:
            what = f"{rest:g} h of rest before {clock(work.start)}, at least {least:g} h"
            yield day, "rest_hours", what


def same_shift_in_week(person: Person) -> Iterator[Told]:
    """Every day of a week is on the shift of most of its days, or on one that begins near it."""
    if person.rules.same_shift_in_week != math.inf:
        return
    for week in person.weeks:
        names = [person.worked[day].shift for day in week if day in person.worked]
        others = [name for name in person.templates if name not in names]
        counts = {name: sum(_near(person, name, other) for other in names) for name in [*names, *others]}
        usual = max(counts, key=counts.__getitem__, default="")
        for day in week:
            if day in person.worked and not _near(person, usual, person.worked[day].shift):
                yield day, "same_shift_in_week", f"works {person.worked[day].shift} in a week of {usual}"


def _near(person: Person, one: str, other: str) -> bool:
    """Whether two shifts begin so near each other that they count as the same."""
    shifts = [person.templates.get(name) for name in (one, other)]
    starts = [shift.start_minute for shift in shifts if shift is not None]
    return one == other or (len(starts) == 2 and abs(starts[0] - starts[1]) <= person.rules.starts_within)


def rotate(person: Person) -> Iterator[Told]:
    """A week is not on the shift of the week before; a week without a shift of most days is on none."""
    if person.rules.rotate != math.inf or person.rules.rotation is not None:
        return
    for week in person.weeks:
        was = _shift_of(person.known, range(week[0] - WEEK, week[0]))
        if was and was == _shift_of(person.worked, week):
            yield None, "rotate", f"works {was} in the week of {iso(week[0])}, as in the week before"


def _shift_of(worked: Mapping[int, Work], week: range) -> str:
    """The shift of more than half of the days worked; empty where there is none."""
    names = [worked[day].shift for day in week if day in worked]
    return next((name for name, count in Counter(names).items() if 2 * count > len(names)), "")


RULES = (
    template,
    employment,
    time_off,
    requests,
    days_week,
    days_in_row,
    days_off_together,
    shifts_week,
    rest_hours,
    same_shift_in_week,
    rotate,
    days_off_in_row,
    not_after,
    hours_total,
    shifts_total,
    weekends,
)


def rotation(person: Person, opened: frozenset[tuple[int, str]]) -> Iterator[Told]:
    """Each day is as the cycle of weeks or days means it; leave and shifts that are not open ask nothing."""
    cycle = person.rules.rotation
    if cycle is None or math.isfinite(cycle.price):
        return
    begins = cycle.start.toordinal()
    for day in range(person.first, person.last + 1):
        if person.unavailable(day):
            continue
        work = person.worked.get(day)
        if cycle.weeks:
            word = cycle.weeks[((day - begins) // WEEK + person.ahead) % len(cycle.weeks)]
        else:
            word = cycle.days[(day - begins + person.ahead) % len(cycle.days)]
        could = any((day, name) in opened for name in person.templates if word in ("on", name))
        if work is None and cycle.days and word != "off" and could:
            yield day, "rotation", f"is OFF, the cycle says {word}"
        if work is not None and word not in ("on", work.shift):
            yield day, "rotation", f"works {work.shift}, the cycle says {word}"


def hours_week(person: Person, opened: frozenset[tuple[int, str]]) -> Iterator[Told]:
    """Paid hours of a week against those owed: the contract's or the limits, less the credit of time off.

    ``opened`` names the days and shifts that have anything to answer.
    """
    limit = person.rules.hours_week or Limit(min=person.hours_week, max=person.hours_week)
    for week in _hard_weeks(limit, person):
        paid = sum(_paid(person, day) for day in week if day in person.worked)
        credit = sum(person.credit.get(day, 0.0) for day in week)
        least = 0.0 if limit.min is None else max(limit.min - credit, 0.0)
        most = math.inf if limit.max is None else max(limit.max - credit, 0.0)
        head = f"works {paid:g} h in the week of {iso(week[0])}"
        extra = person.rules.overtime_week
        if extra is not None and most + extra.max + SMALL < paid:
            beyond = f"{head}, {_owed(limit, limit.max, credit, 'at most')}"
            yield None, "overtime_week", f"{beyond} and at most {extra.max:g} h overtime"
        elif extra is None and paid > most + SMALL:
            yield None, "hours_week", f"{head}, {_owed(limit, limit.max, credit, 'at most')}"
        elif paid < least - SMALL and _could_work_more(person, week, paid, most, opened):
            yield None, "hours_week", f"{head}, {_owed(limit, limit.min, credit, 'at least')}"


def _paid(person: Person, day: int) -> float:
    """What the day's shift pays, or what the table says of a shift that nobody knows. [h]"""
    work = person.worked[day]
    shift = person.templates.get(work.shift)
    return work.paid if shift is None else paid_hours(shift, day, person.timezone)


def _owed(limit: Limit, bound: float | None, credit: float, side: str) -> str:
    bound = bound or 0.0
    verb = "owes" if limit.min == limit.max else side
    return f"{verb} {max(bound - credit, 0.0):.6g} h ({bound:g} h less {credit:.6g} h credit)"


def _could_work_more(
    person: Person, week: range, paid: float, most: float, opened: frozenset[tuple[int, str]]
) -> bool:
    """Whether a lawful week of whole shifts has more hours, and not more than are owed.

    Where nothing keeps the person away, hours that whole shifts cannot give are the roster's fault.
    """
    choices = [[None, *_possible(person, day, opened)] for day in week]
    if not _excused(person, week, choices):
        return True
    for shifts in itertools.product(*choices):
        week_of = {day: shift for day, shift in zip(week, shifts, strict=True) if shift is not None}
        hours = sum(paid_hours(shift, day, person.timezone) for day, shift in week_of.items())
        if paid + SMALL < hours <= most + SMALL and _lawful(person, week, week_of, opened):
            return True
    return False


def _possible(person: Person, day: int, opened: frozenset[tuple[int, str]]) -> list[Shift]:
    if person.unavailable(day):
        return []
    return [shift for name, shift in person.templates.items() if (day, name) in opened]


def _excused(person: Person, week: range, choices: list[list[Shift | None]]) -> bool:
    """Whether leave, closed days or a change of the clock stand in the way of the hours owed."""
    changing = any(
        abs(paid_hours(shift, day, person.timezone) - shift.paid_hours) > SMALL
        for day in week
        for shift in person.templates.values()
    )
    credit = any(person.credit.get(day) for day in week)
    return changing or credit or any(len(choice) == 1 for choice in choices)


def _lawful(
    person: Person, week: range, week_of: Mapping[int, Shift], opened: frozenset[tuple[int, str]]
) -> bool:
    """Whether another week in place of this one would break no rule but that of the hours."""
    worked = {day: work for day, work in person.worked.items() if day not in week}
    for day, shift in week_of.items():
        paid = paid_hours(shift, day, person.timezone)
        worked[day] = Work(person.team, shift.name, *hours_of(shift, day, person.timezone), paid)
    other = dataclasses.replace(person, worked=dict(sorted(worked.items())))
    told = itertools.chain(rotation(other, opened), *(rule(other) for rule in RULES))
    return not any(True for _ in told)


def _hard_weeks(limit: Limit, person: Person) -> Iterator[range]:
    return iter(()) if math.isfinite(limit.price) else person.weeks


def _runs(days: list[int]) -> list[list[int]]:
    """Days in unbroken stretches; the days are sorted."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs
