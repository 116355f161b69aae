"""What an earlier worker of the same run has left in the log, for the one that takes the run up."""

from __future__ import annotations

from pathlib import Path

from lrtui.runs.control import answered_commands
from lrtui.runs.events import EventFollower
from lrtui.runs.history import History


class Past:
    """The log as it stands before this worker writes to it.

    Attributes:
        any: whether there was anything at all; if not, this is the run's first worker.
        history: what it adds up to.
        answered: ids of the commands it answers.
    """

    def __init__(self, events: Path) -> None:
        self.any = False
        self.history = History()
        self.answered: set[str] = set()
        log = EventFollower(events)
        behind = True
        while behind:
            some = log.poll()
            behind = log.behind
            self.any = self.any or bool(some)
            self.history.feed(some)
            self.answered |= answered_commands(some)
