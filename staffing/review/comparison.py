"""Plan against actual: what was forecast, needed and staffed, beside what really came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from staffing import coverage, requirement
from staffing.model import Chat, Queue


def compare(plan: pd.DataFrame, actual: pd.DataFrame, queues: Iterable[Queue]) -> pd.DataFrame:
    """The plan of each interval beside what really came.

    The service level beside the actual volume is the model's for the people expected, not a measured one:
    a history of volumes alone does not know how long anybody waited. What came is taken as what reached the
    agents, at the plan's handle time.

    Parameters
    ----------
    plan : pandas.DataFrame
        COVERAGE as `staffing.coverage.measure` gives it; the quantiles of its FORECAST may be joined.
    actual : pandas.DataFrame
        HISTORY of the same days.
    queues : iterable of Queue
        Whose targets and handle times hold.

    Returns
    -------
    pandas.DataFrame
        queue, team, interval, volume, offered, error (volume - offered), low and high (outermost
        quantiles, where there are any), inside (offered within them), scheduled, scheduled_for_actual,
        staffed, service_level_planned and service_level [0-1]. Intervals without an actual are left out.

    Examples
    --------
    >>> from staffing.model import Queue
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> plan = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "volume": [90.0, 110.0],
    ...     "aht": 180.0, "scheduled": 14.0, "staffed": 14.0, "expected": 14.0, "service_level": 0.9})
    >>> came = pd.DataFrame({"queue": "calls", "interval": times, "offered": [100.0, 100.0]})
    >>> care = Queue("calls", team="care", shrinkage=())
    >>> compare(plan, came, [care])[["error", "scheduled_for_actual"]]
       error  scheduled_for_actual
    0  -10.0                  12.0
    1   10.0                  14.0
    """
    named = {queue.name: queue for queue in queues}
    both = plan.merge(actual[["queue", "interval", "offered"]], on=["queue", "interval"], how="inner")
    both["error"] = both["volume"] - both["offered"]
    bands = [name for name in both.columns if name.startswith("volume_p")]
    if bands:
        both["low"], both["high"] = both[bands].min(axis=1), both[bands].max(axis=1)
        both["inside"] = (both["offered"] >= both["low"]) & (both["offered"] <= both["high"])
    came = both[["queue", "interval", "aht"]].assign(volume=both["offered"])
    told = [_as_measured(queue) for queue in named.values()]
    needed = requirement.compute(came, told)[["queue", "interval", "load", "agents", "scheduled"]]
    if "agents_deferred" in both:
        # Work with a deadline is there whatever came; it is grossed up with the contacts' agents, once.
        extra = both[["queue", "interval", "agents_deferred"]]
        needed = needed.merge(extra, on=["queue", "interval"])
        people = needed["agents"] + needed["agents_deferred"]
        present = needed["queue"].map({name: queue.present for name, queue in named.items()})
        needed["scheduled"] = requirement.gross_up(people.to_numpy(), present.to_numpy())
    needed = needed[["queue", "interval", "load", "scheduled"]]
    both = both.merge(
        needed.rename(columns={"scheduled": "scheduled_for_actual", "load": "actual_load"}),
        on=["queue", "interval"],
    )
    both = both.rename(columns={"service_level": "service_level_planned"})
    both["service_level"] = 0.0
    for name, rows in both.groupby("queue", sort=True):
        found = coverage.achieved(rows["expected"], rows["actual_load"], rows["aht"], named[str(name)])
        both.loc[rows.index, "service_level"] = found.service_level
    columns = [
        "queue", "team", "interval", "volume", "offered", "error", "low", "high", "inside", "scheduled",
        "scheduled_for_actual", "staffed", "service_level_planned", "service_level",
    ]  # fmt: skip
    return both[[name for name in columns if name in both.columns]]


def _as_measured(queue: Queue) -> Queue:
    """The queue as a plan's volume and handle time have it: speed, self-service and menu counted already."""
    channel = replace(queue.channel, measured_at=1) if isinstance(queue.channel, Chat) else queue.channel
    return replace(
        queue,
        channel=channel,
        aht=None,
        talk=None,
        hold=None,
        after_call=None,
        speed=1.0,
        deflected=0.0,
        ivr=0.0,
    )


def accuracy(review: pd.DataFrame) -> pd.DataFrame:
    """How far the plan was off, for each queue over its days and over the week.

    Parameters
    ----------
    review : pandas.DataFrame
        As `compare` gives it.

    Returns
    -------
    pandas.DataFrame
        queue, date (NaT: the whole week), volume, offered, wape (sum of |error| / sum of offered) [0-1],
        inside [0-1] (share of intervals within the band; NaN without quantiles), service_level_planned [0-1],
        service_level [0-1] (both weighted by the contacts that came).
    """
    day = review["interval"].dt.tz_localize(None).dt.normalize()
    rows = []
    for queue, part in review.groupby("queue", sort=True):
        for date, chunk in [*part.groupby(day[part.index], sort=True), (pd.NaT, part)]:
            offered = float(chunk["offered"].sum())
            weight = chunk["offered"] / offered if offered else 1.0 / len(chunk)
            rows.append(
                {
                    "queue": queue,
                    "date": date,
                    "volume": float(chunk["volume"].sum()),
                    "offered": offered,
                    "wape": float(chunk["error"].abs().sum()) / offered if offered else np.nan,
                    "inside": float(chunk["inside"].mean()) if "inside" in chunk else np.nan,
                    "service_level_planned": float((chunk["service_level_planned"] * weight).sum()),
                    "service_level": float((chunk["service_level"] * weight).sum()),
                }
            )
    return pd.DataFrame(rows)
