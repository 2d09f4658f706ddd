"""One team, all its work: what waits comes first, deadlines fill quiet moments, then outbound calls."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from staffing.model import Deferred, Outbound, Queue
from staffing.requirement import deadlines, load, outbound
from staffing.requirement.case import described
from staffing.requirement.need import gross_up
from staffing.tables import FORECAST, REQUIREMENT, WORKLOAD, check, interval_minutes

Floats = np.ndarray


@dataclass
class Crew:
    """The intervals of one team, and what its people have left beside the contacts that wait.

    Parameters
    ----------
    name : str
        The team's.
    interval : pandas.DatetimeIndex
        When anything of the team is open.
    agents, load : numpy.ndarray
        People for its calls and chats, and what these occupy.
    spare : numpy.ndarray
        Hours up to the occupancy cap. [h]
    hours : float
        Length of an interval. [h]
    there : numpy.ndarray
        People whom the shifts put there; zeros where these are not known. [agents]
    extra : dict
        Deferred queue -> people added for it.
    """

    name: str
    interval: pd.DatetimeIndex
    agents: Floats
    load: Floats
    spare: Floats
    hours: float
    there: Floats
    extra: dict[str, Floats] = field(default_factory=dict)

    @property
    def level(self) -> Floats:
        """Everybody who is asked for, beyond those who will be there anyhow."""
        return self.agents + sum(self.extra.values(), np.zeros(len(self.agents))) - self.there


def blend(
    requirement: pd.DataFrame,
    forecast: pd.DataFrame,
    queues: Iterable[Queue],
    *,
    workload: pd.DataFrame,
    staffed: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The requirement of teams that have calls and chats, work with deadlines, and outbound calls.

    Whoever answers is free for a part of each interval: up to the occupancy cap of the queue, that time goes
    to deferred work, the earliest deadline first, which is put down when somebody calls. What would miss its
    deadline gets people of its own before it: where the team is smallest, or, where the shifts are known,
    where they leave most people to spare. What is then still free goes to outbound calls
    (`staffing.requirement.outbound`); these add nobody.

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT of the queues that wait, as `compute` gives it; may be without rows.
    forecast : pandas.DataFrame
        FORECAST: its Deferred rows say when such work can be done beside the hours of calls and chats, its
        Outbound rows how many calls each day are to be made.
    queues : iterable of Queue
        All of them.
    workload : pandas.DataFrame
        WORKLOAD, as `workload` gives it.
    staffed : pandas.DataFrame, optional
        team, interval, staffed: people whom planned shifts put there (of whom some are sick).

    Returns
    -------
    pandas.DataFrame
        REQUIREMENT with rows for the Deferred and Outbound queues: agents are those that they need beside the
        others, load [Erl] and volume what is worked off in the interval, service_level the share of it that
        is on time, bound_by ``due`` or ``none``.

    Raises
    ------
    DataError
        A queue that is not described.

    Examples
    --------
    >>> from staffing.requirement import compute, workload
    >>> from staffing.calendar import Calendar
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="30min", tz="Asia/Seoul")
    >>> come = pd.concat([pd.DataFrame({"queue": name, "interval": times, "volume": volume})
    ...                   for name, volume in (("calls", 20.0), ("orders", 0.0))], ignore_index=True)
    >>> team = [Queue("calls", team="presales", aht=180, shrinkage=()),
    ...         Queue("orders", team="presales", aht=90, shrinkage=(),
    ...               channel=Deferred(due="daily 11:00", opening_backlog=200))]
    >>> work = workload(come, team, calendar=Calendar())
    >>> both = blend(compute(come, team), come, team, workload=work)
    >>> both[both["queue"] == "orders"][["agents", "volume"]].round(1).values.tolist()
    [[2.0, 69.6], [1.0, 48.0], [1.0, 48.0], [1.0, 34.4]]
    """
    check(requirement, REQUIREMENT)
    check(forecast, FORECAST)
    check(workload, WORKLOAD)
    named = described([*workload["queue"], *requirement["queue"], *forecast["queue"]], queues)
    later = {name: queue for name, queue in named.items() if isinstance(queue.channel, (Deferred, Outbound))}
    parts = [] if requirement.empty else [requirement]
    for team in sorted({queue.team for queue in later.values()}):
        own = {name: queue for name, queue in later.items() if queue.team == team}
        working = [name for name, queue in own.items() if isinstance(queue.channel, Deferred)]
        crew = crew_of(team, requirement, forecast[forecast["queue"].isin(working)], named, staffed)
        if len(crew.interval):
            parts += _of_team(crew, own, forecast, workload)
    return check(pd.concat(parts, ignore_index=True) if parts else requirement, REQUIREMENT)


