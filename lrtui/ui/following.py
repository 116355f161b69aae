"""Follows run folders from threads of their own and hands screens finished snapshots.

All reading of event logs and of the runs folder happens here, off the event loop. A thread posts a
message that holds the whole picture, so a newer message may replace an older one and a slow
terminal never builds up a queue. Nothing is posted while nothing changes. This module draws nothing
and gives no commands.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from textual.message import Message
from textual.message_pump import MessagePump

from lrtui.runs import queue
from lrtui.runs.compare import smooth
from lrtui.runs.events import Event
from lrtui.runs.history import History, HistoryFollower, number
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import RunSpec, SpecError
from lrtui.runs.store import RunStore, RunSummary, StoreError
from lrtui.runs.text import one_line, printable
from lrtui.ui.run_view import Curve, Note, RunView, Want, is_live, thin

log = logging.getLogger(__name__)

SHARE = 20.0
"""Listing takes at most one part in so many of the time: a thousand runs would slow every key otherwise."""


class RunsFollowed(Message, bubble=False):
    """New snapshots of the followed runs; ``gone`` are those whose folder can no longer be read."""

    def __init__(self, views: Mapping[str, RunView], gone: frozenset[str]) -> None:
        super().__init__()
        self.views = views
        self.gone = gone

    def can_replace(self, message: Message) -> bool:
        """A newer picture replaces an older one."""
        return isinstance(message, RunsFollowed)


class RunsListed(Message, bubble=False):
    """The runs folder as it is now, newest first; ``error`` is one line if it could not be read."""

    def __init__(self, runs: tuple[RunSummary, ...], error: str = "") -> None:
        super().__init__()
        self.runs = runs
        self.error = error

    def can_replace(self, message: Message) -> bool:
        """A newer list replaces an older one."""
        return isinstance(message, RunsListed)


class Poller:
    """A daemon thread that calls ``poll`` now and then until stopped; it never holds the process's exit."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._wake = threading.Event()
        self._stop: threading.Event | None = None

    @property
    def active(self) -> bool:
        """Whether the thread has been started and not stopped."""
        return self._stop is not None

    def start(self) -> None:
        """Start polling; does nothing while already polling."""
        if self._stop is None:
            self._stop = threading.Event()
            self._wake.set()
            threading.Thread(
                target=self._loop, args=(self._stop,), name=type(self).__name__, daemon=True
            ).start()

    def stop(self) -> None:
        """Stop polling soon, without waiting for a read that is under way."""
        if self._stop is not None:
            self._stop.set()
            self._stop = None
            self._wake.set()

    def wake(self) -> None:
        """Poll at once rather than at the next interval."""
        self._wake.set()

    def poll(self) -> None:
        """Look once for news. Runs in the thread."""
        raise NotImplementedError

    def _loop(self, stop: threading.Event) -> None:
        while True:
            self._wake.wait(self._interval)
            self._wake.clear()
            if stop.is_set():
                return
            try:
                self.poll()
            except Exception:  # one bad file must not end the following of all others
                log.exception("following failed; it goes on")


class RunsFollower(Poller):
    """Follows any number of runs and posts `RunsFollowed`, at most every ``interval`` seconds."""

    def __init__(self, store: RunStore, target: MessagePump, interval: float = 0.25) -> None:
        super().__init__(interval)
        self._store = store
        self._target = target
        self._lock = threading.Lock()
        self._ids: tuple[str, ...] = ()
        self._wants: tuple[Want, ...] = ()
        self._fresh = True
        self._tails: dict[str, _Tail] = {}

    def follow(self, ids: Iterable[str], wants: Sequence[Want]) -> None:
        """Follow exactly these runs from now on and prepare these curves of each."""
        chosen = (tuple(ids), tuple(wants))
        with self._lock:
            if chosen == (self._ids, self._wants):
                return
            self._ids, self._wants = chosen
            self._fresh = True
        self.wake()

    def start(self) -> None:
        """Start polling; the first poll posts a snapshot even if nothing changed since the last."""
        with self._lock:
            self._fresh = True
        super().start()

    def poll(self) -> None:
        """Read what is new in every followed run and post if anything is."""
        with self._lock:
            ids, wants, fresh = self._ids, self._wants, self._fresh
            self._fresh = False
        views: dict[str, RunView] = {}
        gone: set[str] = set()
        changed = fresh
        for run_id in ids:
            try:
                tail = self._tails.get(run_id) or _Tail(self._store.get(run_id))
                changed |= tail.poll(wants)
            except (StoreError, OSError):
                changed |= run_id in self._tails
                self._tails.pop(run_id, None)
                gone.add(run_id)
                continue
            self._tails[run_id] = tail
            assert tail.view is not None
            views[run_id] = tail.view
        for run_id in set(self._tails) - set(ids):
            del self._tails[run_id]
        if changed:
            self._target.post_message(RunsFollowed(views, frozenset(gone)))


