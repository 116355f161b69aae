"""What each chart of a followed run shows: its curves, its axes, and the marks of what happened.

Turns snapshots into series; how charts share the room there is, is `widgets.run_charts`' business.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from lrtui.runs.compare import NEVER_SMOOTHED
from lrtui.runs.spec import OWN, RunSpec
from lrtui.runs.text import printable
from lrtui.schedules import Horizon, ScheduleError, parse, sample
from lrtui.schedules.core import Rates, Updates
from lrtui.ui import words
from lrtui.ui.looking import Look, updates_a_unit
from lrtui.ui.plotting import Axis, Mark, Series
from lrtui.ui.plotting.model import Kind
from lrtui.ui.run_view import Curve, RunView, Span, Want, XAxis

EMPTY = Curve(np.empty(0), np.empty(0))

BEFORE_OTHERS = 2
"""Panels that stand before those of a script's own metrics."""

ELSEWHERE = frozenset({"update_ratio", "memory", "device_memory", "epoch_seconds", "examples"})
"""Metrics with a place of their own, or that the Runs screen draws."""

SET = NEVER_SMOOTHED | {"momentum", "weight_decay"}
"""Metrics that are set and not measured."""

MANY = 60
"""Points of a curve of a script's own from which on it has no markers."""

_SOURCES: dict[str, Literal["report", "epoch"] | None] = {"report": "report", "epoch": "epoch", "": None}

FINE = 2000
"""Updates up to which a zoomed schedule is worked out one by one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve of a panel: what the legend calls it, the metric, where it comes from, its colour.

    It comes from `report`, from `epoch`, or from whichever has it ("").
    """

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
          kind="percent", high=1.0, always=True),
)  # fmt: skip


OTHERS = 6
"""Charts at most for what only a script's own loop logs."""


def others(view: RunView) -> tuple[Panel, ...]:
    """Panels for the metrics of a script's own loop that no other draws; `train_x` and `test_x` share one."""
    if view.spec is None or view.spec.task != OWN:
        return ()
    drawn = {line.metric for panel in PANELS for line in panel.lines}
    together: dict[str, list[str]] = {}
    for metric in view.metrics:
        if metric not in drawn and metric not in ELSEWHERE:
            base = metric.removeprefix("train_").removeprefix("test_")
            together.setdefault(base or metric, []).append(metric)
    found = []
    for place, (base, metrics) in enumerate(list(together.items())[:OTHERS]):
        name = in_words(base if len(metrics) > 1 else metrics[0])
        metrics.sort(key=lambda metric: not metric.startswith("train_"))
        lines = [Line(in_words(metric), metric, "", color) for color, metric in enumerate(metrics)]
        title = name if len(metrics) > 1 else ""  # its legend says it
        found.append(
            Panel(f"other-{place}", words.elide(name, 16), title, tuple(lines), low=None, loggable=True)
        )
    return tuple(found)


def in_words(metric: str) -> str:
    """A metric of somebody else's, as it is called on the screen."""
    return printable(metric.replace("_", " "), 40)


def panels(view: RunView, look: Look) -> tuple[Panel, ...]:
    """The panels that there is a reason to show, in the order in which they are."""
    first, rest = PANELS[:BEFORE_OTHERS], PANELS[BEFORE_OTHERS:]
    return tuple(panel for panel in (*first, *others(view), *rest) if has(panel, view, look))


def want(line: Line, look: Look) -> Want:
    """The curve of a line as it is looked at."""
    weight = look.weight if smoothed(line) else 0.0
    return Want(line.metric, look.x, _SOURCES[line.source], weight)


def smoothed(line: Line) -> bool:
    """Whether smoothing makes sense: of what is measured again and again, not of what is set or tested."""
    return line.source != "epoch" and line.metric not in SET


def wants(look: Look, view: RunView | None = None) -> tuple[Want, ...]:
    """All the curves that the panels draw: those that every run may have, and those of one run alone."""
    every = (*PANELS, *(others(view) if view is not None else ()))
    lines = [line for panel in every for line in panel.lines]
    raw = [want(line, Look(look.x)) for line in lines]
    return tuple(dict.fromkeys([*(want(line, look) for line in lines), *raw]))


