"""Which metric a schedule is drawn on that follows one: a typical course, what a run logged, or a CSV file's.

It asks and reads, in threads; drawing is for the screen that asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from lrtui.experiments.traces import COLUMNS, Trace, TraceError, trace_of_file, trace_of_run
from lrtui.runs.store import RunStore, RunSummary, StoreError
from lrtui.runs.text import one_line
from lrtui.ui.keys import with_keys
from lrtui.ui.numbers import many
from lrtui.ui.screens.dialog import Dialog
from lrtui.ui.widgets.options import Options

TYPICAL = "typical"


class TracePanel(Dialog[tuple[Trace | None] | None]):
    """A list of runs with a typical course on top, a field for a file, one for the column.

    Gives the trace in a tuple, which holds None for the typical course; None alone changes nothing.
    """

    HELP_TITLE = "In the list of metrics"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="dialog.close", tooltip="Close without another metric"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    TracePanel {
        & > Vertical { width: 76; padding: 0 2; }
        & OptionList { height: auto; max-height: 12; min-height: 2; }
        & Horizontal { height: 1; margin: 1 0 0 0; }
        & Label { width: 10; color: $text-muted; }
        & Input { width: 1fr; background: $panel; }
        & .about { height: auto; color: $text-muted; }
        & #said { height: auto; max-height: 3; color: $text-error; }
    }
    """

    class Listed(Message):
        """The runs that closed an epoch, newest first, or why they can't be listed."""

        def __init__(self, runs: tuple[RunSummary, ...], problem: str = "") -> None:
            """Take them."""
            super().__init__()
            self.runs = runs
            self.problem = problem

    class Found(Message):
        """The trace that was asked for, or why there is none."""

        def __init__(self, trace: Trace | None, problem: str = "") -> None:
            """Take it."""
            super().__init__()
            self.trace = trace
            self.problem = problem

    def __init__(self, store: RunStore, mode: str) -> None:
        """Take the runs, and whether the schedule follows a loss (`min`) or an accuracy (`max`)."""
        super().__init__()
        self._store, self._mode = store, mode

    def compose(self) -> ComposeResult:
        """List, file, column."""
        with Vertical() as box:
            box.border_title = "Draw it on the metric of"
            box.border_subtitle = with_keys("↑ ↓ enter take   tab to the file   {dialog.close} close")
            yield Options(Option("a typical course (made up)", id=TYPICAL), id="sources", compact=True)
            with Horizontal():
                yield Label("CSV file")
                yield Input(placeholder="path, then enter", compact=True, id="file")
            with Horizontal():
                yield Label("Column")
                yield Input(placeholder=f"{COLUMNS[self._mode]}, or another", compact=True, id="column")
            yield Static("", id="said", markup=False)
            yield Static(
                "A drawing shows when the schedule would act, had the metric gone this way. In training it "
                "follows the run's own.", classes="about", markup=False,
            )  # fmt: skip

    def on_mount(self) -> None:
        """Look for runs."""
        self.query_one(OptionList).focus()
        self._list()

    @work(thread=True, exit_on_error=False)
    def _list(self) -> None:
        try:
            runs = tuple(run for run in self._store.summaries() if run.last_epoch)
        except (StoreError, OSError) as error:
            self.post_message(self.Listed((), one_line(error)))
        else:
            self.post_message(self.Listed(runs))

    def on_trace_panel_listed(self, event: Listed) -> None:
        """Offer the runs."""
        if event.problem:
            self._say(event.problem)
        options = self.query_one(OptionList)
        for run in event.runs:
            words = f"{run.name}: {many(run.last_epoch, 'epoch')} of {run.schedule}"
            options.add_option(Option(Content(words), id=run.id))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the typical course or a run's metric."""
        event.stop()
        if event.option_id == TYPICAL:
            self.dismiss((None,))
        elif event.option_id is not None:
            self._find(event.option_id, None, self._column)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Read the file, or with a column only go on to what it is a column of."""
        event.stop()
        text = self.query_one("#file", Input).value.strip()
        if text:
            self._find("", Path(text).expanduser(), self._column)
        else:
            self._say("" if event.input.id == "column" else "type a file's path, or choose in the list")
            self.query_one(OptionList).focus()

    @property
    def _column(self) -> str | None:
        return self.query_one("#column", Input).value.strip() or None

    @work(thread=True, exclusive=True, group="find", exit_on_error=False)
    def _find(self, run_id: str, path: Path | None, column: str | None) -> None:
        try:
            if path is not None:
                found = trace_of_file(path, column, self._mode)
            else:
                found = trace_of_run(self._store.get(run_id), column, self._mode)
        except (TraceError, StoreError, OSError) as error:
            self.post_message(self.Found(None, one_line(error)))
        else:
            self.post_message(self.Found(found))

    def on_trace_panel_found(self, event: Found) -> None:
        """Give it, or say why there is none."""
        if event.trace is not None:
            self.dismiss((event.trace,))
        else:
            self._say(event.problem)

    def _say(self, text: str) -> None:
        self.query_one("#said", Static).update(text)

    def action_close(self) -> None:
        """Change nothing."""
        self.dismiss(None)
