"""The schedule as text: an input that shows where it is wrong, and a line under it that says why.

It doesn't parse; the screen tells it what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from lrtui.schedules import ScheduleError

WIDTH_STEP = 64


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
                tooltip="Write the expression in its canonical form; read another library's call as one"),
        Binding("escape", "screen.leave_field", "Leave field", id="expression.leave",
                tooltip="Leave the line, so that letters are commands again"),
        Binding("down", "screen.leave_field", "To the phases", id="expression.phases", show=False),
    ]  # fmt: skip

    @property
    def content_width(self) -> int:
        """What the text takes, in steps: a new width has Textual lay out the whole screen, at every key."""
        return -(-super().content_width // WIDTH_STEP) * WIDTH_STEP

    class Pasted(Message):
        """Several lines were pasted; the input has them as one."""

        def __init__(self, text: str) -> None:
            """Take the lines as they were."""
            super().__init__()
            self.text = text

    def _on_paste(self, event: events.Paste) -> None:
        """Keep all lines of what is pasted; another library's call takes the place of what is there."""
        event.prevent_default()  # Textual keeps the first line only
        event.stop()
        self.paste(event.text)

    def paste(self, text: str, *, whole: bool = False) -> None:
        """Put text in at the cursor, or in place of everything."""
        from lrtui.ui.pasting import known_call

        joined = " ".join(line.strip() for line in text.splitlines() if line.strip())
        if whole or known_call(text) is not None:
            self.replace(joined, 0, len(self.value))
        else:
            self.replace(joined, *sorted(self.selection))
        self.post_message(self.Pasted(text))


class ExpressionLine(Vertical):
    """`lr(t) =` and the expression, with a status line below."""

    DEFAULT_CSS: ClassVar[str] = """
    ExpressionLine {
        height: auto;
        & > Horizontal { height: 1; }
        & Label { width: auto; padding: 0 1; color: $accent; text-style: bold; }
        & ExpressionInput { width: 1fr; background: $surface; }
        & > .status {
            height: 1; padding: 0 1; color: $text-muted; text-overflow: ellipsis; text-wrap: nowrap;
        }
        & > .notes { display: none; height: auto; max-height: 4; padding: 0 1 0 3; color: $text-warning; }
        &.-offer > .notes { display: block; }
        &.-wrong > .status { color: $text-error; }
        &.-offer > .status { height: auto; max-height: 3; text-wrap: wrap; color: $text-success; }
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
        self._notes = Static("", classes="notes", markup=False)
        self._said = ""

    def compose(self) -> ComposeResult:
        """Lay out the two lines."""
        with Horizontal():
            yield Label("lr(t) =", markup=False)
            yield self.input
        yield self._status
        yield self._notes

    def write(self, expression: str) -> None:
        """Show an expression that came from elsewhere; nobody is told that it changed."""
        if self.input.value != expression:
            with self.input.prevent(Input.Changed):
                self.input.value = expression

    def say(self, text: str, *, notice: bool = False) -> None:
        """Say something about the schedule when nothing is wrong with it."""
        self._place.span = None
        self.remove_class("-wrong", "-offer")
        self.set_class(notice, "-notice")
        self._tell(text)
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
        self.remove_class("-notice", "-offer")
        self._tell(f"✗ {where}{error.message}")
        self.input.refresh()

    def offer(self, words: str, notes: Sequence[str], *, possible: bool) -> None:
        """Say that this is another library's call, how it reads or why it can't be, and what surprises."""
        self._place.span = None
        self.set_class(not possible, "-wrong")
        self.set_class(possible, "-offer")
        self._tell(words if possible else f"✗ {words}", lines=True)
        self._notes.update("\n".join(f"· {note}" for note in notes))
        self.input.refresh()

    def _tell(self, words: str, *, lines: bool = False) -> None:
        """Put words into the status line; only more lines of it than one have the screen laid out again."""
        if words != self._said:
            self._said = words
            self._status.update(words, layout=lines)

    @property
    def status(self) -> str:
        """What the status line says."""
        return str(self._status.render())
