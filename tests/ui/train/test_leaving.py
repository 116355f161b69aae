"""What goes on without the app is said in one line when it is left, with how to come back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_runs import finished, live, spec, until

from lrtui.runs import queue
from lrtui.runs.control import send
from lrtui.runs.run import RunState
from lrtui.runs.store import RunStore, StoreError
from lrtui.settings import Settings
from lrtui.ui.app import LrtuiApp
from lrtui.ui.leaving import SIGNALS
from lrtui.ui.running import left_behind, run_app
from lrtui.ui.state_file import FILE_NAME, StateFile


async def test_what_trains_is_paused_or_waits_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRTUI_SLOTS", "1")
    store = RunStore(root)
    finished(store, spec("over"))
    assert left_behind(store) == ""
    run = live(store.create(spec("alive", epochs=100)), "slow")
    back = "; lrtui shows it live again, lrtui runs stop ID ends it"
    assert left_behind(store) == f"{run.id} goes on training{back}"
    waiting = queue.start(store, spec("next"), "test")
    send(run, "pause", by="test")
    await until(lambda: run.state() is RunState.PAUSED, "it is paused")
    assert left_behind(store) == f"{run.id} stays paused, a run waits for its turn{back}"
    queue.withdraw(store, waiting, "test")
    send(run, "stop", by="test")
    await until(lambda: not run.alive(), "it has stopped")
    assert left_behind(store) == ""


def test_a_folder_that_cannot_be_read_says_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def runs() -> None:
        raise StoreError("no such folder")

    store = RunStore(root)
    monkeypatch.setattr(store, "runs", runs)
    assert left_behind(store) == ""


@pytest.fixture
def _signals_as_before() -> Iterator[None]:
    before = [signal.getsignal(number) for number in SIGNALS]
    yield
    for number, handler in zip(SIGNALS, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals_as_before")
def test_closing_the_window_while_the_app_is_being_left_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    monkeypatch.setattr(LrtuiApp, "run", lambda self, **_: self.remembered.remember("some", "choice"))
    real = StateFile.flush

    def flush(self: StateFile) -> bool:
        for number in SIGNALS:
            os.kill(os.getpid(), number)
        found.append(real(self))
        return found[-1]

    monkeypatch.setattr(StateFile, "flush", flush)
    monkeypatch.setenv("LRTUI_STATE_DIR", str(tmp_path / "state"))
    assert run_app(RunStore(tmp_path / "runs"), Settings()) == 0
    assert found == [True]
    assert StateFile(tmp_path / "state" / FILE_NAME).recall("some", "") == "choice"
    assert {signal.getsignal(number) for number in SIGNALS} == {signal.SIG_DFL}
