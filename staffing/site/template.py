"""A plan to begin with: one queue, ten invented people, and a simulated history, so that it works at once."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import numpy as np

from staffing.errors import DataError, Problem
from staffing.site import planfile, presets

WEEK = "2026-W49"
PLAN = """\
# A plan of your own. It works as it stands: staffing week site.toml 2026-W49 -o out
# Change it line by line, and let `staffing check site.toml` find the mistakes. A line that begins with # is a
# remark; take the # away and its key counts. docs/plan-file.md explains every key and every column.

[site]
name = "my site"
timezone = "Asia/Seoul"         # IANA name of the clock in your files
history = "history.csv"         # SIMULATED: put yours here. Columns start, queue, offered, aht (seconds)
agents = "agents.csv"           # invented: agent, name, team, contract, hours_week, senior
timeoff = "timeoff.csv"         # agent, start, end, kind (AL SICK TRN HOL), credit_hours of the whole row
requests = "requests.csv"       # agent, start, end, kind (want avoid lock forbid), shift (empty: any), price
# skills = "skills.csv"         # agent, queue: who answers other queues than the own team's
# events = "events.csv"         # name, queue, start, end, effect (0.25 is +25 %; empty: learned), kind
# adjustments = "adjustments.csv" # queue, start, end, add or factor, who, why
# previous = "previous.csv"     # last week's shifts; or staffing week --previous FOLDER
country = "KR"                  # whose public holidays move demand
# region = "CA"                 # part of the country (here of US), where its holidays differ
week_starts = "mon"             # or sun, sat
interval = "30min"              # your history may be finer: it is summed
lead_days = 14                  # the roster is published this long before its first day
# preset = "KR"                 # starting values from working-time law, no legal advice
# seats = 38                    # desks or licences: nobody beyond is in a shift at once
# closed = [2026-12-25]         # dates without open hours, or "public": every public holiday
seed = 1                        # of all that is drawn: same seed, same plan
assumptions = ["The people and the history of this plan are invented: `staffing init` made them."]

[shrinkage]                     # why paid people are not on the queue
sick = { rate = 0.05, rostered = false }    # share of the time [0-1]; it is in the divisor
leave = { rostered = true }     # stands in the roster, so never in the divisor

[queue.calls]                   # one table for each queue, named as in the history
team = "care"
channel = { kind = "voice", patience = 150 } # mean seconds until a caller hangs up, where known
target = { answered = 0.80, within = 20, max_occupancy = 0.88, max_abandonment = 0.05 }
# (channel may also have redial = 0.3; target also max_asa = 30, over = "day" with floor = 0.60, and
#  definition = "excluding_short_abandons")
# aht = 240                     # mean handle time [s], where the history has none
# talk = 200                    # or its parts, with hold = 20 and after_call = 30 beside
# speed = 0.95                  # of the people, against the handle time as measured
# deflected = 0.1               # share of the contacts that self-service will take away
# ivr = 0.05                    # share of the rest that ends in the voice menu
min_staff = 2                   # on the queue whenever it is open
opening = { mon-fri = "09:00-21:00" }       # also daily, sat, "09:00-12:00, 13:00-18:00", "closed"

[team.care]                     # people who share two shifts, early and late
hours = [8, 9]                  # presence per shift, breaks included: the design chooses
rush = "hard"                   # the overlap covers the rush; a number is a price; absent: no such rule
# meeting = { minutes = 15, before_opening = true } # every shift begins with it; paid, off the queue
# evening = { from = "19:00", min_staff = 2 }
lunch = { minutes = 60, paid = false, after_hours = [3, 5] } # begins 3 to 5 h after the shift does
breaks = [
  { minutes = 15, paid = true, after_hours = [1, 2.5] },
  { minutes = 15, paid = true, after_hours = [6, 7.75] },
]                               # or one, { minutes = 15, paid = true, every_hours = 2 }: from the screen

