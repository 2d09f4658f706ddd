"""Days of a kept roster that stay as they were, breaks included."""

from __future__ import annotations

import pandas as pd

from staffing.tables import SEGMENTS, check


def kept(assignments: pd.DataFrame, segments: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """The segments of a roster, with those of the kept one where a duty is the same.

    Parameters
    ----------
    assignments, segments : pandas.DataFrame
        ASSIGNMENTS and SEGMENTS of the new roster.
    before : pandas.DataFrame
        SEGMENTS of the kept one. A duty takes them where they have the same pieces in another order or at
        other times: what somebody has edited by hand is no plan's to carry on.

    Returns
    -------
    pandas.DataFrame
        SEGMENTS.
    """
    if before.empty or assignments.empty:
        return segments
    old, new = _by_duty(assignments, before), _by_duty(assignments, segments)
    same = [duty for duty, rows in new.items() if duty in old and _pieces(old[duty]) == _pieces(rows)]
    stay = segments[~segments.index.isin([at for duty in same for at in new[duty].index])]
    table = pd.concat([stay, *(old[duty][list(segments.columns)] for duty in same)], ignore_index=True)
    return check(table.sort_values(["agent", "start"], ignore_index=True), SEGMENTS)


def _by_duty(assignments: pd.DataFrame, segments: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """The segments that lie in each duty, by its number."""
    own = dict(list(segments.groupby("agent", sort=False)))
    found = {}
    columns = zip(assignments["agent"], assignments["start"], assignments["end"], strict=True)
    for duty, (agent, start, end) in enumerate(columns):
        rows = own.get(agent, segments.iloc[:0])
        inside = rows[(rows["start"] >= start) & (rows["end"] <= end)]
        if len(inside):
            found[duty] = inside
    return found


def _pieces(rows: pd.DataFrame) -> tuple[object, ...]:
    """What a duty is made of: its minutes in all, and each pause."""
    minutes = (rows["end"] - rows["start"]).dt.total_seconds() / 60.0
    pauses = rows["activity"] != "queue"
    columns = [some[pauses].tolist() for some in (rows["activity"], rows["paid"], minutes)]
    return (float(minutes.sum()), *sorted(zip(*columns, strict=True)))
