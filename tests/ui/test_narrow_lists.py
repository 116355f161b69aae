"""Lists on terminals of a few columns."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandPalette

from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.state import Draft


@pytest.mark.parametrize("width", [4, 6])
async def test_the_palette_bears_any_width(width: int, tmp_path: Path) -> None:
    app = LrtuiApp(RunStore(tmp_path / "runs"), Draft(data="embedded"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f4", "ctrl+p", *"run")
        await pilot.pause(0.1)
        assert isinstance(app.screen, CommandPalette)
        await pilot.resize_terminal(width, 20)
        await pilot.pause()
        await pilot.press("down", "backspace")
        await pilot.pause(0.1)
        assert app.crash is None
        assert isinstance(app.screen, CommandPalette)
