"""Panels with something to read about a run: its worker's output, what happened to it, what it is made of.

They show text and nothing else; the worker's output is read in a thread, only while the panel is open.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widgets import Static

from lrtui.runs.files import LineFollower
from lrtui.runs.text import printable
from lrtui.ui import words
from lrtui.ui.following import Poller
from lrtui.ui.happenings import answer, finding, turn
from lrtui.ui.keys import with_keys
from lrtui.ui.run_facts import facts
from lrtui.ui.run_view import RunView
from lrtui.ui.screens.dialog import Dialog

TAIL = 64 * 1024
"""Bytes of the worker's output that are shown, the last ones."""

LINES = 400
WIDEST = 2000


class ReadingPanel(Dialog[None]):
    """A text over the screen it is about; esc or its key closes it."""

    DEFAULT_CSS: ClassVar[str] = """
    ReadingPanel {
        & > Vertical { width: 110; }
        & #words { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
        & Static { height: auto; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,o,h", "dismiss", "Close", key_display="esc", id="dialog.close",
                tooltip="Close the panel"),
    ]  # fmt: skip

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """A frame with the text in it."""
        with Vertical() as box:
            box.border_title = self._title
            box.border_subtitle = with_keys("{dialog.close} closes, ↑ ↓ scroll")
            with VerticalScroll(id="words"):
                yield Static("", id="text", markup=False)

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one("#words").focus()

    def put(self, text: str | Content, *, follow: bool = False) -> None:
        """Show a text; with ``follow`` its end stays in sight, unless somebody scrolled away from it."""
        scroll = self.query_one("#words", VerticalScroll)
        at_end = scroll.scroll_offset.y >= scroll.max_scroll_y
        self.query_one("#text", Static).update(text)
        if follow and at_end:
            scroll.scroll_end(animate=False)


class Printed(Message, bubble=False):
    """The last lines that a worker has printed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def can_replace(self, message: Message) -> bool:
        """Only the newest text counts."""
        return isinstance(message, Printed)


class LogReader(Poller):
    """Posts the end of a file when it has changed."""

    def __init__(self, path: Path, target: MessagePump) -> None:
        super().__init__(1.0, target)
        self._path = path
        self._last: tuple[int, int] | None = None

    def poll(self) -> None:
        """Look whether there is more."""
        try:
            status = self._path.stat()
            version = (status.st_mtime_ns, status.st_size)
        except OSError:
            version = (0, -1)
        if version != self._last:
            self._last = version
            self.tell(Printed(tail(self._path, version[1])))


def tail(path: Path, size: int) -> str:
    """The last lines of a file of a size, printable; in words if there are none."""
    lines = LineFollower(path, TAIL, offset=max(size - TAIL, 0))
    found = lines.poll()
    if size > TAIL:
        del found[:1]  # its beginning is cut off
    shown = [printable(line.decode(errors="replace").rstrip("\r"), WIDEST) for line in found[-LINES:]]
    if shown:
        return "\n".join(shown)
    return "the worker has printed nothing" if size >= 0 else f"there is no {path.name}"


class LogPanel(ReadingPanel):
    """The end of a worker's output, as it grows."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"What the worker printed ({path.name})")
        self._reader = LogReader(path, self)

    def on_mount(self) -> None:
        """Begin to read."""
        super().on_mount()
        self._reader.start()

    def on_unmount(self) -> None:
        """Stop reading."""
        self._reader.stop()

    def on_printed(self, event: Printed) -> None:
        """Show the newest lines."""
        self.put(event.text, follow=True)


class HappeningsPanel(ReadingPanel):
    """Diagnoses in full, what was done to a run by hand, and all that it is made of."""

    def __init__(self, view: RunView) -> None:
        super().__init__("What happened")
        self._view = view

    def on_resize(self) -> None:
        """Write it down, as wide as there is room now."""
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        width = self.query_one("#words").scrollable_content_region.width - 1
        self.put(Content("\n\n").join([happenings(self._view), about(self._view, width)]))


def about(view: RunView, width: int) -> Content:
    """What the run is made of, a line a fact; what is longer goes on below its beginning."""
    known = facts(view)
    column = max(len(name) for name, _ in known) + 2
    lines = [Content.styled("What it is made of", "bold")]
    for name, value in known:
        first, *more = textwrap.wrap(value, max(width - column, 10)) or [""]
        lines.append(Content.assemble((f"{name:<{column}}", "$text-muted"), first))
        lines += [Content(" " * column + line) for line in more]
    return Content("\n").join(lines)


def happenings(view: RunView) -> Content:
    """Diagnoses with their remedy, the latest commands and turns with their answers, the last checkpoint."""
    began = view.started.time if view.started is not None else None
    parts: list[Content | str] = []
    for event in view.diagnoses:
        title, *rest = finding(event)
        parts.append(Content.styled(f"! {title}{_when(event.time, began)}", "bold $text-warning"))
        parts.extend(f"  {line}" for line in rest)
    if not view.diagnoses and view.report is not None:
        parts.append("nothing was found wrong" + (" so far" if view.live else ""))
    for event in sorted([*view.commands[-40:], *view.turns[-40:]], key=lambda event: event.time):
        if event.kind != "command":
            parts.append(f"{turn(event)}{_when(event.time, began)}")
            continue
        refused = event.get("accepted", True) is False
        by = printable(str(event.get("by") or ""), 40)
        text = f"{answer(event)}{f', asked by {by}' if by else ''}{_when(event.time, began)}"
        parts.append(Content.styled(text, "$text-error") if refused else text)
    reason = str(view.ending.get("reason") or "") if view.ending is not None else ""
    if view.ending is not None:
        parts.append(f"ended: {view.state.value}" + (f", {printable(reason, 400)}" if reason else ""))
    if view.checkpoint is not None:
        step = view.checkpoint.get("step")
        shown = f"{step:,}" if isinstance(step, int) else "?"
        parts.append(f"the last checkpoint is of update {shown}: {printable(view.path, 400)}/checkpoints")
    if not parts:
        return Content("Nothing yet: no diagnosis, and nobody has given a command.")
    return Content("\n").join(Content(part) if isinstance(part, str) else part for part in parts)


def _when(time: float, began: float | None) -> str:
    return "" if began is None or time < began else f" ({words.duration(time - began)} after the start)"
