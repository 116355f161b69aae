"""The lines of the table of runs: what stands in each, and which of them have to be drawn again.

Only lines whose text changed are repainted, so a list that grows or ages costs a slow terminal next to
nothing.
Keys and the mouse are `run_table`'s; what stands where is the rows' business (`run_rows`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lrtui.runs.store import RunSummary
from lrtui.ui import words
from lrtui.ui.plotting.model import INK, PALETTE_SIZE
from lrtui.ui.widgets.chart_paint import pen_styles
from lrtui.ui.widgets.lines import plain_text, themed
from lrtui.ui.widgets.overlaid import stamp
from lrtui.ui.widgets.run_columns import Look, cells, cut, headings
from lrtui.ui.widgets.run_rows import Rows


class RunLines(ScrollView, can_focus=True):
    """Every run in one line, below the headings."""

    class Fitted(Message):
        """The lines have another width: other things are cut in them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"run-table--heading", "run-table--cursor", "run-table--blurred"}

    def __init__(self, colors: Callable[[str], int | None], *, id: str | None = None) -> None:
        """``colors`` gives the index of a row's color on the chart, None if it isn't drawn."""
        super().__init__(id=id)
        self._colors = colors
        self._list = Rows()
        self._drawn: dict[int, object] = {}
        self._texts: dict[str, list[str]] = {}
        self._texts_of: tuple[list[RunSummary], Look, int, str] | None = None
        self._pens: list[Style] | None = None

    def age(self, now: float) -> None:
        """Let ages be as of ``now``; repaints only the lines that read differently."""
        self._list.look = replace(self._list.look, now=now)
        self.repaint()

    def repaint(self) -> None:
        """Ask for just the visible lines that differ from what was drawn last."""
        for y in range(self.size.height):
            if self._drawn.get(y) != self._line_key(y):
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Draw one visible line; the first is always the headings."""
        self._drawn[y] = self._line_key(y)
        width = self.size.width
        plain = self.rich_style
        if y == 0:
            # Not the partial style: that knows no background, and makes a muted colour white on any.
            style = plain + self.get_component_rich_style("run-table--heading")
            return Strip([Segment("".join(self._heading()), style)]).adjust_cell_length(width, plain)
        run = self._row(y)
        if run is None:
            return Strip.blank(width, plain)
        base = plain
        chosen = run.id == self._list.selected
        if chosen:
            name = "run-table--cursor" if self.has_focus else "run-table--blurred"
            base = plain + self.get_component_rich_style(name, partial=True)
        mark = Segment("  ", base)
        if self._list.is_marked(run):
            color = self._colors(run.id) or 0
            mark = Segment(
                f"{stamp(color, plain_text(self)) or '━'} ",
                plain + Style(color=self._pen(color).color, bold=True),
            )
        state, *others = self._cells(run)
        tint = base if chosen and self.has_focus else base + themed(self, words.COLORS[run.state])
        segments = [mark, Segment(state, tint), Segment("".join(others), base)]
        return Strip(segments).adjust_cell_length(width, base)

    def _row(self, y: int) -> RunSummary | None:
        """The row in a visible line."""
        index = y - 1 + self.scroll_offset.y
        return self._list.shown[index] if 0 <= index < len(self._list.shown) and y else None

    def _pen(self, color: int) -> Style:
        if self._pens is None:
            self._pens = pen_styles(self)
        return self._pens[INK[f"series{color % PALETTE_SIZE}"]]

    def notify_style_update(self) -> None:
        """Another theme has other colors."""
        super().notify_style_update()
        self._pens = None

    def on_resize(self) -> None:
        """A new width means new column widths: draw everything."""
        self._drawn.clear()
        self.virtual_size = Size(self.size.width, len(self._list.shown) + 1)
        self.refresh()
        self.post_message(self.Fitted())

    def on_focus(self) -> None:
        """The highlight looks different with the focus."""
        self.repaint()

    def on_blur(self) -> None:
        """The highlight looks different without the focus."""
        self.repaint()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolled lines are different lines."""
        super().watch_scroll_y(old_value, new_value)
        self._drawn.clear()
        self.refresh()

    def _heading(self) -> list[str]:
        rows = self._list
        return headings(self.size.width, rows.sort, rows.descending, rows.look, rows.folded)

    def _cells(self, run: RunSummary) -> list[str]:
        rows = self._list
        # Made once, and not at every key: nearly all lines read as they did.
        known, now = self._texts_of, (rows.shown, rows.look, self.size.width, rows.sort.key)
        if known is None or known[0] is not now[0] or known[1] is not now[1] or known[2:] != now[2:]:
            self._texts, self._texts_of = {}, now
        if run.id not in self._texts:
            self._texts[run.id] = cells(run, rows.look, self.size.width, rows.sort.key, rows.folded)
        return self._texts[run.id]

    def cut(self, run: RunSummary) -> list[str]:
        """What of a run's name and schedule its line has no room for, in full."""
        rows = self._list
        return cut(run, rows.look, self.size.width, rows.sort.key, rows.folded)

    def _line_key(self, y: int) -> object:
        if y == 0:
            return tuple(self._heading())
        run = self._row(y)
        if run is None:
            return None
        chosen = run.id == self._list.selected
        marked = self._list.is_marked(run)
        return (*self._cells(run), chosen, chosen and self.has_focus, marked, self._colors(run.id))
