"""The screens as pictures. After an intended change: look at the report, then `pytest --snapshot-update`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
import textual
from still_runs import alive, write
from textual.pilot import Pilot
from textual.widgets import Input

from lrtui import ui
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.screens.runs import RunsScreen
from lrtui.ui.screens.train import TrainScreen
from lrtui.ui.state import Draft
from lrtui.ui.widgets.run_table import RunTable

DRAWN_WITH = "8.2"
"""Another Textual draws its own parts (footer, fields, scroll bars) otherwise: that is no fault of ours."""

pytestmark = pytest.mark.skipif(
    not textual.__version__.startswith(f"{DRAWN_WITH}."), reason=f"the pictures are of Textual {DRAWN_WITH}"
)

SMALL, LARGE = (80, 24), (120, 40)
Act = Callable[[Pilot[None]], Awaitable[None]]


class Look:
    """Takes a picture of the app at a mode, in a theme, after some keys, when nothing changes any more."""

    def __init__(self, compare: Callable[..., bool], root: Path) -> None:
        self.compare, self.root = compare, root

    def __call__(
        self, mode: str, size: tuple[int, int], act: Act, theme: str = "lrtui-dark", store: Any = None
    ) -> bool:
        class App(LrtuiApp):
            DEFAULT_MODE = mode
            CSS_PATH = Path(ui.__file__).with_name("lrtui.tcss")

        async def ready(pilot: Pilot[None]) -> None:
            pilot.app.theme = theme
            await pilot.pause()
            await act(pilot)
            for field in pilot.app.screen.query(Input):
                field.cursor_blink = False
            await still(pilot)

        app = App(store or RunStore(self.root), Draft(data="embedded"))
        return self.compare(app, terminal_size=size, run_before=ready)


async def still(pilot: Pilot[None]) -> None:
    """Wait until the picture has been the same for a while."""
    before, same = "", 0
    for _ in range(200):
        await asyncio.sleep(0.12)
        await pilot.pause()
        now = pilot.app.export_screenshot()
        same = same + 1 if now == before else 0
        # Longer than followers take to bring what is new on a busy machine.
        if same == 12:
            return
        before = now
    raise AssertionError("the screen never comes to rest")


def keys(*names: str) -> Act:
    """Press keys, one after the other was taken in."""

    async def press(pilot: Pilot[None]) -> None:
        await still(pilot)
        for name in names:
            await pilot.press(name)

    return press


def following(run_id: str) -> Act:
    """Follow a run."""

    async def follow(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app.screen, TrainScreen)
        pilot.app.screen.follow(run_id)

    return follow


def marking(count: int, *names: str) -> Act:
    """Mark the first runs of the table, then press keys."""

    async def mark(pilot: Pilot[None]) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, RunsScreen)
        while not screen.query_one(RunTable).rows:
            await pilot.pause(0.05)
        for _ in range(count):
            await pilot.press("space", "down")
        await pilot.press(*names)

    return mark


@pytest.fixture
def look(snap_compare: Callable[..., bool], root: Path) -> Look:
    return Look(snap_compare, root)


def several(root: Path) -> ExitStack:
    """Runs in every state; the one that trains lives as long as the stack is open."""
    write(root, "baseline", "constant(0.3)", ago=400_000, best=0.84)
    write(root, "too-high", "constant(900)", ago=90_000, upto=2.5, outcome="diverged")
    write(root, "cosine", ago=8_000, best=0.872)
    write(root, "cut-short", "linear(0.5, final_lr=0)", ago=4_000, upto=6, outcome="stopped", best=0.8)
    write(root, "gone", "exponential(0.4, gamma=0.9, decay_steps=1ep)", ago=2_000, upto=3, outcome=None)
    live = write(root, "multistep", "per_epoch(multistep(0.5, milestones=[4ep, 8ep], gamma=0.3))", ago=20,
                 upto=5.5, outcome=None, best=0.88)  # fmt: skip
    stack = ExitStack()
    stack.enter_context(alive(live))
    return stack


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
def test_explore(look: Look, size: tuple[int, int]) -> None:
    assert look("explore", size, keys())


def test_explore_wrong(look: Look) -> None:
    async def spoil(pilot: Pilot[None]) -> None:
        await still(pilot)
        pilot.app.screen.query("ExpressionInput").first(Input).value = "warmup(1ep) >> cosin(0.5)"

    assert look("explore", SMALL, spoil)


def test_explore_pinned(look: Look) -> None:
    async def compare(pilot: Pilot[None]) -> None:
        await still(pilot)
        await pilot.press("p")
        pilot.app.screen.query("ExpressionInput").first(Input).value = "linear(0.4)"
        await still(pilot)
        await pilot.press("v", "right", *["ctrl+right"] * 2)

    assert look("explore", SMALL, compare)


@pytest.mark.parametrize("theme", ["lrtui-light", "ansi-dark"])
def test_explore_theme(look: Look, theme: str) -> None:
    assert look("explore", SMALL, keys(), theme)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
def test_train_form(look: Look, size: tuple[int, int]) -> None:
    assert look("train", size, keys())


def test_train_wrong(look: Look) -> None:
    async def spoil(pilot: Pilot[None]) -> None:
        await still(pilot)
        pilot.app.screen.query_one("#spec-batch_size", Input).value = "20000"

    assert look("train", SMALL, spoil)


@pytest.mark.parametrize(
    ("size", "theme"),
    [(SMALL, "lrtui-dark"), (LARGE, "lrtui-dark"), (LARGE, "lrtui-light")],
    ids=["small", "large", "light"],
)
def test_train_live(look: Look, root: Path, size: tuple[int, int], theme: str) -> None:
    run = write(root, "multistep", "per_epoch(multistep(0.5, milestones=[4ep, 8ep], gamma=0.3))", ago=20,
                upto=5.5, outcome=None, noted=True)  # fmt: skip
    with alive(run):
        assert look("train", size, keys(), theme)


def test_train_finished(look: Look, root: Path) -> None:
    assert look("train", LARGE, following(write(root, "cosine").name))


def test_train_diverged(look: Look, root: Path) -> None:
    run = write(root, "too-high", "constant(900)", upto=2.5, outcome="diverged")
    assert look("train", SMALL, following(run.name), "ansi-dark")


def test_train_form_whole(look: Look) -> None:
    assert look("train", SMALL, keys("m", "escape"))


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("key", ["c", "h"], ids=["cooldown", "happenings"])
def test_train_dialogs(look: Look, root: Path, size: tuple[int, int], key: str) -> None:
    run = write(root, "multistep", "per_epoch(multistep(0.5, milestones=[4ep, 8ep], gamma=0.3))", ago=20,
                upto=5.5, outcome=None, noted=True)  # fmt: skip
    store = RunStore(root)
    with alive(run):
        assert look("train", size, keys(key), store=store)


def test_train_zoomed(look: Look, root: Path) -> None:
    act = following(write(root, "cosine").name)

    async def zoom(pilot: Pilot[None]) -> None:
        await act(pilot)
        await pilot.press("v", "left", "left", "plus", "plus")

    assert look("train", LARGE, zoom)


def test_runs_empty(look: Look, root: Path) -> None:
    store = RunStore(root)
    store.root = Path("/home/ada/.local/share/lrtui/runs")
    assert look("runs", SMALL, keys(), store=store)


@pytest.mark.parametrize("theme", ["lrtui-dark", "ansi-dark"])
def test_runs_several(look: Look, root: Path, theme: str) -> None:
    with several(root):
        assert look("runs", SMALL, marking(2), theme)


def test_runs_filtered_to_none(look: Look, root: Path) -> None:
    with several(root):
        assert look("runs", SMALL, marking(0, "slash", *"acc", "greater_than_sign", "1"))


def test_runs_folded(look: Look, root: Path) -> None:
    seeds(root)
    assert look("runs", LARGE, marking(0, "a", "g"))


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
def test_runs_differing(look: Look, root: Path, size: tuple[int, int]) -> None:
    seeds(root)
    assert look("runs", size, marking(3, "D"))


def test_runs_trash(look: Look, root: Path) -> None:
    with several(root):
        assert look("runs", SMALL, marking(0, "end", "d", "d", "T"))


def test_runs_again(look: Look, root: Path) -> None:
    with several(root):
        assert look("runs", SMALL, marking(0, "end", "s"))


def seeds(root: Path) -> None:
    """Four seeds of one experiment, and one of another."""
    for seed in range(4):
        folder = write(root, f"base-s{seed}", ago=1000 + 10 * seed, best=0.85 + seed / 80)
        spec = RunSpec.from_toml((folder / "spec.toml").read_text())
        (folder / "spec.toml").write_text(msgspec.structs.replace(spec, seed=seed).to_toml())
    write(root, "other", "constant(0.1)", ago=500, best=0.8)


def test_runs_twelve_overlaid(look: Look, root: Path) -> None:
    for number in range(12):
        schedule = f"cosine({0.05 * (number + 1):.3g})"
        write(root, f"rate-{number:02}", schedule, ago=7000 + 100 * number, best=0.6 + number / 50)
    assert look("runs", LARGE, marking(12))
