"""Anybody's hands on every screen: random keys, clicks and sizes, with runs to open, export and delete.

Events come as fast as each has had its effect. `LRTUI_STORM=3400 pytest tests/ui/test_storm.py` makes
10,000 of the three screens' together; LRTUI_STORM_SEED makes them others; a storm that fails fails again.
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest
from fake_runs import finished, spec
from hands import type_key

from lrtui import ui
from lrtui.runs import queue
from lrtui.runs.queue_marker import mark_launched
from lrtui.runs.store import Run, RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.state import Draft

EVENTS = int(os.environ.get("LRTUI_STORM", "150"))
BREATH = 25
"""Events after which timers, threads and repainting get a moment."""

KEYS = [
    *(chr(code) for code in range(0x20, 0x7F) if chr(code) != "q"),
    *"ü漢\u202e",
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "enter", "escape", "tab"),
    *("shift+tab", "space", "backspace", "delete", "f1", "f2", "f3", "f4", "f5", "f6"),
    *("ctrl+p", "ctrl+a", "ctrl+w", "ctrl+l", "ctrl+u", "ctrl+k", "ctrl+up", "shift+left", "shift+right"),
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

    seed = f"{mode} {os.environ.get('LRTUI_STORM_SEED', '')}"
    dice = random.Random(seed)
    app = StormApp(store, Draft(data="embedded"))
    trail: list[str] = []
    async with app.run_test(size=(80, 24)) as pilot:
        for count in range(EVENTS):
            what = dice.random()
            if what < 0.03:
                size = dice.choice(SIZES)
                trail.append(f"{size}")
                await pilot.resize_terminal(*size)
            elif what < 0.06:
                place = dice.randrange(app.size.width), dice.randrange(app.size.height)
                trail.append(f"click {place}")
                await pilot.click(offset=place)
            else:
                trail.append(dice.choice(LIKELY if what < 0.5 else KEYS))
                await type_key(app, trail[-1])
            assert app.crash is None, f"after {trail[-12:]}"
            if count % BREATH == BREATH - 1:
                await asyncio.sleep(0.02)
        await pilot.resize_terminal(80, 24)
        for shown, key in (("explore", "f2"), ("train", "f3"), ("runs", "f4")):
            await pilot.press(key)
            await pilot.pause()
            assert app.current_mode == shown
    assert app.return_code in (0, None)
