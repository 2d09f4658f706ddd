"""How many seconds a unit of solver work takes: `python benchmarks/work.py 20 200 1000`.

`staffing.lp.Budget` counts work in seconds by fixed rates (`lp.STEP`, `lp.ROOT_LOOK`, `lp.LOOK`), so that
limits are the same on every machine. For each program of the own case of `benchmarks/roster.py` that takes a
tenth of a second: rows, columns, coefficients, processor seconds, work, and how much of the work a second is.
The rates are on the safe side where seconds of work are more than seconds.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import roster as own_case

from staffing import lp, roster

LEAST = 0.1


def main() -> None:
    """The own case at both utilisations, every solve metered."""
    solve = lp.solve
    seconds = {True: 0.0, False: 0.0}
    work = {True: 0.0, False: 0.0}

    def metered(program: lp.Program, **options: Any) -> lp.Solution:
        began = time.process_time()
        found = solve(program, **options)
        spent, mixed = time.process_time() - began, bool(program.integer.any())
        seconds[mixed] += spent
        work[mixed] += found.work
        if spent > LEAST:
            size = "{:6} x {:6}, {:7}".format(*program.matrix.shape, program.matrix.nnz)
            kind = "whole " if mixed else "linear"
            print(f"{kind} {size} | {spent:6.2f} {found.work:6.2f} | {found.work / spent:5.2f}", flush=True)
        return found

    lp.solve = metered
    print("program, rows x columns, coefficients | CPU s, work | work of a second")
    for count in sys.argv[1:] or ["20", "200", "1000"]:
        for utilisation in own_case.UTILISATIONS:
            case = own_case.week(int(count), utilisation)
            roster.assign(*case[:4], **case[4], time_limit=None)
    for mixed, kind in ((False, "linear"), (True, "whole")):
        print(f"all {kind}: {seconds[mixed]:.1f} s, work {work[mixed]:.1f}")


if __name__ == "__main__":
    main()
