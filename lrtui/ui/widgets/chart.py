"""The one widget that draws charts: it shows frames from `plotting` and sends only the cells that changed.

It decides nothing about the data: which series, axes and marks there are is the caller's business.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from ..plotting import Axis, Frame, Mark, Series, Window, legend, render, value_at
from .chart_paint import changed, header, line_strip, pen_styles

_NO_AXIS = Axis()


@dataclass(frozen=True)
class _Request:
    """What `show` was last asked for."""

    series: tuple[Series, ...] = ()
    x: Axis = _NO_AXIS
    y: Axis = _NO_AXIS
    marks: tuple[Mark, ...] = ()
    title: str = ""


class Chart(Widget, can_focus=True):
    """A chart with a title, a legend and a cursor.

    Call `show` as often as you like: frames are drawn at most `rate` times a second, never while the chart
    can't be seen, and only cells that differ from the frame before are sent.
    """

    DEFAULT_CSS = """
    Chart {
        width: 1fr;
        height: 1fr;
        background: transparent;
    }
    """

    HELP = """\
A chart. With the focus on it, **left** and **right** walk a cursor along the curve and the legend shows the
values there; **shift** with them takes ten columns at once, **home** and **end** go to the ends, **escape**
takes the cursor away. A click sets the cursor, too.
"""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Cursor", id="chart.left", tooltip="Cursor to the left", show=False),
        Binding("right", "move(1)", "Cursor", id="chart.right", tooltip="Cursor to the right", show=False),
        Binding("shift+left", "move(-10)", "Jump left", id="chart.jump-left", tooltip="Ten left", show=False),
        Binding(
            "shift+right", "move(10)", "Jump right", id="chart.jump-right", tooltip="Ten right", show=False
        ),
        Binding(
            "home", "edge(0)", "First", id="chart.first", tooltip="Cursor to the first point", show=False
        ),
        Binding("end", "edge(1)", "Last", id="chart.last", tooltip="Cursor to the last point", show=False),
        Binding("escape", "clear", "No cursor", id="chart.clear", tooltip="Take the cursor away", show=False),
    ]

    @dataclass
    class CursorMoved(Message):
        """The cursor was moved by keys or mouse; `x` is None when it was taken away."""

        chart: Chart
        x: float | None

        @property
        def control(self) -> Chart:
            """The chart, for `@on` selectors."""
            return self.chart

        def can_replace(self, message: Message) -> bool:
            """Only where the cursor is now matters."""
            return isinstance(message, Chart.CursorMoved) and message.chart is self.chart

    def __init__(
        self,
        *,
        rate: float = 5.0,
        ascii_only: bool = False,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        """Make an empty chart.

        Args:
            rate: Frames a second at most.
            ascii_only: Use no character outside ASCII.
            name: The widget's name.
            id: The widget's id.
            classes: Its CSS classes.
            disabled: Whether it starts disabled.
        """
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self.rate = rate
        self.ascii_only = ascii_only
        self._request = _Request()
        self._cursor: float | None = None
        self._hovering = False
        self._frame = Frame(0, 0)
        self._rows: list[tuple[str, bytes]] = []
        self._strips: dict[int, Strip] = {}
        self._pens: list[Style] | None = None
        self._top = 0
        self._stale = True
        self._drawn_at = -math.inf
        self._timer: Timer | None = None
        self._places: np.ndarray[tuple[int], np.dtype[np.float64]] | None = None

    # What others call

    def show(
        self,
        series: Sequence[Series],
        x: Axis = _NO_AXIS,
        y: Axis = _NO_AXIS,
        marks: Sequence[Mark] = (),
        title: str = "",
    ) -> None:
        """Show series. Returns at once; the frame follows within 1/rate seconds; the last request counts."""
        before = self._request
        self._request = _Request(tuple(series), x, y, tuple(marks), title)
        self._places = None
        if (before.x.log, before.y.log, before.x.kind, before.y.kind) != (x.log, y.log, x.kind, y.kind):
            self._frame = Frame(0, 0)
        self._later()

    @property
    def cursor(self) -> float | None:
        """The x of the cursor line in data units; None when there is none. Setting it posts no message."""
        return self._cursor

    @cursor.setter
    def cursor(self, x: float | None) -> None:
        x = None if x is None or not math.isfinite(x) else float(x)
        if x != self._cursor:
            self._cursor = x
            self._hovering = False
            self._now()

    def values_at(self, x: float) -> list[tuple[str, float]]:
        """Each series' name and its value at x, nan where it has none; never interpolated."""
        return [(series.name, value_at(series, x)) for series in self._request.series]

    @property
    def frame(self) -> Frame:
        """The frame on the screen now (without title and legend)."""
        return self._frame

    # Drawing

    def _later(self) -> None:
        """Draw when the last frame is old enough, or arrange for it."""
        if not self._visible:
            self._stale = True
            if self.is_mounted:
                self.refresh()
            return
        if self._timer is not None:
            return
        wait = self._drawn_at + 1 / self.rate - time.monotonic()
        if wait <= 0:
            self._now()
        else:
            self._timer = self.set_timer(wait, self._timed)

    def _timed(self) -> None:
        self._timer = None
        self._now()

    def _now(self) -> None:
        """Draw, and have the cells that changed sent."""
        if not self._visible or not self.content_size:
            self._stale = True
            if self.is_mounted:
                self.refresh()
            return
        before = self._rows
        self._compose_rows()
        if len(before) != len(self._rows):
            self.refresh()
            return
        regions = [
            Region(start, row, end - start, 1)
            for row, (old, new) in enumerate(zip(before, self._rows, strict=True))
            if old != new
            for start, end in changed(old, new, self.content_size.width)
        ]
        if regions:
            self.refresh(*regions)

    @property
    def _visible(self) -> bool:
        return self.is_mounted and self.screen.is_active and self.is_on_screen

    def _compose_rows(self) -> None:
        request, (width, height) = self._request, self.content_size
        values = None
        if self._cursor is not None:
            values = [value for _, value in self.values_at(self._cursor)]
        names = legend(request.series, values, request.y, self.ascii_only)
        top = header(request.title, names, width, height)
        self._top = len(top)
        previous: tuple[Window, Window] | None = (
            (self._frame.x, self._frame.y) if self._frame.height else None
        )
        self._frame = render(
            request.series,
            request.x,
            request.y,
            width,
            max(0, height - len(top)),
            request.marks,
            self._cursor,
            previous=previous,
            ascii_only=self.ascii_only,
        )
        rows = top + list(zip(self._frame.texts, self._frame.inks, strict=True))
        for row in [row for row in self._strips if rows[row : row + 1] != self._rows[row : row + 1]]:
            del self._strips[row]
        self._rows = rows
        self._stale = False
        self._drawn_at = time.monotonic()

    def render_line(self, y: int) -> Strip:
        """One line of the chart; draws the frame first when it was put off."""
        if self._stale:
            self._strips.clear()
            self._rows = []
            self._compose_rows()
        strip = self._strips.get(y)
        if strip is None:
            if self._pens is None:
                self._pens = pen_styles(self)
            blank = Segment(" " * self.content_size.width, self._pens[0])
            strip = line_strip(*self._rows[y], self._pens) if y < len(self._rows) else Strip([blank])
            strip = self._strips[y] = strip.adjust_cell_length(self.content_size.width, self._pens[0])
        return strip

    def notify_style_update(self) -> None:
        """Colours may have changed: make the lines anew."""
        super().notify_style_update()
        self._pens = None
        self._strips.clear()

    def on_resize(self) -> None:
        """Another size is another frame."""
        self._stale = True
        self.refresh()

    # The cursor

    def action_move(self, columns: int) -> None:
        """Move the cursor by columns of the canvas, from datum to datum."""
        places = self._data_places()
        if not places.size or not self._frame.has_canvas:
            return
        if self._cursor is None:
            self._set_cursor(float(places[0 if columns > 0 else -1]))
            return
        here = self._frame.column_of(self._cursor)
        column = (self._frame.left if here is None else here) + columns
        wanted = self._frame.x_at(column)
        if columns > 0:
            ahead = places[places > self._cursor]
            target = (
                ahead[min(ahead.size - 1, int(np.searchsorted(ahead, wanted)))] if ahead.size else places[-1]
            )
        else:
            behind = places[places < self._cursor]
            index = int(np.searchsorted(behind, wanted, side="right")) - 1
            target = behind[max(0, index)] if behind.size else places[0]
            if behind.size and behind.size < self._frame.columns and columns == -1:
                target = behind[-1]
        self._set_cursor(float(target))

    def action_edge(self, end: int) -> None:
        """Move the cursor to the first or the last datum in the window."""
        places = self._data_places()
        if places.size:
            self._set_cursor(float(places[-1 if end else 0]))

    def action_clear(self) -> None:
        """Take the cursor away."""
        self._set_cursor(None)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the datum nearest to the column that was clicked."""
        self._point(event)
        self._hovering = False

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """A cursor follows the pointer until a click or a key sets it."""
        if self._cursor is None or self._hovering:
            self._point(event)
            self._hovering = self._cursor is not None

    def on_leave(self) -> None:
        """A cursor that only followed the pointer leaves with it."""
        if self._hovering:
            self._hovering = False
            self._set_cursor(None)

    def _point(self, event: events.MouseEvent) -> None:
        at = event.get_content_offset(self)
        places = self._data_places()
        if at is None or not places.size or not self._frame.has_canvas or at.x < self._frame.left:
            return
        wanted = self._frame.x_at(at.x)
        with np.errstate(over="ignore"):
            self._set_cursor(float(places[int(np.argmin(np.abs(places - wanted)))]))

    def _set_cursor(self, x: float | None) -> None:
        if x != self._cursor:
            self.cursor = x
            self.post_message(self.CursorMoved(self, x))

    def _data_places(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """All x values in the window, ascending, each once."""
        if self._places is None:
            every = [series.x for series in self._request.series]
            self._places = np.unique(np.concatenate(every)) if every else np.empty(0)
        place = self._frame.x.place(self._places)
        with np.errstate(invalid="ignore"):
            return self._places[(place >= 0) & (place <= 1)]
