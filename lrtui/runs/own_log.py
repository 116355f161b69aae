"""The files of an own loop's run as its process holds them: lock, log, commands, and a truthful ending.

Thins what the loop logs by time, and writes how it ended however it does: finished, left by an exception,
forgotten, or the interpreter's end. What the loop is told (rates, stop, pause) is `own_loop`'s business.

Logging never breaks a training: a disk that is full costs reports and a warning.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import warnings
import weakref
from time import monotonic
from typing import Any

from lrtui.runs.events import EventError, EventWriter
from lrtui.runs.launch import take_lock
from lrtui.runs.life import Heartbeat
from lrtui.runs.run import Run
from lrtui.runs.text import one_line, printable

REPORT_EVERY = 0.25
"""Seconds between two reports of the same metric."""

RESERVED = frozenset({"event", "time", "nonfinite", "seconds"})
"""What no metric can be called: the log has these already."""


class OwnLoopError(ValueError):
    """Something a script asked of its run that can't be; the message is one line."""


class OwnLog:
    """A run of this very process, from its start to its ending.

    Attributes:
        run: the run's folder.
        done: updates that are known to be made.
        total: updates there are to be, None if that isn't known.
        stopped_by: who asked for the end, None while nobody did.
        open: whether there is no ending yet (and this is the process that is to write it).
    """

    def __init__(self, run: Run, total: int | None, steps_per_epoch: int | None) -> None:
        self.run = run
        self.done = 0
        self.total = total
        self.stopped_by: str | None = None
        self.open = True
        self._steps_per_epoch = steps_per_epoch
        self._epochs = 0
        self._epoch_began = monotonic()
        self._warned = False
        # The latest value of each metric that waits for the next report: update, position, rate, value.
        self._waiting: dict[str, tuple[int, float, float | None, Any]] = {}
        self._due = 0.0
        self._before = _uncaught()
        self._lock = take_lock(run)
        try:
            self._writer = EventWriter(run.events_path)
        except BaseException:
            os.close(self._lock)
            raise
        self._heart = Heartbeat(run.lock_path)
        _logs.add(self)

    def position(self, done: int) -> float:
        """The epoch after so many updates; a run without epochs is a single one, from 0 to 1."""
        if self._steps_per_epoch:
            return done / self._steps_per_epoch
        return done / self.total if self.total else float(self._epochs)

    def emit(self, kind: str, /, **fields: Any) -> None:
        """Append an event that happens now; what the disk won't take is lost with a warning."""
        if not self.open:
            return
        try:
            self._writer.emit(kind, **fields)
        except (OSError, EventError) as error:
            if not self._warned:
                self._warned = True
                text = f"run {self.run.id} can't be logged any more: {one_line(error)}; training goes on"
                warnings.warn(text, RuntimeWarning, stacklevel=4)

    def log(self, step: int, lr: float | None, metrics: dict[str, Any], epoch: float | None = None) -> None:
        """Note metrics of an update; they are read back when a report is due."""
        if not self.open:
            if metrics and not self._warned:
                self._warned = True
                warnings.warn(
                    f"run {self.run.id} is finished: what is logged now is lost", RuntimeWarning, stacklevel=3
                )
            return
        self.done = max(self.done, step + 1)
        place = self.position(step + 1) if epoch is None else epoch
        for name, value in metrics.items():
            self._waiting[name] = (step, place, lr, _kept(name, value))
        if monotonic() >= self._due:
            if not self._waiting:
                # Nothing is logged, but the run moves: that much is told.
                self._report(step, place, lr, {})
            self.flush()

    def flush(self) -> None:
        """Report all that waits, in the order of its updates."""
        waiting, self._waiting = self._waiting, {}
        moments = sorted({moment[:3] for moment in waiting.values()}, key=lambda moment: moment[:2])
        for step, place, lr in moments:
            values = {
                name: _number(name, moment[3])
                for name, moment in waiting.items()
                if moment[:3] == (step, place, lr)
            }
            self._report(step, place, lr, values)
        self._due = monotonic() + REPORT_EVERY

    def _report(self, step: int, place: float, lr: float | None, values: dict[str, Any]) -> None:
        fields: dict[str, Any] = {"step": step, "epoch": place}
        if lr is not None and "lr" not in values:
            fields["lr"] = lr
        self.emit("report", **fields, **values)

    def epoch(self, lr: float | None, metrics: dict[str, Any], epoch: float | None = None) -> None:
        """Report what waits, then log the end of an epoch."""
        values = {name: _number(name, _kept(name, value)) for name, value in metrics.items()}
        self.flush()
        self._epochs += 1
        if epoch is None:
            place = self.position(self.done)
            # A last, shorter epoch is an epoch, too.
            epoch = math.ceil(place) if self._steps_per_epoch else place
        now = monotonic()
        fields: dict[str, Any] = {"epoch": epoch, "step": max(self.done - 1, 0)}
        if lr is not None and "lr" not in values:
            fields["lr"] = lr
        self.emit("epoch", **fields, **values, seconds=now - self._epoch_began)
        self._epoch_began = now

    def finish(self, outcome: str | None, reason: str) -> None:
        """Write the ending and let go of the run; without an outcome, what the updates made say."""
        if not self.open:
            return
        try:
            self.flush()
        finally:
            if outcome is None:
                outcome, found = self._verdict()
                reason = reason or found
            self.emit("finished", outcome=outcome, reason=printable(reason, 500), step=self.done)
            self._let_go()

    def _verdict(self) -> tuple[str, str]:
        if self.stopped_by is not None:
            return "stopped", self.stopped_by
        if self.total is None:
            return "completed", f"{self.done:,} updates were made"
        if self.done >= self.total:
            return "completed", f"all {self.total:,} updates are done"
        return "stopped", f"its script ended it after {self.done:,} of {self.total:,} updates"

    def left_by(self, error: BaseException) -> None:
        """Write the ending of a loop that an exception left."""
        if isinstance(error, KeyboardInterrupt):
            self.finish("stopped", "interrupted (Ctrl-C)")
        elif isinstance(error, SystemExit) and error.code in (None, 0):
            self.finish(None, "")
        elif isinstance(error, SystemExit):
            self.finish("failed", f"its script left with status {error.code}")
        else:
            self.finish("failed", f"{type(error).__name__}: {one_line(error)}")

    def forgotten(self) -> None:
        """Write the ending of a run that nobody finished: it was dropped, or the interpreter ends."""
        if not self.open:
            return
        # At the interpreter's end tensors may not answer any more; the ending is worth more than they are.
        with contextlib.suppress(Exception):
            self.flush()
        error = _uncaught()
        with contextlib.suppress(Exception):
            if error is not None and error is not self._before:
                self.left_by(error)
            else:
                self.finish(None, "")

    def disown(self) -> None:
        """In a forked child: the run is its parent's, and must die with it."""
        if self.open:
            self._let_go()

    def _let_go(self) -> None:
        self.open = False
        self._waiting = {}
        self._writer.close()
        self._heart.stop()
        # The ending is in the log before the lock goes.
        os.close(self._lock)


