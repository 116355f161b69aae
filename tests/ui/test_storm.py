"""Anybody's hands on every screen: random keys, clicks and sizes, with runs to open, export and delete.

LRTUI_STORM=10000 makes it as long as that; a seed that fails fails again.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from fake_runs import finished, spec

from lrtui import ui
from lrtui.runs import queue
from lrtui.runs.queue_marker import mark_launched
from lrtui.runs.store import Run, RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.state import Draft

EVENTS = int(os.environ.get("LRTUI_STORM", "50"))

KEYS = [
    *"abcdefghijklmnoprstuvwxyzADEMOSX0123456789.,()>*/+-[]= ?",
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "enter", "escape", "tab"),
    *("shift+tab", "space", "backspace", "delete", "f1", "f2", "f3", "f4", "f5", "f6"),
    *("ctrl+p", "ctrl+a", "ctrl+w", "ctrl+l"),
]
LIKELY = ["f2", "f3", "f4", "tab", "down", "space", "enter", "escape", *"mxlsndyeo"]
SIZES = [(80, 24), (120, 40), (60, 20), (20, 6), (3, 2), (200, 60)]


@pytest.mark.parametrize("mode", ["explore", "train", "runs"])
async def test_random_keys_and_sizes(mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LRTUI_SLOTS", "9")

    def launch(run: Run, standby: object = None) -> None:
        mark_launched(run.path)
        run.lock_path.touch()

    monkeypatch.setattr(queue, "launch", launch)
    store = RunStore(tmp_path / "runs")
    for name in ("odd [/x]", "b", "c"):
        finished(store, spec(name))

    class StormApp(LrtuiApp):
        DEFAULT_MODE = mode
        CSS_PATH = Path(ui.__file__).with_name("lrtui.tcss")

    dice = random.Random(f"{mode} {os.environ.get('LRTUI_STORM_SEED', '')}")
    app = StormApp(store, Draft(data="embedded"))
    async with app.run_test(size=(80, 24)) as pilot:
        for count in range(EVENTS):
            what = dice.random()
            if what < 0.06:
                await pilot.resize_terminal(*dice.choice(SIZES))
            elif what < 0.14:
                await pilot.click(offset=(dice.randrange(app.size.width), dice.randrange(app.size.height)))
            else:
                await pilot.press(dice.choice(LIKELY if what < 0.6 else KEYS))
            if count % 20 == 19:
                await pilot.pause(0.05)
        await pilot.resize_terminal(80, 24)
        for shown, key in (("explore", "f2"), ("train", "f3"), ("runs", "f4")):
            await pilot.press(key)
            await pilot.pause()
            assert app.current_mode == shown
    assert app.return_code in (0, None)
