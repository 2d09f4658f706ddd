"""Make every list of the invented shop. The history is simulated: nobody ever called.

Chats and calls, 09:00-23:00 on all seven days, and work that comes at all hours (orders that nobody has paid,
mail); 23 weeks of half hours up to the end of the planned week 2026-W49, so that the plan (which sees nothing
later than 14 days before its first day) can be held against what then "came". A count is Poisson around

    contacts a day x weekday x time of day x growth x holiday x promotion x the day's level x half-hour luck

where the day's level (one draw for the whole day) and the luck make counts far more scattered than Poisson,
as real ones are. Handle time scatters around its mean, less the more calls an interval has.

    python simulate.py [FOLDER]        # same seed, same bytes; without FOLDER beside this file
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import math
import random
import sys
from pathlib import Path

SEED = 20261130
FIRST, LAST = dt.date(2026, 6, 29), dt.date(2026, 12, 6)
PLANNED = dt.date(2026, 11, 30)  # Monday of 2026-W49

# Contacts a day, their handle time [s] (of a chat by itself), factor of each weekday, hours in which they
# come, and points (hour, height) of the day's shape.
QUEUES = {
    "presales_chat": {
        "contacts": 1290,
        "aht": 420,
        "week": (1.06, 1.00, 0.98, 0.99, 1.01, 0.95, 1.01),
        "hours": (9.0, 23.0),
        "day": ((9, 0.45), (10.5, 0.75), (11, 1.15), (12.75, 1.2), (13.5, 0.8), (14.5, 0.85), (15.25, 1.7),
                (16.5, 1.9), (17.75, 1.55), (18.5, 0.95), (20, 0.85), (21.5, 0.7), (22.5, 0.45)),
    },
    "aftersales_calls": {
        "contacts": 580,
        "aht": 290,
        "week": (1.22, 1.08, 1.00, 0.97, 0.97, 0.88, 0.88),
        "hours": (9.0, 23.0),
        "day": ((9, 0.7), (10.5, 1.05), (13, 0.95), (16, 1.0), (18.5, 0.95), (19.5, 1.25), (21, 1.25),
                (22, 0.75), (22.5, 0.6)),
    },
    "unpaid_orders": {
        "contacts": 600,
        "aht": 90,
        "week": (1.05, 1.00, 0.98, 0.98, 1.00, 0.97, 1.02),
        "hours": (0.0, 24.0),
        "day": ((0, 1.0), (2, 0.35), (6, 0.15), (9, 0.5), (13, 0.9), (18, 0.9), (21, 1.6), (23.5, 1.3)),
    },
    "aftersales_mail": {
        "contacts": 150,
        "aht": 300,
        "week": (1.30, 1.12, 1.02, 1.00, 0.98, 0.80, 0.78),
        "hours": (0.0, 24.0),
        "day": ((0, 0.5), (3, 0.15), (6, 0.2), (9, 1.0), (12, 1.3), (17, 1.1), (21, 1.2), (23.5, 0.6)),
    },
}  # fmt: skip
ANSWERED = ("presales_chat", "aftersales_calls")
DAY_LEVEL, LUCK, GROWTH = 0.06, 60.0, 0.0015  # log-sd of a day, shape of the half hour's gamma, growth a week
HOLIDAYS = {  # public holidays of South Korea in the span, and what is left of the contacts
    "2026-07-17": 0.85, "2026-08-15": 0.85, "2026-08-17": 0.8, "2026-09-24": 0.65, "2026-09-25": 0.5,
    "2026-09-26": 0.65, "2026-10-03": 0.9, "2026-10-05": 0.85, "2026-10-09": 0.85,
}  # fmt: skip

# name, queue, first and last day, factor in the simulation: the plan has to learn it from the past ones.
PROMOTIONS = [
    ("brand day", "presales_chat", start, end, 1.30)
    for start, end in (
        ("2026-07-09", "2026-07-10"), ("2026-08-06", "2026-08-07"), ("2026-09-03", "2026-09-04"),
        ("2026-10-15", "2026-10-16"), ("2026-11-05", "2026-11-06"), ("2026-12-03", "2026-12-04"),
    )
] + [
    ("returns after brand day", "aftersales_calls", start, end, 1.20)
    for start, end in (
        ("2026-07-13", "2026-07-14"), ("2026-08-10", "2026-08-11"), ("2026-09-07", "2026-09-08"),
        ("2026-10-19", "2026-10-20"), ("2026-11-09", "2026-11-10"), ("2026-12-07", "2026-12-08"),
    )
] + [("11.11", "presales_chat", "2026-11-11", "2026-11-11", 1.55)]  # fmt: skip

PRESALES = [
    "김민지", "이서준", "박지우", "최예은", "정하준", "강수아", "조도윤", "윤서연", "장시우",
    "임하은", "한지호", "오지민", "서준우", "신유나", "권태현", "황다은", "안재윤", "송채원",
    "홍건우", "류나연", "문성민", "አበበ ከበደ", "ሰላም ተስፋዬ", "ዮሐንስ መኮንን", "ಅನಿತಾ ರಾವ್",
    "ಶ್ರೀನಿವಾಸ ಮೂರ್ತಿ", "ಕಾವ್ಯ ಹೆಗಡೆ", "Amani Mwangi", "Neema Juma", "Zoë O'Neil, Jr.",
    "José Núñez", "Ingrid Sørensen",
    "Tumaini Mushi", "ಗಣೇಶ ಭಟ್", "ብርሃኑ ታደሰ", "최수빈",
]  # fmt: skip
AFTERSALES = [
    "배수빈", "백현서", "남기훈", "노은채", "심규리", "하동욱", "곽세아", "성지훈", "차유진",
    "주원영", "ሃና ገብረማርያም", "ትዕግሥት አለሙ", "ಲಕ್ಷ್ಮಿ ಕ್ಷೇತ್ರಪಾಲ", "ಮಂಜುನಾಥ ಗೌಡ", "Baraka Otieno",
    "Wanjiru wa Kamau", "Rehema Salum", "Łukasz Żak", "Ana Ibáñez", "허다인", "ሰሎሞን ወልደ", "Emil Fischer",
    "ቤተልሔም ኃይሉ", "ರಮ್ಯಾ ಶೆಟ್ಟಿ",
]  # fmt: skip
SENIORS = ("김민지", "정하준", "አበበ ከበደ", "배수빈", "ሃና ገብረማርያም")
PART_TIME = (
    "황다은", "안재윤", "송채원", "홍건우", "류나연", "문성민", "ಕಾವ್ಯ ಹೆಗಡೆ", "Neema Juma",
)  # fmt: skip
CROSS_TRAINED = ("정하준", "조도윤", "Amani Mwangi", "백현서", "ትዕግሥት አለሙ")
# First of two days off last week, person by person. Late people often have Sunday off: with 11 hours of rest,
# who leaves at 23:00 on Sunday cannot open at 09:00 on Monday, and early and late weeks are to alternate.
DAYS_OFF = {"early": (0, 1, 2, 3, 4, 2), "late": (5, 3, 5, 1, 5, 4)}
# Last week's shifts: start, end, paid hours.
LAST_WEEK = {
    ("presales", "early"): ("09:00", "18:00", 8),
    ("presales", "late"): ("14:00", "23:00", 8),
    ("aftersales", "early"): ("09:00", "17:00", 7),
    ("aftersales", "late"): ("15:00", "23:00", 7),
}


def promotion(queue: str, date: dt.date) -> float:
    """What the promotions of a day do to a queue, as a factor."""
    return math.prod(
        factor for _, name, start, end, factor in PROMOTIONS if name == queue and start <= str(date) <= end
    )


def shape(points: tuple[tuple[float, float], ...], opens: float, closes: float) -> list[float]:
    """Share of a day's contacts in each half hour, from straight lines between points."""
    hours = [opens + 0.5 * step for step in range(int(2 * (closes - opens)))]
    heights = []
    for hour in hours:
        (x0, y0), (x1, y1) = next(
            (left, right) for left, right in itertools.pairwise(points) if left[0] <= hour <= right[0]
        )
        heights.append(y0 + (y1 - y0) * (hour - x0) / (x1 - x0))
    return [height / sum(heights) for height in heights]


