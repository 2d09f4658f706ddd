"""Named agents and rules -> the week: who works when, with the bound and the gap; and why not, when not.

The week is planned by columns: every lawful week of each group of alike people is written down (`weeks`), one
program counts how many people work each, with breaks counted beside them (`master`), and the counts go back
to names (`names`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from staffing.errors import DataError, Problem
from staffing.model import Pair, Roster, Rules, Shift, Team
from staffing.roster import conflicts, horizon, reading, several, single
from staffing.roster.case import WEEK
from staffing.roster.edited import segments
from staffing.roster.swaps import swaps

__all__ = ["assign", "segments", "swaps"]


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
    frozen_until: dt.date | None = None,
    price_change: float | None = None,
    teams: Iterable[Team] = (),
    seats: int | None = None,
    pairs: Iterable[Pair] = (),
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

    where people on the queue + short - over = ``scheduled`` in every interval, breaks taken off. A person
    works the shifts of the own team, one a day. Which queue a cross-trained person serves, and where in their
    windows the breaks lie, is part of the plan; within a day nobody changes queue, also where one queue is
    short while the other has people to spare.

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
        where none is given), ``lock`` and ``forbid`` are hard. An empty shift means any.
    previous : pandas.DataFrame, optional
        ASSIGNMENTS up to this week: rest, days in a row and rotation count on; so do late shifts, read off an
        optional column ``lates_so_far`` (or ``lates``) or else counted.
    keep : pandas.DataFrame, optional
        ASSIGNMENTS of this week as they were published: each day of a person that becomes another shift, or
        is free no more, or free now, costs ``price_change``, unless leave or the end of the contract makes it
        so. Whoever has no row was off. Queues and breaks may change, but for ``kept``.
    kept : pandas.DataFrame, optional
        SEGMENTS of ``keep``: on days on which the same people do the same, queues and breaks stay where that
        costs no more than 0.01 agent-half-hours.
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
    pairs : iterable of Pair, optional
        Who works together, or apart.
    start : datetime.date, optional
        First day; default: that of the demand.
    days : int
        Days to roster, in weeks from the first day on; a shorter week is one whose other days are free.
    time_limit : float, optional
        Longest time in the solver; unless it strikes, the same input gives the same roster. With a PLAN it is
        processor time, so that a busy machine changes little. [s]
    timezone : str, optional
        IANA name of the site's clock, for a PLAN; default: that of ``previous``, else UTC.
    seed : int
        Of what the search with a PLAN draws.

    Returns
    -------
    Roster
        Assignments have a further column ``lates_so_far`` (late shifts, this week's counted), the objective
        has ``amount`` and ``unit`` beside part and cost. Hours owed that could not be rostered stand
        there as ``hours_not_rostered``.

    Raises
    ------
    DataError
        With everything that is wrong with the tables.
    PlanError
        Where somebody has no lawful week: who, and the smallest sets of rules, requests, frozen days and days
        of leave to relax, cheapest first; the same of two people of a pair; where seats or a hard rule of
        seniors leave no roster: when, and what would help.
    SolverError
        Where the time did not suffice for any roster, or there is no solver.
    KeyboardInterrupt
        Where Ctrl-C came before there was any; later the best so far is kept.

    Notes
    -----
    What is short beyond 10, 25, 50 and 75 % of a need costs 5, 10, 20 and 40 % more (``deep_shortage``), and
    what is over beyond 10, 25, 50 and 100 % costs 1.25, 1.5, 2 and 3 times as much (``deep_surplus``): so a
    lack of people and a surplus are spread. Surplus counts wherever people are on the queue, also where the
    demand has no row.

    One person of a shift may always be at a break; of the others of a day at most a third should be there in
    an interval, or a half where the window of the break has room for two turns only. For half an hour, one
    more costs 5 % of a short one; beyond half of the way from there to all of them 30 %, beyond half of the
    rest 130 % (``crowded_breaks``). So breaks bunch where all turns but one lie in a rush, but hardly ever
    all of them.

    Rosters of up to 100 agent-half-hours on the queue are solved to the end. Beyond these the search ends at
    a gap of 1 % (at most 0.75 agent-half-hours), 0.125 % (at most 4) or 0.03 %, whichever is most. For the
    weeks it settles on, each day's queues and breaks are proven best to 0.01. Weeks are counted as columns
    over groups of alike people, breaks in Aykin's implicit form [1]_, so the size hardly grows with the
    number of people.

    Half hours of the first morning that only last week's night shift can cover count as short here.

    Several weeks of REQUIREMENT, or one with rules that count over all planned days, are rostered week by
    week, then each again between its neighbours. Totals (``hours_total``, ``shifts_total``, ``weekends``) are
    paced by what the linear programs of the weeks use when; where somebody has no lawful week left, the days
    of that person are planned anew. The bound is that of the weeks by themselves, with nothing carried over
    but ``previous`` to the first, which can only be cheaper. A total is counted over ``days``: what
    ``previous`` holds of it does not count.

    With a PLAN every person's days are columns of one program, whose linear part gives the bound. Its search
    solves some people's days anew, all others held [2]_, and ends when 120 such neighbourhoods in a row have
    gained nothing; small programs are then proven.

    References
    ----------
    .. [1] T. Aykin, "Optimal shift scheduling with multiple break windows", Management Science 42(4), 1996.
    .. [2] P. Shaw, "Using constraint programming and local search methods to solve vehicle routing problems",
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
        "previous": previous, "keep": keep, "kept": kept,
    }  # fmt: skip
    pairs = tuple(pairs)
    if horizon.is_plan(demand):
        _intervals_only(teams, seats, rules)
        _one_week_only(keep=keep, frozen_until=frozen_until, price_change=price_change, kept=kept)
        read = reading.checked(given, shifts, rules, days=days, of_plan=True, together=pairs)
        return horizon.plan(
            read, shifts, rules, pairs=pairs, start=start, days=days, timezone=timezone,
            time_limit=time_limit, seed=seed,
        )  # fmt: skip
    tables = reading.checked(given, shifts, rules, days=days, together=pairs)
    if days > WEEK or horizon.over_all_days(rules):
        if found := horizon.odd_names(shifts, rules):
            raise DataError(found)
        return several.plan(
            tables, shifts, rules, start=start, days=days, frozen_until=frozen_until,
            price_change=price_change, teams=tuple(teams), seats=seats, together=pairs, time_limit=time_limit,
        )  # fmt: skip
    case = reading.read(
        tables, shifts, rules, start=start, days=days,
        frozen_until=frozen_until, price_change=price_change, teams=teams, seats=seats, together=pairs,
    )  # fmt: skip
    lawful = conflicts.lawful_of_all(case)
    return single.as_roster(single.settled(case, lawful, tables.kept, time_limit=time_limit))


def _one_week_only(**given: object) -> None:
    """Refuse what only a single week of interval demand knows yet."""
    found = [
        Problem(
            f"{name} is known for a single week of REQUIREMENT only",
            f"leave {name} out, or re-plan week by week",
        )
        for name, value in given.items()
        if value is not None
    ]
    if found:
        raise DataError(found)


def _intervals_only(teams: Iterable[Team], seats: int | None, rules: Rules | Mapping[str, Rules]) -> None:
    """Refuse what is about people at once, or overtime: a PLAN has no half hours to count it in."""
    own = [rules] if isinstance(rules, Rules) else list(rules.values())
    asked = {
        "seats": seats is not None,
        "senior_per_interval": any(team.senior_per_interval is not None for team in teams),
        "overtime_week": any(one.overtime_week is not None for one in own),
        "fair_weekends": any(one.fair_weekends for one in own),
    }
    found = [
        Problem(f"{name} needs demand by intervals", f"leave {name} out, or give a REQUIREMENT")
        for name, there in asked.items()
        if there
    ]
    if found:
        raise DataError(found)
