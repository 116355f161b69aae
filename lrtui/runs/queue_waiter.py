"""The process that waits for a run to end while others are queued: `python -m lrtui.runs.queue_waiter`.

It asks for the lock of every living run, and gets one when that run ends, in whatever way: the kernel lets go
of a dead process's locks. Then it starts what has room (`queue.fill`) and waits again, until nothing is
queued. While it waits it is an interpreter with next to nothing loaded; to start runs it loads more, and
replaces itself afterwards. One a folder: it holds a lock of its own, which its starter hands over.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lrtui.runs import life

if TYPE_CHECKING:
    from lrtui.runs.run import Run

LOCK = ".queue-waiter"
LOOK_AGAIN = 15.0
"""Seconds after which it looks whether runs live that didn't when it began to wait."""
LOOK_AGAIN_SHARED = 5.0
"""The same where other machines share the folder, and a lock may not tell (see `life`)."""
_MODULE = ("-P", "-m", "lrtui.runs.queue_waiter")


def ensure_waiter(root: Path, living: Iterable[Run]) -> None:
    """See that a waiter looks after the queue of a folder; `living` are the runs whose end it waits for.

    Raises:
        OSError: if it can't be started.
    """
    lock = os.open(root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # There is one.
    except OSError as error:
        # Without locks nobody could tell how many there are; those who look keep the queue going.
        if error.errno not in life.NO_LOCKS:
            raise
        return
    else:
        from lrtui.runs.launch import outer_environment

        process = subprocess.Popen(
            _command(root, lock, [run.id for run in living]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=outer_environment(),
            pass_fds=[lock],
            start_new_session=True,
        )
        # Somebody has to wait for the child, or it stays in the process table for as long as this app runs.
        threading.Thread(target=process.wait, name="reap the queue's waiter", daemon=True).start()
    finally:
        os.close(lock)


def _command(root: Path, lock: int, living: Iterable[str]) -> list[str]:
    return [sys.executable, *_MODULE, str(root), str(lock), *living]


def main(arguments: list[str]) -> None:
    """Wait for one run of the folder to end, start what has room, and begin again if more is queued."""
    root, lock, living = Path(arguments[0]), int(arguments[1]), arguments[2:]
    os.set_inheritable(lock, False)
    wait(root, living)
    left = _fill(root)
    if left is None:
        os.close(lock)
        _hand_on(root)
        return
    os.set_inheritable(lock, True)
    os.execv(sys.executable, _command(root, lock, left))


def wait(root: Path, seen: Iterable[str]) -> None:
    """Return when one of the runs that live has ended, or one that was seen alive is found dead."""
    ended = threading.Event()
    watched: set[str] = set()
    for name in seen:
        if not _held(root / name / "lock"):
            return
    while True:
        for name in _living(root) - watched:
            watched.add(name)
            threading.Thread(target=_watch, args=(root / name / "lock", ended), daemon=True).start()
        if not watched or ended.wait(LOOK_AGAIN):
            return


def _watch(lock: Path, ended: threading.Event) -> None:
    """Set the event when whoever holds a run's lock has let go of it."""
    try:
        fd = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(fd, fcntl.LOCK_SH)
        finally:
            os.close(fd)
    except OSError:
        pass
    ended.set()


def _living(root: Path) -> set[str]:
    """The names of the folders in which a lock is held."""
    try:
        with os.scandir(root) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".")]
    except OSError:
        return set()
    return {name for name in names if _held(root / name / "lock")}


def _held(lock: Path) -> bool:
    """Whether somebody holds a lock's file; False where there are no locks."""
    try:
        fd = os.open(lock, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(fd)
    return False


def _fill(root: Path) -> list[str] | None:
    """Start what has room; returns the runs to wait for now, None if nothing is queued any more."""
    from lrtui.runs.queue import fill
    from lrtui.runs.store import RunStore, StoreError

    store = RunStore(root)
    while True:
        try:
            left, living = fill(store)
        except (StoreError, OSError):
            return None  # the folder is gone, or can't be used: the next one who looks sees why
        if not left:
            return None
        if life.trusted(root):
            return [run.id for run in living]
        time.sleep(LOOK_AGAIN_SHARED)


def _hand_on(root: Path) -> None:
    """See that a run which was queued in the last moment, when there still was a waiter, has one."""
    from lrtui.runs.queue import tend
    from lrtui.runs.store import RunStore

    tend(RunStore(root))


if __name__ == "__main__":
    main(sys.argv[1:])
