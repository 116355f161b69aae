"""What of a draft is kept for the next openings of the app, and how what was kept is put into a draft.

The choices of the form, one by one and only as far as they make sense; where they are kept is `state_file`'s
business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lrtui.ui.state import Draft

KEPT = (
    "epochs", "batch_size", "optimizer", "model", "device", "data", "accumulate", "clip_norm",
    "label_smoothing", "average", "precision", "compile", "stop_on", "threads", "processes",
)  # fmt: skip
"""Fields of the draft; its seed and its name are for one run."""


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
