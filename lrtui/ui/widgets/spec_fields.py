"""The fields of the form for a run: what each is called, how its text is read, and its line on the screen.

They know values and texts. Whether the values make a run together is `spec_form`'s to find out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static

from lrtui.runs.diagnoses import DIAGNOSES
from lrtui.runs.spec import MODELS, PRECISIONS


def whole(text: str) -> int:
    """A count; ValueError says what is wrong. Commas stand between thousands: a decimal one isn't dropped."""
    plain = text.replace(",", "") if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", text) else text
    try:
        return int(plain)
    except ValueError:
        raise ValueError("must be a whole number" if text else "is missing: a whole number") from None


def whole_or_none(text: str) -> int | None:
    """A count, or nothing."""
    return whole(text) if text else None


def real(text: str) -> float:
    """A number; ValueError says what is wrong."""
    try:
        return float(text)
    except ValueError:
        raise ValueError("must be a number" if text else "is missing: a number") from None


def real_or_none(text: str) -> float | None:
    """A number, or nothing."""
    return real(text) if text else None


def flag(text: str) -> bool:
    """Yes or no; ValueError says what is wrong."""
    known = {"yes": True, "y": True, "true": True, "on": True, "no": False, "n": False, "false": False,
             "off": False, "": False}  # fmt: skip
    if text.lower() not in known:
        raise ValueError("must be yes or no")
    return known[text.lower()]


def several(text: str) -> tuple[str, ...]:
    """Words with commas or spaces between them."""
    return tuple(word.lower() for word in text.replace(",", " ").split())


def shown(value: Any) -> str:
    """A value as its field shows it: the text that reads back as it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value)


@dataclass(frozen=True, slots=True)
class FieldKind:
    """One field.

    Attributes:
        name: as the spec calls it.
        label: as the form calls it.
        hint: what stands beside it.
        choices: what the arrow keys go through.
        read: from text to value; ValueError says what is wrong.
        attribute: its name in the draft, `name` unless it is another one.
        long: whether it takes the whole line, its hint below it.
        empty: what an empty field means, shown in it.
        doubles: whether the arrow keys double and halve instead of counting.
    """

    name: str
    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    read: Callable[[str], Any] = str
    attribute: str = ""
    long: bool = False
    empty: str = ""
    doubles: bool = False


_STOPS = tuple(kind for kind in DIAGNOSES if kind != "diverged")

BASIC = (
    FieldKind("schedule", "Schedule", attribute="expression", long=True),
    FieldKind("epochs", "Epochs", read=whole),
    FieldKind("batch_size", "Batch size", "examples a batch", read=whole, doubles=True),
    FieldKind("optimizer", "Optimizer", choices=(
        "sgd", "sgd(momentum=0.9)", "sgd(momentum=0.9, nesterov=true)", "adam", "adamw(weight_decay=0.05)",
        "rmsprop", "adagrad", "sgld"), long=True),
    FieldKind("model", "Model", " or ".join(MODELS), MODELS),
    FieldKind("seed", "Seed", "the same seed gives the same numbers", read=whole),
    FieldKind("device", "Device", "auto takes cuda, else mps, else cpu", ("auto", "cpu", "cuda", "mps")),
    FieldKind("data", "Data", "", ("auto", "embedded", "download"), long=True),
    FieldKind("name", "Name", "optional: what to call the run"),
)  # fmt: skip

MORE = (
    FieldKind("accumulate", "Accumulate", "batches an update", read=whole),
    FieldKind("clip_norm", "Clip norm", "longer gradients are shortened to it", ("", "0.5", "1", "2", "5"),
              real_or_none, empty="none"),
    FieldKind("label_smoothing", "Smoothing", "share spread over all classes",
              ("0", "0.05", "0.1", "0.2"), real),
    FieldKind("average", "Average", "of the weights, beside them: ema, swa",
              ("", "ema(decay=0.999)", "swa(start=75%)"), empty="none"),
    FieldKind("precision", "Precision", " ".join(PRECISIONS), PRECISIONS),
    FieldKind("compile", "Compile", "yes: torch compiles the network", ("no", "yes"), flag),
    FieldKind("stop_on", "Stop on", choices=("", *_STOPS), read=several, long=True,
              empty="no diagnosis; e.g. " + ", ".join(_STOPS[:2])),
    FieldKind("threads", "Threads", "of the CPU", ("", "1", "2", "4", "8"), whole_or_none, empty="any"),
    FieldKind("processes", "Processes", "that train it together, one a GPU", read=whole),
)  # fmt: skip
"""What most runs leave as it is."""


_CHANGE = Binding.Group("Change", compact=True)


class SpecInput(Input):
    """The text of one field; up and down go through its choices, or count."""

    BINDING_GROUP_TITLE = "In a field"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Next field", key_display="enter", id="spec.next",
                tooltip="On to the next field, after the last one to the button that starts"),
        Binding("up", "step(1)", "More", key_display="↑", id="field.more", group=_CHANGE,
                tooltip="The next larger number, or the next choice"),
        Binding("down", "step(-1)", "Less", key_display="↓", id="field.less", group=_CHANGE,
                tooltip="The next smaller number, or the choice before"),
        Binding("escape", "leave", "Leave field", id="field.leave",
                tooltip="Leave the field, so that letters are commands again"),
    ]  # fmt: skip

    def __init__(self, kind: FieldKind) -> None:
        suggester = SuggestFromList([each for each in kind.choices if each]) if kind.choices else None
        super().__init__(
            compact=True, select_on_focus=not kind.long, suggester=suggester, placeholder=kind.empty,
            id=f"spec-{kind.name}",
        )  # fmt: skip
        self.kind = kind

    def on_focus(self) -> None:
        """A long text goes on at its end, unless it was clicked into; a short one is selected."""
        if self.kind.long and self.app.mouse_captured is not self:
            self.cursor_position = len(self.value)

    def on_blur(self) -> None:
        """Its beginning says what it is."""
        self.cursor_position = 0

    def action_step(self, by: int) -> None:
        """Take the next number or choice."""
        if self.kind.choices:
            known = list(self.kind.choices)
            at = known.index(self.value) if self.value in known else (-1 if by > 0 else 0)
            self.value = known[(at + by) % len(known)]
        elif self.kind.read is whole:
            try:
                count = whole(self.value.strip())
            except ValueError:
                return
            doubled = count * 2 if by > 0 else count // 2
            least = 0 if self.kind.name == "seed" else 1
            self.value = str(max(doubled if self.kind.doubles else count + by, least))
        self.cursor_position = len(self.value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer to change by arrows only what they can change."""
        return action != "step" or bool(self.kind.choices) or self.kind.read is whole

    def action_leave(self) -> None:
        """Take the focus off the form."""
        self.screen.set_focus(None)


