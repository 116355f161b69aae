"""How Explore's curve was looked at, between openings: axes and pinned schedules. It draws nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrtui.schedules import ScheduleError, parse
from lrtui.ui.widgets.preview_pane import MOST_PINS

if TYPE_CHECKING:
    from lrtui.ui.state_file import StateFile
    from lrtui.ui.widgets.preview_pane import PreviewPane

NAME = "explore"
LONGEST = 100_000
"""Letters of a pinned expression; a longer one isn't kept."""


def keep_view(remembered: StateFile, pane: PreviewPane) -> None:
    """Remember how the curve is looked at."""
    pins = [text for pin in pane.pins if len(text := str(pin)) <= LONGEST]
    remembered.remember(NAME, {"log": pane.log_y, "epochs": pane.in_epochs, "pins": pins})


def recall_view(remembered: StateFile, pane: PreviewPane) -> None:
    """Look at the curve as it was kept, as far as that makes sense."""
    kept: dict[str, Any] = remembered.recall(NAME, {})
    if isinstance(kept.get("log"), bool):
        pane.log_y = kept["log"]
    if isinstance(kept.get("epochs"), bool):
        pane.in_epochs = kept["epochs"]
    pins = kept.get("pins")
    for text in pins[:MOST_PINS] if isinstance(pins, list) else ():
        if isinstance(text, str) and 0 < len(text) <= LONGEST:
            try:
                pane.pins.append(parse(text))
            except ScheduleError:
                continue  # of another version, or no longer what it was