def poisson(draw: random.Random, mean: float) -> int:
    """A Poisson count, by multiplying uniform draws (Knuth 1969), in portions that cannot underflow."""
    count = 0
    while mean > 0:
        portion, mean = min(mean, 200.0), mean - min(mean, 200.0)
        product, floor = draw.random(), math.exp(-portion)
        while product > floor:
            count += 1
            product *= draw.random()
    return count


def history() -> list[list[object]]:
    """Rows of history.csv: start, queue, offered, aht_s."""
    rows: list[list[object]] = []
    for queue, what in QUEUES.items():
        draw = random.Random(f"{SEED} {queue}")
        opens, closes = what["hours"]
        shares = shape(what["day"], opens, closes)
        for number in range((LAST - FIRST).days + 1):
            date = FIRST + dt.timedelta(days=number)
            level = what["contacts"] * what["week"][date.weekday()] * (1 + GROWTH) ** (number / 7)
            level *= (
                HOLIDAYS.get(str(date), 1.0) * promotion(queue, date) * math.exp(draw.gauss(0, DAY_LEVEL))
            )
            for step, share in enumerate(shares):
                offered = poisson(draw, level * share * draw.gammavariate(LUCK, 1 / LUCK))
                noise = math.exp(draw.gauss(0, 0.8 / math.sqrt(max(offered, 1))))
                aht = f"{what['aht'] * noise:.1f}" if offered else ""
                clock = f"{int(opens) + step // 2:02d}:{30 * (step % 2):02d}"
                rows.append([f"{date} {clock}", queue, offered, aht])
    return sorted(rows, key=lambda row: (row[0], row[1]))


