"""Hands on the wrong keys: whatever is pressed, Explore stays up and text and schedule agree."""

from __future__ import annotations

import random

import pytest

from lrtui.schedules import ScheduleError, parse
from lrtui.ui.screens.explore import ExploreScreen
from tests.ui.hands import type_key

MOVES = ["up", "down", "left", "right", "tab", "shift+tab", "home", "end", "enter", "escape"]
KEYS = [*MOVES, "delete", "backspace", "slash", "space", *"abcdefilmprsuvwxyzPZ059.,()>*<%-"]
# Weighted towards the keys that change something.
LIKELY = ["down", "up", "enter", "tab", "escape", *"sawfermudy<>c"]
BREATH = 10
"""Keys after which timers, threads and repainting get a moment."""


@pytest.mark.parametrize("seed", range(3))
async def test_any_keys(make_app, seed: int) -> None:
    dice = random.Random(seed)
    app = make_app()
    async with app.run_test(size=dice.choice([(80, 24), (120, 35), (60, 20)])) as pilot:
        while app.current_mode == "start":
            await pilot.pause(0.02)
        for count in range(120):
            await type_key(app, dice.choice(LIKELY if dice.random() < 0.6 else KEYS))
            if count % BREATH == BREATH - 1:
                await pilot.pause(0.02)
            if count % 40 == 39:
                await pilot.resize_terminal(*dice.choice([(80, 24), (120, 35), (40, 12), (200, 50)]))
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert isinstance(app.screen, ExploreScreen)
        draft = app.draft
        assert app.screen.line.input.value == draft.expression
        if draft.error is None:
            assert parse(draft.expression) == draft.schedule
        else:
            assert isinstance(draft.error, ScheduleError)
