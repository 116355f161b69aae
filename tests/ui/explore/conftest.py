"""An app on an empty store with the embedded data, so that every horizon is known: 40 updates an epoch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.state import Draft

Make = Callable[..., LrtuiApp]


@pytest.fixture
def make_app(tmp_path: Path) -> Make:
    def make(expression: str | None = None, **fields: object) -> LrtuiApp:
        draft = Draft(data="embedded", **({"expression": expression} if expression else {}), **fields)
        return LrtuiApp(RunStore(tmp_path / "runs"), draft)

    return make
