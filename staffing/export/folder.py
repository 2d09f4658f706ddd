"""A planned week as a folder that appears whole or not at all, and read back from it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import errno
import filecmp
import hashlib
import itertools
import json
import math
import os
import platform
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter, ValidationError

from staffing import roster, tables, verify
from staffing.errors import DataError, Problem
from staffing.export import cells, grid
from staffing.model import Pair, Queue, Rules, Shift, Team, Training, Week

MANIFEST, TIMINGS, NOUNS = "manifest.json", "timings.json", "inputs/plan.json"
ROSTER = "roster.csv"
MADE_BY = "staffing"
NO_PRICE = ("seats", "trainings", "frozen_until")  # of what a check takes: always hard
BYTE_ORDER_MARK = "\ufeff"
CONTRACTS = {
    "forecast": tables.FORECAST,
    "requirement": tables.REQUIREMENT,
    "designs": tables.SHIFTS,
    "assignments": tables.ASSIGNMENTS,
    "segments": tables.SEGMENTS,
    "coverage": tables.COVERAGE,
    "deferred": tables.DEFERRED,
    "curve": tables.CURVE,
    "agents": tables.AGENTS,
    "timeoff": tables.TIMEOFF,
    "skills": tables.SKILLS,
    "requests": tables.REQUESTS,
    "previous": tables.ASSIGNMENTS,
}
FILES = {
    "forecast": "forecast.csv",
    "requirement": "requirement.csv",
    "peaks": "peaks.csv",
    "designs": "shifts.csv",
    "assignments": "assignments.csv",
    "segments": "segments.csv",
    "coverage": "coverage.csv",
    "summary": "summary.csv",
    "agents": "inputs/agents.csv",
    "timeoff": "inputs/timeoff.csv",
    "skills": "inputs/skills.csv",
    "requests": "inputs/requests.csv",
    "previous": "inputs/previous.csv",
}
# Tables that not every week has; those below are told, and not read back.
SOME = {
    "review": "review.csv",
    "deferred": "deferred.csv",
    "training": "training.csv",
    "curve": "curve.csv",
}
TOLD = {"changes": "changes.csv", "levers": "levers.csv", "shadow_prices": "shadow_prices.csv"}
_SHIFTS, _RULES = TypeAdapter(tuple[Shift, ...]), TypeAdapter(dict[str, Rules])
_TEAMS, _PAIRS = TypeAdapter(tuple[Team, ...]), TypeAdapter(tuple[Pair, ...])
_TRAININGS = TypeAdapter(tuple[Training, ...])
_QUEUES = TypeAdapter(tuple[Queue, ...])


@dataclasses.dataclass(frozen=True)
class SavedWeek:
    """A week as its folder holds it: what a check, a comparison and the next week need.

    Parameters
    ----------
    manifest : dict
        How the week was made.
    start : datetime.date
        First day.
    days : int
        Days planned. [days]
    timezone : str
        IANA name.
    shifts : tuple of Shift
        The two shifts of each team.
    rules : dict
        Contract -> `Rules`.
    forecast, requirement, peaks, designs, assignments, segments, coverage, summary : pandas.DataFrame
        As in `Week` and its roster.
    agents, timeoff, skills, requests, previous : pandas.DataFrame
        What the roster was made from.
    review : pandas.DataFrame or None
        Plan beside what really came, where that was known.
    deferred : pandas.DataFrame or None
        DEFERRED, where a team has work with a deadline.
    teams : tuple of Team
        With their rules.
    frozen_until : datetime.date or None
        First day that the plan could change.
    seats : int or None
        Desks or licences of the site.
    curve : pandas.DataFrame or None
        CURVE of the queues whose cover was measured by it.
    pairs : tuple of Pair
        Who works together, or apart.
    trainings : tuple of Training
        Planned training and one-to-ones.
    training : pandas.DataFrame or None
        Each session with its time, or why it has none.
    queues : tuple of Queue
        All of them; empty in a folder of before they were written.
    """

    manifest: dict[str, Any]
    start: dt.date
    days: int
    timezone: str
    shifts: tuple[Shift, ...]
    rules: dict[str, Rules]
    forecast: pd.DataFrame
    requirement: pd.DataFrame
    peaks: pd.DataFrame
    designs: pd.DataFrame
    assignments: pd.DataFrame
    segments: pd.DataFrame
    coverage: pd.DataFrame
    summary: pd.DataFrame
    agents: pd.DataFrame
    timeoff: pd.DataFrame
    skills: pd.DataFrame
    requests: pd.DataFrame
    previous: pd.DataFrame
    review: pd.DataFrame | None
    deferred: pd.DataFrame | None
    teams: tuple[Team, ...] = ()
    seats: int | None = None
    frozen_until: dt.date | None = None
    curve: pd.DataFrame | None = None
    pairs: tuple[Pair, ...] = ()
    trainings: tuple[Training, ...] = ()
    training: pd.DataFrame | None = None
    queues: tuple[Queue, ...] = ()

    def to_verify(self) -> dict[str, Any]:
        """What `staffing.verify.roster` takes beside assignments and segments.

        Returns
        -------
        dict
            Keyword -> table or noun.
        """
        names = ("requirement", "agents", "rules", "shifts", "skills", "timeoff", "requests", "previous")
        given = ("start", "days", "teams", "seats", "pairs", "trainings", "frozen_until")
        return {name: getattr(self, name) for name in (*names, *given)}

    def to_price(self) -> dict[str, Any]:
        """What `staffing.verify.priced` takes beside assignments.

        Returns
        -------
        dict
            Keyword -> table or noun.
        """
        return {name: value for name, value in self.to_verify().items() if name not in NO_PRICE}

    @property
    def kept_another(self) -> bool:
        """Whether a published roster was kept for this plan."""
        return TOLD["changes"] in self.manifest["files"]

    @property
    def carried(self) -> pd.DataFrame:
        """SEGMENTS of last week's shifts that reach into this one."""
        return roster.carried(self.assignments, self.segments)

    def to_assign(self) -> dict[str, Any]:
        """What `staffing.roster.assign` takes, and `staffing.whatif` as what was given.

        Returns
        -------
        dict
            Keyword -> table or noun.
        """
        given = self.to_verify()
        del given["frozen_until"]  # of the roster that was kept for this plan
        given |= {"carried": self.carried, "curve": self.curve, "queues": self.queues}
        return {"demand": given.pop("requirement"), **given}


