"""The first frame: tabs and footer at once, before numpy, the grammar and the charts are imported.

It shows nothing else and makes way for Explore as soon as it has been painted.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Container
from textual.widget import Widget

from lrtui.ui.screens.base import ModeScreen


class StartScreen(ModeScreen):
    """An empty frame with Explore's tab marked."""

    MODE = "explore"

    def body(self) -> Iterable[Widget]:
        """Hold the place between tabs and footer."""
        yield Container()

    def on_mount(self) -> None:
        """Go on once this frame is on its way to the terminal."""
        self.call_after_refresh(self._go_on)

    async def _go_on(self) -> None:
        if self.lrtui.current_mode == "start":  # a key may have chosen another screen already
            await self.lrtui.action_show("explore")
