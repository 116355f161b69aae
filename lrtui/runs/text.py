"""Text from disk or from a person, made safe to show.

Names, paths, reasons and log lines may hold control characters or terminal escapes. Everything in lrtui that
shows such text passes it through `printable` first. This module knows nothing of markup: widgets show names
with markup off.
"""

from __future__ import annotations

import json
import re
import unicodedata


def printable(text: str, limit: int | None = None) -> str:
    r"""Return `text` with everything invisible or dangerous written out as an escape (`\x1b`, `\u202e`).

    Control and format characters (terminal escapes, direction overrides), line and paragraph separators and
    lone surrogates are written out; letters, marks, emoji and spaces of any width stay. The result is a
    single line. With `limit`, a longer result is cut and ends in an ellipsis.
    """
    if not text.isprintable():
        text = "".join(map(_visible, text))
    if limit is not None and len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…"
    return text


def _visible(character: str) -> str:
    # isprintable() is false for every space but the plain one; other spaces are harmless and common in names.
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    code = ord(character)
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[character]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def json_printable(document: str) -> str:
    r"""Return JSON text with the same written as JSON's own escapes (`\u202e`): it reads back as it was.

    JSON escapes the control characters below a space by itself, and none of the others; outside of strings
    it has nothing to be escaped.
    """
    if document.isascii() and "\x7f" not in document:
        return document
    return "".join(
        character
        if character in "\n\r\t" or _visible(character) == character
        else json.dumps(character)[1:-1]
        for character in document.replace("\x7f", "\\u007f")
    )


def one_line(error: BaseException) -> str:
    """The message of an exception as one printable line; an OSError without its path and number."""
    if isinstance(error, OSError) and error.strerror:
        return printable(error.strerror)
    return printable(" ".join(str(error).split())) or type(error).__name__


def slug(text: str, limit: int = 24) -> str:
    """Lower-case letters, digits and single hyphens of `text`, for folder names; may be empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:limit].rstrip("-")
