"""Which model to trust: Erlang C, Erlang A and the simulation against a real centre, half hour by half hour.

    python benchmarks/trust.py

Reads the call logs of the "Anonymous Bank" (Israel 1999; organised by I. Guedj and A. Mandelbaum, Technion)
from ``data/anonymous_bank_1999`` in the folder of shared data beside the checkout, or in the one that the
environment variable STAFFING_SHARED names. All calls are one line: the bank's agents answer several types. A
call enters the line when it leaves the voice menu. Then: what another way of reading agents off the log would
change, and how far that reading is off on simulated logs whose roster is known.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from staffing import review, simulation
from staffing.model import Queue, Voice

ROOT = Path(__file__).resolve().parents[1]
LOGS = ("calls_1999-01.csv", "calls_1999-02.csv", "calls_1999-08.csv.gz")
BANK = Queue("bank", team="bank", shrinkage=())


def bank(path: Path) -> pd.DataFrame:
    """CALLS of one month, those who hung up in the voice menu and virtual calls left out."""
    raw = pd.read_csv(path, parse_dates=["arrived"])
    raw = raw[raw["outcome"].isin(["answered", "abandoned"])]
    # The clock of the menu runs backwards now and then.
    entered = raw["arrived"] + pd.to_timedelta(raw["ivr_s"].clip(lower=0), unit="s")
    return pd.DataFrame(
        {
            "queue": "bank",
            "arrived": entered.dt.as_unit("us").dt.tz_localize("Asia/Jerusalem"),
            "wait": raw["wait_s"].astype(float),
            "service": raw["service_s"].astype(float),
            "outcome": raw["outcome"],
            "agent": raw["agent"],
        }
    )


def known_centre(people: int, peak: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A simulated log of ten days and its true SEGMENTS: two shifts, half an hour of lunch and a break."""
    volumes, duty = [], []
    for day in pd.date_range("2026-11-02", periods=10, tz="UTC", unit="us"):
        times = pd.date_range(day + pd.Timedelta("8h"), periods=24, freq="30min")
        load = peak * (0.4 + 0.6 * np.sin(np.linspace(0, np.pi, 24)))
        volumes.append(pd.DataFrame({"queue": "bank", "interval": times, "volume": load * 7.5, "aht": 240.0}))
        for number in range(people):
            first = 8.0 if number % 2 else 12.0
            lunch, pause = first + 2 + 0.25 * (number // 2 % 6), first + 5 + 0.25 * (number // 2 % 6)
            for start, end in ((first, lunch), (lunch + 0.5, pause), (pause + 0.25, first + 8)):
                hours = day + pd.Timedelta(hours=start), day + pd.Timedelta(hours=end)
                duty.append((f"{number:03}", *hours))
    segments = pd.DataFrame(duty, columns=["agent", "start", "end"])
    segments = segments.assign(activity="queue", queue="bank", paid=True)
    lived = simulation.run(
        segments,
        [Queue("bank", team="bank", shrinkage=(), channel=Voice(patience=180))],
        forecast=pd.concat(volumes, ignore_index=True),
        service={"bank": simulation.lognormal(1.0)},
        replications=1,
    )
    log = lived.contacts
    return log[log["outcome"] != "waiting"].reset_index(drop=True), segments


def hours(table: pd.DataFrame) -> float:
    """People's time in a table of starts and ends. [h]"""
    return float((table["end"] - table["start"]).dt.total_seconds().sum()) / 3600.0


def line(found: review.Trust) -> str:
    """Bias and mean absolute error of the service level by model, in points."""
    return "; ".join(
        f"{row.model} {100 * row.service_level_bias:+.1f} ({100 * row.service_level_error:.1f})"
        for row in found.by_model.itertuples()
    )


def main() -> None:
    """Print the check of each month, then of the reading itself."""
    shared = Path(os.environ.get("STAFFING_SHARED", ROOT.parent / "shared"))
    folder = shared / "data" / "anonymous_bank_1999"
    if not folder.is_dir():
        sys.exit("the bank's logs are not here: set STAFFING_SHARED to the folder of shared data")
    for name in LOGS:
        began = time.process_time()
        found = review.trust(bank(folder / name), [BANK])
        print(f"== {name}, {time.process_time() - began:.1f} CPU s\n{found}\n")
    january = bank(folder / LOGS[0])
    print("== January, by quarter hour")
    print(line(review.trust(january, [BANK], every="15min")))
    print("== January, agents read differently; bias (mean absolute error), points of service level")
    for pick_up in (5.0, 10.0, 20.0, 30.0, 60.0):
        found = review.trust(january, [BANK], pick_up=pick_up)
        there = found.by_interval["agents"].mean()
        print(f"pick_up {pick_up:3.0f} s, {there:.2f} agents: {line(found)}")
    print("== Simulated logs of a known roster: hours read / true hours; the same figures")
    for people, peak in ((20, 6.0), (20, 9.0), (20, 11.0), (20, 14.0), (60, 30.0), (60, 38.0)):
        log, segments = known_centre(people, peak)
        share = hours(review.presence(log)) / hours(segments)
        found = review.trust(log, [BANK])
        level = found.by_model["service_level"].iloc[0]
        print(f"{people} people, peak {peak:.0f} Erl: {share:.3f}; service level {level:.3f}; {line(found)}")


if __name__ == "__main__":
    main()
