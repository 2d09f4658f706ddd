"""Seconds and peak memory of the demo, step by step: `python benchmarks/demo.py [bank|shop]`.

Each case runs in a process of its own. Peak memory is the largest resident set so far: it only grows
from step to step.
"""

from __future__ import annotations

import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """One process for each case, then the machine and versions they ran on."""
    if sys.argv[1:2] == ["--one"]:
        run(sys.argv[2])
        return
    for case in sys.argv[1:] or ["shop", "bank"]:
        print(f"{case}: step, seconds, peak MiB", flush=True)
        subprocess.run([sys.executable, __file__, "--one", case], check=True)
    print(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}")


def run(case: str) -> None:
    """The main job of one case, with a line after each step."""
    began = time.perf_counter()
    steps: list[tuple[str, float]] = []

    def lap(name: str) -> None:
        now = time.perf_counter()
        if steps:
            last, since = steps[-1]
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"  {last:12} {now - since:6.2f} {peak:6.0f}", flush=True)
        steps.append((name, now))

    lap("import")
    from staffing import demo, export, site
    from staffing import week as sentence

    with tempfile.TemporaryDirectory() as folder:
        lap("inputs")
        plan, label = demo.prepare(case, Path(folder) / "inputs")
        lap("read")
        described = site.load(plan)
        planned = sentence.plan(described, label, progress=lap)
        lap("write")
        export.write(planned, Path(folder) / "out")
        lap("end")
    print(f"  {'all':12} {time.perf_counter() - began:6.2f}")


if __name__ == "__main__":
    main()
