"""The screens of the real app are left out of the search for garbage once they are shown; tests' aren't."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from textual.pilot import Pilot

from lrtui.runs.store import RunStore
from lrtui.ui import collecting
from lrtui.ui.app import LrtuiApp


async def test_each_screen_is_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    monkeypatch.setattr(collecting, "AFTER", 0.01)
    monkeypatch.setattr(gc, "freeze", lambda: kept.append(1))

    async def show(pilot: Pilot[None], *keys: str) -> int:
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.1)
        return len(kept)

    app = LrtuiApp(RunStore(tmp_path))
    app.keeps_screens = True
    gc.disable()
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            assert await show(pilot, "f4") >= 1
            assert gc.isenabled()
            before = len(kept)
            assert await show(pilot, "f3") == before + 1
            assert await show(pilot, "f4", "f3") == before + 1
    finally:
        gc.enable()


async def test_an_app_in_a_process_of_others_leaves_them_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "AFTER", 0.01)
    monkeypatch.setattr(gc, "freeze", lambda: pytest.fail("frozen"))
    async with LrtuiApp(RunStore(tmp_path)).run_test(size=(80, 24)) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.1)
