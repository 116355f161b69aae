"""A line that asks for something in place: a word what it is for, a field, and a note or what is wrong.

It knows nothing of what is asked; whoever asks hears of every change, of the answer and of none.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label, Static


class AskLine(Horizontal):
    """One question at a time, hidden while there is none. Enter answers, escape leaves."""

    DEFAULT_CSS: ClassVar[str] = """
    AskLine {
        height: auto; max-height: 2; display: none;
        &.-asking { display: block; }
        & > Label { width: auto; color: $text-muted; padding: 0 1 0 0; }
        & > Input { width: 1fr; min-width: 12; background: $panel; }
        & > #ask-note { width: auto; max-width: 70%; height: auto; padding: 0 0 0 2; color: $text-muted; }
        & > #ask-note.-wrong { color: $text-error; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", id="ask.leave", tooltip="Leave the field without an answer"),
    ]

    class Told(Message):
        """What happened to a question: its name, and the text in the field."""

        def __init__(self, line: AskLine) -> None:
            super().__init__()
            self.line = line
            self.question = line.question
            self.text = line.text

        @property
        def control(self) -> AskLine:
            """The line, for `@on` selectors."""
            return self.line

    class Changed(Told):
        """The text is another one."""

    class Answered(Told):
        """Enter was pressed."""

    class Left(Told):
        """Escape was pressed."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.question = ""
        """What is asked now, empty for nothing."""

    def compose(self) -> ComposeResult:
        """Words, field, note."""
        yield Label("", markup=False)
        yield Input(compact=True, select_on_focus=False)
        yield Static("", id="ask-note", markup=False)

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.query_one(Input).value

    @property
    def wrong(self) -> bool:
        """Whether the note says that something is wrong."""
        return self.query_one("#ask-note").has_class("-wrong")

    def ask(self, question: str, label: str, text: str = "", hint: str = "") -> None:
        """Ask; `question` names it for the answer, `hint` stands in an empty field."""
        self.question = question
        self.query_one(Label).update(label)
        field = self.query_one(Input)
        with field.prevent(Input.Changed):
            field.value = text
        field.placeholder = hint
        field.cursor_position = len(text)
        self.note("")
        self.add_class("-asking")
        field.focus()

    def close(self) -> None:
        """Ask nothing any more."""
        self.question = ""
        self.remove_class("-asking")

    def note(self, text: str, wrong: bool = False) -> None:
        """Say something beside the field."""
        note = self.query_one("#ask-note", Static)
        note.update(text)
        note.set_class(wrong, "-wrong")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass it on under the question's name."""
        event.stop()
        if self.question:
            self.post_message(self.Changed(self))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pass it on under the question's name."""
        event.stop()
        if self.question:
            self.post_message(self.Answered(self))

    def action_leave(self) -> None:
        """Leave it."""
        if self.question:
            self.post_message(self.Left(self))
