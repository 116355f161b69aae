"""Putting a text into a file that a person named: whole or not at all, and never over another by accident."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def save_text(path: Path, text: str | Iterable[str], *, overwrite: bool = False) -> None:
    """Write `text`, whole or in pieces, to `path` as UTF-8.

    Raises:
        FileExistsError: something is there, and `overwrite` wasn't said.
        OSError: it can't be written; what was there before is as it was.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}")
    target = path.with_name(f".{path.name}.{os.getpid()}.part") if overwrite else path
    with target.open("w" if overwrite else "x", encoding="utf-8") as file:
        try:
            file.writelines([text] if isinstance(text, str) else text)
            file.flush()
            if overwrite:
                target.replace(path)
        except BaseException:
            with suppress(OSError):
                target.unlink()
            raise
