"""What the people on the queue reach over a day or a week, read off the service curve alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import pandas as pd

from staffing.model import Queue
from staffing.tables import CURVE, REQUIREMENT, check
from staffing.verify.facts import SMALL
from staffing.verify.presence import gaps


def service(
    segments: pd.DataFrame,
    requirement: pd.DataFrame,
    curve: pd.DataFrame,
    queues: Iterable[Queue],
    *,
    target: Literal["interval", "day", "week"] | None = None,
) -> pd.DataFrame:
    """How many contacts are answered in time over each period of a target, whoever rostered it.

    Each interval is read off its curve, straight between whole agents, for the people whom the segments put
    on the queue and who come (those scheduled, less sickness and the like).

    Parameters
    ----------
    segments, requirement, curve : pandas.DataFrame
        SEGMENTS, REQUIREMENT and CURVE of one plan.
    queues : iterable of Queue
        With their targets and the share of people who are there.
    target : {"interval", "day", "week"}, optional
        Over what their targets hold, as `staffing.roster.assign` was told; default: each queue's own.

    Returns
    -------
    pandas.DataFrame
        team, queue, start (first day of the period: a day, or a Monday for a week or month), answered (the
        target), reached [0-1], missing [contacts], under_floor (intervals in which fewer are answered in time
        than the floor asks for, or than the target's own fraction where it holds in each interval); a row for
        each period of each queue that has a curve.

    Raises
    ------
    DataError
        Where a table has not the form of its contract.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul", unit="us")
    >>> need = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "load": 0.5, "agents": 1.0,
    ...                      "scheduled": 1.0})
    >>> steps = pd.DataFrame({"queue": "calls", "interval": times.repeat(2), "agents": [1.0, 2.0] * 2,
    ...                       "service_level": [0.6, 0.9] * 2, "abandonment": 0.0,
    ...                       "answered_in_time": [6.0, 9.0] * 2})
    >>> work = pd.DataFrame({"agent": ["006", "007"], "start": times, "end": times[1] + times.freq,
    ...                      "activity": "queue", "queue": "calls", "paid": True})
    >>> queue = Queue("calls", team="care", aht=90, shrinkage=())
    >>> service(work, need, steps, [queue])[["reached", "missing", "under_floor"]].to_numpy().tolist()
    [[0.75, 1.0, 1.0]]
    """
    check(curve, CURVE)
    named = {queue.name: queue for queue in queues}
    staffed = gaps(segments, check(requirement, REQUIREMENT))[["queue", "interval", "staffed"]]
    team = requirement.drop_duplicates("queue").set_index("queue")["team"]
    staffed = staffed[staffed["queue"].isin(curve["queue"])]
    points = dict(list(curve.sort_values("agents").groupby(["queue", "interval"], sort=False)))
    rows = []
    for queue, interval, heads in staffed.itertuples(index=False):
        present, good = heads * named[queue].present, named[queue].target
        over = target or good.over
        come, in_time = _read(points[queue, interval], present)
        least = good.answered if over == "interval" else (good.floor or 0.0)
        day = interval.tz_localize(None).normalize()
        if over in ("week", "month"):
            day -= pd.Timedelta(days=day.weekday())
        rows.append((team[queue], queue, day, come, in_time, in_time < least * come - SMALL))
    table = pd.DataFrame(rows, columns=["team", "queue", "start", "come", "in_time", "under_floor"])
    sums = table.groupby(["team", "queue", "start"], sort=True).sum().reset_index()
    answered = sums["queue"].map({name: queue.target.answered for name, queue in named.items()}).astype(float)
    all_come, all_good = (sums[name].to_numpy(dtype=float) for name in ("come", "in_time"))
    reached = np.divide(all_good, all_come, out=np.ones(len(sums)), where=all_come > 0)
    return pd.DataFrame(
        {
            "team": sums["team"].astype("str"),
            "queue": sums["queue"].astype("str"),
            "start": sums["start"].astype("datetime64[us]"),
            "answered": answered,
            "reached": np.round(reached, 9),
            "missing": np.round(np.maximum(answered * all_come - all_good, 0.0), 9),
            "under_floor": sums["under_floor"].astype(int),
        }
    )


def _read(points: pd.DataFrame, agents: float) -> tuple[float, float]:
    """Contacts that come in an interval, and those that so many agents answer in time."""
    x = points["agents"].to_numpy(dtype=float)
    level = points["service_level"].to_numpy(dtype=float)
    good = points["answered_in_time"].to_numpy(dtype=float)
    come = float(good[-1] / level[-1]) if level[-1] > 0 else 0.0
    if x[0] > 0:
        x, good = np.append(0.0, x), np.append(0.0, good)
    return come, float(np.interp(agents, x, good))
