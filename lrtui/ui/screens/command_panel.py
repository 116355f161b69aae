"""What one of lrtui's own commands prints, over the screen it was asked on: doctor, settings, keys.

The command runs as a process of its own: the command line knows the app, and not the other way round. It is
ended when the panel is closed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable

from textual import work
from textual.content import Content
from textual.message import Message

from lrtui.runs.text import one_line, printable
from lrtui.settings import Settings
from lrtui.ui.screens.reading_panel import ReadingPanel

WIDEST = 400
"""Letters of a line that are shown."""


class Said(Message, bubble=False):
    """All that the command has printed so far."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__()
        self.lines = lines

    def can_replace(self, message: Message) -> bool:
        """Only the longest text counts."""
        return isinstance(message, Said)


class CommandPanel(ReadingPanel):
    """The output of `lrtui NAME OPTIONS`, line by line as it comes."""

    def __init__(self, name: str, settings: Settings, *options: str) -> None:
        """Take the command, and the settings that the app was opened with."""
        super().__init__(" ".join(("lrtui", name, *options)))
        self._command = [sys.executable, "-P", "-m", "lrtui", *said_again(settings), name, *options]
        self._process: subprocess.Popen[str] | None = None
        self._closed = False

    def on_mount(self) -> None:
        """Run it, once it is known how wide its lines may be."""
        super().on_mount()
        self.put(Content.styled("looking …", "$text-muted"))
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        # When there is more than fits, a scrollbar takes a column.
        self._run(max(self.query_one("#words").scrollable_content_region.width - 1, 40))

    @work(thread=True, exit_on_error=False)
    def _run(self, width: int) -> None:
        lines: list[str] = []
        environment = {**os.environ, "COLUMNS": str(width), "PYTHONUNBUFFERED": "1"}
        try:
            # It keeps the terminal as its input, which it doesn't read, to see what kind of one that is.
            with subprocess.Popen(
                self._command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                encoding="utf-8",
                errors="replace",
            ) as process:
                self._process = process
                if self._closed:
                    process.kill()
                assert process.stdout is not None
                for line in process.stdout:
                    lines.append(printable(line.rstrip(), WIDEST))
                    self.post_message(Said(tuple(lines)))
            if not lines:
                self.post_message(Said((f"it has said nothing, and ended with {process.returncode}",)))
        except OSError as error:
            self.post_message(Said((f"it can't be started: {one_line(error)}",)))

    def on_said(self, event: Said) -> None:
        """Show it."""
        self.put(Content("\n").join(_coloured(event.lines)))

    def on_unmount(self) -> None:
        """End what still runs."""
        self._closed = True
        if self._process is not None:
            self._process.kill()


def said_again(settings: Settings) -> list[str]:
    """The options of the command line that some of the settings come from."""
    options = []
    for name, origin in settings.origins.items():
        if origin.startswith("--"):
            value = getattr(settings, name)
            if isinstance(value, bool):
                options.append(origin if value else f"--no-{origin[2:]}")
            else:
                options += [origin, str(value)]
    return options


def _coloured(lines: Iterable[str]) -> Iterable[Content]:
    """What is to be noted, and what is wrong, with the lines that go with it; remarks in the background."""
    style = ""
    for line in lines:
        if line.startswith("#"):
            style = "$text-muted"
        elif not line.startswith(" "):
            style = {"note": "$text-warning", "!!": "$text-error"}.get(line.split(" ", 1)[0], "")
        yield Content.styled(line, style) if style else Content(line)
