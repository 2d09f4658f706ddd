"""The plan file and its lists: loaded whole, or every mistake named with its place and remedy."""

# A case is one line of its table, however long:
# ruff: noqa: E501

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import math
from pathlib import Path

import pytest

from staffing import site, tables
from staffing.errors import DataError, Problem
from staffing.model import Chat, Deferred, Limit, Meeting, Outbound, Overtime, Rules, Screen, Voice
from staffing.site import presets

ROOT = Path(__file__).resolve().parents[1]
PLAN = """\
[site]
name = "ሱቅ"
timezone = "Africa/Nairobi"
history = "history.csv"
agents = "agents.csv"
skills = "skills.csv"
timeoff = "timeoff.csv"
requests = "requests.csv"
events = "events.csv"
adjustments = "adjustments.csv"
previous = "previous.csv"

[shrinkage]
sick = { rate = 0.05, rostered = false }

[queue.calls]
team = "care"
channel = { kind = "voice", patience = 120 }
target = { answered = 0.8, within = 20 }
aht = 200
opening = { mon-fri = "08:00-18:00", wed = "08:00-12:00, 14:00-18:00", sat = ["09:00-13:00"] }

[team.care]
hours = [6, 8]
lunch = { minutes = 30, paid = false, after_hours = [2.5, 3.5] }
evening = { from = "17:00", min_staff = 2 }

[rules]
days_in_row = { max = 5 }

[rules.fulltime]
hours_week = { min = 36, max = 40 }

[rules.parttime]
days_week = { max = 3 }
"""
LISTS = {
    "history.csv": "start,offered\n2026-11-02 08:00,10\n2026-11-02 08:15,12\n2026-11-02 08:30,9\n2026-11-02 08:45,7\n",
    "agents.csv": (
        "agent,name,team,contract,hours_week,senior,starts_on\n"
        "007,Amani,care,fulltime,40,yes,\n08,አበበ,care,parttime,20,,2026-01-01\n1E3,김민지,care,fulltime,40,no,\n"
    ),
    "skills.csv": "agent,queue\n007,calls\n",
    "timeoff.csv": "agent,start,end,kind,credit_hours\n007,2026-11-30,2026-12-01,AL,16\n",
    "requests.csv": "agent,start,end,kind,shift,price\n08,2026-12-05,2026-12-06,forbid,,\n",
    "events.csv": "name,queue,start,end,effect,kind\nsale,all,2026-12-03,2026-12-04,,promotion\n",
    "adjustments.csv": "queue,start,end,factor,who,why\ncalls,2026-12-01,2026-12-01,1.1,Neema,TV spot\n",
    "previous.csv": (
        "agent,date,team,shift,start,end,paid_hours\n"
        "007,2026-11-27,care,late,2026-11-27 10:00,2026-11-27T18:00+03:00,7.5\n"
    ),
}  # fmt: skip


def lay(folder: Path, plan: str = PLAN, **changed: str) -> Path:
    """The small plan folder, with some of its files changed."""
    for name, text in {**LISTS, **{f"{key}.csv": text for key, text in changed.items()}}.items():
        (folder / name).write_text(text, encoding="utf-8")
    path = folder / "site.toml"
    path.write_text(plan, encoding="utf-8")
    return path


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def places(problems: list[Problem]) -> set[tuple[str, int | None, str]]:
    return {(Path(problem.file).name, problem.line, problem.column) for problem in problems}


def test_a_small_site_loads(tmp_path: Path) -> None:
    """Every noun and table of the plan is there, ids as they were written."""
    small = site.load(lay(tmp_path))
    assert (small.name, small.timezone, small.interval, small.lead_days) == ("ሱቅ", "Africa/Nairobi", 30, 14)
    assert small.agents["agent"].tolist() == ["007", "08", "1E3"]
    assert small.agents["senior"].tolist() == [True, False, False]
    assert small.agents["starts_on"].isna().tolist() == [True, False, True]
    assert small.queues[0].channel == Voice(patience=120)
    assert small.queues[0].present == pytest.approx(0.95)
    assert (small.teams["care"].evening, small.teams["care"].evening_staff) == (dt.time(17), 2)
    assert str(small.previous["end"].iloc[0]) == "2026-11-27 18:00:00+03:00"
    assert small.requests["shift"].tolist() == [""]
    for name in ("history", "agents", "skills", "timeoff", "requests", "adjustments"):
        tables.check(getattr(small, name), tables.CONTRACTS[name.upper()])
    tables.check(small.previous, tables.ASSIGNMENTS)


def test_history_takes_the_plans_queue_and_interval(tmp_path: Path) -> None:
    """A report of one queue need not name it; quarter hours become the plan's half hours."""
    past = site.load(lay(tmp_path)).history
    assert past["queue"].unique().tolist() == ["calls"]
    assert past["offered"].tolist() == [22.0, 16.0]


def test_opening_hours_by_weekday(tmp_path: Path) -> None:
    """A weekday outdoes a range; what is not named is closed."""
    calendar = site.load(lay(tmp_path)).calendar
    hours = calendar.hours("calls")
    assert hours is not None
    assert hours[0] == ((480, 1080),)
    assert hours[2] == ((480, 720), (840, 1080))
    assert hours[5] == ((540, 780),)
    assert 6 not in hours
    slots = calendar.slots("calls", dt.date(2026, 12, 2), 1, 30, "Africa/Nairobi")
    assert len(slots) == 16


def test_lists_that_are_not_named_are_empty(tmp_path: Path) -> None:
    """A plan needs a history and agents, and nothing else."""
    kept = [line for line in PLAN.splitlines() if line.partition(" = ")[0] not in (
        "skills", "timeoff", "requests", "events", "adjustments", "previous")]  # fmt: skip
    small = site.load(lay(tmp_path, "\n".join(kept)))
    assert small.skills.empty and small.timeoff.empty and small.requests.empty
    assert small.adjustments.empty and small.previous.empty
    tables.check(small.previous, tables.ASSIGNMENTS)


def test_nobody_to_roster_is_not_an_error(tmp_path: Path) -> None:
    """An agents' list with a header and no rows loads."""
    header = "agent,name,team,contract,hours_week\n"
    empty = {key: LISTS[f"{key}.csv"].splitlines()[0] + "\n" for key in ("skills", "timeoff", "requests")}
    small = site.load(lay(tmp_path, agents=header, **empty))
    assert small.agents.empty
    tables.check(small.agents, tables.AGENTS)


