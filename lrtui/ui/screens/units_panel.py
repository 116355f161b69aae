"""The units calculator: examples, batches, accumulation, devices, epochs and updates, each from the others.

It calculates with `lrtui.schedules.units`; what to do with the answer is for the screen that asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from lrtui.schedules import Horizon, Kind, Parameter, ScheduleError
from lrtui.schedules.units import MOST, solve
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.nudge import doubled
from lrtui.ui.numbers import count_text, epoch_text, many
from lrtui.ui.screens.dialog import Dialog
from lrtui.ui.state import Draft
from lrtui.ui.widgets.field import Field
from lrtui.ui.widgets.horizon_form import EPOCHS, MOST_UPDATES


def _count(name: str, words: str) -> Parameter:
    return Parameter(name, Kind.COUNT, 1, words, minimum=1, maximum=MOST)


FIELDS = {
    "examples": _count("examples", "In one epoch."),
    "batch_size": _count("batch size", "What one device takes at a time."),
    "accumulation": _count("accumulation", "How many batches go into one update."),
    "devices": _count("devices", "How many work side by side, each on batches of its own."),
    "epochs": Parameter(
        "epochs", Kind.NUMBER, 1.0, "How often all examples are seen.", minimum=0, exclusive_minimum=True
    ),
    "updates": _count("updates", "Optimizer steps in all: editing this changes the epochs."),
}


@dataclass(frozen=True, slots=True)
class Use:
    """What the calculator gives: whole epochs on the data here, and the horizon as it was calculated."""

    epochs: int
    batch_size: int
    horizon: Horizon


class UnitsPanel(Dialog[Use | None]):
    """Six fields and what follows from them."""

    HELP_TITLE = "In the calculator"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f6",
            "toggle_last",
            "Last batch",
            id="units.last",
            tooltip="Keep or drop an epoch's last, short update",
        ),
        Binding(
            "enter", "use", "Use", id="units.use", tooltip="Take what was calculated, where it was asked for"
        ),
        Binding("escape", "leave_field", "Close", id="dialog.close", tooltip="Close the calculator"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    UnitsPanel {
        & > Vertical { width: 66; max-height: 98%; overflow-y: auto; padding: 0 2; }
        & Field Label { width: 16; }
        & Field FieldInput { background: $panel; }
        & #answer { height: auto; margin: 1 0 0 0; text-style: bold; }
        & #rounding { height: auto; color: $text-muted; }
        & #use { height: auto; margin: 1 0 0 0; color: $text-muted; }
    }
    """

    def __init__(self, draft: Draft, *, elsewhere: bool = False) -> None:
        """Begin with what the draft trains; `elsewhere` calculates for a training on other data."""
        super().__init__()
        self._elsewhere = elsewhere
        self._images = draft.source.train_examples
        self.units = solve(examples=self._images, batch_size=draft.batch_size, epochs=float(draft.epochs))

    def compose(self) -> ComposeResult:
        """Fields, the answer, and what using it does."""
        with Vertical() as box:
            box.border_title = "Units calculator"
            box.border_subtitle = with_keys(
                "tab next   ↑ ↓ more or less   {units.use} use   {dialog.close} close"
            )
            for name, parameter in FIELDS.items():
                step = doubled if name == "batch_size" else None
                yield Field(parameter, getattr(self.units, name), step=step)
            yield Static("", id="answer", markup=False)
            yield Static("", id="rounding", markup=False)
            yield Static("", id="use", markup=False)

    def on_mount(self) -> None:
        """Show what there is, the cursor on the examples."""
        self._show()
        self.query(Field).first().input.focus()

    def on_field_changed(self, event: Field.Changed) -> None:
        """Calculate: the updates, or the epochs when the updates were edited."""
        event.stop()
        fields = dict(zip(FIELDS, self.query(Field), strict=True))
        edited = next(name for name, field in fields.items() if field is event.field)
        self._solve(edited, event.value)

    def action_toggle_last(self) -> None:
        """Keep the last short update of an epoch, or drop its examples."""
        self._solve("", None, keep_last=not self.units.keep_last)

    def _solve(self, edited: str, value: float | None, *, keep_last: bool | None = None) -> None:
        now = {name: getattr(self.units, name) for name in FIELDS}
        if edited:
            now[edited] = value
        now["epochs" if edited == "updates" else "updates"] = None
        try:
            self.units = solve(**now, keep_last=self.units.keep_last if keep_last is None else keep_last)
        except ScheduleError as error:
            fields = dict(zip(FIELDS, self.query(Field), strict=True))
            fields[edited or "batch_size"].mark(error.message)
            return
        self._show()

    def _show(self) -> None:
        units = self.units
        for name, field in zip(FIELDS, self.query(Field), strict=True):
            field.show(getattr(units, name))
        epochs = f"{epoch_text(units.epochs)} epoch{'' if units.epochs == 1 else 's'}"
        each = f"{count_text(units.updates_per_epoch)} an epoch, "
        each += f"{count_text(units.examples_per_update)} examples each"
        self.query_one("#answer", Static).update(f"{epochs} = {many(units.updates, 'update')} ({each})")
        rounding = units.rounding
        if units.examples_left:
            last = key_for("units.last")
            rounding += f"; {last} drops it" if units.keep_last else f"; {last} keeps them"
        self.query_one("#rounding", Static).update(rounding)
        self.query_one("#use", Static).update(self._using()[1])

    def _using(self) -> tuple[Use | None, str]:
        """What the draft would get, and in words; None if it can't take it."""
        units, images = self.units, self._images
        horizon = Horizon(units.updates, units.updates_per_epoch or None)
        if self._elsewhere:
            if units.updates > MOST_UPDATES:
                return None, f"can't be used: more than {count_text(MOST_UPDATES)} updates"
            words = f"{key_for('units.use')} takes {many(units.updates, 'update')}"
            return Use(max(math.ceil(units.epochs), 1), units.examples_per_update, horizon), words
        batch, epochs = units.examples_per_update, max(math.ceil(units.epochs), 1)
        if batch > images:
            return None, f"can't be used: the data here has {count_text(images)} images, fewer than an update"
        total = epochs * -(-images // batch)
        if epochs > (EPOCHS.maximum or epochs) or total > MOST_UPDATES:
            return None, "can't be used: that is longer than a training here may be"
        words = f"{key_for('units.use')} sets {many(epochs, 'epoch')} with batch size {count_text(batch)}"
        words += f": {many(total, 'update')} on the {count_text(images)} images here"
        return Use(epochs, batch, horizon), words

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a field uses what is shown."""
        event.stop()
        self.action_use()

    def action_use(self) -> None:
        """Give epochs and batch size to the screen, unless something is wrong."""
        use, words = self._using()
        wrong = any(field.wrong for field in self.query(Field))
        if use is None or wrong:
            self.query_one("#use", Static).update(words if use is None else "mend the marked field first")
            self.app.bell()
            return
        self.dismiss(use)

    def action_leave_field(self) -> None:
        """Close without using anything."""
        self.dismiss(None)
