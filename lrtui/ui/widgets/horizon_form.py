"""How long the training is: epochs and batch size, and in words what that makes in updates, on which data."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from lrtui.runs.datasets import DataSource
from lrtui.schedules import Kind, Parameter, ScheduleError
from lrtui.ui.nudge import doubled
from lrtui.ui.numbers import count_text, many
from lrtui.ui.state import Draft
from lrtui.ui.widgets.field import Field

EPOCHS = Parameter("epochs", Kind.COUNT, 10, "How often all images are seen.", minimum=1, maximum=100_000)
BATCH = Parameter("batch_size", Kind.COUNT, 256, "Images in one update.", minimum=1)
MOST_UPDATES = 20_000_000


class HorizonForm(Vertical):
    """The fields shared with Train: one horizon for the preview and for the run."""

    DEFAULT_CSS: ClassVar[str] = """
    HorizonForm {
        height: auto;
        & > .words { height: 2; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    class Changed(Message):
        """The horizon of the draft has changed."""

    def __init__(self, draft: Draft, id: str | None = None) -> None:
        """Take the draft whose horizon this is."""
        super().__init__(id=id)
        self.border_title = "Horizon"
        self._draft = draft
        self._epochs = Field(EPOCHS, draft.epochs)
        self._batch = Field(BATCH, draft.batch_size, label="batch size", step=doubled)
        self._words = Static("", classes="words", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the two fields above the words."""
        yield self._epochs
        yield self._batch
        yield self._words

    def on_mount(self) -> None:
        """Show the draft's horizon."""
        self.show()

    def show(self) -> None:
        """Show the draft's horizon as it is now."""
        draft = self._draft
        for field, value in ((self._epochs, draft.epochs), (self._batch, draft.batch_size)):
            # A wrong value stays as it was typed as long as the person is here: the other one may mend it.
            if not (field.wrong and self.has_focus_within and self._typed(field, 0) != value):
                field.show(value)
        per_epoch, total = draft.steps_per_epoch, draft.horizon().total
        self._words.tooltip = draft.source.label
        self._words.update(
            f"{many(total, 'update')}, {count_text(per_epoch)} an epoch\n{_data(draft.source)}"
        )

    def focus_first(self) -> None:
        """Put the cursor into the number of epochs."""
        self._epochs.input.focus()

    def on_field_changed(self, event: Field.Changed) -> None:
        """Take the value into the draft where it makes sense with the data and the other one."""
        event.stop()
        draft = self._draft
        # What the other field says counts, too, if it only waited for this one.
        both = self._typed(self._epochs, draft.epochs), self._typed(self._batch, draft.batch_size)
        epochs, batch = both if not self._wrong(*both) else (draft.epochs, draft.batch_size)
        if event.field is self._epochs:
            epochs = event.value
        else:
            batch = event.value
        wrong = self._wrong(epochs, batch)
        if wrong:
            event.field.mark(wrong)
            return
        draft.epochs, draft.batch_size = epochs, batch
        self.show()
        self.post_message(self.Changed())

    def _typed(self, field: Field, otherwise: int) -> int:
        try:
            return int(field.parameter.parse(field.input.value))
        except ScheduleError:
            return otherwise

    def _wrong(self, epochs: int, batch: int) -> str:
        """What is wrong with a horizon, in words; empty if nothing is."""
        images = self._draft.source.train_examples
        if batch > images:
            return f"the data has {count_text(images)} images"
        if epochs * -(-images // batch) > MOST_UPDATES:
            return f"more than {count_text(MOST_UPDATES)} updates"
        return ""


def _data(source: DataSource) -> str:
    """The data in a few words, as its label has no room: `10,000 Fashion-MNIST images`."""
    return f"{count_text(source.train_examples)} {source.label.split(',')[0]} images"
