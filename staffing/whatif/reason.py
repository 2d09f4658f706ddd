"""Why somebody works on a day: the week planned again with that forbidden."""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from staffing import roster, verify
from staffing.errors import DataError, PlanError, Problem
from staffing.model import Roster
from staffing.tables import REQUESTS
from staffing.whatif.facts import facts
from staffing.whatif.parts import part_of

SMALL = 1e-6
WEEK = 7
MOST = 8  # people named in a message
SWAPS = frozenset(inspect.signature(roster.swaps).parameters)  # what a solver is told is more
TRAINING = ("training", "one_to_one")  # activities that stand at a time of their own


@dataclasses.dataclass(frozen=True)
class Why:
    """Why somebody works on a day, or is free.

    Parameters
    ----------
    agent, name : str
        Of whom.
    date : datetime.date
        Which day.
    works : str
        The shift and its hours in words; ``OFF`` where the day is free.
    shift : str
        The other shift that was asked about; empty: work or a free day.
    facts : tuple of str
        What stands about the person and the day: the week, last week, leave, wishes, half hours.
    ways : pandas.DataFrame
        way (few changes; planned anew), cost [agent-half-hours] (at the price of a short one, more than the
        roster that stands, changes not counted), least [agent-half-hours] (no roster of that way costs less
        more), short [agent-half-hours], wishes [days] (not granted, more than now), days (of people that
        change).
    parts : pandas.DataFrame
        part, before, after, change [agent-half-hours] (at the price of a short one), of the way with few
        changes.
    changes : pandas.DataFrame
        agent, name, date, before, after, why: the way with few changes.
    gaps : pandas.DataFrame
        queue, interval, scheduled, before, after, change: half hours with another number of people, there.
    wishes : pandas.DataFrame
        agent, date, kind, shift, price: wishes no longer granted, there.
    swaps : pandas.DataFrame
        As `staffing.roster.swaps` gives them; without rows where the day is free.
    barred : tuple of str
        Where no week allows it to be otherwise: what to relax.
    gap : float
        How well the roster that stands is known: its own cost against the bound. [agent-half-hours]
    """

    agent: str
    name: str
    date: dt.date
    works: str
    shift: str
    facts: tuple[str, ...]
    ways: pd.DataFrame
    parts: pd.DataFrame
    changes: pd.DataFrame
    gaps: pd.DataFrame
    wishes: pd.DataFrame
    swaps: pd.DataFrame
    barred: tuple[str, ...]
    gap: float


