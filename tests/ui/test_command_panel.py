"""What `lrtui doctor` and `lrtui settings` print, in a panel of the app."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest
from fake_runs import until
from textual.widgets import Static

from lrtui.runs.store import RunStore
from lrtui.settings import Settings, load
from lrtui.ui.app import LrtuiApp
from lrtui.ui.screens.command_panel import CommandPanel, said_again
from tests.ui.test_palette_and_help import find, opened


def words(app: LrtuiApp) -> str:
    assert isinstance(app.screen, CommandPanel)
    return str(app.screen.query_one("#text", Static).render())


def app_with(root: Path, settings: Settings | None = None) -> LrtuiApp:
    return LrtuiApp(RunStore(root), settings=settings)


async def test_the_palette_opens_the_doctor_who_looks_at_the_folder_of_the_app(tmp_path: Path) -> None:
    app = app_with(tmp_path / "here", load({"runs_dir": tmp_path / "here"}))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await find(app, pilot, "doctor", "Doctor")
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, CommandPanel), "the panel is there")
        await until(lambda: "as they should be" in words(app), "it has looked at everything")
        assert str(tmp_path / "here") in words(app).replace("\n", "").replace(" ", "")
        assert max(map(len, words(app).splitlines())) <= 73, "wrapped for the panel"
        await pilot.press("escape")
        assert not isinstance(app.screen, CommandPanel)


async def test_the_settings_say_which_option_they_come_from(tmp_path: Path) -> None:
    settings = load({"theme": "light", "mouse": False, "ascii": True, "runs_dir": tmp_path})
    said = f" {' '.join(said_again(settings))}"
    expected = ["", "ascii", "no-mouse", f"runs-dir {tmp_path}", "theme light"]
    assert sorted(said.split(" --")) == expected
    app = app_with(tmp_path, settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await find(app, pilot, "settings", "Settings")
        await pilot.press("enter")
        await until(lambda: "keys = " in words(app), "all are there")
        for line in ("From: --theme.", 'theme = "light"', "mouse = false", "ascii = true", "settings.toml"):
            assert line in words(app)


async def test_the_palette_shows_every_key_for_the_settings_file(tmp_path: Path) -> None:
    app = app_with(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await find(app, pilot, "keys for", "Keys for settings.toml")
        await pilot.press("enter")
        await until(lambda: '"again.before" = "up"' in words(app), "a key as the file names it")


@pytest.mark.parametrize(
    ("script", "said"),
    [("print('note  one\\n      more\\nok    two')", "note  one\n      more\nok    two"),
     ("raise SystemExit(3)", "it has said nothing, and ended with 3"),
     ("print('\\x1b[2J')", r"\x1b[2J")],
)  # fmt: skip
async def test_whatever_it_prints_is_shown_as_it_is(tmp_path: Path, script: str, said: str) -> None:
    app = app_with(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        panel = CommandPanel("doctor", app.settings)
        panel._command = [sys.executable, "-c", script]
        await app.push_screen(panel)
        await until(lambda: words(app) == said, f"{said} is shown")


async def test_one_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    app = app_with(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        panel = CommandPanel("doctor", app.settings)
        panel._command = [str(tmp_path / "none")]
        await app.push_screen(panel)
        await until(lambda: words(app).startswith("it can't be started: "), "it is said")


async def test_closing_the_panel_ends_what_still_runs(tmp_path: Path) -> None:
    app = app_with(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        panel = CommandPanel("doctor", app.settings)
        panel._command = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(600)"]
        await app.push_screen(panel)
        await until(lambda: words(app) == "begun", "it runs")
        assert panel._process is not None
        await pilot.press("escape")
        await until(lambda: not psutil.pid_exists(panel._process.pid), "it is gone")