def people() -> list[dict[str, object]]:
    """Rows of agents.csv, presales first."""
    everybody = [(name, "presales") for name in PRESALES] + [(name, "aftersales") for name in AFTERSALES]
    rows = []
    for number, (name, team) in enumerate(everybody, start=1):
        part = name in PART_TIME
        rows.append({
            "agent": f"{number:03d}", "name": name, "team": team,
            "contract": "parttime" if part else "fulltime", "hours_week": 24 if part else 40,
            "senior": "true" if name in SENIORS else "false",
        })  # fmt: skip
    return rows


def last_week(agents: list[dict[str, object]]) -> list[list[object]]:
    """Rows of previous.csv: one shift a week, two days off together, nobody over five days in a row."""
    monday = PLANNED - dt.timedelta(days=7)
    rows: list[list[object]] = []
    for team in ("presales", "aftersales"):
        for number, person in enumerate(row for row in agents if row["team"] == team):
            shift = "early" if number % 2 else "late"
            start, end, paid = LAST_WEEK[team, shift]
            first_off = DAYS_OFF[shift][number // 2 % 6]
            working = [day for day in range(7) if day not in (first_off, first_off + 1)]
            if person["contract"] == "parttime":
                working = working[::2][:3]
            for day in working:
                date = monday + dt.timedelta(days=day)
                rows.append([person["agent"], date, team, shift, f"{date} {start}", f"{date} {end}", paid])
    return rows


def tables() -> dict[str, list[list[object]]]:
    """Every file and its rows, header first."""
    agents = people()
    ident = {str(row["name"]): row["agent"] for row in agents}
    skills = [[ident[name], queue] for name in CROSS_TRAINED for queue in ANSWERED]
    timeoff = [
        [ident["박지우"], "2026-12-01", "2026-12-02", "AL", 16],
        [ident["ሰላም ተስፋዬ"], "2026-11-30", "2026-12-04", "AL", 40],
        [ident["Neema Juma"], "2026-12-05", "2026-12-05", "AL", 8],
        [ident["오지민"], "2026-12-02", "2026-12-02", "TRN", 8],
        [ident["곽세아"], "2026-11-30", "2026-12-06", "SICK", 40],
        [ident["ಮಂಜುನಾಥ ಗೌಡ"], "2026-12-04", "2026-12-04", "HOL", 8],
    ]
    requests = [
        [ident["서준우"], "2026-12-05", "2026-12-06", "forbid", "", ""],
        [ident["최예은"], "2026-11-30", "2026-12-06", "avoid", "late", 3],
        [ident["윤서연"], "2026-12-03", "2026-12-03", "forbid", "", ""],
        [ident["ಅನಿತಾ ರಾವ್"], "2026-12-04", "2026-12-05", "avoid", "", 4],
        [ident["José Núñez"], "2026-11-30", "2026-12-06", "want", "early", 2],
        [ident["Baraka Otieno"], "2026-12-06", "2026-12-06", "avoid", "", 5],
        [ident["배수빈"], "2026-12-02", "2026-12-02", "avoid", "late", 3],
    ]
    return {
        "history.csv": [["start", "queue", "offered", "aht_s"], *history()],
        "agents.csv": [list(agents[0]), *(list(row.values()) for row in agents)],
        "skills.csv": [["agent", "queue"], *skills],
        "timeoff.csv": [["agent", "start", "end", "kind", "credit_hours"], *timeoff],
        "requests.csv": [["agent", "start", "end", "kind", "shift", "price"], *requests],
        "events.csv": [
            ["name", "queue", "start", "end", "effect", "kind"],
            *([name, queue, start, end, "", "promotion"] for name, queue, start, end, _ in PROMOTIONS),
        ],
        "previous.csv": [
            ["agent", "date", "team", "shift", "start", "end", "paid_hours"],
            *last_week(agents),
        ],
    }


def write(folder: Path) -> None:
    """Every list as UTF-8 with plain line ends."""
    for name, rows in tables().items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
