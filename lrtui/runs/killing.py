"""Ending a run whose worker doesn't answer: it is killed, and the log gets the ending it couldn't write.

What it had trained since its last checkpoint is lost; `stop` is the command that loses nothing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from typing import TYPE_CHECKING

from lrtui.runs.events import EventWriter
from lrtui.runs.launch import LaunchError, take_lock
from lrtui.runs.spec import OWN, SpecError
from lrtui.runs.text import one_line, printable

if TYPE_CHECKING:
    from lrtui.runs.run import Run

PATIENCE = 10.0
"""Seconds a killed process has to be gone; one that waits for a dead disk may take for ever."""


class KillError(RuntimeError):
    """A run that couldn't be killed; the message is one line."""


def kill(run: Run, by: str) -> None:
    """Kill the worker of a run with all its processes, and log that and by whom.

    The run then counts as stopped, and can be taken up at its last checkpoint. Waits until the worker is gone
    (seconds at most).

    Raises:
        KillError: if nothing runs, it is a script's own process, or it can't be killed.
    """
    try:
        own = run.spec.task == OWN
    except SpecError:
        own = False
    if own:
        raise KillError(f"{run.id} is a script's own loop: end that script itself")
    if not run.alive():
        raise KillError(f"{run.id} doesn't run: it is {run.state()}")
    worker = _worker(run)
    try:
        # The worker leads a session of its own; whatever it has started goes with it.
        os.killpg(worker, signal.SIGKILL)
    except OSError as error:
        raise KillError(f"{run.id}: process {worker} can't be killed: {one_line(error)}") from error
    until = time.monotonic() + PATIENCE
    while run.alive():
        if time.monotonic() > until:
            raise KillError(f"{run.id}: process {worker} was killed, but isn't gone after {PATIENCE:.0f} s")
        time.sleep(0.02)
    try:
        lock = take_lock(run)  # so that nobody takes the run up while its ending is written
    except (LaunchError, OSError) as error:
        raise KillError(f"{run.id} was killed; its ending can't be logged: {one_line(error)}") from error
    try:
        done = run.history().done
        with EventWriter(run.events_path) as log:
            log.emit("command", id=uuid.uuid4().hex, command="kill", by=by, step=done, accepted=True)
            log.emit("finished", outcome="stopped", reason=f"killed by {printable(by, 40)}", step=done)
    except OSError as error:
        raise KillError(f"{run.id} was killed; its ending can't be logged: {one_line(error)}") from error
    finally:
        os.close(lock)


def _worker(run: Run) -> int:
    """The process that leads the worker's session, as the launcher noted it in the lock's file."""
    with contextlib.suppress(OSError, ValueError):
        worker = int(run.lock_path.read_text(encoding="ascii"))
        # A number that the system has given to another process since is no leader of its own session, or
        # isn't ours to kill; the lock, which is held, says that the worker itself lives.
        if worker > 1 and os.getpgid(worker) == worker and worker != os.getpgid(0):
            return worker
    raise KillError(f"{run.id}: its process isn't known; find and end `lrtui.training.worker` by hand")
