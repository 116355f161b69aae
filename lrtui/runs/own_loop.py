"""Your own training loop as a run of lrtui: `lrtui.start(...)`.

    run = lrtui.start(name="vit-small", lr="warmup(5%) >> cosine(1e-3)", total_steps=10_000)
    for step, lr in run.rates(optimizer):
        ...
        run.log(train_loss=loss)

The run is a folder like any other: the app and the command line show it live, stop and pause it and set its
rate by hand. This module imports no torch; optimizers are known by their `param_groups`.
"""

from __future__ import annotations

import itertools
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from lrtui.runs.control import STEERING, Command, CommandReader
from lrtui.runs.launch import LaunchError
from lrtui.runs.own_decisions import Decisions
from lrtui.runs.own_log import OwnLog, OwnLoopError
from lrtui.runs.own_rates import ParamGroups
from lrtui.runs.own_spec import facts, own_spec
from lrtui.runs.spec import RunSpec
from lrtui.runs.steering import Refused, Steering
from lrtui.runs.store import Run, RunStore, StoreError
from lrtui.runs.text import one_line, printable
from lrtui.schedules import Schedule, parse

__all__ = ["OUTCOMES", "OwnLoopError", "OwnRun", "start"]

POLL_EVERY = 0.1
NAP = 0.05
OUTCOMES = ("completed", "stopped", "diverged", "failed")


def start(
    name: str = "",
    lr: str | float | Schedule | None = None,
    total_steps: int | None = None,
    steps_per_epoch: int | None = None,
    runs_dir: str | Path | None = None,
    **hyper: Any,
) -> OwnRun:
    """Start a run of this script's own loop.

    In a training of several processes, call it in one of them (the callbacks of `lrtui.integrations` do).

    Args:
        name: a name for people.
        lr: the schedule as an expression, or a number; left out, the script sets its rates itself.
        total_steps: optimizer updates in all; needed with `lr`.
        steps_per_epoch: updates in an epoch; needed for lengths in epochs (`5ep`). A run without is shown as
            a single epoch.
        runs_dir: where the run goes; else $LRTUI_RUNS_DIR, else the user's runs.
        hyper: anything else to be known of the run: batch size, seed, model, …

    Raises:
        SpecError: one line about an argument that is wrong.
        StoreError: if the runs folder can't be written.
    """
    spec = own_spec(name, lr, total_steps, steps_per_epoch, hyper)
    run = RunStore(runs_dir).create(spec)
    try:
        log = OwnLog(run, spec.updates, spec.updates_per_epoch)
    except (LaunchError, OSError) as error:
        raise StoreError(f"run {run.id} can't be started: {one_line(error)}") from error
    return OwnRun(log, spec)