def test_files_are_entered_with_their_hash(tmp_path: Path) -> None:
    """The manifest can say which bytes a plan was made from."""
    small = site.load(lay(tmp_path))
    assert set(small.files) == {"site.toml", *LISTS}
    for name, digest in small.files.items():
        assert digest == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()


def test_assumptions_are_said(tmp_path: Path) -> None:
    """What the plan gives and nobody measured is a sentence each."""
    plan = PLAN.replace(
        'previous = "previous.csv"\n', 'previous = "previous.csv"\nassumptions = ["Invented."]\n'
    )
    assert site.load(lay(tmp_path, plan)).assumptions == (
        "Invented.",
        "Handle time of calls: 200 s where the history has none; given, not measured.",
        "Patience of calls: 120 s; given, not measured.",
        "Target of calls: 80 % answered within 20 s (of all offered), occupancy at most 88 %, abandonment at most 5 %, "
        "at least 1 on the queue. Defaults, not given: occupancy, abandonment, at least 1.",
        "Away without notice: sick 5 %; given, not measured.",
        "Rules by default for fulltime, not given: 11 h rest, at most 5 days a week, 2 days off together, "
        "the same shift all week, early and late weeks alternate where possible.",
        "Rules by default for parttime, not given: paid hours exactly those of the contract, 11 h rest, "
        "2 days off together, the same shift all week, early and late weeks alternate where possible.",
        "No country is named: public holidays count as any other day.",
    )


RULES = {
    "same_shift_in_week = true": {"same_shift_in_week": math.inf},
    "same_shift_in_week = false": {"same_shift_in_week": None},
    "same_shift_in_week = { price = 4 }": {"same_shift_in_week": 4.0},
    'rotate = "weekly"': {"rotate": Rules().rotate},
    "rotate = false": {"rotate": None},
    "rotate = { price = inf }": {"rotate": math.inf},
    "days_off_together = { min = 2, price = 8 }": {"days_off_together": Limit(min=2, price=8)},
    "rest_hours = 12": {"rest_hours": 12.0},
    "price_short = 50": {"price_short": 50.0},
}


@pytest.mark.parametrize(("line", "values"), RULES.items(), ids=RULES.keys())
def test_rules_as_the_plan_writes_them(tmp_path: Path, line: str, values: dict[str, object]) -> None:
    """Each way to write a rule; what a contract says outdoes what all say."""
    everybody = site.load(lay(tmp_path, PLAN.replace("[rules]\n", f"[rules]\n{line}\n"))).rules
    one = site.load(lay(tmp_path, PLAN.replace("[rules.parttime]\n", f"[rules.parttime]\n{line}\n"))).rules
    for name, value in values.items():
        assert getattr(everybody["fulltime"], name) == getattr(everybody["parttime"], name) == value
        assert getattr(one["parttime"], name) == value
        assert getattr(one["fulltime"], name) == getattr(Rules(), name)
    assert everybody["parttime"].days_week == Limit(max=3)
    assert everybody["fulltime"].hours_week == Limit(min=36, max=40)
    assert everybody["fulltime"].days_in_row == Limit(max=5)


def test_contracts_without_tables_are_all_under_the_same_rules(tmp_path: Path) -> None:
    """A plan that names no contract has one set of rules for all."""
    rules = site.load(lay(tmp_path, PLAN[: PLAN.index("[rules.fulltime]")])).rules
    assert set(rules) == {"fulltime", "parttime"}
    assert rules["fulltime"] == rules["parttime"]


def test_ten_planted_mistakes_are_all_found(tmp_path: Path) -> None:
    """Ten mistakes in four files, each with its file, line and column, in one go."""
    plan = (
        PLAN.replace('timezone = "Africa/Nairobi"', 'timezone = "Africa/Nairoby"')
        .replace("answered = 0.8,", "answered = 80,")
        .replace("[team.care]\n", "[team.care]\nlunsh = 1\n")
        .replace("days_in_row = { max = 5 }", "day_in_row = { max = 5 }")
        .replace("rate = 0.05,", "rate = 1.5,")
    )
    agents = LISTS["agents.csv"] + "007,Twin,care,fulltime,40,no,\n12,Rehema,cares,fulltime,400,no,\n"
    timeoff = LISTS["timeoff.csv"] + "08,2026-12-04,2026-12-01,AL,8\n8,2026-12-01,2026-13-01,AL,8\n"
    problems = site.check(lay(tmp_path, plan, agents=agents, timeoff=timeoff))
    assert places(problems) == {
        ("site.toml", line_of(plan, "Nairoby"), "site.timezone"),
        ("site.toml", line_of(plan, "answered = 80"), "queue.calls.target.answered"),
        ("site.toml", line_of(plan, "lunsh"), "team.care.lunsh"),
        ("site.toml", line_of(plan, "day_in_row"), "rules.day_in_row"),
        ("site.toml", line_of(plan, "rate = 1.5"), "shrinkage.sick.rate"),
        ("agents.csv", 5, "agent"),
        ("agents.csv", 6, "team"),
        ("agents.csv", 6, "hours_week"),
        ("timeoff.csv", 3, "end"),
        ("timeoff.csv", 4, "end"),
        ("timeoff.csv", 4, "agent"),
    }
    assert len(problems) == 11
    remedies = "\n".join(str(problem) for problem in problems)
    for remedy in ("'Africa/Nairobi'", "'lunch'", "'days_in_row'", "fraction 0.8", "'care'", "'08'", "swap"):
        assert remedy in remedies
    with pytest.raises(DataError, match="did you mean 'lunch'") as error:
        site.load(tmp_path / "site.toml")
    assert list(error.value.found) == problems


