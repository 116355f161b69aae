"""Runs folders for the pictures, each of a kind of day: none, one run, runs in every state, seeds, twelve."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import msgspec
from still_runs import NOW, alive, write

from lrtui.runs.queue_marker import Marker, put_marker
from lrtui.runs.spec import RunSpec

STEPS = "per_epoch(multistep(0.5, milestones=[4ep, 8ep], gamma=0.3))"

Open = AbstractContextManager[object]


def none(root: Path) -> Open:
    """A folder that nothing has been trained in."""
    return ExitStack()


def training(root: Path) -> Open:
    """A run in the middle, steered by hand and diagnosed."""
    return alive(write(root, "multistep", STEPS, ago=20, upto=5.5, outcome=None, noted=True))


def finished(root: Path) -> Open:
    """A run that went to its end."""
    write(root, "cosine")
    return ExitStack()


def diverged(root: Path) -> Open:
    """A run whose loss went beyond all bounds."""
    write(root, "too-high", "constant(900)", upto=2.5, outcome="diverged")
    return ExitStack()


def crashed(root: Path) -> Open:
    """A run whose worker is gone without an ending."""
    folder = write(root, "gone", "exponential(0.4, gamma=0.9, decay_steps=1ep)", upto=3, outcome=None)
    (folder / "worker.log").write_text("lrtui worker 4711\nRuntimeError: CUDA error: out of memory\n")
    return ExitStack()


def several(root: Path) -> Open:
    """Runs in every state; the one that trains lives as long as this is open."""
    write(root, "baseline", "constant(0.3)", ago=400_000, best=0.84)
    write(root, "too-high", "constant(900)", ago=90_000, upto=2.5, outcome="diverged")
    write(root, "cosine", ago=8_000, best=0.872)
    write(root, "cut-short", "linear(0.5, final_lr=0)", ago=4_000, upto=6, outcome="stopped", best=0.8)
    write(root, "gone", "exponential(0.4, gamma=0.9, decay_steps=1ep)", ago=2_000, upto=3, outcome=None)
    return alive(write(root, "multistep", STEPS, ago=20, upto=5.5, outcome=None, best=0.88))


def queued(root: Path) -> Open:
    """One run trains, three wait."""
    living = several(root)
    for place, schedule in enumerate(("cosine(0.2)", "one_cycle(0.3)", "warmup(1ep) >> linear(0.4)"), 1):
        folder = write(root, f"next-{place}", schedule, ago=10.0 - place, upto=0, outcome=None)
        (folder / "events.jsonl").write_bytes(b"")
        put_marker(folder, Marker(since=NOW - 10 + place, place=place, by="app"))
    return living


def twelve(root: Path) -> Open:
    """Twelve rates of one schedule."""
    for number in range(12):
        schedule = f"cosine({0.05 * (number + 1):.3g})"
        write(root, f"rate-{number:02}", schedule, ago=7000 + 100 * number, best=0.6 + number / 50)
    return ExitStack()


def seeds(root: Path) -> Open:
    """Four seeds of one experiment, and one of another."""
    for seed in range(4):
        folder = write(root, f"base-s{seed}", ago=1000 + 10 * seed, best=0.85 + seed / 80)
        spec = RunSpec.from_toml((folder / "spec.toml").read_text())
        (folder / "spec.toml").write_text(msgspec.structs.replace(spec, seed=seed).to_toml())
    write(root, "other", "constant(0.1)", ago=500, best=0.8)
    return ExitStack()
