"""What of the work with deadlines the quiet moments of a team do not hold."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from staffing.model import Deferred, Queue
from staffing.requirement import deadlines
from staffing.requirement.blend import crew_of, on_clock
from staffing.requirement.case import described
from staffing.tables import FORECAST, REQUIREMENT, WORKLOAD, check


def overdue(
    requirement: pd.DataFrame, forecast: pd.DataFrame, queues: Iterable[Queue], *, workload: pd.DataFrame
) -> pd.DataFrame:
    """The work that would be late if nobody were there for it alone.

    Whoever answers calls and chats is free for a part of each interval, and works on what is due first, as in
    `blend`. What is then not done by its deadline is left for people beyond those. As the workload of
    `staffing.shifts.two_shift` and `staffing.shifts.plan` it goes where shifts leave people to spare.

    Parameters
    ----------
    requirement, forecast, queues, workload
        As in `blend`.

    Returns
    -------
    pandas.DataFrame
        WORKLOAD: queue, released, due, hours; hours of people who may be busy up to the occupancy cap of the
        queue, in the order of the workload. Work that is due after the last interval is none of it.

    Raises
    ------
    DataError
        A queue that is not described.

    Examples
    --------
    >>> from staffing.requirement import compute
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="30min", tz="Asia/Seoul")
    >>> come = pd.DataFrame({"queue": "calls", "interval": times, "volume": 20.0})
    >>> team = [Queue("calls", team="presales", aht=180, shrinkage=()),
    ...         Queue("orders", team="presales", aht=90, shrinkage=(), channel=Deferred(due="daily 11:00"))]
    >>> work = pd.DataFrame({"queue": "orders", "released": times[:1], "due": times[3:], "hours": 5.0})
    >>> overdue(compute(come, team), come, team, workload=work)["hours"].round(2).tolist()
    [2.98]
    """
    check(requirement, REQUIREMENT)
    check(forecast, FORECAST)
    check(workload, WORKLOAD)
    named = described([*workload["queue"], *requirement["queue"]], queues)
    later = {name: queue for name, queue in named.items() if isinstance(queue.channel, Deferred)}
    left = np.zeros(len(workload))
    for team in sorted({queue.team for queue in later.values()}):
        own = {name for name, queue in later.items() if queue.team == team}
        places = np.flatnonzero(workload["queue"].isin(own).to_numpy())
        crew = crew_of(team, requirement, forecast[forecast["queue"].isin(own)], named)
        if len(crew.interval) and len(places):
            start, end, work = on_clock(crew, workload.iloc[places])
            left[places] = _late(start, end, crew.spare, work)
    cap = workload["queue"].map({name: queue.target.max_occupancy for name, queue in later.items()})
    hours = left / cap.to_numpy(dtype=float)
    table = workload[["queue", "released", "due"]].assign(hours=hours)
    return check(table[hours > deadlines.NOTHING].reset_index(drop=True), WORKLOAD)


def _late(
    start: np.ndarray, end: np.ndarray, spare: np.ndarray, work: list[tuple[int, int, str, float]]
) -> list[float]:
    """Hours of each job that are not done by its deadline, and are put aside there."""
    kept = {job[:3]: job[3] for job in work}
    late = dict.fromkeys(kept, 0.0)
    for due in sorted({job[0] for job in work if job[0] <= end[-1]}):
        asked = [(*job, hours) for job, hours in kept.items()]
        rest = deadlines.replay(start, end, spare, asked, until=due).rest
        for job, hours in rest.items():
            if job[0] <= due:
                late[job] += hours
                kept[job] -= hours
    return [late[job[:3]] for job in work]
