"""The words around a drawing: legend, values at a place, and the table where there is no room to draw.

Lines are (text, style key) runs; cutting them to a width is part of the job, painting them isn't.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .model import ASCII_MARKERS, Axis, Cells, Series, printable
from .ticks import write


def legend(
    series: Sequence[Series],
    values: Sequence[float] | None = None,
    y: Axis | None = None,
    ascii_only: bool = False,
) -> Cells:
    """One line that names the series: a sample of each, its name and, when given, its value.

    Args:
        series: The series of the chart; unnamed ones are left out.
        values: One value a series, nan where it has none.
        y: The axis that says how values are written.
        ascii_only: Use no character outside ASCII.
    """
    cells: Cells = []
    for index, each in enumerate(series):
        if not each.name:
            continue
        if cells:
            cells.append(("  ", ""))
        cells.append((sample(each, ascii_only) + " ", each.key))
        cells.append((printable(each.name), "label"))
        if values is not None:
            value = values[index]
            text = (
                write(value, y.kind if y else "number")
                if math.isfinite(value)
                else ("-" if ascii_only else "–")
            )
            cells.append((" " + text, "title"))
    return cells


def sample(series: Series, ascii_only: bool = False) -> str:
    """A short piece of the series as it is drawn: `──`, `─○─`, `•`."""
    if ascii_only:
        glyph = series.marker if series.marker and series.marker.isascii() else ""
        glyph = glyph or ASCII_MARKERS[series.color % len(ASCII_MARKERS)]
        return glyph if series.style == "points" else glyph * 2
    if series.style == "points":
        return series.glyph
    return f"─{series.glyph or '─'}─"


def value_at(series: Series, x: float) -> float:
    """The y of the datum that answers for x: the nearest one, or with `steps` the last at or before x.

    nan outside the series, at a gap, and for an empty series. No value is made up between two data.
    """
    finite = np.isfinite(series.x)
    xs, ys = (series.x, series.y) if finite.all() else (series.x[finite], series.y[finite])
    if not xs.size or not math.isfinite(x) or not xs.min() <= x <= xs.max():
        return math.nan
    if series.style == "steps":
        before = np.flatnonzero(xs <= x)
        return float(ys[before[np.argmax(xs[before])]])
    with np.errstate(over="ignore"):
        return float(ys[np.argmin(np.abs(xs - x))])


def table(series: Sequence[Series], y: Axis, width: int, height: int) -> list[Cells]:
    """The last value of each series, one a line, cut to width x height."""
    lines: list[Cells] = []
    for each in series[: max(0, height)]:
        finite = each.y[np.isfinite(each.y)]
        value = write(float(finite[-1]), y.kind) if finite.size else "-"
        name = printable(each.name)
        room = width - len(value) - 1
        if room < 1:
            lines.append([(value[: max(0, width)], each.key)])
            continue
        name = name if len(name) <= room else name[: max(0, room - 1)] + "…"[: max(0, room)]
        lines.append([(name.ljust(room) + " ", "label"), (value, each.key)])
    return lines
