"""Lets the tests here import the runs beside them; gives them a still clock and fresh folders."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from still_runs import NOW

CLOCKS = (
    *("runs.summary", "ui.silence"),
    *("ui.screens.runs_list", "ui.screens.trash_view", "ui.widgets.run_rows", "ui.widgets.run_table"),
)
"""Modules that tell what time it is, or how long ago something was."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The runs folder, at a time that stands still; the letters of its path are as many everywhere."""
    monkeypatch.chdir(tmp_path)
    for module in CLOCKS:
        monkeypatch.setattr(f"lrtui.{module}.time", SimpleNamespace(time=lambda: NOW, monotonic=lambda: 0.0))
    monkeypatch.setattr("lrtui.runs.queue.tend", lambda store: [])  # what waits is to wait
    monkeypatch.setenv("LRTUI_SLOTS", "1")
    monkeypatch.setattr(Path, "cwd", lambda: Path("/home/ada/runs"))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    with tempfile.TemporaryDirectory(prefix="pictures-", dir="/tmp") as folder:
        yield Path(folder) / "runs"
