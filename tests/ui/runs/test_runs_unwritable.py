"""Runs in a folder that can't be written: they are looked at, and nothing that a person typed is lost."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from fake_runs import app_at, finished, spec, until
from looking import listed, said, screen_of, write
from textual.widgets import Static, TextArea

from lrtui.runs import store as stores
from lrtui.runs.store import RunStore, StoreError
from lrtui.ui.app import LrtuiApp
from lrtui.ui.screens.note_editor import NoteEditor


class Sealed(RunStore):
    """A store on a disk that takes nothing."""

    def check_writable(self) -> None:
        raise self._unwritable(OSError(errno.EROFS, os.strerror(errno.EROFS)))


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No label can be written."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(stores, "change_labels", refuse)


def test_a_folder_that_can_be_read_at_least_is_opened(root: Path) -> None:
    store = Sealed(root)
    with pytest.raises(StoreError, match="choose another"):
        store.check_usable()  # there is none, and none can be made
    root.mkdir()
    store.check_usable()
    assert "Read-only file system" in store.unwritable


async def test_the_app_opens_on_it_and_says_so(root: Path) -> None:
    finished(RunStore(root), spec("a"))

    def opened() -> RunStore:
        store = Sealed(root)
        store.check_usable()
        return store

    app = LrtuiApp(opened)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: "runs can be looked at, and not changed" in said(app), "what is wrong")
        await pilot.press("f4")
        await listed(app, 1)


@pytest.mark.usefixtures("sealed")
async def test_notes_and_names_that_cannot_be_kept_stay_in_their_fields(root: Path) -> None:
    run = finished(RunStore(root), spec("a"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 1)
        await pilot.press("n")
        await until(lambda: isinstance(app.screen, NoteEditor), "the editor")
        await write(pilot, "an hour's thoughts")
        await pilot.press("ctrl+s")
        await until(
            lambda: (
                isinstance(app.screen, NoteEditor)
                and "Read-only file system" in str(app.screen.query_one("#problem", Static).render())
            ),
            "the editor again, with what is wrong",
        )
        assert app.screen.query_one(TextArea).text == "an hour's thoughts"
        await pilot.press("escape", "r")
        await write(pilot, "other")
        await pilot.press("enter")
        note = screen_of(app).ask_line.query_one("#ask-note", Static)
        await until(lambda: "Read-only file system" in str(note.render()), "what is wrong")
        assert screen_of(app).ask_line.text == "aother"
        assert note.region.right <= 80
    assert run.labels.notes == ""