def check_target(folder: str | os.PathLike[str], *, site: str, label: str) -> None:
    """Refuse a folder that `write` would refuse, before anything has been planned for it.

    Parameters
    ----------
    folder : path
        Where a week is to go.
    site : str
        Name of the site.
    label : str
        ISO week, such as ``"2026-W49"``.

    Raises
    ------
    DataError
        Where the folder holds files and is no plan's, or is the plan of another site or week.
    OSError
        Where a file stands in the way, or nothing can be written.

    Examples
    --------
    >>> import tempfile
    >>> check_target(tempfile.mkdtemp(), site="shop", label="2026-W49")
    """
    target = Path(folder).resolve()
    above = next(path for path in target.parents if path.exists())
    for path in (above, target):
        if path.exists() and not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "a file stands where a folder should be", str(path))
    if not os.access(above, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "nothing can be written in this folder", str(above))
    manifest = _plan_in(target)
    if manifest is None:
        return
    there = (str(manifest.get("site")), str(manifest.get("week")))
    # 2026W49 and 2026-W49 are one week.
    if (there[0], there[1].replace("-", "")) != (site, label.strip().replace("-", "")):
        what = f"the folder holds the plan of {there[0]}, {there[1]}"
        raise DataError([Problem(what, f"choose another folder for {site}, {label}", str(target))])


