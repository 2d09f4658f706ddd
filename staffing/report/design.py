"""The two shifts of a week in words: when, where the rush is, what drives the headcount, what came next."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from staffing.calendar import WEEKDAYS
from staffing.model import Week
from staffing.report.compared import SMALL, counted
from staffing.tables import interval_minutes


def shift_lines(week: Week, team: str) -> list[str]:
    """The two shifts, their overlap and the rush, and the designs behind the best."""
    designs = week.designs[week.designs["team"] == team].sort_values("rank")
    best = designs.iloc[0]
    lines = [
        f"shifts     early {best['early_start']}-{best['early_end']}, "
        f"late {best['late_start']}-{best['late_end']}, both there {_overlap(best)}",
        _rush_line(best, week.peaks[week.peaks["team"] == team]),
        *_cover_lines(week, team, best),
        *_driver_lines(week, team),
        *_evening_lines(week, team),
    ]
    lawful = designs.iloc[1:][designs["fits"].iloc[1:]]
    if len(lawful):
        lines.append(f"next best  {_pair_name(lawful.iloc[0])}: {_dearer(lawful.iloc[0], best)}")
    cheapest = designs.sort_values(["cost", "rank"]).iloc[0]
    if cheapest["cost"] < best["cost"] * (1 - 1e-9):
        barred = "leaves more of the rush" if cheapest["fits"] else "fits no contract of the team"
        lines.append(f"cheaper    {_pair_name(cheapest)}: {_dearer(cheapest, best)}, but it {barred}")
    return lines


def _rush_line(design: pd.Series, windows: pd.DataFrame) -> str:
    """Each rush window with the share of it in which both shifts are there."""
    if windows.empty:
        return "rush       none: the day is level"
    came = _minutes(design["late_start"])
    left = _minutes(design["early_end"], after=design["early_start"])
    days = windows["weekday"] if "weekday" in windows else pd.Series("", index=windows.index)
    every = set(days)
    parts = []
    for span, same in days.groupby(windows["start"] + "-" + windows["end"]):
        first, last = str(span).split("-")
        start, end = _minutes(first), _minutes(last, after=first)
        share = max(min(end, left) - max(start, came), 0) / (end - start)
        on = "" if set(same) == every else f"{_days(same)} "
        parts.append(f"{on}{span} ({share:.0%} of it with both there)")
    beyond = ""
    if days.duplicated().any() and design["rush_covered"] < 1:
        beyond = "; two shifts have one overlap, so early or late people alone carry the rest"
    return f"rush       {', '.join(parts)}{beyond}"


def _cover_lines(week: Week, team: str, design: pd.Series) -> list[str]:
    """What the two shifts were costed for, beside the need of each interval."""
    over = design.get("target", "interval")
    lines = []
    if over != "interval":
        lines.append(f"costed by  the contacts answered in time over each {over}, on the service curve")
    rows = week.requirement[week.requirement["team"] == team]
    if "agents_deferred" in rows and (hours := _hours(rows)) > 0:
        lines.append(
            f"deadlines  {hours:,.0f} agent-hours that the quiet moments of calls and chats do not hold, in "
            "the intervals before them in which these shifts leave most people to spare"
        )
    return lines


def _hours(rows: pd.DataFrame) -> float:
    """Of the people for deadlines in a requirement. [h]"""
    return float(rows["agents_deferred"].sum()) * interval_minutes(rows) / 60.0


def _driver_lines(week: Week, team: str, most: int = 4) -> list[str]:
    """Where one more person needed means one more shift: the times of day that drive the headcount."""
    if week.shadow_prices is None:
        return []
    own = week.shadow_prices[week.shadow_prices["team"] == team]
    dear = own[own["price"] > SMALL]
    if dear.empty:
        return []
    clock = dear["interval"].dt.strftime("%H:%M")
    worst = (
        dear.groupby(clock)["price"].sum().round(6).sort_values(ascending=False, kind="stable").index[:most]
    )
    opened = set(own["interval"].dt.day_of_week)
    parts = []
    for time in sorted(worst):
        days = set(dear.loc[clock == time, "interval"].dt.day_of_week)
        parts.append(time if days == opened else f"{time} ({_days(WEEKDAYS[day] for day in days)})")
    spare = len(own) - len(dear)
    return [
        f"driven by  {', '.join(parts)}: more need there takes more people; in {spare} of "
        f"{counted(len(own), 'interval')} somebody is to spare: shadow_prices.csv"
    ]


def _days(names: Iterable[str]) -> str:
    """Weekdays in words, a run of three and more as its ends.

    Examples
    --------
    >>> _days(["mon", "tue", "wed", "fri", "sat"])
    'Mon-Wed, Fri, Sat'
    """
    numbers = sorted(WEEKDAYS.index(name) for name in names)
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    spelled = [[WEEKDAYS[number].capitalize() for number in run] for run in runs]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(run) for run in spelled)


def _evening_lines(week: Week, team: str) -> list[str]:
    """Whether a team's evening cover holds, at its weakest moment."""
    rule = week.teams[team]
    if rule.evening is None:
        return []
    here = week.coverage[week.coverage["team"] == team]
    there = here.groupby("interval")["staffed"].sum()
    evening = there[pd.DatetimeIndex(there.index).time >= rule.evening]
    least = f"never fewer than {evening.min():g} on the queue" if len(evening) else "closed"
    return [f"evening    from {rule.evening:%H:%M}: {least}, {rule.evening_staff} asked for"]


def _overlap(design: pd.Series) -> str:
    if _minutes(design["late_start"]) >= _minutes(design["early_end"], after=design["early_start"]):
        return "never"
    return f"{design['late_start']}-{design['early_end']}"


def _minutes(clock: str, after: str = "00:00") -> int:
    """Minutes from midnight; a time before ``after`` is the next day's."""
    hour, minute = clock.split(":")
    value = int(hour) * 60 + int(minute)
    return value if clock >= after else value + 1440


def _pair_name(design: pd.Series) -> str:
    return f"{design['early_start']}-{design['early_end']} + {design['late_start']}-{design['late_end']}"


def _dearer(design: pd.Series, best: pd.Series) -> str:
    return f"{design['cost'] / best['cost'] - 1:+.1%}" if best["cost"] else "as dear"
