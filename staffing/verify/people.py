"""The rules of a person's week, one function each: a person in, the broken days out.

Each tells how far it is missed and what a unit of that costs: an infinite price is a broken rule, any other
a wish that is not kept.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

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


class Told(NamedTuple):
    """A rule that a person's days miss: on which day (None: the week), by how much, at what price each."""

    day: int | None
    rule: str
    what: str
    amount: float = 1.0
    price: float = math.inf


def template(person: Person) -> Iterator[Told]:
    """The shift is one of the team's, at its times, with its pay."""
    for day, work in person.worked.items():
        if work.team != person.team:
            yield Told(day, "team", f"rostered for team {work.team!r}, is of team {person.team!r}")
        shift = person.templates.get(work.shift)
        if shift is None:
            names = ", ".join(person.templates) or "none"
            yield Told(
                day, "shift", f"{work.shift!r} is not a shift of team {person.team!r} (it has: {names})"
            )
            continue
        start, end = hours_of(shift, day, person.timezone)
        if (work.start, work.end) != (start, end):
            yield Told(day, "times", f"works {span(work.start, work.end)}, the shift is {span(start, end)}")
        due = paid_hours(shift, day, person.timezone)
        if abs(work.paid - due) > SMALL:
            yield Told(day, "paid_hours", f"paid {work.paid:g} h, the shift pays {due:g} h")


def employment(person: Person) -> Iterator[Told]:
    """Nobody works before the first or after the last day of the contract."""
    starts, leaves = person.employed
    for day in person.worked:
        if day < starts:
            yield Told(day, "starts_on", f"works before the first day of the contract, {iso(int(starts))}")
        if day > leaves:
            yield Told(day, "leaves_on", f"works after the last day of the contract, {iso(int(leaves))}")


def time_off(person: Person) -> Iterator[Told]:
    """Nobody works on a day off."""
    for day, work in person.worked.items():
        if day in person.away:
            yield Told(
                day, "timeoff", f"works {span(work.start, work.end)} on a day off ({person.away[day]})"
            )


def requests(person: Person) -> Iterator[Told]:
    """Locked days are kept, forbidden ones, or hours, are free."""
    for ask in person.asks:
        for day in range(person.first, person.last + 1):
            work = person.worked.get(day)
            meant = ask.meant(day, work, person.timezone)
            if ask.kind == "lock" and ask.on(day) and not meant:
                to, now = ask.shift or "work", work.shift if work else "OFF"
                yield Told(day, "lock", f"locked to {to}{ask.words}, is {now}")
            if ask.kind == "forbid" and work is not None and meant:
                yield Told(day, "forbid", f"works {work.shift}, which a request forbids{ask.words}")


def days_week(person: Person) -> Iterator[Told]:
    """Days worked in a week; days away count towards the least."""
    limit = person.rules.days_week
    for week in person.weeks:
        count = sum(day in person.worked for day in week)
        away = sum(person.unavailable(day) for day in week)
        head = f"works {count} days in the week of {iso(week[0])}"
        yield from _counted(count, limit, "days_week", head, away=away)


def shifts_week(person: Person) -> Iterator[Told]:
    """Days of a week on a shift; days away count towards the least."""
    for name, limit in sorted(person.rules.shifts_week.items()):
        for week in person.weeks:
            count = sum(day in person.worked and person.worked[day].shift == name for day in week)
            away = sum(person.unavailable(day) for day in week)
            head = f"works {count} times {name} in the week of {iso(week[0])}"
            yield from _counted(count, limit, "shifts_week", head, away=away)


def days_in_row(person: Person) -> Iterator[Told]:
    """Days worked one after the other, last week's counted; a run that lasts to the end may go on.

    One of the last day before ends in these days.
    """
    limit = person.rules.days_in_row
    for run in _runs(list(person.known)):
        head = f"works {len(run)} days in a row from {named(run[0])}"
        if limit.max is not None and len(run) > limit.max and run[-1] >= person.first:
            day = max(run[0] + math.floor(limit.max), person.first)
            yield Told(day, "days_in_row", f"{head}, at most {limit.max:g}", run[-1] - day + 1, limit.price)
        begun_before = run[0] == person.first and not person.before
        whole = person.first - 1 <= run[-1] < person.last and not begun_before
        if limit.min is not None and len(run) < limit.min and whole:
            day, what = max(run[0], person.first), f"{head}, at least {limit.min:g}"
            yield Told(day, "days_in_row", what, limit.min - len(run), limit.price)


