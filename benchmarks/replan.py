"""A sick call, planned again with few changes: `python benchmarks/replan.py 20 50 200 1000`.

The weeks of benchmarks/roster.py. On Wednesday a fiftieth of the people, at least two, fall ill until Friday,
with the hours that they would have worked as credit. The week is planned again anew and with the published
roster kept, the days before Wednesday frozen. Changed days are counted beside those of the sick. Every roster
is verified; seconds are processor time.
"""

from __future__ import annotations

import datetime as dt
import sys
import time

import pandas as pd
import roster as weeks  # benchmarks/roster.py

from staffing import roster, verify

WEDNESDAY, FRIDAY = (weeks.MONDAY + pd.Timedelta(days=number) for number in (2, 4))


def main() -> None:
    """Two lines for each size and utilisation: planned anew, and kept."""
    print(
        "agents utilisation sick way | CPU s | changed days, people | gap [agent-half-hours] | status, broken"
    )
    for count in sys.argv[1:] or ["20", "50", "200"]:
        for utilisation in weeks.UTILISATIONS:
            sick_call(int(count), utilisation)


def sick_call(count: int, utilisation: float) -> None:
    """Publish a week, let people fall ill, and plan it again in both ways."""
    demand, shifts, agents, rules, tables = weeks.week(count, utilisation)
    published = roster.assign(demand, shifts, agents, rules, **tables)
    off = illness(published.assignments, max(2, count // 50))
    known = [tables.get("timeoff"), off]
    tables["timeoff"] = pd.concat([table for table in known if table is not None], ignore_index=True)
    until: dt.date = WEDNESDAY.date()
    keep = {"keep": published.assignments, "kept": published.segments, "frozen_until": until}
    for way, kept in (("anew", {}), ("kept", keep)):
        began = time.process_time()
        made = roster.assign(demand, shifts, agents, rules, **tables, **kept)
        seconds = time.process_time() - began
        changed = verify.diff(published.assignments, made.assignments)
        sick = changed["agent"].isin(off["agent"]) & changed["date"].between(WEDNESDAY, FRIDAY)
        others = changed[~sick]
        broken = verify.roster(
            made.assignments, made.segments, demand, agents, rules, shifts=shifts,
            start=weeks.MONDAY.date(), **tables,
        )  # fmt: skip
        print(
            f"{count:6} {utilisation:.2f} {len(off):4} {way} | {seconds:6.1f} | {len(others):5} "
            f"{others['agent'].nunique():5} | {made.gap:6.2f} | {made.status} {len(broken)}",
            flush=True,
        )


def illness(assignments: pd.DataFrame, people: int) -> pd.DataFrame:
    """TIMEOFF of the first people who work on all three days, with the hours that they would have worked."""
    days = assignments[assignments["date"].between(WEDNESDAY, FRIDAY)]
    sums = days.groupby("agent")["paid_hours"].agg(["size", "sum"])
    some = sums[sums["size"] == 3].sort_index().head(people)
    return pd.DataFrame(
        {
            "agent": pd.Series(some.index, dtype="str"),
            "start": WEDNESDAY.as_unit("us"),
            "end": FRIDAY.as_unit("us"),
            "kind": "SICK",
            "credit_hours": some["sum"].to_numpy(),
        }
    )


if __name__ == "__main__":
    main()