def crew_of(
    team: str,
    requirement: pd.DataFrame,
    forecast: pd.DataFrame,
    named: dict[str, Queue],
    staffed: pd.DataFrame | None = None,
) -> Crew:
    """A team as its calls and chats need it, with what these leave free, and whom its shifts put there."""
    rows = requirement[requirement["team"] == team]
    shown = [table[["queue", "interval"]] for table in (rows, forecast) if len(table)]
    both = pd.concat(shown, ignore_index=True) if shown else forecast
    times = pd.DatetimeIndex(both["interval"].drop_duplicates().sort_values())
    hours = interval_minutes(both) / 60.0 if len(both) else 1.0
    agents, busy, spare = (np.zeros(len(times)) for _ in range(3))
    there = np.zeros(len(times))
    if staffed is not None:
        own = staffed[staffed["team"] == team].groupby("interval")["staffed"].sum()
        share = min((queue.present for queue in named.values() if queue.team == team), default=1.0)
        there = own.reindex(times, fill_value=0.0).to_numpy(dtype=float) * share
    if rows.empty:
        return Crew(team, times, agents, busy, spare, hours, there)
    place = times.get_indexer(pd.DatetimeIndex(rows["interval"]))
    people = rows["agents"].to_numpy(dtype=float)
    taken = people * rows["occupancy"].to_numpy(dtype=float)
    cap = np.array([named[str(name)].target.max_occupancy for name in rows["queue"]])
    np.add.at(agents, place, people)
    np.add.at(busy, place, taken)
    np.add.at(spare, place, np.maximum(cap * people - taken, 0.0) * hours)
    return Crew(team, times, agents, busy, spare, hours, there)


def _of_team(
    crew: Crew, own: dict[str, Queue], forecast: pd.DataFrame, workload: pd.DataFrame
) -> list[pd.DataFrame]:
    deferred = {name: queue for name, queue in own.items() if isinstance(queue.channel, Deferred)}
    jobs = workload[workload["queue"].isin(deferred)].sort_values(["due", "released", "queue"])
    crew.extra = {name: np.zeros(len(crew.interval)) for name in deferred}
    worked, on_time = _meet_deadlines(crew, jobs, deferred)
    tables = []
    for name, queue in sorted(deferred.items()):
        mine = jobs[jobs["queue"] == name]
        hours = mine["hours"].sum()
        aht = 3600.0 * hours / mine["contacts"].sum() if hours > 0 else queue.aht or 0.0
        part = _rows(crew, queue, crew.extra[name], worked[name], aht)
        share = np.divide(
            on_time[name], worked[name], out=np.ones(len(part)), where=worked[name] > deadlines.NOTHING
        )
        tables.append(part.assign(service_level=np.minimum(share, 1.0)))
    idle = crew.spare - np.maximum(
        sum(worked.values(), np.zeros(len(crew.interval))) - _added(crew, deferred), 0.0
    )
    calling = {name: queue for name, queue in own.items() if isinstance(queue.channel, Outbound)}
    for name, queue in sorted(calling.items()):
        campaign = forecast[forecast["queue"] == name].sort_values("interval")
        if campaign.empty:
            continue
        aht = float(load.handle_time(campaign, queue).mean())
        made = outbound.fill(crew.interval, idle, crew.agents, crew.load, campaign, queue, aht, crew.hours)
        idle = idle - made * aht / 3600.0
        tables.append(_rows(crew, queue, np.zeros(len(made)), made * aht / 3600.0, aht))
    return tables


