"""A roster that a person has edited, minute by minute again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from staffing.errors import DataError, Problem
from staffing.model import Break, Shift
from staffing.roster.breaks import offsets
from staffing.roster.names import Piece, as_segments, pieces
from staffing.tables import ASSIGNMENTS, SEGMENTS, check


def segments(
    assignments: pd.DataFrame,
    shifts: Sequence[Shift],
    *,
    kept: pd.DataFrame | None = None,
    queues: Mapping[str, str] | None = None,
    carried: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What a roster that a person has edited means, minute by minute.

    An assignment whose start and end are as before keeps its segments. Any other gets the breaks of its shift
    in the middle of their windows, and the queue that its agent has most in ``kept``; else the one that
    ``queues`` gives to its team; else the one that its team has most in ``kept``.

    Parameters
    ----------
    assignments : pandas.DataFrame
        ASSIGNMENTS.
    shifts : sequence of Shift
        The templates. Hours that no template has take the breaks of the shift that they are named after, or
        of the team's shift nearest in length, as far as these end in time.
    kept : pandas.DataFrame, optional
        SEGMENTS of the roster before it was edited.
    queues : dict, optional
        Team -> queue.
    carried : pandas.DataFrame, optional
        SEGMENTS of last week's shifts that reach into this one: they stay.

    Returns
    -------
    pandas.DataFrame
        SEGMENTS, sorted by agent and start.

    Raises
    ------
    DataError
        Where a team has no shift, or nothing says which queue somebody answers.

    Examples
    --------
    >>> import datetime as dt
    >>> lunch = Break("lunch", 60, False, (3.0, 4.0))
    >>> early = Shift("early", "presales", dt.time(9), 8, (lunch,))
    >>> one = pd.DataFrame({"agent": ["007"], "date": [pd.Timestamp("2026-11-30")], "team": ["presales"],
    ...                     "shift": ["early"], "start": [pd.Timestamp("2026-11-30 09:00", tz="Asia/Seoul")],
    ...                     "end": [pd.Timestamp("2026-11-30 17:00", tz="Asia/Seoul")], "paid_hours": [7.0]})
    >>> for piece in segments(one, [early], queues={"presales": "chat"}).itertuples():
    ...     print(piece.start.time(), piece.end.time(), piece.activity, piece.queue, piece.paid)
    09:00:00 12:30:00 queue chat True
    12:30:00 13:30:00 lunch  False
    13:30:00 17:00:00 queue chat True
    """
    check(assignments, ASSIGNMENTS)
    kept = SEGMENTS.empty() if kept is None else check(kept, SEGMENTS)
    if assignments.empty:
        return kept.iloc[:0].reset_index(drop=True)
    before = {str(agent): rows for agent, rows in kept.groupby("agent", sort=False)}
    usual = _usual_queues(assignments, kept, queues or {})
    origin = assignments["start"].min()
    same: list[pd.DataFrame] = []
    rows: list[Piece] = []
    found: list[Problem] = []
    day: Any
    for day in assignments.itertuples(index=False):
        as_before = _as_before(before.get(str(day.agent)), day)
        template = _template(day, shifts)
        if as_before is not None:
            same.append(as_before)
        elif template is None:
            found.append(Problem(f"team {day.team!r} has no shift", "give its shifts", "ASSIGNMENTS"))
        elif day.agent not in usual:
            who = f"nothing says which queue {day.agent!r} of {day.team!r} answers"
            found.append(Problem(who, "give queues={team: queue}", "ASSIGNMENTS"))
        else:
            begin, end = ((moment - origin) / pd.Timedelta(minutes=1) for moment in (day.start, day.end))
            middles = [_middle(pause) for pause in template.breaks]
            rows += pieces(str(day.agent), begin, end, template.breaks, middles, usual[day.agent])
    if found:
        raise DataError(list(dict.fromkeys(found)))
    new = as_segments(origin, rows)
    whole = pd.concat([*same, *([] if carried is None else [carried]), *([new] if rows else [])])
    if "training" in whole:
        whole = whole.assign(training=whole["training"].fillna(""))
    return whole.sort_values(["agent", "start"], ignore_index=True)


def _as_before(kept: pd.DataFrame | None, day: Any) -> pd.DataFrame | None:
    """The kept segments of an assignment whose hours are unchanged."""
    if kept is None:
        return None
    inside = kept[(kept["start"] >= day.start) & (kept["start"] < day.end)]
    reached = inside["start"].min() == day.start and inside["end"].max() == day.end
    return inside if reached else None


def _template(day: Any, shifts: Sequence[Shift]) -> Shift | None:
    """The shift an assignment is named after, else the team's nearest in length."""
    own = [shift for shift in shifts if shift.team == day.team]
    hours = (day.end - day.start) / pd.Timedelta(hours=1)
    return min(own, key=lambda shift: (shift.name != day.shift, abs(shift.hours - hours)), default=None)


def _middle(pause: Break) -> int:
    """Start of a break in the middle of its window, in minutes after the start of the shift. [min]"""
    starts = offsets(pause, 30)
    return starts[(len(starts) - 1) // 2]


def _usual_queues(assignments: pd.DataFrame, kept: pd.DataFrame, queues: Mapping[str, str]) -> dict[str, str]:
    """The queue that each agent answers where nothing is kept."""
    team = assignments.drop_duplicates("agent").set_index("agent")["team"]
    on_queue = kept[kept["activity"] == "queue"]
    own = _most(on_queue["agent"], on_queue["queue"])
    of_team = _most(on_queue["agent"].map(team).dropna(), on_queue["queue"]) | dict(queues)
    known = {str(agent): of_team[name] for agent, name in team.items() if name in of_team}
    return known | own


def _most(owner: pd.Series, queue: pd.Series) -> dict[str, str]:
    """The most frequent queue of each owner; of equal ones the first by name."""
    counts = pd.DataFrame({"owner": owner, "queue": queue.loc[owner.index]}).value_counts().reset_index()
    counts = counts.sort_values(["owner", "count", "queue"], ascending=[True, False, True])
    return dict(zip(*(counts.drop_duplicates("owner")[name] for name in ("owner", "queue")), strict=True))
