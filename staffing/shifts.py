"""The two shifts of each team: find the rush, cost every lawful pair, count heads per day.

A team's need is what its queues need together (``scheduled``), on wall-clock time. A shift that passes
midnight belongs to the day it starts. The program that covers the need stands in `staffing.covering`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from staffing import covering, lp
from staffing.covering import DAY, Cover, Demand, Prices
from staffing.errors import DataError, Problem
from staffing.model import Shift, Team
from staffing.tables import PLAN, REQUIREMENT, SHIFTS, Contract, check

SMOOTH = 60.0  # minutes: need this far away no longer counts in the smoothed day
PROMINENCE = 0.125  # need rises to a rush, and falls from it, by at least this share of the day's top
HIGH = 0.5  # a rush is at least this share of the day's top
LEVEL = 0.90  # a rush lasts while the smoothed need is above this share of its own top
MOST = 50  # pairs costed where none reaches every interval with need

PEAKS = Contract(
    "PEAKS",
    ("team", "start"),
    {"team": "text", "start": "text", "end": "text"},
    {"agents": "count", "share": "fraction"},
)
TERMS = Contract(
    "contracts", (), {"team": "text", "hours_min": "count", "hours_max": "count", "days_max": "count"}
)


def peaks(requirement: pd.DataFrame) -> pd.DataFrame:
    """Find the rush windows of each team's average open day, one by one.

    The need of the open days is averaged by time of day and smoothed with a triangle that ends an hour to
    either side. A top of the smoothed day is a rush if it reaches half of the day's highest, and if on both
    sides, before need rises above it or the day ends, need lies lower by an eighth of the day's highest:
    a smaller dip splits no rush, and a level day has none. A rush lasts while the smoothed need stays above
    90 % of its own top.

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT.

    Returns
    -------
    pandas.DataFrame
        team, start and end ("HH:MM"), agents (mean need within the window), share (agents over the highest
        need of the average day [0-1]), in the order of the day.

    Raises
    ------
    DataError
        Where the table is not a REQUIREMENT.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=20, freq="30min", tz="Asia/Seoul", unit="us")
    >>> need = [4, 5, 6, 9, 12, 12, 9, 5, 4, 4, 4, 5, 8, 11, 11, 8, 6, 5, 4, 4]
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times,
    ...                             "load": 1.0, "agents": need, "scheduled": need})
    >>> peaks(requirement)[["start", "end", "agents"]]
       start    end  agents
    0  11:00  12:00    12.0
    1  15:30  16:30    11.0
    """
    check(requirement, REQUIREMENT)
    rows = []
    for team in sorted(requirement["team"].unique()):
        demand = covering.demand(requirement, team)
        profile = _average_day(demand)
        for first, last in _windows(profile, demand.minutes):
            agents = float(profile[first:last].mean())
            rows.append(
                {
                    "team": team,
                    "start": _clock(demand.opens + first * demand.minutes),
                    "end": _clock(demand.opens + last * demand.minutes),
                    "agents": agents,
                    "share": agents / float(profile.max()),
                }
            )
    columns = [*PEAKS.columns, *PEAKS.optional]
    return pd.DataFrame(rows, columns=columns) if rows else PEAKS.empty().assign(agents=0.0, share=0.0)


def two_shift(
    requirement: pd.DataFrame,
    teams: Iterable[Team],
    *,
    step: str = "30min",
    windows: pd.DataFrame | None = None,
    contracts: pd.DataFrame | None = None,
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
    them whole.

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT; a team's need is the sum of ``scheduled`` over its queues.
    teams : iterable of Team
        With the rules of each design; a team without rows in the requirement has no design.
    step : str
        Grid on which shifts begin and end.
    windows : pandas.DataFrame, optional
        Rush windows: team, start and end ("HH:MM"); found by `peaks` where not given.
    contracts : pandas.DataFrame, optional
        team, hours_min, hours_max [h], days_max: a pair fits if each contract of the team can reach its
        weekly hours with whole days of the early shift, and with whole days of the late one.
    price_short, price_over : float
        Price of an agent-half-hour too few, and too many.
    price_hour : float
        Price of a paid hour.

    Returns
    -------
    pandas.DataFrame
        SHIFTS, best first in each team: pairs that fit, under a hard rush those that cover most of it, then
        the cheapest. ``paid_hours`` of the table's days together [h]; ``short`` and ``over`` in
        agent-half-hours; ``rush_covered`` is 1 where there is no rush; ``fits`` true or false.

    Raises
    ------
    DataError
        Where a table is not in its form, a team has no rules, or no length is lawful.

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
    _need_rules(requirement, known)
    windows = peaks(requirement) if windows is None else check(windows, PEAKS)
    if contracts is not None:
        check(contracts, TERMS)
    prices = Prices(price_short, price_over, price_hour)
    ranked = []
    for name, team in known.items():
        if not (requirement["team"] == name).any():
            continue
        demand = covering.demand(requirement, name, team)
        pairs, covered, left = _lawful(demand, team, step, windows[windows["team"] == name])
        costed = [_costed(demand, team, both, prices) for both in pairs]
        table = pd.DataFrame(costed)
        table["rush_covered"] = covered
        if isinstance(team.rush, (int, float)):
            table["cost"] += team.rush * left / 30.0
        terms = [] if contracts is None else contracts[contracts["team"] == name].to_dict("records")
        table["fits"] = [_fits(both, terms) for both in pairs]
        ranked.append(_ranked(table, hard=team.rush == "hard"))
    return pd.concat(ranked, ignore_index=True) if ranked else SHIFTS.empty()


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
        asked, found = (covering.demand(raised, team.name, rule) for rule in (team, None))
        heaviest = mine.drop_duplicates("interval")
        at = covering.slots(heaviest["interval"], asked.dates[0], asked.minutes)
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
        _shift(name, team, _minute(row[f"{name}_start"]), _minute(row[f"{name}_end"]))
        for name in ("early", "late")
    )
    return early, late


def plan(
    requirement: pd.DataFrame,
    shifts: Iterable[Shift],
    *,
    teams: Iterable[Team] = (),
    price_short: float = 100.0,
    price_over: float = 1.0,
    price_hour: float = 1.0,
) -> pd.DataFrame:
    """Heads on each shift of each day that cover the need at least cost, as if nobody had a name.

    The covering program of `two_shift` for given shifts. Without breaks its matrix is one of intervals and
    the linear program ends in whole heads; otherwise heads are made whole by the solver.

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT.
    shifts : iterable of Shift
        Of every team in it.
    teams : iterable of Team
        Where a team has an evening rule, its need includes it.
    price_short, price_over, price_hour : float
        As in `two_shift`.

    Returns
    -------
    pandas.DataFrame
        PLAN: every date from the first to the last of the requirement.

    Raises
    ------
    DataError
        Where the table is not a REQUIREMENT or a team has no shifts.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="h", tz="Asia/Seoul", unit="us")
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times,
    ...                             "load": 1.0, "agents": [2, 5, 5, 3], "scheduled": [2, 5, 5, 3]})
    >>> early = Shift("early", "presales", dt.time(9), 3.0)
    >>> late = Shift("late", "presales", dt.time(10), 3.0)
    >>> plan(requirement, [early, late])["agents"].tolist()
    [2.0, 3.0]
    """
    prices = Prices(price_short, price_over, price_hour)
    tables = []
    for demand, own in _by_team(requirement, shifts, teams):
        cover = covering.cover(demand, own, prices)
        heads = _heads(cover)
        tables.append(
            pd.DataFrame(
                {
                    "team": demand.team,
                    "date": np.repeat(demand.dates, len(own)),
                    "shift": [shift.name for shift in own] * len(demand.dates),
                    "agents": heads.T.ravel(),
                }
            )
        )
    return pd.concat(tables, ignore_index=True) if tables else PLAN.empty()


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
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="h", tz="Asia/Seoul", unit="us")
    >>> requirement = pd.DataFrame({"queue": "calls", "team": "presales", "interval": times,
    ...                             "load": 1.0, "agents": [3, 5, 6, 2], "scheduled": [3, 5, 6, 2]})
    >>> shadow_prices(requirement, [Shift("early", "presales", dt.time(9), 3.0),
    ...                             Shift("late", "presales", dt.time(10), 3.0)])["price"].tolist()
    [-2.0, -2.0, 7.0, -2.0]
    """
    prices = Prices(price_short, price_over, price_hour)
    tables = []
    for demand, own in _by_team(requirement, shifts, teams):
        cover = covering.cover(demand, own, prices)
        duals = _to_the_end(lp.solve(lp.relaxed(cover.program))).duals
        assert duals is not None  # any need may stay short at its price, so there is always an end
        price = pd.Series(duals[: len(cover.slots)] - price_over * demand.unit, index=cover.slots)
        times = (
            requirement.loc[requirement["team"] == demand.team, "interval"].drop_duplicates().sort_values()
        )
        places = covering.slots(times, demand.dates[0], demand.minutes)
        table = pd.DataFrame({"team": demand.team, "interval": times, "need": demand.agents.ravel()[places]})
        table["price"] = price.reindex(places).to_numpy()
        tables.append(table[table["need"] > 0])
    empty = pd.DataFrame({"team": [], "interval": [], "need": [], "price": []})
    return pd.concat(tables, ignore_index=True) if tables else empty


