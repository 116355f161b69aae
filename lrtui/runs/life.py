"""Whether the process of a run lives: its lock says so, or, where locks can't be trusted, its heartbeat.

A process holds an flock on the run's `lock` for as long as it lives, and the kernel lets go however it ends.
On file systems that other machines share (NFS, SMB, sshfs, …) a lock may be unknown elsewhere, or there may
be none at all. So every process also sets the time of that file every few seconds. Only where the lock proves
nothing do readers look at it: it is believed while it is fresh by this machine's clock, or was seen to move a
moment ago, so that clocks which differ or jump don't make a living run dead. A process that was killed there
shows so half a minute late.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import threading
import time
from pathlib import Path

BEAT_EVERY = 5.0
"""Seconds between two beats."""

LOST_AFTER = 30.0
"""Seconds without a beat after which a process counts as gone."""

_SHARED = (
    "nfs",
    "cifs",
    "smb",
    "fuse",
    "9p",
    "afs",
    "ceph",
    "gluster",
    "lustre",
    "gpfs",
    "beegfs",
    "virtiofs",
    "vboxsf",
    "drvfs",
)
"""How the names of file systems begin whose locks may not reach other machines."""

PATIENCE = 1.0
"""Seconds to wait for a lock: whoever asks whether a process lives holds it, too, for an instant."""

NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL)
"""What a system says where a file can't be locked at all."""


class Life:
    """Tells whether the process of one run lives; remembers the heartbeat it saw last."""

    def __init__(self, lock_path: Path) -> None:
        self._path = lock_path
        self._beat: tuple[int, float] | None = None  # time of the file, and since when it has been that

    def alive(self) -> bool:
        """Whether the process lives; never raises. A file that isn't there means that it doesn't."""
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except (OSError, ValueError):
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            pass  # No locks here at all.
        else:
            if trusted(self._path.parent):
                return False
        finally:
            os.close(fd)
        return self._beats()

    def _beats(self) -> bool:
        try:
            beat = self._path.stat().st_mtime_ns
        except OSError:
            return False
        now = time.monotonic()
        if self._beat is None:
            # Nothing was seen to move yet: this machine's clock is all there is to go by.
            self._beat = (beat, now if abs(time.time() - beat / 1e9) < LOST_AFTER else now - LOST_AFTER)
        elif self._beat[0] != beat:
            self._beat = (beat, now)
        return now - self._beat[1] < LOST_AFTER


def hold(lock_path: Path) -> int | None:
    """Take the lock of a run that doesn't live; returns its descriptor, None if there is nothing to lock.

    Raises:
        BlockingIOError: if the run lives.
    """
    try:
        fd = os.open(lock_path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        if Life(lock_path).alive():
            raise BlockingIOError
        take_patiently(fd)
    except BaseException:
        os.close(fd)
        raise
    return fd


def take(fd: int) -> None:
    """Lock a file exclusively, without waiting; where there are no locks, the heartbeat has to do.

    Raises:
        BlockingIOError: if somebody has it.
        OSError: if it can't be locked for another reason.
    """
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise


def take_patiently(fd: int, patience: float | None = None) -> None:
    """Lock a file exclusively as `take` does, waiting some seconds (`PATIENCE`) for whoever has it."""
    deadline = time.monotonic() + (PATIENCE if patience is None else patience)
    while True:
        try:
            take(fd)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def trusted(folder: Path) -> bool:
    """Whether a lock that is free in this folder means that no machine holds it. Asked once a device."""
    try:
        device = folder.stat().st_dev
    except OSError:
        return True
    if device not in _trusted:
        _trusted[device] = not _kind(folder).lower().startswith(_SHARED)
    return _trusted[device]


_trusted: dict[int, bool] = {}


def _kind(folder: Path) -> str:
    """The name of the file system a folder lies on, as the system calls it; empty if it can't be told."""
    import psutil

    place = os.path.realpath(folder)
    best, kind = "", ""
    try:
        for mount in psutil.disk_partitions(all=True):
            root = mount.mountpoint.rstrip("/") + "/"
            # Of several mounted on one place, the last hides the others.
            if f"{place}/".startswith(root) and len(root) >= len(best):
                best, kind = root, mount.fstype
    except (OSError, RuntimeError):
        return ""
    return kind


class Heartbeat:
    """Sets the time of the lock's file every few seconds, from a thread, while the process lives."""

    def __init__(self, lock_path: Path) -> None:
        self._path = lock_path
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(BEAT_EVERY):
            # The folder may be gone, or its server for a while: the run goes on all the same.
            with contextlib.suppress(OSError):
                os.utime(self._path)

    def stop(self) -> None:
        """Stop beating, and say so: the process is about to let go of the run."""
        self._over.set()
        self._thread.join(BEAT_EVERY)  # a beat after this word would take it back
        with contextlib.suppress(OSError):
            os.utime(self._path, (0, 0))
