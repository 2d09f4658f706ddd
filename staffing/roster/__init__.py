"""Named agents and rules -> the week: who works when, with the bound and the gap; and why not, when not.

The week is planned by columns: every lawful week of each group of alike people is written down (`weeks`), one
program counts how many people work each, with breaks counted beside them (`master`), and the counts go back
to names (`names`).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from staffing import lp
from staffing.errors import DataError, Problem
from staffing.model import Pair, Queue, Roster, Rules, Shift, Team, Training
from staffing.roster import conflicts, horizon, reading, several, single, worth
from staffing.roster.carrying import carried
from staffing.roster.case import WEEK
from staffing.roster.edited import segments
from staffing.roster.swaps import swaps

__all__ = ["assign", "carried", "segments", "swaps"]


def assign(
    demand: pd.DataFrame,
    shifts: Sequence[Shift],
    agents: pd.DataFrame,
    rules: Rules | Mapping[str, Rules] = Rules(),  # noqa: B008 - frozen
    *,
    skills: pd.DataFrame | None = None,
    timeoff: pd.DataFrame | None = None,
    requests: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    keep: pd.DataFrame | None = None,
    kept: pd.DataFrame | None = None,
    carried: pd.DataFrame | None = None,
    frozen_until: dt.date | None = None,
    price_change: float | None = None,
    teams: Iterable[Team] = (),
    seats: int | None = None,
    curve: pd.DataFrame | None = None,
    queues: Iterable[Queue] = (),
    target: worth.Over | None = None,
    pairs: Iterable[Pair] = (),
    trainings: Iterable[Training] = (),
    start: dt.date | None = None,
    days: int = 7,
    time_limit: float | None = 60.0,
    timezone: str | None = None,
    seed: int = 0,
) -> Roster:
    r"""Roster named agents for one week, or several.

    Of all rosters that keep the hard rules, one of least cost,

    .. math:: \sum_{q,t} (p_{short} \cdot short_{qt} + p_{over} \cdot over_{qt}) + crowds + wishes +
    changes + \text{priced rules}

    where people on the queue + short - over = ``scheduled`` in every interval, breaks taken off; with the
    service curve of a queue as the notes say. A person works the shifts of the own team, one a day. Which
    queue a cross-trained person serves, and where in their windows the breaks lie, is part of the plan;
    within a day nobody changes queue, also where one queue is short while the other has people to spare.

    Parameters
    ----------
    demand : pandas.DataFrame
        REQUIREMENT; ``scheduled`` is what is needed on the queue. Columns ``price_short`` and ``price_over``
        price single rows, per agent-half-hour. A shift is worked only where it meets a row of a queue that is
        answered. Or PLAN: ``agents`` is how many people a shift of a team needs on a date, the same columns
        price one of them too few or too many (default: as many agent-half-hours as the shift pays), and a
        shift is worked only where it has a row.
    shifts : sequence of Shift
        Two for each team as a rule, ``"early"`` and ``"late"``, in any order; one that passes midnight
        belongs to its first day.
    agents : pandas.DataFrame
        AGENTS.
    rules : Rules or dict
        For everybody, or by contract. The prices of short and over are those of the first in the dict.
    skills : pandas.DataFrame, optional
        SKILLS; whoever has no row answers all queues of the own team.
    timeoff : pandas.DataFrame, optional
        TIMEOFF, dates inclusive. The credit is spread evenly over the days of its row; what falls into the
        week is taken off the hours owed. Where leave, dates of employment, closed days or a change of clock
        leave no week of exactly these hours, the most hours below them are rostered.
    requests : pandas.DataFrame, optional
        REQUESTS, for each day of the range: ``want`` and ``avoid`` cost their price where not granted (5
        where none is given), ``lock`` and ``forbid`` are hard. An empty shift means any. ``weekdays``
        ("mon-fri") and ``hours`` ("15:00-24:00": no shift that meets them, or with lock and want one within)
        narrow them.
    previous : pandas.DataFrame, optional
        ASSIGNMENTS up to this week: rest, days in a row and rotation count on; so do late shifts, read off an
        optional column ``lates_so_far`` (or ``lates``) or else counted; weekend days likewise, of
        ``weekend_days_so_far``, and shifts that ``fair_shifts`` names, such as ``night_so_far``.
    keep : pandas.DataFrame, optional
        ASSIGNMENTS of this week as they were published: each day of a person that becomes another shift, or
        is free no more, or free now, costs ``price_change``, unless leave or the end of the contract makes it
        so. Whoever has no row was off. Queues and breaks may change, but for ``kept``.
    kept : pandas.DataFrame, optional
        SEGMENTS of ``keep``: on days on which the same people do the same, queues and breaks stay where that
        costs no more than 0.01 agent-half-hours, and one more for each training held on the day; on frozen
        days they stay in any case, and so does the training. With a PLAN the breaks of such days stay.
    carried : pandas.DataFrame, optional
        SEGMENTS of the week before: people of its night shifts are on their queues on the first morning, and
        stand so in the segments; without it that morning is short where only they could cover it.
    frozen_until : datetime.date, optional
        Days of ``keep`` before this one stay as they are, whatever requests say; only leave comes before
        them. Default: none.
    price_change : float, optional
        Of a changed day of a person; default: that of two short agent-half-hours.
    teams : iterable of Team, optional
        Whose ``senior_per_interval`` holds; seniors are those of the agents' column ``senior``. Whoever is in
        a shift counts, also at a break.
    seats : int, optional
        Desks or licences: nobody beyond is in a shift at once, all teams together; breaks keep their seat.
    curve : pandas.DataFrame, optional
        CURVE of the same forecast: the cover of the queues that it has is measured by it, as the notes say.
    queues : iterable of Queue
        Those of the curve, with their targets and the share of people who are there.
    target : {"interval", "day", "week"}, optional
        Over what their targets hold; default: each queue's own.
    pairs : iterable of Pair, optional
        Who works together, or apart.
    trainings : iterable of Training, optional
        Planned training and one-to-ones, once a week for each person who is to take part: paid, off the
        queue, in a shift, clear of breaks. Weeks without room for one are out where others have it;
        ``Roster.training`` has every session with its time, or why it has none.
    start : datetime.date, optional
        First day; default: that of the demand.
    days : int
        Days to roster, in weeks from the first day on; a shorter week is one whose other days are free.
    time_limit : float, optional
        What the solver may take. By intervals it is counted in work (`staffing.lp.Budget`), so that the same
        input gives the same roster on a busy machine; only after three times as many seconds by the clock,
        and no sooner than after half a minute, is the search broken off, under the status ``"time limit"``.
        With a PLAN it is processor time, so that a busy machine changes little. [s]
    timezone : str, optional
        IANA name of the site's clock, for a PLAN; default: that of ``previous``, else UTC.
    seed : int
        Of what the search with a PLAN draws.

    Returns
    -------
    Roster
        Assignments have further columns ``lates_so_far`` and ``weekend_days_so_far`` (late shifts, Saturdays
        and Sundays, this week's counted), the objective has ``amount`` and ``unit`` beside part and cost.
        Hours owed that could not be rostered stand there as ``hours_not_rostered``. ``measured`` says by what
        each queue's cover was.

    Raises
    ------
    DataError
        With everything that is wrong with the tables.
    PlanError
        Where somebody has no lawful week: who, and the smallest sets of rules, requests, frozen days and days
        of leave to relax, cheapest first; the same of two people of a pair; where seats or a hard rule of
        seniors leave no roster: when, and what would help.
    SolverError
        Where there is no solver, or a limit came before any weeks that keep seats and seniors were found, or
        any roster of a PLAN.
    KeyboardInterrupt
        Where Ctrl-C came before there was any; later the best so far is kept.

    Notes
    -----
    What is short beyond 10, 25, 50 and 75 % of a need costs 5, 10, 20 and 40 % more (``deep_shortage``), and
    what is over beyond 10, 25, 50 and 100 % costs 1.25, 1.5, 2 and 3 times as much (``deep_surplus``): so a
    lack of people and a surplus are spread. Surplus counts wherever people are on the queue, also where the
    demand has no row.

    With a ``curve`` and a target in each interval, what is short costs what it loses, in up to five steps
    that never get cheaper: agents whose going loses as many contacts as that of the last needed agent, on the
    average of the queue and in their own interval (the geometric mean of both), cost ``price_short`` each.
    With a target over the day or week, what is needed in an interval is its floor (`Target.floor`, occupancy,
    minimum presence): whoever is short of it costs at least twice what could be gained elsewhere. Agents
    ``above_floor`` cost ``price_over`` each, up to three times that where they gain nothing, and answer
    contacts along the upper hull of the curve, in up to five straight pieces. A contact that the period lacks
    (``missed_target``; or loses, above `Target.max_abandonment`) costs what as many short agents do as it
    takes to answer it at the requirement. ``shortages`` lists the intervals below ``scheduled`` in any case.

    One person of a shift may always be at a break; of the others of a day at most a third should be there in
    an interval, or a half where the window of the break has room for two turns only. For half an hour, one
    more costs 5 % of a short one; beyond half of the way from there to all of them 30 %, beyond half of the
    rest 130 % (``crowded_breaks``). So breaks bunch where all turns but one lie in a rush, but hardly ever
    all of them.

    Rosters of up to 100 agent-half-hours on the queue are solved to the end. Beyond these the search ends at
    a gap of 1 % (at most 0.75 agent-half-hours), 0.125 % (at most 2.4) or 0.0002 %, whichever is most, and
    without breaks at 0.002 % (at most 0.75) or 0.0002 %. For the weeks it settles on, each day's queues and
    breaks are proven best to 0.01. Weeks are counted as columns over groups of alike people, breaks in
    Aykin's implicit form [1]_, so the size hardly grows with the number of people.

    Several weeks of REQUIREMENT, or one with rules that count over all planned days, are rostered week by
    week, then each again between its neighbours. Totals (``hours_total``, ``shifts_total``, ``weekends``) are
    paced by one linear program of all weeks; where somebody has no lawful week left, the days of that person
    are planned anew. That program, in which nights reach from one week into the next and so do rest, rotation
    and what may not follow what, but not runs of days, gives the bound; where that leaves much, each week in
    whole numbers at its prices does. A total is counted over ``days``: what ``previous`` holds of it does not
    count.

    With a PLAN everybody's whole days are columns of one program, made at its own prices [2]_, whose linear
    part gives the bound; people are settled one after the other by their shares in it. Then some people's
    days are solved anew, all others held [3]_, until 120 such neighbourhoods in a row have
    gained nothing; small programs are then proven. Seats and seniors are counted between the moments at which
    shifts begin and end; seniors where a shift is on that asks for anybody. Training is refused with a PLAN:
    without half hours no time of a session is better than another.

    References
    ----------
    .. [1] T. Aykin, "Optimal shift scheduling with multiple break windows", Management Science 42(4), 1996.
    .. [2] E. K. Burke, T. Curtois, "New approaches to nurse rostering benchmark instances", European Journal
       of Operational Research 237(1), 2014.
    .. [3] P. Shaw, "Using constraint programming and local search methods to solve vehicle routing problems",
       CP 1998.

    Examples
    --------
    Two people, two shifts, one of each needed on Monday morning and afternoon:

    >>> hours = pd.date_range("2026-11-30 08:00", periods=24, freq="30min", tz="Asia/Seoul", unit="us")
    >>> demand = pd.DataFrame({"queue": "chat", "team": "shop", "interval": hours, "load": 0.5, "agents": 1.0,
    ...                        "scheduled": 1.0})
    >>> both = [Shift("early", "shop", dt.time(8), 6), Shift("late", "shop", dt.time(14), 6)]
    >>> people = pd.DataFrame({"agent": ["006", "007"], "name": ["김민지", "Amina"], "team": "shop",
    ...                        "contract": "full", "hours_week": 6.0})
    >>> roster = assign(demand, both, people)
    >>> roster.assignments[["agent", "shift"]].to_dict("list")
    {'agent': ['006', '007'], 'shift': ['early', 'late']}
    >>> roster.status, roster.cost, roster.bound, len(roster.shortages)
    ('optimal', 0.0, 0.0, 0)
    """
    given = {
        "demand": demand, "agents": agents, "skills": skills, "timeoff": timeoff, "requests": requests,
        "previous": previous, "keep": keep, "kept": kept, "carried": carried,
    }  # fmt: skip
    pairs, trainings = tuple(pairs), tuple(trainings)
    if horizon.is_plan(demand):
        _intervals_only(
            {
                "carried": carried is not None,
                "curve": curve is not None,
                "queues": bool(tuple(queues)),
                "target": target is not None,
                "trainings": bool(trainings),
            }
        )
        read = reading.checked(given, shifts, rules, days=days, of_plan=True, together=pairs)
        return horizon.plan(
            read, shifts, rules, pairs=pairs, teams=tuple(teams), seats=seats,
            frozen_until=frozen_until, price_change=price_change, start=start, days=days, timezone=timezone,
            time_limit=time_limit, seed=seed,
        )  # fmt: skip
    tables = reading.checked(given, shifts, rules, days=days, together=pairs)
    if days > WEEK or horizon.over_all_days(rules):
        if odd := horizon.odd_names(shifts, rules):
            raise DataError(odd)
        return several.plan(
            tables, shifts, rules, start=start, days=days, frozen_until=frozen_until,
            price_change=price_change, teams=tuple(teams), seats=seats, together=pairs, trainings=trainings,
            aim=worth.aimed(curve, queues, target, tables.demand), time_limit=time_limit,
        )  # fmt: skip
    aim = worth.aimed(curve, queues, target, tables.demand)
    case = reading.read(
        tables, shifts, rules, start=start, days=days,
        frozen_until=frozen_until, price_change=price_change, teams=teams, seats=seats, together=pairs,
        trainings=trainings, aim=aim,
    )  # fmt: skip
    lawful = conflicts.lawful_of_all(case)
    budget = lp.Budget(math.inf if time_limit is None else time_limit)
    week = single.settled(case, lawful, tables.kept, budget)
    return single.as_roster(week, aim.measured(case.need.queues))


def _intervals_only(asked: Mapping[str, bool]) -> None:
    """Refuse what a PLAN knows nothing of: it has no half hours."""
    found = [
        Problem(f"{name} needs demand by intervals", f"leave {name} out, or give a REQUIREMENT")
        for name, there in asked.items()
        if there
    ]
    if found:
        raise DataError(found)
