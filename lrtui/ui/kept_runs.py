"""How runs were looked at, between openings: axes of the chart, order of the list, metric, target.

It draws nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lrtui.runs.figures import accuracy_target
from lrtui.ui.looking import WEIGHTS, X_AXES

if TYPE_CHECKING:
    from lrtui.ui.state_file import StateFile
    from lrtui.ui.widgets.run_overlay import RunOverlay
    from lrtui.ui.widgets.run_table import RunTable

NAME = "runs"
LONGEST = 200
"""Letters of a metric's name; a longer one isn't kept."""


def keep_runs(remembered: StateFile, overlay: RunOverlay, table: RunTable, judge: str | None) -> None:
    """Remember how runs are looked at; ``judge`` is the metric a person chose to judge them by."""
    key, _ = table.sorted_by
    chosen = [overlay.chosen, judge]
    metric, judged_by = (name if name and len(name) <= LONGEST else None for name in chosen)
    remembered.remember(
        NAME,
        {
            "metric": metric,
            "x": overlay.x,
            "log": overlay.logarithmic,
            "smoothing": overlay.weight,
            "sort": key,
            "turned": table.turned,
            "folded": table.folded,
            "target": table.target,
            "judge": judged_by,
        },
    )


def recall_runs(remembered: StateFile, overlay: RunOverlay, table: RunTable) -> str | None:
    """Look at runs as it was kept, as far as that makes sense; the metric to judge them by, if any."""
    kept: dict[str, Any] = remembered.recall(NAME, {})
    if name := _name(kept.get("metric")):
        overlay.chosen = overlay.metric = name
    overlay.x = next((x for x in X_AXES if x == kept.get("x")), overlay.x)
    overlay.weight = next((weight for weight in WEIGHTS if weight == kept.get("smoothing")), overlay.weight)
    overlay.logarithmic = kept.get("log") is True
    if (target := _target(kept.get("target"))) is not None:
        table.target = target
    table.restore(str(kept.get("sort")), kept.get("turned") is True, kept.get("folded") is True)
    return _name(kept.get("judge"))


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST else None


def _target(value: object) -> float | None:
    if not isinstance(value, float | int) or isinstance(value, bool) or not math.isfinite(value):
        return None
    try:
        return accuracy_target(f"{value:g}")
    except ValueError:
        return None
