"""The one place that calls plotext: strokes in cell units in, a grid of characters and owners out.

plotext keeps one figure for the whole process, so a lock holds others off. It is imported on the first
drawing. Each stroke is drawn by itself, since that takes milliseconds and most strokes look as before; laid
over one another they look as plotext draws them together: dots of Braille in one cell join, and the last
stroke owns it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .prepare import Stroke

_LOCK = threading.Lock()
_SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m|(\n)|([^\x1b\n]+)")

_BRAILLE = 0x2800

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
            if (
                kept is None
                or kept[1] != marker
                or kept[2].shape != (rows, columns)
                or not _same(kept[0], stroke)
            ):
                kept = (stroke, marker, _layer(stroke, marker, columns, rows))
            drawn.append(kept)
        self._kept = drawn
        return [layer for _, _, layer in drawn]


def _same(one: Stroke, other: Stroke) -> bool:
    return (
        one.joined == other.joined
        and one.starts == other.starts
        and np.array_equal(one.x, other.x)
        and np.array_equal(one.y, other.y)
    )


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


def _layer(stroke: Stroke, marker: str, columns: int, rows: int) -> Layer:
    layer = np.zeros((rows, columns), dtype=np.uint32)
    if stroke.x.size:
        with _LOCK:
            text = _draw(stroke, marker, columns, rows)
        _parse(text, layer)
    return layer


def _draw(stroke: Stroke, marker: str, columns: int, rows: int) -> str:
    import plotext

    plotext.terminal.limit(False, False)
    figure: Any = plotext.figure
    figure.clear()
    figure.canvas("default")
    figure.axes(False)
    figure.legend(False)
    figure.plot_size(columns, rows)
    figure.ruler("both", "both").frequency(0)
    figure.ruler("x").lim(0, columns).alignment("edge")
    figure.ruler("y").lim(0, rows).alignment("edge")
    # The colour is only a name tag: it comes back in the text and says which cells are the stroke's.
    pen = plotext.marker(marker, pixel=plotext.pixel(1))
    signal = figure.signal(stroke.x.tolist(), stroke.y.tolist(), marker=pen)
    if stroke.joined:
        signal.lines(True)
        for start in stroke.starts[1:]:
            signal.line(start, False)
    figure.draw(signal)
    return str(figure.build().string())


def _parse(text: str, layer: Layer) -> None:
    """Write the coloured characters of plotext's text into a layer."""
    rows, columns = layer.shape
    row = column = 0
    owned = False
    for codes, newline, run in _SEQUENCE.findall(text):
        if newline:
            row, column = row + 1, 0
        elif run:
            if owned and row < rows:
                part = run[: columns - column]
                layer[row, column : column + len(part)] = [ord(char) for char in part]
            column += len(run)
        else:
            owned = codes.split(";")[:3] == ["38", "5", "1"]
