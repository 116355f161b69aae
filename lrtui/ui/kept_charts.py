"""How a followed run's charts were looked at, between openings of the app. It draws nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrtui.ui.looking import WEIGHTS, X_AXES, Look
from lrtui.ui.run_panels import PANELS

if TYPE_CHECKING:
    from lrtui.ui.state_file import StateFile

NAME = "train"


@dataclass
class Chosen:
    """What a person has chosen of the charts.

    Attributes:
        look: what they are drawn against, and how smooth.
        logs: keys of the panels with logarithmic values.
        alone: key of the panel shown alone where there would be room for more; None for as many as fit.
        single: key of the one shown where there is room for one.
    """

    look: Look
    logs: set[str]
    alone: str | None
    single: str


def keep_charts(remembered: StateFile, chosen: Chosen) -> None:
    """Remember it. Charts of one script's own metrics are another's other metrics: they aren't kept."""
    known = {panel.key for panel in PANELS}
    values = {
        "x": chosen.look.x,
        "smoothing": chosen.look.weight,
        "log": sorted(chosen.logs & known),
        "alone": chosen.alone if chosen.alone in known else None,
        "single": chosen.single if chosen.single in known else PANELS[0].key,
    }
    remembered.remember(NAME, values)


def recall_charts(remembered: StateFile) -> Chosen:
    """As it was kept, as far as that makes sense."""
    kept: dict[str, Any] = remembered.recall(NAME, {})
    known = {panel.key: panel for panel in PANELS}
    x, weight, logs = kept.get("x"), kept.get("smoothing"), kept.get("log")
    alone, single = kept.get("alone"), kept.get("single")
    return Chosen(
        Look(
            next((each for each in X_AXES if each == x), X_AXES[0]),
            next((each for each in WEIGHTS if each == weight), WEIGHTS[0]),
        ),
        {each for each in logs if isinstance(each, str) and each in known and known[each].loggable}
        if isinstance(logs, list)
        else set(),
        alone if isinstance(alone, str) and alone in known else None,
        single if isinstance(single, str) and single in known else PANELS[0].key,
    )