def why(
    assignments: pd.DataFrame,
    agent: str,
    date: dt.date,
    given: Mapping[str, Any],
    *,
    segments: pd.DataFrame | None = None,
    shift: str | None = None,
    frozen_until: dt.date | None = None,
    price_change: float | None = None,
    time_limit: float | None = 60.0,
    progress: Callable[[str], None] | None = None,
) -> Why:
    """Why somebody works on a day (or not): plan again with that forbidden, and compare.

    The roster that stands is measured first, with its own people on their own days. Then the day is
    forbidden (or, where it is free, locked; or locked to another shift): with few changes, and planned anew.

    Parameters
    ----------
    assignments : pandas.DataFrame
        ASSIGNMENTS, the whole roster.
    agent : str
        Of whom: the id, a name that only one person has, or a part of a name that no other has.
    date : datetime.date
        Which day.
    given : dict
        What `staffing.roster.assign` was given, by the names of its parameters: demand, shifts, agents, rules
        and the rest.
    segments : pandas.DataFrame, optional
        SEGMENTS of the roster as it was published: its queues, breaks and planned training stand; without it
        they are placed again, and may lie elsewhere.
    shift : str, optional
        Why not on this shift: why late again, for example, is ``shift="early"``.
    frozen_until : datetime.date, optional
        First day that may be otherwise: days before it stay in both ways, no swap touches them, and nothing
        is planned for a question about one of them.
    price_change : float, optional
        Of a changed day of a person; default: that of two short agent-half-hours.
    time_limit : float, optional
        Longest time in the solver, for each of three plans. [s]
    progress : callable, optional
        Told one line before each plan.

    Returns
    -------
    Why
        Ways, their parts and changes, swaps; or which rules bar it.

    Raises
    ------
    DataError
        Where the tables are wrong, or the agent, the date or the shift is unknown.
    PlanError
        Where the roster that stands breaks a rule itself.
    SolverError
        No roster in time.

    Examples
    --------
    >>> from staffing.model import Limit, Rules, Shift
    >>> hours = pd.date_range("2026-11-30 08:00", periods=12, freq="30min", tz="Asia/Seoul", unit="us")
    >>> demand = pd.DataFrame({"queue": "chat", "team": "shop", "interval": hours, "load": 0.5, "agents": 1.0,
    ...                        "scheduled": 1.0})
    >>> people = pd.DataFrame({"agent": ["006", "007"], "name": ["김민지", "Amina"], "team": "shop",
    ...                        "contract": "full", "hours_week": 6.0})
    >>> given = {"demand": demand, "shifts": [Shift("early", "shop", dt.time(8), 6)], "agents": people,
    ...          "rules": Rules(hours_week=Limit(max=6))}
    >>> made = roster.assign(**given)
    >>> made.assignments["agent"].tolist()
    ['007']
    >>> told = why(made.assignments, "007", dt.date(2026, 11, 30), given)
    >>> told.works, told.ways["cost"].tolist(), told.swaps["agent"].tolist()
    ('early 08:00-14:00', [0.0, 0.0], ['006'])
    >>> told.changes[["agent", "after"]].to_numpy().tolist()
    [['006', 'early 08:00-14:00'], ['007', 'OFF']]
    """
    say = progress or (lambda text: None)
    given = {**given, "time_limit": time_limit}
    first, days = _first_day(given), int(given.get("days", 7))
    agent = _known(agent, date, given, first, days, shift)
    say("measuring the roster that stands")
    until = first + dt.timedelta(days=days)
    stands = roster.assign(**given, keep=assignments, kept=segments, frozen_until=until)
    own = assignments[(assignments["agent"] == agent) & (assignments["date"] == pd.Timestamp(date))]
    works = "OFF" if own.empty else verify.diff(own, own.iloc[:0])["before"].iloc[0]
    if len(own) and shift in set(own["shift"]):
        raise DataError([Problem(f"{agent!r} is on {shift} on {date}", "ask about another shift, or none")])
    kind = "forbid" if len(own) and shift is None else "lock"
    past = frozen_until is not None and date < frozen_until
    to_swap = assignments.iloc[:0] if own.empty or past else assignments
    swaps = _swaps(to_swap, stands.segments, agent, date, {**given, "frozen_until": frozen_until})
    asked = {**given, "requests": _with_request(given.get("requests"), agent, date, kind, shift or "")}
    barred: tuple[str, ...] = ()
    found: list[tuple[str, Roster]] = []
    kept: dict[str, Any] = {"keep": assignments, "kept": stands.segments, "frozen_until": frozen_until}
    told = facts(assignments, stands.segments, agent, date, given)
    held = frozen_until is not None and frozen_until > first
    if held:
        told.append(f"days before {frozen_until:%a %Y-%m-%d} are frozen: nothing below changes or swaps them")
    try:
        if past:  # It would stay whatever is asked, and planning again would only seem to answer.
            raise PlanError(["The day is frozen: the plan could no longer change it"])
        say("planning with few changes")
        found.append(("few changes", roster.assign(**asked, **kept, price_change=price_change)))
        say("planning anew")
        anew = kept | {"price_change": 0.0} if held else {}
        found.append(("planned anew", roster.assign(**asked, **anew)))
    except PlanError as error:
        asks: dict[str, Any] = {"shift": shift or "", "away": _is_away(agent, date, given.get("timeoff"))}
        barred = tuple(_without_asking(reason, kind, date, agent, **asks) for reason in error.reasons)
    few = found[0][1] if found else stands
    changes = _changes(assignments, stands, few, asked)
    asked_here = (changes["agent"] == agent) & (changes["date"] == pd.Timestamp(date))
    changes.loc[asked_here, "why"] = "as asked here"
    return Why(
        agent=agent,
        name=str(given["agents"].set_index("agent").at[agent, "name"]),
        date=date,
        works=works,
        shift=shift or "",
        facts=tuple(told),
        ways=_ways(found, stands, assignments),
        parts=_parts(stands, few),
        changes=changes,
        gaps=_there(verify.diff_gaps(stands.segments, few.segments, given["demand"]), changes),
        wishes=_lost(stands, few, given, first, days),
        swaps=swaps,
        barred=barred,
        gap=stands.gap,
    )


