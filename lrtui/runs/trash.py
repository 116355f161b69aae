"""Deleted runs, kept for a while: a hidden folder inside the runs folder that they can be taken back from.

An entry is the run's own folder under another name, `TIME~ID`, so that deleting and undoing are one rename
each: quick whatever a run weighs, and whole or not at all. Whether a run may be deleted the store says.
"""

from __future__ import annotations

import calendar
import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from lrtui.runs.files import FOLDER_MODE, is_folder

FOLDER = ".trash"

KEPT = 30 * 86_400.0
"""Seconds a deleted run is kept; later it goes for good when the next run is made."""

_ENTRY = re.compile(r"(\d{8}-\d{6})\.(\d{6})~([A-Za-z0-9][A-Za-z0-9._-]{0,127})")


@dataclass(frozen=True)
class Trashed:
    """A deleted run that can be restored.

    Attributes:
        id: its id, the same after restoring.
        deleted: when it was deleted, in seconds since 1970 (UTC).
        path: its folder now; `Run(path)` reads it.
    """

    id: str
    deleted: float
    path: Path


def discard(root: Path, run: Path) -> Trashed:
    """Move a run's folder into the trash of the runs folder `root`.

    Raises:
        FileNotFoundError: if the run's folder is gone.
        OSError: if it can't be moved.
    """
    trash = root / FOLDER
    trash.mkdir(mode=FOLDER_MODE, exist_ok=True)
    now = time.time()
    while True:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now)) + f".{int(now % 1 * 1e6):06d}"
        path = trash / f"{stamp}~{run.name}"
        try:
            run.rename(path)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            now += 1e-5  # a namesake went at the same moment
        else:
            return Trashed(run.name, now, path)


def trashed(root: Path) -> list[Trashed]:
    """What can be restored, latest deletion first; entries that aren't ours are left out.

    Raises:
        OSError: if the trash is there and can't be read.
    """
    try:
        with os.scandir(root / FOLDER) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    found = []
    for name in names:
        if match := _ENTRY.fullmatch(name):
            with contextlib.suppress(ValueError):
                second = calendar.timegm(time.strptime(match[1], "%Y%m%d-%H%M%S"))
                found.append(Trashed(match[3], second + int(match[2]) / 1e6, root / FOLDER / name))
    return sorted(found, key=lambda each: (each.deleted, each.id), reverse=True)


def put_back(root: Path, gone: Trashed) -> Path:
    """Move a run from the trash to where it was.

    Raises:
        FileExistsError: if there is a run of that id again.
        FileNotFoundError: if it isn't in the trash any more.
        OSError: if it can't be moved.
    """
    path = root / gone.id
    try:
        gone.path.rename(path)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise FileExistsError(errno.EEXIST, "there is a run of that id") from error
        raise
    return path


def remove_for_good(root: Path, older_than: float = 0.0) -> int:
    """Delete what has been in the trash for at least so many seconds, and return how many runs went.

    Raises:
        OSError: if an entry can't be deleted; it is out of the trash all the same, and cleared away later.
    """
    gone = 0
    for entry in trashed(root):
        if time.time() - entry.deleted < older_than:
            continue
        try:
            remove(root, entry)
        except FileNotFoundError:
            continue  # restored, or emptied, by somebody else
        gone += 1
    return gone


def remove(root: Path, gone: Trashed) -> None:
    """Delete one entry of the trash; errors as for `remove_for_good`, FileNotFoundError if it isn't there."""
    # First under a name that nobody restores from: never half a run.
    doomed = root / f".deleted-{secrets.token_hex(6)}"
    gone.path.rename(doomed)
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(doomed)


def is_trashed(root: Path, run_id: str) -> bool:
    """Whether a run of this id lies in the trash."""
    try:
        return is_folder(root / FOLDER) and any(each.id == run_id for each in trashed(root))
    except OSError:
        return False
