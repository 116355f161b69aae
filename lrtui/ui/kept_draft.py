"""The draft between openings: what of it is kept, and a draft made of what was kept.

What comes back from a file is looked at value by value; what makes no sense is left at its default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrtui.experiments.presets import known
from lrtui.ui.remembered import KEPT, put
from lrtui.ui.state import Draft

if TYPE_CHECKING:
    from lrtui.ui.state_file import StateFile

NAME = "draft"
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
    put(draft, kept)
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
