"""The table of runs: one line a run, marks, sorting, and a highlight that stays on its run.

It draws and selects; it reads no files. Only lines whose text changed are repainted, so a list that
grows or ages costs a slow terminal next to nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lrtui.runs.store import RunSummary
from lrtui.ui import words
from lrtui.ui.plotting.model import INK, PALETTE_SIZE
from lrtui.ui.widgets.chart_paint import pen_styles
from lrtui.ui.widgets.lines import themed
from lrtui.ui.widgets.run_columns import COLUMNS, Column, cells, headings, layout
from lrtui.ui.widgets.run_overlay import stamp


class RunTable(ScrollView, can_focus=True):
    """Every run in one line. Space marks runs, ``o`` and ``O`` sort, a click on a heading sorts by it."""

    HELP = """## Runs
Up and down choose a run, **space** marks it for the chart, **o** sorts by the next column and **O**
turns the order round. Best is the best test accuracy so far."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"run-table--heading", "run-table--cursor", "run-table--blurred"}

    DEFAULT_CSS = """
    RunTable {
        background: transparent;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .run-table--heading { color: $text-muted; text-style: bold; }
        & > .run-table--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        & > .run-table--blurred { background: $block-cursor-blurred-background; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "edge(0)", "First", show=False),
        Binding("end", "edge(1)", "Last", show=False),
        Binding("space", "mark", "Mark", id="runs.mark", tooltip="Mark this run for the chart"),
        Binding("o", "sort", "Sort", id="runs.sort", tooltip="Sort by the next column"),
        Binding("O", "reverse", "Reverse", id="runs.reverse", tooltip="Turn the order round", show=False),
    ]

    class Highlighted(Message):
        """The highlight moved to another run, or to none (None)."""

        def __init__(self, run_id: str | None) -> None:
            super().__init__()
            self.run_id = run_id

    class Marked(Message):
        """The set of marked runs changed; ids in the order they were marked."""

        def __init__(self, run_ids: tuple[str, ...]) -> None:
            super().__init__()
            self.run_ids = run_ids

    class Opened(Message):
        """A click on the run that was highlighted already."""

        def __init__(self, run_id: str) -> None:
            super().__init__()
            self.run_id = run_id

    def __init__(self, colors: Callable[[str], int | None], *, id: str | None = None) -> None:
        """``colors`` gives the index of a run's color on the chart, None if it isn't drawn."""
        super().__init__(id=id)
        self._colors = colors
        self._rows: list[RunSummary] = []
        self._marks: dict[str, None] = {}
        self._selected: str | None = None
        self._sort = next(column for column in COLUMNS if column.key == "age")
        self._turned = False
        self._drawn: dict[int, object] = {}
        self._now = time.time()
        self._pens: list[Style] | None = None

    @property
    def selected(self) -> RunSummary | None:
        """The highlighted run."""
        return next((run for run in self._rows if run.id == self._selected), None)

    @property
    def marked(self) -> tuple[str, ...]:
        """Ids of the marked runs in the order they were marked."""
        return tuple(self._marks)

    @property
    def rows(self) -> tuple[RunSummary, ...]:
        """The runs in the order shown."""
        return tuple(self._rows)

    @property
    def sorted_by(self) -> tuple[str, bool]:
        """Key of the sort column and whether it descends."""
        return self._sort.key, self._sort.descending != self._turned

    def show(self, runs: Sequence[RunSummary], now: float | None = None) -> None:
        """Show these runs; highlight, marks and the highlighted line's place stay with their runs."""
        self._now = time.time() if now is None else now
        index = self._index()
        place = index - self.scroll_offset.y
        self._rows = self._ordered(runs)
        known = {run.id for run in self._rows}
        gone = [run_id for run_id in self._marks if run_id not in known]
        for run_id in gone:
            del self._marks[run_id]
        before = self._selected
        if self._selected not in known:
            self._selected = self._rows[min(index, len(self._rows) - 1)].id if self._rows else None
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)
        if self._selected is not None:
            self.scroll_to(y=max(self._index() - place, 0), animate=False, immediate=True)
        self.repaint()
        if gone:
            self.post_message(self.Marked(self.marked))
        if self._selected != before:
            self.post_message(self.Highlighted(self._selected))

    def select(self, run_id: str) -> None:
        """Highlight this run if it is in the list."""
        if any(run.id == run_id for run in self._rows):
            self._choose(run_id)

    def age(self, now: float) -> None:
        """Let ages be as of ``now``; repaints only the lines that read differently."""
        self._now = now
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
            style = plain + self.get_component_rich_style("run-table--heading", partial=True)
            return Strip([Segment("".join(self._heading()), style)]).adjust_cell_length(width, plain)
        index = y - 1 + self.scroll_offset.y
        if index >= len(self._rows):
            return Strip.blank(width, plain)
        run = self._rows[index]
        base = plain
        chosen = run.id == self._selected
        if chosen:
            name = "run-table--cursor" if self.has_focus else "run-table--blurred"
            base = plain + self.get_component_rich_style(name, partial=True)
        mark = Segment("  ", base)
        if run.id in self._marks:
            color = self._colors(run.id) or 0
            mark = Segment(f"{stamp(color) or '━'} ", plain + Style(color=self._pen(color).color, bold=True))
        state, *others = self._cells(run)
        tint = base if chosen and self.has_focus else base + themed(self, words.COLORS[run.state])
        segments = [mark, Segment(state, tint), Segment("".join(others), base)]
        return Strip(segments).adjust_cell_length(width, base)

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
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)
        self.refresh()

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

    def on_click(self, event: events.Click) -> None:
        """Headings sort, lines highlight, a second click opens, the mark's column marks."""
        if event.y == 0:
            self._sort_at(event.x)
            return
        index = event.y - 1 + self.scroll_offset.y
        if index >= len(self._rows):
            return
        run_id = self._rows[index].id
        if event.x < 2:
            self._choose(run_id)
            self.action_mark()
        elif run_id == self._selected and event.chain > 1:
            self.post_message(self.Opened(run_id))
        else:
            self._choose(run_id)

    def action_move(self, by: int) -> None:
        """Move the highlight by some lines."""
        if self._rows:
            self._choose(self._rows[min(max(self._index() + by, 0), len(self._rows) - 1)].id)

    def action_page(self, by: int) -> None:
        """Move the highlight by a page."""
        self.action_move(by * max(self.size.height - 2, 1))

    def action_edge(self, last: int) -> None:
        """Move the highlight to the first or the last run."""
        self.action_move(len(self._rows) if last else -len(self._rows))

    def action_mark(self) -> None:
        """Mark the highlighted run, or take its mark away."""
        if self._selected is None:
            return
        if self._selected in self._marks:
            del self._marks[self._selected]
        else:
            self._marks[self._selected] = None
        self.repaint()
        self.post_message(self.Marked(self.marked))

    def clear_marks(self) -> None:
        """Take every mark away."""
        if self._marks:
            self._marks.clear()
            self.repaint()
            self.post_message(self.Marked(()))

    def action_sort(self) -> None:
        """Sort by the next column."""
        visible = [column for column, _ in layout(self.size.width)]
        index = visible.index(self._sort) if self._sort in visible else -1
        self._sort_by(visible[(index + 1) % len(visible)])

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._turned = not self._turned
        self.show(self._rows, self._now)

    def _sort_by(self, column: Column) -> None:
        self._sort, self._turned = column, False
        self.show(self._rows, self._now)

    def _sort_at(self, x: int) -> None:
        left = 2
        for column, width in layout(self.size.width):
            if left <= x < left + width + 1:
                if column is self._sort:
                    self.action_reverse()
                else:
                    self._sort_by(column)
                return
            left += width + 1

    def _ordered(self, runs: Sequence[RunSummary]) -> list[RunSummary]:
        newest = sorted(runs, key=lambda run: (run.created, run.id), reverse=True)
        return sorted(newest, key=self._sort.order, reverse=self.sorted_by[1])

    def _index(self) -> int:
        return next((index for index, run in enumerate(self._rows) if run.id == self._selected), 0)

    def _choose(self, run_id: str) -> None:
        changed = run_id != self._selected
        self._selected = run_id
        index, top, room = self._index(), self.scroll_offset.y, max(self.size.height - 1, 1)
        if index < top:
            self.scroll_to(y=index, animate=False, immediate=True)
        elif index >= top + room:
            self.scroll_to(y=index - room + 1, animate=False, immediate=True)
        self.repaint()
        if changed:
            self.post_message(self.Highlighted(run_id))

    def _heading(self) -> list[str]:
        return headings(self.size.width, self._sort, self.sorted_by[1])

    def _cells(self, run: RunSummary) -> list[str]:
        return cells(run, self._now, self.size.width)

    def _line_key(self, y: int) -> object:
        if y == 0:
            return tuple(self._heading())
        index = y - 1 + self.scroll_offset.y
        if index >= len(self._rows):
            return None
        run = self._rows[index]
        chosen = run.id == self._selected
        return (
            *self._cells(run),
            chosen,
            chosen and self.has_focus,
            run.id in self._marks,
            self._colors(run.id),
        )
