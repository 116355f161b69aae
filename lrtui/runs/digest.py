"""The few values of a log that a list of runs shows, gathered in one pass that goes on where it stopped.

Most lines of a log are reports; a digest recognises them by their first bytes and decodes only the last one,
so that a thousand runs are listed without decoding their curves (for those, see `history`). Only of scripts'
own loops, which may log nothing but reports, all are decoded.
"""

from __future__ import annotations

import contextlib
import math
from pathlib import Path

from lrtui.runs.choices import OWN
from lrtui.runs.control import STEERING
from lrtui.runs.events import REPORT_START, RESUMED_START, Event, EventError, decode
from lrtui.runs.files import LineFollower
from lrtui.runs.measured import Measured
from lrtui.runs.table import number


class Digest:
    """What a log says in short; `update` reads what is new. Not for several threads at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reset()

    def _reset(self) -> None:
        self._lines = LineFollower(self._path)
        self.started: Event | None = None
        self.ending: Event | None = None
        self.paused = False
        self.epoch = 0
        self.done = 0
        self._planned = self._end = (
            math.nan
        )  # updates as started or resumed, and as a cooldown by hand has it
        self.measured = Measured()
        self._own = False  # a script's own loop
        self._reports: list[tuple[Event, float]] = []
        self.origin: float | None = None
        self.seconds = 0.0
        self._unreadable = 0

    @property
    def outcome(self) -> str | None:
        """How the run ended, None if it has no ending."""
        return None if self.ending is None else str(self.ending.get("outcome"))

    @property
    def updates(self) -> int | None:
        """The updates the run is to make, None if that isn't known."""
        updates = self._end if self._end >= 1 else self._planned
        return int(updates) if 1 <= updates < math.inf else None

    @property
    def skipped(self) -> int:
        """Lines that couldn't be read (among the reports, only the latest is looked at)."""
        return self._unreadable + self._lines.overlong

    def update(self) -> None:
        """Read what is new in the log; of a log that was replaced, everything. Never raises."""
        while True:
            restarts = self._lines.restarts
            lines = self._lines.poll()
            if self._lines.restarts != restarts:
                self._reset()
                continue
            report: bytes | None = None
            for line in lines:
                if line.startswith(RESUMED_START):
                    report = None
                    self._measure()
                if line.startswith(REPORT_START):
                    report = line
                    if self._own:
                        self._keep(line)
                    continue
                self._line(line)
            if report is not None:
                self._line(report)
            self._measure()
            if not self._lines.behind:
                return

    def _keep(self, line: bytes) -> None:
        """Keep a report of a script's own loop until it is measured with others."""
        with contextlib.suppress(EventError):
            event = decode(line)
            self.seconds = max(self.seconds, event.time - (self.origin or event.time))
            self._reports.append((event, self.seconds))

    def _measure(self) -> None:
        if self._reports:
            self.measured.reports([event for event, _ in self._reports], [at for _, at in self._reports])
            self._reports = []

    def _line(self, line: bytes) -> None:
        try:
            event = decode(line)
        except EventError:
            self._unreadable += 1
            return
        if self.origin is None or (event.kind == "started" and self.started is None):
            self.origin = event.time
        self.seconds = max(self.seconds, event.time - self.origin)
        if event.kind == "started":
            self.started, self.ending, self.paused = event, None, False
            self._planned = number(event.get("updates"))
            data = event.get("data")
            self._own = isinstance(data, dict) and data.get("kind") == OWN
        elif event.kind in ("resuming", "resumed"):
            self.ending, self.paused = None, False
            self._planned = number(event.get("updates", self._planned))
            step, epochs = number(event.get("step")), number(event.get("epochs"))
            if event.kind == "resumed" and math.isfinite(step) and math.isfinite(epochs):
                # Not the lesser of it and what was reported: those reports may have been passed over.
                self.done, self.epoch = max(int(step), 0), min(self.epoch, int(epochs))
                self.measured.take_back(step, epochs)
        elif event.kind == "finished":
            self.ending = event
        elif event.kind == "amended":
            self._end = math.nan
        elif event.kind == "command" and event.get("accepted", True) is True:
            if (command := event.get("command")) in ("pause", "resume"):
                self.paused = command == "pause"
            elif command in STEERING:
                self._end = number(event.get("end")) if command == "cooldown" else math.nan
        elif event.kind in ("report", "epoch"):
            self._progress(event)

    def _progress(self, event: Event) -> None:
        step = number(event.get("step"))
        if math.isfinite(step):
            # Updates count from 0: the one named is done.
            self.done = max(self.done, int(step) + 1)
        if event.kind == "epoch":
            epoch = number(event.get("epoch"))
            if math.isfinite(epoch):
                self.epoch = int(epoch)
            self.measured.epoch(event.fields, self.seconds)
