"""Sizes that come faster than a screen is laid out."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.geometry import Size

from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.state import Draft
from lrtui.ui.widgets.tab_bar import TabBar


@pytest.mark.timeout(60)  # it is the app that would be busy for ever
@pytest.mark.parametrize("key", ["f4", "f1"])
async def test_two_sizes_in_the_queue_do_not_take_turns_for_ever(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = LrtuiApp(RunStore(tmp_path / "runs"), Draft(data="embedded"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f4", key)
        await pilot.pause()
        laid_out = []
        screen = app.screen
        resized = screen._screen_resized
        monkeypatch.setattr(screen, "_screen_resized", lambda size: (laid_out.append(size), resized(size)))
        with app.batch_update():  # what is drawn later stands between the two
            for width in (60, 80):
                screen.post_message(events.Resize(Size(width, 24), Size(width, 24)))
                screen.call_later(lambda: None)
            await pilot.pause(0.3)
        assert 1 <= len(laid_out) < 4
        assert set(laid_out) == {(80, 24)}


async def test_the_newest_size_is_not_lost_behind_an_older_one(tmp_path: Path) -> None:
    app = LrtuiApp(RunStore(tmp_path / "runs"), Draft(data="embedded"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f4")
        await pilot.pause()
        screen = app.screen
        await pilot.resize_terminal(60, 24)
        bar = screen.query_one(TabBar)
        assert bar.size.width == 60
        app._size = Size(80, 24)  # as soon as the terminal tells it
        for width in (80, 60):  # in a row: Textual lets the second stand for both
            screen.post_message(events.Resize(Size(width, 24), Size(width, 24)))
        await pilot.pause(0.1)
        assert bar.size.width == 80
