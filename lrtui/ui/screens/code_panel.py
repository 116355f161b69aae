"""The schedule as code for other libraries: a dialect at a time, to look at, to copy and to save.

It is for the draft's horizon, or for one calculated here: code is wanted for trainings on other data, too.
What can't be said in a dialect is said so, with the reason. Writing code is `lrtui.schedules.dialects`'s
business; it happens in a thread, since a long horizon is looked at update by update.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.highlight import highlight
from textual.message import Message
from textual.widgets import Input, Label, Static

from lrtui.runs.text import one_line, printable
from lrtui.schedules import Horizon, Schedule, ScheduleError
from lrtui.schedules.dialects import TARGETS, NotRepresentable, generate
from lrtui.schedules.rate_files import as_csv, as_json
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.numbers import many
from lrtui.ui.saving import save_text
from lrtui.ui.screens.dialog import Dialog
from lrtui.ui.widgets.code_text import CodeText, PathInput
from lrtui.ui.widgets.lines import ChoiceBar

NAMES = tuple(TARGETS)

RATES = {".csv": as_csv, ".json": as_json}
"""What a file of such a name gets in place of code."""


class CodePanel(Dialog[None]):
    """Dialects side by side as tabs, the code below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left", "turn(-1)", "Dialect", id="code.before", key_display="←", tooltip="The dialect before"
        ),
        Binding(
            "o",
            "others",
            "Others",
            id="code.others",
            tooltip="With what momentum and weight decay follow, or the learning rate alone",
        ),
        Binding("right", "turn(1)", "Dialect", id="code.next", key_display="→", tooltip="The next dialect"),
        Binding(
            "y",
            "copy",
            "Copy",
            id="code.copy",
            tooltip="Copy the code to the clipboard, over SSH too (OSC 52)",
        ),
        Binding(
            "s",
            "save(True)",
            "Save",
            id="code.save",
            tooltip="Save the code to a file, or the rate of every update to one that ends in .csv or .json",
        ),
        Binding(
            "n",
            "length",
            "Length",
            id="code.length",
            tooltip="Calculate how long another training is, and write this for it",
        ),
        Binding("escape,q,k", "close", "Close", id="dialog.close", tooltip="Close the code"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    CodePanel {
        & > Vertical { width: 112; height: 94%; }
        & ChoiceBar { height: 1; }
        & #about { height: auto; max-height: 2; color: $text-muted; }
        & CodeText { height: 1fr; border-top: solid $border-blurred; scrollbar-size-vertical: 1; }
        & CodeText > Static { height: auto; }
        & #file { display: none; height: 1; }
        & #file Label { width: 9; color: $accent; }
        & #file Input { width: 1fr; background: $panel; }
        & #said { height: auto; max-height: 2; color: $text-warning; }
        &.-saving #file { display: block; }
    }
    """

    class Written(Message):
        """Code for a dialect, or why there is none."""

        def __init__(
            self, target: str, text: str, refused: bool, with_others: bool, horizon: Horizon
        ) -> None:
            """Take the dialect's name, the code or the reason, and what it was written with."""
            super().__init__()
            self.with_others = with_others
            self.horizon = horizon
            self.target = target
            self.text = text
            self.refused = refused

    class Saved(Message):
        """What came of saving; `exists` if only another file is in the way."""

        def __init__(self, path: Path, problem: str = "", exists: bool = False) -> None:
            """Take the file and what went wrong, if anything did."""
            super().__init__()
            self.path = path
            self.problem = problem
            self.exists = exists

    def __init__(
        self,
        schedule: Schedule,
        horizon: Horizon,
        others: Mapping[str, Schedule] | None = None,
        *,
        stale: bool = False,
    ) -> None:
        """Take what to write, and what momentum and weight decay follow, if they follow anything.

        `stale` says that the text in Explore has moved on and isn't a schedule.
        """
        super().__init__()
        self._others = dict(others or {})
        self._with_others = bool(others)
        self._schedule, self._horizon, self._stale = schedule, horizon, stale
        self._moved = False
        self._target = NAMES[0]
        self._texts: dict[str, CodePanel.Written] = {}
        self._overwrite = ""

    def compose(self) -> ComposeResult:
        """Dialects, code, and a line to save to."""
        with Vertical() as box:
            box.border_title = self._title()
            box.border_subtitle = with_keys(
                "{code.before} {code.next} dialect   {code.length} length   {code.copy} copy   "
                "{code.save} save   {dialog.close} close"
            )
            yield ChoiceBar(id="dialects")
            yield Static("", id="about", markup=False)
            yield CodeText(id="code")
            with Horizontal(id="file"):
                yield Label("Save to ")
                yield PathInput(compact=True, select_on_focus=False, id="path")
            yield Static("", id="said", markup=False)

    def _title(self) -> str:
        each = self._horizon.steps_per_epoch if self._moved else None
        return f"Code for {many(self._horizon.total, 'update')}" + (f", {each:,} an epoch" if each else "")

    def on_mount(self) -> None:
        """Show the first dialect."""
        if self._others:
            named = ", ".join(f"{name.replace('_', ' ')} {each}" for name, each in self._others.items())
            self._say(f"With the optimizer's {named} ({key_for('code.others')}: the rate alone).")
        if self._stale:
            self._say("The expression isn't finished: this is the last good schedule.")
        self.query_one(CodeText).focus()
        self._show(NAMES[0])

    @property
    def written(self) -> Written | None:
        """What is shown, once it has been worked out."""
        return self._texts.get(self._target)

    def action_turn(self, by: int) -> None:
        """Show the dialect before or after."""
        self._show(NAMES[(NAMES.index(self._target) + by) % len(NAMES)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer to leave out momentum and weight decay only where there are any."""
        return action != "others" or bool(self._others)

    def action_others(self) -> None:
        """With what the optimizer's other values follow, or the rate alone."""
        self._with_others = not self._with_others
        self._texts.clear()
        self._say("" if self._with_others else "The learning rate alone.")
        self._show(self._target)

    def action_length(self) -> None:
        """Ask the calculator for the length of another training, and write the code for that."""
        from lrtui.ui.screens.units_panel import UnitsPanel, Use

        def answered(use: Use | None) -> None:
            if use is not None:
                self._horizon, self._moved = use.horizon, True
                self.query_one(Vertical).border_title = self._title()
                self._texts.clear()
                self._show(self._target)

        self.app.push_screen(UnitsPanel(self.lrtui.draft, elsewhere=True), answered)

    def on_choice_bar_pressed(self, event: ChoiceBar.Pressed) -> None:
        """A click on a dialect shows it."""
        event.stop()
        self._show(NAMES[event.choice])

    def _show(self, target: str) -> None:
        if target != self._target:
            self._say("")
        self._target = target
        self.action_save(False)
        self.query_one("#dialects", ChoiceBar).offer([("", NAMES, NAMES.index(target))])
        self.query_one("#about", Static).update(f"{TARGETS[target].title}: {TARGETS[target].summary}")
        written = self._texts.get(target)
        if written is None:
            self.query_one(CodeText).show(Content("writing …"))
            self._write(target, self._with_others, self._horizon)
            return
        if written.refused:
            self.query_one(CodeText).show(
                Content.styled(written.text[:1].upper() + written.text[1:], "$text-warning")
            )
        else:
            self.query_one(CodeText).show(highlight(written.text, language="python"))

    @work(thread=True, group="code", exit_on_error=False)
    def _write(self, target: str, with_others: bool, horizon: Horizon) -> None:
        others = self._others if with_others else {}
        try:
            text, refused = generate(self._schedule, horizon, target, **others), False
        except NotRepresentable as error:
            text, refused = str(error), True
        except ScheduleError as error:
            text, refused = error.message, True
        self.post_message(self.Written(target, text, refused, with_others, horizon))

    def on_code_panel_written(self, event: Written) -> None:
        """Show the code if it is still the one that is wanted."""
        if (event.with_others, event.horizon) != (self._with_others, self._horizon):
            return
        self._texts[event.target] = event
        if event.target == self._target:
            self._show(event.target)

    def _ready(self) -> Written | None:
        """The code to copy or save; says so if there is none."""
        written = self.written
        if written is None or written.refused:
            self._say(
                with_keys("There is no code here: choose another dialect with {code.before} {code.next}.")
            )
            return None
        return written

    def action_copy(self) -> None:
        """Copy the code to the clipboard of the terminal."""
        written = self._ready()
        if written is not None:
            self.app.copy_to_clipboard(written.text)
            lines = many(len(written.text.splitlines()), "line")
            save = key_for("code.save")
            self._say(f"Copied {lines} (if your terminal allows it: OSC 52); {save} saves to a file.")

    def action_save(self, begin: bool) -> None:
        """Ask for a file, or stop asking."""
        self._overwrite = ""
        if begin and self._ready() is None:
            return
        if begin:
            path = self.query_one(PathInput)
            path.value = f"schedule_{self._target.replace('-', '_')}.py"
            self.add_class("-saving")
            self._say("A name that ends in .csv or .json takes the rate of every update instead.")
            path.focus()
            path.cursor_position = len(path.value)
        elif self.has_class("-saving"):
            self.remove_class("-saving")
            self.query_one(CodeText).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another file: what was asked about the one before is void."""
        event.stop()
        self._overwrite = ""

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Save."""
        event.stop()
        text = event.value.strip()
        written = self.written
        if not text or written is None:
            self._say("Type a file's name.")
            return
        self._save(Path(text).expanduser(), written.text, self._overwrite == text)

    @work(thread=True, group="save", exit_on_error=False)
    def _save(self, path: Path, text: str | Iterable[str], overwrite: bool) -> None:
        try:
            rates = RATES.get(path.suffix.lower())
            text = text if rates is None else rates([self._schedule], self._horizon)
            save_text(path, text, overwrite=overwrite)
        except FileExistsError:
            self.post_message(self.Saved(path, "That exists. Enter again overwrites it.", exists=True))
        except (OSError, ValueError) as error:
            self.post_message(self.Saved(path, one_line(error)))
        else:
            self.post_message(self.Saved(path))

    def on_code_panel_saved(self, event: Saved) -> None:
        """Say where it is, or why it isn't."""
        if event.problem:
            self._say(event.problem)
            self._overwrite = self.query_one(PathInput).value.strip() if event.exists else ""
            return
        self.action_save(False)
        self._say(f"Saved to {printable(str(event.path))}")

    def action_close(self) -> None:
        """Close."""
        self.dismiss()

    def _say(self, words: str) -> None:
        self.query_one("#said", Static).update(words)
