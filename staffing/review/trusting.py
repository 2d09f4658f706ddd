"""Which model to trust: what Erlang C, Erlang A and the simulation say of a past that is known."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd

from staffing import erlang, requirement, simulation
from staffing.errors import DataError, Problem
from staffing.model import Queue, Voice
from staffing.review.facts import Cleaning, Facts, of_calls, of_history
from staffing.tables import interval_minutes

# From the simplest to the one that knows most; `replay` knows when each call came, so no plan can have it.
MODELS = {
    "erlang_c": "Erlang C",
    "erlang_a": "Erlang A",
    "modified_load": "requirement.evaluate (modified load)",
    "simulation": "the simulation",
    "replay": "the simulation of the very arrivals",
}
# A model that is better by less is not worth its trouble. [0-1]
CLEARLY = 0.01
# Further off on the whole, and the figures fed to the models are in doubt before the models are. [0-1]
BEYOND_BELIEF = 0.15
_CHUNK = 28  # days simulated at once


@dataclass(frozen=True, eq=False)
class Trust:
    """Models beside what happened; printed, it is the summary in words.

    Parameters
    ----------
    by_interval : pandas.DataFrame
        queue, interval, offered, agents (estimated, where a log names who answered), aht [s], service_level
        and abandonment [0-1] as observed (missing where nobody called), then both of each model:
        ``service_level_erlang_c`` and so on; service_level_spread and abandonment_spread: standard deviation
        of such an interval by chance alone, as simulated.
    by_model : pandas.DataFrame
        queue, model, intervals, offered, and, weighted by contacts: service_level as observed,
        service_level_bias (model - observed: above zero it promises too much), service_level_error (mean
        absolute), service_level_chance (the mean absolute error that is left to a model which is right but
        does not know when each call comes and how long it lasts), the same of abandonment [0-1], and trusted:
        the one to take, the simplest whose error is within a point of the least; none where that one is off
        by more than 15 points on the whole.
    report : tuple of str
        What was left out and what was inferred, in words.
    """

    by_interval: pd.DataFrame
    by_model: pd.DataFrame
    report: tuple[str, ...]

    def __str__(self) -> str:
        lines = []
        for name, rows in self.by_model.groupby("queue", sort=False):
            first = rows.iloc[0]
            lines.append(
                f"{name}: {first['offered']:,.0f} calls in {first['intervals']:,} intervals; observed: "
                f"{first['service_level']:.1%} in time, {first['abandonment']:.1%} hung up."
            )
            lines.append("  Model - observed, and mean absolute error, in points:")
            lines.append(f"  {'':38}{'service level':>18}{'abandonment':>18}")
            for row in rows.itertuples():
                mark = "  <- trust" if row.trusted else ""
                figures = "".join(
                    f"{100 * getattr(row, what + '_bias'):+10.1f}{100 * getattr(row, what + '_error'):8.1f}"
                    for what in ("service_level", "abandonment")
                )
                lines.append(f"  {MODELS[str(row.model)]:38}{figures}{mark}")
            chance = (f"{100 * first[f'{what}_chance']:18.1f}" for what in ("service_level", "abandonment"))
            lines.append(f"  {'chance alone':38}{''.join(chance)}")
        return "\n".join([*lines, *self.report])


def trust(
    observed: pd.DataFrame,
    queues: Iterable[Queue],
    *,
    every: str = "30min",
    shortest: float = 10.0,
    longest: float = 7200.0,
    pick_up: float = 10.0,
    longest_idle: float = 1800.0,
    replications: int = 30,
    seed: int = 0,
) -> Trust:
    """Hold Erlang C, Erlang A and the simulation against the service level and abandonment that really were.

    Each model is fed with the history's own volumes, handle times and patience, interval by interval, and
    with the agents who were there: with all that a planner would know had he forecast perfectly. What is
    then left is the model's own error, and chance. The service level is that of definition ``offered``.

    Of a log, agents are read off who answered when (`presence`): between two calls an agent was there
    unless a caller then stood in line for longer than ``pick_up``. That is an estimate: it leaves out the
    time before a first and after a last call, and takes for presence what absence nobody noticed. On
    simulated logs of known rosters, quiet to overloaded, it was within 4 % of the agents; on the log of a
    real bank ``pick_up`` from 5 to 60 s moved them by 11 % and Erlang A's bias by 9 points of service level.
    It sees the waits that the models are to explain, so it is no blind test: compare the models with each
    other first. Handle times are those of the log; after-call work that it leaves out lies in the pauses.

    Parameters
    ----------
    observed : pandas.DataFrame
        CALLS with service and agent, in which ``arrived`` is the entry into the line; or HISTORY with
        answered_within, abandoned, aht and ``staffed`` (people on the queue).
    queues : iterable of Queue
        Every queue of it: the time limit of its target, and with HISTORY its patience. Queues that share
        their agents are one line: give them one name first.
    every : str
        Length of the intervals, of a log.
    shortest, longest : float
        Calls answered for less or more are artefacts of the log and left out altogether. [s]
    pick_up : float
        An agent who is free takes a caller from the line within this time. [s]
    longest_idle : float
        Longest pause between two calls that can be presence. [s]
    replications : int
        How often the simulation lives through the past.
    seed : int
        Of the simulation.

    Returns
    -------
    Trust
        Tables by interval and by model, and the report; ``print`` it.

    Raises
    ------
    DataError
        Wrong tables, queues that are not described or not of calls; fewer than 20 intervals or 200 calls with
        agents in every queue. One with too little beside others that have enough is left out, and said so.

    Examples
    --------
    Ten agents every half hour, eight erlangs, and what Erlang A says of them:

    >>> from staffing.model import Queue, Voice
    >>> times = pd.date_range("2026-11-30 08:00", periods=24, freq="30min", tz="Asia/Seoul")
    >>> past = pd.DataFrame({"queue": "calls", "interval": times, "offered": 80.0, "answered_within": 66.0,
    ...     "abandoned": 4.0, "aht": 180.0, "staffed": 10.0})
    >>> calls = Queue("calls", team="care", shrinkage=(), channel=Voice(patience=120))
    >>> found = trust(past, [calls], replications=20).by_model.set_index("model")
    >>> found["service_level_bias"].round(2)[["erlang_c", "erlang_a"]].tolist()
    [-0.15, 0.0]
    """
    named = list(queues)
    if not (0 <= shortest < longest and pick_up > 0 and longest_idle >= pick_up and replications >= 2):
        remedy = "give 0 <= shortest < longest, 0 < pick_up <= longest_idle, and two replications or more"
        raise DataError([Problem("the limits of the check are out of range", remedy)])
    if "arrived" in observed.columns:
        facts, report = of_calls(observed, named, every, Cleaning(shortest, longest, pick_up, longest_idle))
    else:
        facts, report = of_history(observed, named)
    tables = [_said(one, replications, seed) for one in facts]
    by_model = pd.concat([_held(table) for table in tables], ignore_index=True)
    return Trust(pd.concat(tables, ignore_index=True), by_model, (*report, *_words(by_model)))


def _said(one: Facts, replications: int, seed: int) -> pd.DataFrame:
    """What each model says of each interval."""
    table, queue = one.table.copy(), one.queue
    span = interval_minutes(table) * 60.0
    agents, aht = table["agents"].to_numpy(), table["aht"].to_numpy()
    load = table["offered"].to_numpy() * aht / span
    table["service_level_erlang_c"] = erlang.service_level(agents, load, aht=aht, within=queue.target.within)
    table["abandonment_erlang_c"] = 0.0
    if queue.channel.patience is not None:
        patience = queue.channel.patience
        table["service_level_erlang_a"] = erlang.service_level(
            agents, load, aht=aht, within=queue.target.within, patience=patience
        )
        table["abandonment_erlang_a"] = erlang.abandonment(agents, load, aht=aht, patience=patience)
    forecast = table[["queue", "interval", "aht"]].assign(volume=table["offered"])
    carried = requirement.evaluate(forecast, [queue], table)
    for what in ("service_level", "abandonment"):
        table[f"{what}_modified_load"] = carried[what].to_numpy()
    for name, found in _simulated(one, forecast, span, replications, seed).items():
        found = table[["interval"]].merge(found, on="interval", how="left")
        for what, column in (("service_level", "service_level_offered"), ("abandonment", "abandonment")):
            table[f"{what}_{name}"] = found[column].to_numpy()
            if name == "simulation":
                table[f"{what}_spread"] = found[f"{column}_error"].to_numpy() * math.sqrt(replications)
    return table


def _simulated(
    one: Facts, forecast: pd.DataFrame, span: float, replications: int, seed: int
) -> dict[str, pd.DataFrame]:
    """Measures by interval of the simulation from volumes, and of a log from its very arrivals."""
    queue = one.queue
    if one.patience is not None:
        # The law of patience knows its mean, which counts where the queue has none of its own.
        queue = replace(queue, channel=Voice())
    service = None if one.service is None else {queue.name: one.service}
    patience = None if one.patience is None else {queue.name: one.patience}
    found: dict[str, list[pd.DataFrame]] = {"simulation": [], "replay": []}
    for number, (start, end) in enumerate(_chunks(forecast["interval"], span)):
        there = one.segments[(one.segments["start"] < end) & (one.segments["end"] > start)]
        live = partial(
            simulation.run,
            there,
            [queue],
            service=service,
            patience=patience,
            replications=replications,
            seed=seed + number,
        )
        rows = forecast[(forecast["interval"] >= start) & (forecast["interval"] < end)]
        found["simulation"].append(live(forecast=rows).by_interval)
        if one.calls is not None:
            calls = one.calls[(one.calls["arrived"] >= start) & (one.calls["arrived"] < end)]
            found["replay"].append(live(calls=calls, every=f"{round(span / 60)}min").by_interval)
    return {name: pd.concat(parts, ignore_index=True) for name, parts in found.items() if parts}


def _chunks(interval: pd.Series, span: float) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Four weeks at a time, the last up to eight, so that no part is a lonely interval."""
    first, last = interval.iloc[0].normalize(), interval.iloc[-1] + pd.Timedelta(seconds=span)
    number = max(int((last - first) / pd.Timedelta(days=_CHUNK)), 1)
    edges = [first + pd.Timedelta(days=_CHUNK * place) for place in range(number)] + [last]
    return [
        (start, end) for start, end in pairwise(edges) if ((interval >= start) & (interval < end)).sum() > 1
    ]


