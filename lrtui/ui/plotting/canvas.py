"""The one place that calls plotext: strokes in cell units in, a grid of characters and owners out.

plotext keeps one figure for the whole process, so a lock holds others off. It is imported on the first
drawing. Each stroke is drawn by itself, since that takes a millisecond and most strokes look as before; of
one that changed in a few columns, as a live one does, these alone are drawn again. Laid over one another
they look as plotext draws them together: dots of Braille in one cell join, and the last stroke owns it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .model import Floats
from .prepare import Stroke

_LOCK = threading.Lock()
_figure: Any = None

_BRAILLE = 0x2800
_BLANK = ord(" ")

Grid = list[tuple[list[str], list[int]]]
"""Rows, top first: each cell's character, and the index of the stroke it belongs to, -1 for none."""


Layer = NDArray[np.uint32]
"""One stroke alone: the code point of each cell, 0 for none; shape (rows, columns), top first."""


class Sketches:
    """Strokes as they were last drawn, by their place in the order of drawing."""

    def __init__(self) -> None:
        """Nothing has been drawn."""
        self._kept: list[tuple[Stroke, str, Layer]] = []

    def layers(
        self, strokes: Sequence[Stroke], markers: Sequence[str], columns: int, rows: int
    ) -> list[Layer]:
        """Each stroke alone, drawn anew only where it isn't what it was."""
        drawn: list[tuple[Stroke, str, Layer]] = []
        for index, (stroke, marker) in enumerate(zip(strokes, markers, strict=True)):
            kept = self._kept[index] if index < len(self._kept) else None
            if kept is None or kept[1] != marker or kept[2].shape != (rows, columns):
                layer = _layer(stroke, marker, columns, rows)
            else:
                layer = _amended(kept[0], kept[2], stroke, marker)
            drawn.append((stroke, marker, layer))
        self._kept = drawn
        return [layer for _, _, layer in drawn]


def draw(
    strokes: Sequence[Stroke],
    markers: Sequence[str],
    columns: int,
    rows: int,
    sketches: Sketches | None = None,
    order: Sequence[int] | None = None,
) -> Grid:
    """Draw strokes over one another, later ones on top, or in the given order.

    Args:
        strokes: What to draw: finite, inside [0, columns] x [0, rows].
        markers: plotext's marker for each stroke: `braille`, `hd`, `fhd` or one character.
        columns: Width in cells, >= 1.
        rows: Height in cells, >= 1.
        sketches: What was drawn before, to be taken over and kept up to date.
        order: The indices of the strokes, the lowest first; None for their own order.
    """
    codes = np.zeros((rows, columns), dtype=np.uint32)
    owners = np.full((rows, columns), -1)
    layers = (sketches or Sketches()).layers(strokes, markers, columns, rows)
    for index in range(len(layers)) if order is None else order:
        layer = layers[index]
        shown = layer > 0
        dots = _braille(layer) & _braille(codes)
        codes = np.where(dots, codes | layer, np.where(shown, layer, codes))
        owners[shown] = index
    return [
        ([chr(code) if code else " " for code in line], own)
        for line, own in zip(codes.tolist(), owners.tolist(), strict=True)
    ]


def _braille(codes: Layer) -> NDArray[np.bool_]:
    return (codes > _BRAILLE) & (codes <= _BRAILLE + 0xFF)


# Only what changed


def _amended(old: Stroke, layer: Layer, new: Stroke, marker: str) -> Layer:
    """The layer of a stroke, drawn again in the columns where it differs from the one that was drawn."""
    rows, columns = layer.shape
    (was, _), (lines, joined) = _lines(old), _lines(new)
    head = _alike(was, lines)
    if head == len(was) == len(lines):
        return layer
    tail = _alike(was[head:][::-1], lines[head:][::-1])
    changed = np.concatenate((was[head : len(was) - tail], lines[head : len(lines) - tail]))[:, ::2]
    # A point on the border of two columns may be drawn in either.
    first, last = max(int(changed.min()) - 1, 0), min(int(changed.max()) + 1, columns - 1)
    ends = lines[:, ::2]
    here = (ends.min(axis=1) < last + 2) & (ends.max(axis=1) >= first - 1)
    needed = here.copy()
    needed[:-1] |= (here & joined)[1:]
    starts = np.flatnonzero(~(here & joined)[needed])
    part = Stroke(new.x[needed], new.y[needed], tuple(starts.tolist()), new.joined)
    layer = layer.copy()
    layer[:, first : last + 1] = _layer(part, marker, columns, rows)[:, first : last + 1]
    return layer


def _lines(stroke: Stroke) -> tuple[Floats, NDArray[np.bool_]]:
    """Each point as a line (x, y, x, y) from the one before, or from itself; and whether they are joined."""
    count = stroke.x.size
    joined = np.full(count, stroke.joined)
    joined[list(stroke.starts)] = False
    before = np.arange(count) - joined
    return np.stack((stroke.x[before], stroke.y[before], stroke.x, stroke.y), axis=1), joined


def _alike(one: Floats, other: Floats) -> int:
    """How many rows are the same at the beginning of both."""
    length = min(len(one), len(other))
    apart = (one[:length] != other[:length]).any(axis=1)
    return int(apart.argmax()) if apart.any() else length


# plotext


def _layer(stroke: Stroke, marker: str, columns: int, rows: int) -> Layer:
    if not stroke.x.size:
        return np.zeros((rows, columns), dtype=np.uint32)
    with _LOCK:
        text = _draw(stroke, marker, columns, rows)
    # Each line ends in a newline.
    layer = np.frombuffer(text.encode("utf-32-le"), dtype="<u4").reshape(rows, columns + 1)[:, :columns]
    return np.where(layer == _BLANK, 0, layer).astype(np.uint32)


def _draw(stroke: Stroke, marker: str, columns: int, rows: int) -> str:
    figure = _own_figure()
    figure.clear.data()
    figure.plot_size(columns, rows)
    figure.ruler("x").lim(0, columns)
    figure.ruler("y").lim(0, rows)
    signal = figure.signal(stroke.x.tolist(), stroke.y.tolist(), marker=marker)
    if stroke.joined:
        signal.lines(True)
        for start in stroke.starts[1:]:
            signal.line(start, False)
    figure.draw(signal)
    return str(figure.build().string(colorless=True))


def _own_figure() -> Any:
    """The figure that plotext has, bare of everything but what is drawn in it."""
    global _figure
    if _figure is None:
        import plotext

        plotext.terminal.limit(False, False)
        figure: Any = plotext.figure
        figure.clear()
        figure.canvas("default")
        figure.axes(False)
        figure.legend(False)
        figure.ruler("both", "both").frequency(0)
        figure.ruler("x").alignment("edge")
        figure.ruler("y").alignment("edge")
        _figure = figure
    return _figure
