"""The Train screen: what is about to be trained, its start, and a run as it goes, whoever started it.

Starting, commands and all reading of run folders happen in threads; the run itself is a process of
its own, which this screen only watches.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Button

from lrtui.runs.run import RunState
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.live_runs import live_runs, room
from lrtui.ui.screens.again_dialog import Trained
from lrtui.ui.screens.queue_panel import QueuePanel
from lrtui.ui.screens.train_deeds import TrainDeeds
from lrtui.ui.widgets.followed_run import FollowedRun
from lrtui.ui.widgets.new_run import NewRun

LOOK_EVERY = 5.0
"""Seconds between two looks at what trains while the form is shown."""


class TrainScreen(TrainDeeds):
    """A form to start a run from, or a run that is followed."""

    MODE = "train"
    GUIDE = (
        "Press {train.start} to train the schedule of Explore with the values in the form; {edit} goes "
        "into it, {train.more} unfolds the rest of it. A run trains in a process of its own and goes on when "
        "you leave this screen or the app; too many at once wait for their turn ({train.queue}). While it "
        "trains, {run.stop} stops it, {run.pause} pauses it, {train.rate} sets its rate by hand and "
        "{train.cooldown} cools it down. {chart.go} goes to a chart: {chart.left} {chart.right} walk along "
        "it, {chart.zoom-in} and {chart.zoom-out} zoom, {chart.fill} fills the screen. {train.happenings} "
        "says what was found wrong and what to do about it. {train.new} brings the form back for another run."
    )
    AUTO_FOCUS = ""

    DEFAULT_CSS: ClassVar[str] = """
    TrainScreen {
        & > FollowedRun { display: none; }
        &.-following > FollowedRun { display: block; }
        &.-following > NewRun { display: none; }
        &.-wide, &.-very-wide {
            #form-row { layout: horizontal; }
            #form-pane { width: 70; margin: 0 2 0 0; }
            #plan { margin: 0; }
        }
        &.-very-wide #form-pane { width: 92; }
        &.-short .-wrong #plan { display: none; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "start", "Start", id="train.start",
                tooltip="Start training in the background, in turn if too many train already"),
        Binding("f5", "start", "Start", id="train.start.always", show=False,
                tooltip="Start training, also while typing in a field"),
        Binding("s", "again", "Again", id="run.again",
                tooltip="Let an ended run go on, train it further or otherwise, or repeat it"),
        Binding("N", "start_now", "Start at once", id="run.now", show=False, key_display="N",
                tooltip="Start training beside whatever trains, without waiting for a turn"),
        Binding("enter,down", "edit", "Edit", key_display="enter", id="edit",
                tooltip="Into the form: there the same key goes on from field to field"),
        Binding("m", "more", "Details", id="train.more",
                tooltip="All that a run is made of, or only what most need"),
        Binding("S", "stop", "Stop", id="run.stop", key_display="S",
                tooltip="Stop the run after its present update; what is logged is kept"),
        Binding("p", "pause", "Pause", id="run.pause", tooltip="Pause the run, or let it go on"),
        Binding("a", "rate('')", "Rate", id="train.rate",
                tooltip="Adjust the rate by hand: hold it, scale it, follow the schedule again"),
        Binding("c", "rate('cooldown 10% to 0 linear')", "Cool down", id="train.cooldown",
                tooltip="Start the cooldown that ends the run; its length, end and shape are asked"),
        Binding("b", "follow_schedule", "Back to schedule", id="train.schedule", show=False,
                tooltip="Follow the schedule again after the rate was set by hand"),
        Binding("F", "finish", "Finish epoch", id="train.finish", show=False, key_display="F",
                tooltip="Stop the run when its present epoch is over; again takes that back"),
        Binding("k", "checkpoint", "Checkpoint", id="train.checkpoint", show=False,
                tooltip="Keep the run as it is now: write a checkpoint"),
        Binding("K", "kill", "Kill", id="train.kill", show=False, key_display="K",
                tooltip="Kill a worker that doesn't answer, after a question"),
        Binding("h", "happenings", "What happened", id="train.happenings", show=False,
                tooltip="Diagnoses with their remedy, commands with their answers, all a run is made of"),
        Binding("o", "output", "Output", id="train.output", show=False,
                tooltip="The last lines that the worker has printed"),
        Binding("n", "new", "New run", id="train.new", tooltip="Back to the form; the run goes on"),
        Binding("w", "watch", "Watch", id="train.watch",
                tooltip="Watch the newest run that trains, or the next one"),
        Binding("Q", "queue", "Queue", id="train.queue", show=False, key_display="Q",
                tooltip="The runs that wait for their turn: their order, out of it, out of turn"),
        Binding("m", "chart", "Chart", id="train.chart", tooltip="Show one chart alone, then the next"),
        Binding("v", "curve", "Curve", id="chart.go", show=False,
                tooltip="Go to a chart, to walk along it, to zoom, to have it fill the screen"),
        Binding("x", "x_axis", "Axis", id="chart.axis",
                tooltip="Draw against epochs, updates, examples or time"),
        Binding("y", "smooth", "Smooth", id="chart.smooth", show=False,
                tooltip="Smooth what is measured more and more, then not at all"),
        Binding("l", "log", "Log", id="chart.log", show=False,
                tooltip="Logarithmic values: of the chart with the focus, or of all that are shown"),
        Binding("e", "export", "Export", id="run.export", show=False,
                tooltip="Export the run in one of many formats"),
        Binding("u", "use", "Use schedule", id="run.use", show=False,
                tooltip="Open the run's schedule in Explore"),
    ]  # fmt: skip

    run_id: reactive[str | None] = reactive(None, init=False)

    class LiveRuns(Message):
        """Ids of the runs that train now, newest first.

        ``wanted`` is whether a person asked to see one, None if none is to be shown for it. ``room`` says
        whether a run that is started now would start at once, in one line if there is need.
        """

        def __init__(self, run_ids: tuple[str, ...], wanted: bool | None, room: str) -> None:
            super().__init__()
            self.run_ids = run_ids
            self.wanted = wanted
            self.room = room

    def __init__(self) -> None:
        super().__init__()
        self._looked = False
        self._said: set[str] = set()
        self._live: tuple[str, ...] = ()

    def body(self) -> Iterable[Widget]:
        """The form of the next run, and the followed run; one of them is shown."""
        yield NewRun(id="new-run")
        yield FollowedRun(self.lrtui.store, id="followed")

    # Coming and going

    @property
    def _new(self) -> NewRun:
        return self.query_one(NewRun)

    def on_mount(self) -> None:
        """Say beside the form, as it changes, whether there is room for a run."""
        self.set_interval(LOOK_EVERY, self._look_now_and_then)

    def _look_now_and_then(self) -> None:
        if self.run_id is None and self.is_current:
            self._look_for_live(wanted=None)

    def on_screen_resume(self) -> None:
        """Follow again; the first time, follow the newest run that trains."""
        self._new.load()
        self.followed.resume()
        self._look_for_live(wanted=False)

    def on_screen_suspend(self) -> None:
        """Read nothing while nobody looks; say once that the run goes on."""
        self.followed.pause_reading()
        view = self.followed.view
        left = self.app.screen is not self and not self.app.screen.is_modal
        queued = self.followed.queued
        if view is not None and (view.live or queued) and left and view.run_id not in self._said:
            self._said.add(view.run_id)
            paused = view.state is RunState.PAUSED
            what = (
                "waits and starts by itself" if queued else "stays paused" if paused else "goes on training"
            )
            back = key_for("go.train")
            self.notify(
                f"{view.name} {what}; {back} comes back to it, also after leaving the app", markup=False
            )

    def follow(self, run_id: str) -> None:
        """Show a run, live if it is."""
        self._looked = True
        self.run_id = run_id

    def compose_run(self) -> None:
        """Show the form with the draft, for the next run."""
        self._looked = True
        self.run_id = None
        self._look_for_live(wanted=False)

    def draft_changed(self) -> None:
        """Show a draft that was changed elsewhere."""
        self._new.load()

    def watch_run_id(self, run_id: str | None) -> None:
        """Show the run that is followed now, or the form."""
        self.set_class(run_id is not None, "-following")
        self.set_focus(None)
        self.followed.follow(run_id)
        if run_id is None:
            self._new.load()
        elif self.is_current:
            self.followed.resume()
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
            self.compose_run()

    # What can be done

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The Start button."""
        event.stop()
        self.action_start()

    def action_start(self) -> None:
        """Start a run of what is in the form."""
        if self.run_id is None:
            self._new.start()

    def trains_again(self, trained: Trained) -> None:
        """Follow it."""
        self.notify(trained.text.split(";")[0], markup=False)
        self.run_id = None
        self.follow(trained.run_id)

    @property
    def _ended(self) -> bool:
        view = self.followed.view
        return view is not None and view.state.ended

    def action_start_now(self) -> None:
        """Start a run of what is in the form, without waiting for a turn."""
        if self.run_id is None:
            self._new.start(now=True)

    def action_more(self) -> None:
        """Unfold or fold the rest of the form."""
        self._new.more()

    def action_edit(self) -> None:
        """Put the cursor into the form."""
        self._new.edit()

    def action_new(self) -> None:
        """Show the form for the next run."""
        self.compose_run()

    def action_watch(self) -> None:
        """Show a run that trains."""
        self._look_for_live(wanted=True)

    @work(thread=True, exclusive=True, group="live", exit_on_error=False)
    def _look_for_live(self, wanted: bool | None) -> None:
        live = live_runs(self.lrtui.store)
        self.post_message(self.LiveRuns(live, wanted, room(len(live))))

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
                way = "{train.start} starts one" if self.run_id is None else "{train.new} brings the form"
                none = with_keys(f"No run is training: {way}")
                self.notify("No other run is training" if self._live else none, markup=False)
        elif event.run_ids and not self._looked and event.wanted is not None:
            self.follow(event.run_ids[0])
        self._new.note(event.room)

    def action_queue(self) -> None:
        """Show the queue, and the run that is chosen there."""

        def answered(run_id: str | None) -> None:
            if run_id is not None:
                self.follow(run_id)

        self.app.push_screen(QueuePanel(self.lrtui.store), answered)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what can be done now."""
        following = self.run_id is not None
        match action:
            case "start" | "start_now" | "more" | "edit":
                return not following
            case "again":
                return following and self._ended
            case "new" | "happenings" | "output" | "curve" | "chart" | "export" | "use":
                return following
            case "x_axis" | "smooth" | "log":
                return following
            case "stop":
                return following and (self.followed.live or self.followed.queued)
            case "pause" | "finish" | "checkpoint" | "kill" | "rate" | "follow_schedule":
                return following and self.followed.live
        return True
