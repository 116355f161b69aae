from __future__ import annotations

from pathlib import Path

import pytest

from lrtui.runs.store import RunStore


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture(autouse=True)
def no_folders_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither runs nor data of the person who runs the tests."""
    monkeypatch.setattr("lrtui.runs.datasets.DEBIAN_FOLDER", tmp_path / "debian")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home-data"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LRTUI_DATA_DIR", raising=False)
    monkeypatch.delenv("LRTUI_RUNS_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
