"""Lay a chart out in cells: canvas, axes, ticks, marks and cursor; numbers instead when there is no room.

A pure function of its arguments. Title and legend stand outside (see `legend`), so that no line is covered.
"""

from __future__ import annotations

from collections.abc import Sequence

from lrtui.ui.asciify import ascii_text

from . import bands
from .canvas import Sketches, draw
from .legend import ascii_pen, table
from .limits import windows
from .model import INK, MARKERS, PALETTE_SIZE, Axis, Frame, Mark, Series, Window, printable
from .prepare import prepare
from .ticks import Tick, ticks, write

MIN_WIDTH, MIN_HEIGHT = 20, 6
"""Below this a drawing can't be read, and numbers are shown."""

GUTTER = 5
"""Least width of the y labels, so that the canvas keeps its place while labels come and go."""

STAMP_EVERY = 16
"""Columns between two stamps of a series' marker."""

_LINES = {
    "vertical": "│", "tick": "┤", "corner": "└", "bottom": "─", "down": "┬", "mark": "┊", "grid": "·",
    "cut": "…",
}  # fmt: skip
_ASCII_LINES = dict(zip(_LINES, "|++-+:.~", strict=True))


class _Sheet:
    """A grid of characters and inks that is written to in layers."""

    def __init__(self, width: int, height: int, ascii_only: bool) -> None:
        self.width, self.height, self.ascii_only = width, height, ascii_only
        self.chars = [[" "] * width for _ in range(height)]
        self.inks = [bytearray(width) for _ in range(height)]
        self.shaded: set[tuple[int, int]] = set()
        """Cells (column, row) that hold nothing but the shade of a band."""

    def put(self, column: int, row: int, text: str, key: str) -> None:
        """Write text, cut off at the edges."""
        if not 0 <= row < self.height:
            return
        for offset, char in enumerate(ascii_text(text) if self.ascii_only else text):
            if 0 <= column + offset < self.width:
                self.chars[row][column + offset] = char
                self.inks[row][column + offset] = INK[key]
                self.shaded.discard((column + offset, row))

    def shade(self, column: int, row: int, text: str, key: str) -> None:
        """Write the shade of a band, behind all that is there."""
        for offset, char in enumerate(text, column):
            if char != " " and (self.chars[row][offset] == " " or (offset, row) in self.shaded):
                self.put(offset, row, char, key)
                self.shaded.add((offset, row))

    def free(self, column: int, row: int, length: int) -> bool:
        """Whether nothing but shade stands in a stretch of cells."""
        if not (0 <= row < self.height and column >= 0 and column + length <= self.width):
            return False
        cells = enumerate(self.chars[row][column : column + length], column)
        return all(char == " " or (at, row) in self.shaded for at, char in cells)


