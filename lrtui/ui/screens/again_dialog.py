"""The dialog that trains a run again: it goes on, to more epochs or on another schedule, or is repeated.

The work is done by `lrtui.runs.again`, in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Input, Label, Static

from lrtui.runs.again import AgainError, go_on, repeat, seeds
from lrtui.runs.store import Run, RunState, RunStore, RunSummary, StoreError
from lrtui.runs.summary import OWN_LABEL
from lrtui.runs.text import one_line
from lrtui.schedules import ScheduleError, parse
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.screens.dialog import Dialog
from lrtui.ui.widgets.lines import ChoiceBar


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to train a run again: its word on the bar, what it does, the field it asks for."""

    word: str
    about: str
    field: str = ""


WAYS = (
    _Way("go on", "From its last checkpoint, in the same folder, to the end it was made for."),
    _Way("more epochs", "From where it stands to so many epochs in all; the schedule stretches with them.",
         "Epochs"),
    _Way("other schedule", "From where it stands at the rates of another schedule; what was, stays logged.",
         "Schedule"),
    _Way("repeat", "A new run of the same spec from the beginning; several seeds, such as 1-4, tell "
         "noise from effect.", "Seed"),
)  # fmt: skip
GO_ON, EXTEND, CHANGE, REPEAT = range(len(WAYS))


def refusal(run: RunSummary) -> str:
    """Why a run can't be trained again from here, whatever way; empty if it can."""
    return f"{run.name} is a script's own loop: start that script again" if run.data == OWN_LABEL else ""


@dataclass(frozen=True, slots=True)
class Trained:
    """What became of it: one line for the person, and the run that trains now."""

    text: str
    run_id: str


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("must be a whole number") from None


def _said(name: str, begun: list[Run], *, repeated: bool) -> Trained:
    """What became of it, in words: of a run that goes on, or of one that is repeated as these."""
    waiting = sum(run.state() is RunState.QUEUED for run in begun)
    live = with_keys("{runs.open} shows it live")
    if len(begun) > 1:
        said = f"{name} is repeated as {len(begun)} runs"
        turn = f"{waiting} of them wait for their turn" if waiting else "all of them start at once"
    else:
        said = f"{name} is repeated as {begun[0].id}" if repeated else f"{name} goes on"
        turn = "waits for its turn" if waiting else live
    return Trained(f"{said}; {turn}", begun[0].id)


