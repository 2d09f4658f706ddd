"""People's changes on top of a forecast, and its sums over channels, teams and sites."""

from __future__ import annotations

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem
from staffing.forecasting.drawing import days_of
from staffing.tables import ADJUSTMENTS, check

Array = np.ndarray


def adjust(
    forecast: pd.DataFrame, adjustments: pd.DataFrame, *, levels: pd.DataFrame | None = None
) -> pd.DataFrame:
    """People's changes, at the level of a queue or of any group of queues, which still adds up.

    Parameters
    ----------
    forecast : pandas.DataFrame
        Table of the contract FORECAST or PATHS.
    adjustments : pandas.DataFrame
        Table of the contract ADJUSTMENTS. ``queue`` names a queue, ``"all"``, or a name in one of the other
        columns of ``levels``. ``factor`` multiplies; ``add`` adds contacts to each day, spread over the
        queues and intervals that it means like their volume. Factors come first.
    levels : pandas.DataFrame, optional
        queue, and one column for each level, such as channel, team, site.

    Returns
    -------
    pandas.DataFrame
        The same table, with ``volume_statistical``, the volume before, beside the volume.

    Raises
    ------
    DataError
        An adjustment that changes nothing, or a name that neither the forecast nor the levels know.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30", periods=1, freq="1D", tz="Asia/Seoul")
    >>> table = pd.DataFrame({"queue": ["calls", "chat"], "interval": times[[0, 0]], "volume": [60.0, 20.0]})
    >>> team = pd.DataFrame({"queue": ["calls", "chat"], "team": "presales"})
    >>> day = pd.Timestamp("2026-11-30").as_unit("us")
    >>> change = pd.DataFrame({"queue": ["presales"], "start": day, "end": day, "add": 8.0})
    >>> change = change.assign(who="Kim", why="trade fair")
    >>> adjust(table, change, levels=team)["volume"].tolist()
    [66.0, 22.0]
    """
    check(adjustments, ADJUSTMENTS)
    changes = adjustments.assign(
        **{name: np.nan for name in ("add", "factor") if name not in adjustments.columns}
    )
    members = _members(forecast, levels)
    problems = [
        Problem("the adjustment changes nothing", "give it a factor or an add", "ADJUSTMENTS")
        for empty in changes["add"].isna() & changes["factor"].isna()
        if empty
    ]
    problems += [
        Problem(f"no queue and no level is called {name!r}", "name one of the forecast", "ADJUSTMENTS")
        for name in changes["queue"].unique()
        if name not in members
    ]
    if problems:
        raise DataError(problems)
    bands = [name for name in forecast.columns if name.startswith(("volume_p", "path_"))]
    whole = "volume" in forecast
    before = (forecast["volume"] if whole else forecast[bands].mean(axis=1)).to_numpy(dtype=float)
    after = _changed(before, forecast, changes, members)
    out = forecast.copy()
    ratio = np.divide(after, before, out=np.ones(len(before)), where=before > 0)
    for name in bands:
        # Where nothing was expected there is no band to scale: the people's number stands in every quantile.
        out[name] = np.where(before > 0, out[name] * ratio, after)
    if whole:
        out["volume"] = after
        if "volume_statistical" not in out:
            out.insert(list(out.columns).index("volume") + 1, "volume_statistical", before)
    return out


def idle(forecast: pd.DataFrame, adjustments: pd.DataFrame, most: int = 3) -> list[str]:
    """Whether adjustments lie outside the days of a forecast, where they change nothing.

    Parameters
    ----------
    forecast : pandas.DataFrame
        Table of the contract FORECAST.
    adjustments : pandas.DataFrame
        Table of the contract ADJUSTMENTS.
    most : int
        How many are named.

    Returns
    -------
    list of str
        A sentence without its full stop; none where all have an effect.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30", periods=1, freq="1D", tz="Asia/Seoul")
    >>> table = pd.DataFrame({"queue": "calls", "interval": times, "volume": 60.0})
    >>> day = pd.Timestamp("2026-12-25").as_unit("us")
    >>> change = pd.DataFrame({"queue": ["calls"], "start": day, "end": day, "add": 8.0, "why": "fair"})
    >>> idle(table, change)
    ['1 adjustment lies on no open day of the forecast and has no effect: calls 2026-12-25 (fair)']
    """
    date, queue = days_of(forecast), forecast["queue"]
    lost = []
    for row in adjustments.to_dict("records"):
        meant = (queue == row["queue"]) | (row["queue"] == "all")
        if not (meant & date.between(row["start"], row["end"])).any():
            lost.append(row)
    if not lost:
        return []
    named = []
    for row in lost[:most]:
        last = "" if row["end"] == row["start"] else f" to {row['end']:%Y-%m-%d}"
        named.append(f"{row['queue']} {row['start']:%Y-%m-%d}{last} ({row['why']})")
    more = f" and {len(lost) - most} more" if len(lost) > most else ""
    do = "1 adjustment lies" if len(lost) == 1 else f"{len(lost)} adjustments lie"
    have = "has" if len(lost) == 1 else "have"
    return [f"{do} on no open day of the forecast and {have} no effect: {', '.join(named)}{more}"]