def _without_asking(reason: str, kind: str, date: dt.date, agent: str, *, shift: str, away: bool) -> str:
    """What to relax but for the question itself; the head goes where it only names the person asked about."""
    head, listed, told = reason.partition("cheapest first: ")
    if listed and head.startswith(f"no lawful week for {agent!r} ("):
        head = "To relax, "
    if not listed:
        return reason
    others = "forbid" if kind == "lock" else "lock"
    own = f"drop the {kind} ({shift}) on" if shift else f"drop the {kind} on"
    told = told.replace("drop the lock or the forbid on", f"drop the {others} on")
    ways = [way for way in told.split("; or ") if f"{own} {date:%a} {date}" not in way]
    if not ways:
        left = "Nothing is left to relax: the team may have no shift on that day"
        if away:
            left = "It is a day of leave, whose hours count as worked: move or shorten the leave"
        return f"{head.removesuffix('To relax, ')}{left}"
    return f"{head}cheapest first: {'; or '.join(ways)}"


def _is_away(agent: str, date: dt.date, timeoff: pd.DataFrame | None) -> bool:
    """Whether somebody is on leave on a day."""
    if timeoff is None:
        return False
    day = pd.Timestamp(date)
    own = timeoff[timeoff["agent"] == agent]
    return bool(((own["start"] <= day) & (own["end"] >= day)).any())