# (what is replaced, by what, part of the problem, part of the remedy, column)
WRONG_PLANS = {
    "unknown section": ("[team.care]", "[teem.x]\na = 1\n[team.care]", "the key 'teem'", "did you mean 'team'", "teem"),
    "missing key": ('name = "ሱቅ"\n', "", "name is missing", "add it", "site.name"),
    "wrong type": ("within = 20", 'within = "soon"', "within is 'soon'", "a number", "queue.calls.target.within"),
    "text for a list": ("hours = [6, 8]", "hours = 8", "hours is 8", "in brackets", "team.care.hours"),
    "hours backwards": ("hours = [6, 8]", "hours = [8, 6]", "hours are [8.0, 6.0]", "shortest, longest", "team.care.hours"),
    "limit backwards": ("{ min = 36, max = 40 }", "{ min = 41, max = 40 }", "min is greater than max", "", "hours_week"),
    "unknown limit key": ("{ max = 3 }", "{ mex = 3 }", "the key 'mex' is unknown", "'max'", "days_week.mex"),
    "limit without braces": ("days_in_row = { max = 5 }", "days_in_row = 5", "not a table", "{ key", "days_in_row"),
    "lunch too late": ("[2.5, 3.5]", "[5, 6]", "a break may end after the shift", "", "team.care.lunch"),
    "lunch backwards": ("[2.5, 3.5]", "[3.5, 2.5]", "earliest <= latest", "", "team.care.lunch"),
    "lunch without end": (", after_hours = [2.5, 3.5]", "", "after_hours is missing", "add it", "lunch.after_hours"),
    "unknown team": ('team = "care"', 'team = "cares"', "the team 'cares' is unknown", "'care'", "queue.calls.team"),
    "no evening hour": ('from = "17:00"', 'from = "late"', "from is 'late'; it must be a time of day", "19:00", "evening.from"),
    "unknown weekday": ("mon-fri = ", "mon-fry = ", "'mon-fry' is no weekday", "mon-fri", "opening.mon-fry"),
    "unknown hours": ('"08:00-18:00"', '"8 to 6"', "'8 to 6' is no span", "09:00-18:00", "opening.mon-fri"),
    "aht in minutes": ("aht = 200", "aht = 3.3", "under 5 s", "in seconds", "queue.calls.aht"),
    "no aht": ("aht = 200\n", "", "nobody knows the handle time", "add aht", "queue.calls"),
    "no shrinkage": ("[shrinkage]\nsick = { rate = 0.05, rostered = false }\n", "", "nothing is said about shrinkage",
                     "add [shrinkage]", "shrinkage"),
    "rate forgotten": ("rate = 0.05, ", "", "a cause that is not rostered needs its rate", "", "shrinkage.sick"),
    "unknown country": ("[shrinkage]", 'country = "XX"\n[shrinkage]', "the country 'XX'", "two letters", "site.country"),
    "unknown region": ("[shrinkage]", 'country = "US"\nregion = "ZZ"\n[shrinkage]', "no region 'ZZ'", "", "site.region"),
    "closed for nobody": ("[shrinkage]", 'closed = "public"\n[shrinkage]', "no country is known", "", "site.closed"),
    "interval in words": ("[shrinkage]", 'interval = "half an hour"\n[shrinkage]', "interval is", "30min", "site.interval"),
    "interval too short": ("[shrinkage]", 'interval = "10min"\n[shrinkage]', "cannot be summed to 10", "multiple", ""),
    "price for free": ("[rules]", "[rules]\nsame_shift_in_week = { price = 0 }", "same_shift_in_week is", "price = 4",
                       "rules.same_shift_in_week"),
    "negative rest": ("[rules]", "[rules]\nrest_hours = -1", "rest_hours is -1", "", "rules.rest_hours"),
    "rest in a contract": ("[rules.parttime]", "[rules.parttime]\nrest_hours = 99", "rest_hours is 99", "",
                           "rules.parttime.rest_hours"),
    "missing file": ('skills = "skills.csv"', 'skills = "skill.csv"', "skill.csv: the file cannot be read", "name",
                     "site.skills"),
    "queue not in history": ("[queue.calls]", '[queue.chats]\nteam = "care"\n[queue.calls]', "has no queue 'chats'",
                             "'calls'", "queue.chats"),
    "idle team": ("[rules]", "[team.idle]\nhours = [6, 8]\n[rules]", "'idle' answers no queue", "", "team.idle"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "what", "remedy", "column"), WRONG_PLANS.values(), ids=WRONG_PLANS.keys()
)
def test_wrong_plans(tmp_path: Path, old: str, new: str, what: str, remedy: str, column: str) -> None:
    """Each mistake in the plan file is named with its key, its line and a remedy."""
    assert old in PLAN
    plan = PLAN.replace(old, new, 1)
    text = LISTS["history.csv"].replace("start,offered", "start,queue,offered").replace(":00,", ":00,calls,")
    text = text.replace(":15,", ":15,calls,").replace(":30,", ":30,calls,").replace(":45,", ":45,calls,")
    found = site.check(lay(tmp_path, plan, history=text))
    problem = next(problem for problem in found if what in problem.problem)
    assert remedy in problem.remedy
    assert problem.column.endswith(column)
    if column:
        key = column.rpartition(".")[2]
        around = column.split(".")
        line = "" if problem.line is None else plan.splitlines()[problem.line - 1]
        assert problem.line is None or any(word in line for word in (key, *around))
    assert len(found) <= 2


CHANNELS = {
    'kind = "chat", concurrency = 3, patience = 120': Chat(concurrency=3, patience=120),
    'kind = "chat", concurrency = 2, typing_ratio = 1.2, measured_at = 2': Chat(2, 1.2, 2),
    'kind = "deferred", due = "daily 12:00", opening_backlog = 140': Deferred("daily 12:00", 140),
    'kind = "deferred", due = "8h"': Deferred("8h"),
    'kind = "outbound"': Outbound(),
    'kind = "outbound", windows = "10:00-12:00, 17:00-20:00", reserve = 2': Outbound(
        ((dt.time(10), dt.time(12)), (dt.time(17), dt.time(20))), 2.0
    ),
    'kind = "voice", patience = 120, redial = 0.3': Voice(patience=120, redial=0.3),
}


@pytest.mark.parametrize("text", CHANNELS)
def test_channels_as_the_plan_writes_them(tmp_path: Path, text: str) -> None:
    """Each kind of channel with its own keys, and a sentence of what is promised."""
    got = site.load(lay(tmp_path, PLAN.replace('kind = "voice", patience = 120', text)))
    assert got.queues[0].channel == CHANNELS[text]
    assert any("calls" in sentence for sentence in got.assumptions)


