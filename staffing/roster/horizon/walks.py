"""The cheapest lawful days of alike people at given prices: a walk over the days, all people at once.

A state after a day is the run of work or days off so far, the kind of the last shift, the paid time, the
weekends and the shifts of a limited name so far. Where the paid time of many days would make too many, only
states near an even pace are kept; of the limits on the shifts of one name the lowest are counted while the
states are few, the others are kept by tolls and mended afterwards.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from staffing.model import Limit
from staffing.roster.horizon import rows
from staffing.roster.horizon.case import WEEK, Horizon, Person, bounds

COUNTED = {
    "days_in_row", "days_off_in_row", "weekends", "hours_total", "shifts_total", "not_after", "rest_hours",
    "price_rest", "starts_within", "fair_lates", "fair_weekends", "fair_shifts", "price_short", "price_over",
}  # fmt: skip
FEW = 128  # steps of paid time that are all kept
NEAR = 28  # days of pay about an even pace that are kept beyond that
STEP = 1.5  # by which a toll rises or falls while only one side of the right one is known
NEAR_ENDS = 9  # weekends about an even pace that are kept then
MOST = 24_000_000  # states of all days held in memory at a time
COUNTING = 50_000  # states after a day up to which limits on the shifts of one name are counted


@dataclass(frozen=True)
class Frame:
    """The rules of alike people, as the walk counts them.

    Parameters
    ----------
    banned : numpy.ndarray of bool
        Shift of the day before x shift of the day, by day, shape (days, shifts, shifts).
    units : numpy.ndarray of int
        Paid time of each shift in its largest common unit, shape (days, shifts).
    least, most : int
        Paid time of all days, in the same unit.
    on, off : tuple of int
        Least and most days of a run of work, and of days off; a most of 0 is none.
    weekend : numpy.ndarray of int
        Of each day: 0 no day of a weekend, 1 its first, 2 one whose day before is one too.
    weekends : int
        Most of them with work; -1: any number.
    caps : numpy.ndarray
        Most days on each shift, shape (shifts,); inf where there is none.
    counted : tuple of tuple
        Shifts whose most days the walk counts itself: (shift, most).
    back : int
        Known days before the first.
    run : int
        Length of the run that the first day would go on: above 0 of work, below of days off, 0 unknown.
    """

    banned: np.ndarray
    units: np.ndarray
    least: int
    most: int
    on: tuple[int, int]
    off: tuple[int, int]
    weekend: np.ndarray
    weekends: int
    caps: np.ndarray
    counted: tuple[tuple[int, int], ...]
    back: int
    run: int

    def same_as_before(self, day: int) -> bool:
        """Whether a day's shifts follow and pay as those of the day before do."""
        return bool(
            (self.banned[day] == self.banned[day - 1]).all()
            and (self.units[day] == self.units[day - 1]).all()
        )

    @functools.cached_property
    def layout(self) -> Layout:
        """How its states lie in arrays."""
        return Layout.of(self)

    @property
    def like(self) -> tuple[object, ...]:
        """Equal for people whose shifts follow and pay alike, whatever their limits."""
        return self.banned.tobytes(), self.units.tobytes(), self.weekend.tobytes()

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for people who can walk together; their caps may differ."""
        numbers = (self.least, self.most, self.on, self.off, self.weekends, self.back, self.run, self.counted)
        return (*numbers, *self.like)


def frame(case: Horizon, number: int) -> Frame | None:
    """Of one person; None where a rule is in force that the walk does not count."""
    who = case.people[number]
    staff, own = case.staff[who.team], who.rules
    if not _counted(who, staff.names) or rows.too_close(who, staff, 2).any():
        return None
    days, shifts = staff.known.shape
    banned = np.zeros((days, shifts, shifts), dtype=bool)
    banned[1:] = rows.too_close(who, staff, 1)
    low, high = bounds(own.hours_total or Limit(), float(who.credit.sum()))
    units, least, most = rows.in_units(staff.paid, low, high)
    counted = own.hours_total is not None and (low > 0 or math.isfinite(high))
    units = units.astype(int) if counted else np.zeros((days, shifts), dtype=int)
    day = np.arange(days) + case.start.weekday()
    weekend = np.where(day % WEEK == 5, 1, np.where(day % WEEK == 6, 2, 0))
    weekend[0] = min(weekend[0], 1)
    caps = [own.shifts_total.get(name, Limit()).max for name in staff.names]
    past = rows.known_before(who)
    return _counting(
        Frame(
            banned=banned,
            units=units,
            least=max(int(least), 0) if counted else 0,
            most=(int(most) if math.isfinite(most) else int(units.max(axis=1).sum())) if counted else 0,
            on=_run(own.days_in_row),
            off=_run(own.days_off_in_row),
            weekend=weekend,
            weekends=-1 if own.weekends.max is None else math.floor(own.weekends.max),
            caps=np.array([math.inf if most is None else math.floor(most) for most in caps]),
            counted=(),
            back=len(past),
            run=_last_run(past),
        )
    )


def _counting(rules: Frame) -> Frame:
    """The same, its lowest limits on the shifts of one name counted while the states stay few."""
    states, counted = rules.layout.size, []
    for shift in np.argsort(rules.caps, kind="stable").tolist():
        if 0 < rules.caps[shift] < len(rules.units):
            states *= int(rules.caps[shift]) + 1
            if states > COUNTING:
                break
            counted.append((shift, int(rules.caps[shift])))
    return dataclasses.replace(rules, counted=tuple(counted)) if counted else rules


def _run(limit: Limit) -> tuple[int, int]:
    return max(1, math.ceil(limit.min or 1)), 0 if limit.max is None else math.floor(limit.max)


def _last_run(past: np.ndarray) -> int:
    if not len(past):
        return 0
    length = next((ago for ago, one in enumerate(past[::-1]) if one != past[-1]), len(past))
    return length if past[-1] else -length


def _counted(who: Person, names: tuple[str, ...]) -> bool:
    """Whether the walk knows all of the rules in force."""
    own = who.rules
    hard = [own.days_in_row, own.days_off_in_row, own.weekends, own.hours_total or Limit()]
    hard += [limit for name, limit in own.shifts_total.items() if name in names]
    most_only = [own.weekends, *own.shifts_total.values()]
    runs = (own.days_in_row, own.days_off_in_row)
    others = {field.name for field in dataclasses.fields(own)} - COUNTED
    return (
        all(math.isinf(limit.price) or _is_off(limit) for limit in hard)
        and all(limit.min is None for limit in most_only)
        and not any(limit.max is not None and limit.max < 1 for limit in runs)
        and own.hours_week is not None
        and all(_is_off(getattr(own, name)) for name in others)
        and math.isinf(own.price_rest)
        and not own.fair_lates * who.more_lates
        and not own.fair_weekends * who.more_weekends
    )


def _is_off(rule: object) -> bool:
    """Whether a rule asks for nothing."""
    if isinstance(rule, Limit):
        return rule.min is None and rule.max is None
    return rule is None or rule == {}


Step = tuple[int, int, int, tuple[int, ...]]


@dataclass(frozen=True)
class Layout:
    """How the states of a frame lie in arrays, by day.

    Parameters
    ----------
    kinds : list of numpy.ndarray
        Shifts that exclude the same on the next day; one list of shifts for each kind.
    befores : list of tuple
        Kinds that may stand before some shift: each set of them once.
    steps : list of dict
        Of each day: (set before, kind, units, which of the counted shifts) -> shifts.
    floor, ends_floor : numpy.ndarray of int
        Least paid time and fewest weekends held after each day; before the first day both are 0.
    width, ends : int
        Steps of paid time, and of weekends.
    counts : tuple of int
        Steps of each counted shift.
    on, off : int
        Lengths of runs that are told apart.
    """

    kinds: list[np.ndarray]
    befores: list[tuple[int, ...]]
    steps: list[dict[Step, np.ndarray]]
    floor: np.ndarray
    ends_floor: np.ndarray
    width: int
    ends: int
    counts: tuple[int, ...]
    on: int
    off: int

    @classmethod
    def of(cls, rules: Frame) -> Layout:
        """Shifts of like successors are one kind."""
        days, shifts = rules.units.shape
        alike: dict[bytes, list[int]] = {}
        for shift in range(shifts):
            alike.setdefault(rules.banned[:, shift].tobytes(), []).append(shift)
        kinds = [np.array(some) for some in alike.values()]
        kind_of = np.zeros(shifts, dtype=int)
        for number, some in enumerate(kinds):
            kind_of[some] = number
        befores: dict[tuple[int, ...], int] = {}
        steps: list[dict[Step, np.ndarray]] = []
        for day in range(days):
            if day > 1 and rules.same_as_before(day):
                steps.append(steps[-1])
                continue
            found: dict[Step, list[int]] = {}
            for shift in range(shifts):
                may = tuple(
                    number for number, some in enumerate(kinds) if not rules.banned[day, some[0], shift]
                )
                before = befores.setdefault(may, len(befores))
                tally = tuple(int(shift == one) for one, _ in rules.counted)
                step = (before, int(kind_of[shift]), int(rules.units[day, shift]), tally)
                found.setdefault(step, []).append(shift)
            steps.append({step: np.array(some) for step, some in found.items()})
        width, ends = rules.most + 1, rules.weekends + 1 or 1
        floor, ends_floor = np.zeros((2, days), dtype=int)
        if narrow(rules):
            width = min(width, int(NEAR * rules.units.max()))
            floor = _even((rules.least + rules.most) / 2.0, rules.most + 1 - width, width, days)
            ends = min(ends, NEAR_ENDS)
            ends_floor = _even(rules.weekends, rules.weekends + 1 - ends, ends, days)
        # A first day is always told from later ones: only it may begin a weekend on a Sunday.
        lengths = (rules.on[1] or max(rules.on[0], 2), rules.off[1] or max(rules.off[0], 2))
        counts = tuple(most + 1 for _, most in rules.counted)
        return cls(kinds, list(befores), steps, floor, ends_floor, width, ends, counts, *lengths)

    def shifts(self, day: int) -> tuple[int, int]:
        """By how much the held paid time and weekends begin higher than on the day before."""
        if day == 0:
            return int(self.floor[0]), int(self.ends_floor[0])
        return int(self.floor[day] - self.floor[day - 1]), int(
            self.ends_floor[day] - self.ends_floor[day - 1]
        )

    @property
    def size(self) -> int:
        """States after a day."""
        return (len(self.kinds) * self.on + self.off) * math.prod(self.sums)

    @property
    def sums(self) -> tuple[int, ...]:
        """Steps of all that adds up: paid time, weekends, counted shifts."""
        return (self.width, self.ends, *self.counts)


def _even(total: float, highest: int, width: int, days: int) -> np.ndarray:
    """Where so many steps begin that lie about an even pace, by day."""
    pace = total * np.arange(1, days + 1) / days
    return np.clip(np.rint(pace - width / 2.0), 0, max(highest, 0)).astype(int)


def narrow(rules: Frame) -> bool:
    """Whether only paid time near an even pace is held, so that a cheaper walk may be missed."""
    return rules.most >= FEW


def cheapest(rules: Frame, price: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cheapest walk of each person, limits on the shifts of one name passed over.

    Parameters
    ----------
    rules : Frame
        Of all of them.
    price : numpy.ndarray
        Of each option of each person, inf where one cannot be worked, shape (people, days, shifts + 1).

    Returns
    -------
    plans : numpy.ndarray of int
        Option on each day, shape (people, days).
    costs : numpy.ndarray
        Shape (people,); inf where there is no walk.
    """
    layout = rules.layout
    people, days = price.shape[:2]
    many = max(1, int(MOST / (layout.size * days)))
    plans, costs = np.zeros((people, days), dtype=int), np.full(people, math.inf)
    for first in range(0, people, many):
        some = slice(first, first + many)
        held = _forward(rules, layout, price[some])
        plans[some], costs[some] = _back(rules, layout, price[some], held)
    return plans, costs