def has(panel: Panel, view: RunView, look: Look) -> bool:
    """Whether there is a reason to show a panel: it is going to have something in it, or has."""
    curves = [view.curves.get(want(line, look), EMPTY) for line in panel.lines]
    if panel.varying:
        return any(_varies(curve) for curve in curves)
    if any(curve.x.size for curve in curves):
        return True
    own = view.spec is not None and view.spec.task == OWN
    if not panel.always or (own and panel.key not in ("loss", "rate")):
        return False
    if panel.key in ("loss", "accuracy", "rate") and not own:
        return True
    # Not before it is known to have nothing: charts that come and go move all others.
    return view.report is None or (view.live and not own and view.epoch is None)


def _varies(curve: Curve) -> bool:
    finite = curve.y[np.isfinite(curve.y)]
    return bool(finite.size and finite.min() < finite.max())


def series(panel: Panel, view: RunView, look: Look, *, detail: bool = False) -> list[Series]:
    """The curves of a panel, of the whole run or in detail in the stretch that is looked at."""
    curves = view.details if detail else view.curves
    found = []
    for line in panel.lines:
        curve = curves.get(want(line, look), EMPTY)
        if curve.x.size or line.name in ("train", "used"):
            if look.weight and smoothed(line):
                raw = curves.get(want(line, Look(look.x)), EMPTY)
                found.append(Series("", raw.x, raw.y, line.color, "", faint=True))
            bare = "" if line.source == "report" or curve.x.size > MANY else None
            found.append(Series(line.name, curve.x, curve.y, line.color, marker=bare))
    return found


def title(panel: Panel, look: Look) -> str:
    """What stands above a chart."""
    note = smoothing(look) if any(smoothed(line) for line in panel.lines) else ""
    return ", ".join(part for part in (panel.title, note) if part)


def smoothing(look: Look) -> str:
    """How curves are smoothed, in words; empty if they aren't."""
    return f"smoothed ({look.weight:g} of the past)" if look.weight else ""


def y_axis(panel: Panel, log: bool) -> Axis:
    """The axis of a panel's values."""
    return Axis(None if log else panel.low, panel.high, log=log, kind=panel.kind)


def plan(spec: RunSpec, x: XAxis) -> Curve:
    """The rates of a spec's schedule, not against time; empty if its text can't be read.

    A schedule of very many short cycles is looked at update by update, which may take a second: whoever has a
    thread calls this there first, and then what was found is known.
    """
    each = updates_a_unit(x, spec)
    if each is None:
        return EMPTY
    try:
        updates, rates = _sampled(spec.schedule, spec.horizon())
    except (ScheduleError, ArithmeticError, ValueError):
        return EMPTY
    return Curve(updates / each, rates)


@lru_cache(maxsize=32)
def _sampled(expression: str, horizon: Horizon) -> tuple[Updates, Rates]:
    updates, rates = sample(parse(expression), horizon, 1000)
    rates.flags.writeable = False  # many hold it
    return updates, rates


def plan_within(spec: RunSpec, x: XAxis, span: Span) -> Curve:
    """The same in a stretch of few updates, every one of them; empty if there are many."""
    each = updates_a_unit(x, spec)
    if each is None:
        return EMPTY
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


def as_reported(plan: Curve, spec: RunSpec, x: XAxis) -> Curve:
    """A plan with each rate where the report of its update stands: behind it, by the examples taken so far.

    An epoch's last update may have fewer of them: then an update is more than its share of the epoch.
    """
    each = updates_a_unit(x, spec)
    if x not in ("epoch", "examples") or each is None or spec.task == OWN or plan is EMPTY:
        return plan
    epochs, updates = np.divmod(np.rint(plan.x * each) + 1, spec.steps_per_epoch())
    taken = updates * spec.batch_size * spec.accumulate / spec.train_examples
    return Curve((epochs + taken) * (spec.train_examples if x == "examples" else 1), plan.y)


_SAID_BY = {
    "resumed": frozenset({"paused"}),
    "taken up": frozenset({"other schedule", "other length"}),
}
"""Words of marks that go without saying at the update of another: a run goes on where it was paused."""


def marks(view: RunView, x: XAxis) -> list[Mark]:
    """What was done to the run and what was found wrong with it, one mark a place."""
    each = 1.0 if x == "step" else updates_a_unit(x, view.spec) if view.spec is not None else None
    if each is None and x != "seconds":
        return []
    words: dict[float, list[str]] = {}
    for note in view.notes:
        here = words.setdefault(note.seconds if each is None else note.step / each, [])
        if note.word not in here and not _SAID_BY.get(note.word, frozenset()).intersection(here):
            here.append(note.word)
    return [Mark(place, ", ".join(said)) for place, said in words.items()]
