"""Text for terminals that have only ASCII: every character becomes one that looks like it, column for column.

Knows no widget and no terminal; the writer of the app (`wire`) and the charts use it.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_ALIKE = {
    **dict.fromkeys("─━═╌╍┄┅┈┉╴╶╸╺⎯‐‑‒–—―−▁▔", "-"),
    **dict.fromkeys("│┃║╎╏┆┇┊┋╵╷╹╻▏▕▎▍▌▐", "|"),
    **dict.fromkeys("▲△↑⬆⏶", "^"),
    **dict.fromkeys("▼▽↓⬇⏷", "v"),
    **dict.fromkeys("▶▷▸►→➜⏵❯›»", ">"),
    **dict.fromkeys("◀◁◂◄←⏴❮‹«", "<"),
    **dict.fromkeys("█▇▆▅▓■◼●⬤◉", "#"),
    **dict.fromkeys("▄▃▂▀▒", "="),
    **dict.fromkeys("░·∙⋅•", "."),
    **dict.fromkeys("○◌◯☐□◻", "o"),
    **dict.fromkeys("×✕✗✘☒", "x"),
    **dict.fromkeys("✓✔☑", "y"),
    **dict.fromkeys("◆◇♦★☆", "*"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’‚′", "'"),
    "…": "~",
    "±": "+",
    "÷": "/",
    "≤": "<",
    "≥": ">",
    "≈": "~",
    "µ": "u",
    "μ": "u",
    "∞": "8",
    "°": "o",
    "⏎": "<",
    "↵": "<",
    "⇥": ">",
    "⌫": "<",
    "␣": " ",
    "\u00a0": " ",
}

_BLOCKS = ((0x2500, 0x257F, "+"), (0x2580, 0x259F, "#"), (0x2800, 0x28FF, ":"))
"""Box drawing that isn't a plain line, block elements, Braille."""


@lru_cache(maxsize=4096)
def ascii_char(char: str, columns: int = 1) -> str:
    """One printed character as `columns` ASCII ones; `?` where nothing looks like it."""
    if char.isascii():
        return char
    alike = _ALIKE.get(char[0]) or next(
        (sign for first, last, sign in _BLOCKS if first <= ord(char[0]) <= last), ""
    )
    if not alike:
        # é is e and an accent.
        bare = unicodedata.normalize("NFKD", char)[:1]
        alike = bare if bare.isascii() and bare.isprintable() and bare else "?"
    return alike * columns


def ascii_text(text: str) -> str:
    """A text with every character replaced by an ASCII one."""
    return text if text.isascii() else "".join(map(ascii_char, text))
