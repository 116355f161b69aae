"""A little disk space held back, so that a run whose disk has filled up can still write how it ended."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

SIZE = 64 * 1024  # bytes: an ending and a report need a few hundred, file systems give whole blocks


class Reserve:
    """Holds `SIZE` bytes in a file of the run's folder until they are released; holds none if it can't."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with contextlib.suppress(OSError), path.open("wb") as file:
            file.write(bytes(SIZE))
            file.flush()
            os.fsync(file.fileno())

    def release(self) -> None:
        """Give the space back; a second time does nothing."""
        with contextlib.suppress(OSError):
            self._path.unlink()
