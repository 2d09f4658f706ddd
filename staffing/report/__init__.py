"""A week in figures and in words: what a manager asks for, and what a planner reads first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from staffing.channels import model
from staffing.coverage import totals
from staffing.model import Outbound, Queue, Roster, Week
from staffing.report import priced, training
from staffing.report.compared import SMALL, changed_gaps, counted, listed, short_in_all
from staffing.report.design import shift_lines
from staffing.report.priced import given_up, priced_lines
from staffing.requirement import attainment
from staffing.review import accuracy
from staffing.verify import hours

__all__ = [
    "SMALL", "brief", "changed_gaps", "given_up", "listed", "priced_lines", "short_in_all",
    "summary",
]  # fmt: skip

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
        of each part of the objective that costs anything (shortage, wishes, senior_per_interval ...) the
        amount, and its cost as ``cost_`` with the part's name;
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
    rows += _part_rows(roster.objective)
    rows += training.rows(roster)
    table = pd.DataFrame(rows, columns=["team", "queue", "date", "measure", "value", "unit"])
    return table.astype({"date": "datetime64[us]"})


def _part_rows(objective: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Amount and cost of each part of a roster's objective that costs anything."""
    rows: list[tuple[Any, ...]] = []
    for row in objective[objective["cost"] > 0].to_dict("records"):
        rows.append(("", "", pd.NaT, row["part"], float(row["amount"]), row["unit"]))
        rows.append(("", "", pd.NaT, f"cost_{row['part']}", float(row["cost"]), ""))
    return rows


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
        lines += ["", f"{team}", *shift_lines(week, team), *_hour_lines(week, team, here)]
        lines += [line for queue in here["queue"] for line in _service_lines(week, sums, queue)]
        lines += _work_lines(week, team)
        lines += _short_lines(week, team)
    lines += ["", *_contract_lines(week), *training.lines(week), *priced.week_line(week)]
    lines += [*_changed_lines(week), *_proof_lines(week)]
    lines += [f"note       {note}" for note in week.notes]
    return lines


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
    when = "%a" if week.days <= 7 else "%a %d %b"
    lowest = "" if worst is None else f"; lowest day {worst['date']:{when}} {worst['service_level']:.1%}"
    return [
        f"service    {queue}: {whole['service_level']:.1%} of all {_noun(described)} offered predicted in "
        f"time over {_all(week)}{lowest}",
        *([] if described is None else _target_lines(week, described)),
        *([] if described is None else _measured_lines(week, described)),
        *_actual_lines(week, queue),
    ]


def _all(week: Week) -> str:
    return "the week" if week.days <= 7 else f"{-(-week.days // 7)} weeks"


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
    meant = {"offered": "of all offered", "excluding_short_abandons": "short abandons left out"}
    lines = [
        f"target     {queue.name}: {target.answered:.0%} within {target.within:g} s "
        f"({meant[target.definition]}) is kept on {kept.sum():.0f} of {counted(len(kept), over)}; "
        f"of the intervals {said['inside']:.0%} are within {100 * BAND:.0f} points of it, "
        f"{said['below']:.0%} below, {said['above']:.0%} above, the lowest at {said['worst']:.0%}",
        f"           never fewer than {said['min_staffed']:.3g} on the queue while it is open, "
        f"{queue.min_staff} asked for; model: {_model(queue)}",
    ]
    if "service_level_simulated" in said:
        lines.append(
            f"simulated  {queue.name}: {said['service_level_simulated']:.1%} in time over {_all(week)} when "
            f"it is replayed call by call (standard error {said['service_level_error']:.2%})"
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
        f"on {kept} of {counted(len(said), 'week' if by == 'month' else by)}; {under['value'].sum():.0f} "
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
    when = "%a %H:%M" if week.days <= 7 else "%a %d %b %H:%M"
    lines = [f"short      {len(short)} intervals, {below} of them below the target's service; the worst:"]
    for _, row in worst.iterrows():
        why = f" ({row['why']})" if row["why"] else ""
        lines.append(
            f"           {row['interval']:{when}} {row['queue']}: "
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
        f"changed    {counted(days, 'day')} of {people}, {forced} of them by leave or the end of a "
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
