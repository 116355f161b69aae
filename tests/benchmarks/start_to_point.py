"""The time from pressing Start to the first point on the chart, with a process standing by and without.

    python -m tests.benchmarks.start_to_point [--rounds 5] [--choose 10]

The real command runs in a pseudo-terminal. Somebody looks at the app for some seconds (`--choose`), goes to
Train and presses `s`; the clock runs from that key until the terminal shows a loss and a drawn point below
it. With and without take turns, so that a machine that is busy is busy for both. The runs are stopped again.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import tempfile
import time
from pathlib import Path

from tests.cli.commands import lrtui
from tests.end_to_end.terminal import LRTUI, Terminal

PATIENCE = 120.0


def seconds_to_first_point(folder: Path, choose: float, *, standby: bool) -> float:
    """Open the app on an empty runs folder, start a run after `choose` seconds, and time its first point."""
    environment = {
        "LRTUI_RUNS_DIR": str(folder / "runs"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_STATE_HOME": str(folder / "state"),
        "LRTUI_STANDBY": "1" if standby else "0",
    }
    try:
        with Terminal([LRTUI], environment, cwd=folder) as terminal:
            terminal.wait_for("lr(t)")
            time.sleep(choose)
            terminal.send("f3")
            terminal.wait_for("Start (s")
            time.sleep(0.5)
            began = time.perf_counter()
            terminal.send("s")
            while not _has_point(terminal.text):
                if time.perf_counter() - began > PATIENCE:
                    raise TimeoutError(terminal.text)
                time.sleep(0.005)
            return time.perf_counter() - began
    finally:
        os.environ["LRTUI_RUNS_DIR"] = environment["LRTUI_RUNS_DIR"]
        for lock in (folder / "runs").glob("*/lock"):
            lrtui("runs", "stop", lock.parent.name)


def _has_point(screen: str) -> bool:
    """Whether a run is shown with a loss in figures and, below them, something drawn."""
    found = re.search(r"\bloss \d", screen)
    return found is not None and re.search(r"[\u2801-\u28ff]", screen[found.end() :]) is not None


def main() -> None:
    """Measure in turn and print medians and their ratio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--choose", type=float, default=10.0, help="seconds before Start is pressed")
    options = parser.parse_args()
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(options.rounds):
        for standby in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                seconds = seconds_to_first_point(Path(folder), options.choose, standby=standby)
            times[standby].append(seconds)
            word = "with" if standby else "without"
            print(f"round {number + 1}, {word} a process standing by: {seconds:.2f} s", flush=True)
    ready, cold = statistics.median(times[True]), statistics.median(times[False])
    print(f"median with {ready:.2f} s, without {cold:.2f} s: {cold / ready:.1f} times as fast")


if __name__ == "__main__":
    main()
