"""The schedule as text: an input that shows where it is wrong, and a line under it that says why.

It doesn't parse; the screen tells it what is wrong.
"""

from __future__ import annotations

from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Static

from lrtui.schedules import ScheduleError


class _Place(Highlighter):
    """Marks one span of the text."""

    def __init__(self) -> None:
        self.span: tuple[int, int] | None = None

    def highlight(self, text: Text) -> None:
        """Underline and invert the span that is wrong."""
        if self.span is not None:
            text.stylize("bold reverse red", *self.span)


class ExpressionInput(Input):
    """The line itself."""

    BINDING_GROUP_TITLE = "In the expression"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.tidy", "Tidy", id="expression.tidy",
                tooltip="Write the expression in its canonical form"),
        Binding("escape", "screen.leave_field", "Leave field", id="expression.leave",
                tooltip="Leave the line, so that letters are commands again"),
        Binding("down", "screen.leave_field", "Phases", show=False),
    ]  # fmt: skip


class ExpressionLine(Vertical):
    """`lr(t) =` and the expression, with a status line below."""

    DEFAULT_CSS: ClassVar[str] = """
    ExpressionLine {
        height: 2;
        & > Horizontal { height: 1; }
        & Label { width: auto; padding: 0 1; color: $accent; text-style: bold; }
        & ExpressionInput { width: 1fr; background: $surface; }
        & > .status {
            height: 1; padding: 0 1; color: $text-muted; text-overflow: ellipsis; text-wrap: nowrap;
        }
        &.-wrong > .status { color: $text-error; }
        &.-notice > .status { color: $text-warning; }
    }
    """

    def __init__(self, expression: str, id: str | None = None) -> None:
        """Take the text to begin with."""
        super().__init__(id=id)
        self._place = _Place()
        self.input = ExpressionInput(
            expression, compact=True, highlighter=self._place, select_on_focus=False, id="expression"
        )
        self._status = Static("", classes="status", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the two lines."""
        with Horizontal():
            yield Label("lr(t) =", markup=False)
            yield self.input
        yield self._status

    def write(self, expression: str) -> None:
        """Show an expression that came from elsewhere; nobody is told that it changed."""
        if self.input.value != expression:
            with self.input.prevent(Input.Changed):
                self.input.value = expression

    def say(self, text: str, *, notice: bool = False) -> None:
        """Say something about the schedule when nothing is wrong with it."""
        self._place.span = None
        self.remove_class("-wrong")
        self.set_class(notice, "-notice")
        self._status.update(text)
        self.input.refresh()

    def blame(self, error: ScheduleError) -> None:
        """Say what is wrong and mark the place."""
        self._place.span = None
        where = ""
        if error.position is not None:
            end = error.end if error.end is not None and error.end > error.position else error.position + 1
            self._place.span = (error.position, end)
            where = f"character {error.position + 1}: "
        self.add_class("-wrong")
        self.remove_class("-notice")
        self._status.update(f"✗ {where}{error.message}")
        self.input.refresh()

    @property
    def status(self) -> str:
        """What the status line says."""
        return str(self._status.render())
