"""Lets the thread that reads the terminal sleep until there is something to read.

Textual's asks ten times a second whether it is to end, and each time takes a core from whoever trains on it.
Here that question waits for an answer that matters. It stands on the driver's `exit_event` and its
`run_input_thread`; where they are not what it knows, Textual does its own.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from typing import Any

from textual.app import App
from textual.driver import Driver

try:
    from textual.drivers.linux_driver import LinuxDriver
except ImportError:  # pragma: no cover - Windows
    LinuxDriver = None  # type: ignore[assignment,misc]

ROUNDS = 3
"""Rounds of 0.1 s without input before the thread sleeps: in one, a lone Escape is told from a sequence."""


class EndOfInput(threading.Event):
    """The sign that reading is to end; the thread that reads waits here for the sign or for input."""

    def __init__(self, terminal: int) -> None:
        """Watch a terminal's file descriptor."""
        super().__init__()
        self.reader: int | None = None
        """The thread that waits; all others are answered at once."""
        self._terminal = terminal
        # Sockets are closed with this object: a driver that is closed may only be suspended.
        self._told, self._tell = socket.socketpair()
        self._told.setblocking(False)
        self._quiet = 0

    def set(self) -> None:
        """Have reading end."""
        super().set()
        self._tell.send(b"!")

    def heard(self) -> None:
        """Something was read: what it means may depend on whether more comes within a moment."""
        self._quiet = 0

    def clear(self) -> None:
        """Let reading begin again."""
        super().clear()
        with contextlib.suppress(BlockingIOError):
            while self._told.recv(64):
                pass

    def is_set(self) -> bool:
        """Whether reading is to end; in the thread that reads, once there is something to do."""
        if threading.get_ident() == self.reader and not super().is_set():
            self._wait()
        return super().is_set()

    def _wait(self) -> None:
        watched = [self._terminal, self._told.fileno()]
        if self._quiet < ROUNDS and not select.select(watched, [], [], 0)[0]:
            self._quiet += 1
        else:
            select.select(watched, [], [])
            self._quiet = 0


if LinuxDriver is not None:

    class IdleDriver(LinuxDriver):
        """Textual's driver, with a reading thread that sleeps while nobody types."""

        exit_event: EndOfInput

        def __init__(self, *args: Any, **settings: Any) -> None:
            """Take what Textual's takes."""
            super().__init__(*args, **settings)
            self.exit_event = EndOfInput(self.fileno)

        def run_input_thread(self) -> None:
            """Read until told to end."""
            self.exit_event.reader = threading.get_ident()
            super().run_input_thread()


class IdleInputApp(App[None]):
    """An app that isn't woken by its own terminal while nobody types. Inherit from it in place of `App`."""

    def get_driver_class(self) -> type[Driver]:
        """Take the sleeping driver where Textual would take the one it is made of."""
        usual = super().get_driver_class()
        return IdleDriver if LinuxDriver is not None and usual is LinuxDriver else usual
