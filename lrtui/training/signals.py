"""Signals to a worker, turned into a wish that is noticed later; nothing slow is imported here."""

from __future__ import annotations

import signal
from types import FrameType


class Signals:
    """Turns SIGTERM and SIGINT into a wish to stop that is noticed later; SIGHUP means nothing here."""

    def __init__(self) -> None:
        self.received: str | None = None
        signal.signal(signal.SIGTERM, self._note)
        signal.signal(signal.SIGINT, self._note)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        self.received = signal.Signals(number).name
