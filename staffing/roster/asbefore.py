"""Queues and breaks of days on which nobody changes stay as they were in the roster that is kept."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from staffing import lp
from staffing.roster.case import Case
from staffing.roster.master import Duty, Layout, Pool, Post, template
from staffing.roster.names import Stint
from staffing.roster.search import DAY, Found, exact

SMALL = 1e-6
PAUSES = ("meeting", "lunch", "break")
# agent -> start, end in minutes from the first midnight, activity and queue of each segment, in order
Pieces = Mapping[str, list[tuple[float, float, str, str]]]


def restored(
    case: Case, layout: Layout, program: lp.Program, found: Found, done: Sequence[Stint], kept: pd.DataFrame
) -> tuple[Found, list[Stint]]:
    """The solution with the kept queues and breaks of every day on which the same people do the same.

    A day is restored where that costs no more than the tolerance to which days are solved anyway.
    """
    pieces = _pieces(case, kept)
    pools = {agent: Pool(group.team, group.queues) for group in case.groups for agent in group.agents}
    values, stints = found.values, list(done)
    for day in range(case.days):
        own = [stint for stint in stints if stint.post.duty.day == day]
        before = [_stint_of(case, pieces, stint.agent, stint.post.duty) for stint in own]
        here = {stint.agent for stint in own}
        if None in before or _others_at_work(case, pieces, day, here):
            continue
        same = [stint for stint in before if stint is not None]
        tried = exact(case, layout, with_day(layout, values, day, same, pools))
        dearer = program.cost @ tried - program.cost @ values
        if dearer <= DAY * case.price_short and _keeps_rows(program, tried):
            values = tried
            stints = [stint for stint in stints if stint.post.duty.day != day] + same
    cost = float(program.cost @ values)
    changed = dataclasses.replace(found, values=values, cost=cost, bound=min(found.bound, cost))
    return changed, sorted(stints, key=lambda stint: (stint.agent, stint.post.duty.day))


def _pieces(case: Case, kept: pd.DataFrame) -> Pieces:
    elapsed = {
        name: ((kept[name] - case.origin) / pd.Timedelta(minutes=1)).to_numpy() for name in ("start", "end")
    }
    rows = zip(kept["agent"], elapsed["start"], elapsed["end"], kept["activity"], kept["queue"], strict=True)
    found: dict[str, list[tuple[float, float, str, str]]] = {}
    for agent, start, end, activity, queue in rows:
        found.setdefault(str(agent), []).append((float(start), float(end), str(activity), str(queue)))
    return {agent: sorted(own) for agent, own in found.items()}


def _stint_of(case: Case, pieces: Pieces, agent: str, duty: Duty) -> Stint | None:
    """What somebody did on a duty, None where it was another or cannot be said in posts and breaks."""
    menu = case.menus[duty.team]
    start, end = float(menu.start[duty.day, duty.shift]), float(menu.end[duty.day, duty.shift])
    own = [piece for piece in pieces.get(agent, []) if piece[0] < end and piece[1] > start]
    queues = {queue for _, _, activity, queue in own if activity == "queue"}
    pauses = [(begin, until) for begin, until, activity, _ in own if activity in PAUSES]
    due = template(case, duty).breaks
    lengths = [until - begin for begin, until in pauses]
    whole = bool(own) and (own[0][0], own[-1][1]) == (start, end)
    if not whole or len(queues) != 1 or lengths != [pause.minutes for pause in due]:
        return None
    (queue,) = queues
    if queue not in case.need.queues:
        return None
    offsets = tuple(round(begin - start) for begin, _ in pauses)
    return Stint(agent, Post(duty, case.need.queues.index(queue)), offsets)


def _others_at_work(case: Case, pieces: Pieces, day: int, here: set[str]) -> bool:
    """Whether somebody worked a shift of the day in the kept roster who does not now."""
    for group in case.groups:
        menu = case.menus[group.team]
        for agent in set(group.agents) - here:
            starts = {start for start, _, _, _ in pieces.get(agent, [])}
            if starts & set(menu.start[day].tolist()):
                return True
    return False


def with_day(
    layout: Layout, values: np.ndarray, day: int, stints: Sequence[Stint], pools: Mapping[str, Pool]
) -> np.ndarray:
    """The values with other posts and breaks on one day."""
    posts = Counter(stint.post for stint in stints)
    mixed = Counter((pools[stint.agent], stint.post) for stint in stints)
    taken = Counter(
        (stint.post, number, offset) for stint in stints for number, offset in enumerate(stint.offsets)
    )
    whole = values.copy()
    for at, (pool, post) in enumerate(layout.mixed, int(layout.ends[0])):
        if post.duty.day == day:
            whole[at] = mixed[pool, post]
    for at, post in enumerate(layout.posts, int(layout.ends[1])):
        if post.duty.day == day:
            whole[at] = posts[post]
    for at, pause in enumerate(layout.pauses, int(layout.ends[2])):
        if pause.post.duty.day == day:
            whole[at] = sum(taken[pause.post, pause.number, offset] for offset in pause.offsets)
    return whole


def _keeps_rows(program: lp.Program, values: np.ndarray) -> bool:
    """Whether values keep every row, which skills or break windows of today may forbid."""
    rows = program.matrix @ values
    return bool(((rows >= program.row_lower - SMALL) & (rows <= program.row_upper + SMALL)).all())