@dataclass(frozen=True)
class Held:
    """Least cost of each state after a day: in a run of work, shape (kinds, people, run, *sums), and of days
    off, shape (people, run, *sums); the sums are paid time, weekends and counted shifts."""

    on: np.ndarray
    off: np.ndarray


def _begin(rules: Frame, layout: Layout, people: int) -> Held:
    on = np.full((len(layout.kinds), people, layout.on, *layout.sums), math.inf)
    off = np.full((people, layout.off, *layout.sums), math.inf)
    none: Any = (0,) * len(layout.sums)
    if rules.run > 0:
        on[(slice(None), slice(None), min(rules.run, layout.on) - 1, *none)] = 0.0
    elif rules.run < 0:
        off[(slice(None), min(-rules.run, layout.off) - 1, *none)] = 0.0
    return Held(on, off)


def _ending(least: int, lengths: int, so_far: int) -> np.ndarray:
    """Places of the runs that may end: long enough, or begun before the first known day."""
    return np.array([at for at in range(lengths) if at + 1 >= least or at + 1 == so_far], dtype=int)


def _forward(rules: Frame, layout: Layout, price: np.ndarray) -> list[Held]:
    days, nothing = price.shape[1], (0,) * len(layout.counts)
    added: Any = (slice(None), *(None,) * (1 + len(layout.sums)))
    held = [_begin(rules, layout, len(price))]
    for day in range(days):
        before = held[-1]
        stop = _ending(rules.on[0], layout.on, day + rules.back)
        go = _ending(rules.off[0], layout.off, day + rules.back)
        ended = before.on[:, :, stop].min(axis=(0, 2), initial=math.inf)
        begun = before.off[:, go].min(axis=1, initial=math.inf)
        if day == 0 and not rules.back:
            ended, begun = _nothing(ended, layout), _nothing(begun, layout)
        more_paid, more_ends = layout.shifts(day)
        counts = int(rules.weekend[day]) if rules.weekends >= 0 else 0
        off = _longer(ended, before.off, open_end=not rules.off[1])
        off = _moved(off, (-more_paid, -more_ends, *nothing)) + price[:, day, 0][added]
        begun = _moved(begun, (0, int(counts > 0), *nothing))
        on = np.full_like(before.on, math.inf)
        carried: dict[int, np.ndarray] = {}
        for (may, kind, units, tally), shifts in layout.steps[day].items():
            best = price[:, day, shifts + 1].min(axis=1)
            if not np.isfinite(best).any():
                continue
            if may not in carried:
                on_before = _least(before.on, layout.befores[may])
                on_before = _moved(on_before, (0, int(counts == 1), *nothing))
                carried[may] = _longer(begun, on_before, open_end=not rules.on[1])
            moved = _moved(carried[may], (units - more_paid, -more_ends, *tally)) + best[added]
            np.minimum(on[kind], moved, out=on[kind])
        held.append(Held(on, off))
    return held


