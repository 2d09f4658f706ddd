"""After the roster: how much work with deadlines the people who are there get done, and what is late."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from staffing.model import Deferred, Outbound, Queue
from staffing.requirement import deadlines, load, outbound
from staffing.requirement.blend import Crew, on_clock
from staffing.tables import COVERAGE, DEFERRED, FORECAST, WORKLOAD, check, interval_minutes

Floats = np.ndarray


def worked_off(
    coverage: pd.DataFrame, forecast: pd.DataFrame, queues: Iterable[Queue], *, workload: pd.DataFrame
) -> pd.DataFrame:
    """What a team's people get done beside its calls and chats, due date by due date.

    The people expected on the lines of a team do such work while they are free, up to the occupancy cap of
    each line: the earliest deadline first, the oldest of equals. What is then still free goes to outbound
    calls, whose goal of a day is due at its end.

    Parameters
    ----------
    coverage : pandas.DataFrame
        COVERAGE with team, as `staffing.coverage.measure` gives it.
    forecast : pandas.DataFrame
        FORECAST: its Outbound rows say how many calls are to be made each day.
    queues : iterable of Queue
        All of them.
    workload : pandas.DataFrame
        WORKLOAD with contacts, as `workload` gives it.

    Returns
    -------
    pandas.DataFrame
        DEFERRED: queue, team, due, contacts, hours, done (by then), late (not done by then; of a deadline
        after the last interval nothing is late yet) and left (not done at the end of the table) [h].

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="30min", tz="Asia/Seoul")
    >>> there = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "agents": 2.0,
    ...     "scheduled": 2.0, "staffed": 2.0, "expected": 2.0, "gap": 0.0, "service_level": 1.0,
    ...     "occupancy": 0.38, "why": ""})
    >>> mail = pd.DataFrame({"queue": "mail", "released": times[:2], "due": times[2], "hours": 0.75,
    ...                      "contacts": 15.0})
    >>> care = [Queue("calls", "care", ()), Queue("mail", "care", (), channel=Deferred(due="1h"))]
    >>> none = there[["queue", "interval"]].assign(volume=0.0)
    >>> worked_off(there, none, care, workload=mail)[["hours", "done", "late", "left"]].values.tolist()
    [[1.5, 1.0, 0.5, 0.0]]
    """
    check(coverage, COVERAGE)
    check(forecast, FORECAST)
    check(workload, WORKLOAD)
    named = {queue.name: queue for queue in queues}
    tables = []
    for team in sorted(set(coverage["team"])):
        crew = _there(team, coverage[coverage["team"] == team], named)
        own = {name: queue for name, queue in named.items() if queue.team == team}
        jobs = workload[workload["queue"].isin(own)]
        start, end, work = on_clock(crew, jobs)
        played = deadlines.replay(start, end, crew.spare, work)
        if work:
            tables.append(_by_due(jobs, played, int(end[-1]), crew))
        idle = crew.spare - sum(played.worked.values(), np.zeros(len(crew.interval)))
        for name, queue in sorted(own.items()):
            campaign = forecast[forecast["queue"] == name].sort_values("interval")
            if isinstance(queue.channel, Outbound) and len(campaign):
                made, table = _called(crew, idle, campaign, queue)
                idle = idle - made
                tables.append(table)
    found = [table.assign(team=table["queue"].map({n: q.team for n, q in named.items()})) for table in tables]
    whole = pd.concat(found, ignore_index=True) if found else DEFERRED.empty()
    whole = whole[list(DEFERRED.columns)].astype({"queue": "str", "team": "str"})
    return check(whole.sort_values(["queue", "due"], ignore_index=True), DEFERRED)


def _there(team: str, rows: pd.DataFrame, named: dict[str, Queue]) -> Crew:
    """The people of a team in the roster, and what they have left beside the contacts that wait."""
    times = pd.DatetimeIndex(rows["interval"].drop_duplicates().sort_values())
    hours = interval_minutes(rows) / 60.0
    place = times.get_indexer(pd.DatetimeIndex(rows["interval"]))
    people = rows["expected"].to_numpy(dtype=float)
    waits = np.array([not isinstance(named[str(name)].channel, Deferred) for name in rows["queue"]])
    taken = np.where(waits, people * rows["occupancy"].to_numpy(dtype=float), 0.0)
    cap = np.array([named[str(name)].target.max_occupancy for name in rows["queue"]])
    agents, busy, spare, there = (np.zeros(len(times)) for _ in range(4))
    np.add.at(agents, place, people)
    np.add.at(busy, place, taken)
    np.add.at(spare, place, np.maximum(cap * people - taken, 0.0) * hours)
    return Crew(team, times, agents, busy, spare, hours, there)


def _by_due(jobs: pd.DataFrame, played: deadlines.Played, until: int, crew: Crew) -> pd.DataFrame:
    """Hours of each queue and deadline: all, done in time, late, left."""
    _, _, work = on_clock(crew, jobs)
    table = jobs[["queue", "due", "hours", "contacts"]].copy()
    keys = [(due, released, name) for due, released, name, _ in work]
    waiting = np.array([released >= until for _, released, _, _ in work], dtype=bool)
    table["left"] = [played.rest.get(key, 0.0) for key in keys]
    table.loc[waiting, "left"] = table["hours"][waiting]
    over = np.array([due <= until for due, *_ in work], dtype=bool)
    late = np.array([played.late.get(key, 0.0) for key in keys]) + np.where(over, table["left"], 0.0)
    table["late"] = late
    table["done"] = table["hours"] - late - np.where(over, 0.0, table["left"])
    sums = table.groupby(["queue", "due"], as_index=False)[
        ["hours", "contacts", "done", "late", "left"]
    ].sum()
    return sums.assign(**{name: sums[name].round(6).clip(lower=0.0) for name in ("done", "late", "left")})


def _called(crew: Crew, idle: Floats, campaign: pd.DataFrame, queue: Queue) -> tuple[Floats, pd.DataFrame]:
    """Hours of outbound calls in each interval, and what they make of each day's goal, the oldest first."""
    aht = float(load.handle_time(campaign, queue).mean())
    made = outbound.fill(crew.interval, idle, crew.agents, crew.load, campaign, queue, aht, crew.hours)
    wanted = campaign["volume"].groupby(campaign["interval"].dt.tz_localize(None).dt.normalize()).sum()
    days = pd.DatetimeIndex(crew.interval.tz_localize(None).normalize())
    closes = pd.Series(crew.interval + pd.Timedelta(hours=crew.hours), index=days).groupby(level=0).max()
    wanted = wanted[wanted.index.isin(closes.index) & (wanted > 0)]
    so_far = pd.Series(made, index=days).groupby(level=0).sum().cumsum().reindex(wanted.index).to_numpy()
    each, goal = aht / 3600.0, wanted.to_numpy(dtype=float)
    before = np.cumsum(goal) - goal
    by_then, in_all = (np.clip(some - before, 0.0, goal) for some in (so_far, made.sum()))
    table = pd.DataFrame(
        {
            "queue": queue.name,
            "due": closes.reindex(wanted.index).array,
            "contacts": goal,
            "hours": goal * each,
            "done": np.round(by_then * each, 6),
            "late": np.round((goal - by_then) * each, 6),
            "left": np.round((goal - in_all) * each, 6),
        }
    )
    return made * each, table
