"""A real pseudo-terminal with a terminal emulator behind it, to run the real `lrtui` command in.

`Terminal` starts a program with the terminal as its controlling one, reads what it writes on a thread of
its own, and keeps both the screen that a person would see and every byte that was sent.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyte

LRTUI = str(Path(sys.executable).with_name("lrtui"))

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "space": " ",
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"},
}

_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")

CLEAN_MODES = {1049: False, 1000: False, 1002: False, 1003: False, 1006: False, 2004: False, 25: True}
"""Alternate screen, mouse tracking, bracketed paste off, cursor visible: how a shell wants its terminal."""


class Terminal:
    """A program in a terminal of its own; use it as a context manager, which ends the program."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        columns: int = 120,
        rows: int = 36,
        cwd: Path | None = None,
        answers: bool = False,
    ) -> None:
        """Start a program; with `answers` it is told where the cursor is when it asks, as in real ones."""
        self.sent = bytearray()
        self._closed = False
        self._reads = threading.Event()
        self._reads.set()
        self._screen = pyte.Screen(columns, rows)
        if answers:
            self._screen.write_process_input = lambda data: self.type(data.encode())
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._master, self._slave = os.openpty()
        self.resize(columns, rows)
        self._settings = termios.tcgetattr(self._slave)
        # Test runners export a size for their own output, which no terminal does.
        outside = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        base = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "COLORTERM": "truecolor"}
        self.process = subprocess.Popen(
            list(command),
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env={**outside, **base, **(environment or {})},
            cwd=cwd,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        while True:
            self._reads.wait()
            try:
                chunk = os.read(self._master, 65536)
            except OSError:
                return
            if not chunk:
                return
            self._take(chunk)

    def _take(self, chunk: bytes) -> None:
        """Show what has arrived."""
        with self._lock:
            self.sent += chunk
            self._stream.feed(chunk)

    def type(self, data: bytes) -> None:
        """Send bytes as they are, as the keyboard, the mouse and the terminal's own answers do."""
        os.write(self._master, data)

    @property
    def text(self) -> str:
        """What a person sees now, a line a row."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def cells(self) -> list[list[tuple[object, ...]]]:
        """What is seen of every cell, a list a row: its colours and attributes, of a blank its background."""
        with self._lock:
            screen = self._screen
            return [[_seen(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]

    @property
    def traffic(self) -> int:
        """Bytes received so far."""
        with self._lock:
            return len(self.sent)

    @property
    def modes(self) -> dict[int, bool]:
        """The private modes that were ever set or reset, as they are now."""
        with self._lock:
            data = bytes(self.sent)
        modes: dict[int, bool] = {}
        for numbers, letter in _MODE.findall(data):
            for number in numbers.split(b";"):
                if number:
                    modes[int(number)] = letter == b"h"
        return modes

    @property
    def echoes(self) -> bool:
        """Whether the terminal echoes and edits lines again, as a shell's does."""
        flags = termios.tcgetattr(self._slave)[3]
        return bool(flags & termios.ECHO) and bool(flags & termios.ICANON)

    def assert_clean(self) -> None:
        """Assert that the program left the terminal as it found it."""
        modes = self.modes
        wrong = {
            mode: modes[mode] for mode, wanted in CLEAN_MODES.items() if modes.get(mode, wanted) != wanted
        }
        assert not wrong, f"terminal modes left behind: {wrong}"
        assert self.echoes, "echo and line editing are still off"

    def send(self, *keys: str) -> None:
        """Press keys: names of `KEYS`, or text that is typed as it is."""
        for key in keys:
            self.type(KEYS.get(key, key).encode())
            time.sleep(0.02)

    def click(self, text: str) -> None:
        """Press and release the left button on the first place that shows `text`."""
        for row, line in enumerate(self.text.split("\n")):
            column = line.find(text)
            if column >= 0:
                place = f"{column + len(text) // 2 + 1};{row + 1}"
                self.type(f"\x1b[<0;{place}M\x1b[<0;{place}m".encode())
                return
        raise AssertionError(f"{text!r} is nowhere on the screen:\n{self.text}")

    def stall(self) -> None:
        """Read nothing any more, as a client does whose connection hangs."""
        self._reads.clear()

    def go_on(self) -> None:
        """Read again."""
        self._reads.set()

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size, as dragging its window does."""
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        with self._lock:
            self._screen.resize(rows, columns)
        process = getattr(self, "process", None)
        if process is not None:
            process.send_signal(signal.SIGWINCH)

    def wait_for(self, text: str | Callable[[str], bool], timeout: float = 120.0) -> str:
        """Wait until the screen shows `text` (or makes a function of it true) and return the screen."""
        shows = text if callable(text) else lambda screen: text in screen
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            screen = self.text
            if shows(screen):
                return screen
            if self.process.poll() is not None and self._has_taken_all():
                break
            time.sleep(0.05)
        raise AssertionError(
            f"waited {timeout:.0f} s for {text!r} (exit code {self.process.poll()}); the screen:\n{self.text}"
        )

    def _has_taken_all(self) -> bool:
        """Whether nothing has come for a moment: a reader may lag behind what the program wrote last."""
        before = self.traffic
        time.sleep(0.3)
        return self.traffic == before

    def wait_exit(self, timeout: float = 120.0) -> int:
        """Wait for the program to end by itself and return its exit code."""
        code = self.process.wait(timeout)
        time.sleep(0.2)
        return code

    def hang_up(self) -> None:
        """What closing the terminal's window does: SIGHUP to the program's whole group."""
        os.killpg(self.process.pid, signal.SIGHUP)

    def close(self) -> None:
        """End the program, if it still runs, and free the terminal; once more does nothing."""
        if self._closed:
            return
        self._closed = True
        self._reads.set()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        for fd in (self._slave, self._master):
            os.close(fd)
        self._reader.join(5)


class SlowLine(Terminal):
    """A terminal at the far end of a slow line: what either side sends arrives later."""

    def __init__(self, command: Sequence[str], one_way: float, **settings: Any) -> None:
        """Start a program; `one_way` is how many seconds bytes take in either direction."""
        self._one_way = one_way
        self._under_way: queue.Queue[tuple[float, Callable[[], object]] | None] = queue.Queue()
        self._line = threading.Thread(target=self._carry, daemon=True)
        self._line.start()
        super().__init__(command, answers=True, **settings)

    def _carry(self) -> None:
        while (item := self._under_way.get()) is not None:
            due, deliver = item
            time.sleep(max(due - time.monotonic(), 0.0))
            with contextlib.suppress(OSError):  # the program is gone
                deliver()

    def _later(self, deliver: Callable[[], object]) -> None:
        self._under_way.put((time.monotonic() + self._one_way, deliver))

    def _take(self, chunk: bytes) -> None:
        self._later(lambda: super(SlowLine, self)._take(chunk))

    def type(self, data: bytes) -> None:
        """Send bytes, which arrive later."""
        self._later(lambda: super(SlowLine, self).type(data))

    def close(self) -> None:
        """End the program and the line."""
        self._under_way.put(None)
        self._line.join(10)
        super().close()


def _seen(char: pyte.screens.Char) -> tuple[object, ...]:
    if char.data == " " and not (char.underscore or char.reverse or char.strikethrough):
        return (" ", char.bg)
    return tuple(char)
