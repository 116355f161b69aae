"""Whatever bytes a terminal sends, they become keys, pastes and mouse events, or nothing; none ends it."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import constants, events

from lrtui.ui import terminal_input
from lrtui.ui.terminal_input import TerminalInput


def said(reader: TerminalInput, *chunks: bytes) -> list[str]:
    """What some bytes are, in words: a key's name, the text of a paste, other messages by their kind."""
    words = []
    for chunk in chunks:
        for message in reader.feed(chunk):
            if isinstance(message, events.Key):
                words.append(message.key)
            elif isinstance(message, events.Paste):
                words.append(f"paste {message.text}")
            else:
                words.append(type(message).__name__)
    return words


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        (b"a\xffb", ["a", "\ufffd", "b"]),  # an umlaut of Latin-1
        ("ü漢".encode(), ["ü", "漢"]),
        (b"\x1b[99999999;1ua", ["a"]),  # a character that doesn't exist
        (b"\x1b[1;;99999999999ua", ["a"]),
        (b"\x1b[55296ua", ["a"]),  # half of one
        (b"\x1b[97;1:3ua", ["a"]),
        (b"\x1b[?62;22ca", ["a"]),  # answers to questions of others
        (b"\x1b[?65;1;2;6;9;15;16;17;18;21;22;28;29ca", ["a"]),
        (b"\x1b]11;rgb:ffff/ffff/dddd\x07a\x1b]10;rgb:0/0/0\x1b\\b", ["a", "b"]),
        (b"\x1bP1$r0m\x1b\\a", ["a"]),
        (b"\x1b[99;98Xa\x1b[>1;2qb", ["a", "b"]),  # what nobody knows is no key
        (b"\x1b[Aa\x1b[3~\x1bOP\x1b[1;5C", ["up", "a", "delete", "f1", "ctrl+right"]),
        (b"\x1b[[A", ["f1"]),  # the Linux console
        (b"\x1b[M !!a", ["a"]),  # a mouse report of old
        (b"\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<64;1;1M", ["MouseDown", "MouseUp", "MouseScrollUp"]),
        (b"\x1b[<0;-3;4Ma\x1b[<;;Mb", ["a", "b"]),
        (b"\x1b[I\x1b[O", ["AppFocus", "AppBlur"]),
        (b"\x1b[?2026;2$y", ["TerminalSupportsSynchronizedOutput"]),
        # A size that wasn't asked for is none, and the mouse stays where it is.
        (b"\x1b[48;30000;30000;0;0t\x1b[<0;3;4M", ["MouseDown"]),
    ],
)
def test_what_bytes_say(sent: bytes, keys: list[str]) -> None:
    for chunks in ([sent], [sent[: len(sent) // 2], sent[len(sent) // 2 :]]):
        if b"\x1b]" in sent or b"\x1bP1" in sent or len(sent) > 32:
            chunks = [sent]  # long ones and strings are known by being whole
        words = said(TerminalInput(), *chunks)
        assert [word.replace("replacement_character", "\ufffd") for word in words] == keys


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        (b"\x1b/", ["escape", "slash"]),
        (b"\x1b>", ["escape", "greater_than_sign"]),
        (b"\x1b ", ["escape", "space"]),
        (b"\x1b\r", ["escape", "enter"]),
        (b"\x1b0", ["escape", "0"]),
        (b"\x1b3", ["escape", "3"]),
        (b"\x1b-", ["escape", "minus"]),
        (b"\x1bs", ["alt+s"]),  # which the app takes for both
        (b"\x1b", ["escape"]),
        (b"\x1b[", ["left_square_bracket"]),  # the beginning of a key whose rest is late
        (b"\x1b[1;", ["left_square_bracket", "1", "semicolon"]),
    ],
)
def test_a_key_typed_quickly_after_escape_is_a_key_after_escape(
    sent: bytes, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 0.02)
    # In two pieces, too: where the second is late, the first is an escape by itself, all the same.
    for chunks in ([sent], [sent[:1], sent[1:]])[: 2 if keys[0] == "escape" else 1]:
        reader = TerminalInput()
        words = said(reader, *chunks)
        time.sleep(0.03)
        words += [message.key for message in reader.tick() if isinstance(message, events.Key)]
        assert words == keys
        assert said(reader, b"x") == ["x"]


def test_a_size_that_was_asked_for_is_one() -> None:
    reader = TerminalInput()
    reader.in_band_sizes = True
    assert said(reader, b"\x1b[48;24;80;0;0t\x1b[<0;3;4M") == ["Resize", "MouseDown"]


def test_a_paste_may_come_in_any_pieces() -> None:
    sent = b"a\x1b[200~cosine(0.1)\n\xc3\xbc\x1b[201~b"
    for cut in range(6, len(sent)):
        assert said(TerminalInput(), sent[:cut], sent[cut:]) == ["a", "paste cosine(0.1)\nü", "b"], cut


@pytest.mark.parametrize("key", [b"\x03", b"\x11"])
def test_ctrl_c_gets_out_of_a_paste_whose_end_got_lost(key: bytes) -> None:
    reader = TerminalInput()
    assert said(reader, b"\x1b[200~abc", b"d") == []
    (paste, pressed) = said(reader, key)
    assert paste == "paste abcd"
    assert pressed.startswith("ctrl+")
    assert said(reader, b"x") == ["x"]


def test_a_paste_whose_end_got_lost_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(terminal_input, "monotonic", lambda: now)
    reader = TerminalInput()
    assert said(reader, b"\x1b[200~abc\x1b[20") == []
    now += terminal_input.PASTE_PATIENCE - 1
    assert list(reader.tick()) == []
    now += 1
    (paste,) = reader.tick()
    assert isinstance(paste, events.Paste)
    assert paste.text == "abc"
    assert said(reader, b"x") == ["x"]


def test_a_paste_whose_end_got_lost_is_over_when_something_comes_much_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(terminal_input, "monotonic", lambda: now)
    reader = TerminalInput()
    assert said(reader, b"\x1b[200~abc") == []
    now += terminal_input.PASTE_PATIENCE
    assert said(reader, b"x") == ["paste abc", "x"]


PIECES = st.sampled_from(
    [
        *(b"\x1b", b"[", b"]", b"P", b"O", b"<", b"?", b";", b":", b"M", b"m", b"u", b"t", b"R", b"$y", b"~"),
        *(b"\x07", b"200", b"201", b"48", b"9" * 9, b"55296", b"-1", b"0", b"a", b"S", b"\xff", b"\xe2\x82"),
        *("漢".encode(), b"\x1b[200~", b"\x1b[201~", b"\x1b\\"),
    ]
)


@given(st.lists(st.one_of(PIECES, st.binary(max_size=3)), max_size=60), st.randoms())
def test_no_bytes_end_the_reading(pieces: list[bytes], dice: random.Random) -> None:
    sent = b"".join(pieces)
    cuts = sorted(dice.randrange(len(sent) + 1) for _ in range(4))
    reader = TerminalInput()
    for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        for message in [*reader.feed(sent[start:end]), *reader.tick()]:
            if isinstance(message, events.Key) and message.character is not None:
                message.character.encode()
    # Nothing that came leaves it deaf: the end of whatever was open, a moment, and a key is a key again.
    list(reader.feed(b"\x1b[201~\x1b\\"))
    reader._parser._timeout_time = 0.0
    list(reader.tick())
    assert said(reader, b"x")[-1:] == ["x"]