class OwnRun:
    """A run of this process. Make it with `lrtui.start`.

    Attributes:
        by_hand: whether others may set its rate by hand; False where several processes must agree.

    Without `finish` and without a `with` block it ends when it is dropped or the script ends: as completed
    if all its updates were made (or their number isn't known), as failed if an exception ended the script, as
    stopped otherwise. A process that is killed leaves no ending, and its run shows as crashed.
    """

    def __init__(self, log: OwnLog, spec: RunSpec) -> None:
        self.by_hand = True
        self._log = log
        schedule = parse(spec.schedule) if spec.schedule else None
        self._decisions: Decisions | None = None
        rates = None
        if schedule is not None and schedule.metric_driven is not None:
            self._decisions = Decisions(schedule, spec.horizon())
            rates = self._decisions.rates
        elif schedule is not None:
            rates = schedule.rates(spec.horizon())
        self._rates = Steering(rates, spec.updates_per_epoch)
        self._total = log.total
        self._lr: float | None = None
        self._step: int | None = None
        self._counted = -1
        self._commands = CommandReader(log.run.commands_path)
        self._paused = False
        self._next_poll = 0.0
        self._forgotten = weakref.finalize(self, log.forgotten)
        log.emit("started", **facts(spec))

    def __repr__(self) -> str:
        return f"<lrtui run {self.id}>"

    @property
    def id(self) -> str:
        """The run's id, as `lrtui runs` shows it."""
        return self._log.run.id

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self._log.run.path

    @property
    def run(self) -> Run:
        """The run as everybody else sees it."""
        return self._log.run

    @property
    def stopping(self) -> bool:
        """Whether somebody has asked the run to end."""
        return self._log.stopped_by is not None

    def rates(self, optimizer: Any = None, *, start: int = 0) -> Iterator[tuple[int, float]]:
        """Iterate over the updates: the number of each, from 0, and its rate.

        Before each update the rate is set in the optimizer's groups, which keep the ratio of their initial
        rates (see `ParamGroups`); commands are obeyed: a stop ends the iteration, a pause holds it, and a
        rate set by hand takes effect. Without a schedule the optimizer's own rate is reported, and nan
        without an optimizer, too.

        Args:
            optimizer: anything with torch's `param_groups`; left out, set the rate yourself.
            start: the first update, for a training that is taken up again.

        Raises:
            OwnLoopError: if the optimizer isn't one, or `start` is past the end.
        """
        groups = None if optimizer is None else ParamGroups(optimizer)
        total = self._log.total
        if start < 0 or (total is not None and start > total):
            raise OwnLoopError(f"start must be an update from 0 to {total}, not {start}")
        return self._iterate(groups, start)

    def _iterate(self, groups: ParamGroups | None, start: int) -> Iterator[tuple[int, float]]:
        self._log.done = max(self._log.done, start)
        for step in itertools.count(start):
            # A cooldown that somebody has begun may have brought the end nearer.
            if self._over(step) or not self.tick(step):
                return
            lr = self._rates.at(step)
            if lr is not None and groups is not None:
                groups.set(lr)
            elif groups is not None:
                lr = groups.current()
            self._step, self._lr = step, lr
            yield step, float("nan") if lr is None else lr
            self._log.log(step, self._lr, {})

    def rate(self, step: int) -> float | None:
        """The rate in force at an update: the schedule's or one set by hand; None if the script sets it."""
        return self._rates.at(step)

    def tick(self, step: int) -> bool:
        """Obey what was asked; for loops that don't use `rates`, to be called before each update.

        Waits while the run is paused.

        Args:
            step: the next update.

        Returns:
            Whether to go on: False when somebody asked for the end, or a cooldown they began is over.
        """
        if time.monotonic() >= self._next_poll and self._log.open:
            self._obey(step)
            while self._paused and not self.stopping:
                time.sleep(NAP)
                self._obey(step)
            self._next_poll = time.monotonic() + POLL_EVERY
        return not self.stopping and not (self._rates.cooling is not None and self._over(step))

    def _over(self, step: int) -> bool:
        return self._log.total is not None and step >= self._log.total

    def log(self, *, step: int | None = None, epoch: float | None = None, **metrics: Any) -> None:
        """Log numbers of the present update: Python's, NumPy's, or tensors and arrays of one element.

        A few reports a second are written, with the latest value of each metric; only those are read back
        from a device, and the last is never lost. The app draws `train_loss`, `train_acc` and `lr`.

        Args:
            step: the update they belong to, from 0; left out, the one `rates` is at, else a count of calls.
            epoch: where in the training that is, if the run shouldn't work it out.
            metrics: by name.

        Raises:
            OwnLoopError: if a metric isn't a single number or has a name the log needs.
        """
        if step is None:
            self._counted += 1
            step = self._step if self._step is not None else self._counted
        self._log.log(int(step), self._lr, metrics, epoch)

    def epoch(self, *, epoch: float | None = None, **metrics: Any) -> None:
        """Log the end of an epoch or of any evaluation with its metrics; on the disk when this returns.

        The app draws all of them, and its list judges runs by the best `test_acc`, else by the metric that
        most runs have; of losses, errors and perplexities the least is the best. A schedule that
        follows a metric decides now: by `test_loss` (else `val_loss` or the like), or by `test_acc` where
        more is better.

        Args:
            epoch: its number from 1, if the run shouldn't work it out.
            metrics: as in `log`.
        """
        if self._step is not None:
            self._log.done = max(self._log.done, self._step + 1)
        self._log.epoch(self._lr, metrics, epoch)
        if self._decisions is not None:
            self._decisions.observe(metrics, self._log.done)

    def at(self, step: int, lr: float | None) -> None:
        """Say which update is being made, at which rate; for loops that don't use `rates`."""
        self._step, self._lr = step, lr

    def finish(self, outcome: str | None = None, reason: str = "") -> None:
        """End the run; finishing twice is harmless.

        Args:
            outcome: `completed`, `stopped`, `diverged` or `failed`; left out, `stopped` if somebody asked
                for it or updates are missing, else `completed`.
            reason: one line for people.
        """
        if outcome is not None and outcome not in OUTCOMES:
            raise OwnLoopError(f"no outcome is called {printable(str(outcome), 40)!r}: {', '.join(OUTCOMES)}")
        self._log.finish(outcome, reason)
        self._forgotten.detach()

    def __enter__(self) -> OwnRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
        else:
            self.left_by(error)

    def left_by(self, error: BaseException) -> None:
        """End the run as failed (or, by Ctrl-C, stopped) because of an exception."""
        self._log.left_by(error)
        self._forgotten.detach()

    def _obey(self, step: int) -> None:
        for command in self._commands.poll():
            answer = {"id": command.id, "command": command.command, "by": command.by, "step": step}
            try:
                answer |= {**self._carry_out(command, step), "accepted": True}
            except Refused as why:
                answer |= {"accepted": False, "message": str(why)}
            self._log.emit("command", **answer)

    def _carry_out(self, command: Command, step: int) -> dict[str, Any]:
        """Do what was asked; returns what the log is to say of it, or raises Refused."""
        if command.command == "stop":
            by = printable(command.by, 40)
            self._log.stopped_by = f"stopped by {by}" if by else "stopped on request"
        elif command.command in ("pause", "resume"):
            self._paused = command.command == "pause"
            self._log.flush()
        elif command.command in STEERING:
            if not self.by_hand:
                raise Refused("this training has several processes: its rate can't be set by hand")
            facts = self._rates.obey(command.command, command.args, step)
            self._log.total = self._total if self._rates.cooling is None else self._rates.end
            return facts
        else:
            known = ", ".join(("stop", "pause", "resume", *STEERING))
            what = printable(command.command, 40)
            raise Refused(f"{what!r} is no command of this run; it knows {known}")
        return {}
