"""The help screen: what the present screen is for, what to do first, and all its keys in plain words."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from lrtui.ui.commands import Group, groups

KEYS = 14


class HelpScreen(ModalScreen[None]):
    """Guide and keys over the screen they are about; any of esc, q, F1, ? closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "Close", tooltip="Close the help"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    HelpScreen {
        align: center middle;
        & > #help {
            width: 84; max-width: 96%; height: auto; max-height: 94%;
            background: $surface; border: round $primary; border-title-color: $primary;
            border-subtitle-color: $text-muted; padding: 0 1;
        }
        & #words { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
        & Static { height: auto; margin: 0 0 1 0; }
    }
    """

    def __init__(self, about: Screen[Any]) -> None:
        """Take the screen to explain."""
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        """Guide first, then the keys by place."""
        with Vertical(id="help") as box:
            box.border_title = "Help"
            box.border_subtitle = "esc closes, ↑ ↓ scroll"
            with VerticalScroll(id="words"):
                guide = getattr(self._about, "GUIDE", "")
                if guide:
                    yield Static(guide, markup=False)
                for group in groups(self.app, self._about):
                    yield Static(_written(group))

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one("#words").focus()


def _written(group: Group) -> Content:
    lines = [Content.styled(group.title, "bold $accent")]
    for deed in group.deeds:
        keys = " ".join(deed.keys)
        lines.append(Content.assemble((f"  {keys:<{KEYS}} ", "bold"), deed.words))
    return Content("\n").join(lines)
