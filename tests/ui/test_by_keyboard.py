"""What no other test does by a key: leaving, redrawing, lists, panels, and what only an own key reaches.

`python -m pytest -p tests.ui.pressed_actions tests/ui` says which actions no test does by a key.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest
from fake_runs import app_at, finished, spec, until
from textual.app import SuspendNotSupported
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from lrtui.runs import queue
from lrtui.runs.queue_marker import mark_launched
from lrtui.runs.run import Run
from lrtui.runs.store import RunStore
from lrtui.settings import Settings
from lrtui.ui.app import LrtuiApp
from lrtui.ui.keys import use_own
from lrtui.ui.screens.again_dialog import AgainDialog
from lrtui.ui.screens.code_panel import CodePanel, CodeText
from lrtui.ui.screens.explore import ExploreScreen
from lrtui.ui.screens.export_dialog import ExportDialog
from lrtui.ui.screens.queue_panel import QueuePanel
from lrtui.ui.screens.runs import RunsScreen
from lrtui.ui.screens.train import TrainScreen
from lrtui.ui.screens.units_panel import UnitsPanel
from lrtui.ui.state import Draft
from lrtui.ui.widgets.catalogue import CatalogueList, FilterInput
from lrtui.ui.widgets.run_table import RunTable


@pytest.fixture(autouse=True)
def _usual_keys_again() -> Iterator[None]:
    yield
    use_own({})


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Runs whose worker was started, in name only: their locks are held."""
    started: list[str] = []
    locks: list[TextIO] = []

    def launch(run: Run, standby: object = None) -> None:
        mark_launched(run.path)
        locks.append(run.lock_path.open("w"))
        fcntl.flock(locks[-1], fcntl.LOCK_EX)
        started.append(run.id)

    monkeypatch.setattr(queue, "launch", launch)
    yield started
    for lock in locks:
        lock.close()


def with_keys(folder: Path, **keys: str) -> LrtuiApp:
    own = {name.replace("_", "."): key for name, key in keys.items()}
    return LrtuiApp(RunStore(folder / "runs"), Draft(data="embedded"), settings=Settings(keys=own))


async def opened(pilot: Pilot[None], mode: str) -> None:
    await until(lambda: pilot.app.current_mode == mode, f"{mode} is shown")
    await pilot.pause()


async def on_top(app: LrtuiApp, kind: type) -> None:
    await until(lambda: isinstance(app.screen, kind), f"{kind.__name__} is on top")


# The whole app


@pytest.mark.parametrize(
    "keys", [("q",), ("i", "q", "ctrl+q"), ("ctrl+c", "ctrl+c"), ("i", "ctrl+c", "ctrl+c")]
)
async def test_leaving(keys: tuple[str, ...], tmp_path: Path) -> None:
    app = app_at("explore", tmp_path / "runs")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "explore")
        assert app.is_running
        await pilot.press(*keys[:-1])
        assert app._exit is False
        await pilot.press(keys[-1])
        await until(lambda: app._exit, "it leaves")


async def test_redrawing_and_going_to_the_background(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_at("explore", tmp_path / "runs")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "explore")
        forgotten: list[bool] = []
        monkeypatch.setattr(app._terminal_memory, "forget", lambda: forgotten.append(True))
        await pilot.press("ctrl+l")
        await until(lambda: forgotten, "everything is sent anew")
        asked: list[bool] = []

        def suspend() -> None:
            asked.append(True)
            raise SuspendNotSupported

        monkeypatch.setattr(app, "suspend", suspend)
        await pilot.press("ctrl+z")
        assert asked or not app._driver.can_suspend  # type: ignore[union-attr]


# Explore


async def test_the_catalogue_and_its_filter(tmp_path: Path) -> None:
    app = app_at("explore", tmp_path / "runs")
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, "explore")
        await pilot.press("slash", *"poly")
        await pilot.pause()
        assert len(app.screen.query_one(CatalogueList).options) < 6
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen.query_one(FilterInput).value == ""
        assert len(app.screen.query_one(CatalogueList).options) > 20
        assert isinstance(app.focused, CatalogueList)
        await pilot.press("slash", *"poly", "down", "b")
        await until(
            lambda: app.draft.expression.startswith("warmup(1ep) >> polynomial("), "it is added before"
        )
        assert ">> cosine(" in app.draft.expression


async def test_the_curves_cursor_jumps_and_the_cursor_of_a_long_expression_goes_up(tmp_path: Path) -> None:
    app = app_at("explore", tmp_path / "runs")
    app.draft.type(" >> ".join(["constant(0.1, steps=10)"] * 12))
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "explore")
        screen = app.screen
        assert isinstance(screen, ExploreScreen)
        await until(lambda: screen.pane.preview is not None, "it is drawn")
        await pilot.press("v", "home")
        await until(lambda: screen.pane.cursor_update == 0, "the cursor is at the beginning")
        await pilot.press("right")
        await until(lambda: screen.pane.cursor_update, "a column further")
        column = screen.pane.cursor_update
        await pilot.press("ctrl+right")
        await until(lambda: screen.pane.cursor_update > 5 * column, "ten columns further")
        await pilot.press("i", "end")
        await pilot.pause()
        end = screen.line.input.cursor_position
        assert end == len(app.draft.expression)
        await pilot.press("up")
        assert 0 < screen.line.input.cursor_position < end
        await pilot.press(*["up"] * 5)
        assert screen.line.input.cursor_position == 0


