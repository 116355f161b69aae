"""What one column of a terminal shows, and the codes that switch a terminal from one style to another.

Knows no terminal's memory, no cursor and no app (see `wire_cells`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from .asciify import ascii_char

_SHOW_ON_BLANKS = frozenset(("4", "7", "9", "21", "53"))
"""Codes of attributes that can be seen on a blank: underlined, reversed, struck through, overlined."""


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


@lru_cache(maxsize=4096)
def blank(pen: Pen, background: str) -> bool:
    """Whether a blank written with a pen looks like any other blank on this background."""
    return (
        pen.background == background
        and not pen.link
        and not _SHOW_ON_BLANKS.intersection(pen.attributes.split(";"))
    )


def cells(strip: Iterable[Segment], system: ColorSystem, ascii_only: bool = False) -> Iterator[Cell]:
    """A strip column by column. Blanks that look the same are the same."""
    for text, style, _control in strip:
        pen = PLAIN if style is None else _pen(style, system)
        empty = pen
        if blank(pen, pen.background):
            empty = Pen(background=pen.background)
        if text.isascii() and text.isprintable():
            for char in text:
                yield Cell(char, empty if char == " " else pen)
            continue
        pending = ""
        width = 0
        for char in text:
            columns = cell_len(char)
            if columns == 0 and pending:
                pending += char
                continue
            if pending:
                yield from _wide(pending, width, empty if pending == " " else pen, ascii_only)
            pending, width = char, columns
        if pending:
            yield from _wide(pending, width, empty if pending == " " else pen, ascii_only)


def _wide(text: str, width: int, pen: Pen, ascii_only: bool) -> Iterator[Cell]:
    if width < 1:
        return
    if ascii_only:
        for char in ascii_char(text, width):
            yield Cell(char, pen)
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


def reset(pen: Pen | None) -> str:
    """The codes that end every style, and the link of the present pen."""
    return ("\x1b]8;;\x1b\\" if pen and pen.link else "") + "\x1b[0m"


@lru_cache(maxsize=4096)
def switch(old: Pen | None, new: Pen) -> str:
    """The shortest codes from one pen to another; from an unknown one by a reset."""
    codes = []
    before = PLAIN if old is None else old
    if old is None:
        codes.append("0")
    if before.attributes and new.attributes != before.attributes:
        codes.append("0")
        before = PLAIN
    if new.attributes != before.attributes:
        codes.append(new.attributes)
    if new.foreground != before.foreground:
        codes.append(new.foreground)
    if new.background != before.background:
        codes.append(new.background)
    link = f"\x1b]8;;{new.link}\x1b\\" if old is None or new.link != old.link else ""
    return link + (f"\x1b[{';'.join(codes)}m" if codes else "")
