"""What a person chose for the last run they started, kept for the next opening of the app.

Only the choices of the form, in one small file of the user's state folder; a schedule is never kept here.
What can't be read or written is passed over: it costs a person a few keys, never a run.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrtui.runs.files import FOLDER_MODE, write_file
from lrtui.ui.state_file import state_folder

if TYPE_CHECKING:
    from lrtui.ui.state import Draft

KEPT = (
    "epochs", "batch_size", "optimizer", "model", "device", "data", "accumulate", "clip_norm",
    "label_smoothing", "average", "precision", "compile", "stop_on", "threads", "processes",
)  # fmt: skip
"""Fields of the draft; its seed and its name are for one run."""

_MOST = 64 * 1024


def file() -> Path:
    """Where the choices are kept."""
    return state_folder() / "last-run.json"


def remember(draft: Draft) -> None:
    """Keep a draft's choices; does nothing if they can't be written. Not for an event loop."""
    values = {name: getattr(draft, name) for name in KEPT}
    with contextlib.suppress(OSError, TypeError, ValueError):
        path = file()
        path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        write_file(path, json.dumps(values, indent=1).encode())


def recall(draft: Draft) -> None:
    """Put the choices kept into a draft; a value of another type than the draft's own is passed over."""
    try:
        with file().open("rb") as kept:
            values = json.loads(kept.read(_MOST))
    except (OSError, ValueError, RecursionError):
        return
    if isinstance(values, dict):
        put(draft, values)


def put(draft: Draft, values: dict[str, Any]) -> None:
    """Put choices into a draft as far as they make sense."""
    for name in KEPT:
        if name in values and _fits(values[name], name, getattr(draft, name)):
            value = values[name]
            setattr(draft, name, tuple(value) if isinstance(value, list) else value)


def _fits(value: Any, name: str, default: Any) -> bool:
    if name in ("clip_norm", "threads"):
        kind: Any = (int, float) if name == "clip_norm" else int
        return value is None or (isinstance(value, kind) and not isinstance(value, bool) and value > 0)
    if name == "stop_on":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, int):
        return isinstance(value, int) and 1 <= value <= 10_000_000
    if isinstance(default, float):
        return isinstance(value, int | float) and 0 <= value < 1
    return isinstance(value, str) and len(value) < 4096
