"""Saving the schedule under a name, and what has been saved before: take one, or delete it.

It reads and writes the file in threads; what is taken is for the screen that asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from lrtui.experiments.saved import SIGN, SavedError, forget, save, saved, saved_path
from lrtui.runs.text import one_line, printable
from lrtui.schedules import ScheduleError
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.screens.dialog import Dialog
from lrtui.ui.widgets.options import Options


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the panel: a name that is to be taken or was just saved, and what is saved now."""

    take: str = ""
    said: str = ""


class SavedList(Options):
    """The names, with their expressions."""

    BINDING_GROUP_TITLE = "Among the saved schedules"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Take", id="list.take", tooltip="Make it the schedule in Explore"),
        Binding("d,delete", "screen.delete", "Delete", id="list.delete", key_display="d",
                tooltip="Delete it; pressed twice, so that it isn't done by accident"),
    ]  # fmt: skip


class NameInput(Input):
    """The name to save under."""


class SavedPanel(Dialog[Outcome]):
    """A field for a name above the list of what is saved."""

    HELP_TITLE = "Among the saved schedules"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="dialog.close", tooltip="Close"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    SavedPanel {
        & > Vertical { width: 90; padding: 0 2; }
        & #what { height: auto; max-height: 3; text-style: bold; }
        & Horizontal { height: 1; margin: 1 0; }
        & Label { width: 10; color: $text-muted; }
        & NameInput { width: 1fr; background: $panel; }
        & SavedList {
            height: auto; max-height: 12; min-height: 1; text-wrap: nowrap; text-overflow: ellipsis;
        }
        & .about { height: auto; color: $text-muted; }
        & #said { height: auto; max-height: 3; color: $text-warning; }
    }
    """

    class Listed(Message):
        """What is saved now, and what went wrong or should be said."""

        def __init__(self, expressions: Mapping[str, str], words: str = "") -> None:
            """Take them."""
            super().__init__()
            self.expressions = expressions
            self.words = words

    class Kept(Message):
        """It is saved under a name; `words` say where."""

        def __init__(self, name: str, words: str) -> None:
            """Take them."""
            super().__init__()
            self.name = name
            self.words = words

    class Refused(Message):
        """It can't be saved or deleted; `taken` if only the name is in the way."""

        def __init__(self, words: str, taken: str = "") -> None:
            """Take why."""
            super().__init__()
            self.words = words
            self.taken = taken

    def __init__(self, expression: str, suggestion: str, *, stale: bool) -> None:
        """Take what would be saved, and a name; `stale` says that something else stands in the line."""
        super().__init__()
        self._expression, self._suggestion, self._stale = expression, suggestion, stale
        self._expressions: dict[str, str] = {}
        self._again = ""
        """What is done if it is asked for a second time: replacing or deleting this name."""
        self._about_name = False
        """Whether what is said is about the name that is typed or chosen."""

    def compose(self) -> ComposeResult:
        """What, name, list."""
        with Vertical() as box:
            box.border_title = "Save the schedule"
            box.border_subtitle = with_keys("enter save   tab to the saved ones   {dialog.close} close")
            note = "  (the last good one)" if self._stale else ""
            yield Static(printable(self._expression) + note, id="what", markup=False)
            with Horizontal():
                yield Label("Name")
                yield NameInput(self._suggestion, compact=True, select_on_focus=True, id="name")
            yield Static("", id="said", markup=False)
            yield Static(
                with_keys("Saved before ({list.take} takes one, {list.delete} deletes it):"),
                classes="about", markup=False,
            )  # fmt: skip
            yield SavedList(id="saved", compact=True)
            yield Static(
                f"They stand in the catalogue, too, and on the command line as {SIGN}name.",
                classes="about", markup=False,
            )  # fmt: skip

    def on_mount(self) -> None:
        """Read the file."""
        self.query_one(NameInput).focus()
        self._list()

    @work(thread=True, exit_on_error=False)
    def _list(self) -> None:
        found = saved()
        self.post_message(self.Listed(found.expressions, " ".join(found.complaints[:1])))

    def on_saved_panel_listed(self, event: Listed) -> None:
        """Show the names."""
        self._expressions = dict(event.expressions)
        names = self.query_one(SavedList)
        place = names.highlighted
        names.clear_options()
        width = max(map(len, self._expressions), default=0)
        names.add_options(
            Option(Content(f"{name.ljust(width)}  {printable(text, 200)}"), id=name)
            for name, text in self._expressions.items()
        )
        if not self._expressions:
            names.add_option(Option(Content("none yet"), disabled=True))
        elif place is not None:
            names.highlighted = min(place, len(self._expressions) - 1)
        if event.words:
            self._say(event.words)

    # Saving

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another name: what was asked about the one before is void."""
        event.stop()
        self._void()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Save under the name."""
        event.stop()
        name = event.value.strip().removeprefix(SIGN)
        if not name:
            below = ", or choose a saved schedule below" if self._expressions else ""
            self._say(f"type a name{below}", about_name=True)
            return
        self._save(name, self._again == f"replace {name}")

    @work(thread=True, group="save", exit_on_error=False)
    def _save(self, name: str, overwrite: bool) -> None:
        try:
            if saved().expressions.get(name) not in (None, self._expression) and not overwrite:
                self.post_message(self.Refused(f"{name} is another schedule; enter again replaces it", name))
                return
            aside = save(name, self._expression, overwrite=True)
        except (SavedError, ScheduleError, OSError) as error:
            self.post_message(self.Refused(one_line(error)))
            return
        words = f"saved as {name}, in {printable(str(saved_path()))}"
        if aside is not None:
            words += f"; that was damaged, and what was in it is {printable(aside.name)} now"
        self.post_message(self.Kept(name, words))

    def on_saved_panel_kept(self, event: Kept) -> None:
        """Close."""
        self.dismiss(Outcome(said=event.words))

    def on_saved_panel_refused(self, event: Refused) -> None:
        """Say why."""
        self._again = f"replace {event.taken}" if event.taken else ""
        self._say(event.words, about_name=True)

    # What is saved

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take it."""
        event.stop()
        if event.option_id is not None:
            self.dismiss(Outcome(take=event.option_id))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Another one: what was asked about the one before is void."""
        event.stop()
        self._void()

    def action_delete(self) -> None:
        """Delete the highlighted one, the second time it is asked for."""
        names = self.query_one(SavedList)
        if names.highlighted is None:
            return
        name = names.get_option_at_index(names.highlighted).id
        if name is None:
            return
        if self._again == f"delete {name}":
            self._again = ""
            self._delete(name)
        else:
            self._again = f"delete {name}"
            self._say(f"{key_for('list.delete')} again deletes {name}", about_name=True)

    @work(thread=True, group="save", exit_on_error=False)
    def _delete(self, name: str) -> None:
        try:
            expression = forget(name)
        except (SavedError, OSError) as error:
            self.post_message(self.Refused(one_line(error)))
            return
        words = f"deleted {name}: it was {printable(expression, 200)}"
        self.post_message(self.Listed(saved().expressions, words))

    def action_close(self) -> None:
        """Close."""
        self.dismiss(Outcome())

    def _say(self, words: str, *, about_name: bool = False) -> None:
        self._about_name = about_name
        self.query_one("#said", Static).update(words)

    def _void(self) -> None:
        """Forget what was asked about a name, and say it no longer."""
        self._again = ""
        if self._about_name:
            self._say("")
