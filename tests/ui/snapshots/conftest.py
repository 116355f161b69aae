"""Lets the tests here import the runs beside them; gives them a still clock and fresh folders."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from still_runs import NOW


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runs folder, at a time that stands still."""
    monkeypatch.chdir(tmp_path)
    for module in ("lrtui.runs.summary", "lrtui.ui.widgets.run_table", "lrtui.ui.screens.runs_list"):
        monkeypatch.setattr(f"{module}.time", SimpleNamespace(time=lambda: NOW))
    return tmp_path / "runs"
