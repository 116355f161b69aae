"""Dialogs close themselves, once, and nothing else, however often and from wherever they are told to."""

from __future__ import annotations

from pathlib import Path

from fake_runs import until
from textual.command import CommandPalette
from textual.screen import ModalScreen

from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.keys import node_classes
from lrtui.ui.palette import Palette
from lrtui.ui.screens.confirm import Confirm
from lrtui.ui.screens.dialog import ClosesItself
from lrtui.ui.state import Draft


def test_every_dialog_is_one_that_closes_itself_alone() -> None:
    dialogs = [kind for kind in node_classes() if issubclass(kind, ModalScreen)]
    assert len(dialogs) > 5
    assert [kind.__name__ for kind in dialogs if not issubclass(kind, ClosesItself)] == []


async def test_closing_twice_closes_once(tmp_path: Path) -> None:
    app = LrtuiApp(RunStore(tmp_path / "runs"), Draft(data="embedded"))
    async with app.run_test(size=(80, 24)) as pilot:
        while app.current_mode == "start":
            await pilot.pause(0.02)
        answers: list[bool | None] = []
        first, second = Confirm("first?", "Do"), Confirm("second?", "Do")
        await app.push_screen(first, answers.append)
        await app.push_screen(second, answers.append)
        second.dismiss(True)
        second.dismiss(False)
        await pilot.pause()
        assert (app.screen, answers) == (first, [True])
        await app.push_screen(Confirm("over it?", "Do"))
        first.dismiss(False)  # what lies on it goes, too
        first.dismiss(True)
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert answers == [True, False]


async def test_enter_twice_in_the_palette_and_page_up_in_its_empty_list(tmp_path: Path) -> None:
    app = LrtuiApp(RunStore(tmp_path / "runs"), Draft(data="embedded"))
    async with app.run_test(size=(80, 24)) as pilot:
        while app.current_mode == "start":
            await pilot.pause(0.02)
        await pilot.press("ctrl+p")
        await until(lambda: isinstance(app.screen, CommandPalette), "the palette is open")
        palette = app.screen
        assert isinstance(palette, Palette)
        palette._action_command_list("page_up")
        palette.dismiss()
        palette.dismiss()
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert app.crash is None
