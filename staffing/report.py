"""A week in figures and in words: what a manager asks for, and what a planner reads first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from staffing.calendar import WEEKDAYS
from staffing.channels import model
from staffing.coverage import totals
from staffing.model import Outbound, Queue, Roster, Week
from staffing.requirement import attainment
from staffing.review import accuracy
from staffing.tables import interval_minutes
from staffing.verify import hours

SMALL = 1e-6  # the files hold six decimals
UNITS = {
    "needed": "h",
    "on_queue": "h",
    "over": "h",
    "short": "h",
    "intervals_short": "",
    "efficiency": "0-1",
    "service_level": "0-1",
    "volume": "contacts",
}
KEPT = ("answered", "kept", "below", "inside", "above", "worst")
WORK = {"hours": "h", "done": "h", "late": "h", "left": "h", "contacts": "contacts"}
BAND = 0.10
# How the search of a roster ended, by its status.
ENDED = {
    "optimal": "",
    "stopped": "; a limit ended the search",
    "time limit": "; the clock ended the search, and another run may come further",
}


def summary(
    coverage: pd.DataFrame,
    roster: Roster,
    *,
    queues: Iterable[Queue] = (),
    deferred: pd.DataFrame | None = None,
    simulated: pd.DataFrame | None = None,
    reached: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every figure of a week that a manager asks for, one in a row.

    Parameters
    ----------
    coverage : pandas.DataFrame
        As `staffing.coverage.measure` gives it.
    roster : Roster
        The same week's.
    queues : iterable of Queue
        Whose targets hold: adds whether each day (or the target's own period) keeps it, which share of its
        intervals is within 10 points of it, and the fewest people there while the queue is open.
    deferred : pandas.DataFrame, optional
        DEFERRED of the same week: adds hours, done, late and left of each due date and of the week.
    simulated : pandas.DataFrame, optional
        queue, date (NaT: the whole week), service_level_simulated and its Monte Carlo standard error
        service_level_error: both are added.
    reached : pandas.DataFrame, optional
        As `staffing.verify.service` gives it: ``reached`` and ``under_floor`` of each period are added.

    Returns
    -------
    pandas.DataFrame
        team, queue, date (NaT: the whole week), measure, value, unit. The rows without a queue are the
        roster's: paid_hours of each team; cost, bound, gap [agent-half-hours] and gap_share [0-1] of all;
        of planned training the hours, what they leave short, and the sessions that have no time.
        ``kept`` of the week is the share of its days (or periods).
    """
    sums = totals(coverage)
    rows = [
        (row["team"], row["queue"], row["date"], measure, float(row[measure]), unit)
        for _, row in sums.iterrows()
        for measure, unit in UNITS.items()
    ]
    rows += _kept_rows(coverage, {queue.name: queue for queue in queues})
    if simulated is not None:
        team = coverage.drop_duplicates("queue").set_index("queue")["team"]
        rows += [
            (team[row["queue"]], row["queue"], row["date"], measure, float(row[measure]), "0-1")
            for _, row in simulated.iterrows()
            for measure in ("service_level_simulated", "service_level_error")
        ]
    if reached is not None:
        rows += [
            (row["team"], row["queue"], row["start"], measure, float(row[measure]), unit)
            for _, row in reached.iterrows()
            for measure, unit in (("reached", "0-1"), ("under_floor", "half hours"))
        ]
    if deferred is not None:
        rows += _work_rows(deferred)
    paid = roster.assignments.groupby("team", sort=True)["paid_hours"].sum()
    rows += [(str(team), "", pd.NaT, "paid_hours", float(hours), "h") for team, hours in paid.items()]
    rows += [
        ("", "", pd.NaT, "cost", roster.cost, ""),
        ("", "", pd.NaT, "bound", roster.bound, ""),
        ("", "", pd.NaT, "gap", roster.gap, "agent-half-hours"),
        ("", "", pd.NaT, "gap_share", roster.gap_share, "0-1"),
    ]
    if roster.training is not None:
        told = roster.objective.set_index("part")["amount"]
        hours = (roster.training["end"] - roster.training["start"]).dt.total_seconds().sum() / 3600.0
        rows.append(("", "", pd.NaT, "training_hours", hours, "h"))
        rows += [
            ("", "", pd.NaT, part, float(told[part]), unit)
            for part, unit in (("short_by_training", "agent-half-hours"), ("training_not_held", ""))
        ]
    table = pd.DataFrame(rows, columns=["team", "queue", "date", "measure", "value", "unit"])
    return table.astype({"date": "datetime64[us]"})


