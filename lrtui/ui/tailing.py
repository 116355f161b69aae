"""One followed run: its folder, its history so far, and the snapshot that screens are handed.

Read from the threads of `following`, one at a time; draws nothing and gives no commands.
"""

from __future__ import annotations

import contextlib
import math
import time

import numpy as np

from lrtui.runs.compare import smooth
from lrtui.runs.history import History, HistoryFollower
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import RunSpec, SpecError
from lrtui.runs.store import StoreError
from lrtui.runs.text import one_line
from lrtui.runs.window import window
from lrtui.ui.happenings import notes
from lrtui.ui.run_panels import plan
from lrtui.ui.run_view import POINTS, Curve, Growing, RunView, Span, Want, thin
from lrtui.ui.silence import Listener, Silence, ago

REREAD = 10.0
"""Seconds between two readings of a stretch of a log that is too long to be held in memory."""

LATEST = 400
"""Reports that say how fast a run goes now."""


def pace(history: History) -> float | None:
    """Seconds that an update takes, all in all, by the latest reports; pauses left out. None without two."""
    reports = history.columns("report")
    if "step" not in reports or "seconds" not in reports:
        return None
    with np.errstate(all="ignore"):
        steps, seconds = np.diff(reports["step"][-LATEST:]), np.diff(reports["seconds"][-LATEST:])
        going = (steps > 0) & (seconds > 0) & np.isfinite(steps)
        if not going.any():
            return None
        going &= seconds <= max(30 * float(np.median(seconds[going])), 1.0)
        found = float(seconds[going].sum() / steps[going].sum()) if going.any() else math.nan
    return found if math.isfinite(found) else None


class Tail:
    """A run that is followed."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.view: RunView | None = None
        self._log = HistoryFollower(run.events_path)
        self._spec: RunSpec | None = None
        self._spec_error = ""
        self._last_sign: float | None = None
        self._listener = Listener()
        self._asked: tuple[tuple[Want, ...], Span | None] = ((), None)
        self._amended = self._worker_since = 0.0
        self._growing: dict[Want, Growing] = {}
        self._details: dict[Want, Curve] = {}
        self._read_at = -math.inf
        try:
            self._spec = run.spec
            plan(self._spec, "epoch")  # so that whoever draws it on the event loop finds it known
        except (SpecError, StoreError, OSError) as problem:
            self._spec_error = one_line(problem)

    def poll(self, wants: tuple[Want, ...], span: Span | None = None) -> bool:
        """Read on; whether the snapshot is a new one. Raises OSError when the folder is gone."""
        if not self.run.path.is_dir():
            raise FileNotFoundError(self.run.path)
        events = self._log.poll()
        if events:
            self._last_sign = events[-1].time
            # What is read first may have been said long ago.
            self._listener.heard(ago(self._last_sign) if self.view is None else 0.0)
        state = self.run.state(self._log.history)
        # The worker may have ended after the log was read: its ending is shown together with the state.
        if state.ended and (late := self._log.poll()):
            events += late
            self._last_sign = late[-1].time
        for event in events:
            if event.kind in ("started", "resuming", "resumed"):
                self._worker_since = event.time
            if event.kind == "amended":
                self._amended = event.time
                with contextlib.suppress(SpecError, StoreError, OSError):
                    self._spec = self.run.spec
                    plan(self._spec, "epoch")
        silence = self._listener.silence(self.run, state, self._log.history)
        old = self.view
        same = old is not None and (state, silence, self.run.labels) == (old.state, old.silence, old.labels)
        if same and not events and (wants, span) == self._asked:
            return False
        again = (wants, span) != self._asked
        self._asked = wants, span
        self._look(wants, span, again)
        self.view = self._snapshot(state, wants, span, silence)
        return True

    def _look(self, wants: tuple[Want, ...], span: Span | None, again: bool) -> None:
        """Get the detail of a stretch; of a very long log, which is read again for it, only now and then."""
        if span is None:
            self._details = {}
            return
        history = self._log.history
        if not again and history.thinned and time.monotonic() < self._read_at + REREAD:
            return
        self._read_at = time.monotonic()
        self._details = {want: self._detail(want, span) for want in wants}

    def _detail(self, want: Want, span: Span) -> Curve:
        history = self._log.history
        if not want.weight:
            path, points = self.run.events_path, POINTS // 2
            return Curve(*window(history, path, want.metric, *span, want.x, points, want.source))
        # An average goes back to the beginning: it can't be made of a stretch.
        x, y = history.series(want.metric, want.x, source=want.source)
        y = smooth(want.metric, y, want.weight)
        inside = np.flatnonzero((x >= span[0]) & (x <= span[1]))
        if not inside.size:
            return Curve(x[:0], y[:0])
        low, high = max(int(inside[0]) - 1, 0), int(inside[-1]) + 2
        return thin(x[low:high], y[low:high])

    def _snapshot(
        self, state: RunState, wants: tuple[Want, ...], span: Span | None, silence: Silence
    ) -> RunView:
        history = self._log.history
        self._growing = {want: self._growing.get(want) or Growing() for want in wants}
        said = self.run.last_words() if state in (RunState.CRASHED, RunState.FAILED) else ""
        return RunView(
            run_id=self.run.id,
            name=self.run.name,
            state=state,
            path=str(self.run.path),
            spec=self._spec,
            spec_error=self._spec_error,
            labels=self.run.labels,
            started=history.started,
            ending=history.ending,
            report=history.latest("report"),
            epoch=history.latest("epoch"),
            best=history.best(),
            progress=history.progress,
            diagnoses=tuple(history.diagnoses),
            notes=notes(history),
            commands=tuple(history.commands),
            turns=tuple(history.turns),
            amended=self._amended,
            worker_since=self._worker_since,
            checkpoint=history.latest("checkpoint"),
            download=history.latest("download"),
            updates=history.updates,
            done=history.done,
            pace=pace(history),
            last_sign=self._last_sign,
            silence=silence,
            skipped=self._log.follower.skipped,
            log_tail=said,
            metrics=tuple(dict.fromkeys((*history.metrics("report"), *history.metrics("epoch")))),
            curves={want: self._curve(want) for want in wants},
            span=span,
            details=dict(self._details),
        )

    def _curve(self, want: Want) -> Curve:
        x, y = self._log.history.series(want.metric, want.x, source=want.source)
        # Smoothed before it is thinned: the extremes that thinning keeps are no average of anything.
        y = smooth(want.metric, y, want.weight) if want.weight else y
        return self._growing[want].thinned(x, y)
