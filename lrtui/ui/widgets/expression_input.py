"""The schedule as text: an input that shows where it is wrong, and a line under it that says why.

It doesn't parse; the screen tells it what is wrong.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Label, Static

from lrtui.schedules import ScheduleError
from lrtui.ui.widgets.wrapped_input import WrappedInput

KINDS = ("-wrong", "-offer", "-notice")
"""What the status line says something as, beside plain words about what is there."""

PAUSE = 0.4
"""Seconds without a key after which a long complaint takes all the lines it needs."""

MOST_LINES = 3
"""Lines that the status may take; as in the style."""


class _Place(Highlighter):
    """Marks one span of the text."""

    def __init__(self) -> None:
        self.span: tuple[int, int] | None = None

    def highlight(self, text: Text) -> None:
        """Underline and invert the span that is wrong."""
        if self.span is not None:
            text.stylize("bold reverse red", *self.span)


class ExpressionInput(WrappedInput):
    """The line itself."""

    BINDING_GROUP_TITLE = "In the expression"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.tidy", "Tidy", id="expression.tidy",
                tooltip="Write the expression in its canonical form; read another library's call as one"),
        Binding("escape", "screen.leave_field", "Leave field", id="field.leave",
                tooltip="Leave the line, so that letters are commands again"),
        Binding("f6", "screen.turn_clock", "Epochs or updates", show=False, id="expression.clock",
                tooltip="Read the numbers of another library's call as epochs, or as updates again"),
        Binding("up", "row(-1)", "Row above", id="expression.up", show=False,
                tooltip="The row above in a long expression"),
        Binding("down", "row(1)", "Row below", id="expression.down", show=False,
                tooltip="The row below in a long expression; from the last one to the phases"),
    ]  # fmt: skip

    async def action_row(self, by: int) -> None:
        """Go to another row; from the last one down to the phases, from the first one up to the beginning."""
        if self.move_row(by):
            return
        if by < 0:
            self.cursor_position = 0
        else:
            await self.run_action("screen.leave_field")

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
        & > Horizontal { height: auto; }
        & Label { width: auto; padding: 0 1; color: $accent; text-style: bold; }
        & ExpressionInput { width: 1fr; background: $surface; }
        & > .status { height: auto; max-height: 3; padding: 0 1; color: $text-muted; }
        & > .notes { display: none; height: auto; max-height: 6; padding: 0 1 0 3; color: $text-warning; }
        &.-offer > .notes { display: block; }
        &.-wrong > .status { color: $text-error; }
        &.-offer > .status { color: $text-success; }
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
        self._said, self._kind, self._count = "", "", 1
        self._pause: Timer | None = None

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
        """Say something about the schedule when nothing is wrong with it; a notice has room for all of it."""
        self._place.span = None
        self._tell(text, "-notice" if notice else "")

    def blame(self, error: ScheduleError) -> None:
        """Say what is wrong and mark the place."""
        self._place.span = None
        where = ""
        if error.position is not None:
            end = error.end if error.end is not None and error.end > error.position else error.position + 1
            self._place.span = (error.position, end)
            where = f"character {error.position + 1}: "
        message = error.message.replace("`lrtui schedules` lists them all", "the catalogue lists them")
        self._tell(f"✗ {where}{message}", "-wrong")

    def offer(self, words: str, notes: Sequence[str], *, possible: bool) -> None:
        """Say that this is another library's call, how it reads or why it can't be, and what surprises."""
        self._place.span = None
        self._notes.update("\n".join(f"· {note}" for note in notes))
        self._tell(words if possible else f"✗ {words}", "-offer" if possible else "-wrong")

    def _tell(self, words: str, kind: str) -> None:
        """Put words into the status line; only another number of its lines has the screen laid out again."""
        layout = "-offer" in (kind, self._kind) and (words, kind) != (self._said, self._kind)
        self._said, self._kind = words, kind
        for each in KINDS:
            self.set_class(each == kind, each)
        # While somebody types, what is wrong changes at every key: the lines below shall not jump about.
        self._write(layout, lines=self._count if kind == "-wrong" and self.input.has_focus else MOST_LINES)
        self.input.refresh()

    def _write(self, layout: bool = False, lines: int = MOST_LINES) -> None:
        """Lay out what is said: all of it if it is wrong, offered or asked for, else what fits on a line.

        With fewer `lines` than it needs the rest is cut off until there is a pause.
        """
        width = self.room
        needed = max(len(textwrap.wrap(self._said, width)), 1) if self._kind else 1
        count = min(needed, lines, MOST_LINES)
        room = width if count == 1 else count * width - (count - 1) * 12  # lines end at words
        cut = len(self._said) > room and (not self._kind or needed > count)
        shown = self._said[: max(room - 1, 1)] + "…" if cut else self._said
        self._status.update(shown, layout=layout or count != self._count)
        self._count = count
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        if self._kind and needed > count < MOST_LINES:
            self._pause = self.set_timer(PAUSE, self._write)

    def on_resize(self) -> None:
        """What took one line may take two now."""
        self._write()

    @property
    def room(self) -> int:
        """Columns of a line of the status."""
        return max(self.size.width - 2, 1)

    @property
    def status(self) -> str:
        """What the status line says, or would with room for it."""
        return self._said
