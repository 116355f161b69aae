"""The chart of the Runs screen: one metric of any number of runs, and the bar to choose it and its axes.

It says which curves it wants and draws the snapshots it is given; it reads nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from lrtui.ui.plotting import Axis, Series
from lrtui.ui.plotting.model import MARKERS, PALETTE_SIZE
from lrtui.ui.run_view import RunView, Want
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.lines import ChoiceBar
from lrtui.ui.widgets.run_charts import X_AXES, X_WORDS, x_axis

METRICS = (
    ("test_acc", "test acc", "Test accuracy"),
    ("test_loss", "test loss", "Test loss"),
    ("train_acc", "train acc", "Train accuracy"),
    ("train_loss", "train loss", "Train loss"),
    ("lr", "rate", "Learning rate"),
    ("examples_per_sec", "speed", "Examples a second"),
)
WIDE = 100
"""From this many columns on, every choice is on the bar; below, the present ones are."""


class RunOverlay(Vertical):
    """Curves of several runs on one chart; each run keeps its colour as long as it is drawn."""

    DEFAULT_CSS: ClassVar[str] = """
    RunOverlay {
        height: 1fr;
        & > ChoiceBar { height: 1; }
        & > Chart { height: 1fr; }
    }
    """

    class Wanted(Message):
        """Another metric or x axis was clicked: `want` is another curve now."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._metric = 0
        self._x = X_AXES[0]
        self._log = False
        self._marked = 0
        self._drawn: tuple[str, ...] = ()
        self._colors: dict[str, int] = {}
        self._views: Mapping[str, RunView] = {}

    def compose(self) -> ComposeResult:
        """Choices above the chart."""
        yield ChoiceBar(id="overlay-bar")
        yield Chart(id="overlay")

    @property
    def want(self) -> Want:
        """The curve to be prepared of each run that is drawn."""
        name = METRICS[self._metric][0]
        source: Literal["report", "epoch"] = "epoch" if name.startswith("test") else "report"
        return Want(name, self._x, source)

    def color_of(self, run_id: str) -> int | None:
        """The index of a run's colour, None if it isn't drawn."""
        return self._colors.get(run_id)

    def draw(self, run_ids: Sequence[str], marked: int) -> None:
        """Draw these runs, of which so many were marked; a run new among them gets the first free colour."""
        self._drawn, self._marked = tuple(run_ids), marked
        self._colors = {run_id: color for run_id, color in self._colors.items() if run_id in self._drawn}
        taken = set(self._colors.values())
        free = (color for color in range(len(self._drawn)) if color not in taken)
        for run_id in self._drawn:
            if run_id not in self._colors:
                self._colors[run_id] = next(free)
        self._show_bar()
        self._show_chart()

    def take(self, views: Mapping[str, RunView]) -> None:
        """Draw newer snapshots."""
        self._views = dict(views)
        self._show_chart()

    def next_metric(self, by: int) -> None:
        """Want the next metric."""
        self._metric = (self._metric + by) % len(METRICS)

    def next_x(self) -> None:
        """Want the next kind of x."""
        self._x = X_AXES[(X_AXES.index(self._x) + 1) % len(X_AXES)]

    def toggle_log(self) -> None:
        """Switch the y axis between linear and logarithmic."""
        self._log = not self._log
        self._show_bar()
        self._show_chart()

    def on_resize(self) -> None:
        """The choices are shown in full where they fit."""
        self.call_after_refresh(self._show_bar)

    def on_choice_bar_pressed(self, event: ChoiceBar.Pressed) -> None:
        """A click chooses; on a narrow screen it goes on to the next."""
        event.stop()
        wide = self.size.width >= WIDE
        if event.group == 2:
            self.toggle_log()
            return
        if event.group == 0 and wide:
            self._metric = event.choice
        elif event.group == 0:
            self.next_metric(1)
        elif wide:
            self._x = X_AXES[event.choice]
        else:
            self.next_x()
        self.post_message(self.Wanted())

    def _show_chart(self) -> None:
        name, _, title = METRICS[self._metric]
        want = self.want
        views = [self._views[run_id] for run_id in self._drawn if run_id in self._views]
        series = [
            Series(label, view.curves[want].x, view.curves[want].y, color, stamp(color))
            for view, label in zip(views, _distinct(views), strict=True)
            if want in view.curves
            for color in [self._colors.get(view.run_id, 0)]
        ]
        specs = [view.spec for view in views if view.spec is not None]
        # An own loop needn't say how far it goes; then the axis grows with it.
        ends = [(spec.total_epochs(), spec.total_updates()) for spec in specs]
        open_end = any(updates is None for _, updates in ends)
        epochs = None if open_end else max((epochs or 1 for epochs, _ in ends), default=None)
        updates = None if open_end else max((updates or 1 for _, updates in ends), default=None)
        percent = name.endswith("acc")
        y = Axis(log=self._log, kind="percent" if percent else "rate" if name == "lr" else "number")
        if series and not any(np.isfinite(one.y).any() for one in series):
            title += ": no number yet"
        self.query_one(Chart).show(series, x_axis(self._x, epochs, updates), y, title=title)

    def _show_bar(self) -> None:
        note = f"{self._marked} marked" if self._marked else "space marks runs to overlay"
        metrics, axes = [label for _, label, _ in METRICS], [X_WORDS[x] for x in X_AXES]
        chosen = [
            ("m", metrics, self._metric),
            ("x", axes, X_AXES.index(self._x)),
            ("l", ["linear", "log"], int(self._log)),
        ]
        if self.size.width < WIDE:
            chosen = [(key, [choices[at]], 0) for key, choices, at in chosen]
        self.query_one(ChoiceBar).offer(chosen, note)


def stamp(color: int) -> str:
    """The character that tells a run apart, "" for a bare line: another when colours come round."""
    return MARKERS[(color + color // PALETTE_SIZE) % len(MARKERS)]


def _distinct(views: Sequence[RunView]) -> list[str]:
    """Names for a legend; runs of the same name get the end of their id."""
    names = [view.name for view in views]
    return [f"{name} {view.run_id[-4:]}" if names.count(name) > 1 else name
            for name, view in zip(names, views, strict=True)]  # fmt: skip