[rules]                         # for every contract; starting values, not legal advice
rest_hours = 11                 # between two shifts
# price_rest = 50               # of each time that rest_hours is not kept; without it never
# not_after = { late = ["early"] } # shifts that nobody has on the day after one
days_week = { max = 5 }
days_in_row = { max = 5 }       # last week's counted
# weekends = { max = 2 }        # with work on Saturday or Sunday, over all weeks planned at once (--weeks 4)
# days_off_in_row = { min = 2 } # beside these hours_total and shifts_total: docs/plan-file.md
days_off_together = { min = 2 } # with price = 8 inside it would be a wish
# overtime_week = { max = 8, price = 60 } # hours beyond those owed, in whole shifts; price of each
# shifts_week = { late = { max = 3 } } # days in a week on a shift
same_shift_in_week = true       # or false, or { price = 4 }
rotate = "weekly"               # early and late weeks alternate; or false, or { price = 4 }
# rotation = { weeks = ["early", "late"], start = 2026-11-30 } # in place of rotate; or days = "4 on 2 off"
# fair_weekends = 0.5           # the same of days on Saturdays and Sundays
# fair_shifts = { early = 0.5 } # the same of early shifts
fair_lates = 0.5                # price of a late shift for each one more than the team's mean
# senior_per_interval = 1       # in every open half hour of a team; { min = 1, price = 50 } is a wish
# price_short = 100             # of an agent-half-hour too few
# price_over = 1                # of one too many

[rules.fulltime]                # what a contract has of its own
hours_week = { min = 35, max = 40 }         # paid hours; without it exactly those of the agent

[rules.parttime]
hours_week = { min = 21, max = 24 }
days_week = { max = 3 }

[training.one-to-one]           # each of them once a week: paid, off the queue, where it takes least
minutes = 30
team = "care"                   # or agents = ["001", "004"], or contract = "fulltime"
at_once = 1                     # the coach has one at a time
activity = "one_to_one"         # as it stands in the schedule; or "training"
# days = ["tue", "thu"]         # also dates; without it any day
# window = "13:00-17:00"        # one as long as the training fixes its time

