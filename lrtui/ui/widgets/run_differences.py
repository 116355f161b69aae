"""What sets marked runs apart: a table with a line a run and only the fields that differ, besides figures.

It draws a comparison that was made elsewhere (`lrtui.runs.compare`) and reads nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import ScrollableContainer

from lrtui.runs.compare import Compared, Comparison
from lrtui.runs.figures import Figures
from lrtui.runs.judging import is_share, lower_is_better
from lrtui.runs.text import printable
from lrtui.ui import words
from lrtui.ui.widgets.lines import Line, Lines, Span, plain_text
from lrtui.ui.widgets.overlaid import short, stamp

WIDEST = 48
"""Columns of a value before it is cut; schedules are long."""

NARROWEST = 18
"""Columns that a long value keeps where there isn't room for all; further columns are scrolled to."""


class RunDifferences(ScrollableContainer, can_focus=True):
    """The comparison of some runs; arrow keys move along what doesn't fit."""

    HELP_TITLE = "Among the differences"
    HELP = (
        "A line for each marked run, and a column for each field of their specs that isn't the same in all "
        "of them. Behind them: the best value of the metric that the chart shows, the last one, the mean "
        "over the epochs (Area), and when the target was reached. Runs that differ in their seeds alone are "
        "summed up at the end."
    )

    DEFAULT_CSS: ClassVar[str] = """
    RunDifferences {
        height: 1fr; display: none; background: transparent; scrollbar-size: 1 1;
        & > Lines { width: auto; }
    }
    """

    def __init__(self, pen: Callable[[int], str], *, id: str | None = None) -> None:
        """``pen`` gives the style in which a colour of the chart is written."""
        super().__init__(id=id)
        self._pen = pen
        self._shown: tuple[Comparison, Callable[[str], int | None]] | None = None

    def compose(self) -> ComposeResult:
        """Nothing but lines."""
        yield Lines(id="differing")

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        return self.query_one(Lines).text

    def on_resize(self) -> None:
        """Another width has other room for long values."""
        if self._shown is not None:
            self.compare(*self._shown)

    def say(self, text: str) -> None:
        """Show a sentence in place of the table."""
        self._shown = None
        self._show([[(text, "dim")]])

    def compare(self, found: Comparison, color_of: Callable[[str], int | None]) -> None:
        """Show a comparison; ``color_of`` gives the index of a run's colour on the chart."""
        self._shown = (found, color_of)
        metric = short(found.metric)
        target = found.runs[0].figures.target if found.runs else None
        fields = [difference.field.replace("_", " ") for difference in found.differences]
        heads = ["run", *fields, "best", "final", "area"]
        if target is not None:
            heads += [f"{'≤' if lower_is_better(found.metric) else '≥'}{target:g}", "in"]
        rows = [_row(place, run, found) for place, run in enumerate(found.runs)]
        numbers = len(fields) + 1
        widths = [
            min(max(cell_len(row[column]) for row in [heads, *rows]), WIDEST) for column in range(len(heads))
        ]
        spare = self.size.width - 3 - sum(width + 2 for width in widths)
        for column in sorted(range(1, numbers), key=lambda column: -widths[column]):
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
        lines.append([(f"  best, final and area: {metric}", "dim")])
        for seeds in found.seeds:
            if seeds.best is not None:
                spread = seeds.best
                mean = f"{spread.mean:.4f} ± {spread.deviation:.4f}, {spread.low:.4f} to {spread.high:.4f}"
                lines.append([(f"  {spread.count} seeds of one experiment: best {mean}", "dim")])
        self._show(lines)

    def _show(self, lines: Sequence[Line]) -> None:
        widget = self.query_one(Lines)
        widget.styles.width = max((sum(cell_len(text) for text, _ in line) for line in lines), default=1)
        widget.show(lines)


def _row(place: int, run: Compared, found: Comparison) -> list[str]:
    figures: Figures = run.figures
    cells = [printable(run.name), *(each.values[place] or "–" for each in found.differences)]
    cells += [_number(each, found.metric) for each in (figures.best, figures.final, figures.area)]
    if figures.target is not None:
        epoch = figures.target_epoch
        cells.append("–" if epoch is None else f"{epoch:.4g} ep")
        cells.append(words.duration(figures.target_seconds))
    return cells


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


def _line(cells: Sequence[str], widths: Sequence[int], numbers: int) -> str:
    """Cells side by side, those from `numbers` on to the right."""
    texts = []
    for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        text = cell if cell_len(cell) <= width else set_cell_size(cell, width - 1).rstrip() + "…"
        room = " " * (width - cell_len(text))
        texts.append(room + text if place >= numbers else text + room)
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
