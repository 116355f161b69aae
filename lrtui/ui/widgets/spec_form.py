"""The form for a run: what is trained, checked while it is typed, errors under the field they are about.

It edits the app's draft and asks `make_spec`, in a thread, whether a run can be made of it, and how long that
would take. It starts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static

from lrtui.experiments.saved import SIGN, saved
from lrtui.runs.datasets import DataError, DataSource, find_data
from lrtui.runs.spec import RunSpec, SpecError, make_spec
from lrtui.runs.standby import free_memory
from lrtui.runs.store import RunStore, StoreError
from lrtui.schedules import parse
from lrtui.ui import words
from lrtui.ui.estimate import Paces, in_words
from lrtui.ui.fit import unfit
from lrtui.ui.keys import key_for
from lrtui.ui.run_panels import plan
from lrtui.ui.widgets.spec_fields import BASIC, MORE, FieldKind, SpecField, SpecInput, shown

if TYPE_CHECKING:
    from lrtui.ui.state import Draft

FIELD_OF_ERROR = {"train_examples": "data", "test_examples": "data", "task": "model"}
"""Fields of a spec that no field of the form is called like."""

FEW = 4
"""Fields that aren't shown are named up to here; there is a line for them."""

COUNTS = ("epochs", "batch_size", "accumulate")
"""What the preview's horizon relies on."""