def _held(table: pd.DataFrame) -> pd.DataFrame:
    """Bias and mean absolute error of each model, weighted by contacts; the simplest good one is trusted."""
    table = table[table["offered"] > 0]
    models = [name for name in MODELS if f"service_level_{name}" in table.columns]
    complete = table[[f"service_level_{name}" for name in models]].notna().all(axis=1)
    table = table[complete]
    weight = table["offered"] / table["offered"].sum()
    rows = []
    for name in models:
        row = {"queue": table["queue"].iloc[0], "model": name, "intervals": len(table)}
        row["offered"] = float(table["offered"].sum())
        for what in ("service_level", "abandonment"):
            off = table[f"{what}_{name}"] - table[what]
            row[what] = float((table[what] * weight).sum())
            row[f"{what}_bias"] = float((off * weight).sum())
            row[f"{what}_error"] = float((off.abs() * weight).sum())
            # The mean absolute deviation of a normal variable.
            row[f"{what}_chance"] = float((table[f"{what}_spread"] * weight).sum()) * math.sqrt(2 / math.pi)
        rows.append(row)
    found = pd.DataFrame(rows)
    planned = found[found["model"] != "replay"]
    good = planned["service_level_error"] <= planned["service_level_error"].min() + CLEARLY
    first = int(good.to_numpy().argmax())
    believed = abs(found["service_level_bias"][first]) <= BEYOND_BELIEF
    return found.assign(trusted=(np.arange(len(found)) == first) & believed)


def _words(by_model: pd.DataFrame) -> list[str]:
    """One sentence for each queue: which model to trust, and what Erlang C would have said."""
    words = []
    for name, rows in by_model.groupby("queue", sort=False):
        bias = rows.set_index("model")["service_level_bias"]
        if not rows["trusted"].any():
            words.append(
                f"{name}: trust none of them: all are far off (Erlang C {100 * bias['erlang_c']:+.1f} points "
                "of service level). Look first at who was really there, and at the handle times."
            )
            continue
        best = rows[rows["trusted"]].iloc[0]
        error, chance = best["service_level_error"], best["service_level_chance"]
        much = "no more than chance makes" if error <= chance else f"of which chance makes {100 * chance:.1f}"
        beside = "" if best["model"] == "erlang_c" else f" (Erlang C {100 * bias['erlang_c']:+.1f})"
        words.append(
            f"{name}: trust {MODELS[str(best['model'])]}: off by {100 * error:.1f} points of service level "
            f"in an interval, {much}; {100 * best['service_level_bias']:+.1f} on the whole{beside}."
        )
    return words
