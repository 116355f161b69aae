"""What a person does with a followed run: commands to its worker, dialogs about it, and its charts.

The keys are the screen's (`train`); nothing here decides which run is followed.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from textual import work
from textual.message import Message

from lrtui.runs.judging import MAIN, main_metric
from lrtui.runs.spec import OWN
from lrtui.runs.store import RunSummary, StoreError
from lrtui.ui.keys import key_for
from lrtui.ui.messages import UseSchedule
from lrtui.ui.screens.again_dialog import AgainDialog, Trained, refusal
from lrtui.ui.screens.base import ModeScreen
from lrtui.ui.screens.confirm import Confirm
from lrtui.ui.screens.export_dialog import ExportDialog
from lrtui.ui.screens.reading_panel import HappeningsPanel, LogPanel
from lrtui.ui.screens.steer_dialog import SteerDialog
from lrtui.ui.steering_text import Steer
from lrtui.ui.widgets.followed_run import FollowedRun


class TrainDeeds(ModeScreen):
    """A screen with a followed run on it."""

    @property
    def followed(self) -> FollowedRun:
        """The run that is followed, if one is."""
        return self.query_one(FollowedRun)

    # Commands

    def action_stop(self) -> None:
        """Ask the worker to stop; a queued run is taken out of the queue."""
        self.followed.command("stop")

    def action_pause(self) -> None:
        """Ask the worker to pause, or to go on."""
        self.followed.pause_or_resume()

    def action_finish(self) -> None:
        """Ask the worker to stop when its epoch is over, or to go on after all."""
        self.followed.finish_or_not()

    def action_checkpoint(self) -> None:
        """Ask the worker for a checkpoint."""
        self.followed.command("checkpoint")

    def action_kill(self) -> None:
        """Kill the worker, after a question."""
        view = self.followed.view
        if view is None or not view.live:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.followed.kill()

        question = (
            f"Kill the worker of {view.name}?\n\nWhat it trained since its last checkpoint is lost. "
            f"{key_for('run.stop')} stops it and loses nothing, if it still answers."
        )
        self.app.push_screen(Confirm(question, "Kill", "Let it train"), answered)

    def action_rate(self, text: str) -> None:
        """Ask what is to become of the rate, and have the worker do it."""
        view = self.followed.view
        if view is None or not view.live:
            return

        def answered(steer: Steer | None) -> None:
            if steer is not None:
                self.followed.command(steer.command, **steer.args)

        self.app.push_screen(SteerDialog(view, text), answered)

    def action_follow_schedule(self) -> None:
        """Have the worker follow its schedule again."""
        self.followed.command("follow-schedule")

    # Training again

    class Again(Message):
        """An ended run is to be trained again; this is its row."""

        def __init__(self, run: RunSummary) -> None:
            super().__init__()
            self.run = run

    def action_again(self) -> None:
        """Ask how the followed run, which has ended, is to be trained again."""
        if self.followed.view is not None:
            self._look_again(self.followed.view.run_id)

    @work(thread=True, exclusive=True, group="again", exit_on_error=False)
    def _look_again(self, run_id: str) -> None:
        with contextlib.suppress(StoreError, OSError):
            self.post_message(self.Again(self.lrtui.store.get(run_id).summary()))

    def on_train_deeds_again(self, event: Again) -> None:
        """Ask, and follow what trains then."""

        def answered(trained: Trained | None) -> None:
            if trained is not None:
                self.trains_again(trained)

        if why := refusal(event.run):
            self.notify(why, markup=False)
        else:
            self.app.push_screen(AgainDialog(self.lrtui.store, event.run), answered)

    def trains_again(self, trained: Trained) -> None:
        """A run trains again, this one or a new one."""
        raise NotImplementedError

    # Reading

    def action_happenings(self) -> None:
        """Show diagnoses in full, and what was done."""
        if self.followed.view is not None:
            self.app.push_screen(HappeningsPanel(self.followed.view))

    def action_output(self) -> None:
        """Show the end of the worker's output."""
        if self.followed.view is not None:
            self.app.push_screen(LogPanel(Path(self.followed.view.path) / "worker.log"))

    def action_export(self) -> None:
        """Export the followed run."""
        if self.followed.view is not None:
            view = self.followed.view
            metric = main_metric(view.metrics) or MAIN
            self.app.push_screen(ExportDialog(self.lrtui.store, (view.run_id,), metric=metric))

    def action_use(self) -> None:
        """Open the run's schedule in Explore, over the run's epochs."""
        spec = None if self.followed.view is None else self.followed.view.spec
        if spec is not None and spec.schedule:
            length = None if spec.task == OWN else (spec.epochs, spec.batch_size)
            self.post_message(UseSchedule(spec.schedule, spec.preset, length))

    # Charts

    def action_curve(self) -> None:
        """Put the cursor on a chart."""
        self.followed.charts.focus_chart()

    def action_chart(self) -> None:
        """Show the next chart alone, or all."""
        self.followed.charts.next_chart()

    def action_x_axis(self) -> None:
        """Draw against the next kind of x."""
        self.followed.next_x()

    def action_smooth(self) -> None:
        """Smooth more, or not at all."""
        self.followed.smooth()

    def action_log(self) -> None:
        """Switch between linear and logarithmic values."""
        self.followed.charts.toggle_log()
