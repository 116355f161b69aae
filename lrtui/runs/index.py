"""The rows of ended runs, kept in one file of the runs folder so that a long list opens at once.

It may be thrown away at any moment: every row names the state of the files it was made from, and is made anew
when they are others. Nothing but lists reads it; a folder that can't be written does without.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import msgspec

from lrtui import __version__
from lrtui.runs.files import read_file, write_file
from lrtui.runs.summary import RunSummary
from lrtui.runs.text import printable

FILE = ".index.json"
_LARGEST_FILE = 200 * 2**20

Signature = tuple[tuple[int, int, int], ...]
"""Of each file a row is made from: time of its last change (ns), size and inode; zeros if it is missing."""


LAYOUT = f"{__version__} {' '.join(RunSummary.__struct_fields__)}"
"""What an index must have been made for: a row with other fields would lack some."""


class _Index(msgspec.Struct):
    lrtui: str
    rows: dict[str, tuple[Signature, RunSummary]]


def signature(*paths: Path) -> Signature:
    """The state of some files; what can't be looked at is missing."""
    found = []
    for path in paths:
        try:
            status = path.stat()
            found.append((status.st_mtime_ns, status.st_size, status.st_ino))
        except (OSError, ValueError):
            found.append((0, 0, 0))
    return tuple(found)


def read_index(folder: Path) -> dict[str, tuple[Signature, RunSummary]]:
    """The rows by run id; none if the file is missing, damaged or another version's. Never raises."""
    try:
        index = msgspec.json.decode(read_file(folder / FILE, _LARGEST_FILE), type=_Index)
    except (OSError, ValueError, RecursionError):
        return {}
    if index.lrtui != LAYOUT:
        return {}
    return {name: (made, _safe(row)) for name, (made, row) in index.rows.items() if row.id == name}


def write_index(folder: Path, rows: dict[str, tuple[Signature, RunSummary]]) -> None:
    """Put the rows in place of those there are; what can't be written is no loss."""
    sound = {name: row for name, row in rows.items() if _sound(row[1])}
    with contextlib.suppress(OSError):
        write_file(folder / FILE, msgspec.json.encode(_Index(LAYOUT, sound)))


def as_of_now(row: RunSummary) -> RunSummary:
    """A row with the run's age as it is now."""
    return msgspec.structs.replace(row, age=max(time.time() - row.created, 0.0))


def _sound(row: RunSummary) -> bool:
    """Whether the row comes back as it is; a damaged log may hold numbers that JSON has no place for."""
    try:
        return msgspec.json.decode(msgspec.json.encode(row), type=RunSummary) == row
    except (OverflowError, ValueError):
        return False


def _safe(row: RunSummary) -> RunSummary:
    """The row with printable text: somebody else may have written the file."""
    texts = {
        field: printable(value)
        for field in row.__struct_fields__
        if field not in ("state", "notes") and isinstance(value := getattr(row, field), str)
    }
    notes = "\n".join(map(printable, row.notes.split("\n")))
    return msgspec.structs.replace(row, **texts, notes=notes, tags=tuple(map(printable, row.tags)))
