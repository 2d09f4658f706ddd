"""Outbound calls: made while those who answer would be free, with some of them left free."""

from __future__ import annotations

import numpy as np
import pandas as pd

from staffing.model import Outbound, Queue

Floats = np.ndarray


def fill(
    interval: pd.DatetimeIndex,
    idle: Floats,
    agents: Floats,
    load: Floats,
    campaign: pd.DataFrame,
    queue: Queue,
    aht: float,
    hours: float,
) -> Floats:
    r"""Calls of a campaign that each interval has room for.

    A call out cannot be put down when somebody calls in, so a reserve stays free, by default
    :math:`\sqrt{\text{load}}` agents: the threshold policy of A. Deslauriers et al., "Markov chain models of
    a telephone call center with call blending", Computers & Operations Research 34, 2007. Within the contact
    windows of a day the quietest intervals are filled first; what is not called goes on to the next day.

    Parameters
    ----------
    interval : pandas.DatetimeIndex
        Of the team.
    idle : numpy.ndarray
        Hours left up to the occupancy cap. [h]
    agents, load : numpy.ndarray
        People for the calls that come in, and what those occupy. [Erl]
    campaign : pandas.DataFrame
        FORECAST of the queue: the calls to make on each of its days.
    queue : Queue
        With an Outbound channel.
    aht : float
        Time of a call, tries without answer included. [s]
    hours : float
        Length of an interval. [h]

    Returns
    -------
    numpy.ndarray
        Calls made in each interval. [contacts]

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=3, freq="30min", tz="Asia/Seoul")
    >>> campaign = pd.DataFrame({"queue": "offers", "interval": times, "volume": [10.0, 10.0, 10.0]})
    >>> offers = Queue("offers", team="presales", aht=180, shrinkage=(), channel=Outbound(reserve=1.0))
    >>> busy, four = np.array([3.0, 1.0, 2.0]), np.full(3, 4.0)
    >>> fill(times, (four - busy) / 2, four, busy, campaign, offers, 180.0, 0.5).tolist()
    [0.0, 20.0, 10.0]
    """
    channel = queue.channel
    assert isinstance(channel, Outbound)
    reserve = np.sqrt(load) if channel.reserve is None else np.full(len(load), channel.reserve)
    room = np.maximum(np.minimum(idle, (agents - load - reserve) * hours), 0.0) * 3600.0 / aht
    room = np.where(allowed(interval, channel), room, 0.0)
    quiet = np.divide(load, agents, out=np.ones(len(load)), where=agents > 0)
    day = interval.tz_localize(None).normalize()
    wanted = campaign["volume"].groupby(campaign["interval"].dt.tz_localize(None).dt.normalize()).sum()
    made, left = np.zeros(len(interval)), 0.0
    for date in sorted({*day, *wanted.index}):
        left += float(wanted.get(date, 0.0))
        places = np.flatnonzero(day == date)
        for place in places[np.argsort(quiet[places], kind="stable")]:
            made[place] = min(room[place], left)
            left -= made[place]
    return made


def allowed(interval: pd.DatetimeIndex, channel: Outbound) -> Floats:
    """Which intervals begin inside a contact window."""
    if not channel.windows:
        return np.ones(len(interval), dtype=bool)
    minute = np.asarray(interval.hour * 60 + interval.minute)
    inside = np.zeros(len(interval), dtype=bool)
    for begin, end in channel.windows:
        inside |= (minute >= begin.hour * 60 + begin.minute) & (minute < end.hour * 60 + end.minute)
    return inside
