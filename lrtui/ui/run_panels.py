"""What each chart of a followed run shows: its curves, its axes, and the marks of what happened.

Turns snapshots into series; how charts share the room there is, is `widgets.run_charts`' business.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrtui.runs.spec import RunSpec
from lrtui.schedules import ScheduleError, parse, sample
from lrtui.ui.plotting import Axis, Mark, Series
from lrtui.ui.plotting.model import Kind
from lrtui.ui.run_view import Curve, RunView, Span, Want, XAxis
from lrtui.ui.run_words import value

X_AXES: tuple[XAxis, ...] = ("epoch", "step", "seconds")
X_WORDS = {"epoch": "epochs", "step": "updates", "seconds": "time"}

EMPTY = Curve(np.empty(0), np.empty(0))

FINE = 2000
"""Updates up to which a zoomed schedule is worked out one by one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve of a panel: what the legend calls it, the metric, where it comes from, its colour."""

    name: str
    metric: str
    source: str
    color: int


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart.

    Attributes:
        key: short and constant, for ids.
        name: on the bar of charts.
        title: above the chart.
        lines: its curves; those the run doesn't have are left out.
        kind: how its values are written.
        low: the least value there can be.
        high: the greatest.
        loggable: whether a logarithmic axis makes sense.
        always: whether it is shown before there is anything in it.
        varying: whether it is shown only if its values differ: a constant is told in words.
    """

    key: str
    name: str
    title: str
    lines: tuple[Line, ...]
    kind: Kind = "number"
    low: float | None = 0.0
    high: float | None = None
    loggable: bool = False
    always: bool = False
    varying: bool = False


def _evaluated(metric: str) -> tuple[Line, ...]:
    """Training and test values of a metric, and those of averaged weights beside them."""
    return (
        Line("train", f"train_{metric}", "report", 0),
        Line("test", f"test_{metric}", "epoch", 1),
        Line("ema", f"ema_test_{metric}", "epoch", 3),
        Line("swa", f"swa_test_{metric}", "epoch", 3),
    )


PANELS = (
    Panel("loss", "Loss", "Loss", _evaluated("loss"), loggable=True, always=True),
    Panel("accuracy", "Accuracy", "Accuracy", _evaluated("acc"), kind="percent", high=1.0, always=True),
    Panel("rate", "Rate", "Learning rate", (Line("used", "lr", "report", 2),), kind="rate", loggable=True,
          always=True),
    Panel("gradient", "Gradient", "Gradient norm", (Line("before clipping", "grad_norm", "report", 4),),
          loggable=True, always=True),
    Panel("momentum", "Momentum", "Momentum",
          (Line("momentum", "momentum", "report", 5), Line("weight decay", "weight_decay", "report", 6)),
          low=None, varying=True),
    Panel("throughput", "Throughput", "Throughput", (Line("examples/s", "examples_per_sec", "report", 3),),
          kind="count", always=True),
    Panel("load", "Load", "Machine",
          (Line("cpu", "cpu_load", "report", 0), Line("gpu", "gpu_load", "report", 1)),
          kind="percent", high=1.0),
)  # fmt: skip


def want(line: Line, x: XAxis) -> Want:
    """The curve of a line against an axis."""
    return Want(line.metric, x, "epoch" if line.source == "epoch" else "report")


def wants(x: XAxis) -> tuple[Want, ...]:
    """All the curves that the panels draw."""
    return tuple(want(line, x) for panel in PANELS for line in panel.lines)


def has(panel: Panel, view: RunView, x: XAxis) -> bool:
    """Whether there is a reason to show a panel: it is one of the first, or has something in it."""
    curves = [view.curves.get(want(line, x), EMPTY) for line in panel.lines]
    if panel.varying:
        return any(_varies(curve) for curve in curves)
    filled = any(curve.x.size for curve in curves)
    return filled or (panel.always and (view.report is None or panel.key in ("loss", "accuracy", "rate")))


def _varies(curve: Curve) -> bool:
    finite = curve.y[np.isfinite(curve.y)]
    return bool(finite.size and finite.min() < finite.max())


def series(panel: Panel, view: RunView, x: XAxis, *, detail: bool = False) -> list[Series]:
    """The curves of a panel, of the whole run or in detail in the stretch that is looked at."""
    curves = view.details if detail else view.curves
    found = []
    for line in panel.lines:
        curve = curves.get(want(line, x), EMPTY)
        if curve.x.size or line.name in ("train", "used"):
            bare = "" if line.source == "report" else None
            found.append(Series(line.name, curve.x, curve.y, line.color, marker=bare))
    return found


def y_axis(panel: Panel, log: bool) -> Axis:
    """The axis of a panel's values."""
    return Axis(None if log else panel.low, panel.high, log=log, kind=panel.kind)


def x_axis(x: XAxis, epochs: int | None, updates: int | None) -> Axis:
    """The axis that a run of so many epochs and updates is drawn along; known ends stay fixed."""
    if x == "epoch":
        return Axis(0, epochs or None, label="epochs")
    if x == "step":
        return Axis(0, updates or None, kind="count", label="updates")
    return Axis(0, None, kind="seconds", label="since the start")


def axis_of(view: RunView, x: XAxis) -> Axis:
    """The x axis of a run, as long as the run is going to be."""
    epochs = view.spec.total_epochs() if view.spec is not None else None
    updates = value(view.started.fields, "updates") if view.started is not None else None
    if view.spec is not None and (updates is None or view.amended):
        updates = view.spec.total_updates()
    return x_axis(x, epochs, int(updates) if updates is not None and math.isfinite(updates) else None)


def plan(spec: RunSpec, x: XAxis) -> Curve:
    """The rates of a spec's schedule against epochs or updates; empty if its text can't be read."""
    try:
        updates, rates = sample(parse(spec.schedule), spec.horizon(), 1000)
    except (ScheduleError, ArithmeticError, ValueError):
        return EMPTY
    places = updates.astype(np.float64)
    return Curve(places / spec.steps_per_epoch() if x == "epoch" else places, rates)


def plan_within(spec: RunSpec, x: XAxis, span: Span) -> Curve:
    """The same in a stretch of few updates, every one of them; empty if there are many."""
    each = spec.steps_per_epoch() if x == "epoch" else 1
    try:
        horizon, schedule = spec.horizon(), parse(spec.schedule)
        first, last = max(int(span[0] * each) - 1, 0), min(math.ceil(span[1] * each) + 1, horizon.total - 1)
        if schedule.metric_driven is not None or not 0 < last - first <= FINE:
            return EMPTY
        updates = np.arange(first, last + 1)
        return Curve(updates / each, np.asarray(schedule(updates, horizon), dtype=np.float64))
    except (ScheduleError, ArithmeticError, ValueError):
        return EMPTY


def planned(curve: Curve) -> Series:
    """The schedule as Explore previewed it."""
    return Series("planned", curve.x, curve.y, 0, faint=True)


def marks(view: RunView, x: XAxis) -> list[Mark]:
    """What was done to the run and what was found wrong with it, one mark a place."""
    if x == "epoch" and view.spec is None:
        return []
    each = max(view.spec.steps_per_epoch(), 1) if x == "epoch" and view.spec is not None else 1
    words: dict[float, list[str]] = {}
    for note in view.notes:
        here = words.setdefault(note.seconds if x == "seconds" else note.step / each, [])
        # Against updates a run goes on where it was paused: the pause says it all.
        if note.word not in here and not (note.word == "resumed" and "paused" in here):
            here.append(note.word)
    return [Mark(place, ", ".join(said)) for place, said in words.items()]