def _nothing(state: np.ndarray, layout: Layout) -> np.ndarray:
    """Nothing paid, no weekend worked, nothing counted."""
    fresh = np.full_like(state, math.inf)
    none: Any = (slice(None), *(0,) * len(layout.sums))
    fresh[none] = 0.0
    return fresh


def _least(on: np.ndarray, kinds: tuple[int, ...]) -> np.ndarray:
    if not kinds:
        return np.full(on.shape[1:], math.inf)
    return functools.reduce(np.minimum, [on[kind] for kind in kinds])


def _longer(first: np.ndarray, run: np.ndarray, *, open_end: bool) -> np.ndarray:
    """Runs a day longer, those that begin at their first day; the last length may stand for all beyond."""
    longer = np.empty_like(run)
    longer[:, 0] = first
    longer[:, 1:] = run[:, :-1]
    if open_end:
        np.minimum(longer[:, -1], run[:, -1], out=longer[:, -1])
    return longer


def _moved(state: np.ndarray, by: tuple[int, ...]) -> np.ndarray:
    """So much more of each sum, on the last axes; what leaves the held steps is lost."""
    if not any(by):
        return state
    moved = np.full_like(state, math.inf)
    slices = [_slices(one, width) for one, width in zip(by, state.shape[-len(by) :], strict=True)]
    into: Any = (..., *(into for into, _ in slices))
    out_of: Any = (..., *(out_of for _, out_of in slices))
    moved[into] = state[out_of]
    return moved


