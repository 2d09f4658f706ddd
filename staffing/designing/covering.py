"""The covering program: how many people on given shifts cover a team's need at least cost.

Need stands on the wall clock. A shift that passes midnight belongs to the day it starts; where the
requirement spans whole weeks, they follow themselves: the night before the first day is the last day's.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse

from staffing import lp
from staffing.designing.need import DAY, Demand
from staffing.designing.service import Service
from staffing.designing.work import Work
from staffing.model import Shift

KEPT = 100.0  # price of a missed contact over that of the time it takes: a target that can be kept is kept


class Prices(NamedTuple):
    """Of an agent-half-hour short, one in surplus, and a paid hour."""

    short: float
    over: float
    hour: float


class Task(NamedTuple):
    """What one team is to cover: its need, a target of longer periods, work beside it."""

    demand: Demand
    service: Service | None = None
    work: Work | None = None


@dataclass(frozen=True)
class Cover:
    """The covering program of some shifts, and what its variables stand for.

    Parameters
    ----------
    program : lp.Program
        The first rows are those of ``need``.
    need : Need
        What must be covered.
    heads : numpy.ndarray
        Variable of the heads of each shift and date, shape (shifts, days).
    held, paid : numpy.ndarray
        Presence of each variable in intervals, and its paid hours, shape (n,).
    presence : scipy.sparse.csr_array
        Presence of each variable in each interval of the wall clock, shape (intervals, n).
    parts : dict of str to slice
        Variables beside heads and breaks: short, pieces, missed, flows, late.
    work : Work or None
        Deferrable work, where somebody can be on duty.
    """

    program: lp.Program
    need: Need
    heads: np.ndarray
    held: np.ndarray
    paid: np.ndarray
    presence: scipy.sparse.csr_array
    parts: dict[str, slice]
    work: Work | None = None

    def figures(self, values: np.ndarray, demand: Demand, service: Service | None = None) -> dict[str, float]:
        """Hours paid, and agent-half-hours short and over, of some values of the variables.

        Contacts missed count as short with the time they take, and so does work that is late; what is done
        of the work is not over.
        """
        short = values[self.parts["short"]] * demand.unit
        held = float(self.held @ values) * demand.unit
        over = held - float(self.need.heads[self.need.priced].sum()) * demand.unit
        over += float(short[self.need.priced].sum())
        lacking = float(short.sum())
        if service is not None:
            filled = values[self.parts["pieces"]][self.need.priced[service.row]]
            over -= float(filled.sum()) * demand.unit
            lacking += float(values[self.parts["missed"]] @ service.half_hours)
        if "flows" in self.parts:
            over -= 2.0 * float(values[self.parts["flows"]].sum())
        if self.work is not None:
            lacking += 2.0 * float(values[self.parts["late"]] @ self.work.binding)
        paid = max(float(self.paid @ values), 0.0)
        return {"paid_hours": paid, "short": lacking, "over": max(over, 0.0)}


class Need(NamedTuple):
    """Rows of the program: position in the flattened days, heads needed, and whether surplus counts there."""

    slots: np.ndarray
    heads: np.ndarray
    priced: np.ndarray


class _Group(NamedTuple):
    """Columns of one subject beside the crew: in the interval rows, and in sums with ends of their own."""

    widths: dict[str, int]
    rows: scipy.sparse.sparray
    sums: scipy.sparse.sparray
    wanted: np.ndarray
    most: np.ndarray
    cost: np.ndarray
    upper: np.ndarray


def cover(
    demand: Demand,
    shifts: Sequence[Shift],
    prices: Prices,
    *,
    service: Service | None = None,
    work: Work | None = None,
) -> Cover:
    """State the covering program of some shifts.

    Variables are heads and break counts per shift and date, then a shortage per interval with need. The
    surplus needs no variable: it is presence less need plus shortage, so its price goes to those. With a
    service curve the need is that of its foot; heads above it fill the pieces of the curve, each of which
    answers contacts towards the target of a period, and a contact that is missed has its price. Deferrable
    work flows into what is left, and so lessens the surplus.

    Parameters
    ----------
    demand : Demand
        Of one team.
    shifts : sequence of Shift
        Of that team.
    prices : Prices
        Of shortage, surplus and paid hours.
    service : Service, optional
        What further heads answer in time, and what each period wants; None: the need of each interval.
    work : Work, optional
        What is to be done beside the need.

    Returns
    -------
    Cover
        With heads as whole numbers, which `staffing.lp.relaxed` sets aside.

    Examples
    --------
    >>> import datetime as dt
    >>> import pandas as pd
    >>> from staffing.designing.need import demand
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="h", tz="Asia/Seoul", unit="us")
    >>> calls = pd.DataFrame({"queue": "calls", "team": "care", "interval": times, "scheduled": [2, 5, 5, 3]})
    >>> day = cover(demand(calls, "care"), [Shift("early", "care", dt.time(9), 3.0),
    ...                                     Shift("late", "care", dt.time(10), 3.0)], Prices(100, 1, 0))
    >>> day.program.matrix.shape, lp.solve(day.program).cost
    ((4, 6), 0.0)
    """
    blocks = [_block(shift, demand) for shift in shifts]
    crew = scipy.sparse.csr_array(scipy.sparse.hstack([block.presence for block in blocks]))
    if work is not None:
        work = work.within(np.asarray(abs(crew).sum(axis=1)).ravel() > 0)
    need = _need(demand, service, work)
    groups = [_shortages(demand, need, prices, service)]
    if service is not None:
        groups.append(_pieces(demand, need, prices, service))
    if work is not None:
        groups.append(_flows(demand, need, prices, work))
    others = scipy.sparse.hstack([group.rows for group in groups])
    size, further = crew.shape[1], others.shape[1]
    breaks = scipy.sparse.block_diag([block.breaks for block in blocks])
    sums = scipy.sparse.block_diag([group.sums for group in groups])
    once, wanted = np.zeros(breaks.shape[0]), np.concatenate([group.wanted for group in groups])
    none = np.zeros(further)
    held = np.concatenate([*(block.held for block in blocks), none])
    paid = np.concatenate([*(block.paid for block in blocks), none])
    cost = prices.over * demand.unit * held + prices.hour * paid
    cost[size:] = np.concatenate([group.cost for group in groups])
    offsets = np.cumsum([0] + [len(block.held) for block in blocks[:-1]])
    heads = np.array([offset + block.heads for offset, block in zip(offsets, blocks, strict=True)])
    program = lp.Program(
        cost=cost,
        matrix=scipy.sparse.csr_array(
            scipy.sparse.vstack(
                [
                    scipy.sparse.hstack([crew[need.slots], others]),
                    scipy.sparse.hstack([scipy.sparse.coo_array((len(wanted), size)), sums]),
                    scipy.sparse.hstack([breaks, scipy.sparse.coo_array((len(once), further))]),
                ]
            )
        ),
        row_lower=np.concatenate([need.heads, wanted, once]),
        row_upper=np.concatenate([np.full(len(need.heads), np.inf), *(group.most for group in groups), once]),
        lower=np.zeros(len(cost)),
        upper=np.concatenate([np.full(size, np.inf), *(group.upper for group in groups)]),
        integer=np.isin(np.arange(len(cost)), heads),
        constant=-prices.over * demand.unit * float(need.heads[need.priced].sum()),
    )
    widths = {name: width for group in groups for name, width in group.widths.items()}
    edges = np.cumsum([size, *widths.values()]).tolist()
    parts = {name: slice(*edge) for name, edge in zip(widths, itertools.pairwise(edges), strict=True)}
    presence = scipy.sparse.csr_array(
        scipy.sparse.hstack([crew, scipy.sparse.coo_array((crew.shape[0], further))])
    )
    return Cover(program, need, heads, held, paid, presence, parts, work)


def solved(program: lp.Program, *, gap: float = 0.0) -> lp.Solution:
    """Solve to the end: a design is ranked by what it costs there, so half of one is worth nothing."""
    solution = lp.solve(program, gap=gap)
    if solution.interrupted:
        raise KeyboardInterrupt
    return solution


def _need(demand: Demand, service: Service | None, work: Work | None) -> Need:
    flat = demand.agents.ravel()
    if service is None:
        slots = np.flatnonzero(flat > 0)
        heads, priced = flat[slots], np.ones(len(slots), dtype=bool)
    else:
        # What the team's rule asks for beyond the foot has rows of its own, so that pieces may fill it. An
        # hour that the clock shows twice has two rows; its surplus counts in the first.
        asked = np.flatnonzero(service.asked > 0)
        slots = np.concatenate([service.slots, asked])
        heads = np.concatenate([service.least, service.asked[asked]])
        priced = np.zeros(len(slots), dtype=bool)
        priced[np.unique(service.slots, return_index=True)[1]] = True
    if work is not None:
        idle = np.setdiff1d(work.at, slots[priced])
        slots = np.concatenate([slots, idle])
        heads = np.concatenate([heads, np.zeros(len(idle))])
        priced = np.concatenate([priced, np.ones(len(idle), dtype=bool)])
    return Need(slots, heads, priced)


def _shortages(demand: Demand, need: Need, prices: Prices, service: Service | None) -> _Group:
    count = len(need.slots)
    dear = np.zeros(count)
    if service is not None:
        # Nobody who is missing at the foot answers calls further up: it must be dearer than what he would.
        np.maximum.at(dear, service.row, KEPT * (service.half_hours @ service.gains))
    return _Group(
        widths={"short": count},
        rows=scipy.sparse.eye_array(count),
        sums=scipy.sparse.coo_array((0, count)),
        wanted=np.zeros(0),
        most=np.zeros(0),
        cost=(prices.short + prices.over * need.priced) * demand.unit + prices.short * dear,
        upper=np.full(count, np.inf),
    )


def _pieces(demand: Demand, need: Need, prices: Prices, service: Service) -> _Group:
    """Heads along the service curve of each interval, and the contacts that each period misses."""
    count, periods = len(service.row), len(service.wanted)
    ends = (-np.ones(count), (service.row, np.arange(count)))
    return _Group(
        widths={"pieces": count, "missed": periods},
        rows=scipy.sparse.coo_array(ends, shape=(len(need.slots), count + periods)),
        sums=scipy.sparse.hstack([service.gains, scipy.sparse.eye_array(periods)]),
        wanted=service.wanted,
        most=np.full(periods, np.inf),
        cost=np.concatenate(
            [
                -prices.over * demand.unit * need.priced[service.row],
                KEPT * prices.short * service.half_hours,
            ]
        ),
        upper=np.concatenate([service.width, np.full(periods, np.inf)]),
    )


def _flows(demand: Demand, need: Need, prices: Prices, work: Work) -> _Group:
    """Hours of each piece of work in each interval, and what is left of it at its deadline."""
    count, items = len(work.item), len(work.hours)
    row_of = np.zeros(demand.agents.size, dtype=int)
    row_of[need.slots[need.priced]] = np.flatnonzero(need.priced)
    ends = (np.full(count, -60.0 / demand.minutes), (row_of[work.at], np.arange(count)))
    done = scipy.sparse.coo_array((np.ones(count), (work.item, np.arange(count))), shape=(items, count))
    return _Group(
        widths={"flows": count, "late": items},
        rows=scipy.sparse.coo_array(ends, shape=(len(need.slots), count + items)),
        sums=scipy.sparse.hstack([done, scipy.sparse.eye_array(items)]),
        wanted=work.hours,
        most=work.hours,
        cost=np.concatenate([np.full(count, -2.0 * prices.over), 2.0 * prices.short * work.binding]),
        upper=np.concatenate([work.hours[work.item], work.hours]),
    )


class _Block(NamedTuple):
    """One shift's part of the program: a column for heads and for each break position, day after day."""

    presence: scipy.sparse.coo_array
    breaks: scipy.sparse.coo_array
    heads: np.ndarray
    held: np.ndarray
    paid: np.ndarray


