"""The words of a chart: series, axes, marks, windows and the frame of cells that comes out.

Plain values only: nothing here computes a layout, draws or knows a terminal library.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Kind = Literal["number", "rate", "percent", "count", "seconds"]
Style = Literal["line", "steps", "points"]
Cells = list[tuple[str, str]]
"""One line of text as (text, style key) runs."""

PALETTE_SIZE = 8
"""How many colours there are; a higher `Series.color` starts again from the first."""

STYLES: tuple[str, ...] = (
    "",
    "frame",
    "tick",
    "grid",
    "mark",
    "cursor",
    "label",
    "title",
    *(f"series{index}" for index in range(PALETTE_SIZE)),
    *(f"faint{index}" for index in range(PALETTE_SIZE)),
)
"""Every style key a frame can use; a cell's ink is an index into this table."""

INK = {key: index for index, key in enumerate(STYLES)}

MARKERS = ("", "○", "×", "◆", "+", "□", "▲", "●")
"""What is stamped on a line, by colour, so that lines differ without colours too; the first line is bare."""

ASCII_MARKERS = ("*", "o", "x", "#", "+", "@", "%", "=")


@dataclass(frozen=True, eq=False, slots=True)
class Series:
    """One named line.

    Args:
        name: What the legend calls it; any text, control characters are shown as `?`.
        x: Places on the x axis, in data units; shape (n,). Any order, any values: what isn't finite is a gap.
        y: Values, shape (n,). `None` and non-finite values are gaps.
        color: Index into the palette, 0 to 7; higher indices wrap round.
        marker: One character stamped along the line; "" for a bare line, None to choose by colour.
        style: `line` joins the points, `steps` holds each value until the next, `points` joins nothing.
        faint: Draw it in a subdued version of its colour.
        low: Where a band around the line begins at each x, shape (n,), e.g. mean - spread; None for no band.
        high: Where it ends. The band is shaded behind all lines; where an end isn't finite it has a gap.

    Raises:
        ValueError: x, y, low and high have different shapes, there is one end of a band without the other, or
            the marker isn't one narrow character.
    """

    name: str
    x: Floats
    y: Floats
    color: int = 0
    marker: str | None = None
    style: Style = "line"
    faint: bool = False
    low: Floats | None = None
    high: Floats | None = None

    def __init__(
        self,
        name: str,
        x: ArrayLike,
        y: ArrayLike,
        color: int = 0,
        marker: str | None = None,
        style: Style = "line",
        faint: bool = False,
        low: ArrayLike | None = None,
        high: ArrayLike | None = None,
    ) -> None:
        xs = np.asarray(x, dtype=np.float64).reshape(-1)
        ys = np.asarray(y, dtype=np.float64).reshape(-1)
        if xs.shape != ys.shape:
            raise ValueError(f"series {name!r}: {xs.size} x values for {ys.size} y values")
        if (low is None) != (high is None):
            raise ValueError(f"series {name!r}: a band has both ends, low and high")
        ends = [None if end is None else np.asarray(end, dtype=np.float64).reshape(-1) for end in (low, high)]
        for end in ends:
            if end is not None and end.shape != xs.shape:
                raise ValueError(f"series {name!r}: a band of {end.size} values for {xs.size} x values")
        if marker is not None and (len(marker) > 1 or not marker.isprintable()):
            raise ValueError(f"series {name!r}: the marker {marker!r} must be one character")
        for attribute, value in (
            ("name", name),
            ("x", xs),
            ("y", ys),
            ("color", color),
            ("marker", marker),
            ("style", style),
            ("faint", faint),
            ("low", ends[0]),
            ("high", ends[1]),
        ):
            object.__setattr__(self, attribute, value)

    @property
    def key(self) -> str:
        """The style key of its cells."""
        return f"{'faint' if self.faint else 'series'}{self.color % PALETTE_SIZE}"

    @property
    def glyph(self) -> str:
        """The character that tells it apart; "" for a bare line. Lone points always have one."""
        glyph = MARKERS[self.color % len(MARKERS)] if self.marker is None else self.marker
        return glyph or ("•" if self.style == "points" else "")


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: what is known of its ends, its scale, and how its numbers are written.

    An end that is given is kept; one left out comes from the data, rounded outwards. On a log axis values
    <= 0 are gaps.
    """

    low: float | None = None
    high: float | None = None
    log: bool = False
    kind: Kind = "number"
    label: str = ""
    """The unit, e.g. `epochs`: after the last number of the x axis, on y above the chart."""
    growing: bool = True
    """Whether data that outgrow the axis are likely to go on growing, so that it takes room for more."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the x axis worth a vertical line, with a word or two."""

    x: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """What part of the data the canvas shows; in the axis' own space (log10 of the values on a log axis).

    `low < high`, both finite.
    """

    low: float
    high: float
    log: bool = False

    def place(self, values: Floats) -> Floats:
        """Where values lie, 0 at `low` and 1 at `high`, at most 1e12 away from there; shape kept.

        Non-finite values and, on a log axis, values <= 0 come out as nan.
        """
        with np.errstate(all="ignore"):
            own = np.log10(np.where(values > 0, values, np.nan)) if self.log else values
            # Halved, because high - low itself overflows for the widest of windows.
            span = self.high / 2 - self.low / 2
            placed = (own / 2 - self.low / 2) / span if span > 0 else np.where(own > self.low, 1.0, 0.0)
        placed = np.where(np.isfinite(own), np.clip(np.nan_to_num(placed, nan=0.5), -1e12, 1e12), np.nan)
        return np.asarray(placed, dtype=np.float64)

    def value(self, fraction: float) -> float:
        """The data value at a fraction of the window; the inverse of `place`, never raising."""
        own = self.low * (1 - fraction) + self.high * fraction
        if not self.log:
            return own
        try:
            return float(10.0**own)
        except OverflowError:
            return math.inf


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawn chart: `height` rows of `width` one-column cells.

    `texts[row]` is the row's text, `inks[row]` one byte a cell, an index into `STYLES`. `left, top,
    columns, rows` is the canvas inside it; columns == 0 when the frame is a table of numbers because there
    was no room for one.
    """

    width: int
    height: int
    texts: tuple[str, ...] = ()
    inks: tuple[bytes, ...] = ()
    left: int = 0
    top: int = 0
    columns: int = 0
    rows: int = 0
    x: Window = field(default_factory=lambda: Window(0.0, 1.0))
    y: Window = field(default_factory=lambda: Window(0.0, 1.0))

    @property
    def lines(self) -> list[Cells]:
        """The rows as (text, style key) runs."""
        return [list(runs(text, ink)) for text, ink in zip(self.texts, self.inks, strict=True)]

    @property
    def has_canvas(self) -> bool:
        """Whether there was room for a drawing."""
        return self.columns > 0

    def x_at(self, column: float) -> float:
        """The x value in the middle of a frame column (0-based, counted from the frame's left edge)."""
        fraction = (column - self.left + 0.5) / max(1, self.columns)
        return self.x.value(min(1.0, max(0.0, fraction)))

    def column_of(self, x: float) -> int | None:
        """The frame column that shows x; None when x is outside the window or there is no canvas."""
        if not self.columns:
            return None
        place = float(self.x.place(np.array([x]))[0])
        if not 0 <= place <= 1:
            return None
        return self.left + min(self.columns - 1, int(place * self.columns))


def runs(text: str, inks: bytes) -> Iterator[tuple[str, str]]:
    """Cut one row into runs of equal style: (text, style key)."""
    start = 0
    for index in range(1, len(inks) + 1):
        if index == len(inks) or inks[index] != inks[start]:
            yield text[start:index], STYLES[inks[start]]
            start = index


def printable(text: str) -> str:
    """The text on one line, with everything a terminal would obey replaced by `?`."""
    return "".join(char if char.isprintable() else "?" for char in text)
