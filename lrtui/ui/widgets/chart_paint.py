"""How a chart's cells become Textual strips, and which of them changed; no state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from ..asciify import ascii_text
from ..plotting import STYLES, Axis, Cells, Ink, Series, ThemeName, inks
from ..plotting.legend import legend, legend_lines
from ..plotting.model import INK, printable

if TYPE_CHECKING:
    from textual.widget import Widget

Row = tuple[str, bytes]
"""A line of text and one ink (index into `STYLES`) a character."""

GAP = 6
"""Unchanged cells between two changed ones that are cheaper to send again than to jump over."""

ROOMY = 14
"""From this many lines on, title and legend have lines of their own."""

READ = 12
"""Columns kept free for a value at the cursor."""

MOST_LINES = 4
"""Lines of legend at most."""

LEGEND_PART = 5
"""One line in so many may go to a legend that needs them to tell its series apart."""


def header(
    title: str,
    notes: Sequence[str],
    series: Sequence[Series],
    width: int,
    height: int,
    cursor: float | None = None,
    y: Axis | None = None,
    ascii_only: bool = False,
) -> list[Row]:
    """The lines above the drawing: title, notes such as y's unit, legend; none where every line is needed.

    Where there is room, the legend has lines of its own, more of them in a taller chart.
    """
    heading: Cells = [(printable(title), "title")] if title else []
    for note in notes:
        heading += [*([("  ", "")] if heading else []), (printable(note), "label")]
    if ascii_only:
        heading = [(ascii_text(text), key) for text, key in heading]
    if height < 4:
        return []
    cut = "~" if ascii_only else "…"
    named = legend(series, None, y, ascii_only)
    used = sum(map(cell_len, (text for text, _ in heading))) + 2 if heading else 0
    # A line for a few short words would be a line of the drawing lost; values at the cursor need room, too.
    short = not title and used + sum(cell_len(text) for text, _ in named) + READ * len(series) <= width
    if height >= ROOMY and not short:
        most, at_most = min(MOST_LINES, height // ROOMY + 1), min(MOST_LINES, height // LEGEND_PART)
        names = legend_lines(series, width, most, cursor, y, ascii_only, at_most)
        return [_row(line, width, cut) for line in ([heading] if heading else []) + names]
    names = legend_lines(series, max(width - used, width // 2), 1, cursor, y, ascii_only)
    if not names:
        return [_row(heading, width, cut)] if heading else []
    return [_row([*heading, *([("  ", "")] if heading else []), *names[0]], width, cut)]


def _row(cells: Cells, width: int, cut: str = "…") -> Row:
    """Cells as one line no wider than the width, with an ellipsis where something was cut off."""
    text = "".join(run for run, _ in cells)
    ink = b"".join(bytes([INK[key]]) * len(run) for run, key in cells)
    if cell_len(text) > width:
        while text and cell_len(text) > width - 1:
            text = text[:-1]
        text += cut if width > 0 else ""
        ink = ink[: len(text)].ljust(len(text), b"\0")
    return text, ink


def changed(old: Row, new: Row, width: int) -> Iterator[tuple[int, int]]:
    """The stretches of columns that differ, as (start, end); near ones as one."""
    if cell_len(old[0]) != len(old[0]) or cell_len(new[0]) != len(new[0]):
        # Wide characters: a character's index is not its column.
        yield 0, width
        return
    length = max(len(old[0]), len(new[0]))
    before = list(zip(old[0].ljust(length), old[1].ljust(length, b"\0"), strict=True))
    after = list(zip(new[0].ljust(length), new[1].ljust(length, b"\0"), strict=True))
    start = end = -1
    for column in range(min(length, width)):
        if before[column] == after[column]:
            continue
        if start < 0:
            start = column
        elif column - end >= GAP:
            yield start, end
            start = column
        end = column + 1
    if start >= 0:
        yield start, end


def line_strip(text: str, ink: bytes, pens: list[Style]) -> Strip:
    """One line as a strip."""
    segments = []
    start = 0
    for index in range(1, len(ink) + 1):
        # Blanks look the same in any ink: they join the run before them and save a change of colour.
        if index == len(ink) or (ink[index] != ink[start] and text[index] != " "):
            segments.append(Segment(text[start:index], pens[ink[start]]))
            start = index
    return Strip(segments, cell_len(text))


def pen_styles(widget: Widget) -> list[Style]:
    """The style of each ink under the app's theme, over the background the widget stands on.

    A widget that has the focus has stronger axes.
    """
    app = widget.app
    native = app.native_ansi_color
    dark = app.current_theme.dark
    theme: ThemeName = ("ansi" if dark else "ansi-light") if native else "dark" if dark else "light"
    background, color = widget.colors[2], widget.colors[3]
    base = Style() if native else Style(bgcolor=_rich(background), color=_rich(color))
    table = inks(theme)
    if widget.has_focus:
        table["frame"] = Ink(None if native else app.current_theme.primary, bold=True)
    return [base + _style(table[key]) for key in STYLES]


def _rich(color: Color) -> str | None:
    return None if color.a == 0 else color.rich_color.name


def _style(ink: Ink) -> Style:
    return Style(color=ink.color, bold=ink.bold or None, dim=ink.dim or None)
