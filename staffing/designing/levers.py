"""What else could be changed: a third start, other lengths, other opening hours; each at its exact cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from staffing.designing import pairs, rush
from staffing.designing.covering import Prices
from staffing.designing.need import DAY, Demand, clock
from staffing.model import Shift, Team

HOUR = 60  # minutes by which lengths and opening hours are tried
LONGEST, SHORTEST = 12.0, 4.0  # hours of presence beyond which no lever goes
EXACT = 8  # ways that do best on the average day, costed over all days
WORTH = 0.005  # share of the paid hours from which a lever is worth a sentence
TWO = "two shifts"


def table(
    demand: Demand,
    team: Team,
    both: tuple[Shift, Shift],
    step: str,
    prices: Prices,
    terms: list[dict[Any, Any]],
) -> pd.DataFrame:
    """The pair as it is and every lever, costed; best first.

    Parameters
    ----------
    demand : Demand
        Of the team.
    team : Team
        With its rules.
    both : tuple of Shift
        The pair that stands.
    step : str
        Grid of starts and ends.
    prices : Prices
        Of shortage, surplus and paid hours.
    terms : list of dict
        Hours and days of the team's contracts.

    Returns
    -------
    pandas.DataFrame
        As `staffing.shifts.levers` gives it.
    """
    own = replace(team, rush=None)  # what the rush is worth is no matter of hours
    base = _row(TWO, _spoken(both), pairs.costed(demand, both, prices), pairs.fits(both, terms))
    rows = [
        _third(demand, own, both, step, prices, terms),
        _lengths(demand, own, "longer shifts", step, prices, terms),
        _lengths(demand, own, "shorter shifts", step, prices, terms),
        _doors(demand, own, "open later", step, prices, terms),
        _doors(demand, own, "close earlier", step, prices, terms),
    ]
    found = pd.DataFrame([row for row in rows if row is not None])
    if len(found):
        found = found.assign(left=found["short"].round(6), dear=found["cost"].round(6))
        found = found.sort_values(["left", "dear"], kind="stable")
    whole = pd.concat([pd.DataFrame([base]), found], ignore_index=True).assign(team=team.name)
    whole["hours_saved"] = base["paid_hours"] - whole["paid_hours"]
    whole["saved"] = base["cost"] - whole["cost"]
    return whole[list(empty().columns)]


def empty() -> pd.DataFrame:
    """The table without a row."""
    texts = {name: pd.Series(dtype="str") for name in ("team", "lever", "detail")}
    sums = ("paid_hours", "hours_saved", "cost", "saved", "need_hours", "short")
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
    rest = table.iloc[1:]
    said = []
    if base["short"] > 1e-6:
        said.append(
            f"{base['team']}: two shifts cannot cover the day: {base['detail']} leave "
            f"{base['short'] / 2:,.1f} agent-hours short"
        )
        ways = rest[rest["short"] < base["short"] - 1e-6]
        clear = ways[ways["short"] < 1e-6]
        ways = (clear if len(clear) else ways).sort_values(["need_hours", "cost"], kind="stable")
        if len(ways):
            best = ways.iloc[0]
            left = f", {best['short'] / 2:,.1f} still short" if best["short"] > 1e-6 else ""
            said.append(f"{base['team']}: the cheapest way out: {best['lever']}: {_told(best)}{left}")
        else:
            said.append(f"{base['team']}: no single lever covers it")
        return said
    worth = rest[(rest["saved"] > 0) & (rest["hours_saved"] >= WORTH * base["paid_hours"])]
    for row in worth.head(3).to_dict("records"):
        share = row["hours_saved"] / base["paid_hours"]
        barred = "" if row["fits"] else "; no contract of the team fits it"
        said.append(
            f"{base['team']}: {row['lever']} would save {row['hours_saved']:,.0f} paid hours ({share:.0%}): "
            f"{_told(pd.Series(row))}{barred}"
        )
    return said


def _told(row: pd.Series) -> str:
    gone = f"; {row['need_hours']:,.0f} agent-hours of need fall away" if row["need_hours"] else ""
    return f"{row['detail']}{gone}"


def _row(lever: str, detail: str, sums: dict[str, float], fits: bool, gone: float = 0.0) -> dict[str, Any]:
    kept = {name: sums[name] for name in ("paid_hours", "cost", "short")}
    return {"lever": lever, "detail": detail, **kept, "need_hours": gone, "fits": fits}


def _best(
    lever: str,
    ways: Mapping[str, tuple[Shift, ...]],
    demand: Demand,
    prices: Prices,
    terms: list[dict[Any, Any]],
    gone: float = 0.0,
) -> dict[str, Any] | None:
    """The cheapest of some ways, of those that fit the contracts where any does.

    All are compared on the average day; those that do best there are costed over all days.
    """
    fitting = {detail: shifts for detail, shifts in ways.items() if pairs.fits(shifts, terms)}
    tried = fitting or ways
    day = demand.average
    rough = {detail: pairs.costed(day, shifts, prices)["cost"] for detail, shifts in tried.items()}
    near = sorted(tried, key=lambda detail: round(rough[detail], 6))[:EXACT]
    rows = [
        _row(lever, detail, pairs.costed(demand, tried[detail], prices), bool(fitting), gone)
        for detail in near
    ]
    return min(rows, key=lambda row: round(row["cost"], 6), default=None)


def _third(
    demand: Demand,
    team: Team,
    both: tuple[Shift, Shift],
    step: str,
    prices: Prices,
    terms: list[dict[Any, Any]],
) -> dict[str, Any] | None:
    """Beside the pair, the third shift that saves most."""
    there = {(shift.start, shift.hours) for shift in both}
    ways = {
        f"a third shift {_hours(third)} beside {_spoken(both)}": (*both, third)
        for third in pairs.singles(demand, team, step)
        if (third.start, third.hours) not in there
    }
    return _best("third start", ways, demand, prices, terms)


def _lengths(
    demand: Demand, team: Team, lever: str, step: str, prices: Prices, terms: list[dict[Any, Any]]
) -> dict[str, Any] | None:
    """The best pair with shifts up to an hour longer, or shorter, than the rules allow."""
    shortest, longest = team.hours
    if lever == "longer shifts":
        wider = (shortest, min(longest + HOUR / 60, max(LONGEST, longest)))
    else:
        room = max((pause.after_hours[1] + pause.minutes / 60 for pause in team.breaks), default=0.0)
        wider = (min(shortest, max(shortest - HOUR / 60, SHORTEST, room)), longest)
    if wider == (shortest, longest):
        return None
    lawful = pairs.lawful(demand, replace(team, hours=wider), step, rush.empty())
    ways = {
        _spoken(both): both
        for both in lawful.shifts
        if any(not shortest - 1e-9 <= shift.hours <= longest + 1e-9 for shift in both)
    }
    return _best(lever, ways, demand, prices, terms)


def _doors(
    demand: Demand, team: Team, lever: str, step: str, prices: Prices, terms: list[dict[Any, Any]]
) -> dict[str, Any] | None:
    """The best pair where the first or the last hour of the day is not served."""
    if not 2 * HOUR < demand.closes - demand.opens < DAY:
        return None
    first = demand.opens if lever == "open later" else demand.closes - HOUR
    shut = (np.arange(demand.agents.shape[1]) * demand.minutes - first) % DAY < HOUR
    less = np.where(shut, 0.0, demand.agents)
    gone = float((demand.agents - less).sum()) * demand.minutes / 60.0
    if not less.any() or not gone:
        return None
    later, earlier = (HOUR, 0) if lever == "open later" else (0, HOUR)
    rest = replace(demand, agents=less, opens=demand.opens + later, closes=demand.closes - earlier)
    closed = f"{clock(first)}-{clock(first + HOUR)} closed"
    lawful = pairs.lawful(rest, team, step, rush.empty())
    ways = {f"{closed}, {_spoken(both)}": both for both in lawful.shifts}
    return _best(lever, ways, rest, prices, terms, gone)


def _hours(shift: Shift) -> str:
    return f"{clock(shift.start_minute)}-{clock(shift.end_minute)}"


def _spoken(both: tuple[Shift, ...]) -> str:
    return " + ".join(_hours(shift) for shift in both)