async def test_the_code_scrolls_by_keys_and_turns_back(tmp_path: Path) -> None:
    app = app_at("explore", tmp_path / "runs")
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot, "explore")
        await pilot.press("k")
        await on_top(app, CodePanel)
        panel = app.screen
        assert isinstance(panel, CodePanel)
        await until(lambda: panel.written, "it is written")
        await pilot.pause()
        code = panel.query_one(CodeText)
        assert code.max_scroll_y > 3
        last = code.max_scroll_y
        for key, place in (("end", last), ("up", last - 1), ("home", 0), ("down", 1), ("home", 0)):
            await pilot.press(key)
            await until(lambda place=place: code.scroll_target_y == place, f"{key} goes to {place}")
        for page in ("pagedown", "space"):
            await pilot.press(page)
            await until(lambda: code.scroll_target_y > 1, "a page further")
            await pilot.press("pageup")
            await until(lambda: code.scroll_target_y == 0, "and back")
        first = panel._target
        await pilot.press("right")
        assert panel._target != first
        await pilot.press("left")
        assert panel._target == first


async def test_the_calculators_answer_is_taken_by_an_own_key(tmp_path: Path) -> None:
    app = with_keys(tmp_path, units_use="f9")
    async with app.run_test(size=(100, 35)) as pilot:
        await opened(pilot, "explore")
        await pilot.press("n")
        await on_top(app, UnitsPanel)
        app.screen.query(Input)[1].value = "128"
        await pilot.pause()
        await pilot.press("f9")
        await until(lambda: app.draft.batch_size == 128, "it is taken")
        assert not app.screen.is_modal


# Runs


async def test_the_table_is_walked_by_every_key(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    for number in range(30):
        finished(store, spec(f"run {number}", epochs=1))
    app = app_at("runs", store.root)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "runs")
        table = app.screen.query_one(RunTable)
        await until(lambda: len(table.rows) == 30, "they are listed")

        def place() -> int:
            assert table.selected is not None
            return [row.id for row in table.rows].index(table.selected.id)

        walked = []
        for key in ("end", "up", "k", "home", "down", "j", "pagedown", "pageup"):
            await pilot.press(key)
            walked.append(place())
        assert walked[:6] == [29, 28, 27, 0, 1, 2]
        assert walked[6] > 3
        assert walked[7] == 2


async def test_curves_are_picked_and_let_go(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    for name, best in (("low", 0.2), ("high", 0.9)):
        finished(store, spec(name), best=best)
    app = app_at("runs", store.root)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, "runs")
        screen = app.screen
        assert isinstance(screen, RunsScreen)
        await until(lambda: len(screen.table.rows) == 2, "they are listed")
        await pilot.press("a", "v")
        await until(lambda: len(screen.overlay.query("OverlayChart").first().series) == 2, "both are drawn")  # type: ignore[attr-defined]
        picked = []
        for key in ("up", "up", "down"):
            await pilot.press(key)
            await pilot.pause()
            picked.append(screen.overlay.picked)
        assert picked[0] is not None
        assert len(set(picked)) > 1
        await pilot.press("escape")
        await until(lambda: screen.overlay.picked is None, "it is let go")


async def test_what_enter_does_in_dialogs_has_own_keys(
    tmp_path: Path, launched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LRTUI_SLOTS", "1")
    app = with_keys(tmp_path, again_start="f9", queue_show="f8")
    run = finished(app.store, spec("zebra"))
    async with app.run_test(size=(100, 35)) as pilot:
        await opened(pilot, "explore")
        await pilot.press("f4")
        await opened(pilot, "runs")
        await until(lambda: app.screen.query_one(RunTable).selected, "it is listed")
        await pilot.press("s")
        await on_top(app, AgainDialog)
        await pilot.press("f9")
        await until(lambda: launched, "it is repeated")
        waiting = queue.start(app.store, spec("waits"), "test")
        await pilot.press("f3", "Q")
        await on_top(app, QueuePanel)
        await until(lambda: app.screen.query_one(OptionList).options, "it waits")
        await pilot.press("f8")
        await until(lambda: isinstance(app.screen, TrainScreen), "the queue is closed")
        await until(lambda: app.screen.run_id == waiting.id, "it is shown")  # type: ignore[attr-defined]
    assert run.id not in launched


# Train


async def test_a_run_is_watched_exported_and_its_schedule_taken(tmp_path: Path, launched: list[str]) -> None:
    store = RunStore(tmp_path / "runs")
    app = app_at("train", store.root)
    async with app.run_test(size=(100, 35)) as pilot:
        await opened(pilot, "train")
        screen = app.screen
        assert isinstance(screen, TrainScreen)
        await pilot.press("w")
        await until(lambda: app._notifications, "none is trained, and it says so")
        assert "No run is training: s starts one" in [note.message for note in app._notifications]
        await pilot.press("N")
        await until(lambda: launched and screen.run_id == launched[0], "one starts at once")
        run = finished(store, spec("zebra", schedule="constant(0.125)"))
        screen.follow(run.id)
        await until(lambda: screen.followed.view is not None, "it is followed")
        await pilot.pause()
        await pilot.press("e")
        await on_top(app, ExportDialog)
        await pilot.press("escape")
        await on_top(app, TrainScreen)
        await pilot.press("u")
        await opened(pilot, "explore")
        assert app.draft.expression == "constant(0.125)"
