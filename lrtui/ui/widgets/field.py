"""One labelled value in a form: an input that checks itself against a declared parameter as it is typed into.

Used by the parameter form and by the horizon; it knows parameters, not schedules.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from lrtui.schedules import Kind, Parameter, ScheduleError
from lrtui.ui.nudge import limit, nudged_at

NAMES = 13
"""Columns of labels, so that the values of most forms stand in the same one."""


WIDTH_STEP = 32


_PLAIN = (Kind.RATE, Kind.NUMBER, Kind.COUNT)
"""Kinds whose value in the field is example enough."""


def explained(parameter: Parameter, room: int) -> str:
    """What a parameter is for and takes: in whole sentences if they fit, else the examples first."""
    whole = f"{parameter.help} Takes {parameter.expected}."
    if len(whole) <= room or not parameter.help:
        return whole
    named = parameter.choices and all(each in parameter.help for each in parameter.choices)
    if named or parameter.kind in _PLAIN:
        return parameter.help
    examples = parameter.expected.removeprefix("one of ").rpartition(" such as ")[2]
    examples = re.sub(r" \([a-z ]+\)", "", examples)
    return f"{examples}: {parameter.help[0].lower()}{parameter.help[1:]}"


class FieldInput(Input):
    """The text of a field; up and down go to the next sensible value."""

    BINDING_GROUP_TITLE = "In a field"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "nudge(True)", "More", key_display="↑", id="field.more",
                tooltip="The next larger sensible value"),
        Binding("down", "nudge(False)", "Less", key_display="↓", id="field.less",
                tooltip="The next smaller sensible value"),
        Binding("tab", "app.focus_next", "Next", id="field.next", tooltip="The next field"),
        Binding("escape", "screen.leave_field", "Leave field", id="field.leave",
                tooltip="Leave the field, so that letters are commands again"),
    ]  # fmt: skip

    class Stuck(Message):
        """An arrow key changed nothing; `words` say why."""

        def __init__(self, words: str) -> None:
            """Take why."""
            super().__init__()
            self.words = words

    def __init__(
        self,
        parameter: Parameter,
        text: str,
        placeholder: str,
        step: Callable[[str, bool], str] | None = None,
    ) -> None:
        """Take the parameter that says what is allowed, and how values step if not as its kind does."""
        super().__init__(text, placeholder=placeholder, compact=True, select_on_focus=True)
        self.parameter = parameter
        self._step = step

    def on_unmount(self) -> None:
        """Have the screen let go of it: Textual keeps every input that ever listened to its selections."""
        self.screen.text_selection_started_signal.unsubscribe(self)

    @property
    def content_width(self) -> int:
        """What the text takes, in steps: a new width has Textual lay out the whole screen, at every key."""
        return -(-super().content_width // WIDTH_STEP) * WIDTH_STEP

    def action_nudge(self, up: bool) -> None:
        """Step to the next value; of a list, the one that the cursor is at."""
        if self._step is not None:
            new = self._step(self.value, up)
            cursor = len(new)
        else:
            new, cursor = nudged_at(self.parameter, self.value, self.cursor_position, up)
        if new == self.value:
            self.post_message(self.Stuck(limit(self.parameter, self.value, up)))
            return
        self.value = new
        self.cursor_position = cursor


class Field(Vertical):
    """A label, an input, and under them what is wrong, if anything is."""

    DEFAULT_CSS: ClassVar[str] = """
    Field {
        height: auto;
        & > Horizontal { height: 1; }
        & Label { width: 13; color: $text-muted; }
        & FieldInput { width: 1fr; background: $surface; }
        &:focus-within Label { color: $primary; text-style: bold; }
        & > .error { display: none; height: auto; color: $text-muted; }
        &.-wrong > .error, &.-noted > .error { display: block; }
        &.-wrong > .error { color: $text-error; }
        &.-wrong FieldInput { background: $error 25%; }
    }
    """

    class Changed(Message):
        """A valid value was typed."""

        def __init__(self, field: Field, value: Any) -> None:
            """Take the field and the value it now says."""
            super().__init__()
            self.field = field
            self.value = value

    def __init__(
        self,
        parameter: Parameter,
        value: Any,
        placeholder: str = "",
        label: str = "",
        step: Callable[[str, bool], str] | None = None,
    ) -> None:
        """Take the parameter, its value now, what to show when there is none, and how arrow keys step it."""
        super().__init__()
        self.parameter = parameter
        self.value = self._in_force = value
        self._caption = Label(label or parameter.name, markup=False)
        self.input = FieldInput(parameter, parameter.format(value), placeholder, step)
        self.input.tooltip = parameter.help or None
        self._error = Static("", classes="error", markup=False)
        self._marked: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out label and input, the error below."""
        with Horizontal():
            yield self._caption
            yield self.input
        yield self._error

    @property
    def name_width(self) -> int:
        """Columns that the label needs, with one between it and the value; it gets at least `NAMES`."""
        return max(len(str(self._caption.content)) + 1, NAMES)

    @name_width.setter
    def name_width(self, columns: int) -> None:
        self._caption.styles.width = columns

    def show(self, value: Any) -> None:
        """Show a value that came from elsewhere; text that already says it is left as typed."""
        self.mark(None)
        try:
            same = self.parameter.parse(self.input.value) == value
        except ScheduleError:
            same = False
        self.value = self._in_force = value
        if not same:
            with self.prevent(Input.Changed):
                self.input.value = self.parameter.format(value)

    def reset(self) -> None:
        """Give up what is typed for the value in force, which was shown last."""
        self.show(self._in_force)
        self.input.cursor_position = len(self.input.value)

    def mark(self, error: str | None) -> None:
        """Say what is wrong with the value, or that nothing is."""
        self.remove_class("-noted")
        if error != self._marked:  # an update has Textual lay out the whole screen
            self._marked = error
            self.set_class(error is not None, "-wrong")
            self._error.update(error or "")

    @property
    def wrong(self) -> bool:
        """Whether the field is marked."""
        return self.has_class("-wrong")

    def on_field_input_stuck(self, event: FieldInput.Stuck) -> None:
        """Say why an arrow key changed nothing, until something changes."""
        event.stop()
        if event.words and not self.wrong:
            self._error.update(event.words)
            self._marked = ""  # something else is said there now
            self.add_class("-noted")

    def on_descendant_blur(self) -> None:
        """Forget what was said of the arrow keys."""
        self.remove_class("-noted")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check what is typed; tell the form only when it is a value, and a new one."""
        event.stop()
        try:
            value = self.parameter.parse(event.value)
        except ScheduleError as error:
            self.mark(error.message)
            return
        self.mark(None)
        if value != self.value:
            self.value = value
            self.post_message(self.Changed(self, value))
