"""An input that shows a long text on several rows while the cursor is in it, and on one row otherwise.

It knows nothing of what is typed.
"""

from __future__ import annotations

from rich.segment import Segment
from textual import events
from textual.geometry import Offset
from textual.strip import Strip
from textual.widgets import Input

MOST_ROWS = 5
"""Rows at most; of a still longer text those around the cursor are shown."""


class WrappedInput(Input):
    """Textual's input, broken at its right edge instead of moved sideways."""

    @property
    def content_width(self) -> int:
        """As wide as there is room for: nothing lies to the right of it."""
        return self._width

    @property
    def _width(self) -> int:
        return max(self.scrollable_content_region.width, 1)

    def _row_of(self, position: int) -> int:
        return self._position_to_cell(position) // self._width

    @property
    def _top(self) -> int:
        """The first row that is shown."""
        return max(0, self._row_of(self.cursor_position) - self.size.height + 1) if self.has_focus else 0

    def _fit(self) -> None:
        """Take the rows that the text needs; laid out only when that is another number."""
        rows = min(self._row_of(len(self.value)) + 1, MOST_ROWS) if self.has_focus else 1
        height = self.styles.height
        if height is None or height.value != rows:
            self.styles.height = rows

    def watch_value(self) -> None:
        """Grow with the text."""
        self._fit()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Open all rows for the cursor, and close them behind it."""
        super().watch_has_focus(has_focus)
        self._fit()

    def on_resize(self) -> None:
        """Break the text anew."""
        self._fit()

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the cursor is on the screen."""
        at = self._position_to_cell(self.cursor_position)
        x, y, _, _ = self.content_region
        return Offset(x + at % self._width, y + at // self._width - self._top)

    def render_line(self, y: int) -> Strip:
        """One row of the text."""
        width = self._width
        if not self.value:
            return super().render_line(y)
        whole = self._whole()
        if not self.has_focus and whole.cell_length > width:
            cut = "~" if getattr(self.app, "ascii_only", False) else "…"
            whole = Strip([*whole.crop(0, width - 1), Segment(cut)])
        first = (self._top + y) * width
        return whole.crop(first, first + width).extend_cell_length(width).apply_style(self.rich_style)

    def _whole(self) -> Strip:
        """The text in one line, with selection and cursor."""
        text = self._value
        if self.has_focus:
            if not self.selection.is_empty:
                style = self.get_component_rich_style("input--selection")
                text.stylize_before(style, *sorted(self.selection))
            if self._cursor_visible:
                if self.cursor_at_end:
                    text.pad_right(1)
                at = self.cursor_position
                text.stylize(self.get_component_rich_style("input--cursor"), at, at + 1)
        options = self.app.console_options.update_width(max(text.cell_len, 1))
        return Strip(self.app.console.render(text, options))

    def move_row(self, by: int) -> bool:
        """Move the cursor a row up or down; return whether there is such a row."""
        row = self._row_of(self.cursor_position) + by
        if not 0 <= row <= self._row_of(len(self.value)):
            return False
        at = self._position_to_cell(self.cursor_position) + by * self._width
        self.cursor_position = self._index_at(at)
        return True

    def _index_at(self, cell: int) -> int:
        """The character that stands in a cell of the text, its end for cells behind it."""
        return next(
            (at for at in range(len(self.value)) if self._position_to_cell(at + 1) > cell), len(self.value)
        )

    # The mouse: Textual asks for the character in a column; the row is ours.

    async def _on_mouse_down(self, event: events.MouseDown) -> None:
        self._mouse_row = event.get_content_offset_capture(self).y
        await super()._on_mouse_down(event)

    async def _on_mouse_move(self, event: events.MouseMove) -> None:
        self._mouse_row = event.get_content_offset_capture(self).y
        await super()._on_mouse_move(event)

    _mouse_row = 0

    def _cell_offset_to_index(self, offset: int) -> int:
        return self._index_at(max(0, (self._top + self._mouse_row) * self._width + offset))
