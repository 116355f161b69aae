"""Which runs train now, and whether one more would start at once. Reads files: not for an event loop."""

from __future__ import annotations

from lrtui.runs.queue_slots import slots
from lrtui.runs.run import Run
from lrtui.runs.store import RunStore, StoreError
from lrtui.ui.keys import key_for, with_keys


def live_runs(store: RunStore) -> tuple[str, ...]:
    """Ids of the runs that have a living worker, newest first; none if the folder can't be read."""
    try:
        return tuple(run.id for run in store.runs() if _lives(run))
    except (StoreError, OSError):
        return ()


def room(live: int) -> str:
    """Whether one more run starts at once, said only if others train."""
    together = slots()
    if live >= together:
        ways = with_keys("{train.start} queues it, {run.now} starts it at once")
        return f"{live} of {together} train: {ways}"
    watch = key_for("train.watch")
    return f"{live} of {together} train: {watch} watches" if live else ""


def _lives(run: Run) -> bool:
    try:
        return run.alive()
    except OSError:
        return False
