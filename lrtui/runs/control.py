"""Commands to a run: the app and the command line append them to a file, the worker reads them.

A command says what is wanted, not what happened: the worker answers each with a `command` event in the log.
Sending doesn't check that anybody listens (see `Run.alive`).
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lrtui.runs.files import LineAppender, LineFollower
from lrtui.runs.text import one_line, printable

if TYPE_CHECKING:
    from lrtui.runs.events import Event
    from lrtui.runs.run import Run


STEERING = ("set-rate", "scale-rate", "follow-schedule", "cooldown")
"""The commands that change the rate from the next update on (see `steering`)."""


class ControlError(RuntimeError):
    """A command that couldn't be sent; the message is one line."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One command as it stands in the file.

    Attributes:
        id: unique, named by the event that answers.
        command: `stop`, `pause`, `resume`, …: lower-case letters and hyphens.
        by: who asked (`app`, `cli`, …), for the log.
        time: when, in seconds since 1970 (UTC).
        args: whatever else the command needs.
    """

    id: str
    command: str
    by: str = ""
    time: float = 0.0
    args: dict[str, Any] = {}


def send(run: Run, command: str, by: str, **args: Any) -> str:
    """Append a command to the run's file with one write, and return its id.

    Raises:
        ControlError: if the run's folder is gone or can't be written.
    """
    if not re.fullmatch(r"[a-z][a-z-]{0,40}", command):
        raise ControlError(
            f"{printable(command, 60)!r} can't be a command: use lower-case letters and hyphens"
        )
    line = Command(id=uuid.uuid4().hex, command=command, by=by, time=time.time(), args=args)
    try:
        file = LineAppender(run.commands_path)
        try:
            file.append(msgspec.json.encode(line))
        finally:
            file.close()
    except OSError as error:
        raise ControlError(f"{command} couldn't be sent to run {run.id}: {one_line(error)}") from error
    return line.id


def answered_commands(events: Iterable[Event]) -> frozenset[str]:
    """The ids of the commands that the log answers, obeyed or refused: a resumed worker passes them over."""
    return frozenset(
        answer
        for event in events
        if event.kind == "command" and isinstance(answer := event.get("id"), str) and answer
    )


class CommandReader:
    """Reads the commands of one run, each once, in the order they were sent.

    Args:
        path: the file of commands; needn't exist yet.
        answered: ids to pass over, those that the log of an earlier worker answers (`answered_commands`).
    """

    def __init__(self, path: Path, answered: Collection[str] = ()) -> None:
        self._lines = LineFollower(path)
        self._decoder = msgspec.json.Decoder(Command)
        self._unreadable = 0
        self._seen: set[str] = set(answered)

    @property
    def skipped(self) -> int:
        """Complete lines so far that couldn't be read."""
        return self._unreadable + self._lines.overlong

    def poll(self) -> list[Command]:
        """The commands that are new; never raises, never waits."""
        commands: list[Command] = []
        for line in self._lines.poll():
            try:
                command = self._decoder.decode(line)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                self._unreadable += 1
                continue
            # A file that was replaced is read from its start again; nothing is to be obeyed twice.
            if command.id not in self._seen:
                self._seen.add(command.id)
                commands.append(command)
        return commands
