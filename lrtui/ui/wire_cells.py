"""What a terminal shows, and the fewest bytes that make it show something else.

The terminal's pen and cursor are remembered from one update to the next, cells of one colour are written
together, and the cursor takes the shortest way. What a cell is stands in `pens`. No app, no driver, no timing
(see `wire`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.color import ColorSystem
from textual.geometry import Size
from textual.strip import Strip

from .pens import PLAIN, Cell, Pen, blank, cells, reset, switch

BRIDGE = 4
"""Bytes of unchanged cells that are cheaper to send again than to jump over."""

_FAR = " " * (BRIDGE + 1)

Row = list[Cell | None]
"""One line of the terminal; None where it isn't known what stands there."""


@dataclass(slots=True)
class _Run:
    """Characters to be written in one go; without a pen they are blanks, which any pen can write."""

    y: int
    x: int
    end: int
    text: str
    pen: Pen | None
    background: str


class Memory:
    """What the terminal shows, its pen and its cursor, as far as they are known."""

    def __init__(self, ascii_only: bool = False) -> None:
        """Know nothing. `ascii_only` turns every character into one of ASCII."""
        self.ascii_only = ascii_only
        self.size = Size(0, 0)
        self.rows: list[Row] = []
        self.pen: Pen | None = PLAIN
        self._row = -1  # the cursor's line and column; -1: not known
        self._column = -1

    def forget(self) -> None:
        """Know nothing any more: the next update is sent whole."""
        self.size, self.rows = Size(0, 0), []
        self.pen = None
        self._row = self._column = -1

    def plain(self) -> str:
        """The codes after which others can write: the pen is as it was at the start."""
        text = "" if self.pen == PLAIN else reset(self.pen)
        self.pen = PLAIN
        self._row = self._column = -1
        return text

    def cursor_to(self, x: int, y: int) -> str:
        """The codes that put the cursor on a cell."""
        return self._move(y, x)

    def difference(self, pieces: Iterable[tuple[int, int, Strip]], size: Size, system: ColorSystem) -> str:
        """The escape sequences that make the terminal show an update, and remember it as shown.

        Args:
            pieces: The strips of the update and where they begin: (line, column, strip).
            size: The size of the terminal.
            system: The colours it has.
        """
        if size != self.size:
            self.size = size
            self.rows = [[None] * size.width for _ in range(size.height)]
        runs: list[_Run] = []
        for y, x, strip in pieces:
            if 0 <= y < size.height:
                row = self.rows[y]
                fresh = list(cells(strip, system, self.ascii_only))[: max(size.width - x, 0)]
                runs.extend(_runs(y, x, row[x : x + len(fresh)], fresh))
                row[x : x + len(fresh)] = fresh
        return "".join(self._write(run) for run in _by_pen(runs, self.pen))

    def _write(self, run: _Run) -> str:
        out = self._move(run.y, run.x)
        pen = run.pen or (
            self.pen if self.pen and blank(self.pen, run.background) else Pen(background=run.background)
        )
        if pen != self.pen:
            out += switch(self.pen, pen)
            self.pen = pen
        # Past the last column, and after what some terminals show wider than others, it's anybody's guess.
        sure = run.end < self.size.width and _narrow(run.text)
        self._row, self._column = run.y, run.end if sure else -1
        return out + run.text

    def _move(self, y: int, x: int) -> str:
        row, column = self._row, self._column
        self._row, self._column = y, x
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"]
        if row >= 0:
            down = y - row
            vertical = "" if not down else f"\x1b[{_times(down)}B" if down > 0 else f"\x1b[{_times(-down)}A"
            ways.append(f"{vertical}\x1b[{x + 1}G")
            if column >= 0:
                right = x - column
                across = (
                    "" if not right else f"\x1b[{_times(right)}C" if right > 0
                    else min("\b" * -right, f"\x1b[{-right}D", key=len)
                )  # fmt: skip
                ways.append(vertical + across)
        return min(ways, key=len)


def _times(count: int) -> str:
    return "" if count == 1 else str(count)


def _narrow(text: str) -> bool:
    """Whether every terminal gives each character one column: ASCII and Braille."""
    return text.isascii() or all(char.isascii() or "\u2800" <= char <= "\u28ff" for char in text)


def _runs(y: int, x: int, old: Row, new: Sequence[Cell]) -> Iterator[_Run]:
    """What has to be written of a line: each stretch in one pen, and near ones of the same pen as one."""
    if old == new:
        return
    run: _Run | None = None
    gap = ""
    for column, cell in enumerate(new):
        if not cell.text:
            # The second half of a wide character goes with the first.
            if run is not None and run.end == x + column:
                run.end += 1
            else:
                gap = _FAR
            continue
        wide = column + 1 < len(new) and not new[column + 1].text
        if old[column] == cell and not (wide and old[column + 1] != new[column + 1]):
            own = _own(cell)
            bridges = run is not None and _fits(run, cell) and (own is None or own == run.pen)
            gap = gap + cell.text if bridges else _FAR
            continue
        if run is not None and len(gap.encode()) <= BRIDGE and _fits(run, cell):
            run.text += gap + cell.text
            run.end = x + column + 1
            run.pen = run.pen or _own(cell)
        else:
            if run is not None:
                yield run
            run = _Run(y, x + column, x + column + 1, cell.text, _own(cell), cell.pen.background)
        gap = ""
    if run is not None:
        yield run


def _own(cell: Cell) -> Pen | None:
    """The pen a cell needs; None for a blank, which any pen with its background writes."""
    return None if cell.text == " " and blank(cell.pen, cell.pen.background) else cell.pen


def _fits(run: _Run, cell: Cell) -> bool:
    """Whether a cell can be written with the pen of a run."""
    own = _own(cell)
    if own is None:
        return cell.pen.background == run.background and (run.pen is None or blank(run.pen, run.background))
    if run.pen is None:
        return own.background == run.background and blank(own, run.background)
    return own == run.pen


def _by_pen(runs: list[_Run], pen: Pen | None) -> list[_Run]:
    """The runs of each pen together, the present one's first; lines with wide characters as they are."""
    wide = {run.y for run in runs if run.end - run.x != len(run.text)}
    ordered = [run for run in runs if run.y in wide]
    groups: dict[Pen, list[_Run]] = {}
    if pen is not None and not ordered:
        groups[pen] = []
    blanks = []
    for run in runs:
        if run.y not in wide:
            if run.pen is None:
                blanks.append(run)
            else:
                groups.setdefault(run.pen, []).append(run)
    for run in blanks:
        fitting = next((group for own, group in groups.items() if blank(own, run.background)), None)
        if fitting is None:
            fitting = groups.setdefault(Pen(background=run.background), [])
        fitting.append(run)
    for group in groups.values():
        group.sort(key=lambda run: (run.y, run.x))
        ordered += group
    return ordered
