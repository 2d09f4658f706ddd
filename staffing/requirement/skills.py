"""Several skills: what pooling can save at most, and how many of each group of skills are enough."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from staffing.errors import DataError, PlanError, Problem
from staffing.model import Queue, Voice
from staffing.requirement import mix, service
from staffing.requirement.case import Case, cases, demand_of
from staffing.requirement.service import Demand

Floats = np.ndarray

# Every set of queues is asked what it needs: 2^10 questions are enough.
MOST_QUEUES = 10


@dataclass(frozen=True)
class _Pool:
    """Queues on one grid of intervals, and what each set of them needs if all its agents know all of it."""

    interval: pd.DatetimeIndex
    names: tuple[str, ...]
    load: Floats  # (queues, intervals) [Erl]
    needed: dict[frozenset[str], Floats]
    exactly: dict[frozenset[str], Floats]


def pooling(
    forecast: pd.DataFrame, queues: Iterable[Queue], *, paths: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The two ends between which every skill mix lies: nobody knows a second queue, everybody knows all.

    Parameters
    ----------
    forecast, queues, paths
        As in `staffing.requirement.compute`; calls only.

    Returns
    -------
    pandas.DataFrame
        interval, load [Erl], separate and pooled: agents with one skill each, and with all.

    Raises
    ------
    DataError
        As `compute`; a queue that is no Voice, or more queues than ten.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> calls = pd.concat([pd.DataFrame({"queue": name, "interval": times, "volume": 100.0})
    ...                    for name in ("orders", "returns")], ignore_index=True)
    >>> both = [Queue(name, team="care", aht=180, shrinkage=()) for name in ("orders", "returns")]
    >>> pooling(calls, both)[["separate", "pooled"]].values.tolist()
    [[24.0, 22.0], [28.0, 24.0]]
    """
    pool = _pool(forecast, queues, paths)
    each = [pool.needed[frozenset([name])] for name in pool.names]
    columns = {
        "interval": pool.interval,
        "load": pool.load.sum(axis=0),
        "separate": np.sum(each, axis=0),
        "pooled": pool.needed[frozenset(pool.names)],
    }
    return pd.DataFrame(columns)


def skill_groups(
    forecast: pd.DataFrame,
    queues: Iterable[Queue],
    groups: Mapping[str, Iterable[str]],
    *,
    limits: Mapping[str, float] | None = None,
    paths: pd.DataFrame | None = None,
) -> pd.DataFrame:
    r"""Fewest agents of each group of skills, and the queue to which their time goes.

    Calls go to who knows least first, and what finds these busy flows over to who knows more (Erlang B), so
    that a load :math:`y_{gq}` of each queue lies on each group. In each interval, for every set S of queues,
    what the agents who know any of S have left beside other work must be what S would need if it had them
    for itself:

    .. math:: \sum_{g \cap S \ne \emptyset} \Big(n_g - \sum_{q \notin S} y_{gq}\Big) \ge R(S)

    Nobody is in two places at once: an agent with two skills counts for both queues together once. The mix is
    found by adding who helps most, then by sparing and swapping while every set holds; a few people with two
    skills bring most of what all with all would (R. Wallace, W. Whitt, "A staffing algorithm for call centers
    with skill-based routing", M&SOM 7, 2005).

    Parameters
    ----------
    forecast, queues, paths
        As in `staffing.requirement.compute`; calls only.
    groups : dict
        Name of a group -> the queues that its agents know.
    limits : dict, optional
        Name of a group -> most agents that there are of it.

    Returns
    -------
    pandas.DataFrame
        group, queue, interval, agents: people of the group whose time goes to the queue, shared out like the
        loads; over the queues of a group they add up to whole people.

    Raises
    ------
    DataError
        As `pooling`; a group that knows no queue or an unknown one, a queue that nobody knows.
    PlanError
        Limits that are too low in some interval.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> calls = pd.concat([pd.DataFrame({"queue": name, "interval": times, "volume": 100.0})
    ...                    for name in ("orders", "returns")], ignore_index=True)
    >>> both = [Queue(name, team="care", aht=180, shrinkage=()) for name in ("orders", "returns")]
    >>> know = {"o": ["orders"], "r": ["returns"], "all": ["orders", "returns"]}
    >>> mix = skill_groups(calls, both, know)
    >>> mix[mix["interval"] == times[1]].groupby("group")["agents"].sum().to_dict()
    {'all': 12.0, 'o': 6.0, 'r': 6.0}
    """
    pool = _pool(forecast, queues, paths)
    known = {name: tuple(sorted(set(groups[name]))) for name in sorted(groups)}
    _groups_fit(pool, known, limits or {})
    load = dict(zip(pool.names, pool.load, strict=True))
    found, failed = mix.fewest(load, pool.exactly, known, limits or {})
    if failed.any():
        why = "the limits leave too few agents for its loads"
        raise PlanError([f"{moment}: {why}" for moment in pool.interval[failed]])
    parts = [
        pd.DataFrame({"group": group, "queue": queue, "interval": pool.interval, "agents": agents})
        for (group, queue), agents in sorted(found.items())
    ]
    return pd.concat(parts, ignore_index=True)


