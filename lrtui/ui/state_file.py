"""What the app remembers between openings: plain values by name, in one small file of the state folder.

It is a convenience and never in the way: a file that can't be read is an empty one, one that can't be
written is let be. Writing happens in a thread of its own. Several apps at once write into the same file, each
only the names it has changed.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from pathlib import Path
from typing import Any, TypeVar

from lrtui.runs.files import FOLDER_MODE, absolute, alone, read_file, write_file

T = TypeVar("T")

STATE_DIR_VARIABLE = "LRTUI_STATE_DIR"
FILE_NAME = "app.json"
LARGEST = 4 * 1024 * 1024
"""Bytes of a state file; a larger one isn't ours."""

SOON = 0.3
"""Seconds that changes are collected before they are written."""


def state_folder() -> Path:
    """Where the app keeps what it remembers: $LRTUI_STATE_DIR, else lrtui's folder in the user's state."""
    named = os.environ.get(STATE_DIR_VARIABLE)
    if named:
        return absolute(named)
    import platformdirs

    return Path(platformdirs.user_state_dir("lrtui"))


class StateFile:
    """Values by name. `recall` and `remember` touch no file: reading was done before, writing comes later."""

    def __init__(self, path: Path | None = None) -> None:
        """Read a file; with None remember only as long as the app is open."""
        self._path = path
        self._values: dict[str, Any] = _read(path) if path is not None else {}
        self._changed: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._hurry = threading.Event()
        self._writer: threading.Thread | None = None

    def recall(self, name: str, default: T) -> T:
        """What was remembered under a name if it is of the default's kind (None: of any), else the default.

        Lists and dicts come as they were given; what is in them is the caller's to check, since a file of
        another version, or a person, may have written it.
        """
        value = self._values.get(name)
        if value is None:
            return default
        if default is None:
            return value  # type: ignore[no-any-return]
        if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            return float(value)  # type: ignore[return-value]
        return value if type(value) is type(default) else default

    def remember(self, name: str, value: Any) -> None:
        """Keep a plain value (what JSON can hold) under a name for the next openings; None forgets it.

        Raises:
            TypeError, ValueError: it isn't plain.
        """
        # A copy, so that a list that goes on changing isn't written half changed.
        plain = json.loads(json.dumps(value, allow_nan=False))
        with self._lock:
            if self._values.get(name) == plain:
                return
            self._values[name] = plain
            self._changed[name] = plain
        if self._path is None:
            return
        self._idle.clear()
        self._wake.set()
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_on, name="remembered", daemon=True)
            self._writer.start()

    def flush(self, patience: float = 1.0) -> bool:
        """Wait until everything is written, not longer than so many seconds; whether it is."""
        self._hurry.set()
        done = self._idle.wait(patience) if self._writer is not None else True
        self._hurry.clear()
        return done

    def _write_on(self) -> None:
        while True:
            self._wake.wait()
            self._hurry.wait(SOON)
            self._wake.clear()
            with self._lock:
                changed, self._changed = self._changed, {}
            if changed and self._path is not None:
                with contextlib.suppress(OSError):
                    _merge(self._path, changed)
            with self._lock:
                if not self._changed:
                    self._idle.set()


def _read(path: Path) -> dict[str, Any]:
    try:
        data = read_file(path, LARGEST + 1)
        values = json.loads(data) if len(data) <= LARGEST else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _merge(path: Path, changed: dict[str, Any]) -> None:
    """Put changed values into the file, leaving what other apps have written there since."""
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    with alone(path.with_name(f"{path.name}.lock")):
        values = {**_read(path), **changed}
        kept = {name: value for name, value in values.items() if value is not None}
        write_file(path, json.dumps(kept, ensure_ascii=False, indent=1).encode())
