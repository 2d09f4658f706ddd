"""Interval reports as people really have them: read rightly, mended with a word, or refused with a place."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing import history
from staffing.errors import DataError
from staffing.tables import HISTORY, check

SEOUL = "Asia/Seoul"
MADRID = "Europe/Madrid"


def read(text: str | bytes, tz: str | None = SEOUL, **more: object) -> pd.DataFrame:
    source = io.StringIO(text) if isinstance(text, str) else io.BytesIO(text)
    return history.read(source, tz=tz, **more)  # type: ignore[arg-type]


def report_of(table: pd.DataFrame) -> str:
    return "\n".join(table.attrs["report"])


NINE, HALF_PAST = "2026-11-30 09:00:00+09:00", "2026-11-30 09:30:00+09:00"

# Each reads as 1250 calls at 09:00 and 980 at 09:30 on 30 November 2026 in Seoul.
READ = {
    "plain": "start,queue,offered\n2026-11-30 09:00,calls,1250\n2026-11-30 09:30,calls,980\n",
    "T and seconds": "interval,offered\n2026-11-30T09:00:00,1250\n2026-11-30T09:30:00.000,980\n",
    "semicolon, decimal comma": (
        "Fecha y hora;Llamadas ofrecidas\n2026-11-30 09:00;1.250,0\n2026-11-30 09:30;980,0\n"
    ),
    "tab": "start\tcalls\n2026-11-30 09:00\t1250\n2026-11-30 09:30\t980\n",
    "bar": "start|calls\n2026-11-30 09:00|1250\n2026-11-30 09:30|980\n",
    "sep line": "sep=;\nstart;calls\n2026-11-30 09:00;1250\n2026-11-30 09:30;980\n",
    "byte order mark": "\ufeffstart,calls\n2026-11-30 09:00,1250\n2026-11-30 09:30,980\n".encode(),
    "utf-16": "start,calls\n2026-11-30 09:00,1250\n2026-11-30 09:30,980\n".encode("utf-16"),
    "windows line ends": "start,calls\r\n2026-11-30 09:00,1250\r\n2026-11-30 09:30,980\r\n",
    "old mac line ends": "start,calls\r2026-11-30 09:00,1250\r2026-11-30 09:30,980\r",
    "trailing delimiters": "start,calls,\n2026-11-30 09:00,1250,\n2026-11-30 09:30,980,,\n",
    "blank lines": "\nstart,calls\n\n2026-11-30 09:00,1250\n,\n2026-11-30 09:30,980\n\n",
    "quoted": '"start","calls"\n"2026-11-30 09:00","1250"\n"2026-11-30 09:30","980"\n',
    "date and time": "date,time,volume\n2026-11-30,09:00,1250\n2026-11-30,9:30,980\n",
    "date, start time": "Date,Start Time,Contacts\n2026-11-30,09:00,1250\n2026-11-30,09:30,980\n",
    "date as a moment": "date,time,calls\n2026-11-30 00:00:00,09:00,1250\n2026-11-30 00:00:00,09:30,980\n",
    "ranges of time": "date,time,calls\n2026-11-30,09:00-09:30,1250\n2026-11-30,09:30 ~ 10:00,980\n",
    "day first": "start,calls\n30/11/2026 09:00,1250\n30/11/2026 09:30,980\n",
    "dots": "start,calls\n30.11.2026 09:00,1250\n30.11.2026 09:30,980\n",
    "month first, am": "start,calls\n11/30/2026 9:00 AM,1250\n11/30/2026 9:30 a.m.,980\n",
    "compact": "date,time,calls\n20261130,09:00,1250\n20261130,09:30,980\n",
    "korean": "일시,큐,인입호\n2026년 11월 30일 오전 9:00,calls,1250\n2026. 11. 30. 오전 9:30,calls,980\n",
    "cp949": "일시,인입\n2026-11-30 09:00,1250\n2026-11-30 09:30,980\n".encode("cp949"),
    "cp1252": "inicio,campaña,calls\n2026-11-30 09:00,calls,1250\n2026-11-30 09:30,calls,980\n".encode(
        "cp1252"
    ),
    "thousands": "start,calls\n2026-11-30 09:00,'1,250'\n2026-11-30 09:30,980\n".replace("'", '"'),
    "thousands with blanks": "start,calls\n2026-11-30 09:00,1 250\n2026-11-30 09:30,980\n",
    "offsets": "start,calls\n2026-11-30T09:00+09:00,1250\n2026-11-30T00:30Z,980\n",
    "unsorted": "start,calls\n2026-11-30 09:30,980\n2026-11-30 09:00,1250\n",
    "other columns": "start,channel,calls\n2026-11-30 09:00,phone,1250\n2026-11-30 09:30,phone,980\n",
    "spaces": " Start , Calls Offered \n 2026-11-30 09:00 , 1250 \n 2026-11-30 09:30 , 980 \n",
}  # fmt: skip


def test_a_foreign_header_is_told_by_what_is_missing() -> None:
    """Only "hora" is known of a Portuguese header: the date is what lacks, then the queue's column."""
    rows = "30/11/2026;09:00;loja;5\n30/11/2026;09:00;noite;7\n"
    with pytest.raises(DataError) as error:
        read(f"data;hora;fila;offered\n{rows}")
    (problem,) = error.value.found
    assert problem.problem == "'hora' holds times of day, and no column is known to hold their date"
    assert problem.remedy.endswith("here are data, hora, fila, offered")
    with pytest.raises(DataError, match=r"or call the queue's column queue \(not used are fila\)"):
        read(f"date;hora;fila;offered\n{rows}")


