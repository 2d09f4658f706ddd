"""Who is on the queue in each interval, and what service that gives: for the steps and the reports."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from staffing import channels
from staffing.model import Chat, Queue
from staffing.tables import COVERAGE, check, interval_minutes


def staffed(segments: pd.DataFrame, requirement: pd.DataFrame) -> np.ndarray:
    """People on the queue in each interval of a requirement; half an interval counts half.

    Parameters
    ----------
    segments : pandas.DataFrame
        SEGMENTS; those whose activity is ``queue`` count.
    requirement : pandas.DataFrame
        Anything with queue and interval.

    Returns
    -------
    numpy.ndarray
        Mean number of people, in the order of the requirement's rows.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=3, freq="30min", tz="Asia/Seoul")
    >>> one = pd.DataFrame({"agent": ["007"], "start": times[:1], "end": times[2:] + pd.Timedelta("15min"),
    ...                     "activity": ["queue"], "queue": ["calls"], "paid": [True]})
    >>> staffed(one, pd.DataFrame({"queue": "calls", "interval": times})).tolist()
    [1.0, 1.0, 0.5]
    """
    heads = np.zeros(len(requirement))
    if segments.empty or requirement.empty:
        return heads
    span = interval_minutes(requirement) * 60.0
    origin = min(requirement["interval"].min(), segments["start"].min())
    starts = (requirement["interval"] - origin).dt.total_seconds().to_numpy()
    queue = requirement["queue"].to_numpy()
    working = segments[segments["activity"] == "queue"]
    for name, rows in working.groupby("queue", sort=True):
        here = queue == name
        came = np.sort((rows["start"] - origin).dt.total_seconds().to_numpy())
        left = np.sort((rows["end"] - origin).dt.total_seconds().to_numpy())
        done = _time_since(came, starts[here] + span) - _time_since(came, starts[here])
        gone = _time_since(left, starts[here] + span) - _time_since(left, starts[here])
        heads[here] = np.round((done - gone) / span, 9)
    return heads


def _time_since(events: np.ndarray, until: np.ndarray) -> np.ndarray:
    """Total time between each event and ``until``, over the events before it. [s]"""
    count = np.searchsorted(events, until)
    total = np.concatenate([[0.0], np.cumsum(events)])
    return count * until - total[count]


def measure(
    requirement: pd.DataFrame,
    segments: pd.DataFrame,
    queues: Iterable[Queue],
    *,
    shortages: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What a roster gives in each interval beside what was needed.

    The service level is that of the people expected, ``staffed x present``, by the model of the queue's
    channel (`staffing.channels.serve`), at the forecast's mean load. It takes each interval by itself, in
    balance: that who leaves finishes the contact in hand, or that an overload is handed on, is counted by
    `staffing.requirement.evaluate` alone; with contacts of half an hour that is two to four points of a day,
    with contacts of a few minutes next to nothing. Of chat agents, those who take no new chats before they go
    home are expected in part (`winding_down`).

    Parameters
    ----------
    requirement : pandas.DataFrame
        REQUIREMENT, as `staffing.requirement.compute` gives it.
    segments : pandas.DataFrame
        SEGMENTS of the roster.
    queues : iterable of Queue
        Whose targets, patience and shrinkage hold.
    shortages : pandas.DataFrame, optional
        queue, interval, why: reasons in words for the intervals that are short.

    Returns
    -------
    pandas.DataFrame
        COVERAGE, with team, volume and aht [s] beside its columns.
    """
    named = {queue.name: queue for queue in queues}
    columns = ["queue", "team", "interval", "volume", "aht", "load", "agents", "scheduled"]
    columns += [name for name in ("agents_deferred",) if name in requirement]
    table = requirement[columns].copy()
    table["staffed"] = staffed(segments, requirement)
    present = requirement["queue"].map({name: queue.present for name, queue in named.items()}).to_numpy()
    there = table["staffed"] - winding_down(segments, requirement, named.values())
    table["expected"] = np.round(there * present, 6)
    table["gap"] = np.round(table["staffed"] - table["scheduled"], 6)
    served, busy = np.zeros(len(table)), np.zeros(len(table))
    for name in sorted(set(table["queue"])):
        here = (table["queue"] == name).to_numpy()
        rows = table[here]
        found = achieved(rows["expected"], rows["load"], rows["aht"], named[name])
        served[here], busy[here] = found.service_level, found.occupancy
    table["service_level"], table["occupancy"] = served, busy
    table["why"] = _reasons(table, shortages)
    return check(table, COVERAGE)


