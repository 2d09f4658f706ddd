"""What a reader of a plan must know: what was given and not measured, what is a default, what is left out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from staffing.calendar import Calendar
from staffing.model import Chat, Deferred, Limit, Outbound, Queue, Rules, Team, Training, Voice

FEW_DAYS, MOST = 5, 0.8
SHORT_AHT = 30.0  # shorter contacts are rare, and means of minutes are that small [s]
# Rules of working time, in the order in which they are said. Prices are not among them: they break no law.
SAID = (
    "hours_week",
    "rest_hours",
    "days_week",
    "days_in_row",
    "days_off_together",
    "same_shift_in_week",
    "rotate",
)


def of_queues(queues: Iterable[Queue], named: Mapping[str, Any], past: pd.DataFrame) -> list[str]:
    """Handle time, patience, target and opening hours of each queue.

    Parameters
    ----------
    queues : iterable of Queue
        As the plan makes them.
    named : dict
        Queue -> its table in the plan file: what does not stand there is a default.
    past : pandas.DataFrame
        HISTORY.

    Returns
    -------
    list of str
        Sentences.
    """
    queues, sentences = tuple(queues), []
    for queue in queues:
        table = named[queue.name]
        rows = past[past["queue"] == queue.name]
        if queue.aht is not None and ("aht" not in rows or rows["aht"].isna().any()):
            given = f"{queue.aht:g} s where the history has none; given, not measured."
            sentences.append(f"Handle time of {queue.name}: {given}")
        sentences += _short(queue, rows)
        sentences += _patience(queue)
        sentences.append(promise(queue, table))
        sentences += _load(queue)
        if "opening" not in table and not _beside_a_line(queue, queues):
            sentences.append(f"Opening hours of {queue.name} are not given: those of its history hold.")
    return sentences


def _short(queue: Queue, rows: pd.DataFrame) -> list[str]:
    """A handle time that might be minutes."""
    known = rows[rows["aht"] > 0] if "aht" in rows else rows.iloc[:0]
    come = known["offered"].sum()
    mean = (known["aht"] * known["offered"]).sum() / come if come else queue.aht
    if mean is None or mean >= SHORT_AHT:
        return []
    return [f"The mean handle time of {queue.name} is {mean:.3g} s: if these are minutes, give seconds."]


def _beside_a_line(queue: Queue, queues: tuple[Queue, ...]) -> bool:
    """Whether a team does this work while it answers calls or chats."""
    waits = [
        other for other in queues if other.team == queue.team and isinstance(other.channel, (Voice, Chat))
    ]
    return isinstance(queue.channel, Deferred) and bool(waits)


def _patience(queue: Queue) -> list[str]:
    """How long customers wait, where they wait in line."""
    if isinstance(queue.channel, (Deferred, Outbound)):
        return []
    if queue.channel.patience is not None:
        return [f"Patience of {queue.name}: {queue.channel.patience:g} s; given, not measured."]
    model = "" if isinstance(queue.channel, Chat) else " (Erlang C)"
    return [f"Patience of {queue.name} is not given: nobody is taken to hang up{model}."]


def _load(queue: Queue) -> list[str]:
    """What is given of the load beside contacts and handle time."""
    given = [
        (queue.deflected, f"{100 * queue.deflected:g} % of the contacts go to self-service"),
        (queue.ivr, f"{100 * queue.ivr:g} % of the remaining contacts end in the voice menu"),
        (queue.speed != 1.0, f"people work at {queue.speed:g} of the measured speed"),
        (getattr(queue.channel, "redial", 0.0), f"{100 * getattr(queue.channel, 'redial', 0.0):g} % redial"),
    ]
    parts = [text for said, text in given if said]
    return [f"Load of {queue.name}: {', '.join(parts)}; given, not measured."] if parts else []


def of_times(past: pd.DataFrame, calendar: Calendar, minutes: int) -> list[str]:
    """Queues whose days begin one interval after they open and end with one that begins at closing time.

    Parameters
    ----------
    past : pandas.DataFrame
        HISTORY.
    calendar : Calendar
        With the plan's opening hours.
    minutes : int
        Length of an interval. [min]

    Returns
    -------
    list of str
        A sentence for each whose times look like the ends of intervals.
    """
    sentences = []
    for queue, rows in past.groupby("queue", sort=True):
        hours = {
            day: (spans[0][0], spans[-1][1]) for day, spans in (calendar.hours(str(queue)) or {}).items()
        }
        local = rows.loc[rows["offered"] > 0, "interval"].dt.tz_localize(None)
        minute = (local - local.dt.normalize()) / pd.Timedelta(minutes=1)
        days = minute.groupby(local.dt.normalize()).agg(["min", "max"])
        days = days[days.index.day_of_week.isin(list(hours))]
        opens, closes = (
            days.index.day_of_week.map({day: span[end] for day, span in hours.items()}) for end in (0, 1)
        )
        late = (days["min"] == opens + minutes) & (days["max"] == closes)
        if len(days) >= FEW_DAYS and late.mean() > MOST:
            sentences.append(
                f"The history of {queue} begins an interval after opening and ends with one at closing "
                "time: its times look like the ends of intervals, and were read as starts. Shift them if so."
            )
    return sentences


def promise(queue: Queue, table: Mapping[str, Any]) -> str:
    """Every target that a queue is planned for, and which of them the plan does not give.

    Parameters
    ----------
    queue : Queue
        As the plan makes it.
    table : dict
        Its table in the plan file.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> promise(Queue("calls", "care", ()), {"target": {"answered": 0.8, "within": 20}})
    'Target of calls: 80 % answered within 20 s (of all offered), occupancy at most 88 %, at least 1 on the \
queue. Defaults, not given: occupancy, at least 1.'
    """
    goal, channel, given = queue.target, queue.channel, table.get("target", {})
    if isinstance(channel, Deferred):
        highest = f"occupancy at most {100 * goal.max_occupancy:g} %"
        rule = f"{channel.due[:-1]} open hours after it comes" if channel.due.endswith("h") else channel.due
        begins = (
            "nothing lies there" if not channel.opening_backlog else f"{channel.opening_backlog:g} lie there"
        )
        return f"Work of {queue.name} is due: {rule}; {highest}; {begins} when the week begins."
    if isinstance(channel, Outbound):
        reserve = "the square root of the load" if channel.reserve is None else f"{channel.reserve:g}"
        return f"Calls of {queue.name} go out in quiet moments; agents kept free: {reserve}."
    period = "" if goal.over == "interval" else f" over the {goal.over}"
    counted = {"offered": "of all offered", "excluding_short_abandons": "short abandons left out"}
    parts = [
        f"{100 * goal.answered:g} % answered within {goal.within:g} s ({counted[goal.definition]}){period}",
        *([] if goal.floor is None else [f"no interval below {100 * goal.floor:g} %"]),
        f"occupancy at most {100 * goal.max_occupancy:g} %",
    ]
    defaults = [name for name in ("answered", "within") if name not in given]
    defaults += [] if "max_occupancy" in given else ["occupancy"]
    # Who never hangs up cannot be lost: without patience this target does not bind.
    if goal.max_abandonment is not None and queue.channel.patience is not None:
        parts.append(f"abandonment at most {100 * goal.max_abandonment:g} %")
        defaults += [] if "max_abandonment" in given else ["abandonment"]
    if goal.max_asa is not None:
        parts.append(f"mean wait of the answered at most {goal.max_asa:g} s")
    if queue.min_staff:
        parts.append(f"at least {queue.min_staff} on the queue")
        defaults += [] if "min_staff" in table else [f"at least {queue.min_staff}"]
    by_default = f" Defaults, not given: {', '.join(defaults)}." if defaults else ""
    at_once = ""
    if isinstance(channel, Chat):
        typing = f"customers type {channel.typing_ratio:g} times as long as agents"
        last = f", none taken in the last {channel.last_chat_minutes:g} min of a shift"
        none = last if channel.last_chat_minutes else ""
        at_once = f" {channel.concurrency} chats at once, {typing}{none}; given, not measured."
    return f"Target of {queue.name}: {', '.join(parts)}.{by_default}{at_once}"


def of_absence(queues: tuple[Queue, ...]) -> list[str]:
    """Who is away without standing in the roster.

    Parameters
    ----------
    queues : tuple of Queue
        They share the plan's shrinkage.

    Returns
    -------
    list of str
        One sentence.
    """
    away = [cause for cause in (queues[0].shrinkage if queues else ()) if not cause.rostered]
    if not away:
        return ["No shrinkage is given: everybody rostered is taken to be there."]
    causes = ", ".join(f"{cause.cause} {100 * cause.rate:g} %" for cause in away)
    return [f"Away without notice: {causes}; given, not measured."]


def of_training(trainings: Iterable[Training], queues: tuple[Queue, ...]) -> list[str]:
    """Training that stands in the roster and in the divisor too.

    Parameters
    ----------
    trainings : iterable of Training
        Those that are planned.
    queues : tuple of Queue
        They share the plan's shrinkage.

    Returns
    -------
    list of str
        At most one sentence.
    """
    words = ("train", "coach", "one_to_one", "one-to-one", "1:1")
    causes = [
        cause.cause
        for cause in (queues[0].shrinkage if queues and any(True for _ in trainings) else ())
        if not cause.rostered and any(word in cause.cause.lower() for word in words)
    ]
    if not causes:
        return []
    names = ", ".join(causes)
    return [f"Planned training stands in the roster: what is in it must not be in the shrinkage {names} too."]


def of_teams(teams: Iterable[Team]) -> list[str]:
    """Teams that have neither lunch nor break.

    Parameters
    ----------
    teams : iterable of Team
        As the plan makes them.

    Returns
    -------
    list of str
        A sentence for each.
    """
    return [
        f"No lunch or break is planned for team {team.name}."
        for team in teams
        if not (team.breaks or team.screen)
    ]


def of_rules(rules: Mapping[str, Rules], given: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The rules of working time that the plan does not give, so that "no rule broken" is not misread.

    Parameters
    ----------
    rules : dict
        Contract -> Rules.
    given : dict
        Contract -> the keys that the plan gives it, its own or everybody's.

    Returns
    -------
    list of str
        A sentence for each set of contracts that lack the same rules.

    Examples
    --------
    >>> of_rules({"fulltime": Rules()}, {"fulltime": dict.fromkeys(SAID[1:])})
    ['Rules by default, not given: paid hours exactly those of the contract.']
    """
    lacking: dict[tuple[str, ...], list[str]] = {}
    for contract in rules:
        own = given.get(contract, {})
        told = {*own, *(["rotate"] if own.get("rotation") else [])}  # a rotation outdoes it
        missing = tuple(name for name in SAID if name not in told)
        lacking.setdefault(missing, []).append(contract)
    usual, sentences = Rules(), []
    for missing, contracts in lacking.items():
        if missing:
            who = f" for {', '.join(contracts)}" if len(lacking) > 1 else ""
            said = ", ".join(_rule(name, getattr(usual, name)) for name in missing)
            sentences.append(f"Rules by default{who}, not given: {said}.")
    return sentences


