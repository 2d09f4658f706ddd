"""Clock times as people and systems write them, decided over a whole column, and placed in a time zone."""

from __future__ import annotations

import re
import zoneinfo

import numpy as np
import pandas as pd

from staffing.errors import Problem
from staffing.history.cells import Sheet, refused

# A year-first date has one meaning; of the two others the column decides, never the first row.
YEAR_FIRST = (
    r"(?P<year>\d{4})\s*[-/.년]\s*(?P<one>\d{1,2})\s*[-/.월]\s*(?P<two>\d{1,2})\s*[일.]?",
    r"(?P<year>\d{4})(?P<one>\d{2})(?P<two>\d{2})",
)
YEAR_LAST = r"(?P<one>\d{1,2})\s*[-/.]\s*(?P<two>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})"
CLOCK = (
    r"(?:(?:\s*T\s*|\s+)(?P<before>오전|오후)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:\.0+)?)?\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)?\s*"
    r"(?P<offset>Z|[+-]\d{2}:?\d{2})?)?"
)
REMEDY = "write it as 2026-11-30 09:00"
TOTALS = r"(?i)((grand|sub)[ -]?)?total(es)?( .*)?|summary|sum|average|suma|promedio|합계|총계|소계|평균"


def read_times(
    raw: Sheet, names: dict[str, str], report: list[str], problems: list[Problem]
) -> tuple[pd.Series, pd.Series]:
    """Wall-clock times, and the offset written beside each (empty where there is none)."""
    column = names["interval"] if "interval" in names else names["date"]
    values = raw.frame[column]
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return _typed(raw, column, values.dt.tz_convert("UTC").dt.tz_localize(None), "+00:00", problems)
    if "interval" in names and pd.api.types.is_datetime64_dtype(values.dtype):
        return _typed(raw, column, values, "", problems)
    text = values.astype("str").fillna("")
    if "interval" not in names:
        # A sheet that knows dates only as moments writes midnight beside each; a range counts from its start.
        day = text.str.replace(r"[T ]0?0:00(:00(\.0+)?)?$", "", regex=True)
        clock = raw.frame[names["time"]].astype("str").fillna("").str.strip()
        text = day + " " + clock.str.replace(r"\s*[-–~]\s*\d{1,2}:\d{2}(:\d{2})?$", "", regex=True)
    codes, unique = pd.factorize(text.str.replace(" ", " ").str.strip())
    naive, offset, bad = _parsed(raw, pd.Series(unique, dtype="str"), codes, column, report, problems)
    wrong = np.flatnonzero(bad.to_numpy()[codes])
    written = text.str.strip()
    totals = bool(written.iloc[wrong].str.fullmatch(TOTALS).any())

    def what(row: int) -> str:
        return f"{written.iloc[row]!r} is not a time" if written.iloc[row] else "the time is missing"

    problems += raw.problems(wrong, column, what, "take the rows of totals out" if totals else REMEDY)
    return naive.iloc[codes].set_axis(text.index), offset.iloc[codes].set_axis(text.index)


def _typed(
    raw: Sheet, column: str, moment: pd.Series, offset: str, problems: list[Problem]
) -> tuple[pd.Series, pd.Series]:
    """Times that are times already."""
    empty = np.flatnonzero(moment.isna().to_numpy())
    problems += raw.problems(empty, column, lambda row: "the time is missing", REMEDY)
    return moment.dt.as_unit("us"), pd.Series(offset, index=moment.index, dtype="str")