class RunsLister(Poller):
    """Lists the runs folder about once a second and posts `RunsListed` when the list differs."""

    def __init__(self, store: RunStore, target: MessagePump, interval: float = 1.0) -> None:
        super().__init__(interval)
        self._store = store
        self._target = target
        self._least = interval
        self._last: tuple[object, ...] | None = None

    def start(self) -> None:
        """Start polling; the first poll always posts."""
        self._last = None
        super().start()

    def poll(self) -> None:
        """List once; a folder that takes long to list is listed less often."""
        began = time.thread_time()
        runs: list[RunSummary] = []
        error = ""
        try:
            runs = self._store.summaries()
            if any(run.state is RunState.QUEUED for run in runs):
                queue.tend(self._store)
        except (StoreError, OSError) as problem:
            error = one_line(problem)
        self._interval = max(self._least, SHARE * (time.thread_time() - began))
        picture = (error, *map(_news, runs))
        if picture != self._last:
            self._last = picture
            self._target.post_message(RunsListed(tuple(runs), error))


class _Tail:
    """One followed run: its folder, its history so far and the last snapshot."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.view: RunView | None = None
        self._log = HistoryFollower(run.events_path)
        self._spec: RunSpec | None = None
        self._spec_error = ""
        self._last_sign: float | None = None
        self._wants: tuple[Want, ...] = ()
        try:
            self._spec = run.spec
        except (SpecError, StoreError, OSError) as problem:
            self._spec_error = one_line(problem)

    def poll(self, wants: tuple[Want, ...]) -> bool:
        """Read on; whether the snapshot is a new one. Raises OSError when the folder is gone."""
        if not self.run.path.is_dir():
            raise FileNotFoundError(self.run.path)
        events = self._log.poll()
        if events:
            self._last_sign = events[-1].time
        state = self.run.state(self._log.history)
        # The worker may have ended after the log was read: its ending is shown together with the state.
        if state.ended and (late := self._log.poll()):
            events += late
            self._last_sign = late[-1].time
        old = self.view
        if old is not None and not events and state is old.state and wants == self._wants:
            return False
        self._wants = wants
        self.view = self._snapshot(state, wants)
        return True

    def _snapshot(self, state: RunState, wants: tuple[Want, ...]) -> RunView:
        history = self._log.history
        said = self.run.last_words() if state in (RunState.CRASHED, RunState.FAILED) else ""
        return RunView(
            run_id=self.run.id,
            name=self.run.name,
            state=state,
            path=str(self.run.path),
            spec=self._spec,
            spec_error=self._spec_error,
            started=history.started,
            ending=history.ending,
            report=history.latest("report"),
            epoch=history.latest("epoch"),
            best=history.best(),
            progress=history.progress,
            diagnoses=tuple(history.diagnoses),
            notes=notes(history),
            command=history.commands[-1] if history.commands else None,
            last_sign=self._last_sign,
            skipped=self._log.follower.skipped,
            log_tail=said,
            metrics=tuple(dict.fromkeys((*history.metrics("report"), *history.metrics("epoch")))),
            curves={want: self._curve(want) for want in wants},
        )

    def _curve(self, want: Want) -> Curve:
        x, y = self._log.history.series(want.metric, want.x, source=want.source)
        # Smoothed before it is thinned: the extremes that thinning keeps are no average of anything.
        return thin(x, smooth(want.metric, y, want.weight) if want.weight else y)


WORDS = {"pause": "paused", "resume": "resumed", "stop": "stop", "follow-schedule": "schedule"}


def notes(history: History, most: int = 16) -> tuple[Note, ...]:
    """The latest commands that a worker obeyed and its diagnoses, each where it happened.

    A diagnosis names no update: it stands at the last report before it. One before any report is left out.
    """
    reports = history.columns("report")
    if not len(reports.get("time", ())):
        return ()
    origin = float(reports["time"][0] - reports["seconds"][0])
    obeyed = [event for event in history.commands if event.get("accepted", True)]
    found: list[Note] = []
    for event in sorted([*obeyed[-most:], *history.diagnoses[-most:]], key=lambda event: event.time)[-most:]:
        before = np.flatnonzero(reports["time"] <= event.time)
        step = number(event.get("step"))
        if not np.isfinite(step) and before.size and "step" in reports:
            step = float(reports["step"][before[-1]])
        if np.isfinite(step):
            found.append(Note(step, max(event.time - origin, 0.0), _word(event)))
    return tuple(found)


def _word(event: Event) -> str:
    command = str(event.get("command") or "")
    if event.kind == "diagnosis":
        text = str(event.get("kind") or "diagnosis").replace("_", " ")
    elif command == "set-rate":
        text = f"rate {number(event.get('lr')):g}"
    elif command == "scale-rate":
        text = f"rate ×{number(event.get('factor')):g}"
    else:
        text = WORDS.get(command, command)
    return printable(text, 24)


def _news(summary: RunSummary) -> tuple[object, ...]:
    """What of a summary is worth a new list: everything but what a clock changes."""
    return (
        summary.id,
        summary.name,
        summary.state,
        summary.schedule,
        summary.data,
        summary.best_test_acc,
        summary.last_test_acc,
        summary.tags,
        summary.notes,
        summary.last_epoch,
        summary.epochs,
        None if is_live(summary.state) else summary.duration,
    )
