"""How the app is left from outside: by signals, and by Ctrl-C twice. Textual puts the terminal in order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from functools import partial
from time import monotonic
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.widgets import Input, TextArea

from lrtui.ui.keys import key_for

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

AGAIN = 2.0
"""Seconds within which a second Ctrl-C leaves."""


class LeavingApp(App[None]):
    """An app that ends in order when it is told to. Inherit from it in place of `App`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "Copy or leave", show=False, priority=True, id="interrupt",
                tooltip="Copy what is selected; twice, with nothing selected: leave"),
    ]  # fmt: skip

    _interrupted_at = -AGAIN
    _told_by: int | None = None

    _hearing: asyncio.AbstractEventLoop | None = None
    _notes_signals = False

    def note_signals(self) -> None:
        """From now on answer signals, also before and after the app's loop could.

        One that comes when the terminal is the app's already, and its loop doesn't run yet, would end the
        process with the terminal in disorder. After the loop Python's own answer to Ctrl-C would be in force
        again for a moment, and print a traceback wherever it hits. Whoever calls this sees to the signals
        when the app has been left.
        """

        def note(number: int, _frame: object) -> None:
            self._told_by = number
            if self._hearing is not None:
                with contextlib.suppress(RuntimeError):  # the loop has ended: the app is being left
                    self._hearing.call_soon_threadsafe(self._leave, 128 + number)

        self._notes_signals = True
        for number in SIGNALS:
            signal.signal(number, note)

    def on_mount(self) -> None:
        """Answer the signals that would otherwise kill the process with the terminal left in disorder."""
        loop = self._hearing = asyncio.get_running_loop()
        if self._told_by is not None:
            self._leave(128 + self._told_by)
        if self._notes_signals:
            return
        for number in SIGNALS:
            try:
                loop.add_signal_handler(number, partial(self._leave, 128 + number))
            except (NotImplementedError, RuntimeError, ValueError):
                return  # not the main thread, or no such signals here: nothing to promise

    def _leave(self, code: int) -> None:
        self.exit(return_code=code)

    def action_interrupt(self) -> None:
        """Copy what is selected; with nothing selected the second time leaves."""
        text = self._selected()
        if text:
            self.copy_to_clipboard(text)
            self.notify("copied", timeout=2)
        elif monotonic() - self._interrupted_at < AGAIN:
            self.exit()
        else:
            self._interrupted_at = monotonic()
            again = key_for("interrupt")
            self.notify(f"{again} again leaves; runs in training go on", timeout=AGAIN, markup=False)

    def _selected(self) -> str | None:
        if isinstance(self.focused, Input | TextArea) and self.focused.selected_text:
            return self.focused.selected_text
        return self.screen.get_selected_text() if self.screen_stack else None