def days_off_in_row(person: Person) -> Iterator[Told]:
    """Days off one after the other, known days before counted; a run at either end may go on."""
    limit = person.rules.days_off_in_row
    earliest = min(person.before, default=person.first)
    for run in _runs([day for day in range(earliest, person.last + 1) if day not in person.known]):
        if run[-1] < person.first - 1:
            continue
        head = f"{len(run)} days off in a row from {named(run[0])}"
        whole = run[0] > earliest and run[-1] < person.last
        if limit.max is not None and len(run) > limit.max and run[-1] >= person.first:
            day = max(run[0] + math.floor(limit.max), person.first)
            yield Told(
                day, "days_off_in_row", f"{head}, at most {limit.max:g}", run[-1] - day + 1, limit.price
            )
        if limit.min is not None and len(run) < limit.min and whole:
            day, what = max(run[0], person.first), f"{head}, at least {limit.min:g}"
            yield Told(day, "days_off_in_row", what, limit.min - len(run), limit.price)


def not_after(person: Person) -> Iterator[Told]:
    """Shifts that may not follow one another from one day to the next."""
    for (before, first), (day, later) in itertools.pairwise(person.known.items()):
        follows = day == before + 1 and day >= person.first
        if follows and later.shift in person.rules.not_after.get(first.shift, ()):
            yield Told(day, "not_after", f"works {later.shift} on the day after {first.shift}")


def hours_total(person: Person) -> Iterator[Told]:
    """Paid hours of all days of the roster, less the credit of time off."""
    limit = person.rules.hours_total
    if limit is None:
        return
    paid = sum(_paid(person, day) for day in person.worked)
    credit = sum(hours for day, hours in person.credit.items() if person.first <= day <= person.last)
    least = 0.0 if limit.min is None else limit.min - credit
    most = math.inf if limit.max is None else max(limit.max - credit, 0.0)
    for bound, side, beyond in ((limit.max, "at most", paid - most), (limit.min, "at least", least - paid)):
        if beyond > SMALL:
            what = f"works {paid:g} h, {_owed(limit, bound, credit, side)}"
            yield Told(None, "hours_total", what, beyond, limit.price)


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


def _counted(count: int, limit: Limit, rule: str, head: str, *, away: int = 0) -> Iterator[Told]:
    if limit.max is not None and count > limit.max:
        yield Told(None, rule, f"{head}, at most {limit.max:g}", count - limit.max, limit.price)
    if limit.min is not None and count < limit.min - away:
        yield Told(
            None, rule, f"{head}, at least {limit.min - away:g}", limit.min - away - count, limit.price
        )


def days_off_together(person: Person) -> Iterator[Told]:
    """At least one run of that many days without work in the week."""
    limit = person.rules.days_off_together
    for week in person.weeks:
        longest = max(map(len, _runs([day for day in week if day not in person.worked])), default=0)
        head = f"days off together in the week of {iso(week[0])}: {longest}"
        yield from _counted(longest, limit, "days_off_together", head)


def rest_hours(person: Person) -> Iterator[Told]:
    """Time really passed between two shifts, last week's last one counted."""
    least = person.rules.rest_hours
    for (_, last), (day, work) in itertools.pairwise(person.known.items()):
        rest = (work.start - last.end) / pd.Timedelta(hours=1)
        if day >= person.first and rest < least - SMALL:
            what = f"{rest:g} h of rest before {clock(work.start)}, at least {least:g} h"
            # Nobody is in two shifts at once, whatever a short rest may cost.
            price = math.inf if rest < -SMALL else person.rules.price_rest
            yield Told(day, "rest_hours", what, price=price)


