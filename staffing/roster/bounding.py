"""What a week with planned training costs at least: the linear program, with sessions held in parts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import scipy.sparse

from staffing import lp
from staffing.roster import generating, master
from staffing.roster.case import Case
from staffing.roster.master import Layout
from staffing.roster.search import Found
from staffing.roster.sessions import Held, Session


def bound(
    case: Case,
    layout: Layout,
    program: lp.Program,
    found: Found,
    held: Sequence[Held],
    sure: Sequence[Held],
    budget: lp.Budget,
) -> float:
    """What no roster costs less than that holds the same sessions.

    The linear program of the week, in which the sessions may be held in parts, at any of their times, by
    whoever is there, but by no more at once than may be. Sure sessions are in the program already. Besides,
    whoever is away saves at most the price of one too many.

    Parameters
    ----------
    case, layout, program
        Of the week, without anybody in training.
    found : Found
        The solution found with the sure sessions away.
    held, sure : sequence of Held
        The sessions that have a time; those that were certain before.
    budget : lp.Budget
        Where nothing is left of it, the second bound alone counts.
    """
    known = {(one.session.training.name, one.session.agent) for one in sure}
    kept = [one for one in held if (one.session.training.name, one.session.agent) in known]
    free = [one.session for one in held if (one.session.training.name, one.session.agent) not in known]
    bounds = [found.bound - most_saved(case, free)] if len(kept) == len(sure) else []
    if not budget.over and (free or len(kept) < len(sure)):
        _, shifted = master.without(layout, program, away(case, known_queue(case, kept)))
        answer = generating.solved(case, layout, _with_sessions(case, layout, shifted, free), budget)
        bounds.append(answer.bound)
    return max(bounds, default=0.0)


def most_saved(case: Case, asked: Iterable[Session]) -> float:
    """What sessions can save at most: whoever is away was, at best, one too many at the dearest price."""
    intervals = sum(session.training.minutes for session in asked) / case.need.minutes
    return intervals * float(case.need.spares.rates.max(initial=0.0) * case.need.over.max(initial=0.0))


def _with_sessions(case: Case, layout: Layout, program: lp.Program, free: Sequence[Session]) -> lp.Program:
    """The program with a column for each time and queue at which sessions that are alike may be held."""
    queues = {agent: group.queues for group in case.groups for agent in group.agents}
    alike: dict[tuple[str, tuple[int, ...]], list[Session]] = {}
    for session in free:
        alike.setdefault((session.training.name, queues[session.agent]), []).append(session)
    wide, rows = case.need.heads.shape[1], program.matrix.shape[0]
    entries: list[tuple[int, int, float]] = []
    begins: dict[str, list[tuple[int, float]]] = {}
    column = 0
    for number, ((name, able), some) in enumerate(alike.items()):
        for start in some[0].starts.tolist():
            at, share = case.presence(start, start + some[0].training.minutes)
            for queue in able:
                cover = layout.cover[queue * wide + at] if at[-1] < wide else np.array([-1])
                if (cover < 0).any():
                    continue
                entries += [(int(row), column, -float(part)) for row, part in zip(cover, share, strict=True)]
                entries.append((rows + number, column, 1.0))
                begins.setdefault(name, []).append((column, start))
                column += 1
    lower = [float(len(some)) for some in alike.values()]
    upper = list(lower)
    trainings = {session.training.name: session.training for session in free}
    for name, own in begins.items():
        kind = trainings[name]
        # Where most are at once, somebody has just begun.
        for moment in sorted({start for _, start in own}) if kind.at_once is not None else []:
            here = [(at, start) for at, start in own if start <= moment < start + kind.minutes]
            entries += [(rows + len(lower), at, 1.0) for at, _ in here]
            lower.append(-math.inf)
            upper.append(float(kind.at_once or 0))
    return _appended(program, entries, column, lower, upper)


def _appended(
    program: lp.Program,
    entries: Sequence[tuple[int, int, float]],
    columns: int,
    lower: Sequence[float],
    upper: Sequence[float],
) -> lp.Program:
    """The program with more columns, free of charge, and more rows."""
    tall = program.matrix.shape[0] + len(lower)
    where = np.array([entry[:2] for entry in entries], dtype=int).reshape(-1, 2)
    values = np.array([entry[2] for entry in entries], dtype=float)
    more = scipy.sparse.coo_array((values, (where[:, 0], where[:, 1])), shape=(tall, columns))
    empty = scipy.sparse.csr_array((len(lower), program.matrix.shape[1]))
    whole = scipy.sparse.vstack([program.matrix, empty])
    return lp.Program(
        cost=np.append(program.cost, np.zeros(columns)),
        matrix=scipy.sparse.csr_array(scipy.sparse.hstack([whole, more])),
        row_lower=np.append(program.row_lower, lower),
        row_upper=np.append(program.row_upper, upper),
        lower=np.append(program.lower, np.zeros(columns)),
        upper=np.append(program.upper, np.full(columns, np.inf)),
        integer=np.append(program.integer, np.zeros(columns, dtype=bool)),
    )


def away(case: Case, held: Iterable[tuple[int, Held]]) -> np.ndarray:
    """People in training on each (queue, interval), flattened, from the queues that they would be on."""
    gone = np.zeros(case.need.heads.shape)
    for queue, one in held:
        at, share = case.presence(one.start, one.end)
        gone[queue, at] += share
    return gone.ravel()


def known_queue(case: Case, held: Iterable[Held]) -> list[tuple[int, Held]]:
    """The queue of people who answer one only."""
    queues = {agent: group.queues for group in case.groups for agent in group.agents}
    return [(queues[one.session.agent][0], one) for one in held]