_logs: weakref.WeakSet[OwnLog] = weakref.WeakSet()


def _forked() -> None:
    for log in list(_logs):
        log.disown()


os.register_at_fork(after_in_child=_forked)


def _uncaught() -> BaseException | None:
    """The exception the script ended by; at a prompt, where people go on after errors, none."""
    if hasattr(sys, "ps1"):
        return None
    error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    return error if isinstance(error, BaseException) else None


def _kept(name: str, value: Any) -> Any:
    """A metric to be read back later, freed of its graph; OwnLoopError if it is no number."""
    if name in RESERVED:
        raise OwnLoopError(f"no metric can be called {name!r}: the log has that already; choose another name")
    if isinstance(value, (int, float)):
        return value
    detach = getattr(value, "detach", None)
    if detach is not None:
        value = detach()
    shape = getattr(value, "shape", None)
    if not hasattr(value, "item") or shape is None or math.prod(shape) != 1:
        what = f"of shape {tuple(shape)}" if shape is not None else f"a {type(value).__name__}"
        raise OwnLoopError(f"metric {printable(name, 60)!r} must be a single number, not {what}")
    return value


def _number(name: str, value: Any) -> int | float:
    """The number a metric is; here a value on a device is waited for."""
    number = value if isinstance(value, (int, float)) else value.item()
    if not isinstance(number, (int, float)):
        raise OwnLoopError(
            f"metric {printable(name, 60)!r} must be a real number, not {type(number).__name__}"
        )
    return float(number) if isinstance(number, float) else int(number)