WRONG_CHANNELS = {
    'kind = "chatt", concurrency = 3': ("the channel 'chatt' is unknown", "did you mean 'chat'"),
    'kind = "chat"': ("concurrency is missing", "add it"),
    'kind = "chat", concurrency = 0': ("concurrency is 0; it must be 1 or more", ""),
    'kind = "deferred", due = "at noon"': ("due is 'at noon'; it must be a deadline", "daily 12:00"),
    'kind = "deferred", due = "daily 12:00", patience = 3': ("the key 'patience' is unknown", ""),
    'kind = "outbound", windows = "10-12"': ("'10-12' is no span of hours", "09:00-18:00"),
    'kind = "outbound", windows = "20:00-08:00"': ("must end after it begins", ""),
    "kind = 3": ("the channel 3 is unknown", "voice"),
    'kind = "email"': ("the channel 'email' is unknown", 'write kind = "deferred"'),
}


@pytest.mark.parametrize("text", WRONG_CHANNELS)
def test_wrong_channels(tmp_path: Path, text: str) -> None:
    """A key of another channel, a missing one, a deadline or window that is none."""
    found = site.check(lay(tmp_path, PLAN.replace('kind = "voice", patience = 120', text)))
    what, remedy = WRONG_CHANNELS[text]
    assert len(found) == 1
    assert what in found[0].problem and remedy in found[0].remedy
    assert found[0].line == PLAN.splitlines().index(next(x for x in PLAN.splitlines() if "channel" in x)) + 1


def test_queue_keys_that_shape_the_load(tmp_path: Path) -> None:
    """Parts of the handle time, speed, self-service and menu; a target over the day with its floor."""
    lines = "talk = 150\nhold = 20\nafter_call = 30\nspeed = 0.95\ndeflected = 0.1\nivr = 0.05"
    plan = PLAN.replace("aht = 200", lines).replace("within = 20", 'within = 20, over = "day", floor = 0.6')
    queue = site.load(lay(tmp_path, plan)).queues[0]
    assert (queue.aht, queue.speed, queue.deflected, queue.ivr) == (200, 0.95, 0.1, 0.05)
    assert (queue.target.over, queue.target.floor) == ("day", 0.6)
    said = " ".join(site.load(lay(tmp_path, plan)).assumptions)
    assert "within 20 s (of all offered) over the day, no interval below 60 %, occupancy" in said
    assert (
        "Load of calls: 10 % of the contacts go to self-service, 5 % of the remaining contacts end in" in said
    )
    assert "people work at 0.95 of the measured speed; given, not measured." in said
    found = site.check(lay(tmp_path, PLAN.replace("within = 20", "within = 20, floor = 0.6")))
    assert "longer period" in found[0].problem


def test_meetings_and_pauses_from_the_screen_come_from_the_plan(tmp_path: Path) -> None:
    """Both go into the team; a pause that cannot be had so often is told."""
    pause = "breaks = [{ minutes = 15, paid = true, every_hours = 2 }]"
    own = f"[team.care]\nmeeting = {{ minutes = 15, before_opening = true }}\n{pause}\nhours = [8, 9]"
    lunch = "lunch = { minutes = 60, paid = false, after_hours = [3, 5] }"
    base = "[site]\nname = 'a'\ntimezone = 'Asia/Seoul'\nhistory = 'history.csv'\nagents = 'agents.csv'\n"
    rest = (
        "[shrinkage]\n[queue.calls]\nteam = 'care'\naht = 240\n[rules]\n[rules.fulltime]\n[rules.parttime]\n"
    )
    team = site.load(lay(tmp_path, f"{base}{rest}{own}\n{lunch}\n")).teams["care"]
    assert team.meeting == Meeting(15, before_opening=True) and team.screen == Screen(15, True, 2.0)
    assert [pause.activity for pause in team.breaks] == ["lunch"]
    often = own.replace("15, paid", "60, paid").replace("every_hours = 2", "every_hours = 0.5")
    narrow = lunch.replace("[3, 5]", "[1.1, 1.1]")
    told = site.check(lay(tmp_path, f"{base}{rest}{often}\n{narrow}\n"))
    assert "every 0.5 h fit" in told[0].problem


def test_a_preset_tightens_defaults_and_names_what_goes_beyond_it(tmp_path: Path) -> None:
    """Spain asks for 12 h of rest where the plan says nothing; what the plan says itself stands, with a note."""
    text = PLAN.replace("[shrinkage]", 'preset = "ES"\n[shrinkage]', 1)
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("rest_hours"))
    read = site.load(lay(tmp_path, bare))
    assert {rules.rest_hours for rules in read.rules.values()} == {12.0}
    assert any("Preset ES" in note and "no legal advice" in note for note in read.assumptions)
    own = site.load(lay(tmp_path, bare.replace("[rules]", "[rules]\nrest_hours = 10", 1)))
    assert {rules.rest_hours for rules in own.rules.values()} == {10.0}
    assert any("go beyond preset ES: rest_hours 12" in note for note in own.assumptions)
    wrong = site.check(lay(tmp_path, text.replace('"ES"', '"EZ"')))
    assert wrong[0].problem == "there is no preset 'EZ'" and wrong[0].line is not None


def test_every_value_of_a_preset_has_its_law_and_source() -> None:
    """No number without article, version, page and whether it was the wording; none loosens a default."""
    usual = Rules()
    assert set(presets.PRESETS) == set(presets.PLACES)
    keys = {field.name for field in dataclasses.fields(Rules)} | {presets.HOURS, presets.DAY}
    for code, values in presets.PRESETS.items():
        assert values and len({value.rule for value in values}) == len(values)
        for value in values:
            assert value.value > 0 and value.rule in keys and value.basis in ("text", "report")
            assert any(map(str.isdigit, value.law)) and any(map(str.isdigit, value.version))
            assert value.source.startswith("http") and " " not in value.source
        for rule, start in presets.starting(code).items():
            assert rule == "rest_hours" and start > usual.rest_hours
    assert dt.date.fromisoformat(presets.READ).year == 2026


