"""The form for a run: what is trained, checked while it is typed, errors under the field they are about.

It edits the app's draft and asks `make_spec`, in a thread, whether a run can be made of it. It
starts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static

from lrtui.runs.datasets import DataError, DataSource, find_data
from lrtui.runs.spec import MODELS, RunSpec, SpecError, make_spec
from lrtui.ui import words

if TYPE_CHECKING:
    from lrtui.ui.state import Draft


@dataclass(frozen=True, slots=True)
class FieldKind:
    """One field: its name in the draft and in the spec, its label, what the arrows go through, and a hint."""

    name: str
    attribute: str
    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    whole: bool = False
    long: bool = False


FIELDS = (
    FieldKind("schedule", "expression", "Schedule", long=True),
    FieldKind("epochs", "epochs", "Epochs", whole=True),
    FieldKind("batch_size", "batch_size", "Batch size", "examples an update", whole=True),
    FieldKind("optimizer", "optimizer", "Optimizer", "e.g. sgd(momentum=0.9)", ("sgd", "sgd(momentum=0.9)")),
    FieldKind("model", "model", "Model", " or ".join(MODELS), MODELS),
    FieldKind("seed", "seed", "Seed", "the same seed gives the same numbers", whole=True),
    FieldKind("device", "device", "Device", "auto takes cuda, else mps, else cpu",
              ("auto", "cpu", "cuda", "mps")),
    FieldKind("data", "data", "Data", "", ("auto", "embedded", "download"), long=True),
    FieldKind("name", "name", "Name", "optional: what to call the run"),
)  # fmt: skip


class SpecInput(Input):
    """The text of one field; up and down go through its choices, or count."""

    BINDING_GROUP_TITLE = "In a field"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(1)", "More", key_display="↑", id="spec.more", show=False,
                tooltip="The next larger number, or the next choice"),
        Binding("down", "step(-1)", "Less", key_display="↓", id="spec.less", show=False,
                tooltip="The next smaller number, or the choice before"),
        Binding("escape", "leave", "Leave field", id="spec.leave",
                tooltip="Leave the field, so that letters are commands again"),
    ]  # fmt: skip

    def __init__(self, kind: FieldKind) -> None:
        suggester = SuggestFromList(kind.choices) if kind.choices else None
        super().__init__(compact=True, select_on_focus=False, suggester=suggester, id=f"spec-{kind.name}")
        self.kind = kind

    def action_step(self, by: int) -> None:
        """Take the next number or choice."""
        if self.kind.whole:
            try:
                self.value = str(max(int(self.value) + by, 0))
            except ValueError:
                return
        elif self.kind.choices:
            known = list(self.kind.choices)
            at = known.index(self.value) if self.value in known else (-1 if by > 0 else 0)
            self.value = known[(at + by) % len(known)]
        self.cursor_position = len(self.value)

    def action_leave(self) -> None:
        """Take the focus off the form."""
        self.screen.set_focus(None)


class SpecField(Vertical):
    """A label, its input, a hint beside it and an error below it."""

    DEFAULT_CSS: ClassVar[str] = """
    SpecField {
        height: auto;
        & > Horizontal { height: 1; }
        & Label { width: 11; color: $text-muted; }
        & SpecInput { width: 20; background: $surface; }
        & .hint {
            width: 1fr; height: 1; padding: 0 0 0 2; color: $text-muted;
            text-overflow: ellipsis; text-wrap: nowrap;
        }
        &.-whole SpecInput { width: 12; }
        &.-long SpecInput { width: 1fr; }
        &.-long .hint { display: none; }
        & > .below { display: none; height: auto; padding: 0 0 0 11; color: $text-muted; }
        &.-noted > .below { display: block; }
        &.-wrong > .below { display: block; color: $text-error; }
        &.-wrong SpecInput { background: $error 25%; }
        &:focus-within Label { color: $primary; text-style: bold; }
    }
    """

    def __init__(self, kind: FieldKind) -> None:
        super().__init__(classes="-whole" if kind.whole else "-long" if kind.long else "")
        self.kind = kind
        self.input = SpecInput(kind)
        self._hint = Static(kind.hint, classes="hint", markup=False)
        self._below = Static("", classes="below", markup=False)
        self._note = ""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Horizontal():
            yield Label(self.kind.label, markup=False)
            yield self.input
            yield self._hint
        yield self._below

    def hint(self, text: str) -> None:
        """Say something beside the field, or below a long one."""
        self._note = text if self.kind.long else ""
        self._hint.update(text)
        self.mark("")

    def mark(self, error: str) -> None:
        """Say what is wrong with the value; nothing if empty."""
        self.set_class(bool(error), "-wrong")
        self.set_class(bool(self._note), "-noted")
        self._below.update(error or self._note)


class SpecForm(VerticalScroll, can_focus=False):
    """Everything a run is made of, editable."""

    DEFAULT_CSS: ClassVar[str] = "SpecForm { height: auto; }"

    class Checked(Message):
        """The draft was checked: ``spec`` is the run that would start, or None and ``errors`` by field."""

        def __init__(
            self,
            serial: int,
            choice: str,
            spec: RunSpec | None,
            source: DataSource | None,
            errors: Mapping[str, str],
        ) -> None:
            super().__init__()
            self.serial = serial
            self.choice = choice
            self.spec = spec
            self.source = source
            self.errors = errors

        def can_replace(self, message: Message) -> bool:
            """Only the last check counts."""
            return isinstance(message, SpecForm.Checked)

    def __init__(self, draft: Draft, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draft = draft
        self._fields = {kind.name: SpecField(kind) for kind in FIELDS}
        self._misread: dict[str, str] = {}
        self._serial = 0
        self.spec: RunSpec | None = None
        self.errors: Mapping[str, str] = {}

    def compose(self) -> ComposeResult:
        """One field under the other."""
        yield from self._fields.values()

    def on_mount(self) -> None:
        """Show the draft."""
        self.load()

    def load(self) -> None:
        """Show the draft's values anew and check them; text that already says the same is left alone."""
        self._misread.clear()
        for name, field in self._fields.items():
            text = str(getattr(self._draft, field.kind.attribute))
            if field.input.value != text:
                with field.input.prevent(Input.Changed):
                    field.input.value = text
                    field.input.cursor_position = 0
            field.mark(self.errors.get(name, ""))
        self.check()

    def focus_field(self, name: str) -> None:
        """Put the cursor into a field."""
        self._fields[name].input.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take what was typed into the draft if it can be read, and have it checked."""
        event.stop()
        if not isinstance(event.input, SpecInput):
            return
        kind = event.input.kind
        self._misread.pop(kind.name, None)
        text = event.value.strip()
        if kind.whole:
            try:
                number = int(text.replace(",", "").replace("_", ""))
            except ValueError:
                self._misread[kind.name] = "must be a whole number" if text else "is missing: a whole number"
            else:
                self._take(kind, number)
        elif kind.name == "schedule":
            self._draft.type(text)
        elif kind.name != "data":  # the data is taken once it has been found
            self._take(kind, text)
        self.check()

    def _take(self, kind: FieldKind, value: int | str) -> None:
        # Bounds that the preview's horizon relies on; make_spec says what is wrong with the others.
        if kind.name in ("epochs", "batch_size") and isinstance(value, int) and not 1 <= value <= 10_000_000:
            self._misread[kind.name] = "must be at least 1" if value < 1 else "is too large"
            return
        setattr(self._draft, kind.attribute, value)

    def check(self) -> None:
        """Check all of it, off the event loop."""
        draft = self._draft
        self._serial += 1
        self._check(
            self._serial,
            {
                "schedule": draft.expression,
                "name": draft.name,
                "preset": draft.preset,
                "model": draft.model,
                "optimizer": draft.optimizer,
                "epochs": draft.epochs,
                "batch_size": draft.batch_size,
                "seed": draft.seed,
                "device": draft.device,
                "data": self._fields["data"].input.value.strip(),
            },
            dict(self._misread),
        )

    @work(thread=True, exclusive=True, group="spec-check", exit_on_error=False)
    def _check(self, serial: int, choices: dict[str, Any], misread: dict[str, str]) -> None:
        errors = dict(misread)
        spec: RunSpec | None = None
        source: DataSource | None = None
        try:
            source = find_data(choices["data"])
            spec = make_spec(**{**choices, "data": source.spec})
        except DataError as error:
            errors.setdefault("data", str(error))
        except SpecError as error:
            errors.setdefault(error.field or "schedule", error.message)
        checked = self.Checked(serial, choices["data"], None if errors else spec, source, errors)
        self.post_message(checked)

    def on_spec_form_checked(self, event: Checked) -> None:
        """Show what the check said; the screen hears of it, too, unless something was typed since."""
        if event.serial != self._serial:
            event.stop()
            return
        self.spec, self.errors = event.spec, event.errors
        data = self._fields["data"]
        if event.source is not None:
            self._draft.use_data(event.choice, event.source)
            data.hint(event.source.label + (f"; {event.source.note}" if event.source.note else ""))
        else:
            data.hint("")
        if event.spec is not None:
            total, each = event.spec.horizon().total, event.spec.steps_per_epoch()
            self._fields["epochs"].hint(f"{words.count(total, 'update')}, {each:,} an epoch")
        for name, field in self._fields.items():
            field.mark(event.errors.get(name, ""))
