"""What every test gets: folders of its own instead of the user's, and hypothesis without a stopwatch."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# Two threads of each of two processes on two cores only get in each other's way. PyTorch reads it on import.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shared two-core machine is slow now and then; a property is about values, not about time.
hypothesis.settings.register_profile("lrtui", deadline=None, print_blob=True)
hypothesis.settings.load_profile("lrtui")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep runs and data away from the folders of whoever runs the tests, sub-processes included."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LRTUI_RUNS_DIR", str(home / "runs"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "share"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.setenv("LRTUI_CONFIG_DIR", str(home / "config"))
    monkeypatch.setenv("LRTUI_STATE_DIR", str(home / "state"))
    # The app chooses its colours by these.
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("LRTUI_DATA_DIR", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("LRTUI_STANDBY", "0")  # each would import torch; its own tests switch it on
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def runs_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty runs folder that the command line and the app use by themselves."""
    folder = tmp_path / "runs"
    monkeypatch.setenv("LRTUI_RUNS_DIR", str(folder))
    return folder