def _added(crew: Crew, deferred: dict[str, Queue]) -> Floats:
    """Hours that the people added for deferred work can do: nobody works without a pause either. [h]"""
    total = np.zeros(len(crew.interval))
    for name, queue in deferred.items():
        total += crew.extra[name] * queue.target.max_occupancy * crew.hours
    return total


def _meet_deadlines(
    crew: Crew, jobs: pd.DataFrame, deferred: dict[str, Queue]
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Add people until every deadline within reach is met; then hours worked by queue, and those on time."""
    start, end, work = on_clock(crew, jobs)
    for due in sorted({job[0] for job in work}):
        if due > end[-1]:
            break
        while True:
            played = deadlines.replay(start, end, crew.spare + _added(crew, deferred), work, until=due)
            late = {job: hours for job, hours in played.rest.items() if job[0] <= due}
            # Nobody is of use before the line of such work is last empty: what is late came after.
            places = deadlines.last_run(played.pending)
            if not late or not len(places):
                break
            name = min(late, key=lambda job: job[1])[2]
            each = deferred[name].target.max_occupancy * crew.hours
            missing = int(
                np.ceil(
                    sum(hours for job, hours in late.items() if job[2] == name) / each - deadlines.NOTHING
                )
            )
            _add(crew, name, places, max(missing // 4, 1))
    played = deadlines.replay(start, end, crew.spare + _added(crew, deferred), work)
    empty = np.zeros(len(start))
    worked = {name: played.worked.get(name, empty) for name in deferred}
    return worked, {name: played.on_time.get(name, empty) for name in deferred}


def on_clock(crew: Crew, jobs: pd.DataFrame) -> tuple[Floats, Floats, list[tuple[int, int, str, float]]]:
    """Starts and ends of the crew's intervals; deadline, release, queue and hours of each job."""
    end = crew.interval + pd.Timedelta(hours=crew.hours)
    due, released = (
        pd.DatetimeIndex(jobs[name]).tz_convert(crew.interval.tz).as_unit(crew.interval.unit).asi8
        for name in ("due", "released")
    )
    work = [
        (int(last), int(first), str(name), float(hours))
        for last, first, name, hours in zip(due, released, jobs["queue"], jobs["hours"], strict=True)
    ]
    return crew.interval.asi8, end.asi8, work


def _add(crew: Crew, name: str, places: Floats, people: int) -> None:
    """People one by one, each where fewest are asked for, the earliest of equals."""
    level = crew.level
    heap = [(level[place], int(place)) for place in places]
    heapq.heapify(heap)
    for _ in range(people):
        height, place = heapq.heappop(heap)
        crew.extra[name][place] += 1.0
        heapq.heappush(heap, (height + 1.0, place))


def _rows(crew: Crew, queue: Queue, agents: Floats, worked: Floats, aht: float) -> pd.DataFrame:
    busy = worked / crew.hours
    return pd.DataFrame(
        {
            "queue": queue.name,
            "team": crew.name,
            "interval": crew.interval,
            "volume": worked * 3600.0 / aht if aht > 0 else worked,
            "aht": aht,
            "offered_load": busy,
            "load": busy,
            "agents": agents,
            "agents_erlang_c": agents,
            "agents_for_mean": agents,
            "scheduled": gross_up(agents, queue.present),
            "service_level": 1.0,
            "asa": 0.0,
            "abandonment": 0.0,
            "occupancy": np.clip(np.divide(busy, agents, out=np.zeros(len(busy)), where=agents > 0), 0, 1),
            "target_met": np.nan,
            "bound_by": np.where(agents > 0, "due", "none"),
        }
    ).astype({"queue": "str", "team": "str"})
