"""The command line: each command is one step, files between, an exit code that says how it went.

0 done; 1 done, but intervals are short; 2 wrong input; 3 rules that cannot hold together, or are broken;
4 no solution in time, or no solver; 5 output that could not be written; 70 a fault of this program;
130 interrupted.
"""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from staffing.model import Week

DONE, SHORT, WRONG_INPUT, NO_LAWFUL_WAY, NO_SOLUTION, NOT_WRITTEN = 0, 1, 2, 3, 4, 5
FAULT, INTERRUPTED = 70, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="staffing")
def main() -> None:
    """Plan a contact centre's week: forecast, agents per half hour, two shifts, named roster."""


def answering(command: Callable[..., int]) -> Callable[..., None]:
    """Turn what a command returns or raises into the exit code, with the reason on stderr."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        from staffing.errors import DataError, PlanError, SolverError

        try:
            code = command(*args, **kwargs)
        except DataError as error:
            tell(f"{len(error.found)} thing{'s' * (len(error.found) > 1)} to mend:")
            for problem in error.found:
                tell(f"  {problem}")
            code = WRONG_INPUT
        except PlanError as error:
            tell("No roster keeps these rules together:")
            for reason in error.reasons:
                tell(f"  {reason}")
            code = NO_LAWFUL_WAY
        except SolverError as error:
            tell(str(error))
            code = NO_SOLUTION
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            tell(f"The output could not be written: {place}{error.strerror or error}")
            code = NOT_WRITTEN
        except KeyboardInterrupt:
            tell("Interrupted; nothing was written.")
            code = INTERRUPTED
        except Exception:
            # Exit code 1 means "done, but short": a fault must never look like a roster.
            tell(traceback.format_exc())
            tell("This is a fault of staffing, not of your files. Please report it with the lines above.")
            code = FAULT
        sys.exit(code)

    return run


def tell(text: str = "") -> None:
    """People's text goes to stderr, so that stdout is free for tables."""
    click.echo(text, err=True)


@main.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("week")
@click.option("-o", "--out", type=click.Path(path_type=Path), default=Path("out"), show_default=True,
              help="Folder for the tables and charts.")  # fmt: skip
@click.option("--weeks", type=click.IntRange(min=1, max=13),
              help="How many weeks at once, from WEEK on; default: one, or those of --keep.")  # fmt: skip
@click.option("--previous", type=click.Path(path_type=Path),
              help="Last week's folder: its rest, days in a row and early/late weeks count.")  # fmt: skip
@click.option("--keep", type=click.Path(path_type=Path),
              help="This week's published folder: change as few days of people as possible.")  # fmt: skip
@click.option("--frozen-until", metavar="DATE",
              help="First day of --keep that may change; the days before it stay.")  # fmt: skip
@click.option("--price-change", type=click.FloatRange(min=0),
              help="Of a changed day of a person; default: of two short agent-half-hours.")  # fmt: skip
@click.option("--time-limit", type=click.FloatRange(min=1), default=60.0, show_default=True,
              help="What the solver may take for each week, in seconds of an idle core.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary on stderr.")
