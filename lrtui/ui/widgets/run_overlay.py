"""The chart of the Runs screen: one metric of any number of runs, and the bar to choose it and its axes.

It says which curves it wants and draws the snapshots it is given; it reads nothing. What is drawn how is
worked out in `overlaid`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from lrtui.runs.judging import MAIN, can_judge, main_metric
from lrtui.ui import looking
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.looking import WEIGHTS, X_AXES, X_WORDS
from lrtui.ui.plotting import Series
from lrtui.ui.run_view import RunView, Span, Want, XAxis
from lrtui.ui.widgets import overlaid
from lrtui.ui.widgets.lines import ChoiceBar
from lrtui.ui.widgets.overlaid import Curves, Drawn
from lrtui.ui.widgets.overlay_chart import OverlayChart

CROWD = 4
"""Marked runs from which on curves are hard to tell apart without picking one."""

BAR = 2
"""Columns of the bar that stay free at its end."""


class RunOverlay(Vertical):
    """Curves of several runs on one chart; each keeps its colour as long as it is drawn."""

    DEFAULT_CSS: ClassVar[str] = """
    RunOverlay {
        height: 1fr;
        & > ChoiceBar { height: 1; }
        & > Chart { height: 1fr; }
    }
    """

    class Wanted(Message):
        """Another metric, axis or smoothing was clicked: `wants` are other curves now."""

    class Looked(Message):
        """Another stretch of the x axis is looked at, None for all of it: its detail is wanted."""

        def __init__(self, span: Span | None) -> None:
            super().__init__()
            self.span = span

    class Picked(Message):
        """A curve was picked on the chart, ``key`` being that of its row; None when it was let go."""

        def __init__(self, key: str | None) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.chosen = self.metric = MAIN
        """`metric` is drawn, `chosen` what a person chose: another where the runs have no such figure."""
        self.x: XAxis = X_AXES[0]
        self.logarithmic = False
        self.weight = WEIGHTS[0]
        self.picked: str | None = None
        self._marked = self._left_out = 0
        self._drawn: tuple[Drawn, ...] = ()
        self._colors: dict[str, int] = {}
        self._views: Mapping[str, RunView] = {}
        self._curves, self._finer = Curves(), Curves()
        self._cut: set[int] = set()
        """Groups of the bar of which only the chosen one is shown."""

    def compose(self) -> ComposeResult:
        """Choices above the chart."""
        yield ChoiceBar(id="overlay-bar")
        yield OverlayChart(id="overlay")

    @property
    def wants(self) -> tuple[Want, ...]:
        """The curves to be prepared of each run that is drawn."""
        return overlaid.wants(self.metric, self.x, self.weight)

    @property
    def chart(self) -> OverlayChart:
        """The chart."""
        return self.query_one(OverlayChart)

    def color_of(self, key: str) -> int | None:
        """The index of the colour of a row, None if it isn't drawn."""
        return self._colors.get(key)

    def color_of_run(self, run_id: str) -> int | None:
        """The index of the colour that a run has part in, None if it isn't drawn."""
        key = next((each.key for each in self._drawn if run_id in each.run_ids), None)
        return None if key is None else self._colors.get(key)

    def suit(self, had: Collection[str]) -> None:
        """Draw what is chosen; of runs that have other figures and not this, the main one they ``had``."""
        missing = bool(had) and can_judge(self.chosen) and self.chosen not in had
        self.metric = (main_metric(had) if missing else None) or self.chosen

    def draw(self, drawn: Sequence[Drawn], marked: int, left_out: int = 0) -> None:
        """Draw these; a curve new among them gets the first free colour.

        Args:
            drawn: what to draw.
            marked: runs that are marked.
            left_out: runs that aren't drawn, for they would be too many.
        """
        self._drawn, self._marked, self._left_out = tuple(drawn), marked, left_out
        keys = [each.key for each in drawn]
        self._colors = {key: color for key, color in self._colors.items() if key in keys}
        taken = set(self._colors.values())
        free = (color for color in range(len(keys)) if color not in taken)
        for key in keys:
            if key not in self._colors:
                self._colors[key] = next(free)
        if self.picked not in keys:
            self.picked = self.chart.picked = None
        self._curves.forget(keys)
        self._finer.forget(keys)
        self._show_bar()
        # Until something of them was read, what was drawn before stays: an empty chart would flash, and its
        # axes would be those of nothing.
        if not drawn or any(run_id in self._views for each in drawn for run_id in each.run_ids):
            self._show_chart()

    def take(self, views: Mapping[str, RunView]) -> None:
        """Draw newer snapshots."""
        self._views = dict(views)
        self._show_bar()
        self._show_chart()

    def pick(self, key: str | None) -> None:
        """Draw one curve on top of the others, which turn faint; None draws all alike."""
        key = key if key in self._colors else None
        if key != self.picked:
            self.picked = self.chart.picked = key
            self._show_chart()

    # The choices

    @property
    def _metrics(self) -> tuple[str, ...]:
        runs = [run_id for each in self._drawn for run_id in each.run_ids]
        return overlaid.metrics_of([self._views[id] for id in runs if id in self._views], self.metric)

    def next_metric(self, by: int) -> None:
        """Want the next metric."""
        offered = self._metrics
        self.chosen = self.metric = offered[(offered.index(self.metric) + by) % len(offered)]

    def next_x(self) -> None:
        """Want the next kind of x."""
        self.x = X_AXES[(X_AXES.index(self.x) + 1) % len(X_AXES)]

    def next_weight(self) -> None:
        """Smooth more; after the most, not at all."""
        self.weight = WEIGHTS[(WEIGHTS.index(self.weight) + 1) % len(WEIGHTS)]

    def toggle_log(self) -> None:
        """Switch the y axis between linear and logarithmic."""
        self.logarithmic = not self.logarithmic
        self._show_bar()
        self._show_chart()

    def on_resize(self) -> None:
        """The choices are shown in full where they fit."""
        self.call_after_refresh(self._show_bar)

    def on_choice_bar_pressed(self, event: ChoiceBar.Pressed) -> None:
        """A click chooses; where only the chosen one is shown, it goes on to the next."""
        event.stop()
        cut = event.group in self._cut
        match event.group:
            case 0 if cut:
                self.next_metric(1)
            case 0:
                self.chosen = self.metric = self._metrics[event.choice]
            case 1 if cut:
                self.next_x()
            case 1:
                self.x = X_AXES[event.choice]
            case 2 if cut:
                self.next_weight()
            case 2:
                self.weight = WEIGHTS[event.choice]
            case _:
                self.toggle_log()
        self.post_message(self.Wanted())

    def on_overlay_chart_picked(self, event: OverlayChart.Picked) -> None:
        """A curve was picked on the chart."""
        event.stop()
        self.pick(event.key)
        self.post_message(self.Picked(self.picked))

    def on_chart_window(self, event: OverlayChart.Window) -> None:
        """The chart was zoomed or moved along."""
        event.stop()
        self.post_message(self.Looked(event.ends))

    # What is seen

    def _show_chart(self) -> None:
        runs = [run_id for each in self._drawn for run_id in each.run_ids]
        views = [self._views[run_id] for run_id in runs if run_id in self._views]
        plain = self.chart.ascii_only
        found = self._curves.series(
            self._drawn, self._views, self.wants, self._colors, self.picked, ascii_only=plain
        )
        series = [one for _, one in found]
        title = overlaid.title(self.metric)
        if len(self.wants) > 1:
            title += f", smoothed {self.weight:g}"
        if any(len(each.run_ids) > 1 for each in self._drawn):
            title += ": seeds' mean and range"
        if views and not overlaid.anything(series):
            yet = series or any(not view.state.ended for view in views)
            title += ": no number yet" if yet else ": none of these runs logged it"
        elif len(views) == len(runs) and (has := len({key for key, _ in found})) < len(self._drawn):
            title += f": {has} of {len(self._drawn)} have it"
        chart = self.chart
        chart.keys = [(key, one) for key, one in found if one.name]
        axis = looking.axis(self.x, views)
        chart.show(series, axis, overlaid.y_axis(self.metric, series, self.logarithmic), title=title)
        if len(views) == len(runs) and _all_elsewhere(series, chart.window):
            chart.window = None  # what is drawn now is shorter than what was looked closely at
            self.post_message(self.Looked(None))
        span = next((view.span for view in views if view.span is not None), None)
        if span is not None and chart.window is not None:
            detailed = {view.run_id: view for view in views if view.span == span}
            finer = self._finer.series(
                self._drawn, detailed, self.wants, self._colors, self.picked, True, plain
            )
            chart.detail([one for _, one in finer], span[0])

    def _show_bar(self) -> None:
        offered = self._metrics
        groups = [
            (
                key_for("runs.metric"),
                [overlaid.short(metric) for metric in offered],
                offered.index(self.metric),
            ),
            (key_for("chart.axis"), [X_WORDS[x] for x in X_AXES], X_AXES.index(self.x)),
            (
                key_for("chart.smooth"),
                ["raw", *(f"{weight:g}" for weight in WEIGHTS[1:])],
                WEIGHTS.index(self.weight),
            ),
            (key_for("chart.log"), ["linear", "log"], int(self.logarithmic)),
        ]
        self._cut = set()
        for group in (2, 3, 1, 0):
            if _length(groups) + BAR <= self.size.width:
                break
            key, choices, chosen = groups[group]
            if group == 0:
                choices = [f"{choices[chosen]} {chosen + 1}/{len(choices)}"]
            groups[group] = (key, [choices[chosen] if group else choices[0]], 0)
            self._cut.add(group)
        room = self.size.width - _length(groups) - 3
        self.query_one(ChoiceBar).offer(groups, next((note for note in self._notes if len(note) <= room), ""))

    @property
    def _notes(self) -> list[str]:
        """What to say behind the choices of how many runs are marked, the longest first."""
        if not self._marked:
            short = with_keys("{runs.mark} marks runs")
            return [f"{short} to overlay", short]
        marked, picks = f"{self._marked:,} marked", with_keys(": {chart.go} picks one")
        if not self._left_out:
            return [marked + picks, marked] if self._marked >= CROWD else [marked]
        drawn = self._marked - self._left_out
        first = f"{marked}, the first {drawn} drawn"
        return [first + picks, first, f"{marked}, {drawn} drawn", marked]


def _all_elsewhere(series: Sequence[Series], window: Span | None) -> bool:
    """Whether there are curves, and none of them comes into the part of x that is looked at."""
    ends = [one.x[np.isfinite(one.y)][[0, -1]] for one in series if np.isfinite(one.y).any()]
    return window is not None and bool(ends) and all(x[-1] < window[0] or x[0] > window[1] for x in ends)


def _length(groups: Sequence[tuple[str, Sequence[str], int]]) -> int:
    """Columns that groups of choices take on the bar."""
    return sum(len(key) + 4 + sum(len(choice) + 2 for choice in choices) for key, choices, _ in groups)
