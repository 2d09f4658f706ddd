"""Chats, several at once: the published example, the exact chain of small centres, one chat is a call."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from staffing import erlang, requirement
from staffing.channels import chat
from staffing.errors import DataError
from staffing.model import Chat, Queue, Target, Voice

FREE = Target(answered=0.8, within=30, max_occupancy=1.0, max_abandonment=None)


def table(volume: list[float]) -> pd.DataFrame:
    times = pd.date_range("2026-11-30 09:00", periods=len(volume), freq="30min", tz="Asia/Seoul", unit="us")
    return pd.DataFrame({"queue": "chats", "interval": times, "volume": volume})


def chats(channel: Chat | Voice, **fields: object) -> Queue:
    values = {"team": "presales", "aht": 420.0, "shrinkage": (), "target": FREE, "channel": channel}
    return Queue("chats", **(values | fields))


def test_the_patents_example() -> None:
    """Three chats at once are worth 1.69 of one, so that a chat of 500 s takes 886.8 s."""
    assert round(float(chat.throughput(3, typing_ratio=0.75)), 2) == 1.69
    assert round(float(requirement.chat_time(500, concurrency=3, typing_ratio=0.75)), 1) == 886.8
    back = requirement.chat_time(886.8, concurrency=1, typing_ratio=0.75, measured_at=3)
    assert float(back) == pytest.approx(500, abs=0.05)
    assert chat.throughput(np.arange(40), typing_ratio=0.75).max() <= 1.75
    with pytest.raises(DataError, match="concurrency"):
        chat.throughput(2.5, typing_ratio=1.0)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
def test_throughput_is_that_of_the_small_chain(ratio: float) -> None:
    """An agent and k customers who take turns: solved as a chain, busy time over a single chat's."""
    for k in range(1, 6):
        # State: customers who wait for the agent. Agent types for 1, a customer for `ratio`.
        generator = np.zeros((k + 1, k + 1))
        for state in range(k + 1):
            if state < k:
                generator[state, state + 1] = (k - state) / ratio
            if state > 0:
                generator[state, state - 1] = 1.0
            generator[state, state] = -generator[state].sum()
        steady = np.linalg.lstsq(
            np.vstack([generator.T, np.ones(k + 1)]), np.append(np.zeros(k + 1), 1.0), rcond=None
        )[0]
        assert chat.throughput(k, typing_ratio=ratio) == pytest.approx(
            (1 + ratio) * (1 - steady[0]), rel=1e-9
        )


@pytest.mark.parametrize("patience", [None, 90.0])
@pytest.mark.parametrize(("agents", "load"), [(1, 0.8), (2, 2.5), (4, 5.0), (3, 6.0), (6, 4.0)])
def test_small_centres_are_exact(agents: int, load: float, patience: float | None) -> None:
    """P(wait), abandonment and mean wait of the whole birth-death chain, by brute force."""
    channel = Chat(concurrency=3, typing_ratio=0.75, patience=patience)
    rates = chat.throughput(np.arange(4), typing_ratio=0.75)
    if patience is None and load >= agents * rates[3]:
        pytest.skip("endless line")
    aht, slots = 420.0, 3 * agents
    leave = 0.0 if patience is None else 1 / patience
    log_mass, queue = [0.0], 4000
    for j in range(1, slots + queue):
        each, more = divmod(min(j, slots), agents)
        speed = more * rates[min(each + 1, 3)] + (agents - more) * rates[each]
        speed = speed / aht + max(j - slots, 0) * leave
        log_mass.append(log_mass[-1] + np.log(load / aht / speed))
    mass = np.exp(np.array(log_mass) - max(log_mass))
    mass /= mass.sum()
    waiting_now = np.maximum(np.arange(len(mass)) - slots, 0) @ mass
    n, a, h = np.array([float(agents)]), np.array([load]), np.array([aht])
    wait, _ = chat.waiting(n, a, h, channel)
    assert wait[0] == pytest.approx(mass[slots:].sum(), rel=1e-8)
    in_time, lost, asa = chat.parts(n, a, h, channel, within=30.0, definition="offered")
    arrivals = load / aht
    if patience is None:
        assert asa[0] == pytest.approx(waiting_now / arrivals, rel=1e-7)
        spare = agents * rates[3] - load
        assert in_time[0] == pytest.approx(1 - wait[0] * np.exp(-spare * 30 / aht), rel=1e-9)
    else:
        assert lost[0] == pytest.approx(waiting_now * leave / arrivals, rel=1e-7)
        assert 0 < in_time[0] < 1 - lost[0] + 1e-12


