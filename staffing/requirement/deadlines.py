"""Work served by its deadlines: earliest deadline first, the oldest of equals."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np

Floats = np.ndarray
NOTHING = 1e-9  # hours
Job = tuple[int, int, str]  # due, released, queue


class Played(NamedTuple):
    """Hours worked and on time by queue, late and left at the end by job, and where such work waited."""

    worked: dict[str, Floats]
    on_time: dict[str, Floats]
    late: dict[Job, float]
    rest: dict[Job, float]
    pending: list[bool]


def replay(
    start: Floats,
    end: Floats,
    capacity: Floats,
    work: list[tuple[int, int, str, float]],
    until: int | None = None,
) -> Played:
    """Earliest deadline first, the oldest of equals, through the intervals that end by ``until``."""
    waiting = sorted(work, key=lambda job: job[1])
    line: list[Job] = []
    played = Played({}, {}, {}, {}, [])
    come = 0
    last = len(start) if until is None else int(np.searchsorted(end, until, side="right"))
    for place in range(last):
        while come < len(waiting) and waiting[come][1] <= start[place]:
            due, released, name, hours = waiting[come]
            played.rest[(due, released, name)] = hours
            heapq.heappush(line, (due, released, name))
            come += 1
        free = float(capacity[place])
        while free > NOTHING and line:
            job = line[0]
            done = min(free, played.rest[job])
            free -= done
            played.rest[job] -= done
            played.worked.setdefault(job[2], np.zeros(len(start)))[place] += done
            if end[place] <= job[0]:
                played.on_time.setdefault(job[2], np.zeros(len(start)))[place] += done
            else:
                played.late[job] = played.late.get(job, 0.0) + done
            if played.rest[job] <= NOTHING:
                heapq.heappop(line)
                del played.rest[job]
        played.pending.append(bool(line) and (until is None or line[0][0] <= until))
    return played


def last_run(pending: list[bool]) -> Floats:
    """The last unbroken run of intervals, up to the end."""
    begin = len(pending)
    while begin and pending[begin - 1]:
        begin -= 1
    return np.arange(begin, len(pending))