class SpecForm(VerticalScroll, can_focus=False):
    """Everything a run is made of, editable; what most runs leave alone only when it is asked for."""

    DEFAULT_CSS: ClassVar[str] = """
    SpecForm {
        height: auto;
        & > #more-fields { height: auto; display: none; }
        & > #more-line { height: 1; padding: 0 0 0 12; color: $text-muted; text-wrap: nowrap;
            text-overflow: ellipsis; }
        &.-more > #more-fields { display: block; }
    }
    """

    class Checked(Message):
        """The draft was checked.

        ``spec`` is the run that would start, or None and ``errors`` by field; ``needs`` says what it takes,
        ``unfit`` what of the schedule doesn't fit the run's length, which is no error; ``meant`` is the
        expression that a saved schedule's name in its place stands for.
        """

        def __init__(
            self,
            serial: int,
            choice: str,
            spec: RunSpec | None,
            source: DataSource | None,
            errors: Mapping[str, str],
            needs: str,
            unfit: str,
            meant: str = "",
        ) -> None:
            super().__init__()
            self.serial = serial
            self.choice = choice
            self.spec = spec
            self.source = source
            self.errors = errors
            self.needs = needs
            self.unfit = unfit
            self.meant = meant

        def can_replace(self, message: Message) -> bool:
            """Only the last check counts."""
            return isinstance(message, SpecForm.Checked)

    def __init__(self, draft: Draft, store: RunStore, *, more: bool = False, id: str | None = None) -> None:
        super().__init__(id=id, classes="-more" if more else None)
        self._draft = draft
        self._store = store
        self._paces = Paces()
        self._fields = {kind.name: SpecField(kind) for kind in (*BASIC, *MORE)}
        self._misread: dict[str, str] = {}
        self._serial = 0
        self._reading = False
        """Whether the name in the schedule's field is to be read as what it stands for."""
        self.spec: RunSpec | None = None
        self.errors: Mapping[str, str] = {}

    def compose(self) -> ComposeResult:
        """One field under the other."""
        for kind in BASIC:
            yield self._fields[kind.name]
        yield Static("", id="more-line", markup=False)
        with Vertical(id="more-fields"):
            for kind in MORE:
                yield self._fields[kind.name]

    def on_mount(self) -> None:
        """Show the draft."""
        self.load()

    def load(self) -> None:
        """Show the draft's values anew and check them; text that already says the same is left alone."""
        self._misread.clear()
        for name, field in self._fields.items():
            text = shown(self._value(field.kind))
            if field.input.value != text:
                with field.input.prevent(Input.Changed):
                    field.input.value = text
                    field.input.cursor_position = 0
            field.mark(self.errors.get(name, ""))
        self._fold(self.has_class("-more"))
        self.check()

    def _value(self, kind: FieldKind) -> Any:
        return getattr(self._draft, kind.attribute or kind.name)

    # More and less

    @property
    def more(self) -> bool:
        """Whether all fields are shown."""
        return self.has_class("-more")

    def show_more(self, more: bool) -> None:
        """Show all fields, or only those that most runs need."""
        self._fold(more)
        if more:
            self.focus_field(MORE[0].name)
        elif isinstance(self.screen.focused, SpecInput) and self.screen.focused.kind in MORE:
            self.screen.set_focus(None)

    def _fold(self, more: bool) -> None:
        self.set_class(more, "-more")
        fold = key_for("train.more")
        line = f"{fold}: fewer fields" if more else f"{fold}: {self._others()}"
        self.query_one("#more-line", Static).update(line)

    def _others(self) -> str:
        """What is chosen among the fields that aren't shown, or else what there is to choose."""
        plain = type(self._draft)  # a field that has a default has it as the class's attribute
        chosen = [
            f"{kind.label.lower()} {shown(self._value(kind))}"
            for kind in MORE
            if self._value(kind) != getattr(plain, kind.name)
        ]
        others = chosen or [kind.label.lower() for kind in MORE]
        first = others[:FEW] if len(others) > FEW + 1 else others
        return ", ".join(first) + (f" and {len(others) - FEW} more" if len(others) > len(first) else "")

    def focus_field(self, name: str) -> None:
        """Put the cursor into a field, unfolding it if need be."""
        if any(kind.name == name for kind in MORE) and not self.more:
            self._fold(True)
        self._fields[name].input.focus()

    # Typing

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take what was typed into the draft if it can be read, and have it checked."""
        event.stop()
        if not isinstance(event.input, SpecInput):
            return
        kind = event.input.kind
        self._misread.pop(kind.name, None)
        text = event.value.strip()
        if kind.name == "schedule":
            self._reading = False
            self._draft.type(text)
        elif kind.name != "data":  # the data is taken once it has been found
            try:
                self._take(kind, kind.read(text))
            except ValueError as error:
                self._misread[kind.name] = str(error)
        self.check()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """On to what comes next on the screen; a saved schedule's name is read first."""
        event.stop()
        if event.input is self._fields["schedule"].input and event.value.lstrip().startswith(SIGN):
            self._reading = True
            self.check()
        else:
            self.screen.focus_next()

    def _take(self, kind: FieldKind, value: Any) -> None:
        # Bounds that the preview's horizon relies on; make_spec says what is wrong with the others.
        if kind.name in COUNTS and not 1 <= value <= 10_000_000:
            raise ValueError("must be at least 1" if value < 1 else "is too large")
        setattr(self._draft, kind.attribute or kind.name, value)

    # Checking

    def check(self) -> None:
        """Check all of it, off the event loop."""
        self._serial += 1
        choices = {kind.name: self._value(kind) for kind in (*BASIC, *MORE)}
        choices["preset"] = self._draft.preset
        choices["data"] = self._fields["data"].input.value.strip()
        self._check(self._serial, choices, dict(self._misread), self._draft.error is not None)

    @work(thread=True, exclusive=True, group="spec-check", exit_on_error=False)
    def _check(self, serial: int, choices: dict[str, Any], misread: dict[str, str], unreadable: bool) -> None:
        errors = dict(misread)
        meant = ""
        spec: RunSpec | None = None
        source: DataSource | None = None
        try:
            source = find_data(choices["data"])
            spec = make_spec(**{**choices, "data": source.spec})
        except DataError as error:
            errors.setdefault("data", str(error))
        except SpecError as error:
            field = FIELD_OF_ERROR.get(error.field or "", error.field or "schedule")
            field, message = field if field in self._fields else "schedule", error.message
            if field == "schedule" and unreadable:
                meant, message = _meant(choices["schedule"], message)
            errors.setdefault(field, message)
        needs = misfit = ""
        if spec is not None and not errors:
            plan(spec, "epoch")  # so that whoever draws it on the event loop finds it known
            misfit = unfit(parse(spec.schedule), spec.horizon())
            needs = in_words(spec, self._paces.like(spec, self._earlier()), free_memory())
        found = None if errors else spec
        self.post_message(self.Checked(serial, choices["data"], found, source, errors, needs, misfit, meant))

    def _earlier(self) -> list[Any]:
        try:
            return list(self._store.runs())
        except (StoreError, OSError):
            return []

    def on_spec_form_checked(self, event: Checked) -> None:
        """Show what the check said; the screen hears of it, too, unless something was typed since."""
        if event.serial != self._serial:
            event.stop()
            return
        self.spec, self.errors = event.spec, event.errors
        if self._reading:
            self._reading = False
            if event.meant:
                self._fields["schedule"].input.value = event.meant
        data = self._fields["data"]
        if event.source is not None:
            self._draft.use_data(event.choice, event.source)
            data.hint(event.source.label + (f"; {event.source.note}" if event.source.note else ""))
        else:
            data.hint("")
        if event.spec is not None:
            total, each = event.spec.horizon().total, event.spec.steps_per_epoch()
            self._fields["epochs"].hint(f"{words.count(total, 'update')}, {each:,} an epoch")
            self._fields["schedule"].hint(event.unfit, warning=True)
        for name, field in self._fields.items():
            field.mark(event.errors.get(name, ""))
        self._fold(self.more or any(kind.name in event.errors for kind in MORE))


def _meant(text: str, message: str) -> tuple[str, str]:
    """What a saved schedule's name stands for, if text is one, and what to say of what can't be read."""
    from lrtui.ui.pasting import offer, saved_offer  # five libraries' readers, seldom needed

    named = saved_offer(text, saved().expressions) if text.lstrip().startswith(SIGN) else None
    if named is not None:
        return str(named.schedule or ""), named.words_for("spec.next")
    found = offer(text)
    if found is None or found.schedule is None:
        return "", message if found is None else found.words
    return "", f"that is {found.what}: {key_for('go.explore')} shows how it reads"
