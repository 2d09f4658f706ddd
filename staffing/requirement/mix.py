"""A mix of skills, all intervals at once: enough for every set of queues, few people, few skills."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from staffing import erlang

Floats = np.ndarray
Skills = Mapping[str, tuple[str, ...]]

# Who knows more costs a little more, so that skills are asked for only where they save people.
PRICE_OF_A_SKILL = 0.01
ENOUGH = 1e-6  # agents


def fewest(
    load: Mapping[str, Floats],
    need: Mapping[frozenset[str], Floats],
    known: Skills,
    limits: Mapping[str, float],
) -> tuple[dict[tuple[str, str], Floats], Floats]:
    """Whole people of each group, and how their time is shared among its queues.

    Parameters
    ----------
    load : dict
        Queue -> load of each interval. [Erl]
    need : dict
        Set of queues -> agents that it would need for itself.
    known : dict
        Group -> the queues that it knows.
    limits : dict
        Group -> most people.

    Returns
    -------
    dict
        (group, queue) -> agents of each interval.
    numpy.ndarray of bool
        Intervals for which the limits leave too few.
    """
    # Who knows least is asked first.
    groups = sorted(known, key=lambda group: (len(known[group]), group))
    price = np.array([1.0 + PRICE_OF_A_SKILL * (len(known[group]) - 1) for group in groups])
    most = np.array([limits.get(group, np.inf) for group in groups])[:, None]

    def short(people: Floats, rows: Any) -> Floats:
        loads_here = {name: values[rows] for name, values in load.items()}
        needs_here = {chosen: values[rows] for chosen, values in need.items()}
        return shortage(people, loads_here, needs_here, known, groups)

    people, failed = _enough(len(next(iter(load.values()))), price, most, short)
    people = _spared(people, price, most, short, ~failed)
    share = loads(people, load, known, groups)
    found = {}
    for place, group in enumerate(groups):
        total = np.sum([share[group, name] for name in known[group]], axis=0)
        even = np.full(total.shape, 1.0 / len(known[group]))
        for name in known[group]:
            part = np.divide(share[group, name], total, out=even.copy(), where=total > 0)
            found[group, name] = people[place] * part
    return found, failed


def _enough(
    count: int, price: Floats, most: Floats, short: Callable[[Floats, Any], Floats]
) -> tuple[Floats, Floats]:
    """One by one whoever helps most for the price, until no set of queues lacks anybody."""
    people, failed = np.zeros((len(price), count)), np.zeros(count, dtype=bool)
    rows = np.arange(count)
    gap = short(people, rows)
    while len(rows := rows[gap > ENOUGH]):
        gap = gap[gap > ENOUGH]
        gains = np.full((len(price), len(rows)), -np.inf)
        for group in range(len(price)):
            trial = people[:, rows]
            trial[group] += 1.0
            allowed = trial[group] <= most[group]
            gains[group, allowed] = (gap - short(trial, rows))[allowed] / price[group]
        best = gains.argmax(axis=0)
        helped = gains.max(axis=0)
        stuck = helped <= ENOUGH * 1e-3
        failed[rows[stuck]] = True
        rows, best, gap = rows[~stuck], best[~stuck], gap[~stuck]
        people[best, rows] += 1.0
        gap = short(people[:, rows], rows)
    return people, failed


def _spared(
    people: Floats, price: Floats, most: Floats, short: Callable[[Floats, Any], Floats], rows: Floats
) -> Floats:
    """Cheaper people while every set holds: one off, two off for one on, or some for as many cheaper ones."""
    people = people.copy()
    moves = [move for move in _moves(len(price)) if float(move @ price) < -ENOUGH]
    better = True
    while better:
        better = False
        for move in moves:
            trial = people + move[:, None]
            some = np.flatnonzero(rows & ((trial >= 0) & (trial <= most)).all(axis=0))
            good = some[short(trial[:, some], some) <= ENOUGH] if len(some) else some
            people[:, good] = trial[:, good]
            better |= len(good) > 0
    return people


def _moves(count: int) -> list[Floats]:
    """Up to two people off and up to two on."""
    unit = np.eye(count)
    few = [np.zeros(count), *unit]
    few += [unit[i] + unit[j] for i, j in itertools.combinations_with_replacement(range(count), 2)]
    moves = {tuple(on - off) for off in few for on in few}
    return [np.array(move) for move in sorted(moves)]


def loads(
    people: Floats, load: Mapping[str, Floats], known: Skills, groups: list[str]
) -> dict[tuple[str, str], Floats]:
    """Load of each queue on each group: who knows least first, the overflow on to the next. [Erl]"""
    left = dict(load)
    share: dict[tuple[str, str], Floats] = {}
    for place, group in enumerate(groups):
        offered = np.sum([left[name] for name in known[group]], axis=0)
        blocked = np.asarray(erlang.erlang_b(people[place], offered))
        for name in known[group]:
            last = not any(name in known[other] for other in groups[place + 1 :])
            share[group, name] = left[name] if last else left[name] * (1.0 - blocked)
            left[name] = left[name] - share[group, name]
    return share


def shortage(
    people: Floats,
    load: Mapping[str, Floats],
    need: Mapping[frozenset[str], Floats],
    known: Skills,
    groups: list[str],
) -> Floats:
    """Agents that all sets of queues lack beside the other work of who knows them, added up."""
    share = loads(people, load, known, groups)
    total = np.zeros(people.shape[1])
    for chosen, agents in need.items():
        there = np.zeros_like(total)
        for place, group in enumerate(groups):
            if chosen & set(known[group]):
                there += people[place]
                for name in known[group]:
                    if name not in chosen:
                        there = there - share[group, name]
        total += np.maximum(agents - there, 0.0)
    return total
