"""What the tests of callbacks share: another process that gives commands, and the events of the only run."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from lrtui.runs.events import Event, EventFollower
from lrtui.runs.store import Run, RunStore


def the_run(folder: Path) -> Run:
    (run,) = RunStore(folder).runs()
    return run


def events(run: Run, kind: str) -> list[Event]:
    return [event for event in EventFollower(run.events_path).poll() if event.kind == kind]


class Elsewhere(threading.Thread):
    """A second process that sets the run's rate, then stops it, while this one trains."""

    def __init__(self, folder: Path, rate: str | None) -> None:
        super().__init__(daemon=True)
        self.code = f"""
import time
from lrtui.runs.store import RunStore
from lrtui.runs.control import send
store = RunStore({str(folder)!r})
def until(condition):
    for _ in range(4000):
        if condition():
            return
        time.sleep(0.05)
    raise SystemExit("nothing happened")
until(lambda: store.runs() and store.runs()[0].summary().done > 3)
run = store.runs()[0]
if {rate!r} is not None:
    send(run, "set-rate", "elsewhere", lr=float({rate!r}))
    until(lambda: (run.history().latest("report") or {{}}).get("lr") == float({rate!r}))
send(run, "stop", "elsewhere")
"""
        self.status: int | None = None

    def run(self) -> None:
        self.status = subprocess.run([sys.executable, "-c", self.code], timeout=240, check=False).returncode
