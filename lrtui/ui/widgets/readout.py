"""The numbers under the preview: the rate at the cursor, peak, end, mean and how long it all is.

And of each pinned schedule how far the present one is above or below it. It calculates nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.content import Content
from textual.widgets import Static

from lrtui.ui.fit import unfit
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.numbers import count_text, exact_text, many, rate_text
from lrtui.ui.plotting.legend import beginnings, shortened
from lrtui.ui.plotting.ticks import write
from lrtui.ui.preview import Difference, Preview

GAP = 3
ROOM_FOR_NAME = 16
"""Columns for the name of a pinned schedule, before the numbers beside it get shorter."""
SHORTEST_NAME = 8
TALL = 32
"""From this many rows of the screen on there is room for all pinned schedules; below it for the last two."""

LOW = 22
"""With fewer rows than this the numbers leave the curve all the room they can."""
MOST_LINES = 3
FEWEST_LINES = 2
"""Lines that the numbers take before they are written shorter, usually and on a low screen."""

Pair = tuple[str, str]
"""A word and the number that it is about."""

Item = tuple[str, str, str]
"""A word, the number that it is about, and the number written shorter."""


@dataclass(frozen=True, slots=True)
class Against:
    """A pinned schedule, with the marker on its curve and where the present one differs most from it."""

    marker: str
    pin: Preview
    apart: Difference


class Readout(Static):
    """Two or three lines of words and numbers."""

    DEFAULT_CSS: ClassVar[str] = """
    Readout { height: auto; max-height: 11; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, id: str | None = None) -> None:
        """Begin empty."""
        super().__init__("", id=id, markup=False)
        self._items: list[Item] = []
        self._warning = ""
        self._most = MOST_LINES
        self._differences: list[Callable[[int], Content]] = []
        self._height = 0

    def show(
        self, preview: Preview, cursor: int | None, against: Sequence[Against] = (), *, stale: bool
    ) -> None:
        """Show a preview's numbers, at an update if the cursor is at one, and how it differs from others.

        At a glance there are none: those before stay.
        """
        summary, horizon = preview.summary, preview.horizon
        if summary is None:
            return
        items: list[Item] = [
            (with_keys("{chart.go} {chart.left} {chart.right}"), "reads a rate", "reads a rate")
            if cursor is None
            else ("rate", *_at(f"{exact_text(preview.rate_at(cursor))} at ", cursor, preview)),
            ("peak", *_at(f"{rate_text(summary.peak)} at ", summary.peak_update, preview)),
            ("end", rate_text(summary.end), rate_text(summary.end)),
            (
                "mean",
                f"{rate_text(summary.mean)} over {many(horizon.total, 'update')}",
                f"{rate_text(summary.mean)} over {count_text(horizon.total)}",
            ),
        ]
        if preview.trace:
            another = f"{preview.trace}; {key_for('explore.metric')}: a run's"
            items.append(("on", another, another))
        if stale:
            items[0] = ("shown", "the last good schedule", "the last good one")
        tall = self.app.size.height >= TALL
        shown = against if tall else against[-2:]
        self._items = items
        self._most = FEWEST_LINES if self.app.size.height < LOW else MOST_LINES
        self._warning = unfit(preview.schedule, horizon)
        shared = beginnings([str(each.pin.schedule) for each in against])
        self._differences = [partial(_apart, each, preview, cursor, shared=shared) for each in shown]
        self._pack()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._pack()

    def _pack(self) -> None:
        """Put as many items on a line as fit; an item is never broken. A difference has a line of its own."""
        width = self.content_size.width or 60  # before there is a layout any will do
        lines = self._flowed(width, full=True)
        if len(lines) > self._most:
            lines = self._flowed(width, full=False)
        if self._warning:
            lines.append([Content.styled(self._warning, "$text-warning")])
        lines += [[difference(width)] for difference in self._differences]
        again, self._height = len(lines) != self._height, len(lines)
        self.update(Content("\n").join(Content(" " * GAP).join(line) for line in lines), layout=again)

    def _flowed(self, width: int, *, full: bool) -> list[list[Content]]:
        """The items line by line, in full or in short."""
        lines: list[list[Content]] = [[]]
        used = 0
        for label, long, short in self._items:
            item = Content.assemble(f"{label} ", (long if full else short, "bold $foreground"))
            if used and used + GAP + len(item.plain) > width:
                lines.append([])
                used = 0
            used += len(item.plain) + (GAP if used else 0)
            lines[-1].append(item)
        return lines


def _apart(
    each: Against, preview: Preview, cursor: int | None, width: int, shared: Sequence[int] = ()
) -> Content:
    """A line on how the schedule shown differs from a pinned one: at the cursor, and where it does so most.

    Fuller wordings give way to shorter ones where the name has no room beside them. Of a name that still has
    none, what all pinned ones begin with goes first.
    """
    name = str(each.pin.schedule)
    items: list[Pair] = []
    for items in _wordings(each, preview, cursor):
        room = width - 2 - sum(GAP - 1 + len(f"{label} {value}") for label, value in items)
        if room >= min(len(name), ROOM_FOR_NAME):
            break
    room = max(room, SHORTEST_NAME)
    shown = shortened(name, room, shared)
    parts = [Content(f"{each.marker} {shown}")]
    parts += [Content.assemble(f"{label} ", (value, "bold $foreground")) for label, value in items]
    return Content(" " * (GAP - 1)).join(parts)


def _wordings(each: Against, preview: Preview, cursor: int | None) -> Iterator[list[Pair]]:
    most, update = _signed(each.apart.most), each.apart.update
    if not each.apart.most:
        yield [("", "the same at every update")]
        return
    here, factor = "", ""
    if cursor is not None:
        ours, theirs = preview.rate_at(cursor), each.pin.rate_at(cursor)
        here, factor = _signed(ours - theirs), _times(ours, theirs)
    for here_words, most_words in (
        (here + factor, f"{most} at {_when(update, preview)}"),
        (here + factor, f"{most} at update {count_text(update)}"),
        (here, f"{most} at update {count_text(update)}"),
        (here, f"{most} at {count_text(update)}"),
    ):
        yield [*([("here", here_words)] if here else []), ("most", most_words)]


def _at(rate: str, update: int, preview: Preview) -> tuple[str, str]:
    """A rate with its place in full, and with the update alone."""
    return rate + _when(update, preview), f"{rate}{count_text(update)}"


def _when(update: int, preview: Preview) -> str:
    per_epoch = preview.horizon.steps_per_epoch
    said = f"update {count_text(update)}"
    return said if per_epoch is None else f"{said} (epoch {write(update / per_epoch)})"


def _signed(apart: float) -> str:
    return f"{'+' if apart > 0 else '−'}{rate_text(float(f'{abs(apart):.2e}'))}" if apart else "the same"


def _times(one: float, other: float) -> str:
    """One rate as so many times the other, where that says something."""
    if not other or not 1e-3 <= one / other < 1e4 or f"{one / other:.3g}" == "1":
        return ""
    return f" ({one / other:.3g}×)"
