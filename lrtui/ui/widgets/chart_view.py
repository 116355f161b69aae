"""What is seen of a chart: where its cursor is, which part of x is looked at, and the messages about both.

No keys and no mouse (see `chart_keys`), no drawing (see `chart`).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from ..plotting import Frame
from ..plotting import Window as View
from ..plotting.model import Floats
from ..plotting.zoom import showing, zoomed

if TYPE_CHECKING:
    from .chart import Chart

TELL_EVERY = 0.15
"""Seconds between two messages about the window while a key is held down."""


class ChartView(Widget):
    """A widget with a cursor and a window; `Chart` draws it."""

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
            return isinstance(message, ChartView.CursorMoved) and message.chart is self.chart

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
            return isinstance(message, ChartView.Window) and message.chart is self.chart

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None, disabled: bool
    ) -> None:
        """See everything, and no cursor."""
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._cursor: float | None = None
        self._hovering = False
        self._zoom: View | None = None
        self._frame = Frame(0, 0)
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
            self._set_zoom(zoom)
            self._now()

    def go_to(self, x: float) -> None:
        """Put the cursor at an x, and a zoomed view where it is seen."""
        self._walk_to(x)

    # Moving

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

    def _view(self) -> View:
        return self._zoom or self._whole_window()

    def _look_at(self, zoom: View | None, draw: bool = True) -> None:
        if zoom == self._zoom:
            return
        self._set_zoom(zoom)
        if draw:
            self._now()
        self._tell_soon()

    def _set_zoom(self, zoom: View | None) -> None:
        self._zoom = zoom

    def _tell_soon(self) -> None:
        """Tell the owner now, or a little later if it has only just been told."""
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


def _within(places: Floats, window: View) -> Floats:
    place = window.place(places)
    with np.errstate(invalid="ignore"):
        return places[(place >= 0) & (place <= 1)]
