"""Lets the tests here import the fake runs beside them; gives every test a runs folder and no user data."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lrtui.ui.widgets import followed_run

sys.path.insert(0, str(Path(__file__).parents[1]))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runs folder; the working folder is a fresh one, too."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits a second for what a run has written."""
    monkeypatch.setattr(followed_run, "SHOWN_EVERY", 0.2)
