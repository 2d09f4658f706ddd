"""Several skills: what pooling can save at most, and how many of each group of skills are enough."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from staffing.errors import DataError, PlanError, Problem
from staffing.model import Queue, Voice
from staffing.requirement import service
from staffing.requirement.case import Case, cases, demand_of
from staffing.requirement.service import Demand

Floats = np.ndarray

# Every set of queues is asked what it needs: 2^10 questions are enough.
MOST_QUEUES = 10
# Who knows more costs a little more, so that skills are asked for only where they save people.
PRICE_OF_A_SKILL = 0.01


@dataclass(frozen=True)
class _Pool:
    """Queues on one grid of intervals, and what each set of them needs if all its agents know all of it."""

    interval: pd.DatetimeIndex
    names: tuple[str, ...]
    load: Floats  # (queues, intervals) [Erl]
    needed: dict[frozenset[str], Floats]


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

    In each interval, for every set S of queues, the agents who know any of S must be as many as S would need
    if they all knew all of it and did nothing else,

    .. math:: \sum_{g \cap S \ne \emptyset} n_g \ge R(S)

    and the time of each group is shared out, :math:`\sum_q x_{gq} = n_g`, so that no queue gets less than its
    load with the scarcest set's margin: nobody is in two places at once. A few people with two skills are worth
    nearly as much as all with all (R. Wallace, W. Whitt, "A staffing algorithm for call centers with
    skill-based routing", M&SOM 7, 2005); a mix this lean still wants a look by simulation.

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
        group, queue, interval, agents: people of the group whose time goes to the queue, with fractions; over
        the queues of a group they add up to whole people.

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
    {'all': 4.0, 'o': 10.0, 'r': 10.0}
    """
    pool = _pool(forecast, queues, paths)
    known = {name: tuple(sorted(set(groups[name]))) for name in sorted(groups)}
    _groups_fit(pool, known, limits or {})
    rows, short = [], []
    for place, moment in enumerate(pool.interval):
        found = _mix(pool, place, known, limits or {})
        if found is None:
            short.append(f"{moment}: the limits leave too few agents for the loads of this interval")
            continue
        for (group, queue), agents in found.items():
            rows.append({"group": group, "queue": queue, "interval": moment, "agents": agents})
    if short:
        raise PlanError(short)
    table = pd.DataFrame(rows, columns=["group", "queue", "interval", "agents"])
    return table.sort_values(["group", "queue", "interval"], ignore_index=True)


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
    needed = {}
    for size in range(1, len(found) + 1):
        for chosen in itertools.combinations(range(len(found)), size):
            key = frozenset(names[i] for i in chosen)
            needed[key] = _together([found[i].queue for i in chosen], [whole[i] for i in chosen])
    return _Pool(times, names, np.array([demand.mean for _, demand in whole]), needed)


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
    found = [service.needed(demand, replace(queue, channel=line))[0] for queue in queues]
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


def _mix(
    pool: _Pool, place: int, known: dict[str, tuple[str, ...]], limits: Mapping[str, float]
) -> dict[tuple[str, str], float] | None:
    """Whole people of each group, and how their time is shared, in one interval; None where limits forbid."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    groups = list(known)
    pairs = [(group, queue) for group in groups for queue in known[group]]
    load = dict(zip(pool.names, pool.load[:, place], strict=True))
    need = {chosen: float(agents[place]) for chosen, agents in pool.needed.items()}
    margin = min(
        (need[s] / sum(load[q] for q in s) for s in need if sum(load[q] for q in s) > 0), default=1.0
    )
    rows, low, high = [], [], []
    for chosen, agents in need.items():
        rows.append([float(bool(chosen & set(known[g]))) for g in groups] + [0.0] * len(pairs))
        low.append(agents)
        high.append(np.inf)
    for group in groups:
        rows.append([-float(g == group) for g in groups] + [float(g == group) for g, _ in pairs])
        low.append(0.0)
        high.append(0.0)
    for queue in pool.names:
        rows.append([0.0] * len(groups) + [float(q == queue) for _, q in pairs])
        low.append(load[queue] * margin - 1e-9)
        high.append(np.inf)
    price = [1.0 + PRICE_OF_A_SKILL * (len(known[g]) - 1) for g in groups] + [0.0] * len(pairs)
    most = [limits.get(g, np.inf) for g in groups] + [np.inf] * len(pairs)
    whole = [1] * len(groups) + [0] * len(pairs)
    solved = milp(
        np.array(price),
        constraints=LinearConstraint(np.array(rows), low, high),
        bounds=Bounds(0.0, np.array(most)),
        integrality=np.array(whole),
    )
    if solved.x is None:
        return None
    return {pair: round(float(x), 9) + 0.0 for pair, x in zip(pairs, solved.x[len(groups) :], strict=True)}
