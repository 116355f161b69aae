"""The Train screen: what is about to be trained, its start, and a run as it goes, whoever started it.

Starting, commands and all reading of run folders happen in threads; the run itself is a process of
its own, which this screen only watches.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Static

from lrtui.runs.control import ControlError, send
from lrtui.runs.launch import LaunchError, launch
from lrtui.runs.run import Run
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import StoreError
from lrtui.ui import words
from lrtui.ui.following import RunsFollowed, RunsFollower, RunView, is_live
from lrtui.ui.messages import UseSchedule
from lrtui.ui.plotting import Axis, Series
from lrtui.ui.screens.base import ModeScreen
from lrtui.ui.screens.export_dialog import ExportDialog
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.run_charts import X_AXES, X_WORDS, RunCharts, plan, wants
from lrtui.ui.widgets.run_status import RunStatus
from lrtui.ui.widgets.spec_form import SpecForm

STATUS_EVERY = 1.0
"""Seconds between two looks at the figures of a run; a change of its state is shown at once."""


class TrainScreen(ModeScreen):
    """A form to start a run from, or a run that is followed."""

    MODE = "train"
    GUIDE = (
        "Press s to train the schedule of Explore with the values in the form; a run trains in a process of "
        "its own and goes on when you leave this screen or the app. While it trains, S stops it and p pauses "
        "it. n brings the form back for the next run."
    )
    AUTO_FOCUS = ""
    HELP = GUIDE

    DEFAULT_CSS: ClassVar[str] = """
    TrainScreen {
        & > #new-run { height: 1fr; }
        & > #new-run > #what { height: 1; color: $text; text-style: bold; }
        & #form-pane { width: 1fr; height: auto; max-height: 100%; }
        & #start-row { height: 1; margin: 0 0 0 11; }
        & #start-row > #start-note { width: 1fr; padding: 0 0 0 2; color: $text-muted; }
        & #plan { height: 1fr; min-height: 6; margin: 1 0 0 0; }
        & #form-row { height: 1fr; layout: vertical; }
        &.-wide #form-row { layout: horizontal; }
        &.-wide #form-pane { width: 60; margin: 0 2 0 0; }
        &.-wide #plan { margin: 0; }
        & > #followed { height: 1fr; display: none; }
        &.-following > #followed { display: block; }
        &.-following > #new-run { display: none; }
        & RunStatus { margin: 0 0 0 0; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "start", "Start", id="train.start", tooltip="Start training in the background"),
        Binding("f5", "start", "Start", id="train.start.always", show=False,
                tooltip="Start training, also while typing in a field"),
        Binding("S", "stop", "Stop", id="train.stop", key_display="S",
                tooltip="Stop the run after its present update; what is logged is kept"),
        Binding("p", "pause", "Pause", id="train.pause", tooltip="Pause the run, or let it go on"),
        Binding("n", "new", "New run", id="train.new", tooltip="Back to the form; the run goes on"),
        Binding("w", "watch", "Watch", id="train.watch",
                tooltip="Watch the newest run that trains, or the next one"),
        Binding("m", "chart", "Chart", id="train.chart", tooltip="Show one chart alone, then the next"),
        Binding("x", "x_axis", "Axis", id="train.x", tooltip="Draw against epochs, updates or time"),
        Binding("l", "log", "Log", id="train.log", tooltip="Logarithmic loss and rate"),
        Binding("e", "export", "Export", id="train.export", tooltip="Export the run as CSV or JSON"),
        Binding("u", "use", "Use schedule", id="train.use", show=False,
                tooltip="Open the run's schedule in Explore"),
    ]  # fmt: skip

    run_id: reactive[str | None] = reactive(None, init=False)

    class Started(Message):
        """A run was started."""

        def __init__(self, run_id: str) -> None:
            super().__init__()
            self.run_id = run_id

    class Failed(Message):
        """Something that was asked for could not be done; one line says why."""

        def __init__(self, text: str, starting: bool = False) -> None:
            super().__init__()
            self.text = text
            self.starting = starting

    class LiveRuns(Message):
        """Ids of the runs that train now, newest first; ``wanted`` if a person asked to see one."""

        def __init__(self, run_ids: tuple[str, ...], wanted: bool) -> None:
            super().__init__()
            self.run_ids = run_ids
            self.wanted = wanted

    def __init__(self) -> None:
        super().__init__()
        self._view: RunView | None = None
        self._pending = ""
        self._x = X_AXES[0]
        self._log = False
        self._starting = False
        self._start_when_checked = False
        self._looked = False
        self._said: set[str] = set()
        self._live: tuple[str, ...] = ()
        self._status_timer: Timer | None = None

    def body(self) -> Iterable[Widget]:
        """The form with a preview, and the followed run; one of them is shown."""
        self._follower = RunsFollower(self.lrtui.store, self, interval=0.5)
        with Vertical(id="new-run"):
            yield Static("", id="what", markup=False)
            with Horizontal(id="form-row"):
                with Vertical(id="form-pane"):
                    yield SpecForm(self.lrtui.draft, id="form")
                    with Horizontal(id="start-row"):
                        yield Button("Start (s, F5)", id="start", variant="success", compact=True)
                        yield Static("", id="start-note", markup=False)
                yield Chart(id="plan")
        with Vertical(id="followed"):
            yield RunStatus(id="status")
            yield RunCharts(id="charts")

    def compose(self) -> ComposeResult:
        """As every screen; kept here for the type of what is yielded."""
        yield from super().compose()

    # Coming and going

    def on_screen_resume(self) -> None:
        """Follow again; the first time, follow the newest run that trains."""
        form = self.query_one(SpecForm)
        if form.is_mounted:
            form.load()
        if self.run_id is not None:
            self._follower.start()
        self._look_for_live(wanted=False)

    def on_screen_suspend(self) -> None:
        """Read nothing while nobody looks; say once that the run goes on."""
        self._follower.stop()
        view = self._view
        left = self.app.screen is not self and not self.app.screen.is_modal
        if view is not None and view.live and left and view.run_id not in self._said:
            self._said.add(view.run_id)
            self.notify(
                f"{view.name} goes on training; F3 comes back to it, also after leaving the app", markup=False
            )

    def on_unmount(self) -> None:
        """Stop reading."""
        self._follower.stop()

    def follow(self, run_id: str) -> None:
        """Show a run, live if it is."""
        self._looked = True
        self.run_id = run_id

    def compose_run(self) -> None:
        """Show the form with the draft, for the next run."""
        self._looked = True
        self.run_id = None

    def draft_changed(self) -> None:
        """Show a draft that was changed elsewhere."""
        self.query_one(SpecForm).load()

    def watch_run_id(self, run_id: str | None) -> None:
        """Show the run that is followed now, or the form."""
        self._view, self._pending = None, ""
        self.set_class(run_id is not None, "-following")
        self.set_focus(None)
        if run_id is None:
            self._follower.stop()
            self._follower.follow((), ())
            self.query_one(SpecForm).load()
        else:
            self.query_one(RunStatus).show([[(f"looking at {run_id} …", "dim")]])
            self._follower.follow((run_id,), wants(self._x))
            if self.is_current:
                self._follower.start()
        self.refresh_bindings()

    # The form

    def on_spec_form_checked(self, event: SpecForm.Checked) -> None:
        """Say what would be trained and draw its rates."""
        what = self.query_one("#what", Static)
        chart = self.query_one("#plan", Chart)
        if event.spec is None:
            field = next(iter(event.errors), "")
            what.update(
                f"Not ready: {field.replace('_', ' ')}: {event.errors[field]}" if field else "Not ready"
            )
        else:
            spec = event.spec
            what.update(
                f"About to train {spec.model} on {spec.train_examples:,} images for "
                f"{words.count(spec.epochs, 'epoch')}, {spec.horizon().total:,} updates, "
                f"with {spec.optimizer}"
            )
            curve = plan(spec, "epoch")
            chart.show(
                [Series("rate", curve.x, curve.y, 0)],
                Axis(0, spec.epochs, label="epochs"), Axis(0, kind="rate"), title="The rate it will use",
            )  # fmt: skip
        if self._start_when_checked:
            self._start_when_checked = False
            self._begin(event.spec)
        self.refresh_bindings()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The Start button."""
        event.stop()
        self.action_start()

    def action_start(self) -> None:
        """Start a run of what is in the form, once it has been checked as it stands."""
        if self.run_id is None and not self._starting:
            self._start_when_checked = True
            self.query_one(SpecForm).check()

    def _begin(self, spec: RunSpec | None) -> None:
        form = self.query_one(SpecForm)
        if spec is None:
            field = next(iter(form.errors), "schedule")
            form.focus_field(field)
            self.notify(f"Can't start: {field.replace('_', ' ')}: {form.errors.get(field, '')}",
                        severity="error", markup=False)  # fmt: skip
            return
        self._starting = True
        self.query_one("#start-note", Static).update("starting …")
        self._launch(spec)

    @work(thread=True, group="start", exit_on_error=False)
    def _launch(self, spec: RunSpec) -> None:
        try:
            run = self.lrtui.store.create(spec)
            launch(run)
        except (StoreError, LaunchError, OSError) as error:
            self.post_message(self.Failed(str(error), starting=True))
        else:
            self.post_message(self.Started(run.id))

    def on_train_screen_started(self, event: Started) -> None:
        """Follow what was started."""
        self._starting = False
        self.query_one("#start-note", Static).update("")
        self.lrtui.draft.name = ""  # a name is for one run
        self.follow(event.run_id)

    def on_train_screen_failed(self, event: Failed) -> None:
        """Say why something couldn't be done."""
        if event.starting:
            self._starting = False
            self.query_one("#start-note", Static).update("")
        self._pending = ""
        self.notify(event.text, severity="error", markup=False, timeout=10)

    # The followed run

    def on_runs_followed(self, event: RunsFollowed) -> None:
        """Show the newest snapshot."""
        if self.run_id is None:
            return
        if self.run_id in event.gone:
            self.notify(f"{self.run_id} is gone: its folder was deleted", severity="warning", markup=False)
            self.run_id = None
            return
        view = event.views.get(self.run_id)
        if view is None:
            return
        before, self._view = self._view, view
        if self._pending and (not view.live or self._answered(view, before)):
            self._pending = ""
        self.query_one(RunCharts).show(view, self._x, self._log)
        news = before is None or before.state is not view.state
        if news:
            self.refresh_bindings()
        if news or before is None or (before.report is None and view.report is not None):
            self._show_status()
        elif self._status_timer is None:
            # Figures that nobody can read that fast would be most of what a slow line carries.
            self._status_timer = self.set_timer(STATUS_EVERY, self._show_status)

    def _answered(self, view: RunView, before: RunView | None) -> bool:
        return before is not None and view.command is not None and view.command is not before.command

    def _show_status(self) -> None:
        if self._status_timer is not None:
            self._status_timer.stop()
            self._status_timer = None
        if self._view is not None:
            self.query_one(RunStatus).follow(self._view, self._pending)

    def action_stop(self) -> None:
        """Ask the worker to stop."""
        self._command("stop")

    def action_pause(self) -> None:
        """Ask the worker to pause, or to go on."""
        paused = self._view is not None and self._view.state.value == "paused"
        self._command("resume" if paused else "pause")

    def _command(self, command: str) -> None:
        if self._view is not None and self._view.live:
            self._pending = command
            self.query_one(RunStatus).follow(self._view, command)
            self._send(self._view.run_id, command)

    @work(thread=True, group="command", exit_on_error=False)
    def _send(self, run_id: str, command: str) -> None:
        try:
            send(self.lrtui.store.get(run_id), command, by="app")
        except (StoreError, ControlError, OSError) as error:
            self.post_message(self.Failed(str(error)))

    def action_new(self) -> None:
        """Show the form for the next run."""
        self.compose_run()

    def action_watch(self) -> None:
        """Show a run that trains."""
        self._look_for_live(wanted=True)

    @work(thread=True, exclusive=True, group="live", exit_on_error=False)
    def _look_for_live(self, wanted: bool) -> None:
        try:
            runs = self.lrtui.store.runs()
        except (StoreError, OSError):
            runs = []
        self.post_message(self.LiveRuns(tuple(run.id for run in runs if _lives(run)), wanted))

    def on_train_screen_live_runs(self, event: LiveRuns) -> None:
        """Follow the newest when the screen is first shown; the next one when a person asks."""
        self._live = event.run_ids
        if event.wanted:
            others = [run_id for run_id in event.run_ids if run_id != self.run_id]
            if self.run_id in event.run_ids and others:
                after = event.run_ids[event.run_ids.index(self.run_id) + 1 :]
                others = [*after, *others]
            if others:
                self.follow(others[0])
            else:
                self.notify("No other run is training" if self._live else "No run is training: s starts one")
        elif event.run_ids and not self._looked:
            self.follow(event.run_ids[0])
        note = (
            f"{len(event.run_ids)} training already: w watches; they share the machine"
            if event.run_ids
            else ""
        )
        if not self._starting:
            self.query_one("#start-note", Static).update(note)

    def action_chart(self) -> None:
        """Show the next chart alone, or all."""
        self.query_one(RunCharts).next_chart()

    def action_x_axis(self) -> None:
        """Draw against the next kind of x."""
        self._x = X_AXES[(X_AXES.index(self._x) + 1) % len(X_AXES)]
        if self.run_id is not None:
            self._follower.follow((self.run_id,), wants(self._x))
        self.notify(f"Against {X_WORDS[self._x]}", timeout=1.5)

    def action_log(self) -> None:
        """Switch the loss and the rate between linear and logarithmic."""
        self._log = not self._log
        if self._view is not None:
            self.query_one(RunCharts).show(self._view, self._x, self._log)

    def action_export(self) -> None:
        """Export the followed run."""
        if self.run_id is not None:
            self.app.push_screen(ExportDialog(self.lrtui.store, (self.run_id,)))

    def action_use(self) -> None:
        """Open the run's schedule in Explore."""
        if self._view is not None and self._view.spec is not None:
            self.post_message(UseSchedule(self._view.spec.schedule))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what can be done now."""
        following = self.run_id is not None
        live = following and self._view is not None and is_live(self._view.state)
        match action:
            case "start":
                return not following
            case "new" | "chart" | "x_axis" | "log" | "export" | "use":
                return following
            case "stop" | "pause":
                return live
        return True


def _lives(run: Run) -> bool:
    try:
        return run.alive()
    except OSError:
        return False
