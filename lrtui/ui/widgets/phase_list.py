"""The parts of the schedule as a list: phases in time order, and what is around and inside them, indented.

It shows rows and says which one is selected; the keys run actions of the screen, which changes the schedule.
"""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lrtui.ui.outline import Path, Row
from lrtui.ui.widgets.options import Options

BUTTONS = " ".join(
    f"[@click=screen.{action}]{words}[/]"
    for words, action in (
        ("add", "begin('after')"),
        ("copy", "part('duplicate')"),
        ("<", "part('earlier')"),
        (">", "part('later')"),
        ("delete", "part('delete')"),
    )
)
"""What a mouse can press at the list's lower edge; the keys are quicker."""


class PhaseList(Options):
    """Rows to select; the selected part is what the form shows and the keys work on."""

    DEFAULT_CSS: ClassVar[str] = """
    PhaseList {
        background: transparent; padding: 0; height: auto; max-height: 10; scrollbar-size-vertical: 1;
        & > .option-list--option { padding: 0; }
    }
    """
    BINDING_GROUP_TITLE = "In the phases"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Edit", id="edit", tooltip="Go to the selected phase's values"),
        Binding("a", "screen.begin('after')", "Add", id="phase.after",
                tooltip="Add a phase after the selected one: choose it in the catalogue"),
        Binding("b", "screen.begin('before')", "Add before", show=False, id="phase.before",
                tooltip="Add a phase before the selected one: choose it in the catalogue"),
        Binding("d,delete", "screen.part('delete')", "Delete", id="list.delete",
                tooltip="Delete the selected phase"),
        Binding("y", "screen.part('duplicate')", "Duplicate", show=False, id="phase.duplicate",
                tooltip="Duplicate the selected phase"),
        Binding("less_than_sign,ctrl+up", "screen.part('earlier')", "Earlier", show=False, key_display="<",
                id="phase.earlier", tooltip="Move the selected phase one earlier"),
        Binding("greater_than_sign,ctrl+down", "screen.part('later')", "Later", show=False, key_display=">",
                id="phase.later", tooltip="Move the selected phase one later"),
        Binding("f", "screen.part('floor')", "Floor", show=False, id="phase.floor",
                tooltip="Wrap the selected phase in floor: never below a minimum"),
        Binding("e", "screen.part('per_epoch')", "Per epoch", show=False, id="phase.per-epoch",
                tooltip="Wrap the selected phase in per_epoch: hold the rate for a whole epoch"),
        Binding("r", "screen.part('repeat')", "Repeat", show=False, id="phase.repeat",
                tooltip="Wrap the selected phase in repeat: cycles of it"),
        Binding("m", "screen.part('*')", "Multiply", show=False, id="phase.multiply",
                tooltip="Multiply the selected phase by another schedule"),
        Binding("u", "screen.part('unwrap')", "Unwrap", show=False, id="phase.unwrap",
                tooltip="Take away what is wrapped around the selected phase"),
    ]  # fmt: skip

    class Picked(Message):
        """Another row was selected by hand."""

        def __init__(self, path: Path) -> None:
            """Take the path of the part."""
            super().__init__()
            self.path = path

    class Entered(Message):
        """Enter or a click on a row: the person wants to edit it."""

    def __init__(self, id: str | None = None) -> None:
        """Make an empty list; `show` fills it."""
        super().__init__(id=id)
        self.border_title = "Phases"
        self.border_subtitle = BUTTONS
        self._rows: list[Row] = []

    def show(self, rows: list[Row], selected: Path) -> None:
        """Show the rows with one of them selected; the same rows are left as they are."""
        place = next((i for i, row in enumerate(rows) if row.path == selected), 0)
        said = [_line(row) for row in rows]
        if said != [_line(row) for row in self._rows]:
            with self.prevent(OptionList.OptionHighlighted):
                self.clear_options()
                self.add_options([Option(line) for line in said])
        self._rows = rows
        with self.prevent(OptionList.OptionHighlighted):
            self.highlighted = place

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell which part is selected."""
        event.stop()
        if event.option_index < len(self._rows):
            self.post_message(self.Picked(self._rows[event.option_index].path))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tell that it is to be edited."""
        event.stop()
        self.post_message(self.Entered())


def _line(row: Row) -> Content:
    numbered = row.label[0].isdigit()
    indent = "  " * (row.depth - 1) + "└ " if row.depth and not numbered else "  " * row.depth
    return Content.assemble(f" {indent}{row.label}", (f"  {row.note}" if row.note else "", "dim"))
