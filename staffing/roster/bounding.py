"""What a week with planned training costs at least: the prices of the linear program bound each session."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from staffing import lp
from staffing.roster import master
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
) -> float:
    r"""What no roster costs less than that holds the same sessions.

    With any prices :math:`\pi` of people on the queues, a session takes at least

    .. math:: \min_t \sum_i \pi_i \cdot share_i(t)

    over all its times and queues: to the linear program's bound for the same prices these are added. Sure
    sessions are in the program already. Besides, whoever is away saves at most the price of one too many.
    """
    known = {(one.session.training.name, one.session.agent) for one in sure}
    kept = [one for one in held if (one.session.training.name, one.session.agent) in known]
    free = [one.session for one in held if (one.session.training.name, one.session.agent) not in known]
    intervals = sum(session.training.minutes for session in free) / case.need.minutes
    dearest = float(case.need.spares.rates.max() * case.need.over.max(initial=0.0))
    bounds = [found.bound - intervals * dearest] if len(kept) == len(sure) else []
    if found.duals is not None:
        _, shifted = master.without(layout, program, away(case, known_queue(case, kept)))
        bounds.append(_priced_bound(case, layout, shifted, found.duals, free))
    return max(bounds, default=0.0)


def _priced_bound(
    case: Case, layout: Layout, program: lp.Program, duals: np.ndarray, free: Sequence[Session]
) -> float:
    """The bound that prices of the rows give, and the least that each session takes at them."""
    prices = np.where(np.isneginf(program.row_lower), np.minimum(duals, 0.0), duals)
    prices = np.where(np.isposinf(program.row_upper), np.maximum(prices, 0.0), prices)
    reduced = program.cost - program.matrix.T @ prices
    weeks, groups = int(layout.ends[0]), len(layout.sizes)
    if weeks:
        # Everybody works one week: the price of that row makes the cheapest week of each group free.
        first = np.cumsum([0, *layout.sizes[:-1]])
        least = np.minimum.reduceat(reduced[:weeks], first)
        prices[:groups] += least
        reduced[:weeks] -= np.repeat(least, layout.sizes)
    sides = np.where(prices > 0, program.row_lower, program.row_upper)
    rows = float((prices * np.where(prices == 0.0, 0.0, sides)).sum())
    most = np.minimum(program.upper, 1e6)
    columns = float(np.minimum(reduced * program.lower, reduced * most).sum())
    flat = np.where(layout.cover >= 0, prices[layout.cover], 0.0).reshape(case.need.heads.shape)
    queues = {agent: group.queues for group in case.groups for agent in group.agents}
    known: dict[tuple[tuple[int, ...], bytes, int], float] = {}
    total = rows + columns
    for session in free:
        able = queues[session.agent]
        key = able, session.starts.tobytes(), session.training.minutes
        if key not in known:
            known[key] = _least(case, session, flat[list(able)])
        total += known[key]
    return total


def _least(case: Case, session: Session, price: np.ndarray) -> float:
    """Least that a session takes at the prices of its person's queues, shape (queues, intervals)."""
    least = math.inf
    for start in session.starts.tolist():
        at, share = case.presence(start, start + session.training.minutes)
        if at[-1] < price.shape[1]:
            least = min(least, float((price[:, at] @ share).min()))
    return least


def away(case: Case, held: Iterable[tuple[int, Held]]) -> np.ndarray:
    """People in training on each (queue, interval), flattened, from the queues that they would be on."""
    gone = np.zeros(case.need.heads.shape)
    for queue, one in held:
        at, share = case.presence(one.start, one.end)
        gone[queue, at] += share
    return gone.ravel()


def known_queue(case: Case, held: Iterable[Held]) -> list[tuple[int, Held]]:
    """The queue of people who answer one only."""
    queue = {agent: group.queues[0] for group in case.groups for agent in group.agents}
    return [(queue[one.session.agent], one) for one in held]