def _parsed(
    raw: Sheet, text: pd.Series, codes: np.ndarray, column: str, report: list[str], problems: list[Problem]
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Naive times, offsets and what could not be read, of texts that differ."""
    dashed, compact, last = (
        text.str.extract(rf"^{day}{CLOCK}$", flags=re.ASCII) for day in (*YEAR_FIRST, YEAR_LAST)
    )
    parts = dashed.fillna(compact)
    unsure = parts["year"].isna() & last["year"].notna()
    parts = parts.fillna(last)
    number = {name: pd.to_numeric(parts[name]) for name in ("year", "one", "two", "hour", "minute", "second")}
    swap = unsure & _day_first(raw, unsure, number["one"], number["two"], codes, column, report, problems)
    month, day = number["two"].where(swap, number["one"]), number["one"].where(swap, number["two"])
    year = number["year"].where(number["year"].between(1970, 2100))
    date = pd.to_datetime(pd.DataFrame({"year": year, "month": month, "day": day}), errors="coerce")
    half = parts["half"].str[0].str.lower().fillna("") + parts["before"].fillna("")
    minutes = _minute_of_day(number["hour"], number["minute"], half)
    minutes = minutes.where(number["second"].fillna(0) < np.where(minutes == 1440, 1, 60))
    if number["hour"].isna().all() and date.notna().all():
        what, remedy = "the rows are days, not intervals", "give one row for each interval of a day"
        problems.append(Problem(what, remedy, raw.file, int(raw.lines[0]), column))
        minutes = minutes.fillna(0)
    midnight = int((minutes == 1440).to_numpy()[codes].sum())
    if midnight:
        report.append(f"24:00 was read as the next midnight ({midnight} row{'s' * (midnight > 1)}).")
    seconds = minutes * 60 + number["second"].fillna(0)
    naive = (date + pd.to_timedelta(seconds, unit="s")).astype("datetime64[us]")
    return naive, parts["offset"].fillna(""), naive.isna()


def _minute_of_day(hour: pd.Series, minute: pd.Series, half: pd.Series) -> pd.Series:
    """Minutes from midnight, 24:00 being 1440; missing where the clock shows no such time. [min]"""
    late, early = half.isin(["p", "오후"]), half.isin(["a", "오전"])
    twelve = late | early
    known = (half == "") | (twelve & hour.between(1, 12))
    hour = hour.where(~twelve, hour % 12 + 12 * late)
    total = hour * 60 + minute
    return total.where(known & (minute < 60) & (total <= 1440))


def _day_first(
    raw: Sheet,
    unsure: pd.Series,
    one: pd.Series,
    two: pd.Series,
    codes: np.ndarray,
    column: str,
    report: list[str],
    problems: list[Problem],
) -> bool:
    """Whether dates like 03/04/2026 begin with the day, decided over the whole column."""
    lines = {
        order: raw.lines[(unsure & big).to_numpy()[codes]]
        for order, big in ((True, one > 12), (False, two > 12))
    }
    here = raw.lines[unsure.to_numpy()[codes]]
    remedy = "write all dates as 2026-11-30"
    if not len(here):
        return False
    if len(lines[True]) and len(lines[False]):
        both = f"the day in line {lines[True][0]} and with the month in line {lines[False][0]}"
        what = f"the dates begin with {both}"
        problems.append(Problem(what, remedy, raw.file, int(lines[False][0]), column))
    elif not len(lines[True]) and not len(lines[False]):
        what = "no date tells whether the day or the month comes first"
        problems.append(Problem(what, remedy, raw.file, int(here[0]), column))
    else:
        order = bool(len(lines[True]))
        names = "day/month/year" if order else "month/day/year"
        report.append(f"Dates were read as {names}, as line {lines[order][0]} shows.")
    if len(here) < len(codes):
        what = "some dates begin with the year and some do not"
        problems.append(Problem(what, remedy, raw.file, int(here[0]), column))
    return bool(len(lines[True]))


def localised(
    raw: Sheet,
    naive: pd.Series,
    offset: pd.Series,
    queue: pd.Series,
    tz: str | None,
    report: list[str],
    problems: list[Problem],
) -> pd.Series:
    """Time-zone-aware times; every clock time that the zone lacks or has twice is decided or refused."""
    if tz is not None:
        try:
            zoneinfo.ZoneInfo(tz)
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            remedy = "write an IANA name, for example Asia/Seoul"
            raise refused(f"{tz!r} is no time zone", remedy, raw.file) from None
    given, read = (offset != "").to_numpy(), naive.notna().to_numpy()
    if given.any():
        rows = np.flatnonzero(~given & read)
        problems += raw.problems(
            rows, "interval", lambda row: "the time has no offset, others have", "give all or none"
        )
        report.append(f"The times carry their offset from UTC; they are shown as {tz or 'UTC'}.")
        return _from_offsets(raw, naive, offset, problems).dt.tz_convert(tz or "UTC")
    if tz is None:
        what, remedy = "the times name no time zone", "pass tz=, for example tz='Asia/Seoul'"
        problems.append(Problem(what, remedy, raw.file, int(raw.lines[int(np.argmax(read))]), "interval"))
        return naive.dt.tz_localize("UTC")
    report.append(f"Times were read as the wall clock of {tz}.")
    return _on_the_wall(raw, naive, queue, tz, report, problems)


def _from_offsets(raw: Sheet, naive: pd.Series, offset: pd.Series, problems: list[Problem]) -> pd.Series:
    digits = offset.str.replace("Z", "+00:00").where(offset != "", "+00:00").str.replace(":", "")
    hours, minutes = digits.str[1:3].astype(int), digits.str[3:].astype(int)
    odd = np.flatnonzero(((hours > 14) | (minutes > 59)).to_numpy())
    problems += raw.problems(odd, "interval", lambda row: f"{offset.iloc[row]} is no offset from UTC", REMEDY)
    shift = (hours * 60 + minutes).where(digits.str[0] == "+", -(hours * 60 + minutes))
    return (naive - pd.to_timedelta(shift, unit="min")).astype("datetime64[us]").dt.tz_localize("UTC")


def _on_the_wall(
    raw: Sheet, naive: pd.Series, queue: pd.Series, tz: str, report: list[str], problems: list[Problem]
) -> pd.Series:
    """The moments at which the clock on the wall showed these times."""
    first = np.ones(len(naive), dtype=bool)
    exists = naive.dt.tz_localize(tz, ambiguous=first, nonexistent="NaT")
    skipped = np.flatnonzero((exists.isna() & naive.notna()).to_numpy())
    remedy = "correct it, or name the zone in which the times were written"
    problems += raw.problems(
        skipped, "interval", lambda row: f"the clock of {tz} never showed {naive.iloc[row]}", remedy
    )
    twice = naive.dt.tz_localize(tz, ambiguous="NaT", nonexistent="NaT").isna() & exists.notna()
    if not twice.any():
        return exists.dt.as_unit("us")
    same = naive.groupby([queue, naive])
    alone = np.flatnonzero((twice & (same.transform("size") != 2)).to_numpy())
    remedy = "write both hours of the change, each with its offset, or leave them out"
    problems += raw.problems(
        alone,
        "interval",
        lambda row: f"the clock of {tz} showed {naive.iloc[row]} twice: which is it?",
        remedy,
    )
    if not len(alone):
        report.append(
            f"{int(twice.sum())} rows of a repeated hour were told apart by their order in the file."
        )
    earlier = (~twice | (same.cumcount() == 0)).to_numpy()
    return naive.dt.tz_localize(tz, ambiguous=earlier, nonexistent="NaT").dt.as_unit("us")
