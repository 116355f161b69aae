"""Look after a training run from inside its worker: write its events, obey commands and signals.

This is the engine's `Watch`.  It knows the run folder and no torch.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from lrtui.runs.control import Command, CommandReader
from lrtui.runs.events import EventWriter
from lrtui.runs.run import Run
from lrtui.runs.text import printable
from lrtui.training.ending import Interrupted, Vanished
from lrtui.training.signals import Signals

NAP = 0.05  # seconds between two looks while paused


class Oversight:
    """Everything that goes in and out of a running worker.

    Args:
        run: the run's folder.
        writer: its event log.
        signals: what signals came, to be looked at in every `poll`.
    """

    def __init__(self, run: Run, writer: EventWriter, signals: Signals) -> None:
        self._run = run
        self._writer = writer
        self._signals = signals
        self._commands = CommandReader(run.commands_path)
        self._paused = False
        self._stopped_by: str | None = None
        self._handlers: dict[str, Callable[[Command], None]] = {
            "stop": self._stop,
            "pause": lambda _: self._pause(True),
            "resume": lambda _: self._pause(False),
        }

    def emit(self, kind: str, /, **fields: Any) -> None:
        """Append an event that happens now; OSError if the disk won't have it."""
        self._writer.emit(kind, **fields)

    def poll(self, step: int = 0) -> None:
        """Obey what was asked since the last time; waits as long as the run is to stand still.

        Args:
            step: the next update, which the answers name as the one where they took effect.

        Raises:
            Interrupted: if the run is to stop; the message says who asked.
            Vanished: if the run's folder is gone.
        """
        self._look(step)
        while self._paused:
            time.sleep(NAP)
            self._look(step)

    def _look(self, step: int) -> None:
        try:
            self._run.events_path.stat()
        except FileNotFoundError:
            raise Vanished(f"{self._run.path} is gone") from None
        for command in self._commands.poll():
            self._answer(command, step)
        if self._stopped_by is not None:
            raise Interrupted(self._stopped_by)
        if self._signals.received is not None:
            raise Interrupted(f"stopped by {self._signals.received}")

    def _answer(self, command: Command, step: int) -> None:
        answer: dict[str, Any] = {
            "id": command.id,
            "command": command.command,
            "by": command.by,
            "step": step,
            "accepted": True,
        }
        handler = self._handlers.get(command.command)
        if handler is None:
            known = ", ".join(self._handlers)
            answer["accepted"] = False
            answer["message"] = (
                f"{printable(command.command, 40)!r} is no command of this worker; it knows {known}"
            )
        else:
            handler(command)
        self.emit("command", **answer)

    def _stop(self, command: Command) -> None:
        self._stopped_by = f"stopped by {printable(command.by, 40)}" if command.by else "stopped on request"

    def _pause(self, paused: bool) -> None:
        self._paused = paused