def render(
    series: Sequence[Series],
    x: Axis,
    y: Axis,
    width: int,
    height: int,
    marks: Sequence[Mark] = (),
    cursor: float | None = None,
    *,
    previous: tuple[Window, Window] | None = None,
    zoom: Window | None = None,
    sketches: Sketches | None = None,
    ascii_only: bool = False,
    grid: bool = True,
) -> Frame:
    """Draw a chart.

    Args:
        series: What to draw, later ones on top.
        x: The x axis.
        y: The y axis.
        width: Columns there are, >= 0.
        height: Rows there are, >= 0; the legend and the title are not part of it.
        marks: Vertical lines with a label.
        cursor: The x value a vertical line is drawn at; its value stands below it.
        previous: The windows of the frame before, kept while they still serve.
        zoom: The part of the x axis to look at, None for all of it; y then fits what is seen there.
        sketches: The lines of the frame before; those that look the same aren't drawn again.
        ascii_only: Use no character outside ASCII.
        grid: Dot the canvas where the ticks' lines cross.

    Returns:
        A frame of exactly `width` x `height`; a table of numbers below 20x6. Never raises for any data.
    """
    width, height = max(0, width), max(0, height)
    x_window, y_window = windows(series, x, y, previous, zoom)
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        sheet = _Sheet(width, height, ascii_only)
        for row, cells in enumerate(table(series, y, width, height, cursor, ascii_only)):
            column = 0
            for text, key in cells:
                sheet.put(column, row, text, key)
                column += len(text)
        return _frame(sheet, x_window, y_window)

    rows = height - 2
    y_ticks = ticks(y_window, max(2, min((rows - 1) // 2, 3 + rows // 5)), y.kind)
    gutter = min(max([GUTTER, *(len(tick.label) for tick in y_ticks)]), width // 2)
    left, columns = gutter + 1, width - gutter - 1
    lines = _ASCII_LINES if ascii_only else _LINES
    sheet = _Sheet(width, height, ascii_only)

    _draw_data(sheet, series, x_window, y_window, left, columns, rows, sketches)
    x_places = _x_axis(sheet, x, x_window, left, columns, rows, lines)
    y_places = _y_axis(sheet, y_ticks, y_window, gutter, rows, lines)
    frame = Frame(width, height, left=left, columns=columns, rows=rows, x=x_window, y=y_window)
    _draw_marks(sheet, frame, marks, lines["mark"])
    if cursor is not None and (at := frame.column_of(cursor)) is not None:
        _draw_cursor(sheet, at, cursor, x, rows, lines["vertical"])
    if grid:
        for row in y_places:
            for column in x_places:
                if sheet.chars[row][column] == " ":
                    sheet.put(column, row, lines["grid"], "grid")
    return _frame(sheet, x_window, y_window, left, columns, rows)


def _frame(sheet: _Sheet, x: Window, y: Window, left: int = 0, columns: int = 0, rows: int = 0) -> Frame:
    return Frame(
        sheet.width,
        sheet.height,
        tuple("".join(row) for row in sheet.chars),
        tuple(bytes(row) for row in sheet.inks),
        left,
        0,
        columns,
        rows,
        x,
        y,
    )


def _draw_data(
    sheet: _Sheet,
    series: Sequence[Series],
    x: Window,
    y: Window,
    left: int,
    columns: int,
    rows: int,
    sketches: Sketches | None,
) -> None:
    ascii_only = sheet.ascii_only
    strokes = [prepare(each, x, y, columns, rows) for each in series]
    pens = [_pen(each, ascii_only) for each in series]
    # Quiet lines lie below the others, wherever they stand in the legend.
    order = sorted(range(len(series)), key=lambda index: not series[index].faint)
    cells = draw(strokes, pens, columns, rows, sketches, order)
    ink = bytes([INK[each.key] for each in series] + [INK[""]])
    for row, (chars, owners) in enumerate(cells):
        sheet.chars[row][left : left + columns] = chars
        sheet.inks[row][left : left + columns] = bytes([ink[owner] for owner in owners])
    for each in series:
        dots = bands.shade(each, x, y, columns, rows)
        if dots is not None:
            for row, text in enumerate(bands.characters(dots, ascii_only)):
                sheet.shade(left, row, text, f"faint{each.color % PALETTE_SIZE}")
    for index, each in enumerate(series):
        if ascii_only or each.style == "points" or not each.glyph:
            continue
        # Fixed columns, so that a growing line never moves the stamps it already has.
        for column in range((5 + 4 * index) % STAMP_EVERY, columns, STAMP_EVERY):
            own = [row for row, (_, owners) in enumerate(cells) if owners[column] == index]
            if own:
                sheet.put(left + column, own[len(own) // 2], each.glyph, each.key)


def _pen(series: Series, ascii_only: bool) -> str:
    if ascii_only:
        return ascii_pen(series)
    return (series.glyph or MARKERS[0] or "•") if series.style == "points" else "braille"


def _x_axis(
    sheet: _Sheet, axis: Axis, window: Window, left: int, columns: int, rows: int, lines: dict[str, str]
) -> list[int]:
    sheet.put(left - 1, rows, lines["corner"] + lines["bottom"] * columns, "frame")
    unit = " " + printable(axis.label) if axis.label else ""
    unit = unit if len(unit) <= columns // 3 else ""
    places = []
    right = sheet.width
    # From the right, so that the last number keeps its place and takes the unit along: `10 epochs`.
    for tick in reversed(ticks(window, max(2, columns // 10), axis.kind)):
        place = (tick.place - window.low) / (window.high - window.low)
        column = left + min(columns - 1, int(place * columns))
        text = tick.label + unit
        start = max(0, min(column - len(tick.label) // 2, sheet.width - len(text)))
        if start + len(text) > right:
            continue
        places.append(column)
        sheet.put(column, rows, lines["down"], "frame")
        sheet.put(start, rows + 1, tick.label, "tick")
        sheet.put(start + len(tick.label), rows + 1, unit, "label")
        right, unit = start - 1, ""
    if unit:
        sheet.put(sheet.width - len(unit), rows + 1, unit, "label")
    return places


def _y_axis(
    sheet: _Sheet, found: list[Tick], window: Window, gutter: int, rows: int, lines: dict[str, str]
) -> list[int]:
    places = []
    for row in range(rows):
        sheet.put(gutter, row, lines["vertical"], "frame")
    taken: set[int] = set()
    for tick in found:
        height = (tick.place - window.low) / (window.high - window.low)
        row = rows - 1 - min(rows - 1, int(height * rows))
        if row in taken:
            continue
        taken |= {row - 1, row, row + 1}
        places.append(row)
        label = tick.label if len(tick.label) <= gutter else tick.label[: gutter - 1] + lines["cut"]
        sheet.put(gutter - len(label), row, label, "tick")
        sheet.put(gutter, row, lines["tick"], "frame")
    return places


def _draw_marks(sheet: _Sheet, frame: Frame, marks: Sequence[Mark], line: str) -> None:
    placed = sorted(
        (column, printable(mark.label)[: max(0, frame.columns // 3)])
        for mark in marks
        if (column := frame.column_of(mark.x)) is not None
    )
    words: set[tuple[int, int]] = set()  # the cells of labels, with the blanks in them
    # All labels before any line, so that each stands right of its own, if need be across the next one's and
    # in a lower row; left of it only near the edge. None touches another, or lies over a curve.
    for column, label in placed:
        length = len(label)
        if not label:
            continue
        right = column + 1
        starts = [right] if right + length <= frame.left + frame.columns else []
        starts += [column - length] if column - length >= frame.left else []
        place = next(
            (
                (start, row)
                for start in starts
                for row in range(frame.rows)
                if sheet.free(start, row, length) and _apart(sheet, frame, start, row, length)
            ),
            None,
        )
        if place is not None:
            sheet.put(*place, label, "mark")
            words |= {(at, place[1]) for at in range(place[0], place[0] + length)}
    for column, _ in placed:
        for row in range(frame.rows):
            if sheet.free(column, row, 1) and (column, row) not in words:
                sheet.put(column, row, line, "mark")


def _apart(sheet: _Sheet, frame: Frame, start: int, row: int, length: int) -> bool:
    """Whether no other label stands right beside a stretch of cells."""
    sides = [at for at in (start - 1, start + length) if frame.left <= at < frame.left + frame.columns]
    return not any(sheet.inks[row][at] == INK["mark"] for at in sides)


def _draw_cursor(sheet: _Sheet, column: int, cursor: float, axis: Axis, rows: int, line: str) -> None:
    for row in range(rows):
        if sheet.free(column, row, 1) or sheet.inks[row][column] == INK["mark"]:
            sheet.put(column, row, line, "cursor")
    number = f" {write(cursor, axis.kind)} "
    start = max(0, min(column - len(number) // 2, sheet.width - len(number)))
    # A number half covered reads as another number: what the label touches goes, but not the unit.
    unit = _clear(sheet, rows + 1, start, start + len(number))
    label = number + unit
    start = max(0, min(start, sheet.width - len(label)))
    _clear(sheet, rows + 1, start, start + len(label))
    sheet.put(start, rows + 1, number, "cursor")
    sheet.put(start + len(number), rows + 1, unit, "label")


def _clear(sheet: _Sheet, row: int, start: int, end: int) -> str:
    """Take away the words that stand between two columns or touch them; return the unit, if it was there."""
    chars, inks = sheet.chars[row], sheet.inks[row]
    first, last = start, end - 1
    while first > 0 and chars[first] != " ":
        first -= 1
    while last < sheet.width - 1 and chars[last] != " ":
        last += 1
    if INK["label"] in inks[first : last + 1]:
        last = sheet.width - 1  # the unit stands behind the last number, and is all there is behind it
        # That number stood left of its tick to make room for the unit: without it, it would be out of order.
        first = min(first, inks.index(INK["label"]))
        while first > 0 and (inks[first - 1] == INK["tick"] or chars[first - 1].strip()):
            first -= 1
    gone = range(first, last + 1)
    unit = "".join(chars[at] for at in gone if inks[at] == INK["label"]).strip()
    for at in gone:
        sheet.put(at, row, " ", "")
    return unit
