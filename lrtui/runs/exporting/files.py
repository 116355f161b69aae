"""Putting exported files in their places: whole or not at all, and over nothing unless asked.

Knows no format.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, TextIO

from lrtui.runs.files import is_file, is_folder
from lrtui.runs.text import one_line, printable

Write = Callable[[BinaryIO], None]
"""Writes the whole content of one file; it neither closes it nor knows its name."""


_REMEDIES = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), ": choose a folder that you may write to"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), ": free some space, or choose another folder"),
    errno.ENAMETOOLONG: ": choose a shorter name",
}


class ExportError(RuntimeError):
    """An export that couldn't be made; the message is one line."""


class ExistsError(ExportError):
    """Something is there already, and it wasn't said that it may be overwritten."""


class MissingError(ExportError):
    """A package that the format needs isn't installed."""


def as_text(write: Callable[[TextIO], None]) -> Write:
    """A writer of text as a writer of bytes (UTF-8, line ends as they are given)."""

    def encoded(file: BinaryIO) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        try:
            write(text)
        finally:
            text.detach()

    return encoded


def write_all(outputs: Mapping[Path, Write], overwrite: bool, under: Path | None = None) -> None:
    """Write files beside their places first, and put them there only when all are complete.

    Args:
        outputs: what writes each file.
        overwrite: whether files that are there may be replaced.
        under: a folder that is made if it is missing, and the files' own folders in it as well; left out, the
            folders must exist.

    Raises:
        ExportError: if a file exists and may not be replaced, or can't be written. Then no new file and no
            new folder is left behind, unless others put something in there.
    """
    for target in outputs:
        if is_folder(target):
            raise ExportError(f"{printable(str(target))} is a folder: name a file")
        if is_file(target) and not overwrite:
            raise exists(target)
    for folder in dict.fromkeys([under.parent] if under is not None else [each.parent for each in outputs]):
        check_folder(folder)
    made: list[Path] = []
    ready: dict[Path, Path] = {}
    try:
        if under is not None:
            for folder in dict.fromkeys((under, *(target.parent for target in outputs))):
                with contextlib.suppress(FileExistsError):
                    folder.mkdir()
                    made.append(folder)
        for target, write in outputs.items():
            temporary = target.with_name(f".{secrets.token_hex(4)}.part")
            with temporary.open("xb") as file:
                ready[target] = temporary
                write(file)
                file.flush()
                os.fsync(file.fileno())
        for target, temporary in ready.items():
            _place(temporary, target, overwrite)
    except (OSError, ValueError) as error:
        target = under or min(outputs, key=lambda each: len(each.name))
        text = f"{printable(str(target))} can't be written: {one_line(error)}"
        raise ExportError(text + _REMEDIES.get(getattr(error, "errno", 0) or 0, "")) from error
    finally:
        for temporary in ready.values():
            with contextlib.suppress(OSError):
                temporary.unlink()
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()  # Refused by the system, as it should be, for what isn't empty.


def check_folder(folder: Path) -> None:
    """See that something can be put into a folder; ExportError if there is none."""
    if is_folder(folder):
        return
    shown = printable(str(folder))
    if is_file(folder):
        raise ExportError(f"{shown} is a file and no folder: name another")
    try:
        folder.stat()
    except FileNotFoundError as error:
        raise ExportError(f"there is no folder {shown}: make it, or name another") from error
    except (OSError, ValueError):
        return  # what is wrong with it, writing says


def exists(target: Path) -> ExistsError:
    """What to say of a file that is there."""
    return ExistsError(f"{printable(str(target))} exists: choose another name or allow overwriting it")


def _place(temporary: Path, target: Path, overwrite: bool) -> None:
    if not overwrite:
        try:
            # A link, unlike a rename, never replaces a file that somebody made in the meantime.
            os.link(temporary, target)
        except FileExistsError:
            raise exists(target) from None
        except OSError:
            pass  # A file system without hard links.
        else:
            return
    temporary.replace(target)
