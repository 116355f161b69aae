"""What keys and the mouse do to a chart: walk its cursor, look closer, move along, and fill the screen.

It holds where the cursor is and which part of x is looked at; drawing is the business of `chart.Chart`,
finer data for that part the owner's.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from ..plotting import Frame
from ..plotting import Window as View
from ..plotting.model import Floats
from ..plotting.zoom import moved, showing, zoomed

if TYPE_CHECKING:
    from .chart import Chart

STEP = 0.25
"""The share of what is seen that panning moves by."""

NOTCH = 1.5
"""How much closer one notch of the mouse wheel looks."""

TELL_EVERY = 0.15
"""Seconds between two messages about the window while a key is held down."""

_BLIND = 20
"""Steps across a chart that is too small for a drawing."""

_ZOOM = Binding.Group("Zoom", compact=True)


class ChartKeys(Widget, can_focus=True):
    """A widget with a cursor and a window; `Chart` draws it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Cursor left", id="chart.left", show=False,
                tooltip="Walk the cursor to the left and read the values there"),
        Binding("right", "move(1)", "Cursor right", id="chart.right", show=False,
                tooltip="Walk the cursor to the right and read the values there"),
        Binding("ctrl+left", "move(-10)", "Jump left", id="chart.jump-left", show=False,
                tooltip="Cursor ten columns to the left"),
        Binding("ctrl+right", "move(10)", "Jump right", id="chart.jump-right", show=False,
                tooltip="Cursor ten columns to the right"),
        Binding("home", "edge(0)", "First point", id="chart.first", show=False,
                tooltip="Cursor to the first point"),
        Binding("end", "edge(1)", "Last point", id="chart.last", show=False,
                tooltip="Cursor to the last point"),
        Binding("plus,equals_sign", "zoom(2)", "Zoom in", id="chart.zoom-in", key_display="+", group=_ZOOM,
                tooltip="Look closer, at half of what is seen, around the cursor"),
        Binding("minus,underscore", "zoom(0.5)", "Zoom out", id="chart.zoom-out", key_display="-",
                group=_ZOOM, tooltip="Look at twice of what is seen"),
        Binding("0", "whole", "Whole", id="chart.whole", group=_ZOOM,
                tooltip="The whole curve again"),
        Binding("shift+left", "pan(-1)", "Pan left", id="chart.pan-left", show=False,
                tooltip="Move a zoomed view to the left"),
        Binding("shift+right", "pan(1)", "Pan right", id="chart.pan-right", show=False,
                tooltip="Move a zoomed view to the right"),
        Binding("f", "fill", "Fill screen", id="chart.fill",
                tooltip="This chart as large as the screen, and back"),
        Binding("escape", "clear", "No cursor", id="chart.clear", show=False,
                tooltip="Take the cursor away"),
    ]  # fmt: skip

    @dataclass
    class CursorMoved(Message, namespace="chart"):
        """The cursor was moved by keys or mouse; `x` is None when it was taken away."""

        chart: Chart
        x: float | None

        @property
        def control(self) -> Chart:
            """The chart, for `@on` selectors."""
            return self.chart

        def can_replace(self, message: Message) -> bool:
            """Only where the cursor is now matters."""
            return isinstance(message, ChartKeys.CursorMoved) and message.chart is self.chart

    @dataclass
    class Window(Message, namespace="chart"):
        """The part of x that is looked at was changed by keys or mouse, or was given up with another axis.

        `x0` and `x1` are its ends in data units; both are None when the whole axis is seen again.
        """

        chart: Chart
        x0: float | None
        x1: float | None

        @property
        def control(self) -> Chart:
            """The chart, for `@on` selectors."""
            return self.chart

        @property
        def ends(self) -> tuple[float, float] | None:
            """Both ends, or None for all of x."""
            return None if self.x0 is None or self.x1 is None else (self.x0, self.x1)

        def can_replace(self, message: Message) -> bool:
            """Only what is looked at now matters."""
            return isinstance(message, ChartKeys.Window) and message.chart is self.chart

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None, disabled: bool
    ) -> None:
        """See everything, and no cursor."""
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._cursor: float | None = None
        self._hovering = False
        self._zoom: View | None = None
        self._frame = Frame(0, 0)
        self._grabbed: tuple[int, View] | None = None
        self._dragged = False
        self._told_at = -math.inf
        self._telling: Timer | None = None

    # What the drawing class knows

    def _now(self) -> None:
        """Draw, and have the cells that changed sent."""
        raise NotImplementedError

    def _whole_window(self) -> View:
        """The x window that shows everything."""
        raise NotImplementedError

    def _places(self) -> Floats:
        """All x values of the series, ascending, each once."""
        raise NotImplementedError

    # What others call

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

    @property
    def window(self) -> tuple[float, float] | None:
        """The part of x that is looked at, in data units; None for all of it. Setting it posts no message.

        Ends outside the data are pulled in; a window that is empty, or as wide as everything, is None.
        """
        return None if self._zoom is None else (self._zoom.value(0), self._zoom.value(1))

    @window.setter
    def window(self, ends: tuple[float, float] | None) -> None:
        zoom = None
        if ends is not None:
            whole = self._whole_window()
            low, high = (float(place) for place in whole.place(np.array(ends)))
            if math.isfinite(low) and math.isfinite(high) and low < high:
                span = whole.high - whole.low
                wanted = View(whole.low + low * span, whole.low + high * span, whole.log)
                zoom = zoomed(wanted, whole, 1.0, wanted.low)
        if zoom != self._zoom:
            self._zoom = zoom
            self._now()

    # The cursor

    def action_move(self, columns: int) -> None:
        """Move the cursor by columns of the canvas, from datum to datum; the view goes along."""
        places = self._reachable()
        if not places.size:
            return
        if self._cursor is None:
            seen = self._seen(places)
            seen = seen if seen.size else places
            self._walk_to(float(seen[0 if columns > 0 else -1]))
            return
        frame = self._frame
        across = frame.columns or _BLIND
        here = frame.column_of(self._cursor)
        if here is None or not frame.has_canvas:
            fraction = float(frame.x.place(np.array([self._cursor]))[0])
        else:
            fraction = (here - frame.left + 0.5) / across
        wanted = frame.x.value(fraction + columns / across)
        if columns > 0:
            ahead = places[places > self._cursor]
            target = (
                ahead[min(ahead.size - 1, int(np.searchsorted(ahead, wanted)))] if ahead.size else places[-1]
            )
        else:
            behind = places[places < self._cursor]
            index = int(np.searchsorted(behind, wanted, side="right")) - 1
            target = behind[max(0, index)] if behind.size else places[0]
            if behind.size and columns == -1 and self._seen(behind).size < across:
                target = behind[-1]
        self._walk_to(float(target))

    def action_edge(self, end: int) -> None:
        """Move the cursor to the first or the last datum."""
        places = self._reachable()
        if places.size:
            self._walk_to(float(places[-1 if end else 0]))

    def action_clear(self) -> None:
        """Take the cursor away."""
        self._set_cursor(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave escape to others when there is no cursor to take away."""
        return action != "clear" or self._cursor is not None

    def _walk_to(self, x: float) -> None:
        if self._zoom is not None:
            whole = self._whole_window()
            place = whole.low + float(whole.place(np.array([x]))[0]) * (whole.high - whole.low)
            self._look_at(showing(self._zoom, whole, place), draw=False)
        self._set_cursor(x)

    def _set_cursor(self, x: float | None) -> None:
        if x != self._cursor:
            self.cursor = x
            self.post_message(self.CursorMoved(self, x))  # type: ignore[arg-type]

    def _reachable(self) -> Floats:
        """All x values that the whole window holds."""
        return _within(self._places(), self._whole_window())

    def _seen(self, places: Floats) -> Floats:
        return _within(places, self._frame.x)

    # The window

    def action_zoom(self, factor: float) -> None:
        """Look closer around the cursor, or the middle when it isn't seen; below 1 from farther away."""
        view = self._view()
        middle = (view.low + view.high) / 2
        if self._cursor is not None:
            place = float(view.place(np.array([self._cursor]))[0])
            if 0 <= place <= 1:
                middle = view.low + place * (view.high - view.low)
        self._look_at(zoomed(view, self._whole_window(), factor, middle))

    def action_pan(self, direction: int) -> None:
        """Move a zoomed view along by a quarter of its width."""
        if self._zoom is not None:
            self._look_at(moved(self._zoom, self._whole_window(), direction * STEP))

    def action_whole(self) -> None:
        """Look at everything again."""
        self._look_at(None)

    def action_fill(self) -> None:
        """Fill the screen with this chart, or put it back in its place."""
        if self.screen.maximized is None:
            self.focus()
            self.screen.maximize(self, container=False)
        else:
            self.screen.minimize()

    def _view(self) -> View:
        return self._zoom or self._whole_window()

    def _look_at(self, zoom: View | None, draw: bool = True) -> None:
        if zoom == self._zoom:
            return
        self._zoom = zoom
        if draw:
            self._now()
        if self._telling is None:
            wait = self._told_at + TELL_EVERY - time.monotonic()
            if wait <= 0 or not self.is_mounted:
                self._tell()
            else:
                self._telling = self.set_timer(wait, self._tell)

    def _tell(self) -> None:
        """Tell the owner which part is looked at."""
        self._telling = None
        self._told_at = time.monotonic()
        ends = self.window or (None, None)
        self.post_message(self.Window(self, *ends))  # type: ignore[arg-type]

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of a zoomed view to drag it."""
        at = event.get_content_offset(self)
        if event.button == 1 and at is not None and self._zoom is not None and self._frame.has_canvas:
            self._grabbed, self._dragged = (event.screen_x, self._zoom), False
            self.capture_mouse()

    def on_mouse_up(self) -> None:
        """Let go."""
        if self._grabbed is not None:
            self._grabbed = None
            self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the datum nearest to the column that was clicked; twice fills the screen."""
        if self._dragged:
            self._dragged = False
            return
        if event.chain == 2:
            self.action_fill()
            return
        self._point(event)
        self._hovering = False

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the view; or a cursor follows the pointer until a click or a key sets it."""
        if self._grabbed is not None:
            start, view = self._grabbed
            by = start - event.screen_x
            self._dragged = self._dragged or by != 0
            if self._dragged and self._frame.columns:
                self._look_at(moved(view, self._whole_window(), by / self._frame.columns))
        elif self._cursor is None or self._hovering:
            self._point(event)
            self._hovering = self._cursor is not None

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look closer around the pointer."""
        self._wheel(event, NOTCH)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Look from farther away."""
        self._wheel(event, 1 / NOTCH)

    def _wheel(self, event: events.MouseEvent, factor: float) -> None:
        at = event.get_content_offset(self)
        if at is None or not self._frame.has_canvas or (self._zoom is None and factor < 1):
            return  # a list around the chart may scroll
        event.stop()
        view = self._view()
        share = min(1.0, max(0.0, (at.x - self._frame.left + 0.5) / self._frame.columns))
        around = view.low + share * (view.high - view.low)
        self._look_at(zoomed(view, self._whole_window(), factor, around))

    def on_leave(self) -> None:
        """A cursor that only followed the pointer leaves with it."""
        if self._hovering:
            self._hovering = False
            self._set_cursor(None)

    def _point(self, event: events.MouseEvent) -> None:
        at = event.get_content_offset(self)
        if at is None or not self._frame.has_canvas or at.x < self._frame.left:
            return
        places = self._seen(self._places())
        if places.size:
            wanted = self._frame.x_at(at.x)
            with np.errstate(over="ignore"):
                self._set_cursor(float(places[int(np.argmin(np.abs(places - wanted)))]))


def _within(places: Floats, window: View) -> Floats:
    place = window.place(places)
    with np.errstate(invalid="ignore"):
        return places[(place >= 0) & (place <= 1)]