def _kept_rows(coverage: pd.DataFrame, named: dict[str, Queue]) -> list[tuple[Any, ...]]:
    """Both ways to look at a target: the figure of its periods, and the intervals one by one."""
    waits = coverage[coverage["queue"].isin([name for name, queue in named.items() if model(queue)])]
    rows: list[tuple[Any, ...]] = []
    periods = attainment(waits, named.values(), band=BAND)
    for (team, name), here in waits.groupby(["team", "queue"], sort=True):
        own = periods[periods["queue"] == name]
        weight = own["intervals"] / max(own["intervals"].sum(), 1)
        whole = {column: float((own[column] * weight).sum()) for column in ("below", "inside", "above")}
        whole |= {"answered": named[str(name)].target.answered, "kept": float(own["kept"].mean())}
        whole["worst"] = float(own["worst"].min())
        for _, row in own.iterrows():
            rows += [(team, name, row["start"], measure, float(row[measure]), "0-1") for measure in KEPT]
        rows += [(team, name, pd.NaT, measure, whole[measure], "0-1") for measure in KEPT]
        opened = here[here["agents"] > here.get("agents_deferred", 0.0)]
        rows.append((team, name, pd.NaT, "min_staffed", float(opened["staffed"].min()), "agents"))
    return [row for row in rows if np.isfinite(row[4])]


