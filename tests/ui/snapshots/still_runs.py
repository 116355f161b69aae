"""Run folders that are the same every time: ids, times and curves are made by formula."""

from __future__ import annotations

import fcntl
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from lrtui.runs.events import Event, encode
from lrtui.runs.spec import RunSpec
from lrtui.schedules import parse

NOW = 1_790_000_000.0
"""The time at which all pictures are taken, in seconds since 1970."""

REPORTS_PER_EPOCH = 12
SECONDS_PER_EPOCH = 3.0


def write(
    root: Path,
    name: str,
    schedule: str = "warmup(1ep) >> cosine(0.5, final_lr=0.01)",
    *,
    ago: float = 3600.0,
    epochs: int = 10,
    upto: float | None = None,
    outcome: str | None = "completed",
    best: float = 0.86,
    noted: bool = False,
) -> Path:
    """A run folder; `upto` epochs are done (all when None), and `outcome` None leaves the ending out."""
    spec = RunSpec(schedule=schedule, name=name, epochs=epochs)
    horizon = spec.horizon()
    rates = parse(schedule)(np.arange(horizon.total), horizon)
    began = NOW - ago
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(began))
    tag = "".join(chr(ord("a") + (ord(char) + index) % 8) for index, char in enumerate((name * 4)[:4]))
    folder = root / f"{stamp}-{name}-{tag}"
    folder.mkdir(parents=True)
    (folder / "spec.toml").write_text(spec.to_toml())
    (folder / "lock").touch()
    (folder / "commands.jsonl").touch()
    each = spec.steps_per_epoch()
    events = [
        Event("started", began, {
            "device": "cpu", "updates": horizon.total, "steps_per_epoch": each, "parameters": 61_706,
            "data": {"label": "Fashion-MNIST, embedded subset (10,000/2,000)", "train": 10_000,
                     "test": 2_000}}),
    ]  # fmt: skip
    random = np.random.default_rng(sum(map(ord, name)))
    done = epochs if upto is None else upto
    for report in range(1, int(done * REPORTS_PER_EPOCH) + 1):
        epoch = report / REPORTS_PER_EPOCH
        at = began + epoch * SECONDS_PER_EPOCH
        step = min(max(int(epoch * each) - 1, 0), horizon.total - 1)
        accuracy = best * (1 - math.exp(-epoch * 8 / epochs)) + random.normal() * 0.02
        loss = 0.35 + 1.95 * math.exp(-epoch * 6 / epochs) + abs(random.normal()) * 0.08
        if outcome == "diverged" and epoch > done - 0.5:
            loss, accuracy = math.nan, 0.1
        events.append(Event("report", at, {
            "step": step, "epoch": epoch, "lr": float(rates[step]), "train_loss": loss,
            "train_acc": min(max(accuracy, 0.0), 1.0), "examples_per_sec": 12_345.0 + 500 * math.sin(report),
            "grad_norm": 0.4 + loss + 0.3 * math.sin(1.7 * report), "cpu_load": 0.9,
            "memory": 790e6}))  # fmt: skip
        if report % REPORTS_PER_EPOCH == 0:
            events.append(Event("epoch", at + 0.1, {
                "epoch": int(epoch), "step": step, "lr": float(rates[step]), "train_loss": loss,
                "train_acc": accuracy, "test_loss": 0.4 + 1.9 * math.exp(-epoch * 6 / epochs),
                "test_acc": best * (1 - math.exp(-epoch * 8 / epochs)), "seconds": SECONDS_PER_EPOCH,
                "examples_per_sec": 12_345.0}))  # fmt: skip
    last = events[-1]
    step = int(last.get("step", 0))
    if noted:
        for number, (command, part) in enumerate((("pause", 0.4), ("resume", 0.4), ("scale-rate", 0.75))):
            fields = {"id": f"{number}", "command": command, "by": "app", "step": int(step * part)}
            event = Event(
                "command", began + (last.time - began) * part, {**fields, "accepted": True, "factor": 0.5}
            )
            events.insert(int(len(events) * part), event)
        events.append(Event("diagnosis", last.time, {
            "kind": "loss_spike", "message": "the loss jumped to 3 times what it was",
            "evidence": {}}))  # fmt: skip
    if outcome == "diverged":
        reason = "the loss is nan"
        events.append(Event("diagnosis", last.time, {"kind": "diverged", "message": reason, "evidence": {}}))
    if outcome is not None:
        events.append(Event("finished", last.time + 0.2, {"outcome": outcome, "reason": "", "step": step}))
    (folder / "events.jsonl").write_bytes(b"".join(encode(event) + b"\n" for event in events))
    return folder


@contextmanager
def alive(folder: Path) -> Iterator[None]:
    """Hold a run's lock, as its worker would."""
    fd = os.open(folder / "lock", os.O_RDWR)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
