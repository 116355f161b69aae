"""The line on top: the three screens with their keys, clickable, and where help is."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from lrtui.ui.keys import key_of

TABS = (("explore", "Explore"), ("train", "Train"), ("runs", "Runs"))


class Tab(Static):
    """One clickable name on the bar."""

    def __init__(self, key: str, name: str, action: str, *, active: bool = False) -> None:
        """Take the key, the name shown beside it and the app's action that a click runs."""
        accent = "bold" if active else "$footer-key-foreground"
        super().__init__(Content.assemble((key, accent), f" {name}"))
        self._click_action = action
        self.set_class(active, "-active")

    async def on_click(self) -> None:
        """Do what the key does."""
        await self.app.run_action(self._click_action)


class TabBar(Horizontal):
    """The screens of the app, the present one marked."""

    DEFAULT_CSS: ClassVar[str] = """
    TabBar {
        height: 1;
        background: $panel;
        & > .title { width: auto; padding: 0 1; color: $accent; text-style: bold; }
        & > Tab { width: auto; padding: 0 1; }
        & > Tab:hover { background: $boost; }
        & > Tab.-active { background: $block-cursor-background; color: $block-cursor-foreground; }
        & > .gap { width: 1fr; }
    }
    """

    def __init__(self, active: str) -> None:
        """Take the mode that is shown."""
        super().__init__()
        self._active = active

    def compose(self) -> ComposeResult:
        """Yield the name, the tabs and the two helpers on the right."""
        yield Static("lrtui", classes="title", markup=False)
        for mode, name in TABS:
            yield Tab(
                key_of(self.app, f"go.{mode}"), name, f"app.show('{mode}')", active=mode == self._active
            )
        yield Static("", classes="gap")
        yield Tab(key_of(self.app, "palette"), "Commands", "app.command_palette")
        yield Tab(key_of(self.app, "help"), "Help", "app.help")
