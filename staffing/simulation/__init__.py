"""Replay a staffed week call by call: what service these very people give, and how sure that is.

Presence is worked out from SEGMENTS here, and no formula or step of the library is used: this is the check on
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from staffing.calendar import Calendar
from staffing.errors import DataError, Problem
from staffing.model import Queue
from staffing.simulation import demand, measures, people, play
from staffing.simulation.demand import Manner
from staffing.simulation.laws import Law, exponential, lognormal, observed
from staffing.simulation.tally import Answers, Totals, count, count_presence
from staffing.tables import SEGMENTS, SKILLS, check

__all__ = ["Law", "Replay", "exponential", "lognormal", "observed", "run"]


@dataclass(frozen=True, eq=False)
class Replay:
    """A week replayed many times. Every ``*_error`` is a Monte Carlo standard error of the column before it.

    Parameters
    ----------
    by_interval : pandas.DataFrame
        queue, interval; means over the replications of the contacts offered, answered, answered_within,
        abandoned, waiting (still in line at close); service_level (of the queue's definition) and
        service_level_offered, _excluding_short_abandons, _answered, _counting_short_abandons [0-1]; asa [s];
        abandonment [0-1]; occupancy of those rostered on the queue [0-1], of chats the share of the pace that
        they have with every slot taken; backlog in line at its end. Contacts belong to the interval in which
        they came. Work with a deadline is within where it is done by then.
    by_day : pandas.DataFrame
        queue, date; the same, then the spread of the day's service level over the replications:
        service_level_p10 and so on, and target_met, the share of days that reach the target.
    by_agent : pandas.DataFrame
        agent, answered contacts, on_contacts and on_queue [h], occupancy [0-1]. Finishing a contact after the
        end of a segment is time on the queue.
    contacts : pandas.DataFrame
        Every contact of the first replication, of the contract CALLS; outcome is answered, abandoned or
        waiting.
    replications : int
        How many.
    """

    by_interval: pd.DataFrame
    by_day: pd.DataFrame
    by_agent: pd.DataFrame
    contacts: pd.DataFrame
    replications: int


def run(
    segments: pd.DataFrame,
    queues: Iterable[Queue],
    *,
    forecast: pd.DataFrame | None = None,
    paths: pd.DataFrame | None = None,
    calls: pd.DataFrame | None = None,
    skills: pd.DataFrame | None = None,
    service: Mapping[str, Law] | None = None,
    patience: Mapping[str, Law] | None = None,
    redial_delay: float = 300.0,
    calendar: Calendar | None = None,
    warm_start: int = 0,
    every: str = "30min",
    quantiles: Sequence[float] = (0.1, 0.5, 0.9),
    replications: int = 100,
    seed: int = 0,
) -> Replay:
    """Replay the arrivals of a week against the people rostered for it, call by call.

    Lines are first come, first served; the agent who has been idle for longest takes the next contact. A
    contact in progress is finished after the end of a segment, before breaks as at the end of shifts; whoever
    comes back is one of the people who are there, never a fresh crew. Contacts in line at close are answered
    by those who are still on the queue; those whom nobody answers by the middle of the night are counted as
    waiting. Unrostered shrinkage (`Queue.present`) takes people away at random, each for a whole duty.

    Parameters
    ----------
    segments : pandas.DataFrame
        SEGMENTS; an agent answers in those whose activity is ``queue`` or ``deferrable``.
    queues : iterable of Queue
        Every queue that arrivals and segments name: target, patience, handle time and shrinkage.
    forecast : pandas.DataFrame, optional
        FORECAST: contacts come at random (Poisson) around its volume, evenly within an interval.
    paths : pandas.DataFrame, optional
        PATHS: replication k takes path k, k modulo their number, as contacts counted.
    calls : pandas.DataFrame, optional
        CALLS: the contacts that came, when they came. Who hung up has the patience he showed; service that
        is not known, and the patience of the others beyond the wait they bore, is drawn.
    skills : pandas.DataFrame, optional
        SKILLS: agents answer these queues as well. Lower ``level`` first, longest in line first where levels
        are equal; without levels the queue of the segment comes first. None: only the queue of the segment.
    service, patience : mapping of str to Law, optional
        By queue: `exponential`, `lognormal` or `observed`. None: exponential, and handle times of a log as it
        has them.
    redial_delay : float
        Mean time (exponential) until callers who hang up call again, where their `Voice` says that they do;
        each attempt is a contact. The attempts of a log stand in it. [s]
    calendar : Calendar, optional
        Opening hours and closed days, by which deadlines of `Deferred` queues go. None: open at all hours.
    warm_start : int
        Intervals like the first one to live through before counting, for a centre that never closes.
    every : str
        Length of the intervals where ``calls`` is given.
    quantiles : sequence of float
        Of the day's service level. [0-1]
    replications : int
        How often the week is lived through.
    seed : int
        Same seed, same contacts and absences, whoever is rostered: differences between two plans are theirs.

    Returns
    -------
    Replay
        Tables by interval, day and agent.

    Raises
    ------
    DataError
        Wrong tables, no or several sources of arrivals, unknown queues or handle times.

    Examples
    --------
    Ten erlangs and fourteen agents, where Erlang C says 0.888:

    >>> from staffing.model import Queue
    >>> times = pd.date_range("2026-11-30 09:00", periods=16, freq="30min", tz="Asia/Seoul")
    >>> volumes = pd.DataFrame({"queue": "calls", "interval": times, "volume": 100.0, "aht": 180.0})
    >>> team = pd.DataFrame({"agent": [f"{n:03d}" for n in range(14)], "start": times[0],
    ...                      "end": times[-1] + pd.Timedelta("30min"), "activity": "queue", "queue": "calls",
    ...                      "paid": True})
    >>> one = Queue("calls", team="service", shrinkage=())
    >>> replay = run(team, [one], forecast=volumes, warm_start=4, seed=1)
    >>> replay.by_day[["service_level", "service_level_error"]].round(3).to_numpy().tolist()
    [[0.889, 0.004]]
    """
    named = list(queues)
    _check(segments, named, skills, quantiles, replications)
    manner = Manner(service or {}, patience or {}, redial_delay, calendar or Calendar())
    sources = {"forecast": forecast, "paths": paths, "calls": calls}
    grid, demands = demand.read(named, sources, manner, warm=warm_start, every=every)
    crew = people.read(segments, named, skills, grid.origin, grid.begin)
    totals = Totals((len(named), grid.size, len(crew.names), replications))
    by_number = {one.queue: one for one in demands}
    first: list[tuple[Answers, people.Windows]] = []
    for rows in play.blocks(demands, grid, replications):
        gone = people.missed(crew, rows, seed)
        count_presence(totals, slice(int(rows[0]), int(rows[-1]) + 1), crew, gone, grid)
        for group in play.groups(crew, demands, len(named)):
            for answers, present, part in play.play(group, crew, gone, grid, rows, seed):
                where = slice(int(rows[0]) + part.start, int(rows[0]) + part.stop)
                within = round(named[answers.queue].target.within * demand.SECOND)
                count(totals, where, answers, present, by_number[answers.queue], within, grid)
                if where.start == 0:
                    first.append((answers.first(), present))
    return Replay(
        measures.by_interval(totals, named, demands, grid),
        measures.by_day(totals, named, demands, grid, quantiles),
        measures.by_agent(totals, crew.names),
        measures.contacts(first, demands, crew.names, grid),
        replications,
    )


def _check(
    segments: pd.DataFrame,
    queues: Sequence[Queue],
    skills: pd.DataFrame | None,
    quantiles: Sequence[float],
    replications: int,
) -> None:
    check(segments, SEGMENTS)
    if skills is not None:
        check(skills, SKILLS)
    problems = []
    names = [queue.name for queue in queues]
    problems += [
        Problem(f"the queue {name!r} stands here again", "describe each queue once", column="queues")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if replications < 1:
        problems.append(Problem(f"{replications} replications are none", "ask for at least one"))
    if not all(0.0 <= q <= 1.0 for q in quantiles):
        problems.append(Problem("a quantile lies outside 0 to 1", "write fractions, for example 0.1"))
    if problems:
        raise DataError(problems)
