"""The dialog in which a run's notes are written, kept with ctrl+s. It stores nothing itself."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static, TextArea

from lrtui.runs.labels import LONGEST_NOTES
from lrtui.runs.text import printable
from lrtui.ui.keys import with_keys
from lrtui.ui.screens.dialog import Dialog


class NoteEditor(Dialog[str | None]):
    """Answers with the text; None leaves the notes as they were."""

    DEFAULT_CSS: ClassVar[str] = """
    NoteEditor > Vertical {
        width: 78;
        & > TextArea { height: 9; border: none; padding: 0; background: $panel; }
        & > Static { height: auto; color: $text-error; }
        & > Horizontal { height: 1; margin: 1 0 0 0; }
        & Button { margin: 0 2 0 0; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "save", "Keep", id="note.save", priority=True, tooltip="Keep the notes as they are now"
        ),
        Binding(
            "escape",
            "close",
            "Cancel",
            id="dialog.cancel",
            priority=True,
            tooltip="Leave the notes as they were",
        ),
    ]

    def __init__(self, name: str, notes: str, problem: str = "") -> None:
        """Edit notes; ``problem`` is why they couldn't be kept when that was tried."""
        super().__init__()
        self._problem = problem
        self._about = name
        self._notes = notes

    def compose(self) -> ComposeResult:
        """The text and what can be done with it."""
        with Vertical() as box:
            box.border_title = Content(f"Notes on {printable(self._about, 50)}")
            yield TextArea(self._notes, soft_wrap=True, tab_behavior="focus", compact=True)
            yield Static(self._problem, id="problem", markup=False)
            with Horizontal():
                yield Button(with_keys("Keep ({note.save})"), id="save", variant="success", compact=True)
                yield Button(with_keys("Cancel ({dialog.cancel})"), id="cancel", compact=True)

    def on_mount(self) -> None:
        """Write on where the notes end."""
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)
        area.focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The buttons do what the keys do."""
        event.stop()
        if event.button.id == "save":
            self.action_save()
        else:
            self.action_close()

    def action_save(self) -> None:
        """Keep the text."""
        text = self.query_one(TextArea).text
        if len(text) > LONGEST_NOTES:
            self.query_one("#problem", Static).update(
                f"Notes have at most {LONGEST_NOTES:,} characters, not {len(text):,}"
            )
            return
        self.dismiss(text)

    def action_close(self) -> None:
        """Leave the notes as they were."""
        self.dismiss(None)
