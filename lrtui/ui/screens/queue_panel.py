"""The queue: which runs wait for their turn, in what order; to the front, out of it, or out of turn.

What the queue is and does stands in `runs.queue`; all of it happens in threads here.
"""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from lrtui.runs import queue
from lrtui.runs.launch import LaunchError
from lrtui.runs.queue_slots import slots
from lrtui.runs.run import Run
from lrtui.runs.spec import SpecError
from lrtui.runs.store import RunStore, StoreError
from lrtui.runs.text import one_line, printable
from lrtui.ui import words
from lrtui.ui.keys import with_keys
from lrtui.ui.screens.dialog import Dialog
from lrtui.ui.widgets.options import Options

EVERY = 2.0
"""Seconds between two looks at the queue."""

Waiting = tuple[str, str, str]
"""A run that waits: id, name, seed and schedule."""


class QueuePanel(Dialog[str | None]):
    """The waiting runs; answers with the id of the one to show, or None."""

    DEFAULT_CSS: ClassVar[str] = """
    QueuePanel > Vertical {
        width: 90;
        & > Static { height: auto; color: $text-muted; }
        & > OptionList { height: auto; max-height: 16; }
        & > #said { color: $text; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Show", id="queue.show", tooltip="Show the run"),
        Binding("f", "act('front')", "To the front", id="queue.front", tooltip="Make it the next one"),
        Binding("d,delete", "act('out')", "Take out", key_display="d", id="queue.out",
                tooltip="Take it out of the queue; it can be resumed later"),
        Binding("N", "act('now')", "Start at once", key_display="N", id="run.now",
                tooltip="Start it at once, beside whatever trains"),
        Binding("escape,Q,q", "close", "Close", key_display="esc", id="dialog.close",
                tooltip="Close the queue"),
    ]  # fmt: skip

    class Listed(Message):
        """The queue as it is now."""

        def __init__(self, line: list[Waiting], training: list[str], together: int, said: str = "") -> None:
            super().__init__()
            self.line = line
            self.training = training
            self.together = together
            self.said = said

    def __init__(self, store: RunStore) -> None:
        super().__init__()
        self._store = store
        self._line: list[Waiting] = []

    def compose(self) -> ComposeResult:
        """How many train, and who waits."""
        with Vertical() as box:
            box.border_title = "The queue"
            box.border_subtitle = with_keys(
                "{queue.show} shows, {queue.front} to the front, {queue.out} takes out, {run.now} starts at "
                "once, {dialog.close} closes"
            )
            yield Static("looking …", id="how-many", markup=False)
            yield Options(id="line", markup=False)
            yield Static("", id="said", markup=False)

    def on_mount(self) -> None:
        """Look, now and then again."""
        self.query_one(OptionList).focus()
        self._look()
        self.set_interval(EVERY, self._look)

    @work(thread=True, exclusive=True, group="queue-look", exit_on_error=False)
    def _look(self, said: str = "") -> None:
        try:
            together = slots()
            queue.tend(self._store)
            line = [(run.id, _named(run), _schedule(run)) for run in queue.waiting(self._store)]
            training = [_named(run) for run in self._store.runs() if run.alive()]
        except (StoreError, OSError) as error:
            self.post_message(self.Listed([], [], 0, one_line(error)))
        else:
            self.post_message(self.Listed(line, training, together, said))

    def on_queue_panel_listed(self, event: Listed) -> None:
        """Show it, with the same run chosen as before."""
        if event.said:
            self.query_one("#said", Static).update(event.said)
        waits = f"{words.count(len(event.line), 'run')} wait" + ("s" if len(event.line) == 1 else "")
        if event.together:
            count = len(event.training)
            train = f"{count} of {event.together} train" + ("s" if count == 1 else "")
            which = words.elide(", ".join(event.training), 200)
            self.query_one("#how-many", Static).update(
                f"{train} (LRTUI_SLOTS sets how many){': ' if which else ''}{which}; {waits}"
            )
        if event.line == self._line:
            return
        options, chosen = self.query_one(OptionList), self._chosen
        self._line = event.line
        options.clear_options()
        options.add_options(
            Option(f"{place:>2}  {name}   {schedule}", id=run_id)
            for place, (run_id, name, schedule) in enumerate(event.line, 1)
        )
        ids = [run_id for run_id, _, _ in event.line]
        if ids:
            options.highlighted = ids.index(chosen) if chosen in ids else 0

    @property
    def _chosen(self) -> str | None:
        options = self.query_one(OptionList)
        at = options.highlighted
        return self._line[at][0] if at is not None and at < len(self._line) else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click shows the run."""
        event.stop()
        self.dismiss(event.option.id)

    def action_open(self) -> None:
        """Show the chosen run."""
        if self._chosen is not None:
            self.dismiss(self._chosen)

    def action_act(self, what: str) -> None:
        """Move the chosen run, take it out, or start it now."""
        if self._chosen is not None:
            self._act(self._chosen, what)

    @work(thread=True, group="queue-act", exit_on_error=False)
    def _act(self, run_id: str, what: str) -> None:
        try:
            run = self._store.get(run_id)
            if what == "front":
                queue.to_front(self._store, run)
                said = f"{_named(run)} is the next"
            elif what == "out":
                queue.withdraw(self._store, run, by="app")
                said = f"{_named(run)} is out of the queue; it can be resumed later"
            else:
                queue.start_now(self._store, run, self.lrtui.standby)
                said = f"{_named(run)} starts"
        except (StoreError, queue.QueueError, LaunchError, OSError) as error:
            said = one_line(error)
        self.app.call_from_thread(self._look, said)

    def action_close(self) -> None:
        """Close it."""
        self.dismiss(None)


def _named(run: Run) -> str:
    """A run's name with the end of its id, which tells runs of one name apart."""
    return f"{printable(run.name, 40)} {run.id[-4:]}"


def _schedule(run: Run) -> str:
    """What the run is to do: its seed first, which is all that runs of a series differ in."""
    try:
        return f"seed {run.spec.seed}   {words.elide(run.spec.schedule, 60)}"
    except SpecError:
        return ""
