"""What a terminal sends, as messages: whatever the bytes are, none ends the app or makes it deaf.

Textual's own parser is strict: a byte that isn't UTF-8 (an umlaut typed in a Latin-1 terminal) or a key with
an impossible code would end the app with a traceback, a sequence it doesn't know be typed into it letter by
letter, and a paste whose end got lost swallow all that follows. Reads no file and knows no app.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from time import monotonic

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.keys import Keys
from textual.message import Message

PASTE_PATIENCE = 5.0
"""Seconds of silence after which a paste is taken to have ended, though its end never came."""

_KEYS_OUT_OF_A_PASTE = ("\x03", "\x11")
"""Ctrl-C and Ctrl-Q: when one comes alone in the midst of a paste, somebody wants out of it."""

_WHOLE = re.compile(r"\x1b\[(?!\[)[0-?]*[ -/]*[@-~]")
"""A control sequence from its beginning to its end (ECMA-48); `ESC [ [` begins a key of the Linux console."""

_KNOWN_BY_PARSER = re.compile(r"\x1b\[(M|<?[-\d;]+[mM]|\?\d+;\d\$y)")
"""Sequences that the parser looks at after keys: mouse reports, and what modes a terminal has."""

_FOR_OTHERS = re.compile(r"\x1b[\]PX^_][^\x1b\x07]{2,}?(?:\x07|\x1b\\)|\x1b\[[0-?]{30,}[ -/]*[@-~]")
"""Strings for programs (OSC, DCS, SOS, PM, APC), such as answers that another program didn't wait for; and
control sequences longer than the parser looks, which it would take for letters."""


_ESC = "\x1b"

_SIGNS_OF_ALT = {_ESC + sign for sign in "0123456789-="}
"""What the parser takes for the signs that some keyboards have with these keys and Alt, such as ``¡``."""

_BEGINNINGS = "[]^_\\"
"""What a sequence may go on with: the rest of it, a key on a slow line, may be late."""


class TolerantParser(XTermParser):
    """Textual's parser, without what it fails on; sequences that nobody knows are no keys.

    An escape with a digit or a sign typed quickly after it stays an escape: to a terminal it is the same as
    the sign with Alt, of which the parser leaves the sign alone. (Of letters, `typeahead` sees to that.)
    """

    _tried = ""
    """What was last looked up as a whole."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if sequence in _SIGNS_OF_ALT:
            return [events.Key("escape", _ESC), *super()._sequence_to_key_events(sequence[1])]
        typed = alt and self._tried == _ESC + sequence and not sequence.isalnum()
        self._tried = sequence
        if typed and sequence not in _BEGINNINGS:
            return [events.Key("escape", _ESC), *super()._sequence_to_key_events(sequence)]
        try:
            keys = [key for key in super()._sequence_to_key_events(sequence, alt) if _can_be_shown(key)]
        except (ValueError, OverflowError):  # a character that doesn't exist
            keys = []
        if not keys and _WHOLE.fullmatch(sequence) and not _KNOWN_BY_PARSER.fullmatch(sequence):
            return [events.Key(Keys.Ignore, sequence)]
        return keys

    def parse_mouse_code(self, code: str) -> Message | None:
        """The message of a mouse report; None where it says nothing usable."""
        try:
            return super().parse_mouse_code(code)
        except (ZeroDivisionError, OverflowError):  # it was told a size of no pixels
            self.mouse_pixels = False
            return super().parse_mouse_code(code)


class TerminalInput:
    """Turns the bytes of a terminal into messages."""

    def __init__(self, debug: bool = False) -> None:
        """Begin with nothing; `debug` is Textual's, and writes a log of keys."""
        self.in_band_sizes = False
        """Whether the terminal was asked to tell its size in its input."""
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._parser = TolerantParser(debug)
        self._held = ""
        self._pasting = False
        self._heard_at = 0.0

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages of some more bytes, which may end anywhere."""
        if self._pasting and monotonic() - self._heard_at >= PASTE_PATIENCE:
            yield from self._end_paste()  # nobody has asked for `tick` meanwhile
        self._heard_at = monotonic()
        text = self._decode(data)
        if self._pasting and text in _KEYS_OUT_OF_A_PASTE:
            yield from self._end_paste()
        text, self._held = self._held + text, ""
        while text:
            mark = BRACKETED_PASTE_END if self._pasting else BRACKETED_PASTE_START
            before, found, text = text.partition(mark)
            if not found and self._pasting:
                # The parser would take an end that comes in two pieces for an escape and some letters.
                cut = _begins_at_end(before, mark)
                before, self._held = before[:cut], before[cut:]
            if not self._pasting:
                before = _FOR_OTHERS.sub("", before)
            yield from self._parse(before + found)
            if found:
                self._pasting = not self._pasting

    def tick(self) -> Iterator[Message]:
        """What time alone brings: an escape that nothing follows, the end of a paste that got lost."""
        yield from self._usable(self._parser.tick())
        if self._pasting and monotonic() - self._heard_at >= PASTE_PATIENCE:
            yield from self._end_paste()

    def _end_paste(self) -> Iterator[Message]:
        self._pasting, self._held = False, ""
        yield from self._parse(BRACKETED_PASTE_END)

    def _parse(self, text: str) -> Iterator[Message]:
        if text:
            yield from self._usable(self._parser.feed(text))

    def _usable(self, messages: Iterable[Message]) -> Iterator[Message]:
        for message in messages:
            if isinstance(message, events.Resize) and not self.in_band_sizes:
                self._parser.mouse_pixels = False
                continue
            yield message


def _can_be_shown(key: events.Key) -> bool:
    """Whether a key's character can be written to a terminal: half a surrogate pair can't."""
    return key.character is None or not any("\ud800" <= char <= "\udfff" for char in key.character)


def _begins_at_end(text: str, mark: str) -> int:
    """Where the end of a text may be the beginning of a mark; the text's length if it isn't."""
    for size in range(min(len(mark) - 1, len(text)), 0, -1):
        if text.endswith(mark[:size]):
            return len(text) - size
    return len(text)
