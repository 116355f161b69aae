"""Send the terminal only the cells that differ from what it already shows.

Textual sends every line it repaints from the left edge of its widget, each run with all its colours, changed
or not; over SSH that is what a person feels. `SparingApp` remembers what was sent and writes the difference.
It stands on two private parts of Textual (`App._display` and the two kinds of compositor update); where they
are not what it knows, it steps aside and Textual does its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import App
from textual.geometry import Size
from textual.strip import Strip

try:
    from textual._cells import cell_len
    from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
except ImportError:  # pragma: no cover - another Textual
    CompositorUpdate = LayoutUpdate = ChopsUpdate = None  # type: ignore[assignment,misc]
    from rich.cells import cell_len

JUMP = 4
"""Unchanged cells that are cheaper to send again than to jump over."""


class Pen(NamedTuple):
    """The codes that switch a terminal to a style: attributes, foreground, background, and a link."""

    attributes: str = ""
    foreground: str = "39"
    background: str = "49"
    link: str = ""


class Cell(NamedTuple):
    """What one column shows; the second column of a wide character has no text."""

    text: str
    pen: Pen


PLAIN = Pen()
Row = list[Cell | None]
"""One line of the terminal; None where it isn't known what stands there."""


class Memory:
    """What the terminal shows, as far as it is known."""

    def __init__(self) -> None:
        self.size = Size(0, 0)
        self.rows: list[Row] = []

    def forget(self) -> None:
        """Know nothing any more: the next update is sent whole."""
        self.size, self.rows = Size(0, 0), []

    def difference(self, update: Any, size: Size, console: Console) -> str:
        """The escape sequences that make the terminal show an update, and remember it as shown.

        Args:
            update: A `LayoutUpdate` or `ChopsUpdate` of Textual's compositor.
            size: The size of the terminal.
            console: The console whose colours are used.
        """
        if size != self.size:
            self.size = size
            self.rows = [[None] * size.width for _ in range(size.height)]
        system = console._color_system or ColorSystem.TRUECOLOR
        out: list[str] = []
        pen = PLAIN
        for y, x, strip in _pieces(update):
            if not 0 <= y < size.height:
                continue
            row = self.rows[y]
            fresh = list(_cells(strip, system))[: size.width - x]
            for start, end in _stretches(row[x : x + len(fresh)], fresh):
                out.append(f"\x1b[{y + 1};{x + start + 1}H")
                for cell in fresh[start:end]:
                    if cell.pen != pen and cell.text:
                        out.append(_switch(pen, cell.pen))
                        pen = cell.pen
                    out.append(cell.text)
            row[x : x + len(fresh)] = fresh
        if pen != PLAIN:
            out.append("\x1b]8;;\x1b\\\x1b[0m" if pen.link else "\x1b[0m")
        return "".join(out)


