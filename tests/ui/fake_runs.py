"""Runs for tests of the app without torch: finished ones written at once, live ones by a small worker."""

from __future__ import annotations

import asyncio
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lrtui import ui
from lrtui.runs.control import STEERING, CommandReader
from lrtui.runs.events import EventWriter
from lrtui.runs.launch import launch
from lrtui.runs.queue_marker import take_marker
from lrtui.runs.run import Run
from lrtui.runs.spec import RunSpec
from lrtui.runs.steering import Refused, Steering
from lrtui.runs.store import RunStore
from lrtui.schedules import parse
from lrtui.ui.app import LrtuiApp
from lrtui.ui.state import Draft

STEPS_PER_EPOCH = 40


def app_at(mode: str, root: Path) -> LrtuiApp:
    """The app with its first screen chosen, on a runs folder of its own and the embedded data."""

    class App(LrtuiApp):
        DEFAULT_MODE = mode
        CSS_PATH = Path(ui.__file__).with_name("lrtui.tcss")

    return App(RunStore(root), Draft(data="embedded"))


def spec(name: str = "", schedule: str = "cosine(0.1)", epochs: int = 5) -> RunSpec:
    return RunSpec(schedule=schedule, name=name, epochs=epochs)


def finished(
    store: RunStore, run_spec: RunSpec, outcome: str = "completed", best: float = 0.8, gauges: bool = False
) -> Run:
    """A run that is over: its whole log, no worker; with `gauges` reports tell of gradient and machine."""
    run = store.create(run_spec)
    run.lock_path.touch()
    with EventWriter(run.events_path) as log:
        start(log, run_spec)
        for epoch in range(1, run_spec.epochs + 1):
            accuracy = best * epoch / run_spec.epochs
            report(log, epoch * STEPS_PER_EPOCH - 1, loss=2.3 / epoch, accuracy=accuracy, gauges=gauges)
            log.emit("epoch", epoch=epoch, step=epoch * STEPS_PER_EPOCH - 1, lr=0.1, train_loss=2.3 / epoch,
                     train_acc=accuracy, test_loss=2.4 / epoch, test_acc=accuracy, seconds=1.0,
                     examples_per_sec=10_000.0)  # fmt: skip
        log.emit("finished", outcome=outcome, reason="", step=run_spec.epochs * STEPS_PER_EPOCH)
    return run


def start(log: EventWriter, run_spec: RunSpec) -> None:
    log.emit(
        "started",
        device="cpu",
        updates=run_spec.epochs * STEPS_PER_EPOCH,
        steps_per_epoch=STEPS_PER_EPOCH,
        data={"label": "Fashion-MNIST, embedded subset (10,000/2,000)", "train": 10_000, "test": 2_000},
    )


def report(
    log: EventWriter, step: int, loss: float, accuracy: float, lr: float = 0.1, gauges: bool = True
) -> None:
    more = {"grad_norm": 1 + loss, "cpu_load": 0.5, "memory": 7e8} if gauges else {}
    log.emit("report", step=step, epoch=(step + 1) / STEPS_PER_EPOCH, lr=lr, train_loss=loss,
             train_acc=accuracy, examples_per_sec=12_345.0, **more)  # fmt: skip


def live(run: Run, mode: str = "train") -> Run:
    """Start the small worker for a run."""
    launch(run, [sys.executable, __file__, mode])
    return run


async def until(condition: Callable[[], object], what: str, seconds: float = 120.0) -> None:
    """Wait for something to become true, letting the app work meanwhile."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        await asyncio.sleep(0.02)


def worker(mode: str, folder: Path) -> None:
    """Write what a worker writes, a report every twentieth of a second; obey commands."""
    run = Run(folder)
    commands = CommandReader(run.commands_path)
    log = EventWriter(run.events_path)
    time.sleep(0.3)
    take_marker(run.path)  # else it would seem to start when it has ended and isn't gone yet
    start(log, run.spec)
    print("hello from the worker\x1b[31m", file=sys.stderr, flush=True)
    steering = Steering(parse(run.spec.schedule).rates(run.spec.horizon()), STEPS_PER_EPOCH)
    step, naps, paused, finishing = 0, 0, False, False
    while step < (steering.end or 0):
        for command in commands.poll():
            name, facts = command.command, {"accepted": True}
            if name in STEERING:
                try:
                    facts |= steering.obey(name, command.args, step)
                except Refused as why:
                    facts = {"accepted": False, "message": str(why)}
            log.emit("command", id=command.id, command=name, by=command.by, step=step, **facts)
            if name == "stop":
                time.sleep(2.0 if mode == "keep" else 0.0)  # as if its checkpoint were large
                log.emit("finished", outcome="stopped", reason="asked by the app", step=step)
                return
            if name in ("pause", "resume"):
                paused = name == "pause"
            if name in ("finish", "resume"):
                finishing = name == "finish"
            if name == "checkpoint":
                log.emit("checkpoint", step=step, path="checkpoints/last.pt")
        time.sleep(0.05)
        naps += 1
        if paused or (mode == "crawl" and naps % 8):  # an epoch is to outlast what is done in it
            continue
        step += 5 if mode == "train" else 1
        if mode == "crash" and step > 3:
            print("RuntimeError: out of memory, or so", file=sys.stderr, flush=True)
            os._exit(1)
        if mode == "diverge" and step > 3:
            report(log, step, math.nan, 0.1)
            log.emit("diagnosis", kind="diverged", message="the loss is nan", evidence={})
            log.emit("finished", outcome="diverged", reason="the loss is nan", step=step)
            return
        report(log, step - 1, loss=2.3 / step, accuracy=0.5, lr=steering.at(step - 1) or 0.0)
        if step % STEPS_PER_EPOCH == 0:
            log.emit("epoch", epoch=step // STEPS_PER_EPOCH, step=step - 1, lr=0.1, train_loss=1.0,
                     train_acc=0.6, test_loss=1.1, test_acc=0.7, seconds=0.4,
                     examples_per_sec=9_000.0)  # fmt: skip
            if mode == "overfit":
                log.emit("diagnosis", kind="overfitting", message="It learns by heart. Use more data.",
                         evidence={"test_loss": 1.25, "epochs": [1, 2]})  # fmt: skip
            if finishing:
                log.emit("finished", outcome="stopped", reason="stopped after its epoch by app", step=step)
                return
    log.emit("finished", outcome="completed", reason="", step=step)


if __name__ == "__main__":
    worker(sys.argv[1], Path(sys.argv[2]))
