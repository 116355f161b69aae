"""The app's end of the terminal: it reads whatever comes, and leaves it in order however the line is.

Textual's driver ends the app on a byte it doesn't expect, waits without end for a client that has stopped
reading, and doesn't wait for what a slow line still has under way: mouse reports and answers, which would be
typed into the shell. Knows nothing of what is shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import signal
import termios
import threading
from functools import partial
from time import monotonic, sleep
from typing import Any

from textual import constants, events
from textual.app import App
from textual.message import Message

from .idle_input import IdleDriver
from .terminal_input import TerminalInput
from .wire_flow import Flow

HANG_UP = 128 + signal.SIGHUP
"""The exit code when the terminal is gone."""

LEAVE_WITHIN = 2.0
"""Seconds that leaving waits for a client that doesn't read, before what it hasn't read is thrown away."""

_LOOK_EVERY = 0.1

_QUIET = "\x1b[?2004l\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l"
"""After it a terminal sends nothing but keys: no pastes in brackets, sizes, mouse or focus reports."""

_PLAIN_KEYS = "" if constants.DISABLE_KITTY_KEY else "\x1b[<u"
"""And keys as a shell knows them; while the alternate screen is on, which has kitty's modes of its own."""

_LAST_WORDS = "\x1b[?7h\x1b[0m\x1b[H\x1b[2J\x1b[?1049l\x1b[?25h"
"""Line wrap; no picture where there is no second screen, as in GNU screen; the shell's screen and cursor."""

_CANCEL = "\x18\x1b[0m"
"""Ends whatever sequence a terminal is in the midst of, and what colours it set."""


class TerminalDriver(IdleDriver):
    """Textual's driver for Linux and macOS, made sturdy; it sleeps while nobody types."""

    def __init__(self, app: App[Any], **settings: Any) -> None:
        """Take what Textual's takes."""
        super().__init__(app, **settings)
        self.flow: Flow = getattr(app, "flow", None) or Flow()
        self._input = TerminalInput()
        self._active = False
        """Whether the terminal is the app's."""
        self._attributes: list[Any] | None = None
        self._gone = False
        self._deadline: float | None = None

    # Taking the terminal and giving it back

    def start_application_mode(self) -> None:
        """Take the terminal; again when it is the app's already, after a stop that couldn't be noticed."""
        if self._active:
            self._take_again()
            return
        self._deadline = None
        self._writer_thread = None
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # Without it the app is in the background of its shell, and was stopped again on the way.
        self._active = self._writer_thread is not None
        if self._writer_thread is not None:
            # Nobody waits for room in it: how much of the screen is in it `wire_flow` sees to.
            self._writer_thread._queue.maxsize = 0
            with contextlib.suppress(termios.error):
                self._attributes = termios.tcgetattr(self.fileno)

    def _take_again(self) -> None:
        """SIGSTOP gives the shell the terminal as it is, and the shell puts its own modes back."""
        if self._attributes is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self._attributes)
        self.write("\x1b[?1049h\x1b[?25l\x1b[?1004h")
        self._enable_mouse_support()
        self._enable_bracketed_paste()
        self._disable_line_wrap()
        asyncio.run_coroutine_threadsafe(self._app._post_message(self.SignalResume()), loop=self._loop)

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was, once nothing is under way any more that it was asked for."""
        if not self._active:
            return
        self._deadline = monotonic() + LEAVE_WITHIN
        self.write(_QUIET + _PLAIN_KEYS + self.flow.last_question())
        while self.flow.waits_for_last_answer() and not self._gone:
            sleep(0.01)
        self.disable_input()
        if self.attrs_before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        self.write(_LAST_WORDS)
        self._active = False

    def disable_input(self) -> None:
        """Read nothing more; once, since what is typed after that is the shell's."""
        if self._active:
            super().disable_input()

    def close(self) -> None:
        """End writing: wait a moment for a client that doesn't read, then throw away what it hasn't read."""
        writer = self._writer_thread
        if writer is None:
            return
        writer._queue.put(None)
        fd = self._file.fileno() if self._file is not None else 2
        until = self._deadline or 0.0
        writer.join(max(until - monotonic(), LEAVE_WITHIN / 4))
        if writer.is_alive():
            self._throw_away(writer, fd, until + LEAVE_WITHIN)
        self._writer_thread = None

    def _throw_away(self, writer: threading.Thread, fd: int, until: float) -> None:
        """Empty the device until all that was to be written went into it; what counts then goes in again."""
        # The flush makes room, but wakes nobody who waits for it; a signal does.
        before = signal.signal(signal.SIGURG, lambda *_: None)
        while writer.is_alive() and monotonic() < until:
            with contextlib.suppress(termios.error):
                termios.tcflush(fd, termios.TCOFLUSH)
            if writer.ident is not None:
                signal.pthread_kill(writer.ident, signal.SIGURG)
            writer.join(0.05)
        signal.signal(signal.SIGURG, before)
        if not writer.is_alive():
            with contextlib.suppress(OSError, termios.error):
                termios.tcflush(fd, termios.TCOFLUSH)
                os.write(fd, (_CANCEL + _QUIET + _PLAIN_KEYS + _LAST_WORDS).encode())

    def write(self, data: str) -> None:
        """Have something written, in its turn; nothing once the terminal is gone."""
        writer = self._writer_thread
        if writer is not None and writer.is_alive():
            writer.write(data)

    # Stopping and going on, which a signal handler must not do in the midst of whatever it interrupts

    def _sigtstp_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._suspend)

    def _sigcont_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self.resume_application_mode)

    def _suspend(self) -> None:
        if self._active:
            self.suspend_application_mode()
            self._must_signal_resume = True
            os.kill(os.getpid(), signal.SIGSTOP)

    # Reading

    def run_input_thread(self) -> None:
        """Turn what comes into messages, until the terminal is given back or gone."""
        self.exit_event.reader = threading.get_ident()
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_LOOK_EVERY) and not self._read():
                    return
                for message in self._input.tick():
                    self.process_message(message)

    def _read(self) -> bool:
        try:
            data = os.read(self.fileno, 4096)
        except OSError:
            data = b""
        if not data:
            self._gone = True
            with contextlib.suppress(RuntimeError):  # the loop is over
                self._loop.call_soon_threadsafe(partial(self._app.exit, return_code=HANG_UP))
            return False
        self.exit_event.heard()
        for message in self._input.feed(data):
            self.process_message(message)
        return True

    def process_message(self, message: Message) -> None:
        """Pass a message on, but for an answer to the app's own question."""
        if isinstance(message, events.CursorPosition) and self.flow.answered():
            return
        super().process_message(message)
        self._input.in_band_sizes = self._in_band_window_resize