@pytest.mark.parametrize("code", sorted(presets.PRESETS))
def test_a_plan_of_each_place_names_its_sources_and_can_be_read(tmp_path: Path, code: str) -> None:
    """`staffing init --country` sets clock, holidays and rules, each with its law and page beside it."""
    plan = site.begin(tmp_path, preset=code)
    text = plan.read_text(encoding="utf-8")
    assert "no legal" in text and f"read on {presets.READ}" in text
    for value in presets.PRESETS[code]:
        assert f"{value.rule} {value.value:g}: {value.law}\n" in text and value.source in text
    read = site.load(plan)
    place = presets.PLACES[code]
    assert (read.timezone, f'country = "{place.country}"' in text) == (place.timezone, True)
    assert (f'\nregion = "{place.region}"' in text) == bool(place.region)
    assert any(note.startswith(f"Preset {code} ({place.name})") for note in read.assumptions)
    assert not any(note.startswith("The rules of") for note in read.assumptions)
    rest = presets.starting(code).get("rest_hours", 11.0)
    assert {rules.rest_hours for rules in read.rules.values()} == {rest}


def test_a_place_without_a_preset_is_refused(tmp_path: Path) -> None:
    """With the nearest that there is; nothing is written."""
    with pytest.raises(DataError, match="did you mean 'US-"):
        site.begin(tmp_path / "new", preset="US-CO")
    assert not (tmp_path / "new").exists()


def test_shifts_longer_than_a_day_of_the_law_are_told(tmp_path: Path) -> None:
    """Korea's eight hours against a team whose shifts may have ten and a half paid ones."""
    text = PLAN.replace("[shrinkage]", 'preset = "KR"\n[shrinkage]', 1)
    assert not any(note.startswith("Shifts of team") for note in site.load(lay(tmp_path, text)).assumptions)
    long = site.load(lay(tmp_path, text.replace("hours = [6, 8]", "hours = [6, 11]", 1)))
    (told,) = [note for note in long.assumptions if note.startswith("Shifts of team")]
    assert told == (
        "Shifts of team care may have 10.5 paid hours, beyond preset KR: 8 a day (Labor Standards Act art. 50(2))."
    )


def test_overtime_comes_from_the_plan(tmp_path: Path) -> None:
    """For all, and outdone by a contract; none is no overtime."""
    plan = PLAN.replace("[rules]", "[rules]\novertime_week = { max = 4 }", 1)
    plan = plan.replace("[rules.parttime]", "[rules.parttime]\novertime_week = { max = 8, price = 9 }", 1)
    read = site.load(lay(tmp_path, plan)).rules
    assert read["parttime"].overtime_week == Overtime(8, 9)
    assert read["fulltime"].overtime_week == Overtime(4, 100)


def test_seats_and_seniors_come_from_the_plan(tmp_path: Path) -> None:
    """A number is hard, a price makes a wish, and a team's own rule outdoes that of all."""
    plan = PLAN.replace("[shrinkage]", "seats = 38\n[shrinkage]", 1)
    both = plan.replace("[rules]", "[rules]\nsenior_per_interval = 1", 1)
    read = site.load(lay(tmp_path, both))
    assert read.seats == 38
    assert {team.senior_per_interval for team in read.teams.values()} == {Limit(min=1)}
    own = both.replace("[team.care]", "[team.care]\nsenior_per_interval = { min = 2, price = 50 }", 1)
    assert site.load(lay(tmp_path, own)).teams["care"].senior_per_interval == Limit(min=2, price=50)
    wrong = plan.replace("[rules]", "[rules]\nsenior_per_interval = true", 1)
    assert "senior_per_interval is true" in site.check(lay(tmp_path, wrong))[0].problem


# list, its new text (None: the row is added), part of the problem, part of the remedy, line, column
WRONG_LISTS = {
    "unknown contract": ("agents", "9,Zuberi,care,partime,20,,\n", "contract 'partime'", "'parttime'", 5, "contract"),
    "no id": ("agents", ",Zuberi,care,parttime,20,,\n", "agent is empty", "write", 5, "agent"),
    "half a senior": ("agents", "9,Zuberi,care,parttime,20,half,\n", "'half' is not true or false", "", 5, "senior"),
    "hours in words": ("agents", "9,Zuberi,care,parttime,many,,\n", "'many' is not a finite number", "37.5", 5, "hours_week"),
    "a local date": ("agents", "9,Zuberi,care,parttime,20,,1.12.2026\n", "'1.12.2026' is not a date", "2026-11-30", 5,
                     "starts_on"),
    "unknown skill": ("skills", "08,call\n", "the queue 'call' is unknown", "'calls'", 3, "queue"),
    "skill of nobody": ("skills", "8,calls\n", "the agent '8' (did you mean '08'?) is not in", "take the row out", 3, "agent"),
    "skill twice": ("skills", "007,calls\n", "'007' stands here again", "one row", 3, "agent"),
    "unknown leave": ("timeoff", "08,2026-12-01,2026-12-01,ALL,8\n", "the kind in line 3 is none of AL, SICK, TRN, HOL", "one of them", 3, "kind"),
    "leave of no kind": ("timeoff", "08,2026-12-01,2026-12-01,,8\n", "kind is empty", "write", 3, "kind"),
    "too much credit": ("timeoff", "08,2026-12-01,2026-12-01,AL,40\n", "more hours than the days have", "whole row", 3,
                        "credit_hours"),
    "no credit": ("timeoff", "08,2026-12-01,2026-12-01,AL,\n", "credit_hours is empty", "37.5", 3, "credit_hours"),
    "leave in leave": ("timeoff", "007,2026-12-01,2026-12-03,TRN,8\n", "lies in leave", "join", 3, "start"),
    "unknown wish": ("requests", "08,2026-12-01,2026-12-01,wish,late,\n", "the kind in line 3 is none of avoid,", "one of them", 3, "kind"),
    "unknown shift": ("requests", "08,2026-12-01,2026-12-01,want,night,\n", "the shift 'night'", "early", 3, "shift"),
    "unknown event queue": ("events", "sale,cals,2026-12-10,2026-12-10,,\n", "the queue 'cals'", "'calls'", 3, "queue"),
    "all contacts gone": ("events", "sale,calls,2026-12-10,2026-12-10,-1,\n", "leaves no contacts", "0.25", 3, "effect"),
    "neither add nor factor": ("adjustments", "calls,2026-12-02,2026-12-02,,a,b\n", "must have add or factor", "one", 3,
                               "queue"),
    "a shift of 30 hours": ("previous", "08,2026-11-27,care,late,2026-11-27 10:00,2026-11-28 16:00,8\n",
                            "not within a day", "correct", 3, "end"),
    "a shift that is none": ("previous", "08,2026-11-27,care,night,2026-11-27 10:00,2026-11-27 16:00,8\n",
                             "the shift 'night'", "early", 3, "shift"),
    "a shift without a name": ("previous", "08,2026-11-27,care,,2026-11-27 10:00,2026-11-27 16:00,8\n", "shift is empty",
                               "write", 3, "shift"),
    "no clock": ("previous", "08,2026-11-27,care,late,10:00,2026-11-27 16:00,8\n", "'10:00' is not a time", "2026-11-30 09:00",
                 3, "start"),
    "an aht of a second": ("history", None, "the mean handle time of 'calls' is 1 s", "seconds", None, "aht"),
    "a misspelt column": ("agents", None, "the column 'senoir' is unknown", "'senior'", 1, "senoir"),
    "a missing column": ("timeoff", None, "the column 'credit_hours' is missing", "add it", 1, "credit_hours"),
}  # fmt: skip
WHOLE = {
    "an aht of a second": "start,offered,aht\n2026-11-02 08:00,10,1\n2026-11-02 08:30,12,1\n",
    "a misspelt column": "agent,name,team,contract,hours_week,senoir\n007,A,care,fulltime,40,yes\n08,B,care,parttime,9,\n",
    "a missing column": "agent,start,end,kind\n007,2026-11-30,2026-12-01,AL\n",
}


