from __future__ import annotations

from collections.abc import Iterator

import pytest
from quick_runs import Start, starting


@pytest.fixture(scope="session")
def start() -> Iterator[Start]:
    """Starts a worker on a run, with settings in its environment, without loading torch anew."""
    with starting() as start:
        yield start
