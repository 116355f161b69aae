"""Send the terminal only the cells that differ from what it already shows, and only when it can take them.

Textual sends every line it repaints from the left edge of its widget, each run with all its colours, changed
or not; over SSH that is what a person feels. `SparingApp` remembers what was sent (`wire_cells`) and writes
the difference. Where the terminal, or the line to it, has stopped taking bytes (`wire_flow`), it writes
nothing, so that nothing gets old in a queue, and what is current once bytes are taken again.

It stands on private parts of Textual (`App._display` and the two kinds of compositor update); where they are
not what it knows, it steps aside and Textual does its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

from rich.color import ColorSystem
from textual import events
from textual.app import App
from textual.driver import Driver
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from .wire_cells import Memory
from .wire_flow import Flow

try:
    from textual._ansi_sequences import SYNC_END, SYNC_START
    from textual._compositor import ChopsUpdate, LayoutUpdate
except ImportError:  # pragma: no cover - another Textual
    LayoutUpdate = ChopsUpdate = None  # type: ignore[assignment,misc]
    SYNC_START = SYNC_END = ""
try:
    from .terminal_driver import TerminalDriver
except ImportError:  # pragma: no cover - the same, or not Linux or macOS
    TerminalDriver = None  # type: ignore[assignment,misc]

AT_ONCE = 256
"""Bytes that reach a terminal in one piece anyway: only longer updates are marked as belonging together."""

LOOK_EVERY = 0.1
"""Seconds between two looks whether a terminal takes bytes again."""


class SparingApp(App[None]):
    """An app that writes only what changed, and only what can be taken. Inherit from it in place of `App`."""

    ascii_only: bool = False
    """Whether only ASCII characters are sent; charts look at it, too. To be set before the first frame."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        """Take what `App` takes."""
        super().__init__(*args, **settings)
        self._terminal_memory = Memory()
        self.flow = Flow()
        """Whether the terminal takes what is sent."""
        # Taken again by the signal handler that suspends, in the midst of an update.
        self._wire_lock = threading.RLock()
        self._wired: Driver | None = None
        self._wire_write: Any = None
        self._hold_timer: Timer | None = None
        self._swallowed = False

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver, made sturdy where it is the one for Linux and macOS."""
        usual = super().get_driver_class()
        if TerminalDriver is not None and issubclass(TerminalDriver, usual):
            return TerminalDriver
        return usual

    def _display(self, screen: Any, renderable: Any) -> None:
        """Replace an update by its difference to what is shown; send nothing when there is none."""
        if renderable is not None and self._batch_count:
            self._swallowed = True
        known = ChopsUpdate is not None and isinstance(renderable, (LayoutUpdate, ChopsUpdate))
        if renderable is not None and not known:
            self._terminal_memory.forget()
        driver = self._driver
        if not known or self._batch_count or not self._running or self.is_headless or driver is None:
            super()._display(screen, renderable)
            return
        if self._wired is not driver:
            self._wire_driver(driver)
        if self._hold_timer is None and self.flow.open():
            self._send_difference(renderable)
        else:
            self._wire_hold()
        self.post_display_hook()

    def _end_batch(self) -> None:
        """Show what Textual drew and threw away while updates were held back, and what became due meanwhile.

        It does not draw the former again, and tells the app of an idle moment, not the screen that waits.
        """
        super()._end_batch()
        if self._batch_count or not self._running or not self.screen_stack:
            return
        if self._swallowed:
            self._swallowed = False
            self.screen.refresh()
        self.screen.check_idle()

    def _send_difference(self, update: Any) -> None:
        memory = self._terminal_memory
        memory.ascii_only = self.ascii_only
        with self._wire_lock:
            text = memory.difference(
                _pieces(update), self.size, self.console._color_system or ColorSystem.TRUECOLOR
            )
            if not text:
                return
            if getattr(self.focused, "cursor_screen_offset", None) is not None:
                # Where people type, an input method shows what is being composed at the terminal's cursor.
                text += memory.cursor_to(*self.screen.outer_size.clamp_offset(self.cursor_position))
            if self._sync_available and len(text) > AT_ONCE:
                text = SYNC_START + text + SYNC_END
            self._wire_write(self.flow.sending(text))

    # What others write, and what the terminal answers

    def _wire_driver(self, driver: Driver) -> None:
        """Stand between Textual and its driver."""
        self._wired, self._wire_write = driver, driver.write
        self._terminal_memory.forget()
        handle = driver.process_message
        loop = asyncio.get_running_loop()

        def write(data: str) -> None:
            with self._wire_lock:
                self._wire_write(self._terminal_memory.plain() + data)

        def process_message(message: Message) -> None:
            if isinstance(message, events.CursorPosition) and self.flow.answered():
                loop.call_soon_threadsafe(self._wire_look)
                return
            if isinstance(message, (events.Key, events.Paste, events.MouseDown)):
                self.flow.alive()
            handle(message)

        driver.write = write  # type: ignore[method-assign]
        driver.process_message = process_message  # type: ignore[method-assign]
        self.app_resume_signal.subscribe(self, lambda _: self._wire_forget(), immediate=True)

    def _wire_forget(self) -> None:
        self._terminal_memory.forget()
        self.flow.resume()

    async def on_event(self, event: events.Event) -> None:
        """Know nothing after a resize: terminals cut and rewrap, even on the way there and back."""
        if not isinstance(event, events.Resize):
            await super().on_event(event)
            return
        back = event.size == self.size  # there and back again before it was looked at: Textual draws nothing
        self._terminal_memory.forget()
        await super().on_event(event)
        if back and self.is_running and self.screen_stack:
            self.screen.refresh()

    def action_redraw(self) -> None:
        """Send the whole screen again, whatever has been written on it by others."""
        self._terminal_memory.forget()
        self.flow.restart()
        if self._driver is not None and not self.is_headless and self.flow.open():
            self._driver.write("\x1b[0m\x1b[2J")
        self.screen.refresh(layout=True)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Have no cursor blink: it would send bytes for as long as a field waits for somebody."""
        field = event.widget
        if getattr(field, "cursor_blink", False):
            field.cursor_blink = False  # type: ignore[attr-defined]
            # Which hides it, too, until the next key.
            getattr(field, "_restart_blink", field.refresh)()

    # Waiting for a terminal that takes nothing

    def _wire_hold(self) -> None:
        if self._hold_timer is None:
            self._hold_timer = self.set_interval(LOOK_EVERY, self._wire_look)

    def _wire_look(self) -> None:
        """Show what is current once bytes are taken again."""
        if self._hold_timer is not None and self.is_running and self.flow.open():
            self._hold_timer.stop()
            self._hold_timer = None
            if self.screen_stack:
                self.screen.refresh(layout=True)


def _pieces(update: Any) -> Iterator[tuple[int, int, Strip]]:
    """The strips of an update, with the places they belong to: (y, x, strip)."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            yield y, update.region.x, Strip.join(list(line))
        return
    for y in dict.fromkeys(y for y, _, _ in update.spans):
        spans = [(x1, x2) for row, x1, x2 in update.spans if row == y]
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            # What Textual itself would send of this piece: from its left edge to its last dirty column.
            stop = max((min(x2, end) for x1, x2 in spans if x < x2 and x1 < end), default=x)
            if strip is not None and stop > x:
                yield y, x, strip.crop(0, stop - x)