def _slices(by: int, width: int) -> tuple[slice, slice]:
    if by >= 0:
        return slice(min(by, width), width), slice(0, max(width - by, 0))
    return slice(0, max(width + by, 0)), slice(min(-by, width), width)


def _back(rules: Frame, layout: Layout, price: np.ndarray, held: list[Held]) -> tuple[np.ndarray, np.ndarray]:
    people, days = price.shape[:2]
    plans, costs = np.zeros((people, days), dtype=int), np.full(people, math.inf)
    floor = int(layout.floor[-1])
    lawful = slice(max(rules.least - floor, 0), max(rules.most + 1 - floor, 0))
    for person in range(people):
        on, off = held[-1].on[:, person, :, lawful], held[-1].off[person, :, lawful]
        if not on.size and not off.size:
            continue
        state: tuple[int, ...]
        if on.min(initial=math.inf) < off.min(initial=math.inf):
            kind, run, paid, *others = map(int, np.unravel_index(on.argmin(), on.shape))
            state = kind, run, paid + lawful.start, *others
            costs[person] = on.min()
        else:
            run, paid, *others = map(int, np.unravel_index(off.argmin(), off.shape))
            state = -1, run, paid + lawful.start, *others
            costs[person] = off.min(initial=math.inf)
        if not math.isfinite(costs[person]):
            continue
        for day in range(days - 1, -1, -1):
            plans[person, day], state = _before(rules, layout, price[person, day], held, person, day, state)
    return plans, costs