@pytest.mark.parametrize("name", WRONG_LISTS)
def test_wrong_lists(tmp_path: Path, name: str) -> None:
    """Each mistake in a list is named with its file, line, column and a remedy, and alone."""
    key, row, what, remedy, line, column = WRONG_LISTS[name]
    text = WHOLE[name] if row is None else LISTS[f"{key}.csv"] + row
    found = site.check(lay(tmp_path, **{key: text}))
    assert places(found) == {(f"{key}.csv", line, column)}
    assert what in found[0].problem
    assert remedy in found[0].remedy


def test_a_spreadsheets_list_is_read_too(tmp_path: Path) -> None:
    """Semicolons, a byte order mark and Windows line ends are no mistake."""
    text = "\ufeff" + LISTS["agents.csv"].replace(",", ";").replace("\n", "\r\n")
    assert site.load(lay(tmp_path, agents=text)).agents["agent"].tolist() == ["007", "08", "1E3"]


@pytest.mark.parametrize(
    ("plan", "what", "line"),
    [
        ("[site]\nname = shop\n", "this is not TOML", 2),
        ("[site]\nname = 'a'\n\nname = 'b'\n", "this is not TOML", 4),
        ("a = " + "[" * 3000, "the brackets go too deep", None),
    ],
    ids=["no quotes", "a key twice", "deep brackets"],
)
def test_what_is_not_toml(tmp_path: Path, plan: str, what: str, line: int | None) -> None:
    """Syntax is named with its line."""
    (problem,) = site.check(lay(tmp_path, plan))
    assert what in problem.problem
    assert line is None or problem.line == line


def test_a_misnamed_handle_time_and_a_queue_without_contacts(tmp_path: Path) -> None:
    """Who calls the column aht_min is told what it must be called; a queue of nothing is told as such."""
    header, *rows = LISTS["history.csv"].splitlines()
    minutes = "\n".join([f"{header},aht_min", *(f"{row},3.3" for row in rows)])
    (problem,) = site.check(lay(tmp_path, PLAN.replace("aht = 200\n", ""), history=minutes))
    assert "nobody knows the handle time of 'calls'" in problem.problem
    assert "a column aht to the history, in seconds; Columns not used: aht_min" in problem.remedy
    nothing = "start,offered\n2026-11-02 08:00,0\n2026-11-02 08:15,0\n"
    (problem,) = site.check(lay(tmp_path, history=nothing))
    assert problem.problem == "the history has no contact of 'calls'"
    assert "take its table out" in problem.remedy


def test_all_wrong_hours_are_told_at_once(tmp_path: Path) -> None:
    """Two spans of one day and one of another: three problems at their line."""
    hours = PLAN.replace('"08:00-18:00"', '"8 to 6, 25:00-26:00"').replace('["09:00-13:00"]', '"x"')
    problems = site.check(lay(tmp_path, hours))
    assert [problem.column.rsplit(".", 1)[1] for problem in problems] == ["mon-fri", "mon-fri", "sat"]


def test_a_plan_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    """No file and no UTF-8 are problems, not tracebacks."""
    assert "cannot be read" in site.check(tmp_path / "site.toml")[0].problem
    path = lay(tmp_path)
    path.write_bytes(PLAN.encode().replace("ሱቅ".encode(), b"\xff\xfe"))
    assert (site.check(path)[0].problem, site.check(path)[0].line) == ("the plan file is not UTF-8", 2)


@pytest.mark.parametrize(
    "plan", ["", "site = 1\n", "queue = 3\nteam = []\nrules = 'x'\nshrinkage = 2\n[site]\nname = 1\n"]
)
def test_any_toml_is_answered(tmp_path: Path, plan: str) -> None:
    """However little of a plan there is, the answer is a list of problems."""
    assert len(site.check(lay(tmp_path, plan))) >= 3


def test_every_key_of_the_planners_example_is_known(shared: Path, tmp_path: Path) -> None:
    """Of the plan that planners wrote for the founders only the lists are missing that do not lie beside it."""
    text = (shared / "plan-example.toml").read_text(encoding="utf-8")
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    found = site.check(tmp_path / "site.toml")
    assert all("cannot be read" in problem.problem for problem in found)
    assert {problem.column for problem in found} == {
        f"site.{name}"
        for name in ("history", "agents", "skills", "timeoff", "requests", "events", "adjustments")
    }


LISTED = [name.removesuffix(".csv") for name in LISTS if name not in ("history.csv", "agents.csv")]


@pytest.mark.parametrize("name", LISTED)
def test_a_list_without_rows_is_a_list_of_nothing(tmp_path: Path, name: str) -> None:
    """A header alone, and no list at all, load alike and keep their contract."""
    header = LISTS[f"{name}.csv"].splitlines()[0] + "\n"
    small = site.load(lay(tmp_path, **{name: header}))
    absent = site.load(lay(tmp_path, PLAN.replace(f'{name} = "{name}.csv"\n', "")))
    if name != "events":
        contract = tables.ASSIGNMENTS if name == "previous" else tables.CONTRACTS[name.upper()]
        for one in (small, absent):
            assert getattr(one, name).empty
            tables.check(getattr(one, name), contract)


