"""What the scenarios share: a runs folder in which nothing trains on afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import lrtui


@pytest.fixture
def stopped_afterwards(runs_dir: Path) -> Iterator[Path]:
    """The runs folder; whatever still trains in it at the end of the test is stopped."""
    yield runs_dir
    for lock in runs_dir.glob("*/lock"):
        lrtui("runs", "stop", lock.parent.name)
