"""The large preview: the schedule's curve, the pinned ones beside it, and the numbers below.

It has previews worked out (in a thread when that takes long; the last one asked for wins) and draws them. On
a long horizon the curve doesn't wait for the numbers, which need every update: they follow. A zoomed part is
worked out anew, so that it shows every update there is. Which schedule there is, it is told.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.worker import get_current_worker

from lrtui.experiments.traces import Trace
from lrtui.schedules import Horizon, Schedule, ScheduleError
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.numbers import count_text
from lrtui.ui.outline import outline
from lrtui.ui.plotting import Axis, Mark, Series
from lrtui.ui.plotting.model import MARKERS
from lrtui.ui.preview import Looked, Preview, Sight, Window, glance, look_at_all
from lrtui.ui.state import AT_ONCE
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.readout import Against, Readout

NAME = "lr(t)"
"""The curve of the schedule in the line above, as that line calls it."""
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
        self._wanted: Sight | None = None
        self._looked: Looked | None = None
        self._complete: Looked | None = None
        """The last one with all its numbers, while `_looked` is a glance."""

    def compose(self) -> ComposeResult:
        """Lay out the chart above the numbers."""
        yield self.chart
        yield self.readout

    @property
    def preview(self) -> Preview | None:
        """What is drawn now."""
        return None if self._looked is None else self._looked.main

    def show(self, schedule: Schedule, horizon: Horizon, *, stale: bool) -> None:
        """Show a schedule; `stale` says that the text has moved on to something that isn't one."""
        self._stale = stale
        self._work(schedule, horizon)

    def _work(self, schedule: Schedule, horizon: Horizon) -> None:
        pins = tuple(pin for pin in self.pins if pin != schedule)
        wanted = Sight(schedule, pins, horizon, self.trace, self._window)
        if self._looked is not None and wanted == self._wanted == self._looked.sight:
            self._read()
            return
        self._wanted = wanted
        if horizon.total * (1 + 2 * len(pins)) <= AT_ONCE:
            self.workers.cancel_group(self, "preview")
            self._settle(look_at_all(wanted, self._looked))
        else:
            seen = glance(wanted, self._looked)
            if seen is not None:
                self._looked = seen
                self._draw()
            known = self._looked
            self.run_worker(
                lambda: self._work_in_thread(wanted, known),
                group="preview", name="preview", exclusive=True, thread=True,
            )  # fmt: skip

    def _work_in_thread(self, wanted: Sight, known: Looked | None) -> None:
        worker = get_current_worker()
        found = look_at_all(wanted, known, lambda: worker.is_cancelled)
        if found is not None and not worker.is_cancelled:
            self.app.call_from_thread(self._settle, found)

    def _settle(self, found: Looked | ScheduleError | None) -> None:
        if isinstance(found, ScheduleError):
            if self._looked is not self._complete:
                self._looked = self._complete  # at a glance it looked sound
                self._draw()
            self.post_message(self.Failed(found))
        elif found is not None and found.sight == self._wanted:  # else it was overtaken
            before, self._looked, self._complete = self._looked, found, found
            if before is not None and before.sight == found.sight and len(before.pins) == len(found.pins):
                self._read()  # the curves are drawn already
            else:
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
        """Updates or epochs; the cursor stays at its update, and what is looked at closely is still."""
        update, ends, before = self.cursor_update, self.chart.window, self._scale
        self.in_epochs = not self.in_epochs
        self._draw()
        if ends is not None:
            self.chart.window = ends[0] * before / self._scale, ends[1] * before / self._scale
        if update is not None:
            self.chart.cursor = update / self._scale
        self._read()

    def pin(self) -> str:
        """Keep the present curve for comparison; return what happened, in words."""
        if self.preview is None:
            return "nothing to pin yet"
        schedule = self.preview.schedule
        if schedule in self.pins:
            return "this schedule is pinned already; change it and both are drawn"
        if len(self.pins) >= MOST_PINS:
            return f"{MOST_PINS} schedules are pinned; {key_for('explore.unpin')} lets the last one go"
        self.pins.append(schedule)
        self._again()
        return with_keys("pinned; change the schedule and both are drawn ({explore.unpin} unpins)")

    def unpin(self, *, every: bool) -> str:
        """Let the last pinned curve go, or all of them; return what happened, in words."""
        if not self.pins:
            return with_keys("nothing is pinned; {explore.pin} pins the present curve")
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
        if self.chart.cursor is None or self.preview is None:
            return None
        update = round(self.chart.cursor * self._scale)
        return min(max(update, 0), self.preview.horizon.total - 1)

    def go_to(self, update: int) -> None:
        """Put the cursor at an update, which need not be one that is drawn."""
        self.chart.go_to(update / self._scale)
        self._draw()

    @property
    def _scale(self) -> int:
        preview = self.preview
        if not self.in_epochs or preview is None or preview.horizon.steps_per_epoch is None:
            return 1
        return preview.horizon.steps_per_epoch

    @property
    def _window(self) -> Window | None:
        """The part that is looked at closely, in updates, with one more at either side for lines to go to."""
        ends = self.chart.window
        if ends is None:
            return None
        return math.floor(ends[0] * self._scale) - 1, math.ceil(ends[1] * self._scale) + 1

    def _again(self) -> None:
        if self._wanted is not None:
            self._work(self._wanted.schedule, self._wanted.horizon)

    def on_chart_cursor_moved(self, event: Chart.CursorMoved) -> None:
        """Show the numbers at the cursor."""
        event.stop()
        self._read()

    def on_chart_window(self, event: Chart.Window) -> None:
        """Work out what is looked at closely."""
        event.stop()
        self._again()

    def _draw(self) -> None:
        looked = self._looked
        if looked is None:
            return
        preview = looked.main
        end = preview.horizon.total / self._scale
        if self.in_epochs:
            x_axis = Axis(0.0, end, label="epochs")
        else:
            x_axis = Axis(0.0, end, kind="count", label="updates")
        low = None if self.log_y else 0.0
        label = "rate" + (" (log)" if self.log_y else "")
        y_axis = Axis(low, None, log=self.log_y, kind="rate", label=label, growing=False)
        at = self.cursor_update
        series = [
            Series(str(pin.schedule), *self._points(pin, at), self._color(pin), faint=True)
            for pin in looked.pins
        ]
        if self.resumed is not None and self.resumed < preview.horizon.total:
            series.append(self._rest(preview, self.resumed))
        series.append(Series(NAME, *self._points(preview, at), color=0, marker=""))
        self.chart.show(series, x=x_axis, y=y_axis, marks=self._marks(preview))
        self.chart.window = self.chart.window  # on a shorter horizon it may have lain outside
        self._read()

    def _points(self, seen: Preview, at: int | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Places and rates to draw, with the update that the cursor is at among them: it is read there."""
        updates, rates = seen.updates, seen.rates
        if (
            at is not None
            and updates[min(place := int(np.searchsorted(updates, at)), updates.size - 1)] != at
        ):
            updates, rates = np.insert(updates, place, at), np.insert(rates, place, seen.rate_at(at))
        return updates / float(self._scale), rates

    def _color(self, pin: Preview) -> int:
        """A pinned curve keeps its colour and marker, whatever is drawn beside it."""
        return 1 + self.pins.index(pin.schedule) if pin.schedule in self.pins else 0

    def _rest(self, preview: Preview, update: int) -> Series:
        """What is left from an update on, drawn from the start of the axis."""
        updates, rates = preview.after(update, self._window)
        name = f"resumed at update {count_text(update)}"
        return Series(name, (updates - update) / float(self._scale), rates, color=RESUMED)

    def _marks(self, preview: Preview) -> list[Mark]:
        rows = [row for row in outline(preview.schedule, preview.horizon) if row.depth == 1 and row.start]
        if len(rows) > MOST_MARKS:
            return []
        return [Mark((row.start or 0) / self._scale, row.schedule.family.name) for row in rows]

    def _read(self) -> None:
        looked = self._looked
        if looked is not None and looked.apart is not None:
            against = [
                Against(MARKERS[self._color(pin)], pin, apart)
                for pin, apart in zip(looked.pins, looked.apart, strict=True)
            ]
            self.readout.show(looked.main, self.cursor_update, against, stale=self._stale)


def many_pins(count: int) -> str:
    """How many curves are pinned, in words."""
    return "nothing is pinned any more" if not count else f"{count} pinned"
