"""The draft between openings: what of it is kept, and a draft made of what was kept.

What comes back from a file is looked at value by value; what makes no sense is left at its default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrtui.experiments.presets import known
from lrtui.ui.state import Draft

if TYPE_CHECKING:
    from lrtui.ui.state_file import StateFile

NAME = "draft"

KEPT = (
    "epochs", "batch_size", "optimizer", "model", "device", "data", "accumulate", "clip_norm",
    "label_smoothing", "average", "precision", "compile", "stop_on", "threads", "processes",
)  # fmt: skip
"""Fields of the draft; its seed and its name are for one run."""

LONGEST = 100_000
"""Letters of an expression; a longer one isn't kept."""


def keep(remembered: StateFile, draft: Draft) -> None:
    """Remember the draft as it is."""
    choices = {name: getattr(draft, name) for name in KEPT}
    remembered.remember(NAME, {"expression": draft.expression[:LONGEST], "preset": draft.preset, **choices})


def kept_draft(remembered: StateFile) -> Draft:
    """The draft as it was kept, as far as it makes sense now."""
    draft = Draft()
    kept: dict[str, Any] = remembered.recall(NAME, {})
    _put(draft, kept)
    try:
        draft.horizon()  # reads the headers of the data, which every screen is going to need
    except (ValueError, ArithmeticError, OSError):
        draft.data = Draft.data  # the folder is gone, or no longer what it was
    draft.begin_here()
    expression, preset = kept.get("expression"), kept.get("preset")
    if not isinstance(expression, str) or not 0 < len(expression) < LONGEST or expression == draft.expression:
        return draft
    begun = Draft(expression, **{name: getattr(draft, name) for name in KEPT})
    if isinstance(preset, str) and begun.error is None:
        begun.preset = preset if known(preset) else None
    return begun


def _put(draft: Draft, values: dict[str, Any]) -> None:
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
