"""Has Textual draw with ASCII alone, whatever is drawn: borders, scroll bars, symbols, foreign names."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from lrtui.ui.asciify import ascii_char

_PROMPT = str.maketrans({"🔎": "> "})
"""Textual's own sign in front of the palette's field."""


@lru_cache(maxsize=8192)
def to_ascii(text: str) -> str:
    """The text with every character outside ASCII replaced, as many columns wide as before."""
    return "".join(
        letter if letter.isascii() else ascii_char(letter, columns) if (columns := cell_len(letter)) else ""
        for letter in text.translate(_PROMPT)
    )


class AsciiFilter(LineFilter):
    """Textual's filter that does it for each line drawn."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The same segments in ASCII."""
        return [
            segment if segment.control or segment.text.isascii()
            else Segment(to_ascii(segment.text), segment.style)
            for segment in segments
        ]  # fmt: skip
