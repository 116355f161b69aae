"""The three charts of a followed run, loss, accuracy and the rate, and how they share the room there is.

Turns snapshots into series; it reads nothing and decides nothing about the run.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from lrtui.runs.spec import RunSpec
from lrtui.schedules import ScheduleError, parse, sample
from lrtui.ui.plotting import Axis, Mark, Series
from lrtui.ui.run_view import Curve, RunView, Want, XAxis
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.lines import ChoiceBar
from lrtui.ui.widgets.run_status import value

NAMES = ("Loss", "Accuracy", "Rate")
X_AXES: tuple[XAxis, ...] = ("epoch", "step", "seconds")
X_WORDS = {"epoch": "epochs", "step": "updates", "seconds": "time"}

_EMPTY = Curve(np.empty(0), np.empty(0))


def wants(x: XAxis) -> tuple[Want, ...]:
    """The curves these charts draw."""
    return (
        Want("train_loss", x, "report"),
        Want("test_loss", x, "epoch"),
        Want("train_acc", x, "report"),
        Want("test_acc", x, "epoch"),
        Want("lr", x, "report"),
    )


def x_axis(x: XAxis, epochs: int | None, updates: int | None) -> Axis:
    """The axis that a run of so many epochs and updates is drawn along; known ends stay fixed."""
    if x == "epoch":
        return Axis(0, epochs or None, label="epochs")
    if x == "step":
        return Axis(0, updates or None, kind="count", label="updates")
    return Axis(0, None, kind="seconds", label="since the start")


class RunCharts(Container):
    """Loss, accuracy and rate: all three where there is room, else one at a time (``m`` goes on)."""

    DEFAULT_CSS: ClassVar[str] = """
    RunCharts {
        height: 1fr;
        layout: vertical;
        & > ChoiceBar { display: none; height: 1; }
        & > Chart { height: 1fr; }
        &.-row { layout: horizontal; }
        &.-grid { layout: grid; grid-size: 2 2; grid-rows: 3fr 2fr; }
        &.-grid > #rate-chart { column-span: 2; }
        &.-single > ChoiceBar { display: block; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._charts = (Chart(id="loss-chart"), Chart(id="accuracy-chart"), Chart(id="rate-chart"))
        self._bar = ChoiceBar(id="chart-bar")
        self._only: int | None = None
        self._alone = False
        self._planned: tuple[object, Curve] | None = None
        self._shown: tuple[RunView, XAxis, bool] | None = None

    def compose(self) -> ComposeResult:
        """The bar of names is seen only when one chart is."""
        yield self._bar
        yield from self._charts

    def on_resize(self, event: events.Resize) -> None:
        """Another size may want another layout."""
        self._arrange(event.size.width, event.size.height)

    def next_chart(self) -> None:
        """One chart alone, then the next; where there is room, all of them in between."""
        if self._cramped(self.size.width, self.size.height):
            self._only = (0 if self._only is None else self._only + 1) % 3
        else:
            self._only = 0 if self._only is None else (self._only + 1 if self._only < 2 else None)
        self._arrange(self.size.width, self.size.height)

    def on_choice_bar_pressed(self, event: ChoiceBar.Pressed) -> None:
        """Show the chart that was clicked."""
        event.stop()
        self._only = event.choice
        self._arrange(self.size.width, self.size.height)

    def show(self, view: RunView, x: XAxis, log: bool) -> None:
        """Draw a snapshot."""
        self._shown = (view, x, log)
        loss, test_loss, acc, test_acc, rate = (view.curves.get(want, _EMPTY) for want in wants(x))
        epochs = view.spec.total_epochs() if view.spec is not None else None
        updates = value(view.started.fields, "updates") if view.started is not None else None
        if updates is None and view.spec is not None:
            updates = view.spec.total_updates()
        axis = x_axis(x, epochs, int(updates) if updates is not None and math.isfinite(updates) else None)
        noted = marks(view, x)
        losses, accuracies, rates = self._charts
        losses.show(
            [Series("train", loss.x, loss.y, 0), Series("test", test_loss.x, test_loss.y, 1)],
            axis, Axis(None if log else 0, log=log), noted, self._title("Loss"),
        )  # fmt: skip
        accuracies.show(
            [Series("train", acc.x, acc.y, 0), Series("test", test_acc.x, test_acc.y, 1)],
            axis, Axis(0, 1, kind="percent"), noted, self._title("Accuracy"),
        )  # fmt: skip
        used = Series("used", rate.x, rate.y, 2, marker="")
        plan = self._plan(view.spec, x)
        drawn = [used] if plan is None else [Series("planned", plan.x, plan.y, 0, faint=True), used]
        rates.show(
            drawn, axis, Axis(None if log else 0, log=log, kind="rate"), noted, self._title("Learning rate")
        )

    def _title(self, title: str) -> str:
        """A chart alone is named by the bar above it."""
        return "" if self.has_class("-single") else title

    def _plan(self, spec: RunSpec | None, x: XAxis) -> Curve | None:
        """The schedule as Explore previewed it, against epochs or updates; None against time."""
        if spec is None or x == "seconds":
            return None
        key = (spec, x)
        if self._planned is None or self._planned[0] != key:
            self._planned = (key, plan(spec, x))
        return self._planned[1]

    def _cramped(self, width: int, height: int) -> bool:
        return not (_fits_grid(width, height) or _fits_row(width, height) or height >= 30)

    def _arrange(self, width: int, height: int) -> None:
        cramped = self._cramped(width, height)
        if cramped and self._only is None:
            self._only = 0
            self._alone = True
        elif not cramped and self._alone:  # it was one alone only for want of room
            self._only, self._alone = None, False
        single = self._only is not None
        self.set_class(single, "-single")
        self.set_class(not single and _fits_grid(width, height), "-grid")
        self.set_class(not single and not _fits_grid(width, height) and _fits_row(width, height), "-row")
        for index, chart in enumerate(self._charts):
            chart.display = not single or index == self._only
        if self._shown is not None:
            self.show(*self._shown)
        if single:
            self._bar.offer([("m", NAMES, self._only or 0)])


def plan(spec: RunSpec, x: XAxis) -> Curve:
    """The rates of a spec's schedule against epochs or updates; empty if its text can't be read."""
    try:
        updates, rates = sample(parse(spec.schedule), spec.horizon(), 1000)
    except (ScheduleError, ArithmeticError, ValueError):
        return _EMPTY
    places = updates.astype(np.float64)
    return Curve(places / spec.steps_per_epoch() if x == "epoch" else places, rates)


def _fits_grid(width: int, height: int) -> bool:
    return width >= 100 and height >= 20


def _fits_row(width: int, height: int) -> bool:
    return width >= 150 and height >= 9


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
