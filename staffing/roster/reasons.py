"""What a roster costs, part by part, and why half hours stay short, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from staffing.roster import carrying
from staffing.roster.case import WEEK, Case, Group, Menu
from staffing.roster.master import CROWDED, Counts
from staffing.roster.names import Stint, moments
from staffing.roster.sessions import Held
from staffing.roster.together import Together
from staffing.roster.weeks import Weeks, paid, price_of

Part = tuple[str, float, float, str]
ENOUGH = 1e-6
UNITS = {
    "wishes": "days",
    "changes": "days",
    "hours_week": "h",
    "hours_total": "h",
    "overtime_week": "h",
    "days_week": "days",
    "days_in_row": "days",
    "days_off_in_row": "days",
    "days_off_together": "days",
    "rest_hours": "times",
    "shifts_week": "shifts",
    "shifts_total": "shifts",
    "weekends": "weekends",
    "same_shift_in_week": "days",
    "rotate": "weeks",
    "rotation": "days",
    "fair_lates": "late shifts",
    "fair_weekends": "days",
    "fair_shifts": "shifts",
}


def objective(
    case: Case,
    weeks: list[Weeks],
    counts: Counts,
    heads: np.ndarray,
    crowd: np.ndarray,
    crowded: np.ndarray,
    missing: np.ndarray,
    together: Together,
) -> pd.DataFrame:
    """Cost by part, each with the amount that it is the price of; hours_not_rostered costs nothing.

    Parameters
    ----------
    case, weeks, counts
        What was planned.
    heads : numpy.ndarray
        People on the queue, shape (queues, intervals).
    crowd, crowded : numpy.ndarray
        People too many at a break at once, and the price of each in prices of a short one.
    missing : numpy.ndarray
        Contacts that each sum over a longer time lacks.
    together : Together
        Who must and may be at work at once.

    Returns
    -------
    pandas.DataFrame
        part, cost, amount, unit.
    """
    own = of_people(case, weeks, counts.weeks)
    need, share = case.need, case.need.minutes / 30.0
    short, over = np.maximum(need.heads - heads, 0.0), np.maximum(heads - need.heads, 0.0)
    lacking = short - need.lacks.parts(short)[0]
    spare = (over - need.spares.parts(over)[0])[:, : need.intervals]
    deeper = need.lacks.dearer(short) * need.short, need.spares.dearer(over) * need.over
    first = short * need.lacks.rates[0] * need.short, over * need.spares.rates[0] * need.over
    summed = np.asarray((need.sums.member >= 0).any(axis=0))
    beyond = over[:, : need.intervals]
    dear = crowd * crowded * case.price_short * share
    half_hours = "agent-half-hours"
    rows = [
        ("shortage", first[0].sum(), short.sum() * share, half_hours),
        ("deep_shortage", deeper[0].sum(), lacking.sum() * share, half_hours),
        ("missed_target", (missing * need.sums.price).sum(), missing.sum(), "contacts"),
        (
            "above_floor",
            first[1][summed].sum(),
            beyond[summed[:, : need.intervals]].sum() * share,
            half_hours,
        ),
        (
            "surplus",
            first[1][~summed].sum(),
            beyond[~summed[:, : need.intervals]].sum() * share,
            half_hours,
        ),
        ("deep_surplus", deeper[1].sum(), spare.sum() * share, half_hours),
        ("crowded_breaks", dear.sum(), crowd[crowded == CROWDED[0][1]].sum() * share, half_hours),
        *own[:-1],
        ("senior_per_interval", *_missing(counts, together, ~together.of_pairs), "half hours"),
        ("pairs", *_missing(counts, together, together.of_pairs), "days"),
        own[-1],
    ]
    return as_objective(rows)


def as_objective(rows: Sequence[Part]) -> pd.DataFrame:
    """Rows of part, cost, amount and unit as a table."""
    table = pd.DataFrame(rows, columns=["part", "cost", "amount", "unit"])
    return table.astype({"part": "str", "cost": float, "amount": float, "unit": "str"})


def of_people(case: Case, weeks: list[Weeks], people: Sequence[np.ndarray]) -> list[Part]:
    """What people's weeks cost, by rule; hours_not_rostered is the last.

    Parameters
    ----------
    case, weeks
        What was planned.
    people : sequence of numpy.ndarray
        For each group, how many of its people work each of its weeks.
    """
    amount, cost = dict.fromkeys(UNITS, 0.0), dict.fromkeys(UNITS, 0.0)
    unpaid = 0.0
    for group, some, many in zip(case.groups, weeks, people, strict=True):
        for name, prices in some.parts.items():
            part, spent = name.partition(".")[0], float(prices @ many)
            cost[part] += spent
            if part not in ("wishes", "changes"):
                amount[part] += spent / (price_of(group, name) or 1.0)
        for part, prices in (("wishes", group.wishes), ("changes", group.changes)):
            against = np.take_along_axis(prices, some.options.T, axis=1).T > 0
            amount[part] += float(against.sum(axis=1) @ many)
        left = group.hours[0] - paid(case.menus[group.team], some.options)
        unpaid += float(np.maximum(left, 0.0) @ many) / 60.0
    told = [(part, cost[part], amount[part], unit) for part, unit in UNITS.items()]
    return [*told, ("hours_not_rostered", 0.0, unpaid, "h")]


def _missing(counts: Counts, together: Together, among: np.ndarray) -> tuple[float, float]:
    """Cost and half hours of the seniors that are missing, or cost and days of pairs not as agreed."""
    rows = together.priced
    missing = together.missing(np.concatenate([np.zeros(0), *counts.weeks])) * among[rows]
    return float(missing @ together.price[rows]), float(missing @ together.half_hours[rows])


def shortages(
    case: Case,
    taken: Mapping[str, np.ndarray],
    done: Sequence[Stint],
    heads: np.ndarray,
    held: Mapping[tuple[str, int], Sequence[Held]],
) -> pd.DataFrame:
    """Every interval below its need, with the reason in words.

    Returns
    -------
    pandas.DataFrame
        queue, interval, short, why; sorted by queue and interval.
    """
    queues, times = np.nonzero(case.need.asked - heads > ENOUGH)
    people = _People.of(case, taken, done, held)
    why = [_why(case, people, int(queue), int(time)) for queue, time in zip(queues, times, strict=True)]
    return pd.DataFrame(
        {
            "queue": pd.Series([case.need.queues[queue] for queue in queues], dtype="str"),
            "interval": moments(case.origin, times * float(case.need.minutes)),
            "short": np.round((case.need.asked - heads)[queues, times], 9),
            "why": pd.Series(why, dtype="str"),
        }
    )


PLACES = (
    "on the queue", "at a break for part of it", "at a break", "at work for part of it", "on another queue",
    "on the other shift", "on leave", "not employed", "on rest", "on a day off", "in the meeting before duty",
    "in training",
)  # fmt: skip
(
    QUEUE, PART_BREAK, BREAK, PART_WORK, OTHER_QUEUE, OTHER_SHIFT, LEAVE, NOT_EMPLOYED, REST, DAY_OFF,
    MEETING, TRAINING,
) = range(len(PLACES))  # fmt: skip


@dataclass(frozen=True)
class _People:
    """Where everybody is. Everybody has a number; a stint is somebody's work on one day.

    Parameters
    ----------
    able : numpy.ndarray of bool
        Who can answer which queue, shape (people, queues).
    team : numpy.ndarray
        Number of everybody's team in the order of the case's menus.
    place : numpy.ndarray
        Where people are who are not at work just now, by day; shape (people, 7).
    resting : numpy.ndarray of bool
        Which shifts would break the rest before or after, shape (people, 7, shifts).
    who, queue, start, end : numpy.ndarray
        Of each stint. [min]
    breaks : numpy.ndarray
        Start and end of each break of each stint, shape (stints, breaks, 2), nan where there is none. [min]
    met_until : numpy.ndarray
        End of the meeting of each stint, -inf where there is none. [min]
    training : numpy.ndarray
        Start and end of each session of each stint, shape (stints, sessions, 2), nan for none. [min]
    """

    able: np.ndarray
    team: np.ndarray
    place: np.ndarray
    resting: np.ndarray
    who: np.ndarray
    queue: np.ndarray
    start: np.ndarray
    end: np.ndarray
    breaks: np.ndarray
    met_until: np.ndarray
    training: np.ndarray

    def meets(self, moment: float) -> np.ndarray:
        """Whose stint has its meeting then, or later: it is the first thing in a shift."""
        return self.met_until > moment

    @classmethod
    def of(
        cls,
        case: Case,
        taken: Mapping[str, np.ndarray],
        done: Sequence[Stint],
        held: Mapping[tuple[str, int], Sequence[Held]],
    ) -> _People:
        members = [(agent, group) for group in case.groups for agent in group.agents]
        number = {agent: at for at, (agent, _) in enumerate(members)}
        queues = case.need.queues
        teams = {team: at for at, team in enumerate(case.menus)}
        able = np.zeros((len(members), len(case.need.queues)), dtype=bool)
        place = np.full((len(members), WEEK), DAY_OFF)
        most = max((len(menu.shifts) for menu in case.menus.values()), default=0)
        resting = np.zeros((len(members), WEEK, most), dtype=bool)
        for at, (agent, group) in enumerate(members):
            able[at, list(group.queues)] = True
            place[at, case.leave[agent]] = LEAVE
            place[at, case.unemployed[agent]] = NOT_EMPLOYED
            place[at, taken[agent] > 0] = OTHER_SHIFT
            menu = case.menus[group.team]
            resting[at, :, : len(menu.shifts)] = _resting(group, menu, taken[agent])
        spans = [_span(case, stint) for stint in done]
        widest = max((len(breaks) for _, _, breaks in spans), default=0)
        late = [tail for tail in carrying.tails((*case.carried, *case.beside)) if tail.agent in number]
        late = [tail for tail in late if tail.queue in case.need.queues]
        spans += [(tail.start, tail.end, list(tail.pauses)) for tail in late]
        widest = max([widest, *(len(tail.pauses) for tail in late)])
        breaks = np.full((len(spans), widest, 2), np.nan)
        for at, (_, _, own) in enumerate(spans):
            breaks[at, : len(own)] = np.array(own).reshape(-1, 2)
        on = [*(stint.post.queue for stint in done), *(queues.index(tail.queue) for tail in late)]
        who = [*(stint.agent for stint in done), *(tail.agent for tail in late)]
        return cls(
            able, np.array([teams[group.team] for _, group in members], dtype=int), place, resting,
            np.array([number[agent] for agent in who], dtype=int),
            np.array(on, dtype=int),
            np.array([start for start, _, _ in spans]), np.array([end for _, end, _ in spans]), breaks,
            np.array([*(_met_until(case, stint) for stint in done), *(-math.inf for _ in late)]),
            _sessions(done, held, more=len(late)),
        )  # fmt: skip


def _sessions(
    done: Sequence[Stint], held: Mapping[tuple[str, int], Sequence[Held]], *, more: int
) -> np.ndarray:
    """Start and end of each session of each stint, and of more without; (stints, sessions, 2). [min]"""
    own = [held.get((stint.agent, stint.post.duty.day), []) for stint in done]
    times = np.full((len(done) + more, max(map(len, own), default=0), 2), np.nan)
    for at, some in enumerate(own):
        times[at, : len(some)] = np.array([(one.start, one.end) for one in some]).reshape(-1, 2)
    return times


def _met_until(case: Case, stint: Stint) -> float:
    """When the meeting at the start of a stint is over; -inf where there is none. [min]"""
    day, team, shift = stint.post.duty
    menu = case.menus[team]
    first = menu.shifts[shift].breaks[:1]
    return max(
        (menu.start[day, shift] + p.minutes for p in first if p.activity == "meeting"), default=-math.inf
    )


def _span(case: Case, stint: Stint) -> tuple[float, float, list[tuple[float, float]]]:
    """Start, end and breaks of a stint. [min]"""
    day, team, shift = stint.post.duty
    menu = case.menus[team]
    start = float(menu.start[day, shift])
    pauses = zip(menu.shifts[shift].breaks, stint.offsets, strict=True)
    breaks = [(start + offset, start + offset + pause.minutes) for pause, offset in pauses]
    return start, float(menu.end[day, shift]), breaks


def _resting(group: Group, menu: Menu, options: np.ndarray) -> np.ndarray:
    """Shifts that would break the rest before or after those worked; shape (7, shifts)."""
    least = 60.0 * group.rules.rest_hours if math.isinf(group.rules.price_rest) else 0.0
    blocked = np.zeros(menu.start.shape, dtype=bool)
    ended = group.last_end
    for day in range(WEEK):
        blocked[day] |= menu.start[day] - ended < least
        if options[day]:
            ended = menu.end[day, options[day] - 1]
    starts = math.inf
    for day in reversed(range(WEEK)):
        blocked[day] |= starts - menu.end[day] < least
        if options[day]:
            starts = menu.start[day, options[day] - 1]
    return blocked


def _why(case: Case, people: _People, queue: int, interval: int) -> str:
    """Where those who can answer a queue are in an interval."""
    able = people.able[:, queue]
    if not able.any():
        return "nobody can answer this queue"
    begin, end = interval * case.need.minutes, (interval + 1) * case.need.minutes
    day = _day_of(case, begin)
    place = people.place[:, day].copy()
    reached = np.zeros(len(place), dtype=bool)
    rests = np.ones(len(place), dtype=bool)
    for at, menu in enumerate(case.menus.values()):
        team = people.team == at
        for on, shift in np.argwhere((menu.start < end) & (menu.end > begin)).tolist():
            reached |= team
            rests[team] &= people.resting[team, on, shift]
    reached |= begin < case.reached
    here = (people.start < end) & (people.end > begin)
    if not reached[able].any() and not able[people.who[here]].any():
        nights = [menu.end[0].max() - 1440.0 > begin for menu in case.menus.values()]
        if begin < 1440 and any(nights) and not case.reached:
            return "last week's night shift alone reaches it: --previous FOLDER says who is there"
        return "no shift of those who can answer it reaches it"
    place[(place == DAY_OFF) & reached & rests] = REST
    present = np.minimum(people.end, end) - np.maximum(people.start, begin)
    away = np.minimum(people.breaks[:, :, 1], end) - np.maximum(people.breaks[:, :, 0], begin)
    gone = np.nansum(np.maximum(away, 0.0), axis=1)
    learns = np.minimum(people.training[:, :, 1], end) - np.maximum(people.training[:, :, 0], begin)
    state = np.select(
        [
            people.queue != queue,
            np.nansum(np.maximum(learns, 0.0), axis=1) > 0.0,
            (gone > 0.0) & people.meets(begin),
            gone >= present,
            gone > 0.0,
            present < end - begin,
        ],
        [OTHER_QUEUE, TRAINING, MEETING, BREAK, PART_BREAK, PART_WORK],
        QUEUE,
    )
    place[people.who[here]] = state[here]
    counts = np.bincount(place[able], minlength=len(PLACES)).tolist()
    told = ", ".join(f"{count} {name}" for name, count in zip(PLACES, counts, strict=True) if count)
    full = case.seats is not None and int(here.sum()) >= case.seats
    seats = f"; all {case.seats} seats taken" if full else ""
    own = [team == case.need.teams[queue] for team in case.menus]
    others = int((np.array(own)[people.team] & ~able).sum())
    skill = f"; {others} of the team lack{'s' * (others == 1)} the skill" if others else ""
    return f"of {int(able.sum())} who can answer it: {told}{seats}{skill}"


def _day_of(case: Case, minute: float) -> int:
    """Day of the week on which a minute falls."""
    moment = case.origin + pd.Timedelta(minutes=minute)
    return min((moment.date() - case.start).days, WEEK - 1)
