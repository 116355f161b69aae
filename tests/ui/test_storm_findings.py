"""What storms of keys have broken, one by one, without the storm."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fake_runs import app_at, finished, spec
from textual import events
from textual.command import CommandList
from textual.css.query import NoMatches
from textual.geometry import Offset
from textual.widgets import LoadingIndicator, Static

from lrtui.runs.store import RunStore
from lrtui.ui.palette import Palette
from lrtui.ui.screens.again_dialog import AgainDialog


async def test_the_palette_opens_again_while_the_one_before_is_on_its_way_out(tmp_path: Path) -> None:
    app = app_at("explore", tmp_path)
    async with app.run_test() as pilot:
        await pilot.pause()
        for _ in range(3):
            app.action_command_palette()
            await pilot.pause()
            app.screen.dismiss()
        app.action_command_palette()  # nothing has been awaited since
        await pilot.pause()
        assert isinstance(app.screen, Palette)
    assert app.crash is None


async def test_a_palette_that_is_closed_before_it_is_there_is_no_error(tmp_path: Path) -> None:
    app = app_at("explore", tmp_path)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.action_command_palette()
        await app.action_show("train")  # as a run does that has just been started
        await pilot.pause()
        assert app.current_mode == "train"
        app.action_command_palette()
        await pilot.pause()
        assert isinstance(app.screen, Palette)
    assert app.crash is None


async def test_a_search_that_ends_after_the_palette_has_lost_its_list_is_no_error(tmp_path: Path) -> None:
    app = app_at("explore", tmp_path)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.action_command_palette()
        await pilot.pause()
        palette = app.screen
        assert isinstance(palette, Palette)
        await palette.query_one(CommandList).remove()
        await palette.query_one(LoadingIndicator).remove()
        for shown in (False, True, False):
            palette._list_visible = shown
            palette._show_busy = not shown
            await pilot.pause()
        await pilot.press("down")
        palette.dismiss()
        palette._gather_commands("too late")
        await pilot.pause()
        assert app.screen is not palette
    assert app.crash is None


async def test_a_dialog_that_is_closed_before_it_is_there_is_no_error(tmp_path: Path) -> None:
    app = app_at("explore", tmp_path)
    run = finished(RunStore(tmp_path), spec("b"))
    async with app.run_test() as pilot:
        await pilot.pause()
        for _ in range(3):
            app.push_screen(AgainDialog(app.store, run.summary()))
            await app.action_show("runs")
            await pilot.pause()
    assert app.crash is None


async def test_a_click_on_what_has_just_been_taken_away_hits_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_at("explore", tmp_path)
    async with app.run_test() as pilot:
        await pilot.pause()
        gone = Static("gone")
        monkeypatch.setattr(app.screen, "get_widget_and_offset_at", lambda x, y: (gone, Offset(1, 1)))
        app.post_message(events.MouseDown(None, 3, 3, 0, 0, 1, False, False, False))
        await pilot.pause()
    assert app.crash is None


@pytest.mark.parametrize("left", ["asked to", "leaving", ""])
async def test_a_message_that_finds_nothing_when_the_app_is_left_is_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    monkeypatch.setenv("LRTUI_STATE_DIR", str(tmp_path / "state"))
    app = app_at("train", tmp_path / "runs")
    told = None
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            screen = app.screen
            await screen.remove_children()
            app._exit, app._running = left == "asked to", left != "leaving"
            screen.post_message(events.ScreenResume())  # and the form isn't there
            await asyncio.sleep(0.2)
            app._exit, app._running = False, True
    except NoMatches as error:  # which a test is told of
        told = error
    assert (told is None) is bool(left)
    assert (app.crash is None) is bool(left)


async def test_a_click_beside_the_screen_is_none_for_the_palette(tmp_path: Path) -> None:
    app = app_at("explore", tmp_path)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.action_command_palette()
        await pilot.pause()
        palette = app.screen
        palette.post_message(events.Click(palette, 500, 500, 0, 0, 1, False, False, False, 500, 500))
        await pilot.pause()
        assert app.screen is palette
    assert app.crash is None