def _before(
    rules: Frame,
    layout: Layout,
    price: np.ndarray,
    held: list[Held],
    person: int,
    day: int,
    state: tuple[int, ...],
) -> tuple[int, tuple[int, ...]]:
    """The option that led to a state (kind or -1, run, *sums), and the state it came from."""
    kind, run, paid, ends, *counts_now = state
    before = held[day]
    unknown = day == 0 and not rules.back
    more_paid, more_ends = layout.shifts(day)
    paid, ends = paid + more_paid, ends + more_ends
    if kind < 0:
        if run == 0:
            if unknown:
                return 0, state
            stop = _ending(rules.on[0], layout.on, day + rules.back)
            sums = (paid, ends, *counts_now)
            places: Any = (slice(None), person, stop, *sums)
            some = before.on[places]
            last, place = map(int, np.unravel_index(some.argmin(), some.shape))
            return 0, (last, int(stop[place]), *sums)
        sums, runs = (paid, ends, *counts_now), _shorter(run, layout.off, open_end=not rules.off[1])
        return 0, (-1, min(runs, key=lambda at: before.off[(person, at, *sums)]), *sums)
    found: tuple[float, int, tuple[int, ...]] = (math.inf, 0, state)
    counts = int(rules.weekend[day]) if rules.weekends >= 0 else 0
    for (may, to, units, tally), shifts in layout.steps[day].items():
        weekend = int(counts == 1 or (counts == 2 and run == 0))
        more = (units, weekend, *tally)
        sums = tuple(now - one for now, one in zip((paid, ends, *counts_now), more, strict=True))
        if to != kind or not all(0 <= at < width for at, width in zip(sums, layout.sums, strict=True)):
            continue
        option = int(shifts[price[shifts + 1].argmin()]) + 1
        if run == 0 and unknown:
            if not any(sums) and price[option] < found[0]:
                found = float(price[option]), option, state
            continue
        if run == 0:
            go = _ending(rules.off[0], layout.off, day + rules.back)
            some = before.off[(person, go, *sums)]
            if len(some) and some.min() + price[option] < found[0]:
                found = float(some.min() + price[option]), option, (-1, int(go[some.argmin()]), *sums)
            continue
        for at in _shorter(run, layout.on, open_end=not rules.on[1]):
            for last in layout.befores[may]:
                cost = float(before.on[(last, person, at, *sums)] + price[option])
                if cost < found[0]:
                    found = cost, option, (last, at, *sums)
    return found[1], found[2]


def _shorter(run: int, lengths: int, *, open_end: bool) -> tuple[int, ...]:
    """Places of runs that a day more makes a given one; the first length may itself be the open one."""
    return (run - 1, run) if open_end and run == lengths - 1 else (run - 1,)


@dataclass(frozen=True)
class Walks:
    """Lawful days of some people, and what none can cost less than.

    Parameters
    ----------
    plans : numpy.ndarray of int
        Option of each person on each day, shape (people, days).
    costs, least : numpy.ndarray
        Of the plans, inf where none was found, and of any lawful days (any held ones where the frame is
        `narrow`), shape (people,).
    toll : numpy.ndarray
        Price laid on each shift to keep its limit, shape (people, shifts): where to begin the next time.
    """

    plans: np.ndarray
    costs: np.ndarray
    least: np.ndarray
    toll: np.ndarray


