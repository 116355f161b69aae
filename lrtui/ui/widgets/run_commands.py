"""What a person commands a followed run's worker, and what became of it, in one line.

Sending and killing happen in threads. What the commands are is `runs.control`'s, their words `happenings`'.
"""

from __future__ import annotations

from typing import Any

from textual import on, work
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer

from lrtui.runs import queue
from lrtui.runs.control import ControlError, send
from lrtui.runs.events import Event
from lrtui.runs.killing import KillError, kill
from lrtui.runs.run import RunState
from lrtui.runs.store import RunStore, StoreError
from lrtui.runs.text import one_line, printable
from lrtui.ui.happenings import ASKED, answer, finishing
from lrtui.ui.keys import key_for
from lrtui.ui.run_view import RunView
from lrtui.ui.widgets.lines import Span

STAYS = 10.0
"""Seconds an answer is shown."""

PATIENCE = 6.0
"""Seconds without an answer after which that is said."""

SILENT = "no answer yet to {}: it may be loading data; {} kills what never answers"


class RunCommands(Vertical):
    """Asks, waits for the answers, and has them shown."""

    class Sent(Message):
        """A command is on its way; the event that answers it has this id."""

        def __init__(self, run_id: str, command_id: str, command: str) -> None:
            super().__init__()
            self.run_id = run_id
            self.command_id = command_id
            self.command = command

    class Said(Message):
        """What became of a command, in one line."""

        def __init__(self, text: str, error: bool) -> None:
            super().__init__()
            self.text = text
            self.error = error

    def __init__(self, store: RunStore, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._store = store
        self.view: RunView | None = None
        self.said: Span | None = None
        self._asked: dict[str, str] = {}
        self._heard: list[str] = []
        self._fading: Timer | None = None

    def refresh_status(self) -> None:
        """Show the status again, with what is said now."""
        raise NotImplementedError

    # Asking

    def command(self, command: str, **args: Any) -> None:
        """Send a command, if the run has a worker that can obey."""
        queued = self.view is not None and self.view.state is RunState.QUEUED
        if self.view is not None and (self.view.live or (queued and command == "stop")):
            self._say(
                ASKED.get(command, "asked …"),
                "$primary",
                stays=PATIENCE,
                then=SILENT.format(command, key_for("train.kill")),
            )
            self._send(self.view.run_id, command, args)

    @work(thread=True, group="command", exit_on_error=False)
    def _send(self, run_id: str, command: str, args: dict[str, Any]) -> None:
        try:
            run = self._store.get(run_id)
            sent: str | None
            if command == "stop":
                sent = queue.stop(self._store, run, by="app")
            else:
                sent = send(run, command, by="app", **args)
        except (StoreError, ControlError, OSError) as error:
            self.post_message(self.Said(one_line(error), error=True))
        else:
            if sent is not None:
                self.post_message(self.Sent(run_id, sent, command))

    def pause_or_resume(self) -> None:
        """Ask the worker to pause, or to go on."""
        paused = self.view is not None and self.view.state.value == "paused"
        self.command("resume" if paused else "pause")

    def finish_or_not(self) -> None:
        """Ask the worker to stop when its epoch is over, or to go on after all."""
        taken_back = self.view is not None and finishing(self.view.commands, self.view.worker_since)
        self.command("resume" if taken_back else "finish")

    def kill(self) -> None:
        """Kill the worker."""
        if self.view is not None and self.view.live:
            self._say(ASKED["kill"], "$warning", stays=PATIENCE)
            self._kill(self.view.run_id)

    @work(thread=True, group="command", exit_on_error=False)
    def _kill(self, run_id: str) -> None:
        try:
            kill(self._store.get(run_id), by="app")
        except (StoreError, KillError, OSError) as error:
            self.post_message(self.Said(one_line(error), error=True))

    # Hearing

    def hear(self, before: RunView | None) -> None:
        """Say what the newest snapshot answers, to this app's commands and to those of others."""
        view = self.view
        if view is None or before is None or before.run_id != view.run_id:
            return
        if view.commands[-1:] != before.commands[-1:]:
            known = {id(event) for event in before.commands}
            for event in [each for each in view.commands if id(each) not in known][-8:]:
                self._heard = [*self._heard[-64:], str(event.get("id"))]
                self._asked.pop(str(event.get("id")), None)
                if _shows_itself(event, before, view):
                    self._hush()
                    continue
                by = printable(str(event.get("by") or ""), 40)
                text = answer(event) if by == "app" or not by else f"{by}: {answer(event)}"
                refused = event.get("accepted", True) is False
                self._say(text, "$error" if refused else "$success")
        if before.live and not view.live:
            self._asked.clear()
            killed = bool(view.commands) and view.commands[-1].get("command") == "kill"
            if not killed and self.said is not None and self.said[1] != "$error":
                self._hush()  # its state says what came of all that

    @on(Sent)
    def _was_sent(self, event: Sent) -> None:
        event.stop()
        if event.command_id not in self._heard:
            self._asked[event.command_id] = event.command

    @on(Said)
    def _was_said(self, event: Said) -> None:
        event.stop()
        self._say(event.text, "$error" if event.error else "$success", stays=2 * STAYS)

    # Saying

    def silence(self) -> None:
        """Forget what was asked and said: another run is followed."""
        self._asked.clear()
        self._heard.clear()
        self._hush(show=False)

    def _say(self, text: str, color: str, stays: float = STAYS, then: str = "") -> None:
        if self._fading is not None:
            self._fading.stop()
        self.said = (text, color)
        self._fading = self.set_timer(stays, lambda: self._faded(then))
        self.refresh_status()

    def _faded(self, then: str) -> None:
        if then and self._asked:
            self._say(then, "$warning", stays=5 * STAYS)
        else:
            self._hush()

    def _hush(self, show: bool = True) -> None:
        if self._fading is not None:
            self._fading.stop()
            self._fading = None
        self.said = None
        if show:
            self.refresh_status()


def _shows_itself(event: Event, before: RunView, view: RunView) -> bool:
    """Whether the state of the run says better than an answer what became of a command."""
    if event.get("accepted", True) is False:
        return False
    match event.get("command"):
        case "pause":
            return True
        case "resume":
            return before.state is RunState.PAUSED
        case "stop":  # it saves its checkpoint first, and counts as running until it has
            return not view.live
    return False