def test_one_chat_at_a_time_is_a_call() -> None:
    """With concurrency one, every figure is Erlang's."""
    forecast = table([40.0, 70.0, 10.0])
    one = requirement.compute(forecast, [chats(Chat(concurrency=1, patience=100))])
    call = requirement.compute(forecast, [chats(Voice(patience=100))])
    pd.testing.assert_frame_equal(one, call, rtol=1e-8)


def test_three_at_once_is_never_a_third() -> None:
    """Three chats at once need fewer agents than one, far more than a third, and keep the target."""
    forecast = table([120.0] * 6)
    single, triple = (
        requirement.compute(forecast, [chats(Chat(concurrency=k, typing_ratio=0.75))]).iloc[-1]
        for k in (1, 3)
    )
    naive = int(erlang.required_agents(single["load"] / 3, aht=140, within=30))
    assert naive < triple["agents"] < single["agents"]
    assert triple["agents"] > single["load"] / 1.75
    assert triple["service_level"] >= 0.8
    assert triple["occupancy"] < 1


def test_chats_by_simulation() -> None:
    """A small replay of chats spread evenly over agents agrees with the model's service level."""
    rng = np.random.default_rng(12)
    agents, load, aht, channel = 4, 5.2, 420.0, Chat(concurrency=3, typing_ratio=0.75, patience=200.0)
    rates = chat.throughput(np.arange(4), typing_ratio=0.75)
    count, line, now = np.zeros(agents, dtype=int), [], 0.0
    offered = in_time = 0
    while offered < 40000:
        speed = rates[count] / aht
        total = load / aht + speed.sum() + len(line) / 200.0
        now += rng.exponential(1 / total)
        pick = rng.random() * total
        if pick < load / aht:
            offered += 1
            if count.min() < 3:
                count[count.argmin()] += 1
                in_time += 1
            else:
                line.append(now)
        elif pick < load / aht + speed.sum():
            done = int(np.searchsorted(np.cumsum(speed), pick - load / aht))
            count[done] -= 1
            if line:
                in_time += now - line.pop(0) <= 30
                count[count.argmin()] += 1
        else:
            line.pop(rng.integers(len(line)))
    model = chat.parts(
        np.array([4.0]), np.array([load]), np.array([aht]), channel, within=30.0, definition="offered"
    )
    # Even spread is an idealisation after a chat has ended, hence the room.
    assert in_time / offered == pytest.approx(model[0][0], abs=0.03)


def test_unsure_chats_and_fractional_agents() -> None:
    """Quantiles price the chats too; what expected people achieve lies between whole numbers of them."""
    forecast = table([100.0] * 6)
    unsure = forecast.assign(volume_p10=80.0, volume_p90=120.0)
    queue = chats(Chat(concurrency=3, patience=150))
    needed = requirement.compute(unsure, [queue])
    assert (needed["agents"] >= needed["agents_for_mean"]).all()
    assert needed["target_met"].between(0.3, 1).all()
    whole = requirement.evaluate(forecast, [queue], needed)["service_level"].iloc[-1]
    less = requirement.evaluate(forecast, [queue], needed.assign(agents=needed["agents"] - 0.5))
    fewer = requirement.evaluate(forecast, [queue], needed.assign(agents=needed["agents"] - 1))
    assert fewer["service_level"].iloc[-1] < less["service_level"].iloc[-1] < whole