@answering
def week(
    plan: Path,
    week: str,
    out: Path,
    weeks: int | None,
    previous: Path | None,
    keep: Path | None,
    frozen_until: str | None,
    price_change: float | None,
    time_limit: float,
    as_json: bool,
    quiet: bool,
) -> int:
    """Forecast and roster a WEEK (such as 2026-W49), or several, of the site that PLAN describes."""
    from staffing import site

    replan = keeping(keep, frozen_until, price_change)
    many = weeks or (replan["keep"].days // 7 if replan else 1)
    planned = run_week(
        site.load(plan), week, out, weeks=many, previous=previous, replan=replan,
        time_limit=many * time_limit, quiet=quiet,
    )  # fmt: skip
    if as_json:
        click.echo(planned.summary.to_json(orient="records", date_format="iso", force_ascii=False, indent=1))
    if len(planned.violations):
        return NO_LAWFUL_WAY
    return SHORT if (planned.coverage["gap"] < 0).any() else DONE


def keeping(keep: Path | None, frozen_until: str | None, price_change: float | None) -> dict[str, Any]:
    """What a plan is kept with, by the names of `staffing.week.plan`."""
    from staffing import export
    from staffing.errors import DataError, Problem

    if keep is None:
        given = {"--frozen-until": frozen_until, "--price-change": price_change}
        lone = [name for name, value in given.items() if value is not None]
        if lone:
            raise DataError([Problem(f"{name} needs --keep", "name the published folder") for name in lone])
        return {}
    saved = export.published(keep)
    until = None if frozen_until is None else day_of(frozen_until, saved.start, saved.days, "--frozen-until")
    return {"keep": saved, "frozen_until": until, "price_change": price_change}


def day_of(text: str, start: Any, days: int, what: str) -> Any:
    """A date as people write it: ISO, or the weekday in the week."""
    import datetime as dt

    from staffing.errors import DataError, Problem

    dates = [start + dt.timedelta(days=number) for number in range(days)]
    named = [date for date in dates if len(text) >= 3 and f"{date:%A}".lower().startswith(text.lower())]
    try:
        date = named[0] if named else dt.date.fromisoformat(text)
    except ValueError:
        remedy = f"write a date such as {dates[0]}, or {dates[0]:%a}"
        raise DataError([Problem(f"{what} {text!r} is no date", remedy)]) from None
    if date not in dates:
        remedy = f"give a day from {dates[0]} to {dates[-1]}"
        raise DataError([Problem(f"{what} {text!r} is no day of this week", remedy)])
    return date


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Where the steps are told: a line each; on a terminal one line, with the time it has taken."""
    if quiet:
        yield lambda text: None
    elif not sys.stderr.isatty():
        yield lambda text: tell(f"  {text}")
    else:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
            task = shown.add_task("")
            yield lambda text: shown.reset(task, description=text)


def run_week(
    site: Any,
    label: str,
    out: Path,
    *,
    weeks: int = 1,
    previous: Path | None = None,
    replan: dict[str, Any] | None = None,
    time_limit: float = 60.0,
    quiet: bool,
) -> Week:
    """Plan, write, and tell."""
    from staffing import charts, export, report
    from staffing import week as sentence
    from staffing.calendar import week_start

    week_start(label, site.week_starts)  # A mistyped week must not read as a folder in the way.
    export.check_target(out, site=site.name, label=label)
    last = {} if previous is None else last_week(previous)
    renamed: list[str] = []
    with progress(quiet) as say:
        asked = {**last, "weeks": weeks, "time_limit": time_limit, **(replan or {})}
        planned = sentence.plan(site, label, **asked, progress=say)
        say(f"writing to {out}")
        export.write(planned, out, progress=renamed.append)
    if not quiet:
        tell()
        for line in [*report.brief(planned), *charts.missing_scripts(planned.agents["name"])]:
            tell(line)
        for line in renamed:
            tell(f"kept       {line}")
        tell(f"files      {out}/roster.csv and {len(list(out.iterdir())) - 1} more")
    return planned


def last_week(folder: Path) -> dict[str, Any]:
    """The week before as `staffing.week.plan` takes it: its shifts, and who of them is still there."""
    from staffing import export

    assignments, segments = as_it_stands(folder, export.load(folder))
    return {"previous": assignments, "carried": segments}


@main.command()
@click.option("--case", type=click.Choice(["bank", "shop"]), help="Only this one; without it both.")
@click.option("-o", "--out", type=click.Path(path_type=Path), default=Path("out"), show_default=True,
              help="Folder; each case gets its own in it.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary on stderr.")
@answering
def demo(case: str | None, out: Path, quiet: bool) -> int:
    """Roster a real bank's week (2003) and a small two-team shop's, with nothing to prepare."""
    from staffing import demo as cases
    from staffing import site

    broken = 0
    for name in [case] if case else ["shop", "bank"]:
        if not quiet:
            tell(f"== {name}")
        plan, label = cases.prepare(name, out / "inputs" / name, progress=None if quiet else tell)
        broken += len(run_week(site.load(plan), label, out / name, quiet=quiet).violations)
        if not quiet:
            tell()
    return NO_LAWFUL_WAY if broken else DONE


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--country", metavar="CODE",
              help="Working-time law of ES, ET, IN-KA, KR, US-CA ... (no legal advice).")  # fmt: skip
@answering
def init(folder: Path, country: str | None) -> int:
    """Write a plan to begin with into FOLDER: ten invented people, one queue, a simulated history."""
    from staffing import site

    plan = site.begin(folder, preset=country)
    tell(f"{plan}: a plan with invented people and a simulated history, to be changed into yours")
    if country is not None:
        tell("  its working-time rules are starting values with their sources, and no legal advice")
    tell(f"  staffing week {plan} 2026-W49 -o {Path('out') / folder.resolve().name}")
    return DONE


@main.command()
@click.argument("plan", type=click.Path(path_type=Path))
@answering
def check(plan: Path) -> int:
    """Read PLAN and every file that it names; list all that is wrong, or how it was read."""
    from staffing import site

    known = site.load(plan)
    tell(f"{plan}: nothing to mend")
    for sentence in [*known.assumptions, *known.history.attrs["report"]]:
        tell(f"note       {sentence}")
    return DONE


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--roster", type=click.Path(path_type=Path),
              help="An edited roster.csv; without it the folder's own, as it stands.")  # fmt: skip
@answering
def verify(folder: Path, roster: Path | None) -> int:
    """Check a roster and its plan's figures against every rule without the solver; show the gaps left."""
    from staffing import export, report
    from staffing import verify as verifying

    plan = export.load(folder)
    changes = export.changes(folder)
    for name, what in changes.items():
        tell(f"{name} {what}")
    if roster is None and changes.get("roster.csv", "is missing") != "is missing":
        roster = folder / "roster.csv"
    own = verifying.figures(
        plan.coverage, plan.summary, plan.assignments, plan.segments, plan.requirement,
        curve=plan.curve, queues=plan.queues,
    )  # fmt: skip
    if len(own):
        show("figures that the folder's own segments do not bear out", len(own), report.listed(own))
    if roster is None:
        assignments, segments, absences = plan.assignments, plan.segments, None
    else:
        assignments, segments, absences = edited(roster, plan)
        changed = with_codes(verifying.diff(plan.assignments, assignments), plan.agents, absences)
        show("changed days", len(changed), report.listed(changed))
        if lost := verifying.no_longer_held(plan.segments, segments):
            show("training no longer held", len(lost), lost)
    broken = verifying.roster(assignments, segments, **plan.to_verify(), absences=absences)
    show("broken rules", len(broken), report.listed(broken))
    given_up = report.given_up(assignments, **plan.to_price())
    show("rules with a price and wishes, not kept", len(given_up), report.priced_lines(given_up))
    gaps = verifying.gaps(segments, plan.requirement)
    if roster is not None:
        for line in report.changed_gaps(plan.coverage, gaps):
            tell(line)
    planned = "" if roster is None else f" (as planned: {report.short_in_all(plan.coverage)})"
    tell(f"{report.short_in_all(gaps)}{planned}")
    if len(broken) or len(own):
        return NO_LAWFUL_WAY
    if roster is not None:
        go_on(roster, folder)
    return SHORT if (gaps["gap"] < -report.SMALL).any() else DONE


def edited(roster: Path, plan: Any) -> tuple[Any, Any, Any]:
    """Assignments, segments and absences of an edited grid; what was passed over is told."""
    from staffing import export
    from staffing import roster as rostering

    grid = export.read_roster(roster, plan)
    for note in grid.notes:
        tell(f"{roster.name}: {note}")
    segments = rostering.segments(grid.assignments, plan.shifts, kept=plan.segments, carried=plan.carried)
    return grid.assignments, segments, grid.absences


@main.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the changed days as CSV, too.")
@answering
def diff(before: Path, after: Path, out: Path | None) -> int:
    """Who changed from one plan's folder to another's (or to an edited roster.csv), and what it costs."""
    import datetime as dt
    from dataclasses import replace

    from staffing import export, report, whatif
    from staffing import verify as verifying

    first = export.load(before)
    second = export.load(after) if not after.is_file() else first
    spans = {(plan.start, plan.days) for plan in (first, second)}
    was = as_it_stands(before, first)
    now = edited(after, second) if after.is_file() else (*as_it_stands(after, second), None)
    first, second = export.common(
        replace(first, assignments=was[0], segments=was[1]),
        replace(second, assignments=now[0], segments=now[1]),
    )
    last = first.start + dt.timedelta(days=first.days - 1)
    if len(spans) > 1:
        tell(f"The plans are not of the same days: those of both are compared, {first.start} to {last}.")
    changed = verifying.changes(
        first.assignments, second.assignments, second.segments, second.requirement, second.agents,
        kept=first.segments, timeoff=with_absences(second.timeoff, now[2]), requests=second.requests,
    )  # fmt: skip
    show("changed days", len(changed), report.listed(changed))
    asked = needed_of(first).items() ^ needed_of(second).items()
    if other := len({key for key, _ in asked}):
        tell(f"The requirement differs in {other} interval{'s' * (other > 1)}; that of {after} counts here.")
    before_gaps, gaps = (verifying.gaps(plan.segments, second.requirement) for plan in (first, second))
    for line in report.changed_gaps(before_gaps, gaps):
        tell(line)
    if second.queues:
        for line in whatif.service_lines(*(service_of(plan.segments, second) for plan in (first, second))):
            tell(line)
    for line in whatif.cost_lines(costs_of(first, second), costs_of(second, second)):
        tell(line)
    if out is not None:
        export.write_table(changed, out, second.timezone)
    return SHORT if (gaps["gap"] < -report.SMALL).any() else DONE


def needed_of(plan: Any) -> dict[tuple[str, Any], float]:
    """Queue and interval -> people scheduled."""
    table = plan.requirement[["queue", "interval", "scheduled"]]
    return {(queue, moment): round(heads, 6) for queue, moment, heads in table.itertuples(index=False)}


def as_it_stands(folder: Path, plan: Any) -> tuple[Any, Any]:
    """Assignments and segments of a plan's folder, with what a person has changed in its roster.csv."""
    from staffing import export
    from staffing import roster as rostering

    if export.changes(folder).get("roster.csv", "is missing") == "is missing":
        return plan.assignments, plan.segments
    assignments = export.previous(folder)
    segments = rostering.segments(assignments, plan.shifts, kept=plan.segments, carried=plan.carried)
    return assignments, segments


def with_codes(changed: Any, agents: Any, absences: Any) -> Any:
    """Changed days with the name of each person, and the code of an absence in place of OFF."""
    codes = {(row.agent, row.date): row.kind for row in absences.itertuples()}
    typed = [
        codes.get((row.agent, row.date), row.after) if row.after == "OFF" else row.after
        for row in changed.itertuples()
    ]
    named = changed.assign(name=changed["agent"].map(agents.set_index("agent")["name"]), after=typed)
    return named[["agent", "name", "date", "before", "after"]]


def with_absences(timeoff: Any, absences: Any) -> Any:
    """Leave, and the codes of absence that a person has written into a grid: days without credit."""
    if absences is None or absences.empty:
        return timeoff
    import pandas as pd

    absences = absences[absences["kind"] != "OFF"]
    days = absences[["agent", "kind"]].assign(start=absences["date"], end=absences["date"], credit_hours=0.0)
    known = days.merge(timeoff, on="agent", suffixes=("", "_of"))
    known = known[(known["start"] >= known["start_of"]) & (known["end"] <= known["end_of"])]
    told = pd.MultiIndex.from_frame(days[["agent", "start"]]).isin(
        pd.MultiIndex.from_frame(known[["agent", "start"]])
    )
    return pd.concat([timeoff, days.loc[~told, list(timeoff.columns)]], ignore_index=True)


def service_of(segments: Any, plan: Any) -> Any:
    """What a roster gives over each day and the week, by the models of a plan's queues."""
    from staffing import coverage

    return coverage.totals(coverage.measure(plan.requirement, segments, plan.queues))


def costs_of(roster: Any, plan: Any) -> Any:
    """What the roster of one plan costs under another plan's need, rules and requests."""
    from staffing import verify as verifying

    missing = verifying.priced(roster.assignments, **plan.to_price())
    asked = {"requests": plan.requests, "timeoff": plan.timeoff}
    return verifying.costs(
        roster.assignments, roster.segments, plan.requirement, plan.rules, **asked, missing=missing
    )


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("agent")
@click.argument("date")
@click.option("--shift", metavar="NAME", help="Why not on this shift: why late again is --shift early.")
@click.option("--time-limit", type=click.FloatRange(min=1), default=60.0, show_default=True,
              help="Seconds that the solver may take, for each of three plans.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
@answering
def why(folder: Path, agent: str, date: str, shift: str | None, time_limit: float, quiet: bool) -> int:
    """Why AGENT (id, name or part of it) works or is free on DATE (such as Sun) in FOLDER; who could swap."""
    from staffing import export, whatif

    plan = export.published(folder)
    day = day_of(date, plan.start, plan.days, "the date")
    with progress(quiet) as say:
        told = whatif.why(
            plan.assignments, agent, day, plan.to_assign(),
            segments=plan.segments, shift=shift, frozen_until=plan.frozen_until, time_limit=time_limit,
            progress=say,
        )  # fmt: skip
    for line in whatif.why_lines(told):
        tell(line)
    return DONE


@main.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("week", required=False)
@click.option("--rule", "rules", multiple=True, metavar="NAME",
              help="Only this rule, such as rest_hours; may be given again.")  # fmt: skip
@click.option("-o", "--out", type=click.Path(path_type=Path),
              help="Write the table as CSV, and its chart beside it as PNG.")  # fmt: skip
@click.option("--time-limit", type=click.FloatRange(min=1), default=60.0, show_default=True,
              help="Seconds that the solver may take, for each plan.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
@answering
def prices(
    plan: Path, week: str | None, rules: tuple[str, ...], out: Path | None, time_limit: float, quiet: bool
) -> int:
    """What each rule costs, in hours and service: PLAN is a plan's folder, or a plan file with its WEEK."""
    from staffing import export, site, whatif
    from staffing import week as sentence
    from staffing.errors import DataError, Problem

    with progress(quiet) as say:
        if week is None:
            if plan.is_file():
                raise DataError([Problem(f"which week of {plan}?", "add it, for example 2026-W49")])
            saved = export.load(plan)
            given, timezone = saved.to_assign(), saved.timezone
            measured: dict[str, Any] = {"queues": saved.queues}
            if saved.kept_another:
                tell("Priced as planned anew: without what --keep and --frozen-until held in this plan.")
            if not saved.queues:
                tell(f"{plan} does not tell its queues: plan it again to see the service.")
        else:
            known = site.load(plan)
            planned = sentence.plan(known, week, time_limit=time_limit, progress=say)
            given, timezone = sentence.given(planned), planned.timezone
            measured = {"queues": planned.queues, "made": planned.roster}
        table = whatif.rule_prices(given, **measured, rules=rules, time_limit=time_limit, progress=say)
    for line in whatif.price_lines(table):
        tell(line)
    if out is not None:
        from staffing import charts  # heavy

        export.write_table(table, out, timezone)
        chart = charts.rule_prices(table).get_figure(root=True)
        if chart is not None:
            out.with_suffix(".png").write_bytes(charts.png(chart))
    return DONE


def go_on(roster: Path, folder: Path) -> None:
    """How a clean edited roster becomes the one that counts."""
    own = folder / "roster.csv"
    tell("The edited roster breaks no rule.")
    if roster.resolve() != own.resolve():
        tell(f"To go on with it, copy it over {own}.")
    tell(f"Then --previous {folder} counts it as last week's; the folder's other files stay the plan's.")


def show(what: str, count: int, lines: list[str]) -> None:
    """A heading with its count, and the lines below it."""
    tell(f"{what}: {count or 'none'}")
    for line in lines:
        tell(f"  {line}")


def seconds(context: click.Context, option: click.Parameter, text: str | None) -> float | None:
    """A duration as people write it: 180, 3:00, 180s, 3min or 0.05h. [s]"""
    import re

    units = {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}
    if text is None:
        return None
    plain = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text.strip().lower())
    clock = re.fullmatch(r"(?:(\d+):)?(\d+):([0-5]\d)", text.strip())
    value = 0.0
    if clock:
        value = 3600.0 * int(clock[1] or 0) + 60.0 * int(clock[2]) + int(clock[3])
    elif plain and plain[2] in units:
        value = float(plain[1]) * units[plain[2]]
    if value <= 0:
        remedy = "write seconds (180), minutes and seconds (3:00), or a unit (3min)"
        raise click.BadParameter(f"{text!r} is no time: {remedy}", context, option)
    return value


@main.command()
@click.option("--volume", type=click.FloatRange(min=0), required=True, help="Contacts in the interval.")
@click.option("--aht", metavar="TIME", callback=seconds, required=True,
              help="Mean handle time, talk + hold + after-call work: 180 [s], 3:00 or 3min.")  # fmt: skip
@click.option("--target", default="80/20", show_default=True, help="Per cent answered / within seconds.")
@click.option("--interval", type=click.FloatRange(min=0, min_open=True), default=30.0, show_default=True,
              help="Its length. [min]")  # fmt: skip
@click.option("--patience", metavar="TIME", callback=seconds,
              help="Mean time to abandonment, written like --aht; without it Erlang C.")  # fmt: skip
@click.option("--max-occupancy", type=click.FloatRange(0, 1, min_open=True), default=1.0, show_default=True,
              help="Highest lasting share of time in contacts. [0-1]")  # fmt: skip
@answering
def erlang(
    volume: float, aht: float, target: str, interval: float, patience: float | None, max_occupancy: float
) -> int:
    """Agents for one interval, and what they achieve: Erlang C, or Erlang A where patience is given."""
    import math

    from staffing import erlang as formulas
    from staffing.errors import DataError, Problem

    try:
        share, within = (float(part.strip().rstrip("%s")) for part in target.split("/"))
    except ValueError:
        raise DataError(
            [Problem(f"--target {target!r} is not per cent/seconds", "write for example 80/20")]
        ) from None
    load = volume * aht / (interval * 60.0)
    model: dict[str, Any] = {"aht": aht, "patience": math.inf if patience is None else patience}
    agents = formulas.required_agents(
        load, answered=share / 100, within=within, max_occupancy=max_occupancy, **model
    )
    served = formulas.service_level(agents, load, within=within, **model)
    click.echo(f"load           {load:.2f} Erl")
    click.echo(f"agents         {float(agents):.0f}")
    click.echo(f"service level  {100 * float(served):.1f} % answered within {within:g} s, of all offered")
    click.echo(f"asa            {float(formulas.asa(agents, load, **model)):.1f} s, of the answered")
    click.echo(f"abandonment    {100 * float(formulas.abandonment(agents, load, **model)):.1f} %")
    click.echo(f"occupancy      {100 * float(formulas.occupancy(agents, load, **model)):.1f} %")
    return DONE
