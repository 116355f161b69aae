"""The large preview: the schedule's curve, the pinned ones beside it, and the numbers below.

It works previews out (in a thread when the horizon is long; the last one asked for wins) and draws them.
Which schedule there is, it is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.worker import get_current_worker

from lrtui.experiments.traces import Trace
from lrtui.schedules import Horizon, Schedule, ScheduleError
from lrtui.ui.numbers import count_text
from lrtui.ui.outline import outline
from lrtui.ui.plotting import Axis, Mark, Series
from lrtui.ui.preview import Preview, look
from lrtui.ui.state import AT_ONCE
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.readout import Readout

RESUMED = 7
"""The colour of what is left after resuming; the pins have the ones before."""
MOST_PINS = 6
MOST_MARKS = 8


class PreviewPane(Vertical):
    """Chart and readout."""

    DEFAULT_CSS: ClassVar[str] = """
    PreviewPane {
        & > Chart { height: 1fr; }
    }
    """

    class Failed(Message):
        """The schedule turned out not to fit its horizon when it was worked out in full."""

        def __init__(self, error: ScheduleError) -> None:
            """Take what is wrong."""
            super().__init__()
            self.error = error

    def __init__(self, id: str | None = None) -> None:
        """Begin with nothing to show, linear, in epochs."""
        super().__init__(id=id)
        self.chart = Chart(rate=20, id="preview")
        self.readout = Readout(id="readout")
        self.log_y = False
        self.in_epochs = True
        self.pins: list[Schedule] = []
        self.resumed: int | None = None
        """The update from which on the curve is drawn a second time, as a training resumed there sees it."""
        self.trace: Trace | None = None
        """What a schedule that follows a metric is drawn on; None for a typical course."""
        self._stale = False
        self._wanted: tuple[Schedule, Horizon] | None = None
        self._preview: Preview | None = None
        self._pinned: list[Preview] = []

    def compose(self) -> ComposeResult:
        """Lay out the chart above the numbers."""
        yield self.chart
        yield self.readout

    @property
    def preview(self) -> Preview | None:
        """What is drawn now."""
        return self._preview

    def show(self, schedule: Schedule, horizon: Horizon, *, stale: bool) -> None:
        """Show a schedule; `stale` says that the text has moved on to something that isn't one."""
        self._stale = stale
        self._wanted = schedule, horizon
        if horizon.total <= AT_ONCE:
            self.workers.cancel_group(self, "preview")
            self._settle(_work(schedule, self.pins, horizon, self.trace))
        else:
            pins, trace = tuple(self.pins), self.trace
            self.run_worker(
                lambda: self._work_in_thread(schedule, pins, horizon, trace),
                group="preview", name="preview", exclusive=True, thread=True,
            )  # fmt: skip

    def _work_in_thread(
        self, schedule: Schedule, pins: Sequence[Schedule], horizon: Horizon, trace: Trace | None
    ) -> None:
        worker = get_current_worker()
        found = _work(schedule, pins, horizon, trace)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._settle, found)

    def _settle(self, found: list[Preview | ScheduleError]) -> None:
        main = found[0]
        if isinstance(main, ScheduleError):
            self.post_message(self.Failed(main))
            return
        if self._wanted != (main.schedule, main.horizon):
            return  # overtaken
        self._preview = main
        self._pinned = [pin for pin in found[1:] if isinstance(pin, Preview)]
        self._draw()

    def follow(self, trace: Trace | None) -> None:
        """Draw what follows a metric on another trace; None is a typical course."""
        self.trace = trace
        self._again()

    def toggle_log(self) -> None:
        """Linear or logarithmic rates."""
        self.log_y = not self.log_y
        self._draw()

    def toggle_axis(self) -> None:
        """Updates or epochs; the cursor stays at its update."""
        update = self.cursor_update
        self.in_epochs = not self.in_epochs
        if update is not None:
            self.chart.cursor = update / self._scale
        self._draw()

    def pin(self) -> str:
        """Keep the present curve for comparison; return what happened, in words."""
        if self._preview is None:
            return "nothing to pin yet"
        schedule = self._preview.schedule
        if schedule in self.pins:
            return "this schedule is pinned already; change it and both are drawn"
        if len(self.pins) >= MOST_PINS:
            return f"{MOST_PINS} schedules are pinned; backspace lets the last one go"
        self.pins.append(schedule)
        self._again()
        return "pinned; change the schedule and both are drawn (backspace unpins)"

    def unpin(self, *, every: bool) -> str:
        """Let the last pinned curve go, or all of them; return what happened, in words."""
        if not self.pins:
            return "nothing is pinned; p pins the present curve"
        if every:
            self.pins.clear()
        else:
            self.pins.pop()
        self._again()
        return many_pins(len(self.pins))

    def resume(self, update: int | None) -> None:
        """Draw what is left from an update on beside the curve, beginning at 0; None takes it away."""
        self.resumed = update
        self._draw()

    @property
    def cursor_update(self) -> int | None:
        """The update that the cursor is at."""
        if self.chart.cursor is None or self._preview is None:
            return None
        update = round(self.chart.cursor * self._scale)
        return min(max(update, 0), self._preview.horizon.total - 1)

    @property
    def _scale(self) -> int:
        preview = self._preview
        if not self.in_epochs or preview is None or preview.horizon.steps_per_epoch is None:
            return 1
        return preview.horizon.steps_per_epoch

    def _again(self) -> None:
        if self._wanted is not None:
            self.show(*self._wanted, stale=self._stale)

    def on_chart_cursor_moved(self, event: Chart.CursorMoved) -> None:
        """Show the numbers at the cursor."""
        event.stop()
        self._read()

    def _draw(self) -> None:
        preview = self._preview
        if preview is None:
            return
        end = preview.horizon.total / self._scale
        if self.in_epochs:
            x_axis = Axis(0.0, end, label="epochs")
        else:
            x_axis = Axis(0.0, end, kind="count", label="updates")
        low = None if self.log_y else 0.0
        y_axis = Axis(low, None, log=self.log_y, kind="rate", label="rate" + (" (log)" if self.log_y else ""))
        series = [
            Series(str(pin.schedule), pin.places(self.in_epochs), pin.rates, color=index + 1, faint=True)
            for index, pin in enumerate(self._pinned)
            if pin.schedule != preview.schedule
        ]
        if self.resumed is not None and self.resumed < preview.horizon.total:
            series.append(self._rest(preview, self.resumed))
        name = str(preview.schedule) if series else "lr"
        series.append(Series(name, preview.places(self.in_epochs), preview.rates, color=0, marker=""))
        self.chart.show(series, x=x_axis, y=y_axis, marks=self._marks(preview))
        self._read()

    def _rest(self, preview: Preview, update: int) -> Series:
        """What is left from an update on, drawn from the start of the axis."""
        left = preview.updates > update
        updates = np.concatenate([[update], preview.updates[left]])
        rates = np.concatenate([[preview.rate_at(update)], preview.rates[left]])
        name = f"resumed at update {count_text(update)}"
        return Series(name, (updates - update) / float(self._scale), rates, color=RESUMED)

    def _marks(self, preview: Preview) -> list[Mark]:
        rows = [row for row in outline(preview.schedule, preview.horizon) if row.depth == 1 and row.start]
        if len(rows) > MOST_MARKS:
            return []
        return [Mark((row.start or 0) / self._scale, row.schedule.family.name) for row in rows]

    def _read(self) -> None:
        if self._preview is not None:
            self.readout.show(self._preview, self.cursor_update, stale=self._stale)


def many_pins(count: int) -> str:
    """How many curves are pinned, in words."""
    return "nothing is pinned any more" if not count else f"{count} pinned"


def _work(
    schedule: Schedule, pins: Sequence[Schedule], horizon: Horizon, trace: Trace | None
) -> list[Preview | ScheduleError]:
    found: list[Preview | ScheduleError] = []
    for one in (schedule, *pins):
        try:
            found.append(look(one, horizon, trace))
        except ScheduleError as error:
            found.append(error)
    return found