def same_shift_in_week(person: Person) -> Iterator[Told]:
    """Every day of a week is on the shift of most of its days, or on one that begins near it."""
    price = person.rules.same_shift_in_week
    if price is None:
        return
    for week in person.weeks:
        names = [person.worked[day].shift for day in week if day in person.worked]
        others = [name for name in person.templates if name not in names]
        counts = {name: sum(_near(person, name, other) for other in names) for name in [*names, *others]}
        usual = max(counts, key=counts.__getitem__, default="")
        for day in week:
            if day in person.worked and not _near(person, usual, person.worked[day].shift):
                what = f"works {person.worked[day].shift} in a week of {usual}"
                yield Told(day, "same_shift_in_week", what, price=price)


def _near(person: Person, one: str, other: str) -> bool:
    """Whether two shifts begin so near each other that they count as the same."""
    shifts = [person.templates.get(name) for name in (one, other)]
    starts = [shift.start_minute for shift in shifts if shift is not None]
    return one == other or (len(starts) == 2 and abs(starts[0] - starts[1]) <= person.rules.starts_within)


def rotate(person: Person) -> Iterator[Told]:
    """A week is not on the shift of the week before; a week without a shift of most days is on none."""
    price = person.rules.rotate
    if price is None or person.rules.rotation is not None:
        return
    for week in person.weeks:
        was = _shift_of(person.known, range(week[0] - WEEK, week[0]))
        if was and was == _shift_of(person.worked, week):
            what = f"works {was} in the week of {iso(week[0])}, as in the week before"
            yield Told(None, "rotate", what, price=price)


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
    if cycle is None:
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
            yield Told(day, "rotation", f"is OFF, the cycle says {word}", price=cycle.price)
        if work is not None and word not in ("on", work.shift):
            yield Told(day, "rotation", f"works {work.shift}, the cycle says {word}", price=cycle.price)


def hours_week(person: Person, opened: frozenset[tuple[int, str]]) -> Iterator[Told]:
    """Paid hours of a week against those owed: the contract's or the limits, less the credit of time off.

    ``opened`` names the days and shifts that have anything to answer.
    """
    limit = person.rules.hours_week or Limit(min=person.hours_week, max=person.hours_week)
    extra = person.rules.overtime_week
    for week in person.weeks:
        paid = sum(_paid(person, day) for day in week if day in person.worked)
        credit = sum(person.credit.get(day, 0.0) for day in week)
        least = 0.0 if limit.min is None else max(limit.min - credit, 0.0)
        most = math.inf if limit.max is None else max(limit.max - credit, 0.0)
        head = f"works {paid:g} h in the week of {iso(week[0])}"
        more = max(paid - most, 0.0)
        over = 0.0 if extra is None else min(more, extra.max)
        if extra is not None and over > SMALL:
            yield Told(None, "overtime_week", f"{head}, {over:.6g} h of it overtime", over, extra.price)
        if more - over > SMALL:
            beyond = f"{head}, {_owed(limit, limit.max, credit, 'at most')}"
            rule, what = "hours_week", beyond
            if extra is not None and math.isinf(limit.price):
                rule, what = "overtime_week", f"{beyond} and at most {extra.max:g} h overtime"
            yield Told(None, rule, what, more - over, limit.price)
        elif paid < least - SMALL and (
            math.isfinite(limit.price) or _could_work_more(person, week, paid, most, opened)
        ):
            short = f"{head}, {_owed(limit, limit.min, credit, 'at least')}"
            yield Told(None, "hours_week", short, least - paid, limit.price)


def _paid(person: Person, day: int) -> float:
    """What the day's shift pays, or what the table says of a shift that nobody knows. [h]"""
    work = person.worked[day]
    shift = person.templates.get(work.shift)
    return work.paid if shift is None else paid_hours(shift, day, person.timezone)


def _owed(limit: Limit, bound: float | None, credit: float, side: str) -> str:
    bound = bound or 0.0
    verb = "owes" if limit.min == limit.max else side
    said = f"{verb} {round(max(bound - credit, 0.0), 2):g} h"
    return f"{said} ({bound:g} h less {round(credit, 2):g} h credit)" if credit else said


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
    return not any(math.isinf(each.price) for each in told)


def _runs(days: list[int]) -> list[list[int]]:
    """Days in unbroken stretches; the days are sorted."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs
