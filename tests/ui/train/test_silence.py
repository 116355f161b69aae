"""A run that should train and says nothing: when that is strange, and that it is said with what to do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from fake_runs import app_at, live, spec, until

from lrtui.runs.events import Event
from lrtui.runs.history import History
from lrtui.runs.own_spec import own_spec
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import RunStore
from lrtui.ui import silence
from lrtui.ui.run_view import RunView
from lrtui.ui.run_words import state_sentence
from lrtui.ui.screens.train import TrainScreen
from lrtui.ui.silence import AS_USUAL, Listener, Silence, patience
from lrtui.ui.widgets.run_status import RunStatus


class Clock:
    """Stands in for the module `time`: a clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 5000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(silence, "time", clock)
    return clock


def reported(moments: Iterable[float], *more: Event) -> History:
    history = History()
    reports = [Event("report", moment, {"step": at, "train_loss": 1.0}) for at, moment in enumerate(moments)]
    history.feed([Event("started", 0.0, {}), *reports, *more])
    return history


def test_what_is_strange_depends_on_what_a_run_is_used_to() -> None:
    assert patience(History()) == silence.STARTING
    assert patience(reported([1, 1.2, 1.4])) == silence.LEAST
    assert patience(reported([1, 2, 31, 32])) == 5 * 29
    assert patience(reported([1, 2, 3000, 3001])) == silence.MOST
    stood = Event("command", 3000.0, {"command": "resume", "accepted": True})
    assert patience(reported([1, 2, 3000, 3001], stood)) == silence.LEAST


def test_silence_is_told_in_steps_and_forgotten_when_something_is_heard(clock: Clock, tmp_path: Path) -> None:
    run, history, listener = Run(tmp_path), reported([1, 1.2, 1.4]), Listener()

    def of(state: RunState = RunState.RUNNING) -> Silence:
        return listener.silence(run, state, history)

    assert of() == AS_USUAL
    clock.now += 19
    assert of() == AS_USUAL
    clock.now += 8
    assert of() == Silence(20.0)
    listener.heard()
    assert of() == AS_USUAL
    clock.now += 500
    assert of(RunState.PAUSED) == AS_USUAL
    assert of() == AS_USUAL  # it goes on only now
    # Attached to a run that was silent before.
    listener.heard(silence.ago(5000.0 - 3600))
    assert of() == Silence(3600.0)
    # Clocks that differ or jumped say nothing.
    for moment in (None, 9e9, float("nan")):
        assert silence.ago(moment) == 0


def test_what_is_said_names_the_remedy() -> None:
    def said(run_spec: RunSpec, quiet: Silence) -> str:
        return state_sentence(RunView("id", "n", RunState.RUNNING, "/", run_spec, "", silence=quiet))

    assert said(spec(), Silence(80.0)) == (
        "not a word for 1m 20s: it may be stuck; K kills it, s then takes it up again"
    )
    assert said(own_spec("mine", None, 9, None, {}), Silence(80.0)).endswith(
        "it may be stuck; end its script"
    )
    assert "kill -CONT 77" in said(spec(), Silence(80.0, 77))


def test_a_process_that_is_stopped_is_recognised(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert silence.halted(run) is None
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        run.lock_path.write_text(f"{process.pid}\n")
        assert silence.halted(run) is None
        process.send_signal(signal.SIGSTOP)
        while silence.halted(run) is None:
            pass
        assert silence.halted(run) == process.pid
    finally:
        process.kill()
        process.wait()


async def test_a_worker_that_hangs_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LEAST", "STARTING", "STEP"):
        monkeypatch.setattr(silence, name, 0.5)
    monkeypatch.setattr(silence, "USED_TO", 0.0)
    run = live(RunStore(root).create(spec(epochs=100)), "slow")
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: isinstance(app.screen, TrainScreen), "the screen is there")
        screen = app.screen
        assert isinstance(screen, TrainScreen)
        screen.follow(run.id)
        said = screen.query_one(RunStatus)
        await until(lambda: "training" in said.text, "it trains")
        worker = int(run.lock_path.read_text())
        os.kill(worker, signal.SIGSTOP)
        try:
            await until(lambda: f"kill -CONT {worker}" in said.text, "it is told")
        finally:
            os.kill(worker, signal.SIGCONT)
        await until(lambda: "training" in said.text, "it goes on")
        await pilot.press("S")
        await until(lambda: "stopped" in said.text, "it stops")
