"""The catalogue: what was saved, the chapter's presets and the families in teaching order, with their shapes.

Typing into the line above it finds entries by any name they go by, in other libraries too, best first.

It tells the screen what was pointed at and what was chosen; it changes no schedule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from lrtui.experiments.presets import presets
from lrtui.schedules import Family, Horizon, ScheduleError, catalogue, parse
from lrtui.ui.finding import Sought, found
from lrtui.ui.keys import with_keys
from lrtui.ui.shapes import family_shape, shape
from lrtui.ui.widgets.options import Options

How = Literal["use", "after", "before"]
_SECTIONS = (
    ("shape", "Shapes"),
    ("metric", "Following a metric"),
    ("transition", "Beside a phase"),
    ("combinator", "Around a phase"),
)


NAME_ROOM = 15
"""Columns beside the shapes on a narrow screen: a longer title gives way to the name in expressions."""


class CatalogueList(Options):
    """The list; letters are commands here, typing to filter happens in the line above."""

    BINDING_GROUP_TITLE = "In the catalogue"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Take", id="list.take",
                tooltip="Put it in place of the selected phase (warmup, cooldown: beside; floor, …: around)"),
        Binding("a", "choose('after')", "Add", id="phase.after",
                tooltip="Add it as a phase after the selected one"),
        Binding("b", "choose('before')", "Add before", show=False, id="phase.before",
                tooltip="Add it as a phase before the selected one"),
        Binding("slash", "screen.filter", "Filter", key_display="/", id="filter",
                tooltip="Type to filter the catalogue"),
        Binding("escape", "leave", "To phases", show=False, id="catalogue.leave",
                tooltip="Show everything again, or else go to the phases"),
    ]  # fmt: skip

    class Added(Message):
        """An entry is to be added before or after what is selected."""

        def __init__(self, key: str, how: How) -> None:
            """Take its key and the place."""
            super().__init__()
            self.key = key
            self.how = how

    async def action_leave(self) -> None:
        """Back by one: the whole list again if it is filtered, else to the phases."""
        text = self.screen.query_one(FilterInput)
        if text.value:
            text.value = ""
        else:
            await self.run_action("screen.leave_field")

    def action_choose(self, how: How) -> None:
        """Choose the highlighted entry in another way than enter does."""
        if self.highlighted is not None:
            option = self.get_option_at_index(self.highlighted)
            if option.id is not None:
                self.post_message(self.Added(option.id, how))


class FilterInput(Input):
    """The line to filter by."""

    BINDING_GROUP_TITLE = "In the filter"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Take first", key_display="enter", id="filter.take",
                tooltip="Take the first that was found"),
        Binding("down", "screen.go('entries')", "To the list", key_display="↓", id="filter.down",
                tooltip="Go on to the list"),
        Binding("escape", "clear_and_leave", "Clear filter", id="filter.clear",
                tooltip="Show everything again"),
    ]  # fmt: skip

    def action_clear_and_leave(self) -> None:
        """Show everything and go to the list."""
        self.value = ""
        self.screen.query_one(CatalogueList).focus()


class Catalogue(Vertical):
    """Filter line and list."""

    DEFAULT_CSS: ClassVar[str] = """
    Catalogue {
        & > FilterInput { background: $surface; }
        & > CatalogueList {
            text-wrap: nowrap; text-overflow: ellipsis;
            height: 1fr; background: transparent; border: none; padding: 0; scrollbar-size-vertical: 1;
        }
    }
    """

    class Pointed(Message):
        """An entry was highlighted by hand."""

        def __init__(self, key: str) -> None:
            """Take `family:NAME`, `preset:NAME` or `saved:NAME`."""
            super().__init__()
            self.key = key

    class Found(Message):
        """An entry is the first that fits what was typed."""

        def __init__(self, key: str) -> None:
            """Take `family:NAME`, `preset:NAME` or `saved:NAME`."""
            super().__init__()
            self.key = key

    class Chosen(Message):
        """An entry was chosen."""

        def __init__(self, key: str, how: How) -> None:
            """Take `family:NAME`, `preset:NAME` or `saved:NAME`, and where it is to go."""
            super().__init__()
            self.key = key
            self.how = how

    def __init__(self, id: str | None = None) -> None:
        """Collect the entries; only what is saved changes while the app is open."""
        super().__init__(id=id)
        self.border_title = "Catalogue"
        self._entries = _entries()
        self._saved: list[Entry] = []
        self._list = CatalogueList(*self._options(""), id="entries", compact=True)

    def compose(self) -> ComposeResult:
        """Lay out the filter above the list."""
        yield FilterInput(placeholder=with_keys("{filter} type to find"), compact=True, id="filter")
        yield self._list

    def point_at(self, key: str) -> None:
        """Highlight an entry, if it is listed."""
        ids = [option.id for option in self._list.options]
        if key in ids:
            with self._list.prevent(OptionList.OptionHighlighted):
                self._list.highlighted = ids.index(key)

    def offer_saved(self, entries: list[Entry]) -> None:
        """List what is saved now, as `saved_entries` made it."""
        if entries != self._saved:
            self._saved = entries
            before = highlighted(self)
            self._fill(self.query_one(FilterInput).value)
            if before is not None:
                self.point_at(before)

    def _fill(self, text: str) -> None:
        self._list.clear_options()
        self._list.add_options(self._options(text))

    def _options(self, text: str) -> list[Option | None]:
        sections = [("Saved", self._saved)] if self._saved else []
        sections += self._entries
        if text.strip():
            every = {entry.key: entry for _, entries in sections for entry in entries}
            fitting = [every[key] for key in found(text, [entry.sought for entry in every.values()])]
            sections = [("Found", fitting)] if fitting else []
        options: list[Option | None] = []
        for section, entries in sections:
            options.append(Option(Content.styled(section, "$accent"), disabled=True))
            options += [Option(entry.line, id=entry.key) for entry in entries]
        return options or [
            Option(Content(with_keys("nothing fits; {filter.clear} shows all")), disabled=True)
        ]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter."""
        event.stop()
        self._fill(event.value)
        if event.value:
            self._list.action_first()
            first = highlighted(self)
            if first is not None:
                self.post_message(self.Found(first))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Choose the first that is left."""
        event.stop()
        if highlighted(self) is None:
            self.app.bell()  # nothing fits, and what can be done is said in the list
            return
        self._list.focus()
        self._list.action_select()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Pass on what a person points at; lists also highlight when they are filled."""
        event.stop()
        if event.option_index == 1:
            self._list.scroll_home(animate=False)  # the heading above it, too
        if event.option.id is not None and self._list.has_focus:
            self.post_message(self.Pointed(event.option.id))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Pass on what was chosen."""
        event.stop()
        if event.option.id is not None:
            self._choose(event.option.id, "use")

    def on_catalogue_list_added(self, event: CatalogueList.Added) -> None:
        """Pass on what is to be added."""
        event.stop()
        self._choose(event.key, event.how)

    def _choose(self, key: str, how: How) -> None:
        """Tell it, and show everything again: what was looked for is found."""
        self.post_message(self.Chosen(key, how))
        text = self.query_one(FilterInput)
        if text.value:
            with text.prevent(Input.Changed):
                text.value = ""
            self._fill("")
            self.point_at(key)
            self.call_after_refresh(self._list.scroll_to_highlight)


@dataclass(frozen=True)
class Entry:
    """A line of the list, and what it is found by."""

    key: str
    line: Content
    sought: Sought


def _entries() -> list[tuple[str, list[Entry]]]:
    """The sections, in the order they are read in."""
    kinds = catalogue()
    sections = [
        (title, [_family_entry(kind) for kind in kinds if kind.role == role]) for role, title in _SECTIONS
    ]
    chapter = []
    for preset in presets():
        line = _line(preset.name, _shape_of(preset.expression, preset.epochs))
        words = f"{preset.lesson} {preset.expression} chapter preset"
        sought = Sought(f"preset:{preset.name}", (preset.name, preset.title), words, behind=0.5)
        chapter.append(Entry(sought.key, line, sought))
    return [("From the chapter", chapter), *sections]


def _family_entry(kind: Family) -> Entry:
    names = (kind.name, kind.title, *kind.aliases)
    words = " ".join([kind.summary, *(f"{library} {each.name}" for library, each in kind.dialects.items())])
    sought = Sought(f"family:{kind.name}", names, words)
    shown = kind.title if len(kind.title) <= NAME_ROOM else kind.name
    return Entry(sought.key, _line(shown, family_shape(kind)), sought)


def saved_entries(expressions: Mapping[str, str]) -> list[Entry]:
    """Entries for what is saved, by name; drawing many takes its time, so that a thread may do it."""
    return [_saved_entry(name, text) for name, text in expressions.items()]


def _saved_entry(name: str, expression: str) -> Entry:
    sought = Sought(f"saved:{name}", (name,), f"{expression} saved")
    return Entry(sought.key, _line(name, _shape_of(expression, 10)), sought)


def _shape_of(expression: str, epochs: int) -> str:
    try:
        return shape(parse(expression), 8, Horizon.from_epochs(epochs, 40))
    except ScheduleError:
        return ""


def _line(name: str, drawn: str) -> Content:
    return Content.assemble(" ", (f"{drawn:8}", "$primary"), f" {name}")


def highlighted(widget: Any) -> str | None:
    """The key of the entry that a catalogue has highlighted."""
    entries = widget.query_one(CatalogueList)
    if entries.highlighted is None:
        return None
    key = entries.get_option_at_index(entries.highlighted).id
    return str(key) if key is not None else None