def of_rotations(rules: Mapping[str, Rules], agents: pd.DataFrame) -> list[str]:
    """Teams of whom all are at one place of their cycle: they work, and are off, all on the same days.

    Parameters
    ----------
    rules : dict
        Contract -> Rules.
    agents : pandas.DataFrame
        AGENTS.

    Returns
    -------
    list of str
        A sentence for each team and contract.

    Examples
    --------
    >>> import datetime as dt
    >>> from staffing.model import Rotation
    >>> crew = pd.DataFrame({"agent": ["1", "2"], "team": "care", "contract": "full"})
    >>> of_rotations({"full": Rules(rotation=Rotation(dt.date(2026, 11, 30), days="4 on 2 off"))}, crew)
    ["All 2 of care (full) are at one place of the cycle 4 on 2 off: all are off on the same days. The \
agents' column rotation_offset spreads them."]
    """
    known = agents if "rotation_offset" in agents else agents.assign(rotation_offset=0)
    ahead, sentences = known["rotation_offset"].fillna(0), []
    for (team, contract), some in ahead.groupby([agents["team"], agents["contract"]], sort=True):
        cycle = rules[str(contract)].rotation if contract in rules else None
        words = () if cycle is None else (cycle.days or cycle.weeks)
        if len(some) < 2 or len(set(words)) < 2 or (some % len(words)).nunique() > 1:
            continue
        counted = " ".join(f"{len(list(run))} {word}" for word, run in itertools.groupby(words))
        unit = "days" if cycle is not None and cycle.days else "weeks"
        off = f"off on the same {unit}" if "off" in words else f"on the same shift in the same {unit}"
        sentences.append(
            f"All {len(some)} of {team} ({contract}) are at one place of the cycle {counted}: "
            f"all are {off}. The agents' column rotation_offset spreads them."
        )
    return sentences


def _rule(name: str, value: object) -> str:
    """A default as a phrase."""
    bound = value if isinstance(value, Limit) else Limit()
    return {
        "hours_week": "paid hours exactly those of the contract",
        "rest_hours": f"{value} h rest",
        "days_week": f"at most {bound.max} days a week",
        "days_in_row": f"at most {bound.max} days in a row",
        "days_off_together": f"{bound.min} days off together",
        "same_shift_in_week": "the same shift all week"
        if value == math.inf
        else "shifts may change in a week",
        "rotate": "early and late weeks alternate where possible",
    }[name].replace(".0 ", " ")


def of_calendar(country: str | None) -> list[str]:
    """Whether public holidays are known.

    Parameters
    ----------
    country : str or None
        As the plan names it.

    Returns
    -------
    list of str
        A sentence where they are not.
    """
    return [] if country else ["No country is named: public holidays count as any other day."]