class SpecField(Vertical):
    """A label, its input, a hint beside it and an error below it."""

    DEFAULT_CSS: ClassVar[str] = """
    SpecField {
        height: auto;
        & > Horizontal { height: 1; }
        & Label { width: 12; color: $text-muted; }
        & SpecInput { width: 18; background: $surface; }
        & .hint {
            width: 1fr; height: 1; padding: 0 0 0 2; color: $text-muted;
            text-overflow: ellipsis; text-wrap: nowrap;
        }
        &.-whole SpecInput { width: 12; }
        &.-long SpecInput { width: 1fr; }
        &.-long .hint { display: none; }
        & > .below { display: none; height: auto; padding: 0 0 0 12; color: $text-muted; }
        &.-noted > .below { display: block; }
        &.-warned > .below { color: $text-warning; }
        &.-wrong > .below { display: block; color: $text-error; }
        &.-wrong SpecInput { background: $error 25%; }
        &:focus-within Label { color: $primary; text-style: bold; }
    }
    """

    def __init__(self, kind: FieldKind) -> None:
        super().__init__(classes="-long" if kind.long else "-whole" if kind.read is whole else "")
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

    def hint(self, text: str, *, warning: bool = False) -> None:
        """Say something beside the field, or below a long one."""
        self._note = text if self.kind.long else ""
        self.set_class(warning, "-warned")
        self._hint.update(text)
        self.mark("")

    def mark(self, error: str) -> None:
        """Say what is wrong with the value; nothing if empty."""
        self.set_class(bool(error), "-wrong")
        self.set_class(bool(self._note), "-noted")
        self._below.update(error or self._note)
