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

from textual.message import Message
from textual.message_pump import MessagePump

from lrtui.runs import queue
from lrtui.runs.run import RunState
from lrtui.runs.store import RunStore, RunSummary, StoreError
from lrtui.runs.text import one_line
from lrtui.ui.run_view import RunView, Span, Want, is_live
from lrtui.ui.tailing import Tail

log = logging.getLogger(__name__)

SOON = 0.1
"""Seconds between two looks at runs that have begun and have no numbers yet: somebody waits for them."""

HURRY = 2.0
"""Seconds that a look for the answer to a command is taken as often."""

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

    def __init__(self, interval: float, target: MessagePump) -> None:
        self._interval = interval
        self._target = target
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

    def tell(self, message: Message) -> None:
        """Post what there is to tell; when the app has been left, nobody hears it, and polling is over."""
        try:
            self._target.post_message(message)
        except RuntimeError:  # the app's loop has ended, or the target belongs to no app any more
            self.stop()

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

    def __init__(self, store: RunStore, target: MessagePump, interval: float = 1.0) -> None:
        super().__init__(interval, target)
        self._usual = interval
        self._store = store
        self._lock = threading.Lock()
        self._ids: tuple[str, ...] = ()
        self._wants: tuple[Want, ...] = ()
        self._span: Span | None = None
        self._fresh = True
        self._hurried_until = 0.0
        self._tails: dict[str, Tail] = {}

    def follow(self, ids: Iterable[str], wants: Sequence[Want]) -> None:
        """Follow exactly these runs from now on and prepare these curves of each."""
        chosen = (tuple(ids), tuple(wants))
        with self._lock:
            if chosen == (self._ids, self._wants):
                return
            self._ids, self._wants = chosen
            self._fresh = True
        self.wake()

    def look(self, span: Span | None) -> None:
        """Prepare the curves from now on also in all detail between two places of their axis, or no more."""
        with self._lock:
            if span == self._span:
                return
            self._span = span
        self.wake()

    def hurry(self) -> None:
        """Look more often for a moment: somebody waits for an answer."""
        self._hurried_until = time.monotonic() + HURRY
        self.wake()

    def start(self) -> None:
        """Start polling; the first poll posts a snapshot even if nothing changed since the last."""
        with self._lock:
            self._fresh = True
        super().start()

    def poll(self) -> None:
        """Read what is new in every followed run and post if anything is."""
        with self._lock:
            ids, wants, span, fresh = self._ids, self._wants, self._span, self._fresh
            self._fresh = False
        views: dict[str, RunView] = {}
        gone: set[str] = set()
        changed = fresh
        for run_id in ids:
            try:
                tail = self._tails.get(run_id) or Tail(self._store.get(run_id))
                changed |= tail.poll(wants, span)
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
        awaited = any(view.live and view.report is None for view in views.values())
        awaited |= time.monotonic() < self._hurried_until
        self._interval = min(SOON, self._usual) if awaited else self._usual
        if changed:
            self.tell(RunsFollowed(views, frozenset(gone)))


class RunsLister(Poller):
    """Lists the runs folder about once a second and posts `RunsListed` when the list differs."""

    def __init__(self, store: RunStore, target: MessagePump, interval: float = 1.0) -> None:
        super().__init__(interval, target)
        self._store = store
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
            self.tell(RunsListed(tuple(runs), error))


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
        summary.figures,
        summary.tags,
        summary.notes,
        summary.last_epoch,
        summary.epochs,
        None if is_live(summary.state) else summary.duration,
    )
