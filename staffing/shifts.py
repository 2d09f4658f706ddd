"""The two shifts of each team: find the rush, cost every lawful pair, count heads per day.

A team's need is what its queues need together (``scheduled``), on wall-clock time; or, with a target over the
day or the week, what its service curves give. A shift that passes midnight belongs to the day it starts. The
parts of a design stand in `staffing.designing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from staffing import lp
from staffing.designing import covering, heads, need, pairs, rush
from staffing.designing import levers as lever
from staffing.designing import work as deferrable
from staffing.designing.case import Aim, cases, duties_of, heads_of, need_rules, task, terms
from staffing.designing.covering import Prices
from staffing.designing.service import Over
from staffing.model import Queue, Shift, Team
from staffing.tables import PLAN, REQUIREMENT, SHIFTS, check


def peaks(requirement: pd.DataFrame) -> pd.DataFrame:
    """Find the rush windows of each team, weekday by weekday, one by one.

    All dates of a weekday count together. What a weekday has in common with the team's average open day,
    scaled to its own total, is smoothed with a triangle that ends an hour to either side; what sets it apart
    with one up to three times as wide, the wider the less it stands out of its own roughness: so the noise
    of a week moves no window far, and a weekday that goes its own way is seen.

    A top of the smoothed day is a rush if it reaches half of the day's highest, and if on both sides, before
    need rises above it or the day ends, need lies lower by an eighth of the day's highest: a smaller dip
    splits no rush, and a level day has none. A rush lasts while the smoothed need stays above 90 % of its own
    top.

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT of one or several weeks, or of some days.

    Returns
    -------
    pandas.DataFrame
        team, weekday ("mon" ... "sun"), start and end ("HH:MM"), agents (mean need within the window), share
        (agents over the highest need of the weekday [0-1]), in the order of the week and of the day.

    Raises
    ------
    DataError
        Where the table is not a REQUIREMENT.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=20, freq="30min", tz="Asia/Seoul", unit="us")
    >>> heads = [4, 5, 6, 9, 12, 12, 9, 5, 4, 4, 4, 5, 8, 11, 11, 8, 6, 5, 4, 4]
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times,
    ...                             "load": 1.0, "agents": heads, "scheduled": heads})
    >>> peaks(requirement)[["weekday", "start", "end", "agents"]]
      weekday  start    end  agents
    0     mon  11:00  12:00    12.0
    1     mon  15:30  16:30    11.0
    """
    check(requirement, REQUIREMENT)
    tables = [rush.windows(need.demand(requirement, team)) for team in sorted(requirement["team"].unique())]
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else rush.empty()


def two_shift(
    requirement: pd.DataFrame,
    teams: Iterable[Team],
    *,
    step: str = "30min",
    windows: pd.DataFrame | None = None,
    contracts: pd.DataFrame | None = None,
    target: Over = "interval",
    curve: pd.DataFrame | None = None,
    queues: Iterable[Queue] = (),
    floor: float | None = None,
    workload: pd.DataFrame | None = None,
    price_short: float = 100.0,
    price_over: float = 1.0,
    price_hour: float = 1.0,
) -> pd.DataFrame:
    r"""Cost every lawful pair of an early and a late shift of each team, and rank them.

    A pair is lawful if both shifts begin and end on the grid, their lengths are within the team's, the
    early one neither begins nor ends after the late one, and together they reach every interval with need.
    Where no pair does, the 50 that reach most of the need stand for all, and ``short`` says the rest.

    Each pair costs what the covering linear program of the whole table costs, with :math:`x_{ds}` heads
    per day and shift, :math:`b_{dskp}` of them on break :math:`k` at position :math:`p` of its window [1]_,
    and :math:`a` the share of an interval present:

    .. math::
        \min \sum_t (P\,u_t + O\,o_t) + H \sum_{ds} h_s x_{ds}, \quad
        \sum_{ds} a_{ts} x_{ds} - \sum_{dskp} a_{tkp} b_{dskp} + u_t - o_t = n_t, \quad
        \sum_p b_{dskp} = x_{ds}

    Heads may be fractions here: a pair is compared by the bound that no plan on it can beat. `plan` makes
    them whole. With a target over the day or week, need is what the service curves ask for, as in `plan`;
    and deferrable work flows into the quiet half hours before its deadlines, which differ from pair to pair.

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT; a team's need is the sum of ``scheduled`` over its queues.
    teams : iterable of Team
        With the rules of each design; a team without rows in the requirement has no design.
    step : str
        Grid on which shifts begin and end.
    windows : pandas.DataFrame, optional
        Rush windows: team, start and end ("HH:MM"), and weekday where they do not hold on every day; found
        by `peaks` where not given.
    contracts : pandas.DataFrame, optional
        team, hours_min, hours_max [h], days_max: a pair fits if each contract of the team can reach its
        weekly hours with whole days of the early shift, and with whole days of the late one.
    target, curve, queues, floor, workload
        As in `plan`.
    price_short, price_over : float
        Price of an agent-half-hour too few, and too many.
    price_hour : float
        Price of a paid hour.

    Returns
    -------
    pandas.DataFrame
        SHIFTS, best first in each team: pairs that fit, under a hard rush those that cover most of it, then
        the cheapest. ``paid_hours`` of the table's days together [h]; ``short`` and ``over`` in
        agent-half-hours, with work that is late counted as short; ``rush_covered`` is 1 where there is no
        rush; ``fits`` true or false.

    Raises
    ------
    DataError
        Where a table is not in its form, a team has no rules, no length is lawful, or nobody does a work.

    References
    ----------
    .. [1] T. Aykin, "Optimal shift scheduling with multiple break windows", Management Science 42, 1996.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=24, freq="30min", tz="Asia/Seoul", unit="us")
    >>> need = [2] * 8 + [5] * 4 + [3] * 12
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times,
    ...                             "load": 1.0, "agents": need, "scheduled": need})
    >>> designs = two_shift(requirement, [Team("presales", hours=(6, 9))])
    >>> len(designs)
    49
    >>> designs.loc[0, ["early_start", "early_end", "late_start", "late_end"]].tolist()
    ['09:00', '15:00', '13:00', '21:00']
    """
    check(requirement, REQUIREMENT)
    known = {team.name: team for team in teams}
    need_rules(requirement, known)
    windows = peaks(requirement) if windows is None else check(windows, rush.PEAKS)
    aim = Aim(target, curve, tuple(queues), floor)
    prices = Prices(price_short, price_over, price_hour)
    here = set(requirement["team"])
    duties = duties_of(workload, aim, set(known) & here)
    ranked = []
    for name, team in known.items():
        if name not in here:
            continue
        asked = task(requirement, name, team, aim, duties.get(name))
        lawful = pairs.lawful(asked.demand, team, step, windows[windows["team"] == name])
        ranked.append(pairs.table(asked, team, lawful, prices, terms(contracts, name)))
    return pd.concat(ranked, ignore_index=True) if ranked else SHIFTS.empty()


def overlap_costs(designs: pd.DataFrame) -> pd.DataFrame:
    """What a wider overlap costs: for each length of it the best pair that has it.

    Parameters
    ----------
    designs : pandas.DataFrame
        SHIFTS, as `two_shift` gives them.

    Returns
    -------
    pandas.DataFrame
        team, overlap [h], early_start, early_end, late_start, late_end, paid_hours, cost, dearer (than the
        first of the ranking), rush_covered, short, over, fits; by team and overlap. Of an overlap, a pair
        that fits the contracts comes before one that does not.

    Raises
    ------
    DataError
        Where the table is not SHIFTS.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=24, freq="30min", tz="Asia/Seoul", unit="us")
    >>> heads = [2] * 8 + [5] * 4 + [3] * 12
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times,
    ...                             "load": 1.0, "agents": heads, "scheduled": heads})
    >>> curve = overlap_costs(two_shift(requirement, [Team("presales", hours=(6, 8))]))
    >>> curve.loc[3:6, ["overlap", "early_end", "late_start", "dearer"]].values.tolist()
    [[1.5, '15:00', '13:30', 49.5], [2.0, '15:00', '13:00', 0.0], [2.5, '15:30', '13:00', 3.0],
     [3.0, '16:00', '13:00', 6.0]]
    """
    check(designs, SHIFTS)
    found = designs.assign(overlap=[_overlap(row) for row in designs.to_dict("records")])
    found["fits"] = found.get("fits", True)
    order = found.assign(misfit=~found["fits"].astype(bool)).sort_values(
        ["team", "overlap", "misfit", "cost", "rank"], kind="stable"
    )
    best = order.drop_duplicates(["team", "overlap"]).reset_index(drop=True)
    best["dearer"] = best["cost"] - best["team"].map(found[found["rank"] == 1].set_index("team")["cost"])
    edges = ["early_start", "early_end", "late_start", "late_end"]
    sums = ["paid_hours", "cost", "dearer", "rush_covered", "short", "over", "fits"]
    return best[["team", "overlap", *edges, *sums]]


def levers(
    requirement: pd.DataFrame,
    teams: Iterable[Team],
    designs: pd.DataFrame,
    *,
    step: str = "30min",
    windows: pd.DataFrame | None = None,
    contracts: pd.DataFrame | None = None,
    target: Over = "interval",
    curve: pd.DataFrame | None = None,
    queues: Iterable[Queue] = (),
    floor: float | None = None,
    workload: pd.DataFrame | None = None,
    price_short: float = 100.0,
    price_over: float = 1.0,
    price_hour: float = 1.0,
) -> pd.DataFrame:
    """What could be changed about the best pair of each team, and what each change would save.

    Each lever is costed by the covering program of `two_shift`: a third start beside the best pair; shifts an
    hour longer or shorter than the team's rules allow; doors open an hour later or closed an hour earlier,
    where the need of that hour falls away. Where a team wants its rush covered and the overlap of no lawful
    pair reaches all of it, ``cover the rush`` is the cheapest third start or pair of longer shifts (up to
    12 h) that has two shifts there in most of it. Of the ways to do each, the eight that do best on a typical
    day are costed over all days. Heads may be fractions, as in the ranking.

    Parameters
    ----------
    requirement, teams, step, windows, contracts
        As in `two_shift`.
    designs : pandas.DataFrame
        SHIFTS of the same requirement: the first of each team is what the levers are compared with.
    target, curve, queues, floor, workload
        As in `plan`; with a target over the day or week, the hour that is closed takes its contacts along.
    price_short, price_over, price_hour : float
        As in `two_shift`.

    Returns
    -------
    pandas.DataFrame
        team, lever, detail (in words), paid_hours, hours_saved (paid hours less [h]), cost, saved (cost
        less), need_hours (need that falls away [h]), short [agent-half-hours], rush_covered (share of the
        rush in which two shifts are there [0-1]), fits (the contracts); the row ``two shifts`` is the pair
        itself, then those that leave least short and cost least.

    Raises
    ------
    DataError
        As `two_shift`.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=24, freq="30min", tz="Asia/Seoul", unit="us")
    >>> heads = [2] * 8 + [6] * 8 + [3] * 8
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times,
    ...                             "load": 1.0, "agents": heads, "scheduled": heads})
    >>> rules = [Team("presales", hours=(6, 7))]
    >>> table = levers(requirement, rules, two_shift(requirement, rules))
    >>> table[["lever", "hours_saved", "detail"]].head(2).values.tolist()
    [['two shifts', 0.0, '09:00-15:00 + 15:00-21:00'], ['longer shifts', 24.0, '09:00-17:00 + 13:00-21:00']]
    """
    check(requirement, REQUIREMENT)
    check(designs, SHIFTS)
    windows = peaks(requirement) if windows is None else check(windows, rush.PEAKS)
    aim = Aim(target, curve, tuple(queues), floor)
    prices = Prices(price_short, price_over, price_hour)
    known = {team.name: team for team in teams}
    there = {name for name in known if name in set(requirement["team"]) & set(designs["team"])}
    duties = duties_of(workload, aim, there)
    tables = []
    for name, team in known.items():
        if name not in there:
            continue
        ranked = designs[designs["team"] == name].sort_values("rank")
        fits = ranked.get("fits", pd.Series(True, index=ranked.index)).astype(bool)
        reach = float((ranked[fits] if fits.any() else ranked)["rush_covered"].max())
        asked = lever.study(
            requirement,
            team,
            aim,
            duties.get(name),
            step,
            prices,
            terms(contracts, name),
            windows[windows["team"] == name],
        )
        tables.append(lever.table(asked, pair(ranked.iloc[0], team), reach))
    return pd.concat(tables, ignore_index=True) if tables else lever.empty()


def advice(levers: pd.DataFrame) -> list[str]:
    """The levers in sentences: first where two shifts cannot cover the day, then what would save most.

    Parameters
    ----------
    levers : pandas.DataFrame
        As `levers` gives them.

    Returns
    -------
    list of str
        For each team what cannot be covered and the cheapest way out, and up to three levers that save.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 03:00", periods=40, freq="30min", tz="Asia/Seoul", unit="us")
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times,
    ...                             "load": 1.0, "agents": 2, "scheduled": 2})
    >>> rules = [Team("presales", hours=(6, 8))]
    >>> said = advice(levers(requirement, rules, two_shift(requirement, rules)))
    >>> print(said[0])
    presales: two shifts cannot cover the day: 03:00-11:00 + 11:00-19:00 leave 8.0 agent-hours short
    >>> print(said[1])
    presales: the cheapest way out: third start: a third shift 17:00-23:00 beside 03:00-11:00 + 11:00-19:00
    """
    return [
        sentence for _, table in levers.groupby("team", sort=False) for sentence in lever.sentences(table)
    ]


def evening_cover(requirement: pd.DataFrame, teams: Iterable[Team]) -> pd.DataFrame:
    """Raise a requirement to the people that teams must have there in the evening.

    What is missing in an interval is added to the team's queue with the highest load.

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT.
    teams : iterable of Team
        Those without an evening rule change nothing.

    Returns
    -------
    pandas.DataFrame
        The same rows; where ``scheduled`` was raised, ``bound_by`` says ``evening``.

    Raises
    ------
    DataError
        Where the table is not a REQUIREMENT.

    Examples
    --------
    >>> import datetime as dt
    >>> times = pd.date_range("2026-11-30 18:00", periods=4, freq="30min", tz="Asia/Seoul", unit="us")
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "aftersales", "interval": times,
    ...                             "load": 1.0, "agents": 2.0, "scheduled": 2.0})
    >>> team = Team("aftersales", evening=dt.time(19), evening_staff=3)
    >>> evening_cover(requirement, [team])["scheduled"].tolist()
    [2.0, 2.0, 3.0, 3.0]
    """
    raised = check(requirement, REQUIREMENT).copy()
    for team in teams:
        mine = raised[raised["team"] == team.name].sort_values(["interval", "load"], ascending=[True, False])
        if team.evening is None or mine.empty:
            continue
        asked, found = (need.demand(raised, team.name, rule) for rule in (team, None))
        heaviest = mine.drop_duplicates("interval")
        at = need.slots(heaviest["interval"], asked.dates[0], asked.minutes)
        missing = (asked.agents - found.agents).ravel()[at]
        raised.loc[heaviest.index, "scheduled"] += missing
        if "bound_by" in raised:
            raised.loc[heaviest.index[missing > 0], "bound_by"] = "evening"
    return raised


def pair(row: Mapping[str, Any] | pd.Series, team: Team) -> tuple[Shift, Shift]:
    """The early and the late shift of a design.

    Parameters
    ----------
    row : mapping or pandas.Series
        One row of SHIFTS.
    team : Team
        Whose breaks the shifts have.

    Returns
    -------
    tuple of Shift
        Early, late.

    Examples
    --------
    >>> row = {"early_start": "09:00", "early_end": "18:00", "late_start": "16:00", "late_end": "01:00"}
    >>> early, late = pair(row, Team("presales"))
    >>> late.name, late.start, late.hours, late.end_minute
    ('late', datetime.time(16, 0), 9.0, 1500)
    """
    early, late = (
        pairs.template(name, team, need.minute(row[f"{name}_start"]), need.minute(row[f"{name}_end"]))
        for name in ("early", "late")
    )
    return early, late


def plan(
    requirement: pd.DataFrame,
    shifts: Iterable[Shift],
    *,
    teams: Iterable[Team] = (),
    target: Over = "interval",
    curve: pd.DataFrame | None = None,
    queues: Iterable[Queue] = (),
    floor: float | None = None,
    workload: pd.DataFrame | None = None,
    price_short: float = 100.0,
    price_over: float = 1.0,
    price_hour: float = 1.0,
) -> pd.DataFrame:
    """Heads on each shift of each day that cover the need at least cost, as if nobody had a name.

    The covering program of `two_shift` for given shifts. Without breaks its matrix is one of intervals and
    the linear program ends in whole heads; otherwise heads are made whole by the solver, and ``whole`` says
    on which dates that was needed.

    With a target over the day or the week, each interval needs only the heads of its floor, its occupancy
    and its minimum presence; from there on heads answer contacts along the interval's service curve, put
    into the program as up to six straight pieces, until the contacts of the period reach the target. The
    result is checked on the exact curve, and asked for more where pieces promise too much.

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT.
    shifts : iterable of Shift
        Of every team in it.
    teams : iterable of Team
        Where a team has an evening rule, its need includes it.
    target : {"interval", "day", "week"}
        Over what each queue's fraction answered in time (and its limit of lost calls) must hold: in each
        interval, that is ``scheduled``; or over the contacts of the day or of the week from Monday on.
    curve : pandas.DataFrame, optional
        CURVE of the same forecast, for a target over the day or week.
    queues : iterable of Queue
        With their targets and the share of people who are there, for a target over the day or week; and whose
        team does the work of the workload.
    floor : float, optional
        Least fraction answered in time in any interval, for a target over the day or week; None: the queue's
        own. [0-1]
    workload : pandas.DataFrame, optional
        WORKLOAD, done by those whom the need leaves free; work that does not get done before its deadline
        costs like the half hours that it lacks. `place` says where it goes.
    price_short, price_over, price_hour : float
        As in `two_shift`.

    Returns
    -------
    pandas.DataFrame
        PLAN: every date from the first to the last of the requirement; ``whole`` is true on dates whose heads
        needed no integer variables.

    Raises
    ------
    DataError
        Where a table is not in its form, a team has no shifts, a queue has no curve, or nobody does a work.

    Examples
    --------
    >>> import datetime as dt
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="h", tz="Asia/Seoul", unit="us")
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times,
    ...                             "load": 1.0, "agents": [2, 5, 5, 3], "scheduled": [2, 5, 5, 3]})
    >>> early = Shift("early", "presales", dt.time(9), 3.0)
    >>> late = Shift("late", "presales", dt.time(10), 3.0)
    >>> plan(requirement, [early, late])["agents"].tolist()
    [2.0, 3.0]
    """
    aim = Aim(target, curve, tuple(queues), floor)
    tables = []
    for case in cases(requirement, shifts, teams, aim, workload, Prices(price_short, price_over, price_hour)):
        found = heads.whole(case.cover, case.service)
        dates, own = case.demand.dates, case.shifts
        tables.append(
            pd.DataFrame(
                {
                    "team": case.demand.team,
                    "date": np.repeat(dates, len(own)),
                    "shift": [shift.name for shift in own] * len(dates),
                    "agents": found.heads.T.ravel(),
                    "whole": np.repeat(found.whole, len(own)),
                }
            )
        )
    return pd.concat(tables, ignore_index=True) if tables else PLAN.empty().assign(whole=True)


def presence(
    plan: pd.DataFrame,
    requirement: pd.DataFrame,
    shifts: Iterable[Shift],
    *,
    teams: Iterable[Team] = (),
    target: Over = "interval",
    curve: pd.DataFrame | None = None,
    queues: Iterable[Queue] = (),
    floor: float | None = None,
    workload: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Who is on the queue in each interval of a plan, with breaks and work where they hurt least.

    Parameters
    ----------
    plan : pandas.DataFrame
        PLAN.
    requirement, shifts, teams, target, curve, queues, floor, workload
        As in `plan`.

    Returns
    -------
    pandas.DataFrame
        team, interval, need, on_duty, on_break, deferrable, on_queue [agents]: every interval of the
        requirement. Breaks are averages over the interval.

    Raises
    ------
    DataError
        As `plan`.

    Examples
    --------
    >>> import datetime as dt
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="h", tz="Asia/Seoul", unit="us")
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times,
    ...                             "load": 1.0, "agents": [2, 5, 5, 3], "scheduled": [2, 5, 5, 3]})
    >>> both = [Shift("early", "presales", dt.time(9), 3.0), Shift("late", "presales", dt.time(10), 3.0)]
    >>> presence(plan(requirement, both), requirement, both)["on_queue"].tolist()
    [2.0, 5.0, 5.0, 3.0]
    """
    check(plan, PLAN)
    aim = Aim(target, curve, tuple(queues), floor)
    tables = []
    for case in cases(requirement, shifts, teams, aim, workload, Prices(100.0, 1.0, 1.0)):
        cover = heads.quiet_first(case.cover, case.demand)
        values = heads.laid(cover, heads_of(plan, case))
        there = heads.presence(case.cover, values, case.demand)
        times = case.times.reset_index(drop=True)
        places = need.slots(times, case.demand.dates[0], case.demand.minutes)
        table = pd.DataFrame({"team": case.demand.team, "interval": times})
        table["need"] = case.demand.agents.ravel()[places]
        tables.append(pd.concat([table, there.iloc[places].reset_index(drop=True)], axis=1))
    columns = ["team", "interval", "need", "on_duty", "on_break", "deferrable", "on_queue"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def place(
    workload: pd.DataFrame,
    plan: pd.DataFrame,
    requirement: pd.DataFrame,
    shifts: Iterable[Shift],
    *,
    teams: Iterable[Team] = (),
    target: Over = "interval",
    curve: pd.DataFrame | None = None,
    queues: Iterable[Queue] = (),
    floor: float | None = None,
) -> pd.DataFrame:
    """In which intervals of a plan its deferrable work is done: where the need leaves people free.

    Work goes where the need is least, of such half hours into the earliest, and never takes people from the
    need while the deadline can be kept otherwise.

    Parameters
    ----------
    workload : pandas.DataFrame
        WORKLOAD.
    plan : pandas.DataFrame
        PLAN.
    requirement, shifts, teams, target, curve, queues, floor
        As in `plan`.

    Returns
    -------
    pandas.DataFrame
        team, queue, released, due, interval, hours [h]: where each piece of work is done; a row without an
        interval is what does not get done in time, or within the days of the plan.

    Raises
    ------
    DataError
        As `plan`.

    Examples
    --------
    >>> import datetime as dt
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="h", tz="Asia/Seoul", unit="us")
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times,
    ...                             "load": 1.0, "agents": [2, 5, 1, 2], "scheduled": [2, 5, 1, 2]})
    >>> both = [Shift("early", "presales", dt.time(9), 3.0), Shift("late", "presales", dt.time(10), 3.0)]
    >>> orders = pd.DataFrame({"queue": ["orders"], "released": times[:1], "due": times[3:], "hours": [3.0]})
    >>> done = place(orders, plan(requirement, both, workload=orders), requirement, both)
    >>> done["interval"].dt.hour.tolist(), done["hours"].tolist()
    ([11], [3.0])
    """
    check(plan, PLAN)
    aim = Aim(target, curve, tuple(queues), floor)
    tables = []
    for case in cases(requirement, shifts, teams, aim, workload, Prices(100.0, 1.0, 1.0)):
        if case.cover.work is not None:
            cover = heads.quiet_first(case.cover, case.demand)
            values = heads.laid(cover, heads_of(plan, case))
            flows = values[cover.parts["flows"]]
            timezone = str(case.times.dt.tz)
            tables.append(deferrable.done(case.cover.work, flows, case.demand, timezone))
    return pd.concat(tables, ignore_index=True) if tables else deferrable.nothing(workload)


def shadow_prices(
    requirement: pd.DataFrame,
    shifts: Iterable[Shift],
    *,
    teams: Iterable[Team] = (),
    price_short: float = 100.0,
    price_over: float = 1.0,
    price_hour: float = 1.0,
) -> pd.DataFrame:
    """What one more agent needed in an interval would cost: where it is dear, it drives the headcount.

    Parameters
    ----------
    requirement, shifts, teams, price_short, price_over, price_hour
        As in `plan`.

    Returns
    -------
    pandas.DataFrame
        team, interval, need, price, for every interval with need: the change of the linear program's cost
        with that need; below zero where people are to spare, the price of a shortage where nobody can come.

    Raises
    ------
    DataError
        As `plan`.

    Examples
    --------
    >>> import datetime as dt
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="h", tz="Asia/Seoul", unit="us")
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times,
    ...                             "load": 1.0, "agents": [3, 5, 6, 2], "scheduled": [3, 5, 6, 2]})
    >>> shadow_prices(requirement, [Shift("early", "presales", dt.time(9), 3.0),
    ...                             Shift("late", "presales", dt.time(10), 3.0)])["price"].tolist()
    [-2.0, -2.0, 7.0, -2.0]
    """
    prices = Prices(price_short, price_over, price_hour)
    tables = []
    for case in cases(requirement, shifts, teams, Aim(), None, prices):
        demand, cover = case.demand, case.cover
        duals = covering.solved(lp.relaxed(cover.program)).duals
        assert duals is not None  # any need may stay short at its price, so there is always an end
        slots = cover.need.slots
        price = pd.Series(duals[: len(slots)] - price_over * demand.unit, index=slots)
        places = need.slots(case.times, demand.dates[0], demand.minutes)
        table = pd.DataFrame(
            {"team": demand.team, "interval": case.times, "need": demand.agents.ravel()[places]}
        )
        table["price"] = price.reindex(places).to_numpy()
        tables.append(table[table["need"] > 0])
    empty = pd.DataFrame({"team": [], "interval": [], "need": [], "price": []})
    return pd.concat(tables, ignore_index=True) if tables else empty


def _overlap(design: Mapping[Any, Any]) -> float:
    """Time in which both shifts of a design are there; 0 where they only meet. [h]"""
    start, end = need.minute(design["early_start"]), need.minute(design["early_end"])
    late = need.minute(design["late_start"])
    length = (end - start) % need.DAY or need.DAY
    return max(length - (late - start) % need.DAY, 0) / 60.0
