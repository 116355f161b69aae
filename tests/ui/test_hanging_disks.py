"""A runs folder, or data, on a disk that doesn't answer: the first frame stands, says so, and can be left."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from fake_runs import finished, spec, until
from textual.widgets import Static

from lrtui.runs.store import RunStore, StoreError
from lrtui.ui import app as app_module
from lrtui.ui.app import LrtuiApp
from lrtui.ui.screens import start
from lrtui.ui.screens.start import Blank
from lrtui.ui.state import Draft


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "PATIENCE", 0.1)
    monkeypatch.setattr(app_module, "PATIENCE", 0.1)


def said(app: LrtuiApp) -> str:
    return " ".join(str(each.render()) for each in app.screen.query(Blank))


async def test_the_app_waits_for_the_runs_folder_and_goes_where_a_key_asked_to(tmp_path: Path) -> None:
    store, answers = RunStore(tmp_path / "runs"), threading.Event()
    finished(store, spec("zebra"))

    def opened() -> RunStore:
        answers.wait(60)
        return store

    app = LrtuiApp(opened, Draft(data="embedded"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: "don't answer" in said(app), "it says so")
        assert "q leaves" in said(app)
        await pilot.press("f4")  # what is asked for meanwhile is shown then
        await pilot.pause()
        assert app.current_mode == "start"
        answers.set()
        await until(lambda: app.current_mode == "runs", "Runs is shown")
        await until(lambda: "zebra" in [row.name for row in app.screen.table.rows], "it is listed")  # type: ignore[attr-defined]


async def test_the_app_can_be_left_while_the_data_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()
    monkeypatch.setattr(Draft, "horizon", lambda self: answers.wait(60))
    app = LrtuiApp(RunStore(tmp_path / "runs"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: "don't answer" in said(app), "it says so")
        assert len(app.screen.query(Static)) > 1
        await pilot.press("q")
        await until(lambda: app._exit, "it leaves")
        answers.set()


async def test_what_prevents_the_store_from_being_opened_ends_the_app(tmp_path: Path) -> None:
    def fails() -> RunStore:
        raise StoreError("the runs folder is a file: choose another")

    app = LrtuiApp(fails, Draft(data="embedded"))
    async with app.run_test(size=(80, 24)):
        await until(lambda: app._exit, "it ends")
    assert str(app.failure) == "the runs folder is a file: choose another"
    assert app.return_code == 2
