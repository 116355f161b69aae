"""The doctor in the app's panel sees the terminal that the app is in."""

from __future__ import annotations

from tests.end_to_end.steps import READY
from tests.end_to_end.terminal import LRTUI, Terminal


def test_the_doctor_looks_at_the_terminal_of_the_app() -> None:
    with Terminal([LRTUI, "--no-standby"], columns=97, rows=31) as terminal:
        terminal.wait_for(READY)
        terminal.send("\x10")
        terminal.wait_for("Search")
        terminal.send("doctor")
        terminal.wait_for("What is found here")
        terminal.send("\r")
        terminal.wait_for("as they should be", timeout=120)
        assert "xterm-256color" in terminal.text
        assert "97x31" in terminal.text
        assert "16 million" in terminal.text
        terminal.send("\x1b")
        terminal.wait_for(lambda text: "lrtui doctor" not in text)
        terminal.send("\x11")
        assert terminal.wait_exit() == 0
        terminal.assert_clean()