def test_nobody_and_nothing_at_once(tmp_path: Path) -> None:
    """Every list but the history without rows: a site all the same."""
    headers = {name: LISTS[f"{name}.csv"].splitlines()[0] + "\n" for name in (*LISTED, "agents")}
    small = site.load(lay(tmp_path, **headers))
    assert small.agents.empty and small.previous.empty
    assert str(small.previous["start"].dtype).startswith("datetime64[us, ")


def test_cells_without_a_time_are_problems_not_faults(tmp_path: Path) -> None:
    """A previous week of words: each cell is told, and nothing breaks."""
    text = LISTS["previous.csv"].splitlines()[0] + "\n007,x,care,late,x,x,x\n"
    columns = [problem.column for problem in site.check(lay(tmp_path, previous=text))]
    assert columns == ["date", "start", "end", "paid_hours"]


INNARDS = ("ArgsKwargs", "datetime.", "Errno", "Tuple", "Input", "pydantic", "String should", "None", "{'")
AWRY = {
    "lunch is a number": ("lunch = { minutes = 30, paid = false, after_hours = [2.5, 3.5] }", "lunch = 3",
                          "lunch is 3, not a table", "team.care.lunch"),
    "lunch backwards": ("[2.5, 3.5]", "[3.5, 2.5]", "earliest <= latest", "team.care.lunch"),
    "half a window": ("[2.5, 3.5]", "[2.5]", "after_hours is [2.5]; it must be two numbers", "team.care.lunch.after_hours"),
    "a window of words": ("[2.5, 3.5]", "['a', 3]", "after_hours is ['a', 3]", "team.care.lunch.after_hours"),
    "a break in lunch": ("[team.care]", "[team.care]\nbreaks = [{ minutes = 9, paid = true, after_hours = [2, 3] }]",
                         "the window of lunch begins before", "team.care.breaks"),
    "a lone break too late": ("lunch = { minutes = 30, paid = false, after_hours = [2.5, 3.5] }",
                              "breaks = [{ minutes = 9, paid = true, after_hours = [2, 6] }]", "may end after the shift",
                              "team.care.breaks"),
    "a break that is none": ("[team.care]", "[team.care]\nbreaks = [3]", "breaks is 3, not a table", "team.care.breaks"),
    "long minutes": ("minutes = 30", "minutes = 300", "minutes is 300; it must be at most 240", "team.care.lunch.minutes"),
    "half a minute": ("minutes = 30", "minutes = 30.5", "a whole number", "team.care.lunch.minutes"),
    "perhaps paid": ("paid = false", "paid = 'maybe'", "true or false", "team.care.lunch.paid"),
    "hours crossed": ("{ min = 36, max = 40 }", "{ min = 41, max = 40 }", "min is greater than max",
                      "rules.fulltime.hours_week"),
    "hours in words": ("{ min = 36, max = 40 }", "{ min = 'a', max = 40 }", "min is 'a'; it must be a number",
                       "rules.fulltime.hours_week.min"),
    "one hour": ("hours = [6, 8]", "hours = [6]", "hours is [6]", "team.care.hours"),
    "three hours": ("hours = [6, 8]", "hours = [6, 8, 9]", "hours is [6, 8, 9]", "team.care.hours"),
    "a soft rush": ("[team.care]", "[team.care]\nrush = 'soft'", "rush is 'soft'; it must be \"hard\" or a price",
                    "team.care.rush"),
    "a true rush": ("[team.care]", "[team.care]\nrush = true", "rush is true", "team.care.rush"),
    "a rush that pays": ("[team.care]", "[team.care]\nrush = -3", "a price is 0 or more", "team.care.rush"),
    "closed on words": ("[shrinkage]", "closed = 'holidays'\n[shrinkage]", "\"public\" or a list of dates", "site.closed"),
    "closed on numbers": ("[shrinkage]", "closed = [7]\n[shrinkage]", "closed is [7]", "site.closed"),
    "one assumption": ("[shrinkage]", "assumptions = 'x'\n[shrinkage]", "a list of sentences", "site.assumptions"),
    "another weekday": ("[shrinkage]", "week_starts = 'tue'\n[shrinkage]", "'mon', 'sun' or 'sat'", "site.week_starts"),
    "no name": ('name = "ሱቅ"', 'name = ""', "name is empty", "site.name"),
    "no history": ('history = "history.csv"', 'history = ""', "history is empty", "site.history"),
    "no skills": ('skills = "skills.csv"', 'skills = ""', "skills is empty", "site.skills"),
    "no team": ('team = "care"', 'team = ""', "team is empty", "queue.calls.team"),
    "a queue of no name": ("[queue.calls]", "[queue.\"\"]\nteam = 'care'\n[queue.calls]", "a queue has an empty name", "queue"),
    "a team of no name": ("[team.care]", "[team.\"\"]\n[team.care]", "a team has an empty name", "team"),
    "a cause of no name": ("[shrinkage]", "[shrinkage]\n\"\" = { rate = 0.1 }", "a cause has an empty name", "shrinkage"),
    "a bare rate": ("{ rate = 0.05, rostered = false }", "0.05", "shrinkage.sick is 0.05, not a table", "shrinkage.sick"),
    "within true": ("within = 20", "within = true", "within is true", "queue.calls.target.within"),
    "endless price": ("[rules]", "[rules]\nprice_short = inf", "a plain number", "rules.price_short"),
    "aht of nothing": ("aht = 200", "aht = nan", "aht is nan; it must be a plain number", "queue.calls.aht"),
    "a numbered channel": ('kind = "voice"', "kind = 3", "the channel 3 is unknown", "queue.calls.channel.kind"),
    "a worded channel": ('channel = { kind = "voice", patience = 120 }', "channel = 'voice'", "not a table of keys",
                         "queue.calls.channel"),
    "too few at night": ("min_staff = 2 }", "min_staff = -2 }", "min_staff is -2", "team.care.evening.min_staff"),
    "an evening without begin": ('from = "17:00", ', "", "from is missing", "team.care.evening.from"),
    "an hour's opening": ('"08:00-18:00"', "8", "8 is no span of hours", "queue.calls.opening.mon-fri"),
    "a folder for a file": ('skills = "skills.csv"', 'skills = "."', "cannot be read (Is a directory)", "site.skills"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what", "column"), AWRY.values(), ids=AWRY.keys())
def test_messages_are_for_planners(tmp_path: Path, old: str, new: str, what: str, column: str) -> None:
    """One mistake, one message: plain words, the key and its line, and nothing of Python in it."""
    assert old in PLAN
    found = site.check(lay(tmp_path, PLAN.replace(old, new, 1)))
    assert [problem.column for problem in found] == [column]
    assert what in found[0].problem
    assert found[0].line is not None
    assert not [word for word in INNARDS if word in f"{found[0].problem} {found[0].remedy}"]


def test_a_reason_for_leave_is_never_repeated(tmp_path: Path) -> None:
    """Whatever stands in the place of a code or a date of leave, no message and no table has it."""
    header = "agent,start,end,kind,credit_hours,reason\n"
    rows = "08,2026-12-01,2026-12-01,depression,8,depression\n007,depression,depression,SICK,depression,x\n"
    problems = site.check(lay(tmp_path, timeoff=header + rows))
    assert len(problems) == 4
    assert "the kind in line 2 is none of AL, SICK, TRN, HOL" in problems[-1].problem
    assert "depression" not in str(problems)
    fine = header + "08,2026-12-01,2026-12-01,SICK,8,depression\n"
    assert list(site.load(lay(tmp_path, timeoff=fine)).timeoff) == list(tables.TIMEOFF.columns)


def test_people_who_are_not_in_the_agents_list_are_one_problem(tmp_path: Path) -> None:
    """One line for a file: who, how many rows, the nearest id, and what to do."""
    rows = "".join(f"X{n:02},2026-12-0{1 + n % 5},2026-12-0{1 + n % 5},AL,8\n" for n in range(14))
    (problem,) = site.check(
        lay(tmp_path, timeoff=LISTS["timeoff.csv"] + rows + "8,2026-12-01,2026-12-01,AL,8\n")
    )
    assert problem.problem.startswith("15 agents: '8' (did you mean '08'?), 'X00', 'X01'")
    assert problem.problem.endswith("and 5 more are not in the agents' list")
    assert "take the 15 rows out" in problem.remedy
    assert (Path(problem.file).name, problem.line, problem.column) == ("timeoff.csv", 3, "agent")


def test_who_has_left_may_stand_in_last_week(tmp_path: Path) -> None:
    """Last week's shifts of people who are no agents any more are no mistake."""
    row = "99,2026-11-27,care,late,2026-11-27 10:00,2026-11-27 18:00,7.5\n"
    assert site.check(lay(tmp_path, previous=LISTS["previous.csv"] + row)) == []


def test_ids_that_spreadsheets_spoil_stay_text(tmp_path: Path) -> None:
    """007, 1E3, NA and a formula are ids like any other, in every list."""
    odd = ("007", "1E3", "NA", "=2+3", "None")
    agents = "agent,name,team,contract,hours_week\n" + "".join(f"{who},A,care,fulltime,40\n" for who in odd)
    skills = "agent,queue\n" + "".join(f"{who},calls\n" for who in odd)
    previous = LISTS["previous.csv"].splitlines()[0] + "\n" + "".join(
        f"{who},2026-11-27,care,late,2026-11-27 10:00,2026-11-27 18:00,7.5\n" for who in odd
    )  # fmt: skip
    none = {name: LISTS[f"{name}.csv"].splitlines()[0] + "\n" for name in ("timeoff", "requests")}
    small = site.load(lay(tmp_path, agents=agents, skills=skills, previous=previous, **none))
    for table in (small.agents, small.skills, small.previous):
        assert tuple(table["agent"]) == odd


SMALLEST = """\
[site]
name = "a"
timezone = "Africa/Nairobi"
history = "history.csv"
agents = "agents.csv"
[shrinkage]
[queue.calls]
team = "care"
aht = 200
[team.care]
"""


def test_a_plan_that_says_little_is_read_back(tmp_path: Path) -> None:
    """What is not given is said: no break, default rules, nobody away, patience, hours, holidays, defaults."""
    assert site.load(lay(tmp_path, SMALLEST)).assumptions == (
        "Handle time of calls: 200 s where the history has none; given, not measured.",
        "Patience of calls is not given: nobody is taken to hang up (Erlang C).",
        "Target of calls: 80 % answered within 20 s (of all offered), occupancy at most 88 %, at least 1 on the "
        "queue. Defaults, not given: answered, within, occupancy, at least 1.",
        "Opening hours of calls are not given: those of its history hold.",
        "No shrinkage is given: everybody rostered is taken to be there.",
        "No lunch or break is planned for team care.",
        "Rules by default, not given: paid hours exactly those of the contract, 11 h rest, at most 5 days a week, "
        "at most 5 days in a row, 2 days off together, the same shift all week, early and late weeks alternate "
        "where possible.",
        "No country is named: public holidays count as any other day.",
    )


def test_every_target_is_said(tmp_path: Path) -> None:
    """All that binds a queue stands in one sentence; what is given is no default."""
    target = (
        "target = { answered = 0.9, within = 30, max_occupancy = 0.8, max_abandonment = 0.03, max_asa = 40, "
    )
    plan = PLAN.replace(
        "target = { answered = 0.8, within = 20", f'{target}definition = "excluding_short_abandons"'
    )
    said = site.load(lay(tmp_path, plan.replace("aht = 200", "aht = 200\nmin_staff = 2"))).assumptions
    assert (
        "Target of calls: 90 % answered within 30 s (short abandons left out), occupancy at most 80 %, abandonment "
        "at most 3 %, mean wait of the answered at most 40 s, at least 2 on the queue."
    ) in said


def test_times_that_look_like_ends_are_told(tmp_path: Path) -> None:
    """Days that begin half an hour late and end at closing time are noted; true starts, and odd days, are not."""

    def said(first: int) -> str:
        starts = [f"2026-11-{day:02} {m // 60:02}:{m % 60:02}" for day in range(2, 14) if day not in (4, 7, 8, 11)
                  for m in range(first, first + 600, 30)]  # fmt: skip
        text = "start,offered\n" + "".join(f"{start},10\n" for start in starts)
        return " ".join(site.load(lay(tmp_path, history=text)).assumptions)

    assert "look like the ends of intervals" in said(510)
    assert "look like" not in said(480)
    assert "look like" not in said(540)
