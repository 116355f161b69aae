"""Look after a training run from inside its worker: write its events, obey commands and signals.

This is the engine's `Watch`.  It knows the run folder and no torch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Protocol

from lrtui.runs.control import STEERING, Command, CommandReader
from lrtui.runs.events import EventWriter
from lrtui.runs.run import Run
from lrtui.runs.steering import Refused
from lrtui.runs.text import printable
from lrtui.training.ending import Interrupted, Vanished
from lrtui.training.signals import Signals

NAP = 0.05  # seconds between two looks while paused


class Subject(Protocol):
    """What is overseen once it stands: the engine, with its checkpoints."""

    @property
    def done(self) -> int:
        """Updates made so far."""

    def save(self, best: bool = False) -> Path:
        """Save a checkpoint; returns its path within the run's folder."""

    def due(self) -> bool:
        """Whether it is time for one."""

    @property
    def over(self) -> bool:
        """Whether all updates are made."""

    def obey(self, command: str, args: dict[str, Any]) -> dict[str, Any]:
        """Change the rate as a command says; returns what the log is to say of it, or raises Refused."""


class Oversight:
    """Everything that goes in and out of a running worker.

    Args:
        run: the run's folder.
        writer: its event log.
        signals: what signals came, to be looked at in every `poll`; None if another process hears them.
        answered: commands that an earlier worker of the run has answered.
        since: when the run was taken up again (seconds since 1970): commands that an earlier worker left
            unanswered were meant for that one and are refused.
        step: updates the run has made before, as far as its log tells.

    Attributes:
        subject: what is overseen, None while it is being prepared: until then, commands that need it wait.
    """

    def __init__(
        self,
        run: Run,
        writer: EventWriter,
        signals: Signals | None,
        answered: Collection[str] = (),
        since: float = 0.0,
        step: int = 0,
    ) -> None:
        self.subject: Subject | None = None
        self._run = run
        self._writer = writer
        self._signals = signals
        self._commands = CommandReader(run.commands_path, answered)
        self._since = since
        self._step = step
        self._waiting: list[Command] = []
        self._paused = False
        self._stopped_by: str | None = None
        self._finishing_by: str | None = None
        self._handlers: dict[str, Callable[[Command], None]] = {
            "stop": self._stop,
            "finish": self._finish,
            "pause": self._pause,
            "resume": self._resume,
        }
        self._late_handlers: dict[str, Callable[[Subject, Command], dict[str, Any]]] = {
            "checkpoint": self._checkpoint,
            **dict.fromkeys(STEERING, self._steer),
        }

    def emit(self, kind: str, /, **fields: Any) -> None:
        """Append an event that happens now; OSError if the disk won't have it."""
        self._writer.emit(kind, **fields)

    def poll(self, step: int | None = None) -> None:
        """Obey what was asked since the last time; waits as long as the run is to stand still.

        Args:
            step: the next update, which the answers name as the one where they took effect; left out, as
                before.

        Raises:
            Interrupted: if the run is to stop; the message says who asked.
            Vanished: if the run's folder is gone.
        """
        self._step = self._step if step is None else step
        self._look()
        while self._paused:
            time.sleep(NAP)
            self._look()

    def keep(self, best: bool = False) -> None:
        """Save a checkpoint now, if there is anything to save.

        Raises:
            Vanished: if the run's folder is gone.
            OSError: if the disk won't have it.
        """
        if self.subject is not None:
            self._save(self.subject, best)

    def closed(self, best: bool) -> None:
        """An epoch is closed: save a checkpoint, and end the run if it was to finish just this epoch.

        Raises:
            Interrupted: if the run is to end here; the message says who asked.
            Vanished, OSError: as `keep`.
        """
        self.keep(best)
        if self._finishing_by is not None and self.subject is not None and not self.subject.over:
            raise Interrupted(self._finishing_by)

    def _save(self, subject: Subject, best: bool = False) -> None:
        try:
            path = subject.save(best)
        except FileNotFoundError:
            self._see_that_it_is_there()
            raise
        self.emit("checkpoint", step=subject.done, path=str(path))

    def _see_that_it_is_there(self) -> None:
        try:
            self._run.events_path.stat()
        except FileNotFoundError:
            raise Vanished(f"{self._run.path} is gone") from None

    def _look(self) -> None:
        self._see_that_it_is_there()
        if self.subject is not None and self._waiting:
            waiting, self._waiting = self._waiting, []
            for command in waiting:
                self._answer(command)
        for command in self._commands.poll():
            self._answer(command)
        if self._stopped_by is not None:
            raise Interrupted(self._stopped_by)
        if self._signals is not None and self._signals.received is not None:
            raise Interrupted(f"stopped by {self._signals.received}")
        if self.subject is not None and self.subject.due():
            self._save(self.subject)

    def _answer(self, command: Command) -> None:
        name = command.command
        if name in self._late_handlers and self.subject is None:
            self._waiting.append(command)
            return
        answer: dict[str, Any] = {"id": command.id, "command": name, "by": command.by, "step": self._step}
        try:
            answer |= {**self._obey(command), "accepted": True}
        except Refused as why:
            answer |= {"accepted": False, "message": str(why)}
        self.emit("command", **answer)

    def _obey(self, command: Command) -> dict[str, Any]:
        """Do what was asked; returns what the log is to say of it, or raises Refused."""
        name = command.command
        if command.time < self._since:
            raise Refused("it was sent before the run was taken up again")
        if name in self._handlers:
            self._handlers[name](command)
            return {}
        if name in self._late_handlers and self.subject is not None:
            return self._late_handlers[name](self.subject, command)
        known = ", ".join([*self._handlers, *self._late_handlers])
        raise Refused(f"{printable(name, 40)!r} is no command of this worker; it knows {known}")

    def _stop(self, command: Command) -> None:
        self._stopped_by = _by("stopped", command)

    def _finish(self, command: Command) -> None:
        self._finishing_by = _by("stopped after its epoch", command)

    def _pause(self, command: Command) -> None:
        del command
        self._paused = True
        # A run may stand still for days: what it has done so far is to survive whatever comes.
        self.keep()

    def _resume(self, command: Command) -> None:
        del command
        # Also of a run that was to end with its epoch.
        self._paused, self._finishing_by = False, None

    def _checkpoint(self, subject: Subject, command: Command) -> dict[str, Any]:
        del command
        self._save(subject)
        return {}

    def _steer(self, subject: Subject, command: Command) -> dict[str, Any]:
        facts = subject.obey(command.command, command.args)
        # Answered commands aren't obeyed again when the run is taken up: what this one did must be kept.
        self._save(subject)
        return facts


def _by(what: str, command: Command) -> str:
    return f"{what} by {printable(command.by, 40)}" if command.by else f"{what} on request"
