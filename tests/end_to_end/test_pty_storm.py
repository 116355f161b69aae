"""Anybody's hands on the real command in a terminal: keys, bytes that are none, mouse, sizes, signals.

`LRTUI_PTY_STORM=10000 pytest tests/end_to_end/test_pty_storm.py` is the long one;
LRTUI_STORM_SEED makes others. What is sent is the same each time; when it arrives, the machine decides.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from pathlib import Path

import psutil
import pytest

from lrtui.runs.store import RunStore
from tests.cli.commands import lrtui
from tests.end_to_end.gusts import SIZES, assert_undamaged, gust, make_runs
from tests.end_to_end.terminal import LRTUI, Terminal

EVENTS = int(os.environ.get("LRTUI_PTY_STORM", "250"))
BREATH = 50
"""Events after which the app is asked to show that it hears."""

PATIENCE = 60.0
CLEARED = b"\x1b[2J"
"""What Ctrl-L makes the app send, on every screen and in every dialog."""

CTRL_Q = b"\x11"

TOLD = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
LEFT = {0, *(128 + number for number in TOLD), *(-number for number in (*TOLD, signal.SIGQUIT))}
"""Exit codes: asked to, told to, and by a signal that came when the terminal was the shell's again."""

pytestmark = pytest.mark.timeout(300 + EVENTS)


class Storm:
    """The app in a terminal, opened again whenever a key has left it."""

    def __init__(self, dice: random.Random, folder: Path) -> None:
        self.dice, self.folder = dice, folder
        self.openings = 0
        self.over = threading.Event()
        self.trail: list[bytes] = []
        self.open()
        self.waker = threading.Thread(target=self._wake, daemon=True)
        self.waker.start()

    def open(self) -> None:
        self.openings += 1
        columns, rows = self.dice.choice(SIZES[:4])
        self.terminal = Terminal(
            [LRTUI, "--runs-dir", str(self.folder / "runs")],
            {"LRTUI_SLOTS": "1", "LRTUI_STATE_DIR": str(self.folder / "state")},
            columns, rows, cwd=self.folder, answers=self.dice.random() < 0.5,
        )  # fmt: skip
        self.terminal.wait_for(lambda _: self.terminal.modes.get(1049, False))

    def _wake(self) -> None:
        """Be the shell that brings a stopped app to the front again."""
        while not self.over.wait(0.2):
            process = self.terminal.process
            try:
                if psutil.Process(process.pid).status() == psutil.STATUS_STOPPED:
                    process.send_signal(signal.SIGCONT)
            except psutil.NoSuchProcess:
                pass

    def blow(self) -> None:
        """One event."""
        what = self.dice.random()
        if what < 0.04:
            self.terminal.resize(*self.dice.choice(SIZES))
        elif what < 0.045:
            self.terminal.process.send_signal(self.dice.choice([signal.SIGTSTP, signal.SIGWINCH]))
        elif what < 0.046:
            self.terminal.process.send_signal(self.dice.choice([signal.SIGTERM, signal.SIGHUP]))
        else:
            data = gust(self.dice)
            self.trail = [*self.trail[-30:], data]
            self.terminal.type(data)
        time.sleep(self.dice.choice([0.0, 0.0, 0.002, 0.02]))

    def breathe(self) -> None:
        """Ctrl-L and its answer; unless a key that was sent before has left the app."""
        mark = self.terminal.traffic
        until = time.monotonic() + PATIENCE
        self.terminal.resize(100, 30)
        # So that an escape, and what a sequence lacks, is nothing by now.
        time.sleep(0.3)
        asked = 0.0
        while CLEARED not in self.terminal.sent[mark:]:
            if self.terminal.process.poll() is not None:
                self.left()
                return
            assert time.monotonic() < until, f"deaf after {self.trail}; the screen:\n{self.terminal.text}"
            if time.monotonic() - asked > 3:  # a paste without an end swallows one
                asked = time.monotonic()
                self.terminal.type(b"\x1b[201~\x0c")
                if not self.terminal.modes.get(1049):
                    # A Ctrl-S after it had left the terminal holds up all output, as it does in any shell.
                    self.terminal.type(CTRL_Q)
            time.sleep(0.05)

    def left(self, again: bool = True) -> None:
        """See that the app was left in order, and open it again."""
        code = self.terminal.wait_exit(PATIENCE)
        assert code in LEFT, f"exit code {code} after {self.trail}; the screen:\n{self.terminal.text}"
        self.terminal.wait_for(lambda _: not self.terminal.modes[1049])
        self.terminal.assert_clean()
        _, found, after = bytes(self.terminal.sent).partition(b"Traceback")
        assert not found, after[:4000].decode(errors="replace")
        assert not list((self.folder / "state").glob("crash*")), f"after {self.trail}"
        self.terminal.close()
        if again:
            self.open()

    def leave(self) -> None:
        """The end: the app hears Ctrl-Q, from wherever it is."""
        self.breathe()
        self.terminal.type(CTRL_Q)
        self.left(again=False)
        self.over.set()


def end_runs(root: Path) -> None:
    """Nothing trains on, waits or stands by after the storm."""
    store = RunStore(root)
    for _ in range(3):
        for run in store.runs():
            if run.alive() or (run.path / "queued").exists():
                lrtui("runs", "stop", run.id, "--runs-dir", str(root))
    until = time.monotonic() + PATIENCE
    while left := [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(root) in word for word in process.info["cmdline"] or ())
    ]:
        if time.monotonic() > until:
            for process in left:
                process.kill()
            raise AssertionError(f"left behind: {[process.info['cmdline'] for process in left]}")
        time.sleep(0.2)


def test_a_storm_on_the_real_command(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    logs = make_runs(root)
    storm = Storm(random.Random(f"pty {os.environ.get('LRTUI_STORM_SEED', '')}"), tmp_path)
    try:
        for count in range(EVENTS):
            if storm.terminal.process.poll() is not None:
                storm.left()
            storm.blow()
            if count % BREATH == BREATH - 1:
                storm.breathe()
        storm.leave()
    finally:
        storm.over.set()
        storm.terminal.close()
        end_runs(root)
    assert_undamaged(root, logs)
    print(f"{EVENTS} events, {storm.openings} openings")
