"""The mark of a run that waits for its turn: a file `queued` in its folder, and the lock of the whole queue.

A marked run that nobody has launched is queued; the mark survives whatever happens to the processes around
it. Whoever changes the queue holds its lock. Which run is next, and when, `queue` says.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lrtui.runs import life
from lrtui.runs.files import FILE_MODE, read_file, write_file

FILE = "queued"
LOCK = ".queue-lock"
_PATIENCE = 30.0
_LARGEST = 4096


class QueueBusy(OSError):  # noqa: N818 -- it says what is the matter
    """Somebody has held the queue's lock for too long: a process that was halted in the middle."""


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says.

    Attributes:
        since: when the run was put into the queue, in seconds since 1970 (UTC).
        place: the run with the least is next; at first the time, too.
        by: who asked (`app`, `command line`, …).
        launched: when it was its turn; None while it waits.
    """

    since: float
    place: float
    by: str = ""
    launched: float | None = None


def new_marker(by: str) -> Marker:
    """The mark of a run that is put at the end of the queue now."""
    now = time.time()
    return Marker(since=now, place=now, by=by)


def encode_marker(marker: Marker) -> bytes:
    """The mark as the file has it."""
    return msgspec.json.encode(marker) + b"\n"


def read_marker(run: Path) -> Marker | None:
    """The mark in a run's folder; None if there is none or it can't be read. Never raises."""
    try:
        return msgspec.json.decode(read_file(run / FILE, _LARGEST), type=Marker)
    except (OSError, ValueError, RecursionError):
        return None


def waits(run: Path) -> bool:
    """Whether the run is marked and hasn't had its turn (it may live all the same, if started by hand)."""
    marker = read_marker(run)
    return marker is not None and marker.launched is None


def put_marker(run: Path, marker: Marker) -> None:
    """Mark a run, or change its mark; OSError if its folder can't be written."""
    write_file(run / FILE, encode_marker(marker))


def mark_launched(run: Path) -> None:
    """Note that a queued run has had its turn; nothing to do for one that wasn't queued.

    Raises:
        OSError: if it can't be noted: the run must not be launched then, or it might be twice.
    """
    marker = read_marker(run)
    if marker is not None and marker.launched is None:
        put_marker(run, msgspec.structs.replace(marker, launched=time.time()))


def take_marker(run: Path) -> None:
    """Remove the mark, if there is one."""
    with contextlib.suppress(OSError):
        (run / FILE).unlink()


@contextlib.contextmanager
def queue_lock(root: Path) -> Iterator[None]:
    """Hold the lock of the queue of a runs folder, which must exist; waits for whoever has it.

    Where there are no locks the runs' own have to do.

    Raises:
        QueueBusy: if somebody has had it for half a minute.
        OSError: if the folder can't be written.
    """
    fd = os.open(root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        try:
            life.take_patiently(fd, _PATIENCE)
        except BlockingIOError:
            raise QueueBusy(errno.EBUSY, "the queue is being changed by a process that hangs") from None
        yield
    finally:
        os.close(fd)
