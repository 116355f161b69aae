"""How fast the engine trains, between what people usually run and the limit of the machine, in one run.

    python tests/benchmarks/engine_throughput.py [--seconds 4] [--rounds 5] [--batch-size 256] [--threads N]

The contestants take turns, so that a machine that slows down slows all of them:

textbook   a torchvision-style DataLoader, ToTensor, two workers; loss and accuracy read back every step
lightning  the same data and the same metrics in Lightning's Trainer; left out where it isn't installed
limit      forward, backward and update on one batch that is ready on the device, channels_last
engine     lrtui's own step loop as the worker runs it: resident data, reports into a run's log
app        the same, while the real `lrtui` is open in a terminal of 120x36 and draws that run
single     one run with a single thread, in a process of its own: the pace of two, one after the other
two        two such runs at the same time, their examples added up

Evaluation and checkpoints are left out of all of them. Prints the median round of each in examples a second,
and the ratios that matter, each the median of the rounds' own. This is a program, no test: its figures depend
on the machine, its ratios hardly. Give it a quiet one.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the worker sets it

import torch
from contestants import Go, lightning, limit, synchronize, textbook

from lrtui.runs.events import EventWriter
from lrtui.runs.launch import take_lock
from lrtui.runs.run import Run
from lrtui.runs.spec import RunSpec, make_spec
from lrtui.runs.store import RunStore
from lrtui.training import devices
from lrtui.training.data import Images, load_embedded
from lrtui.training.ending import Interrupted
from lrtui.training.session import facts, prepare

APP = Path(__file__).with_name("open_app.py")


class Bell:
    """Looks after the engine as the worker's oversight does, until it is time to stop."""

    def __init__(self, writer: EventWriter) -> None:
        self.emit = writer.emit
        self.until = 0.0

    def closed(self, best: bool) -> None:
        """Save nothing."""

    def poll(self, step: int) -> None:
        """Stop when the time is over."""
        if time.perf_counter() > self.until:
            raise Interrupted("time is up")


def engine(run: Run, images: Images, device: torch.device) -> Go:
    """lrtui's engine with its reports in the run's log, up to the moment the time is over."""
    writer = EventWriter(run.events_path)
    bell = Bell(writer)
    ready = prepare(run.spec, images, device, bell)
    ready.evaluate = lambda model=None: (1.0, 0.5)  # type: ignore[method-assign]
    data = {"label": "the embedded subset", "kind": "embedded", "path": None}
    counts = {"train": len(images.train_labels), "test": len(images.test_labels)}
    bell.emit("started", **facts(ready, device), data={**data, **counts})

    def go(seconds: float) -> float:
        first, start = ready.done, time.perf_counter()
        bell.until = start + seconds
        with contextlib.suppress(Interrupted):
            ready.run()
        synchronize(device)
        elapsed = time.perf_counter() - start
        return (ready.books.examples_before(ready.done) - ready.books.examples_before(first)) / elapsed

    return go


