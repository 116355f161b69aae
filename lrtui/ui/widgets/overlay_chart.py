"""The chart of an overlay: a chart whose curves can be picked, by up and down or with a click.

Which run a curve belongs to its owner says; a pick is a message, and nothing here draws otherwise for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from lrtui.ui.plotting import Series, value_at
from lrtui.ui.plotting.model import runs
from lrtui.ui.widgets.chart import Chart

NEAR = 3
"""Rows between a click and the curve that it picks, at most."""


class OverlayChart(Chart):
    """A chart of curves that have keys; `keys` says which, in the order they are drawn."""

    HELP = (
        Chart.HELP
        + " A click on a curve or on its name picks it: it is drawn on top of the others, and its run is "
        "chosen in the table."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "pick(1)", "Curve above", id="runs.pick.above", show=False,
                tooltip="Pick the next higher curve: its run is chosen in the table"),
        Binding("down", "pick(-1)", "Curve below", id="runs.pick.below", show=False,
                tooltip="Pick the next lower curve"),
        Binding("escape", "let_go", "Let go", id="runs.pick.none", show=False,
                tooltip="Take the cursor away, and let the picked curve go"),
    ]  # fmt: skip

    class Picked(Message):
        """A curve was picked; None if it was let go."""

        def __init__(self, key: str | None) -> None:
            super().__init__()
            self.key = key

    keys: Sequence[tuple[str, Series]] = ()
    picked: str | None = None
    _named: Sequence[str] = ()
    """Keys of the curves in the order that the drawn legend has them."""

    def action_pick(self, by: int) -> None:
        """Pick the next curve above or below, at the cursor or at its end."""
        heights = [(self._height(one), key) for key, one in self.keys]
        order = [key for height, key in sorted(heights) if math.isfinite(height)]
        if not order:
            return
        if self.picked in order:
            place = min(max(order.index(self.picked) + by, 0), len(order) - 1)
        else:
            place = len(order) - 1 if by < 0 else 0
        self._pick(order[place])

    def action_let_go(self) -> None:
        """Take the cursor away first, then the pick."""
        if self.cursor is not None:
            self.action_clear()
        elif self.picked is not None:
            self._pick(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave escape to others when there is nothing to let go."""
        if action == "let_go":
            return self.cursor is not None or self.picked is not None
        return super().check_action(action, parameters)

    def on_click(self, event: events.Click) -> None:
        """Pick the curve that was clicked, if there is one so near."""
        at = event.get_content_offset(self)
        frame = self.frame
        if at is None or event.chain > 1:
            return
        head = self.content_size.height - frame.height
        if at.y < head:
            self._pick_in_legend(at.x, at.y)
            return
        if not frame.has_canvas or not frame.rows:
            return
        top = head + frame.top
        distances = []
        for key, one in self.keys:
            value = value_at(one, frame.x_at(at.x))
            place = float(frame.y.place(np.array([value]))[0])
            row = top + (1 - place) * frame.rows - 0.5
            if math.isfinite(row):
                distances.append((abs(row - at.y), key))
        if distances and min(distances)[0] <= NEAR:
            self._pick(min(distances)[1])

    def _compose_rows(self) -> None:
        super()._compose_rows()
        self._named = [key for key, _ in sorted(self.keys, key=lambda each: each[1].faint)]

    def _pick_in_legend(self, x: int, y: int) -> None:
        """Pick the curve whose entry in the legend was clicked."""
        entry = -1
        for row, (text, inks) in enumerate(self._rows[: y + 1]):
            column = 0
            for part, key in runs(text, inks):
                if row == y and column > x:
                    break
                entry += key.startswith(("series", "faint"))
                column += cell_len(part)
        if 0 <= entry < len(self._named):
            self._pick(self._named[entry])

    def _height(self, one: Series) -> float:
        if self.cursor is not None:
            return value_at(one, self.cursor)
        finite = one.y[np.isfinite(one.y)]
        return float(finite[-1]) if finite.size else math.nan

    def _pick(self, key: str | None) -> None:
        if key != self.picked:
            self.picked = key
            self.post_message(self.Picked(key))
