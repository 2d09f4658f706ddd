"""The grid of time, and what is known beforehand about the days.

Wall-clock times that survive a change of clock, weeks, interval grids; opening hours, closures, public
holidays, events, and what all these make of a day as columns for the forecast.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace

import numpy as np
import pandas as pd

from staffing.errors import DataError, Problem
from staffing.tables import EVENTS, check, interval_minutes


def week_start(label: str, week_starts: str = "mon") -> dt.date:
    """First day of a week written as in ISO 8601, ``2026-W49``.

    Parameters
    ----------
    label : str
        Year and week number.
    week_starts : str
        ``"mon"``; ``"sun"`` or ``"sat"`` begin the week on that day before the ISO Monday.

    Returns
    -------
    datetime.date
        The day on which the week begins.

    Raises
    ------
    DataError
        Where it is no week; of a date it names the week.

    Examples
    --------
    >>> week_start("2003-W43")
    datetime.date(2003, 10, 20)
    """
    before = dt.timedelta(days={"mon": 0, "sun": 1, "sat": 2}[week_starts])
    match = re.fullmatch(r"(\d{4})-?W(\d{2})", label.strip())
    try:
        if match is None:
            raise ValueError
        return dt.date.fromisocalendar(int(match[1]), int(match[2]), 1) - before
    except ValueError:
        remedy = "write year and week number, for example 2026-W49"
        what = f"{label!r} is not a week"
    try:
        year, week, _ = (dt.date.fromisoformat(label.strip()) + before).isocalendar()
        what, remedy = f"{label!r} is a date, not a week", f"it lies in {year}-W{week:02d}: write that"
    except ValueError:
        pass
    raise DataError([Problem(what, remedy)])


def at(date: dt.date, minute: int, timezone: str) -> pd.Timestamp:
    """The moment at which the wall clock shows a time of day.

    A time that the change of clock skips becomes the first moment after it; one that comes twice, the first.

    Parameters
    ----------
    date : datetime.date
        The day.
    minute : int
        Minutes from midnight; over 1440 is the next day. [min]
    timezone : str
        IANA name.

    Returns
    -------
    pandas.Timestamp
        With its time zone.

    Examples
    --------
    >>> at(dt.date(2026, 11, 30), 22 * 60 + 30, "Asia/Seoul")
    Timestamp('2026-11-30 22:30:00+0900', tz='Asia/Seoul')
    """
    day = pd.Timestamp(date.year, date.month, date.day).as_unit("us")
    naive = day + pd.Timedelta(minutes=minute)
    return naive.tz_localize(timezone, nonexistent="shift_forward", ambiguous=True)


def grid(start: dt.date, days: int, minutes: int, timezone: str) -> pd.DatetimeIndex:
    """Every interval start of some days; a day has 23 or 25 hours where the clock changes.

    Parameters
    ----------
    start : datetime.date
        First day.
    days : int
        Calendar days.
    minutes : int
        Length of an interval. [min]
    timezone : str
        IANA name.

    Returns
    -------
    pandas.DatetimeIndex
        With its time zone.

    Examples
    --------
    >>> len(grid(dt.date(2026, 3, 29), 1, 15, "Europe/Madrid"))
    92
    """
    if minutes == 1440:
        # A step of 24 hours would leave midnight behind where the clock changes.
        midnights = pd.date_range(start, periods=days, freq="D", unit="us")
        return midnights.tz_localize(timezone, nonexistent="shift_forward", ambiguous=np.array([True] * days))
    end = at(start + dt.timedelta(days=days), 0, timezone)
    return pd.date_range(at(start, 0, timezone), end, freq=f"{minutes}min", inclusive="left", unit="us")


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = Mapping[str, Mapping[str, Sequence[tuple[str | dt.time, str | dt.time]]]]


@dataclass(frozen=True, eq=False)
class Calendar:
    """What is known beforehand about the days: opening hours, closures, public holidays, events.

    Parameters
    ----------
    country : str, optional
        Two letters of ISO 3166; its public holidays become effects to learn. None: no public holidays.
    region : str, optional
        Part of the country, as the package ``holidays`` names it.
    opening : dict, optional
        ``{queue: {weekday: [(from, to), ...]}}`` with weekdays ``"mon"`` ... ``"sun"`` or ``"daily"`` and
        times as ``"09:00"`` (``"24:00"`` is midnight; a span that ends before it begins passes midnight). A
        weekday left out is closed. A queue left out is inferred from its history, weekday by weekday.
    closed : sequence or ``"public"``
        Dates that have no open interval; ``"public"`` among them closes every public holiday, any other text
        the public holiday of that name.
    events : pandas.DataFrame, optional
        Table of the contract EVENTS. ``effect`` is a factor less one (0.25 is +25 %); where it is missing it
        is learned from past occurrences of the same name and kind. ``after_effect`` is the same for the day
        after the end, fading evenly over ``after_days`` days (2 where missing); it too is learned with the
        effect. Queue ``"all"`` means every queue. The kind ``"step"`` is a change that lasts from start to
        end: a new product, a price, self-service that takes questions off the queue; given, or learned from
        the days since. The kind ``"gap"`` marks days whose data is missing though contacts came.
    week_starts : ``"mon"``, ``"sun"`` or ``"sat"``
        First day of the planner's week.

    Raises
    ------
    DataError
        Unknown country, weekday, time or date; every problem at once.

    Examples
    --------
    >>> shop = Calendar("KR", opening={"calls": {"daily": [("09:00", "18:00")]}}, closed=["2026-12-25"])
    >>> len(shop.slots("calls", dt.date(2026, 12, 24), 2, 30, "Asia/Seoul"))
    18
    """

    country: str | None = None
    _: KW_ONLY
    region: str | None = None
    opening: Hours | None = None
    closed: str | Sequence[str | dt.date] = ()
    events: pd.DataFrame | None = None
    week_starts: str = "mon"
    _hours: dict[str, dict[int, tuple[tuple[int, int], ...]]] = field(init=False, repr=False)
    _closed_dates: frozenset[dt.date] = field(init=False, repr=False)
    _closed_names: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        if self.week_starts not in ("mon", "sun", "sat"):
            problems.append(
                Problem(f"a week cannot start on {self.week_starts!r}", 'write "mon", "sun" or "sat"')
            )
        hours = {name: _read_hours(name, week, problems) for name, week in (self.opening or {}).items()}
        dates, names = _read_closed(self.closed, self.country, problems)
        if self.country is not None:
            problems += _bad_country(self.country, self.region)
        if problems:
            raise DataError(problems)
        if self.events is not None:
            check(self.events, EVENTS)
            _check_events(self.events)
        object.__setattr__(self, "_hours", hours)
        object.__setattr__(self, "_closed_dates", dates)
        object.__setattr__(self, "_closed_names", names)

    def hours(self, queue: str) -> dict[int, tuple[tuple[int, int], ...]] | None:
        """Open spans of each weekday (0 is Monday), in minutes from midnight; None where not known. [min]"""
        return self._hours.get(queue)

    def public_holidays(self, first: dt.date, last: dt.date, *, optional: bool = False) -> dict[dt.date, str]:
        """Public holidays of the country between two dates, both included, with their names.

        Parameters
        ----------
        first, last : datetime.date
            The span.
        optional : bool
            With the country's optional holidays, on which many take leave, where it has such.

        Returns
        -------
        dict
            Date -> name; empty without a country.

        Examples
        --------
        >>> Calendar("US").public_holidays(dt.date(2003, 7, 1), dt.date(2003, 7, 31))
        {datetime.date(2003, 7, 4): 'Independence Day'}
        """
        if self.country is None or first > last:
            return {}
        return {
            date: name
            for date, name in _holidays(self.country, self.region, first.year, last.year, optional)
            if first <= date <= last
        }

    def closures(self, first: dt.date, last: dt.date) -> set[dt.date]:
        """Dates between two dates, both included, on which every queue is closed."""
        out = {date for date in self._closed_dates if first <= date <= last}
        if self._closed_names:
            for date, name in self.public_holidays(first, last).items():
                if "public" in self._closed_names or self._closed_names & {name, *name.split("; ")}:
                    out.add(date)
        return out

    def slots(self, queue: str, start: dt.date, days: int, minutes: int, timezone: str) -> pd.DatetimeIndex:
        """Starts of the open intervals of a queue over some days.

        Parameters
        ----------
        queue : str
            Its name.
        start : datetime.date
            First day.
        days : int
            Calendar days.
        minutes : int
            Length of an interval. [min]
        timezone : str
            IANA name.

        Returns
        -------
        pandas.DatetimeIndex
            With its time zone; empty where all is closed. An interval that is open in part is open.

        Raises
        ------
        DataError
            Where the hours of the queue are neither given nor learned.
        """
        if queue not in self._hours:
            raise DataError(
                [
                    Problem(
                        f"the opening hours of {queue!r} are not known",
                        "name them in the calendar's opening, or learn them: calendar.learn_opening(history)",
                    )
                ]
            )
        times = grid(start, days, minutes, timezone)
        dates = times.tz_localize(None).normalize()
        minute = np.asarray(times.hour * 60 + times.minute)
        weekday = np.asarray(times.day_of_week)
        is_open = np.zeros(len(times), dtype=bool)
        for day, spans in self._hours[queue].items():
            for begin, end in spans:
                is_open |= (weekday == day) & (minute < end) & (minute + minutes > begin)
        shut = self.closures(start, start + dt.timedelta(days=days))
        if shut:
            is_open &= ~np.asarray(dates.isin(pd.DatetimeIndex(sorted(shut))))
        return times[is_open]

    def learn_opening(self, history: pd.DataFrame) -> Calendar:
        """The same calendar with the hours of every queue of a history that it has no hours for.

        Parameters
        ----------
        history : pandas.DataFrame
            Table of the contract HISTORY.

        Returns
        -------
        Calendar
            `infer_opening` says how the hours are found.
        """
        unknown = {str(name) for name in history["queue"].unique()} - set(self._hours)
        if not unknown:
            return self
        found = {name: week for name, week in infer_opening(history).items() if name in unknown}
        return replace(self, opening={**(self.opening or {}), **found})

    def events_of(self, queue: str) -> pd.DataFrame:
        """Events that touch a queue: name, start, end, effect, kind, after_effect, after_days."""
        columns = ["name", "start", "end", "effect", "kind", "after_effect", "after_days"]
        if self.events is None or self.events.empty:
            return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
        table = self.events[self.events["queue"].isin([queue, "all"])].copy()
        for name in ("effect", "kind", "after_effect", "after_days"):
            if name not in table:
                table[name] = np.nan
        table["kind"] = table["kind"].astype("str").where(table["kind"].notna(), "")
        return table[columns].sort_values(["start", "name"], kind="stable").reset_index(drop=True)


def infer_opening(history: pd.DataFrame) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Opening hours of every queue as its history shows them.

    An interval is open on a weekday where contacts came in it on that weekday (twice, from four weeks on), or
    where it lies between such intervals with less than two hours without any. A weekday is open where it had
    contacts in at least half of its last eight weeks; one that the history does not hold is closed, since
    nothing is known of it. In a queue with less than one contact in five intervals, or three in a day, every
    interval of the table counts as open.

    Parameters
    ----------
    history : pandas.DataFrame
        Table of the contract HISTORY.

    Returns
    -------
    dict
        ``{queue: {weekday: [(from, to), ...]}}``, as `Calendar` takes it.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=4, freq="30min", tz="Asia/Seoul")
    >>> infer_opening(pd.DataFrame({"queue": "calls", "interval": times, "offered": [3, 1, 0, 2]}))
    {'calls': {'mon': [('09:00', '11:00')]}}
    """
    minutes = min(interval_minutes(history), 1440)
    out = {}
    for name, rows in history.groupby("queue", sort=True):
        local = rows["interval"].dt.tz_localize(None).to_numpy().astype("datetime64[m]").astype(np.int64)
        day, minute = local // 1440, local % 1440
        recent = day > day.max() - 56
        first = max(int(day.min()), int(day.max()) - 55)
        came = rows["offered"].to_numpy(dtype=float)[recent]
        day, minute = day[recent], minute[recent]
        # In a queue so quiet that empty intervals or days are chance, those that the table holds are open.
        quiet = came.mean() < _QUIET or came.sum() < _QUIET_DAY * len(np.unique(day))
        live = np.ones(len(came), dtype=bool) if quiet else came > 0
        days = np.unique(day[live])
        week = {}
        for number, label in enumerate(WEEKDAYS):
            past = len([d for d in range(first, first + 56) if d <= day.max() and (d + 3) % 7 == number])
            had = int(((days + 3) % 7 == number).sum())
            if had == 0 or 2 * had < past:
                continue
            own = live & ((day + 3) % 7 == number)
            pairs = np.unique(np.stack([minute[own], day[own]]), axis=1)
            seen, often = np.unique(pairs[0], return_counts=True)
            # Calls in an hour on one odd day out of many do not make it an opening hour.
            week[label] = _spans(seen[often >= (2 if had >= 4 else 1)].tolist(), minutes)
        out[str(name)] = {label: spans for label, spans in week.items() if spans}
    return out


