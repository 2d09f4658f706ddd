"""What else could be changed: a third start, other lengths, other opening hours; each at its exact cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from staffing.designing import case, pairs, rush
from staffing.designing.case import Aim
from staffing.designing.covering import Prices, Task
from staffing.designing.need import DAY, clock
from staffing.model import Shift, Team

HOUR = 60  # minutes by which lengths and opening hours are tried
LONGEST, SHORTEST = 12.0, 4.0  # hours of presence beyond which no lever goes
EXACT = 8  # ways that do best on a typical day, costed over all days
SHORTER = 60  # pairs of longer shifts, those with fewest hours in all, that are looked at for the rush
WORTH = 0.005  # share of the paid hours from which a lever is worth a sentence
TWO = "two shifts"
RUSH = "cover the rush"

Ways = Mapping[str, tuple[Shift, ...]]


class Study(NamedTuple):
    """What one team is to cover, on all days and on a typical one, and by what its designs are told apart."""

    requirement: pd.DataFrame
    team: Team
    aim: Aim
    whole: Task
    day: Task
    step: str
    prices: Prices
    terms: list[dict[Any, Any]]
    windows: pd.DataFrame

    def without(self, shut: np.ndarray, opens: int, closes: int) -> Study:
        """The same with some intervals of the day closed, shape (intervals of a day,)."""
        demand = self.whole.demand
        less = replace(demand, agents=np.where(shut, 0.0, demand.agents), opens=opens, closes=closes)
        minutes = self.requirement["interval"].dt.hour * 60 + self.requirement["interval"].dt.minute
        rows = self.requirement[~shut[minutes // demand.minutes]]
        task = self.whole._replace(demand=less, service=case.service_of(rows, less, self.team, self.aim))
        day = case.typical(task, rows, self.team, self.aim)
        return self._replace(requirement=rows, whole=task, day=day)


def study(
    requirement: pd.DataFrame,
    team: Team,
    aim: Aim,
    items: pd.DataFrame | None,
    step: str,
    prices: Prices,
    terms: list[dict[Any, Any]],
    windows: pd.DataFrame,
) -> Study:
    """Everything that the levers of a team are costed with.

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT.
    team : Team
        With its rules.
    aim : Aim
        Over what the targets must hold.
    items : pandas.DataFrame or None
        WORKLOAD of the team.
    step : str
        Grid of starts and ends.
    prices : Prices
        Of shortage, surplus and paid hours.
    terms : list of dict
        Hours and days of the team's contracts.
    windows : pandas.DataFrame
        PEAKS of the team.

    Returns
    -------
    Study
        Of the team's own rows.
    """
    rows = requirement[requirement["team"] == team.name]
    whole = case.task(rows, team.name, team, aim, items)
    return Study(rows, team, aim, whole, case.typical(whole, rows, team, aim), step, prices, terms, windows)


def table(study: Study, both: tuple[Shift, Shift], reach: float) -> pd.DataFrame:
    """The pair as it is and every lever, costed; best first.

    Parameters
    ----------
    study : Study
        Of the team.
    both : tuple of Shift
        The pair that stands.
    reach : float
        Most of the rush that the overlap of a lawful pair covers. [0-1]

    Returns
    -------
    pandas.DataFrame
        As `staffing.shifts.levers` gives it.
    """
    base = _costed(study, TWO, _spoken(both), both)
    rows = [
        _best(study, "third start", _thirds(study, both)),
        _lengths(study, "longer shifts"),
        _lengths(study, "shorter shifts"),
        _doors(study, "open later"),
        _doors(study, "close earlier"),
    ]
    # What the rush is worth is a rule's matter: only who has the rule is told what would keep it.
    if study.team.rush is not None and reach < 1 - 1e-9:
        rows.append(_whole_rush(study, both, base["rush_covered"]))
    found = pd.DataFrame([row for row in rows if row is not None])
    if len(found):
        found = found.assign(left=found["short"].round(6), dear=found["cost"].round(6))
        found = found.sort_values(["left", "dear"], kind="stable")
    whole = pd.concat([pd.DataFrame([base]), found], ignore_index=True).assign(team=study.team.name)
    whole["hours_saved"] = base["paid_hours"] - whole["paid_hours"]
    whole["saved"] = base["cost"] - whole["cost"]
    return whole[list(empty().columns)]


def empty() -> pd.DataFrame:
    """The table without a row."""
    texts = {name: pd.Series(dtype="str") for name in ("team", "lever", "detail")}
    sums = ("paid_hours", "hours_saved", "cost", "saved", "need_hours", "short", "rush_covered")
    return pd.DataFrame(
        texts | {name: pd.Series(dtype=float) for name in sums} | {"fits": pd.Series(dtype=bool)}
    )


def sentences(table: pd.DataFrame) -> list[str]:
    """One team's levers in words.

    Parameters
    ----------
    table : pandas.DataFrame
        As `table` gives it.

    Returns
    -------
    list of str
        What the pair cannot cover and the cheapest way out of it, then what saves.
    """
    base = table.iloc[0]
    wanted = table[table["lever"] == RUSH]
    rest = table.iloc[1:][table["lever"].iloc[1:] != RUSH]
    said = _of_rush(base, wanted.iloc[0]) if len(wanted) else []
    if base["short"] > 1e-6:
        return [*said, *_of_shortage(base, rest)]
    worth = rest[(rest["saved"] > 0) & (rest["hours_saved"] >= WORTH * base["paid_hours"])]
    for row in worth.head(3).to_dict("records"):
        share = row["hours_saved"] / base["paid_hours"]
        said.append(
            f"{base['team']}: {row['lever']} would save {row['hours_saved']:,.0f} paid hours ({share:.0%}): "
            f"{_told(pd.Series(row))}"
        )
    return said


def _of_shortage(base: pd.Series, rest: pd.DataFrame) -> list[str]:
    """What two shifts leave short, and the cheapest way to cover it."""
    said = [
        f"{base['team']}: two shifts cannot cover the day: {base['detail']} leave "
        f"{base['short'] / 2:,.1f} agent-hours short"
    ]
    ways = rest[rest["short"] < base["short"] - 1e-6]
    clear = ways[ways["short"] < 1e-6]
    ways = (clear if len(clear) else ways).sort_values(["need_hours", "cost"], kind="stable")
    if ways.empty:
        return [*said, f"{base['team']}: no single lever covers it"]
    best = ways.iloc[0]
    left = f", {best['short'] / 2:,.1f} still short" if best["short"] > 1e-6 else ""
    return [*said, f"{base['team']}: the cheapest way out: {best['lever']}: {_told(best)}{left}"]


def _of_rush(base: pd.Series, way: pd.Series) -> list[str]:
    """What of the rush no overlap of two shifts reaches, and the cheapest way to have two shifts there."""
    said = (
        f"{base['team']}: two shifts cannot both be there in all of the rush: {base['detail']} are in "
        f"{base['rush_covered']:.0%} of it, early or late people alone carry the rest"
    )
    if way["rush_covered"] <= base["rush_covered"] + 1e-9:
        return [said, f"{base['team']}: neither a third start nor shifts up to {LONGEST:g} h would"]
    more = -way["hours_saved"]
    than = "more" if more > 0 else "fewer"
    paid = f"{abs(more):,.0f} paid hours {than}" if round(more) else "as many paid hours"
    there = "all" if way["rush_covered"] > 1 - 1e-9 else f"{way['rush_covered']:.0%}"
    short = f", {way['short'] / 2:,.1f} agent-hours short" if way["short"] > 1e-6 else ""
    return [
        said,
        f"{base['team']}: the cheapest way out: {_told(way)}: two are there in {there} of it, {paid}{short}",
    ]


def _told(row: pd.Series) -> str:
    gone = f"; {row['need_hours']:,.0f} agent-hours of need fall away" if row["need_hours"] else ""
    return f"{row['detail']}{gone}{'' if row['fits'] else '; no contract of the team fits it'}"


def _costed(
    study: Study, lever: str, detail: str, shifts: tuple[Shift, ...], gone: float = 0.0
) -> dict[str, Any]:
    sums = pairs.costed(study.whole, shifts, study.prices)
    return {
        "lever": lever,
        "detail": detail,
        **{name: sums[name] for name in ("paid_hours", "cost", "short")},
        "need_hours": gone,
        "rush_covered": _covered(study, shifts),
        "fits": pairs.fits(shifts, study.terms),
    }


def _covered(study: Study, shifts: tuple[Shift, ...]) -> float:
    """Share of the rush in which two shifts are there. [0-1]"""
    return rush.shared(study.windows, study.whole.demand, study.team, shifts)


def _best(study: Study, lever: str, ways: Ways, gone: float = 0.0) -> dict[str, Any] | None:
    """The cheapest of some ways, of those that fit the contracts where any does.

    All are compared on the typical day; those that do best there are costed over all days.
    """
    fitting = {detail: shifts for detail, shifts in ways.items() if pairs.fits(shifts, study.terms)}
    tried = fitting or ways
    rough = {
        detail: pairs.costed(study.day, shifts, study.prices)["cost"] for detail, shifts in tried.items()
    }
    near = sorted(tried, key=lambda detail: round(rough[detail], 6))[:EXACT]
    rows = [_costed(study, lever, detail, tried[detail], gone) for detail in near]
    return min(rows, key=lambda row: round(row["cost"], 6), default=None)


def _thirds(study: Study, both: tuple[Shift, Shift]) -> Ways:
    """Every third shift beside the pair."""
    there = {(shift.start, shift.hours) for shift in both}
    return {
        f"a third shift {_hours(third)} beside {_spoken(both)}": (*both, third)
        for third in pairs.singles(study.whole.demand, study.team, study.step)
        if (third.start, third.hours) not in there
    }


def _pairs(study: Study, shortest: float, longest: float) -> list[tuple[Shift, Shift]]:
    """The lawful pairs of a team whose shifts may have other lengths. [h]"""
    wider = replace(study.team, hours=(shortest, longest))
    return pairs.lawful(study.whole.demand, wider, study.step, rush.empty()).shifts


def _lengths(study: Study, lever: str) -> dict[str, Any] | None:
    """The best pair with shifts up to an hour longer, or shorter, than the rules allow."""
    shortest, longest = study.team.hours
    if lever == "longer shifts":
        wider = (shortest, min(longest + HOUR / 60, max(LONGEST, longest)))
    else:
        room = max((pause.after_hours[1] + pause.minutes / 60 for pause in study.team.breaks), default=0.0)
        wider = (min(shortest, max(shortest - HOUR / 60, SHORTEST, room)), longest)
    if wider == (shortest, longest):
        return None
    ways = {
        _spoken(both): both
        for both in _pairs(study, *wider)
        if any(not shortest - 1e-9 <= shift.hours <= longest + 1e-9 for shift in both)
    }
    return _best(study, lever, ways)


def _whole_rush(study: Study, both: tuple[Shift, Shift], now: float) -> dict[str, Any] | None:
    """The cheapest third start, or pair of longer shifts, with two shifts there in most of the rush."""
    shortest, longest = study.team.hours
    longer = _pairs(study, shortest, max(longest, LONGEST))
    ways = {**_thirds(study, both), **{_spoken(pair): pair for pair in longer}}
    share = {detail: round(_covered(study, shifts), 9) for detail, shifts in ways.items()}
    most = max(share.values())
    if most <= now + 1e-9:
        return _costed(study, RUSH, _spoken(both), both)
    full = [detail for detail in ways if share[detail] == most]
    thirds = [detail for detail in full if len(ways[detail]) > 2]
    rest = [detail for detail in full if len(ways[detail]) == 2]
    rest = sorted(rest, key=lambda detail: sum(shift.hours for shift in ways[detail]))[:SHORTER]
    return _best(study, RUSH, {detail: ways[detail] for detail in (*thirds, *rest)})


def _doors(study: Study, lever: str) -> dict[str, Any] | None:
    """The best pair where the first or the last hour of the day is not served."""
    demand = study.whole.demand
    if not 2 * HOUR < demand.closes - demand.opens < DAY:
        return None
    first = demand.opens if lever == "open later" else demand.closes - HOUR
    shut = (np.arange(demand.agents.shape[1]) * demand.minutes - first) % DAY < HOUR
    gone = float(demand.agents[:, shut].sum()) * demand.minutes / 60.0
    if not demand.agents[:, ~shut].any() or not gone:
        return None
    later, earlier = (HOUR, 0) if lever == "open later" else (0, HOUR)
    rest = study.without(shut, demand.opens + later, demand.closes - earlier)
    closed = f"{clock(first)}-{clock(first + HOUR)} closed"
    ways = {f"{closed}, {_spoken(both)}": both for both in _pairs(rest, *study.team.hours)}
    return _best(rest, lever, ways, gone)


def _hours(shift: Shift) -> str:
    return f"{clock(shift.start_minute)}-{clock(shift.end_minute)}"


def _spoken(both: tuple[Shift, ...]) -> str:
    return " + ".join(_hours(shift) for shift in both)
