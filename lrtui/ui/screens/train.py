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
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Button

from lrtui.runs.run import Run
from lrtui.runs.store import StoreError
from lrtui.ui.messages import UseSchedule
from lrtui.ui.screens.base import ModeScreen
from lrtui.ui.screens.export_dialog import ExportDialog
from lrtui.ui.widgets.followed_run import FollowedRun
from lrtui.ui.widgets.new_run import NewRun


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
        & > FollowedRun { display: none; }
        &.-following > FollowedRun { display: block; }
        &.-following > NewRun { display: none; }
        &.-wide #form-row { layout: horizontal; }
        &.-wide #form-pane { width: 68; margin: 0 2 0 0; }
        &.-wide #plan { margin: 0; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "start", "Start", id="train.start", tooltip="Start training in the background"),
        Binding("f5", "start", "Start", id="train.start.always", show=False,
                tooltip="Start training, also while typing in a field"),
        Binding("m", "more", "Details", id="train.more",
                tooltip="All that a run is made of, or only what most need"),
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

    class LiveRuns(Message):
        """Ids of the runs that train now, newest first; ``wanted`` if a person asked to see one."""

        def __init__(self, run_ids: tuple[str, ...], wanted: bool) -> None:
            super().__init__()
            self.run_ids = run_ids
            self.wanted = wanted

    def __init__(self) -> None:
        super().__init__()
        self._looked = False
        self._said: set[str] = set()
        self._live: tuple[str, ...] = ()

    def body(self) -> Iterable[Widget]:
        """The form of the next run, and the followed run; one of them is shown."""
        yield NewRun(id="new-run")
        yield FollowedRun(self.lrtui.store, id="followed")

    def compose(self) -> ComposeResult:
        """As every screen; kept here for the type of what is yielded."""
        yield from super().compose()

    # Coming and going

    @property
    def _new(self) -> NewRun:
        return self.query_one(NewRun)

    @property
    def _followed(self) -> FollowedRun:
        return self.query_one(FollowedRun)

    def on_screen_resume(self) -> None:
        """Follow again; the first time, follow the newest run that trains."""
        self._new.load()
        self._followed.resume()
        self._look_for_live(wanted=False)

    def on_screen_suspend(self) -> None:
        """Read nothing while nobody looks; say once that the run goes on."""
        self._followed.pause_reading()
        view = self._followed.view
        left = self.app.screen is not self and not self.app.screen.is_modal
        if view is not None and view.live and left and view.run_id not in self._said:
            self._said.add(view.run_id)
            self.notify(
                f"{view.name} goes on training; F3 comes back to it, also after leaving the app", markup=False
            )

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
        self._new.load()

    def watch_run_id(self, run_id: str | None) -> None:
        """Show the run that is followed now, or the form."""
        self.set_class(run_id is not None, "-following")
        self.set_focus(None)
        self._followed.follow(run_id)
        if run_id is None:
            self._new.load()
        elif self.is_current:
            self._followed.resume()
        self.refresh_bindings()

    def on_new_run_started(self, event: NewRun.Started) -> None:
        """Follow what was started."""
        self._new.started()
        self.follow(event.run_id)

    def on_followed_run_news(self) -> None:
        """Another state allows other keys."""
        self.refresh_bindings()

    def on_followed_run_gone(self, event: FollowedRun.Gone) -> None:
        """Bring the form back if the run's folder has vanished."""
        if event.run_id == self.run_id:
            self.notify(f"{self.run_id} is gone: its folder was deleted", severity="warning", markup=False)
            self.run_id = None

    # What can be done

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The Start button."""
        event.stop()
        self.action_start()

    def action_start(self) -> None:
        """Start a run of what is in the form."""
        if self.run_id is None:
            self._new.start()

    def action_more(self) -> None:
        """Unfold or fold the rest of the form."""
        self._new.more()

    def action_stop(self) -> None:
        """Ask the worker to stop."""
        self._followed.stop()

    def action_pause(self) -> None:
        """Ask the worker to pause, or to go on."""
        self._followed.pause_or_resume()

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
        self._new.note(note)

    def action_chart(self) -> None:
        """Show the next chart alone, or all."""
        self._followed.next_chart()

    def action_x_axis(self) -> None:
        """Draw against the next kind of x."""
        self._followed.next_x()

    def action_log(self) -> None:
        """Switch the loss and the rate between linear and logarithmic."""
        self._followed.toggle_log()

    def action_export(self) -> None:
        """Export the followed run."""
        if self.run_id is not None:
            self.app.push_screen(ExportDialog(self.lrtui.store, (self.run_id,)))

    def action_use(self) -> None:
        """Open the run's schedule in Explore."""
        view = self._followed.view
        if view is not None and view.spec is not None and view.spec.schedule:
            self.post_message(UseSchedule(view.spec.schedule))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what can be done now."""
        following = self.run_id is not None
        match action:
            case "start" | "more":
                return not following
            case "new" | "chart" | "x_axis" | "log" | "export" | "use":
                return following
            case "stop":
                return following and (self._followed.live or self._followed.queued)
            case "pause":
                return following and self._followed.live
        return True


def _lives(run: Run) -> bool:
    try:
        return run.alive()
    except OSError:
        return False
