"""Runs interrupted at random updates, and compared bit by bit with runs that never were.

    python tests/training/interruptions.py [COUNT] [--seed N]

A run is interrupted by stop, pause, SIGTERM or SIGKILL, taken up, and interrupted again, until it has
completed.  The ways of training take turns.  Prints one line; exits with 1 if a run came out in any way
different.  The tests make a small number of these interruptions.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec
import torch
from quick_runs import Start, a_run, alive, count, starting, wait

from lrtui.runs.control import send
from lrtui.runs.events import CLOCK_FIELDS
from lrtui.runs.interventions import Intervention
from lrtui.runs.run import Run, RunState

EPOCHS = 6
HOW = ("SIGKILL", "SIGTERM", "stop", "pause")
CLOCK = CLOCK_FIELDS | {"time", "epoch_seconds"}

BY_HAND = (
    Intervention(5, "scale-rate", {"factor": 0.5}),
    Intervention(9, "set-rate", {"lr": 0.03}),
    Intervention(14, "follow-schedule", {}),
    Intervention(20, "cooldown", {"length": "11", "final_lr": 0.001, "shape": "cosine"}),
)

WAYS: dict[str, dict[str, Any]] = {
    "momentum": {"schedule": "cosine(0.05)", "optimizer": "sgd(momentum=linear(0.8, final_lr=0.9))"},
    "accumulation": {
        "schedule": "warmup(5) >> linear(0.002)", "optimizer": "adamw(betas=(0.9, 0.95))",
        "batch_size": 8, "accumulate": 3, "clip_norm": 0.5,
    },
    "noise and swa": {
        "schedule": "constant(0.01)", "optimizer": "sgld(temperature=0.01)", "label_smoothing": 0.1,
        "average": "swa(start=20%, every=2)",
    },
    "a plateau": {"schedule": "warmup(4) >> plateau(0.05, factor=0.5, patience=0, threshold=0.1)"},
    "fp16 and ema": {
        "schedule": "warmup(2) >> cosine(0.05)", "optimizer": "sgd(momentum=0.9, nesterov=true)",
        "precision": "fp16", "average": "ema(decay=0.9)",
    },
    "bf16": {"schedule": "cosine(0.002)", "optimizer": "adam", "precision": "bf16"},
    "interventions": {"schedule": "cosine(0.05)", "optimizer": "rmsprop(momentum=0.5)"},
}  # fmt: skip
"""Ways of training, each with another part of the state that a checkpoint must hold."""


@dataclass
class Tally:
    """What was done, and what came of it."""

    made: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    different: list[str] = field(default_factory=list)

    def line(self, seconds: float) -> str:
        """All of it in one line."""
        how = ", ".join(f"{self.made[name]} by {name}" for name in HOW)
        return (
            f"{self.made.total()} interruptions ({how}) of {self.runs} runs, trained in {len(self.of)} ways: "
            f"{len(self.different)} runs differ in a weight or a figure; {seconds:.0f} s"
        )


def interrupt_runs(folder: Path, start: Start, least: int, seed: int = 4) -> Tally:
    """Interrupt runs at least so many times in all, and one of each way.

    Args:
        folder: where the runs are made.
        start: starts a worker.
        least: how many interruptions.
        seed: of the moments and the ways to interrupt.
    """
    chance, tally = random.Random(seed), Tally()
    wholes: dict[str, Run] = {}
    while tally.made.total() < least or tally.runs < len(WAYS):
        way = list(WAYS)[tally.runs % len(WAYS)]
        if way not in wholes:
            wholes[way] = made(folder, way)
            complete(wholes[way], start)
        run = made(folder, way)
        interrupted(run, way, start, chance, tally)
        tally.runs += 1
        if found := differences(run, wholes[way]):
            tally.different.append(f"{run.id} ({way}): {', '.join(found)}")
    return tally


def made(folder: Path, way: str) -> Run:
    """A run that trains in one of the ways."""
    run = a_run(folder, epochs=EPOCHS, **WAYS[way])
    if way == "interventions":
        spec = msgspec.structs.replace(run.spec, interventions=BY_HAND)
        run.spec_path.write_text(spec.to_toml())
    return Run(run.path)


def interrupted(run: Run, way: str, start: Start, chance: random.Random, tally: Tally) -> None:
    """Train a run to its end with interruptions, which the tally counts."""
    pid, at, total = start(run), 0, run.spec.total_updates() or 0
    # The update to interrupt at grows, with a little chance, so that a run takes several interruptions.
    while (at := at + chance.randrange(1, 15)) < total:
        wait(lambda at=at, pid=pid: run.history().done >= at or not alive(pid), "progress", 0.002)  # type: ignore[misc]
        if not alive(pid):
            break
        how = chance.choice(HOW)
        interrupt(run, pid, how)
        tally.made[how] += 1
        tally.of[way] += 1
        if not alive(pid) and run.state() is not RunState.COMPLETED:
            pid = start(run)
    wait(lambda: not alive(pid), "the end")


def interrupt(run: Run, pid: int, how: str) -> None:
    """Interrupt a running worker, and see that it has noticed."""
    if how == "pause":
        answered = count(run, "command")
        for number, command in enumerate(("pause", "resume"), 1):
            send(run, command, by="test")
            wait(lambda n=answered + number: count(run, "command") >= n or not alive(pid), command)  # type: ignore[misc]
        return
    if how == "stop":
        send(run, "stop", by="test")
    else:
        os.kill(pid, signal.Signals[how])
    wait(lambda: not alive(pid), "the end")


def complete(run: Run, start: Start) -> None:
    """Train a run to its end in one go."""
    pid = start(run)
    wait(lambda: not alive(pid), "the end")
    assert run.state() is RunState.COMPLETED, run.log_path.read_text()


def differences(run: Run, whole: Run) -> list[str]:
    """In what a run differs from one that was never interrupted: state, every figure logged, every tensor."""
    if run.state() is not RunState.COMPLETED:
        return [f"it is {run.state()}: {run.summary().reason}"]
    found = [] if metrics(run) == metrics(whole) else ["its log"]
    for name in ("last.pt", "best.pt"):
        if not same(checkpoint(run, name), checkpoint(whole, name)):
            found.append(name)
    return found


def metrics(run: Run) -> dict[str, dict[str, list[float]]]:
    """All that a run has logged of its training, without what depends on the clock."""
    history = run.history()
    return {
        kind: {
            name: [repr(each) for each in column.tolist()]  # so that one nan is like another
            for name, column in history.columns(kind).items()
            if name not in CLOCK
        }
        for kind in ("report", "epoch")
    }


def checkpoint(run: Run, name: str) -> dict[str, Any]:
    """The state in a checkpoint, without what depends on the clock."""
    state = torch.load(run.path / "checkpoints" / name, weights_only=True)["state"]
    assert isinstance(state, dict)
    del state["seconds"]
    for epoch in state["epochs"]:
        del epoch["seconds"], epoch["examples_per_sec"]
    return state


def same(one: Any, other: Any) -> bool:
    """Whether two states are the same to the bit."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def main() -> int:
    """Interrupt, and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("count", type=int, nargs="?", default=200, help="interruptions (default 200)")
    parser.add_argument("--seed", type=int, default=4, help="of the moments and the ways to interrupt")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, starting() as start:
        tally = interrupt_runs(Path(folder), start, options.count, options.seed)
    print(tally.line(time.monotonic() - began))
    print(*tally.different, sep="\n", end="\n" * bool(tally.different))
    return bool(tally.different)


if __name__ == "__main__":
    sys.exit(main())
