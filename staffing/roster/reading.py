"""Tables in, a `Case` out: checked, on one grid, and without names that later steps would need."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from staffing import calendar, tables
from staffing.errors import DataError, Problem
from staffing.model import Limit, Pair, Rules, Shift, Team, Training, parts
from staffing.roster import carrying, keeping, pairs, people, sessions
from staffing.roster.case import WEEK, Case, Menu, Need, Sums
from staffing.roster.prices import OVER, SHORT, by_share
from staffing.roster.worth import Aim, measured

KINDS = ("want", "avoid", "lock", "forbid")


@dataclass(frozen=True)
class Given:
    """What was handed in; optional tables are empty ones."""

    demand: pd.DataFrame
    agents: pd.DataFrame
    skills: pd.DataFrame
    timeoff: pd.DataFrame
    requests: pd.DataFrame
    previous: pd.DataFrame
    keep: pd.DataFrame
    kept: pd.DataFrame
    carried: pd.DataFrame


def checked(
    given: Mapping[str, pd.DataFrame | None],
    shifts: Sequence[Shift],
    rules: Rules | Mapping[str, Rules],
    *,
    days: int,
    of_plan: bool = False,
    together: Iterable[Pair] = (),
) -> Given:
    """Hold every table against its contract and the tables against each other; all problems at once."""
    contracts = {
        "demand": tables.PLAN if of_plan else tables.REQUIREMENT,
        "agents": tables.AGENTS, "skills": tables.SKILLS,
        "timeoff": tables.TIMEOFF, "requests": tables.REQUESTS, "previous": tables.ASSIGNMENTS,
        "keep": tables.ASSIGNMENTS, "kept": tables.SEGMENTS, "carried": tables.SEGMENTS,
    }  # fmt: skip
    found: list[Problem] = []
    kept: dict[str, pd.DataFrame] = {}
    for name, contract in contracts.items():
        table = given.get(name)
        kept[name] = contract.empty() if table is None else table
        try:
            tables.check(kept[name], contract)
        except DataError as error:
            found += error.found
    if days < 1:
        found.append(Problem(f"days={days} is no day", "give at least 1 day"))
    if not found:
        found = [
            *_odd_shifts(shifts, kept["agents"]),
            *_odd_rules(rules, kept["agents"], shifts),
            *_odd_requests(kept["requests"], shifts),
            *_odd_spans(kept["timeoff"], "TIMEOFF"),
            *_odd_spans(kept["requests"], "REQUESTS"),
            *_odd_parts(kept["requests"]),
            *pairs.odd(together, kept["agents"]),
        ]
    if found:
        raise DataError(found)
    return Given(**kept)


def _odd_shifts(shifts: Sequence[Shift], agents: pd.DataFrame) -> list[Problem]:
    names = [(shift.team, shift.name) for shift in shifts]
    found = [
        Problem(f"team {team!r} has two shifts named {name!r}", "name them apart")
        for team, name in sorted({pair for pair in names if names.count(pair) > 1})
    ]
    idle = agents.loc[~agents["team"].isin([shift.team for shift in shifts]), "team"]
    return found + [
        Problem(f"team {team!r} has {count} agents and no shift", "give the shifts of the team")
        for team, count in idle.value_counts().sort_index().items()
    ]


def _odd_rules(
    rules: Rules | Mapping[str, Rules], agents: pd.DataFrame, shifts: Sequence[Shift]
) -> list[Problem]:
    each = [rules] if isinstance(rules, Rules) else list(rules.values())
    names = sorted({shift.name for shift in shifts})
    found = [
        Problem(f"{rule} names the shift {name!r}, which nobody works", f"write {', '.join(names)}")
        for rule in ("shifts_week", "fair_shifts")
        for name in sorted({name for some in each for name in getattr(some, rule)} - set(names))
    ]
    banned = {(name, later) for some in each for name, then in some.not_after.items() for later in then}
    found += [
        Problem(f"not_after names the shift {name!r}, which nobody works", f"write {', '.join(names)}")
        for name in sorted({name for both in banned for name in both} - set(names))
    ]
    turns = {name for some in each if some.rotation is not None for name in some.rotation.words}
    found += [
        Problem(f"rotation names {name!r}, a shift that nobody works", f"write {', '.join(names)}, on or off")
        for name in sorted(turns - set(names))
    ]
    if isinstance(rules, Rules):
        return found
    return found + [
        Problem(f"the contract {contract!r} has no rules", f"give Rules for it beside {', '.join(rules)}")
        for contract in sorted(set(agents["contract"]) - set(rules))
    ]


def _odd_requests(requests: pd.DataFrame, shifts: Sequence[Shift]) -> list[Problem]:
    names = sorted({shift.name for shift in shifts})
    odd_kind = requests.loc[~requests["kind"].isin(KINDS), "kind"]
    odd_shift = requests.loc[~requests["shift"].isin(["", *names]), "shift"]
    return [
        Problem(f"{kind!r} is no kind of request", f"write {', '.join(KINDS)}", "REQUESTS", row, "kind")
        for row, kind in zip(_lines(odd_kind), odd_kind, strict=True)
    ] + [
        Problem(f"no shift is named {name!r}", f"write {', '.join(names)}, or ''", "REQUESTS", row, "shift")
        for row, name in zip(_lines(odd_shift), odd_shift, strict=True)
    ]


def _odd_parts(requests: pd.DataFrame) -> list[Problem]:
    """Cells about parts of the day and days of the week that say nothing."""
    found = []
    for name, read in (("hours", parts.hours), ("weekdays", parts.weekdays)):
        for row, cell in requests[name].dropna().items() if name in requests else ():
            try:
                read(cell)
            except ValueError as error:
                label = row if isinstance(row, int) else None
                found.append(Problem(str(error), parts.EXAMPLES[name], "REQUESTS", label, name))
    return found


def _odd_spans(table: pd.DataFrame, contract: str) -> list[Problem]:
    odd = table.loc[table["end"] < table["start"], "end"]
    return [
        Problem("the end lies before the start", "write the last day of the range", contract, row, "end")
        for row in _lines(odd)
    ]


def _lines(odd: pd.Series) -> list[int | None]:
    return [label if isinstance(label, int) else None for label in odd.index]


def read(
    given: Given,
    shifts: Sequence[Shift],
    rules: Rules | Mapping[str, Rules],
    *,
    start: dt.date | None,
    days: int,
    frozen_until: dt.date | None = None,
    price_change: float | None = None,
    teams: Iterable[Team] = (),
    seats: int | None = None,
    aim: Aim = Aim(),  # noqa: B008 - frozen
    together: Iterable[Pair] = (),
    trainings: Sequence[Training] = (),
    follows: bool = False,
) -> Case:
    """Turn checked tables into arrays; people whom the agents' table does not know are passed over.

    Where a planned week ``follows``, what the last nights meet of it is open too, and stands in ``onward``.
    """
    timezone = str(given.demand["interval"].dt.tz)
    if start is None:
        if given.demand.empty:
            raise DataError([Problem("the demand is empty, so the week has no first day", "give start=")])
        start = given.demand["interval"].min().date()
    first = dt.date(start.year, start.month, start.day)
    if isinstance(rules, Rules):
        rules = dict.fromkeys(sorted({*given.agents["contract"], ""}), rules)
    prices = next(iter(rules.values()))
    seniors, together = seniors_of(teams, given.agents), tuple(together)
    menus = _menus(shifts, first, days, timezone)
    need, onward = _need(given.demand, menus, first, days, timezone, prices, aim, follows=follows)
    stands = people.standing(given.timeoff, given.previous, given.agents, first, days, timezone)
    change = keeping.CHANGE * prices.price_short if price_change is None else price_change
    kept = keeping.kept(
        given.keep, given.agents, menus, first, days, timezone, frozen_until=frozen_until, price=change
    )
    asked = sessions.asked(trainings, given.agents, first, days, timezone, need.minutes)
    rooms = sessions.of_people(asked, given.agents, menus, days, need.minutes)
    return Case(
        start=first,
        days=days,
        timezone=timezone,
        need=need,
        menus=menus,
        groups=people.groups(
            given.agents,
            given.skills,
            given.requests,
            stands,
            menus,
            need,
            rules,
            kept,
            seniors,
            frozenset(agent for pair in together for agent in pair.agents),
            rooms,
        ),
        leave=stands.leave,
        unemployed=stands.unemployed,
        had=stands.had,
        price_short=prices.price_short,
        seniors=seniors,
        seats=seats,
        pairs=together,
        sessions=asked,
        carried=carrying.read(given.carried, calendar.at(first, 0, timezone)),
        onward=onward,
    )


def seniors_of(teams: Iterable[Team], agents: pd.DataFrame) -> dict[str, Limit]:
    """Team -> its rule about seniors, for the teams that have agents and such a rule."""
    limits = {team.name: team.senior_per_interval for team in teams}
    asked = {
        name: limit
        for name, limit in sorted(limits.items())
        if limit is not None and limit.min and name in set(agents["team"])
    }
    known = {row.team for row in agents.itertuples(index=False) if people.is_senior(row)}
    nobody = [
        Problem(
            f"team {name!r} needs a senior in every open interval, and none of its agents is one",
            "mark its seniors in the column senior, or take senior_per_interval out",
            "AGENTS",
            column="senior",
        )
        for name in asked
        if name not in known
    ]
    if nobody:
        raise DataError(nobody)
    return asked


def _menus(shifts: Sequence[Shift], first: dt.date, days: int, timezone: str) -> dict[str, Menu]:
    origin = calendar.at(first, 0, timezone)
    menus = {}
    for team in sorted({shift.team for shift in shifts}):
        own = tuple(
            sorted((some for some in shifts if some.team == team), key=lambda some: (some.start, some.name))
        )
        start, end, paid = (np.zeros((WEEK, len(own))) for _ in range(3))
        for day in range(days):
            date = first + dt.timedelta(days=day)
            for at, shift in enumerate(own):
                start[day, at] = people.minutes(calendar.at(date, shift.start_minute, timezone) - origin)
                end[day, at] = people.minutes(calendar.at(date, shift.end_minute, timezone) - origin)
                unpaid = sum(pause.minutes for pause in shift.breaks if not pause.paid)
                paid[day, at] = end[day, at] - start[day, at] - unpaid
        menus[team] = Menu(own, start, end, paid)
    return menus


def _need(
    demand: pd.DataFrame,
    menus: Mapping[str, Menu],
    first: dt.date,
    days: int,
    timezone: str,
    prices: Rules,
    aim: Aim,
    *,
    follows: bool,
) -> tuple[Need, Need | None]:
    """The need of a week, and the same with what its last nights meet of a week that follows."""
    length = tables.interval_minutes(demand) if len(demand) else 30
    origin = calendar.at(first, 0, timezone)
    end = people.minutes(calendar.at(first + dt.timedelta(days=days), 0, timezone) - origin)
    elapsed = (demand["interval"] - origin).dt.total_seconds().to_numpy() / 60.0
    last = max([end, *(float(menu.end.max()) for menu in menus.values())])
    inside = (elapsed >= 0) & (elapsed < (last if follows else end))
    rows, elapsed = demand[inside], elapsed[inside]
    odd = np.flatnonzero(elapsed % length)
    if odd.size:
        moment = rows["interval"].iloc[int(odd[0])]
        raise DataError(
            [Problem(f"{moment} is not on a grid of {length} min", "start intervals on the grid")]
        )
    named = rows[["queue", "team"]].drop_duplicates("queue").sort_values("queue")
    shape, intervals = (len(named), math.ceil(last / length)), math.ceil(end / length)
    where = (named["queue"].searchsorted(rows["queue"]), (elapsed // length).astype(int))
    known = np.zeros(shape, dtype=bool)
    known[where] = True

    def of(some: np.ndarray, own_aim: Aim, free: int) -> Need:
        """From some of the rows; surplus costs nothing from an interval on."""
        here, place = rows[some], (where[0][some], where[1][some])
        heads = np.zeros(shape)
        heads[place] = here["scheduled"].to_numpy(dtype=float)
        price = {
            "price_short": np.full(shape, prices.price_short),
            "price_over": np.full(shape, prices.price_over),
        }
        price["price_over"][:, free:] = 0.0
        for name in price.keys() & set(here.columns):
            own = here[name].to_numpy(dtype=float)
            price[name][place] = np.where(np.isnan(own), price[name][place], own)
        share = length / 30.0
        by_need = Need(
            tuple(named["queue"]), tuple(named["team"]), length, intervals, heads, heads, known,
            price["price_short"] * share, price["price_over"] * share,
            by_share(heads, SHORT), by_share(heads, OVER), Sums.none(heads.shape, len(OVER)),
        )  # fmt: skip
        return measured(by_need, here, place, own_aim)

    # What a last night shift does after the week's end is next week's business: it is not too many.
    need = of(elapsed < end, aim, intervals)
    if not (elapsed >= end).any():
        return need, None
    # Only as a guide, so a target over a longer time holds in each interval there.
    alone = aim if aim.curve is None else dataclasses.replace(aim, target="interval")
    return need, of(np.ones(len(rows), dtype=bool), alone, shape[1])