_QUIET, _QUIET_DAY = 0.2, 3.0  # contacts an interval, and a day


def _spans(starts: list[int], minutes: int) -> list[tuple[str, str]]:
    spans: list[list[int]] = []
    for start in sorted(starts):
        if spans and start - spans[-1][1] < 120:
            spans[-1][1] = start + minutes
        else:
            spans.append([start, start + minutes])
    return [(_clock(begin), _clock(min(end, 1440))) for begin, end in spans]


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _minute(value: object) -> int:
    """Minutes from midnight of a time of day."""
    if isinstance(value, dt.time):
        return value.hour * 60 + value.minute
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", str(value).strip())
    if match is None or int(match[2]) > 59 or int(match[1]) * 60 + int(match[2]) > 1440:
        raise ValueError
    return int(match[1]) * 60 + int(match[2])


def _read_hours(
    queue: str, week: Mapping[str, Sequence[tuple[str | dt.time, str | dt.time]]], problems: list[Problem]
) -> dict[int, tuple[tuple[int, int], ...]]:
    spans: dict[int, list[tuple[int, int]]] = {day: [] for day in range(7)}
    for name, pairs in week.items():
        if name != "daily" and name not in WEEKDAYS:
            problems.append(
                Problem(f"{name!r} is not a weekday", f"write {', '.join(WEEKDAYS)} or daily", column=queue)
            )
            continue
        for pair in pairs:
            try:
                begin, end = (_minute(value) for value in pair)
            except (TypeError, ValueError):
                problems.append(
                    Problem(f"{pair!r} is not a span of hours", 'write ("09:00", "18:00")', column=queue)
                )
                continue
            for day in range(7) if name == "daily" else [WEEKDAYS.index(name)]:
                if begin < end:
                    spans[day].append((begin, end))
                    continue
                spans[day].append((begin, 1440))
                spans[(day + 1) % 7].append((0, end))
    return {day: tuple(sorted(found)) for day, found in spans.items() if found}


