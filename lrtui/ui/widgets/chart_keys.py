"""What keys and the mouse do to a chart: walk its cursor, look closer, move along, and fill the screen.

What is seen then is held in `chart_view` and drawn by `chart`; finer data for it are the owner's business.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from textual import events
from textual.binding import Binding, BindingType

from ..plotting import Window as View
from ..plotting.zoom import moved, zoomed
from .chart_view import ChartView

STEP = 0.25
"""The share of what is seen that panning moves by."""

NOTCH = 1.5
"""How much closer one notch of the mouse wheel looks."""

_BLIND = 20
"""Steps across a chart that is too small for a drawing."""

_ZOOM = Binding.Group("Zoom", compact=True)


class ChartKeys(ChartView, can_focus=True):
    """A view that keys and mouse move; `Chart` draws it."""

    _grabbed: tuple[int, View] | None = None
    """Where a zoomed view was taken hold of, and the view then."""
    _dragged = False

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
            if ahead.size and columns == 1 and self._seen(ahead).size < across:
                target = ahead[0]
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
