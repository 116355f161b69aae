"""What a run is going to take: its time, by the pace of earlier runs like it, and its memory, by its sizes.

Estimates for a person who is about to start it, rough on purpose. Reads the ends of a few logs, so it is not
for an event loop; knows no torch.
"""

from __future__ import annotations

import contextlib
import math
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from lrtui.runs.averages import AverageError, parse_average
from lrtui.runs.datasets import IMAGE_SIDE
from lrtui.runs.events import Event, EventError, decode
from lrtui.runs.files import LineFollower
from lrtui.runs.optimizers import OptimizerError, parse_optimizer
from lrtui.runs.run import Run
from lrtui.runs.spec import OWN, RunSpec, SpecError
from lrtui.runs.table import number
from lrtui.runs.text import printable
from lrtui.ui import words

LOOKED_AT = 60
"""Runs whose pace is considered, the newest ones."""

HEAD, TAIL = 8 * 1024, 512 * 1024
"""Bytes of a log that are read: for its start, and for its last epochs."""

CLASSES = 10
FILTERS = {"lenet": (6, 16), "lenet-1": (1, 1)}
"""Filters of the two convolutions of each model, as `training.models` builds them."""

WORKER = 750e6
"""Bytes that a worker takes before it trains anything: Python and torch."""

KEPT = 2.0
"""Copies of each layer's output that an update holds at once: the output itself, and its gradient."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an earlier run went.

    Attributes:
        seconds: for one training example, evaluation included.
        run: the run's name.
        device: what it ran on.
        alike: whether it was also of this batch size, precision and number of threads and processes.
    """

    seconds: float
    run: str
    device: str
    alike: bool


def parameters(model: str) -> int | None:
    """How many numbers a model learns; None for one that isn't known here."""
    if model not in FILTERS:
        return None
    first, second = FILTERS[model]
    convolutions = (25 + 1) * first + (25 * first + 1) * second
    return convolutions + (25 * second + 1) * 120 + 121 * 84 + 85 * CLASSES


def activations(model: str) -> int:
    """How many numbers the layers of a model give for one example, the example's own among them."""
    first, second = FILTERS[model]
    convolved, pooled = IMAGE_SIDE**2 * first, (IMAGE_SIDE // 2) ** 2 * first
    return IMAGE_SIDE**2 + 2 * convolved + pooled + 2 * 100 * second + 25 * second + 2 * (120 + 84) + CLASSES


def memory(spec: RunSpec) -> float | None:
    """The bytes that training takes at its height, in all its processes; None for an unknown model.

    On a GPU all but the workers' own lies in the GPU's memory.
    """
    learnt = parameters(spec.model)
    if learnt is None:
        return None
    copies = 2 + _moments(spec.optimizer) + _averaged(spec.average)
    data = (spec.train_examples + spec.test_examples) * (IMAGE_SIDE**2 + 8)
    batch = KEPT * spec.batch_size * activations(spec.model) * 4.0
    return spec.processes * (WORKER + copies * learnt * 4 + data) + batch


def _moments(optimizer: str) -> int:
    """How many numbers an optimizer keeps for each that is learnt."""
    try:
        choice = parse_optimizer(optimizer)
    except OptimizerError:
        return 0
    if choice.name in ("adam", "adamw"):
        return 3 if choice.options.get("amsgrad") else 2
    if choice.name == "sgd":
        return 1 if choice.options.get("momentum") else 0
    return {"rmsprop": 2, "adagrad": 1}.get(choice.name, 0)


def _averaged(average: str) -> int:
    with contextlib.suppress(AverageError):
        return 0 if parse_average(average) is None else 1
    return 0


class Paces:
    """The paces of earlier runs, each read once for as long as its log stays as it is. For one thread."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, int], tuple[str, float] | None]] = {}

    def like(self, spec: RunSpec, runs: Iterable[Run]) -> Pace | None:
        """The pace of the newest run that is most like a spec: of its model, on its device; None without.

        Args:
            spec: what is to be trained.
            runs: those to look at, newest first.
        """
        best: tuple[int, Pace] | None = None
        for _, run in zip(range(LOOKED_AT), runs, strict=False):
            try:
                past = run.spec
                found = self._read(run) if past.task != OWN and past.model == spec.model else None
            except (SpecError, OSError):
                continue
            if found is None or not _on(found[0], spec.device):
                continue
            same = [
                past.processes == spec.processes,
                past.threads == spec.threads,
                (past.precision, past.compile) == (spec.precision, spec.compile),
                past.batch_size == spec.batch_size,
            ]
            score = sum(2**weight for weight, matches in enumerate(reversed(same)) if matches)
            if best is None or score > best[0]:
                best = score, Pace(found[1], run.name, found[0], all(same))
        return None if best is None else best[1]

    def _read(self, run: Run) -> tuple[str, float] | None:
        status = run.events_path.stat()
        version = (status.st_mtime_ns, status.st_size)
        if run.id not in self._known or self._known[run.id][0] != version:
            self._known[run.id] = version, _pace(run)
        return self._known[run.id][1]


def _pace(run: Run) -> tuple[str, float] | None:
    """The device of a run and its seconds for an example, from the two ends of its log."""
    size = run.events_path.stat().st_size
    started = next(_events(LineFollower(run.events_path, HEAD).poll(), "started"), None)
    tail = LineFollower(run.events_path, TAIL, offset=max(size - TAIL, 0)).poll()
    epochs = list(_events(tail, "epoch"))
    data = started.get("data") if started is not None else None
    examples = number(data.get("train")) if isinstance(data, dict) else 0.0
    if started is None or not epochs or not examples > 0:
        return None
    # From one epoch's end to the next: evaluation and all else counts. A pause shows as one odd epoch.
    apart = [after.time - before.time for before, after in pairwise(epochs)]
    seconds = statistics.median(apart) if apart else number(epochs[-1].get("seconds"))
    if not 0 < seconds < 1e9:
        return None
    return printable(str(started.get("device") or ""), 40), seconds / examples


def _events(lines: list[bytes], kind: str) -> Iterator[Event]:
    """The events of a kind among lines; the others aren't decoded."""
    for line in lines:
        if line.startswith(b'{"event":"%s"' % kind.encode()):
            with contextlib.suppress(EventError):
                yield decode(line)


def _on(device: str, wanted: str) -> bool:
    return wanted == "auto" or device == wanted or device.split(":")[0] == wanted


def in_words(spec: RunSpec, pace: Pace | None, free: float = math.inf) -> str:
    """What a run is going to take, in one line; `free` are the bytes of memory that are left for it."""
    needs = memory(spec)
    parts = []
    if pace is None:
        parts.append(f"time unknown until {spec.model} has run here once")
    else:
        seconds = pace.seconds * spec.train_examples * spec.epochs
        other = "" if pace.alike else " with other settings"
        parts.append(f"{words.about(seconds)} at the pace of {pace.run} on {pace.device}{other}")
    if needs is not None:
        lacking = f": only {words.size(free)} free here" if needs > free else ""
        parts.append(f"{words.size(needs)} of memory{lacking}")
    return ", ".join(parts)