def write(
    week: Week, folder: str | os.PathLike[str], *, progress: Callable[[str], None] | None = None
) -> Path:
    """Put a week into a folder: tables, roster, charts, manifest; all of it, or nothing changes.

    Everything is made in a folder beside the target, which then takes its place. What a person has put into
    an earlier plan's folder stays; a file of ours that a person has changed stays under another name, such as
    ``roster.edited.csv``, once for the same content. The same week gives the same bytes, but for
    ``timings.json``.

    Parameters
    ----------
    week : Week
        As `staffing.week.plan` gives it.
    folder : path
        Missing, empty, or that of an earlier plan of the same week and site.
    progress : callable, optional
        Told one line for each file of a person's that has got another name.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    DataError
        Where the folder holds files and is no plan's, or is the plan of another site or week.
    OSError
        Where it cannot be written.
    """
    check_target(folder, site=week.site, label=week.label)
    target = Path(folder).resolve()
    manifest = _plan_in(target)
    renamed: list[str] = []
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}-{uuid.uuid4().hex[:12]}")
    try:
        fresh.mkdir()
        hashes = {name: _put(fresh / name, content) for name, content in _contents(week)}
        _put(fresh / TIMINGS, _json(week.timings))
        _put(fresh / MANIFEST, _json(_manifest(week, hashes)))
        if manifest is not None:
            renamed = _carry_over(target, manifest["files"], fresh)
        if target.exists():
            shutil.copymode(target, fresh)
        _swap(fresh, target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    for line in renamed:
        if progress is not None:
            progress(line)
    return target


def load(folder: str | os.PathLike[str]) -> SavedWeek:
    """Read back what `write` has put into a folder.

    Numbers come back with six decimals, missing text empty.

    Parameters
    ----------
    folder : path
        Of a plan.

    Returns
    -------
    SavedWeek
        Every table with its types: ids as text, times on the site's clock.

    Raises
    ------
    DataError
        Where the folder is no plan's, or a table in it has been damaged.
    """
    root = Path(folder)
    manifest = _read_json(root / MANIFEST)
    nouns = _read_json(root / NOUNS)
    problems: list[Problem] = []
    read: dict[str, pd.DataFrame] = {}
    try:
        start, days, zone = dt.date.fromisoformat(manifest["start"]), manifest["days"], manifest["timezone"]
        shifts, rules = _SHIFTS.validate_python(nouns["shifts"]), _RULES.validate_python(nouns["rules"])
        teams = _TEAMS.validate_python(nouns.get("teams", ()))  # folders of before have none
        pairs = _PAIRS.validate_python(nouns.get("pairs", ()))
        until = nouns.get("frozen_until")
        frozen = None if until is None else dt.date.fromisoformat(until)
        trainings = _TRAININGS.validate_python(nouns.get("trainings", ()))
        queues = _QUEUES.validate_python(nouns.get("queues", ()))
        kinds, written = dict(nouns["columns"]), dict(manifest["files"])
    except (KeyError, TypeError, ValueError) as error:
        what = "not as it was written" if isinstance(error, ValidationError) else f"not as written: {error}"
        raise DataError([Problem(what, "write the plan again", str(root / NOUNS))]) from None
    names = FILES | {name: file for name, file in SOME.items() if file in written}
    for name, file in names.items():
        try:
            table = cells.from_csv((root / file).read_bytes(), kinds.get(file, {}), zone, str(root / file))
            read[name] = tables.check(table, CONTRACTS[name]) if name in CONTRACTS else table
        except OSError as error:
            told = f"the file cannot be read ({error.strerror})"
            problems.append(Problem(told, "write the plan again", str(root / file)))
        except DataError as error:
            problems += [problem._replace(file=str(root / file)) for problem in error.found]
    if problems:
        raise DataError(problems)
    for name in ("assignments", "previous"):  # folders of before the column got its name
        if "lates_so_far" not in read[name]:
            read[name] = read[name].rename(columns={"lates": "lates_so_far"})
    some = {name: read.pop(name, None) for name in SOME}
    return SavedWeek(
        manifest=manifest,
        start=start,
        days=days,
        timezone=zone,
        shifts=shifts,
        rules=rules,
        review=some["review"],
        deferred=some["deferred"],
        teams=teams,
        seats=nouns.get("seats"),
        frozen_until=frozen,
        curve=some["curve"],
        pairs=pairs,
        trainings=trainings,
        training=some["training"],
        queues=queues,
        **read,
    )


def changes(folder: str | os.PathLike[str]) -> dict[str, str]:
    """Files of a plan that are no longer as they were written.

    Parameters
    ----------
    folder : path
        Of a plan.

    Returns
    -------
    dict of str
        File -> what has become of it, such as ``"was changed since planning"``; sorted, empty where nothing.

    Raises
    ------
    DataError
        Where the folder is no plan's.
    """
    root = Path(folder)
    manifest = _plan_in(root)
    found = {}
    for name, known in sorted((manifest or _read_json(root / MANIFEST))["files"].items()):
        if not (root / name).is_file():
            found[name] = "is missing"
        elif known not in (None, _hash(root / name)):
            found[name] = f"was {'edited' if name == ROSTER else 'changed'} since planning"
    return found


def previous(folder: str | os.PathLike[str]) -> pd.DataFrame:
    """Last week as its folder has it now: with what a person has changed in its ``roster.csv``.

    Parameters
    ----------
    folder : path
        Of a plan.

    Returns
    -------
    pandas.DataFrame
        ASSIGNMENTS, with ``lates_so_far`` and ``weekend_days_so_far`` where the plan has them, for the
        ``previous`` of the next week.

    Raises
    ------
    DataError
        Where the folder is no plan's, or its roster cannot be read.
    """
    saved = load(folder)
    if changes(folder).get(ROSTER, "is missing") == "is missing":
        return saved.assignments
    edited = grid.read_roster(Path(folder) / ROSTER, saved).assignments
    known: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
        "lates_so_far": partial(_days_on, grid.LATE), "weekend_days_so_far": _weekend_days,
    }  # fmt: skip
    for name in saved.assignments.columns:
        if name.endswith("_so_far") and name not in known:
            known[name] = partial(_days_on, name.removesuffix("_so_far"))
    for name, counted in known.items():
        if name in saved.assignments:
            before = saved.assignments.groupby("agent")[name].max() - counted(saved.assignments)
            so_far = before.reindex(edited["agent"].unique(), fill_value=0).add(counted(edited), fill_value=0)
            edited = edited.assign(**{name: edited["agent"].map(so_far).astype(int)})
    return edited


