"""The help screen: what the present screen is for, what to do first, and all its keys in plain words."""

from __future__ import annotations

import textwrap
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from lrtui.ui.commands import Group, groups
from lrtui.ui.keys import with_keys
from lrtui.ui.screens.dialog import Dialog

KEYS = 14
"""Columns for keys at most; longer ones have their words below."""


class HelpScreen(Dialog[None]):
    """Guide and keys over the screen they are about; any of esc, q, F1, ? closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "Close", id="dialog.close", tooltip="Close the help"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    HelpScreen {
        & > #help { width: 84; }
        & #words { height: auto; max-height: 100%; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
        & Static { height: auto; margin: 0 1 1 0; }
    }
    """

    def __init__(self, about: Screen[Any]) -> None:
        """Take the screen to explain."""
        super().__init__()
        self._about = about
        self._groups: list[Group] = []

    def compose(self) -> ComposeResult:
        """Guide first, then the keys by place; where the focus is comes first."""
        self._groups = groups(self.app, self._about)
        with Vertical(id="help") as box:
            box.border_title = "Help"
            box.border_subtitle = with_keys("{dialog.close} closes, ↑ ↓ scroll")
            with VerticalScroll(id="words"):
                guide = getattr(self._about, "GUIDE", "")
                if guide:
                    yield Static(with_keys(guide), markup=False)
                for _ in self._groups:
                    yield Static(classes="keys")

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one("#words").focus()

    def on_resize(self) -> None:
        """Wrap the words in their own column, as wide as it is now."""
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        places = list(self.query("Static.keys").results(Static))
        if len(places) != len(self._groups):
            return  # on its way in or out
        width = self.query_one("#words").scrollable_content_region.width - 1
        for place, group in zip(places, self._groups, strict=True):
            place.update(_written(group, width))


def _written(group: Group, width: int) -> Content:
    lines = [Content.styled(group.title, "bold $accent")]
    lines += [Content(f"  {line}") for line in textwrap.wrap(group.about, max(width - 2, 10))]
    keys = [" ".join(deed.keys) for deed in group.deeds]
    column = min(max(map(len, keys), default=0), KEYS)
    for deed, written in zip(group.deeds, keys, strict=True):
        first, *more = textwrap.wrap(deed.words, max(width - column - 4, 10)) or [""]
        gap = "\n" + " " * (column + 4) if len(written) > column else ""
        lines.append(Content.assemble((f"  {written:<{column}}  ", "bold"), f"{gap}{first}"))
        lines += [Content(" " * (column + 4) + line) for line in more]
    return Content("\n").join(lines)
