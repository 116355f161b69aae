"""What becomes of an error in the app's own handlers: its traceback goes into a file, one line to the shell.

The terminal is put in order by Textual before that line is printed.
"""

from __future__ import annotations

import sys
import time
import traceback
from typing import Any

from textual.app import App, ScreenStackError
from textual.css.query import NoMatches
from textual.dom import NoScreen
from textual.errors import NoWidget

from lrtui import __version__
from lrtui.runs.files import FOLDER_MODE, write_file
from lrtui.runs.text import one_line, printable
from lrtui.ui.state_file import state_folder

GONE = (NoMatches, NoScreen, NoWidget, ScreenStackError, AttributeError)
"""What is said of widgets that aren't there. When the app is left, they go one by one, and none comes any
more: the parts of a screen that was just opened are never made."""


class CrashApp(App[None]):
    """An app that ends in order after an error of its own. Inherit from it in place of `App`."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        """Take what `App` takes."""
        super().__init__(*args, **settings)
        self.crash: str | None = None
        """What has gone wrong and where its traceback is, in one line."""

    def _handle_exception(self, error: Exception) -> None:
        """Fail; but not when the app is being left, and a message finds gone what it is about."""
        left = self._exit or not self.is_running
        if not left or not isinstance(error, GONE):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End the app; of several errors on the way the first one counts."""
        if self.crash is None:
            self.crash = record(sys.exception())
        self._close_messages_no_wait()


def record(error: BaseException | None) -> str:
    """Write the traceback of an error to a file of its own and return the line that names both."""
    what = "unknown" if error is None else f"{type(error).__name__}: {one_line(error)}"
    lines = traceback.format_exception(error) if error is not None else []
    text = f"lrtui {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n\n{''.join(lines)}"
    path = state_folder() / f"crash-{time.strftime('%Y%m%d-%H%M%S')}.txt"
    try:
        path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        write_file(path, text.encode("utf-8", "backslashreplace"))
        where = f"the traceback is in {printable(str(path))}"
    except OSError as problem:
        where = f"its traceback could not be written ({one_line(problem)})"
    return f"lrtui: the app failed ({printable(what, 200)}); runs in training go on; {where}"
