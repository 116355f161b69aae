"""The second half of the Train screen: a run as it goes, its status, its charts, and commands to its worker.

It follows any run, whoever started it. Reading and sending happen in threads; it starts no run.
"""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer

from lrtui.runs import queue
from lrtui.runs.control import ControlError, send
from lrtui.runs.run import RunState
from lrtui.runs.store import RunStore, StoreError
from lrtui.ui.following import RunsFollowed, RunsFollower
from lrtui.ui.run_view import RunView
from lrtui.ui.widgets.run_charts import X_AXES, X_WORDS, RunCharts, wants
from lrtui.ui.widgets.run_status import RunStatus

STATUS_EVERY = 1.0
"""Seconds between two looks at the figures of a run; a change of its state is shown at once."""


class FollowedRun(Vertical):
    """One run, live if it lives. Reads only between `resume` and `pause_reading`."""

    DEFAULT_CSS: ClassVar[str] = "FollowedRun { height: 1fr; }"

    class News(Message):
        """The run is in another state: other things can be done with it."""

    class Gone(Message):
        """The run's folder is no longer there."""

        def __init__(self, run_id: str) -> None:
            super().__init__()
            self.run_id = run_id

    class Refused(Message):
        """A command could not be sent; one line says why."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, store: RunStore, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._store = store
        self._follower = RunsFollower(store, self, interval=0.5)
        self._run_id: str | None = None
        self._pending = ""
        self._x = X_AXES[0]
        self._log = False
        self._status_timer: Timer | None = None
        self.view: RunView | None = None

    def compose(self) -> ComposeResult:
        """Words above the charts."""
        yield RunStatus(id="status")
        yield RunCharts(id="charts")

    @property
    def reading(self) -> bool:
        """Whether the run's folder is being read now and then."""
        return self._follower.active

    @property
    def live(self) -> bool:
        """Whether the run has a living worker, as far as was read."""
        return self.view is not None and self.view.live

    @property
    def queued(self) -> bool:
        """Whether the run waits for its turn."""
        return self.view is not None and self.view.state is RunState.QUEUED

    def follow(self, run_id: str | None) -> None:
        """Show another run, or none; reading has to be resumed by the caller."""
        self._run_id, self.view, self._pending = run_id, None, ""
        if run_id is None:
            self._follower.stop()
            self._follower.follow((), ())
        else:
            self.query_one(RunStatus).show([[(f"looking at {run_id} …", "dim")]])
            self._follower.follow((run_id,), wants(self._x))

    def resume(self) -> None:
        """Read what is new from now on, if a run is followed."""
        if self._run_id is not None:
            self._follower.start()

    def pause_reading(self) -> None:
        """Read nothing while nobody looks."""
        self._follower.stop()

    def on_unmount(self) -> None:
        """Stop reading."""
        self._follower.stop()

    def on_runs_followed(self, event: RunsFollowed) -> None:
        """Show the newest snapshot."""
        if self._run_id is None:
            return
        if self._run_id in event.gone:
            self.post_message(self.Gone(self._run_id))
            return
        view = event.views.get(self._run_id)
        if view is None:
            return
        before, self.view = self.view, view
        if self._pending and (not view.live or _answered(view, before)):
            self._pending = ""
        self.query_one(RunCharts).show(view, self._x, self._log)
        news = before is None or before.state is not view.state
        if news:
            self.post_message(self.News())
        if news or before is None or (before.report is None and view.report is not None):
            self._show_status()
        elif self._status_timer is None:
            # Figures that nobody can read that fast would be most of what a slow line carries.
            self._status_timer = self.set_timer(STATUS_EVERY, self._show_status)

    def _show_status(self) -> None:
        if self._status_timer is not None:
            self._status_timer.stop()
            self._status_timer = None
        if self.view is not None:
            self.query_one(RunStatus).follow(self.view, self._pending)

    # Commands

    def stop(self) -> None:
        """Ask the worker to stop."""
        self._command("stop")

    def pause_or_resume(self) -> None:
        """Ask the worker to pause, or to go on."""
        paused = self.view is not None and self.view.state.value == "paused"
        self._command("resume" if paused else "pause")

    def _command(self, command: str) -> None:
        if self.view is not None and (self.view.live or self.queued):
            self._pending = command
            self.query_one(RunStatus).follow(self.view, command)
            self._send(self.view.run_id, command)

    @work(thread=True, group="command", exit_on_error=False)
    def _send(self, run_id: str, command: str) -> None:
        try:
            run = self._store.get(run_id)
            if command == "stop":
                queue.stop(self._store, run, by="app")
            else:
                send(run, command, by="app")
        except (StoreError, ControlError, OSError) as error:
            self.post_message(self.Refused(str(error)))

    def on_followed_run_refused(self, event: Refused) -> None:
        """Say why a command couldn't be sent."""
        event.stop()
        self._pending = ""
        self.notify(event.text, severity="error", markup=False, timeout=10)

    # Charts

    def next_chart(self) -> None:
        """Show the next chart alone, or all."""
        self.query_one(RunCharts).next_chart()

    def next_x(self) -> None:
        """Draw against the next kind of x."""
        self._x = X_AXES[(X_AXES.index(self._x) + 1) % len(X_AXES)]
        if self._run_id is not None:
            self._follower.follow((self._run_id,), wants(self._x))
        self.notify(f"Against {X_WORDS[self._x]}", timeout=1.5)

    def toggle_log(self) -> None:
        """Switch the loss and the rate between linear and logarithmic."""
        self._log = not self._log
        if self.view is not None:
            self.query_one(RunCharts).show(self.view, self._x, self._log)


def _answered(view: RunView, before: RunView | None) -> bool:
    return before is not None and view.command is not None and view.command is not before.command
