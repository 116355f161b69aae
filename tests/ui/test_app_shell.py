"""The shell: modes by key and mouse, help, palette, signals, and what importing it loads."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets._footer import FooterKey

from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.commands import commands, groups
from lrtui.ui.messages import UseSchedule
from lrtui.ui.screens.help import HelpScreen
from lrtui.ui.state import Draft
from lrtui.ui.widgets.key_bar import KeyBar


@pytest.fixture
def app(tmp_path: Path) -> LrtuiApp:
    return LrtuiApp(RunStore(tmp_path / "runs"), Draft(data="embedded"))


async def opened(pilot: Pilot[None]) -> None:
    """Wait until Explore has taken the place of the first, empty frame."""
    while pilot.app.current_mode == "start":
        await pilot.pause(0.02)
    await pilot.pause()


async def test_screens_by_key_and_back(app: LrtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        keys = {"f3": "train", "f4": "runs", "f2": "explore", "3": "runs", "1": "explore"}
        for key, mode in keys.items():
            await pilot.press(key)
            await pilot.pause()
            assert app.current_mode == mode


async def test_a_screen_that_is_asked_for_while_the_app_closes_is_not_opened(
    app: LrtuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        close = app._prune

        async def closing(*screens: Widget) -> None:
            await app.action_show("runs")  # as the first frame does, a moment after it was drawn
            await close(*screens)

        monkeypatch.setattr(app, "_prune", closing)
    assert app.current_mode == "explore"


async def test_keys_that_the_footer_no_longer_shows_are_let_go(app: LrtuiApp) -> None:
    """They were all kept, a dozen with every key that changed what can be done: 20 KiB each."""
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        bar = app.screen.query_one(KeyBar)
        gone = [weakref.ref(key) for key in bar.query(FooterKey)]
        await pilot.press("i", "escape", "v")
        await pilot.pause()
        assert len(gone) > 4

        def kept() -> list[FooterKey]:
            gc.collect()
            shown = list(bar.query(FooterKey))
            return [alive for key in gone if (alive := key()) is not None and alive not in shown]

        for _ in range(50):
            if not kept():
                break
            await pilot.pause(0.1)
        assert not kept()


async def test_screens_by_mouse(app: LrtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click(list(app.screen.query("Tab"))[2])
        await pilot.pause()
        assert app.current_mode == "runs"


async def test_a_schedule_used_elsewhere_is_shown_in_explore(app: LrtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f4")
        app.screen.post_message(UseSchedule("linear(0.7)"))
        await pilot.pause()
        await pilot.pause()
        assert app.current_mode == "explore"
        assert app.screen.query_one("#expression").value == "linear(0.7)"  # type: ignore[attr-defined]


async def test_help_lists_every_binding_of_the_screen(app: LrtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        explore = app.screen
        await pilot.press("f1")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        await pilot.pause()
        # Longer ones go over several lines.
        said = " ".join(" ".join(str(part.render()) for part in app.screen.query("Static")).split())
        assert "walk through the catalogue" in said.lower()
        for binding in type(explore).BINDINGS:
            assert binding.tooltip in said  # type: ignore[union-attr]
        await pilot.press("escape")
        assert app.screen is explore


async def test_the_palette_has_every_action_and_the_presets(app: LrtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        listed = {command.help for command in commands(app, app.screen)}
        for group in groups(app, app.screen):
            for deed in group.deeds:
                assert deed.words in listed, deed
        titles = [command.title for command in commands(app, app.screen)]
        assert any(title.startswith("Preset warmup-cosine") for title in titles)


async def test_keys_in_the_first_frame_do_no_harm(app: LrtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p", "f1", "down")
        await opened(pilot)
        assert app.current_mode == "explore"


async def test_the_palette_works(app: LrtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"preset", "space", *"factor")
        await pilot.pause(0.6)
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert app.draft.preset == "factor"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_signals_leave_the_app_in_order(app: LrtuiApp, number: signal.Signals) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        os.kill(os.getpid(), number)
        await pilot.pause(0.2)
        assert app.return_code == 128 + number


async def test_no_color_takes_the_ansi_theme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = LrtuiApp(RunStore(tmp_path / "runs"), Draft(data="embedded"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.theme.startswith("ansi")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 35), (200, 50), (20, 5)])
async def test_every_size_lays_out(app: LrtuiApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await pilot.press("s")
        await pilot.pause()
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert app.screen.query_one("#preview").size.width > 20


def test_importing_the_app_and_explore_loads_no_torch() -> None:
    code = (
        "import sys, lrtui.ui.app, lrtui.ui.screens.explore\n"
        "print([m for m in ('torch', 'torchvision', 'lrtui.training') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_help_headings_are_words(app: LrtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        for key in ("f4", "f3", "f2"):
            await pilot.press(key)
            await pilot.pause()
            titles = [group.title for group in groups(app, app.screen)]
            assert not any(word in title for title in titles for word in ("runtable", "specform", "input"))


async def test_leaving_a_palette_that_searches_by_a_screen_key(app: LrtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        for _ in range(5):
            await pilot.press("ctrl+p", *"xq", "f4", "ctrl+p", *"a", "f2")
        await pilot.pause(0.4)
        assert app.current_mode == "explore"
        assert len(app.screen_stack) == 1


@pytest.mark.parametrize("width", [60, 71, 80, 93, 120])
async def test_the_footer_shows_whole_keys_only(app: LrtuiApp, width: int) -> None:
    async with app.run_test(size=(width, 24)) as pilot:
        await opened(pilot)
        bar = app.screen.query_one(KeyBar)
        for _ in range(100):  # the screen's keys follow its focus
            await pilot.pause(0.02)
            keys = list(bar.children)
            shown = [key for key in keys if key.visible]
            if shown and all(key.region for key in shown):
                break
        assert shown == keys[: len(shown)]
        assert shown
        assert all(key.region.right <= width for key in shown)
        for key in keys[len(shown) :][:1]:
            assert isinstance(key, FooterKey)
            assert shown[-1].region.right + len(f"  {key.key_display} {key.description}") > width