def _read_closed(
    closed: str | Sequence[str | dt.date], country: str | None, problems: list[Problem]
) -> tuple[frozenset[dt.date], frozenset[str]]:
    dates, names = set(), set()
    for item in [closed] if isinstance(closed, str) else closed:
        if isinstance(item, dt.datetime):
            dates.add(item.date())
        elif isinstance(item, dt.date):
            dates.add(item)
        elif re.match(r"\d", item):
            try:
                dates.add(dt.date.fromisoformat(item))
            except ValueError:
                problems.append(Problem(f"{item!r} is not a date", "write it as 2026-12-25"))
        elif country is None:
            problems.append(
                Problem(f"closed names {item!r}, and no country is known", "name the country of its holidays")
            )
        else:
            names.add(item)
    return frozenset(dates), frozenset(names)


def _bad_country(country: str, region: str | None) -> list[Problem]:
    import holidays

    known = holidays.list_supported_countries()
    if country not in known:
        return [Problem(f"the country {country!r} is not known", "write its two letters, for example KR")]
    if region is not None and region not in known[country]:
        return [
            Problem(
                f"{country} has no region {region!r}",
                f"write one of {', '.join(known[country])}" if known[country] else "leave the region out",
            )
        ]
    return []


def _check_events(events: pd.DataFrame) -> None:
    problems = [
        Problem("the event ends before it starts", "swap start and end", "EVENTS", None, "end")
        for _ in range(int((events["end"] < events["start"]).sum()))
    ]
    for column in [name for name in ("effect", "after_effect") if name in events]:
        problems += [
            Problem(
                f"an effect of {effect:g} leaves no contacts",
                "write a factor less one above -1, for example 0.25 for +25 %",
                "EVENTS",
                None,
                column,
            )
            for effect in events[column].dropna()
            if effect <= -1
        ]
    if problems:
        raise DataError(problems)


