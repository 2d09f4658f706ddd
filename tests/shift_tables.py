"""Requirements and plans of plain days, for the tests of the shifts."""

from __future__ import annotations

import pandas as pd


def needed(*days, start="2026-11-30 09:00", freq="30min", team="presales", queue="calls", tz="Asia/Seoul"):
    """A requirement with one list of needs a day, from the same hour of each; None is a closed day."""
    rows = []
    for number, day in enumerate(days):
        if day is not None:
            first = pd.Timestamp(start) + pd.Timedelta(days=number)
            times = pd.date_range(first, periods=len(day), freq=freq, unit="us").tz_localize(tz)
            rows.append(pd.DataFrame({"interval": times, "scheduled": [float(agents) for agents in day]}))
    table = pd.concat(rows, ignore_index=True).assign(queue=queue, team=team, load=0.0)
    return table.assign(agents=table["scheduled"])


def expected(*days, start="2026-11-30 09:00", freq="30min", aht=300.0, queue="calls", tz="Asia/Seoul"):
    """A forecast with one list of volumes a day."""
    table = needed(*days, start=start, freq=freq, queue=queue, tz=tz)
    return table.rename(columns={"scheduled": "volume"})[["queue", "interval", "volume"]].assign(aht=aht)


def on_duty(plan, shifts, tz="Asia/Seoul", queue="calls"):
    """Segments of as many nameless people as a plan of shifts without breaks has."""
    templates = {(shift.team, shift.name): shift for shift in shifts}
    rows = []
    for team, date, name, heads in zip(
        plan["team"], plan["date"], plan["shift"], plan["agents"], strict=True
    ):
        shift = templates[team, name]
        edges = [date + pd.Timedelta(minutes=edge) for edge in (shift.start_minute, shift.end_minute)]
        start, end = (edge.tz_localize(tz) for edge in edges)
        rows += [
            (f"{team}-{name}-{date:%m%d}-{n}", start, end, "queue", queue, True) for n in range(int(heads))
        ]
    return pd.DataFrame(rows, columns=["agent", "start", "end", "activity", "queue", "paid"])


def paid_hours(plan, shifts):
    """Hours that a plan pays."""
    each = {(shift.team, shift.name): shift.paid_hours for shift in shifts}
    return sum(
        heads * each[team, name]
        for team, name, heads in zip(plan["team"], plan["shift"], plan["agents"], strict=True)
    )