def _block(shift: Shift, demand: Demand) -> _Block:
    shares, pauses = _shares(shift, demand.minutes)
    days, per_day = demand.agents.shape
    width, size = len(pauses), demand.agents.size
    day = np.arange(days)[:, None]
    slot, column = np.nonzero(shares)
    rows = (slot + day * per_day).ravel()
    columns = (column + day * width).ravel()
    values = np.tile(shares[slot, column], days)
    # What passes the last midnight falls on the first day where weeks follow themselves, else outside.
    inside = rows < (np.inf if demand.repeats else size)
    presence = scipy.sparse.coo_array(
        (values[inside], (rows[inside] % size, columns[inside])), shape=(size, days * width)
    )
    # Everybody on the shift takes each break once: its counts by position less the heads are zero.
    once = (pauses == np.arange(len(shift.breaks))[:, None]).astype(float)
    once[:, 0] = -1.0
    breaks = scipy.sparse.kron(scipy.sparse.eye_array(days), scipy.sparse.coo_array(once), format="coo")
    paid = np.where(pauses < 0, shift.paid_hours, 0.0)
    return _Block(
        presence, breaks, np.arange(days) * width, np.tile(shares.sum(axis=0), days), np.tile(paid, days)
    )


def _shares(shift: Shift, minutes: int) -> tuple[np.ndarray, np.ndarray]:
    """Share of each interval that a head is there, then what each position of each break takes off.

    Returns them, shape (intervals of two days, 1 + positions), and the break of each column, -1 for the head.
    """
    columns, pauses = [_share(shift.start_minute, shift.end_minute, minutes)], [-1]
    for number, pause in enumerate(shift.breaks):
        first, last = (shift.start_minute + round(hours * 60) for hours in pause.after_hours)
        taken = [-_share(begin, begin + pause.minutes, minutes) for begin in range(first, last + 1, minutes)]
        columns += taken
        pauses += [number] * len(taken)
    return np.stack(columns, axis=1), np.array(pauses)


def _share(begin: int, end: int, minutes: int) -> np.ndarray:
    """Share of each interval of two days that lies between two times. [0-1]"""
    starts = np.arange(0, 2 * DAY, minutes)
    return np.clip(np.minimum(end, starts + minutes) - np.maximum(begin, starts), 0, None) / minutes
