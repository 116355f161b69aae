"""Leaving over bad lines: nothing is typed into the shell, nothing hangs, and the terminal is as it was."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import termios
import time
from pathlib import Path

import pytest

from tests.end_to_end.steps import READY, said_on_the_shell
from tests.end_to_end.terminal import LRTUI, SlowLine, Terminal

ONE_WAY = 0.3
"""Seconds; answers come after twice as long."""

# What arrives at the shell in the two seconds after the app, byte by byte.
THEN_LISTEN = (
    "; was=$(stty -g); stty -icanon -echo min 0 time 20; dd bs=1 count=200 2>/dev/null | od -An -c"
    "; stty $was; echo over"
)


@pytest.mark.parametrize("how", ["as soon as it is there", "in the midst of it", "with the mouse moving"])
def test_what_is_under_way_on_a_slow_line_is_not_typed_into_the_shell(how: str) -> None:
    command = ["sh", "-c", f"'{LRTUI}' 2>&1{THEN_LISTEN}"]
    with SlowLine(command, ONE_WAY, columns=80, rows=24) as terminal:
        if how == "as soon as it is there":
            terminal.wait_for(lambda _: terminal.modes.get(1049, False))
            terminal.send("ctrl+q", "ctrl+q")
        else:
            terminal.wait_for(READY)
            terminal.send("f3", "f4", "f2", "f1", "escape")
            time.sleep(2 * ONE_WAY)
            terminal.send("ctrl+l", "ctrl+q")
        column = 0
        while how == "with the mouse moving" and terminal.modes[1003]:
            column = column % 70 + 1
            terminal.type(f"\x1b[<35;{column};9M".encode())
            time.sleep(0.02)
        terminal.wait_exit()
        time.sleep(2 * ONE_WAY)
        assert said_on_the_shell(terminal) == ["over"]
        terminal.assert_clean()


def test_ctrl_z_on_a_slow_line_leaves_nothing_to_the_shell_either() -> None:
    shell = ["bash", "--norc", "--noprofile", "--noediting", "-i"]
    environment = {"PS1": "shell> ", "HISTFILE": "/dev/null"}
    with SlowLine(shell, ONE_WAY, environment=environment, columns=100, rows=30) as terminal:
        terminal.wait_for("shell>")
        terminal.send(LRTUI, "enter")
        terminal.wait_for(READY)
        terminal.send("f4", "f2", "ctrl+z")
        terminal.wait_for(lambda _: not terminal.modes[1049])
        terminal.wait_for("Stopped")
        time.sleep(4 * ONE_WAY)
        assert b"^[" not in terminal.sent
        terminal.assert_clean()
        terminal.send("fg", "enter")
        terminal.wait_for(lambda _: terminal.modes[1049])
        terminal.wait_for(READY)
        terminal.send("ctrl+q")
        terminal.wait_for(lambda _: not terminal.modes[1049])
        time.sleep(4 * ONE_WAY)
        assert b"^[" not in terminal.sent
        terminal.assert_clean()


@pytest.mark.parametrize("answers", [False, True])
def test_leaving_while_nobody_reads_takes_seconds_and_not_for_ever(answers: bool) -> None:
    with Terminal([LRTUI], columns=200, rows=60, answers=answers) as terminal:
        terminal.wait_for(READY)
        time.sleep(1)
        terminal.stall()
        for count in range(60):  # more than the device has room for
            terminal.type(b"\x0c")
            if count % 5 == 0:
                terminal.send("f3", "f2")
            time.sleep(0.02)
        terminal.send("ctrl+q")
        began = time.monotonic()
        assert terminal.process.wait(60) == 0
        assert time.monotonic() - began < 30
        terminal.go_on()
        terminal.wait_for(lambda _: not terminal.modes[1049], 30)
        time.sleep(0.2)
        terminal.assert_clean()


def test_a_stop_that_cannot_be_noticed_changes_nothing() -> None:
    """SIGSTOP and SIGCONT from outside: what the terminal was like is still known, each key comes once."""
    with Terminal([LRTUI], columns=80, rows=24) as terminal:
        terminal.wait_for(READY)
        for _ in range(3):
            terminal.process.send_signal(signal.SIGSTOP)
            time.sleep(0.2)
            terminal.process.send_signal(signal.SIGCONT)
            time.sleep(0.5)
        terminal.send("i")
        terminal.wait_for("Leave field")
        terminal.send("end", "ctrl+u", *"linear(0.125)")
        terminal.wait_for("linear(0.125)")
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0
        terminal.assert_clean()


def test_the_app_ends_when_its_terminal_is_gone(tmp_path: Path) -> None:
    """Without a SIGHUP that says so, which goes to the shell alone: the app finds out by itself."""
    master, slave = os.openpty()
    process = subprocess.Popen(
        ["sh", "-c", f"trap '' HUP; '{LRTUI}'; echo $? >code"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=tmp_path,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    seen = b""
    while b"Catalogue" not in seen:
        seen += os.read(master, 65536)
    os.close(slave)
    os.close(master)
    process.wait(60)
    # Python says 120 where it can't write out what is left for a stream.
    assert int((tmp_path / "code").read_text()) in (128 + signal.SIGHUP, 120)


def test_one_ctrl_c_too_many_gets_no_traceback() -> None:
    with Terminal([LRTUI], columns=80, rows=24) as terminal:
        terminal.wait_for(READY)
        while terminal.process.poll() is None:
            terminal.type(b"\x03")
            time.sleep(0.005)
        assert terminal.wait_exit() in (0, -signal.SIGINT)
        terminal.assert_clean()
        assert b"Traceback" not in terminal.sent
        assert b"KeyboardInterrupt" not in terminal.sent
