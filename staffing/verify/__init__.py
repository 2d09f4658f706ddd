"""Re-check a roster against every rule from its tables alone, without any solver; compare two rosters.

Nothing here is shared with the code that makes rosters: hours, presence and cover are worked out again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from staffing.model import Pair, Rules, Shift, Team, Training
from staffing.tables import ABSENT, SEGMENTS, absence_code, interval_minutes
from staffing.verify import at_once, facts
from staffing.verify import training as sessions
from staffing.verify.changes import OFF, changes, diff, diff_gaps
from staffing.verify.facts import NO_QUEUE
from staffing.verify.figures import figures, hours
from staffing.verify.presence import gaps, in_shifts, recount
from staffing.verify.pricing import LEFT_OUT, costs, missed, priced, wishes
from staffing.verify.reading import read
from staffing.verify.service import service
from staffing.verify.training import no_longer_held

__all__ = [
    "LEFT_OUT",
    "changes",
    "costs",
    "diff",
    "diff_gaps",
    "figures",
    "gaps",
    "hours",
    "no_longer_held",
    "priced",
    "roster",
    "service",
    "wishes",
]

ASKED = ("lock", "forbid")


def roster(
    assignments: pd.DataFrame,
    segments: pd.DataFrame,
    requirement: pd.DataFrame,
    agents: pd.DataFrame,
    rules: Rules | Mapping[str, Rules] = Rules(),  # noqa: B008 (frozen)
    *,
    shifts: tuple[Shift, ...],
    skills: pd.DataFrame | None = None,
    timeoff: pd.DataFrame | None = None,
    requests: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    start: dt.date,
    days: int = 7,
    teams: Iterable[Team] = (),
    seats: int | None = None,
    frozen_until: dt.date | None = None,
    pairs: Iterable[Pair] = (),
    trainings: Iterable[Training] = (),
    coverage: pd.DataFrame | None = None,
    absences: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every broken rule of a roster, by person, day and rule.

    Hard rules only: a `Limit` or wish with a finite price may be broken, at its price. Hours are owed in
    each week: the contract's (or the bounds of ``hours_week``) less the credit of paid time off, which is
    spread evenly over the days of its row. Fewer stand only where time off, the dates of employment, closed
    days or a change of the clock leave no lawful week of whole shifts with more.

    Parameters
    ----------
    assignments, segments : pandas.DataFrame
        ASSIGNMENTS and SEGMENTS of the roster.
    requirement : pandas.DataFrame
        REQUIREMENT: which queues there are, whose they are, when they are open, and the zone of the clock. Or
        PLAN, which names shifts: segments then name no queue, and the clock is that of the assignments.
    agents : pandas.DataFrame
        AGENTS.
    rules : Rules or dict
        The same for all, or contract -> `Rules`.
    shifts : tuple of Shift
        The templates of every team.
    skills : pandas.DataFrame, optional
        SKILLS; whoever has no row in it serves the queues of the own team.
    timeoff, requests : pandas.DataFrame, optional
        TIMEOFF and REQUESTS; of the requests ``lock`` and ``forbid`` are rules, the rest are wishes.
    previous : pandas.DataFrame, optional
        ASSIGNMENTS of last week: segments may lie in those of its shifts that reach into this one.
    start : datetime.date
        First day of the roster.
    days : int
        Days of the roster. [days]
    teams : iterable of Team, optional
        Whose rules hold.
    frozen_until : datetime.date, optional
        Days before it were not the plan's to change: no training is missed there, no lock or forbid broken.
    seats : int, optional
        Desks or licences of the site.
    pairs : iterable of Pair, optional
        Who works together, or apart.
    trainings : iterable of Training, optional
        Planned training and one-to-ones: held once a week, as said; left out only where the roster as it
        stands has no room.
    coverage : pandas.DataFrame, optional
        COVERAGE, to be counted again from the segments.
    absences : pandas.DataFrame, optional
        agent, date, kind: absences that somebody has typed into the grid, each to stand in ``timeoff`` too,
        and ``OFF`` where leave has been typed over.

    Returns
    -------
    pandas.DataFrame
        agent, name, date (NaT: the week), rule, what (in words, with the numbers); sorted, empty where the
        roster is clean.

    Raises
    ------
    DataError
        Where a table has not the form of its contract, a contract has no rules, or a pair names a stranger.

    Examples
    --------
    >>> early = Shift("early", "sales", dt.time(9), 8)
    >>> times = pd.date_range("2026-11-30 09:00", periods=16, freq="30min", tz="Asia/Seoul", unit="us")
    >>> need = pd.DataFrame({"queue": "calls", "team": "sales", "interval": times, "load": 0.5,
    ...                      "agents": 1.0, "scheduled": 1.0})
    >>> people = pd.DataFrame({"agent": ["007"], "name": ["김민지"], "team": ["sales"],
    ...                        "contract": ["full"], "hours_week": [8.0]})
    >>> day = pd.DataFrame({"agent": ["007"], "date": pd.to_datetime(["2026-11-30"]).as_unit("us"),
    ...                     "team": ["sales"], "shift": ["early"], "start": times[:1],
    ...                     "end": times[-1:] + pd.Timedelta("30min"), "paid_hours": [7.0]})
    >>> work = day[["agent", "start", "end"]].assign(activity="queue", queue="calls", paid=True)
    >>> broken = roster(day, work, need, people, shifts=(early,), start=dt.date(2026, 11, 30))
    >>> broken[["agent", "rule", "what"]].to_numpy().tolist()
    [['007', 'paid_hours', 'paid 7 h, the shift pays 8 h']]
    """
    teams = tuple(teams)
    known = read(
        assignments, requirement, agents, rules, shifts=shifts, skills=skills, timeoff=timeoff,
        requests=requests, previous=previous, start=start, days=days,
    )  # fmt: skip
    everybody, passed_over, found = known.people, known.passed_over, list(known.found)
    of_plan, timezone = known.of_plan, known.timezone
    frozen = 0 if frozen_until is None else frozen_until.toordinal()
    found += [
        (agent, day, rule, what)
        for agent, day, rule, what in facts.hard(missed(known, agents, requirement, teams, pairs))
        if rule not in ASKED or day is None or day >= frozen
    ]
    found += at_once.seats(known.assignments, seats)
    parts = facts.local(facts.loose(segments, SEGMENTS), timezone)
    screens = {team.name: team.screen.every_hours for team in teams if team.screen is not None}
    queues = frozenset({NO_QUEUE}) if of_plan else frozenset(requirement["queue"])
    for agent, hours_there in facts.reaching(previous, timezone, start).items():
        passed_over.setdefault(agent, []).extend(hours_there)
    found += in_shifts(everybody, parts, queues, passed_over, screens)
    if not of_plan and len(requirement):
        contracts = dict(zip(agents["agent"], agents["contract"], strict=True))
        minutes = interval_minutes(requirement)
        found += sessions.held(trainings, everybody, contracts, parts, minutes, frozen_until)
    if coverage is not None:
        found += recount(coverage, gaps(segments, requirement))
    if absences is not None:
        found += _unlisted(absences, everybody)
    return facts.told(found, dict(zip(agents["agent"], agents["name"], strict=True)))


def _unlisted(absences: pd.DataFrame, everybody: list[facts.Person]) -> Iterator[facts.Broken]:
    """Days of a grid that say other than the time off list, by which alone hours are credited."""
    people = {person.agent: person for person in everybody}
    for row in facts.rows(absences):
        day, person = row.date.toordinal(), people.get(row.agent)
        typed = OFF if row.kind == OFF else absence_code(row.kind)
        known = OFF if person is None else person.away.get(day, OFF)
        if typed == OFF and (person is None or not person.credit.get(day)):
            continue  # a day that credits nothing may as well be a day off
        if known == OFF:
            what = f"{typed} is not in the time off list; add it there with its credit hours"
            yield row.agent, day, "absence", what
        elif typed not in (known, ABSENT):
            what = f"{typed} in the roster, {known} in the time off list, which counts; change it there"
            yield row.agent, day, "absence", what
