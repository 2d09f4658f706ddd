"""The sentence for one site: history -> forecast -> requirement -> shifts -> roster, checked and measured."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import pandas as pd

from staffing import (
    calendar,
    coverage,
    forecast,
    report,
    requirement,
    review,
    roster,
    shifts,
    simulation,
    verify,
)
from staffing.errors import DataError, Problem
from staffing.export import SavedWeek
from staffing.model import Chat, Deferred, Limit, Outbound, Queue, Rules, Shift, Week
from staffing.site import Site

QUANTILES = (0.1, 0.5, 0.9)
WEEKS_AHEAD = 8
REPLICATIONS = 50
PACKAGES = (
    "staffing", "highspy", "holidays", "matplotlib", "numpy", "pandas", "pulp", "pydantic", "scipy", "tzdata",
)  # fmt: skip


def plan(
    site: Site,
    label: str,
    *,
    weeks: int = 1,
    previous: pd.DataFrame | None = None,
    keep: SavedWeek | None = None,
    frozen_until: dt.date | None = None,
    price_change: float | None = None,
    time_limit: float = 60.0,
    progress: Callable[[str], None] | None = None,
) -> Week:
    """Plan one week of one site, or several at once.

    Only history that is known when the roster is published counts: what came later than the site's lead days
    before the week is held back, and stands beside the plan where the history has it.

    Parameters
    ----------
    site : Site
        As `staffing.site.load` gives it.
    label : str
        ISO week, such as ``"2026-W49"``; of several the first.
    weeks : int
        How many, with the same two shifts.
    previous : pandas.DataFrame, optional
        ASSIGNMENTS of the week before; the site's own by default.
    keep : SavedWeek, optional
        This week's plan as it was published: its shifts stay, and as few days of people as possible change.
    frozen_until : datetime.date, optional
        First day of a kept plan that may change; default: all may.
    price_change : float, optional
        Of a changed day of a person; default: that of two short agent-half-hours.
    time_limit : float
        What the solver may take for the roster. [s]
    progress : callable, optional
        Told one line before each step.

    Returns
    -------
    Week
        Every table of the week. Short intervals stand in ``coverage`` and, with the reason, in the roster.

    Raises
    ------
    DataError
        No history before the week's lead time, a week without open hours, or another week's plan to keep.
        Calls out of a team that answers nothing; skills in work alone that has no line of its own.
    PlanError
        Somebody has no lawful week.
    SolverError
        No roster in time.
    """
    say = progress or (lambda text: None)
    timings: dict[str, float] = {}
    step = _stopwatch(timings, say)
    start = calendar.week_start(label, site.week_starts)
    days = 7 * weeks
    if keep is not None and (keep.start, keep.days) != (start, days):
        what = f"the plan to keep begins on {keep.start} and has {keep.days} days; {label} on {start}, {days}"
        raise DataError([Problem(what, "keep the plan of the same weeks")])
    previous, remarks = last_week(site.previous if previous is None else previous, start)
    past, actual = _split(site, start, days)

    _somebody_answers(site)
    with step("forecast"):
        expected = _expected(site, past, start, days)
    if expected.empty:
        raise DataError([Problem(f"no queue is open in {label}", "check the opening hours and closed days")])
    with step("requirement"):
        needed, work = _needed(site, past, expected, start, days)
    skills = on_lines(site.skills, needed)
    with step("shifts"):
        peaks = shifts.peaks(needed)
        terms = contracts(site, needed, start)
        if keep is None:
            designs = shifts.two_shift(needed, site.teams.values(), windows=peaks, contracts=terms)
            templates = chosen(site, designs)
        else:
            designs, templates = keep.designs, keep.shifts
        levers = shifts.levers(needed, site.teams.values(), designs, windows=peaks, contracts=terms)
        dear = shifts.shadow_prices(needed, templates, teams=site.teams.values())
    asked: dict[str, Any] = {
        "skills": skills, "timeoff": site.timeoff, "requests": site.requests, "previous": previous,
        "teams": tuple(site.teams.values()), "seats": site.seats, "pairs": site.pairs,
        "start": start, "days": days,
    }  # fmt: skip
    with step("roster"):
        rostered = roster.assign(
            needed,
            templates,
            site.agents,
            site.rules,
            **asked,
            keep=None if keep is None else keep.assignments,
            kept=None if keep is None else keep.segments,
            frozen_until=frozen_until,
            price_change=price_change,
            time_limit=time_limit,
        )
    with step("check"):
        covered = coverage.measure(needed, rostered.segments, site.queues, shortages=rostered.shortages)
        violations = verify.roster(
            rostered.assignments,
            rostered.segments,
            needed,
            site.agents,
            site.rules,
            shifts=templates,
            coverage=covered,
            **asked,
        )
        done = requirement.worked_off(covered, expected, site.queues, workload=work)
    with step("simulation"):
        simulated = replayed(needed, rostered.segments, site.queues, seed=site.seed)
    changed = None
    if keep is not None:
        changed = verify.changes(
            keep.assignments,
            rostered.assignments,
            rostered.segments,
            needed,
            site.agents,
            timeoff=site.timeoff,
            requests=site.requests,
        )
    compared = None
    if actual is not None and actual["queue"].isin(waiting(site.queues)).any():
        bands = [name for name in expected.columns if name.startswith("volume_p")]
        beside = covered.merge(expected[["queue", "interval", *bands]], on=["queue", "interval"])
        compared = review.compare(beside, actual, site.queues)

    return Week(
        site=site.name,
        label=label,
        start=start,
        days=days,
        timezone=site.timezone,
        history=past,
        forecast=expected,
        requirement=needed,
        peaks=peaks,
        designs=designs,
        teams=site.teams,
        shifts=templates,
        agents=site.agents,
        timeoff=site.timeoff,
        skills=skills,
        requests=site.requests,
        previous=previous,
        rules=site.rules,
        roster=rostered,
        coverage=covered,
        violations=violations,
        summary=report.summary(covered, rostered, queues=site.queues, deferred=done, simulated=simulated),
        review=compared,
        notes=(
            *site.assumptions,
            *past.attrs.get("report", ()),
            *ahead(past, start, site.lead_days),
            *(f"Forecast of {queue} by {why}." for queue, why in sorted(expected.attrs["method"].items())),
            *(f"{note}." for note in expected.attrs["notes"]),
            *remarks,
            *shifts.advice(levers),
            *(() if keep is None else ("Re-planned: the two shifts are those of the plan that is kept.",)),
        ),
        manifest=_manifest(site, label, start, past, rostered, len(violations)),
        timings=timings,
        queues=site.queues,
        deferred=done,
        seats=site.seats,
        pairs=site.pairs,
        changes=changed,
        levers=levers,
        shadow_prices=dear,
    )


def given(week: Week) -> dict[str, Any]:
    """What the roster of a week was made from, by the parameters of `staffing.roster.assign`.

    Parameters
    ----------
    week : Week
        A planned one.

    Returns
    -------
    dict
        Keyword -> table or noun, as `staffing.whatif` takes it.
    """
    names = (
        "shifts", "agents", "rules", "skills", "timeoff", "requests", "previous", "start", "days", "seats",
        "pairs",
    )  # fmt: skip
    tables = {name: getattr(week, name) for name in names}
    return {"demand": week.requirement, "teams": tuple(week.teams.values()), **tables}


def _split(site: Site, start: dt.date, days: int) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """What is known when the roster is published, and what came in the week itself."""
    known_until = calendar.at(_published(start, site.lead_days), 0, site.timezone)
    begin = calendar.at(start, 0, site.timezone)
    end = calendar.at(start + dt.timedelta(days=days), 0, site.timezone)
    when = site.history["interval"]
    past = site.history[when < known_until]
    if past.empty:
        raise DataError(
            [
                Problem(
                    f"the history begins on {when.min():%Y-%m-%d}, after {known_until:%Y-%m-%d}, "
                    f"{site.lead_days} days before the week",
                    "give earlier history, a later week, or fewer lead_days",
                )
            ]
        )
    actual = site.history[(when >= begin) & (when < end)]
    return past, None if actual.empty else actual


def last_week(previous: pd.DataFrame, start: dt.date) -> tuple[pd.DataFrame, list[str]]:
    """The shifts before a week that count for it, and what must be said of the others.

    They count where the last of them lies in the seven days before the week: then they are the week before.

    Parameters
    ----------
    previous : pandas.DataFrame
        ASSIGNMENTS.
    start : datetime.date
        First day of the planned week.

    Returns
    -------
    pandas.DataFrame
        Those before the week; without rows where they end more than a week before it.
    list of str
        Sentences for the planner.

    Examples
    --------
    >>> days = pd.DataFrame({"date": pd.to_datetime(["2026-11-20", "2026-11-30"])})
    >>> kept, said = last_week(days, dt.date(2026, 11, 30))
    >>> len(kept), said[0]
    (0, "1 shift of last week's lies in the planned week or after it: it does not count.")
    """
    alone = "Rest, days in a row and alternating weeks are counted from this week alone."
    if previous.empty:
        return previous, [f"No shifts of last week are given. {alone}"]
    before = previous[previous["date"] < pd.Timestamp(start)]
    later, said = len(previous) - len(before), []
    if later:
        what = "1 shift of last week's lies" if later == 1 else f"{later} shifts of last week's lie"
        it = "it does" if later == 1 else "they do"
        said.append(f"{what} in the planned week or after it: {it} not count.")
    if before.empty:
        return before, [*said, alone]
    ends = before["date"].max().date()
    if ends < start - dt.timedelta(days=7):
        apart = f"{(start - ends).days} days before this week"
        said.append(f"Last week's shifts end on {ends}, {apart}: they do not count. {alone}")
        return before.iloc[:0], said
    return before, said


def ahead(past: pd.DataFrame, start: dt.date, lead_days: int) -> list[str]:
    """How far ahead of what is known a week is planned.

    Parameters
    ----------
    past : pandas.DataFrame
        HISTORY up to the lead time.
    start : datetime.date
        First day of the planned week.
    lead_days : int
        How long before its first day the roster is published. [days]

    Returns
    -------
    list of str
        The lead, queues whose history ends more than a week before it, and a warning beyond 8 weeks.

    Examples
    --------
    >>> known = pd.DataFrame({"queue": "calls", "interval": pd.to_datetime(["2026-09-01 09:00"], utc=True)})
    >>> ahead(known, dt.date(2026, 11, 30), 14)[1]
    'The history of calls ends on 2026-09-01, 75 days before the lead of 14 days begins.'
    """
    said = [f"Planned with {lead_days} days' lead: nothing from {_published(start, lead_days)} on was known."]
    ends = past.groupby("queue", sort=True)["interval"].max().dt.date
    for queue, last in ends.items():
        missing = (_published(start, lead_days) - last).days - 1
        if missing > 7:
            lead = f"{missing} days before the lead of {lead_days} days begins"
            said.append(f"The history of {queue} ends on {last}, {lead}.")
        if (start - last).days > 7 * WEEKS_AHEAD:
            weeks = (start - last).days // 7
            said.append(
                f"The week lies {weeks} weeks beyond the history of {queue}: take its forecast with care."
            )
    return said


def _published(start: dt.date, lead_days: int) -> dt.date:
    return start - dt.timedelta(days=lead_days)


def _somebody_answers(site: Site) -> None:
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


def _expected(site: Site, past: pd.DataFrame, start: dt.date, days: int) -> pd.DataFrame:
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
    out.attrs["notes"] = [note for one in tables for note in one.attrs.get("notes", ())]
    return out


def _needed(
    site: Site, past: pd.DataFrame, expected: pd.DataFrame, start: dt.date, days: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """REQUIREMENT of each line, work with deadlines placed in it, and the WORKLOAD that was placed."""
    # The quantiles hold the chance of single calls, which Erlang's formulas add themselves.
    needed = requirement.compute(requirement.expected_volumes(expected), site.queues)
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
    blended = requirement.blend(needed, come, site.queues, workload=work)
    return shifts.evening_cover(requirement.lines(blended, site.queues), site.teams.values()), work


def replayed(
    needed: pd.DataFrame, segments: pd.DataFrame, queues: tuple[Queue, ...], *, seed: int
) -> pd.DataFrame | None:
    """The rostered week's calls and chats replayed one by one: a check on the models' service level.

    Each queue by itself, with absences drawn for whole duties; work with deadlines waits for nobody here.

    Parameters
    ----------
    needed : pandas.DataFrame
        REQUIREMENT with volume and aht [s].
    segments : pandas.DataFrame
        SEGMENTS of the roster.
    queues : tuple of Queue
        All of them; those of calls and chats are replayed.
    seed : int
        Same seed, same contacts.

    Returns
    -------
    pandas.DataFrame or None
        queue, date (NaT: the whole week), service_level_simulated, service_level_error (Monte Carlo standard
        error) [0-1]; None where there are neither.
    """
    tables = []
    for queue in queues:
        come = needed[(needed["queue"] == queue.name) & (needed["volume"] > 0)]
        there = segments[(segments["activity"] == "queue") & (segments["queue"] == queue.name)]
        if queue.name not in waiting(queues) or come.empty or there.empty:
            continue
        come = come[["queue", "interval", "volume", "aht"]]
        run = simulation.run(
            there, [_as_needed(queue)], forecast=come, replications=REPLICATIONS, seed=seed
        ).by_day
        weight = run["offered"].to_numpy() / run["offered"].sum()
        level, error = (run[name].to_numpy() for name in ("service_level", "service_level_error"))
        whole = {"service_level": level @ weight, "service_level_error": ((error * weight) ** 2).sum() ** 0.5}
        week = pd.DataFrame([{"queue": queue.name, "date": pd.NaT, **whole}])
        tables.append(pd.concat([run[list(week.columns)], week], ignore_index=True))
    found = pd.concat(tables, ignore_index=True) if tables else None
    return None if found is None else found.rename(columns={"service_level": "service_level_simulated"})


def _as_needed(queue: Queue) -> Queue:
    """The queue as a requirement's volume and handle time have it: what shapes them is counted already."""
    channel = replace(queue.channel, measured_at=1) if isinstance(queue.channel, Chat) else queue.channel
    return replace(queue, channel=channel, speed=1.0, deflected=0.0, ivr=0.0)


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


