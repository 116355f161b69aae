"""A question before something that can't be taken back. It asks; the screen that asked acts."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from lrtui.ui.keys import key_for
from lrtui.ui.screens.dialog import Dialog


class Confirm(Dialog[bool]):
    """Answers True when confirmed with ``y`` or the button, else False; the safe button has the focus."""

    DEFAULT_CSS: ClassVar[str] = """
    Confirm > Vertical {
        width: 64; padding: 1 2; border: round $warning; border-title-color: $warning;
        & > Static { height: auto; margin: 0 0 1 0; }
        & > Horizontal { height: 1; }
        & Button { margin: 0 2 0 0; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="answer.yes", tooltip="Do it"),
        Binding("n,escape", "answer(False)", "No", id="answer.no", tooltip="Leave everything as it is"),
    ]

    def __init__(self, question: str, yes: str, no: str = "Keep") -> None:
        super().__init__()
        self._question = question
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """The question and its two answers."""
        with Vertical():
            yield Static(self._question, markup=False)
            with Horizontal():
                yield Button(f"{self._no} ({key_for('answer.no')})", id="no", compact=True)
                yield Button(
                    f"{self._yes} ({key_for('answer.yes')})", id="yes", variant="error", compact=True
                )

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button answers."""
        event.stop()
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """A key answers."""
        self.dismiss(yes)
