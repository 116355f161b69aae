"""The dialog that exports runs: format, file, a question before anything is overwritten, and where it went.

The writing is done by `lrtui.runs.export`, in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Input, Label, Static

from lrtui.runs.export import (
    ABOUT,
    ENDINGS,
    FORMATS,
    ExistsError,
    ExportError,
    Format,
    export,
    format_of,
    lacks,
)
from lrtui.runs.history import Axis
from lrtui.runs.store import RunStore, StoreError
from lrtui.runs.text import one_line, printable
from lrtui.ui import words
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.looking import X_WORDS
from lrtui.ui.screens.dialog import Dialog
from lrtui.ui.widgets.lines import ChoiceBar
from lrtui.ui.widgets.overlaid import short

if TYPE_CHECKING:
    from lrtui.ui.app import LrtuiApp
    from lrtui.ui.state_file import StateFile

NAME = "export"

WIDEST = 80
"""Columns of a screen from which on the dialog grows no wider."""

AROUND = 9
"""Columns of the screen that are taken by what stands around the formats."""

LABELS = tuple("md" if format == "markdown" else format for format in FORMATS)
"""The formats as they fit on one line of a small screen."""


class ExportDialog(Dialog[None]):
    """Ask for format and file, write, say where."""

    DEFAULT_CSS: ClassVar[str] = """
    ExportDialog > Vertical {
        width: 78;
        & > Static { height: auto; }
        & > #problem { color: $text-error; }
        & > .row { height: 1; }
        & > .gap { height: 1; }
        & Label { width: 8; color: $text-muted; }
        & #as { width: 3; }
        & Input { width: 1fr; background: $panel; }
        & Button { margin: 0 2 0 0; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Cancel", id="dialog.cancel", tooltip="Close without exporting"),
        Binding("f6", "format", "Format", id="export.format", tooltip="The next format"),
    ]

    class Written(Message):
        """The files were written."""

        def __init__(self, paths: list[Path]) -> None:
            super().__init__()
            self.paths = paths

    class Refused(Message):
        """They were not; ``exists`` if only because of a file that is there."""

        def __init__(self, text: str, exists: bool) -> None:
            super().__init__()
            self.text = text
            self.exists = exists

    def __init__(
        self,
        store: RunStore,
        run_ids: tuple[str, ...],
        folder: Path | None = None,
        *,
        metric: str = "test_acc",
        x: Axis = "epoch",
        log: bool = False,
    ) -> None:
        """Ask about these runs; metric and axes are those of a chart, for the formats that are one."""
        super().__init__()
        self._chart = (metric, x, log)
        self._store = store
        self._run_ids = run_ids
        self._folder = folder
        self._format: Format = "csv"
        self._overwrite: str | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        """Format, file, buttons; format and, in the same working folder, folder are those of last time."""
        kept: dict[str, Any] = self._remembered.recall(NAME, {})
        self._format = next((each for each in FORMATS if each == kept.get("format")), "csv")
        if self._folder is None:
            here, last = _here(), kept.get("folder")
            again = kept.get("from") == str(here) and isinstance(last, str)
            self._folder = Path(last) if again and last else here
        with Vertical() as box:
            box.border_title = f"Export {words.count(len(self._run_ids), 'run')}"
            with Horizontal(classes="row"):
                yield Label("as", id="as")
                yield ChoiceBar(id="format")
            yield Static("", id="about", markup=False)
            with Horizontal(classes="row"):
                yield Label("File")
                yield Input(str(self._suggestion()), compact=True, select_on_focus=False, id="path")
            yield Static("", id="problem", markup=False)
            with Horizontal(classes="row"):
                yield Button("Export (enter)", id="go", variant="success", compact=True)
                yield Button(with_keys("Cancel ({dialog.cancel})"), id="cancel", compact=True)

    def on_mount(self) -> None:
        """Show the format and put the cursor at the end of the file's name."""
        self._show_format()
        self.query_one(Input).focus()

    @property
    def _remembered(self) -> StateFile:
        return cast("LrtuiApp", self.app).remembered

    def _suggestion(self) -> Path:
        assert self._folder is not None
        first = self._run_ids[0] if len(self._run_ids) == 1 else f"{len(self._run_ids)}-runs"
        return self._folder / f"{first}{_ending(self._format)}"

    @property
    def _alone(self) -> bool:
        """Whether there is room for the chosen format alone."""
        needed = len(key_for("export.format")) + 1 + sum(len(label) + 2 for label in LABELS)
        return needed > min(self.size.width, WIDEST) - AROUND

    def on_resize(self) -> None:
        """Another width may have room for all formats, or no longer."""
        self._show_format()

    def _show_format(self) -> None:
        chosen = FORMATS.index(self._format)
        labels: Sequence[str] = LABELS
        if self._alone:
            labels, chosen = [f"{LABELS[chosen]} {chosen + 1}/{len(LABELS)}"], 0
        self.query_one("#format", ChoiceBar).offer([(key_for("export.format"), labels, chosen)])
        about = ABOUT[self._format]
        if self._format in ("svg", "png"):
            metric, x, log = self._chart
            about = f"the chart of {short(metric)} against {X_WORDS[x]}{', logarithmic' if log else ''}"
        if needs := lacks(self._format):
            about = f"needs {needs}"
        self.query_one("#about", Static).update(" " * 3 + about)

    def action_format(self) -> None:
        """Take the next format."""
        self._choose(FORMATS[(FORMATS.index(self._format) + 1) % len(FORMATS)])

    def _choose(self, format: Format) -> None:
        """Take a format; a name that ends as those of the old one do follows."""
        old, new = self._format, _ending(format)
        self._format = format
        field = self.query_one(Input)
        for ending in (*filter(None, ENDINGS[old]), _ending(old)):
            if field.value.endswith(ending):
                field.value = field.value.removesuffix(ending) + new
                break
        self._show_format()

    def on_choice_bar_pressed(self, event: ChoiceBar.Pressed) -> None:
        """A click on another format takes it."""
        event.stop()
        if self._alone:
            self.action_format()
        elif FORMATS[event.choice] != self._format:
            self._choose(FORMATS[event.choice])

    def on_input_changed(self) -> None:
        """Another file: what was asked of the one before is void, and its ending may say another format."""
        meant = format_of(Path(self.query_one(Input).value.strip()))
        if meant is not None and meant != self._format:  # no table in a file called .json
            self._format = meant
            self._show_format()
        self._overwrite = None
        self.query_one("#problem", Static).update("")
        self.query_one("#go", Button).label = "Export (enter)"

    def on_input_submitted(self) -> None:
        """Enter exports."""
        self._go()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The buttons."""
        event.stop()
        if event.button.id == "go":
            self._go()
        else:
            self.dismiss()

    def action_close(self) -> None:
        """Close without exporting."""
        self.dismiss()

    def _say(self, text: str) -> None:
        self.query_one("#problem", Static).update(text)

    def _go(self) -> None:
        text = self.query_one(Input).value.strip()
        if self._busy:
            return
        if not text or (text.endswith("/") and ENDINGS[self._format][0]):
            self._say("Type a file's name" + (" behind the folder's" if text else ""))
            return
        try:
            path = Path(text).expanduser()
        except RuntimeError:
            self._say(f"Nobody here is called {printable(text.split('/')[0][1:], 40)}")
            return
        self._busy = True
        self._say("writing …")
        self._write(path, self._format, self._overwrite == text)

    @work(thread=True, group="export", exit_on_error=False)
    def _write(self, path: Path, format: Format, overwrite: bool) -> None:
        try:
            runs = [self._store.get(run_id) for run_id in self._run_ids]
            metric, x, log = self._chart
            written = export(runs, format, path, overwrite, metric=metric, x=x, log=log)
        except (ExportError, StoreError) as error:
            self.post_message(self.Refused(str(error), isinstance(error, ExistsError)))
        except OSError as error:
            self.post_message(self.Refused(one_line(error), False))
        else:
            self.post_message(self.Written(written))

    def on_export_dialog_written(self, event: Written) -> None:
        """Say where it went."""
        here = _here()
        place = (here / Path(self.query_one(Input).value.strip()).expanduser()).parent
        kept = {"format": self._format, "folder": str(place), "from": str(here)}
        self._remembered.remember(NAME, kept)
        files = ", ".join(printable(str(path)) for path in event.paths)
        self.app.notify(f"Exported to {files}", markup=False, timeout=8)
        self.dismiss()

    def on_export_dialog_refused(self, event: Refused) -> None:
        """Say why not; a file that is there may be overwritten by asking again."""
        self._busy = False
        problem = self.query_one("#problem", Static)
        if event.exists:
            self._overwrite = self.query_one(Input).value.strip()
            problem.update("That exists. Enter again overwrites it; another name keeps it.")
            self.query_one("#go", Button).label = "Overwrite (enter)"
        else:
            problem.update(event.text)


def _ending(format: Format) -> str:
    """What a suggested name ends in; of a folder, too: each format wants one of its own."""
    return ENDINGS[format][0] or f"-{format}"


def _here() -> Path:
    """The working folder; the home folder where that is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path.home()
