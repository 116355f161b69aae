"""Runs folders whose workers are stand-ins (see `standin`), for tests of what starts workers."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psutil
import pytest
from helpers_runs import until

from lrtui.runs.store import RunStore


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, Pythons that this process starts have stand-ins for workers."""
    folder.mkdir()
    shutil.copy(Path(__file__).with_name("standin.py"), folder / "sitecustomize.py")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))


def starts(store: RunStore) -> list[list[str]]:
    """Of each start: the run's id, the process, `worker` or `standby`, the threads its environment names."""
    path = store.root / "starts"
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def processes(*words: str) -> list[psutil.Process]:
    """The processes whose command line has all these words."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if all(word in line for word in words):
            found.append(process)
    return found


def waiters(store: RunStore) -> list[psutil.Process]:
    return processes("lrtui.runs.queue_waiter", str(store.root))


def end_all(store: RunStore) -> None:
    """End all that works in the folder, and see that nothing is left."""
    (store.root / "end-all").touch()
    assert until(lambda: not waiters(store), 30)
    assert until(lambda: not any(run.alive() for run in store.runs()), 30)