@pytest.mark.parametrize("text", READ.values(), ids=READ.keys())
def test_reads_what_people_have(text: str | bytes) -> None:
    """Whatever the file looks like, the same two half hours come out."""
    table = read(text)
    assert table["interval"].astype("str").tolist() == [NINE, HALF_PAST]
    assert table["offered"].tolist() == [1250.0, 980.0]
    assert table["queue"].tolist() == ["calls", "calls"]
    assert str(table["interval"].dtype) == "datetime64[us, Asia/Seoul]"
    assert check(table, HISTORY) is table


SAID = {
    "day first": "Dates were read as day/month/year, as line 2 shows.",
    "month first, am": "Dates were read as month/day/year, as line 2 shows.",
    "cp949": "The text was read as cp949.",
    "cp1252": "The text was read as cp1252.",
    "semicolon, decimal comma": "Decimal mark of Llamadas ofrecidas: comma.",
    "thousands": "Decimal mark of calls: dot.",
    "offsets": "The times carry their offset from UTC; they are shown as Asia/Seoul.",
    "unsorted": "The rows were sorted by time.",
    "other columns": "Columns not used: channel.",
    "plain": "Times were read as the wall clock of Asia/Seoul.",
}


@pytest.mark.parametrize(("name", "sentence"), SAID.items())
def test_says_what_was_inferred(name: str, sentence: str) -> None:
    """Nothing is inferred or mended in silence."""
    assert sentence in read(READ[name]).attrs["report"]


HEAD = "start,calls\n"
TWO = "2026-03-01 09:30,2\n2026-03-01 10:00,2\n"

