"""One run: its folder, its spec, whether it lives, its state and its summary, all derived from files.

Nothing about a run is stored twice: the lock says whether its worker lives, the log says how it ended, and a
dead run without an ending crashed. Reads only; runs are made and deleted by `store`, started by `launch`.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
import time
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from lrtui.runs.digest import Digest
from lrtui.runs.history import History, HistoryFollower, number
from lrtui.runs.spec import RunSpec, SpecError
from lrtui.runs.text import one_line, printable

NEVER_STARTED_AFTER = 60.0
"""Seconds after which a run that was made but never launched counts as crashed."""

_ID = re.compile(r"(\d{8}-\d{6})-(?:(.*)-)?[a-z0-9]{4}")


class RunState(StrEnum):
    """What became of a run."""

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
        return self not in (RunState.STARTING, RunState.RUNNING, RunState.PAUSED)


_WORDS = {
    RunState.STARTING: "starting",
    RunState.RUNNING: "training",
    RunState.PAUSED: "paused",
    RunState.COMPLETED: "completed all its epochs",
    RunState.STOPPED: "stopped on request",
    RunState.DIVERGED: "diverged: the loss was no longer a finite number",
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
        seed: the seed.
        data: the data in words, with its size.
        device: the device it ran on, or was asked for.
        best_test_acc: the best test accuracy of an epoch, in 0..1.
        last_test_acc: that of the last epoch, in 0..1.
        last_epoch: the last epoch that is complete; 0 before the first.
        epochs: the epochs it was to make.
        step: the latest update reported.
        updates: the updates it was to make.
        progress: the part that is done, in 0..1.
        created: when it was made, in seconds since 1970 (UTC).
        duration: seconds from its start to its last sign of life (or to now, while it lives).
        age: seconds since it was made.
        skipped: lines of the log that couldn't be read.
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


class Run:
    """A run's folder. Cheap to make; reads what it is asked for. May be used from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._spec: RunSpec | None = None
        self._digest = Digest(self.events_path)
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    @property
    def id(self) -> str:
        """The folder's name; never changes."""
        return self.path.name

    @property
    def spec_path(self) -> Path:
        """`spec.toml`, written once."""
        return self.path / "spec.toml"

    @property
    def events_path(self) -> Path:
        """The log, written by the worker alone."""
        return self.path / "events.jsonl"

    @property
    def commands_path(self) -> Path:
        """Commands to the worker."""
        return self.path / "commands.jsonl"

    @property
    def log_path(self) -> Path:
        """What the worker printed."""
        return self.path / "worker.log"

    @property
    def lock_path(self) -> Path:
        """Locked while the worker lives."""
        return self.path / "lock"

    @property
    def spec(self) -> RunSpec:
        """What the run is.

        Raises:
            SpecError: if the file is gone or can't be read; see `summary` for what never raises.
        """
        if self._spec is None:
            try:
                text = self.spec_path.read_bytes().decode()
            except (OSError, UnicodeDecodeError) as error:
                raise SpecError(f"{self.id}: the spec can't be read: {one_line(error)}") from error
            self._spec = RunSpec.from_toml(text)
        return self._spec

    @property
    def name(self) -> str:
        """The name a person gave it, else the word in its id; printable, never empty."""
        try:
            given = printable(self.spec.name.strip(), 200)
        except SpecError:
            given = ""
        match = _ID.fullmatch(self.id)
        return given or (match and match[2]) or printable(self.id)

    @property
    def created(self) -> float:
        """When the run was made, in seconds since 1970 (UTC): from its id, else from its folder."""
        match = _ID.fullmatch(self.id)
        try:
            if match:
                return datetime.strptime(match[1], "%Y%m%d-%H%M%S").replace(tzinfo=UTC).timestamp()
        except ValueError:
            pass
        try:
            return self.path.stat().st_mtime
        except OSError:
            return 0.0

    def alive(self) -> bool:
        """Whether its worker lives: whether somebody holds the lock."""
        try:
            fd = os.open(self.lock_path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            os.close(fd)
        return False

    def state(self, history: History | None = None) -> RunState:
        """What became of the run; pass the history a view already follows to save reading the log again."""
        # First the lock, then the log: a worker that ends in between has written its ending before letting
        # go.
        alive = self.alive()
        if history is None or (not alive and history.ending is None):
            with self._lock:
                self._digest.update()
                return self._judge(
                    alive, self._digest.outcome, self._digest.started is not None, self._digest.paused
                )
        outcome = None if history.ending is None else str(history.ending.get("outcome"))
        return self._judge(alive, outcome, history.started is not None, history.paused)

    def _judge(self, alive: bool, outcome: str | None, started: bool, paused: bool) -> RunState:
        if outcome is not None:
            # An ending of an unknown kind (a newer version's) is an ending all the same.
            known = ("completed", "stopped", "diverged", "failed")
            return RunState(outcome) if outcome in known else RunState.STOPPED
        if alive:
            return RunState.PAUSED if paused else RunState.RUNNING if started else RunState.STARTING
        if (
            not self.lock_path.exists()
            and self.path.exists()
            and time.time() - self.created < NEVER_STARTED_AFTER
        ):
            return RunState.STARTING
        return RunState.CRASHED

    def history(self) -> History:
        """Everything the log says, read afresh; of a long log this takes a while (not for an event loop)."""
        return self.follow().catch_up()

    def follow(self) -> HistoryFollower:
        """The log and its history, to be kept up to date by polling."""
        return HistoryFollower(self.events_path)

    def last_words(self) -> str:
        """The last line the worker printed (of a traceback, the error), printable; empty if there is none."""
        try:
            with self.log_path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(size - 4096, 0))
                lines = file.read().decode(errors="replace").split("\n")
        except OSError:
            return ""
        return printable(next((line.strip() for line in reversed(lines) if line.strip()), ""), 300)

    def summary(self) -> RunSummary:
        """The run in one row; reads only what is new in the log since the last time, and never raises."""
        state = self.state()
        problem = ""
        spec: RunSpec | None = None
        try:
            spec = self.spec
        except SpecError as error:
            problem = str(error)
        with self._lock:
            digest = self._digest
            started, ending = digest.started, digest.ending
            reason = str(ending.get("reason") or "") if ending else ""
            duration = digest.seconds
            if not state.ended and digest.origin is not None:
                duration = max(duration, time.time() - digest.origin)
            updates = number(started.get("updates")) if started else float("nan")
            total = int(updates) if 0 < updates < float("inf") else None
            row = RunSummary(
                id=self.id,
                name=self.name,
                state=state,
                reason=printable("; ".join(text for text in (problem, reason) if text), 500),
                schedule=printable(spec.schedule) if spec else "",
                preset=printable(spec.preset) if spec and spec.preset else None,
                model=printable(spec.model) if spec else "",
                optimizer=printable(spec.optimizer) if spec else "",
                seed=spec.seed if spec else None,
                data=_data(spec, started.get("data") if started else None),
                device=printable(
                    str(started.get("device") or "") if started else spec.device if spec else ""
                ),
                best_test_acc=digest.best_test_acc,
                last_test_acc=digest.last_test_acc,
                last_epoch=digest.epoch,
                epochs=spec.epochs if spec else None,
                step=digest.step,
                updates=total,
                progress=1.0
                if state is RunState.COMPLETED
                else min(digest.step / total, 1.0)
                if total
                else 0.0,
                created=self.created,
                duration=duration,
                age=max(time.time() - self.created, 0.0),
                skipped=digest.skipped,
            )
        if state in (RunState.CRASHED, RunState.FAILED) and not row.reason:
            row = msgspec.structs.replace(row, reason=self.last_words())
        return row


def _data(spec: RunSpec | None, used: object) -> str:
    """The data in words: as the worker said, else as the spec has it."""
    if isinstance(used, dict) and isinstance(used.get("label"), str):
        return printable(used["label"], 200)
    if spec is None:
        return ""
    source = {"embedded": "Fashion-MNIST, embedded subset", "download": "Fashion-MNIST, download"}
    label = source.get(spec.data, f"Fashion-MNIST, {spec.data}")
    return printable(f"{label} ({spec.train_examples:,}/{spec.test_examples:,})", 200)
