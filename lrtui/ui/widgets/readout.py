"""The numbers under the preview: the rate at the cursor, peak, end, mean and how long it all is.

And of each pinned schedule how far the present one is above or below it. It calculates nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.content import Content
from textual.widgets import Static

from lrtui.ui.numbers import count_text, epoch_text, many, rate_text
from lrtui.ui.preview import Difference, Preview

GAP = 3
LONGEST_NAME = 26
TALL = 32
"""From this many rows of the screen on there is room for all pinned schedules; below it for the last two."""

Item = tuple[str, str]
"""A word and the number that it is about."""


@dataclass(frozen=True, slots=True)
class Against:
    """A pinned schedule, with the marker on its curve and where the present one differs most from it."""

    marker: str
    pin: Preview
    apart: Difference


class Readout(Static):
    """Two or three lines of words and numbers."""

    DEFAULT_CSS: ClassVar[str] = """
    Readout { height: auto; max-height: 11; padding: 0 1; }
    """

    def __init__(self, id: str | None = None) -> None:
        """Begin empty."""
        super().__init__("", id=id, markup=False)
        self._groups: list[list[Item]] = []
        self._height = 0

    def show(
        self, preview: Preview, cursor: int | None, against: Sequence[Against] = (), *, stale: bool
    ) -> None:
        """Show a preview's numbers, at an update if the cursor is at one, and how it differs from others."""
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
        shown = against if self.app.size.height >= TALL else against[-2:]
        self._groups = [items, *([*_apart(each, preview, cursor, when)] for each in shown)]
        self._pack()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._pack()

    def _pack(self) -> None:
        """Put as many items on a line as fit; an item is never broken, and each group begins a line."""
        width = max(self.content_size.width, 20)
        lines: list[list[Content]] = []
        for group in self._groups:
            lines.append([])
            used = 0
            for label, value in group:
                item = Content.assemble((f"{label} ", "$text-muted"), (value, "bold"))
                if used and used + GAP + len(item.plain) > width:
                    lines.append([])
                    used = 0
                used += len(item.plain) + (GAP if used else 0)
                lines[-1].append(item)
        again, self._height = len(lines) != self._height, len(lines)
        self.update(Content("\n").join(Content(" " * GAP).join(line) for line in lines), layout=again)


def _apart(each: Against, preview: Preview, cursor: int | None, when: Callable[[int], str]) -> Iterator[Item]:
    """How the schedule shown differs from a pinned one: at the cursor, and where it does so most."""
    name = f"{each.marker} {_short(str(each.pin.schedule))}"
    if not each.apart.most:
        yield name, "the same at every update"
        return
    if cursor is not None:
        here, theirs = preview.rate_at(cursor), each.pin.rate_at(cursor)
        yield name, f"{_signed(here - theirs)}{_times(here, theirs)} here"
    yield "most" if cursor is not None else name, f"{_signed(each.apart.most)} at {when(each.apart.update)}"


def _signed(apart: float) -> str:
    if not apart:
        return "the same"
    return f"{'+' if apart > 0 else '−'}{rate_text(abs(apart))}"


def _times(one: float, other: float) -> str:
    """One rate as so many times the other, where that says something."""
    if not other or one == other or not 1e-3 <= one / other < 1e4:
        return ""
    return f" ({one / other:.3g} times)"


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
