"""The one place that calls plotext: strokes in cell units in, a grid of characters and owners out.

plotext keeps one figure for the whole process, so a lock holds others off. It is imported on the first
drawing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Any

from .prepare import Stroke

_LOCK = threading.Lock()
_SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m|(\n)|([^\x1b\n]+)")

Grid = list[tuple[list[str], list[int]]]
"""Rows, top first: each cell's character, and the index of the stroke it belongs to, -1 for none."""


def draw(strokes: Sequence[Stroke], markers: Sequence[str], columns: int, rows: int) -> Grid:
    """Draw strokes over one another, later ones on top.

    Args:
        strokes: What to draw: finite, inside [0, columns] x [0, rows].
        markers: plotext's marker for each stroke: `braille`, `hd`, `fhd` or one character.
        columns: Width in cells, >= 1.
        rows: Height in cells, >= 1.
    """
    blank: Grid = [([" "] * columns, [-1] * columns) for _ in range(rows)]
    if not any(stroke.x.size for stroke in strokes):
        return blank
    with _LOCK:
        text = _draw(strokes, markers, columns, rows)
    return _parse(text, blank, len(strokes))


def _draw(strokes: Sequence[Stroke], markers: Sequence[str], columns: int, rows: int) -> str:
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
    for index, (stroke, marker) in enumerate(zip(strokes, markers, strict=True)):
        if not stroke.x.size:
            continue
        # The colour is only a name tag here: it comes back in the text and says whose cell it is.
        pen = plotext.marker(marker, pixel=plotext.pixel(index + 1))
        signal = figure.signal(stroke.x.tolist(), stroke.y.tolist(), marker=pen)
        if stroke.joined:
            signal.lines(True)
            for start in stroke.starts[1:]:
                signal.line(start, False)
        figure.draw(signal)
    return str(figure.build().string())


def _parse(text: str, grid: Grid, count: int) -> Grid:
    row = column = 0
    owner = -1
    for codes, newline, run in _SEQUENCE.findall(text):
        if newline:
            row, column = row + 1, 0
        elif run:
            if owner >= 0 and row < len(grid):
                chars, owners = grid[row]
                run = run[: len(chars) - column]
                chars[column : column + len(run)] = run
                owners[column : column + len(run)] = [owner] * len(run)
            column += len(run)
        else:
            owner = _owner(codes, count)
    return grid


def _owner(codes: str, count: int) -> int:
    parts = codes.split(";")
    if len(parts) >= 3 and parts[0] == "38" and parts[1] == "5":
        index = int(parts[2]) - 1
        return index if 0 <= index < count else -1
    return -1
