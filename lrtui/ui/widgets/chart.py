"""The one widget that draws charts: it shows frames from `plotting` and sends only the cells that changed.

It decides nothing about the data: which series, axes and marks there are is the caller's business. For a
screen that has charts:

- `chart.show(series, x, y, marks, title)` as often as there is news. A zoomed view stays where it is.
- Keys and mouse are the chart's own (`chart_keys`, binding ids `chart.*`): cursor, zoom, pan, fill the
  screen. `Chart.CursorMoved` says where the cursor is, `chart.readings(x)` what the series are there; the
  legend shows it anyway. Charts go together by `other.cursor = event.x` and `other.window = event.ends`;
  setting these posts nothing.
- `Chart.Window` says which part of x is looked at (`x0`, `x1`; both None for all of it). Until something
  finer comes, the chart shows what it has. `chart.detail(series, x0)` hands it finer data from x0 on: each
  series takes the place of the one of the same name there, and later calls of `show` leave it in place.
- A series with `low` and `high` has a shaded band; `faint=True` is a quiet line, for raw values behind
  smoothed ones.
- The app's `ascii_only` (see `wire.SparingApp`) leaves only ASCII characters in every chart.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer

from lrtui.ui.keys import key_for

from ..plotting import Axis, Frame, Mark, Series, Window, render, value_at
from ..plotting.canvas import Sketches
from ..plotting.model import Floats
from .chart_data import NO_AXIS, ChartData, Reading
from .chart_keys import ChartKeys
from .chart_paint import changed, header, line_strip, pen_styles

CALM = 4
"""A chart waits so many times as long as its last frame took: drawing never takes most of the app's time."""


class Chart(ChartKeys):
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

    HELP = (
        "{chart.left} and {chart.right} walk a cursor along the curve, and the legend shows the values "
        "there. A click sets the cursor, the wheel zooms, dragging moves along, a double click fills the "
        "screen."
    )
    HELP_TITLE: ClassVar[str] = "In a chart"

    def __init__(
        self,
        *,
        rate: float = 5.0,
        ascii_only: bool | None = None,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        """Make an empty chart.

        Args:
            rate: Frames a second at most.
            ascii_only: Use no character outside ASCII; None to do as the app does.
            name: The widget's name.
            id: The widget's id.
            classes: Its CSS classes.
            disabled: Whether it starts disabled.
        """
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self.rate = rate
        self._ascii_only = ascii_only
        self._request = ChartData()
        self._all: Window | None = None
        self._sketches = Sketches()
        self._rows: list[tuple[str, bytes]] = []
        self._strips: dict[int, Strip] = {}
        self._pens: list[Style] | None = None
        self._stale = True
        self._drawn_at = -math.inf
        self._took = 0.0
        self._timer: Timer | None = None

    # What others call

    def show(
        self,
        series: Sequence[Series],
        x: Axis = NO_AXIS,
        y: Axis = NO_AXIS,
        marks: Sequence[Mark] = (),
        title: str = "",
    ) -> None:
        """Show series. Returns at once; the frame follows within 1/rate seconds; the last request counts.

        Another kind of x axis (another unit, logarithmic or not) ends a zoom. Another title or kind of y axis
        is another metric: detail goes, and the owner is told again which part is looked at.
        """
        before, self._request = self._request, ChartData(series, x, y, marks, title)
        if (before.x.log, before.x.kind, before.x.label) != (x.log, x.kind, x.label):
            self._all = None
            self._look_at(None, draw=False)
        elif (before.y.kind, before.title) == (y.kind, title):
            self._request.keep_detail(before)
        elif self._zoom is not None:
            self._tell_soon()
        if (before.x.log, before.y.log, before.x.kind, before.y.kind) != (x.log, y.log, x.kind, y.kind):
            self._frame = Frame(0, 0)
        elif len(series) != len(before.coarse):
            # Axes are kept for lines that grow; beside other lines a person wants to see all of them well.
            self._frame = Frame(0, 0)
        self._later()

    def detail(self, series: Sequence[Series], x0: float) -> None:
        """Show finer data from x0 (data units) on, until everything is looked at again or other detail comes.

        Each series takes the place of the one with the same name, colour and faintness as far as it goes;
        x must ascend. A point beyond either end of the window lets lines reach it. Nothing happens when all
        of x is looked at by now.
        """
        if self._zoom is not None:
            self._request.take_detail(series, x0)
            self._later()

    @property
    def ascii_only(self) -> bool:
        """Whether only ASCII characters are used."""
        if self._ascii_only is not None:
            return self._ascii_only
        return self.is_attached and bool(getattr(self.app, "ascii_only", False))

    def values_at(self, x: float) -> list[tuple[str, float]]:
        """Each series' name and its value at x, nan where it has none; never interpolated."""
        return [(series.name, value_at(series, x)) for series in self._request.series]

    def readings(self, x: float) -> list[Reading]:
        """What every series is at x, bands included."""
        return self._request.readings(x)

    @property
    def series(self) -> tuple[Series, ...]:
        """The series as they are drawn, finer where detail was handed over."""
        return self._request.series

    @property
    def frame(self) -> Frame:
        """The frame on the screen now (without title and legend)."""
        return self._frame

    # What keys and mouse need to know

    def _whole_window(self) -> Window:
        self._all = self._request.whole(self._all)
        return self._all

    def _places(self) -> Floats:
        return self._request.places

    def _set_zoom(self, zoom: Window | None) -> None:
        if zoom is None:
            self._request.drop_detail()
        super()._set_zoom(zoom)

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
        # Much to draw is drawn less often: keys come first.
        wait = self._drawn_at + max(1 / self.rate, CALM * self._took) - time.monotonic()
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
        began = time.thread_time()  # not by the clock: others may have had the core meanwhile
        data, (width, height) = self._request, self.content_size
        notes = [data.y.label] if data.y.label else []
        if self._zoom is not None:
            notes.append(
                f"zoomed, {key_for('chart.whole')} shows all" if self.has_focus and width >= 80 else "zoomed"
            )
        top = header(
            data.title, notes, data.series, width, height, self._cursor, data.y, self.ascii_only
        )  # fmt: skip
        previous: tuple[Window, Window] | None = None
        if self._frame.height:
            previous = (self._all or self._frame.x, self._frame.y)
        self._frame = render(
            data.series,
            data.x,
            data.y,
            width,
            max(0, height - len(top)),
            data.marks,
            self._cursor,
            previous=previous,
            zoom=self._zoom,
            sketches=self._sketches,
            ascii_only=self.ascii_only,
        )
        if self._zoom is None:
            self._all = self._frame.x
        rows = top + list(zip(self._frame.texts, self._frame.inks, strict=True))
        for row in [row for row in self._strips if rows[row : row + 1] != self._rows[row : row + 1]]:
            del self._strips[row]
        self._rows = rows
        self._stale = False
        self._drawn_at = time.monotonic()
        self._took = time.thread_time() - began

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
        """Colours may have changed, or the focus: make the lines anew."""
        super().notify_style_update()
        self._pens = None
        self._strips.clear()

    def on_focus(self) -> None:
        """Show by the axes that keys act on this chart."""
        self._pens = None
        self._stale = True
        self.refresh()

    def on_blur(self) -> None:
        """Look as quiet as the others."""
        self.on_focus()

    def on_resize(self) -> None:
        """Another size is another frame."""
        self._stale = True
        self.refresh()