def achieved(expected: pd.Series, load: pd.Series, aht: pd.Series, queue: Queue) -> channels.Served:
    """What people give on a line: by its channel's model; work with a deadline alone waits for nobody.

    Parameters
    ----------
    expected, load, aht : pandas.Series
        People; offered load [Erl]; handle time of the forecast [s].
    queue : Queue
        The line's.

    Returns
    -------
    staffing.channels.Served
        Of the same rows.
    """
    if queue.channel.kind in ("voice", "chat"):
        return channels.serve(expected.to_numpy(), load.to_numpy(), aht=aht.to_numpy(), queue=queue)
    people = expected.to_numpy()
    busy = np.divide(load.to_numpy(), people, out=np.sign(load.to_numpy()), where=people > 0)
    return channels.Served(np.ones(len(people)), np.zeros(len(people)), np.minimum(busy, 1.0))


def winding_down(segments: pd.DataFrame, requirement: pd.DataFrame, queues: Iterable[Queue]) -> np.ndarray:
    r"""Agents' worth of work that is lost where chat agents take no new chats at the end of their shifts.

    Who takes none in the last n minutes finishes those in hand. With chats of mean length h,
    :math:`e^{-t/h}` of them are still there after t, so that these minutes are worth

    .. math:: \frac{h}{n} (1 - e^{-n/h})

    of an agent's. h is the length of a chat with every slot taken (`staffing.channels.chat_time`).

    Parameters
    ----------
    segments : pandas.DataFrame
        SEGMENTS; a shift ends where a person has no segment from then on.
    requirement : pandas.DataFrame
        Anything with queue, interval and aht: the time that a chat takes by itself. [s]
    queues : iterable of Queue
        Those whose Chat channel has ``last_chat_minutes`` lose something.

    Returns
    -------
    numpy.ndarray
        Agents, in the order of the requirement's rows.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> one = pd.DataFrame({"agent": ["007"], "start": times[:1], "end": times[1:] + pd.Timedelta("30min"),
    ...                     "activity": ["queue"], "queue": ["chats"], "paid": [True]})
    >>> need = pd.DataFrame({"queue": "chats", "interval": times, "aht": 420.0})
    >>> chats = Queue("chats", "care", (), channel=Chat(concurrency=3, last_chat_minutes=15))
    >>> winding_down(one, need, [chats]).round(3).tolist()
    [0.0, 0.21]
    """
    lost = np.zeros(len(requirement))
    last = segments[~_followed(segments)]
    for queue in queues:
        channel = queue.channel
        here = (requirement["queue"] == queue.name).to_numpy()
        if not isinstance(channel, Chat) or channel.last_chat_minutes == 0 or not here.any():
            continue
        quiet = pd.Timedelta(minutes=channel.last_chat_minutes)
        ends = last[(last["activity"] == "queue") & (last["queue"] == queue.name)]
        ends = ends.assign(
            start=ends["start"].where(ends["start"] > ends["end"] - quiet, ends["end"] - quiet)
        )
        length = channels.chat_time(
            requirement.loc[here, "aht"].to_numpy(),
            concurrency=channel.concurrency,
            typing_ratio=channel.typing_ratio,
        )
        ratio = channel.last_chat_minutes * 60.0 / length
        lost[here] = staffed(ends, requirement[here]) * (1.0 + np.expm1(-ratio) / ratio)
    return lost