def published(folder: str | os.PathLike[str]) -> SavedWeek:
    """A plan as its folder has it now: with what a person has changed in its ``roster.csv``.

    Parameters
    ----------
    folder : path
        Of a plan.

    Returns
    -------
    SavedWeek
        As `load` gives it, but for the assignments.

    Raises
    ------
    DataError
        Where the folder is no plan's, or its roster cannot be read.
    """
    return dataclasses.replace(load(folder), assignments=previous(folder))


def write_table(table: pd.DataFrame, path: str | os.PathLike[str], timezone: str) -> None:
    """One table as CSV for a spreadsheet, safe against formulas; a file that stands there is replaced.

    Parameters
    ----------
    table : pandas.DataFrame
        Any; its index is left out.
    path : path
        Where to.
    timezone : str
        IANA name; times are written on its clock.

    Raises
    ------
    OSError
        Where it cannot be written.
    """
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(cells.to_csv(table, timezone, mark=BYTE_ORDER_MARK))


def _days_on(shift: str, assignments: pd.DataFrame) -> pd.Series:
    """Agent -> days on a shift in the table."""
    return (assignments["shift"] == shift).groupby(assignments["agent"]).sum()


def _weekend_days(assignments: pd.DataFrame) -> pd.Series:
    """Agent -> Saturdays and Sundays in the table."""
    return (assignments["date"].dt.day_of_week >= 5).groupby(assignments["agent"]).sum()


def _contents(week: Week) -> Iterator[tuple[str, bytes]]:
    """Every file but the manifest and the timings, one after the other."""
    from staffing import charts  # heavy, and nothing else here draws

    saved = _saved_tables(week)
    for file, table in saved.items():
        yield file, cells.to_csv(table, week.timezone)
    hours = verify.hours(week.roster.assignments, week.agents, week.timeoff, start=week.start, days=week.days)
    for file, table in {
        ROSTER: grid.roster_table(week),
        "roster_public.csv": grid.published_table(week),
        "hours.csv": hours,
        **{file: getattr(week, name) for name, file in TOLD.items()},
    }.items():
        if table is None:
            continue
        yield file, cells.to_csv(table, week.timezone, mark=BYTE_ORDER_MARK)
    nouns = {
        "shifts": _SHIFTS.dump_python(week.shifts, mode="json"),
        "teams": _TEAMS.dump_python(tuple(week.teams.values()), mode="json"),
        "queues": _QUEUES.dump_python(week.queues, mode="json"),
        "seats": week.seats,
        "frozen_until": None if week.frozen_until is None else week.frozen_until.isoformat(),
        "pairs": _PAIRS.dump_python(week.pairs, mode="json"),
        "trainings": _TRAININGS.dump_python(week.trainings, mode="json"),
        "rules": _RULES.dump_python(week.rules, mode="json"),
        "columns": {
            file: {str(name): cells.kind_of(table[name]) for name in table.columns}
            for file, table in saved.items()
        },
    }
    yield NOUNS, _json(nouns)
    for name, figure in charts.pages(week):
        if Path(name).name != name or not name.endswith(".png"):
            raise ValueError(f"{name!r} is no name of a picture")
        yield name, charts.png(figure)


