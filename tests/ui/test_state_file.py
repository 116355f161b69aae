"""What the app remembers: across openings, beside another app, and whatever lies in the file."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from pathlib import Path
from typing import Any

import pytest
from fake_runs import until

from lrtui.runs.store import RunStore
from lrtui.settings import Settings
from lrtui.ui.app import LrtuiApp
from lrtui.ui.kept_draft import keep, kept_draft
from lrtui.ui.state import DEFAULT_EXPRESSION, Draft
from lrtui.ui.state_file import StateFile
from lrtui.ui.theme import DARK, LIGHT
from lrtui.ui.widgets.preview_pane import PreviewPane


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deeper" / "app.json"


def test_it_comes_back(path: Path) -> None:
    first = StateFile(path)
    first.remember("a", {"x": [1, 2.5, None, True, "ü"]})
    first.remember("b", 3)
    assert first.flush()
    again = StateFile(path)
    assert again.recall("a", {}) == {"x": [1, 2.5, None, True, "ü"]}
    assert again.recall("b", 0) == 3
    again.remember("b", None)
    assert again.flush()
    assert StateFile(path).recall("b", 7) == 7
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_of_another_kind_is_the_default() -> None:
    kept = StateFile()
    kept.remember("a", "text")
    kept.remember("b", 3)
    kept.remember("c", True)
    assert kept.recall("a", 1) == 1
    assert kept.recall("a", []) == []
    assert kept.recall("b", 1.0) == 3.0
    assert kept.recall("c", 1) == 1
    assert kept.recall("c", None) is True


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN', b"\0" * 5_000_000]
)
def test_damage_is_an_empty_file_that_is_written_anew(damage: bytes, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    kept = StateFile(path)
    assert kept.recall("a", 1) == 1
    kept.remember("a", 2)
    assert kept.flush()
    assert json.loads(path.read_text()) == {"a": 2}


def test_a_folder_that_cannot_be_written_is_let_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = StateFile(tmp_path / "file" / "app.json")
    kept.remember("a", 2)
    assert kept.flush()
    assert kept.recall("a", 1) == 2


def test_a_pipe_in_its_place_holds_nothing_up(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    kept = StateFile(path)
    kept.remember("a", 2)
    assert kept.flush()
    assert StateFile(path).recall("a", 1) == 2


def write_names(path: Path, first: str) -> None:
    kept = StateFile(path)
    for number in range(40):
        kept.remember(f"{first}{number}", number)
        if number % 5 == 0:
            kept.flush()
    assert kept.flush(30)


def test_two_apps_at_once_lose_nothing_of_each_other(path: Path) -> None:
    context = multiprocessing.get_context("fork")
    others = [context.Process(target=write_names, args=(path, letter)) for letter in "abc"]
    for other in others:
        other.start()
    for other in others:
        other.join(60)
        assert other.exitcode == 0
    assert set(json.loads(path.read_text())) == {
        f"{letter}{number}" for letter in "abc" for number in range(40)
    }


def test_remembering_waits_for_no_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrtui.ui.state_file.write_file", lambda *_: time.sleep(60))
    kept = StateFile(path)
    began = time.monotonic()
    for number in range(100):
        kept.remember("a", number)
    assert not kept.flush(0.5)
    assert time.monotonic() - began < 10


def test_what_cannot_be_written_is_refused_at_once() -> None:
    with pytest.raises((TypeError, ValueError)):
        StateFile().remember("a", float("nan"))
    with pytest.raises(TypeError):
        StateFile().remember("a", object())


def test_the_draft_comes_back_even_when_wrong() -> None:
    kept = StateFile()
    draft = Draft(epochs=7, batch_size=64, data="embedded")
    draft.type("cosine(0.")
    keep(kept, draft)
    again = kept_draft(kept)
    assert (again.expression, again.epochs, again.batch_size) == ("cosine(0.", 7, 64)
    assert again.error is not None


@pytest.mark.parametrize(
    "kept",
    [
        {"epochs": -1, "batch_size": "many", "seed": -3, "data": 3, "expression": ["x"]},
        {"epochs": True, "preset": 5},
        {"expression": "x" * 200_000},
        {"data": "/nowhere/at/all"},
        {},
    ],
)
def test_a_draft_out_of_a_damaged_file_is_the_default(kept: dict[str, Any]) -> None:
    remembered = StateFile()
    remembered.remember("draft", kept)
    draft = kept_draft(remembered)
    plain = Draft()
    assert (draft.expression, draft.epochs, draft.batch_size) == (DEFAULT_EXPRESSION, 10, 256)
    assert (draft.seed, draft.data, draft.preset) == (plain.seed, plain.data, plain.preset)


def test_a_kept_preset_that_is_not_known_here_is_passed_over() -> None:
    for name, there in (("cosine", "cosine"), ("of-another-version", None)):
        remembered = StateFile()
        remembered.remember("draft", {"expression": "linear(0.2)", "preset": name})
        assert kept_draft(remembered).preset == there


async def open_and_leave(
    path: Path, tmp_path: Path, *keys: str, settings: Settings | None = None
) -> LrtuiApp:
    app = LrtuiApp(RunStore(tmp_path / "runs"), settings=settings, remembered=StateFile(path))
    async with app.run_test(size=(80, 24)) as pilot:
        while app.current_mode == "start":
            await pilot.pause(0.02)
        await pilot.press(*keys)
        await pilot.pause()
    assert app.remembered.flush(10)
    return app


async def test_the_app_opens_where_it_was_left_with_what_was_being_written(
    path: Path, tmp_path: Path
) -> None:
    app = await open_and_leave(path, tmp_path)
    assert app.current_mode == "explore"
    app = await open_and_leave(path, tmp_path, "i", "ctrl+u", *"linear(0.7)", "escape", "f4")
    assert app.current_mode == "runs"
    app = await open_and_leave(path, tmp_path)
    assert app.current_mode == "runs"
    assert app.draft.expression == "linear(0.7)"


async def test_a_screen_that_is_none_is_explore(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"screen": "start", "draft": 3, "theme": 4}')
    app = await open_and_leave(path, tmp_path)
    assert app.current_mode == "explore"


async def test_a_theme_chosen_in_the_app_holds_until_the_file_says_another(
    path: Path, tmp_path: Path
) -> None:
    async def opened(theme: str | None = None, origin: str = "settings.toml", choose: str = "") -> str:
        settings = Settings(theme=theme, origins={"theme": origin} if theme else {})
        app = LrtuiApp(RunStore(tmp_path / "runs"), settings=settings, remembered=StateFile(path))
        async with app.run_test(size=(80, 24)) as pilot:
            seen = app.theme
            if choose:
                app.theme = choose
                await pilot.pause()
        assert app.remembered.flush(10)
        return seen

    assert await opened(choose=LIGHT.name) == DARK.name
    assert await opened() == LIGHT.name
    assert await opened("ansi-light") == "ansi-light"
    assert await opened("ansi-light", choose=DARK.name) == "ansi-light"
    assert await opened("ansi-light") == DARK.name
    assert await opened("colour-blind", "--theme") == "lrtui-colour-blind"
    assert await opened("light") == LIGHT.name


async def look(path: Path, tmp_path: Path, *keys: str) -> tuple[list[str], bool, bool]:
    """Open the app, press keys in Explore, leave; how the curve was looked at before the keys."""
    app = LrtuiApp(RunStore(tmp_path / "runs"), Draft(data="embedded"), remembered=StateFile(path))
    async with app.run_test(size=(80, 24)) as pilot:
        while app.current_mode == "start":
            await pilot.pause(0.02)
        pane = app.screen.query_one(PreviewPane)
        await until(lambda: pane.preview is not None, "the curve is drawn")
        seen = [str(pin) for pin in pane.pins], pane.log_y, pane.in_epochs
        await pilot.press(*keys)
        await pilot.pause()
    assert app.remembered.flush(10)
    return seen


async def test_axes_and_pins_come_back_and_nonsense_does_not(path: Path, tmp_path: Path) -> None:
    assert await look(path, tmp_path, "p", "l", "x") == ([], False, True)
    assert await look(path, tmp_path) == ([DEFAULT_EXPRESSION], True, False)
    path.write_text('{"explore": {"pins": [3, "cosine(", "linear(0.7)", ""], "log": 1, "epochs": null}}')
    assert await look(path, tmp_path) == (["linear(0.7)"], False, True)
