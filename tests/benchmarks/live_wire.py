"""What watching a run costs on the wire: the real `lrtui` in a pseudo-terminal of 120x40, byte by byte.

    python tests/benchmarks/live_wire.py [SECONDS] [--real] [--where]

A scripted run of SECONDS (60 if left out) reports ten times a second: loss, accuracy, rate, gradient norm
and speed, noisy like real ones. `lrtui` follows it on the Train screen with all its charts. Bytes are counted
from the first look at the run to its end, and after it, when nothing changes. `--real` does the same with a
short training of a real network. `--where` says which lines of the screen the bytes went to.

It prints bytes a second (the whole run, its heaviest second, idle) and their ratio to 1 KiB/s, the most that
is thought fit; it asserts nothing.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from lrtui.runs.events import EventWriter
from lrtui.runs.launch import launch
from lrtui.runs.run import Run
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import RunStore

COLUMNS, ROWS = 120, 40
BUDGET = 1024.0
"""Bytes a second."""

REPORTS = 10
STEPS_PER_EPOCH = 40
SETTLE = 2.0
"""Seconds from the first sight of the run to the first byte that counts: the first paint isn't the run."""

IDLE = 10.0

_PLACE = re.compile(rb"\x1b\[(\d+);(\d+)H")


def write_run(folder: Path) -> None:
    """What a worker writes, at its pace; runs in a process of its own that holds the run's lock."""
    run = Run(folder)
    updates = run.spec.epochs * STEPS_PER_EPOCH
    dice = random.Random(0)
    began = time.monotonic()
    with EventWriter(run.events_path) as log:
        log.emit("started", device="cpu", updates=updates, steps_per_epoch=STEPS_PER_EPOCH, parameters=61_706,
                 data={"label": "scripted", "train": 10_000, "test": 2_000})  # fmt: skip
        for step in range(updates):
            time.sleep(max(0.0, began + step / REPORTS - time.monotonic()))
            done = (step + 1) / updates
            loss = 2.3 * math.exp(-4 * done) + 0.35 + dice.gauss(0, 0.06)
            accuracy = 0.9 * (1 - math.exp(-6 * done)) + dice.gauss(0, 0.015)
            lr = 0.05 * (1 + math.cos(math.pi * done))
            log.emit("report", step=step, epoch=(step + 1) / STEPS_PER_EPOCH, lr=lr, train_loss=loss,
                     train_acc=min(1.0, max(0.0, accuracy)), examples_per_sec=12_000 + dice.gauss(0, 400),
                     grad_norm=math.exp(dice.gauss(0, 0.3)) * (0.5 + loss))  # fmt: skip
            if (step + 1) % STEPS_PER_EPOCH == 0:
                log.emit("epoch", epoch=(step + 1) // STEPS_PER_EPOCH, step=step, lr=lr, train_loss=loss,
                         train_acc=accuracy, test_loss=loss + 0.05, test_acc=max(0.0, accuracy - 0.02),
                         seconds=STEPS_PER_EPOCH / REPORTS, examples_per_sec=12_000.0,
                         grad_norm=0.5 + loss)  # fmt: skip
        log.emit("finished", outcome="completed", reason="", step=updates)


def scripted(root: Path, seconds: float) -> Run:
    """Start the scripted run."""
    epochs = max(1, round(seconds * REPORTS / STEPS_PER_EPOCH))
    run = RunStore(root).create(RunSpec(schedule="cosine(0.1)", name="scripted", epochs=epochs))
    launch(run, [sys.executable, __file__, "--write"])
    return run


def real(root: Path, seconds: float) -> Run:
    """Start a real training on the embedded data, of about so many seconds on two cores."""
    epochs = str(max(2, round(seconds / 2)))
    command = [sys.executable, "-m", "lrtui", "train", "--preset", "cosine", "--epochs", epochs, "--detach"]
    subprocess.run(
        [*command, "--data", "embedded", "--runs-dir", str(root)], check=True, stdout=subprocess.DEVNULL
    )
    return RunStore(root).runs()[0]


def watch(run: Run, root: Path) -> tuple[list[int], list[int], bytes]:
    """Bytes of each second of the run, of each second after it, and what was sent during the run."""
    from tests.end_to_end.terminal import LRTUI, Terminal

    # What somebody last did with the app is none of the benchmark's business.
    own = {f"XDG_{kind}_HOME": str(root.parent / kind) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    with Terminal([LRTUI, "--runs-dir", str(root)], own, columns=COLUMNS, rows=ROWS) as terminal:
        terminal.wait_for("Catalogue")
        terminal.send("f3")
        terminal.wait_for(lambda screen: "Loss" in screen and "Accuracy" in screen)
        time.sleep(SETTLE)
        first = terminal.traffic
        during = _seconds(terminal, run.alive)
        sent = bytes(terminal.sent[first:])
        time.sleep(SETTLE + 2)  # the ending is shown, and notices go
        end = time.monotonic() + IDLE
        after = _seconds(terminal, lambda: time.monotonic() < end)
        terminal.send("q")
        terminal.wait_exit(30)
    return during, after, sent


def _seconds(terminal: object, going_on: object) -> list[int]:
    counts: list[int] = []
    mark, until = terminal.traffic, time.monotonic()  # type: ignore[attr-defined]
    while going_on():  # type: ignore[operator]
        until += 1
        time.sleep(max(0.0, until - time.monotonic()))
        now = terminal.traffic  # type: ignore[attr-defined]
        counts.append(now - mark)
        mark = now
    return counts


def where(sent: bytes) -> Counter[tuple[int, int]]:
    """Bytes by the line and the twenty columns of the screen that they were written to."""
    counts: Counter[tuple[int, int]] = Counter()
    places = [*_PLACE.finditer(sent)]
    for this, following in zip(places, [*places[1:], None], strict=True):
        end = following.start() if following else len(sent)
        counts[int(this[1]), (int(this[2]) - 1) // 20 * 20] += end - this.start()
    return counts


def report(name: str, during: list[int], after: list[int], sent: bytes, places: bool) -> None:
    """Print one run."""
    mean = sum(during) / max(1, len(during))
    idle = sum(after) / max(1, len(after))
    print(
        f"{name:10}{len(during):>6} s{sum(during):>10,} bytes{mean:>8,.0f} B/s"
        f" ({mean / BUDGET:.2f} of 1 KiB/s){max(during, default=0):>8,} in the heaviest{idle:>7,.0f} B/s idle"
    )
    if places:
        for (row, column), count in where(sent).most_common(24):
            print(f"    line {row:>2}, columns {column + 1:>3}-{column + 20:>3}: {count / len(sent):>4.0%}")


def main() -> None:
    """Watch the runs and print what they cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("seconds", nargs="?", type=float, default=60.0)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--where", action="store_true")
    asked = parser.parse_args()
    kinds = [("scripted", scripted), *([("real", real)] if asked.real else [])]
    for name, start in kinds:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "runs"
            run = start(root, asked.seconds)
            report(name, *watch(run, root), asked.where)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write_run(Path(sys.argv[2]))
    else:
        sys.path.insert(0, os.fspath(Path(__file__).parents[2]))
        main()