def _pieces(update: Any) -> Iterator[tuple[int, int, Strip]]:
    """The strips of an update, with the places they belong to: (y, x, strip)."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            yield y, update.region.x, Strip.join(list(line))
        return
    for y in dict.fromkeys(y for y, _, _ in update.spans):
        spans = [(x1, x2) for row, x1, x2 in update.spans if row == y]
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            # What Textual itself would send of this piece: from its left edge to its last dirty column.
            stop = max((min(x2, end) for x1, x2 in spans if x < x2 and x1 < end), default=x)
            if strip is not None and stop > x:
                yield y, x, strip.crop(0, stop - x)


def _cells(strip: Iterable[Segment], system: ColorSystem) -> Iterator[Cell]:
    for text, style, _control in strip:
        pen = PLAIN if style is None else _pen(style, system)
        if text.isascii() and text.isprintable():
            for char in text:
                yield Cell(char, pen)
            continue
        pending = ""
        width = 0
        for char in text:
            columns = cell_len(char)
            if columns == 0 and pending:
                pending += char
                continue
            if pending:
                yield from _wide(pending, width, pen)
            pending, width = char, columns
        if pending:
            yield from _wide(pending, width, pen)


def _wide(text: str, width: int, pen: Pen) -> Iterator[Cell]:
    if width < 1:
        return
    yield Cell(text, pen)
    for _ in range(width - 1):
        yield Cell("", pen)


@lru_cache(maxsize=4096)
def _pen(style: Style, system: ColorSystem) -> Pen:
    # Without its colours, all that a style's own rendering has left are the attributes.
    attributes = Strip.render_ansi(style.without_color, system) if style.without_color else ""
    color, background = style.color, style.bgcolor
    return Pen(
        attributes,
        ";".join(color.downgrade(system).get_ansi_codes()) if color else "39",
        ";".join(background.downgrade(system).get_ansi_codes(False)) if background else "49",
        style.link or "",
    )


@lru_cache(maxsize=4096)
def _switch(old: Pen, new: Pen) -> str:
    """The shortest codes from one pen to another."""
    codes = []
    before = old
    if new.attributes != old.attributes:
        codes += ["0", new.attributes] if new.attributes else ["0"]
        before = PLAIN
    if new.foreground != before.foreground:
        codes.append(new.foreground)
    if new.background != before.background:
        codes.append(new.background)
    link = f"\x1b]8;;{new.link}\x1b\\" if new.link != old.link else ""
    return link + (f"\x1b[{';'.join(codes)}m" if codes else "")


def _stretches(old: Row, new: list[Cell]) -> Iterator[tuple[int, int]]:
    """Where two lines differ, as (start, end); near stretches as one, and no wide character cut in two."""
    if old == new:
        return
    start = end = -1
    for column, cell in enumerate(new):
        if old[column] == cell:
            continue
        if start >= 0 and column - end < JUMP:
            end = column + 1
            continue
        if start >= 0:
            yield start, _whole(new, end)
        start = column
        end = column + 1
    if start >= 0:
        yield start, _whole(new, end)


def _whole(cells: list[Cell], end: int) -> int:
    while end < len(cells) and not cells[end].text:
        end += 1
    return end


class SparingApp(App[None]):
    """An app that writes only what changed. Inherit from it in place of `App`."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        """Take what `App` takes."""
        super().__init__(*args, **settings)
        self._terminal_memory = Memory()
        self._resume_watched = False

    def _display(self, screen: Any, renderable: Any) -> None:
        """Replace an update by its difference to what is shown; send nothing when there is none."""
        memory = self._terminal_memory
        known = CompositorUpdate is not None and isinstance(renderable, (LayoutUpdate, ChopsUpdate))
        if renderable is not None and not known:
            memory.forget()
        if not known or self._batch_count or not self._running or self.is_headless or self._driver is None:
            super()._display(screen, renderable)
            return
        if not self._resume_watched:
            self.app_resume_signal.subscribe(self, lambda _: memory.forget(), immediate=True)
            self._resume_watched = True
        text = memory.difference(renderable, self.size, self.console)
        if text:
            super()._display(screen, _Ready(text))  # type: ignore[arg-type]
        else:
            self.post_display_hook()

    async def on_event(self, event: events.Event) -> None:
        """Know nothing after a resize: terminals cut and rewrap, even on the way there and back."""
        if not isinstance(event, events.Resize):
            await super().on_event(event)
            return
        back = event.size == self.size  # there and back again before it was looked at: Textual draws nothing
        self._terminal_memory.forget()
        await super().on_event(event)
        if back and self.is_running and self.screen_stack:
            self.screen.refresh()

    def action_redraw(self) -> None:
        """Send the whole screen again, whatever has been written on it by others."""
        self._terminal_memory.forget()
        if self._driver is not None and not self.is_headless:
            self._driver.write("\x1b[0m\x1b[2J")
        self.screen.refresh(layout=True)


if CompositorUpdate is not None:

    class _Ready(CompositorUpdate):
        """An update that has already been turned into escape sequences."""

        def __init__(self, text: str) -> None:
            self.text = text

        def render_segments(self, console: Console) -> str:  # noqa: ARG002
            """The sequences."""
            return self.text
