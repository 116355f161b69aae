"""The schedule as code for other libraries: a dialect at a time, to look at, to copy and to save.

What can't be said in a dialect is said so, with the reason. Writing code is `lrtui.schedules.dialects`'s
business; it happens in a thread, since a long horizon is looked at update by update.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.highlight import highlight
from textual.message import Message
from textual.widgets import Input, Label, Static

from lrtui.runs.text import one_line, printable
from lrtui.schedules import Horizon, Schedule, ScheduleError
from lrtui.schedules.dialects import TARGETS, NotRepresentable, generate
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.numbers import many
from lrtui.ui.saving import save_text
from lrtui.ui.screens.dialog import Dialog
from lrtui.ui.widgets.lines import ChoiceBar

NAMES = tuple(TARGETS)


class CodeText(VerticalScroll, inherit_bindings=False):
    """The code; up and down scroll, left and right belong to the dialects."""

    HELP_TITLE = "In the code"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "Up", id="list.up", show=False),
        Binding("down", "scroll_down", "Down", id="list.down", show=False),
        Binding("pageup", "page_up", "Page up", id="list.page-up", show=False),
        Binding("pagedown,space", "page_down", "Page down", id="list.page-down", show=False),
        Binding("home", "scroll_home", "First", id="list.first", show=False),
        Binding("end", "scroll_end", "Last", id="list.last", show=False),
    ]

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("", markup=False)

    def show(self, content: Content) -> None:
        """Show another text from its top."""
        self.query_one(Static).update(content)
        self.scroll_home(animate=False)


class PathInput(Input):
    """The file to save to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.save(False)", "Don't save", id="code.dont-save", tooltip="Back to the code")
    ]


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
        Binding("s", "save(True)", "Save", id="code.save", tooltip="Save the code to a file"),
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

        def __init__(self, target: str, text: str, refused: bool, with_others: bool) -> None:
            """Take the dialect's name, the code or the reason, and whether it is about the rate alone."""
            super().__init__()
            self.with_others = with_others
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
        self._target = NAMES[0]
        self._texts: dict[str, CodePanel.Written] = {}
        self._overwrite = ""

    def compose(self) -> ComposeResult:
        """Dialects, code, and a line to save to."""
        with Vertical() as box:
            box.border_title = f"Code for {many(self._horizon.total, 'update')}"
            box.border_subtitle = with_keys(
                "{code.before} {code.next} dialect   {code.copy} copy   {code.save} save   {dialog.close} "
                "close"
            )
            yield ChoiceBar(id="dialects")
            yield Static("", id="about", markup=False)
            yield CodeText(id="code")
            with Horizontal(id="file"):
                yield Label("Save to ")
                yield PathInput(compact=True, select_on_focus=False, id="path")
            yield Static("", id="said", markup=False)

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
            self._write(target, self._with_others)
            return
        if written.refused:
            self.query_one(CodeText).show(
                Content.styled(written.text[:1].upper() + written.text[1:], "$text-warning")
            )
        else:
            self.query_one(CodeText).show(highlight(written.text, language="python"))

    @work(thread=True, group="code", exit_on_error=False)
    def _write(self, target: str, with_others: bool) -> None:
        others = self._others if with_others else {}
        try:
            text, refused = generate(self._schedule, self._horizon, target, **others), False
        except NotRepresentable as error:
            text, refused = str(error), True
        except ScheduleError as error:
            text, refused = error.message, True
        self.post_message(self.Written(target, text, refused, with_others))

    def on_code_panel_written(self, event: Written) -> None:
        """Show the code if it is still the one that is wanted."""
        if event.with_others != self._with_others:
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
            self._say("")
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
    def _save(self, path: Path, text: str, overwrite: bool) -> None:
        try:
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