def with_app(go: Go, runs: Path, shares: list[float]) -> Go:
    """The same with the app open on it, in processes of their own; `shares` gets what it takes of a core."""

    def under_eyes(seconds: float) -> float:
        command = [sys.executable, str(APP), str(runs)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as app:
            assert app.stdin is not None
            assert app.stdout is not None
            go(0.5)  # something to draw
            if app.stdout.readline() != "following\n":
                raise SystemExit("the app didn't come to follow the run")
            go(2.0)  # its first paint
            app.stdin.write("count\n")
            app.stdin.flush()
            speed = go(seconds)
            drawn, used = app.communicate("")[0].split()
        if not int(drawn):
            raise SystemExit("the app drew nothing")
        shares.append(float(used) / seconds)
        return speed

    return under_eyes


class Single:
    """An engine with a single thread in a process of its own, which trains when it is told to.

    Use it as a context manager: the process ends with the block.
    """

    def __init__(self, runs: Path, batch_size: int, device: torch.device) -> None:
        words = [str(runs), "--batch-size", str(batch_size), "--device", str(device)]
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--single", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def begin(self, seconds: float) -> None:
        """Have it train for so many seconds."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()

    def speed(self) -> float:
        """Wait for it; returns examples a second."""
        assert self._process.stdout is not None
        return float(self._process.stdout.readline())

    def __enter__(self) -> Single:
        return self

    def __exit__(self, kind: object, error: object, trace: TracebackType | None) -> None:
        # Closing its input isn't enough: processes that were forked meanwhile hold the pipe's other end, too.
        self._process.kill()
        self._process.wait()


def together(*singles: Single) -> Go:
    """Some single-threaded runs at the same time."""

    def go(seconds: float) -> float:
        for each in singles:
            each.begin(seconds)
        return sum(each.speed() for each in singles)

    return go


def be_single(runs: Path, batch_size: int, device: torch.device) -> None:
    """Be the process of a `Single`: train for as long as each line on stdin says, and print the speed."""
    torch.set_num_threads(1)
    images = load_embedded()
    run = RunStore(runs).create(a_spec(batch_size, device, 1))
    go = engine(run, images, device)
    for line in sys.stdin:
        print(go(float(line)), flush=True)


def a_spec(batch_size: int, device: torch.device, threads: int | None, epochs: int = 100_000) -> RunSpec:
    """What is trained; usually longer than any measurement."""
    return make_spec(
        schedule="0.1",
        data="embedded",
        epochs=epochs,
        batch_size=batch_size,
        device=str(device),
        threads=threads,
    )


RATIOS = (
    ("engine", "textbook", 1.8),
    ("engine", "lightning", 1.8),
    ("engine", "limit", 0.92),
    ("app", "engine", 0.98),
    ("two", "single", 1.3),
    ("two", "engine", 1.3),
)
"""Which ratios count, and what is expected of them on two cores."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--single", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    device = devices.resolve(options.device)
    if options.single:
        be_single(options.single, options.batch_size, device)
        return
    if options.threads:
        torch.set_num_threads(options.threads)
    images = load_embedded()
    with contextlib.ExitStack() as stack:
        folder, other = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2))
        most = limit(images, device, options.batch_size)
        # About twice as long as it is going to train, so that the app has a curve that moves.
        planned = 8 + options.rounds * (2 * options.seconds + 3)
        epochs = math.ceil(2 * planned * most(1.0) / len(images.train_labels))
        run = RunStore(folder).create(a_spec(options.batch_size, device, options.threads, epochs))
        take_lock(run)  # so that the app sees it train
        shares: list[float] = []
        contestants: dict[str, Go] = {"textbook": textbook(images, device, options.batch_size)}
        try:
            contestants["lightning"] = lightning(images, device, options.batch_size)
        except ImportError:
            print("lightning isn't installed: left out")
        contestants["limit"] = most
        contestants["engine"] = engine(run, images, device)
        one, two = (stack.enter_context(Single(other, options.batch_size, device)) for _ in range(2))
        contestants["single"] = together(one)
        contestants["two"] = together(one, two)
        for go in contestants.values():
            go(0.5)  # warm
        contestants["app"] = with_app(contestants["engine"], folder, shares)
        speeds = [
            {name: go(options.seconds) for name, go in contestants.items()} for _ in range(options.rounds)
        ]
    print(f"{devices.describe(device)}, batch {options.batch_size}, median of {options.rounds} rounds")
    for name in contestants:
        print(f"{name:10} {statistics.median(each[name] for each in speeds):10,.0f} examples/s")
    for one, other, goal in RATIOS:
        if other in contestants:
            ratios = [each[one] / each[other] for each in speeds]
            spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
            print(f"{one} / {other:10} {statistics.median(ratios):.3f}  ({spread}; goal: at least {goal:g})")
    print(f"the app took {statistics.median(shares):.1%} of a core")


if __name__ == "__main__":
    main()
