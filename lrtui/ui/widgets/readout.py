"""The numbers under the preview: the rate at the cursor, peak, end, mean and how long it all is."""

from __future__ import annotations

from typing import ClassVar

from textual.content import Content
from textual.widgets import Static

from lrtui.ui.numbers import count_text, epoch_text, many, rate_text
from lrtui.ui.preview import Preview

GAP = 3


class Readout(Static):
    """Two or three lines of words and numbers."""

    DEFAULT_CSS: ClassVar[str] = """
    Readout { height: auto; max-height: 5; padding: 0 1; }
    """

    def __init__(self, id: str | None = None) -> None:
        """Begin empty."""
        super().__init__("", id=id, markup=False)
        self._items: list[tuple[str, str]] = []

    def show(self, preview: Preview, cursor: int | None, *, stale: bool) -> None:
        """Show the numbers of a preview, at an update if the cursor is at one."""
        summary, horizon = preview.summary, preview.horizon
        per_epoch = horizon.steps_per_epoch

        def when(update: int) -> str:
            said = f"update {count_text(update)}"
            return said if per_epoch is None else f"{said} (epoch {epoch_text(update / per_epoch)})"

        if cursor is None:
            here = [("rate", "point at the curve, or v ← →")]
        else:
            here = [("rate", f"{rate_text(preview.rate_at(cursor))} at {when(cursor)}")]
        items = [
            *here,
            ("peak", f"{rate_text(summary.peak)} at {when(summary.peak_update)}"),
            ("end", rate_text(summary.end)),
            ("mean", rate_text(summary.mean)),
            ("all", many(horizon.total, "update")),
        ]
        if preview.trace:
            items.append(("on", f"{preview.trace}; g: another"))
        if stale:
            items[0] = ("shown", "the last good schedule")
        self._items = items
        self._pack()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._pack()

    def _pack(self) -> None:
        """Put as many items on a line as fit; an item is never broken."""
        width = max(self.content_size.width, 20)
        lines: list[list[Content]] = [[]]
        used = 0
        for label, value in self._items:
            item = Content.assemble((f"{label} ", "$text-muted"), (value, "bold"))
            if used and used + GAP + len(item.plain) > width:
                lines.append([])
                used = 0
            used += len(item.plain) + (GAP if used else 0)
            lines[-1].append(item)
        self.update(Content("\n").join(Content(" " * GAP).join(line) for line in lines))
