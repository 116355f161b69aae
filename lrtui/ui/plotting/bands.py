"""The shade of a band around a line, such as mean and spread, in dots of a quarter of a cell's height.

Only numpy: the drawing library gets lines alone. Where the shade is hidden by lines, `frame` decides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .model import Floats, Series, Window

ACROSS, DOWN = 2, 4
"""Dots of a Braille character."""

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
_BLANK = 0x2800

_SHADE = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], dtype=bool)
"""Every second dot, so that a band is lighter than a line and others can be seen through it."""

ASCII_SHADE = "'"


def shade(series: Series, x: Window, y: Window, columns: int, rows: int) -> NDArray[np.uint8] | None:
    """The dots of a series' band as Braille bits, shape (rows, columns), top first; None without a band.

    Args:
        series: The series; any values.
        x: The x window.
        y: The y window.
        columns: Canvas width in cells, >= 1.
        rows: Canvas height in cells, >= 1.
    """
    if series.low is None or series.high is None:
        return None
    low, high = edges(series, x, y, columns, rows)
    middles = rows - (np.arange(rows * DOWN) + 0.5) / DOWN
    with np.errstate(invalid="ignore"):
        inside = (middles[:, None] >= low) & (middles[:, None] <= high)
    dots = inside.reshape(rows, DOWN, columns, ACROSS) & _SHADE[None, :, None, :]
    return np.asarray((dots * _BITS[None, :, None, :]).sum(axis=(1, 3)), dtype=np.uint8)


def edges(series: Series, x: Window, y: Window, columns: int, rows: int) -> tuple[Floats, Floats]:
    """Lower and upper edge of the band in cells from the bottom, one for each column of dots; nan: none.

    In a column with many points, the outermost ones count, so that no spike is lost.
    """
    assert series.low is not None
    assert series.high is not None
    count = columns * ACROSS
    lowest, highest = np.full(count, np.inf), np.full(count, -np.inf)
    u = x.place(series.x) * count
    v = [_height(end, y, rows) for end in (series.low, series.high)]
    finite = np.isfinite(u) & np.isfinite(v[0]) & np.isfinite(v[1])
    stretch = np.cumsum(~finite)[finite]
    u, bottom, top = u[finite], np.minimum(*v)[finite], np.maximum(*v)[finite]
    centres = np.arange(count) + 0.5
    apart = np.diff(stretch) != 0
    pieces = [np.arange(u.size)]
    if u.size > 2 * count:
        # A gap narrower than a dot can't be seen, and what jumps to and fro has no edge between its points.
        apart &= np.diff(np.floor(u)) != 0
        pieces = pieces if (np.diff(u) >= 0).all() else []
    for at in [each for piece in pieces for each in np.split(piece, np.flatnonzero(apart) + 1) if each.size]:
        at = at[np.argsort(u[at], kind="stable")]
        places = u[at]
        between = slice(int(np.searchsorted(centres, places[0])), int(np.searchsorted(centres, places[-1])))
        if series.style == "steps":
            held = at[np.searchsorted(places, centres[between], side="right") - 1]
            lowest[between] = np.minimum(lowest[between], bottom[held])
            highest[between] = np.maximum(highest[between], top[held])
        elif series.style == "line":
            lowest[between] = np.minimum(lowest[between], np.interp(centres[between], places, bottom[at]))
            highest[between] = np.maximum(highest[between], np.interp(centres[between], places, top[at]))
    seen = (u >= 0) & (u <= count)
    dot = np.minimum(u[seen], count - 1).astype(np.int64)
    np.minimum.at(lowest, dot, bottom[seen])
    np.maximum.at(highest, dot, top[seen])
    known = lowest <= highest
    return np.where(known, lowest, np.nan), np.where(known, highest, np.nan)


def _height(end: Floats, y: Window, rows: int) -> Floats:
    """Cells from the bottom; on a log axis an end at or below zero lies below everything."""
    placed = y.place(end) * rows
    return np.where(np.isfinite(end) & (end <= 0), -1.0, placed) if y.log else placed


def characters(dots: NDArray[np.uint8], ascii_only: bool) -> list[str]:
    """The rows of a shade as text; blanks where there is none."""
    if ascii_only:
        return ["".join(ASCII_SHADE if bits else " " for bits in row) for row in dots]
    return ["".join(chr(_BLANK + int(bits)) if bits else " " for bits in row) for row in dots]
