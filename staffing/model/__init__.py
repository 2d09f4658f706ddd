"""The nouns: what a planner names in the plan file, frozen and checked once, at the door.

Python and the plan file share these definitions. Times of day are wall-clock times of the site.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from staffing.model.agreed import STRICT as STRICT
from staffing.model.agreed import Pair as Pair
from staffing.model.agreed import Rotation as Rotation
from staffing.model.training import Training as Training

if TYPE_CHECKING:
    import pandas as pd

WEEKDAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
DUE = rf"^(?:(?:daily|{WEEKDAY}(?:-{WEEKDAY})?) (?:[01]?\d|2[0-3]):[0-5]\d|\d+(?:\.\d+)?h)$"


@dataclass(frozen=True, config=STRICT)
class Target:
    """What good service is, for one queue.

    Parameters
    ----------
    answered : float
        Fraction of contacts to be answered within the time limit. [0-1]
    within : float
        Acceptable waiting time. [s]
    over : str
        ``"interval"``: in each interval. ``"day"``, ``"week"`` (Monday to Sunday), ``"month"``: of all the
        contacts of the period, so that a quiet interval may be short; abandonment then counts over the
        period too, occupancy and the mean wait in each interval.
    floor : float or None
        Least fraction answered in time in any interval of a longer period; None: an interval may be given up
        altogether, where nobody hangs up down to just above its load. [0-1]
    max_occupancy : float
        Highest lasting share of time in contacts. [0-1]
    max_abandonment : float or None
        Highest share of callers who hang up; counts where patience is known. [0-1]
    max_asa : float or None
        Highest mean wait of the answered. [s]
    definition : str
        ``"offered"``: answered in time / all offered. ``"excluding_short_abandons"``: the same,
        callers who hung up within the limit left out of the denominator.
    """

    answered: float = Field(default=0.80, gt=0, lt=1)
    within: float = Field(default=20.0, ge=0)
    over: Literal["interval", "day", "week", "month"] = "interval"
    floor: float | None = Field(default=None, ge=0, lt=1)
    max_occupancy: float = Field(default=0.88, gt=0, le=1)
    max_abandonment: float | None = Field(default=0.05, gt=0, le=1)
    max_asa: float | None = Field(default=None, gt=0)
    definition: Literal["offered", "excluding_short_abandons"] = "offered"

    @model_validator(mode="after")
    def _floor_below(self) -> Target:
        if self.floor is not None and self.over == "interval":
            raise ValueError('a floor is for a target over a longer period: add over = "day"')
        if self.floor is not None and self.floor > self.answered:
            raise ValueError("the floor is above the target")
        return self


@dataclass(frozen=True, config=STRICT)
class Voice:
    """Inbound calls: customers wait in line, and hang up if their patience is finite.

    Parameters
    ----------
    patience : float or None
        Mean time to abandonment; None where it is not known: Erlang C alone. [s]
    redial : float
        Share of those who hang up that call again; the history must then hold first attempts only. [0-1]
    """

    patience: float | None = Field(default=None, gt=0)
    redial: float = Field(default=0.0, ge=0, lt=1)
    kind: Literal["voice"] = "voice"


@dataclass(frozen=True, config=STRICT)
class Chat:
    """Chats: an agent has several at once, and types for one while the customers of the others type.

    Parameters
    ----------
    concurrency : int
        Most chats that an agent has at once.
    typing_ratio : float
        Time for which a customer types over the time for which the agent does: how much room a chat leaves
        for others. Measure it; 0.75 is the published example of US patent 8,064,589.
    measured_at : int
        Chats that an agent had at once when the handle time was measured.
    patience : float or None
        Mean time to abandonment while waiting for an agent; None where it is not known. [s]
    last_chat_minutes : float
        So long before the end of a shift an agent takes no new chat, but finishes those in hand. [min]
    """

    concurrency: int = Field(ge=1, le=20)
    typing_ratio: float = Field(default=0.75, gt=0)
    measured_at: int = Field(default=1, ge=1, le=20)
    patience: float | None = Field(default=None, gt=0)
    last_chat_minutes: float = Field(default=0.0, ge=0, le=120)
    kind: Literal["chat"] = "chat"


@dataclass(frozen=True, config=STRICT)
class Deferred:
    """Work with a deadline instead of a queue: e-mail, back office, what last night left.

    Parameters
    ----------
    due : str
        ``"daily 12:00"`` or ``"mon-fri 17:00"``: the next such time on an open day; ``"8h"``: after as many
        open hours.
    opening_backlog : float
        Contacts that lie there when the forecast begins. [contacts]
    """

    due: str = Field(pattern=DUE)
    opening_backlog: float = Field(default=0.0, ge=0)
    kind: Literal["deferred"] = "deferred"

    @property
    def patience(self) -> None:
        """Nobody waits in line."""
        return None


@dataclass(frozen=True, config=STRICT)
class Outbound:
    """Calls to customers, made while the agents of a team would be free.

    Parameters
    ----------
    windows : tuple of (time, time)
        When customers may be called; empty: whenever the team is there.
    reserve : float or None
        Agents to keep free for those who call in; None: the square root of their load.
    """

    windows: tuple[tuple[dt.time, dt.time], ...] = ()
    reserve: float | None = Field(default=None, ge=0)
    kind: Literal["outbound"] = "outbound"

    @model_validator(mode="after")
    def _in_order(self) -> Outbound:
        if any(begin >= end for begin, end in self.windows):
            raise ValueError("a contact window must end after it begins, on the same day")
        return self

    @property
    def patience(self) -> None:
        """Nobody waits in line."""
        return None


@dataclass(frozen=True, config=STRICT)
class Shrinkage:
    """One cause for which paid people are not on the queue.

    Parameters
    ----------
    cause : str
        Its name, for example ``"sick"``.
    rate : float
        Share of the time lost to it. [0-1]
    rostered : bool
        True where it stands in the roster (lunch, leave): it is then never in the divisor.
    """

    cause: str
    rate: float = Field(default=0.0, ge=0, lt=1)
    rostered: bool = False

    @model_validator(mode="after")
    def _said(self) -> Shrinkage:
        if not self.rostered and self.rate == 0.0:
            raise ValueError("a cause that is not rostered needs its rate")
        return self


@dataclass(frozen=True, config=STRICT)
class Queue:
    """One line of contacts and who answers it.

    Parameters
    ----------
    name : str
        As in the history.
    team : str
        The team that answers it.
    channel : Voice, Chat, Deferred or Outbound
        How contacts come and wait.
    target : Target
        What good service is.
    aht : float or None
        Average handle time where the history has none: talk + hold + after-call work. [s]
    min_staff : int
        Agents on the queue whenever it is open.
    shrinkage : tuple of Shrinkage
        Every cause, said openly; an empty tuple says there is none.
    talk, hold, after_call : float or None
        Parts of the handle time, in place of ``aht``; what is left out is none. [s]
    speed : float
        Of the people, against the handle time as measured: 0.95 where a tenth are new and half as fast.
    deflected : float
        Share of the forecast's contacts that self-service will take away. [0-1]
    ivr : float
        Share of the remaining contacts that end in the voice menu. [0-1]
    """

    name: str
    team: str
    shrinkage: tuple[Shrinkage, ...]
    channel: Voice | Chat | Deferred | Outbound = Field(default=Voice(), discriminator="kind")
    target: Target = Target()
    aht: float | None = Field(default=None, gt=0)
    min_staff: int = Field(default=1, ge=0)
    talk: float | None = Field(default=None, gt=0)
    hold: float | None = Field(default=None, ge=0)
    after_call: float | None = Field(default=None, ge=0)
    speed: float = Field(default=1.0, gt=0, le=4)
    deflected: float = Field(default=0.0, ge=0, lt=1)
    ivr: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _one_handle_time(self) -> Queue:
        if self.talk is None:
            if self.hold is not None or self.after_call is not None:
                raise ValueError("hold and after_call need talk beside them")
            return self
        parts = self.talk + (self.hold or 0.0) + (self.after_call or 0.0)
        if self.aht is not None and abs(self.aht - parts) > 1e-9 * parts:
            raise ValueError("aht is not talk + hold + after_call: leave one of them out")
        object.__setattr__(self, "aht", parts)
        return self

    @property
    def present(self) -> float:
        """Share of scheduled people who are there: the product of 1 - rate over unrostered causes. [0-1]"""
        return math.prod(1.0 - cause.rate for cause in self.shrinkage if not cause.rostered)


@dataclass(frozen=True, config=STRICT)
class Break:
    """Time off the queue inside a shift, placed by the roster within a window.

    Parameters
    ----------
    activity : str
        ``"lunch"``, ``"break"``, or ``"meeting"``: off the queue too, at its place in the shift.
    minutes : int
        How long. [min]
    paid : bool
        Whether it counts as paid time.
    after_hours : tuple of float
        Earliest and latest start, counted from the start of the shift. [h]
    """

    activity: Literal["lunch", "break", "meeting"]
    minutes: Annotated[int, Field(gt=0, le=240)]
    paid: bool
    after_hours: tuple[float, float]

    @model_validator(mode="after")
    def _window(self) -> Break:
        if not 0 <= self.after_hours[0] <= self.after_hours[1]:
            raise ValueError("after_hours must be [earliest, latest] with 0 <= earliest <= latest")
        return self


@dataclass(frozen=True, config=STRICT)
class Meeting:
    """What a shift begins with: paid, and off the queue.

    Parameters
    ----------
    minutes : int
        How long. [min]
    before_opening : bool
        Whether the shift that is there at opening may come so much earlier.
    """

    minutes: Annotated[int, Field(gt=0, le=120)]
    before_opening: bool = False


@dataclass(frozen=True, config=STRICT)
class Screen:
    """A pause from the screen at least every so many hours.

    Parameters
    ----------
    minutes : int
        How long. [min]
    paid : bool
        Whether it counts as paid time.
    every_hours : float
        Longest time on the screen; lunch, breaks and meetings end it too. [h]
    """

    minutes: Annotated[int, Field(gt=0, le=60)]
    paid: bool
    every_hours: Annotated[float, Field(ge=0.5, le=16)]


@dataclass(frozen=True, config=STRICT)
class Shift:
    """A template: when people of a team come and go on the days they work it.

    A shift that passes midnight belongs to the day it starts.

    Parameters
    ----------
    name : str
        ``"early"`` or ``"late"``.
    team : str
        Whose shift it is.
    start : datetime.time
        Wall-clock time at which it starts.
    hours : float
        Presence, breaks included. [h]
    breaks : tuple of Break
        In the order in which they come; their windows must not meet.
    """

    name: str
    team: str
    start: dt.time
    hours: Annotated[float, Field(gt=0, le=16)]
    breaks: tuple[Break, ...] = ()

    @model_validator(mode="after")
    def _windows_apart(self) -> Shift:
        ends = 0.0
        for pause in self.breaks:
            if pause.after_hours[0] < ends - 1e-9:
                raise ValueError(f"the window of {pause.activity} begins before the one before it has ended")
            ends = pause.after_hours[1] + pause.minutes / 60
        if self.breaks and ends > self.hours + 1e-9:
            raise ValueError("a break may end after the shift: shorten its window")
        return self

    @property
    def start_minute(self) -> int:
        """Minutes from midnight to the start. [min]"""
        return self.start.hour * 60 + self.start.minute

    @property
    def end_minute(self) -> int:
        """Minutes from midnight of the start day to the end; over 1440 past midnight. [min]"""
        return self.start_minute + round(self.hours * 60)

    @property
    def paid_hours(self) -> float:
        """Presence less unpaid breaks. [h]"""
        return self.hours - sum(pause.minutes for pause in self.breaks if not pause.paid) / 60


@dataclass(frozen=True, config=STRICT)
class Limit:
    """A bound on something counted; hard, or a wish with a price.

    Parameters
    ----------
    min, max : float or None
        None: no bound on that side.
    price : float
        Cost of each unit beyond the bound, in shares of the price list in `Rules`; infinite is hard.
    """

    min: float | None = None
    max: float | None = None
    price: float = Field(default=math.inf, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Limit:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is greater than max")
        return self


@dataclass(frozen=True, config=STRICT)
class Overtime:
    """Paid hours beyond the most that are owed in a week, in whole shifts.

    Parameters
    ----------
    max : float
        Most of them in a week. [h]
    price : float
        Of an hour; one mends at most two short agent-half-hours.
    """

    max: float = Field(ge=0, le=80)
    price: float = Field(default=100.0, gt=0)


@dataclass(frozen=True, config=STRICT)
class Rules:
    """Working-time rules and the price list of one contract. Not legal advice.

    Parameters
    ----------
    hours_week : Limit or None
        Paid hours in a week before the credit of paid leave is taken off; None: exactly the contract's. [h]
    overtime_week : Overtime or None
        Hours beyond those; None: never.
    days_week : Limit
        Days worked in a week.
    days_in_row : Limit
        Days worked one after the other, last week's counted.
    days_off_together : Limit
        At least one run of that many days off in the week.
    shifts_week : dict
        Name of a shift -> Limit of the days in a week on it.
    rest_hours : float
        Least time between two shifts. [h]
    price_rest : float
        Of each time that it is not kept; infinite: it always is. No shift begins before the last has ended.
    same_shift_in_week : float or None
        Price of each day on the other shift than most of the week's; infinite: never; None: no such rule.
    starts_within : int
        Shifts that begin at most so far from the week's count as the same. [min]
    rotate : float or None
        Price of a week on the same shift as last week; infinite: never; None: no such rule. A rotation
        outdoes it.
    rotation : Rotation or None
        A cycle of weeks or days; the agents' column ``rotation_offset`` says how many of them one is ahead.
    fair_lates : float
        Price of each late shift for each late shift that the person has had more than the team's mean.
    fair_weekends : float
        The same of days worked on Saturdays and Sundays.
    fair_shifts : dict
        The same of other shifts that nobody likes: name -> price.
    price_short, price_over : float
        Price of an agent-half-hour too few, and too many.
    hours_total : Limit or None
        Paid hours over the planned days before the credit of paid leave is taken off; None: no such rule. [h]
    shifts_total : dict
        Shift -> limit of the shifts of that name over the planned days.
    weekends : Limit
        Weekends with work on Saturday, Sunday or both, over the planned days.
    days_off_in_row : Limit
        Days without work one after the other; a run cut by the first or last planned day may have gone on
        longer, unless the roster before tells.
    not_after : dict
        Shift -> shifts that nobody has on the day after it.
    """

    hours_week: Limit | None = None
    overtime_week: Overtime | None = None
    days_week: Limit = Limit(max=5)
    days_in_row: Limit = Limit(max=5)
    days_off_together: Limit = Limit(min=2)
    shifts_week: Mapping[str, Limit] = Field(default_factory=dict)
    rest_hours: float = Field(default=11.0, ge=0, le=24)
    price_rest: float = Field(default=math.inf, gt=0)
    same_shift_in_week: float | None = Field(default=math.inf, gt=0)
    starts_within: int = Field(default=0, ge=0, le=1440)
    rotate: float | None = Field(default=20.0, gt=0)
    rotation: Rotation | None = None
    fair_lates: float = Field(default=0.5, ge=0)
    fair_weekends: float = Field(default=0.0, ge=0)
    fair_shifts: Mapping[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    price_short: float = Field(default=100.0, gt=0)
    price_over: float = Field(default=1.0, ge=0)
    hours_total: Limit | None = None
    shifts_total: Mapping[str, Limit] = Field(default_factory=dict)
    weekends: Limit = Limit()
    days_off_in_row: Limit = Limit()
    not_after: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)


@dataclass(frozen=True, config=STRICT)
class Team:
    """People who share two shifts, and the rule that their design must keep.

    Parameters
    ----------
    name : str
        As in the agents' table.
    hours : tuple of float
        Shortest and longest presence in a shift, breaks included. [h]
    rush : ``"hard"``, float or None
        The overlap must cover the rush; a number is the price of an uncovered rush half hour in
        agent-half-hours a week; None: no such rule.
    breaks : tuple of Break
        Taken in every shift; what else is off the queue follows from meeting and screen.
    evening : datetime.time or None
        From this hour on somebody must be there (``evening_staff`` people) until the team closes.
    evening_staff : int
        How many.
    meeting : Meeting or None
        Before duty.
    screen : Screen or None
        Pauses that become breaks of each shift, by its length (`staffing.pauses.of_shift`).
    senior_per_interval : Limit or None
        Least number of seniors at work, breaks included, in every open interval in which the team has a
        shift; its price is that of one missing for half an hour.
    """

    name: str
    hours: tuple[float, float] = (6.0, 9.0)
    rush: Literal["hard"] | float | None = None
    breaks: tuple[Break, ...] = ()
    evening: dt.time | None = None
    evening_staff: int = Field(default=0, ge=0)
    meeting: Meeting | None = None
    screen: Screen | None = None
    senior_per_interval: Limit | None = None


@dataclasses.dataclass(frozen=True)
class Roster:
    """Who works when, what it costs, and how far from the best it can be.

    Parameters
    ----------
    assignments, segments : pandas.DataFrame
        Of the contracts ASSIGNMENTS and SEGMENTS.
    shortages : pandas.DataFrame
        queue, interval, short, why: every half hour below its need, with the reason in words.
    objective : pandas.DataFrame
        part, cost: shortage, surplus, wishes, rotation and the rest, each apart.
    status : str
        ``"optimal"``: proven within the gap that the solver was asked for; ``"stopped"``: a limit or
        Ctrl-C ended it; ``"time limit"``: the clock did, so that another run may come further.
    cost, bound : float
        Of the objective; no roster under the same rules costs less than the bound.
    price_short : float
        Price of a short agent-half-hour, which turns cost into agent-half-hours.
    seconds : float
        Spent in the solver. [s]
    measured : dict
        Queue -> what its cover was measured by: ``"need"``, or the service curve over an ``"interval"``, a
        ``"day"``, a ``"week"`` (or a ``"month"`` as far as it lies in the week); empty with a PLAN.
    training : pandas.DataFrame or None
        training, agent, activity, start, end, why: each planned session, and why there was no place for it;
        None where none was planned.
    """

    assignments: pd.DataFrame
    segments: pd.DataFrame
    shortages: pd.DataFrame
    objective: pd.DataFrame
    status: Literal["optimal", "stopped", "time limit"]
    cost: float
    bound: float
    price_short: float
    seconds: float
    measured: dict[str, str] = dataclasses.field(default_factory=dict)
    training: pd.DataFrame | None = None

    @property
    def gap(self) -> float:
        """(cost - bound) / price_short. [agent-half-hours]"""
        return max(self.cost - self.bound, 0.0) / self.price_short

    @property
    def gap_share(self) -> float:
        """The gap over all agent-half-hours rostered on the queue. [0-1]"""
        on_queue = self.segments[self.segments["activity"] == "queue"]
        half_hours = (on_queue["end"] - on_queue["start"]).dt.total_seconds().sum() / 1800.0
        return self.gap / half_hours if half_hours else 0.0


@dataclasses.dataclass(frozen=True)
class Week:
    """One planned week of one site: every table of the sentence, and how it was made.

    Parameters
    ----------
    site : str
        Name of the site.
    label : str
        ISO week, for example ``"2026-W49"``.
    start : datetime.date
        First day.
    days : int
        Days planned.
    timezone : str
        IANA name.
    history, forecast, requirement, peaks, designs : pandas.DataFrame
        What went in, and what each step made of it (HISTORY, FORECAST, REQUIREMENT, rush windows, SHIFTS).
    teams : dict
        Name -> Team.
    shifts : tuple of Shift
        The two shifts of each team.
    agents, timeoff : pandas.DataFrame
        AGENTS and TIMEOFF.
    skills, requests, previous : pandas.DataFrame
        SKILLS, REQUESTS and last week's ASSIGNMENTS; without rows where nothing was given.
    rules : dict
        Contract -> `Rules`.
    roster : Roster
        Who works when.
    coverage : pandas.DataFrame
        COVERAGE, what the roster gives in each interval.
    violations : pandas.DataFrame
        What `staffing.verify` found; empty is clean.
    summary : pandas.DataFrame
        team, date (empty for the week), measure, value, unit.
    review : pandas.DataFrame or None
        Plan beside what really came, where that is known.
    notes : tuple of str
        What a planner must know: assumptions, what was mended, what limits the schedule.
    manifest, timings : dict
        How the week was made, and how long each step took. [s]
    queues : tuple of Queue
        Whose targets and models hold.
    deferred : pandas.DataFrame or None
        DEFERRED: how much of the work with deadlines the rostered people get done; None where nobody asked.
    seats : int or None
        Desks or licences of the site.
    changes : pandas.DataFrame or None
        agent, name, date, before, after, why: whose day a new plan changed; None where no plan was kept.
    frozen_until : datetime.date or None
        First day that the plan could change; None where all were open.
    levers, shadow_prices : pandas.DataFrame or None
        As `staffing.shifts` gives them: what could be changed about the two shifts and what it would save,
        and which intervals drive the headcount.
    trainings : tuple of Training
        Planned training and one-to-ones.
    pairs : tuple of Pair
        Who works together, or apart.
    """

    site: str
    label: str
    start: dt.date
    days: int
    timezone: str
    history: pd.DataFrame
    forecast: pd.DataFrame
    requirement: pd.DataFrame
    peaks: pd.DataFrame
    designs: pd.DataFrame
    teams: dict[str, Team]
    shifts: tuple[Shift, ...]
    agents: pd.DataFrame
    timeoff: pd.DataFrame
    skills: pd.DataFrame
    requests: pd.DataFrame
    previous: pd.DataFrame
    rules: dict[str, Rules]
    roster: Roster
    coverage: pd.DataFrame
    violations: pd.DataFrame
    summary: pd.DataFrame
    review: pd.DataFrame | None
    notes: tuple[str, ...]
    manifest: dict[str, object]
    timings: dict[str, float]
    queues: tuple[Queue, ...] = ()
    deferred: pd.DataFrame | None = None
    seats: int | None = None
    changes: pd.DataFrame | None = None
    frozen_until: dt.date | None = None
    curve: pd.DataFrame | None = None
    levers: pd.DataFrame | None = None
    shadow_prices: pd.DataFrame | None = None
    trainings: tuple[Training, ...] = ()
    pairs: tuple[Pair, ...] = ()
