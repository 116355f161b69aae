"""A new run's folder: made under a hidden name, complete, and only then given its id.

Nobody ever lists a run without a spec, and two processes never get one id. What a killed process leaves of
it is cleared away by the next one after a day.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from pathlib import Path

from lrtui.runs import trash
from lrtui.runs.files import FILE_MODE, FOLDER_MODE, sync_folder, write_file
from lrtui.runs.queue_marker import FILE as MARK
from lrtui.runs.spec import RunSpec
from lrtui.runs.text import slug
from lrtui.schedules import Schedule, ScheduleError, parse

LEFTOVERS_AFTER = 86_400.0
"""Seconds after which a folder that was being made or deleted belongs to nobody any more."""

_LEFTOVER = re.compile(r"\.(new|deleted|probe)-[0-9a-f]{8,12}")
_TAG = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0 and 1, which are misread


def make_folder(root: Path, spec: RunSpec, mark: bytes | None = None) -> Path:
    """Make the folder of a new run, with its spec and empty logs in it, and the mark of one that is queued.

    Raises:
        OSError: if the runs folder can't be made or written; nothing is left of the attempt.
    """
    temporary: Path | None = None
    try:
        root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        _clean(root)
        temporary = root / f".new-{secrets.token_hex(6)}"
        temporary.mkdir(mode=FOLDER_MODE)
        write_file(temporary / "spec.toml", spec.to_toml().encode())
        for name in ("events.jsonl", "commands.jsonl"):
            os.close(
                os.open(temporary / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, FILE_MODE)
            )
        if mark is not None:
            write_file(temporary / MARK, mark)
        sync_folder(temporary)
        path = _take_id(root, temporary, spec)
        sync_folder(root)
    except OSError:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        raise
    return path


def _clean(root: Path) -> None:
    """Clear away what processes that were killed meanwhile left behind, and what was deleted long ago."""
    with contextlib.suppress(OSError), os.scandir(root) as entries:
        for entry in entries:
            if _LEFTOVER.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                age = time.time() - entry.stat(follow_symlinks=False).st_mtime
                if age > LEFTOVERS_AFTER:
                    shutil.rmtree(entry.path, ignore_errors=True)
    with contextlib.suppress(OSError):
        trash.remove_for_good(root, trash.KEPT)


def _take_id(root: Path, temporary: Path, spec: RunSpec) -> Path:
    word = slug(spec.name) or slug(spec.preset or "") or _family_word(spec.schedule)
    for _ in range(100):
        tag = "".join(secrets.choice(_TAG) for _ in range(4))
        path = root / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{word}-{tag}"
        try:
            temporary.rename(path)
        except OSError as error:
            # Renaming onto another run's folder fails, because that isn't empty.
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
        else:
            return path
    raise FileExistsError(errno.EEXIST, "no free id")


def _family_word(expression: str) -> str:
    """The family that gives the schedule its shape: the first phase that is neither warmup nor cooldown."""
    try:
        phases = parse(expression).phases
    except ScheduleError:
        return "run"
    shape = next((phase for phase in phases if phase.family.role != "transition"), phases[0])
    while shape.family.role == "combinator":
        inner = next((value for value in shape.values.values() if isinstance(value, Schedule)), None)
        if inner is None:
            break
        shape = inner.phases[0]
    return slug(shape.family.name) or "run"
