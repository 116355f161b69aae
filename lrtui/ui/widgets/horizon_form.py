"""How long the training is: epochs and batch size, and in words what that makes in updates, on which data."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from lrtui.runs.datasets import DataSource
from lrtui.schedules import Kind, Parameter
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
        self._epochs.show(draft.epochs)
        self._batch.show(draft.batch_size)
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
        images = draft.source.train_examples
        epochs, batch = draft.epochs, draft.batch_size
        if event.field is self._epochs:
            epochs = event.value
        else:
            batch = event.value
        if batch > images:
            event.field.mark(f"the data has {count_text(images)} images")
        elif epochs * -(-images // batch) > MOST_UPDATES:
            event.field.mark(f"more than {count_text(MOST_UPDATES)} updates")
        else:
            draft.epochs, draft.batch_size = epochs, batch
            self.show()
            self.post_message(self.Changed())


def _data(source: DataSource) -> str:
    """The data in a few words, as its label has no room: `10,000 Fashion-MNIST images`."""
    return f"{count_text(source.train_examples)} {source.label.split(',')[0]} images"
