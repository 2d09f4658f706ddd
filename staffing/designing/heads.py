"""Whole heads of a plan, where its breaks fall, and where deferrable work goes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from staffing import lp
from staffing.designing import covering
from staffing.designing.covering import Cover
from staffing.designing.need import Demand
from staffing.designing.service import Service

ROUNDS = 8  # in which a plan that misses its target, since pieces are straight, is asked for more
NEAR = (
    0.002  # of the crew's cost within which a plan along service curves is proved: their pieces lose as much
)
TINY = 1e-4  # price of an hour of work in the busiest half hour: it decides only where nothing else does


@dataclass(frozen=True)
class Heads:
    """Heads of each shift and date.

    Parameters
    ----------
    heads : numpy.ndarray
        Whole, shape (shifts, days).
    whole : numpy.ndarray of bool
        Dates on which the linear program alone gave them, shape (days,).
    """

    heads: np.ndarray
    whole: np.ndarray


def whole(cover: Cover, service: Service | None = None) -> Heads:
    """Whole heads of least cost: the linear program's where they are whole, else the solver's.

    Parameters
    ----------
    cover : Cover
        The program.
    service : Service, optional
        Whose targets must hold on the exact curves; where they do not, the program is asked for what is
        missing, round by round.

    Returns
    -------
    Heads
        With the dates that needed no integer variables.
    """
    program = cover.program
    for _ in range(ROUNDS):
        values = _values(lp.relaxed(program))
        crew = float((program.cost[cover.heads] * values[cover.heads]).sum())
        found = values[cover.heads]
        alone = (np.abs(found - np.rint(found)) < 1e-6).all(axis=0)
        if not alone.all():
            values = _values(program, gap=0.0 if service is None else NEAR * crew)
        missing = _missing(cover, values, service)
        if not (missing > 1e-6).any():
            break
        lower = program.row_lower.copy()
        first = len(cover.need.slots)
        lower[first : first + len(missing)] += 1.02 * missing
        program = replace(program, row_lower=lower)
    return Heads(np.rint(values[cover.heads]), alone)


def _missing(cover: Cover, values: np.ndarray, service: Service | None) -> np.ndarray:
    """Contacts that a period lacks on the exact curves, where the program believes that it has them."""
    if service is None:
        return np.zeros(0)
    believed = values[cover.parts["missed"]] < 1e-3
    return np.where(believed, service.missing(values[cover.parts["pieces"]]), 0.0)


def laid(cover: Cover, heads: np.ndarray) -> np.ndarray:
    """Values of all variables for given heads: breaks where they hurt least, work where there is room.

    Parameters
    ----------
    cover : Cover
        The program.
    heads : numpy.ndarray
        Shape (shifts, days).

    Returns
    -------
    numpy.ndarray
        Breaks may be fractions.
    """
    program = lp.relaxed(cover.program)
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[cover.heads] = upper[cover.heads] = heads
    return _values(replace(program, lower=lower, upper=upper))


def quiet_first(cover: Cover, demand: Demand) -> Cover:
    """The same program with a tiny price on work where need is high, and a tinier one on late work."""
    work = cover.work
    if work is None:
        return cover
    need = demand.agents.ravel()
    busy = need[work.at] / max(float(need.max()), 1.0)
    cost = cover.program.cost.copy()
    cost[cover.parts["flows"]] += TINY * (busy + 0.1 * work.at / len(need))
    return replace(cover, program=replace(cover.program, cost=cost))


def presence(cover: Cover, values: np.ndarray, demand: Demand) -> pd.DataFrame:
    """Heads on duty, on a break, at deferrable work and on the queue in each interval of the flattened days.

    Parameters
    ----------
    cover : Cover
        The program.
    values : numpy.ndarray
        Of its variables.
    demand : Demand
        Of the team.

    Returns
    -------
    pandas.DataFrame
        on_duty, on_break, deferrable, on_queue; the row is the interval's position.
    """
    crew = np.zeros(len(values))
    crew[cover.heads] = values[cover.heads]
    duty = cover.presence @ crew
    there = cover.presence @ values
    busy = np.zeros(len(duty))
    if cover.work is not None:
        np.add.at(busy, cover.work.at, values[cover.parts["flows"]] * 60.0 / demand.minutes)
    columns = {"on_duty": duty, "on_break": duty - there, "deferrable": busy, "on_queue": there - busy}
    return pd.DataFrame(columns).round(9) + 0.0


def _values(program: lp.Program, gap: float = 0.0) -> np.ndarray:
    values = covering.solved(program, gap=gap).values
    assert values is not None  # any need may stay short at its price
    return values