def _stopwatch(
    timings: dict[str, float], say: Callable[[str], None]
) -> Callable[[str], AbstractContextManager[None]]:
    @contextmanager
    def step(name: str) -> Iterator[None]:
        say(name)
        began = time.perf_counter()
        yield
        timings[name] = round(time.perf_counter() - began, 3)

    return step


def _manifest(
    site: Site, label: str, start: dt.date, past: pd.DataFrame, rostered: roster.Roster, violations: int
) -> dict[str, object]:
    """How the week was made: enough to make it again, and to see that nothing was changed since."""
    return {
        "site": site.name,
        "week": label,
        "start": start.isoformat(),
        "timezone": site.timezone,
        "history_until": past["interval"].max().isoformat(),
        "lead_days": site.lead_days,
        "seed": site.seed,
        "inputs": dict(sorted(site.files.items())),
        "packages": {name: version(name) for name in PACKAGES},
        "targets": {queue.name: vars(queue.target) for queue in site.queues},
        "channels": {queue.name: vars(queue.channel) for queue in site.queues},
        "assumptions": list(site.assumptions),
        "status": rostered.status,
        "cost": round(rostered.cost, 6),
        "bound": round(rostered.bound, 6),
        "gap_agent_half_hours": round(rostered.gap, 6),
        "gap_share": round(rostered.gap_share, 9),
        "violations": violations,
    }