def _saved_tables(week: Week) -> dict[str, pd.DataFrame]:
    found = {
        "forecast": week.forecast,
        "requirement": week.requirement,
        "peaks": week.peaks,
        "designs": week.designs,
        "assignments": week.roster.assignments,
        "segments": week.roster.segments,
        "coverage": week.coverage,
        "summary": week.summary,
        "agents": _known_columns(week.agents, tables.AGENTS),
        "timeoff": _known_columns(week.timeoff, tables.TIMEOFF),
        "skills": _known_columns(week.skills, tables.SKILLS),
        "requests": _known_columns(week.requests, tables.REQUESTS),
        "previous": week.previous,
    }
    # A reason may stand in a kind as people write it; only its code leaves the plan.
    found["timeoff"]["kind"] = pd.Series(map(tables.absence_code, found["timeoff"]["kind"]), dtype="str")
    saved = {FILES[name]: table for name, table in found.items()}
    worked = None if week.deferred is None or week.deferred.empty else week.deferred
    some = {
        "review": week.review,
        "deferred": worked,
        "training": week.roster.training,
        "curve": week.curve,
    }
    return saved | {SOME[name]: table for name, table in some.items() if table is not None}


def _known_columns(table: pd.DataFrame, contract: tables.Contract) -> pd.DataFrame:
    """The contract's columns alone: what else a list says about people stays out of the folder."""
    names = [name for name in contract.columns | contract.optional if name in table.columns]
    return table[names].reset_index(drop=True)


def _manifest(week: Week, hashes: Mapping[str, str]) -> dict[str, Any]:
    given: Any = week.manifest.get("assumptions", ())
    assumptions = frozenset(given)
    return {
        **week.manifest,
        "made_by": MADE_BY,
        "site": week.site,
        "week": week.label,
        "start": week.start,
        "days": week.days,
        "timezone": week.timezone,
        "notes": [note for note in week.notes if note not in assumptions],
        "python": platform.python_version(),
        "files": {**hashes, TIMINGS: None},
    }


def _json(value: object) -> bytes:
    text = json.dumps(_jsonable(value), ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return f"{text}\n".encode()


def _jsonable(value: Any) -> Any:
    """Plain JSON: infinity, which JSON has not, as text that reading turns back."""
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict):
            raise ValueError("no object")
    except (OSError, ValueError, RecursionError) as error:
        remedy = "name the folder of a plan, as `staffing week` writes it"
        reason = "it is not there" if isinstance(error, FileNotFoundError) else "it cannot be read"
        raise DataError([Problem(f"no plan stands here: {reason}", remedy, str(path))]) from None
    return value


def _put(path: Path, content: bytes) -> str:
    """Write a file, down to the disk. [SHA-256]"""
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(content).hexdigest()


def _plan_in(target: Path) -> dict[str, Any] | None:
    """The manifest of the plan in a folder, itself among its files; None where there is nothing at all."""
    if not target.exists() or not any(target.iterdir()):
        return None
    try:
        manifest = _read_json(target / MANIFEST)
        ours = manifest["files"] if manifest.get("made_by") == MADE_BY else None
    except (DataError, KeyError):
        ours = None
    if not isinstance(ours, dict):
        what = "the folder holds files and is not that of a plan"
        raise DataError([Problem(what, "choose an empty folder", str(target))])
    return {**manifest, "files": {**ours, MANIFEST: None}}


def _hash(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _carry_over(target: Path, old: Mapping[str, str | None], fresh: Path) -> list[str]:
    """Copy what a person has put into the folder, or changed in it; say what has got another name."""
    own, ours = [], []
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target).as_posix()
        if path.is_symlink() or (path.is_file() and name not in old):
            own.append(path)
        elif path.is_file() and old[name] not in (None, _hash(path)):
            ours.append(path)
    places = {path: fresh / path.relative_to(target) for path in [*own, *ours]}
    places |= {path: places[path].with_suffix(f".edited{path.suffix}") for path in ours}
    renamed = []
    for path, place in places.items():
        kept = _kept(path, place).relative_to(fresh)
        if kept != path.relative_to(target):
            renamed.append(f"your {path.relative_to(target).as_posix()} is kept as {kept.as_posix()}")
    return renamed


def _kept(path: Path, place: Path) -> Path:
    """Where the copy of a file stands: at the place or, where another file has it, beside it."""
    numbered = (place.with_name(f"{place.stem}-{number}{place.suffix}") for number in itertools.count(2))
    for free in itertools.chain([place], numbered):
        if not os.path.lexists(free):
            free.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, free, follow_symlinks=False)
            return free
        if not path.is_symlink() and free.is_file() and filecmp.cmp(path, free, shallow=False):
            return free
    raise AssertionError("counting does not end")


def _swap(fresh: Path, target: Path) -> None:
    """Put the new folder in the place of the old one, or the old one back."""
    if not target.exists():
        os.replace(fresh, target)
        return
    aside = fresh.with_name(f"{fresh.name}-old")
    os.replace(target, aside)
    try:
        os.replace(fresh, target)
    except BaseException:
        os.replace(aside, target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
