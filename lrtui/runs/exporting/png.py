"""The chart of `svg` as a PNG picture, drawn with matplotlib: it brings its fonts, and needs no display.

Axes, ticks, colours and thinning are the SVG's own; only the drawing is matplotlib's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from lrtui.runs.exporting.files import MissingError
from lrtui.runs.exporting.svg import COLOURS, DASHES, FEW, Chart, axes, visible
from lrtui.runs.exporting.ticks import Axis, ticks
from lrtui.runs.text import printable
from lrtui.runs.thinning import thin

_INCH = 100
"""Pixels of the SVG that make an inch; the picture has twice as many pixels each way, for sharp screens."""

_ROW, _COLUMNS = 0.2, 3
"""Inches a row of the legend takes, and its columns."""


def require() -> None:
    """See that the package is there.

    Raises:
        MissingError: if it isn't, or can't be loaded.
    """
    try:
        import matplotlib.backends.backend_agg
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise MissingError("PNG files need the matplotlib package: pip install 'lrtui[png]'") from error


def write_png(chart: Chart, file: BinaryIO, width: int = 760, height: int = 380) -> None:
    """Draw a chart into a file that stays open.

    Args:
        chart: what to draw.
        file: where to.
        width: pixels of the SVG; the picture has twice as many.
        height: likewise, without the legend.
    """
    # Not through pyplot: that keeps figures for the whole process, and looks for a display.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-len(chart.legend) // _COLUMNS)
    size = (width / _INCH, height / _INCH + rows * _ROW)
    figure = Figure(figsize=size, dpi=2 * _INCH, layout="constrained")
    FigureCanvasAgg(figure)
    plot = figure.add_subplot()
    plot.set_title(_plain(chart.title), loc="left", fontsize=11, fontweight="bold")
    plot.set_title(_plain(chart.note), loc="right", fontsize=8, color="#666666")
    plot.set_xlabel(_plain(chart.x), fontsize=9, color="#666666")
    plot.set_ylabel(_plain(chart.y + (" (log)" if chart.log else "")), fontsize=9, color="#666666")
    found = axes(chart)
    if found is None:
        plot.text(0.5, 0.5, "nothing to draw: no finite values", ha="center", transform=plot.transAxes)
        plot.set_xticks([])
        plot.set_yticks([])
    else:
        _draw(plot, chart, *found)
    for side in ("top", "right"):
        plot.spines[side].set_visible(False)
    if chart.legend:
        figure.legend(
            handles=list(_handles(chart)), loc="outside lower left", ncols=_COLUMNS, fontsize=8, frameon=False
        )
    figure.savefig(file, format="png", metadata={"Software": "lrtui"})


def _draw(plot: Any, chart: Chart, x: Axis, y: Axis) -> None:
    """The lines, where `Axis.place` puts them: matplotlib sees numbers from 0 to 1 and no other scale."""
    sizes = [int(visible(line, chart.log).sum()) for line in chart.lines if line.style == "marks"]
    marks = max(sizes, default=0) <= FEW
    for line in chart.lines:
        values = np.where(visible(line, chart.log), line.y, np.nan)
        xs, ys = thin(line.x, values, 700)
        across = [x.place(u) if u == u else np.nan for u in xs.tolist()]
        up = [y.place(v) if v == v else np.nan for v in ys.tolist()]
        faint = line.style == "faint"
        plot.plot(
            across,
            up,
            color=COLOURS[line.colour % len(COLOURS)],
            dashes=_dashes(line.colour),
            linewidth=0.8 if faint else 1.5,
            alpha=0.45 if faint else 1.0,
            marker="o" if (line.style == "marks" and marks) or _lone(up) else None,
            markersize=3,
            clip_on=False,
        )
    plot.set_xlim(0, 1)
    plot.set_ylim(0, 1)
    for axis, setter in ((x, plot.set_xticks), (y, plot.set_yticks)):
        chosen = ticks(axis, 8 if axis is x else 6)
        setter([axis.place(value) for value, _ in chosen], [text for _, text in chosen], fontsize=8)
    plot.grid(axis="y", color="#e4e4e4", linewidth=0.6)
    plot.set_axisbelow(True)


def _lone(values: list[float]) -> bool:
    """Whether all that a line has is one point, which a line doesn't show."""
    return sum(value == value for value in values) == 1


def _handles(chart: Chart) -> Iterator[Any]:
    from matplotlib.lines import Line2D

    for name, colour in chart.legend:
        yield Line2D(
            [], [], color=COLOURS[colour % len(COLOURS)], dashes=_dashes(colour), label=_plain(name, 40)
        )


def _dashes(colour: int) -> tuple[float, ...]:
    """What matplotlib calls dashes; none for a solid line."""
    dash = DASHES[colour // len(COLOURS) % len(DASHES)]
    return tuple(float(length) / 2 for length in dash.split())


def _plain(text: str, limit: int | None = None) -> str:
    """Text that matplotlib takes as it is: a dollar begins a formula there, and a first underscore hides."""
    text = printable(text, limit).replace("$", r"\$")
    return f"\u200b{text}" if text.startswith("_") else text
