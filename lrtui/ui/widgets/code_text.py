"""What the code panel is made of: a text to scroll in, and the line for a file's name. It writes no code."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static


class CodeText(VerticalScroll, inherit_bindings=False):
    """The code; up and down scroll, left and right belong to the dialects."""

    HELP_TITLE = "In the code"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "Up", id="list.up", show=False),
        Binding("down", "scroll_down", "Down", id="list.down", show=False),
        Binding("pageup", "page_up", "Page up", id="list.page-up", show=False),
        Binding("pagedown,space", "page_down", "Page down", id="list.page-down", show=False),
        Binding("home", "scroll_home", "First", id="list.first", show=False),
        Binding("end", "scroll_end", "Last", id="list.last", show=False),
    ]

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("", markup=False)

    def show(self, content: Content) -> None:
        """Show another text from its top."""
        self.query_one(Static).update(content)
        self.scroll_home(animate=False)


class PathInput(Input):
    """The file to save to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.save(False)", "Don't save", id="code.dont-save", tooltip="Back to the code")
    ]
