"""The trash: deleted runs to take back, or to delete for good. Reading and moving happen in threads."""

from __future__ import annotations

import time
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from lrtui.runs.judging import MAIN, main_metric
from lrtui.runs.run import Run
from lrtui.runs.store import RunStore, RunSummary, StoreError, Trashed
from lrtui.runs.trash import KEPT
from lrtui.ui import words
from lrtui.ui.keys import with_keys
from lrtui.ui.screens.confirm import Confirm
from lrtui.ui.screens.dialog import Dialog
from lrtui.ui.widgets.options import Options
from lrtui.ui.widgets.run_columns import fit

_DAY = 86_400


class TrashView(Dialog[bool]):
    """What was deleted, the latest first; answers whether anything was taken back."""

    DEFAULT_CSS: ClassVar[str] = """
    TrashView > Vertical {
        width: 90;
        & > OptionList { height: auto; max-height: 20; text-wrap: nowrap; text-overflow: ellipsis; }
        & > OptionList:focus { background-tint: transparent; }
        & > Static { height: auto; color: $text-muted; }
        & > #said { color: $text-error; }
        & > Horizontal { height: 1; margin: 1 0 0 0; }
        & Button { margin: 0 1 0 0; min-width: 8; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q,T", "close", "Close", id="dialog.close", key_display="esc", tooltip="Back to the runs"
        ),
        Binding("r", "restore", "Restore", id="trash.restore", tooltip="Take the chosen run back, as it was"),
        Binding(
            "d,delete",
            "remove",
            "Delete",
            id="list.delete",
            tooltip="Delete the chosen run for good, after a question",
        ),
        Binding(
            "E",
            "empty",
            "Empty",
            id="trash.empty",
            tooltip="Delete everything in the trash for good, after a question",
        ),
    ]

    class Read(Message):
        """What is in the trash now."""

        def __init__(self, rows: list[tuple[Trashed, RunSummary]], said: str) -> None:
            super().__init__()
            self.rows = rows
            self.said = said

    def __init__(self, store: RunStore) -> None:
        super().__init__()
        self._store = store
        self._rows: list[tuple[Trashed, RunSummary]] = []
        self._restored = False

    def compose(self) -> ComposeResult:
        """The list, what can be done with it."""
        with Vertical() as box:
            box.border_title = "Trash"
            yield Static("reading …", id="about", markup=False)
            yield Options(id="trashed", markup=False)
            yield Static("", id="said", markup=False)
            with Horizontal():
                yield Button(
                    with_keys("Restore ({trash.restore})"), id="restore", variant="success", compact=True
                )
                yield Button(with_keys("Delete ({list.delete})"), id="remove", variant="error", compact=True)
                yield Button(with_keys("Empty ({trash.empty})"), id="empty", variant="error", compact=True)
                yield Button(with_keys("Close ({dialog.close})"), id="close", compact=True)

    def on_mount(self) -> None:
        """Look into the trash."""
        self._read("")

    @work(thread=True, group="trash", exit_on_error=False)
    def _read(self, said: str) -> None:
        try:
            rows = [(each, Run(each.path).summary()) for each in self._store.trashed()]
        except StoreError as error:
            rows, said = [], str(error)
        self.post_message(self.Read(rows, said))

    def on_trash_view_read(self, event: Read) -> None:
        """Show it, and keep the chosen line where it is."""
        self._rows = event.rows
        listed = self.query_one(OptionList)
        place = listed.highlighted or 0
        listed.clear_options()
        now = time.time()
        listed.add_options([Option(_line(each, row, now)) for each, row in event.rows])
        if event.rows:
            listed.highlighted = min(place, len(event.rows) - 1)
            listed.focus()
        many = words.count(len(event.rows), "deleted run")
        self.query_one("#about", Static).update(
            f"{many}; each is kept for {KEPT / _DAY:.0f} days" if event.rows else "The trash is empty."
        )
        self.query_one("#said", Static).update(event.said)
        listed.display = bool(event.rows)
        for name in ("restore", "remove", "empty"):
            self.query_one(f"#{name}", Button).disabled = not event.rows

    def on_option_list_option_selected(self) -> None:
        """Enter restores, too."""
        self.action_restore()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The buttons do what the keys do."""
        event.stop()
        {
            "restore": self.action_restore,
            "remove": self.action_remove,
            "empty": self.action_empty,
            "close": self.action_close,
        }[event.button.id or "close"]()

    def action_close(self) -> None:
        """Back to the runs."""
        self.dismiss(self._restored)

    def action_restore(self) -> None:
        """Take the chosen run back."""
        chosen = self._chosen()
        if chosen is not None:
            self._restored = True
            self._restore(chosen[0])

    def _chosen(self) -> tuple[Trashed, RunSummary] | None:
        place = self.query_one(OptionList).highlighted
        return self._rows[place] if place is not None and place < len(self._rows) else None

    @work(thread=True, group="trash", exit_on_error=False)
    def _restore(self, what: Trashed) -> None:
        said = ""
        try:
            self._store.restore(what)
        except StoreError as error:
            said = str(error)
        self._read(said)

    def action_remove(self) -> None:
        """Delete the chosen run for good, after a question."""
        chosen = self._chosen()
        if chosen is not None:
            self._ask(chosen[1].name or chosen[0].id, chosen[0])

    def action_empty(self) -> None:
        """Delete all of it for good, after a question."""
        if self._rows:
            self._ask(words.count(len(self._rows), "deleted run"), None)

    def _ask(self, what: str, one: Trashed | None) -> None:
        question = f"Delete {what} for good, logs and checkpoints included?\nThis can't be taken back."

        def answered(yes: bool | None) -> None:
            if yes:
                self._remove(one)

        self.app.push_screen(Confirm(question, "Delete for good"), answered)

    @work(thread=True, group="trash", exit_on_error=False)
    def _remove(self, one: Trashed | None) -> None:
        """Delete one run for good, or all of them."""
        said = ""
        try:
            if one is None:
                self._store.empty_trash()
            else:
                self._store.delete_for_good(one)
        except StoreError as error:
            said = str(error)
        self._read(said)


def _line(each: Trashed, row: RunSummary, now: float) -> Text:
    metric = main_metric(row.figures) or MAIN
    best = words.judged(row.judged(metric).best, metric)
    age = words.age(now - each.deleted)
    ago = "just now" if age == "now" else f"{age} ago"
    name = fit(row.name or each.id, 24, right=False, ends=True)
    return Text(f"{name} {ago:<10} {best:>{words.JUDGED}}  {row.schedule}", no_wrap=True, overflow="ellipsis")
