"""What became of a run, as a state and as one row of a table.

Puts together what the spec and the digest of the log say; reads no files itself (`run` does).
"""

from __future__ import annotations

import time
from enum import StrEnum

import msgspec

from lrtui.runs.differing import experiment
from lrtui.runs.digest import Digest
from lrtui.runs.figures import Rise
from lrtui.runs.judging import MAIN, Judged
from lrtui.runs.labels import Labels
from lrtui.runs.spec import OWN, RunSpec
from lrtui.runs.text import printable

OWN_LABEL = "own loop"
"""What stands for the data of a run whose loop is somebody's own script."""


class RunState(StrEnum):
    """What became of a run."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"
    CRASHED = "crashed"

    @property
    def words(self) -> str:
        """The state in plain words."""
        return _WORDS[self]

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in _GO_ON

    @property
    def bad(self) -> bool:
        """Whether it ended as nobody wanted it to."""
        return self in _BAD


_GO_ON = (RunState.QUEUED, RunState.STARTING, RunState.RUNNING, RunState.PAUSED)
_BAD = (RunState.DIVERGED, RunState.FAILED, RunState.CRASHED)

_WORDS = {
    RunState.QUEUED: "queued: starts by itself when its turn comes",
    RunState.STARTING: "starting",
    RunState.RUNNING: "training",
    RunState.PAUSED: "paused",
    RunState.COMPLETED: "completed",
    RunState.STOPPED: "stopped on request",
    RunState.DIVERGED: "diverged: the loss left all bounds",
    RunState.FAILED: "failed with an error",
    RunState.CRASHED: "crashed: the worker is gone and left no ending",
}


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run in one row of a table. All text is printable; numbers that aren't known are None.

    Attributes:
        id: the run's id.
        name: the name a person gave it, else a short one made from its schedule.
        state: what became of it.
        reason: why it ended so, or what is wrong with its files; may be empty.
        schedule: the expression; empty if the spec can't be read.
        preset: the preset it came from.
        model: name of the model.
        optimizer: the call text.
        batch_size: examples a batch; None for a script's own loop.
        seed: the seed.
        data: the data in words, with its size.
        device: the device it ran on, or was asked for.
        best_test_acc: the best test accuracy of an epoch, in 0..1.
        last_test_acc: that of the last epoch that has one, in 0..1.
        area: the mean test accuracy over the epochs (see `figures.area`).
        rises: when the test accuracy passed each thousandth (see `figures.rises`); of a run that logged none,
            the accuracy it has in its place.
        figures: how good it got by each metric it logged, in the order it logged them first.
        experiment: a key that runs share which differ in their seeds alone; empty if the spec can't be read.
        last_epoch: the last epoch that is complete; 0 before the first.
        epochs: the epochs it was to make.
        step: the latest update reported, counted from 0.
        done: the updates made, as far as reports tell.
        updates: the updates it was to make.
        progress: the part that is done, in 0..1.
        created: when it was made, in seconds since 1970 (UTC).
        duration: seconds from its start to its last sign of life (or to now, while it lives).
        age: seconds since it was made.
        skipped: lines of the log that couldn't be read.
        tags: words that people gave it.
        notes: what people noted about it, lines of text.
    """

    id: str
    name: str
    state: RunState
    reason: str
    schedule: str
    preset: str | None
    model: str
    optimizer: str
    seed: int | None
    data: str
    device: str
    best_test_acc: float | None
    last_test_acc: float | None
    last_epoch: int
    epochs: int | None
    step: int
    updates: int | None
    progress: float
    created: float
    duration: float
    age: float
    skipped: int
    done: int = 0
    tags: tuple[str, ...] = ()
    notes: str = ""
    area: float | None = None
    rises: tuple[Rise, ...] = ()
    figures: dict[str, Judged] = msgspec.field(default_factory=dict)
    experiment: str = ""
    batch_size: int | None = None

    def judged(self, metric: str) -> Judged:
        """How good it got by a metric, whatever that is."""
        if metric == MAIN:
            return Judged(self.best_test_acc, self.last_test_acc, self.area)
        return self.figures.get(metric, _UNKNOWN)


_UNKNOWN = Judged()


def summarise(
    run_id: str,
    name: str,
    created: float,
    state: RunState,
    spec: RunSpec | None,
    digest: Digest,
    labels: Labels | None = None,
) -> RunSummary:
    """The row of a run, from its spec (None if it can't be read) and what its log says in short."""
    now = time.time()
    started, ending = digest.started, digest.ending
    duration = digest.seconds
    if not state.ended and digest.origin is not None:
        duration = max(duration, now - digest.origin)
    total = digest.updates
    progress = min(digest.done / total, 1.0) if total else 0.0
    asked = _says(spec, "device")
    figures = digest.measured.judged()
    good = figures.get(MAIN, _UNKNOWN)
    return RunSummary(
        id=run_id,
        name=name,
        state=state,
        reason=printable(str(ending.get("reason") or ""), 300) if ending else "",
        schedule=printable(spec.schedule) if spec else "",
        preset=printable(spec.preset) if spec and spec.preset else None,
        model=_says(spec, "model"),
        optimizer=_says(spec, "optimizer"),
        seed=_seed(spec),
        data=_data(spec, started.get("data") if started else None),
        device=printable(str(started.get("device") or asked) if started else asked, 100),
        best_test_acc=good.best,
        last_test_acc=good.final,
        area=good.area,
        rises=digest.measured.rises(),
        figures=figures,
        experiment=experiment(spec),
        last_epoch=digest.epoch,
        epochs=spec.total_epochs() if spec else None,
        batch_size=spec.batch_size if spec and spec.task != OWN else None,
        step=max(digest.done - 1, 0),
        done=digest.done,
        tags=labels.tags if labels else (),
        notes=labels.notes if labels else "",
        updates=total,
        progress=1.0 if state is RunState.COMPLETED else progress,
        created=created,
        duration=duration,
        age=max(now - created, 0.0),
        skipped=digest.skipped,
    )


def _says(spec: RunSpec | None, field: str) -> str:
    """A field as text; of an own loop, what its script said by that name."""
    if spec is None:
        return ""
    value = spec.hyper.get(field, "") if spec.task == OWN else getattr(spec, field)
    return printable(str(value), 200)


def _seed(spec: RunSpec | None) -> int | None:
    if spec is None or spec.task != OWN:
        return None if spec is None else spec.seed
    seed = spec.hyper.get("seed")
    return seed if isinstance(seed, int) and not isinstance(seed, bool) else None


def _data(spec: RunSpec | None, used: object) -> str:
    """The data in words: as the worker said, else as the spec has it."""
    if isinstance(used, dict) and isinstance(used.get("label"), str):
        return printable(used["label"], 200)
    if spec is None:
        return ""
    if spec.task == OWN:
        return OWN_LABEL
    source = {"embedded": "Fashion-MNIST, embedded subset", "download": "Fashion-MNIST, download"}
    label = source.get(spec.data, f"Fashion-MNIST, {spec.data}")
    return printable(f"{label} ({spec.train_examples:,}/{spec.test_examples:,})", 200)
