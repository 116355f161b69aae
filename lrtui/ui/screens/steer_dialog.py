"""The dialog that steers a run's rate: one line to write, and what it would do, drawn and in words.

It only asks: the command is sent by whoever opened it.
"""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from lrtui.ui.keys import with_keys
from lrtui.ui.plotting import Axis, Mark, Series
from lrtui.ui.run_view import RunView
from lrtui.ui.screens.dialog import Dialog
from lrtui.ui.steering_text import EXPLAINED, Ahead, Steer, Unclear, read
from lrtui.ui.widgets.chart import Chart


class SteerDialog(Dialog[Steer | None]):
    """Ask what is to become of the rate; answers with the command, or None."""

    DEFAULT_CSS: ClassVar[str] = """
    SteerDialog > Vertical {
        width: 90;
        & > Static { height: auto; color: $text-muted; }
        & > Input { background: $panel; }
        & > #outlook { height: 3; color: $text; }
        & > #outlook.-wrong { color: $text-error; }
        & > Chart { height: 12; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Cancel", id="dialog.cancel", tooltip="Close; the run goes on as before"),
    ]

    class Ready(Message):
        """The rates ahead are worked out; or can't be, and why."""

        def __init__(self, ahead: Ahead | None, problem: str) -> None:
            super().__init__()
            self.ahead = ahead
            self.problem = problem

    def __init__(self, view: RunView, text: str = "") -> None:
        super().__init__()
        self._view = view
        self._text = text
        self._ahead: Ahead | None = None

    def compose(self) -> ComposeResult:
        """The line, an example of each kind, and the outlook."""
        with Vertical() as box:
            box.border_title = "The rate from the next update on"
            box.border_subtitle = with_keys("enter does it, {dialog.cancel} cancels")
            yield Input(self._text, compact=True, select_on_focus=False, id="steer")
            yield Static(EXPLAINED, markup=False)
            yield Static("looking at the schedule …", id="outlook", markup=False)
            yield Chart(id="outlook-chart")

    def on_mount(self) -> None:
        """Work out the rates ahead, off the event loop."""
        self.query_one(Chart).can_focus = False
        self.query_one(Input).focus()
        self._work_out()

    @work(thread=True, group="ahead", exit_on_error=False)
    def _work_out(self) -> None:
        try:
            self.post_message(self.Ready(Ahead.of(self._view), ""))
        except Unclear as why:
            self.post_message(self.Ready(None, str(why)))

    def on_steer_dialog_ready(self, event: Ready) -> None:
        """Show what would come of what is written."""
        self._ahead = event.ahead
        if event.ahead is None:
            self._tell(event.problem, wrong=True)
        else:
            self._look(self.query_one(Input).value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what would come of it."""
        event.stop()
        if self._ahead is not None:
            self._look(event.value)

    def _look(self, text: str) -> Steer | None:
        """Draw and say what a line would do; returns the command if it is one."""
        ahead = self._ahead
        assert ahead is not None
        now = Series("as it is", ahead.before.x, ahead.before.y, 0, faint=True)
        drawn, steer = [now], None
        try:
            steer = read(text)
            outlook = ahead.outlook(steer)
        except Unclear as why:
            steer = None
            self._tell(str(why), wrong=bool(text.strip()))
        else:
            drawn.append(Series("with it", outlook.after.x, outlook.after.y, 2, marker=""))
            self._tell(outlook.words, wrong=False)
        self.query_one(Chart).show(
            drawn, Axis(0, ahead.end, kind="count", label="updates"), Axis(0, kind="rate"),
            [Mark(ahead.done, "now")], "Learning rate",
        )  # fmt: skip
        return steer

    def _tell(self, text: str, *, wrong: bool) -> None:
        outlook = self.query_one("#outlook", Static)
        outlook.set_class(wrong, "-wrong")
        outlook.update(text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do it, if it is something that can be done."""
        event.stop()
        steer = self._look(event.value) if self._ahead is not None else None
        if steer is not None:
            self.dismiss(steer)

    def action_close(self) -> None:
        """Close without a command."""
        self.dismiss(None)
