"""The harness itself: it must see what a program leaves behind, or the tests built on it prove nothing."""

from __future__ import annotations

import sys

import pytest

from tests.end_to_end.terminal import Terminal


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_it_shows_what_is_written_and_passes_on_what_is_typed() -> None:
    with Terminal(_python("print('name?'); print('hello', input())")) as terminal:
        terminal.wait_for("name?")
        terminal.send("wörld", "enter")
        terminal.wait_for("hello wörld")
        assert terminal.wait_exit() == 0
        terminal.assert_clean()


def test_it_notices_an_alternate_screen_left_behind() -> None:
    with Terminal(_python(r"print('\x1b[?1049h\x1b[?1003;1006hdone', flush=True)")) as terminal:
        terminal.wait_for("done")
        with pytest.raises(AssertionError, match="1049"):
            terminal.assert_clean()


def test_it_notices_echo_left_off() -> None:
    with Terminal(_python("import tty; tty.setraw(0); print('done', flush=True)")) as terminal:
        terminal.wait_for("done")
        terminal.wait_exit()
        with pytest.raises(AssertionError, match="echo"):
            terminal.assert_clean()


def test_it_tells_the_program_its_size() -> None:
    code = (
        "import os, signal; signal.signal(28, lambda *_: print(os.get_terminal_size())); print('up'); input()"
    )
    with Terminal(_python(code), columns=90, rows=20) as terminal:
        terminal.wait_for("up")
        terminal.resize(100, 30)
        terminal.wait_for("columns=100, lines=30")
