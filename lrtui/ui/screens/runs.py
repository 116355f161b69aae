"""The Runs screen: every run in a table, any number of them overlaid on one chart, export and deletion.

Runs started elsewhere appear by themselves. Listing, following, exporting and deleting happen in threads.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from lrtui.runs.store import RunStore, RunSummary, StoreError
from lrtui.ui import words
from lrtui.ui.following import RunsFollowed, RunsFollower, RunsListed, RunsLister
from lrtui.ui.messages import ShowRun, UseSchedule
from lrtui.ui.run_view import is_live
from lrtui.ui.screens.base import ModeScreen
from lrtui.ui.screens.confirm import Confirm
from lrtui.ui.screens.export_dialog import ExportDialog
from lrtui.ui.widgets.run_overlay import RunOverlay
from lrtui.ui.widgets.run_table import RunTable


class RunsScreen(ModeScreen):
    """Every run, and the curves of those that are marked."""

    MODE = "runs"
    FILLS = 5.0
    GUIDE = (
        "Up and down choose a run, space marks it: the chart overlays all marked runs, or shows the chosen "
        "one. m and x choose what is drawn against what. Enter opens a run in Train, u its schedule in "
        "Explore, e exports the marked runs, d deletes the chosen one."
    )
    AUTO_FOCUS = "RunTable"
    HELP = GUIDE

    DEFAULT_CSS: ClassVar[str] = """
    RunsScreen {
        & > RunTable { height: auto; min-height: 4; max-height: 45%; }
        & > #empty { height: auto; padding: 1 2; color: $text-muted; display: none; }
        &.-empty > #empty { display: block; }
        &.-empty > RunTable, &.-empty > RunOverlay { display: none; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="runs.open", tooltip="Open the run in Train, live if it is"),
        Binding("m", "metric(1)", "Metric", id="runs.metric", tooltip="Draw the next metric"),
        Binding("M", "metric(-1)", "Metric before", id="runs.metric.before", show=False,
                tooltip="Draw the metric before"),
        Binding("x", "x_axis", "Axis", id="runs.x", tooltip="Draw against epochs, updates or time"),
        Binding("l", "log", "Log", id="runs.log", tooltip="Logarithmic y axis"),
        Binding("c", "clear", "Clear", id="runs.clear", show=False, tooltip="Take all marks away"),
        Binding("e", "export", "Export", id="runs.export",
                tooltip="Export the marked runs, or the chosen one"),
        Binding("d,delete", "delete", "Delete", id="runs.delete", key_display="d",
                tooltip="Delete the chosen run, after a question"),
        Binding("u", "use", "Use", id="runs.use", tooltip="Open the run's schedule in Explore"),
    ]  # fmt: skip

    class Said(Message):
        """The outcome of work done in a thread, one line for the person."""

        def __init__(self, text: str, error: bool = False) -> None:
            super().__init__()
            self.text = text
            self.error = error

    def __init__(self) -> None:
        super().__init__()
        self._nothing = True

    def body(self) -> Iterable[Widget]:
        """Table, choices, chart."""
        store: RunStore = self.lrtui.store
        self._lister = RunsLister(store, self)
        self._follower = RunsFollower(store, self)
        overlay = RunOverlay(id="overlaid")
        yield RunTable(overlay.color_of, id="table")
        yield Static("", id="empty", markup=False)
        yield overlay

    def compose(self) -> ComposeResult:
        """As every screen; kept here for the type of what is yielded."""
        yield from super().compose()

    # Coming and going

    def on_mount(self) -> None:
        """Ages go on while nothing else does; a repaint costs only the lines that read differently."""
        self.set_interval(20, self._older)

    def on_screen_resume(self) -> None:
        """Look again."""
        self._lister.start()
        self._follower.start()

    def on_screen_suspend(self) -> None:
        """Read nothing while nobody looks."""
        self._lister.stop()
        self._follower.stop()

    def on_unmount(self) -> None:
        """Stop reading."""
        self.on_screen_suspend()

    def _older(self) -> None:
        if self.is_current:
            self.query_one(RunTable).age(time.time())

    # The list

    def on_runs_listed(self, event: RunsListed) -> None:
        """Show the list as it is now."""
        self.set_class(not event.runs, "-empty")
        if not event.runs:
            self.query_one("#empty", Static).update(
                event.error
                or f"No runs yet in {self.lrtui.store.root}.\n\nF3 trains one; so does `lrtui train` in any "
                "terminal, and it appears here by itself."
            )  # fmt: skip
        table = self.query_one(RunTable)
        table.show(event.runs)
        if self.focused is None and event.runs:
            table.focus()
        self._choose()
        self.filled()

    def on_run_table_highlighted(self) -> None:
        """Another run is chosen; without marks the chart shows it."""
        self._choose()

    def on_run_table_marked(self) -> None:
        """Other runs are marked."""
        self._choose()

    def on_run_table_opened(self, event: RunTable.Opened) -> None:
        """A double click opens."""
        self.post_message(ShowRun(event.run_id))

    @property
    def _chosen(self) -> RunSummary | None:
        return self.query_one(RunTable).selected

    def _drawn(self) -> tuple[str, ...]:
        table = self.query_one(RunTable)
        chosen = table.selected
        return table.marked or ((chosen.id,) if chosen is not None else ())

    def _choose(self) -> None:
        """Follow and draw what is marked, or chosen."""
        drawn, overlay, table = self._drawn(), self.query_one(RunOverlay), self.query_one(RunTable)
        self._follower.follow(drawn, (overlay.want,))
        overlay.draw(drawn, len(table.marked))
        table.repaint()
        # It builds the footer anew, most of what a key costs: only when other keys work than before.
        if (table.selected is None) != self._nothing:
            self._nothing = table.selected is None
            self.refresh_bindings()

    # The chart

    def on_runs_followed(self, event: RunsFollowed) -> None:
        """Draw what is new."""
        self.query_one(RunOverlay).take(event.views)

    def on_run_overlay_wanted(self) -> None:
        """Another metric or axis was clicked."""
        self._choose()

    def action_metric(self, by: int) -> None:
        """Draw the next metric."""
        self.query_one(RunOverlay).next_metric(by)
        self._choose()

    def action_x_axis(self) -> None:
        """Draw against the next kind of x."""
        self.query_one(RunOverlay).next_x()
        self._choose()

    def action_log(self) -> None:
        """Switch the y axis between linear and logarithmic."""
        self.query_one(RunOverlay).toggle_log()

    def action_clear(self) -> None:
        """Take all marks away."""
        self.query_one(RunTable).clear_marks()

    # What can be done with a run

    def action_open(self) -> None:
        """Open the chosen run in Train."""
        if self._chosen is not None:
            self.post_message(ShowRun(self._chosen.id))

    def action_use(self) -> None:
        """Open the chosen run's schedule in Explore."""
        run = self._chosen
        if run is not None and run.schedule:
            self.post_message(UseSchedule(run.schedule, run.preset))

    def action_export(self) -> None:
        """Export the marked runs, or the chosen one."""
        if self._drawn():
            self.app.push_screen(ExportDialog(self.lrtui.store, self._drawn()))

    def action_delete(self) -> None:
        """Delete the chosen run, after a question; a run that trains has to be stopped first."""
        run = self._chosen
        if run is None:
            return
        if is_live(run.state):
            self.notify(
                f"{run.name} is still {run.state.value}: open it (enter) and stop it (S) before deleting it",
                severity="warning",
                markup=False,
            )
            return
        best = (
            f", best test accuracy {words.accuracy(run.best_test_acc)}"
            if run.best_test_acc is not None
            else ""
        )
        question = (
            f"Delete {run.name}?\n{run.id}: {run.last_epoch} of {run.epochs or '?'} epochs{best}.\n\n"
            "Its log, spec and checkpoints are deleted for good."
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self._delete(run.id, run.name)

        self.app.push_screen(Confirm(question, "Delete"), answered)

    @work(thread=True, group="delete", exit_on_error=False)
    def _delete(self, run_id: str, name: str) -> None:
        store = self.lrtui.store
        try:
            store.delete(store.get(run_id))
        except (StoreError, OSError) as error:
            self.post_message(self.Said(str(error), error=True))
        else:
            self._lister.wake()
            self.post_message(self.Said(f"Deleted {name}"))

    def on_runs_screen_said(self, event: Said) -> None:
        """Say how it went."""
        self.notify(event.text, severity="error" if event.error else "information", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what can be done now."""
        if action in ("open", "export", "delete", "use", "metric", "x_axis", "log") and self.is_mounted:
            return self._chosen is not None
        return True
