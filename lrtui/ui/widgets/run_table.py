"""The table of runs: one line a run, marks, sorting, folding, and a highlight that stays on its run.

It draws and takes keys; what stands where is its rows' business (`run_rows`), and it reads no files. Only
lines whose text changed are repainted, so a list that grows or ages costs a slow terminal next to nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
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
from lrtui.ui.widgets.overlaid import stamp
from lrtui.ui.widgets.run_columns import Look, cells, headings
from lrtui.ui.widgets.run_rows import Rows


class RunTable(ScrollView, can_focus=True):
    """Every run in one line. Space marks runs, ``o`` and ``O`` sort, a click on a heading sorts by it."""

    HELP = """## Runs
Up and down choose a run, **space** marks it for the chart, **a** marks all of the list. **o** sorts by the
next column and **O** turns the order round. Best, Final and Area are test accuracies: the best, the last, and
the mean over the epochs; ≥ says after how many epochs the target was reached. **g** puts runs that differ in
their seeds alone into one row."""

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
        Binding("a", "mark_all", "Mark all", id="runs.mark-all", show=False,
                tooltip="Mark every run of the list, or take all their marks away"),
        Binding("g", "fold", "Seeds", id="runs.fold", show=False,
                tooltip="One row and one curve for runs that differ in their seeds alone, or apart"),
        Binding("o", "sort", "Sort", id="runs.sort", tooltip="Sort by the next column"),
        Binding("O", "reverse", "Reverse", id="runs.reverse", tooltip="Turn the order round", show=False),
    ]  # fmt: skip

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
        """``colors`` gives the index of a row's color on the chart, None if it isn't drawn."""
        super().__init__(id=id)
        self._colors = colors
        self._list = Rows()
        self._drawn: dict[int, object] = {}
        self._pens: list[Style] | None = None

    @property
    def selected(self) -> RunSummary | None:
        """The highlighted run."""
        return self._list.chosen

    @property
    def marked(self) -> tuple[str, ...]:
        """Ids of the marked runs in the order they were marked."""
        return self._list.marked

    @property
    def rows(self) -> tuple[RunSummary, ...]:
        """The runs in the order shown."""
        return tuple(self._list.shown)

    def row(self, row_id: str) -> RunSummary | None:
        """The row of an id, None if it isn't shown."""
        return self._list.row(row_id)

    @property
    def sorted_by(self) -> tuple[str, bool]:
        """Key of the sort column and whether it descends."""
        return self._list.sort.key, self._list.descending

    @property
    def folded(self) -> bool:
        """Whether seeds are folded."""
        return self._list.folded

    @property
    def target(self) -> float:
        """The test accuracy to reach."""
        return self._list.look.target

    @target.setter
    def target(self, target: float) -> None:
        self._list.look = Look(self._list.look.now, target)
        with self._kept():
            self._list.arrange()

    def show(
        self, runs: Sequence[RunSummary], now: float | None = None, known: Collection[str] | None = None
    ) -> None:
        """Show these runs; highlight, marks and the highlighted line's place stay with their runs.

        Marks of runs that aren't shown stay, too, if these are ``known``; None stands for those shown.
        """
        self._list.look = Look(time.time() if now is None else now, self.target)
        with self._kept():
            gone = self._list.put(runs, known)
        if gone:
            self.post_message(self.Marked(self.marked))

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Let the rows change, and keep the highlighted one where it is on the screen."""
        before, place = self._list.selected, self._list.place() - self.scroll_offset.y
        yield
        self.virtual_size = Size(self.size.width, len(self._list.shown) + 1)
        if self._list.selected is not None:
            self.scroll_to(y=max(self._list.place() - place, 0), animate=False, immediate=True)
        self.repaint()
        if self._list.selected != before:
            self.post_message(self.Highlighted(self._list.selected))

    def select(self, run_id: str) -> None:
        """Highlight this run if it is in the list."""
        if self._list.has(run_id):
            self._choose(run_id)

    def age(self, now: float) -> None:
        """Let ages be as of ``now``; repaints only the lines that read differently."""
        self._list.look = Look(now, self.target)
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
            mark = Segment(f"{stamp(color) or '━'} ", plain + Style(color=self._pen(color).color, bold=True))
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
            heading = self._list.column_at(event.x, self.size.width)
            if heading is not None:
                with self._kept():
                    self._list.sort_by(heading)
            return
        run = self._row(event.y)
        if run is None:
            return
        if event.x < 2:
            self._choose(run.id)
            self.action_mark()
        elif run.id == self._list.selected and event.chain > 1:
            self.post_message(self.Opened(run.id))
        else:
            self._choose(run.id)

    def action_move(self, by: int) -> None:
        """Move the highlight by some lines."""
        rows = self._list.shown
        if rows:
            self._choose(rows[min(max(self._list.place() + by, 0), len(rows) - 1)].id)

    def action_page(self, by: int) -> None:
        """Move the highlight by a page."""
        self.action_move(by * max(self.size.height - 2, 1))

    def action_edge(self, last: int) -> None:
        """Move the highlight to the first or the last run."""
        self.action_move(len(self._list.shown) if last else -len(self._list.shown))

    def action_mark(self) -> None:
        """Mark the highlighted run, or take its mark away."""
        if self.selected is not None:
            self._list.mark(self.selected)
            self.repaint()
            self.post_message(self.Marked(self.marked))

    def action_mark_all(self) -> None:
        """Mark every run of the list, or none of them."""
        if self._list.mark_all():
            self.repaint()
            self.post_message(self.Marked(self.marked))

    def clear_marks(self) -> None:
        """Take every mark away."""
        if self._list.clear():
            self.repaint()
            self.post_message(self.Marked(()))

    def action_fold(self) -> None:
        """Put seeds of one experiment into one row, or apart again."""
        with self._kept():
            self._list.folded = not self._list.folded
            self._list.arrange()
        self.post_message(self.Marked(self.marked))

    def action_sort(self) -> None:
        """Sort by the next column."""
        with self._kept():
            self._list.sort_next()

    def action_reverse(self) -> None:
        """Turn the order round."""
        with self._kept():
            self._list.reverse()

    def _choose(self, run_id: str) -> None:
        changed = run_id != self._list.selected
        self._list.selected = run_id
        index, top, room = self._list.place(), self.scroll_offset.y, max(self.size.height - 1, 1)
        if index < top:
            self.scroll_to(y=index, animate=False, immediate=True)
        elif index >= top + room:
            self.scroll_to(y=index - room + 1, animate=False, immediate=True)
        self.repaint()
        if changed:
            self.post_message(self.Highlighted(run_id))

    def _heading(self) -> list[str]:
        rows = self._list
        return headings(self.size.width, rows.sort, rows.descending, rows.look, rows.folded)

    def _cells(self, run: RunSummary) -> list[str]:
        rows = self._list
        return cells(run, rows.look, self.size.width, rows.sort.key, rows.folded)

    def _line_key(self, y: int) -> object:
        if y == 0:
            return tuple(self._heading())
        run = self._row(y)
        if run is None:
            return None
        chosen = run.id == self._list.selected
        marked = self._list.is_marked(run)
        return (*self._cells(run), chosen, chosen and self.has_focus, marked, self._colors(run.id))