# [[pairs]]                     # two people who work together, or apart; one such table for each pair
#   agents = ["002", "004"]
#   how = "together"            # or "follows": the first only beside the second; or "apart"
#   price = 8                   # of a day on which it is not so; without it the pair is hard
#   starts_within = 30          # minutes between two starts that still count as the same
"""
AGENTS = """\
agent,name,team,contract,hours_week,senior
001,김민지,care,fulltime,40,true
002,Amani Mwangi,care,fulltime,40,false
003,አበበ ከበደ,care,fulltime,40,false
004,ಅನಿತಾ ರಾವ್,care,fulltime,40,false
005,José Núñez,care,fulltime,40,false
006,이서준,care,fulltime,40,true
007,Neema Juma,care,fulltime,40,false
008,ሰላም ተስፋዬ,care,fulltime,40,false
009,Ingrid Sørensen,care,parttime,24,false
010,ಕಾವ್ಯ ಹೆಗಡೆ,care,parttime,24,false
"""
TIMEOFF = """\
agent,start,end,kind,credit_hours
003,2026-12-01,2026-12-02,AL,16
"""
REQUESTS = """\
agent,start,end,kind,shift,price
005,2026-12-04,2026-12-04,avoid,,4
007,2026-11-30,2026-12-04,want,early,2
"""
# Calls in each half hour of 09:00-21:00, and the factor of each day from Monday to Friday.
DAY = (3, 4, 5, 6, 6, 6, 5, 5, 5, 5, 6, 8, 10, 10, 10, 9, 8, 6, 5, 5, 4, 4, 3, 3)
WEEKDAYS = (1.1, 1.0, 0.95, 0.95, 1.0)
FIRST, DAYS, AHT, SEED = dt.date(2026, 8, 31), 91, 240.0, 20261130


def template(preset: str | None = None) -> dict[str, str]:
    """The files of a plan to begin with, which can be planned at once (2026-W49).

    Parameters
    ----------
    preset : str, optional
        Country, or part of one, whose working-time law gives starting values (`staffing.site.presets`): its
        clock, holidays and rules, with their sources as remarks.

    Returns
    -------
    dict
        Name of a file -> its text; the history is simulated, the people are invented.

    Raises
    ------
    DataError
        Where there is no such preset.

    Examples
    --------
    >>> sorted(template())
    ['agents.csv', 'history.csv', 'requests.csv', 'site.toml', 'timeoff.csv']
    >>> [line for line in template("ES")["site.toml"].splitlines() if line.startswith("rest_hours")]
    ['rest_hours = 12                 # between two shifts']
    """
    return {
        "site.toml": PLAN if preset is None else _of_place(preset),
        "agents.csv": AGENTS,
        "timeoff.csv": TIMEOFF,
        "requests.csv": REQUESTS,
        "history.csv": _history(),
    }


def _of_place(preset: str) -> str:
    """The plan on another clock, with the law of a place."""
    if preset not in presets.PRESETS:
        what = f"there is no preset {preset!r}"
        raise DataError([Problem(what, planfile.suggest(preset, presets.PRESETS))])
    place, begins = presets.PLACES[preset], presets.starting(preset)
    region = f'region = "{place.region}"' if place.region else '# region = "CA"'
    aligned = {
        'timezone = "Asia/Seoul"        ': f'timezone = "{place.timezone}"',
        'country = "KR" ': f'country = "{place.country}" ',
        '# region = "CA" ': f"{region} ",
        '# preset = "KR" ': f'preset = "{preset}" ',
        "rest_hours = 11": f"rest_hours = {begins.get('rest_hours', 11.0):g}",
    }
    plan = PLAN.replace(" (here of US)", "").replace("for every contract; starting values, not legal advice",
                                                     "for every contract")  # fmt: skip
    for old, new in aligned.items():
        plan = plan.replace(old, new.ljust(len(old)), 1)
    return plan.replace("[rules] ", "\n".join([*presets.remarks(preset), "[rules] "]), 1)


def begin(folder: str | os.PathLike[str], *, preset: str | None = None) -> Path:
    """Lay out the `template` in a folder, which is made where it is missing.

    Parameters
    ----------
    folder : path
        Where the files go.
    preset : str, optional
        Country, or part of one, whose working-time law gives starting values.

    Returns
    -------
    pathlib.Path
        The plan file.

    Raises
    ------
    DataError
        Where one of the files stands there already: nothing is written over; where there is no such preset.
    """
    target, texts = Path(folder), template(preset)
    taken = [name for name in sorted(texts) if os.path.lexists(target / name)]
    if taken:
        remedy = "name another folder; nothing was written"
        raise DataError(
            [Problem("the file stands there already", remedy, str(target / name)) for name in taken]
        )
    target.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (target / name).write_text(text, encoding="utf-8", newline="\n")
    return target / "site.toml"


def _history() -> str:
    """Thirteen weeks of half hours: Poisson counts around a day's level, handle times around their mean."""
    rng = np.random.default_rng(SEED)
    lines = ["start,queue,offered,aht_s"]
    for number in range(DAYS):
        date = FIRST + dt.timedelta(days=number)
        level = rng.lognormal(0.0, 0.06)
        if date.weekday() < len(WEEKDAYS):
            offered = rng.poisson(np.array(DAY) * WEEKDAYS[date.weekday()] * level)
            spent = AHT * rng.lognormal(0.0, 0.4 / np.sqrt(np.maximum(offered, 1)))
            for step, (count, seconds) in enumerate(zip(offered, spent, strict=True)):
                clock = f"{9 + step // 2:02d}:{30 * (step % 2):02d}"
                lines.append(f"{date} {clock},calls,{count},{f'{seconds:.0f}' if count else ''}")
    return "\n".join(lines) + "\n"
