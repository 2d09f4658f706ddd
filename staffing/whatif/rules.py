"""What each rule costs: the week planned again without it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import pandas as pd

from staffing import channels, coverage, roster
from staffing.errors import DataError, PlanError, Problem, SolverError
from staffing.model import Queue, Roster
from staffing.whatif import without
from staffing.whatif.parts import part_of
from staffing.whatif.without import Without

NO_ROSTER, NOT_IN_TIME = "no roster", "no roster in time"
SMALL = 1e-6
FIGURES = ("saved", "least", "most", "own_price", "short", "over", "paid")


def rule_prices(
    given: Mapping[str, Any],
    queues: Iterable[Queue] = (),
    *,
    made: Roster | None = None,
    rules: Collection[str] = (),
    time_limit: float | None = 60.0,
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """What each rule costs: the roster planned again without it.

    Left out in turn, for everybody: the hours of the contracts (free; then up to one shift a week less, and
    more), each rule of `Rules` that is in use, the hard requests, the wishes, the seniors on duty, the seats,
    the pairs, the planned training, the time off with its credit. A roster is known only to within its gap,
    so the saving lies between ``least`` and ``most``; where ``least`` is not above zero it may be nothing.
    Where leaving a rule out only
    gives more freedom, the roster with all rules counts too, so that nothing is found to be dearer without.

    Parameters
    ----------
    given : dict
        What `staffing.roster.assign` was given, by the names of its parameters.
    queues : iterable of Queue
        To measure the service, as `staffing.coverage.measure` does; without them there are no service levels.
    made : Roster, optional
        What `staffing.roster.assign` made of it; without it, it is planned once more.
    rules : collection of str
        Those to price, by the names of the column ``rule``; empty: all.
    time_limit : float, optional
        Longest time in the solver, for each plan. [s]
    progress : callable, optional
        Told one line before each plan.

    Returns
    -------
    pandas.DataFrame
        rule (empty: with all of them), what (in words), saved [h], least [h], most [h] (agent-hours at the
        price of a short one, its own price counted), own_price [h] (what its wishes cost today; 0 where it is
        hard), short [h] and over [h] (less than with all rules), paid [h] (more than with all rules),
        service_level and service_gain [0-1] (contacts answered in time over the week, without the rule; more
        than with all; only with ``queues``), part (of the cost, which falls most), gap [agent-half-hours],
        status, why (where there is no roster), seconds [s]; dearest first. Where there is no roster with all
        rules, no saving is known, and short, over and paid are those of each roster by itself. ``attrs`` say
        the model of the service (``model``) and how many days are planned (``days``). After Ctrl-C, those
        priced so far.

    Raises
    ------
    DataError
        Where the tables are wrong, or one of ``rules`` is not in use.
    SolverError
        No roster with all rules in time.

    Examples
    --------
    >>> import datetime as dt
    >>> from staffing.model import Shift
    >>> hours = pd.date_range("2026-11-30 08:00", periods=12, freq="30min", tz="Asia/Seoul", unit="us")
    >>> demand = pd.DataFrame({"queue": "chat", "team": "shop", "interval": hours, "load": 0.5, "agents": 1.0,
    ...                        "scheduled": 1.0})
    >>> people = pd.DataFrame({"agent": ["007"], "name": ["김민지"], "team": "shop", "contract": "full",
    ...                        "hours_week": 6.0})
    >>> monday = pd.to_datetime(["2026-11-30"]).as_unit("us")
    >>> off = pd.DataFrame({"agent": ["007"], "start": monday, "end": monday, "kind": "AL",
    ...                     "credit_hours": 6.0})
    >>> given = {"demand": demand, "shifts": [Shift("early", "shop", dt.time(8), 6)], "agents": people,
    ...          "timeoff": off}
    >>> table = rule_prices(given)
    >>> table[table["saved"] > 0][["rule", "what", "saved", "short"]].to_numpy().tolist()
    [['time off', 'time off of 1 person', 7.095, 6.0]]
    """
    say = progress or (lambda text: None)
    given = {**given, "time_limit": time_limit}
    queues = tuple(queue for queue in queues if channels.model(queue))
    cases = _chosen(without.each(given), rules)
    whole_week, status, why = Without("", "with all rules", dict(given), ()), "", ""
    if made is None:
        say("with all rules")
        made, status, why = _planned(whole_week)
    if status == NOT_IN_TIME:
        raise SolverError(why)
    rows = [_row(whole_week, made, made, given, queues, status, why)]
    for number, case in enumerate(cases, 1):
        say(f"without {case.what} ({number} of {len(cases)})")
        try:
            free, status, why = _planned(case)
        except KeyboardInterrupt:
            if len(rows) == 1:
                raise
            say(f"interrupted: {len(cases) - number + 1} of {len(cases)} are not priced")
            break
        rows.append(_row(case, made, free, given, queues, status, why))
    whole, *others = rows
    # What was not found goes last, and the sort keeps the order of the rules among equals.
    others.sort(key=lambda row: math.inf if math.isnan(row["saved"]) else -row["saved"])
    table = pd.DataFrame([whole, *others])
    table.attrs["days"] = int(given.get("days", 7))
    table.attrs["model"] = ", ".join(f"{queue.name} by {channels.model(queue)}" for queue in queues)
    return table


def _chosen(cases: list[Without], rules: Collection[str]) -> list[Without]:
    names = [case.rule for case in cases]
    unknown = [name for name in rules if name not in names]
    if unknown:
        remedy = f"those in use are {', '.join(names)}"
        raise DataError([Problem(f"no rule {name!r} is in use here", remedy) for name in unknown])
    return [case for case in cases if not rules or case.rule in rules]


def _planned(case: Without) -> tuple[Roster | None, str, str]:
    """The roster without a rule; or how it ended, and why there is none."""
    try:
        return roster.assign(**case.given), "", ""
    except PlanError as error:
        return None, NO_ROSTER, "; ".join(error.reasons)
    except SolverError as error:
        return None, NOT_IN_TIME, str(error)


def _row(
    case: Without,
    made: Roster | None,
    free: Roster | None,
    given: Mapping[str, Any],
    queues: tuple[Queue, ...],
    status: str,
    why: str,
) -> dict[str, Any]:
    """A row of the table: a roster without a rule beside the one with all of them."""
    nothing = {"part": "", "gap": math.nan, "status": status, "why": why, "seconds": math.nan}
    named = {"rule": case.rule, "what": case.what}
    if free is None:
        levels = ("service_level", "service_gain") if queues else ()
        return named | dict.fromkeys((*FIGURES, *levels), math.nan) | nothing
    best, cost = _best(case, made, free)
    figures = _alone(best) if made is None else _compared(made, best, cost, free, case)
    if queues:
        level = _service(best, given, queues)
        gain = math.nan if made is None else level - _service(made, given, queues)
        figures |= {"service_level": level, "service_gain": gain}
    rounded = {name: round(value, 6) + 0.0 for name, value in figures.items()}
    done = {
        "part": _mostly(made, best),
        "gap": round(free.gap, 6),
        "status": free.status,
        "why": "",
        "seconds": round(free.seconds, 3),
    }
    return named | rounded | done


def _best(case: Without, made: Roster | None, free: Roster) -> tuple[Roster, float]:
    """The better roster without a rule, and its cost: the one with all rules may be."""
    if made is None or not case.relaxes:
        return free, free.cost
    cost = made.cost - _own_price(case, made)
    return (made, cost) if free.cost > cost else (free, free.cost)


def _own_price(case: Without, made: Roster) -> float:
    return sum(part_of(made, part) for part in case.own)


def _alone(best: Roster) -> dict[str, float]:
    """Figures of a roster where there is none with all rules. [h]"""
    short = part_of(best, "shortage", "amount") / 2.0
    over = sum(part_of(best, part, "amount") for part in ("surplus", "above_floor")) / 2.0
    paid = float(best.assignments["paid_hours"].sum())
    return dict.fromkeys(FIGURES, math.nan) | {"short": short, "over": over, "paid": paid}


def _compared(made: Roster, best: Roster, cost: float, free: Roster, case: Without) -> dict[str, float]:
    """Figures of a roster without a rule, against those with all of them. [h]"""
    hour, whole, other = 2.0 * made.price_short, _alone(made), _alone(best)
    least = (made.bound - cost) / hour
    return {
        "saved": (made.cost - cost) / hour,
        "least": max(least, 0.0) if case.relaxes and case.rule else least,
        "most": (made.cost - min(free.bound, cost)) / hour,
        "own_price": _own_price(case, made) / hour,
        "short": whole["short"] - other["short"],
        "over": whole["over"] - other["over"],
        "paid": other["paid"] - whole["paid"],
    }


def _mostly(made: Roster | None, best: Roster) -> str:
    """The part of the cost that falls most without a rule; empty where none does."""
    if made is None:
        return ""
    before, after = (some.objective.set_index("part")["cost"] for some in (made, best))
    fall = before - after
    return str(fall.idxmax()) if fall.max() > SMALL else ""


def _service(made: Roster, given: Mapping[str, Any], queues: tuple[Queue, ...]) -> float:
    """Share of the contacts of queues in which somebody waits that are answered in time. [0-1]"""
    names = [queue.name for queue in queues]
    demand = given["demand"]
    covered = coverage.measure(demand[demand["queue"].isin(names)], made.segments, queues)
    volume = covered["volume"]
    return float((covered["service_level"] * volume).sum() / volume.sum()) if volume.sum() else 1.0
