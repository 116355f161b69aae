"""Line charts as SVG: axes, ticks, grid, lines with gaps, marks, a legend.

Pure functions from numbers to text; whatever a person or a file named is escaped here. Knows nothing of runs.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from lrtui.runs.exporting.ticks import Axis, Kind, ticks, up_to_whole, window
from lrtui.runs.table import Floats
from lrtui.runs.text import printable
from lrtui.runs.thinning import thin

Style = Literal["line", "marks", "faint"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Of Okabe and Ito ("Color Universal Design", 2008), those that can be seen on white."""

DASHES = ("", "7 3", "2 3", "9 3 2 3")
"""Of the lines from the eighth on: how long they are drawn and left out, in pixels."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 18, 44, 46
_LETTER = 6.6
"""Width of a letter of the legend in the common sans-serif fonts, about."""

_ROW = 18
_FROM_ZERO = 0.6
"""An axis whose least value is less than this part of its greatest begins at zero."""

FEW = 60
"""Where a line has more points than this, none has marks at its points."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: x and y of one length; where either isn't finite (or not positive on a log axis) is a gap.

    Attributes:
        x: numbers.
        y: numbers.
        colour: index of the colour; from the eighth on the line is dashed.
        style: `marks` has a dot at each point if there are few in all; `faint` is thin and pale.
        title: shown by browsers that point at it.
    """

    x: Floats
    y: Floats
    colour: int
    style: Style = "line"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: what it shows, its lines (in the order they are drawn) and its legend.

    Attributes:
        title: above it.
        x: name of the x axis.
        y: name of the y axis.
        lines: the lines.
        legend: names with the indices of their colours, as in `lines`.
        x_kind: how the numbers of the x axis read.
        y_kind: how those of the y axis read.
        log: whether the y axis is logarithmic.
        note: a few words on the right above the chart.
    """

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    legend: Sequence[tuple[str, int]] = ()
    x_kind: Kind = "number"
    y_kind: Kind = "number"
    log: bool = False
    note: str = ""


def visible(line: Line, log: bool) -> npt.NDArray[np.bool_]:
    """Which points of a line can be drawn."""
    with np.errstate(invalid="ignore"):
        return np.isfinite(line.x) & np.isfinite(line.y) & ((line.y > 0) | (not log))


def draw(chart: Chart, width: int = 760, height: int = 380) -> str:
    """The chart as one `<svg>` element, complete in itself; `height` is without the legend."""
    rows = _legend_rows(chart.legend, width - _LEFT - _RIGHT)
    total = height + _ROW * len(rows) + (6 if rows else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {total}"'
        f' width="{width}" height="{total}" role="img" aria-label="{_escape(chart.title)}"'
        ' font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"'
        ' font-size="12" fill="#333">',
        f"<title>{_escape(chart.title)}</title>",
        f'<rect width="{width}" height="{total}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="22" font-size="14" font-weight="600">{_escape(chart.title)}</text>',
        f'<text x="{width - _RIGHT}" y="22" text-anchor="end" fill="#666">{_escape(chart.note)}</text>',
    ]
    found = axes(chart)
    if found is None:
        middle = (_TOP + height - _BOTTOM) // 2
        parts.append(_box(width, height))
        parts.append(
            f'<text x="{(_LEFT + width - _RIGHT) // 2}" y="{middle}" text-anchor="middle" fill="#666">'
            "nothing to draw: no finite values</text>"
        )
    else:
        parts.extend(_frame(chart, found, width, height))
        sizes = [int(visible(line, chart.log).sum()) for line in chart.lines if line.style == "marks"]
        marks = max(sizes, default=0) <= FEW
        for line in chart.lines:
            parts.extend(_line(line, chart.log, marks, found, width, height))
    for place, row in enumerate(rows):
        y = height + _ROW * place + 8
        for x, name, colour in row:
            stroke = COLOURS[colour % len(COLOURS)]
            parts.append(
                f'<line x1="{x}" y1="{y}" x2="{x + 22}" y2="{y}" stroke="{stroke}" stroke-width="2.5"'
                f"{_dash(colour)}/>"
                f'<text x="{x + 28}" y="{y + 4}">{_escape(name)}</text>'
            )
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def axes(chart: Chart) -> tuple[Axis, Axis] | None:
    """The axes that hold every point that can be drawn; None when there is none."""
    shown = [(line, visible(line, chart.log)) for line in chart.lines]
    shown = [(line, seen) for line, seen in shown if seen.any()]
    if not shown:
        return None
    xs = [float(edge) for line, seen in shown for edge in (line.x[seen].min(), line.x[seen].max())]
    ys = [float(edge) for line, seen in shown for edge in (line.y[seen].min(), line.y[seen].max())]
    low, high = min(ys), max(ys)
    if not chart.log and 0 <= low < _FROM_ZERO * high:
        low = 0.0
    left, right = min(xs), up_to_whole(min(xs), max(xs))
    left, right = window(0.0 if 0 <= left < _FROM_ZERO * right else left, right)
    bottom, top = window(low, high, chart.log, 0.04)
    if low == 0:
        bottom = 0.0 if high > 0 else bottom
    if chart.y_kind == "percent" and not chart.log and high <= 1:
        top = min(top, 1.0)
    return Axis(chart.x, left, right, chart.x_kind), Axis(chart.y, bottom, top, chart.y_kind, chart.log)


