"""The app takes the sturdy driver, whatever else its bases make of Textual's."""

from __future__ import annotations

from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.terminal_driver import TerminalDriver
from lrtui.ui.wire import SparingApp


def test_the_app_reads_and_leaves_the_terminal_by_the_sturdy_driver(tmp_path: object) -> None:
    assert LrtuiApp(RunStore(str(tmp_path))).get_driver_class() is TerminalDriver
    assert SparingApp().get_driver_class() is TerminalDriver
