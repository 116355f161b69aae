"""The app: it wires the three screens together and owns what they share, the run store and the draft.

It draws nothing itself, trains nothing and imports a screen only when that screen is first shown.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette, Provider
from textual.screen import Screen

from lrtui.settings import Settings, ascii_only
from lrtui.ui.clicks import ClicksApp
from lrtui.ui.collecting import CollectingApp
from lrtui.ui.crash import CrashApp
from lrtui.ui.holding import HoldingApp
from lrtui.ui.idle_input import IdleInputApp
from lrtui.ui.keymap import OwnKeysApp
from lrtui.ui.keys import key_display, with_keys
from lrtui.ui.leaving import LeavingApp
from lrtui.ui.messages import ShowRun, UseSchedule
from lrtui.ui.standing_by import StandingByApp
from lrtui.ui.state_file import StateFile
from lrtui.ui.theme import REMEMBERED, THEMES, Choice, keep_theme
from lrtui.ui.typeahead import TypeAheadApp
from lrtui.ui.wire import SparingApp

if TYPE_CHECKING:
    from textual.filter import LineFilter

    from lrtui.runs.store import RunStore
    from lrtui.ui.state import Draft


PATIENCE = 2.0
"""Seconds that a key waits for disks before the screen it asks for is left to the first frame to show."""


def _start() -> Screen[Any]:
    from lrtui.ui.screens.start import StartScreen

    return StartScreen()


def _explore() -> Screen[Any]:
    from lrtui.ui.screens.explore import ExploreScreen

    return ExploreScreen()


def _train() -> Screen[Any]:
    from lrtui.ui.screens.train import TrainScreen

    return TrainScreen()


def _runs() -> Screen[Any]:
    from lrtui.ui.screens.runs import RunsScreen

    return RunsScreen()


def _runs_by_name() -> type[Provider]:
    from lrtui.ui.palette import RunCommands

    return RunCommands


def _schedules_by_name() -> type[Provider]:
    from lrtui.ui.palette import SavedCommands

    return SavedCommands


def _actions_elsewhere() -> type[Provider]:
    from lrtui.ui.elsewhere import ElsewhereCommands

    return ElsewhereCommands


class LrtuiApp(
    TypeAheadApp,
    ClicksApp,
    SparingApp,
    CrashApp,
    LeavingApp,
    StandingByApp,
    CollectingApp,
    IdleInputApp,
    OwnKeysApp,
    HoldingApp,
):
    """The learning-rate laboratory."""

    TITLE = "lrtui"
    CSS_PATH = "lrtui.tcss"
    ENABLE_COMMAND_PALETTE = True
    MODES: ClassVar[dict[str, Any]] = {"start": _start, "explore": _explore, "train": _train, "runs": _runs}
    DEFAULT_MODE = "start"
    HORIZONTAL_BREAKPOINTS = [
        (0, "-narrow"),
        (110, "-wide"),
        (160, "-very-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]
    COMMANDS: ClassVar[set[Any]] = {*App.COMMANDS, _runs_by_name, _schedules_by_name, _actions_elsewhere}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help", show=False, priority=True, id="help",
                tooltip="What to do here, and every key"),
        Binding("question_mark", "help", "Help", show=False, id="help.letter",
                tooltip="What to do here, and every key"),
        Binding("f2", "show('explore')", "Explore", show=False, priority=True, id="go.explore",
                tooltip="Compose a schedule and look at it"),
        Binding("f3", "show('train')", "Train", show=False, priority=True, id="go.train",
                tooltip="Train the schedule, watch a run"),
        Binding("f4", "show('runs')", "Runs", show=False, priority=True, id="go.runs",
                tooltip="Compare and export runs"),
        Binding("1", "show('explore')", "Explore", show=False, id="go.explore.digit"),
        Binding("2", "show('train')", "Train", show=False, id="go.train.digit"),
        Binding("3", "show('runs')", "Runs", show=False, id="go.runs.digit"),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, id="suspend",
                tooltip="Put the app in the background of the shell; fg brings it back"),
        Binding("ctrl+l", "redraw", "Redraw", show=False, priority=True, id="redraw",
                tooltip="Draw the whole screen again, if something else has written on it"),
        Binding("q", "quit", "Quit", show=False, id="quit.letter", tooltip="Leave; runs in training go on"),
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True, id="quit",
                tooltip="Leave, also while typing in a field"),
        Binding("ctrl+p", "command_palette", "Commands", show=False, priority=True, id="palette",
                tooltip="Find any action, run or schedule by name"),
    ]  # fmt: skip

    def __init__(
        self,
        store: RunStore | Callable[[], RunStore],
        draft: Draft | None = None,
        *,
        settings: Settings | None = None,
        remembered: StateFile | None = None,
    ) -> None:
        """Take the store of runs, and the draft to begin with (None for the one of the last opening).

        Without settings everything is at its default; without `remembered` nothing outlasts the app. The
        store may be a function that opens it: it is called after the first frame, in a thread. What it
        raises ends the app and is left in `failure`.
        """
        self.settings = settings or Settings()
        self.remembered = remembered or StateFile()
        choice = Choice.of(self.settings, self.remembered, os.environ)
        # Decided before the base class builds its colour filters: with NO_COLOR it then strips colours from
        # ansi output instead of turning everything into shades of grey.
        super().__init__(ansi_color=True if choice.plain else None)
        self._store = store
        self._draft = draft
        self.wanted: str | None = None
        """The screen that was asked for while disks hadn't answered yet."""
        self._ascii_filter: LineFilter | None = None
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = choice.theme if choice.theme in self.available_themes else choice.fallback
        self.ascii_only = ascii_only(self.settings)
        """Whether nothing outside ASCII may be drawn."""
        self.take_keys(self.settings.keys, ascii_only=self.ascii_only)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and the one that leaves ASCII alone where that is wanted."""
        if not self.ascii_only:
            return super().get_line_filters()
        if self._ascii_filter is None:
            from lrtui.ui.ascii_filter import AsciiFilter

            self._ascii_filter = AsciiFilter()
        return [*super().get_line_filters(), self._ascii_filter]

    def get_key_display(self, binding: Binding) -> str:
        """How a key is written in footer, tabs, help and palette."""
        return key_display(binding, super().get_key_display(binding), self.ascii_only)

    def on_mount(self) -> None:
        """Say what is wrong with the settings, and see when another theme is chosen."""
        for complaint in self.settings.complaints:
            self._complain(complaint)
        if self.settings.keys:
            threading.Thread(target=self._check_keys, name="keys", daemon=True).start()
        opened_with = self.theme
        self.theme_changed_signal.subscribe(self, lambda theme: self._keep_theme(theme.name, opened_with))

    def _check_keys(self) -> None:
        """Say what is wrong with a person's own keys; in a thread, since it loads all of the app."""
        from lrtui.ui.key_faults import wrong_keys

        for complaint in wrong_keys(self.settings.keys):
            with contextlib.suppress(RuntimeError):  # the app is gone already
                self.call_from_thread(self._complain, complaint)

    def _complain(self, what: str) -> None:
        self.notify(what, title="Settings", severity="warning", timeout=15, markup=False)

    def _keep_theme(self, theme: str, opened_with: str) -> None:
        """Remember a theme that a person has chosen, and that it was taken back."""
        if theme != opened_with or self.remembered.recall(REMEMBERED, {}):
            keep_theme(theme, self.settings, self.remembered)

    def on_unmount(self) -> None:
        """Keep what has been put together."""
        self.keep_draft()

    async def action_show(self, mode: str) -> None:
        """Show one of the three screens, leaving any dialog of the present one."""
        if not await self.get_ready(PATIENCE):
            self.wanted = mode
            return
        if not self.open_store():
            return
        while len(self.screen_stack) > 1:
            # A palette that is still searching would otherwise look for its list when that is gone.
            self.workers.cancel_node(self.screen)
            await self.pop_screen()
        if not self.is_running:  # left meanwhile: Textual goes through the screens to close them
            return
        await self.switch_mode(mode)
        self.keep_screen(mode)
        self.remembered.remember("screen", mode)
        self.keep_draft()

    def action_command_palette(self) -> None:
        """Show the palette; not over the first, empty frame, which is about to go."""
        if self.current_mode != "start" and not isinstance(self.screen, CommandPalette):
            from lrtui.ui.palette import Palette

            # Without a name: one that was just closed may still be on its way out.
            self.push_screen(Palette())

    def action_help(self) -> None:
        """Show what the present screen is for and all its keys; again closes it."""
        from lrtui.ui.screens.help import HelpScreen

        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss()
        elif self.current_mode != "start" and not isinstance(self.screen, CommandPalette):
            self.push_screen(HelpScreen(self.screen))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Everything that can be done now, for the command palette."""
        from lrtui.ui.commands import commands

        yield from commands(self, screen)

    async def on_use_schedule(self, message: UseSchedule) -> None:
        """Make a schedule the draft and show it, over the length that a run or a preset has it."""
        from lrtui.experiments.presets import known

        draft, preset = self.draft, known(message.preset)
        if message.length is not None:
            draft.epochs, draft.batch_size = message.length
            if draft.horizon_changed():
                from lrtui.ui.words import count

                length = f"{count(draft.epochs, 'epoch')} of batches of {draft.batch_size:,}"
                said = with_keys(f"Over {length}, as the run had it; {{undo}} takes that back")
                self.notify(said, markup=False)
        elif preset is not None:
            draft.epochs = preset.epochs
        draft.type(message.expression, burst=None)
        draft.preset = None if preset is None else preset.name
        await self.action_show("explore")
        self.draft_changed()

    async def on_train_schedule(self) -> None:
        """Show the Train screen with the draft in its form."""
        from lrtui.ui.screens.train import TrainScreen

        await self.action_show("train")
        if isinstance(self.screen, TrainScreen):
            self.screen.compose_run()

    async def on_show_run(self, message: ShowRun) -> None:
        """Show the Train screen following a run."""
        from lrtui.ui.screens.train import TrainScreen

        await self.action_show("train")
        screen = self.screen
        if isinstance(screen, TrainScreen):
            screen.follow(message.run_id)

    def draft_changed(self) -> None:
        """Tell the screen in front; the others read the draft when they are shown again."""
        self.keep_draft()
        refresh = getattr(self.screen, "draft_changed", None)
        if callable(refresh):
            self.screen.call_next(refresh)
