"""The week's two shifts are costed by what its roster is measured by, and deadlines wait for their spare."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from shift_tables import expected, needed

from staffing import requirement, shifts
from staffing.model import Chat, Deferred, Queue, Target, Team, Voice
from staffing.roster import worth
from staffing.week import needs
from staffing.week.design import Asked

VOLUMES = [6, 8, 12, 20, 26, 30, 26, 20, 14, 12, 16, 22, 26, 22, 16, 12, 10, 8, 6, 6, 5, 5, 4, 4]
DAY = Target(over="day", floor=0.5, max_occupancy=0.95)


def site(*queues: Queue) -> SimpleNamespace:
    teams = {name: Team(name, hours=(6, 8)) for name in sorted({queue.team for queue in queues})}
    return SimpleNamespace(queues=queues, teams=teams)


def calls(name: str, target: Target, team: str = "presales") -> Queue:
    return Queue(name, team, (), aht=300.0, target=target, channel=Voice(patience=180))


def asked(*queues: Queue, work: pd.DataFrame | None = None) -> Asked:
    forecast = pd.concat(
        [expected(VOLUMES, VOLUMES, queue=queue.name) for queue in queues if queue.channel.kind == "voice"],
        ignore_index=True,
    )
    waiting = [queue for queue in queues if queue.channel.kind == "voice"]
    none = pd.DataFrame({"queue": pd.Series(dtype="str")})
    return Asked(
        site(*queues),
        requirement.compute(forecast, waiting),
        none if work is None else work,
        requirement.curve(forecast, waiting),
    )


def test_a_target_over_the_day_is_costed_along_its_curve() -> None:
    """The ranking is that of two_shift with target and curve; it needs fewer hours than by half hours."""
    one = asked(calls("calls", DAY))
    found = one.designs(None, None)
    alone = shifts.two_shift(
        one.requirement, one.site.teams.values(), target="day", curve=one.curve, queues=one.site.queues
    )
    pd.testing.assert_frame_equal(found.drop(columns="target"), alone)
    assert set(found["target"]) == {"day"}
    plain = shifts.two_shift(one.requirement, one.site.teams.values())
    assert found.loc[0, "paid_hours"] < 0.97 * plain.loc[0, "paid_hours"]
    levers = one.levers(found, None, None)
    assert levers.loc[0, "paid_hours"] == pytest.approx(found.loc[0, "paid_hours"])


def test_lines_that_do_not_agree_are_costed_by_half_hours() -> None:
    """A team with a day's and an interval's target, or a line without curve, is costed by its need."""
    mixed = asked(calls("calls", DAY), calls("vip", Target()))
    assert mixed.over("presales") == "interval"
    own = asked(calls("calls", DAY), calls("vip", Target(), "care"))
    assert (own.over("presales"), own.over("care")) == ("day", "interval")
    found = own.designs(None, None)
    assert found.drop_duplicates("team")[["team", "target"]].to_numpy().tolist() == [
        ["care", "interval"], ["presales", "day"],
    ]  # fmt: skip
    assert own._replace(curve=None).over("presales") == "interval"


def test_shifts_are_told_with_the_work_beside_them() -> None:
    """Deferred work flows where the shifts leave people, who count as staffed there."""
    mail = Queue("mail", "presales", (), aht=300.0, channel=Deferred(due="8h"))
    times = needed(VOLUMES)["interval"]
    work = pd.DataFrame({"queue": "mail", "released": [times.iloc[0]], "due": times.iloc[-1], "hours": 4.0})
    one = asked(calls("calls", Target()), mail, work=work)
    (part,) = one.parts()
    assert part["workload"]["hours"].tolist() == [4.0]
    found = one.designs(None, None)
    both = shifts.pair(found.iloc[0], one.site.teams["presales"])
    there = one.staffed(both)
    rows = there.merge(one.requirement, on=["team", "interval"])
    spare = 0.5 * (rows["staffed"] - rows["scheduled"]).clip(lower=0.0)
    assert spare[rows["interval"] < times.iloc[-1]].sum() >= 4.0 - 1e-6
    assert (rows["staffed"] >= rows["scheduled"] - 1e-6).all()


def test_chats_have_a_curve_of_the_form_of_calls() -> None:
    """The week asks for it where nobody does other work beside; it says what the chats' own model says."""
    chats = Queue("chat", "presales", (), aht=400.0, target=DAY, channel=Chat(concurrency=3, patience=150))
    forecast = expected(VOLUMES, queue="chat")
    need = requirement.compute(forecast, [chats])
    found = needs.curve(site(chats), forecast, need)
    assert found is not None
    some = found[found["agents"] == 3.0]
    agents = forecast[["queue", "interval"]].assign(agents=3.0)
    told = requirement.evaluate(forecast, [chats], agents)
    told = told[told["interval"].isin(some["interval"])]
    assert len(some) > 5
    assert told["service_level"].to_numpy() == pytest.approx(some["service_level"].to_numpy(), abs=1e-6)
    busy = need.assign(agents_deferred=1.0)
    assert needs.curve(site(chats), forecast, busy) is None


def test_people_for_deadlines_are_needed_whatever_the_curve_says() -> None:
    """With a target over the day an interval that has such people needs all of them, others their floor."""
    queue = calls("calls", DAY)
    forecast = expected(VOLUMES)
    rows = requirement.compute(forecast, [queue]).assign(agents_deferred=[2.0] + [0.0] * 23)
    rows["scheduled"] += rows["agents_deferred"]
    rows["agents"] = rows["scheduled"]
    curve = requirement.curve(forecast, [queue])
    where = (np.zeros(24, dtype=int), np.arange(24))
    points = worth._points(rows, where, queue, curve, "day")
    assert points[0].foot == points[0].heads and not points[0].by_service
    assert points[5].foot < points[5].heads