def _there(gaps: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Half hours of the days that change; on others breaks may lie elsewhere at the same cost."""
    zone = gaps["interval"].dt.tz
    near = pd.Series(False, index=gaps.index)
    for date in changes["date"].unique():
        begin = pd.Timestamp(date).tz_localize(zone)
        near |= (gaps["interval"] >= begin) & (gaps["interval"] < begin + pd.Timedelta(hours=36))
    return gaps[near].reset_index(drop=True)


def _lost(stands: Roster, few: Roster, given: Mapping[str, Any], first: dt.date, days: int) -> pd.DataFrame:
    """Wishes that one roster grants and the other does not."""
    requests = given.get("requests")
    table = REQUESTS.empty() if requests is None else requests
    counted: dict[str, Any] = {"timeoff": given.get("timeoff"), "start": first, "days": days}
    before, after = (verify.wishes(made.assignments, table, **counted) for made in (stands, few))
    key = ["agent", "date", "kind", "shift"]
    known = set(before[key].itertuples(index=False, name=None))
    new = [row not in known for row in after[key].itertuples(index=False, name=None)]
    return after[new].reset_index(drop=True)


def _swaps(
    assignments: pd.DataFrame, segments: pd.DataFrame, agent: str, date: dt.date, given: Mapping[str, Any]
) -> pd.DataFrame:
    """Swaps of a day among those without planned training; none where no single week is planned."""
    trained = set(segments.loc[segments["activity"].isin(TRAINING), "agent"])
    if assignments.empty or agent in trained or given.get("days", WEEK) > WEEK:
        return pd.DataFrame({"agent": [], "what": [], "days": [], "cost": []}).astype(
            {"agent": "str", "what": "str", "days": "int64", "cost": "float64"}
        )
    known = {name: given[name] for name in given if name in SWAPS}
    found = roster.swaps(assignments, agent, date, **known)
    return found[~found["agent"].isin(trained)].reset_index(drop=True)


def _first_day(given: Mapping[str, Any]) -> dt.date:
    start = given.get("start")
    return start if start is not None else given["demand"]["interval"].min().date()


def _known(
    agent: str, date: dt.date, given: Mapping[str, Any], first: dt.date, days: int, shift: str | None
) -> str:
    """The id of the person, by id or name."""
    found, agents = [], given["agents"]
    named = agents.loc[agents["name"] == agent, "agent"].tolist() or _called(agent, agents)["agent"].tolist()
    if agent not in set(agents["agent"]) and len(named) == 1:
        agent = named[0]
    if agent not in set(agents["agent"]):
        found.append(Problem(f"the agent {agent!r} is unknown", _near(agent, agents)))
    last = first + dt.timedelta(days=days - 1)
    if not first <= date <= last:
        found.append(Problem(f"{date} is no day of this roster", f"give a day from {first} to {last}"))
    names = sorted({one.name for one in given["shifts"]})
    if shift is not None and shift not in names:
        found.append(Problem(f"no shift is named {shift!r}", f"write {' or '.join(names)}"))
    if found:
        raise DataError(found)
    return agent


def _called(part: str, agents: pd.DataFrame) -> pd.DataFrame:
    """Those whose name has a part, whatever its case; nobody for a number, which is a mistyped id."""
    sought = part.strip().casefold()
    if not sought or sought.isdigit():
        return agents.iloc[:0]
    return agents[[sought in name.casefold() for name in agents["name"]]]


def _near(agent: str, agents: pd.DataFrame) -> str:
    """Whose id or name is meant."""
    same = agents.loc[agents["name"] == agent, "agent"]
    if len(same):
        return f"{len(same)} people have this name: give the id, {' or '.join(same)}"
    several = _called(agent, agents)
    if len(several):
        listed = [f"{one} {name}" for one, name in zip(several["agent"], several["name"], strict=True)]
        more = f" or {len(listed) - MOST} more" if len(listed) > MOST else ""
        return f"{len(listed)} people are called so: give the id, {' or '.join(listed[:MOST])}{more}"
    names = dict(zip(agents["name"], agents["agent"], strict=True))
    alike = [known for known in agents["agent"] if known.lstrip("0") == agent.lstrip("0")]
    alike += difflib.get_close_matches(agent, list(agents["agent"]), 1)
    alike += [names[name] for name in difflib.get_close_matches(agent, list(names), 1)]
    return f"did you mean {alike[0]!r}?" if alike else "give an id of the agents' list"


def _with_request(
    requests: pd.DataFrame | None, agent: str, date: dt.date, kind: str, shift: str
) -> pd.DataFrame:
    """The requests with one more for a single day; that day's own hard ones of the agent give way."""
    table = REQUESTS.empty() if requests is None else requests
    day = pd.Timestamp(date).as_unit("us")
    one = {"agent": [agent], "start": [day], "end": [day], "kind": [kind], "shift": [shift]}
    row = pd.DataFrame(one).astype({"start": "datetime64[us]", "end": "datetime64[us]"})
    same = (table[list(REQUESTS.key)] == row.loc[0, list(REQUESTS.key)]).all(axis=1)
    return pd.concat([table[~same], row], ignore_index=True) if len(table) else row


def _ways(found: Iterable[tuple[str, Roster]], stands: Roster, assignments: pd.DataFrame) -> pd.DataFrame:
    price = stands.price_short
    rows = []
    for way, made in found:
        changes = part_of(made, "changes")
        least = made.bound - (changes if way == "few changes" else 0.0) - stands.cost
        rows.append(
            (
                way,
                (made.cost - changes - stands.cost) / price,
                least / price,
                part_of(made, "shortage", "amount") - part_of(stands, "shortage", "amount"),
                part_of(made, "wishes", "amount") - part_of(stands, "wishes", "amount"),
                len(verify.diff(assignments, made.assignments)),
            )
        )
    table = pd.DataFrame(rows, columns=["way", "cost", "least", "short", "wishes", "days"])
    numbers = dict.fromkeys(("cost", "least", "short", "wishes"), "float64")
    return table.astype({"way": "str", "days": "int64", **numbers}).round(6)


def _parts(stands: Roster, made: Roster) -> pd.DataFrame:
    before, after = (some.objective["cost"] / stands.price_short for some in (stands, made))
    table = stands.objective[["part"]].assign(before=before, after=after)
    table = table[~table["part"].isin(["changes"])].assign(change=lambda some: some["after"] - some["before"])
    return table[table["change"].abs() > SMALL].reset_index(drop=True)


def _changes(
    assignments: pd.DataFrame, stands: Roster, made: Roster, given: Mapping[str, Any]
) -> pd.DataFrame:
    return verify.changes(
        assignments, made.assignments, made.segments, given["demand"], given["agents"],
        kept=stands.segments, timeoff=given.get("timeoff"), requests=given["requests"],
    )  # fmt: skip
