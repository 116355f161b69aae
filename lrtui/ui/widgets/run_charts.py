"""The charts of a followed run, and how they share the room there is; together in cursor and zoom.

What each shows is `run_panels`' business. It reads nothing: what a zoomed chart lacks in detail it asks for.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from lrtui.ui import looking, run_panels
from lrtui.ui.kept_charts import Chosen
from lrtui.ui.keys import key_for
from lrtui.ui.looking import Look
from lrtui.ui.plotting import Series
from lrtui.ui.run_panels import BEFORE_OTHERS, EMPTY, OTHERS, PANELS, Panel, plan
from lrtui.ui.run_view import Curve, RunView, Span, XAxis
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.lines import ChoiceBar

WIDTHS = (100, 150, 190)
"""Columns from which on there are two charts beside each other, three, and four."""

LOW = 8
"""Rows that a chart needs to be read."""


class RunCharts(Container):
    """As many charts as fit, else one at a time; ``m`` goes on to the next one alone."""

    DEFAULT_CSS: ClassVar[str] = """
    RunCharts {
        height: 1fr;
        layout: grid;
        grid-gutter: 0 1;
        & > ChoiceBar { display: none; height: 1; }
        &.-single { layout: vertical; }
        &.-single > ChoiceBar { display: block; }
    }
    """

    class Looked(Message):
        """Part of the x axis is looked at, or all of it again (None)."""

        def __init__(self, span: Span | None) -> None:
            super().__init__()
            self.span = span

    class Changed(Message):
        """Another choice of what is shown how was made."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        keys = [panel.key for panel in PANELS]
        keys[BEFORE_OTHERS:BEFORE_OTHERS] = [f"other-{place}" for place in range(OTHERS)]
        self._charts = {key: Chart(id=f"{key}-chart") for key in keys}
        self._bar = ChoiceBar(id="chart-bar")
        self._panels: tuple[Panel, ...] = tuple(panel for panel in PANELS if panel.always)
        self.chosen = Chosen(Look(), set(), None, PANELS[0].key)
        self._cramped = False
        self._only: int | None = None
        self._plans: dict[tuple[str, int, XAxis, Span | None], Curve] = {}
        self._shown: tuple[RunView, Look] | None = None
        self._span: Span | None = None
        self._cursor: float | None = None

    def compose(self) -> ComposeResult:
        """The bar of names is seen only when one chart is."""
        yield self._bar
        yield from self._charts.values()

    # Data

    def show(self, view: RunView, look: Look) -> None:
        """Draw a snapshot."""
        first = self._shown is None or self._shown[0].run_id != view.run_id
        if first:
            self._plans.clear()
            self._span = self._cursor = None
        self._shown = (view, look)
        panels = run_panels.panels(view, look)
        if panels != self._panels or first:
            self._panels = panels
            self._arrange(self.size.width, self.size.height)
            return  # it draws
        self._draw()

    def _draw(self) -> None:
        if self._shown is None:
            return
        view, look = self._shown
        x, logs = look.x, self.chosen.logs
        axis, noted = looking.axis(x, [view]), run_panels.marks(view, x)
        single = self.has_class("-single")
        for panel in self._panels:
            chart = self._charts[panel.key]
            if not chart.display:
                continue
            alone = single and self.screen.maximized is None
            title = "" if alone else run_panels.title(panel, look)
            drawn = run_panels.series(panel, view, look)
            if panel.key == "rate":
                drawn = [*self._planned(view, x), *drawn]
            chart.show(drawn, axis, run_panels.y_axis(panel, panel.key in logs), noted, title)
            # A chart that wasn't shown when the others were walked and zoomed follows now.
            chart.cursor = self._cursor
            if (chart.window is None) != (self._span is None):
                chart.window = self._span
            if view.span is not None and view.details and chart.window is not None:
                finer = run_panels.series(panel, view, look, detail=True)
                if panel.key == "rate":
                    finer = [*self._planned(view, x, view.span), *finer]
                chart.detail(finer, view.span[0])

    def half_a_column(self, view: RunView) -> float:
        """Seconds in which a curve gets half a column longer; 0 where that isn't known."""
        columns = max((chart.frame.columns for chart in self._charts.values() if chart.display), default=0)
        if self._shown is None or self._span is not None or not columns or view.pace is None:
            return 0.0
        along = view.done if self._shown[1].x == "seconds" else view.updates or view.done
        return view.pace * along / columns / 2

    def _planned(self, view: RunView, x: XAxis, span: Span | None = None) -> list[Series]:
        """The schedule as Explore previewed it, against epochs or updates; nothing against time."""
        spec = view.spec
        if spec is None or x == "seconds":
            return []
        key = (spec.schedule, spec.epochs, x, span)
        if key not in self._plans:
            if span is not None:
                self._plans = {known: curve for known, curve in self._plans.items() if known[-1] is None}
            found = plan(spec, x) if span is None else run_panels.plan_within(spec, x, span)
            self._plans[key] = run_panels.as_reported(found, spec, x)
        curve = self._plans[key]
        return [run_panels.planned(curve)] if span is None or curve is not EMPTY else []

    # Room

    def on_resize(self, event: events.Resize) -> None:
        """Another size may want another layout."""
        self._arrange(event.size.width, event.size.height)

    def next_chart(self) -> None:
        """One chart alone, then the next; where there is room, all of them in between."""
        count = len(self._panels)
        if self._cramped:
            self._choose(((self._only or 0) + 1) % count)
        else:
            self._choose(0 if self._only is None else (self._only + 1 if self._only + 1 < count else None))

    @on(ChoiceBar.Pressed)
    def _pressed(self, event: ChoiceBar.Pressed) -> None:
        event.stop()
        self._choose(event.choice)

    def _choose(self, only: int | None) -> None:
        key = None if only is None else self._panels[only].key
        if not self._cramped:
            self.chosen.alone = key
        elif key is not None:
            self.chosen.single = key
        self._arrange(self.size.width, self.size.height)
        self.post_message(self.Changed())

    def _arrange(self, width: int, height: int) -> None:
        across = 1 + sum(width >= least for least in WIDTHS)
        down = max(height // LOW, 1)
        self._cramped = across * down < min(3, len(self._panels))
        keys = [panel.key for panel in self._panels]
        wanted = self.chosen.single if self._cramped else self.chosen.alone
        self._only = keys.index(wanted) if wanted in keys else 0 if self._cramped else None
        self.set_class(self._only is not None, "-single")
        if self._only is not None:
            shown = [self._panels[self._only]]
            self._offer(width)
        else:
            shown = list(self._panels[: across * down])
            rows = -(-len(shown) // across)
            self.styles.grid_size_columns = -(-len(shown) // rows)  # rows as full as can be
            self.styles.grid_size_rows = rows
            self.styles.grid_rows = " ".join(["3fr", *["2fr"] * (rows - 1)]) if rows > 1 else "1fr"
        seen = [panel.key for panel in shown]
        for key, chart in self._charts.items():
            chart.display = key in seen
            chart.styles.column_span = 1
        if self._only is None and (left := -len(shown) % self.styles.grid_size_columns):
            self._charts[shown[-1].key].styles.column_span = 1 + left
        self._draw()

    def _offer(self, width: int) -> None:
        """The names of the charts, as many as fit; else the one that is shown, and how many there are."""
        names, only = [panel.name for panel in self._panels], self._only or 0
        note = run_panels.smoothing(self._shown[1]) if self._shown is not None else ""
        key = key_for("train.chart")
        length = len(key) + 1 + sum(len(name) + 2 for name in names)
        if length > width:
            self._bar.offer([(key, [f"{names[only]} {only + 1}/{len(names)}"], 0)], note)
        else:
            self._bar.offer([(key, names, only)], note if length + len(note) + 3 <= width else "")

    # Looking

    @property
    def focused(self) -> Chart | None:
        """The chart that keys act on, if one has the focus."""
        chosen = self.screen.focused
        return chosen if isinstance(chosen, Chart) and chosen in self._charts.values() else None

    def focus_chart(self) -> None:
        """Put the cursor on a chart: on the first that is shown, at its last point."""
        chart = self.focused or next((each for each in self._charts.values() if each.display), None)
        if chart is not None:
            chart.focus()
            chart.action_edge(1)

    def toggle_log(self) -> None:
        """Switch between linear and logarithmic values: of the chart with the focus, or of those shown."""
        chart = self.focused
        asked = [
            panel
            for panel in self._panels
            if (self._charts[panel.key] is chart if chart is not None else self._charts[panel.key].display)
        ]
        could = {panel.key for panel in asked if panel.loggable}
        if asked and not could:
            self.notify(f"{asked[0].name} is always linear", timeout=2, markup=False)
        logs = self.chosen.logs
        self.chosen.logs = logs - could if could <= logs else logs | could
        self._draw()
        self.post_message(self.Changed())

    @on(Chart.CursorMoved)
    def _moved(self, event: Chart.CursorMoved) -> None:
        event.stop()
        self._cursor = event.x
        for chart in self._charts.values():
            if chart is not event.chart and chart.display:
                chart.cursor = event.x

    @on(Chart.Window)
    def _looked(self, event: Chart.Window) -> None:
        event.stop()
        self._span = event.ends
        for chart in self._charts.values():
            if chart is not event.chart and chart.display:
                chart.window = event.ends
        self.post_message(self.Looked(event.ends))
