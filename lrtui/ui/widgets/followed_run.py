"""The second half of the Train screen: a run as it goes, its status and its charts.

It follows any run, whoever started it. Reading happens in threads; commands are `run_commands`' business.
It starts no run.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.message import Message
from textual.timer import Timer

from lrtui.runs.run import RunState
from lrtui.runs.store import RunStore
from lrtui.ui.following import RunsFollowed, RunsFollower
from lrtui.ui.kept_charts import keep_charts, recall_charts
from lrtui.ui.looking import WEIGHTS, X_WORDS, Look, along, offered
from lrtui.ui.run_panels import smoothing, wants
from lrtui.ui.widgets.run_charts import RunCharts
from lrtui.ui.widgets.run_commands import RunCommands
from lrtui.ui.widgets.run_status import RunStatus

if TYPE_CHECKING:
    from lrtui.ui.app import LrtuiApp

SHOWN_EVERY = 1.0
"""Seconds between two looks at a run that trains; what is new is shown at once."""

CALM = 4.0
"""Seconds between two drawings of its charts at most: of a long run a second is no more than a dot."""

SHARE = 300.0
"""Drawing takes at most one part in so many of a core's time: the run may need every core there is."""


class FollowedRun(RunCommands):
    """One run, live if it lives. Reads only between `resume` and `pause_reading`."""

    DEFAULT_CSS: ClassVar[str] = "FollowedRun { height: 1fr; }"

    class News(Message):
        """The run is in another state: other things can be done with it."""

    class Gone(Message):
        """The run's folder is no longer there."""

        def __init__(self, run_id: str) -> None:
            super().__init__()
            self.run_id = run_id

    def __init__(self, store: RunStore, *, id: str | None = None) -> None:
        super().__init__(store, id=id)
        self._follower = RunsFollower(store, self, interval=SHOWN_EVERY)
        self._run_id: str | None = None
        self._look = Look()
        self._next: Timer | None = None
        self._shown_at = self._drawn_at = -math.inf
        self._took = 0.0
        self._drawn: Look | None = None

    def compose(self) -> ComposeResult:
        """Words above the charts."""
        yield RunStatus(id="status")
        yield RunCharts(id="charts")

    @property
    def charts(self) -> RunCharts:
        """The charts."""
        return self.query_one(RunCharts)

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
        self._run_id, self.view = run_id, None
        self.silence()
        self._follower.look(None)
        if run_id is None:
            self._follower.stop()
            self._follower.follow((), ())
        else:
            self.query_one(RunStatus).show([[(f"looking at {run_id} …", "dim")]])
            self._look = self.charts.chosen.look
            self._follower.follow((run_id,), wants(self._look))

    def on_mount(self) -> None:
        """Look at runs as before."""
        self.charts.chosen = recall_charts(cast("LrtuiApp", self.app).remembered)

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
        self.hear(before)
        if before is None:
            self._look = replace(self._look, x=along(self._look.x, view))
        if before is None or before.metrics != view.metrics:
            self._follower.follow((self._run_id,), wants(self._look, view))
        news = before is None or before.state is not view.state
        if news:
            self.post_message(self.News())
        if news or before is None or (before.report is None) != (view.report is None):
            self._show(charts=True)
        elif (before.span, len(before.commands)) != (view.span, len(view.commands)):
            self._show(charts=True)  # a person has done something and looks for it
        elif self._look != self._drawn:
            self._show(charts=True)
        else:
            # What nobody can read that fast would be most of what a slow line carries.
            wait = self._shown_at + SHOWN_EVERY - time.monotonic()
            if wait < SHOWN_EVERY / 4:
                self._show()
            else:
                self._show_in(wait)

    def _show(self, charts: bool = False) -> None:
        """Show the newest figures; the charts only when there is something new to be seen in them."""
        if self._next is not None:
            self._next.stop()
            self._next = None
        view, now = self.view, time.monotonic()
        if view is None:
            return
        self._shown_at = now
        self.refresh_status()
        due = self._drawn_at + min(max(self.charts.half_a_column(view), SHARE * self._took), CALM)
        if not charts and now < due - SHOWN_EVERY / 2:
            self._show_in(due - now + SHOWN_EVERY)  # if nothing newer comes before
        # Else the curves are those of another look, and newer ones are on their way.
        elif all(want in view.curves for want in wants(self._look)):
            self._drawn_at, self._drawn = now, self._look
            began = time.thread_time()
            self.charts.show(view, self._look)
            if not charts:  # else all of them may have been drawn anew, for once
                self._took = time.thread_time() - began

    def _show_in(self, seconds: float) -> None:
        if self._next is not None:
            self._next.stop()
        self._next = self.set_timer(seconds, self._show)

    def command(self, command: str, **args: Any) -> None:
        """Send a command, and look for its answer."""
        super().command(command, **args)
        self._follower.hurry()

    def refresh_status(self) -> None:
        """Show the status of now."""
        if self.view is not None:
            self.query_one(RunStatus).follow(self.view, self.said)

    # Charts

    def on_run_charts_looked(self, event: RunCharts.Looked) -> None:
        """Have the stretch that is looked at read in all its detail."""
        event.stop()
        self._follower.look(event.span)

    def on_run_charts_changed(self, event: RunCharts.Changed) -> None:
        """Remember what is shown how."""
        event.stop()
        keep_charts(cast("LrtuiApp", self.app).remembered, self.charts.chosen)

    def next_x(self) -> None:
        """Draw against the next kind of x that makes sense for the run."""
        if self.view is not None:
            kinds = offered(self.view)
            at = kinds.index(self._look.x) if self._look.x in kinds else -1
            self._look_so(replace(self._look, x=kinds[(at + 1) % len(kinds)]))
            self.notify(f"Against {X_WORDS[self._look.x]}", timeout=1.5)

    def smooth(self) -> None:
        """Smooth what is measured more; after the most, not at all."""
        weight = WEIGHTS[(WEIGHTS.index(self._look.weight) + 1) % len(WEIGHTS)]
        self._look_so(replace(self._look, weight=weight))
        self.notify(smoothing(self._look).capitalize() or "Not smoothed", timeout=1.5)

    def _look_so(self, look: Look) -> None:
        if look.x != self._look.x:
            self._follower.look(None)
        self._look = self.charts.chosen.look = look
        if self._run_id is not None:
            self._follower.follow((self._run_id,), wants(look, self.view))
        keep_charts(cast("LrtuiApp", self.app).remembered, self.charts.chosen)
