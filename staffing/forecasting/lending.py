"""A new queue borrows another's past."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem


def lend(history: pd.DataFrame, like: Mapping[str, str] | None) -> pd.DataFrame:
    """The history with what queues borrow from others for the days before their own first one.

    What is borrowed is scaled by the contacts of the two on the intervals that both have, and thinned at
    random where that makes it smaller, since a small queue scatters more. Without an interval in common it is
    as large as the other.

    Parameters
    ----------
    history : pandas.DataFrame
        Table of the contract HISTORY.
    like : dict or None
        New queue -> queue to borrow from.

    Returns
    -------
    pandas.DataFrame
        HISTORY with more rows.

    Raises
    ------
    DataError
        A queue to borrow from that the history does not have.

    Examples
    --------
    >>> times = pd.date_range("2026-11-02", periods=3, freq="1D", tz="Asia/Seoul")
    >>> old = pd.DataFrame({"queue": "calls", "interval": times, "offered": [40.0, 50.0, 60.0]})
    >>> new = pd.DataFrame({"queue": "chat", "interval": times[2:], "offered": [120.0]})
    >>> lend(pd.concat([old, new]), {"chat": "calls"})["offered"].tolist()
    [40.0, 50.0, 60.0, 120.0, 80.0, 100.0]
    """
    if not like:
        return history
    names = set(history["queue"])
    problems = [
        Problem(f"{new!r} cannot borrow from {old!r}", f"name one of {', '.join(sorted(names))}", "HISTORY")
        for new, old in like.items()
        if old not in names or old == new or old in like
    ]
    if problems:
        raise DataError(problems)
    tables = [history]
    for new, old in sorted(like.items()):
        own, other = history[history["queue"] == new], history[history["queue"] == old]
        both = own.merge(other, on="interval", suffixes=("", "_other"))
        ratio = 1.0
        if len(both) and both["offered_other"].sum() > 0:
            ratio = float(both["offered"].sum() / both["offered_other"].sum())
        first = own["interval"].min() if len(own) else None
        rows = other if first is None else other[other["interval"] < first.normalize()]
        rng = np.random.default_rng(zlib.crc32(new.encode()))
        offered = rows["offered"].to_numpy(dtype=float)
        if ratio < 1.0:
            offered = rng.binomial(np.round(np.minimum(offered, 1e15)).astype(np.int64), ratio).astype(float)
        else:
            offered = offered * ratio
        taken = rows[["interval"]].assign(queue=new, offered=offered)
        if "aht" in rows:
            taken["aht"] = rows["aht"]
        tables.append(taken)
    return pd.concat(tables, ignore_index=True).astype({"queue": "str"})
