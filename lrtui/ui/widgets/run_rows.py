"""What the table of runs shows, in which order, what of it is marked and which row is chosen.

No widget and no drawing: the table asks here what stands in which line.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Any

from lrtui.runs.fold import fold, members
from lrtui.runs.store import RunSummary
from lrtui.ui.widgets.run_columns import COLUMNS, SORTS, Column, Look, column, layout


class Rows:
    """The rows of a list of runs.

    Attributes:
        shown: the rows in their order.
        selected: id of the chosen row, None if there is none.
        sort: the column they are sorted by.
        folded: whether seeds of one experiment are one row.
        look: the time and the target they are looked at with.
    """

    def __init__(self) -> None:
        self.shown: list[RunSummary] = []
        self.selected: str | None = None
        self.sort = column("age")
        self.folded = False
        self.look = Look(time.time())
        self._turned = False
        self._runs: tuple[RunSummary, ...] = ()
        self._marks: dict[str, None] = {}
        self._places: dict[str, int] = {}

    @property
    def chosen(self) -> RunSummary | None:
        """The chosen row."""
        return self.row(self.selected or "")

    @property
    def marked(self) -> tuple[str, ...]:
        """Ids of the marked runs, in the order they were marked."""
        return tuple(self._marks)

    @property
    def turned(self) -> bool:
        """Whether the order is the other way round than a column's own."""
        return self._turned

    @property
    def descending(self) -> bool:
        """Whether the order descends."""
        return self.sort.falls(self.look.metric) != self._turned

    def has(self, run_id: str) -> bool:
        """Whether there is a row of this id."""
        return run_id in self._places

    def row(self, row_id: str) -> RunSummary | None:
        """The row of an id."""
        place = self._places.get(row_id)
        return None if place is None else self.shown[place]

    def place(self) -> int:
        """The line of the chosen row, 0 without one."""
        return self._places.get(self.selected or "", 0)

    def put(self, runs: Sequence[RunSummary], known: Collection[str] | None = None) -> bool:
        """Show these runs; what isn't `known` (all there are, these if None) loses its mark.

        Returns:
            Whether any did.
        """
        self._runs = tuple(runs)
        known = {run.id for run in runs} if known is None else known
        gone = [run_id for run_id in self._marks if run_id not in known]
        for run_id in gone:
            del self._marks[run_id]
        self.arrange()
        return bool(gone)

    def arrange(self) -> None:
        """Fold, sort, and keep a row chosen: the same one, the one it went into, or its neighbour."""
        before, place = self.chosen, self.place()
        rows = fold(self._runs, self.look.metric) if self.folded else self._runs
        newest = sorted(rows, key=lambda run: (run.created, run.id), reverse=True)
        orders: dict[str, Any] = {run.id: self.sort.order(run, self.look) for run in newest}
        known = [run for run in newest if orders[run.id] is not None]
        unknown = [run for run in newest if orders[run.id] is None]
        known.sort(key=lambda run: orders[run.id], reverse=self.descending)
        self.shown = [*known, *unknown]
        self._places = {run.id: index for index, run in enumerate(self.shown)}
        if self.selected in self._places or not self.shown:
            self.selected = self.selected if self.shown else None
            return
        wanted = {run.id for run in members(before)} if before is not None else set()
        heir = next((row for row in self.shown if wanted & {run.id for run in members(row)}), None)
        self.selected = (heir or self.shown[min(place, len(self.shown) - 1)]).id

    def sort_by(self, chosen: Column) -> None:
        """Sort by a column; by the same one again, the other way round."""
        self._turned = not self._turned if chosen is self.sort else False
        self.sort = chosen
        self.arrange()

    def restore(self, key: str, turned: bool, folded: bool) -> None:
        """Sort and fold as it was before; by the age where there is no such column now."""
        found = [each for each in COLUMNS if each.key == key and (key != "spread" or folded)]
        self.sort, self._turned = (found[0], turned) if found else (column("age"), False)
        self.folded = folded
        self.arrange()

    def sort_next(self) -> None:
        """Sort by the next column, also one that there is no room for otherwise."""
        known = map(column, SORTS)
        able = [
            each for each in known if (each.key != "spread" or self.folded) and each.fits(self.look.metric)
        ]
        index = able.index(self.sort) if self.sort in able else -1
        self.sort, self._turned = able[(index + 1) % len(able)], False
        self.arrange()

    def reverse(self) -> None:
        """Turn the order round."""
        self._turned = not self._turned
        self.arrange()

    def column_at(self, x: int, width: int) -> Column | None:
        """The column whose heading stands at a place of a table of some width."""
        left = 2
        for each, room in layout(width, self.sort.key, self.folded, self.look.metric):
            if left <= x < left + room + 1:
                return each
            left += room + 1
        return None

    def is_marked(self, row: RunSummary) -> bool:
        """Whether any run of a row is marked."""
        return any(run.id in self._marks for run in members(row))

    def mark(self, row: RunSummary) -> None:
        """Mark a row's runs, or take their marks away if all of them have one."""
        ids = [run.id for run in members(row)]
        if all(run_id in self._marks for run_id in ids):
            for run_id in ids:
                del self._marks[run_id]
        else:
            self._marks.update(dict.fromkeys(ids))

    def mark_all(self) -> bool:
        """Mark every run that is shown, or take their marks away if all have one; whether there are any."""
        ids = [run.id for row in self.shown for run in members(row)]
        if all(run_id in self._marks for run_id in ids):
            for run_id in ids:
                del self._marks[run_id]
        else:
            self._marks.update(dict.fromkeys(ids))
        return bool(ids)

    def clear(self) -> bool:
        """Take every mark away; whether there were any."""
        had = bool(self._marks)
        self._marks.clear()
        return had
