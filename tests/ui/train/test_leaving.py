"""What goes on without the app is said in one line when it is left, with how to come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_runs import finished, live, spec, until

from lrtui.runs import queue
from lrtui.runs.control import send
from lrtui.runs.run import RunState
from lrtui.runs.store import RunStore, StoreError
from lrtui.ui.running import left_behind


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
