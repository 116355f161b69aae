"""The form of the selected part of a schedule, made from what its family declares about its parameters.

It shows and checks values; what a change does to the whole schedule is the screen's business.
"""

from __future__ import annotations

from typing import Any, ClassVar

from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from lrtui.schedules import Kind, Parameter, Schedule
from lrtui.ui.keys import with_keys
from lrtui.ui.outline import Path
from lrtui.ui.widgets.field import Field

_OPERATORS = {
    ">>": "Phases in turn. Select one to edit it; "
    "{phase.floor}, {phase.per-epoch} and {phase.repeat} wrap all of them together.",
    "*": "Factors multiplied on one clock. Select one to edit it.",
}


class ParameterForm(VerticalScroll, can_focus=False):
    """Fields for the parameters of one part."""

    DEFAULT_CSS: ClassVar[str] = """
    ParameterForm {
        & > .about { height: auto; color: $text-muted; }
    }
    """

    class Changed(Message):
        """A parameter has a new, valid value."""

        def __init__(self, path: Path, name: str, value: Any) -> None:
            """Take the part's path, the parameter's name and its value."""
            super().__init__()
            self.path = path
            self.name = name
            self.value = value

    def __init__(self, id: str | None = None) -> None:
        """Make an empty form; `show` fills it."""
        super().__init__(id=id)
        self._path: Path = ()
        self._family = ""
        self._fields: dict[str, Field] = {}
        self._about = Static("", classes="about", markup=False)

    def compose(self) -> Any:
        """Begin with the description only."""
        yield self._about

    async def show(self, schedule: Schedule, path: Path) -> None:
        """Show the parameters of a part; the same part keeps its fields, and the cursor where it is."""
        kind = schedule.family
        if (path, kind.name) == (self._path, self._family):
            for name, field in self._fields.items():
                field.show(schedule.values[name])
            return
        own = [p for p in kind.parameters if p.kind is not Kind.SCHEDULE]
        fields = {p.name: Field(p, schedule.values[p.name], _placeholder(p)) for p in own}
        widest = max((field.name_width for field in fields.values()), default=0)
        for field in fields.values():
            field.name_width = widest
        self._path, self._family, self._fields = path, kind.name, fields
        self.border_title = Content(kind.title if kind.role != "operator" else _title(kind.name))
        async with self.batch():
            await self.query(Field).remove()
            if not self.is_attached or fields is not self._fields:
                return  # the app is on its way out, or another part is to be shown by now, and waits
            await self.mount(*fields.values(), before=self._about)
            self._about.update(with_keys(_OPERATORS.get(kind.name, "")) or kind.summary)
        self.scroll_home(animate=False)

    def mark(self, name: str, error: str) -> bool:
        """Mark a field whose value doesn't fit the rest; return whether there is such a field."""
        if name not in self._fields:
            return False
        self._fields[name].mark(error)
        return True

    def focus_first(self) -> bool:
        """Put the cursor into the first field; return whether there is one."""
        for field in self._fields.values():
            field.input.focus()
            return True
        return False

    def on_field_changed(self, event: Field.Changed) -> None:
        """Pass a value on with the part it belongs to."""
        event.stop()
        self.post_message(self.Changed(self._path, event.field.parameter.name, event.value))


def _placeholder(parameter: Parameter) -> str:
    if parameter.required:
        return ""
    if parameter.default is None:
        return {"steps": "the rest", "cycles": "for ever"}.get(parameter.name, "none")
    return parameter.format(parameter.default)


def _title(operator: str) -> str:
    return "All phases" if operator == ">>" else "Product"