def _pool(forecast: pd.DataFrame, queues: Iterable[Queue], paths: pd.DataFrame | None) -> _Pool:
    named = list(queues)
    wrong = [queue.name for queue in named if not isinstance(queue.channel, Voice)]
    if wrong or len(named) > MOST_QUEUES:
        what = f"{', '.join(wrong)} are no calls" if wrong else f"{len(named)} queues are too many at once"
        raise DataError([Problem(what, f"give up to {MOST_QUEUES} queues with calls")])
    found = cases(forecast, named, paths)
    times = pd.DatetimeIndex(forecast["interval"].drop_duplicates().sort_values())
    whole = [_on_grid(case, times) for case in found]
    names = tuple(case.queue.name for case in found)
    needed, exactly = {}, {}
    for size in range(1, len(found) + 1):
        for chosen in itertools.combinations(range(len(found)), size):
            key = frozenset(names[i] for i in chosen)
            exactly[key] = _together([found[i].queue for i in chosen], [whole[i] for i in chosen])
            needed[key] = np.ceil(exactly[key] - 1e-9)
    return _Pool(times, names, np.array([demand.mean for _, demand in whole]), needed, exactly)


def _on_grid(case: Case, times: pd.DatetimeIndex) -> tuple[Floats, Demand]:
    """Contacts and loads on all intervals, nothing where the queue is closed."""
    demand = demand_of(case)
    place = times.get_indexer(pd.DatetimeIndex(case.rows["interval"]))
    count = demand.load.shape[1]
    come, load = np.zeros((len(times), count)), np.zeros((len(times), count))
    come[place], load[place] = case.volumes, demand.load
    aht, mean = np.full(len(times), case.aht.mean()), np.zeros(len(times))
    aht[place], mean[place] = case.aht, demand.mean
    weight = np.broadcast_to(case.probability, load.shape)
    return come, Demand(load, weight, mean, aht)


def _together(queues: list[Queue], parts: list[tuple[Floats, Demand]]) -> Floats:
    """Agents who know all of some queues: one line, the strictest of their targets, the mean patience."""
    come = np.sum([volumes for volumes, _ in parts], axis=0)
    probability = parts[0][1].weight
    each = np.array([(volumes * probability).sum(axis=1) for volumes, _ in parts])
    total = each.sum(axis=0)
    share = np.divide(each, total, out=np.full(each.shape, 1.0 / len(parts)), where=total > 0)
    aht = np.sum(share * np.array([demand.aht for _, demand in parts]), axis=0)
    weight = come * probability
    sums = weight.sum(axis=1, keepdims=True)
    weight = np.divide(weight, sums, out=np.array(probability), where=sums > 0)
    load = np.sum([demand.load for _, demand in parts], axis=0)
    demand = Demand(load, weight, np.sum([d.mean for _, d in parts], axis=0), aht)
    leaving = np.array(
        [0.0 if queue.channel.patience is None else 1.0 / queue.channel.patience for queue in queues]
    )
    rate = float(np.average(leaving, weights=each.sum(axis=1) + 1e-12))
    line = Voice(patience=1.0 / rate if rate > 0 else None)
    found = [service.needed_exactly(demand, replace(queue, channel=line)) for queue in queues]
    return np.maximum(np.max(found, axis=0), max(queue.min_staff for queue in queues))


def _groups_fit(pool: _Pool, known: dict[str, tuple[str, ...]], limits: Mapping[str, float]) -> None:
    problems = []
    for group, skills in known.items():
        strange = [name for name in skills if name not in pool.names]
        if strange or not skills:
            what = f"the group {group!r} knows {', '.join(strange) or 'nothing'}"
            problems.append(Problem(what, f"name queues of the forecast: {', '.join(pool.names)}"))
    covered = {name for skills in known.values() for name in skills}
    for name in pool.names:
        if name not in covered:
            problems.append(Problem(f"nobody knows {name!r}", "add it to a group"))
    for group in sorted(set(limits) - set(known)):
        problems.append(Problem(f"there is no group {group!r} to limit", "name one of the groups"))
    if problems:
        raise DataError(problems)
