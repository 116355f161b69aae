"""The first frame: tabs and footer at once, before numpy, the grammar and the charts are imported.

It shows nothing else and makes way for the screen that was left last as soon as it has been painted.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual import work
from textual.app import ComposeResult
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from lrtui.ui.keys import with_keys
from lrtui.ui.screens.base import ModeScreen

PATIENCE = 2.0
"""Seconds without an answer of the disks after which that is said."""

WAITS = (
    "The runs folder or the data don't answer: a disk hangs, or the server behind it. It goes on by itself "
    "as soon as they do; {quit.letter} leaves. `lrtui doctor` in another terminal says which of them it is."
)

LEAVE = 0.04
"""Seconds from drawing a frame to its being written."""


class Blank(Static):
    """Nothing; says when it was first drawn, which is when the frame around it leaves for the terminal."""

    DEFAULT_CSS = "Blank { height: 1fr; padding: 1 2; color: $text-muted; }"

    class Drawn(Message):
        """The frame is drawn."""

    _told = False

    def render_line(self, y: int) -> Strip:
        """Draw one line, blank but for what was said."""
        if not self._told:
            self._told = True
            self.post_message(self.Drawn())
        return super().render_line(y)

    def say(self, text: str) -> None:
        """Say why nothing else comes."""
        self.update(text)


class StartScreen(ModeScreen):
    """An empty frame with the tab marked of the screen that comes: the one left last, at first Explore."""

    @property
    def _next(self) -> str:
        screen = self.lrtui.remembered.recall("screen", "explore")
        return screen if screen in self.lrtui.MODES and screen != "start" else "explore"

    def compose(self) -> ComposeResult:
        """Mark the tab, which is known only now."""
        self.mode = self._next
        yield from super().compose()

    def body(self) -> Iterable[Widget]:
        """Hold the place between tabs and footer."""
        yield Blank(markup=False)

    def on_blank_drawn(self) -> None:
        """Go on when the frame has had the time to leave: what comes then keeps the loop busy for longer."""
        self.set_timer(LEAVE, self._go_on)

    @work(name="start")
    async def _go_on(self) -> None:
        """Show the screen, unless a key has chosen another already; as long as disks hang, say so.

        A task of its own: this frame is still drawn meanwhile.
        """
        app = self.lrtui
        while not await app.get_ready(PATIENCE):
            self.query_one(Blank).say(with_keys(WAITS))
        if app.current_mode == "start":
            await app.action_show(app.wanted or self._next)
        app.painted()