def _average_day(demand: Demand) -> np.ndarray:
    """Mean need of the open days by time of day, from opening to closing."""
    days = max(int((demand.agents > 0).any(axis=1).sum()), 1)
    mean = np.roll(demand.agents.sum(axis=0) / days, -(demand.opens // demand.minutes))
    return mean[: (demand.closes - demand.opens) // demand.minutes]


def _windows(profile: np.ndarray, minutes: int) -> list[tuple[int, int]]:
    """First and behind-last interval of each rush of a day."""
    reach = math.ceil(SMOOTH / minutes) - 1
    weights = 1 - np.abs(np.arange(-reach, reach + 1)) * minutes / SMOOTH
    near = slice(reach, reach + len(profile))
    smooth = np.convolve(profile, weights)[near] / np.convolve(np.ones(len(profile)), weights)[near]
    found = []
    for top, height in enumerate(smooth):
        if height >= HIGH * smooth.max() and _prominence(smooth, top) >= PROMINENCE * smooth.max() > 0:
            low = np.flatnonzero(smooth <= LEVEL * height)
            first = int(low[low < top].max(initial=-1)) + 1
            last = int(low[low > top].min(initial=len(smooth)))
            found.append((first, last))
    return found


def _prominence(smooth: np.ndarray, top: int) -> float:
    """How far need falls on both sides of a top before it rises above it or the day ends."""
    height = smooth[top]
    # Of equal tops the first stands for all, so that a level stretch has one.
    before = np.flatnonzero(smooth[:top] >= height)
    after = np.flatnonzero(smooth[top + 1 :] > height)
    left = smooth[before[-1] if len(before) else 0 : top]
    right = smooth[top + 1 : top + 2 + after[0] if len(after) else None]
    return min((float(height - side.min()) for side in (left, right) if len(side)), default=0.0)


def _need_rules(requirement: pd.DataFrame, known: Mapping[str, object]) -> None:
    problems = [
        Problem(
            f"the team {name!r} has a need but no rules or shifts",
            "give them for every team of the requirement",
            REQUIREMENT.name,
            None,
            "team",
        )
        for name in sorted(set(requirement["team"]) - set(known))
    ]
    if problems:
        raise DataError(problems)


def _by_team(
    requirement: pd.DataFrame, shifts: Iterable[Shift], teams: Iterable[Team]
) -> list[tuple[Demand, list[Shift]]]:
    """Each team's need and shifts, in the order in which the shifts name the teams."""
    check(requirement, REQUIREMENT)
    own: dict[str, list[Shift]] = {}
    for shift in shifts:
        own.setdefault(shift.team, []).append(shift)
    _need_rules(requirement, own)
    rules = {team.name: team for team in teams}
    present = set(requirement["team"])
    return [
        (covering.demand(requirement, name, rules.get(name)), mine)
        for name, mine in own.items()
        if name in present
    ]


def _lawful(
    demand: Demand, team: Team, step: str, windows: pd.DataFrame
) -> tuple[list[tuple[Shift, Shift]], np.ndarray, np.ndarray]:
    """Lawful pairs, the share of the rush that each overlap covers, and the minutes of it that are left."""
    grid = round(pd.Timedelta(step) / pd.Timedelta(minutes=1))
    cell = math.gcd(grid, demand.minutes)
    starts, lengths = _candidates(demand, _lengths(team, grid), grid)
    cells = np.arange(0, DAY, cell)
    present = ((cells - starts[:, None]) % DAY < lengths[:, None]).astype(float)
    early, late = np.nonzero((starts[:, None] <= starts) & ((starts + lengths)[:, None] <= starts + lengths))
    need = np.repeat(demand.agents.sum(axis=0), demand.minutes // cell)
    if not need.any():
        need = ((cells - demand.opens) % DAY < demand.closes - demand.opens).astype(float)
    alone = present @ need
    reached = alone[early] + alone[late] - ((present * need) @ present.T)[early, late]
    kept = np.flatnonzero(reached >= need.sum() * (1 - 1e-9))
    if not len(kept):
        kept = np.sort(np.argsort(-reached, kind="stable")[:MOST])
    early, late = early[kept], late[kept]
    rush = np.zeros(len(cells))
    for window in windows.to_dict("records"):
        begin, end = _minute(window["start"]), _minute(window["end"])
        rush += (cells - begin) % DAY < ((end - begin) % DAY or DAY)
    both = ((present * rush) @ present.T)[early, late]
    covered = both / rush.sum() if rush.any() else np.ones(len(kept))
    pairs = [
        (
            _shift("early", team, starts[one], starts[one] + lengths[one]),
            _shift("late", team, starts[other], starts[other] + lengths[other]),
        )
        for one, other in zip(early, late, strict=True)
    ]
    return pairs, covered, (rush.sum() - both) * cell


def _lengths(team: Team, grid: int) -> np.ndarray:
    """Lawful lengths on the grid that have room for the team's breaks. [min]"""
    shortest, longest = (round(hours * 60) for hours in team.hours)
    room = max((round(pause.after_hours[1] * 60) + pause.minutes for pause in team.breaks), default=0)
    lengths = np.arange(math.ceil(max(shortest, room) / grid) * grid, longest + 1, grid)
    if not len(lengths):
        raise DataError(
            [
                Problem(
                    f"no shift of {team.hours[0]:g} to {team.hours[1]:g} h on a grid of {grid} min has room "
                    f"for the breaks of team {team.name!r}, which may end {room / 60:g} h after its start",
                    "widen hours, shorten the windows of the breaks, or take a finer step",
                    column="hours",
                )
            ]
        )
    return lengths


def _candidates(demand: Demand, lengths: np.ndarray, grid: int) -> tuple[np.ndarray, np.ndarray]:
    """Start and length of every shift worth a look: time before opening or after closing meets no need.

    Where the day is shorter than the shortest shift they may stick out; round the clock they start anywhere.
    """
    opens = demand.opens // grid * grid
    closes = -(-demand.closes // grid) * grid
    if closes - opens >= DAY:
        starts = np.arange(0, DAY, grid)
        return np.repeat(starts, len(lengths)), np.tile(lengths, len(starts))
    first, last = min(opens, closes - lengths[0]), max(closes, opens + lengths[0])
    found = [(start, length) for length in lengths for start in range(first, int(last - length) + 1, grid)]
    starts, long = np.array(found).T
    return starts, long


def _to_the_end(solution: lp.Solution) -> lp.Solution:
    """A design is ranked by what its program costs at the end, so half of one is worth nothing."""
    if solution.interrupted:
        raise KeyboardInterrupt
    return solution


def _costed(demand: Demand, team: Team, shifts: tuple[Shift, Shift], prices: Prices) -> dict[str, Any]:
    """One row of SHIFTS, without its rank."""
    cover = covering.cover(demand, shifts, prices)
    solution = _to_the_end(lp.solve(lp.relaxed(cover.program)))
    assert solution.values is not None  # any need may stay short at its price
    short = float(solution.values[len(cover.held) - len(cover.slots) :].sum()) * demand.unit
    held = float(cover.held @ solution.values) * demand.unit
    early, late = shifts
    return {
        "team": team.name,
        "early_start": _clock(early.start_minute),
        "early_end": _clock(early.end_minute),
        "late_start": _clock(late.start_minute),
        "late_end": _clock(late.end_minute),
        "paid_hours": max(float(cover.paid @ solution.values), 0.0),
        "cost": max(solution.cost, 0.0),
        "short": short,
        "over": max(held - float(demand.agents.sum()) * demand.unit + short, 0.0),
    }


def _ranked(table: pd.DataFrame, *, hard: bool) -> pd.DataFrame:
    """Best first; costs that differ by less than a millionth are ties, which the wider overlap wins."""
    order = pd.DataFrame(
        {
            "misfit": ~table["fits"],
            "uncovered": -table["rush_covered"].round(9) if hard else 0.0,
            "cost": table["cost"].round(6),
            "left": -table["rush_covered"].round(9),
            "paid": table["paid_hours"].round(6),
        }
    )
    ranked = table.loc[order.sort_values(list(order.columns), kind="stable").index].reset_index(drop=True)
    ranked["rank"] = np.arange(1, len(ranked) + 1)
    return ranked[[*SHIFTS.columns, "fits"]]


def _fits(shifts: tuple[Shift, Shift], terms: list[dict[Any, Any]]) -> bool:
    """Whether each contract reaches its weekly hours with whole days of either shift."""
    return all(
        any(
            term["hours_min"] - 1e-9 <= days * shift.paid_hours <= term["hours_max"] + 1e-9
            for days in range(int(term["days_max"]) + 1)
        )
        for term in terms
        for shift in shifts
    )


def _heads(cover: Cover) -> np.ndarray:
    """Whole heads of each shift and date: the linear program's where they are whole, else the solver's."""
    values = _to_the_end(lp.solve(lp.relaxed(cover.program))).values
    assert values is not None  # any need may stay short at its price
    heads = values[cover.heads]
    if np.abs(heads - np.rint(heads)).max(initial=0.0) > 1e-6:
        values = _to_the_end(lp.solve(cover.program)).values
        assert values is not None
        heads = values[cover.heads]
    return np.rint(heads)


def _shift(name: str, team: Team, begin: int, end: int) -> Shift:
    start = int(begin) % DAY
    hours = ((int(end) - int(begin)) % DAY or DAY) / 60
    return Shift(name, team.name, dt.time(start // 60, start % 60), hours, team.breaks)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
