"""The numbers under the preview: the rate at the cursor, peak, end, mean and how long it all is."""

from __future__ import annotations

from typing import ClassVar

from textual.content import Content
from textual.widgets import Static

from lrtui.ui.numbers import count_text, epoch_text, many, rate_text
from lrtui.ui.preview import Preview


class Readout(Static):
    """Two or three lines of words and numbers."""

    DEFAULT_CSS: ClassVar[str] = """
    Readout { height: auto; max-height: 5; padding: 0 1; }
    """

    def __init__(self, id: str | None = None) -> None:
        """Begin empty."""
        super().__init__("", id=id, markup=False)

    def show(self, preview: Preview, cursor: int | None, *, stale: bool) -> None:
        """Show the numbers of a preview, at an update if the cursor is at one."""
        summary, horizon = preview.summary, preview.horizon
        per_epoch = horizon.steps_per_epoch

        def when(update: int) -> str:
            said = f"update {count_text(update)}"
            return said if per_epoch is None else f"{said} (epoch {epoch_text(update / per_epoch)})"

        if cursor is None:
            here = [("cursor", "point at the curve to read a rate")]
        else:
            here = [("rate", f"{rate_text(preview.rate_at(cursor))} at {when(cursor)}")]
        length = many(horizon.total, "update")
        if horizon.epochs is not None:
            length += f", {epoch_text(horizon.epochs)} epochs"
        items = [
            *here,
            ("peak", f"{rate_text(summary.peak)} at {when(summary.peak_update)}"),
            ("end", rate_text(summary.end)),
            ("mean", rate_text(summary.mean)),
            ("total", length),
        ]
        if stale:
            items.insert(0, ("shown", "the last good schedule"))
        # Words of one item stay together when the line is broken.
        said = [Content.assemble((label, "$text-muted"), "\u00a0", _glued(value)) for label, value in items]
        self.update(Content("  ").join(said))


def _glued(text: str) -> Content:
    return Content.styled(text.replace(" ", "\u00a0"), "bold")
