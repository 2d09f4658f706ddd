"""The rostered week call by call: a check on the models' service level."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from staffing import simulation
from staffing.model import Chat, Queue
from staffing.week.needs import waiting

REPLICATIONS = 50


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
