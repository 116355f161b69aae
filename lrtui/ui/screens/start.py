"""The first frame: tabs and footer at once, before numpy, the grammar and the charts are imported.

It shows nothing else and makes way for the screen that was left last as soon as it has been painted.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from lrtui.ui.screens.base import ModeScreen

LEAVE = 0.04
"""Seconds from drawing a frame to its being written."""


class Blank(Widget):
    """Nothing; says when it was first drawn, which is when the frame around it leaves for the terminal."""

    DEFAULT_CSS = "Blank { height: 1fr; }"

    class Drawn(Message):
        """The frame is drawn."""

    _told = False

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Draw one blank line."""
        if not self._told:
            self._told = True
            self.post_message(self.Drawn())
        return Strip.blank(self.size.width, self.rich_style)


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
        yield Blank()

    def on_blank_drawn(self) -> None:
        """Go on when the frame has had the time to leave: what comes then keeps the loop busy for longer."""
        self.set_timer(LEAVE, self._go_on)

    async def _go_on(self) -> None:
        """Show the screen, unless a key has chosen another already."""
        if self.lrtui.current_mode == "start":
            await self.lrtui.action_show(self._next)
        self.lrtui.painted()
