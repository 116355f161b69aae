"""The table of runs: one line a run, marks, sorting, folding, and a highlight that stays on its run.

It takes keys and the mouse; drawing is `run_lines`' business, and what stands where that of its rows
(`run_rows`). It reads no files.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from lrtui.runs.store import RunSummary
from lrtui.ui.widgets.run_lines import RunLines


class RunTable(RunLines):
    """Every run in one line. Space marks runs, ``o`` and ``O`` sort, a click on a heading sorts by it."""

    HELP = (
        "Best, Final and Area are test accuracies: the best, the last, and the mean over the epochs; "
        "{runs.judge} makes them those of the metric on the chart, and back. ≥ says after how many epochs "
        "the target was reached. A click on a heading sorts by it, a double click opens a run."
    )

    DEFAULT_CSS = """
    RunTable {
        background: transparent;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .run-table--heading { color: $text-muted; text-style: bold; }
        & > .run-table--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        & > .run-table--blurred { background: $block-cursor-blurred-background; text-style: bold; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", id="list.up", show=False),
        Binding("down,j", "move(1)", "Down", id="list.down", show=False),
        Binding("pageup", "page(-1)", "Page up", id="list.page-up", show=False),
        Binding("pagedown", "page(1)", "Page down", id="list.page-down", show=False),
        Binding("home", "edge(0)", "First", id="list.first", show=False),
        Binding("end", "edge(1)", "Last", id="list.last", show=False),
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

    class Sorted(Message):
        """The list has another order."""

    class Opened(Message):
        """A click on the run that was highlighted already."""

        def __init__(self, run_id: str) -> None:
            super().__init__()
            self.run_id = run_id

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
        self._look(target=target)

    @property
    def metric(self) -> str:
        """The metric that runs are judged by."""
        return self._list.look.metric

    @metric.setter
    def metric(self, metric: str) -> None:
        if metric != self.metric:
            self._look(metric=metric)

    @property
    def turned(self) -> bool:
        """Whether the order is the other way round than the sort column's own."""
        return self._list.turned

    def restore(self, key: str, turned: bool, folded: bool) -> None:
        """Sort and fold as it was before."""
        with self._kept():
            self._list.restore(key, turned, folded)

    def _look(self, **changed: Any) -> None:
        self._list.look = replace(self._list.look, **changed)
        with self._kept():
            self._list.arrange()

    def show(
        self, runs: Sequence[RunSummary], now: float | None = None, known: Collection[str] | None = None
    ) -> None:
        """Show these runs; highlight, marks and the highlighted line's place stay with their runs.

        Marks of runs that aren't shown stay, too, if these are ``known``; None stands for those shown.
        """
        self._list.look = replace(self._list.look, now=time.time() if now is None else now)
        with self._kept():
            gone = self._list.put(runs, known)
        if gone:
            self.post_message(self.Marked(self.marked))

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Let the rows change, and keep the highlighted one where it is on the screen.

        Who is at the top stays there, as long as the highlight is seen: what was just started comes there.
        """
        before, place = self._list.selected, self._list.place() - self.scroll_offset.y
        at_top = place == self.scroll_offset.y == 0
        yield
        self.virtual_size = Size(self.size.width, len(self._list.shown) + 1)
        if self._list.selected is not None:
            now, room = self._list.place(), max(self.size.height - 1, 1)
            y = 0 if at_top and now < room else max(now - place, 0)
            self.scroll_to(y=y, animate=False, immediate=True)
        self.repaint()
        if self._list.selected != before:
            self.post_message(self.Highlighted(self._list.selected))

    @contextmanager
    def _sorting(self) -> Iterator[None]:
        """Let the order change; a highlight at the top stays there: who sorts looks for the first ones."""
        top = self._list.place() == 0
        with self._kept():
            yield
        if top:
            self.action_edge(0)
        self.post_message(self.Sorted())

    def select(self, run_id: str) -> None:
        """Highlight this run if it is in the list."""
        if self._list.has(run_id):
            self._choose(run_id)

    def on_click(self, event: events.Click) -> None:
        """Headings sort, lines highlight, a second click opens, the mark's column marks."""
        if event.y == 0:
            heading = self._list.column_at(event.x, self.size.width)
            if heading is not None:
                with self._sorting():
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
        with self._sorting():
            self._list.sort_next()

    def action_reverse(self) -> None:
        """Turn the order round."""
        with self._sorting():
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
