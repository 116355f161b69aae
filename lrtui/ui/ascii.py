"""Draws with ASCII alone: every character outside it is replaced by the nearest one inside, width for width.

It works on finished lines, whatever drew them: borders, scroll bars, symbols, names in other scripts.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_STANDS_FOR = {
    "<": "←◀◂↵⏎≤",
    ">": "→▶►▸▹≥",
    "^": "↑▲△▴",
    "v": "↓▼▽▾",
    "*": "●•∞",
    "o": "◦○◌◉◆◇",
    "#": "■█▓▉▊▋",
    ":": "▒",
    ".": "·…░□▪",
    "+": "✓✔",
    "x": "✗✘×",
    "!": "†",
    "=": "‖",
    "-": "–—―−─",
    "~": "≈±",
    "'": "‘’",
    '"': "“”▀▔",
    "_": "▁▂▃▄▅▆▇",
    "|": "▌▐▍▎▏▕",
    "u": "µ",
}
_SIGNS = str.maketrans({letter: sign for sign, letters in _STANDS_FOR.items() for letter in letters})

_DOTS = " ..::**##"
"""What stands for a braille pattern, by how many of its eight dots are set."""


@lru_cache(maxsize=8192)
def to_ascii(text: str) -> str:
    """The text with every character outside ASCII replaced, each by as many as it is wide."""
    if text.isascii():
        return text
    return "".join(letter if letter.isascii() else _nearest(letter) for letter in text)


@lru_cache(maxsize=4096)
def _nearest(letter: str) -> str:
    width = cell_len(letter)
    if width == 0:
        return ""
    code = ord(letter)
    if 0x2800 <= code <= 0x28FF:
        return _DOTS[(code - 0x2800).bit_count()]
    found = letter.translate(_SIGNS)
    if found.isascii():
        return found
    if 0x2500 <= code <= 0x257F:
        return _line(unicodedata.name(letter, ""))
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain if len(plain) == width and plain.isprintable() else "?" * width


def _line(name: str) -> str:
    """What stands for a piece of a line or of a corner, by its name in Unicode."""
    words = name.split()
    if "DIAGONAL" in words:
        return "/" if "RIGHT TO LOWER LEFT" in name else "\\"
    if "HORIZONTAL" in words:
        return "+" if {"VERTICAL", "UP", "DOWN"} & set(words) else "-"
    if "VERTICAL" in words:
        return "+" if {"LEFT", "RIGHT"} & set(words) else "|"
    if {"UP", "DOWN"} & set(words) and {"LEFT", "RIGHT"} & set(words):
        return "+"
    return "|" if {"UP", "DOWN"} & set(words) else "-"


class AsciiFilter(LineFilter):
    """Textual's filter that does it for each line drawn."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The same segments in ASCII."""
        return [
            segment if segment.control or segment.text.isascii()
            else Segment(to_ascii(segment.text), segment.style)
            for segment in segments
        ]  # fmt: skip
