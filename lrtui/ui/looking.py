"""How the curves of runs may be looked at, the same on every screen: kinds of x axis, degrees of smoothing.

Values and axes only; which of them is chosen, the screens keep, and what is drawn along them is theirs, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lrtui.runs.history import number
from lrtui.runs.spec import OWN, RunSpec
from lrtui.ui.plotting import Axis
from lrtui.ui.run_view import RunView, XAxis

X_AXES: tuple[XAxis, ...] = ("epoch", "step", "examples", "seconds")
X_WORDS: dict[XAxis, str] = {
    "epoch": "epochs", "step": "updates", "examples": "examples", "seconds": "time"
}  # fmt: skip
WEIGHTS = (0.0, 0.6, 0.9, 0.97, 0.99)
"""Of the past in the moving average; 0 draws what was measured."""


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look: what curves are drawn against, and how much of the past smooths them."""

    x: XAxis = X_AXES[0]
    weight: float = WEIGHTS[0]


def axis(x: XAxis, views: Sequence[RunView]) -> Axis:
    """The x axis of some runs, as long as the longest is going to be where that is known; else it grows."""
    ends = [_end(x, view) for view in views if x == "examples" or view.spec is not None]
    known = [end for end in ends if end is not None and math.isfinite(end) and end > 0]
    # A run of examples unknown has no curve there; one of open length may outgrow all others.
    open_end = not known or (x != "examples" and len(known) < len(ends))
    end = None if open_end or x == "seconds" else max(known)
    match x:
        case "epoch":
            return Axis(0, end, label="epochs")
        case "step":
            return Axis(0, end, kind="count", label="updates")
        case "examples":
            return Axis(0, end, kind="count", label="examples")
        case _:
            return Axis(0, None, kind="seconds", label="since the start")


def _end(x: XAxis, view: RunView) -> float | None:
    """Where on an axis a run is going to end; None where that is open."""
    spec = view.spec
    if x == "step":
        updates = number(view.started.get("updates")) if view.started is not None else math.nan
        planned = spec.total_updates() if spec is not None else None
        return planned if view.amended or not updates >= 1 else updates
    epochs = spec.total_epochs() if spec is not None else None
    return epochs if x == "epoch" or epochs is None else epochs * examples(view)


def examples(view: RunView) -> float:
    """The examples of an epoch, as far as the run tells; nan for a script's own loop, which doesn't."""
    data = view.started.get("data") if view.started is not None else None
    told = number(data.get("train")) if isinstance(data, dict) else math.nan
    if not told > 0 and view.spec is not None and view.spec.task != OWN:
        return float(view.spec.train_examples)
    return told


def updates_a_unit(x: XAxis, spec: RunSpec) -> float | None:
    """How many updates one epoch, update or example is; None where that isn't known, as of a second."""
    if x == "step":
        return 1.0
    if x == "seconds" or (x == "examples" and spec.task == OWN):
        return None
    epoch = max(spec.steps_per_epoch(), 1)
    return epoch if x == "epoch" else epoch / max(spec.train_examples, 1)


def has_epochs(view: RunView) -> bool:
    """Whether a run has epochs: a script's own loop may have none, and counts as a single one."""
    spec = view.spec
    if spec is None or spec.task != OWN or spec.updates_per_epoch:
        return True
    return any(number((each or {}).get("epoch")) > 1 for each in (view.report, view.epoch))


def offered(view: RunView) -> tuple[XAxis, ...]:
    """The kinds of x that make sense for a run."""
    without = set() if has_epochs(view) else {"epoch"}
    if not examples(view) > 0:
        without.add("examples")
    return tuple(x for x in X_AXES if x not in without)


def along(x: XAxis, view: RunView) -> XAxis:
    """The chosen kind of x if it makes sense for a run, else updates, which every run has."""
    return x if x in offered(view) else "step"