def within_caps(
    rules: Frame, price: np.ndarray, caps: np.ndarray, toll: np.ndarray, *, tries: int = 4
) -> Walks:
    """Cheap walks that keep the limits on the shifts of one name too, and a bound for the cheapest such.

    A toll on a shift brings its days down to the limit: it rises where they are too many, falls where they
    are fewer, and is halved between the last two. Who is still above in the end is mended.

    Parameters
    ----------
    rules, price
        As in `cheapest`.
    caps, toll : numpy.ndarray
        Most days on each shift, and the tolls to begin with, shape (people, shifts).
    tries : int
        Walks for each person.

    Returns
    -------
    Walks
        In the order of the prices.
    """
    people, shifts = caps.shape
    finite = np.where(np.isfinite(caps), caps, 0.0)
    best = Walks(
        np.zeros(price.shape[:2], dtype=int),
        np.full(people, math.inf),
        np.full(people, -math.inf),
        toll.copy(),
    )
    low, high, now, first = np.zeros(caps.shape), np.full(caps.shape, math.inf), toll.copy(), _scale(price)
    trying = np.arange(people)
    for _ in range(tries):
        tolled = price[trying].copy()
        tolled[:, :, 1:] += now[trying, None, :]
        plans, costs = cheapest(rules, tolled)
        counts = _counts(plans, shifts)
        least = costs - (finite * now)[trying].sum(axis=1)
        higher = least > best.least[trying]
        best.least[trying[higher]], best.toll[trying[higher]] = least[higher], now[trying[higher]]
        above = counts > caps[trying]
        paid = costs - (counts * now[trying]).sum(axis=1)
        better = ~above.any(axis=1) & (paid < best.costs[trying])
        best.plans[trying[better]], best.costs[trying[better]] = plans[better], paid[better]
        low[trying] = np.where(above, now[trying], low[trying])
        high[trying] = np.where(~above & (now[trying] > 0), now[trying], high[trying])
        raised = np.where(now > 0, now * STEP, first[:, None])
        lowered = np.where(low > 0, (low + high) / 2.0, now / STEP)
        raised = np.where(np.isfinite(high), (low + high) / 2.0, raised)
        now[trying] = np.where(above, raised[trying], np.where(now[trying] > 0, lowered[trying], 0.0))
        trying = trying[np.isfinite(costs) & (best.costs[trying] > best.least[trying] + 1e-6)]
        if not len(trying):
            break
    lost = np.flatnonzero(np.isinf(best.costs) & np.isfinite(best.least))
    if len(lost):
        best.plans[lost], best.costs[lost] = mended(rules, price[lost], caps[lost], best.toll[lost])
    return best


def _scale(price: np.ndarray) -> np.ndarray:
    """A first toll for each person: a fifth of the spread of the finite prices."""
    low = np.where(np.isfinite(price), price, math.inf).min(axis=(1, 2), initial=math.inf)
    return np.maximum(np.abs(low) / 5.0, 1.0)


def _counts(plans: np.ndarray, shifts: int) -> np.ndarray:
    return np.stack([(plans == at + 1).sum(axis=1) for at in range(shifts)], axis=1).astype(float)


def mended(
    rules: Frame, price: np.ndarray, caps: np.ndarray, toll: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Walks that keep the limits on the shifts of one name in any case; plans, costs as of `cheapest`.

    Where a walk has too many days on a shift, that shift stays open to its person on those of these days
    alone that are the dearest to give up, and the person walks again.
    """
    shifts = caps.shape[1]
    price = price.copy()
    price[:, :, 1:] += toll[:, None, :]
    plans, costs = cheapest(rules, price)
    for _ in range(shifts + 1):
        counts = _counts(plans, shifts)
        wrong = np.flatnonzero((counts > caps).any(axis=1) & np.isfinite(costs))
        if not len(wrong):
            break
        for person, at in itertools.product(wrong.tolist(), range(shifts)):
            if counts[person, at] > caps[person, at]:
                taken = np.flatnonzero(plans[person] == at + 1)
                others = np.delete(price[person][taken], at + 1, axis=1).min(axis=1)
                worth = np.argsort(price[person, taken, at + 1] - others, kind="stable")
                shut = np.ones(price.shape[1], dtype=bool)
                shut[taken[worth[: int(caps[person, at])]]] = False
                price[person, shut, at + 1] = math.inf
        plans[wrong], costs[wrong] = cheapest(rules, price[wrong])
    return plans, costs - (_counts(plans, shifts) * toll).sum(axis=1)
