"""How long a run that should be training has said nothing, and whether its process is known to stand still.

A worker that hangs holds its lock and looks alive: only its silence tells. Looks at processes, so it is not
for an event loop; ends none.
"""

from __future__ import annotations

import contextlib
import math
import time
from dataclasses import dataclass

import numpy as np

from lrtui.runs import life
from lrtui.runs.history import History
from lrtui.runs.run import Run, RunState

LEAST, MOST = 20.0, 600.0
"""Seconds of silence that are nothing strange, at least and at most: it depends on what a run is used to."""

STARTING = 60.0
"""The same before its first report: data may be loaded, the network compiled."""

USED_TO = 5.0
"""So many times the longest silence of late is nothing strange."""

LATEST = 400
STEP = 10.0
"""Silence is told in steps of so many seconds: each one is a line that is sent."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Seconds in which nothing was heard, 0 if that is as usual; ``halted`` is a process that is stopped."""

    seconds: float = 0.0
    halted: int | None = None


AS_USUAL = Silence()


class Listener:
    """Knows when a run was last heard. The clock is this process's own: those of machines differ and jump."""

    def __init__(self) -> None:
        self._heard: float | None = None

    def heard(self, ago: float = 0.0) -> None:
        """Something was heard, so many seconds ago."""
        self._heard = time.monotonic() - max(ago, 0.0)

    def silence(self, run: Run, state: RunState, history: History) -> Silence:
        """How strange its silence is."""
        if state not in (RunState.STARTING, RunState.RUNNING):
            self._heard = None  # a pause is no silence
            return AS_USUAL
        if self._heard is None:
            self.heard()
        assert self._heard is not None
        seconds = time.monotonic() - self._heard
        if seconds < patience(history):
            return AS_USUAL
        return Silence(seconds // STEP * STEP, halted(run))


def patience(history: History) -> float:
    """Seconds without an event that a run is used to."""
    reports = history.columns("report")
    if "seconds" not in reports or len(reports["seconds"]) < 2:
        return STARTING
    gaps = np.diff(reports["seconds"][-LATEST:])
    # Where a run stood still, it wasn't silent: as many of the longest gaps don't count.
    stood = sum(event.get("command") == "resume" for event in history.commands) + (
        history.resumed is not None
    )
    counting = np.sort(gaps[np.isfinite(gaps)])
    longest = float(counting[: max(len(counting) - stood, 0)].max(initial=0.0))
    return min(max(USED_TO * longest, LEAST), MOST)


def halted(run: Run) -> int | None:
    """The worker's process if it is stopped, as by SIGSTOP; None if it isn't or can't be known."""
    import psutil

    with contextlib.suppress(OSError, ValueError, psutil.Error):
        if life.trusted(run.path):  # else the number is one of another machine
            worker = int(run.lock_path.read_text(encoding="ascii"))
            if psutil.Process(worker).status() == psutil.STATUS_STOPPED:
                return worker
    return None


def ago(moment: float | None) -> float:
    """Seconds since a moment of the wall clock, 0 if that makes no sense."""
    since = time.time() - moment if moment is not None else 0.0
    return since if math.isfinite(since) and since > 0 else 0.0
