"""The sentence for one site: history -> forecast -> requirement -> shifts -> roster, checked and measured."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from typing import Any

import pandas as pd

from staffing import calendar, coverage, report, requirement, review, roster, shifts, verify
from staffing.errors import DataError, Problem
from staffing.export import SavedWeek
from staffing.model import Week
from staffing.site import Site
from staffing.week import design, known, needs
from staffing.week.known import ahead, last_week
from staffing.week.needs import chosen, contracts, on_lines, waiting, working_hours
from staffing.week.replay import replayed

__all__ = [
    "ahead", "chosen", "contracts", "given", "last_week", "on_lines", "plan", "replayed", "waiting",
    "working_hours",
]  # fmt: skip

PACKAGES = (
    "staffing", "highspy", "holidays", "matplotlib", "numpy", "pandas", "pulp", "pydantic", "scipy", "tzdata",
)  # fmt: skip


def plan(
    site: Site,
    label: str,
    *,
    weeks: int = 1,
    previous: pd.DataFrame | None = None,
    carried: pd.DataFrame | None = None,
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
    carried : pandas.DataFrame, optional
        SEGMENTS of the week before: its night shifts are there on the first morning.
    keep : SavedWeek, optional
        This week's plan as it was published: its shifts stay, and as few days of people as possible change.
    frozen_until : datetime.date, optional
        First day of a kept plan that may change; default: all may.
    price_change : float, optional
        Of a changed day of a person; default: that of two short agent-half-hours.
    time_limit : float
        What the solver may take for the roster, counted in work: see `roster.assign`. [s]
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
    past, actual = known.split(site, start, days)

    needs.somebody_answers(site)
    with step("forecast"):
        expected = needs.expected(site, past, start, days)
    if expected.empty:
        raise DataError([Problem(f"no queue is open in {label}", "check the opening hours and closed days")])
    with step("requirement"):
        work = needs.needed(site, past, expected, start, days)
        needed = work.lines(site)
        curve = needs.curve(site, expected, needed)
    with step("shifts"):
        peaks = shifts.peaks(needed)
        terms = contracts(site, needed, start)
        to_cover = design.Asked(site, *work.to_design(site, needed), curve)
        designs = to_cover.designs(peaks, terms) if keep is None else keep.designs
        templates = chosen(site, designs) if keep is None else keep.shifts
        levers = to_cover.levers(designs, peaks, terms)
        if len(to_cover.workload):
            needed = work.lines(site, to_cover.staffed(templates))
        dear = shifts.shadow_prices(needed, templates, teams=site.teams.values())
    away = known.leave(site, working_hours(site.calendar, site.queues, past), start, days)
    skills = on_lines(site.skills, needed)
    asked: dict[str, Any] = {
        "skills": skills, "timeoff": away, "requests": site.requests, "previous": previous,
        "teams": tuple(site.teams.values()), "seats": site.seats,
        "pairs": site.pairs, "trainings": site.trainings,
        "start": start, "days": days,
    }  # fmt: skip
    with step("roster"):
        rostered = roster.assign(
            needed,
            templates,
            site.agents,
            site.rules,
            **asked,
            curve=curve,
            queues=site.queues,
            carried=keep.carried if carried is None and keep is not None else carried,
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
            frozen_until=frozen_until,
            **asked,
        )
        reached = None if curve is None else verify.service(rostered.segments, needed, curve, site.queues)
        done = requirement.worked_off(covered, expected, site.queues, workload=work.work)
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
            kept=keep.segments,
            timeoff=away,
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
        timeoff=away,
        skills=skills,
        requests=site.requests,
        previous=previous,
        rules=site.rules,
        roster=rostered,
        coverage=covered,
        violations=violations,
        summary=report.summary(
            covered, rostered, queues=site.queues, deferred=done, simulated=simulated, reached=reached
        ),
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
        frozen_until=frozen_until,
        pairs=site.pairs,
        changes=changed,
        levers=levers,
        shadow_prices=dear,
        trainings=site.trainings,
        curve=curve,
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
        "pairs", "trainings", "curve", "queues",
    )  # fmt: skip
    tables = {name: getattr(week, name) for name in names}
    carried = roster.carried(week.roster.assignments, week.roster.segments)
    return {
        "demand": week.requirement, "teams": tuple(week.teams.values()), "carried": carried, **tables,
    }  # fmt: skip


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
        "cover_by": dict(sorted(rostered.measured.items())),
        "channels": {queue.name: vars(queue.channel) for queue in site.queues},
        "assumptions": list(site.assumptions),
        "status": rostered.status,
        "cost": round(rostered.cost, 6),
        "bound": round(rostered.bound, 6),
        "gap_agent_half_hours": round(rostered.gap, 6),
        "gap_share": round(rostered.gap_share, 9),
        "violations": violations,
    }