def _work_rows(deferred: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Work with a deadline: on each date on which some is due, and over the week."""
    date = deferred["due"].dt.tz_localize(None).dt.normalize()
    rows: list[tuple[Any, ...]] = []
    for (team, queue), part in deferred.groupby(["team", "queue"], sort=True):
        for day, chunk in [*part.groupby(date[part.index], sort=True), (pd.NaT, part)]:
            rows += [(team, queue, day, name, float(chunk[name].sum()), unit) for name, unit in WORK.items()]
    return rows


def brief(week: Week) -> list[str]:
    """What a planner reads first: the shifts, the hours, the service, the gaps, and what limits them.

    Parameters
    ----------
    week : Week
        A planned one.

    Returns
    -------
    list of str
        Lines of plain text.
    """
    last = week.start + dt.timedelta(days=week.days - 1)
    known = week.history["interval"].max()
    lines = [
        f"{week.site}, {week.label}: {week.start:%a %d %b} - {last:%a %d %b %Y}, from calls up to "
        f"{known:%a %d %b %Y} ({week.manifest['lead_days']} days' lead)",
    ]
    sums = totals(week.coverage)
    for team in sorted(set(week.coverage["team"])):
        here = sums[(sums["team"] == team) & sums["date"].isna()]
        lines += ["", f"{team}", *_shift_lines(week, team), *_hour_lines(week, team, here)]
        lines += [line for queue in here["queue"] for line in _service_lines(week, sums, queue)]
        lines += _work_lines(week, team)
        lines += _short_lines(week, team)
    lines += ["", *_contract_lines(week), *_training_lines(week), *_changed_lines(week), *_proof_lines(week)]
    lines += [f"note       {note}" for note in week.notes]
    return lines


def _shift_lines(week: Week, team: str) -> list[str]:
    """The two shifts, their overlap and the rush, and the designs behind the best."""
    designs = week.designs[week.designs["team"] == team].sort_values("rank")
    best = designs.iloc[0]
    lines = [
        f"shifts     early {best['early_start']}-{best['early_end']}, "
        f"late {best['late_start']}-{best['late_end']}, both there {_overlap(best)}",
        _rush_line(best, week.peaks[week.peaks["team"] == team]),
        *_driver_lines(week, team),
        *_evening_lines(week, team),
    ]
    lawful = designs.iloc[1:][designs["fits"].iloc[1:]]
    if len(lawful):
        lines.append(f"next best  {_pair_name(lawful.iloc[0])}: {_dearer(lawful.iloc[0], best)}")
    cheapest = designs.sort_values(["cost", "rank"]).iloc[0]
    if cheapest["cost"] < best["cost"] * (1 - 1e-9):
        barred = "leaves more of the rush" if cheapest["fits"] else "fits no contract of the team"
        lines.append(f"cheaper    {_pair_name(cheapest)}: {_dearer(cheapest, best)}, but it {barred}")
    return lines


def _rush_line(design: pd.Series, windows: pd.DataFrame) -> str:
    """Each rush window with the share of it in which both shifts are there."""
    if windows.empty:
        return "rush       none: the day is level"
    came = _minutes(design["late_start"])
    left = _minutes(design["early_end"], after=design["early_start"])
    days = windows["weekday"] if "weekday" in windows else pd.Series("", index=windows.index)
    every = set(days)
    parts = []
    for span, same in days.groupby(windows["start"] + "-" + windows["end"]):
        first, last = str(span).split("-")
        start, end = _minutes(first), _minutes(last, after=first)
        share = max(min(end, left) - max(start, came), 0) / (end - start)
        on = "" if set(same) == every else f"{_days(same)} "
        parts.append(f"{on}{span} ({share:.0%} of it with both there)")
    beyond = ""
    if days.duplicated().any() and design["rush_covered"] < 1:
        beyond = "; two shifts have one overlap, so early or late people alone carry the rest"
    return f"rush       {', '.join(parts)}{beyond}"


def _driver_lines(week: Week, team: str, most: int = 4) -> list[str]:
    """Where one more person needed means one more shift: the times of day that drive the headcount."""
    if week.shadow_prices is None:
        return []
    own = week.shadow_prices[week.shadow_prices["team"] == team]
    dear = own[own["price"] > SMALL]
    if dear.empty:
        return []
    clock = dear["interval"].dt.strftime("%H:%M")
    worst = (
        dear.groupby(clock)["price"].sum().round(6).sort_values(ascending=False, kind="stable").index[:most]
    )
    opened = set(own["interval"].dt.day_of_week)
    parts = []
    for time in sorted(worst):
        days = set(dear.loc[clock == time, "interval"].dt.day_of_week)
        parts.append(time if days == opened else f"{time} ({_days(WEEKDAYS[day] for day in days)})")
    spare = len(own) - len(dear)
    return [
        f"driven by  {', '.join(parts)}: more need there takes more people; in {spare} of "
        f"{_counted(len(own), 'interval')} somebody is to spare: shadow_prices.csv"
    ]


def _days(names: Iterable[str]) -> str:
    """Weekdays in words, a run of three and more as its ends.

    Examples
    --------
    >>> _days(["mon", "tue", "wed", "fri", "sat"])
    'Mon-Wed, Fri, Sat'
    """
    numbers = sorted(WEEKDAYS.index(name) for name in names)
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    spelled = [[WEEKDAYS[number].capitalize() for number in run] for run in runs]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(run) for run in spelled)


def _evening_lines(week: Week, team: str) -> list[str]:
    """Whether a team's evening cover holds, at its weakest moment."""
    rule = week.teams[team]
    if rule.evening is None:
        return []
    here = week.coverage[week.coverage["team"] == team]
    there = here.groupby("interval")["staffed"].sum()
    evening = there[pd.DatetimeIndex(there.index).time >= rule.evening]
    least = f"never fewer than {evening.min():g} on the queue" if len(evening) else "closed"
    return [f"evening    from {rule.evening:%H:%M}: {least}, {rule.evening_staff} asked for"]


def _overlap(design: pd.Series) -> str:
    if _minutes(design["late_start"]) >= _minutes(design["early_end"], after=design["early_start"]):
        return "never"
    return f"{design['late_start']}-{design['early_end']}"


def _minutes(clock: str, after: str = "00:00") -> int:
    """Minutes from midnight; a time before ``after`` is the next day's."""
    hour, minute = clock.split(":")
    value = int(hour) * 60 + int(minute)
    return value if clock >= after else value + 1440


def _pair_name(design: pd.Series) -> str:
    return f"{design['early_start']}-{design['early_end']} + {design['late_start']}-{design['late_end']}"


def _dearer(design: pd.Series, best: pd.Series) -> str:
    return f"{design['cost'] / best['cost'] - 1:+.1%}" if best["cost"] else "as dear"


def _hour_lines(week: Week, team: str, sums: pd.DataFrame) -> list[str]:
    """Hours needed and given, how efficient that is, and what limits it."""
    needed, on_queue, over, short = (
        float(sums[name].sum()) for name in ("needed", "on_queue", "over", "short")
    )
    paid = float(week.roster.assignments.loc[week.roster.assignments["team"] == team, "paid_hours"].sum())
    people = week.roster.assignments.loc[week.roster.assignments["team"] == team, "agent"].nunique()
    efficiency = (on_queue - over) / on_queue if on_queue else 1.0
    return [
        f"hours      {needed:,.1f} needed, {on_queue:,.1f} on the queue "
        f"({over:,.1f} over, {short:,.1f} short); {paid:,.1f} paid, {people} people",
        f"efficiency {efficiency:.0%} of the hours on the queue are needed, {short:,.1f} h are left short; "
        f"{_limit(week, team, needed)}",
    ]


def _limit(week: Week, team: str, needed: float) -> str:
    """What the shape of the two shifts alone costs, before anybody's contract."""
    best = week.designs[(week.designs["team"] == team) & (week.designs["rank"] == 1)].iloc[0]
    over, short = best["over"] / 2, best["short"] / 2
    ideal = (needed - short) / (needed - short + over) if needed > short else 1.0
    return f"with nobody short, two such shifts reach {ideal:.0%} at best"


def _service_lines(week: Week, sums: pd.DataFrame, queue: str) -> list[str]:
    described = {one.name: one for one in week.queues}.get(queue)
    if described is not None and not model(described):
        return []
    here = sums[sums["queue"] == queue]
    days = here[here["date"].notna() & (here["volume"] > 0)]
    whole = here[here["date"].isna()].iloc[0]
    worst = days.sort_values("service_level", kind="stable").iloc[0] if len(days) else None
    lowest = "" if worst is None else f"; lowest day {worst['date']:%a} {worst['service_level']:.1%}"
    return [
        f"service    {queue}: {whole['service_level']:.1%} of all {_noun(described)} offered predicted in "
        f"time over the week{lowest}",
        *([] if described is None else _target_lines(week, described)),
        *([] if described is None else _measured_lines(week, described)),
        *_actual_lines(week, queue),
    ]


def _noun(queue: Queue | None) -> str:
    return "chats" if queue is not None and queue.channel.kind == "chat" else "calls"


def _target_lines(week: Week, queue: Queue) -> list[str]:
    """The target both ways, what the figure means and which model says it."""
    rows = week.summary[(week.summary["queue"] == queue.name) & week.summary["date"].isna()]
    said = dict(zip(rows["measure"], rows["value"], strict=True))
    if "kept" not in said:
        return []
    target = queue.target
    over = "day" if target.over == "interval" else target.over
    dated = week.summary[(week.summary["queue"] == queue.name) & (week.summary["measure"] == "kept")]
    kept = dated.loc[dated["date"].notna(), "value"]
    counted = {"offered": "of all offered", "excluding_short_abandons": "short abandons left out"}
    lines = [
        f"target     {queue.name}: {target.answered:.0%} within {target.within:g} s "
        f"({counted[target.definition]}) is kept on {kept.sum():.0f} of {_counted(len(kept), over)}; "
        f"of the intervals {said['inside']:.0%} are within {100 * BAND:.0f} points of it, "
        f"{said['below']:.0%} below, {said['above']:.0%} above, the lowest at {said['worst']:.0%}",
        f"           never fewer than {said['min_staffed']:g} on the queue while it is open, "
        f"{queue.min_staff} asked for; model: {_model(queue)}",
    ]
    if "service_level_simulated" in said:
        lines.append(
            f"simulated  {queue.name}: {said['service_level_simulated']:.1%} in time over the week when it "
            f"is replayed call by call (standard error {said['service_level_error']:.2%})"
        )
    return lines


def _measured_lines(week: Week, queue: Queue) -> list[str]:
    """What the roster was asked for, and how far it comes on the service curve."""
    by = week.roster.measured.get(queue.name, "need")
    if by == "need":
        return [
            f"roster for {queue.name}: the agents needed; whoever is missing costs alike in each interval"
        ]
    if by == "interval":
        return [f"roster for {queue.name}: the agents needed; whoever is missing costs the calls lost by it"]
    said = week.summary[(week.summary["queue"] == queue.name) & (week.summary["measure"] == "reached")]
    kept = (said["value"] >= queue.target.answered - SMALL).sum()
    under = week.summary[(week.summary["queue"] == queue.name) & (week.summary["measure"] == "under_floor")]
    floor = "" if queue.target.floor is None else f" of {queue.target.floor:.0%}"
    return [
        f"roster for {queue.name}: {queue.target.answered:.0%} over the {by}, reached on the service curve "
        f"on {kept} of {_counted(len(said), 'week' if by == 'month' else by)}; {under['value'].sum():.0f} "
        f"intervals under the floor{floor}"
    ]


def _model(queue: Queue) -> str:
    """What stands behind a service level, in words."""
    of = model(queue)
    chats = f"a finite-source line with {of}" if queue.channel.kind == "chat" else of
    return f"{chats}, for the people expected and the forecast's mean, each interval by itself"


def _work_lines(week: Week, team: str, most: int = 3) -> list[str]:
    """Work with a deadline: how much is done by then, and when it is late."""
    if week.deferred is None:
        return []
    out = {queue.name for queue in week.queues if isinstance(queue.channel, Outbound)}
    lines = []
    for queue, part in week.deferred[week.deferred["team"] == team].groupby("queue", sort=True):
        due = part[part["late"] + part["done"] > 0] if queue in out else part[part["due"] <= _end(week)]
        hours, done = float(due["hours"].sum()), float(due["done"].sum())
        what = (
            "h of calls wanted, {:,.1f} h made on their day"
            if queue in out
            else ("h of work due in the week, {:,.1f} h done by the deadline")
        )
        late = due[due["late"] > 0.05].nlargest(most, "late").sort_values("due")
        worst = ", ".join(f"{row.due:%a %H:%M} {row.late:,.1f} h" for row in late.itertuples())
        missed = f"; {due['late'].sum():,.1f} h late, most {worst}" if worst else "; nothing late"
        left = float(part["left"].sum())
        rest = f"; {left:,.1f} h left when the week ends" if left > 0.05 else ""
        lines.append(f"deferred   {queue}: {hours:,.1f} {what.format(done)}{missed}{rest}")
    return lines


def _end(week: Week) -> pd.Timestamp:
    return pd.Timestamp(week.start + dt.timedelta(days=week.days)).tz_localize(week.timezone)


def _actual_lines(week: Week, queue: str) -> list[str]:
    if week.review is None or queue not in set(week.review["queue"]):
        return []
    came = accuracy(week.review)
    row = came[(came["queue"] == queue) & came["date"].isna()].iloc[0]
    inside = f", {row['inside']:.0%} within the band" if np.isfinite(row["inside"]) else ""
    return [
        f"came       {queue}: {row['offered']:,.0f} contacts against {row['volume']:,.0f} forecast; off by "
        f"{row['wape']:.1%} a half hour{inside}; {row['service_level']:.1%} in time with these people",
    ]


def _short_lines(week: Week, team: str, most: int = 4) -> list[str]:
    short = week.coverage[(week.coverage["team"] == team) & (week.coverage["gap"] < 0)]
    if short.empty:
        return ["short      nowhere"]
    worst = short.nsmallest(most, "gap", keep="first")
    wanted = np.array([_asked(week, queue) for queue in short["queue"]])
    below = int((short["service_level"].to_numpy() < wanted).sum())
    lines = [f"short      {len(short)} intervals, {below} of them below the target's service; the worst:"]
    for _, row in worst.iterrows():
        why = f" ({row['why']})" if row["why"] else ""
        lines.append(
            f"           {row['interval']:%a %H:%M} {row['queue']}: "
            f"{row['gap']:+.1f} of {row['scheduled']:.0f}{why}"
        )
    return [*lines, *_starved_lines(week, team)]


def _starved_lines(week: Week, team: str) -> list[str]:
    """The day that lacks most, where most of the lack is its own: rules about days may starve it."""
    sums = totals(week.coverage)
    days = sums[(sums["team"] == team) & sums["date"].notna()].groupby("date")[["short", "needed"]].sum()
    day = pd.Timestamp(days.index[int(days["short"].argmax())])
    worst = days.loc[day].to_dict()
    here = week.coverage[(week.coverage["team"] == team) & (week.coverage["gap"] < 0)]
    here = here[here["interval"].dt.date == day.date()]
    if here["why"].str.startswith("last week's").all():
        return []
    if len(days) < 2 or worst["short"] < max(days["short"].sum() / 2, worst["needed"] / 10):
        return []
    lack = f"{worst['short']:,.1f} of its {worst['needed']:,.1f} h"
    return [
        f"           {day:%a} lacks {lack}, most of what is short: "
        "`staffing prices` on this folder says what each rule costs"
    ]


def _contract_lines(week: Week) -> list[str]:
    """How many people get other hours than their contract's, and by how much."""
    table = hours(week.roster.assignments, week.agents, week.timeoff, start=week.start, days=week.days)
    if table.empty:
        return ["contracts  everybody gets the hours of the contract, credited leave included"]
    parts = []
    for word, sign in (("more", 1), ("less", -1)):
        apart = sign * table.loc[sign * table["difference"] > 0, "difference"]
        if len(apart):
            who = "1 person works" if len(apart) == 1 else f"{len(apart):,} people work"
            parts.append(f"{who} {apart.sum():,.1f} h {word} {'' if len(apart) == 1 else 'in all '}")
    owed = float(week.roster.objective.set_index("part")["amount"].get("hours_not_rostered", 0.0))
    allowed = "as hours_week allows"
    if owed > SMALL:
        allowed = (
            f"{owed:,.1f} h of these owed, but leave, closed days or a change of clock leave no such week"
        )
    return [f"contracts  {'and '.join(parts)}than by contract, {allowed}: hours.csv"]


def _training_lines(week: Week, most: int = 5) -> list[str]:
    """Planned training: how much of it has a time, when, what it leaves short, and who has none and why."""
    table = week.roster.training
    if table is None:
        return []
    lines = []
    for name, part in table.groupby("training", sort=True):
        held = part[part["why"] == ""]
        times = held["start"].drop_duplicates().sort_values()
        when = ""
        if len(times):
            when = f", {times.iloc[0]:%a %H:%M}"
            when += "" if len(times) == 1 else f" to {times.iloc[-1]:%a %H:%M} at {len(times)} times"
        lines.append(f"training   {name}: {len(held)} of {len(part)} held{when}")
        missing = part[part["why"] != ""]
        lines += [f"           not {row.agent}: {row.why}" for row in missing.head(most).itertuples()]
        if len(missing) > most:
            lines.append(f"           nor {len(missing) - most} more: training.csv")
    parts = week.roster.objective.set_index("part")["amount"]
    hours = (table["end"] - table["start"]).dt.total_seconds().sum() / 3600.0
    short = parts.get("short_by_training", 0.0)
    return [*lines, f"           {hours:,.1f} h in all, which leave {short:,.1f} agent-half-hours short"]


def _changed_lines(week: Week) -> list[str]:
    """Whose days a new plan changed, and how many of the changes leave alone brings."""
    if week.changes is None:
        return []
    if week.changes.empty:
        return ["changed    nobody's week"]
    forced = int(week.changes["why"].isin(["on leave", "not employed"]).sum())
    days, count = len(week.changes), week.changes["agent"].nunique()
    people = "1 person" if count == 1 else f"{count:,} people"
    return [
        f"changed    {_counted(days, 'day')} of {people}, {forced} of them by leave or the end of a "
        f"contract: changes.csv"
    ]


def _asked(week: Week, queue: str) -> float:
    """What the target asks of each interval: over a longer period its floor. [0-1]"""
    targets: Any = week.manifest["targets"]
    target = targets[queue]
    whole = target["answered"] if target.get("over", "interval") == "interval" else target["floor"]
    return float(whole or 0.0)


def _proof_lines(week: Week) -> list[str]:
    roster = week.roster
    checked = "no rule broken" if week.violations.empty else f"{len(week.violations)} RULES BROKEN"
    return [
        f"proof      no roster under these rules costs less than {roster.bound:,.1f}; this one costs "
        f"{roster.cost:,.1f}{ENDED[roster.status]}: the price of {roster.gap:.1f} short agent-half-hours, "
        f"{roster.gap_share:.2%} of the rostered",
        f"checked    {checked}, by code that shares nothing with the solver",
    ]


def changed_gaps(coverage: pd.DataFrame, gaps: pd.DataFrame, most: int = 40) -> list[str]:
    """What an edited roster does to the gaps: intervals newly short or worse, then how many are less short.

    Parameters
    ----------
    coverage : pandas.DataFrame
        COVERAGE of the plan.
    gaps : pandas.DataFrame
        queue, interval, scheduled, gap, as `staffing.verify.gaps` counts them now.
    most : int
        Intervals shown; a line counts the others.

    Returns
    -------
    list of str
        A heading with the count, a line for each interval, the shortest first, and a line for the rest.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> planned = pd.DataFrame({"queue": "calls", "interval": times, "scheduled": 8.0, "gap": -1.0})
    >>> for line in changed_gaps(planned, planned.assign(gap=[0.0, -1.5])):
    ...     print(line)
    newly short or worse: 1 interval
      Mon 2026-11-30 09:30  calls: -1.5 of 8, was -1
    less short: 1 interval
    """
    planned = coverage[["queue", "interval", "gap"]]
    both = gaps.merge(planned, on=["queue", "interval"], suffixes=("", "_planned"))
    change = both["gap"] - both["gap_planned"]
    worse = both[(change < -SMALL) & (both["gap"] < -SMALL)].sort_values(["gap", "queue", "interval"])
    less_short = int(((change > SMALL) & (both["gap_planned"] < -SMALL)).sum())
    lines = [f"newly short or worse: {_counted(len(worse), 'interval')}"]
    for row in worse.head(most).itertuples():
        what = f"{row.gap:+g} of {row.scheduled:g}, was {row.gap_planned:+g}"
        lines.append(f"  {row.interval:%a %Y-%m-%d %H:%M}  {row.queue}: {what}")
    if len(worse) > most:
        lines.append(f"  ... and {len(worse) - most} more")
    return lines + ([f"less short: {_counted(less_short, 'interval')}"] if less_short else [])


def changed_costs(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """What one roster costs more than another, part by part.

    Parameters
    ----------
    before, after : pandas.DataFrame
        As `staffing.verify.costs` gives them.

    Returns
    -------
    list of str
        A line for each part whose amount differs, and one for the cost of all.

    Examples
    --------
    >>> row = {"part": ["shortage"], "amount": [2.0], "unit": ["agent-half-hours"], "cost": [200.0]}
    >>> one = pd.DataFrame(row)
    >>> for line in changed_costs(one, one.assign(amount=3.5, cost=350.0)):
    ...     print(line)
    shortage: 3.5 agent-half-hours, was 2 (+1.5)
    cost at the first prices: +150, as of 1.5 short agent-half-hours
    """
    both = after.merge(before, on=["part", "unit"], suffixes=("", "_before"))
    lines = []
    for row in both.to_dict("records"):
        change = row["amount"] - row["amount_before"]
        if abs(change) > SMALL:
            unit = f" {row['unit']}" if row["unit"] else ""
            what = f"{row['amount']:,.6g}{unit}, was {row['amount_before']:,.6g} ({change:+,.6g})"
            lines.append(f"{row['part'].replace('_', ' ')}: {what}")
    change = float(both["cost"].sum() - both["cost_before"].sum())
    if abs(change) <= SMALL:
        return [*lines, "cost as before"]
    return [*lines, f"cost at the first prices: {change:+,.6g}{_as_short(both, change)}"]


def _as_short(both: pd.DataFrame, change: float) -> str:
    """A cost as so many short agent-half-hours, where their price can be read off."""
    short = both[both["part"] == "shortage"]
    for amount, cost in (("amount", "cost"), ("amount_before", "cost_before")):
        heads = float(short[amount].sum())
        if heads > SMALL and short[cost].sum() > 0:
            return f", as of {change * heads / float(short[cost].sum()):,.1f} short agent-half-hours"
    return ""


def short_in_all(gaps: pd.DataFrame) -> str:
    """How many intervals are short and by how much, in words, in the unit of the summary.

    Parameters
    ----------
    gaps : pandas.DataFrame
        queue, interval, gap.

    Returns
    -------
    str
        One sentence without a full stop.

    Examples
    --------
    >>> times = pd.date_range("2026-11-30 09:00", periods=2, freq="30min", tz="Asia/Seoul")
    >>> short_in_all(pd.DataFrame({"queue": "calls", "interval": times, "gap": [-1.5, 2.0]}))
    '1 interval short in all, by 0.75 agent-hours'
    """
    short = gaps.loc[gaps["gap"] < -SMALL, "gap"]
    if short.empty:
        return "no interval is short"
    hours = -float(short.sum()) * interval_minutes(gaps) / 60.0
    return f"{_counted(len(short), 'interval')} short in all, by {round(hours, 2):,g} agent-hours"


def _counted(number: int, noun: str) -> str:
    """A number with its noun in the singular or the plural."""
    return f"{f'{number:,}' if number else 'no'} {noun}{'s' * (number != 1)}"


def listed(table: pd.DataFrame, most: int = 40) -> list[str]:
    """The rows of a table as lines of text, a moment or a date as people write them.

    Parameters
    ----------
    table : pandas.DataFrame
        Any.
    most : int
        Rows shown; a last line counts the others.

    Returns
    -------
    list of str
        One line for each row.

    Examples
    --------
    >>> day = pd.Timestamp("2026-12-06")
    >>> listed(pd.DataFrame({"agent": ["007"], "date": [day], "what": ["works on leave"]}))
    ['007  Sun 2026-12-06  works on leave']
    """
    rows = table.head(most).itertuples(index=False)
    lines = ["  ".join(filter(None, map(_word, row))) for row in rows]
    return lines + ([f"... and {len(table) - most} more"] if len(table) > most else [])


def _word(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return (
            f"{value:%a %Y-%m-%d}"
            if value == value.normalize() and value.tz is None
            else f"{value:%a %Y-%m-%d %H:%M}"
        )
    if value is pd.NaT:
        return "whole week"
    return f"{value:g}" if isinstance(value, float) else str(value)
