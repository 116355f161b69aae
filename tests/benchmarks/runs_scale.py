"""How runs scale: `python tests/benchmarks/runs_scale.py` lists 1,000 runs and follows a million reports.

Prints seconds and the process's peak memory. Everything is made in a temporary folder, which takes a while.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lrtui.runs.events import Event, EventWriter, encode
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore

START = 1_700_000_000.0

LIST = """
import sys, time
began = time.perf_counter()
from lrtui.runs.store import RunStore
store = RunStore(sys.argv[1])
imported = time.perf_counter()
rows = store.summaries()
listed = time.perf_counter()
store.summaries()
print(len(rows), imported - began, listed - imported, time.perf_counter() - listed)
"""


def report(step: int) -> bytes:
    fields = {"step": step, "epoch": step / 40, "lr": 0.1, "train_loss": 2 / (1 + step), "train_acc": 0.5}
    return encode(Event("report", START + step / 4, {**fields, "examples_per_sec": 5000.0}))


def make_runs(folder: Path, count: int) -> None:
    store = RunStore(folder)
    for number in range(count):
        run = store.create(
            make_spec(schedule=f"warmup(1ep) >> cosine({0.1 + number / 1e4:.4f})", data="embedded")
        )
        lines = [encode(Event("started", START, {"device": "cpu", "updates": 400, "steps_per_epoch": 40}))]
        for epoch in range(1, 11):
            lines += [report(step) for step in range(40 * (epoch - 1), 40 * epoch, 4)]
            fields = {"epoch": epoch, "step": 40 * epoch - 1, "lr": 0.1, "test_acc": 0.8 + epoch / 100}
            lines.append(encode(Event("epoch", START + epoch * 10, fields)))
        lines.append(
            encode(Event("finished", START + 101, {"outcome": "completed", "reason": "", "step": 400}))
        )
        run.events_path.write_bytes(b"\n".join(lines) + b"\n")
        run.lock_path.touch()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--reports", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_runs(folder / "runs", options.runs)
        for when in ("first", "second"):
            command = [sys.executable, "-c", LIST, str(folder / "runs")]
            output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            count, imported, listed, again = output.split()
            print(
                f"{count} runs, {when} process: imports {float(imported):.2f} s, list {float(listed):.2f} s, "
                f"again in {float(again):.3f} s"
            )
        run = RunStore(folder / "long").create(make_spec(schedule="0.1", data="embedded"))
        with run.events_path.open("wb") as file:
            for step in range(options.reports):
                file.write(report(step) + b"\n")
        size = run.events_path.stat().st_size / 2**20
        before = memory()
        began = time.perf_counter()
        following = run.follow()
        history = following.catch_up()
        read = time.perf_counter() - began
        began = time.perf_counter()
        history.series("train_loss", "epoch")
        drawn = time.perf_counter() - began
        with EventWriter(run.events_path) as log:
            log.append(Event("report", START + options.reports, {"step": options.reports, "train_loss": 1.0}))
        began = time.perf_counter()
        following.poll()
        followed = time.perf_counter() - began
        began = time.perf_counter()
        run.summary()
        listed_ = time.perf_counter() - began
        print(
            f"{options.reports:,} reports, {size:.0f} MiB: read {read:.1f} s, a curve {drawn * 1e3:.2f} ms, "
            f"one more report in {followed * 1e3:.2f} ms, its row of the list in {listed_:.2f} s, "
            f"memory {before:.0f} to {memory():.0f} MiB at most"
        )


def memory() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024


if __name__ == "__main__":
    main()
