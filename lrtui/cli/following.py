"""Following a run in the foreground: its events as lines with a progress bar, or the events themselves.

Reads the run's log and nothing else, so that it may be left and taken up at any moment. It sends no commands.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import FrameType

    from lrtui.runs.events import Event
    from lrtui.runs.history import History
    from lrtui.runs.run import Run
    from lrtui.runs.store import RunStore
    from lrtui.runs.summary import RunState

POLL_SECONDS = 0.1
TEND_SECONDS = 2.0
"""Between two looks at the queue while the run waits in it."""
BAR_WIDTH = 24
LINE_SECONDS = 15.0
"""How often a pipe or a dumb terminal, which has no bar, gets a line on how far the run is."""

MOST_METRICS = 8
"""Metrics of a script's own that an epoch's line has room for."""


class Following:
    """What `run` logs, printed as it comes; may be interrupted and taken up again without repeating anything.

    With `as_json` stdout gets the run's events, one strict JSON object a line, and nothing else. Otherwise
    epochs and notable events are lines on stdout, and a terminal on stderr gets a bar of the progress; where
    no bar can be drawn, every so often a line on stdout says how far the run is. With a store, the queue of
    its folder is looked after while the run waits in it.
    """

    def __init__(self, run: Run, as_json: bool, store: RunStore | None = None) -> None:
        self.run = run
        self.as_json = as_json
        self._store = store
        self._tend_next = 0.0
        self._following = run.follow()
        self.interrupts = Interrupts()

    def until_end(self, enough: Callable[[History], bool] | None = None) -> RunState:
        """Print until the run has ended, or until it is `enough`; return the run's state.

        Raises:
            KeyboardInterrupt: Ctrl-C, between two lines and never within one; the run isn't touched.
        """
        bar = None if self.as_json else _Bar() if _can_redraw() else _Lines()
        with self.interrupts:
            try:
                while True:
                    # The state first: whatever was logged before an ending is read after the ending was seen.
                    state = self.run.state(self._following.history)
                    events = self._following.poll()
                    self._tend(state)
                    self._print(events, bar)
                    history = self._following.history
                    if enough is not None and enough(history):
                        return self.run.state(history)
                    if state.ended and not events and not self._following.follower.behind:
                        return state
                    if self.interrupts.seen:
                        self.interrupts.seen = False
                        raise KeyboardInterrupt
                    if bar is not None:
                        bar.show(history, state)
                    if not events:
                        time.sleep(POLL_SECONDS)
            finally:
                if bar is not None:
                    bar.clear()

    def _tend(self, state: RunState) -> None:
        if self._store is not None and str(state) == "queued" and time.monotonic() >= self._tend_next:
            from lrtui.runs.queue import tend

            self._tend_next = time.monotonic() + TEND_SECONDS
            tend(self._store)

    def _print(self, events: list[Event], bar: _Bar | _Lines | None) -> None:
        from lrtui.runs.events import encode
        from lrtui.runs.text import json_printable

        for event in events:
            line = json_printable(encode(event).decode()) if self.as_json else sentence(event)
            if line:
                if bar is not None:
                    bar.clear()
                print(line)
        if events:
            sys.stdout.flush()


def _can_redraw() -> bool:
    """Whether stderr is a terminal on which a line can be written anew."""
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown", "")


class Interrupts:
    """Notes Ctrl-C instead of raising in the middle of a line; it stays noted until it is taken."""

    def __init__(self) -> None:
        self.seen = False
        self._before: list[Any] = []  # it may be entered again within

    def __enter__(self) -> Self:
        self._before.append(signal.signal(signal.SIGINT, self._note))
        return self

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.seen = True

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        signal.signal(signal.SIGINT, self._before.pop())


def ending(run: Run) -> str:
    """How a run ended, in words, with the reason if there is one."""
    summary = run.summary()
    reason = f" ({summary.reason})" if summary.reason else ""
    best = f"; best test accuracy {summary.best_test_acc:.3f}" if summary.best_test_acc is not None else ""
    return f"{summary.state.words}{reason}{best}"


def exit_code(state: RunState) -> int:
    """0 for a run that lives, is complete or was stopped; 1 for one that diverged, failed or crashed."""
    return 1 if state.bad else 0


def sentence(event: Event) -> str:
    """The line for an event; empty for kinds that would only be noise."""
    from lrtui.runs.text import printable

    text = ""
    if event.kind == "started":
        data = event.get("data") or {}
        data = data if isinstance(data, dict) else {}
        # A script's own loop needn't say any of these.
        where = f" on {event.get('device')}" if event.get("device") else ""
        length = f"; {event.get('updates')} updates" if event.get("updates") else ""
        each = f", {event.get('steps_per_epoch')} an epoch" if event.get("steps_per_epoch") else ""
        text = f"training{where}: {data.get('label', 'unknown data')}{length}{each}"
    elif event.kind == "epoch":
        text = f"epoch {event.get('epoch')}  " + "  ".join(_metrics(event))
    elif event.kind == "command":
        done = "refused" if event.get("accepted") is False else "took effect"
        text = f"{event.get('command')} asked by {event.get('by')} {done} at update {event.get('step')}"
    elif event.kind == "diagnosis":
        text = f"{event.get('kind')}: {event.get('message')}"
    return printable(text)


_TOLD = {"event", "epoch", "step", "lr", "seconds", "examples_per_sec", "grad_norm"}
"""Fields of an epoch that are no metric, or say little in a line."""


def _metrics(event: Event) -> list[str]:
    """The figures of an epoch: its rate, the losses and accuracies it has, what a script called otherwise."""
    parts = [f"lr {_figure(event.get('lr'))}"]
    known = set(_TOLD)
    for part in ("train", "test"):
        loss, accuracy = event.get(f"{part}_loss"), event.get(f"{part}_acc")
        known |= {f"{part}_loss", f"{part}_acc"}
        if loss is not None or accuracy is not None:
            share = "" if accuracy is None else f" accuracy {_share(accuracy)}"
            parts.append(f"{part}{'' if loss is None else ' loss ' + _figure(loss)}{share}")
    others = [name for name in event.fields if name not in known and isinstance(event.get(name), int | float)]
    parts += [f"{name} {_figure(event.get(name))}" for name in others[:MOST_METRICS]]
    if event.get("seconds") is not None:
        parts.append(f"{_figure(event.get('seconds'), 3)} s")
    return parts


def progress_line(history: History, state: RunState) -> str:
    """How far a run is, in one line that is safe to show."""
    from lrtui.runs.table import number
    from lrtui.runs.text import printable
    from lrtui.ui.words import throughput, time_left

    share = history.progress
    report = history.latest("report") or {}
    done = int(share * BAR_WIDTH)
    parts = [f"{state.words} [{'#' * done}{'.' * (BAR_WIDTH - done)}] {share:4.0%}"]
    if (download := history.latest("download")) and history.started is None:
        received, whole = (number(download.get(name)) / 1e6 for name in ("received", "total"))
        parts.append(f"{received:.0f} of {whole:.0f} MB downloaded")
    if report:
        parts.append(f"loss {_figure(report.get('train_loss'), 3)}")
        parts.append(f"lr {_figure(report.get('lr'), 3)}")
        parts.append(throughput(number(report.get("examples_per_sec"))))
    if history.started is not None and str(state) == "running":
        parts.append(time_left(share, history.seconds))
    return printable("  ".join(part for part in parts if part))


def _figure(value: Any, digits: int = 4) -> str:
    return _formatted(value, f".{digits}g")


def _share(value: Any) -> str:
    return _formatted(value, ".3f")


def _formatted(value: Any, form: str) -> str:
    from lrtui.runs.table import number  # which also takes whole numbers that no float can hold

    return format(number(value), form) if isinstance(value, float | int) else "–"


class _Bar:
    """One line on stderr that is rewritten in place."""

    def __init__(self) -> None:
        self._shown = ""

    def show(self, history: History, state: RunState) -> None:
        """Rewrite the line if it has changed."""
        from lrtui.cli.terminal import columns

        text = progress_line(history, state)[: columns(most=500) - 1]
        if text != self._shown:
            sys.stderr.write(f"\r{text}\x1b[K")
            sys.stderr.flush()
            self._shown = text

    def clear(self) -> None:
        """Take the line away, so that something else can be printed in its place."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = ""


class _Lines:
    """The same where no line can be rewritten: one on stdout when nothing else was printed for a while."""

    def __init__(self) -> None:
        self._shown = ""
        self._due = time.monotonic() + LINE_SECONDS

    def show(self, history: History, state: RunState) -> None:
        """Print how far the run is, if that is due and has changed."""
        if time.monotonic() < self._due:
            return
        text = progress_line(history, state)
        if text != self._shown:
            print(text, flush=True)
        self._shown = text
        self.clear()

    def clear(self) -> None:
        """Wait anew: something else is printed."""
        self._due = time.monotonic() + LINE_SECONDS