# Each must be refused: what is said, the line, the column.
REFUSED = {
    "no zone": (HEAD + "2026-11-30 09:00,1\n2026-11-30 09:30,2\n", "name no time zone", 2, "interval"),
    "undecidable dates": (HEAD + "03/04/2026 09:00,1\n03/04/2026 09:30,2\n", "day or the month", 2, "start"),
    "both orders": (
        HEAD + "13/04/2026 09:00,1\n04/13/2026 09:30,2\n",
        "day in line 2 and with the month in line 3", 3, "start",
    ),
    "two kinds of dates": (
        HEAD + "2026-04-13 09:00,1\n13/04/2026 09:30,2\n",
        "some dates begin with the year", 3, "start",
    ),
    "no such day": (HEAD + "2026-02-30 09:00,1\n" + TWO, "is not a time", 2, "start"),
    "no such hour": (HEAD + "2026-03-01 25:00,1\n" + TWO, "is not a time", 2, "start"),
    "a serial number": (HEAD + "46356.375,1\n" + TWO, "is not a time", 2, "start"),
    "an empty time": (HEAD + ",1\n" + TWO, "the time is missing", 2, "start"),
    "days": ("date,calls\n2026-03-01,1\n2026-03-02,2\n", "days, not intervals", 2, "date"),
    "undecidable numbers": (
        HEAD + '2026-11-30 09:00,"1,250"\n2026-11-30 09:30,"1,980"\n',
        "thousands or a fraction", 2, "calls",
    ),
    "two decimal marks": (
        HEAD + '2026-11-30 09:00,"12,5"\n2026-11-30 09:30,12.5\n',
        "a comma in line 2 and a dot in line 3", 3, "calls",
    ),
    "text": (HEAD + "2026-11-30 09:00,many\n2026-11-30 09:30,2\n", "'many' is not a number", 2, "calls"),
    "not a number": (
        HEAD + "2026-11-30 09:00,1\n2026-11-30 09:30,NaN\n",
        "'NaN' is not a number", 3, "calls",
    ),
    "infinite": (HEAD + "2026-11-30 09:00,1\n2026-11-30 09:30,inf\n", "'inf' is not a number", 3, "calls"),
    "a per cent": (HEAD + "2026-11-30 09:00,1\n2026-11-30 09:30,80%\n", "'80%' is not a number", 3, "calls"),
    "empty": (HEAD + "2026-11-30 09:00,1\n2026-11-30 09:30,\n", "the number is missing", 3, "calls"),
    "negative": (HEAD + "2026-11-30 09:00,1\n2026-11-30 09:30,-4\n", "-4 is less than zero", 3, "calls"),
    "repeated": (
        HEAD + "2026-11-30 09:00,1\n2026-11-30 09:30,2\n2026-11-30 09:00,1\n",
        "stands in line 2 already", 4, "interval",
    ),
    "off the grid": (
        HEAD + "".join(f"2026-11-30 {h:02d}:{m},5\n" for h in range(9, 12) for m in ("00", "30"))
        + "2026-11-30 12:07,5\n",
        "12:07:00 lies between the 30-minute intervals", 8, "interval",
    ),
    "an unnamed queue": (
        "start,queue,calls\n2026-11-30 09:00,,1\n2026-11-30 09:30,a,2\n2026-11-30 10:00,a,2\n",
        "the queue is not named", 2, "queue",
    ),
    "no column of calls": ("start,cause\n2026-11-30 09:00,1\n", "no column is known to hold offered", 1, ""),
    "no column of times": ("queue,calls\na,1\n", "no column is known to hold interval", 1, ""),
    "two columns of calls": (
        "start,calls,volume\n2026-11-30 09:00,1,2\n",
        "both 'calls' and 'volume' could be offered", 1, "volume",
    ),
    "one name twice": ("start,calls,calls\n2026-11-30 09:00,1,2\n", "two columns have one name", 1, "calls"),
    "a short row": (
        "start,queue,calls\n2026-11-30 09:00,a\n2026-11-30 09:30,a,2\n",
        "2 cells, the header 3", 2, "",
    ),
    "a long row": (HEAD + "2026-11-30 09:00,1,5\n", "3 cells, the header 2", 2, ""),
    "a stray quote": (HEAD + '2026-11-30 09:00,"1\n2026-11-30 09:30,2\n', "cannot be told apart", 2, ""),
    "nothing": ("", "holds nothing", None, ""),
    "a header alone": (HEAD, "there are no rows", None, ""),
    "one row": (HEAD + "2026-11-30 09:00,1\n", "cannot be read off a single interval", None, ""),
    "a spreadsheet": (b"PK\x03\x04\x14\x00", "not a text file", None, ""),
    "unclear bytes": (b"start,calls,\xbfqu\xe9\n2026-11-30 09:00,1,x\n", "the bytes are not utf-8", 1, ""),
    "some offsets": (
        HEAD + "2026-11-30 09:00Z,1\n2026-11-30 09:30,2\n",
        "has no offset, others have", 3, "interval",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "what", "line", "column"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses_with_place_and_remedy(text: str | bytes, what: str, line: int | None, column: str) -> None:
    """What cannot be decided is refused, with the line, the column and what to do."""
    with pytest.raises(DataError, match=what) as error:
        read(text, tz=None if "name no time zone" in what else SEOUL)
    problem = next(problem for problem in error.value.found if what in problem.problem)
    assert (problem.line, problem.column) == (line, column)
    assert problem.remedy


def test_all_problems_come_at_once() -> None:
    """A file with three faults says all three."""
    text = "start,calls\n2026-11-30 09:00,many\n2026-11-30 09:30,-1\n2026-11-30 10:00,3\n2026-11-30 10:00,3\n"
    with pytest.raises(DataError, match="is not a number") as error:
        read(text)
    assert [problem.line for problem in error.value.found] == [2, 3, 5]


def test_many_faults_of_one_kind_are_counted() -> None:
    """Five are shown, the rest is counted."""
    rows = "".join(f"2026-11-30 {hour:02d}:{half},x\n" for hour in range(9, 19) for half in ("00", "30"))
    with pytest.raises(DataError, match="and 15 more such rows, up to line 21") as error:
        read("start,calls\n" + rows)
    assert len(error.value.found) == 6


def test_lines_count_quoted_line_breaks() -> None:
    """A cell over two lines does not shift the line numbers behind it."""
    text = 'start,note,calls\n2026-11-30 09:00,"a\nb",1\n2026-11-30 09:30,c,x\n'
    with pytest.raises(DataError, match="'x' is not a number") as error:
        read(text)
    assert error.value.found[0].line == 4


def test_midnight_written_as_24() -> None:
    """24:00 is the next midnight, 24:30 is nothing."""
    text = "start,calls\n2026-11-30 23:00,1\n2026-11-30 23:30,2\n2026-11-30 24:00,3\n"
    table = read(text)
    assert str(table["interval"].iloc[2]) == "2026-12-01 00:00:00+09:00"
    assert "24:00 was read as the next midnight (1 row)." in table.attrs["report"]
    with pytest.raises(DataError, match="'2026-11-30 24:30' is not a time"):
        read(text.replace("24:00", "24:30"))


def test_twelve_hour_clock() -> None:
    """12 AM is midnight, 12 PM noon, 13 PM nothing."""
    table = read(
        HEAD + "11/30/2026 12:00 AM,1\n11/30/2026 12:00 PM,2\n11/30/2026 06:00 PM,2\n11/30/2026 06:30 PM,3\n"
    )
    assert table["interval"].dt.hour.tolist() == [0, 12, 18, 18]
    with pytest.raises(DataError, match="13:00 PM' is not a time"):
        read("start,calls\n11/30/2026 13:00 PM,1\n11/30/2026 06:00 PM,2\n11/30/2026 06:30 PM,3\n")


def test_order_of_dates_is_decided_by_one_row_of_many() -> None:
    """One 13th of the month decides a whole year."""
    days = pd.date_range("2026-01-01", "2026-01-13").strftime("%d/%m/%Y")
    table = read("date;time;calls\n" + "".join(f"{day};{hour}:00;5\n" for day in days for hour in (9, 10)))
    assert table["interval"].dt.month.eq(1).all()
    assert "as line 26 shows" in report_of(table)


def test_times_that_the_clock_skipped_are_refused() -> None:
    """02:30 on the morning of the change never was."""
    rows = "".join(f"2026-03-29 {hour:02d}:{half},5\n" for hour in (1, 2, 3) for half in ("00", "30"))
    with pytest.raises(DataError, match="never showed 2026-03-29 02:00:00") as error:
        read("start,calls\n" + rows, tz=MADRID)
    assert [problem.line for problem in error.value.found] == [4, 5]
    assert len(read("start,calls\n" + rows, tz=SEOUL)) == 6


def test_the_repeated_hour_is_told_apart_by_order() -> None:
    """Both 02:00 hours of the autumn change are kept, in the order of the file, queue by queue."""
    hours = ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
    rows = "".join(f"2026-10-25 {hour},{queue},{at}\n" for at, hour in enumerate(hours) for queue in "ab")
    table = read("start,queue,calls\n" + rows, tz=MADRID)
    for queue in "ab":
        part = table[table["queue"] == queue]
        assert part["offered"].tolist() == [0, 1, 2, 3, 4, 5]
        assert (part["interval"].diff().dropna() == pd.Timedelta(minutes=30)).all()
    assert "8 rows of a repeated hour were told apart" in report_of(table)


def test_the_repeated_hour_that_stands_once_is_refused() -> None:
    """Nobody can say which of the two hours was meant."""
    with pytest.raises(DataError, match=r"showed 2026-10-25 02:00:00 twice: which is it\?") as error:
        read("start,calls\n2026-10-25 01:00,1\n2026-10-25 02:00,2\n2026-10-25 03:00,3\n", tz=MADRID)
    assert error.value.found[0].line == 3


def test_a_queue_may_be_called_na() -> None:
    """NA, None and null are names, not missing values."""
    rows = "".join(f"2026-11-30 {hour}:00,{name},1\n" for hour in (10, 11) for name in ("NA", "None", "null"))
    assert sorted(set(read("start,queue,calls\n" + rows)["queue"])) == ["NA", "None", "null"]


def test_handle_times_in_seconds_minutes_and_missing() -> None:
    """aht may be seconds or m:ss, empty where nothing came, and 0 is not a measurement."""
    text = "start,calls,AHT (s)\n2026-11-30 09:00,10,3:05\n2026-11-30 09:30,0,\n2026-11-30 10:00,0,0:00\n"
    table = read(text)
    assert table["aht"].tolist()[0] == 185.0
    assert table["aht"].isna().tolist() == [False, True, True]
    assert "A handle time of 0 s was read as not measured (1 row)." in table.attrs["report"]


def test_handle_times_with_three_decimals_are_not_thousands() -> None:
    """185.250 s beside 90 s may be 185,250 s to nobody but a program: it is refused."""
    text = "start,calls,aht\n2026-11-30 09:00,10,185.250\n2026-11-30 09:30,9,90\n"
    with pytest.raises(DataError, match="thousands or a fraction"):
        read(text)
    assert read(text.replace("90", "90.5"))["aht"].tolist() == [185.25, 90.5]


def test_columns_can_be_named() -> None:
    """Where no alias fits, the caller says which column is which."""
    text = "wann,eingang,calls\n2026-11-30 09:00,5,1\n2026-11-30 09:30,6,1\n"
    table = read(text, columns={"interval": "wann", "offered": "eingang"})
    assert table["offered"].tolist() == [5.0, 6.0]
    with pytest.raises(DataError, match="there is no column 'eingaenge'"):
        read(text, columns={"interval": "wann", "offered": "eingaenge"})
    with pytest.raises(DataError, match="'volume' is no column of a history"):
        read(text, columns={"interval": "wann", "volume": "eingang"})


def test_a_table_is_read_like_a_file() -> None:
    """A DataFrame may bring text or times, with or without their zone."""
    times = pd.date_range("2026-11-30 09:00", periods=3, freq="30min")
    calls = pd.DataFrame({"Interval": times, "Calls": [1, 2, 3]})
    expected = read("start,calls\n2026-11-30 09:00,1\n2026-11-30 09:30,2\n2026-11-30 10:00,3\n")
    for frame in (
        calls,
        calls.assign(Interval=times.tz_localize(SEOUL).tz_convert("UTC")),
        calls.assign(Interval=times.astype("str"), Calls=["1", "2", "3"]),
        calls.set_index("Interval"),
        calls.assign(date=times.date, time=times.time).drop(columns="Interval"),
    ):
        pd.testing.assert_frame_equal(history.read(frame, tz=SEOUL), expected)
    with pytest.raises(DataError, match="name no time zone"):
        history.read(calls)
    with pytest.raises(DataError, match="the number is missing"):
        history.read(calls.assign(Calls=[1.0, np.nan, 2.0]), tz=SEOUL)
    with pytest.raises(DataError, match="'inf' is not a number"):
        history.read(calls.assign(Calls=[1.0, np.inf, 2.0]), tz=SEOUL)


def test_files_that_are_not_there_and_zones_that_are_not(tmp_path: Path) -> None:
    """A missing file, an address and an invented zone are problems, not tracebacks."""
    with pytest.raises(DataError, match=r"cannot be read \(No such file"):
        history.read(tmp_path / "no.csv", tz=SEOUL)
    with pytest.raises(DataError, match="an address, not a file"):
        history.read("https://example.org/calls.csv", tz=SEOUL)
    with pytest.raises(DataError, match="'Asia/Seol' is no time zone"):
        read(READ["plain"], tz="Asia/Seol")
    with pytest.raises(DataError, match="'cp9490' is no encoding"):
        read(READ["cp949"], encoding="cp9490")


def test_an_encoding_that_is_asked_for_is_taken() -> None:
    """What the bytes leave open, the caller can say."""
    text = "start,calls,¿qué\n2026-11-30 09:00,1,x\n2026-11-30 09:30,2,x\n"
    assert "Columns not used: ¿qué." in read(text.encode("cp1252"), encoding="cp1252").attrs["report"]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """No bytes raise anything but our own error."""
    with pytest.raises(DataError):
        read(content)


CELLS = st.sampled_from(
    ["", "9", "1,5", "1.234", "-", "2026-01-02 09:00", "13/01/2026 9:30 PM", "٣", "1e5", "24:00", '"', "a\nb"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5))
def test_any_cells_are_read_or_refused(rows: list[tuple[str, str, str]]) -> None:
    """Cells from a bag of awkward ones end in a table or in our own error."""
    text = "start,calls,aht\n" + "".join(",".join(row) + "\n" for row in rows)
    try:
        table = read(text)
    except DataError as error:
        assert all(problem.problem and problem.remedy for problem in error.found)
    else:
        assert check(table, HISTORY) is table


def test_resample_sums_counts_and_weighs_means() -> None:
    """Counts are added; handle time is weighted by the calls handled."""
    text = "start,calls,handled,aht\n" + "".join(
        f"2026-11-30 09:{minute:02d},10,{handled},{aht}\n"
        for minute, handled, aht in ((0, 10, 100), (15, 5, 400), (30, 8, 200), (45, 0, ""))
    )
    table = history.resample(read(text), "30min")
    assert table["offered"].tolist() == [20.0, 20.0]
    assert table["handled"].tolist() == [15.0, 8.0]
    assert table["aht"].tolist() == [(10 * 100 + 5 * 400) / 15, 200.0]


def test_resample_leaves_out_what_is_not_covered() -> None:
    """An interval with a hole or a ragged end is left out, and said; half of its calls are not its calls."""
    minutes = [f"09:{m:02d}" for m in range(0, 60, 10)] + ["10:00", "10:20"]
    table = read("start,calls\n" + "".join(f"2026-11-30 {clock},2\n" for clock in minutes))
    half_hours = history.resample(table, "30min")
    assert half_hours["interval"].dt.strftime("%H:%M").tolist() == ["09:00", "09:30"]
    assert "1 interval of 30 min was not wholly covered and left out (10:00)." in half_hours.attrs["report"]
    assert history.resample(half_hours, "30min") is half_hours


def test_resample_refuses_what_does_not_fit() -> None:
    """Half hours cannot become quarter hours, nor 45 minutes, nor blue."""
    table = read(READ["plain"])
    for every, what in (("15min", "cannot be summed"), ("45min", "cannot be summed"), ("blue", "no length")):
        with pytest.raises(DataError, match=what):
            history.resample(table, every)


def test_resample_keeps_hours_on_the_wall_clock() -> None:
    """In Kolkata, half an hour off UTC, an hour still begins at the full hour; the long day keeps 25."""
    table = read("start,calls\n2026-11-30 09:00,1\n2026-11-30 09:30,2\n", tz="Asia/Kolkata")
    assert history.resample(table, "1h")["interval"].dt.minute.tolist() == [0]
    times = pd.date_range("2026-10-25", "2026-10-26", freq="30min", inclusive="left", tz=MADRID)
    long_day = history.resample(pd.DataFrame({"queue": "a", "interval": times, "offered": 1.0}), "1h")
    assert len(long_day) == 25
    assert long_day["offered"].eq(2.0).all()


def test_bank_calls_agree_with_the_prepared_half_hours(shared: Path) -> None:
    """The 5-minute file summed here is the 30-minute file that was prepared with other code."""
    folder = shared / "data" / "bank_calls_2003"
    five = history.read(folder / "calls_5min.csv", tz="America/New_York")
    half_hours = history.resample(five, "30min")
    prepared = pd.read_csv(folder / "calls_30min.csv", parse_dates=["start"])
    assert half_hours["offered"].tolist() == prepared["offered"].astype(float).tolist()
    assert (half_hours["interval"].dt.tz_localize(None) == prepared["start"]).all()
    assert (
        "126 intervals of 30 min were not wholly covered and left out (21:00)." in half_hours.attrs["report"]
    )


def log(rows: list[tuple[str, str, float, float | None, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["queue", "arrived", "wait", "service", "outcome"])
    return frame.assign(arrived=pd.to_datetime(frame["arrived"]).dt.tz_localize(SEOUL).dt.as_unit("us"))


def test_calls_are_counted_into_intervals() -> None:
    """Offered, handled, abandoned, in time, handle time and wait of a hand-made log."""
    calls = log([
        ("a", "2026-11-30 09:01", 5, 100, "answered"), ("a", "2026-11-30 09:29", 21, 200, "answered"),
        ("a", "2026-11-30 09:10", 60, None, "abandoned"), ("a", "2026-11-30 10:30", 0, 50, "answered"),
        ("b", "2026-12-01 08:59", 20, 80, "answered"),
    ])  # fmt: skip
    table = history.from_calls(calls, within=20)
    first = table.iloc[0]
    assert (first["offered"], first["handled"], first["abandoned"], first["answered_within"]) == (3, 2, 1, 1)
    assert (first["aht"], first["asa"]) == (150, 13)
    assert table.loc[table["queue"] == "a", "offered"].tolist() == [3, 0, 0, 1]
    assert table.loc[table["queue"] == "b", "interval"].dt.strftime("%H:%M").tolist() == ["08:30"]
    assert table["offered"].sum() == len(calls)
    assert check(table, HISTORY) is table


def test_a_log_without_calls_is_an_empty_history() -> None:
    """No calls are no rows, not an error."""
    assert history.from_calls(log([("a", "2026-11-30 09:01", 5, 100, "answered")]).iloc[:0]).empty


def test_a_log_that_is_none_is_refused() -> None:
    """Times without a zone, waits below zero and unknown outcomes are named."""
    good = log([("a", "2026-11-30 09:01", 5, 100, "answered")])
    for bad, what in (
        (good.assign(arrived=good["arrived"].dt.tz_localize(None)), "not a time with its time zone"),
        (good.assign(wait=-1.0), "not a finite number, zero or more"),
        (good.assign(outcome="lost"), "outcome 'lost' is unknown"),
    ):
        with pytest.raises(DataError, match=what):
            history.from_calls(bad)


@pytest.mark.parametrize("word", ["Total", "Grand Total", "합계", "TOTALES", "Sub-total day"])
def test_rows_of_totals_are_refused_as_such(word: str) -> None:
    """A sum below the rows is no interval: the row is named, with what to do."""
    with pytest.raises(DataError) as error:
        read(READ["plain"] + f"{word},calls,2230\n")
    (problem,) = error.value.found
    assert (problem.problem, problem.line) == (f"'{word}' is not a time", 4)
    assert problem.remedy == "take the rows of totals out"


def test_a_title_above_the_header_is_refused() -> None:
    """A block of titles is no header: every row below is told to have another number of cells."""
    with pytest.raises(DataError, match="let the file begin with its header"):
        read("Weekly report\n" + READ["plain"])


def test_a_missing_time_is_said_so() -> None:
    """An empty cell is no time in quotes."""
    with pytest.raises(DataError, match="the time is missing"):
        read(READ["plain"] + ",calls,2230\n")


def test_times_are_starts() -> None:
    """The report says how the times were read."""
    assert "Each time was read as the start of its interval." in report_of(read(READ["plain"]))
