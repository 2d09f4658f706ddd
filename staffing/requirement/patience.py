"""How long callers wait before they hang up, from a log in which most are answered first."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from staffing.errors import DataError, Problem
from staffing.tables import CALLS, check

Floats = np.ndarray
OUTCOMES = ("answered", "abandoned")


def patience(
    calls: pd.DataFrame, *, short_wait: float = 10.0, minimum: int = 20, confidence: float = 0.95
) -> pd.DataFrame:
    r"""Mean patience of each queue's callers, how sure that is, and what the log shows without a model.

    An answered call says only that its caller would have waited longer. With exponential patience the
    likelihood of such censored waits is highest at

    .. math:: \hat\theta = \sum_i W_i / \#\{\text{abandoned}\}

    over all callers, answered or not [1]_; it is also E[wait] / P(abandon), which is what Erlang A needs. In
    normal operation the longest waits are far below the mean patience: the mean is an extrapolation, the
    Kaplan-Meier median beside it is not. Under ``minimum`` abandonments a queue's own number is filled up
    with waits of all queues together.

    Parameters
    ----------
    calls : pandas.DataFrame
        CALLS; rows that were neither answered nor abandoned are left out.
    short_wait : float
        Who hangs up sooner has made a mistake rather than lost patience. [s]
    minimum : int
        Abandonments below which a queue does not speak for itself.
    confidence : float
        Of the interval: exact for a Poisson number of abandonments. [0-1]

    Returns
    -------
    pandas.DataFrame
        queue, patience [s] (missing where nobody hung up in any queue), patience_low and patience_high [s]
        (infinite where nobody hung up), patience_median [s] (Kaplan-Meier over who waited; missing where half
        of them would still be there), patience_after_short [s] (of those who stay past the short wait),
        offered, waited, abandoned, short_abandons, and ``basis``: ``own``, ``shrunk`` or ``unknown``.

    Raises
    ------
    DataError
        No call that was answered or abandoned; limits out of range.

    References
    ----------
    .. [1] L. Brown et al., "Statistical analysis of a telephone call center: a queueing-science
       perspective", JASA 100, 2005.

    Examples
    --------
    >>> log = pd.DataFrame({"queue": "calls", "wait": [0.0, 60.0, 30.0, 90.0], "outcome": ["answered"] * 4})
    >>> log["arrived"] = pd.date_range("2026-11-30 09:00", periods=4, freq="1min", tz="Asia/Seoul")
    >>> log.loc[2, "outcome"] = "abandoned"
    >>> patience(log, minimum=1)[["patience", "waited", "abandoned", "basis"]].values.tolist()
    [[180.0, 3, 1, 'own']]
    """
    log = _offered(calls)
    if not (short_wait >= 0 and minimum >= 1 and 0 < confidence < 1):
        remedy = "give short_wait >= 0 s, minimum >= 1 and a confidence between 0 and 1"
        raise DataError([Problem("the limits of the estimate are out of range", remedy)])
    lost = log["outcome"] == "abandoned"
    together = log["wait"].sum() / lost.sum() if lost.any() else np.nan
    rows = [
        {"queue": str(name), **_estimate(part, together, short_wait, minimum, confidence)}
        for name, part in log.groupby("queue", sort=True)
    ]
    return pd.DataFrame(rows).astype({"queue": "str"})


def _offered(calls: pd.DataFrame) -> pd.DataFrame:
    check(calls, CALLS)
    log = calls[calls["outcome"].isin(OUTCOMES)]
    if log.empty:
        remedy = "give calls whose outcome is answered or abandoned"
        raise DataError([Problem("no call was answered or abandoned", remedy, "CALLS", None, "outcome")])
    return log


def _estimate(
    part: pd.DataFrame, together: float, short_wait: float, minimum: int, confidence: float
) -> dict[str, object]:
    wait = part["wait"].to_numpy(dtype=float)
    lost = (part["outcome"] == "abandoned").to_numpy()
    count, total = int(lost.sum()), float(wait.sum())
    borrowed = max(minimum - count, 0) if np.isfinite(together) else 0
    mean = (total + borrowed * together) / (count + borrowed) if count + borrowed else np.nan
    tail = (1.0 - confidence) / 2.0
    early = lost & (wait < short_wait)
    left = float(np.maximum(wait - short_wait, 0.0).sum())
    # Who hung up within the second was in the line too.
    queued = (wait > 0) | lost
    waits, _, _, patient = _survival(wait[queued], lost[queued])
    return {
        "patience": mean,
        "patience_low": total / float(gammaincinv(count + 1.0, 1.0 - tail)),
        "patience_high": total / float(gammaincinv(count, tail)) if count else np.inf,
        "patience_median": float(waits[np.argmax(patient <= 0.5)]) if (patient <= 0.5).any() else np.nan,
        "patience_after_short": left / (count - early.sum()) if count > early.sum() else np.nan,
        "offered": len(wait),
        "waited": int(queued.sum()),
        "abandoned": count,
        "short_abandons": int(early.sum()),
        "basis": "own" if count >= minimum else "shrunk" if np.isfinite(mean) else "unknown",
    }


def patience_curve(calls: pd.DataFrame) -> pd.DataFrame:
    r"""Share of callers who would still wait, by the time waited: the Kaplan-Meier estimate.

    .. math:: S(t) = \prod_{t_i \le t} (1 - d_i / n_i)

    with :math:`d_i` of the :math:`n_i` still waiting hanging up at :math:`t_i` (E. Kaplan, P. Meier, JASA 53,
    1958). It ends at the longest wait; beyond, the log knows nothing.

    Parameters
    ----------
    calls : pandas.DataFrame
        CALLS; who was answered at once says nothing.

    Returns
    -------
    pandas.DataFrame
        queue, wait [s], waiting (callers still there), abandoned (at that moment), patient [0-1]: one row for
        each wait at which somebody hung up.

    Raises
    ------
    DataError
        No call that was answered or abandoned.

    Examples
    --------
    >>> log = pd.DataFrame({"queue": "calls", "wait": [60.0, 30.0, 90.0, 20.0], "outcome": "abandoned"})
    >>> log["arrived"] = pd.date_range("2026-11-30 09:00", periods=4, freq="1min", tz="Asia/Seoul")
    >>> log.loc[0, "outcome"] = "answered"
    >>> patience_curve(log)[["wait", "waiting", "patient"]].values.tolist()
    [[20.0, 4.0, 0.75], [30.0, 3.0, 0.5], [90.0, 1.0, 0.0]]
    """
    log = _offered(calls)
    log = log[(log["wait"] > 0) | (log["outcome"] == "abandoned")]
    parts = []
    for name, part in log.groupby("queue", sort=True):
        lost = (part["outcome"] == "abandoned").to_numpy()
        wait, there, gone, patient = _survival(part["wait"].to_numpy(dtype=float), lost)
        columns = {"wait": wait, "waiting": there, "abandoned": gone, "patient": patient}
        parts.append(pd.DataFrame({"queue": str(name), **columns})[gone > 0])
    empty = pd.DataFrame(columns=["queue", "wait", "waiting", "abandoned", "patient"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def _survival(wait: Floats, lost: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Moments at which waits end, callers there until then, how many hung up, share still patient."""
    moments, place = np.unique(wait, return_inverse=True)
    ended = np.bincount(place, minlength=len(moments)).astype(float)
    gone = np.bincount(place, weights=lost, minlength=len(moments))
    there = len(wait) - np.concatenate([[0.0], np.cumsum(ended)[:-1]]) if len(moments) else ended
    return moments, there, gone, np.cumprod(1.0 - gone / np.maximum(there, 1.0))
