"""What really happened on each queue, and what a model must be told to say it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from staffing import history, requirement, simulation
from staffing.errors import DataError, Problem
from staffing.model import Queue, Target, Voice
from staffing.review.presence import agents_there, presence
from staffing.tables import CALLS, HISTORY, check, interval_minutes

# Less than this and a mean error says nothing.
LEAST_INTERVALS, LEAST_CONTACTS = 20, 200
# With fewer people on average in an interval the queue is opening, closing or closed.
LEAST_AGENTS = 0.5


@dataclass(frozen=True, eq=False)
class Facts:
    """One queue as it was.

    Parameters
    ----------
    queue : Queue
        Bare: the history's own handle time and patience, nobody ill, nothing deflected.
    table : pandas.DataFrame
        interval, offered, agents, aht [s], service_level and abandonment [0-1] as observed.
    segments : pandas.DataFrame
        SEGMENTS of those who were there.
    service, patience : Law or None
        Laws of the log, for the simulation; None: exponential, nobody hangs up where patience is not known.
    calls : pandas.DataFrame or None
        CALLS, where the history is a log.
    """

    queue: Queue
    table: pd.DataFrame
    segments: pd.DataFrame
    service: simulation.Law | None
    patience: simulation.Law | None
    calls: pd.DataFrame | None


@dataclass(frozen=True)
class Cleaning:
    """What to leave out of a log, and how to read presence off it; see `staffing.review.trust`. [s]"""

    shortest: float
    longest: float
    pick_up: float
    longest_idle: float


def of_calls(
    calls: pd.DataFrame, queues: Sequence[Queue], every: str, cleaning: Cleaning
) -> tuple[list[Facts], list[str]]:
    """The facts of each queue of a log, and in words what was left out and inferred."""
    check(calls, CALLS)
    _refuse(calls, queues)
    problems = [
        Problem(f"the log has no {name}", f"add a column {name!r}", "CALLS", None, name)
        for name in ("service", "agent")
        if name not in calls.columns
    ]
    if problems:
        raise DataError(problems)
    log, report = _cleaned(calls, cleaning)
    windows = presence(log, pick_up=cleaning.pick_up, longest_idle=cleaning.longest_idle)
    report += _people(log, windows, cleaning)
    # Who waited and was then cut off within seconds had been patient all the same.
    waited = calls[calls["outcome"].isin(["answered", "abandoned"])]
    patience = {str(row["queue"]): row for _, row in requirement.patience(waited).iterrows()}
    facts: list[Facts] = []
    for queue in queues:
        rows = log[log["queue"] == queue.name]
        there = windows[windows["queue"] == queue.name].reset_index(drop=True)
        if rows.empty or there.empty:
            report.append(f"{queue.name}: left out: no call that was answered by a known agent.")
            continue
        table = history.from_calls(rows, every=every, within=queue.target.within)
        if len(table) < 2:
            report.append(f"{queue.name}: left out: fewer than two intervals.")
            continue
        table["agents"] = agents_there(there, table["interval"], interval_minutes(table))
        mean = patience[queue.name]
        waits = float(mean["patience"]) if np.isfinite(mean["patience"]) else None
        law = _patience_law(waited[waited["queue"] == queue.name], mean) if waits is not None else None
        report.append(_patience_words(queue.name, mean))
        one = Facts(
            _bare(queue, waits, float(rows["service"].mean())),
            table,
            _segments(queue.name, there["agent"], there["start"], there["closes"]),
            simulation.observed(rows["service"].dropna()),
            law,
            rows,
        )
        facts += _enough(one, report)
    return _some(facts, report), report


def of_history(past: pd.DataFrame, queues: Sequence[Queue]) -> tuple[list[Facts], list[str]]:
    """The facts of each queue of an interval report, and in words what was left out."""
    check(past, HISTORY)
    _refuse(past, queues)
    needed = ("answered_within", "abandoned", "aht", "staffed")
    problems = [
        Problem(f"the history has no {name}", f"add a column {name!r}", "HISTORY", None, name)
        for name in needed
        if name not in past.columns
    ]
    if problems:
        raise DataError(problems)
    report: list[str] = []
    facts: list[Facts] = []
    whole = past.dropna(subset=["answered_within", "abandoned", "staffed"])
    if len(whole) < len(past):
        report.append(f"{len(past) - len(whole):,} intervals left out: not every figure is known.")
    for queue in queues:
        table = whole[whole["queue"] == queue.name].sort_values("interval").reset_index(drop=True)
        if len(table) < 2:
            report.append(f"{queue.name}: left out: fewer than two intervals.")
            continue
        table["agents"] = table["staffed"].astype(float)
        talked = table.loc[table["aht"] > 0, "aht"]
        aht = queue.aht if queue.aht is not None else float(talked.mean()) if len(talked) else None
        if aht is None:
            report.append(f"{queue.name}: left out: no handle time is known.")
            continue
        waits = queue.channel.patience
        if waits is None:
            report.append(f"{queue.name}: patience is not given (Voice(patience=...)), so no Erlang A.")
        one = Facts(_bare(queue, waits, aht), table, _rows_of(queue.name, table), None, None, None)
        facts += _enough(one, report)
    return _some(facts, report), report


def _refuse(observed: pd.DataFrame, queues: Sequence[Queue]) -> None:
    names = [queue.name for queue in queues]
    problems = [
        Problem(f"the queue {name!r} is in the history but not described", "describe it as a Queue")
        for name in sorted(set(observed["queue"]) - set(names))
    ]
    problems += [
        Problem(
            f"the queue {queue.name!r} is not one of calls", "leave it out: only calls wait in such a line"
        )
        for queue in queues
        if not isinstance(queue.channel, Voice)
    ]
    problems += [
        Problem(f"the queue {name!r} stands here again", "describe each queue once")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if problems:
        raise DataError(problems)


def _cleaned(calls: pd.DataFrame, cleaning: Cleaning) -> tuple[pd.DataFrame, list[str]]:
    """The log without artefacts, and how many there were of each kind."""
    answered = calls["outcome"] == "answered"
    strange = ~calls["outcome"].isin(["answered", "abandoned"])
    unknown = answered & calls["service"].isna()
    short = answered & (calls["service"] < cleaning.shortest)
    long = answered & (calls["service"] > cleaning.longest)
    kinds = {
        "neither answered nor abandoned": strange,
        "answered without a service time": unknown,
        f"answered for less than {cleaning.shortest:g} s": short,
        f"answered for more than {cleaning.longest:g} s": long,
    }
    out = strange | unknown | short | long
    counts = "; ".join(f"{int(rows.sum()):,} {kind}" for kind, rows in kinds.items() if rows.any())
    left = f"{int(out.sum()):,} of {len(calls):,} calls left out"
    log = calls[~out].sort_values("arrived", kind="stable").reset_index(drop=True)
    if log.empty:
        raise DataError([Problem("no call is left", "give calls whose outcome is answered or abandoned")])
    return log.assign(service=log["service"].astype(float).where(log["outcome"] == "answered")), [
        f"{left}: {counts}." if counts else f"{left}."
    ]


def _people(log: pd.DataFrame, windows: pd.DataFrame, cleaning: Cleaning) -> list[str]:
    """In words, how people were counted and how far that may be off."""
    hours = float((windows["end"] - windows["start"]).dt.total_seconds().sum()) / 3600.0
    least = float(windows["calls"].sum()) / 3600.0
    most = least + float(windows["pauses"].sum()) / 3600.0
    words = [
        f"Agents there, read off who answered when: {hours:,.0f} h; {least:,.0f} h in calls, {most:,.0f} h "
        f"with every pause of up to {cleaning.longest_idle / 60:g} min. A pause in which a caller stood in "
        f"line for over {cleaning.pick_up:g} s is absence."
    ]
    answered = log[log["outcome"] == "answered"]
    nobody = int((answered["agent"].isna() | (answered["agent"] == "")).sum())
    if nobody:
        words.append(f"{nobody:,} calls were answered by nobody known: their agents are missing.")
    by_agent = answered.groupby(["agent", answered["arrived"].dt.date])["queue"].nunique()
    if len(by_agent) and (by_agent > 1).any():
        words.append(
            f"On {float((by_agent > 1).mean()):.0%} of their days agents answered several queues; their time "
            "goes to the queue of the call before. Queues that share agents are one line: give them one name."
        )
    return words


def _patience_law(rows: pd.DataFrame, mean: pd.Series) -> simulation.Law:
    """Patience as the log shows it (Kaplan-Meier), beyond its longest wait with the mean of the log."""
    curve = requirement.patience_curve(rows)
    if mean["basis"] != "own" or curve.empty:
        return simulation.observed(-np.log((np.arange(1000) + 0.5) / 1000) * float(mean["patience"]))
    left = 1.0 - (np.arange(1000) + 0.5) / 1000
    wait, patient = curve["wait"].to_numpy(dtype=float), curve["patient"].to_numpy(dtype=float)
    place = (patient[None, :] > left[:, None]).sum(axis=1)
    end = max(float(patient[-1]), 1e-12)
    beyond = wait[-1] - np.log(left / end) * float(mean["patience"])
    return simulation.observed(np.where(place < len(wait), wait[np.minimum(place, len(wait) - 1)], beyond))


def _patience_words(name: str, mean: pd.Series) -> str:
    if not np.isfinite(mean["patience"]):
        return f"{name}: nobody hung up, so Erlang A is Erlang C."
    lent = "" if mean["basis"] == "own" else ", lent by the other queues"
    return (
        f"{name}: mean patience {mean['patience']:.0f} s ({mean['patience_low']:.0f} to "
        f"{mean['patience_high']:.0f} s; {int(mean['abandoned']):,} hung up){lent}."
    )


def _bare(queue: Queue, patience: float | None, aht: float) -> Queue:
    target = Target(answered=queue.target.answered, within=queue.target.within)
    channel = Voice(patience=patience)
    return Queue(queue.name, team=queue.team, shrinkage=(), channel=channel, target=target, aht=aht)


def _enough(one: Facts, report: list[str]) -> list[Facts]:
    """The intervals in which somebody was there, if they are enough to say something."""
    table, name = one.table, one.queue.name
    there = table["agents"] >= LEAST_AGENTS
    if not there.all():
        lost = float(table.loc[~there, "offered"].sum())
        report.append(
            f"{name}: {int((~there).sum()):,} intervals with {lost:,.0f} calls left out: fewer than "
            f"{LEAST_AGENTS} agents there, on average."
        )
    table = table[there].reset_index(drop=True)
    busy = int((table["offered"] > 0).sum())
    if busy < LEAST_INTERVALS or table["offered"].sum() < LEAST_CONTACTS:
        report.append(
            f"{name}: left out: {busy} intervals and {table['offered'].sum():,.0f} calls are too few; "
            f"{LEAST_INTERVALS} and {LEAST_CONTACTS} are the least."
        )
        return []
    offered = table["offered"].where(table["offered"] > 0)
    aht = table["aht"].where(table["aht"] > 0).fillna(one.queue.aht)
    told = pd.DataFrame(
        {
            "queue": name,
            "interval": table["interval"],
            "offered": table["offered"].astype(float),
            "agents": table["agents"],
            "aht": aht.astype(float),
            "service_level": table["answered_within"] / offered,
            "abandonment": table["abandoned"] / offered,
        }
    )
    return [Facts(one.queue, told, one.segments, one.service, one.patience, one.calls)]


def _some(facts: list[Facts], report: list[str]) -> list[Facts]:
    if not facts:
        remedy = (
            f"give at least {LEAST_INTERVALS} intervals with {LEAST_CONTACTS} calls and agents in one queue; "
            "a week of half hours is a good beginning"
        )
        raise DataError([Problem("there is too little to compare: " + " ".join(report), remedy)])
    return facts


def _segments(name: str, agent: pd.Series, start: pd.Series, end: pd.Series) -> pd.DataFrame:
    segments = pd.DataFrame({"agent": agent.astype("str"), "start": start, "end": end})
    segments = segments[segments["end"] > segments["start"]]
    return segments.assign(activity="queue", queue=name, paid=True).reset_index(drop=True)


def _rows_of(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Nameless people for a number of agents in each interval; the last one for a part of it."""
    span = pd.Timedelta(minutes=interval_minutes(table))
    parts = []
    # At least once, so that where nobody was ever there the columns are.
    for place in range(max(int(np.ceil(table["agents"].max())), 1)):
        share = (table["agents"] - place).clip(0.0, 1.0)
        here = share > 0
        begin = table.loc[here, "interval"]
        length = pd.to_timedelta(
            (share[here] * span.total_seconds() * 1e6).round().astype("int64"), unit="us"
        )
        parts.append(pd.DataFrame({"agent": f"{place:05}", "start": begin, "end": begin + length}))
    rows = pd.concat(parts, ignore_index=True)
    return _segments(name, rows["agent"], rows["start"], rows["end"])
