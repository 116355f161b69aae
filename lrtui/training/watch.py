"""What the engine expects of whoever looks after a training run."""

from __future__ import annotations

from typing import Any, Protocol


class Watch(Protocol):
    """Whoever looks after a training run: it hears the events and is asked, by time, whether to go on."""

    def emit(self, kind: str, /, **fields: Any) -> object:
        """Take one event (`report`, `epoch` or `diagnosis`, with the fields the design gives them)."""

    def closed(self, best: bool) -> object:
        """An epoch is closed, the best so far or not: save the engine's state; may raise Interrupted."""

    def poll(self, step: int) -> object:
        """Called between updates, `step` being the next one; may block (a pause) or raise Interrupted."""
