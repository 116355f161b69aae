"""The screens as pictures. After an intended change: look at the report, then `pytest --snapshot-update`.

What is pictured stands in `scenes`. An app is opened for each state and size and shows all themes in turn.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import ExitStack
from inspect import isawaitable
from pathlib import Path
from typing import Any

import pytest
import textual
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from scenes import PLAIN, REQUIRED, SCENES, SIZES, THEMED, THEMES, Look, Scene
from stillness import Pollers, rest
from textual.app import App
from textual.widgets import Input

from lrtui import ui
from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.state import Draft

DRAWN_WITH = "8.2"
"""Another Textual draws its own parts (footer, fields, scroll bars) otherwise: that is no fault of ours."""

PICTURES = [(scene, look) for scene in SCENES for look in scene.looks]
HOME = Path("/home/ada/.local/share/lrtui/runs")

TAKEN: dict[tuple[str, str, str], dict[str, str]] = {}
"""Pictures by screen, state and size, and then by theme: those of one app are taken together."""


class Shown(App[str]):
    """Stands for an app that has been pictured already; what compares pictures opens one for each."""

    def __init__(self, picture: str) -> None:
        super().__init__()
        self.picture = picture

    def run(self, *args: Any, **kwargs: Any) -> str:
        return self.picture


def picture(app: App[None]) -> str:
    """What the app shows, on a terminal that is as light or dark as its theme takes it to be."""
    with pytest.MonkeyPatch.context() as patch:
        if not app.current_theme.dark:
            patch.setattr("rich.console.SVG_EXPORT_THEME", DEFAULT_TERMINAL_THEME)
        return app.export_screenshot(title=app.title)


async def take(
    scene: Scene, size: tuple[int, int], themes: list[str], root: Path, pollers: Pollers
) -> dict[str, str]:
    """Open the app, bring it where the scene is, and picture it in each theme."""

    class Opened(LrtuiApp):
        DEFAULT_MODE = scene.screen
        CSS_PATH = Path(ui.__file__).with_name("lrtui.tcss")

    store = RunStore(root)
    if not any(root.glob("*/spec.toml")):
        store.root = HOME  # said on an empty screen
    app = Opened(store, Draft(data="embedded"))
    app.animation_level = "none"
    threads = set(threading.enumerate())
    found = {}
    async with app.run_test(size=size) as pilot:
        await rest(pilot, pollers, threads)
        for step in scene.steps:
            if isinstance(step, str):
                await pilot.press(step)
                continue
            done = step(pilot)
            if isawaitable(done):
                await done
            await rest(pilot, pollers, threads)
        for field in app.screen.query(Input):
            field.cursor_blink = False
        for theme in themes:
            app.theme = THEMES[theme]
            await rest(pilot, pollers, threads)
            found[theme] = picture(app)
    return found


@pytest.mark.skipif(
    not textual.__version__.startswith(f"{DRAWN_WITH}."), reason=f"the pictures are of Textual {DRAWN_WITH}"
)
@pytest.mark.parametrize(
    ("scene", "look"),
    PICTURES,
    ids=[f"{scene.screen}-{scene.state}-{'-'.join(look)}" for scene, look in PICTURES],
)
def test_picture(
    scene: Scene, look: Look, root: Path, monkeypatch: pytest.MonkeyPatch, snap_compare: Callable[..., bool]
) -> None:
    size, theme = look
    key = scene.screen, scene.state, size
    if key not in TAKEN:
        themes = [named for of, named in scene.looks if of == size]
        with ExitStack() as stack:
            stack.enter_context(scene.runs(root))
            TAKEN[key] = asyncio.run(take(scene, SIZES[size], themes, root, Pollers(monkeypatch)))
    assert snap_compare(Shown(TAKEN[key][theme]), terminal_size=SIZES[size])


@pytest.mark.parametrize("screen", REQUIRED)
def test_every_state_is_pictured_in_both_sizes_light_and_dark(screen: str) -> None:
    looks = {scene.state: set(scene.looks) for scene in SCENES if scene.screen == screen}
    missing = {state: set(THEMED) - looks.get(state, set()) for state in REQUIRED[screen]}
    assert {state: which for state, which in missing.items() if which} == {}
    assert {state: looks[state] for state in looks if not looks[state] & set(PLAIN)} == {}