class AgainDialog(Dialog[Trained | None]):
    """Ask how, ask for a value where one is needed, start; None when nothing was started."""

    DEFAULT_CSS: ClassVar[str] = """
    AgainDialog > Vertical {
        width: 78;
        & > Static { height: auto; }
        & > #problem { color: $text-error; min-height: 1; }
        & > .row { height: 1; }
        & Label { width: 10; color: $text-muted; }
        & Input { width: 1fr; background: $panel; }
        & Button { margin: 0 2 0 0; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Cancel", id="dialog.cancel", tooltip="Close, and train nothing"),
        Binding(
            "f6,down",
            "way(1)",
            "Way",
            id="again.next",
            tooltip="The next way to train it again",
        ),
        Binding("up", "way(-1)", "Way before", id="again.before", show=False, tooltip="The way before"),
        Binding("enter", "go", "Go", id="again.start", tooltip="Train it so"),
    ]

    class Refused(Message):
        """It can't be trained so."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Started(Message):
        """It trains."""

        def __init__(self, trained: Trained) -> None:
            super().__init__()
            self.trained = trained

    def __init__(self, store: RunStore, run: RunSummary) -> None:
        super().__init__()
        self._store = store
        self._run = run
        # What has come to its end can't just go on.
        over = run.state in (RunState.COMPLETED, RunState.DIVERGED) or not run.state.ended
        self._way = REPEAT if over else GO_ON
        self._texts = {
            EXTEND: str(2 * run.epochs if run.epochs else ""),
            CHANGE: run.schedule,
            REPEAT: "" if run.seed is None else str(run.seed + 1),
        }
        self._busy = False

    def compose(self) -> ComposeResult:
        """Ways, what the chosen one does, its field, buttons."""
        with Vertical() as box:
            box.border_title = "Train again"
            yield Static(f"{self._run.name}: {self._stands()}", id="what", markup=False)
            yield ChoiceBar(id="ways")
            yield Static("", id="about", markup=False)
            with Horizontal(classes="row", id="asked"):
                yield Label("", id="field", markup=False)
                yield Input("", compact=True, select_on_focus=False)
            yield Static("", id="problem", markup=False)
            with Horizontal(classes="row"):
                yield Button(with_keys("Start ({again.start})"), id="go", variant="success", compact=True)
                yield Button(with_keys("Cancel ({dialog.cancel})"), id="cancel", compact=True)

    def _stands(self) -> str:
        run = self._run
        return f"{run.state.value}, {run.last_epoch} of {run.epochs or '?'} epochs, {run.schedule}"

    def on_mount(self) -> None:
        """Show the way that fits the run."""
        self._show()

    def _show(self) -> None:
        way = WAYS[self._way]
        self.query_one(ChoiceBar).offer([(key_for("again.next"), [each.word for each in WAYS], self._way)])
        self.query_one("#about", Static).update(way.about)
        self.query_one("#asked").display = bool(way.field)
        self.query_one("#problem", Static).update("")
        field = self.query_one(Input)
        if way.field:
            self.query_one("#field", Label).update(way.field)
            field.value = self._texts[self._way]
            field.cursor_position = len(field.value)
            field.focus()
            if self._way != CHANGE:
                field.select_all()  # another number takes its place
        else:
            self.query_one("#go", Button).focus()

    def action_way(self, by: int) -> None:
        """Take the next way."""
        self._keep()
        self._way = (self._way + by) % len(WAYS)
        self._show()

    def on_choice_bar_pressed(self, event: ChoiceBar.Pressed) -> None:
        """A click takes a way."""
        event.stop()
        self._keep()
        self._way = event.choice
        self._show()

    def _keep(self) -> None:
        if WAYS[self._way].field:
            self._texts[self._way] = self.query_one(Input).value

    def on_input_changed(self) -> None:
        """Say at once what can't be; a schedule that is being typed isn't blamed for being short."""
        problem = ""
        text = self.query_one(Input).value.strip()
        if self._way == CHANGE and text:
            try:
                parse(text)
            except ScheduleError as error:
                problem = str(error).split("\n")[0]
        self.query_one("#problem", Static).update(problem)

    def on_input_submitted(self) -> None:
        """Enter starts."""
        self.action_go()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The buttons."""
        event.stop()
        if event.button.id == "go":
            self.action_go()
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        """Close without starting."""
        self.dismiss(None)

    def action_go(self) -> None:
        """Train it so."""
        if self._busy:
            return
        self._keep()
        text = self._texts.get(self._way, "").strip()
        numbers: tuple[int | None, ...] = (None,)
        if self._way in (EXTEND, REPEAT) and text:
            try:
                numbers = seeds(text) if self._way == REPEAT else (_whole(text),)
            except ValueError as error:
                self._say(f"{WAYS[self._way].field} {error}")
                return
        if self._way in (EXTEND, CHANGE) and not text:
            self._say(f"{WAYS[self._way].field} is missing")
            return
        self._busy = True
        self._say("starting …")
        self._start(self._way, numbers, text)

    @work(thread=True, group="again", exit_on_error=False)
    def _start(self, way: int, numbers: tuple[int | None, ...], text: str) -> None:
        name = self._run.name
        begun: list[Run] = []
        try:
            run = self._store.get(self._run.id)
            standby = self.lrtui.standby
            if way == REPEAT:
                for seed in numbers:
                    begun.append(repeat(self._store, run, "app", seed=seed, standby=standby))
            else:
                epochs, schedule = numbers[0] if way == EXTEND else None, text if way == CHANGE else None
                go_on(self._store, run, "app", epochs=epochs, schedule=schedule, standby=standby)
        except (AgainError, StoreError, OSError) as error:
            why = one_line(error) if isinstance(error, OSError) else str(error)
            some = f"{len(begun)} of {len(numbers)} repetitions began, then: " if begun else ""
            self.post_message(self.Refused(some + why))
            return
        self.post_message(self.Started(_said(name, begun or [run], repeated=bool(begun))))

    def on_again_dialog_refused(self, event: Refused) -> None:
        """Say why not."""
        self._busy = False
        self._say(event.text)

    def on_again_dialog_started(self, event: Started) -> None:
        """Done."""
        self.dismiss(event.trained)

    def _say(self, text: str) -> None:
        self.query_one("#problem", Static).update(text)