def _members(forecast: pd.DataFrame, levels: pd.DataFrame | None) -> dict[str, set[str]]:
    """Queues behind every name that an adjustment may use."""
    queues = {str(name) for name in forecast["queue"].unique()}
    members = {"all": queues} | {name: {name} for name in sorted(queues)}
    if levels is None:
        return members
    for level in [name for name in levels.columns if name != "queue"]:
        for name, part in levels.groupby(level):
            members[str(name)] = members.get(str(name), set()) | set(part["queue"])
    return members


def _changed(
    before: Array, forecast: pd.DataFrame, changes: pd.DataFrame, members: dict[str, set[str]]
) -> Array:
    date, queue = days_of(forecast), forecast["queue"]
    after = before.copy()
    for column in ("factor", "add"):
        for row in changes[changes[column].notna()].to_dict("records"):
            on = (date.between(row["start"], row["end"]) & queue.isin(members[row["queue"]])).to_numpy()
            if column == "factor":
                after[on] *= row["factor"]
                continue
            day = date[on].to_numpy()
            daily = pd.Series(after[on]).groupby(day).transform("sum").to_numpy()
            heads = pd.Series(1.0, index=range(int(on.sum()))).groupby(day).transform("sum")
            share = np.divide(after[on], daily, out=1.0 / heads.to_numpy(), where=daily > 0)
            after[on] = np.maximum(after[on] + row["add"] * share, 0.0)
    return after


def add_up(forecast: pd.DataFrame, levels: pd.DataFrame) -> pd.DataFrame:
    """A forecast, or its paths, summed over channels, teams, sites; every level adds up to the same.

    Quantiles do not add up and are left out: sum the paths and read them off with `from_paths`.

    Parameters
    ----------
    forecast : pandas.DataFrame
        Table of the contract FORECAST or PATHS.
    levels : pandas.DataFrame
        queue, and one column for each level, such as channel, team, site; a queue with an empty cell belongs
        to none of that level.

    Returns
    -------
    pandas.DataFrame
        level (the name of the column; first of all ``queue``), name, interval, volume,
        volume_statistical and aht [s] where there are such, or the paths. Handle time is weighted by volume.

    Raises
    ------
    DataError
        A queue that the levels do not know, or know twice.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30", periods=1, freq="1D", tz="Asia/Seoul")
    >>> table = pd.DataFrame({"queue": ["calls", "chat"], "interval": times[[0, 0]], "volume": [60.0, 20.0]})
    >>> sums = add_up(table, pd.DataFrame({"queue": ["calls", "chat"], "site": "Seoul"}))
    >>> sums[["level", "name", "volume"]].to_numpy().tolist()
    [['queue', 'calls', 60.0], ['queue', 'chat', 20.0], ['site', 'Seoul', 80.0]]
    """
    known = levels["queue"] if "queue" in levels else pd.Series(dtype="str")
    problems = [
        Problem(f"the levels do not say where {name!r} belongs", "give it a row", column="queue")
        for name in sorted(set(forecast["queue"]) - set(known))
    ] + [
        Problem(f"{name!r} has two rows in the levels", "keep one", column="queue")
        for name in sorted(set(known[known.duplicated()]))
    ]
    if problems:
        raise DataError(problems)
    columns = [c for c in forecast.columns if c in ("volume", "volume_statistical") or c.startswith("path_")]
    work = forecast[["queue", "interval", *columns]].copy()
    if "aht" in forecast:
        work["aht"] = forecast["aht"] * forecast["volume"]
    tables = []
    for level in ["queue", *(name for name in levels.columns if name != "queue")]:
        group = work["queue"] if level == "queue" else work["queue"].map(levels.set_index("queue")[level])
        summed = work.drop(columns="queue").assign(name=group).groupby(["name", "interval"], sort=True).sum()
        summed = summed.reset_index()
        if "aht" in summed:
            summed["aht"] = (summed["aht"] / summed["volume"]).where(summed["volume"] > 0)
        summed.insert(0, "level", level)
        tables.append(summed)
    return pd.concat(tables, ignore_index=True).astype({"level": "str", "name": "str"})


def from_paths(paths: pd.DataFrame, *, quantiles: tuple[float, ...] = (0.1, 0.5, 0.9)) -> pd.DataFrame:
    """Mean and quantiles of paths, for example of those that were added up.

    Parameters
    ----------
    paths : pandas.DataFrame
        Table of the contract PATHS, or what `add_up` made of one.
    quantiles : sequence of float
        Which. [0-1]

    Returns
    -------
    pandas.DataFrame
        The columns that name a row, volume, and ``volume_p{100q:g}`` for each quantile.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30", periods=1, freq="1D", tz="Asia/Seoul")
    >>> drawn = pd.DataFrame({"queue": "calls", "interval": times, "path_000": 10.0, "path_001": 20.0})
    >>> from_paths(drawn, quantiles=(0.5,))[["volume", "volume_p50"]].to_numpy().tolist()
    [[15.0, 15.0]]
    """
    drawn = [name for name in paths.columns if name.startswith("path_")]
    values = paths[drawn].to_numpy(dtype=float)
    out = paths[[name for name in paths.columns if name not in drawn]].copy()
    out["volume"] = values.mean(axis=1)
    for q in quantiles:
        out[f"volume_p{100 * q:g}"] = np.quantile(values, q, axis=1)
    return out
