"""Texts in quotes, as expressions write and read them."""

from __future__ import annotations

import re


def quoted(text: str) -> str:
    """Return `text` in double quotes, as the expression language reads it back."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def unescaped(text: str) -> str:
    """Return what stands between quotes: a backslash makes the next character plain, and `n` a newline."""
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text, flags=re.DOTALL)
