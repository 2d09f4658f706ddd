"""Named agents and rules -> the week: who works when, with the bound and the gap; and why not, when not.

The week is planned by columns: every lawful week of each group of alike people is written down (`weeks`), one
program counts how many people work each, with breaks counted beside them (`master`), and the counts go back
to names (`names`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from staffing.model import Roster, Rules, Shift
from staffing.roster import conflicts, master, names, reading, reasons, search
from staffing.roster.edited import segments

__all__ = ["assign", "segments"]


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
    frozen_until: dt.date | None = None,
    price_change: float | None = None,
    start: dt.date | None = None,
    days: int = 7,
    time_limit: float | None = 60.0,
) -> Roster:
    r"""Roster named agents for one week.

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
        answered.
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
        so. Whoever has no row was off. Queues and breaks of unchanged days may change.
    frozen_until : datetime.date, optional
        Days of ``keep`` before this one stay as they are, whatever requests say; only leave comes before
        them. Default: none.
    price_change : float, optional
        Of a changed day of a person; default: that of two short agent-half-hours.
    start : datetime.date, optional
        First day; default: that of the demand.
    days : int
        Days to roster, at most 7; a shorter week is one whose other days are free.
    time_limit : float, optional
        Longest time in the solver; unless it strikes, the same input gives the same roster. [s]

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
        of leave to relax, cheapest first.
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

    References
    ----------
    .. [1] T. Aykin, "Optimal shift scheduling with multiple break windows", Management Science 42(4), 1996.

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
        "previous": previous, "keep": keep,
    }  # fmt: skip
    case = reading.read(
        reading.checked(given, shifts, rules, days=days), shifts, rules, start=start, days=days,
        frozen_until=frozen_until, price_change=price_change,
    )  # fmt: skip
    lawful = conflicts.lawful_of_all(case)
    layout = master.layout(case, lawful)
    found = search.best(case, layout, master.program(case, lawful, layout), time_limit=time_limit)
    counts = layout.counts(found.values)
    heads = layout.heads(found.values).reshape(case.need.heads.shape)
    taken = names.weeks_of_people(case, lawful, counts)
    done = names.stints(case, layout, counts, taken)
    return Roster(
        assignments=names.assignments(case, done),
        segments=names.segments_of(case, done),
        shortages=reasons.shortages(case, taken, done, heads),
        objective=reasons.objective(case, lawful, counts, heads, layout.crowd(found.values), layout.crowded),
        status=found.status,
        cost=found.cost,
        bound=found.bound,
        price_short=case.price_short,
        seconds=found.seconds,
    )