def _frame(chart: Chart, axes: tuple[Axis, Axis], width: int, height: int) -> Iterator[str]:
    x, y = axes
    right, bottom = width - _RIGHT, height - _BOTTOM
    for value, text in ticks(y, 6):
        at = f"{bottom - y.place(value) * (bottom - _TOP):.1f}"
        yield f'<path d="M{_LEFT} {at}H{right}" stroke="#e4e4e4"/>'
        yield f'<text x="{_LEFT - 8}" y="{at}" dy="4" text-anchor="end">{text}</text>'
    for value, text in ticks(x, 8):
        at = f"{_LEFT + x.place(value) * (right - _LEFT):.1f}"
        yield f'<path d="M{at} {bottom}v5" stroke="#888"/>'
        yield f'<text x="{at}" y="{bottom + 18}" text-anchor="middle">{text}</text>'
    yield _box(width, height)
    middle = (_LEFT + right) // 2
    yield f'<text x="{middle}" y="{bottom + 36}" text-anchor="middle" fill="#666">{_escape(x.label)}</text>'
    label = _escape(chart.y + (" (log)" if chart.log else ""))
    yield f'<text x="{_LEFT}" y="{_TOP - 7}" fill="#666">{label}</text>'


def _box(width: int, height: int) -> str:
    return f'<path d="M{_LEFT} {_TOP}V{height - _BOTTOM}H{width - _RIGHT}" fill="none" stroke="#888"/>'


def _line(
    line: Line, log: bool, marks: bool, axes: tuple[Axis, Axis], width: int, height: int
) -> Iterator[str]:
    x, y = axes
    right, bottom = width - _RIGHT, height - _BOTTOM
    values = np.where(visible(line, log), line.y, np.nan)
    xs, ys = thin(line.x, values, right - _LEFT)
    colour = COLOURS[line.colour % len(COLOURS)]
    pieces: list[list[str]] = [[]]
    for u, v in zip(xs.tolist(), ys.tolist(), strict=True):
        if u != u or v != v:
            if pieces[-1]:
                pieces.append([])
            continue
        across = _LEFT + x.place(u) * (right - _LEFT)
        up = bottom - y.place(v) * (bottom - _TOP)
        pieces[-1].append(f"{across:.1f} {up:.1f}")
    stroke = "1" if line.style == "faint" else "2"
    look = (
        f'fill="none" stroke="{colour}" stroke-width="{stroke}" stroke-linejoin="round"{_dash(line.colour)}'
    )
    if line.style == "faint":
        look += ' stroke-opacity="0.45"'
    path = "".join("M" + "L".join(piece) for piece in pieces if len(piece) > 1)
    title = f"<title>{_escape(line.title)}</title>" if line.title else ""
    if path:
        yield f'<path d="{path}" {look}>{title}</path>'
    marked = [piece for piece in pieces if len(piece) == 1]
    if line.style == "marks" and marks:
        marked = pieces
    size = "1.2" if line.style == "faint" else "2.6"
    for point in (point for piece in marked for point in piece):
        across_text, up_text = point.split(" ")
        yield f'<circle cx="{across_text}" cy="{up_text}" r="{size}" fill="{colour}">{title}</circle>'


def _legend_rows(legend: Sequence[tuple[str, int]], width: int) -> list[list[tuple[int, str, int]]]:
    """The legend's entries in rows: where each begins, its name (cut if it must be), its colour."""
    rows: list[list[tuple[int, str, int]]] = []
    at = width + 1
    for name, colour in legend:
        name = printable(name, 60)
        wide = 28 + int(_LETTER * len(name)) + 22
        if at + wide > width + 22 or not rows:
            rows.append([])
            at = 0
        rows[-1].append((_LEFT + at, name, colour))
        at += wide
    return rows


def _dash(colour: int) -> str:
    dash = DASHES[colour // len(COLOURS) % len(DASHES)]
    return f' stroke-dasharray="{dash}"' if dash else ""


def _escape(text: str) -> str:
    """Text for SVG: neither markup nor characters that XML can't hold."""
    return html.escape(printable(text))
