"""What a week needs: forecast, agents on each line and the curve behind them, hours that shifts allow."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from staffing import calendar, forecast, requirement, shifts
from staffing.errors import DataError, Problem
from staffing.model import Deferred, Limit, Outbound, Queue, Rules, Shift
from staffing.site import Site

QUANTILES = (0.1, 0.5, 0.9)


def somebody_answers(site: Site) -> None:
    """Refuse calls out of a team that answers nothing: they fill its quiet moments and ask for nobody."""
    answers = {queue.team for queue in site.queues if not isinstance(queue.channel, Outbound)}
    alone = [queue for queue in site.queues if queue.team not in answers]
    if alone:
        remedy = "give it to a team that has calls, chats or other work"
        raise DataError(
            [
                Problem(f"{queue.name!r} is for the quiet moments of a team that has no others", remedy)
                for queue in alone
            ]
        )


def expected(site: Site, past: pd.DataFrame, start: dt.date, days: int) -> pd.DataFrame:
    """FORECAST of every queue; work with a deadline comes at all hours, not only while somebody is there."""
    names = {queue.name for queue in site.queues if isinstance(queue.channel, Deferred)}
    later = past["queue"].isin(names)
    given = {name: week for name, week in (site.calendar.opening or {}).items() if name not in names}
    around = replace(site.calendar, closed=(), opening=given)
    tables = [
        forecast.predict(
            part,
            days,
            start=start,
            quantiles=QUANTILES,
            calendar=calendar,
            adjustments=site.adjustments[site.adjustments["queue"].isin([*part["queue"].unique(), "all"])],
            seed=site.seed,
        )
        for part, calendar in ((past[~later], site.calendar), (past[later], around))
        if len(part)
    ]
    out = pd.concat(tables, ignore_index=True).sort_values(["queue", "interval"], ignore_index=True)
    out.attrs["method"] = {name: why for one in tables for name, why in one.attrs.get("method", {}).items()}
    out.attrs["notes"] = list(dict.fromkeys(note for one in tables for note in one.attrs.get("notes", ())))
    return out


class Needed(NamedTuple):
    """What a week needs before the shifts are known.

    Parameters
    ----------
    alone : pandas.DataFrame
        REQUIREMENT of calls and chats.
    come : pandas.DataFrame
        FORECAST, with the hours in which such work can be done.
    work : pandas.DataFrame
        WORKLOAD.
    """

    alone: pd.DataFrame
    come: pd.DataFrame
    work: pd.DataFrame

    def lines(self, site: Site, staffed: pd.DataFrame | None = None) -> pd.DataFrame:
        """REQUIREMENT of each line, people for deadlines where the team is smallest or shifts leave some."""
        blended = requirement.blend(self.alone, self.come, site.queues, workload=self.work, staffed=staffed)
        return shifts.evening_cover(requirement.lines(blended, site.queues), site.teams.values())

    def to_design(self, site: Site, needed: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """What shifts are to cover: REQUIREMENT of each line, and beside it WORKLOAD that is late else.

        Teams whose deadlines ask for people while their calls and chats are closed keep them in the lines.
        """
        late = requirement.overdue(self.alone, self.come, site.queues, workload=self.work)
        bare = shifts.evening_cover(self.alone, site.teams.values())
        both = needed.merge(bare[["queue", "interval"]], how="left", indicator=True)
        beside = set(bare["team"]) - set(both.loc[both["_merge"] == "left_only", "team"])
        team = {queue.name: queue.team for queue in site.queues}
        rows = [bare[bare["team"].isin(beside)], needed[~needed["team"].isin(beside)]]
        table = pd.concat([part for part in rows if len(part)]).sort_values(
            ["queue", "interval"], ignore_index=True
        )
        return table, late[late["queue"].map(team).isin(beside)].reset_index(drop=True)


def needed(site: Site, past: pd.DataFrame, expected: pd.DataFrame, start: dt.date, days: int) -> Needed:
    """What calls and chats need, and the WORKLOAD beside them."""
    # The quantiles hold the chance of single calls, which Erlang's formulas add themselves.
    alone = requirement.compute(requirement.expected_volumes(expected), site.queues)
    at_work = working_hours(site.calendar, site.queues, past)
    work = requirement.workload(expected, site.queues, calendar=at_work)
    hours = [
        pd.DataFrame(
            {"queue": name, "interval": at_work.slots(name, start, days, site.interval, site.timezone)}
        )
        for name in sorted(set(work["queue"]))
    ]
    others = expected[~expected["queue"].isin(set(work["queue"]))]
    come = pd.concat([others, *(table.assign(volume=0.0) for table in hours)], ignore_index=True)
    return Needed(alone, come, work)


def curve(site: Site, expected: pd.DataFrame, needed: pd.DataFrame) -> pd.DataFrame | None:
    """CURVE of the queues whose every agent is known to be worth contacts answered in time.

    Those are queues of calls or chats without work that their agents do beside them: of such people the curve
    does not know what the last one is for.
    """
    beside = needed["agents_deferred"] > 0 if "agents_deferred" in needed else needed["agents"] < 0
    others = set(needed.loc[beside, "queue"])
    here = set(needed["queue"]) - others
    known = [queue for queue in site.queues if queue.name in waiting(site.queues) and queue.name in here]
    if not known:
        return None
    come = expected[expected["queue"].isin([queue.name for queue in known])]
    return requirement.curve(requirement.expected_volumes(come), known)


def working_hours(
    opening: calendar.Calendar, queues: tuple[Queue, ...], past: pd.DataFrame
) -> calendar.Calendar:
    """When each queue is worked on: work with a deadline while its team answers, unless it says otherwise.

    Parameters
    ----------
    opening : Calendar
        The site's.
    queues : tuple of Queue
        All of them.
    past : pandas.DataFrame
        HISTORY, whose hours hold where none are given.

    Returns
    -------
    Calendar
        With the hours of every queue.

    Examples
    --------
    >>> day = {"daily": [("09:00", "18:00")]}
    >>> team = (Queue("calls", "care", ()), Queue("mail", "care", (), channel=Deferred(due="8h")))
    >>> times = pd.date_range("2026-11-30", periods=4, freq="12h", tz="Asia/Seoul")
    >>> past = pd.DataFrame({"queue": "mail", "interval": times, "offered": 1.0})
    >>> working_hours(calendar.Calendar(opening={"calls": day}), team, past).hours("mail")[0]
    ((540, 1080),)
    """
    team = {queue.name: queue.team for queue in queues}
    known = opening.learn_opening(past)
    hours = dict(known.opening or {})
    for queue in queues:
        line = [name for name in waiting(queues) if team[name] == queue.team]
        if isinstance(queue.channel, Deferred) and queue.name not in (opening.opening or {}) and line:
            spans = [known.hours(name) or {} for name in line]
            hours[queue.name] = {
                weekday: _together([span for of_day in spans for span in of_day.get(number, ())])
                for number, weekday in enumerate(calendar.WEEKDAYS)
            }
    return replace(known, opening=hours)


def _together(spans: list[tuple[int, int]]) -> list[tuple[str, str]]:
    """The union of spans of one day, as a calendar takes them. [min] -> "HH:MM"."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return [(f"{b // 60:02d}:{b % 60:02d}", f"{e // 60:02d}:{e % 60:02d}") for b, e in merged]


def waiting(queues: tuple[Queue, ...]) -> list[str]:
    """The queues in which somebody waits for an agent: calls and chats.

    Parameters
    ----------
    queues : tuple of Queue
        All of them.

    Returns
    -------
    list of str
        Their names.
    """
    return [queue.name for queue in queues if queue.channel.kind in ("voice", "chat")]


def on_lines(skills: pd.DataFrame, needed: pd.DataFrame) -> pd.DataFrame:
    """Skills in what people are rostered on: work with a deadline is everybody's of its team.

    Parameters
    ----------
    skills : pandas.DataFrame
        SKILLS.
    needed : pandas.DataFrame
        REQUIREMENT.

    Returns
    -------
    pandas.DataFrame
        SKILLS of the lines alone.

    Raises
    ------
    DataError
        Whoever has skills, but none of a line.

    Examples
    --------
    >>> known = pd.DataFrame({"agent": ["007", "007"], "queue": ["calls", "mail"]})
    >>> on_lines(known, pd.DataFrame({"queue": ["calls"]}))["queue"].tolist()
    ['calls']
    """
    kept = skills[skills["queue"].isin(needed["queue"])]
    lost = sorted(set(skills["agent"]) - set(kept["agent"]))
    if lost:
        remedy = "add calls or chats of the team, or take the rows out: then the own team's are answered"
        raise DataError(
            [
                Problem(f"{agent!r} knows only work that has no line of its own", remedy, "SKILLS")
                for agent in lost
            ]
        )
    return kept.reset_index(drop=True)


def contracts(site: Site, needed: pd.DataFrame, start: dt.date) -> pd.DataFrame:
    """The weekly hours that each team's shifts must make possible, in so many days.

    Parameters
    ----------
    site : Site
        With its agents and rules.
    needed : pandas.DataFrame
        REQUIREMENT: a day on which it has no row of a team's is closed.
    start : datetime.date
        First day of the week.

    Returns
    -------
    pandas.DataFrame
        team, contract, hours_min [h], hours_max [h], days_max (most days that the rules, hard or wished,
        let anybody work in this week): one row for each that occurs.
    """
    rows = []
    numbers = (needed["interval"].dt.tz_localize(None).dt.normalize() - pd.Timestamp(start)).dt.days % 7
    kinds = site.agents[["team", "contract", "hours_week"]].drop_duplicates()
    for team, contract, hours in kinds.sort_values(["team", "contract", "hours_week"]).itertuples(
        index=False
    ):
        rules: Rules = site.rules[contract]
        band = rules.hours_week or Limit(min=hours, max=hours)
        rows.append(
            {
                "team": team,
                "contract": contract,
                "hours_min": 0.0 if band.min is None else band.min,
                "hours_max": hours if band.max is None else band.max,
                "days_max": _most_days(set(numbers[needed["team"] == team]), rules),
            }
        )
    return pd.DataFrame(rows, columns=["team", "contract", "hours_min", "hours_max", "days_max"])


def _most_days(open_days: set[int], rules: Rules) -> float:
    """Most of a week's open days that the rules about days, hard or wished, let anybody work."""
    at_most, row, off = rules.days_week.max, rules.days_in_row.max, rules.days_off_together.min
    most = 0
    for week in itertools.product((False, True), repeat=7):
        runs = [(works, len(list(days))) for works, days in itertools.groupby(week)]
        in_row = max((days for works, days in runs if works), default=0)
        off_together = max((days for works, days in runs if not works), default=0)
        if (
            {day for day, works in enumerate(week) if works} <= open_days
            and (at_most is None or sum(week) <= at_most)
            and (row is None or in_row <= row)
            and (off is None or off_together >= off)
        ):
            most = max(most, sum(week))
    return float(most)


def chosen(site: Site, designs: pd.DataFrame) -> tuple[Shift, ...]:
    """The two shifts of each team: the first of its ranking.

    Parameters
    ----------
    site : Site
        With its teams.
    designs : pandas.DataFrame
        SHIFTS.

    Returns
    -------
    tuple of Shift
        Early and late of each team.
    """
    best = designs[designs["rank"] == 1].sort_values("team")
    return tuple(
        template for _, row in best.iterrows() for template in shifts.pair(row, site.teams[row["team"]])
    )
