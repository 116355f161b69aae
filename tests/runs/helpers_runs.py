"""What the tests of runs share: a spec, events of a small run, IDX files, a stand-in for the worker."""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lrtui.runs.datasets import FILES
from lrtui.runs.events import Event, EventWriter
from lrtui.runs.run import Run
from lrtui.runs.spec import RunSpec, make_spec

START = 1_700_000_000.0


def a_spec(**changes: object) -> RunSpec:
    return make_spec(**{"schedule": "cosine(0.5, final_lr=0.01)", "data": "embedded", "epochs": 2, **changes})


def started(time: float = START, **changes: object) -> Event:
    data = {
        "label": "Fashion-MNIST, embedded subset (10,000/2,000)",
        "kind": "embedded",
        "train": 10_000,
        "test": 2_000,
    }
    fields = {"device": "cpu", "data": data, "updates": 80, "steps_per_epoch": 40, **changes}
    return Event("started", time, fields)


def report(step: int, time: float, **changes: object) -> Event:
    fields = {"step": step, "epoch": step / 40, "lr": 0.5, "train_loss": 2.0 / (1 + step), "train_acc": 0.1}
    return Event("report", time, {**fields, "examples_per_sec": 5000.0, **changes})


def epoch(number: int, time: float, test_acc: object = 0.5, **changes: object) -> Event:
    fields = {"epoch": number, "step": 40 * number - 1, "lr": 0.4, "train_loss": 1.0, "train_acc": 0.4}
    tests = {"test_loss": 1.1, "test_acc": test_acc, "seconds": 2.0, "examples_per_sec": 5000.0}
    return Event("epoch", time, {**fields, **tests, **changes})


def finished(time: float, outcome: str = "completed", reason: str = "") -> Event:
    return Event("finished", time, {"outcome": outcome, "reason": reason, "step": 80})


def a_short_run() -> list[Event]:
    return [
        started(),
        *[report(step, START + step / 10) for step in (10, 20, 30)],
        epoch(1, START + 4, 0.6),
        *[report(step, START + step / 10) for step in (50, 60, 70)],
        epoch(2, START + 8, 0.5),
        finished(START + 8.5),
    ]


def log(run: Run, events: list[Event]) -> None:
    with EventWriter(run.events_path) as writer:
        for event in events:
            writer.append(event)


def worker(script: str) -> list[str]:
    """A command that stands in for the worker: `folder` and `lock` are its arguments."""
    head = (
        "import os, sys, time, signal, pathlib\nfolder = pathlib.Path(sys.argv[1])\nlock = int(sys.argv[3])\n"
    )
    return [sys.executable, "-c", head + script]


def until(condition: Callable[[], bool], seconds: float = 120.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def idx(images: int, *, labels: bool = False, side: int = 28) -> bytes:
    count = images.to_bytes(4, "big")
    if labels:
        return (0x801).to_bytes(4, "big") + count + bytes(images)
    return (0x803).to_bytes(4, "big") + count + side.to_bytes(4, "big") * 2 + bytes(images * side * side)


def write_data(folder: Path, train: int = 30, test: int = 20, *, packed: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for key, name in FILES.items():
        data = idx(train if key.startswith("train") else test, labels=key.endswith("labels"))
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(data))
        else:
            (folder / name).write_bytes(data)
    return folder