def _followed(segments: pd.DataFrame) -> np.ndarray:
    """Segments after which their agent goes on with another at once."""
    ordered = segments.sort_values(["agent", "start"])
    goes_on = (ordered["agent"].shift(-1) == ordered["agent"]) & (
        ordered["start"].shift(-1) <= ordered["end"]
    )
    return goes_on.reindex(segments.index).to_numpy()


def _reasons(table: pd.DataFrame, shortages: pd.DataFrame | None) -> list[str]:
    if shortages is None or shortages.empty:
        return [""] * len(table)
    told = dict(
        zip(zip(shortages["queue"], shortages["interval"], strict=True), shortages["why"], strict=True)
    )
    keys = zip(table["queue"], table["interval"], table["gap"], strict=True)
    return [told.get((queue, interval), "") if gap < 0 else "" for queue, interval, gap in keys]


def by_shift(requirement: pd.DataFrame, assignments: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """People on the queue in each interval, the early and the late ones apart.

    Parameters
    ----------
    requirement : pandas.DataFrame
        Anything with queue and interval.
    assignments, segments : pandas.DataFrame
        ASSIGNMENTS and SEGMENTS of one roster.

    Returns
    -------
    pandas.DataFrame
        queue, interval, shift, staffed: one row for each shift that the roster uses.
    """
    owner = pd.merge_asof(
        segments.sort_values("start"),
        assignments[["agent", "shift", "start"]]
        .sort_values("start")
        .rename(columns={"start": "shift_start"}),
        left_on="start",
        right_on="shift_start",
        by="agent",
    )
    parts = [
        requirement[["queue", "interval"]].assign(
            shift=shift, staffed=staffed(owner[owner["shift"] == shift], requirement)
        )
        for shift in sorted(set(assignments["shift"]))
    ]
    columns = ["queue", "interval", "shift", "staffed"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def totals(coverage: pd.DataFrame) -> pd.DataFrame:
    """A coverage table summed over each day and over the week.

    Parameters
    ----------
    coverage : pandas.DataFrame
        As `measure` gives it.

    Returns
    -------
    pandas.DataFrame
        team, queue, date (NaT: the whole week), needed [h], on_queue [h], over [h], short [h],
        efficiency [0-1] (needed and covered / on the queue), service_level [0-1] (weighted by contacts),
        volume, intervals_short, worst (start of the interval furthest below its need, NaT where none is).
    """
    hours = interval_minutes(coverage) / 60.0
    day = coverage["interval"].dt.tz_localize(None).dt.normalize()
    rows = []
    for (team, queue), part in coverage.groupby(["team", "queue"], sort=True):
        for date, chunk in [*part.groupby(day[part.index], sort=True), (pd.NaT, part)]:
            rows.append({"team": team, "queue": queue, "date": date, **_sums(chunk, hours)})
    return pd.DataFrame(rows)


def _sums(chunk: pd.DataFrame, hours: float) -> dict[str, object]:
    over = chunk["gap"].clip(lower=0)
    short = (-chunk["gap"]).clip(lower=0)
    volume = float(chunk["volume"].sum())
    on_queue = float(chunk["staffed"].sum())
    answered = float((chunk["service_level"] * chunk["volume"]).sum())
    return {
        "needed": float(chunk["scheduled"].sum()) * hours,
        "on_queue": on_queue * hours,
        "over": float(over.sum()) * hours,
        "short": float(short.sum()) * hours,
        "efficiency": float((chunk["staffed"] - over).sum()) / on_queue if on_queue else 1.0,
        "service_level": answered / volume if volume else 1.0,
        "volume": volume,
        "intervals_short": int((short > 0).sum()),
        "worst": chunk["interval"].iloc[int(short.to_numpy().argmax())] if short.max() > 0 else pd.NaT,
    }