@functools.lru_cache(maxsize=64)
def _holidays(
    country: str, region: str | None, first: int, last: int, optional: bool
) -> tuple[tuple[dt.date, str], ...]:
    import holidays

    plain = holidays.country_holidays(country, subdiv=region, years=range(first, last + 1))
    found = {date: str(name) for date, name in plain.items()}
    if optional and "optional" in plain.supported_categories:
        more = holidays.country_holidays(
            country, subdiv=region, years=range(first, last + 1), categories=("optional",)
        )
        found = {date: str(name) for date, name in more.items()} | found
    return tuple(sorted(found.items()))


def day_features(
    dates: pd.DatetimeIndex,
    is_open: np.ndarray,
    normally: np.ndarray,
    *,
    holidays: Mapping[dt.date, str] | None = None,
    gaps: Sequence[dt.date] = (),
) -> tuple[np.ndarray, tuple[str, ...], tuple[str, ...]]:
    """What the calendar says of each day, as columns of a regression.

    Parameters
    ----------
    dates : pandas.DatetimeIndex
        Every calendar day from the first of a month to the last of a month, naive.
    is_open : numpy.ndarray of bool
        Whether the queue is (was, will be) open on each.
    normally : numpy.ndarray of bool
        Whether its weekday is normally open.
    holidays : dict, optional
        Date -> name of public holidays.
    gaps : sequence of datetime.date
        Days whose data is missing though the queue was open: no closures.

    Returns
    -------
    features : numpy.ndarray
        One row for each date, one column for each feature; scaled by how far the day is from its occasion.
    names, groups : tuple of str
        Of the columns. Groups: close (around a closure), bom and eom (open days from the month's ends), mid,
        dom (smooth day of month), hol (public holiday, eve, day after, bridge).

    Examples
    --------
    >>> dates = pd.date_range("2026-11-01", "2026-11-30")
    >>> weekday = dates.day_of_week < 5
    >>> features, names, groups = day_features(dates, weekday & (dates.day != 10), weekday)
    >>> float(features[10, names.index("1st day after a closure")])
    1.0
    """
    columns: list[tuple[str, str, np.ndarray]] = []
    size = len(dates)
    missing = np.isin(dates.to_numpy(), pd.DatetimeIndex(list(gaps)).to_numpy()) if len(gaps) else False
    working = np.flatnonzero(is_open | (normally & missing))
    order = np.full(size, -1)
    order[working] = np.arange(len(working))

    def mark(positions: np.ndarray, value: float) -> np.ndarray:
        column = np.zeros(size)
        inside = positions[(positions >= 0) & (positions < len(working))]
        column[working[inside]] = value
        return column

    shut = np.flatnonzero(normally & ~is_open & ~missing)
    following = np.unique(np.searchsorted(working, shut))
    for k, value in enumerate((1.0, 0.7, 0.5)):
        columns.append((f"{_ORDINAL[k]} day after a closure", "close", mark(following + k, value)))
    for k, value in enumerate((0.5, 0.35)):
        columns.append((f"{_ORDINAL[k]} day before a closure", "close", mark(following - 1 - k, value)))
    month = np.asarray(dates.year * 12 + dates.month)
    first = np.unique(month[working], return_index=True)[1]
    last = np.append(first[1:], len(working)) - 1
    for k in range(4):
        columns.append((f"{_ORDINAL[k]} open day of the month", "bom", mark(first + k, 0.7**k)))
    for k in range(4):
        name = "last" if k == 0 else f"{_ORDINAL[k]} last"
        columns.append((f"{name} open day of the month", "eom", mark(last - k, 0.7**k)))
    late = np.flatnonzero(np.asarray(dates.day)[working] >= 15)
    middle = late[np.unique(month[working][late], return_index=True)[1]] if len(late) else late
    for k, value in ((-1, 0.5), (0, 1.0), (1, 0.7), (2, 0.5)):
        columns.append((f"mid month {k:+d}", "mid", mark(middle + k, value)))
    phase = 2.0 * np.pi * (np.asarray(dates.day) - 0.5) / np.asarray(dates.days_in_month)
    for k in (1, 2, 3):
        columns.append((f"day of month sin {k}", "dom", np.sin(k * phase) / k))
        columns.append((f"day of month cos {k}", "dom", np.cos(k * phase) / k))
    if holidays:
        columns += _holiday_columns(dates, holidays, is_open)
    return (
        np.column_stack([column for _, _, column in columns]),
        tuple(name for name, _, _ in columns),
        tuple(group for _, group, _ in columns),
    )


_ORDINAL = ("1st", "2nd", "3rd", "4th")


def _holiday_columns(
    dates: pd.DatetimeIndex, holidays: Mapping[dt.date, str], is_open: np.ndarray
) -> list[tuple[str, str, np.ndarray]]:
    on = np.isin(dates.to_numpy(), pd.DatetimeIndex(sorted(holidays)).to_numpy())
    eve = np.append(on[1:], False) & ~on
    after = np.append(False, on[:-1]) & ~on
    # A bridge: an open day between a holiday and a day without work.
    off = on | ~is_open
    bridge = ~on & is_open & np.append(off[1:], False) & np.append(False, off[:-1]) & (eve | after)
    return [
        ("public holiday", "hol", on.astype(float)),
        ("eve of a public holiday", "hol", eve.astype(float)),
        ("day after a public holiday", "hol", after.astype(float)),
        ("bridge day", "hol", bridge.astype(float)),
    ]
