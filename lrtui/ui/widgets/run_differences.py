"""What sets marked runs apart: a table with a line a run and only the fields that differ, besides figures.

It draws a comparison that was made elsewhere (`lrtui.runs.compare`) and reads nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lrtui.runs.compare import Compared, Comparison
from lrtui.runs.figures import Figures
from lrtui.runs.judging import is_share, lower_is_better
from lrtui.ui import words
from lrtui.ui.widgets.lines import Line, Span, plain_text, themed
from lrtui.ui.widgets.overlaid import short, stamp
from lrtui.ui.widgets.run_columns import fit

WIDEST = 48
"""Columns of a value before it is cut; schedules are long."""

LONGEST_NAME = 24
"""Columns of a run's name before it is cut: it stays where it is while the rest is moved along."""

STEP = 8
"""Columns that an arrow key moves the differences along by."""

NARROWEST = 18
"""Columns that a long value keeps where there isn't room for all; further columns are scrolled to."""


class RunDifferences(ScrollView, can_focus=True):
    """The comparison of some runs; arrow keys move along what doesn't fit."""

    HELP_TITLE = "Among the differences"
    HELP = (
        "A line for each marked run: the best value of the metric that the chart shows, the last one, the "
        "mean over the epochs (Area), and when the target was reached. Behind them a column for each field "
        "of their specs that isn't the same in all of them; arrow keys move along what doesn't fit. Runs "
        "that differ in their seeds alone are summed up at the end."
    )

    DEFAULT_CSS: ClassVar[str] = """
    RunDifferences {
        height: 1fr; display: none; background: transparent; scrollbar-size: 1 1;
    }
    """

    def __init__(self, pen: Callable[[int], str], *, id: str | None = None) -> None:
        """``pen`` gives the style in which a colour of the chart is written."""
        super().__init__(id=id)
        self._pen = pen
        self._shown: tuple[Comparison, Callable[[str], int | None]] | None = None
        self._lines: list[Line] = []
        self._table = self._names = 0
        """Lines of the table, headings included, and columns of it that stay in their place: the names."""

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def on_resize(self) -> None:
        """Another width has other room for long values."""
        if self._shown is not None:
            self.compare(*self._shown)

    def action_scroll_left(self) -> None:
        """Move along by several columns: the values are long."""
        self.scroll_relative(x=-STEP, animate=False)

    def action_scroll_right(self) -> None:
        """Move along by several columns."""
        self.scroll_relative(x=STEP, animate=False)

    def say(self, text: str) -> None:
        """Show a sentence in place of the table."""
        self._shown = None
        self._show([[(text, "dim")]], 0, 0)

    def compare(self, found: Comparison, color_of: Callable[[str], int | None]) -> None:
        """Show a comparison; ``color_of`` gives the index of a run's colour on the chart."""
        self._shown = (found, color_of)
        metric = short(found.metric)
        target = found.runs[0].figures.target if found.runs else None
        fields = [difference.field.replace("_", " ") for difference in found.differences]
        heads = ["run", "best", "final", "area"]
        if target is not None:
            heads += [f"{'≤' if lower_is_better(found.metric) else '≥'}{target:g}", "in"]
        numbers = range(1, len(heads))
        heads += fields
        rows = [_row(place, run, found) for place, run in enumerate(found.runs)]
        widths = [
            min(max(cell_len(row[column]) for row in [heads, *rows]), WIDEST) for column in range(len(heads))
        ]
        spare = self.size.width - 3 - sum(width + 2 for width in widths)
        for column in sorted(range(numbers.stop, len(heads)), key=lambda column: -widths[column]):
            taken = min(max(-spare, 0), max(widths[column] - NARROWEST, 0))
            widths[column] -= taken
            spare += taken
            if taken:
                _shorten(rows, column, widths[column])
        lines: list[Line] = [[("  ", ""), (_line(heads, widths, numbers), "bold dim")]]
        best = _best(found)
        for place, (run, row) in enumerate(zip(found.runs, rows, strict=True)):
            color = color_of(run.id)
            mark: Span = (
                ("  ", "")
                if color is None
                else ((stamp(color, plain_text(self)) or "━") + " ", self._pen(color))
            )
            lines.append([mark, (_line(row, widths, numbers), "bold" if place == best else "")])
        if not fields:
            lines.append([("  their specs are the same", "dim")])
        table = len(rows) + 1
        lines.append([(f"  best, final and area: {metric}", "dim")])
        for seeds in found.seeds:
            if seeds.best is not None:
                spread = seeds.best
                mean = f"{spread.mean:.4f} ± {spread.deviation:.4f}, {spread.low:.4f} to {spread.high:.4f}"
                lines.append([(f"  {spread.count} seeds of one experiment: best {mean}", "dim")])
        self._show(lines, table, 2 + widths[0] + 2)

    def _show(self, lines: Sequence[Line], table: int, names: int) -> None:
        self._lines, self._table, self._names = list(lines), table, names
        width = max((sum(cell_len(text) for text, _ in line) for line in lines[: max(table, 1)]), default=1)
        self.virtual_size = Size(width, len(lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw a visible line: headings and names stay, whatever the rest is moved along by."""
        left, top = self.scroll_offset
        width, place = self.size.width, y + top if y else 0
        if place >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = Strip([Segment(text, themed(self, style)) for text, style in self._lines[place] if text])
        if place < self._table:
            names = min(self._names, width // 2)
            line = Strip.join([line.crop(0, names), line.crop(names + left)])
        return line.adjust_cell_length(width, self.rich_style).apply_style(self.rich_style)


def _row(place: int, run: Compared, found: Comparison) -> list[str]:
    figures: Figures = run.figures
    cells = [fit(run.name, LONGEST_NAME, right=False, ends=True).rstrip()]
    cells += [_number(each, found.metric) for each in (figures.best, figures.final, figures.area)]
    if figures.target is not None:
        epoch = figures.target_epoch
        cells.append("–" if epoch is None else f"{epoch:.4g} ep")
        cells.append(words.duration(figures.target_seconds))
    return cells + [each.values[place] or "–" for each in found.differences]


def _shorten(rows: Sequence[list[str]], column: int, width: int) -> None:
    """Leave out what all values of a column begin with, where they are too long: it tells nothing apart."""
    values = [row[column] for row in rows]
    if len(values) < 2 or max(map(cell_len, values)) <= width:
        return
    shared = 0
    for letters in zip(*values, strict=False):
        if len(set(letters)) > 1:
            break
        shared += 1
    # A whole word stays, so that `cosine(0.05` isn't left as `.05`.
    start = max(values[0].rfind(" ", 0, shared), 0)
    if start > 3:
        for row in rows:
            row[column] = "…" + row[column][start:].lstrip()


def _number(value: float | None, metric: str) -> str:
    """Shares with four decimals, so that they stand below one another; else four digits."""
    if value is not None and is_share(metric) and 0 <= value <= 1:
        return f"{value:.4f}"
    return words.number(value)


def _line(cells: Sequence[str], widths: Sequence[int], numbers: Collection[int]) -> str:
    """Cells side by side, `numbers` to the right."""
    texts = []
    for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        text = cell if cell_len(cell) <= width else set_cell_size(cell, width - 1).rstrip() + "…"
        room = " " * (width - cell_len(text))
        texts.append(room + text if place in numbers else text + room)
    return "  ".join(texts)


def _best(found: Comparison) -> int | None:
    """The place of the best run, None if nobody has a figure."""
    lower = lower_is_better(found.metric)
    known = [
        (run.figures.best, place) for place, run in enumerate(found.runs) if run.figures.best is not None
    ]
    if not known:
        return None
    return min(known)[1] if lower else max(known, key=lambda each: (each[0], -each[1]))[1]
